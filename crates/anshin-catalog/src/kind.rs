//! Kinds of what a system is made of: assets, places, links and data, and how things hurt people.

use anshin_model::document::Harm;
use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::entry::{Origin, entry};

entry! {
    /// A kind of asset.
    AssetKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// The kind above it, where the id does not tell.
        parent: Option<Id>,
        /// Traits that it brings.
        #[serde(default)]
        traits: Vec<Id>,
        /// Traits of its parent that it does not have.
        #[serde(default)]
        without: Vec<Id>,
        /// How it hurts people.
        #[serde(default)]
        hazards: Vec<KindHazard>,
        /// Picture for diagrams.
        icon: String,
    }
}

impl AssetKind {
    /// The kind above: named, or the dotted id without its last part.
    pub fn parent(&self, id: &Id) -> Option<Id> {
        self.parent.clone().or_else(|| id.as_str().rsplit_once('.').map(|(parent, _)| Id::from(parent)))
    }
}

/// How a kind of asset hurts people.
#[derive(Debug, Clone, Deserialize)]
pub struct KindHazard {
    /// Kind of the hazard.
    pub kind: Id,
    /// The worst harm.
    pub worst: Harm,
}

entry! {
    /// A kind of place or network segment.
    ZoneKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Whose place it is.
        setting: String,
        /// Ways in that are open to what stands here.
        #[serde(default)]
        exposes: Vec<Id>,
        /// How far inside, 0 to 5.
        level: u8,
    }
}

entry! {
    /// What a link goes over.
    Medium {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Sort of medium.
        kind: MediumKind,
        /// Ways in that it opens at its ends.
        #[serde(default)]
        exposes: Vec<Id>,
        /// Whether it encrypts by itself.
        encrypted: Protects,
    }
}

/// Sort of medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediumKind {
    /// A cable.
    Wired,
    /// Radio or light through the air.
    Wireless,
    /// The internet.
    Internet,
    /// Something carried by hand.
    Removable,
    /// Inside one cabinet or device.
    Local,
}

/// Whether a medium or protocol protects what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protects {
    /// Always.
    Yes,
    /// If set up so.
    Optional,
    /// Never.
    No,
}

entry! {
    /// What a link speaks.
    Protocol {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Whether it protects what it carries.
        secure: Protects,
    }
}

entry! {
    /// A kind of information.
    DataKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// What makes it worth protecting.
        #[serde(default)]
        marks: Vec<Mark>,
    }
}

/// What makes information worth protecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It is about a person.
    Personal,
    /// Its leak is a grave breach of privacy.
    Sensitive,
    /// It is a trade secret.
    Secret,
    /// It makes machines do something.
    Control,
    /// It opens doors.
    Credential,
    /// It is run by a device.
    Software,
    /// Operation goes by it.
    Operation,
    /// It says how things stand.
    Measurement,
}

impl Mark {
    /// The word in files and facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Personal => "personal",
            Mark::Sensitive => "sensitive",
            Mark::Secret => "secret",
            Mark::Control => "control",
            Mark::Credential => "credential",
            Mark::Software => "software",
            Mark::Operation => "operation",
            Mark::Measurement => "measurement",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Mark::Personal => Text::new("個人情報", "personal data"),
            Mark::Sensitive => Text::new("機微な情報", "sensitive data"),
            Mark::Secret => Text::new("営業秘密", "trade secrets"),
            Mark::Control => Text::new("制御の指令", "control commands"),
            Mark::Credential => Text::new("認証情報", "credentials"),
            Mark::Software => Text::new("ソフトウェア", "software"),
            Mark::Operation => Text::new("運用の情報", "operation data"),
            Mark::Measurement => Text::new("計測値", "measurements"),
        }
    }

    /// All marks.
    pub const ALL: [Mark; 8] = [
        Mark::Personal,
        Mark::Sensitive,
        Mark::Secret,
        Mark::Control,
        Mark::Credential,
        Mark::Software,
        Mark::Operation,
        Mark::Measurement,
    ];
}

entry! {
    /// A way in which things hurt people.
    HazardKind {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// It can reach people and land around the site.
        #[serde(default)]
        area: bool,
        /// It hits those who are served, such as a patient, rather than who operates.
        #[serde(default)]
        served: bool,
    }
}

entry! {
    /// What keeps things from hurting people.
    Safeguard {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Hazards that it works against.
        against: Vec<Id>,
        /// It works without network and without software that an attacker may reach.
        independent: bool,
    }
}
