//! A first configuration, made of what devices and brokers show: which values look like power, a
//! counter, a running program, a job, and where the time of a message stands.
//!
//! It is a proposal. Names of values say what they are often enough to begin with; every guess
//! stands in the file, with the value that was seen, for a person to look at.

mod found;
mod guess;
mod levels;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anshin_model::shape::has_control;
use anshin_model::{Lang, Text};
use guess::{Guess, guess, words};
use serde_json::Value;

/// Most machines that are proposed.
const MOST_MACHINES: usize = 500;

pub use found::{Agent, Broker, Device, EchonetMeter, Found, PowerMeter, Seen, Server, Span, Variable};
pub use table::Table;

/// Words of machines for a program that runs.
const RUNS: [&str; 6] = ["ACTIVE", "RUNNING", "RUN", "AUTO", "EXECUTING", "true"];

/// The same of machines that speak Japanese.
const RUNS_IN_JAPANESE: [&str; 9] =
    ["運転", "運転中", "自動運転", "自動運転中", "稼働", "稼働中", "加工中", "実行中", "true"];

/// An input of a machine.
#[derive(Clone)]
struct Input {
    topic: Option<String>,
    take: String,
    guess: Guess,
    span: Span,
}

/// A machine that is about to be proposed.
struct Machine {
    id: String,
    /// What people call it.
    name: String,
    source: String,
    inputs: Vec<Input>,
}

/// The text of a configuration. With nothing found it is one to begin with: the built-in broker, and a
/// machine that publishes to it.
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
    machines.retain(|machine| bounds(&machine.inputs).is_some());
    if machines.is_empty() {
        line(&mut out, "  - { id: floor, kind: mqtt }");
        let input = |take: &str, guess| Input {
            topic: Some("machine-1".to_owned()),
            take: take.to_owned(),
            guess,
            span: Span::default(),
        };
        let inputs = vec![input("power", Guess::Power(1.0)), input("running", Guess::Running)];
        machines.push(Machine::new("machine-1", "floor".to_owned(), inputs, &mut ids));
    }
    out.push_str("machines:\n");
    for machine in machines.iter().take(MOST_MACHINES) {
        machine.write(&mut out, &remark);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// A text in YAML: JSON strings are such.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

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
        let id = if id.starts_with(|c: char| c.is_ascii_lowercase()) {
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

/// Topics of a broker that are named one by one; of more, whole branches are.
const MOST_LISTED: usize = 50;

/// What seems to be a machine behind a broker: how its messages are written, and what they say.
struct Behind<'a> {
    form: String,
    topic: &'a str,
    inputs: Vec<Input>,
}

/// Sources of a broker or a stream: one for each way in which messages are written and tell their time.
fn of_broker(
    out: &mut String,
    broker: &Broker,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let (kind, between, wildcards) = match &broker.stream {
        None => ("mqtt".to_owned(), '/', ['#', '+']),
        Some(stream) => (format!("nats, stream: {}", quoted(stream)), '.', ['>', '*']),
    };
    let found = behind(broker, between);
    let room = MOST_MACHINES.saturating_sub(machines.len());
    let found = &found[..found.len().min(room)];
    let watched: BTreeSet<&str> =
        found.iter().flat_map(|one| &one.inputs).filter_map(|input| input.topic.as_deref()).collect();
    // What is there today is no unknown device. A topic with a wildcard in it cannot be named.
    let is_beside =
        |topic: &&str| !watched.contains(topic) && !has_control(topic) && !topic.contains(wildcards);
    let beside: Vec<&str> = broker.topics.keys().map(String::as_str).filter(is_beside).collect();
    let ignore = if beside.len() <= MOST_LISTED {
        beside.iter().map(|topic| quoted(topic)).collect()
    } else {
        let watched: Vec<&str> = watched.iter().copied().collect();
        branches(&beside, &watched, (between, wildcards[0]), 0)
    };
    let mut sources: BTreeMap<&str, String> = BTreeMap::new();
    let names: Vec<Vec<&str>> = found.iter().map(|one| guess::levels(one.topic, between)).collect();
    for (Behind { form, topic, inputs }, levels) in found.iter().zip(&names) {
        let is_first = sources.is_empty();
        let source = sources.entry(form).or_insert_with(|| {
            let id = ids.new_id(if broker.stream.is_some() { "stream" } else { "broker" });
            let address = quoted(&broker.address);
            let start = format!("id: {id}, kind: {kind}, address: {address}{form}");
            if !is_first || ignore.is_empty() {
                line(out, &format!("  - {{ {start} }}"));
                return id;
            }
            let text = Text::new(
                "見守る値が見つからないトピックを`ignore`に書きました。ここにも機械の入力にもないトピックが現れると、未知の機器として知らせます",
                "topics without a value to watch stand in `ignore`; one that is neither there nor an input of a machine is told as an unknown device",
            );
            line(out, &format!("  # {}", remark(&text)));
            line(out, &format!("  - {{ {start}, ignore: [{}] }}", ignore.join(", ")));
            id
        });
        // Where several devices have the same name, those before it tell them apart.
        let name = guess::device(levels);
        let is_shared = names.iter().filter(|other| guess::device(other) == name).count() > 1;
        let name = if is_shared { levels.join(" ") } else { name };
        let name = if name.is_empty() { topic } else { name.as_str() };
        machines.push(Machine::new(name, source.clone(), inputs.clone(), ids));
    }
}

/// What seems to be machines behind a broker, by the topics and the ways in which messages are written.
fn behind(broker: &Broker, between: char) -> Vec<Behind<'_>> {
    let mut found: BTreeMap<(String, &str), Vec<Input>> = BTreeMap::new();
    // What no configuration can name is no machine's.
    for (topic, seen) in broker.topics.iter().filter(|(topic, _)| !has_control(topic)) {
        let guesses = seen.values.iter().filter(|(name, _)| !has_control(name)).filter_map(|(name, span)| {
            // Of plain values the last word of the topic is the name.
            let last = topic.rsplit(between).next().filter(|_| seen.plain);
            Some((name, span, guess::of_message(last.unwrap_or(name), span, seen)?))
        });
        let (mut time, mut inputs) = (String::new(), Vec::new());
        for (name, span, guess) in guesses {
            match guess {
                Guess::Time(form) if time.is_empty() && !seen.sparkplug && !seen.plain => {
                    time = format!(", time: {{ column: {}, form: {form} }}", quoted(name));
                }
                Guess::Time(_) => {}
                guess => inputs.push(Input {
                    topic: Some(topic.clone()),
                    take: name.clone(),
                    guess,
                    span: span.clone(),
                }),
            }
        }
        let payload = match (seen.sparkplug, seen.plain) {
            (true, _) => ", payload: sparkplug, topics: \"spBv1.0/#\"",
            (_, true) => ", payload: plain",
            _ => "",
        };
        let of = topic.rsplit_once(between).filter(|_| seen.plain).map_or(topic.as_str(), |(of, _)| of);
        found.entry((format!("{payload}{time}"), of)).or_default().extend(inputs);
    }
    found
        .into_iter()
        .filter(|(_, inputs)| bounds(inputs).is_some())
        .map(|((form, topic), inputs)| Behind { form, topic, inputs })
        .collect()
}

/// Filters for all of some topics and none of the others: a branch on which none of the others lies as a
/// whole, whatever lies on it. `depth` levels are the same in all of them.
fn branches(topics: &[&str], others: &[&str], (between, all): (char, char), depth: usize) -> Vec<String> {
    let begin = |topic: &str| topic.split(between).take(depth + 1).map(str::to_owned).collect::<Vec<_>>();
    let mut filters = Vec::new();
    for branch in topics.chunk_by(|one, other| begin(one) == begin(other)) {
        let start = begin(branch[0]);
        let beside: Vec<&str> = others.iter().copied().filter(|other| begin(other) == start).collect();
        if let [one] = branch {
            filters.push(quoted(one));
        } else if beside.is_empty() {
            let start = start.join(&between.to_string());
            // Of a stream, the filter fits what lies below the subject only.
            filters.extend(
                branch.iter().filter(|topic| between == '.' && **topic == start).map(|topic| quoted(topic)),
            );
            filters.push(quoted(&format!("{start}{between}{all}")));
        } else {
            filters.extend(branches(branch, &beside, (between, all), depth + 1));
        }
    }
    filters
}

/// What stands behind a `#`: no line breaks, and not more than a line of it.
fn in_remark(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(80).collect()
}

/// A meter that speaks ECHONET Lite: a source, with what it measures and each channel of a board as machines.
fn of_meter(
    out: &mut String,
    meter: &EchonetMeter,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let [group, class, instance] = meter.object;
    let is_board = [group, class] == [0x02, 0x87];
    let id = ids.new_id(if is_board { "board" } else { "meter" });
    let (address, channels) = (quoted(&meter.address), meter.channels);
    let more = if channels > 0 { format!(", channels: {channels}") } else { String::new() };
    if channels > 0 {
        let text = if meter.tells_power {
            Text::new(
                format!("分電盤の{channels}回路です。機械につながっていない回路の機械は消してください"),
                format!(
                    "a distribution board with {channels} channels: take out the machines of those that feed none"
                ),
            )
        } else {
            Text::new(
                format!("分電盤の{channels}回路です。回路の電力は分からず、電力量と電流だけが分かります"),
                format!(
                    "a distribution board with {channels} channels, of which it tells energy and current, no power"
                ),
            )
        };
        line(out, &format!("  # {}", remark(&text)));
    }
    line(
        out,
        &format!(
            "  - {{ id: {id}, kind: echonet, address: {address}, object: \"{group:02x}{class:02x}{instance:02x}\"{more} }}"
        ),
    );
    let singles = (1..=channels).map(|n| (format!("channel-{n}"), format!("channel-{n}.power")));
    let both_ways = (1..=meter.both_ways).map(|n| (format!("both-{n}"), format!("both-{n}.power")));
    let of_channels = singles.chain(both_ways).filter(|_| meter.tells_power);
    let whole = ("measured-by-meter".to_owned(), "power".to_owned());
    for (name, take) in [whole].into_iter().chain(of_channels) {
        let input = Input { topic: None, take, guess: Guess::Power(1.0), span: Span::default() };
        let name = if name.starts_with("measured") { name } else { format!("{id}-{name}") };
        machines.push(Machine::new(&name, id.clone(), vec![input], ids));
    }
}

/// A meter that speaks Modbus: a source if its registers are known, or what there is to say of it.
fn of_power_meter(
    out: &mut String,
    found: &PowerMeter,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let (address, unit) = (quoted(&found.address), found.unit);
    let said = in_remark(&found.said.join(", "));
    let Some(meter) = &found.meter else {
        let text = Text::new(
            format!(
                "{}（{said}）はModbusに応じますが、どのレジスターかが分かりません。説明書のレジスター表から次のように書いてください",
                found.address
            ),
            format!(
                "{} ({said}) speaks Modbus, but its registers are not known here; write them from the map in its manual, as in",
                found.address
            ),
        );
        line(out, &format!("  # {}", in_line(&remark(&text))));
        line(
            out,
            &format!(
                "  # - {{ id: meter, kind: modbus, address: {address}, unit: {unit}, registers: [ {{ id: power, at: 0, form: f32 }} ] }}"
            ),
        );
        return;
    };
    let whose = meter.described_by.name();
    let [seems_ja, seems_en] = [Lang::Ja, Lang::En].map(|lang| meter.name.get(lang));
    let seems = Text::new(
        format!(
            "{seems_ja}（{said}）: {:.1} Hz、{:.0} Vを測っています。レジスターの出どころは{}です",
            meter.frequency,
            meter.voltage,
            whose.get(Lang::Ja)
        ),
        format!(
            "{seems_en} ({said}): it measures {:.1} Hz and {:.0} V; its registers are described by {}",
            meter.frequency,
            meter.voltage,
            whose.get(Lang::En)
        ),
    );
    line(out, &format!("  # {}", in_line(&remark(&seems))));
    let id = ids.new_id("meter");
    line(out, &format!("  - id: {id}"));
    line(out, &format!("    kind: modbus\n    address: {address}\n    unit: {unit}\n    registers:"));
    for (register, value) in &meter.registers {
        let form = register.form.id();
        let table = if register.input { ", table: input" } else { "" };
        let factor = if (register.factor - 1.0).abs() < f64::EPSILON {
            String::new()
        } else {
            format!(", factor: {}", register.factor)
        };
        line(
            out,
            &format!(
                "      - {{ id: {}, at: {}, form: {form}{table}{factor} }}  # {value}",
                register.id, register.at
            ),
        );
    }
    let inputs = meter.registers.iter().map(|(register, value)| {
        let guess = if register.id.as_str() == "power" { Guess::Power(1.0) } else { Guess::Counter(1.0) };
        let mut span = Span::default();
        span.take(&value.to_string());
        Input { topic: None, take: register.id.to_string(), guess, span }
    });
    machines.push(Machine::new("measured-by-meter", id, inputs.collect(), ids));
}

/// A text without line breaks.
fn in_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// Most variables of a server that are proposed.
const MOST_NODES: usize = 1_000;

/// An OPC UA server: a source with the variables of the objects that look like machines.
fn of_server(out: &mut String, server: &Server, ids: &mut Ids, machines: &mut Vec<Machine>) {
    let id = ids.new_id("server");
    let (mut nodes, mut node_ids) = (Vec::new(), Ids::default());
    let mut of_server = Vec::new();
    for (path, variables) in &server.objects {
        let mut inputs = Vec::new();
        let mut used = Vec::new();
        for variable in variables {
            let guess = guess(&variable.name, &variable.span);
            let fits = |guess: &Guess| !matches!(guess, Guess::Time(_)) && !has_control(&variable.node);
            let Some(guess) = guess.filter(fits) else { continue };
            let last = path.rsplit('/').next().unwrap_or_default();
            let take = node_ids.new_id(&format!("{last} {}", variable.name));
            used.push(format!("      - {{ id: {take}, node: {} }}", quoted(&variable.node)));
            inputs.push(Input { topic: None, take, guess, span: variable.span.clone() });
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if bounds(&inputs).is_some() && nodes.len() + used.len() <= MOST_NODES {
            nodes.extend(used);
            of_server.push(Machine::new(name, id.clone(), inputs, ids));
        }
    }
    if nodes.is_empty() {
        line(out, &format!("  # {}: OPC UA", in_remark(&server.address)));
        return;
    }
    line(
        out,
        &format!("  - id: {id}\n    kind: opc-ua\n    address: {}\n    nodes:", quoted(&server.address)),
    );
    for node in &nodes {
        line(out, node);
    }
    machines.extend(of_server);
}

/// A recording: a source that is read from files, and the machine that it is of.
fn of_table(
    out: &mut String,
    table: &Table,
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let id = ids.new_id("recording");
    let values = table.seen.values.iter().filter(|(name, _)| !has_control(name));
    let inputs = values.flat_map(|(name, span)| {
        // An adapter of `MTConnect` uses its words.
        let known: &[Guess] = match name.to_lowercase().as_str() {
            "execution" | "exec" if !table.is_table => &[Guess::Execution, Guess::State],
            "mode" | "controllermode" | "controller_mode" if !table.is_table => &[Guess::SetUp],
            _ => &[],
        };
        let guesses = if known.is_empty() { guess(name, span).into_iter().collect() } else { known.to_vec() };
        guesses.into_iter().filter(|guess| !matches!(guess, Guess::Time(_))).map(|guess| Input {
            topic: None,
            take: name.clone(),
            guess,
            span: span.clone(),
        })
    });
    let machine = Machine::new(&table.name, id.clone(), inputs.collect(), ids);
    if bounds(&machine.inputs).is_none() {
        let text = Text::new(
            format!("{}: サイクルを区切れる値（電力、運転中など）が見つかりません", table.name),
            format!("{}: no value tells cycles, such as power or whether a program runs", table.name),
        );
        line(out, &format!("  # {}", in_line(&remark(&text))));
        return;
    }
    let comma = if table.comma { ", decimal: comma" } else { "" };
    match &table.time {
        _ if !table.is_table => line(out, &format!("  - {{ id: {id}, kind: shdr }}")),
        Some((columns, form)) if !columns.iter().any(|column| has_control(column)) => {
            let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let columns =
                if let [one] = &columns[..] { one.clone() } else { format!("[{}]", columns.join(", ")) };
            line(
                out,
                &format!("  - {{ id: {id}, kind: csv, time: {{ column: {columns}, form: {form} }}{comma} }}"),
            );
        }
        _ => {
            let text = Text::new(
                "時刻の列がありません。行の間隔（秒）を`every`に書いてください",
                "there is no column of times: write how many seconds lie between rows as `every`",
            );
            line(
                out,
                &format!("  - {{ id: {id}, kind: csv, time: {{ every: 1 }}{comma} }}  # {}", remark(&text)),
            );
        }
    }
    machines.push(machine);
}

/// What a data item of `MTConnect` says, by its type.
fn of_item(id: &str, kind: &str) -> Vec<Input> {
    let guesses: &[Guess] = match kind {
        "EXECUTION" => &[Guess::Execution, Guess::State, Guess::Hold],
        "CONTROLLER_MODE" => &[Guess::SetUp],
        "PROGRAM" => &[Guess::Key],
        "WATTAGE" => &[Guess::Power(1.0)],
        "ELECTRICAL_ENERGY" => &[Guess::Counter(1.0)],
        _ => &[],
    };
    let input =
        |guess: &Guess| Input { topic: None, take: id.to_owned(), guess: *guess, span: Span::default() };
    guesses.iter().filter(|_| !has_control(id)).map(input).collect()
}

/// The first input that says something.
fn first(inputs: &[Input], fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
    inputs.iter().find(|input| fits(&input.guess))
}

/// How the cycles of a machine with some inputs are known; `None` if they cannot be.
fn bounds(inputs: &[Input]) -> Option<Bounds<'_>> {
    if let Some(running) = first(inputs, |guess| matches!(guess, Guess::Running | Guess::Execution)) {
        return Some(Bounds::Running(running));
    }
    if let Some(number) = first(inputs, |guess| *guess == Guess::Number) {
        return Some(Bounds::Number(number));
    }
    Some(Bounds::Power(power(inputs)?))
}

/// The power of a machine: the sum of its phases where there is one.
fn power(inputs: &[Input]) -> Option<&Input> {
    let is_sum = |input: &&Input| guess::is_sum(&input.take);
    let powers = || inputs.iter().filter(|input| matches!(input.guess, Guess::Power(_)));
    powers().find(is_sum).or_else(|| powers().next())
}

impl Machine {
    fn new(name: &str, source: String, inputs: Vec<Input>, ids: &mut Ids) -> Self {
        Self { id: ids.new_id(name), name: name.to_owned(), source, inputs }
    }

    fn first(&self, fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
        first(&self.inputs, fits)
    }

    fn write(&self, out: &mut String, remark: &impl Fn(&Text) -> String) {
        let Some(bounds) = bounds(&self.inputs) else { return };
        line(out, &format!("  - id: {}", self.id));
        if self.name != self.id && !self.name.trim().is_empty() && !has_control(&self.name) {
            line(out, &format!("    name: {}", quoted(&self.name)));
        }
        let power = power(&self.inputs);
        let levels = match &bounds {
            Bounds::Power(power) => levels::read(&power.span.samples),
            _ => None,
        };
        match &bounds {
            Bounds::Running(_) => line(out, "    cycle: { by: running }"),
            Bounds::Number(_) => line(out, "    cycle: { by: number }"),
            Bounds::Power(power) => power.cycles(out, levels.as_ref(), remark),
        }
        // Power tells more than a counter, which moves in steps.
        let meter = power.or_else(|| self.first(|guess| matches!(guess, Guess::Counter(_))));
        if let Some(meter) = meter {
            let kind = if matches!(meter.guess, Guess::Power(_)) { "rate" } else { "counter" };
            let most_gap = levels.map_or(60.0, |levels| levels.most_gap);
            line(out, &format!("    meter: {{ kind: {kind}, most-gap: {most_gap}, fewest-samples: 3 }}"));
        }
        let key = self.first(|guess| *guess == Guess::Key);
        if key.is_some() {
            line(out, "    key: [ { id: job } ]");
        } else {
            let text = Text::new(
                "作業を区別する値（プログラム番号など）が見つかりません。あれば`key`と`input`に足してください",
                "no value tells jobs apart, such as a program's number; if there is one, add it to `key` and `input`",
            );
            line(out, &format!("    # {}", remark(&text)));
        }
        let quantity = if meter.is_some() { ", quantity: auto" } else { "" };
        line(out, &format!("    tolerance: {{ duration: auto{quantity} }}"));
        let state = self.first(|guess| *guess == Guess::State);
        if state.is_some() {
            line(out, "    states: { by: told }");
        } else if let (Bounds::Power(power), Some(levels::Levels { on, idle: Some(idle), .. })) =
            (&bounds, levels)
        {
            let [idle, on] = [idle, on].map(|watts| watts * power.factor());
            line(out, &format!("    states: {{ by: power, idle: {idle}, producing: {on} }}"));
        }
        line(out, "    input:");
        let bound = match &bounds {
            Bounds::Running(input) | Bounds::Number(input) => Some(*input),
            Bounds::Power(_) => None,
        };
        // A program that was loaded and a mode that was chosen hold for the run that begins with them.
        let set_up = self.first(|guess| *guess == Guess::SetUp);
        let hold = self.first(|guess| *guess == Guess::Hold);
        for input in [key, set_up, bound, state, hold, meter].into_iter().flatten() {
            input.write(out, &self.source);
        }
    }
}

enum Bounds<'a> {
    Running(&'a Input),
    Number(&'a Input),
    Power(&'a Input),
}

impl Input {
    fn factor(&self) -> f64 {
        match self.guess {
            Guess::Power(factor) | Guess::Counter(factor) => factor,
            _ => 1.0,
        }
    }

    /// How its power tells cycles.
    fn cycles(&self, out: &mut String, levels: Option<&levels::Levels>, remark: &impl Fn(&Text) -> String) {
        let Some(levels) = levels else {
            let most = (1.5 * self.span.most.unwrap_or(0.0) * self.factor()).round();
            let on = if most > 0.0 { most } else { 500.0 };
            let text = Text::new(
                "仮の値です。待機と加工の違いが電力に見えませんでした。加工中とみなす電力を書いてください",
                "a mere guess: power showed no difference between rest and work; write the power from which it works",
            );
            line(out, &format!("    cycle: {{ by: power, on: {on}, pause: 30 }}  # {}", remark(&text)));
            return;
        };
        let [on, off, low, high] =
            [levels.on, levels.off, levels.usual[0], levels.usual[1]].map(|watts| watts * self.factor());
        let shortest = levels.shortest.map_or(String::new(), |seconds| format!(", shortest: {seconds}"));
        let (pause, count) = (levels.pause, levels.cycles);
        let (seen_ja, seen_en) = match count {
            0 => (String::new(), String::new()),
            count => (
                format!("。同じくらいの長さのサイクルが{count}回ありました"),
                format!("; {count} cycles of about the same length were seen"),
            ),
        };
        let text = Text::new(
            format!("測った電力は、休止・待機で約{low}、加工で約{high}です{seen_ja}"),
            format!("measured: about {low} at rest and {high} at work{seen_en}"),
        );
        line(
            out,
            &format!(
                "    cycle: {{ by: power, on: {on}, off: {off}, pause: {pause}{shortest} }}  # {}",
                remark(&text)
            ),
        );
    }

    fn write(&self, out: &mut String, source: &str) {
        let mut text = format!("      - {{ from: {source}, ");
        if let Some(topic) = &self.topic {
            let _ = write!(text, "topic: {}, ", quoted(topic));
        }
        let _ = write!(text, "take: {}, ", quoted(&self.take));
        let says = match self.guess {
            Guess::Power(_) => "is: power".to_owned(),
            Guess::Counter(_) => "is: counter".to_owned(),
            Guess::Number => "is: number".to_owned(),
            Guess::Running => {
                let runs = self.words_for_running();
                let runs = runs.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
                format!("is: running, when: [{runs}]")
            }
            Guess::Execution => {
                "is: running, when: [ACTIVE, INTERRUPTED, FEED_HOLD, PROGRAM_STOPPED, OPTIONAL_STOP]"
                    .to_owned()
            }
            Guess::State => "is: state, producing: ACTIVE, unknown: UNAVAILABLE".to_owned(),
            Guess::Hold => "is: hold, when: [INTERRUPTED, FEED_HOLD]".to_owned(),
            Guess::SetUp => "is: set-up, when: [MANUAL, MANUAL_DATA_INPUT, SEMI_AUTOMATIC, EDIT]".to_owned(),
            Guess::Key => "is: key, part: job".to_owned(),
            Guess::Time(_) => return,
        };
        text.push_str(&says);
        if self.factor() > 1.0 {
            let _ = write!(text, ", factor: {}", self.factor());
        }
        text += " }";
        let seen: Vec<&str> = match self.guess {
            Guess::Running if !self.span.words.is_empty() => {
                self.span.words.iter().map(String::as_str).collect()
            }
            _ => vec![&self.span.last],
        };
        let seen = in_remark(&seen.join(", "));
        if !seen.is_empty() {
            let _ = write!(text, "  # {seen}");
        }
        line(out, &text);
    }

    /// Words for a program that runs: those of machines that speak like this one, as it writes them.
    fn words_for_running(&self) -> BTreeSet<String> {
        let words = &self.span.words;
        let is_japanese = !self.take.is_ascii() || words.iter().any(|word| !word.is_ascii());
        let known: &[&str] = if is_japanese { &RUNS_IN_JAPANESE } else { &RUNS };
        let mut runs: BTreeSet<String> = known.iter().map(|word| (*word).to_owned()).collect();
        let is_known = |word: &&String| RUNS.iter().any(|known| known.eq_ignore_ascii_case(word));
        runs.extend(words.iter().filter(is_known).cloned());
        if self.span.most.is_some_and(|most| most <= 1.0) {
            runs.insert("1".to_owned());
        }
        // Written as off is.
        let ways = [("on", "off"), ("On", "Off"), ("ON", "OFF")];
        let way = ways.iter().find(|(on, off)| words.contains(*on) || words.contains(*off));
        runs.extend(way.map(|(on, _)| (*on).to_owned()));
        runs
    }
}

#[cfg(test)]
mod tests {
    use anshin_catalog::{DescribedBy, RegisterForm};
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
    fn with_nothing_found_there_is_something_to_begin_with() {
        let (text, configuration) = proposed(&Found::default());
        assert_eq!(configuration.machines.len(), 1, "{text}");
        assert!(Found::default().is_empty());
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
