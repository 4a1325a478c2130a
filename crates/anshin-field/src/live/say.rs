//! What machines say on its way to the records, to people and to the outlets.

use std::io;
use std::sync::{Arc, PoisonError};

use anshin_model::{Lang, Text};
use anshin_monitor::Said;
use anshin_monitor::judge::{Alert, AlertKind, Change};
use anshin_monitor::reference::Finding;
use anshin_monitor::v1::Line;

use super::{Live, RunError, Told};
use crate::outlet::News;
use crate::trouble::why;
use crate::words;

impl Live<'_> {
    /// Records what machines said, and hands it on. What it follows from is taken down before, if the disk keeps
    /// up, so that it follows again after a crash: whoever goes on knows what has been told, and has learnt as much.
    pub(super) fn say_all(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if let Some(history) = self.history.as_mut().filter(|_| self.team.is_none() && !said.is_empty()) {
            history.settle();
        }
        said.drain(..).try_for_each(|(n, one)| self.say(n, &one, tell))
    }

    /// Records what a machine said, and hands it on.
    pub(super) fn say(
        &mut self,
        n: usize,
        said: &Said,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if let Said::Alert(alert) = said {
            self.lamps_due = true;
            // Nobody has seen yet what begins now.
            let seen = self.acknowledged.remove(&(n, alert.kind.id())).is_some();
            self.panel.alert((n, &self.configuration.machines[n]), alert, seen, self.catalog);
        }
        if self.is_told(n, said) {
            return Ok(());
        }
        let machine = &self.configuration.machines[n];
        let line = Line::said(machine, said, self.catalog);
        self.panel.said(n, said, &line);
        let written = match said {
            Said::Alert(alert) => {
                self.urgent = true;
                if alert.change == Change::Raised {
                    *self.raised.entry((n, alert.kind.id())).or_default() += 1;
                }
                let about = &self.configuration.machines[n];
                self.send(alert, &line, || words::of_machine(about, alert, self.catalog));
                self.folder.log(&line)
            }
            Said::Cycle(cycle, finding) => {
                self.urgent |= matches!(finding, Finding::Learnt { .. });
                self.tallies[n].take(cycle, finding);
                let day = cycle.end.day(&machine.settings.zone).to_string();
                self.folder.remember(&day, &line)
            }
        };
        self.disk(written, tell)?;
        tell(Told::Said(n, said)).map_err(RunError::Tell)
    }

    /// Hands an alert to the outlets.
    pub(super) fn send(&self, alert: &Alert, line: &Line<'_>, words: impl FnOnce() -> (Text, Text)) {
        let wanted = |alerts: &[AlertKind]| alerts.is_empty() || alerts.contains(&alert.kind);
        if !self.configuration.outlets.iter().any(|outlet| wanted(&outlet.alerts)) {
            return;
        }
        let json = serde_json::to_string(line).unwrap_or_default();
        let (title, text) = words();
        let raised = alert.change == Change::Raised;
        let news = Arc::new(News { json, title, text, raised, at: alert.at });
        for (outlet, outgoing) in self.configuration.outlets.iter().zip(&self.outgoing) {
            if wanted(&outlet.alerts) {
                outgoing.tell(&news);
            }
        }
    }

    /// A disk that is full does not end the measuring; it is told once, and again when it works.
    pub(super) fn disk(
        &mut self,
        result: io::Result<()>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let note = match (result, self.disk.has_failed) {
            (Ok(()), true) if self.disk.is_kept && !self.folder.is_behind() => {
                Text::new("記録を再び書けるようになりました", "the records can be written again")
            }
            (Err(error), false) => {
                let why = why(&error);
                Text::new(
                    format!(
                        "記録を書けません（{}）。監視は続き、記録は書けるようになったときに書きます",
                        why.get(Lang::Ja)
                    ),
                    format!(
                        "the records cannot be written ({}); watching goes on, and they are written when they can be",
                        why.get(Lang::En)
                    ),
                )
            }
            _ => return Ok(()),
        };
        self.disk.has_failed = !self.disk.has_failed;
        tell(Told::Note(note)).map_err(RunError::Tell)
    }

    /// A database that cannot be written is told once, and again when it works; it follows what it missed.
    pub(super) fn look_at_follower(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let Some(follower) = &mut self.follower else { return Ok(()) };
        let error = follower.error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let note = match (&error, follower.has_failed) {
            (Some(error), false) => Text::new(
                format!(
                    "データベースに書けません（{}: {}）。記録はファイルに残り、後で追いつきます",
                    follower.place,
                    error.get(Lang::Ja)
                ),
                format!(
                    "the database cannot be written ({}: {}); the records stay in files and follow later",
                    follower.place,
                    error.get(Lang::En)
                ),
            ),
            (None, true) => {
                Text::new("データベースに再び書けるようになりました", "the database can be written again")
            }
            _ => return Ok(()),
        };
        follower.has_failed = error.is_some();
        tell(Told::Note(note)).map_err(RunError::Tell)
    }
}
