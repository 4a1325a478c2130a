//! Checklists in the browser: which there are, a round begun, answered, and where it leaves one.

mod ask;
mod back;
mod beside;
mod result;
mod tried;

use anshin_checklist::{Checklist, Round};
use anshin_model::{Id, Text};
use maud::{Markup, html};

pub use ask::{all_questions, question_page};
pub use back::round_import;
pub use result::{Around, register_page, round_result};
pub use tried::{tried_questions, tried_result};

use crate::chrome::{Chrome, Heads, Page, Power, Room};
use crate::desk::Desk;

/// The checklist to begin with.
const FIRST: &str = "five-minute";

/// A round in a list.
#[derive(Debug, Clone)]
pub struct RoundLine {
    /// Its identifier.
    pub id: String,
    /// The checklist.
    pub list: Id,
    /// Its title.
    pub title: Text,
    /// What it is about.
    pub subject: Text,
    /// Items that are answered, and items that are asked.
    pub answered: (usize, usize),
    /// The headline score and the most it could be, if anything is answered.
    pub score: Option<(String, String)>,
    /// What the score means.
    pub band: Option<Text>,
    /// When it was saved last, and by whom.
    pub saved: String,
    /// Whether it is put aside.
    pub archived: bool,
}

/// A round on a page.
#[derive(Debug, Clone, Copy)]
pub struct ShownRound<'a> {
    /// Where it lives: `/rounds/1`.
    pub base: &'a str,
    /// The answers.
    pub round: &'a Round,
    /// Number of the state that is shown; forms send it back.
    pub state: u64,
    /// Whether it is put aside.
    pub archived: bool,
}

impl ShownRound<'_> {
    /// The head of every page of a round.
    fn head(&self, chrome: &Chrome<'_>) -> Markup {
        let list = &self.round.list;
        html! {
            div.title {
                div {
                    p.crumbs {
                        a href="/checklists" { (chrome.say("自己診断", "Checklists")) } " › "
                        a href={ "/checklists/" (list.id) } { (list.title.get(chrome.lang)) }
                    }
                    h1 { (self.name(chrome)) }
                }
            }
        }
    }

    /// What the round is called.
    fn name(&self, chrome: &Chrome<'_>) -> String {
        let answers = &self.round.answers;
        let parts =
            [answers.subject.as_ref().map(|subject| subject.get(chrome.lang)), answers.date.as_deref()];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(chrome.say("　", ", "));
        if name.is_empty() { self.round.list.title.get(chrome.lang).to_owned() } else { name }
    }

    /// The hidden field that tells which state a form was made from.
    fn seen(&self) -> Markup {
        html! { input type="hidden" name="state" value=(self.state); }
    }
}

/// All checklists, the five-minute diagnosis first, and the rounds that were begun.
pub fn checklists(chrome: &Chrome<'_>, desk: &Desk, rounds: &[RoundLine]) -> String {
    let lang = chrome.lang;
    let mut all: Vec<&Checklist> = desk.checklists.iter().collect();
    all.sort_by_key(|list| list.id != *FIRST);
    let now: Vec<&RoundLine> = rounds.iter().filter(|line| !line.archived).collect();
    let aside: Vec<&RoundLine> = rounds.iter().filter(|line| line.archived).collect();
    let body = html! {
        div.title {
            h1 { (chrome.say("自己診断", "Checklists")) }
            p.lead { (chrome.say(
                "答えると、今どこにいるか、次に何をするかが分かります。答えは1問ごとに保存され、いつでも続きから答えられます。",
                "Answer, and see where you stand and what to do next. Each answer is saved; go on whenever you like.")) }
        }
        @if !now.is_empty() { section.sheet aria-labelledby="rounds" {
            h2 #rounds { (chrome.say("回答", "Your answers")) }
            (lines(chrome, &now))
        } }
        @if let Some(first) = all.first() { section.card.large {
            h2 { (first.title.get(lang)) }
            p { (first.about.get(lang)) }
            (facts(chrome, first))
            div.acts { a.button.main href={ "/checklists/" (first.id) } { (chrome.say("診断を始める", "Start the diagnosis")) } }
        } }
        div.cards { @for list in all.iter().skip(1) {
            a.card href={ "/checklists/" (list.id) } {
                h2 { (list.title.get(lang)) }
                (facts(chrome, list))
                p.soft.small { (list.about.get(lang)) }
            }
        } }
        section.card {
            h2 { (chrome.say("情報資産の台帳", "Ledger of information assets")) }
            p { (chrome.say(
                "どんな情報をどこに持っているかを書き出し、重要度とリスク値から、先に対策する資産を決めます。",
                "Write down which information you keep and where; importance and risk value tell what needs measures first.")) }
            div.acts { a.button href="/ledgers" { (chrome.say("台帳を開く", "Open the ledgers")) } }
        }
        section.card {
            h2 { (chrome.say("規程とハンドブック", "Policies and handbook")) }
            p { (chrome.say(
                "回答から、掲示できる基本方針、規程、従業員向けハンドブックを作ります。",
                "Answers become a policy to put on the wall, rules, and a handbook for the staff.")) }
            div.acts { a.button href="/policies" { (chrome.say("文書を作る", "Make the documents")) } }
        }
        @if !aside.is_empty() { details {
            summary { (chrome.say("片付けた回答", "Answers put aside")) " (" (aside.len()) ")" }
            (lines(chrome, &aside))
        } }
    };
    chrome.page(&Page::new(chrome.say("自己診断", "Checklists"), Room::Checklists, body))
}

fn lines(chrome: &Chrome<'_>, lines: &[&RoundLine]) -> Markup {
    let lang = chrome.lang;
    html! {
        @let heads = Heads::new(chrome, &[("", "チェックシート", "Checklist"), ("", "対象", "About"), ("number", "回答", "Answered"), ("", "点数", "Score"), ("", "保存", "Saved")]);
        div.scroll tabindex="0" role="group" aria-label=(chrome.say("回答の一覧", "List of answers")) {
            table.tall.stack {
                (heads.row())
                tbody { @for line in lines { tr {
                    th scope="row" { a href={ "/rounds/" (line.id) } { (line.title.get(lang)) } }
                    td data-label=(heads.of(1)) { (line.subject.get(lang)) }
                    td.number data-label=(heads.of(2)) { (line.answered.0) " / " (line.answered.1) }
                    td data-label=[line.score.as_ref().map(|_| heads.of(3))] {
                        @if let Some((value, most)) = &line.score { (value) " / " (most) }
                        @if let Some(band) = &line.band { " " span.mark { (band.get(lang)) } }
                    }
                    td data-label=(heads.of(4)) { (line.saved) }
                } } }
            }
        }
    }
}

fn facts(chrome: &Chrome<'_>, list: &Checklist) -> Markup {
    html! {
        div.marks {
            span.mark { (list.counting().count()) (chrome.say("問", " questions")) }
            @if let Some(minutes) = list.minutes { span.mark { (chrome.say("約", "about ")) (minutes) (chrome.say("分", " min")) } }
        }
    }
}

/// What a round can begin with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beginning<'a> {
    /// What the answers are about, as far as one can guess.
    pub subject: &'a str,
    /// Systems whose facts answers may be proposed from: id and name.
    pub systems: &'a [(String, Text)],
    /// Other rounds that answers may be proposed from, and whether they are chosen at first.
    pub others: &'a [(RoundLine, bool)],
}

/// One checklist: what it is, its rounds, and the form that begins one.
pub fn checklist_page(
    chrome: &Chrome<'_>,
    list: &Checklist,
    rounds: &[RoundLine],
    beginning: Beginning<'_>,
) -> String {
    let lang = chrome.lang;
    let own: Vec<&RoundLine> = rounds.iter().collect();
    let body = html! {
        div.title {
            div {
                p.crumbs { a href="/checklists" { (chrome.say("自己診断", "Checklists")) } }
                h1 { (list.title.get(lang)) }
            }
            p.lead { (list.about.get(lang)) }
        }
        (facts(chrome, list))
        @if chrome.may(Power::Edit) { section.card.large {
            h2 { (chrome.say("始める", "Begin")) }
            (begin(chrome, list, beginning))
        } }
        @else { section.card.large {
            p { (chrome.say("回答を保存する権限がないため、お試しで答えられます。結果は見られますが、どこにも残りません。", "You may not keep answers, but you can try the questions out: you see a result, and nothing is kept.")) }
            div.acts { a.button.main href={ "/checklists/" (list.id) "/try" } { (chrome.say("試してみる", "Try it out")) } }
        } }
        @if !own.is_empty() { section.sheet aria-labelledby="rounds" {
            h2 #rounds { (chrome.say("これまでの回答", "Answers so far")) }
            (lines(chrome, &own))
        } }
        details {
            summary { (chrome.say("質問の一覧", "The questions")) }
            @for section in list.sections.iter().filter(|section| !section.items.is_empty()) {
                h3 { @if let Some(number) = &section.number { (number) " " } (section.title.get(lang)) }
                ul { @for item in &section.items {
                    li { @if item.number.is_some() { (item.label()) " " } (item.text.get(lang)) }
                } }
            }
        }
    };
    chrome.page(&Page::new(list.title.get(lang), Room::Checklists, body).narrow())
}

fn begin(chrome: &Chrome<'_>, list: &Checklist, beginning: Beginning<'_>) -> Markup {
    let lang = chrome.lang;
    chrome.form(
        &format!("/checklists/{}", list.id),
        "form",
        &html! {
            div.field {
                label for="subject" { (chrome.say("対象（会社、製品、システムなど）", "What it is about (company, product, system)")) }
                input #subject name="subject" maxlength="120" value=(beginning.subject);
            }
            @if !list.levels.is_empty() { fieldset.field {
                legend { (chrome.say("用途レベル", "Level of use")) }
                div.choices { @for (n, level) in list.levels.iter().enumerate() {
                    label.choice {
                        input type="radio" name="level" value=(level.id) checked[n == 0];
                        span { (level.name.get(lang)) @if let Some(about) = &level.about { br; span.help { (about.get(lang)) } } }
                    }
                } }
            } }
            @if !beginning.systems.is_empty() { div.field {
                label for="system" { (chrome.say("システムから答えを提案する", "Propose answers from a system")) }
                select #system name="system" {
                    option value="" { (chrome.say("使わない", "none")) }
                    @for (id, name) in beginning.systems { option value=(id) { (name.get(lang)) } }
                }
                span.help { (chrome.say("登録済みの事実と対策から分かることを、理由を付けて提案します。確かめて確定してください。", "What its facts and measures tell is proposed with the reason, for you to confirm.")) }
            } }
            @if !beginning.others.is_empty() { fieldset.field {
                legend { (chrome.say("ほかの回答から提案する", "Propose from other answers")) }
                div.choices { @for (other, chosen) in beginning.others {
                    label.choice {
                        input type="checkbox" name="from" value=(other.id) checked[*chosen];
                        span { (other.title.get(lang)) " " (other.subject.get(lang)) br; span.help { (other.saved) } }
                    }
                } }
            } }
            div.acts {
                button.main { (chrome.say("答え始める", "Start answering")) }
                a.button.bare href={ "/checklists/" (list.id) "/try" } { (chrome.say("保存せずに試す", "Try it without keeping anything")) }
            }
        },
    )
}
