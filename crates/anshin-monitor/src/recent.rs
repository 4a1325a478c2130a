//! The last values of something, and their middle.

use std::collections::VecDeque;

/// Remembers a value among the last ones, of which there are so many at most.
pub(crate) fn remember<T>(last: &mut VecDeque<T>, value: T, most: usize) {
    if last.len() == most {
        last.pop_front();
    }
    last.push_back(value);
}

/// The middle one of some values, the upper one of two; `None` of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
