//! What a monitor says as lines of JSON: the first version of the format. Keys may be added; taking
//! one away or giving it another meaning makes a new version.

use std::collections::BTreeMap;

use anshin_catalog::Catalog;
use anshin_model::{Id, Lang, Text};
use serde::Serialize;

use crate::account;
use crate::config::{Configuration, MachineConfiguration};
use crate::cycle::{Cycle, Doubt};
use crate::group::{GroupAlert, Shares};
use crate::judge::{Alert, AlertKind, Change, SourceAlert};
use crate::machine::{Machine, Said};
use crate::meaning::Meaning;
use crate::reading::State;
use crate::reference::{Deviation, Finding};
use crate::touch::Touched;
use crate::utilisation::{Cell, Times, Used};

/// A line.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line<'a> {
    /// A cycle has ended.
    Cycle(CycleLine<'a>),
    /// An alert begins or is over.
    Alert(AlertLine<'a>),
    /// An alert about a source begins or is over.
    SourceAlert(SourceAlertLine<'a>),
    /// An alert about machines that share something begins or is over.
    GroupAlert(GroupAlertLine<'a>),
    /// How well a machine was used on a day.
    Utilisation(UtilisationLine<'a>),
}

/// A cycle.
#[derive(Debug, Serialize)]
pub struct CycleLine<'a> {
    machine: &'a str,
    number: u64,
    start: String,
    end: String,
    key: Vec<&'a str>,
    duration_seconds: f64,
    duration_uncertainty_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_seconds: Option<f64>,
    quantity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_quantity: Option<f64>,
    unit: &'a str,
    uncertainty: f64,
    finding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    during: Option<&'static str>,
    doubts: Vec<Doubt>,
    mode: Option<u32>,
    duration_deviation: Option<f64>,
    quantity_deviation: Option<f64>,
    duration_tolerance: Option<f64>,
    quantity_tolerance: Option<f64>,
}

/// An alert.
#[derive(Debug, Serialize)]
pub struct AlertLine<'a> {
    machine: &'a str,
    asset: Option<&'a str>,
    alert: &'static str,
    change: Change,
    since: String,
    at: String,
    deviation: Option<f64>,
    value: Option<f64>,
    reference: Option<f64>,
    unit: &'a str,
    cycles: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(flatten)]
    means: Means<'a>,
}

/// An alert about a source.
#[derive(Debug, Serialize)]
pub struct SourceAlertLine<'a> {
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    devices: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<Vec<String>>,
    machines: Vec<&'a str>,
    #[serde(flatten)]
    happens: Happens<'a>,
}

/// An alert about machines that share something.
#[derive(Debug, Serialize)]
pub struct GroupAlertLine<'a> {
    group: &'a str,
    group_name: Both,
    machines: Vec<&'a str>,
    shares: &'static str,
    #[serde(flatten)]
    happens: Happens<'a>,
}

/// What happens to something that is no machine.
#[derive(Debug, Serialize)]
struct Happens<'a> {
    asset: Option<&'a str>,
    alert: &'static str,
    change: Change,
    since: String,
    at: String,
    #[serde(flatten)]
    means: Means<'a>,
}

impl<'a> Happens<'a> {
    fn new(alert: &Alert, asset: Option<&'a Id>, means: Means<'a>) -> Self {
        Self {
            asset: asset.map(Id::as_str),
            alert: alert.kind.id(),
            change: alert.change,
            since: alert.since.to_string(),
            at: alert.at.to_string(),
            means,
        }
    }
}

/// What the catalog and the system document know of an alert.
#[derive(Debug, Serialize)]
struct Means<'a> {
    name: Option<Both>,
    says: Option<Both>,
    causes: Vec<Both>,
    first: Vec<Both>,
    threats: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<InSystem<'a>>,
}

/// What an alert touches in the system document.
#[derive(Debug, Serialize)]
struct InSystem<'a> {
    asset_name: Both,
    hazards: Vec<HazardRow<'a>>,
    scenarios: Vec<ScenarioRow<'a>>,
}

#[derive(Debug, Serialize)]
struct HazardRow<'a> {
    id: &'a str,
    name: Both,
}

#[derive(Debug, Serialize)]
struct ScenarioRow<'a> {
    id: &'a str,
    incident: Both,
    risk: Both,
}

impl<'a> Means<'a> {
    fn new(
        (kind, shares): (AlertKind, Option<Shares>),
        of: &Text,
        touched: Option<&'a Touched>,
        catalog: &'a Catalog,
    ) -> Self {
        let known = Meaning::of(kind, of, shares, catalog);
        let known = known.as_ref();
        let threats = known.map_or(&[][..], |known| known.threats);
        let all = |texts: &[&Text]| texts.iter().map(|text| both(text)).collect();
        Self {
            name: known.map(|known| both(known.name)),
            says: known.map(|known| both(&known.says)),
            causes: known.map_or_else(Vec::new, |known| all(&known.causes)),
            first: known.map_or_else(Vec::new, |known| all(&known.first)),
            threats: threats.iter().map(Id::as_str).collect(),
            system: touched.map(|touched| InSystem {
                asset_name: both(&touched.name),
                hazards: touched
                    .hazards
                    .iter()
                    .map(|(id, name)| HazardRow { id: id.as_str(), name: both(name) })
                    .collect(),
                scenarios: touched
                    .scenarios(threats)
                    .map(|own| ScenarioRow {
                        id: own.id.as_str(),
                        incident: both(&own.incident),
                        risk: both(&own.risk),
                    })
                    .collect(),
            }),
        }
    }
}

/// A text in both languages.
type Both = BTreeMap<&'static str, String>;

fn both(text: &Text) -> Both {
    [Lang::Ja, Lang::En].into_iter().map(|lang| (lang.code(), text.get(lang).to_owned())).collect()
}

/// A day of a machine.
#[derive(Debug, Serialize)]
pub struct UtilisationLine<'a> {
    machine: &'a str,
    day: String,
    producing_seconds: f64,
    idle_seconds: f64,
    off_seconds: f64,
    no_data_seconds: f64,
    /// Producing against the planned time that is known.
    rate: Option<f64>,
    /// The part of it within the planned time.
    planned: PlannedTimes,
    /// The same for each shift.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shifts: Vec<ShiftRow<'a>>,
}

/// Seconds of each state within the planned time.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "keys of JSON name their unit")]
struct PlannedTimes {
    producing_seconds: f64,
    idle_seconds: f64,
    off_seconds: f64,
    no_data_seconds: f64,
}

impl From<&Times> for PlannedTimes {
    fn from(times: &Times) -> Self {
        Self {
            producing_seconds: round(times.producing),
            idle_seconds: round(times.idle),
            off_seconds: round(times.off),
            no_data_seconds: round(times.no_data),
        }
    }
}

#[derive(Debug, Serialize)]
struct ShiftRow<'a> {
    shift: &'a str,
    name: Both,
    rate: Option<f64>,
    #[serde(flatten)]
    times: PlannedTimes,
}

impl<'a> Line<'a> {
    /// What a machine said; what its alerts mean stands in the catalog.
    pub fn said(machine: &'a MachineConfiguration, said: &'a Said, catalog: &'a Catalog) -> Self {
        match said {
            Said::Cycle(cycle, finding) => Line::Cycle(CycleLine::new(machine, cycle, finding)),
            Said::Alert(alert) => Line::Alert(AlertLine::new(machine, alert, catalog)),
        }
    }

    /// What is wrong with a source.
    pub fn of_source(configuration: &'a Configuration, said: &SourceAlert, catalog: &'a Catalog) -> Self {
        let source = &configuration.sources[said.source];
        let name = said.name(source.id.as_str());
        let means = Means::new((said.alert.kind, None), &name, source.touched.as_ref(), catalog);
        Self::source(configuration, said, means)
    }

    /// A source is not connected, and why; or it is again.
    pub fn of_lost_source(
        configuration: &'a Configuration,
        said: &SourceAlert,
        why: Option<&Text>,
        catalog: &'a Catalog,
    ) -> Self {
        let source = &configuration.sources[said.source];
        let name = Text::same(source.id.as_str());
        let means = Means::new((said.alert.kind, None), &name, source.touched.as_ref(), catalog);
        let says = why.map(|why| both(&account::lost(source.id.as_str(), why))).or(means.says);
        Self::source(configuration, said, Means { says, ..means })
    }

    fn source(configuration: &'a Configuration, said: &SourceAlert, means: Means<'a>) -> Self {
        let source = &configuration.sources[said.source];
        let takes = |of: &&MachineConfiguration| of.inputs.iter().any(|input| input.from == source.id);
        let machines = configuration.machines.iter().filter(takes).map(|of| of.id.as_str()).collect();
        Line::SourceAlert(SourceAlertLine {
            source: source.id.as_str(),
            device: said.device.clone(),
            devices: said.crowd.as_ref().map(|crowd| crowd.devices),
            newest: said.crowd.as_ref().map(|crowd| crowd.newest.clone()),
            machines,
            happens: Happens::new(&said.alert, source.asset.as_ref(), means),
        })
    }

    /// What several machines that share something raise together.
    pub fn of_group(configuration: &'a Configuration, said: &GroupAlert, catalog: &'a Catalog) -> Self {
        let (group, alert) = (&configuration.groups[said.group], &said.alert);
        let ids = said.machines.iter().map(|n| configuration.machines[*n].id.as_str());
        let kind = (alert.kind, Some(group.shares));
        Line::GroupAlert(GroupAlertLine {
            group: group.id.as_str(),
            group_name: both(&group.name),
            machines: ids.collect(),
            shares: group.shares.id(),
            happens: Happens::new(
                alert,
                group.asset.as_ref(),
                Means::new(kind, &said.name(configuration), group.touched.as_ref(), catalog),
            ),
        })
    }

    /// The days of a machine.
    pub fn days(of: &'a MachineConfiguration, machine: &'a Machine) -> Vec<Self> {
        let utilisation = machine.utilisation();
        let rate = |used: &Used| used.rate().part().map(round);
        let shifts = |day| {
            let cells = utilisation.cells().filter(move |((of, _), _)| *of == day);
            let row = |((_, shift), used): (Cell, Used)| {
                let shift = utilisation.shift(shift?)?;
                let (name, times) = (both(&shift.name), PlannedTimes::from(&used.planned));
                Some(ShiftRow { shift: &shift.id, name, rate: rate(&used), times })
            };
            cells.filter_map(row).collect()
        };
        let line = |(day, used): (_, Used)| {
            let all = used.all();
            Line::Utilisation(UtilisationLine {
                machine: of.id.as_str(),
                day: jiff::civil::Date::to_string(&day),
                producing_seconds: round(all.producing),
                idle_seconds: round(all.idle),
                off_seconds: round(all.off),
                no_data_seconds: round(all.no_data),
                rate: rate(&used),
                planned: PlannedTimes::from(&used.planned),
                shifts: shifts(day),
            })
        };
        utilisation.by_day().into_iter().map(line).collect()
    }
}

/// All words for findings; one for each arm of [`finding`].
pub const FINDINGS: [&str; 8] =
    ["healthy", "inconclusive", "outside", "broken-off", "learning", "learnt", "unreliable", "interrupted"];

/// The word for a finding, and the deviation that it is about.
pub fn finding(finding: &Finding) -> (&'static str, Option<&Deviation>) {
    match finding {
        Finding::Unreliable => ("unreliable", None),
        Finding::Interrupted => ("interrupted", None),
        Finding::SetAside(_) | Finding::Learning => ("learning", None),
        Finding::Learnt { deviation, .. } => ("learnt", Some(deviation)),
        Finding::Healthy(deviation) => ("healthy", Some(deviation)),
        Finding::Inconclusive(deviation) => ("inconclusive", Some(deviation)),
        Finding::BrokenOff(deviation) => ("broken-off", Some(deviation)),
        Finding::Outside(deviation) => ("outside", Some(deviation)),
    }
}

impl<'a> CycleLine<'a> {
    fn new(machine: &'a MachineConfiguration, cycle: &'a Cycle, found: &Finding) -> Self {
        let (word, deviation) = finding(found);
        let is_held = cycle.doubts.contains(Doubt::Interrupted);
        Self {
            machine: machine.id.as_str(),
            number: cycle.number,
            start: cycle.start.to_string(),
            end: cycle.end.to_string(),
            key: cycle.key.iter().map(|part| &**part).collect(),
            duration_seconds: round(cycle.duration),
            duration_uncertainty_seconds: round(cycle.duration_uncertainty),
            held_seconds: is_held.then(|| round(cycle.held)),
            quantity: cycle.quantity.map(round),
            held_quantity: cycle.quantity.filter(|_| is_held).map(|_| round(cycle.held_quantity)),
            unit: &machine.unit,
            uncertainty: round(cycle.uncertainty),
            finding: word,
            during: match found {
                Finding::SetAside(work) => Some(work.id()),
                _ => None,
            },
            doubts: cycle.doubts.iter().collect(),
            mode: deviation.map(|deviation| deviation.mode),
            duration_deviation: deviation.map(|deviation| round(deviation.duration)),
            quantity_deviation: deviation.and_then(|deviation| deviation.quantity).map(round),
            duration_tolerance: deviation.and_then(|deviation| deviation.limits.duration).map(round),
            quantity_tolerance: deviation.and_then(|deviation| deviation.limits.quantity).map(round),
        }
    }
}

impl<'a> AlertLine<'a> {
    fn new(machine: &'a MachineConfiguration, alert: &Alert, catalog: &'a Catalog) -> Self {
        Self {
            unit: unit(machine, alert.kind),
            means: Means::new((alert.kind, None), &machine.name, machine.touched.as_ref(), catalog),
            machine: machine.id.as_str(),
            asset: machine.asset.as_ref().map(Id::as_str),
            alert: alert.kind.id(),
            change: alert.change,
            since: alert.since.to_string(),
            at: alert.at.to_string(),
            deviation: alert.deviation.map(round),
            value: alert.value.map(round),
            reference: alert.reference.map(round),
            cycles: alert.cycles,
            key: alert.job.as_ref().map(|job| job.key.iter().map(ToString::to_string).collect()),
            mode: alert.job.as_ref().map(|job| job.mode),
            state: alert.state.map(State::id),
        }
    }
}

/// The unit of what an alert compares.
pub fn unit(machine: &MachineConfiguration, kind: AlertKind) -> &str {
    match kind {
        AlertKind::TakesTooMuch
        | AlertKind::TakesTooLittle
        | AlertKind::QuantityDrifts
        | AlertKind::NewQuantity => &machine.unit,
        AlertKind::PowerTooHigh | AlertKind::PowerOutsideState => "W",
        _ => "s",
    }
}

/// Six digits after the point are finer than any meter.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::reference::{Limits, Standing, Values, Work, Wrong};

    #[test]
    fn each_word_for_a_finding_is_one_of_a_finding() {
        let deviation = Deviation {
            mode: 1,
            reference: Values { duration: 1.0, quantity: None },
            duration: 0.0,
            quantity: None,
            duration_drift: None,
            quantity_drift: None,
            learnt: Values { duration: 1.0, quantity: None },
            learnt_wrong: Wrong::default(),
            wrong: Wrong::default(),
            limits: Limits { duration: None, quantity: None },
            duration_is: Standing::Inside,
            quantity_is: Standing::Inside,
        };
        let all = [
            Finding::Unreliable,
            Finding::SetAside(Work::SetUp),
            Finding::Interrupted,
            Finding::Learning,
            Finding::Learnt { deviation, from_known: None },
            Finding::Healthy(deviation),
            Finding::Inconclusive(deviation),
            Finding::BrokenOff(deviation),
            Finding::Outside(deviation),
        ];
        let words: BTreeSet<&str> = all.iter().map(|one| finding(one).0).collect();
        assert_eq!(words, BTreeSet::from(FINDINGS));
    }
}
