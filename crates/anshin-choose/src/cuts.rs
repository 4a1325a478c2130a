//! Conditions that every whole solution keeps and a linear one may break.
//!
//! A row says that enough must come together: `sum g v >= need`, each `v` 0 or 1 (`1 - v` where the
//! factor was negative), of a group of variables one at most. Two things follow from it:
//!
//! - Take some gains for granted. What the others add must make up the rest, and none counts for
//!   more than the rest (a *knapsack cover*): `sum min(g - granted, rest) v >= rest`.
//! - Divide by `d` and round up on both sides (*Chvátal-Gomory*):
//!   `sum ceil(g / d) v >= ceil(need / d)`.

use crate::program::{Program, Sum};

/// A row as things of which enough must come together.
#[derive(Debug, Clone)]
pub(crate) struct Cover {
    need: i64,
    /// In each group the largest factor first.
    groups: Vec<Vec<Item>>,
}

#[derive(Debug, Clone)]
struct Item {
    variable: usize,
    factor: i64,
    most: i64,
    /// Whether it counts as far as the variable is *not* there.
    turned: bool,
}

impl Item {
    fn value(&self, values: &[f64]) -> f64 {
        let value = values[self.variable];
        if self.turned { number(self.most) - value } else { value }
    }
}

/// From which value on something is taken for granted; above 1 nothing is.
const THRESHOLDS: [f64; 5] = [2.0, 0.999, 0.8, 0.6, 0.4];

/// What rows are divided by.
const DIVISORS: std::ops::RangeInclusive<i64> = 1..=6;

#[expect(clippy::cast_precision_loss, reason = "amounts are kept below 2^53")]
fn number(n: i64) -> f64 {
    n as f64
}

/// The rows of a program from which something may follow.
pub(crate) fn covers(program: &Program) -> Vec<Cover> {
    program.rows.iter().filter_map(|row| Cover::new(program, row)).collect()
}

impl Cover {
    fn new(program: &Program, row: &Sum) -> Option<Self> {
        let mut need = -row.constant;
        let mut groups: Vec<((bool, usize), Vec<Item>)> = Vec::new();
        for (variable, factor) in &row.terms {
            let most = i64::from(program.variables[*variable].most?);
            let turned = *factor < 0;
            if turned {
                need -= factor * most;
            }
            let group = if turned { None } else { program.groups.get(variable) };
            let item = Item { variable: *variable, factor: factor.abs(), most, turned };
            let key = (turned, *group.unwrap_or(variable));
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, items)) => items.push(item),
                None => groups.push((key, vec![item])),
            }
        }
        let is_trivial = need <= 1
            || row.terms.len() < 3
            || groups.iter().all(|(_, items)| items.iter().all(|i| i.factor <= 1));
        let mut groups: Vec<Vec<Item>> = groups.into_iter().map(|(_, items)| items).collect();
        for group in &mut groups {
            group.sort_by_key(|item| std::cmp::Reverse(item.factor));
        }
        (!is_trivial).then_some(Self { need, groups })
    }

    /// The condition that these values break most, if there is any.
    pub(crate) fn cut(&self, values: &[f64]) -> Option<Sum> {
        let mut best: Option<(f64, Sum)> = None;
        for threshold in THRESHOLDS {
            let (granted, rest) = self.grant(values, threshold);
            for divisor in DIVISORS.take_while(|divisor| *divisor <= rest) {
                if threshold > 1.0 && divisor == 1 {
                    continue;
                }
                let row = self.row(&granted, rest, divisor);
                let value = row.terms.iter().map(|(v, f)| number(*f) * values[*v]).sum::<f64>();
                let length = row.terms.values().map(|f| number(*f).powi(2)).sum::<f64>().sqrt();
                let broken = -(value + number(row.constant)) / length.max(1.0);
                if broken > 1e-3 && best.as_ref().is_none_or(|(most, _)| broken > *most) {
                    best = Some((broken, row));
                }
            }
        }
        best.map(|(_, row)| row)
    }

    /// What each group has from a threshold on, and what is then still needed.
    fn grant(&self, values: &[f64], threshold: f64) -> (Vec<i64>, i64) {
        let mut rest = self.need;
        let mut granted = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let mut there = 0.0;
            let enough = group.iter().filter(|item| item.most == 1).find(|item| {
                there += item.value(values);
                there >= threshold
            });
            let gain = enough.map_or(0, |item| item.factor);
            let gain = if gain < rest { gain } else { 0 };
            rest -= gain;
            granted.push(gain);
        }
        (granted, rest)
    }

    fn row(&self, granted: &[i64], rest: i64, divisor: i64) -> Sum {
        let up = |n: i64| (n + divisor - 1) / divisor;
        let mut row = Sum::of(-up(rest));
        for (group, granted) in self.groups.iter().zip(granted) {
            for item in group {
                let factor = up((item.factor - granted).clamp(0, rest));
                if factor == 0 {
                    continue;
                }
                if item.turned {
                    row.constant += factor * item.most;
                    row.add(-factor, item.variable);
                } else {
                    row.add(factor, item.variable);
                }
            }
        }
        row
    }
}
