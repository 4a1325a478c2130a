//! What a report is about, and the names of its parts.

use anshin_assess::{Assessment, System};
use anshin_model::{Id, Text};

/// A system with its assessment.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The document, joined with the catalog.
    pub system: &'a System<'a>,
    /// The assessment that was made of it.
    pub assessment: &'a Assessment,
}

impl Subject<'_> {
    /// The name of a stakeholder; its id if the document does not have it.
    pub fn stakeholder(&self, id: &Id) -> Text {
        let found = self.system.stakeholders.get(id.as_str());
        found.map_or_else(|| Text::same(id.as_str()), |&n| self.system.document.stakeholders[n].name.clone())
    }

    /// The name of an asset; its id if the document does not have it.
    pub fn asset(&self, id: &Id) -> Text {
        let found = self.system.assets.get(id.as_str());
        found.map_or_else(|| Text::same(id.as_str()), |&n| self.system.document.assets[n].name.clone())
    }

    /// The name of a data item: its own, or that of its kind.
    pub fn data(&self, id: &Id) -> Text {
        let Some(&n) = self.system.data.get(id.as_str()) else { return Text::same(id.as_str()) };
        let data = &self.system.document.data[n];
        let kind = || self.system.catalog.data_kinds.get(&data.kind).map(|kind| kind.name.clone());
        data.name.clone().or_else(kind).unwrap_or_else(|| Text::same(id.as_str()))
    }

    /// The name of a zone: its own, or that of its kind.
    pub fn zone(&self, id: &Id) -> Text {
        let Some(&n) = self.system.zones.get(id.as_str()) else { return Text::same(id.as_str()) };
        let zone = &self.system.document.zones[n];
        let kind = || self.system.catalog.zone_kinds.get(&zone.kind).map(|kind| kind.name.clone());
        zone.name.clone().or_else(kind).unwrap_or_else(|| Text::same(id.as_str()))
    }

    /// The name of a threat.
    pub fn threat(&self, id: &Id) -> Text {
        self.system.catalog.threats.get(id).map_or_else(|| Text::same(id.as_str()), |t| t.name.clone())
    }

    /// The title of a requirement.
    pub fn requirement(&self, id: &Id) -> Text {
        self.system.catalog.requirements.get(id).map_or_else(|| Text::same(id.as_str()), |r| r.name.clone())
    }
}
