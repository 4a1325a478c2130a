//! Machines that share something, and raise alerts together.

use std::io;

use anshin_monitor::group::{GroupAlert, Groups, OpenAlert};
use anshin_monitor::v1::Line;

use super::{Live, RunError, Told};
use crate::{clock, words};

impl Live<'_> {
    /// Finds groups of machines that raise alerts together, or no longer. One of a team tells it.
    pub(super) fn look_at_groups(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if self.configuration.groups.is_empty() {
            return Ok(());
        }
        if !self.leads() {
            // Whoever leads next finds the same in the alerts that are open.
            self.groups = Groups::default();
            return Ok(());
        }
        let open: Vec<OpenAlert> = self.open_everywhere().into_iter().map(|(alert, _)| alert).collect();
        for said in self.groups.look(self.configuration, &open, clock::now()) {
            self.say_of_group(&said, tell)?;
        }
        Ok(())
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
