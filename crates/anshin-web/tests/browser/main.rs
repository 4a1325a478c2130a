//! The main ways through the pages, in a real Chromium. Pictures of pages are kept in `screens` of the
//! tests' temporary folder.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod checklists;
mod driver;
mod machines;
#[cfg(feature = "tls")]
mod openid;
#[cfg(feature = "tls")]
#[path = "../web/provider.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod provider;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use anshin_store::Place;
use anshin_web::Config;
use anshin_web::config::Settings;
use driver::{Browser, Driver, ENGLISH, Setup};
use tokio::sync::oneshot;

const PASSWORD: &str = "correct horse battery";

/// The program over an empty store, on a port of its own.
struct Program {
    base: String,
    driver: Arc<Driver>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Program {
    fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The same with another configuration.
    fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let driver = Driver::start();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            place: Place::folder(folder.path()),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Settings::default().config().unwrap()
        };
        change(&mut config);
        let (stop, stopped) = oneshot::channel::<()>();
        let (listening, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            let stop = async {
                let _ = stopped.await;
            };
            runtime
                .block_on(anshin_web::serve(config, stop, |address| {
                    listening.send(address.to_owned()).unwrap();
                }))
                .unwrap();
        });
        let base = address.recv().expect("the program listens");
        Self { base, driver, stop: Some(stop), thread: Some(thread), _folder: folder }
    }

    fn browser(&self, setup: Setup) -> Browser {
        Browser::open(&self.driver, &self.base, setup)
    }

    /// A browser in which somebody has signed in; the first one makes the administrator.
    fn signed_in(&self, setup: Setup) -> Browser {
        let browser = self.browser(setup);
        self.enter(&browser);
        browser
    }

    /// Signs in; the first one makes the administrator.
    #[expect(clippy::unused_self, reason = "it is this program's door")]
    fn enter(&self, browser: &Browser) {
        browser.go("/");
        if browser.address().starts_with("/first-start") {
            browser.write("#organization", "Example Works");
            browser.write("#name", "Aoi Tanaka");
        }
        browser.write("#login", "aoi");
        browser.write("#password", PASSWORD);
        browser.click("main button.main");
        browser.until("signed in", || browser.address() == "/");
    }

    /// The address of a copy of an example.
    fn example(browser: &Browser) -> String {
        browser.go("/");
        browser.click("form[action='/new/example'] button");
        browser.until("the system is there", || browser.address().starts_with("/systems/"));
        browser.address().split('?').next().unwrap().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the program failed");
        }
    }
}

/// What somebody answers in the guided start, by question.
const ANSWERS: &[(&str, &[&str])] = &[
    ("we", &["makes"]),
    ("place", &["home"]),
    ("thing", &["heats"]),
    ("safe", &[]),
    ("users", &["residents"]),
    ("maintains", &["us"]),
    ("updates", &["network"]),
    ("operated", &["phone", "panel"]),
    ("connected", &["internet"]),
    ("inside", &["cable"]),
    ("data", &["account", "usage"]),
    ("stands", &["convenience"]),
    ("back", &["days"]),
];

#[test]
fn from_the_first_start_to_the_report() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    browser.shoot("way-1-empty");

    // The guided start: plain questions, and the picture grows.
    browser.click("a[href='/new']");
    browser.write("#answer", "Bath heater");
    browser.click("main button.main");
    let mut drawn = 0;
    for (question, options) in ANSWERS {
        browser.until(question, || browser.count(&format!("input[name={question}]")) > 0);
        for option in *options {
            browser.click(&format!("input[name={question}][value={option}]"));
        }
        if *question == "connected" {
            // Before anything is sent, the picture shows what the answer adds.
            let before = drawn;
            browser
                .until("the picture grows while one chooses", || browser.count("#growing g.asset") > before);
        }
        browser.click("main button.main");
        browser.until("the next question", || {
            browser
                .count(&format!("input[name={question}][type=radio], input[name={question}][type=checkbox]"))
                == 0
        });
        let now = browser.count("#growing g.asset");
        assert!(now >= drawn, "{question}: {now} after {drawn}");
        drawn = now;
    }
    assert!(drawn >= 5, "{drawn} assets");
    browser.shoot("way-2-guided-start");
    browser.click("form[action='/new'][method=post] button.main");

    // The assessment.
    browser.until("the system", || browser.address().starts_with("/systems/"));
    let base = browser.address().split('?').next().unwrap().to_owned();
    assert!(browser.words("h1").contains("Bath heater"));
    browser.until("the risk map", || browser.count("#live-map svg") == 1);
    browser.shoot("way-3-overview");

    // An override, with its reason.
    browser.go(&format!("{base}/proposals?kind=rating&state=first"));
    let card = "article:has(input[value='rating/user/recovery'])";
    assert!(browser.words(&format!("{card} .value")).contains("serious") || browser.count(card) == 1);
    browser.click(&format!("{card} button[value=override]"));
    browser.until("the reason is asked for", || browser.words("main").contains("reason"));
    // The browser reports that the form was refused; nothing else may be reported on the way.
    assert_eq!(browser.complaints().iter().filter(|line| !line.contains("/decide")).count(), 0);
    browser.go(&format!("{base}/proposals?kind=rating&state=first"));
    browser.write(&format!("{card} textarea"), "a mixing valve keeps the water below 50 °C");
    browser.click(&format!("{card} input[value=limited]"));
    browser.click(&format!("{card} button[value=override]"));
    browser.until("saved", || browser.address().contains("said=saved"));
    browser.go(&format!("{base}/proposals?kind=rating&state=decided"));
    assert!(browser.words(card).contains("a mixing valve"), "{}", browser.words(card));
    assert!(browser.words(&format!("{card} .value")).contains("limited"));
    browser.shoot("way-4-override");

    // The plan.
    browser.go(&format!("{base}/plan?all=1"));
    let row = "article tbody tr:has(input[name=measure])";
    browser.click(&format!("{row} select[name=status] option[value=planned]"));
    browser.run("document.querySelector('article tbody tr input[name=until]').value = '2027-03-31'");
    browser.click(&format!("{row} form button"));
    browser.until("saved", || browser.address().contains("said=saved"));
    browser.go(&format!("{base}/text"));
    assert!(browser.value("#text").contains("2027-03-31"));

    // The report, and an approval.
    browser.go(&format!("{base}/reports"));
    browser.click("a[href$='/report.html']");
    browser.until("the report", || browser.count("section.sheet") > 10);
    assert!(browser.words("h1").contains("Bath heater"));
    browser.go(&format!("{base}/history"));
    browser.click("form[action$='/approve'] button");
    browser.until("approved", || browser.words(".notice.good").contains("pproved"));
    browser.shoot("way-5-history");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_language_is_switched_on_every_page() {
    let program = Program::start();
    let browser = program.browser(Setup { lang: "ja", ..ENGLISH });
    browser.go("/");
    assert_eq!(browser.attribute("html", "lang"), "ja");
    assert!(browser.words("h1").contains("ようこそ"));
    browser.click(".langs a[lang=en]");
    browser.until("English", || browser.attribute("html", "lang") == "en");
    assert!(browser.words("h1").contains("Welcome"));
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/proposals?kind=rating"));
    browser.click(".langs a[lang=ja]");
    browser.until("Japanese", || browser.attribute("html", "lang") == "ja");
    assert_eq!(browser.address(), format!("{base}/proposals?kind=rating"), "the page stays");
    assert!(browser.words("main").contains("第1軸"));
}

#[test]
fn everything_but_drawing_works_without_scripts() {
    let program = Program::start();
    let browser = program.signed_in(Setup { scripts: false, ..ENGLISH });
    let base = Program::example(&browser);
    assert!(browser.count("#live-map svg") == 1);

    // The text: checked by the button, saved once it is right.
    browser.go(&format!("{base}/text"));
    let text = include_str!("../../../../examples/gas-water-heater.yaml");
    browser.write("#text", "anshin: 1\nsystem: {}\n");
    browser.click("button[value=check]");
    browser.until("what is wrong", || browser.count("#found li.error") > 0);
    browser.write("#text", &text.replace("Gas water heater", "Gas boiler"));
    browser.click("button[value=save]");
    browser.until("saved", || browser.address().contains("said=saved"));
    assert!(browser.value("#text").contains("Gas boiler"));

    // The drawing by its forms.
    browser.go(&format!("{base}/drawing"));
    browser.click("details:has(#add-name) summary");
    browser.until("the form opens", || browser.words("details:has(#add-name)").contains("Name"));
    browser.write("#add-name", "Display");
    browser.click("form:has(#add-name) button");
    browser.until("drawn", || browser.count("g.asset[data-id=display]") == 1);
}

#[test]
fn drawing_by_mouse_and_by_keyboard() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/drawing"));
    browser.until("the tools", || browser.attribute("#tools", "hidden").is_empty());
    let place = |asset: &str| browser.attribute(&format!("g.asset[data-id={asset}]"), "data-zone");
    assert_eq!(place("router"), "home");

    // By mouse: into another zone, and back by undo.
    browser.drag("g.asset[data-id=router]", "g.zone[data-id=away] rect");
    browser.until("moved", || place("router") == "away");
    browser.click("#undo");
    browser.until("undone", || place("router") == "home");
    browser.click("#redo");
    browser.until("done again", || place("router") == "away");

    // By keyboard: another zone, a link, and gone.
    browser.press("g.asset[data-id=smartphone]", "\u{E014}");
    browser.until("moved by an arrow key", || place("smartphone") != "away");
    let links = browser.count("g.link");
    browser.press("g.asset[data-id=smartphone]", "c");
    browser.press("g.asset[data-id=gas-heater]", "\u{E007}");
    browser.until("connected", || browser.count("g.link") == links + 1);
    browser.press("g.asset[data-id=router]", "\u{E017}");
    browser.until("removed", || browser.count("g.asset[data-id=router]") == 0);
    browser.shoot("drawing");

    // The same document as text.
    browser.go(&format!("{base}/text"));
    let text = browser.value("#text");
    assert!(text.contains("from: smartphone") && !text.contains("id: router"), "{text}");
    assert!(text.contains("# Remote operation of a household gas water heater"), "comments stay");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_keyboard_stays_where_it_was_while_one_draws() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/drawing"));
    browser.until("the tools", || browser.attribute("#tools", "hidden").is_empty());
    let place = |asset: &str| browser.attribute(&format!("g.asset[data-id={asset}]"), "data-zone");
    let within = |zone: &str| browser.attribute(&format!("g.zone[data-id={zone}]"), "data-within");
    let held = || {
        let script = "const held = document.activeElement; \
                      return held.dataset?.id ?? held.dataset?.zone ?? (held.id || held.localName)";
        browser.run(script).as_str().unwrap().to_owned()
    };
    // To the facts of an asset at the first stroke of the key.
    browser.press("g.asset[data-id=smartphone]", "\u{E007}");
    browser.until("its facts have the keyboard", || held() == "panel");
    assert!(browser.words("#panel h2").contains("Smartphone"));
    // Moved, connected, taken back: the same asset has the keyboard.
    browser.press("g.asset[data-id=smartphone]", "\u{E014}");
    browser.until("moved", || place("smartphone") != "away");
    assert_eq!(held(), "smartphone");
    let said = browser.words("#said");
    assert!(said.starts_with("drawing: move Smartphone ("), "names are told: {said}");
    let links = browser.count("g.link");
    browser.press("g.asset[data-id=smartphone]", "c");
    browser.press("g.asset[data-id=gas-heater]", "\u{E007}");
    browser.until("connected", || browser.count("g.link") == links + 1);
    assert_eq!(held(), "gas-heater");
    browser.press("g.asset[data-id=gas-heater]", "\u{E009}z\u{E000}");
    browser.until("undone", || browser.count("g.link") == links);
    assert_eq!(held(), "gas-heater");
    browser.click("#undo");
    browser.until("undone", || place("smartphone") == "away");
    assert_eq!(held(), "redo", "there is nothing more to undo");

    // Zones: reached, opened, moved into another and out again, taken away.
    let title = "g.zone-name[data-zone=home]";
    assert_eq!(browser.attribute(title, "aria-label"), "Zone: Home network");
    browser.press(title, "\u{E014}");
    browser.until("part of another zone", || !within("home").is_empty());
    assert_eq!((held().as_str(), place("router").as_str()), ("home", "home"));
    browser.shoot("drawing-zone");
    browser.press(title, "\u{E012}");
    browser.until("part of none", || within("home").is_empty());
    browser.drag(title, "g.zone[data-id=away] rect");
    browser.until("moved by mouse", || within("home") == "away");
    browser.press(title, "\u{E007}");
    browser.until("its facts", || browser.words("#panel h2").contains("Home network"));
    browser.press(title, "\u{E017}");
    browser.until("taken away", || browser.count(title) == 0);
    assert_eq!((held().as_str(), place("router").as_str()), ("canvas", "away"));
    browser.press("g.asset[data-id=router]", "\u{E017}");
    browser.until("taken away", || browser.count("g.asset[data-id=router]") == 0);
    assert_eq!(held(), "canvas");
    browser.go(&format!("{base}/history"));
    assert!(browser.words("main").contains("drawing: remove the zone Home network"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn undoing_leaves_what_others_saved_in_between() {
    let program = Program::start();
    let (one, other) = (program.signed_in(ENGLISH), program.signed_in(ENGLISH));
    let base = Program::example(&one);
    one.go(&format!("{base}/drawing"));
    one.until("the tools", || one.attribute("#tools", "hidden").is_empty());
    let place = |asset: &str| one.attribute(&format!("g.asset[data-id={asset}]"), "data-zone");
    let rename = |from: &str, to: &str| {
        other.go(&format!("{base}/text"));
        let text = serde_json::Value::from(other.value("#text").replacen(from, to, 1)).to_string();
        other.run(&format!("document.getElementById('text').value = {text}"));
        other.click("button[value=save]");
        other.until("saved", || other.address().contains("said=saved"));
    };
    let saved = |words: &str| {
        other.go(&format!("{base}/text"));
        other.value("#text").contains(words)
    };
    one.drag("g.asset[data-id=router]", "g.zone[data-id=away] rect");
    one.until("moved", || place("router") == "away");
    rename("Dedicated controller", "Wall controller");
    // A stroke that is saved together with what somebody else saved, and both strokes taken back.
    one.drag("g.asset[data-id=smartphone]", "g.zone[data-id=home] rect");
    one.until("moved", || place("smartphone") == "home");
    rename("Cloud service", "Rented service");
    one.click("#undo");
    one.until("undone", || place("smartphone") == "away");
    one.click("#undo");
    one.until("undone", || place("router") == "home");
    assert!(saved("Wall controller") && saved("Rented service"));
    one.click("#redo");
    one.until("done again", || place("router") == "away");
    assert!(saved("Wall controller") && saved("Rented service"));
    assert_eq!(one.complaints(), Vec::<String>::new());
}

#[test]
fn facts_open_beside_the_drawing_and_a_finger_draws() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/drawing"));
    browser.until("the tools", || browser.attribute("#tools", "hidden").is_empty());
    // The facts of an asset, changed beside the picture; what that does to the risks is said at once.
    browser.tap("g.asset[data-id=gas-heater]");
    browser.until("its facts", || browser.words("#panel h2").contains("Gas water heater"));
    browser.write("#panel textarea[name='f.name']", "Bath boiler");
    browser.click("#panel button[value=save]");
    browser.until("drawn anew", || browser.words("#canvas").contains("Bath boiler"));
    browser.until("what it does", || !browser.words("#effect").is_empty());
    assert_eq!(browser.words("#panel h2"), "Bath boiler", "it stays open");
    browser.shoot("drawing-panel");
    browser.click("#undo");
    browser.until("undone", || !browser.words("#canvas").contains("Bath boiler"));
    // By touch: into another zone, connected, removed.
    let place = |asset: &str| browser.attribute(&format!("g.asset[data-id={asset}]"), "data-zone");
    browser.drag_with("touch", "g.asset[data-id=router]", "g.zone[data-id=away] rect");
    browser.until("moved by touch", || place("router") == "away");
    let links = browser.count("g.link");
    browser.tap("g.asset[data-id=router]");
    browser.until("it can be connected", || browser.attribute("#join", "disabled").is_empty());
    browser.click("#join");
    browser.tap("g.asset[data-id=gas-heater]");
    browser.until("connected", || browser.count("g.link") == links + 1);
    browser.tap("g.asset[data-id=router]");
    browser.until("it can be removed", || browser.attribute("#cut", "disabled").is_empty());
    browser.click("#cut");
    browser.until("removed", || browser.count("g.asset[data-id=router]") == 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn worksheets_are_changed_where_they_stand() {
    let program = Program::start();
    let browser = program.signed_in(Setup { scripts: false, ..ENGLISH });
    let base = Program::example(&browser);
    // A rating, with the worked examples of each level at hand.
    browser.go(&format!("{base}/assess"));
    browser.click("a[href*='open=ratings:resident']");
    let card = ".row-form section:has(input[value='rating/resident/recovery'])";
    browser.until("the row opens", || browser.count(card) == 1);
    assert!(browser.words(card).contains("E.g. "), "{}", browser.words(card));
    browser.shoot("in-place-rating");
    browser.write(&format!("{card} textarea"), "a mixing valve keeps the water below 50 °C");
    browser.click(&format!("{card} input[value=limited]"));
    browser.click(&format!("{card} button[value=override]"));
    browser.until("saved", || browser.address().contains("said=saved"));
    assert!(browser.address().starts_with(&format!("{base}/assess")), "{}", browser.address());
    // Facts: a row is changed, another is added, and it goes back to the step it came from.
    browser.go(&format!("{base}/prepare"));
    browser.click("a[href*='/sheets/stakeholders?edit=resident']");
    browser.write(".row-form textarea[name='f.name']", "Tenant");
    browser.shoot("in-place-stakeholder");
    browser.click(".row-form button[value=save]");
    browser.until("back at the step", || browser.address().contains("/prepare?said=saved"));
    assert!(browser.words("main").contains("Tenant"));
    browser.go(&format!("{base}/sheets/zones?edit=%2B"));
    browser.write(".row-form textarea[name='f.name']", "Bathroom");
    browser.click(".row-form select[name='f.kind'] option:nth-child(2)");
    browser.click(".row-form button[value=save]");
    browser.until("added", || browser.words("main").contains("Bathroom"));
}

#[cfg(feature = "tls")]
#[test]
fn a_passkey_takes_the_place_of_the_password() {
    let program = Program::start();
    // Passkeys are made for names, not for addresses.
    let base = program.base.replace("127.0.0.1", "localhost");
    let browser = Browser::open(&program.driver, &base, ENGLISH);
    browser.with_authenticator();
    browser.go("/");
    program.enter(&browser);
    browser.go("/account");
    browser.until("passkeys can be added", || {
        browser.attribute("#passkeys form[data-passkey]", "hidden").is_empty()
    });
    browser.write("#passkey-name", "This tablet");
    browser.click("#passkeys form[data-passkey] button");
    browser.until("added", || browser.words("#passkeys").contains("This tablet"));
    browser.shoot("passkey");
    let sign_out = || {
        browser.click("form[action='/sign-out'] button");
        browser.until("signed out", || browser.address().starts_with("/sign-in"));
        browser
            .until("passkeys are offered", || browser.attribute("form[data-passkey]", "hidden").is_empty());
    };
    sign_out();
    browser.shoot("passkey-sign-in");
    browser.click("form[data-passkey] button");
    browser.until("signed in without a password", || browser.address() == "/");
    // Taken away, it opens nothing.
    browser.go("/account");
    browser.click("#passkeys form[action$='/end'] button");
    browser.until("taken away", || !browser.words("#passkeys").contains("This tablet"));
    sign_out();
    browser.click("form[data-passkey] button");
    browser.until("the reason", || browser.words("form[data-passkey]").contains("not known"));
    assert!(browser.address().starts_with("/sign-in"));
}

#[test]
fn two_people_change_one_system() {
    let program = Program::start();
    let one = program.signed_in(ENGLISH);
    let base = Program::example(&one);
    let other = program.signed_in(ENGLISH);
    let text = format!("{base}/text");

    // Somebody looks on: the page follows what others save.
    let looks_on = program.signed_in(ENGLISH);
    looks_on.go(&base);
    looks_on.until("who is here", || looks_on.words("#present").contains("Aoi Tanaka"));
    assert_eq!(looks_on.attribute("#present", "data-revision"), "1");

    let change = |browser: &Browser, from: &str, to: &str| {
        let text = browser.value("#text");
        assert!(text.contains(from));
        let new = serde_json::Value::from(text.replacen(from, to, 1)).to_string();
        browser.run(&format!("document.getElementById('text').value = {new}"));
        browser.click("button[value=save]");
    };
    // Different items: both stay.
    one.go(&text);
    other.go(&text);
    change(&one, "Dedicated controller", "Wall controller");
    one.until("saved", || one.address().contains("said=saved"));
    change(&other, "en: \"Smartphone\"", "en: \"Phone\"");
    other.until("merged", || other.address().contains("said=merged"));
    let now = other.value("#text");
    assert!(now.contains("Wall controller") && now.contains("en: \"Phone\""), "{now}");
    looks_on.until("the page follows", || looks_on.attribute("#present", "data-revision") == "3");

    // The same item: both are shown, nothing is overwritten.
    one.go(&text);
    other.go(&text);
    change(&one, "Wall controller", "Bath controller");
    one.until("saved", || one.address().contains("said=saved"));
    change(&other, "Wall controller", "Kitchen controller");
    other.until("both versions", || other.words("main").contains("Someone else has changed the same"));
    let shown = other.words("main");
    assert!(shown.contains("Bath controller") && shown.contains("Kitchen controller"), "{shown}");
    other.shoot("conflict");
    one.go(&text);
    assert!(one.value("#text").contains("Bath controller"));
    // The one who decides says whose name it is to be, and never sees the notation.
    assert!(!other.words("main form").contains("name: {"), "{}", other.words("main form"));
    other.click("main input[type=radio][value=mine]");
    other.click("main form[action$='/settle'] button");
    other.until("saved", || other.address().contains("/history?said=saved"));
    other.go(&text);
    assert!(other.value("#text").contains("Kitchen controller"));
}

#[test]
fn many_tabs_stay_quick_and_follow_when_they_are_seen() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    // A browser opens six connections to one place, whatever the number of its tabs.
    let tabs: Vec<String> = (0..8).map(|_| browser.go_beside(&base)).collect();
    browser.until("the last follows", || browser.words("#present").contains("Aoi Tanaka"));
    let other = program.signed_in(ENGLISH);
    other.go(&format!("{base}/text"));
    let text = serde_json::Value::from(other.value("#text").replace("Smartphone", "Phone")).to_string();
    other.run(&format!("document.getElementById('text').value = {text}"));
    other.click("button[value=save]");
    other.until("saved", || other.address().contains("said=saved"));
    browser.until("the one that is seen follows", || browser.attribute("#present", "data-revision") == "2");
    // One in the background catches up as soon as it is looked at.
    browser.show(&tabs[0]);
    browser.until("it catches up", || browser.attribute("#present", "data-revision") == "2");
    browser.until("its map as well", || browser.count("#live-map svg") == 1);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn other_pages_say_that_there_is_a_newer_revision() {
    let program = Program::start();
    let (browser, other) = (program.signed_in(ENGLISH), program.signed_in(ENGLISH));
    let base = Program::example(&browser);
    let save = |from: &str, to: &str| {
        other.go(&format!("{base}/text"));
        let text = serde_json::Value::from(other.value("#text").replacen(from, to, 1)).to_string();
        other.run(&format!("document.getElementById('text').value = {text}"));
        other.click("button[value=save]");
        other.until("saved", || other.address().contains("said=saved"));
    };
    for (place, from, to) in [
        ("/drawing", "Cloud service", "Rented service"),
        ("/prepare", "Rented service", "Hosted service"),
        ("/sheets/assets?said=saved", "Hosted service", "Bought service"),
    ] {
        browser.go(&format!("{base}{place}"));
        browser.until("it listens", || browser.count("[data-newer]") == 1);
        assert_eq!(browser.words("[data-newer]"), "");
        save(from, to);
        browser.until("it says so", || browser.words("[data-newer]").contains("A newer revision"));
        browser.shoot(&format!("newer{}", place.split('?').next().unwrap().replace('/', "-")));
        browser.click("[data-newer] a");
        browser.until("the newest", || browser.words("main").contains(to));
        assert!(!browser.address().contains("said="), "{}", browser.address());
        assert_eq!(browser.words("[data-newer]"), "");
    }
    // What the drawing saves itself is no news to it.
    browser.go(&format!("{base}/drawing"));
    browser.until("the tools", || browser.attribute("#tools", "hidden").is_empty());
    browser.drag("g.asset[data-id=router]", "g.zone[data-id=away] rect");
    browser.until("moved", || browser.attribute("g.asset[data-id=router]", "data-zone") == "away");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(browser.words("[data-newer]"), "");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn what_was_typed_is_back_after_signing_in_again() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/text"));
    let new = "anshin: 1\n# a day of work\n";
    browser.run(&format!("document.getElementById('text').value = {}", serde_json::Value::from(new)));
    let out = || {
        let other = program.signed_in(ENGLISH);
        other.go("/account");
        other.click("form[action='/account/sessions/end-others'] button");
        other.until("ended", || other.address().contains("said=done"));
    };
    let back = || {
        browser.until("the page says so", || browser.words("main").contains("not signed in any more"));
        browser.shoot("signed-out");
        browser.click("main a.button.main");
        browser.write("#login", "aoi");
        browser.write("#password", PASSWORD);
        browser.click("main button.main");
        browser.until("it is back", || browser.words("main").contains("is back in its fields"));
    };
    out();
    browser.click("button[value=save]");
    browser.until("it is shown", || browser.value("#typed-text").contains("# a day of work"));
    back();
    assert_eq!((browser.address(), browser.value("#text")), (format!("{base}/text"), new.to_owned()));
    // Only once, and not in other forms.
    browser.go(&format!("{base}/text"));
    assert!(!browser.value("#text").contains("# a day of work"));
    // Of many forms for the same address, the one in which it stood.
    let third = "document.querySelectorAll('form:has([name=reason])')[2]";
    browser.go(&format!("{base}/proposals"));
    let subject = browser.run(&format!("return {third}.elements.subject.value"));
    browser.run(&format!("{third}.elements.reason.value = 'Looked at twice'"));
    out();
    browser.run(&format!("{third}.querySelector('[value=reject]').click()"));
    back();
    let filled = browser.run(
        "return [...document.querySelectorAll('form:has([name=reason])')] \
         .filter((form) => form.elements.reason.value).map((form) => form.elements.subject.value)",
    );
    assert_eq!(filled, serde_json::json!([subject]));
    // Nobody else gets it: whoever signs out leaves nothing, and what another person typed goes.
    for other in [false, true] {
        browser.go(&format!("{base}/text"));
        browser.run("document.getElementById('text').value = '# for my eyes only'");
        out();
        browser.click("button[value=save]");
        browser.until("it is shown", || browser.value("#typed-text").contains("# for my eyes only"));
        if other {
            let kept = "JSON.parse(sessionStorage.getItem('anshin-typed'))";
            browser.run(&format!(
                "sessionStorage.setItem('anshin-typed', JSON.stringify({{ ...{kept}, user: 'another' }}))"
            ));
        }
        program.enter(&browser);
        if !other {
            browser.go("/");
            browser.click("form[action='/sign-out'] button");
            browser.until("signed out", || browser.address().starts_with("/sign-in"));
            program.enter(&browser);
        }
        browser.go(&format!("{base}/text"));
        assert!(!browser.value("#text").contains("for my eyes"));
        assert_eq!(browser.run("return sessionStorage.getItem('anshin-typed')"), serde_json::Value::Null);
    }
    let complaints = browser.complaints();
    assert!(complaints.iter().all(|line| line.contains("401")), "{complaints:?}");
}

#[test]
fn what_others_saved_stays_when_one_saves_after_signing_in_again() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    let text = |browser: &Browser| {
        browser.go(&format!("{base}/text"));
        browser.value("#text")
    };
    let save = |browser: &Browser, text: &str| {
        let text = serde_json::Value::from(text);
        browser.run(&format!("document.getElementById('text').value = {text}"));
        browser.click("button[value=save]");
    };
    // Somebody types; the session ends, somebody else saves, and what was typed comes back.
    let row = format!("{base}/sheets/assets?edit=smartphone");
    for (n, place) in [format!("{base}/text"), row].into_iter().enumerate() {
        let before = text(&browser);
        browser.go(&place);
        let parent = browser.run("return document.querySelector('main [name=parent]').value");
        let other = program.signed_in(ENGLISH);
        let old = ["Dedicated controller", "en: \"My own phone\""][n];
        let new = ["Wall controller", "en: \"Their own phone\""][n];
        text(&other);
        save(&other, &before.replacen(old, new, 1));
        other.until("saved", || other.address().contains("said=saved"));
        other.go("/account");
        other.click("form[action='/account/sessions/end-others'] button");
        other.until("ended", || other.address().contains("said=done"));
        if n == 0 {
            save(&browser, &before.replacen("en: \"Smartphone\"", "en: \"My own phone\"", 1));
        } else {
            browser.write(".row-form textarea[name='f.name']", "A phone of the works");
            browser.click(".row-form button[value=save]");
        }
        browser.until("the page says so", || browser.words("main").contains("not signed in any more"));
        browser.click("main a.button.main");
        browser.write("#login", "aoi");
        browser.write("#password", PASSWORD);
        browser.click("main button.main");
        browser.until("it is back", || browser.words("main").contains("is back in its fields"));
        let form = "[...document.querySelectorAll('main form:has([name=parent])')] \
                    .find((form) => form.previousElementSibling?.matches('.notice'))";
        assert_eq!(browser.run(&format!("return {form}.elements.parent.value")), parent);
        if n == 0 {
            browser.click("button[value=save]");
            browser.until("both are saved", || browser.address().contains("said=merged"));
            let both = text(&browser);
            assert!(both.contains("Wall controller") && both.contains("My own phone"), "{both}");
        } else {
            browser.run(&format!("{form}.requestSubmit()"));
            browser.until("it is asked", || browser.words("main").contains("Their own phone"));
            assert!(text(&browser).contains("Their own phone"));
        }
    }
}

#[test]
fn a_supplier_answers_on_a_link_that_opens_only_its_sheet() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    browser.go(&format!("{base}/reports"));
    browser.click("#whom option[value=supplier]");
    browser.click("#links form[action$='/links'] button");
    browser.until("the link", || browser.count("#fresh") == 1);
    let address = browser.value("#fresh");
    let place = address.replace(&program.base, "");

    // Somebody without an account sees that sheet and nothing else.
    let supplier = program.browser(ENGLISH);
    supplier.go(&place);
    assert!(supplier.words("main").contains("Smart-home supplier"));
    assert_eq!(supplier.count("nav, a[href^='/systems']"), 0);
    supplier.click("main form label.choice:has(input[value=will])");
    supplier.write("main form input[name^='note.']", "by the end of March");
    supplier.click("main form button.main");
    supplier.until("sent", || supplier.words(".notice.good").contains("Saved"));
    assert_eq!(supplier.count("input[value=will]:checked"), 1);
    supplier.shoot("supplier");
    supplier.go(&base);
    assert!(supplier.address().starts_with("/sign-in"), "{}", supplier.address());

    // The lead reads the answer and ends the link.
    browser.go(&format!("{base}/reports"));
    let answers = browser.words("#links");
    assert!(answers.contains("will be done") && answers.contains("by the end of March"), "{answers}");
    browser.click("#links form[action$='/end'] button");
    browser.until("ended", || browser.words("#links").contains("ended"));
    supplier.go(&place);
    assert!(supplier.words("main").contains("no such page"), "{}", supplier.words("main"));
}

#[test]
fn no_page_is_wider_than_the_window() {
    let program = Program::start();
    let browser = program.signed_in(ENGLISH);
    let base = Program::example(&browser);
    let own = |rest: &str| format!("{base}{rest}");
    browser.go("/checklists/en-303-645");
    browser.click("#system option:last-of-type");
    browser.click("main form button.main");
    browser.until("a round", || browser.address().starts_with("/rounds/"));
    let round = browser.address().rsplit_once('/').unwrap().0.to_owned();
    browser.go("/ledgers");
    browser.click("button[value=sample]");
    browser.until("the ledger", || browser.count("#assets") == 1);
    let ledger = browser.address().split('?').next().unwrap().to_owned();
    let places = [
        ("portfolio", "/".to_owned()),
        ("start", "/new?system=Bath&we=makes&place=home&thing=heats".to_owned()),
        ("overview", own("")),
        ("prepare", own("/prepare")),
        ("assess", own("/assess")),
        ("respond", own("/respond")),
        ("decide", own("/decide")),
        ("operate", own("/operate")),
        ("proposals", own("/proposals?state=first")),
        ("plan", own("/plan")),
        ("facts", own("/facts")),
        ("sheet-system", own("/sheets/system")),
        ("sheet-assets", own("/sheets/assets?edit=cloud")),
        ("sheet-links", own("/sheets/links")),
        ("in-place", own("/assess?open=ratings:resident/gas-water-heater")),
        ("remarks", own("/remarks")),
        ("import", own("/import")),
        ("asset", own("/assets/controller")),
        ("text", own("/text")),
        ("drawing", own("/drawing")),
        ("history", own("/history")),
        ("reports", own("/reports")),
        ("catalog", "/catalog".to_owned()),
        ("search", "/catalog?q=update".to_owned()),
        ("entry", "/catalog/requirements/updates".to_owned()),
        ("checklists", "/checklists".to_owned()),
        ("checklist", "/checklists/iot-introduction".to_owned()),
        ("round", round.clone()),
        ("round-ask", format!("{round}/ask")),
        ("round-all", format!("{round}/all")),
        ("round-register", format!("{round}/register")),
        ("round-import", format!("{round}/import")),
        ("tried", "/checklists/five-minute/try".to_owned()),
        ("ledgers", "/ledgers".to_owned()),
        ("ledger", ledger.clone()),
        ("ledger-row", format!("{ledger}?edit=%2B")),
        ("ledger-import", format!("{ledger}/import")),
        ("policies", "/policies".to_owned()),
        ("organization", "/organization".to_owned()),
        ("branding", "/organization/branding".to_owned()),
        ("webhooks", "/organization/webhooks".to_owned()),
        ("audit", "/audit".to_owned()),
        ("account", "/account".to_owned()),
        ("help", "/help".to_owned()),
        ("help-step", "/help/assess".to_owned()),
        ("nowhere", "/nowhere".to_owned()),
    ];
    let looks = [("en", 1280, "light"), ("ja", 1280, "dark"), ("ja", 390, "light"), ("en", 390, "dark")];
    for (lang, width, scheme) in looks {
        browser.go(&format!("/language/{lang}"));
        browser.look(width, scheme);
        for (name, place) in &places {
            browser.go(place);
            let wide = browser.run("return document.scrollingElement.scrollWidth - innerWidth");
            browser.shoot(&format!("{name}-{lang}-{width}-{scheme}"));
            assert!(wide.as_i64().unwrap() <= 0, "{name} in {lang} at {width}: {wide} too wide");
        }
    }
    // Tables of many columns are seen whole on an ordinary screen.
    for lang in ["ja", "en"] {
        browser.go(&format!("/language/{lang}"));
        browser.look(1440, "light");
        browser.go("/audit");
        let wide = browser
            .run("const box = document.querySelector('.scroll'); return box.scrollWidth - box.clientWidth");
        browser.shoot(&format!("audit-{lang}-1440"));
        assert_eq!(wide.as_i64(), Some(0), "the trail in {lang}");
    }
    // The only thing to complain about is the page that is not there.
    let complaints = browser.complaints();
    let own: Vec<&String> = complaints.iter().filter(|line| !line.contains("/nowhere")).collect();
    assert_eq!(own, Vec::<&String>::new());
}
