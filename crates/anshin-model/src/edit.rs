//! Files changed by meaning: what is not changed keeps its words, its notation, its order and its
//! comments.
//!
//! [`rewrite`] takes a document as it was read and as it is meant to be, and cuts the difference
//! into the texts at the places that the tree knows. A node of the new tree that has the place of a
//! node of the old one is that node; a node without a place is new. YAML has notations that cannot
//! be changed at one place only (aliases, tags): these are refused, and [`change`] reads the
//! result again and compares it with [`same`], so that nothing is written that says something else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use crate::diagnostic::{Code, Diagnostic};
use crate::load::{Loaded, ReadFile, load};
use crate::shape::Vocabulary;
use crate::text::Text;
use crate::tree::{FileId, Key, Limits, Node, Sources, Span, Value};

/// Whether two trees say the same: places, quotes and the order of keys do not count, and a key
/// without a value is as good as no key.
pub fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar { text: a, .. }, Value::Scalar { text: b, .. }) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(_), Value::Map(_)) => {
            let full = |node: &Node| node.entries().iter().filter(|(_, v)| !is_null(v)).count();
            full(a) == full(b)
                && a.entries()
                    .iter()
                    .filter(|(_, value)| !is_null(value))
                    .all(|(key, value)| b.get(&key.text).is_some_and(|other| same(value, other)))
        }
        _ => false,
    }
}

/// The texts of the files that change so that `old` becomes `new`.
///
/// # Errors
/// If a place is written in a way that cannot be changed there alone, such as an alias.
pub fn rewrite(
    sources: &Sources,
    old: &Node,
    new: &Node,
) -> Result<BTreeMap<FileId, String>, Box<Diagnostic>> {
    let mut editor = Editor { sources, cuts: BTreeMap::new(), json: BTreeMap::new() };
    editor.node(old, new, false)?;
    editor.cuts.into_iter().map(|(file, cuts)| Ok((file, apply(sources.text(file), cuts)))).collect()
}

/// A range of a text and what takes its place.
struct Cut {
    range: Range<usize>,
    text: String,
}

fn apply(text: &str, mut cuts: Vec<Cut>) -> String {
    // Of two cuts at one place, that which takes something away comes first.
    cuts.sort_by_key(|cut| (cut.range.start, cut.range.start == cut.range.end && !cut.text.is_empty()));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for cut in cuts {
        // Ranges never overlap by more than a line break; what is gone is not taken away twice.
        let (start, end) = (cut.range.start.max(at), cut.range.end.max(at));
        out.push_str(&text[at..start]);
        out.push_str(&cut.text);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

/// The problem that a place cannot be changed.
#[expect(clippy::unnecessary_box_returns, reason = "an error that is passed on boxed")]
fn refuse(span: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            Code::Unwritable,
            Text::new(
                "ここはプログラムからは書き換えられない書き方です",
                "this place is written in a way that the program cannot change",
            ),
        )
        .at(span)
        .hint(Text::new(
            "別名（`*名前`、`&名前`）や型の印（`!`）を普通の値に書き直すか、この変更を文書に直接書いてください",
            "write aliases (`*name`, `&name`) and tags (`!`) out as plain values, or make this change in the document yourself",
        )),
    )
}

struct Editor<'a> {
    sources: &'a Sources,
    cuts: BTreeMap<FileId, Vec<Cut>>,
    json: BTreeMap<FileId, bool>,
}

type Done = Result<(), Box<Diagnostic>>;

/// An entry of a map or an item of a list in its file.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    stays: bool,
}

impl<'a> Editor<'a> {
    fn text(&self, file: FileId) -> &'a str {
        self.sources.text(file)
    }

    fn cut(&mut self, file: FileId, range: Range<usize>, text: impl Into<String>) {
        self.cuts.entry(file).or_default().push(Cut { range, text: text.into() });
    }

    fn notation(&mut self, file: FileId) -> Notation {
        let text = self.text(file);
        let json = *self
            .json
            .entry(file)
            .or_insert_with(|| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        Notation { json, line_break: if text.contains("\r\n") { "\r\n" } else { "\n" } }
    }

    /// Changes one node; `flow` when it stands in brackets or braces.
    fn node(&mut self, old: &Node, new: &Node, flow: bool) -> Done {
        if same(old, new) {
            return Ok(());
        }
        match (&old.value, &new.value) {
            (Value::Map(_), Value::Map(_)) => self.map(old, new, flow),
            (Value::List(_), Value::List(_)) => self.list(old, new, flow),
            _ => self.replace(old, new, flow),
        }
    }

    fn map(&mut self, old: &Node, new: &Node, flow: bool) -> Done {
        let file = old.span.file;
        let flow = flow || self.is_flow(old);
        for (key, value) in old.entries() {
            match new.get(&key.text).filter(|node| !is_null(node)) {
                Some(changed) if is_null(value) => self.fill(key, value, changed, flow)?,
                Some(changed) => self.node(value, changed, flow)?,
                None => {}
            }
        }
        let gone = |key: &Key, value: &Node| !is_null(value) && new.get(&key.text).is_none_or(is_null);
        // A map may hold entries of a file that it starts from: each file for itself.
        let mut files: Vec<FileId> = old.entries().iter().map(|(key, _)| key.span.file).collect();
        files.push(file);
        files.sort_unstable();
        files.dedup();
        for here in files {
            let entries: Vec<_> = old.entries().iter().filter(|(key, _)| key.span.file == here).collect();
            let added: Vec<_> = new
                .entries()
                .iter()
                .filter(|(key, value)| here == file && !is_null(value) && old.get(&key.text).is_none())
                .collect();
            if added.is_empty() && !entries.iter().any(|(key, value)| gone(key, value)) {
                continue;
            }
            let mut parts = Vec::with_capacity(entries.len());
            for (key, value) in &entries {
                let end = self.end_of_entry(key, value)?;
                parts.push(Part { start: key.span.start as usize, end, stays: !gone(key, value) });
            }
            let notation = self.notation(here);
            if flow {
                let added: Vec<String> =
                    added.iter().map(|(key, value)| notation.entry(key, value)).collect();
                self.change_flow(here, old.span, &parts, &added);
            } else {
                self.change_block_map(here, &parts, &added, notation)?;
            }
        }
        Ok(())
    }

    fn change_block_map(
        &mut self,
        file: FileId,
        parts: &[Part],
        added: &[&(Key, Node)],
        notation: Notation,
    ) -> Done {
        let text = self.text(file);
        let Some(first) = parts.first() else { return Err(refuse(Span { file, start: 0, end: 0 })) };
        let indent = column(text, first.start);
        let lead = &text[line_start(text, first.start)..first.start];
        let kept = parts.iter().position(|part| part.stays);
        if let (None, Some(last), [_, ..]) = (kept, parts.last(), added) {
            let lines = added.iter().map(|(key, value)| notation.block_entry(key, value, &indent));
            let lines = lines.collect::<Vec<_>>().join(notation.line_break);
            self.cut(file, first.start..last.end, lines.trim_start());
            return Ok(());
        }
        let mut from = 0;
        if let Some(kept) = kept.filter(|&kept| kept > 0 && !lead.trim().is_empty()) {
            // The first entry shares its line with a dash: the next one that stays moves up.
            let next = parts[kept].start;
            let between = &text[parts[kept - 1].end..next];
            let end = if between.contains('#') { parts[kept - 1].end } else { next };
            self.cut(file, first.start..end, "");
            from = kept;
        }
        for (n, part) in parts.iter().enumerate().skip(from).filter(|(_, part)| !part.stays) {
            let start = if n == 0 { line_start(text, part.start) } else { with_comment(text, part.start) };
            self.cut(file, start..next_line(text, part.end), "");
        }
        // What is added comes behind the last entry that stays, never into what goes.
        let end = parts.iter().rfind(|part| part.stays).map_or(first.end, |part| part.end);
        let end = line_end(text, end);
        for (key, value) in added {
            let lines = notation.block_entry(key, value, &indent);
            self.cut(file, end..end, format!("{}{lines}", notation.line_break));
        }
        Ok(())
    }

    fn list(&mut self, old: &Node, new: &Node, flow: bool) -> Done {
        let file = old.span.file;
        // Which old item each new one is, by its place.
        let find = |node: &Node| {
            let placed = node.span != Span::nowhere();
            old.items().iter().position(|own| placed && own.span == node.span)
        };
        let matched: Vec<Option<usize>> = new.items().iter().map(find).collect();
        let order: Vec<usize> = matched.iter().flatten().copied().collect();
        if !order.is_sorted_by(|a, b| a < b) {
            return self.replace(old, new, flow);
        }
        for (item, own) in new.items().iter().zip(&matched) {
            if let Some(own) = own {
                let own = &old.items()[*own];
                let flow = flow || self.item_is_flow(own);
                self.node(own, item, flow)?;
            }
        }
        let mut files: Vec<FileId> = old.items().iter().map(|item| item.span.file).collect();
        files.push(file);
        files.sort_unstable();
        files.dedup();
        for here in files {
            let places: Vec<usize> =
                (0..old.items().len()).filter(|&n| old.items()[n].span.file == here).collect();
            let mut parts = Vec::with_capacity(places.len());
            for &n in &places {
                let item = &old.items()[n];
                let (start, end) = (self.start_of(item)?, self.end_of(item)?);
                parts.push(Part { start, end, stays: order.contains(&n) });
            }
            let added: Vec<(usize, &Node)> = if here == file {
                // Before which of the parts each new item comes.
                let before = |n: usize| {
                    let next = matched[n..]
                        .iter()
                        .flatten()
                        .find_map(|own| places.iter().position(|place| place == own));
                    next.unwrap_or(parts.len())
                };
                (0..matched.len())
                    .filter(|&n| matched[n].is_none())
                    .map(|n| (before(n), &new.items()[n]))
                    .collect()
            } else {
                Vec::new()
            };
            if added.is_empty() && parts.iter().all(|part| part.stays) {
                continue;
            }
            let is_flow = match places.first() {
                Some(&n) => self.item_is_flow(&old.items()[n]),
                None => true,
            };
            let notation = self.notation(here);
            if is_flow {
                if added.iter().any(|(before, _)| *before < parts.len()) {
                    return self.replace(old, new, true);
                }
                let added: Vec<String> = added.iter().map(|(_, item)| notation.inline(item)).collect();
                self.change_flow(here, old.span, &parts, &added);
            } else {
                let model = places.last().map(|&n| &old.items()[n]);
                let inline = model.is_some_and(|item| self.is_flow(item));
                self.change_block_list(here, &parts, &added, inline, notation)?;
            }
        }
        Ok(())
    }

    fn change_block_list(
        &mut self,
        file: FileId,
        parts: &[Part],
        added: &[(usize, &Node)],
        inline: bool,
        notation: Notation,
    ) -> Done {
        let text = self.text(file);
        let mut dashes = Vec::with_capacity(parts.len());
        for part in parts {
            let dash = dash_before(text, part.start).ok_or_else(|| {
                let place = u32::try_from(part.start).unwrap_or_default();
                refuse(Span { file, start: place, end: place })
            })?;
            dashes.push(dash);
        }
        let indent = dashes.first().map_or_else(String::new, |&dash| column(text, dash));
        for (n, part) in parts.iter().enumerate().filter(|(_, part)| !part.stays) {
            let start = if n == 0 { line_start(text, dashes[n]) } else { with_comment(text, dashes[n]) };
            self.cut(file, start..next_line(text, part.end), "");
        }
        for (before, item) in added {
            let item = if inline || !matches!(item.value, Value::Map(_)) {
                format!("{indent}- {}", notation.inline(item))
            } else {
                let inner = format!("{indent}  ");
                format!("{indent}- {}", notation.block(item, &inner).trim_start())
            };
            let line_break = notation.line_break;
            if let Some(&dash) = dashes.get(*before) {
                let at = with_comment(text, dash);
                self.cut(file, at..at, format!("{item}{line_break}"));
            } else if let Some(last) = parts.iter().rfind(|part| part.stays) {
                let at = line_end(text, last.end);
                self.cut(file, at..at, format!("{line_break}{item}"));
            } else {
                let at = dashes.first().map_or(text.len(), |&dash| line_start(text, dash));
                self.cut(file, at..at, format!("{item}{line_break}"));
            }
        }
        Ok(())
    }

    /// Takes parts out of brackets or braces, and adds some at the end.
    fn change_flow(&mut self, file: FileId, whole: Span, parts: &[Part], added: &[String]) {
        let text = self.text(file);
        let kept = parts.iter().position(|part| part.stays);
        match (kept, parts.first(), parts.last()) {
            (Some(kept), Some(first), _) => {
                if kept > 0 {
                    self.cut(file, first.start..parts[kept].start, "");
                }
                for n in (kept + 1..parts.len()).filter(|&n| !parts[n].stays) {
                    self.cut(file, parts[n - 1].end..parts[n].end, "");
                }
            }
            (None, Some(first), Some(last)) => {
                let rest = &text[last.end..];
                let comma = rest.len() - rest.trim_start().len();
                let comma = if rest.trim_start().starts_with(',') { comma + 1 } else { 0 };
                self.cut(file, first.start..last.end + comma, "");
            }
            _ => {}
        }
        if added.is_empty() {
            return;
        }
        let Some(last) = parts.last() else {
            let inside = whole.start as usize + 1;
            let pad = if text[whole.start as usize..].starts_with('{') && !text[inside..].starts_with(' ') {
                " "
            } else {
                ""
            };
            self.cut(file, inside..inside, format!("{pad}{}{pad}", added.join(", ")));
            return;
        };
        let start = line_start(text, last.start);
        let own_line = text[start..last.start].trim().is_empty() && start > whole.start as usize;
        let separator = if own_line {
            let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
            format!(",{line_break}{}", &text[start..last.start])
        } else {
            ", ".to_owned()
        };
        let joined = added.join(&separator);
        let lead = if kept.is_some() { separator } else { String::new() };
        self.cut(file, last.end..last.end, format!("{lead}{joined}"));
    }

    /// Puts a value where a key has none.
    fn fill(&mut self, key: &Key, old: &Node, new: &Node, flow: bool) -> Done {
        if old.span.end > old.span.start {
            return self.replace(old, new, flow);
        }
        let file = key.span.file;
        let after = self.colon(key)? + 1;
        let value = self.notation(file).inline_in(new, flow);
        self.cut(file, after..after, format!(" {value}"));
        Ok(())
    }

    fn replace(&mut self, old: &Node, new: &Node, flow: bool) -> Done {
        let file = old.span.file;
        let text = self.text(file);
        let (start, end) = (self.start_of(old)?, self.end_of(old)?);
        let notation = self.notation(file);
        let written = match (&old.value, &new.value) {
            (Value::Scalar { plain, .. }, Value::Scalar { text: words, plain: as_word }) => {
                let own = old.span.start as usize;
                let header = (start < own).then(|| column(text, own));
                match (header, text[own..].chars().next()) {
                    (Some(indent), _) => notation.literal(words, &indent),
                    (None, Some('\'')) if !plain => notation.single_quoted(words),
                    (None, _) => notation.scalar(words, *plain || *as_word, flow),
                }
            }
            _ => notation.inline_in(new, flow),
        };
        // What has been changed within it already is written anew with the whole.
        if let Some(cuts) = self.cuts.get_mut(&file) {
            cuts.retain(|cut| cut.range.start < start || cut.range.end > end);
        }
        self.cut(file, start..end, written);
        Ok(())
    }

    /// Whether a list or map is written in brackets or braces.
    fn is_flow(&self, node: &Node) -> bool {
        let first = match &node.value {
            Value::List(items) => items.first().map(|item| item.span),
            Value::Map(entries) => entries.first().map(|(key, _)| key.span),
            _ => return false,
        };
        let opens = self.text(node.span.file)[node.span.start as usize..].starts_with(['[', '{']);
        opens && first.is_none_or(|first| first.file != node.span.file || first.start > node.span.start)
    }

    /// Whether an item stands in brackets rather than after a dash.
    fn item_is_flow(&self, item: &Node) -> bool {
        let text = self.text(item.span.file);
        dash_before(text, block_header(text, item).unwrap_or(item.span.start as usize)).is_none()
    }

    /// Where a value begins, the mark of a block scalar counted.
    fn start_of(&self, node: &Node) -> Result<usize, Box<Diagnostic>> {
        let text = self.text(node.span.file);
        let start = block_header(text, node).unwrap_or(node.span.start as usize);
        let before = text[..start].trim_end();
        let word = before.rsplit([' ', '\n', '\t', ',', '[', '{']).next().unwrap_or_default();
        if word.starts_with(['&', '!', '*']) && word.len() > 1 && !word.ends_with(':') {
            return Err(refuse(node.span));
        }
        Ok(start)
    }

    fn end_of(&self, node: &Node) -> Result<usize, Box<Diagnostic>> {
        if self.is_flow(node) {
            return Ok(node.span.end as usize);
        }
        let here = node.span.file;
        let mut end = node.span.start as usize;
        match &node.value {
            Value::Null | Value::Scalar { .. } => end = node.span.end as usize,
            Value::List(items) => {
                for item in items.iter().filter(|item| item.span.file == here) {
                    end = end.max(self.end_of(item)?);
                }
            }
            Value::Map(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| key.span.file == here) {
                    end = end.max(self.end_of_entry(key, value)?);
                }
            }
        }
        Ok(end)
    }

    fn end_of_entry(&self, key: &Key, value: &Node) -> Result<usize, Box<Diagnostic>> {
        // The place of an alias is that of what it stands for.
        if value.span.file != key.span.file || value.span.start < key.span.end {
            return Err(refuse(key.span));
        }
        Ok(self.end_of(value)?.max(self.colon(key)? + 1))
    }

    fn colon(&self, key: &Key) -> Result<usize, Box<Diagnostic>> {
        let after = key.span.end as usize;
        let rest = &self.text(key.span.file)[after..];
        match rest.find(|c: char| !c.is_whitespace()) {
            Some(n) if rest[n..].starts_with(':') => Ok(after + n),
            _ => Err(refuse(key.span)),
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// The end of a line, its line break not counted.
fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    if text[..end].ends_with('\r') && end > at { end - 1 } else { end }
}

fn next_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

/// Spaces up to the column of a place.
fn column(text: &str, at: usize) -> String {
    text[line_start(text, at)..at].chars().map(|c| if c == '\t' { c } else { ' ' }).collect()
}

/// The start of the line of a place, or of the comment lines right above it.
fn with_comment(text: &str, at: usize) -> usize {
    let mut start = line_start(text, at);
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}

/// The dash of a block list's item.
fn dash_before(text: &str, start: usize) -> Option<usize> {
    let mut before = &text[..start];
    loop {
        before = before.trim_end();
        // Comments may stand between a dash and its value.
        let line = line_start(before, before.len());
        if line == 0 || !before[line..].trim_start().starts_with('#') {
            break;
        }
        before = &before[..line];
    }
    let dash = before.len().checked_sub(1).filter(|_| before.ends_with('-'))?;
    let lead = &before[line_start(before, dash)..dash];
    (lead.trim().is_empty() && text[dash + 1..].starts_with([' ', '\n', '\r', '\t'])).then_some(dash)
}

/// Where the mark (`|` or `>`) of a block scalar stands, if a node is one.
fn block_header(text: &str, node: &Node) -> Option<usize> {
    if !matches!(node.value, Value::Scalar { plain: false, .. }) {
        return None;
    }
    let before = &text[..node.span.start as usize];
    let trimmed = before.trim_end();
    if !before[trimmed.len()..].contains('\n') {
        return None;
    }
    let mark = trimmed.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let at = mark.len().checked_sub(1).filter(|_| mark.ends_with(['|', '>']))?;
    mark[..at].ends_with([' ', '\t']).then_some(at)
}

/// How a file is written.
#[derive(Clone, Copy)]
struct Notation {
    json: bool,
    line_break: &'static str,
}

impl Notation {
    fn inline(self, node: &Node) -> String {
        self.inline_in(node, true)
    }

    fn inline_in(self, node: &Node, flow: bool) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Scalar { text, plain } => self.scalar(text, *plain, flow),
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| self.inline(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Map(entries) => {
                let full = entries.iter().filter(|(_, value)| !is_null(value));
                let all: Vec<_> = full.map(|(key, value)| self.entry(key, value)).collect();
                if all.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", all.join(", ")) }
            }
        }
    }

    fn entry(self, key: &Key, value: &Node) -> String {
        format!("{}: {}", self.scalar(&key.text, !self.json, true), self.inline(value))
    }

    fn block_entry(self, key: &Key, value: &Node, indent: &str) -> String {
        let key = self.scalar(&key.text, true, false);
        match &value.value {
            Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Map(_))) => {
                let inner = format!("{indent}    ");
                let items: Vec<_> = items
                    .iter()
                    .map(|item| match item.value {
                        Value::Map(_) => format!("{indent}  - {}", self.block(item, &inner).trim_start()),
                        _ => format!("{indent}  - {}", self.inline(item)),
                    })
                    .collect();
                format!("{indent}{key}:{}{}", self.line_break, items.join(self.line_break))
            }
            _ => format!("{indent}{key}: {}", self.inline_in(value, false)),
        }
    }

    /// A map with a line for each entry.
    fn block(self, node: &Node, indent: &str) -> String {
        let full = node.entries().iter().filter(|(_, value)| !is_null(value));
        let lines: Vec<_> = full.map(|(key, value)| self.block_entry(key, value, indent)).collect();
        lines.join(self.line_break)
    }

    /// A scalar; a word stands without quotes where it can.
    fn scalar(self, text: &str, word: bool, flow: bool) -> String {
        let plain = if self.json {
            word && (matches!(text, "true" | "false")
                || (text.parse::<f64>().is_ok() && serde_json::from_str::<f64>(text).is_ok()))
        } else {
            word && is_plain(text, flow)
        };
        if plain { text.to_owned() } else { double_quoted(text) }
    }

    fn single_quoted(self, text: &str) -> String {
        let fits = !self.json && text.chars().all(|c| !c.is_control() && !is_break(c));
        if fits { format!("'{}'", text.replace('\'', "''")) } else { double_quoted(text) }
    }

    /// A literal block, where the text can stand in one.
    fn literal(self, text: &str, indent: &str) -> String {
        let body = text.strip_suffix('\n').unwrap_or(text);
        let fits = !body.is_empty()
            && !body.starts_with([' ', '\n', '\t', '#'])
            && !body.ends_with('\n')
            && !indent.is_empty()
            && !indent.contains('\t')
            && body.lines().all(|line| !line.starts_with('\t') && line.trim_end() == line)
            && body.chars().all(|c| c == '\n' || !(c.is_control() || is_break(c)));
        if !fits {
            return double_quoted(text);
        }
        let mark = if body.len() < text.len() { "|" } else { "|-" };
        let lines = body.lines().map(|line| match line {
            "" => String::new(),
            line => format!("{indent}{line}"),
        });
        let lines: Vec<_> = std::iter::once(mark.to_owned()).chain(lines).collect();
        lines.join(self.line_break)
    }
}

/// Characters that some readers take for line breaks or drop.
fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// Whether a text can stand without quotes and is read as the same text.
fn is_plain(text: &str, flow: bool) -> bool {
    let starts = |c: char| "-?:,[]{}#&*!|>'\"%@`".contains(c);
    let breaks = |c: char| c.is_control() || is_break(c) || (flow && ",[]{}".contains(c));
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(starts)
        && !text.contains(breaks)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !(flow && text.contains(':'))
        && !matches!(text, "~" | "null" | "Null" | "NULL" | "---" | "...")
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_break(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A document with the texts of its files changed.
#[derive(Debug)]
pub struct Rewritten {
    /// The files that changed, by the name they were read under, with their new text.
    pub files: Vec<(String, String)>,
    /// The document that is read from the new texts.
    pub loaded: Loaded,
}

/// Changes a document's files so that they say what `new` says, and reads them again to make sure.
///
/// # Errors
/// If a place cannot be changed, lies in a template that other documents may start from, or if the
/// changed files would not say what was meant. The places are those of `loaded`.
pub fn change(
    path: &Path,
    read: &ReadFile<'_>,
    vocabulary: &Vocabulary,
    loaded: &Loaded,
    new: &Node,
) -> Result<Rewritten, Box<Diagnostic>> {
    let nowhere = Node { value: Value::Null, span: Span::nowhere() };
    let old = loaded.tree.as_ref().unwrap_or(&nowhere);
    let texts = rewrite(&loaded.sources, old, new)?;
    if let Some(template) = texts.keys().find(|file| loaded.templates.contains(file)) {
        let name = loaded.sources.name(*template);
        return Err(Box::new(
            Diagnostic::error(
                Code::Unwritable,
                Text::new(
                    format!("変更する値は雛形`{name}`に書かれています"),
                    format!("a value to change is written in the template `{name}`"),
                ),
            )
            .hint(Text::new(
                "雛形はほかの文書も使うので書き換えません。この値を自分の文書に書いてから、もう一度取り込んでください",
                "a template is not changed, because other documents may start from it; write the value in your own document first, then import again",
            )),
        ));
    }
    let files: Vec<(String, String)> =
        texts.into_iter().map(|(file, text)| (loaded.sources.name(file).to_owned(), text)).collect();
    let read_changed = |wanted: &Path, limit: usize| {
        let shown = wanted.display().to_string();
        match files.iter().find(|(name, _)| *name == shown) {
            Some((_, text)) => Ok(text.clone().into_bytes()),
            None => read(wanted, limit),
        }
    };
    let again = load(path, &read_changed, vocabulary, Limits::DEFAULT);
    match &again.tree {
        Some(tree) if !again.has_errors() && same(tree, new) => Ok(Rewritten { files, loaded: again }),
        _ => {
            let nowhere = again.diagnostics.first().map(|found| found.message.clone());
            let mut problem = *refuse(old.span);
            problem.span = None;
            problem.hints.extend(nowhere);
            Err(Box::new(problem))
        }
    }
}
