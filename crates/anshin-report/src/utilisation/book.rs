//! Use as an Excel workbook: numbers that can be reckoned with, coloured as a heat map.

use anshin_model::{Lang, Text};
use anshin_monitor::State;
use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::{STATES, Use, seconds};
use crate::workbook::look::write_text;

/// Most rows of the sheet of states; Excel takes a little over a million.
const MOST_STATES: usize = 500_000;

/// How tables of numbers look.
pub(crate) struct Look {
    head: Format,
    pub(crate) word: Format,
    rate: Format,
    hours: Format,
    pub(crate) moment: Format,
}

impl Look {
    pub(crate) fn new() -> Self {
        let base = Format::new()
            .set_font_size(10)
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(0x00BF_BFBF));
        Self {
            head: base
                .clone()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0x001F_3A5F))
                .set_font_color(Color::White),
            rate: base.clone().set_num_format("0.0%"),
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
    hours(workbook.add_worksheet().set_name(say("時間", "Hours"))?, used, &look, lang)?;
    states(workbook.add_worksheet().set_name(say("状態", "States"))?, used, &look, lang)?;
    workbook.save_to_buffer()
}

fn rates(sheet: &mut Worksheet, used: &Use<'_>, look: &Look, lang: Lang) -> Result<(), XlsxError> {
    let say = |ja: &'static str, en: &'static str| Text::new(ja, en).get(lang).to_owned();
    let mut heads = vec![
        (say("機械", "Machine"), 26.0),
        (say("稼働率", "Utilisation"), 11.0),
        (say("ボトルネックだった時間", "Time as the bottleneck"), 13.0),
    ];
    heads.extend(used.days.iter().map(|day| (day.to_string(), 11.0)));
    look.heads(sheet, &heads)?;
    for (row, machine) in (1_u32..).zip(&used.machines) {
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        let days = used
            .days
            .iter()
            .map(|day| machine.days.get(day).and_then(anshin_monitor::utilisation::Times::rate));
        let numbers = [machine.availability(), Some(machine.bottleneck)].into_iter().chain(days);
        for (column, number) in (1_u16..).zip(numbers) {
            match number {
                Some(number) => sheet.write_number_with_format(row, column, number, &look.rate)?,
                None => sheet.write_blank(row, column, &look.rate)?,
            };
        }
    }
    let (rows, columns) = (used.machines.len(), used.days.len());
    if let (Ok(rows @ 1..), Ok(columns @ 1..)) = (u32::try_from(rows), u16::try_from(columns)) {
        let scale = ConditionalFormat2ColorScale::new()
            .set_minimum_color(Color::White)
            .set_maximum_color(Color::RGB(0x007F_A8C9));
        sheet.add_conditional_format(1, 3, rows, columns + 2, &scale)?;
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
    look.heads(sheet, &heads)?;
    let cells =
        used.machines.iter().flat_map(|machine| machine.cells.iter().map(move |cell| (machine, cell)));
    let mut last = 0;
    for (row, (machine, ((day, shift), times))) in (1_u32..).zip(cells) {
        let shift = match shift.and_then(|n| used.shifts.get(n)) {
            Some(shift) => shift.id.clone(),
            None if used.shifts.is_empty() => String::new(),
            None => say("シフト外", "outside shifts"),
        };
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        write_text(sheet, row, 1, &day.to_string(), &look.word)?;
        write_text(sheet, row, 2, &shift, &look.word)?;
        match times.rate() {
            Some(rate) => sheet.write_number_with_format(row, 3, rate, &look.rate)?,
            None => sheet.write_blank(row, 3, &look.rate)?,
        };
        for (column, seconds) in (4_u16..).zip(seconds(times)) {
            sheet.write_number_with_format(row, column, seconds / 3600.0, &look.hours)?;
        }
        last = row;
    }
    sheet.autofilter(0, 0, last, 7)?;
    Ok(())
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
    look.heads(sheet, &heads)?;
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
        let moment = |time: anshin_monitor::Time| {
            let local = time.stamp().to_zoned(used.zone.clone()).datetime();
            ExcelDateTime::parse_from_str(&local.strftime("%Y-%m-%dT%H:%M:%S").to_string())
        };
        write_text(sheet, row, 0, machine.name.get(lang), &look.word)?;
        write_text(sheet, row, 1, if lang == Lang::Ja { ja } else { en }, &look.word)?;
        sheet.write_datetime_with_format(row, 2, moment(stretch.from)?, &look.moment)?;
        sheet.write_datetime_with_format(row, 3, moment(stretch.to)?, &look.moment)?;
        sheet.write_number_with_format(row, 4, stretch.to.since(stretch.from), &look.hours)?;
        last = row;
    }
    sheet.autofilter(0, 0, last, 4)?;
    Ok(())
}
