//! Whether a machine is sampled often enough for the tolerance that its cycles are held to.
//!
//! A cycle that may be wrong by more than its tolerance is not found to be outside unless it is so by far:
//! its monitor is deaf. Where most of them are, a person must know.

use std::collections::VecDeque;

use anshin_model::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::cycle::{Cycle, Doubt, UnseenRest};
use crate::recent::{median, remember};
use crate::reference::Limits;

/// How many of the last cycles are looked at.
const CYCLES: usize = 20;

/// From so many on something is told.
const LEAST: usize = 10;

/// What of a cycle is known too coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// How long it lasts.
    Duration,
    /// What it takes.
    Quantity,
    /// The rest before the next one.
    Rest,
}

/// Most of the last cycles are known too coarsely for their tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coarse {
    /// What of them.
    pub measure: Measure,
    /// How wrong it may be, as a part of the value; `None` where too few samples come to tell, or all of it may be.
    pub wrong: Option<f64>,
    /// How long the cycles last, or the rests between them, in seconds.
    pub duration: f64,
    /// Seconds between two samples or answers, where they are known.
    pub pause: Option<f64>,
    /// It is the counter of the meter whose steps are too large, however often it is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_steps: bool,
}

/// Remembers how finely the last cycles were seen.
#[derive(Debug, Clone, Default)]
pub struct Sampling {
    /// What of each cycle was too coarse, if anything was.
    cycles: VecDeque<Option<Coarse>>,
    /// The last rest that may have gone unseen, and how many cycles ago.
    unseen: Option<(UnseenRest, usize)>,
}

/// After so many cycles none of which may be several, rests are seen.
const SEEN: usize = 100;

impl Sampling {
    /// A cycle has ended that may be off by so much at most; `pause` is how many seconds lie between two
    /// samples of the meter, `step` the step of its counter.
    pub fn cycle(&mut self, cycle: &Cycle, widest: Limits, pause: Option<f64>, step: Option<f64>) {
        if let Some(rest) = cycle.unseen_rest.filter(|_| cycle.doubts.contains(Doubt::Several)) {
            self.unseen = Some((rest, 0));
        }
        self.unseen = self.unseen.map(|(rest, ago)| (rest, ago + 1)).filter(|(_, ago)| *ago <= SEEN);
        if cycle.doubts.spare_edges() {
            remember(&mut self.cycles, coarse(cycle, widest, pause, step), CYCLES);
        }
    }

    /// What most of the last cycles are too coarse for; the middle of what they show.
    pub fn found(&self) -> Option<Coarse> {
        if let Some((rest, _)) = self.unseen {
            let UnseenRest { seconds, pause } = rest;
            let (measure, duration, pause) = (Measure::Rest, seconds.unwrap_or(pause), Some(pause));
            return Some(Coarse { measure, wrong: None, duration, pause, by_steps: false });
        }
        let mut coarse: Vec<Coarse> = self.cycles.iter().flatten().copied().collect();
        if self.cycles.len() < LEAST || 2 * coarse.len() <= self.cycles.len() {
            return None;
        }
        let durations = coarse.iter().filter(|coarse| coarse.measure == Measure::Duration).count();
        let is_duration = 2 * durations >= coarse.len();
        coarse.retain(|coarse| (coarse.measure == Measure::Duration) == is_duration);
        let of = |value: fn(&Coarse) -> Option<f64>| median(coarse.iter().filter_map(value));
        Some(Coarse {
            measure: coarse.first()?.measure,
            wrong: of(|coarse| Some(coarse.wrong.unwrap_or(f64::INFINITY))).filter(|wrong| wrong.is_finite()),
            duration: of(|coarse| Some(coarse.duration))?,
            pause: of(|coarse| coarse.pause),
            by_steps: 2 * coarse.iter().filter(|coarse| coarse.by_steps).count() > coarse.len(),
        })
    }
}

/// What of a cycle may be wrong by more than its tolerance. Where its edges are, they make the quantity
/// wrong as well.
fn coarse(cycle: &Cycle, widest: Limits, pause: Option<f64>, step: Option<f64>) -> Option<Coarse> {
    let part = |wrong: f64, value: f64| wrong / value.abs().max(f64::MIN_POSITIVE);
    let duration = cycle.worked();
    let wrong = part(cycle.duration_uncertainty, duration);
    if widest.duration.is_some_and(|most| wrong > most) {
        // Both edges lie anywhere between two answers: a sixth of the square of the pause.
        let pause = Some(cycle.duration_uncertainty * 6.0_f64.sqrt());
        let (measure, wrong) = (Measure::Duration, Some(wrong));
        return Some(Coarse { measure, wrong, duration, pause, by_steps: false });
    }
    let (most, quantity) = (widest.quantity?, cycle.taken()?);
    let wrong = part(cycle.uncertainty, quantity);
    let is_sparse = cycle.doubts.contains(Doubt::Sparse);
    let measure = Measure::Quantity;
    (is_sparse || wrong > most).then(|| Coarse {
        measure,
        // What may be wrong by all of it is not known at all.
        wrong: Some(wrong).filter(|wrong| !is_sparse && *wrong < 1.0),
        duration,
        pause,
        by_steps: step.is_some_and(|step| part(step / 6.0_f64.sqrt(), quantity) > most),
    })
}

impl Coarse {
    /// What a person is told of a machine.
    pub fn text(self, name: &Text) -> Text {
        let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
        let Coarse { measure, wrong, duration, pause, by_steps } = self;
        let (what_ja, what_en, key) = match measure {
            Measure::Duration => ("時間", "the duration", "duration"),
            Measure::Quantity => ("使用量", "what they take", "quantity"),
            Measure::Rest => return unseen_rest(name, duration, pause),
        };
        let every = pause.map(seconds);
        let every_ja = every.as_ref().map_or_else(String::new, |pause| format!("（約{pause}秒ごと）"));
        let every_en = every.map_or_else(String::new, |pause| format!(" (about every {pause} s)"));
        let (known_ja, known_en) = match wrong {
            Some(wrong) => {
                let percent = (100.0 * wrong).ceil();
                (
                    format!("{what_ja}は±{percent} %までしか分からず、許容範囲を少し外れても気付けません"),
                    format!(
                        "{what_en} is known to ± {percent} % only, and what is a little outside the tolerance goes unnoticed"
                    ),
                )
            }
            None => (format!("{what_ja}は判断しません"), format!("{what_en} is not judged")),
        };
        if by_steps {
            return Text::new(
                format!(
                    "{ja}: 積算計の1目盛りが、1サイクルの使用量に対して大きすぎます。{known_ja}。桁数の多い値か、電力（W）の値を使ってください"
                ),
                format!(
                    "{en}: the counter of the meter goes on in steps too large for what a cycle takes: {known_en}; take a value with more digits, or power in W"
                ),
            );
        }
        let duration = seconds(duration);
        Text::new(
            format!(
                "{ja}: 計測の間隔{every_ja}が約{duration}秒のサイクルには長すぎます。{known_ja}。もっと短い間隔で測るか、`tolerance`の`{key}`を広げてください"
            ),
            format!(
                "{en}: samples come too seldom{every_en} for cycles of about {duration} s: {known_en}; sample more often, or widen `{key}` under `tolerance`"
            ),
        )
    }
}

/// What a person is told where rests go unseen.
fn unseen_rest(name: &Text, rest: f64, pause: Option<f64>) -> Text {
    let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
    let (every, rest, needed) = (seconds(pause.unwrap_or(rest)), seconds(rest), seconds(rest / 3.0));
    Text::new(
        format!(
            "{ja}: 計測の間隔（{every}秒ほど空くことがあります）が、サイクルの間の休止（短いもので約{rest}秒）に対して長すぎます。休止を見落とすと複数のサイクルが1つに見えるため、そのおそれのあるサイクルは判定も学習もしません。{needed}秒以下の間隔で測ってください"
        ),
        format!(
            "{en}: samples come too seldom (up to {every} s apart) for the rests between cycles (short ones about {rest} s): where a rest goes unseen, several cycles look like one, and a cycle that may be several is neither judged nor learnt; sample at least every {needed} s"
        ),
    )
}

/// Seconds for a person, with a digit after the point where they are few.
fn seconds(value: f64) -> String {
    if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}
