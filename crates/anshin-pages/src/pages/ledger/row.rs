//! The form of a row.

use anshin_checklist::ledger::{Asset, Ledger, OnMedium, Personal, Scale, Value};
use anshin_checklist::plain_words;
use anshin_model::{Id, Lang, Text};
use maud::{Markup, html};

use super::ShownLedger;
use super::table::personal;
use crate::chrome::Chrome;

/// Most characters of a field.
const MOST: usize = 500;

/// What a form of a row says, before it is known whether it can be taken.
#[derive(Debug, Clone, Default)]
pub struct RowForm {
    /// The id of the row; none for a new one.
    pub key: Option<String>,
    fields: Vec<(String, String)>,
    /// What is wrong with it.
    pub trouble: Vec<Text>,
}

impl RowForm {
    /// The form of a new row.
    pub fn empty(today: &str) -> Self {
        Self { fields: vec![("registered".to_owned(), today.to_owned())], ..Self::default() }
    }

    /// The form of a row as it is.
    pub fn of(asset: &Asset, lang: Lang) -> Self {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let words = |text: &Text| text.get(lang).to_owned();
        let fields = [
            ("name", words(&asset.name)),
            ("business", words(&asset.business)),
            ("note", words(&asset.note)),
            ("users", words(&asset.users)),
            ("department", words(&asset.department)),
            ("medium", asset.medium.clone()),
            ("personal", asset.personal.as_str().to_owned()),
            ("confidentiality", number(Some(asset.confidentiality))),
            ("integrity", number(Some(asset.integrity))),
            ("availability", number(Some(asset.availability))),
            ("kept-until", asset.kept_until.clone().unwrap_or_default()),
            ("registered", asset.registered.clone().unwrap_or_default()),
            ("threat", number(asset.threat)),
            ("measures", number(asset.measures)),
        ];
        let fields = fields.into_iter().map(|(name, word)| (name.to_owned(), word)).collect();
        Self { key: asset.id.as_ref().map(Id::to_string), fields, trouble: Vec::new() }
    }

    /// A form as it was sent.
    pub fn sent(key: Option<&str>, fields: &[(String, String)]) -> Self {
        let clean = |word: &str| plain_words(word).chars().take(MOST).collect::<String>();
        let fields = fields.iter().map(|(name, word)| (name.clone(), clean(word))).collect();
        Self { key: key.map(str::to_owned), fields, trouble: Vec::new() }
    }

    fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(own, _)| own == name).map_or("", |(_, word)| word.trim())
    }

    /// The row that the form says. `before` is what it was: words that nobody touched keep both
    /// languages. What is wrong stands in `trouble` after that.
    pub fn read(&mut self, scale: &Scale, lang: Lang, before: Option<&Asset>) -> Option<Asset> {
        let mut trouble = Vec::new();
        let words = |name: &str, before: Option<&Text>| {
            let word = self.get(name);
            before.filter(|own| own.get(lang) == word).cloned().unwrap_or_else(|| Text::same(word))
        };
        let mut number = |name: &str, ask: &Text, needed: bool| {
            let word = self.get(name);
            if word.is_empty() && !needed {
                return None;
            }
            let value = word.parse::<f64>().ok().filter(|value| scale.allows(name, *value).is_ok());
            if value.is_none() {
                trouble.push(
                    Text::new("「{ask}」を選んでください", "choose \u{201c}{ask}\u{201d}")
                        .fill(&[("ask", ask)]),
                );
            }
            value
        };
        let confidentiality = number("confidentiality", &Text::new("機密性", "Confidentiality"), true);
        let integrity = number("integrity", &Text::new("完全性", "Integrity"), true);
        let availability = number("availability", &Text::new("可用性", "Availability"), true);
        let threat = number("threat", &Text::new("脅威の発生頻度", "Threats"), false);
        let measures = number("measures", &Text::new("対策の状況", "Measures"), false);
        let registered = Some(self.get("registered")).filter(|date| !date.is_empty());
        if let Some(date) = registered.filter(|date| !anshin_model::shape::is_date(date)) {
            trouble
                .push(Text::new(format!("`{date}`は日付ではありません"), format!("`{date}` is not a date")));
        }
        if self.get("name").is_empty() {
            trouble.push(Text::new("情報資産の名称を書いてください", "name the information"));
        }
        let own = self.get("medium-own");
        let medium = if own.is_empty() { self.get("medium") } else { own };
        if medium.is_empty() {
            trouble.push(Text::new("媒体・保存先を選んでください", "choose the medium"));
        }
        let classes = [Personal::None, Personal::Personal, Personal::Sensitive, Personal::MyNumber];
        let class = classes.into_iter().find(|class| class.as_str() == self.get("personal"));
        let asset = (|| {
            Some(Asset {
                id: before.and_then(|own| own.id.clone()),
                business: words("business", before.map(|own| &own.business)),
                name: words("name", before.map(|own| &own.name)),
                note: words("note", before.map(|own| &own.note)),
                users: words("users", before.map(|own| &own.users)),
                department: words("department", before.map(|own| &own.department)),
                medium: scale.medium(medium).map_or_else(|| medium.to_owned(), |own| own.id.to_string()),
                personal: class.unwrap_or_default(),
                confidentiality: confidentiality?,
                integrity: integrity?,
                availability: availability?,
                kept_until: Some(self.get("kept-until")).filter(|own| !own.is_empty()).map(str::to_owned),
                registered: registered.map(str::to_owned),
                threat,
                measures,
            })
        })();
        self.trouble = trouble;
        asset.filter(|_| self.trouble.is_empty())
    }
}

/// What a form says about media; what is usual for a medium is not written down.
pub fn read_media(ledger: &mut Ledger, scale: &Scale, field: &dyn Fn(&str) -> Option<String>) {
    for medium in &scale.media {
        let value = |key: &str, usual: f64| {
            let word = field(&format!("{key}.{}", medium.id))?;
            let value = word.parse::<f64>().ok().filter(|value| scale.allows(key, *value).is_ok())?;
            ((value - usual).abs() > 1e-9).then_some(value)
        };
        let (threat, measures) = (value("threat", medium.threat), value("measures", medium.measures));
        ledger.media.retain(|own| own.id != medium.id);
        if threat.is_some() || measures.is_some() {
            ledger.media.push(OnMedium { id: medium.id.clone(), threat, measures });
        }
    }
}

/// A list of values to choose from; `open` names what holds if none is chosen.
pub(super) fn value_choice(
    chrome: &Chrome<'_>,
    name: &str,
    label: &str,
    values: &[Value],
    now: Option<f64>,
    open: Option<&str>,
) -> Markup {
    html! { select name=(name) id={ "f-" (name) } aria-label=(label) {
        @if let Some(open) = open { option value="" selected[now.is_none()] { (open) } }
        @for value in values {
            option value=(value.value) selected[now.is_some_and(|now| (now - value.value).abs() < 1e-9)] { (value.value) " " (value.name.get(chrome.lang)) }
        }
    } }
}

pub(super) fn row_form(chrome: &Chrome<'_>, shown: ShownLedger<'_>, form: &RowForm) -> Markup {
    let lang = chrome.lang;
    let scale = shown.scale;
    let line = |name: &str, ja, en, needed: bool| {
        html! {
            div.field {
                label for={ "f-" (name) } { (chrome.say(ja, en)) @if needed { " " span.mark { (chrome.say("必須", "needed")) } } }
                input id={ "f-" (name) } name=(name) value=(form.get(name)) maxlength=(MOST) required[needed];
            }
        }
    };
    let number = |name: &str| form.get(name).parse::<f64>().ok();
    let choice = |name: &str, ja, en, values: &[Value], open: &str| {
        html! {
            div.field {
                label for={ "f-" (name) } { (chrome.say(ja, en)) }
                (value_choice(chrome, name, chrome.say(ja, en), values, number(name), Some(open)))
            }
        }
    };
    let choose = chrome.say("選んでください", "choose");
    let follows = chrome.say("媒体の設定のとおり", "as for the medium");
    let known = scale.medium(form.get("medium"));
    let own = if known.is_none() { form.get("medium") } else { "" };
    html! {
        div.row-form #row {
            @for trouble in &form.trouble { div.notice.serious role="alert" { p { (trouble.get(lang)) } } }
            (chrome.form(shown.base, "sheet", &html! {
                (shown.seen())
                @if let Some(key) = &form.key { input type="hidden" name="key" value=(key); }
                div.grid {
                    (line("name", "情報資産名称", "Information", true))
                    (line("business", "業務分類", "Business", false))
                    div.field {
                        label for="f-medium" { (chrome.say("媒体・保存先", "Medium")) }
                        select #f-medium name="medium" {
                            @for medium in &scale.media { option value=(medium.id) selected[known.is_some_and(|own| own.id == medium.id)] { (medium.name.get(lang)) } }
                            @if !own.is_empty() { option value=(own) selected { (own) } }
                        }
                    }
                    (line("medium-own", "ほかの媒体（一覧にない場合）", "Another medium (if it is not in the list)", false))
                    (line("users", "利用者範囲", "Users", false))
                    (line("department", "管理部署", "Department", false))
                    div.field {
                        label for="f-personal" { (chrome.say("個人情報の種類", "Personal data")) }
                        select #f-personal name="personal" { @for class in [Personal::None, Personal::Personal, Personal::Sensitive, Personal::MyNumber] {
                            option value=(class.as_str()) selected[class.as_str() == form.get("personal")] { (personal(class).get(lang)) }
                        } }
                    }
                    (choice("confidentiality", "機密性（漏れたら）", "Confidentiality (if it leaks)", &scale.values, choose))
                    (choice("integrity", "完全性（誤っていたら）", "Integrity (if it is wrong)", &scale.values, choose))
                    (choice("availability", "可用性（使えなかったら）", "Availability (if it is gone)", &scale.values, choose))
                    (choice("threat", "脅威の発生頻度", "Threats", &scale.threats, follows))
                    (choice("measures", "対策の状況", "Measures", &scale.measures, follows))
                    (line("kept-until", "保存期限", "Kept until", false))
                    div.field {
                        label for="f-registered" { (chrome.say("登録日", "Registered")) }
                        input #f-registered type="date" name="registered" value=(form.get("registered"));
                    }
                    (line("note", "備考", "Note", false))
                }
                div.acts {
                    button.main name="act" value="save" { (chrome.say("保存", "Save")) }
                    @if form.key.is_some() { button name="act" value="remove" formnovalidate { (chrome.say("この行を消す", "Remove this row")) } }
                    a.button.bare href=(shown.base) { (chrome.say("やめる", "Cancel")) }
                }
            }))
        }
    }
}
