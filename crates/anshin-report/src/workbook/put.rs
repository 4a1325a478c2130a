//! Values of cells put into the tree of a document.

use anshin_model::Lang;
use anshin_model::tree::{Key, Node, Span, Value};

use super::tables::{Field, Kind};

/// A key that the workbook brings.
pub(super) fn key(text: &str) -> Key {
    Key { text: text.into(), span: Span::nowhere() }
}

/// What stands under a path.
pub(super) fn find<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// Sets or takes away what stands under a path; maps on the way come and go with their content.
pub(super) fn set(item: &mut Node, path: &[&'static str], new: Option<Node>) {
    let Some((first, rest)) = path.split_first() else { return };
    let Value::Map(entries) = &mut item.value else { return };
    let at = entries.iter().position(|(key, _)| &*key.text == *first);
    if rest.is_empty() {
        match (at, new) {
            (Some(n), Some(new)) => entries[n].1 = new,
            (Some(n), None) => drop(entries.remove(n)),
            (None, Some(new)) => entries.push((key(first), new)),
            (None, None) => {}
        }
        return;
    }
    let n = match at {
        Some(n) => n,
        None if new.is_none() => return,
        None => {
            entries.push((key(first), Node { value: Value::Null, span: Span::nowhere() }));
            entries.len() - 1
        }
    };
    let inner = &mut entries[n].1;
    if !matches!(inner.value, Value::Map(_)) {
        inner.value = Value::Map(Vec::new());
        inner.span = new.as_ref().map_or(Span::nowhere(), |new| new.span);
    }
    set(inner, rest, new);
    if entries[n].1.entries().is_empty() {
        entries.remove(n);
    }
}

/// Puts the value of a cell into an item.
pub(super) fn put(item: &mut Node, field: &Field, value: &str, span: Span, lang: Lang) {
    let scalar = |text: &str, plain: bool| Node { value: Value::Scalar { text: text.into(), plain }, span };
    if item.scalar().is_some() {
        // A step that is a link and nothing else.
        if field.path == ["link"] {
            item.value = scalar(value, true).value;
            return;
        }
        if value.is_empty() {
            return;
        }
        let link = Node { value: item.value.clone(), span: item.span };
        item.value = Value::Map(vec![(key("link"), link)]);
    }
    let old = find(item, &field.path).cloned();
    let empty = value.trim().is_empty();
    let new = match field.kind {
        Kind::None if empty => old.filter(|old| !old.items().is_empty()),
        Kind::None => Some(Node { value: Value::List(Vec::new()), span }),
        Kind::Text => text(old, value, span, lang),
        _ if empty => None,
        _ if field.many => Some(list(old.as_ref(), value, span)),
        _ => Some(scalar(value, true)),
    };
    set(item, &field.path, new);
}

/// A text with one language changed: the other stays.
fn text(old: Option<Node>, value: &str, span: Span, lang: Lang) -> Option<Node> {
    let new = Node { value: Value::Scalar { text: value.into(), plain: false }, span };
    let empty = value.trim().is_empty();
    let Some(Node { value: Value::Map(mut entries), span: whole }) = old else {
        return (!empty).then_some(new);
    };
    let at = entries.iter().position(|(key, _)| &*key.text == lang.code());
    match at {
        Some(n) if empty => drop(entries.remove(n)),
        Some(n) => entries[n].1 = new,
        // What was shown is the other language: emptied, it goes.
        None if empty => entries.clear(),
        None => entries.push((key(lang.code()), new)),
    }
    (!entries.is_empty()).then_some(Node { value: Value::Map(entries), span: whole })
}

/// A list of words; those that were there keep their place.
fn list(was: Option<&Node>, value: &str, span: Span) -> Node {
    let word = |text: &str| Node { value: Value::Scalar { text: text.into(), plain: true }, span };
    let lines: Vec<&str> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if let (Some(_), [one]) = (was.and_then(Node::scalar), lines.as_slice()) {
        return word(one);
    }
    let mut known: Vec<&Node> = was.map_or(&[][..], Node::items).iter().collect();
    let items = lines.iter().map(|line| match known.iter().position(|node| node.scalar() == Some(line)) {
        Some(n) => known.remove(n).clone(),
        None => word(line),
    });
    let items = items.collect();
    Node { value: Value::List(items), span: was.map_or(Span::nowhere(), |node| node.span) }
}
