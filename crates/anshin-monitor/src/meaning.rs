//! What the catalog knows of an alert, for whoever tells people.

use anshin_catalog::Catalog;
use anshin_model::{Id, Text};

use crate::group::Shares;
use crate::judge::AlertKind;

/// What an alert means, and what to do first.
#[derive(Debug)]
pub struct Meaning<'a> {
    /// Its name.
    pub name: &'a Text,
    /// What has been seen.
    pub says: Text,
    /// What is likely behind it, likely ones first.
    pub causes: Vec<&'a Text>,
    /// What to look at first.
    pub first: Vec<&'a Text>,
    /// Threats that show themselves in this way.
    pub threats: &'a [Id],
}

impl<'a> Meaning<'a> {
    /// What an alert about something means; where machines share something, its causes come first. `None`
    /// if the catalog does not know it.
    pub fn of(kind: AlertKind, about: &Text, shares: Option<Shares>, catalog: &'a Catalog) -> Option<Self> {
        let known = catalog.alerts.get(kind.id())?;
        let shared = shares.and_then(|shares| catalog.shared.get(shares.id()));
        Some(Self {
            name: &known.name,
            says: known.says.fill(&[("machine", about)]),
            causes: shared.iter().flat_map(|shared| &shared.causes).chain(&known.causes).collect(),
            first: shared.iter().flat_map(|shared| &shared.first).chain(&known.first).collect(),
            threats: &known.threats,
        })
    }
}
