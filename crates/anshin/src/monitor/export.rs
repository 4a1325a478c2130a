//! What a monitor has seen, as files: cycles, and how the machines were used.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anshin_field::folder;
use anshin_model::Lang;
use anshin_monitor::{Configuration, Machine, Monitor, Time, account};
use anshin_report::values::{self, Column, Form, Value, Values};
use serde_json::Value as Json;

use super::args::ExportArgs;
use super::live::read_state;
use super::{configuration, report};
use crate::End;
use crate::input::Failure;
use crate::output::Output;

/// Writes what was asked for.
pub(super) fn run(args: &ExportArgs, output: Output) -> Result<End, Failure> {
    let configuration = configuration(&args.file, output)?;
    let mut saved = read_state(&args.state)?;
    if let Some(path) = &args.cycles {
        let cycles = cycles(args, &configuration, output)?;
        let bytes = table(output.word("サイクル", "cycles"), &cycles, path)?;
        crate::beside::write_whole(path, |out| out.write_all(&bytes))?;
    }
    if let Some(folder) = &args.report {
        let mut monitor = Monitor::new(&configuration);
        for (machine, of) in monitor.machines_mut().iter_mut().zip(&configuration.machines) {
            if let Some(kept) = saved.machines.remove(of.id.as_str()) {
                *machine = Machine::new(of.settings.clone()).with(kept);
            }
        }
        report(folder, &configuration, &monitor, output)?;
    }
    Ok(End::Fine)
}

/// Cycles as CSV, with a mark for spreadsheets that it is UTF-8, or as a workbook.
fn table(name: &str, table: &Values, path: &Path) -> Result<Vec<u8>, Failure> {
    let form = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !matches!(form, "csv" | "xlsx") {
        return Err(Failure::new(
            "サイクルは.csvか.xlsxに書けます。ファイル名の終わりを直してください",
            "cycles can be written as .csv or .xlsx; correct the end of the file's name",
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

/// The cycles that were asked for. What they took has a column for each unit, so that it can be summed up.
fn cycles(args: &ExportArgs, configuration: &Configuration, output: Output) -> Result<Values, Failure> {
    let lines = lines(args)?;
    let mut units: Vec<&str> = lines.iter().filter_map(|cycle| cycle["unit"].as_str()).collect();
    units.retain(|unit| !unit.is_empty());
    units.sort_unstable();
    units.dedup();
    let zone = configuration.zone();
    let place = zone.iana_name().unwrap_or("UTC");
    let column = |(ja, en): (&str, &str), unit: &str, width: f64, form: Form| {
        let head = output.word(ja, en);
        let head = match (unit, output.lang) {
            ("", _) => head.to_owned(),
            (unit, Lang::Ja) => format!("{head}（{unit}）"),
            (unit, Lang::En) => format!("{head} ({unit})"),
        };
        Column { head, width, form }
    };
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
        let number = |key: &str| cycle[key].as_f64().map_or(Value::Nothing, Value::Number);
        // Digits that come from the calculation alone are left out.
        let percent = |key: &str| {
            cycle[key].as_f64().map_or(Value::Nothing, |part| Value::Number((part * 1e6).round() / 1e4))
        };
        let moment = |key: &str| match Time::parse(text(key)) {
            Ok(at) => Value::Moment(at.stamp().to_zoned(zone.clone()).datetime()),
            Err(_) => Value::Text(text(key).to_owned()),
        };
        let id = text("machine");
        let known = configuration.machines.iter().find(|machine| machine.id == *id);
        let name = known.map_or(id, |machine| machine.name.get(output.lang));
        let doubts =
            account::doubts(text("finding"), texts("doubts"), cycle["held_seconds"].as_f64(), output.lang);
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

/// The lines of the history that were asked for.
fn lines(args: &ExportArgs) -> Result<Vec<Json>, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        let (shown, (ja, en)) = (path.display(), super::why(&error));
        Failure::new(format!("`{shown}`を読めません（{ja}）"), format!("cannot read `{shown}` ({en})"))
    };
    let mut lines = Vec::new();
    let days = folder::history(&args.state).map_err(|error| failed(&args.state, error))?;
    for path in days {
        let day = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if !args.has_day(day) {
            continue;
        }
        let file = File::open(&path).map_err(|error| failed(&path, error))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| failed(&path, error))?;
            // A line that was cut off by a crash is passed over.
            let Ok(cycle) = serde_json::from_str::<Json>(&line) else { continue };
            let machine = cycle["machine"].as_str().unwrap_or_default();
            if args.machine.as_deref().is_none_or(|wanted| wanted == machine) {
                lines.push(cycle);
            }
        }
    }
    Ok(lines)
}
