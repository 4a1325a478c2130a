//! What is of the right form and cannot work all the same: names that a source does not have, filters that
//! fit no topic, and machines that nobody tells what they need.

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::Node;
use anshin_model::{Text, shape};

use super::{Configuration, MachineConfiguration, Payload, Says, Source, SourceKind};
use crate::cycle::Bounds;
use crate::machine::States;
use crate::meter::Kind;

/// Checks a configuration that is right as far as each place of its file goes.
pub(super) fn check(configuration: &Configuration, tree: &Node, found: &mut Vec<Diagnostic>) {
    let items = |node: &Node, list: &str| node.get(list).map(Node::items).unwrap_or_default().to_vec();
    for (source, node) in configuration.sources.iter().zip(items(tree, "sources")) {
        let topics = source.topics.iter().zip(std::iter::repeat("topics"));
        for (filter, key) in topics.chain(source.ignore.iter().zip(std::iter::repeat("ignore"))) {
            if source.kind == SourceKind::Mqtt && !is_filter(filter) {
                found.push(no_filter(filter).at(node.get(key).unwrap_or(&node).span));
            }
        }
    }
    for (machine, node) in configuration.machines.iter().zip(items(tree, "machines")) {
        for (input, node) in machine.inputs.iter().zip(items(&node, "input")) {
            let Some(source) = configuration.sources.iter().find(|source| source.id == input.from) else {
                continue;
            };
            for name in input.take.iter().filter(|name| !has(source, name)) {
                found.push(no_value(source, name).at(node.get("take").unwrap_or(&node).span));
            }
        }
        for (key, message, hint) in lacks(machine) {
            let place = node.get(key).unwrap_or(&node);
            found.push(Diagnostic::warning(Code::MissingKey, message).at(place.span).hint(hint));
        }
    }
}

/// Whether a filter can fit a topic: `+` stands for a whole level, `#` for all from its level on.
fn is_filter(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    let is_level = |(n, level): (usize, &&str)| match *level {
        "#" => n + 1 == levels.len(),
        "+" => true,
        level => !level.contains(['#', '+']),
    };
    !filter.is_empty() && levels.iter().enumerate().all(is_level)
}

fn no_filter(filter: &str) -> Diagnostic {
    let message =
        Text::new(format!("`{filter}`に合うトピックはありません"), format!("no topic fits `{filter}`"));
    Diagnostic::error(Code::OutOfRange, message).hint(Text::new(
        "`+`は1つの階層の全体に、`#`は最後の階層だけに使えます。例: line1/+/power、line1/#",
        "`+` stands for a whole level and `#` for the last ones: line1/+/power, line1/#",
    ))
}

/// The names of a source's values, where the file says them.
fn names(source: &Source) -> Option<Vec<String>> {
    let ids = |ids: &mut dyn Iterator<Item = &anshin_model::Id>| Some(ids.map(ToString::to_string).collect());
    match (source.kind, source.payload) {
        (SourceKind::Modbus, _) => ids(&mut source.registers.iter().map(|register| &register.id)),
        (SourceKind::OpcUa, _) => ids(&mut source.nodes.iter().map(|node| &node.id)),
        (SourceKind::Mqtt | SourceKind::Http, Payload::Csv) => Some(source.columns.clone()),
        (SourceKind::Mqtt | SourceKind::Http, Payload::Plain) => Some(vec!["value".to_owned()]),
        (SourceKind::Echonet, _) => {
            let whole = ["power", "energy", "energy-reverse", "current-r", "current-t"].map(str::to_owned);
            let channels =
                (1..=source.channels).flat_map(|n| ["power", "energy"].map(|of| format!("channel-{n}.{of}")));
            Some(whole.into_iter().chain(channels).collect())
        }
        _ => None,
    }
}

/// Whether a source has a value of a name, as far as the file says.
fn has(source: &Source, name: &str) -> bool {
    // How many channels of a board measure both ways, the board says itself.
    let is_both_ways = || {
        let (channel, value) = name.strip_prefix("both-")?.split_once('.')?;
        let is_channel = channel.parse::<u8>().is_ok_and(|channel| channel > 0);
        Some(is_channel && matches!(value, "power" | "energy" | "energy-reverse"))
    };
    names(source).is_none_or(|names| names.iter().any(|known| known == name))
        || source.kind == SourceKind::Echonet && is_both_ways() == Some(true)
}

fn no_value(source: &Source, name: &str) -> Diagnostic {
    let names = names(source).unwrap_or_default();
    let message = Text::new(
        format!("源`{}`に`{name}`という値はありません", source.id),
        format!("source `{}` has no value `{name}`", source.id),
    );
    let all = names.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let hint = shape::nearest(name, names.iter().map(String::as_str))
        .map_or_else(|| Text::new(format!("ある値: {all}"), format!("it has {all}")), shape::did_you_mean);
    Diagnostic::error(Code::UnknownReference, message).hint(hint)
}

/// What a machine needs and nobody tells: the place, what is wrong, and what to do.
fn lacks(machine: &MachineConfiguration) -> Vec<(&'static str, Text, Text)> {
    let told = |is: fn(&Says) -> bool| machine.inputs.iter().any(|input| is(&input.is));
    let power = told(|says| matches!(says, Says::Power));
    let mut all = Vec::new();
    let mut need = |is_told: bool, place, (ja, en): (&str, &str), is: &str| {
        if !is_told {
            let hint = Text::new(
                format!("`input`に`is: {is}`を足してください"),
                format!("add an input with `is: {is}`"),
            );
            all.push((place, Text::new(ja, en), hint));
        }
    };
    let no_cycle = |ja: &str, en: &str| {
        (
            format!("{ja}を知らせる入力がないので、サイクルがありません"),
            format!("no input tells {en}, so there will be no cycle"),
        )
    };
    let bounds: &[(bool, &str, &str, &str)] = &match machine.settings.cycle.bounds {
        Bounds::Events => vec![
            (
                told(|says| matches!(says, Says::Start(_))),
                "start",
                "サイクルの始まり",
                "where a cycle begins",
            ),
            (told(|says| matches!(says, Says::End(_))), "end", "サイクルの終わり", "where a cycle ends"),
        ],
        Bounds::Number => {
            vec![(
                told(|says| matches!(says, Says::Number)),
                "number",
                "サイクルの番号",
                "the number of the cycle",
            )]
        }
        Bounds::Running => vec![(
            told(|says| matches!(says, Says::Running(_))),
            "running",
            "プログラムが動いているか",
            "whether the program runs",
        )],
        Bounds::Gate { .. } => vec![(power, "power", "電力", "the power")],
    };
    for (is_told, is, ja, en) in bounds {
        let (ja, en) = no_cycle(ja, en);
        need(*is_told, "cycle", (&ja, &en), is);
    }
    match machine.settings.meter {
        Some(Kind::Counter { .. }) => need(
            told(|says| matches!(says, Says::Counter)),
            "meter",
            (
                "計量値を知らせる入力がないので、消費を計れません",
                "no input tells the counter, so what a cycle takes is not known",
            ),
            "counter",
        ),
        Some(Kind::Rate { .. }) => need(
            power,
            "meter",
            (
                "電力などを知らせる入力がないので、消費を計れません",
                "no input tells the power, so what a cycle takes is not known",
            ),
            "power",
        ),
        None => {}
    }
    let state = told(|says| matches!(says, Says::State { .. }));
    let lamp = told(|says| matches!(says, Says::Lamp { .. }));
    let no_state = (
        "状態を知らせる入力がないので、稼働率が分かりません",
        "no input tells states, so utilisation is not known",
    );
    match machine.settings.states {
        States::Told => need(state, "states", no_state, "state"),
        States::Power { .. } => need(power, "states", no_state, "power"),
        States::Lamp { .. } => need(lamp, "states", no_state, "lamp"),
        States::Cycles => {}
    }
    let unused = [
        (state && machine.settings.states != States::Told, "state", "told"),
        (lamp && !matches!(machine.settings.states, States::Lamp { .. }), "lamp", "lamp"),
    ];
    for (_, is, by) in unused.into_iter().filter(|(is_unused, ..)| *is_unused) {
        all.push((
            "input",
            Text::new(
                format!("`is: {is}`の入力は使われません"),
                format!("the input with `is: {is}` is not used"),
            ),
            Text::new(
                format!("`states: {{ by: {by} }}`と書いてください"),
                format!("write `states: {{ by: {by} }}`"),
            ),
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    use super::*;

    #[test]
    fn filters_have_wildcards_for_whole_levels() {
        for filter in ["#", "+", "line/+/power", "line/#", "a", "/a"] {
            assert!(is_filter(filter), "{filter}");
        }
        for filter in ["", "a/#/b", "a#", "+a/b", "a/#b"] {
            assert!(!is_filter(filter), "{filter}");
        }
    }

    #[test]
    fn what_cannot_work_is_told_with_its_place() {
        let text = r#"anshin-monitor: 1
sources:
  - { id: mq, kind: mqtt, address: "192.168.1.1:1883", topics: [ a/#/b ], payload: csv, columns: [ a, b ] }
  - { id: meter, kind: modbus, address: "192.168.1.2:502", registers: [ { id: watts, at: 7, form: f32 } ] }
  - { id: board, kind: echonet, address: 192.168.1.3:3610, object: "028701", channels: 2 }
machines:
  - id: robot
    cycle: { by: events }
    input: [ { from: mq, take: a, is: start, when: start } ]
  - id: press
    cycle: { by: running }
    meter: { kind: counter }
    states: { by: told }
    input:
      - { from: meter, take: watt, is: power }
      - { from: mq, take: c, is: running, when: X }
      - { from: mq, take: b, is: lamp, light: green }
      - { from: board, take: channel-3.power, is: power }
      - { from: board, take: both-1.power, is: power }
  - id: mill
    cycle: { by: number }
    states: { by: lamp }
    input: [ { from: meter, take: watts, is: power } ]
"#;
        let loaded = crate::config::load("factory.yaml", text);
        let told: Vec<String> = loaded
            .diagnostics
            .iter()
            .map(|one| {
                assert!(one.span.is_some(), "{one:?}");
                format!("{} | {}", one.message.get(Lang::En), one.hints[0].get(Lang::En))
            })
            .collect();
        let expected = [
            "no topic fits `a/#/b`",
            "no input tells where a cycle ends, so there will be no cycle | add an input with `is: end`",
            "no input tells the counter, so what a cycle takes is not known",
            "no input tells states, so utilisation is not known | add an input with `is: state`",
            "the input with `is: lamp` is not used | write `states: { by: lamp }`",
            "source `meter` has no value `watt` | did you mean `watts`?",
            "source `mq` has no value `c` | it has `a`, `b`",
            "source `board` has no value `channel-3.power`",
            "no input tells the number of the cycle",
            "no input tells states, so utilisation is not known | add an input with `is: lamp`",
        ];
        for part in expected {
            assert!(told.iter().any(|line| line.contains(part)), "{part}: {told:#?}");
        }
        assert_eq!(told.len(), expected.len(), "{told:#?}");
    }
}
