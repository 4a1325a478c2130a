//! The ledger of information assets: rows written in forms, tables out and in, and who may do what.

use anshin_checklist::csv::{Encoding, to_csv};
use anshin_store::{NewPaper, PaperKind};
use axum::http::StatusCode;

use crate::browser::{Browser, Program};

/// A ledger as somebody begins it, by its address.
async fn begun(browser: &mut Browser, begin: &str) -> String {
    let fields = [("company", "山田製作所"), ("scale", "handbook"), ("begin", begin)];
    let made = browser.fill_in("/ledgers", "/ledgers", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    made.header("location").to_owned()
}

/// The value of a field of a page's forms.
fn field(html: &str, name: &str) -> String {
    let at = html.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}"));
    html[at..].split('"').nth(3).unwrap().to_owned()
}

/// The text that a page is ready to save.
fn text(html: &str) -> String {
    let at = html.find("<textarea name=\"text\"").expect("there is something to save");
    let text = html[at..].split('>').nth(1).unwrap().split("</textarea").next().unwrap();
    text.trim_start().replace("&quot;", "\"").replace("&amp;", "&")
}

const ROW: [(&str, &str); 8] = [
    ("act", "save"),
    ("name", "Wages"),
    ("medium", "office-pc"),
    ("personal", "my-number"),
    ("confidentiality", "2"),
    ("integrity", "1"),
    ("availability", "0"),
    ("registered", "2026-04-01"),
];

#[tokio::test]
async fn a_row_is_added_changed_and_removed_and_every_state_stays() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "empty").await;
    let mut row = ROW.to_vec();
    row.push(("state", "1"));
    let saved = browser.fill_in(&base, &base, &row).await;
    assert!(saved.header("location").starts_with(&format!("{base}?said=saved#row-r")), "{}", saved.text);
    let html = browser.get(&base).await.text;
    // Importance 2, threats on an office PC 3, measures 2: likelihood 2, risk value 4, on the other scale 6.
    assert!(html.contains("What needs measures first"), "{html}");
    assert!(html.contains("risk value 4 = 2 × 2"), "{html}");
    assert!(html.contains("the risk value is 2"), "{html}");
    assert!(html.contains("4 High</span>") && html.contains("6 High</span>"), "{html}");

    // What cannot be taken is told, and nothing that was typed is lost.
    let wrong = [
        ("state", "2"),
        ("act", "save"),
        ("name", "Plans of 2027"),
        ("medium", "paper"),
        ("confidentiality", "7"),
    ];
    let refused = browser.fill_in(&base, &base, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("choose “Confidentiality”") && refused.text.contains("Plans of 2027"));

    let edit = html.split(&format!("href=\"{base}?edit=")).find(|part| part.starts_with('r')).unwrap();
    let key = edit.split(['#', '"']).next().unwrap();
    let open = browser.get(&format!("{base}?edit={key}")).await.text;
    assert_eq!(field(&open, "name"), "Wages");
    let mut row =
        ROW.map(|(name, word)| if name == "name" { (name, "Payroll") } else { (name, word) }).to_vec();
    row.extend([("state", "2"), ("key", key)]);
    browser.fill_in(&base, &base, &row).await;
    // Somebody else still has the page from before and changes the same row.
    let mut late =
        ROW.map(|(name, word)| if name == "name" { (name, "Salaries") } else { (name, word) }).to_vec();
    late.extend([("state", "2"), ("key", key)]);
    let conflict = browser.fill_in(&base, &base, &late).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("has changed the same row") && conflict.text.contains("Salaries"));
    let gone = [("state", "3"), ("key", key), ("act", "remove")];
    browser.fill_in(&base, &base, &gone).await;
    assert!(browser.get(&base).await.text.contains("Nothing is written here yet"));
    // Who had it open meanwhile loses nothing that was typed, and makes a new row of it.
    late[8] = ("state", "3");
    let conflict = browser.fill_in(&base, &base, &late).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("has removed this row") && conflict.text.contains("Salaries"));
    assert!(!conflict.text.contains("name=\"key\""));

    // The earlier state is there to see and to go back to.
    let old = browser.get(&format!("{base}?state=3")).await.text;
    assert!(old.contains("Payroll") && old.contains("earlier state"));
    let back = [("state", field(&old, "state")), ("from", field(&old, "from"))];
    let back: Vec<(&str, &str)> = back.iter().map(|(name, word)| (*name, word.as_str())).collect();
    browser.fill_in(&base, &format!("{base}/text"), &back).await;
    assert!(browser.get(&base).await.text.contains("Payroll"));
}

#[tokio::test]
async fn a_row_from_before_the_scale_changed_is_asked_for_again() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "sample").await;
    let settings = [("state", "1"), ("company", "Yamada Works"), ("scale", "three-step")];
    let changed = browser.fill_in(&base, &format!("{base}/settings"), &settings).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
    let mut late = ROW.to_vec();
    late.push(("state", "1"));
    let conflict = browser.fill_in(&base, &base, &late).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.text);
    assert!(conflict.text.contains("has changed the scale") && conflict.text.contains("Wages"));
    for page in [base.as_str(), "/ledgers"] {
        assert_eq!(browser.get(page).await.status, StatusCode::OK, "{page} still opens");
    }
}

#[tokio::test]
async fn a_ledger_that_cannot_be_opened_stays_in_the_list_with_the_reason() {
    let program = Program::with_people().await;
    let text = "anshin-ledger: 1\ncompany: Old Works\nscale: gone\nassets: []\n";
    let new = NewPaper { kind: PaperKind::Ledger, about: "", system: None, text };
    program.store.create_paper(&program.actor("editor").await, new).await.unwrap();
    let list = program.signed_in("viewer").await.get("/ledgers").await.text;
    assert!(list.contains("Old Works") && list.contains("this ledger cannot be opened"), "{list}");
}

#[tokio::test]
async fn a_table_of_a_spreadsheet_comes_in_and_goes_out_in_every_form() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    browser.cookies.insert("anshin-language".to_owned(), "ja".to_owned());
    let base = begun(&mut browser, "sample").await;
    let import = format!("{base}/import");
    // As Excel for Japan saves it.
    let mut table: Vec<Vec<String>> = anshin_checklist::csv::csv_rows(
        &browser.get_bytes(&format!("{base}/files/ledger.shift-jis.csv")).await,
    )
    .unwrap();
    assert_eq!(table[0][2], "情報資産名称");
    let catalogue = table.iter().position(|row| row[2] == "製品カタログ").unwrap();
    table.remove(catalogue);
    let drawings = table.iter().position(|row| row[2] == "図面").unwrap();
    table[drawings][3] = "第2工場".to_owned();
    let mut new = table[drawings].clone();
    new[2] = "見積書".to_owned();
    table.push(new);
    let bytes = to_csv(&table, Encoding::ShiftJis).unwrap();
    let shown = browser.upload(&import, &import, &[], ("file", "台帳.csv", &bytes)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    for words in ["加わる行 (1)", "見積書", "変わる行 (1)", "図面", "なくなる行 (1)", "製品カタログ"]
    {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let (state, text) = (field(&shown.text, "state"), text(&shown.text));
    browser.fill_in(&base, &format!("{base}/text"), &[("state", &state), ("text", &text)]).await;
    let html = browser.get(&base).await.text;
    assert!(html.contains("見積書") && html.contains("第2工場") && !html.contains("製品カタログ"));
    let yaml = String::from_utf8(browser.get_bytes(&format!("{base}/files/ledger.yaml")).await).unwrap();
    assert!(!yaml.contains("threat:"), "what follows from the medium is not written down: {yaml}");
    assert!(yaml.contains("List of customers"), "the words of the other language stay: {yaml}");

    // Each form, brought back as it is, changes nothing.
    for name in ["ledger.xlsx", "ledger.csv", "ledger.shift-jis.csv", "ledger.yaml"] {
        let bytes = browser.get_bytes(&format!("{base}/files/{name}")).await;
        let same = browser.upload(&import, &import, &[], ("file", name, &bytes)).await;
        assert!(same.text.contains("取り込む変更はありません"), "{name}: {}", same.text);
    }

    // What is wrong is told with its row, and nothing changes.
    let wrong = "情報資産名称,媒体・保存先,機密性,完全性,可用性\n名簿,書類,9,1,1\n".as_bytes();
    let refused = browser.upload(&import, &import, &[], ("file", "x.csv", wrong)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("2行目") && refused.text.contains("この尺度の値ではありません"),
        "{}",
        refused.text
    );
    let refused = browser.upload(&import, &import, &[], ("file", "x.xlsx", b"PK\x03\x04")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get(&base).await.text.matches("見積書").count(), html.matches("見積書").count());
}

#[tokio::test]
async fn another_scale_takes_values_of_the_same_rank_and_media_have_their_own() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "sample").await;
    let settings = format!("{base}/settings");
    let fields = [
        ("state", "1"),
        ("company", "Yamada"),
        ("scale", "three-step"),
        ("threat.server", "1"),
        ("measures.server", "1"),
    ];
    browser.fill_in(&base, &settings, &fields).await;
    let yaml = String::from_utf8(browser.get_bytes(&format!("{base}/files/ledger.yaml")).await).unwrap();
    assert!(yaml.contains("scale: three-step") && yaml.contains("company: \"Yamada\""), "{yaml}");
    assert!(yaml.contains("{ id: server, threat: 1, measures: 1 }"), "{yaml}");
    assert!(yaml.contains("confidentiality: 3") && !yaml.contains(": 0\n"), "{yaml}");
    // A viewer sees all of it and changes nothing.
    let mut viewer = program.signed_in("viewer").await;
    let html = viewer.get(&base).await.text;
    assert!(html.contains("List of customers") && !html.contains("Add a row"), "{html}");
}
