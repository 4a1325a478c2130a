//! What answers say about the requirements of annex A.

use anshin_model::{Id, Lang, Text};

use crate::answers::Round;
use crate::checklist::{Means, Relation};
use crate::score::worth;

/// What answers say about a requirement of annex A.
#[derive(Debug, Clone)]
pub struct Says {
    /// The requirement.
    pub requirement: Id,
    /// The checklist.
    pub checklist: Id,
    /// Its title.
    pub title: Text,
    /// The item, with its number and its text.
    pub item: Id,
    /// Number of the item as the source prints it.
    pub label: String,
    /// The item in a few words.
    pub short: Text,
    /// How the item relates to the requirement.
    pub relation: Relation,
    /// What the answer comes to.
    pub means: Means,
    /// The evidence that the answer names.
    pub evidence: Vec<Text>,
    /// Whether nobody has confirmed the answer yet.
    pub proposed: bool,
    /// What the round is about.
    pub subject: Option<Text>,
    /// When the answer was given.
    pub date: Option<String>,
}

impl Says {
    /// Where the answer was given: the checklist, what its round is about, and when.
    pub fn round(&self) -> Text {
        let date = self.date.as_deref().map(Text::same);
        let parts = [Some(&self.title), self.subject.as_ref(), date.as_ref()];
        let joined = |lang, mark: &str| {
            parts.iter().flatten().map(|text| text.get(lang)).collect::<Vec<_>>().join(mark)
        };
        Text::new(joined(Lang::Ja, "、"), joined(Lang::En, ", "))
    }
}

/// What a round says about requirements, in the order of the checklist.
pub fn says(round: &Round) -> Vec<Says> {
    let mut out = Vec::new();
    for (_, item, given) in round.asked() {
        let Some(given) = given else { continue };
        let Some(means) = worth(&round.list, item, Some(given)).means else { continue };
        for to in &item.requirements {
            out.push(Says {
                requirement: to.requirement.clone(),
                checklist: round.list.id.clone(),
                title: round.list.title.clone(),
                item: item.id.clone(),
                label: item.label(),
                short: item.short().clone(),
                relation: to.relation,
                means,
                evidence: given.evidence.iter().map(|evidence| evidence.what.clone()).collect(),
                proposed: given.proposed,
                subject: round.answers.subject.clone(),
                date: round.date(given).map(str::to_owned),
            });
        }
    }
    out
}
