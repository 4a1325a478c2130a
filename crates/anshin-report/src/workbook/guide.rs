//! The first sheet: how the workbook is used, and what each sheet is for.

use anshin_model::{Lang, Text};
use rust_xlsxwriter::{Url, Worksheet as Sheet, XlsxError};

use super::brand;
use super::look::{Look, height, write_text};
use super::tables::{Rows, tables};
use super::values::cut;
use super::write::Plan;
use super::{Book, HEADER_ROW, MARK};

/// The name of the sheet.
pub(super) fn name(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "案内",
        Lang::En => "Guide",
    }
}

/// How the workbook is used.
fn rules() -> [Text; 5] {
    [
        Text::new(
            "黄色の見出しの列と、黄色のセルに記入します。濃い色の見出しの列は、プログラムが記入内容から求めた結果で、保護されています。",
            "Fill in the yellow cells, under yellow headings. What stands under dark headings is worked out from them and is protected.",
        ),
        Text::new(
            "事実は「記入」で始まるシートに書きます。1つの値を書く場所は1つだけです。プログラムの提案への決定は、提案と同じ行の黄色の列に書きます。決定を取り消すには、その決定の欄をすべて空にします。",
            "Facts go into the sheets whose names begin with \u{201c}Input\u{201d}; each value has one place. A decision about a proposal goes into the yellow columns of the same row; to take it back, empty all of them.",
        ),
        Text::new(
            "行を足すには、表の下の空いた行に記入します。識別子を空にすると、取り込むときに付けます。行を消すには行ごと削除します。「記入」のシートの行は、並べ替えや絞り込みをしても構いません。ほかのシートでは絞り込みができます。",
            "To add a row, fill in an empty row below the table; leave the id empty to get one. To remove something, delete its row. Rows of the input sheets may be sorted and filtered; those of the others may be filtered.",
        ),
        Text::new(
            "ほかの行を指す欄には「名前 [識別子]」と表示します。識別子だけ、又は名前だけを書くこともできます。",
            "Cells that name other rows show \u{201c}name [id]\u{201d}; the id or the name alone will do as well.",
        ),
        Text::new(
            "保存したら`anshin import このファイル --into システム文書`で文書に取り込みます。変更の一覧を確かめてから書き込みます。そのあと`anshin report`で作り直すと、結果が新しくなります。",
            "When done, save and run `anshin import THIS-FILE --into SYSTEM`: it shows the changes before it writes them. Then make the workbook again with `anshin report` to see the new results.",
        ),
    ]
}

pub(super) fn write(sheet: &mut Sheet, book: &Book<'_>, plan: &Plan, look: &Look) -> Result<(), XlsxError> {
    let lang = book.lang;
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    sheet.set_name(name(lang))?;
    sheet.write_string(0, 0, format!("{MARK}guide"))?;
    sheet.set_column_hidden(0)?;
    let title = book.subject.system.document.system.name.get(lang);
    write_text(sheet, 0, 1, &cut(title, 200), &look.title)?;
    sheet.set_row_height(0, 26)?;
    let headings = [
        (word("シート", "Sheet"), 36.0),
        (word("目的・記入すること", "What it is for, what to fill in"), 60.0),
        (word("入力元", "Input from"), 40.0),
        (word("出力先・使われる場所", "Used in"), 40.0),
        (word("行数", "Rows"), 8.0),
    ];
    let widths: Vec<f64> = headings.iter().map(|(_, width)| *width).collect();
    for (column, width) in (1..).zip(&widths) {
        sheet.set_column_width(column, *width)?;
    }
    let mut row = brand::front(sheet, book, look, HEADER_ROW)?;
    for rule in rules() {
        let text = rule.get(lang);
        sheet.merge_range(row, 1, row, 5, text, &look.note)?;
        sheet.set_row_height(row, height(std::iter::once((text, widths.iter().sum()))))?;
        row += 1;
    }
    for (format, text) in [
        (&look.input, word("記入するセル", "a cell to fill in")),
        (&look.plain, word("求めた結果", "worked out")),
        (&look.good, word("目標内", "within the target")),
        (&look.serious, word("目標外", "outside the target")),
        (&look.grave, word("目標外で最も高い水準", "outside the target, highest level")),
        (&look.priority, word("〇 先に行うこと", "to do first")),
    ] {
        write_text(sheet, row, 1, text, format)?;
        row += 1;
    }
    row += 1;
    for (column, (heading, _)) in (1..).zip(headings) {
        write_text(sheet, row, column, heading, &look.header)?;
    }
    let mut line = |name: &str, texts: [&str; 3], rows: Option<usize>| -> Result<(), XlsxError> {
        row += 1;
        let cells = std::iter::once(name).chain(texts).zip(widths.iter().copied());
        sheet.set_row_height(row, height(cells))?;
        let link = Url::new(format!("internal:'{}'!B2", name.replace('\'', "''"))).set_text(name);
        sheet.write_url_with_format(row, 1, link, &look.link)?;
        for (column, text) in (2..).zip(texts) {
            write_text(sheet, row, column, text, &look.plain)?;
        }
        match rows {
            Some(rows) => {
                let rows = u32::try_from(rows).unwrap_or(u32::MAX);
                sheet.write_number_with_format(row, 5, rows, &look.plain)?;
            }
            None => {
                sheet.write_blank(row, 5, &look.plain)?;
            }
        }
        Ok(())
    };
    let yours = word("記入する人", "you");
    for table in tables().iter().filter(|table| table.rows != Rows::Decisions) {
        let rows = match table.rows {
            Rows::Items => Some(book.tree.get(table.id).map_or(0, |list| list.items().len())),
            _ => None,
        };
        let (purpose, used) = (table.purpose(), table.used_in());
        line(&plan.fill_in[table.id], [purpose.get(lang), yours, used.get(lang)], rows)?;
    }
    for (worksheet, name) in book.worksheets.iter().zip(&plan.worksheets) {
        let texts = [&worksheet.purpose, &worksheet.from, &worksheet.to].map(|text| text.get(lang));
        line(name, texts, Some(worksheet.rows.len()))?;
    }
    for (picture, name) in book.pictures.iter().zip(&plan.pictures) {
        let from = word("記入した事実、評価の結果", "the facts, the assessment");
        line(name, [&cut(picture.title.get(lang), 200), from, ""], None)?;
    }
    sheet.set_screen_gridlines(false).protect();
    brand::paper(sheet, book.branding, lang, widths.iter().sum());
    Ok(())
}
