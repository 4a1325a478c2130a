//! What is learnt of jobs, judged by it, and decided by people.

use std::sync::Arc;

use anshin_model::Lang;
use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::{AlertKind, Change};
use anshin_monitor::reference::{Finding, Limits, Margin, Tolerance};
use anshin_monitor::{Machine, Reading, Said, Settings, Time, What, config};

use super::{accidents, alerts, by_program, findings, jobs, raised, regular, run, start};

#[test]
fn what_is_not_looked_at_does_not_drift() {
    let mut settings = by_program();
    settings.tolerances.usual.duration = None;
    let cycles = (0..60).map(|n| ("A", if n < 20 { 20.0 } else { 60.0 }, 0.0));
    assert_eq!(alerts(&run(settings, jobs(cycles))), 0);
}

#[test]
fn a_change_of_program_raises_no_alarm_and_the_old_reference_is_still_known() {
    let job = |program: &str, work: f64, from: Time, cycles: u32| -> Vec<Reading> {
        let mut readings = vec![Reading { time: from, what: What::Key(0, Arc::from(program)) }];
        for n in 0..cycles {
            let begin = from.plus(1.0 + f64::from(n) * 60.0);
            readings.push(Reading { time: begin, what: What::Start });
            readings.push(Reading { time: begin.plus(work), what: What::End });
        }
        readings
    };
    let mut settings = Settings::usual(Bounds::Events);
    settings.key = vec![Vec::new()];
    settings.meter = None;
    let readings = [
        job("A", 20.0, start(), 10),
        job("B", 45.0, start().plus(3_600.0), 10),
        job("A", 20.0, start().plus(7_200.0), 3),
        job("A", 12.0, start().plus(7_400.0), 1),
    ]
    .concat();
    let said = run(settings, readings);
    let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
    assert_eq!(kinds, [AlertKind::TooFast]);
    let healthy = said.iter().filter(|s| matches!(s, Said::Cycle(_, Finding::Healthy(_)))).count();
    assert_eq!(healthy, 5 + 5 + 3);
}

#[test]
fn mixed_production_is_judged_from_the_first_cycle_of_a_lot() {
    for lot in [1, 2, 3, 5] {
        let is_bad = |n: usize| n >= 80 && n % 8 == 3;
        let cycles = (0..240).map(|n| {
            let (program, work) = if n / lot % 2 == 0 { ("A", 30.0) } else { ("B", 45.0) };
            (program, if is_bad(n) { work * 1.4 } else { work }, 0.0)
        });
        let said = run(by_program(), jobs(cycles));
        let outside: Vec<usize> = findings(&said)
            .iter()
            .enumerate()
            .filter(|(_, finding)| matches!(finding, Finding::Outside(_)))
            .map(|(n, _)| n)
            .collect();
        assert_eq!(outside, (0..240).filter(|n| is_bad(*n)).collect::<Vec<_>>(), "lots of {lot}");
    }
}

#[test]
fn a_job_has_a_tolerance_of_its_own_where_one_is_written() {
    let text = r"anshin-monitor: 1
sources: [ { id: line, kind: csv, time: t } ]
machines:
  - id: mill
    cycle: { by: events }
    key: [ { id: program }, { id: feed } ]
    tolerance: { duration: 15, jobs: [ { key: [ FINE, '*' ], duration: 5 }, { key: [ '*', '20' ], duration: 40 } ] }
    input: [ { from: line, take: e, is: start, when: s }, { from: line, take: e, is: end, when: e } ]
";
    let loaded = config::load("factory.yaml", text);
    let tolerances = &loaded.configuration.unwrap().machines[0].settings.tolerances;
    let of = |program: &str, feed: &str| {
        let tolerance = tolerances.of(&[Arc::from(program), Arc::from(feed)]);
        [tolerance.duration, tolerance.quantity]
            .map(|part| part.map(|part| format!("{:.2}", part.widest())).unwrap_or_default())
    };
    assert_eq!(of("FINE", "20"), ["0.05", "0.15"], "the first one that fits");
    assert_eq!(of("ROUGH", "20"), ["0.40", "0.15"]);
    assert_eq!(of("ROUGH", "6"), ["0.15", "0.15"]);
    let auto = config::load("factory.yaml", &text.replace("duration: 5", "duration: auto"));
    let tolerance =
        auto.configuration.unwrap().machines[0].settings.tolerances.of(&["FINE", "6"].map(Arc::from));
    assert_eq!((tolerance.duration, tolerance.quantity), (Some(Margin::Auto), Some(Margin::USUAL)));
    let wrong = config::load("factory.yaml", &text.replace("duration: 5", "duration: automatic"));
    let hints: Vec<&str> = wrong.diagnostics[0].hints.iter().map(|hint| hint.get(Lang::En)).collect();
    assert_eq!(hints, ["write a number from 0 to 1000, or `auto`"]);
    let loaded = config::load("factory.yaml", &text.replace("[ FINE, '*' ]", "FINE"));
    let told: Vec<&str> = loaded.diagnostics.iter().map(|one| one.message.get(Lang::En)).collect();
    assert!(told.contains(&"the `key` of this machine has 2, here are 1"), "{told:?}");

    // The same cycle, a tenth too slow, of two jobs.
    let mut settings = by_program();
    let narrow = Tolerance { duration: Some(Margin::Fixed(0.05)), quantity: None };
    settings.tolerances.of_jobs = vec![(vec![Arc::from("FINE")], narrow)];
    let outside = |job: &'static str| {
        let cycles = (0..12).map(|n| (job, if n == 10 { 22.0 } else { 20.0 }, 100.0));
        let said = run(settings.clone(), jobs(cycles));
        findings(&said).iter().filter(|finding| matches!(finding, Finding::Outside(_))).count()
    };
    assert_eq!((outside("FINE"), outside("ROUGH")), (1, 0));
}

/// Settings of programs whose tolerance follows the machine.
fn following() -> Settings {
    let mut settings = by_program();
    settings.tolerances.usual.duration = Some(Margin::Auto);
    settings
}

/// What has become of cycles of a job of about 20 s that lie apart by so many percent (one standard deviation, more
/// or less), after some of which one lasts longer by a part.
fn longer_by(settings: &Settings, apart: f64, after: u32, part: f64) -> (Vec<u32>, Limits) {
    let work = |n: u32| {
        let noise = f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1_u32 << 24) - 0.5;
        20.0 * (1.0 + 12.0_f64.sqrt() * noise * apart / 100.0) * if n == after { 1.0 + part } else { 1.0 }
    };
    let mut machine = Machine::new(settings.clone());
    let mut outside = Vec::new();
    let mut n = 0;
    for reading in jobs((0..=after).map(|n| ("A", work(n), 0.0))) {
        machine.push(reading, &mut |said| {
            if let Said::Cycle(_, finding) = said {
                outside.extend(matches!(finding, Finding::Outside(_)).then_some(n));
                n += 1;
            }
        });
    }
    machine.finish(&mut |said| {
        if let Said::Cycle(_, finding) = said {
            outside.extend(matches!(finding, Finding::Outside(_)).then_some(n));
        }
    });
    let (key, mode) = machine.references().modes().next().unwrap();
    (outside, mode.limits(settings.tolerances.of(key)))
}

#[test]
fn a_tolerance_that_follows_finds_a_tenth_where_cycles_are_even_and_spares_those_that_are_not() {
    let fixed = by_program();
    let auto = following();
    assert_eq!(longer_by(&fixed, 0.5, 60, 0.1).0, [0; 0]);
    let (outside, limits) = longer_by(&auto, 0.5, 60, 0.1);
    assert_eq!((outside, limits.duration), (vec![60], Some(Margin::NARROWEST)));
    // As far as the machine's own cycles lie apart is no fault.
    let (outside, limits) = longer_by(&auto, 2.0, 60, 0.04);
    assert_eq!(outside, [0; 0]);
    assert!(limits.duration.is_some_and(|part| (0.07..0.12).contains(&part)), "{limits:?}");
    // Never wider than what is allowed where nothing is written.
    let (outside, limits) = longer_by(&auto, 5.0, 60, 0.3);
    assert_eq!((outside, limits.duration), (vec![60], Some(Margin::WIDEST)));
    // Nor narrower than that until enough is known.
    assert_eq!(longer_by(&auto, 0.5, 8, 0.1), (vec![], longer_by(&fixed, 0.5, 8, 0.1).1));
}

#[test]
fn what_a_tolerance_follows_outlives_a_restart_and_a_change_of_the_configuration() {
    let cycles = (0..40).map(|n| ("A", 20.0 + f64::from(n % 5 - 2) * 0.1, 0.0));
    let mut machine = Machine::new(by_program());
    for reading in jobs(cycles) {
        machine.push(reading, &mut |_| {});
    }
    let kept = serde_json::to_string(&machine.kept()).unwrap();
    let machine = Machine::new(following()).with(serde_json::from_str(&kept).unwrap());
    let limits = |machine: &Machine| {
        let (key, mode) = machine.references().modes().next().unwrap();
        mode.limits(following().tolerances.of(key)).duration
    };
    assert_eq!(limits(&machine), Some(Margin::NARROWEST));
    // A state that was kept before this was known.
    let mut older: serde_json::Value = serde_json::from_str(&kept).unwrap();
    older["references"]["jobs"][0][1]["modes"][0].as_object_mut().unwrap().remove("offs").unwrap();
    let machine = Machine::new(following()).with(serde_json::from_value(older).unwrap());
    assert_eq!(limits(&machine), Some(Margin::WIDEST));
}

#[test]
fn healthy_cycles_tell_how_far_they_lie_apart() {
    let cycles = (0..30).map(|n| ("A", 20.0 + f64::from(n % 5 - 2) * 0.2, 1_000.0));
    let mut machine = Machine::new(by_program());
    for reading in jobs(cycles) {
        machine.push(reading, &mut |_| {});
    }
    let (_, mode) = machine.references().modes().next().unwrap();
    let (of_time, of_quantity) = mode.spread().unwrap();
    assert!((of_time - 1.4826 * 0.2 / 20.0).abs() < 1e-3, "{of_time}");
    assert_eq!(of_quantity, None, "nothing is metered");
}

#[test]
fn a_job_that_runs_in_a_new_way_after_a_pause_is_told_until_a_person_has_seen_it() {
    let healthy = (0..30).map(|_| ("A", 30.0, 0.0));
    let night = [("A", 21.0, 2_400.0)];
    let fast = (0..40).map(|_| ("A", 21.0, 0.0));
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    for reading in jobs(healthy.chain(night).chain(fast)) {
        machine.push(reading, &mut |one| said.push(one));
    }
    let told: Vec<_> = raised(&said).iter().map(|alert| (alert.kind, alert.value, alert.reference)).collect();
    assert_eq!(told, [(AlertKind::NewDuration, Some(21.0), Some(30.0))]);
    assert_eq!(findings(&said).iter().filter(|finding| matches!(finding, Finding::Outside(_))).count(), 0);
    let open = |machine: &Machine| machine.open_alerts().map(|(kind, _)| kind).collect::<Vec<_>>();
    let now = start().plus(7_200.0);
    // Somebody works at the machine: that says nothing about the alert.
    machine.set_maintenance(true, now, &mut |_| {});
    machine.set_maintenance(false, now, &mut |_| {});
    assert_eq!(open(&machine), [AlertKind::NewDuration]);
    let mut cleared = Vec::new();
    assert!(!machine.approve(&[Arc::from("A")], 3, now, &mut |one| cleared.push(one)));
    assert!(machine.approve(&[Arc::from("A")], 2, now, &mut |one| cleared.push(one)));
    assert!(matches!(&cleared[..], [Said::Alert(alert)] if alert.change == Change::Cleared), "{cleared:?}");
    assert!(open(&machine).is_empty());
}

#[test]
fn a_decision_about_one_job_leaves_the_alert_about_another() {
    // Two jobs; then each comes back after a night in another way.
    let known = (0..24).map(|n| (if n % 12 < 6 { "A" } else { "B" }, 20.0, 0.0));
    let night = [("A", 14.0, 36_000.0)].into_iter().chain((0..8).map(|_| ("A", 14.0, 0.0)));
    let next = [("B", 28.0, 36_000.0)].into_iter().chain((0..8).map(|_| ("B", 28.0, 0.0)));
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    for reading in jobs(known.chain(night).chain(next)) {
        machine.push(reading, &mut |one| said.push(one));
    }
    machine.finish(&mut |one| said.push(one));
    let told = |said: &[Said]| -> Vec<String> {
        let told = said.iter().filter_map(|one| match one {
            Said::Alert(alert) if alert.kind == AlertKind::NewDuration => {
                Some(format!("{:?}{}", alert.change, alert.of_job()))
            }
            _ => None,
        });
        told.collect()
    };
    assert_eq!(told(&said), ["Raised [A #2]", "Raised [B #2]"]);
    let mut over = Vec::new();
    assert!(machine.approve(&[Arc::from("B")], 1, start(), &mut |one| over.push(one)));
    assert!(machine.approve(&[Arc::from("B")], 2, start(), &mut |one| over.push(one)));
    assert_eq!(told(&over), [""; 0], "that of A is open");
    assert!(machine.forget(&[Arc::from("A")], Some(2), start(), &mut |one| over.push(one)));
    assert_eq!(told(&over), ["Cleared [A #2]"]);
    assert_eq!(machine.open_alerts().filter(|(kind, _)| *kind == AlertKind::NewDuration).count(), 0);
}

#[test]
fn alerts_about_a_reference_end_when_it_is_forgotten() {
    let cycles = |program, work: f64, count: usize| (0..count).map(move |_| (program, work, 0.0));
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    let bad = cycles("B", 20.0, 8).chain(cycles("A", 30.0, 10)).chain(cycles("A", 40.0, 2));
    for reading in jobs(bad) {
        machine.push(reading, &mut |one| said.push(one));
    }
    machine.finish(&mut |one| said.push(one));
    let open = |machine: &Machine| machine.open_alerts().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(open(&machine), [AlertKind::TooSlow]);
    let mut over = Vec::new();
    // That of another job has nothing to do with it.
    assert!(machine.forget(&[Arc::from("B")], None, start(), &mut |one| over.push(one)));
    assert_eq!((over.len(), open(&machine)), (0, vec![AlertKind::TooSlow]));
    assert!(machine.forget(&[Arc::from("A")], Some(1), start(), &mut |one| over.push(one)));
    let [Said::Alert(alert)] = &over[..] else { panic!("{over:?}") };
    assert_eq!((alert.kind, alert.change), (AlertKind::TooSlow, Change::Cleared));
    assert_eq!(open(&machine), []);
}

#[test]
fn a_reference_that_was_learnt_wrongly_is_forgotten() {
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    let night = [("A", 21.0, 2_400.0)];
    let cycles = |work: f64, count: usize| (0..count).map(move |_| ("A", work, 0.0));
    for reading in jobs(cycles(30.0, 10).chain(night).chain(cycles(21.0, 10))) {
        machine.push(reading, &mut |one| said.push(one));
    }
    let (key, now) = ([Arc::from("A")], start().plus(4_000.0));
    let modes =
        |machine: &Machine| machine.references().modes().map(|(_, mode)| mode.mode).collect::<Vec<_>>();
    assert_eq!(modes(&machine), [1, 2]);
    let mut end = |machine: &mut Machine, key: &[Arc<str>], mode| {
        machine.forget(key, mode, now, &mut |one| said.push(one))
    };
    assert!(!end(&mut machine, &[Arc::from("B")], None) && !end(&mut machine, &key, Some(3)));
    assert!(end(&mut machine, &key, Some(2)));
    assert_eq!((modes(&machine), machine.open_alerts().count()), (vec![1], 0));
    // What is left of the references judges: the wrong way is not learnt again at once.
    let mut later = jobs(cycles(21.0, 6));
    for reading in &mut later {
        reading.time = reading.time.plus(3_800.0);
    }
    let mut again = Vec::new();
    for reading in later {
        machine.push(reading, &mut |one| again.push(one));
    }
    assert_eq!(raised(&again).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::TooFast]);
    assert!(machine.forget(&[], None, now, &mut |_| {}));
    assert_eq!(modes(&machine), [0; 0]);
}

#[test]
fn a_new_way_after_a_person_has_set_the_machine_up_is_no_alarm() {
    let mut readings = jobs((0..60).map(|n| ("A", if n < 30 { 30.0 } else { 21.0 }, 0.0)));
    let at = readings[30 * 3].time.plus(-1.0);
    for (n, on) in [true, false].into_iter().enumerate() {
        readings.insert(30 * 3 + n, Reading { time: at, what: What::SetUp(Some(on)) });
    }
    let said = run(by_program(), readings);
    assert!(
        findings(&said)
            .iter()
            .any(|finding| matches!(finding, Finding::Learnt { deviation, .. } if deviation.mode == 2))
    );
    assert_eq!(alerts(&said), 0, "{:?}", raised(&said));
}

/// Jobs that come as lots of one, of three, or at random, and last so many times as long as usual.
fn mixed(order: fn(u32) -> &'static str, cycles: u32, times: impl Fn(u32) -> f64) -> Vec<Reading> {
    let mut chance = accidents(5);
    let work = move |n: u32| {
        let program = order(n);
        let usual = if program == "A" { 20.0 } else { 28.0 };
        (program, usual * times(n) * (0.98 + 0.04 * chance()), 0.0)
    };
    jobs((0..cycles).map(work))
}

const ORDERS: [fn(u32) -> &'static str; 3] = [
    |n| ["A", "B"][n as usize % 2],
    |n| ["A", "B"][n as usize / 3 % 2],
    |n| ["A", "B"][(n.wrapping_mul(2_654_435_761) >> 31) as usize],
];

/// What is told of too slow cycles, and how those after a number were found.
fn slow_after(readings: Vec<Reading>, after: usize) -> (Vec<(AlertKind, Change)>, Vec<&'static str>) {
    let said = run(by_program(), readings);
    let word = |finding: &&Finding| match finding {
        Finding::Healthy(_) => "healthy",
        Finding::Outside(_) => "outside",
        Finding::BrokenOff(_) => "broken off",
        Finding::Learning => "learning",
        other => panic!("{other:?}"),
    };
    let mut words: Vec<&str> = findings(&said).iter().skip(after).map(word).collect();
    words.dedup();
    let told = said.iter().filter_map(|one| match one {
        Said::Alert(alert) => Some((alert.kind, alert.change)),
        Said::Cycle(..) => None,
    });
    (told.collect(), words)
}

#[test]
fn a_fault_that_lasts_while_jobs_come_and_go_is_not_learnt() {
    let raised = (AlertKind::TooSlow, Change::Raised);
    let over = (AlertKind::TooSlow, Change::Cleared);
    for order in ORDERS {
        let lasting = mixed(order, 300, |n| if n >= 140 { 1.3 } else { 1.0 });
        assert_eq!(slow_after(lasting, 140), (vec![raised], vec!["outside"]));
        // Until it is mended.
        let mended = mixed(order, 300, |n| if (140..220).contains(&n) { 1.3 } else { 1.0 });
        assert_eq!(slow_after(mended, 140), (vec![raised, over], vec!["outside", "healthy"]));
    }
    // Cycles that stop early are no new way of running either.
    let broken = mixed(ORDERS[0], 300, |n| if n >= 140 { 0.4 } else { 1.0 });
    assert_eq!(slow_after(broken, 140), (vec![(AlertKind::BrokenOff, Change::Raised)], vec!["broken off"]));
}

#[test]
fn a_fault_that_lasts_over_a_night_is_not_learnt() {
    let night = |n: u32| if n == 60 { 36_000.0 } else { 0.0 };
    let cycles = (0..100).map(|n| ("A", if n >= 40 { 26.0 } else { 20.0 }, night(n)));
    assert_eq!(slow_after(jobs(cycles), 40), (vec![(AlertKind::TooSlow, Change::Raised)], vec!["outside"]));
}

#[test]
fn other_ways_of_running_are_learnt_while_an_alert_is_open() {
    // One job is slow, the next one comes back faster than it was.
    let lots = |n: u32| match n {
        0..20 => ("B", 30.0, 0.0),
        20..60 => ("A", if n >= 50 { 26.0 } else { 20.0 }, 0.0),
        _ => ("B", 21.0, 0.0),
    };
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    for reading in jobs((0..80).map(lots)) {
        machine.push(reading, &mut |one| said.push(one));
    }
    let told: Vec<_> = raised(&said).iter().map(|alert| alert.kind).collect();
    assert_eq!(told, [AlertKind::TooSlow, AlertKind::NewDuration]);
    // Somebody has set it up: then the slow way is meant.
    let mut readings = mixed(ORDERS[0], 300, |n| if n >= 140 { 1.3 } else { 1.0 });
    let at = readings[160 * 3].time.plus(-1.0);
    for (n, on) in [true, false].into_iter().enumerate() {
        readings.insert(160 * 3 + n, Reading { time: at, what: What::SetUp(Some(on)) });
    }
    let said = run(by_program(), readings);
    let last = findings(&said).into_iter().skip(200).all(|finding| matches!(finding, Finding::Healthy(_)));
    assert!(last, "{:?}", raised(&said));
    assert_eq!(raised(&said).len(), 1);
}

#[test]
fn slow_drift_is_told_long_before_the_tolerance_is_passed() {
    let mut settings = Settings::usual(Bounds::Events);
    settings.meter = None;
    let mut readings = Vec::new();
    let mut time = start();
    for n in 0..150 {
        let duration = if n < 30 { 20.0 } else { 20.0 * (1.0 + 0.001 * f64::from(n - 30)) };
        readings.push(Reading { time, what: What::Start });
        readings.push(Reading { time: time.plus(duration), what: What::End });
        time = time.plus(duration + 10.0);
    }
    let said = run(settings, readings);
    let alerts = raised(&said);
    assert_eq!(alerts.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::DurationDrifts]);
    assert!(alerts[0].deviation.unwrap() < 0.15);
}

#[test]
fn what_was_learnt_outlives_a_restart() {
    let readings = regular(30);
    let (before, after) = readings.split_at(readings.len() / 2);
    let mut machine = Machine::new(Settings::usual(Bounds::Events));
    for reading in before {
        machine.push(reading.clone(), &mut |_| {});
    }
    let kept = serde_json::to_string(&machine.kept()).unwrap();
    let mut machine =
        Machine::new(Settings::usual(Bounds::Events)).with(serde_json::from_str(&kept).unwrap());
    let mut learning = 0;
    for reading in after {
        machine.push(reading.clone(), &mut |said| {
            learning += u32::from(matches!(said, Said::Cycle(_, Finding::Learning)));
            assert!(!matches!(said, Said::Alert(_)), "{said:?}");
        });
    }
    assert_eq!(learning, 0);
}
