//! What people ask of a monitor.

use std::sync::Arc;

use anshin_model::Text;
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
        /// Until when.
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

    /// Whether something else was asked later in its place. What comes from a clock that is ahead of `now`
    /// is not later: it would hold against everybody.
    pub fn is_past(&self, done: &[Request], now: Time) -> bool {
        let is_maintenance = |of: &Request| matches!(of, Request::Maintenance { .. });
        let is_later = |of: &Request| of.asked() > self.asked() && of.asked() <= Some(now);
        self.asked().is_some()
            && is_maintenance(self)
            && done.iter().any(|of| is_maintenance(of) && is_later(of))
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
            Request::Maintenance { machine, until, by, .. } => {
                (by, machine.as_str(), (format!("{until}までの保全"), format!("maintenance until {until}")))
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
    fn what_was_asked_before_is_not_done_after_what_came_later() {
        use std::slice::from_ref;

        let maintenance = |until: u32, asked: Option<u32>| Request::Maintenance {
            machine: "robot".to_owned(),
            until: Time::from_seconds(f64::from(until)),
            by: "Sato".to_owned(),
            asked: asked.map(|asked| Time::from_seconds(f64::from(asked))),
        };
        let (on, off) = (maintenance(900, Some(10)), maintenance(20, Some(20)));
        let is_past = |of: &Request, done: &[Request]| of.is_past(done, Time::from_seconds(25.0));
        assert!(!on.is_done(&[]) && on.is_done(from_ref(&on)), "it is done once");
        assert!(is_past(&on, from_ref(&off)) && !is_past(&off, from_ref(&on)), "what was asked last holds");
        let ahead = maintenance(900, Some(30));
        assert!(!is_past(&off, from_ref(&ahead)), "a clock that is ahead does not hold against others");
        let old = maintenance(900, None);
        let before = [old.clone(), off.clone()];
        assert!(!old.is_done(&before) && !is_past(&old, &before), "one that does not tell when is done");
        let seen = |since: Option<u32>, asked: u32| Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: None,
            since: since.map(|since| Time::from_seconds(f64::from(since))),
            by: "Sato".to_owned(),
            note: None,
            asked: Some(Time::from_seconds(f64::from(asked))),
        };
        assert!(!is_past(&seen(None, 10), &[off, on, seen(None, 20)]), "another one does not take its place");
        let (began, moment) = (Time::from_seconds(100.0), |second| Some(Time::from_seconds(second)));
        assert!(seen(None, 0).acknowledges("stuck", began, moment(101.0)));
        assert!(!seen(None, 0).acknowledges("stuck", began, moment(99.0)), "nobody has seen it by then");
        assert!(seen(None, 0).acknowledges("stuck", began, None));
        assert!(seen(Some(100), 0).acknowledges("stuck", began, moment(99.0)), "it names the alert");
    }
}
