//! Sets of facts as bits, and conditions over them.
//!
//! Only facts that some rule names get a number: what no rule asks for need not be remembered.

use anshin_catalog::Condition;
use anshin_model::Id;
use indexmap::IndexSet;

/// Words of 64 facts in a [`FactSet`].
const WORDS: usize = 8;

/// Most facts that the rules of one catalog may name.
pub const MAX_FACTS: usize = WORDS * 64;

/// A set of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct FactSet([u64; WORDS]);

impl FactSet {
    /// Adds a fact; nothing for a fact without a number.
    pub(crate) fn insert(&mut self, fact: Option<FactIndex>) {
        if let Some(FactIndex(n)) = fact {
            self.0[usize::from(n / 64)] |= 1 << (n % 64);
        }
    }

    /// Adds all facts of another set.
    pub(crate) fn extend(&mut self, other: &FactSet) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    pub(crate) fn contains(&self, FactIndex(n): FactIndex) -> bool {
        self.0[usize::from(n / 64)] >> (n % 64) & 1 == 1
    }

    fn contains_all(&self, other: &FactSet) -> bool {
        self.0.iter().zip(other.0).all(|(mine, theirs)| mine & theirs == theirs)
    }

    fn intersects(&self, other: &FactSet) -> bool {
        self.0.iter().zip(other.0).any(|(mine, theirs)| mine & theirs != 0)
    }
}

/// Number of a fact in a [`Universe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FactIndex(u16);

/// The facts that the rules of a catalog name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Universe {
    names: IndexSet<Id>,
}

impl Universe {
    /// Numbers every fact that the conditions name.
    ///
    /// Facts beyond [`MAX_FACTS`] get no number; [`Universe::is_too_large`] tells.
    pub(crate) fn of<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Self {
        let names = conditions.flat_map(Condition::facts).map(Id::from).collect();
        Self { names }
    }

    /// Whether the rules name more facts than fit.
    pub(crate) fn is_too_large(&self) -> bool {
        self.names.len() > MAX_FACTS
    }

    /// The number of a fact; `None` if no rule names it.
    pub(crate) fn index(&self, name: &str) -> Option<FactIndex> {
        let index = self.names.get_index_of(name).filter(|&n| n < MAX_FACTS)?;
        u16::try_from(index).ok().map(FactIndex)
    }

    /// The number of a fact of a family, such as `kind` and `server`.
    pub(crate) fn member(&self, family: &str, word: &str) -> Option<FactIndex> {
        self.index(&format!("{family}:{word}"))
    }

    /// The facts of a set by name, in the order in which rules name them.
    pub(crate) fn names(&self, set: &FactSet) -> Vec<Id> {
        (0u16..)
            .zip(&self.names)
            .filter(|(n, _)| set.contains(FactIndex(*n)))
            .map(|(_, name)| name.clone())
            .collect()
    }

    fn name(&self, FactIndex(n): FactIndex) -> Id {
        self.names[usize::from(n)].clone()
    }
}

/// A condition made ready for many sets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Compiled {
    all: FactSet,
    any: Option<FactSet>,
    none: FactSet,
    /// The facts of `all` and `any` in the order of the rule, for reasons.
    named: Vec<FactIndex>,
}

impl Compiled {
    pub(crate) fn new(condition: &Condition, universe: &Universe) -> Self {
        let set = |names: &[String]| {
            let mut set = FactSet::default();
            for name in names {
                set.insert(universe.index(name));
            }
            set
        };
        Self {
            all: set(&condition.all),
            any: (!condition.any.is_empty()).then(|| set(&condition.any)),
            none: set(&condition.none),
            named: condition
                .all
                .iter()
                .chain(&condition.any)
                .filter_map(|name| universe.index(name))
                .collect(),
        }
    }

    pub(crate) fn holds(&self, facts: &FactSet) -> bool {
        facts.contains_all(&self.all)
            && self.any.as_ref().is_none_or(|any| facts.intersects(any))
            && !facts.intersects(&self.none)
    }

    /// The facts that made the condition hold.
    pub(crate) fn reasons(&self, facts: &FactSet, universe: &Universe) -> Vec<Id> {
        self.named.iter().filter(|&&fact| facts.contains(fact)).map(|&fact| universe.name(fact)).collect()
    }
}

/// Why a condition does not hold: what is missing and what stands against it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gap {
    /// Facts that would all be needed and are not there.
    pub missing: Vec<Id>,
    /// Facts of which one would be needed and none is there.
    pub missing_any: Vec<Id>,
    /// Facts that are there and exclude it.
    pub excluded_by: Vec<Id>,
}

impl Gap {
    /// Compares a condition with a set.
    pub(crate) fn between(condition: &Condition, facts: &FactSet, universe: &Universe) -> Self {
        let has = |name: &String| universe.index(name).is_some_and(|fact| facts.contains(fact));
        let ids = |names: Vec<&String>| names.into_iter().map(|name| Id::from(name.as_str())).collect();
        let any_holds = condition.any.is_empty() || condition.any.iter().any(has);
        Self {
            missing: ids(condition.all.iter().filter(|name| !has(name)).collect()),
            missing_any: if any_holds { Vec::new() } else { ids(condition.any.iter().collect()) },
            excluded_by: ids(condition.none.iter().filter(|name| has(name)).collect()),
        }
    }

    /// How many things would have to change.
    pub fn distance(&self) -> usize {
        self.missing.len() + usize::from(!self.missing_any.is_empty()) + self.excluded_by.len()
    }
}
