//! Properties that hold for every system, on generated ones.

use std::fmt::Write as _;
use std::sync::LazyLock;

use anshin_assess::{Assessment, Engine, v1};
use anshin_catalog::Catalog;
use anshin_model::Document;
use anshin_model::document::{Harm, Reach};
use proptest::prelude::*;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

fn read(text: &str) -> Document {
    let loaded = anshin_model::load::load_text("system.yaml", text, &CATALOG.vocabulary());
    loaded.document.unwrap_or_else(|| panic!("{:?}\n{text}", loaded.diagnostics))
}

fn assess(document: &Document) -> Assessment {
    Engine::new(&CATALOG).expect("the built-in rules fit").assess(document)
}

fn json(document: &Document) -> String {
    let assessment = assess(document);
    serde_json::to_string(&v1::Report::new(&assessment, &CATALOG)).expect("an assessment is JSON")
}

/// A small system of any kinds, traits, zones and links.
fn systems() -> impl Strategy<Value = String> {
    let words = |section: &str| {
        let ids = CATALOG.ids(section).expect("a section");
        ids.into_iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (kinds, traits, zones, media, data) =
        (words("asset-kinds"), words("traits"), words("zone-kinds"), words("media"), words("data-kinds"));
    let asset = (
        prop::sample::select(kinds),
        prop::sample::select(zones),
        prop::sample::subsequence(traits, 0..4),
        prop::sample::subsequence(vec!["d0", "d1"], 0..3),
        prop::sample::select(vec!["", ", updated-by: other", ", made-by: other", ", operated-by: other"]),
    );
    let assets = prop::collection::vec(asset, 1..8);
    let setting = prop::sample::select(vec!["household", "business", "public"]);
    let lead = prop::sample::select(vec!["developer", "provider", "user"]);
    let links = prop::collection::vec((0usize..8, 0usize..8, prop::sample::select(media)), 0..12);
    let data = prop::collection::vec(prop::sample::select(data), 2);
    (assets, setting, lead, links, data, any::<bool>()).prop_map(|(assets, setting, lead, links, data, person)| {
        let mut out = format!(
            "anshin: 1\nsystem: {{ id: s, name: s, setting: {setting} }}\nstakeholders:\n\
             - {{ id: us, name: us, role: {lead}, lead: true, depends-on: {{ service: core-business }} }}\n\
             - {{ id: other, name: other, role: user, person: {person}, reach: several, duties: [supports] }}\n"
        );
        out.push_str("data:\n");
        for (n, kind) in data.iter().enumerate() {
            let _ = writeln!(out, "- {{ id: d{n}, kind: {kind}, subject: other }}");
        }
        out.push_str("zones:\n");
        for (n, (_, zone, ..)) in assets.iter().enumerate() {
            let _ = writeln!(out, "- {{ id: z{n}, kind: {zone} }}");
        }
        out.push_str("assets:\n");
        for (n, (kind, _, traits, stores, who)) in assets.iter().enumerate() {
            let _ = writeln!(out,
                "- {{ id: a{n}, name: a{n}, kind: {kind}, zone: z{n}, traits: [{}], stores: [{}]{who} }}",
                traits.join(", "),
                stores.join(", ")
            );
        }
        out.push_str("links:\n");
        for (n, (from, to, over)) in links.iter().enumerate() {
            let (from, to) = (from % assets.len(), to % assets.len());
            if from != to {
                let _ = writeln!(out, "- {{ id: l{n}, from: a{from}, to: a{to}, over: {over}, carries: [d1] }}");
            }
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_input_gives_the_same_bytes(text in systems()) {
        prop_assert_eq!(json(&read(&text)), json(&read(&text)));
    }

    #[test]
    fn evidence_and_ranks_are_in_order_and_in_range(text in systems()) {
        let assessment = assess(&read(&text));
        for of_asset in assessment.threats.chunk_by(|a, b| a.asset == b.asset) {
            prop_assert!(of_asset.iter().zip(1..).all(|(threat, rank)| threat.rank == rank));
            prop_assert!(of_asset.windows(2).all(|pair| pair[0].evidence >= pair[1].evidence - 1e-9));
            prop_assert!(of_asset.iter().filter(|threat| threat.above_cut).count() <= 8);
            for threat in of_asset {
                prop_assert!((0.0..=1.0).contains(&threat.evidence) && threat.risk <= threat.evidence);
                prop_assert!(!threat.rules.is_empty());
            }
        }
    }

    #[test]
    fn every_proposal_names_things_that_exist(text in systems()) {
        let document = read(&text);
        let assessment = assess(&document);
        let is_stakeholder = |id: &anshin_model::Id| document.stakeholders.iter().any(|s| s.id == *id);
        prop_assert_eq!(assessment.ratings.len(), document.stakeholders.len());
        for candidate in &assessment.candidates {
            prop_assert!(is_stakeholder(&candidate.implementer));
            prop_assert!(!candidate.why.is_empty(), "{} without a reason", candidate.requirement);
            prop_assert!(!candidate.also.contains(&candidate.implementer));
        }
        for item in &assessment.plan {
            prop_assert!(is_stakeholder(&item.implementer));
            prop_assert!(item.covers.iter().all(|&n| assessment.threats[n as usize].above_cut));
        }
        for policy in &assessment.policies {
            for requirement in &policy.requirements {
                let candidate = assessment.candidates.iter().find(|c| c.requirement == *requirement);
                prop_assert!(candidate.is_some_and(|c| c.priority), "{requirement} of a policy is no priority");
            }
        }
    }

    /// What can only make things worse never lowers a level, and a safeguard never raises one.
    #[test]
    fn levels_move_the_right_way(text in systems()) {
        let document = read(&text);
        let before = assess(&document);
        let mut worse = document.clone();
        for stakeholder in &mut worse.stakeholders {
            stakeholder.reach = Reach::Many;
        }
        for hazard in worse.assets.iter_mut().flat_map(|asset| asset.hazards.iter_mut().flatten()) {
            hazard.worst = Harm::Death;
        }
        let mut guarded = document.clone();
        for asset in &mut guarded.assets {
            asset.safeguards = CATALOG.safeguards.keys().cloned().collect();
        }
        let (worse, guarded) = (assess(&worse), assess(&guarded));
        for ((before, worse), guarded) in before.ratings.iter().zip(&worse.ratings).zip(&guarded.ratings) {
            prop_assert!(worse.recovery >= before.recovery && worse.economic >= before.economic);
            prop_assert!(guarded.recovery <= before.recovery && guarded.economic <= before.economic);
        }
    }

    /// An asset that is cut off from all networks is reached from none, so it has no more threats.
    #[test]
    fn isolation_brings_no_new_threat(text in systems()) {
        let document = read(&text);
        let before = assess(&document);
        let mut isolated = document.clone();
        for asset in &mut isolated.assets {
            if !asset.traits.iter().any(|own| *own == "isolated") {
                asset.traits.push("isolated".into());
            }
        }
        let after = assess(&isolated);
        for threat in &after.threats {
            let same = before.threats.iter().find(|t| t.asset == threat.asset && t.threat == threat.threat);
            prop_assert!(same.is_some_and(|t| t.evidence >= threat.evidence - 1e-9));
        }
    }
}

#[test]
fn generated_systems_are_sound_at_every_size() {
    for assets in [0, 1, 2, 3, 9, 10, 11, 101, 1_000] {
        let document = read(&anshin_assess::generate::system(assets));
        assert_eq!(document.assets.len(), assets.max(2));
        let assessment = assess(&document);
        assert!(!assessment.threats.is_empty());
    }
}
