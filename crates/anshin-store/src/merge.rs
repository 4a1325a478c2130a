//! Two changes of one document, brought together by meaning.
//!
//! Items of a list are the same item if they have the same `id`, are about the same `subject` or
//! `scenario`, join the same ends, or are the same word. What only one side changed is taken; what both
//! changed differently is a [`Clash`], until somebody has chosen a [`Side`] for it. The result is the
//! text of the other side with one's own changes cut in, so comments and notation stay, and it is read
//! again to see that it says what was meant.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::edit::{rewrite, same};
use anshin_model::shape;
use anshin_model::tree::{self, FileId, Key, Limits, Node, Sources, Span, Value};

/// What became of two changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// A text with both.
    Text(String),
    /// Places where both changed the same.
    Clashes {
        /// The places; never empty.
        clashes: Vec<Clash>,
        /// A text with both, which at the places has what they have.
        text: String,
    },
}

/// Whose change is to stand where both changed the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// That of the one who saves.
    Mine,
    /// What was saved meanwhile.
    Theirs,
}

/// What somebody chose, by the place of a [`Clash`].
pub type Choices = BTreeMap<String, Side>;

/// A place that both changed, as each side has it. `None` where a side has nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The place, such as `assets/cloud/operator`; empty for the document as a whole.
    pub path: String,
    /// As it was before.
    pub base: Option<String>,
    /// As the one who saves wants it.
    pub mine: Option<String>,
    /// As it was saved meanwhile.
    pub theirs: Option<String>,
}

/// Brings two changes of `base` together.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Merged {
    settle(base, mine, theirs, &Choices::new())
}

/// The same, with what was chosen where both changed the same; other such places are clashes.
pub fn settle(base: &str, mine: &str, theirs: &str, choices: &Choices) -> Merged {
    if mine == theirs || base == mine {
        return Merged::Text(theirs.to_owned());
    }
    if base == theirs {
        return Merged::Text(mine.to_owned());
    }
    by_meaning(base, mine, theirs, choices).unwrap_or_else(|| match choices.get("") {
        Some(Side::Mine) => Merged::Text(mine.to_owned()),
        Some(Side::Theirs) => Merged::Text(theirs.to_owned()),
        None => {
            let clash = Clash {
                path: String::new(),
                base: Some(base.to_owned()),
                mine: Some(mine.to_owned()),
                theirs: Some(theirs.to_owned()),
            };
            Merged::Clashes { clashes: vec![clash], text: theirs.to_owned() }
        }
    })
}

/// Item by item and key by key; nothing if a text cannot be read, or not be changed at single places.
fn by_meaning(base: &str, mine: &str, theirs: &str, choices: &Choices) -> Option<Merged> {
    let mut sources = Sources::default();
    let read = |sources: &mut Sources, name: &str, text: &str| -> Option<(FileId, Node)> {
        let file = sources.add(name, text);
        let (tree, found) = tree::parse(sources, file, Limits::DEFAULT).ok()?;
        found.is_empty().then_some((file, tree))
    };
    let (_, base) = read(&mut sources, "base", base)?;
    let (_, mine) = read(&mut sources, "mine", mine)?;
    let (file, theirs) = read(&mut sources, "theirs", theirs)?;
    let mut merger = Merger { sources: &sources, choices, path: Vec::new(), clashes: Vec::new() };
    let merged = merger.value(Some(&base), Some(&mine), Some(&theirs))?;
    let clashes = merger.clashes;
    let mut texts = rewrite(&sources, &theirs, &merged).ok()?;
    let text = texts.remove(&file).unwrap_or_else(|| sources.text(file).to_owned());
    let (_, again) = read(&mut sources, "merged", &text)?;
    if !same(&again, &merged) {
        return None;
    }
    Some(if clashes.is_empty() { Merged::Text(text) } else { Merged::Clashes { clashes, text } })
}

struct Merger<'a> {
    sources: &'a Sources,
    choices: &'a Choices,
    path: Vec<String>,
    clashes: Vec<Clash>,
}

type Version<'a> = Option<&'a Node>;

impl Merger<'_> {
    /// One value of all three sides; nothing if it is to be gone.
    fn value(&mut self, base: Version<'_>, mine: Version<'_>, theirs: Version<'_>) -> Option<Node> {
        let full = |side: Option<&'_ Node>| side.is_some_and(|node| !matches!(node.value, Value::Null));
        let (base, mine, theirs) = (
            base.filter(|n| full(Some(n))),
            mine.filter(|n| full(Some(n))),
            theirs.filter(|n| full(Some(n))),
        );
        let equal = |a: Version<'_>, b: Version<'_>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        };
        if equal(mine, theirs) || equal(base, mine) {
            return theirs.cloned();
        }
        if let (Some(mine), Some(theirs)) = (mine, theirs)
            && let Some(merged) = self.parts(base, mine, theirs)
        {
            return merged;
        }
        if equal(base, theirs) {
            return mine.map(fresh);
        }
        let path = self.path.join("/");
        match self.choices.get(&path) {
            Some(Side::Mine) => return mine.map(fresh),
            Some(Side::Theirs) => {}
            None => {
                let words = |version: Version<'_>| version.map(|node| self.words(node));
                let clash = Clash { path, base: words(base), mine: words(mine), theirs: words(theirs) };
                self.clashes.push(clash);
            }
        }
        theirs.cloned()
    }

    /// A value by its parts, if both have it with parts and it can be told which are the same. A list of
    /// which nothing is left is gone.
    #[expect(clippy::option_option, reason = "what cannot be told is not the same as what is gone")]
    fn parts(&mut self, base: Version<'_>, mine: &Node, theirs: &Node) -> Option<Option<Node>> {
        let empty = |value| Node { value, span: Span::nowhere() };
        match (&mine.value, &theirs.value) {
            // Two new items of the same name are two things, not two changes of one.
            (Value::Map(_), Value::Map(_)) if base.is_none() && name(mine).is_some() => None,
            (Value::Map(_), Value::Map(_)) if !is_statement(mine) && !is_statement(theirs) => {
                let empty = empty(Value::Map(Vec::new()));
                let base = base.unwrap_or(&empty);
                matches!(base.value, Value::Map(_)).then(|| Some(self.map(base, mine, theirs)))
            }
            (Value::List(_), Value::List(_)) => {
                let empty = empty(Value::List(Vec::new()));
                let base = base.unwrap_or(&empty);
                let list = matches!(base.value, Value::List(_)).then(|| self.list(base, mine, theirs))??;
                let said = [mine, theirs].iter().any(|list| list.items().is_empty());
                Some((said || !list.items().is_empty()).then_some(list))
            }
            _ => None,
        }
    }

    fn words(&self, node: &Node) -> String {
        let text = self.sources.text(node.span.file);
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        text.get(start..end).unwrap_or_default().trim_end().to_owned()
    }

    fn under(
        &mut self,
        key: &str,
        base: Version<'_>,
        mine: Version<'_>,
        theirs: Version<'_>,
    ) -> Option<Node> {
        self.path.push(key.to_owned());
        let merged = self.value(base, mine, theirs);
        self.path.pop();
        merged
    }

    fn map(&mut self, base: &Node, mine: &Node, theirs: &Node) -> Node {
        let mut entries = Vec::new();
        for (key, value) in theirs.entries() {
            let (base, mine) = (base.get(&key.text), mine.get(&key.text));
            if let Some(merged) = self.under(&key.text, base, mine, Some(value)) {
                entries.push((key.clone(), merged));
            }
        }
        for (key, value) in mine.entries().iter().filter(|(key, _)| theirs.get(&key.text).is_none()) {
            if let Some(merged) = self.under(&key.text, base.get(&key.text), Some(value), None) {
                entries.push((Key { text: key.text.clone(), span: Span::nowhere() }, merged));
            }
        }
        Node { value: Value::Map(entries), span: theirs.span }
    }

    /// A list by its items; nothing if its items have no names, or if both changed their order.
    fn list(&mut self, base: &Node, mine: &Node, theirs: &Node) -> Option<Node> {
        let (base, mine, theirs_items) = (named(base)?, named(mine)?, named(theirs)?);
        let moved_mine = order_changed(&base, &mine);
        let moved_theirs = order_changed(&base, &theirs_items);
        if moved_mine && moved_theirs {
            return None;
        }
        // One side leads; what only the other has comes after what stands before it there.
        let (lead, other) = if moved_mine { (&mine, &theirs_items) } else { (&theirs_items, &mine) };
        let mut names: Vec<&str> = lead.iter().map(|(name, _)| name.as_str()).collect();
        let mut before: Option<&str> = None;
        for (name, _) in other {
            if !names.contains(&name.as_str()) {
                let at = before.and_then(|before| names.iter().position(|n| *n == before));
                names.insert(at.map_or(0, |at| at + 1), name);
            }
            before = Some(name);
        }
        let find = |items: &[(String, &Node)], name: &str| {
            items.iter().find(|(n, _)| n == name).map(|(_, node)| (*node).clone())
        };
        let mut items = Vec::new();
        for name in names {
            let sides = (find(&base, name), find(&mine, name), find(&theirs_items, name));
            items.extend(self.under(name, sides.0.as_ref(), sides.1.as_ref(), sides.2.as_ref()));
        }
        Some(Node { value: Value::List(items), span: theirs.span })
    }
}

/// The items of a list with their names; nothing if an item has none or two have the same.
fn named(list: &Node) -> Option<Vec<(String, &Node)>> {
    let items: Vec<_> = list.items().iter().map(|item| Some((name(item)?, item))).collect::<Option<_>>()?;
    let distinct: BTreeSet<&str> = items.iter().map(|(name, _)| name.as_str()).collect();
    (distinct.len() == items.len()).then_some(items)
}

/// The name of an item: its own, that of a connection by its ends, or what it is a statement about.
fn name(item: &Node) -> Option<String> {
    let own = || Some(shape::item_id(item)?.0);
    let word = || item.scalar().or_else(|| statement(item)).map(str::to_owned);
    own().or_else(word)
}

/// What an item is a statement about.
fn statement(item: &Node) -> Option<&str> {
    ["subject", "scenario"].into_iter().find_map(|key| item.get(key)?.scalar())
}

/// Whether an item is a statement of one person, such as a decision with who took it and when: parts of
/// two of them say what nobody has said.
fn is_statement(item: &Node) -> bool {
    item.get("id").is_none() && statement(item).is_some()
}

/// Whether the items that both have stand in another order.
fn order_changed(base: &[(String, &Node)], side: &[(String, &Node)]) -> bool {
    let place = |name: &str| base.iter().position(|(n, _)| n == name);
    !side.iter().filter_map(|(name, _)| place(name)).is_sorted()
}

/// A value that is new where it comes to stand.
fn fresh(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(fresh).collect()),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (Key { text: key.text.clone(), span: Span::nowhere() }, fresh(value)))
                .collect(),
        ),
        other => other.clone(),
    };
    Node { value, span: Span::nowhere() }
}
