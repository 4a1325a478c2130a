//! `explain`.

use crate::catalog::{OWN_CATALOGS, own, with_catalogs};
use crate::common::GOOD;
use crate::{FILE, folder_with};

#[test]
fn explain_says_why_a_threat_is_proposed() {
    let folder = with_catalogs("");
    let said = own(&folder, &["explain", FILE, "threat/phone/repudiation"]).ends_with(0);
    said.prints(&[
        "proposed: above the cut",
        "Because",
        "Our own reason.",
        "kind:mobile.smartphone",
        "seen: ",
    ]);
    let arguments = [&["explain", FILE, "threat/phone/repudiation"][..], &OWN_CATALOGS].concat();
    let said = folder.run_in("ja", &arguments).ends_with(0);
    said.prints(&["提案: 足切り以上", "理由", "自社の理由", "seen: "]);
}

#[test]
fn explain_says_why_a_threat_is_not_proposed() {
    let folder = with_catalogs("");
    let arguments = ["explain", FILE, "threat/heater/repudiation"];
    let said = own(&folder, &arguments).ends_with(0);
    said.prints(&[
        "not proposed",
        "Rules that do not hold, nearest first",
        "Our own reason.",
        "missing: kind:mobile.smartphone",
        "[own-phone]",
    ])
    .prints_no(&["Because", "seen: "]);
    let said = folder.run_in("ja", &[&arguments[..], &OWN_CATALOGS].concat()).ends_with(0);
    said.prints(&["提案されていません", "足りない事実: kind:mobile.smartphone"]);
}

#[test]
fn explain_knows_ratings_requirements_and_implementers() {
    let folder = folder_with(GOOD);
    let report = folder.run(&["assess", "--format", "json", FILE]).json();
    let rating = &report["ratings"][0];
    let level = rating["economic"].as_str().expect("a level");
    let said = folder.run(&["explain", FILE, "rating/maker/economic"]).ends_with(0);
    said.prints(&[&format!("proposed: {level}"), "seen: "]);
    // A level has its name in the language that is spoken.
    let names = [
        ("limited", "限定的な経済影響"),
        ("serious", "重大な経済影響"),
        ("catastrophic", "壊滅的な経済影響"),
    ];
    let (_, name) = names.into_iter().find(|(word, _)| *word == level).expect("a level");
    let said = folder.run_in("ja", &["explain", FILE, "rating/maker/economic"]).ends_with(0);
    said.prints(&[&format!("提案: {name}")]).prints_no(&[&format!("提案: {level}")]);
    let candidate = &report["candidates"][0];
    let word = |key: &str| candidate[key].as_str().expect("a word").to_owned();
    let subject = format!("requirement/{}", word("requirement"));
    folder.run(&["explain", FILE, &subject]).ends_with(0).prints(&["proposed: candidate", "Because"]);
    let subject = format!("implementer/{}", word("requirement"));
    assert_eq!(word("implementer"), "maker");
    folder.run(&["explain", FILE, &subject]).ends_with(0).prints(&["proposed: Maker"]);
}

#[test]
fn explain_offers_the_nearest_name() {
    let folder = folder_with(GOOD);
    for (subject, words) in [
        ("threat/heatr/tampering", ["no `heatr` in assets", "did you mean `heater`?"]),
        ("threat/heater/tamperin", ["no `tamperin` in threats", "did you mean `tampering`?"]),
        ("rating/makr/economic", ["no `makr` in stakeholders", "did you mean `maker`?"]),
        ("requirement/update", ["no `update` in requirements", "did you mean `updates`?"]),
        ("implementer/update", ["no `update` in requirements", "did you mean `updates`?"]),
        ("heater", ["`heater` cannot be explained", "threat/ASSET/THREAT"]),
    ] {
        let said = folder.run(&["explain", FILE, subject]).ends_with(2).says(&words);
        assert_eq!(said.out, "");
    }
    let said = folder.run_in("ja", &["explain", FILE, "threat/heatr/tampering"]).ends_with(2);
    said.says(&["`heatr`がありません", "`heater`のことですか"]);
}

#[test]
fn explain_offers_the_nearest_axis() {
    let folder = folder_with(GOOD);
    let said = folder.run(&["explain", FILE, "rating/maker/economics"]).ends_with(2);
    said.says(&["no `economics` in axes", "did you mean `economic`?"]);
}
