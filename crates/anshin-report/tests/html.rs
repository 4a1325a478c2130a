//! The HTML report: what stands in it, that it is sound, and that hostile texts stay texts.

mod common;

use std::collections::BTreeSet;

use anshin_model::{Lang, Text};
use anshin_report::Branding;
use anshin_report::html::{Figure, Page, html};
use anshin_report::worksheet::{Cell, Column, Row, Tone, Worksheet};

const STYLE: &str = include_str!("../src/report.css");
const SCRIPT: &str = include_str!("../src/report.js");

const HOSTILE: [&str; 9] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style><svg onload=alert(1)>",
    "&lt;b&gt; &amp; <!-- --> ]]>",
    "=CMD()|' /C calc'!A0",
    "../../etc/passwd",
    "\u{202e}gnp.exe \u{0} \u{1b}[31m \u{fffe}",
    "😀 مرحبا",
];

#[test]
fn every_sheet_column_row_and_reason_is_there_in_both_languages() {
    let sheets = sample_sheets();
    let page = sample(&sheets);
    for lang in Lang::ALL {
        let out = html(&page, &Branding::default(), lang);
        assert!(out.starts_with("<!DOCTYPE html>\n"));
        assert!(out.contains(&format!("<html lang=\"{}\">", lang.code())));
        let mut texts = vec![&page.title, &page.subtitle];
        texts.extend(&page.summary);
        texts.extend(page.figures.iter().map(|figure| &figure.title));
        for sheet in &sheets {
            texts.extend([&sheet.title, &sheet.purpose, &sheet.from, &sheet.to]);
            texts.extend(sheet.columns.iter().map(|column| &column.title));
            let cells = sheet.rows.iter().flat_map(|row| &row.cells);
            texts.extend(cells.flat_map(|cell| cell.lines.iter().chain(&cell.why)));
            assert!(out.contains(&format!("href=\"#{}\"", sheet.id)), "{} in the contents", sheet.id);
        }
        for text in texts {
            assert!(out.contains(&escaped(text.get(lang))), "{text:?} in {lang:?}");
        }
        let heads = out.matches("<th scope=\"col\">").count();
        assert_eq!(heads, sheets.iter().map(|sheet| sheet.columns.len()).sum::<usize>());
    }
}

#[test]
fn each_language_stands_alone() {
    let sheets = sample_sheets();
    let page = sample(&sheets);
    let english = visible(&html(&page, &Branding::default(), Lang::En));
    let japanese = visible(&html(&page, &Branding::default(), Lang::Ja));
    let kana = |c: char| ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c);
    let left: Vec<&str> = english.lines().filter(|line| line.contains(kana)).collect();
    assert!(left.is_empty(), "Japanese in the English page: {left:?}");
    for word in [
        "Contents",
        "Summary",
        "Search",
        "Filter",
        "all reasons",
        "rows",
        "Why",
        "Input",
        "Enlarge",
        "Made by",
    ] {
        assert!(english.contains(word), "{word}");
        assert!(!japanese.contains(word), "{word} in the Japanese page");
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let long = "長".repeat(10_000);
    for words in HOSTILE.into_iter().chain([long.as_str()]) {
        let text = Text::same(words);
        let mut sheets = sample_sheets();
        let sheet = &mut sheets[0];
        sheet.title = text.clone();
        sheet.purpose = text.clone();
        sheet.from = text.clone();
        sheet.columns[0].title = text.clone();
        sheet.rows[0].key = words.to_owned();
        sheet.rows[0].cells[0] = Cell::new(text.clone()).why(vec![text.clone()]);
        let mut page = sample(&sheets);
        page.title = text.clone();
        page.subtitle = text.clone();
        page.summary = vec![text.clone()];
        page.figures[0].title = text.clone();
        page.figures[0].id = words.to_owned();
        for lang in Lang::ALL {
            let out = html(&page, &Branding::default(), lang);
            check(&out);
            assert_eq!(out.matches(&escaped(words)).count(), 14, "{words}");
            assert_eq!(out.matches("<script").count(), 1, "{words}");
            assert!(!out.contains("<img"), "{words}");
            let stray = out.chars().find(|&c| c.is_control() && c != '\n' && c != '\t');
            assert_eq!(stray, None, "{words}");
        }
    }
}

#[test]
fn the_page_is_sound_and_refers_to_nothing_outside() {
    let sheets = sample_sheets();
    for lang in Lang::ALL {
        check(&html(&sample(&sheets), &Branding::default(), lang));
    }
    let empty = Page {
        title: Text::same("x"),
        subtitle: Text::default(),
        summary: Vec::new(),
        figures: Vec::new(),
        sheets: &[],
    };
    check(&html(&empty, &Branding::default(), Lang::Ja));
}

#[test]
fn equal_ids_and_keys_get_anchors_of_their_own() {
    let mut sheets = sample_sheets();
    sheets[1].id = sheets[0].id;
    for row in &mut sheets[0].rows {
        row.key = "same".to_owned();
    }
    let mut page = sample(&sheets);
    page.figures[1].id = "summary".to_owned();
    page.figures[2].id = sheets[0].id.to_owned();
    let out = html(&page, &Branding::default(), Lang::En);
    check(&out);
    assert!(out.contains("id=\"threats.same\"") && out.contains("id=\"threats.same-2\""));
}

#[test]
fn rows_keep_their_anchor_when_others_come_and_go() {
    let mut sheets = sample_sheets();
    let anchor = "id=\"threats.server-spoofing\"";
    assert!(html(&sample(&sheets), &Branding::default(), Lang::En).contains(anchor));
    sheets[0].rows.reverse();
    sheets[0].rows.remove(0);
    assert!(html(&sample(&sheets), &Branding::default(), Lang::En).contains(anchor));
}

#[test]
fn the_script_is_the_one_that_the_policy_allows() {
    let line_feeds = SCRIPT.replace('\r', "");
    let hash = base64(&sha256(line_feeds.as_bytes()));
    let out = html(&sample(&[]), &Branding::default(), Lang::En);
    assert!(out.contains("default-src 'none'"));
    assert!(out.contains(&format!("script-src 'sha256-{hash}'")), "SCRIPT_HASH in html.rs should be {hash}");
    assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"), "the script would end its own element");
    assert!(!STYLE.contains("</style") && !STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn colours_have_enough_contrast_on_screen_and_paper() {
    let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").expect("the style has a dark scheme");
    for scheme in [light, dark] {
        let colour = |name: &str| -> f64 {
            let (_, rest) = scheme.split_once(&format!("--{name}: #")).expect("the scheme has this colour");
            luminance(u32::from_str_radix(&rest[..6], 16).expect("six digits"))
        };
        let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        let grounds = ["ground", "paper", "head", "good", "serious", "grave", "priority", "lit"];
        for ground in grounds {
            assert!(contrast(colour("ink"), colour(ground)) >= 7.0, "ink on {ground}");
            assert!(contrast(colour("accent"), colour(ground)) >= 4.5, "accent on {ground}");
        }
        for (text, ground) in [("soft", "ground"), ("soft", "paper"), ("soft", "head"), ("faint", "paper")] {
            assert!(contrast(colour(text), colour(ground)) >= 4.5, "{text} on {ground}");
        }
        for tone in ["good", "serious", "grave", "priority"] {
            let edge = contrast(colour(&format!("{tone}-edge")), colour("paper"));
            assert!(edge >= 3.0, "the edge of {tone}: {edge:.2}");
        }
    }
}

#[test]
fn a_page_is_its_organizations_own() {
    let sheets = sample_sheets();
    let own = common::brand(
        "anshin-branding: 1\norganization: { ja: 安心製作所, en: Anshin Works }\nlogo: logo\nfooter: Confidential\n\
         document-number: Q-7\nversion: 2\nauthor: Sato\napprover: Suzuki\ncolors: { main: \"#006644\" }\n",
    );
    for lang in Lang::ALL {
        let out = html(&sample(&sheets), &own, lang);
        check(&out);
        let seen = visible(&out);
        let organization = own.organization.as_ref().expect("there").get(lang);
        assert!(out.contains("<img class=\"logo\" src=\"data:image/png;base64,iVBORw0KGgo"));
        assert!(seen.contains(&format!("alt=\"{organization}\"")));
        for value in [organization, "Q-7", "2", "Sato", "Suzuki"] {
            assert!(seen.contains(&format!("<dd>{value}</dd>")), "{value}");
        }
        // At the top, at the end, and at the foot of printed pages.
        assert_eq!(seen.matches(">Confidential</p>").count(), 2);
        assert!(out.contains("@bottom-left { content: \"Confidential\""));
        assert!(out.contains("--title: #006644"));
    }
    // Without a branding nothing of this is there, not even a right to load pictures.
    let plain = html(&sample(&sheets), &Branding::default(), Lang::En);
    for word in ["<img", "img-src", "class=\"document\"", "class=\"passing\"", "@bottom-left", "--title:"] {
        assert!(!plain.contains(word), "{word}");
    }
}

#[test]
fn hostile_names_of_an_organization_stay_texts() {
    let long = "長".repeat(300);
    // What cannot be written in YAML cannot be in a branding.
    let hostile = HOSTILE.into_iter().filter(|words| !words.contains('\0'));
    for words in hostile.chain([long.as_str(), "\\\"; } body { display: none } \\a", "*/ <!-- @import 'x'"]) {
        let out = html(&sample(&[]), &common::brand_of(words), Lang::En);
        check(&out);
        assert_eq!(out.matches("<script").count(), 1, "{words}");
        assert_eq!(out.matches("<img").count(), 1, "{words}");
        assert_eq!(visible(&out).matches(&escaped(words)).count(), 8, "{words}");
        // The style of the branding is three rules whatever the words are.
        let (_, style) = out.split_once(STYLE).expect("the style");
        let (style, _) = style.split_once("</style>").expect("its end");
        assert_eq!(style.matches('{').count(), 5, "{style}");
        assert_eq!(style.matches('"').count(), 2, "{style}");
    }
}

#[test]
fn colours_of_an_organization_can_be_read_on_every_ground() {
    let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").expect("the style has a dark scheme");
    for main in ["#006644", "#000000", "#767676", "#d0021b", "#0000ff", "#907300"] {
        let yaml = format!("anshin-branding: 1\ncolors: {{ main: \"{main}\" }}\n");
        let out = html(&sample(&[]), &common::brand(&yaml), Lang::En);
        let (_, own) = out.split_once(STYLE).expect("the style");
        let (own_light, own_dark) = own.split_once("prefers-color-scheme: dark").expect("both schemes");
        for (scheme, own) in [(light, own_light), (dark, own_dark)] {
            let colour = |style: &str, name: &str| -> f64 {
                let (_, rest) = style.split_once(&format!("--{name}: #")).expect("this colour");
                luminance(u32::from_str_radix(&rest[..6], 16).expect("six digits"))
            };
            let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
            for ground in ["ground", "paper", "head", "good", "serious", "grave", "priority", "lit"] {
                let found = contrast(colour(own, "accent"), colour(scheme, ground));
                assert!(found >= 4.5, "{main} on {ground}: {found:.2}");
            }
            for ground in ["paper", "ground"] {
                assert!(contrast(colour(own, "brand"), colour(scheme, ground)) >= 2.7, "{main} on {ground}");
            }
        }
    }
}

#[test]
fn sha256_is_right() {
    assert_eq!(base64(&sha256(b"abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

fn both(ja: &str, en: &str) -> Text {
    Text::new(ja, en)
}

fn column(ja: &str, en: &str, width: u16) -> Column {
    Column::new(both(ja, en), width)
}

fn sample_sheets() -> Vec<Worksheet> {
    let row = |key: &str, ja: &str, en: &str, tone: Tone| Row {
        key: key.to_owned(),
        cells: vec![
            Cell::new(both("サーバ", "server")),
            Cell::lines(vec![both(ja, en), both("二行目", "second line")]).tone(tone).why(vec![
                both("外部から到達できる", "it can be reached from outside"),
                both("認証がない", "there is no authentication"),
            ]),
            Cell::default(),
        ],
    };
    let threats = Worksheet {
        id: "threats",
        title: both("脅威", "Threats per asset"),
        purpose: both("何が起こり得るかを知る", "To know what can happen."),
        from: both("構成機器", "Assets"),
        to: both("対策要件", "Requirements"),
        columns: vec![
            column("機器", "Asset", 18),
            column("脅威", "Threat", 24),
            column("備考", "Remark", 40),
        ],
        rows: vec![
            row("server/spoofing", "なりすまし", "Spoofing", Tone::Grave),
            row("server/tampering", "改ざん", "Tampering", Tone::Serious),
            row("server/repudiation", "否認", "Repudiation", Tone::Faint),
            row("server/misuse", "不正利用", "Misuse", Tone::Good),
            row("server/malware", "マルウェア", "Malware", Tone::Priority),
            row("server/disclosure", "情報漏えい", "Disclosure", Tone::Plain),
            row("server/denial", "サービス不能", "Denial", Tone::Plain),
            row("server/elevation", "権限の昇格", "Elevation", Tone::Plain),
        ],
    };
    let empty = Worksheet {
        id: "decisions",
        title: both("判断", "Decisions"),
        purpose: both("人の判断を残す", "To keep what people decided."),
        from: both("全ての表", "All sheets"),
        to: both("全ての表へ", "All sheets again"),
        columns: vec![column("対象", "Subject", 30)],
        rows: Vec::new(),
    };
    vec![threats, empty]
}

fn sample(sheets: &[Worksheet]) -> Page<'_> {
    let figure = |id: &str, ja: &str, en: &str| Figure {
        id: id.to_owned(),
        title: both(ja, en),
        svg: format!(
            "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 100\" role=\"img\">\
             <defs><marker id=\"{id}-arrow\"/></defs><rect width=\"200\" height=\"100\"/></svg>\n"
        ),
    };
    Page {
        title: both("暖房システム", "Heating system"),
        subtitle: both("第1版", "First edition"),
        summary: vec![both("要点", "What matters."), both("次の一歩", "What to do next.")],
        figures: vec![
            figure("risk-map", "マッピング結果", "Risk map"),
            figure("diagram", "システム構成図", "The system"),
            figure("flow", "データフロー", "Data flow"),
        ],
        sheets,
    }
}

fn escaped(words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    words.replace('"', "&quot;").replace('\'', "&#39;").replace(['\0', '\u{1b}', '\u{fffe}'], "\u{fffd}")
}

/// What a reader sees, and the attributes; without style and script.
fn visible(out: &str) -> String {
    let (before, rest) = out.split_once("<style>\n").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("the end of the style");
    let (body, after) = rest.split_once("<script>").expect("a script");
    let (_, after) = after.split_once("</script>").expect("the end of the script");
    [before, body, after].concat()
}

/// Elements are closed in order, attributes are quoted and named once, ids are unique, what is
/// referred to is there, and nothing is fetched.
fn check(out: &str) {
    const VOID: [&str; 5] = ["meta", "col", "input", "br", "img"];
    let out = visible(out);
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut referred) = (BTreeSet::new(), Vec::new());
    let mut level = 0;
    let mut rest = out.strip_prefix("<!DOCTYPE html>").expect("a document type");
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a stray > in {:?}", &rest[..start]);
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "elements close in order");
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()), "{name:?} is a name");
        if let Some(heading) = name.strip_prefix('h').and_then(|n| n.parse::<u32>().ok()) {
            assert!(heading <= level + 1, "heading {heading} after {level}");
            level = heading;
        }
        let mut seen = BTreeSet::new();
        for (key, value) in attributes_of(attributes) {
            assert!(seen.insert(key), "{key} twice in {tag}");
            assert!(!key.starts_with("on"), "{key} in {tag}");
            match key {
                "id" => {
                    assert!(!value.is_empty() && !value.contains(char::is_whitespace), "{value:?} as an id");
                    assert!(ids.insert(value), "the id {value} occurs twice");
                }
                "aria-labelledby" | "for" => referred.extend(value.split(' ')),
                "href" => referred.push(value.strip_prefix('#').expect("only anchors are referred to")),
                "src" => assert!(value.starts_with("data:image/png;base64,"), "{tag} refers to something"),
                "srcset" | "action" | "data" => panic!("{tag} refers to something"),
                _ => {}
            }
        }
        if !closed && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    for id in referred {
        assert!(ids.contains(id), "{id} is referred to and not there");
    }
}

/// The attributes of a tag; every value is quoted, or the attribute has none.
fn attributes_of(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return found;
        }
        let name_end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(quoted) = after.strip_prefix("=\"") else {
            assert!(!after.starts_with('='), "{name} is not quoted");
            found.push((name, ""));
            rest = after;
            continue;
        };
        let (value, after) = quoted.split_once('"').expect("the value ends");
        found.push((name, value));
        rest = after;
    }
}

/// The relative luminance of an sRGB colour as in WCAG 2.2, 0 to 1.
fn luminance(rgb: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from((rgb >> shift) & 0xff) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().chain([&0; 3]).take(3).fold(0_u32, |group, &byte| group << 8 | u32::from(byte));
        for n in 0..4 {
            let digit = (group >> (18 - 6 * n)) & 63;
            out.push(if n > chunk.len() { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    out
}

/// FIPS 180-4, section 6.2. The constants are the first 32 bits of the fractional parts of the
/// roots of the first 64 primes, as the standard defines them.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes: Vec<u64> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    let square: Vec<u32> = primes.iter().map(|&p| fraction(u128::from(p) << 64, 2)).collect();
    let cube: Vec<u32> = primes.iter().map(|&p| fraction(u128::from(p) << 96, 3)).collect();
    let mut hash: [u32; 8] = square[..8].try_into().expect("eight primes");
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64) + if padded.len() % 64 > 56 { 64 } else { 0 }, 0);
    let length = padded.len();
    padded[length - 8..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().expect("four bytes"))).collect();
        for t in 16..64 {
            let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
            let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
            w.push(w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1));
        }
        let mut v = hash;
        for t in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(cube[t]).wrapping_add(w[t]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(s0).wrapping_add(majority);
        }
        for (sum, value) in hash.iter_mut().zip(v) {
            *sum = sum.wrapping_add(value);
        }
    }
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_mut(4).zip(hash) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}

/// The low 32 bits of the whole root of a number: with the number scaled by 2^64 (square) or 2^96
/// (cube), they are the first 32 bits after the point.
fn fraction(scaled: u128, power: u32) -> u32 {
    let (mut low, mut high) = (0_u128, 1 << 36);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if middle.pow(power) <= scaled { low = middle } else { high = middle }
    }
    u32::try_from(low & 0xffff_ffff).expect("32 bits")
}

/// What a table takes at least, in pixels, as the style sheet works it out for a wide window.
fn least_width(markup: &str) -> f64 {
    let number = |name: &str| -> f64 {
        let (_, rest) = markup.split_once(&format!("--{name}:")).expect("a number");
        rest.split([';', '"']).next().expect("a number").parse().expect("a number")
    };
    let of_width = if markup.contains("wrapped") { 0.32 } else { 0.44 };
    13.0 * (number("sum") * of_width + number("columns") * 1.3)
}

/// At 1,280 pixels a table has 886 of them beside two scroll bars. Those that are only a little wider are wrapped into it.
#[test]
fn tables_of_common_width_fit_a_window_of_1280_pixels() {
    const ROOM: f64 = 886.0;
    for rule in [
        "calc(var(--sum) * .44em + var(--columns) * 1.3em)",
        "calc(var(--sum) * .32em + var(--columns) * 1.3em)",
    ] {
        assert!(STYLE.contains(rule), "the style sheet works widths out in another way: {rule}");
    }
    let column = |width| Column::new(Text::same("c"), width);
    let sheet = |widths: &[u16]| Worksheet {
        id: "wide",
        title: Text::same("t"),
        purpose: Text::default(),
        from: Text::default(),
        to: Text::default(),
        columns: widths.iter().map(|width| column(*width)).collect(),
        rows: Vec::new(),
    };
    let width = |widths: &[u16]| {
        let sheets = [sheet(widths)];
        let out = html(&sample(&sheets), &Branding::default(), Lang::En);
        let table = out.split("<table").nth(1).and_then(|rest| rest.split('>').next()).expect("a table");
        least_width(table)
    };
    // The criteria of a report, the changes of a difference, and a table that is wide in earnest.
    assert!(width(&[26, 20, 22, 50, 50, 14]) <= ROOM);
    assert!(width(&[50, 16, 90]) <= ROOM);
    assert!(width(&[50, 50, 50, 50, 50]) > ROOM);
}
