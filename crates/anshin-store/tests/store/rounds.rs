//! Rounds of answers to checklists.

use anshin_model::{Lang, Text};
use anshin_store::{Administrator, NewRound, NewUser, Role, RoundId, SaveRound, StoreError};
use jiff::SignedDuration;

use crate::bench::{PASSWORD, on_both};

const FIRST: &str = "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nsubject: { ja: \"山田製作所\", en: \"Yamada Works\" }\n# 自分の覚え書き\nanswers:\n  - { id: q01, value: partly }\n";

fn with(line: &str) -> String {
    format!("{FIRST}  - {line}\n")
}

#[test]
fn a_round_keeps_every_state_and_is_put_aside_without_loss() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let new = NewRound { checklist: "five-minute", text: FIRST };
        let round = store.create_round(&aoi, new).await.unwrap();
        assert_eq!((round.checklist.as_str(), round.latest), ("five-minute", 1));
        assert_eq!(round.subject, Text::new("山田製作所", "Yamada Works"));
        bench.clock.advance(SignedDuration::from_mins(5));
        let text = with("{ id: q02, value: \"yes\" }").replace("Yamada Works", "Yamada Ltd.");
        let saved = store.save_round(&aoi, &round.id, SaveRound { parent: 1, text: &text }).await.unwrap();
        assert_eq!(saved, 2);
        let again = store.save_round(&aoi, &round.id, SaveRound { parent: 2, text: &text }).await.unwrap();
        assert_eq!(again, 2, "what is there already is not written again");
        let now = store.round(&aoi, &round.id).await.unwrap();
        assert_eq!(now.subject.get(Lang::En), "Yamada Ltd.");
        assert_eq!(now.changed, bench.clock.now());
        assert_eq!((now.created, now.changed_by.as_str()), (round.created, "Aoi Tanaka"));
        let state = async |wanted| store.round_state(&aoi, &round.id, wanted).await.map(|state| state.text);
        assert_eq!(state(Some(1)).await.unwrap(), FIRST);
        assert_eq!(state(None).await.unwrap(), text);
        assert!(matches!(state(Some(3)).await, Err(StoreError::NotFound)));
        store.set_round_archived(&aoi, &round.id, true).await.unwrap();
        assert_eq!(store.rounds(&aoi).await.unwrap()[0].archived, Some(bench.clock.now()));
        store.set_round_archived(&aoi, &round.id, false).await.unwrap();
        assert_eq!(store.rounds(&aoi).await.unwrap(), [now]);
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
        let id =
            store.create_round(&aoi, NewRound { checklist: "five-minute", text: FIRST }).await.unwrap().id;
        let save = async |parent, text: &str| store.save_round(&aoi, &id, SaveRound { parent, text }).await;
        assert_eq!(save(1, &with("{ id: q02, value: \"yes\" }")).await.unwrap(), 2);
        assert_eq!(save(1, &with("{ id: q07, value: \"no\" }")).await.unwrap(), 3);
        let both = store.round_state(&aoi, &id, None).await.unwrap().text;
        assert!(both.contains("q02") && both.contains("q07") && both.contains("自分の覚え書き"), "{both}");
        let Err(StoreError::Conflict(conflict)) = save(1, &with("{ id: q02, value: partly }")).await else {
            panic!("the same answer was changed by both");
        };
        assert_eq!((conflict.base, conflict.latest), (1, 3));
        assert!(conflict.clashes.iter().all(|clash| clash.path.starts_with("answers/q02")));
        assert_eq!(store.round_state(&aoi, &id, None).await.unwrap().text, both);
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
        let new = NewRound { checklist: "five-minute", text: FIRST };
        assert!(matches!(store.create_round(&ren, new).await, Err(StoreError::Forbidden(_))));
        let id = store.create_round(&aoi, new).await.unwrap().id;
        let save = SaveRound { parent: 1, text: "anshin-answers: 1\n" };
        assert!(matches!(store.save_round(&ren, &id, save).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.set_round_archived(&ren, &id, true).await, Err(StoreError::Forbidden(_))));
        assert_eq!(store.round_state(&ren, &id, None).await.unwrap().text, FIRST);
        let far = Administrator {
            organization: "Elsewhere",
            login: "mio",
            name: "Mio",
            password: PASSWORD,
            language: Lang::Ja,
        };
        store.add_organization(far).await.unwrap();
        let mio = bench.sign_in("mio").await;
        assert!(store.rounds(&mio).await.unwrap().is_empty());
        assert!(matches!(store.round(&mio, &id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.round_state(&mio, &id, Some(1)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.save_round(&mio, &id, save).await, Err(StoreError::NotFound)));
        assert!(matches!(store.set_round_archived(&mio, &id, true).await, Err(StoreError::NotFound)));
        let other = RoundId::from_text("0123");
        assert!(matches!(store.round(&aoi, &other).await, Err(StoreError::NotFound)));
        assert!(matches!(store.save_round(&aoi, &other, save).await, Err(StoreError::NotFound)));
        assert!(matches!(store.set_round_archived(&aoi, &other, true).await, Err(StoreError::NotFound)));
    });
}
