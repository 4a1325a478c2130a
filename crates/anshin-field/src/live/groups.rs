//! Machines that share something, and raise alerts together.

use std::io;
use std::sync::PoisonError;

use anshin_monitor::group::{GroupAlert, OpenAlert};
use anshin_monitor::v1::Line;

use super::{Live, RunError, Told};
use crate::panel::ShownGroup;
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
        self.show_groups();
        Ok(())
    }

    /// Shows which groups raise alerts, if that has changed; whoever leads a team after this one goes on from
    /// there.
    fn show_groups(&mut self) {
        let Some(follower) =
            self.follower.as_ref().filter(|_| self.groups_shown.as_ref() != Some(&self.groups))
        else {
            return;
        };
        let open = self.groups.open(self.configuration);
        let shown = open.iter().map(|said| ShownGroup::of(self.configuration, said, self.catalog)).collect();
        let groups = self.groups.clone();
        self.groups_shown = Some(self.groups.clone());
        if let Some(team) = &self.team {
            team.keep_groups(groups, shown);
        } else {
            let mut waiting = follower.shown.groups.lock().unwrap_or_else(PoisonError::into_inner);
            *waiting = Some((groups, shown));
        }
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
