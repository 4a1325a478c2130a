//! Papers: rounds of answers, ledgers, policies.

use anshin_model::{Lang, Text};
use anshin_store::{
    Administrator, Draft, NewPaper, NewUser, PaperId, PaperKind, Role, SavePaper, StoreError,
};
use jiff::SignedDuration;

use crate::bench::{PASSWORD, on_both};

const ROUND: NewPaper<'_> =
    NewPaper { kind: PaperKind::Round, about: "five-minute", system: None, text: FIRST };
const FIRST: &str = "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nsubject: { ja: \"山田製作所\", en: \"Yamada Works\" }\n# 自分の覚え書き\nanswers:\n  - { id: q01, value: partly }\n";

fn with(line: &str) -> String {
    format!("{FIRST}  - {line}\n")
}

#[test]
fn a_round_keeps_every_state_and_is_put_aside_without_loss() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let new = ROUND;
        let round = store.create_paper(&aoi, new).await.unwrap();
        assert_eq!((round.about.as_str(), round.latest), ("five-minute", 1));
        assert_eq!(round.name, Text::new("山田製作所", "Yamada Works"));
        bench.clock.advance(SignedDuration::from_mins(5));
        let text = with("{ id: q02, value: \"yes\" }").replace("Yamada Works", "Yamada Ltd.");
        let saved = store.save_paper(&aoi, &round.id, SavePaper { parent: 1, text: &text }).await.unwrap();
        assert_eq!(saved, 2);
        let again = store.save_paper(&aoi, &round.id, SavePaper { parent: 2, text: &text }).await.unwrap();
        assert_eq!(again, 2, "what is there already is not written again");
        let now = store.paper(&aoi, PaperKind::Round, &round.id).await.unwrap();
        assert_eq!(now.name.get(Lang::En), "Yamada Ltd.");
        assert_eq!(now.changed, bench.clock.now());
        assert_eq!((now.created, now.changed_by.as_str()), (round.created, "Aoi Tanaka"));
        let state = async |wanted| store.paper_text(&aoi, &round.id, wanted).await.map(|(_, text)| text);
        assert_eq!(state(Some(1)).await.unwrap(), FIRST);
        assert_eq!(state(None).await.unwrap(), text);
        assert!(matches!(state(Some(3)).await, Err(StoreError::NotFound)));
        store.set_paper_archived(&aoi, &round.id, true).await.unwrap();
        assert_eq!(store.papers(&aoi, PaperKind::Round).await.unwrap()[0].archived, Some(bench.clock.now()));
        store.set_paper_archived(&aoi, &round.id, false).await.unwrap();
        assert_eq!(store.papers(&aoi, PaperKind::Round).await.unwrap(), [now]);
        assert_eq!(state(None).await.unwrap(), text);
        let trail = store.audit(&aoi, None, 4).await.unwrap();
        let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["round.unarchive", "round.archive", "round.save", "round.create"]);
    });
}

#[test]
fn two_who_answer_at_once_keep_both_answers_or_are_told() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let id = store.create_paper(&aoi, ROUND).await.unwrap().id;
        let save = async |parent, text: &str| store.save_paper(&aoi, &id, SavePaper { parent, text }).await;
        assert_eq!(save(1, &with("{ id: q02, value: \"yes\" }")).await.unwrap(), 2);
        assert_eq!(save(1, &with("{ id: q07, value: \"no\" }")).await.unwrap(), 3);
        let both = store.paper_text(&aoi, &id, None).await.unwrap().1;
        assert!(both.contains("q02") && both.contains("q07") && both.contains("自分の覚え書き"), "{both}");
        let Err(StoreError::Conflict(conflict)) = save(1, &with("{ id: q02, value: partly }")).await else {
            panic!("the same answer was changed by both");
        };
        assert_eq!((conflict.base, conflict.latest), (1, 3));
        assert!(conflict.clashes.iter().all(|clash| clash.path.starts_with("answers/q02")));
        assert_eq!(store.paper_text(&aoi, &id, None).await.unwrap().1, both);
    });
}

#[test]
fn a_round_is_of_one_organization_and_needs_rights() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let new =
            NewUser { login: "ren", name: "Ren", password: PASSWORD, role: Role::Viewer, language: Lang::Ja };
        store.create_user(&aoi, new).await.unwrap();
        let ren = bench.sign_in("ren").await;
        let new = ROUND;
        assert!(matches!(store.create_paper(&ren, new).await, Err(StoreError::Forbidden(_))));
        let id = store.create_paper(&aoi, new).await.unwrap().id;
        let save = SavePaper { parent: 1, text: "anshin-answers: 1\n" };
        assert!(matches!(store.save_paper(&ren, &id, save).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.set_paper_archived(&ren, &id, true).await, Err(StoreError::Forbidden(_))));
        assert_eq!(store.paper_text(&ren, &id, None).await.unwrap().1, FIRST);
        let far = Administrator {
            organization: "Elsewhere",
            login: "mio",
            name: "Mio",
            password: PASSWORD,
            language: Lang::Ja,
        };
        store.add_organization(far).await.unwrap();
        let mio = bench.sign_in("mio").await;
        assert!(store.papers(&mio, PaperKind::Round).await.unwrap().is_empty());
        assert!(matches!(store.paper(&mio, PaperKind::Round, &id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.paper_text(&mio, &id, Some(1)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.save_paper(&mio, &id, save).await, Err(StoreError::NotFound)));
        assert!(matches!(store.set_paper_archived(&mio, &id, true).await, Err(StoreError::NotFound)));
        let other = PaperId::from_text("0123");
        assert!(matches!(store.paper(&aoi, PaperKind::Round, &other).await, Err(StoreError::NotFound)));
        assert!(matches!(store.save_paper(&aoi, &other, save).await, Err(StoreError::NotFound)));
        assert!(matches!(store.set_paper_archived(&aoi, &other, true).await, Err(StoreError::NotFound)));
    });
}

#[test]
fn papers_of_all_kinds_stand_side_by_side_and_say_what_they_are_about() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let draft = Draft { text: "anshin: 1\nsystem: { id: a, name: A }\n", why: "" };
        let system = store.create_system(&aoi, draft).await.unwrap().id;
        let round = store.create_paper(&aoi, NewPaper { system: Some(&system), ..ROUND }).await.unwrap();
        assert_eq!(round.system, Some(system.clone()));
        let text =
            "anshin-ledger: 1\ncompany: Yamada Works\nassets:\n  - { id: r1, name: Plans, medium: paper }\n";
        let new = NewPaper { kind: PaperKind::Ledger, about: "", system: None, text };
        let ledger = store.create_paper(&aoi, new).await.unwrap();
        assert_eq!(ledger.name, Text::same("Yamada Works"));
        let text = "# Basic policy\n\nIssued 2026-11-26\n";
        let new = NewPaper { kind: PaperKind::Policy, about: "basic-policy.en", system: None, text };
        let policy = store.create_paper(&aoi, new).await.unwrap();
        assert_eq!(policy.name, Text::same("Basic policy"));
        let of = async |kind| {
            store.papers(&aoi, kind).await.unwrap().into_iter().map(|own| own.id).collect::<Vec<_>>()
        };
        assert_eq!(of(PaperKind::Round).await, std::slice::from_ref(&round.id));
        assert_eq!(of(PaperKind::Ledger).await, std::slice::from_ref(&ledger.id));
        assert_eq!(of(PaperKind::Policy).await, std::slice::from_ref(&policy.id));
        // What is asked for as another kind is not there.
        assert!(matches!(store.paper(&aoi, PaperKind::Round, &ledger.id).await, Err(StoreError::NotFound)));

        // Rows with ids are brought together like answers.
        let base =
            "anshin-ledger: 1\ncompany: Yamada Works\nassets:\n  - { id: r1, name: Plans, medium: paper }\n";
        let mine = base.replace("Plans", "Drawings");
        let theirs = format!("{base}  - {{ id: r2, name: Wages, medium: server }}\n");
        store.save_paper(&aoi, &ledger.id, SavePaper { parent: 1, text: &mine }).await.unwrap();
        store.save_paper(&aoi, &ledger.id, SavePaper { parent: 1, text: &theirs }).await.unwrap();
        let (number, both) = store.paper_text(&aoi, &ledger.id, None).await.unwrap();
        assert!(number == 3 && both.contains("Drawings") && both.contains("Wages"), "{both}");

        // Values of one scale mean nothing in another: what came before it changed is not brought in.
        let scaled = both.replacen("company:", "scale: three-step\ncompany:", 1);
        store.save_paper(&aoi, &ledger.id, SavePaper { parent: 3, text: &scaled }).await.unwrap();
        let late = both.replace("Wages", "Salaries");
        let refused = store.save_paper(&aoi, &ledger.id, SavePaper { parent: 3, text: &late }).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?} {scaled}");
        assert_eq!(store.paper_text(&aoi, &ledger.id, None).await.unwrap().1, scaled);

        // An issue is whole, whatever it was made from.
        for words in ["a", "b"] {
            let text = format!("# Basic policy\n\n{words}\n");
            store.save_paper(&aoi, &policy.id, SavePaper { parent: 1, text: &text }).await.unwrap();
        }
        assert_eq!(store.paper_text(&aoi, &policy.id, None).await.unwrap().1, "# Basic policy\n\nb\n");
        let states = store.paper_states(&aoi, &policy.id).await.unwrap();
        assert_eq!(states.iter().map(|state| state.number).collect::<Vec<_>>(), [3, 2, 1]);

        store.set_paper_system(&aoi, &round.id, None).await.unwrap();
        assert_eq!(store.paper(&aoi, PaperKind::Round, &round.id).await.unwrap().system, None);
        let far = Administrator {
            organization: "Elsewhere",
            login: "mio",
            name: "Mio",
            password: PASSWORD,
            language: Lang::Ja,
        };
        store.add_organization(far).await.unwrap();
        let mio = bench.sign_in("mio").await;
        let foreign = NewPaper { system: Some(&system), ..ROUND };
        assert!(matches!(store.create_paper(&mio, foreign).await, Err(StoreError::NotFound)));
        let own = store.create_paper(&mio, ROUND).await.unwrap().id;
        let set = store.set_paper_system(&mio, &own, Some(&system)).await;
        assert!(matches!(set, Err(StoreError::NotFound)));
        assert!(store.paper_states(&mio, &policy.id).await.unwrap().is_empty());
    });
}
