//! The words of reasons: which parts of the system they are about, and the measures to record.

use anshin_assess::{Places, System};
use anshin_model::{Id, Lang, Text};

use crate::checklist::{Checklist, Item, Subject};

/// How many measures, facts or places a reason names.
pub(super) const MOST_NAMES: usize = 3;

/// Facts that say nothing that the reason does not say already.
const SAID: [&str; 2] = ["stage", "lead"];

/// A reason with the facts that it rests on, by name and with the parts of the system that have them.
pub(super) fn with_places(because: &Text, places: &Places<'_, '_>, facts: &[Id]) -> Text {
    let telling = facts.iter().filter(|fact| {
        let head = fact.as_str().split(':').next().unwrap_or_default();
        !SAID.contains(&head)
    });
    let told: Vec<Text> = telling
        .take(MOST_NAMES)
        .map(|fact| {
            let name = places.name(fact);
            match all(places.of(fact).iter()) {
                Some(places) => Text::new("{places}は「{name}」", "{places}: \u{201c}{name}\u{201d}")
                    .fill(&[("places", &places), ("name", &name)]),
                None => name,
            }
        })
        .collect();
    if told.is_empty() {
        return because.clone();
    }
    let line = |lang, mark: &str| told.iter().map(|own| own.get(lang)).collect::<Vec<_>>().join(mark);
    let told = Text::new(line(Lang::Ja, "。"), line(Lang::En, "; "));
    Text::new("{because}（{told}）", "{because} ({told})")
        .fill(&[("because", &without_stop(because)), ("told", &told)])
}

/// A reason with the measure that it rests on.
pub(super) fn with_measure(because: &Text, system: &System<'_>, measure: Option<&Id>) -> Text {
    let Some(measure) = measure.and_then(|id| system.catalog.measures.get(id)) else {
        return because.clone();
    };
    Text::new(
        "{because}（実施済みの対策「{name}」）",
        "{because} (the measure in place: \u{201c}{name}\u{201d})",
    )
    .fill(&[("because", &without_stop(because)), ("name", &measure.name)])
}

/// Names one after the other; the first few of many.
pub(super) fn all<'t>(names: impl Iterator<Item = &'t Text>) -> Option<Text> {
    let names: Vec<&Text> = names.collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    let line = |lang, mark: &str, rest: String| {
        let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(|name| name.get(lang)).collect();
        format!("{}{}", shown.join(mark), if more > 0 { rest } else { String::new() })
    };
    (!names.is_empty()).then(|| {
        let (ja, en) = (format!("、ほか{more}件"), format!(" (and {more} more)"));
        Text::new(line(Lang::Ja, "、", ja), line(Lang::En, ", ", en))
    })
}

/// Two sentences, one behind the other.
pub(super) fn joined(first: &Text, second: &Text) -> Text {
    let first = without_stop(first);
    let (ja, en) = (first.get(Lang::Ja), first.get(Lang::En));
    Text::new(format!("{ja}。{}", second.get(Lang::Ja)), format!("{en}; {}", second.get(Lang::En)))
}

/// A sentence that something follows.
fn without_stop(sentence: &Text) -> Text {
    Text::new(sentence.get(Lang::Ja).trim_end_matches('。'), sentence.get(Lang::En).trim_end_matches('.'))
}

/// The item's own measures by name, but for those of which something is known. About a product, those that
/// only its users can take answer nothing.
pub(super) fn measures_but(
    list: &Checklist,
    item: &Item,
    system: &System<'_>,
    is_known: impl Fn(&Id) -> bool,
) -> Option<Text> {
    let open = item.measures.iter().filter(|id| !is_known(id));
    let all = open.filter_map(|id| system.catalog.measures.get(id));
    let fits = |by: &[String]| list.subject != Subject::Product || by.iter().any(|by| by != "user");
    let names: Vec<&Text> =
        all.filter(|own| fits(&own.by)).map(|measure| &measure.name).take(MOST_NAMES).collect();
    let quoted = |lang, (open, close): (&str, &str), mark: &str, or: &str| {
        let mut all: Vec<_> = names.iter().map(|name| format!("{open}{}{close}", name.get(lang))).collect();
        let last = all.pop().unwrap_or_default();
        if all.is_empty() { last } else { format!("{}{or}{last}", all.join(mark)) }
    };
    let ja = format!("対策{}", quoted(Lang::Ja, ("「", "」"), "", "又は"));
    let en = quoted(Lang::En, ("\u{201c}", "\u{201d}"), ", ", " or ");
    (!names.is_empty()).then(|| Text::new(ja, en))
}
