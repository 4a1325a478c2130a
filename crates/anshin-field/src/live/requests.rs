//! What people ask of a monitor that runs.

use std::io;

use anshin_model::{Lang, Text};
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::{Said, Time};
use jiff::tz::TimeZone;

use super::{Live, LogLine, RunError, Told};
use crate::clock;
use crate::folder::{Other, Request};

/// How many of the requests that were done are known of each machine.
const MOST_DONE: usize = 16;

impl Live<'_> {
    /// Does what people have asked for, and begins and ends maintenance whose time has come.
    pub(super) fn requests(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let now = clock::now();
        for n in (0..self.configuration.machines.len()).filter(|n| self.judges(*n)).collect::<Vec<_>>() {
            if self.follow_maintenance(n, now, said) == Some(false) {
                let machine = self.configuration.machines[n].id.as_str();
                let written = self.folder.log(&LogLine::MaintenanceOver { at: now.to_string(), machine });
                self.disk(written, tell)?;
            }
        }
        let (requests, place) = match self.folder.requests(self.requests) {
            Ok(found) => found,
            Err(error) => return self.disk(Err(error), tell),
        };
        self.urgent |= place != self.requests;
        self.requests = place;
        for request in requests {
            match request {
                Ok(request) => self.request(request, said, tell)?,
                Err(error) => tell(Told::Note(Text::new(
                    format!(
                        "`requests.jsonl`に依頼として読めない行があり、読み飛ばしました（{error}）。`anshin monitor`のコマンドで頼み直してください"
                    ),
                    format!(
                        "a line of `requests.jsonl` is no request and was passed over ({error}); ask again with a command of `anshin monitor`"
                    ),
                )))
                .map_err(RunError::Tell)?,
            }
        }
        Ok(())
    }

    /// Does what a person has asked by way of the team. If somebody else judges the machine by now, they
    /// are asked.
    pub(super) fn asked(
        &mut self,
        id: String,
        request: Request,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if let Some(machine) = request.machine() {
            let n = self.configuration.machines.iter().position(|of| of.id == *machine);
            let Some(n) = n.filter(|n| self.judges(*n)) else { return Ok(()) };
            self.answered.entry(n).or_default().push(id);
        } else if self.leads() {
            self.others_answered.push(id);
            // What came of it is kept with the groups, even where that is nothing.
            self.lamps_due = true;
        } else {
            return Ok(());
        }
        self.urgent = true;
        self.request(request, said, tell)
    }

    /// Does what a person asks for, or hands it on to the one of the team who judges the machine.
    pub(super) fn request(
        &mut self,
        request: Request,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let Some(machine) = request.machine() else { return self.request_of_other(request, said, tell) };
        let Some(n) = self.configuration.machines.iter().position(|of| of.id == *machine) else {
            let no_machine = Text::new("この設定にない機械です", "the configuration has no such machine");
            return fits_nothing(&request, &no_machine, tell);
        };
        if let Some(team) = self.team.as_ref().filter(|team| !team.judged[n]) {
            team.pass_on(request);
            return Ok(());
        }
        if self.done.get(&n).is_some_and(|done| request.is_done(done)) {
            return Ok(());
        }
        let at = clock::now().to_string();
        let fulfilled = self.fulfil(n, &request, &at, said);
        if self.team.is_some() {
            let done = self.done.entry(n).or_default();
            done.push(request.clone());
            done.drain(..done.len().saturating_sub(MOST_DONE));
        }
        if fulfilled.is_empty() {
            let nothing = match request {
                Request::Acknowledge { .. } => Text::new("その警報は出ていません", "this alert is not open"),
                Request::Maintenance { .. } => {
                    Text::new("その時刻に保全の予定はありません", "no maintenance is planned then")
                }
                _ => Text::new("その基準はありません", "there is no such reference"),
            };
            let nothing = self.acknowledged_already(n, &request).unwrap_or(nothing);
            return fits_nothing(&request, &nothing, tell);
        }
        self.urgent = true;
        fulfilled.iter().try_for_each(|request| {
            let written = self.folder.log(&LogLine::Request { at: at.clone(), request });
            self.disk(written, tell)
        })
    }

    /// Does what a person asks for that is about no single machine, or hands it on to the one who leads the team.
    /// What only this monitor sees of its sources is acknowledged here, whoever leads.
    fn request_of_other(
        &mut self,
        request: Request,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let Request::AcknowledgeOther { about, since, by, note, asked, .. } = &request else { return Ok(()) };
        let is_here = || since.is_some() && self.others().iter().any(|one| one.is_meant(&request));
        if let Some(team) = self.team.as_ref().filter(|team| !team.leads && !is_here()) {
            team.pass_on(request);
            return Ok(());
        }
        let at = clock::now().to_string();
        let who = Acknowledgement { by: by.clone(), at: at.clone(), note: note.clone() };
        let (seen, new): (Vec<_>, Vec<_>) =
            self.others().into_iter().filter(|one| one.is_meant(&request)).partition(|one| one.alert.seen);
        if new.is_empty() {
            let first = seen.first().and_then(|one| one.alert.acknowledged.as_ref());
            // It is asked again where it is not certain that it was done.
            if first.is_some_and(|first| (&first.by, &first.note) == (by, note)) {
                return Ok(());
            }
            let nothing = Text::new("その警報は出ていません", "this alert is not open");
            let before = first.and_then(|who| before(who, &self.configuration.zone()));
            return fits_nothing(&request, &before.unwrap_or(nothing), tell);
        }
        (self.lamps_due, self.urgent) = (true, true);
        for one in new {
            let (alert, device) = (one.alert.account.alert.clone(), one.device.clone());
            match about {
                Other::Group(id) => self.groups.acknowledge(id, who.clone()),
                Other::Source(id) => {
                    if let Some(n) = self.configuration.sources.iter().position(|of| of.id == **id) {
                        self.sources_seen.insert((n, alert, device), who.clone());
                    }
                }
            }
            if let Some(request) = one.acknowledge(by.clone(), note.clone()) {
                let written = self.folder.log(&LogLine::Request { at: at.clone(), request: &request });
                self.disk(written, tell)?;
            }
        }
        let Other::Group(group) = about else { return Ok(()) };
        // Whoever has seen that machines raise alerts together has seen those.
        let open = self.open_everywhere().into_iter().filter(|(_, seen)| !seen).map(|(one, _)| one);
        let open: Vec<OpenAlert> = open.collect();
        for OpenAlert { machine, kind, since } in self.groups.together(self.configuration, group, &open) {
            let request = Request::Acknowledge {
                machine: self.configuration.machines[machine].id.to_string(),
                alert: Some(kind.id().to_owned()),
                since: Some(since),
                by: by.clone(),
                note: note.clone(),
                asked: *asked,
            };
            self.request(request, said, tell)?;
        }
        Ok(())
    }

    /// Begins or ends maintenance as people have asked, once its time has come; nothing where that is not new.
    fn follow_maintenance(&mut self, n: usize, now: Time, said: &mut Vec<(usize, Said)>) -> Option<bool> {
        let is_on = self.maintenance.get(&n).is_some_and(|asked| asked.end(now).is_some());
        let (of, moment) = (&mut self.monitor.machines_mut()[n], self.heard[n].now());
        let is_new = of.set_maintenance(is_on, moment, &mut |one| said.push((n, one)));
        self.urgent |= is_new;
        is_new.then_some(is_on)
    }

    /// Who has acknowledged before what a request means to acknowledge.
    fn acknowledged_already(&self, n: usize, request: &Request) -> Option<Text> {
        let mut open = self.monitor.machines()[n].open_alerts();
        let who = open.find_map(|(kind, since)| {
            let who = self.acknowledged.get(&(n, kind.id()));
            who.filter(|_| request.acknowledges(kind.id(), since, None))
        })?;
        before(who, &self.configuration.machines[n].settings.zone)
    }

    /// Does what a request asks for, and tells what that was: each alert that is acknowledged by itself; nothing
    /// if there is nothing that it fits. `at` is the moment that the log has as well.
    fn fulfil(
        &mut self,
        n: usize,
        request: &Request,
        at: &str,
        said: &mut Vec<(usize, Said)>,
    ) -> Vec<Request> {
        let of = &mut self.monitor.machines_mut()[n];
        match request {
            Request::Acknowledge { by, note, .. } => {
                self.lamps_due = true;
                // Alerts begin by the clock of the machine.
                let ago = request.asked().map(|asked| clock::now().since(asked));
                let asked = ago.map(|ago| self.heard[n].now().plus(-ago));
                let fits = |(kind, since): &(AlertKind, Time)| request.acknowledges(kind.id(), *since, asked);
                // The first who has acknowledged an alert has done so.
                let acknowledged = &self.acknowledged;
                let is_new = |(kind, _): &(AlertKind, Time)| {
                    acknowledged.get(&(n, kind.id())).is_none_or(|who| who.by.is_empty())
                };
                let open: Vec<_> = of.open_alerts().filter(fits).filter(is_new).collect();
                let moment = self.heard[n].now();
                let who = Acknowledgement { by: by.clone(), at: at.to_owned(), note: note.clone() };
                for (kind, _) in &open {
                    self.acknowledged.insert((n, kind.id()), who.clone());
                    of.seen(*kind, moment, &mut |one| said.push((n, one)));
                }
                let over = self.panel.acknowledge(n, request, asked);
                // The log tells each alert that was meant.
                let meant = |(kind, since): (&str, Time)| request.of_alert(kind, since);
                let open = open.iter().map(|(kind, since)| (kind.id(), *since));
                let over = over.iter().map(|(kind, since)| (kind.as_str(), *since));
                open.chain(over).map(meant).collect()
            }
            // What is about no single machine is done elsewhere.
            Request::AcknowledgeOther { .. } => Vec::new(),
            Request::Maintenance { from, .. } => {
                let now = clock::now();
                let Some(ask) = request.maintenance(now) else { return Vec::new() };
                let asked = self.maintenance.entry(n).or_default();
                let mut fits = asked.take(ask, now) || from.is_none();
                if ask.is_end() {
                    // What the configuration plans is told as it has it; now is by the clock of the machine.
                    let moment = self.heard[n].now();
                    let at = from.unwrap_or_else(|| moment.plus(ask.span.from.since(now)));
                    fits |= of.skip_maintenance(at, moment, &mut |one| said.push((n, one)));
                }
                self.follow_maintenance(n, now, said);
                Vec::from_iter(fits.then(|| request.clone()))
            }
            Request::Approve { .. } | Request::Forget { .. } => {
                let fits = request.about_reference(of, self.heard[n].now(), &mut |one| said.push((n, one)));
                Vec::from_iter(fits.then(|| request.clone()))
            }
        }
    }
}

/// That somebody has acknowledged an alert before, if it is known who.
fn before(who: &Acknowledgement, zone: &TimeZone) -> Option<Text> {
    let who = who.text(|at| Time::told_of(at, zone))?;
    Some(Text::new(
        format!("すでに確認済みです（{}）", who.get(Lang::Ja)),
        format!("it is acknowledged already ({})", who.get(Lang::En)),
    ))
}

/// Tells that a request was not done, why, and where to look.
fn fits_nothing(
    request: &Request,
    why: &Text,
    tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), RunError> {
    let asked = request.text();
    let note = Text::new(
        format!(
            "{}。行えません: {}。`anshin monitor status`で今の様子を確かめてください",
            asked.get(Lang::Ja),
            why.get(Lang::Ja)
        ),
        format!(
            "{}: not done, {}; `anshin monitor status` shows how things are",
            asked.get(Lang::En),
            why.get(Lang::En)
        ),
    );
    tell(Told::Note(note)).map_err(RunError::Tell)
}
