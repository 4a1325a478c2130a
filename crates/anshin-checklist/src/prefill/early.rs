//! What cannot be there yet at the stage that a document states, and what the assessment calls for in
//! its place.

use anshin_assess::Candidate;
use anshin_catalog::Catalog;
use anshin_model::document::{Role, Stage};
use anshin_model::{Id, Text};

use super::facts::Facts;
use super::recorded::{asked_for, is_in_place};
use super::{Ground, with_means, words};
use crate::answers::Given;
use crate::checklist::{Item, Means, Subject};

/// That something is not met, where it cannot be there yet at the stage that the document states.
pub(super) fn answer(facts: &Facts<'_>, candidates: &[Candidate], item: &Item) -> Option<(Given, Ground)> {
    let (list, system) = (facts.list, facts.system);
    let earliest = item.earliest.as_ref()?;
    let concerns = facts.earliest(item)?;
    // Left out, the stage counts as planning; here it has to be said.
    let stage = system.document.system.stage.filter(|stage| *stage < earliest.stage)?;
    let mut given = with_means(list, item, Means::Unmet)?;
    let is_planned = stage == Stage::Planning;
    let stage = if is_planned {
        Text::new("まだ企画段階", "it is still being planned")
    } else {
        Text::new("まだ開発段階", "it is still being developed")
    };
    let is_done = |id: &Id| is_in_place(system, id);
    let lacks = match words::measures_but(list, item, system, is_done) {
        Some(measures) => Text::new(
            "{measures}を実施済みとする記録がシステム文書にない",
            "{measures} is not recorded as in place in the system document",
        )
        .fill(&[("measures", &measures)]),
        None if is_planned => Text::new("製品ができていない", "the product is not there"),
        None => Text::new("製品が市場に出ていない", "the product is not on the market"),
    };
    let (because, ground) = if let Some(candidate) = called_for(candidates, item, system.catalog) {
        let asks = asks(facts, candidate);
        let because = Text::new("{stage}です。{asks}、{lacks}ため", "{stage}; {asks}, and {lacks}");
        (because.fill(&[("stage", &stage), ("asks", &asks), ("lacks", &lacks)]), Ground::CalledFor)
    } else {
        let because = Text::new("{stage}で、{lacks}ため", "{stage}, and {lacks}");
        (because.fill(&[("stage", &stage), ("lacks", &lacks)]), Ground::Stage)
    };
    given.because = Some(words::with_places(&because, &facts.places, concerns));
    Some((given, ground))
}

/// What the assessment calls for of what an item asks for; first that which its measures meet.
fn called_for<'c>(candidates: &'c [Candidate], item: &Item, catalog: &Catalog) -> Option<&'c Candidate> {
    let asked: Vec<&Id> = asked_for(item).collect();
    let met = item.measures.iter().filter_map(|id| Some(&catalog.measures.get(id)?.requirement));
    let met = met.filter(|requirement| asked.contains(requirement));
    met.chain(asked.iter().copied()).find_map(|requirement| {
        let mut all = candidates.iter().filter(|own| !own.rejected());
        all.find(|own| own.requirement == *requirement)
    })
}

/// That the assessment calls for a requirement: on what, against what, and by whom.
fn asks(facts: &Facts<'_>, candidate: &Candidate) -> Text {
    let (system, catalog) = (facts.system, facts.system.catalog);
    let numbers = candidate.assets.iter().filter_map(|id| system.assets.get(id.as_str()).copied());
    let numbers: Vec<usize> = numbers.collect();
    // Makers answer for what they make.
    let is_own = |n: &&usize| system.profiles[**n].maker == Some(system.lead);
    let own: Vec<&usize> = numbers.iter().filter(is_own).collect();
    let narrowed = facts.list.subject == Subject::Product && !own.is_empty();
    let assets: Vec<&usize> = if narrowed { own } else { numbers.iter().collect() };
    let assets = words::all(assets.into_iter().map(|n| &system.document.assets[*n].name));
    let threats = words::all(candidate.threats.iter().filter_map(|id| Some(&catalog.threats.get(id)?.name)));
    let on = assets.map_or_else(Text::default, |assets| {
        Text::new("{assets}について、", " for {assets}").fill(&[("assets", &assets)])
    });
    let against = threats.map_or_else(Text::default, |threats| {
        Text::new("{threats}への備えとして", " against {threats}").fill(&[("threats", &threats)])
    });
    // What a product has to be is its maker's task, also where its users have their part in it.
    let by = system.stakeholders.get(candidate.implementer.as_str());
    let by = by.filter(|n| **n != system.lead && system.stakeholder(**n).role != Role::User);
    let by = by.map_or_else(Text::default, |n| {
        Text::new("（実施主体：{who}）", " (to be done by {who})")
            .fill(&[("who", &system.stakeholder(*n).name)])
    });
    let name =
        catalog.requirements.get(&candidate.requirement).map(|own| own.name.clone()).unwrap_or_default();
    Text::new(
        "評価では、{on}{against}要件「{name}」{by}が求められ",
        "the assessment calls for \u{201c}{name}\u{201d}{on}{against}{by}",
    )
    .fill(&[("on", &on), ("against", &against), ("name", &name), ("by", &by)])
}
