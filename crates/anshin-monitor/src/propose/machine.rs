//! A machine that is about to be proposed: its cycles, states and inputs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anshin_model::Text;
use anshin_model::shape::has_control;

use super::found::Span;
use super::guess::{self, Guess};
use super::{Ids, in_remark, levels, line, quoted};

/// Words of machines for a program that runs.
const RUNS: [&str; 6] = ["ACTIVE", "RUNNING", "RUN", "AUTO", "EXECUTING", "true"];

/// The same of machines that speak Japanese.
const RUNS_IN_JAPANESE: [&str; 9] =
    ["運転", "運転中", "自動運転", "自動運転中", "稼働", "稼働中", "加工中", "実行中", "true"];

/// An input of a machine.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) topic: Option<String>,
    pub(super) take: String,
    pub(super) guess: Guess,
    pub(super) span: Span,
}

/// A machine that is about to be proposed.
pub(super) struct Machine {
    id: String,
    /// What people call it.
    name: String,
    source: String,
    pub(super) inputs: Vec<Input>,
}

/// The first input that says something.
fn first(inputs: &[Input], fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
    inputs.iter().find(|input| fits(&input.guess))
}

pub(super) enum Bounds<'a> {
    Running(&'a Input),
    Number(&'a Input),
    Power(&'a Input),
}

/// How the cycles of a machine with some inputs are known; `None` if they cannot be.
pub(super) fn bounds(inputs: &[Input]) -> Option<Bounds<'_>> {
    if let Some(running) = first(inputs, |guess| matches!(guess, Guess::Running | Guess::Execution)) {
        return Some(Bounds::Running(running));
    }
    if let Some(number) = first(inputs, |guess| *guess == Guess::Number) {
        return Some(Bounds::Number(number));
    }
    Some(Bounds::Power(power(inputs)?))
}

/// The power of a machine: the sum of its phases where there is one.
fn power(inputs: &[Input]) -> Option<&Input> {
    let is_sum = |input: &&Input| guess::is_sum(&input.take);
    let powers = || inputs.iter().filter(|input| matches!(input.guess, Guess::Power(_)));
    powers().find(is_sum).or_else(|| powers().next())
}

impl Machine {
    pub(super) fn new(name: &str, source: String, inputs: Vec<Input>, ids: &mut Ids) -> Self {
        Self { id: ids.new_id(name), name: name.to_owned(), source, inputs }
    }

    fn first(&self, fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
        first(&self.inputs, fits)
    }

    pub(super) fn write(&self, out: &mut String, remark: &impl Fn(&Text) -> String) {
        let Some(bounds) = bounds(&self.inputs) else { return };
        line(out, &format!("  - id: {}", self.id));
        if self.name != self.id && !self.name.trim().is_empty() && !has_control(&self.name) {
            line(out, &format!("    name: {}", quoted(&self.name)));
        }
        let power = power(&self.inputs);
        let levels = match &bounds {
            Bounds::Power(power) => levels::read(&power.span.samples),
            _ => None,
        };
        match &bounds {
            Bounds::Running(_) => line(out, "    cycle: { by: running }"),
            Bounds::Number(_) => line(out, "    cycle: { by: number }"),
            Bounds::Power(power) => power.cycles(out, levels.as_ref(), remark),
        }
        // Power tells more than a counter, which moves in steps.
        let meter = power.or_else(|| self.first(|guess| matches!(guess, Guess::Counter(_))));
        if let Some(meter) = meter {
            let kind = if matches!(meter.guess, Guess::Power(_)) { "rate" } else { "counter" };
            let most_gap = levels.map_or(60.0, |levels| levels.most_gap);
            line(out, &format!("    meter: {{ kind: {kind}, most-gap: {most_gap}, fewest-samples: 3 }}"));
        }
        let key = self.first(|guess| *guess == Guess::Key);
        if key.is_some() {
            line(out, "    key: [ { id: job } ]");
        } else {
            let text = Text::new(
                "作業を区別する値（プログラム番号など）が見つかりません。あれば`key`と`input`に足してください",
                "no value tells jobs apart, such as a program's number; if there is one, add it to `key` and `input`",
            );
            line(out, &format!("    # {}", remark(&text)));
        }
        let quantity = if meter.is_some() { ", quantity: auto" } else { "" };
        line(out, &format!("    tolerance: {{ duration: auto{quantity} }}"));
        let state = self.first(|guess| *guess == Guess::State);
        if state.is_some() {
            line(out, "    states: { by: told }");
        } else if let (Bounds::Power(power), Some(levels::Levels { on, idle: Some(idle), .. })) =
            (&bounds, levels)
        {
            let [idle, on] = [idle, on].map(|watts| levels::rounded(watts * power.factor()));
            line(out, &format!("    states: {{ by: power, idle: {idle}, producing: {on} }}"));
        }
        line(out, "    input:");
        let bound = match &bounds {
            Bounds::Running(input) | Bounds::Number(input) => Some(*input),
            Bounds::Power(_) => None,
        };
        // A program that was loaded and a mode that was chosen hold for the run that begins with them.
        let set_up = self.first(|guess| *guess == Guess::SetUp);
        let hold = self.first(|guess| *guess == Guess::Hold);
        for input in [key, set_up, bound, state, hold, meter].into_iter().flatten() {
            input.write(out, &self.source);
        }
    }
}

impl Input {
    fn factor(&self) -> f64 {
        match self.guess {
            Guess::Power(factor) | Guess::Counter(factor) => factor,
            _ => 1.0,
        }
    }

    /// How its power tells cycles.
    fn cycles(&self, out: &mut String, levels: Option<&levels::Levels>, remark: &impl Fn(&Text) -> String) {
        let Some(levels) = levels else {
            let most = (1.5 * self.span.most.unwrap_or(0.0) * self.factor()).round();
            let on = if most > 0.0 { most } else { 500.0 };
            let text = Text::new(
                "仮の値です。待機と加工の違いが電力に見えませんでした。加工中とみなす電力を書いてください",
                "a mere guess: power showed no difference between rest and work; write the power from which it works",
            );
            line(out, &format!("    cycle: {{ by: power, on: {on}, pause: 30 }}  # {}", remark(&text)));
            return;
        };
        let [on, off, low, high] = [levels.on, levels.off, levels.usual[0], levels.usual[1]]
            .map(|watts| levels::rounded(watts * self.factor()));
        let shortest = levels.shortest.map_or(String::new(), |seconds| format!(", shortest: {seconds}"));
        let (pause, count) = (levels.pause, levels.cycles);
        let (seen_ja, seen_en) = match count {
            0 => (String::new(), String::new()),
            count => (
                format!("。同じくらいの長さのサイクルが{count}回ありました"),
                format!("; {count} cycles of about the same length were seen"),
            ),
        };
        let text = Text::new(
            format!("測った電力は、休止・待機で約{low}、加工で約{high}です{seen_ja}"),
            format!("measured: about {low} at rest and {high} at work{seen_en}"),
        );
        line(
            out,
            &format!(
                "    cycle: {{ by: power, on: {on}, off: {off}, pause: {pause}{shortest} }}  # {}",
                remark(&text)
            ),
        );
    }

    fn write(&self, out: &mut String, source: &str) {
        let mut text = format!("      - {{ from: {source}, ");
        if let Some(topic) = &self.topic {
            let _ = write!(text, "topic: {}, ", quoted(topic));
        }
        let _ = write!(text, "take: {}, ", quoted(&self.take));
        let says = match self.guess {
            Guess::Power(_) => "is: power".to_owned(),
            Guess::Counter(_) => "is: counter".to_owned(),
            Guess::Number => "is: number".to_owned(),
            Guess::Running => {
                let runs = self.words_for_running();
                let runs = runs.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
                format!("is: running, when: [{runs}]")
            }
            Guess::Execution => {
                "is: running, when: [ACTIVE, INTERRUPTED, FEED_HOLD, PROGRAM_STOPPED, OPTIONAL_STOP]"
                    .to_owned()
            }
            Guess::State => "is: state, producing: ACTIVE, unknown: UNAVAILABLE".to_owned(),
            Guess::Hold => "is: hold, when: [INTERRUPTED, FEED_HOLD]".to_owned(),
            Guess::SetUp => "is: set-up, when: [MANUAL, MANUAL_DATA_INPUT, SEMI_AUTOMATIC, EDIT]".to_owned(),
            Guess::Key => "is: key, part: job".to_owned(),
            Guess::Time(_) => return,
        };
        text.push_str(&says);
        if self.factor() > 1.0 {
            let _ = write!(text, ", factor: {}", self.factor());
        }
        text += " }";
        let seen: Vec<&str> = match self.guess {
            Guess::Running if !self.span.words.is_empty() => {
                self.span.words.iter().map(String::as_str).collect()
            }
            _ => vec![&self.span.last],
        };
        let seen = in_remark(&seen.join(", "));
        if !seen.is_empty() {
            let _ = write!(text, "  # {seen}");
        }
        line(out, &text);
    }

    /// Words for a program that runs: those of machines that speak like this one, as it writes them.
    fn words_for_running(&self) -> BTreeSet<String> {
        let words = &self.span.words;
        let is_japanese = !self.take.is_ascii() || words.iter().any(|word| !word.is_ascii());
        let known: &[&str] = if is_japanese { &RUNS_IN_JAPANESE } else { &RUNS };
        let mut runs: BTreeSet<String> = known.iter().map(|word| (*word).to_owned()).collect();
        let is_known = |word: &&String| RUNS.iter().any(|known| known.eq_ignore_ascii_case(word));
        runs.extend(words.iter().filter(is_known).cloned());
        if self.span.most.is_some_and(|most| most <= 1.0) {
            runs.insert("1".to_owned());
        }
        // Written as off is.
        let ways = [("on", "off"), ("On", "Off"), ("ON", "OFF")];
        let way = ways.iter().find(|(on, off)| words.contains(*on) || words.contains(*off));
        runs.extend(way.map(|(on, _)| (*on).to_owned()));
        runs
    }
}
