//! Two people changed the same: whose change is to stand, place by place.

use anshin_model::Text;
use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Page, Room};

/// A change that clashes with what was saved meanwhile.
#[derive(Debug, Clone)]
pub struct Conflict<'a> {
    /// The revision that the change started from.
    pub base: u64,
    /// The text with the change.
    pub mine: &'a str,
    /// Why it was made.
    pub why: &'a str,
    /// Who saved meanwhile.
    pub who: &'a str,
    /// Both changes together, with what was saved where they clash.
    pub both: &'a str,
    /// Where they clash.
    pub places: &'a [Place],
}

/// A place that both changed.
#[derive(Debug, Clone)]
pub struct Place {
    /// The place, as the answer names it.
    pub path: String,
    /// What it is, in words; nothing if there are none.
    pub name: Option<Text>,
    /// What each has there, in words if the place has some, else as it is written; `None` for nothing.
    pub mine: Option<String>,
    /// What was saved.
    pub theirs: Option<String>,
    /// The side that was chosen already.
    pub chosen: Option<&'static str>,
}

/// The words of the two sides in the answer.
pub const SIDES: [&str; 2] = ["mine", "theirs"];

/// The page on which somebody settles a conflict: by a choice for each place, or in the text.
pub fn conflict(chrome: &Chrome<'_>, shown: &Shown<'_>, conflict: &Conflict<'_>) -> String {
    let hidden = |name: &str, value: &str| html! { input type="hidden" name=(name) value=(value); };
    let body = html! {
        (shown.head(chrome, None, "/text"))
        div.notice.serious role="alert" {
            p { strong { (chrome.say("同じ所が、ほかの人によって変えられていました。", "Someone else has changed the same.")) } }
            p { (chrome.say(
                "まだ何も保存していません。下の所だけ、どちらを残すか選んでください。ほかの変更は、どちらのものも残ります。",
                "Nothing is saved yet. Choose what stays at the places below; every other change of both of you stays.")) " (" (conflict.who) ")" }
        }
        section.card.large {
            h2 { (chrome.say("どちらを残すか", "Which one stays")) }
            (chrome.form(&format!("{}/settle", shown.base), "form", &html! {
                (shown.parent())
                (hidden("base", &conflict.base.to_string()))
                (hidden("mine", conflict.mine))
                (hidden("why", conflict.why))
                @for place in conflict.places { (choice(chrome, place)) }
                div.acts {
                    button.main name="act" value="save" { (chrome.say("選んだとおりに保存", "Save what I chose")) }
                    a.button href={ (shown.base) "/text" } { (chrome.say("自分の変更を捨てる", "Drop my changes")) }
                }
            }))
        }
        details.card {
            summary { (chrome.say("文書の文で直す", "Settle it in the text")) }
            (chrome.form(&format!("{}/text", shown.base), "sheet", &html! {
                (shown.parent())
                (hidden("why", conflict.why))
                div.field {
                    label for="text" { (chrome.say("残す文", "The text to keep")) }
                    p.help { (chrome.say(
                        "両方の変更が入っています。上の所は、保存されている変更になっています。",
                        "It holds both changes, and at the places above what was saved meanwhile.")) }
                    textarea.code #text name="text" spellcheck="false" wrap="off" data-check={ (shown.base) "/check" } { "\n" (conflict.both) }
                }
                div #found role="status" {}
                div.acts { button name="act" value="save" { (chrome.say("この文を保存", "Save this text")) } }
            }))
        }
    };
    let title = format!("{} · {}", chrome.say("変更の衝突", "Conflict"), shown.name.get(chrome.lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

/// The two sides of a place to choose from.
fn choice(chrome: &Chrome<'_>, place: &Place) -> Markup {
    let sides = [
        (SIDES[0], chrome.say("自分の変更", "Yours"), &place.mine),
        (SIDES[1], chrome.say("保存されている変更", "Saved meanwhile"), &place.theirs),
    ];
    html! {
        fieldset.field {
            legend {
                @if let Some(name) = &place.name { (name.get(chrome.lang)) }
                @else if place.path.is_empty() { (chrome.say("文書全体", "The whole document")) }
                @else { code { (place.path) } }
            }
            div.versions { @for (side, title, words) in sides {
                label.choice {
                    input type="radio" name={ "side." (place.path) } value=(side) required checked[place.chosen == Some(side)];
                    div {
                        strong { (title) }
                        @match words {
                            None => p.soft { (chrome.say("（なし）", "(nothing)")) },
                            Some(words) if place.name.is_some() => p { (words) },
                            Some(words) => pre { (words) },
                        }
                    }
                }
            } }
        }
    }
}
