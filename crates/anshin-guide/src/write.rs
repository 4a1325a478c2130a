//! A document as text that a person likes to go on with.

use std::fmt::Write as _;

use anshin_model::Lang;
use serde_json::{Map, Value};

use crate::answers::Answers;
use crate::guide::{Form, Guide};

/// The parts of a document in the order in which they are written, each with what it is.
const ORDER: &[(&str, &str, &str)] = &[
    ("system", "", ""),
    ("stakeholders", "提供する者、つくる者、使う者、近くにいる者", "Who provides, makes, uses or is near it"),
    ("zones", "機器の置かれている場所とネットワーク", "Where assets stand"),
    ("assets", "システムを構成する機器とサービス", "Devices and services"),
    ("data", "取り扱うデータ", "What information there is"),
    ("links", "機器と機器の接続", "What talks to what"),
    ("flows", "データの流れ", "How data travels"),
    ("targets", "受け入れるリスクの水準", "The level of risk that is accepted"),
];

/// Most characters of a thing that stands on one line.
const WIDTH: usize = 110;

pub(crate) fn document(
    guide: &Guide,
    answers: &Answers,
    document: &Map<String, Value>,
    lang: Lang,
) -> String {
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let mut out = String::with_capacity(4096);
    out.push_str(word(
        "# はじめての記入で作った文書です。推測した所があるので、事実に合わせて直してください。\n",
        "# Made by the guided start. Some of it is a guess: change it to what is true.\n",
    ));
    for question in guide.questions.iter().filter(|question| question.form != Form::Line) {
        let Some(given) = answers.given(question.id.as_str()) else { continue };
        let chosen = question.options.iter().filter(|option| given.iter().any(|word| option.id == **word));
        let chosen: Vec<&str> = chosen.map(|option| option.name.get(lang)).collect();
        let chosen = if chosen.is_empty() { "-".to_owned() } else { chosen.join(word("、", "; ")) };
        let _ = writeln!(out, "#   {} {chosen}", question.ask.get(lang));
    }
    out.push_str("anshin: 1\n");
    for (key, ja, en) in ORDER {
        let Some(value) = document.get(*key) else { continue };
        if !ja.is_empty() {
            let _ = writeln!(out, "\n# {}", word(ja, en));
        }
        match value {
            Value::Array(items) => {
                let _ = writeln!(out, "{key}:");
                for one in items {
                    item(&mut out, one);
                }
            }
            Value::Object(entries) if *key == "system" => {
                let _ = writeln!(out, "{key}:");
                for (key, value) in entries {
                    let _ = writeln!(out, "  {key}: {}", inline(value));
                }
            }
            value => {
                let _ = writeln!(out, "{key}: {}", inline(value));
            }
        }
    }
    out
}

/// A thing of a list: on one line if it is short.
fn item(out: &mut String, item: &Value) {
    let line = inline(item);
    let Value::Object(entries) = item else {
        let _ = writeln!(out, "  - {line}");
        return;
    };
    if line.chars().count() <= WIDTH {
        let _ = writeln!(out, "  - {line}");
        return;
    }
    let mut lead = "  - ";
    for (key, value) in entries {
        match value {
            Value::Array(inner) if inner.iter().any(Value::is_object) => {
                let _ = writeln!(out, "{lead}{key}:");
                for value in inner {
                    let _ = writeln!(out, "      - {}", inline(value));
                }
            }
            value => {
                let _ = writeln!(out, "{lead}{key}: {}", inline(value));
            }
        }
        lead = "    ";
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", inline(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if is_plain(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Whether a text is a word that needs no quotes.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
}
