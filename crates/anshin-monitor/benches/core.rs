//! How many readings of a meter a machine takes in a second.

use anshin_monitor::cycle::Bounds;
use anshin_monitor::{Machine, Reading, Settings, Time, What};

fn main() {
    divan::main();
}

/// Ten hours of a machine that takes power ten times a second, a cycle a minute.
#[divan::bench(args = [360_000], sample_count = 10)]
fn power_through_a_gate(bencher: divan::Bencher<'_, '_>, readings: u32) {
    let start = Time::parse("2026-04-01T00:00:00Z").expect("a time stamp");
    bencher.counter(divan::counter::ItemsCount::new(readings)).bench(|| {
        let mut machine = Machine::new(Settings::usual(Bounds::Gate { on: 500.0, off: 300.0 }));
        let mut said = 0_u32;
        for n in 0..readings {
            let watts = if n % 600 < 400 { 1500.0 + f64::from(n % 7) } else { 80.0 };
            let time = start.plus(f64::from(n) / 10.0);
            machine.push(Reading { time, what: What::Power(watts) }, &mut |_| said += 1);
        }
        said
    });
}
