//! Whatever comes, in whatever order.

use std::sync::Arc;

use anshin_monitor::cycle::Bounds;
use anshin_monitor::{Reading, Said, Settings, Time, What};
use proptest::prelude::*;

use super::{regular, run};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, in whatever order, nothing panics and sums stay finite.
    #[test]
    fn any_readings_are_survived(
        readings in prop::collection::vec(
            (-1_000_000_i64..1_000_000, prop_oneof![
                any::<f64>().prop_map(What::Power),
                any::<f64>().prop_map(What::Counter),
                Just(What::Start),
                Just(What::End),
                any::<Option<bool>>().prop_map(What::Running),
                any::<Option<bool>>().prop_map(What::SetUp),
                (0_u8..3, "[a-c]").prop_map(|(part, value)| What::Key(part, Arc::from(value.as_str()))),
            ]),
            0..300,
        ),
        by_power in any::<bool>(),
    ) {
        let bounds = if by_power { Bounds::Gate { on: 100.0, off: 50.0 } } else { Bounds::Events };
        let mut settings = Settings::usual(bounds);
        settings.key = vec![Vec::new(), Vec::new()];
        let readings = readings
            .into_iter()
            .map(|(millis, what)| Reading { time: Time::from_nanos(millis * 1_000_000), what });
        for said in run(settings, readings) {
            if let Said::Cycle(cycle, _) = said {
                prop_assert!(cycle.duration >= 0.0, "{cycle:?}");
            }
        }
    }

    /// Readings that arrive a little out of order give the same cycles as in order.
    #[test]
    fn a_little_disorder_changes_nothing(swaps in prop::collection::vec(0_usize..600, 0..40)) {
        let ordered = regular(20);
        let mut mixed = ordered.clone();
        for at in swaps {
            if at + 1 < mixed.len() {
                mixed.swap(at, at + 1);
            }
        }
        let mut settings = Settings::usual(Bounds::Events);
        settings.hold_back = 60.0;
        prop_assert_eq!(run(settings.clone(), ordered), run(settings, mixed));
    }
}
