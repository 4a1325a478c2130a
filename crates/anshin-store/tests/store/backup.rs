//! Backup, restore and the check of both.

use anshin_store::{
    Draft, Given, NewComment, NewEvidence, NewLink, NewPaper, PaperKind, Place, Reply, Save, SavePaper,
    SignIn, Store, StoreError, check, restore,
};
use sqlx::{Connection as _, Executor as _};

use crate::bench::{Bench, PASSWORD, on_both};

/// A store with something of everything.
async fn filled(bench: &Bench) -> anshin_store::Actor {
    let aoi = bench.administrator().await;
    let store = &bench.store;
    let draft = Draft { text: "anshin: 1\n# 最初\n", why: "first" };
    let system = store.create_system(&aoi, draft).await.unwrap().id;
    for n in 1..=70 {
        let text = format!("anshin: 1\n# {n}\n");
        store.save_revision(&aoi, &system, Save { parent: n, text: &text, why: "" }).await.unwrap();
    }
    store.approve(&aoi, &system, 3, "good").await.unwrap();
    store.add_comment(&aoi, &system, NewComment { subject: "", body: "b" }).await.unwrap();
    let file = NewEvidence { subject: "", name: "a.pdf", bytes: b"%PDF-\x00\xff" };
    store.add_evidence(&aoi, &system, file).await.unwrap();
    let new = NewLink { stakeholder: "s", days: 3 };
    let (_, token) = store.create_link(&aoi, &system, new).await.unwrap();
    let guest = store.guest_of_link(token.as_str()).await.unwrap().unwrap();
    store.answer(&guest, &[Given { item: "a", reply: Reply::Done, note: "" }]).await.unwrap();
    let text = "anshin-answers: 1\n";
    let new = NewPaper { kind: PaperKind::Round, about: "five-minute", system: Some(&system), text };
    let round = store.create_paper(&aoi, new).await.unwrap().id;
    let save = SavePaper { parent: 1, text: "anshin-answers: 1\n# 次\n" };
    store.save_paper(&aoi, &round, save).await.unwrap();
    store.set_organization(&aoi, "Example Works", "Asia/Tokyo").await.unwrap();
    aoi
}

#[test]
fn a_backup_brings_everything_back_into_either_database() {
    on_both(async |bench| {
        let aoi = filled(&bench).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.sqlite");
        let made = bench.store.backup(&file).await.unwrap();
        assert_eq!((made.systems, made.revisions, made.files), (1, 71, 1));
        assert_eq!(made.problems, []);
        assert_eq!(check(&file).await.unwrap(), made);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "it holds hashes of passwords");
        }
        let again = bench.store.backup(&file).await;
        assert!(matches!(again, Err(StoreError::Invalid(_))), "a backup is never written over");
        let names: Vec<_> = folder.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().contains("part")), "{names:?}");
        for place in [bench.empty_postgres(), Place::folder(&folder.path().join("x"))] {
            if let Place::File(path) = &place {
                std::fs::create_dir(path.parent().unwrap()).unwrap();
            }
            let target = Store::open(&place, Store::system_clock()).await.unwrap();
            target.migrate().await.unwrap();
            restore(&file, &target).await.unwrap();
            let (before, after) =
                (bench.store.systems(&aoi).await.unwrap(), target.systems(&aoi).await.unwrap());
            assert_eq!(before, after);
            let id = &before[0].id;
            assert_eq!(bench.store.latest(&aoi, id).await.unwrap(), target.latest(&aoi, id).await.unwrap());
            assert_eq!(bench.store.answers(&aoi, id).await.unwrap(), target.answers(&aoi, id).await.unwrap());
            let rounds = target.papers(&aoi, PaperKind::Round).await.unwrap();
            assert_eq!(bench.store.papers(&aoi, PaperKind::Round).await.unwrap(), rounds);
            let text = target.paper_text(&aoi, &rounds[0].id, None).await.unwrap();
            assert_eq!(bench.store.paper_text(&aoi, &rounds[0].id, None).await.unwrap(), text);
            assert!(target.sessions(&aoi).await.unwrap().is_empty());
            let trail = target.audit(&aoi, None, 1).await.unwrap();
            assert_eq!(trail[0].action, "data.restore");
            let given = SignIn { login: "aoi", password: PASSWORD, code: None, device: "" };
            let token = target.sign_in(given).await.unwrap().token;
            let again = target.actor_of_session(token.as_str()).await.unwrap().unwrap();
            assert_eq!(again.zone_name(), "Asia/Tokyo");
            assert_eq!(target.check().await.unwrap().problems, []);
            let twice = restore(&file, &target).await;
            assert!(matches!(twice, Err(StoreError::Invalid(_))), "only an empty place is filled");
        }
    });
}

#[test]
fn what_was_changed_behind_the_program_is_found() {
    on_both(async |bench| {
        let aoi = filled(&bench).await;
        let Place::File(path) = &bench.place else { return };
        let change = async |sql: &'static str| {
            let address = format!("sqlite:{}", path.display());
            let mut connection = sqlx::AnyConnection::connect(&address).await.unwrap();
            connection.execute(sql).await.unwrap();
        };
        let broken = async || bench.store.verify_audit().await.unwrap()[0].broken.clone().map(|b| b.0);
        assert_eq!(broken().await, None);
        change("UPDATE audit SET actor = 'someone' WHERE number = 5").await;
        assert_eq!(broken().await, Some(5));
        change("UPDATE audit SET actor = 'aoi' WHERE number = 5").await;
        assert_eq!(broken().await, None);
        change("DELETE FROM audit WHERE number = (SELECT MAX(number) FROM audit)").await;
        let entries = bench.store.audit(&aoi, None, 1).await.unwrap()[0].number;
        assert_eq!(broken().await, Some(entries + 1), "the end was cut off");
        change("UPDATE revisions SET content = 'other' WHERE number = 7").await;
        change("DELETE FROM revisions WHERE number = 9").await;
        change("UPDATE paper_states SET content = 'other' WHERE number = 2").await;
        change("DELETE FROM paper_states WHERE number = 1").await;
        let folder = tempfile::tempdir().unwrap();
        let found = bench.store.backup(&folder.path().join("b")).await.unwrap().problems;
        assert_eq!(found.len(), 5, "{found:?}");
        let refused = check(&folder.path().join("nothing")).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))));
    });
}

#[test]
fn a_backup_while_others_write_is_of_one_moment() {
    on_both(async |bench| {
        let aoi = filled(&bench).await;
        let id = bench.store.systems(&aoi).await.unwrap()[0].id.clone();
        let folder = tempfile::tempdir().unwrap();
        let (store, actor) = (bench.store.clone(), aoi.clone());
        let writing = tokio::spawn(async move {
            for n in 71..120 {
                let text = format!("anshin: 1\n# {n}\n");
                let save = Save { parent: n, text: &text, why: "" };
                store.save_revision(&actor, &id, save).await.unwrap();
            }
        });
        let mut last = 0;
        for n in 0..4 {
            let made = bench.store.backup(&folder.path().join(n.to_string())).await.unwrap();
            assert_eq!(made.problems, []);
            assert!(made.revisions >= last);
            last = made.revisions;
        }
        writing.await.unwrap();
    });
}
