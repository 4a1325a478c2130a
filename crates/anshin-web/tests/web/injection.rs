//! Script injection, stored and reflected: every text field of every form that any page shows gets
//! markup, every page is looked at afterwards. Forms and pages are found by following links, and the
//! table of routes says whether any page was forgotten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anshin_web::route::routes;
use axum::http::Method;

use crate::browser::{Answer, Browser, Program};

/// Breaks out of attributes and of text, if anything lets it.
const WILD: &str = "\"'><script>alert(1)</script>";
/// Pages that no link leads to: before signing in, pieces for scripts, streams.
const UNLINKED: &[&str] = &[
    "/healthz",
    "/readyz",
    "/first-start",
    "/sign-in",
    "/join",
    "/guest",
    "/assets/{name}",
    "/new/picture",
    "/openid/back",
    "/language/{code}",
    "/organization/logo",
    "/machines/live",
    "/machines/events",
    "/systems/{id}/live",
    "/systems/{id}/events",
    "/systems/{id}/sheets/{sheet}/row",
];
/// Forms that would end the test: of one's own session and account.
const LEFT_ALONE: &[&str] = &["/sign-out", "/account/password", "/account/code", "/account/sessions"];
/// Most pages that are looked at in one round.
const MOST: usize = 1_500;

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(plain(rest.split('"').next()?))
}

fn plain(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

struct Form {
    action: String,
    fields: Vec<(String, String)>,
    file: Option<String>,
}

/// The forms of a page that act, filled in with markup wherever words go.
fn forms(html: &str, here: &str) -> Vec<Form> {
    let mut all = Vec::new();
    for part in html.split("<form").skip(1) {
        let (tag, rest) = part.split_once('>').unwrap();
        if attribute(tag, "method").as_deref() != Some("post") {
            continue;
        }
        let action = attribute(tag, "action").unwrap_or_else(|| here.to_owned());
        let body = rest.split("</form>").next().unwrap();
        let mut form = Form { action, fields: Vec::new(), file: None };
        let mut radios = BTreeSet::new();
        for part in body.split('<').skip(1) {
            let tag = part.split('>').next().unwrap();
            let tag = format!(" {}", tag.split_once(' ').map_or("", |(_, rest)| rest));
            let Some(name) = attribute(&tag, "name") else { continue };
            let value = attribute(&tag, "value").unwrap_or_default();
            if part.starts_with("textarea") {
                let kept = tag.contains(" hidden");
                let words = plain(part.split_once('>').unwrap().1.trim_start());
                // The whole document is words of which some are meant.
                let words = if kept || name == "text" { words } else { WILD.to_owned() };
                form.fields.push((name, words));
            } else if part.starts_with("input") {
                match attribute(&tag, "type").as_deref() {
                    Some("hidden") => form.fields.push((name, value)),
                    Some("file") => form.file = Some(name),
                    Some("radio") => {
                        if radios.insert(name.clone()) {
                            form.fields.push((name, value));
                        }
                    }
                    Some("checkbox") => {
                        if tag.contains(" checked") {
                            form.fields.push((name, value));
                        }
                    }
                    Some("date") => form.fields.push((name, "2027-03-31".to_owned())),
                    Some("password") => form.fields.push((name, "correct horse battery".to_owned())),
                    _ => form.fields.push((name, WILD.to_owned())),
                }
            } else if part.starts_with("select") {
                let options = body.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_default();
                let options = options.split("</select>").next().unwrap();
                let chosen = options
                    .split("<option")
                    .skip(1)
                    .map(|option| option.split('>').next().unwrap())
                    .filter_map(|tag| Some((tag.contains(" selected"), attribute(tag, "value")?)))
                    .filter(|(_, value)| !value.is_empty())
                    .max_by_key(|(selected, _)| *selected);
                form.fields.push((name, chosen.map(|(_, value)| value).unwrap_or_default()));
            } else if part.starts_with("button")
                && !value.is_empty()
                && value != "remove"
                && !form.fields.iter().any(|(own, _)| *own == name)
            {
                form.fields.push((name, value));
            }
        }
        all.push(form);
    }
    all
}

/// Whatever came back shows no markup of ours.
#[track_caller]
fn harmless(what: &str, answer: &Answer) {
    assert!(!answer.status.is_server_error(), "{what}: {} {}", answer.status, answer.text);
    // Anything else is saved and never shown, whatever stands in it.
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    let kind = answer.header("content-type");
    if !kind.starts_with("text/html") && !kind.starts_with("image/svg") {
        return;
    }
    for wrong in ["<script>alert", "\"'><script", "'><script"] {
        assert!(!answer.text.contains(wrong), "{what}: {wrong} in\n{}", answer.text);
    }
    for (name, value) in &answer.headers {
        assert!(!value.to_str().is_ok_and(|value| value.contains("<script")), "{what}: {name}");
    }
}

/// All pages that links lead to.
async fn walk(browser: &mut Browser) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut next = VecDeque::from(["/".to_owned()]);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    while let Some(path) = next.pop_front() {
        let answer = browser.get(&path).await;
        harmless(&path, &answer);
        if answer.header("content-type").starts_with("text/html") && !path.contains(".html") {
            for link in answer.text.split(" href=\"").skip(1) {
                let link = plain(link.split('"').next().unwrap());
                let link = link.split('#').next().unwrap().to_owned();
                // Of each entry of the catalog, and each filter, one is as good as all.
                let many = ["/catalog/", "/language/", "/api/v1"].iter().any(|start| link.starts_with(start));
                let first = !many || seen.iter().filter(|own| own.starts_with(&link[..9])).count() < 12;
                if link.starts_with('/') && seen.len() < MOST && first && seen.insert(link.clone()) {
                    next.push_back(link);
                }
            }
        }
        pages.insert(path, answer.text);
    }
    pages
}

fn fits(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap();
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(a, b)| *a == b || a.starts_with('{'))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_field_and_no_query_lets_markup_through() {
    let folder = tempfile::tempdir().unwrap();
    let floor = anshin_field::records::address(folder.path());
    let floor = floor.as_str();
    let program = Program::with_people_and(|config| config.monitor = Some(floor.to_owned())).await;
    let mut browser = program.signed_in("administrator").await;
    let made = browser.fill_in("/", "/new/example", &[("example", "gas-water-heater")]).await;
    let base = made.header("location").split('?').next().unwrap().to_owned();
    // Two revisions, so that there is something to compare.
    let sheet = format!("{base}/sheets/stakeholders");
    let row = [("parent", "1"), ("key", "resident"), ("has", "name"), ("f.name", "Tenant"), ("act", "save")];
    browser.fill_in(&sheet, &sheet, &row).await;
    let ledger = [("company", "Example Works"), ("scale", "handbook"), ("begin", "sample")];
    browser.fill_in("/ledgers", "/ledgers", &ledger).await;
    // The records have a runtime of their own.
    std::thread::scope(|scope| scope.spawn(|| show_machine(floor)).join().unwrap());
    let pages = walk(&mut browser).await;

    // Every page is reached, so that a new one is not forgotten.
    let forgotten: Vec<&str> = routes()
        .iter()
        .filter(|route| route.method == Method::GET && !route.path.starts_with("/api/"))
        .map(|route| route.path)
        .filter(|route| !UNLINKED.contains(route) && !pages.keys().any(|path| fits(route, path)))
        .collect();
    // Where something has to be there first, its form is filled in below.
    let later = ["/systems/{id}/files/{evidence}", "/rounds"];
    let forgotten: Vec<&&str> =
        forgotten.iter().filter(|route| !later.iter().any(|own| route.contains(own))).collect();
    assert!(forgotten.is_empty(), "no link leads to {forgotten:?}");

    // Stored: every form once, each kind by the path it acts on.
    let mut done = BTreeSet::new();
    let mut sent = 0;
    for (path, html) in &pages {
        for form in forms(html, path) {
            let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
            if LEFT_ALONE.iter().any(|own| form.action.starts_with(own))
                || form.action.ends_with("/disable")
                || !done.insert(format!("{} {names:?}", form.action))
            {
                continue;
            }
            let fields: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .filter(|(name, _)| form.file.is_none() || *name != "csrf")
                .collect();
            let answer = match &form.file {
                Some(field) => {
                    let file = (field.as_str(), "<script>alert(1)<_script>.txt", WILD.as_bytes());
                    browser.upload(path, &form.action, &fields, file).await
                }
                None => browser.post(&form.action, &fields).await,
            };
            harmless(&format!("{} of {path} with {names:?}", form.action), &answer);
            sent += 1;
        }
    }
    assert!(sent > 40, "{sent} forms");
    // Names of the document are markup now, and every page shows them.
    let actor = program.actor("administrator").await;
    let system = anshin_store::SystemId::from_text(base.rsplit('/').next().unwrap());
    let text = program.store.latest(&actor, &system).await.unwrap().text;
    assert!(text.contains("<script>alert(1)"), "markup is in the document");
    let again = walk(&mut browser).await;
    assert!(again.len() >= pages.len() / 2, "{} {}", again.len(), pages.len());

    // Reflected: every page with markup in its query and in each part of its path.
    let wild = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let names = [
        "q",
        "section",
        "about",
        "open",
        "edit",
        "back",
        "kind",
        "state",
        "stakeholder",
        "asset",
        "viewpoint",
        "from",
        "to",
        "before",
        "said",
        "all",
        "system",
        "ask",
        "link",
        "invitation",
        "answers",
        "round",
        "of",
    ];
    let query: Vec<String> = names.iter().map(|name| format!("{name}={wild}")).collect();
    let query = query.join("&");
    for route in
        routes().iter().filter(|route| route.method == Method::GET && !route.path.ends_with("/events"))
    {
        let mut own = route.path.replace("{id}", base.rsplit('/').next().unwrap());
        let with_query = if own.contains('{') { None } else { Some(format!("{own}?{query}")) };
        while let (Some(start), Some(end)) = (own.find('{'), own.find('}')) {
            own.replace_range(start..=end, wild);
        }
        let foreign = route.path.replace("{id}", wild);
        for path in with_query.into_iter().chain([own, foreign]).filter(|path| !path.contains('{')) {
            harmless(&path, &browser.get(&path).await);
        }
    }
}

/// A machine whose every word is markup.
fn show_machine(floor: &str) {
    let wild = WILD;
    let both = || serde_json::json!({ "ja": wild, "en": wild });
    let shown = serde_json::json!({
        "machine": wild,
        "name": both(),
        "state": null,
        "cycle": { "end": wild, "key": [wild], "duration_seconds": 1.0, "quantity": 1.0, "unit": wild, "finding": wild },
        "alerts": [{ "alert": wild, "name": both(), "since": wild, "seen": false }],
        "maintenance": wild,
        "next-maintenance": { "from": wild, "until": wild },
        "waiting": [{ "key": [wild], "mode": 1 }],
        "references": [{ "key": [wild], "mode": 1, "seconds": 1.0, "quantity": 1.0 }],
    });
    let records = anshin_field::records::Records::open(floor).unwrap();
    assert_eq!(records.show(wild, &[serde_json::from_value(shown).unwrap()]).unwrap(), [true]);
}
