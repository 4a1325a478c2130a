//! What signal towers show, and outlets that do not work.

use std::io;

use anshin_model::Text;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::AlertKind;

use super::{Live, RunError, Told};
use crate::outlet::patlite::{Lamp, Light};

impl Live<'_> {
    /// Shows on the towers how things are: red for what is wrong, amber for machines of which nothing is known and
    /// for unknown devices and overload of sources, and green. It flashes until somebody has acknowledged it, with
    /// the buzzer for what is red.
    pub(super) fn light(&mut self) {
        if !self.leads() {
            return;
        }
        let open = self.open_everywhere();
        // That a source is lost, its machines say by being silent.
        let of_sources =
            self.alerts_of_sources().into_iter().map(|one| (one.alert.account.alert, one.alert.seen));
        let of_sources: Vec<(String, bool)> =
            of_sources.filter(|(alert, _)| alert != AlertKind::Silent.id()).collect();
        let lamp_for = |alerts: &[AlertKind]| {
            let wanted = |kind| alerts.is_empty() || alerts.contains(&kind);
            let mut lamp = Lamp::default();
            for &(OpenAlert { kind, .. }, seen) in open.iter().filter(|(one, _)| wanted(one.kind)) {
                let light = if kind == AlertKind::Silent { &mut lamp.amber } else { &mut lamp.red };
                if *light != Light::Flash {
                    *light = if seen { Light::On } else { Light::Flash };
                }
                lamp.buzzer |= !seen && kind != AlertKind::Silent;
            }
            for (alert, seen) in &of_sources {
                let is_wanted = alerts.is_empty() || alerts.iter().any(|kind| kind.id() == alert);
                if is_wanted && lamp.amber != Light::Flash {
                    lamp.amber = if *seen { Light::On } else { Light::Flash };
                }
            }
            if lamp == Lamp::default() {
                lamp.green = Light::On;
            }
            lamp
        };
        for (outlet, (outgoing, shown)) in
            self.configuration.outlets.iter().zip(self.outgoing.iter().zip(&mut self.lamps))
        {
            let lamp = lamp_for(&outlet.alerts);
            if *shown != Some(lamp) {
                *shown = Some(lamp);
                outgoing.show(Some(lamp));
            }
        }
    }

    /// Alerts that are open, and whether somebody has seen them: of the machines that this monitor judges,
    /// and, where it leads a team, of those that others judge.
    pub(super) fn open_everywhere(&self) -> Vec<(OpenAlert, bool)> {
        let mut open = Vec::new();
        for (n, machine) in self.monitor.machines().iter().enumerate() {
            let seen = |kind: AlertKind| self.acknowledged.contains_key(&(n, kind.id()));
            let own = machine.open_alerts();
            open.extend(own.map(|(kind, since)| (OpenAlert { machine: n, kind, since }, seen(kind))));
        }
        if let Some(team) = &self.team {
            let others = team.elsewhere.iter().filter(|(n, _)| !team.judged[**n]);
            open.extend(others.flat_map(|(_, alerts)| alerts));
        }
        open
    }

    /// An outlet that cannot deliver is told once, and again when it works.
    pub(super) fn look_at_outlets(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        for (outlet, outgoing) in self.configuration.outlets.iter().zip(&mut self.outgoing) {
            let Some(news) = outgoing.news() else { continue };
            let (id, address) = (&outlet.id, &outlet.address);
            let note = match news {
                Err(why) => Text::new(
                    format!(
                        "出力先`{id}`に届けられません（{address}: {}）。届くまで送り直します",
                        why.get(anshin_model::Lang::Ja)
                    ),
                    format!(
                        "outlet `{id}` cannot deliver ({address}: {}); trying again",
                        why.get(anshin_model::Lang::En)
                    ),
                ),
                Ok(()) => Text::new(
                    format!("出力先`{id}`に再び届けられるようになりました"),
                    format!("outlet `{id}` delivers again"),
                ),
            };
            tell(Told::Note(note)).map_err(RunError::Tell)?;
        }
        Ok(())
    }
}
