//! The whole result as plain values. Reports, pages, exports and tests read this and nothing else.

use anshin_catalog::{Axis, Because, Factor, Target};
use anshin_model::document::{Economic, Recovery, Status, Verdict};
use anshin_model::{Id, Text};

/// What [`Engine::assess`](crate::Engine::assess) works out.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The system.
    pub system: Id,
    /// One for each stakeholder and rated part, in the order of the document.
    pub ratings: Vec<Rating>,
    /// Every threat that some rule proposes, asset by asset in the order of the document, ranked
    /// within the asset.
    pub threats: Vec<Threat>,
    /// Requirements that are called for, in the order of annex A.
    pub candidates: Vec<Candidate>,
    /// Directions for stakeholders outside the target.
    pub policies: Vec<Policy>,
    /// Assets to begin with.
    pub priority_assets: Vec<PriorityAsset>,
    /// Who does what.
    pub plan: Vec<PlanItem>,
    /// Decisions whose facts have changed or whose proposal is gone, by number in the document.
    pub stale: Vec<Stale>,
}

impl Assessment {
    /// The requirements that are called for and that nobody has rejected.
    pub fn called_for(&self) -> impl Iterator<Item = &Id> {
        let all = self.candidates.iter().filter(|candidate| !candidate.rejected());
        all.map(|candidate| &candidate.requirement)
    }
}

/// Both axes for one stakeholder.
#[derive(Debug, Clone)]
pub struct Rating {
    /// The stakeholder.
    pub stakeholder: Id,
    /// The system, or the part of it that is rated.
    pub system: Id,
    /// Level on the recovery axis, decisions counted.
    pub recovery: Recovery,
    /// Level on the economic axis, decisions counted.
    pub economic: Economic,
    /// Whether the recovery level is within the target.
    pub recovery_within: bool,
    /// Whether the economic level is within the target.
    pub economic_within: bool,
    /// What makes the levels: every entry of the rubric that holds, grave ones first.
    pub why: Vec<RatingReason>,
    /// What a person decided about the recovery level.
    pub recovery_decided: Option<Decided>,
    /// What a person decided about the economic level.
    pub economic_decided: Option<Decided>,
}

impl Rating {
    /// Whether the stakeholder is within the target on both axes.
    pub fn within(&self) -> bool {
        self.recovery_within && self.economic_within
    }
}

/// An entry of the rubric that holds for a stakeholder.
#[derive(Debug, Clone)]
pub struct RatingReason {
    /// The axis.
    pub axis: Axis,
    /// The level, in the words of files.
    pub level: String,
    /// The row of the worksheet.
    pub factor: Factor,
    /// Whether it makes the level of its axis.
    pub decisive: bool,
    /// The entry and its facts.
    pub reason: Reason,
}

/// A rule that held, and why.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The rule in the catalog.
    pub rule: Id,
    /// The facts that made it hold.
    pub facts: Vec<Id>,
    /// What that means.
    pub text: Text,
}

/// A threat on an asset.
#[derive(Debug, Clone)]
pub struct Threat {
    /// The asset.
    pub asset: Id,
    /// The threat.
    pub threat: Id,
    /// Place among the threats of the asset, from 1.
    pub rank: u32,
    /// How strongly the facts speak for it, 0 to 1: `1 - product(1 - weight)` over the rules.
    pub evidence: f64,
    /// Evidence times the severity of the asset, 0 to 1; ranks threats across assets.
    pub risk: f64,
    /// Whether it is looked at further.
    pub above_cut: bool,
    /// What happens, in the words of the strongest rule.
    pub incident: Text,
    /// The rules that speak for it, strongest first.
    pub rules: Vec<Reason>,
    /// What a person decided.
    pub decided: Option<Decided>,
}

/// A requirement that is called for.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The requirement.
    pub requirement: Id,
    /// Viewpoint of the third axis, 1 to 4.
    pub viewpoint: u8,
    /// What it is implemented in.
    pub target: Target,
    /// Threats that call for it; empty if it is general.
    pub threats: Vec<Id>,
    /// Who implements it.
    pub implementer: Id,
    /// Who has a part in it as well.
    pub also: Vec<Id>,
    /// Assets concerned; empty for the whole system.
    pub assets: Vec<Id>,
    /// Assets too small to protect themselves, each with the asset that stands in.
    pub stand_ins: Vec<(Id, Id)>,
    /// Whether a policy calls for it.
    pub priority: bool,
    /// Why.
    pub why: Vec<Reason>,
    /// What a person decided about the requirement.
    pub decided: Option<Decided>,
    /// What a person decided about its implementer.
    pub implementer_decided: Option<Decided>,
}

impl Candidate {
    /// Whether a person took it out.
    pub fn rejected(&self) -> bool {
        self.decided.as_ref().is_some_and(|d| d.verdict == Verdict::Reject)
    }
}

/// A direction for a stakeholder outside the target.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The policy in the catalog.
    pub policy: Id,
    /// The stakeholder.
    pub stakeholder: Id,
    /// The axis on which it brings the stakeholder back.
    pub axis: Axis,
    /// The direction.
    pub text: Text,
    /// Requirements that it calls for.
    pub requirements: Vec<Id>,
    /// Why.
    pub why: Reason,
}

/// An asset to begin with.
#[derive(Debug, Clone)]
pub struct PriorityAsset {
    /// The asset.
    pub asset: Id,
    /// Which of the two reasons.
    pub because: Because,
    /// Why.
    pub why: Vec<Reason>,
}

/// What one stakeholder does for one requirement.
#[derive(Debug, Clone)]
pub struct PlanItem {
    /// The requirement.
    pub requirement: Id,
    /// Who does it.
    pub implementer: Id,
    /// Whether a policy calls for it (〇).
    pub priority: bool,
    /// The policies that call for it, as numbers in [`Assessment::policies`].
    pub policies: Vec<usize>,
    /// Measures of the catalog that fit the implementer and the assets, least effort first.
    pub measures: Vec<Id>,
    /// The document's own measures for it, with their status.
    pub taken: Vec<(Id, Status)>,
    /// Threats above the cut that it works against, as numbers in [`Assessment::threats`].
    pub covers: Vec<u32>,
}

/// What a person decided about a proposal.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Number of the decision in the document.
    pub decision: usize,
    /// What was decided.
    pub verdict: Verdict,
    /// What the program had proposed.
    pub proposed: String,
    /// Why the person decided so.
    pub reason: Text,
    /// Who.
    pub by: String,
    /// Whether the facts have changed since.
    pub stale: bool,
}

/// A decision that somebody must look at again.
#[derive(Debug, Clone)]
pub struct Stale {
    /// Number of the decision in the document.
    pub decision: usize,
    /// What has changed, with the id of the proposal.
    pub why: Text,
    /// What has changed, for a place that names the proposal.
    pub what: Text,
}
