//! The order of day, month and year in a column of dates, by all of its values.

use jiff::civil::Date;

use crate::time::DateOrder;

/// Of two orders, days that follow each other so many times closer tell which it is.
const CLOSER: i32 = 3;

/// The order of a column's dates, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) order: DateOrder,
    pub(super) basis: Basis,
    /// One of the dates.
    pub(super) example: String,
}

/// How the order of dates is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// Other orders do not fit all of them.
    Only,
    /// In others, the days lie far apart.
    Closest,
    /// It is not: another one fits as well.
    Guessed(DateOrder),
}

/// Dates of a column, as they are seen.
#[derive(Debug, Default)]
pub(super) struct Column {
    orders: [Fitting; 3],
    example: String,
    /// In how many orders the example can be read.
    ways: usize,
    last: String,
    /// Its times of day are told with AM and PM.
    has_halves: bool,
}

/// How many dates can be read in an order, and the first and the last of them.
#[derive(Debug, Default, Clone, Copy)]
struct Fitting {
    count: usize,
    span: Option<(Date, Date)>,
}

impl Column {
    /// Takes a moment; what can be read without an order is none of them.
    pub(super) fn take(&mut self, text: &str) {
        let date = text.trim().split([' ', '\u{3000}', 'T']).next().unwrap_or_default();
        // Most rows are of the same day as the one before.
        if date == self.last {
            return;
        }
        let fitting = DateOrder::fitting(text);
        if fitting.is_empty() {
            return;
        }
        date.clone_into(&mut self.last);
        self.has_halves |= ["AM", "PM", "am", "pm"].iter().any(|half| text.trim_end().ends_with(half));
        if self.ways == 0 || fitting.len() < self.ways {
            (self.ways, self.example) = (fitting.len(), date.to_owned());
        }
        for (order, moment) in fitting {
            let Fitting { count, span } = &mut self.orders[order as usize];
            *count += 1;
            let date = moment.date();
            *span = Some(span.map_or((date, date), |(first, last)| (first.min(date), last.max(date))));
        }
    }

    /// The order of its dates; `None` if they need none.
    pub(super) fn read(self) -> Option<Dates> {
        let most = self.orders.iter().map(|fitting| fitting.count).max().filter(|most| *most > 0)?;
        let fits = DateOrder::ALL.into_iter().filter_map(|order| {
            let Fitting { count, span } = self.orders[order as usize];
            let (first, last) = span.filter(|_| count == most)?;
            Some((order, first.until(last).map_or(i32::MAX, |span| span.get_days())))
        });
        let mut fits: Vec<(DateOrder, i32)> = fits.collect();
        fits.sort_by_key(|(order, days)| (*days, self.rank(*order)));
        let (order, basis) = match fits[..] {
            [(order, _)] => (order, Basis::Only),
            [(order, days), (other, more), ..] => {
                let is_closest = more > CLOSER * days.max(1);
                (order, if is_closest { Basis::Closest } else { Basis::Guessed(other) })
            }
            [] => return None,
        };
        Some(Dates { order, basis, example: self.example })
    }

    /// How seldom dates that look so are in an order.
    fn rank(&self, order: DateOrder) -> u8 {
        let ends_with_year = self.example.rsplit(['/', '-', '.']).next().is_some_and(|last| last.len() == 4);
        let has_points = self.example.contains('.');
        match order {
            DateOrder::YearMonthDay => u8::from(ends_with_year || has_points),
            DateOrder::DayMonthYear => u8::from(self.has_halves || !(ends_with_year || has_points)),
            // Those who tell AM and PM mostly begin with the month.
            DateOrder::MonthDayYear => {
                if self.has_halves && ends_with_year {
                    0
                } else {
                    2
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_dates_of_a_column_tell_their_order() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (dates, order, basis) in [
            (&["5/10/2022", "26/10/2022"][..], DayMonthYear, Basis::Only),
            (&["10/5/2022", "10/26/2022"], MonthDayYear, Basis::Only),
            (&["22/10/26", "22/10/27"], YearMonthDay, Basis::Closest),
            (&["22/10/31", "22/11/01"], YearMonthDay, Basis::Closest),
            (&["26/04/01", "26/04/02", "26/04/03"], YearMonthDay, Basis::Closest),
            (&["26.10.22"], DayMonthYear, Basis::Guessed(YearMonthDay)),
            (&["03/04/2022", "04/04/2022", "05/04/2022"], DayMonthYear, Basis::Closest),
            (&["04/03/2022", "04/04/2022", "04/05/2022"], MonthDayYear, Basis::Closest),
            (&["03/04/2022"], DayMonthYear, Basis::Guessed(MonthDayYear)),
            (&["03/04/05"], YearMonthDay, Basis::Guessed(DayMonthYear)),
        ] {
            let mut column = Column::default();
            for date in dates {
                column.take(&format!("{date} 8:30"));
            }
            let read = column.read().expect("they need an order");
            assert_eq!((read.order, read.basis), (order, basis), "{dates:?}");
        }
        let mut column = Column::default();
        column.take("2022/10/26 8:30");
        column.take("8.5");
        assert_eq!(column.read(), None);
    }
}
