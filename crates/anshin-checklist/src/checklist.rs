//! A checklist as types that cannot be wrong any more.

mod item;
mod scale;
mod score;

use anshin_catalog::Basis;
use anshin_model::{Id, Text};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::de::{maybe_number, one_or_more};
pub use item::{
    Answer, Earliest, Item, Link, Mark, Prefill, Recommended, Relation, Section, Test, ToRequirement, When,
    Who,
};
use scale::WORDS;
pub use scale::{Choice, Kind, Means, NamedScale, OutOfScope, Scale, Scoring, Step};
pub use score::{Band, Method, OptionPoints, Score, Target, Unanswered};

/// All checklists that are known, by id.
#[derive(Debug, Clone, Default)]
pub struct Checklists {
    pub(crate) lists: IndexMap<Id, Checklist>,
}

impl Checklists {
    /// The checklists in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Checklist> {
        self.lists.values()
    }

    /// A checklist by its id.
    pub fn get(&self, id: &str) -> Option<&Checklist> {
        self.lists.get(id)
    }

    /// The checklists that the answers to one lead on to, the nearest first.
    pub fn after<'a>(&'a self, list: &'a Checklist) -> impl Iterator<Item = &'a Checklist> {
        list.next.iter().filter_map(|id| self.lists.get(id))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

/// A checklist.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Checklist {
    /// Its identifier, the same in every version.
    pub id: Id,
    /// Version of its content.
    pub version: String,
    /// Its title.
    pub title: Text,
    /// What it is for.
    pub about: Text,
    /// Who published the list that it follows.
    pub publisher: Option<Text>,
    /// Licence of the texts.
    pub licence: Option<String>,
    /// Identifier in another program's library.
    pub urn: Option<String>,
    /// What one set of answers is about.
    #[serde(default)]
    pub subject: Subject,
    /// How long answering takes, in minutes.
    #[serde(default, deserialize_with = "maybe_number")]
    pub minutes: Option<f64>,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Sources of its own.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// Its versions, newest first.
    #[serde(default)]
    pub history: Vec<Version>,
    /// Items of earlier versions.
    #[serde(default)]
    pub retired: Vec<Retired>,
    /// Levels of use, lightest first.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Scales that items name.
    #[serde(default)]
    pub scales: Vec<NamedScale>,
    /// The scale of items that name none.
    pub answer: Option<Id>,
    /// When it does not concern a system: an answer to all its items that count.
    #[serde(default)]
    pub scope: Vec<Prefill>,
    /// The checklists that its answers lead on to, the nearest first.
    #[serde(default, deserialize_with = "one_or_more")]
    pub next: Vec<Id>,
    /// The sections.
    pub sections: Vec<Section>,
    /// What is worked out, the headline first.
    #[serde(default)]
    pub scores: Vec<Score>,
}

impl Checklist {
    /// All items with their sections, in order.
    pub fn items(&self) -> impl Iterator<Item = (&Section, &Item)> {
        self.sections.iter().flat_map(|section| section.items.iter().map(move |item| (section, item)))
    }

    /// An item with its section.
    pub fn item(&self, id: &str) -> Option<(&Section, &Item)> {
        self.items().find(|(_, item)| item.id == *id)
    }

    /// A section by its id.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == *id)
    }

    /// The scale of an item.
    pub fn scale<'a>(&'a self, item: &'a Item) -> &'a Scale {
        match item.answer.as_ref() {
            Some(Answer { scale: None, own }) => own,
            Some(Answer { scale: Some(id), .. }) => self.named_scale(id),
            None => self.answer.as_ref().map_or(&WORDS, |id| self.named_scale(id)),
        }
    }

    fn named_scale(&self, id: &Id) -> &Scale {
        self.scales.iter().find(|scale| scale.id == *id).map_or(&WORDS, |named| &named.scale)
    }

    /// A section and those above it, itself first.
    pub fn section_and_above<'a>(&'a self, section: &'a Section) -> impl Iterator<Item = &'a Section> {
        let mut next = Some(section);
        std::iter::from_fn(move || {
            let current = next?;
            next = current.parent.as_ref().and_then(|parent| self.section(parent.as_str()));
            Some(current)
        })
    }

    /// The section on top of a section.
    pub fn top<'a>(&'a self, section: &'a Section) -> &'a Section {
        self.section_and_above(section).last().unwrap_or(section)
    }

    /// Whether the items of a section count in scores that name no sections.
    pub fn is_scored(&self, section: &Section) -> bool {
        self.section_and_above(section).all(|section| section.scored)
    }

    /// The items that count: a profile, a phase or tables to fill in stand beside them.
    pub fn counting(&self) -> impl Iterator<Item = (&Section, &Item)> {
        self.items().filter(|(section, _)| self.is_scored(section))
    }

    /// Whether it is a quiz: every item that counts has a right answer.
    pub fn is_quiz(&self) -> bool {
        let mut items = self.counting().peekable();
        items.peek().is_some() && items.all(|(_, item)| self.scale(item).right().next().is_some())
    }

    /// Who answers an item.
    pub fn who<'a>(&'a self, section: &'a Section, item: &'a Item) -> &'a [Who] {
        if !item.who.is_empty() {
            return &item.who;
        }
        self.section_and_above(section)
            .map(|section| section.who.as_slice())
            .find(|who| !who.is_empty())
            .unwrap_or(&[])
    }

    /// Where an item comes from: its own source, its section's, or the checklist's.
    pub fn origin<'a>(&'a self, section: &'a Section, item: &'a Item) -> (&'a [String], Option<Basis>) {
        let chain = || {
            std::iter::once(&item.origin)
                .chain(self.section_and_above(section).map(|section| &section.origin))
                .chain(std::iter::once(&self.origin))
        };
        let source = chain().map(|origin| origin.source.as_slice()).find(|source| !source.is_empty());
        (source.unwrap_or(&[]), chain().find_map(|origin| origin.basis))
    }

    /// Whether and how strongly an item is recommended at a level; always where it names no levels.
    pub fn recommended(item: &Item, level: Option<&Id>) -> Mark {
        let Some(level) = level else { return Mark::Adopt };
        if item.levels.is_empty() {
            return Mark::Adopt;
        }
        item.levels.iter().find(|own| own.level == *level).map_or(Mark::No, |own| own.mark)
    }

    /// An answer in words for people.
    pub fn answer_words(&self, item: &Item, given: &crate::Given) -> Text {
        let scale = self.scale(item);
        if given.out_of_scope {
            return Means::NotApplicable.name();
        }
        let mut words = given.value.iter().map(|word| match scale.option(word) {
            Some(option) => option.name.clone(),
            None if word == crate::UNKNOWN => Means::Unknown.name(),
            None => match &scale.unit {
                Some(unit) => Text::new("{n}{unit}", "{n} {unit}")
                    .fill(&[("n", &Text::same(word.as_str())), ("unit", unit)]),
                None => Text::same(word.as_str()),
            },
        });
        let Some(first) = words.next() else { return Text::default() };
        words.fold(first, |all, next| {
            Text::new("{all}、{next}", "{all}, {next}").fill(&[("all", &all), ("next", &next)])
        })
    }

    /// Whether an item of one of two checklists is linked with an item of the other.
    pub fn is_linked_with(&self, other: &Checklist) -> bool {
        let links = |from: &Checklist, to: &Checklist| {
            from.items().any(|(_, item)| item.links.iter().any(|link| link.checklist == to.id))
        };
        links(self, other) || links(other, self)
    }

    /// Place of a version in the history: 0 for the newest.
    pub fn age(&self, version: &str) -> Option<usize> {
        if self.history.is_empty() {
            return (self.version == version).then_some(0);
        }
        self.history.iter().position(|own| own.version == version)
    }
}

/// What one set of answers is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A company or a part of it.
    #[default]
    Organization,
    /// A system that is used.
    System,
    /// A product that is made.
    Product,
    /// One person.
    Person,
}

/// Where something comes from, as far as it says so itself.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Origin {
    /// Id of a source, then the place in it.
    #[serde(default, deserialize_with = "one_or_more")]
    pub source: Vec<String>,
    /// How sure it is.
    pub basis: Option<Basis>,
}

/// A source of the checklist's own.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// Its identifier.
    pub id: Id,
    /// Its title.
    pub title: Text,
    /// Who published it.
    pub publisher: Text,
    /// Edition or date.
    pub edition: Option<String>,
}

/// A version of the checklist.
#[derive(Debug, Clone, Deserialize)]
pub struct Version {
    /// The version.
    pub version: String,
    /// When it came out.
    pub date: Option<String>,
    /// What is different from the version before.
    pub changes: Option<Text>,
}

/// An item that is gone.
#[derive(Debug, Clone, Deserialize)]
pub struct Retired {
    /// The id that it had.
    pub id: Id,
    /// The version from which it is gone.
    pub since: Option<String>,
    /// The item that asks for it now.
    pub into: Option<Id>,
    /// Why it is gone.
    pub because: Option<Text>,
}

/// A level of use.
#[derive(Debug, Clone, Deserialize)]
pub struct Level {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// When it is the right one.
    pub about: Option<Text>,
}
