//! What is worked out from answers.

use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::de::{maybe_number, number};

/// A number that is worked out from answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Score {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Sections that count; all scored ones if empty.
    #[serde(default)]
    pub over: Vec<Id>,
    /// How it is worked out.
    #[serde(default)]
    pub method: Method,
    /// What an item without an answer does.
    #[serde(default)]
    pub unanswered: Unanswered,
    /// Points of options in this score, where they differ from those of the scale: a variant.
    #[serde(default)]
    pub points: Vec<OptionPoints>,
    /// The value to reach.
    #[serde(default, deserialize_with = "maybe_number")]
    pub target: Option<f64>,
    /// What the value means, best first.
    #[serde(default)]
    pub bands: Vec<Band>,
}

/// Points of an option in one score.
#[derive(Debug, Clone, Deserialize)]
pub struct OptionPoints {
    /// The option, in whatever scale it stands.
    pub option: Id,
    /// Its points.
    #[serde(deserialize_with = "number")]
    pub points: f64,
}

impl Score {
    /// Points of an option in this score, if they differ from those of its scale.
    pub fn points_of(&self, option: &Id) -> Option<f64> {
        self.points.iter().find(|own| own.option == *option).map(|own| own.points)
    }

    /// Whether it is another one with other points for some options.
    pub fn is_variant(&self) -> bool {
        !self.points.is_empty()
    }
}

/// How a score is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Points times weights, together.
    #[default]
    Sum,
    /// The sum divided by the weights.
    Mean,
    /// The sum as a part of the most that is possible.
    Percent,
}

/// What an item without an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswered {
    /// It counts with no points.
    #[default]
    Zero,
    /// Only answered items count.
    Excluded,
}

/// What a value means.
#[derive(Debug, Clone, Deserialize)]
pub struct Band {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// The smallest value.
    #[serde(default, deserialize_with = "maybe_number")]
    pub from: Option<f64>,
    /// What it says.
    pub about: Option<Text>,
    /// Values that are to be reached by those in the band.
    #[serde(default)]
    pub targets: Vec<Target>,
}

/// A value to reach.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// The score.
    pub score: Id,
    /// The value.
    #[serde(deserialize_with = "number")]
    pub value: f64,
    /// The most of the score for which the value stands.
    #[serde(default, deserialize_with = "maybe_number")]
    pub of: Option<f64>,
}
