//! What a monitor has seen, as files: cycles, and how the machines were used.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anshin_field::folder;
use anshin_model::Lang;
use anshin_monitor::{Machine, Monitor};
use serde_json::Value;

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
        let bytes = table(output.word("サイクル", "cycles"), cycles(args, output)?, path, output.lang)?;
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

/// Rows with a head as CSV, with a mark for spreadsheets that it is UTF-8, or as a workbook.
fn table(name: &str, rows: Vec<Vec<String>>, path: &Path, lang: Lang) -> Result<Vec<u8>, Failure> {
    let form = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    if !matches!(form, "csv" | "xlsx") {
        return Err(Failure::new(
            "サイクルは.csvか.xlsxに書けます。ファイル名の終わりを直してください",
            "cycles can be written as .csv or .xlsx; correct the end of the file's name",
        ));
    }
    if form == "xlsx" {
        return anshin_report::plain_workbook(&[(name.to_owned(), rows)], lang)
            .map_err(|error| Failure::new(error.to_string(), error.to_string()));
    }
    let mut text = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text += &cells.join(",");
        text += "\r\n";
    }
    Ok(text.into_bytes())
}

/// A cell of CSV. What a spreadsheet would take for a formula is kept from it.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t']) && cell.parse::<f64>().is_err();
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// The columns of a cycle, by their names in the history.
const CYCLE: [(&str, &str, &str); 13] = [
    ("machine", "機械", "machine"),
    ("number", "番号", "number"),
    ("start", "開始", "start"),
    ("end", "終了", "end"),
    ("key", "ジョブ", "job"),
    ("duration_seconds", "時間（秒）", "duration (s)"),
    ("quantity", "使用量", "taken"),
    ("unit", "単位", "unit"),
    ("uncertainty", "不確かさ", "uncertainty"),
    ("finding", "判定", "finding"),
    ("doubts", "疑わしい理由", "doubts"),
    ("duration_deviation", "時間のずれ", "deviation of duration"),
    ("quantity_deviation", "使用量のずれ", "deviation of taken"),
];

fn cycles(args: &ExportArgs, output: Output) -> Result<Vec<Vec<String>>, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        let shown = path.display();
        let (ja, en) = super::why(&error);
        Failure::new(format!("`{shown}`を読めません（{ja}）"), format!("cannot read `{shown}` ({en})"))
    };
    let mut rows = vec![CYCLE.iter().map(|(_, ja, en)| output.word(ja, en).to_owned()).collect()];
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
            let Ok(cycle) = serde_json::from_str::<Value>(&line) else { continue };
            let machine = cycle["machine"].as_str().unwrap_or_default();
            if args.machine.as_deref().is_none_or(|wanted| wanted == machine) {
                rows.push(CYCLE.iter().map(|(key, _, _)| cell(&cycle[*key])).collect());
            }
        }
    }
    Ok(rows)
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(" / "),
        other => other.to_string(),
    }
}
