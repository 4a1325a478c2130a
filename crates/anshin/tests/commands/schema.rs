//! `schema`: what it prints takes and refuses what the program does.

use std::fs;

use anshin_model::tree::{self, Limits, Node, Sources, Value};
use serde_json::{Value as Json, json};

use crate::common::{Folder, GOOD};
use crate::{FILE, documents, folder_with, stem};

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
