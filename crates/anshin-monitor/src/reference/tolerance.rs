//! By how much a cycle may be off: as somebody has written it, or as the machine itself shows.

use std::sync::Arc;

/// By how much a value may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margin {
    /// By a part of the reference value.
    Fixed(f64),
    /// By what the machine's own healthy cycles show, within [`Margin::NARROWEST`] and [`Margin::WIDEST`].
    Auto,
}

/// By how much a cycle may be off; `None` does not look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Of the duration.
    pub duration: Option<Margin>,
    /// Of the quantity.
    pub quantity: Option<Margin>,
}

/// By how much a cycle may be off, as parts of the reference value; `None` does not look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Of the duration.
    pub duration: Option<f64>,
    /// Of the quantity.
    pub quantity: Option<f64>,
}

/// By how much cycles may be off: most of them, and those of single jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Of jobs that are not named.
    pub usual: Tolerance,
    /// Of jobs by the parts of their key, of which `*` fits any; the first one that fits counts.
    pub of_jobs: Vec<(Vec<Arc<str>>, Tolerance)>,
}

impl Tolerances {
    /// Of a job.
    pub fn of(&self, key: &[Arc<str>]) -> Tolerance {
        let fits = |pattern: &[Arc<str>]| {
            pattern.len() == key.len()
                && pattern.iter().zip(key).all(|(part, is)| &**part == "*" || part == is)
        };
        self.of_jobs.iter().find(|(pattern, _)| fits(pattern)).map_or(self.usual, |(_, tolerance)| *tolerance)
    }
}

impl Margin {
    /// Of [`Margin::Auto`], the narrowest.
    pub const NARROWEST: f64 = 0.06;

    /// Of [`Margin::Auto`], the widest: that of a job of which too little is known yet.
    pub const WIDEST: f64 = 0.15;

    /// What is allowed where nothing is said.
    pub const USUAL: Self = Margin::Fixed(Self::WIDEST);

    /// The widest that it can be.
    pub fn widest(self) -> f64 {
        match self {
            Margin::Fixed(most) => most,
            Margin::Auto => Self::WIDEST,
        }
    }

    /// Where a tolerance that follows the machine must reach so far.
    pub(super) fn at(self, reach: Option<f64>) -> f64 {
        match (self, reach) {
            (Margin::Auto, Some(reach)) => reach.clamp(Self::NARROWEST, Self::WIDEST),
            _ => self.widest(),
        }
    }
}

impl Tolerance {
    /// The widest that it can be.
    pub fn widest(self) -> Limits {
        Limits { duration: self.duration.map(Margin::widest), quantity: self.quantity.map(Margin::widest) }
    }
}

impl Limits {
    /// A part of them.
    pub(super) fn part(self, part: f64) -> Self {
        Self {
            duration: self.duration.map(|most| part * most),
            quantity: self.quantity.map(|most| part * most),
        }
    }
}
