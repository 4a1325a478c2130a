//! The whole built-in catalog: complete, in both languages, and true to its own rules.

use std::collections::{BTreeMap, BTreeSet};

use anshin_catalog::{Catalog, DescribedBy, Origin, built_in_files};
use anshin_model::tree::{self, Limits, Node, Sources, Value};
use anshin_model::{Id, Lang, Text};

fn catalog() -> Catalog {
    let loaded = anshin_catalog::load(Vec::new());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.catalog.expect("a catalog without errors is there")
}

/// Every text of every file, with the place where it stands.
fn texts() -> Vec<(String, Text)> {
    fn collect(node: &Node, place: &str, out: &mut Vec<(String, Text)>) {
        match &node.value {
            Value::Map(entries) => {
                if let (Some(ja), Some(en)) = (node.get("ja"), node.get("en")) {
                    let words = |node: &Node| node.scalar().unwrap_or_default().to_owned();
                    out.push((place.to_owned(), Text::new(words(ja), words(en))));
                    return;
                }
                let id = node.get("id").and_then(Node::scalar);
                let place = id.map_or(place.to_owned(), |id| format!("{place} {id}"));
                for (key, value) in entries {
                    collect(value, &format!("{place} {}", key.text), out);
                }
            }
            Value::List(items) => items.iter().for_each(|item| collect(item, place, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    for file in built_in_files() {
        let mut sources = Sources::default();
        let text = String::from_utf8(file.bytes).expect("catalog files are UTF-8");
        let id = sources.add(file.name.clone(), text);
        let (root, _) = tree::parse(&sources, id, Limits::DEFAULT).expect("catalog files are YAML");
        collect(&root, &file.name, &mut out);
    }
    out
}

fn is_japanese(c: char) -> bool {
    matches!(c, 'ぁ'..='ヿ' | '一'..='鿿' | '々' | '〇')
}

#[test]
fn every_text_is_there_in_both_languages() {
    let texts = texts();
    assert!(texts.len() > 1_500, "only {} texts", texts.len());
    let mut wrong = Vec::new();
    for (place, text) in &texts {
        let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
        // Proper names of protocols, standards and publishers are the same in both languages.
        let is_name = [" name", " title", " publisher"].iter().any(|key| place.ends_with(key));
        if en.trim().is_empty() || en.chars().any(is_japanese) || !(is_name || ja.chars().any(is_japanese)) {
            wrong.push(format!("{place}: {ja} / {en}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_sentence_stands_twice() {
    let mut seen: BTreeMap<(&'static str, String), String> = BTreeMap::new();
    let mut twice = Vec::new();
    for (place, text) in texts() {
        for lang in Lang::ALL {
            let words = text.get(lang).to_owned();
            if !matches!(words.chars().last(), Some('。' | '.')) {
                continue;
            }
            if let Some(first) = seen.insert((lang.code(), words.clone()), place.clone()) {
                twice.push(format!("{first} = {place}: {words}"));
            }
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn japanese_has_no_half_width_space_beside_its_characters() {
    let mut wrong = Vec::new();
    for (place, text) in texts() {
        let characters: Vec<char> = text.get(Lang::Ja).chars().collect();
        let beside = |w: &[char]| w[1] == ' ' && (is_japanese(w[0]) || is_japanese(w[2]));
        if characters.windows(3).any(beside) {
            wrong.push(format!("{place}: {}", text.get(Lang::Ja)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn placeholders_are_the_same_in_both_languages() {
    let holders = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for (place, text) in texts() {
        let (ja, en) = (holders(text.get(Lang::Ja)), holders(text.get(Lang::En)));
        assert_eq!(ja, en, "{place}");
        // What the program fills in: names of a system, or of what the monitor watches.
        let known: &[&str] =
            if place.starts_with("catalog/alerts.yaml") { &["machine"] } else { &["asset", "data"] };
        assert!(ja.iter().all(|name| known.contains(&name.as_str())), "{place}: {ja:?}");
    }
}

#[test]
fn the_catalog_is_as_large_as_its_readers_need() {
    let catalog = catalog();
    let parents: BTreeSet<Id> = catalog.asset_kinds.iter().filter_map(|(id, kind)| kind.parent(id)).collect();
    let leaves = catalog.asset_kinds.keys().filter(|id| !parents.contains(*id)).count();
    assert!(leaves >= 70, "{leaves} leaf kinds");
    assert!(catalog.threat_rules.len() >= 60, "{} threat rules", catalog.threat_rules.len());
    assert_eq!(catalog.threats.len(), 13);
    assert_eq!(catalog.requirements.len(), 41);
    let of_viewpoint = |n: u8| catalog.requirements.values().filter(|r| r.viewpoint == n).count();
    assert_eq!([1, 2, 3, 4].map(of_viewpoint), [24, 14, 2, 1]);
}

#[test]
fn threats_and_requirements_are_all_within_reach_of_rules() {
    let catalog = catalog();
    for threat in catalog.threats.keys() {
        assert!(catalog.threat_rules.values().any(|rule| rule.proposes == *threat), "no rule for {threat}");
    }
    for requirement in catalog.requirements.keys() {
        let rules = catalog.requirement_rules.values().any(|rule| rule.requires == *requirement);
        let measures = catalog.measures.values().filter(|m| m.requirement == *requirement).count();
        assert!(rules, "no rule for {requirement}");
        assert!(measures >= 2, "{measures} measures for {requirement}");
    }
}

/// Measures of every requirement make paths harder or effects lighter, those for organizations among
/// them; `docs/paths.md` names the two that do not.
#[test]
fn every_requirement_but_two_acts_on_attack_paths() {
    let catalog = catalog();
    let hindering = catalog.hindrances.values().flat_map(|entry| &entry.measures);
    let acting: Vec<&Id> = hindering.chain(catalog.reliefs.values().flat_map(|e| &e.measures)).collect();
    let acts = |requirement: &Id| {
        catalog.measures.iter().any(|(id, m)| m.requirement == *requirement && acting.contains(&id))
    };
    let idle: Vec<&str> = catalog.requirements.keys().filter(|id| !acts(id)).map(Id::as_str).collect();
    assert_eq!(idle, ["secure-disposal", "social-safety-net"]);
}

#[test]
fn levels_of_the_rubric_belong_to_their_axis() {
    for (id, entry) in &catalog().rubric {
        assert!(entry.recovery().is_some() != entry.economic().is_some(), "{id}: {}", entry.level);
    }
}

#[test]
fn measures_name_kinds_and_traits_that_exist_and_warn_where_they_impair() {
    let catalog = catalog();
    for (id, measure) in &catalog.measures {
        for on in &measure.on {
            let known = on == "system"
                || catalog.asset_kinds.contains_key(on.as_str())
                || catalog.traits.contains_key(on.as_str());
            assert!(known, "{id} is on {on}");
        }
        assert_eq!(measure.impairs.is_empty(), measure.caution.is_none(), "{id}: caution without impairs");
    }
}

/// Own judgement is marked as such: what is `stated` has a source other than ourselves.
#[test]
fn what_is_stated_has_a_source_that_states_it() {
    let catalog = catalog();
    let mut origins: Vec<(&Id, &Origin)> = Vec::new();
    origins.extend(catalog.threat_rules.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.requirement_rules.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.measures.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.rubric.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.policies.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.alerts.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.shared.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.meters.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.requirements.iter().map(|(id, e)| (id, &e.origin)));
    origins.extend(catalog.asset_kinds.iter().map(|(id, e)| (id, &e.origin)));
    for (id, origin) in origins {
        assert!(!origin.source.is_empty(), "{id} has no source");
        let only_own = origin.source.iter().all(|source| source.starts_with("anshin"));
        assert!(!(only_own && origin.basis.as_str() == "stated"), "{id} is stated by nobody");
    }
}

/// Only a standard speaks for itself: no list of registers by others passes for the maker's word, and what
/// is tried first asks for more than what it would be mistaken for.
#[test]
fn registers_of_meters_say_whose_word_they_are() {
    let catalog = catalog();
    assert!(catalog.meters.len() >= 5, "{} meters", catalog.meters.len());
    for (id, meter) in &catalog.meters {
        assert!(!meter.voltages.is_empty(), "{id} asks for no voltage");
        let of_standard = meter.origin.source.iter().all(|source| source.starts_with("sunspec-models "));
        let of_others = ["mbmd ", "aggsoft-"];
        let of_others =
            meter.origin.source.iter().any(|source| of_others.iter().any(|other| source.starts_with(other)));
        let described_by = match (of_standard, of_others) {
            (true, _) => DescribedBy::Standard,
            (false, true) => DescribedBy::ThirdParty,
            (false, false) => DescribedBy::Maker,
        };
        assert_eq!(meter.described_by, described_by, "{id}");
        assert_eq!(of_standard, !meter.models.is_empty(), "{id}: a standard's device lists its models");
    }
    let maps: Vec<_> = catalog.meters.values().collect();
    for (n, later) in maps.iter().enumerate() {
        for earlier in &maps[..n] {
            let same = (earlier.table, &earlier.models, earlier.frequency)
                == (later.table, &later.models, later.frequency);
            assert!(!same || earlier.voltages.len() > later.voltages.len(), "{:?}", later.name);
        }
    }
}

/// Rules hold for kinds of things: they name facts, and no fact is the id of an example's system.
#[test]
fn no_rule_names_an_example() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let catalog = catalog();
    let rules: BTreeSet<String> = catalog
        .threat_rules
        .values()
        .map(|rule| &rule.when)
        .chain(catalog.requirement_rules.values().map(|rule| &rule.when))
        .chain(catalog.rubric.values().map(|entry| &entry.when))
        .chain(catalog.policies.values().map(|policy| &policy.when))
        .flat_map(|when| when.facts().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let vocabulary = catalog.vocabulary();
    let mut looked_at = 0;
    for entry in std::fs::read_dir(examples).expect("the examples are there") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("an example");
        let loaded = anshin_model::load::load_text("example.yaml", &text, &vocabulary);
        let document = loaded.document.expect("examples are sound");
        looked_at += 1;
        assert!(rules.iter().all(|fact| !fact.contains(document.system.id.as_str())), "{}", path.display());
    }
    assert!(looked_at >= 8);
}
