//! How a monitor goes on where the one before has ended: it took its leave, or it was killed.

use std::collections::BTreeMap;
use std::io;

use anshin_model::{Lang, Text};
use anshin_monitor::Machine;
use anshin_monitor::machine::Before;
use anshin_monitor::utilisation::former_text;

use super::team::{raised_in, seen_of};
use super::{Heard, Live, Options};
use crate::already_told::AlreadyTold;
use crate::clock;
use crate::folder::{self, Saved};
use crate::history::Tail;
use crate::trouble::why;

impl Live<'_> {
    /// Goes on from what was kept. In a team, machines are taken over later, from what the team knows.
    pub(super) fn go_on(&mut self, mut saved: Saved, options: &Options<'_>) {
        let now = clock::now();
        self.requests = saved.requests;
        for (source, status) in self.configuration.sources.iter().zip(&self.statuses) {
            *status.topics() = saved.origins.remove(source.id.as_str()).unwrap_or_default();
        }
        if self.team.is_some() {
            for (machine, of) in self.monitor.machines_mut().iter_mut().zip(&self.configuration.machines) {
                *machine = Machine::new(of.settings.clone()).standing_by();
                machine.begin(now);
            }
            self.alone = saved;
            return;
        }
        self.groups = std::mem::take(&mut saved.groups);
        let former: Vec<_> = (self.configuration.machines.iter())
            .map(|of| saved.machines.get(of.id.as_str()).and_then(|kept| kept.utilisation.former()))
            .collect();
        for (n, of) in self.configuration.machines.iter().enumerate() {
            let (id, kept) = (of.id.as_str(), saved.machines.get(of.id.as_str()));
            let known = saved.acknowledged.remove(id).unwrap_or_default();
            let who = saved.acknowledgements.remove(id).unwrap_or_default();
            self.acknowledged.extend(seen_of(n, kept, &known, who));
            let over = saved.shown.remove(id).map(|shown| shown.over).unwrap_or_default();
            self.panel.recall(n, raised_in(kept, now), over);
        }
        // What came after the state was kept is taken up again.
        let mut told = BTreeMap::new();
        let caught_up = folder::told_since(options.folder, &saved).and_then(|since| {
            told = since;
            if options.readings > 0 { self.catch_up(&mut saved, &mut told, options) } else { Ok(()) }
        });
        if let Err(error) = caught_up {
            let why = why(&error);
            self.notes.push(Text::new(
                format!(
                    "監視が途切れる直前の記録を読めません（{}）。そのときに終わったサイクルは、記録に残らないことがあります",
                    why.get(Lang::Ja)
                ),
                format!(
                    "what was taken down just before watching broke off cannot be read ({}); cycles that ended then may be missing",
                    why.get(Lang::En)
                ),
            ));
        }
        for (n, of) in self.configuration.machines.iter().enumerate() {
            let machine = &mut self.monitor.machines_mut()[n];
            if let Some(kept) = saved.machines.remove(of.id.as_str()) {
                *machine = Machine::new(of.settings.clone()).with(kept);
            }
            if let Some(told) = told.remove(of.id.as_str()) {
                self.panel.go_on(n, told.open());
                machine.go_on(told.open());
            }
            machine.begin(now);
            self.maintenance.extend(saved.maintenance.remove(of.id.as_str()).map(|asked| (n, asked)));
        }
        let counted = self.monitor.machines().iter().map(|machine| machine.utilisation().former());
        // Told once: from here on it is kept with the state.
        if let Some(day) =
            counted.zip(former).filter(|(now, before)| now != before).filter_map(|(now, _)| now).max()
        {
            self.notes.push(former_text(day));
        }
        self.alone = saved;
    }

    /// Puts through the machines what the monitor before has taken down and may not have judged.
    fn catch_up(
        &mut self,
        saved: &mut Saved,
        told: &mut BTreeMap<String, AlreadyTold>,
        options: &Options<'_>,
    ) -> io::Result<()> {
        let tail = Tail::read(options.folder, saved.at, saved.left)?;
        if tail.is_empty() {
            return Ok(());
        }
        let away = tail.away(clock::now());
        let mut noted = tail.by_machine();
        for (n, of) in self.configuration.machines.iter().enumerate() {
            let id = of.id.as_str();
            let Some(noted) = noted.remove(id) else { continue };
            let told = told.remove(id).unwrap_or_default();
            self.panel.go_on(n, told.open());
            let before = Before { kept: saved.machines.remove(id), told: told.open() };
            self.told.insert(n, told);
            let found = &mut self.found;
            let machine = Machine::new(of.settings.clone())
                .caught_up(before, noted, away, &mut |said| found.push((n, said)));
            if let Some(last) = machine.last() {
                self.heard[n] = Heard::nothing_since(last);
            }
            self.monitor.machines_mut()[n] = machine;
        }
        Ok(())
    }
}
