//! How machines are right now, for people who look from elsewhere: one row of the database for each.

mod over;

use std::collections::BTreeMap;
use std::sync::Arc;

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::account::{Account, Both};
use anshin_monitor::config::{Configuration, MachineConfiguration};
use anshin_monitor::cycle::Bounds;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::{Alert, AlertKind};
use anshin_monitor::lamp::Light;
use anshin_monitor::maintenance::{Asked, Span};
use anshin_monitor::reference::{self, Mode, References};
use anshin_monitor::utilisation::{Rate, Utilisation};
use anshin_monitor::v1::Line;
use anshin_monitor::{Machine, Said, State, Time};
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use over::OverAlert;
pub(crate) use over::Stage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock;
use crate::folder::{Other, Request};

/// How a machine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// The team or the monitor that watches it.
    #[serde(default)]
    pub team: String,
    /// Its id.
    pub machine: String,
    /// Its name.
    pub name: Both,
    /// The asset of the system document that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// What it does; `None` if nothing is known.
    pub state: Option<State>,
    /// Since when it does so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The lights that are lit on it, where they tell what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lit: Option<Vec<Light>>,
    /// Its last cycle, as a line of JSON.
    pub cycle: Option<Value>,
    /// Alerts that are raised.
    pub alerts: Vec<ShownAlert>,
    /// Alerts that are over and that nobody has acknowledged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<OverAlert>,
    /// Until when it is maintained.
    pub maintenance: Option<String>,
    /// When it is maintained next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_maintenance: Option<ShownSpan>,
    /// The time zone of the factory.
    #[serde(default)]
    pub zone: Option<String>,
    /// The unit of what its cycles take.
    #[serde(default)]
    pub unit: String,
    /// It has no cycles, and so no references.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_cycles: bool,
    /// How well it was used on the newest day on which it was planned to work.
    #[serde(default)]
    pub used: Option<ShownUse>,
    /// References that wait for a person's approval.
    #[serde(default)]
    pub waiting: Vec<WaitingReference>,
    /// The references that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ShownReference>,
    /// How often whoever judges it has said to be alive; `None` if nobody does.
    #[serde(skip)]
    pub beat: Option<i64>,
    /// When they have said so last, by their clock.
    #[serde(skip)]
    pub heard: Option<Time>,
    /// Whether nothing is heard of whoever judges it, so that all this is how it was last.
    #[serde(default)]
    pub quiet: bool,
}

impl Shown {
    /// What it does, since when, and which lights are lit, with the moment as it is to be told.
    pub fn doing(&self, told: impl Fn(&str) -> String) -> Text {
        let in_lang = |lang: Lang| {
            let word = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
            let mut text = State::name(self.state).get(lang).to_owned();
            if let Some(since) = &self.since {
                text += &word("、開始 ", ", since ");
                text += &told(since);
            }
            if let Some(lit) = &self.lit {
                text += &word("、点灯 ", ", lights lit: ");
                text += Light::names(lit).get(lang);
            }
            text
        };
        Text::new(in_lang(Lang::Ja), in_lang(Lang::En))
    }
}

/// From when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSpan {
    /// The first moment.
    pub from: String,
    /// When it is over.
    pub until: String,
}

impl ShownSpan {
    /// When it is, with the moments as they are to be told.
    pub fn text(&self, told: impl Fn(&str) -> String) -> Text {
        let (from, until) = (told(&self.from), told(&self.until));
        Text::new(format!("{from}から{until}まで"), format!("from {from} until {until}"))
    }
}

impl From<Span> for ShownSpan {
    fn from(span: Span) -> Self {
        Self { from: span.from.to_string(), until: span.until.to_string() }
    }
}

/// When a machine is maintained, as people have asked and as it is planned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Until when it is, if it is now.
    until: Option<Time>,
    /// When it is next.
    next: Option<Span>,
}

impl Maintenance {
    /// That of a machine at a moment by the clock of people.
    pub fn of(machine: &Machine, asked: Option<&Asked>, now: Time) -> Self {
        let until = asked.and_then(|asked| asked.end(now)).max(machine.planned_maintenance());
        let next = [asked.and_then(|asked| asked.next(now)), machine.next_maintenance()];
        // What begins and ends within what is done now is no news.
        let next = next.into_iter().flatten().filter(|span| until.is_none_or(|until| span.until > until));
        Self { until, next: next.min_by_key(|span| span.from) }
    }
}

/// That nobody watches any more, and since when.
pub fn stopped(since: &str) -> Text {
    Text::new(
        format!("監視は{since}から止まっています。`anshin monitor run`で始めてください"),
        format!("nothing has been watched since {since}; start it with `anshin monitor run`"),
    )
}

/// How well a machine was used on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownUse {
    /// The day.
    pub day: String,
    /// The rate of the day.
    pub rate: Rate,
    /// The rates of its shifts, with their names.
    pub shifts: Vec<(Both, Rate)>,
}

impl ShownUse {
    fn newest(utilisation: &Utilisation) -> Option<Self> {
        let (day, used) = utilisation.newest_day()?;
        let of_day = utilisation.cells().filter(|((of, _), _)| *of == day);
        let shifts = of_day.filter_map(|((_, shift), used)| {
            let shift = utilisation.shift(shift?)?;
            Some((Both::from(&shift.name), used.rate()))
        });
        Some(Self { day: day.to_string(), rate: used.rate(), shifts: shifts.collect() })
    }

    /// The rate of the day, and those of its shifts in brackets.
    pub fn text(&self) -> Text {
        let of = |lang: Lang| {
            let rate = |rate: &Rate| rate.text().get(lang).to_owned();
            let shifts = self.shifts.iter().map(|(name, of)| format!("{} {}", name.get(lang), rate(of)));
            let (comma, open, close) = match lang {
                Lang::Ja => ("、", "（", "）"),
                Lang::En => (", ", "  (", ")"),
            };
            let shifts = shifts.collect::<Vec<_>>().join(comma);
            if shifts.is_empty() { rate(&self.rate) } else { rate(&self.rate) + open + &shifts + close }
        };
        Text::new(of(Lang::Ja), of(Lang::En))
    }
}

/// What of the use on the newest day is news to whoever looks: whole percents.
fn percent_of_day(utilisation: &Utilisation) -> Option<(Date, Option<u8>)> {
    let (day, used) = utilisation.newest_day()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is 0 to 1")]
    let percent = used.rate().part().map(|part| (part * 100.0).round() as u8);
    Some((day, percent))
}

/// A reference by which nothing is judged before a person has approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingReference {
    /// The parts of the job's key.
    pub key: Vec<String>,
    /// Number of the mode.
    pub mode: u32,
}

impl WaitingReference {
    fn all(references: &References) -> Vec<Self> {
        let key = |key: &[Arc<str>]| key.iter().map(ToString::to_string).collect();
        references.waiting().map(|(parts, mode)| Self { key: key(parts), mode: mode.mode }).collect()
    }

    /// The job and the mode, as people are told.
    pub fn job(&self) -> String {
        reference::name(&self.key, self.mode)
    }

    /// The command that approves it, up to who says so.
    pub fn approve(&self, machine: &str) -> String {
        let key = self.key.iter().map(String::as_str);
        format!("anshin monitor approve {}", typed([machine].into_iter().chain(key), self.mode))
    }
}

/// A reference by which a machine is judged, or will be once a person has approved it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownReference {
    /// The parts of the job's key.
    pub key: Vec<String>,
    /// Number of the mode.
    pub mode: u32,
    /// How long a cycle takes, in seconds.
    pub seconds: f64,
    /// What it takes, in the unit of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<f64>,
}

impl ShownReference {
    fn all(references: &References) -> Vec<Self> {
        let of = |(key, mode): (&[Arc<str>], &Mode)| Self {
            key: key.iter().map(ToString::to_string).collect(),
            mode: mode.mode,
            seconds: mode.reference.duration,
            quantity: mode.reference.quantity,
        };
        references.modes().map(of).collect()
    }

    /// The job and the mode, as people are told.
    pub fn job(&self) -> String {
        reference::name(&self.key, self.mode)
    }
}

/// The parts of a job's key and a mode of it as they are typed.
pub fn typed<'a>(key: impl IntoIterator<Item = &'a str>, mode: u32) -> String {
    let words: String = key.into_iter().map(|part| quoted(part) + " ").collect();
    format!("{words}--mode {mode}")
}

/// A word as a shell takes it for one.
pub fn quoted(word: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "-_./:".contains(sign);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// An alert that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAlert {
    /// What people are told.
    #[serde(flatten)]
    pub account: Account,
    /// Since when.
    pub since: String,
    /// Whether somebody has acknowledged it.
    #[serde(default)]
    pub seen: bool,
    /// Who has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
}

impl ShownAlert {
    /// Which alert of a machine it is; `None` for one that this version does not know.
    pub(crate) fn open(&self, machine: usize) -> Option<OpenAlert> {
        let kind = AlertKind::ALL.into_iter().find(|kind| kind.id() == self.account.alert)?;
        Some(OpenAlert { machine, kind, since: Time::parse(&self.since).ok()? })
    }
}

/// An alert that is about no single machine: about a source, or machines that share something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ShownOther {
    /// The team or the monitor that watches.
    #[serde(default)]
    pub team: String,
    /// The source or group; `None` where an earlier version has shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Other>,
    /// The device, of a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The alert.
    pub alert: ShownAlert,
    /// The time zone of the factory.
    #[serde(default)]
    pub zone: Option<String>,
    /// How often whoever speaks for all has said to be alive; `None` if nobody does.
    #[serde(skip)]
    pub beat: Option<i64>,
    /// When they have said so last, by their clock.
    #[serde(skip)]
    pub heard: Option<Time>,
    /// Whether nothing is heard of whoever speaks for all, so that all this is how it was last.
    #[serde(default)]
    pub quiet: bool,
}

impl ShownOther {
    /// An alert as people see it, and who has acknowledged it.
    pub(crate) fn new(
        (about, device): (Other, Option<String>),
        (account, since): (Account, Time),
        acknowledged: Option<&Acknowledgement>,
        configuration: &Configuration,
    ) -> Self {
        let (seen, acknowledged) = (acknowledged.is_some(), acknowledged.cloned());
        Self {
            team: String::new(),
            about: Some(about),
            device,
            alert: ShownAlert { account, since: since.to_string(), seen, acknowledged },
            zone: zone_name(&configuration.zone()),
            beat: None,
            heard: None,
            quiet: false,
        }
    }
}

impl ShownOther {
    /// Whether a request means this alert.
    pub fn is_meant(&self, request: &Request) -> bool {
        let Request::AcknowledgeOther { about, device, since, .. } = request else { return false };
        let began = Time::parse(&self.alert.since).ok();
        // When the alert of a group began is told by the clocks of machines.
        let asked = request.asked().filter(|_| matches!(about, Other::Source(_)));
        self.about.as_ref() == Some(about)
            // Many devices that were told together have no name, and are not all that the source has.
            && (self.device == *device || device.is_none() && since.is_none())
            && began.is_some_and(|began| request.acknowledges(&self.alert.account.alert, began, asked))
    }

    /// The request that acknowledges this alert, and no other one.
    pub fn acknowledge(&self, by: String, note: Option<String>) -> Option<Request> {
        Some(Request::AcknowledgeOther {
            about: self.about.clone()?,
            device: self.device.clone(),
            alert: Some(self.alert.account.alert.clone()),
            since: Time::parse(&self.alert.since).ok(),
            by,
            note,
            asked: Some(clock::now()),
        })
    }
}

/// The name of a time zone, where it is one that has a name.
pub(crate) fn zone_name(zone: &TimeZone) -> Option<String> {
    zone.iana_name().map(str::to_owned)
}

/// What makes a difference to people who look.
#[derive(Debug, Clone, PartialEq, Default)]
struct Glance {
    state: (Option<State>, Option<Time>),
    lit: Option<Vec<Light>>,
    cycles: u64,
    alerts: Vec<(AlertKind, Time, Option<Acknowledgement>)>,
    over: Vec<OverAlert>,
    maintenance: Maintenance,
    used: Option<(Date, Option<u8>)>,
    waiting: Vec<WaitingReference>,
    references: usize,
}

/// What has been shown of each machine, and what is to be shown next.
#[derive(Debug)]
pub struct Panel {
    glances: Vec<Option<Glance>>,
    cycles: Vec<(u64, Option<Value>)>,
    /// The alerts of each machine that are raised, as they were when they began.
    raised: Vec<BTreeMap<AlertKind, Alert>>,
    /// Those that are over and that nobody has acknowledged.
    over: Vec<Vec<OverAlert>>,
}

impl Panel {
    /// Nothing is shown yet of so many machines.
    pub fn new(machines: usize) -> Self {
        Self {
            glances: vec![None; machines],
            cycles: vec![(0, None); machines],
            raised: vec![BTreeMap::new(); machines],
            over: vec![Vec::new(); machines],
        }
    }

    /// A machine said something.
    pub fn said(&mut self, n: usize, said: &Said, line: &Line<'_>) {
        if matches!(said, Said::Cycle(..)) {
            self.cycles[n] = (self.cycles[n].0 + 1, serde_json::to_value(line).ok());
        }
    }

    /// How a machine is, if that has changed since it was asked last.
    pub fn look(
        &mut self,
        (n, of): (usize, &MachineConfiguration),
        machine: &Machine,
        seen: impl Fn(AlertKind) -> Option<Acknowledgement>,
        maintenance: Maintenance,
        catalog: &Catalog,
    ) -> Option<Shown> {
        let glance = Glance {
            state: (machine.utilisation().state(), machine.utilisation().since()),
            lit: machine.lit(),
            cycles: self.cycles[n].0,
            alerts: machine.open_alerts().map(|(kind, since)| (kind, since, seen(kind))).collect(),
            over: self.over[n].clone(),
            maintenance,
            used: percent_of_day(machine.utilisation()),
            waiting: WaitingReference::all(machine.references()),
            references: machine.references().modes().count(),
        };
        if self.glances[n].as_ref() == Some(&glance) {
            return None;
        }
        let shown = self.shown((n, of), machine, seen, maintenance, catalog);
        self.glances[n] = Some(glance);
        Some(shown)
    }

    /// How a machine is.
    pub fn shown(
        &self,
        (n, of): (usize, &MachineConfiguration),
        machine: &Machine,
        seen: impl Fn(AlertKind) -> Option<Acknowledgement>,
        maintenance: Maintenance,
        catalog: &Catalog,
    ) -> Shown {
        let raised = machine.raised(clock::now()).map(|alert| {
            let acknowledged = seen(alert.kind);
            ShownAlert {
                account: Account::of_machine(of, &alert, catalog),
                since: alert.since.to_string(),
                seen: acknowledged.is_some(),
                acknowledged,
            }
        });
        Shown {
            team: String::new(),
            machine: of.id.to_string(),
            name: Both::from(&of.name),
            asset: of.asset.as_ref().map(ToString::to_string),
            state: machine.utilisation().state(),
            since: machine.utilisation().since().map(|since| since.to_string()),
            lit: machine.lit(),
            cycle: self.cycles[n].1.clone(),
            alerts: raised.collect(),
            over: self.over[n].clone(),
            maintenance: maintenance.until.map(|until| until.to_string()),
            next_maintenance: maintenance.next.map(ShownSpan::from),
            zone: zone_name(&of.settings.zone),
            unit: of.unit.clone(),
            no_cycles: of.settings.cycle.bounds == Bounds::None,
            used: ShownUse::newest(machine.utilisation()),
            waiting: WaitingReference::all(machine.references()),
            references: ShownReference::all(machine.references()),
            beat: None,
            heard: None,
            quiet: false,
        }
    }

    /// A machine is shown by somebody else from here on.
    pub fn forget(&mut self, n: usize) {
        self.glances[n] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_approves_is_one_that_a_shell_takes() {
        let of = |key: &[&str]| {
            let key = key.iter().map(|part| (*part).to_owned()).collect();
            WaitingReference { key, mode: 2 }.approve("robot")
        };
        assert_eq!(of(&[]), "anshin monitor approve robot --mode 2");
        assert_eq!(of(&["WELD-7", "荒"]), "anshin monitor approve robot WELD-7 荒 --mode 2");
        assert_eq!(of(&["a b", "it's", ""]), r"anshin monitor approve robot 'a b' 'it'\''s' '' --mode 2");
    }
}
