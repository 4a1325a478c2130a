//! The document as text, and the drawing beside it.

use anshin_catalog::Catalog;
use anshin_model::Text;
use anshin_model::document::Document;
use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Page, Power, Room};
use crate::desk::Found;

/// What is wrong with a text, each with its place.
pub fn found_list(chrome: &Chrome<'_>, found: &[Found]) -> Markup {
    html! {
        @if found.is_empty() {
            p.mark.good { (chrome.say("誤りも警告もありません", "no errors, no warnings")) }
        } @else {
            ul.found {
                @for one in found {
                    li class=(one.level) {
                        p {
                            strong { @if one.level == "error" { (chrome.say("誤り", "Error")) } @else { (chrome.say("警告", "Warning")) } }
                            @if let Some(line) = one.line { " " span.soft { (line) (chrome.say("行目", "")) @if chrome.lang == anshin_model::Lang::En { " (line)" } } }
                        }
                        p { (one.message) }
                        @for hint in &one.hints { p.soft { (hint) } }
                    }
                }
            }
        }
    }
}

/// The text of the document; without `shown`, of one that is not kept yet. `effect` is what it would do to
/// ratings and threats.
pub fn text_view(
    chrome: &Chrome<'_>,
    shown: Option<&Shown<'_>>,
    text: &str,
    found: &[Found],
    effect: Option<&Markup>,
) -> String {
    let action = shown.map_or_else(|| "/new/text".to_owned(), |shown| format!("{}/text", shown.base));
    let check = shown.map_or_else(|| "/check".to_owned(), |shown| format!("{}/check", shown.base));
    let may = chrome.may(Power::Edit);
    let body = html! {
        @if let Some(shown) = shown { (shown.head(chrome, None, "/text")) }
        @else { div.title { h1 { (chrome.say("文書から始める", "Begin with a document")) } p.lead { (chrome.say(
            "システム文書（YAML）をそのまま貼り付けてください。", "Paste a system document (YAML).")) } } }
        (chrome.form(&action, "desk", &html! {
            @if let Some(shown) = shown { (shown.parent()) }
            div.field {
                label for="text" { (chrome.say("システム文書", "System document")) }
                textarea.code #text name="text" spellcheck="false" autocomplete="off" autocapitalize="off"
                    wrap="off" readonly[!may] data-check=(check) aria-describedby="found" { "\n" (text) }
            }
            div.sheet {
                @if may {
                    section.card {
                        @if shown.is_some() {
                            div.field {
                                label for="why" { (chrome.say("変更の理由（任意）", "Why (optional)")) }
                                input #why name="why" maxlength="500";
                            }
                        }
                        div.acts {
                            button.main name="act" value="save" { (chrome.say("保存", "Save")) }
                            button name="act" value="check" { (chrome.say("確かめる", "Check")) }
                        }
                        p.small.soft { (chrome.say(
                            "注釈や書き方はそのまま残ります。誤りがある間は保存しません。",
                            "Comments and notation stay as they are. Nothing is saved while there are errors.")) }
                    }
                }
                section.card {
                    h2 { (chrome.say("確認の結果", "What the check says")) }
                    div #found role="status" { (found_list(chrome, found)) @if let Some(effect) = effect { (effect) } }
                }
            }
        }))
    };
    let title = match shown {
        Some(shown) => format!("{} · {}", chrome.say("文書", "Text"), shown.name.get(chrome.lang)),
        None => chrome.say("文書から始める", "Begin with a document").to_owned(),
    };
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

/// The drawing: the picture with tools beside it. Everything also works by the forms, without a script.
pub fn drawing(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    document: &Document,
    catalog: &Catalog,
    diagram: &str,
) -> String {
    let lang = chrome.lang;
    let zone_name = |zone: &anshin_model::document::Zone| -> Text {
        let kind = || catalog.zone_kinds.get(&zone.kind).map(|kind| kind.name.clone());
        zone.name.clone().or_else(kind).unwrap_or_else(|| Text::same(zone.id.as_str()))
    };
    let assets =
        || html! { @for asset in &document.assets { option value=(asset.id) { (asset.name.get(lang)) } } };
    let each_zone =
        || html! { @for zone in &document.zones { option value=(zone.id) { (zone_name(zone).get(lang)) } } };
    let zones = |none: &'static str| html! { option value="" { (none) } (each_zone()) };
    let asset_name = |id: &anshin_model::Id| {
        let found = document.assets.iter().find(|asset| asset.id == *id);
        found.map_or_else(|| id.to_string(), |asset| asset.name.get(lang).to_owned())
    };
    let action = format!("{}/drawing", shown.base);
    let nothing = chrome.say("決めない", "none");
    let may = chrome.may(Power::Edit);
    let one = |act: &str, title: &str, fields: &Markup| {
        html! {
            details.card { summary { (title) }
                (chrome.form(&action, "form", &html! {
                    (shown.parent())
                    input type="hidden" name="act" value=(act);
                    (fields)
                    div.acts { button { (title) } }
                }))
            }
        }
    };
    let field = |id: &str, ja: &'static str, en: &'static str, inner: &Markup| {
        html! {
            div.field { label for=(id) { (chrome.say(ja, en)) } (inner) }
        }
    };
    let body = html! {
        (shown.head(chrome, None, "/drawing"))
        div.desk {
            div.sheet {
                div.tools #tools hidden {
                    button.tiny type="button" #undo disabled { "↶ " (chrome.say("元に戻す", "Undo")) }
                    button.tiny type="button" #redo disabled { "↷ " (chrome.say("やり直す", "Redo")) }
                    button.tiny type="button" #join disabled { (chrome.say("つなぐ", "Connect")) }
                    button.tiny type="button" #cut disabled { (chrome.say("消す", "Remove")) }
                    span.small.soft { (chrome.say(
                        "機器、接続、区分の名前を選ぶと、横に事実が開きます。機器と区分は、別の区分へドラッグするか矢印キーで移します。Cで接続、Deleteで削除、Enterで事実へ。",
                        "Choose an asset, a link or the name of a zone, and its facts open beside. Drag assets and zones to another zone, or use arrow keys. C connects, Delete removes, Enter goes to the facts.")) }
                }
                p.small #said role="status" aria-live="polite" {}
                div.canvas #canvas tabindex="-1" role="group" aria-label=(chrome.say("図", "Drawing")) data-act=[may.then_some(&action)] data-revision=(shown.revision) data-csrf=(chrome.csrf) data-lang=(lang.code()) data-base=(shown.base) {
                    (chrome.picture(diagram))
                }
                p.small.soft { (chrome.say("配置は自動です。置き場所（区分）を変えると図が描き直されます。", "Layout is automatic: change where a thing stands and the picture is drawn anew.")) }
            }
            @if may {
                div.sheet #forms {
                    section.card.panel #panel hidden tabindex="-1" aria-live="polite" {}
                    section.card #effect hidden role="status" {}
                    (one("add", chrome.say("機器を加える", "Add an asset"), &html! {
                        (field("add-name", "名前", "Name", &html! { input #add-name name="name" required maxlength="200"; }))
                        (field("add-kind", "種類", "Kind", &html! { select #add-kind name="kind" {
                            @for (id, kind) in &catalog.asset_kinds { option value=(id) { (("\u{3000}").repeat(id.as_str().matches('.').count())) (kind.name.get(lang)) } }
                        } }))
                        (field("add-zone", "置き場所", "Where it stands", &html! { select #add-zone name="zone" { (zones(nothing)) } }))
                    }))
                    (one("zone", chrome.say("区分を加える", "Add a zone"), &html! {
                        (field("zone-name", "名前", "Name", &html! { input #zone-name name="name" maxlength="200"; }))
                        (field("zone-kind", "種類", "Kind", &html! { select #zone-kind name="kind" {
                            @for (id, kind) in &catalog.zone_kinds { option value=(id) { (kind.name.get(lang)) } }
                        } }))
                        (field("zone-asset", "はじめに置く機器", "First asset in it", &html! { select #zone-asset name="asset" { (assets()) } }))
                    }))
                    (one("connect", chrome.say("つなぐ", "Connect"), &html! {
                        (field("con-from", "どこから", "From", &html! { select #con-from name="from" { (assets()) } }))
                        (field("con-to", "どこへ", "To", &html! { select #con-to name="to" { (assets()) } }))
                        (field("con-over", "媒体", "Over", &html! { select #con-over name="over" {
                            option value="" { (nothing) }
                            @for (id, medium) in &catalog.media { option value=(id) { (medium.name.get(lang)) } }
                        } }))
                    }))
                    (one("move", chrome.say("移す", "Move"), &html! {
                        (field("move-asset", "機器", "Asset", &html! { select #move-asset name="asset" { (assets()) } }))
                        (field("move-zone", "置き場所", "Where it stands", &html! { select #move-zone name="zone" { (zones(nothing)) } }))
                    }))
                    (one("move-zone", chrome.say("区分を移す", "Move a zone"), &html! {
                        (field("inner-zone", "区分", "Zone", &html! { select #inner-zone name="zone" { (each_zone()) } }))
                        (field("outer-zone", "どの区分の中へ", "Into which zone", &html! { select #outer-zone name="within" {
                            option value="" { (chrome.say("どの区分の中でもない", "in no other zone")) }
                            (each_zone())
                        } }))
                        p.help { (chrome.say("中にあるものも一緒に移ります。", "What stands in it goes with it.")) }
                    }))
                    (one("remove-zone", chrome.say("区分を消す", "Remove a zone"), &html! {
                        (field("remove-zone", "区分", "Zone", &html! { select #remove-zone name="zone" { (each_zone()) } }))
                        p.help { (chrome.say("中にあるものは、外側の区分に残ります。", "What stands in it stays, in the zone around it.")) }
                    }))
                    (one("remove", chrome.say("機器を消す", "Remove an asset"), &html! {
                        (field("remove-asset", "機器", "Asset", &html! { select #remove-asset name="asset" { (assets()) } }))
                        p.help { (chrome.say("その機器の接続とデータの流れも消えます。", "Its links and flows go with it.")) }
                    }))
                    (one("disconnect", chrome.say("接続を消す", "Remove a link"), &html! {
                        (field("cut-link", "接続", "Link", &html! { select #cut-link name="link" {
                            @for link in &document.links { option value=(link.id()) { (asset_name(&link.from)) " → " (asset_name(&link.to)) } }
                        } }))
                    }))
                }
            }
        }
    };
    let title = format!("{} · {}", chrome.say("図", "Drawing"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("draw.js"))
}
