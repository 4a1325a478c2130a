//! The audit trail, in words where they are known.

use std::collections::BTreeMap;

use anshin_model::Text;
use anshin_pages::pages::{self, Detail, Entry, REPLIES};
use anshin_store::{AuditEntry, PaperKind, Right};
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::desk::{Fields, chrome, desk};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    vec![reads("/audit", Need::Right(Right::Administer), audit)]
}

/// Entries on one page.
const MOST: u32 = 100;

async fn audit(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let before = Fields(query).find("before").and_then(|number| number.parse().ok());
    let found = app.store().audit(visit.actor()?, before, MOST).await?;
    let names = names(&app, &visit).await?;
    let entries: Vec<Entry> = found.into_iter().map(|one| entry(&visit, &names, one)).collect();
    let older = entries.last().map(|last| last.number).filter(|last| *last > 1);
    Ok(page(pages::audit(&chrome(&visit), &entries, older)))
}

/// Names by the ids that the trail names things with.
type Names = BTreeMap<String, String>;

async fn names(app: &App, visit: &Visit) -> Result<Names, WebError> {
    let (store, actor) = (app.store(), visit.actor()?);
    let mut names = Names::from([(actor.organization().to_string(), actor.organization_name().to_owned())]);
    for one in store.systems(actor).await? {
        names.insert(one.id.to_string(), visit.text(&one.name).to_owned());
    }
    for one in store.users(actor).await? {
        names.insert(one.id.to_string(), one.name);
    }
    for kind in [PaperKind::Round, PaperKind::Ledger, PaperKind::Policy] {
        for one in store.papers(actor, kind).await? {
            names.insert(one.id.to_string(), visit.text(&one.name).to_owned());
        }
    }
    names.retain(|_, name| !name.is_empty());
    Ok(names)
}

fn entry(visit: &Visit, names: &Names, one: AuditEntry) -> Entry {
    let detail: Map<String, Value> = serde_json::from_str(&one.detail).unwrap_or_default();
    Entry {
        number: one.number,
        name: one.action_name(),
        at: visit.moment(one.at),
        actor: one.actor,
        action: one.action,
        subject: names.get(&one.subject).cloned(),
        id: one.subject,
        details: detail.iter().filter_map(|(key, value)| told(visit, names, key, value)).collect(),
        detail: one.detail,
        hash: one.hash,
    }
}

/// What the keys of details are called.
const KEYS: &[(&str, &str, &str)] = &[
    ("about", "種類", "which"),
    ("administrator", "管理者", "administrator"),
    ("device", "機器", "device"),
    ("end", "記録の末尾のハッシュ", "hash of the end"),
    ("expires", "期限", "until"),
    ("hash", "内容のハッシュ", "hash of the content"),
    ("issuer", "提供元", "provider"),
    ("item", "項目", "item"),
    ("language", "言語", "language"),
    ("locked_until", "サインインできない期限", "closed until"),
    ("login", "ユーザー名", "user name"),
    ("logo", "ロゴ", "logo"),
    ("merged", "合わせた変更の元の版", "brought together with a change of revision"),
    ("name", "名前", "name"),
    ("reply", "回答", "answer"),
    ("revision", "版", "revision"),
    ("role", "役割", "role"),
    ("scope", "できること", "may"),
    ("stakeholder", "ステークホルダー", "stakeholder"),
    ("state", "版", "state"),
    ("subject", "何について", "about"),
    ("system", "対象システム", "system"),
    ("url", "アドレス", "address"),
    ("zone", "タイムゾーン", "time zone"),
];

/// What some of their words mean, by key.
const WORDS: &[(&str, &str, &str, &str)] = &[
    ("role", "viewer", "閲覧者", "viewer"),
    ("role", "editor", "編集者", "editor"),
    ("role", "approver", "承認者", "approver"),
    ("role", "administrator", "管理者", "administrator"),
    ("scope", "read", "閲覧", "see"),
    ("scope", "edit", "変更", "change"),
    ("scope", "approve", "承認", "approve"),
    ("scope", "administer", "管理", "administer"),
    ("language", "ja", "日本語", "Japanese"),
    ("language", "en", "英語", "English"),
];

/// Ids of things that have no name and no page.
const NAMELESS: [&str; 2] = ["comment", "link"];

/// One detail in words; nothing if it says nothing to people.
fn told(visit: &Visit, names: &Names, key: &str, value: &Value) -> Option<Detail> {
    let word = match value {
        Value::Null => return None,
        Value::String(word) => word.clone(),
        other => other.to_string(),
    };
    if word.is_empty() || NAMELESS.contains(&key) {
        return None;
    }
    let name = KEYS.iter().find(|(own, ..)| *own == key);
    let name = name.map_or_else(|| Text::same(key), |(_, ja, en)| Text::new(*ja, *en));
    let known = || {
        let words = WORDS.iter().find(|(of, own, ..)| (*of, *own) == (key, word.as_str()));
        let reply = REPLIES.iter().find(|(own, ..)| key == "reply" && *own == word);
        words.map(|(.., ja, en)| (*ja, *en)).or_else(|| reply.map(|(_, ja, en)| (*ja, *en)))
    };
    let value = match key {
        "expires" | "locked_until" => word.parse::<Timestamp>().ok().map(|at| visit.moment(at)),
        "system" => names.get(&word).cloned(),
        "item" => {
            let found = desk().ok().and_then(|desk| desk.catalog.requirements.get(word.as_str()));
            found.map(|found| visit.text(&found.name).to_owned())
        }
        _ => known().map(|(ja, en)| visit.say(ja, en).to_owned()),
    };
    let hash = matches!(key, "hash" | "end");
    Some(Detail { name, value: value.unwrap_or(word), hash })
}
