//! What people ask: that a machine is maintained from one moment up to another, or no longer.

use serde::{Deserialize, Serialize};

use super::Span;
use crate::time::Time;

/// What people have asked of when a machine is maintained, in the order in which they did. It does not matter in
/// which order it is heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Asked(Vec<Ask>);

/// That a machine is maintained, from one moment up to another. What was asked before and holds at the first of them
/// ends with it; nothing else is asked where the second is not later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// When it was asked.
    pub asked: Time,
    /// From when on it is so.
    #[serde(flatten)]
    pub span: Span,
}

impl Ask {
    /// Whether it only ends what was asked before.
    pub fn is_end(&self) -> bool {
        self.span.until <= self.span.from
    }
}

/// As it is kept, by earlier versions as well: they knew no more than until when.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Nothing(()),
    Until(Time),
    Asks(Vec<Ask>),
}

impl From<Written> for Asked {
    fn from(written: Written) -> Self {
        let begun = Time::from_nanos(0);
        match written {
            Written::Nothing(()) => Self::default(),
            Written::Until(until) => Self(vec![Ask { asked: begun, span: Span { from: begun, until } }]),
            Written::Asks(asks) => Self(asks),
        }
    }
}

/// For so long what was asked may be heard of late, in seconds.
const LATE: f64 = 86_400.0;

/// So many are known one by one.
const MOST: usize = 64;

impl Asked {
    /// Whether nothing that was asked matters any more.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Somebody has asked; whether there is anything for it to do. What is over by now and was asked long ago is
    /// forgotten.
    pub fn take(&mut self, ask: Ask, now: Time) -> bool {
        let fits = !ask.is_end() || self.end(ask.span.from).is_some();
        let place = self.0.partition_point(|before| before.asked <= ask.asked);
        if !self.0.contains(&ask) {
            self.0.insert(place, ask);
        }
        let long_ago = self.0.partition_point(|before| before.asked.plus(LATE) <= now);
        let later = self.0.split_off(long_ago.max(self.0.len().saturating_sub(MOST)));
        self.0 = self.holding();
        self.0.retain(|before| before.span.until > now);
        self.0.extend(later);
        fits
    }

    /// What holds of all that was asked.
    fn holding(&self) -> Vec<Ask> {
        let mut holding: Vec<Ask> = Vec::new();
        for ask in &self.0 {
            for before in holding.iter_mut().filter(|before| before.span.has(ask.span.from)) {
                before.span.until = ask.span.from;
            }
            holding.push(*ask);
            holding.retain(|one| !one.is_end());
        }
        holding
    }

    /// Until when the machine is maintained at a moment, if it is: what meets is one.
    pub fn end(&self, at: Time) -> Option<Time> {
        let holding = self.holding();
        let end_at = |at: Time| holding.iter().filter(|one| one.span.has(at)).map(|one| one.span.until).max();
        std::iter::successors(end_at(at), |end| end_at(*end)).last()
    }

    /// When it is maintained next: what holds at the moment itself is not.
    pub fn next(&self, at: Time) -> Option<Span> {
        let at = self.end(at).unwrap_or(at);
        let from = self.holding().iter().map(|one| one.span.from).filter(|from| *from > at).min()?;
        Some(Span { from, until: self.end(from)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Time {
        Time::from_seconds(f64::from(minute) * 60.0)
    }

    fn ask(asked: u32, from: u32, until: u32) -> Ask {
        Ask { asked: at(asked), span: Span { from: at(from), until: at(until) } }
    }

    /// From when to when it is maintained, in minutes, in whichever order it is heard of.
    fn check(asks: &[Ask], expected: &[(u32, u32)]) {
        let forwards: Vec<Ask> = asks.to_vec();
        let backwards: Vec<Ask> = asks.iter().rev().copied().collect();
        for order in [forwards, backwards] {
            let mut asked = Asked::default();
            for ask in &order {
                asked.take(*ask, at(100));
            }
            let mut found = Vec::new();
            let mut next = asked.next(at(0));
            while let Some(span) = next {
                found.push((span.from, span.until));
                next = asked.next(span.from);
            }
            let expected: Vec<_> = expected.iter().map(|(from, until)| (at(*from), at(*until))).collect();
            assert_eq!(found, expected, "{order:?}");
        }
    }

    #[test]
    fn what_was_asked_last_holds_in_whichever_order_it_is_heard_of() {
        check(&[ask(10, 10, 40)], &[(10, 40)]);
        check(&[ask(10, 10, 40), ask(20, 20, 20)], &[(10, 20)]);
        check(&[ask(10, 10, 40), ask(20, 20, 30)], &[(10, 30)]);
        check(&[ask(10, 10, 20), ask(15, 15, 40)], &[(10, 40)]);
        // One that is planned stays where somebody asks for another one, and the other way round.
        check(&[ask(10, 60, 90), ask(20, 20, 30)], &[(20, 30), (60, 90)]);
        check(&[ask(10, 60, 90), ask(50, 50, 70)], &[(50, 90)]);
        check(&[ask(20, 20, 30), ask(25, 60, 90)], &[(20, 30), (60, 90)]);
        // It is taken back, whole or in part.
        check(&[ask(10, 60, 90), ask(20, 60, 60)], &[]);
        check(&[ask(10, 60, 90), ask(20, 70, 70)], &[(60, 70)]);
        check(&[ask(10, 60, 90), ask(20, 60, 60), ask(30, 60, 80)], &[(60, 80)]);
        check(&[ask(5, 5, 5), ask(10, 10, 40)], &[(10, 40)]);
    }

    #[test]
    fn what_is_over_is_forgotten_and_what_ends_stays_ended() {
        let mut asked = Asked::default();
        let day = 24 * 60;
        asked.take(ask(10, 10, 3 * day), at(10));
        asked.take(ask(20, 20, 20), at(20));
        asked.take(ask(2 * day, 2 * day, 2 * day + 5), at(2 * day));
        assert_eq!(asked.0, [ask(2 * day, 2 * day, 2 * day + 5)]);
        for minute in 0..500 {
            asked.take(ask(3 * day + minute, 4 * day, 5 * day), at(3 * day + minute));
        }
        assert_eq!((asked.0.len(), asked.next(at(3 * day))), (MOST + 1, Some(ask(0, 4 * day, 5 * day).span)));
    }

    #[test]
    fn what_was_kept_comes_back_also_from_earlier_versions() {
        let mut asked = Asked::default();
        asked.take(ask(10, 20, 30), at(10));
        let text = serde_json::to_string(&asked).unwrap();
        assert_eq!(text, r#"[{"asked":600000000000,"from":1200000000000,"until":1800000000000}]"#);
        assert_eq!(serde_json::from_str::<Asked>(&text).unwrap(), asked);
        assert_eq!(serde_json::from_str::<Asked>("null").unwrap(), Asked::default());
        let before: Asked = serde_json::from_str("1800000000000").unwrap();
        assert_eq!((before.end(at(10)), before.end(at(30))), (Some(at(30)), None));
    }
}
