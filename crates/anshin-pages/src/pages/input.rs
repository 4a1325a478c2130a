//! The facts as sheets: a table for each list of the document, each row filled in where it stands.

use anshin_model::Text;
use anshin_report::workbook::{self, Input, InputField, InputRow, InputSheet};
use maud::{Markup, html};

use super::system::Shown;
use crate::change::Refused;
use crate::chrome::{Chrome, Page, Power, Room, encode};
use crate::desk::{Desk, Opened};

/// What opens a new row.
pub const NEW_ROW: &str = "+";
/// Choices that are shown at once; more are folded away.
const FEW: usize = 8;

/// The ways between the pages of facts.
pub(super) fn facts_nav(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    names: &[(&str, Text)],
    here: &str,
) -> Markup {
    html! {
        nav aria-label=(chrome.say("事実の表", "Sheets of facts")) { ul.pills {
            li { a href={ (shown.base) "/facts" } aria-current=[here.is_empty().then_some("page")] { (chrome.say("目的と機器", "Purpose and assets")) } }
            @for (id, name) in names {
                li { a href={ (shown.base) "/sheets/" (id) } aria-current=[(*id == here).then_some("page")] { (name.get(chrome.lang)) } }
            }
        } }
    }
}

/// A sheet; `open` is the row that is being filled in, `back` where to go on afterwards.
pub fn input_page(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    names: &[(&str, Text)],
    sheet: &InputSheet,
    (open, back): (Option<&str>, &str),
) -> String {
    let lang = chrome.lang;
    let may = chrome.may(Power::Edit);
    let empty = InputRow {
        key: String::new(),
        name: Text::default(),
        cells: vec![String::new(); sheet.fields.len()],
    };
    let filled: Vec<usize> = (0..sheet.fields.len())
        .filter(|&n| {
            sheet.fields[n].input != Input::Id
                && sheet.fields[n].id != "name"
                && sheet.rows.iter().any(|row| !row.cells[n].is_empty())
        })
        .collect();
    let open = if sheet.single { Some("") } else { open };
    let body = html! {
        (shown.head(chrome, None, "/facts"))
        (facts_nav(chrome, shown, names, sheet.id))
        section.sheet aria-labelledby="sheet" {
            div.title {
                h2 #sheet { (sheet.name.get(lang)) }
                @if may && !sheet.single && open != Some(NEW_ROW) {
                    a.button.main href={ (shown.base) "/sheets/" (sheet.id) "?edit=%2B#row" } { (chrome.say("行を加える", "Add a row")) }
                }
            }
            p.soft { (sheet.purpose.get(lang)) }
            dl.way { div { dt { (chrome.say("使われるところ", "Used in")) } dd { (sheet.used_in.get(lang)) } } }
            @if open == Some(NEW_ROW) && may { (form(chrome, shown, sheet, &empty, (true, back))) }
            @if sheet.single {
                @for row in &sheet.rows { (form(chrome, shown, sheet, row, (false, back))) }
            } @else if sheet.rows.is_empty() {
                p.soft { (chrome.say("まだ何も書かれていません。", "Nothing is written here yet.")) }
            } @else {
                div.scroll tabindex="0" role="group" aria-label=(sheet.name.get(lang)) { table.tall.stack {
                    thead { tr {
                        th scope="col" { (sheet.name.get(lang)) }
                        @for &n in &filled { th scope="col" class=[(sheet.fields[n].input == Input::Words).then_some("roomy")] { (sheet.fields[n].title.get(lang)) } }
                    } }
                    tbody { @for row in &sheet.rows {
                        @let here = open == Some(row.key.as_str());
                        tr id={ "row-" (row.key) } class=[here.then_some("open")] {
                            th scope="row" {
                                p { (row.name.get(lang)) }
                                @if may { p { a.button.tiny href={ (shown.base) "/sheets/" (sheet.id) "?edit=" (encode(&row.key)) "#row" } aria-label={ (chrome.say("書き換える: ", "Change: ")) (row.name.get(lang)) } { (chrome.say("書き換える", "Change")) } } }
                            }
                            @for &n in &filled { td data-label=(sheet.fields[n].title.get(lang)) { (value(chrome, &sheet.fields[n], &row.cells[n])) } }
                        }
                        @if here && may { tr.open { td colspan=(filled.len() + 1) { (form(chrome, shown, sheet, row, (false, back))) } } }
                    } }
                } }
            }
        }
    };
    let title = format!("{} · {}", sheet.name.get(lang), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

/// One row alone, for the side of the drawing; nothing if there is no such row.
pub fn row_panel(chrome: &Chrome<'_>, shown: &Shown<'_>, sheet: &InputSheet, key: &str) -> Option<Markup> {
    let row = sheet.rows.iter().find(|row| row.key == key)?;
    Some(html! {
        div.title {
            div { p.small.soft { (sheet.name.get(chrome.lang)) } h2 { (row.name.get(chrome.lang)) } }
            a.small href={ (shown.base) (if sheet.id == "assets" { "/assets/" } else { "/sheets/" }) (if sheet.id == "assets" { key } else { sheet.id }) } { (chrome.say("ページで開く", "Open as a page")) }
        }
        (form(chrome, shown, sheet, row, (false, "/drawing")))
    })
}

/// A value in words.
fn value(chrome: &Chrome<'_>, field: &InputField, value: &str) -> Markup {
    let named = |word: &str| -> String {
        match &field.input {
            Input::Choice(all) | Input::Catalog(_, all) => all
                .iter()
                .find(|(own, _)| own == word)
                .map_or_else(|| word.to_owned(), |(_, name)| name.get(chrome.lang).to_owned()),
            Input::Yes if word == "true" => chrome.say("はい", "yes").to_owned(),
            Input::Yes => chrome.say("いいえ", "no").to_owned(),
            _ => word.to_owned(),
        }
    };
    html! { @for line in value.lines() { p { (named(line)) } } }
}

/// The form of a row: what is filled in or has to be comes first.
fn form(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    sheet: &InputSheet,
    row: &InputRow,
    (new, back): (bool, &str),
) -> Markup {
    let shows = |n: usize| new || sheet.fields[n].input != Input::Id;
    let first = |n: usize| sheet.single || sheet.fields[n].required || !row.cells[n].is_empty();
    let all = || (0..sheet.fields.len()).filter(|&n| shows(n));
    let (now, more): (Vec<usize>, Vec<usize>) = all().partition(|&n| first(n));
    let action = format!("{}/sheets/{}", shown.base, sheet.id);
    html! {
        div.row-form #row {
            (chrome.form(&action, "sheet", &html! {
                (shown.parent())
                @if !new { input type="hidden" name="key" value=(row.key); }
                input type="hidden" name="back" value=(back);
                div.grid { @for n in now { (field(chrome, &sheet.fields[n], &row.cells[n])) } }
                @if !more.is_empty() {
                    details open[new && more.len() <= FEW] { summary { (chrome.say("ほかの項目", "More")) " (" (more.len()) ")" }
                        div.grid { @for n in more { (field(chrome, &sheet.fields[n], &row.cells[n])) } }
                    }
                }
                @if chrome.may(Power::Edit) {
                    div.acts {
                        button.main name="act" value="save" { (chrome.say("保存", "Save")) }
                        @if !new && !sheet.single { button name="act" value="remove" formnovalidate { (chrome.say("この行を消す", "Remove this row")) } }
                        @if !sheet.single { a.button.bare href=(action) { (chrome.say("やめる", "Cancel")) } }
                    }
                }
            }))
        }
    }
}

fn field(chrome: &Chrome<'_>, field: &InputField, value: &str) -> Markup {
    let lang = chrome.lang;
    let id = format!("f-{}", field.id.replace('.', "-"));
    let name = format!("f.{}", field.id);
    let title = field.title.get(lang);
    let chosen = |word: &str| value.lines().any(|line| line == word);
    let has = html! { input type="hidden" name="has" value=(field.id); };
    let options = match &field.input {
        Input::Choice(all) => Some((None, all)),
        Input::Catalog(section, all) => Some((Some(*section), all)),
        _ => None,
    };
    match (options, field.many) {
        (Some((section, all)), true) => html! {
            fieldset.field.wide { (has)
                legend { (title) }
                (about(chrome, section))
                details open[all.len() <= FEW] {
                    summary { (chrome.say("選ぶ", "Choose")) " (" (value.lines().count()) "/" (all.len()) ")" }
                    div.choices.pairs { @for (word, text) in all {
                        label.choice { input type="checkbox" name=(name) value=(word) checked[chosen(word)]; span { (text.get(lang)) } }
                    } }
                }
            }
        },
        (Some((section, all)), false) => html! {
            div.field { (has)
                label for=(id) { (title) (needed(chrome, field)) }
                select id=(id) name=(name) required[field.required] {
                    option value="" { (chrome.say("書かない", "not stated")) }
                    @for (word, text) in all {
                        option value=(word) selected[chosen(word)] {
                            @if section.is_some() { ("\u{3000}".repeat(word.matches('.').count())) }
                            (text.get(lang))
                        }
                    }
                }
                (about(chrome, section))
            }
        },
        (None, _) => html! {
            div.field class=[(field.input == Input::Words || field.many).then_some("wide")] { (has)
                @if field.input == Input::Yes {
                    label.choice { input id=(id) type="checkbox" name=(name) value="true" checked[chosen("true")]; span { (title) } }
                } @else {
                    label for=(id) { (title) (needed(chrome, field)) }
                    @if field.many {
                        span.help { (chrome.say("1行に1つ", "one on each line")) }
                        textarea id=(id) name=(name) rows="2" { "\n" (value) }
                    } @else if field.input == Input::Words {
                        textarea id=(id) name=(name) rows="2" maxlength="2000" required[field.required] { "\n" (value) }
                    } @else {
                        @let kind = match field.input { Input::Date => "date", _ => "text" };
                        @let mode = (field.input == Input::Number).then_some("decimal");
                        @if field.input == Input::Id { span.help { (chrome.say("空のままなら、名前から付けます。", "Left empty, it is made from the name.")) } }
                        input id=(id) type=(kind) name=(name) value=(value) inputmode=[mode] maxlength="500" required[field.required && field.input != Input::Id];
                    }
                }
            }
        },
    }
}

fn needed(chrome: &Chrome<'_>, field: &InputField) -> Markup {
    html! { @if field.required && field.input != Input::Id { " " span.mark { (chrome.say("必須", "needed")) } } }
}

/// Where the choices are explained.
fn about(chrome: &Chrome<'_>, section: Option<&str>) -> Markup {
    let known = section.filter(|section| super::SECTIONS.iter().any(|(own, ..)| own == section));
    html! {
        @if let Some(section) = known {
            a.small href={ "/catalog?section=" (section) } target="_blank" { (chrome.say("選択肢の説明（新しい画面）", "What the choices mean (new window)")) }
        }
    }
}

/// Writes a row into the document, or takes it out.
///
/// # Errors
/// If there is no such row, or the document would not be right.
pub fn save_row(
    desk: &Desk,
    text: &str,
    opened: &Opened,
    (sheet, key): (&str, Option<&str>),
    remove: bool,
    lang: anshin_model::Lang,
    given: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Refused> {
    let mut done = Ok(());
    let changed = desk.change(text, opened, |root| {
        done = match key {
            Some(key) if remove => workbook::take_out(root, sheet, key),
            _ => workbook::fill_in(root, sheet, key, lang, given).map(|_| ()),
        };
    });
    done?;
    changed
}
