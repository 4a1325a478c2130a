//! The live run as one of a team: it judges the machines that it has claimed, and stands by for others.

use std::collections::BTreeMap;
use std::io;

use anshin_model::{Lang, Text};
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::Groups;
use anshin_monitor::judge::Alert;
use anshin_monitor::machine::{Before, Kept};
use anshin_monitor::utilisation::former_text;
use anshin_monitor::{Machine, Said, Time};
use jiff::civil::Date;

use super::{Heard, Live, RunError, Told};
use crate::clock;
use crate::team::{Known, Turn};

impl Live<'_> {
    /// Whether a machine is watched by this monitor.
    pub(super) fn watches(&self, n: usize) -> bool {
        self.team.as_ref().is_none_or(|team| team.is_watched(n))
    }

    /// Whether a machine is judged by this monitor.
    pub(super) fn judges(&self, n: usize) -> bool {
        self.team.as_ref().is_none_or(|team| team.judged[n])
    }

    /// Whether this monitor speaks for what belongs to no machine.
    pub(super) fn leads(&self) -> bool {
        self.team.as_ref().is_none_or(|team| team.leads)
    }

    /// What the team has agreed on. Of a machine that somebody else judges, nothing more is said.
    pub(super) fn agreed(&self, said: &mut Vec<(usize, Said)>) -> Vec<Turn> {
        let Some(team) = &self.team else { return Vec::new() };
        let mut turns = Vec::new();
        while let Some(turn) = team.turn() {
            if let Turn::Lost(n) = turn {
                said.retain(|(about, _)| *about != n);
            }
            turns.push(turn);
            if matches!(turns.last(), Some(Turn::Ended)) {
                break;
            }
        }
        turns
    }

    /// Does what the team has agreed on.
    pub(super) fn turns(
        &mut self,
        turns: Vec<Turn>,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let (mut changed, mut former) = (false, None);
        for turn in turns {
            match turn {
                Turn::StandBy(n) | Turn::Leave(n) => self.begin_to_watch(n),
                Turn::Unreadable(n) => {
                    let name = &self.configuration.machines[n].name;
                    let note = Text::new(
                        format!(
                            "{}: チームのデータベースにある状態を読めないので、基準を覚え直します。チームの監視を同じ版にそろえてください",
                            name.get(Lang::Ja)
                        ),
                        format!(
                            "{}: the state in the database of the team cannot be read, so references are learnt anew; let all monitors of the team be of one version",
                            name.get(Lang::En)
                        ),
                    );
                    tell(Told::Note(note)).map_err(RunError::Tell)?;
                }
                Turn::Take(n, known, told) => {
                    changed = true;
                    former = former.max(self.take_over(n, known.map(|known| *known), told.open(), said));
                    if let Some(team) = &mut self.team {
                        team.judged[n] = true;
                    }
                    self.told.insert(n, told);
                }
                Turn::Offer(n, to, seconds) => changed |= self.offer(n, to, seconds),
                Turn::Lost(n) => {
                    changed = true;
                    // What it said when it took over is told by whoever judges it.
                    said.retain(|(about, _)| *about != n);
                    self.step_back(n);
                    if let Some(team) = &mut self.team {
                        team.judged[n] = false;
                        // What was asked about it meanwhile is read again, and handed on.
                        self.requests = self.requests.min(team.place());
                        if let Some(copying) = &mut self.copying {
                            copying.count_requests_up_to(self.requests);
                        }
                    }
                }
                Turn::Company => self.urgent = true,
                Turn::Lead(leads, groups) => {
                    if let Some(team) = &mut self.team {
                        team.leads = leads;
                    }
                    if !leads {
                        // Whoever leads now hears of them, and says when they are gone.
                        self.strangers.clear();
                        self.crowds.clear();
                    }
                    let alone = &mut self.alone.groups;
                    self.groups = match groups {
                        Some(groups) => groups,
                        None if leads => std::mem::take(alone),
                        None => Groups::default(),
                    };
                    // Whoever speaks for groups says that it does.
                    self.others_shown = None;
                    // What a tower shows now was shown by somebody else, or is from now on.
                    self.lamps.fill(None);
                    if !leads {
                        for outgoing in &self.outgoing {
                            outgoing.show(None);
                        }
                    }
                    self.lamps_due = true;
                }
                Turn::Elsewhere(alerts) => {
                    if let Some(team) = &mut self.team {
                        team.elsewhere = alerts;
                    }
                    self.lamps_due = true;
                }
                Turn::Ask(id, request) => self.asked(id, request, said, tell)?,
                Turn::Replaced => return Err(RunError::Replaced),
                Turn::Ended => return Err(RunError::TeamEnded),
            }
        }
        if let Some(day) = former {
            tell(Told::Note(former_text(day))).map_err(RunError::Tell)?;
        }
        let Some(team) = &mut self.team else { return Ok(()) };
        // One that is given nothing says so as well, once it has come.
        let is_first = !std::mem::replace(&mut team.has_told_share, true);
        if !changed && !is_first {
            return Ok(());
        }
        let judged = team.judged.iter().filter(|judged| **judged).count();
        tell(Told::Note(share(judged, team.judged.len()))).map_err(RunError::Tell)
    }

    /// Watches a machine of which nothing is known.
    fn begin_to_watch(&mut self, n: usize) {
        let now = clock::now();
        let mut machine = Machine::new(self.configuration.machines[n].settings.clone()).standing_by();
        machine.begin(now);
        self.monitor.machines_mut()[n] = machine;
        self.heard[n] = Heard::nothing_since(now);
    }

    /// Judges a machine from now on. The day before which its use is counted by former shifts, if that is new.
    fn take_over(
        &mut self,
        n: usize,
        known: Option<Known>,
        told: Vec<Alert>,
        said: &mut Vec<(usize, Said)>,
    ) -> Option<Date> {
        self.urgent = true;
        self.lamps_due = true;
        let now = self.heard[n].now();
        let id = self.configuration.machines[n].id.as_str();
        let machine = &mut self.monitor.machines_mut()[n];
        let (kept, (acknowledged, who), over, maintenance, done) = match known {
            Some(known) => {
                let seen = (known.acknowledged, known.acknowledgements);
                (Some(known.machine), seen, known.over, known.maintenance, known.done)
            }
            // The team knows nothing: what was learnt alone, before there was a team, is not lost.
            None => (
                self.alone.machines.remove(id),
                (
                    self.alone.acknowledged.remove(id).unwrap_or_default(),
                    self.alone.acknowledgements.remove(id).unwrap_or_default(),
                ),
                self.alone.shown.remove(id).map(|shown| shown.over).unwrap_or_default(),
                self.alone.maintenance.remove(id).unwrap_or_default(),
                Vec::new(),
            ),
        };
        self.maintenance.insert(n, maintenance);
        self.done.insert(n, done);
        self.acknowledged.extend(seen_of(n, kept.as_ref(), &acknowledged, who));
        self.panel.recall(n, raised_in(kept.as_ref(), now), over);
        let before = kept.as_ref().and_then(|kept| kept.utilisation.former());
        self.panel.go_on(n, told.iter().cloned());
        machine.take_over(Before { kept, told }, &mut |one| said.push((n, one)));
        machine.utilisation().former().filter(|day| Some(*day) != before)
    }

    /// Hands a machine over, if the other one has seen its running cycle begin.
    fn offer(&mut self, n: usize, to: String, seconds: f64) -> bool {
        if !self.judges(n) {
            return false;
        }
        let machine = &self.monitor.machines()[n];
        let now = self.heard[n].now();
        let is_known = machine.unfinished_since().is_none_or(|since| now.since(since) < seconds);
        if !is_known {
            return false;
        }
        self.monitor.machines_mut()[n].pause(now);
        let known = self.known(n);
        self.step_back(n);
        if let Some(team) = &mut self.team {
            team.give(n, to, known);
        }
        true
    }

    /// Watches without a word from here on.
    fn step_back(&mut self, n: usize) {
        // They go on elsewhere: until that is heard of, they are as they were.
        let alerts = self.stages(n);
        if let Some(team) = &mut self.team {
            team.elsewhere.insert(n, alerts);
        }
        self.panel.recall(n, Vec::new(), Vec::new());
        self.monitor.machines_mut()[n].step_back();
        self.acknowledged.retain(|(about, _), _| *about != n);
        self.maintenance.remove(&n);
        self.answered.remove(&n);
        self.done.remove(&n);
        self.lamps_due = true;
    }

    /// What the team is to know of a machine. What people asked goes with it.
    pub(super) fn known(&mut self, n: usize) -> Known {
        let answered = self.answered.remove(&n).unwrap_or_default();
        let seen = || self.acknowledged.iter().filter(|((about, _), _)| *about == n);
        Known {
            machine: self.monitor.machines()[n].kept(),
            acknowledged: seen().map(|((_, alert), _)| (*alert).to_owned()).collect(),
            acknowledgements: seen().map(|((_, alert), who)| ((*alert).to_owned(), who.clone())).collect(),
            over: self.panel.over(n).to_vec(),
            maintenance: self.maintenance.get(&n).cloned().unwrap_or_default(),
            answered,
            done: self.done.get(&n).cloned().unwrap_or_default(),
        }
    }

    /// Whether whoever judged the machine before has told it already.
    pub(super) fn is_told(&mut self, n: usize, said: &Said) -> bool {
        self.told.get_mut(&n).is_some_and(|told| told.has(said))
    }
}

/// How many of the machines this monitor judges.
fn share(judged: usize, all: usize) -> Text {
    let (ja, en) = if judged == 0 { ("（待機中）", " (standing by)") } else { ("", "") };
    Text::new(
        format!("{all}台の機械のうち{judged}台をこの監視が判定します{ja}"),
        format!("this monitor judges {judged} of {all} machines{en}"),
    )
}

/// Alerts that were raised at a machine when its state was kept.
pub(super) fn raised_in(kept: Option<&Kept>, now: Time) -> Vec<Alert> {
    kept.into_iter().flat_map(|kept| kept.judge.raised(now)).collect()
}

/// Of the alerts that were raised at a machine when its state was kept, those that were acknowledged, and by whom.
/// What is over since is said after that.
pub(super) fn seen_of(
    n: usize,
    kept: Option<&Kept>,
    acknowledged: &[String],
    mut who: BTreeMap<String, Acknowledgement>,
) -> Vec<((usize, &'static str), Acknowledgement)> {
    let raised = kept.into_iter().flat_map(|kept| kept.judge.open()).map(|(kind, _)| kind.id());
    let seen = raised.filter(|id| acknowledged.iter().any(|seen| seen == id));
    seen.map(|id| ((n, id), who.remove(id).unwrap_or_default())).collect()
}
