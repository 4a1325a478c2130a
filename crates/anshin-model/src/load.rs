//! From files to a checked [`Document`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{self, Code, Diagnostic};
use crate::document::Document;
use crate::format;
use crate::shape::{self, Vocabulary};
use crate::text::Text;
use crate::tree::{self, FileId, Key, Limits, Node, Sources, Span, Value};
use crate::wrong::Wrong;

/// Reads the bytes of a file. At most one byte more than the limit need be read.
pub type ReadFile<'a> = dyn Fn(&Path, usize) -> io::Result<Vec<u8>> + 'a;

/// A document, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The document; `None` if there are errors.
    pub document: Option<Document>,
    /// The document as a tree, if it could be read at all.
    pub tree: Option<Node>,
    /// The files that were read.
    pub sources: Sources,
    /// Errors and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that the document starts from: others may start from them too.
    pub templates: Vec<FileId>,
}

impl Loaded {
    /// Whether the document cannot be used.
    pub fn has_errors(&self) -> bool {
        diagnostic::has_errors(&self.diagnostics)
    }
}

/// Most files that one document is made of.
const MAX_FILES: usize = 200;

/// Reads a document and all files that it includes or starts from.
///
/// `vocabulary` holds the words of the catalog that the document may use.
pub fn load(path: &Path, read: &ReadFile<'_>, vocabulary: &Vocabulary, limits: Limits) -> Loaded {
    let mut loader = Loader {
        read,
        limits,
        sources: Sources::default(),
        found: Vec::new(),
        incomplete: false,
        bytes: 0,
        templates: Vec::new(),
    };
    let tree = loader.file(&join(Path::new(""), &path.to_string_lossy()), None, &mut Vec::new());
    let incomplete = loader.incomplete;
    let mut diagnostics = loader.found;
    let mut document = None;
    if let Some(tree) = &tree {
        let mut found = Vec::new();
        let known = check_version(tree, &mut found);
        if known != Known::Newer {
            let mut deviations = shape::check(tree, &format::DOCUMENT, vocabulary, "anshin schema");
            if known == Known::Unclear {
                // The version has been spoken about already.
                let version = tree.get("anshin").map(|node| node.span);
                deviations.retain(|d| d.span != version && !is_about_version(d, tree));
            }
            found.extend(deviations);
            check_whole(tree, &mut found);
        }
        if incomplete {
            // What seems to be missing may stand in the file that could not be read.
            found.retain(|d| {
                !matches!(d.code, Code::MissingKey | Code::UnknownReference | Code::Unused | Code::Lead)
            });
        }
        diagnostics.extend(found);
        if !diagnostic::has_errors(&diagnostics) {
            match serde::Deserialize::deserialize(tree) {
                Ok(read) => document = Some(read),
                Err(error) => {
                    diagnostics.push(Diagnostic::error(Code::Internal, Text::same(format!("{error}"))));
                }
            }
        }
    }
    diagnostic::sort(&mut diagnostics);
    Loaded { document, tree, sources: loader.sources, diagnostics, templates: loader.templates }
}

/// Everything that is wrong with a document's tree: what [`load`] finds once the files are read.
pub fn check(tree: &Node, vocabulary: &Vocabulary) -> Vec<Diagnostic> {
    let mut found = shape::check(tree, &format::DOCUMENT, vocabulary, "anshin schema");
    check_whole(tree, &mut found);
    diagnostic::sort(&mut found);
    found
}

/// Reads a document from a text that stands alone.
pub fn load_text(name: &str, text: &str, vocabulary: &Vocabulary) -> Loaded {
    let read = |path: &Path, _: usize| {
        if path == Path::new(name) {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    };
    load(Path::new(name), &read, vocabulary, Limits::DEFAULT)
}

/// Whether a deviation is that the version is missing.
fn is_about_version(diagnostic: &Diagnostic, tree: &Node) -> bool {
    let is_version = |wrong: &Wrong| matches!(wrong, Wrong::Missing { field, .. } if field.name == "anshin");
    diagnostic.span == Some(tree.span) && diagnostic.wrong.as_deref().is_some_and(is_version)
}

struct Loader<'a> {
    read: &'a ReadFile<'a>,
    limits: Limits,
    sources: Sources,
    found: Vec<Diagnostic>,
    /// Whether a file that belongs to the document could not be read.
    incomplete: bool,
    /// Bytes of all files so far; together they keep the limit of one.
    bytes: usize,
    /// Files that a document starts from.
    templates: Vec<FileId>,
}

impl Loader<'_> {
    /// Reads one file, then merges what it starts from and what it includes.
    fn file(&mut self, path: &Path, named_at: Option<Span>, open: &mut Vec<PathBuf>) -> Option<Node> {
        let report = |code, message, hint: Option<Text>| Diagnostic {
            span: named_at,
            ..Diagnostic::error(code, message).hint_if(hint)
        };
        let shown = path.display();
        if open.iter().any(|file| file == path) {
            self.found.push(report(
                Code::IncludeCycle,
                Text::new(
                    format!("`{shown}`は自分自身を取り込んでいます"),
                    format!("`{shown}` includes itself"),
                ),
                Some(Text::new(
                    "どれか1つの`include`を取り除いてください",
                    "remove one of the `include` entries",
                )),
            ));
            return None;
        }
        if self.sources.len() >= MAX_FILES {
            self.found.push(report(
                Code::Limit,
                Text::new(
                    format!("ファイルの数が上限（{MAX_FILES}）を超えました"),
                    format!("the document is made of more than {MAX_FILES} files"),
                ),
                None,
            ));
            return None;
        }
        let text = match (self.read)(path, self.limits.bytes) {
            Ok(bytes) => tree::decode(bytes, self.limits),
            Err(error) => Err((
                Code::Unreadable,
                Text::new(
                    format!("`{shown}`を読めません（{error}）"),
                    format!("cannot read `{shown}` ({error})"),
                ),
                Some(Text::new(
                    "ファイルの名前と場所、読み取りの権限を確かめてください",
                    "check the name and place of the file and the right to read it",
                )),
            )),
        };
        let text = match text {
            Ok(text) => text,
            Err((code, message, hint)) => {
                let message = match code {
                    Code::Unreadable => message,
                    _ => Text::new(
                        format!("`{shown}`: {}", message.get(crate::Lang::Ja)),
                        format!("`{shown}`: {}", message.get(crate::Lang::En)),
                    ),
                };
                self.found.push(report(code, message, hint));
                return None;
            }
        };
        self.bytes += text.len();
        if self.bytes > self.limits.bytes {
            let (code, message, hint) = tree::too_large(self.limits);
            self.found.push(report(code, message, hint));
            return None;
        }
        let file = self.sources.add(shown.to_string(), text);
        let mut tree = match tree::parse(&self.sources, file, self.limits) {
            Ok((tree, found)) => {
                self.found.extend(found);
                tree
            }
            Err(error) => {
                self.found.push(*error);
                return None;
            }
        };
        if named_at.is_some()
            && tree.get("anshin").is_some()
            && check_version(&tree, &mut self.found) != Known::Yes
        {
            return None;
        }
        open.push(path.to_owned());
        let folder = path.parent().unwrap_or(Path::new(""));
        for included in names(tree.get("include")) {
            match self.file(&join(folder, &included.0), Some(included.1), open) {
                Some(part) => self.include(&mut tree, part),
                None => self.incomplete = true,
            }
        }
        if let Some((name, span)) = names(tree.get("from")).into_iter().next() {
            let own = self.sources.len();
            let base = self.file(&join(folder, &name), Some(span), open);
            self.templates.extend(self.sources.ids().skip(own));
            match base {
                Some(mut base) => {
                    override_with(&mut base, tree, &mut self.found);
                    tree = base;
                }
                None => self.incomplete = true,
            }
        }
        open.pop();
        Some(tree)
    }

    /// Adds the lists of an included file; what both files say of a single thing is a conflict.
    fn include(&mut self, tree: &mut Node, part: Node) {
        let Value::Map(entries) = part.value else {
            self.found.push(
                Diagnostic::error(
                    Code::WrongType,
                    Text::new(
                        "取り込むファイルはマップでなければなりません",
                        "an included file must be a map",
                    ),
                )
                .at(part.span),
            );
            return;
        };
        let Value::Map(own) = &mut tree.value else { return };
        for (key, node) in entries {
            if matches!(&*key.text, "anshin" | "include" | "from") {
                continue;
            }
            match own.iter_mut().find(|(k, _)| k.text == key.text) {
                None => own.push((key, node)),
                Some((own_key, own_node)) => match (&mut own_node.value, node.value) {
                    (Value::List(items), Value::List(more)) => items.extend(more),
                    (own_value @ Value::Null, value) => {
                        *own_value = value;
                        own_node.span = node.span;
                    }
                    _ => self.found.push(
                        Diagnostic::error(
                            Code::Conflict,
                            Text::new(
                                format!(
                                    "`{}`が取り込むファイルと取り込まれるファイルの両方にあります",
                                    key.text
                                ),
                                format!("both the including and the included file have `{}`", key.text),
                            ),
                        )
                        .at(key.span)
                        .also(own_key.span, Text::new("こちらにもある", "also here"))
                        .hint(Text::new("どちらか一方に書いてください", "keep it in one of the two")),
                    ),
                },
            }
        }
    }
}

fn names(node: Option<&Node>) -> Vec<(String, Span)> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::List(items) => items.iter().filter_map(|i| Some((i.scalar()?.to_owned(), i.span))).collect(),
        Value::Scalar { text, .. } => vec![(text.to_string(), node.span)],
        _ => Vec::new(),
    }
}

/// A file named in another, relative to it, `..` resolved so that a circle is seen.
fn join(folder: &Path, name: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for part in folder.join(name).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Lays a document over the template it starts from.
///
/// Maps are merged key by key; lists whose items have ids are merged item by item, and an item
/// with `remove: true` takes the template's item away; everything else replaces, an empty list too.
/// An id that stands twice in one list, or that is removed and was never there, is reported.
pub fn override_with(base: &mut Node, over: Node, found: &mut Vec<Diagnostic>) {
    match (&mut base.value, over.value) {
        (Value::Map(entries), Value::Map(changes)) => {
            base.span = over.span;
            for (key, node) in changes {
                match entries.iter_mut().find(|(k, _)| k.text == key.text) {
                    Some((own, value)) => {
                        own.span = key.span;
                        override_with(value, node, found);
                    }
                    None => entries.push((key, node)),
                }
            }
        }
        (Value::List(items), Value::List(changes))
            if !changes.is_empty()
                && items.iter().chain(&changes).all(|item| shape::item_id(item).is_some()) =>
        {
            base.span = over.span;
            override_items(items, changes, found);
        }
        (_, value) => {
            base.value = value;
            base.span = over.span;
        }
    }
}

/// Merges two lists of items with ids.
fn override_items(items: &mut Vec<Node>, changes: Vec<Node>, found: &mut Vec<Diagnostic>) {
    let mut at: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for (n, item) in items.iter().enumerate() {
        at.extend(shape::item_id(item).map(|(id, _)| (id, Some(n))));
    }
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for node in changes {
        let Some((id, span)) = shape::item_id(&node) else { continue };
        if let Some(first) = seen.insert(id.clone(), span) {
            found.push(Wrong::Twice { id, first }.at(span));
            continue;
        }
        let removes = node.get("remove").and_then(Node::scalar) == Some("true");
        match at.get(&id).copied() {
            Some(Some(n)) if removes => {
                at.insert(id, None);
                items[n].value = Value::Null;
            }
            Some(Some(n)) => override_with(&mut items[n], node, found),
            _ if removes => {
                let near = shape::nearest(&id, at.keys().map(String::as_str));
                found.push(
                    Diagnostic::error(
                        Code::UnknownReference,
                        Text::new(
                            format!("取り除こうとしている`{id}`が雛形にありません"),
                            format!("there is no `{id}` to remove in the template"),
                        ),
                    )
                    .at(span)
                    .hint_if(near.map(shape::did_you_mean)),
                );
            }
            _ => items.push(node),
        }
    }
    items.retain(|item| !matches!(item.value, Value::Null));
}

/// What is known of a file's format version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It is the version of this program.
    Yes,
    /// It is newer, so the rest cannot be judged.
    Newer,
    /// It is missing or no version at all; the rest can be checked all the same.
    Unclear,
}

fn check_version(tree: &Node, found: &mut Vec<Diagnostic>) -> Known {
    if !matches!(tree.value, Value::Map(_)) {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                Text::new("システム文書ではありません", "this is not a system document"),
            )
            .at(tree.span)
            .hint(Text::new(
                "1行目に`anshin: 1`、続けて`system:`、`stakeholders:`、`assets:`を書きます",
                "write `anshin: 1` in the first line, then `system:`, `stakeholders:` and `assets:`",
            )),
        );
        return Known::Newer;
    }
    let version = tree.get("anshin");
    match version.and_then(Node::scalar) {
        Some(format::VERSION) => Known::Yes,
        Some(other) if is_newer(other) => {
            found.push(
                Diagnostic::error(
                    Code::Version,
                    Text::new(
                        format!("形式の版{other}は、このプログラムより新しいものです"),
                        format!("format version {other} is newer than this program"),
                    ),
                )
                .at(version.map_or(tree.span, |node| node.span))
                .hint(Text::new("新しいAnshinを使ってください", "use a newer Anshin")),
            );
            Known::Newer
        }
        _ => {
            found.push(
                Diagnostic::error(
                    Code::Version,
                    Text::new("形式の版`anshin: 1`がありません", "the format version `anshin: 1` is missing"),
                )
                .at(version.map_or(Span { end: tree.span.start, ..tree.span }, |node| node.span))
                .hint(Text::new("1行目に`anshin: 1`と書いてください", "write `anshin: 1` in the first line")),
            );
            Known::Unclear
        }
    }
}

/// Whether a version is a whole number above ours, however long.
fn is_newer(version: &str) -> bool {
    let digits = version.trim_start_matches('0');
    !digits.is_empty() && digits != "1" && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What no single place shows: that there is one lead, that links join two things, that nothing
/// is left unused.
fn check_whole(tree: &Node, found: &mut Vec<Diagnostic>) {
    let list = |name| tree.get(name).map_or(&[][..], Node::items);
    check_lead(tree, found);
    if tree.get("assets").is_some_and(|node| matches!(&node.value, Value::List(items) if items.is_empty())) {
        found.push(
            Diagnostic::error(Code::NoAsset, Text::new("機器が1つもありません", "there is no asset"))
                .at(tree.get("assets").map_or(tree.span, |node| node.span))
                .hint(Text::new("`assets`に機器を書いてください", "list the devices under `assets`")),
        );
    }
    for link in list("links") {
        let (Some(from), Some(to)) = (link.get("from"), link.get("to")) else { continue };
        if from.scalar().is_some() && from.scalar() == to.scalar() {
            let id = from.scalar().unwrap_or_default();
            found.push(
                Diagnostic::error(
                    Code::SelfLink,
                    Text::new(
                        format!("接続の両端がどちらも`{id}`です"),
                        format!("both ends of the link are `{id}`"),
                    ),
                )
                .at(to.span)
                .hint(Text::new("相手の機器を書いてください", "name the asset at the other end")),
            );
        }
    }
    for decision in list("decisions") {
        check_subject(decision, found);
        let is_override = decision.get("decide").and_then(Node::scalar) == Some("override");
        if is_override && decision.get("value").is_none() {
            let place = decision.get("decide").map_or(decision.span, |node| node.span);
            found.push(Wrong::NoValue.at(place));
        }
    }
    check_zones(list("zones"), found);
    check_repeats(tree, found);
    check_flows(tree, found);
    check_unused(tree, found);
}

/// Zones that are parts of themselves.
fn check_zones(zones: &[Node], found: &mut Vec<Diagnostic>) {
    let within: BTreeMap<String, (&str, Span)> = zones
        .iter()
        .filter_map(|zone| {
            let outer = zone.get("within")?;
            Some((shape::item_id(zone)?.0, (outer.scalar()?, outer.span)))
        })
        .collect();
    // A zone that is known to end outside, or to lie in a circle that has been told.
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for id in within.keys() {
        let mut way: Vec<&str> = Vec::new();
        let mut at = id.as_str();
        while let Some(&(outer, span)) = within.get(at).filter(|_| !settled.contains(at)) {
            if way.contains(&at) {
                found.push(Wrong::ZoneCycle { zone: at.to_owned() }.at(span));
                break;
            }
            way.push(at);
            at = outer;
        }
        settled.extend(way);
    }
}

/// Things that are named twice where they can stand once: an end of a link among those in between,
/// a trait that an asset is said to have and not to have.
fn check_repeats(tree: &Node, found: &mut Vec<Diagnostic>) {
    let list = |name| tree.get(name).map_or(&[][..], Node::items);
    let words = |item: &Node, key: &str| -> Vec<(String, Span)> {
        let node = item.get(key);
        let one = node.filter(|node| node.scalar().is_some()).into_iter();
        let all = one.chain(node.map_or(&[][..], Node::items));
        all.filter_map(|node| Some((node.scalar()?.to_owned(), node.span))).collect()
    };
    for link in list("links") {
        let ends = [words(link, "from"), words(link, "to")].concat();
        for (id, span) in words(link, "through") {
            if ends.iter().any(|(end, _)| *end == id) {
                found.push(Wrong::EndBetween { asset: id }.at(span));
            }
        }
    }
    for asset in list("assets") {
        let has = words(asset, "traits");
        for (id, span) in words(asset, "without") {
            if let Some((_, first)) = has.iter().find(|(own, _)| *own == id) {
                found.push(Wrong::HasAndHasNot { word: id, first: *first }.at(span));
            }
        }
    }
}

fn check_lead(tree: &Node, found: &mut Vec<Diagnostic>) {
    let Some(stakeholders) = tree.get("stakeholders") else { return };
    if !matches!(stakeholders.value, Value::List(_)) {
        return;
    }
    if stakeholders.items().is_empty() {
        found.push(
            Diagnostic::error(
                Code::NoStakeholder,
                Text::new("ステークホルダーが1つもありません", "there is no stakeholder"),
            )
            .at(stakeholders.span)
            .hint(Text::new(
                "少なくとも適用主体（`lead: true`）を書いてください",
                "list at least the one that carries out the assessment, with `lead: true`",
            )),
        );
        return;
    }
    let leads: Vec<&Node> = stakeholders
        .items()
        .iter()
        .filter_map(|s| s.get("lead"))
        .filter(|lead| lead.scalar() == Some("true"))
        .collect();
    match leads.as_slice() {
        [_] => {}
        [] => found.push(Wrong::NoLead.at(stakeholders.span)),
        [first, rest @ ..] => {
            for second in rest {
                found.push(Wrong::SecondLead { first: first.span }.at(second.span));
            }
        }
    }
}

/// Whether a decision's subject has one of the forms that proposals have.
fn check_subject(decision: &Node, found: &mut Vec<Diagnostic>) {
    let Some(subject) = decision.get("subject") else { return };
    let Some(text) = subject.scalar() else { return };
    let parts: Vec<&str> = text.split('/').collect();
    let fits = match parts.as_slice() {
        ["rating", _, axis] | ["rating", _, axis, _] => matches!(*axis, "recovery" | "economic"),
        ["threat", _, _] | ["requirement" | "implementer", _] => true,
        _ => false,
    };
    if !fits {
        found.push(
            Diagnostic::error(
                Code::UnknownWord,
                Text::new(
                    format!("`{text}`は提案の名前ではありません"),
                    format!("`{text}` is not the name of a proposal"),
                ),
            )
            .at(subject.span)
            .hint(Text::new(
                "threat/機器/脅威、rating/ステークホルダー/軸、requirement/対策要件、implementer/対策要件のいずれかを書いてください",
                "write threat/ASSET/THREAT, rating/STAKEHOLDER/AXIS, requirement/ID or implementer/REQUIREMENT",
            )),
        );
    }
}

fn check_flows(tree: &Node, found: &mut Vec<Diagnostic>) {
    let ends = |link: &Node| -> Vec<String> {
        let through = link.get("through").map_or(&[][..], Node::items);
        [link.get("from"), link.get("to")]
            .into_iter()
            .flatten()
            .chain(through)
            .filter_map(|node| node.scalar().map(str::to_owned))
            .collect()
    };
    let links: BTreeMap<String, Vec<String>> = tree
        .get("links")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|link| shape::item_id(link).map(|(id, _)| (id, ends(link))))
        .collect();
    for flow in tree.get("flows").map_or(&[][..], Node::items) {
        let steps = flow.get("steps").map_or(&[][..], Node::items);
        let names = steps.iter().map(|step| step.get("link").unwrap_or(step));
        let mut previous: Option<&Vec<String>> = None;
        for name in names {
            let Some(here) = name.scalar().and_then(|id| links.get(id)) else {
                previous = None;
                continue;
            };
            if previous.is_some_and(|before: &Vec<String>| !before.iter().any(|end| here.contains(end))) {
                found.push(
                    Diagnostic::warning(
                        Code::BrokenFlow,
                        Text::new(
                            "この手順は前の手順とつながっていません",
                            "this step does not follow on from the one before it",
                        ),
                    )
                    .at(name.span)
                    .hint(Text::new(
                        "間の手順を書き足すか、データフローを分けてください",
                        "add the step in between, or make it a flow of its own",
                    )),
                );
            }
            previous = Some(here);
        }
    }
}

fn check_unused(tree: &Node, found: &mut Vec<Diagnostic>) {
    for (list, ja) in [("zones", "区分"), ("data", "データ"), ("stakeholders", "ステークホルダー")]
    {
        let items = tree.get(list).map_or(&[][..], Node::items);
        if items.is_empty() {
            continue;
        }
        let mut used = BTreeSet::new();
        for (key, node) in tree.entries() {
            collect_words(node, &*key.text == list, &mut used);
        }
        for item in items {
            let Some((id, span)) = shape::item_id(item) else { continue };
            // A stakeholder with a fact of its own is a subject of the assessment even if no
            // asset names it.
            let tells_something = list == "stakeholders"
                && ["lead", "duties", "depends-on"].iter().any(|k| item.get(k).is_some());
            if !used.contains(id.as_str()) && !tells_something {
                found.push(
                    Diagnostic::warning(
                        Code::Unused,
                        Text::new(
                            format!("{ja}`{id}`はどこからも使われていません"),
                            format!("`{id}` in `{list}` is used nowhere"),
                        ),
                    )
                    .at(span)
                    .hint(Text::new(
                        "使う場所を書き足すか、取り除いてください",
                        "name it where it belongs, or remove it",
                    )),
                );
            }
        }
    }
}

/// Collects every word below a node; of a list's own items the ids are left out.
fn collect_words<'a>(node: &'a Node, own_list: bool, used: &mut BTreeSet<&'a str>) {
    match &node.value {
        Value::Null => {}
        Value::Scalar { text, .. } => {
            used.insert(text);
        }
        Value::List(items) => {
            for item in items {
                for (Key { text, .. }, value) in item.entries() {
                    if !(own_list && &**text == "id") {
                        collect_words(value, false, used);
                    }
                }
                if let Some(word) = item.scalar() {
                    used.insert(word);
                }
            }
        }
        Value::Map(entries) => entries.iter().for_each(|(_, value)| collect_words(value, false, used)),
    }
}
