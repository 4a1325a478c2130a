//! The machines of a monitor: who sees them, who acknowledges, and a monitor that is not heard any more.

use std::time::{Duration, Instant};

use anshin_field::folder::Request;
use anshin_field::panel::Shown;
use anshin_field::records::Records;
use anshin_model::Lang;
use anshin_monitor::group::Groups;
use anshin_store::Administrator;
use axum::http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, PASSWORD, Program};

/// What a monitor does with its records, which have a runtime of their own.
fn at(address: &str, work: impl FnOnce(&Records) + Send) {
    std::thread::scope(|scope| scope.spawn(|| work(&Records::open(address).unwrap())).join().unwrap());
}

/// Requests that wait for the monitor, which takes them.
fn requests(address: &str) -> Vec<Request> {
    let mut all = Vec::new();
    at(address, |records| {
        let taken = records.take_requests("line", |request| {
            all.push(request.clone());
            Ok(())
        });
        taken.unwrap();
    });
    all
}

/// The page of the machines, as soon as something stands on it.
async fn page_with(browser: &mut Browser, part: &str) -> String {
    page_where(browser, |page| page.contains(part)).await
}

/// The page of the machines, as soon as it is as it should be.
async fn page_where(browser: &mut Browser, is_so: impl Fn(&str) -> bool) -> String {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let page = browser.get("/machines").await.text;
        if is_so(&page) {
            return page;
        }
        assert!(Instant::now() < until, "waited in vain: {page}");
        // What has been read holds for all who look, for not quite a second.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// How many they are.
fn asked(address: &str) -> usize {
    requests(address).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_are_for_the_first_organization_and_editors_acknowledge() {
    let folder = tempfile::tempdir().unwrap();
    let address = anshin_field::records::address(folder.path());
    let program = Program::with_people_and(|config| config.monitor = Some(address.clone())).await;
    let press = json!({
        "machine": "press", "name": { "ja": "プレス", "en": "Press" }, "state": "producing", "cycle": null,
        "alerts": [{
            "alert": "energy-high", "name": { "ja": "電力", "en": "Energy" }, "job": " [WELD-7]",
            "says": { "ja": "多い", "en": "A cycle of Press takes more." },
            "measured": { "ja": "測定値", "en": "Measured 12.00 Wh (+20.0 %), reference 10.00 Wh" },
            "causes": [{ "ja": "摩耗", "en": "Worn parts" }],
            "first": [{ "ja": "異音", "en": "Listen for noise" }],
            "system": {
                "asset": { "ja": "1号プレス", "en": "Press no. 1" },
                "risks": [{ "ja": "危険: 挟まれ", "en": "Hazard: crushing" }, { "ja": "S", "en": "Scenario s1 (high): stops" }],
            },
            "since": "2026-11-26T09:00:00Z", "seen": false,
        }],
        "maintenance": null, "waiting": [{ "key": ["WELD-7"], "mode": 2 }],
        "since": "2026-11-26T08:00:00Z", "lit": ["green"],
    });
    let press: Shown = serde_json::from_value(press).unwrap();
    at(&address, |records| assert_eq!(records.show("line", std::slice::from_ref(&press)).unwrap(), [true]));

    // Nobody alive has said it: it is how the machine was last.
    let mut viewer = program.signed_in("viewer").await;
    let page = viewer.get("/machines").await.text;
    assert!(page.contains("Nothing is heard of the monitor") && page.contains("not known"), "{page}");
    // Nor since when, and a list of nothing is left out.
    assert!(
        !["<dt>State", "<dt>Lights lit", "<dl class=\"way\"></dl>"].iter().any(|of| page.contains(of)),
        "{page}"
    );
    at(&address, |records| records.beat("line").unwrap());
    let mut page = page_where(&mut viewer, |page| !page.contains("Nothing is heard of the monitor")).await;
    assert!(page.contains("Press") && page.contains("nobody has acknowledged it yet"), "{page}");
    assert!(!page.contains("/machines/acknowledge"));

    // An alert says what, since when, how far, why, what to do first, and what it touches, in this order.
    let told = [
        "Energy [WELD-7]",
        "since 2026-11-26",
        "A cycle of Press takes more.",
        "Measured 12.00 Wh (+20.0 %), reference 10.00 Wh",
        "Likely causes",
        "Worn parts",
        "Look at this first",
        "Listen for noise",
        "Asset of the system: Press no. 1",
        "Hazard: crushing",
        "Scenario s1 (high): stops",
    ];
    let places = told.map(|part| page.find(part).unwrap_or_else(|| panic!("{part}: {page}")));
    assert!(places.is_sorted(), "{page}");

    assert!(page.contains("Reference to be approved: WELD-7 #2"), "{page}");
    assert!(page.contains("nobody has approved it yet") && !page.contains("/machines/approve"), "{page}");

    // A machine without cycles tells what it does, since when, and what is lit on it.
    assert!(page.contains("no cycle since the monitor began"), "{page}");
    let lamp = json!({
        "machine": "lathe", "name": { "ja": "旋盤", "en": "Lathe" }, "state": "idle", "cycle": null, "alerts": [],
        "maintenance": null, "no-cycles": true, "since": "2026-11-26T09:00:00Z", "lit": ["amber", "red"],
    });
    let lamp: Shown = serde_json::from_value(lamp).unwrap();
    at(&address, |records| assert_eq!(records.show("line", std::slice::from_ref(&lamp)).unwrap(), [true]));
    page = page_with(&mut viewer, "Lathe").await;
    let card = page.split("<section").find(|card| card.contains("Lathe")).unwrap();
    assert!(card.contains("<dt>State</dt><dd>idle since 2026-11-26"), "{card}");
    assert!(card.contains("<dt>Lights lit</dt><dd>amber, red</dd>") && !card.contains("cycle"), "{card}");

    // What is about no single machine stands first.
    let supply = json!([{ "alert": {
        "alert": "together", "about": { "ja": "電源（プレス、ロボット）", "en": "Supply (Press, Robot)" },
        "name": { "ja": "複数の機械に同時に異常", "en": "Several machines at once" },
        "since": "2026-11-26T09:00:00Z", "causes": [{ "ja": "電圧の低下", "en": "Low voltage" }],
        "first": [{ "ja": "受電盤の電圧", "en": "Voltage at the panel" }],
    } }]);
    let supply: Vec<_> = serde_json::from_value(supply).unwrap();
    at(&address, |records| records.show_groups("line", &Groups::default(), &supply).unwrap());
    page = page_with(&mut viewer, "Supply (Press, Robot)").await;
    let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
    assert!(
        place("Several machines at once") < place("Low voltage")
            && place("Low voltage") < place("Press</h2>")
    );

    // Times are those of the organization.
    program
        .store
        .set_organization(&program.actor("administrator").await, "Example Works", "Asia/Tokyo")
        .await
        .unwrap();
    let mut page = viewer.get("/machines").await.text;
    assert!(
        page.contains("since 2026-11-26 18:00:00") && page.contains("Times are in Asia/Tokyo."),
        "{page}"
    );

    // A factory that tells its own zone is shown by it.
    let mut here = press.clone();
    here.zone = Some("America/New_York".to_owned());
    at(&address, |records| assert_eq!(records.show("line", std::slice::from_ref(&here)).unwrap(), [true]));
    page = page_with(&mut viewer, "since 2026-11-26 04:00:00 EST").await;
    // Who speaks for sources and groups tells none here, so the page has times of two places.
    assert!(page.contains("since 2026-11-26 18:00:00 JST"), "{page}");
    assert!(page.contains("Times are those of each factory."), "{page}");

    // Who has seen an alert, when, and with which words; what people write is text, never markup.
    let mut seen = press.clone();
    seen.alerts[0].seen = true;
    let who = json!({ "by": "Sato <1>", "at": "2026-11-26T09:05:00Z", "note": "belt" });
    seen.alerts[0].acknowledged = serde_json::from_value(who).unwrap();
    let used = json!({ "day": "2026-11-26", "rate": 0.755, "shifts": [[{ "ja": "日勤", "en": "Day shift" }, "no-data"]] });
    seen.used = serde_json::from_value(used).unwrap();
    at(&address, |records| assert_eq!(records.show("line", std::slice::from_ref(&seen)).unwrap(), [true]));
    page = page_with(&mut viewer, "acknowledged: Sato &lt;1&gt;, 2026-11-26 18:05:00: belt").await;
    assert!(
        page.contains("Utilisation 2026-11-26") && page.contains("75.5 %  (Day shift no data)"),
        "{page}"
    );
    at(&address, |records| assert_eq!(records.show("line", std::slice::from_ref(&press)).unwrap(), [true]));
    page_where(&mut viewer, |page| !page.contains("Sato &lt;1&gt;")).await;

    let since = ("since", "2026-11-26T09:00:00Z");
    let alert = [("team", "line"), ("machine", "press"), ("alert", "energy-high"), since];
    let refused = viewer.fill_in("/machines", "/machines/acknowledge", &alert).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut editor = program.signed_in("editor").await;
    let other = [("team", "line"), ("machine", "press"), ("alert", "speed-high"), since];
    let earlier =
        [("team", "line"), ("machine", "press"), ("alert", "energy-high"), ("since", "2026-11-25T09:00:00Z")];
    for gone in [other, earlier] {
        let nothing = editor.fill_in("/machines", "/machines/acknowledge", &gone).await;
        assert_eq!(nothing.header("location"), "/machines", "there is no such alert: {gone:?}");
    }
    assert_eq!(asked(&address), 0);
    let done = editor.fill_in("/machines", "/machines/acknowledge", &alert).await;
    assert_eq!(done.header("location"), "/machines?said=acknowledged");
    assert_eq!(asked(&address), 1);

    // What is about no single machine is acknowledged as well, and only as it is open: of one device, and once.
    let told = |device: Option<&str>, seen: bool| {
        let who = json!({ "by": "Sato", "at": "2026-11-26T09:05:00Z", "note": null });
        json!({
            "about": { "source": "floor" }, "device": device,
            "alert": {
                "alert": "unknown-device", "about": { "ja": "入力元 floor", "en": "Source floor" },
                "name": { "ja": "未知の機器", "en": "Unknown device" }, "since": "2026-11-26T09:00:00Z",
                "seen": seen, "acknowledged": seen.then_some(who),
            },
        })
    };
    let air = json!({
        "about": { "group": "air" },
        "alert": {
            "alert": "together", "about": { "ja": "空気", "en": "Air (Press, Robot)" },
            "name": { "ja": "複数の機械に同時に異常", "en": "Several machines at once" }, "since": "2026-11-26T09:00:00Z",
        },
    });
    let others = json!([told(Some("plug-1"), false), told(Some("plug-2"), true), air]);
    let others: Vec<_> = serde_json::from_value(others).unwrap();
    at(&address, |records| records.show_groups("line", &Groups::default(), &others).unwrap());
    let page = page_with(&mut editor, "Air (Press, Robot)").await;
    let notice = |of: &str| page.split("<section").find(|part| part.contains(of)).unwrap().to_owned();
    assert!(notice("Air (").contains("id=\"seen-line-group-air--together\""), "{page}");
    let told: Vec<&str> = page.split("<section").filter(|part| part.contains("Source floor")).collect();
    assert!(told[0].contains("name=\"device\" value=\"plug-1\"") && !told[0].contains("✓"), "{}", told[0]);
    assert!(told[1].contains("✓ acknowledged: Sato") && !told[1].contains("<button"), "{}", told[1]);
    let of = |about: [(&'static str, &'static str); 2], alert| {
        [("team", "line"), about[0], about[1], alert, since]
    };
    let unknown = ("alert", "unknown-device");
    let source = |device| of([("source", "floor"), ("device", device)], unknown);
    for gone in [source("plug-2"), source("plug-3"), source("")] {
        let nothing = editor.fill_in("/machines", "/machines/acknowledge", &gone).await;
        assert_eq!(nothing.header("location"), "/machines", "there is no such alert: {gone:?}");
    }
    let group = of([("group", "air"), ("device", "")], ("alert", "together"));
    assert_eq!(
        viewer.fill_in("/machines", "/machines/acknowledge", &group).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(asked(&address), 0);
    for open in [source("plug-1"), group] {
        let done = editor.fill_in("/machines", "/machines/acknowledge", &open).await;
        assert_eq!(done.header("location"), "/machines?said=acknowledged", "{open:?}");
    }
    assert_eq!(asked(&address), 2);

    // The machines belong to the first organization.
    let store = &program.store;
    let far = Administrator {
        organization: "Other",
        login: "far",
        name: "Far",
        password: PASSWORD,
        language: Lang::En,
    };
    store.add_organization(far).await.unwrap();
    let mut far = program.signed_in("far").await;
    assert!(!far.get("/").await.text.contains("/machines"));
    for path in ["/machines", "/machines/live", "/machines/events"] {
        assert_eq!(far.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let refused = far.fill_in("/", "/machines/acknowledge", &alert).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_start_and_end_maintenance_and_say_whether_references_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let address = anshin_field::records::address(folder.path());
    let program = Program::with_people_and(|config| config.monitor = Some(address.clone())).await;
    let press = json!({
        "machine": "press", "name": { "ja": "プレス", "en": "Press" }, "state": "producing", "cycle": null,
        "alerts": [], "maintenance": null, "unit": "Wh",
        "next-maintenance": { "from": "2099-11-26T13:00:00Z", "until": "2099-11-26T14:00:00Z" },
        "waiting": [{ "key": ["WELD 7", "荒"], "mode": 2 }],
        "references": [
            { "key": ["WELD 7", "荒"], "mode": 1, "seconds": 20.0, "quantity": 10.0 },
            { "key": ["WELD 7", "荒"], "mode": 2, "seconds": 23.04 },
        ],
    });
    let press: Shown = serde_json::from_value(press).unwrap();
    at(&address, |records| {
        records.beat("line").unwrap();
        records.show("line", std::slice::from_ref(&press)).unwrap();
    });
    let mut viewer = program.signed_in("viewer").await;
    let page = viewer.get("/machines").await.text;
    for part in ["Next maintenance: from 2099-11-26 ", "Reference to be approved: WELD 7 / 荒 #2", "23.0 s"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let acts = ["/machines/maintain", "/machines/approve", "/machines/forget"];
    assert!(!acts.iter().any(|act| page.contains(act)), "{page}");
    let mut editor = program.signed_in("editor").await;
    let page = editor.get("/machines").await.text;
    for part in ["Start maintenance", "References (2)", "10.00 Wh", "Forget: WELD 7 / 荒 #1"] {
        assert!(page.contains(part), "{part}: {page}");
    }

    // Each is asked with the name of whoever asks, and by nobody who only looks.
    let machine = [("team", "line"), ("machine", "press")];
    let with = |more: &[(&'static str, &'static str)]| [&machine[..], more].concat();
    let (keyed, long) = ([("key", "WELD 7"), ("key", "荒")], with(&[("minutes", "525600")]));
    let second = with(&[&keyed[..], &[("mode", "2")]].concat());
    let first = with(&[&keyed[..], &[("mode", "1")]].concat());
    for (act, form) in [(acts[0], &long), (acts[1], &second), (acts[2], &first)] {
        let refused = viewer.fill_in("/machines", act, form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{act}");
    }
    assert_eq!(asked(&address), 0);
    for (act, form) in
        [(acts[0], &long), (acts[0], &with(&[("minutes", "0")])), (acts[1], &second), (acts[2], &first)]
    {
        let done = editor.fill_in("/machines", act, form).await;
        assert_eq!(done.header("location"), "/machines?said=asked", "{act} {form:?}");
    }
    let said = editor.get("/machines?said=asked").await.text;
    assert!(said.contains("The monitor has been told"), "{said}");
    let took: Vec<String> = requests(&address)
        .iter()
        .map(|request| match request {
            Request::Maintenance { machine, from: None, until, by, asked: Some(asked) } => {
                format!("{machine} {:.0} {by}", until.since(*asked))
            }
            Request::Approve { machine, key, mode, by, .. } => format!("{machine} {key:?} {mode} {by}"),
            Request::Forget { machine, key, mode, by, .. } => format!("{machine} {key:?} {mode:?} {by}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        took,
        [
            "press 31536000 editor",
            "press 0 editor",
            r#"press ["WELD 7", "荒"] 2 editor"#,
            r#"press ["WELD 7", "荒"] Some(1) editor"#,
        ]
    );

    // What is not there any more is not asked, and what cannot be meant is told.
    for (act, form) in [(acts[1], &first), (acts[2], &with(&[("key", "WELD 7"), ("mode", "1")]))] {
        let gone = editor.fill_in("/machines", act, form).await;
        assert_eq!(gone.header("location"), "/machines", "{act}");
    }
    let elsewhere = [("team", "line"), ("machine", "lathe"), ("minutes", "5")];
    let gone = editor.fill_in("/machines", acts[0], &elsewhere).await;
    assert_eq!(gone.header("location"), "/machines");
    for minutes in ["", "-1", "525601", "soon"] {
        let refused = editor.fill_in("/machines", acts[0], &with(&[("minutes", minutes)])).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text.contains("in minutes, from 1 to 525600"), "{}", refused.text);
    }
    assert_eq!(asked(&address), 0);

    // Where it is maintained, it can be ended and not begun once more.
    let mut maintained = press.clone();
    maintained.maintenance = Some("2099-11-26T09:30:00Z".to_owned());
    at(&address, |records| {
        records.show("line", std::slice::from_ref(&maintained)).unwrap();
    });
    let page = page_with(&mut editor, "maintained</span>").await;
    assert!(page.contains("until 2099-11-26 ") && page.contains("End maintenance"), "{page}");
    assert!(!page.contains("Start maintenance"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_that_has_ended_is_told_and_hears_what_people_say_when_it_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let address = anshin_field::records::address(folder.path());
    let program = Program::with_people_and(|config| config.monitor = Some(address.clone())).await;
    let press = json!({
        "machine": "press", "name": { "ja": "プレス", "en": "Press" }, "state": "producing", "cycle": null,
        "since": "2026-11-26T09:00:00Z", "maintenance": null,
        "alerts": [{
            "alert": "too-slow", "name": { "ja": "遅い", "en": "Too slow" }, "since": "2026-11-26T09:00:00Z",
        }],
    });
    let press: Shown = serde_json::from_value(press).unwrap();
    at(&address, |records| {
        records.beat("line").unwrap();
        records.show("line", std::slice::from_ref(&press)).unwrap();
    });
    let mut editor = program.signed_in("editor").await;
    let page = editor.get("/machines").await.text;
    assert!(page.contains("<span class=\"mark good\">producing</span>"), "{page}");
    // It may be at work still where it only does not reach the database.
    let page = page_with(&mut editor, "Nothing has been heard of the monitor since 20").await;
    assert!(!page.contains("been watched") && page.contains("not known</span>"), "{page}");
    assert!(page.contains(". What follows is how it was last."), "{page}");
    at(&address, |records| records.leave("line").unwrap());
    let page = page_with(&mut editor, "Nothing has been watched since 20").await;
    assert!(
        page.contains("start it with <code>anshin monitor run</code>.") && page.contains("not known</span>"),
        "{page}"
    );
    assert!(!page.contains("mark good") && page.contains("<b>0</b><span>producing</span>"), "{page}");

    // What somebody says waits for it, with a note if there is one.
    let alert =
        [("team", "line"), ("machine", "press"), ("alert", "too-slow"), ("since", "2026-11-26T09:00:00Z")];
    let long = "a".repeat(2_001);
    for (note, kept) in [("", None), (" \u{3000}", None), (" belt ", Some("belt"))] {
        let form = [&alert[..], &[("note", note)]].concat();
        let done = editor.fill_in("/machines", "/machines/acknowledge", &form).await;
        assert_eq!(done.header("location"), "/machines?said=acknowledged");
        let said = editor.get("/machines?said=acknowledged").await.text;
        assert!(said.contains("within seconds, or when the monitor is started again"), "{said}");
        let asked = requests(&address);
        let [Request::Acknowledge { note, .. }] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(note.as_deref(), kept);
    }
    let form = [&alert[..], &[("note", long.as_str())]].concat();
    let refused = editor.fill_in("/machines", "/machines/acknowledge", &form).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("the note is too long; write 2000 characters at most"), "{}", refused.text);
    assert_eq!(asked(&address), 0);
}
