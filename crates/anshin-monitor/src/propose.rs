//! A first configuration, made of what devices and brokers show: which values look like power, a
//! counter, a running program, a job, and where the time of a message stands.
//!
//! It is a proposal. Names of values say what they are often enough to begin with; every guess
//! stands in the file, with the value that was seen, for a person to look at.

mod axes;
mod broker;
mod dates;
mod devices;
mod found;
mod guess;
mod head;
mod levels;
mod machine;
mod pause;
mod several;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anshin_model::Text;
use anshin_model::shape::has_control;
use broker::of_broker;
use dates::{Basis, Dates};
use devices::{of_item, of_kind, of_meter, of_power_meter, of_server};
use guess::{Guess, guess, words};
use head::Since;
use machine::{Input, Machine, can_be_watched};
use serde_json::Value;

use crate::config::TimeForm;
use crate::number::Decimal;

/// Most machines that are proposed.
const MOST_MACHINES: usize = 500;

pub use found::{Agent, Broker, Device, EchonetMeter, Found, PowerMeter, Seen, Server, Span, Variable};
pub use table::Table;
use table::{MOST_OF_ROWS, POWER};

/// The text of a configuration. Where no machine can be proposed it has none, and says what was seen and what
/// to write.
pub fn configuration(found: &Found, remark: impl Fn(&Text) -> String) -> String {
    let mut out = String::from("anshin-monitor: 1\ntime-zone: Asia/Tokyo\nsources:\n");
    let mut machines = Vec::new();
    let mut ids = Ids::default();
    for broker in &found.brokers {
        of_broker(&mut out, broker, (&mut ids, &remark), &mut machines);
    }
    for agent in &found.agents {
        let id = ids.new_id("agent");
        line(&mut out, &format!("  - {{ id: {id}, kind: mtconnect, address: {} }}", quoted(&agent.address)));
        for (device, items) in &agent.devices {
            let inputs = items.iter().flat_map(|(item, kind)| of_item(item, kind)).collect();
            machines.push(Machine::new(device, id.clone(), inputs, &mut ids));
        }
    }
    for meter in &found.meters {
        of_meter(&mut out, meter, (&mut ids, &remark), &mut machines);
    }
    for meter in &found.power_meters {
        of_power_meter(&mut out, meter, (&mut ids, &remark), &mut machines);
    }
    for server in &found.servers {
        of_server(&mut out, server, &mut ids, &mut machines);
    }
    for table in &found.tables {
        of_table(&mut out, table, (&mut ids, &remark), &mut machines);
    }
    machines.retain(|machine| can_be_watched(&machine.inputs));
    if machines.is_empty() {
        nothing(&mut out, found, &remark);
        return out;
    }
    out.push_str("machines:\n");
    for machine in machines.iter().take(MOST_MACHINES) {
        machine.write(&mut out, &remark);
    }
    out
}

/// Most values that are told where none of them is a machine's.
const MOST_TOLD: usize = 20;

/// What was seen where no machine can be proposed, and what to write instead.
fn nothing(out: &mut String, found: &Found, remark: &impl Fn(&Text) -> String) {
    if out.ends_with("sources:\n") {
        line(out, "  - { id: floor, kind: mqtt }");
    }
    line(out, "machines: []");
    let of_topics = found.brokers.iter().flat_map(|broker| &broker.topics);
    let of_tables = found.tables.iter().map(|table| (&table.name, &table.seen));
    let values = of_topics.chain(of_tables).flat_map(|(of, seen)| {
        seen.values.iter().map(move |(name, span)| format!("{of}: {name} = {}", span.last))
    });
    let values: Vec<String> = values.take(MOST_TOLD).collect();
    let text = match (values.is_empty(), found.tables.is_empty()) {
        (true, true) => Text::new(
            "機械は見つかりませんでした。`machines: []`を次のように書き換えると、内蔵ブローカーへの発信を見守ります",
            "no machine was found; write in place of `machines: []`, to watch what is sent to the built-in broker",
        ),
        (true, false) => Text::new(
            "記録に値がありません。`machines: []`を次のように書き換えてください",
            "the recording has no values; write in place of `machines: []`",
        ),
        _ => Text::new(
            "どの値が電力、電流、運転中、生産数かを、名前から判断できませんでした。`machines: []`を次のように書き換え、`take`にその値の名前を書いてください",
            "no name tells which value is a power, a current, a running program or a count of parts; write in place of `machines: []`, with the name of that value in `take`",
        ),
    };
    line(out, &format!("# {}", in_line(&remark(&text))));
    let from = if found.tables.is_empty() { "floor" } else { "recording" };
    let topic = if found.tables.is_empty() { "topic: machine-1, " } else { "" };
    for text in [
        "machines:".to_owned(),
        "  - id: machine-1".to_owned(),
        "    cycle: { by: power, on: 500, pause: 30 }".to_owned(),
        "    meter: { kind: rate }".to_owned(),
        format!("    input: [ {{ from: {from}, {topic}take: power, is: power }} ]"),
    ] {
        line(out, &format!("#   {text}"));
    }
    if !values.is_empty() {
        line(out, &format!("# {}", remark(&Text::new("見つかった値:", "what was seen:"))));
    }
    for value in values {
        line(out, &format!("#   {}", in_remark(&value)));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// A text in YAML: JSON strings are such.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Words that YAML takes for something else than a text.
const NO_TEXT: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// Ids that have been given away.
#[derive(Default)]
struct Ids(BTreeMap<String, u32>);

impl Ids {
    /// An id that nobody has yet, made of some words.
    fn new_id(&mut self, name: &str) -> String {
        let ascii: String = name.chars().filter(|c| c.is_ascii() || !c.is_alphanumeric()).collect();
        let mut id = words(&ascii).join("-");
        id.truncate(40);
        let id = id.trim_matches('-');
        let id = if id.starts_with(|c: char| c.is_ascii_lowercase()) && !NO_TEXT.contains(&id) {
            id.to_owned()
        } else {
            format!("machine-{id}")
        };
        let id = id.trim_end_matches('-').to_owned();
        let count = self.0.entry(id.clone()).or_default();
        *count += 1;
        if *count == 1 {
            return id;
        }
        let next = format!("{id}-{count}");
        self.new_id(&next)
    }
}

/// A text without line breaks.
fn in_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// What stands behind a `#`: no line breaks, and not more than a line of it.
fn in_remark(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(80).collect()
}

/// A machine in a recording, before it has an id.
struct Recorded<'t> {
    name: String,
    topic: Option<&'t str>,
    inputs: Vec<Input>,
}

/// A recording: a source that is read from files, and the machines that it is of.
fn of_table(
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
        // An adapter of `MTConnect` uses its words.
        let known: &[Guess] = match name.to_lowercase().as_str() {
            "execution" | "exec" if !table.is_table => of_kind("EXECUTION"),
            "mode" | "controllermode" | "controller_mode" if !table.is_table => of_kind("CONTROLLER_MODE"),
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
fn of_nothing(table: &Table, inputs: &[Input]) -> Text {
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

/// A recording as a source.
fn of_clock(table: &Table, id: &str, remark: &impl Fn(&Text) -> String) -> String {
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

#[cfg(test)]
mod tests {
    use anshin_catalog::{DescribedBy, RegisterForm};
    use anshin_model::Lang;
    use proptest::prelude::*;

    use super::*;
    use crate::config;
    use crate::meters::Meter;
    use crate::time::Time;

    fn proposed(found: &Found) -> (String, config::Configuration) {
        let text = configuration(found, |remark| remark.get(Lang::En).to_owned());
        let loaded = config::load("factory.yaml", &text);
        let configuration = loaded.configuration;
        (text.clone(), configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics)))
    }

    fn seen(messages: &[&str]) -> Seen {
        let mut seen = Seen::default();
        for message in messages {
            seen.message(message.as_bytes(), Time::from_seconds(0.0));
        }
        seen
    }

    #[test]
    fn a_broker_an_agent_and_a_meter_become_a_configuration() {
        let topics = [
            (
                "plant/robot",
                seen(&[
                    r#"{"ts":1775000000000,"power":{"kw":0.4},"exec":"ACTIVE","program":"W 7"}"#,
                    r#"{"ts":1775000001000,"power":{"kw":2.4},"exec":"READY","program":"W 7"}"#,
                ]),
            ),
            ("plant/press/power", seen(&["300", "2100"])),
            ("plant/press/temperature", seen(&["21"])),
            ("plant/office", seen(&["good morning"])),
        ];
        let topics = topics.map(|(topic, seen)| (topic.to_owned(), seen)).into_iter().collect();
        let found = Found {
            brokers: vec![Broker { address: "10.0.0.1:1883".to_owned(), topics, stream: None }],
            agents: vec![Agent {
                address: "10.0.0.2:5000".to_owned(),
                devices: vec![
                    (
                        "Mazak 01".to_owned(),
                        vec![
                            ("e1".to_owned(), "EXECUTION".to_owned()),
                            ("w".to_owned(), "WATTAGE".to_owned()),
                        ],
                    ),
                    ("Nothing".to_owned(), vec![("x".to_owned(), "POSITION".to_owned())]),
                ],
            }],
            meters: vec![
                EchonetMeter {
                    address: "10.0.0.3:3610".to_owned(),
                    object: [2, 0x88, 1],
                    ..EchonetMeter::default()
                },
                EchonetMeter {
                    address: "10.0.0.4:3610".to_owned(),
                    object: [2, 0x87, 1],
                    channels: 2,
                    both_ways: 1,
                    tells_power: true,
                },
            ],
            ..Found::default()
        };
        let (text, configuration) = proposed(&found);
        let ids: Vec<&str> = configuration.machines.iter().map(|machine| machine.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "press",
                "robot",
                "mazak-01",
                "measured-by-meter",
                "measured-by-meter-2",
                "board-channel-1",
                "board-channel-2",
                "board-both-1"
            ],
            "{text}"
        );
        assert_eq!(configuration.sources.len(), 5, "{text}");
        assert!(text.contains("object: \"028701\", channels: 2 }"), "{text}");
        assert!(text.contains("take: \"both-1.power\", is: power"), "{text}");
        assert!(text.contains("time: { column: \"ts\", form: milliseconds }"), "{text}");
        assert!(
            text.contains("cycle: { by: power, on: 3150, pause: 30 }"),
            "two samples show no level: {text}"
        );
        assert!(text.contains("take: \"power.kw\", is: power, factor: 1000"), "{text}");
        assert_eq!(configuration.machines[1].key.len(), 1);
    }

    #[test]
    fn a_meter_of_modbus_and_a_server_of_opc_ua_become_a_configuration() {
        let register = |id: &str, at, factor| config::Register {
            id: anshin_model::Id::from(id.to_owned()),
            at,
            form: RegisterForm::F32,
            input: true,
            swapped: false,
            factor,
        };
        let registers =
            vec![(register("power", 52, 1.0), 1_200.0), (register("energy", 72, 1_000.0), 5_000.0)];
        let (name, described_by) = (Text::same("A meter"), DescribedBy::ThirdParty);
        let meter = Meter { name, described_by, registers, frequency: 50.0, voltage: 230.0 };
        let known = PowerMeter {
            address: "10.0.0.4:502".to_owned(),
            unit: 1,
            said: vec!["ACME\nid: trap".to_owned()],
            meter: Some(meter),
        };
        let unknown = PowerMeter { address: "10.0.0.5:502".to_owned(), meter: None, ..known.clone() };
        let variable = |name: &str, value: &str| {
            let mut span = Span::default();
            span.take(value);
            Variable { name: name.to_owned(), node: format!("ns=2;s=Mill.{name}"), span }
        };
        let mill = vec![
            variable("ActivePower_kW", "2.5"),
            variable("Program", "O1234"),
            variable("Running", "true"),
            variable("Temperature", "21"),
        ];
        let objects = BTreeMap::from([
            ("Plant/Mill".to_owned(), mill),
            ("Plant/Office".to_owned(), vec![variable("Temperature", "21")]),
        ]);
        let servers = vec![Server { address: "10.0.0.6:4840".to_owned(), objects }];
        let found = Found { power_meters: vec![known, unknown], servers, ..Found::default() };
        let (text, configuration) = proposed(&found);
        let ids: Vec<&str> = configuration.machines.iter().map(|machine| machine.id.as_str()).collect();
        assert_eq!(ids, ["measured-by-meter", "mill"], "{text}");
        let [meter, server] = &configuration.sources[..] else { panic!("{text}") };
        assert_eq!(meter.registers.len(), 2);
        assert_eq!(
            (meter.registers[1].at, meter.registers[1].factor, meter.registers[1].input),
            (72, 1_000.0, true)
        );
        let nodes: Vec<&str> = server.nodes.iter().map(|node| node.node.as_str()).collect();
        assert_eq!(nodes, ["ns=2;s=Mill.ActivePower_kW", "ns=2;s=Mill.Program", "ns=2;s=Mill.Running"]);
        assert!(text.contains("10.0.0.5:502 (ACME id: trap) speaks Modbus"), "{text}");
        assert!(text.contains("cycle: { by: power, on: 1800, pause: 30 }"), "{text}");
    }

    #[test]
    fn devices_with_nested_and_japanese_names_are_proposed() {
        let topics = [
            (
                "tele/plug1/SENSOR",
                r#"{"Time":"2026-04-01T08:00:00","ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":1.2,"Power":12.3,"ApparentPower":20,"Factor":0.6,"Voltage":101}}"#,
            ),
            ("tele/plug1/STATE", r#"{"Time":"2026-04-01T08:00:00","POWER":"ON","UptimeSec":100}"#),
            ("tele/plug1/LWT", "Online"),
            (
                "shellyplus1pm-a8/status/switch:0",
                r#"{"id":0,"output":true,"apower":8.9,"aenergy":{"total":6.5,"by_minute":[45.1],"minute_ts":1775000000}}"#,
            ),
            ("shellyplus1pm-a8/online", "true"),
            (
                "zigbee2mqtt/プレス2",
                r#"{"power":12,"energy":1.5,"state":"ON","linkquality":120,"update":{"state":"idle"}}"#,
            ),
            ("zigbee2mqtt/bridge/state", r#"{"state":"online"}"#),
            (
                "工場/第1ライン/プレス",
                r#"{"日時":"2026-04-01 08:00:00","運転中":"停止","電力W":1200,"品番":"A-100"}"#,
            ),
            (
                "工場/第2ライン/プレス",
                r#"{"日時":"2026-04-01 08:00:00","運転中":"運転中","電力W":1200,"品番":"A-100"}"#,
            ),
            ("hall/pump", r#"{"running":"Off","power":100}"#),
        ];
        let topics = topics.map(|(topic, message)| (topic.to_owned(), seen(&[message])));
        let broker =
            Broker { address: "10.0.0.1:1883".to_owned(), topics: BTreeMap::from(topics), stream: None };
        let found = Found { brokers: vec![broker], ..Found::default() };
        let (text, configuration) = proposed(&found);
        insta::assert_snapshot!("devices-en", text);
        insta::assert_snapshot!(
            "devices-ja",
            super::configuration(&found, |remark| remark.get(Lang::Ja).to_owned())
        );
        let names: Vec<&str> =
            configuration.machines.iter().map(|machine| machine.name.get(Lang::Ja)).collect();
        let expected =
            "pump, shellyplus1pm-a8 switch:0, plug1, プレス2, 工場 第1ライン プレス, 工場 第2ライン プレス";
        assert_eq!(names.join(", "), expected);
    }

    #[test]
    fn a_machine_of_which_only_the_lamp_is_known_is_proposed() {
        let topics = [
            ("hall/press/lamp/green", seen(&["on", "off"])),
            ("hall/press/lamp/red", seen(&["off"])),
            ("hall/mill", seen(&[r#"{"lamp":{"green":1,"yellow":0,"red":0},"infrared":3}"#])),
            ("工場/旋盤/パトライト", seen(&[r#"{"緑":"点灯","赤":"消灯"}"#])),
            ("hall/room", seen(&[r#"{"colour":"green","light":"on"}"#])),
            ("hall/sky", seen(&[r#"{"red":"unknown colour"}"#])),
        ];
        let topics = topics.map(|(topic, seen)| (topic.to_owned(), seen)).into_iter().collect();
        let broker = Broker { address: "10.0.0.1:1883".to_owned(), topics, stream: None };
        let (text, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        let lights = |machine: &config::MachineConfiguration| machine.inputs.len();
        let machines: Vec<(&str, usize)> = configuration
            .machines
            .iter()
            .map(|machine| (machine.name.get(Lang::Ja), lights(machine)))
            .collect();
        assert_eq!(machines, [("mill", 3), ("旋盤", 2), ("press", 2)], "{text}");
        assert_eq!(text.matches("states: { by: lamp }").count(), 3, "{text}");
        assert_eq!(configuration.sources[0].ignore, ["hall/room", "hall/sky"], "{text}");
        assert!(text.contains("take: \"lamp.yellow\", is: lamp, light: amber }"), "{text}");
    }

    #[test]
    fn machines_that_share_a_topic_are_proposed_by_the_value_that_tells_them_apart() {
        let each =
            |n: usize| format!(r#"{{"t":1775000000000,"gateway_id":"g","machine":"M-{n:02}","power":{n}}}"#);
        let many: Vec<String> = (0..60).map(each).collect();
        let topics = [
            (
                "hall/gateway",
                seen(&[
                    r#"[{"ts":1775000000,"device":"g-1","machine":{"id":"press-1"},"watts":900,"program":"A"},
                        {"ts":1775000000,"device":"g-1","machine":{"id":7},"watts":20,"running":"ON"}]"#,
                    r#"{"ts":1775000001,"device":"g-1","machine":{"id":"lamp"},"mood":"no"}"#,
                ]),
            ),
            ("many", seen(&many.iter().map(String::as_str).collect::<Vec<_>>())),
            ("one", seen(&[r#"{"machine":"mill","power":3}"#, r#"{"machine":"mill","power":4}"#])),
            ("doors", seen(&[r#"{"device":"d-1","open":1}"#, r#"{"device":"d-2","open":0}"#])),
        ];
        let topics: BTreeMap<String, Seen> =
            topics.map(|(topic, seen)| (topic.to_owned(), seen)).into_iter().collect();
        let broker = Broker { address: "10.0.0.1:1883".to_owned(), topics: topics.clone(), stream: None };
        let (text, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        let sources: Vec<_> = configuration
            .sources
            .iter()
            .map(|source| (source.topics.join(" "), source.topic.as_deref(), source.ignore.join(" ")))
            .collect();
        let source = |topics: &str, topic, ignore: &str| (topics.to_owned(), topic, ignore.to_owned());
        assert_eq!(
            sources,
            [
                source("#", None, "doors"),
                source("hall/gateway", Some("machine.id"), "lamp"),
                source("many", Some("machine"), "")
            ],
            "{text}"
        );
        let machines: Vec<String> = configuration
            .machines
            .iter()
            .map(|machine| {
                let input = &machine.inputs[0];
                let (name, topic) = (machine.name.get(Lang::En), input.topic.as_deref().unwrap_or_default());
                format!("{} ({name}): {} {topic}", machine.id, input.from)
            })
            .collect();
        assert_eq!(
            machines[..4],
            [
                "one (one): broker one",
                "machine-id-7 (machine.id 7): broker-2 7",
                "press-1 (press-1): broker-2 press-1",
                "m-00 (M-00): broker-3 M-00"
            ],
            "{text}"
        );
        assert_eq!(machines.len(), 53);
        assert!(text.contains("messages on `many` are of several machines: each value of `machine` counts as one; there are more: 50 are proposed, the others are told as unknown devices"), "{text}");
        assert!(text.contains("topic: \"machine.id\", time: { column: \"ts\", form: seconds }"), "{text}");

        // Of a stream as well.
        let gateway = topics.into_iter().filter(|(topic, _)| topic != "one" && topic != "many");
        let (topics, stream) =
            (gateway.map(|(topic, seen)| (topic.replace('/', "."), seen)), Some("HALL".to_owned()));
        let broker = Broker { address: "10.0.0.1:4222".to_owned(), topics: topics.collect(), stream };
        let (text, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        let [source] = &configuration.sources[..] else { panic!("{text}") };
        assert_eq!(
            (&source.topics[..], &source.ignore[..]),
            (&["hall.gateway".to_owned()][..], &["lamp".to_owned()][..]),
            "{text}"
        );
        assert_eq!(configuration.machines.len(), 2, "{text}");
    }

    #[test]
    fn of_many_topics_without_a_machine_whole_branches_are_named() {
        let mut topics: BTreeMap<String, Seen> =
            (0..60).map(|n| (format!("hall/{}/light{n}", n % 2), seen(&["on"]))).collect();
        topics.extend(["hall/1/mill", "lobby"].map(|topic| (topic.to_owned(), seen(&[r#"{"light":1}"#]))));
        topics.insert("hall/1/mill".to_owned(), seen(&[r#"{"power":12}"#]));
        let ignored = |topics: &BTreeMap<String, Seen>, stream: Option<&str>| {
            let broker = Broker {
                address: "h:1".to_owned(),
                topics: topics.clone(),
                stream: stream.map(str::to_owned),
            };
            let (_, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
            configuration.sources[0].ignore.clone()
        };
        let mqtt = ignored(&topics, None);
        assert!(
            mqtt.contains(&"hall/0/#".to_owned()) && mqtt.contains(&"hall/1/light1".to_owned()),
            "{mqtt:?}"
        );
        assert_eq!(mqtt.len(), 32, "the other half lies beside the mill, and the lobby: {mqtt:?}");
        let subjects = topics.into_iter().map(|(topic, seen)| (topic.replace('/', "."), seen)).collect();
        assert!(ignored(&subjects, Some("S")).contains(&"hall.0.>".to_owned()));
    }

    #[test]
    fn recordings_are_read_as_they_are_written() {
        let text = |recording: &str| {
            let table = Table::read("press", recording.as_bytes()).unwrap();
            proposed(&Found { tables: vec![table], ..Found::default() }).0
        };
        // An adapter says what it says at an agent: a held program is no slow one.
        let told = "2026-04-01T08:00:00Z|execution|ACTIVE\n2026-04-01T08:01:00Z|execution|FEED_HOLD\n\
                    2026-04-01T08:02:00Z|execution|READY\n";
        let told = text(told);
        assert!(told.contains("kind: shdr") && told.contains("is: hold"), "{told}");
        // Lines before the head, a comma in numbers, date and time apart, and an empty line at the end.
        let rows =
            (0..40).map(|n| format!("2026/04/01;08:{n:02}:00;{},5\n", if n % 4 < 2 { 1_800 } else { 20 }));
        let table = text(&format!("Logger 7\n日付;時刻;電力W\n{}\n\n", rows.collect::<String>()));
        for part in ["column: [\"日付\", \"時刻\"]", "decimal: comma", "take: \"電力W\", is: power"] {
            assert!(table.contains(part), "{part}: {table}");
        }
    }

    #[test]
    fn powers_that_no_machine_has_make_a_right_configuration() {
        let rows = |high: &str| {
            format!("0,{high}\n1,{high}\n2,20\n3,20\n4,{high}\n5,{high}\n6,20\n7,20\n").repeat(5)
        };
        for table in
            ["0,123\n1,712373777\n2,2137132231\n".to_owned(), rows("2e12"), rows("-5"), rows("1e300")]
        {
            let table = Table::read("press", format!("t,KW\n{table}").as_bytes()).unwrap();
            proposed(&Found { tables: vec![table], ..Found::default() });
        }
    }

    #[test]
    fn with_nothing_found_there_is_something_to_begin_with() {
        let (text, configuration) = proposed(&Found::default());
        assert_eq!(configuration.machines.len(), 0, "{text}");
        assert!(text.contains("#     - id: machine-1") && Found::default().is_empty());
    }

    #[test]
    fn a_machine_whose_name_is_no_text_in_yaml_has_an_id_that_is_one() {
        for name in NO_TEXT {
            let topics = [(format!("{name}/運転中"), seen(&["true", "false"]))].into();
            let broker = Broker { address: "h:1".to_owned(), stream: None, topics };
            let (text, _) = proposed(&Found { brokers: vec![broker], ..Found::default() });
            assert!(text.contains(&format!("id: machine-{name}\n")), "{text}");
        }
    }

    #[test]
    fn a_topic_that_cannot_be_one_is_not_named() {
        let topics = ["hall/light", "# ", "a+b"].map(|topic| (topic.to_owned(), seen(&["{}"])));
        let broker = Broker { address: "h:1".to_owned(), topics: BTreeMap::from(topics), stream: None };
        let power = ("mill".to_owned(), seen(&[r#"{"power":12}"#]));
        let broker = Broker { topics: broker.topics.into_iter().chain([power]).collect(), ..broker };
        let (text, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        assert_eq!(configuration.sources[0].ignore, ["hall/light"], "{text}");
    }

    proptest! {
        /// Whatever stands in a table, the proposal can be read, and the table goes through what it says.
        #[test]
        fn whatever_stands_in_a_table_makes_a_right_configuration(
            head in proptest::collection::vec(proptest::sample::select(&[
                "日時", "time", "時刻", "経過時間(s)", "設備", "machine", "1号機", "2号機", "電力(1号機)", "press2_power",
                "A号機 電流", "緑", "lamp_red", "生産数", "品番", "kW", "", "室温", "1号機 緑", "\u{1}power",
            ][..]), 1..7),
            rows in proptest::collection::vec(proptest::collection::vec(proptest::sample::select(&[
                "2026/4/1 8:30", "26/10/2022 8:30:05", "5.6.22 8:30", "10:05:03 PM", "23:59:59", "0:00:01", "1", "2",
                "0", "1800.5", "1,8", "on", "消灯", "press-1", "プレス", "", "\u{2}", "-5", "1e300", "運転中",
            ][..]), 0..7), 0..40),
        ) {
            let rows = rows.iter().map(|row| row.join(";"));
            let text = std::iter::once(head.join(";")).chain(rows).collect::<Vec<_>>().join("\n");
            if let Ok(table) = Table::read("press 20260401", text.as_bytes()) {
                let (_, configuration) = proposed(&Found { tables: vec![table], ..Found::default() });
                let mut monitor = crate::Monitor::new(&configuration);
                // Rows that look like a head may leave nothing to be read.
                let _ = monitor.replay(0, text.as_bytes(), |_, _| {});
                monitor.finish(|_, _| {});
            }
        }

        /// Whatever devices say, the proposal can be read.
        #[test]
        fn whatever_is_found_makes_a_right_configuration(
            topics in proptest::collection::btree_map("[ -~あ\0-\n]{1,20}", proptest::collection::vec(("[a-zA-Z電_. \0-\n]{0,12}", "[ -~\n]{0,12}"), 0..4), 0..5),
            plain in "[ -~\0-\n]{0,12}",
            devices in proptest::collection::vec("[ -~あ\0-\n]{0,50}", 0..3),
        ) {
            let mut broker = Broker { address: "h:1".to_owned(), topics: BTreeMap::new(), stream: None };
            for (topic, values) in topics {
                let mut seen = Seen::default();
                if values.is_empty() {
                    seen.message(plain.as_bytes(), Time::from_seconds(0.0));
                }
                for (name, value) in values {
                    seen.value(&format!("{name}power"), "12", Time::from_seconds(0.0));
                    seen.value(&name, &value, Time::from_seconds(0.0));
                }
                broker.topics.insert(topic, seen);
            }
            let items = vec![("e".to_owned(), "EXECUTION".to_owned())];
            let devices = devices.into_iter().map(|device| (device, items.clone())).collect();
            let agents = vec![Agent { address: "h:2".to_owned(), devices }];
            let variable = Variable { name: format!("{plain} power"), node: plain.clone(), span: Span::default() };
            let objects = BTreeMap::from([(plain.clone(), vec![variable; 3])]);
            let servers = vec![Server { address: "h:3".to_owned(), objects }];
            let unknown = PowerMeter { address: "h:4".to_owned(), unit: 1, said: vec![plain], meter: None };
            let power_meters = vec![unknown];
            proposed(&Found { brokers: vec![broker], agents, servers, power_meters, ..Found::default() });
        }
    }
}
