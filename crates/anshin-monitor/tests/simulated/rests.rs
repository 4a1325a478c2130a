//! Rests between cycles that are about as short as samples lie apart: one that goes unseen makes two cycles look
//! like one.

use anshin_model::{Lang, Text};
use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::judge::AlertKind;
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::{Finding, Margin};
use anshin_monitor::{Machine, Reading, Said, Settings, What};

use super::{accidents, findings, raised, start};

/// How its cycles are known.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    /// By power, which is added up.
    Metered,
    /// By power alone.
    Power,
    /// It is asked whether its program runs.
    Asked,
}

const ALL: [Known; 3] = [Known::Metered, Known::Power, Known::Asked];

/// A robot: seconds of work, of rest, and between samples.
#[derive(Debug, Clone, Copy)]
struct Robot {
    work: f64,
    rest: f64,
    every: f64,
}

impl Robot {
    /// What it is found to do in so many cycles, of which one lasts longer, up to a restart and from there on.
    fn watched(self, known: Known, cycles: u32, long: Option<(u32, f64)>, seed: u64) -> (Machine, Vec<Said>) {
        let gate = Bounds::Gate { on: 300.0, off: 200.0 };
        let mut settings = Settings::usual(if known == Known::Asked { Bounds::Running } else { gate });
        settings.meter = (known == Known::Metered).then_some(Kind::Rate { per: 3_600.0 });
        (settings.most_gap, settings.cycle.fewest_samples) = (60.0, 3);
        settings.tolerances.usual.duration = Some(Margin::USUAL);
        let (mut chance, mut now, mut runs) = (accidents(seed), 7.0, Vec::new());
        for n in 0..cycles {
            let longer = long.filter(|(one, _)| *one == n).map_or(1.0, |(_, times)| times);
            let work = self.work * longer * (0.98 + 0.04 * chance());
            runs.push(now..now + work);
            now += work + self.rest * (0.9 + 0.2 * chance());
        }
        let mut machine = Machine::new(settings.clone());
        let (mut said, mut time, mut next, mut is_restarted) = (Vec::new(), 0.0, 0, false);
        while time < now {
            time += self.every * (0.97 + 0.06 * chance());
            if !is_restarted && time > 0.6 * now {
                let kept = serde_json::to_string(&machine.kept()).unwrap();
                machine = Machine::new(settings.clone()).with(serde_json::from_str(&kept).unwrap());
                is_restarted = true;
            }
            while runs.get(next).is_some_and(|run| run.end <= time) {
                next += 1;
            }
            let is_run = runs.get(next).is_some_and(|run| run.contains(&time));
            let power = if is_run { 600.0 } else { 90.0 } * (0.95 + 0.1 * chance());
            let what = if known == Known::Asked { What::Running(Some(is_run)) } else { What::Power(power) };
            machine.push(Reading { time: start().plus(time), what }, &mut |one| said.push(one));
        }
        machine.finish(&mut |one| said.push(one));
        (machine, said)
    }
}

fn is_outside(finding: &Finding) -> bool {
    matches!(finding, Finding::Outside(_) | Finding::BrokenOff(_))
}

#[test]
fn rests_that_go_unseen_raise_no_alarm_and_teach_nothing() {
    let (mut lacking, mut marked) = (Vec::new(), 0);
    for known in ALL {
        for (work, every) in [(20.0, 5.0), (24.0, 5.0), (60.0, 10.0), (42.0, 6.0)] {
            for part in [0.5, 0.7, 0.85, 1.0, 1.1, 1.6, 2.5] {
                for seed in 0..3 {
                    let robot = Robot { work, rest: part * every, every };
                    let (machine, said) = robot.watched(known, 138, None, seed);
                    let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
                    let modes = machine.references().modes().map(|(_, mode)| mode.reference.duration);
                    let (least, most) =
                        modes.fold((f64::MAX, 0.0_f64), |(least, most), is| (least.min(is), most.max(is)));
                    // Where many rests go unseen, again and again, nobody knows how long a cycle is.
                    let is_learnt = most < 1.4 * least && (part < 0.8 || most > 0.0 && most < 1.4 * work);
                    if !kinds.is_empty() || !is_learnt {
                        lacking.push(format!("{known:?}, {robot:?}, {seed}: {kinds:?}, {least} to {most} s"));
                    }
                    let is_several = |one: &&Said| matches!(one, Said::Cycle(cycle, _) if cycle.doubts.contains(Doubt::Several));
                    let several = said.iter().filter(is_several).count();
                    marked += several;
                    if part > 2.0 {
                        assert_eq!(several, 0, "{known:?}, {robot:?}");
                    }
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{} of 252\n{}", lacking.len(), lacking.join("\n"));
    assert!(marked > 500, "{marked}");
}

#[test]
fn a_cycle_that_lasts_twice_as_long_is_found_where_rests_are_seen() {
    for known in ALL {
        for (rest, every) in [(10.0, 1.0), (5.0, 1.0), (10.0, 3.0), (3.0, 0.5)] {
            let robot = Robot { work: 20.0, rest, every };
            for long in [2.0, 2.3, 3.0] {
                let (machine, said) = robot.watched(known, 60, Some((30, long)), 3);
                let outside = findings(&said).iter().filter(|one| is_outside(one)).count();
                assert_eq!(outside, 1, "{known:?}, {robot:?}, {long}");
                let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
                assert!(kinds.contains(&AlertKind::TooSlow), "{known:?}, {robot:?}, {long}: {kinds:?}");
                assert!(
                    !machine
                        .coarse()
                        .is_some_and(|coarse| coarse.text(&Text::same("x")).get(Lang::En).contains("rests"))
                );
            }
        }
    }
}

#[test]
fn what_was_seen_of_rests_is_known_after_a_restart() {
    let robot = Robot { work: 60.0, rest: 20.0, every: 1.0 };
    for known in ALL {
        // Watching begins again in the rest before this one.
        let (_, said) = robot.watched(known, 60, Some((37, 3.0)), 3);
        let slow = raised(&said).into_iter().find(|alert| alert.kind == AlertKind::TooSlow);
        assert!(slow.is_some(), "{known:?}: {:?}", findings(&said));
    }
}

#[test]
fn it_is_told_that_rests_go_unseen() {
    let robot = Robot { work: 20.0, rest: 4.0, every: 5.0 };
    let (machine, said) = robot.watched(Known::Power, 138, None, 1);
    assert!(findings(&said).iter().filter(|one| matches!(one, Finding::Unreliable)).count() > 5);
    let told = machine.kept().coarse.unwrap().text(&Text::new("ロボット", "Robot"));
    let (en, ja) = (told.get(Lang::En), told.get(Lang::Ja));
    assert!(
        en.starts_with("Robot: samples come too seldom (up to 5.")
            && en.contains(
                "a cycle that may be several is neither judged nor learnt; sample at least every 1."
            ),
        "{en}"
    );
    assert!(ja.starts_with("ロボット: 計測の間隔（5.") && ja.contains("複数のサイクルが1つに見える"), "{ja}");
}
