//! Where in the workbook a problem of the changed document stands: who works in the workbook looks for
//! it there, and the document may never have been seen by that person.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::{FileId, Node, Span};
use anshin_model::{Lang, Text};
use indexmap::IndexMap;

use super::Merge;
use super::filled::{BookRow, Seen};
use super::strangers::some;
use crate::workbook::put::find;
use crate::workbook::tables::{Field, Kind, Rows, Table};
use crate::workbook::values::{equal, keyed};

/// A span that can be looked up.
type Place = (FileId, u32, u32);

fn place(span: Span) -> Place {
    (span.file, span.start, span.end)
}

/// Where the parts of the document as it was stand in the workbook.
#[derive(Default)]
pub(super) struct Places {
    /// The cells of single values.
    cells: BTreeMap<Place, Seen>,
    /// The rows of items: the first cell that was emptied, or the first that says something.
    rows: Vec<(Span, Seen)>,
    /// The sheets of lists.
    sheets: BTreeMap<Place, String>,
}

/// What an item says under a field.
fn stated<'n>(item: &'n Node, field: &Field) -> Option<&'n Node> {
    match field.path.as_slice() {
        [] => None,
        // A step that is a link and nothing else is written without a map.
        ["link"] if item.scalar().is_some() => Some(item),
        path => find(item, path),
    }
}

/// The values of a place that holds one or several.
fn leaves(node: &Node) -> impl Iterator<Item = &Node> {
    let one = node.scalar().map(|_| node);
    one.into_iter().chain(node.items())
}

impl<'a> Merge<'a> {
    /// Adds what is wrong with the document as it became, each problem with its place in the workbook.
    pub(super) fn add_problems(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        if found.is_empty() {
            return;
        }
        let places = self.places();
        self.name_rows_in_use(&places, &mut found);
        self.tell(&places, found);
    }

    fn places(&self) -> Places {
        let mut places = Places::default();
        for (n, table) in self.filled.tables.iter().enumerate() {
            let rows = self.filled.rows(n).unwrap_or_default();
            let base = self.file.base.tables.get(table.id);
            let base = |key: &str| base.and_then(|rows| rows.get(key)).map_or(&[][..], Vec::as_slice);
            if let Rows::Values = table.rows {
                for row in rows {
                    let (Some(n), [Some(cell)]) = (table.index(&row.key), row.cells.as_slice()) else {
                        continue;
                    };
                    let path = &table.fields[n].path;
                    if let Some(node) = find(self.before, path) {
                        places.cells.insert(place(node.span), cell.clone());
                    }
                    if let [outer, ..] = path.as_slice()
                        && let Some(node) = self.before.get(outer)
                        && emptied(row, base(&row.key)).is_some()
                    {
                        places.rows.push((node.span, cell.clone()));
                    }
                }
                continue;
            }
            let items = items(table, self.before);
            for row in rows.iter().filter(|row| !row.is_copy) {
                let Some(item) = items.get(&row.key) else { continue };
                for (field, cell) in table.fields.iter().zip(&row.cells) {
                    let Some(cell) = cell else { continue };
                    if let Some(node) = stated(item, field) {
                        places.cells.insert(place(node.span), cell.clone());
                        places.cells.extend(leaves(node).map(|leaf| (place(leaf.span), cell.clone())));
                    }
                }
                if let Some(cell) = emptied(row, base(&row.key)).or_else(|| row.first()) {
                    places.rows.push((item.span, cell.clone()));
                }
            }
            if let (Rows::Items, Some(list), Some(sheet)) =
                (table.rows, self.before.get(table.id), self.filled.sheet(table.id))
            {
                places.sheets.insert(place(list.span), sheet.name.clone());
            }
        }
        places
    }

    /// The cell that a place stands for: its own, or one of the row that it is in.
    pub(super) fn cell_at(&self, places: &Places, span: Span) -> Option<Seen> {
        if self.sources.is_cell(span.file) {
            return self.cells.get(&span.file).cloned();
        }
        if let Some(cell) = places.cells.get(&place(span)) {
            return Some(cell.clone());
        }
        let holds =
            |outer: Span| outer.file == span.file && outer.start <= span.start && span.end <= outer.end;
        let rows = places.rows.iter().filter(|(outer, _)| holds(*outer));
        rows.min_by_key(|(outer, _)| outer.end - outer.start).map(|(_, cell)| cell.clone())
    }

    /// A place of the document as a place of the workbook, if it has one there.
    pub(super) fn in_workbook(&mut self, places: &Places, span: Span) -> Span {
        if self.sources.is_cell(span.file) {
            return span;
        }
        if let Some(cell) = self.cell_at(places, span) {
            return self.span(&cell);
        }
        match places.sheets.get(&place(span)).cloned() {
            Some(sheet) => self.span_of_sheet(&sheet),
            None => span,
        }
    }

    /// Names the rows that are gone from the workbook although cells still use them, and takes what was
    /// found about these cells out of `found`.
    fn name_rows_in_use(&mut self, places: &Places, found: &mut Vec<Diagnostic>) {
        let tables = &self.filled.tables;
        let keys = |list: &str, root: &Node| -> BTreeSet<String> {
            keyed(list, root).into_iter().map(|(key, _)| key).collect()
        };
        let mut told: Vec<Span> = Vec::new();
        let root = self.root.clone();
        let uses = uses(tables, &root);
        for table in tables.iter().filter(|table| table.rows == Rows::Items) {
            let there = keys(table.id, &root);
            let before = keys(table.id, self.before);
            for gone in before.difference(&there) {
                let spans = uses.get(&(table.id, gone.as_str())).map_or(&[][..], Vec::as_slice);
                if !spans.is_empty() {
                    told.extend(spans);
                    match self.called_anew(table, gone) {
                        // An end that is not there has to be put right first.
                        Some((row, _)) if self.is_told(row, places, found) => {}
                        Some((row, now)) => self.name_in_use(table, (row, &now), spans, places),
                        None => self.row_in_use(table, gone, spans, places),
                    }
                }
            }
            // Rows that were given another id have been spoken about.
            for (_, wanted) in self.renamed.iter().filter(|(list, _)| *list == table.id) {
                told.extend(uses.get(&(table.id, wanted.as_str())).into_iter().flatten());
            }
        }
        found.retain(|one| {
            one.code != Code::UnknownReference || one.span.is_none_or(|span| !told.contains(&span))
        });
    }

    /// The places of the workbook that name a row, and how they are called.
    fn users(&mut self, spans: &[Span], places: &Places) -> (Vec<Span>, Option<Text>) {
        let spans: Vec<Span> = spans.iter().map(|span| self.in_workbook(places, *span)).collect();
        let of_workbook = format!("{}, ", self.name);
        let cells: Vec<String> = spans
            .iter()
            .filter(|span| self.sources.is_cell(span.file))
            .map(|span| self.sources.name(span.file))
            .map(|name| format!("`{}`", name.strip_prefix(&of_workbook).unwrap_or(name)))
            .collect();
        (spans, (!cells.is_empty()).then(|| some(&cells)))
    }

    fn row_in_use(&mut self, table: &Table, gone: &str, spans: &[Span], places: &Places) {
        let (spans, users) = self.users(spans, places);
        let sheet = self.filled.sheet_name(table);
        let row = self.filled.names.show_one(Kind::Ref(table.id), gone);
        let what = Text::new(
            format!("シート「{sheet}」から`{row}`の行が無くなっていますが、まだ使われています"),
            format!("the row `{row}` is gone from the sheet `{sheet}`, but it is still used"),
        );
        let hint = users.map_or_else(
            || Text::new("行を元に戻してください", "put the row back"),
            |cells| {
                Text::new(
                    format!("行を元に戻すか、それを使う{}を書き換えてください", cells.get(Lang::Ja)),
                    format!("put the row back, or change what uses it: {}", cells.get(Lang::En)),
                )
            },
        );
        let mut problem = Diagnostic::error(Code::UnknownReference, what).hint(hint);
        problem.span = spans.first().copied();
        self.problems.push(problem);
    }

    /// The row of an item that is called differently than before, with its new name: a link whose ends
    /// were changed.
    fn called_anew(&self, table: &Table, gone: &str) -> Option<(&'a BookRow, String)> {
        let n = self.filled.tables.iter().position(|own| own.id == table.id)?;
        let row = self.filled.rows(n)?.iter().find(|row| row.key == gone && !row.is_copy)?;
        let (_, before) = keyed(table.id, self.before).into_iter().find(|(key, _)| key == gone)?;
        let now =
            keyed(table.id, &self.root).into_iter().find(|(_, item)| place(item.span) == place(before.span));
        now.map(|(key, _)| (row, key))
    }

    /// Whether a cell of a row names something that is not there.
    fn is_told(&self, row: &BookRow, places: &Places, found: &[Diagnostic]) -> bool {
        let at = row.first().map(|cell| cell.row);
        let missing = found.iter().filter(|one| one.code == Code::UnknownReference);
        let mut cells = missing.filter_map(|one| self.cell_at(places, one.span?));
        cells.any(|cell| Some(cell.row) == at)
    }

    fn name_in_use(&mut self, table: &Table, (row, now): (&BookRow, &str), spans: &[Span], places: &Places) {
        let gone = &row.key;
        let (_, users) = self.users(spans, places);
        let base = self.file.base.tables.get(table.id).and_then(|rows| rows.get(gone));
        let differs = |cell: &&Seen| {
            let was = base.and_then(|base| base.get(cell.field)).map_or("", String::as_str);
            !equal(table.fields[cell.field].kind, &cell.value, was)
        };
        let changed = row.cells.iter().flatten().find(differs).or_else(|| row.first()).cloned();
        let shown = self.filled.names.show_one(Kind::Ref(table.id), gone);
        let id = table.fields.iter().position(|field| field.kind == Kind::Id);
        let id =
            id.and_then(|n| row.cells[n].as_ref()).map_or_else(String::new, |cell| cell.address().into());
        let heading = self.filled.heading_of(table.id, "id");
        let mut problem = Diagnostic::error(
            Code::UnknownReference,
            Text::new(
                format!("`{shown}`の識別子が`{now}`に変わりますが、`{gone}`がまだ使われています"),
                format!("the id of `{shown}` becomes `{now}`, but `{gone}` is still used"),
            ),
        )
        .hint_if(users.map(|cells| {
            Text::new(
                format!("それを使う{}を`{now}`に書き換えてください", cells.get(Lang::Ja)),
                format!("write `{now}` where it is used: {}", cells.get(Lang::En)),
            )
        }))
        .hint(Text::new(
            format!("または、この行の「{heading}」（{id}）に`{gone}`と書けば、識別子は変わりません"),
            format!("or write `{gone}` under `{heading}` ({id}) of this row to keep the id"),
        ));
        problem.span = changed.map(|cell| self.span(&cell));
        self.problems.push(problem);
    }
}

/// The first cell of a row that held something in the workbook as it was made, and is empty now.
fn emptied<'r>(row: &'r BookRow, base: &[String]) -> Option<&'r Seen> {
    let cells = row.cells.iter().zip(base);
    let mut gone = cells.filter(|(_, was)| !was.is_empty()).filter_map(|(cell, _)| cell.as_ref());
    gone.find(|cell| cell.value.trim().is_empty())
}

/// Where each item is named: by its list and its key.
fn uses<'n>(tables: &[Table], root: &'n Node) -> BTreeMap<(&'static str, &'n str), Vec<Span>> {
    let mut out: BTreeMap<(&'static str, &str), Vec<Span>> = BTreeMap::new();
    for table in tables {
        for (item, field) in items(table, root)
            .into_values()
            .flat_map(|item| table.fields.iter().map(move |field| (item, field)))
        {
            let Kind::Ref(list) = field.kind else { continue };
            for leaf in stated(item, field).into_iter().flat_map(leaves) {
                out.entry((list, leaf.scalar().unwrap_or_default())).or_default().push(leaf.span);
            }
        }
    }
    out
}

/// The items that the rows of a table stand for, by the keys of the rows.
fn items<'n>(table: &Table, root: &'n Node) -> IndexMap<String, &'n Node> {
    match table.rows {
        Rows::Values => IndexMap::new(),
        Rows::Items | Rows::Decisions => keyed(table.id, root).into_iter().collect(),
        Rows::Inside(list, inner) => {
            let entries = keyed(list, root).into_iter().flat_map(|(parent, item)| {
                let entries = (1..).zip(item.get(inner).map_or(&[][..], Node::items));
                entries.map(move |(n, entry)| (format!("{parent}/{n}"), entry))
            });
            entries.collect()
        }
    }
}
