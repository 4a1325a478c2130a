//! `catalog`, and catalogs of one's own.

use crate::common::{Folder, GOOD, Said, with};
use crate::{FILE, folder_with};

#[test]
fn the_catalog_lists_its_sections_and_their_entries() {
    let folder = Folder::new();
    let said = folder.run(&["catalog", "list"]).ends_with(0).prints(&["asset-kinds", "kinds of assets"]);
    folder.run_in("ja", &["catalog", "list"]).ends_with(0).prints(&["機器の種類", "対策要件"]);
    let sections: Vec<&str> = said.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(sections.len() > 15, "{sections:?}");
    for section in sections {
        let said = folder.run(&["catalog", "list", section]).ends_with(0);
        let first = said.out.split_whitespace().next().unwrap_or_else(|| panic!("{section} is empty"));
        for lang in ["en", "ja"] {
            folder.run_in(lang, &["catalog", "show", section, first]).ends_with(0).prints(&[section, first]);
        }
    }
}

#[test]
fn the_catalog_shows_an_entry_with_its_source() {
    let folder = Folder::new();
    let show = ["catalog", "show", "asset-kinds", "mobile.smartphone"];
    folder.run(&show).ends_with(0).prints(&["mobile.smartphone", "portable", "source: "]);
    folder.run_in("ja", &show).ends_with(0).prints(&["スマートフォン", "性質: ", "出典: "]);
    let requirement = ["catalog", "show", "requirements", "updates"];
    folder.run(&requirement).ends_with(0).prints(&["Apply updates", "source: "]);
}

#[test]
fn the_catalog_offers_the_nearest_section_and_id() {
    let folder = Folder::new();
    for command in [&["catalog", "list", "asset-kind"][..], &["catalog", "show", "asset-kind", "mobile"]] {
        let said = folder.run(command).ends_with(2);
        said.says(&["there is no section `asset-kind`", "did you mean `asset-kinds`?"]);
        let said = folder.run_in("ja", command).ends_with(2);
        said.says(&["`asset-kind`という節はありません", "`asset-kinds`のことですか"]);
    }
    let said = folder.run(&["catalog", "list", "xyzzy"]).ends_with(2);
    said.says(&["sections: asset-kinds", "priority-rules"]);
    let unknown = ["catalog", "show", "threats", "tamperin"];
    folder.run(&unknown).ends_with(2).says(&["no `tamperin` in threats", "did you mean `tampering`?"]);
    folder.run_in("ja", &unknown).ends_with(2).says(&["`tamperin`がありません", "`tampering`のことですか"]);
}

#[test]
fn the_built_in_catalog_has_nothing_wrong() {
    let folder = Folder::new();
    let said = folder.run(&["catalog", "check"]).ends_with(0);
    let said = said.says(&["nothing is wrong with the catalog"]).prints(&["threat-rules"]);
    assert_eq!(said.problems(), []);
    folder.run_in("ja", &["catalog", "check"]).ends_with(0).says(&["カタログに誤りはありません"]);
}

/// A rule that says something about every phone, and a kind that nobody has.
const OWN: &str = r#"anshin-catalog: 1
sources:
  - { id: us, title: "Our own rules", publisher: "Us" }
asset-kinds:
  - id: lamp
    name: { ja: "照明器具", en: "Lamp" }
    about: { ja: "部屋を照らす。", en: "Lights a room." }
    parent: machine
    traits: [wireless-remote]
    icon: sensor
    source: us
    basis: own
threat-rules:
  - id: own-phone
    proposes: repudiation
    all: ["kind:mobile.smartphone"]
    weight: 0.9
    incident: { ja: "{asset}の自社事件", en: "Our own incident at {asset}." }
    why: { ja: "自社の理由", en: "Our own reason." }
    source: "us p. 1"
    basis: own
"#;

/// A folder with [`GOOD`] and [`OWN`], and a catalog file laid over both.
pub(crate) fn with_catalogs(over: &str) -> Folder {
    let folder = folder_with(GOOD);
    folder.write("own.yaml", OWN.replace("    traits: [wireless-remote]\n", ""));
    folder.write("over.yaml", format!("anshin-catalog: 1\n{over}"));
    folder
}

pub(crate) const OWN_CATALOGS: [&str; 4] = ["--catalog", "own.yaml", "--catalog", "over.yaml"];

pub(crate) fn own(folder: &Folder, arguments: &[&str]) -> Said {
    folder.run(&[arguments, &OWN_CATALOGS].concat())
}

#[test]
fn an_own_kind_can_be_used_in_a_document() {
    let folder = with_catalogs("");
    folder.write(FILE, with("mobile.smartphone", "lamp"));
    folder.run(&["check", FILE]).ends_with(2);
    own(&folder, &["check", "--strict", FILE]).ends_with(0);
    own(&folder, &["catalog", "show", "asset-kinds", "lamp"]).ends_with(0).prints(&[
        "Lamp",
        "machine",
        "acts-physically",
        "us",
    ]);
    own(&folder, &["catalog", "check"]).ends_with(0);
}

#[test]
fn an_own_rule_proposes_its_threat() {
    let folder = with_catalogs("");
    folder.run(&["assess", "-v", FILE]).ends_with(0).prints_no(&["Our own incident"]);
    own(&folder, &["assess", FILE]).ends_with(0).prints(&["Repudiation", "Our own incident at Phone."]);
    let said = own(&folder, &["explain", FILE, "threat/phone/repudiation"]).ends_with(0);
    said.prints(&["proposed: above the cut", "Our own reason.", "[own-phone]", "us p. 1"]);
}

#[test]
fn a_folder_of_own_catalogs_is_read_whole() {
    let folder = folder_with(GOOD);
    folder.write("own/a.yaml", OWN.replace("    traits: [wireless-remote]\n", ""));
    folder.write(
        "own/b/b.json",
        r#"{"anshin-catalog": 1, "threat-rules": [{"id": "own-phone", "change": true, "weight": 0.2}]}"#,
    );
    folder.write("own/notes.txt", "not a catalog");
    let said = folder.run(&["catalog", "show", "threat-rules", "own-phone", "--catalog", "own"]).ends_with(0);
    said.prints(&["weight: 0.2"]);
}

#[test]
fn the_weight_of_a_rule_can_be_changed() {
    let folder = with_catalogs("threat-rules:\n  - { id: own-phone, change: true, weight: 0.3 }\n");
    let said = own(&folder, &["catalog", "show", "threat-rules", "own-phone"]).ends_with(0);
    said.prints(&["weight: 0.3", "proposes: repudiation", "kind:mobile.smartphone"]);
    let said = own(&folder, &["explain", FILE, "threat/phone/repudiation"]).ends_with(0);
    said.prints(&["proposed: below the cut", "[own-phone]"]);
}

#[test]
fn a_built_in_rule_can_be_changed_and_switched_off() {
    let folder = Folder::new();
    let said = folder.run(&["catalog", "list", "threat-rules"]).ends_with(0);
    let rule = said.out.split_whitespace().next().expect("there are threat rules").to_owned();
    folder.write(
        "own.yaml",
        format!("anshin-catalog: 1\nthreat-rules:\n  - {{ id: {rule}, change: true, weight: 0.123 }}\n"),
    );
    let show = ["catalog", "show", "threat-rules", &rule, "--catalog", "own.yaml"];
    folder.run(&show).ends_with(0).prints(&["weight: 0.123"]);
    folder.write("own.yaml", format!("anshin-catalog: 1\nthreat-rules:\n  - {{ id: {rule}, off: true }}\n"));
    folder.run(&show).ends_with(2).says(&[&format!("no `{rule}` in threat-rules")]);
}

#[test]
fn a_rule_that_is_switched_off_proposes_nothing() {
    let folder = with_catalogs("threat-rules:\n  - { id: own-phone, off: true }\n");
    let said = own(&folder, &["explain", FILE, "threat/phone/repudiation"]).ends_with(0);
    said.prints(&["not proposed"]).prints_no(&["own-phone"]);
    own(&folder, &["assess", FILE]).ends_with(0).prints_no(&["Our own incident"]);
}

#[test]
fn an_entry_that_exists_already_is_a_conflict() {
    let folder = with_catalogs("threats:\n  - { id: tampering, name: N }\n");
    let said = own(&folder, &["catalog", "check"]).ends_with(2);
    let problem = said.problem("error[conflict]").at("over.yaml:3:11", "tampering");
    problem.says("`tampering` is already in the catalog").hints("`change: true`").hints("`off: true`");
    assert!(said.err.contains("catalog/threats.yaml:"), "{}", said.err);
    let arguments = [&["check", FILE][..], &OWN_CATALOGS].concat();
    let said = folder.run_in("ja", &arguments).ends_with(2);
    said.problem("エラー[conflict]").says("カタログにすでにあります").hints("`change: true`");
}

#[test]
fn changing_what_is_not_there_offers_the_nearest() {
    for mark in ["change", "off"] {
        let folder = with_catalogs(&format!("threat-rules:\n  - {{ id: own-phones, {mark}: true }}\n"));
        let said = own(&folder, &["catalog", "check"]).ends_with(2);
        let problem = said.problem("error[unknown-reference]").at("over.yaml:3:11", "own-phones");
        problem.says("no `own-phones` to change").hints("did you mean `own-phone`?");
    }
}

#[test]
fn a_rule_with_an_unknown_fact_is_told() {
    for (fact, better) in [("wireles", "`wireless`"), ("kind:mobile.smartfone", "`kind:mobile.smartphone`")] {
        let folder = with_catalogs(&format!(
            "threat-rules:\n  - {{ id: own-phone, change: true, all: [\"{fact}\"] }}\n"
        ));
        let said = own(&folder, &["catalog", "check"]).ends_with(2);
        let problem = said.problem("error[unknown-word]").at("over.yaml:3:42", &format!("\"{fact}\""));
        let problem = problem.says(&format!("no fact `{fact}`")).hints(&format!("did you mean {better}?"));
        problem.hints("`anshin catalog list facts`");
    }
}

#[test]
fn an_own_catalog_is_checked_like_a_document() {
    for (over, code, underlined, hint) in [
        ("threat-rule: []\n", "unknown-key", "threat-rule", "did you mean `threat-rules`?"),
        (
            "threat-rules:\n  - { id: own-phone, change: true, weigth: 1 }\n",
            "unknown-key",
            "weigth",
            "did you mean `weight`?",
        ),
        (
            "threat-rules:\n  - { id: own-phone, change: true, weight: 2 }\n",
            "out-of-range",
            "2",
            "from 0 to 1",
        ),
        (
            "threat-rules:\n  - { id: own-phone, change: true, proposes: tamper }\n",
            "unknown-reference",
            "tamper",
            "did you mean `tampering`?",
        ),
        (
            "threat-rules:\n  - { id: own-phone, change: true, source: uss }\n",
            "unknown-reference",
            "uss",
            "did you mean `us`?",
        ),
        (
            "asset-kinds:\n  - { id: lamp, change: true, parent: machin }\n",
            "unknown-reference",
            "machin",
            "did you mean `machine`?",
        ),
    ] {
        let folder = with_catalogs(over);
        let problem = own(&folder, &["catalog", "check"]).ends_with(2).problem(&format!("error[{code}]"));
        assert_eq!(problem.underlined.as_deref(), Some(underlined), "{problem:#?}");
        problem.hints(hint);
    }
}

#[test]
fn an_own_catalog_needs_its_version() {
    let folder = folder_with(GOOD);
    folder.write("own.yaml", "threats: []\n");
    let said = folder.run(&["check", FILE, "--catalog", "own.yaml"]).ends_with(2);
    said.problem("error[version]").says("`anshin-catalog: 1` is missing").hints("first line");
    let said = folder.run(&["check", FILE, "--catalog", "nowhere.yaml"]).ends_with(2);
    said.says(&["cannot read the catalog `nowhere.yaml`"]);
    let said = folder.run_in("ja", &["check", FILE, "--catalog", "nowhere.yaml"]).ends_with(2);
    said.says(&["カタログ`nowhere.yaml`を読めません"]);
}
