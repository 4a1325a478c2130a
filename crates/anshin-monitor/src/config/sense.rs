//! What is of the right form and cannot work all the same: names that a source does not have, filters that
//! fit no topic, and machines that nobody tells what they need.

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::Node;
use anshin_model::{Text, shape};

use super::{Configuration, Input, MachineConfiguration, Payload, Says, Source, SourceKind, inputs};
use crate::cycle::Bounds;
use crate::judge::AlertKind;
use crate::lamp::Light;
use crate::machine::States;
use crate::meter::Kind;
use crate::reference::{Margin, Tolerance};
use crate::subject;

/// Checks a configuration that is right as far as each place of its file goes.
pub(super) fn check(configuration: &Configuration, tree: &Node, found: &mut Vec<Diagnostic>) {
    let items = |node: &Node, list: &str| node.get(list).map(Node::items).unwrap_or_default().to_vec();
    for (source, node) in configuration.sources.iter().zip(items(tree, "sources")) {
        let topics = source.topics.iter().zip(std::iter::repeat("topics"));
        for (filter, key) in topics.chain(source.ignore.iter().zip(std::iter::repeat("ignore"))) {
            let told = match source.kind {
                SourceKind::Mqtt if !is_filter(filter) => no_topic(filter),
                SourceKind::Nats if !subject::is_filter(filter) => no_subject(filter),
                _ => continue,
            };
            found.push(told.at(node.get(key).unwrap_or(&node).span));
        }
        if let Some(name) = source.topic.as_deref().filter(|name| !has(source, name)) {
            found.push(no_value(source, name).at(node.get("topic").unwrap_or(&node).span));
        }
        if let Some((one, other)) = twice(source) {
            found.push(comes_twice(one, other).at(node.get("topics").unwrap_or(&node).span));
        }
    }
    unreached(configuration, tree, found);
    for (machine, node) in configuration.machines.iter().zip(items(tree, "machines")) {
        for (input, node) in machine.inputs.iter().zip(items(&node, "input")) {
            let Some(source) = configuration.sources.iter().find(|source| source.id == input.from) else {
                continue;
            };
            if let Some(told) = input.topic.as_deref().and_then(|topic| never_comes(source, topic)) {
                found.push(told.at(node.get("topic").unwrap_or(&node).span));
            }
            if let Some((message, hint)) = of_no_rows(source, input.topic.as_deref()) {
                let place = node.get("topic").unwrap_or(&node).span;
                found.push(Diagnostic::warning(Code::Unused, message).at(place).hint(hint));
            }
            for name in input.take.iter().filter(|name| !has(source, name)) {
                found.push(no_value(source, name).at(node.get("take").unwrap_or(&node).span));
            }
        }
        inputs::check(configuration, machine, &node, found);
        for (n, part) in machine.key.iter().enumerate() {
            let is_filled = |input: &Input| matches!(input.is, Says::Key(of) if usize::from(of) == n);
            if machine.inputs.iter().any(is_filled) {
                continue;
            }
            let message = Text::new(
                format!("`key`の`{part}`を知らせる入力がないので、ジョブを区別できません"),
                format!("no input tells `{part}` of `key`, so it tells no jobs apart"),
            );
            let hint = Text::new(
                format!("`input`に`is: key, part: {part}`を足すか、`key`から消してください"),
                format!("add an input with `is: key, part: {part}`, or take it out of `key`"),
            );
            let place = node.get("key").and_then(|key| key.items().get(n)).unwrap_or(&node);
            found.push(Diagnostic::warning(Code::MissingKey, message).at(place.span).hint(hint));
        }
        if machine.settings.cycle.bounds == Bounds::None {
            let of_cycles = ["key", "learning", "tolerance", "alerts"];
            for place in of_cycles.into_iter().filter_map(|key| node.get(key)) {
                let message = Text::new(
                    "サイクルの区切り（`cycle`）がないので、使われません",
                    "it is not used, since there is no `cycle`",
                );
                let hint = Text::new("`cycle`を足すか、これを消してください", "add `cycle`, or take it out");
                found.push(Diagnostic::warning(Code::Unused, message).at(place.span).hint(hint));
            }
        }
        for (key, message, hint) in lacks(machine) {
            let place = node.get(key).unwrap_or(&node);
            found.push(Diagnostic::warning(Code::MissingKey, message).at(place.span).hint(hint));
        }
    }
}

/// Sources that are read from recordings only.
pub(super) fn recorded_only(configuration: &Configuration, tree: &Node) -> Vec<Diagnostic> {
    let nodes = tree.get("sources").map(Node::items).unwrap_or_default();
    let recorded = configuration.sources.iter().zip(nodes).filter(|(source, _)| source.is_recorded_only());
    let told = recorded.map(|(source, node)| {
        let id = &source.id;
        let takes = |machine: &&MachineConfiguration| machine.inputs.iter().any(|input| input.from == *id);
        let machines: Vec<&str> =
            configuration.machines.iter().filter(takes).map(|machine| machine.id.as_str()).collect();
        let machines = machines.join(", ");
        let (to_ja, to_en) = if machines.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("{machines}に"), format!(" to {machines}"))
        };
        let message = Text::new(
            format!("入力元`{id}`の値は記録からだけ読みます。`run`では、そこから{to_ja}何も届きません"),
            format!("source `{id}` is read from recordings only; in `run` nothing comes from it{to_en}"),
        );
        let hint = if source.kind == SourceKind::Shdr {
            Text::new(
                "動いている機械を見守るには、アダプターの`address`を書いてください。例: 192.168.10.7:7878",
                "to watch machines at work, give the adapter's `address`, such as 192.168.10.7:7878",
            )
        } else {
            Text::new(
                "記録は`replay`で読みます。動いている機械を見守るには、`kind`を`mqtt`や`http`などに変えてください",
                "`replay` reads recordings; to watch machines at work, make it of `kind` `mqtt`, `http` or another one",
            )
        };
        Diagnostic::warning(Code::Unused, message).at(node.get("kind").unwrap_or(node).span).hint(hint)
    });
    told.collect()
}

/// Whether some alert can be raised at all.
fn can_be_raised(kind: AlertKind, configuration: &Configuration) -> bool {
    let machines = &configuration.machines;
    let cut = || machines.iter().filter(|machine| machine.settings.cycle.bounds != Bounds::None);
    let judges = |of: fn(&Tolerance) -> Option<Margin>| {
        let tolerances = cut().map(|machine| &machine.settings.tolerances);
        let mut all = tolerances.flat_map(|all| {
            [&all.usual].into_iter().chain(all.of_jobs.iter().map(|(_, tolerance)| tolerance))
        });
        all.any(|tolerance| of(tolerance).is_some())
    };
    match kind {
        AlertKind::TooSlow | AlertKind::TooFast | AlertKind::DurationDrifts | AlertKind::NewDuration => {
            judges(|of| of.duration)
        }
        AlertKind::TakesTooMuch
        | AlertKind::TakesTooLittle
        | AlertKind::QuantityDrifts
        | AlertKind::NewQuantity => {
            cut().any(|machine| machine.settings.meter.is_some()) && judges(|of| of.quantity)
        }
        AlertKind::PowerTooHigh => machines.iter().any(|machine| machine.settings.highest_power.is_some()),
        AlertKind::PowerOutsideState => machines.iter().any(|machine| {
            let is_power = |input: &Input| matches!(input.is, Says::Power);
            machine.settings.learns_states && machine.inputs.iter().any(is_power)
        }),
        AlertKind::RedLight => machines.iter().any(|machine| {
            let is_red = |input: &Input| matches!(input.is, Says::Lamp { light: Light::Red, .. });
            let settings = &machine.settings;
            matches!(settings.states, States::Lamp { .. })
                && settings.red_after.is_some()
                && machine.inputs.iter().any(is_red)
        }),
        AlertKind::Frozen => cut().any(|machine| matches!(machine.settings.meter, Some(Kind::Rate { .. }))),
        AlertKind::Silent => machines.iter().any(|machine| machine.settings.silent_after.is_some()),
        AlertKind::UnknownDevice => {
            let has_topics = |kind| matches!(kind, SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats);
            configuration.sources.iter().any(|source| has_topics(source.kind))
        }
        AlertKind::Together => !configuration.groups.is_empty(),
        AlertKind::BrokenOff | AlertKind::Stuck => cut().next().is_some(),
        AlertKind::Overload => true,
    }
}

/// Outlets that take only alerts which nothing raises.
fn unreached(configuration: &Configuration, tree: &Node, found: &mut Vec<Diagnostic>) {
    let nodes = tree.get("outlets").map(Node::items).unwrap_or_default();
    for (outlet, node) in configuration.outlets.iter().zip(nodes) {
        let is_reached =
            outlet.alerts.is_empty() || outlet.alerts.iter().any(|kind| can_be_raised(*kind, configuration));
        if is_reached {
            continue;
        }
        let alerts: Vec<&str> = outlet.alerts.iter().map(|kind| kind.id()).collect();
        let (id, alerts) = (&outlet.id, alerts.join(", "));
        let message = Text::new(
            format!("この設定では{alerts}の警報が出ることはないので、送り先`{id}`には何も届きません"),
            format!("nothing here raises {alerts}, so nothing ever goes to the outlet `{id}`"),
        );
        let hint = Text::new(
            "`alerts`を省くとすべての警報が届きます。一覧: anshin catalog list alerts",
            "leave `alerts` out to take all alerts; they are listed by: anshin catalog list alerts",
        );
        let place = node.get("alerts").unwrap_or(node);
        found.push(Diagnostic::warning(Code::Unused, message).at(place.span).hint(hint));
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

fn no_topic(filter: &str) -> Diagnostic {
    let message =
        Text::new(format!("`{filter}`に合うトピックはありません"), format!("no topic fits `{filter}`"));
    Diagnostic::error(Code::OutOfRange, message).hint(Text::new(
        "`+`は1つの階層の全体に、`#`は最後の階層だけに使えます。例: line1/+/power、line1/#",
        "`+` stands for a whole level and `#` for the last ones: line1/+/power, line1/#",
    ))
}

fn no_subject(filter: &str) -> Diagnostic {
    let message =
        Text::new(format!("`{filter}`に合うサブジェクトはありません"), format!("no subject fits `{filter}`"));
    Diagnostic::error(Code::OutOfRange, message).hint(Text::new(
        "言葉を`.`で区切り、`*`は1つの言葉の全体に、`>`は最後だけに使います。例: line1.*.power、line1.>",
        "words with `.` between them; `*` stands for a whole word and `>` for the last ones: line1.*.power, line1.>",
    ))
}

/// Two filters of a stream that fit the same messages.
fn twice(source: &Source) -> Option<(&str, &str)> {
    let topics = if source.kind == SourceKind::Nats { source.topics.as_slice() } else { &[] };
    let mut pairs =
        topics.iter().enumerate().flat_map(|(n, one)| topics[..n].iter().zip(std::iter::repeat(one)));
    pairs.find(|(one, other)| subject::meet(one, other)).map(|(one, other)| (one.as_str(), other.as_str()))
}

fn comes_twice(one: &str, other: &str) -> Diagnostic {
    let message = Text::new(
        format!("`{one}`と`{other}`の両方に合うサブジェクトのメッセージは2回届きます"),
        format!("messages that fit both `{one}` and `{other}` would come twice"),
    );
    Diagnostic::error(Code::OutOfRange, message).hint(Text::new(
        "重ならないように書くか、`topics`を省いてストリーム全体を読んでください",
        "write subjects that do not overlap, or leave `topics` out to read the whole stream",
    ))
}

/// Why nothing comes on a topic of a stream.
fn never_comes(source: &Source, topic: &str) -> Option<Diagnostic> {
    // What stands in messages is no subject.
    if source.kind != SourceKind::Nats || source.topic.is_some() {
        return None;
    }
    if !subject::is_subject(topic) {
        let message =
            Text::new(format!("`{topic}`はサブジェクトではありません"), format!("`{topic}` is no subject"));
        return Some(Diagnostic::error(Code::OutOfRange, message).hint(Text::new(
            "1つのサブジェクトをそのまま書いてください。例: line1.press.power",
            "write one subject as it is: line1.press.power",
        )));
    }
    if source.topics.iter().any(|filter| subject::fits(filter, topic)) {
        return None;
    }
    let message = Text::new(
        format!("入力元`{}`の`topics`に`{topic}`は含まれていません", source.id),
        format!("`topics` of source `{}` do not take `{topic}`", source.id),
    );
    Some(Diagnostic::error(Code::UnknownReference, message).hint(Text::new(
        format!("`topics`に`{topic}`を足してください"),
        format!("add `{topic}` to `topics`"),
    )))
}

/// What is wrong where an input takes the rows of a topic, and the table does not tell of which topic its rows are,
/// or the other way round; the same of messages.
fn of_no_rows(source: &Source, topic: Option<&str>) -> Option<(Text, Text)> {
    let id = &source.id;
    match (&source.topic, topic) {
        (None, Some(_)) if source.kind == SourceKind::Csv => Some((
            Text::new(
                format!("入力元`{id}`の表はトピックを示さないので、`topic`は見ずにすべての行を取ります"),
                format!(
                    "the table of source `{id}` tells no topics: all rows are taken, whatever `topic` says"
                ),
            ),
            Text::new(
                "行がどの機械のものかを示す列があれば、入力元の`topic`に書いてください",
                "if a column tells of which machine a row is, name it as `topic` of the source",
            ),
        )),
        (Some(path), None) if source.kind != SourceKind::Csv => Some((
            Text::new(
                format!("入力元`{id}`には何台かの機械のメッセージが届き、この入力はそのすべてを取ります"),
                format!(
                    "messages of source `{id}` are of several machines, and this input takes all of them"
                ),
            ),
            Text::new(
                format!("メッセージの`{path}`の値を、入力の`topic`に書いてください"),
                format!("write as `topic` of the input what `{path}` is in its messages"),
            ),
        )),
        (Some(column), None) => Some((
            Text::new(
                format!("入力元`{id}`には何台かの機械の行があり、この入力はそのすべてを取ります"),
                format!(
                    "the rows of source `{id}` are of several machines, and this input takes all of them"
                ),
            ),
            Text::new(
                format!("列`{column}`の値を、入力の`topic`に書いてください"),
                format!("write as `topic` of the input what stands in column `{column}`"),
            ),
        )),
        _ => None,
    }
}

/// The names of a source's values, where the file says them.
fn names(source: &Source) -> Option<Vec<String>> {
    let ids = |ids: &mut dyn Iterator<Item = &anshin_model::Id>| Some(ids.map(ToString::to_string).collect());
    match (source.kind, source.payload) {
        (SourceKind::Modbus, _) => ids(&mut source.registers.iter().map(|register| &register.id)),
        (SourceKind::OpcUa, _) => ids(&mut source.nodes.iter().map(|node| &node.id)),
        (SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats, Payload::Csv) => {
            Some(source.columns.clone())
        }
        (SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats, Payload::Plain) => {
            Some(vec!["value".to_owned()])
        }
        (SourceKind::Echonet, _) => {
            let whole = ["power", "energy", "energy-reverse", "current-r", "current-t"].map(str::to_owned);
            let channels = (1..=source.channels).flat_map(|n| {
                ["power", "energy", "current-r", "current-t"].map(|of| format!("channel-{n}.{of}"))
            });
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
        format!("入力元`{}`に`{name}`という値はありません", source.id),
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
        Bounds::None => Vec::new(),
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
                "積算値を知らせる入力がないので、使用量を測れません",
                "no input tells the counter, so what a cycle takes is not known",
            ),
            "counter",
        ),
        Some(Kind::Rate { .. }) => need(
            power,
            "meter",
            (
                "電力などを知らせる入力がないので、使用量を測れません",
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
    if machine.settings.highest_power.is_some() && !matches!(machine.settings.states, States::Power { .. }) {
        let no_power = (
            "電力を知らせる入力がないので、`most`は使われません",
            "no input tells the power, so `most` is not used",
        );
        need(power, "states", no_power, "power");
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
            "the input names no `topic`, so it takes the values of whichever device of source `mq` speaks first",
            "the input names no `topic`, so it takes the values of whichever device of source `mq` speaks first",
            "two inputs say `is: power`",
            "two inputs say `is: power`",
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

    #[test]
    fn parts_of_jobs_and_outlets_that_nothing_fills_are_told() {
        let text = r#"anshin-monitor: 1
sources:
  - { id: table, kind: csv, time: time }
  - { id: adapter, kind: shdr }
  - { id: line, kind: shdr, address: "192.168.1.7:7878" }
machines:
  - id: robot
    cycle: { by: running }
    key: [ { id: program }, { id: feed } ]
    silent-after: 0
    input:
      - { from: table, take: run, is: running, when: "1" }
      - { from: table, take: program, is: key, part: program }
outlets:
  - { id: office, kind: webhook, address: "192.168.1.9:80", alerts: [ takes-too-much, together, silent ] }
  - { id: tower, kind: patlite, address: "192.168.1.8:10000" }
  - { id: mail, kind: webhook, address: "192.168.1.9:80", alerts: [ silent, stuck ] }
"#;
        let loaded = crate::config::load("factory.yaml", text);
        let recorded = loaded.recorded_only();
        let told = |all: &[Diagnostic]| -> Vec<String> {
            let line = |one: &Diagnostic| {
                assert!(one.span.is_some(), "{one:?}");
                let of = |lang| format!("{} | {}", one.message.get(lang), one.hints[0].get(lang));
                format!("{}\n{}", of(Lang::En), of(Lang::Ja))
            };
            all.iter().map(line).collect()
        };
        assert_eq!(
            told(&loaded.diagnostics),
            [
                "no input tells `feed` of `key`, so it tells no jobs apart | add an input with `is: key, part: feed`, or take it out of `key`\n\
                 `key`の`feed`を知らせる入力がないので、ジョブを区別できません | `input`に`is: key, part: feed`を足すか、`key`から消してください",
                "nothing here raises takes-too-much, together, silent, so nothing ever goes to the outlet `office` | leave `alerts` out to take all alerts; they are listed by: anshin catalog list alerts\n\
                 この設定ではtakes-too-much, together, silentの警報が出ることはないので、送り先`office`には何も届きません | `alerts`を省くとすべての警報が届きます。一覧: anshin catalog list alerts",
            ]
        );
        assert_eq!(
            told(&recorded),
            [
                "source `table` is read from recordings only; in `run` nothing comes from it to robot | `replay` reads recordings; to watch machines at work, make it of `kind` `mqtt`, `http` or another one\n\
                 入力元`table`の値は記録からだけ読みます。`run`では、そこからrobotに何も届きません | 記録は`replay`で読みます。動いている機械を見守るには、`kind`を`mqtt`や`http`などに変えてください",
                "source `adapter` is read from recordings only; in `run` nothing comes from it | to watch machines at work, give the adapter's `address`, such as 192.168.10.7:7878\n\
                 入力元`adapter`の値は記録からだけ読みます。`run`では、そこから何も届きません | 動いている機械を見守るには、アダプターの`address`を書いてください。例: 192.168.10.7:7878",
            ]
        );
    }

    #[test]
    fn sources_whose_messages_are_of_several_machines_are_checked() {
        let told = |sources: &str, inputs: &str| -> Vec<String> {
            let text = format!(
                "anshin-monitor: 1\nsources: [ {sources} ]\nmachines:\n  - {{ id: mill, cycle: {{ by: power, on: 1 }}, \
                 input: [ {inputs} ] }}\n"
            );
            let line = |one: &Diagnostic| {
                assert!(one.span.is_some(), "{one:?}");
                let of = |lang| format!("{} | {}", one.message.get(lang), one.hints[0].get(lang));
                format!("{}\n{}", of(Lang::En), of(Lang::Ja))
            };
            crate::config::load("factory.yaml", &text).diagnostics.iter().map(line).collect()
        };
        let input = "{ from: hall, topic: M-1, take: w, is: power }";
        for good in [
            "{ id: hall, kind: mqtt, topic: from.id }",
            "{ id: hall, kind: http, payload: csv, columns: [ id, w ], topic: id }",
            "{ id: hall, kind: nats, address: \"10.0.0.1:4222\", stream: HALL, topics: hall.>, topic: id }",
        ] {
            assert_eq!(told(good, input), [""; 0], "{good}");
        }
        assert_eq!(
            told("{ id: hall, kind: mqtt, topic: id }", "{ from: hall, take: w, is: power }"),
            [
                "messages of source `hall` are of several machines, and this input takes all of them | write as `topic` of the input \
              what `id` is in its messages\n\
              入力元`hall`には何台かの機械のメッセージが届き、この入力はそのすべてを取ります | メッセージの`id`の値を、入力の`topic`に書いてください"
            ]
        );
        assert_eq!(
            told("{ id: hall, kind: mqtt, payload: csv, columns: [ ids, w ], topic: id }", input),
            [
                "source `hall` has no value `id` | did you mean `ids`?\n入力元`hall`に`id`という値はありません | `ids`のことですか"
            ]
        );
        for other in ["mqtt, payload: plain", "mqtt, payload: sparkplug", "shdr, address: \"10.0.0.1:7878\""]
        {
            let told = told(&format!("{{ id: hall, kind: {other}, topic: id }}"), input);
            assert!(
                told[0].starts_with("`topic` of a source is a column of a table (`csv`), or a value in messages of JSON or CSV"),
                "{told:?}"
            );
        }
    }

    #[test]
    fn what_a_stream_lacks_is_told_with_its_place() {
        let told = |text: &str| -> Vec<String> {
            let loaded = crate::config::load("factory.yaml", text);
            let line = |one: &Diagnostic| {
                assert!(one.span.is_some(), "{one:?}");
                let of = |lang| format!("{} | {}", one.message.get(lang), one.hints[0].get(lang));
                format!("{}\n{}", of(Lang::En), of(Lang::Ja))
            };
            loaded.diagnostics.iter().map(line).collect()
        };
        let machine = "machines: [ { id: mill, cycle: { by: power, on: 1 }, input: [ { from: hall, take: w, is: power } ] } ]";
        let lacking = r#"anshin-monitor: 1
sources:
  - { id: floor, kind: nats }
  - { id: hall, kind: nats, address: "10.0.0.1:4222", stream: plant.hall, payload: sparkplug }
"#;
        assert_eq!(
            told(&format!("{lacking}{machine}")),
            [
                "it is not said where the NATS server is | write it as address: 192.168.10.20:4222\n\
                 NATSサーバーのアドレスが書かれていません | 例: address: 192.168.10.20:4222",
                "it is not said which JetStream stream is read | give its name as `stream`; `nats stream ls` lists them\n\
                 どのJetStreamストリームを読むか書かれていません | `nats stream ls`で名前を調べ、`stream`に書いてください",
                "no stream can be named `plant.hall` | a name has no spaces and none of `.`, `*`, `>`, `/`, `\\`; subjects go into `topics`\n\
                 `plant.hall`はストリームの名前に使えません | 名前に空白と`.`、`*`、`>`、`/`、`\\`は使えません。サブジェクトは`topics`に書きます",
                "Sparkplug B is spoken over MQTT only | write `json`, `csv` or `plain`, or make the source one of `mqtt`\n\
                 Sparkplug BはMQTTでだけ使えます | `json`、`csv`、`plain`のいずれかを書くか、入力元を`mqtt`にしてください",
            ]
        );
        let overlapping = r#"anshin-monitor: 1
sources:
  - { id: line, kind: nats, address: "10.0.0.1:4222", stream: PLANT, topics: [ a.*, "*.b", a.>.b ], ignore: a..b }
  - { id: cell, kind: nats, address: "10.0.0.1:4222", stream: PLANT, topics: cell.>, payload: plain, encryption: tls }
machines:
  - id: mill
    cycle: { by: power, on: 100 }
    input:
      - { from: cell, topic: cell.mill, take: watts, is: power }
      - { from: cell, topic: cell.*, take: value, is: power }
      - { from: cell, topic: plant/mill, take: value, is: power }
"#;
        assert_eq!(
            told(overlapping),
            [
                "no subject fits `a.>.b` | words with `.` between them; `*` stands for a whole word and `>` for the last ones: line1.*.power, line1.>\n\
                 `a.>.b`に合うサブジェクトはありません | 言葉を`.`で区切り、`*`は1つの言葉の全体に、`>`は最後だけに使います。例: line1.*.power、line1.>",
                "messages that fit both `a.*` and `*.b` would come twice | write subjects that do not overlap, or leave `topics` out to read the whole stream\n\
                 `a.*`と`*.b`の両方に合うサブジェクトのメッセージは2回届きます | 重ならないように書くか、`topics`を省いてストリーム全体を読んでください",
                "no subject fits `a..b` | words with `.` between them; `*` stands for a whole word and `>` for the last ones: line1.*.power, line1.>\n\
                 `a..b`に合うサブジェクトはありません | 言葉を`.`で区切り、`*`は1つの言葉の全体に、`>`は最後だけに使います。例: line1.*.power、line1.>",
                "source `cell` has no value `watts` | it has `value`\n\
                 入力元`cell`に`watts`という値はありません | ある値: `value`",
                "two inputs say `is: power`: their values are not added up but take each other's place | to add them up, name them in the `take` of one input, such as take: [L1, L2, L3]; else take one out\n\
                 `is: power`の入力が2つあり、値は足されず、後から届いた値で上書きされます | 足し合わせるなら1つの入力の`take`に並べ（例: take: [L1, L2, L3]）、そうでなければ片方を消してください",
                "`cell.*` is no subject | write one subject as it is: line1.press.power\n\
                 `cell.*`はサブジェクトではありません | 1つのサブジェクトをそのまま書いてください。例: line1.press.power",
                "two inputs say `is: power`: their values are not added up but take each other's place | to add them up, name them in the `take` of one input, such as take: [L1, L2, L3]; else take one out\n\
                 `is: power`の入力が2つあり、値は足されず、後から届いた値で上書きされます | 足し合わせるなら1つの入力の`take`に並べ（例: take: [L1, L2, L3]）、そうでなければ片方を消してください",
                "`topics` of source `cell` do not take `plant/mill` | add `plant/mill` to `topics`\n\
                 入力元`cell`の`topics`に`plant/mill`は含まれていません | `topics`に`plant/mill`を足してください",
            ]
        );
    }
}
