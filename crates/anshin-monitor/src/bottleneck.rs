//! Which machine holds the others up: the active-period method of Roser, Nakano and Tanaka.
//!
//! At every moment the machine that has worked the longest without a break is the bottleneck of that
//! moment: it has had no reason to wait, while the others wait for it or for its parts. The shares of
//! the whole time tell which machine that was how often, and they follow a bottleneck that moves.

use std::collections::BTreeSet;

use crate::reading::State;
use crate::time::Time;
use crate::utilisation::Stretch;

/// How much of the time in which any machine worked each machine was the bottleneck, 0 to 1; in the
/// order of the machines. All zero if nothing worked. Of machines that have worked equally long, the
/// first one counts.
///
/// Only the time counts for which the stretches of all machines are there; a machine without any does
/// not hold the others up.
pub fn bottleneck(machines: &[&[Stretch]]) -> Vec<f64> {
    let beginnings = machines.iter().filter_map(|stretches| Some(stretches.first()?.from));
    let Some(all_since) = beginnings.max() else { return vec![0.0; machines.len()] };
    // Working stretches without a break, as (begin, end, machine).
    let mut working: Vec<(Time, Time, usize)> = Vec::new();
    for (machine, stretches) in machines.iter().enumerate() {
        for stretch in stretches.iter().filter(|stretch| stretch.state == Some(State::Producing)) {
            match working.last_mut() {
                Some((_, end, of)) if *of == machine && *end == stretch.from => *end = stretch.to,
                _ => working.push((stretch.from, stretch.to, machine)),
            }
        }
    }
    let mut moments: Vec<(Time, bool, usize)> = Vec::with_capacity(working.len() * 2);
    for (n, (from, to, _)) in working.iter().enumerate() {
        moments.push((*from, true, n));
        moments.push((*to, false, n));
    }
    moments.sort_unstable();
    let mut at_work: BTreeSet<(Time, usize, usize)> = BTreeSet::new();
    let mut seconds = vec![0.0; machines.len()];
    let mut since = all_since;
    for (now, begins, n) in moments {
        let (from, _, machine) = working[n];
        // The one that began first has worked the longest.
        if let Some((_, first, _)) = at_work.first() {
            seconds[*first] += now.since(since).max(0.0);
        }
        since = now.max(all_since);
        if begins {
            at_work.insert((from, machine, n));
        } else {
            at_work.remove(&(from, machine, n));
        }
    }
    let total: f64 = seconds.iter().sum();
    if total > 0.0 {
        for share in &mut seconds {
            *share /= total;
        }
    }
    seconds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stretch(from: f64, to: f64) -> Stretch {
        Stretch { state: Some(State::Producing), from: Time::from_seconds(from), to: Time::from_seconds(to) }
    }

    fn quiet(from: f64, to: f64) -> Stretch {
        Stretch { state: Some(State::Idle), ..stretch(from, to) }
    }

    #[test]
    fn the_machine_that_has_worked_longest_is_the_bottleneck_of_the_moment() {
        // The first works without a break; the second waits for it now and then.
        let first = [stretch(0.0, 60.0), stretch(60.0, 100.0)];
        let second = [quiet(0.0, 10.0), stretch(10.0, 30.0), stretch(40.0, 60.0), stretch(90.0, 120.0)];
        let idle = [quiet(0.0, 200.0)];
        let shares = bottleneck(&[&first, &second, &idle]);
        assert_eq!(shares, [100.0 / 120.0, 20.0 / 120.0, 0.0]);
        // What one machine did before anything is known of the other tells nothing.
        assert_eq!(bottleneck(&[&[stretch(0.0, 90.0)], &[stretch(80.0, 100.0)]]), [0.5, 0.5]);
        assert_eq!(bottleneck(&[&idle]), [0.0]);
        assert_eq!(bottleneck(&[]), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn shares_are_those_of_a_clock_that_looks_at_every_second(
            machines in prop::collection::vec(prop::collection::vec((1_u32..9, 1_u32..9), 0..9), 1..5),
        ) {
            let machines: Vec<Vec<Stretch>> = machines
                .iter()
                .map(|pairs| {
                    let mut at = 0;
                    let works = pairs.iter().map(|(wait, work)| {
                        let from = at + wait;
                        at = from + work;
                        stretch(f64::from(from), f64::from(at))
                    });
                    std::iter::once(quiet(0.0, 1.0)).chain(works).collect()
                })
                .collect();
            let mut counted = vec![0.0; machines.len()];
            for second in 0..200 {
                let now = Time::from_seconds(f64::from(second) + 0.5);
                let working = |stretches: &Vec<Stretch>| {
                    stretches
                        .iter()
                        .find(|one| one.state == Some(State::Producing) && one.from < now && now < one.to).map(|one| one.from)
                };
                let longest = machines
                    .iter()
                    .enumerate()
                    .filter_map(|(n, stretches)| Some((working(stretches)?, n)))
                    .min();
                if let Some((_, n)) = longest {
                    counted[n] += 1.0;
                }
            }
            let total: f64 = counted.iter().sum();
            let shares = bottleneck(&machines.iter().map(Vec::as_slice).collect::<Vec<_>>());
            for (share, counted) in shares.iter().zip(counted) {
                let expected = if total > 0.0 { counted / total } else { 0.0 };
                prop_assert!((share - expected).abs() < 1e-9);
            }
        }
    }
}
