//! A machine that is about to be proposed: its cycles, states and inputs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anshin_model::Text;
use anshin_model::shape::has_control;

use super::beside::Beside;
use super::execution;
use super::found::{MOST_WORDS, Span};
use super::frozen::Frozen;
use super::guess::{self, Guess, Shown};
use super::levels::Levels;
use super::pause::{self, Basis};
use super::yaml::{Ids, in_line, in_remark, line, quoted};
use super::{axes, flash, levels};
use crate::format::MOST_POWER;
use crate::lamp::Light;
use crate::time::Time;

/// Words of machines for a program that runs.
const RUNS: [&str; 6] = ["ACTIVE", "RUNNING", "RUN", "AUTO", "EXECUTING", "true"];

/// The same of machines that speak Japanese.
const RUNS_IN_JAPANESE: [&str; 9] =
    ["運転", "運転中", "自動運転", "自動運転中", "稼働", "稼働中", "加工中", "実行中", "true"];

/// An input of a machine.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) topic: Option<String>,
    /// The value, or several that are added up.
    pub(super) take: Vec<String>,
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
    /// Its readings come where something changes, and not else.
    pub(super) tells_changes: bool,
    /// Currents of axes that are not added to the others.
    left_out: Vec<String>,
    /// What its power shows, where that tells cycles, or how it stands beside what tells them.
    levels: Option<Levels>,
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

/// Whether there is something to watch: cycles, or the lamp on the machine.
pub(super) fn can_be_watched(inputs: &[Input]) -> bool {
    bounds(inputs).is_some()
        || first(inputs, |guess| matches!(guess, Guess::Lamp(_) | Guess::Colours)).is_some()
}

/// How the cycles of a machine with some inputs are known; `None` if they cannot be.
pub(super) fn bounds(inputs: &[Input]) -> Option<Bounds<'_>> {
    let is_running = |input: &&Input| match input.guess {
        Guess::Running => input.says_running(),
        guess => guess == Guess::Execution,
    };
    // What is called so says it, whatever else speaks in the same words.
    let mut running = inputs.iter().filter(is_running);
    let turning = running.clone().filter(|input| !input.span.never_turns());
    let named = turning.clone().find(|input| guess::names_running(&input.take[0]));
    if let Some(running) = named.or_else(|| turning.clone().next()) {
        return Some(Bounds::Running(running));
    }
    // A count that is told now and then, and not of each part, tells less than power does.
    let mut numbers = inputs.iter().filter(|input| input.guess == Guess::Number);
    if let Some(number) = numbers.clone().find(|input| input.span.counts_by_one()) {
        return Some(Bounds::Number(number));
    }
    // A current stands for the power where nothing else is known.
    let power = whole(inputs, is_power).or_else(|| whole(inputs, is_current)).map(Bounds::Power);
    power.or_else(|| numbers.next().map(Bounds::Number)).or_else(|| running.next().map(Bounds::Running))
}

/// What power shows of a machine with some inputs: where it tells cycles, or a count does.
fn levels_of(inputs: &[Input]) -> Option<Levels> {
    let (power, count) = match bounds(inputs)? {
        Bounds::Power(power) => (power, None),
        Bounds::Number(count) => (whole(inputs, is_power)?, Some(count)),
        Bounds::Running(_) => return None,
    };
    let job = first(inputs, |guess| *guess == Guess::Key);
    let jobs = job.map_or(&[][..], |job| &job.span.jobs);
    let counted = count.map_or(&[][..], |count| &count.span.samples);
    levels::read(&power.span.samples, &Beside::of(jobs, counted))
}

fn is_power(guess: &Guess) -> bool {
    matches!(guess, Guess::Power(_))
}

fn is_current(guess: &Guess) -> bool {
    matches!(guess, Guess::Current(_))
}

/// The input of a kind that tells the whole: the sum of its phases where there is one.
fn whole(inputs: &[Input], is: impl Fn(&Guess) -> bool) -> Option<&Input> {
    let is_sum = |input: &&Input| input.take.iter().any(|take| guess::is_sum(take));
    let all = || inputs.iter().filter(|input| is(&input.guess));
    all().find(is_sum).or_else(|| all().next())
}

/// Inputs of which those that are phases of the same supply are one, unless their sum is there as well.
fn with_phases_added(mut inputs: Vec<Input>) -> Vec<Input> {
    let kind = |guess: &Guess| matches!(guess, Guess::Power(_) | Guess::Current(_) | Guess::Counter(_));
    let mut n = 0;
    while let Some(first) = inputs.get(n).cloned() {
        n += 1;
        let same = |other: &Input| {
            other.topic == first.topic
                && std::mem::discriminant(&other.guess) == std::mem::discriminant(&first.guess)
        };
        let has_sum = inputs.iter().any(|other| same(other) && guess::is_sum(&other.take[0]));
        if !kind(&first.guess) || has_sum {
            continue;
        }
        let of = |input: &Input| guess::phases(&input.take[0]);
        let others = |(rest, kind, which): &(Vec<String>, usize, usize)| -> Vec<usize> {
            let is_other = |input: &Input| {
                let phases = of(input);
                phases.iter().any(|(other, same, at)| other == rest && same == kind && at != which)
            };
            let fits = |input: &Input| same(input) && input.guess == first.guess && is_other(input);
            inputs.iter().enumerate().skip(n).filter(|(_, input)| fits(input)).map(|(at, _)| at).collect()
        };
        let Some(others) =
            of(&first).iter().map(others).max_by_key(Vec::len).filter(|found| !found.is_empty())
        else {
            continue;
        };
        let all: Vec<&Input> = std::iter::once(&first).chain(others.iter().map(|at| &inputs[*at])).collect();
        let span = Span::sum(&all.iter().map(|input| &input.span).collect::<Vec<_>>());
        let take = all.iter().map(|input| input.take[0].clone()).collect();
        for at in others.iter().rev() {
            inputs.remove(*at);
        }
        inputs[n - 1] = Input { take, span, ..first };
    }
    inputs
}

/// That states are known by the lamp, and from when on a light flashes no more.
fn write_lamp(out: &mut String, lamp: &[&Input], remark: &impl Fn(&Text) -> String) {
    let lights: Vec<Vec<(Time, bool)>> = lamp.iter().map(|light| light.when_lit()).collect();
    let Some(flash) = flash::of(&lights) else { return line(out, "    states: { by: lamp }") };
    let (hold, longest) = (flash.hold(), levels::rounded(flash.longest));
    let (seen_ja, seen_en) = match flash.shortest.map(levels::rounded) {
        None => (String::new(), String::new()),
        Some(shortest) if flash.is_like_a_stop() => (
            format!("。点滅でない切り替わりにも{shortest}秒のものがあり、これは点滅と区別できません"),
            format!("; some of what is no flash lasts {shortest} s and is not told from one"),
        ),
        Some(shortest) => (
            format!("。点滅でない点灯・消灯は{shortest}秒以上続きます"),
            format!("; what is no flash lasts {shortest} s or longer"),
        ),
    };
    let text = Text::new(
        format!("点滅する灯は、長くて{longest}秒ずつ点灯と消灯を繰り返します{seen_ja}"),
        format!("a light that flashes is lit and dark in turn for up to {longest} s each{seen_en}"),
    );
    line(out, &format!("    states: {{ by: lamp, hold: {hold} }}  # {}", in_line(&remark(&text))));
}

impl Machine {
    pub(super) fn new(name: &str, source: String, inputs: Vec<Input>, ids: &mut Ids) -> Self {
        let (inputs, left_out) = axes::added(with_phases_added(inputs));
        let levels = levels_of(&inputs);
        let (id, name) = (ids.new_id(name), name.to_owned());
        Self { id, name, source, inputs, tells_changes: false, left_out, levels }
    }

    /// How its cycles are known; `None` if they cannot be. A count tells no more than power where each run is a part
    /// by it.
    fn bounds(&self) -> Option<Bounds<'_>> {
        let power = self.levels.as_ref().filter(|levels| levels.basis == Basis::Counted);
        let power = power.and_then(|_| whole(&self.inputs, is_power)).map(Bounds::Power);
        power.or_else(|| bounds(&self.inputs))
    }

    fn first(&self, fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
        first(&self.inputs, fits)
    }

    /// Whether all that it takes tells how it stands, which goes on until something else is told, and not what was
    /// measured at a moment.
    pub(super) fn takes_states_alone(&self) -> bool {
        self.used().iter().all(|input| match input.guess {
            Guess::Power(_) | Guess::Counter(_) | Guess::Current(_) | Guess::Axis(_) => false,
            Guess::Lamp(_) => !input.is_bright(),
            _ => true,
        })
    }

    /// The lights of its lamp, each once.
    fn lamp(&self) -> Vec<&Input> {
        let of = |light| self.first(|guess| *guess == Guess::Lamp(light));
        Light::ALL.into_iter().filter_map(of).collect()
    }

    /// What tells how it stands.
    fn state(&self) -> Option<&Input> {
        self.first(|guess| matches!(guess, Guess::State | Guess::Colours))
    }

    /// The meter of a machine whose cycles are known so, and what tells cycles beside it.
    fn meter<'a>(&'a self, bounds: &Bounds<'a>) -> (Option<&'a Input>, Option<&'a Input>) {
        // Power tells more than a counter, which moves in steps; a current tells something where nothing else does.
        let counter = || self.first(|guess| matches!(guess, Guess::Counter(_)));
        let gate = match bounds {
            Bounds::Power(gate) => Some(*gate),
            _ => None,
        };
        let axes = || self.first(|guess| matches!(guess, Guess::Axis(_)));
        let meter = whole(&self.inputs, is_power).or_else(counter).or(gate).or_else(axes);
        let bound = match bounds {
            Bounds::Running(input) | Bounds::Number(input) => Some(*input),
            // Where the meter counts, the current tells the cycles alone.
            Bounds::Power(input) => {
                Some(*input).filter(|input| meter.is_some_and(|meter| meter.take != input.take))
            }
        };
        (meter, bound)
    }

    /// The inputs that are proposed.
    pub(super) fn used(&self) -> Vec<&Input> {
        let (lamp, state) = (self.lamp(), self.state());
        let Some(bounds) = self.bounds() else {
            return state.map_or(lamp, |state| vec![state]);
        };
        let (meter, bound) = self.meter(&bounds);
        let key = self.first(|guess| *guess == Guess::Key);
        // A program that was loaded and a mode that was chosen hold for the run that begins with them.
        let set_up = self.first(|guess| *guess == Guess::SetUp);
        let hold = self.first(|guess| *guess == Guess::Hold);
        let lamp = lamp.into_iter().filter(|_| state.is_none());
        [key, set_up, bound, state, hold, meter].into_iter().flatten().chain(lamp).collect()
    }

    pub(super) fn write(&self, out: &mut String, remark: &impl Fn(&Text) -> String) {
        line(out, &format!("  - id: {}", self.id));
        if self.name != self.id && !self.name.trim().is_empty() && !has_control(&self.name) {
            line(out, &format!("    name: {}", quoted(&self.name)));
        }
        if let Some(bounds) = self.bounds() {
            self.write_cycles(out, &bounds, remark);
        }
        let lamp = self.lamp();
        if self.state().is_some() {
            line(out, "    states: { by: told }");
        } else if !lamp.is_empty() {
            write_lamp(out, &lamp, remark);
        }
        if self.tells_changes {
            let text = Text::new(
                "変化したときだけ行が書かれる記録とみなし、次の行まで同じ状態が続くとします。記録が止まっても気付きません。決まった間隔で行があるなら、その間隔より長い秒数を書いてください",
                "there seems to be a row for each change and none else, so what a row tells holds until the next one; a logger that has stopped goes unnoticed: if rows come at least now and then, write how many seconds may pass",
            );
            line(out, &format!("    silent-after: 0  # {}", in_line(&remark(&text))));
        }
        line(out, "    input:");
        let bound = lamp.iter().find_map(|light| levels::lit(&light.span.samples));
        for input in self.used() {
            input.write(out, &self.source, bound, remark);
        }
    }

    fn write_cycles(&self, out: &mut String, bounds: &Bounds<'_>, remark: &impl Fn(&Text) -> String) {
        let levels = self.levels.as_ref();
        match bounds {
            Bounds::Running(_) => line(out, "    cycle: { by: running }"),
            Bounds::Number(_) => line(out, "    cycle: { by: number }"),
            Bounds::Power(power) => power.cycles(out, levels, remark),
        }
        let (meter, _) = self.meter(bounds);
        if let Some(meter) = meter {
            let kind = match meter.guess {
                Guess::Counter(_) => "counter",
                Guess::Current(_) => "rate, unit: Ah",
                Guess::Axis(_) => "rate, unit: As, per: 1",
                _ => "rate",
            };
            let of_runs = levels.filter(|_| matches!(bounds, Bounds::Power(_)));
            let most_gap = of_runs.map_or(60.0, |levels| levels.most_gap);
            // Where cycles are shorter than that, few samples must do, if they tell them apart.
            let has_few = of_runs.is_some_and(|levels| levels.has_few_samples && !levels.rests_are_short);
            let fewest = if has_few { ", fewest-samples: 3" } else { "" };
            line(out, &format!("    meter: {{ kind: {kind}, most-gap: {most_gap}{fewest} }}"));
            if matches!(meter.guess, Guess::Axis(_)) {
                line(out, &format!("    # {}", in_line(&remark(&self.of_axes()))));
            }
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
        if let Some(levels) = levels.filter(|_| self.lamp().is_empty() && self.state().is_none()) {
            let (power, idle) = match bounds {
                Bounds::Power(power) => (Some(*power), levels.idle),
                // Between one part and the next there may be a break, which nothing but power tells.
                Bounds::Number(_) => (whole(&self.inputs, is_power), Some(levels.is_on())),
                Bounds::Running(_) => (None, None),
            };
            if let Some((power, idle)) = power.zip(idle) {
                let [idle, on] = [idle, levels.on].map(|watts| levels::rounded(watts * power.factor()));
                line(out, &format!("    states: {{ by: power, idle: {idle}, producing: {on} }}"));
            }
        }
    }

    /// What the sum of the currents of its axes is.
    fn of_axes(&self) -> Text {
        let (ja, en) = (
            "軸の電流の大きさの合計（アンペア秒）を、電力量の代わりに使います",
            "the currents of the axes without their signs, added up, stand for energy (ampere-seconds)",
        );
        if self.left_out.is_empty() {
            return Text::new(
                format!(
                    "{ja}。正常なサイクルのばらつきが大きいときは、重さを支えない軸（ロボットの根元や手先の軸など）を`take`から外してください"
                ),
                format!(
                    "{en}; if good cycles lie far apart, take those out of `take` that hold no weight, such as base and flange of a robot"
                ),
            );
        }
        let names: Vec<String> = self.left_out.iter().map(|name| format!("`{name}`")).collect();
        Text::new(
            format!(
                "{ja}。{}は除きました。加えると、同じ長さのサイクルの間で使用量のばらつきが大きくなるためです",
                names.join("、")
            ),
            format!(
                "{en}; without {}, with which cycles of the same length differ more in what they take",
                names.join(", ")
            ),
        )
    }
}

impl Input {
    fn factor(&self) -> f64 {
        match self.guess {
            Guess::Power(factor) | Guess::Counter(factor) | Guess::Current(factor) | Guess::Axis(factor) => {
                factor
            }
            _ => 1.0,
        }
    }

    /// How its power tells cycles.
    fn cycles(&self, out: &mut String, levels: Option<&Levels>, remark: &impl Fn(&Text) -> String) {
        let Some(levels) = levels else {
            let most = (1.5 * self.span.most.unwrap_or(0.0) * self.factor()).round().min(MOST_POWER);
            let usual = if is_current(&self.guess) { 5.0 } else { 500.0 };
            let on = if most > 0.0 { most } else { usual };
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
        let (allowed, count) = (levels.pause, levels.cycles);
        let is_current = is_current(&self.guess);
        let [least, most] = levels.lengths;
        let (seen_ja, seen_en) = if count == 0 {
            (String::new(), String::new())
        } else {
            let (each_ja, each_en) = if most <= pause::AGREES * least {
                let each = levels::rounded(f64::midpoint(least, most));
                (format!("約{each}秒"), format!("about {each} s"))
            } else {
                let [least, most] = [least, most].map(levels::rounded);
                (format!("約{least}～{most}秒"), format!("{least} s to {most} s"))
            };
            (
                format!("。{each_ja}のサイクルが{count}回ありました"),
                format!("; {count} cycles of {each_en} were seen"),
            )
        };
        let text = Text::new(
            format!(
                "測った{}は、休止・待機で約{low}、加工で約{high}です{seen_ja}",
                if is_current { "電流（A）" } else { "電力" }
            ),
            format!(
                "measured: about {low}{unit} at rest and {high}{unit} at work{seen_en}",
                unit = if is_current { " A" } else { "" }
            ),
        );
        line(
            out,
            &format!(
                "    cycle: {{ by: power, on: {on}, off: {off}, pause: {allowed}{shortest} }}  # {}",
                remark(&text)
            ),
        );
        if levels.rests_are_short {
            let text = Text::new(
                "サイクルの間の休みが、計測の間隔に近い短さです。計測が粗すぎて、休みを見落とすことがあります。計測の間隔を短くしてください",
                "samples come too seldom for rests this short: some may go unseen; measure more often",
            );
            line(out, &format!("    # {}", remark(&text)));
        }
        if let Some(frozen) = &levels.frozen {
            line(out, &format!("    # {}", in_line(&remark(&Self::of_frozen(frozen)))));
        }
        if let Some((part, due)) = levels.missing {
            let (percent, due) = (levels::rounded(100.0 * part), levels::rounded(due));
            let text = Text::new(
                format!(
                    "行は{due}秒ごとに届くはずですが、加工中の行の約{percent}%がありません。上の値は、行の揃っているサイクルから読みました。行の欠けたサイクルは判定されないことがあるので、通信か記録の方法を見直してください"
                ),
                format!(
                    "a row is due every {due} s, but about {percent} % of those at work are missing: what stands above was read from cycles whose rows are there; cycles with missing rows may not be judged, so look at the link or the logger"
                ),
            );
            line(out, &format!("    # {}", remark(&text)));
        }
        let text = match levels.basis {
            Basis::Seen => return,
            Basis::Counted => Text::new(
                "生産数が1増えるごとに、加工が1回ありました。休みをサイクルから除けるよう、生産数でなく電力で区切ります",
                "each time the count went on there was one run: power tells cycles instead of the count, so that no break is part of them",
            ),
            Basis::Apart(runs, together) => Text::new(
                format!(
                    "約{runs}回ずつまとまって並ぶ加工を、1回ごとに1つのサイクルとみなしました。まとめて1つの部品なら`pause: {together}`と書いてください"
                ),
                format!(
                    "runs that lie together, about {runs} each time, count as a cycle each; if a part is several runs, write `pause: {together}`"
                ),
            ),
            Basis::Joined(runs, each) => Text::new(
                format!(
                    "近くに並ぶ約{runs}回の加工を1つのサイクルとみなしました。1回ごとに部品ができるなら`pause: {each}`と書いてください"
                ),
                format!(
                    "about {runs} runs that lie close together count as one cycle; if each makes a part, write `pause: {each}`"
                ),
            ),
            Basis::Unknown => Text::new(
                "`pause`は仮の値です。中断がサイクルの中か間か、この長さの記録では分かりません。`replay`で1つの部品がいくつにも分かれるなら長く、いくつもの部品がつながるなら短くしてください",
                "`pause` is a mere guess: so little does not tell pauses inside cycles from those between them; make it longer if `replay` shows one part as several cycles, shorter if it shows several as one",
            ),
        };
        line(out, &format!("    # {}", remark(&text)));
    }

    /// That a part of the recording is of no machine.
    fn of_frozen(frozen: &Frozen) -> Text {
        let percent = levels::rounded(100.0 * frozen.part);
        let (longest, value) = (frozen.longest.round(), frozen.value);
        Text::new(
            format!(
                "記録の約{percent}%では、同じ値が変わらずに続いています（{}か所、最も長いのは{value}のまま{longest}秒）。計器か記録装置が止まっていたとみなし、上の値を読むときに除きました",
                frozen.count
            ),
            format!(
                "in about {percent} % of the recording the same value is told again and again ({}; for the longest {longest} s it is {value}): the meter or the logger seems to have hung, and what stands above was read without that",
                if frozen.count == 1 { "once".to_owned() } else { format!("{} times", frozen.count) }
            ),
        )
    }

    /// `lit` is the brightness from which another light of the machine is lit.
    fn write(&self, out: &mut String, source: &str, lit: Option<f64>, remark: &impl Fn(&Text) -> String) {
        let mut text = format!("      - {{ from: {source}, ");
        if let Some(topic) = &self.topic {
            let _ = write!(text, "topic: {}, ", quoted(topic));
        }
        let take: Vec<String> = self.take.iter().map(|take| quoted(take)).collect();
        let take = if let [one] = &take[..] { one.clone() } else { format!("[{}]", take.join(", ")) };
        let _ = write!(text, "take: {take}, ");
        let says = match self.guess {
            Guess::Power(_) | Guess::Current(_) => "is: power".to_owned(),
            Guess::Axis(_) => "is: power, absolute: true".to_owned(),
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
            Guess::Colours => self.colours(),
            Guess::Hold => "is: hold, when: [INTERRUPTED, FEED_HOLD]".to_owned(),
            Guess::SetUp => "is: set-up, when: [MANUAL, MANUAL_DATA_INPUT, SEMI_AUTOMATIC, EDIT]".to_owned(),
            Guess::Lamp(light) => format!("is: lamp, light: {}{}", light.id(), self.lit(lit)),
            Guess::Key => "is: key, part: job".to_owned(),
            Guess::Time(_) => return,
        };
        text.push_str(&says);
        if (self.factor() - 1.0).abs() > f64::EPSILON {
            let _ = write!(text, ", factor: {}", self.factor());
        }
        text += " }";
        let seen: Vec<&str> = match self.guess {
            Guess::Running | Guess::Lamp(_) | Guess::Colours if !self.span.words.is_empty() => {
                self.span.words.iter().map(String::as_str).collect()
            }
            _ => vec![&self.span.last],
        };
        let seen = in_remark(&seen.join(", "));
        if !seen.is_empty() {
            let _ = write!(text, "  # {seen}");
        }
        line(out, &text);
        if self.is_bright() && lit.is_none() {
            let text = Text::new(
                "`on`は仮の値です。点灯と消灯の違いが見えませんでした。点灯とみなす明るさを書いてください",
                "`on` is a mere guess: it was not seen both lit and dark; write the brightness from which it is lit",
            );
            line(out, &format!("        # {}", remark(&text)));
        }
    }

    /// Whether it tells how bright a light is.
    fn is_bright(&self) -> bool {
        matches!(self.guess, Guess::Lamp(_)) && self.span.most.is_some_and(|most| most > 1.0)
    }

    /// When it was lit, as far as its samples tell.
    fn when_lit(&self) -> Vec<(Time, bool)> {
        let bound = if self.is_bright() { levels::lit(&self.span.samples) } else { Some(0.5) };
        if self.span.is_thinned() {
            return Vec::new();
        }
        let lit =
            |bound: f64| self.span.samples.iter().map(|(time, light)| (*time, *light >= bound)).collect();
        bound.map(lit).unwrap_or_default()
    }

    /// From which value on a light is lit, where it is not said by 0 and 1.
    fn lit(&self, other: Option<f64>) -> String {
        let Some(most) = self.span.most.filter(|most| *most > 1.0) else { return String::new() };
        let own = levels::lit(&self.span.samples).or(other);
        format!(", on: {}", own.unwrap_or_else(|| levels::rounded(1.5 * most)))
    }

    /// What its colours say of the machine.
    fn colours(&self) -> String {
        let of = |shown| {
            let words = self.span.words.iter().filter(|word| guess::shown(word) == Some(shown));
            words.map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
        };
        let (producing, off) = (of(Shown::Lit(Light::Green)), of(Shown::Dark));
        let off = if off.is_empty() { off } else { format!(", off: [{off}]") };
        format!("is: state, producing: [{producing}]{off}")
    }

    /// Whether it was seen to tell, in words that are known, that a program runs; one that told a single word, or more
    /// than are remembered, may do so at another time.
    fn says_running(&self) -> bool {
        let words = &self.span.words;
        let runs = self.words_for_running();
        words.len() < 2
            || words.len() >= MOST_WORDS
            || self.span.most.is_some()
            || words.iter().any(|word| runs.contains(word))
    }

    /// Words for a program that runs: those of machines that speak like this one, as it writes them.
    fn words_for_running(&self) -> BTreeSet<String> {
        let words = &self.span.words;
        let is_japanese =
            self.take.iter().any(|take| !take.is_ascii()) || words.iter().any(|word| !word.is_ascii());
        let known: &[&str] = if is_japanese { &RUNS_IN_JAPANESE } else { &RUNS };
        let mut runs: BTreeSet<String> = known.iter().map(|word| (*word).to_owned()).collect();
        let is_known = |word: &&String| RUNS.iter().any(|known| known.eq_ignore_ascii_case(word));
        runs.extend(words.iter().filter(|word| is_known(word) || execution::works(word)).cloned());
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
