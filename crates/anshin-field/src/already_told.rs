//! What has been told of a machine since its state was kept: after a crash, or when somebody else takes
//! it over, the same is found again.

use std::sync::Arc;

use anshin_monitor::judge::{Alert, AlertKind, Change, Job};
use anshin_monitor::{Said, State, Time};
use serde_json::Value;

/// What whoever judged a machine before has told since it kept its state.
#[derive(Debug, Default)]
pub(crate) struct AlreadyTold {
    cycles: Vec<(Time, Time)>,
    alerts: Vec<Told>,
}

/// A change of an alert.
#[derive(Debug)]
struct Told {
    kind: String,
    change: Change,
    since: Time,
    /// The whole alert, of a kind that this version knows.
    alert: Option<Alert>,
}

/// Two that watch by the times of arrival see an alert begin so many seconds apart at most.
const APART: f64 = 2.0;

impl AlreadyTold {
    /// Takes a line of the records.
    pub(crate) fn take(&mut self, line: &Value) {
        let time = |key: &str| Time::parse(line[key].as_str()?).ok();
        if let (Some(start), Some(end)) = (time("start"), time("end")) {
            self.cycles.push((start, end));
        } else if let (Some(kind), Ok(change), Some(since)) =
            (line["alert"].as_str(), serde_json::from_value(line["change"].clone()), time("since"))
        {
            let alert = alert(line, change, since);
            self.alerts.push(Told { kind: kind.to_owned(), change, since, alert });
        }
    }

    /// Alerts that were raised, and not over as far as has been told.
    pub(crate) fn open(&self) -> Vec<Alert> {
        let is_over = |n: usize, kind: &str| {
            self.alerts[n..].iter().any(|told| told.kind == kind && told.change == Change::Cleared)
        };
        let open = self.alerts.iter().enumerate().filter(|(n, told)| !is_over(*n, &told.kind));
        open.filter_map(|(_, told)| told.alert.clone()).collect()
    }

    /// Whether it has been told.
    pub(crate) fn has(&mut self, said: &Said) -> bool {
        match said {
            Said::Cycle(cycle, _) => self.has_cycle(cycle.start, cycle.end),
            Said::Alert(alert) => self.had_alert(alert.kind.id(), alert.change, alert.since),
        }
    }

    /// Two that watch by the times of arrival see a cycle a little apart.
    fn has_cycle(&self, start: Time, end: Time) -> bool {
        let middle = start.plus(end.since(start) / 2.0);
        self.cycles.iter().any(|(from, to)| *from <= middle && middle <= *to)
    }

    /// What was told is no news once.
    fn had_alert(&mut self, kind: &str, change: Change, since: Time) -> bool {
        let apart = |told: &Told| told.since.since(since).abs();
        let same = self
            .alerts
            .iter()
            .enumerate()
            .filter(|(_, told)| told.kind == kind && told.change == change && apart(told) <= APART);
        let nearest = same.min_by(|(_, a), (_, b)| apart(a).total_cmp(&apart(b))).map(|(at, _)| at);
        nearest.map(|at| self.alerts.remove(at)).is_some()
    }
}

/// An alert as a line of the records tells it.
fn alert(line: &Value, change: Change, since: Time) -> Option<Alert> {
    let kind = AlertKind::ALL.into_iter().find(|kind| line["alert"] == kind.id())?;
    let at = Time::parse(line["at"].as_str()?).ok()?;
    let key = line["key"].as_array().map(|parts| parts.iter().filter_map(Value::as_str).map(Arc::from));
    let mode = line["mode"].as_u64().and_then(|mode| u32::try_from(mode).ok());
    Some(Alert {
        deviation: line["deviation"].as_f64(),
        value: line["value"].as_f64(),
        reference: line["reference"].as_f64(),
        state: State::ALL.into_iter().find(|state| line["state"] == state.id()),
        job: key.zip(mode).map(|(key, mode)| Job { key: key.collect(), mode }),
        ..Alert::plain(kind, change, since, at)
    })
}
