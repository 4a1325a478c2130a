//! Everything that the program proposes and a person decides about, in one list.

use std::collections::BTreeSet;

use anshin_assess::{Decided, Rating, Reason};
use anshin_catalog::Axis;
use anshin_model::document::{Economic, Recovery, Verdict};
use anshin_model::{Id, Text};
use anshin_report::Subject;

/// What a proposal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A level of a stakeholder on an axis.
    Rating,
    /// A threat on an asset.
    Threat,
    /// A requirement.
    Requirement,
    /// Who implements a requirement.
    Implementer,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Rating, Kind::Threat, Kind::Requirement, Kind::Implementer];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Rating => "rating",
            Kind::Threat => "threat",
            Kind::Requirement => "requirement",
            Kind::Implementer => "implementer",
        }
    }

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Kind::Rating => Text::new("リスクの評価", "Ratings"),
            Kind::Threat => Text::new("脅威", "Threats"),
            Kind::Requirement => Text::new("対策要件", "Requirements"),
            Kind::Implementer => Text::new("実施主体", "Implementers"),
        }
    }
}

/// A proposal, and what a person made of it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The subject, as decisions name it.
    pub subject: String,
    /// What it is about.
    pub kind: Kind,
    /// What it is about, in words.
    pub title: Text,
    /// What holds now.
    pub value: Text,
    /// What the program proposes.
    pub proposed: Text,
    /// Tone of the value: `good`, `serious`, `grave` or empty.
    pub tone: &'static str,
    /// Stakeholders concerned.
    pub stakeholders: BTreeSet<Id>,
    /// Assets concerned.
    pub assets: BTreeSet<Id>,
    /// Viewpoint of the third axis.
    pub viewpoint: Option<u8>,
    /// Why it is proposed.
    pub why: Vec<Text>,
    /// What may take its place.
    pub values: Vec<(String, Text)>,
    /// Worked examples of values, in the order of the catalog.
    pub examples: Vec<(String, Text)>,
    /// What a person decided.
    pub decided: Option<Decided>,
    /// Whether a person should look at it first.
    pub first: bool,
}

impl Proposal {
    /// Whether somebody has to look at it: nobody has, or the facts have changed.
    pub fn open(&self) -> bool {
        self.decided.as_ref().is_none_or(|decided| decided.stale)
    }
}

/// All proposals of an assessment, ratings first.
pub fn proposals(subject: &Subject<'_>) -> Vec<Proposal> {
    let mut all: Vec<Proposal> = Vec::new();
    for rating in &subject.assessment.ratings {
        all.push(of_rating(subject, rating, Axis::Recovery));
        all.push(of_rating(subject, rating, Axis::Economic));
    }
    let texts = |why: &[Reason]| why.iter().map(|reason| reason.text.clone()).collect::<Vec<_>>();
    for threat in &subject.assessment.threats {
        let (yes, no) = (Text::new("検討する", "look at it"), Text::new("足切り未満", "below the cut"));
        let rejected = threat.decided.as_ref().is_some_and(|d| d.verdict == Verdict::Reject);
        let proposed = match threat.decided.as_ref().map(|d| d.proposed.as_str()) {
            Some("below-cut") => no.clone(),
            Some(_) => yes.clone(),
            None => {
                if threat.above_cut {
                    yes.clone()
                } else {
                    no.clone()
                }
            }
        };
        let value = if rejected {
            Text::new("却下", "rejected")
        } else if threat.above_cut {
            yes
        } else {
            no
        };
        all.push(Proposal {
            subject: format!("threat/{}/{}", threat.asset, threat.threat),
            kind: Kind::Threat,
            title: Text::new("{a}: {t}", "{a}: {t}")
                .fill(&[("a", &subject.asset(&threat.asset)), ("t", &subject.threat(&threat.threat))]),
            value,
            proposed,
            tone: "",
            stakeholders: BTreeSet::new(),
            assets: BTreeSet::from([threat.asset.clone()]),
            viewpoint: None,
            why: std::iter::once(threat.incident.clone()).chain(texts(&threat.rules)).collect(),
            values: Vec::new(),
            examples: Vec::new(),
            decided: threat.decided.clone(),
            first: threat.rank == 1 && threat.above_cut,
        });
    }
    for row in &subject.assessment.candidates {
        let title = subject.requirement(&row.requirement);
        let assets: BTreeSet<Id> = row.assets.iter().cloned().collect();
        let mut people = BTreeSet::from([row.implementer.clone()]);
        people.extend(row.also.iter().cloned());
        let called = Text::new("求められる", "called for");
        all.push(Proposal {
            subject: format!("requirement/{}", row.requirement),
            kind: Kind::Requirement,
            title: title.clone(),
            value: if row.rejected() { Text::new("却下", "rejected") } else { called.clone() },
            proposed: called,
            tone: if row.priority { "priority" } else { "" },
            stakeholders: people.clone(),
            assets: assets.clone(),
            viewpoint: Some(row.viewpoint),
            why: texts(&row.why),
            values: Vec::new(),
            examples: Vec::new(),
            decided: row.decided.clone(),
            first: row.priority,
        });
        let proposed = match &row.implementer_decided {
            Some(decided) if decided.verdict == Verdict::Override => Id::from(decided.proposed.as_str()),
            _ => row.implementer.clone(),
        };
        let everybody = &subject.system.document.stakeholders;
        all.push(Proposal {
            subject: format!("implementer/{}", row.requirement),
            kind: Kind::Implementer,
            title,
            value: subject.stakeholder(&row.implementer),
            proposed: subject.stakeholder(&proposed),
            tone: "",
            stakeholders: people,
            assets,
            viewpoint: Some(row.viewpoint),
            why: texts(&row.why),
            values: everybody.iter().map(|one| (one.id.to_string(), one.name.clone())).collect(),
            examples: Vec::new(),
            decided: row.implementer_decided.clone(),
            first: false,
        });
    }
    all.sort_by_key(|proposal| proposal.kind);
    all
}

fn of_rating(subject: &Subject<'_>, rating: &Rating, axis: Axis) -> Proposal {
    let recovery: Vec<(String, Text)> =
        Recovery::ALL.iter().map(|level| (level.as_str().to_owned(), level.name())).collect();
    let economic: Vec<(String, Text)> =
        Economic::ALL.iter().map(|level| (level.as_str().to_owned(), level.name())).collect();
    let (level, values, within, decided) = match axis {
        Axis::Recovery => {
            (rating.recovery.as_str(), recovery, rating.recovery_within, &rating.recovery_decided)
        }
        Axis::Economic => {
            (rating.economic.as_str(), economic, rating.economic_within, &rating.economic_decided)
        }
    };
    let name = |word: &str| {
        values.iter().find(|(own, _)| own == word).map_or_else(|| Text::same(word), |(_, name)| name.clone())
    };
    let proposed = decided.as_ref().map_or(level, |decided| &decided.proposed);
    let gravest = values.last().is_some_and(|(own, _)| own == level);
    let whole = rating.system == subject.assessment.system;
    let part = if whole { String::new() } else { format!("/{}", rating.system) };
    let who = subject.stakeholder(&rating.stakeholder);
    Proposal {
        subject: format!("rating/{}/{}{part}", rating.stakeholder, axis.as_str()),
        kind: Kind::Rating,
        title: Text::new("{who}: {axis}", "{who}: {axis}").fill(&[("who", &who), ("axis", &axis.name())]),
        value: name(level),
        proposed: name(proposed),
        tone: match (within, gravest) {
            (true, _) => "good",
            (false, false) => "serious",
            (false, true) => "grave",
        },
        stakeholders: BTreeSet::from([rating.stakeholder.clone()]),
        assets: BTreeSet::new(),
        viewpoint: None,
        why: rating
            .why
            .iter()
            .filter(|why| why.axis == axis && why.decisive)
            .map(|why| why.reason.text.clone())
            .collect(),
        values: values.clone(),
        examples: subject
            .system
            .catalog
            .rubric
            .values()
            .filter(|entry| entry.axis == axis)
            .map(|entry| (entry.level.as_str().to_owned(), entry.example.clone()))
            .collect(),
        decided: decided.clone(),
        first: !within,
    }
}
