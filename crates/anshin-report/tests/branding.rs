//! What a branding file says, and what is told about a wrong one.

mod common;

use std::io;
use std::path::Path;

use anshin_model::Lang;
use anshin_model::diagnostic::{Style, render};
use anshin_report::branding::{Form, Loaded, load};

const LOGO: &[u8] =
    br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><path d="M0 0h40v10z"/></svg>"#;

/// Loads `brand/own.yaml` beside a logo named `logo`.
fn read(yaml: &str, logo: &[u8]) -> Loaded {
    let files = |path: &Path, _: usize| match path.to_str() {
        Some("brand/own.yaml") => Ok(yaml.as_bytes().to_vec()),
        Some("brand/logo") => Ok(logo.to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    load(Path::new("brand/own.yaml"), &files)
}

fn complaints(yaml: &str, logo: &[u8]) -> String {
    let loaded = read(yaml, logo);
    assert!(loaded.branding.is_none(), "{yaml} is taken");
    render(&loaded.sources, &loaded.diagnostics, Style { lang: Lang::En, color: false, most: 50 })
}

#[test]
fn a_whole_file_is_read() {
    let loaded = read(
        "anshin-branding: 1
organization: { ja: 安心製作所, en: Anshin Works }
logo: logo
colors: { main: \"#004488\", accent: \"#BB5500\" }
footer: Confidential
document-number: 0012
version: 1.10
date: 2026-04-01
author: Sato
approver: { ja: 鈴木, en: Suzuki }
",
        LOGO,
    );
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let branding = loaded.branding.expect("a branding");
    assert_eq!(branding.organization.map(|t| t.get(Lang::En).to_owned()).as_deref(), Some("Anshin Works"));
    let logo = branding.logo.expect("a logo");
    assert_eq!((logo.form, logo.ratio), (Form::Svg, 4.0));
    assert_eq!(branding.colors.main.hex(), "#004488");
    assert_eq!(branding.colors.accent.hex(), "#bb5500");
    // Numbers keep the form in which they were written.
    assert_eq!(branding.document_number.as_deref(), Some("0012"));
    assert_eq!(branding.version.as_deref(), Some("1.10"));
    assert_eq!(branding.date.as_deref(), Some("2026-04-01"));
    assert_eq!(branding.approver.map(|t| t.get(Lang::Ja).to_owned()).as_deref(), Some("鈴木"));
}

#[test]
fn nothing_but_the_version_is_needed() {
    let branding = read("anshin-branding: 1\n", b"").branding.expect("a branding");
    assert!(branding.organization.is_none() && branding.logo.is_none());
    // The accent follows the main colour.
    let branding = read("anshin-branding: 1\ncolors: { main: \"#004488\" }\n", b"").branding.expect("one");
    assert_eq!(branding.colors.accent, branding.colors.main);
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place() {
    insta::assert_snapshot!(complaints(
        "anshin-branding: 2
organisation: Works
logo: nowhere.png
colors: { main: \"#ffcc00\", accent: red }
date: 1 April
",
        b""
    ), @r##"
    error[unknown-word]: `2` is not one of the choices
     --> brand/own.yaml:1:18
      |
    1 | anshin-branding: 2
      |                  ^
      |
      = hint: choices: 1

    error[unknown-key]: there is no key `organisation` here
     --> brand/own.yaml:2:1
      |
    2 | organisation: Works
      | ^^^^^^^^^^^^
      |
      = hint: did you mean `organization`?

    error[unreadable]: cannot read the logo `brand/nowhere.png` (entity not found)
     --> brand/own.yaml:3:7
      |
    3 | logo: nowhere.png
      |       ^^^^^^^^^^^
      |
      = hint: name it as seen from the branding file

    error[color]: `#ffcc00` is hard to read: its contrast with white is 1.5, and 4.5 is needed
     --> brand/own.yaml:4:17
      |
    4 | colors: { main: "#ffcc00", accent: red }
      |                 ^^^^^^^^^
      |
      = hint: `"#907300"` is the same hue and dark enough

    error[color]: `red` is not a colour
     --> brand/own.yaml:4:36
      |
    4 | colors: { main: "#ffcc00", accent: red }
      |                                    ^^^
      |
      = hint: write it in quotes, as in `"#1f3a5f"`

    error[out-of-range]: `1 April` is not a date
     --> brand/own.yaml:5:7
      |
    5 | date: 1 April
      |       ^^^^^^^
      |
      = hint: write it as 2026-04-01
    "##);
}

#[test]
fn colors_are_held_against_white() {
    let told = complaints("anshin-branding: 1\ncolors: { main: \"#ff8800\" }\n", b"");
    assert!(told.contains("its contrast with white is 2.4, and 4.5 is needed"), "{told}");
    // What the hint offers is taken.
    let offered = told.split("`\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a hint");
    let again = read(&format!("anshin-branding: 1\ncolors: {{ main: \"{offered}\" }}\n"), b"");
    assert!(again.branding.is_some(), "{offered} is refused");
}

#[test]
fn logos_that_are_no_pictures_or_too_much_are_refused() {
    let yaml = "anshin-branding: 1\nlogo: logo\n";
    let svg = |inside: &str| {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{inside}</svg>").into_bytes()
    };
    // The head of a picture, from which its size is read.
    let head = |width: u32, height: u32| {
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat()
    };
    for (logo, said) in [
        (b"GIF89a".to_vec(), "neither PNG"),
        (Vec::new(), "neither PNG"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "neither PNG"),
        (vec![0xFF, 0xD8, 0xFF], "neither PNG"),
        (vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 0], "neither PNG"),
        (
            b"<!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            "neither PNG",
        ),
        (b"<html/>".to_vec(), "neither PNG"),
        (svg("<script>alert(1)</script>"), "has a script"),
        (svg("<g onload='alert(1)'/>"), "has a script"),
        (svg("<image href='https://example.com/a.png'/>"), "refers to something outside"),
        (head(5_000, 10), "out of range"),
        (head(1_000, 10), "out of range"),
        (head(0, 10), "out of range"),
        (head(600, 200), "broken"),
        (svg("<g/>").into_iter().take(62).collect(), "neither PNG"),
        (vec![b' '; (2 << 20) + 1], "too large"),
    ] {
        let told = complaints(yaml, &logo);
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(read(yaml, &common::png(600, 200)).branding.is_some());
}

#[test]
fn a_drawn_logo_becomes_pixels() {
    let logo = read("anshin-branding: 1\nlogo: logo\n", LOGO).branding.and_then(|b| b.logo).expect("a logo");
    let (form, png) = logo.pixels();
    assert_eq!((form, &png[..8]), (Form::Png, b"\x89PNG\r\n\x1a\n".as_slice()));
    // Width and height stand in the first chunk: 800 along the longer side.
    assert_eq!(png[16..24], [0, 0, 3, 32, 0, 0, 0, 200]);
}
