//! The first piece after a change-over may be slow: whoever set the machine up tries it.

use anshin_monitor::judge::AlertKind;
use anshin_monitor::reference::{Finding, Work};
use anshin_monitor::{Said, Settings};

use super::{by_program, findings, jobs, raised, run};

/// Lots of two jobs in turn, each after a pause; both come back as known. The last one begins with these cycles.
fn lots(settings: Settings, pause: f64, first: &[f64]) -> Vec<Said> {
    let lot = |n: usize| {
        let job = ["A", "B"][n % 2];
        (0..8).map(move |cycle| (job, 30.0, if cycle == 0 { pause } else { 0.0 }))
    };
    let last = first.iter().enumerate().map(|(n, work)| ("A", *work, if n == 0 { pause } else { 0.0 }));
    let healthy = std::iter::repeat_n(("A", 30.0, 0.0), 6);
    run(settings, jobs((0..10).flat_map(lot).chain(last).chain(healthy)))
}

fn kinds(said: &[Said]) -> Vec<AlertKind> {
    raised(said).iter().map(|alert| alert.kind).collect()
}

fn set_up(said: &[Said]) -> usize {
    findings(said).iter().filter(|finding| matches!(finding, Finding::SetAside(Work::SetUp))).count()
}

#[test]
fn a_first_piece_after_a_change_over_that_is_slow_is_set_up_and_raises_nothing() {
    let said = lots(by_program(), 1_200.0, &[45.0, 30.0]);
    assert_eq!((kinds(&said), set_up(&said)), (vec![], 1));
    // The next one is judged as ever.
    let said = lots(by_program(), 1_200.0, &[45.0, 45.0]);
    assert_eq!((kinds(&said), set_up(&said)), (vec![AlertKind::TooSlow], 1));
    // Only the first ones may be slow.
    let said = lots(by_program(), 1_200.0, &[30.0, 45.0]);
    assert_eq!((kinds(&said), set_up(&said)), (vec![AlertKind::TooSlow], 0));
    // The pieces of many lots: the job comes back as known all the same.
    let mut said = Vec::new();
    let lot = |n: usize| {
        let job = ["A", "B"][n % 2];
        let work = move |cycle| if cycle == 0 && n > 3 { 45.0 } else { 30.0 };
        (0..8).map(move |cycle| (job, work(cycle), if cycle == 0 { 1_200.0 } else { 0.0 }))
    };
    said.extend(run(by_program(), jobs((0..20).flat_map(lot))));
    assert_eq!((kinds(&said), set_up(&said)), (vec![], 16));
}

#[test]
fn what_is_too_fast_or_follows_no_change_over_is_told_at_once() {
    let said = lots(by_program(), 1_200.0, &[20.0, 30.0]);
    assert_eq!((kinds(&said), set_up(&said)), (vec![AlertKind::TooFast], 0));
    // Another job without such a pause.
    let said = lots(by_program(), 60.0, &[45.0, 30.0]);
    assert_eq!((kinds(&said), set_up(&said)), (vec![AlertKind::TooSlow], 0));
}

#[test]
fn how_many_pieces_set_a_machine_up_can_be_set() {
    for (pieces, slow, told) in [(0, 1, true), (3, 3, false), (3, 4, true)] {
        let mut settings = by_program();
        settings.learning.set_up_cycles = pieces;
        let said = lots(settings, 1_200.0, &vec![45.0; slow]);
        assert_eq!(!kinds(&said).is_empty(), told, "{pieces} {slow}: {:?}", kinds(&said));
    }
}
