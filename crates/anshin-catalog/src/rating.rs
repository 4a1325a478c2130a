//! How grave an incident is, what follows from that, and where to begin.

use anshin_model::document::{Economic, Recovery};
use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::entry::{Condition, Origin, entry};

entry! {
    /// From facts about a stakeholder to a level on an axis.
    RubricEntry {
        /// The axis.
        axis: Axis,
        /// The level.
        level: String,
        /// The row of the rating worksheet.
        factor: Factor,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// What the facts mean for the stakeholder.
        why: Text,
        /// A worked example.
        example: Text,
    }
}

impl RubricEntry {
    /// The level, if the entry is about the recovery axis.
    pub fn recovery(&self) -> Option<Recovery> {
        (self.axis == Axis::Recovery)
            .then(|| Recovery::ALL.into_iter().find(|level| level.as_str() == self.level))
            .flatten()
    }

    /// The level, if the entry is about the economic axis.
    pub fn economic(&self) -> Option<Economic> {
        (self.axis == Axis::Economic)
            .then(|| Economic::ALL.into_iter().find(|level| level.as_str() == self.level))
            .flatten()
    }
}

/// One of the two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// How hard the harm is to undo.
    Recovery,
    /// How large the loss is.
    Economic,
}

impl Axis {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Axis::Recovery => "recovery",
            Axis::Economic => "economic",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Axis::Recovery => Text::new("第1軸 回復困難性の度合い", "Recovery axis"),
            Axis::Economic => Text::new("第2軸 経済的影響の度合い", "Economic axis"),
        }
    }
}

/// A row of the rating worksheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// Breach of privacy or honor.
    Privacy,
    /// Harm to life or body.
    Safety,
    /// Direct effect inside.
    DirectInternal,
    /// Direct effect outside.
    DirectExternal,
    /// How long the direct effect lasts.
    Duration,
    /// Whether it can be replaced.
    Substitutability,
    /// Indirect effect: recall and the like.
    Indirect,
}

impl Factor {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Factor::Privacy => "privacy",
            Factor::Safety => "safety",
            Factor::DirectInternal => "direct-internal",
            Factor::DirectExternal => "direct-external",
            Factor::Duration => "duration",
            Factor::Substitutability => "substitutability",
            Factor::Indirect => "indirect",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Factor::Privacy => Text::new("プライバシー・名誉", "Privacy and honor"),
            Factor::Safety => Text::new("人命・身体", "Life and body"),
            Factor::DirectInternal => Text::new("内部への直接影響", "Direct effect inside"),
            Factor::DirectExternal => Text::new("外部への直接影響", "Direct effect outside"),
            Factor::Duration => Text::new("直接影響の継続時間", "How long it lasts"),
            Factor::Substitutability => Text::new("代替可能性", "Substitutes"),
            Factor::Indirect => {
                Text::new("間接的な影響（製品回収等）", "Indirect effect (recall and the like)")
            }
        }
    }
}

entry! {
    /// A direction for a stakeholder outside the target.
    Policy {
        /// The axis on which it brings the stakeholder back.
        axis: Axis,
        /// When it fits.
        #[serde(flatten)]
        when: Condition,
        /// The direction.
        policy: Text,
        /// Requirements that it calls for.
        requirements: Vec<Id>,
        /// Why it helps.
        why: Text,
    }
}

entry! {
    /// From facts to the assets to begin with.
    PriorityRule {
        /// Which of the two reasons.
        because: Because,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// Why to begin there.
        why: Text,
    }
}

/// Why to begin with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// A large harm.
    Harm,
    /// A high likelihood.
    Likelihood,
}

impl Because {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Because::Harm => "harm",
            Because::Likelihood => "likelihood",
        }
    }
}
