//! Every built-in checklist: counted, complete in both languages, linked, and with its source.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use anshin_catalog::Basis;
use anshin_checklist::{
    Checklist, Checklists, Choice, File, Item, Mark, Means, Relation, load_answers, standing,
};
use anshin_model::{Lang, Text};
use common::{CATALOG, built_in};

static CHECKLISTS: LazyLock<Checklists> = LazyLock::new(built_in);

/// Id, sections with items that count, such items, and items beside them (profile, phase, tables).
const COUNTS: &[(&str, usize, usize, usize)] = &[
    ("awareness-quiz", 3, 12, 0),
    ("benchmark", 5, 27, 7),
    ("company-facts", 1, 12, 0),
    ("cra", 3, 40, 0),
    ("csf-2", 22, 106, 0),
    ("development-guidelines", 5, 17, 0),
    ("disclosure-readiness", 4, 17, 0),
    ("en-303-645", 15, 78, 29),
    ("five-minute", 3, 25, 0),
    ("iec-62443-fr", 7, 51, 0),
    ("iot-introduction", 23, 60, 1),
    ("iot-user-rules", 1, 4, 0),
    ("it-posture", 2, 5, 0),
    ("jc-star-1", 4, 16, 0),
    ("management", 4, 13, 0),
    ("quality-self-check", 6, 24, 0),
    ("quality-viewpoints", 13, 30, 0),
    ("reliability-functions", 5, 35, 0),
    ("scs", 7, 19, 0),
];

#[test]
fn each_checklist_has_the_items_of_its_source() {
    let counted: Vec<_> = CHECKLISTS
        .iter()
        .map(|list| {
            let (counts, beside): (Vec<_>, Vec<_>) = list
                .sections
                .iter()
                .filter(|section| !section.items.is_empty())
                .partition(|s| list.is_scored(s));
            let items = |sections: &[&anshin_checklist::Section]| -> usize {
                sections.iter().map(|section| section.items.len()).sum()
            };
            (list.id.as_str(), counts.len(), items(&counts), items(&beside))
        })
        .collect();
    assert_eq!(counted, COUNTS);
}

#[test]
fn the_structure_follows_the_sources() {
    let list = |id| CHECKLISTS.get(id).expect("is built in");
    let in_section = |list: &Checklist, id: &str| list.section(id).expect("a section").items.len();

    let five = list("five-minute");
    assert_eq!(["basic", "staff", "organization"].map(|id| in_section(five, id)), [5, 13, 7]);

    let cra = list("cra");
    assert_eq!([in_section(cra, "part-1"), in_section(cra, "part-2")], [1 + 13, 8]);

    let csf: BTreeMap<_, usize> = list("csf-2").items().fold(BTreeMap::new(), |mut by, (section, _)| {
        *by.entry(section.parent.as_ref().expect("a category has a function").to_string()).or_default() += 1;
        by
    });
    let functions = [("de", 11), ("gv", 31), ("id", 21), ("pr", 22), ("rc", 8), ("rs", 13)];
    assert_eq!(csf, functions.map(|(id, n)| (id.to_owned(), n)).into());

    let sr: Vec<usize> = list("iec-62443-fr").sections.iter().map(|section| section.items.len()).collect();
    assert_eq!(sr, [13, 12, 9, 3, 4, 2, 8]);

    let functions = list("reliability-functions").items().filter(|(_, item)| item.number.is_none()).count();
    assert_eq!(functions, 23);

    let marks: BTreeMap<char, usize> = list("en-303-645")
        .items()
        .filter_map(|(_, item)| item.mark.as_ref()?.chars().next())
        .fold(BTreeMap::new(), |mut by, mark| {
            *by.entry(mark).or_default() += 1;
            by
        });
    // 36 M and 42 R in the copy that was read, less the ten whose copies disagree.
    assert_eq!(marks, [('M', 35), ('R', 33)].into());
}

#[test]
fn identifying_is_recommended_at_every_level_of_use() {
    let list = CHECKLISTS.get("iot-introduction").expect("is built in");
    assert_eq!(list.levels.len(), 3);
    for (section, item) in list.items().filter(|(section, _)| list.is_scored(section)) {
        let marks: Vec<Mark> =
            list.levels.iter().map(|l| Checklist::recommended(item, Some(&l.id))).collect();
        assert!(marks.contains(&Mark::Adopt), "{} is recommended nowhere", item.id);
        if section.id.as_str() == "id.am" || section.id.as_str() == "id.be" {
            assert_ne!(marks[0], Mark::No, "{}", item.id);
        }
        assert!(!list.who(section, item).is_empty(), "{}: who answers?", item.id);
    }
}

#[test]
fn each_item_names_its_source_and_links_to_requirements() {
    let mut wrong = Vec::new();
    for list in CHECKLISTS.iter() {
        for (section, item) in list.items() {
            let (sources, basis) = list.origin(section, item);
            let place = format!("{}/{}", list.id, item.id);
            if item.origin.source.is_empty() || basis.is_none() {
                wrong.push(format!("{place}: no source of its own"));
            }
            let known = |source: &String| {
                let id = source.split(' ').next().unwrap_or_default();
                CATALOG.sources.contains_key(id)
            };
            if !sources.iter().all(known) {
                wrong.push(format!("{place}: unknown source {sources:?}"));
            }
            let own = sources.iter().all(|source| source == "anshin");
            if own && basis != Some(Basis::Own) {
                wrong.push(format!("{place}: our own item must say so"));
            }
            let asks_what_is_used = ["company-facts", "it-posture"].contains(&list.id.as_str());
            if list.is_scored(section) && !asks_what_is_used && item.requirements.is_empty() {
                wrong.push(format!("{place}: no requirement"));
            }
            if item.title.is_none() {
                wrong.push(format!("{place}: no short title"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let asked: BTreeSet<_> = CHECKLISTS
        .iter()
        .flat_map(|list| list.items().flat_map(|(_, item)| &item.requirements))
        .map(|to| to.requirement.clone())
        .collect();
    let unasked: Vec<_> = CATALOG.requirements.keys().filter(|id| !asked.contains(*id)).collect();
    // Nobody can answer for insurance schemes and relief funds of society.
    assert_eq!(unasked, ["social-safety-net"]);
}

/// Texts of an item that are sentences.
fn sentences(item: &Item) -> Vec<&Text> {
    let mut texts = vec![&item.text];
    texts.extend([&item.help, &item.example, &item.advice, &item.explanation].into_iter().flatten());
    texts.extend(&item.evidence);
    texts.extend(item.prefill.iter().map(|rule| &rule.because));
    texts
}

#[test]
fn sentences_are_whole_in_both_languages_and_stand_once() {
    let is_japanese = |c: char| matches!(c, 'ぁ'..='ヿ' | '一'..='鿿');
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for list in CHECKLISTS.iter() {
        for (_, item) in list.items() {
            let place = format!("{}/{}", list.id, item.id);
            for text in sentences(item) {
                count += 1;
                let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
                if !ja.chars().any(is_japanese) || en.is_empty() || en.chars().any(is_japanese) {
                    wrong.push(format!("{place}: {ja} / {en}"));
                }
                for words in [ja, en] {
                    if let Some(first) = seen.insert(words.to_owned(), place.clone()) {
                        wrong.push(format!("{first} = {place}: {words}"));
                    }
                }
            }
            let (ja, en) = (item.text.get(Lang::Ja), item.text.get(Lang::En));
            if !ja.ends_with('。') || !en.ends_with(['?', '.']) {
                wrong.push(format!("{place}: not a sentence: {ja} / {en}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 750, "only {count} sentences");
}

#[test]
fn the_checklists_are_woven_together() {
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    let mut carrying = 0;
    for list in CHECKLISTS.iter() {
        for (_, item) in list.items() {
            for link in &item.links {
                let there = CHECKLISTS.get(link.checklist.as_str()).expect("the other checklist is built in");
                assert!(there.item(link.item.as_str()).is_some(), "{} of {}", link.item, link.checklist);
                if list.id != there.id {
                    linked.insert(list.id.as_str());
                    linked.insert(there.id.as_str());
                }
                carrying += usize::from(link.relation != Relation::Related);
            }
        }
    }
    assert!(carrying >= 90, "{carrying} links carry answers");
    let alone: Vec<_> =
        CHECKLISTS.iter().map(|list| list.id.as_str()).filter(|id| !linked.contains(id)).collect();
    assert_eq!(alone, [""; 0]);
    // What a checklist leads on to takes something from its answers.
    for list in CHECKLISTS.iter() {
        assert_eq!(CHECKLISTS.after(list).count(), list.next.len(), "{}", list.id);
        for next in CHECKLISTS.after(list) {
            assert!(list.is_linked_with(next), "{} leads on to {}", list.id, next.id);
        }
    }
}

/// Lists that companies answer show how each item looks where it is done; laws and standards explain theirs.
#[test]
fn items_are_explained() {
    for id in ["five-minute", "benchmark", "iot-introduction"] {
        let list = CHECKLISTS.get(id).expect("a built-in checklist");
        for (_, item) in list.counting() {
            assert!(item.example.is_some(), "{id}/{} has no example", item.id);
        }
    }
    for list in CHECKLISTS.iter() {
        for (_, item) in list.counting() {
            assert!(item.help.is_some(), "{}/{} has no help", list.id, item.id);
        }
    }
    for id in ["cra", "en-303-645"] {
        let list = CHECKLISTS.get(id).expect("a built-in checklist");
        for (_, item) in list.counting() {
            assert!(
                !item.measures.is_empty() || !item.prefill.is_empty() || !item.evidence.is_empty(),
                "{id}/{} tells nothing that would answer it",
                item.id
            );
        }
    }
}

/// What to do about an answer is never the question once more, and is there for every item that counts.
#[test]
fn every_answer_that_lacks_something_has_advice() {
    let lists = built_in();
    let mut seen = 0;
    for list in lists.iter() {
        let mut answers = String::new();
        for (_, item) in list.counting() {
            let options = &list.scale(item).options;
            let lacks = |option: &&Choice| matches!(option.means, Some(Means::Unmet | Means::Partly));
            let Some(option) = options.iter().find(lacks) else { continue };
            let _ =
                writeln!(answers, "  - {{ id: \"{}\", value: \"{}\", reason: \"-\" }}", item.id, option.id);
        }
        if answers.is_empty() {
            // Nothing can be missing: what applies is asked, or a class.
            assert!(["company-facts", "it-posture"].contains(&list.id.as_str()), "{}", list.id);
            continue;
        }
        let (id, version) = (&list.id, &list.version);
        let text = format!("anshin-answers: 1\nchecklist: {id}\nversion: \"{version}\"\nanswers:\n{answers}");
        let loaded = load_answers(File { name: "a.yaml".into(), bytes: text.into_bytes() }, &lists, &CATALOG);
        let round = loaded.round.unwrap_or_else(|| panic!("{}: {:?}", list.id, loaded.diagnostics));
        for step in standing(&round, &CATALOG).steps {
            seen += 1;
            for lang in Lang::ALL {
                let advice = step.advice.get(lang);
                assert!(
                    !advice.is_empty() && advice != step.item.text.get(lang),
                    "{}/{}",
                    list.id,
                    step.item.id
                );
            }
        }
    }
    assert!(seen > 300, "{seen}");
}
