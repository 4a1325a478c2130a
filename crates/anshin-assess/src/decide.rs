//! Decisions of people, laid over the proposals.
//!
//! A decision names its proposal as `rating/STAKEHOLDER/AXIS`, `threat/ASSET/THREAT`,
//! `requirement/ID` or `implementer/REQUIREMENT`. It may carry the fingerprint of the facts that
//! it was made on; when that no longer fits, the decision stays in force and is shown as stale.

use std::collections::BTreeMap;

use anshin_model::document::{Decision, Verdict};
use anshin_model::{Id, Text};

use crate::assessment::{Decided, Reason, Stale};

/// The decisions of a document by subject, and which of them found their proposal.
pub(crate) struct Decisions<'a> {
    by_subject: BTreeMap<&'a str, (usize, &'a Decision)>,
    found: Vec<bool>,
    stale: Vec<Stale>,
}

impl<'a> Decisions<'a> {
    pub(crate) fn new(decisions: &'a [Decision]) -> Self {
        // Of two decisions about one proposal the later one counts.
        let mut by_subject = BTreeMap::new();
        let mut found = vec![false; decisions.len()];
        for (n, decision) in decisions.iter().enumerate() {
            if let Some((earlier, _)) = by_subject.insert(decision.subject.as_str(), (n, decision)) {
                found[earlier] = true;
            }
        }
        Self { by_subject, found, stale: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_subject.is_empty()
    }

    /// The decision about a proposal, if there is one.
    pub(crate) fn about(
        &mut self,
        subject: &str,
        proposed: &str,
        why: &[&Reason],
    ) -> Option<(Decided, Option<&'a Id>)> {
        let &(n, decision) = self.by_subject.get(subject)?;
        self.found[n] = true;
        let stale = decision.seen.as_ref().is_some_and(|seen| *seen != fingerprint(proposed, why));
        if stale {
            self.stale.push(Stale {
                decision: n,
                why: Text::new(
                    format!("`{subject}`のもとになった事実が、決定のあとで変わりました"),
                    format!("the facts behind `{subject}` have changed since the decision"),
                ),
                what: Text::new(
                    "もとになった事実が、決定のあとで変わりました",
                    "the facts behind it have changed since the decision",
                ),
            });
        }
        let decided = Decided {
            decision: n,
            verdict: decision.decide,
            proposed: proposed.to_owned(),
            reason: decision.reason.clone(),
            by: decision.by.clone(),
            stale,
        };
        let value = decision.value.as_ref().filter(|_| decision.decide == Verdict::Override);
        Some((decided, value))
    }

    /// Notes that an override names a value that does not exist.
    pub(crate) fn bad_value(&mut self, decided: &Decided, value: &str) {
        let why = Text::new(
            format!("値`{value}`は使えないので、提案のままにしました"),
            format!("the value `{value}` does not exist, so the proposal stands"),
        );
        self.stale.push(Stale { decision: decided.decision, what: why.clone(), why });
    }

    /// The decisions that somebody must look at again.
    pub(crate) fn finish(mut self) -> Vec<Stale> {
        let by_number: BTreeMap<usize, &str> =
            self.by_subject.iter().map(|(subject, (n, _))| (*n, *subject)).collect();
        for (n, _) in self.found.iter().enumerate().filter(|(_, found)| !**found) {
            let subject = by_number.get(&n).copied().unwrap_or_default();
            self.stale.push(Stale {
                decision: n,
                why: Text::new(
                    format!("`{subject}`という提案はもうありません"),
                    format!("there is no proposal `{subject}` any more"),
                ),
                what: Text::new("この提案はもうありません", "there is no such proposal any more"),
            });
        }
        self.stale.sort_by_key(|stale| stale.decision);
        self.stale
    }
}

/// Fingerprint of a proposal: its value, the rules that made it and their facts.
///
/// FNV-1a in 64 bits: stable on every machine and version. It guards against oversight, not
/// against forgery.
pub fn fingerprint(proposed: &str, why: &[&Reason]) -> String {
    let mut parts: Vec<String> = why
        .iter()
        .map(|reason| {
            let mut facts: Vec<&str> = reason.facts.iter().map(Id::as_str).collect();
            facts.sort_unstable();
            format!("{}({})", reason.rule, facts.join(","))
        })
        .collect();
    parts.sort_unstable();
    let text = format!("{proposed};{}", parts.join(";"));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
