//! The changes of a workbook, brought into the document: cell by cell against what the workbook was
//! made from, so that what changed in the document since is never lost.

mod filled;
mod places;
mod strangers;
mod tell;

use std::collections::{BTreeMap, BTreeSet};

use anshin_catalog::Consequence;
use anshin_model::diagnostic::{Code, Diagnostic, Level};
use anshin_model::shape::nearest;
use anshin_model::tree::{FileId, Node, Sources, Span, Value};
use anshin_model::wrong::Wrong;
use anshin_model::{Lang, Text, edit, id, load};
use indexmap::IndexMap;

use super::put::{find, key, put, set};
use super::read::File;
use super::tables::{Field, Kind, Rows, Table};
use super::values::{equal, is_cut, keyed, records};
use crate::subject::Subject;
use filled::{BookRow, Filled, RowAt, Seen};

/// What a workbook brings.
#[derive(Debug)]
pub struct Imported {
    /// The document with the changes.
    pub tree: Node,
    /// Whether anything changes.
    pub changed: bool,
    /// What was changed in the workbook and, differently, in the document since: the document's
    /// value stays.
    pub conflicts: Vec<Diagnostic>,
    /// What is wrong with cells; nothing may be written then.
    pub problems: Vec<Diagnostic>,
    /// What was not looked at, and ids that were given.
    pub notes: Vec<Text>,
}

pub(super) fn merge(
    file: &File,
    name: &str,
    subject: &Subject<'_>,
    tree: &Node,
    sources: &mut Sources,
) -> Result<Imported, Text> {
    let own = &subject.system.document.system.id;
    if *own != *file.base.system {
        let other = &file.base.system;
        return Err(Text::new(
            format!(
                "ブックは`{other}`のもので、文書は`{own}`です。同じシステムの文書を`--into`に指定してください"
            ),
            format!(
                "the workbook is about `{other}`, the document about `{own}`; name the document of the same system with `--into`"
            ),
        ));
    }
    let filled = Filled::new(file, subject, tree);
    let mut merge = Merge {
        filled: &filled,
        file,
        name,
        sources,
        lang: filled.lang,
        before: tree,
        root: tree.clone(),
        conflicts: Vec::new(),
        problems: Vec::new(),
        cells: BTreeMap::new(),
        found: Vec::new(),
        given: BTreeMap::new(),
        renamed: Vec::new(),
        notes: Vec::new(),
    };
    merge.name_strangers(&filled.tables);
    for (n, table) in filled.tables.iter().enumerate() {
        let Some(rows) = filled.rows(n) else { continue };
        match table.rows {
            Rows::Values | Rows::Items => merge.items(table, rows),
            Rows::Inside(list, inner) => merge.inside(table, list, inner, rows),
            Rows::Decisions => merge.decisions(table, rows),
        }
    }
    merge.name_what_is_said_not_to_be();
    merge.name_scenarios();
    tidy(&mut merge.root);
    let found = load::check(&merge.root, &subject.system.catalog.vocabulary());
    merge.found.extend(found.into_iter().filter(|found| found.level == Level::Error));
    merge.add_problems();
    let Merge { root, conflicts, problems, notes, .. } = merge;
    let changed = !edit::same(&root, tree);
    Ok(Imported { tree: root, changed, conflicts, problems, notes })
}

/// Takes away lists that became empty and items that were marked as gone.
fn tidy(root: &mut Node) {
    let Value::Map(entries) = &mut root.value else { return };
    entries.retain_mut(|(_, node)| {
        let Value::List(items) = &mut node.value else { return true };
        let before = items.len();
        items.retain(|item| !matches!(item.value, Value::Null));
        !items.is_empty() || before == 0
    });
}

struct Merge<'a> {
    filled: &'a Filled<'a>,
    file: &'a File,
    name: &'a str,
    sources: &'a mut Sources,
    lang: Lang,
    before: &'a Node,
    root: Node,
    conflicts: Vec<Diagnostic>,
    problems: Vec<Diagnostic>,
    /// The cells that places of `root` stand for.
    cells: BTreeMap<FileId, Seen>,
    /// What is wrong with the document as it became, in the words of the document.
    found: Vec<Diagnostic>,
    /// Ids that were given to new rows.
    given: BTreeMap<RowAt, String>,
    /// Ids that were written over another one, with their list.
    renamed: Vec<(&'static str, String)>,
    notes: Vec<Text>,
}

impl Merge<'_> {
    /// The place of a cell, for messages: a text of its own.
    fn span(&mut self, cell: &Seen) -> Span {
        let span = self.sources.add_cell(format!("{}, {}", self.name, cell.place), cell.words.trim());
        self.cells.insert(span.file, cell.clone());
        span
    }

    /// The place of a sheet, for messages.
    fn span_of_sheet(&mut self, sheet: &str) -> Span {
        self.sources.add_cell(format!("{}, {sheet}", self.name), "")
    }

    fn conflict(&mut self, workbook: Option<Span>, document: Option<Span>, what: Text) {
        let mut found = Diagnostic::error(Code::Conflict, what).hint(Text::new(
            "文書の値を残しました。どちらが正しいかを決めて、文書に書いてください",
            "the document's value stays; decide which is right, and write it in the document",
        ));
        found.span = workbook.or(document);
        if let (Some(_), Some(span)) = (workbook, document) {
            found = found.also(span, Text::new("文書の今の値", "what the document says now"));
        }
        self.conflicts.push(found);
    }

    /// Whether a cell can be taken over at all; says why not.
    fn usable(&mut self, cell: &Seen, base: &str) -> bool {
        let problem = if cell.broken {
            Diagnostic::error(
                Code::WrongType,
                Text::new("セルの値が表計算のエラーです", "the cell holds an error of the spreadsheet"),
            )
            .hint(Text::new(
                "数式を値に置き換えるか、セルを空にしてください",
                "put a value in place of the formula, or empty the cell",
            ))
        } else if is_cut(base) {
            Diagnostic::error(
                Code::Limit,
                Text::new(
                    "この文は長すぎてセルに入りきらないため、ブックでは変えられません",
                    "this text is too long for a cell and cannot be changed in the workbook",
                ),
            )
            .hint(Text::new("文書を直接書き換えてください", "change it in the document itself"))
        } else {
            return true;
        };
        let span = self.span(cell);
        self.problems.push(problem.at(span));
        false
    }

    /// Rows of what the row that they belong to says there is none of: nobody can tell which holds.
    fn name_what_is_said_not_to_be(&mut self) {
        let filled = self.filled;
        for (n, table) in filled.tables.iter().enumerate() {
            let Rows::Inside(list, inner) = table.rows else { continue };
            let Some(of) = filled.tables.iter().position(|own| own.id == list) else { continue };
            let parent = &filled.tables[of];
            let says_none = |field: &Field| field.kind == Kind::None && field.id == inner;
            let Some(none) = parent.fields.iter().position(says_none) else { continue };
            for (_, item) in filled.rows_of(of) {
                let Some(cell) = item.cells[none].as_ref().filter(|cell| cell.value == "true") else {
                    continue;
                };
                let written = parent.index("id").and_then(|n| item.cells[n].as_ref());
                let id = written.map(|cell| &cell.value).filter(|id| !id.is_empty()).unwrap_or(&item.key);
                let is_its = |row: &&BookRow| {
                    row.cells[0].as_ref().is_some_and(|of| !of.value.is_empty() && of.value == *id)
                };
                let Some(row) = filled.rows(n).unwrap_or_default().iter().find(is_its) else { continue };
                let Some(there) = row.first() else { continue };
                let (at, beside) = (self.span(cell), self.span(there));
                let title = &parent.fields[none].title;
                self.problems.push(
                    Diagnostic::error(
                        Code::Conflict,
                        Text::new(
                            "「{title}」とありますが、その行が記入されています",
                            "it says “{title}”, and there is a row of them",
                        )
                        .fill(&[("title", title)]),
                    )
                    .at(at)
                    .also(beside, Text::new("記入されている行", "the row"))
                    .hint(Text::new(
                        "行を削除するか、このセルを空にしてください",
                        "delete the row, or empty this cell",
                    )),
                );
            }
        }
    }

    /// The cells of a row that differ from what the workbook was made from.
    fn changed<'r>(fields: &[&Field], row: &'r BookRow, base: &[String]) -> Vec<(usize, &'r Seen)> {
        let cells = row.cells.iter().enumerate();
        let cells = cells.filter_map(|(n, cell)| Some((n, cell.as_ref()?)));
        let differs = |(n, cell): &(usize, &Seen)| {
            let base = base.get(*n).map_or("", String::as_str);
            cell.broken || !equal(fields[*n].kind, &cell.value, base)
        };
        cells.filter(differs).collect()
    }

    /// Single values, and the items of a list.
    fn items(&mut self, table: &Table, rows: &[BookRow]) {
        let base = self.file.base.tables.get(table.id).cloned().unwrap_or_default();
        let document: IndexMap<String, Vec<String>> =
            records(table, self.before, self.lang).into_iter().map(|r| (r.key, r.cells)).collect();
        let values = table.rows == Rows::Values;
        let id = table.index("id").filter(|_| !values);
        let known = |row: &&BookRow| !row.is_copy && base.contains_key(&row.key);
        let there: BTreeSet<&str> = rows.iter().filter(known).map(|row| row.key.as_str()).collect();
        let mut taken: BTreeSet<String> = document.keys().cloned().collect();
        taken.extend(rows.iter().filter_map(|row| Some(row.cells.get(id?)?.as_ref()?.value.clone())));
        // What the document has since the workbook was made from it: a new row may have come already.
        // Without ids, a row is what it says: the key of one may pass to another.
        let said: BTreeSet<&Vec<String>> = base.values().collect();
        let is_new = |key: &str, cells: &Vec<String>| match id {
            Some(_) => !base.contains_key(key),
            None => !said.contains(cells),
        };
        let mut since: IndexMap<&str, &Vec<String>> = document
            .iter()
            .filter(|(key, cells)| is_new(key, cells))
            .map(|(key, cells)| (key.as_str(), cells))
            .collect();
        for row in rows {
            if known(&row) {
                self.known_item(table, row, &base[&row.key], document.get(&row.key));
            } else if !values && !self.came_before(table, row, &mut since) {
                self.new_item(table, row, &mut taken);
            }
        }
        if values {
            return;
        }
        for (key, cells) in base.iter().filter(|(key, _)| !there.contains(key.as_str())) {
            let Some(now) = document.get(key) else { continue };
            let same = table.fields.iter().zip(cells.iter().zip(now)).all(|(f, (a, b))| equal(f.kind, a, b));
            let item = self.position(table.id, key);
            if same {
                if let Some(item) = item.and_then(|n| self.item(table.id, n)) {
                    item.value = Value::Null;
                }
            } else {
                let document = item.and_then(|n| Some(self.item(table.id, n)?.span));
                let sheet = self.filled.sheet_name(table);
                let row = self.filled.names.show_one(Kind::Ref(table.id), key);
                let place = self.span_of_sheet(&sheet);
                self.conflict(
                    Some(place),
                    document,
                    Text::new(
                        format!(
                            "シート「{sheet}」では`{row}`の行が削除されましたが、文書ではそのあと変わっています"
                        ),
                        format!(
                            "the row `{row}` is deleted from the sheet `{sheet}`, and changed in the document since"
                        ),
                    ),
                );
            }
        }
    }

    fn known_item(&mut self, table: &Table, row: &BookRow, base: &[String], now: Option<&Vec<String>>) {
        let fields: Vec<&Field> = match table.rows {
            Rows::Values => table.index(&row.key).map(|n| &table.fields[n]).into_iter().collect(),
            _ => table.fields.iter().collect(),
        };
        for (n, cell) in Self::changed(&fields, row, base) {
            let (field, base) = (fields[n], base.get(n).map_or("", String::as_str));
            if !self.usable(cell, base) {
                continue;
            }
            if field.kind == Kind::Id && !base.is_empty() {
                let span = self.span(cell);
                self.renamed.push((table.id, cell.value.clone()));
                self.problems.push(
                    Diagnostic::error(
                        Code::BadId,
                        Text::new(
                            format!("`{base}`の識別子はブックでは変えられません"),
                            format!("the id of `{base}` cannot be changed in the workbook"),
                        ),
                    )
                    .at(span)
                    .hint(Text::new(
                        format!("`{base}`に戻してください。識別子を変えるには、それを指す場所と合わせて文書を書き換えます"),
                        format!("put `{base}` back; to change an id, change it in the document together with what names it"),
                    )),
                );
                continue;
            }
            let Some(now) = now else {
                let key = &row.key;
                let place = self.span(cell);
                self.conflict(
                    Some(place),
                    None,
                    Text::new(
                        format!("ブックで変わりましたが、`{key}`はもう文書にありません"),
                        format!("this is changed in the workbook, and `{key}` is no longer in the document"),
                    ),
                );
                continue;
            };
            let now = now.get(n).map_or("", String::as_str);
            if equal(field.kind, now, &cell.value) {
                continue;
            }
            let position = self.position(table.id, &row.key);
            if !equal(field.kind, now, base) {
                let place = match table.rows {
                    Rows::Values => find(self.before, &field.path).map(|node| node.span),
                    _ => position
                        .and_then(|n| find(keyed(table.id, self.before).get(n)?.1, &field.path))
                        .map(|node| node.span),
                };
                let cell = self.span(cell);
                self.conflict(
                    Some(cell),
                    place,
                    Text::new(
                        format!("{}がブックと文書の両方で、別々に変わっています", field.title.get(Lang::Ja)),
                        format!(
                            "`{}` is changed in the workbook and, differently, in the document since",
                            field.title.get(Lang::En)
                        ),
                    ),
                );
                continue;
            }
            let span = self.span(cell);
            let lang = self.lang;
            let item = match table.rows {
                Rows::Values => Some(&mut self.root),
                _ => position.and_then(|n| self.item(table.id, n)),
            };
            if let Some(item) = item {
                put(item, field, &cell.value, span, lang);
            }
        }
    }

    /// Whether a new row is in the document already, most often by an earlier import of the same
    /// workbook; one with its id that says something else is a conflict.
    fn came_before(
        &mut self,
        table: &Table,
        row: &BookRow,
        since: &mut IndexMap<&str, &Vec<String>>,
    ) -> bool {
        let Some(first) = row.first().cloned() else { return false };
        let id = table.index("id");
        let value = |n: usize| row.cells.get(n).and_then(Option::as_ref).map_or("", |cell| &cell.value);
        let own_id = id.map(value).filter(|id| !id.is_empty());
        let says_the_same = |cells: &Vec<String>| {
            table.fields.iter().enumerate().all(|(n, field)| {
                (id == Some(n) && own_id.is_none())
                    || equal(field.kind, value(n), cells.get(n).map_or("", String::as_str))
            })
        };
        let place = &first.place;
        let found = match own_id {
            Some(id) => since.get_index_of(id).filter(|n| says_the_same(since[*n])),
            None => since.values().position(|cells| says_the_same(cells)),
        };
        if let Some(n) = found {
            since.shift_remove_index(n);
            // Only where there is an id to write, and none is written.
            let asks = id.is_some() && own_id.is_none();
            self.notes.push(Text::new(
                format!(
                    "{place}の行は、もう文書にあります{}",
                    if asks { "。別のものなら、識別子を書いてください" } else { "" }
                ),
                format!(
                    "the row at {place} is in the document already{}",
                    if asks { "; if it is another one, give it an id" } else { "" }
                ),
            ));
            return true;
        }
        let Some(key) = own_id.filter(|id| since.contains_key(id)) else { return false };
        let document = self.position(table.id, key).and_then(|n| Some(self.item(table.id, n)?.span));
        let span = self.span(&first);
        self.conflict(
            Some(span),
            document,
            Text::new(
                format!("新しい行`{key}`と同じ識別子の、内容の違うものが文書にあります"),
                format!("the document has something else with the id `{key}` of this new row"),
            ),
        );
        true
    }

    fn new_item(&mut self, table: &Table, row: &BookRow, taken: &mut BTreeSet<String>) {
        let Some(first) = row.first().cloned() else { return };
        let place = self.span(&first);
        let mut item = Node { value: Value::Map(Vec::new()), span: place };
        let mut given = None;
        for (n, field) in table.fields.iter().enumerate() {
            let Some(cell) = row.cells[n].clone() else { continue };
            if !self.usable(&cell, "") {
                continue;
            }
            if !cell.value.is_empty() {
                let span = self.span(&cell);
                put(&mut item, field, &cell.value, span, self.lang);
            } else if field.kind == Kind::Id && field.required {
                let name = table.index("name").and_then(|n| row.cells[n].as_ref());
                let own = propose(table, name.map(|cell| cell.value.as_str()), taken);
                put(&mut item, field, &own, place, self.lang);
                given = Some(own);
            }
        }
        if let Some(own) = given {
            self.given.insert(first.row, own.clone());
            let place = &first.place;
            self.notes.push(Text::new(
                format!("{place}の新しい行に識別子`{own}`を付けました"),
                format!("the new row at {place} gets the id `{own}`"),
            ));
        }
        append(&mut self.root, table.id, item);
    }

    /// Which item of a list has a key, as the list was before anything came or went.
    fn position(&self, list: &str, key: &str) -> Option<usize> {
        // Items without a key of their own would make the numbers differ: there are none in a document
        // without errors.
        keyed(list, self.before).iter().position(|(own, _)| own == key)
    }

    fn item(&mut self, list: &str, n: usize) -> Option<&mut Node> {
        let Value::Map(entries) = &mut self.root.value else { return None };
        match &mut entries.iter_mut().find(|(key, _)| &*key.text == list)?.1.value {
            Value::List(items) => items.get_mut(n),
            _ => None,
        }
    }

    /// The entries of lists inside items: each list is one value.
    fn inside(&mut self, table: &Table, list: &'static str, inner: &'static str, rows: &[BookRow]) {
        let group = |records: IndexMap<String, Vec<String>>| {
            let mut out: IndexMap<String, Vec<Vec<String>>> = IndexMap::new();
            for (_, cells) in records {
                out.entry(cells.first().cloned().unwrap_or_default()).or_default().push(cells);
            }
            out
        };
        let base_rows = self.file.base.tables.get(table.id).cloned().unwrap_or_default();
        let base = group(base_rows.clone());
        let document =
            group(records(table, self.before, self.lang).into_iter().map(|r| (r.key, r.cells)).collect());
        let order = table.fields.iter().position(|field| field.kind == Kind::Order);
        let mut book: IndexMap<String, Vec<&BookRow>> =
            base.keys().map(|key| (key.clone(), Vec::new())).collect();
        for row in rows {
            let Some(Some(parent)) = row.cells.first() else { return };
            book.entry(parent.value.clone()).or_default().push(row);
        }
        for (parent, mut rows) in book {
            let number = |row: &BookRow| {
                let written = order.and_then(|n| row.cells[n].as_ref()).map(|cell| cell.value.parse::<f64>());
                match (order, written) {
                    (Some(_), Some(Ok(n))) => n,
                    // Without an order of its own, what was there comes first, as it was.
                    (None, _) if base_rows.contains_key(&row.key) => {
                        row.key.rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(f64::INFINITY)
                    }
                    _ => f64::INFINITY,
                }
            };
            rows.sort_by(|a, b| number(a).total_cmp(&number(b)));
            let empty = Vec::new();
            let (was, now) = (base.get(&parent).unwrap_or(&empty), document.get(&parent).unwrap_or(&empty));
            let value =
                |row: &BookRow, n: usize| -> Option<String> { Some(row.cells[n].as_ref()?.value.clone()) };
            let says = |other: &[Vec<String>]| {
                other.len() == rows.len()
                    && other.iter().zip(&rows).all(|(cells, row)| {
                        table.fields.iter().enumerate().filter(|(_, f)| f.kind != Kind::Order).all(
                            |(n, field)| value(row, n).is_none_or(|own| equal(field.kind, &own, &cells[n])),
                        )
                    })
            };
            let broken = rows.iter().flat_map(|row| row.cells.iter().flatten()).filter(|cell| cell.broken);
            if broken.map(|cell| self.usable(cell, "")).count() > 0 {
                continue;
            }
            if says(was) || says(now) {
                continue;
            }
            let first = rows.first().and_then(|row| row.first()).cloned();
            // The parent as the document has it, or as a new row of this workbook made it.
            let is_parent =
                |item: &Node| anshin_model::shape::item_id(item).is_some_and(|(id, _)| id == parent);
            let place = self.root.get(list).and_then(|items| items.items().iter().position(is_parent));
            let Some(place) = place else {
                let Some(cell) = rows.first().and_then(|row| row.cells[0].as_ref()) else { continue };
                if parent.is_empty() {
                    for at in rows.iter().filter_map(|row| Some(row.cells[0].as_ref()?.row)) {
                        let problem = self.empty_cells(at, &[0]);
                        self.problems.extend(problem);
                    }
                    continue;
                }
                let span = self.span(cell);
                let ids = keyed(list, &self.root);
                let near = nearest(&parent, ids.iter().map(|(id, _)| id.as_str())).map(str::to_owned);
                self.found.push(Wrong::Reference { word: parent, list, near }.at(span));
                continue;
            };
            let old: Vec<Node> = {
                let item = self.root.get(list).and_then(|items| items.items().get(place));
                item.and_then(|item| item.get(inner)).map_or(&[][..], Node::items).to_vec()
            };
            let unchanged = was.len() == now.len()
                && was.iter().zip(now).all(|(a, b)| {
                    table.fields.iter().zip(a.iter().zip(b)).all(|(f, (a, b))| equal(f.kind, a, b))
                });
            if !unchanged {
                let span = self.root.get(list).and_then(|items| Some(items.items().get(place)?.span));
                let place = first.map(|first| self.span(&first));
                self.conflict(
                    place,
                    span,
                    Text::new(
                        format!("`{parent}`の{}がブックと文書の両方で、別々に変わっています", crate::words::key("", inner).get(Lang::Ja)),
                        format!("the {} of `{parent}` are changed in the workbook and, differently, in the document since", crate::words::key("", inner).get(Lang::En)),
                    ),
                );
                continue;
            }
            let mut used = BTreeSet::new();
            let mut entries = Vec::with_capacity(rows.len());
            for row in &rows {
                let known = row.key.strip_prefix(&format!("{parent}/")).and_then(|n| n.parse::<usize>().ok());
                let known = known.and_then(|n| n.checked_sub(1)).filter(|&n| n < old.len() && used.insert(n));
                let mut entry = match (known, row.first().cloned()) {
                    (Some(n), _) => old[n].clone(),
                    (None, Some(first)) => Node { value: Value::Map(Vec::new()), span: self.span(&first) },
                    (None, None) => continue,
                };
                for (n, field) in table.fields.iter().enumerate().filter(|(_, field)| !field.path.is_empty())
                {
                    let Some(cell) = row.cells[n].clone() else { continue };
                    let before = known.and_then(|own| was.get(own)).map_or("", |cells| cells[n].as_str());
                    if !equal(field.kind, &cell.value, before) && self.usable(&cell, before) {
                        let span = self.span(&cell);
                        put(&mut entry, field, &cell.value, span, self.lang);
                    }
                }
                entries.push(entry);
            }
            let Some(item) = self.item(list, place) else { continue };
            let span = item.get(inner).map_or(Span::nowhere(), |node| node.span);
            let whole = (!entries.is_empty()).then_some(Node { value: Value::List(entries), span });
            set(item, &[inner], whole);
        }
    }

    /// Names the risk scenarios that are accepted and cannot be: they are of nothing in the document.
    fn name_scenarios(&mut self) {
        let ids = |list: &str| -> BTreeSet<String> {
            keyed(list, &self.root).into_iter().map(|(id, _)| id).collect()
        };
        let (assets, stakeholders) = (ids("assets"), ids("stakeholders"));
        let can_be = |id: &str| match id.split('/').collect::<Vec<_>>()[..] {
            [asset, consequence, who] => {
                assets.contains(asset)
                    && Consequence::ALL.into_iter().any(|own| own.as_str() == consequence)
                    && stakeholders.contains(who)
            }
            _ => false,
        };
        let accepted = self.root.get("acceptances").map_or(&[][..], Node::items).iter();
        let scenarios = accepted.filter_map(|item| item.get("scenario"));
        let filled_in = scenarios.filter(|node| self.sources.is_cell(node.span.file));
        let problems = filled_in.filter_map(|node| {
            let id = node.scalar().filter(|id| !can_be(id))?;
            let what = Text::new(
                format!("`{id}`というシナリオはありません"),
                format!("there is no scenario `{id}`"),
            );
            let sheet = self.filled.worksheet("residual-risk").map(|sheet| &sheet.name);
            let hint = sheet.map_or_else(
                || Text::new("セルのリストから選んでください", "choose one from the list in the cell"),
                |sheet| {
                    Text::new(
                        format!("セルのリストから選んでください（シート「{sheet}」の識別子です）"),
                        format!("choose one from the list in the cell (the ids of the sheet `{sheet}`)"),
                    )
                },
            );
            Some(Diagnostic::error(Code::UnknownScenario, what).at(node.span).hint(hint))
        });
        let problems: Vec<Diagnostic> = problems.collect();
        self.problems.extend(problems);
    }

    /// Decisions, each in the row of its proposal.
    fn decisions(&mut self, table: &Table, rows: &[BookRow]) {
        let document: IndexMap<String, Vec<String>> =
            records(table, self.before, self.lang).into_iter().map(|r| (r.key, r.cells)).collect();
        let empty: Vec<String> = table.fields.iter().map(|_| String::new()).collect();
        let base = self.file.base.tables.get(table.id).cloned().unwrap_or_default();
        let mut done = BTreeSet::new();
        for row in rows {
            // In the list of decisions, only those are open that have no other place.
            if row.worksheet() == Some("decisions") && row.is_blank(table) && done.contains(&row.key) {
                continue;
            }
            if !done.insert(row.key.clone()) {
                continue;
            }
            let was = base.get(&row.key).unwrap_or(&empty);
            let now = document.get(&row.key);
            self.decision(table, row, was, now.unwrap_or(&empty), now.is_some());
        }
    }

    fn decision(&mut self, table: &Table, row: &BookRow, was: &[String], now: &[String], exists: bool) {
        let fields: Vec<&Field> = table.fields.iter().collect();
        let changed: Vec<(usize, Seen)> =
            Self::changed(&fields, row, was).into_iter().map(|(n, cell)| (n, cell.clone())).collect();
        let Some((_, first)) = changed.first() else { return };
        let agrees = |with: &[String]| {
            row.cells.iter().enumerate().all(|(n, cell)| {
                cell.as_ref().is_none_or(|cell| equal(fields[n].kind, &cell.value, &with[n]))
            })
        };
        if agrees(now) {
            return;
        }
        let usable: Vec<bool> = changed.iter().map(|(n, cell)| self.usable(cell, &was[*n])).collect();
        if usable.contains(&false) {
            return;
        }
        let position = self.position("decisions", &row.key).filter(|_| exists);
        if !was.iter().zip(now).zip(&fields).all(|((a, b), field)| equal(field.kind, a, b)) {
            let span = position.and_then(|n| Some(self.item("decisions", n)?.span));
            let place = self.span(first);
            self.conflict(
                Some(place),
                span,
                Text::new(
                    format!("`{}`についての決定がブックと文書の両方で、別々に変わっています", row.key),
                    format!("the decision about `{}` is changed in the workbook and, differently, in the document since", row.key),
                ),
            );
            return;
        }
        if row.is_blank(table) {
            if let Some(item) = position.and_then(|n| self.item("decisions", n)) {
                item.value = Value::Null;
            }
            return;
        }
        let place = self.span(first);
        let mut spans = Vec::new();
        for (n, cell) in &changed {
            spans.push((*n, cell.value.clone(), self.span(cell)));
        }
        let lang = self.lang;
        let fingerprint = self.file.base.seen.get(&row.key).cloned();
        let seen = fields.iter().find(|field| field.id == "seen").zip(fingerprint);
        let subject = fields.iter().find(|field| field.id == "subject");
        let mut new = Node { value: Value::Map(Vec::new()), span: place };
        let item = if let Some(item) = position.and_then(|n| self.item("decisions", n)) {
            item
        } else {
            if let Some(subject) = subject {
                put(&mut new, subject, &row.key, place, lang);
            }
            &mut new
        };
        for (n, value, span) in spans {
            put(item, fields[n], &value, span, lang);
        }
        // Who decides on a workbook has seen the facts that it was made from.
        if let Some((field, fingerprint)) = seen {
            put(item, field, &fingerprint, place, lang);
        }
        if position.is_none() {
            append(&mut self.root, "decisions", new);
        }
    }
}

/// Puts an item at the end of a list, which is made if it is not there.
pub(super) fn append(root: &mut Node, list: &str, item: Node) {
    let Value::Map(entries) = &mut root.value else { return };
    match entries.iter_mut().find(|(key, _)| &*key.text == list) {
        Some((_, Node { value: Value::List(items), .. })) => items.push(item),
        Some((_, node)) => node.value = Value::List(vec![item]),
        None => entries.push((key(list), Node { value: Value::List(vec![item]), span: Span::nowhere() })),
    }
}

/// An id for a new row: made of its name, or the next number.
pub(super) fn propose(table: &Table, name: Option<&str>, taken: &mut BTreeSet<String>) -> String {
    let named = name.and_then(id::suggest).filter(|own| own.len() <= 40 && !own.contains('.'));
    let kind = match table.id {
        "data" => "data",
        list => list.strip_suffix('s').unwrap_or(list),
    };
    let stem = named.clone().unwrap_or_else(|| kind.to_owned());
    let mut own = named.unwrap_or_else(|| format!("{stem}-1"));
    let mut n = 1;
    while !taken.insert(own.clone()) {
        n += 1;
        own = format!("{stem}-{n}");
    }
    own
}
