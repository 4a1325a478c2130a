//! Who has which system open, told from process to process: it lives for a moment and is no part of
//! anybody's data.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::error::StoreError;
use crate::id::SystemId;
use crate::store::{Store, time};

/// After this time without another beat, a process and whoever is there are gone.
const LIFE: SignedDuration = SignedDuration::from_secs(15);
/// What is older is swept away, whoever wrote it; and what a clock far ahead has written. Long enough
/// that a clock that is wrong by minutes takes nothing away from the others.
const SWEEP: SignedDuration = SignedDuration::from_hours(1);
/// Most systems that a process tells of, and most people for each.
const MOST: usize = 500;
const MOST_NAMES: usize = 20;
/// Most rows that are read.
const MOST_ROWS: i64 = 2000;

impl Store {
    /// Says who has which system open by a process, in place of what it has said before. It has to be said
    /// again every few seconds. What is said is shown to those only who have been let in to that system.
    pub async fn keep_presence(
        &self,
        process: &str,
        here: &BTreeMap<SystemId, Vec<String>>,
    ) -> Result<(), StoreError> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM presences WHERE process = $1 OR seen_at < $2 OR seen_at > $3")
            .bind(process)
            .bind(self.after(-SWEEP))
            .bind(self.after(SWEEP))
            .execute(&mut *writing.tx)
            .await?;
        let now = time(self.now());
        for (system, names) in here.iter().take(MOST) {
            let names = &names[..names.len().min(MOST_NAMES)];
            sqlx::query("INSERT INTO presences (process, system, names, seen_at) VALUES ($1, $2, $3, $4)")
                .bind(process)
                .bind(system.as_str())
                .bind(serde_json::json!(names).to_string())
                .bind(&now)
                .execute(&mut *writing.tx)
                .await?;
        }
        writing.commit().await
    }

    /// Who has which system open by other processes.
    pub async fn presence_elsewhere(
        &self,
        process: &str,
    ) -> Result<BTreeMap<SystemId, Vec<String>>, StoreError> {
        // What a clock far ahead has written does not stay either.
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT system, names FROM presences WHERE process <> $1 AND seen_at > $2 AND seen_at < $3 \
             ORDER BY system, process LIMIT $4",
        )
        .bind(process)
        .bind(self.after(-LIFE))
        .bind(self.after(LIFE))
        .bind(MOST_ROWS)
        .fetch_all(&self.pool)
        .await?;
        let mut elsewhere: BTreeMap<SystemId, Vec<String>> = BTreeMap::new();
        for (system, names) in rows {
            let names: Vec<String> = serde_json::from_str(&names)
                .map_err(|_| StoreError::Damaged(format!("`{names}` is not a list of names")))?;
            elsewhere.entry(SystemId::from_text(system)).or_default().extend(names);
        }
        Ok(elsewhere)
    }
}
