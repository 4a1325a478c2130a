//! What is asked for: requirements, who has to meet them, and measures.

use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::entry::{Condition, Origin, entry};

entry! {
    /// A requirement of the framework's annex A.
    Requirement {
        /// Its title.
        name: Text,
        /// What it asks for.
        about: Text,
        /// Viewpoint of the third axis, 1 to 4.
        viewpoint: u8,
        /// What it is implemented in.
        target: Target,
        /// When in the life cycle.
        phase: String,
        /// Ids of the Cyber/Physical Security Framework.
        #[serde(default)]
        cps: Vec<String>,
        /// Threats it works against; empty for all.
        #[serde(default)]
        counters: Vec<Id>,
    }
}

/// What a requirement is implemented in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// ソシキ・ヒト
    Organization,
    /// プロシージャ
    Procedure,
    /// システム
    System,
}

impl Target {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::Organization => "organization",
            Target::Procedure => "procedure",
            Target::System => "system",
        }
    }

    /// The framework's name.
    pub fn name(self) -> Text {
        match self {
            Target::Organization => Text::new("ソシキ・ヒト", "Organization and people"),
            Target::Procedure => Text::new("プロシージャ", "Procedure"),
            Target::System => Text::new("システム", "System"),
        }
    }
}

entry! {
    /// From threats and facts to a requirement.
    RequirementRule {
        /// The requirement.
        requires: Id,
        /// Threats above the cut of which one must be there; general if empty.
        #[serde(default)]
        threats: Vec<Id>,
        /// When it holds for the system.
        #[serde(flatten)]
        when: Condition,
        /// Who implements it.
        by: Vec<Implementer>,
        /// Who has a part in it as well.
        #[serde(default)]
        also: Vec<Implementer>,
        /// Whether an asset above may do it for one that is too small.
        #[serde(default)]
        stand_in: bool,
        /// Why it is asked for.
        why: Text,
    }
}

/// A way to find the implementer of a requirement among the stakeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementer {
    /// The lead.
    Lead,
    /// The lead if it develops, else the developer of most of the assets concerned.
    Developer,
    /// The lead if it uses the system, else who operates most of the assets concerned.
    Operator,
    /// The user.
    User,
    /// Who installs.
    Installer,
    /// The lead if it uses the system, else who maintains the assets concerned.
    Maintainer,
    /// Who maintains most of the assets concerned, if it is neither the lead nor the user.
    ServiceProvider,
    /// Who delivers updates.
    Updater,
    /// The lead, if it develops or provides.
    LeadIfDeveloper,
    /// The lead, if it uses the system.
    LeadIfUser,
}

entry! {
    /// A concrete measure.
    Measure {
        /// The requirement that it meets.
        requirement: Id,
        /// Its name.
        name: Text,
        /// What to do.
        action: Text,
        /// Roles that can do it.
        by: Vec<String>,
        /// When in the life cycle.
        phase: String,
        /// How much work it is.
        effort: Effort,
        /// Whether a private person can do it at home, then as small work.
        #[serde(default)]
        at_home: bool,
        /// Threats it works against; empty for all.
        #[serde(default)]
        counters: Vec<Id>,
        /// Asset kinds or traits that it is applied to, or `system`.
        on: Vec<String>,
        /// What it may weaken.
        #[serde(default)]
        impairs: Vec<String>,
        /// How it may weaken that.
        caution: Option<Text>,
    }
}

/// How much work a measure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// Days.
    Small,
    /// Weeks.
    Medium,
    /// Months.
    Large,
}

impl Effort {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Effort::Small => "small",
            Effort::Medium => "medium",
            Effort::Large => "large",
        }
    }
}
