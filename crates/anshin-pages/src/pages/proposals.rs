//! What the program proposes: accept, reject, or put something else in its place.

use anshin_model::Text;
use anshin_model::document::Verdict;
use maud::{Markup, html};

use super::sheet::why;
use super::system::Shown;
use crate::chrome::{Chrome, Page, Power, Room, encode};
use crate::proposal::{Kind, Proposal};

/// What the list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Kind of proposal, as in addresses.
    pub kind: String,
    /// A stakeholder.
    pub stakeholder: String,
    /// An asset.
    pub asset: String,
    /// A viewpoint.
    pub viewpoint: String,
    /// `first`, `open`, `stale`, `decided` or empty.
    pub state: String,
}

impl Filter {
    fn takes(&self, proposal: &Proposal) -> bool {
        let empty_or = |word: &str, holds: &dyn Fn() -> bool| word.is_empty() || holds();
        empty_or(&self.kind, &|| proposal.kind.as_str() == self.kind)
            && empty_or(&self.stakeholder, &|| {
                proposal.stakeholders.iter().any(|id| *id == *self.stakeholder)
            })
            && empty_or(&self.asset, &|| proposal.assets.iter().any(|id| *id == *self.asset))
            && empty_or(&self.viewpoint, &|| {
                proposal.viewpoint.is_some_and(|v| v.to_string() == self.viewpoint)
            })
            && match self.state.as_str() {
                "first" => proposal.first && proposal.open(),
                "open" => proposal.open(),
                "stale" => proposal.decided.as_ref().is_some_and(|decided| decided.stale),
                "decided" => proposal.decided.is_some(),
                _ => true,
            }
    }

    /// The query that leads back to the same list.
    pub fn query(&self) -> String {
        let pairs = [
            ("kind", &self.kind),
            ("stakeholder", &self.stakeholder),
            ("asset", &self.asset),
            ("viewpoint", &self.viewpoint),
            ("state", &self.state),
        ];
        let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = filled.map(|(key, value)| format!("{key}={}", encode(value))).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// A thing to choose: its word and its name.
pub type Named = (String, Text);

/// Most proposals on one page.
const MOST: usize = 60;

/// The list of proposals, narrowed, with a form for each.
pub fn proposals_page(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    proposals: &[Proposal],
    (stakeholders, assets): (&[Named], &[Named]),
    filter: &Filter,
    from: usize,
) -> String {
    let lang = chrome.lang;
    let found: Vec<&Proposal> = proposals.iter().filter(|proposal| filter.takes(proposal)).collect();
    let query = filter.query();
    let page_query = |from: usize| {
        let mark = if query.is_empty() { "?" } else { "&" };
        format!("{}/proposals{query}{mark}from={from}", shown.base)
    };
    let body = html! {
        (shown.head(chrome, None, "/proposals"))
        (narrow(chrome, shown, stakeholders, assets, filter))
        p.soft role="status" { (found.len()) (chrome.say("件の提案", " proposals")) }
        @for proposal in found.iter().skip(from).take(MOST) { (card(chrome, shown, proposal, &query)) }
        @if found.len() > MOST {
            div.acts {
                @if from > 0 { a.button href=(page_query(from.saturating_sub(MOST))) { (chrome.say("← 前へ", "← Back")) } }
                @if from + MOST < found.len() { a.button href=(page_query(from + MOST)) { (chrome.say("続き →", "More →")) } }
            }
        }
        @if found.is_empty() {
            div.notice.good { p { (chrome.say("この条件に当てはまる提案はありません。", "No proposal fits.")) } }
        }
    };
    let title = format!("{} · {}", chrome.say("提案と決定", "Proposals"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn narrow(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    stakeholders: &[Named],
    assets: &[Named],
    filter: &Filter,
) -> Markup {
    let lang = chrome.lang;
    let kinds: Vec<(String, Text)> =
        Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.name())).collect();
    let viewpoints: Vec<(String, Text)> = [
        ("1", "第1の観点 運用前", "1 before operation"),
        ("2", "第2の観点 運用中", "2 in operation"),
        ("3", "第3の観点 運用者の能力", "3 competence of operators"),
        ("4", "第4の観点 社会的サポート", "4 social support"),
    ]
    .map(|(id, ja, en)| (id.to_owned(), Text::new(ja, en)))
    .to_vec();
    let states: Vec<(String, Text)> = [
        ("first", "先に確かめるもの", "to look at first"),
        ("open", "未確認", "not looked at"),
        ("stale", "事実が変わったもの", "facts have changed"),
        ("decided", "決定済み", "decided"),
    ]
    .map(|(id, ja, en)| (id.to_owned(), Text::new(ja, en)))
    .to_vec();
    let select = |name: &str,
                  ja: &'static str,
                  en: &'static str,
                  options: &[(String, Text)],
                  chosen: &str| {
        html! {
            div.field {
                label for={ "by-" (name) } { (chrome.say(ja, en)) }
                select id={ "by-" (name) } name=(name) {
                    option value="" { (chrome.say("すべて", "all")) }
                    @for (id, text) in options { option value=(id) selected[id == chosen] { (text.get(lang)) } }
                }
            }
        }
    };
    html! {
        form.form.row.card method="get" action={ (shown.base) "/proposals" } role="search" {
            (select("kind", "種類", "Kind", &kinds, &filter.kind))
            (select("state", "状態", "State", &states, &filter.state))
            (select("stakeholder", "ステークホルダー", "Stakeholder", stakeholders, &filter.stakeholder))
            (select("asset", "機器", "Asset", assets, &filter.asset))
            (select("viewpoint", "観点", "Viewpoint", &viewpoints, &filter.viewpoint))
            button { (chrome.say("絞り込む", "Filter")) }
        }
    }
}

fn verdict(chrome: &Chrome<'_>, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => chrome.say("承認", "accepted"),
        Verdict::Reject => chrome.say("却下", "rejected"),
        Verdict::Override => chrome.say("変更", "changed"),
    }
}

fn card(chrome: &Chrome<'_>, shown: &Shown<'_>, proposal: &Proposal, query: &str) -> Markup {
    let id = proposal.subject.replace('/', "-");
    html! {
        article.card.decision id=(id) aria-labelledby={ "t-" (id) } { (inner(chrome, shown, proposal, &format!("/proposals{query}"), &id)) }
    }
}

/// Proposals where their row of a worksheet stands; afterwards it goes on at `back`.
pub fn in_place(chrome: &Chrome<'_>, shown: &Shown<'_>, proposals: &[&Proposal], back: &str) -> Markup {
    html! {
        div.row-form #row { @for proposal in proposals {
            @let id = proposal.subject.replace('/', "-");
            section.decision id=(id) aria-labelledby={ "t-" (id) } { (inner(chrome, shown, proposal, back, &id)) }
        } }
    }
}

fn inner(chrome: &Chrome<'_>, shown: &Shown<'_>, proposal: &Proposal, back: &str, id: &str) -> Markup {
    let lang = chrome.lang;
    html! {
        div.title {
            div {
                p.small.soft { (proposal.kind.name().get(lang)) }
                h2 id={ "t-" (id) } { (proposal.title.get(lang)) }
            }
            div.marks {
                @if let Some(decided) = &proposal.decided {
                    span.mark.good { (verdict(chrome, decided.verdict)) " — " (decided.by) }
                    @if decided.stale { span.mark.serious { (chrome.say("事実が変わった", "facts have changed")) } }
                } @else if proposal.first { span.mark.priority { (chrome.say("先に確かめる", "look at first")) } }
                @else { span.mark { (chrome.say("未確認", "not looked at")) } }
                a.mark href={ (shown.base) "/remarks?about=" (encode(&proposal.subject)) } { (chrome.say("コメント・証跡", "Remarks, evidence")) }
            }
        }
        div.halves {
            div.decision {
                p { span class={ "mark " (proposal.tone) } { span.value { (proposal.value.get(lang)) } } }
                @if proposal.value != proposal.proposed {
                    p.soft { (chrome.say("プログラムの提案: ", "The program proposes: ")) (proposal.proposed.get(lang)) }
                }
                @if let Some(decided) = &proposal.decided {
                    p { (chrome.say("理由: ", "Reason: ")) (decided.reason.get(lang)) }
                }
                div.why {
                    @for reason in proposal.why.iter().take(2) { p { (reason.get(lang)) } }
                    @if proposal.why.len() > 2 { (why(&proposal.why[2..], lang)) }
                    @if proposal.why.is_empty() { p.soft { (chrome.say("これより高い水準を示す事実はありません。", "No fact speaks for a higher level.")) } }
                }
            }
            @if chrome.may(Power::Edit) { (decide(chrome, shown, proposal, back, id)) }
        }
    }
}

fn decide(chrome: &Chrome<'_>, shown: &Shown<'_>, proposal: &Proposal, back: &str, id: &str) -> Markup {
    html! {
        (chrome.form(&format!("{}/decide", shown.base), "decide", &html! {
            (shown.parent())
            input type="hidden" name="subject" value=(proposal.subject);
            input type="hidden" name="back" value=(back);
            div.field {
                label for={ "r-" (id) } { (chrome.say("理由", "Reason")) }
                textarea id={ "r-" (id) } name="reason" rows="2" maxlength="2000"
                    placeholder=(chrome.say("却下・変更のときは必ず書いてください", "Needed unless you accept")) {}
            }
            (values(chrome, proposal, id))
            div.acts {
                button.main name="verdict" value="accept" { (chrome.say("提案どおり承認", "Accept")) }
                button name="verdict" value="reject" { (chrome.say("却下", "Reject")) }
                @if !proposal.values.is_empty() {
                    button name="verdict" value="override" { (chrome.say("値を変える", "Change the value")) }
                }
                @if proposal.decided.is_some() {
                    button.bare name="verdict" value="undo" { (chrome.say("決定を取り消す", "Take the decision back")) }
                }
            }
        }))
    }
}

/// What may take the place of the proposal: with worked examples, where the catalog has some.
fn values(chrome: &Chrome<'_>, proposal: &Proposal, id: &str) -> Markup {
    let lang = chrome.lang;
    let examples = |word: &str| -> Vec<&Text> {
        proposal.examples.iter().filter(|(own, _)| own == word).map(|(_, example)| example).collect()
    };
    html! {
        @if !proposal.examples.is_empty() {
            fieldset.field {
                legend { (chrome.say("代わりの値と例", "In its place, with examples")) }
                div.choices { @for (word, text) in &proposal.values {
                    @let examples = examples(word);
                    div.worked {
                        label.choice {
                            input type="radio" name="value" value=(word);
                            span { strong { (text.get(lang)) }
                                @if let Some(example) = examples.first() { br; span.help { (chrome.say("例: ", "E.g. ")) (example.get(lang)) } } }
                        }
                        @if examples.len() > 1 {
                            details.why { summary { (chrome.say("ほかの例", "More examples")) " (" (examples.len() - 1) ")" }
                                ul { @for example in &examples[1..] { li { (example.get(lang)) } } } }
                        }
                    }
                } }
            }
        } @else if !proposal.values.is_empty() {
            div.field {
                label for={ "v-" (id) } { (chrome.say("代わりの値", "In its place")) }
                select id={ "v-" (id) } name="value" {
                    option value="" { (chrome.say("選んでください", "choose")) }
                    @for (word, text) in &proposal.values { option value=(word) { (text.get(lang)) } }
                }
            }
        }
    }
}
