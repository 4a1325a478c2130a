//! Machines that are planned to work in shifts are missed when they are planned to work.

use anshin_model::Text;
use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::{Alert, AlertKind};
use anshin_monitor::utilisation::{Calendar, Shift};
use anshin_monitor::{Machine, Reading, Said, Settings, Time, What};
use jiff::tz::TimeZone;

use super::raised;

/// From Monday to Friday, from 8 to 17, with an hour at noon.
fn settings() -> Settings {
    let shift = Shift {
        id: "day".to_owned(),
        name: Text::same("day"),
        from: 8 * 60,
        to: 17 * 60,
        days: [true, true, true, true, true, false, false],
        breaks: vec![(12 * 60, 13 * 60)],
    };
    Settings {
        calendar: Calendar { shifts: vec![shift], ..Calendar::default() },
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        ..Settings::usual(Bounds::Events)
    }
}

fn at(text: &str) -> Time {
    Time::parse(&format!("2026-04-{text}+09:00")).unwrap()
}

/// Nothing comes after a moment, up to another one; what is said.
fn silent(settings: Settings, last: &str, until: &str) -> (Vec<Said>, Machine) {
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    let mut now = at(last);
    machine.push(Reading { time: now, what: What::Power(100.0) }, &mut |one| said.push(one));
    while now < at(until) {
        now = now.plus(10.0);
        machine.tick(now, &mut |one| said.push(one));
    }
    (said, machine)
}

fn told(said: &[Said]) -> Vec<String> {
    let shown = |alert: &&Alert| alert.at.plus(-10.0 - 300.0).told(&TimeZone::get("Asia/Tokyo").unwrap());
    raised(said).iter().filter(|alert| alert.kind == AlertKind::Silent).map(shown).collect()
}

#[test]
fn a_machine_is_told_silent_when_it_is_planned_to_work() {
    // 3 April 2026 is a Friday.
    for (last, until, since) in [
        ("03T16:00:00", "03T18:00:00", Some("2026-04-03 16:00")),
        // It is switched off after work: nothing on Saturday, and it is missed on Monday.
        ("03T17:30:00", "06T07:59:00", None),
        ("03T16:58:00", "06T08:04:00", None),
        ("03T16:58:00", "06T09:00:00", Some("2026-04-06 08:00")),
        // It stops shortly before the break, and is missed after it.
        ("03T11:58:00", "03T13:04:00", None),
        ("03T11:58:00", "03T14:00:00", Some("2026-04-03 13:00")),
        ("04T10:00:00", "04T20:00:00", None),
    ] {
        let (said, machine) = silent(settings(), last, until);
        let is = told(&said);
        assert_eq!(is.len(), usize::from(since.is_some()), "{last}: {is:?}");
        assert!(since.is_none_or(|since| is[0].starts_with(since)), "{last}: {is:?}");
        // What is not known is not known whether somebody is told or not.
        assert_eq!(machine.utilisation().state(), None);
    }
}

#[test]
fn a_machine_that_falls_silent_in_its_shift_stays_so_until_something_comes() {
    let (mut said, mut machine) = silent(settings(), "03T16:00:00", "04T12:00:00");
    assert_eq!(told(&said).len(), 1);
    assert_eq!(machine.open_alerts().count(), 1);
    let back = Reading { time: at("06T08:10:00"), what: What::Power(100.0) };
    machine.push(back, &mut |one| said.push(one));
    machine.tick(at("06T08:10:10"), &mut |one| said.push(one));
    assert_eq!((told(&said).len(), machine.open_alerts().count()), (1, 0));
}

#[test]
fn silence_is_told_at_any_time_where_somebody_asks_for_it_or_there_are_no_shifts() {
    let any_time = Settings { silent_outside_shifts: true, ..settings() };
    let no_shifts = Settings { calendar: Calendar::default(), ..settings() };
    for settings in [any_time, no_shifts.clone()] {
        let (said, _) = silent(settings, "04T10:00:00", "04T20:00:00");
        assert!(told(&said)[0].starts_with("2026-04-04 10:00"), "{:?}", told(&said));
    }
    // Longer than a day, and a day that is closed.
    let after = Settings { silent_after: Some(200_000.0), ..no_shifts.clone() };
    assert_eq!(told(&silent(after, "04T10:00:00", "06T18:00:00").0).len(), 1);
    let calendar =
        Calendar { closed: [at("04T00:00:00").day(&no_shifts.zone)].into(), ..Calendar::default() };
    let closed = Settings { calendar, ..no_shifts };
    assert_eq!(told(&silent(closed.clone(), "04T10:00:00", "05T00:04:00").0), [""; 0]);
    assert_eq!(told(&silent(closed, "04T10:00:00", "05T01:00:00").0).len(), 1);
}
