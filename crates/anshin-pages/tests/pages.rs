//! What pages show: in both languages, for whoever looks, whatever people wrote.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anshin_checklist::compare::Reference;
use anshin_checklist::ledger::{Asset, sample};
use anshin_checklist::{Evidence, Given, Round, says};
use anshin_model::{Lang, Text};
use anshin_pages::answering::Entry as Answer;
use anshin_pages::pages::{
    self, Answered, Approval, Aside, Asked, Beginning, BrandingForm, Brought, Code, Detail, Doors, Entry,
    FileBrought, Filter, GuestLink, HookRow, InvitationRow, LedgerLine, Line, Member, Organization,
    PasskeyRow, PolicyLine, ProofFile, Refused, Remark, Revision, RoundLine, RowForm, SessionRow, Shown,
    ShownLedger, ShownRound, TokenRow, Way,
};
use anshin_pages::proposal::proposals;
use anshin_pages::step::{Around, Step, progress};
use anshin_pages::{Chrome, Desk, Notice, Opened, Power, Who, asset};
use anshin_report::worksheet::{Row, Worksheet};
use anshin_report::{Rounds, risk_map, standing_report, summary, system_diagram, workbook, worksheets};

use maud::html;

static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::built_in().expect("what is built in is right"));
const HEATER: &str = include_str!("../../../examples/gas-water-heater.yaml");

fn chrome<'a>(lang: Lang, who: Who<'a>, here: &'a str) -> Chrome<'a> {
    let notice = Some(Notice { tone: "good", text: Text::new("保存しました。", "Saved.") });
    Chrome { lang, nonce: "n0nce", csrf: "t0ken", who: Some(who), here, machines: true, notice }
}

/// The pages of the ledger, with words of a person wherever there is room for them.
fn ledgers(
    chrome: &Chrome<'_>,
    wild: &str,
    (brought, wrong): (&FileBrought, &FileBrought),
    all: &mut BTreeMap<&'static str, String>,
) {
    let scale = DESK.scales.get(None).expect("a scale");
    let mut ledger = sample(scale, "2026-11-26");
    ledger.company = Some(Text::same(wild));
    let words = Text::same(wild);
    ledger.assets[0] = Asset {
        name: words.clone(),
        business: words.clone(),
        note: words.clone(),
        users: words.clone(),
        department: words,
        medium: wild.to_owned(),
        kept_until: Some(wild.to_owned()),
        ..ledger.assets[0].clone()
    };
    ledger.name_rows("r");
    let line = LedgerLine {
        id: "1".to_owned(),
        name: Text::same(wild),
        rows: 3,
        bands: vec![(Text::same(wild), 1)],
        saved: wild.to_owned(),
        archived: false,
        problem: Some(Text::same(wild)),
    };
    let lines = [line.clone(), LedgerLine { archived: true, ..line }];
    all.insert("ledgers", pages::ledgers(chrome, &lines, &DESK.scales, wild));
    let shown = ShownLedger {
        base: "/ledgers/1",
        ledger: &ledger,
        scale,
        scales: &DESK.scales,
        state: 2,
        latest: 2,
        archived: true,
    };
    let other = DESK.scales.iter().last().expect("another scale");
    let others = [(other, ledger.in_scale(scale, other))];
    let states = [(2, wild.to_owned()), (1, wild.to_owned())];
    let row = RowForm::of(&ledger.assets[0], chrome.lang);
    let mut sent = RowForm::sent(None, &[("name".to_owned(), wild.to_owned())]);
    assert!(sent.read(scale, chrome.lang, None).is_none());
    all.insert("ledger", pages::ledger_page(chrome, shown, Some(&row), &others, &states));
    all.insert("ledger-new", pages::ledger_page(chrome, shown, Some(&sent), &others, &states));
    let earlier = ShownLedger { state: 1, ..shown };
    all.insert("ledger-earlier", pages::ledger_page(chrome, earlier, None, &others, &states));
    all.insert("ledger-import", pages::ledger_import(chrome, shown, Some(brought)));
    all.insert("ledger-import-wrong", pages::ledger_import(chrome, shown, Some(wrong)));
}

/// A round of the five-minute diagnosis with an answer, a proposal and words of a person.
fn round(wild: &str) -> Round {
    let mut round = Round::empty(DESK.checklists.get("five-minute").expect("there"));
    round.answers.subject = Some(Text::same(wild));
    let words = Some(Text::same(wild));
    let given = Given {
        value: vec!["yes".to_owned()],
        reason: words.clone(),
        note: words.clone(),
        evidence: vec![Evidence { what: Text::same(wild), at: Some(wild.to_owned()), date: None }],
        by: Some(wild.to_owned()),
        ..Given::new("q01".into())
    };
    let proposed =
        Given { value: vec!["no".to_owned()], proposed: true, because: words, ..Given::new("q02".into()) };
    round.given.extend([given, proposed].map(|given| (given.id.clone(), given)));
    round
}

/// Every page of the program, by name, over one document; `wild` stands wherever a person writes.
fn all_pages(lang: Lang, power: Power, text: &str, wild: &str) -> BTreeMap<&'static str, String> {
    let opened: Opened = DESK.open(text).unwrap_or_else(|broken| panic!("{:?}", broken.found(Lang::En)));
    let who = Who { mark: 1, name: wild, organization: wild, power };
    let here = format!("/x?q={wild}");
    let chrome = chrome(lang, who, &here);
    let around = Around { approved: false, warnings: 1, today: "2026-11-26" };
    DESK.with(&opened, |subject| {
        let proposed = proposals(subject);
        let steps = progress(subject, &proposed, around);
        let name = &opened.document().system.name;
        let effect = html! { p { (wild) } };
        let shown = Shown { base: "/systems/1", name, revision: 3, approved: false, archived: true, progress: &steps, effect: Some(&effect) };
        let (sheets, map, diagram) =
            (worksheets(subject), risk_map(subject, lang), system_diagram(subject, lang));
        let names = [(wild.to_owned(), Text::same(wild))];
        let said = wild.to_owned();
        let mut all = BTreeMap::new();
        let lines = [Line {
            address: "/systems/1".to_owned(),
            name: Text::same(wild),
            levels: opened.assessment.ratings.first().map(|r| (r.recovery, r.economic)),
            within: false,
            outside: 2,
            stale: 1,
            overdue: 1,
            open: 4,
            steps: 2,
            approved: false,
            saved: said.clone(),
        }];
        let aside =
            [Aside { address: "/systems/2".to_owned(), name: Text::same(wild), since: said.clone() }];
        all.insert("portfolio", pages::portfolio(&chrome, &lines, &aside, &names, "outside"));
        all.insert("empty", pages::portfolio(&chrome, &[], &[], &names, wild));
        let pairs = [("system", wild), ("place", "home"), ("thing", "heats")];
        let answers = pages::answers_of(&DESK.guide, pairs);
        all.insert("start", pages::start(&chrome, &DESK, &answers, None));
        all.insert("start-again", pages::start(&chrome, &DESK, &answers, Some("system")));
        all.insert(
            "overview",
            pages::overview(&chrome, &shown, &summary(subject), &map, &diagram, std::slice::from_ref(&said)),
        );
        for step in Step::ALL {
            let own: Vec<_> = sheets.iter().filter(|s| step.sheets().contains(&s.id)).cloned().collect();
            let pictures = [(Text::same(wild), diagram.clone())];
            all.insert(step.as_str(), pages::step_page(&chrome, &shown, step, &own, &pictures, &|_, _| None));
        }
        let filter = Filter { asset: said.clone(), ..Filter::default() };
        all.insert(
            "proposals-none",
            pages::proposals_page(&chrome, &shown, &proposed, (&names, &names), &filter, 0),
        );
        all.insert(
            "proposals",
            pages::proposals_page(&chrome, &shown, &proposed, (&names, &names), &Filter::default(), 0),
        );
        let answered: Vec<_> = says(&round(wild)).into_iter().map(|own| ("/rounds/1".to_owned(), own)).collect();
        assert!(!answered.is_empty());
        all.insert("plan", pages::plan(&chrome, &shown, subject, ("", true), (&answered, "2026-11-26")));
        all.insert(
            "facts",
            pages::system_form(&chrome, &shown, opened.document(), DESK.catalog, &workbook::input_names()),
        );
        for (name, id, edit) in [
            ("sheet-system", "system", None),
            ("sheet-assets", "assets", Some("gas-heater")),
            ("sheet-steps", "steps", Some("+")),
            ("sheet-zones", "zones", None),
        ] {
            let sheet = workbook::input_sheet(id, subject, opened.tree(), lang).expect("there");
            let html = pages::input_page(&chrome, &shown, &workbook::input_names(), &sheet, (edit, wild));
            all.insert(name, html);
        }
        let brought = Brought {
            name: said.clone(),
            notes: vec![Text::same(wild)],
            problems: Vec::new(),
            conflicts: vec![said.clone()],
            parts: Vec::new(),
            text: Some(said.clone()),
        };
        all.insert("import", pages::import_page(&chrome, &shown, Some(&brought), Some(&Text::same(wild))));
        let remark = |settled: Option<String>| Remark {
            id: "1".to_owned(),
            about: said.clone(),
            author: said.clone(),
            at: said.clone(),
            body: format!("{wild}\n{wild}"),
            settled,
        };
        let file = ProofFile {
            id: "1".to_owned(),
            about: String::new(),
            name: said.clone(),
            size: 3_000_000,
            hash: "0123456789abcdef".to_owned(),
            author: said.clone(),
            at: said.clone(),
        };
        let written = [remark(None), remark(Some(said.clone()))];
        all.insert("remarks", pages::remarks(&chrome, &shown, (&written, &[file]), wild, &names));
        let open = |sheet: &Worksheet, row: &Row| {
            let subjects = workbook::proposals(sheet.id, &row.key, subject);
            let own: Vec<_> = proposed.iter().filter(|one| subjects.contains(&one.subject)).collect();
            let first = sheet.rows.first().is_some_and(|first| first.key == row.key) && !own.is_empty();
            (first && power >= Power::Edit).then(|| pages::in_place(&chrome, &shown, &own, "/assess"))
        };
        let ratings: Vec<_> = sheets.iter().filter(|sheet| sheet.id == "ratings").cloned().collect();
        all.insert("in-place", pages::step_page(&chrome, &shown, Step::Assess, &ratings, &[], &open));
        let asset = &opened.document().assets[0];
        all.insert(
            "asset",
            pages::asset_form(&chrome, &shown, opened.document(), DESK.catalog, asset, &[Text::same(wild)]),
        );
        let broken = DESK.open("anshin: 1\n").expect_err("no document").found(lang);
        all.insert("text", pages::text_view(&chrome, Some(&shown), &format!("{text}{wild}"), &broken, Some(&effect)));
        all.insert("paste", pages::text_view(&chrome, None, wild, &[], None));
        all.insert("drawing", pages::drawing(&chrome, &shown, opened.document(), DESK.catalog, &diagram));
        let place = |name| pages::Place {
            path: said.clone(),
            name,
            mine: Some(said.clone()),
            theirs: None,
            chosen: Some(pages::SIDES[0]),
        };
        let clash = pages::Conflict {
            base: 2,
            mine: wild,
            why: wild,
            who: wild,
            both: wild,
            places: &[place(None), place(Some(Text::same(wild)))],
        };
        all.insert("conflict", pages::conflict(&chrome, &shown, &clash));
        let revisions = [3, 2].map(|number| Revision {
            number,
            author: said.clone(),
            at: said.clone(),
            why: said.clone(),
            hash: "0123456789abcdef".to_owned(),
            merged: true,
        });
        let approvals = [Approval {
            id: "1".to_owned(),
            revision: 2,
            author: said.clone(),
            at: said.clone(),
            note: said.clone(),
            withdrawn: None,
        }];
        all.insert("history", pages::history(&chrome, &shown, &revisions, &approvals, Some(2)));
        let requests = pages::request_sheets(&chrome, "/systems/1", &anshin_report::requests(subject));
        all.insert(
            "reports",
            pages::reports(&chrome, &shown, &[("risk-map".to_owned(), Text::same(wild))], &requests),
        );
        let all_requests = anshin_report::requests(subject);
        let asked = [Asked {
            requirement: "updates".to_owned(),
            title: Text::same(wild),
            reply: "will".to_owned(),
            note: said.clone(),
        }];
        let link =
            GuestLink { id: "1".to_owned(), stakeholder: said.clone(), expires: said.clone(), open: true };
        let answer = Answered {
            stakeholder: said.clone(),
            title: Text::same(wild),
            reply: "will".to_owned(),
            note: said.clone(),
            at: said.clone(),
        };
        let links =
            pages::guest_links(&chrome, "/systems/1", &all_requests, (&[link], &[answer]), Some(wild));
        all.insert("links", pages::reports(&chrome, &shown, &[], &links));
        let outside = Chrome { who: None, ..chrome.clone() };
        all.insert("guest", pages::guest(&outside, &all_requests[0], ("/guest?link=1", wild, wild), &asked));
        all.insert("catalog", pages::catalog_search(&chrome, &DESK, "", ""));
        all.insert("catalog-none", pages::catalog_search(&chrome, &DESK, wild, "requirements"));
        all.insert(
            "requirement",
            pages::catalog_entry(&chrome, &DESK, "requirements", "updates").expect("there"),
        );
        all.insert(
            "kind",
            pages::catalog_entry(&chrome, &DESK, "asset-kinds", "machine.boiler").expect("there"),
        );
        let line = RoundLine {
            id: "1".to_owned(),
            list: "five-minute".into(),
            title: Text::same(wild),
            subject: Text::same(wild),
            answered: (1, 25),
            score: Some((said.clone(), said.clone())),
            band: Some(Text::same(wild)),
            saved: said.clone(),
            archived: false,
        };
        let aside = RoundLine { archived: true, ..line.clone() };
        let rounds = [line, aside];
        all.insert("checklists", pages::checklists(&chrome, &DESK, &rounds));
        all.insert("checklists-new", pages::checklists(&chrome, &DESK, &[]));
        let documents = [true, false].map(|applies| PolicyLine {
            id: format!("handbook-{applies}"),
            title: said.clone(),
            about: Text::same(wild),
            applies,
            changes: applies.then_some(3),
            issues: vec![(1, said.clone())],
        });
        let chosen = [("company", wild), ("from", "1")].map(|(key, word)| (key.to_owned(), word.to_owned()));
        all.insert("policies", pages::policies(&chrome, &DESK, (&rounds, &chosen), &documents));
        all.insert("policies-new", pages::policies(&chrome, &DESK, (&[], &[]), &documents));
        let list = DESK.checklists.get("iot-introduction").expect("there");
        let others = rounds.clone().map(|line| (line, true));
        let beginning = Beginning { subject: wild, systems: &names, others: &others };
        all.insert("checklist", pages::checklist_page(&chrome, list, &rounds, beginning));
        let round = round(wild);
        let shown = ShownRound { base: "/rounds/1", round: &round, state: 2, archived: true };
        let entry = Answer { given: Given::new("q03".into()), trouble: vec![Text::same(wild)] };
        all.insert("question", pages::question_page(&chrome, shown, "q02", None, None).expect("there"));
        all.insert(
            "question-again",
            pages::question_page(&chrome, shown, "q03", Some(&entry), Some("q02")).expect("there"),
        );
        let entries = [("q03".into(), entry)].into_iter().collect();
        all.insert("questions", pages::all_questions(&chrome, shown, &entries));
        let reference = Reference::from_csv("total\n20\n50\n70\n").expect("a table");
        let own = Rounds {
            now: &round,
            earlier: std::slice::from_ref(&round),
            target: None,
            reference: Some(&reference),
            group: None,
            catalog: DESK.catalog,
        };
        let report = standing_report(own, lang);
        let problem = Text::same(wild);
        let next = [("benchmark", &problem)];
        let around = pages::Around {
            open: 0,
            next: &next,
            decides_policies: true,
            earlier: &rounds,
            with: Some("1"),
            systems: &names,
            system: names.first().map(|(id, _)| id.as_str()),
            problem: Some(&problem),
        };
        all.insert("result", pages::round_result(&chrome, shown, &report, around));
        all.insert("tried", pages::tried_questions(&chrome, &round, true));
        all.insert("tried-result", pages::tried_result(&chrome, shown, &report));
        let brought = FileBrought {
            name: said.clone(),
            problems: Vec::new(),
            changes: vec![(Text::same(wild), vec![Text::same(wild)])],
            text: Some(said.clone()),
        };
        let wrong = FileBrought { problems: vec![said.clone()], text: None, ..FileBrought::default() };
        all.insert("round-import", pages::round_import(&chrome, shown, Some(&brought)));
        all.insert("round-import-wrong", pages::round_import(&chrome, shown, Some(&wrong)));
        ledgers(&chrome, wild, (&brought, &wrong), &mut all);
        all.insert("register", pages::register_page(&chrome, shown, &report, 2));
        let member = Member {
            id: "1".to_owned(),
            login: said.clone(),
            name: said.clone(),
            power,
            has_code: true,
            has_passkey: true,
            closed: None,
            me: false,
        };
        all.insert(
            "organization",
            pages::organization(
                &chrome,
                &Organization {
                    name: wild,
                    zone: wild,
                    machine_zone: wild,
                    zones: std::slice::from_ref(&said),
                    members: &[member],
                    invitations: &[InvitationRow { id: "1".to_owned(), power, expires: said.clone() }],
                    fresh: Some(wild),
                },
            ),
        );
        let entry = Entry {
            number: 2,
            at: said.clone(),
            actor: said.clone(),
            name: Text::same(wild),
            action: said.clone(),
            subject: Some(said.clone()),
            id: said.clone(),
            details: [false, true]
                .map(|hash| Detail { name: Text::same(wild), value: said.clone(), hash })
                .to_vec(),
            detail: said.clone(),
            hash: "00".to_owned(),
        };
        all.insert("audit", pages::audit(&chrome, &[entry], Some(2)));
        let token = TokenRow { id: "1".to_owned(), name: said.clone(), scope: power, expires: said.clone() };
        let passkey =
            PasskeyRow { id: "1".to_owned(), name: said.clone(), added: said.clone(), passkey: true };
        let other = PasskeyRow { passkey: false, ..passkey.clone() };
        let session = SessionRow {
            id: "1".to_owned(),
            device: said.clone(),
            created: said.clone(),
            seen: said.clone(),
            here: false,
        };
        all.insert(
            "account",
            pages::account(
                &chrome,
                (wild, wild, lang),
                &Code { on: false, secret: "SECRET", problem: Some(wild) },
                &[session],
                &html! { (pages::linked(&chrome, &[other], Some(wild))) (pages::passkeys(&chrome, &[passkey])) (pages::tokens(&chrome, &[token], Some(wild))) },
            ),
        );
        all.insert("first-start", pages::first_start(&chrome, Some(wild), (wild, wild, wild)));
        let doors = Doors { code: true, passkey: true, provider: Some(wild) };
        all.insert("leaving", pages::leaving(&chrome, wild, wild));
        all.insert("sign-in", pages::sign_in(&chrome, Some(wild), wild, doors, wild));
        let form = BrandingForm { organization: said.clone(), main: said.clone(), ..BrandingForm::default() };
        all.insert("branding", pages::branding(&chrome, &form, true, Some(wild)));
        let hook = HookRow {
            id: "1".to_owned(),
            url: said.clone(),
            made: said.clone(),
            outcome: said.clone(),
            waiting: 2,
        };
        all.insert("webhooks", pages::webhooks(&chrome, &[hook], &["system.save"], Some(wild), Some(wild)));
        all.insert("join", pages::join(&chrome, (wild, wild, power), Some(wild), (wild, wild), Some(wild)));
        all.insert("message", pages::message(&chrome, wild, wild, Way::SignIn(wild), Refused { action: wild, typed: &[(wild.to_owned(), wild.to_owned())], parent: Some(wild) }));
        all.insert("help", pages::help(&chrome));
        all.insert("help-step", pages::help_step(&chrome, Step::Respond));
        all
    })
}

/// A document in which every text is hostile.
fn hostile(wild: &str) -> String {
    let quoted = serde_json::Value::from(wild).to_string();
    let mut out = String::new();
    for line in HEATER.lines() {
        // Every `{ ja: "…", en: "…" }` becomes the hostile text in both languages.
        let mut line = line.to_owned();
        while let Some(start) = line.find("{ ja: \"") {
            let Some(end) = line[start..].find(" }") else { break };
            line.replace_range(start..start + end + 2, &quoted);
        }
        for key in ["ja: \"", "en: \""] {
            if let Some(start) = line.trim_start().strip_prefix(key).map(|_| line.find(key).unwrap_or(0)) {
                line = format!("{}{}{quoted}", &line[..start], &key[..4]);
            }
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[test]
fn nothing_that_people_write_becomes_markup() {
    let wild = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&";
    let text = hostile(wild);
    assert!(text.matches("<script>").count() > 20, "{text}");
    for lang in Lang::ALL {
        for (name, page) in all_pages(lang, Power::Administer, &text, wild) {
            assert!(!page.contains("<script>alert"), "{name}");
            assert!(!page.contains("<img src=x"), "{name}");
            // Out of an attribute there is no way either: a quote is always written as an entity.
            assert!(!page.contains("\"><script>"), "{name}");
            assert!(!page.contains("'&\""), "{name}");
        }
    }
}

#[test]
fn pages_hold_no_script_and_no_style_of_their_own() {
    for (name, page) in all_pages(Lang::En, Power::Administer, HEATER, "wild") {
        for part in page.split("<script").skip(1) {
            let tag = part.split('>').next().unwrap_or_default();
            assert!(tag.contains("src=\"/assets/") && tag.contains("nonce=\"n0nce\""), "{name}: {tag}");
        }
        for part in page.split("<style").skip(1) {
            assert!(part.starts_with(" nonce=\"n0nce\""), "{name}");
        }
        for attribute in [" onclick=", " onload=", " style=\""] {
            assert!(!page.contains(attribute), "{name}: {attribute}");
        }
    }
}

#[test]
fn every_form_that_acts_carries_the_token() {
    for (name, page) in all_pages(Lang::Ja, Power::Administer, HEATER, "wild") {
        for form in page.split("<form").skip(1) {
            let (tag, rest) = form.split_once('>').expect("a tag ends");
            let body = rest.split("</form>").next().unwrap_or_default();
            let acts = tag.contains("method=\"post\"");
            assert_eq!(acts, body.contains("name=\"csrf\" value=\"t0ken\""), "{name}: <form{tag}>");
        }
    }
}

#[test]
fn pages_are_whole_in_both_languages() {
    // Names of the example are there in both languages, so no page of one shows the other.
    let japanese = |c: char| matches!(u32::from(c), 0x3040..=0x30FF | 0x4E00..=0x9FFF);
    for (name, page) in all_pages(Lang::En, Power::Administer, HEATER, "wild") {
        // What may be there: the other language's switch, the product's sign, the document's own text,
        // an entry's name in the other language.
        if ["text", "requirement", "kind", "result"].contains(&name) {
            continue;
        }
        let page = page.replace("日本語", "").replace("Anshin 安心", "");
        let found: String = page.chars().filter(|c| japanese(*c)).collect();
        assert_eq!(found, "", "{name}");
    }
    for (name, page) in all_pages(Lang::Ja, Power::View, HEATER, "wild") {
        assert!(page.contains("<html lang=\"ja\">"), "{name}");
        assert!(page.chars().filter(|c| japanese(*c)).count() > 20, "{name}");
    }
}

#[test]
fn somebody_who_may_only_look_gets_no_way_to_act() {
    for (name, page) in all_pages(Lang::En, Power::View, HEATER, "wild") {
        let own = [
            "account",
            "organization",
            "first-start",
            "sign-in",
            "question",
            "question-again",
            "questions",
            "start",
            "start-again",
            "paste",
            "text",
            "conflict",
            "asset",
            "facts",
            "guest",
            "join",
            "branding",
            "webhooks",
            "import",
            "round-import",
            "round-import-wrong",
            "ledger-import",
            "ledger-import-wrong",
            "sheet-system",
            // Forms that change nothing: a result without keeping it, values of others.
            "tried",
            "result",
        ];
        if own.contains(&name) {
            continue;
        }
        let acting = page.matches("method=\"post\"").count();
        assert_eq!(acting, 1, "{name}: only signing out");
    }
    for name in ["facts", "asset", "text", "sheet-system"] {
        let page = &all_pages(Lang::En, Power::View, HEATER, "wild")[name];
        assert!(!page.contains(">Save</button>"), "{name}");
    }
}

#[test]
fn ids_of_a_page_are_there_once_and_labels_find_their_fields() {
    for (name, page) in all_pages(Lang::En, Power::Administer, HEATER, "wild") {
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        let count = ids.len();
        ids.sort_unstable();
        let twice: Vec<&str> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        assert_eq!(twice, Vec::<&str>::new(), "{name} of {count}");
        for label in page.split("<label").skip(1) {
            let tag = label.split('>').next().unwrap_or_default();
            if let Some(field) = tag.split("for=\"").nth(1).and_then(|rest| rest.split('"').next()) {
                assert!(ids.binary_search(&field).is_ok(), "{name}: label for {field}");
            }
        }
    }
}

#[test]
fn the_guided_start_asks_again_and_keeps_the_other_answers() {
    let page = &all_pages(Lang::En, Power::Edit, HEATER, "Bath")["start-again"];
    assert!(page.contains("What is the system called?"));
    assert!(page.contains("value=\"Bath\""));
    assert!(page.contains("name=\"place\" value=\"home\""), "other answers go along");
    assert!(page.contains("<svg"), "the picture grows");
}

#[test]
fn the_catalog_is_searched_in_both_languages_whatever_is_shown() {
    let who = Who { mark: 1, name: "Aoi", organization: "Works", power: Power::View };
    let found = |lang, words: &str| {
        let page = pages::catalog_search(&chrome(lang, who, "/"), &DESK, words, "");
        page.matches("<th scope=\"row\">").count()
    };
    assert!(found(Lang::En, "ファイアウォール") > 0 || found(Lang::En, "更新") > 0);
    assert_eq!(found(Lang::Ja, "boiler"), found(Lang::En, "ＢＯＩＬＥＲ"));
    assert!(found(Lang::Ja, "boiler") > 0);
    assert_eq!(found(Lang::En, "xyzzy"), 0);
}

/// Relative luminance of `#rrggbb`, as in WCAG.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).expect("a colour")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn text_stands_out_from_its_ground_in_both_schemes() {
    let css = asset("tokens.css").expect("there").text;
    let (light, dark) = css.split_once("@media").expect("two schemes");
    for (scheme, part) in [("light", light), ("dark", dark)] {
        let color = |name: &str| {
            let at = part.find(&format!("--{name}:")).unwrap_or_else(|| panic!("{scheme}: {name}"));
            let rest = &part[at + name.len() + 3..];
            let start = rest.find('#').expect("a colour");
            rest[start..start + 7].to_owned()
        };
        let pairs = [
            ("ink", "ground"),
            ("ink", "paper"),
            ("ink", "sunk"),
            ("ink", "accent-soft"),
            ("soft", "ground"),
            ("soft", "paper"),
            ("soft", "sunk"),
            ("accent", "paper"),
            ("accent", "ground"),
            ("accent", "accent-soft"),
            ("accent-ink", "accent"),
            ("good-ink", "good"),
            ("serious-ink", "serious"),
            ("grave-ink", "grave"),
            ("priority-ink", "priority"),
            ("quiet-ink", "quiet"),
            ("grave-ink", "paper"),
            ("serious-ink", "paper"),
        ];
        for (text, ground) in pairs {
            let (a, b) = (luminance(&color(text)), luminance(&color(ground)));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{scheme}: {text} on {ground} is {contrast:.2}");
        }
        let (a, b) = (luminance(&color("edge")), luminance(&color("paper")));
        assert!((a.max(b) + 0.05) / (a.min(b) + 0.05) >= 3.0, "{scheme}: edges of fields");
    }
}
