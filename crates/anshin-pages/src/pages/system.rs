//! A system: where it stands, and the pages of the five steps.

use anshin_model::Text;
use anshin_report::worksheet::{Row, Worksheet};
use maud::{Markup, html};

use super::sheet::{InPlace, editable_sheet, way};
use crate::chrome::{Chrome, Page, Power, Room, encode};
use crate::step::{Progress, Step};

/// What every page of a system shows.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// Its address: `/systems/ID`.
    pub base: &'a str,
    /// Its name.
    pub name: &'a Text,
    /// The newest revision.
    pub revision: u64,
    /// Whether that is approved.
    pub approved: bool,
    /// Whether the system is put aside.
    pub archived: bool,
    /// How far each step has got.
    pub progress: &'a [Progress],
    /// What the save before this page did to ratings and threats, if anything.
    pub effect: Option<&'a Markup>,
}

impl Shown<'_> {
    /// The head of a page: name, steps, and the ways to look at the document.
    pub(super) fn head(&self, chrome: &Chrome<'_>, step: Option<Step>, tab: &str) -> Markup {
        let lang = chrome.lang;
        html! {
            div.title {
                div {
                    p.crumbs { a href="/" { (chrome.say("システム", "Systems")) } }
                    h1 { (self.name.get(lang)) }
                }
                div.marks {
                    a.mark href={ (self.base) "/history" } { (chrome.say("第", "revision ")) (self.revision) (chrome.say("版", "")) }
                    @if self.approved { span.mark.good { (chrome.say("承認済み", "approved")) } }
                    @else { span.mark { (chrome.say("承認待ち", "not approved")) } }
                }
            }
            nav aria-label=(chrome.say("5つの段階", "The five steps")) {
                ol.steps {
                    @for (n, progress) in self.progress.iter().enumerate() {
                        li class=[progress.complete().then_some("done")] {
                            a href={ (self.base) "/" (progress.step.as_str()) } aria-current=[(step == Some(progress.step)).then_some("step")] {
                                span.name {
                                    span.dot aria-hidden="true" { @if progress.complete() { "✓" } @else { (n + 1) } }
                                    (progress.step.name().get(lang))
                                }
                                span.state { (progress.done()) " / " (progress.tasks.len()) }
                            }
                        }
                    }
                }
            }
            (self.tabs(chrome, tab))
            // The first page follows by itself.
            @if !tab.is_empty() { (self.newer(chrome)) }
            @if self.archived {
                div.notice {
                    p { (chrome.say("このシステムは片付けてあります。一覧の数には入りません。", "This system is put aside; it does not count in the list.")) }
                    (self.aside(chrome))
                }
            }
            @if let Some(effect) = self.effect {
                details.card.effect open {
                    summary { (chrome.say("この変更による評価と脅威の変化", "What this changes in ratings and threats")) }
                    (effect)
                }
            }
        }
    }

    /// A place that says so when somebody has saved a newer revision than the page shows.
    fn newer(&self, chrome: &Chrome<'_>) -> Markup {
        html! {
            div.newer role="status" data-newer=(self.base) data-revision=(self.revision) {
                template { div.notice { p {
                    (chrome.say("新しい版が保存されています。", "A newer revision has been saved. "))
                    @if chrome.may(Power::Edit) {
                        (chrome.say("ここで保存すると、両方の変更を合わせます。", "What you save here is brought together with it. "))
                    }
                    a href=(chrome.again()) { (chrome.say("読み直す", "Load it")) }
                } } }
            }
        }
    }

    fn tabs(&self, chrome: &Chrome<'_>, tab: &str) -> Markup {
        let tabs = [
            ("", "全体", "Overview"),
            ("/proposals", "提案と決定", "Proposals"),
            ("/plan", "対策の計画", "Plan"),
            ("/drawing", "図", "Drawing"),
            ("/facts", "事実", "Facts"),
            ("/text", "文書", "Text"),
            ("/remarks", "コメント・証跡", "Remarks"),
            ("/history", "履歴", "History"),
            ("/reports", "報告書", "Reports"),
        ];
        html! {
            nav aria-label=(chrome.say("このシステムの画面", "Pages of this system")) { ul.tabs {
                @for (rest, ja, en) in tabs {
                    li { a href={ (self.base) (rest) } aria-current=[(rest == tab).then_some("page")] { (chrome.say(ja, en)) } }
                }
            } }
        }
    }

    /// Puts the system aside, or takes it back into the list.
    pub(super) fn aside(&self, chrome: &Chrome<'_>) -> Markup {
        let (value, does) = if self.archived {
            ("no", chrome.say("一覧に戻す", "Take it back into the list"))
        } else {
            ("yes", chrome.say("片付ける", "Put aside"))
        };
        html! { @if chrome.may(Power::Edit) {
            (chrome.form(&format!("{}/archive", self.base), "acts", &html! {
                button.bare name="aside" value=(value) { (does) }
            }))
        } }
    }

    /// The address and the number of the revision that a change starts from.
    pub(super) fn parent(&self) -> Markup {
        html! { input type="hidden" name="parent" value=(self.revision); }
    }
}

/// What is missing next, over all steps.
fn tasks(chrome: &Chrome<'_>, shown: &Shown<'_>, progress: &Progress) -> Markup {
    let lang = chrome.lang;
    html! {
        ul.todo {
            @for task in &progress.tasks {
                li class=[task.done.then_some("done")] {
                    span.tick aria-hidden="true" { @if task.done { "✓" } }
                    span { (task.text.get(lang)) @if task.done { span.unseen { (chrome.say("（済み）", " (done)")) } } }
                    @if !task.done { a href={ (shown.base) "/" (task.place) } { (chrome.say("開く", "Open")) } } @else { span {} }
                }
            }
        }
    }
}

/// The first page of a system: the risk map, the picture, what the management needs to know, what is
/// missing next.
pub fn overview(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    summary: &[Text],
    map: &str,
    diagram: &str,
    present: &[String],
) -> String {
    let lang = chrome.lang;
    let next = shown.progress.iter().find_map(|progress| progress.next().map(|task| (progress.step, task)));
    let body = html! {
        (shown.head(chrome, None, ""))
        div #present data-present=(shown.base) data-revision=(shown.revision) aria-live="polite" {
            @if !present.is_empty() {
                p.small.soft { (chrome.say("いま開いている人: ", "Here now: ")) (present.join(chrome.say("、", ", "))) }
            }
        }
        @if let Some((step, task)) = next {
            section.card.large {
                p.soft { (chrome.say("次にすること — ", "Next — ")) (step.name().get(lang)) }
                p.ask { (task.text.get(lang)) }
                div.acts { a.button.main href={ (shown.base) "/" (task.place) } { (chrome.say("ここから進める", "Go on here")) } }
            }
        } @else {
            div.notice.good { p { (chrome.say("5つの段階がすべて済んでいます。事実が変わったら見直してください。", "All five steps are complete. Look again when facts change.")) } }
        }
        div.halves {
            section.card aria-labelledby="map" {
                h2 #map { (chrome.say("マッピング結果", "Risk map")) }
                div.picture #live-map { (chrome.picture(map)) }
            }
            section.card aria-labelledby="said" {
                h2 #said { (chrome.say("経営層向けの要約", "Summary for the management")) }
                @for line in summary { p { (line.get(lang)) } }
            }
        }
        section.card aria-labelledby="diagram" {
            div.title {
                h2 #diagram { (chrome.say("システム構成図", "System diagram")) }
                a href={ (shown.base) "/drawing" } { (chrome.say("図を描き変える", "Change the drawing")) }
            }
            div.picture { (chrome.picture(diagram)) }
        }
    };
    chrome.page(&Page::new(shown.name.get(lang), Room::Systems, body).script("live.js"))
}

/// Where a row of a worksheet is changed.
fn address(shown: &Shown<'_>, step: Step, sheet: &str, row: &Row) -> Option<String> {
    let (base, key) = (shown.base, encode(&row.key));
    let here = step.as_str();
    Some(match sheet {
        "overview" | "criteria" => format!("{base}/sheets/system?back=/{here}"),
        "stakeholders" => format!("{base}/sheets/stakeholders?edit={key}&back=/{here}#row"),
        "assets" => format!("{base}/sheets/assets?edit={key}&back=/{here}#row"),
        "flows" => format!("{base}/sheets/steps?edit={key}&back=/{here}#row"),
        "plan" => format!("{base}/plan#{}", row.key.replace('/', "-")),
        "ratings" | "threats" | "candidates" | "decisions" => {
            format!("{base}/{here}?open={sheet}:{key}#{sheet}-{key}")
        }
        _ => return None,
    })
}

/// A page of one step: what is to be done, where its input comes from, and its worksheets. `open` gives
/// the form of a row that is open.
pub fn step_page(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    step: Step,
    sheets: &[Worksheet],
    pictures: &[(Text, String)],
    open: &dyn Fn(&Worksheet, &Row) -> Option<Markup>,
) -> String {
    let lang = chrome.lang;
    let progress = shown.progress.iter().find(|progress| progress.step == step);
    let edits: &[(&str, &str, &str)] = match step {
        Step::Prepare => &[
            ("/facts", "目的と事実を書く", "Write purpose and facts"),
            ("/drawing", "図を描く", "Draw"),
            ("/sheets/stakeholders", "表に書き込む", "Fill in the sheets"),
        ],
        Step::Assess => &[
            ("/proposals?kind=rating", "評価を確かめる", "Look at the ratings"),
            ("/proposals?kind=threat", "脅威を確かめる", "Look at the threats"),
        ],
        Step::Respond => &[
            ("/plan", "対策を決める", "Settle measures"),
            ("/proposals?kind=implementer", "実施主体を確かめる", "Look at the implementers"),
        ],
        Step::Decide => {
            &[("/proposals", "提案を確かめる", "Look at the proposals"), ("/history", "承認", "Approval")]
        }
        Step::Operate => &[
            ("/reports", "報告書と依頼書", "Reports and request sheets"),
            ("/plan", "期限を追う", "Follow dates"),
        ],
    };
    let body = html! {
        (shown.head(chrome, Some(step), "-"))
        div.beside {
            section.card.large {
                h2 { (step.name().get(lang)) }
                p { (step.purpose().get(lang)) }
                (way(&step.from(), &step.to(), lang))
                div.acts {
                    @for (n, (rest, ja, en)) in edits.iter().enumerate() {
                        a.button.main[n == 0] href={ (shown.base) (rest) } { (chrome.say(ja, en)) }
                    }
                    a.button.bare href={ "/help/" (step.as_str()) } { (chrome.say("この段階の使い方", "How this step works")) }
                }
            }
            @if let Some(progress) = progress {
                section.card {
                    h2 { (chrome.say("進み具合", "Progress")) }
                    progress value=(progress.done()) max=(progress.tasks.len()) aria-label=(chrome.say("進み具合", "Progress")) {}
                    (tasks(chrome, shown, progress))
                }
            }
        }
        @for (title, svg) in pictures {
            section.card {
                h2 { (title.get(lang)) }
                div.picture { (chrome.picture(svg)) }
            }
        }
        @for one in sheets {
            (editable_sheet(one, lang, &|row| InPlace {
                address: chrome.may(Power::Edit).then(|| address(shown, step, one.id, row)).flatten(),
                form: open(one, row),
            }))
        }
        @if chrome.may(Power::View) && !sheets.is_empty() {
            p.small.soft { (chrome.say("すべてのワークシートは報告書としてExcelなどで取り出せます。", "All worksheets can be taken along as a report, in Excel and other formats.")) }
        }
    };
    chrome.page(
        &Page::new(format!("{} · {}", step.name().get(lang), shown.name.get(lang)), Room::Systems, body)
            .script("live.js"),
    )
}
