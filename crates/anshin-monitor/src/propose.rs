//! A first configuration, made of what devices and brokers show: which values look like power, a
//! counter, a running program, a job, and where the time of a message stands.
//!
//! It is a proposal. Names of values say what they are often enough to begin with; every guess
//! stands in the file, with the value that was seen, for a person to look at.

mod found;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anshin_model::shape::has_control;
use anshin_model::{Lang, Text};
use serde_json::Value;

use crate::time::Time;

/// Most machines that are proposed.
const MOST_MACHINES: usize = 500;

pub use found::{Agent, Broker, Device, Found, PowerMeter, Seen, Server, Span, Variable};

/// What a value seems to say.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Guess {
    Power(f64),
    Counter(f64),
    Running,
    /// How the controller executes a program, in the words of `MTConnect`.
    Execution,
    State,
    SetUp,
    Number,
    Key,
    Time(&'static str),
}

/// The words of a name: `activePower_W` is active, power, w.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        // kW and kWh are one word each.
        let breaks =
            !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase() && (before, c) != ('k', 'W'));
        if breaks {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words of machines for a program that runs.
const RUNS: [&str; 6] = ["ACTIVE", "RUNNING", "RUN", "AUTO", "EXECUTING", "true"];

fn guess(name: &str, span: &Span) -> Option<Guess> {
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let number = span.most;
    if has(&["ts", "time", "timestamp", "datetime", "at", "t"]) {
        let form = match number {
            Some(number) if number > 1e11 => Some("milliseconds"),
            Some(number) if number > 1e8 => Some("seconds"),
            None if Time::parse(&span.last).is_ok() => Some("rfc3339"),
            _ => None,
        };
        if let Some(form) = form {
            return Some(Guess::Time(form));
        }
    }
    if number.is_some() {
        let kilo = has(&["kw", "kwh", "kilowatts"]);
        let factor = if kilo { 1_000.0 } else { 1.0 };
        if has(&["wh", "kwh", "energy", "電力量"]) {
            return Some(Guess::Counter(factor));
        }
        if has(&["w", "kw", "watt", "watts", "wattage", "kilowatts", "power", "電力"])
            && !has(&["factor", "reactive", "apparent", "supply"])
        {
            return Some(Guess::Power(factor));
        }
        if has(&["cycle", "cycles", "shot", "shots", "partcount", "count"]) {
            return Some(Guess::Number);
        }
    }
    if has(&["run", "running", "execution", "exec", "state", "status", "busy"]) {
        return Some(Guess::Running);
    }
    (has(&["program", "recipe", "job", "product", "part", "batch", "プログラム"]) && !has(&["count"]))
        .then_some(Guess::Key)
}

/// An input of a machine.
struct Input {
    topic: Option<String>,
    take: String,
    guess: Guess,
    span: Span,
}

/// A machine that is about to be proposed.
struct Machine {
    id: String,
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
        of_broker(&mut out, broker, &mut ids, &mut machines);
    }
    for agent in &found.agents {
        let id = ids.new_id("agent");
        line(&mut out, &format!("  - {{ id: {id}, kind: mtconnect, address: {} }}", quoted(&agent.address)));
        for (device, items) in &agent.devices {
            let inputs = items.iter().flat_map(|(item, kind)| of_item(item, kind)).collect();
            machines.push(Machine { id: ids.new_id(device), source: id.clone(), inputs });
        }
    }
    for (address, object) in &found.meters {
        let [group, class, instance] = object;
        let id = ids.new_id("meter");
        line(
            &mut out,
            &format!(
                "  - {{ id: {id}, kind: echonet, address: {}, object: \"{group:02x}{class:02x}{instance:02x}\" }}",
                quoted(address)
            ),
        );
        let input =
            Input { topic: None, take: "power".to_owned(), guess: Guess::Power(1.0), span: Span::default() };
        machines.push(Machine { id: ids.new_id("measured-by-meter"), source: id, inputs: vec![input] });
    }
    for meter in &found.power_meters {
        of_power_meter(&mut out, meter, (&mut ids, &remark), &mut machines);
    }
    for server in &found.servers {
        of_server(&mut out, server, &mut ids, &mut machines);
    }
    machines.retain(|machine| machine.bounds().is_some());
    if machines.is_empty() {
        line(&mut out, "  - { id: floor, kind: mqtt }");
        let input = |take: &str, guess| Input {
            topic: Some("machine-1".to_owned()),
            take: take.to_owned(),
            guess,
            span: Span::default(),
        };
        let inputs = vec![input("power", Guess::Power(1.0)), input("running", Guess::Running)];
        machines.push(Machine { id: "machine-1".to_owned(), source: "floor".to_owned(), inputs });
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

/// Topics without anything to watch that are named, so that only new ones are told.
const MOST_LISTED: usize = 50;

/// Sources of a broker or a stream: one for each way in which messages are written and tell their time.
fn of_broker(out: &mut String, broker: &Broker, ids: &mut Ids, machines: &mut Vec<Machine>) {
    // How the words of a name are parted, and what stands in filters for any of them.
    let (kind, between, wildcards) = match &broker.stream {
        None => ("mqtt".to_owned(), '/', ['#', '+']),
        Some(stream) => (format!("nats, stream: {}", quoted(stream)), '.', ['>', '*']),
    };
    let mut found: Vec<(String, &str, Vec<Input>)> = Vec::new();
    let mut unused: Vec<&str> = Vec::new();
    // What no configuration can name is no machine's.
    for (topic, seen) in broker.topics.iter().filter(|(topic, _)| !has_control(topic)) {
        let time = seen.values.iter().find_map(|(name, span)| match guess(name, span) {
            Some(Guess::Time(form)) if !seen.sparkplug && !seen.plain && !has_control(name) => {
                Some(format!(", time: {{ column: {}, form: {form} }}", quoted(name)))
            }
            _ => None,
        });
        let payload = match (seen.sparkplug, seen.plain) {
            (true, _) => ", payload: sparkplug, topics: \"spBv1.0/#\"",
            (_, true) => ", payload: plain",
            _ => "",
        };
        let form = format!("{payload}{}", time.unwrap_or_default());
        // Of plain values the last word of the topic is the name.
        let (of, last) = topic.rsplit_once(between).filter(|_| seen.plain).unwrap_or((topic, topic));
        let inputs: Vec<Input> = seen
            .values
            .iter()
            .filter(|(name, _)| !has_control(name))
            .filter_map(|(name, span)| {
                let guess = guess(if seen.plain { last } else { name }, span)?;
                let topic = Some(topic.clone());
                (!matches!(guess, Guess::Time(_))).then(|| Input {
                    topic,
                    take: name.clone(),
                    guess,
                    span: span.clone(),
                })
            })
            .collect();
        if inputs.is_empty() {
            unused.push(topic);
        } else {
            found.push((form, of, inputs));
        }
    }
    // What is there today is no unknown device. A topic with a wildcard in it cannot be named.
    unused.retain(|topic| !topic.contains(wildcards));
    let listed: Vec<String> = unused.iter().take(MOST_LISTED).map(|topic| quoted(topic)).collect();
    let mut ignore =
        if listed.is_empty() { String::new() } else { format!(", ignore: [{}]", listed.join(", ")) };
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let mut by_machine: BTreeMap<(String, String), Vec<Input>> = BTreeMap::new();
    for (form, of, inputs) in found {
        let source = sources.entry(form).or_insert_with_key(|form| {
            let (id, ignore) = (
                ids.new_id(if broker.stream.is_some() { "stream" } else { "broker" }),
                std::mem::take(&mut ignore),
            );
            let address = quoted(&broker.address);
            line(out, &format!("  - {{ id: {id}, kind: {kind}, address: {address}{form}{ignore} }}"));
            id
        });
        by_machine.entry((source.clone(), of.to_owned())).or_default().extend(inputs);
    }
    for ((source, topic), inputs) in by_machine {
        let name = topic.rsplit(between).next().unwrap_or_default();
        machines.push(Machine { id: ids.new_id(name), source, inputs });
    }
}

/// What stands behind a `#`: no line breaks, and not more than a line of it.
fn in_remark(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(80).collect()
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
    machines.push(Machine { id: ids.new_id("measured-by-meter"), source: id, inputs: inputs.collect() });
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
        let machine = Machine { id: String::new(), source: id.clone(), inputs };
        if machine.bounds().is_some() && nodes.len() + used.len() <= MOST_NODES {
            nodes.extend(used);
            of_server.push(Machine { id: ids.new_id(name), ..machine });
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

/// What a data item of `MTConnect` says, by its type.
fn of_item(id: &str, kind: &str) -> Vec<Input> {
    let guesses: &[Guess] = match kind {
        "EXECUTION" => &[Guess::Execution, Guess::State],
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

impl Machine {
    fn first(&self, fits: impl Fn(&Guess) -> bool) -> Option<&Input> {
        self.inputs.iter().find(|input| fits(&input.guess))
    }

    /// How its cycles are known; `None` if they cannot be.
    fn bounds(&self) -> Option<Bounds<'_>> {
        if let Some(running) = self.first(|guess| matches!(guess, Guess::Running | Guess::Execution)) {
            return Some(Bounds::Running(running));
        }
        if let Some(number) = self.first(|guess| *guess == Guess::Number) {
            return Some(Bounds::Number(number));
        }
        let power = self.first(|guess| matches!(guess, Guess::Power(_)))?;
        Some(Bounds::Power(power.threshold()))
    }

    fn write(&self, out: &mut String, remark: &impl Fn(&Text) -> String) {
        let Some(bounds) = self.bounds() else { return };
        line(out, &format!("  - id: {}", self.id));
        let power = self.first(|guess| matches!(guess, Guess::Power(_)));
        match &bounds {
            Bounds::Running(_) => line(out, "    cycle: { by: running }"),
            Bounds::Number(_) => line(out, "    cycle: { by: number }"),
            Bounds::Power(on) => {
                let text = Text::new(
                    "この電力以上を加工中とみなします。機械の待機電力を確かめて直してください",
                    "from this power on it counts as working: check it against the power at rest",
                );
                line(out, &format!("    cycle: {{ by: power, on: {on} }}  # {}", remark(&text)));
            }
        }
        // Power tells more than a counter, which moves in steps.
        let meter = power.or_else(|| self.first(|guess| matches!(guess, Guess::Counter(_))));
        if let Some(meter) = meter {
            let kind = if matches!(meter.guess, Guess::Power(_)) { "rate" } else { "counter" };
            line(out, &format!("    meter: {{ kind: {kind}, most-gap: 60, fewest-samples: 3 }}"));
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
        let state = self.first(|guess| *guess == Guess::State);
        if state.is_some() {
            line(out, "    states: { by: told }");
        }
        line(out, "    input:");
        let bound = match &bounds {
            Bounds::Running(input) | Bounds::Number(input) => Some(*input),
            Bounds::Power(_) => None,
        };
        // A program that was loaded and a mode that was chosen hold for the run that begins with them.
        let set_up = self.first(|guess| *guess == Guess::SetUp);
        for input in [key, set_up, bound, state, meter].into_iter().flatten() {
            input.write(out, &self.source);
        }
    }
}

enum Bounds<'a> {
    Running(&'a Input),
    Number(&'a Input),
    Power(f64),
}

impl Input {
    fn factor(&self) -> f64 {
        match self.guess {
            Guess::Power(factor) | Guess::Counter(factor) => factor,
            _ => 1.0,
        }
    }

    /// Half-way between the least and the most that was seen, or above what was seen if it never changed.
    fn threshold(&self) -> f64 {
        let (least, most) = (self.span.least.unwrap_or(0.0), self.span.most.unwrap_or(0.0));
        let half = if most > 1.2 * least { f64::midpoint(least, most) } else { 1.5 * most };
        let watts = (half * self.factor()).round();
        if watts > 0.0 { watts } else { 500.0 }
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
                let runs = RUNS.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
                let zero_or_one = self.span.most.is_some_and(|most| most <= 1.0);
                let more = if zero_or_one { ", \"1\"" } else { "" };
                format!("is: running, when: [{runs}{more}]")
            }
            Guess::Execution => {
                "is: running, when: [ACTIVE, INTERRUPTED, FEED_HOLD, PROGRAM_STOPPED, OPTIONAL_STOP]"
                    .to_owned()
            }
            Guess::State => "is: state, producing: ACTIVE, unknown: UNAVAILABLE".to_owned(),
            Guess::SetUp => "is: set-up, when: [MANUAL, MANUAL_DATA_INPUT, SEMI_AUTOMATIC, EDIT]".to_owned(),
            Guess::Key => "is: key, part: job".to_owned(),
            Guess::Time(_) => return,
        };
        text.push_str(&says);
        if self.factor() > 1.0 {
            let _ = write!(text, ", factor: {}", self.factor());
        }
        text += " }";
        if !self.span.last.is_empty() {
            let _ = write!(text, "  # {}", in_remark(&self.span.last));
        }
        line(out, &text);
    }
}

#[cfg(test)]
mod tests {
    use anshin_catalog::{DescribedBy, RegisterForm};
    use proptest::prelude::*;

    use super::*;
    use crate::config;
    use crate::meters::Meter;

    fn proposed(found: &Found) -> (String, config::Configuration) {
        let text = configuration(found, |remark| remark.get(Lang::En).to_owned());
        let loaded = config::load("factory.yaml", &text);
        let configuration = loaded.configuration;
        (text.clone(), configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics)))
    }

    fn seen(messages: &[&str]) -> Seen {
        let mut seen = Seen::default();
        for message in messages {
            seen.message(message.as_bytes());
        }
        seen
    }

    #[test]
    fn names_tell_what_values_are() {
        let span = |last: &str| {
            let mut seen = Seen::default();
            seen.value("x", last);
            seen.values.remove("x").unwrap()
        };
        for (name, last, expected) in [
            ("activePower_kW", "1.5", Some(Guess::Power(1_000.0))),
            ("data.0.watts", "230", Some(Guess::Power(1.0))),
            ("power_factor", "0.9", None),
            ("energy.kWh", "12.5", Some(Guess::Counter(1_000.0))),
            ("ts", "1775000000000", Some(Guess::Time("milliseconds"))),
            ("time", "2026-04-01T08:00:00Z", Some(Guess::Time("rfc3339"))),
            ("time", "12.5", None),
            ("execution", "READY", Some(Guess::Running)),
            ("program", "O1234", Some(Guess::Key)),
            ("PartCount", "7", Some(Guess::Number)),
            ("temperature", "21", None),
        ] {
            assert_eq!(guess(name, &span(last)), expected, "{name}");
        }
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
            meters: vec![("10.0.0.3:3610".to_owned(), [2, 0x88, 1])],
            ..Found::default()
        };
        let (text, configuration) = proposed(&found);
        let ids: Vec<&str> = configuration.machines.iter().map(|machine| machine.id.as_str()).collect();
        assert_eq!(ids, ["press", "robot", "mazak-01", "measured-by-meter"], "{text}");
        assert_eq!(configuration.sources.len(), 4, "{text}");
        assert!(text.contains("time: { column: \"ts\", form: milliseconds }"), "{text}");
        assert!(text.contains("cycle: { by: power, on: 1200 }"), "{text}");
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
        assert!(text.contains("cycle: { by: power, on: 1800 }"), "{text}");
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
                    seen.message(plain.as_bytes());
                }
                for (name, value) in values {
                    seen.value(&format!("{name}power"), "12");
                    seen.value(&name, &value);
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
