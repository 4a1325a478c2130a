//! Checklists on the command line, from a new file to the first things to do.

use std::path::{Path, PathBuf};

const DEMO: &str = "crates/anshin-checklist/tests/data/demo.yaml";
const SECOND: &str = "crates/anshin-checklist/tests/data/second.yaml";

/// The command with the two sample checklists beside those that are built in.
fn checklist(lang: &str, words: &[&str]) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_anshin"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).args(["checklist"]).args(words);
    command.args(["--lang", lang, "--catalog", DEMO, "--catalog", SECOND]);
    command
}

fn new(folder: &Path, words: &[&str]) -> PathBuf {
    let path = folder.join("a.yaml");
    let shown = path.display().to_string();
    checklist("en", &["new", "demo", "-o", &shown, "--date", "2026-11-25"]).args(words).assert().success();
    path
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).expect("UTF-8")
}

#[test]
fn a_new_user_answers_and_learns_what_to_do_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = new(folder.path(), &["--subject", "Yamada Works"]);
    let shown = path.display().to_string();
    let answer = |lang: &str, input: &str| {
        let output = checklist(lang, &["answer", &shown, "--by", "Yamada", "--date", "2026-11-25"])
            .write_stdin(input.to_owned())
            .assert()
            .success();
        (text(&output.get_output().stdout), text(&output.get_output().stderr))
    };
    // Help and example on demand, a wrong word, evidence, a reason; then the input ends.
    let (stdout, stderr) = answer("en", "many\n１２０\n1\n?\ne\n+update log\n3\n");
    assert!(stderr.contains("is not a number"), "{stderr}");
    assert!(stderr.contains("Old software has known weak points."), "{stderr}");
    assert!(stderr.contains("Updates install themselves"), "{stderr}");
    assert!(stdout.contains("answered 3 of 8"), "{stdout}");
    assert!(stdout.contains("5 left; go on with"), "{stdout}");
    let saved = std::fs::read_to_string(&path).expect("the file is there");
    assert!(
        saved.contains(
            "{ id: update, value: \"no\", evidence: [\"update log\"], by: \"Yamada\", date: 2026-11-25 }"
        ),
        "{saved}"
    );
    // Going on where it was left: out of scope with a reason, back, another answer, skip, unknown, stop.
    let (stdout, stderr) = answer("ja", "o\n社内では送らない\nb\n2\nu\n1 3\ns\nq\n");
    assert!(stderr.contains("正解"), "{stderr}");
    assert!(stdout.contains("まず行うこと"), "{stdout}");
    assert!(stdout.contains("自動更新を入れる。"), "{stdout}");
    let saved = std::fs::read_to_string(&path).expect("the file is there");
    assert!(saved.contains("id: mail, value: partly"), "{saved}");
    assert!(saved.contains("id: wifi-key, value: unknown"), "{saved}");
    let score = checklist("en", &["score", &shown, "--format", "json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&score.get_output().stdout).expect("JSON");
    // update 0, mail 2 x 2, wireless key -1, of 4 + 8 + 4.
    assert_eq!(
        (json["scores"][0]["value"].as_f64(), json["scores"][0]["most"].as_f64()),
        (Some(3.0), Some(16.0))
    );
    assert_eq!(json["steps"][0]["item"], "update");
    assert_eq!(json["progress"]["answered"], 6);
}

/// After the last answer the commands follow for which the answers serve next, and they work.
#[test]
fn a_finished_diagnosis_leads_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (five, benchmark) = (path("five.yaml"), path("benchmark.yaml"));
    checklist("ja", &["new", "five-minute", "-o", &five, "--subject", "山田製作所"]).assert().success();
    let answered = checklist("ja", &["answer", &five]).write_stdin("1\n".repeat(25)).assert().success();
    let scored = checklist("ja", &["score", &five]).assert().success();
    for out in [answered, scored].map(|out| text(&out.get_output().stdout)) {
        for line in [
            format!("anshin checklist export {five} -o report.pdf"),
            format!("anshin checklist new benchmark --from {five}"),
            format!("anshin policy write --answers {five}"),
        ] {
            assert!(out.contains(&line), "{line}: {out}");
        }
        assert!(!out.contains("文書からは分からない"), "{out}");
    }
    // The word of the other commands is taken as well.
    checklist("ja", &["new", "benchmark", "-o", &benchmark, "--answers", &five]).assert().success();
    let saved = std::fs::read_to_string(&benchmark).expect("the file is there");
    assert!(saved.contains("subject: \"山田製作所\"") && saved.contains("proposed: true"), "{saved}");
    let scored = checklist("ja", &["score", &benchmark]).assert().success();
    let out = text(&scored.get_output().stdout);
    assert!(out.contains("まだ確認していない提案も点数に含みます"), "{out}");
    assert!(!out.contains("続けてできること"), "{out}");
}

#[test]
fn what_is_known_already_is_proposed_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let second = folder.path().join("second.yaml");
    std::fs::write(
        &second,
        "anshin-answers: 1\nchecklist: second\nversion: \"1\"\nanswers:\n  - { id: crypto, value: \"yes\", evidence: [TLS 1.3] }\n",
    )
    .expect("written");
    let from = second.display().to_string();
    let path = new(folder.path(), &["--system", "examples/gas-water-heater.yaml", "--from", &from]);
    let saved = std::fs::read_to_string(&path).expect("the file is there");
    assert!(saved.contains("id: update\n    value: \"yes\""), "{saved}");
    assert!(saved.contains("Dedicated controller: \u{201c}Remotely updatable\u{201d}"), "{saved}");
    // The whole is met, so its part is; the evidence comes along.
    assert!(
        saved.contains("id: wifi-key\n    value: \"yes\"\n    evidence: [\"TLS 1.3\"]\n    proposed: true"),
        "{saved}"
    );
    let shown = path.display().to_string();
    // Enter confirms a proposal.
    checklist("en", &["answer", &shown, "--item", "update"]).write_stdin("\n").assert().success();
    let saved = std::fs::read_to_string(&path).expect("the file is there");
    assert!(saved.contains("{ id: update, value: \"yes\", date: "), "{saved}");
}

/// Full-width letters are commands, the place of a question stays the same after skipping and going
/// back, and examples are offered only where there are some.
#[test]
fn the_talk_tells_the_truth() {
    let folder = tempfile::tempdir().expect("a folder");
    let talk = |list: &str, lang: &str, input: &str| {
        let path = folder.path().join(format!("{list}-{lang}.yaml")).display().to_string();
        checklist(lang, &["new", list, "-o", &path]).assert().success();
        let output = checklist(lang, &["answer", &path]).write_stdin(input.to_owned()).assert().success();
        text(&output.get_output().stderr)
    };
    let told = talk("five-minute", "ja", "ｓ\nｂ\nｅ\n１\nｑ\n");
    let places: Vec<&str> =
        told.lines().filter_map(|line| line.strip_prefix('[')?.split_once("] ").map(|at| at.0)).collect();
    assert_eq!(places, ["1/25", "2/25", "1/25", "2/25"], "{told}");
    assert!(told.contains("e=例"), "{told}");
    assert!(told.replace("\n   ", "").contains("ホワイトボード"), "{told}");
    let told = talk("csf-2", "en", "maybe\nq\n");
    assert!(!told.contains("e=example"), "{told}");
    assert!(told.contains("choices: Achieved (full), "), "{told}");
}

#[test]
fn files_that_are_wrong_are_told_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.yaml");
    let wrong =
        "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers:\n  - { id: updat, value: \"yes\" }\n";
    std::fs::write(&path, wrong).expect("written");
    let shown = path.display().to_string();
    for words in [["answer", &shown], ["score", &shown], ["update", &shown], ["check", &shown]] {
        let output = checklist("en", &words).write_stdin("1\n").assert().code(2);
        let stderr = text(&output.get_output().stderr);
        assert!(
            stderr.contains("`demo` has no item `updat`") && stderr.contains("did you mean `update`?"),
            "{stderr}"
        );
    }
    assert_eq!(std::fs::read_to_string(&path).expect("the file is there"), wrong);
    let output = checklist("ja", &["new", "demo", "-o", &shown]).assert().code(2);
    assert!(text(&output.get_output().stderr).contains("すでにあります"));
    let output = checklist("en", &["new", "demi"]).assert().code(2);
    assert!(text(&output.get_output().stderr).contains("did you mean `demo`?"));
}

/// What is neither a checklist nor answers is not called right.
#[test]
fn only_checklists_and_answers_are_checked_and_found_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.yaml");
    let shown = path.display().to_string();
    let utf_16: Vec<u8> = "anshin-checklist: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wrong: [(&[u8], &str); 8] = [
        (b"", "the file is empty"),
        (&utf_16, "a.yaml"),
        (b"foo: 1\n", "write `anshin-checklist: 1` in the first line"),
        (b"anshin-answer: 1\nchecklist: demo\n", "write `anshin-answers: 1` in the first line"),
        (b"anshin-checklst: 1\nid: own\n", "write `anshin-checklist: 1` in the first line"),
        (include_bytes!("../../anshin-checklist/tests/data/ciso-library.yaml"), "`anshin-checklist: 1`"),
        (b"anshin-ledger: 1\nassets: []\n", "write `anshin-checklist: 1` in the first line"),
        (b"id,title\n1,one\n", "a.yaml"),
    ];
    for (bytes, told) in wrong {
        std::fs::write(&path, bytes).expect("written");
        let shows = String::from_utf8_lossy(bytes);
        let output = checklist("en", &["check", &shown]).assert().code(2);
        let stderr = text(&output.get_output().stderr);
        assert!(stderr.contains(told) && !stderr.contains("nothing is wrong"), "{shows}\n{stderr}");
        // Another file that is right does not hide it.
        checklist("en", &["check", DEMO, &shown]).assert().code(2);
    }
    for right in [DEMO, SECOND] {
        checklist("en", &["check", right]).assert().success();
    }
}

/// A class comes with its advice, a wrong answer of the quiz with the right one; neither takes weeks.
#[test]
fn classes_and_quizzes_end_with_what_is_written_for_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.yaml");
    let shown = path.display().to_string();
    for (list, item, value, told) in [
        (
            "it-posture",
            "posture",
            "class-2",
            [
                "まず行うこと",
                "分類2（もっと積極的に）",
                "守りができているうちに、ITを攻めに使う計画を立てましょう。",
            ],
        ),
        (
            "awareness-quiz",
            "mail-hurry",
            "a",
            ["見直す問題", "正解は「以前から知っている番号", "別の手段で本人に確かめます。"],
        ),
    ] {
        let text = format!(
            "anshin-answers: 1\nchecklist: {list}\nversion: \"1\"\nanswers: [{{ id: {item}, value: {value} }}]\n"
        );
        std::fs::write(&path, text).expect("written");
        let output = checklist("ja", &["score", &shown]).assert().success();
        let said = self::text(&output.get_output().stdout);
        for words in told {
            assert!(said.contains(words), "{said}");
        }
        for wrong in ["実施、", "未実施", "数週間", "どれですか", "5/6"] {
            assert!(!said.contains(wrong), "{wrong}: {said}");
        }
    }
}

/// A column without text is told by its name, and nothing is written.
#[test]
fn a_column_without_text_makes_no_checklist() {
    let folder = tempfile::tempdir().expect("a folder");
    let (table, own) = (folder.path().join("t.csv"), folder.path().join("own.yaml"));
    std::fs::write(&table, "No,Text\n1,One\n").expect("written");
    let (table, shown) = (table.display().to_string(), own.display().to_string());
    let words = ["import", &table, "--like", "five-minute", "--columns", "number=A,text=Z", "-o", &shown];
    let output = checklist("ja", &words).assert().code(2);
    let stderr = text(&output.get_output().stderr);
    assert!(stderr.contains("列Zに文がありません") && !own.exists(), "{stderr}");
}

#[test]
fn the_list_tells_id_title_and_number_of_items() {
    let output = checklist("en", &["list", "--format", "json"]).assert().success();
    let json: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).expect("JSON");
    let rows = json["checklists"].as_array().expect("a list");
    let demo = rows.iter().find(|row| row["id"] == "demo").expect("the sample");
    assert_eq!(demo["title"]["ja"], "見本");
    // Two questions about the company stand beside the items that count.
    assert_eq!((demo["items"].as_u64(), demo["beside"].as_u64()), (Some(6), Some(2)));
    let output = checklist("en", &["show", "demo", "update"]).assert().success();
    assert!(
        text(&output.get_output().stdout).contains("Apply updates"),
        "{}",
        text(&output.get_output().stdout)
    );
}
