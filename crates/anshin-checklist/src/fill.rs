//! Answers as a table to fill in, and what was filled in.
//!
//! Each row remembers the cells as they were written, so that a change in the table and a change in
//! the answers file since then are told apart: neither is lost.

use anshin_model::{Id, Lang, Text};
use serde_json::Value as Json;

use crate::answers::{Evidence, Given, Misfit, Round, fits, plain_words};
use crate::checklist::{Checklist, Item, Kind, Means, OutOfScope, Scale};
use crate::csv;
use crate::load::UNKNOWN;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Number,
    Section,
    Question,
    Help,
    Choices,
    Answer,
    Reason,
    Evidence,
    Note,
    By,
    Date,
    Until,
    Reviewer,
    Reviewed,
    Confirmed,
    Why,
    Item,
    Before,
}

use Column::{
    Answer, Before, By, Choices, Confirmed, Date, Evidence as Shows, Help, Item as ItemId, Note, Number,
    Question, Reason, Reviewed, Reviewer, Section, Until, Why,
};

/// The columns with their headings in Japanese and English.
const COLUMNS: &[(Column, &str, &str)] = &[
    (Number, "番号", "No"),
    (Question, "質問", "Question"),
    (Answer, "回答", "Answer"),
    (Reason, "理由", "Reason"),
    (Shows, "エビデンス（内容 | 保管場所 | 日付、1行に1件）", "Evidence (what | where | date, one a line)"),
    (Note, "備考", "Note"),
    (By, "回答者", "Answered by"),
    (Date, "回答日", "Answered on"),
    (Until, "実施予定日", "To be done by"),
    (Reviewer, "レビュー者", "Reviewed by"),
    (Reviewed, "レビュー日", "Reviewed on"),
    (Confirmed, "提案の確認", "Proposal confirmed"),
    (Why, "提案の理由", "Why proposed"),
    (Choices, "選択肢", "Choices"),
    (Help, "説明", "Help"),
    (Section, "節", "Section"),
    (ItemId, "識別子", "Id"),
    (Before, "Anshin", "Anshin"),
];

/// The columns that people fill in.
const FILLED: [Column; 10] = [Answer, Reason, Shows, Note, By, Date, Until, Reviewer, Reviewed, Confirmed];

impl Column {
    fn place(self) -> usize {
        COLUMNS.iter().position(|(column, ..)| *column == self).unwrap_or_default()
    }

    fn name(self) -> Text {
        let (_, ja, en) = COLUMNS[self.place()];
        Text::new(ja, en)
    }

    fn is_date(self) -> bool {
        matches!(self, Date | Until | Reviewed)
    }
}

/// A table to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The headings, then a row for each item.
    pub rows: Vec<Vec<String>>,
    /// What can be chosen, for each item; empty where there is nothing to choose one of.
    pub choices: Vec<Vec<String>>,
}

impl Table {
    /// The column that [`Table::choices`] are for.
    pub fn answer_column() -> usize {
        Answer.place()
    }

    /// The columns to fill in.
    pub fn filled_columns() -> Vec<usize> {
        FILLED.map(Column::place).to_vec()
    }

    /// The columns that are of no use to a reader.
    pub fn hidden_columns() -> Vec<usize> {
        vec![Before.place()]
    }
}

/// What an answer says that a person must confirm.
fn to_confirm() -> Text {
    Text::new("確認待ち", "to confirm")
}

fn confirmed() -> Text {
    Text::new("確認済み", "confirmed")
}

/// The words that confirm a proposal or leave it as it is, for a list to choose from.
pub fn confirmations() -> [Text; 2] {
    [to_confirm(), confirmed()]
}

/// The column of [`confirmations`].
pub fn confirmation_column() -> usize {
    Confirmed.place()
}

fn out_of_scope() -> Text {
    Text::new("対象外（理由を記入）", "out of scope (with a reason)")
}

/// The heading of the column that remembers: format, checklist, version and language.
fn stamp(list: &Checklist, lang: Lang) -> String {
    format!("anshin-answers 1 {} {} {}", list.id, list.version, lang.code())
}

/// The answers of a round as a table; every item is in it, asked or not.
pub fn table(round: &Round, lang: Lang) -> Table {
    let list = &round.list;
    let mut rows = vec![COLUMNS.iter().map(|(_, ja, en)| if lang == Lang::Ja { *ja } else { *en }).collect()];
    let head: &mut Vec<&str> = &mut rows[0];
    let stamp = stamp(list, lang);
    head[Before.place()] = &stamp;
    let mut rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.into_iter().map(str::to_owned).collect()).collect();
    let mut choices = Vec::new();
    for (section, item) in list.items() {
        let scale = list.scale(item);
        let given = round.given.get(&item.id);
        let words = words(list, item, lang);
        let cell = |&(column, ..): &(Column, &str, &str)| match column {
            Number => item.label(),
            Section => section.title.get(lang).to_owned(),
            Question => item.text.get(lang).to_owned(),
            Help => item.help.as_ref().map_or("", |help| help.get(lang)).to_owned(),
            Choices => explained(scale, lang),
            Why => {
                let why = given.filter(|given| given.proposed).and_then(|given| given.because.as_ref());
                why.map_or("", |why| why.get(lang)).to_owned()
            }
            ItemId => item.id.to_string(),
            Before => {
                let before = FILLED.map(|column| Json::from(shown(list, item, given, column, lang)));
                Json::from(before.to_vec()).to_string()
            }
            filled => shown(list, item, given, filled, lang),
        };
        rows.push(COLUMNS.iter().map(cell).collect());
        choices.push(if scale.kind == Kind::One { words } else { Vec::new() });
    }
    Table { rows, choices }
}

/// The words that an item can be answered with.
fn words(list: &Checklist, item: &Item, lang: Lang) -> Vec<String> {
    let scale = list.scale(item);
    let mut all: Vec<String> = scale.options.iter().map(|option| option.name.get(lang).to_owned()).collect();
    if !scale.options.iter().any(|option| option.means == Some(Means::Unknown)) {
        all.push(Means::Unknown.name().get(lang).to_owned());
    }
    if scale.out_of_scope != OutOfScope::Forbidden {
        all.push(out_of_scope().get(lang).to_owned());
    }
    all
}

/// What can be chosen, with what it means.
fn explained(scale: &Scale, lang: Lang) -> String {
    let mut lines: Vec<String> = Vec::new();
    for option in &scale.options {
        let about = option.about.as_ref().map(|about| format!(": {}", about.get(lang)));
        lines.push(format!("・{}{}", option.name.get(lang), about.unwrap_or_default()));
    }
    let form = match scale.kind {
        Kind::Many => Some(Text::new("（当てはまるものを1行に1つ）", "(all that apply, one a line)")),
        Kind::Number => {
            let unit = scale.unit.clone().unwrap_or_default();
            Some(Text::new("数 {unit}", "a number {unit}").fill(&[("unit", &unit)]))
        }
        Kind::Date => Some(Text::new("日付（2026-04-01の形）", "a date, such as 2026-04-01")),
        Kind::One | Kind::Text => None,
    };
    lines.extend(form.map(|form| form.get(lang).trim().to_owned()));
    lines.join("\n")
}

/// What a cell says about an answer.
fn shown(list: &Checklist, item: &Item, given: Option<&Given>, column: Column, lang: Lang) -> String {
    let Some(given) = given else { return String::new() };
    let text = |text: &Option<Text>| text.as_ref().map_or("", |text| text.get(lang)).to_owned();
    let line = |line: &Option<String>| line.clone().unwrap_or_default();
    match column {
        Answer if given.out_of_scope => out_of_scope().get(lang).to_owned(),
        Answer => {
            let scale = list.scale(item);
            let name = |word: &String| match scale.option(word) {
                Some(option) => option.name.get(lang).to_owned(),
                None if word == UNKNOWN && scale.kind != Kind::Text => {
                    Means::Unknown.name().get(lang).to_owned()
                }
                None => word.clone(),
            };
            given.value.iter().map(name).collect::<Vec<_>>().join("\n")
        }
        Reason => text(&given.reason),
        Shows => evidence_words(&given.evidence, lang),
        Note => text(&given.note),
        By => line(&given.by),
        Date => line(&given.date),
        Until => line(&given.until),
        Reviewer => line(&given.reviewer),
        Reviewed => line(&given.reviewed),
        Confirmed if given.proposed && given.is_answered() => to_confirm().get(lang).to_owned(),
        _ => String::new(),
    }
}

fn evidence_line(evidence: &Evidence, lang: Lang) -> String {
    let parts = [Some(evidence.what.get(lang)), evidence.at.as_deref(), evidence.date.as_deref()];
    let last = parts.iter().rposition(Option::is_some).unwrap_or_default();
    let parts: Vec<&str> = parts[..=last].iter().map(|part| part.unwrap_or_default()).collect();
    parts.join(" | ")
}

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// Answers that are different now, in the order of the table.
    pub changed: Vec<Given>,
    /// What is wrong; nothing may be written then.
    pub problems: Vec<Problem>,
}

/// Something wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The row, counted from 1 as spreadsheets do; 0 for the table as a whole.
    pub row: usize,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// Most rows above the headings.
const MOST_ABOVE: usize = 30;

/// Whether rows are a table of answers: there are headings for the item and for the answer.
pub fn is_table(rows: &[Vec<String>]) -> bool {
    headings(rows).is_some()
}

/// The row of the headings, and the columns in it.
fn headings(rows: &[Vec<String>]) -> Option<(usize, Vec<Option<Column>>)> {
    let column = |cell: &String| {
        let cell = cell.trim();
        let brief = |name: &str| name.split(['（', '(']).next().unwrap_or_default().trim().to_lowercase();
        let named =
            |(_, ja, en): &&(Column, &str, &str)| [ja, en].iter().any(|own| brief(own) == brief(cell));
        if cell.starts_with("anshin-answers ") {
            return Some(Before);
        }
        (!cell.is_empty()).then(|| COLUMNS.iter().find(named)).flatten().map(|(column, ..)| *column)
    };
    rows.iter().take(MOST_ABOVE).enumerate().find_map(|(n, row)| {
        let columns: Vec<Option<Column>> = row.iter().map(column).collect();
        (columns.contains(&Some(ItemId)) && columns.contains(&Some(Answer))).then_some((n, columns))
    })
}

/// Reads a table that was filled in and compares it with the round as it is now.
///
/// `today` becomes the date of an answer that is new and has none.
pub fn filled(rows: &[Vec<String>], round: &Round, today: &str) -> Filled {
    let mut out = Filled::default();
    let Some((head, columns)) = headings(rows) else {
        out.problems.push(Problem {
            row: 0,
            message: Text::new(
                "見出し「識別子」と「回答」の行がありません",
                "there is no row with the headings `Id` and `Answer`",
            ),
            hint: Text::new(
                "`anshin checklist export`が書いたブックに記入してください",
                "fill in a workbook that `anshin checklist export` has written",
            ),
        });
        return out;
    };
    let stamp = rows[head].iter().find(|cell| cell.trim().starts_with("anshin-answers "));
    let lang = match stamp.map(|stamp| read_stamp(stamp, round)) {
        None => None,
        Some(Ok(lang)) => Some(lang),
        Some(Err(problem)) => {
            out.problems.push(problem);
            return out;
        }
    };
    let mut seen: Vec<Id> = Vec::new();
    for (n, row) in rows.iter().enumerate().skip(head + 1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let place = |column| columns.iter().position(|own| *own == Some(column));
        let cells = Row { cells: row, place: &place, number: n + 1, lang };
        match cells.item(round) {
            Ok(item) if seen.contains(&item.id) => out.problems.push(cells.problem(
                Text::new(
                    format!("項目`{}`の行が2つあります", item.id),
                    format!("there are two rows for the item `{}`", item.id),
                ),
                Text::new("1つにしてください", "keep one of them"),
            )),
            Ok(item) => {
                seen.push(item.id.clone());
                match cells.changed(item, round, today) {
                    Ok(None) => {}
                    Ok(Some(given)) => out.changed.push(given),
                    Err(problems) => out.problems.extend(problems),
                }
            }
            Err(problem) => out.problems.push(problem),
        }
    }
    out
}

/// The language of a table, if it is one of this checklist in a version that is known.
fn read_stamp(stamp: &str, round: &Round) -> Result<Lang, Problem> {
    let problem = |message, hint| Err(Problem { row: 0, message, hint });
    let list = &round.list;
    let words: Vec<&str> = stamp.split_whitespace().collect();
    let [_, format, id, version, lang] = words.as_slice() else {
        return problem(
            Text::new(
                "見出し`anshin-answers`が書き換えられています",
                "the heading `anshin-answers` was changed",
            ),
            Text::new("元の見出しに戻してください", "put the heading back as it was"),
        );
    };
    if *format != "1" {
        return problem(
            Text::new(
                format!("表の形式の版{format}は、このプログラムより新しいものです"),
                format!("version {format} of the table is newer than this program"),
            ),
            Text::new("新しいAnshinを使ってください", "use a newer Anshin"),
        );
    }
    if list.id != **id {
        return problem(
            Text::new(
                format!("`{id}`の表です。回答ファイルは`{}`のものです", list.id),
                format!("the table is of `{id}`, the answers file of `{}`", list.id),
            ),
            Text::new(
                "同じチェックシートの回答ファイルを指定してください",
                "name an answers file of the same checklist",
            ),
        );
    }
    if list.age(version).is_none() {
        return problem(
            Text::new(
                format!("`{id}`の版{version}は、ここにある版{}にとって未知のものです", list.version),
                format!("version {version} of `{id}` is not known; there is version {}", list.version),
            ),
            Text::new("新しいAnshinを使ってください", "use a newer Anshin"),
        );
    }
    Ok(if *lang == "ja" { Lang::Ja } else { Lang::En })
}

/// A row that was filled in.
struct Row<'a> {
    cells: &'a [String],
    place: &'a dyn Fn(Column) -> Option<usize>,
    number: usize,
    /// The language of the table; `None` if it is not one that this program has written.
    lang: Option<Lang>,
}

impl Row<'_> {
    fn cell(&self, column: Column) -> String {
        let cell = (self.place)(column).and_then(|n| self.cells.get(n));
        let cell = plain_words(cell.map_or("", String::as_str));
        // Spreadsheets write dates in forms of their own.
        if column.is_date() { csv::date(&cell).unwrap_or(cell) } else { cell }
    }

    fn problem(&self, message: Text, hint: Text) -> Problem {
        Problem { row: self.number, message, hint }
    }

    fn item<'r>(&self, round: &'r Round) -> Result<&'r Item, Problem> {
        let id = self.cell(ItemId);
        let list = &round.list;
        let own = list.items().find(|(_, item)| item.id == *id.as_str());
        let own =
            own.or_else(|| list.items().find(|(_, item)| item.was.iter().any(|was| *was == *id.as_str())));
        own.map(|(_, item)| item).ok_or_else(|| {
            let hint = Text::new(
                "識別子を直すか、行を消してください。自社の項目は回答ファイルの`own`に書けます",
                "correct the id or take the row out; items of your own go under `own` in the answers file",
            );
            if id.is_empty() {
                self.problem(Text::new("識別子がありません", "there is no id"), hint)
            } else {
                let message = Text::new(
                    format!("`{}`に項目`{id}`がありません", list.id),
                    format!("`{}` has no item `{id}`", list.id),
                );
                self.problem(message, hint)
            }
        })
    }

    /// What the cells to fill in said when the table was written.
    fn before(&self) -> Option<Vec<String>> {
        let cells: Vec<String> = serde_json::from_str(&self.cell(Before)).ok()?;
        (cells.len() == FILLED.len()).then_some(cells)
    }

    /// The answer as it is now, if the row says something else than before.
    fn changed(&self, item: &Item, round: &Round, today: &str) -> Result<Option<Given>, Vec<Problem>> {
        let list = &round.list;
        let now = round.given.get(&item.id);
        // In a table of another origin an empty cell says nothing.
        let before = self.before().unwrap_or_else(|| vec![String::new(); FILLED.len()]);
        let lang = self.lang.unwrap_or(Lang::Ja);
        let mut given = now.cloned().unwrap_or_else(|| Given::new(item.id.clone()));
        let (mut changed, mut problems) = (Vec::new(), Vec::new());
        for (column, before) in FILLED.into_iter().zip(&before) {
            let cell = self.cell(column);
            let own = shown(list, item, now, column, lang);
            if (self.place)(column).is_none() || cell == before.trim() || cell == own.trim() {
                continue;
            }
            let mut taken = given.clone();
            if let Err(problem) = self.take(column, &cell, list, item, &mut taken) {
                problems.push(problem);
                continue;
            }
            // Other words for the same.
            if shown(list, item, Some(&taken), column, lang).trim() == own.trim() {
                continue;
            }
            if own.trim() != before.trim() && column != Confirmed {
                let name = column.name();
                let message = Text::new(
                    "項目`{id}`の「{name}」は、表では「{cell}」、回答ファイルでは「{own}」に変わっています",
                    "`{name}` of the item `{id}` was changed to `{cell}` in the table and to `{own}` in the answers file",
                );
                let (id, cell, own) = (Text::same(item.id.as_str()), Text::same(cell), Text::same(own));
                let values = [("id", &id), ("name", &name), ("cell", &cell), ("own", &own)];
                problems.push(self.problem(
                    message.fill(&values),
                    Text::new(
                        "表のセルを、残したいほうに直してください",
                        "write what shall stay into the cell of the table",
                    ),
                ));
                continue;
            }
            given = taken;
            changed.push(column);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if changed.is_empty() {
            return Ok(None);
        }
        if changed.contains(&Answer) {
            given.proposed = false;
            if !changed.contains(&Date) {
                given.date = given.is_answered().then(|| today.to_owned());
            }
        }
        if !given.proposed {
            given.because = None;
        }
        Ok((now != Some(&given)).then_some(given))
    }

    /// Puts what a cell says into an answer.
    fn take(
        &self,
        column: Column,
        cell: &str,
        list: &Checklist,
        item: &Item,
        given: &mut Given,
    ) -> Result<(), Problem> {
        let text = || (!cell.is_empty()).then(|| Text::same(cell));
        let line = || (!cell.is_empty()).then(|| cell.replace('\n', " "));
        let date = || match cell {
            "" => Ok(None),
            date if anshin_model::shape::is_date(date) => Ok(Some(date.to_owned())),
            other => Err(self.problem(
                Text::new(format!("`{other}`は日付ではありません"), format!("`{other}` is not a date")),
                Text::new("例: 2026-04-01", "write it as 2026-04-01"),
            )),
        };
        match column {
            Answer => {
                let (value, out_of_scope) = understand(list, item, cell)
                    .map_err(|misfit| self.problem(misfit.message, misfit.hint))?;
                given.value = value;
                given.out_of_scope = out_of_scope;
            }
            Reason => given.reason = text(),
            Note => given.note = text(),
            Shows => {
                given.evidence = evidence_from(cell, &given.evidence)
                    .map_err(|misfit| self.problem(misfit.message, misfit.hint))?;
            }
            By => given.by = line(),
            Reviewer => given.reviewer = line(),
            Date => given.date = date()?,
            Until => given.until = date()?,
            Reviewed => given.reviewed = date()?,
            Confirmed => given.proposed = is_word(&to_confirm(), cell),
            _ => {}
        }
        Ok(())
    }
}

/// Evidence as people write it, a piece a line: what it is, where it is and its date, with `|` between.
pub fn evidence_words(all: &[Evidence], lang: Lang) -> String {
    all.iter().map(|own| evidence_line(own, lang)).collect::<Vec<_>>().join("\n")
}

/// Evidence out of such lines. A line that stood there `before` keeps both languages.
///
/// # Errors
/// What is wrong with a line, and how to write it.
pub fn evidence_from(words: &str, before: &[Evidence]) -> Result<Vec<Evidence>, Box<Misfit>> {
    let misfit = |message| {
        let hint = Text::new(
            "内容 | 保管場所 | 2026-04-01 の形で書いてください",
            "write: what | where | 2026-04-01",
        );
        Box::new(Misfit { message, hint })
    };
    let mut out = Vec::new();
    for line in words.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let same = |own: &&Evidence| Lang::ALL.iter().any(|lang| evidence_line(own, *lang) == line);
        if let Some(own) = before.iter().find(same) {
            out.push(own.clone());
            continue;
        }
        let parts: Vec<&str> = line.splitn(3, ['|', '｜']).map(str::trim).collect();
        let part = |n: usize| parts.get(n).filter(|part| !part.is_empty());
        let date = part(2).map(|date| csv::date(date).ok_or(date)).transpose().map_err(|date| {
            misfit(Text::new(format!("`{date}`は日付ではありません"), format!("`{date}` is not a date")))
        })?;
        let what = part(0).ok_or_else(|| {
            misfit(Text::new("エビデンスの内容がありません", "the evidence does not say what it is"))
        })?;
        out.push(Evidence { what: Text::same(*what), at: part(1).map(|at| (*at).to_owned()), date });
    }
    Ok(out)
}

fn is_word(text: &Text, cell: &str) -> bool {
    Lang::ALL.iter().any(|lang| text.get(*lang).eq_ignore_ascii_case(cell))
}

/// The answer that a cell holds, in the words of files, and whether it is out of scope.
fn understand(list: &Checklist, item: &Item, cell: &str) -> Result<(Vec<String>, bool), Box<Misfit>> {
    let scale = list.scale(item);
    if cell.is_empty() {
        return Ok((Vec::new(), false));
    }
    if scale.kind == Kind::Text {
        return Ok((vec![cell.to_owned()], false));
    }
    let named =
        |word: &str| scale.options.iter().find(|option| is_word(&option.name, word) || option.id == *word);
    if named(cell).is_none()
        && scale.out_of_scope != OutOfScope::Forbidden
        && (is_word(&out_of_scope(), cell)
            || is_word(&Means::NotApplicable.name(), cell)
            || cell == "out-of-scope")
    {
        return Ok((Vec::new(), true));
    }
    let words: Vec<&str> = match scale.kind {
        Kind::Many if named(cell).is_none() => {
            cell.split(['\n', '、', ',']).map(str::trim).filter(|word| !word.is_empty()).collect()
        }
        _ => vec![cell],
    };
    let read = |word: &str| {
        if let Some(option) = named(word) {
            return Ok(option.id.to_string());
        }
        if is_word(&Means::Unknown.name(), word) {
            return Ok(UNKNOWN.to_owned());
        }
        let plain = csv::half_width(word).trim().to_owned();
        let plain = match scale.kind {
            Kind::Date => csv::date(&plain).unwrap_or(plain),
            _ => plain,
        };
        fits(list, item, &plain).map(|()| plain)
    };
    Ok((words.into_iter().map(read).collect::<Result<_, _>>()?, false))
}
