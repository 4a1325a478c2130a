//! The values of cells: what a place of the document says, how a cell shows it, and back.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::tree::{Node, Value};
use anshin_model::{Lang, shape};

use super::tables::{Field, Kind, Rows, Table};
use crate::names::{catalog_name, item_name, scenario_name};
use crate::subject::Subject;
use crate::words;

/// Longest text of one cell in Excel, in UTF-16 units.
pub(super) const MAX_CELL: usize = 32_767;

/// Longest name in a label, in characters.
const MAX_NAME: usize = 60;

/// The labels of risk scenarios, among those of sections and lists.
const SCENARIOS: &str = "scenarios";

/// A row: what it is about, and a value for each field in the words of the document. Nothing is "".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) cells: Vec<String>,
}

/// The items of a list, each with its key. Of several decisions about one proposal (or acceptances of
/// one scenario) the last, which counts, has what it is about as its key.
pub(super) fn keyed<'n>(list: &str, root: &'n Node) -> Vec<(String, &'n Node)> {
    let items = root.get(list).map_or(&[][..], Node::items);
    let about = match list {
        "decisions" => "subject",
        "acceptances" => "scenario",
        _ => return items.iter().filter_map(|item| Some((shape::item_id(item)?.0, item))).collect(),
    };
    let mut later: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out: Vec<(String, &Node)> = Vec::new();
    for item in items.iter().rev() {
        let Some(subject) = item.get(about).and_then(Node::scalar) else { continue };
        let nth = later.entry(subject).and_modify(|n| *n += 1).or_insert(0);
        out.push((if *nth == 0 { subject.to_owned() } else { format!("{subject}#{nth}") }, item));
    }
    out.reverse();
    out
}

/// The rows of a table.
pub(super) fn records(table: &Table, root: &Node, lang: Lang) -> Vec<Record> {
    match table.rows {
        Rows::Values => table
            .fields
            .iter()
            .map(|field| Record { key: field.id.clone(), cells: vec![value(root, field, lang)] })
            .collect(),
        Rows::Items | Rows::Decisions => keyed(table.id, root)
            .into_iter()
            .map(|(key, item)| Record {
                key,
                cells: table.fields.iter().map(|field| value(item, field, lang)).collect(),
            })
            .collect(),
        Rows::Inside(list, inner) => {
            let mut out = Vec::new();
            for (parent, item) in keyed(list, root) {
                for (n, entry) in (1..).zip(item.get(inner).map_or(&[][..], Node::items)) {
                    let cells = table.fields.iter().map(|field| match field.kind {
                        Kind::Ref(_) if field.path.is_empty() => parent.clone(),
                        Kind::Order => n.to_string(),
                        _ => value(entry, field, lang),
                    });
                    out.push(Record { key: format!("{parent}/{n}"), cells: cells.collect() });
                }
            }
            out
        }
    }
}

/// What a place says, in the words of the document; a list with a line for each entry.
fn value(item: &Node, field: &Field, lang: Lang) -> String {
    // A step that is a link and nothing else is written without a map.
    let short = item.scalar().is_some() && field.path == ["link"];
    let mut node = Some(item);
    if !short {
        for key in &field.path {
            node = node.and_then(|node| node.get(key));
        }
    }
    let Some(node) = node else { return String::new() };
    match (&node.value, field.kind) {
        (Value::List(items), Kind::None) => if items.is_empty() { "true" } else { "" }.to_owned(),
        (Value::List(items), _) => items.iter().filter_map(Node::scalar).collect::<Vec<_>>().join("\n"),
        (Value::Map(_), Kind::Text) => {
            let text = |lang: Lang| node.get(lang.code()).and_then(Node::scalar);
            let other = if lang == Lang::Ja { Lang::En } else { Lang::Ja };
            cut(text(lang).or_else(|| text(other)).unwrap_or_default(), MAX_CELL)
        }
        (Value::Scalar { text, .. }, Kind::Text) => cut(text, MAX_CELL),
        (Value::Scalar { text, .. }, _) => text.to_string(),
        _ => String::new(),
    }
}

/// Whether two values of a field are the same, whatever programs do to the ends of lines.
pub(super) fn equal(kind: Kind, a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if let (Kind::Number, Ok(a), Ok(b)) = (kind, a.parse::<f64>(), b.parse::<f64>()) {
        return a.total_cmp(&b).is_eq();
    }
    if kind == Kind::Bool && matches!((a, b), ("", "false") | ("false", "")) {
        return true;
    }
    let lines = |text: &str| text.trim().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines(a) == lines(b)
}

/// Names of ids in the language of a workbook, and ids of names.
pub(super) struct Names {
    lang: Lang,
    labels: BTreeMap<&'static str, Vec<(String, String)>>,
    ids: BTreeMap<&'static str, BTreeMap<String, Option<String>>>,
}

impl Names {
    /// The names that the cells of the tables use, with those of some risk scenarios.
    pub(super) fn new(
        tables: &[Table],
        subject: &Subject<'_>,
        root: &Node,
        lang: Lang,
        scenarios: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut names = Self { lang, labels: BTreeMap::new(), ids: BTreeMap::new() };
        for field in tables.iter().flat_map(|table| &table.fields) {
            let (section, named): (_, Vec<_>) = match field.kind {
                Kind::Known(section) if !names.labels.contains_key(section) => {
                    let catalog = subject.system.catalog;
                    let ids = catalog.ids(section).unwrap_or_default();
                    (
                        section,
                        ids.into_iter()
                            .map(|id| (id.to_string(), catalog_name(catalog, section, id.as_str())))
                            .collect(),
                    )
                }
                Kind::Ref(list) if !names.labels.contains_key(list) => {
                    let ids = keyed(list, root).into_iter().map(|(id, _)| id);
                    (list, ids.map(|id| (id.clone(), item_name(subject, list, &id))).collect())
                }
                _ => continue,
            };
            let ids = names.ids.entry(section).or_default();
            for (id, name) in &named {
                for lang in Lang::ALL {
                    let own = name.get(lang).trim().to_owned();
                    ids.entry(own)
                        .and_modify(|known| {
                            if known.as_ref() != Some(id) {
                                *known = None;
                            }
                        })
                        .or_insert_with(|| Some(id.clone()));
                }
            }
            let label = |(id, name): (String, anshin_model::Text)| {
                let label = label(&id, name.get(lang));
                (id, label)
            };
            names.labels.insert(section, named.into_iter().map(label).collect());
        }
        let mut seen = BTreeSet::new();
        let labels = scenarios.into_iter().filter(|id| seen.insert(id.clone())).map(|id| {
            let label = label(&id, scenario_name(subject, &id).get(lang));
            (id, label)
        });
        names.labels.insert(SCENARIOS, labels.collect());
        names
    }

    /// The labels to choose from.
    pub(super) fn choices(&self, kind: Kind) -> Vec<String> {
        let lang = self.lang;
        match kind {
            Kind::Choice(key, all) => {
                all.iter().map(|(word, _)| words::choice(key, word).get(lang).to_owned()).collect()
            }
            Kind::Bool | Kind::None => vec![words::choice("", "true").get(lang).to_owned()],
            Kind::Known(_) | Kind::Ref(_) | Kind::Scenario => self
                .labels_of(kind)
                .map(|all| all.iter().map(|(_, label)| label.clone()).collect())
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn labels_of(&self, kind: Kind) -> Option<&Vec<(String, String)>> {
        match kind {
            Kind::Known(section) | Kind::Ref(section) => self.labels.get(section),
            Kind::Scenario => self.labels.get(SCENARIOS),
            _ => None,
        }
    }

    /// What is chosen from and looks most like a text, if anything does.
    pub(super) fn near(&self, kind: Kind, text: &str) -> Option<String> {
        match kind {
            Kind::Known(section) | Kind::Ref(section) => {
                let ids = self.ids.get(section)?;
                let name = shape::nearest(text, ids.keys().map(String::as_str))?;
                Some(self.show_one(kind, ids.get(name)?.as_ref()?))
            }
            _ => {
                let choices = self.choices(kind);
                shape::nearest(text, choices.iter().map(String::as_str)).map(str::to_owned)
            }
        }
    }

    /// The text of a cell.
    pub(super) fn show(&self, field: &Field, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        if !field.many {
            return self.show_one(field.kind, value);
        }
        let all: Vec<_> = value.lines().map(|line| self.show_one(field.kind, line)).collect();
        let all = all.join("\n");
        if all.encode_utf16().count() <= MAX_CELL { all } else { cut(value, MAX_CELL) }
    }

    /// The text of a cell that holds one value.
    pub(super) fn show_one(&self, kind: Kind, value: &str) -> String {
        match kind {
            Kind::Choice(key, _) => words::choice(key, value).get(self.lang).to_owned(),
            Kind::Bool | Kind::None => words::choice("", value).get(self.lang).to_owned(),
            Kind::Known(_) | Kind::Ref(_) | Kind::Scenario => {
                let labels = self.labels_of(kind);
                let found = labels.and_then(|all| all.iter().find(|(id, _)| id == value));
                found.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
            }
            _ => value.to_owned(),
        }
    }

    /// The value of a cell's text; what is not understood stays as it is, for the check of the
    /// document to speak about.
    pub(super) fn read(&self, field: &Field, text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !field.many {
            return self.read_one(field.kind, &text);
        }
        let mut out = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match self.known(field.kind, line) {
                Some(word) => out.push(word),
                // Several on one line, as people write them.
                None => out.extend(
                    line.split(['、', ',', ';', '，', '；'])
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| self.read_one(field.kind, part)),
                ),
            }
        }
        out.join("\n")
    }

    fn read_one(&self, kind: Kind, text: &str) -> String {
        match kind {
            Kind::Text => text.to_owned(),
            Kind::Date => date(text.trim()),
            Kind::Number => number(text.trim()),
            Kind::Line | Kind::Id | Kind::Order => text.trim().to_owned(),
            _ => self.known(kind, text.trim()).unwrap_or_else(|| text.trim().to_owned()),
        }
    }

    /// The word of a label, a name or a word.
    fn known(&self, kind: Kind, text: &str) -> Option<String> {
        match kind {
            Kind::Choice(key, all) => {
                let means = |word: &str| {
                    let name = words::choice(key, word);
                    word.eq_ignore_ascii_case(text)
                        || Lang::ALL.iter().any(|&lang| name.get(lang).eq_ignore_ascii_case(text))
                };
                all.iter().map(|(word, _)| *word).find(|word| means(word)).map(str::to_owned)
            }
            Kind::Bool | Kind::None => {
                let yes = ["true", "yes", "はい", "〇", "○", "1"];
                let no = ["false", "no", "いいえ", "0"];
                let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
                if is(&yes) {
                    Some("true".to_owned())
                } else if is(&no) {
                    Some(if kind == Kind::None { "" } else { "false" }.to_owned())
                } else {
                    None
                }
            }
            Kind::Known(section) | Kind::Ref(section) => {
                let labels = self.labels.get(section)?;
                let is_id = |word: &str| labels.iter().any(|(id, _)| id == word);
                let marked = text.strip_suffix(']').and_then(|rest| Some(rest.rsplit_once('[')?.1));
                // What is marked as an id is meant as one, new ids too.
                if let Some(id) = marked.filter(|id| is_id(id) || anshin_model::id::is_path(id)) {
                    return Some(id.to_owned());
                }
                if is_id(text) {
                    return Some(text.to_owned());
                }
                self.ids.get(section)?.get(text)?.clone()
            }
            Kind::Scenario => {
                let marked = text.strip_suffix(']').and_then(|rest| Some(rest.rsplit_once('[')?.1));
                marked.filter(|id| id.split('/').count() == 3).map(str::to_owned)
            }
            _ => None,
        }
    }
}

/// A name with its id: the id tells what is meant, whatever happens to the name.
fn label(id: &str, name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name == id {
        return id.to_owned();
    }
    let short: String = name.chars().take(MAX_NAME).collect();
    let dots = if short.len() < name.len() { "…" } else { "" };
    format!("{short}{dots} [{id}]")
}

/// A date as people write it, in the form of the document.
fn date(text: &str) -> String {
    let plain: String = text.chars().map(half_width).collect();
    let parts: Vec<&str> = plain
        .split(['-', '/', '.', '年', '月', '日'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => match (month.parse::<u8>(), day.parse::<u8>()) {
            (Ok(month), Ok(day)) => format!("{year}-{month:02}-{day:02}"),
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// A number as people write it: full-width digits, thousands and signs of currency.
fn number(text: &str) -> String {
    let plain: String =
        text.chars().map(half_width).filter(|c| !matches!(c, ',' | '¥' | '￥' | '\\' | '円' | ' ')).collect();
    if plain.parse::<f64>().is_ok() { plain } else { text.to_owned() }
}

fn half_width(c: char) -> char {
    match c {
        // Full-width forms stand 0xFEE0 above their ASCII twins.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

/// A text of at most a number of UTF-16 units, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most || text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= most
        })
        .collect();
    format!("{kept}…")
}

/// Whether a value is the beginning of a text that is too long for a cell.
pub(super) fn is_cut(value: &str) -> bool {
    value.len() >= MAX_CELL && value.ends_with('…')
}
