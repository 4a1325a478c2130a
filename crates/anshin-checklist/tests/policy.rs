//! Policies made of answers.

mod common;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anshin_checklist::policy::{Document, Mark, Texts, document, load_texts};
use anshin_checklist::{Checklists, File, Round, load_answers};
use anshin_model::{Lang, Text};
use common::CATALOG;

static LISTS: LazyLock<Checklists> = LazyLock::new(|| {
    anshin_checklist::load(built_in("checklists"), &CATALOG).checklists.expect("the built-in checklists load")
});

fn built_in(folder: &str) -> Vec<File> {
    let files = anshin_catalog::built_in_files_beside(folder);
    files.into_iter().map(|file| File { name: file.name, bytes: file.bytes }).collect()
}

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let loaded = load_texts(built_in("policy-texts"), &LISTS);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.texts.expect("there is no error")
});

fn round(answers: &str) -> Round {
    let text = format!("anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nanswers:\n{answers}");
    let file = File { name: "answers.yaml".into(), bytes: text.into_bytes() };
    let loaded = load_answers(file, &LISTS, &CATALOG);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

fn made(id: &str, answers: &str, date: &str, lang: Lang) -> Document {
    let texts = TEXTS.iter().find(|texts| texts.id == *id).expect("a built-in document");
    let words = BTreeMap::from([("company".to_owned(), Text::same("山田製作所"))]);
    document(texts, &[round(answers)], &words, date, lang)
}

const WIRED: &str = "  - { id: q09, out-of-scope: true, reason: 無線なし }\n  - { id: q21, out-of-scope: true, reason: 禁止 }\n";
const WIRELESS: &str = "  - { id: q09, value: \"no\" }\n  - { id: q21, out-of-scope: true, reason: 禁止 }\n";

#[test]
fn only_what_applies_is_taken_and_names_are_filled_in() {
    let rules = made("rules-operation", WIRED, "2026-11-25", Lang::Ja).markdown();
    assert!(rules.starts_with("# 山田製作所 IT基盤運用管理のルール\n\n2026-11-25 発行\n"), "{rules}");
    assert!(rules.contains("## 1. ネットワーク") && !rules.contains("無線LAN"), "{rules}");
    let wireless = made("rules-operation", WIRELESS, "2026-11-25", Lang::Ja).markdown();
    assert!(wireless.contains("無線LANはWPA2以上で暗号化し"), "{wireless}");
    let access = made("rules-access", WIRED, "2026-11-25", Lang::Ja).markdown();
    assert!(access.contains("パスワードは12文字以上の"), "{access}");
    for texts in TEXTS.iter() {
        for lang in Lang::ALL {
            let text =
                made(texts.id.as_str(), "  - { id: q01, value: \"yes\" }\n", "2026-11-25", lang).markdown();
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }
}

#[test]
fn changes_against_the_last_issue_are_marked() {
    let last = made("rules-operation", WIRED, "2025-04-01", Lang::En);
    let written = Document::from_markdown(last.id.clone(), &last.markdown());
    assert_eq!(written, last);
    let now = made("rules-operation", WIRELESS, "2026-11-25", Lang::En).against(&written);
    let marked: Vec<_> =
        now.blocks.iter().filter(|block| block.mark == Mark::New).map(|block| block.text.as_str()).collect();
    assert_eq!(marked.len(), 1, "{marked:?}");
    assert!(now.markdown().contains("▲ Wireless LAN is encrypted"));
    assert!(now.html(Lang::En).contains("<ins>Wireless LAN is encrypted"));
    let back = last.against(&Document::from_markdown(last.id.clone(), &now.markdown()));
    assert_eq!(back.blocks.iter().filter(|block| block.mark == Mark::Gone).count(), 1);
    assert!(!last.against(&last).has_changes());
}
