//! The played factory as the web program shows it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_field::clock;
use anshin_field::folder::Request;
use anshin_field::panel::{Panel, Shown};
use anshin_field::records::{self, Records, RecordsError};
use anshin_model::Lang;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::v1::Line;
use anshin_monitor::{Configuration, Monitor, Said, Time};

use crate::input::Failure;

/// Name of the played factory in its database.
const TEAM: &str = "demo";

/// Time between two looks: a factory may be played faster than anybody watches.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows how the machines are, and takes what people acknowledge.
pub(super) struct Window<'a> {
    configuration: &'a Configuration,
    records: Records,
    panel: Panel,
    seen: BTreeMap<(String, String), Acknowledgement>,
    looked: Option<Instant>,
}

impl<'a> Window<'a> {
    pub(super) fn open(folder: &Path, configuration: &'a Configuration) -> Result<Self, Failure> {
        let opened = std::fs::create_dir_all(folder).map_err(RecordsError::from);
        let records = opened.and_then(|()| Records::open(&records::address(folder))).map_err(failed)?;
        let panel = Panel::new(configuration.machines.len());
        Ok(Self { configuration, records, panel, seen: BTreeMap::new(), looked: None })
    }

    /// Takes what the machines said, and looks if it is time.
    pub(super) fn said(
        &mut self,
        said: &[(usize, Said)],
        monitor: &Monitor<'_>,
        catalog: &Catalog,
    ) -> Result<(), Failure> {
        for (n, one) in said {
            let line = Line::said(&self.configuration.machines[*n], one, catalog);
            self.panel.said(*n, one, &line);
        }
        if self.looked.is_some_and(|at| at.elapsed() < PAUSE) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        self.look(monitor, catalog)
    }

    /// Shows what has changed, and takes what people ask.
    pub(super) fn look(&mut self, monitor: &Monitor<'_>, catalog: &Catalog) -> Result<(), Failure> {
        self.records.beat(TEAM).map_err(failed)?;
        let (seen, configuration) = (&mut self.seen, self.configuration);
        let asked = self.records.take_requests(TEAM, |request| {
            let open = open_alerts(configuration, monitor);
            let meant = open.filter(|(id, kind, since)| {
                *id == request.machine() && request.acknowledges(kind.id(), *since, None)
            });
            if let Request::Acknowledge { by, note, .. } = request {
                let who =
                    Acknowledgement { by: by.clone(), at: clock::now().to_string(), note: note.clone() };
                let meant = meant.map(|(id, kind, _)| ((id.to_owned(), kind.id().to_owned()), who.clone()));
                meant.for_each(|(of, who)| {
                    seen.entry(of).or_insert(who);
                });
            }
            Ok(())
        });
        asked.map_err(failed)?;
        let mut shown: Vec<Shown> = Vec::new();
        for (n, (of, machine)) in self.configuration.machines.iter().zip(monitor.machines()).enumerate() {
            let open: Vec<&str> = machine.open_alerts().map(|(kind, _)| kind.id()).collect();
            self.seen.retain(|(id, alert), _| of.id != **id || open.contains(&alert.as_str()));
            let seen = |kind: AlertKind| self.seen.get(&(of.id.to_string(), kind.id().to_owned())).cloned();
            shown.extend(self.panel.look((n, of), machine, seen, None, catalog));
        }
        if !shown.is_empty() {
            self.records.show(TEAM, &shown).map_err(failed)?;
        }
        Ok(())
    }
}

/// Alerts that are open: the machine, the kind, since when.
fn open_alerts<'a>(
    configuration: &'a Configuration,
    monitor: &'a Monitor<'_>,
) -> impl Iterator<Item = (&'a str, AlertKind, Time)> {
    let machines = configuration.machines.iter().zip(monitor.machines());
    machines
        .flat_map(|(of, machine)| machine.open_alerts().map(|(kind, since)| (of.id.as_str(), kind, since)))
}

#[expect(clippy::needless_pass_by_value, reason = "as the errors of results come")]
fn failed(error: RecordsError) -> Failure {
    let why = error.text();
    Failure::new(
        format!("データベースに書けません（{}）。フォルダーを確かめてください", why.get(Lang::Ja)),
        format!("cannot write the database ({}); check the folder", why.get(Lang::En)),
    )
}
