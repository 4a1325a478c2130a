//! Stretches of a recording in which the meter, or the logger, tells the same value for ever: it hangs, and what it
//! tells is of no machine.
//!
//! A machine at rest may well draw the same for hours. So a stretch counts as one only where values of the same size
//! move from row to row elsewhere in the recording.

use std::ops::Range;

use crate::time::Time;

/// So many rows with the same value are no accident.
const LONG: usize = 30;

/// Values are of the same size within this part of one of them.
const SAME_SIZE: f64 = 0.2;

/// Fewest other rows with values of the same size that show whether these move, and the part of them that may repeat
/// the one before.
const FEWEST: usize = 30;
const MOST_REPEATED: f64 = 0.5;

/// Samples without those of stretches that hang.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moving {
    pub(super) samples: Vec<(Time, f64)>,
    /// The samples that follow a stretch that hangs, or a step of the clock.
    pub(super) cuts: Vec<Time>,
    pub(super) frozen: Option<Frozen>,
}

/// What hung.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frozen {
    /// How many stretches did.
    pub(super) count: usize,
    /// The longest of them in seconds, and what it told.
    pub(super) longest: f64,
    pub(super) value: f64,
    /// The part of the whole time that they take.
    pub(super) part: f64,
}

/// Leaves out stretches that hang. Where a clock was set back, time goes on.
pub(super) fn left_out(samples: &[(Time, f64)]) -> Moving {
    let (samples, cuts) = going_on(samples);
    let stretches = stretches(&samples);
    let mut moving = Moving { samples: Vec::with_capacity(samples.len()), cuts, frozen: None };
    let mut from = 0;
    for stretch in &stretches {
        moving.samples.extend(&samples[from..stretch.start]);
        moving.cuts.extend(samples.get(stretch.end).map(|(time, _)| *time));
        from = stretch.end;
    }
    moving.samples.extend(&samples[from..]);
    moving.cuts.sort_unstable();
    let lasts = |stretch: &Range<usize>| samples[stretch.end - 1].0.since(samples[stretch.start].0);
    let all = samples.last().zip(samples.first()).map_or(0.0, |(last, first)| last.0.since(first.0));
    let longest = stretches.iter().max_by(|one, other| lasts(one).total_cmp(&lasts(other)));
    moving.frozen = longest.filter(|_| all > 0.0).map(|longest| Frozen {
        count: stretches.len(),
        longest: lasts(longest),
        value: samples[longest.start].1,
        part: stretches.iter().map(lasts).sum::<f64>() / all,
    });
    moving
}

/// Samples whose times never fall, and those before which the clock was set back.
fn going_on(samples: &[(Time, f64)]) -> (Vec<(Time, f64)>, Vec<Time>) {
    let (mut before, mut shift, mut cuts): (Option<Time>, f64, Vec<Time>) = (None, 0.0, Vec::new());
    let samples = samples.iter().map(|(time, power)| {
        let back = before.replace(*time).map_or(0.0, |before| before.since(*time));
        if back > 0.0 {
            shift += back;
            cuts.push(time.plus(shift));
        }
        (if shift > 0.0 { time.plus(shift) } else { *time }, *power)
    });
    (samples.collect(), cuts)
}

/// The stretches that hang, in their order.
fn stretches(samples: &[(Time, f64)]) -> Vec<Range<usize>> {
    let mut long: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for same in samples.chunk_by(|one, other| one.1.to_bits() == other.1.to_bits()) {
        if same.len() >= LONG {
            long.push(start..start + same.len());
        }
        start += same.len();
    }
    if long.is_empty() {
        return long;
    }
    // Of all other rows their values, and which of them repeat the one before.
    let mut others: Vec<(f64, bool)> = Vec::new();
    let mut from = 0;
    let end = samples.len()..samples.len();
    for stretch in long.iter().chain(std::iter::once(&end)) {
        let part = &samples[from..stretch.start];
        others.extend(part.windows(2).map(|pair| (pair[1].1, pair[1].1.to_bits() == pair[0].1.to_bits())));
        from = stretch.end;
    }
    others.sort_by(|one, other| one.0.total_cmp(&other.0));
    long.retain(|stretch| {
        let value = samples[stretch.start].1;
        let near = SAME_SIZE * value.abs();
        let from = others.partition_point(|(other, _)| *other < value - near);
        let to = others.partition_point(|(other, _)| *other <= value + near);
        let repeated = others[from..to].iter().filter(|(_, repeats)| *repeats).count();
        #[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^53")]
        let move_elsewhere = repeated as f64 <= MOST_REPEATED * (to - from) as f64;
        to - from >= FEWEST && move_elsewhere
    });
    long
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a machine that works and rests in turn, with a row each second; `power` tells what it draws.
    fn rows(power: impl Fn(u32, bool) -> f64) -> Vec<(Time, f64)> {
        let row = |second: u32| (Time::from_seconds(f64::from(second)), power(second, second % 60 < 40));
        (0..3_600).map(row).collect()
    }

    fn wavers(second: u32) -> f64 {
        f64::from(second * 7 % 101) / 100.0
    }

    #[test]
    fn stretches_of_one_value_hang_where_such_values_move_elsewhere() {
        let hangs = |second| (1_000..1_700).contains(&second);
        let level = |is_work| if is_work { 900.0 } else { 50.0 };
        let moving = left_out(&rows(|second, is_work| {
            let second = if hangs(second) { 1_000 } else { second };
            if hangs(second) { 900.5 } else { level(is_work) + wavers(second) }
        }));
        let frozen = moving.frozen.unwrap();
        assert_eq!((frozen.count, frozen.value), (1, 900.5));
        assert!((frozen.part - 0.2).abs() < 0.01 && (frozen.longest - 699.0).abs() < 0.5, "{frozen:?}");
        assert_eq!(moving.samples.len(), 2_900);
        assert_eq!(moving.cuts, [Time::from_seconds(1_700.0)]);
        // One that is off or at rest for long, at a value at which it always stays, or is never seen else.
        for rest in [0.0, 50.0] {
            let stays = |second, is_work| {
                if is_work && !hangs(second) { 900.0 + wavers(second) } else { rest }
            };
            assert_eq!(left_out(&rows(stays)).frozen, None, "{rest}");
        }
        let is_off = |second, is_work| if hangs(second) { 3.0 } else { level(is_work) + wavers(second) };
        assert_eq!(left_out(&rows(is_off)).frozen, None);
        assert_eq!(left_out(&[]).samples, []);
    }
}
