//! Reports: of the newest revision, and of one that was approved before.

use std::io::{Cursor, Read as _};

use anshin_store::{Draft, Save};
use anshin_web::pages::{Typeset, Typesetter, bring_typesetter};
use axum::http::StatusCode;

use crate::browser::Program;

const TEXT: &str = include_str!("../../../../examples/gas-water-heater.yaml");

/// What a document would say on its front page.
#[expect(clippy::unnecessary_wraps, reason = "a typesetter may fail")]
fn front(
    title: &anshin_model::Text,
    branding: &anshin_report::Branding,
    lang: anshin_model::Lang,
) -> Typeset {
    let details = branding.details();
    let details: Vec<&str> = details.iter().map(|(_, value)| value.get(lang)).collect();
    Ok(format!("{}\n{}", title.get(lang), details.join("\n")).into_bytes())
}

#[tokio::test]
async fn an_approved_revision_keeps_its_report() {
    bring_typesetter(Typesetter {
        report: |page, _, branding, lang| front(&page.title, branding, lang),
        request: |request, _, branding, lang| front(&request.title, branding, lang),
        standing: |_, _, _, _| Ok(Vec::new()),
    });
    let program = Program::with_people().await;
    let editor = program.actor("editor").await;
    let approver = program.actor("approver").await;
    let store = &program.store;
    let id = store.create_system(&editor, Draft { text: TEXT, why: "" }).await.unwrap().id;
    store.approve(&approver, &id, 1, "").await.unwrap();
    let later = TEXT.replace("household gas water heater", "bath boiler");
    store.save_revision(&editor, &id, Save { parent: 1, text: &later, why: "" }).await.unwrap();
    let hash =
        async |number| store.content(&editor, &id, number).await.unwrap().revision.hash[..16].to_owned();
    let first = format!("revision 1 · approved by approver · hash of the content {}", hash(1).await);
    let second = format!("revision 2 · not approved · hash of the content {}", hash(2).await);

    let mut browser = program.signed_in("viewer").await;
    let base = format!("/systems/{id}");
    let history = browser.get(&format!("{base}/history")).await.text;
    for format in ["html", "xlsx", "pdf"] {
        let place = format!("{base}/report.{format}?revision=1");
        assert!(history.contains(&format!("href=\"{place}\"")), "{format}: {history}");
        let report = browser.get(&place).await;
        assert_eq!(report.status, StatusCode::OK, "{format}");
        if format != "html" {
            let name = format!("gas-water-heater.1.en.{format}");
            assert!(report.header("content-disposition").contains(&name), "{:?}", report.headers);
        }
    }
    for (query, state, name, other) in [
        ("?revision=1", &first, "household gas water heater", "bath boiler"),
        ("", &second, "bath boiler", "household gas water heater"),
        ("?revision=2", &second, "bath boiler", "household gas water heater"),
    ] {
        for format in ["html", "pdf"] {
            let report = browser.get(&format!("{base}/report.{format}{query}")).await.text;
            assert!(report.contains(state), "{format}{query}: {}", &report[..2000.min(report.len())]);
            assert!(report.contains(name) && !report.contains(other), "{format}{query}");
        }
        let workbook = browser.get_bytes(&format!("{base}/report.xlsx{query}")).await;
        let mut workbook = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
        let mut words = String::new();
        workbook.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut words).unwrap();
        assert!(words.contains(state) && !words.contains(other), "xlsx{query}");
        let yaml = browser.get(&format!("{base}/report.yaml{query}")).await.text;
        assert!(yaml.contains(name) && !yaml.contains(other), "{query}");
    }
    // An approval that was taken back is none.
    let approval = store.approvals(&approver, &id).await.unwrap().remove(0);
    store.withdraw_approval(&approver, &approval.id).await.unwrap();
    let report = browser.get(&format!("{base}/report.html?revision=1")).await.text;
    assert!(report.contains("revision 1 · not approved"));
    for (query, status) in [("9", StatusCode::NOT_FOUND), ("x", StatusCode::BAD_REQUEST)] {
        let report = browser.get(&format!("{base}/report.html?revision={query}")).await;
        assert_eq!(report.status, status, "{query}");
    }
    // A revision with errors has no report, and the newest one has.
    let editor = program.actor("editor").await;
    store.save_revision(&editor, &id, Save { parent: 2, text: "anshin: 1\n", why: "" }).await.unwrap();
    store.save_revision(&editor, &id, Save { parent: 3, text: &later, why: "" }).await.unwrap();
    assert_eq!(browser.get(&format!("{base}/report.html?revision=3")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get(&format!("{base}/report.html?revision=4")).await.status, StatusCode::OK);
}
