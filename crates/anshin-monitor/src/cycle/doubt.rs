//! Why a cycle is not reliable.

use serde::{Deserialize, Serialize};

/// Why a cycle is not reliable. Such a cycle raises no alarm and teaches nothing; one of which only the
/// quantity is in doubt ([`Doubt::Sparse`]) is judged by its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Samples of the meter are missing, or answers of the machine.
    Gap,
    /// Readings came too late for their place.
    Late,
    /// A clock was set.
    ClockStep,
    /// The beginning was not told.
    MissingStart,
    /// The end was not told.
    MissingEnd,
    /// The meter gave too few samples: nobody knows what the cycle took.
    Sparse,
    /// It lasted longer than a cycle can.
    TooLong,
    /// The counter of the meter was reset.
    CounterReset,
    /// More came than could be worked on.
    Overload,
    /// Its program was held, and it is judged without that time; or the machine stood still in it for far longer than
    /// usual, and it is not judged.
    Interrupted,
    /// It may be several cycles, for a rest between them may have gone unseen.
    Several,
    /// The meter told the same value for far longer than it does in healthy cycles.
    Frozen,
}

impl Doubt {
    /// Its id in files.
    pub fn id(self) -> &'static str {
        match self {
            Doubt::Gap => "gap",
            Doubt::Late => "late",
            Doubt::ClockStep => "clock-step",
            Doubt::MissingStart => "missing-start",
            Doubt::MissingEnd => "missing-end",
            Doubt::Sparse => "sparse",
            Doubt::TooLong => "too-long",
            Doubt::CounterReset => "counter-reset",
            Doubt::Overload => "overload",
            Doubt::Interrupted => "interrupted",
            Doubt::Several => "several",
            Doubt::Frozen => "frozen",
        }
    }

    /// The doubt of an id in files.
    pub fn named(id: &str) -> Option<Self> {
        Doubts::ALL.into_iter().find(|doubt| doubt.id() == id)
    }
}

/// A set of [`Doubt`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doubts(u16);

impl Doubts {
    pub(crate) const ALL: [Doubt; 12] = [
        Doubt::Gap,
        Doubt::Late,
        Doubt::ClockStep,
        Doubt::MissingStart,
        Doubt::MissingEnd,
        Doubt::Sparse,
        Doubt::TooLong,
        Doubt::CounterReset,
        Doubt::Overload,
        Doubt::Interrupted,
        Doubt::Several,
        Doubt::Frozen,
    ];

    /// Adds a doubt.
    pub fn add(&mut self, doubt: Doubt) {
        self.0 |= 1 << doubt as u16;
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a doubt is among them.
    pub fn contains(self, doubt: Doubt) -> bool {
        self.0 & (1 << doubt as u16) != 0
    }

    /// Whether it is known when the cycle began and ended.
    pub fn spare_edges(self) -> bool {
        self.iter().all(|doubt| matches!(doubt, Doubt::Sparse | Doubt::Interrupted))
    }

    /// The doubts of both sets.
    #[must_use]
    pub fn with(self, other: Doubts) -> Doubts {
        Doubts(self.0 | other.0)
    }

    /// The doubts, in the order of their kinds.
    pub fn iter(self) -> impl Iterator<Item = Doubt> {
        Self::ALL.into_iter().filter(move |doubt| self.contains(*doubt))
    }
}
