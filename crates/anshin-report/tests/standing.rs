//! Where a company stands by its answers: the report, its pictures, and the register of evidence.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_checklist::compare::Reference;
use anshin_checklist::{Checklists, File, Round, load_answers, says};
use anshin_model::{Lang, Text};
use anshin_report::{
    Rounds, Subject, answers_worksheet, register, standing_html, standing_radar, standing_report,
};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

static LISTS: LazyLock<Checklists> = LazyLock::new(|| {
    let files = anshin_catalog::built_in_files_beside("checklists").into_iter();
    let files = files.map(|file| File { name: file.name, bytes: file.bytes }).collect();
    anshin_checklist::load(files, &CATALOG).checklists.expect("the built-in checklists load")
});

fn round(text: &str) -> Round {
    let loaded = load_answers(File { name: "a.yaml".into(), bytes: text.into() }, &LISTS, &CATALOG);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// The benchmark with the same level everywhere, and a risk index of 6.
fn benchmark(level: usize, date: &str) -> Round {
    let mut text = format!(
        "anshin-answers: 1\nchecklist: benchmark\nversion: \"1\"\nsubject: Yamada <Works>\ndate: {date}\nanswers:\n"
    );
    for (id, value) in [("variant", "items-27"), ("dependence", "high"), ("effect-outside", "high")] {
        let _ = writeln!(text, "  - {{ id: {id}, value: {value} }}");
    }
    let list = LISTS.get("benchmark").expect("is built in");
    for (_, item) in list.counting() {
        let _ = writeln!(text, "  - {{ id: {}, value: \"{level}\", evidence: [=1+1] }}", item.id);
    }
    round(&text)
}

fn discs(svg: &str) -> Vec<(f64, f64, f64)> {
    let svg = roxmltree::Document::parse(svg).expect("SVG");
    let circles = svg.descendants().filter(|node| node.has_tag_name("circle"));
    let number = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.attribute(name).and_then(|word| word.parse().ok()).expect("a number")
    };
    circles.map(|node| (number(node, "cx"), number(node, "cy"), number(node, "r"))).collect()
}

#[test]
fn a_company_stands_among_others_in_a_scatter_plot() {
    let now = benchmark(3, "2026-11-25");
    // Total across the companies, and their risk index.
    let reference = Reference::from_csv("group,total,risk-index\na,54,3\na,108,6\nb,135,15\nb,27,0\n")
        .expect("a reference");
    let report = |group| {
        let rounds = Rounds {
            now: &now,
            earlier: &[],
            target: None,
            reference: Some(&reference),
            group,
            catalog: &CATALOG,
        };
        standing_report(rounds, Lang::En).others.expect("there are others")
    };
    let others = report(None);
    assert_eq!(
        others.figures.iter().map(|figure| figure.id.as_str()).collect::<Vec<_>>(),
        ["histogram", "scatter"]
    );
    let points = discs(&others.figures[1].svg);
    let (own, companies): (Vec<(f64, f64, f64)>, Vec<_>) =
        points.iter().copied().partition(|(.., radius)| *radius > 5.0);
    assert_eq!((own.len(), companies.len()), (1, 4));
    // Risk index 6 as the second company, total 81 in the middle between the first two.
    let close = |a: f64, b: f64| (a - b).abs() < 0.2;
    assert!(close(own[0].0, companies[1].0), "{points:?}");
    assert!(close(own[0].1, f64::midpoint(companies[0].1, companies[1].1)), "{points:?}");
    // The farthest company stands right and above of all others.
    assert!(points.iter().all(|(x, y, _)| *x <= companies[2].0 && *y >= companies[2].1));
    // Mean 81, so the deviation value is 50; one group alone gives another picture.
    assert!(others.words.get(Lang::En).contains("deviation value is 50"), "{:?}", others.words);
    assert_eq!(discs(&report(Some("a")).figures[1].svg).len(), 3);
}

#[test]
fn the_marks_of_an_axis_are_whole_numbers_once_each() {
    let now = benchmark(3, "2026-11-25");
    let reference = Reference::from_csv("total\n81\n90\n").expect("a reference");
    let rounds = Rounds {
        now: &now,
        earlier: &[],
        target: None,
        reference: Some(&reference),
        group: None,
        catalog: &CATALOG,
    };
    let others = standing_report(rounds, Lang::En).others.expect("there are others");
    let svg = roxmltree::Document::parse(&others.figures[0].svg).expect("SVG");
    let marks: Vec<&str> = svg
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .filter(|text| text.parse::<f64>().is_ok())
        .collect();
    // How many companies each bar stands for; then companies up to one, points up to 135.
    assert_eq!(marks, ["1", "1", "0", "1", "0", "50", "100"]);
}

#[test]
fn a_page_is_whole_and_reads_nothing_as_markup() {
    let (now, before) = (benchmark(2, "2026-11-25"), [benchmark(1, "2025-11-25")]);
    let rounds = Rounds {
        now: &now,
        earlier: &before,
        target: Some(100.0),
        reference: None,
        group: None,
        catalog: &CATALOG,
    };
    for lang in Lang::ALL {
        let report = standing_report(rounds, lang);
        let page = standing_html(&report, lang);
        assert!(page.contains("Yamada &lt;Works&gt;") && !page.contains("<Works>"));
        for text in [&report.title, &report.progress, &report.steps[0].advice] {
            assert!(page.contains(text.get(lang)), "{text:?}");
        }
        assert_eq!(
            report.scores[0].target,
            Some(Text::new("目標100まであと46", "46 below the target of 100"))
        );
        assert!(page.contains(if lang == Lang::Ja {
            "良くなった項目 27"
        } else {
            "27 items are better"
        }));
        assert!(page.trim_end().ends_with("</html>"));
        assert!(standing_radar(&now, &before, &CATALOG, lang).is_some());
    }
}

/// A class is shown with its advice and no share; wrong answers of a quiz with the right one.
#[test]
fn classes_and_quizzes_are_no_work_to_do() {
    let page = |answers: &str, lang: Lang| {
        let now = round(&format!("anshin-answers: 1\n{answers}"));
        let rounds =
            Rounds { now: &now, earlier: &[], target: None, reference: None, group: None, catalog: &CATALOG };
        // Before the register, which holds everything.
        let page = standing_html(&standing_report(rounds, lang), lang);
        page.split("<h2 class=\"next\">").next().unwrap_or_default().to_owned()
    };
    let posture = |class: usize| {
        format!("checklist: it-posture\nversion: \"1\"\nanswers: [{{ id: posture, value: class-{class} }}]\n")
    };
    for (class, name, advice) in [
        (1, "Class 1, ideal", "Make your efforts public"),
        (2, "Class 2, be bolder", "plan to use IT for growth"),
        (6, "Class 6, not concerned", "information outside IT"),
    ] {
        let page = page(&posture(class), Lang::En);
        assert!(page.contains(name) && page.contains(advice), "{page}");
        for wrong in
            ["class=\"parts\"", "takes weeks", "met in part", "Nothing is missing", "Which class is closest"]
        {
            assert!(!page.contains(wrong), "{wrong}: {page}");
        }
    }
    let quiz = |value: &str| {
        format!(
            "checklist: awareness-quiz\nversion: \"1\"\nanswers: [{{ id: mail-hurry, value: {value} }}]\n"
        )
    };
    let wrong = page(&quiz("a"), Lang::Ja);
    for words in ["見直す問題", "正解は「以前から知っている番号に電話して確かめる」", "だます側が書いたもの"]
    {
        assert!(wrong.contains(words), "{wrong}");
    }
    assert!(!wrong.contains("未実施") && !wrong.contains("手間"), "{wrong}");
    assert!(page(&quiz("b"), Lang::Ja).contains("間違えた問題はありません。"));
}

#[test]
fn the_register_has_a_row_for_each_piece_of_evidence() {
    let now = round(
        "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nby: Yamada\nanswers:\n\
         \x20 - { id: q01, value: \"yes\", evidence: [a, { what: b, where: shelf }], reviewer: Suzuki }\n\
         \x20 - { id: q02, value: \"no\", proposed: true }\n",
    );
    let rows = register(&now).plain(Lang::En);
    let cells = |n: usize, columns: [usize; 4]| columns.map(|column| rows[n][column].as_str());
    assert_eq!(rows.len(), 4);
    assert_eq!(cells(1, [0, 4, 5, 9]), ["1", "a", "", "Suzuki"]);
    assert_eq!(cells(2, [0, 4, 5, 7]), ["1", "b", "shelf", "Yamada"]);
    assert_eq!(cells(3, [0, 2, 4, 9]), ["2", "Not done (to confirm)", "", ""]);
}

/// What answers say about requirements stands in the report of a system.
#[test]
fn answers_stand_beside_the_requirements_of_a_system() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/gas-water-heater.yaml");
    let text = std::fs::read_to_string(path).expect("an example");
    let loaded = anshin_model::load::load_text("system.yaml", &text, &CATALOG.vocabulary());
    let document = loaded.document.expect("the example is right");
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    let now = round(
        "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nanswers:\n\
         \x20 - { id: q01, value: \"yes\", evidence: [update log] }\n",
    );
    let sheet = answers_worksheet(&subject, &says(&now));
    let rows = sheet.plain(Lang::En);
    let updates = rows.iter().find(|row| row[0].ends_with("updates")).expect("updates are called for");
    assert_eq!((updates[1].as_str(), updates[3].as_str()), ("met", "update log"));
    assert!(updates[2].contains("Software updates"), "{updates:?}");
    // Every requirement that is called for is there, with or without an answer.
    let asked = assessment.candidates.iter().filter(|candidate| !candidate.rejected()).count();
    assert!(rows.len() > asked);
    assert!(rows.iter().skip(1).all(|row| row[1] == "met" || row[1] == "no answer"));
}
