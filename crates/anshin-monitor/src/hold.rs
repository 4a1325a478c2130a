//! While the program of a cycle is held: for how long, and what the machine took meanwhile.

use std::collections::VecDeque;

use anshin_model::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::cycle::{Cycle, Doubt};
use crate::meter::{Mark, Meter, Ticket};
use crate::recent::{median, remember};
use crate::time::Time;

/// Of a cycle that is held more often than this, what it took meanwhile is not known.
const MOST: usize = 100;

/// The holds of one cycle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds {
    /// Since when it is held.
    since: Option<(Time, Option<Ticket>)>,
    seconds: f64,
    /// Seconds of the longest of those that are over.
    longest: f64,
    /// When the last of them was over.
    until: Option<Time>,
    /// The sum of squares of the seconds by which their edges may lie earlier than they were seen.
    unseen: f64,
    /// What the meter is asked of those that are over: at their beginnings and their ends.
    tickets: Vec<(Ticket, Ticket)>,
    too_many: bool,
    /// The program ran no more when it was no longer held, or the cycle ended while it was.
    is_cut: bool,
}

/// What a machine took while a cycle was held.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) quantity: f64,
    /// The sum of squares of how wrong the marks at the edges may be.
    pub(crate) squares: f64,
    pub(crate) samples: u64,
}

impl Holds {
    /// The program is held from here on.
    pub(crate) fn begin(&mut self, time: Time, unseen: f64, meter: &mut Option<Meter>) {
        if self.since.is_none() {
            self.unseen += unseen.powi(2);
            let ticket = meter.as_mut().filter(|_| self.tickets.len() < MOST).map(|meter| meter.ask(time));
            self.since = Some((time, ticket));
        }
    }

    /// It goes on, or the cycle ends.
    pub(crate) fn end(&mut self, time: Time, unseen: f64, meter: &mut Option<Meter>) {
        let Some((since, begin)) = self.since.take() else { return };
        let seconds = time.since(since).max(0.0);
        self.seconds += seconds;
        self.longest = self.longest.max(seconds);
        self.until = Some(time);
        self.unseen += unseen.powi(2);
        match (meter, begin) {
            (Some(meter), Some(begin)) => self.tickets.push((begin, meter.ask(time))),
            (Some(_), None) => self.too_many = true,
            _ => {}
        }
    }

    /// Seconds of the longest of those that are over.
    pub(crate) fn longest(&self) -> f64 {
        self.longest
    }

    /// Seconds of the longest of all up to a moment.
    pub(crate) fn longest_until(&self, now: Time) -> f64 {
        self.since.map_or(self.longest, |(since, _)| self.longest.max(now.since(since)))
    }

    /// Whether the program was held up to a moment.
    pub(crate) fn last_until(&self, time: Time) -> bool {
        self.until == Some(time)
    }

    /// Whether the program is held.
    pub(crate) fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// Says whether the cycle has been cut short by a hold, as far as is known.
    pub(crate) fn cut(&mut self, is_cut: bool) {
        self.is_cut = is_cut;
    }

    /// Whether the cycle has been cut short by a hold.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether it was held too often to know what the machine took meanwhile.
    pub(crate) fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// Seconds of those that are over.
    pub(crate) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The sum of squares of the seconds by which their edges may lie earlier than they were seen.
    pub(crate) fn unseen(&self) -> f64 {
        self.unseen
    }

    /// What the machine took meanwhile, by the marks of the meter.
    pub(crate) fn taken(&self, mark: impl Fn(Ticket) -> Option<Mark>) -> Taken {
        let mut taken = Taken::default();
        let marks = self.tickets.iter().filter_map(|(begin, end)| mark(*begin).zip(mark(*end)));
        for (first, last) in marks {
            taken.quantity += last.total - first.total;
            taken.squares += first.uncertainty.powi(2) + last.uncertainty.powi(2);
            taken.samples += last.samples - first.samples;
        }
        taken
    }

    /// All that the meter is asked.
    pub(crate) fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let running = self.since.and_then(|(_, ticket)| ticket);
        self.tickets.iter().flat_map(|(begin, end)| [*begin, *end]).chain(running)
    }
}

/// How many of the last cycles are looked at.
const CYCLES: usize = 20;

/// From so many on something is told.
const LEAST: usize = 10;

/// The program is held in most of the last cycles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Often {
    /// In how many.
    pub cycles: usize,
    /// Of how many.
    pub of: usize,
    /// How many of them are not judged, since they ended while they were held.
    pub unjudged: usize,
    /// For how many seconds: the middle of them.
    pub seconds: f64,
    /// The machine stood still in them, and nobody has said that its program was held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stood_still: bool,
}

/// Remembers whether the last cycles were held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruptions(VecDeque<Option<Interrupted>>);

/// How a cycle was interrupted.
#[derive(Debug, Clone, Copy)]
struct Interrupted {
    seconds: f64,
    is_cut: bool,
    /// The machine stood still, and nobody has said that its program was held.
    stood_still: bool,
}

impl Interruptions {
    /// A cycle has ended.
    pub(crate) fn cycle(&mut self, cycle: &Cycle) {
        let is_held = cycle.doubts.contains(Doubt::Interrupted);
        let Cycle { held: seconds, is_cut, stood_still, .. } = *cycle;
        let one = Interrupted { seconds, is_cut, stood_still };
        remember(&mut self.0, is_held.then_some(one), CYCLES);
    }

    /// How often they were, if most of them were.
    pub(crate) fn found(&self) -> Option<Often> {
        let held = self.0.iter().flatten();
        let (cycles, of) = (held.clone().count(), self.0.len());
        let seconds = median(held.clone().map(|one| one.seconds))?;
        let unjudged = held.clone().filter(|one| one.is_cut).count();
        let stood_still = held.clone().all(|one| one.stood_still);
        (of >= LEAST && 2 * cycles > of).then_some(Often { cycles, of, unjudged, seconds, stood_still })
    }
}

impl Often {
    /// What a person is told of a machine.
    pub fn text(self, name: &Text) -> Text {
        let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
        let Often { cycles, of, unjudged, seconds, stood_still } = self;
        if stood_still {
            return Text::new(
                format!(
                    "{ja}: 直近{of}サイクルのうち{cycles}回で、機械がふだんよりずっと長く止まっています（{seconds:.0}秒ほど）。これらは判定していません。材料待ち、段取り、前後の工程を確かめてください"
                ),
                format!(
                    "{en}: the machine stood still for far longer than usual in {cycles} of the last {of} cycles (for about {seconds:.0} s); these are not judged. See whether it waits for material, is being set up, or is held up by what comes before or after it"
                ),
            );
        }
        let (judged_ja, judged_en) = match unjudged {
            0 => (
                "止まっていた時間を除いて判定しています".to_owned(),
                "they are judged without that time".to_owned(),
            ),
            n => (
                format!("うち{n}回は止まったまま終わったので判定していません"),
                format!("{n} of them ended while held and are not judged"),
            ),
        };
        Text::new(
            format!(
                "{ja}: 直近{of}サイクルのうち{cycles}回で、プログラムが一時停止しています（{seconds:.0}秒ほど）。{judged_ja}。まず、`is: hold`の言葉が、扉の開閉や工具交換など毎回通る状態を指していないか確かめてください。そうでなければ、何が止めているか（一時停止ボタン、扉のインターロック、制御装置のアラーム、材料待ち）を機械で確かめてください"
            ),
            format!(
                "{en}: the program was held in {cycles} of the last {of} cycles (for about {seconds:.0} s): {judged_en}. Check first whether the words of `is: hold` mean something that happens in every cycle, such as a door or a tool change; if not, see at the machine what holds it: the hold button, the interlock of a door, an alarm of the control, missing material"
            ),
        )
    }
}
