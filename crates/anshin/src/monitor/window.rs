//! The played factory in a folder of its own, as a monitor that runs would leave it: the web program shows it, and
//! every command that looks back reads it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_field::folder::{self, Folder, Request, Saved};
use anshin_field::panel::{Maintenance, Panel, Shown};
use anshin_field::records::{self, Records, RecordsError, Writer};
use anshin_field::{LogLine, clock};
use anshin_model::Lang;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::factory;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::maintenance::Asked;
use anshin_monitor::v1::Line;
use anshin_monitor::{Configuration, Machine, Monitor, Said, Time};

use super::plainly;
use crate::input::Failure;

/// Name of the played factory in its database.
const TEAM: &str = "demo";

/// The same as whose records are written.
const WRITER: Writer<'_> = Writer { worker: TEAM, team: None };

/// How many days of records are kept.
const KEEP_DAYS: usize = 400;

/// Time between two looks: a factory may be played faster than anybody watches.
const PAUSE: Duration = Duration::from_millis(200);

/// Time between two times at which the state is kept.
const KEEP: Duration = Duration::from_secs(1);

/// The file of its configuration.
const FILE: &str = "factory.yaml";

/// The hour of the morning at which the factory begins to work.
const MORNING: i8 = 8;

/// Keeps what the machines say, shows how they are, and does what people ask.
pub(super) struct Window<'a> {
    configuration: &'a Configuration,
    path: PathBuf,
    folder: Folder,
    records: Records,
    panel: Panel,
    /// Who has acknowledged which alert of which machine.
    seen: BTreeMap<(usize, &'static str), Acknowledgement>,
    /// What people have asked of when machines are maintained, by the clocks of the play.
    maintenance: BTreeMap<usize, Asked>,
    requests: u64,
    looked: Option<Instant>,
    kept: Option<Instant>,
}

impl<'a> Window<'a> {
    /// Opens the folder, with its configuration as a file. Where the factory was played before, it goes on with
    /// what it knew, in the morning after; then that moment is told.
    pub(super) fn open(
        path: &Path,
        configuration: &'a Configuration,
        monitor: &mut Monitor<'_>,
    ) -> Result<(Self, Option<Time>), Failure> {
        let failed = |error: folder::FolderError| Failure::Other(error.text());
        let written = is_written(path)?;
        let folder = Folder::open(path, KEEP_DAYS).map_err(failed)?;
        let mut saved = folder.load().map_err(failed)?;
        let is_ours = |id: &String| configuration.machines.iter().any(|of| of.id == **id);
        if !saved.machines.keys().all(is_ours) {
            let shown = path.display();
            return Err(Failure::new(
                format!(
                    "`{shown}`にはほかの工場の記録があります。`--state`で別のフォルダーを指定してください"
                ),
                format!("`{shown}` holds the records of another factory; name another folder with `--state`"),
            ));
        }
        if !written {
            std::fs::write(path.join(FILE), factory::text()).map_err(|error| plainly(&error))?;
        }
        let records = Records::open(&records::address(path)).map_err(unwritten)?;
        let (mut seen, mut maintenance) = (BTreeMap::new(), BTreeMap::new());
        let mut panel = Panel::new(configuration.machines.len());
        for (n, (machine, of)) in monitor.machines_mut().iter_mut().zip(&configuration.machines).enumerate() {
            if let Some(kept) = saved.machines.remove(of.id.as_str()) {
                *machine = Machine::new(of.settings.clone()).with(kept);
            }
            let mut who = saved.acknowledgements.remove(of.id.as_str()).unwrap_or_default();
            let kinds = machine.open_alerts().map(|(kind, _)| kind.id());
            seen.extend(kinds.filter_map(|kind| Some(((n, kind), who.remove(kind)?))));
            let over = saved.shown.remove(of.id.as_str()).map(|shown| shown.over).unwrap_or_default();
            panel.recall(n, machine.raised(saved.at.unwrap_or_else(clock::now)), over);
            maintenance.extend(saved.maintenance.remove(of.id.as_str()).map(|asked| (n, asked)));
        }
        let zone = configuration.zone();
        let morning = saved.at.and_then(|at| {
            let next = at.day(&zone).tomorrow().ok()?;
            Some(Time::on_clocks(next.at(MORNING, 0, 0, 0), &zone))
        });
        let window = Self {
            configuration,
            path: path.to_owned(),
            folder,
            records,
            panel,
            seen,
            maintenance,
            requests: saved.requests,
            looked: None,
            kept: None,
        };
        Ok((window, morning))
    }

    /// Takes down that the factory is watched from a moment on.
    pub(super) fn begin(&mut self, now: Time) -> Result<(), Failure> {
        let machines = self.configuration.machines.len();
        self.folder.log(&LogLine::Watch { at: now.to_string(), machines }).map_err(|error| plainly(&error))
    }

    /// Takes what the machines said, and looks if it is time; what follows from what people ask is said then.
    pub(super) fn said(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        monitor: &mut Monitor<'_>,
        now: Time,
        catalog: &Catalog,
    ) -> Result<(), Failure> {
        self.follow_maintenance(said, monitor, now).map_err(|error| plainly(&error))?;
        self.record(said, catalog)?;
        if self.looked.is_some_and(|at| at.elapsed() < PAUSE) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        self.look(said, monitor, now, catalog)?;
        if self.kept.is_none_or(|at| at.elapsed() >= KEEP) {
            self.kept = Some(Instant::now());
            self.keep(monitor, now, catalog, false)?;
        }
        Ok(())
    }

    /// Takes down what machines said.
    fn record(&mut self, said: &[(usize, Said)], catalog: &Catalog) -> Result<(), Failure> {
        let mut all = said.iter();
        all.try_for_each(|(n, one)| self.record_one(*n, one, catalog)).map_err(|error| plainly(&error))
    }

    /// Takes down what a machine said.
    fn record_one(&mut self, n: usize, said: &Said, catalog: &Catalog) -> io::Result<()> {
        let of = &self.configuration.machines[n];
        let line = Line::said(of, said, catalog);
        self.panel.said(n, said, &line);
        match said {
            Said::Alert(alert) => {
                let seen = self.seen.remove(&(n, alert.kind.id())).is_some();
                self.panel.alert((n, of), alert, seen, catalog);
                self.folder.log(&line)
            }
            Said::Cycle(cycle, _) => {
                let day = cycle.end.day(&of.settings.zone).to_string();
                self.folder.remember(&day, &line)
            }
        }
    }

    /// Does what people ask, and shows what has changed.
    fn look(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        monitor: &mut Monitor<'_>,
        now: Time,
        catalog: &Catalog,
    ) -> Result<(), Failure> {
        self.records.beat(TEAM).map_err(unwritten)?;
        let path = &self.path;
        self.records.take_requests(TEAM, |request| folder::ask(path, request)).map_err(unwritten)?;
        let (requests, place) = self.folder.requests(self.requests).map_err(|error| plainly(&error))?;
        self.requests = place;
        let before = said.len();
        for request in requests.into_iter().flatten() {
            self.fulfil(&request, said, monitor, now).map_err(|error| plainly(&error))?;
        }
        self.record(&said[before..], catalog)?;
        let mut shown: Vec<Shown> = Vec::new();
        for (n, (of, machine)) in self.configuration.machines.iter().zip(monitor.machines()).enumerate() {
            let seen = |kind: AlertKind| self.seen.get(&(n, kind.id())).cloned();
            let maintenance = Maintenance::of(machine, self.maintenance.get(&n), now);
            shown.extend(self.panel.look((n, of), machine, seen, maintenance, catalog));
        }
        if !shown.is_empty() {
            self.records.show(TEAM, &shown).map_err(unwritten)?;
        }
        Ok(())
    }

    /// Begins and ends maintenance whose time has come.
    fn follow_maintenance(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        monitor: &mut Monitor<'_>,
        now: Time,
    ) -> io::Result<()> {
        for (n, asked) in &self.maintenance {
            let is_on = asked.end(now).is_some();
            let of = &mut monitor.machines_mut()[*n];
            if of.set_maintenance(is_on, now, &mut |one| said.push((*n, one))) && !is_on {
                let machine = self.configuration.machines[*n].id.as_str();
                self.folder.log(&LogLine::MaintenanceOver { at: now.to_string(), machine })?;
            }
        }
        Ok(())
    }

    /// Does what a person asks of a machine. What there is nothing for does nothing, as the commands have said.
    fn fulfil(
        &mut self,
        request: &Request,
        said: &mut Vec<(usize, Said)>,
        monitor: &mut Monitor<'_>,
        now: Time,
    ) -> io::Result<()> {
        let is_meant = |id: &str| self.configuration.machines.iter().position(|of| of.id == *id);
        let Some(n) = request.machine().and_then(is_meant) else { return Ok(()) };
        let of = &mut monitor.machines_mut()[n];
        let mut say = |one| said.push((n, one));
        let done = match request {
            Request::Acknowledge { by, note, .. } => {
                let who = Acknowledgement { by: by.clone(), at: now.to_string(), note: note.clone() };
                let is_meant = |(kind, since): &(AlertKind, Time)| {
                    !self.seen.contains_key(&(n, kind.id())) && request.acknowledges(kind.id(), *since, None)
                };
                let open: Vec<_> = of.open_alerts().filter(is_meant).collect();
                for (kind, _) in &open {
                    self.seen.insert((n, kind.id()), who.clone());
                    of.seen(*kind, now, &mut say);
                }
                let over = self.panel.acknowledge(n, request, None);
                let open = open.into_iter().map(|(kind, since)| request.of_alert(kind.id(), since));
                open.chain(over.iter().map(|(kind, since)| request.of_alert(kind, *since))).collect()
            }
            Request::Maintenance { machine, from, until, by, asked } => {
                // As long as was asked for, in the hours of the play, whenever that was.
                let asked = asked.unwrap_or_else(clock::now);
                let played = |at: Time| now.plus(at.since(asked));
                let request = Request::Maintenance {
                    machine: machine.clone(),
                    from: from.map(played),
                    until: played(*until),
                    by: by.clone(),
                    asked: Some(now),
                };
                let Some(ask) = request.maintenance(now) else { return Ok(()) };
                let asked = self.maintenance.entry(n).or_default();
                let fits = asked.take(ask, now) || from.is_none();
                of.set_maintenance(asked.end(now).is_some(), now, &mut say);
                Vec::from_iter(fits.then_some(request))
            }
            Request::Approve { .. } | Request::Forget { .. } => {
                let fits = request.about_reference(of, now, &mut say);
                Vec::from_iter(fits.then(|| request.clone()))
            }
            Request::AcknowledgeOther { .. } => Vec::new(),
        };
        done.iter()
            .try_for_each(|request| self.folder.log(&LogLine::Request { at: now.to_string(), request }))
    }

    /// Keeps how things stand, and sees to it that the database has all of it.
    fn keep(
        &mut self,
        monitor: &mut Monitor<'_>,
        now: Time,
        catalog: &Catalog,
        left: bool,
    ) -> Result<(), Failure> {
        let (at, kept) = (Some(now), Some(clock::now()));
        let mut saved = Saved { version: 1, at, kept, requests: self.requests, left, ..Saved::default() };
        for (n, (of, machine)) in self.configuration.machines.iter().zip(monitor.machines_mut()).enumerate() {
            machine.pause(now);
            let seen = |kind: AlertKind| self.seen.get(&(n, kind.id())).cloned();
            saved.machines.insert(of.id.to_string(), machine.kept());
            let asked = self.maintenance.get(&n);
            saved.maintenance.extend(asked.map(|asked| (of.id.to_string(), asked.clone())));
            let maintenance = Maintenance::of(machine, asked, now);
            let shown = self.panel.shown((n, of), machine, seen, maintenance, catalog);
            saved.shown.insert(of.id.to_string(), shown);
        }
        for ((n, kind), who) in &self.seen {
            let id = self.configuration.machines[*n].id.to_string();
            saved.acknowledgements.entry(id).or_default().insert((*kind).to_owned(), who.clone());
        }
        let keeper = self.folder.keeper();
        keeper.and_then(|keeper| keeper.keep(&saved)).map_err(|error| plainly(&error))?;
        self.records.follow(&self.path, WRITER).map_err(unwritten)
    }

    /// Nothing more is played: all of it is kept and shown.
    pub(super) fn end(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        monitor: &mut Monitor<'_>,
        now: Time,
        catalog: &Catalog,
    ) -> Result<(), Failure> {
        self.look(said, monitor, now, catalog)?;
        self.keep(monitor, now, catalog, true)?;
        self.records.leave(TEAM).map_err(unwritten)
    }
}

/// Whether the configuration of the played factory is in a folder. That of somebody else is not overwritten.
fn is_written(path: &Path) -> Result<bool, Failure> {
    match std::fs::read(path.join(FILE)) {
        Ok(text) if text == factory::text().as_bytes() => Ok(true),
        Ok(_) => {
            let shown = path.join(FILE);
            let shown = shown.display();
            Err(Failure::new(
                format!("`{shown}`は別の設定です。`--state`で別のフォルダーを指定してください"),
                format!("`{shown}` is another configuration; name another folder with `--state`"),
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(plainly(&error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as the errors of results come")]
fn unwritten(error: RecordsError) -> Failure {
    let why = error.text();
    Failure::new(
        format!("データベースに書けません（{}）。フォルダーを確かめてください", why.get(Lang::Ja)),
        format!("cannot write the database ({}); check the folder", why.get(Lang::En)),
    )
}
