//! Numbers with a unit that cannot be wrong: money, frequency, probability.

use thiserror::Error;

/// The largest amount of money that is taken: a thousand trillion.
pub const MOST_MONEY: f64 = 1e15;

/// The highest frequency that is taken. What happens more often is a running cost, not an incident.
pub const MOST_FREQUENT: f64 = 1000.0;

/// Why a number cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum WrongNumber {
    /// It is infinite, or not a number at all.
    #[error("not a finite number")]
    NotFinite,
    /// It is below zero.
    #[error("{0} is negative")]
    Negative(f64),
    /// It is above the most that makes sense.
    #[error("{value} is more than {most}")]
    TooLarge {
        /// The number.
        value: f64,
        /// The most.
        most: f64,
    },
    /// A probability above one.
    #[error("{0} is more than 1 and cannot be a probability")]
    NoProbability(f64),
    /// The lower end of a range is above its upper end.
    #[error("the lower end {low} is above the upper end {high}")]
    LowAboveHigh {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// The likeliest value is not between the ends.
    #[error("the likeliest value {likely} is not between {least} and {most}")]
    LikelyOutside {
        /// The least.
        least: f64,
        /// The likeliest.
        likely: f64,
        /// The most.
        most: f64,
    },
    /// A 90 % interval that begins at zero has no lognormal distribution.
    #[error("a 90 % interval must begin above 0")]
    BeginsAtZero,
    /// A 90 % interval so wide that its mean says nothing.
    #[error("the upper end {high} is more than {times} times the lower end {low}")]
    TooWide {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
        /// The widest that is taken.
        times: f64,
    },
}

fn checked(value: f64, most: f64) -> Result<f64, WrongNumber> {
    if !value.is_finite() {
        Err(WrongNumber::NotFinite)
    } else if value < 0.0 {
        Err(WrongNumber::Negative(value))
    } else if value > most {
        Err(WrongNumber::TooLarge { value, most })
    } else {
        // Minus zero would show its sign.
        Ok(value + 0.0)
    }
}

/// An amount of money in the currency of the user.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Money(f64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0.0);

    /// An amount from 0 to [`MOST_MONEY`].
    pub fn new(amount: f64) -> Result<Self, WrongNumber> {
        checked(amount, MOST_MONEY).map(Money)
    }

    /// The amount as a number.
    pub fn amount(self) -> f64 {
        self.0
    }
}

/// How often something happens in a year, on average.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Frequency(f64);

impl Frequency {
    /// A frequency from 0 to [`MOST_FREQUENT`] a year.
    pub fn per_year(times: f64) -> Result<Self, WrongNumber> {
        checked(times, MOST_FREQUENT).map(Frequency)
    }

    /// Times a year.
    pub fn times(self) -> f64 {
        self.0
    }
}

/// A share or a chance from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Always.
    pub const ONE: Probability = Probability(1.0);

    /// A probability from 0 to 1.
    pub fn new(value: f64) -> Result<Self, WrongNumber> {
        match checked(value, 1.0) {
            Err(WrongNumber::TooLarge { value, .. }) => Err(WrongNumber::NoProbability(value)),
            other => other.map(Probability),
        }
    }

    /// The probability as a number.
    pub fn value(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_numbers_are_refused_each_with_its_reason() {
        assert_eq!(Money::new(-1.0), Err(WrongNumber::Negative(-1.0)));
        assert_eq!(Money::new(f64::NAN), Err(WrongNumber::NotFinite));
        assert_eq!(Money::new(1e16), Err(WrongNumber::TooLarge { value: 1e16, most: MOST_MONEY }));
        assert_eq!(Frequency::per_year(1e4), Err(WrongNumber::TooLarge { value: 1e4, most: MOST_FREQUENT }));
        assert_eq!(Probability::new(1.5), Err(WrongNumber::NoProbability(1.5)));
        assert_eq!(Probability::new(f64::INFINITY), Err(WrongNumber::NotFinite));
        assert_eq!(Money::new(-0.0).map(|m| m.amount().is_sign_negative()), Ok(false));
    }
}
