//! What is wrong with a workbook in the words of the workbook: its sheets, headings and lists to choose
//! from. Who fills it in may never have seen the document.

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::shape::did_you_mean;
use anshin_model::wrong::Wrong;
use anshin_model::{Lang, Text};
use indexmap::IndexMap;

use super::Merge;
use super::filled::{RowAt, Seen};
use super::places::Places;
use crate::words;
use crate::workbook::tables::{Field, Kind, Rows, Table};

/// Most problems for which words of a similar look are searched: each search reads all names.
const MOST_NEAREST: usize = 50;

/// What must be filled in and is not.
enum Empty<'t> {
    /// A cell, by its row and field.
    Cell(RowAt, usize),
    /// The rows of another sheet that belong to a row.
    Rows(&'t Table, RowAt),
    /// All rows of a sheet.
    Sheet(&'t Table),
}

impl<'a> Merge<'a> {
    /// Tells what was found in the document as it became, each problem once and with its place in the
    /// workbook.
    pub(super) fn tell(&mut self, places: &Places, found: Vec<Diagnostic>) {
        let mut told: Vec<(Option<RowAt>, Option<Diagnostic>)> = Vec::with_capacity(found.len());
        // The empty cells of a row are told together, where the first of them was found.
        let mut empty: IndexMap<RowAt, (usize, Vec<usize>)> = IndexMap::new();
        for mut one in found {
            let seen = one.span.and_then(|span| self.cell_at(places, span));
            let wrong = one.wrong.take();
            match wrong.as_deref().and_then(|wrong| self.empty(wrong, seen.as_ref())) {
                Some(Empty::Cell(at, field)) => {
                    let (_, fields) = empty.entry(at).or_insert_with(|| {
                        told.push((Some(at), None));
                        (told.len() - 1, Vec::new())
                    });
                    fields.push(field);
                }
                // Of a row that was copied with its id, the id is what is wrong, and is told.
                Some(Empty::Rows(_, at)) if self.is_twice(at) => {}
                Some(Empty::Rows(table, at)) => {
                    let problem = self.no_rows(table, at);
                    let place = self.filled.row(at).and_then(|row| row.first()).cloned();
                    let place = place.map(|cell| self.span(&cell));
                    told.push((Some(at), Some(Diagnostic { span: place, ..problem })));
                }
                Some(Empty::Sheet(table)) => {
                    let problem = self.no_row_at_all(table);
                    let sheet = self.filled.sheet_name(table);
                    told.push((None, Some(problem.at(self.span_of_sheet(&sheet)))));
                }
                None => {
                    let search = told.len() < MOST_NEAREST;
                    let own = wrong.and_then(|wrong| self.words(&wrong, seen.as_ref(), search));
                    if let Some((message, hints)) = own {
                        (one.message, one.hints) = (message, hints);
                    }
                    one.span = one.span.map(|span| self.in_workbook(places, span));
                    for (span, _) in &mut one.also {
                        *span = self.in_workbook(places, *span);
                    }
                    told.push((seen.map(|cell| cell.row), Some(one)));
                }
            }
        }
        for (at, (place, mut fields)) in empty {
            fields.sort_unstable();
            let other = told.iter_mut().find(|(own, problem)| *own == Some(at) && problem.is_some());
            if let Some((_, Some(other))) = other {
                other.hints.extend(self.also_empty(at, &fields));
            } else {
                told[place].1 = self.empty_cells(at, &fields);
            }
        }
        self.problems.extend(told.into_iter().filter_map(|(_, problem)| problem));
    }

    /// What is empty, if that is what is wrong.
    fn empty(&self, wrong: &Wrong, seen: Option<&Seen>) -> Option<Empty<'a>> {
        let filled = self.filled;
        let (object, key) = match wrong {
            Wrong::Missing { object, field } => (object.name, field.name),
            Wrong::NoValue => ("decision", "value"),
            _ => return None,
        };
        let of = |table: &Table| {
            table.fields.iter().position(|field| field.object == object && field.path.last() == Some(&key))
        };
        if object == "document" {
            return filled.table(key).map(Empty::Sheet);
        }
        // Single values have a row each.
        let single = filled.tables.iter().enumerate().find(|(_, table)| table.rows == Rows::Values);
        if let Some((n, table)) = single
            && let Some(field) = of(table)
        {
            let mut rows = filled.rows_of(n);
            return rows
                .find(|(_, row)| row.key == table.fields[field].id)
                .map(|(at, _)| Empty::Cell(at, field));
        }
        let at = seen?.row;
        let table = filled.table_of(at);
        if let Some(field) = of(table) {
            return Some(Empty::Cell(at, field));
        }
        let inner = filled.tables.iter().find(|inner| inner.rows == Rows::Inside(table.id, key));
        inner.map(|inner| Empty::Rows(inner, at))
    }

    /// The cells of a row that must be filled in, each with its heading, as `by (F3)`; those that hold
    /// an error have been told already.
    fn headed(&self, at: RowAt, fields: &[usize]) -> Vec<(String, Option<Seen>)> {
        let Some(row) = self.filled.row(at) else { return Vec::new() };
        let cells = fields.iter().map(|&n| {
            // A single value is the only cell of its row.
            let cell = row.cells.iter().flatten().find(|cell| cell.field == n);
            (self.filled.heading(at, n), cell.cloned())
        });
        cells.filter(|(_, cell)| cell.as_ref().is_none_or(|cell| !cell.broken)).collect()
    }

    /// That cells of a row are empty; nothing if they are not.
    pub(super) fn empty_cells(&mut self, at: RowAt, fields: &[usize]) -> Option<Diagnostic> {
        let cells = self.headed(at, fields);
        let place = cells.iter().find_map(|(_, cell)| cell.clone());
        let message = match cells.as_slice() {
            [] => return None,
            [(heading, Some(_))] => {
                Text::new(format!("「{heading}」が空です"), format!("`{heading}` is empty"))
            }
            [(heading, None)] => {
                Text::new(format!("列「{heading}」がありません"), format!("there is no column `{heading}`"))
            }
            cells => {
                let cells = named(cells);
                Text::new(
                    format!("必ず書くセルが空です: {}", cells.get(Lang::Ja)),
                    format!("cells that must be filled in are empty: {}", cells.get(Lang::En)),
                )
            }
        };
        let mut problem = Diagnostic::error(Code::MissingKey, message);
        let place = place.or_else(|| self.filled.row(at)?.first().cloned());
        problem.span = place.map(|cell| self.span(&cell));
        let has_column = |n: usize| {
            self.filled.row(at).is_some_and(|row| row.cells.iter().flatten().any(|cell| cell.field == n))
        };
        for &n in fields {
            let field = self.filled.field(at, n);
            let heading = field.title.get(self.lang);
            if !has_column(n) {
                problem.hints.push(Text::new(
                    format!("列「{heading}」を元に戻してください"),
                    format!("put the column `{heading}` back"),
                ));
            } else if fields.len() == 1 || !matches!(field.kind, Kind::Text | Kind::Line) {
                problem.hints.push(self.fill_in(&field));
            }
        }
        if problem.hints.is_empty() {
            problem.hints.push(Text::new("それぞれを書いてください", "fill them in"));
        }
        Some(problem)
    }

    /// That cells of a row are empty as well, beside something else that is wrong with it.
    fn also_empty(&self, at: RowAt, fields: &[usize]) -> Option<Text> {
        let cells = self.headed(at, fields);
        if cells.is_empty() {
            return None;
        }
        let cells = named(&cells);
        Some(Text::new(
            format!("この行では{}も書いてください", cells.get(Lang::Ja)),
            format!("fill in {} of this row as well", cells.get(Lang::En)),
        ))
    }

    /// The id of a row: the one in it, or the one that a new row was given.
    fn id_of(&self, at: RowAt) -> &str {
        let Some(row) = self.filled.row(at) else { return "" };
        let cell = self.filled.table_of(at).index("id").and_then(|id| row.cells.get(id)?.as_ref());
        let own = cell.map(|cell| cell.value.as_str()).filter(|own| !own.is_empty());
        own.or_else(|| self.given.get(&at).map(String::as_str)).unwrap_or(&row.key)
    }

    /// Whether a row is a copy that still has the id of the one it was copied from.
    fn is_twice(&self, at: RowAt) -> bool {
        self.filled.row(at).is_some_and(|row| row.is_copy && self.id_of(at) == row.key)
    }

    /// That nothing of another sheet belongs to a row.
    fn no_rows(&self, inner: &Table, at: RowAt) -> Diagnostic {
        let list = self.filled.table_of(at).id;
        let id = self.id_of(at);
        let row = self.filled.names.show_one(Kind::Ref(list), id);
        let sheet = self.filled.sheet_name(inner);
        let heading = self.filled.heading_of(inner.id, inner.fields.first().map_or("", |field| &field.id));
        let (list, what) = (words::list(list), words::key("", inner.id));
        Diagnostic::error(
            Code::MissingKey,
            Text::new("{list}`{row}`に{what}がありません", "the {list} `{row}` has no {what}").fill(&[
                ("list", &Text::new(list.get(Lang::Ja), list.get(Lang::En).to_lowercase())),
                ("row", &Text::same(row)),
                ("what", &what),
            ]),
        )
        .hint(Text::new(
            format!("シート「{sheet}」に行を足し、その「{heading}」に`{id}`と書いてください"),
            format!("add rows to the sheet `{sheet}`, with `{id}` as `{heading}`"),
        ))
    }

    /// That a sheet that must have rows has none.
    fn no_row_at_all(&self, table: &Table) -> Diagnostic {
        let sheet = self.filled.sheet_name(table);
        Diagnostic::error(
            Code::MissingKey,
            Text::new(
                format!("シート「{sheet}」に行が1つもありません"),
                format!("there is no row in the sheet `{sheet}`"),
            ),
        )
        .hint(Text::new("少なくとも1行を書いてください", "write at least one row"))
    }

    /// What is wrong with a cell and what to do, where the words of the document would be others.
    fn words(&self, wrong: &Wrong, seen: Option<&Seen>, search: bool) -> Option<(Text, Vec<Text>)> {
        let filled = self.filled;
        let field = seen.map(|cell| filled.field(cell.row, cell.field));
        let heading = field.as_ref().map(|field| field.title.get(self.lang).to_owned());
        let heading = heading.as_deref().unwrap_or_default();
        let to_fill_in = || field.as_ref().map(|field| self.fill_in(field));
        let near = |kind: Kind, word: &str, id: Option<&str>| {
            let name = id.map(|id| filled.names.show_one(kind, id));
            name.or_else(|| filled.names.near(kind, word).filter(|_| search)).map(|name| did_you_mean(&name))
        };
        Some(match wrong {
            Wrong::Choice { word, .. } => {
                let message = Text::new(
                    format!("`{word}`は「{heading}」の選択肢にありません"),
                    format!("`{word}` is not one of the choices of `{heading}`"),
                );
                let kind = field.as_ref()?.kind;
                (message, near(kind, word, None).into_iter().chain(to_fill_in()).collect())
            }
            Wrong::Known { word, section, near: id } => {
                let message = Text::new(
                    format!("`{word}`は「{heading}」の語ではありません"),
                    format!("`{word}` is not a word for `{heading}`"),
                );
                let field = field.as_ref()?;
                let near = near(field.kind, word, id.as_deref());
                // Where a cell holds several words there is no list to choose from.
                let list = if field.many {
                    Text::new(
                        format!("`anshin catalog list {section}`が使える語を示します"),
                        format!("`anshin catalog list {section}` shows the words"),
                    )
                } else {
                    self.fill_in(field)
                };
                (message, near.into_iter().chain([list]).collect())
            }
            Wrong::Reference { word, list, near: id } => {
                let sheet = filled.sheet_name(filled.table(list)?);
                let message = Text::new(
                    format!("シート「{sheet}」に`{word}`の行がありません"),
                    format!("there is no row `{word}` in the sheet `{sheet}`"),
                );
                let add = Text::new(
                    format!("シート「{sheet}」にその行を足すか、ある行を選んでください"),
                    format!("add the row to the sheet `{sheet}`, or choose one that is there"),
                );
                let near = near(Kind::Ref(list), word, id.as_deref());
                (message, near.into_iter().chain([add]).collect())
            }
            Wrong::Bool { word } => {
                let yes = filled.names.show_one(Kind::Bool, "true");
                let message = Text::new(
                    format!("「{heading}」に`{word}`とは書けません"),
                    format!("`{word}` cannot stand under `{heading}`"),
                );
                let hint = Text::new(
                    format!("`{yes}`と書くか、セルを空にしてください"),
                    format!("write `{yes}`, or leave the cell empty"),
                );
                (message, vec![hint])
            }
            Wrong::Number { word, low, high, .. } => number(word, *low, *high),
            Wrong::Twice { id, .. } => self.twice(id, seen),
            Wrong::ZoneCycle { zone } => {
                let zone = filled.names.show_one(Kind::Ref("zones"), zone);
                let message = Text::new(
                    format!("区分`{zone}`が自分自身の中にあります"),
                    format!("the zone `{zone}` is a part of itself"),
                );
                let hint = Text::new(
                    format!("「{heading}」を直すか空にしてください"),
                    format!("correct or empty `{heading}`"),
                );
                (message, vec![hint])
            }
            Wrong::EndBetween { asset } => {
                let asset = filled.names.show_one(Kind::Ref("assets"), asset);
                let message = Text::new(
                    format!("`{asset}`は接続の端なので、途中の機器にはなれません"),
                    format!("`{asset}` is an end of the link and cannot be in between as well"),
                );
                let hint = Text::new(
                    format!("「{heading}」から取り除いてください"),
                    format!("remove it from `{heading}`"),
                );
                (message, vec![hint])
            }
            Wrong::HasAndHasNot { word, .. } => {
                let word = filled.names.show_one(Kind::Known("traits"), word);
                let [has, not] = ["traits", "without"].map(|field| filled.heading_of("assets", field));
                let message = Text::new(
                    format!("`{word}`が「{has}」と「{not}」の両方にあります"),
                    format!("`{word}` is under `{has}` and under `{not}`"),
                );
                (message, vec![Text::new("どちらか一方に書いてください", "keep it in one of the two")])
            }
            Wrong::NoLead => {
                let (yes, heading) = self.lead();
                let message = Text::new("適用主体がありません", "no stakeholder is the lead");
                let hint = Text::new(
                    format!("このアセスメントを行う行の「{heading}」を`{yes}`にしてください"),
                    format!("write `{yes}` under `{heading}` for the one that carries out this assessment"),
                );
                (message, vec![hint])
            }
            Wrong::SecondLead { .. } => {
                let (yes, heading) = self.lead();
                let message = Text::new("適用主体が2つ以上あります", "there is more than one lead");
                let hint = Text::new(
                    format!("「{heading}」を`{yes}`にするのは1行だけにしてください"),
                    format!("keep `{yes}` under `{heading}` in one row only"),
                );
                (message, vec![hint])
            }
            // The first are told as empty cells; the words of the others are not of the document.
            Wrong::Missing { .. }
            | Wrong::NoValue
            | Wrong::Date { .. }
            | Wrong::Id { .. }
            | Wrong::Control => return None,
        })
    }

    /// What is written for the lead, and the heading of its column.
    fn lead(&self) -> (String, String) {
        (self.filled.names.show_one(Kind::Bool, "true"), self.filled.heading_of("stakeholders", "lead"))
    }

    /// That an id stands twice; most often a row was copied.
    fn twice(&self, id: &str, seen: Option<&Seen>) -> (Text, Vec<Text>) {
        let message = Text::new(
            format!("識別子`{id}`の行が2つあります"),
            format!("there are two rows with the id `{id}`"),
        );
        let place = seen.and_then(|seen| {
            let table = self.filled.table_of(seen.row);
            let n = table.fields.iter().position(|field| field.kind == Kind::Id)?;
            let cell = self.filled.row(seen.row)?.cells.get(n)?.as_ref()?;
            Some((cell.address().to_owned(), table.fields[n].title.get(self.lang), table.fields[n].required))
        });
        let hint = match place {
            // Without an id of its own, a link is called after its ends.
            Some((cell, heading, false)) => Text::new(
                format!("同じ両端の接続が2本あるなら、「{heading}」（{cell}）に別の識別子を書いてください"),
                format!("if two links join the same ends, write another id under `{heading}` ({cell})"),
            ),
            Some((cell, heading, true)) => Text::new(
                format!(
                    "写した行なら、「{heading}」（{cell}）を書き換えるか、空にしてください（空なら新しい識別子が付きます）"
                ),
                format!(
                    "if the row is a copy, change `{heading}` ({cell}), or empty it and the row gets a new one"
                ),
            ),
            None => Text::new("別の識別子を付けてください", "give one of them another id"),
        };
        (message, vec![hint])
    }

    /// How a cell is filled in.
    fn fill_in(&self, field: &Field) -> Text {
        let heading = field.title.get(self.lang);
        match field.kind {
            Kind::Choice(..) | Kind::Bool | Kind::None => {
                let choices = self.filled.names.choices(field.kind);
                let all = |between: &str| choices.join(between);
                Text::new(
                    format!("「{heading}」の選択肢: {}", all("、")),
                    format!("choices of `{heading}`: {}", all(", ")),
                )
            }
            Kind::Ref(list) => {
                let sheet = self.filled.table(list).map_or_else(String::new, |t| self.filled.sheet_name(t));
                Text::new(
                    format!("「{heading}」をシート「{sheet}」の行から選んでください"),
                    format!("choose `{heading}` from the rows of the sheet `{sheet}`"),
                )
            }
            Kind::Known(_) if !field.many => Text::new(
                format!("「{heading}」をセルのリストから選んでください"),
                format!("choose `{heading}` from the list in the cell"),
            ),
            Kind::Date => Text::new(
                format!("「{heading}」に日付を書いてください（例: 2026-04-01）"),
                format!("write a date as `{heading}`, such as 2026-04-01"),
            ),
            _ => Text::new(format!("「{heading}」を書いてください"), format!("fill in `{heading}`")),
        }
    }
}

/// Cells by their headings, as `by (F3)`.
fn named(cells: &[(String, Option<Seen>)]) -> Text {
    let all = |name: &dyn Fn(&str, &str) -> String, only: &dyn Fn(&str) -> String, between: &str| {
        let names = cells.iter().map(|(heading, cell)| match cell {
            Some(cell) => name(heading, cell.address()),
            None => only(heading),
        });
        names.collect::<Vec<_>>().join(between)
    };
    Text::new(
        all(&|heading, cell| format!("「{heading}」（{cell}）"), &|heading| format!("「{heading}」"), "、"),
        all(&|heading, cell| format!("`{heading}` ({cell})"), &|heading| format!("`{heading}`"), ", "),
    )
}

/// That a number is none, or outside its range.
fn number(word: &str, low: f64, high: f64) -> (Text, Vec<Text>) {
    let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
    let message = match number {
        None => Text::new(format!("`{word}`は数ではありません"), format!("`{word}` is not a number")),
        Some(number) if number < low => {
            Text::new(format!("`{word}`は小さすぎます"), format!("`{word}` is too small"))
        }
        Some(_) => Text::new(format!("`{word}`は大きすぎます"), format!("`{word}` is too large")),
    };
    let hint = match number {
        Some(number) if number > high => {
            Text::new(format!("{high}以下の数を書いてください"), format!("write a number of at most {high}"))
        }
        _ => Text::new(format!("{low}以上の数を書いてください"), format!("write a number from {low} up")),
    };
    (message, vec![hint])
}
