//! A first configuration, made of what devices and brokers show: which values look like power, a
//! counter, a running program, a job, and where the time of a message stands.
//!
//! It is a proposal. Names of values say what they are often enough to begin with; every guess
//! stands in the file, with the value that was seen, for a person to look at.

mod axes;
mod beside;
mod broker;
mod clock;
mod dates;
mod devices;
mod execution;
mod flash;
mod found;
mod frozen;
mod guess;
mod head;
mod levels;
mod machine;
mod pause;
mod recording;
mod runs;
mod several;
mod table;
mod yaml;

use anshin_model::Text;
use broker::of_broker;
use devices::{of_item, of_meter, of_power_meter, of_server};
pub use found::{
    Agent, Broker, Device, EchonetMeter, Found, FoundLogin, PowerMeter, Seen, Server, Span, Variable,
};
use machine::{Machine, can_be_watched};
use recording::of_table;
pub use table::Table;
use yaml::{Ids, in_line, in_remark, line, quoted};

/// Most machines that are proposed.
const MOST_MACHINES: usize = 500;

/// The text of a configuration. Where no machine can be proposed it has none, and says what was seen and what
/// to write.
pub fn configuration(found: &Found, remark: impl Fn(&Text) -> String) -> String {
    let mut out = String::from("anshin-monitor: 1\ntime-zone: Asia/Tokyo\nsources:\n");
    let mut machines = Vec::new();
    let mut ids = Ids::default();
    for broker in &found.brokers {
        of_broker(&mut out, (broker, found.login.as_ref()), (&mut ids, &remark), &mut machines);
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
        of_server(&mut out, (server, found.login.as_ref()), &mut ids, &mut machines);
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

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use anshin_catalog::{DescribedBy, RegisterForm};
    use anshin_model::Lang;
    use proptest::prelude::*;

    use super::yaml::NO_TEXT;
    use super::*;
    use crate::config;
    use crate::meters::Meter;
    use crate::time::Time;

    pub(super) fn proposed(found: &Found) -> (String, config::Configuration) {
        let text = configuration(found, |remark| remark.get(Lang::En).to_owned());
        let loaded = config::load("factory.yaml", &text);
        let configuration = loaded.configuration;
        (text.clone(), configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics)))
    }

    pub(super) fn seen(messages: &[&str]) -> Seen {
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
    fn words_that_cannot_stand_in_a_configuration_are_left_out() {
        let topics = [("hall/running".to_owned(), seen(&["running\n\n=\u{0}", "running", "false"]))].into();
        let broker = Broker { address: "h:1".to_owned(), stream: None, topics };
        let (text, _) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        assert!(text.contains("\"running\"") && !text.contains("\\u0000"), "{text}");
    }

    #[test]
    fn who_asked_a_broker_or_a_server_asks_again() {
        let topics = [("plant/press".to_owned(), seen(&[r#"{"power":300}"#, r#"{"power":2100}"#]))].into();
        let brokers = vec![Broker { address: "10.0.0.1:1883".to_owned(), topics, stream: None }];
        let mut span = Span::default();
        span.take("2.5");
        let variable = Variable { name: "ActivePower_kW".to_owned(), node: "ns=2;s=P".to_owned(), span };
        let objects = BTreeMap::from([("Plant/Mill".to_owned(), vec![variable])]);
        let servers = vec![Server { address: "10.0.0.6:4840".to_owned(), objects }];
        let login = |password: Option<&str>| {
            Some(FoundLogin { user: "factory".to_owned(), password: password.map(str::to_owned) })
        };
        let found = Found { brokers, servers, login: login(Some("PLANT_PASSWORD")), ..Found::default() };
        let (text, configuration) = proposed(&found);
        assert_eq!(text.matches("user: \"factory\"").count(), 2, "{text}");
        assert_eq!(text.matches("password: { environment: \"PLANT_PASSWORD\" }").count(), 2, "{text}");
        assert!(configuration.sources.iter().all(|source| source.login.is_some()), "{text}");
        let (text, _) = proposed(&Found { login: None, ..found.clone() });
        assert!(!text.contains("user:"), "{text}");
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
