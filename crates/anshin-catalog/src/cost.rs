//! What measures cost when nobody has said so, and how they depend on each other.

use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::entry::{Origin, entry};

entry! {
    /// What a measure of a class of effort costs when nobody has said so.
    EffortCost {
        /// Its name.
        name: Text,
        /// Money once, in yen.
        once: u64,
        /// Money in each year, in yen.
        per_year: u64,
        /// Person-days.
        days: u32,
        /// How much more of all three each further asset takes, in per cent.
        each_further: u32,
    }
}

entry! {
    /// What it counts in a comparison that a measure can weaken something.
    Impairment {
        /// What is weakened.
        name: Text,
        /// As if the measure were that much dearer, in yen.
        cost: u64,
        /// As if it left that many points of risk.
        points: u32,
    }
}

entry! {
    /// How a measure depends on others.
    Dependency {
        /// The measure.
        measure: Id,
        /// At least one of these is needed as well.
        #[serde(default)]
        needs: Vec<Id>,
        /// None of these goes with it on the same assets.
        #[serde(default)]
        excludes: Vec<Id>,
        /// Why.
        why: Text,
    }
}
