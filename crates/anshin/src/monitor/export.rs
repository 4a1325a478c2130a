//! What a monitor has seen, as files: cycles, and how the machines were used.

use std::path::Path;

use anshin_field::records;
use anshin_model::{Lang, Text};
use anshin_monitor::{Configuration, Machine, Monitor, Time, account};
use anshin_report::utilisation::Span;
use anshin_report::values::{self, Column, Form, Value, Values};
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::args::ExportArgs;
use super::records::{self as kept, Moments, Place};
use super::{configuration, report};
use crate::End;
use crate::input::Failure;
use crate::output::Output;

/// Writes what was asked for.
pub(super) fn run(args: &ExportArgs, output: Output) -> Result<End, Failure> {
    let configuration = configuration(&args.file, output)?;
    let machines = configuration.machines.iter().map(|of| (of.id.as_str(), Some(of.name.clone())));
    let machine = args.machine.as_deref().map(|machine| kept::machine(machine, machines)).transpose()?;
    let moments = Moments::read(args.from.as_deref(), args.to.as_deref(), &configuration.zone())?;
    let days = args.report.as_ref().map(|_| days(args)).transpose()?;
    let place = Place::open(&args.state, args.database.as_deref())?;
    let wanted = Wanted { machine, moments, configuration: &configuration, output };
    if let Some(path) = &args.cycles {
        let bytes = table(output.word("サイクル", "cycles"), &wanted.cycles(&place)?, path)?;
        crate::beside::write_whole(path, |out| out.write_all(&bytes))?;
    }
    if let Some(path) = &args.alerts {
        let bytes = table(output.word("警報", "alerts"), &wanted.alerts(&place)?, path)?;
        crate::beside::write_whole(path, |out| out.write_all(&bytes))?;
    }
    if let (Some(folder), Some(span)) = (&args.report, days) {
        report(folder, &configuration, &used(&place, &configuration, output)?, span, output)?;
    }
    Ok(End::Fine)
}

/// The days that a report of the use is about: it counts whole ones.
fn days(args: &ExportArgs) -> Result<Span, Failure> {
    let day = |text: &String| {
        kept::day(text).ok_or_else(|| {
            Failure::new(
                format!(
                    "稼働は日とシフトごとに数えるので、`--report`では時刻（`{text}`）を使えません。日だけを書くか、表だけを書き出してください"
                ),
                format!(
                    "use is counted by days and shifts, so `--report` takes no time of day (`{text}`); name days, or write tables alone"
                ),
            )
        })
    };
    let day = |text: &Option<String>| text.as_ref().map(day).transpose();
    Ok(Span { from: day(&args.from)?, to: day(&args.to)? })
}

/// The machines as they were kept last.
fn used<'a>(
    place: &Place<'_>,
    configuration: &'a Configuration,
    output: Output,
) -> Result<Monitor<'a>, Failure> {
    let mut states = place.states()?;
    let mut monitor = Monitor::new(configuration);
    let mut missing = Vec::new();
    for (machine, of) in monitor.machines_mut().iter_mut().zip(&configuration.machines) {
        match states.remove(of.id.as_str()) {
            Some(Some(kept)) => *machine = Machine::new(of.settings.clone()).with(kept),
            _ => missing.push(of.id.as_str()),
        }
    }
    if matches!(place, Place::Database(..)) && !missing.is_empty() {
        let ids = missing.join(", ");
        let told = Text::new(
            format!(
                "{ids}: データベースに稼働の記録がありません。チームの監視だけがそこに記録します。単独の監視の分は、そのフォルダーから`--state`で書き出してください"
            ),
            format!(
                "{ids}: the database has no record of the use; only monitors of a team keep it there. What a monitor alone has seen is exported from its folder, with `--state`"
            ),
        );
        if missing.len() == configuration.machines.len() {
            return Err(Failure::Other(told));
        }
        output.say(&told);
    }
    Ok(monitor)
}

/// What of the records is asked for, and how it is told.
struct Wanted<'a> {
    machine: Option<String>,
    moments: Moments,
    configuration: &'a Configuration,
    output: Output,
}

/// A table as CSV, with a mark for spreadsheets that it is UTF-8, or as a workbook.
fn table(name: &str, table: &Values, path: &Path) -> Result<Vec<u8>, Failure> {
    let form = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !matches!(form, "csv" | "xlsx") {
        return Err(Failure::new(
            "表は.csvか.xlsxに書けます。ファイル名の終わりを直してください",
            "a table can be written as .csv or .xlsx; correct the end of the file's name",
        ));
    }
    if form == "xlsx" {
        return values::xlsx(name, table).map_err(|error| super::no_workbook(&error));
    }
    let mut text = String::from("\u{feff}");
    let mut row = |cells: Vec<String>| {
        text += &cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
        text += "\r\n";
    };
    row(table.columns.iter().map(|column| column.head.clone()).collect());
    for cells in &table.rows {
        row(cells.iter().map(text_of).collect());
    }
    Ok(text.into_bytes())
}

/// A cell of CSV. What a spreadsheet would take for a formula is kept from it.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t']) && cell.parse::<f64>().is_err();
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Moment(moment) => moment.strftime("%F %T%.3f").to_string(),
    }
}

impl Wanted<'_> {
    /// The cycles that were asked for. What they took has a column for each unit, so that it can be summed up.
    fn cycles(&self, place: &Place<'_>) -> Result<Values, Failure> {
        let Self { configuration, output, .. } = *self;
        let zone = configuration.zone();
        let lines = place.cycles(self.machine.as_deref(), &self.moments, &zone)?;
        let mut units: Vec<&str> = lines.iter().filter_map(|cycle| cycle["unit"].as_str()).collect();
        units.retain(|unit| !unit.is_empty());
        units.sort_unstable();
        units.dedup();
        let place = zone.iana_name().unwrap_or("UTC");
        let column = |words, unit: &str, width, form| column(words, unit, (width, form), output);
        let mut columns = vec![
            column(("機械", "machine"), "", 24.0, Form::Text),
            column(("機械のID", "machine id"), "", 14.0, Form::Text),
            column(("番号", "number"), "", 9.0, Form::Number("0")),
            column(("開始", "start"), place, 20.0, Form::Moment),
            column(("終了", "end"), place, 20.0, Form::Moment),
            column(("ジョブ", "job"), "", 20.0, Form::Text),
            column(("時間", "duration"), "s", 11.0, Form::Number("0.0")),
        ];
        for unit in &units {
            columns.push(column(("使用量", "taken"), unit, 12.0, Form::Number("0.00##")));
            columns.push(column(
                ("使用量の不確かさ", "uncertainty of taken"),
                unit,
                12.0,
                Form::Number("0.00##"),
            ));
        }
        columns.extend([
            column(("判定", "finding"), "", 16.0, Form::Text),
            column(("疑わしい理由", "doubts"), "", 24.0, Form::Text),
            column(("時間のずれ", "deviation of duration"), "%", 12.0, Form::Number("+0.0;-0.0;0.0")),
            column(("使用量のずれ", "deviation of taken"), "%", 12.0, Form::Number("+0.0;-0.0;0.0")),
        ]);
        let row = |cycle: &Json| {
            let text = |key: &str| cycle[key].as_str().unwrap_or_default();
            let texts = |key: &str| cycle[key].as_array().into_iter().flatten().filter_map(Json::as_str);
            let number = |key: &str| number(&cycle[key]);
            let percent = |key: &str| percent(&cycle[key]);
            let moment = |key: &str| moment(&cycle[key], &zone);
            let id = text("machine");
            let known = configuration.machines.iter().find(|machine| machine.id == *id);
            let name = known.map_or(id, |machine| machine.name.get(output.lang));
            let doubts = account::doubts(
                text("finding"),
                texts("doubts"),
                cycle["held_seconds"].as_f64(),
                output.lang,
            );
            let mut row = vec![
                Value::Text(name.to_owned()),
                Value::Text(id.to_owned()),
                number("number"),
                moment("start"),
                moment("end"),
                Value::Text(texts("key").collect::<Vec<_>>().join(" / ")),
                number("duration_seconds"),
            ];
            for unit in &units {
                // What was not measured has no uncertainty.
                let is_its = text("unit") == *unit && cycle["quantity"].is_number();
                let taken = |key| if is_its { number(key) } else { Value::Nothing };
                row.extend([taken("quantity"), taken("uncertainty")]);
            }
            row.extend([
                Value::Text(account::found(cycle).get(output.lang).to_owned()),
                Value::Text(doubts.join(" / ")),
                percent("duration_deviation"),
                percent("quantity_deviation"),
            ]);
            row
        };
        let rows = lines.iter().map(row).collect();
        Ok(Values { columns, rows })
    }

    /// The alerts of the log that were asked for, each in one row: raised, over, and acknowledged by whom.
    fn alerts(&self, place: &Place<'_>) -> Result<Values, Failure> {
        let Self { configuration, output, .. } = *self;
        let mut alerts = raised(place.log()?);
        alerts.retain(|alert| {
            self.moments.has(kept::moment(alert, "at"))
                && self.machine.as_deref().is_none_or(|machine| machine == about(alert))
        });
        alerts.sort_by_cached_key(|alert| {
            (kept::moment(alert, "at"), about(alert).to_owned(), alert["alert"].to_string())
        });
        let zone = configuration.zone();
        let place = zone.iana_name().unwrap_or("UTC");
        let column = |words, unit: &str, width, form| column(words, unit, (width, form), output);
        let columns = vec![
            column(("対象", "about"), "", 24.0, Form::Text),
            column(("ID", "id"), "", 14.0, Form::Text),
            column(("警報", "alert"), "", 24.0, Form::Text),
            column(("ジョブ", "job"), "", 16.0, Form::Text),
            column(("開始", "since"), place, 20.0, Form::Moment),
            column(("発生", "raised"), place, 20.0, Form::Moment),
            column(("解消", "over"), place, 20.0, Form::Moment),
            column(("測定値", "measured"), "", 11.0, Form::Number("0.0##")),
            column(("基準", "reference"), "", 11.0, Form::Number("0.0##")),
            column(("単位", "unit"), "", 8.0, Form::Text),
            column(("ずれ", "deviation"), "%", 10.0, Form::Number("0.0")),
            column(("確認した人", "acknowledged by"), "", 18.0, Form::Text),
            column(("確認した時刻", "acknowledged"), place, 20.0, Form::Moment),
            column(("メモ", "note"), "", 30.0, Form::Text),
        ];
        let row = |alert: &Json| {
            let id = about(alert);
            let name = told_about(alert, configuration, output);
            let text = |value: &Json| Value::Text(value.as_str().unwrap_or_default().to_owned());
            let kind = &alert["alert"];
            let kind = alert["name"].get(output.lang.code()).filter(|name| name.is_string()).unwrap_or(kind);
            let key = alert["key"].as_array().into_iter().flatten().filter_map(Json::as_str);
            let has_value = alert["value"].is_number();
            let who = &alert["acknowledged"];
            vec![
                Value::Text(name),
                Value::Text(id.to_owned()),
                text(kind),
                Value::Text(key.collect::<Vec<_>>().join(" / ")),
                moment(&alert["since"], &zone),
                moment(&alert["at"], &zone),
                moment(&alert["over"], &zone),
                number(&alert["value"]),
                number(&alert["reference"]),
                if has_value { text(&alert["unit"]) } else { Value::Nothing },
                percent(&alert["deviation"]),
                text(&who["by"]),
                moment(&who["at"], &zone),
                text(&who["note"]),
            ]
        };
        let rows = alerts.iter().map(row).collect();
        Ok(Values { columns, rows })
    }
}

/// A column with its unit in the heading.
fn column((ja, en): (&str, &str), unit: &str, (width, form): (f64, Form), output: Output) -> Column {
    let head = output.word(ja, en);
    let head = match (unit, output.lang) {
        ("", _) => head.to_owned(),
        (unit, Lang::Ja) => format!("{head}（{unit}）"),
        (unit, Lang::En) => format!("{head} ({unit})"),
    };
    Column { head, width, form }
}

/// Alerts that were raised, each with when it was over and who has acknowledged it.
fn raised(lines: Vec<Json>) -> Vec<Json> {
    let (mut alerts, mut seen): (Vec<Json>, Vec<Json>) = (Vec::new(), Vec::new());
    for line in lines {
        match (line["type"].as_str(), line["change"].as_str()) {
            (Some("request"), _) => seen.push(line),
            (_, Some("raised")) => alerts.push(line),
            (_, Some("cleared")) => {
                let of =
                    |alert: &Json| (about(alert).to_owned(), alert["device"].clone(), alert["alert"].clone());
                for alert in alerts.iter_mut().rev().filter(|alert| of(alert) == of(&line)) {
                    if alert.get("over").is_some() {
                        break;
                    }
                    alert["over"] = line["at"].clone();
                }
            }
            _ => {}
        }
    }
    records::acknowledge(&mut alerts, &seen);
    alerts
}

/// What an alert is about, by its name: a machine, a source with the device or topic, a group with its machines.
fn told_about(alert: &Json, configuration: &Configuration, output: Output) -> String {
    let id = about(alert);
    let name_of = |id: &str| {
        let known = configuration.machines.iter().find(|machine| machine.id == *id);
        known.map_or(id, |machine| machine.name.get(output.lang)).to_owned()
    };
    if let Some(device) = alert["device"].as_str() {
        return format!("{id}: {device}");
    }
    if alert["group"].is_null() {
        return name_of(id);
    }
    let group = configuration.groups.iter().find(|group| group.id == *id);
    let name = group.map_or(id, |group| group.name.get(output.lang));
    let machines = alert["machines"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let machines = machines.map(name_of).collect::<Vec<_>>().join(output.word("、", ", "));
    format!("{name}{}{machines}{}", output.word("（", " ("), output.word("）", ")"))
}

/// The machine, source or group of an alert.
fn about(alert: &Json) -> &str {
    records::about(alert).map_or("", |(_, id)| id)
}

fn number(value: &Json) -> Value {
    value.as_f64().map_or(Value::Nothing, Value::Number)
}

/// A part in percent. Digits that come from the calculation alone are left out.
fn percent(value: &Json) -> Value {
    value.as_f64().map_or(Value::Nothing, |part| Value::Number((part * 1e6).round() / 1e4))
}

/// A moment by the clocks of the factory.
fn moment(value: &Json, zone: &TimeZone) -> Value {
    match value.as_str().map(|text| (Time::parse(text), text)) {
        Some((Ok(at), _)) => Value::Moment(at.stamp().to_zoned(zone.clone()).datetime()),
        Some((Err(_), text)) => Value::Text(text.to_owned()),
        None => Value::Nothing,
    }
}
