//! What happens when the ground gives way: the database gone and back, a folder that cannot be
//! written, a clock that was set back.

use anshin_store::{Draft, Place, Save, Store, StoreError};
use jiff::SignedDuration;

use crate::bench::postgres::Door;
use crate::bench::{Bench, on_both};

const TEXT: Draft<'_> = Draft { text: "anshin: 1\nsystem: { id: a, name: A }\n", why: "" };
const NEXT: &str = "anshin: 1\nsystem: { id: a, name: B }\n";

#[test]
fn a_database_that_goes_and_comes_back_has_lost_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let door = Door::new();
        let bench = Bench::new(Place::Postgres(door.address()), tempfile::tempdir().unwrap()).await;
        let aoi = bench.administrator().await;
        let system = bench.store.create_system(&aoi, TEXT).await.unwrap().id;
        door.close();
        let save = Save { parent: 1, text: NEXT, why: "" };
        let refused = bench.store.save_revision(&aoi, &system, save).await.unwrap_err();
        assert!(matches!(refused, StoreError::Unreachable(_)), "{refused:?}");
        assert!(!bench.store.is_ready().await);
        door.open();
        let saved = bench.store.save_revision(&aoi, &system, save).await.unwrap();
        assert_eq!(saved.revision().number, 2);
        assert!(bench.store.is_ready().await);
        let verified = bench.store.verify_audit().await.unwrap();
        assert!(verified.iter().all(|trail| trail.broken.is_none()), "{verified:?}");
    });
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let below = Place::folder(&file);
        let opened = Store::open(&below, Store::system_clock()).await;
        assert!(matches!(opened, Err(StoreError::Database(_) | StoreError::Unreachable(_))), "{opened:?}");
        // A file that is something else stays as it is.
        let other = folder.path().join("anshin.sqlite");
        std::fs::write(&other, "somebody's notes, long enough to be looked at".repeat(100)).unwrap();
        let opened = Store::open(&Place::folder(folder.path()), Store::system_clock()).await;
        let migrated = match opened {
            Ok(store) => store.migrate().await,
            Err(error) => Err(error),
        };
        assert!(migrated.is_err());
        assert!(std::fs::read_to_string(&other).unwrap().starts_with("somebody's notes"));
    });
}

#[test]
fn a_clock_set_back_loses_nothing_and_the_trail_verifies() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let system = store.create_system(&aoi, TEXT).await.unwrap().id;
        bench.clock.advance(-SignedDuration::from_hours(24));
        let save = Save { parent: 1, text: NEXT, why: "a day before" };
        assert_eq!(store.save_revision(&aoi, &system, save).await.unwrap().revision().number, 2);
        // Numbers order revisions, not times.
        assert_eq!(store.latest(&aoi, &system).await.unwrap().text, NEXT);
        let again = bench.sign_in("aoi").await;
        assert_eq!(store.systems(&again).await.unwrap().len(), 1);
        let verified = store.verify_audit().await.unwrap();
        assert!(verified.iter().all(|trail| trail.broken.is_none()), "{verified:?}");
    });
}

#[test]
fn several_servers_try_at_once_whether_there_is_room() {
    on_both(async |bench| {
        let other = bench.open_again().await;
        let tries: Vec<_> = (0..40)
            .map(|n| if n % 2 == 0 { bench.store.clone() } else { other.clone() })
            .map(|store| tokio::spawn(async move { store.try_writing().await }))
            .collect();
        for tried in tries {
            tried.await.unwrap().unwrap();
        }
    });
}
