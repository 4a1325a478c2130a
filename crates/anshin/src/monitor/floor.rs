//! What a database shows of the monitors that share it: who watches, how their machines are, and who is heard.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anshin_field::panel::{Shown, ShownOther};
use anshin_field::records::{Recorded, Records, RecordsError, Worker};
use anshin_field::signs::Signs;
use anshin_model::{Lang, Text, shape};
use anshin_monitor::machine::Kept;

use super::args::At;
use super::records::{open, unread};
use super::status::unknown;
use crate::input::Failure;

/// So long it takes at most until whoever is alive gives another sign of life, and then some.
const SIGN: Duration = Duration::from_secs(7);

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// A database of monitors, and what it showed at the last look.
pub(super) struct Floor<'a> {
    /// Its address.
    pub(super) address: &'a str,
    /// The team that is meant, if one is named.
    team: Option<&'a str>,
    records: Records,
    signs: Signs,
    /// The monitors, in the order of teams.
    pub(super) workers: Vec<Worker>,
    /// Machines, in the order of teams.
    pub(super) shown: Vec<Shown>,
    /// Alerts that are about no single machine.
    pub(super) others: Vec<ShownOther>,
    /// What teams have kept, by the team and the machine; `None` where another version of this program has.
    pub(super) kept: BTreeMap<(String, String), Option<Kept>>,
    /// References as they are recorded.
    pub(super) references: Vec<Recorded>,
}

/// What somebody names when they speak to monitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A machine.
    Machine,
    /// A machine, a source or a group.
    Any,
}

impl<'a> Floor<'a> {
    /// Opens the database at an address, and looks whose machines it shows and who is heard.
    pub(super) fn open(at: &'a At, address: &'a str) -> Result<Self, Failure> {
        let mut floor = Self {
            address,
            team: at.team.as_deref(),
            records: open(address)?,
            signs: Signs::default(),
            workers: Vec::new(),
            shown: Vec::new(),
            others: Vec::new(),
            kept: BTreeMap::new(),
            references: Vec::new(),
        };
        let until = Instant::now() + SIGN;
        loop {
            floor.look()?;
            if floor.signs.are_certain() {
                break;
            }
            if Instant::now() >= until {
                floor.signs.give_up();
                floor.look()?;
                break;
            }
            std::thread::sleep(PAUSE);
        }
        floor.has_something()?;
        Ok(floor)
    }

    /// Looks again.
    pub(super) fn look(&mut self) -> Result<(), Failure> {
        self.read().map_err(unread(self.address))
    }

    fn read(&mut self) -> Result<(), RecordsError> {
        let team = self.team;
        let is_meant = |of: &str| team.is_none_or(|team| team == of);
        self.workers = self.records.workers()?;
        self.shown = self.records.shown()?;
        self.others = self.records.shown_others()?;
        self.kept = self.records.states_of_teams()?;
        self.references = self.records.references()?;
        self.workers.retain(|one| is_meant(&one.team));
        self.shown.retain(|one| is_meant(&one.team));
        self.others.retain(|one| is_meant(&one.team));
        self.signs.mark(&mut self.shown, &mut self.others);
        for one in &mut self.workers {
            one.quiet = self.signs.misses(&one.team, &one.monitor, one.beat, one.heard);
        }
        Ok(())
    }

    /// What is kept of a machine, where a team keeps it.
    pub(super) fn kept_of(&self, shown: &Shown) -> Option<&Kept> {
        self.kept.get(&(shown.team.clone(), shown.machine.clone()))?.as_ref()
    }

    /// The references of a machine as they are recorded.
    pub(super) fn recorded(&self, shown: &Shown) -> Vec<&Recorded> {
        let is_its = |one: &&Recorded| (&one.team, &one.machine) == (&shown.team, &shown.machine);
        self.references.iter().filter(is_its).collect()
    }

    /// The names of the teams, and of monitors that watch alone.
    pub(super) fn teams(&self) -> BTreeSet<&str> {
        let machines = self.shown.iter().map(|one| one.team.as_str());
        machines.chain(self.workers.iter().map(|one| one.team.as_str())).collect()
    }

    /// Fails where nobody that is meant has ever shown a machine, nor watches.
    fn has_something(&self) -> Result<(), Failure> {
        if !self.shown.is_empty() || !self.workers.is_empty() {
            return Ok(());
        }
        let Some(team) = self.team else {
            let place = anshin_field::records::place(self.address);
            return Err(Failure::new(
                format!(
                    "データベース`{place}`には、機械を見守る監視がまだありません。監視を`--database`にこのアドレスを付けて動かしてください"
                ),
                format!(
                    "no monitor shows machines in the database `{place}` yet; run one with this address as `--database`"
                ),
            ));
        };
        let all = self.records.shown().map_err(unread(self.address))?;
        let all: BTreeSet<&str> = all.iter().map(|one| one.team.as_str()).collect();
        let all: Vec<&str> = all.into_iter().collect();
        Err(unknown(
            &Text::new(
                format!("`{team}`というチームも監視もありません"),
                format!("there is no team or monitor `{team}`"),
            ),
            shape::nearest(team, all.iter().copied()),
            &Text::new("データベースにあるもの", "in the database"),
            &all,
        ))
    }

    /// Whose machine, source or group is called so. Fails where there is none, or where several have one.
    pub(super) fn team_of(&self, id: &str, named: Named) -> Result<String, Failure> {
        let mut teams: BTreeSet<&str> =
            self.shown.iter().filter(|one| one.machine == id).map(|one| one.team.as_str()).collect();
        if named == Named::Any {
            let others = self.others.iter();
            let others = others.filter(|one| one.about.as_ref().is_some_and(|about| about.id() == id));
            teams.extend(others.map(|one| one.team.as_str()));
            // Of a source or group without an open alert nobody shows anything, but it may be in the records.
            if teams.is_empty() && self.known()?.iter().any(|known| known == id) {
                teams.extend(self.teams().into_iter().take(1));
            }
        }
        let mut teams = teams.into_iter();
        match (teams.next(), teams.next()) {
            (Some(team), None) => Ok(team.to_owned()),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(teams);
                let listed = all.map(|team| format!("`{team}`")).collect::<Vec<_>>();
                Err(Failure::new(
                    format!("`{id}`は{}にあります。`--team`でどれかを指定してください", listed.join("と")),
                    format!("{} have a `{id}`; name one of them with `--team`", listed.join(" and ")),
                ))
            }
            (None, _) => Err(self.no_such(id, named)?),
        }
    }

    fn no_such(&self, id: &str, named: Named) -> Result<Failure, Failure> {
        let mut all: BTreeSet<String> = self.shown.iter().map(|one| one.machine.clone()).collect();
        let (what, known) = match named {
            Named::Machine => (
                Text::new(format!("`{id}`という機械はありません"), format!("there is no machine `{id}`")),
                Text::new("機械", "machines"),
            ),
            Named::Any => {
                let others = self.others.iter().filter_map(|one| one.about.as_ref());
                all.extend(others.map(|about| about.id().to_owned()));
                all.extend(self.known()?);
                (
                    Text::new(
                        format!("`{id}`という機械、グループ、入力元の記録はありません"),
                        format!("the records have no machine, group or source `{id}`"),
                    ),
                    Text::new("記録にあるもの", "known"),
                )
            }
        };
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        Ok(unknown(&what, shape::nearest(id, all.iter().copied()), &known, &all))
    }

    fn known(&self) -> Result<Vec<String>, Failure> {
        let mut known = self.records.known().map_err(unread(self.address))?;
        known.retain(|id| !id.is_empty());
        Ok(known)
    }

    /// Whether somebody of a team is heard.
    pub(super) fn hears(&self, team: &str) -> bool {
        self.workers.iter().any(|one| one.team == team && !one.quiet)
    }

    /// Who of a team was heard last, and when by the clocks of its machines' factory.
    pub(super) fn last_heard(&self, team: &str) -> Option<String> {
        let of_team = self.workers.iter().filter(|one| one.team == team);
        let zone = self.shown.iter().filter(|one| one.team == team).find_map(|one| one.zone.as_deref());
        of_team.filter_map(|one| one.heard).max().map(|at| at.told(&super::status::zone(zone)))
    }

    /// Asks the monitors of a team, and waits a few seconds until they have taken it up, if one is heard; whether
    /// they have.
    pub(super) fn ask(
        &self,
        team: &str,
        requests: &[anshin_field::folder::Request],
        patience: Duration,
    ) -> Result<bool, Failure> {
        let asked = requests.iter().map(|request| self.records.ask(team, request));
        let asked = asked.collect::<Result<Vec<_>, _>>().map_err(|error| {
            let (place, why) = (anshin_field::records::place(self.address), error.text());
            Failure::new(
                format!("依頼をデータベース`{place}`に書けません（{}）", why.get(Lang::Ja)),
                format!("cannot write the request into the database `{place}` ({})", why.get(Lang::En)),
            )
        })?;
        let until = Instant::now() + patience;
        let waits = |id: &String| self.records.waits(id).map_err(unread(self.address));
        for id in &asked {
            while waits(id)? {
                if Instant::now() >= until {
                    return Ok(false);
                }
                std::thread::sleep(PAUSE);
            }
        }
        Ok(true)
    }
}
