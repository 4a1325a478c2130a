//! What forms do to a document.

use std::sync::LazyLock;

use anshin_model::Lang;
use anshin_model::document::Verdict;
use anshin_pages::change::{Decide, Take};
use anshin_pages::pages::{AssetForm, save_asset, save_row, save_system};
use anshin_pages::proposal::proposals;
use anshin_pages::{Desk, Opened, Stroke};
use proptest::prelude::*;

static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::built_in().expect("what is built in is right"));
const HEATER: &str = include_str!("../../../examples/gas-water-heater.yaml");

fn open(text: &str) -> Opened {
    DESK.open(text).unwrap_or_else(|broken| panic!("{:?}\n{text}", broken.found(Lang::En)))
}

fn decide<'a>(subject: &'a str, verdict: Verdict, value: Option<&'a str>, reason: &'a str) -> Decide<'a> {
    Decide { subject, verdict, value, reason, by: "Aoi", date: "2026-11-26" }
}

/// Lines of a text that are not in another.
fn added(new: &str, old: &str) -> Vec<String> {
    let old: Vec<&str> = old.lines().collect();
    new.lines().filter(|line| !old.contains(line)).map(str::to_owned).collect()
}

#[test]
fn a_decision_is_written_and_everything_else_stays() {
    let override_it = decide(
        "rating/resident/recovery",
        Verdict::Override,
        Some("limited"),
        "a thermostat limits the heat",
    );
    let text = DESK.decide(HEATER, &open(HEATER), &override_it).expect("it can be decided");
    let lines = added(&text, HEATER);
    assert!(lines.iter().any(|line| line.contains("rating/resident/recovery")), "{lines:#?}");
    for line in HEATER.lines() {
        assert!(text.contains(line), "lost: {line}");
    }
    let opened = open(&text);
    let rating = opened.assessment.ratings.iter().find(|r| r.stakeholder == *"resident").expect("rated");
    assert_eq!(rating.recovery.as_str(), "limited");
    let decided = rating.recovery_decided.as_ref().expect("decided");
    assert_eq!((decided.by.as_str(), decided.stale), ("Aoi", false));
    assert_eq!(decided.proposed, "serious");
    // Deciding again replaces the decision.
    let again = decide("rating/resident/recovery", Verdict::Accept, None, "");
    let accepted = DESK.decide(&text, &opened, &again).expect("it can be decided again");
    assert_eq!(open(&accepted).document().decisions.len(), 1);
    // Taking it back leaves the document as it was.
    let undone = DESK.undecide(&text, &opened, "rating/resident/recovery").expect("it can be taken back");
    assert_eq!(open(&undone).document().decisions.len(), 0);
    assert_eq!(undone.trim_end(), HEATER.trim_end());
}

#[test]
fn a_decision_that_cannot_be_is_refused_with_the_reason() {
    let opened = open(HEATER);
    let refused = |decide: Decide<'_>| {
        let error = DESK.decide(HEATER, &opened, &decide).expect_err("refused");
        error.get(Lang::En).to_owned()
    };
    let rating = "rating/resident/recovery";
    assert!(refused(decide(rating, Verdict::Override, Some("limited"), " ")).contains("reason"));
    assert!(refused(decide(rating, Verdict::Reject, None, "")).contains("reason"));
    assert!(refused(decide(rating, Verdict::Override, None, "because")).contains("choose"));
    assert!(
        refused(decide("rating/nobody/recovery", Verdict::Accept, None, "")).contains("no such proposal")
    );
    assert!(refused(decide("nonsense", Verdict::Accept, None, "")).contains("no such proposal"));
}

#[test]
fn every_proposal_of_the_list_can_be_decided() {
    let opened = open(HEATER);
    let all = DESK.with(&opened, proposals);
    assert!(all.len() > 50);
    for proposal in all {
        let accept = decide(&proposal.subject, Verdict::Accept, None, "");
        let text = DESK
            .decide(HEATER, &opened, &accept)
            .unwrap_or_else(|why| panic!("{}: {why:?}", proposal.subject));
        let opened = open(&text);
        assert!(opened.assessment.stale.is_empty(), "{}: {:?}", proposal.subject, opened.assessment.stale);
        let found = DESK.with(&opened, proposals).into_iter().find(|p| p.subject == proposal.subject);
        assert!(found.is_some_and(|p| p.decided.is_some()), "{}", proposal.subject);
    }
}

#[test]
fn a_measure_is_taken_on_changed_and_taken_away() {
    let take = |status| Take {
        requirement: "updates",
        measure: Some("updates-prompt-apply"),
        name: None,
        by: "maker",
        status,
        until: "2027-03-31",
        note: "",
    };
    let planned = DESK.take(HEATER, &open(HEATER), &take("planned")).expect("planned");
    let done = DESK.take(&planned, &open(&planned), &take("in-place")).expect("done");
    let measures = &open(&done).document().measures.clone();
    assert_eq!(measures.len(), 1);
    assert_eq!(measures[0].status, anshin_model::document::Status::InPlace);
    let gone = DESK.take(&done, &open(&done), &take("")).expect("taken away");
    assert!(open(&gone).document().measures.is_empty());
    // One's own measure needs a name, and a date must be one.
    let own = Take { measure: None, name: Some("封印シール"), ..take("planned") };
    let text = DESK.take(HEATER, &open(HEATER), &own).expect("one's own");
    assert_eq!(
        open(&text).document().measures[0].name.as_ref().map(|name| name.get(Lang::Ja).to_owned()),
        Some("封印シール".to_owned())
    );
    assert!(DESK.take(HEATER, &open(HEATER), &Take { name: Some(" "), ..own.clone() }).is_err());
    assert!(DESK.take(HEATER, &open(HEATER), &Take { until: "soon", ..own }).is_err());
}

#[test]
fn facts_of_an_asset_are_written_as_ticked() {
    let opened = open(HEATER);
    let asset = opened.document().assets.iter().find(|a| a.id == *"gas-heater").expect("there").clone();
    let mut traits: Vec<String> =
        DESK.catalog.traits_of(&asset.kind).iter().map(ToString::to_string).collect();
    let dropped = traits.pop().expect("the kind brings facts");
    traits.push("unsupported".to_owned());
    let form = AssetForm {
        name: "ガス給湯器（新型）".to_owned(),
        kind: asset.kind.to_string(),
        zone: "home".to_owned(),
        traits,
        people: ["maker".to_owned(), String::new(), "maintenance".to_owned(), String::new()],
        ..AssetForm::default()
    };
    let text = save_asset(&DESK, HEATER, &opened, "gas-heater", &form, Lang::Ja).expect("saved");
    let opened = open(&text);
    let asset = opened.document().assets.iter().find(|a| a.id == *"gas-heater").expect("there");
    assert_eq!(asset.name.get(Lang::Ja), "ガス給湯器（新型）");
    assert_eq!(asset.name.get(Lang::En), "Gas water heater", "the other language keeps its words");
    assert_eq!(asset.traits.iter().map(anshin_model::Id::as_str).collect::<Vec<_>>(), ["unsupported"]);
    assert_eq!(asset.without.iter().map(anshin_model::Id::as_str).collect::<Vec<_>>(), [dropped.as_str()]);
    assert_eq!(asset.updated_by, None);
    assert_eq!(asset.zone.as_ref().map(anshin_model::Id::as_str), Some("home"));
    assert!(asset.hazards.is_some(), "what the form does not show stays");
    assert!(save_asset(&DESK, HEATER, &open(HEATER), "nothing", &form, Lang::Ja).is_err());
}

#[test]
fn what_nobody_changed_in_a_form_changes_nothing() {
    let opened = open(HEATER);
    for lang in Lang::ALL {
        let purpose = &opened.document().system.purpose;
        let field = |key: &str| match key {
            "stage" => Some("planning"),
            "why" => purpose.why.as_ref().map(|t| t.get(lang)),
            "who" => purpose.who.as_ref().map(|t| t.get(lang)),
            "what" => purpose.what.as_ref().map(|t| t.get(lang)),
            "when" => purpose.when.as_ref().map(|t| t.get(lang)),
            "where" => purpose.r#where.as_ref().map(|t| t.get(lang)),
            "how" => purpose.how.as_ref().map(|t| t.get(lang)),
            _ => None,
        };
        assert_eq!(save_system(&DESK, HEATER, &opened, lang, field).expect("saved"), HEATER);
        for asset in &opened.document().assets {
            let words = |ids: &[anshin_model::Id]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
            let of_kind = DESK.catalog.traits_of(&asset.kind);
            let mut traits = words(&of_kind);
            traits.extend(words(&asset.traits));
            traits.retain(|own| !asset.without.iter().any(|out| out.as_str() == own));
            let who =
                |one: &Option<anshin_model::Id>| one.as_ref().map(ToString::to_string).unwrap_or_default();
            let form = AssetForm {
                name: asset.name.get(lang).to_owned(),
                kind: asset.kind.to_string(),
                zone: who(&asset.zone),
                traits,
                safeguards: words(&asset.safeguards),
                stores: words(&asset.stores),
                people: [
                    who(&asset.made_by),
                    who(&asset.operated_by),
                    who(&asset.maintained_by),
                    who(&asset.updated_by),
                ],
            };
            let saved = save_asset(&DESK, HEATER, &opened, asset.id.as_str(), &form, lang).expect("saved");
            assert_eq!(saved, HEATER, "{}", asset.id);
        }
    }
}

#[test]
fn the_drawing_adds_connects_moves_and_removes() {
    let draw = |text: &str, stroke: Stroke<'_>| {
        DESK.draw(text, &open(text), &stroke).unwrap_or_else(|w| panic!("{stroke:?}: {w:?}"))
    };
    let text = draw(HEATER, Stroke::Add { name: "給湯リモコン", kind: "controller.remote", zone: "home" });
    let text = draw(&text, Stroke::Connect { from: "remote", to: "controller", over: "infrared" });
    let text = draw(&text, Stroke::Move { asset: "remote", zone: "outside-wall" });
    let opened = open(&text);
    let asset = opened.document().assets.last().expect("added");
    assert_eq!(
        (asset.id.as_str(), asset.zone.as_ref().map(anshin_model::Id::as_str)),
        ("remote", Some("outside-wall"))
    );
    assert_eq!(
        opened.document().links.last().map(|link| link.id().to_string()),
        Some("remote--controller".to_owned())
    );
    // Removing it takes its link along and leaves what was there before.
    let text = draw(&text, Stroke::Remove { asset: "remote" });
    assert_eq!(text.trim_end(), HEATER.trim_end());
    // Removing what everything goes over takes flows and unused data, too.
    let text = draw(HEATER, Stroke::Remove { asset: "controller" });
    let opened = open(&text);
    assert!(opened.document().flows.is_empty());
    assert!(
        opened.document().links.iter().all(|link| link.from != *"controller" && link.to != *"controller")
    );
    let refused = |stroke| DESK.draw(HEATER, &open(HEATER), &stroke).is_err();
    assert!(refused(Stroke::Connect { from: "cloud", to: "cloud", over: "" }));
    assert!(refused(Stroke::Connect { from: "cloud", to: "nowhere", over: "" }));
    assert!(refused(Stroke::Add { name: " ", kind: "cloud", zone: "" }));
    assert!(refused(Stroke::Add { name: "x", kind: "no.such.kind", zone: "" }));
    assert!(refused(Stroke::Move { asset: "cloud", zone: "no-zone" }));
}

#[test]
fn zones_are_moved_and_removed_with_what_stands_in_them() {
    let draw = |text: &str, stroke: Stroke<'_>| {
        DESK.draw(text, &open(text), &stroke).unwrap_or_else(|w| panic!("{stroke:?}: {w:?}"))
    };
    let zones = |text: &str| -> Vec<(String, Option<String>)> {
        let opened = open(text);
        let zones = opened.document().zones.iter();
        zones.map(|one| (one.id.to_string(), one.within.as_ref().map(ToString::to_string))).collect()
    };
    let stands = |text: &str, asset: &str| {
        let opened = open(text);
        let found = opened.document().assets.iter().find(|own| own.id == *asset).expect("there");
        found.zone.as_ref().map(ToString::to_string)
    };
    let inside = draw(HEATER, Stroke::MoveZone { zone: "home", within: "outside-wall" });
    assert!(zones(&inside).contains(&("home".to_owned(), Some("outside-wall".to_owned()))));
    assert_eq!(stands(&inside, "router").as_deref(), Some("home"), "what stands in it goes with it");
    // What is taken away leaves its things in what was around it.
    let gone = draw(&inside, Stroke::RemoveZone { zone: "home" });
    assert_eq!(stands(&gone, "router").as_deref(), Some("outside-wall"));
    let gone = draw(&inside, Stroke::RemoveZone { zone: "outside-wall" });
    assert_eq!(stands(&gone, "gas-heater"), None);
    assert!(zones(&gone).contains(&("home".to_owned(), None)));
    // And back again, as if nothing had been.
    assert_eq!(draw(&inside, Stroke::MoveZone { zone: "home", within: "" }), HEATER);
    for (zone, within) in [("home", "home"), ("outside-wall", "home"), ("nowhere", ""), ("home", "nowhere")] {
        let stroke = Stroke::MoveZone { zone, within };
        assert!(DESK.draw(&inside, &open(&inside), &stroke).is_err(), "{zone} in {within}");
    }
    // The history speaks of what was drawn by its names.
    let why = |stroke: Stroke<'_>| DESK.with(&open(HEATER), |subject| stroke.why(subject));
    let words = why(Stroke::Move { asset: "gas-heater", zone: "home" });
    assert_eq!(words.get(Lang::Ja), "図: ガス給湯器を移動（居宅内のネットワーク）");
    assert_eq!(words.get(Lang::En), "drawing: move Gas water heater (Home network)");
    let words = why(Stroke::Disconnect { link: "smartphone--cloud" });
    assert_eq!(words.get(Lang::Ja), "図: スマートフォンとクラウドサービスの接続を削除");
}

/// A stroke by numbers: which act, and which of the things that are there.
fn stroke<'d>(opened: &'d Opened, (act, a, b): (u8, usize, usize), name: &'d str) -> Stroke<'d> {
    let document = opened.document();
    let asset = |n: usize| document.assets[n % document.assets.len()].id.as_str();
    let kinds = ["controller.plc", "sensor", "cloud.application", "network.router"];
    let zone = document.zones.get(b % document.zones.len().max(1)).map_or("", |zone| zone.id.as_str());
    let other = document.zones.get(a % document.zones.len().max(1)).map_or("", |zone| zone.id.as_str());
    match act % 8 {
        0 => Stroke::Add { name, kind: kinds[a % kinds.len()], zone },
        1 => Stroke::Zone { name, kind: ["cloud", "office-network", "home-network"][a % 3], asset: asset(b) },
        2 => Stroke::Connect { from: asset(a), to: asset(b), over: "" },
        3 => Stroke::Move { asset: asset(a), zone },
        4 => Stroke::Remove { asset: asset(a) },
        5 => Stroke::MoveZone { zone, within: if a % 3 == 0 { "" } else { other } },
        6 => Stroke::RemoveZone { zone },
        _ => Stroke::Disconnect { link: "cloud--controller" },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is drawn, the document stays one, or the stroke is refused and nothing happens.
    #[test]
    fn drawing_never_breaks_a_document(
        strokes in prop::collection::vec((any::<(u8, usize, usize)>(), any::<String>()), 1..12),
    ) {
        let mut text = HEATER.to_owned();
        for (numbers, name) in &strokes {
            let opened = open(&text);
            let stroke = stroke(&opened, *numbers, name);
            if let Ok(next) = DESK.draw(&text, &opened, &stroke) {
                let found = open(&next).found(Lang::En);
                prop_assert!(found.iter().all(|one| one.level != "error"), "{stroke:?}: {found:?}");
                text = next;
            }
        }
        prop_assert!(text.contains("# Remote operation of a household gas water heater"));
    }
}

#[test]
fn rows_of_sheets_are_filled_in_added_and_taken_out() {
    let row = |text: &str, sheet: &str, key: Option<&str>, fields: &[(&str, &str)]| {
        let given = |field: &str| fields.iter().find(|(own, _)| *own == field).map(|(_, v)| (*v).to_owned());
        save_row(&DESK, text, &open(text), (sheet, key), false, Lang::En, &given)
    };
    let out = |text: &str, sheet: &str, key: &str| {
        save_row(&DESK, text, &open(text), (sheet, Some(key)), true, Lang::En, &|_| None)
    };
    // Each value changes one line; the other language and what is not named stay.
    let text = row(HEATER, "stakeholders", Some("resident"), &[("name", "Tenant"), ("expertise", "none")]);
    let text = text.expect("it can be filled in");
    let tenant =
        open(&text).document().stakeholders.iter().find(|s| s.id == *"resident").cloned().expect("there");
    assert_eq!((tenant.name.get(Lang::En), tenant.name.get(Lang::Ja)), ("Tenant", "住まい手"));
    assert_eq!(added(&text, HEATER).len(), 2, "{:?}", added(&text, HEATER));
    // What was not changed leaves the document as it is.
    assert_eq!(
        row(HEATER, "assets", Some("router"), &[("zone", "home"), ("traits", "consumer-managed")]),
        Ok(HEATER.to_owned())
    );
    // A new row gets an id of its name; a list has a line for each entry.
    let text = row(
        HEATER,
        "assets",
        None,
        &[
            ("id", ""),
            ("name", "Wall Display"),
            ("kind", "controller.appliance"),
            ("zone", "home"),
            ("traits", "consumer-managed\nremote-updatable"),
        ],
    )
    .expect("it can be added");
    let opened = open(&text);
    let asset = opened.document().assets.last().expect("there");
    assert_eq!((asset.id.as_str(), asset.traits.len()), ("wall-display", 2));
    assert_eq!(
        out(&text, "assets", "wall-display").expect("it can be taken out").trim_end(),
        HEATER.trim_end()
    );
    // Entries of a list inside an item, at their place.
    let text = row(HEATER, "steps", Some("fill-bath/1"), &[("order", "2")]).expect("it can be moved");
    let flow = |text: &str| -> Vec<String> {
        open(text).document().flows[0].steps.iter().map(|step| step.link.to_string()).collect()
    };
    assert_eq!(flow(&text), ["cloud--controller", "smartphone--cloud", "controller--gas-heater"]);
    let text =
        row(HEATER, "steps", None, &[("flow", "fill-bath"), ("link", "smartphone--cloud"), ("order", "9")]);
    assert_eq!(flow(&text.expect("it can be added"))[3], "smartphone--cloud");
    assert_eq!(flow(&out(HEATER, "steps", "fill-bath/2").expect("it can be taken out")).len(), 2);
    // Single values.
    let text = row(HEATER, "system", None, &[("targets.recovery", "serious")]).expect("it can be set");
    assert_eq!(open(&text).document().targets.recovery.as_str(), "serious");
    // What would not be a document is refused with its reason.
    for (sheet, key, fields) in [
        ("assets", Some("router"), &[("kind", "no-such-kind")][..]),
        ("assets", Some("nowhere"), &[("name", "x")]),
        ("nothing", None, &[("name", "x")]),
        ("stakeholders", None, &[("name", "")]),
        ("measures", None, &[("until", "soon")]),
    ] {
        let refused = row(HEATER, sheet, key, fields).expect_err("refused");
        assert!(refused.get(Lang::En).len() > 5 && refused.get(Lang::Ja).len() > 5);
    }
    let used = out(HEATER, "assets", "cloud").expect_err("a link leads there");
    assert!(used.get(Lang::En).contains("cloud"), "{used:?}");
}

#[test]
fn whoever_accepts_has_chosen_no_other_value() {
    let opened = open(HEATER);
    let subject = "rating/resident/recovery";
    let other = decide(subject, Verdict::Accept, Some("limited"), "");
    let refused = DESK.decide(HEATER, &opened, &other).expect_err("refused");
    assert!(refused.get(Lang::En).contains("another value"), "{refused:?}");
    // The proposed value chosen, or none, is the proposal.
    for value in [Some("serious"), Some(""), None] {
        let text =
            DESK.decide(HEATER, &opened, &decide(subject, Verdict::Accept, value, "")).expect("accepted");
        let added = added(&text, HEATER).join("\n");
        assert!(added.contains("decide: \"accept\"") && !added.contains("value:"), "{value:?}: {added}");
    }
}
