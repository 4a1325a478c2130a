//! Six incidents of the past, played again on the systems as they stood before.

use std::fmt::Write as _;

use anshin_assess::{Engine, Record, Replay, records};
use anshin_catalog::Catalog;

fn replays(catalog: &Catalog) -> Vec<(Record, Replay)> {
    let engine = Engine::new(catalog).expect("the rules fit");
    let folder = format!("{}/../../incidents", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}.yaml")).expect("a file");
    let replay = |record: Record| {
        let loaded =
            anshin_model::load::load_text("before.yaml", &read(record.id.as_str()), &catalog.vocabulary());
        assert!(loaded.diagnostics.is_empty(), "{}: {:?}", record.id, loaded.diagnostics);
        let document = loaded.document.expect("a sound document");
        let replay = engine.replay(&record, &document, &catalog.matrices["standard"]);
        (record, replay)
    };
    records(&read("records")).expect("records").into_iter().map(replay).collect()
}

#[test]
fn what_happened_ranks_among_the_first_three_of_its_system() {
    let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let mut table = String::new();
    let mut first = 0;
    for (record, replay) in replays(&catalog) {
        let scenario = &replay.scenarios.all[replay.scenario.expect("it has the scenario")];
        first += usize::from(scenario.rank <= 3);
        let points = scenario.difficulty.expect("a path leads there");
        let after = replay.with_mitigations.as_ref().expect("measures act");
        let _ = writeln!(
            table,
            "{} {} rank {} of {}, {points} points, same way in {}, same threat {}; with the measures named {} points",
            record.id,
            scenario.id,
            scenario.rank,
            replay.scenarios.all.len(),
            replay.same_entry,
            replay.same_threat,
            after.difficulty.expect("a path leads there"),
        );
        assert!(!replay.cuts.is_empty() && after.difficulty >= scenario.difficulty);
        assert!(replay.cuts.iter().any(|cut| cut.named), "{}", record.id);
    }
    assert!(first >= 5, "{table}");
}

/// The measures that a source names are among those that cut the path, whoever is named for them,
/// and on the way that was taken they do what they would do in a document.
#[test]
fn what_the_source_names_is_among_what_cuts_the_path() {
    let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let all = replays(&catalog);
    let of = |id: &str| {
        all.iter().find(|(record, _)| record.id == *id).map(|(_, replay)| replay).expect("an incident")
    };
    let points = |replay: &Replay, measure: &str| {
        let cut = replay.cuts.iter().find(|cut| cut.measure == *measure)?;
        Some((cut.way_taken?, cut.difficulty?, cut.named, cut.proposed))
    };
    let before = |replay: &Replay| {
        let way = replay.way_taken.as_ref().map(|path| (path.entry.to_string(), path.difficulty));
        (way.expect("a path"), replay.happened().and_then(|scenario| scenario.difficulty).expect("a path"))
    };

    let oldsmar = of("oldsmar");
    assert_eq!(before(oldsmar), (("internet".to_owned(), 3), 3));
    assert_eq!(points(oldsmar, "data-encryption-between-sites"), Some((6, 6, true, true)));
    assert_eq!(points(oldsmar, "access-control-multi-factor"), Some((6, 6, true, false)));
    // Individual accounts are proposed, and do less.
    assert_eq!(points(oldsmar, "access-control-individual-accounts"), Some((4, 4, true, true)));

    // A neighbouring system stays as easy a way to the lock whatever is done about its keys.
    let keywe = of("keywe");
    assert_eq!(before(keywe), (("adjacent-wireless".to_owned(), 5), 5));
    let (way, whole, named, _) = points(keywe, "key-management-per-device-keys").expect("it acts");
    assert!(way > 5 && whole == 5 && named, "{way} {whole}");
    assert_eq!(keywe.cuts[0].requirement, "key-management");
    assert!(keywe.cuts.iter().any(|cut| cut.requirement == "data-encryption"));

    let parts = of("parts-maker-ransomware");
    let (capacity, spare) =
        (points(parts, "availability-capacity"), points(parts, "availability-redundancy"));
    assert!(capacity.expect("it acts").1 < spare.expect("it acts").1, "to know the load is no spare");
}

/// Records name what exists: assets, threats, entry points, requirements and a source.
#[test]
fn records_name_what_exists_in_both_languages() {
    let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let all = replays(&catalog);
    assert_eq!(all.len(), 6);
    for (record, _) in &all {
        assert!(record.happened.threats.iter().all(|id| catalog.threats.contains_key(id)), "{}", record.id);
        assert!(catalog.entry_points.contains_key(&record.happened.entry), "{}", record.id);
        let source = record.source.split([' ', ',']).next().unwrap_or_default();
        assert!(catalog.sources.contains_key(source), "{}", record.source);
        for id in record.mitigations.iter().flat_map(|m| &m.requirements) {
            assert!(catalog.requirements.contains_key(id), "{} {id}", record.id);
        }
        let texts = [&record.facts, &record.steps, &record.evaluation, &record.missed];
        let mitigations = record.mitigations.iter().map(|m| &m.text);
        for text in texts.into_iter().flatten().chain(mitigations).chain([&record.title]) {
            let (ja, en) = (text.get(anshin_model::Lang::Ja), text.get(anshin_model::Lang::En));
            let is_kana = |c: char| ('\u{3041}'..='\u{30ff}').contains(&c);
            assert!(ja.contains(is_kana) && !en.contains(|c: char| c > '\u{2e80}'), "{ja} | {en}");
            // No run of words in Latin letters that would be a sentence of the other language.
            let words: Vec<bool> = ja.split(' ').map(str::is_ascii).collect();
            assert!(!words.windows(4).any(|four| four.iter().all(|ascii| *ascii)), "{ja}");
        }
    }
}
