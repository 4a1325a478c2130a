//! What a cycle turned out to be, and how far it is from its reference.

use super::mode::Mode;
use super::seen::{Seen, Values, Wrong, limit, relative, whole};
use super::tolerance::{Limits, Tolerance};

/// What a cycle turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It cannot be relied upon.
    Unreliable,
    /// Somebody works at the machine, and has said so: nothing is judged or learnt.
    SetAside(Work),
    /// It ended while its program was held: how long it would have lasted, and what it would have taken, is not
    /// known.
    Interrupted,
    /// The job is being set up, or is not known yet.
    Learning,
    /// A reference has been learnt from this and earlier cycles.
    Learnt {
        /// How far the cycle is from it.
        deviation: Deviation,
        /// How far it is from the nearest one that the job had, if nobody is known to have set the machine
        /// up since the job ran by it.
        from_known: Option<Deviation>,
    },
    /// It is as it should be.
    Healthy(Deviation),
    /// It is not outside the tolerance, but may be further off than that: it was seen too coarsely to tell.
    Inconclusive(Deviation),
    /// It stopped far before its end.
    BrokenOff(Deviation),
    /// It is outside the tolerance.
    Outside(Deviation),
}

/// What somebody does at a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It is being set up.
    SetUp,
    /// It is maintained.
    Maintenance,
}

impl Work {
    /// Its id in files.
    pub fn id(self) -> &'static str {
        match self {
            Work::SetUp => "set-up",
            Work::Maintenance => "maintenance",
        }
    }
}

/// How far a cycle is from its reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// The mode it was compared with.
    pub mode: u32,
    /// The reference value.
    pub reference: Values,
    /// Duration against the reference, 0.1 for 10 % longer.
    pub duration: f64,
    /// Quantity against the reference.
    pub quantity: Option<f64>,
    /// Duration against the value as it was learnt; `None` where it is not looked at.
    pub duration_drift: Option<f64>,
    /// Quantity against the value as it was learnt; `None` where it is not looked at, or is known too coarsely to teach
    /// anything.
    pub quantity_drift: Option<f64>,
    /// The value as it was learnt.
    pub learnt: Values,
    /// By how much that may be wrong.
    pub learnt_wrong: Wrong,
    /// By how much the cycle itself may be wrong.
    pub wrong: Wrong,
    /// By how much the cycle was allowed to be off.
    pub limits: Limits,
    /// How the duration stands to its tolerance.
    pub duration_is: Standing,
    /// How the quantity stands to its tolerance.
    pub quantity_is: Standing,
}

/// How a value stands to its tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Within it, or not looked at.
    Inside,
    /// Outside by more than it may be wrong.
    Outside,
    /// Beyond the tolerance by more than what is wrong does to most, but by less than it may do.
    Beyond,
    /// Not outside, but it may be wrong by more than the tolerance: known too coarsely to tell.
    Vague,
}

/// Nearly all cycles are off by less than so many standard deviations of what they may be wrong by.
const BY_CHANCE: f64 = 2.0;

impl Deviation {
    /// Whether anything is outside.
    pub fn is_outside(&self) -> bool {
        self.is_any(Standing::Outside)
    }

    /// Whether it is outside since it lasts too long.
    pub fn is_longer(&self) -> bool {
        self.duration_is == Standing::Outside && self.duration > 0.0
    }

    /// Whether it is outside since it is too short.
    pub fn is_shorter(&self) -> bool {
        self.duration_is == Standing::Outside && self.duration < 0.0
    }

    /// Whether it is outside since it takes too much.
    pub fn takes_more(&self) -> bool {
        self.quantity_is == Standing::Outside && self.quantity.is_some_and(|off| off > 0.0)
    }

    /// Whether it is outside since it takes too little.
    pub fn takes_less(&self) -> bool {
        self.quantity_is == Standing::Outside && self.quantity.is_some_and(|off| off < 0.0)
    }

    /// Whether anything is known too coarsely to tell.
    pub fn is_vague(&self) -> bool {
        self.is_any(Standing::Vague) || self.is_any(Standing::Beyond)
    }

    fn is_any(&self, standing: Standing) -> bool {
        [self.duration_is, self.quantity_is].contains(&standing)
    }

    pub(super) fn size(&self) -> f64 {
        self.duration.abs().max(self.quantity.unwrap_or(0.0).abs())
    }
}

/// How far a cycle is from a mode.
pub(super) fn deviation(mode: &Mode, seen: Seen, tolerance: Tolerance) -> Deviation {
    let (Seen { values, wrong }, reference, learnt) = (seen, mode.reference, mode.learnt);
    let (limits, widest) = (mode.limits(tolerance), tolerance.widest());
    let duration = relative(values.duration, reference.duration);
    let quantity = values.quantity.zip(reference.quantity).map(|(is, was)| relative(is, was));
    let standing = |deviation: Option<f64>, wrong: f64, of_mode: f64, was: f64, most: Option<(f64, f64)>| {
        let Some((most, widest)) = most else { return Standing::Inside };
        let part = wrong.hypot(of_mode) / whole(was);
        if deviation.is_some_and(|deviation| deviation.abs() > limit(most, part)) {
            Standing::Outside
        } else if wrong > widest * was.abs() {
            Standing::Vague
        } else if deviation.is_some_and(|deviation| deviation.abs() > most.max(BY_CHANCE * part)) {
            Standing::Beyond
        } else {
            Standing::Inside
        }
    };
    let was = reference.quantity.unwrap_or(0.0);
    Deviation {
        mode: mode.mode,
        reference,
        duration,
        quantity,
        duration_drift: tolerance.duration.map(|_| relative(values.duration, learnt.duration)),
        quantity_drift: tolerance
            .quantity
            .and_then(|_| seen.sharp(widest).values.quantity.zip(learnt.quantity))
            .map(|(is, was)| relative(is, was)),
        learnt,
        learnt_wrong: mode.learnt_wrong,
        wrong,
        limits,
        duration_is: standing(
            Some(duration),
            wrong.duration,
            mode.wrong.duration,
            reference.duration,
            limits.duration.zip(widest.duration),
        ),
        quantity_is: standing(
            quantity,
            wrong.quantity,
            mode.wrong.quantity,
            was,
            limits.quantity.zip(widest.quantity),
        ),
    }
}
