//! Facts in forms: the purpose of the system, and one asset with the kinds and facts of the catalog.

use anshin_catalog::Catalog;
use anshin_model::document::{Asset, Document, Stage};
use anshin_model::tree::Node;
use anshin_model::{Lang, Text};
use maud::html;

use super::input::facts_nav;
use super::system::Shown;
use crate::change::{self, Refused, item_mut, one_line, put, set, words};
use crate::chrome::{Chrome, Heads, Page, Power, Room};
use crate::desk::{Desk, Opened};

const QUESTIONS: &[(&str, &str, &str)] = &[
    ("why", "なぜ（どんな価値があるか）", "Why: what value it gives"),
    ("who", "誰が使うか", "Who uses it"),
    ("what", "何をするか", "What it does"),
    ("when", "いつ使うか", "When it is used"),
    ("where", "どこに置くか", "Where it stands"),
    ("how", "どのように動くか", "How it works"),
];

/// The facts of the whole system: purpose, stage, and a list of its assets.
pub fn system_form(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    document: &Document,
    catalog: &Catalog,
    sheets: &[(&str, Text)],
) -> String {
    let lang = chrome.lang;
    let purpose = &document.system.purpose;
    let answer = |key: &str| match key {
        "why" => &purpose.why,
        "who" => &purpose.who,
        "what" => &purpose.what,
        "when" => &purpose.when,
        "where" => &purpose.r#where,
        _ => &purpose.how,
    };
    let stage = match document.system.stage() {
        Stage::Planning => "planning",
        Stage::Development => "development",
        Stage::Operation => "operation",
    };
    let stages = [
        ("planning", "企画・設計中", "planned or being designed"),
        ("development", "開発・製造中", "being built"),
        ("operation", "使用中", "in use"),
    ];
    let body = html! {
        (shown.head(chrome, None, "/facts"))
        (facts_nav(chrome, shown, sheets, ""))
        div.halves {
            section.card.large {
                h2 { (chrome.say("目的（6つの問い）", "Purpose, by six questions")) }
                p.soft { (chrome.say("概要のワークシートに載ります。分かるものから書いてください。", "They go into the overview worksheet. Start with what you know.")) }
                (chrome.form(&format!("{}/facts", shown.base), "form", &html! {
                    (shown.parent())
                    @for (key, ja, en) in QUESTIONS {
                        div.field {
                            label for=(key) { (chrome.say(ja, en)) }
                            textarea id=(key) name=(key) rows="2" maxlength="1000" disabled[!chrome.may(Power::Edit)] { (answer(key).as_ref().map_or("", |text| text.get(lang))) }
                        }
                    }
                    div.field {
                        label for="stage" { (chrome.say("段階", "Stage")) }
                        select #stage name="stage" { @for (word, ja, en) in stages { option value=(word) selected[word == stage] { (chrome.say(ja, en)) } } }
                    }
                    @if chrome.may(Power::Edit) { div.acts { button.main { (chrome.say("保存", "Save")) } } }
                }))
            }
            section.card {
                h2 { (chrome.say("機器", "Assets")) }
                p.soft { (chrome.say("機器を開くと、種類と当てはまる事実を選べます。", "Open an asset to choose its kind and the facts that hold.")) }
                @let heads = Heads::new(chrome, &[("", "機器", "Asset"), ("", "種類", "Kind"), ("", "事実", "Facts")]);
                div.scroll tabindex="0" { table.tall.stack {
                    (heads.row())
                    tbody { @for asset in &document.assets { tr {
                        th scope="row" { a href={ (shown.base) "/assets/" (asset.id) } { (asset.name.get(lang)) } }
                        td data-label=(heads.of(1)) { (catalog.asset_kinds.get(&asset.kind).map_or("", |kind| kind.name.get(lang))) }
                        td data-label=(heads.of(2)) { (asset.traits.iter().filter_map(|id| catalog.traits.get(id)).map(|t| t.name.get(lang)).collect::<Vec<_>>().join(chrome.say("、", ", "))) }
                    } } }
                } }
            }
        }
    };
    let title = format!("{} · {}", chrome.say("事実", "Facts"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

/// Writes purpose and stage into the document. What nobody changed keeps both languages.
///
/// # Errors
/// If a word is not possible.
pub fn save_system<'f>(
    desk: &Desk,
    text: &str,
    opened: &Opened,
    lang: Lang,
    field: impl Fn(&str) -> Option<&'f str>,
) -> Result<String, Refused> {
    desk.change(text, opened, |root| {
        let Some(system) = child(root, "system") else { return };
        if let Some(stage) = field("stage").filter(|stage| !stage.is_empty()) {
            let now = system.get("stage").and_then(Node::scalar).unwrap_or("planning").to_owned();
            if now != stage {
                set(system, "stage", Some(stage));
            }
        }
        if system.get("purpose").is_none() {
            put(system, "purpose", Some(change::map()));
        }
        if let Some(purpose) = child(system, "purpose") {
            for (key, ..) in QUESTIONS {
                if let Some(words) = field(key) {
                    say_in(purpose, key, words, lang);
                }
            }
        }
        if system.get("purpose").is_some_and(|purpose| purpose.entries().is_empty()) {
            put(system, "purpose", None);
        }
    })
}

/// The node under a key of a map, to change.
fn child<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.value {
        anshin_model::tree::Value::Map(entries) => {
            entries.iter_mut().find(|(own, _)| &*own.text == key).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// Sets a text in the language of the page; the other language keeps its words.
fn say_in(node: &mut Node, key: &str, words: &str, lang: Lang) {
    let words = one_line(words);
    let code = lang.code();
    match child(node, key) {
        Some(own) if own.scalar().is_none() && !own.entries().is_empty() => {
            let same = own.get(code).and_then(Node::scalar) == Some(words.as_str());
            if words.is_empty() {
                put(node, key, None);
            } else if !same {
                set(own, code, Some(&words));
            }
        }
        own => {
            let same = own.as_ref().and_then(|own| own.scalar()) == Some(words.as_str());
            if !same {
                set(node, key, Some(words.as_str()).filter(|words| !words.is_empty()));
            }
        }
    }
}

/// What the form of an asset brings.
#[derive(Debug, Clone, Default)]
pub struct AssetForm {
    /// Name, in the language of the page.
    pub name: String,
    /// Kind in the catalog.
    pub kind: String,
    /// Zone, or empty.
    pub zone: String,
    /// Traits that are ticked.
    pub traits: Vec<String>,
    /// Safeguards that are ticked.
    pub safeguards: Vec<String>,
    /// Data that it stores.
    pub stores: Vec<String>,
    /// Who makes, operates, maintains, updates it; empty for nobody.
    pub people: [String; 4],
}

const PEOPLE: [(&str, &str, &str); 4] = [
    ("made-by", "つくる者", "Made by"),
    ("operated-by", "使う者・運用する者", "Operated by"),
    ("maintained-by", "保守する者", "Maintained by"),
    ("updated-by", "ソフトウェアの更新を届ける者", "Updated by"),
];

/// The form of one asset: its kind, where it stands, and the facts of the catalog as boxes to tick.
pub fn asset_form(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    document: &Document,
    catalog: &Catalog,
    asset: &Asset,
    derived: &[Text],
) -> String {
    let lang = chrome.lang;
    let of_kind = catalog.traits_of(&asset.kind);
    let has = |id: &anshin_model::Id| {
        (asset.traits.contains(id) || of_kind.contains(id)) && !asset.without.contains(id)
    };
    let may = chrome.may(Power::Edit);
    let body = html! {
        (shown.head(chrome, None, "/facts"))
        (chrome.form(&format!("{}/assets/{}", shown.base, asset.id), "beside", &html! {
            (shown.parent())
            div.sheet {
                section.card.large {
                    h2 { (asset.name.get(lang)) }
                    div.field { label for="name" { (chrome.say("名前", "Name")) } input #name name="name" value=(asset.name.get(lang)) required maxlength="200" disabled[!may]; }
                    div.field {
                        label for="kind" { (chrome.say("種類", "Kind")) }
                        select #kind name="kind" aria-describedby="kind-about" {
                            @for (id, kind) in &catalog.asset_kinds {
                                @let depth = id.as_str().matches('.').count();
                                option value=(id) selected[*id == asset.kind] { (("\u{3000}").repeat(depth)) (kind.name.get(lang)) }
                            }
                        }
                        span.help #kind-about { (catalog.asset_kinds.get(&asset.kind).map_or("", |kind| kind.about.get(lang))) }
                    }
                    div.field {
                        label for="zone" { (chrome.say("置き場所", "Where it stands")) }
                        select #zone name="zone" {
                            option value="" { (chrome.say("決めていない", "not settled")) }
                            @for zone in &document.zones {
                                option value=(zone.id) selected[asset.zone.as_ref() == Some(&zone.id)] { (zone_name(zone, catalog).get(lang)) }
                            }
                        }
                    }
                }
                section.card {
                    h2 { (chrome.say("当てはまる事実", "Facts that hold")) }
                    p.soft { (chrome.say("種類から分かるものには、はじめから印が付いています。違うものは外してください。", "What follows from the kind is ticked already; untick what is not true.")) }
                    div.choices.pairs {
                        @for (id, fact) in &catalog.traits {
                            label.choice {
                                input type="checkbox" name="trait" value=(id) checked[has(id)] disabled[!may];
                                span { (fact.name.get(lang)) br; span.help { (fact.about.get(lang)) } }
                            }
                        }
                    }
                }
                section.card {
                    h2 { (chrome.say("人を守るもの", "What keeps people from harm")) }
                    details open[!asset.safeguards.is_empty()] { summary { (chrome.say("安全方策を選ぶ", "Choose safeguards")) }
                        div.choices.pairs {
                            @for (id, safeguard) in &catalog.safeguards {
                                label.choice {
                                    input type="checkbox" name="safeguard" value=(id) checked[asset.safeguards.contains(id)] disabled[!may];
                                    span { (safeguard.name.get(lang)) br; span.help { (safeguard.about.get(lang)) } }
                                }
                            }
                        }
                    }
                }
            }
            div.sheet {
                section.card {
                    h2 { (chrome.say("関わる者", "Who has to do with it")) }
                    @for (n, (key, ja, en)) in PEOPLE.iter().enumerate() {
                        div.field {
                            label for=(key) { (chrome.say(ja, en)) }
                            select id=(key) name=(key) {
                                option value="" { (chrome.say("書かない", "not stated")) }
                                @for one in &document.stakeholders { option value=(one.id) selected[people(asset)[n] == Some(&one.id)] { (one.name.get(lang)) } }
                            }
                        }
                    }
                }
                @if !document.data.is_empty() {
                    section.card {
                        h2 { (chrome.say("保存するデータ", "Data that it keeps")) }
                        div.choices {
                            @for data in &document.data {
                                label.choice {
                                    input type="checkbox" name="stores" value=(data.id) checked[asset.stores.contains(&data.id)] disabled[!may];
                                    span { (data.name.as_ref().or_else(|| catalog.data_kinds.get(&data.kind).map(|kind| &kind.name)).map_or("", |name| name.get(lang))) }
                                }
                            }
                        }
                    }
                }
                @if may { div.acts { button.main { (chrome.say("保存", "Save")) } a.button.bare href={ (shown.base) "/facts" } { (chrome.say("やめる", "Cancel")) } } }
                section.card {
                    h2 { (chrome.say("導かれた事実", "Facts that follow")) }
                    p.soft.small { (chrome.say("規則が見ているもののうち、いま成り立つもの。", "What rules ask for and what holds now.")) }
                    ul.small { @for fact in derived { li { (fact.get(lang)) } } }
                }
            }
        }))
    };
    let title = format!("{} · {}", asset.name.get(lang), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn people(asset: &Asset) -> [Option<&anshin_model::Id>; 4] {
    [&asset.made_by, &asset.operated_by, &asset.maintained_by, &asset.updated_by].map(Option::as_ref)
}

fn zone_name(zone: &anshin_model::document::Zone, catalog: &Catalog) -> Text {
    let kind = || catalog.zone_kinds.get(&zone.kind).map(|kind| kind.name.clone());
    zone.name.clone().or_else(kind).unwrap_or_else(|| Text::same(zone.id.as_str()))
}

/// Writes the form of an asset into the document.
///
/// # Errors
/// If there is no such asset, or a word is not possible.
pub fn save_asset(
    desk: &Desk,
    text: &str,
    opened: &Opened,
    id: &str,
    form: &AssetForm,
    lang: Lang,
) -> Result<String, Refused> {
    let of_kind = desk.catalog.traits_of(&form.kind.as_str().into());
    let ticked = |id: &str| form.traits.iter().any(|own| own == id);
    let named = |id: &&String| !of_kind.iter().any(|own| own == id.as_str());
    let traits: Vec<&str> = form.traits.iter().filter(named).map(String::as_str).collect();
    let without: Vec<&str> = of_kind.iter().map(anshin_model::Id::as_str).filter(|id| !ticked(id)).collect();
    if !opened.document().assets.iter().any(|asset| asset.id == *id) {
        return Err(Text::new("その機器はもうありません", "there is no such asset any more"));
    }
    desk.change(text, opened, |root| {
        let Some(asset) = item_mut(root, "assets", id) else { return };
        say_in(asset, "name", &form.name, lang);
        set(asset, "kind", Some(&form.kind));
        set(asset, "zone", Some(form.zone.as_str()).filter(|zone| !zone.is_empty()));
        list(asset, "traits", &traits);
        list(asset, "without", &without);
        list(asset, "safeguards", &form.safeguards.iter().map(String::as_str).collect::<Vec<_>>());
        list(asset, "stores", &form.stores.iter().map(String::as_str).collect::<Vec<_>>());
        for ((key, ..), who) in PEOPLE.iter().zip(&form.people) {
            set(asset, key, Some(who.as_str()).filter(|who| !who.is_empty()));
        }
    })
}

/// Sets a list of words; one that says the same keeps its order.
fn list(node: &mut Node, key: &str, now: &[&str]) {
    let before: Vec<String> = node
        .get(key)
        .map(|list| list.items().iter().filter_map(Node::scalar).map(str::to_owned).collect())
        .unwrap_or_default();
    let same = before.len() == now.len() && before.iter().all(|word| now.contains(&word.as_str()));
    if same {
        return;
    }
    let kept = before.iter().map(String::as_str).filter(|word| now.contains(word));
    let added = now.iter().copied().filter(|word| !before.iter().any(|own| own == word));
    let all: Vec<&str> = kept.chain(added).collect();
    put(node, key, (!all.is_empty()).then(|| words(all)));
}
