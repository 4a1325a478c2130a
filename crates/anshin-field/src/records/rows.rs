//! What a team and its monitors say to each other in the database, row by row: how machines and groups are,
//! and what people have asked.

use std::sync::atomic::{AtomicU64, Ordering};

use anshin_monitor::group::Groups;
use sqlx::{Any, Row as _, Transaction};

use crate::clock;
use crate::folder::Request;
use crate::panel::{Shown, ShownOther};

/// Asks something of whoever judges a machine, or speaks for what belongs to none; the id of the request.
pub(crate) async fn request(
    change: &mut Transaction<'_, Any>,
    team: &str,
    request: &Request,
) -> Result<String, sqlx::Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let line = serde_json::to_string(request).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{:020}-{}-{count}", clock::now().nanos(), std::process::id());
    sqlx::query("INSERT INTO monitor_request (id, team, machine, line) VALUES ($1, $2, $3, $4)")
        .bind(&id)
        .bind(team)
        .bind(request.machine().unwrap_or_default())
        .bind(line)
        .execute(&mut **change)
        .await?;
    Ok(id)
}

/// Shows how a machine is, if the session has claimed it or nobody has to; false if another one has.
pub(crate) async fn show(
    change: &mut Transaction<'_, Any>,
    team: &str,
    session: &str,
    shown: &Shown,
) -> Result<bool, sqlx::Error> {
    let text = serde_json::to_string(shown).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query(
        "INSERT INTO monitor_machine (team, machine, session, shown) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (team, machine) DO UPDATE SET shown = excluded.shown \
         WHERE monitor_machine.session = excluded.session",
    )
    .bind(team)
    .bind(&shown.machine)
    .bind(session)
    .bind(text)
    .execute(&mut **change)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Keeps which groups of a team raise alerts, and shows them; a later word of whoever speaks for them counts.
pub(crate) async fn show_groups(
    change: &mut Transaction<'_, Any>,
    (team, session): (&str, &str),
    groups: &Groups,
    shown: &[ShownOther],
) -> Result<(), sqlx::Error> {
    let encode = |error| sqlx::Error::Encode(Box::new(error));
    sqlx::query(
        "INSERT INTO monitor_group (team, session, state, shown) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (team) DO UPDATE SET session = excluded.session, state = excluded.state, shown = excluded.shown",
    )
    .bind(team)
    .bind(session)
    .bind(serde_json::to_string(groups).map_err(encode)?)
    .bind(serde_json::to_string(shown).map_err(encode)?)
    .execute(&mut **change)
    .await
    .map(drop)
}

/// Which groups of a team raise alerts, as whoever spoke for them last has kept it; `None` if nobody has.
pub(crate) async fn groups(
    change: &mut Transaction<'_, Any>,
    team: &str,
) -> Result<Option<Groups>, sqlx::Error> {
    let row = sqlx::query("SELECT state FROM monitor_group WHERE team = $1")
        .bind(team)
        .fetch_optional(&mut **change)
        .await?;
    let state = row.map(|row| row.try_get::<String, _>(0)).transpose()?;
    // A state of another version is as good as none.
    Ok(state.and_then(|state| serde_json::from_str(&state).ok()))
}

/// The requests about machines that a session of a team has claimed, and about what belongs to none if it leads,
/// the oldest first, with their ids. They stay until they are [`answered`].
pub(crate) async fn asked(
    change: &mut Transaction<'_, Any>,
    team: &str,
    session: &str,
    leads: bool,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let of_none = if leads { " OR r.machine = ''" } else { "" };
    let query = format!(
        "SELECT r.id, r.line FROM monitor_request r LEFT JOIN monitor_machine m \
         ON m.team = r.team AND m.machine = r.machine \
         WHERE r.team = $1 AND (m.session = $2{of_none}) ORDER BY r.id"
    );
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(query)).bind(team).bind(session).fetch_all(&mut **change).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What came of requests is kept with the same transaction, so they go.
pub(crate) async fn answered(change: &mut Transaction<'_, Any>, ids: &[String]) -> Result<(), sqlx::Error> {
    for id in ids {
        sqlx::query("DELETE FROM monitor_request WHERE id = $1").bind(id).execute(&mut **change).await?;
    }
    Ok(())
}
