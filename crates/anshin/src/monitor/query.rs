//! `anshin monitor query`: what the records say.

use std::fmt::Write as _;

use anshin_field::records::{self, Kind, Query};
use serde_json::Value;

use super::args::{QueryArgs, Records};
use super::live::no_folder;
use crate::cli::Format;
use crate::input::Failure;
use crate::output::Output;
use crate::{End, print};

/// Prints the records that were asked for, the oldest first.
pub(super) fn run(args: &QueryArgs, output: Output) -> Result<End, Failure> {
    let failed = |error: records::RecordsError| {
        Failure::new(
            format!("記録のデータベースを読めません（{error}）"),
            format!("cannot read the database of records ({error})"),
        )
    };
    let opened = match &args.database {
        Some(address) => records::Records::open(address).map_err(failed)?,
        None if !args.state.is_dir() => return Err(no_folder(&args.state)),
        None => {
            let is_new = !args.state.join(records::FILE).exists();
            let opened = records::Records::open(&records::address(&args.state)).map_err(failed)?;
            // A monitor that has run without a database has its records in files.
            if is_new {
                let alone = records::Writer { worker: "monitor", team: None };
                opened.follow(&args.state, alone).map_err(failed)?;
            }
            opened
        }
    };
    let query = Query {
        kind: match args.what {
            Records::Cycles => Kind::Cycles,
            Records::Alerts => Kind::Alerts,
            Records::References => Kind::References,
        },
        machine: args.machine.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        finding: args.finding.clone(),
        most: args.limit,
    };
    let lines = opened.query(&query).map_err(failed)?;
    let mut out = String::new();
    for line in &lines {
        // Writing to a string cannot fail.
        let _ = match args.format {
            Format::Json => writeln!(out, "{line}"),
            Format::Text => writeln!(out, "{}", text(line, output)),
        };
    }
    print(output, &out)
}

fn text(line: &Value, output: Output) -> String {
    let word = |key: &str| line[key].as_str().unwrap_or_default();
    let number = |key: &str, digits: usize| match line[key].as_f64() {
        Some(number) => format!("{number:.digits$}"),
        None => "–".to_owned(),
    };
    let machine = ["machine", "source", "group"].map(word).into_iter().find(|name| !name.is_empty());
    let machine = machine.unwrap_or_default();
    match word("type") {
        "cycle" => {
            let key: Vec<&str> =
                line["key"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let finding = word("finding");
            let finding = match finding {
                "outside" | "broken-off" => output.bad(finding),
                _ => finding.to_owned(),
            };
            format!(
                "{}  {machine}  {}  {} s  {} {}  {finding}",
                word("end"),
                key.join(" / "),
                number("duration_seconds", 1),
                number("quantity", 2),
                word("unit")
            )
        }
        "reference" => format!(
            "{}  {machine}  {} #{}  {} {}  {} s  {}  {} {}",
            word("since"),
            word("job"),
            line["mode"],
            output.word("版", "version"),
            line["version"],
            number("duration_seconds", 1),
            number("quantity", 2),
            line["cycles"],
            output.word("サイクル", "cycles")
        ),
        _ => {
            let change = match word("change") {
                "cleared" => output.good(output.word("解消", "over")),
                _ => output.bad(output.word("警報", "ALERT")),
            };
            let name = line["name"][output.lang.code()].as_str().unwrap_or(word("alert"));
            format!("{}  {change}  {machine}  {name}", word("at"))
        }
    }
}
