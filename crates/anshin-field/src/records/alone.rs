//! What a monitor that works alone shows in the database, and what it is asked there.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anshin_monitor::group::Groups;
use sqlx::Row as _;

use super::rows::{answered, asked, show, show_groups};
use super::{Records, RecordsError, Waiting, seconds};
use crate::clock;
use crate::folder::{self, Request};
use crate::panel::{Shown, ShownOther};

/// How often a monitor that works alone says that it is alive.
const BEAT: Duration = Duration::from_secs(5);

impl Records {
    /// Says that a monitor that works alone is alive; every few seconds is enough.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn beat(&self, worker: &str) -> Result<(), RecordsError> {
        if self.beaten.get().is_some_and(|at| at.elapsed() < BEAT) {
            return Ok(());
        }
        let query = sqlx::query(
            "INSERT INTO monitor_worker (team, worker, session, beat, written) VALUES ($1, $1, '', 1, $2) \
             ON CONFLICT (team, worker) DO UPDATE \
             SET session = '', beat = monitor_worker.beat + 1, written = excluded.written",
        );
        self.runtime.block_on(async {
            query.bind(worker).bind(seconds(clock::now())).execute(&self.pool).await?;
            self.inherit(worker).await
        })?;
        self.beaten.set(Some(Instant::now()));
        Ok(())
    }

    /// Takes leave of a monitor that works alone: nobody need wait to see that it is not heard any more.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn leave(&self, worker: &str) -> Result<(), RecordsError> {
        let query = sqlx::query(
            "UPDATE monitor_worker SET beat = 0, written = $2 WHERE team = $1 AND worker = $1 AND session = ''",
        );
        let query = query.bind(worker).bind(seconds(clock::now()));
        self.runtime.block_on(query.execute(&self.pool))?;
        Ok(())
    }

    /// Takes over the machines of a team that had the name of this monitor and is gone: its beats have
    /// stood still since the last look.
    async fn inherit(&self, worker: &str) -> Result<(), sqlx::Error> {
        let rows = sqlx::query(
            "SELECT session, beat FROM monitor_worker WHERE team = $1 AND session <> '' ORDER BY session",
        )
        .bind(worker)
        .fetch_all(&self.pool)
        .await?;
        let now = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let now = now.collect::<Result<Vec<(String, i64)>, sqlx::Error>>()?;
        if !now.is_empty() && *self.team.borrow() == now {
            let mut change = self.pool.begin().await?;
            for query in [
                "DELETE FROM monitor_worker WHERE team = $1 AND session <> ''",
                "UPDATE monitor_machine SET session = '' WHERE team = $1",
            ] {
                sqlx::query(query).bind(worker).execute(&mut *change).await?;
            }
            change.commit().await?;
            self.is_tidy.set(false);
        }
        self.team.replace(now);
        Ok(())
    }

    /// Forgets the machines of this monitor that are not in its configuration any more.
    async fn tidy(&self, worker: &str, machines: &[String]) -> Result<(), sqlx::Error> {
        let rows = sqlx::query("SELECT machine FROM monitor_machine WHERE team = $1 AND session = ''")
            .bind(worker)
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            let machine: String = row.try_get(0)?;
            if !machines.contains(&machine) {
                sqlx::query("DELETE FROM monitor_machine WHERE team = $1 AND machine = $2 AND session = ''")
                    .bind(worker)
                    .bind(machine)
                    .execute(&self.pool)
                    .await?;
            }
        }
        self.is_tidy.set(true);
        Ok(())
    }

    /// Shows how machines are, and takes what people have asked elsewhere.
    pub(super) fn look_out(
        &self,
        folder: &Path,
        worker: &str,
        machines: &[String],
        waiting: &Waiting,
    ) -> Result<(), RecordsError> {
        let shown = &waiting.machines;
        self.beat(worker)?;
        if !self.is_tidy.get() {
            self.runtime.block_on(self.tidy(worker, machines))?;
        }
        let changed = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !changed.is_empty() {
            let rows: Vec<Shown> = changed.values().cloned().collect();
            let are_shown: BTreeMap<&usize, bool> = changed.keys().zip(self.show(worker, &rows)?).collect();
            // What has changed meanwhile is shown with the next look, and what was refused tried again.
            let mut all = shown.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|n, now| are_shown.get(n) != Some(&true) || changed.get(n) != Some(now));
        }
        let groups = waiting.groups.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((groups, shown)) = groups {
            self.show_groups(worker, &groups, &shown)?;
            // What has changed meanwhile is shown with the next look.
            waiting
                .groups
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take_if(|now| *now == (groups, shown));
        }
        self.take_requests(worker, |request| folder::ask(folder, request))
    }

    /// Shows how the machines of a monitor that works alone are; for each of them whether it is shown, and
    /// not claimed by a team of the same name, which is or was there.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn show(&self, team: &str, shown: &[Shown]) -> Result<Vec<bool>, RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            let mut are_shown = Vec::with_capacity(shown.len());
            for one in shown {
                are_shown.push(show(&mut change, team, "", one).await?);
            }
            change.commit().await?;
            Ok(are_shown)
        })
    }

    /// Keeps which groups of a monitor that works alone raise alerts, and shows all alerts that are about no
    /// single machine.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn show_groups(&self, team: &str, groups: &Groups, shown: &[ShownOther]) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            show_groups(&mut change, (team, ""), groups, shown).await?;
            change.commit().await?;
            Ok(())
        })
    }

    /// Takes what was asked of a monitor that works alone. A request goes from the database only once it
    /// has been handed on.
    ///
    /// # Errors
    /// If the database cannot be written, or a request cannot be handed on.
    pub fn take_requests(
        &self,
        worker: &str,
        mut hand_on: impl FnMut(&Request) -> io::Result<()>,
    ) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            // Most of the time there is none, and nothing is written.
            let waiting = sqlx::query("SELECT id FROM monitor_request WHERE team = $1 LIMIT 1").bind(worker);
            if waiting.fetch_optional(&self.pool).await?.is_none() {
                return Ok(());
            }
            let mut change = self.pool.begin().await?;
            for (id, line) in asked(&mut change, worker, "", true).await? {
                // What is no request was not written by this program.
                if let Ok(request) = serde_json::from_str(&line) {
                    hand_on(&request)?;
                }
                answered(&mut change, &[id]).await?;
            }
            change.commit().await?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::address;
    use super::*;

    #[test]
    fn who_works_alone_by_the_name_of_a_team_that_is_gone_inherits_its_machines() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(&address(folder.path())).unwrap();
        let said = |machine: &str, state: &str| -> Shown {
            let shown = serde_json::json!({
                "machine": machine, "name": { "ja": "", "en": "" }, "state": state, "cycle": null,
                "alerts": [], "maintenance": null,
            });
            serde_json::from_value(shown).unwrap()
        };
        records.runtime.block_on(async {
            let mut change = records.pool.begin().await.unwrap();
            for query in [
                "INSERT INTO monitor_worker (team, worker, session, beat) VALUES ('line', 'one', 'one-1', 7)",
                "INSERT INTO monitor_machine (team, machine, session) VALUES ('line', 'm0', 'one-1'), ('line', 'm9', 'one-1')",
            ] {
                sqlx::query(query).execute(&mut *change).await.unwrap();
            }
            assert!(show(&mut change, "line", "one-1", &said("m0", "idle")).await.unwrap());
            assert!(show(&mut change, "line", "one-1", &said("m9", "idle")).await.unwrap());
            change.commit().await.unwrap();
        });
        let machines = Mutex::new(BTreeMap::from([(0, said("m0", "producing"))]));
        let shown = Waiting { machines, ..Waiting::default() };
        let look = || {
            records.beaten.set(None);
            records.look_out(folder.path(), "line", &["m0".to_owned()], &shown).unwrap();
            let all = records.shown().unwrap();
            all.into_iter().map(|one| (one.machine, one.state.unwrap().id())).collect::<Vec<_>>()
        };
        // It may still be there: nothing is taken from it, and what was to be shown waits.
        assert_eq!(look(), [("m0".to_owned(), "idle"), ("m9".to_owned(), "idle")]);
        // It has said nothing since: one machine is ours, and the other one is in no configuration.
        assert_eq!(look(), [("m0".to_owned(), "producing")]);
        assert!(shown.machines.lock().unwrap().is_empty());
    }
}
