//! The played factory as the web program shows it.

use std::collections::BTreeSet;
use std::path::Path;

use anshin_catalog::Catalog;
use anshin_field::folder::Request;
use anshin_field::panel::{Panel, Shown};
use anshin_field::records::{self, Records, RecordsError};
use anshin_monitor::v1::Line;
use anshin_monitor::{Configuration, Monitor, Said};

use crate::input::Failure;

/// Name of the played factory in its database.
const TEAM: &str = "demo";

/// Shows how the machines are, and takes what people acknowledge.
pub(super) struct Window<'a> {
    configuration: &'a Configuration,
    records: Records,
    panel: Panel,
    seen: BTreeSet<(String, String)>,
}

impl<'a> Window<'a> {
    pub(super) fn open(folder: &Path, configuration: &'a Configuration) -> Result<Self, Failure> {
        let opened = std::fs::create_dir_all(folder).map_err(RecordsError::from);
        let records = opened.and_then(|()| Records::open(&records::address(folder))).map_err(failed)?;
        let panel = Panel::new(configuration.machines.len());
        Ok(Self { configuration, records, panel, seen: BTreeSet::new() })
    }

    pub(super) fn look(
        &mut self,
        said: &[(usize, Said)],
        monitor: &Monitor<'_>,
        catalog: &Catalog,
    ) -> Result<(), Failure> {
        for (n, one) in said {
            let line = Line::said(&self.configuration.machines[*n], one, catalog);
            self.panel.said(*n, one, &line);
        }
        self.records.beat(TEAM).map_err(failed)?;
        let seen = &mut self.seen;
        let asked = self.records.take_requests(TEAM, |request| {
            if let Request::Acknowledge { machine, alert: Some(alert), .. } = request {
                seen.insert((machine.clone(), alert.clone()));
            }
            Ok(())
        });
        asked.map_err(failed)?;
        let mut shown: Vec<Shown> = Vec::new();
        for (n, (of, machine)) in self.configuration.machines.iter().zip(monitor.machines()).enumerate() {
            let open: Vec<&str> = machine.open_alerts().map(|(kind, _)| kind.id()).collect();
            self.seen.retain(|(id, alert)| of.id != **id || open.contains(&alert.as_str()));
            let seen = |kind: anshin_monitor::judge::AlertKind| {
                self.seen.contains(&(of.id.to_string(), kind.id().to_owned()))
            };
            shown.extend(self.panel.look((n, of), machine, seen, None, catalog));
        }
        if shown.is_empty() { Ok(()) } else { self.records.show(TEAM, &shown).map_err(failed) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as the errors of results come")]
fn failed(error: RecordsError) -> Failure {
    Failure::new(
        format!("データベースに書けません（{error}）。フォルダーを確かめてください"),
        format!("cannot write the database ({error}); check the folder"),
    )
}
