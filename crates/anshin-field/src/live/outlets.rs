//! What signal towers show, and outlets that do not work.

use std::io;
use std::time::{Duration, Instant};

use anshin_model::Text;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::AlertKind;

use super::{Live, RunError, Told};
use crate::outlet::Outgoing;
use crate::outlet::patlite::{Lamp, Light};
use crate::panel::Stage;

/// How long towers may take to show that nobody watches any more.
const FAREWELL: Duration = Duration::from_secs(3);

impl Live<'_> {
    /// Shows on the towers how things are: red for what is wrong, amber for machines of which nothing is known,
    /// for unknown devices and overload of sources, and for what is over and nobody has seen, and green. It flashes
    /// until somebody has acknowledged it, with the buzzer for what is red.
    pub(super) fn light(&mut self) {
        if !self.leads() {
            return;
        }
        let alerts_of_machines = self.alerts_everywhere();
        let is_one_unknown = self.is_one_unknown();
        // That a source is lost, its machines say by being silent.
        let of_sources =
            self.alerts_of_sources().into_iter().map(|one| (one.alert.account.alert, one.alert.seen));
        let of_sources: Vec<(String, bool)> =
            of_sources.filter(|(alert, _)| alert != AlertKind::Silent.id()).collect();
        let lamp_for = |alerts: &[AlertKind]| {
            let wanted = |kind| alerts.is_empty() || alerts.contains(&kind);
            let mut lamp = Lamp::default();
            for &(OpenAlert { kind, .. }, stage) in
                alerts_of_machines.iter().filter(|(one, _)| wanted(one.kind))
            {
                let is_amber = kind == AlertKind::Silent || stage == Stage::Over;
                let light = if is_amber { &mut lamp.amber } else { &mut lamp.red };
                if *light != Light::Flash {
                    *light = if stage == Stage::Acknowledged { Light::On } else { Light::Flash };
                }
                lamp.buzzer |= stage == Stage::Raised && !is_amber;
            }
            for (alert, seen) in &of_sources {
                let is_wanted = alerts.is_empty() || alerts.iter().any(|kind| kind.id() == alert);
                if is_wanted && lamp.amber != Light::Flash {
                    lamp.amber = if *seen { Light::On } else { Light::Flash };
                }
            }
            if is_one_unknown && lamp.amber == Light::Off {
                lamp.amber = Light::On;
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

    /// Whether nothing has been heard yet of some machine that this monitor judges, and no alert says so.
    pub(super) fn is_one_unknown(&self) -> bool {
        let is_told =
            |n: usize| self.monitor.machines()[n].open_alerts().any(|(kind, _)| kind == AlertKind::Silent);
        (0..self.heard.len()).any(|n| self.judges(n) && !self.heard[n].is_known && !is_told(n))
    }

    /// Nobody watches from here on: towers that showed how things are say no more than that.
    pub(super) fn darken(&mut self) {
        let until = Instant::now() + FAREWELL;
        let shows = self.leads() && self.team.as_ref().is_none_or(|team| !team.is_stale());
        let outgoing: Vec<Outgoing> = self.outgoing.drain(..).collect();
        for one in outgoing.iter().filter(|_| shows) {
            one.show(Some(Lamp { amber: Light::On, ..Lamp::default() }));
        }
        for one in outgoing {
            one.end(until);
        }
    }

    /// The alerts of a machine that this monitor judges, and how far they have come.
    pub(super) fn stages(&self, n: usize) -> Vec<(OpenAlert, Stage)> {
        let raised = self.monitor.machines()[n].open_alerts().map(|(kind, since)| {
            let seen = self.acknowledged.contains_key(&(n, kind.id()));
            let stage = if seen { Stage::Acknowledged } else { Stage::Raised };
            (OpenAlert { machine: n, kind, since }, stage)
        });
        let over = self.panel.over(n).iter().filter_map(|one| Some((one.alert.open(n)?, Stage::Over)));
        raised.chain(over).collect()
    }

    /// Alerts of machines, and how far they have come: of those that this monitor judges, and, where it leads a
    /// team, of those that others judge.
    fn alerts_everywhere(&self) -> Vec<(OpenAlert, Stage)> {
        let own = (0..self.heard.len()).filter(|n| self.judges(*n)).flat_map(|n| self.stages(n));
        let mut all: Vec<(OpenAlert, Stage)> = own.collect();
        if let Some(team) = &self.team {
            let others = team.elsewhere.iter().filter(|(n, _)| !team.judged[**n]);
            all.extend(others.flat_map(|(_, alerts)| alerts));
        }
        all
    }

    /// Those of them that are raised, and whether somebody has seen them.
    pub(super) fn open_everywhere(&self) -> Vec<(OpenAlert, bool)> {
        let all = self.alerts_everywhere().into_iter().filter(|(_, stage)| *stage != Stage::Over);
        all.map(|(alert, stage)| (alert, stage == Stage::Acknowledged)).collect()
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
