//! How a system is attacked: ways in, threats, the facts that speak for them, and what alerts of the
//! monitor say about them.

use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::attack::Consequence;
use crate::entry::{Condition, Origin, entry};

entry! {
    /// A way into a system.
    EntryPoint {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// Who has got in this way can go on over the links.
        #[serde(default)]
        spreads: bool,
        /// It is open to anybody, from anywhere.
        #[serde(default)]
        outside: bool,
    }
}

entry! {
    /// What an alert of the monitor means, and what to do first.
    Alert {
        /// Its name.
        name: Text,
        /// What has been seen.
        says: Text,
        /// What is likely behind it, likely ones first.
        causes: Vec<Text>,
        /// What to look at first.
        first: Vec<Text>,
        /// Threats that show themselves in this way.
        threats: Vec<Id>,
    }
}

entry! {
    /// A threat.
    Threat {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// The list it belongs to.
        group: String,
        /// Its letter in STRIDE.
        letter: Option<String>,
        /// What an incident that it causes may lead to.
        #[serde(default)]
        leads_to: Vec<Consequence>,
    }
}

entry! {
    /// From facts about an asset to a threat.
    ThreatRule {
        /// The threat.
        proposes: Id,
        /// When it holds.
        #[serde(flatten)]
        when: Condition,
        /// How strongly the facts speak for the threat, 0 to 1.
        weight: f64,
        /// What happens.
        incident: Text,
        /// Why the facts lead to it.
        why: Text,
    }
}
