//! Every command of the program, as a person calls it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use anshin_model::tree::{self, Limits, Node, Sources, Value};
use common::{Folder, GOOD, Said, marked, run, with};
use serde_json::{Value as Json, json};

const FILE: &str = "system.yaml";

fn folder_with(content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write(FILE, content);
    folder
}

/// The `.yaml` files of a folder of the repository, sorted.
fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(!paths.is_empty(), "{}", folder.display());
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name")
}

// init

#[test]
fn init_writes_a_template_that_passes_check() {
    let folder = Folder::new();
    let said = folder.run(&["init"]).ends_with(0).says(&["wrote `system.yaml`", "anshin assess system.yaml"]);
    assert_eq!(said.out, "");
    assert_eq!(folder.files(), [FILE]);
    assert!(folder.read(FILE).contains("anshin: 1\n"));
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run_in("ja", &["init", "other.yaml"]).ends_with(0).says(&["`other.yaml`を作りました"]);
    assert_eq!(folder.read("other.yaml"), folder.read(FILE));
}

#[test]
fn init_never_overwrites() {
    let folder = folder_with("mine");
    for more in [&["--template", "home-product"][..], &["--example", "boiler"], &["--name", "x"], &[]] {
        let said = folder.run(&[&["init", FILE], more].concat()).ends_with(2);
        said.says(&["`system.yaml` exists already", "name another file"]);
        assert_eq!(folder.read(FILE), "mine");
    }
    folder.run_in("ja", &["init", FILE]).ends_with(2).says(&["`system.yaml`はすでにあります"]);
    assert_eq!(folder.files(), [FILE]);
}

#[test]
fn init_says_when_the_folder_is_not_there() {
    let said = Folder::new().run(&["init", "nowhere/system.yaml"]).ends_with(2);
    said.says(&["cannot write `nowhere/system.yaml`"]);
}

#[test]
fn init_lists_every_template_and_example_by_name() {
    let folder = Folder::new();
    for (lang, words) in [("en", ["templates", "examples"]), ("ja", ["雛形", "例"])] {
        let said = folder.run_in(lang, &["init", "--list"]).ends_with(0).prints(&words);
        for path in documents("templates").iter().chain(&documents("examples")) {
            let line = said.out.lines().find(|line| line.split_whitespace().next() == Some(stem(path)));
            let title = line.map(|line| line.trim().trim_start_matches(stem(path)).trim());
            assert!(title.is_some_and(|title| !title.is_empty()), "{} in\n{}", stem(path), said.out);
        }
    }
    assert_eq!(folder.files(), Vec::<String>::new());
}

#[test]
fn init_writes_every_template_and_example_as_it_is_and_check_finds_nothing() {
    for (kind, option) in [("templates", "--template"), ("examples", "--example")] {
        for path in documents(kind) {
            let folder = Folder::new();
            folder.run(&["init", option, stem(&path)]).ends_with(0);
            assert_eq!(folder.read(FILE), fs::read_to_string(&path).expect("readable"));
            folder.run(&["check", "--strict", FILE]).ends_with(0).says(&["nothing is wrong"]);
            folder.run_in("ja", &["check", "--strict", FILE]).ends_with(0).says(&["誤りはありません"]);
        }
    }
}

#[test]
fn init_offers_the_names_when_one_is_not_known() {
    let folder = Folder::new();
    let said = folder.run(&["init", "--template", "home-prodct"]).ends_with(2);
    said.says(&["there is no `home-prodct`", "home-product", "factory-line", "remote-monitoring"]);
    let said = folder.run(&["init", "--example", "boilr"]).ends_with(2);
    said.says(&["there is no `boilr`", "boiler", "warehouse-agv"]);
    let said = folder.run_in("ja", &["init", "--template", "home-prodct"]).ends_with(2);
    said.says(&["`home-prodct`はありません", "home-product"]);
    folder.run(&["init", "--template", "home-product", "--example", "boiler"]).ends_with(2);
    assert_eq!(folder.files(), Vec::<String>::new());
}

#[test]
fn init_puts_the_name_of_the_system_in() {
    for (name, id) in [("Bath Heater 2", Some("id: bath-heater-2")), ("給湯器: \"改\" #1 \\", None)] {
        let folder = Folder::new();
        folder.run(&["init", "--name", name]).ends_with(0);
        folder.run(&["check", "--strict", FILE]).ends_with(0);
        folder.run(&["assess", FILE]).ends_with(0).prints(&[name]);
        if let Some(id) = id {
            assert!(folder.read(FILE).contains(id), "{}", folder.read(FILE));
        }
    }
}

#[test]
fn every_template_and_example_can_be_assessed_in_both_languages() {
    for path in documents("templates").iter().chain(&documents("examples")) {
        let folder = folder_with(fs::read(path).expect("readable"));
        folder.run(&["assess", "-v", FILE]).ends_with(0).prints(&["1. Risk map", "3. Threats"]);
        folder
            .run_in("ja", &["assess", "-v", FILE])
            .ends_with(0)
            .prints(&["1. マッピング結果", "3. 想定される脅威"]);
    }
}

// Several files

#[test]
fn included_files_are_joined_from_where_they_stand() {
    let (before, links) = GOOD.split_once("links:\n").expect("there are links");
    let folder =
        folder_with(before.replace("system:\n", "include: [parts/links.yaml, parts/more.yaml]\nsystem:\n"));
    folder.write("parts/links.yaml", format!("links:\n{links}"));
    folder.write("parts/more.yaml", "include: deep/hub.yaml\n");
    folder.write(
        "parts/deep/hub.yaml",
        "anshin: 1\nassets:\n  - { id: hub, name: Hub, kind: network.router, zone: home }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run(&["assess", FILE]).ends_with(0).prints(&["assets 3   stakeholders 2   links 1"]);
}

#[test]
fn what_two_files_say_of_one_thing_is_a_conflict() {
    let folder = folder_with(with("system:\n", "include: more.yaml\nsystem:\n"));
    folder.write("more.yaml", "system: { id: x, name: X, setting: public }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[conflict]").says("`system`").at("more.yaml:1:1", "system").hints("one of the two");
    assert!(said.err.contains("system.yaml:3:1"), "{}", said.err);
}

/// A folder with [`GOOD`] as a template, and a document that starts from it.
fn from_template(own: &str) -> Folder {
    let folder = folder_with(format!("anshin: 1\nfrom: base.yaml\n{own}"));
    folder.write("base.yaml", GOOD);
    folder
}

#[test]
fn a_document_from_a_template_changes_and_adds_items_by_id() {
    let folder = from_template(
        "system: { id: mine, name: My lamps }\nassets:\n  - { id: phone, name: Tablet, kind: mobile.tablet }\n  \
         - { id: hub, name: Hub, kind: network.router, zone: home }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    let said = folder.run(&["assess", "-v", FILE]).ends_with(0);
    said.prints(&["My lamps", "assets 3", "Tablet", "Heater", "Hub"]).prints_no(&["Phone", "Lamp system"]);
    assert_eq!(folder.read("base.yaml"), GOOD);
}

#[test]
fn a_document_from_a_template_takes_items_away() {
    let folder = from_template(
        "assets:\n  - { id: phone, remove: true }\nlinks:\n  - { from: phone, to: heater, remove: true }\n\
         flows:\n  - { id: fill, remove: true }\ndata:\n  - { id: account, remove: true }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run(&["assess", FILE]).ends_with(0).prints(&["assets 1   stakeholders 2   links 0"]);
}

#[test]
fn what_still_names_a_removed_item_is_shown_in_the_template() {
    let folder = from_template("assets:\n  - { id: phone, remove: true }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    let mark = marked(&with("{ from: phone, to: heater", "{ from: «phone», to: heater"));
    said.problem("error[unknown-reference]").says("no `phone` in `assets`").at_mark("base.yaml", &mark);
}

#[test]
fn a_problem_in_a_document_from_a_template_is_shown_where_it_was_written() {
    let own = "assets:\n  - { id: phone, zone: «hom» }\n";
    let folder = from_template(&marked(own).text);
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unknown-reference]").at("system.yaml:4:24", "hom").hints("did you mean `home`?");
    let folder = folder_with("anshin: 1\nfrom: base.yaml\n");
    let mark = marked(&with("setting: household", "setting: «home»"));
    folder.write("base.yaml", &mark.text);
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unknown-word]").at_mark("base.yaml", &mark);
}

#[test]
fn removing_what_the_template_does_not_have_offers_the_nearest() {
    let folder = from_template("assets:\n  - { id: phome, remove: true }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    let problem = said.problem("error[unknown-reference]").at("system.yaml:4:11", "phome");
    problem.hints("did you mean `phone`?");
    assert_eq!(said.problems().len(), 1, "{}", said.err);
}

#[test]
fn an_id_used_twice_over_a_template_is_told() {
    let folder = from_template("assets:\n  - { id: phone, name: A }\n  - { id: phone, name: B }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[duplicate-id]").says("`phone` is used twice").at("system.yaml:5:11", "phone");
}

#[test]
fn an_empty_list_over_a_template_empties_it() {
    let folder = from_template("flows: []\nlinks: []\n");
    folder.run(&["assess", FILE]).ends_with(0).prints(&["links 0"]);
}

#[test]
fn a_template_that_is_not_there_is_the_only_problem() {
    let folder = folder_with("anshin: 1\nfrom: nowhere.yaml\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unreadable]").says("`nowhere.yaml`").at("system.yaml:2:7", "nowhere.yaml");
    assert_eq!(said.problems().len(), 1, "{}", said.err);
}

// schema

fn schema() -> Json {
    let folder = Folder::new();
    let said = folder.run(&["schema"]).ends_with(0);
    assert_eq!(said.err, "");
    assert_eq!(said.out, folder.run_in("ja", &["schema"]).out);
    said.json()
}

/// A YAML document as an editor sees it: plain words by YAML 1.2, so `no` is a string and `1` is
/// not.
fn as_json(text: &str) -> Json {
    fn convert(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Scalar { text, plain: true } => match &**text {
                "true" => json!(true),
                "false" => json!(false),
                word => match (word.parse::<i64>(), word.parse::<f64>()) {
                    (Ok(number), _) => json!(number),
                    (_, Ok(number)) => json!(number),
                    _ => json!(word),
                },
            },
            Value::Scalar { text, .. } => json!(text),
            Value::List(items) => items.iter().map(convert).collect(),
            Value::Map(entries) => Json::Object(
                entries.iter().map(|(key, node)| (key.text.to_string(), convert(node))).collect(),
            ),
        }
    }
    let mut sources = Sources::default();
    let file = sources.add("document", text);
    convert(&tree::parse(&sources, file, Limits::DEFAULT).expect("the document can be read").0)
}

#[test]
fn the_schema_is_a_json_schema() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).expect("the schema can be used");
}

#[test]
fn the_schema_accepts_every_template_and_example() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema can be used");
    let mut wrong = Vec::new();
    for path in documents("templates").iter().chain(&documents("examples")) {
        let document = as_json(&fs::read_to_string(path).expect("readable"));
        wrong.extend(validator.iter_errors(&document).map(|error| {
            format!(
                "{}: {} {}",
                stem(path),
                error.instance_path(),
                error.to_string().chars().take(200).collect::<String>()
            )
        }));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_schema_takes_the_version_as_a_number_and_as_a_word() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema can be used");
    for (version, good) in [(json!(1), true), (json!("1"), true), (json!(2), false), (json!("2"), false)] {
        let mut document = as_json(GOOD);
        document["anshin"] = version.clone();
        assert_eq!(validator.is_valid(&document), good, "{version}");
    }
}

#[test]
fn the_schema_accepts_and_refuses_what_the_program_does() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema can be used");
    let mut good = as_json(GOOD);
    good["anshin"] = json!("1");
    assert!(validator.is_valid(&good));
    for (place, key, value) in [
        ("", "colour", json!("red")),
        ("/system", "colour", json!("red")),
        ("/assets/0", "colour", json!("red")),
        ("/assets/0", "kind", json!("nothing")),
        ("/assets/0", "zone", json!(["home"])),
        ("/assets/0", "id", json!("Big Heater")),
        ("/stakeholders/0", "role", json!("boss")),
        ("/stakeholders/0", "lead", json!("yes")),
        ("/system", "name", json!({ "de": "Lampe" })),
    ] {
        let mut document = good.clone();
        document.pointer_mut(place).expect("the place is there")[key] = value.clone();
        assert!(!validator.is_valid(&document), "{place} {key} {value}");
        let folder = folder_with(document.to_string());
        folder.run(&["check", FILE]).ends_with(2);
    }
}

// catalog

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
fn with_catalogs(over: &str) -> Folder {
    let folder = folder_with(GOOD);
    folder.write("own.yaml", OWN.replace("    traits: [wireless-remote]\n", ""));
    folder.write("over.yaml", format!("anshin-catalog: 1\n{over}"));
    folder
}

const OWN_CATALOGS: [&str; 4] = ["--catalog", "own.yaml", "--catalog", "over.yaml"];

fn own(folder: &Folder, arguments: &[&str]) -> Said {
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

// Help

#[test]
fn help_is_in_the_language_asked_for() {
    let folder = Folder::new();
    let commands = ["init", "check", "assess", "explain", "schema", "catalog"];
    let said = folder.run(&["--help"]).ends_with(0).prints(&commands);
    said.prints(&["Usage: anshin", "Commands:", "--catalog <PATH>", "Your own catalog file"]);
    let said = folder.run_in("ja", &["--help"]).ends_with(0).prints(&commands);
    said.prints(&["使い方: anshin", "コマンド:", "オプション:", "この説明を表示します"])
        .prints_no(&["Usage:"]);
    for command in commands {
        folder.run(&[command, "--help"]).ends_with(0).prints(&["Usage: anshin"]);
        let said = folder.run_in("ja", &[command, "--help"]).ends_with(0);
        said.prints(&["使い方: anshin"]).prints_no(&["Usage:", "Print help"]);
    }
    folder.run(&["--version"]).ends_with(0).prints(&["anshin 0."]);
}

#[test]
fn the_language_comes_from_the_environment_unless_asked_for() {
    let folder = Folder::new();
    let path = folder.path("");
    for (environment, japanese) in [
        (&[("LANG", "ja_JP.UTF-8")][..], true),
        (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")], false),
        (&[("LANG", "C"), ("LC_MESSAGES", "ja_JP")], true),
        (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")], true),
        (&[], false),
    ] {
        let said = run(&path, &["--help"], environment).ends_with(0);
        assert_eq!(said.out.contains("使い方"), japanese, "{environment:?}");
    }
    run(&path, &["--help", "--lang=en"], &[("LANG", "ja_JP.UTF-8")]).ends_with(0).prints(&["Usage:"]);
    run(&path, &["--help", "--lang", "ja"], &[("LANG", "C")]).ends_with(0).prints(&["使い方"]);
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let folder = Folder::new();
    for arguments in [
        &["asses", "x"][..],
        &["check"],
        &[],
        &["assess", "x", "--fail-on", "nothing"],
        &["check", "x", "--colour"],
    ] {
        let said = folder.run(arguments).ends_with(2);
        assert!(!said.err.is_empty());
        assert_eq!(said.out, "");
    }
    folder.run(&["asses", "x"]).says(&["assess"]);
}

// assess

/// [`GOOD`] with targets that nobody is outside of.
fn within_target() -> String {
    format!("{GOOD}targets: {{ recovery: critical, economic: catastrophic }}\n")
}

#[test]
fn assess_shows_all_steps_in_both_languages() {
    let folder = folder_with(GOOD);
    folder.run(&["assess", FILE]).ends_with(0).prints(&[
        "Lamp system",
        "1. Risk map",
        "2. Stakeholders outside the target",
        "3. Threats",
        "4. Candidate requirements",
        "5. Policies and priorities",
        "Maker",
        "Heater",
    ]);
    folder.run_in("ja", &["assess", FILE]).ends_with(0).prints(&[
        "照明",
        "1. マッピング結果",
        "2. 目標とするリスクの水準を超えるステークホルダー",
        "3. 想定される脅威",
        "4. 実装が想定される対策要件",
        "5. 対策方針と優先順位",
        "メーカー",
        "給湯器",
    ]);
}

#[test]
fn assess_fails_on_a_stakeholder_outside_the_target_only_when_asked() {
    let folder = folder_with(GOOD);
    let said = folder.run(&["assess", FILE, "--fail-on", "outside-target"]).ends_with(1);
    said.prints(&["2. Stakeholders outside the target\nMaker"]);
    folder.run(&["assess", FILE]).ends_with(0);
    folder.run(&["assess", FILE, "--fail-on", "warning", "--fail-on", "stale-decision"]).ends_with(0);
    folder.run(&["assess", FILE, "--format", "json", "--fail-on", "outside-target"]).ends_with(1).json();
    let folder = folder_with(within_target());
    let said = folder.run(&["assess", FILE, "--fail-on", "outside-target"]).ends_with(0);
    said.prints(&["2. Stakeholders outside the target\nNone."]);
}

#[test]
fn assess_fails_on_a_warning_only_when_asked() {
    let folder = folder_with(with("data:\n", "data:\n  - { id: spare, kind: personal.usage }\n"));
    let said = folder.run(&["assess", FILE, "--fail-on", "warning"]).ends_with(1);
    said.problem("warning[unused]").says("`spare`").at("system.yaml:29:11", "spare");
    folder.run(&["assess", FILE]).ends_with(0);
    folder.run(&["check", FILE]).ends_with(0);
    folder.run(&["check", "--strict", FILE]).ends_with(2).says(&["0 errors, 1 warning\n"]);
}

#[test]
fn assess_writes_a_file_whole() {
    let folder = folder_with(GOOD);
    for format in ["text", "json"] {
        let shown = folder.run(&["assess", FILE, "--format", format]).ends_with(0);
        folder.write("out", "what was there before, and is longer than nothing");
        let said = folder.run(&["assess", FILE, "--format", format, "-o", "out"]).ends_with(0);
        assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
        assert_eq!(folder.read("out"), shown.out);
        assert_eq!(folder.files(), ["out", FILE], "nothing is left beside it");
    }
    let said = folder.run(&["assess", FILE, "--color", "always", "--output", "out"]).ends_with(0);
    assert_eq!(said.out, "");
    assert!(!folder.read("out").contains('\u{1b}'), "a file has no colours");
}

#[test]
fn assess_with_an_output_still_fails_on_what_was_asked() {
    let folder = folder_with(GOOD);
    folder.run(&["assess", FILE, "-o", "out", "--fail-on", "outside-target"]).ends_with(1);
    assert!(folder.read("out").contains("1. Risk map"));
}

#[test]
fn assess_leaves_the_file_alone_when_it_cannot_finish() {
    let folder = folder_with(with("setting: household", "setting: home"));
    folder.write("out", "before");
    folder.run(&["assess", FILE, "-o", "out"]).ends_with(2);
    assert_eq!(folder.read("out"), "before");
    let folder = folder_with(GOOD);
    let said = folder.run(&["assess", FILE, "-o", "nowhere/out"]).ends_with(2);
    said.says(&["cannot write `nowhere/out`"]);
    folder.write("folder/inside", "");
    folder.run(&["assess", FILE, "-o", "folder"]).ends_with(2).says(&["cannot write `folder`"]);
    assert_eq!(folder.files(), ["folder", FILE]);
}

#[test]
fn assess_gives_the_same_bytes_every_time() {
    for path in documents("examples") {
        let folder = folder_with(fs::read(&path).expect("readable"));
        for arguments in [&["assess", "-v", FILE][..], &["assess", "--format", "json", FILE]] {
            let first = folder.run(arguments).ends_with(0);
            let second = folder.run(arguments).ends_with(0);
            assert_eq!(first.out, second.out, "{}", stem(&path));
        }
    }
}

#[test]
fn assess_in_json_does_not_depend_on_the_language() {
    let folder = folder_with(GOOD);
    let arguments = ["assess", "--format", "json", FILE];
    let said = folder.run(&arguments).ends_with(0);
    assert_eq!(said.out, folder.run_in("ja", &arguments).ends_with(0).out);
    assert_eq!(said.json()["anshin"], 1);
    assert_eq!(said.json()["system"], "lamp-system");
}

#[test]
fn colours_are_used_when_asked_for() {
    let folder = folder_with(GOOD);
    assert!(folder.run(&["assess", "--color", "always", FILE]).out.contains('\u{1b}'));
    assert!(!folder.run(&["assess", FILE]).out.contains('\u{1b}'));
    folder.write("wrong.yaml", with("setting: household", "setting: home"));
    assert!(folder.run(&["check", "--color=always", "wrong.yaml"]).err.contains('\u{1b}'));
    assert!(!folder.run(&["check", "--color=never", "wrong.yaml"]).err.contains('\u{1b}'));
}

// explain

#[test]
fn explain_says_why_a_threat_is_proposed() {
    let folder = with_catalogs("");
    let said = own(&folder, &["explain", FILE, "threat/phone/repudiation"]).ends_with(0);
    said.prints(&[
        "proposed: above the cut",
        "Because",
        "Our own reason.",
        "kind:mobile.smartphone",
        "seen: ",
    ]);
    let arguments = [&["explain", FILE, "threat/phone/repudiation"][..], &OWN_CATALOGS].concat();
    let said = folder.run_in("ja", &arguments).ends_with(0);
    said.prints(&["提案: 足切り以上", "理由", "自社の理由", "seen: "]);
}

#[test]
fn explain_says_why_a_threat_is_not_proposed() {
    let folder = with_catalogs("");
    let arguments = ["explain", FILE, "threat/heater/repudiation"];
    let said = own(&folder, &arguments).ends_with(0);
    said.prints(&[
        "not proposed",
        "Rules that do not hold, nearest first",
        "Our own reason.",
        "missing: kind:mobile.smartphone",
        "[own-phone]",
    ])
    .prints_no(&["Because", "seen: "]);
    let said = folder.run_in("ja", &[&arguments[..], &OWN_CATALOGS].concat()).ends_with(0);
    said.prints(&["提案されていません", "足りない事実: kind:mobile.smartphone"]);
}

#[test]
fn explain_knows_ratings_requirements_and_implementers() {
    let folder = folder_with(GOOD);
    let report = folder.run(&["assess", "--format", "json", FILE]).json();
    let rating = &report["ratings"][0];
    let level = rating["economic"].as_str().expect("a level");
    let said = folder.run(&["explain", FILE, "rating/maker/economic"]).ends_with(0);
    said.prints(&[&format!("proposed: {level}"), "seen: "]);
    let candidate = &report["candidates"][0];
    let word = |key: &str| candidate[key].as_str().expect("a word").to_owned();
    let subject = format!("requirement/{}", word("requirement"));
    folder.run(&["explain", FILE, &subject]).ends_with(0).prints(&["proposed: candidate", "Because"]);
    let subject = format!("implementer/{}", word("requirement"));
    assert_eq!(word("implementer"), "maker");
    folder.run(&["explain", FILE, &subject]).ends_with(0).prints(&["proposed: Maker"]);
}

#[test]
fn explain_offers_the_nearest_name() {
    let folder = folder_with(GOOD);
    for (subject, words) in [
        ("threat/heatr/tampering", ["no `heatr` in assets", "did you mean `heater`?"]),
        ("threat/heater/tamperin", ["no `tamperin` in threats", "did you mean `tampering`?"]),
        ("rating/makr/economic", ["no `makr` in stakeholders", "did you mean `maker`?"]),
        ("requirement/update", ["no `update` in requirements", "did you mean `updates`?"]),
        ("implementer/update", ["no `update` in requirements", "did you mean `updates`?"]),
        ("heater", ["`heater` cannot be explained", "threat/ASSET/THREAT"]),
    ] {
        let said = folder.run(&["explain", FILE, subject]).ends_with(2).says(&words);
        assert_eq!(said.out, "");
    }
    let said = folder.run_in("ja", &["explain", FILE, "threat/heatr/tampering"]).ends_with(2);
    said.says(&["`heatr`がありません", "`heater`のことですか"]);
}

#[test]
fn explain_offers_the_nearest_axis() {
    let folder = folder_with(GOOD);
    let said = folder.run(&["explain", FILE, "rating/maker/economics"]).ends_with(2);
    said.says(&["no `economics` in axes", "did you mean `economic`?"]);
}

// Decisions

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
    said.prints(&["決定（Taro）: 理由です（提案: serious）"]);
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
