//! A counter shows whole steps only: what a cycle takes is known as well as they are fine.

use anshin_model::{Lang, Text};
use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::{Finding, Margin};
use anshin_monitor::{Machine, Reading, Said, Settings, What};

use super::{accidents, findings, raised, start};

/// A machine with a counter of Wh.
#[derive(Clone, Copy)]
struct Counted {
    /// Seconds of work, and of rest between two cycles.
    work: f64,
    rest: f64,
    /// Power at work, in W.
    power: f64,
    /// Seconds between two readings.
    every: f64,
}

const ROBOT: Counted = Counted { work: 24.0, rest: 5.3, power: 255.0, every: 1.0 };
const MILL: Counted = Counted { work: 240.0, rest: 47.7, power: 2_205.0, every: 3.0 };
const OVEN: Counted = Counted { work: 2_400.0, rest: 555.0, power: 6_000.0, every: 30.0 };

const CYCLES: u32 = 60;

/// The one of them that takes more than others.
const HEAVY: u32 = 40;

impl Counted {
    /// What it is found to do where the counter goes on in steps of so many Wh, and one cycle takes so many times as
    /// much as others; it is restarted half way, before that.
    fn watched(self, step: f64, heavy: f64, margin: Margin) -> (Machine, Vec<Said>) {
        let mut settings = Settings::usual(Bounds::Running);
        settings.meter = Some(Kind::Counter { modulus: None });
        settings.tolerances.usual.quantity = Some(margin);
        (settings.most_gap, settings.silent_after) = (60.0, None);
        let mut machine = Machine::new(settings.clone());
        let mut said = Vec::new();
        let (mut chance, mut counted, mut time, mut now) = (accidents(7), 1_234_561.7, 0.0, 3.0);
        for n in 0..CYCLES {
            if n == CYCLES / 2 {
                let kept = serde_json::to_string(&machine.kept()).unwrap();
                machine = Machine::new(settings.clone()).with(serde_json::from_str(&kept).unwrap());
            }
            let by_chance = 0.98 + 0.04 * chance();
            let (begin, end) = (now, now + self.work * by_chance);
            now = end + self.rest;
            while time < now {
                let runs = (begin..end).contains(&time);
                let power = if runs { self.power * if n == HEAVY { heavy } else { 1.0 } } else { 40.0 };
                for what in [What::Counter((counted / step).floor() * step), What::Running(Some(runs))] {
                    machine.push(Reading { time: start().plus(time), what }, &mut |one| said.push(one));
                }
                counted += power * self.every / 3_600.0;
                time += self.every;
            }
        }
        (machine, said)
    }
}

#[test]
fn whole_steps_of_a_counter_raise_no_false_alarm() {
    for machine in [ROBOT, MILL, OVEN] {
        for step in [1_000.0, 100.0, 10.0, 1.0] {
            for margin in [Margin::USUAL, Margin::Auto] {
                let (_, said) = machine.watched(step, 1.0, margin);
                let is_outside = |found: &&&Finding| matches!(found, Finding::Outside(_));
                let outside = findings(&said).iter().filter(is_outside).count();
                let what = format!("{} W in steps of {step} Wh, {margin:?}", machine.power);
                assert_eq!((outside, raised(&said)), (0, vec![]), "{what}");
                assert!(findings(&said).len() > 50, "{what}");
            }
        }
    }
}

#[test]
fn a_heavy_cycle_is_found_by_a_fine_counter_and_is_in_doubt_by_a_coarse_one() {
    let heavy = |machine: Counted, step: f64| {
        let (_, said) = machine.watched(step, 1.25, Margin::USUAL);
        let from = start().plus(f64::from(HEAVY) * (machine.work + machine.rest) - machine.work / 2.0);
        let is_heavy = |said: &&Said| matches!(said, Said::Cycle(cycle, _) if cycle.start > from);
        let Some(Said::Cycle(_, finding)) = said.iter().find(is_heavy) else { panic!("{step}") };
        let word = match finding {
            Finding::Healthy(_) => "healthy",
            Finding::Inconclusive(_) => "inconclusive",
            Finding::Outside(_) => "outside",
            other => panic!("{other:?}"),
        };
        (word, raised(&said).iter().map(|alert| alert.kind).collect::<Vec<_>>())
    };
    let much = vec![AlertKind::TakesTooMuch];
    for (machine, step) in [(ROBOT, 0.01), (MILL, 1.0), (MILL, 0.01), (OVEN, 100.0), (OVEN, 1.0)] {
        assert_eq!(heavy(machine, step), ("outside", much.clone()), "{} W, {step} Wh", machine.power);
    }
    for (machine, step) in [(ROBOT, 10.0), (ROBOT, 1.0), (MILL, 100.0), (OVEN, 10_000.0)] {
        assert_eq!(heavy(machine, step), ("inconclusive", vec![]), "{} W, {step} Wh", machine.power);
    }
}

#[test]
fn a_counter_that_is_too_coarse_is_told() {
    let told = |step: f64| {
        let (machine, _) = ROBOT.watched(step, 1.0, Margin::USUAL);
        machine.coarse().map(|coarse| coarse.text(&Text::new("ロボット", "Robot")))
    };
    assert_eq!(told(0.01), None);
    let text = told(10.0).unwrap();
    assert_eq!(
        text.get(Lang::En),
        "Robot: the counter of the meter goes on in steps too large for what a cycle takes: what they take is not judged; take a value with more digits, or power in W"
    );
    assert_eq!(
        text.get(Lang::Ja),
        "ロボット: 積算計の1目盛りが、1サイクルの使用量に対して大きすぎます。使用量は判断しません。桁数の多い値か、電力（W）の値を使ってください"
    );
}

#[test]
fn what_a_coarse_counter_shows_far_off_is_not_called_healthy() {
    // A mill takes about 147 Wh in a cycle.
    for step in [15.0, 30.0, 37.0, 50.0, 60.0, 75.0, 150.0] {
        for margin in [Margin::USUAL, Margin::Auto] {
            for light in [0.5, 0.6, 0.67] {
                let (_, said) = MILL.watched(step, light, margin);
                let is_far = |finding: &&&Finding| matches!(finding, Finding::Healthy(off) if off.quantity.is_some_and(|off| off.abs() > 0.25));
                let far = findings(&said).iter().filter(is_far).count();
                assert_eq!(far, 0, "{step} Wh, {margin:?}, {light}");
            }
        }
    }
}
