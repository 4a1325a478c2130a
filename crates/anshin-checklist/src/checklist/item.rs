//! What is asked: sections and items, with what they hang on and are linked to.

use anshin_catalog::{Condition, Effort};
use anshin_model::document::Stage;
use anshin_model::{Id, Text};
use serde::Deserialize;
use serde::de::Deserializer;

use super::Origin;
use super::scale::{Means, Scale, WORDS};
use crate::de::{flag, maybe_number, number, one_or_more, word_or_map};

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
    /// The stage in which what it asks for can be there at the earliest.
    pub earliest: Option<Earliest>,
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
    /// How urgent it is among things to do of equal worth.
    #[serde(default, deserialize_with = "number")]
    pub urgency: f64,
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

    /// Whether facts or measures of a system may tell something about it.
    pub fn asks_about_a_system(&self) -> bool {
        !(self.prefill.is_empty() && self.measures.is_empty() && self.requirements.is_empty())
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

/// The stage in which what is asked for can be there at the earliest: before, it is not met yet.
#[derive(Debug, Clone)]
pub struct Earliest {
    /// The stage.
    pub stage: Stage,
    /// Facts without which the item may not concern the product.
    pub when: Condition,
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
    /// The item is about something that is there only if the other says so; between items only.
    Presupposes,
}

impl Relation {
    /// What the item is to the other, for people.
    pub fn name(self) -> Text {
        match self {
            Relation::Equal => Text::new("同じことを問う", "asks for the same"),
            Relation::Part => Text::new("その一部を問う", "asks for a part of it"),
            Relation::Superset => Text::new("それを含むことを問う", "asks for it and more"),
            Relation::Related => Text::new("関わりがある", "is related"),
            Relation::Presupposes => Text::new("それがあることが前提", "presupposes it"),
        }
    }

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Equal => "equal",
            Relation::Part => "part",
            Relation::Superset => "superset",
            Relation::Related => "related",
            Relation::Presupposes => "presupposes",
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

impl<'de> Deserialize<'de> for Earliest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            stage: Stage,
            #[serde(flatten)]
            when: Condition,
        }
        let of_word = |word: &str| Full {
            stage: if word == "operation" { Stage::Operation } else { Stage::Development },
            when: Condition::default(),
        };
        let full = word_or_map(from, of_word)?;
        Ok(Earliest { stage: full.stage, when: full.when })
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
