//! Who has which system open, from process to process.

use std::collections::BTreeMap;

use anshin_store::{Draft, SystemId};
use jiff::SignedDuration;

use crate::bench::on_both;

fn names(of: &[(&SystemId, &[&str])]) -> BTreeMap<SystemId, Vec<String>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    of.iter().map(|(id, names)| ((*id).clone(), owned(names))).collect()
}

#[test]
fn who_is_here_is_known_to_other_processes_for_a_moment() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let (here, there) = (&bench.store, bench.open_again().await);
        let draft = Draft { text: "anshin: 1\nsystem: { id: a, name: A }\n", why: "" };
        let one = here.create_system(&aoi, draft).await.unwrap().id;
        let two = here.create_system(&aoi, draft).await.unwrap().id;
        let seen = async |process: &str| there.presence_elsewhere(process).await.unwrap();

        here.keep_presence("here", &names(&[(&one, &["Aoi", "Ken"]), (&two, &["Aoi"])])).await.unwrap();
        there.keep_presence("there", &names(&[(&one, &["\"Mio\""])])).await.unwrap();
        assert_eq!(seen("there").await, names(&[(&one, &["Aoi", "Ken"]), (&two, &["Aoi"])]));
        assert_eq!(seen("here").await, names(&[(&one, &["\"Mio\""])]));
        assert_eq!(seen("third").await, names(&[(&one, &["Aoi", "Ken", "\"Mio\""]), (&two, &["Aoi"])]));

        // What a process says takes the place of what it said before.
        here.keep_presence("here", &names(&[(&two, &["Ken"])])).await.unwrap();
        assert_eq!(seen("there").await, names(&[(&two, &["Ken"])]));

        // One that says nothing any more is gone, and so is one whose clock is far ahead.
        bench.clock.advance(SignedDuration::from_secs(14));
        there.keep_presence("there", &names(&[(&one, &["Mio"])])).await.unwrap();
        assert_eq!(seen("there").await, names(&[(&two, &["Ken"])]));
        bench.clock.advance(SignedDuration::from_secs(2));
        assert_eq!(seen("there").await, names(&[]));
        bench.clock.advance(SignedDuration::from_hours(-1));
        assert_eq!(seen("here").await, names(&[]));

        let many: Vec<String> = (0..100).map(|n| format!("{n:03}")).collect();
        here.keep_presence("here", &BTreeMap::from([(one.clone(), many)])).await.unwrap();
        assert_eq!(seen("there").await[&one].len(), 20);
        here.keep_presence("here", &names(&[])).await.unwrap();
        assert_eq!(seen("there").await, names(&[]));
    });
}
