//! Branching: whether an item is asked, given the answers so far.

use std::collections::BTreeMap;

use anshin_model::Id;

use crate::answers::Round;
use crate::checklist::{Item, Section, Test, When};
use crate::load::OUT_OF_SCOPE;
use crate::score;

/// What has been found out about items of one round.
#[derive(Debug, Default)]
pub(crate) struct Memo(BTreeMap<Id, bool>);

impl Memo {
    /// Whether an item is asked. Conditions make no circle, so the walk ends.
    pub(crate) fn is_asked(&mut self, round: &Round, section: &Section, item: &Item) -> bool {
        if let Some(&known) = self.0.get(&item.id) {
            return known;
        }
        // An item of one's own may name itself; it is not asked on its own account.
        self.0.insert(item.id.clone(), false);
        let asked = round.list.section_and_above(section).all(|section| self.holds(round, &section.when))
            && self.holds(round, &item.when);
        self.0.insert(item.id.clone(), asked);
        asked
    }

    fn holds(&mut self, round: &Round, when: &When) -> bool {
        when.all.iter().all(|test| self.passes(round, test))
            && (when.any.is_empty() || when.any.iter().any(|test| self.passes(round, test)))
            && !when.none.iter().any(|test| self.passes(round, test))
    }

    /// Whether an answer passes a test; the answer to an item that is not asked does not count.
    fn passes(&mut self, round: &Round, test: &Test) -> bool {
        let Some((section, item)) = round.list.item(test.item.as_str()) else { return false };
        let Some(given) = round.answer(item.id.as_str()) else { return false };
        if !self.is_asked(round, section, item) {
            return false;
        }
        let chosen = |word: &String| {
            if word == OUT_OF_SCOPE { given.out_of_scope } else { given.value.contains(word) }
        };
        let number = given.value.first().and_then(|word| word.parse::<f64>().ok());
        let means = score::worth(&round.list, item, Some(given)).means;
        (test.is.is_empty() || test.is.iter().any(chosen))
            && (test.means.is_empty() || means.is_some_and(|means| test.means.contains(&means)))
            && test.at_least.is_none_or(|least| number.is_some_and(|number| number >= least))
            && test.at_most.is_none_or(|most| number.is_some_and(|number| number <= most))
    }
}
