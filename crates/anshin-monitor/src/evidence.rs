//! What the records of a monitor show: that machines are watched, that alerts are raised and that
//! somebody looks at them. This is evidence for the requirement [`REQUIREMENT`].

use std::collections::BTreeMap;

use anshin_model::Text;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Both;
use crate::judge::{AlertKind, shown};
use crate::time::Time;

/// The requirement that the records are evidence for.
pub const REQUIREMENT: &str = "monitoring-logging";

/// That somebody has seen an alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who; nothing where only an earlier version of this program knew.
    pub by: String,
    /// When, by the clock of the monitor; RFC 3339.
    pub at: String,
    /// What they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Acknowledgement {
    /// Who, when and what they say, as people read it; `told` tells a time. Nothing if nothing is known.
    pub fn text(&self, told: impl FnOnce(&str) -> String) -> Option<Text> {
        if self.by.is_empty() {
            return None;
        }
        let (by, at) = (shown(&self.by), told(&self.at));
        let note = self.note.as_deref().map(shown).filter(|note| !note.is_empty());
        let (ja, en) =
            note.map_or_else(Default::default, |note| (format!("「{note}」"), format!(": {note}")));
        Some(Text::new(format!("{by}、{at}{ja}"), format!("{by}, {at}{en}")))
    }
}

/// What records show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Time of the first record; RFC 3339, as all times here.
    pub from: Option<String>,
    /// Time of the last record.
    pub until: Option<String>,
    /// How often watching began.
    pub starts: u32,
    /// How often a source failed.
    pub failures: u32,
    /// Machines by their ids.
    pub machines: BTreeMap<String, Watched>,
    /// Sources by their ids.
    pub sources: BTreeMap<String, Watched>,
    /// Groups of machines by their ids.
    pub groups: BTreeMap<String, Watched>,
    /// The name of the time zone of the factory, if it is known.
    pub zone: Option<String>,
}

/// What records show of one machine, source or group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Its name, if it is known.
    pub name: Option<Text>,
    /// The asset of the system document that it is.
    pub asset: Option<String>,
    /// How often each alert was raised.
    pub raised: BTreeMap<String, u32>,
    /// Who was the first to acknowledge which alerts, in the order of the log.
    pub acknowledged: Vec<(String, Acknowledgement)>,
    /// Alerts that are raised now.
    pub open: Vec<Open>,
    /// Alerts that are over, of those that nobody had acknowledged before.
    pub over: Vec<Open>,
    /// Time of the last alert.
    pub last: Option<String>,
}

/// An alert that is raised, or was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// Which one.
    pub alert: String,
    /// The device that it is about, if it is about one of a source.
    pub device: Option<String>,
    /// Since when, if that is told.
    pub since: Option<Time>,
    /// Whether somebody has acknowledged it.
    pub seen: bool,
}

impl Watched {
    /// How many alerts were raised.
    pub fn raised(&self) -> u32 {
        self.raised.values().sum()
    }
}

/// A line of the log, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    at: String,
    machine: Option<String>,
    source: Option<String>,
    group: Option<String>,
    group_name: Option<Both>,
    device: Option<String>,
    asset: Option<String>,
    alert: Option<String>,
    change: Option<String>,
    /// When the alert began. In a request it is there where one alert alone is meant.
    since: Option<Value>,
    request: Option<String>,
    works: Option<bool>,
    by: Option<String>,
    note: Option<String>,
}

impl Evidence {
    /// A time as people of the factory read it; its own words where it is none.
    pub fn told(&self, at: &str) -> String {
        let zone = self.zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        Time::told_of(at, &zone)
    }

    /// Takes a machine that is watched, whether it has raised an alert or not.
    pub fn machine(&mut self, id: &str, asset: Option<&str>) {
        let machine = self.machines.entry(id.to_owned()).or_default();
        machine.asset = asset.map(str::to_owned).or(machine.asset.take());
    }

    /// Takes a moment up to which the machines were watched.
    pub fn watched_until(&mut self, at: &str) {
        if self.until.as_deref().is_none_or(|until| until < at) {
            self.until = Some(at.to_owned());
        }
        if self.from.as_deref().is_none_or(|from| from > at) {
            self.from = Some(at.to_owned());
        }
    }

    /// Takes a line of the log. A line that is none, such as one that a crash has cut off, says nothing.
    pub fn line(&mut self, line: &str) {
        if let Ok(line) = serde_json::from_str(line) {
            self.take_line(line);
        }
    }

    /// The same of a line that has been read.
    pub fn take(&mut self, line: &Value) {
        if let Ok(line) = Line::deserialize(line) {
            self.take_line(line);
        }
    }

    fn take_line(&mut self, line: Line) {
        // An alert tells the clock of its machine, which may be anywhere; the others tell ours.
        if line.r#type != "alert" {
            self.watched_until(&line.at);
        }
        match line.r#type.as_str() {
            "watch" => self.starts += 1,
            "source" => self.source(line),
            "alert" => Self::alert(&mut self.machines, line.machine.clone(), line),
            // That a source is lost stands beside it as a line of its own, in every version.
            "source-alert" if line.alert.as_deref() == Some(AlertKind::Silent.id()) => {}
            "source-alert" => Self::alert(&mut self.sources, line.source.clone(), line),
            "group-alert" => Self::alert(&mut self.groups, line.group.clone(), line),
            "request" if matches!(line.request.as_deref(), Some("acknowledge" | "acknowledge-other")) => {
                let mut all = [
                    (&mut self.machines, line.machine),
                    (&mut self.sources, line.source),
                    (&mut self.groups, line.group),
                ]
                .into_iter();
                let Some(of) = all.find_map(|(all, id)| all.get_mut(&id?)) else { return };
                // What nobody says they have seen, nobody has.
                let Some(by) = line.by.filter(|by| !by.trim().is_empty()) else { return };
                let who = Acknowledgement { by, at: line.at, note: line.note };
                // Many devices that were told together have no name, and are not all that the source has.
                let means_any = line.device.is_none() && line.since.is_none();
                let since = line.since.as_ref().and_then(moment);
                let is_meant = |open: &Open| {
                    line.alert.as_ref().is_none_or(|alert| *alert == open.alert)
                        && (means_any || line.device == open.device)
                        && since.zip(open.since).is_none_or(|(since, began)| began.since(since).abs() < SAME)
                };
                for open in of.open.iter_mut().filter(|open| !open.seen && is_meant(open)) {
                    open.seen = true;
                    of.acknowledged.push((open.alert.clone(), who.clone()));
                }
                // Of those that are over, one is meant whose beginning is told.
                let is_over = |open: &mut Open| since.and(open.since).is_some() && is_meant(open);
                for over in of.over.extract_if(.., is_over) {
                    of.acknowledged.push((over.alert, who.clone()));
                }
            }
            _ => {}
        }
    }

    /// Takes that a source is lost, which is an alert until it is there again, or that it works.
    fn source(&mut self, line: Line) {
        let (Some(id), Some(works)) = (line.source.as_ref(), line.works) else { return };
        self.failures += u32::from(!works);
        let lost = AlertKind::Silent.id();
        let is_lost = |of: &Watched| of.open.iter().any(|open| open.alert == lost && open.device.is_none());
        if works != self.sources.get(id).is_some_and(is_lost) {
            return;
        }
        let change = if works { "cleared" } else { "raised" };
        let (alert, change) = (Some(lost.to_owned()), Some(change.to_owned()));
        Self::alert(&mut self.sources, line.source.clone(), Line { alert, change, device: None, ..line });
    }

    /// Takes an alert about one of those that are watched.
    fn alert(all: &mut BTreeMap<String, Watched>, id: Option<String>, line: Line) {
        let (Some(id), Some(alert)) = (id, line.alert) else { return };
        let of = all.entry(id).or_default();
        of.asset = line.asset.or(of.asset.take());
        of.name = line.group_name.as_ref().map(Text::from).or(of.name.take());
        let is_it = |open: &mut Open| (&open.alert, &open.device) == (&alert, &line.device);
        of.over.extend(of.open.extract_if(.., is_it).filter(|open| !open.seen));
        if line.change.as_deref() == Some("raised") {
            of.last = Some(line.at);
            *of.raised.entry(alert.clone()).or_default() += 1;
            let since = line.since.as_ref().and_then(moment);
            of.open.push(Open { alert, device: line.device, since, seen: false });
        }
    }
}

/// Times of alerts are written with milliseconds: less than this apart they are the same.
const SAME: f64 = 0.001;

/// When an alert began: as words of an alert, as a number of a request.
fn moment(since: &Value) -> Option<Time> {
    since.as_str().map_or_else(|| Time::deserialize(since).ok(), |since| Time::parse(since).ok())
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    use super::*;

    #[test]
    fn a_lost_source_is_an_alert_that_somebody_acknowledges() {
        let mut evidence = Evidence::default();
        let source = |second: u32, works: bool| {
            format!(
                r#"{{"type":"source","source":"line","at":"2026-04-01T00:00:0{second}.000Z","works":{works},"why":null}}"#
            )
        };
        let seen = r#"{"type":"request","at":"2026-04-01T00:00:03.000Z","request":"acknowledge-other","source":"line","alert":"silent","by":"Sato"}"#;
        evidence.line(&source(0, true));
        assert_eq!(evidence.sources.len(), 0, "one that works is nothing to tell");
        // It is lost still when it is tried again.
        for line in [source(1, false), source(2, false), seen.to_owned()] {
            evidence.line(&line);
        }
        let line = &evidence.sources["line"];
        assert_eq!((evidence.failures, line.raised(), line.acknowledged.len()), (2, 1, 1));
        assert_eq!(
            (line.open.len(), line.open[0].seen, line.last.as_deref()),
            (1, true, Some("2026-04-01T00:00:01.000Z"))
        );
        evidence.line(&source(4, true));
        // The alert that stands beside it is the same once more.
        let alert = r#"{"type":"source-alert","source":"line","alert":"silent","change":"raised","at":"2026-04-01T00:00:05.000Z"}"#;
        for line in [&source(5, false), alert] {
            evidence.line(line);
        }
        let line = &evidence.sources["line"];
        assert_eq!((line.raised(), line.acknowledged.len(), line.open[0].seen), (2, 1, false));
    }

    #[test]
    fn an_alert_is_acknowledged_when_it_is_over_as_well() {
        let mut evidence = Evidence::default();
        let alert = |change: &str, second: u32| {
            format!(
                r#"{{"type":"alert","machine":"press","alert":"too-slow","change":"{change}","since":"1970-01-01T00:00:0{second}.000Z","at":"1970-01-01T00:00:09.000Z"}}"#
            )
        };
        let seen = |since: u64| {
            format!(
                r#"{{"type":"request","at":"2026-04-01T06:00:00.000Z","request":"acknowledge","machine":"press","alert":"too-slow","since":{since},"by":"Sato"}}"#
            )
        };
        let (first, second) = (1_000_000_000, 2_000_000_000);
        for line in [alert("raised", 1), alert("cleared", 1), alert("raised", 2), seen(first), seen(first)] {
            evidence.line(&line);
        }
        let press = &evidence.machines["press"];
        assert_eq!((press.acknowledged.len(), press.over.len(), press.open[0].seen), (1, 0, false));
        evidence.line(&seen(second));
        evidence.line(&alert("cleared", 2));
        let press = &evidence.machines["press"];
        assert_eq!((press.raised(), press.acknowledged.len(), press.over.len()), (2, 2, 0));
    }

    #[test]
    fn records_show_what_was_raised_and_who_looked() {
        let mut evidence = Evidence::default();
        evidence.machine("press", None);
        for line in [
            r#"{"type":"watch","at":"2026-04-01T00:00:00.000Z","machines":2}"#,
            r#"{"type":"source","source":"line","at":"2026-04-01T00:00:01.000Z","works":false,"why":"x"}"#,
            r#"{"type":"alert","machine":"robot","asset":"arm","alert":"too-slow","change":"raised","at":"1970-01-01T00:00:00.000Z"}"#,
            r#"{"type":"alert","machine":"robot","asset":"arm","alert":"stuck","change":"raised","at":"1970-01-01T00:00:09.000Z"}"#,
            r#"{"type":"request","at":"2026-04-01T00:09:00.000Z","request":"acknowledge","machine":"robot","alert":"too-slow","by":" "}"#,
            r#"{"type":"request","at":"2026-04-01T00:10:00.000Z","request":"acknowledge","machine":"robot","alert":"too-slow","by":"Sato","note":"belt"}"#,
            r#"{"type":"request","at":"2026-04-01T00:10:00.000Z","request":"acknowledge","machine":"robot","alert":"too-slow","by":"Tanaka"}"#,
            r#"{"type":"source-alert","source":"line","device":"10.0.0.9","alert":"unknown-device","change":"raised","at":"2026-04-01T00:00:02.000Z"}"#,
            r#"{"type":"source-alert","source":"line","device":"10.0.0.8","alert":"unknown-device","change":"raised","at":"2026-04-01T00:00:03.000Z"}"#,
            r#"{"type":"request","at":"2026-04-01T00:00:03.500Z","request":"acknowledge-other","source":"line","device":"10.0.0.8","alert":"unknown-device","by":"Sato"}"#,
            r#"{"type":"source-alert","source":"line","device":"10.0.0.9","alert":"unknown-device","change":"cleared","at":"2026-04-01T00:00:04.000Z"}"#,
            r#"{"type":"group-alert","group":"cell","group_name":{"ja":"溶接セル","en":"Welding cell"},"alert":"together","change":"raised","at":"2026-04-01T00:00:05.000Z"}"#,
            r#"{"type":"alert","machine":"robot","asset":"arm","alert":"too-slow","change":"cleared","at":"1970-01-01T00:01:00.000Z"}"#,
            r#"{"type":"alert","mach"#,
        ] {
            evidence.line(line);
        }
        let robot = &evidence.machines["robot"];
        assert_eq!(
            (robot.raised(), robot.acknowledged.len(), robot.open.as_slice()),
            (2, 1, &[Open { alert: "stuck".to_owned(), ..Open::default() }][..])
        );
        let (alert, who) = &robot.acknowledged[0];
        let text = who.text(|at| evidence.told(at)).unwrap();
        assert_eq!(
            (alert.as_str(), text.get(Lang::En), text.get(Lang::Ja)),
            ("too-slow", "Sato, 2026-04-01 00:10:00 UTC: belt", "Sato、2026-04-01 00:10:00 UTC「belt」")
        );
        assert_eq!(
            (robot.asset.as_deref(), robot.last.as_deref()),
            (Some("arm"), Some("1970-01-01T00:00:09.000Z"))
        );
        assert_eq!(evidence.machines["press"], Watched::default());
        let (line, cell) = (&evidence.sources["line"], &evidence.groups["cell"]);
        let of_line: Vec<Option<&str>> = line.open.iter().map(|open| open.device.as_deref()).collect();
        assert_eq!((line.raised(), of_line), (3, vec![None, Some("10.0.0.8")]));
        let seen: Vec<bool> = line.open.iter().map(|open| open.seen).collect();
        assert_eq!((line.acknowledged.len(), seen), (1, vec![false, true]), "the other device was not meant");
        assert_eq!((cell.raised(), cell.open.len()), (1, 1));
        assert_eq!(cell.name, Some(Text::new("溶接セル", "Welding cell")));
        assert_eq!((evidence.starts, evidence.failures), (1, 1));
        assert_eq!(evidence.from.as_deref(), Some("2026-04-01T00:00:00.000Z"));
        assert_eq!(evidence.until.as_deref(), Some("2026-04-01T00:10:00.000Z"));
    }
}
