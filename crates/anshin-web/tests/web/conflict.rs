//! Two people change one system: what both changed is settled in words, and nothing is lost.

use anshin_store::{Actor, Draft, Save, SystemId};
use axum::http::StatusCode;

use crate::browser::{Answer, Browser, Program};

const TEXT: &str = include_str!("../../../../examples/gas-water-heater.yaml");

async fn system(program: &Program) -> (Actor, SystemId) {
    let editor = program.actor("editor").await;
    let system = program.store.create_system(&editor, Draft { text: TEXT, why: "" }).await.unwrap();
    (editor, system.id)
}

/// What a hidden field of a page holds.
fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let at = page.text.find(&mark).unwrap_or_else(|| panic!("no {name}: {}", page.text)) + mark.len();
    let words = page.text[at..].split('"').next().unwrap();
    words.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Answers the page of a conflict with a side for each place.
async fn settle(browser: &mut Browser, id: &SystemId, page: &Answer, sides: &[(&str, &str)]) -> Answer {
    let own = ["csrf", "base", "parent", "why", "mine"].map(|name| (name, hidden(page, name)));
    let mut fields: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(sides);
    browser.post(&format!("/systems/{id}/settle"), &fields).await
}

#[tokio::test]
async fn only_what_both_changed_is_asked_and_the_rest_of_both_stays() {
    let program = Program::with_people().await;
    let (editor, id) = system(&program).await;
    // Somebody saves two changes: of what is changed here as well, and of something else.
    let theirs =
        TEXT.replace("en: \"Smartphone\"", "en: \"Their phone\"").replace("Gas water heater", "Boiler");
    program.store.save_revision(&editor, &id, Save { parent: 1, text: &theirs, why: "" }).await.unwrap();
    let mine = TEXT.replace("en: \"Smartphone\"", "en: \"My phone\"").replace("Dedicated", "Wall");
    let place = format!("/systems/{id}/text");
    for (side, kept) in [("mine", "My phone"), ("theirs", "Their phone")] {
        let mut browser = program.signed_in("editor").await;
        let fields = [("parent", "1"), ("text", mine.as_str()), ("why", "a better name"), ("act", "save")];
        let page = browser.fill_in(&place, &place, &fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert_eq!(page.text.matches("<fieldset").count(), 1, "{}", page.text);
        // In words, by the names that people know.
        assert!(page.text.contains("<legend>Asset: My phone: name: in English</legend>"), "{}", page.text);
        assert!(page.text.contains("<p>My phone</p>") && page.text.contains("<p>Their phone</p>"));
        // What is offered to be mended as text holds both changes.
        let area = page.text.split("<textarea").nth(1).unwrap();
        assert!(area.contains("Boiler") && area.contains("Wall") && area.contains("Their phone"), "{area}");

        let unanswered = settle(&mut browser, &id, &page, &[]).await;
        assert_eq!(unanswered.status, StatusCode::CONFLICT, "nothing is chosen for anybody");
        let done = settle(&mut browser, &id, &page, &[("side.assets/smartphone/name/en", side)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let saved = program.store.latest(&editor, &id).await.unwrap();
        assert!(saved.text.contains("Boiler") && saved.text.contains("Wall"), "{}", saved.text);
        assert!(saved.text.contains(kept), "{}", saved.text);
        assert_eq!(saved.revision.why, "a better name");
        // For the next round, back to where this one began.
        let number = saved.revision.number;
        let save = Save { parent: number, text: &theirs, why: "" };
        program.store.save_revision(&editor, &id, save).await.unwrap();
    }
}

#[tokio::test]
async fn a_choice_holds_for_what_was_shown() {
    let program = Program::with_people().await;
    let (editor, id) = system(&program).await;
    let named = |name: &str| TEXT.replace("en: \"Smartphone\"", &format!("en: \"{name}\""));
    let save = async |parent, text: &str| {
        program.store.save_revision(&editor, &id, Save { parent, text, why: "" }).await.unwrap();
    };
    save(1, &named("Their phone")).await;
    let mut browser = program.signed_in("editor").await;
    let place = format!("/systems/{id}/text");
    let (mine, side) = (named("My phone"), [("side.assets/smartphone/name/en", "mine")]);
    let page = browser.fill_in(&place, &place, &[("parent", "1"), ("text", &mine), ("act", "save")]).await;
    // Meanwhile it is changed once more: what nobody has seen is not overwritten.
    save(2, &named("Another phone")).await;
    let again = settle(&mut browser, &id, &page, &side).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("<p>Another phone</p>"), "{}", again.text);
    let done = settle(&mut browser, &id, &again, &side).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(program.store.latest(&editor, &id).await.unwrap().text, mine);
}

#[tokio::test]
async fn decisions_about_one_proposal_are_settled_by_its_title_and_about_others_are_not_asked() {
    let program = Program::with_people().await;
    let (editor, id) = system(&program).await;
    let place = format!("/systems/{id}/proposals");
    let decide = format!("/systems/{id}/decide");
    let mut browsers = [program.signed_in("editor").await, program.signed_in("approver").await];
    let mut answers = Vec::new();
    for (browser, axis) in browsers.iter_mut().zip(["recovery", "economic"]) {
        let subject = format!("rating/resident/{axis}");
        let fields = [("parent", "1"), ("subject", &subject), ("verdict", "accept"), ("reason", "agreed")];
        answers.push(browser.fill_in(&place, &decide, &fields).await.status);
    }
    assert_eq!(answers, [StatusCode::SEE_OTHER; 2], "the document had no decisions before");
    let text = program.store.latest(&editor, &id).await.unwrap().text;
    assert!(text.contains("rating/resident/recovery") && text.contains("rating/resident/economic"), "{text}");

    let mut clash = None;
    for (browser, verdict) in browsers.iter_mut().zip(["accept", "reject"]) {
        let fields = [
            ("parent", "3"),
            ("subject", "threat/gas-heater/spoofing"),
            ("verdict", verdict),
            ("reason", "looked at it"),
        ];
        clash = Some(browser.fill_in(&place, &decide, &fields).await);
    }
    let page = clash.unwrap();
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.text.matches("<fieldset").count(), 1, "{}", page.text);
    let legend = page.text.split("<legend>").nth(1).unwrap().split("</legend>").next().unwrap();
    assert_eq!(legend, "Decision: Gas water heater, Spoofing");
    let sides: Vec<&str> =
        page.text.split("</strong><p>").skip(1).map(|p| p.split('<').next().unwrap()).collect();
    assert!(sides[0].starts_with("reject") && sides[0].contains("approver"), "{sides:?}");
    assert!(sides[1].starts_with("accept") && sides[1].contains("editor"), "{sides:?}");
    let mut browser = program.signed_in("approver").await;
    let path = "side.decisions/threat/gas-heater/spoofing";
    let token = browser.get(&place).await.token();
    let page = Answer { text: page.text.replace(&hidden(&page, "csrf"), &token), ..page };
    let done = settle(&mut browser, &id, &page, &[(path, "theirs")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let text = program.store.latest(&editor, &id).await.unwrap().text;
    assert!(text.contains("looked at it") && !text.contains("reject"), "{text}");
}

#[tokio::test]
async fn what_goes_back_leaves_what_others_saved_in_between() {
    let program = Program::with_people().await;
    let (editor, id) = system(&program).await;
    let mine = TEXT.replace("en: \"Smartphone\"", "en: \"My phone\"");
    let theirs = mine.replace("Gas water heater", "Boiler");
    for (parent, text) in [(1, &mine), (2, &theirs)] {
        program.store.save_revision(&editor, &id, Save { parent, text, why: "" }).await.unwrap();
    }
    let mut browser = program.signed_in("editor").await;
    let (page, restore) = (format!("/systems/{id}/history"), format!("/systems/{id}/restore"));
    let back = browser.fill_in(&page, &restore, &[("number", "1"), ("parent", "2")]).await;
    assert!(back.header("location").contains("said=merged"), "{}", back.header("location"));
    let text = program.store.latest(&editor, &id).await.unwrap().text;
    assert_eq!(text, TEXT.replace("Gas water heater", "Boiler"));
    // What would take somebody's change away unseen is told instead.
    let third = text.replace("en: \"Smartphone\"", "en: \"Tablet\"");
    program.store.save_revision(&editor, &id, Save { parent: 4, text: &third, why: "" }).await.unwrap();
    let clash = browser.fill_in(&page, &restore, &[("number", "2"), ("parent", "4")]).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.text.contains("<p>My phone</p>") && clash.text.contains("<p>Tablet</p>"), "{}", clash.text);
    assert_eq!(program.store.latest(&editor, &id).await.unwrap().text, third);
}

#[tokio::test]
async fn changes_that_are_right_alone_only_are_not_saved_together() {
    let program = Program::with_people().await;
    let (editor, id) = system(&program).await;
    let camera = "  - { id: camera, name: Camera, kind: mobile.smartphone, zone: away }\n";
    let with = TEXT.replacen("  - id: cloud\n", &format!("{camera}  - id: cloud\n"), 1);
    let joined = "links:\n  - { from: camera, to: cloud, over: internet, carries: [command] }\n";
    let linked = with.replacen("links:\n", joined, 1);
    assert!(with != TEXT && linked != with);
    let place = format!("/systems/{id}/text");
    let mut browser = program.signed_in("editor").await;
    for (parent, text) in [("1", &with), ("2", &linked)] {
        let fields = [("parent", parent), ("text", text.as_str()), ("act", "save")];
        let saved = browser.fill_in(&place, &place, &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    }
    // Whoever takes the camera back does not know of the link to it.
    let restore = format!("/systems/{id}/restore");
    let undo = [("number", "1"), ("parent", "2"), ("script", "1")];
    let told = browser.fill_in(&place, &restore, &undo).await;
    assert_eq!((told.status, told.header("content-type")), (StatusCode::CONFLICT, "application/json"));
    assert!(told.text.contains("load the page again"), "{}", told.text);
    let page = browser.fill_in(&place, &restore, &undo[..2]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("the document would have errors"), "{}", page.text);
    assert!(page.text.contains("{ from: camera,") && !page.text.contains("id: camera,"), "{}", page.text);
    assert_eq!(hidden(&page, "parent"), "3");
    let token = program.token("editor").await;
    let request = axum::http::Request::put(format!("/api/v1/systems/{id}/document?merge=yes"))
        .header("authorization", format!("Bearer {token}"))
        .header("if-match", "\"2\"");
    let answer = program.browser().send(request, axum::body::Body::from(TEXT)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::CONFLICT, "application/problem+json")
    );
    assert!(answer.text.contains("would have errors"), "{}", answer.text);
    assert_eq!(program.store.latest(&editor, &id).await.unwrap().text, linked);
}
