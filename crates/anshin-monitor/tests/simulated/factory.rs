//! The played factory: faults are found, a healthy day is silent.

use anshin_monitor::factory::{Factory, Fault};
use anshin_monitor::judge::AlertKind;
use anshin_monitor::reference::Finding;
use anshin_monitor::{Monitor, Said, factory};

use super::{raised, start};

/// Plays a factory and returns what was said, by machine.
fn play(mut factory: Factory, seconds: u32) -> Vec<Vec<Said>> {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    let mut said = vec![Vec::new(); monitor.machines().len()];
    for _ in 0..seconds {
        factory.second(|n, reading| monitor.machines_mut()[n].push(reading, &mut |one| said[n].push(one)));
        let now = factory.now();
        for (machine, said) in monitor.machines_mut().iter_mut().zip(&mut said) {
            machine.tick(now, &mut |one| said.push(one));
        }
    }
    said
}

#[test]
fn each_fault_of_the_factory_is_told_once_and_soon() {
    let factory = Factory::new(start(), 1);
    let faults: Vec<Fault> = factory.faults().collect();
    let said = play(factory, 1_400);
    let kinds: Vec<Vec<AlertKind>> =
        said.iter().map(|said| raised(said).iter().map(|a| a.kind).collect()).collect();
    assert_eq!(
        kinds,
        [
            vec![AlertKind::TooFast],
            vec![AlertKind::TakesTooMuch],
            vec![],
            vec![AlertKind::TooSlow],
            vec![AlertKind::Silent]
        ]
    );
    for (said, fault) in said.iter().zip(faults) {
        let (Fault::Speed(since, _) | Fault::Energy(since, _) | Fault::Silent(since)) = fault else {
            continue;
        };
        let alert = raised(said)[0];
        let after = alert.at.since(start()) - since;
        assert!((0.0..180.0).contains(&after), "{:?} after {after} s", alert.kind);
    }
}

#[test]
fn a_healthy_day_is_silent_and_its_states_add_up() {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    let mut factory = Factory::new(start(), 7).without_faults();
    let hours = 24;
    let (mut cycles, mut judged) = (0_u32, 0_u32);
    // What is remembered is bounded: after the timeline is full it grows no more.
    let size = |monitor: &Monitor<'_>| -> usize {
        let kept =
            monitor.machines().iter().map(|machine| serde_json::to_string(&machine.kept()).unwrap().len());
        kept.sum()
    };
    let mut before = 0;
    for second in 0..hours * 3_600 {
        if second == 21 * 3_600 {
            before = size(&monitor);
        }
        factory.second(|n, reading| {
            monitor.machines_mut()[n].push(reading, &mut |said| match said {
                Said::Alert(alert) => panic!("{alert:?}"),
                Said::Cycle(_, finding) => {
                    cycles += 1;
                    judged += u32::from(matches!(finding, Finding::Healthy(_)));
                }
            });
        });
    }
    assert!(cycles > 10_000, "{cycles} cycles");
    let after = size(&monitor);
    assert!(before > 0 && after < before + before / 50, "{before} bytes, then {after}");
    assert!(judged + 5 * 5 >= cycles, "{judged} of {cycles} judged");
    monitor.finish(|_, _| {});
    for machine in monitor.machines() {
        let total: f64 =
            machine.utilisation().days().values().map(anshin_monitor::utilisation::Times::total).sum();
        assert!((total - 24.0 * 3_600.0).abs() < 10.0, "{total} s");
    }
}
