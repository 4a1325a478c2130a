//! How far a stream has been read, and what of it may be missing: plain numbers, without a server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshin_monitor::subject;

/// What a consumer is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// The messages whose subjects fit a filter.
    Messages(String),
    /// The subjects alone of what fits a filter: devices that nobody knows are noticed by them.
    Subjects(String),
}

impl Wish {
    /// The filter.
    pub(super) fn filter(&self) -> &str {
        let (Wish::Messages(filter) | Wish::Subjects(filter)) = self;
        filter
    }
}

/// The consumers of one who works alone: what the source asks for.
pub(super) fn of_all(topics: &[String]) -> BTreeSet<Wish> {
    topics.iter().cloned().map(Wish::Messages).collect()
}

/// The consumers of one in a team: subjects of the machines that it watches; everything if one of these takes
/// whatever comes. Who `leads` hears which other subjects there are.
pub(super) fn of_some(topics: &[String], watched: Option<Vec<String>>, leads: bool) -> BTreeSet<Wish> {
    let Some(watched) = watched else { return of_all(topics) };
    let others = topics.iter().filter(|_| leads).cloned().map(Wish::Subjects);
    watched.into_iter().map(Wish::Messages).chain(others).collect()
}

/// How far a consumer has come.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The number in the stream up to which everything that it takes has been taken.
    pub(super) taken: u64,
    /// The same at the last look.
    looked: u64,
    /// It takes all messages of the stream.
    pub(super) is_whole: bool,
    /// More waits for it, as far as is known.
    pub(super) is_behind: bool,
    /// Something has come since the last look.
    has_spoken: bool,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It was here before.
    Again,
    /// It is the next one.
    Next,
    /// Some before it are gone.
    AfterGap,
}

impl Place {
    /// At the place behind a number.
    pub(super) fn behind(taken: u64, is_whole: bool) -> Self {
        Self { taken, looked: taken, is_whole, ..Self::default() }
    }

    /// Takes the message of a number, behind which so many wait. The stream keeps `most` messages of a
    /// subject, or any number.
    pub(super) fn take(&mut self, number: u64, waiting: u64, most: Option<u64>) -> Came {
        self.has_spoken = true;
        self.is_behind = waiting > 0;
        if number <= self.taken {
            return Came::Again;
        }
        // In the whole stream the numbers follow each other. Of a part of it they do not, and if as many wait
        // as are kept, there may have been more.
        let is_full = || most.is_some_and(|most| waiting.saturating_add(1) >= most);
        let is_gap = if self.is_whole { number > self.taken + 1 } else { is_full() };
        self.taken = number;
        if is_gap { Came::AfterGap } else { Came::Next }
    }

    /// A look at the stream, once a second: its first message has this number, and its last one had that at
    /// the look before, if the connection has held since. True if something of what the consumer takes may
    /// have gone before it was read.
    pub(super) fn look(&mut self, first: u64, last_before: Option<u64>) -> bool {
        let is_gap = !self.is_whole && first > self.looked + 1;
        if !self.has_spoken {
            // What was there at the last look has had time to come.
            if let Some(last) = last_before.filter(|_| !self.is_behind && !self.is_whole) {
                self.taken = self.taken.max(last);
            }
            self.is_behind = false;
        }
        self.has_spoken = false;
        self.looked = self.taken.max(first.saturating_sub(1));
        is_gap
    }
}

/// How far a stream has been read; it outlives connections.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// The server, and when the stream was made.
    met: Option<(String, i128)>,
    /// The number of the stream's last message, at the last look.
    pub(super) last: Option<u64>,
    /// Every consumer's place.
    pub(super) places: BTreeMap<Arc<Wish>, Place>,
}

impl Course {
    /// Meets a server and its stream; true if something may be missing. A server that has been away took
    /// nothing meanwhile, and devices may not have kept what they had to say. A stream that was made anew is
    /// read from its beginning.
    pub(super) fn meet(&mut self, server: &str, made: i128, last: u64) -> bool {
        let before = self.met.replace((server.to_owned(), made));
        let Some((met, made_before)) = before else { return false };
        let is_anew = made != made_before || self.last.is_some_and(|before| last < before);
        if is_anew {
            self.last = Some(0);
            for place in self.places.values_mut() {
                *place = Place::behind(0, place.is_whole);
            }
        }
        is_anew || met != server
    }
}

/// Whether a filter fits all that the subjects of a stream let in.
pub(super) fn is_whole(filter: &str, subjects: &[String]) -> bool {
    filter == ">" || !subjects.is_empty() && subjects.iter().all(|of| subject::fits(filter, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn consumers_follow_from_what_is_watched() {
        let topics = texts(&["plant.>"]);
        let shown = |wishes: BTreeSet<Wish>| -> Vec<String> {
            let one = |wish: &Wish| match wish {
                Wish::Messages(filter) => filter.clone(),
                Wish::Subjects(filter) => format!("subjects of {filter}"),
            };
            wishes.iter().map(one).collect()
        };
        assert_eq!(shown(of_all(&topics)), ["plant.>"]);
        let some = |watched: Option<&[&str]>, leads| shown(of_some(&topics, watched.map(texts), leads));
        assert_eq!(some(Some(&["plant.m1", "plant.m2"]), false), ["plant.m1", "plant.m2"]);
        // A machine comes, another one goes; and this one tells of unknown devices from now on.
        assert_eq!(
            some(Some(&["plant.m2", "plant.m3"]), true),
            ["plant.m2", "plant.m3", "subjects of plant.>"]
        );
        assert_eq!(some(Some(&[]), false), [""; 0]);
        // A machine that takes whatever comes needs all of it, and nothing beside.
        assert_eq!(some(None, true), ["plant.>"]);
    }

    #[test]
    fn in_the_whole_stream_a_number_that_is_missing_is_a_gap() {
        let mut place = Place::behind(10, true);
        assert_eq!(place.take(11, 2, None), Came::Next);
        assert_eq!(place.take(11, 2, None), Came::Again);
        assert_eq!(place.take(12, 0, Some(2)), Came::Next);
        assert_eq!(place.take(15, 0, None), Came::AfterGap);
        // The stream may well let go of what has been read.
        assert!(!place.look(16, Some(15)) && !place.look(16, Some(15)));
        assert_eq!(place.take(16, 0, None), Came::Next);
    }

    #[test]
    fn of_a_part_what_the_stream_has_let_go_unread_may_be_missing() {
        let mut place = Place::behind(10, false);
        assert_eq!(place.take(14, 3, None), Came::Next);
        assert!(!place.look(11, None), "it had come so far at the start");
        assert!(!place.look(15, Some(20)), "the next one is still there");
        assert!(place.look(18, Some(30)), "some of the three may have gone");
        assert!(!place.look(18, Some(30)), "it is said once");
        assert!(!place.look(31, Some(30)), "nothing came for a whole look, so nothing waits");
    }

    #[test]
    fn one_that_is_silent_misses_nothing_while_the_stream_goes_on() {
        let mut place = Place::behind(10, false);
        assert_eq!(place.take(14, 0, None), Came::Next);
        assert!(!place.look(1, Some(20)));
        // Nothing came for a whole look: what was there before it was not for this one.
        assert!(!place.look(1, Some(30)));
        assert!(!place.look(31, Some(60)));
        assert!(!place.look(61, Some(90)));
        // Over a connection that broke nothing is certain.
        assert!(!place.look(61, None));
        assert!(place.look(150, None));
    }

    #[test]
    fn as_many_as_are_kept_of_a_subject_may_have_been_more() {
        let mut place = Place::behind(10, false);
        assert_eq!(place.take(20, 3, Some(5)), Came::Next);
        assert_eq!(place.take(21, 4, Some(5)), Came::AfterGap);
    }

    #[test]
    fn a_server_that_was_away_and_a_stream_made_anew_are_doubtful() {
        let mut course = Course::default();
        assert!(!course.meet("A", 1, 10), "at the start nothing is missing");
        course.last = Some(10);
        course.places.insert(Arc::new(Wish::Messages("plant.m1".to_owned())), Place::behind(9, false));
        assert!(!course.meet("A", 1, 12), "only the connection was lost");
        assert!(course.meet("B", 1, 12));
        assert_eq!(course.places.values().next(), Some(&Place::behind(9, false)));
        assert!(course.meet("B", 2, 12));
        assert_eq!((course.last, course.places.values().next()), (Some(0), Some(&Place::behind(0, false))));
        course.last = Some(12);
        assert!(course.meet("B", 2, 5), "it was emptied by hand or by a disk");
    }

    #[test]
    fn filters_that_fit_every_subject_of_a_stream_fit_the_whole() {
        let subjects = texts(&["plant.a.>", "plant.b.*"]);
        assert!(is_whole(">", &subjects) && is_whole("plant.>", &subjects));
        assert!(!is_whole("plant.a.>", &subjects) && !is_whole("plant.*.*", &subjects));
        assert!(is_whole(">", &[]) && !is_whole("plant.>", &[]));
    }
}
