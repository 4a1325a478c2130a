//! What a proposal says of the times in a recording.

use std::fmt::Write as _;

use anshin_model::Text;
use anshin_model::shape::has_control;

use super::dates::{Basis, Dates};
use super::head::{self, Since};
use super::yaml::{in_line, in_remark, quoted};
use super::{Table, guess};
use crate::config::TimeForm;
use crate::number::Decimal;

/// A recording as a source.
pub(super) fn of_clock(table: &Table, id: &str, remark: &impl Fn(&Text) -> String) -> String {
    let decimal = match table.decimal {
        Decimal::Unsaid => "",
        Decimal::Point => ", decimal: point",
        Decimal::Comma => ", decimal: comma",
    };
    if !table.is_table {
        return format!("  - {{ id: {id}, kind: shdr }}");
    }
    let topic = table.of_rows.as_ref();
    let topic = topic.map_or_else(String::new, |(column, _)| format!(", topic: {}", quoted(column)));
    let item = table.item.as_ref().map_or_else(String::new, |(name, value)| {
        format!(", item: {}, value: {}", quoted(name), quoted(value))
    });
    let topic = format!("{topic}{item}");
    let can_be_named =
        |clock: &&head::Clock| !clock.columns.iter().any(|column| column.is_empty() || has_control(column));
    let Some(clock) = table.clock.as_ref().filter(can_be_named) else {
        let text = of_no_clock(table);
        let start = format!("  - {{ id: {id}, kind: csv, time: {{ every: 1 }}{topic}{decimal} }}");
        return format!("{start}  # {}", in_line(&remark(&text)));
    };
    let columns: Vec<String> = clock.columns.iter().map(|column| quoted(column)).collect();
    let columns = if let [one] = &columns[..] { one.clone() } else { format!("[{}]", columns.join(", ")) };
    let mut time = format!("column: {columns}, form: {}", clock.form.id());
    let mut text = None;
    match (&clock.since, clock.form) {
        (Since::Always, _) => {}
        (Since::Told(from), form) => {
            let _ = write!(time, ", from: {}", quoted(from));
            text = (form == TimeForm::TimeOfDay).then(|| {
                Text::new(
                    "時刻に日付がないので、見出しより上の行かファイルの名前にある日付を、最初の行の日付とみなしました",
                    "times have no date: the one above the head or in the name of the file counts as that of the first row",
                )
            });
        }
        (Since::Untold, TimeForm::TimeOfDay) => {
            time.push_str(", from: \"1970-01-01\"");
            text = Some(Text::new(
                "時刻に日付がありません。最初の行の日付を`from`に書いてください",
                "times have no date: write the date of the first row as `from`",
            ));
        }
        (Since::Untold, _) => {
            time.push_str(", from: \"1970-01-01T00:00:00\"");
            text = Some(Text::new(
                "記録の始まりからの時間です。始まりの時刻を`from`に書いてください",
                "it counts from the beginning of the recording: write when that was as `from`",
            ));
        }
    }
    if let Some(dates) = &clock.dates {
        let _ = write!(time, ", order: {}", dates.order.id());
        text = Some(of_dates(dates));
    }
    let text = text.map_or_else(String::new, |text| format!("  # {}", in_line(&remark(&text))));
    format!("  - {{ id: {id}, kind: csv, time: {{ {time} }}{topic}{decimal} }}{text}")
}

/// That there are no times, or none that can be read.
fn of_no_clock(table: &Table) -> Text {
    let is_one = |name: &String| guess::names_a_time(name) && !guess::names_a_span(name);
    let unread = table.seen.values.iter().find(|(name, span)| is_one(name) && !span.last.is_empty());
    let Some((name, span)) = unread else {
        return Text::new(
            "時刻の列がありません。行の間隔（秒）を`every`に書いてください",
            "there is no column of times: write how many seconds lie between rows as `every`",
        );
    };
    let (name, example) = (in_remark(name), in_remark(&span.last));
    Text::new(
        format!(
            "列`{name}`の`{example}`のような値は、時刻として読めません。2026-04-01 08:30:05のような形で記録するか、行の間隔（秒）を`every`に書いてください"
        ),
        format!(
            "there is a column `{name}`, whose values such as `{example}` cannot be read as times: record them as 2026-04-01 08:30:05, or write how many seconds lie between rows as `every`"
        ),
    )
}

/// How the order of dates is known.
fn of_dates(dates: &Dates) -> Text {
    let (example, order) = (in_remark(&dates.example), dates.order.id());
    match dates.basis {
        Basis::Only => Text::new(
            format!("`{example}`のような日付は、この順にしか読めません"),
            format!("dates such as `{example}` fit no other order"),
        ),
        Basis::Closest => Text::new(
            format!("`{example}`のような日付は、この順に読むと日が続きます"),
            format!("dates such as `{example}` follow each other in this order"),
        ),
        Basis::Guessed(other) => Text::new(
            format!(
                "仮の順です。`{example}`のような日付だけでは決まりません。違うときは`{order}`を`{}`に直してください",
                other.id()
            ),
            format!(
                "a mere guess: dates such as `{example}` do not tell their order; if it is wrong, write `{}` in place of `{order}`",
                other.id()
            ),
        ),
    }
}
