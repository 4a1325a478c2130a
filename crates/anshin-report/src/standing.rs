//! The report for the management: where a company stands by its answers, what to do first, and the
//! register of evidence. One plain value, from which the page and the PDF are made.

mod html;
mod register;

use std::fmt::Write as _;

use anshin_catalog::{Catalog, Effort};
use anshin_checklist::compare::{Reference, changes, group_name, histogram, place};
use anshin_checklist::score::{Outcome, Part, Step};
use anshin_checklist::{Checklist, Round, Standing, standing, standing_towards};
use anshin_model::{Lang, Text};

use crate::charts;
use crate::html::Figure;
use crate::worksheet::Worksheet;

pub use html::html as standing_html;
pub use register::register;

/// What the report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Rounds<'a> {
    /// The round that the report is about.
    pub now: &'a Round,
    /// Earlier rounds of the same checklist, the newest first.
    pub earlier: &'a [Round],
    /// The value to reach; that of the checklist if left out.
    pub target: Option<f64>,
    /// Values of others.
    pub reference: Option<&'a Reference>,
    /// The group of the others to compare with; all of them if left out.
    pub group: Option<&'a str>,
    /// The knowledge that measures come from.
    pub catalog: &'a Catalog,
}

/// The report.
#[derive(Debug, Clone)]
pub struct StandingReport {
    /// Title of the checklist.
    pub title: Text,
    /// Company, system or product, and the date.
    pub subject: Text,
    /// The scores, the headline first.
    pub scores: Vec<ScoreLine>,
    /// How far the round has come.
    pub progress: Text,
    /// The radar by section; none where fewer than three sections have points.
    pub radar: Option<Figure>,
    /// Points by section.
    pub parts: Vec<PartLine>,
    /// The heading of what to do first, or of a quiz of what to look at again.
    pub first: Text,
    /// What to do first.
    pub steps: Vec<StepLine>,
    /// What to say where nothing is to be done.
    pub complete: Text,
    /// What is different from the round before.
    pub changed: Option<Changes>,
    /// Where the company stands among others.
    pub others: Option<Others>,
    /// The register of evidence.
    pub register: Worksheet,
}

/// A score.
#[derive(Debug, Clone)]
pub struct ScoreLine {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: String,
    /// The most that it could be.
    pub most: String,
    /// What the value means: the name of the band, and what it says.
    pub band: Option<(Text, Text)>,
    /// How far it is from the target.
    pub target: Option<Text>,
}

/// Points of a section.
#[derive(Debug, Clone)]
pub struct PartLine {
    /// Its title.
    pub title: Text,
    /// Points of the most.
    pub points: String,
    /// The same as a share, 0 to 1.
    pub share: f64,
}

/// Something to do.
#[derive(Debug, Clone)]
pub struct StepLine {
    /// The item in a few words.
    pub title: Text,
    /// What its answer comes to, and how much work it is; or the class that was chosen; or the right
    /// answer of a quiz.
    pub state: Text,
    /// What to do.
    pub advice: Text,
    /// Measures of the catalog.
    pub measures: Vec<Text>,
}

/// What is different from the round before.
#[derive(Debug, Clone)]
pub struct Changes {
    /// How many items are better and worse.
    pub counts: Text,
    /// The first of them.
    pub items: Vec<Text>,
}

/// Where a company stands among others.
#[derive(Debug, Clone)]
pub struct Others {
    /// The group in figures, and the deviation value.
    pub words: Text,
    /// Histogram, and scatter plot where the group has a second score.
    pub figures: Vec<Figure>,
}

/// A value with at most one digit behind the point.
pub fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

/// How much work something is, in words.
pub fn effort(effort: Effort) -> Text {
    match effort {
        Effort::Small => Text::new("数日", "days"),
        Effort::Medium => Text::new("数週間", "weeks"),
        Effort::Large => Text::new("数か月", "months"),
    }
}

/// Sections with points that a radar needs.
const LEAST_AXES: usize = 3;

/// Things to do that a page for the management has room for.
const FIRST_STEPS: usize = 5;

/// Changes that such a page names.
const MOST_CHANGES: usize = 8;

/// Bars of the histogram of a group.
const BARS: usize = 15;

/// The report of a round; its pictures are drawn in one language.
pub fn standing_report(rounds: Rounds<'_>, lang: Lang) -> StandingReport {
    let Rounds { now: round, earlier, catalog, .. } = rounds;
    let now = standing_towards(round, catalog, rounds.target);
    StandingReport {
        title: round.list.title.clone(),
        subject: subject(round),
        scores: scores(&now),
        progress: progress(&now),
        radar: radar(round, &now, earlier, catalog, lang),
        parts: now.parts.iter().map(part).collect(),
        first: first_heading(&round.list),
        complete: complete(&round.list),
        steps: now.steps.iter().take(FIRST_STEPS).map(|own| step(own, catalog)).collect(),
        changed: earlier.first().map(|before| changed(before, round)),
        others: rounds.reference.and_then(|reference| others(reference, rounds.group, &now, lang)),
        register: register(round),
    }
}

/// The radar of a round with those before it; none where too few sections have points.
pub fn standing_radar(round: &Round, earlier: &[Round], catalog: &Catalog, lang: Lang) -> Option<Figure> {
    radar(round, &standing(round, catalog), earlier, catalog, lang)
}

fn radar(
    round: &Round,
    now: &Standing<'_>,
    earlier: &[Round],
    catalog: &Catalog,
    lang: Lang,
) -> Option<Figure> {
    if now.parts.len() < LEAST_AXES {
        return None;
    }
    let axes: Vec<Text> = now.parts.iter().map(|part| part.section.title.clone()).collect();
    let mut lines = vec![charts::Round {
        name: dated(round, &Text::new("今回", "this round")),
        values: now.parts.iter().map(Part::share).collect(),
    }];
    for before in earlier.iter().take(4) {
        let old = standing(before, catalog);
        let share = |part: &Part<'_>| {
            let own = old.parts.iter().find(|own| own.section.id == part.section.id);
            own.map(Part::share).unwrap_or_default()
        };
        lines.push(charts::Round {
            name: dated(before, &Text::new("前回", "before")),
            values: now.parts.iter().map(share).collect(),
        });
    }
    if let Some(headline) = now.scores.first()
        && let Some(target) = headline.target.filter(|_| headline.most > 0.0)
    {
        let name = Text::new(format!("目標（{}）", number(target)), format!("target ({})", number(target)));
        lines.push(charts::Round { name, values: vec![target / headline.most; axes.len()] });
    }
    let svg = charts::radar(&round.list.title, &axes, &lines, lang);
    Some(figure("radar", Text::new("節ごとの達成度（%）", "Sections, in percent"), svg))
}

fn subject(round: &Round) -> Text {
    let date = round.answers.date.as_deref().map(Text::same);
    match (&round.answers.subject, date) {
        (Some(subject), Some(date)) => {
            Text::new("{subject}　{date}", "{subject}, {date}").fill(&[("subject", subject), ("date", &date)])
        }
        (subject, date) => subject.clone().or(date).unwrap_or_default(),
    }
}

fn figure(id: &str, title: Text, svg: String) -> Figure {
    Figure { id: id.to_owned(), title, svg }
}

fn dated(round: &Round, name: &Text) -> Text {
    match &round.answers.date {
        Some(date) => Text::new("{name}（{date}）", "{name} ({date})")
            .fill(&[("name", name), ("date", &Text::same(date.as_str()))]),
        None => name.clone(),
    }
}

fn scores(now: &Standing<'_>) -> Vec<ScoreLine> {
    let line = |result: &Outcome<'_>| ScoreLine {
        name: result.score.name.clone(),
        value: number(result.value),
        most: number(result.most),
        band: result.band.map(|band| (band.name.clone(), band.about.clone().unwrap_or_default())),
        target: result.target.map(|target| distance(target, result.value)),
    };
    now.shown().map(line).collect()
}

/// How far a value is from the one to reach.
pub fn distance(target: f64, value: f64) -> Text {
    let is_short = value < target;
    let (left, target) = (number(target - value), number(target));
    if is_short {
        Text::new(format!("目標{target}まであと{left}"), format!("{left} below the target of {target}"))
    } else {
        Text::new(format!("目標{target}に届いています"), format!("The target of {target} is reached"))
    }
}

fn progress(now: &Standing<'_>) -> Text {
    let own = now.progress;
    let (answered, asked) = (own.answered, own.asked);
    let (proposed, reviewed) = (own.proposed, own.reviewed);
    let (ja, en) =
        if proposed > 0 { ("（点数に含みます）", " (counted in scores)") } else { ("", "") };
    let mut ja = format!("回答 {answered} / {asked}　確認待ち {proposed}{ja}　レビュー済み {reviewed}");
    let mut en = format!("answered {answered} / {asked}, to confirm {proposed}{en}, reviewed {reviewed}");
    let (concern, not_known, outside) = (own.concerning(), own.not_known, own.not_concerning);
    if not_known + outside > 0 {
        let _ = write!(ja, "　関わる項目 {concern}");
        let _ = write!(en, ", concerning you {concern}");
    }
    if not_known > 0 {
        let _ = write!(ja, "（うち文書からは分からない {not_known}）");
        let _ = write!(en, " ({not_known} of them not known from the document)");
    }
    if outside > 0 {
        let _ = write!(ja, "　関わらない項目 {outside}");
        let _ = write!(en, ", not concerning you {outside}");
    }
    // Several reasons stand with their items in the register.
    match now.outside.as_slice() {
        [only] if !only.reason.is_empty() => {
            Text::new(ja + "（{reason}）", en + ": {reason}").fill(&[("reason", &only.reason)])
        }
        _ => Text::new(ja, en),
    }
}

/// Why items do not concern those who answer, the reason of most items first.
pub fn outside(now: &Standing<'_>) -> Vec<Text> {
    let told = now.outside.iter().map(|own| {
        let n = own.items;
        let (items, do_not) = if n == 1 { ("item", "does not") } else { ("items", "do not") };
        let without = own.reason.get(Lang::Ja).is_empty();
        let (ja, en) = if without { ("", "") } else { ("：{reason}", ": {reason}") };
        Text::new(format!("関わらない{n}項目{ja}"), format!("{n} {items} {do_not} concern you{en}"))
            .fill(&[("reason", &own.reason)])
    });
    told.collect()
}

fn part(part: &Part<'_>) -> PartLine {
    PartLine {
        title: part.section.title.clone(),
        points: format!("{} / {}", number(part.points), number(part.most)),
        share: part.share(),
    }
}

/// The heading of what to do first, or of a quiz of what to look at again.
pub fn first_heading(list: &Checklist) -> Text {
    if list.is_quiz() {
        Text::new("見直す問題", "Questions to look at again")
    } else {
        Text::new("まず行うこと", "What to do first")
    }
}

/// What to say where nothing is to be done.
fn complete(list: &Checklist) -> Text {
    if list.is_quiz() {
        Text::new("間違えた問題はありません。", "No answer was wrong.")
    } else {
        Text::new("足りない項目はありません。", "Nothing is missing.")
    }
}

/// What the answer of something to do comes to, and how much work it is, where that is known; or the
/// class that was chosen; or the right answer of a quiz.
pub fn step_state(step: &Step<'_>) -> Text {
    if let Some(class) = step.class {
        return class.name.clone();
    }
    if !step.right.is_empty() {
        let all =
            |lang, mark: &str| step.right.iter().map(|own| own.name.get(lang)).collect::<Vec<_>>().join(mark);
        let right = Text::new(all(Lang::Ja, "」「"), all(Lang::En, "\u{201d}, \u{201c}"));
        return Text::new("正解は「{right}」", "the right answer: \u{201c}{right}\u{201d}")
            .fill(&[("right", &right)]);
    }
    let means = step.means.map(anshin_checklist::Means::name).unwrap_or_default();
    match step.effort.map(effort) {
        Some(effort) => Text::new("{means}、手間は{effort}", "{means}, takes {effort}")
            .fill(&[("means", &means), ("effort", &effort)]),
        None => means,
    }
}

fn step(step: &Step<'_>, catalog: &Catalog) -> StepLine {
    let measures = step.measures.iter().take(2);
    StepLine {
        title: step.item.short().clone(),
        state: step_state(step),
        advice: step.advice.clone(),
        measures: measures.filter_map(|id| Some(catalog.measures.get(id)?.name.clone())).collect(),
    }
}

fn changed(before: &Round, now: &Round) -> Changes {
    let all = changes(before, now);
    // What got worse comes first; the page has room for a few.
    let (worse, better): (Vec<_>, Vec<_>) =
        all.iter().filter(|change| change.better.is_some()).partition(|change| change.better == Some(false));
    let counts = Text::new(
        format!("良くなった項目 {}　悪くなった項目 {}", better.len(), worse.len()),
        format!("{} items are better, {} are worse", better.len(), worse.len()),
    );
    let item = |change: &&anshin_checklist::compare::Changed| {
        let (_, item) = now.list.item(change.item.as_str())?;
        let arrow = Text::same(if change.better == Some(true) { "▲" } else { "▼" });
        let means = change.now.map_or_else(|| Text::same("—"), anshin_checklist::Means::name);
        Some(Text::new("{arrow} {item}（{means}）", "{arrow} {item} ({means})").fill(&[
            ("arrow", &arrow),
            ("item", item.short()),
            ("means", &means),
        ]))
    };
    let items = worse.iter().chain(&better).copied().take(MOST_CHANGES).filter_map(|change| item(&change));
    Changes { counts, items: items.collect() }
}

fn others(reference: &Reference, group: Option<&str>, now: &Standing<'_>, lang: Lang) -> Option<Others> {
    let headline = now.scores.first()?;
    let group = group.or_else(|| reference.group_of(now));
    let values = reference.values(headline.score.id.as_str(), group);
    let place = place(headline.value, &values)?;
    let (mean, deviation) = (number(place.mean), number(place.deviation));
    let (count, below) = (place.others, place.below);
    let own = place.standing.map(number);
    let own = own.map_or_else(Text::default, |own| {
        Text::new(format!("偏差値は{own}です。"), format!(" Your deviation value is {own}."))
    });
    let within = group.map_or_else(Text::default, |group| {
        Text::new(
            "「{group}」の会社と比べました。",
            "Compared with the companies of \u{201c}{group}\u{201d}. ",
        )
        .fill(&[("group", &group_name(now, group))])
    });
    let words = Text::new(
        format!(
            "{{within}}{count}社の平均は{mean}、標準偏差は{deviation}です。自社より低い会社は{below}社です。{{own}}"
        ),
        format!(
            "{{within}}The mean of {count} companies is {mean}, the standard deviation {deviation}; {below} of them are below you.{{own}}"
        ),
    )
    .fill(&[("own", &own), ("within", &within)]);
    let title = Text::new("点数ごとの社数", "Companies by score");
    let high = values.iter().copied().fold(headline.most, f64::max);
    let low = values.iter().copied().fold(headline.value, f64::min).min(0.0);
    let bars = histogram(&values, low, high, BARS);
    let svg = charts::histogram(&title, &headline.score.name, &bars, low, high, headline.value, lang);
    let mut figures = vec![figure("histogram", title, svg)];
    let second = now.shown().skip(1).find(|result| reference.scores.contains(&result.score.id));
    if let Some(second) = second {
        let across = reference.values(second.score.id.as_str(), group);
        let points: Vec<(f64, f64)> = across.into_iter().zip(values).collect();
        let own = (second.value, headline.value);
        let title = Text::new("自社と他社の位置", "You among others");
        let names = (&second.score.name, &headline.score.name);
        figures.push(figure("scatter", title.clone(), charts::scatter(&title, names, &points, own, lang)));
    }
    Some(Others { words, figures })
}
