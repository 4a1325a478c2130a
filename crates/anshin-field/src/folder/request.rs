//! What people ask of a monitor.

use std::sync::Arc;

use anshin_model::Text;
use anshin_monitor::maintenance::{Ask, Span};
use anshin_monitor::{Machine, Said, Time, reference};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Other;

/// Longest name of a person who asks something, in characters.
pub const MOST_NAME: usize = 200;

/// Longest note of theirs, in characters.
pub const MOST_NOTE: usize = 2_000;

/// What a person asks of a monitor that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// An alert has been seen.
    Acknowledge {
        /// The machine.
        machine: String,
        /// The alert; all that are open if left out.
        alert: Option<String>,
        /// Since when it is open, so that a later one of its kind is not meant; any if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// Who has seen it.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// What they say.
        note: Option<String>,
        /// When it was asked: alerts that began later are not meant, and it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// An alert has been seen that is about no single machine. That of a group stands for those that its machines
    /// raise together.
    AcknowledgeOther {
        /// The source or group.
        #[serde(flatten)]
        about: Other,
        /// The device, of a source; all of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
        /// The alert; all that are open if left out.
        alert: Option<String>,
        /// Since when it is open, so that a later one of its kind is not meant; any if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// Who has seen it.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// What they say.
        note: Option<String>,
        /// When it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A machine is maintained: nothing is judged or learnt meanwhile.
    Maintenance {
        /// The machine.
        machine: String,
        /// From when on; at once if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Time>,
        /// Until when; from then on it is not maintained where that is no later.
        until: Time,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: what was asked later holds, and it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A reference is right.
    Approve {
        /// The machine.
        machine: String,
        /// The job.
        key: Vec<String>,
        /// The mode.
        mode: u32,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A reference is wrong.
    Forget {
        /// The machine.
        machine: String,
        /// The job; all jobs if it is empty.
        key: Vec<String>,
        /// The mode; all of them if left out.
        mode: Option<u32>,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
}

/// A name: what nobody asks is no request, wherever it stands.
fn somebody<'de, D: Deserializer<'de>>(name: D) -> Result<String, D::Error> {
    let name = String::deserialize(name)?;
    let is_named = !name.trim().is_empty();
    is_named.then_some(name).ok_or_else(|| D::Error::custom("`by` names nobody"))
}

/// Times of alerts are written with milliseconds: less than this apart they are the same.
pub(super) const SAME: f64 = 0.001;

impl Request {
    /// Whether an alert that is open since a time is acknowledged by it. `asked` is when the request was
    /// made, by the clock of the machine, if that is known.
    pub fn acknowledges(&self, kind: &str, began: Time, asked: Option<Time>) -> bool {
        let (Request::Acknowledge { alert, since, .. } | Request::AcknowledgeOther { alert, since, .. }) =
            self
        else {
            return false;
        };
        let is_it = match since {
            Some(since) => began.since(*since).abs() < SAME,
            None => asked.is_none_or(|asked| began <= asked),
        };
        is_it && alert.as_ref().is_none_or(|alert| alert == kind)
    }

    /// The same of one alert alone.
    #[must_use]
    pub fn of_alert(&self, kind: &str, began: Time) -> Self {
        let mut one = self.clone();
        if let Request::Acknowledge { alert, since, .. } | Request::AcknowledgeOther { alert, since, .. } =
            &mut one
        {
            (*alert, *since) = (Some(kind.to_owned()), Some(began));
        }
        one
    }

    /// When it was made, if it tells.
    pub fn asked(&self) -> Option<Time> {
        let (Request::Acknowledge { asked, .. }
        | Request::AcknowledgeOther { asked, .. }
        | Request::Maintenance { asked, .. }
        | Request::Approve { asked, .. }
        | Request::Forget { asked, .. }) = self;
        *asked
    }

    /// Whether it was done before.
    pub fn is_done(&self, done: &[Request]) -> bool {
        self.asked().is_some() && done.contains(self)
    }

    /// When a machine is maintained, if that is what is asked.
    pub fn maintenance(&self, now: Time) -> Option<Ask> {
        let Request::Maintenance { from, until, asked, .. } = self else { return None };
        // What comes from a clock that is ahead would hold against everybody.
        let ahead = asked.map_or(0.0, |asked| asked.since(now).max(0.0));
        let asked = asked.map_or(now, |asked| asked.min(now));
        let span = match from {
            Some(from) => Span { from: *from, until: *until },
            None => Span { from: asked, until: until.plus(-ahead) },
        };
        Some(Ask { asked, span })
    }

    /// Says of a reference of a machine that it is right or wrong; false if there is none that it fits.
    pub fn about_reference(&self, of: &mut Machine, now: Time, say: &mut impl FnMut(Said)) -> bool {
        let parts = |key: &[String]| key.iter().map(|part| Arc::from(part.as_str())).collect::<Vec<_>>();
        match self {
            Request::Approve { key, mode, .. } => of.approve(&parts(key), *mode, now, say),
            Request::Forget { key, mode, .. } => of.forget(&parts(key), *mode, now, say),
            _ => false,
        }
    }

    /// What a person reads of it.
    pub fn text(&self) -> Text {
        let acknowledge = |alert: &Option<String>| {
            let (ja, en) = alert.as_ref().map_or_else(
                || ("すべての警報の確認".to_owned(), "acknowledge all alerts".to_owned()),
                |alert| (format!("警報`{alert}`の確認"), format!("acknowledge `{alert}`")),
            );
            (ja, en)
        };
        let (by, about, (ja, en)) = match self {
            Request::Acknowledge { machine, alert, by, .. } => (by, machine.as_str(), acknowledge(alert)),
            Request::AcknowledgeOther { about, alert, by, .. } => (by, about.id(), acknowledge(alert)),
            Request::Maintenance { machine, from, until, by, .. } => {
                let span = match from {
                    None => (format!("{until}までの保全"), format!("maintenance until {until}")),
                    Some(from) if until <= from => {
                        (format!("{from}からの保全の取り消し"), format!("no maintenance from {from}"))
                    }
                    Some(from) => (
                        format!("{from}から{until}までの保全"),
                        format!("maintenance from {from} until {until}"),
                    ),
                };
                (by, machine.as_str(), span)
            }
            Request::Approve { machine, key, mode, by, .. } => {
                let of = reference::name(key, *mode);
                (by, machine.as_str(), (format!("基準`{of}`の承認"), format!("approve reference `{of}`")))
            }
            Request::Forget { machine, key, mode, by, .. } => {
                let of = match (mode, key.is_empty()) {
                    (Some(mode), _) => reference::name(key, *mode),
                    (None, false) => key.join(" / "),
                    (None, true) => "*".to_owned(),
                };
                (by, machine.as_str(), (format!("基準`{of}`を忘れる"), format!("forget reference `{of}`")))
            }
        };
        Text::new(format!("`{about}`: {ja}（依頼者: {by}）"), format!("`{about}`: {en} (asked by {by})"))
    }

    /// The machine that it is about; nothing of what is about no single one.
    pub fn machine(&self) -> Option<&str> {
        match self {
            Request::Acknowledge { machine, .. }
            | Request::Maintenance { machine, .. }
            | Request::Approve { machine, .. }
            | Request::Forget { machine, .. } => Some(machine),
            Request::AcknowledgeOther { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_done_once_and_from_a_clock_that_is_ahead_at_once() {
        let time = |second: u32| Time::from_seconds(f64::from(second));
        let maintenance = |from: Option<u32>, until: u32, asked: Option<u32>| Request::Maintenance {
            machine: "robot".to_owned(),
            from: from.map(time),
            until: time(until),
            by: "Sato".to_owned(),
            asked: asked.map(time),
        };
        let (on, old) = (maintenance(None, 900, Some(10)), maintenance(None, 900, None));
        assert!(!on.is_done(&[]) && on.is_done(std::slice::from_ref(&on)), "it is done once");
        assert!(!old.is_done(std::slice::from_ref(&old)), "one that does not tell when is done");
        let ask =
            |of: &Request| of.maintenance(time(25)).map(|ask| (ask.asked, ask.span.from, ask.span.until));
        assert_eq!(ask(&on), Some((time(10), time(10), time(900))));
        assert_eq!(ask(&old), Some((time(25), time(25), time(900))));
        assert_eq!(ask(&maintenance(Some(600), 900, Some(10))), Some((time(10), time(600), time(900))));
        // A clock that is ahead does not hold against others, and what ends now ends now.
        assert_eq!(ask(&maintenance(None, 100, Some(40))), Some((time(25), time(25), time(85))));
        assert_eq!(ask(&maintenance(None, 40, Some(40))), Some((time(25), time(25), time(25))));
        let seen = |since: Option<u32>, asked: u32| Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: None,
            since: since.map(|since| Time::from_seconds(f64::from(since))),
            by: "Sato".to_owned(),
            note: None,
            asked: Some(Time::from_seconds(f64::from(asked))),
        };
        let (began, moment) = (Time::from_seconds(100.0), |second| Some(Time::from_seconds(second)));
        assert!(seen(None, 0).acknowledges("stuck", began, moment(101.0)));
        assert!(!seen(None, 0).acknowledges("stuck", began, moment(99.0)), "nobody has seen it by then");
        assert!(seen(None, 0).acknowledges("stuck", began, None));
        assert!(seen(Some(100), 0).acknowledges("stuck", began, moment(99.0)), "it names the alert");
    }
}
