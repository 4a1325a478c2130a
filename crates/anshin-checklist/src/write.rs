//! Answers as the text of a file: a new one, or one that is changed in place so that comments and
//! everything else that a person wrote stay.

use std::fmt::Write as _;

use anshin_model::tree::{self, Node, Sources, Value};
use anshin_model::{Lang, Text};
use serde::Deserialize as _;

use crate::answers::{Answers, Evidence, Given, Round};
use crate::checklist::Checklist;
use crate::read::LIMITS;

/// A text cannot be changed in place; the file must be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CannotEdit;

impl std::fmt::Display for CannotEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answers cannot be changed in place; write `answers` as a plain list")
    }
}

impl std::error::Error for CannotEdit {}

/// Words as a YAML scalar: plain where that is safe, else in double quotes.
pub(crate) fn scalar(word: &str) -> String {
    let first = word.chars().next();
    let plain = first.is_some_and(char::is_alphabetic)
        && word.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ' | '・' | 'ー' | '、' | '。')
        })
        && !word.ends_with(' ')
        && !matches!(
            word.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { word.to_owned() } else { serde_json::Value::from(word).to_string() }
}

fn text(text: &Text) -> String {
    let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
    if ja == en { scalar(ja) } else { format!("{{ ja: {}, en: {} }}", quoted(ja), quoted(en)) }
}

fn quoted(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}

fn evidence(evidence: &Evidence) -> String {
    let one_word = evidence.what.get(Lang::Ja) == evidence.what.get(Lang::En);
    if one_word && evidence.at.is_none() && evidence.date.is_none() {
        return text_in_flow(&evidence.what);
    }
    let mut out = format!("{{ what: {}", text_in_flow(&evidence.what));
    if let Some(at) = &evidence.at {
        let _ = write!(out, ", where: {}", quoted(at));
    }
    if let Some(date) = &evidence.date {
        let _ = write!(out, ", date: {date}");
    }
    out.push_str(" }");
    out
}

fn text_in_flow(words: &Text) -> String {
    let (ja, en) = (words.get(Lang::Ja), words.get(Lang::En));
    if ja == en { quoted(ja) } else { text(words) }
}

/// The keys of an answer with their values, in the order of the format.
fn entries(given: &Given) -> Vec<(&'static str, String)> {
    let mut out = vec![("id", given.id.to_string())];
    match given.value.as_slice() {
        [] => {}
        [one] => out.push(("value", scalar(one))),
        more => {
            let all: Vec<String> = more.iter().map(|word| quoted(word)).collect();
            out.push(("value", format!("[{}]", all.join(", "))));
        }
    }
    if given.out_of_scope {
        out.push(("out-of-scope", "true".to_owned()));
    }
    let mut words = |key: &'static str, words: &Option<Text>| {
        if let Some(words) = words {
            out.push((key, text_in_flow(words)));
        }
    };
    words("reason", &given.reason);
    words("note", &given.note);
    if !given.evidence.is_empty() {
        let all: Vec<String> = given.evidence.iter().map(evidence).collect();
        out.push(("evidence", format!("[{}]", all.join(", "))));
    }
    let lines = [
        ("by", &given.by),
        ("date", &given.date),
        ("reviewer", &given.reviewer),
        ("reviewed", &given.reviewed),
        ("until", &given.until),
    ];
    for (key, line) in lines {
        if let Some(line) = line {
            out.push((key, if key == "by" || key == "reviewer" { quoted(line) } else { line.clone() }));
        }
    }
    if given.proposed {
        out.push(("proposed", "true".to_owned()));
    }
    if let Some(because) = &given.because {
        out.push(("because", text_in_flow(because)));
    }
    out
}

/// Longest answer that stands on one line.
const LINE: usize = 100;

fn in_flow(given: &Given) -> String {
    let all: Vec<String> = entries(given).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{ {} }}", all.join(", "))
}

/// An answer as an item of a block list whose dash is followed by `indent` columns.
fn in_block(given: &Given, indent: usize) -> String {
    let flow = in_flow(given);
    if flow.chars().count() <= LINE {
        return flow;
    }
    let all: Vec<String> = entries(given).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    all.join(&format!("\n{}", " ".repeat(indent)))
}

/// A new answers file. The items are there as comments, so that it can be filled in by hand as well.
pub fn new_file(list: &Checklist, answers: &Answers, given: &[Given], lang: Lang) -> String {
    let mut out = String::from("anshin-answers: 1\n\n");
    let _ = writeln!(out, "# {}", list.title.get(lang));
    let how = match lang {
        Lang::Ja => "`anshin checklist answer`で1問ずつ答えるか、ここに書き込んでください。",
        Lang::En => "Answer one question at a time with `anshin checklist answer`, or write here.",
    };
    let _ = writeln!(out, "# {how}");
    let _ = writeln!(out, "checklist: {}", list.id);
    let _ = writeln!(out, "version: {}", quoted(&answers.version));
    if let Some(subject) = &answers.subject {
        let _ = writeln!(out, "subject: {}", text_in_flow(subject));
    }
    if let Some(level) = &answers.level {
        let _ = writeln!(out, "level: {level}");
    }
    for (key, line) in [("date", &answers.date), ("by", &answers.by), ("reviewer", &answers.reviewer)] {
        if let Some(line) = line {
            let line = if key == "date" { line.clone() } else { quoted(line) };
            let _ = writeln!(out, "{key}: {line}");
        }
    }
    out.push('\n');
    if given.is_empty() {
        out.push_str("answers: []\n");
    } else {
        out.push_str("answers:\n");
        for given in given {
            let _ = writeln!(out, "  - {}", in_block(given, 4));
        }
    }
    out
}

/// Where a node ends in the text: block forms end with the last thing in them.
fn end(node: &Node, text: &str) -> usize {
    let (start, stop) = (node.span.start as usize, node.span.end as usize);
    let opens = text.as_bytes().get(start).copied();
    let last = match &node.value {
        Value::Map(entries) if opens != Some(b'{') => {
            entries.last().map(|(key, node)| end(node, text).max(key.span.end as usize + 1))
        }
        Value::List(items) if opens != Some(b'[') => items.last().map(|node| end(node, text)),
        _ => None,
    };
    let stop = last.unwrap_or(stop).min(text.len()).max(start);
    start + text[start..stop].trim_end().len()
}

fn parse(text: &str) -> Option<Node> {
    let mut sources = Sources::default();
    let id = sources.add("answers", text);
    tree::parse(&sources, id, LIMITS).ok().map(|(root, _)| root)
}

fn read(text: &str) -> Option<Answers> {
    Answers::deserialize(&parse(text)?).ok()
}

/// Sets one answer in the text of an answers file.
///
/// # Errors
/// If the text has a form in which that cannot be done without touching something else.
pub fn set_answer(text: &str, given: &Given) -> Result<String, CannotEdit> {
    let before = read(text).ok_or(CannotEdit)?;
    let root = parse(text).ok_or(CannotEdit)?;
    let list = root.get("answers").ok_or(CannotEdit)?;
    let edited = edit(text, list, given).ok_or(CannotEdit)?;
    // Nothing but this answer may have changed.
    let after = read(&edited).ok_or(CannotEdit)?;
    let others = |answers: &Answers| {
        answers.answers.iter().filter(|own| own.id != given.id).cloned().collect::<Vec<_>>()
    };
    let is_set = after.answers.iter().filter(|own| own.id == given.id).eq([given]);
    if is_set && others(&before) == others(&after) { Ok(edited) } else { Err(CannotEdit) }
}

fn edit(text: &str, list: &Node, given: &Given) -> Option<String> {
    let items = list.items();
    let own = items.iter().find(|node| node.get("id").and_then(Node::scalar) == Some(given.id.as_str()));
    let put = |from: usize, to: usize, words: &str| format!("{}{words}{}", &text[..from], &text[to..]);
    let start = list.span.start as usize;
    let is_flow = text.as_bytes().get(start) == Some(&b'[');
    if let Some(node) = own {
        let from = node.span.start as usize;
        let words = if is_flow { in_flow(given) } else { in_block(given, column(text, from)) };
        return Some(put(from, end(node, text), &words));
    }
    if let Some(last) = items.last() {
        let stop = end(last, text);
        if is_flow {
            return Some(put(stop, stop, &format!(", {}", in_flow(given))));
        }
        let first = items.first()?.span.start as usize;
        let line = text[..first].rfind('\n').map_or(0, |n| n + 1);
        let dash = line + text[line..first].find('-')?;
        let indent = text[line..dash].to_owned();
        // A remark behind the last answer stays with it.
        let stop = text[stop..].find('\n').map_or(text.len(), |n| stop + n);
        let words = format!("\n{indent}- {}", in_block(given, indent.len() + 2));
        return Some(put(stop, stop, &words));
    }
    if is_flow {
        let words = format!("\n  - {}", in_block(given, 4));
        let from = start - (text[..start].len() - text[..start].trim_end_matches(' ').len());
        return Some(put(from, list.span.end as usize, &words));
    }
    None
}

fn column(text: &str, at: usize) -> usize {
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    text[line..at].chars().count()
}

/// Sets a key with a plain value at the top of an answers file, such as the version.
fn set_line(text: &str, key: &str, value: &str) -> Result<String, CannotEdit> {
    let root = parse(text).ok_or(CannotEdit)?;
    let node = root.get(key).filter(|node| node.scalar().is_some()).ok_or(CannotEdit)?;
    let (from, to) = (node.span.start as usize, end(node, text));
    let edited = format!("{}{}{}", &text[..from], quoted(value), &text[to..]);
    let after = parse(&edited).ok_or(CannotEdit)?;
    if after.get(key).and_then(Node::scalar) == Some(value) { Ok(edited) } else { Err(CannotEdit) }
}

/// Gives an answer another id, in place.
fn rename_answer(text: &str, from: &str, to: &str) -> Result<String, CannotEdit> {
    let root = parse(text).ok_or(CannotEdit)?;
    let ids = root.get("answers").ok_or(CannotEdit)?.items().iter().filter_map(|node| node.get("id"));
    let node = ids.into_iter().find(|id| id.scalar() == Some(from)).ok_or(CannotEdit)?;
    Ok(format!("{}{to}{}", &text[..node.span.start as usize], &text[end(node, text)..]))
}

/// The text of an answers file in the newest version of its checklist: nothing that was answered goes.
/// A text that is in the newest version already stays as it is.
///
/// # Errors
/// If the text has a form in which that cannot be done.
pub fn moved_text(text: &str, round: &Round) -> Result<String, CannotEdit> {
    let Some(moved) = &round.moved else { return Ok(text.to_owned()) };
    let mut text = text.to_owned();
    for (from, to) in &moved.renamed {
        text = rename_answer(&text, from.as_str(), to.as_str())?;
    }
    for id in &moved.changed {
        let Some(given) = round.given.get(id) else { continue };
        let because = Text::new("質問の意味が変わったため", "the meaning of the question has changed");
        let given = Given { proposed: true, because: Some(because), ..given.clone() };
        text = set_answer(&text, &given)?;
    }
    set_line(&text, "version", &round.list.version)
}
