//! What inputs and what is learnt from them say that can hardly be meant: values of whatever device speaks first, and
//! keys that have no effect.

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::Node;
use anshin_model::{Id, Text};

use super::{Configuration, Input, MachineConfiguration, Says, Source, SourceKind};

/// Keys that mean something for some inputs only, and what these say.
const KEYS: &[(&str, &[&str])] = &[
    ("part", &["key"]),
    ("light", &["lamp"]),
    ("on", &["lamp"]),
    ("when", &["start", "end", "running", "set-up", "hold"]),
    ("except", &["start", "end", "running", "set-up", "hold"]),
    ("producing", &["state"]),
    ("off", &["state"]),
    ("unknown", &["state"]),
    ("factor", &["power", "counter", "number", "lamp"]),
    ("absolute", &["power", "counter", "number", "lamp"]),
];

/// Checks the inputs of a machine, and what is learnt from them.
pub(super) fn check(
    configuration: &Configuration,
    machine: &MachineConfiguration,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) {
    let nodes = node.get("input").map(Node::items).unwrap_or_default();
    let mut untold: Vec<&Id> = Vec::new();
    for (n, (input, node)) in machine.inputs.iter().zip(nodes).enumerate() {
        found.extend(without_effect(node));
        if input.factor == 0.0 {
            found.push(factor_of_nothing(node));
        }
        if machine.inputs[..n].iter().any(|before| is_same_measure(before, input)) {
            found.push(measured_twice(node));
        }
        let source = configuration.sources.iter().find(|source| source.id == input.from);
        if let Some(source) =
            source.filter(|source| is_from_any(source, input) && !untold.contains(&&source.id))
            && let Some(told) = told_of_any(configuration, machine, (source, input), node)
        {
            untold.push(&source.id);
            found.push(told);
        }
    }
    let learning = &machine.settings.learning;
    if learning.window < learning.cycles {
        let place = node.get("learning").map_or(node, |learning| learning.get("window").unwrap_or(learning));
        found.push(learnt_from_few((learning.cycles, learning.window), place));
    }
}

/// Whether an input takes its values from any topic of a source that has topics.
fn is_from_any(source: &Source, input: &Input) -> bool {
    matches!(source.kind, SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats)
        && source.topic.is_none()
        && input.topic.is_none()
}

/// Whether a source brings what comes on one topic only.
fn has_one_topic(source: &Source) -> bool {
    let wildcards: &[char] = if source.kind == SourceKind::Nats { &['*', '>'] } else { &['+', '#'] };
    source.kind != SourceKind::Http
        && matches!(source.topics.as_slice(), [topic] if !topic.contains(wildcards))
}

/// What is wrong with an input that takes its values from any topic.
fn told_of_any(
    configuration: &Configuration,
    machine: &MachineConfiguration,
    (source, input): (&Source, &Input),
    node: &Node,
) -> Option<Diagnostic> {
    let id = &source.id;
    let takes = |other: &Input| {
        let is_shared = matches!(other.is, Says::Key(_) | Says::SetUp(_));
        other.from == *id && other.topic.is_none() && !is_shared
    };
    let with_other = configuration.machines.iter().filter(|other| other.id != machine.id).find_map(|other| {
        let all = other.inputs.iter().filter(|other| takes(other)).flat_map(|other| &other.take);
        all.into_iter().find(|name| input.take.contains(name)).map(|name| (&other.id, name))
    });
    let message = match with_other.filter(|_| takes(input)) {
        Some((other, name)) => Text::new(
            format!(
                "入力元`{id}`の`{name}`を{other}も取り、どちらの入力にも`topic`がないので、同じ機器の値になります"
            ),
            format!(
                "`{name}` of source `{id}` is taken by {other} as well, and neither input names a `topic`: both get what one device sends"
            ),
        ),
        None if has_one_topic(source) => return None,
        None => Text::new(
            format!("入力に`topic`がないので、入力元`{id}`で最初に値を送ってきた機器の値を取ります"),
            format!(
                "the input names no `topic`, so it takes the values of whichever device of source `{id}` speaks first"
            ),
        ),
    };
    let hint = if source.kind == SourceKind::Http {
        Text::new(
            format!(
                "/in/{id}/ の後に名前を付けて送り（例: /in/{id}/press）、その名前を`topic`に書いてください。例: topic: press"
            ),
            format!(
                "post to /in/{id}/NAME, such as /in/{id}/press, and write that name as `topic`, such as topic: press"
            ),
        )
    } else {
        let example = if source.kind == SourceKind::Nats { "plug.press" } else { "plug/press" };
        Text::new(
            format!("機器が送るトピックを`topic`に書いてください。例: topic: {example}"),
            format!("write the topic on which the device sends as `topic`, such as topic: {example}"),
        )
    };
    Some(Diagnostic::warning(Code::MissingKey, message).at(node.span).hint(hint))
}

/// Keys of an input that mean nothing beside what it says.
fn without_effect(node: &Node) -> impl Iterator<Item = Diagnostic> {
    let is = node.get("is").and_then(Node::scalar).unwrap_or_default();
    let unused = KEYS.iter().filter(move |(_, of)| !of.contains(&is));
    unused.filter_map(move |(key, of)| {
        let place = node.get(key)?;
        let message = Text::new(
            format!("`is: {is}`の入力では`{key}`は使われません"),
            format!("`{key}` is not used in an input with `is: {is}`"),
        );
        let of = of.iter().map(|is| format!("`is: {is}`")).collect::<Vec<_>>();
        let hint = Text::new(
            format!("`{key}`を消してください。使うのは{}です", of.join("、")),
            format!("take `{key}` out; it is for {}", of.join(", ")),
        );
        Some(Diagnostic::warning(Code::Unused, message).at(place.span).hint(hint))
    })
}

fn factor_of_nothing(node: &Node) -> Diagnostic {
    let message =
        Text::new("`factor`が0なので、どの値も0になります", "`factor` is 0, so every value becomes 0");
    let hint = Text::new(
        "単位を換える数を書くか、`factor`を消してください。例: kWをWにするなら 1000",
        "write the number that changes the unit, such as 1000 from kW to W, or take `factor` out",
    );
    Diagnostic::warning(Code::OutOfRange, message).at(node.get("factor").unwrap_or(node).span).hint(hint)
}

/// Whether two inputs tell one and the same figure of a machine.
fn is_same_measure(one: &Input, other: &Input) -> bool {
    matches!((&one.is, &other.is), (Says::Power, Says::Power) | (Says::Counter, Says::Counter))
}

fn measured_twice(node: &Node) -> Diagnostic {
    let is = node.get("is").and_then(Node::scalar).unwrap_or_default();
    let message = Text::new(
        format!("`is: {is}`の入力が2つあり、値は足されず、後から届いた値で上書きされます"),
        format!("two inputs say `is: {is}`: their values are not added up but take each other's place"),
    );
    let hint = Text::new(
        "足し合わせるなら1つの入力の`take`に並べ（例: take: [L1, L2, L3]）、そうでなければ片方を消してください",
        "to add them up, name them in the `take` of one input, such as take: [L1, L2, L3]; else take one out",
    );
    Diagnostic::warning(Code::Conflict, message).at(node.span).hint(hint)
}

fn learnt_from_few((cycles, window): (usize, usize), node: &Node) -> Diagnostic {
    let message = Text::new(
        format!(
            "`window`が`cycles`より小さいので、{cycles}回で覚えた基準が、その後は直近{window}回だけに合わせて動きます"
        ),
        format!(
            "`window` is below `cycles`: a reference learnt from {cycles} cycles then follows the last {window} alone"
        ),
    );
    let hint = Text::new(
        "`window`を`cycles`以上にしてください。省くと20です",
        "make `window` at least as much as `cycles`; it is 20 if left out",
    );
    Diagnostic::warning(Code::OutOfRange, message).at(node.span).hint(hint)
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    fn told(text: &str) -> Vec<String> {
        let loaded = crate::config::load("factory.yaml", text);
        assert!(loaded.configuration.is_some(), "{:?}", loaded.diagnostics);
        let line = |one: &super::Diagnostic| {
            assert!(one.span.is_some() && !one.message.get(Lang::Ja).is_empty(), "{one:?}");
            format!("{} | {}", one.message.get(Lang::En), one.hints[0].get(Lang::En))
        };
        loaded.diagnostics.iter().map(line).collect()
    }

    fn of(source: &str, inputs: &str) -> Vec<String> {
        told(&format!(
            "anshin-monitor: 1\nsources: [ {{ id: plug, {source} }} ]\nmachines:\n  - id: press\n    cycle: {{ by: power, on: 1 }}\n    \
             input: [ {inputs} ]\n"
        ))
    }

    #[test]
    fn values_of_whichever_device_speaks_first_are_told() {
        let input = "{ from: plug, take: power, is: power }";
        for source in
            ["kind: mqtt", "kind: mqtt, topics: plug/+", "kind: mqtt, topics: [ a, b ]", "kind: http"]
        {
            let told = of(source, input);
            assert_eq!(told.len(), 1, "{source}: {told:?}");
            assert!(
                told[0].starts_with("the input names no `topic`, so it takes the values of whichever device")
            );
        }
        assert!(of("kind: http", input)[0].ends_with("write that name as `topic`, such as topic: press"));
        // One for a source is enough.
        assert_eq!(
            of("kind: mqtt", &format!("{input}, {{ from: plug, take: on, is: set-up, when: X }}")).len(),
            1
        );
        for (source, input) in [
            ("kind: mqtt, topics: plug/press", input),
            ("kind: nats, address: \"10.0.0.1:4222\", stream: HALL, topics: plug.press", input),
            ("kind: mqtt", "{ from: plug, topic: plug/press, take: power, is: power }"),
            ("kind: csv, time: t", input),
            (
                "kind: modbus, address: \"10.0.0.1:502\", registers: [ { id: power, at: 1, form: u16 } ]",
                input,
            ),
        ] {
            assert_eq!(of(source, input), [""; 0], "{source}");
        }
    }

    #[test]
    fn two_machines_with_the_values_of_one_device_are_told() {
        let text = |of_mill: &str| {
            format!(
                "anshin-monitor: 1\nsources: [ {{ id: plug, kind: mqtt, topics: plug/press }} ]\nmachines:\n  - {{ id: press, cycle: \
                 {{ by: power, on: 1 }}, input: [ {{ from: plug, take: power, is: power }} ] }}\n  - {{ id: mill, cycle: {{ by: power, \
                 on: 1 }}, input: [ {of_mill} ] }}\n"
            )
        };
        let both = told(&text("{ from: plug, take: power, is: power }"));
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(
            both[0].starts_with("`power` of source `plug` is taken by mill as well, and neither"),
            "{both:?}"
        );
        assert!(
            both[1].starts_with("`power` of source `plug` is taken by press as well, and neither"),
            "{both:?}"
        );
        assert_eq!(told(&text("{ from: plug, take: watts, is: power }")), [""; 0]);
    }

    #[test]
    fn keys_without_effect_are_told() {
        let plain = "kind: csv, time: t";
        let of = |input: &str| of(plain, input);
        assert_eq!(
            of("{ from: plug, take: power, is: power, when: ON, light: red, producing: RUN }"),
            [
                "`when` is not used in an input with `is: power` | take `when` out; it is for `is: start`, `is: end`, `is: running`, \
                 `is: set-up`, `is: hold`",
                "`light` is not used in an input with `is: power` | take `light` out; it is for `is: lamp`",
                "`producing` is not used in an input with `is: power` | take `producing` out; it is for `is: state`",
            ]
        );
        let told = of("{ from: plug, take: power, is: power, factor: 0 }");
        assert!(
            told.len() == 1 && told[0].starts_with("`factor` is 0, so every value becomes 0"),
            "{told:?}"
        );
        let told = of("{ from: plug, take: l1, is: power }, { from: plug, take: l2, is: power }");
        assert!(told.len() == 1 && told[0].starts_with("two inputs say `is: power`"), "{told:?}");
        assert_eq!(of("{ from: plug, take: [ l1, l2 ], is: power, factor: 1000, absolute: true }"), [""; 0]);
    }

    #[test]
    fn a_window_that_is_shorter_than_what_is_learnt_from_is_told() {
        let text = |learning: &str| {
            told(&format!(
                "anshin-monitor: 1\nsources: [ {{ id: plug, kind: csv, time: t }} ]\nmachines:\n  - {{ id: press, cycle: {{ by: power, \
                 on: 1 }}, learning: {{ {learning} }}, input: [ {{ from: plug, take: power, is: power }} ] }}\n"
            ))
        };
        let few = text("cycles: 10, window: 3");
        assert!(few.len() == 1 && few[0].starts_with("`window` is below `cycles`"), "{few:?}");
        assert_eq!(text("cycles: 10, window: 10"), [""; 0]);
        assert_eq!(text("cycles: 30").len(), 1, "the usual window is 20");
    }
}
