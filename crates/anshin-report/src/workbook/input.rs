//! The sheets to fill in as plain values, for pages: the same tables, words and rules as in the
//! workbook.

use std::collections::BTreeSet;

use anshin_model::tree::{Node, Span, Value};
use anshin_model::{Lang, Text};

use super::merge::{append, propose};
use super::put::put;
use super::tables::{Field, Kind, Rows, Table, tables};
use super::values::{equal, keyed, records};
use crate::names::{catalog_name, item_name};
use crate::subject::Subject;
use crate::words;

/// A sheet to fill in.
#[derive(Debug, Clone)]
pub struct InputSheet {
    /// Its id: the list of the document, or the key of the list inside an item.
    pub id: &'static str,
    /// Its name.
    pub name: Text,
    /// What to fill in.
    pub purpose: Text,
    /// Where it is used.
    pub used_in: Text,
    /// Whether it has one row that is always there.
    pub single: bool,
    /// What a row says.
    pub fields: Vec<InputField>,
    /// Its rows.
    pub rows: Vec<InputRow>,
}

/// Something that a row says.
#[derive(Debug, Clone)]
pub struct InputField {
    /// Its name in forms.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// How it is filled in.
    pub input: Input,
    /// Whether it holds any number of values.
    pub many: bool,
    /// Whether it must be filled in.
    pub required: bool,
}

/// How something is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A text for people, in the language of the page.
    Words,
    /// One line.
    Line,
    /// The id of the row, which is given once.
    Id,
    /// A number.
    Number,
    /// A date.
    Date,
    /// Yes or not.
    Yes,
    /// One of some words, each with its name.
    Choice(Vec<(String, Text)>),
    /// A word of a section of the catalog, each with its name.
    Catalog(&'static str, Vec<(String, Text)>),
}

/// A row.
#[derive(Debug, Clone)]
pub struct InputRow {
    /// What names it.
    pub key: String,
    /// Its name.
    pub name: Text,
    /// A value for each field in the words of the document, a list with a line for each entry.
    pub cells: Vec<String>,
}

/// The sheets to fill in with their names; decisions stand beside their proposals.
pub fn input_names() -> Vec<(&'static str, Text)> {
    let own = |table: &Table| table.rows != Rows::Decisions;
    tables().iter().filter(|table| own(table)).map(|table| (table.id, table.name())).collect()
}

/// The name of a sheet to fill in.
pub fn input_name(id: &str, lang: Lang) -> String {
    table(id).map_or_else(|| id.to_owned(), |table| table.name().get(lang).to_owned())
}

/// One sheet to fill in.
pub fn input_sheet(id: &str, subject: &Subject<'_>, tree: &Node, lang: Lang) -> Option<InputSheet> {
    table(id).map(|table| sheet(&table, subject, tree, lang))
}

fn table(id: &str) -> Option<Table> {
    tables().into_iter().find(|table| table.id == id && table.rows != Rows::Decisions)
}

fn sheet(table: &Table, subject: &Subject<'_>, tree: &Node, lang: Lang) -> InputSheet {
    let input = |kind: Kind| match kind {
        Kind::Text => Input::Words,
        Kind::Line | Kind::Scenario => Input::Line,
        Kind::Id => Input::Id,
        Kind::Number | Kind::Order => Input::Number,
        Kind::Date => Input::Date,
        Kind::Bool | Kind::None => Input::Yes,
        Kind::Choice(key, all) => Input::Choice(
            all.iter().map(|(word, _)| ((*word).to_owned(), words::choice(key, word))).collect(),
        ),
        Kind::Ref(list) => Input::Choice(
            keyed(list, tree)
                .into_iter()
                .map(|(id, _)| (id.clone(), item_name(subject, list, &id)))
                .collect(),
        ),
        Kind::Known(section) => {
            let catalog = subject.system.catalog;
            let ids = catalog.ids(section).unwrap_or_default().into_iter();
            let named = ids.map(|id| (id.to_string(), catalog_name(catalog, section, id.as_str())));
            Input::Catalog(section, named.collect())
        }
    };
    let fields = table.fields.iter().map(|field| InputField {
        id: field.id.clone(),
        title: field.title.clone(),
        input: input(field.kind),
        many: field.many,
        required: field.required,
    });
    let found = records(table, tree, lang);
    let rows = match table.rows {
        Rows::Values => vec![InputRow {
            key: String::new(),
            name: table.name(),
            cells: found.into_iter().flat_map(|record| record.cells).collect(),
        }],
        _ => found
            .into_iter()
            .map(|record| {
                let name = match table.rows {
                    Rows::Inside(list, _) => {
                        let (parent, n) = record.key.rsplit_once('/').unwrap_or((&record.key, ""));
                        let parent = item_name(subject, list, parent);
                        Text::new("{parent} {n}", "{parent} {n}")
                            .fill(&[("parent", &parent), ("n", &Text::same(n))])
                    }
                    _ => item_name(subject, table.id, &record.key),
                };
                InputRow { key: record.key, name, cells: record.cells }
            })
            .collect(),
    };
    InputSheet {
        id: table.id,
        name: table.name(),
        purpose: table.purpose(),
        used_in: table.used_in(),
        single: table.rows == Rows::Values,
        fields: fields.collect(),
        rows,
    }
}

/// Fills in a row of a sheet, or a new one; what `given` does not name stays as it is. Says what
/// names the row.
///
/// # Errors
/// If there is no such sheet or row.
pub fn fill_in(
    root: &mut Node,
    sheet: &str,
    key: Option<&str>,
    lang: Lang,
    given: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Text> {
    let table = table(sheet).ok_or_else(gone)?;
    let was = records(&table, root, lang);
    match (table.rows, key) {
        (Rows::Values, _) => {
            for (field, record) in table.fields.iter().zip(&was) {
                write(root, field, record.cells.first().map_or("", String::as_str), given, lang);
            }
            Ok(String::new())
        }
        (Rows::Inside(list, inner), key) => inside(&table, root, (list, inner), key, lang, given),
        (_, Some(key)) => {
            let n = keyed(table.id, root).iter().position(|(own, _)| own == key).ok_or_else(gone)?;
            let item = entries_mut(root, &[table.id]).and_then(|items| items.get_mut(n)).ok_or_else(gone)?;
            for (field, was) in table.fields.iter().zip(&was[n].cells) {
                // An id is what other places name: it stays.
                if field.kind != Kind::Id || was.is_empty() {
                    write(item, field, was, given, lang);
                }
            }
            Ok(keyed(table.id, root).get(n).map_or_else(|| key.to_owned(), |(key, _)| key.clone()))
        }
        (_, None) => {
            let mut taken: BTreeSet<String> = was.into_iter().map(|record| record.key).collect();
            let mut item = Node { value: Value::Map(Vec::new()), span: Span::nowhere() };
            for field in &table.fields {
                let value = given(&field.id).unwrap_or_default();
                if field.kind == Kind::Id && field.required && value.trim().is_empty() {
                    let own = propose(&table, given("name").as_deref(), &mut taken);
                    put(&mut item, field, &own, Span::nowhere(), lang);
                } else {
                    write(&mut item, field, "", given, lang);
                }
            }
            append(root, table.id, item);
            Ok(keyed(table.id, root).pop().map(|(key, _)| key).unwrap_or_default())
        }
    }
}

/// Takes a row out of a sheet.
///
/// # Errors
/// If there is no such sheet or row.
pub fn take_out(root: &mut Node, sheet: &str, key: &str) -> Result<(), Text> {
    let table = table(sheet).ok_or_else(gone)?;
    let (list, n) = match table.rows {
        Rows::Inside(list, inner) => {
            let (parent, n) = entry_of(key).ok_or_else(gone)?;
            let at = keyed(list, root).iter().position(|(own, _)| own == parent).ok_or_else(gone)?;
            let item = entries_mut(root, &[list]).and_then(|items| items.get_mut(at)).ok_or_else(gone)?;
            let entries = entries_mut(item, &[inner]).filter(|entries| n < entries.len()).ok_or_else(gone)?;
            entries.remove(n);
            if entries.is_empty() {
                super::put::set(item, &[inner], None);
            }
            return Ok(());
        }
        Rows::Values => return Err(gone()),
        Rows::Items | Rows::Decisions => {
            let n = keyed(table.id, root).iter().position(|(own, _)| own == key);
            (table.id, n.ok_or_else(gone)?)
        }
    };
    let items = entries_mut(root, &[list]).ok_or_else(gone)?;
    items.remove(n);
    if items.is_empty() {
        super::put::set(root, &[list], None);
    }
    Ok(())
}

/// A row of a list inside an item: a changed entry, or a new one at its place in the order.
fn inside(
    table: &Table,
    root: &mut Node,
    (list, inner): (&'static str, &'static str),
    key: Option<&str>,
    lang: Lang,
    given: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Text> {
    let was = records(table, root, lang);
    let before = key.and_then(|key| was.iter().find(|record| record.key == key));
    let own = table.fields.first().and_then(|field| given(&field.id));
    let (parent, n) = match key {
        Some(key) => entry_of(key).map(|(parent, n)| (parent.to_owned(), Some(n))).ok_or_else(gone)?,
        None => (own.unwrap_or_default(), None),
    };
    let at = keyed(list, root).iter().position(|(own, _)| *own == parent).ok_or_else(gone)?;
    let item = entries_mut(root, &[list]).and_then(|items| items.get_mut(at)).ok_or_else(gone)?;
    if item.get(inner).is_none() {
        let empty = Node { value: Value::List(Vec::new()), span: Span::nowhere() };
        super::put::set(item, &[inner], Some(empty));
    }
    let entries = entries_mut(item, &[inner]).ok_or_else(gone)?;
    let mut entry = match n {
        Some(n) if n < entries.len() => entries.remove(n),
        Some(_) => return Err(gone()),
        None => Node { value: Value::Map(Vec::new()), span: Span::nowhere() },
    };
    let mut place = n.unwrap_or(entries.len());
    for (n, field) in table.fields.iter().enumerate() {
        if field.kind == Kind::Order {
            let wanted = given(&field.id).and_then(|word| word.trim().parse::<usize>().ok());
            place = wanted.map_or(place, |wanted| wanted.saturating_sub(1)).min(entries.len());
        } else if !field.path.is_empty() {
            write(&mut entry, field, before.map_or("", |record| record.cells[n].as_str()), given, lang);
        }
    }
    entries.insert(place, entry);
    Ok(format!("{parent}/{}", place + 1))
}

/// Parent and place, from 0, of a key such as `control/2`.
fn entry_of(key: &str) -> Option<(&str, usize)> {
    let (parent, n) = key.rsplit_once('/')?;
    Some((parent, n.parse::<usize>().ok()?.checked_sub(1)?))
}

fn write(item: &mut Node, field: &Field, was: &str, given: &dyn Fn(&str) -> Option<String>, lang: Lang) {
    let Some(value) = given(&field.id) else { return };
    let value = value.replace("\r\n", "\n");
    if !equal(field.kind, was, &value) {
        put(item, field, &value, Span::nowhere(), lang);
    }
}

/// The entries of a list under a path.
fn entries_mut<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Vec<Node>> {
    let mut node = node;
    for name in path {
        let Value::Map(entries) = &mut node.value else { return None };
        node = entries.iter_mut().find(|(key, _)| *key.text == **name).map(|(_, node)| node)?;
    }
    match &mut node.value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

fn gone() -> Text {
    Text::new(
        "その行はもうありません。ページを開き直してください",
        "there is no such row any more; load the page again",
    )
}
