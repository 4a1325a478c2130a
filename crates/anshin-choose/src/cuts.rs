//! Conditions that every whole solution keeps and a linear one may break.
//!
//! A row says that enough must come together: `sum g v >= need`, each `v` 0 or 1 (`1 - v` where the
//! factor was negative), of a group of variables one at most. Two things follow from it:
//!
//! - Take some gains for granted. What the others add must make up the rest, and none counts for
//!   more than the rest (a *knapsack cover*): `sum min(g - granted, rest) v >= rest`.
//! - Divide by `d`: what is left over of the need, `r = need mod d`, has to be made up by something
//!   (*mixed-integer rounding*): `sum (r floor(g / d) + min(g mod d, r)) v >= r ceil(need / d)`.

use std::collections::BTreeSet;

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

/// What every row is divided by, besides the factors of its variables that are neither 0 nor 1.
const DIVISORS: std::ops::RangeInclusive<i64> = 2..=6;

/// By how many numbers a row is divided at the most.
const MOST_DIVISORS: usize = 12;

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
        for row in self.conditions(values) {
            let value = row.terms.iter().map(|(v, f)| number(*f) * values[*v]).sum::<f64>();
            let length = row.terms.values().map(|f| number(*f).powi(2)).sum::<f64>().sqrt();
            let broken = -(value + number(row.constant)) / length.max(1.0);
            if broken > 1e-3 && best.as_ref().is_none_or(|(most, _)| broken > *most) {
                best = Some((broken, row));
            }
        }
        best.map(|(_, row)| row)
    }

    /// Conditions that follow from the row, chosen by what these values may break.
    fn conditions(&self, values: &[f64]) -> impl Iterator<Item = Sum> {
        THRESHOLDS.into_iter().flat_map(move |threshold| {
            let (granted, rest) = self.grant(values, threshold);
            let plain = (threshold <= 1.0).then_some(Rounding::None);
            let divided = self.divisors(values, &granted, rest).into_iter().map(Rounding::By);
            plain.into_iter().chain(divided).map(move |rounding| self.row(&granted, rest, rounding))
        })
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

    /// What the row may be divided by with something left over.
    fn divisors(&self, values: &[f64], granted: &[i64], rest: i64) -> BTreeSet<i64> {
        let between = |item: &&Item| {
            let value = item.value(values);
            value > 1e-3 && value < number(item.most) - 1e-3
        };
        let groups = self.groups.iter().zip(granted);
        let factors = groups.flat_map(|(group, granted)| {
            group.iter().filter(between).map(move |item| (item.factor - granted).clamp(0, rest))
        });
        let all: BTreeSet<i64> = factors.chain(DIVISORS).collect();
        let divides = |divisor: &i64| *divisor > 1 && *divisor <= rest && rest % divisor != 0;
        all.into_iter().filter(divides).take(MOST_DIVISORS).collect()
    }

    fn row(&self, granted: &[i64], rest: i64, rounding: Rounding) -> Sum {
        let mut row = Sum::of(-rounding.need(rest));
        for (group, granted) in self.groups.iter().zip(granted) {
            for item in group {
                let factor = rounding.factor((item.factor - granted).clamp(0, rest), rest);
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

/// What is done to the factors of a row and to what it needs.
#[derive(Debug, Clone, Copy)]
enum Rounding {
    /// Nothing.
    None,
    /// They are divided by a number that does not go into what is needed.
    By(i64),
}

impl Rounding {
    fn need(self, rest: i64) -> i64 {
        match self {
            Rounding::None => rest,
            Rounding::By(divisor) => (rest / divisor + 1) * (rest % divisor),
        }
    }

    fn factor(self, factor: i64, rest: i64) -> i64 {
        match self {
            Rounding::None => factor,
            Rounding::By(divisor) => {
                let left = rest % divisor;
                factor / divisor * left + (factor % divisor).min(left)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Numbers;

    /// A row over variables that are 0 or 1, the first two of them perhaps a group of which one at most is 1,
    /// and two that go up to 3.
    fn made_up(numbers: &mut Numbers) -> Program {
        let mut program = Program::default();
        let mut row = Sum::default();
        for n in 0..6 {
            let variable = program.binary();
            if n >= 4 {
                program.variables[variable].most = Some(1 + u32::try_from(numbers.below(3)).unwrap());
            }
            let factor = i64::try_from(numbers.below(41)).unwrap() - 12;
            if factor != 0 {
                row.add(factor, variable);
            }
        }
        row.constant = -i64::try_from(numbers.below(40)).unwrap();
        program.rows.insert(row);
        if numbers.below(2) == 0 {
            program.groups.extend([(0, 0), (1, 0)]);
        }
        program
    }

    #[test]
    fn no_whole_solution_is_cut_off() {
        let mut numbers = Numbers::new(3);
        let mut found = 0;
        for _ in 0..1000 {
            let program = made_up(&mut numbers);
            let most: Vec<u32> = program.variables.iter().map(|variable| variable.most.unwrap()).collect();
            let mut value = |most: &u32| f64::from(*most) * [0.0, 0.25, 0.5, 0.75, 1.0][numbers.below(5)];
            let values: Vec<f64> = most.iter().map(&mut value).collect();
            let covers = covers(&program);
            let Some(cover) = covers.first() else { continue };
            found += u32::from(cover.cut(&values).is_some());
            // Whatever is said to follow from the row, not only what these values break most.
            let conditions: BTreeSet<Sum> = cover.conditions(&values).collect();
            let wholes = most.iter().fold(vec![Vec::new()], |wholes: Vec<Vec<i64>>, most| {
                let with = |whole: &Vec<i64>| {
                    let whole = whole.clone();
                    (0..=i64::from(*most)).map(move |next| [&whole[..], &[next]].concat())
                };
                wholes.iter().flat_map(with).collect()
            });
            let value = |sum: &Sum, whole: &[i64]| {
                sum.constant + sum.terms.iter().map(|(v, factor)| factor * whole[*v]).sum::<i64>()
            };
            let is_apart = |whole: &&Vec<i64>| program.groups.is_empty() || whole[0] + whole[1] < 2;
            let keeps = |whole: &&Vec<i64>| program.rows.iter().all(|row| value(row, whole) >= 0);
            for whole in wholes.iter().filter(is_apart).filter(keeps) {
                for condition in &conditions {
                    assert!(value(condition, whole) >= 0, "{program:?} {condition:?} {whole:?}");
                }
            }
        }
        assert!(found > 100, "{found}");
    }
}
