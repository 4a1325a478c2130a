//! Use as an Excel workbook: numbers that can be reckoned with, coloured as a heat map.

use anshin_model::{Lang, Text};
use anshin_monitor::utilisation::{Rate, Used};
use anshin_monitor::{State, Time};
use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, ConditionalFormatType, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{STATES, Use, all_machines, rough, seconds};
use crate::workbook::look::write_text;

/// Most rows of the sheet of states; Excel takes a little over a million.
const MOST_STATES: usize = 500_000;

/// How days look.
const DAY: &str = "yyyy-mm-dd";

/// How tables of numbers look.
pub(crate) struct Look {
    head: Format,
    head_day: Format,
    pub(crate) word: Format,
    rate: Format,
    /// A rate that is rough.
    rough: Format,
    hours: Format,
    day: Format,
    pub(crate) moment: Format,
}

impl Look {
    pub(crate) fn new() -> Self {
        let base = Format::new()
            .set_font_size(10)
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(0x00BF_BFBF));
        let head = base
            .clone()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_background_color(Color::RGB(0x001F_3A5F))
            .set_font_color(Color::White);
        Self {
            head_day: head.clone().set_num_format(DAY).set_align(FormatAlign::Left),
            head,
            day: base.clone().set_num_format(DAY).set_align(FormatAlign::Left),
            rate: base.clone().set_num_format("0.0%"),
            rough: base.clone().set_num_format("0.0%\"*\"").set_italic(),
            hours: base.clone().set_num_format("0.00"),
            moment: base.clone().set_num_format("yyyy-mm-dd hh:mm:ss"),
            word: base,
        }
    }

    /// Writes the headings and sets the widths.
    pub(crate) fn heads(&self, sheet: &mut Worksheet, heads: &[(String, f64)]) -> Result<(), XlsxError> {
        for (column, (words, width)) in (0_u16..).zip(heads) {
            write_text(sheet, 0, column, words, &self.head)?;
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_row_height(0, 30)?;
        sheet.set_freeze_panes(1, 1)?;
        // On paper: A4 across, with the headings on each page.
        sheet.set_paper_size(9).set_landscape().set_repeat_rows(0, 0)?;
        Ok(())
    }

    /// The same, and on paper as wide as the table.
    pub(crate) fn heads_on_one_page(
        &self,
        sheet: &mut Worksheet,
        heads: &[(String, f64)],
    ) -> Result<(), XlsxError> {
        self.heads(sheet, heads)?;
        sheet.set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

/// The workbook as bytes: rates by day, the hours by shift, and every stretch of a state.
///
/// # Errors
/// If the workbook cannot be made, for example because it has more columns than Excel takes.
pub fn xlsx(used: &Use<'_>, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The date of making would differ in every run; the same input gives the same workbook.
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
    let look = Look::new();
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    rates(workbook.add_worksheet().set_name(say("稼働率", "Utilisation"))?, used, &look, lang)?;
    if !used.calendar.shifts.is_empty() {
        shifts(workbook.add_worksheet().set_name(say("シフト", "Shifts"))?, used, &look, lang)?;
    }
    hours(workbook.add_worksheet().set_name(say("時間", "Hours"))?, used, &look, lang)?;
    states(workbook.add_worksheet().set_name(say("状態", "States"))?, used, &look, lang)?;
    workbook.save_to_buffer()
}

fn rates(sheet: &mut Worksheet, used: &Use<'_>, look: &Look, lang: Lang) -> Result<(), XlsxError> {
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    let mut heads = vec![(say("機械", "Machine"), 20.0), (say("稼働率", "Utilisation"), 11.0)];
    if used.has_several() {
        heads.push((say("ボトルネックだった時間", "Time as the bottleneck"), 13.0));
    }
    let first = u16::try_from(heads.len()).unwrap_or(u16::MAX);
    heads.extend(used.days.iter().map(|_| (String::new(), 11.0)));
    look.heads(sheet, &heads)?;
    for (column, date) in (first..).zip(&used.days) {
        moment(sheet, (0, column), &date.to_string(), &look.head_day)?;
    }
    // On paper a week on a page, with the names and the rates of all days on each.
    let ends = used.in_weeks(1).scan(u32::from(first), |column, days| {
        *column += u32::try_from(days.len()).unwrap_or(u32::MAX);
        Some(*column)
    });
    let ends: Vec<u32> = ends.collect();
    sheet.set_vertical_page_breaks(&ends[..ends.len().saturating_sub(1)])?;
    sheet.set_repeat_columns(0, first - 1)?.set_print_scale(85).set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    for (row, machine) in (1_u32..).zip(&used.machines) {
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        rate(sheet, (row, 1), &machine.all, look, lang)?;
        if used.has_several() {
            sheet.write_number_with_format(row, 2, machine.bottleneck, &look.rate)?;
        }
        for (column, date) in (first..).zip(&used.days) {
            rate(sheet, (row, column), &machine.on(*date), look, lang)?;
        }
    }
    if used.has_several() {
        let row = last_row(used);
        write_text(sheet, row, 0, all_machines().get(lang), &look.word)?;
        rate(sheet, (row, 1), &used.all(), look, lang)?;
        write_text(sheet, row, 2, "", &look.word)?;
        for (column, date) in (first..).zip(&used.days) {
            rate(sheet, (row, column), &used.all_on(*date), look, lang)?;
        }
    }
    let of_machines =
        used.machines.iter().flat_map(|machine| machine.days.values().copied().chain([machine.all]));
    let of_all = used.days.iter().map(|date| used.all_on(*date)).chain([used.all()]);
    tell_rough(sheet, last_row(used), of_machines.chain(of_all), lang)?;
    as_heat_map(sheet, used, first, used.days.len())
}

/// Says below a table what the mark at its rates means, if one of them has it.
fn tell_rough(
    sheet: &mut Worksheet,
    last: u32,
    mut rates: impl Iterator<Item = Used>,
    lang: Lang,
) -> Result<(), XlsxError> {
    if rates.any(|used| used.is_doubtful() && used.rate().part().is_some()) {
        let small = Format::new().set_font_size(10).set_italic();
        write_text(sheet, last.saturating_add(2), 0, rough().get(lang), &small)?;
    }
    Ok(())
}

/// Row of the totals.
fn last_row(used: &Use<'_>) -> u32 {
    u32::try_from(used.machines.len()).map_or(u32::MAX, |machines| machines.saturating_add(1))
}

/// Colours the rates of the machines in so many columns.
fn as_heat_map(sheet: &mut Worksheet, used: &Use<'_>, first: u16, columns: usize) -> Result<(), XlsxError> {
    let rows = used.machines.len();
    if let (Ok(rows @ 1..), Ok(columns @ 1..)) = (u32::try_from(rows), u16::try_from(columns)) {
        let scale = ConditionalFormat2ColorScale::new()
            .set_minimum(ConditionalFormatType::Number, 0)
            .set_maximum(ConditionalFormatType::Number, 1)
            .set_minimum_color(Color::White)
            .set_maximum_color(Color::RGB(0x007F_A8C9));
        sheet.add_conditional_format(1, first, rows, first + columns - 1, &scale)?;
    }
    Ok(())
}

/// Rates of each machine in each shift, with the totals of both.
fn shifts(sheet: &mut Worksheet, used: &Use<'_>, look: &Look, lang: Lang) -> Result<(), XlsxError> {
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    let shifts = used.shifts();
    let mut heads = vec![(say("機械", "Machine"), 26.0)];
    heads.extend(shifts.iter().map(|(_, name)| (name.get(lang).to_owned(), 14.0)));
    heads.push((say("全シフト", "All shifts"), 14.0));
    look.heads_on_one_page(sheet, &heads)?;
    let mut write = |row: u32, name: &Text, all: Used, of: &dyn Fn(&str) -> Used| {
        write_text(sheet, row, 0, name.get(lang), &look.word)?;
        let uses = shifts.iter().map(|(id, _)| of(id)).chain([all]);
        for (column, of) in (1_u16..).zip(uses) {
            if of.planned.total() > 0.0 {
                rate(sheet, (row, column), &of, look, lang)?;
            } else {
                write_text(sheet, row, column, "—", &look.word)?;
            }
        }
        Ok::<(), XlsxError>(())
    };
    for (row, machine) in (1_u32..).zip(&used.machines) {
        write(row, machine.name, machine.all, &|id| machine.in_shift(id))?;
    }
    if used.has_several() {
        let in_shift = |id: &str| used.machines.iter().map(|machine| machine.in_shift(id)).sum();
        write(last_row(used), &all_machines(), used.all(), &in_shift)?;
    }
    let in_shifts = used
        .machines
        .iter()
        .flat_map(|machine| shifts.iter().map(|(id, _)| machine.in_shift(id)).chain([machine.all]));
    let of_all = shifts.iter().map(|(id, _)| used.machines.iter().map(|machine| machine.in_shift(id)).sum());
    tell_rough(sheet, last_row(used), in_shifts.chain(of_all).chain([used.all()]), lang)?;
    as_heat_map(sheet, used, 1, shifts.len() + 1)
}

/// A rate as a number, marked where it is rough, or why there is none in words.
fn rate(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    used: &Used,
    look: &Look,
    lang: Lang,
) -> Result<(), XlsxError> {
    let rate = used.rate();
    match rate {
        Rate::Of(part) => {
            let format = if used.is_doubtful() { &look.rough } else { &look.rate };
            sheet.write_number_with_format(row, column, part, format)?;
        }
        Rate::NoData | Rate::Unplanned => write_text(sheet, row, column, rate.text().get(lang), &look.word)?,
    }
    Ok(())
}

/// A date or a moment; as words where a clock was so wrong that Excel has no such date.
fn moment(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    look: &Format,
) -> Result<(), XlsxError> {
    match ExcelDateTime::parse_from_str(text) {
        Ok(moment) => drop(sheet.write_datetime_with_format(row, column, &moment, look)?),
        Err(_) => write_text(sheet, row, column, text, look)?,
    }
    Ok(())
}

fn hours(sheet: &mut Worksheet, used: &Use<'_>, look: &Look, lang: Lang) -> Result<(), XlsxError> {
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    let mut heads = vec![
        (say("機械", "Machine"), 26.0),
        (say("日", "Day"), 12.0),
        (say("シフト", "Shift"), 14.0),
        (say("稼働率", "Utilisation"), 11.0),
    ];
    heads.extend(STATES.map(|(ja, en)| {
        let words = Text::new(format!("{ja}（時間）"), format!("{en} (h)"));
        (words.get(lang).to_owned(), 13.0)
    }));
    look.heads_on_one_page(sheet, &heads)?;
    let cells =
        used.machines.iter().flat_map(|machine| machine.cells.iter().map(move |cell| (machine, cell)));
    let mut last = 0;
    for (row, (machine, ((date, shift), of))) in (1_u32..).zip(cells) {
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        moment(sheet, (row, 1), &date.to_string(), &look.day)?;
        write_text(sheet, row, 2, machine.shift((*date, *shift), of, used.calendar).get(lang), &look.word)?;
        rate(sheet, (row, 3), of, look, lang)?;
        for (column, seconds) in (4_u16..).zip(seconds(&of.all())) {
            sheet.write_number_with_format(row, column, seconds / 3600.0, &look.hours)?;
        }
        last = row;
    }
    sheet.autofilter(0, 0, last, 7)?;
    let cells = used.machines.iter().flat_map(|machine| machine.cells.iter().map(|(_, of)| *of));
    tell_rough(sheet, last, cells, lang)
}

fn states(sheet: &mut Worksheet, used: &Use<'_>, look: &Look, lang: Lang) -> Result<(), XlsxError> {
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    let heads = [
        (say("機械", "Machine"), 26.0),
        (say("状態", "State"), 12.0),
        (say("開始", "From"), 20.0),
        (say("終了", "To"), 20.0),
        (say("長さ（秒）", "Length (s)"), 13.0),
    ];
    look.heads_on_one_page(sheet, &heads)?;
    let all =
        used.machines.iter().flat_map(|machine| machine.stretches.iter().map(move |one| (machine, one)));
    let mut last = 0;
    for (row, (machine, stretch)) in (1_u32..).zip(all.take(MOST_STATES)) {
        let (ja, en) = match stretch.state {
            Some(State::Producing) => STATES[0],
            Some(State::Idle) => STATES[1],
            Some(State::Off) => STATES[2],
            None => STATES[3],
        };
        let local = |time: Time| {
            let local = time.stamp().to_zoned(used.zone.clone()).datetime();
            local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        };
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        write_text(sheet, row, 1, if lang == Lang::Ja { ja } else { en }, &look.word)?;
        moment(sheet, (row, 2), &local(stretch.from), &look.moment)?;
        moment(sheet, (row, 3), &local(stretch.to), &look.moment)?;
        sheet.write_number_with_format(row, 4, stretch.to.since(stretch.from), &look.hours)?;
        last = row;
    }
    sheet.autofilter(0, 0, last, 4)?;
    Ok(())
}
