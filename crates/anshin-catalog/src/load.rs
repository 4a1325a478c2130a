//! From catalog files to a checked [`Catalog`].

use std::collections::BTreeSet;

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{self, Vocabulary};
use anshin_model::tree::{self, Limits, Node, Sources, Span, Value};
use anshin_model::{Id, Text, load};
use include_dir::{Dir, include_dir};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use crate::catalog::Catalog;
use crate::check_matrix;
use crate::facts;
use crate::format;
use crate::loss;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../catalog");

/// A catalog file: the name that messages show, and its bytes.
#[derive(Debug)]
pub struct File {
    /// Path as shown in messages.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A catalog, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The catalog; `None` if there are errors.
    pub catalog: Option<Catalog>,
    /// The files that were read.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Folders of `catalog/` whose files have a format of their own.
const BESIDE: &[&str] = &["checklists", "guides", "ledgers", "policy-texts"];

/// The catalog files that are built into the program, by name.
pub fn built_in_files() -> Vec<File> {
    let mut files = files_of(&BUILT_IN);
    files.retain(|file| !BESIDE.iter().any(|folder| file.name.starts_with(&format!("catalog/{folder}/"))));
    files
}

/// The files of a folder of `catalog/` whose files have a format of their own, by name.
pub fn built_in_files_beside(folder: &str) -> Vec<File> {
    BUILT_IN.get_dir(folder).map(files_of).unwrap_or_default()
}

fn files_of(dir: &Dir<'_>) -> Vec<File> {
    fn collect(dir: &Dir<'_>, out: &mut Vec<File>) {
        for file in dir.files() {
            if file.path().extension().is_some_and(|extension| extension == "yaml") {
                let name = format!("catalog/{}", file.path().display());
                out.push(File { name, bytes: file.contents().to_vec() });
            }
        }
        dir.dirs().for_each(|dir| collect(dir, out));
    }
    let mut files = Vec::new();
    collect(dir, &mut files);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Loads the built-in catalog with a user's own files laid over it.
///
/// An entry with a new id is added. An entry with the id of another and `change: true` changes the
/// keys that it names; with `off: true` it switches the other off; with neither it is a conflict.
pub fn load(own: Vec<File>) -> Loaded {
    let mut merger = Merger { sources: Sources::default(), found: Vec::new(), sections: IndexMap::new() };
    for file in built_in_files().into_iter().chain(own) {
        merger.file(file);
    }
    let Merger { sources, mut found, sections } = merger;
    let root = whole(sections);
    if !diagnostic::has_errors(&found) {
        found.extend(shape::check(&root, &format::CATALOG, &Vocabulary::default(), "docs/catalog.md"));
    }
    let mut catalog = None;
    if !diagnostic::has_errors(&found) {
        match read(&root) {
            Ok(read) => {
                check_whole(&read, &root, &mut found);
                catalog = Some(read);
            }
            Err(error) => found.push(Diagnostic::error(Code::Internal, Text::same(error.to_string()))),
        }
    }
    diagnostic::sort(&mut found);
    if diagnostic::has_errors(&found) {
        catalog = None;
    }
    Loaded { catalog, sources, diagnostics: found }
}

struct Merger {
    sources: Sources,
    found: Vec<Diagnostic>,
    /// Section name to its entries by id. The span is where the section was first named.
    sections: IndexMap<String, (Span, IndexMap<String, Node>)>,
}

impl Merger {
    fn file(&mut self, file: File) {
        let limits = Limits { bytes: 8 << 20, nodes: 1_000_000, ..Limits::DEFAULT };
        let text = match tree::decode(file.bytes, limits) {
            Ok(text) => text,
            Err((code, message, hint)) => {
                let message = message_in(&file.name, &message);
                self.found.push(Diagnostic::error(code, message).hint_if(hint));
                return;
            }
        };
        let id = self.sources.add(file.name, text);
        let root = match tree::parse(&self.sources, id, limits) {
            Ok((root, found)) => {
                self.found.extend(found);
                root
            }
            Err(error) => {
                self.found.push(*error);
                return;
            }
        };
        if root.get("anshin-catalog").and_then(Node::scalar) != Some("1") {
            self.found.push(
                Diagnostic::error(
                    Code::Version,
                    Text::new(
                        "カタログの形式の版`anshin-catalog: 1`がありません",
                        "the catalog format version `anshin-catalog: 1` is missing",
                    ),
                )
                .at(Span { end: root.span.start, ..root.span })
                .hint(Text::new(
                    "1行目に`anshin-catalog: 1`と書いてください",
                    "write `anshin-catalog: 1` in the first line",
                )),
            );
            return;
        }
        let Value::Map(entries) = root.value else { return };
        for (key, node) in entries.into_iter().filter(|(key, _)| &*key.text != "anshin-catalog") {
            let section =
                self.sections.entry(key.text.to_string()).or_insert_with(|| (key.span, IndexMap::new()));
            let Value::List(items) = node.value else {
                self.found.push(
                    Diagnostic::error(
                        Code::WrongType,
                        Text::new(
                            format!("`{}`は項目のリストでなければなりません", key.text),
                            format!("`{}` must be a list of entries", key.text),
                        ),
                    )
                    .at(node.span),
                );
                continue;
            };
            for item in items {
                lay_over(&mut section.1, item, &mut self.found);
            }
        }
    }
}

fn message_in(name: &str, message: &Text) -> Text {
    Text::new(
        format!("`{name}`: {}", message.get(anshin_model::Lang::Ja)),
        format!("`{name}`: {}", message.get(anshin_model::Lang::En)),
    )
}

/// Adds, changes or switches off one entry.
fn lay_over(entries: &mut IndexMap<String, Node>, mut item: Node, found: &mut Vec<Diagnostic>) {
    let Some((id, id_span)) = shape::item_id(&item) else {
        // The shape check says what is missing.
        entries.insert(format!("\0{}", entries.len()), item);
        return;
    };
    let says = |item: &Node, mark: &str| item.get(mark).and_then(Node::scalar) == Some("true");
    let (change, off) = (says(&item, "change"), says(&item, "off"));
    if let Value::Map(keys) = &mut item.value {
        keys.retain(|(key, _)| !matches!(&*key.text, "change" | "off"));
    }
    match entries.get_mut(&id) {
        None if change || off => found.push(
            Diagnostic::error(
                Code::UnknownReference,
                Text::new(
                    format!("変更しようとしている`{id}`がカタログにありません"),
                    format!("there is no `{id}` to change in the catalog"),
                ),
            )
            .at(id_span)
            .hint_if(shape::nearest(&id, entries.keys().map(String::as_str)).map(shape::did_you_mean)),
        ),
        None => {
            entries.insert(id, item);
        }
        Some(_) if off => {
            entries.shift_remove(&id);
        }
        Some(base) if change => load::override_with(base, item, found),
        Some(base) => {
            let first = base.get("id").map_or(base.span, |node| node.span);
            found.push(
                Diagnostic::error(
                    Code::Conflict,
                    Text::new(
                        format!("`{id}`はカタログにすでにあります"),
                        format!("`{id}` is already in the catalog"),
                    ),
                )
                .at(id_span)
                .also(first, Text::new("すでにある項目", "the entry that is there"))
                .hint(Text::new(
                    "変えるなら`change: true`、使わないなら`off: true`を書き足し、別物なら別の識別子にしてください",
                    "add `change: true` to change it, `off: true` to switch it off, or take another id",
                )),
            );
        }
    }
}

/// One tree of all sections, as if it had been one file.
fn whole(sections: IndexMap<String, (Span, IndexMap<String, Node>)>) -> Node {
    let mut entries = Vec::new();
    let mut span = None;
    for (name, (at, items)) in sections {
        span.get_or_insert(at);
        let key = tree::Key { text: name.into(), span: at };
        entries.push((key, Node { value: Value::List(items.into_values().collect()), span: at }));
    }
    let span = span.unwrap_or_else(Span::nowhere);
    let version = Node { value: Value::Scalar { text: "1".into(), plain: true }, span };
    entries.push((tree::Key { text: "anshin-catalog".into(), span }, version));
    Node { value: Value::Map(entries), span }
}

fn read(root: &Node) -> Result<Catalog, tree::ReadError> {
    fn section<T: DeserializeOwned>(root: &Node, name: &str) -> Result<IndexMap<Id, T>, tree::ReadError> {
        root.get(name)
            .map_or(&[][..], Node::items)
            .iter()
            .map(|item| {
                let id = shape::item_id(item).map(|(id, _)| id).unwrap_or_default();
                T::deserialize(item)
                    .map(|entry| (Id::from(id.as_str()), entry))
                    .map_err(|error| serde::de::Error::custom(format_args!("{name} {id}: {error}")))
            })
            .collect()
    }
    Ok(Catalog {
        sources: section(root, "sources")?,
        traits: section(root, "traits")?,
        asset_kinds: section(root, "asset-kinds")?,
        zone_kinds: section(root, "zone-kinds")?,
        media: section(root, "media")?,
        protocols: section(root, "protocols")?,
        data_kinds: section(root, "data-kinds")?,
        hazards: section(root, "hazards")?,
        safeguards: section(root, "safeguards")?,
        entry_points: section(root, "entry-points")?,
        facts: section(root, "facts")?,
        threats: section(root, "threats")?,
        threat_rules: section(root, "threat-rules")?,
        requirements: section(root, "requirements")?,
        requirement_rules: section(root, "requirement-rules")?,
        measures: section(root, "measures")?,
        rubric: section(root, "rubric")?,
        alerts: section(root, "alerts")?,
        shared: section(root, "shared")?,
        meters: section(root, "meters")?,
        policies: section(root, "policies")?,
        priority_rules: section(root, "priority-rules")?,
        difficulty: section(root, "difficulty")?,
        hindrances: section(root, "hindrances")?,
        reliefs: section(root, "reliefs")?,
        matrices: section(root, "matrices")?,
        cost_items: section(root, "cost-items")?,
        default_ranges: section(root, "default-ranges")?,
        efforts: section(root, "efforts")?,
        impairments: section(root, "impairments")?,
        dependencies: section(root, "dependencies")?,
    })
}

/// What no single entry shows: parents, sources and the facts that rules name.
fn check_whole(catalog: &Catalog, root: &Node, found: &mut Vec<Diagnostic>) {
    let items = |section: &str| root.get(section).map_or(&[][..], Node::items);
    check_parents(catalog, items("asset-kinds"), found);
    for item in items("matrices") {
        check_matrix::check(item, found);
    }
    loss::check(items("cost-items"), found);
    loss::check(items("default-ranges"), found);
    for item in items("data-kinds") {
        if let Some((id, span)) = shape::item_id(item)
            && let Some((parent, _)) = id.rsplit_once('.')
            && !catalog.data_kinds.contains_key(parent)
        {
            found.push(no_parent(&id, parent, span));
        }
    }
    for (section, node) in root.entries() {
        for item in node.items() {
            check_source(catalog, item, found);
            let of = match &*section.text {
                "threat-rules" | "priority-rules" | "reliefs" => facts::Family::Asset,
                "requirement-rules" => facts::Family::System,
                "rubric" | "policies" => facts::Family::Stakeholder,
                "difficulty" | "hindrances" => facts::Family::Step,
                _ => continue,
            };
            for list in ["all", "any", "none"] {
                for fact in item.get(list).map_or(&[][..], Node::items) {
                    if let Some(name) = fact.scalar()
                        && let Err(near) = facts::check(name, of, catalog)
                    {
                        found.push(
                            Diagnostic::error(
                                Code::UnknownWord,
                                Text::new(
                                    format!("`{name}`という事実はありません"),
                                    format!("there is no fact `{name}`"),
                                ),
                            )
                            .at(fact.span)
                            .hint_if(near.as_deref().map(shape::did_you_mean))
                            .hint(Text::new(
                                "`anshin catalog list facts`が使える事実を示します",
                                "`anshin catalog list facts` shows the facts",
                            )),
                        );
                    }
                }
            }
        }
    }
}

fn check_parents(catalog: &Catalog, items: &[Node], found: &mut Vec<Diagnostic>) {
    for item in items {
        let Some((id, span)) = shape::item_id(item) else { continue };
        let mut seen = BTreeSet::new();
        let mut at = Id::from(id.as_str());
        loop {
            if !seen.insert(at.clone()) {
                found.push(
                    Diagnostic::error(
                        Code::KindCycle,
                        Text::new(
                            format!("種類`{id}`の親をたどると自分に戻ります"),
                            format!("the parents of the kind `{id}` lead back to itself"),
                        ),
                    )
                    .at(item.get("parent").map_or(span, |node| node.span))
                    .hint(Text::new("`parent`を直してください", "correct one `parent`")),
                );
                break;
            }
            let Some(parent) = catalog.asset_kinds.get(&at).and_then(|kind| kind.parent(&at)) else { break };
            if !catalog.asset_kinds.contains_key(&parent) {
                found.push(no_parent(at.as_str(), parent.as_str(), span));
                break;
            }
            at = parent;
        }
    }
}

fn no_parent(id: &str, parent: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::UnknownReference,
        Text::new(
            format!("`{id}`の親`{parent}`がカタログにありません"),
            format!("`{parent}`, the parent of `{id}`, is not in the catalog"),
        ),
    )
    .at(span)
    .hint(Text::new(
        "親の項目を書き足すか、`parent`で別の親を指定してください",
        "add an entry for the parent, or name another with `parent`",
    ))
}

fn check_source(catalog: &Catalog, item: &Node, found: &mut Vec<Diagnostic>) {
    let Some(source) = item.get("source") else { return };
    let each = if source.scalar().is_some() { std::slice::from_ref(source) } else { source.items() };
    for one in each {
        let Some(text) = one.scalar() else { continue };
        let id = text.split_whitespace().next().unwrap_or_default();
        if !catalog.sources.contains_key(id) {
            found.push(
                Diagnostic::error(
                    Code::UnknownReference,
                    Text::new(
                        format!("出典`{id}`が`sources`にありません"),
                        format!("there is no source `{id}` in `sources`"),
                    ),
                )
                .at(one.span)
                .hint_if(shape::nearest(id, catalog.sources.keys().map(Id::as_str)).map(shape::did_you_mean)),
            );
        }
    }
}
