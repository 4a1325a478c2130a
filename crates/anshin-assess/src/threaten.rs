//! Step 3: threats on each asset, ranked and cut off by an explicit criterion.

use std::collections::BTreeMap;

use anshin_catalog::Mark;
use anshin_model::document::{Harm, Incident};
use anshin_model::{Id, Lang, Text};

use crate::assessment::{Reason, Threat};
use crate::decide::Decisions;
use crate::engine::Engine;
use crate::facts::Facts;
use crate::system::System;

/// Evidence from which a threat is looked at further: the facts speak rather for it than against.
pub const CUT: f64 = 0.5;

/// Most threats of one asset that are looked at further.
pub const MOST: u32 = 8;

/// Evidence in whole billionths: what differs by less is equal, so that rounding never ranks.
fn billionths(evidence: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "evidence is between 0 and 1")]
    let whole = (evidence * 1e9).round() as i64;
    whole
}

/// Proposes threats for every asset in scope.
///
/// Rules that propose the same threat support each other: the evidence is
/// `1 - (1 - w1)(1 - w2)…` over their weights, so a further reason raises it and it never passes 1.
/// Worked example: two rules of weight 0.4 give 1 - 0.6 × 0.6 = 0.64.
pub(crate) fn threaten(
    engine: &Engine<'_>,
    system: &System<'_>,
    facts: &Facts,
    decisions: &mut Decisions<'_>,
) -> Vec<Threat> {
    let catalog = engine.catalog;
    let mut out = Vec::with_capacity(system.document.assets.len() * 6);
    let mut hits: Vec<(usize, usize, f64)> = Vec::new();
    let mut incidents: BTreeMap<&Id, Vec<&Incident>> = BTreeMap::new();
    for incident in &system.document.incidents {
        incidents.entry(&incident.asset).or_default().push(incident);
    }
    for (n, asset) in system.document.assets.iter().enumerate() {
        if !system.profiles[n].in_scope {
            continue;
        }
        let own = &facts.assets[n];
        hits.clear();
        for (rule, condition) in engine.threat_rules.iter().enumerate() {
            if condition.holds(own) {
                hits.push((engine.rule_threats[rule], rule, catalog.threat_rules[rule].weight));
            }
        }
        // By threat in the order of the catalog, strongest rule first.
        hits.sort_by(|a, b| a.0.cmp(&b.0).then(b.2.total_cmp(&a.2)).then(a.1.cmp(&b.1)));
        let severity = severity(system, n, facts, engine);
        let first = out.len();
        for group in hits.chunk_by(|a, b| a.0 == b.0) {
            let evidence = 1.0 - group.iter().map(|(_, _, weight)| 1.0 - weight).product::<f64>();
            let (strongest_id, strongest) =
                catalog.threat_rules.get_index(group[0].1).expect("hits are numbers of rules");
            let rules: Vec<Reason> = group
                .iter()
                .map(|&(_, rule, _)| {
                    let (id, entry) =
                        catalog.threat_rules.get_index(rule).expect("hits are numbers of rules");
                    Reason {
                        rule: id.clone(),
                        facts: engine.threat_rules[rule].reasons(own, &engine.rule_facts),
                        text: entry.why.clone(),
                    }
                })
                .collect();
            let (threat, _) = catalog.threats.get_index(group[0].0).expect("rules propose known threats");
            out.push(Threat {
                asset: asset.id.clone(),
                threat: threat.clone(),
                rank: 0,
                evidence,
                risk: evidence * severity,
                above_cut: false,
                incident: incident(system, n, strongest_id, &strongest.incident, &rules[0].facts, engine),
                rules,
                decided: None,
            });
        }
        for incident in incidents.get(&asset.id).into_iter().flatten() {
            add_own(&mut out, first, incident, severity);
        }
        rank(&mut out[first..]);
        if !decisions.is_empty() {
            out[first..].iter_mut().for_each(|threat| decide(threat, decisions));
        }
    }
    out
}

/// Adds an incident that the user thinks of: what a person names is certain to be looked at.
fn add_own(threats: &mut Vec<Threat>, first: usize, own: &Incident, severity: f64) {
    let text = match &own.result {
        Some(result) => Text::new(
            format!("{} {}", own.what.get(Lang::Ja), result.get(Lang::Ja)),
            format!("{} {}", own.what.get(Lang::En), result.get(Lang::En)),
        ),
        None => own.what.clone(),
    };
    let reason = Reason { rule: own.id.clone(), facts: vec![Id::from("incident")], text: text.clone() };
    match threats[first..].iter_mut().find(|threat| threat.threat == own.threat) {
        Some(threat) => {
            threat.evidence = 1.0;
            threat.risk = severity;
            threat.incident = text;
            threat.rules.insert(0, reason);
        }
        None => threats.push(Threat {
            asset: own.asset.clone(),
            threat: own.threat.clone(),
            rank: 0,
            evidence: 1.0,
            risk: severity,
            above_cut: false,
            incident: text,
            rules: vec![reason],
            decided: None,
        }),
    }
}

fn rank(threats: &mut [Threat]) {
    threats.sort_by_key(|threat| -billionths(threat.evidence));
    for (rank, threat) in (1..).zip(threats) {
        threat.rank = rank;
        threat.above_cut = billionths(threat.evidence) >= billionths(CUT) && rank <= MOST;
    }
}

fn decide(threat: &mut Threat, decisions: &mut Decisions<'_>) {
    use anshin_model::document::Verdict;
    let subject = format!("threat/{}/{}", threat.asset, threat.threat);
    let proposed = if threat.above_cut { "above-cut" } else { "below-cut" };
    let reasons: Vec<&Reason> = threat.rules.iter().collect();
    if let Some((decided, _)) = decisions.about(&subject, proposed, &reasons) {
        threat.above_cut = decided.verdict != Verdict::Reject;
        threat.decided = Some(decided);
    }
}

/// How much is at stake at an asset, 0.5 to 1.
///
/// The worst of: harm to people that it does or controls (death 1, serious injury 0.9, minor
/// injury 0.7), sensitive or secret data, control over something that can hurt, many customers or
/// the core of a business (0.9), other personal data (0.7). Nothing of these is 0.5. Own judgement.
fn severity(system: &System<'_>, n: usize, facts: &Facts, engine: &Engine<'_>) -> f64 {
    let profile = &system.profiles[n];
    let mut severity: f64 = 0.5;
    for danger in &profile.dangers {
        severity = severity.max(match danger.worst {
            Some(Harm::Death) => 1.0,
            Some(Harm::SeriousInjury) => 0.9,
            Some(Harm::MinorInjury) => 0.7,
            None => 0.5,
        });
    }
    let has = |mark: Mark| {
        system.document.assets[n]
            .stores
            .iter()
            .filter_map(|id| system.data.get(id.as_str()))
            .any(|&data| system.marks[data].contains(&mark))
    };
    if has(Mark::Personal) {
        severity = severity.max(0.7);
    }
    let over_hazard = engine.controls_hazard.holds(&facts.assets[n]);
    if over_hazard
        || has(Mark::Sensitive)
        || has(Mark::Secret)
        || profile.has("serves-many")
        || profile.has("business-critical")
        || profile.has("safety-function")
    {
        severity = severity.max(0.9);
    }
    severity
}

/// The incident sentence of a rule with the names of the asset and its data.
///
/// Where the rule holds because of certain data (`stores:personal`), only that data is named.
pub(crate) fn incident(
    system: &System<'_>,
    n: usize,
    rule: &Id,
    sentence: &Text,
    facts: &[Id],
    engine: &Engine<'_>,
) -> Text {
    let asset = &system.document.assets[n];
    if !engine.names_data.contains(rule) {
        return sentence.fill(&[("asset", &asset.name)]);
    }
    let wanted: Vec<&str> = facts
        .iter()
        .filter_map(|fact| fact.as_str().split_once(':'))
        .filter(|(family, _)| matches!(*family, "stores" | "carries" | "handles"))
        .map(|(_, word)| word)
        .collect();
    let fits = |data: usize| {
        let kind = &system.document.data[data].kind;
        wanted.is_empty()
            || system.marks[data].iter().any(|mark| wanted.contains(&mark.as_str()))
            || kind.with_parents().any(|kind| wanted.contains(&kind))
    };
    let find = |id: &Id| system.data.get(id.as_str()).copied().filter(|&data| fits(data));
    let mut data: Vec<usize> = asset.stores.iter().filter_map(find).collect();
    if data.is_empty() {
        let links = system.neighbours(n).iter().map(|&(_, hop)| system.hops[hop as usize].link as usize);
        data.extend(links.flat_map(|link| &system.document.links[link].carries).filter_map(find));
    }
    data.sort_unstable();
    data.dedup();
    let names: Vec<&Text> = data
        .iter()
        .take(3)
        .map(|&data| {
            let data = &system.document.data[data];
            let of_kind = || engine.catalog.data_kinds.get(&data.kind).map(|kind| &kind.name);
            data.name.as_ref().or_else(of_kind).unwrap_or(&engine.any_data)
        })
        .collect();
    let joined = if names.is_empty() {
        engine.any_data.clone()
    } else {
        let join = |lang, with: &str| names.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(with);
        let (mut ja, mut en) = (join(Lang::Ja, "・"), join(Lang::En, ", "));
        if data.len() > names.len() {
            ja.push_str("など");
            en.push_str(" and more");
        }
        Text::new(ja, en)
    };
    sentence.fill(&[("asset", &asset.name), ("data", &joined)])
}
