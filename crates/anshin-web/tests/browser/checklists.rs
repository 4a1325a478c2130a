//! The five-minute diagnosis from its first page to the first three things to do, and a year later.

use super::Program;
use crate::driver::{Browser, ENGLISH, Setup};

/// Answers one question after the other until `stop` of them are left to ask, and tells how many it has
/// answered.
fn answer(browser: &Browser, choose: impl Fn(usize) -> &'static str, stop: usize) -> usize {
    let mut answered = 0;
    while browser.address().contains("/ask") {
        let item = browser.value("input[name=asked]");
        let n: usize = item.trim_start_matches('q').parse().unwrap();
        if n == stop {
            break;
        }
        browser.click(&format!("input[name='a.{item}'][value={}]", choose(n)));
        browser.click("main form button.main");
        let is_asked = || browser.count(&format!("input[name=asked][value={item}]")) > 0;
        let is_there = || browser.count("input[name=asked], ol.first") > 0;
        browser.until("the next question", || !is_asked() && is_there());
        answered += 1;
    }
    answered
}

#[test]
fn a_new_user_finishes_the_diagnosis_and_knows_what_to_do_first() {
    let program = Program::start();
    // Without scripts: they add nothing to what a form can do.
    let browser = program.signed_in(Setup { scripts: false, ..ENGLISH });
    browser.go("/checklists");
    browser.click("main a.button.main");
    browser.until("the checklist", || browser.count("#subject") == 1);
    assert_eq!(browser.value("#subject"), "Example Works");
    browser.click("main form button.main");
    browser.until("the first question", || browser.words("main").contains("Question 1 / 25"));
    browser.shoot("checklist-question");
    let choose = |n| match n {
        23 => "partly",
        24 => "no",
        25 => "unknown",
        _ => "yes",
    };
    assert_eq!(answer(&browser, choose, 12), 11);

    // Called away: it goes on where it was left.
    browser.go("/checklists");
    assert!(browser.words("main table").contains("11 / 25"));
    browser.click("main table a");
    browser.until("the result so far", || browser.words("main").contains("14 questions are left"));
    assert!(!browser.words("main").contains("70 to 99"), "what a score means is told at the end");
    browser.click("main a.button.main");
    browser.until("the twelfth question", || browser.count("input[name=asked][value=q12]") == 1);
    assert_eq!(answer(&browser, choose, 99), 14);

    browser.until("the result", || browser.words("main").contains("What to do first"));
    // 22 times 4, once 2, once 0, once -1.
    assert!(browser.words(".figures").contains("89 / 100"), "{}", browser.words(".figures"));
    assert!(browser.words(".figures").contains("70 to 99 points"));
    assert_eq!(browser.count("ol.first > li"), 3);
    assert_eq!(browser.count(".picture svg"), 1);
    browser.shoot("checklist-result");

    // A year later, on one page, from the answers of the year before.
    browser.click("a[href='/checklists/five-minute'].button");
    browser.until("the checklist", || browser.count("input[name=from]") == 1);
    browser.click("main form button.main");
    browser.until("a question", || browser.words("main").contains("Proposed:"));
    browser.click("a[href$='/all']");
    browser.until("all questions", || browser.count("input[name=asked]") == 25);
    // By keyboard: the buttons stay at the foot of the window, over what a mouse might want.
    for item in 1..=23 {
        browser.press(&format!("input[name='ok.q{item:02}']"), " ");
    }
    browser.press("input[name='a.q24'][value=yes]", " ");
    browser.press("input[name='a.q25'][value=out-of-scope]", " ");
    browser.click("button[value=result]");
    browser.until("a reason is asked for", || browser.words("main").contains("please give a reason"));
    browser.shoot("checklist-all");
    browser.write("[id='reason.q25']", "We are three people");
    browser.click("button[value=result]");
    browser.until("the result", || browser.words("main").contains("What to do first"));
    assert!(browser.words(".figures").contains("98 / 100"), "{}", browser.words(".figures"));
    assert!(browser.words("main").contains("2 items are better, 0 are worse"));
    browser.shoot("checklist-compared");
    browser.click("a[href$='/register']");
    browser.until("the register", || browser.words("main").contains("We are three people"));

    // A policy to put on the wall, in the name of the company.
    browser.go("/checklists");
    browser.click("a[href='/policies']");
    browser.until("the documents", || browser.count("#documents") == 1);
    assert_eq!(browser.value("#word-company"), "Example Works");
    browser.shoot("policies");
    browser.click("a[href*='.html?']");
    browser.until("a document", || browser.words("body").contains("Example Works"));
}
