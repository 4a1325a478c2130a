//! The ledger of information assets in the browser: what there is, what needs measures first, a row
//! filled in, a table brought back.

mod row;
mod table;

use anshin_checklist::ledger::{Ledger, Scale, Scales};
use anshin_model::Text;
use maud::{Markup, html};

use row::row_form;
pub use row::{RowForm, read_media};
use table::{first, rows};

use super::brought::{FileBrought, brought, file_form};
use crate::chrome::{Chrome, Heads, Page, Power, Room};

/// A ledger in a list.
#[derive(Debug, Clone)]
pub struct LedgerLine {
    /// Its identifier.
    pub id: String,
    /// The company.
    pub name: Text,
    /// Rows.
    pub rows: usize,
    /// What the risk values mean, with the number of rows; the worst first.
    pub bands: Vec<(Text, usize)>,
    /// Why it cannot be opened.
    pub problem: Option<Text>,
    /// When it was saved last, and by whom.
    pub saved: String,
    /// Whether it is put aside.
    pub archived: bool,
}

/// A ledger on a page.
#[derive(Debug, Clone, Copy)]
pub struct ShownLedger<'a> {
    /// Where it lives: `/ledgers/1`.
    pub base: &'a str,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Its scale.
    pub scale: &'a Scale,
    /// All scales.
    pub scales: &'a Scales,
    /// Number of the state that is shown; forms send it back.
    pub state: u64,
    /// Number of the newest state.
    pub latest: u64,
    /// Whether it is put aside.
    pub archived: bool,
}

/// A saved state in a list: its number, when and by whom.
pub type StateLine = (u64, String);

impl ShownLedger<'_> {
    fn name(&self, chrome: &Chrome<'_>) -> String {
        let title = chrome.say("情報資産管理台帳", "Ledger of information assets");
        match &self.ledger.company {
            Some(company) => format!("{title}{}{}", chrome.say("：", ": "), company.get(chrome.lang)),
            None => title.to_owned(),
        }
    }

    fn head(&self, chrome: &Chrome<'_>) -> Markup {
        html! {
            div.title {
                div {
                    p.crumbs {
                        a href="/checklists" { (chrome.say("自己診断", "Checklists")) } " › "
                        a href="/ledgers" { (chrome.say("情報資産の台帳", "Asset ledgers")) }
                    }
                    h1 { (self.name(chrome)) }
                }
            }
        }
    }

    fn seen(&self) -> Markup {
        html! { input type="hidden" name="state" value=(self.state); }
    }

    fn may_change(&self, chrome: &Chrome<'_>) -> bool {
        chrome.may(Power::Edit) && self.state == self.latest
    }
}

/// All ledgers, and the form that begins one.
pub fn ledgers(chrome: &Chrome<'_>, lines: &[LedgerLine], scales: &Scales, company: &str) -> String {
    let lang = chrome.lang;
    let (aside, now): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.archived);
    let body = html! {
        div.title {
            div {
                p.crumbs { a href="/checklists" { (chrome.say("自己診断", "Checklists")) } }
                h1 { (chrome.say("情報資産の台帳", "Asset ledgers")) }
            }
            p.lead { (chrome.say(
                "どんな情報をどこに持っているかを書き出すと、重要度とリスク値が決まり、先に対策する資産が分かります。",
                "Write down which information you keep and where. Importance and risk value follow, and with them what needs measures first.")) }
        }
        @if !now.is_empty() { (list(chrome, &now)) }
        @if chrome.may(Power::Edit) { section.card.large {
            h2 { (chrome.say("台帳を作る", "Make a ledger")) }
            (chrome.form("/ledgers", "form", &html! {
                div.field {
                    label for="company" { (chrome.say("会社名", "Name of the company")) }
                    input #company name="company" maxlength="120" value=(company);
                }
                (scale_choice(chrome, scales, scales.get(None)))
                div.acts {
                    button.main name="begin" value="sample" { (chrome.say("記入例から始める", "Begin with sample rows")) }
                    button name="begin" value="empty" { (chrome.say("空の台帳から始める", "Begin with an empty one")) }
                }
                p.help { (chrome.say("ExcelやCSVの台帳がある場合は、空の台帳を作ってから取り込んでください。", "If you have one in Excel or CSV, begin with an empty ledger and bring yours in.")) }
            }))
        } }
        @if !aside.is_empty() { details {
            summary { (chrome.say("片付けた台帳", "Ledgers put aside")) " (" (aside.len()) ")" }
            (list(chrome, &aside))
        } }
        @for scale in scales.iter() { details.why {
            summary { (chrome.say("尺度: ", "Scale: ")) (scale.name.get(lang)) }
            p { (scale.about.get(lang)) }
            ul { @for value in &scale.values { li {
                (value.value) " " (value.name.get(lang))
                @if let Some(about) = &value.about { " — " (about.get(lang)) }
            } } }
        } }
    };
    chrome.page(&Page::new(chrome.say("情報資産の台帳", "Asset ledgers"), Room::Checklists, body).narrow())
}

fn list(chrome: &Chrome<'_>, lines: &[&LedgerLine]) -> Markup {
    let lang = chrome.lang;
    html! {
        @let heads = Heads::new(chrome, &[("", "台帳", "Ledger"), ("number", "資産", "Assets"), ("", "リスク値", "Risk values"), ("", "保存", "Saved")]);
        div.scroll tabindex="0" role="group" aria-label=(chrome.say("台帳の一覧", "List of ledgers")) { table.tall.stack {
            (heads.row())
            tbody { @for line in lines { tr {
                th scope="row" { a href={ "/ledgers/" (line.id) } {
                    @if line.name.is_empty() { (chrome.say("情報資産管理台帳", "Ledger of information assets")) } @else { (line.name.get(lang)) }
                } }
                td.number data-label=(heads.of(1)) { @if line.problem.is_none() { (line.rows) } }
                td data-label=(heads.of(2)) { @if let Some(why) = &line.problem { (why.get(lang)) }
                    @for (name, count) in line.bands.iter().filter(|(_, count)| *count > 0) { (name.get(lang)) " " (count) " " } }
                td data-label=(heads.of(3)) { (line.saved) }
            } } }
        } }
    }
}

fn scale_choice(chrome: &Chrome<'_>, scales: &Scales, now: Option<&Scale>) -> Markup {
    html! { fieldset.field {
        legend { (chrome.say("尺度", "Scale")) }
        div.choices.pairs { @for scale in scales.iter() { label.choice {
            input type="radio" name="scale" value=(scale.id) checked[now.is_some_and(|now| now.id == scale.id)];
            span { (scale.name.get(chrome.lang)) }
        } } }
    } }
}

/// A ledger. `open` is a row that is being filled in, `other` the ledger on the other scales.
pub fn ledger_page(
    chrome: &Chrome<'_>,
    shown: ShownLedger<'_>,
    open: Option<&RowForm>,
    other: &[(&Scale, Ledger)],
    states: &[StateLine],
) -> String {
    let lang = chrome.lang;
    let (ledger, scale, base) = (shown.ledger, shown.scale, shown.base);
    let may = shown.may_change(chrome);
    let body = html! {
        (shown.head(chrome))
        @if shown.archived { div.notice { p { (chrome.say("この台帳は片付けてあります。", "This ledger is put aside.")) } } }
        @if shown.state != shown.latest { (earlier(chrome, shown)) }
        @if !ledger.assets.is_empty() { section.card.large {
            div.figures { @for (n, (band, count)) in ledger.counts(scale).into_iter().enumerate() {
                div.figure.grave[n == 0 && count > 0] {
                    b { (count) }
                    span { (chrome.say("リスク値 ", "risk value: ")) (band.name.get(lang)) }
                    @if let Some(about) = &band.about { span { (about.get(lang)) } }
                }
            } }
            p.small.soft { (scale.name.get(lang)) " · " (chrome.say(
                "リスク値 = 重要度（機密性・完全性・可用性の最大）× 被害発生可能性（脅威と対策の状況から）",
                "risk value = importance (the highest of C, I, A) × likelihood (from threat and measures)")) }
        } }
        (first(chrome, ledger, scale))
        section.sheet aria-labelledby="assets" {
            div.title {
                h2 #assets { (chrome.say("情報資産", "Information")) }
                @if may && open.is_none_or(|open| open.key.is_some()) {
                    a.button.main href={ (base) "?edit=%2B#row" } { (chrome.say("行を加える", "Add a row")) }
                }
            }
            @if let Some(form) = open.filter(|open| may && open.key.is_none()) { (row_form(chrome, shown, form)) }
            @if ledger.assets.is_empty() {
                p.soft { (chrome.say("まだ何も書かれていません。", "Nothing is written here yet.")) }
            } @else {
                (rows(chrome, shown, open.filter(|_| may), other))
            }
        }
        section.card {
            h2 { (chrome.say("ExcelとCSV", "Excel and CSV")) }
            div.acts {
                @for (file, name) in [
                    ("ledger.xlsx", "Excel"),
                    ("ledger.csv", "CSV (UTF-8)"),
                    ("ledger.shift-jis.csv", "CSV (Shift_JIS)"),
                    ("ledger.yaml", "YAML"),
                ] { a.button href={ (base) "/files/" (file) } { (name) } }
                @if chrome.may(Power::Edit) { a.button href={ (base) "/import" } { (chrome.say("ファイルを取り込む", "Bring a file in")) } }
            }
        }
        @if may {
            details { summary { (chrome.say("会社名・尺度・媒体ごとの脅威と対策", "Company, scale, threats and measures by medium")) }
                (settings(chrome, shown)) }
        }
        @if states.len() > 1 { details {
            summary { (chrome.say("保存の履歴", "Saved states")) " (" (states.len()) ")" }
            ul { @for (number, words) in states { li {
                @if *number == shown.state { strong { (words) } } @else { a href={ (base) "?state=" (number) } { (words) } }
            } } }
        } }
        @if chrome.may(Power::Edit) {
            (chrome.form(&format!("{base}/archive"), "acts", &html! {
                @if shown.archived { button.bare name="aside" value="no" { (chrome.say("一覧に戻す", "Take it back into the list")) } }
                @else { button.bare name="aside" value="yes" { (chrome.say("片付ける", "Put aside")) } }
            }))
        }
    };
    chrome.page(&Page::new(shown.name(chrome), Room::Checklists, body))
}

/// What stands above a state that is not the newest.
fn earlier(chrome: &Chrome<'_>, shown: ShownLedger<'_>) -> Markup {
    html! { div.notice.serious {
        p { (chrome.say("前に保存した状態です。", "This is an earlier state.")) " " a href=(shown.base) { (chrome.say("最新の台帳へ", "To the newest")) } }
        @if chrome.may(Power::Edit) {
            (chrome.form(&format!("{}/text", shown.base), "acts", &html! {
                input type="hidden" name="state" value=(shown.latest);
                input type="hidden" name="from" value=(shown.state);
                button { (chrome.say("この状態に戻す", "Go back to this state")) }
            }))
        }
    } }
}

/// Company, scale, and what is true of everything on a medium.
fn settings(chrome: &Chrome<'_>, shown: ShownLedger<'_>) -> Markup {
    let lang = chrome.lang;
    let (ledger, scale) = (shown.ledger, shown.scale);
    let set = |id: &anshin_model::Id| ledger.media.iter().find(|own| own.id == *id);
    html! { section.card {
        (chrome.form(&format!("{}/settings", shown.base), "form", &html! {
            (shown.seen())
            div.field {
                label for="company" { (chrome.say("会社名", "Name of the company")) }
                input #company name="company" maxlength="120" value=(ledger.company.as_ref().map_or("", |own| own.get(lang)));
            }
            (scale_choice(chrome, shown.scales, Some(scale)))
            p.help { (chrome.say("尺度を変えると、値は同じ順位の値に置き換わります。", "With another scale, each value becomes the one of the same rank.")) }
            @let heads = Heads::new(chrome, &[("", "媒体・保存先", "Medium"), ("roomy", "脅威の発生頻度", "Threats"), ("roomy", "対策の状況", "Measures")]);
            div.scroll tabindex="0" role="group" aria-label=(chrome.say("媒体ごとの設定", "By medium")) { table.tall.stack {
                (heads.row())
                tbody { @for medium in &scale.media { tr {
                    th scope="row" { (medium.name.get(lang)) }
                    @let own = set(&medium.id);
                    td data-label=(heads.of(1)) { (row::value_choice(chrome, &format!("threat.{}", medium.id), medium.name.get(lang), &scale.threats, Some(own.and_then(|own| own.threat).unwrap_or(medium.threat)), None)) }
                    td data-label=(heads.of(2)) { (row::value_choice(chrome, &format!("measures.{}", medium.id), medium.name.get(lang), &scale.measures, Some(own.and_then(|own| own.measures).unwrap_or(medium.measures)), None)) }
                } } }
            } }
            div.acts { button.main { (chrome.say("保存", "Save")) } }
        }))
    } }
}

/// The page on which a table is brought back.
pub fn ledger_import(chrome: &Chrome<'_>, shown: ShownLedger<'_>, file: Option<&FileBrought>) -> String {
    let body = html! {
        (shown.head(chrome))
        @if let Some(file) = file { (brought(chrome, shown.base, shown.state, file)) }
        section.card {
            h2 { (chrome.say("ファイルを取り込む", "Bring a file in")) }
            p.soft { (chrome.say(
                "書き出したファイルを表計算ソフトで直したもの、または同じ見出しを持つ自社の台帳を取り込みます。保存の前に、変わる行を示します。",
                "Bring in the exported file as you have changed it, or a ledger of your own with the same headings. You see which rows change before anything is saved.")) }
            (file_form(chrome, &format!("{}/import", shown.base),
                (chrome.say("台帳（.xlsx、.csv、.yaml。CSVはUTF-8でもShift_JISでも可）", "Ledger (.xlsx, .csv, .yaml; CSV in UTF-8 or Shift_JIS)"), ".xlsx,.csv,.tsv,.txt,.yaml,.yml"),
                &html! {
                    button.main { (chrome.say("変更を見る", "Show what changes")) }
                    a.button.bare href=(shown.base) { (chrome.say("やめる", "Cancel")) }
                }))
        }
    };
    chrome.page(&Page::new(shown.name(chrome), Room::Checklists, body).narrow())
}
