//! `anshin diff`: what changed between two versions, by meaning.

mod common;

use std::process::Command;

use common::{Folder, GOOD, Said, with};
use serde_json::{Value as Json, json};

const OLD: &str = "old.yaml";
const NEW: &str = "new.yaml";

fn folder_with(old: &str, new: &str) -> Folder {
    let folder = Folder::new();
    folder.write(OLD, old);
    folder.write(NEW, new);
    folder
}

fn diff(old: &str, new: &str, more: &[&str]) -> Said {
    folder_with(old, new).run(&[&["diff", OLD, NEW], more].concat())
}

/// The difference for programs.
fn json_of(old: &str, new: &str) -> Json {
    diff(old, new, &["--format", "json"]).ends_with(0).json()
}

/// The rows of a part that have these values.
fn rows<'a>(json: &'a Json, part: &str, keys: &[(&str, &str)]) -> Vec<&'a Json> {
    let rows = json[part].as_array().expect("a list");
    rows.iter().filter(|row| keys.iter().all(|(key, value)| row[key] == *value)).collect()
}

/// [`GOOD`] with a heater whose water cannot get too hot.
fn safe() -> String {
    with("    operated-by: resident\n", "    operated-by: resident\n    safeguards: [water-mixing-valve]\n")
}

/// The fingerprint that `explain` shows for a proposal of [`GOOD`].
fn fingerprint(subject: &str) -> String {
    let folder = folder_with(GOOD, GOOD);
    let said = folder.run(&["explain", OLD, subject]).ends_with(0);
    let (_, seen) = said.out.split_once("seen: ").expect("a fingerprint is shown");
    seen.trim().to_owned()
}

#[test]
fn the_same_document_has_no_difference() {
    for (lang, words) in [("en", "No difference."), ("ja", "違いはありません。")] {
        let folder = folder_with(GOOD, GOOD);
        let said = folder.run_in(lang, &["diff", OLD, NEW, "--fail-on", "changes", "--fail-on", "worse"]);
        let said = said.ends_with(0).prints(&[words]);
        assert_eq!(said.err, "");
    }
    let json = json_of(GOOD, GOOD);
    assert_eq!(json["changed"], false);
    assert_eq!(json["worse"], false);
    for (key, value) in json.as_object().expect("a map") {
        assert!(value.as_array().is_none_or(Vec::is_empty), "{key}: {value}");
    }
}

#[test]
fn order_comments_notation_defaults_and_files_make_no_difference() {
    let written_out = r#"# The same system, written by somebody else.
anshin: "1"
include: parts/assets.yaml
targets: { recovery: limited }
flows: [{ id: fill, steps: [{ link: phone--heater }] }]
links:
  - carries: [account]
    id: phone--heater   # as it would be without
    over: wifi
    to: heater
    from: phone
data: [{ kind: personal.account, id: account, subject: [resident] }]
zones: [{ id: home, kind: home-network, name: }]
stakeholders:
  - id: resident
    role: user
    name: { en: Resident, ja: 住まい手 }
    depends-on: { restore: days, outside: none, substitute: "no", service: daily-life }
    person: true
    lead: false
    reach: one
  - id: maker
    name: { ja: "メーカー", en: "Maker" }
    role: developer
    lead: true
    duties: []
    reach: many
system: { setting: household, id: lamp-system, name: { ja: 照明, en: Lamp system }, stage: planning }
"#;
    let assets = "
assets:
  - { id: phone, kind: mobile.smartphone, zone: home, stores: [account], name: { ja: 電話, en: Phone } }
  - { updated-by: maker, operated-by: resident, made-by: maker, id: heater, zone: home,
      name: { ja: 給湯器, en: Heater }, kind: machine.appliance.water-heater }
";
    let folder = folder_with(GOOD, written_out);
    folder.write("parts/assets.yaml", assets);
    folder.run(&["diff", OLD, NEW, "--fail-on", "changes"]).ends_with(0).prints(&["No difference."]);
    folder.run(&["diff", NEW, OLD, "--fail-on", "changes"]).ends_with(0).prints(&["No difference."]);
}

#[test]
fn the_order_of_steps_is_a_difference_and_that_of_data_is_none() {
    let two = |steps: &str, carries: &str| {
        with(
            "links:\n",
            &format!("links:\n  - {{ id: back, from: heater, to: phone, carries: [{carries}] }}\n"),
        )
        .replace("steps: [phone--heater]", &format!("steps: [{steps}]"))
        .replace("data:\n", "data:\n  - { id: heat, kind: operation.process }\n")
    };
    let before = two("phone--heater, back", "account, heat");
    let said = diff(&before, &two("phone--heater, back", "heat, account"), &["--fail-on", "changes"]);
    said.ends_with(0).prints(&["No difference."]);
    let said = diff(&before, &two("back, phone--heater", "account, heat"), &["--fail-on", "changes"]);
    said.ends_with(1).prints(&["~ Data flow: fill", "in another order: Heater – Phone, Phone – Heater"]);
}

#[test]
fn an_added_asset_comes_with_its_facts_and_its_threats() {
    let new = with(
        "data:\n",
        "  - id: cloud\n    name: { ja: 雲, en: Cloud }\n    kind: cloud.application\n    stores: [account]\n    operated-by: maker\ndata:\n",
    );
    let said = diff(GOOD, &new, &["--fail-on", "changes"]).ends_with(1);
    said.prints(&["+ Asset: Cloud", "data stored: ", "operated by: Maker", "+ Cloud: "]).prints_no(&[
        "account\n",
        "personal.account",
        "~ Asset",
    ]);
    let json = json_of(GOOD, &new);
    assert_eq!(json["facts"].as_array().expect("a list").len(), 1);
    let asset = &json["facts"][0];
    assert_eq!(asset["list"], "assets");
    assert_eq!(asset["id"], "cloud");
    assert_eq!(asset["change"], "added");
    let stores = json!({ "key": "stores", "old": null, "new": ["account"] });
    assert!(asset["facts"].as_array().expect("a list").contains(&stores), "{asset:#}");
    // The other way round it went.
    let back = json_of(&new, GOOD);
    assert_eq!(back["facts"][0]["change"], "removed");
    assert!(rows(&back, "threats", &[("asset", "cloud"), ("change", "removed")]).len() > 1);
    let said = diff(&new, GOOD, &["--fail-on", "worse"]).ends_with(0);
    said.prints(&["- Asset: Cloud", "operated by: Maker\n"]);
}

#[test]
fn things_with_the_same_name_are_told_apart_by_their_ids() {
    let zones = |ids: [&str; 2]| {
        let more = ids.map(|id| format!("  - {{ id: {id}, kind: cloud }}\n")).concat();
        with("assets:\n", &format!("{more}assets:\n"))
    };
    let said = diff(&zones(["a", "b"]), &zones(["b", "c"]), &[]).ends_with(0);
    said.prints(&["+ Zone: ", " (c)", "- Zone: ", " (a)"]).prints_no(&["(b)"]);
}

#[test]
fn a_new_threat_above_the_cut_is_worse() {
    let new = with("    stores: [account]\n", "    stores: [account]\n    traits: [default-credentials]\n");
    let json = json_of(GOOD, &new);
    let added = rows(&json, "threats", &[("asset", "phone"), ("change", "added")]);
    assert!(!added.is_empty(), "{json:#}");
    assert!(added.iter().all(|threat| threat["old"].is_null() && threat["new"]["rank"].is_u64()));
    assert_eq!(json["worse"], true);
    diff(GOOD, &new, &["--fail-on", "worse"]).ends_with(1).prints(&["new threats", "+ Phone: "]);
}

#[test]
fn without_its_safeguard_a_rating_is_worse() {
    let folder = folder_with(&safe(), GOOD);
    let arguments = ["diff", OLD, NEW, "--fail-on", "worse"];
    folder.run(&arguments).ends_with(1).prints(&[
        "Worse: stakeholders 2",
        "safeguards: Thermostatic mixing valve (no longer stated)",
        "~ Resident: worse",
        "Recovery axis: limited (within the target) → serious (outside the target)",
        "- An injury bad enough",
    ]);
    folder.run_in("ja", &arguments).ends_with(1).prints(&[
        "悪化: ステークホルダー2",
        "~ 機器: 給湯器",
        "（書かれなくなった）",
        "~ 住まい手　悪化",
        "限定的なダメージ（目標の内） → 重大なダメージ（目標を超える）",
    ]);
    let json = json_of(&safe(), GOOD);
    let rating = rows(&json, "ratings", &[("stakeholder", "resident")])[0];
    assert_eq!(rating["worse"], true);
    assert_eq!(rating["subsystem"], Json::Null);
    assert_eq!(rating["old"]["recovery"], "limited");
    assert_eq!(rating["old"]["within_target"], json!({ "recovery": true, "economic": false }));
    assert_eq!(rating["new"]["recovery"], "serious");
    assert_eq!(rating["because"][0]["axis"], "recovery");
    assert_eq!(json["worse"], true);
    // The way back is a change, and none to the worse.
    let back = folder_with(GOOD, &safe());
    back.run(&arguments).ends_with(0).prints(&["~ Resident: better"]).prints_no(&["Worse:", ": worse"]);
    back.run(&["diff", OLD, NEW, "--fail-on", "changes"]).ends_with(1);
}

#[test]
fn a_target_that_is_moved_changes_who_is_outside() {
    let high = format!("{GOOD}targets: {{ recovery: serious, economic: serious }}\n");
    let said = diff(&high, GOOD, &["--fail-on", "worse"]).ends_with(1);
    said.prints(&[
        "~ Risk target: Lamp system",
        "economic axis: serious → limited",
        "serious (within the target) → serious (outside the target)",
    ]);
    diff(GOOD, &high, &["--fail-on", "worse"]).ends_with(0).prints(&["limited → serious"]);
}

#[test]
fn a_new_name_is_one_fact_and_nothing_else() {
    let new = with("{ ja: \"給湯器\", en: \"Heater\" }", "{ ja: \"給湯器\", en: \"Boiler\" }");
    let json = json_of(GOOD, &new);
    let name = |en: &str| json!({ "ja": "給湯器", "en": en });
    let expected = json!([{
        "list": "assets", "id": "heater", "name": name("Boiler"), "change": "changed",
        "facts": [{ "key": "name", "old": name("Heater"), "new": name("Boiler") }],
    }]);
    assert_eq!(json["facts"], expected);
    for part in ["ratings", "threats", "requirements", "policies", "plan", "stale_decisions"] {
        assert_eq!(json[part], json!([]), "{part}");
    }
    let folder = folder_with(GOOD, &new);
    folder.run(&["diff", OLD, NEW, "--fail-on", "worse"]).ends_with(0).prints(&["name: Heater → Boiler"]);
    // In Japanese nothing could be seen of it.
    folder.run_in("ja", &["diff", OLD, NEW]).ends_with(0).prints(&["名前（英語）: Heater → Boiler"]);
}

#[test]
fn requirements_and_plan_tell_who_and_what() {
    let measure = "measures:\n  - { id: own, name: { ja: 自動更新, en: Automatic updates }, requirement: updates, by: maker, status: STATUS }\n";
    let at = |status: &str| format!("{GOOD}{}", measure.replace("STATUS", status));
    let said = diff(&at("planned"), &at("in-place"), &["--fail-on", "worse"]).ends_with(0);
    said.prints(&[
        "~ Measure: Automatic updates",
        "status: planned → in place",
        "Plan",
        "~ Automatic updates: planned → in place",
    ]);
    let json = json_of(GOOD, &at("planned"));
    let row = rows(&json, "plan", &[("requirement", "updates"), ("implementer", "maker")])[0];
    assert_eq!(row["change"], "changed");
    assert_eq!(row["old"]["taken"], json!([]));
    assert_eq!(row["new"]["taken"], json!([{ "measure": "own", "status": "planned" }]));

    let decided = format!(
        "{GOOD}decisions:\n  - {{ subject: implementer/updates, decide: override, value: resident, reason: ours, by: Sato }}\n"
    );
    let said = diff(GOOD, &decided, &[]).ends_with(0);
    said.prints(&["+ Decision: Apply updates", "implementer: Maker → Resident", "value: Resident"]);
    let json = json_of(GOOD, &decided);
    let row = rows(&json, "requirements", &[("requirement", "updates")])[0];
    assert_eq!(
        (&row["old"]["implementer"], &row["new"]["implementer"]),
        (&json!("maker"), &json!("resident"))
    );

    let rejected = format!(
        "{GOOD}decisions:\n  - {{ subject: requirement/updates, decide: reject, reason: ours, by: Sato }}\n"
    );
    let json = json_of(GOOD, &rejected);
    assert_eq!(rows(&json, "requirements", &[("requirement", "updates")])[0]["new"]["rejected"], true);
    assert_eq!(rows(&json, "plan", &[("requirement", "updates"), ("change", "removed")]).len(), 1);
}

#[test]
fn a_decision_that_goes_stale_is_worse() {
    let seen = fingerprint("rating/resident/recovery");
    let decision = format!(
        "decisions:\n  - {{ subject: rating/resident/recovery, decide: accept, reason: ours, by: Sato, seen: \"{seen}\" }}\n"
    );
    let (old, new) = (format!("{GOOD}{decision}"), format!("{}{decision}", safe()));
    let folder = folder_with(&old, &new);
    let arguments = ["diff", OLD, NEW, "--fail-on", "worse"];
    folder.run(&arguments).ends_with(1).prints(&[
        "decisions gone stale 1",
        "Decisions to look at again",
        "+ Resident, Recovery axis",
        "have changed since the decision",
    ]);
    folder.run_in("ja", &arguments).ends_with(1).prints(&["見直しが必要な決定", "+ 住まい手、第1軸"]);
    let json = json_of(&old, &new);
    let row = &json["stale_decisions"][0];
    assert_eq!((&row["subject"], &row["change"]), (&json!("rating/resident/recovery"), &json!("added")));
    diff(&new, &old, &arguments[3..]).prints(&["need not be looked at any more"]);
    // Stale before and after is no change.
    diff(&new, &new, &["--fail-on", "worse"]).ends_with(0).prints(&["No difference."]);
}

#[test]
fn the_page_tells_what_the_text_tells() {
    let unescaped = |page: &str| {
        let page =
            page.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        page.replace("&amp;", "&")
    };
    let new = with("    stores: [account]\n", "    stores: [account]\n    traits: [default-credentials]\n");
    let folder = folder_with(&safe(), &new);
    for lang in ["ja", "en"] {
        let text = folder.run_in(lang, &["diff", OLD, NEW]).ends_with(0).out;
        let page = unescaped(&folder.run_in(lang, &["diff", OLD, NEW, "--format", "html"]).ends_with(0).out);
        assert!(page.contains(&format!("<html lang=\"{lang}\">")) && page.contains("old.yaml → new.yaml"));
        for line in text.lines().filter(|line| line.starts_with(' ')) {
            // The page has no mark before and breaks no lines.
            let words = line.trim().trim_start_matches(['+', '-', '~', ' ']);
            assert!(page.contains(words) || text.contains(&format!("{line}\n       ")), "{lang}: {words}");
        }
        assert!(page.contains("class=\"anshin-picture anshin-risk-map\""));
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains("://"), "nothing is fetched");
    }
    // Written to a file, and the same ends.
    let said = folder.run(&["diff", OLD, NEW, "--format", "html", "-o", "diff.html", "--fail-on", "worse"]);
    assert_eq!(said.ends_with(1).out, "");
    assert!(folder.read("diff.html").starts_with("<!DOCTYPE html>"));
    // Without a difference it says so.
    let said = folder.run(&["diff", OLD, OLD, "--format", "html"]).ends_with(0);
    said.prints(&["No difference."]);
}

#[test]
fn hostile_names_stay_text_in_the_page() {
    let long = "長".repeat(10_000);
    for name in [
        "</script><script>alert(1)</script>",
        "a & b \\\" ' > ]]> <!-- -->",
        "=CMD()",
        "\u{202e}evil\u{2066}",
        "👩‍🏭 مرحبا",
        "../../etc/passwd",
        long.as_str(),
    ] {
        let new = with("{ ja: \"給湯器\", en: \"Heater\" }", &format!("\"{name}\""));
        let page = diff(GOOD, &new, &["--format", "html"]).ends_with(0).out;
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert!(!page.contains("alert(1)</script>"), "{name}");
    }
}

#[test]
fn a_wrong_document_is_shown_and_ends_with_2() {
    let wrong = with("role: developer", "role: king");
    let said = diff(&wrong, &with("role: user", "role: queen"), &[]).ends_with(2);
    assert_eq!(said.out, "");
    said.says(&["old.yaml:", "`king`", "new.yaml:", "`queen`"]);
    diff(GOOD, GOOD, &["--fail-on", "rain"]).ends_with(2);
    let folder = folder_with(GOOD, GOOD);
    folder.run(&["diff", OLD]).ends_with(2);
    folder.run(&["diff", OLD, "none.yaml"]).ends_with(2).says(&["cannot read `none.yaml`"]);
}

/// Holds the published format: docs/difference-json.md describes these keys.
#[test]
fn the_json_has_these_keys() {
    fn keys(value: &Json) -> String {
        let keys: Vec<&str> = value.as_object().expect("a map").keys().map(String::as_str).collect();
        keys.join(" ")
    }
    let seen = fingerprint("rating/maker/recovery");
    let more = format!(
        "measures:\n  - {{ id: own, requirement: updates, by: maker, status: planned }}\ndecisions:\n  - {{ subject: rating/maker/recovery, decide: accept, reason: ours, by: Sato, seen: \"{seen}\" }}\n"
    );
    let harmless = with("    operated-by: resident\n", "    operated-by: resident\n    hazards: []\n");
    let json = json_of(&format!("{GOOD}{more}"), &format!("{harmless}{more}"));
    assert_eq!(
        keys(&json),
        "anshin changed worse facts ratings threats scenarios requirements policies priority_assets plan stale_decisions"
    );
    assert_eq!(json["anshin"], 1);
    for (part, expected) in [
        ("facts", "list id name change facts"),
        ("ratings", "stakeholder name subsystem change worse old new because"),
        ("threats", "asset threat change incident old new"),
        ("scenarios", "scenario name change worse incident old new"),
        ("requirements", "requirement name change old new"),
        ("policies", "id stakeholder axis policy change"),
        ("priority_assets", "asset because change"),
        ("plan", "requirement implementer change old new"),
        ("stale_decisions", "subject change why"),
    ] {
        let rows = json[part].as_array().expect("a list");
        assert!(!rows.is_empty(), "{part}: {json:#}");
        for row in rows {
            assert_eq!(keys(row), expected, "{part}");
            let change = row["change"].as_str().expect("a word");
            assert!(["added", "removed", "changed"].contains(&change), "{change}");
        }
    }
    let old = |part: &str| {
        json[part].as_array().and_then(|rows| rows.iter().map(|r| &r["old"]).find(|o| !o.is_null()))
    };
    for (part, expected) in [
        ("ratings", "recovery economic within_target"),
        ("threats", "rank risk"),
        ("scenarios", "risk likelihood effect"),
        ("requirements", "implementer also priority rejected"),
        ("plan", "measures taken"),
    ] {
        assert_eq!(keys(old(part).expect("something was there")), expected, "{part}");
    }
    assert_eq!(keys(&json["facts"][0]["facts"][0]), "key old new");
    assert_eq!(keys(&json["policies"][0]["policy"]), "ja en");
}

// git

/// A repository in a folder, with [`GOOD`] as its first commit `v1`.
fn repository() -> Folder {
    let folder = Folder::new();
    git(&folder, &["init", "-q"]);
    git(&folder, &["config", "user.name", "Test"]);
    git(&folder, &["config", "user.email", "test@example.com"]);
    git(&folder, &["config", "commit.gpgsign", "false"]);
    folder.write("sub/system.yaml", GOOD);
    commit(&folder, "v1");
    folder
}

fn git(folder: &Folder, arguments: &[&str]) {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let ended = command.args(arguments).current_dir(folder.path("")).output().expect("git is there");
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

fn commit(folder: &Folder, tag: &str) {
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", tag]);
    git(folder, &["tag", tag]);
}

#[test]
fn a_file_is_compared_with_its_own_past() {
    let folder = repository();
    let file = "sub/system.yaml";
    folder.run(&["diff", "--git", "HEAD", file]).ends_with(0).prints(&["No difference."]);
    folder.write(file, safe());
    folder
        .run(&["diff", "--git", "HEAD", file])
        .ends_with(0)
        .prints(&["safeguards: Thermostatic mixing valve"]);
    folder.run(&["diff", "--git", "HEAD..", file]).ends_with(0).prints(&["No difference."]);
    commit(&folder, "v2");
    folder.run(&["diff", "--git", "HEAD", file]).ends_with(0).prints(&["No difference."]);
    for range in ["v2..v1", "..v1", "HEAD..HEAD~1"] {
        let said = folder.run(&["diff", "--git", range, file, "--fail-on", "worse"]);
        said.ends_with(1).prints(&["~ Resident: worse"]);
    }
    // From another folder, by an absolute path too.
    let path = folder.path(file);
    let path = path.to_str().expect("a plain path");
    let said = common::run(std::path::Path::new("/"), &["--lang", "en", "diff", "--git", "v1", path], &[]);
    said.ends_with(0).prints(&["safeguards: "]);
    // The file has another name now.
    git(&folder, &["mv", file, "sub/other.yaml"]);
    let said = folder.run(&["diff", "--git", "v1", file, "sub/other.yaml"]);
    said.ends_with(0).prints(&["safeguards: "]);
}

#[test]
fn what_an_old_revision_includes_is_read_from_it() {
    let folder = repository();
    let (assets, rest) = {
        let (before, rest) = GOOD.split_once("assets:\n").expect("assets");
        let (assets, after) = rest.split_once("data:\n").expect("data");
        (format!("assets:\n{assets}"), format!("{before}data:\n{after}"))
    };
    folder.write("sub/system.yaml", format!("{rest}include: [../parts/assets.yaml, near/links.yaml]\n"));
    folder.write("parts/assets.yaml", &assets);
    folder.write(
        "sub/near/links.yaml",
        "measures:\n  - { id: m, requirement: updates, by: maker, status: planned }\n",
    );
    commit(&folder, "v2");
    let measure = ["+ Measure: Apply updates"];
    folder.run(&["diff", "--git", "v1..v2", "sub/system.yaml"]).ends_with(0).prints(&measure);
    // The parts change, and in the end they are gone.
    folder.write("parts/assets.yaml", assets.replace("Phone", "Telephone"));
    let said = folder.run(&["diff", "--git", "v2", "sub/system.yaml"]).ends_with(0);
    said.prints(&["name: Phone → Telephone"]);
    folder.write("sub/system.yaml", GOOD);
    git(&folder, &["rm", "-rqf", "parts", "sub/near"]);
    let said = folder.run(&["diff", "--git", "v2", "sub/system.yaml"]).ends_with(0);
    said.prints(&["- Measure: Apply updates"]).prints_no(&["Telephone", "Asset"]);
    // A part that the revision does not have.
    folder.write("sub/system.yaml", format!("{rest}include: missing.yaml\n"));
    commit(&folder, "v3");
    folder.write("sub/missing.yaml", &assets);
    let said = folder.run(&["diff", "--git", "v3", "sub/system.yaml"]).ends_with(2);
    said.says(&["`sub/system.yaml` at the revision `v3`", "cannot read `missing.yaml`", "v3"]);
}

#[test]
fn accepted_risk_and_costs_of_measures_are_facts() {
    let measure = "measures:\n  - { id: watch, requirement: monitoring-logging, by: maker, status: planned";
    let accepted =
        "acceptances:\n  - { scenario: heater/harm/resident, by: Sato, reason: { ja: 試行, en: trial }";
    let old = format!("{GOOD}{measure}, cost: 100000 }}\n{accepted}, until: 2027-03-31 }}\n");
    let new =
        format!("{GOOD}{measure}, cost: 250000, cost-per-year: 12000 }}\n{accepted}, until: 2028-03-31 }}\n");
    let said = diff(&old, &new, &[]).ends_with(0);
    said.prints(&[
        "cost: 100,000 → 250,000",
        "cost per year: 12,000",
        "Acceptance: Heater: People are hurt (Resident)",
        "2027-03-31 → 2028-03-31",
    ]);
    let json = json_of(GOOD, &new);
    let came = rows(&json, "facts", &[("list", "acceptances"), ("change", "added")]);
    assert_eq!(came.len(), 1);
    assert_eq!(came[0]["id"], "heater/harm/resident");
    // Two for one scenario are two.
    let twice =
        format!("{new}  - {{ scenario: heater/harm/resident, by: Ito, reason: again, until: 2029-03-31 }}\n");
    assert_eq!(rows(&json_of(&new, &twice), "facts", &[("list", "acceptances")]).len(), 1);
}

#[test]
fn scenarios_tell_which_risk_rose_and_which_fell() {
    let scenario = |json: &Json, id: &str| -> Json {
        let found = rows(json, "scenarios", &[("scenario", id)]);
        assert_eq!(found.len(), 1, "{id}: {}", json["scenarios"]);
        found[0].clone()
    };
    let (safe, unsafe_) = (safe(), GOOD.to_owned());
    let worse = json_of(&safe, &unsafe_);
    let row = scenario(&worse, "heater/harm/maker");
    assert_eq!((&row["worse"], &worse["worse"]), (&json!(true), &json!(true)));
    assert_eq!(
        row["name"],
        json!({ "ja": "給湯器: 人への危害（メーカー）", "en": "Heater: People are hurt (Maker)" })
    );
    let better = json_of(&unsafe_, &safe);
    let back = scenario(&better, "heater/harm/maker");
    assert_eq!(back["worse"], false);
    assert_eq!((&row["old"], &row["new"]), (&back["new"], &back["old"]));
    diff(&safe, &unsafe_, &[]).ends_with(0).prints(&[
        "scenarios of higher risk 1",
        "Scenarios looked at further",
        "+ Heater: People are hurt (Maker)",
    ]);
    // What is the same is not told.
    assert_eq!(json_of(GOOD, GOOD)["scenarios"], json!([]));
}

#[test]
fn what_git_does_not_have_is_said() {
    let folder = repository();
    for (revision, file, words) in [
        ("v9", "sub/system.yaml", "there is no revision `v9`"),
        ("", "sub/system.yaml", "there is no revision ``"),
        ("v1:sub", "sub/system.yaml", "there is no revision `v1:sub`"),
        ("v1...v1", "sub/system.yaml", "there is no revision `.v1`"),
        ("v1", "sub/none.yaml", "cannot read `none.yaml`"),
        ("v1", "nowhere/system.yaml", "there is no folder `nowhere`"),
        ("v1", "sub", "cannot read `sub`"),
        ("v1", "..", "`..` is not a file"),
    ] {
        let said = folder.run(&["diff", "--git", revision, file]).ends_with(2);
        assert_eq!(said.out, "");
        said.says(&[words]);
    }
    // No option of git's, no words of a shell.
    for revision in ["--git=--output=stolen", "--git=-h", "--git=v1;touch stolen", "--git=$(touch stolen)"] {
        folder.run(&["diff", revision, "sub/system.yaml"]).ends_with(2).says(&["there is no revision"]);
    }
    assert_eq!(folder.files(), [".git", "sub"]);
    folder
        .run_in("ja", &["diff", "--git", "v9", "sub/system.yaml"])
        .ends_with(2)
        .says(&["リビジョン`v9`がありません"]);

    let outside = Folder::new();
    outside.write("system.yaml", GOOD);
    outside.run(&["diff", "--git", "HEAD", "system.yaml"]).ends_with(2).says(&["not in a git repository"]);
    let arguments = ["--lang", "en", "diff", "--git", "HEAD", "system.yaml"];
    let said = common::run(&outside.path(""), &arguments, &[("PATH", "/nowhere")]);
    said.ends_with(2).says(&["cannot run `git`", "compare two files"]);
}
