//! Help: a page for each of the five steps.

use anshin_model::Text;
use maud::html;

use super::sheet::way;
use crate::chrome::{Chrome, Page, Room};
use crate::step::Step;

/// What one does in a step, in order.
fn how(step: Step) -> Vec<Text> {
    let t = |ja: &'static str, en: &'static str| Text::new(ja, en);
    match step {
        Step::Prepare => vec![
            t(
                "「新しいシステム」で質問に答えると、最初の文書ができます。",
                "Answer the questions under “New system”; they make a first document.",
            ),
            t(
                "「図」で機器・区分・接続を足し引きします。機器は、置き場所の区分へ移すだけで並べ直されます。",
                "Under “Drawing”, add and remove assets, zones and links. Put an asset into its zone; the layout follows.",
            ),
            t(
                "「事実」で目的の6つの問いに答え、機器ごとに種類と当てはまる事実を選びます。",
                "Under “Facts”, answer the six questions on the purpose and choose each asset’s kind and facts.",
            ),
            t(
                "同じ内容は「文書」でも書けます。どちらで変えても、もう一方に現れます。",
                "The same can be written under “Text”. A change in one shows up in the other.",
            ),
        ],
        Step::Assess => vec![
            t(
                "第1軸は人の生命・身体・プライバシーの回復しにくさ、第2軸は経済的な影響です。",
                "The first axis is how hard harm to people is to undo, the second how large the economic loss is.",
            ),
            t(
                "それぞれの評価は、書かれた事実から判断基準によって導かれます。「理由」を開くと根拠が分かります。",
                "Ratings follow from the facts by the criteria. Open “Why” to see the grounds.",
            ),
            t(
                "事実が違うときは、評価ではなく事実を直してください。それでも合わないときに、理由を添えて値を変えます。",
                "If a fact is wrong, correct the fact, not the rating. If the rating still does not fit, change it with a reason.",
            ),
        ],
        Step::Respond => vec![
            t(
                "目標を超える者について対策方針が示され、関わる対策要件に〇が付きます。",
                "For everybody outside the target there is a policy; the requirements it calls for are marked 〇.",
            ),
            t(
                "「対策の計画」で、要件ごとに手間の小さい順に並ぶ対策から選び、予定・実施済み・見送りと期限を付けます。",
                "Under “Plan”, choose among the measures, least effort first; set planned, in place or refused, and a date.",
            ),
            t(
                "「注意」のある対策は、安全のための働きを弱めることがあります。",
                "A measure with a “Caution” may weaken something that keeps people safe.",
            ),
        ],
        Step::Decide => vec![
            t(
                "「提案と決定」では、先に確かめるべき提案に印が付いています。",
                "Under “Proposals”, those to look at first are marked.",
            ),
            t(
                "却下や変更には理由が要ります。決定は文書に書き込まれ、次の評価でも生き続けます。",
                "Rejecting or changing needs a reason. Decisions are written into the document and survive every new assessment.",
            ),
            t(
                "決定のあとで事実が変わると「要見直し」になります。決定が黙って消えることはありません。",
                "When facts change under a decision it is shown as stale; it is never dropped silently.",
            ),
            t(
                "すべて確かめたら、承認者が「履歴」で版を承認します。",
                "When all is settled, somebody with the right to do so approves the revision under “History”.",
            ),
        ],
        Step::Operate => vec![
            t(
                "「報告書」から、報告書とワークシートをHTML、Excel、PDFで取り出せます。",
                "Under “Reports”, take the report and the worksheets along as HTML, Excel and PDF.",
            ),
            t(
                "取引先には、その会社に関わる内容だけの依頼書を渡せます。WordやPDFで、発注書や契約書に添えてください。",
                "Hand each supplier its own request sheet, as Word or PDF, with an order or a contract.",
            ),
            t(
                "期限を過ぎた対策は一覧に「期限超過」と出ます。",
                "Measures past their date are shown as overdue in the list of systems.",
            ),
            t(
                "構成や使い方が変わったら文書を直してください。影響は「履歴」の違いで分かります。",
                "When the system or its use changes, change the document; “History” shows what that does.",
            ),
        ],
    }
}

/// The list of help pages.
pub fn help(chrome: &Chrome<'_>) -> String {
    let lang = chrome.lang;
    let body = html! {
        div.title { h1 { (chrome.say("使い方", "Help")) } p.lead { (chrome.say(
            "準備から運用まで、5つの段階で進めます。どの段階からでも戻って直せます。",
            "Five steps lead from preparation to operation. You can go back at any time.")) } }
        div.cards { @for (n, step) in Step::ALL.into_iter().enumerate() {
            a.card href={ "/help/" (step.as_str()) } {
                h2 { (n + 1) ". " (step.name().get(lang)) }
                p.soft { (step.purpose().get(lang)) }
            }
        } }
    };
    chrome.page(&Page::new(chrome.say("使い方", "Help"), Room::Help, body))
}

/// The help page of a step.
pub fn help_step(chrome: &Chrome<'_>, step: Step) -> String {
    let lang = chrome.lang;
    let body = html! {
        div.title { div {
            p.crumbs { a href="/help" { (chrome.say("使い方", "Help")) } }
            h1 { (step.name().get(lang)) }
        } }
        section.card.large {
            p { (step.purpose().get(lang)) }
            (way(&step.from(), &step.to(), lang))
            ol { @for line in how(step) { li { p { (line.get(lang)) } } } }
        }
        nav.acts aria-label=(chrome.say("ほかの段階", "Other steps")) {
            @for other in Step::ALL.into_iter().filter(|other| *other != step) {
                a.button.tiny href={ "/help/" (other.as_str()) } { (other.name().get(lang)) }
            }
        }
    };
    chrome.page(&Page::new(step.name().get(lang), Room::Help, body).narrow())
}
