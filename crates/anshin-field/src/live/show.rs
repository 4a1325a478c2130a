//! How machines are, for people who look from elsewhere, and for Prometheus.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use anshin_monitor::judge::AlertKind;

use super::Live;
use crate::clock;
use crate::metrics::{self, Figures};
use crate::panel::{Maintenance, Shown};

impl Live<'_> {
    /// When a machine is maintained, as somebody has asked and as it is planned.
    fn maintenance(&self, n: usize) -> Maintenance {
        Maintenance::of(&self.monitor.machines()[n], self.maintenance.get(&n), clock::now())
    }

    /// How a machine is that this monitor judges.
    pub(super) fn shown(&self, n: usize) -> Shown {
        let (of, machine) = (&self.configuration.machines[n], &self.monitor.machines()[n]);
        let seen = |kind: AlertKind| self.acknowledged.get(&(n, kind.id())).cloned();
        self.panel.shown((n, of), machine, seen, self.maintenance(n), self.catalog)
    }

    /// Shows how machines are that have changed.
    pub(super) fn show(&mut self) {
        let Some(follower) = &self.follower else { return };
        let mut all = Vec::new();
        for (n, (of, machine)) in self.configuration.machines.iter().zip(self.monitor.machines()).enumerate()
        {
            if self.team.as_ref().is_some_and(|team| !team.judged[n]) {
                self.panel.forget(n);
                continue;
            }
            let seen = |kind: AlertKind| self.acknowledged.get(&(n, kind.id())).cloned();
            let maintenance = self.maintenance(n);
            let shown = self.panel.look((n, of), machine, seen, maintenance, self.catalog);
            all.extend(shown.map(|shown| (n, shown)));
        }
        if all.is_empty() {
            return;
        }
        match &self.team {
            Some(team) => team.show(all.into_iter().map(|(_, shown)| shown).collect()),
            None => follower.shown.machines.lock().unwrap_or_else(PoisonError::into_inner).extend(all),
        }
    }

    /// The page of metrics.
    pub(super) fn page(&self) -> String {
        metrics::page(&Figures {
            configuration: self.configuration,
            machines: self.monitor.machines(),
            statuses: &self.statuses,
            raised: &self.raised,
            groups: &self.groups,
            panel: &self.panel,
            tallies: &self.tallies,
            history_lost: self.history.as_ref().map(|history| history.lost.load(Ordering::Relaxed)),
            overloaded: &self.watched.iter().map(|one| one.overload.is_some()).collect::<Vec<_>>(),
            outgoing: &self.outgoing,
        })
    }
}
