//! What devices and brokers show while one looks around.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::shape::has_control;
use serde_json::Value;

use super::several::{lists_machines, tells_machine, tells_which};
use super::table::{MOST_OF_ROWS, Table};
use super::yaml::quoted;
use super::{guess, levels};
use crate::input;
use crate::meters::Meter;
use crate::number::{self, Decimal};
use crate::time::Time;

/// Most topics that are remembered.
const MOST_TOPICS: usize = 2_000;

/// Fewest samples of a count that show by how much it goes on.
const FEWEST_COUNTED: usize = 20;

/// Most values of a message that may tell of which machine it is, how deep they may stand, and how long they may be.
const MOST_TELLING: usize = 4;
const DEEPEST_TELLING: usize = 4;
const LONGEST_TELLING: usize = 80;

/// Most elements of a list that are looked at.
const MOST_ELEMENTS: usize = 100;

/// A value that is told so often and never changes is that of nothing that begins and ends.
const MANY_TOLD: usize = 200;

/// Fewest rows that show whether there is one for each change.
const FEWEST_ROWS: usize = 10;

/// Most pauses between rows that are remembered.
const MOST_PAUSES: usize = 100_000;

/// Most changes of a job that are remembered: what changes more often is none.
const MOST_JOBS: usize = 20_000;

/// Most words of a value that are remembered.
pub(super) const MOST_WORDS: usize = 8;

/// How many values of a source are looked at, and how many samples of each power are remembered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    values: usize,
    samples: usize,
}

impl Room {
    /// Of a recording that somebody names there is one, and it is wanted whole.
    pub(super) const RECORDING: Self = Self { values: 10_000, samples: 500_000 };
}

/// Of what strangers send on thousands of topics, a little is enough.
impl Default for Room {
    fn default() -> Self {
        Self { values: 200, samples: 4_096 }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Brokers that hand messages on, and streams that keep them.
    pub brokers: Vec<Broker>,
    /// Agents of `MTConnect`.
    pub agents: Vec<Agent>,
    /// Meters that speak ECHONET Lite.
    pub meters: Vec<EchonetMeter>,
    /// Devices that speak Modbus.
    pub power_meters: Vec<PowerMeter>,
    /// OPC UA servers.
    pub servers: Vec<Server>,
    /// Recordings.
    pub tables: Vec<Table>,
    /// How brokers and servers were asked, if they want to know who asks.
    pub login: Option<FoundLogin>,
}

/// Who asked a broker or a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLogin {
    /// The user.
    pub user: String,
    /// The environment variable that holds the password.
    pub password: Option<String>,
}

impl FoundLogin {
    /// The keys of a source.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        let password = self.password.as_ref();
        let password = password.map(|name| format!("password: {{ environment: {} }}", quoted(name)));
        std::iter::once(format!("user: {}", quoted(&self.user))).chain(password)
    }
}

/// A meter that speaks ECHONET Lite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EchonetMeter {
    /// Host and port.
    pub address: String,
    /// Class and instance.
    pub object: [u8; 3],
    /// Channels of a distribution board.
    pub channels: u8,
    /// Channels of it that measure in both directions.
    pub both_ways: u8,
    /// It tells the power of its channels, and not their energy and current alone.
    pub tells_power: bool,
}

/// A device that speaks Modbus.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerMeter {
    /// Host and port.
    pub address: String,
    /// The number under which it answers.
    pub unit: u8,
    /// What it says of itself: maker, product, version.
    pub said: Vec<String>,
    /// The meter it seems to be.
    pub meter: Option<Meter>,
}

/// An OPC UA server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Server {
    /// Host and port.
    pub address: String,
    /// Its objects by their paths, with their variables.
    pub objects: BTreeMap<String, Vec<Variable>>,
}

/// A variable of a server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its node id.
    pub node: String,
    /// What it was.
    pub span: Span,
}

/// A broker, or a stream of a NATS server, and what came while it was listened to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Broker {
    /// Host and port.
    pub address: String,
    /// The stream, if it is one.
    pub stream: Option<String>,
    /// Topics with what came on them; of a stream its subjects.
    pub topics: BTreeMap<String, Seen>,
}

/// Values that came on a topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Whether they came in Sparkplug B; the topic is then that of the node or device.
    pub sparkplug: bool,
    /// Whether the message was one plain value.
    pub plain: bool,
    /// Values by their names.
    pub values: BTreeMap<String, Span>,
    /// The same of each machine that messages name, by where the name stands.
    pub(super) several: BTreeMap<Place, Several>,
    /// How much of them is remembered.
    pub(super) room: Room,
    /// Seconds between rows of a table.
    pauses: Vec<f64>,
    last_row: Option<Time>,
}

/// Where messages name machines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The path of the list inside the message whose elements are of a machine each, if it is one.
    pub(super) list: Option<String>,
    /// The path of the name, in the element where there is a list.
    pub(super) path: String,
}

/// Machines that messages name, with what they say of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Several {
    pub(super) machines: BTreeMap<String, Seen>,
    /// Whether there are more than are looked at.
    pub(super) has_more: bool,
}

/// What a value was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span {
    /// The last one.
    pub last: String,
    /// The least number.
    pub least: Option<f64>,
    /// The greatest number.
    pub most: Option<f64>,
    /// The unit that stands behind numbers, which are told in the plain one of its kind.
    pub unit: Option<&'static str>,
    /// The first words that are no numbers; those with control characters cannot stand in a configuration.
    pub words: BTreeSet<String>,
    /// When a number was what, of what may be a power, a count or a light; thinned out evenly where there are too many.
    pub samples: Vec<(Time, f64)>,
    /// From when on a name was what, of what may be the job.
    pub(super) jobs: Vec<(Time, String)>,
    /// How often it was told, and how often it was another one than before.
    told: usize,
    turns: usize,
    /// Samples that are left out after each that is kept, and how many of them are still to come.
    thinned: (u32, u32),
}

/// An agent with its devices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agent {
    /// Host and port.
    pub address: String,
    /// Its devices.
    pub devices: Vec<Device>,
}

/// A device of an agent: its name, and its data items as id and type.
pub type Device = (String, Vec<(String, String)>);

impl Found {
    /// Whether nothing was found from which a machine could be watched.
    pub fn is_empty(&self) -> bool {
        self.brokers.iter().all(|broker| broker.topics.is_empty())
            && self.agents.is_empty()
            && self.meters.is_empty()
            && self.power_meters.is_empty()
            && self.servers.iter().all(|server| server.objects.is_empty())
            && self.tables.is_empty()
    }
}

impl Broker {
    /// What was seen on a topic; `None` for a new one where there are too many already.
    pub fn seen(&mut self, topic: &str) -> Option<&mut Seen> {
        let has_room = self.topics.len() < MOST_TOPICS || self.topics.contains_key(topic);
        has_room.then(|| self.topics.entry(topic.to_owned()).or_default())
    }

    /// Takes a message of a moment, whatever it is written in.
    pub fn message(&mut self, topic: &str, bytes: &[u8], at: Time) {
        if let Some(seen) = self.seen(topic) {
            seen.message(bytes, at);
        }
    }
}

impl Span {
    /// Takes a value; what number it is, if it is one.
    pub fn take(&mut self, text: &str) -> Option<f64> {
        self.take_written(text, Decimal::Unsaid)
    }

    /// Takes a value of which is known what the comma in numbers is.
    pub(super) fn take_written(&mut self, text: &str, decimal: Decimal) -> Option<f64> {
        let last: String = text.chars().take(80).collect();
        self.turns += usize::from(self.told > 0 && last != self.last);
        self.told += 1;
        self.last = last;
        let number = number::read(text, decimal);
        if let Some(number) = number {
            self.unit = self.unit.or_else(|| number::unit(text, decimal));
            self.least = Some(self.least.map_or(number, |least| least.min(number)));
            self.most = Some(self.most.map_or(number, |most| most.max(number)));
        } else if self.words.len() < MOST_WORDS
            && !self.words.contains(&self.last)
            && !has_control(&self.last)
        {
            self.words.insert(self.last.clone());
        }
        number
    }

    /// Keeps a sample, and not more than some.
    pub(super) fn keep(&mut self, at: Time, number: f64, most: usize) {
        let (left_out, to_come) = &mut self.thinned;
        if *to_come > 0 {
            *to_come -= 1;
            return;
        }
        if self.samples.len() >= most {
            let mut is_kept = false;
            self.samples.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            *left_out = left_out.saturating_mul(2).saturating_add(1);
        }
        self.samples.push((at, number));
        *to_come = *left_out;
    }

    /// Whether it was told so often, and was always the same, that it tells nothing.
    pub(super) fn never_turns(&self) -> bool {
        self.turns == 0 && self.told >= MANY_TOLD
    }

    /// Whether samples were left out since there were too many.
    pub(super) fn is_thinned(&self) -> bool {
        self.thinned.0 > 0
    }

    /// What was of several values together, at the moments at which all of them were known.
    pub(super) fn sum(all: &[&Span]) -> Self {
        let Some((first, others)) = all.split_first() else { return Self::default() };
        let mut sum = (*first).clone();
        let add = |one: Option<f64>, other: Option<f64>| Some(one? + other?);
        for other in others {
            sum.least = add(sum.least, other.least);
            sum.most = add(sum.most, other.most);
            let mut known = other.samples.iter().peekable();
            sum.samples.retain_mut(|(at, number)| {
                while known.next_if(|(time, _)| time < at).is_some() {}
                let same = known.next_if(|(time, _)| time == at);
                *number += same.map_or(0.0, |(_, more)| *more);
                same.is_some()
            });
        }
        sum
    }

    /// Whether it is what a light may be: a number, or words for one that is lit or dark.
    pub(super) fn says_light(&self) -> bool {
        let is_word = |word: &String| input::lit(word).is_some() || input::says_nothing(word);
        self.words.iter().all(is_word) && self.least.is_none_or(|least| least >= 0.0)
    }

    /// Whether it goes on by one each time, as far as is known.
    pub(super) fn counts_by_one(&self) -> bool {
        let steps = self.samples.windows(2).map(|pair| pair[1].1 - pair[0].1).filter(|step| *step > 0.0);
        let steps: Vec<f64> = steps.collect();
        let ones = steps.iter().filter(|step| (**step - 1.0).abs() < 0.01).count();
        // Between samples that were thinned out lie several steps: those of a count by fives are all fives.
        let least = steps.iter().copied().fold(f64::INFINITY, f64::min);
        let is_by_more = least > 1.5 && steps.iter().all(|step| (step / least).fract() < 0.01);
        let is_thinned = self.is_thinned() && !is_by_more;
        self.samples.len() < FEWEST_COUNTED
            || !steps.is_empty() && (is_thinned || 5 * ones >= 4 * steps.len())
    }

    /// Whether it was nothing but some of a few words, in whatever letters.
    pub(super) fn says_only(&self, words: &[&str]) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| words.contains(&word.to_lowercase().as_str()))
    }
}

impl Seen {
    /// Nothing yet, of what is remembered as far as there is room.
    pub(super) fn with(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// Takes a message of a moment, whatever it is written in.
    pub fn message(&mut self, bytes: &[u8], at: Time) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(list)) => {
                if let Some(one @ Value::Object(_)) = list.first() {
                    self.leaves(one, "", at);
                }
                self.of_list(&list, None, at);
                list.iter().take(MOST_ELEMENTS).for_each(|one| self.of_lists(one, "", at));
            }
            Ok(one @ Value::Object(_)) => {
                self.leaves(&one, "", at);
                self.of_machines(&one, (None, &[]), at);
                self.of_lists(&one, "", at);
            }
            _ if text.len() <= 100 => {
                self.plain = true;
                self.value("value", text.trim(), at);
            }
            _ => {}
        }
    }

    /// Takes what lists inside a message say of machines.
    fn of_lists(&mut self, message: &Value, path: &str, at: Time) {
        let Value::Object(object) = message else { return };
        for (key, value) in object {
            let path = below(path, key);
            match value {
                Value::Array(list) if !has_control(&path) => self.of_list(list, Some(&path), at),
                Value::Object(_) if path.split('.').count() < DEEPEST_TELLING => {
                    self.of_lists(value, &path, at);
                }
                _ => {}
            }
        }
    }

    /// Takes what the elements of a list say of the machines that they name.
    fn of_list(&mut self, list: &[Value], path: Option<&str>, at: Time) {
        let elements = &list[..list.len().min(MOST_ELEMENTS)];
        let names = names_of_elements(elements, path);
        for one in elements {
            self.of_machines(one, (path, &names), at);
        }
    }

    /// Takes what is said of a moment of the machine that it names, which may be an element of a list with some
    /// values that tell which element it is.
    fn of_machines(&mut self, moment: &Value, (list, of_elements): (Option<&str>, &[&str]), at: Time) {
        let mut names = Vec::new();
        tell_machine(moment, "", of_elements, &mut names);
        for (path, name) in names {
            let place = Place { list: list.map(str::to_owned), path };
            if self.several.len() >= MOST_TELLING && !self.several.contains_key(&place) {
                continue;
            }
            let of = self.several.entry(place).or_default();
            if of.machines.len() >= MOST_OF_ROWS && !of.machines.contains_key(&name) {
                of.has_more = true;
                continue;
            }
            of.machines.entry(name).or_default().leaves(moment, "", at);
        }
    }

    /// The machines that messages name, and where: at the place that tells most apart.
    pub(super) fn apart(&self) -> Option<(&Place, &Several)> {
        let several = self.several.iter().filter(|(_, of)| of.machines.len() > 1);
        several.min_by_key(|(_, of)| std::cmp::Reverse(of.machines.len()))
    }

    /// Takes a value of a moment.
    pub fn value(&mut self, name: &str, text: &str, at: Time) {
        self.written((name, name), text, Decimal::Unsaid, at);
    }

    /// Takes a value of a moment, of which is known what people call it, and what the comma in its numbers is.
    pub(super) fn written(&mut self, (name, label): (&str, &str), text: &str, decimal: Decimal, at: Time) {
        if self.values.len() >= self.room.values && !self.values.contains_key(name) {
            return;
        }
        let span = self.values.entry(name.to_owned()).or_default();
        let number = span.take_written(text, decimal);
        if guess::names_job(label) && span.jobs.last().is_none_or(|(_, job)| *job != span.last) {
            let is_full = span.jobs.len() >= self.room.samples.min(MOST_JOBS);
            span.jobs.extend((!is_full).then(|| (at, span.last.clone())));
        }
        let number = number.or_else(|| input::lit(text).filter(|_| guess::names_a_light(label)));
        if let Some(number) = number.filter(|_| self.plain || guess::matters_when(label, span)) {
            span.keep(at, number, self.room.samples);
        }
    }

    /// Takes the time of a row.
    pub(super) fn row(&mut self, at: Time) {
        if let Some(last) = self.last_row.replace(at).filter(|_| self.pauses.len() < MOST_PAUSES) {
            self.pauses.push(at.since(last).abs());
        }
    }

    /// Whether there is a row where some values change and none else: nearly each tells another one than the row
    /// before, and the pauses between them are of many lengths.
    pub(super) fn tells_changes(&self, values: &[&Span]) -> bool {
        let rows = values.iter().map(|span| span.told).max().unwrap_or(0);
        let turns: usize = values.iter().map(|span| span.turns).sum();
        let mut pauses = self.pauses.clone();
        pauses.sort_by(f64::total_cmp);
        rows >= FEWEST_ROWS && 10 * (turns + 1) >= 9 * rows && !levels::is_even(&pauses)
    }

    fn leaves(&mut self, value: &Value, path: &str, at: Time) {
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(name, value)| self.leaves(value, &below(path, name), at));
            }
            Value::Array(list) => {
                list.iter()
                    .take(10)
                    .enumerate()
                    .for_each(|(n, value)| self.leaves(value, &below(path, &n.to_string()), at));
            }
            Value::String(text) => self.value(path, text, at),
            Value::Number(number) => self.value(path, &number.to_string(), at),
            Value::Bool(is) => self.value(path, if *is { "true" } else { "false" }, at),
            Value::Null => {}
        }
    }
}

/// The path of a value in what stands at a path.
fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The names of values that tell which of the elements of a list one is, such as `id`: of a list of machines, and of
/// one in which each says another text that is no phase of a supply.
fn names_of_elements<'v>(elements: &'v [Value], list: Option<&str>) -> Vec<&'v str> {
    let keys = elements.iter().filter_map(Value::as_object).flat_map(|element| element.keys());
    let mut names: Vec<&str> = keys.map(String::as_str).filter(|key| tells_which(key)).collect();
    names.sort_unstable();
    names.dedup();
    let differ = |name: &&str| {
        let texts = elements.iter().map(|element| element.get(*name).and_then(Value::as_str));
        let texts: Option<BTreeSet<&str>> = texts.collect();
        texts.is_some_and(|texts| {
            elements.len() > 1
                && texts.len() == elements.len()
                && !texts.iter().any(|text| text.len() < 3 && !guess::phases(text).is_empty())
        })
    };
    names.retain(|name| list.is_some_and(lists_machines) || differ(name));
    names
}

/// The values of a moment that tell of which machine it is, as their names say or since they tell elements of a list
/// apart, with their paths.
fn tell_machine(moment: &Value, path: &str, of_elements: &[&str], names: &mut Vec<(String, String)>) {
    let Value::Object(object) = moment else { return };
    for (key, value) in object {
        let is_of_element = path.is_empty() && of_elements.contains(&key.as_str());
        let path = below(path, key);
        let name = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) if number.is_u64() => number.to_string(),
            Value::Object(_) if path.split('.').count() < DEEPEST_TELLING => {
                tell_machine(value, &path, of_elements, names);
                continue;
            }
            _ => continue,
        };
        let is_name = !name.is_empty() && name.len() <= LONGEST_TELLING && !has_control(&name);
        if is_name && !has_control(&path) && (is_of_element || tells_machine(key) || tells_machine(&path)) {
            names.push((path, name));
        }
    }
}
