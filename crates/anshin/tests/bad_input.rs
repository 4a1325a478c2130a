//! Wrong input of every sort is told with its place and what to do next, and never takes long.

mod common;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use common::{Folder, GOOD, Problem, Said, marked, with};

const FILE: &str = "system.yaml";

/// Far less than what hostile input would take without limits, and enough for a slow machine.
const QUICK: Duration = Duration::from_secs(20);

/// Checks a document that is wrong.
#[track_caller]
fn refused(lang: &str, content: impl AsRef<[u8]>) -> Said {
    let folder = Folder::new();
    folder.write(FILE, content);
    refused_in(&folder, lang)
}

#[track_caller]
fn refused_in(folder: &Folder, lang: &str) -> Said {
    let start = Instant::now();
    let said = folder.run_in(lang, &["check", FILE]).ends_with(2);
    assert!(start.elapsed() < QUICK, "this took {:?}", start.elapsed());
    assert_eq!(said.out, "", "problems belong to standard error");
    assert!(!said.err.contains('\u{1b}'), "no colours where nobody sees them");
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

/// Checks a document with a marked place, in English: the one error with this code stands there.
#[track_caller]
fn wrong(code: &str, document: &str) -> Problem {
    let mark = marked(document);
    refused("en", &mark.text).problem(&format!("error[{code}]")).at_mark(FILE, &mark)
}

/// The same in Japanese.
#[track_caller]
fn wrong_in_japanese(code: &str, document: &str) -> Problem {
    let mark = marked(document);
    refused("ja", &mark.text).problem(&format!("エラー[{code}]")).at_mark(FILE, &mark)
}

#[track_caller]
fn accepted(content: impl AsRef<[u8]>) {
    let folder = Folder::new();
    folder.write(FILE, content);
    folder.run(&["check", "--strict", FILE]).ends_with(0).says(&["nothing is wrong"]);
}

// What cannot be read at all.

#[test]
fn an_empty_file_points_to_the_templates() {
    for nothing in ["", "\n\n", "# only a remark\n", "---\n", "~\n"] {
        let problem = refused("en", nothing).problem("error[empty]");
        assert_eq!(problem.place.as_deref(), Some("system.yaml:1:1"));
        problem.says("the file is empty").hints("`anshin init`");
    }
    refused("ja", "").problem("エラー[empty]").says("ファイルが空です").hints("`anshin init`");
}

#[test]
fn text_that_is_not_yaml_is_shown_where_it_breaks() {
    let problem = refused("en", with("setting: household", "setting: \"household")).problem("error[syntax]");
    assert!(problem.place.as_deref().is_some_and(|place| place.starts_with("system.yaml:")), "{problem:?}");
    problem.says("this is not YAML").hints("quotes and brackets are closed");
    wrong("syntax", "anshin: 1\nsystem: { id: x\nname«:» [\n").hints("brackets are closed");
}

#[test]
fn a_tab_as_indentation_is_named() {
    wrong("syntax", "anshin: 1\nsystem:\n\t«i»d: x\n").hints("indent with spaces, not with tabs");
}

#[test]
fn two_documents_in_one_file_are_refused() {
    let said = refused("en", format!("{GOOD}---\n{GOOD}"));
    said.problem("error[syntax]").says("one document only").hints("`---`");
}

#[test]
fn a_word_or_a_list_is_not_a_document() {
    wrong("wrong-type", "«hello»\n").says("not a system document").hints("`anshin: 1`");
    wrong("wrong-type", "«- a»\n- b\n").says("not a system document");
    wrong_in_japanese("wrong-type", "«hello»\n").says("システム文書ではありません").hints("`anshin: 1`");
}

#[test]
fn a_missing_file_is_named() {
    let problem = refused_in(&Folder::new(), "en").problem("error[unreadable]");
    problem.says("cannot read `system.yaml`").hints("check the name and place of the file");
    let problem = refused_in(&Folder::new(), "ja").problem("エラー[unreadable]");
    problem.says("`system.yaml`を読めません").hints("ファイルの名前と場所");
}

#[test]
fn a_folder_in_place_of_a_file_is_named() {
    let folder = Folder::new();
    folder.write("system.yaml/inside", "");
    let problem = refused_in(&folder, "en").problem("error[unreadable]");
    problem.says("cannot read `system.yaml` (a folder)").hints("check the name");
}

#[test]
fn invalid_utf8_is_told_with_its_byte() {
    let mut bytes = GOOD.as_bytes().to_vec();
    let at = bytes.len();
    bytes.extend(b"# \xff\xc3\x28\n");
    let problem = refused("en", bytes).problem("error[encoding]");
    problem.says("`system.yaml`").says(&format!("at byte {}", at + 2)).hints("save the file as UTF-8");
}

#[test]
fn shift_jis_is_recognized() {
    // 照明システム
    let name = b"\x8f\xc6\x96\xbe\x83\x56\x83\x58\x83\x65\x83\x80";
    let bytes = [b"anshin: 1\nsystem:\n  id: lamp\n  name: \"".as_slice(), name, b"\"\n"].concat();
    let problem = refused("en", &bytes).problem("error[encoding]");
    problem.says("`system.yaml`").says("Shift_JIS").hints("UTF-8");
    refused("ja", &bytes).problem("エラー[encoding]").says("Shift_JIS").hints("名前を付けて保存");
}

#[test]
fn euc_jp_is_recognized() {
    let bytes = b"anshin: 1\nsystem:\n  name: \"\xbe\xc8\xcc\xc0\xa5\xb7\xa5\xb9\xa5\xc6\xa5\xe0\"\n";
    refused("en", bytes).problem("error[encoding]").says("EUC-JP").hints("UTF-8");
}

#[test]
fn utf16_is_recognized() {
    for (mark, to_bytes) in [(0xfeff_u16, u16::to_le_bytes as fn(u16) -> [u8; 2]), (0xfeff, u16::to_be_bytes)]
    {
        let bytes: Vec<u8> = std::iter::once(mark).chain(GOOD.encode_utf16()).flat_map(to_bytes).collect();
        refused("en", bytes).problem("error[encoding]").says("UTF-16").hints("UTF-8");
    }
}

#[test]
fn a_newer_version_asks_for_a_newer_program() {
    let newer = with("anshin: 1", "anshin: «2»");
    wrong("version", &newer).says("version 2 is newer").hints("use a newer Anshin");
    let mark = marked(&newer);
    assert_eq!(refused("en", mark.text).problems().len(), 1, "nothing else can be said about such a file");
    wrong_in_japanese("version", &newer).says("版2は").hints("新しいAnshin");
}

#[test]
fn a_document_without_a_version_is_told_how_to_begin() {
    let problem = refused("en", with("anshin: 1\n", "")).problem("error[version]");
    assert_eq!(problem.place.as_deref(), Some("system.yaml:1:1"));
    problem.says("`anshin: 1` is missing").hints("first line");
}

// Values of the wrong kind.

#[test]
fn a_list_in_place_of_a_map_is_told() {
    let list = with(
        "system:\n  id: lamp-system\n  name: { ja: \"照明\", en: \"Lamp system\" }\n  setting: household\n",
        "system: «[a, b]»\n",
    );
    wrong("wrong-type", &list)
        .says("a map of keys and values is expected")
        .says("there is a list")
        .hints("anshin schema");
    wrong_in_japanese("wrong-type", &list)
        .says("マップが必要ですが、リストが書かれています")
        .hints("anshin schema");
}

#[test]
fn a_word_in_place_of_a_list_is_told() {
    let word = with("stores: [account]", "stores: «account»");
    wrong("wrong-type", &word).says("a list").says("there is a word").hints("anshin schema");
}

#[test]
fn a_map_in_place_of_a_text_is_told() {
    let map = with("kind: mobile.smartphone", "kind: «{ a: b }»");
    wrong("wrong-type", &map).says("there is a map").hints("anshin schema");
    let list = with(r#"name: { ja: "電話", en: "Phone" }"#, "name: «[Phone]»");
    wrong("wrong-type", &list).says("a text").says("there is a list").hints("anshin schema");
}

#[test]
fn a_text_takes_two_languages_only() {
    let other = with(r#"{ ja: "電話", en: "Phone" }"#, r#"{ ja: "電話", «de»: "Telefon" }"#);
    wrong("unknown-key", &other).says("not `de`").hints("quotes");
}

#[test]
fn a_word_that_is_neither_true_nor_false_is_told() {
    wrong("wrong-type", &with("person: true", "person: «yes»")).says("`yes`").hints("did you mean `true`?");
}

#[test]
fn a_missing_key_is_told_with_its_meaning() {
    let missing = with("  id: lamp-system\n", "").replace(
        "name: { ja: \"照明\", en: \"Lamp system\" }",
        "«name: { ja: \"照明\", en: \"Lamp system\" }»",
    );
    wrong("missing-key", &missing).says("`id` is missing").hints("Identifier of the system");
}

// Names.

#[test]
fn an_unknown_key_offers_the_nearest() {
    let slip = with("made-by: maker", "«maked-by»: maker");
    wrong("unknown-key", &slip).says("no key `maked-by`").hints("did you mean `made-by`?");
    wrong_in_japanese("unknown-key", &slip).says("`maked-by`").hints("`made-by`のことですか");
}

#[test]
fn an_unknown_key_near_to_none_lists_those_that_exist() {
    let strange = with("anshin: 1", "anshin: 1\n«xyzzy»: 3");
    wrong("unknown-key", &strange).hints("keys that exist here").hints("stakeholders, zones, assets");
}

#[test]
fn a_key_written_twice_shows_both_places() {
    let twice = with("  setting: household", "  setting: household\n  «setting»: business");
    wrong("duplicate-key", &twice).says("`setting` is written twice").hints("remove one");
    assert!(refused("en", marked(&twice).text).err.contains("first here"));
}

#[test]
fn an_id_used_twice_shows_both_places() {
    let twice = with(
        "  - id: phone\n",
        "  - { id: «heater», name: Other, kind: network.router, zone: home }\n  - id: phone\n",
    );
    wrong("duplicate-id", &twice).says("`heater` is used twice").hints("another id");
    assert!(refused("en", marked(&twice).text).err.contains("first here"));
    wrong_in_japanese("duplicate-id", &twice).says("`heater`が2回").hints("別の識別子");
}

#[test]
fn a_second_link_between_the_same_ends_needs_an_id() {
    let twice = with("flows:", "  - { from: «phone», to: heater }\nflows:");
    wrong("duplicate-id", &twice).says("`phone--heater` is used twice").hints("give each an `id`");
    accepted(with("flows:", "  - { id: second, from: phone, to: heater }\nflows:"));
}

#[test]
fn an_id_of_wrong_form_offers_a_better_one() {
    let wrong_form = with("id: fill", "id: «Fill_Bath»");
    wrong("bad-id", &wrong_form).says("`Fill_Bath`").hints("did you mean `fill-bath`?");
    for (word, better) in [("«-fill-»", "`fill`"), ("«給湯»", "lowercase letters, digits and hyphens")]
    {
        wrong("bad-id", &with("id: fill", &format!("id: {word}"))).hints(better);
    }
}

#[test]
fn a_full_width_id_offers_its_ascii_form() {
    let wide = with("id: fill", "id: «ｆｉｌｌ－２»");
    wrong("bad-id", &wide).says("`ｆｉｌｌ－２`").hints("did you mean `fill-2`?");
    wrong_in_japanese("bad-id", &wide).says("識別子として使えません").hints("`fill-2`のことですか");
}

#[test]
fn a_full_width_reference_offers_the_id_that_exists() {
    let wide = with("zone: home\n    stores", "zone: «ｈｏｍｅ»\n    stores");
    wrong("unknown-reference", &wide).says("no `ｈｏｍｅ` in `zones`").hints("did you mean `home`?");
}

#[test]
fn a_reference_to_nothing_offers_the_nearest_id() {
    let slip = with("zone: home\n    stores", "zone: «hom»\n    stores");
    wrong("unknown-reference", &slip).says("no `hom` in `zones`").hints("did you mean `home`?");
    wrong_in_japanese("unknown-reference", &slip)
        .says("`zones`に`hom`がありません")
        .hints("`home`のことですか");
    let slip = with("operated-by: resident", "operated-by: «residents»");
    wrong("unknown-reference", &slip).hints("did you mean `resident`?");
    let slip = with("[phone--heater]", "[«phone-heater»]");
    wrong("unknown-reference", &slip).says("in `links`").hints("did you mean `phone--heater`?");
}

#[test]
fn a_reference_near_to_nothing_says_how_to_add_it() {
    let far = with("zone: home\n    stores", "zone: «xyzzy»\n    stores");
    wrong("unknown-reference", &far).hints("add an item `id: xyzzy` to `zones`");
}

#[test]
fn an_unknown_kind_offers_the_nearest_and_the_list() {
    for slip in ["«mobile.smartphon»", "«smartphone»"] {
        wrong("unknown-word", &with("mobile.smartphone", slip))
            .says("is not in the catalog (asset-kinds)")
            .hints("did you mean `mobile.smartphone`?")
            .hints("`anshin catalog list asset-kinds`");
    }
    wrong_in_japanese("unknown-word", &with("mobile.smartphone", "«mobile.smartphon»"))
        .says("カタログのasset-kindsにありません")
        .hints("`mobile.smartphone`のことですか");
}

#[test]
fn an_unknown_trait_offers_the_nearest_and_the_list() {
    wrong("unknown-word", &with("stores: [account]", "stores: [account]\n    traits: [«remote-updateable»]"))
        .says("is not in the catalog (traits)")
        .hints("did you mean `remote-updatable`?")
        .hints("`anshin catalog list traits`");
}

#[test]
fn a_word_that_is_no_choice_is_told_with_the_choices() {
    wrong("unknown-word", &with("setting: household", "setting: «home»"))
        .hints("household, business, public");
    wrong("unknown-word", &with("setting: household", "setting: «houshold»"))
        .hints("did you mean `household`?");
}

#[test]
fn the_column_counts_characters_not_bytes() {
    let after_japanese = with(r#"{ ja: "電話", en: "Phone" }"#, r#"{ ja: "電話の画面", «fr»: "x" }"#);
    let mark = marked(&after_japanese);
    assert_eq!(mark.column, 26);
    wrong("unknown-key", &after_japanese);
}

// The whole.

#[test]
fn a_document_without_stakeholders_asks_for_the_lead() {
    let (before, rest) = GOOD.split_once("stakeholders:\n").expect("there are stakeholders");
    let (_, after) = rest.split_once("zones:\n").expect("there are zones");
    let none = format!("{before}stakeholders: «[]»\nzones:\n{after}");
    let mark = marked(&none);
    let problem = refused("en", &mark.text).problem("error[no-stakeholder]");
    assert!(problem.place.as_deref().is_some_and(|place| place.starts_with("system.yaml:6:")), "{problem:?}");
    problem.says("there is no stakeholder").hints("`lead: true`");
}

#[test]
fn a_document_without_a_lead_asks_for_one() {
    let problem = refused("en", with("lead: true, ", "")).problem("error[lead]");
    assert_eq!(problem.place.as_deref(), Some("system.yaml:7:3"));
    problem.says("no stakeholder is the lead").hints("`lead: true`");
    refused("ja", with("lead: true, ", ""))
        .problem("エラー[lead]")
        .says("適用主体がありません")
        .hints("`lead: true`");
}

#[test]
fn a_second_lead_is_shown_with_the_first() {
    let two = with("person: true", "person: true\n    lead: «true»");
    wrong("lead", &two).says("more than one lead").hints("one stakeholder only");
    assert!(refused("en", marked(&two).text).err.contains("the first lead"));
}

#[test]
fn a_document_without_assets_is_refused() {
    let none = "anshin: 1\nsystem: { id: a, name: A, setting: business }\n\
                stakeholders: [{ id: me, name: Me, role: user, lead: true }]\nassets: []\n";
    let problem = refused("en", none).problem("error[no-asset]");
    assert!(problem.place.as_deref().is_some_and(|place| place.starts_with("system.yaml:4:")), "{problem:?}");
    problem.hints("`assets`");
}

#[test]
fn a_link_to_itself_is_refused() {
    let itself = with("flows:", "  - { from: phone, to: «phone» }\nflows:");
    wrong("self-link", &itself).says("both ends of the link are `phone`").hints("the other end");
    wrong_in_japanese("self-link", &itself).says("両端がどちらも`phone`").hints("相手の機器");
}

#[test]
fn several_problems_come_at_once_in_the_order_of_lines() {
    let many = with("setting: household", "setting: home")
        .replace("role: user", "role: usr")
        .replace("kind: home-network", "kind: home-networks")
        .replace("updated-by: maker", "updated-by: maker\n    colour: red")
        .replace("stores: [account]", "stores: account")
        .replace("to: heater", "to: heatr")
        .replace("id: fill", "id: FILL");
    let said = refused("en", many);
    let found: Vec<(String, String)> =
        said.problems().into_iter().map(|p| (p.code, p.underlined.unwrap_or_default())).collect();
    let own: Vec<(&str, &str)> = found.iter().map(|(code, word)| (code.as_str(), word.as_str())).collect();
    let expected = [
        ("error[unknown-word]", "home"),
        ("error[unknown-word]", "usr"),
        ("error[unknown-word]", "home-networks"),
        ("error[unknown-key]", "colour"),
        ("error[wrong-type]", "account"),
        ("error[unknown-reference]", "heatr"),
        ("error[bad-id]", "FILL"),
    ];
    let kept: Vec<_> = own.iter().filter(|row| expected.contains(row)).copied().collect();
    assert_eq!(kept, expected, "{}", said.err);
    let lines: Vec<usize> =
        said.problems().iter().filter_map(|p| p.place.as_ref()?.split(':').nth(1)?.parse().ok()).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(said.err.contains(&format!("{} errors, 0 warnings", said.problems().len())), "{}", said.err);
}

#[test]
fn a_flood_of_problems_is_counted_not_poured_out() {
    let mut many = GOOD.replace("flows:", "  # more\nflows:");
    let links: String = (0..500).fold(String::new(), |mut out, n| {
        let _ = writeln!(out, "  - {{ id: more-{n}, from: nobody-{n}, to: heater }}");
        out
    });
    many = many.replace("  # more\n", &links);
    let said = refused("en", many);
    assert_eq!(said.problems().len(), 50);
    assert!(said.err.contains("… and 450 more"), "{}", said.err);
    assert!(said.err.contains("500 errors"), "{}", said.err);
}

// Files that belong together.

#[test]
fn files_that_include_each_other_are_told() {
    let folder = Folder::new();
    folder.write(FILE, with("system:\n", "include: more.yaml\nsystem:\n"));
    let mark = marked("include:\n  - «system.yaml»\n");
    folder.write("more.yaml", &mark.text);
    let said = refused_in(&folder, "en");
    assert_eq!(said.problems().len(), 1, "{}", said.err);
    said.problem("error[include-cycle]")
        .says("`system.yaml` includes itself")
        .at_mark("more.yaml", &mark)
        .hints("`include`");
    let said = refused_in(&folder, "ja");
    said.problem("エラー[include-cycle]")
        .says("自分自身を取り込んでいます")
        .at_mark("more.yaml", &mark)
        .hints("`include`");
}

#[test]
fn a_file_that_includes_itself_is_told() {
    let itself = with("system:\n", "include: «system.yaml»\nsystem:\n");
    wrong("include-cycle", &itself).says("includes itself");
}

#[test]
fn an_include_cycle_is_seen_however_the_path_is_spelled() {
    let folder = Folder::new();
    folder.write(FILE, with("system:\n", "include: more.yaml\nsystem:\n"));
    folder.write("more.yaml", "include: ./system.yaml\n");
    for spelled in ["./system.yaml", folder.path(FILE).to_str().expect("a plain path")] {
        let said = folder.run(&["check", spelled]).ends_with(2);
        let codes: Vec<String> = said.problems().into_iter().map(|p| p.code).collect();
        assert_eq!(codes, ["error[include-cycle]"], "{spelled}\n{}", said.err);
    }
}

#[test]
fn a_template_cycle_is_told() {
    let folder = Folder::new();
    folder.write(FILE, "anshin: 1\nfrom: base.yaml\n");
    folder.write("base.yaml", with("system:\n", "from: system.yaml\nsystem:\n"));
    let problem = refused_in(&folder, "en").problem("error[include-cycle]");
    problem.at("base.yaml:2:7", "system.yaml");
}

#[test]
fn a_file_that_is_not_there_is_told_where_it_is_included() {
    let missing = with("system:\n", "include: [«nowhere.yaml»]\nsystem:\n");
    wrong("unreadable", &missing).says("cannot read `nowhere.yaml`").hints("name and place");
}

#[test]
fn a_problem_in_an_included_file_is_shown_there() {
    let folder = Folder::new();
    folder.write(FILE, with("system:\n", "include: parts/more.yaml\nsystem:\n"));
    let mark = marked("assets:\n  - { id: hub, name: Hub, kind: network.router, zone: «hom» }\n");
    folder.write("parts/more.yaml", &mark.text);
    let problem = refused_in(&folder, "en").problem("error[unknown-reference]");
    problem.at_mark("parts/more.yaml", &mark).hints("did you mean `home`?");
}

#[test]
fn an_included_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    folder.write(FILE, with("system:\n", "include: more.yaml\nsystem:\n"));
    folder.write("more.yaml", "anshin: 2\n");
    refused_in(&folder, "en").problem("error[version]").at("more.yaml:1:9", "2");
}

#[test]
fn a_template_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    folder.write(FILE, "anshin: 1\nfrom: base.yaml\n");
    folder.write("base.yaml", with("anshin: 1", "anshin: 2"));
    refused_in(&folder, "en").problem("error[version]").at("base.yaml:1:9", "2");
}

#[test]
fn kinds_that_are_each_others_parent_are_told() {
    let folder = Folder::new();
    folder.write(FILE, GOOD);
    let kind = |id: &str, parent: &str| {
        format!(
            "  - {{ id: {id}, parent: {parent}, name: N, about: A, source: iot-ssf, basis: own, icon: sensor }}\n"
        )
    };
    folder.write(
        "own.yaml",
        format!("anshin-catalog: 1\nasset-kinds:\n{}{}", kind("lamp", "light"), kind("light", "lamp")),
    );
    for (lang, code, words) in
        [("en", "error[kind-cycle]", "lead back to itself"), ("ja", "エラー[kind-cycle]", "自分に戻ります")]
    {
        let said = folder.run_in(lang, &["check", FILE, "--catalog", "own.yaml"]).ends_with(2);
        let found: Vec<_> = said.problems().into_iter().filter(|p| p.code == code).collect();
        assert_eq!(found.len(), 2, "{}", said.err);
        found[0].clone().says("`lamp`").says(words).at("own.yaml:3:25", "light").hints("`parent`");
        found[1].clone().says("`light`").says(words).at("own.yaml:4:26", "lamp").hints("`parent`");
    }
}

// Hostile files.

#[test]
fn an_alias_bomb_is_stopped() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (before, name) in ('a'..='y').zip('b'..='z') {
        let _ = writeln!(bomb, "{name}: &{name} [{}]", vec![format!("*{before}"); 10].join(","));
    }
    for text in [bomb.clone(), format!("{GOOD}{bomb}")] {
        let problem = refused("en", text).problem("error[limit]");
        assert!(
            problem.place.as_deref().is_some_and(|place| place.starts_with("system.yaml:")),
            "{problem:?}"
        );
        problem.says("values").hints("remove repeated aliases");
    }
}

#[test]
fn an_alias_inside_its_own_value_is_refused() {
    wrong("syntax", "a: &a [«*a»]\n").says("inside the value it stands for");
}

#[test]
fn deep_nesting_is_stopped() {
    let deep = 10_000;
    let block: String = (0..deep).fold(String::new(), |mut out, n| {
        let _ = writeln!(out, "{}a:", " ".repeat(n));
        out
    });
    for text in [
        "[".repeat(deep),
        format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}{}", "{a: ".repeat(deep), "}".repeat(deep)),
        format!("{GOOD}targets: {}", "[".repeat(deep)),
        format!("{}x", "- ".repeat(deep)),
        format!("{}x", "? ".repeat(deep)),
        block,
    ] {
        let problem = refused("en", text).problem("error[limit]");
        assert!(
            problem.place.as_deref().is_some_and(|place| place.starts_with("system.yaml:")),
            "{problem:?}"
        );
        problem.says("nested too deeply");
    }
}

#[test]
fn a_file_of_100_mb_is_refused_with_the_limit() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path(FILE)).expect("a file can be made");
    file.set_len(100 << 20).expect("a file can be made longer");
    let problem = refused_in(&folder, "en").problem("error[limit]");
    problem.says("`system.yaml`").says("too large (limit 64 MiB)").hints("`include`");
    refused_in(&folder, "ja").problem("エラー[limit]").says("上限64 MiB").hints("`include`");
}

#[test]
fn a_catalog_of_100_mb_is_refused_with_its_limit() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path("own.yaml")).expect("a file can be made");
    file.set_len(100 << 20).expect("a file can be made longer");
    let said = folder.run(&["catalog", "check", "--catalog", "own.yaml"]).ends_with(2);
    said.problem("error[limit]").says("`own.yaml`").says("too large (limit 8 MiB)");
}

// What looks unusual and is right.

#[test]
fn the_plain_document_is_accepted() {
    accepted(GOOD);
}

#[test]
fn line_ends_of_windows_and_old_macs_are_accepted() {
    accepted(GOOD.replace('\n', "\r\n"));
    accepted(GOOD.replace('\n', "\r"));
}

#[test]
fn a_problem_in_a_file_with_windows_line_ends_is_underlined_as_ever() {
    let mark = marked(&with("setting: household", "setting: «home»"));
    let problem = refused("en", mark.text.replace('\n', "\r\n")).problem("error[unknown-word]");
    problem.at_mark(FILE, &mark);
}

#[test]
fn a_byte_order_mark_is_accepted_and_not_counted() {
    accepted(format!("\u{feff}{GOOD}"));
    let mark = marked(&with("anshin: 1", "anshin: «2»"));
    refused("en", format!("\u{feff}{}", mark.text)).problem("error[version]").at_mark(FILE, &mark);
}

#[test]
fn no_written_plain_is_a_word() {
    assert!(GOOD.contains("substitute: no,"));
    accepted(GOOD);
    accepted(with("substitute: no", "substitute: \"no\""));
    wrong("unknown-word", &with("substitute: no", "substitute: «false»")).hints("yes, partly, no");
}

#[test]
fn a_quoted_version_is_accepted() {
    accepted(with("anshin: 1", "anshin: \"1\""));
}

/// [`GOOD`] in JSON.
fn in_json() -> serde_json::Value {
    serde_json::json!({
        "anshin": 1,
        "system": { "id": "lamp-system", "name": { "ja": "照明", "en": "Lamp system" }, "setting": "household" },
        "stakeholders": [
            { "id": "maker", "name": { "ja": "メーカー", "en": "Maker" }, "role": "developer", "lead": true, "reach": "many" },
            { "id": "resident", "name": { "ja": "住まい手", "en": "Resident" }, "role": "user", "person": true,
              "depends-on": { "service": "daily-life", "substitute": "no", "restore": "days" } },
        ],
        "zones": [{ "id": "home", "kind": "home-network" }],
        "assets": [
            { "id": "heater", "name": { "ja": "給湯器", "en": "Heater" }, "kind": "machine.appliance.water-heater",
              "zone": "home", "made-by": "maker", "updated-by": "maker", "operated-by": "resident" },
            { "id": "phone", "name": { "ja": "電話", "en": "Phone" }, "kind": "mobile.smartphone", "zone": "home",
              "stores": ["account"] },
        ],
        "data": [{ "id": "account", "kind": "personal.account", "subject": "resident" }],
        "links": [{ "from": "phone", "to": "heater", "over": "wifi", "carries": ["account"] }],
        "flows": [{ "id": "fill", "steps": ["phone--heater"] }],
    })
}

#[test]
fn json_is_accepted_with_spaces_with_tabs_and_in_one_line() {
    let spaces = format!("{:#}", in_json());
    let tabs = spaces.replace("  ", "\t");
    assert!(tabs.contains("\n\t\t\""));
    accepted(in_json().to_string());
    accepted(&spaces);
    accepted(&tabs);
    accepted(tabs.replace('\n', "\r\n"));
    // Escapes as other programs write them: 照明 and a slash.
    accepted(spaces.replace("照明", "\\u7167\\u660e \\/"));
}

#[test]
fn json_and_yaml_of_one_system_are_assessed_alike() {
    let folder = Folder::new();
    folder.write("system.yaml", GOOD);
    folder.write("system.json", in_json().to_string());
    let yaml = folder.run(&["assess", "system.yaml", "--format", "json"]).ends_with(0);
    let json = folder.run(&["assess", "system.json", "--format", "json"]).ends_with(0);
    assert_eq!(yaml.out, json.out);
}

#[test]
fn a_problem_in_json_has_its_place() {
    let folder = Folder::new();
    let text = format!("{:#}", in_json()).replace("\"household\"", "«\"home\"»").replace("  ", "\t");
    let mark = marked(&text);
    folder.write("system.json", &mark.text);
    let said = folder.run(&["check", "system.json"]).ends_with(2);
    let problem = said.problem("error[unknown-word]");
    assert_eq!(problem.place, Some(format!("system.json:{}:{}", mark.line, mark.column)));
    problem.hints("household, business, public");
}

#[test]
fn problems_for_programs_are_json_with_code_and_place() {
    let folder = Folder::new();
    let mark = marked(&with("zone: home\n    stores", "zone: «hom»\n    stores"));
    folder.write(FILE, &mark.text);
    let said = folder.run(&["check", FILE, "--format", "json"]).ends_with(2);
    let json = said.json();
    let row = &json["diagnostics"][0];
    assert_eq!(row["code"], "unknown-reference");
    assert_eq!(row["level"], "error");
    assert_eq!(row["message"]["en"], "there is no `hom` in `zones`");
    assert_eq!(row["hints"][0]["ja"], "`home`のことですか");
    assert_eq!(row["place"], serde_json::json!({ "file": FILE, "line": mark.line, "column": mark.column }));
}

#[test]
fn a_zone_within_itself_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("zones.yaml");
    let text = "anshin: 1\nsystem: { id: s, name: s, setting: business }\n\
        stakeholders: [{ id: us, name: us, role: user, lead: true }]\n\
        zones:\n  - { id: a, kind: control-network, within: b }\n  - { id: b, kind: control-network, within: a }\n  \
        - { id: c, kind: control-network, within: c }\n\
        assets:\n  - { id: x, name: x, kind: server.mes, zone: a, traits: [isolated], without: [isolated] }\n  \
        - { id: y, name: y, kind: controller.plc, zone: c }\n\
        links: [{ from: x, to: y, through: [x] }]\n";
    std::fs::write(&file, text).expect("a file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(["report", "--lang", "en", "-o"])
        .arg(folder.path().join("report"))
        .arg(&file)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.matches("error[zone-cycle]").count(), 2, "{said}");
    assert!(said.contains("error[self-link]") && said.contains("error[conflict]"), "{said}");
    assert!(said.contains("4 errors, 0 warnings"), "{said}");
}
