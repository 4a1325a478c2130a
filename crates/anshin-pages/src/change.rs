//! What forms do to a document: a new text in which everything else stays, comments too.

use std::io;
use std::path::Path;

use anshin_model::document::Verdict;
use anshin_model::tree::{Key, Node, Span, Value};
use anshin_model::{Text, edit};

use crate::desk::{Desk, NAME, Opened};

/// Why a change was not made, for a person.
pub type Refused = Text;

/// A decision about a proposal.
#[derive(Debug, Clone)]
pub struct Decide<'a> {
    /// The proposal.
    pub subject: &'a str,
    /// What was decided.
    pub verdict: Verdict,
    /// What takes its place, for an override.
    pub value: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Who.
    pub by: &'a str,
    /// When, `YYYY-MM-DD`.
    pub date: &'a str,
}

/// What somebody takes on for a requirement.
#[derive(Debug, Clone)]
pub struct Take<'a> {
    /// The requirement.
    pub requirement: &'a str,
    /// The measure of the catalog, or nothing for one's own.
    pub measure: Option<&'a str>,
    /// Its name, if it is one's own.
    pub name: Option<&'a str>,
    /// Who does it.
    pub by: &'a str,
    /// `in-place`, `planned`, `refused`, or empty to take it away.
    pub status: &'a str,
    /// Until when, or empty.
    pub until: &'a str,
    /// A remark, or empty.
    pub note: &'a str,
}

impl Desk {
    /// Changes a document through its tree, and reads the result again.
    ///
    /// # Errors
    /// If the result would not be a document, or a place cannot be changed.
    pub fn change(
        &self,
        text: &str,
        opened: &Opened,
        alter: impl FnOnce(&mut Node),
    ) -> Result<String, Refused> {
        let mut new = opened.tree().clone();
        alter(&mut new);
        self.write(text, opened, &new)
    }

    /// Writes another tree of a document into its text, and reads the result again.
    ///
    /// # Errors
    /// If the result would not be a document, or a place cannot be changed.
    pub fn write(&self, text: &str, opened: &Opened, new: &Node) -> Result<String, Refused> {
        if edit::same(opened.tree(), new) {
            return Ok(text.to_owned());
        }
        let problems = anshin_model::load::check(new, &self.vocabulary);
        if let Some(error) = problems.iter().find(|d| d.level == anshin_model::diagnostic::Level::Error) {
            return Err(with_hint(&error.message, error.hints.first()));
        }
        let read = |path: &Path, _: usize| {
            if path == Path::new(NAME) {
                Ok(text.as_bytes().to_vec())
            } else {
                Err(io::ErrorKind::NotFound.into())
            }
        };
        let changed = edit::change(Path::new(NAME), &read, &self.vocabulary, &opened.loaded, new)
            .map_err(|problem| with_hint(&problem.message, problem.hints.first()))?;
        Ok(changed.files.into_iter().next().map_or_else(|| text.to_owned(), |(_, text)| text))
    }

    /// Writes a decision into the document, in place of an earlier one about the same proposal.
    ///
    /// # Errors
    /// If there is no such proposal, the value is not possible, or the reason is missing.
    pub fn decide(&self, text: &str, opened: &Opened, decide: &Decide<'_>) -> Result<String, Refused> {
        let reason = one_line(decide.reason);
        if reason.is_empty() && decide.verdict != Verdict::Accept {
            return Err(Text::new(
                "提案どおりにしないときは、理由を書いてください",
                "write the reason when the proposal does not stand",
            ));
        }
        if decide.verdict == Verdict::Override && decide.value.is_none_or(str::is_empty) {
            return Err(Text::new("代わりの値を選んでください", "choose what takes its place"));
        }
        let system = self.system(opened);
        let explained = self.engine.explain(&system, &opened.assessment, decide.subject);
        let (proposed, seen) =
            explained.ok().and_then(|found| found.proposed.zip(found.seen)).ok_or_else(|| {
                Text::new(
                    "その提案はもうありません。ページを開き直してください",
                    "there is no such proposal any more; load the page again",
                )
            })?;
        // Whoever has chosen something else does not mean the proposal.
        let chosen = decide.value.filter(|value| !value.is_empty() && *value != proposed);
        if decide.verdict != Verdict::Override && chosen.is_some() {
            return Err(Text::new(
                "提案と違う値が選ばれています。その値にするなら、理由を書いて「値を変える」としてください。そうでなければ、提案と同じ値を選び直してください",
                "another value than the proposed one is chosen: to take it, write the reason and change the value; otherwise choose the proposed one again",
            ));
        }
        let reason = if reason.is_empty() { "確認した / looked at".to_owned() } else { reason };
        self.change(text, opened, |root| {
            let list = list_mut(root, "decisions");
            let is_own = |item: &Node| item.get("subject").and_then(Node::scalar) == Some(decide.subject);
            let at = list.iter().position(is_own);
            let item = if let Some(at) = at {
                &mut list[at]
            } else {
                list.push(map());
                list.last_mut().expect("just pushed")
            };
            set(item, "subject", Some(decide.subject));
            set(item, "decide", Some(verdict_word(decide.verdict)));
            set(item, "value", decide.value.filter(|_| decide.verdict == Verdict::Override));
            set(item, "reason", Some(&reason));
            set(item, "by", Some(&one_line(decide.by)));
            set(item, "date", Some(decide.date));
            set(item, "seen", Some(&seen));
        })
    }

    /// Takes a decision back.
    ///
    /// # Errors
    /// If the place cannot be changed.
    pub fn undecide(&self, text: &str, opened: &Opened, subject: &str) -> Result<String, Refused> {
        self.change(text, opened, |root| {
            retain(root, "decisions", |item| item.get("subject").and_then(Node::scalar) != Some(subject));
        })
    }

    /// Takes a measure on, changes how far it is, or takes it away.
    ///
    /// # Errors
    /// If a word is not possible.
    pub fn take(&self, text: &str, opened: &Opened, take: &Take<'_>) -> Result<String, Refused> {
        let name = take.name.map(one_line).filter(|name| !name.is_empty());
        let is_own = |item: &Node| {
            let has = |key: &str, word: Option<&str>| item.get(key).and_then(Node::scalar) == word;
            has("requirement", Some(take.requirement))
                && has("by", Some(take.by))
                && match take.measure {
                    Some(_) => has("measure", take.measure),
                    None => has("name", name.as_deref()),
                }
        };
        if take.status.is_empty() {
            return self.change(text, opened, |root| retain(root, "measures", |item| !is_own(item)));
        }
        if take.measure.is_none() && name.is_none() {
            return Err(Text::new("対策の名前を書いてください", "write the name of the measure"));
        }
        let taken: Vec<&str> = opened.document().measures.iter().map(|measure| measure.id.as_str()).collect();
        let stem = take.measure.map_or_else(
            || name.as_deref().and_then(anshin_model::id::suggest).unwrap_or_else(|| "own".to_owned()),
            str::to_owned,
        );
        let id = free(&stem.replace('.', "-"), &taken);
        self.change(text, opened, |root| {
            let list = list_mut(root, "measures");
            let at = list.iter().position(is_own);
            let item = if let Some(at) = at {
                &mut list[at]
            } else {
                let mut item = map();
                set(&mut item, "id", Some(&id));
                list.push(item);
                list.last_mut().expect("just pushed")
            };
            set(item, "requirement", Some(take.requirement));
            set(item, "measure", take.measure);
            set(item, "name", name.as_deref().filter(|_| take.measure.is_none()));
            set(item, "by", Some(take.by));
            set(item, "status", Some(take.status));
            let filled = |words: &str| Some(one_line(words)).filter(|words| !words.is_empty());
            set(item, "until", filled(take.until).as_deref());
            if item.get("note").and_then(Node::scalar).is_some() || !take.note.is_empty() {
                set(item, "note", filled(take.note).as_deref());
            }
        })
    }
}

fn with_hint(message: &Text, hint: Option<&Text>) -> Text {
    hint.map_or_else(
        || message.clone(),
        |hint| Text::new("{a}。{b}", "{a}; {b}").fill(&[("a", message), ("b", hint)]),
    )
}

/// The word of a verdict in files.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::Reject => "reject",
        Verdict::Override => "override",
    }
}

/// The verdict with a word.
pub fn verdict_of(word: &str) -> Option<Verdict> {
    [Verdict::Accept, Verdict::Reject, Verdict::Override].into_iter().find(|own| verdict_word(*own) == word)
}

/// Words of a form as one line: what no document takes becomes a space.
pub fn one_line(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An id that is free: the stem, or the stem with a number.
pub fn free(stem: &str, taken: &[&str]) -> String {
    let mut id = stem.to_owned();
    let mut n = 2;
    while taken.contains(&id.as_str()) {
        id = format!("{stem}-{n}");
        n += 1;
    }
    id
}

/// A new map.
pub fn map() -> Node {
    Node { value: Value::Map(Vec::new()), span: Span::nowhere() }
}

/// A new word.
pub fn word(text: &str) -> Node {
    Node { value: Value::Scalar { text: text.into(), plain: false }, span: Span::nowhere() }
}

/// A new list of words.
pub fn words<'w>(texts: impl IntoIterator<Item = &'w str>) -> Node {
    Node { value: Value::List(texts.into_iter().map(word).collect()), span: Span::nowhere() }
}

/// Puts a node under a key of a map, or takes the key away.
pub fn put(node: &mut Node, key: &str, value: Option<Node>) {
    let Value::Map(entries) = &mut node.value else { return };
    let at = entries.iter().position(|(own, _)| &*own.text == key);
    match (at, value) {
        (Some(at), Some(value)) => {
            // The place stays where the kind of node does, so that only what differs is written.
            let span = entries[at].1.span;
            entries[at].1 = Node { span, ..value };
        }
        (Some(at), None) => {
            entries.remove(at);
        }
        (None, Some(value)) => {
            entries.push((Key { text: key.into(), span: Span::nowhere() }, value));
        }
        (None, None) => {}
    }
}

/// Puts a word under a key of a map, or takes the key away.
pub fn set(node: &mut Node, key: &str, value: Option<&str>) {
    let same = node.get(key).and_then(Node::scalar) == value && value.is_some();
    if !same {
        put(node, key, value.map(word));
    }
}

/// The list under a key, made if it is not there.
pub fn list_mut<'n>(root: &'n mut Node, key: &str) -> &'n mut Vec<Node> {
    if !matches!(root.get(key).map(|node| &node.value), Some(Value::List(_))) {
        let span = root.get(key).map_or_else(Span::nowhere, |node| node.span);
        put(root, key, Some(Node { value: Value::List(Vec::new()), span }));
    }
    let Value::Map(entries) = &mut root.value else { unreachable!("a document is a map") };
    let found = entries.iter_mut().find(|(own, _)| &*own.text == key);
    match found {
        Some((_, Node { value: Value::List(items), .. })) => items,
        _ => unreachable!("just put there"),
    }
}

/// Keeps some items of a list; an empty list goes.
pub fn retain(root: &mut Node, key: &str, stays: impl Fn(&Node) -> bool) {
    if root.get(key).is_none() {
        return;
    }
    let list = list_mut(root, key);
    list.retain(stays);
    if list.is_empty() {
        put(root, key, None);
    }
}

/// The item of a list with an id.
pub fn item_mut<'n>(root: &'n mut Node, key: &str, id: &str) -> Option<&'n mut Node> {
    root.get(key)?;
    list_mut(root, key).iter_mut().find(|item| item.get("id").and_then(Node::scalar) == Some(id))
}
