//! From answers to points, scores and bands, and to what should be done first.

use anshin_catalog::{Catalog, Effort};
use anshin_model::{Id, Text};

use crate::answers::{Given, Round};
use crate::checklist::{
    Band, Checklist, Choice, Item, Kind, Means, Method, OutOfScope, Relation, Scale, Score, Scoring, Section,
    Target, Unanswered,
};
use crate::load::UNKNOWN;

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Its points; `None` if it stays out of scores.
    pub points: Option<f64>,
    /// The most points that the item can have; `None` if it has none.
    pub most: Option<f64>,
    /// What it comes to.
    pub means: Option<Means>,
}

/// What an answer to an item is worth; without an answer, no points out of the most.
pub fn worth(list: &Checklist, item: &Item, given: Option<&Given>) -> Worth {
    worth_by(list.scale(item), given)
}

/// The same in one score, which may give options other points than their scale does.
fn worth_in(score: &Score, list: &Checklist, item: &Item, given: Option<&Given>) -> Worth {
    if !score.is_variant() {
        return worth(list, item, given);
    }
    let mut scale = list.scale(item).clone();
    for option in &mut scale.options {
        option.points = score.points_of(&option.id).or(option.points);
    }
    worth_by(&scale, given)
}

fn worth_by(scale: &Scale, given: Option<&Given>) -> Worth {
    let most = scale.most();
    let Some(given) = given.filter(|given| given.is_answered()) else {
        return Worth { points: most.map(|_| 0.0), most, means: None };
    };
    if given.out_of_scope {
        let full = scale.out_of_scope == OutOfScope::Full;
        return Worth { points: most.filter(|_| full), most, means: Some(Means::NotApplicable) };
    }
    let chosen: Vec<_> = given.value.iter().filter_map(|word| scale.option(word)).collect();
    if chosen.is_empty() && given.value.iter().any(|word| word == UNKNOWN) {
        return Worth { points: most.map(|_| 0.0), most, means: Some(Means::Unknown) };
    }
    let (points, means) = match (scale.kind, scale.scoring) {
        (Kind::One, _) => {
            let option = chosen.first();
            (option.and_then(|option| option.points), option.and_then(|option| option.means))
        }
        (Kind::Many, Scoring::Exact) => {
            let right = scale
                .options
                .iter()
                .all(|option| option.correct == given.value.iter().any(|word| option.id == **word));
            let means = if right { Means::Met } else { Means::Unmet };
            (most.map(|most| if right { most } else { 0.0 }), Some(means))
        }
        (Kind::Many, Scoring::Sum) => (
            most.map(|_| chosen.iter().filter_map(|option| option.points).sum()),
            chosen.iter().filter_map(|option| option.means).min(),
        ),
        (Kind::Number, _) => {
            let number = given.value.first().and_then(|word| word.parse::<f64>().ok());
            let step = number.and_then(|number| scale.steps.iter().rev().find(|step| number >= step.from));
            (most.map(|_| step.map_or(0.0, |step| step.points)), step.and_then(|step| step.means))
        }
        (Kind::Date | Kind::Text, _) => (None, None),
    };
    Worth { points: points.filter(|_| most.is_some()), most, means }
}

/// A score that was worked out.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The score.
    pub score: &'a Score,
    /// Its value.
    pub value: f64,
    /// The value of the same items with all points.
    pub most: f64,
    /// Points for each unit of weight.
    pub mean: f64,
    /// Items that count.
    pub items: usize,
    /// Of those, the ones with an answer or a proposal.
    pub answered: usize,
    /// What the value means; nothing until people have answered all items that count.
    pub band: Option<&'a Band>,
    /// The value to reach: the one asked for, the score's own, or what another score's band asks for.
    pub target: Option<f64>,
}

impl Outcome<'_> {
    /// How far it is to the value to reach, or to the most where none is set.
    pub fn missing(&self) -> f64 {
        (self.target.unwrap_or(self.most) - self.value).max(0.0)
    }
}

impl Standing<'_> {
    /// The scores to show: the headline, others of which something is answered, and of the variants those
    /// that come to something else than the headline.
    pub fn shown(&self) -> impl Iterator<Item = &Outcome<'_>> {
        let headline = self.scores.first().map(|headline| (headline.value, headline.most));
        let differs = move |own: &&Outcome<'_>| {
            let alike = |(value, most): (f64, f64)| {
                (own.value - value).abs() < 1e-9 && (own.most - most).abs() < 1e-9
            };
            !own.score.is_variant() || !headline.is_some_and(alike)
        };
        let tells = |(n, own): &(usize, &Outcome<'_>)| own.items > 0 && (*n == 0 || own.answered > 0);
        self.scores.iter().enumerate().filter(tells).map(|(_, own)| own).filter(differs)
    }
}

/// Points of a section on top, with those below it.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// The section.
    pub section: &'a Section,
    /// Weighted points.
    pub points: f64,
    /// The most of them.
    pub most: f64,
    /// Points for each unit of weight.
    pub mean: f64,
    /// Items with points.
    pub items: usize,
}

impl Part<'_> {
    /// Points as a part of the most, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.most > 0.0 { (self.points / self.most).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// How far a round has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Items that are asked.
    pub asked: usize,
    /// Items that a person has answered or confirmed.
    pub answered: usize,
    /// Answers that the program proposed and nobody has confirmed.
    pub proposed: usize,
    /// Answers that somebody has reviewed.
    pub reviewed: usize,
    /// Items that are asked and count; a profile or tables to fill in stand beside them.
    pub counting: usize,
    /// Of those, the ones answered or proposed as not concerning those who answer.
    pub not_concerning: usize,
    /// Of the others, the ones with an answer that is only proposed.
    pub concerning_proposed: usize,
    /// Of those that count, the ones without an answer for which the program tells what would answer them.
    pub not_known: usize,
}

impl Progress {
    /// Items that concern those who answer, as far as is known.
    pub fn concerning(&self) -> usize {
        self.counting - self.not_concerning
    }

    /// Items without any answer.
    pub fn open(&self) -> usize {
        self.asked - self.answered - self.proposed
    }
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// The section of the item.
    pub section: &'a Section,
    /// The item that is not met.
    pub item: &'a Item,
    /// What its answer comes to.
    pub means: Option<Means>,
    /// Weighted points that are missing, or 1 for an item without points.
    pub gain: f64,
    /// How much work it is, where the item or its cheapest measure says so.
    pub effort: Option<Effort>,
    /// The class that was chosen, where the item asks for one.
    pub class: Option<&'a Choice>,
    /// The right answers, where the item is a question of a quiz.
    pub right: Vec<&'a Choice>,
    /// What to do, or of a quiz what to know; empty where the checklist does not say.
    pub advice: Text,
    /// Measures of the catalog, least effort first.
    pub measures: Vec<Id>,
}

/// Items that do not concern those who answer, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// How many.
    pub items: usize,
    /// Why; empty where nobody has said.
    pub reason: Text,
}

/// Everything that follows from a round.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// The scores, the headline first.
    pub scores: Vec<Outcome<'a>>,
    /// The sections on top that have points.
    pub parts: Vec<Part<'a>>,
    /// How far the round has come.
    pub progress: Progress,
    /// Why items that count do not concern those who answer, the reason of most items first.
    pub outside: Vec<Outside>,
    /// What should be done, first things first.
    pub steps: Vec<Step<'a>>,
}

/// Sum of points, most points and weights.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    points: f64,
    most: f64,
    weight: f64,
    items: usize,
}

impl Sum {
    fn add(&mut self, weight: f64, points: f64, most: f64) {
        self.points += weight * points;
        self.most += weight * most;
        self.weight += weight;
        self.items += 1;
    }

    fn mean(&self) -> f64 {
        if self.weight > 0.0 { self.points / self.weight } else { 0.0 }
    }
}

/// Weight of an item, with those of its sections.
fn weight(list: &Checklist, section: &Section, item: &Item) -> f64 {
    item.weight * list.section_and_above(section).map(|section| section.weight).product::<f64>()
}

/// How far a round has come, and why items do not concern those who answer.
fn how_far(round: &Round, asked: &[(&Section, &Item, Option<&Given>)]) -> (Progress, Vec<Outside>) {
    let list = &round.list;
    let mut progress = Progress { asked: asked.len(), ..Progress::default() };
    let mut outside: Vec<Outside> = Vec::new();
    for (section, item, given) in asked {
        if list.is_scored(section) {
            let concerns = worth(list, item, *given).means != Some(Means::NotApplicable);
            progress.counting += 1;
            progress.not_concerning += usize::from(!concerns);
            if let Some(given) = given.filter(|_| !concerns) {
                let reason = given.reason.as_ref().or(given.because.as_ref()).cloned().unwrap_or_default();
                match outside.iter_mut().find(|own| own.reason == reason) {
                    Some(own) => own.items += 1,
                    None => outside.push(Outside { items: 1, reason }),
                }
            }
            let is_proposed = given.is_some_and(|given| given.proposed);
            progress.concerning_proposed += usize::from(concerns && is_proposed);
            progress.not_known += usize::from(round.hint(item.id.as_str()).is_some());
        }
        let Some(given) = given else { continue };
        if given.proposed {
            progress.proposed += 1;
        } else {
            progress.answered += 1;
        }
        progress.reviewed += usize::from(given.reviewed.is_some());
    }
    outside.sort_by_key(|own| std::cmp::Reverse(own.items));
    (progress, outside)
}

/// Works out everything that follows from a round.
pub fn standing<'a>(round: &'a Round, catalog: &Catalog) -> Standing<'a> {
    standing_towards(round, catalog, None)
}

/// The same with a value that the headline is to reach.
pub fn standing_towards<'a>(round: &'a Round, catalog: &Catalog, target: Option<f64>) -> Standing<'a> {
    let list = &round.list;
    let asked = round.asked();
    let (progress, outside) = how_far(round, &asked);
    let mut parts: Vec<(&Section, Sum)> = Vec::new();
    let mut steps = Vec::new();
    for (section, item, given) in &asked {
        let worth = worth(list, item, *given);
        let weight = weight(list, section, item);
        if let (Some(points), Some(most)) = (worth.points, worth.most)
            && list.is_scored(section)
        {
            let top = list.top(section);
            let n = parts.iter().position(|(own, _)| own.id == top.id).unwrap_or_else(|| {
                parts.push((top, Sum::default()));
                parts.len() - 1
            });
            parts[n].1.add(weight, points, most);
        }
        if let Some(given) = given {
            steps.extend(step(round, catalog, section, item, given, weight));
        }
    }
    let mut scores: Vec<_> = list.scores.iter().map(|score| result(round, score, &asked)).collect();
    let bands = scores.iter().filter_map(|result| result.band);
    let asked_for: Vec<&Target> = bands.flat_map(|band| &band.targets).collect();
    for (n, result) in scores.iter_mut().enumerate() {
        let stands = |own: &&&Target| {
            own.score == result.score.id && own.of.is_none_or(|of| (of - result.most).abs() < 1e-9)
        };
        let by_band = asked_for.iter().find(stands).map(|own| own.value);
        result.target = target.filter(|_| n == 0).or(result.score.target).or(by_band);
    }
    // Where the value to reach is reached, what is done well enough needs nothing more.
    if scores.first().is_some_and(|headline| headline.missing() <= 0.0) {
        steps.retain(|step| step.means != Some(Means::Met));
    }
    // What is missing comes before what nobody knows, and that before what could be better still. Among
    // them the most gained for the least work, then what is urgent, then in the order of the checklist.
    let class = |step: &Step<'_>| match step.means {
        Some(Means::Unknown) => 1,
        Some(Means::Met) => 2,
        _ => 0,
    };
    let worthwhile = |step: &Step<'_>| step.gain / cost(step.effort);
    steps.sort_by(|a, b| {
        let by_worth = worthwhile(b).total_cmp(&worthwhile(a));
        class(a).cmp(&class(b)).then(by_worth).then(b.item.urgency.total_cmp(&a.item.urgency))
    });
    Standing {
        scores,
        parts: parts
            .into_iter()
            .map(|(section, sum)| Part {
                section,
                points: sum.points,
                most: sum.most,
                mean: sum.mean(),
                items: sum.items,
            })
            .collect(),
        progress,
        outside,
        steps,
    }
}

fn result<'a>(
    round: &'a Round,
    score: &'a Score,
    asked: &[(&'a Section, &'a Item, Option<&'a Given>)],
) -> Outcome<'a> {
    let list = &round.list;
    let mut sum = Sum::default();
    let (mut is_complete, mut answered) = (true, 0);
    for (section, item, given) in asked {
        let within = if score.over.is_empty() {
            list.is_scored(section)
        } else {
            list.section_and_above(section).any(|section| score.over.contains(&section.id))
        };
        if !within {
            continue;
        }
        let worth = worth_in(score, list, item, *given);
        is_complete &= worth.most.is_none() || given.is_some_and(|given| !given.proposed);
        if given.is_none() && score.unanswered == Unanswered::Excluded {
            continue;
        }
        if let (Some(points), Some(most)) = (worth.points, worth.most) {
            sum.add(weight(list, section, item), points, most);
            answered += usize::from(given.is_some());
        }
    }
    let (value, most) = match score.method {
        Method::Sum => (sum.points, sum.most),
        Method::Mean => (sum.mean(), if sum.weight > 0.0 { sum.most / sum.weight } else { 0.0 }),
        Method::Percent => (if sum.most > 0.0 { 100.0 * sum.points / sum.most } else { 0.0 }, 100.0),
    };
    let band = score.bands.iter().find(|band| is_complete && band.from.is_none_or(|from| value >= from));
    Outcome { score, value, most, mean: sum.mean(), items: sum.items, answered, band, target: None }
}

/// Weeks, about: what an effort costs beside another. What nobody has estimated counts as medium.
fn cost(effort: Option<Effort>) -> f64 {
    match effort {
        Some(Effort::Small) => 1.0,
        Some(Effort::Medium) | None => 3.0,
        Some(Effort::Large) => 9.0,
    }
}

/// What to do about an item that is not met, or not met as well as can be, or about the class in which
/// those who answer are.
fn step<'a>(
    round: &'a Round,
    catalog: &Catalog,
    section: &'a Section,
    item: &'a Item,
    given: &Given,
    weight: f64,
) -> Option<Step<'a>> {
    let scale = round.list.scale(item);
    let worth = worth(&round.list, item, Some(given));
    let class = given.value.first().and_then(|word| scale.option(word)).filter(|_| scale.is_classes());
    let right: Vec<&Choice> = scale.right().collect();
    let missing = worth.points.zip(worth.most).map(|(points, most)| most - points);
    let gain = match worth.means {
        // A class is where one stands, whatever it comes to.
        _ if class.is_some() => 1.0,
        // An answer that only has points says nothing about what to do.
        None | Some(Means::NotApplicable) => return None,
        Some(Means::Met) => missing.filter(|missing| *missing > 0.0)?,
        Some(Means::Partly) => missing.unwrap_or(0.5),
        Some(Means::Unmet) => missing.unwrap_or(1.0),
        // What is not known may be there: it does not come before what is known to be missing.
        Some(Means::Unknown) => missing.map_or(1.0, |missing| missing.min(worth.most.unwrap_or(missing))),
    };
    // Knowing the right answer is no measure, and no work.
    let is_work = class.is_none() && right.is_empty();
    let measures = if is_work { measures_for(catalog, item) } else { Vec::new() };
    let cheapest = measures.first().and_then(|id| catalog.measures.get(id));
    let effort = item.effort.or(cheapest.map(|measure| measure.effort)).filter(|_| is_work);
    let own = item.advice.clone().or_else(|| cheapest.map(|measure| measure.action.clone()));
    let next = || better(scale, worth.points?);
    let explained = || item.explanation.clone().or_else(|| item.help.clone());
    let advice = if let Some(class) = class {
        class.about.clone()
    } else if !is_work {
        item.explanation.clone().or(own).or_else(|| item.help.clone())
    } else {
        match (worth.means, own) {
            (Some(Means::Met), own) => next().or(own),
            (Some(Means::Unknown), Some(own)) => Some(
                Text::new(
                    "まず今の状況を確かめます。できていなければ、次のとおりにします。{advice}",
                    "Find out first how it stands. If it is not done yet, here is what to do. {advice}",
                )
                .fill(&[("advice", &own)]),
            ),
            (_, own) => own.or_else(explained).or_else(next),
        }
    };
    let means = worth.means;
    let advice = advice.unwrap_or_default();
    Some(Step { section, item, means, gain: gain * weight, effort, class, right, advice, measures })
}

/// The next better answer on a scale, as something to do.
fn better(scale: &Scale, points: f64) -> Option<Text> {
    let above = scale.options.iter().filter(|option| option.points.is_some_and(|own| own > points));
    let next = above.min_by(|a, b| a.points.unwrap_or(0.0).total_cmp(&b.points.unwrap_or(0.0)))?;
    let about = next.about.clone().unwrap_or_default();
    Some(
        Text::new("次の段階「{name}」に進みます。{about}", "Go on to \u{201c}{name}\u{201d}. {about}")
            .fill(&[("name", &next.name), ("about", &about)]),
    )
}

/// Measures that meet an item: its own, else those of the requirements that it asks for as a whole.
pub fn measures_for(catalog: &Catalog, item: &Item) -> Vec<Id> {
    let mut measures: Vec<(Effort, &Id)> = if item.measures.is_empty() {
        let about = |requirement: &Id| {
            item.requirements.iter().any(|to| {
                to.requirement == *requirement && matches!(to.relation, Relation::Equal | Relation::Superset)
            })
        };
        catalog
            .measures
            .iter()
            .filter(|(_, measure)| about(&measure.requirement))
            .map(|(id, measure)| (measure.effort, id))
            .collect()
    } else {
        item.measures
            .iter()
            .filter_map(|id| catalog.measures.get(id).map(|measure| (measure.effort, id)))
            .collect()
    };
    measures.sort_by_key(|(effort, _)| *effort);
    measures.into_iter().map(|(_, id)| id.clone()).collect()
}
