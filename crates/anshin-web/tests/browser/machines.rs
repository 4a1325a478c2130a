//! The page of the machines: read on a phone, answered by the keyboard.

use anshin_field::records::{self, Records};
use anshin_monitor::group::Groups;
use serde_json::json;

use super::{ENGLISH, Program, Setup};

#[test]
fn the_machines_are_read_on_a_phone_and_spoken_to_by_the_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let address = records::address(folder.path());
    let records = Records::open(&address).unwrap();
    let text = |text: &str| json!({ "ja": text, "en": text });
    let long = "A-very-long-name-of-a-program-without-a-single-space-in-it/rough/fine/0000123456789";
    let alert = |about: &str, alert: &str| {
        json!({
            "alert": alert, "about": text(about), "name": text("Too slow"), "job": format!(" [{long}]"),
            "says": text(long), "measured": text(long), "causes": [text(long)], "first": [text(long)],
            "since": "2026-11-26T09:00:00Z",
        })
    };
    let machines = json!([
        {
            "machine": "press", "name": text(long), "state": "producing", "cycle": null, "maintenance": null,
            "alerts": [alert("", "too-slow")], "since": "2026-11-26T09:00:00Z",
            "waiting": [{ "key": [long], "mode": 2 }],
            "references": [{ "key": [long], "mode": 1, "seconds": 20.0 }, { "key": [long], "mode": 2, "seconds": 23.0 }],
        },
        {
            "machine": "lathe", "name": { "ja": "旋盤", "en": "Lathe" }, "state": "idle", "cycle": null, "alerts": [],
            "maintenance": "2099-11-26T09:00:00Z", "no-cycles": true, "since": "2026-11-26T09:00:00Z",
            "next-maintenance": { "from": "2099-11-27T09:00:00Z", "until": "2099-11-27T10:00:00Z" },
            "lit": ["amber", "red"],
        },
    ]);
    let machines: Vec<_> = serde_json::from_value(machines).unwrap();
    records.show("line", &machines).unwrap();
    let others = json!([
        { "about": { "group": "air" }, "alert": alert(&format!("Air ({long})"), "together") },
        { "about": { "source": "floor" }, "device": long, "alert": alert("Source", "unknown-device") },
    ]);
    let others: Vec<_> = serde_json::from_value(others).unwrap();
    records.show_groups("line", &Groups::default(), &others).unwrap();
    records.beat("line").unwrap();
    let program = Program::start_with(|config| config.monitor = Some(address.clone()));
    let browser = program.signed_in(ENGLISH);
    for (lang, lit) in [("ja", "黄、赤"), ("en", "amber, red")] {
        browser.go(&format!("/language/{lang}?back=/machines"));
        browser.until("the machines", || browser.words("#machines").contains(lit));
        for (width, scheme) in [(390, "light"), (390, "dark"), (768, "light"), (1280, "light")] {
            browser.look(width, scheme);
            browser
                .run("document.querySelectorAll('.machine details').forEach((one) => { one.open = true; })");
            browser.shoot(&format!("floor-{lang}-{width}-{scheme}"));
            let wide = browser.run("return document.scrollingElement.scrollWidth - innerWidth");
            assert!(wide.as_i64().unwrap() <= 0, "{wide} too wide in {lang} at {width}");
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // Without scripts, so that the page stays as it is while keys are pressed.
    let browser = program.signed_in(Setup { scripts: false, ..ENGLISH });
    for about in ["[name=machine]", "[name=group]", "[name=source]"] {
        browser.go("/machines");
        let button = format!("form[action='/machines/acknowledge']:has({about}) button");
        browser.until("the button", || browser.count(&button) == 1);
        browser.press(&button, "\u{E007}");
        browser.until("it is passed on", || browser.address().starts_with("/machines?said=acknowledged"));
    }
    // What changes more than an alert stands behind a summary that the keyboard opens.
    for (summary, button) in [
        ("#maintenance-line-press > summary", "#maintain-line-press"),
        ("", "#over-line-lathe"),
        ("", "form[action='/machines/approve'] button"),
        (
            "#references-line-press > summary, #references-line-press li:last-child summary",
            "#references-line-press li:last-child button",
        ),
    ] {
        browser.go("/machines");
        for summary in summary.split(", ").filter(|summary| !summary.is_empty()) {
            browser.press(summary, "\u{E007}");
        }
        browser.press(button, "\u{E007}");
        browser.until("it is passed on", || browser.address().starts_with("/machines?said=asked"));
    }
    let mut asked = Vec::new();
    let taken = records.take_requests("line", |request| {
        asked.push(serde_json::to_value(request).unwrap());
        Ok(())
    });
    taken.unwrap();
    let asked: Vec<&str> = asked.iter().filter_map(|request| request["request"].as_str()).collect();
    let seen = ["acknowledge", "acknowledge-other", "acknowledge-other"];
    assert_eq!(asked, [&seen[..], &["maintenance", "maintenance", "approve", "forget"]].concat());
}
