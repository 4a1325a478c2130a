//! How machines stand, and how well they are used.

use anshin_model::Lang;
use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::lamp::Light;
use anshin_monitor::machine::States;
use anshin_monitor::propose::{Agent, Found};
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Monitor, Reading, Settings, State, What, config, propose};

use super::{alerts, doubts, findings, raised, read, start};

/// Seconds of producing, idle, off and no data in an hour of a machine with a lamp.
fn by_lamp(readings: impl IntoIterator<Item = (f64, Light, bool)>) -> String {
    let mut settings = Settings::usual(Bounds::Events);
    settings.states = States::Lamp { hold: 3.0 };
    settings.silent_after = None;
    let mut machine = Machine::new(settings);
    for (second, light, is_lit) in readings {
        let what = What::Lamp(light, Some(is_lit));
        machine.push(Reading { time: start().plus(second), what }, &mut |_| {});
    }
    machine.finish(&mut |_| {});
    machine.pause(start().plus(3_602.0));
    let times = machine.utilisation().days().values().next().copied().unwrap();
    format!("{:.0} {:.0} {:.0} {:.0}", times.producing, times.idle, times.off, times.no_data)
}

#[test]
fn a_lamp_tells_utilisation_however_its_sensors_speak() {
    use Light::{Amber, Green, Red};
    // Changes only: green all the time, amber for ten seconds, a jam of five minutes.
    let changes = [(0.0, Green, true), (60.0, Amber, true), (70.0, Amber, false), (1_000.0, Green, false)];
    let jam = [(1_000.0, Red, true), (1_300.0, Red, false), (1_300.0, Green, true), (3_600.0, Amber, false)];
    assert_eq!(by_lamp(changes.into_iter().chain(jam)), "3300 300 0 0");
    // Each light by a sensor of its own, every ten seconds.
    let of_ten = |n: u32| {
        [(Green, 0), (Amber, 4), (Red, 7)].map(|(light, at)| (f64::from(10 * n + at), light, light == Green))
    };
    assert_eq!(by_lamp((0..360).flat_map(of_ten)), "3600 0 0 0");
    // Nobody says that a light that has gone out stays out.
    let out = [(0.0, Green, true), (0.0, Amber, false), (600.0, Green, false)];
    assert_eq!(by_lamp(out), "600 0 3000 0");
}

#[test]
fn a_lamp_tells_utilisation_to_the_second_where_stops_are_short() {
    use Light::{Amber, Green, Red};
    // Green for some seconds, then another light or none, again and again through an hour; whichever sensor is
    // first to speak, and also where it speaks some tenths of a second before the other one.
    let in_turn = |green: f64, other: Option<Light>, stop: f64, ahead: f64| {
        let rounds = std::iter::successors(Some(0.0), move |from| Some(from + green + stop));
        let lit = move |second: f64, light, is_lit| [(second, light, is_lit)];
        let changes = rounds.take_while(|from| *from < 3_600.0).flat_map(move |from| {
            let out = other.map(|other| (f64::max(0.0, from - ahead), other, false));
            let on = other.map(|other| (from + green - ahead, other, true));
            out.into_iter().chain(lit(from, Green, true)).chain(on).chain(lit(from + green, Green, false))
        });
        by_lamp(changes)
    };
    assert_eq!(in_turn(4.0, Some(Red), 2.0, 0.0), "2400 1200 0 0");
    assert_eq!(in_turn(20.0, Some(Amber), 10.0, 0.0), "2400 1200 0 0");
    for ahead in [0.3, -0.3] {
        assert!(in_turn(4.0, Some(Red), 2.0, ahead).starts_with("2400 "), "{ahead}");
        assert!(in_turn(20.0, Some(Amber), 10.0, ahead).starts_with("2400 "), "{ahead}");
    }
    assert_eq!(in_turn(8.0, None, 4.0, 0.0), "2400 0 1200 0");
    // A light that flashes, however fast, is lit, and out from its last flash on.
    for half in [0.5, 1.0, 2.0] {
        let flashes = (0_u32..).map(move |n| (half * f64::from(n), Green, n % 2 == 0));
        let until = move |end: f64| flashes.clone().take_while(move |(second, ..)| *second < end);
        assert_eq!(by_lamp(until(3_601.0)), "3600 0 0 0", "{half}");
        let end = 1_800.0 - half;
        assert_eq!(by_lamp(until(1_800.0)), format!("{end:.0} 0 {:.0} 0", 3_600.0 - end), "{half}");
        let amber = until(end).chain([(end, Amber, true), (end, Green, false)]);
        assert_eq!(by_lamp(amber), format!("{end:.0} {:.0} 0 0", 3_600.0 - end), "{half}");
        // Amber that flashes over a steady green takes nothing away, nor does a steady amber over a flashing green.
        let over = until(3_601.0).map(|(second, _, is_lit)| (second, Amber, is_lit));
        assert_eq!(by_lamp([(0.0, Green, true)].into_iter().chain(over)), "3600 0 0 0", "{half}");
        assert_eq!(by_lamp([(0.0, Amber, true)].into_iter().chain(until(3_601.0))), "3600 0 0 0", "{half}");
    }
}

/// What `anshin monitor init` proposes for a machine tool by its `MTConnect` agent.
fn proposed_for_an_agent() -> config::Configuration {
    let items = [("execution", "EXECUTION"), ("mode", "CONTROLLER_MODE"), ("program", "PROGRAM")];
    let items = items.map(|(item, kind)| (item.to_owned(), kind.to_owned())).to_vec();
    let agent = Agent { address: "10.0.0.2:5000".to_owned(), devices: vec![("mill".to_owned(), items)] };
    let found = Found { agents: vec![agent], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    config::load("factory.yaml", &text).configuration.unwrap_or_else(|| panic!("{text}"))
}

/// Lines of an adapter, which tells changes only.
fn shdr(changes: impl IntoIterator<Item = (f64, &'static str, &'static str)>) -> String {
    let line = |(second, name, word): (f64, _, _)| format!("{}|{name}|{word}\n", start().plus(second));
    changes.into_iter().map(line).collect()
}

/// A shift of a machine tool: set up by hand, then parts of a quarter of an hour that nothing is told during.
fn long_parts() -> (String, f64) {
    let mut changes = vec![
        (0.0, "program", "O1"),
        (0.0, "mode", "MANUAL"),
        (10.0, "execution", "ACTIVE"),
        (40.0, "execution", "READY"),
        (400.0, "mode", "AUTOMATIC"),
    ];
    for part in 0..20 {
        let begin = 500.0 + 1_300.0 * f64::from(part);
        changes.extend([(begin, "execution", "ACTIVE"), (begin + 900.0, "execution", "READY")]);
    }
    (shdr(changes), 30.0 + 20.0 * 900.0)
}

fn producing(machine: &Machine) -> f64 {
    machine.utilisation().days().values().map(|times| times.producing).sum()
}

#[test]
fn a_machine_that_tells_changes_only_is_not_silent_between_them() {
    let configuration = proposed_for_an_agent();
    let mut monitor = Monitor::new(&configuration);
    let (lines, active) = long_parts();
    let mut said = Vec::new();
    monitor.replay(0, lines.as_bytes(), |_, one| said.push(one)).unwrap();
    monitor.finish(|_, one| said.push(one));
    assert_eq!(alerts(&said), 0);
    assert!(doubts(&said).iter().all(Vec::is_empty), "{:?}", doubts(&said));
    assert_eq!(findings(&said).iter().filter(|finding| matches!(finding, Finding::Healthy(_))).count(), 15);
    let used = producing(&monitor.machines()[0]);
    assert!((used - active).abs() < 1.0, "{used} s of {active} s");
}

#[test]
fn a_machine_whose_connection_is_lost_falls_silent() {
    let settings = proposed_for_an_agent().machines[0].settings.clone();
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    let reading = |second: f64, what| Reading { time: start().plus(second), what };
    let at = |second: f64| start().plus(second);
    machine.push(reading(0.0, What::State(Some(State::Producing))), &mut |one| said.push(one));
    machine.tick(at(3_600.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    // A short loss is none; a long one is told, and time beyond it is not known.
    machine.connection(false, at(3_600.0));
    machine.connection(true, at(3_650.0));
    machine.tick(at(7_000.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    machine.connection(false, at(7_200.0));
    machine.connection(false, at(7_230.0));
    machine.tick(at(7_490.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    machine.tick(at(7_510.0), &mut |one| said.push(one));
    assert_eq!(raised(&said).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::Silent]);
    machine.connection(true, at(8_000.0));
    machine.push(reading(8_000.0, What::State(Some(State::Producing))), &mut |one| said.push(one));
    machine.push(reading(8_010.0, What::State(Some(State::Idle))), &mut |one| said.push(one));
    machine.finish(&mut |one| said.push(one));
    assert_eq!(alerts(&said), 2, "raised and cleared");
    let used = producing(&machine);
    assert!((used - 7_220.0).abs() < 1.0, "{used} s");
}

#[test]
fn what_was_told_holds_again_after_a_silence() {
    let machine = "    cycle: { by: running }\n    states: { by: told }\n    key: [ { id: job } ]\n    input:
      - { from: line, take: state, is: running, when: ACTIVE }
      - { from: line, take: state, is: state, producing: ACTIVE }
      - { from: line, take: program, is: key, part: job }\n";
    let row = |second: f64, cells: &str| format!("{},{cells}", start().plus(second));
    // The second row has no column of the state.
    let lines =
        ["time,program,state".to_owned(), row(0.0, "A,ACTIVE"), row(1_000.0, "B"), row(1_100.0, "B,READY")];
    let (_, no_data) = read(machine, &lines);
    assert!((no_data - 990.0).abs() < 1e-6, "{no_data} s");
}
