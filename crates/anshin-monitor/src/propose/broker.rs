//! What is heard at a broker or in a stream: sources, and what seems to be machines behind it.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::Text;
use anshin_model::shape::has_control;

use super::MOST_MACHINES;
use super::found::{Broker, FoundLogin, Place, Seen};
use super::guess::{self, Guess};
use super::machine::{Input, Machine, can_be_watched};
use super::several::called;
use super::table::MOST_OF_ROWS;
use super::yaml::{Ids, in_line, line, quoted};

/// Topics of a broker that are named one by one; of more, whole branches are.
const MOST_LISTED: usize = 50;

/// What seems to be a machine behind a broker: how its messages are written, and what they say.
struct Behind<'a> {
    form: String,
    topic: &'a str,
    /// Where messages name it.
    named: Option<Named<'a>>,
    inputs: Vec<Input>,
}

/// How messages name a machine.
#[derive(Clone, Copy)]
struct Named<'a> {
    /// Where its name stands.
    at: &'a Place,
    name: &'a str,
    /// Whether there are more machines than are proposed.
    has_more: bool,
}

impl Named<'_> {
    /// What people call the machine.
    fn called(&self) -> String {
        let of_list = self.at.list.as_deref().and_then(|list| list.rsplit('.').next());
        called(of_list.unwrap_or(&self.at.path), self.name)
    }

    /// What is told of the source of such machines.
    fn text(&self, topic: &str) -> Text {
        let path = &self.at.path;
        let (more_ja, more_en) = if self.has_more {
            (
                format!(
                    "。機械が多いので、{MOST_OF_ROWS}台だけを提案します。ほかは未知の機器として知らせます"
                ),
                format!(
                    "; there are more: {MOST_OF_ROWS} are proposed, the others are told as unknown devices"
                ),
            )
        } else {
            (String::new(), String::new())
        };
        if let Some(list) = &self.at.list {
            return Text::new(
                format!(
                    "`{topic}`のメッセージには何台かの機械の並び`{list}`があるので、要素の`{path}`の値ごとに機械を1台とみなしました{more_ja}"
                ),
                format!(
                    "messages on `{topic}` have a list `{list}` of several machines: each value of `{path}` in its elements counts as one{more_en}"
                ),
            );
        }
        Text::new(
            format!(
                "`{topic}`には何台かの機械のメッセージが届くので、`{path}`の値ごとに機械を1台とみなしました{more_ja}"
            ),
            format!(
                "messages on `{topic}` are of several machines: each value of `{path}` counts as one{more_en}"
            ),
        )
    }
}

/// Sources of a broker or a stream: one for each way in which messages are written and tell their time.
pub(super) fn of_broker(
    out: &mut String,
    (broker, login): (&Broker, Option<&FoundLogin>),
    (ids, remark): (&mut Ids, &impl Fn(&Text) -> String),
    machines: &mut Vec<Machine>,
) {
    let (kind, between, wildcards) = match &broker.stream {
        None => ("mqtt".to_owned(), '/', ['#', '+']),
        Some(stream) => (format!("nats, stream: {}", quoted(stream)), '.', ['>', '*']),
    };
    let found = behind(broker, (between, wildcards));
    let room = MOST_MACHINES.saturating_sub(machines.len());
    let found = &found[..found.len().min(room)];
    let of_inputs = found.iter().filter(|one| one.named.is_none()).flat_map(|one| &one.inputs);
    let of_messages = found.iter().filter(|one| one.named.is_some()).map(|one| one.topic);
    let watched: BTreeSet<&str> =
        of_inputs.filter_map(|input| input.topic.as_deref()).chain(of_messages).collect();
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
    let by_topic = found.iter().filter(|one| one.named.is_none());
    let names: Vec<Vec<&str>> = by_topic.map(|one| guess::levels(one.topic, between)).collect();
    let mut ignored = Some(ignore).filter(|ignore| !ignore.is_empty());
    for Behind { form, topic, named, inputs } in found {
        let source = sources.entry(form).or_insert_with(|| {
            let id = ids.new_id(if broker.stream.is_some() { "stream" } else { "broker" });
            let address = quoted(&broker.address);
            let login = login.into_iter().flat_map(FoundLogin::keys).map(|key| format!(", {key}"));
            let login: String = login.collect();
            let start = format!("id: {id}, kind: {kind}, address: {address}{login}{form}");
            if let Some(named) = named {
                line(out, &format!("  # {}", in_line(&remark(&named.text(topic)))));
            }
            let ignore = if named.is_none() { ignored.take() } else { None };
            let Some(ignore) = ignore else {
                line(out, &format!("  - {{ {start} }}"));
                return id;
            };
            let text = Text::new(
                "見守る値が見つからないトピックを`ignore`に書きました。ここにも機械の入力にもないトピックが現れると、未知の機器として知らせます",
                "topics without a value to watch stand in `ignore`; one that is neither there nor an input of a machine is told as an unknown device",
            );
            line(out, &format!("  # {}", remark(&text)));
            line(out, &format!("  - {{ {start}, ignore: [{}] }}", ignore.join(", ")));
            id
        });
        let name = named.map_or_else(|| name(&guess::levels(topic, between), &names), |named| named.called());
        let name = if name.is_empty() { topic } else { name.as_str() };
        machines.push(Machine::new(name, source.clone(), inputs.clone(), ids));
    }
}

/// What a device is called, by the levels of its topic. Where several have the same name, those before it tell them
/// apart.
fn name(levels: &[&str], all: &[Vec<&str>]) -> String {
    let name = guess::device(levels);
    let is_shared = all.iter().filter(|other| guess::device(other) == name).count() > 1;
    if is_shared { levels.join(" ") } else { name }
}

/// The machines that the messages on a topic name, and what they say of each.
fn several<'a>(topic: &'a str, seen: &'a Seen, wildcards: [char; 2]) -> Vec<Behind<'a>> {
    let Some((at, of)) = seen.apart() else { return Vec::new() };
    let values = |seen: &'a Seen| {
        let named = seen.values.iter().filter(move |(name, _)| !has_control(name) && **name != at.path);
        named.filter_map(move |(name, span)| Some((name, span, guess::of_message(name, span, seen)?)))
    };
    let time = |seen: &'a Seen| {
        values(seen).find_map(|(name, _, guess)| match guess {
            Guess::Time(form) if !is_in_list(name, at) => {
                Some(format!(", time: {{ column: {}, form: {form} }}", quoted(name)))
            }
            _ => None,
        })
    };
    // What elements say of a moment says more than what stands beside their list.
    let of_elements = of.machines.values().next().filter(|_| at.list.is_some());
    let time = of_elements.and_then(time).or_else(|| time(seen)).unwrap_or_default();
    let all = of.machines.iter().map(|(name, seen)| {
        let says = values(seen).filter(|(_, _, guess)| !matches!(guess, Guess::Time(_)));
        let inputs = says.map(|(take, span, guess)| Input {
            topic: Some(name.clone()),
            take: vec![take.clone()],
            guess,
            span: span.clone(),
        });
        (name.as_str(), inputs.collect::<Vec<_>>())
    });
    let (watched, beside): (Vec<_>, Vec<_>) = all.partition(|(_, inputs)| can_be_watched(inputs));
    // What is there today is no unknown device.
    let beside = beside.iter().filter(|(name, _)| !(has_control(name) || name.contains(wildcards)));
    let beside: Vec<String> = beside.map(|(name, _)| quoted(name)).collect();
    let ignore = if beside.is_empty() { String::new() } else { format!(", ignore: [{}]", beside.join(", ")) };
    let list = at.list.as_ref().map_or_else(String::new, |list| format!(", list: {}", quoted(list)));
    let form = format!(", topics: {}{list}, topic: {}{time}{ignore}", quoted(topic), quoted(&at.path));
    let behind = |(name, inputs)| {
        let named = Named { at, name, has_more: of.has_more };
        Behind { form: form.clone(), topic, named: Some(named), inputs }
    };
    watched.into_iter().map(behind).collect()
}

/// Whether a value of a message stands in the list that names machines.
fn is_in_list(name: &str, at: &Place) -> bool {
    let behind = at.list.as_deref().and_then(|list| name.strip_prefix(list));
    behind.is_some_and(|rest| rest.starts_with('.'))
}

/// What seems to be machines behind a broker, by the topics and the ways in which messages are written.
fn behind(broker: &Broker, (between, wildcards): (char, [char; 2])) -> Vec<Behind<'_>> {
    let mut found: BTreeMap<(String, &str), Vec<Input>> = BTreeMap::new();
    let mut named = Vec::new();
    // What no configuration can name is no machine's.
    for (topic, seen) in broker.topics.iter().filter(|(topic, _)| !has_control(topic)) {
        // No source can ask for a topic with a wildcard alone.
        let several = if topic.contains(wildcards) { Vec::new() } else { several(topic, seen, wildcards) };
        if !several.is_empty() {
            named.extend(several);
            continue;
        }
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
                    take: vec![name.clone()],
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
        .filter(|(_, inputs)| can_be_watched(inputs))
        .map(|((form, topic), inputs)| Behind { form, topic, named: None, inputs })
        .chain(named)
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

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    use super::super::Found;
    use super::super::tests::{proposed, seen};
    use super::*;
    use crate::config;

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
    fn a_topic_that_cannot_be_one_is_not_named() {
        let topics = ["hall/light", "# ", "a+b"].map(|topic| (topic.to_owned(), seen(&["{}"])));
        let broker = Broker { address: "h:1".to_owned(), topics: BTreeMap::from(topics), stream: None };
        let power = ("mill".to_owned(), seen(&[r#"{"power":12}"#]));
        let broker = Broker { topics: broker.topics.into_iter().chain([power]).collect(), ..broker };
        let (text, configuration) = proposed(&Found { brokers: vec![broker], ..Found::default() });
        assert_eq!(configuration.sources[0].ignore, ["hall/light"], "{text}");
    }
}
