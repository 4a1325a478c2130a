//! What waits at a machine that somebody else judges, so that the judgement can be taken over at any
//! moment.

use std::collections::VecDeque;

use crate::cycle::Cycle;
use crate::time::Time;

/// How many cycles and change-overs wait at most; older ones have long been judged and kept.
const MOST_HELD: usize = 1_000;

/// Something that waits to be judged.
#[expect(clippy::large_enum_variant, reason = "cycles are most of what is held")]
#[derive(Debug)]
pub(crate) enum Held {
    /// A cycle.
    Cycle {
        /// The cycle.
        cycle: Cycle,
        /// The machine was being set up.
        setting_up: bool,
    },
    /// Another job begins.
    ChangeOver(Time),
}

/// What has waited, in order.
#[derive(Debug, Default)]
pub(crate) struct StandBy {
    held: VecDeque<Held>,
    knows_set_up: bool,
}

impl StandBy {
    pub(crate) fn hold(&mut self, held: Held) {
        if self.held.len() == MOST_HELD {
            self.held.pop_front();
        }
        self.held.push_back(held);
    }

    /// The machine has told whether it is being set up.
    pub(crate) fn set_up_is_told(&mut self) {
        self.knows_set_up = true;
    }

    /// Whether it has.
    pub(crate) fn knows_set_up(&self) -> bool {
        self.knows_set_up
    }

    /// What is not yet judged, if the last cycle that is ended at this time. Where times are those of
    /// arrival, two that watch the same machine see them a little apart, so the middle of a cycle
    /// tells on which side it lies.
    pub(crate) fn after(self, judged: Option<Time>) -> impl Iterator<Item = Held> {
        self.held.into_iter().skip_while(move |held| {
            let at = match held {
                Held::Cycle { cycle, .. } => cycle.start.plus(cycle.end.since(cycle.start) / 2.0),
                Held::ChangeOver(at) => *at,
            };
            judged.is_some_and(|judged| at <= judged)
        })
    }
}
