//! Rounds of answers: a workbook filled in and brought back, values of others, the system that answers
//! are about, and checklists tried out.

use anshin_checklist::csv::to_csv_utf8;
use anshin_report::workbook::tables;
use axum::http::StatusCode;

use crate::browser::{Browser, Program};

/// A round as somebody begins it, by its address.
async fn begun(browser: &mut Browser, checklist: &str, fields: &[(&str, &str)]) -> String {
    let page = format!("/checklists/{checklist}");
    let made = browser.fill_in(&page, &page, fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    made.header("location").strip_suffix("/ask").unwrap().to_owned()
}

fn field(html: &str, name: &str) -> String {
    let at = html.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}"));
    html[at..].split('"').nth(3).unwrap().to_owned()
}

fn text(html: &str) -> String {
    let at = html.find("<textarea name=\"text\"").expect("there is something to save");
    let text = html[at..].split('>').nth(1).unwrap().split("</textarea").next().unwrap();
    text.trim_start().replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn a_filled_workbook_comes_back_all_of_it_or_nothing() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "five-minute", &[("subject", "Yamada Works")]).await;
    let book = browser.get_bytes(&format!("{base}/files/answers.xlsx")).await;
    let mut rows = tables(&book).unwrap().remove(0).1;
    let answer = rows[0].iter().position(|cell| cell == "Answer").unwrap();
    rows[1][answer] = "Done".to_owned();
    rows[2][answer] = "Not done".to_owned();
    // Meanwhile a third one is answered on the page.
    let ask = format!("{base}/ask");
    let third = [("state", "1"), ("asked", "q03"), ("a.q03", "partly")];
    browser.fill_in(&ask, &ask, &third).await;
    let import = format!("{base}/import");
    let bytes = to_csv_utf8(&rows);
    let shown = browser.upload(&import, &import, &[], ("file", "answers.csv", &bytes)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("Answers that change (2)"), "{}", shown.text);
    let (state, words) = (field(&shown.text, "state"), text(&shown.text));
    let saved = browser.fill_in(&base, &format!("{base}/text"), &[("state", &state), ("text", &words)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let yaml = browser.get(&format!("{base}/files/answers.yaml")).await.text;
    for line in ["q01", "q02", "q03"] {
        assert!(yaml.contains(line), "{line}: {yaml}");
    }
    let html = browser.get(&base).await.text;
    assert!(html.contains("22 questions are left"), "{html}");

    rows[3][answer] = "perhaps".to_owned();
    let bytes = to_csv_utf8(&rows);
    let wrong = browser.upload(&import, &import, &[], ("file", "answers.csv", &bytes)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("row 4:") && !wrong.text.contains("<textarea name=\"text\""),
        "{}",
        wrong.text
    );
    let wrong = browser.upload(&import, &import, &[], ("file", "answers.xlsx", b"no book")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What is no answers file of this checklist is never kept.
    let other = "anshin-answers: 1\nchecklist: benchmark\nversion: \"1\"\nanswers: []\n";
    let refused = browser.fill_in(&base, &format!("{base}/text"), &[("state", "3"), ("text", other)]).await;
    assert!(refused.status.is_client_error());
    assert_eq!(browser.get(&format!("{base}/files/answers.yaml")).await.text, yaml);
}

/// Once everything is answered, the result leads on to what the answers serve, and there they are chosen:
/// they, and not those about another company.
#[tokio::test]
async fn a_finished_round_leads_on() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let number = |base: &str| base.rsplit('/').next().unwrap().to_owned();
    let chosen =
        |html: &str, base: &str| html.contains(&format!("name=\"from\" value=\"{}\" checked", number(base)));
    let base = begun(&mut browser, "five-minute", &[("subject", "Yamada Works")]).await;
    let links = ["/checklists/benchmark", "/policies"].map(|to| format!("{to}?from={}", number(&base)));
    let html = browser.get(&base).await.text;
    assert!(!html.contains(&links[0]), "{html}");
    finished(&mut browser, &base).await;
    let html = browser.get(&base).await.text;
    assert!(links.iter().all(|link| html.contains(&format!("href=\"{link}\""))), "{html}");

    // Begun alone it says nothing; answered it speaks for its own company.
    let other = begun(&mut browser, "five-minute", &[("subject", "Suzuki Works")]).await;
    let next = browser.get("/checklists/benchmark").await.text;
    assert!(chosen(&next, &base) && !next.contains(&format!("value=\"{}\"", number(&other))), "{next}");
    finished(&mut browser, &other).await;
    for link in &links {
        let next = browser.get(link).await.text;
        assert!(chosen(&next, &base), "{next}");
        assert!(!chosen(&next, &other) && next.contains("Suzuki Works"), "{next}");
    }
    let next = browser.get(&links[0]).await.text;
    assert!(next.contains("value=\"Yamada Works\""), "{next}");

    // Answers about a system are no company's, and say nothing against those of one.
    let system = begun(&mut browser, "iot-introduction", &[("subject", "Warehouse carts")]).await;
    let page = browser.get(&format!("{system}/ask")).await.text;
    let item = field(&page, "asked");
    let word = page.split(&format!("name=\"a.{item}\" value=\"")).nth(1).unwrap().split('"').next().unwrap();
    let answer = [("state", "1"), ("asked", item.as_str()), (&format!("a.{item}"), word)];
    let saved = browser.fill_in(&format!("{system}/ask"), &format!("{system}/ask"), &answer).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    for place in ["/policies".to_owned(), links[1].clone()] {
        let html = browser.get(&place).await.text;
        assert!(chosen(&html, &system), "{html}");
        assert!(chosen(&html, &base) != chosen(&html, &other), "one company, {html}");
    }
    let next = browser.get(&format!("/checklists/csf-2?from={}", number(&system))).await.text;
    assert!(!next.contains("value=\"Warehouse carts\"") && chosen(&next, &other), "{next}");

    // Which documents apply is asked elsewhere, and nothing else is said until it is known.
    let policies = browser.get(&links[1]).await.text;
    assert!(policies.contains("href=\"/checklists/company-facts\""), "{policies}");
}

async fn finished(browser: &mut Browser, base: &str) {
    let answers: Vec<(String, &str)> = (1..=25).map(|n| (format!("a.q{n:02}"), "yes")).collect();
    let mut fields: Vec<(&str, &str)> = vec![("state", "1")];
    let asked: Vec<String> = (1..=25).map(|n| format!("q{n:02}")).collect();
    fields.extend(asked.iter().map(|id| ("asked", id.as_str())));
    fields.extend(answers.iter().map(|(name, word)| (name.as_str(), *word)));
    let all = format!("{base}/all");
    let saved = browser.fill_in(&all, &all, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
}

#[tokio::test]
async fn a_review_cannot_be_brought_in() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "five-minute", &[("subject", "Yamada Works")]).await;
    let ask = format!("{base}/ask");
    browser.fill_in(&ask, &ask, &[("state", "1"), ("asked", "q01"), ("a.q01", "yes")]).await;
    let book = browser.get_bytes(&format!("{base}/files/answers.xlsx")).await;
    let mut rows = tables(&book).unwrap().remove(0).1;
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).unwrap();
    let (answer, who, when) = (column("Answer"), column("Reviewed by"), column("Reviewed on"));
    for row in &mut rows[1..3] {
        (row[answer], row[who], row[when]) = ("Done".to_owned(), "Boss".to_owned(), "2026-04-01".to_owned());
    }
    let import = format!("{base}/import");
    let shown = browser.upload(&import, &import, &[], ("file", "answers.csv", &to_csv_utf8(&rows))).await;
    // The first answer is as it was: of it only the review was new.
    assert!(shown.text.contains("Answers that change (1)"), "{}", shown.text);
    let (state, words) = (field(&shown.text, "state"), text(&shown.text));
    assert!(!words.contains("review"), "{words}");
    let to = format!("{base}/text");
    let forged = words.replace("by: \"editor\"", "by: \"editor\", reviewer: Boss, reviewed: 2026-04-01");
    assert_ne!(forged, words);
    let refused = browser.fill_in(&base, &to, &[("state", &state), ("text", &forged)]).await;
    assert!(refused.status.is_client_error() && refused.text.contains("reviews cannot be brought in"));
    let saved = browser.fill_in(&base, &to, &[("state", &state), ("text", &words)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let yaml = browser.get(&format!("{base}/files/answers.yaml")).await.text;
    assert!(!yaml.contains("review") && yaml.matches("by: \"editor\"").count() == 2, "{yaml}");

    // What an approver has reviewed stays so through another workbook, until the answer changes.
    let mut approver = program.signed_in("approver").await;
    let register = format!("{base}/register");
    let html = approver.get(&register).await.text;
    let state = field(&html, "state");
    let done = approver.fill_in(&register, &format!("{base}/review"), &[("state", &state)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let book = browser.get_bytes(&format!("{base}/files/answers.xlsx")).await;
    let mut rows = tables(&book).unwrap().remove(0).1;
    rows[1][answer] = "Not done".to_owned();
    rows[2][when] = String::new();
    let shown = browser.upload(&import, &import, &[], ("file", "answers.csv", &to_csv_utf8(&rows))).await;
    let (state, words) = (field(&shown.text, "state"), text(&shown.text));
    browser.fill_in(&base, &to, &[("state", &state), ("text", &words)]).await;
    let yaml = browser.get(&format!("{base}/files/answers.yaml")).await.text;
    assert_eq!(yaml.matches("reviewer: \"approver\"").count(), 1, "{yaml}");
}

#[tokio::test]
async fn values_of_others_stand_beside_ones_own_and_are_not_kept() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let base = begun(&mut browser, "five-minute", &[("subject", "Yamada Works")]).await;
    let ask = format!("{base}/ask");
    browser.fill_in(&ask, &ask, &[("state", "1"), ("asked", "q01"), ("a.q01", "yes")]).await;
    let group = format!("{base}/group");
    let file = b"total,group\n2,metal\n4,metal\n6,metal\n90,food\n";
    // A viewer may compare: it changes nothing.
    let mut viewer = program.signed_in("viewer").await;
    let shown =
        viewer.upload(&base, &group, &[("group", "metal"), ("as", "page")], ("file", "g.csv", file)).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("The mean of 3 companies is 4"), "{}", shown.text);
    assert!(shown.text.contains("Your deviation value is 50."), "{}", shown.text);
    assert!(!viewer.get(&base).await.text.contains("deviation value is"));
    let report = viewer.upload(&base, &group, &[("as", "html")], ("file", "g.csv", file)).await;
    assert!(report.text.contains("4 companies"), "{}", report.text);
    for (fields, bytes, words) in [
        (vec![("group", "wood")], file.as_slice(), "there are: food, metal"),
        (vec![], b"score\n1\n", "there is no column `total`"),
        (vec![], b"total\nmany\n", "is not a number"),
    ] {
        let wrong = viewer.upload(&base, &group, &fields, ("file", "g.csv", bytes)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
    }
}

#[tokio::test]
async fn what_answers_say_shows_at_the_requirements_of_the_system() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let made = browser.fill_in("/", "/new/example", &[("example", "gas-water-heater")]).await;
    let system = made.header("location").split('?').next().unwrap().to_owned();
    let id = system.rsplit('/').next().unwrap().to_owned();
    let plan = format!("{system}/plan?all=1");
    assert!(!browser.get(&plan).await.text.contains("Answers of checklists"));

    let base = begun(&mut browser, "jc-star-1", &[("subject", "Heater 3"), ("system", &id)]).await;
    let html = browser.get(&plan).await.text;
    // Proposals count as unconfirmed.
    assert!(html.contains("Answers of checklists") && html.contains("to confirm"), "{html}");
    assert!(html.contains("Heater 3") && html.contains(&format!("href=\"{base}\"")), "{html}");
    let report = browser.get(&format!("{system}/report.html")).await.text;
    assert!(report.contains("What answers of checklists say") && report.contains("Heater 3"));

    // Answers about no one system show nowhere if they are about a product.
    let set = format!("{base}/system");
    browser.fill_in(&base, &set, &[("system", "")]).await;
    assert!(!browser.get(&plan).await.text.contains("Heater 3"));
    browser.fill_in(&base, &set, &[("system", &id)]).await;
    assert!(browser.get(&plan).await.text.contains("Heater 3"));
    let foreign = browser.fill_in(&base, &set, &[("system", "0123")]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);

    // Those about the organization show at every system.
    let base = begun(&mut browser, "five-minute", &[("subject", "Yamada Works")]).await;
    let ask = format!("{base}/ask");
    browser.fill_in(&ask, &ask, &[("state", "1"), ("asked", "q01"), ("a.q01", "no")]).await;
    assert!(browser.get(&plan).await.text.contains("Yamada Works"));
}

#[tokio::test]
async fn whoever_may_only_see_tries_a_checklist_and_nothing_is_kept() {
    let program = Program::with_people().await;
    let mut viewer = program.signed_in("viewer").await;
    let page = viewer.get("/checklists/five-minute").await.text;
    assert!(page.contains("/checklists/five-minute/try"), "{page}");
    let place = "/checklists/five-minute/try";
    let names: Vec<(String, String)> =
        (1..=25).map(|n| (format!("q{n:02}"), if n == 7 { "no" } else { "yes" }.to_owned())).collect();
    let answers: Vec<String> = names.iter().map(|(id, _)| format!("a.{id}")).collect();
    let mut fields = Vec::new();
    for ((id, word), name) in names.iter().zip(&answers) {
        fields.extend([("asked", id.as_str()), (name.as_str(), word.as_str())]);
    }
    let result = viewer.fill_in(place, place, &fields).await;
    assert_eq!(result.status, StatusCode::OK, "{}", result.text);
    assert!(
        result.text.contains("96") && result.text.contains("the answers are kept nowhere"),
        "{}",
        result.text
    );
    assert!(result.text.contains("What to do first"));
    assert!(
        program
            .store
            .papers(&program.actor("viewer").await, anshin_store::PaperKind::Round)
            .await
            .unwrap()
            .is_empty()
    );

    // Questions that the form did not hold are asked, once.
    let place = "/checklists/iot-introduction/try";
    let phase = [("asked", "phase"), ("a.phase", "trial")];
    let more = viewer.fill_in(place, place, &phase).await;
    assert!(
        more.text.contains("further questions") && more.text.contains("value=\"trial\" checked"),
        "{}",
        more.text
    );
    let done = viewer.fill_in(place, place, &[phase[0], phase[1], ("again", "yes")]).await;
    assert!(done.text.contains("the answers are kept nowhere"), "{}", done.text);
}
