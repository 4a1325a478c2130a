//! What changed between two versions of a system: by meaning, not by line.
//!
//! The order of lists, comments, the notation of a value, what is left out because it is the
//! default, and how a document is cut into files make no difference. What a change of facts does to
//! ratings, threats, requirements and plan is a difference of its own: a person changes a word, and
//! sees who is worse off by it.

pub(crate) mod facts;
mod page;
mod passage;
mod show;
pub mod v1;

use std::collections::BTreeMap;

use anshin_assess::{Candidate, PlanItem, Rating, Scenario, Scenarios, Threat};
use anshin_catalog::{Axis, Because};
use anshin_model::document::{Economic, Recovery, Status};
use anshin_model::tree::Node;
use anshin_model::{Id, Text};

use crate::names;
use crate::subject::Subject;

pub use page::html;
pub use passage::{Passage, passage};
pub use show::{Entry, Line, LineTone, Part};

/// From this change of its risk on, 0 to 1, a threat has moved.
pub const RISK_MOVED: f64 = 0.1;

/// From this many places in the ranking of its asset on, a threat has moved.
pub const RANK_MOVED: u32 = 3;

/// One version of a system.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a> {
    /// The system with its assessment.
    pub subject: Subject<'a>,
    /// The scenarios with the measures that are in place.
    pub scenarios: &'a Scenarios,
    /// The document as it was written, without errors, all its files merged.
    pub tree: &'a Node,
}

/// What changed between two versions, part by part.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The name of the system.
    pub system: Pair<Text>,
    /// What the documents state, in the order of the format.
    pub facts: Vec<ItemChange>,
    /// Ratings whose level or place inside or outside the target changed.
    pub ratings: Vec<RatingChange>,
    /// Threats that are above the cut in one version only, or moved noticeably.
    pub threats: Vec<ThreatChange>,
    /// Scenarios that are above the cut in one version only, or whose class changed.
    pub scenarios: Vec<ScenarioChange>,
    /// Candidate requirements.
    pub requirements: Vec<RequirementChange>,
    /// Policies.
    pub policies: Vec<PolicyChange>,
    /// Assets to begin with.
    pub priority_assets: Vec<PriorityAssetChange>,
    /// Rows of the plan.
    pub plan: Vec<PlanChange>,
    /// Decisions that somebody must look at again in one version only.
    pub stale: Vec<StaleChange>,
}

impl Difference {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        let Self {
            system: _,
            facts,
            ratings,
            threats,
            scenarios,
            requirements,
            policies,
            priority_assets,
            plan,
            stale,
        } = self;
        facts.is_empty()
            && ratings.is_empty()
            && threats.is_empty()
            && scenarios.is_empty()
            && requirements.is_empty()
            && policies.is_empty()
            && priority_assets.is_empty()
            && plan.is_empty()
            && stale.is_empty()
    }

    /// Whether something got worse: a stakeholder newly outside the target, a higher level, a new
    /// threat above the cut, a scenario of higher risk, or a decision gone stale.
    pub fn is_worse(&self) -> bool {
        self.ratings.iter().any(RatingChange::is_worse)
            || self.threats.iter().any(|threat| threat.place.change() == Change::Added)
            || self.scenarios.iter().any(ScenarioChange::is_worse)
            || self.stale.iter().any(|stale| stale.why.change() == Change::Added)
    }
}

/// What happened to a thing between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// Both versions have it.
    Changed,
}

impl Change {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Removed => "removed",
            Change::Changed => "changed",
        }
    }
}

/// The same thing in both versions; at least one of them has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<T> {
    /// In the old version.
    pub old: Option<T>,
    /// In the new version.
    pub new: Option<T>,
}

impl<T> Pair<T> {
    /// What happened to it.
    pub fn change(&self) -> Change {
        match (&self.old, &self.new) {
            (None, _) => Change::Added,
            (Some(_), None) => Change::Removed,
            (Some(_), Some(_)) => Change::Changed,
        }
    }

    /// The new one; the old one where it went.
    pub fn latest(&self) -> Option<&T> {
        self.new.as_ref().or(self.old.as_ref())
    }

    fn map<'a, U>(&'a self, old: impl Fn(&'a T) -> U, new: impl Fn(&'a T) -> U) -> Pair<U> {
        Pair { old: self.old.as_ref().map(old), new: self.new.as_ref().map(new) }
    }
}

/// An id and the name that people know it by. Two are the same if their ids are.
#[derive(Debug, Clone)]
pub struct Named {
    /// The id, or another word of the document.
    pub id: Id,
    /// The name.
    pub name: Text,
}

impl Named {
    fn new(id: &Id, name: Text) -> Self {
        Self { id: id.clone(), name }
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Named {}

impl PartialOrd for Named {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Named {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

/// A value in a document, independent of how it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A word, a number, a date, a reference.
    Word(Named),
    /// A text for people.
    Text(Text),
    /// A list; in the order of the document if the order means something, else sorted.
    List(Vec<Value>),
    /// Keys with their values.
    Map(Vec<(Named, Value)>),
}

/// A thing that the documents state, and what changed about it.
#[derive(Debug, Clone)]
pub struct ItemChange {
    /// The list of the document, such as `assets`.
    pub list: &'static str,
    /// Its id; the subject of a decision; empty where there is one thing only.
    pub item: Named,
    /// What happened to it.
    pub change: Change,
    /// The facts that came, went or changed; all facts of a thing that came or went.
    pub facts: Vec<FactChange>,
}

/// A fact that came, went or changed.
#[derive(Debug, Clone)]
pub struct FactChange {
    /// The keys that lead to it, joined by dots, such as `depends-on.restore`.
    pub key: Named,
    /// Its value.
    pub value: Pair<Value>,
}

/// Where a stakeholder stands on the risk map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Level on the recovery axis.
    pub recovery: Recovery,
    /// Whether it is within the target.
    pub recovery_within: bool,
    /// Level on the economic axis.
    pub economic: Economic,
    /// Whether it is within the target.
    pub economic_within: bool,
}

impl Standing {
    fn new(rating: &Rating) -> Self {
        Self {
            recovery: rating.recovery,
            recovery_within: rating.recovery_within,
            economic: rating.economic,
            economic_within: rating.economic_within,
        }
    }

    /// Whether both axes are within the target.
    pub fn within(self) -> bool {
        self.recovery_within && self.economic_within
    }

    /// Whether it is worse than another on some axis.
    fn is_worse_than(self, other: Standing) -> bool {
        self.recovery > other.recovery
            || self.economic > other.economic
            || (other.recovery_within && !self.recovery_within)
            || (other.economic_within && !self.economic_within)
    }
}

/// A rating that changed.
#[derive(Debug, Clone)]
pub struct RatingChange {
    /// The stakeholder.
    pub stakeholder: Named,
    /// The part of the system that is rated; `None` for the whole.
    pub part: Option<Named>,
    /// Where it stands.
    pub standing: Pair<Standing>,
    /// What makes a level that rose, or that is outside the target since.
    pub because: Vec<(Axis, Text)>,
}

impl RatingChange {
    /// Whether the stakeholder is newly outside the target, or a level rose.
    pub fn is_worse(&self) -> bool {
        match (self.standing.old, self.standing.new) {
            (_, None) => false,
            (None, Some(new)) => !new.within(),
            (Some(old), Some(new)) => new.is_worse_than(old),
        }
    }

    /// Whether nothing got worse and something better.
    pub fn is_better(&self) -> bool {
        match (self.standing.old, self.standing.new) {
            (Some(old), Some(new)) => old.is_worse_than(new) && !new.is_worse_than(old),
            _ => false,
        }
    }
}

/// Where a threat stands among others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Among the threats of its asset, from 1.
    pub rank: u32,
    /// Evidence times severity, 0 to 1.
    pub risk: f64,
}

impl Place {
    fn moved_to(self, new: Place) -> bool {
        // Rounded, so that a step of exactly the threshold counts on every machine.
        let step = ((new.risk - self.risk).abs() * 1000.0).round() / 1000.0;
        step >= RISK_MOVED || new.rank.abs_diff(self.rank) >= RANK_MOVED
    }
}

/// A threat that is above the cut in one version only, or moved noticeably.
#[derive(Debug, Clone)]
pub struct ThreatChange {
    /// The asset.
    pub asset: Named,
    /// The threat.
    pub threat: Named,
    /// What happens.
    pub incident: Text,
    /// Its place while it is above the cut.
    pub place: Pair<Place>,
}

/// The classes of a scenario in the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    /// How high the risk is among the classes of the matrix, from 0.
    pub height: usize,
    /// The risk.
    pub risk: Named,
    /// How likely it is.
    pub likelihood: Named,
    /// How grave its effect is.
    pub effect: Named,
}

impl Classes {
    fn new(scenario: &Scenario, scenarios: &Scenarios) -> Self {
        let matrix = &scenarios.matrix;
        let (risk, likelihood) = (&matrix.risk[scenario.risk], &matrix.likelihood[scenario.likelihood]);
        let effect = &matrix.effect[scenario.effect];
        Self {
            height: scenario.risk,
            risk: Named::new(&risk.id, risk.name.clone()),
            likelihood: Named::new(&likelihood.id, likelihood.name.clone()),
            effect: Named::new(&effect.id, effect.name.clone()),
        }
    }
}

/// A scenario that is above the cut in one version only, or whose class changed.
#[derive(Debug, Clone)]
pub struct ScenarioChange {
    /// The scenario.
    pub scenario: Named,
    /// What happens.
    pub incident: Text,
    /// Its classes while it is above the cut.
    pub classes: Pair<Classes>,
}

impl ScenarioChange {
    /// Whether it is newly above the cut, or its risk is higher.
    pub fn is_worse(&self) -> bool {
        let (old, new) = self.heights();
        new > old
    }

    /// Whether it is no longer above the cut, or its risk is lower.
    pub fn is_better(&self) -> bool {
        let (old, new) = self.heights();
        new < old
    }

    /// How high the risk was and is; `None`, which is below every class, while below the cut.
    fn heights(&self) -> (Option<usize>, Option<usize>) {
        let heights = self.classes.map(|old| old.height, |new| new.height);
        (heights.old, heights.new)
    }
}

/// How a requirement is called for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Who implements it.
    pub implementer: Named,
    /// Who has a part in it as well.
    pub also: Vec<Named>,
    /// Whether a policy calls for it.
    pub priority: bool,
    /// Whether a person took it out.
    pub rejected: bool,
}

/// A candidate requirement that came, went, or is called for in another way.
#[derive(Debug, Clone)]
pub struct RequirementChange {
    /// The requirement.
    pub requirement: Named,
    /// How it is called for.
    pub call: Pair<Call>,
}

/// A policy that came or went.
#[derive(Debug, Clone)]
pub struct PolicyChange {
    /// The policy.
    pub policy: Id,
    /// The stakeholder.
    pub stakeholder: Named,
    /// The axis.
    pub axis: Axis,
    /// The direction.
    pub text: Text,
    /// Added or removed.
    pub change: Change,
}

/// An asset that somebody should begin with in one version only.
#[derive(Debug, Clone)]
pub struct PriorityAssetChange {
    /// The asset.
    pub asset: Named,
    /// Which of the two reasons.
    pub because: Because,
    /// Added or removed.
    pub change: Change,
}

/// What a row of the plan holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Measures of the catalog.
    pub measures: Vec<Named>,
    /// The document's own measures, with their status.
    pub taken: Vec<(Named, Status)>,
}

/// A row of the plan that came, went or changed.
#[derive(Debug, Clone)]
pub struct PlanChange {
    /// The requirement.
    pub requirement: Named,
    /// Who does it.
    pub implementer: Named,
    /// What is done.
    pub row: Pair<PlanRow>,
}

/// A decision that somebody must look at again in one version only.
#[derive(Debug, Clone)]
pub struct StaleChange {
    /// What was decided about.
    pub subject: Named,
    /// Why it must be looked at.
    pub why: Pair<Text>,
}

/// Compares two versions of a system.
pub fn difference(old: &Version<'_>, new: &Version<'_>) -> Difference {
    let of = |version: &Version<'_>| version.subject.system.document.system.name.clone();
    Difference {
        system: Pair { old: Some(of(old)), new: Some(of(new)) },
        facts: facts::compare(old, new),
        ratings: ratings(&old.subject, &new.subject),
        threats: threats(&old.subject, &new.subject),
        scenarios: scenarios(old, new),
        requirements: requirements(&old.subject, &new.subject),
        policies: policies(&old.subject, &new.subject),
        priority_assets: priority_assets(&old.subject, &new.subject),
        plan: plan(&old.subject, &new.subject),
        stale: stale(&old.subject, &new.subject),
    }
}

/// Pairs what two versions have under the same key: in the order of the new version, then what only
/// the old one has.
fn pair<K: Ord, T>(
    old: impl IntoIterator<Item = (K, T)>,
    new: impl IntoIterator<Item = (K, T)>,
) -> Vec<Pair<T>> {
    let mut old: Vec<(K, Option<T>)> = old.into_iter().map(|(key, value)| (key, Some(value))).collect();
    let places: BTreeMap<&K, usize> = old.iter().enumerate().map(|(n, (key, _))| (key, n)).collect();
    let new: Vec<(Option<usize>, T)> =
        new.into_iter().map(|(key, value)| (places.get(&key).copied(), value)).collect();
    let mut pairs: Vec<Pair<T>> = new
        .into_iter()
        .map(|(place, value)| Pair { old: place.and_then(|n| old[n].1.take()), new: Some(value) })
        .collect();
    pairs.extend(old.into_iter().filter_map(|(_, value)| Some(Pair { old: Some(value?), new: None })));
    pairs
}

fn ratings(old: &Subject<'_>, new: &Subject<'_>) -> Vec<RatingChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = ((&'a Id, Option<&'a Id>), (&'a Subject<'a>, &'a Rating))> {
        let whole = &subject.assessment.system;
        let key =
            move |rating: &'a Rating| (&rating.stakeholder, Some(&rating.system).filter(|id| *id != whole));
        subject.assessment.ratings.iter().map(move |rating| (key(rating), (subject, rating)))
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let standing = both.map(|(_, rating)| Standing::new(rating), |(_, rating)| Standing::new(rating));
            let &(subject, rating) = both.latest().filter(|_| standing.old != standing.new)?;
            let document = subject.system.document;
            let part = document.subsystems.iter().find(|part| part.id == rating.system);
            Some(RatingChange {
                stakeholder: Named::new(&rating.stakeholder, subject.stakeholder(&rating.stakeholder)),
                part: part.map(|part| Named::new(&part.id, part.name.clone())),
                because: both.new.map_or_else(Vec::new, |(_, new)| because(standing.old, new)),
                standing,
            })
        })
        .collect()
}

/// The decisive reasons of a rating on the axes where it is worse than before.
fn because(old: Option<Standing>, new: &Rating) -> Vec<(Axis, Text)> {
    let now = Standing::new(new);
    let worse = |axis: Axis| match (axis, old) {
        (Axis::Recovery, Some(old)) => {
            now.recovery > old.recovery || (old.recovery_within && !now.recovery_within)
        }
        (Axis::Economic, Some(old)) => {
            now.economic > old.economic || (old.economic_within && !now.economic_within)
        }
        (Axis::Recovery, None) => !now.recovery_within,
        (Axis::Economic, None) => !now.economic_within,
    };
    let decided = |axis: Axis| match axis {
        Axis::Recovery => new.recovery_decided.as_ref(),
        Axis::Economic => new.economic_decided.as_ref(),
    };
    let mut out = Vec::new();
    for axis in [Axis::Recovery, Axis::Economic].into_iter().filter(|axis| worse(*axis)) {
        match decided(axis) {
            Some(decided) => out.push((axis, decided.reason.clone())),
            None => out.extend(
                new.why
                    .iter()
                    .filter(|why| why.axis == axis && why.decisive)
                    .map(|why| (axis, why.reason.text.clone())),
            ),
        }
    }
    out
}

fn threats(old: &Subject<'_>, new: &Subject<'_>) -> Vec<ThreatChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = ((&'a Id, &'a Id), (&'a Subject<'a>, &'a Threat))> {
        let above = subject.assessment.threats.iter().filter(|threat| threat.above_cut);
        above.map(move |threat| ((&threat.asset, &threat.threat), (subject, threat)))
    }
    let mut out: Vec<ThreatChange> = pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let place = |(_, threat): &(_, &Threat)| Place { rank: threat.rank, risk: threat.risk };
            let place = both.map(place, place);
            if place.old.zip(place.new).is_some_and(|(old, new)| !old.moved_to(new)) {
                return None;
            }
            let &(subject, threat) = both.latest()?;
            Some(ThreatChange {
                asset: Named::new(&threat.asset, subject.asset(&threat.asset)),
                threat: Named::new(&threat.threat, subject.threat(&threat.threat)),
                incident: threat.incident.clone(),
                place,
            })
        })
        .collect();
    // What went stands beside the rest of its asset.
    let mut assets: BTreeMap<Id, usize> = BTreeMap::new();
    for (n, threat) in out.iter().enumerate() {
        assets.entry(threat.asset.id.clone()).or_insert(n);
    }
    out.sort_by_key(|threat| assets.get(&threat.asset.id).copied());
    out
}

fn scenarios(old: &Version<'_>, new: &Version<'_>) -> Vec<ScenarioChange> {
    fn keyed<'a>(
        version: &'a Version<'_>,
    ) -> impl Iterator<Item = (&'a Id, (&'a Version<'a>, &'a Scenario))> {
        let above = version.scenarios.all.iter().filter(|scenario| scenario.above_cut());
        above.map(move |scenario| (&scenario.id, (version, scenario)))
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let classes =
                |&(version, scenario): &(&Version<'_>, &Scenario)| Classes::new(scenario, version.scenarios);
            let classes = both.map(classes, classes);
            let &(version, scenario) = both.latest().filter(|_| classes.old != classes.new)?;
            let name = names::scenario_name(&version.subject, scenario.id.as_str());
            Some(ScenarioChange {
                scenario: Named::new(&scenario.id, name),
                incident: scenario.incident.clone(),
                classes,
            })
        })
        .collect()
}

fn requirements(old: &Subject<'_>, new: &Subject<'_>) -> Vec<RequirementChange> {
    let call = |subject: &Subject<'_>, candidate: &Candidate| Call {
        implementer: Named::new(&candidate.implementer, subject.stakeholder(&candidate.implementer)),
        also: candidate.also.iter().map(|id| Named::new(id, subject.stakeholder(id))).collect(),
        priority: candidate.priority,
        rejected: candidate.rejected(),
    };
    let keyed = |candidates: &'_ [Candidate]| -> Vec<(Id, Candidate)> {
        candidates.iter().map(|candidate| (candidate.requirement.clone(), candidate.clone())).collect()
    };
    pair(keyed(&old.assessment.candidates), keyed(&new.assessment.candidates))
        .into_iter()
        .filter_map(|both| {
            let call = both.map(|candidate| call(old, candidate), |candidate| call(new, candidate));
            let id = &both.latest().filter(|_| call.old != call.new)?.requirement;
            Some(RequirementChange { requirement: Named::new(id, new.requirement(id)), call })
        })
        .collect()
}

fn policies(old: &Subject<'_>, new: &Subject<'_>) -> Vec<PolicyChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = ((&'a Id, &'a Id), (&'a Subject<'a>, &'a anshin_assess::Policy))> {
        let policies = subject.assessment.policies.iter();
        policies.map(move |policy| ((&policy.policy, &policy.stakeholder), (subject, policy)))
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let change = both.change();
            let &(subject, policy) = both.latest().filter(|_| change != Change::Changed)?;
            Some(PolicyChange {
                policy: policy.policy.clone(),
                stakeholder: Named::new(&policy.stakeholder, subject.stakeholder(&policy.stakeholder)),
                axis: policy.axis,
                text: policy.text.clone(),
                change,
            })
        })
        .collect()
}

fn priority_assets(old: &Subject<'_>, new: &Subject<'_>) -> Vec<PriorityAssetChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = ((&'a Id, &'static str), (&'a Subject<'a>, &'a anshin_assess::PriorityAsset))>
    {
        let rows = subject.assessment.priority_assets.iter();
        rows.map(move |row| ((&row.asset, row.because.as_str()), (subject, row)))
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let change = both.change();
            let &(subject, row) = both.latest().filter(|_| change != Change::Changed)?;
            Some(PriorityAssetChange {
                asset: Named::new(&row.asset, subject.asset(&row.asset)),
                because: row.because,
                change,
            })
        })
        .collect()
}

fn plan(old: &Subject<'_>, new: &Subject<'_>) -> Vec<PlanChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = ((&'a Id, &'a Id), (&'a Subject<'a>, &'a PlanItem))> {
        let rows = subject.assessment.plan.iter();
        rows.map(move |row| ((&row.requirement, &row.implementer), (subject, row)))
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let row = |&(subject, row): &(&Subject<'_>, &PlanItem)| plan_row(subject, row);
            let row = both.map(row, row);
            let &(subject, item) = both.latest().filter(|_| row.old != row.new)?;
            Some(PlanChange {
                requirement: Named::new(&item.requirement, subject.requirement(&item.requirement)),
                implementer: Named::new(&item.implementer, subject.stakeholder(&item.implementer)),
                row,
            })
        })
        .collect()
}

fn plan_row(subject: &Subject<'_>, item: &PlanItem) -> PlanRow {
    let catalog = subject.system.catalog;
    let proposed = |id: &Id| {
        let name = catalog.measures.get(id).map_or_else(|| Text::same(id.as_str()), |m| m.name.clone());
        Named::new(id, name)
    };
    let mut taken: Vec<(Named, Status)> = item
        .taken
        .iter()
        .map(|(id, status)| (Named::new(id, names::measure_name(subject, id)), *status))
        .collect();
    // The order of the document means nothing here.
    taken.sort_by(|a, b| a.0.cmp(&b.0));
    PlanRow { measures: item.measures.iter().map(proposed).collect(), taken }
}

fn stale(old: &Subject<'_>, new: &Subject<'_>) -> Vec<StaleChange> {
    fn keyed<'a>(
        subject: &'a Subject<'_>,
    ) -> impl Iterator<Item = (&'a Id, (&'a Subject<'a>, &'a Id, &'a Text))> {
        let decisions = &subject.system.document.decisions;
        subject.assessment.stale.iter().filter_map(move |stale| {
            let id = &decisions.get(stale.decision)?.subject;
            Some((id, (subject, id, &stale.why)))
        })
    }
    pair(keyed(old), keyed(new))
        .into_iter()
        .filter_map(|both| {
            let &(subject, id, _) = both.latest().filter(|_| both.change() != Change::Changed)?;
            let why = both.map(|(.., why)| (*why).clone(), |(.., why)| (*why).clone());
            Some(StaleChange { subject: Named::new(id, names::subject_name(subject, id.as_str())), why })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_the_new_order_and_then_tell_what_went() {
        let of = |words: &'static str| words.split(' ').map(|word| (&word[..1], word));
        let pairs = pair(of("a1 b1 c1 c2"), of("d2 c3 a2"));
        let shown: Vec<_> = pairs.iter().map(|both| (both.old, both.new)).collect();
        assert_eq!(
            shown,
            [
                (None, Some("d2")),
                (Some("c2"), Some("c3")),
                (Some("a1"), Some("a2")),
                (Some("b1"), None),
                (Some("c1"), None)
            ]
        );
    }

    #[test]
    fn a_threat_moves_by_a_tenth_or_three_places() {
        let place = |rank, risk| Place { rank, risk };
        assert!(!place(1, 0.5).moved_to(place(3, 0.599)));
        assert!(place(1, 0.5).moved_to(place(1, 0.6)));
        assert!(place(1, 0.6).moved_to(place(1, 0.5)));
        assert!(place(5, 0.5).moved_to(place(2, 0.5)));
    }

    #[test]
    fn worse_is_a_higher_level_or_a_target_missed_on_either_axis() {
        let standing = |recovery, within| Standing {
            recovery,
            recovery_within: within,
            economic: Economic::Serious,
            economic_within: false,
        };
        let change = |old, new| RatingChange {
            stakeholder: Named::new(&Id::from("a"), Text::same("a")),
            part: None,
            standing: Pair { old, new },
            because: Vec::new(),
        };
        let (low, high) = (standing(Recovery::Limited, true), standing(Recovery::Serious, false));
        let accepted = standing(Recovery::Serious, true);
        for (old, new, worse, better) in [
            (Some(low), Some(high), true, false),
            (Some(high), Some(low), false, true),
            (Some(accepted), Some(high), true, false),
            (None, Some(low), true, false),
            (Some(high), None, false, false),
        ] {
            let change = change(old, new);
            assert_eq!((change.is_worse(), change.is_better()), (worse, better), "{change:?}");
        }
    }
}
