//! Systems, their revisions and approvals, and the border between organizations.

use crate::bench::{Bench, PASSWORD, on_both};
use anshin_model::Lang;
use anshin_store::{
    Actor, Administrator, Clash, Draft, NewUser, Page, Role, Save, Saved, Store, StoreError, SystemId,
};

const FIRST: &str = "\
anshin: 1
# How it began.
system: { id: heater, name: { ja: 給湯器, en: Heater } }
assets:
  - id: cloud   # rented
    kind: cloud.application
  - id: router
    kind: network.router
";

async fn system(bench: &Bench, actor: &Actor) -> SystemId {
    let draft = Draft { text: FIRST, why: "first draft" };
    bench.store.create_system(actor, draft).await.unwrap().id
}

fn newest() -> Page {
    Page { before: None, most: 100 }
}

/// Goes back to a revision as the pages do: its text is a change of the one that somebody saw last.
async fn restore(
    store: &Store,
    actor: &Actor,
    id: &SystemId,
    (parent, number): (u64, u64),
    why: &str,
) -> Result<Saved, StoreError> {
    let old = store.content(actor, id, number).await?;
    store.save_revision(actor, id, Save { parent, text: &old.text, why }).await
}

#[test]
fn every_saved_state_stays_as_it_was_written() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let id = system(&bench, &aoi).await;
        let second = format!("{FIRST}# the end, 終わり\n");
        let saved = store.save_revision(&aoi, &id, Save { parent: 1, text: &second, why: "a remark" }).await;
        assert!(matches!(saved.unwrap(), Saved::New(revision) if revision.number == 2));
        let same = store.save_revision(&aoi, &id, Save { parent: 2, text: &second, why: "" }).await.unwrap();
        assert!(matches!(same, Saved::Unchanged(revision) if revision.number == 2));
        let restored = restore(store, &aoi, &id, (2, 1), "back").await.unwrap();
        assert_eq!(restored.revision().number, 3);
        let texts = [FIRST, &second, FIRST];
        for (number, text) in (1..).zip(texts) {
            assert_eq!(store.content(&aoi, &id, number).await.unwrap().text, text);
        }
        let revisions = store.revisions(&aoi, &id, newest()).await.unwrap();
        let told: Vec<_> = revisions.iter().map(|r| (r.number, r.parent, r.why.as_str())).collect();
        assert_eq!(told, [(3, Some(2), "back"), (2, Some(1), "a remark"), (1, None, "first draft")]);
        assert_eq!(revisions[0].hash, revisions[2].hash);
        let paged = store.revisions(&aoi, &id, Page { before: Some(3), most: 1 }).await.unwrap();
        assert_eq!(paged, revisions[1..2]);
        let listed = store.systems(&aoi).await.unwrap();
        assert_eq!(listed[0].name.get(Lang::Ja), "給湯器");
        assert_eq!((listed[0].latest, listed[0].approved), (3, None));
    });
}

#[test]
fn changes_to_different_items_are_brought_together() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let theirs = FIRST.replace("network.router", "network.gateway");
        let mine = FIRST.replace("kind: cloud.application", "kind: cloud.application\n    operator: maker");
        let store = &bench.store;
        store.save_revision(&aoi, &id, Save { parent: 1, text: &theirs, why: "" }).await.unwrap();
        let saved = store.save_revision(&aoi, &id, Save { parent: 1, text: &mine, why: "" }).await.unwrap();
        let Saved::Merged(content) = saved else { panic!("not merged: {saved:?}") };
        assert_eq!(content.text, mine.replace("network.router", "network.gateway"));
        assert_eq!((content.revision.parent, content.revision.merged), (Some(2), Some(1)));
        assert_eq!(store.latest(&aoi, &id).await.unwrap(), content);
    });
}

#[test]
fn changes_to_the_same_item_are_told_and_nothing_is_overwritten() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let theirs = FIRST.replace("network.router", "network.gateway");
        let mine = FIRST.replace("network.router", "network.switch");
        let store = &bench.store;
        store.save_revision(&aoi, &id, Save { parent: 1, text: &theirs, why: "" }).await.unwrap();
        let refused = store.save_revision(&aoi, &id, Save { parent: 1, text: &mine, why: "" }).await;
        let Err(StoreError::Conflict(conflict)) = refused else { panic!("saved: {refused:?}") };
        assert_eq!((conflict.base, conflict.latest), (1, 2));
        let word = |word: &str| Some(word.to_owned());
        assert_eq!(
            conflict.clashes,
            [Clash {
                path: "assets/router/kind".to_owned(),
                base: word("network.router"),
                mine: word("network.switch"),
                theirs: word("network.gateway"),
            }]
        );
        assert_eq!(store.latest(&aoi, &id).await.unwrap().text, theirs);
    });
}

#[test]
fn what_goes_back_leaves_what_others_saved_since() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let store = &bench.store;
        let own = FIRST.replace("network.router", "network.gateway");
        store.save_revision(&aoi, &id, Save { parent: 1, text: &own, why: "" }).await.unwrap();
        let theirs = own.replace("en: Heater", "en: Boiler");
        store.save_revision(&aoi, &id, Save { parent: 2, text: &theirs, why: "" }).await.unwrap();
        // One's own change goes back, by the two revisions between which it lies.
        let undone = restore(store, &aoi, &id, (2, 1), "").await.unwrap();
        let Saved::Merged(content) = undone else { panic!("not merged: {undone:?}") };
        assert_eq!(content.text, FIRST.replace("en: Heater", "en: Boiler"));
        // And forth again, in the same way.
        let again = restore(store, &aoi, &id, (4, 3), "").await.unwrap();
        assert_eq!(again.revision().number, 5);
        assert_eq!(store.latest(&aoi, &id).await.unwrap().text, theirs);
        // Where somebody has changed the same since, nothing goes back without a word.
        let third = theirs.replace("network.gateway", "network.switch");
        store.save_revision(&aoi, &id, Save { parent: 5, text: &third, why: "" }).await.unwrap();
        let refused = restore(store, &aoi, &id, (2, 1), "").await;
        let Err(StoreError::Conflict(conflict)) = refused else { panic!("saved: {refused:?}") };
        assert_eq!(conflict.clashes[0].path, "assets/router/kind");
        assert_eq!(store.latest(&aoi, &id).await.unwrap().text, third);
    });
}

#[test]
fn what_is_offered_where_two_clash_holds_the_rest_of_both() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let store = &bench.store;
        let theirs = FIRST.replace("network.router", "network.gateway").replace("en: Heater", "en: Boiler");
        let mine = FIRST.replace("network.router", "network.switch") + "note: mine\n";
        store.save_revision(&aoi, &id, Save { parent: 1, text: &theirs, why: "" }).await.unwrap();
        let refused = store.save_revision(&aoi, &id, Save { parent: 1, text: &mine, why: "" }).await;
        let Err(StoreError::Conflict(conflict)) = refused else { panic!("saved: {refused:?}") };
        assert_eq!(conflict.clashes.len(), 1);
        assert_eq!(conflict.text, theirs + "note: mine\n");
    });
}

#[test]
fn many_who_save_at_once_lose_nothing() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let tasks: Vec<_> = (0..12)
            .map(|n| {
                let (store, actor, id) = (bench.store.clone(), aoi.clone(), id.clone());
                tokio::spawn(async move {
                    let text = format!("{FIRST}  - id: asset-{n}\n    kind: device\n");
                    store.save_revision(&actor, &id, Save { parent: 1, text: &text, why: "" }).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let latest = bench.store.latest(&aoi, &id).await.unwrap();
        assert_eq!(latest.revision.number, 13);
        for n in 0..12 {
            assert_eq!(latest.text.matches(&format!("id: asset-{n}\n")).count(), 1, "{}", latest.text);
        }
        let verified = bench.store.verify_audit().await.unwrap();
        assert_eq!(verified[0].broken, None);
    });
}

#[test]
fn an_approval_is_of_one_revision() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let store = &bench.store;
        let approval = store.approve(&aoi, &id, 1, "good for production").await.unwrap();
        store.save_revision(&aoi, &id, Save { parent: 1, text: "anshin: 1\n", why: "" }).await.unwrap();
        let system = store.system(&aoi, &id).await.unwrap();
        assert_eq!((system.latest, system.approved), (2, Some(1)));
        let approvals = store.approvals(&aoi, &id).await.unwrap();
        assert_eq!(approvals[0].hash, store.content(&aoi, &id, 1).await.unwrap().revision.hash);
        store.withdraw_approval(&aoi, &approval).await.unwrap();
        assert_eq!(store.system(&aoi, &id).await.unwrap().approved, None);
        assert!(matches!(store.withdraw_approval(&aoi, &approval).await, Err(StoreError::NotFound)));
        assert!(matches!(store.approve(&aoi, &id, 3, "").await, Err(StoreError::NotFound)));
    });
}

#[test]
fn nobody_reaches_over_the_border_of_an_organization() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let store = &bench.store;
        let approval = store.approve(&aoi, &id, 1, "").await.unwrap();
        let other = Administrator {
            organization: "Other Works",
            login: "mio",
            name: "Mio",
            password: PASSWORD,
            language: Lang::Ja,
        };
        store.add_organization(other).await.unwrap();
        let mio = bench.sign_in("mio").await;
        macro_rules! not_found {
            ($($call:expr),* $(,)?) => { $(
                assert!(matches!($call.await, Err(StoreError::NotFound)), "{}", stringify!($call));
            )* };
        }
        not_found!(
            store.system(&mio, &id),
            store.latest(&mio, &id),
            store.content(&mio, &id, 1),
            store.save_revision(&mio, &id, Save { parent: 1, text: "x: 1", why: "" }),
            store.set_archived(&mio, &id, true),
            store.approve(&mio, &id, 1, ""),
            store.withdraw_approval(&mio, &approval),
            store.set_role(&mio, aoi.user(), Role::Viewer),
            store.disable_user(&mio, aoi.user()),
            store.reset_password(&mio, aoi.user(), "another fine password"),
            store.end_session(&mio, aoi.session().unwrap()),
            store.remove_devices(&mio, aoi.user(), PASSWORD),
            store.reopen_user(&mio, aoi.user(), PASSWORD),
        );
        assert_eq!(store.systems(&mio).await.unwrap(), []);
        assert_eq!(store.revisions(&mio, &id, newest()).await.unwrap(), []);
        assert_eq!(store.approvals(&mio, &id).await.unwrap(), []);
        assert_eq!(store.users(&mio).await.unwrap().len(), 1);
        assert_eq!(store.sessions(&mio).await.unwrap().len(), 1);
        let seen = store.audit(&mio, None, 100).await.unwrap();
        assert!(seen.iter().all(|entry| entry.actor == "mio"), "{seen:?}");
        assert_eq!(store.latest(&aoi, &id).await.unwrap().revision.number, 1);
    });
}

#[test]
fn too_little_right_changes_nothing() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let id = system(&bench, &aoi).await;
        let store = &bench.store;
        for role in [Role::Viewer, Role::Editor] {
            let login = role.as_str();
            let new = NewUser { login, name: login, password: PASSWORD, role, language: Lang::Ja };
            store.create_user(&aoi, new).await.unwrap();
        }
        let (viewer, editor) = (bench.sign_in("viewer").await, bench.sign_in("editor").await);
        let before = store.audit(&aoi, None, 100).await.unwrap();
        let draft = Draft { text: FIRST, why: "" };
        let save = Save { parent: 1, text: "x: 1", why: "" };
        assert!(matches!(store.create_system(&viewer, draft).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.save_revision(&viewer, &id, save).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.set_archived(&viewer, &id, true).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.approve(&editor, &id, 1, "").await, Err(StoreError::Forbidden(_))));
        assert!(matches!(store.audit(&editor, None, 1).await, Err(StoreError::Forbidden(_))));
        assert_eq!(store.audit(&aoi, None, 100).await.unwrap(), before);
        assert_eq!(store.latest(&viewer, &id).await.unwrap().text, FIRST);
    });
}
