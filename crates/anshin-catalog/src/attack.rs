//! What makes an attack hard, what measures do about it, and how risk is read from both.
//!
//! Three kinds of entries: [`Difficulty`] is the published rubric for one step of an attack path,
//! [`Hindrance`] and [`Relief`] say which measures make a step harder or an effect lighter, and a
//! [`Matrix`] reads a risk from effect and likelihood.

use anshin_model::document::{Economic, Recovery};
use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::entry::{Condition, Origin, entry};

entry! {
    /// What makes a step of an attack path hard.
    Difficulty {
        /// The layer of protection. Within a layer the strongest entry counts, layers add up.
        layer: Layer,
        /// How hard, from 1.
        points: u8,
        /// On which steps.
        #[serde(flatten)]
        when: Condition,
        /// Why.
        why: Text,
    }
}

/// A layer of protection on a step: within one the strongest counts, several add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// What the sort of step takes by itself.
    Way,
    /// Skill and means beyond that.
    Skill,
    /// Who wants in must prove who it is.
    Authentication,
    /// Networks are kept apart.
    Segmentation,
    /// What is carried or kept cannot be read or changed.
    Encryption,
    /// Only what is on a list gets through or runs.
    AllowList,
    /// Known weaknesses are closed.
    Patching,
    /// Somebody notices.
    Monitoring,
    /// People know what they do.
    Expertise,
    /// Walls, locks and housings.
    Physical,
    /// Suppliers and what they deliver are looked at.
    Supply,
}

impl Layer {
    /// How many layers there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All layers.
    pub const ALL: [Layer; 11] = [
        Layer::Way,
        Layer::Skill,
        Layer::Authentication,
        Layer::Segmentation,
        Layer::Encryption,
        Layer::AllowList,
        Layer::Patching,
        Layer::Monitoring,
        Layer::Expertise,
        Layer::Physical,
        Layer::Supply,
    ];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Way => "way",
            Layer::Skill => "skill",
            Layer::Authentication => "authentication",
            Layer::Segmentation => "segmentation",
            Layer::Encryption => "encryption",
            Layer::AllowList => "allow-list",
            Layer::Patching => "patching",
            Layer::Monitoring => "monitoring",
            Layer::Expertise => "expertise",
            Layer::Physical => "physical",
            Layer::Supply => "supply",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Layer::Way => Text::new("経路", "Way"),
            Layer::Skill => Text::new("技能と手段", "Skill and means"),
            Layer::Authentication => Text::new("認証", "Authentication"),
            Layer::Segmentation => Text::new("分離", "Segmentation"),
            Layer::Encryption => Text::new("暗号化", "Encryption"),
            Layer::AllowList => Text::new("許可リスト", "Allow lists"),
            Layer::Patching => Text::new("脆弱性の修正", "Patch state"),
            Layer::Monitoring => Text::new("監視", "Monitoring"),
            Layer::Expertise => Text::new("運用者の知識", "Expertise of operators"),
            Layer::Physical => Text::new("物理的な障壁", "Physical barriers"),
            Layer::Supply => Text::new("供給者の確認", "Care with suppliers"),
        }
    }
}

/// What an incident at an asset leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// People are hurt.
    Harm,
    /// What depends on the asset stands still.
    Stop,
    /// Information gets out.
    Leak,
    /// A product that many have turns out to be flawed.
    Recall,
}

impl Consequence {
    /// All consequences.
    pub const ALL: [Consequence; 4] =
        [Consequence::Harm, Consequence::Stop, Consequence::Leak, Consequence::Recall];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Consequence::Harm => "harm",
            Consequence::Stop => "stop",
            Consequence::Leak => "leak",
            Consequence::Recall => "recall",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Consequence::Harm => Text::new("人への危害", "People are hurt"),
            Consequence::Stop => Text::new("停止", "Standstill"),
            Consequence::Leak => Text::new("漏えい", "Leak"),
            Consequence::Recall => Text::new("同じ製品への波及", "Flaw in all products"),
        }
    }
}

entry! {
    /// What measures make a step of an attack path harder.
    Hindrance {
        /// Measures of the catalog that have this effect on the assets they are taken on.
        measures: Vec<Id>,
        /// Whether a user's own measure for the same requirement has it as well.
        #[serde(default)]
        own: bool,
        /// The layer of protection that they strengthen.
        layer: Layer,
        /// How hard the layer is with them, from 1.
        points: u8,
        /// On which steps into the asset.
        #[serde(flatten)]
        when: Condition,
        /// Why.
        why: Text,
    }
}

entry! {
    /// What measures make the effect of an incident lighter.
    Relief {
        /// Measures of the catalog that have this effect on the assets they are taken on.
        measures: Vec<Id>,
        /// Whether a user's own measure for the same requirement has it as well.
        #[serde(default)]
        own: bool,
        /// What they make lighter.
        consequence: Consequence,
        /// By how many levels on both axes.
        levels: u8,
        /// At which assets.
        #[serde(flatten)]
        when: Condition,
        /// Why.
        why: Text,
    }
}

entry! {
    /// How risk is read from effect and likelihood.
    Matrix {
        /// Its name.
        name: Text,
        /// What it is for.
        about: Text,
        /// Classes of likelihood, from low to high.
        likelihood: Vec<LikelihoodClass>,
        /// Classes of effect, from low to high.
        effect: Vec<EffectClass>,
        /// Classes of risk, from low to high.
        risk: Vec<RiskClass>,
        /// A row for each class of likelihood, from low to high; in it the risk for each class of
        /// effect, from low to high.
        cells: Vec<Vec<Id>>,
        /// The class of risk from which a scenario inside the target is looked at further, too.
        cut: Id,
        /// The class of likelihood from which an effect counts on the risk map after measures.
        counts_from: Id,
    }
}

/// A class of likelihood.
#[derive(Debug, Clone, Deserialize)]
pub struct LikelihoodClass {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Points of difficulty from which a path is in this class.
    pub difficulty: u16,
}

/// A class of effect.
#[derive(Debug, Clone, Deserialize)]
pub struct EffectClass {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Level on the recovery axis from which an effect is in this class.
    pub recovery: Option<Recovery>,
    /// Level on the economic axis from which an effect is in this class.
    pub economic: Option<Economic>,
    /// Both levels must be reached; one of them is enough if false.
    #[serde(default)]
    pub both: bool,
}

impl EffectClass {
    fn takes(&self, recovery: Recovery, economic: Economic) -> bool {
        let on_recovery = self.recovery.is_some_and(|level| recovery >= level);
        let on_economic = self.economic.is_some_and(|level| economic >= level);
        if self.both { on_recovery && on_economic } else { on_recovery || on_economic }
    }
}

/// A class of risk.
#[derive(Debug, Clone, Deserialize)]
pub struct RiskClass {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Its colour on charts, `#RRGGBB`.
    pub colour: String,
}

/// Fewest and most classes on each side of a matrix.
pub const MATRIX_SIZE: std::ops::RangeInclusive<usize> = 3..=6;

/// Points of difficulty beyond which an attack path is not followed.
pub const FARTHEST: u16 = 60;

impl Matrix {
    /// The class of an effect: the highest that its levels reach, the lowest if none.
    pub fn effect_of(&self, recovery: Recovery, economic: Economic) -> usize {
        self.effect.iter().rposition(|class| class.takes(recovery, economic)).unwrap_or(0)
    }

    /// The class of likelihood of a difficulty; the lowest where no path leads.
    pub fn likelihood_of(&self, difficulty: Option<u16>) -> usize {
        let Some(points) = difficulty else { return 0 };
        self.likelihood
            .iter()
            .position(|class| points >= class.difficulty)
            .unwrap_or(self.likelihood.len() - 1)
    }

    /// The class of risk in a cell.
    pub fn risk_of(&self, likelihood: usize, effect: usize) -> usize {
        self.cells
            .get(likelihood)
            .and_then(|row| row.get(effect))
            .and_then(|id| self.risk.iter().position(|class| class.id == *id))
            .unwrap_or(0)
    }

    /// The class of risk from which a scenario inside the target is looked at further, too.
    pub fn cut_class(&self) -> usize {
        self.risk.iter().position(|class| class.id == self.cut).unwrap_or(0)
    }

    /// The class of likelihood from which an effect counts on the risk map after measures.
    pub fn counting_class(&self) -> usize {
        self.likelihood.iter().position(|class| class.id == self.counts_from).unwrap_or(0)
    }
}
