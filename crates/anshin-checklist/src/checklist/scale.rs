//! How items are answered: scales, options and what an answer comes to.

use anshin_model::document::Status;
use anshin_model::{Id, Lang, Text};
use serde::Deserialize;

use crate::de::{flag, maybe_number, number};

/// A scale that items name.
#[derive(Debug, Clone, Deserialize)]
pub struct NamedScale {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// The scale.
    #[serde(flatten)]
    pub scale: Scale,
}

/// How an item is answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scale {
    /// What an answer is.
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Smallest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub max: Option<f64>,
    /// Unit of the number.
    pub unit: Option<Text>,
    /// Points for a number.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What answering `out of scope` does.
    #[serde(default)]
    pub out_of_scope: OutOfScope,
    /// How many choices make points.
    #[serde(default)]
    pub scoring: Scoring,
}

/// The scale of an item that has none.
pub(super) static WORDS: Scale = Scale {
    kind: Kind::Text,
    options: Vec::new(),
    min: None,
    max: None,
    unit: None,
    steps: Vec::new(),
    out_of_scope: OutOfScope::Forbidden,
    scoring: Scoring::Sum,
};

impl Scale {
    /// An option by its id.
    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id == *id)
    }

    /// The right answers, where the item is a question of a quiz.
    pub fn right(&self) -> impl Iterator<Item = &Choice> {
        self.options.iter().filter(|option| option.correct)
    }

    /// Whether the options are classes: one is chosen, each says what it means for those in it, and none
    /// is worth more than another.
    pub fn is_classes(&self) -> bool {
        let is_class =
            |option: &Choice| option.about.is_some() && option.points.is_none() && option.means.is_none();
        self.kind == Kind::One && !self.options.is_empty() && self.options.iter().all(is_class)
    }

    /// The option that a person means: by its identifier, or by its name in either language.
    pub fn option_meant(&self, words: &str) -> Option<&Choice> {
        let is_named =
            |name: &Text| name.get(Lang::Ja) == words || name.get(Lang::En).eq_ignore_ascii_case(words);
        self.option(words).or_else(|| self.options.iter().find(|option| is_named(&option.name)))
    }

    /// The most points that an answer can have; `None` if answers have no points.
    pub fn most(&self) -> Option<f64> {
        let points = self.options.iter().filter_map(|option| option.points);
        match (self.kind, self.scoring) {
            (Kind::One, _) => points.reduce(f64::max),
            (Kind::Many, Scoring::Exact) => self
                .options
                .iter()
                .filter(|option| option.correct)
                .filter_map(|option| option.points)
                .reduce(|a, b| a + b),
            (Kind::Many, Scoring::Sum) => {
                points.reduce(|a, b| a.max(0.0) + b.max(0.0)).map(|most| most.max(0.0))
            }
            (Kind::Number, _) => self.steps.iter().map(|step| step.points).reduce(f64::max),
            (Kind::Date | Kind::Text, _) => None,
        }
    }
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One of the options.
    One,
    /// Any number of the options.
    Many,
    /// A number.
    Number,
    /// A date.
    Date,
    /// Words.
    #[default]
    Text,
}

/// What answering `out of scope` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutOfScope {
    /// It cannot be answered.
    #[default]
    Forbidden,
    /// The item leaves the score.
    Excluded,
    /// The item counts as all points.
    Full,
}

/// How many choices make points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scoring {
    /// Points of the chosen options together.
    #[default]
    Sum,
    /// All points for exactly the right options, else none.
    Exact,
}

/// A possible answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Choice {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// When it is the right one.
    pub about: Option<Text>,
    /// Its points.
    #[serde(default, deserialize_with = "maybe_number")]
    pub points: Option<f64>,
    /// What it comes to.
    pub means: Option<Means>,
    /// The state of a measure that it stands for, where it tells more than what it comes to.
    pub state: Option<Status>,
    /// Right answer of a quiz.
    #[serde(default, deserialize_with = "flag")]
    pub correct: bool,
    /// Whether a reason is asked for.
    #[serde(default, deserialize_with = "flag")]
    pub reason: bool,
}

/// What an answer comes to, whatever the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Not done.
    Unmet,
    /// Nobody knows.
    Unknown,
    /// Done in part.
    Partly,
    /// Done.
    Met,
    /// Does not concern those who answer.
    NotApplicable,
}

impl Means {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Means::Unmet => "unmet",
            Means::Unknown => "unknown",
            Means::Partly => "partly",
            Means::Met => "met",
            Means::NotApplicable => "not-applicable",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Means::Unmet => Text::new("未実施", "not met"),
            Means::Unknown => Text::new("不明", "not known"),
            Means::Partly => Text::new("一部実施", "met in part"),
            Means::Met => Text::new("実施", "met"),
            Means::NotApplicable => Text::new("対象外", "does not apply"),
        }
    }
}

/// From a number on, so many points.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// The smallest number.
    #[serde(deserialize_with = "number")]
    pub from: f64,
    /// The points.
    #[serde(deserialize_with = "number")]
    pub points: f64,
    /// What it comes to.
    pub means: Option<Means>,
}
