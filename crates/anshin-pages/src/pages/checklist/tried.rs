//! A checklist tried out: questions and a result, nothing of which is kept.

use anshin_checklist::{Round, Section};
use anshin_report::StandingReport;
use maud::html;

use super::ShownRound;
use super::ask::{answer, around, heading, section_name};
use super::result::standing;
use crate::chrome::{Chrome, Page, Room};

/// All questions to try out; `again` says that answers have brought further questions.
pub fn tried_questions(chrome: &Chrome<'_>, round: &Round, again: bool) -> String {
    let (lang, list) = (chrome.lang, &round.list);
    let asked = round.asked();
    let mut sections: Vec<&Section> = asked.iter().map(|(section, ..)| *section).collect();
    sections.dedup_by_key(|section| &section.id);
    let base = format!("/checklists/{}/try", list.id);
    let shown = ShownRound { base: &base, round, state: 0, archived: false };
    let body = html! {
        (shown.head(chrome))
        div.notice { p { (chrome.say(
            "お試しです。結果は見られますが、答えはどこにも保存しません。",
            "This is a trial: you see the result, and the answers are kept nowhere.")) } }
        @if again { div.notice.serious role="alert" { p { (chrome.say(
            "答えに応じて質問が増えました。続けて答えるか、そのまま結果を見てください。",
            "Your answers have brought further questions. Answer them too, or show the result as it is.")) } } }
        (chrome.form(&base, "sheet", &html! {
            @for section in sections {
                section.sheet aria-labelledby={ "s-" (section.id) } {
                    h2 id={ "s-" (section.id) } { (section_name(section, chrome)) }
                    @for (_, item, given) in asked.iter().filter(|(own, ..)| own.id == section.id) {
                        fieldset.card {
                            input type="hidden" name="asked" value=(item.id);
                            (heading(chrome, item))
                            (answer(chrome, list, item, *given))
                            (around(chrome, item))
                        }
                    }
                }
            }
            @if again { input type="hidden" name="again" value="yes"; }
            div.acts.stay {
                button.main { (chrome.say("結果を見る", "Show the result")) }
                a.button.bare href={ "/checklists/" (list.id) } { (chrome.say("やめる", "Cancel")) }
            }
        }))
    };
    chrome.page(&Page::new(list.title.get(lang), Room::Checklists, body).narrow())
}

/// The result of answers that are kept nowhere.
pub fn tried_result(chrome: &Chrome<'_>, shown: ShownRound<'_>, report: &StandingReport) -> String {
    let body = html! {
        (shown.head(chrome))
        div.notice { p { (chrome.say(
            "お試しの結果です。答えはどこにも保存していません。直すには、ブラウザーの「戻る」を使ってください。",
            "This is a trial: the answers are kept nowhere. To change them, go back in the browser.")) } }
        (standing(chrome, report))
        p { a href={ "/checklists/" (shown.round.list.id) } { (chrome.say("チェックシートへ戻る", "Back to the checklist")) } }
    };
    chrome.page(&Page::new(shown.round.list.title.get(chrome.lang), Room::Checklists, body))
}
