//! Two changes of one document, brought together by meaning.
//!
//! Items of a list are the same item if they have the same `id` or `subject`, or are the same word.
//! What only one side changed is taken; what both changed differently is a [`Clash`]. The result is
//! the text of the other side with one's own changes cut in, so comments and notation stay, and it
//! is read again to see that it says what was meant.

use std::collections::BTreeSet;

use anshin_model::edit::{rewrite, same};
use anshin_model::tree::{self, FileId, Key, Limits, Node, Sources, Span, Value};

/// What became of two changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// A text with both.
    Text(String),
    /// The places where both changed the same; never empty.
    Clashes(Vec<Clash>),
}

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
    if mine == theirs || base == mine {
        return Merged::Text(theirs.to_owned());
    }
    if base == theirs {
        return Merged::Text(mine.to_owned());
    }
    let whole = || {
        let clash = Clash {
            path: String::new(),
            base: Some(base.to_owned()),
            mine: Some(mine.to_owned()),
            theirs: Some(theirs.to_owned()),
        };
        Merged::Clashes(vec![clash])
    };
    let mut sources = Sources::default();
    let read = |sources: &mut Sources, name: &str, text: &str| -> Option<(FileId, Node)> {
        let file = sources.add(name, text);
        let (tree, found) = tree::parse(sources, file, Limits::DEFAULT).ok()?;
        found.is_empty().then_some((file, tree))
    };
    let trees = (
        read(&mut sources, "base", base),
        read(&mut sources, "mine", mine),
        read(&mut sources, "theirs", theirs),
    );
    let (Some((_, base)), Some((_, mine)), Some((file, theirs))) = trees else { return whole() };
    let mut merger = Merger { sources: &sources, path: Vec::new(), clashes: Vec::new() };
    let Some(merged) = merger.value(Some(&base), Some(&mine), Some(&theirs)) else { return whole() };
    if !merger.clashes.is_empty() {
        return Merged::Clashes(merger.clashes);
    }
    let Ok(mut texts) = rewrite(&sources, &theirs, &merged) else { return whole() };
    let text = texts.remove(&file).unwrap_or_else(|| sources.text(file).to_owned());
    match read(&mut sources, "merged", &text) {
        Some((_, again)) if same(&again, &merged) => Merged::Text(text),
        _ => whole(),
    }
}

struct Merger<'a> {
    sources: &'a Sources,
    path: Vec<String>,
    clashes: Vec<Clash>,
}

type Side<'a> = Option<&'a Node>;

impl Merger<'_> {
    /// One value of all three sides; nothing if it is to be gone.
    fn value(&mut self, base: Side<'_>, mine: Side<'_>, theirs: Side<'_>) -> Option<Node> {
        let full = |side: Option<&'_ Node>| side.is_some_and(|node| !matches!(node.value, Value::Null));
        let (base, mine, theirs) = (
            base.filter(|n| full(Some(n))),
            mine.filter(|n| full(Some(n))),
            theirs.filter(|n| full(Some(n))),
        );
        let equal = |a: Side<'_>, b: Side<'_>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => same(a, b),
            _ => false,
        };
        if equal(mine, theirs) || equal(base, mine) {
            return theirs.cloned();
        }
        if let (Some(base), Some(mine), Some(theirs)) = (base, mine, theirs) {
            match (&base.value, &mine.value, &theirs.value) {
                (Value::Map(_), Value::Map(_), Value::Map(_)) => return Some(self.map(base, mine, theirs)),
                (Value::List(_), Value::List(_), Value::List(_)) => {
                    if let Some(list) = self.list(base, mine, theirs) {
                        return Some(list);
                    }
                }
                _ => {}
            }
        }
        if equal(base, theirs) {
            return mine.map(fresh);
        }
        let words = |side: Side<'_>| side.map(|node| self.words(node));
        let clash =
            Clash { path: self.path.join("/"), base: words(base), mine: words(mine), theirs: words(theirs) };
        self.clashes.push(clash);
        theirs.cloned()
    }

    fn words(&self, node: &Node) -> String {
        let text = self.sources.text(node.span.file);
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        text.get(start..end).unwrap_or_default().trim_end().to_owned()
    }

    fn under(&mut self, key: &str, base: Side<'_>, mine: Side<'_>, theirs: Side<'_>) -> Option<Node> {
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
    let name = |node: &Node| {
        let word =
            node.scalar().or_else(|| node.get("id")?.scalar()).or_else(|| node.get("subject")?.scalar());
        word.map(str::to_owned)
    };
    let items: Vec<_> = list.items().iter().map(|item| Some((name(item)?, item))).collect::<Option<_>>()?;
    let distinct: BTreeSet<&str> = items.iter().map(|(name, _)| name.as_str()).collect();
    (distinct.len() == items.len()).then_some(items)
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
