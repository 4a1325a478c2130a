//! From named values of a source to readings of a machine.

use std::sync::Arc;

use anshin_model::Text;

use crate::config::{Input, MachineConfiguration, Says, Source, Words};
use crate::number::{self, Decimal};
use crate::reading::{Reading, State, What};
use crate::time::Time;

/// Turns the values of one source into readings of one machine.
#[derive(Debug)]
pub struct Mapper {
    inputs: Vec<Mapped>,
    decimal: Decimal,
    unread: u64,
    no_numbers: Vec<NoNumber>,
}

/// What a source says where a number is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoNumber {
    /// Name of the value.
    pub name: String,
    /// The beginning of what came.
    pub text: String,
}

#[derive(Debug)]
struct Mapped {
    input: Input,
    /// Of which values something has come that was no number.
    wrong: Vec<bool>,
    /// The last number of each value, where several are added up.
    last: Vec<Option<f64>>,
}

impl Mapper {
    /// For a machine and a source; `None` if the machine takes nothing from it.
    pub fn new(machine: &MachineConfiguration, source: &Source) -> Option<Self> {
        Self::of(machine, source, |_| true)
    }

    /// For what comes on one topic of a source, or, without a topic, for what is taken from all.
    pub fn on_topic(machine: &MachineConfiguration, source: &Source, topic: Option<&str>) -> Option<Self> {
        Self::of(machine, source, |input| input.topic.as_deref() == topic)
    }

    fn of(machine: &MachineConfiguration, source: &Source, wanted: impl Fn(&Input) -> bool) -> Option<Self> {
        let mut inputs: Vec<Mapped> = machine
            .inputs
            .iter()
            .filter(|input| input.from == source.id && wanted(input))
            .map(|input| Mapped {
                last: vec![None; input.take.len()],
                wrong: vec![false; input.take.len()],
                input: input.clone(),
            })
            .collect();
        // That a program is held says why it no longer runs.
        inputs.sort_by_key(|mapped| !matches!(mapped.input.is, Says::Hold(_)));
        let (decimal, no_numbers) = (source.decimal, Vec::new());
        (!inputs.is_empty()).then_some(Self { inputs, decimal, unread: 0, no_numbers })
    }

    /// Names of the values that it takes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().flat_map(|mapped| mapped.input.take.iter().map(String::as_str))
    }

    /// Whether it takes a value of that name, and the text says something where words are wanted, or is a number
    /// where those are.
    pub fn can_read(&self, name: &str, text: &str) -> bool {
        let takes = |mapped: &&Mapped| mapped.input.take.iter().any(|known| known == name);
        let is_read = |mapped: &Mapped| match mapped.input.is {
            Says::Power | Says::Counter | Says::Number => number::read(text, self.decimal).is_some(),
            Says::Lamp { .. } => number::read(text, self.decimal).or_else(|| lit(text)).is_some(),
            _ => !says_nothing(text),
        };
        self.inputs.iter().filter(takes).any(is_read)
    }

    /// Numbers that could not be read.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// The first of each value that was no number, since this was asked last.
    pub fn no_numbers(&mut self) -> impl Iterator<Item = NoNumber> {
        self.no_numbers.drain(..)
    }

    /// The readings that follow from values of one moment.
    pub fn map(&mut self, time: Time, values: &[(&str, &str)], mut take: impl FnMut(Reading)) {
        for mapped in &mut self.inputs {
            let Mapped { input, last, wrong } = mapped;
            let mut changed = None;
            for (n, name) in input.take.iter().enumerate() {
                let Some((_, text)) = values.iter().find(|(known, _)| known == name) else { continue };
                changed = Some(*text);
                if matches!(input.is, Says::Power | Says::Counter | Says::Number | Says::Lamp { .. }) {
                    let is_light = matches!(input.is, Says::Lamp { .. });
                    let number =
                        number::read(text, self.decimal).or_else(|| is_light.then(|| lit(text)).flatten());
                    if number.is_none() && !says_nothing(text) {
                        self.unread += 1;
                        if !std::mem::replace(&mut wrong[n], true) {
                            let text = short(text.trim()).to_owned();
                            self.no_numbers.push(NoNumber { name: name.clone(), text });
                        }
                    }
                    last[n] = number.map(|n| if input.absolute { n.abs() } else { n } * input.factor);
                }
            }
            let Some(text) = changed.map(|text| number::own(text.trim())) else { continue };
            let sum = || last.iter().copied().sum::<Option<f64>>();
            let what = match &input.is {
                Says::Power => sum().map(What::Power),
                Says::Counter => sum().map(What::Counter),
                Says::Number if says_nothing(text) => Some(What::Number(None)),
                #[expect(clippy::cast_possible_truncation, reason = "numbers of cycles are whole and small")]
                Says::Number => sum().map(|number| What::Number(Some(number.round() as i64))),
                Says::Lamp { light, .. } if says_nothing(text) => Some(What::Lamp(*light, None)),
                Says::Lamp { light, on } => sum().map(|number| What::Lamp(*light, Some(number >= *on))),
                Says::Start(words) => words.hold(text).then_some(What::Start),
                Says::End(words) => words.hold(text).then_some(What::End),
                Says::Running(words) => Some(What::Running(whether(words, text))),
                Says::SetUp(words) => Some(What::SetUp(whether(words, text))),
                Says::Hold(words) => Some(What::Hold(whether(words, text))),
                Says::Key(part) => (!says_nothing(text)).then(|| What::Key(*part, Arc::from(short(text)))),
                Says::State { producing, off, unknown } => {
                    let is = |words: &[String]| words.iter().any(|word| word == text);
                    Some(What::State(if is(producing) {
                        Some(State::Producing)
                    } else if is(off) {
                        Some(State::Off)
                    } else if is(unknown) || says_nothing(text) {
                        None
                    } else {
                        Some(State::Idle)
                    }))
                }
            };
            if let Some(what) = what {
                take(Reading { time, what });
            }
        }
    }
}

/// Whether words hold of a value; `None` where the source has none, unless the words name just that.
fn whether(words: &Words, text: &str) -> Option<bool> {
    let is_named = matches!(words, Words::When(named) if named.iter().any(|word| word == text));
    (is_named || !says_nothing(text)).then(|| words.hold(text))
}

/// Most bytes of a word that tells a job: it is kept with every cycle.
const LONGEST_WORD: usize = 256;

/// The beginning of a word, as long as it may be.
fn short(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_WORD)]
}

/// Words that a source writes where it has no value.
pub(crate) fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("unavailable") || text.eq_ignore_ascii_case("nan")
}

/// Words for a light that is lit or dark, as a number.
pub(crate) fn lit(text: &str) -> Option<f64> {
    let is = |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    if is(&["true", "on", "点灯", "点滅"]) {
        Some(1.0)
    } else {
        is(&["false", "off", "消灯"]).then_some(0.0)
    }
}

/// What to write in the source of a value whose comma is all that keeps it from being a number.
pub fn comma_hint(text: &str) -> Option<Text> {
    let is_read = |decimal| text.contains(',') && !is_no_number(text, decimal);
    match (is_read(Decimal::Comma), is_read(Decimal::Point)) {
        (true, true) => Some(Text::new(
            "コンマが小数点なら入力元に`decimal: comma`、桁区切りなら`decimal: point`と書いてください",
            "write `decimal: comma` in the source if the comma is a decimal one, `decimal: point` if it parts thousands",
        )),
        (true, false) => Some(Text::new(
            "コンマが小数点なら、入力元に`decimal: comma`と書いてください",
            "if the comma is a decimal one, write `decimal: comma` in the source",
        )),
        _ => None,
    }
}

/// Whether a source says something that is no number where one is wanted.
pub fn is_no_number(text: &str, decimal: Decimal) -> bool {
    number::read(text, decimal).is_none() && !says_nothing(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_tells_a_job_is_cut() {
        assert_eq!(short("O1234"), "O1234");
        // 100 signs of three bytes: none is cut in two.
        let long = "部".repeat(100);
        assert_eq!(short(&long), "部".repeat(85));
    }
}
