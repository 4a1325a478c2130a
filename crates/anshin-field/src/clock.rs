//! The one place that reads the clock.

use std::time::UNIX_EPOCH;

use anshin_monitor::Time;

/// The moment that it is.
pub fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    let now = std::time::SystemTime::now();
    let nanos = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    Time::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}
