//! A difference in names and in both languages: in parts, and as lines of text.

use anshin_catalog::{Axis, Because};
use anshin_model::document::Status;
use anshin_model::{Lang, Text};

use super::{
    Call, Change, Difference, FactChange, ItemChange, PlanChange, PlanRow, PriorityAssetChange, RatingChange,
    RequirementChange, ScenarioChange, StaleChange, Standing, ThreatChange, Value,
};
use crate::words;

/// A part of a difference: what changed of one sort.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its id: stable, fit for an anchor.
    pub id: &'static str,
    /// What it is about.
    pub title: Text,
    /// What came, went or changed.
    pub entries: Vec<Entry>,
}

/// Something that came, went or changed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What happened to it.
    pub change: Change,
    /// Whether that is to the worse or the better.
    pub tone: LineTone,
    /// What it is.
    pub what: Text,
    /// What there is to tell about it, each line with how far it is set in.
    pub details: Vec<Line>,
}

/// A line of a difference.
#[derive(Debug, Clone)]
pub struct Line {
    /// How far it is set in.
    pub indent: usize,
    /// What it is.
    pub tone: LineTone,
    /// What it says.
    pub text: Text,
}

/// What a line is. Never a colour alone: the text says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineTone {
    /// The heading of a part.
    Heading,
    /// A change.
    Plain,
    /// A change to the worse.
    Worse,
    /// A change to the better.
    Better,
    /// By the way.
    Faint,
}

/// A text made once for each language.
fn each(make: impl Fn(Lang) -> String) -> Text {
    Text::new(make(Lang::Ja), make(Lang::En))
}

fn word<'a>(lang: Lang, ja: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

fn mark(change: Change) -> char {
    match change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
    }
}

/// A text on one line.
fn flat(text: &Text, lang: Lang) -> String {
    text.get(lang).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Difference {
    /// What changed, part by part; parts without a change are left out.
    ///
    /// All forms for people are made of this: a new sort of change needs a part here.
    pub fn parts(&self) -> Vec<Part> {
        fn part<T>(id: &'static str, title: (&str, &str), rows: &[T], entry: impl Fn(&T) -> Entry) -> Part {
            Part { id, title: Text::new(title.0, title.1), entries: rows.iter().map(entry).collect() }
        }
        let mut parts = vec![
            part("facts", ("書かれた事実", "Facts"), &self.facts, item),
            part("ratings", ("マッピング結果", "Ratings"), &self.ratings, rating),
            part("threats", ("想定される脅威（足切り以上）", "Threats above the cut"), &self.threats, threat),
            part(
                "scenarios",
                ("さらに検討するリスクシナリオ", "Scenarios looked at further"),
                &self.scenarios,
                scenario,
            ),
            part(
                "requirements",
                ("実装が想定される対策要件", "Candidate requirements"),
                &self.requirements,
                requirement,
            ),
            part("policies", ("対策方針", "Policies"), &self.policies, |policy| {
                Entry::new(policy.change, LineTone::Plain, |lang| {
                    format!("{}: {}", flat(&policy.stakeholder.name, lang), flat(&policy.text, lang))
                })
            }),
            part(
                "priority-assets",
                ("優先する機器", "Assets to begin with"),
                &self.priority_assets,
                priority_asset,
            ),
            part("plan", ("対策の計画", "Plan"), &self.plan, plan),
            part("stale", ("見直しが必要な決定", "Decisions to look at again"), &self.stale, stale),
        ];
        parts.retain(|part| !part.entries.is_empty());
        parts
    }

    /// What got worse, counted; `None` if nothing did.
    pub fn verdict(&self) -> Option<Text> {
        let ratings = self.ratings.iter().filter(|rating| rating.is_worse()).count();
        let threats = self.threats.iter().filter(|t| t.place.change() == Change::Added).count();
        let scenarios = self.scenarios.iter().filter(|scenario| scenario.is_worse()).count();
        let stale = self.stale.iter().filter(|stale| stale.why.change() == Change::Added).count();
        self.is_worse().then(|| {
            Text::new(
                format!(
                    "悪化: ステークホルダー{ratings}、新たな脅威{threats}、リスクの高まったシナリオ{scenarios}、新たに見直しが必要な決定{stale}"
                ),
                format!(
                    "Worse: stakeholders {ratings}, new threats {threats}, scenarios of higher risk {scenarios}, decisions gone stale {stale}"
                ),
            )
        })
    }

    /// The difference as text; one line that says so if there is none.
    pub fn lines(&self) -> Vec<Line> {
        let line = |indent: usize, tone: LineTone, text: Text| Line { indent, tone, text };
        if self.is_empty() {
            return vec![line(0, LineTone::Plain, Text::new("違いはありません。", "No difference."))];
        }
        let mut out = Vec::new();
        if let Some(name) = self.system.latest() {
            out.push(line(0, LineTone::Plain, each(|lang| flat(name, lang))));
        }
        out.extend(self.verdict().map(|verdict| line(0, LineTone::Worse, verdict)));
        for part in self.parts() {
            out.push(line(0, LineTone::Heading, part.title));
            for entry in part.entries {
                let marked = each(|lang| format!("{} {}", mark(entry.change), entry.what.get(lang)));
                out.push(line(1, entry.tone, marked));
                out.extend(entry.details.into_iter().map(|l| line(l.indent + 3, l.tone, l.text)));
            }
        }
        out
    }
}

impl Entry {
    fn new(change: Change, tone: LineTone, what: impl Fn(Lang) -> String) -> Self {
        Self { change, tone, what: each(what), details: Vec::new() }
    }

    fn add(&mut self, tone: LineTone, make: impl Fn(Lang) -> String) {
        self.details.push(Line { indent: 0, tone, text: each(make) });
    }

    /// Adds a line that is set in below the last one.
    fn add_below(&mut self, tone: LineTone, make: impl Fn(Lang) -> String) {
        self.details.push(Line { indent: 2, tone, text: each(make) });
    }
}

fn priority_asset(row: &PriorityAssetChange) -> Entry {
    Entry::new(row.change, LineTone::Plain, |lang| {
        let because = match row.because {
            Because::Harm => word(lang, "影響の大きさから", "large harm"),
            Because::Likelihood => word(lang, "起こりやすさから", "high likelihood"),
        };
        let name = flat(&row.asset.name, lang);
        match lang {
            Lang::Ja => format!("{name}（{because}）"),
            Lang::En => format!("{name} ({because})"),
        }
    })
}

fn stale(stale: &StaleChange) -> Entry {
    let change = stale.why.change();
    let tone = if change == Change::Removed { LineTone::Better } else { LineTone::Worse };
    let mut out = Entry::new(change, tone, |lang| flat(&stale.subject.name, lang));
    out.add(LineTone::Plain, |lang| match &stale.why.new {
        Some(why) => flat(why, lang),
        None => word(lang, "見直しは要らなくなりました", "need not be looked at any more").to_owned(),
    });
    out
}

fn item(item: &ItemChange) -> Entry {
    let mut out = Entry::new(item.change, LineTone::Plain, |lang| {
        format!("{}: {}", words::list(item.list).get(lang), flat(&item.item.name, lang))
    });
    // Of what came or went, the line above tells the name, and the ends of a link.
    let told = |fact: &&FactChange| {
        let named = |value: &Value| Lang::ALL.iter().all(|&l| shown(value, l) == flat(&item.item.name, l));
        let end = item.list == "links" && ["from", "to"].iter().any(|end| fact.key.id == *end);
        item.change == Change::Changed || !(end || fact.value.latest().is_some_and(named))
    };
    for change in item.facts.iter().filter(told) {
        out.add(LineTone::Plain, |lang| match (&change.value.old, item.change) {
            (Some(value), Change::Removed) => stated(change, value, lang),
            _ => fact(change, lang),
        });
    }
    out
}

fn stated(change: &FactChange, value: &Value, lang: Lang) -> String {
    format!("{}: {}", flat(&change.key.name, lang), shown(value, lang))
}

/// `key: old → new`; of lists, what came and what went.
fn fact(change: &FactChange, lang: Lang) -> String {
    let key = flat(&change.key.name, lang);
    match (&change.value.old, &change.value.new) {
        (None, None) => key,
        (Some(Value::List(old)), Some(Value::List(new))) if !old.is_empty() && !new.is_empty() => {
            let without = |some: &[Value], others: &[Value]| {
                let rest: Vec<Value> = some.iter().filter(|one| !others.contains(one)).cloned().collect();
                (!rest.is_empty()).then(|| shown(&Value::List(rest), lang))
            };
            let parts = match (without(new, old), without(old, new)) {
                (None, None) => {
                    let order = word(lang, "順序が変わり ", "in another order: ");
                    return format!("{key}: {order}{}", shown(&Value::List(new.clone()), lang));
                }
                (added, removed) => {
                    let added = added.map(|list| format!("{}{list}", word(lang, "追加 ", "added ")));
                    let removed = removed.map(|list| format!("{}{list}", word(lang, "削除 ", "removed ")));
                    added.into_iter().chain(removed).collect::<Vec<_>>()
                }
            };
            format!("{key}: {}", parts.join(word(lang, "、", "; ")))
        }
        (Some(old), Some(new)) => {
            let (before, after) = (shown(old, lang), shown(new, lang));
            if before != after {
                return format!("{key}: {before} → {after}");
            }
            // What differs cannot be seen in this language: the other one, or the words themselves.
            if let (Value::Word(old), Value::Word(new)) = (old, new) {
                return format!("{key}: {before} ({}) → {after} ({})", old.id, new.id);
            }
            let (other, name) = match lang {
                Lang::Ja => (Lang::En, "（英語）"),
                Lang::En => (Lang::Ja, " (Japanese)"),
            };
            format!("{key}{name}: {} → {}", shown(old, other), shown(new, other))
        }
        (None, Some(new)) => stated(change, new, lang),
        (Some(old), None) => {
            let gone = word(lang, "（書かれなくなった）", " (no longer stated)");
            format!("{}{gone}", stated(change, old, lang))
        }
    }
}

pub(super) fn shown(value: &Value, lang: Lang) -> String {
    match value {
        Value::Word(named) => flat(&named.name, lang),
        Value::Text(text) => flat(text, lang),
        Value::List(items) if items.is_empty() => word(lang, "無し", "none").to_owned(),
        Value::List(items) => {
            items.iter().map(|item| shown(item, lang)).collect::<Vec<_>>().join(word(lang, "、", ", "))
        }
        Value::Map(entries) => {
            let Some(((_, first), rest)) = entries.split_first() else { return String::new() };
            let first = shown(first, lang);
            if rest.is_empty() {
                return first;
            }
            let rest: Vec<String> = rest
                .iter()
                .map(|(key, value)| format!("{}: {}", flat(&key.name, lang), shown(value, lang)))
                .collect();
            let rest = rest.join(word(lang, "、", ", "));
            if lang == Lang::Ja { format!("{first}（{rest}）") } else { format!("{first} ({rest})") }
        }
    }
}

fn rating(rating: &RatingChange) -> Entry {
    let tone = match (rating.is_worse(), rating.is_better()) {
        (true, _) => LineTone::Worse,
        (_, true) => LineTone::Better,
        _ => LineTone::Plain,
    };
    let mut out = Entry::new(rating.standing.change(), tone, |lang| {
        let who = flat(&rating.stakeholder.name, lang);
        let part = rating.part.as_ref().map(|part| flat(&part.name, lang));
        let part = part
            .map_or_else(String::new, |part| word(lang, "（{part}）", " ({part})").replace("{part}", &part));
        let verdict = match tone {
            LineTone::Worse => word(lang, "　悪化", ": worse"),
            LineTone::Better => word(lang, "　改善", ": better"),
            _ => "",
        };
        format!("{who}{part}{verdict}")
    });
    for axis in [Axis::Recovery, Axis::Economic] {
        let at = |standing: Standing| match axis {
            Axis::Recovery => (standing.recovery.name(), standing.recovery_within),
            Axis::Economic => (standing.economic.name(), standing.economic_within),
        };
        let told = |(level, within): &(Text, bool), lang: Lang| {
            let within = match within {
                true => word(lang, "（目標の内）", " (within the target)"),
                false => word(lang, "（目標を超える）", " (outside the target)"),
            };
            format!("{}{within}", level.get(lang))
        };
        let (old, new) = (rating.standing.old.map(at), rating.standing.new.map(at));
        if old == new {
            continue;
        }
        out.add(LineTone::Plain, |lang| {
            let name = axis.name();
            let name = name.get(lang);
            match (&old, &new) {
                (Some(old), Some(new)) => format!("{name}: {} → {}", told(old, lang), told(new, lang)),
                (Some(one), None) | (None, Some(one)) => format!("{name}: {}", told(one, lang)),
                (None, None) => name.to_owned(),
            }
        });
        for (_, reason) in rating.because.iter().filter(|(of, _)| *of == axis) {
            out.add_below(LineTone::Faint, |lang| format!("- {}", flat(reason, lang)));
        }
    }
    out
}

/// `old → new`, or the value once if it is the same.
fn moved(old: &str, new: &str) -> String {
    if old == new { new.to_owned() } else { format!("{old} → {new}") }
}

fn threat(threat: &ThreatChange) -> Entry {
    let change = threat.place.change();
    let tone = match change {
        Change::Added => LineTone::Worse,
        Change::Removed => LineTone::Better,
        Change::Changed => LineTone::Plain,
    };
    let mut out = Entry::new(change, tone, |lang| {
        let place = match (threat.place.old, threat.place.new) {
            (Some(old), Some(new)) => {
                let risk = moved(&format!("{:.2}", old.risk), &format!("{:.2}", new.risk));
                let rank = moved(&old.rank.to_string(), &new.rank.to_string());
                match lang {
                    Lang::Ja => format!("リスク{risk}、順位{rank}"),
                    Lang::En => format!("risk {risk}, rank {rank}"),
                }
            }
            (Some(one), None) | (None, Some(one)) => match lang {
                Lang::Ja => format!("リスク{:.2}、順位{}", one.risk, one.rank),
                Lang::En => format!("risk {:.2}, rank {}", one.risk, one.rank),
            },
            (None, None) => String::new(),
        };
        let (asset, name) = (flat(&threat.asset.name, lang), flat(&threat.threat.name, lang));
        match lang {
            Lang::Ja => format!("{asset}: {name}（{place}）"),
            Lang::En => format!("{asset}: {name} ({place})"),
        }
    });
    if change == Change::Added {
        out.add(LineTone::Faint, |lang| flat(&threat.incident, lang));
    }
    out
}

fn scenario(scenario: &ScenarioChange) -> Entry {
    let tone = match (scenario.is_worse(), scenario.is_better()) {
        (true, _) => LineTone::Worse,
        (_, true) => LineTone::Better,
        _ => LineTone::Plain,
    };
    let classes = &scenario.classes;
    let mut out = Entry::new(classes.change(), tone, |lang| flat(&scenario.scenario.name, lang));
    for (ja, en, old, new) in [
        ("リスク", "risk", classes.old.as_ref().map(|c| &c.risk), classes.new.as_ref().map(|c| &c.risk)),
        (
            "起こりやすさ",
            "likelihood",
            classes.old.as_ref().map(|c| &c.likelihood),
            classes.new.as_ref().map(|c| &c.likelihood),
        ),
        ("影響", "effect", classes.old.as_ref().map(|c| &c.effect), classes.new.as_ref().map(|c| &c.effect)),
    ] {
        if old.is_some() && old == new {
            continue;
        }
        let (Some(first), Some(last)) = (old.or(new), new.or(old)) else { continue };
        out.add(LineTone::Plain, |lang| {
            format!("{}: {}", word(lang, ja, en), moved(&flat(&first.name, lang), &flat(&last.name, lang)))
        });
    }
    if classes.change() == Change::Added {
        out.add(LineTone::Faint, |lang| flat(&scenario.incident, lang));
    }
    out
}

fn requirement(requirement: &RequirementChange) -> Entry {
    let name = &requirement.requirement.name;
    let who = |call: &Call, lang: Lang| {
        let names: Vec<String> = std::iter::once(&call.implementer)
            .chain(&call.also)
            .map(|named| flat(&named.name, lang))
            .collect();
        names.join(word(lang, "、", ", "))
    };
    let by = |lang: Lang| word(lang, "対策の実施主体", "implementer");
    let mut out = Entry::new(requirement.call.change(), LineTone::Plain, |lang| {
        let shown = |call: &Call| {
            let priority = if call.priority { word(lang, "〇 ", "by policy: ") } else { "" };
            let rejected = if call.rejected { word(lang, "（不採用）", " (rejected)") } else { "" };
            format!("{priority}{}{rejected}", flat(name, lang))
        };
        match (&requirement.call.old, &requirement.call.new) {
            (Some(call), None) | (None, Some(call)) => shown(call),
            _ => flat(name, lang),
        }
    });
    match (&requirement.call.old, &requirement.call.new) {
        (Some(old), Some(new)) => {
            if (&old.implementer, &old.also) != (&new.implementer, &new.also) {
                out.add(LineTone::Plain, |lang| {
                    format!("{}: {} → {}", by(lang), who(old, lang), who(new, lang))
                });
            }
            for (from, to, ja, en) in [
                (
                    old.priority,
                    new.priority,
                    ["対策方針により行うべき対策（〇）になりました", "〇が外れました"],
                    ["a policy calls for it", "no policy calls for it any more"],
                ),
                (
                    old.rejected,
                    new.rejected,
                    ["不採用になりました", "不採用ではなくなりました"],
                    ["it was rejected", "it is no longer rejected"],
                ),
            ] {
                if from != to {
                    let which = usize::from(from);
                    out.add(LineTone::Plain, |lang| word(lang, ja[which], en[which]).to_owned());
                }
            }
        }
        (Some(call), None) | (None, Some(call)) => {
            out.add(LineTone::Faint, |lang| format!("{}: {}", by(lang), who(call, lang)));
        }
        (None, None) => {}
    }
    out
}

fn plan(plan: &PlanChange) -> Entry {
    let mut out = Entry::new(plan.row.change(), LineTone::Plain, |lang| {
        format!("{}: {}", flat(&plan.implementer.name, lang), flat(&plan.requirement.name, lang))
    });
    let names = |row: &PlanRow, other: Option<&PlanRow>, lang: Lang| -> Option<String> {
        let names: Vec<String> = row
            .measures
            .iter()
            .filter(|measure| other.is_none_or(|other| !other.measures.contains(measure)))
            .map(|measure| flat(&measure.name, lang))
            .collect();
        (!names.is_empty()).then(|| names.join(word(lang, "、", ", ")))
    };
    let (old, new) = (plan.row.old.as_ref(), plan.row.new.as_ref());
    if let Some(new) = new {
        if names(new, old, Lang::En).is_some() {
            out.add(LineTone::Faint, |lang| {
                let names = names(new, old, lang).unwrap_or_default();
                format!("{}{names}", word(lang, "対策の例に追加: ", "measures proposed: "))
            });
        }
        if let Some(old) = old.filter(|old| names(old, Some(new), Lang::En).is_some()) {
            out.add(LineTone::Faint, |lang| {
                let names = names(old, Some(new), lang).unwrap_or_default();
                format!("{}{names}", word(lang, "対策の例から削除: ", "no longer proposed: "))
            });
        }
    }
    let nothing = PlanRow { measures: Vec::new(), taken: Vec::new() };
    let (before, after) = (old.unwrap_or(&nothing), new.unwrap_or(&nothing));
    let ids = after.taken.iter().chain(
        before.taken.iter().filter(|(measure, _)| !after.taken.iter().any(|(other, _)| other == measure)),
    );
    for (measure, _) in ids {
        let status = |row: &PlanRow| row.taken.iter().find(|(own, _)| own == measure).map(|(_, s)| *s);
        let (from, to) = (status(before), status(after));
        if from == to {
            continue;
        }
        out.add(LineTone::Plain, |lang| {
            let name = flat(&measure.name, lang);
            let told = |status: Status| words::choice("status", status_word(status)).get(lang).to_owned();
            match (from, to) {
                (Some(from), Some(to)) => format!("~ {name}: {} → {}", told(from), told(to)),
                (None, Some(to)) => format!("+ {name}: {}", told(to)),
                (Some(from), None) => format!("- {name}: {}", told(from)),
                (None, None) => name,
            }
        });
    }
    out
}

/// The word of a status in files.
pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::InPlace => "in-place",
        Status::Planned => "planned",
        Status::Refused => "refused",
    }
}
