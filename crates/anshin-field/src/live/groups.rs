//! Machines that share something, and raise alerts together.

use std::io;
use std::sync::PoisonError;

use anshin_monitor::account::Account;
use anshin_monitor::group::{GroupAlert, OpenAlert};
use anshin_monitor::v1::Line;

use super::{Live, RunError, Told};
use crate::folder::Other;
use crate::panel::ShownOther;
use crate::{clock, words};

impl Live<'_> {
    /// Finds groups of machines that raise alerts together, or no longer. One of a team tells it.
    pub(super) fn look_at_groups(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if !self.leads() {
            return Ok(());
        }
        let open: Vec<OpenAlert> = self.open_everywhere().into_iter().map(|(alert, _)| alert).collect();
        for said in self.groups.look(self.configuration, &open, clock::now()) {
            self.say_of_group(&said, tell)?;
        }
        self.show_others();
        Ok(())
    }

    /// Shows the alerts that are about no single machine, if they have changed; whoever leads a team after this
    /// one goes on with the groups from there.
    fn show_others(&mut self) {
        let Some(follower) = &self.follower else { return };
        let shown = self.others();
        let answered = std::mem::take(&mut self.others_answered);
        if answered.is_empty() && self.others_shown.as_ref() == Some(&(self.groups.clone(), shown.clone())) {
            return;
        }
        self.others_shown = Some((self.groups.clone(), shown.clone()));
        if let Some(team) = &self.team {
            team.keep_groups(self.groups.clone(), shown, answered);
        } else {
            let mut waiting = follower.shown.groups.lock().unwrap_or_else(PoisonError::into_inner);
            *waiting = Some((self.groups.clone(), shown));
        }
    }

    /// Alerts that are about no single machine: about groups, and about sources as this monitor sees them.
    pub(super) fn others(&self) -> Vec<ShownOther> {
        let (configuration, catalog) = (self.configuration, self.catalog);
        let groups = self.groups.open(configuration).into_iter().map(|said| {
            let id = configuration.groups[said.group].id.as_str();
            let account = Account::of_group(configuration, &said, catalog);
            ShownOther::new(
                (Other::Group(id.to_owned()), None),
                (account, said.alert.since),
                self.groups.acknowledged(id),
                configuration,
            )
        });
        groups.chain(self.alerts_of_sources()).collect()
    }

    /// Records what several machines raise together, and hands it on.
    fn say_of_group(
        &mut self,
        said: &GroupAlert,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        self.urgent = true;
        let line = Line::of_group(self.configuration, said, self.catalog);
        self.send(&said.alert, &line, || words::of_group(self.configuration, said, self.catalog));
        let written = self.folder.log(&line);
        self.disk(written, tell)?;
        tell(Told::Group(said)).map_err(RunError::Tell)
    }
}
