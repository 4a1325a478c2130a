//! How machines are right now, for people who look from elsewhere: one row of the database for each.

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::config::{Configuration, MachineConfiguration};
use anshin_monitor::group::{GroupAlert, OpenAlert};
use anshin_monitor::judge::AlertKind;
use anshin_monitor::meaning::Meaning;
use anshin_monitor::v1::Line;
use anshin_monitor::{Machine, Said, State, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// What it does; `None` if nothing is known.
    pub state: Option<State>,
    /// Its last cycle, as a line of JSON.
    pub cycle: Option<Value>,
    /// Alerts that are raised.
    pub alerts: Vec<ShownAlert>,
    /// Until when it is maintained.
    pub maintenance: Option<String>,
    /// How often whoever judges it has said to be alive; `None` if nobody does.
    #[serde(skip)]
    pub beat: Option<i64>,
    /// Whether nothing is heard of whoever judges it, so that all this is how it was last.
    #[serde(default)]
    pub quiet: bool,
}

/// An alert that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAlert {
    /// Which alert.
    pub alert: String,
    /// Its name.
    pub name: Both,
    /// Since when.
    pub since: String,
    /// Whether somebody has acknowledged it.
    pub seen: bool,
}

impl ShownAlert {
    /// Which alert of a machine it is; `None` for one that this version does not know.
    pub(crate) fn open(&self, machine: usize) -> Option<OpenAlert> {
        let kind = AlertKind::ALL.into_iter().find(|kind| kind.id() == self.alert)?;
        Some(OpenAlert { machine, kind, since: Time::parse(&self.since).ok()? })
    }
}

/// Machines that share something and raise alerts together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ShownGroup {
    /// The team or the monitor that watches them.
    #[serde(default)]
    pub team: String,
    /// Id of the group.
    pub group: String,
    /// Its name, with the machines.
    pub name: Both,
    /// Name of the alert.
    pub alert: Both,
    /// Since when.
    pub since: String,
    /// What is likely behind it, likely ones first.
    pub causes: Vec<Both>,
    /// What to look at first.
    pub first: Vec<Both>,
    /// How often whoever speaks for them has said to be alive; `None` if nobody does.
    #[serde(skip)]
    pub beat: Option<i64>,
    /// Whether nothing is heard of whoever speaks for them, so that all this is how it was last.
    #[serde(default)]
    pub quiet: bool,
}

impl ShownGroup {
    /// An alert of a group as people see it.
    pub(crate) fn of(configuration: &Configuration, said: &GroupAlert, catalog: &Catalog) -> Self {
        let group = &configuration.groups[said.group];
        let name = said.name(configuration);
        let known = Meaning::of(said.alert.kind, &name, Some(group.shares), catalog);
        let all = |texts: &[&Text]| texts.iter().map(|text| Both::from(*text)).collect();
        Self {
            team: String::new(),
            group: group.id.to_string(),
            alert: known.as_ref().map_or_else(|| Both::from(&Text::same("together")), |k| Both::from(k.name)),
            causes: known.as_ref().map_or_else(Vec::new, |known| all(&known.causes)),
            first: known.as_ref().map_or_else(Vec::new, |known| all(&known.first)),
            name: Both::from(&name),
            since: said.alert.since.to_string(),
            beat: None,
            quiet: false,
        }
    }
}

/// A text as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl From<&Text> for Both {
    fn from(text: &Text) -> Self {
        Self { ja: text.get(Lang::Ja).to_owned(), en: text.get(Lang::En).to_owned() }
    }
}

/// What makes a difference to people who look.
#[derive(Debug, Clone, PartialEq, Default)]
struct Glance {
    state: Option<State>,
    cycles: u64,
    alerts: Vec<(AlertKind, Time, bool)>,
    maintenance: Option<Time>,
}

/// What has been shown of each machine, and what is to be shown next.
#[derive(Debug)]
pub struct Panel {
    shown: Vec<Option<Glance>>,
    cycles: Vec<(u64, Option<Value>)>,
}

impl Panel {
    /// Nothing is shown yet of so many machines.
    pub fn new(machines: usize) -> Self {
        Self { shown: vec![None; machines], cycles: vec![(0, None); machines] }
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
        seen: impl Fn(AlertKind) -> bool,
        maintenance: Option<Time>,
        catalog: &Catalog,
    ) -> Option<Shown> {
        let (cycles, cycle) = &self.cycles[n];
        let glance = Glance {
            state: machine.utilisation().state(),
            cycles: *cycles,
            alerts: machine.open_alerts().map(|(kind, since)| (kind, since, seen(kind))).collect(),
            maintenance,
        };
        if self.shown[n].as_ref() == Some(&glance) {
            return None;
        }
        let alerts = glance.alerts.iter().map(|(kind, since, seen)| ShownAlert {
            alert: kind.id().to_owned(),
            name: catalog
                .alerts
                .get(kind.id())
                .map_or_else(|| Both::from(&Text::same(kind.id())), |known| Both::from(&known.name)),
            since: since.to_string(),
            seen: *seen,
        });
        let shown = Shown {
            team: String::new(),
            machine: of.id.to_string(),
            name: Both::from(&of.name),
            state: glance.state,
            cycle: cycle.clone(),
            alerts: alerts.collect(),
            maintenance: maintenance.map(|until| until.to_string()),
            beat: None,
            quiet: false,
        };
        self.shown[n] = Some(glance);
        Some(shown)
    }

    /// A machine is shown by somebody else from here on.
    pub fn forget(&mut self, n: usize) {
        self.shown[n] = None;
    }
}
