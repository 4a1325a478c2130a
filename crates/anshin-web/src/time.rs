//! Times as people of an organization read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment to the minute, with the zone.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// The day, `YYYY-MM-DD`.
pub(crate) fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}

/// A moment that a machine has told, to the second; its own words where they are no moment.
pub(crate) fn told(text: &str, zone: &TimeZone) -> String {
    text.parse::<Timestamp>().map_or_else(
        |_| text.to_owned(),
        |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// The zone of this machine; universal time where it has none.
pub(crate) fn of_this_machine() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// The names of all zones.
pub(crate) fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_days_are_those_of_the_zone() {
        let at: Timestamp = "2026-03-31T15:30:59Z".parse().unwrap();
        for (zone, shown, on) in [
            ("UTC", "2026-03-31 15:30 UTC", "2026-03-31"),
            ("Asia/Tokyo", "2026-04-01 00:30 JST", "2026-04-01"),
            ("Asia/Kolkata", "2026-03-31 21:00 IST", "2026-03-31"),
            ("Europe/Berlin", "2026-03-31 17:30 CEST", "2026-03-31"),
            ("America/Sao_Paulo", "2026-03-31 12:30 -03", "2026-03-31"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!((moment(at, &zone), day(at, &zone)), (shown.to_owned(), on.to_owned()));
        }
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        assert_eq!(told("2026-03-31T15:30:59.123Z", &tokyo), "2026-04-01 00:30:59");
        assert_eq!(told("soon", &tokyo), "soon");
    }
}
