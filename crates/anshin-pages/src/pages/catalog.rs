//! The catalog: search over both languages, and each entry with its source.

use anshin_catalog::{Catalog, Origin};
use anshin_model::{Id, Text};
use maud::{Markup, html};

use crate::chrome::{Chrome, Page, Room};
use crate::desk::Desk;

/// Sections that can be browsed, with their names.
pub const SECTIONS: &[(&str, &str, &str)] = &[
    ("asset-kinds", "機器の種類", "Kinds of assets"),
    ("traits", "機器の性質", "Facts about assets"),
    ("zone-kinds", "設置場所・区分の種類", "Kinds of zones"),
    ("media", "接続の媒体", "Media of links"),
    ("protocols", "プロトコル", "Protocols"),
    ("data-kinds", "データの種類", "Kinds of data"),
    ("hazards", "危険源", "Hazards"),
    ("safeguards", "安全方策", "Safeguards"),
    ("entry-points", "侵入口", "Ways in"),
    ("threats", "脅威", "Threats"),
    ("requirements", "対策要件", "Requirements"),
    ("measures", "対策", "Measures"),
    ("rubric", "判断基準", "Criteria"),
    ("policies", "対策方針", "Policies"),
];

/// Most entries on one page.
const MOST: usize = 200;

/// Name, sentence, origin and what more there is to tell of an entry.
struct Shown<'c> {
    name: &'c Text,
    about: Option<&'c Text>,
    origin: &'c Origin,
    more: Vec<(Text, Text)>,
}

fn entry<'c>(catalog: &'c Catalog, section: &str, id: &Id) -> Option<Shown<'c>> {
    macro_rules! named {
        ($list:ident) => {{
            let entry = catalog.$list.get(id)?;
            Shown { name: &entry.name, about: Some(&entry.about), origin: &entry.origin, more: Vec::new() }
        }};
    }
    let threats = |ids: &[Id]| -> Text {
        let names: Vec<&Text> =
            ids.iter().filter_map(|id| catalog.threats.get(id)).map(|t| &t.name).collect();
        list(&names)
    };
    Some(match section {
        "asset-kinds" => {
            let mut shown = named!(asset_kinds);
            let traits = catalog.traits_of(id);
            let names: Vec<&Text> =
                traits.iter().filter_map(|id| catalog.traits.get(id)).map(|t| &t.name).collect();
            shown.more.push((Text::new("性質", "Facts it brings"), list(&names)));
            let hazards = catalog.hazards_of(id);
            let names: Vec<&Text> =
                hazards.iter().filter_map(|h| catalog.hazards.get(&h.kind)).map(|h| &h.name).collect();
            shown.more.push((Text::new("危険源", "Hazards"), list(&names)));
            shown
        }
        "traits" => named!(traits),
        "zone-kinds" => named!(zone_kinds),
        "media" => named!(media),
        "protocols" => named!(protocols),
        "data-kinds" => named!(data_kinds),
        "hazards" => named!(hazards),
        "safeguards" => named!(safeguards),
        "entry-points" => named!(entry_points),
        "threats" => named!(threats),
        "requirements" => {
            let mut shown = named!(requirements);
            let own = catalog.requirements.get(id)?;
            shown.more.push((Text::new("実装先", "Implemented in"), own.target.name()));
            shown.more.push((Text::new("対処する脅威", "Works against"), threats(&own.counters)));
            shown
                .more
                .push((Text::new("CPSFの対策要件ID", "Ids in the CPSF"), Text::same(own.cps.join(", "))));
            shown
        }
        "measures" => {
            let own = catalog.measures.get(id)?;
            let mut more = vec![(Text::new("対処する脅威", "Works against"), threats(&own.counters))];
            if let Some(requirement) = catalog.requirements.get(&own.requirement) {
                more.insert(0, (Text::new("対策要件", "Requirement"), requirement.name.clone()));
            }
            if let Some(caution) = &own.caution {
                more.push((Text::new("注意", "Caution"), caution.clone()));
            }
            Shown { name: &own.name, about: Some(&own.action), origin: &own.origin, more }
        }
        "rubric" => {
            let own = catalog.rubric.get(id)?;
            let more = vec![
                (own.axis.name(), Text::same(own.level.as_str())),
                (Text::new("例", "Example"), own.example.clone()),
            ];
            Shown { name: &own.why, about: None, origin: &own.origin, more }
        }
        "policies" => {
            let own = catalog.policies.get(id)?;
            Shown { name: &own.policy, about: None, origin: &own.origin, more: Vec::new() }
        }
        _ => return None,
    })
}

fn list(names: &[&Text]) -> Text {
    use anshin_model::Lang::{En, Ja};
    let all = |lang, with: &str| names.iter().map(|name| name.get(lang)).collect::<Vec<_>>().join(with);
    Text::new(all(Ja, "、"), all(En, ", "))
}

/// Lower case, and full-width letters and digits as half-width ones: how people search.
fn plain(words: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        point @ 0xFF01..=0xFF5E => char::from_u32(point - 0xFEE0).unwrap_or(c),
        0x3000 => ' ',
        _ => c,
    };
    words.chars().map(narrow).collect::<String>().to_lowercase()
}

/// The catalog, searched in both languages whatever the page shows.
pub fn catalog_search(chrome: &Chrome<'_>, desk: &Desk, words: &str, section: &str) -> String {
    let lang = chrome.lang;
    let wanted = plain(words);
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let mut found = Vec::new();
    for (own, ja, en) in SECTIONS.iter().filter(|(own, ..)| section.is_empty() || *own == section) {
        for id in desk.catalog.ids(own).unwrap_or_default() {
            let Some(entry) = entry(desk.catalog, own, id) else { continue };
            let mut hay = format!("{id} ");
            for text in std::iter::once(entry.name).chain(entry.about) {
                for lang in anshin_model::Lang::ALL {
                    hay.push_str(text.get(lang));
                    hay.push(' ');
                }
            }
            let hay = plain(&hay);
            if wanted.iter().all(|word| hay.contains(word)) {
                found.push((*own, chrome.say(ja, en), id, entry));
            }
        }
    }
    let browsing = words.trim().is_empty() && section.is_empty();
    let body = html! {
        div.title {
            h1 { (chrome.say("知識カタログ", "Catalog")) }
            p.lead { (chrome.say(
                "提案のもとになっている知識です。どの項目にも出典と、それが明記されたものか導いたものかが付いています。",
                "The knowledge behind every proposal. Each entry names its source and whether it is stated there or derived.")) }
        }
        form.form.row.card method="get" action="/catalog" role="search" {
            div.field {
                label for="q" { (chrome.say("言葉（日本語・英語）", "Words (Japanese or English)")) }
                input #q type="search" name="q" value=(words) maxlength="100";
            }
            div.field {
                label for="section" { (chrome.say("種類", "Section")) }
                select #section name="section" {
                    option value="" { (chrome.say("すべて", "all")) }
                    @for (id, ja, en) in SECTIONS { option value=(id) selected[*id == section] { (chrome.say(ja, en)) } }
                }
            }
            button.main { (chrome.say("探す", "Search")) }
        }
        @if browsing {
            div.cards { @for (id, ja, en) in SECTIONS {
                a.card href={ "/catalog?section=" (id) } {
                    h2 { (chrome.say(ja, en)) }
                    p.soft { (desk.catalog.ids(id).map_or(0, |ids| ids.len())) (chrome.say("項目", " entries")) }
                }
            } }
        } @else {
            p.soft role="status" { (found.len()) (chrome.say("件", " found")) @if found.len() > MOST { (chrome.say("（はじめの", " (the first ")) (MOST) (chrome.say("件を表示）", " are shown)")) } }
            div.scroll tabindex="0" { table.tall {
                thead { tr { th scope="col" { (chrome.say("種類", "Section")) } th.roomy scope="col" { (chrome.say("項目", "Entry")) } th.roomy scope="col" { (chrome.say("説明", "What it is")) } } }
                tbody { @for (section, title, id, entry) in found.iter().take(MOST) { tr {
                    td { (title) }
                    th scope="row" { a href={ "/catalog/" (section) "/" (id) } { (entry.name.get(lang)) } }
                    td { (entry.about.map_or("", |about| about.get(lang))) }
                } } }
            } }
        }
    };
    chrome.page(&Page::new(chrome.say("知識カタログ", "Catalog"), Room::Catalog, body))
}

/// One entry, whole; nothing if there is none.
pub fn catalog_entry(chrome: &Chrome<'_>, desk: &Desk, section: &str, id: &str) -> Option<String> {
    let lang = chrome.lang;
    let (_, ja, en) = SECTIONS.iter().find(|(own, ..)| *own == section)?;
    let id = Id::from(id);
    let shown = entry(desk.catalog, section, &id)?;
    let measures: Vec<(&Id, &anshin_catalog::Measure)> = if section == "requirements" {
        desk.catalog.measures.iter().filter(|(_, measure)| measure.requirement == id).collect()
    } else {
        Vec::new()
    };
    let body = html! {
        div.title {
            div {
                p.crumbs { a href="/catalog" { (chrome.say("知識カタログ", "Catalog")) } " › " a href={ "/catalog?section=" (section) } { (chrome.say(ja, en)) } }
                h1 { (shown.name.get(lang)) }
                p.soft lang=(other(lang).code()) { (shown.name.get(other(lang))) }
            }
            code { (id) }
        }
        section.card.large {
            @if let Some(about) = shown.about { p { (about.get(lang)) } }
            @for (title, words) in shown.more.iter().filter(|(_, words)| !words.is_empty()) {
                p { strong { (title.get(lang)) ": " } (words.get(lang)) }
            }
            (origin(chrome, desk.catalog, shown.origin))
        }
        @if !measures.is_empty() {
            section.sheet {
                h2 { (chrome.say("この要件を満たす対策", "Measures that meet it")) }
                div.scroll tabindex="0" { table.tall { tbody { @for (id, measure) in measures { tr {
                    th scope="row" { a href={ "/catalog/measures/" (id) } { (measure.name.get(lang)) } }
                    td { (measure.action.get(lang)) }
                } } } } }
            }
        }
    };
    Some(chrome.page(&Page::new(shown.name.get(lang), Room::Catalog, body).narrow()))
}

fn other(lang: anshin_model::Lang) -> anshin_model::Lang {
    match lang {
        anshin_model::Lang::Ja => anshin_model::Lang::En,
        anshin_model::Lang::En => anshin_model::Lang::Ja,
    }
}

fn origin(chrome: &Chrome<'_>, catalog: &Catalog, origin: &Origin) -> Markup {
    html! {
        div.small.soft {
            p { span.mark { (origin.basis.name().get(chrome.lang)) } }
            @for source in &origin.source {
                @let id = source.split_whitespace().next().unwrap_or_default();
                p { (chrome.say("出典: ", "Source: "))
                    (catalog.sources.get(id).map_or("", |known| known.title.get(chrome.lang)))
                    " " code { (source) } }
            }
        }
    }
}
