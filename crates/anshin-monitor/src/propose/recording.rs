//! Recordings: sources that are read from files, and the machines that they are of.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::Text;
use anshin_model::shape::has_control;

use super::clock::of_clock;
use super::devices::of_kind;
use super::found::{Seen, Span};
use super::guess::{Guess, guess};
use super::machine::{Input, Machine, can_be_watched};
use super::table::{MOST_OF_ROWS, POWER};
use super::yaml::{Ids, in_line, in_remark, line};
use super::{MOST_TOLD, Table, several};

/// Words of `MTConnect` for what a controller does, and for its mode.
const EXECUTION: [&str; 10] = [
    "READY",
    "ACTIVE",
    "INTERRUPTED",
    "FEED_HOLD",
    "STOPPED",
    "OPTIONAL_STOP",
    "PROGRAM_STOPPED",
    "PROGRAM_COMPLETED",
    "WAIT",
    "UNAVAILABLE",
];
const CONTROLLER_MODE: [&str; 6] =
    ["AUTOMATIC", "MANUAL", "MANUAL_DATA_INPUT", "SEMI_AUTOMATIC", "EDIT", "UNAVAILABLE"];

/// A machine in a recording, before it has an id.
struct Recorded<'t> {
    name: String,
    topic: Option<&'t str>,
    inputs: Vec<Input>,
}

/// A recording: a source that is read from files, and the machines that it is of.
pub(super) fn of_table(
    out: &mut String,
    table: &Table,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let id = ids.new_id("recording");
    let recorded = recorded(table);
    let mut say = |text: Text| line(out, &format!("  # {}", in_line(&remark(&text))));
    if let [one] = &recorded[..]
        && !can_be_watched(&one.inputs)
    {
        say(of_nothing(table, &one.inputs));
    }
    if recorded.len() > 1 {
        let names = recorded.iter().map(|one| one.name.as_str()).collect::<Vec<_>>();
        say(match &table.of_rows {
            Some((column, _)) => Text::new(
                format!("列`{column}`の値ごとに機械を1台とみなしました: {}", names.join("、")),
                format!("each value of column `{column}` counts as a machine: {}", names.join(", ")),
            ),
            None => Text::new(
                format!("列の名前から、{}台の機械の表とみなしました: {}", names.len(), names.join("、")),
                format!("the names of the columns tell {} machines: {}", names.len(), names.join(", ")),
            ),
        });
    }
    if table.goes_back_an_hour {
        say(Text::new(
            "時刻が1時間戻る所があります。夏時間のある土地の時刻なら、上の`time-zone`をその土地（Europe/Berlin、America/Chicagoなど）に直してください",
            "times go back by an hour: if they are those of a place with summer time, write its `time-zone` above, such as Europe/Berlin or America/Chicago",
        ));
    }
    if table.has_more {
        say(Text::new(
            format!("機械が多いので、{MOST_OF_ROWS}台だけを提案します。ほかの行はどの機械も取りません"),
            format!(
                "there are more machines: {MOST_OF_ROWS} are proposed, and no machine takes the other rows"
            ),
        ));
    }
    if recorded.iter().flat_map(|one| &one.inputs).any(|input| is_unnamed(table, input)) {
        say(Text::new(
            "機械の名前だけの列は、電力（W）とみなしました。違うときは`is`と`factor`を直してください",
            "columns that are named after a machine alone count as its power (W); correct `is` and `factor` if they are something else",
        ));
    }
    line(out, &of_clock(table, &id, remark));
    let before = machines.len();
    for Recorded { name, topic, mut inputs } in recorded {
        for input in &mut inputs {
            input.topic = topic.map(str::to_owned);
        }
        machines.push(Machine::new(&name, id.clone(), inputs, ids));
    }
    mark_changes(table, &mut machines[before..]);
    let used: BTreeSet<&String> =
        machines[before..].iter().flat_map(Machine::used).flat_map(|input| &input.take).collect();
    let of_rows = table.of_rows.iter().flat_map(|(_, machines)| machines.values());
    let mut unused: BTreeMap<&String, &str> = BTreeMap::new();
    for (name, span) in std::iter::once(&table.seen).chain(of_rows).flat_map(|seen| &seen.values) {
        let is_topic = table.of_rows.as_ref().is_some_and(|(column, _)| column == name);
        if !(used.contains(name) || is_topic) {
            unused.insert(name, &span.last);
        }
    }
    if unused.is_empty() || used.is_empty() {
        return;
    }
    let text = Text::new("使っていない列と、その値の例:", "columns that are not used, each with a value:");
    line(out, &format!("  # {}", remark(&text)));
    for (name, value) in unused.iter().take(MOST_TOLD) {
        line(out, &format!("  #   {}", in_remark(&format!("{name} = {value}"))));
    }
    if unused.len() > MOST_TOLD {
        let more = unused.len() - MOST_TOLD;
        let text = Text::new(format!("ほかに{more}列"), format!("and {more} more"));
        line(out, &format!("  #   {}", remark(&text)));
    }
}

/// Marks the machines of a table that has a row where something changes, and none else.
fn mark_changes(table: &Table, machines: &mut [Machine]) {
    let mut of_rows: BTreeMap<Option<String>, Vec<&Span>> = BTreeMap::new();
    for input in machines.iter().flat_map(Machine::used) {
        of_rows.entry(input.topic.clone()).or_default().push(&input.span);
    }
    let tells_changes = |(topic, spans): (Option<String>, Vec<&Span>)| {
        let seen = match (&topic, &table.of_rows) {
            (Some(topic), Some((_, machines))) => machines.get(topic).unwrap_or(&table.seen),
            _ => &table.seen,
        };
        seen.tells_changes(&spans).then_some(topic)
    };
    let changing: BTreeSet<Option<String>> = of_rows.into_iter().filter_map(tells_changes).collect();
    for machine in machines {
        let tells = machine.used().iter().all(|input| changing.contains(&input.topic));
        machine.tells_changes = tells && machine.takes_states_alone();
    }
}

/// Whether only the name of a machine stands above what an input takes for a power.
fn is_unnamed(table: &Table, input: &Input) -> bool {
    let is_bare = |name: &String| {
        table.is_bare(name) && table.labels.get(name).is_some_and(|label| *label == format!("{POWER} {name}"))
    };
    matches!(input.guess, Guess::Power(_)) && input.take.iter().any(is_bare)
}

/// The machines of a recording; where columns or rows tell no several, it is one.
fn recorded<'t>(table: &'t Table) -> Vec<Recorded<'t>> {
    if let Some((column, machines)) = &table.of_rows {
        let of = |(topic, seen): (&'t String, &'t Seen)| {
            let name = several::called(column, topic);
            Recorded { name, topic: Some(topic.as_str()), inputs: inputs(table, seen) }
        };
        return machines.iter().map(of).collect();
    }
    let inputs = inputs(table, &table.seen);
    let mut machines: BTreeMap<String, Recorded<'_>> = BTreeMap::new();
    for input in inputs.iter().filter(|_| table.is_table) {
        if let Some(of) = several::of(&input.take[0]) {
            let empty = Recorded { name: of.name, topic: None, inputs: Vec::new() };
            machines.entry(of.key).or_insert(empty).inputs.push(input.clone());
        }
    }
    machines.retain(|_, machine| can_be_watched(&machine.inputs));
    if machines.len() > 1 {
        return machines.into_values().collect();
    }
    vec![Recorded { name: table.name.clone(), topic: None, inputs }]
}

/// What the values of a recording seem to say.
fn inputs(table: &Table, seen: &Seen) -> Vec<Input> {
    let values = seen.values.iter().filter(|(name, _)| !has_control(name));
    let inputs = values.flat_map(|(name, span)| {
        // What an adapter of `MTConnect` tells is told in its words, wherever it is written down.
        let tells = |words: &[&str]| {
            let is_one = |said: &String| words.iter().any(|word| word.eq_ignore_ascii_case(said));
            !table.is_table || span.most.is_none() && span.words.len() > 1 && span.words.iter().all(is_one)
        };
        let known: &[Guess] = match name.to_lowercase().as_str() {
            "execution" | "exec" if tells(&EXECUTION) => of_kind("EXECUTION"),
            "mode" | "controllermode" | "controller_mode" if tells(&CONTROLLER_MODE) => {
                of_kind("CONTROLLER_MODE")
            }
            _ => &[],
        };
        let label = table.labels.get(name).unwrap_or(name);
        let is_zero_or_one = |number: Option<f64>| {
            number.is_none_or(|number| number <= 0.0 || (number - 1.0).abs() < f64::EPSILON)
        };
        let is_switch = table.is_bare(name) && is_zero_or_one(span.least) && is_zero_or_one(span.most);
        let guesses = match known {
            [] if is_switch => vec![Guess::Running],
            [] => guess(label, span).into_iter().collect(),
            known => known.to_vec(),
        };
        guesses.into_iter().filter(|guess| !matches!(guess, Guess::Time(_))).map(|guess| Input {
            topic: None,
            take: vec![name.clone()],
            guess,
            span: span.clone(),
        })
    });
    inputs.collect()
}

/// Why a recording shows no machine.
pub(super) fn of_nothing(table: &Table, inputs: &[Input]) -> Text {
    if inputs.iter().any(|input| matches!(input.guess, Guess::Counter(_))) {
        return Text::new(
            format!(
                "{}: 電力量だけではサイクルを区切れません。電力、電流、運転中、生産数のどれかを一緒に記録してください",
                table.name
            ),
            format!(
                "{}: energy alone does not tell cycles; record power, current, whether a program runs or a count of parts with it",
                table.name
            ),
        );
    }
    Text::new(
        format!("{}: サイクルを区切れる値（電力、運転中など）が見つかりません", table.name),
        format!("{}: no value tells cycles, such as power or whether a program runs", table.name),
    )
}
