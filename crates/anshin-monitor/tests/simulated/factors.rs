//! How values are read is corrected between two starts: what was learnt before is not held against it.

use anshin_model::{Lang, Text};
use anshin_monitor::judge::AlertKind;
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Monitor, Said, config};

use super::{accidents, findings, raised, start};

/// Rows of a press with a counter of tenths of a Wh and power in tens of W, from one cycle to another.
fn rows(from: u32, to: u32) -> String {
    let mut chance = accidents(3);
    let mut rows = vec!["time,runs,count,power".to_owned()];
    let mut counted = 5_000.0;
    for second in 0..to * 30 {
        let runs = (5..25).contains(&(second % 30));
        let power = if runs { 180.0 } else { 2.0 } * (0.97 + 0.06 * chance());
        counted += 10.0 * power / 360.0;
        if second >= from * 30 {
            let time = start().plus(f64::from(second));
            rows.push(format!("{time},{},{counted:.3},{power:.3}", u8::from(runs)));
        }
    }
    rows.join("\n")
}

/// Its meter, and the input that takes it.
fn settings(meter: &str, input: &str) -> config::Configuration {
    let text = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: csv, time: time }}\nmachines:\n  - id: press\n    \
         cycle: {{ by: running }}\n    meter: {{ {meter} }}\n    input:\n      \
         - {{ from: line, take: runs, is: running, when: \"1\" }}\n      - {{ from: line, {input} }}\n"
    );
    let loaded = config::load("test.yaml", &text);
    loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// What is said of cycles after the settings have changed, what was told of that, and the references then.
fn changed(
    before: &config::Configuration,
    after: &config::Configuration,
) -> (Vec<Said>, Option<Text>, Vec<f64>) {
    let mut said = Vec::new();
    let mut monitor = Monitor::new(before);
    monitor.replay(0, rows(0, 30).as_bytes(), |_, one| said.push(one)).unwrap();
    assert_eq!(raised(&said), Vec::<&_>::new());
    let kept = serde_json::to_string(&monitor.machines()[0].kept()).unwrap();
    let mut monitor = Monitor::new(after);
    let settings = after.machines[0].settings.clone();
    let mut machine = Machine::new(settings).with(serde_json::from_str(&kept).unwrap());
    let told = machine.take_remeasured().map(|change| change.text(&Text::new("プレス", "Press")));
    assert!(machine.take_remeasured().is_none(), "told once");
    monitor.machines_mut()[0] = machine;
    said.clear();
    monitor.replay(0, rows(30, 60).as_bytes(), |_, one| said.push(one)).unwrap();
    monitor.finish(|_, one| said.push(one));
    let modes = monitor.machines()[0].references().modes().map(|(_, mode)| mode.reference.quantity.unwrap());
    let references = modes.collect();
    (said, told, references)
}

fn kinds(said: &[Said]) -> Vec<AlertKind> {
    raised(said).iter().map(|alert| alert.kind).collect()
}

#[test]
fn a_factor_that_is_corrected_rescales_what_was_learnt() {
    let counter = "kind: counter, unit: Wh";
    let count = |factor: &str| settings(counter, &format!("take: count, is: counter, factor: {factor}"));
    let power = |more: &str, factor: &str| {
        settings(&format!("kind: rate{more}"), &format!("take: power, is: power, factor: {factor}"))
    };
    for (before, after, wh) in [
        (count("10"), count("1"), 100.0),
        (count("1"), count("0.1"), 10.0),
        (power("", "1"), power("", "10"), 10.0),
        (power("", "10"), power(", unit: kWh, per: 3600000", "10"), 0.01),
    ] {
        let (said, told, references) = changed(&before, &after);
        assert_eq!(kinds(&said), [], "{wh}");
        assert!(references.len() == 1 && (references[0] / wh - 1.0).abs() < 0.2, "{references:?}, not {wh}");
        // What it takes is judged at once.
        let judged = findings(&said)
            .into_iter()
            .filter(|one| matches!(one, Finding::Healthy(deviation) if deviation.quantity.is_some()));
        assert!(judged.count() >= 28);
        let told = told.unwrap();
        assert!(told.get(Lang::En).starts_with("Press: the factor of what is metered is "), "{told:?}");
    }
}

#[test]
fn another_meter_makes_what_cycles_take_learnt_anew() {
    let count = settings("kind: counter, unit: Wh", "take: count, is: counter");
    let power = settings("kind: rate", "take: power, is: power");
    let both = settings("kind: rate", "take: [ power, runs ], is: power");
    for (before, after) in [(&count, &power), (&power, &count), (&power, &both)] {
        let (said, told, references) = changed(before, after);
        assert_eq!((kinds(&said), references.len()), (vec![], 1));
        let durations = findings(&said).into_iter().filter(|one| matches!(one, Finding::Outside(_)));
        assert_eq!(durations.count(), 0);
        assert!(told.unwrap().get(Lang::Ja).contains("使用量の基準を覚え直し"));
    }
    let swapped = settings("kind: rate", "take: [ runs, power ], is: power");
    for (before, after) in [(&count, &count), (&both, &swapped)] {
        let (said, told, _) = changed(before, after);
        assert_eq!((kinds(&said), told), (vec![], None));
    }
}

/// Power that is no meter's is read otherwise, too: what was learnt of it in each state is not held against it.
#[test]
fn power_beside_a_counter_that_is_corrected_raises_nothing() {
    let read = |factor: u32| {
        let power = format!("take: power, is: power, factor: {factor}");
        settings("kind: counter", &format!("take: count, is: counter }}\n      - {{ from: line, {power}"))
    };
    let (said, told, _) = changed(&read(1), &read(10));
    assert_eq!((raised(&said), told), (vec![], None));
}
