//! Which measures count as implemented.

use anshin_model::Id;
use anshin_model::document::{Document, Status};

/// A measure that counts as implemented.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// What the measure is called where it comes from: its id in the document, or in the catalog.
    pub name: Id,
    /// The requirement that it meets.
    pub requirement: Id,
    /// The measure of the catalog; `None` for a user's own.
    pub measure: Option<Id>,
    /// The assets it is taken on; on all if empty.
    pub on: Vec<Id>,
}

/// The set of measures that counts as implemented.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeasureState {
    /// The measures.
    pub taken: Vec<Taken>,
}

impl MeasureState {
    /// No measure at all.
    pub fn bare() -> Self {
        Self::default()
    }

    /// The measures of a document that are in place.
    pub fn in_place(document: &Document) -> Self {
        Self::with_status(document, &[Status::InPlace])
    }

    /// The measures of a document that are in place or planned.
    pub fn planned(document: &Document) -> Self {
        Self::with_status(document, &[Status::InPlace, Status::Planned])
    }

    fn with_status(document: &Document, statuses: &[Status]) -> Self {
        let taken = document
            .measures
            .iter()
            .filter(|measure| statuses.contains(&measure.status))
            .map(|measure| Taken {
                name: measure.id.clone(),
                requirement: measure.requirement.clone(),
                measure: measure.measure.clone(),
                on: measure.on.clone(),
            })
            .collect();
        Self { taken }
    }

    /// Adds a measure of the catalog on some assets, or on all if `on` is empty.
    #[must_use]
    pub fn with(mut self, measure: &Id, requirement: &Id, on: &[Id]) -> Self {
        self.taken.push(Taken {
            name: measure.clone(),
            requirement: requirement.clone(),
            measure: Some(measure.clone()),
            on: on.to_vec(),
        });
        self
    }
}
