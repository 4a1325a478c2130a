//! What stands beside the documents: remarks, files, invitations, branding, workbooks.

use anshin_model::Lang;
use axum::http::StatusCode;
use serde_json::Value;

use crate::browser::{Browser, PASSWORD, Program};

/// The address of a fresh copy of the example.
async fn example(browser: &mut Browser) -> String {
    let made = browser.fill_in("/", "/new/example", &[("example", "gas-water-heater")]).await;
    made.header("location").split('?').next().unwrap().to_owned()
}

/// What stands in a field that is shown once.
fn shown(text: &str, id: &str) -> String {
    let at = text.find(&format!("id=\"{id}\"")).expect("it is shown");
    let value = text[at..].split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn remarks_and_files_stand_beside_a_system() {
    let program = Program::with_people().await;
    let mut editor = program.signed_in("editor").await;
    let base = example(&mut editor).await;
    let page = format!("{base}/remarks");
    let about = "rating/resident/recovery";
    let fields = [("subject", about), ("body", "Is the valve\nstill there?")];
    let written = editor.fill_in(&page, &page, &fields).await;
    assert_eq!(written.status, StatusCode::SEE_OTHER, "{}", written.text);
    let all = editor.get(&page).await.text;
    assert!(all.contains("Is the valve") && all.contains("Ratings: Resident"), "{all}");
    assert!(!editor.get(&format!("{page}?about=threat/cloud/spoofing")).await.text.contains("Is the valve"));

    let files = format!("{base}/files");
    let pdf = b"%PDF-1.7 \x00\xff";
    let kept = editor.upload(&page, &files, &[("subject", about)], ("file", "../../試験.pdf", pdf)).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text);
    for (name, bytes) in [("a.html", b"<script>".as_slice()), ("a.pdf", b""), ("", b"text")] {
        let refused = editor.upload(&page, &files, &[("subject", "")], ("file", name, bytes)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    let all = editor.get(&page).await.text;
    let link = all.split("href=\"").find(|part| part.starts_with(&files)).unwrap().split('"').next().unwrap();
    let back = editor.get(link).await;
    assert!(back.header("content-disposition").starts_with("attachment; filename*=UTF-8''%E8%A9%A6"));
    assert_eq!(back.header("content-security-policy"), "default-src 'none'; sandbox");

    let settle =
        all.split("action=\"").find(|part| part.contains("/settle")).unwrap().split('"').next().unwrap();
    assert_eq!(editor.fill_in(&page, settle, &[]).await.status, StatusCode::SEE_OTHER);
    assert!(editor.get(&page).await.text.contains("settled"));
    let mut viewer = program.signed_in("viewer").await;
    let looks = viewer.get(&page).await.text;
    assert!(looks.contains("試験.pdf") && !looks.contains("type=\"file\""));
}

#[tokio::test]
async fn somebody_invited_sets_up_an_account_once() {
    let program = Program::with_people().await;
    let mut administrator = program.signed_in("administrator").await;
    let made = administrator.fill_in("/organization", "/users/invite", &[("role", "editor")]).await;
    let place = shown(&made.text, "invitation").split_once("/join").unwrap().1.to_owned();
    let place = format!("/join{place}");
    let mut mio = program.browser();
    assert!(mio.get(&place).await.text.contains("Example Works"));
    let short = [("name", "Mio"), ("login", "mio"), ("password", "short")];
    let refused = mio.fill_in(&place, &place, &short).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("at least 12") && refused.text.contains("value=\"mio\""));
    let right = [("name", "Mio"), ("login", "mio"), ("password", PASSWORD)];
    assert_eq!(mio.fill_in(&place, &place, &right).await.header("location"), "/");
    assert!(mio.get("/").await.text.contains("Mio"));
    assert_eq!(program.browser().get(&place).await.status, StatusCode::NOT_FOUND, "it works once");
    // One that was taken back opens nothing.
    let made = administrator.fill_in("/organization", "/users/invite", &[("role", "viewer")]).await;
    let place = format!("/join{}", shown(&made.text, "invitation").split_once("/join").unwrap().1);
    let end = made.text.split("action=\"").find(|part| part.starts_with("/invitations/")).unwrap();
    administrator.fill_in("/organization", end.split('"').next().unwrap(), &[]).await;
    assert_eq!(program.browser().get(&place).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn reports_carry_the_branding_of_the_organization() {
    let program = Program::with_people().await;
    let mut administrator = program.signed_in("administrator").await;
    let base = example(&mut administrator).await;
    let place = "/organization/branding";
    let svg =
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 40'><path d='M0 0h120v40H0z'/></svg>";
    let fields =
        [("organization", "Example \"Works\": & <Sons>"), ("main", "#006644"), ("footer", "Confidential")];
    let saved = administrator.upload(place, place, &fields, ("logo", "C:\\logo.svg", svg)).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let logo = administrator.get("/organization/logo").await;
    assert_eq!(logo.header("content-type"), "image/svg+xml");
    assert!(logo.header("content-security-policy").contains("sandbox"));
    let form = administrator.get(place).await.text;
    assert!(
        form.contains("Example &quot;Works&quot;: &amp; &lt;Sons&gt;") && form.contains("#006644"),
        "{form}"
    );
    let report = administrator.get(&format!("{base}/report.html")).await.text;
    assert!(report.contains("#006644") && report.contains("Confidential") && report.contains("&lt;Sons&gt;"));
    // What would be hard to read, or could do something, is refused with the reason; what was stays.
    let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".as_slice();
    for (fields, logo) in
        [(&[("main", "#ffff00")][..], b"".as_slice()), (&[("main", "red")], b""), (&[], script)]
    {
        let refused = administrator.upload(place, place, fields, ("logo", "logo.svg", logo)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(refused.text.contains("role=\"alert\""));
    }
    assert!(administrator.get(&format!("{base}/report.html")).await.text.contains("#006644"));
    let without = [("organization", "Works"), ("without-logo", "1")];
    administrator.upload(place, place, &without, ("logo", "", b"")).await;
    assert_eq!(administrator.get("/organization/logo").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_workbook_shows_what_it_changes_before_anything_is_saved() {
    let program = Program::with_people().await;
    let mut editor = program.signed_in("editor").await;
    let base = example(&mut editor).await;
    let place = format!("{base}/import");
    let book = editor.get_bytes(&format!("{base}/report.xlsx")).await;
    let same = editor.upload(&place, &place, &[], ("book", "same.xlsx", &book)).await;
    assert!(same.text.contains("nothing to bring back"), "{}", same.text);
    // A workbook with another name of the router, as a person would write it.
    let changed = with_text(&book, "Router", "Gateway");
    let brought = editor.upload(&place, &place, &[], ("book", "back.xlsx", &changed)).await;
    assert_eq!(brought.status, StatusCode::OK);
    assert!(
        brought.text.contains("Gateway") && brought.text.contains("Save these changes"),
        "{}",
        brought.text
    );
    assert!(!editor.get(&format!("{base}/text")).await.text.contains("Gateway"), "nothing is saved yet");
    let text = brought.text.split("<textarea name=\"text\"").nth(1).unwrap();
    let text = text.split_once('>').unwrap().1.split("</textarea>").next().unwrap().trim_start();
    let text = text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    let token = brought.token();
    let fields =
        [("csrf", token.as_str()), ("parent", "1"), ("text", &text), ("act", "save"), ("why", "workbook")];
    assert_eq!(editor.post(&format!("{base}/text"), &fields).await.status, StatusCode::SEE_OTHER);
    assert!(editor.get(&format!("{base}/text")).await.text.contains("Gateway"));
    // What is no workbook, or packs too much, is refused.
    let parts: Vec<(String, Vec<u8>)> = (0..5_001).map(|n| (format!("xl/{n}.xml"), Vec::new())).collect();
    let bomb = packed(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect::<Vec<_>>());
    let outside = packed(&[("../../etc/passwd", b"x".to_vec()), ("xl/workbook.xml", b"<x/>".to_vec())]);
    for (name, bytes) in
        [("a.xlsx", b"text".as_slice()), ("bomb.xlsx", &bomb), ("outside.xlsx", &outside), ("", b"")]
    {
        let refused = editor.upload(&place, &place, &[], ("book", name, bytes)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(refused.text.contains("role=\"alert\""), "{name}");
    }
}

/// A workbook in which one text of its shared strings is another.
fn with_text(book: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut parts = Vec::new();
    for n in 0..archive.len() {
        let mut part = archive.by_index(n).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        if name == "xl/sharedStrings.xml" {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace(&format!(">{from}</t>"), &format!(">{to}</t>")).into_bytes();
        }
        parts.push((name, bytes));
    }
    packed(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect::<Vec<_>>())
}

fn packed(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn rows_of_worksheets_open_where_they_stand() {
    let program = Program::with_people().await;
    let mut editor = program.signed_in("editor").await;
    let base = example(&mut editor).await;
    let assess = editor.get(&format!("{base}/assess")).await.text;
    let open = assess.split("href=\"").find(|part| part.contains("?open=ratings:resident")).unwrap();
    let open = open.split(['"', '#']).next().unwrap().replace("&amp;", "&");
    let opened = editor.get(&open).await.text;
    // The choices have their worked examples at hand.
    assert!(opened.contains("E.g. ") && opened.contains("value=\"critical\""), "{opened}");
    let decide = [
        ("parent", "1"),
        ("subject", "rating/resident/recovery"),
        ("verdict", "override"),
        ("value", "limited"),
        ("reason", "a valve"),
        ("back", "/assess#ratings-resident/x"),
    ];
    let decided = editor.fill_in(&open, &format!("{base}/decide"), &decide).await;
    assert_eq!(decided.header("location"), format!("{base}/assess?said=saved&was=1#ratings-resident/x"));
    // The history tells what was decided.
    let history = editor.get(&format!("{base}/history")).await.text;
    assert!(history.contains("changed: Ratings — Resident: Recovery axis"), "{history}");
    // A fact is filled in as a row of its sheet.
    let sheet = format!("{base}/sheets/stakeholders");
    let row = [("parent", "2"), ("key", "resident"), ("has", "name"), ("f.name", "Tenant"), ("act", "save")];
    let saved = editor.fill_in(&format!("{sheet}?edit=resident"), &sheet, &row).await;
    assert!(saved.header("location").ends_with("said=saved&was=2#row-resident"), "{}", saved.text);
    assert!(editor.get(&sheet).await.text.contains("Tenant"));
    assert_eq!(Lang::ALL.len(), 2);
}

#[tokio::test]
async fn the_api_gives_the_assessment_and_takes_decisions() {
    let program = Program::with_people().await;
    let mut editor = program.signed_in("editor").await;
    let base = example(&mut editor).await;
    let token = program.token("editor").await;
    let api = base.replace("/systems/", "/api/v1/systems/");
    let call = async |browser: &mut Browser, method: &str, path: &str, tag: Option<&str>, body: Value| {
        let mut request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"));
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let answer = browser.send(request, body.to_string().into()).await;
        let value: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        (answer.status.as_u16(), value)
    };
    let (status, assessment) =
        call(&mut editor, "GET", &format!("{api}/assessment"), None, Value::Null).await;
    assert_eq!(status, 200);
    for part in ["ratings", "threats", "candidates", "plan"] {
        assert!(assessment[part].as_array().is_some_and(|rows| !rows.is_empty()), "{part}");
    }
    let (_, missing) = call(&mut editor, "GET", &format!("{api}/missing"), None, Value::Null).await;
    assert_eq!(missing["steps"].as_array().unwrap().len(), 5);
    let first = format!("{api}/proposals?kind=rating&state=first");
    let (_, proposals) = call(&mut editor, "GET", &first, None, Value::Null).await;
    let count = proposals["proposals"].as_array().unwrap().len();
    let subject = proposals["proposals"][0]["subject"].clone();
    let decision = serde_json::json!({ "subject": subject, "decide": "accept" });
    let decisions = format!("{api}/decisions");
    assert_eq!(call(&mut editor, "POST", &decisions, None, decision.clone()).await.0, 428);
    let (status, decided) = call(&mut editor, "POST", &decisions, Some("\"1\""), decision).await;
    assert_eq!((status, &decided["revision"]), (200, &Value::from(2)));
    let (_, proposals) = call(&mut editor, "GET", &first, None, Value::Null).await;
    assert_eq!(proposals["proposals"].as_array().unwrap().len(), count - 1);
    let wrong = serde_json::json!({ "subject": subject, "decide": "reject" });
    let (status, problem) = call(&mut editor, "POST", &decisions, Some("\"2\""), wrong).await;
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().unwrap().contains("reason"));
}
