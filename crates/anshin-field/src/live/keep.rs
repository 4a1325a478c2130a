//! The state on its way to the disk: copied in portions, written by a thread of its own.

use std::io;

use super::{COPIED_AT_ONCE, Live, RunError, Told};
use crate::clock;
use crate::folder::{Other, Saved};
use crate::panel::zone_name;
use crate::team::Known;
use crate::trouble::trouble;

/// A state that is being copied.
#[derive(Default)]
pub(super) struct Copying {
    /// The machine that comes next.
    next: usize,
    saved: Saved,
    /// The same for the team, if there is one.
    known: Vec<(usize, Known)>,
}

impl Copying {
    /// Nothing comes after it that is not judged.
    pub(super) fn take_leave(&mut self) {
        self.saved.left = true;
    }

    /// Requests behind a place are read again.
    pub(super) fn count_requests_up_to(&mut self, place: u64) {
        self.saved.requests = self.saved.requests.min(place);
    }
}

impl Live<'_> {
    /// Begins to copy the state. Requests that come meanwhile are read again after a crash.
    pub(super) fn begin_to_save(&mut self) {
        self.urgent = false;
        let groups = self.groups.clone();
        let at = Some(clock::now());
        let saved = Saved { version: 1, at, requests: self.requests, groups, ..Saved::default() };
        self.copying = Some(Copying { saved, ..Copying::default() });
    }

    /// Copies some more machines, so that readings need not wait for all; true when that was the
    /// last.
    pub(super) fn copy_some(&mut self) -> bool {
        let Some(mut copying) = self.copying.take() else { return false };
        let machines = self.configuration.machines.iter().enumerate().skip(copying.next);
        for (n, of) in machines.take(COPIED_AT_ONCE) {
            copying.next += 1;
            if !self.judges(n) {
                copying.saved.elsewhere.push(of.id.to_string());
                continue;
            }
            self.monitor.machines_mut()[n].pause(self.heard[n].now());
            copying.saved.shown.insert(of.id.to_string(), self.shown(n));
            for ((_, alert), who) in self.acknowledged.iter().filter(|((about, _), _)| *about == n) {
                let (id, alert) = (of.id.to_string(), (*alert).to_owned());
                copying.saved.acknowledged.entry(id.clone()).or_default().push(alert.clone());
                copying.saved.acknowledgements.entry(id).or_default().insert(alert, who.clone());
            }
            if self.team.is_some() {
                let known = self.known(n);
                copying.saved.machines.insert(of.id.to_string(), known.machine.clone());
                copying.known.push((n, known));
            } else {
                copying.saved.machines.insert(of.id.to_string(), self.monitor.machines()[n].kept());
            }
        }
        let is_last = copying.next == self.configuration.machines.len();
        self.copying = Some(copying);
        is_last
    }

    /// Writes the copied state.
    pub(super) fn save(&mut self, tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>) -> Result<(), RunError> {
        let Some(Copying { mut saved, known, .. }) = self.copying.take() else { return Ok(()) };
        let name = |n: usize| self.configuration.machines[n].id.to_string();
        let asked = self.maintenance.iter().filter(|(_, asked)| !asked.is_empty());
        saved.maintenance = asked.map(|(n, asked)| (name(*n), asked.clone())).collect();
        let assets = self.configuration.machines.iter();
        saved.assets =
            assets.filter_map(|of| Some((of.id.to_string(), of.asset.as_ref()?.to_string()))).collect();
        saved.others = self.others();
        let sources = self.configuration.sources.iter().map(|of| Other::Source(of.id.to_string()));
        let groups = self.configuration.groups.iter().map(|of| Other::Group(of.id.to_string()));
        saved.known_others = sources.chain(groups).collect();
        saved.is_led = !self.leads();
        saved.zone = zone_name(&self.configuration.zone());
        let sources = self.configuration.sources.iter().zip(&self.statuses);
        let troubles = sources.map(|(source, status)| (source.id.to_string(), status.troubles()));
        saved.troubles = troubles.filter(|(_, troubles)| !troubles.is_none()).collect();
        let sources = self.configuration.sources.iter().zip(&self.statuses);
        let origins = sources.map(|(source, status)| (source.id.to_string(), status.topics().clone()));
        saved.origins = origins.filter(|(_, topics)| !topics.is_empty()).collect();
        if let Some(team) = &self.team {
            // Requests are read again after a crash until what came of them is in the database.
            let done = std::mem::replace(&mut saved.requests, team.place());
            team.keep(known, done);
        }
        // A slow disk must not hold up the measuring.
        let keeping = self.folder.keeper().and_then(|keeper| {
            std::thread::Builder::new().name("keeper".to_owned()).spawn(move || keeper.keep(&saved))
        });
        self.disk.is_kept = keeping.is_ok();
        match keeping {
            Ok(thread) => self.keeping = Some(thread),
            Err(error) => self.disk(Err(error), tell)?,
        }
        Ok(())
    }

    /// Waits until the state is on the disk, and tells if that has failed.
    pub(super) fn kept(&mut self, tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>) -> Result<(), RunError> {
        let Some(thread) = self.keeping.take() else { return Ok(()) };
        let written = thread.join().unwrap_or_else(|_| {
            Err(trouble(io::ErrorKind::Other, "状態を書けませんでした", "the state was not written"))
        });
        self.disk.is_kept = written.is_ok();
        self.disk(written, tell)
    }
}
