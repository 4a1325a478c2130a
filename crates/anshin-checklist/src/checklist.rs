//! A checklist as types that cannot be wrong any more.

use anshin_catalog::{Basis, Condition, Effort};
use anshin_model::{Id, Text};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::Deserializer;

use crate::de::{flag, maybe_number, number, one_or_more, word_or_map};

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

/// A scale that items name.
#[derive(Debug, Clone, Deserialize)]
pub struct NamedScale {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// The scale.
    #[serde(flatten)]
    pub scale: Scale,
}

/// How an item is answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scale {
    /// What an answer is.
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Smallest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub max: Option<f64>,
    /// Unit of the number.
    pub unit: Option<Text>,
    /// Points for a number.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What answering `out of scope` does.
    #[serde(default)]
    pub out_of_scope: OutOfScope,
    /// How many choices make points.
    #[serde(default)]
    pub scoring: Scoring,
}

/// The scale of an item that has none.
static WORDS: Scale = Scale {
    kind: Kind::Text,
    options: Vec::new(),
    min: None,
    max: None,
    unit: None,
    steps: Vec::new(),
    out_of_scope: OutOfScope::Forbidden,
    scoring: Scoring::Sum,
};

impl Scale {
    /// An option by its id.
    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id == *id)
    }

    /// The most points that an answer can have; `None` if answers have no points.
    pub fn most(&self) -> Option<f64> {
        let points = self.options.iter().filter_map(|option| option.points);
        match (self.kind, self.scoring) {
            (Kind::One, _) => points.reduce(f64::max),
            (Kind::Many, Scoring::Exact) => self
                .options
                .iter()
                .filter(|option| option.correct)
                .filter_map(|option| option.points)
                .reduce(|a, b| a + b),
            (Kind::Many, Scoring::Sum) => {
                points.reduce(|a, b| a.max(0.0) + b.max(0.0)).map(|most| most.max(0.0))
            }
            (Kind::Number, _) => self.steps.iter().map(|step| step.points).reduce(f64::max),
            (Kind::Date | Kind::Text, _) => None,
        }
    }
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One of the options.
    One,
    /// Any number of the options.
    Many,
    /// A number.
    Number,
    /// A date.
    Date,
    /// Words.
    #[default]
    Text,
}

/// What answering `out of scope` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutOfScope {
    /// It cannot be answered.
    #[default]
    Forbidden,
    /// The item leaves the score.
    Excluded,
    /// The item counts as all points.
    Full,
}

/// How many choices make points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scoring {
    /// Points of the chosen options together.
    #[default]
    Sum,
    /// All points for exactly the right options, else none.
    Exact,
}

/// A possible answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Choice {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// When it is the right one.
    pub about: Option<Text>,
    /// Its points.
    #[serde(default, deserialize_with = "maybe_number")]
    pub points: Option<f64>,
    /// What it comes to.
    pub means: Option<Means>,
    /// Right answer of a quiz.
    #[serde(default, deserialize_with = "flag")]
    pub correct: bool,
    /// Whether a reason is asked for.
    #[serde(default, deserialize_with = "flag")]
    pub reason: bool,
}

/// What an answer comes to, whatever the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Not done.
    Unmet,
    /// Nobody knows.
    Unknown,
    /// Done in part.
    Partly,
    /// Done.
    Met,
    /// Does not concern those who answer.
    NotApplicable,
}

impl Means {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Means::Unmet => "unmet",
            Means::Unknown => "unknown",
            Means::Partly => "partly",
            Means::Met => "met",
            Means::NotApplicable => "not-applicable",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Means::Unmet => Text::new("未実施", "not met"),
            Means::Unknown => Text::new("不明", "not known"),
            Means::Partly => Text::new("一部実施", "met in part"),
            Means::Met => Text::new("実施", "met"),
            Means::NotApplicable => Text::new("対象外", "does not apply"),
        }
    }
}

/// From a number on, so many points.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// The smallest number.
    #[serde(deserialize_with = "number")]
    pub from: f64,
    /// The points.
    #[serde(deserialize_with = "number")]
    pub points: f64,
    /// What it comes to.
    pub means: Option<Means>,
}

/// A group of items.
#[derive(Debug, Clone, Deserialize)]
pub struct Section {
    /// Its identifier.
    pub id: Id,
    /// Its title.
    pub title: Text,
    /// Number or code as the source prints it.
    pub number: Option<String>,
    /// What it is about.
    pub about: Option<Text>,
    /// The section above it.
    pub parent: Option<Id>,
    /// Weight of its items.
    #[serde(default = "one", deserialize_with = "number")]
    pub weight: f64,
    /// Whether its items count in scores that name no sections.
    #[serde(default = "yes", deserialize_with = "flag")]
    pub scored: bool,
    /// Who answers its items.
    #[serde(default, deserialize_with = "one_or_more")]
    pub who: Vec<Who>,
    /// When its items are asked.
    #[serde(default)]
    pub when: When,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Its items.
    #[serde(default)]
    pub items: Vec<Item>,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Those who manage the company.
    Management,
    /// Those who run information systems.
    It,
    /// Those who run machines and plants.
    Ot,
    /// Those who develop the product.
    Developer,
    /// Everybody who works there.
    Staff,
    /// A company that delivers or maintains.
    Supplier,
}

impl Who {
    /// All of them.
    pub const ALL: [Who; 6] = [Who::Management, Who::It, Who::Ot, Who::Developer, Who::Staff, Who::Supplier];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::Management => "management",
            Who::It => "it",
            Who::Ot => "ot",
            Who::Developer => "developer",
            Who::Staff => "staff",
            Who::Supplier => "supplier",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Who::Management => Text::new("経営者", "management"),
            Who::It => Text::new("情報システム（IT）側", "IT side"),
            Who::Ot => Text::new("設備システム（OT）側", "OT side"),
            Who::Developer => Text::new("開発者", "developers"),
            Who::Staff => Text::new("従業員", "staff"),
            Who::Supplier => Text::new("取引先", "supplier"),
        }
    }
}

/// One thing that is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Item {
    /// Its identifier.
    pub id: Id,
    /// The question or statement.
    pub text: Text,
    /// A few words for tables and pictures.
    pub title: Option<Text>,
    /// Number as the source prints it.
    pub number: Option<String>,
    /// Status letters of the source.
    pub mark: Option<String>,
    /// What is meant, and why it matters.
    pub help: Option<Text>,
    /// How it looks where it is done.
    pub example: Option<Text>,
    /// What typically shows that it is done.
    #[serde(default, deserialize_with = "one_or_more")]
    pub evidence: Vec<Text>,
    /// Shown after answering.
    pub explanation: Option<Text>,
    /// What to do if it is not met.
    pub advice: Option<Text>,
    /// How much work the advice is.
    pub effort: Option<Effort>,
    /// How it is answered.
    pub answer: Option<Answer>,
    /// Weight in scores.
    #[serde(default = "one", deserialize_with = "number")]
    pub weight: f64,
    /// Who answers.
    #[serde(default, deserialize_with = "one_or_more")]
    pub who: Vec<Who>,
    /// Levels of use at which it is recommended.
    #[serde(default)]
    pub levels: Vec<Recommended>,
    /// When it is asked.
    #[serde(default)]
    pub when: When,
    /// Requirements that it is about.
    #[serde(default)]
    pub requirements: Vec<ToRequirement>,
    /// Measures that meet it.
    #[serde(default)]
    pub measures: Vec<Id>,
    /// Items of other checklists.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Answers that facts propose.
    #[serde(default)]
    pub prefill: Vec<Prefill>,
    /// Version that brought it.
    pub since: Option<String>,
    /// Version in which its meaning changed last.
    pub changed: Option<String>,
    /// Ids that it had.
    #[serde(default)]
    pub was: Vec<Id>,
    /// Identifier in another program's library.
    pub urn: Option<String>,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

impl Item {
    /// A few words for tables and pictures.
    pub fn short(&self) -> &Text {
        self.title.as_ref().unwrap_or(&self.text)
    }

    /// Number and status letters as the source prints them; the id where it prints none.
    pub fn label(&self) -> String {
        let number = self.number.as_deref().unwrap_or(self.id.as_str());
        match &self.mark {
            Some(mark) => format!("{number} {mark}"),
            None => number.to_owned(),
        }
    }
}

/// How an item is answered: by a scale of the file, or by one of its own.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The scale of the file.
    pub scale: Option<Id>,
    /// The item's own scale, if it names none.
    pub own: Scale,
}

/// How strongly an item is recommended at a level.
#[derive(Debug, Clone)]
pub struct Recommended {
    /// The level.
    pub level: Id,
    /// How strongly.
    pub mark: Mark,
}

/// How strongly something is recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// ◎
    #[default]
    Adopt,
    /// △
    Partly,
    /// ×
    No,
}

impl Mark {
    /// The sign in tables.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Adopt => "◎",
            Mark::Partly => "△",
            Mark::No => "×",
        }
    }
}

/// Answers on which it depends whether something is asked.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct When {
    /// All must hold.
    #[serde(default)]
    pub all: Vec<Test>,
    /// One must hold.
    #[serde(default)]
    pub any: Vec<Test>,
    /// None may hold.
    #[serde(default)]
    pub none: Vec<Test>,
}

impl When {
    /// Every test of the condition.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.all.iter().chain(&self.any).chain(&self.none)
    }
}

/// A test of one answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Test {
    /// The item.
    pub item: Id,
    /// Options of which one is chosen.
    #[serde(default, deserialize_with = "one_or_more")]
    pub is: Vec<String>,
    /// What the answer comes to.
    #[serde(default, deserialize_with = "one_or_more")]
    pub means: Vec<Means>,
    /// Smallest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub at_least: Option<f64>,
    /// Largest number.
    #[serde(default, deserialize_with = "maybe_number")]
    pub at_most: Option<f64>,
}

/// How two things that are asked relate, seen from the item that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Both ask for the same.
    Equal,
    /// The item is a part of the other.
    Part,
    /// The item covers the other and more.
    Superset,
    /// They touch each other.
    Related,
}

impl Relation {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Equal => "equal",
            Relation::Part => "part",
            Relation::Superset => "superset",
            Relation::Related => "related",
        }
    }
}

/// A requirement that an item is about.
#[derive(Debug, Clone)]
pub struct ToRequirement {
    /// The requirement.
    pub requirement: Id,
    /// How they relate.
    pub relation: Relation,
    /// How strongly, 1 to 10.
    pub strength: f64,
}

/// An item of another checklist.
#[derive(Debug, Clone)]
pub struct Link {
    /// The other checklist.
    pub checklist: Id,
    /// The item in it.
    pub item: Id,
    /// How they relate.
    pub relation: Relation,
    /// How strongly, 1 to 10.
    pub strength: f64,
    /// Why they belong together.
    pub because: Option<Text>,
}

/// An answer that facts propose.
#[derive(Debug, Clone, Deserialize)]
pub struct Prefill {
    /// The option or options, or `out-of-scope`.
    #[serde(deserialize_with = "one_or_more")]
    pub answer: Vec<String>,
    /// Facts that must hold.
    #[serde(flatten)]
    pub when: Condition,
    /// Measures of which one must be in place.
    #[serde(default)]
    pub measures: Vec<Id>,
    /// Why that answer follows.
    pub because: Text,
}

/// A number that is worked out from answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Score {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Sections that count; all scored ones if empty.
    #[serde(default)]
    pub over: Vec<Id>,
    /// How it is worked out.
    #[serde(default)]
    pub method: Method,
    /// What an item without an answer does.
    #[serde(default)]
    pub unanswered: Unanswered,
    /// The value to reach.
    #[serde(default, deserialize_with = "maybe_number")]
    pub target: Option<f64>,
    /// What the value means, best first.
    #[serde(default)]
    pub bands: Vec<Band>,
}

/// How a score is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Points times weights, together.
    #[default]
    Sum,
    /// The sum divided by the weights.
    Mean,
    /// The sum as a part of the most that is possible.
    Percent,
}

/// What an item without an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswered {
    /// It counts with no points.
    #[default]
    Zero,
    /// Only answered items count.
    Excluded,
}

/// What a value means.
#[derive(Debug, Clone, Deserialize)]
pub struct Band {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// The smallest value.
    #[serde(default, deserialize_with = "maybe_number")]
    pub from: Option<f64>,
    /// What it says.
    pub about: Option<Text>,
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            scale: Option<Id>,
            #[serde(flatten)]
            own: Scale,
        }
        let full = word_or_map(from, |word| Full { scale: Some(Id::from(word)), own: WORDS.clone() })?;
        Ok(Answer { scale: full.scale, own: full.own })
    }
}

impl<'de> Deserialize<'de> for Recommended {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            level: Id,
            #[serde(default)]
            mark: Mark,
        }
        let full = word_or_map(from, |word| Full { level: Id::from(word), mark: Mark::Adopt })?;
        Ok(Recommended { level: full.level, mark: full.mark })
    }
}

/// How strong a link is where it does not say.
fn usual_strength(relation: Relation) -> f64 {
    if relation == Relation::Equal { 10.0 } else { 5.0 }
}

impl<'de> Deserialize<'de> for ToRequirement {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            requirement: Id,
            relation: Option<Relation>,
            #[serde(default, deserialize_with = "maybe_number")]
            strength: Option<f64>,
        }
        let full =
            word_or_map(from, |word| Full { requirement: Id::from(word), relation: None, strength: None })?;
        let relation = full.relation.unwrap_or(Relation::Part);
        let strength = full.strength.unwrap_or_else(|| usual_strength(relation));
        Ok(ToRequirement { requirement: full.requirement, relation, strength })
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            to: String,
            relation: Option<Relation>,
            #[serde(default, deserialize_with = "maybe_number")]
            strength: Option<f64>,
            because: Option<Text>,
        }
        let full = word_or_map(from, |word| Full {
            to: word.to_owned(),
            relation: None,
            strength: None,
            because: None,
        })?;
        // A link in another form is told when the whole is checked.
        let (checklist, item) = full.to.split_once('/').unwrap_or(("", &full.to));
        let relation = full.relation.unwrap_or(Relation::Related);
        let strength = full.strength.unwrap_or_else(|| usual_strength(relation));
        Ok(Link { checklist: checklist.into(), item: item.into(), relation, strength, because: full.because })
    }
}
