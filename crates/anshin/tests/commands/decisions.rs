//! Decisions of people, and what makes them stale.

use serde_json::{Value as Json, json};

use crate::FILE;
use crate::catalog::{OWN_CATALOGS, own, with_catalogs};
use crate::common::{Folder, GOOD, with};

/// A decision in words of a document.
fn decision(subject: &str, more: &str) -> String {
    format!(
        "  - {{ subject: {subject}, {more}, reason: {{ ja: \"理由です\", en: \"We know better\" }}, by: Taro }}\n"
    )
}

/// A folder with the own catalogs and a document with decisions.
fn with_decisions(decisions: &[String]) -> Folder {
    let folder = with_catalogs("");
    folder.write(FILE, format!("{GOOD}decisions:\n{}", decisions.concat()));
    folder
}

fn report(folder: &Folder) -> Json {
    own(folder, &["assess", "--format", "json", FILE]).ends_with(0).json()
}

/// The row of a list in which all these keys have these values.
fn row<'j>(report: &'j Json, list: &str, keys: &[(&str, &str)]) -> &'j Json {
    let rows = report[list].as_array().expect("a list");
    let found = rows.iter().find(|row| keys.iter().all(|(key, value)| row[key] == *value));
    found.unwrap_or_else(|| panic!("{keys:?} is not in {list}"))
}

/// The fingerprint that `explain` gives for a decision.
fn fingerprint(folder: &Folder, subject: &str) -> String {
    let said = own(folder, &["explain", FILE, subject]).ends_with(0);
    let (_, after) = said.out.split_once("seen: ").expect("a fingerprint is given");
    after.trim().to_owned()
}

const THREAT: &str = "threat/phone/repudiation";
const RATING: &str = "rating/maker/economic";

#[test]
fn a_rejected_threat_leaves_the_list() {
    let proposed = report(&with_decisions(&[]));
    let keys = [("asset", "phone"), ("threat", "repudiation")];
    assert_eq!(row(&proposed, "threats", &keys)["above_cut"], true);
    let folder = with_decisions(&[decision(THREAT, "decide: reject")]);
    own(&folder, &["check", "--strict", FILE]).ends_with(0);
    let decided = report(&folder);
    let threat = row(&decided, "threats", &keys);
    assert_eq!(threat["above_cut"], false);
    assert_eq!(
        threat["decided"],
        json!({ "verdict": "reject", "proposed": "above-cut", "by": "Taro", "stale": false,
            "reason": { "ja": "理由です", "en": "We know better" } })
    );
    let mut candidates = decided["candidates"].as_array().expect("a list").iter();
    let names_it = |row: &Json| row["threats"].as_array().expect("a list").contains(&json!("repudiation"));
    assert!(candidates.all(|row| !names_it(row)), "no requirement is due to a rejected threat");
}

#[test]
fn a_rejected_threat_is_shown_with_its_reason() {
    let folder = with_decisions(&[decision(THREAT, "decide: reject")]);
    own(&folder, &["assess", "-v", FILE])
        .ends_with(0)
        .prints(&["decided by Taro: We know better (proposed: above the cut)"]);
    own(&folder, &["assess", FILE])
        .ends_with(0)
        .prints(&["decided by Taro: We know better (proposed: above the cut)"]);
}

#[test]
fn an_overridden_rating_is_honoured() {
    let proposed = report(&with_decisions(&[]));
    let keys = [("stakeholder", "maker")];
    assert_eq!(row(&proposed, "ratings", &keys)["economic"], "serious");
    let folder = with_decisions(&[decision(RATING, "decide: override, value: limited")]);
    own(&folder, &["check", "--strict", FILE]).ends_with(0);
    let decided = report(&folder);
    let rating = row(&decided, "ratings", &keys);
    assert_eq!(rating["economic"], "limited");
    assert_eq!(rating["within_target"]["economic"], true);
    assert_eq!(rating["decided"]["economic"]["proposed"], "serious");
    assert_eq!(rating["decided"]["economic"]["reason"]["en"], "We know better");
    assert_eq!(rating["decided"]["recovery"], Json::Null);
}

#[test]
fn a_rating_overridden_upwards_is_shown_with_its_reason() {
    let folder = with_decisions(&[decision(RATING, "decide: override, value: catastrophic")]);
    let said = own(&folder, &["assess", FILE]).ends_with(0);
    said.prints(&["Economic axis: catastrophic", "decided by Taro: We know better (proposed: serious)"]);
    let said = folder.run_in("ja", &[&["assess", FILE][..], &OWN_CATALOGS].concat()).ends_with(0);
    said.prints(&["決定（Taro）: 理由です（提案: 重大な経済影響）"]);
}

#[test]
fn a_rating_overridden_to_within_the_target_is_shown_with_its_reason() {
    let folder = with_decisions(&[decision(RATING, "decide: override, value: limited")]);
    let words = ["decided by Taro: We know better (proposed: serious)"];
    own(&folder, &["assess", "-v", FILE]).ends_with(0).prints(&words);
    own(&folder, &["assess", FILE]).ends_with(0).prints(&words);
}

#[test]
fn an_overridden_implementer_is_honoured_and_shown_with_its_reason() {
    let proposed = report(&with_decisions(&[]));
    let first = &proposed["candidates"][0];
    let requirement = first["requirement"].as_str().expect("a word");
    assert_eq!(first["implementer"], "maker");
    let subject = format!("implementer/{requirement}");
    let folder = with_decisions(&[decision(&subject, "decide: override, value: resident")]);
    own(&folder, &["check", "--strict", FILE]).ends_with(0);
    let decided = report(&folder);
    let candidate = row(&decided, "candidates", &[("requirement", requirement)]);
    assert_eq!(candidate["implementer"], "resident");
    assert_eq!(candidate["implementer_decided"]["proposed"], "maker");
    assert_eq!(candidate["implementer_decided"]["reason"]["en"], "We know better");
    let said = own(&folder, &["assess", FILE]).ends_with(0);
    said.prints(&["by: Resident", "decided by Taro: We know better (proposed: Maker)"]);
}

#[test]
fn a_rejected_requirement_is_marked_and_shown_with_its_reason() {
    let proposed = report(&with_decisions(&[]));
    let requirement = proposed["candidates"][0]["requirement"].as_str().expect("a word");
    let folder = with_decisions(&[decision(&format!("requirement/{requirement}"), "decide: reject")]);
    let decided = report(&folder);
    let candidate = row(&decided, "candidates", &[("requirement", requirement)]);
    assert_eq!(candidate["decided"]["verdict"], "reject");
    let said = own(&folder, &["assess", FILE]).ends_with(0);
    said.prints(&["(rejected)", "decided by Taro: We know better (proposed: candidate requirement)"]);
}

#[test]
fn an_override_to_nothing_leaves_the_proposal_and_is_reported() {
    let wrong = [
        (RATING, "decide: override, value: seriuos", "`seriuos`"),
        ("implementer/security-policy", "decide: override, value: nobody", "`nobody`"),
    ];
    for (subject, more, word) in wrong {
        let folder = with_decisions(&[decision(subject, more)]);
        let said = own(&folder, &["check", FILE]).ends_with(0);
        said.problem("warning[stale-decision]").says(word).says("the proposal stands");
        assert_eq!(row(&report(&folder), "ratings", &[("stakeholder", "maker")])["economic"], "serious");
    }
}

#[test]
fn a_decision_with_the_right_fingerprint_is_fresh() {
    for (subject, more) in
        [(THREAT, "decide: accept"), (THREAT, "decide: reject"), (RATING, "decide: override, value: limited")]
    {
        let seen = fingerprint(&with_decisions(&[]), subject);
        let folder = with_decisions(&[decision(subject, &format!("{more}, seen: {seen}"))]);
        own(&folder, &["check", "--strict", FILE]).ends_with(0).says(&["nothing is wrong"]);
        let said = own(&folder, &["assess", FILE, "--fail-on", "stale-decision"]).ends_with(0);
        said.prints_no(&["Decisions to look at again"]);
    }
}

#[test]
fn the_fingerprint_of_a_decided_proposal_is_that_of_the_proposal() {
    let requirement = "implementer/security-policy";
    for (subject, more) in [
        (THREAT, "decide: accept"),
        (THREAT, "decide: reject"),
        (RATING, "decide: override, value: limited"),
        (requirement, "decide: override, value: resident"),
    ] {
        let before = fingerprint(&with_decisions(&[]), subject);
        let after = fingerprint(&with_decisions(&[decision(subject, more)]), subject);
        assert_eq!(before, after, "{subject} {more}: `explain` is where a stale `seen` is renewed from");
    }
}

#[test]
fn a_decision_on_other_facts_stays_in_force_and_is_reported() {
    let decisions = decision(RATING, "decide: override, value: limited, seen: 0123456789abcdef");
    let folder = with_decisions(&[decisions]);
    let said = own(&folder, &["check", FILE]).ends_with(0);
    let lines = GOOD.lines().count();
    let problem = said.problem("warning[stale-decision]").at(&format!("{FILE}:{}:16", lines + 2), RATING);
    problem.says("have changed since the decision").hints("`anshin explain`");
    assert!(said.err.contains("0 errors, 1 warning"), "{}", said.err);
    own(&folder, &["check", "--strict", FILE]).ends_with(2);
    let said = own(&folder, &["assess", FILE]).ends_with(0);
    said.prints(&["Decisions to look at again", "the facts behind `rating/maker/economic` have changed"]);
    own(&folder, &["assess", FILE, "--fail-on", "stale-decision"]).ends_with(1);
    let report = report(&folder);
    let rating = row(&report, "ratings", &[("stakeholder", "maker")]);
    assert_eq!(rating["economic"], "limited");
    assert_eq!(rating["decided"]["economic"]["stale"], true);
    assert_eq!(report["stale_decisions"][0]["decision"], 0);
    let said = folder.run_in("ja", &[&["check", FILE][..], &OWN_CATALOGS].concat()).ends_with(0);
    said.problem("警告[stale-decision]").says("決定のあとで変わりました").hints("`anshin explain`");
}

#[test]
fn a_changed_fact_makes_a_decision_stale() {
    let seen = fingerprint(&with_decisions(&[]), RATING);
    let folder = with_decisions(&[decision(RATING, &format!("decide: accept, seen: {seen}"))]);
    own(&folder, &["check", "--strict", FILE]).ends_with(0);
    let changed = folder.read(FILE).replace("reach: many", "reach: one");
    folder.write(FILE, changed);
    let said = own(&folder, &["check", "--strict", FILE]).ends_with(2);
    said.problem("warning[stale-decision]").says("have changed since the decision");
}

#[test]
fn a_decision_about_something_gone_is_reported() {
    for subject in [
        "threat/phone/spoofing-of-nothing",
        "threat/gone/tampering",
        "rating/gone/economic",
        "requirement/gone",
        "implementer/gone",
    ] {
        let folder =
            with_decisions(&[decision(THREAT, "decide: accept"), decision(subject, "decide: accept")]);
        let said = own(&folder, &["check", FILE]).ends_with(0);
        let problem = said.problem("warning[stale-decision]");
        let problem = problem.says(&format!("no proposal `{subject}` any more"));
        assert_eq!(problem.underlined.as_deref(), Some(subject));
        own(&folder, &["check", "--strict", FILE]).ends_with(2);
        let said = own(&folder, &["assess", FILE, "--fail-on", "stale-decision"]).ends_with(1);
        said.prints(&["Decisions to look at again", &format!("no proposal `{subject}` any more")]);
        assert_eq!(report(&folder)["stale_decisions"][0]["decision"], 1);
    }
}

#[test]
fn a_decision_about_no_proposal_at_all_is_refused() {
    for subject in ["anything", "threat/phone", "rating/user/size", "rating/user"] {
        let folder = with_decisions(&[decision(subject, "decide: accept")]);
        let said = own(&folder, &["check", FILE]).ends_with(2);
        let problem = said.problem("error[unknown-word]");
        let problem = problem.says(&format!("`{subject}` is not the name of a proposal"));
        assert_eq!(problem.underlined.as_deref(), Some(subject));
    }
}

#[test]
fn a_stale_decision_of_an_included_file_is_shown_there() {
    let folder = with_catalogs("");
    folder.write(FILE, with("system:\n", "include: decided.yaml\nsystem:\n"));
    folder.write("decided.yaml", format!("decisions:\n{}", decision("requirement/gone", "decide: accept")));
    let said = own(&folder, &["check", FILE]).ends_with(0);
    said.problem("warning[stale-decision]").at("decided.yaml:2:16", "requirement/gone");
}
