//! What others bring: remarks, evidence, suppliers' answers, invitations, tokens.

use anshin_model::Lang;
use anshin_store::{
    Administrator, Draft, Given, NewComment, NewEvidence, NewLink, NewToken, Reply, Right, Role, StoreError,
};
use jiff::SignedDuration;

use crate::bench::{PASSWORD, on_both};

const TEXT: Draft<'_> = Draft { text: "anshin: 1\nsystem: { id: a, name: A }\n", why: "" };

#[test]
fn remarks_are_written_and_settled() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let system = store.create_system(&aoi, TEXT).await.unwrap().id;
        let new = NewComment { subject: "threat/cloud/malware-infection", body: "seen?\r\n<b>" };
        let id = store.add_comment(&aoi, &system, new).await.unwrap();
        let empty = store.add_comment(&aoi, &system, NewComment { subject: "", body: " " }).await;
        assert!(matches!(empty, Err(StoreError::Invalid(_))));
        store.resolve_comment(&aoi, &id).await.unwrap();
        assert!(matches!(store.resolve_comment(&aoi, &id).await, Err(StoreError::NotFound)));
        let comments = store.comments(&aoi, &system).await.unwrap();
        assert_eq!((comments.len(), comments[0].body.as_str()), (1, "seen?\n<b>"));
        assert!(comments[0].resolved.is_some());
    });
}

#[test]
fn evidence_is_kept_by_its_content_and_only_of_known_kinds() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let system = store.create_system(&aoi, TEXT).await.unwrap().id;
        let pdf: Vec<u8> = b"%PDF-1.7 \x00\xff".to_vec();
        let new = NewEvidence { subject: "requirement/updates", name: "..\\..\\C:\\試験.pdf", bytes: &pdf };
        let first = store.add_evidence(&aoi, &system, new).await.unwrap();
        bench.clock.advance(SignedDuration::from_secs(1));
        let again = NewEvidence { name: "../same.pdf", ..new };
        store.add_evidence(&aoi, &system, again).await.unwrap();
        let (file, bytes) = store.evidence_content(&aoi, &first).await.unwrap();
        assert_eq!((file.name.as_str(), file.media.as_str()), ("試験.pdf", "application/pdf"));
        assert_eq!(bytes, pdf);
        let all = store.evidence(&aoi, &system).await.unwrap();
        assert_eq!((all.len(), all[1].name.as_str(), &all[1].hash), (2, "same.pdf", &file.hash));
        let svg = b"<svg onload='alert(1)'/>".as_slice();
        let html = b"<!doctype html><script>alert(1)</script>".as_slice();
        for (name, bytes) in [
            ("a.svg", svg),
            ("a.html", html),
            ("a.exe", b"MZ\x90\x00".as_slice()),
            ("a.zip", b"PK\x03\x04".as_slice()),
            ("a.txt", b"a\x00b".as_slice()),
            ("a.pdf", b"".as_slice()),
            ("..", b"text".as_slice()),
            ("a.pdf", vec![b' '; 21 << 20].as_slice()),
        ] {
            let refused = store.add_evidence(&aoi, &system, NewEvidence { subject: "", name, bytes }).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{name}");
        }
        let text = NewEvidence { subject: "", name: "<x>.txt", bytes: html };
        let id = store.add_evidence(&aoi, &system, text).await.unwrap();
        let (file, _) = store.evidence_content(&aoi, &id).await.unwrap();
        assert_eq!((file.name.as_str(), file.media.as_str()), ("_x_.txt", "text/plain"));
    });
}

#[test]
fn a_link_opens_one_sheet_until_it_ends() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let system = store.create_system(&aoi, TEXT).await.unwrap().id;
        let (link, token) =
            store.create_link(&aoi, &system, NewLink { stakeholder: "supplier", days: 14 }).await.unwrap();
        let (_, other) =
            store.create_link(&aoi, &system, NewLink { stakeholder: "resident", days: 14 }).await.unwrap();
        let guest = store.guest_of_link(token.as_str()).await.unwrap().unwrap();
        assert_eq!((guest.stakeholder(), guest.system()), ("supplier", &system));
        assert_eq!(store.guest_content(&guest).await.unwrap().text, TEXT.text);
        let updates = |reply, note| Given { item: "requirement/updates", reply, note };
        store.answer(&guest, &[updates(Reply::Cannot, "")]).await.unwrap();
        // All or none: a remark that is too long takes the other answer with it.
        let (long, item) = ("x".repeat(100_000), "requirement/malware-protection");
        let both = [updates(Reply::Done, ""), Given { item, reply: Reply::Done, note: &long }];
        assert!(matches!(store.answer(&guest, &both).await, Err(StoreError::Invalid(_))));
        let both = [updates(Reply::Will, "by June"), Given { item, reply: Reply::Done, note: "" }];
        store.answer(&guest, &both).await.unwrap();
        // What was said before is not said again.
        store.answer(&guest, &both).await.unwrap();
        let told = store.audit(&aoi, None, 100).await.unwrap();
        assert_eq!(told.iter().filter(|entry| entry.action == "link.answer").count(), 3);
        assert!(store.verify_audit().await.unwrap().iter().all(|trail| trail.broken.is_none()));
        let other = store.guest_of_link(other.as_str()).await.unwrap().unwrap();
        store.answer(&other, &[updates(Reply::Done, "")]).await.unwrap();
        let own = store.guest_answers(&guest).await.unwrap();
        assert_eq!(own.len(), 2);
        assert_eq!((own[1].reply, own[1].note.as_str()), (Reply::Will, "by June"));
        assert_eq!(store.answers(&aoi, &system).await.unwrap().len(), 3);
        // A link is no session and no token.
        assert!(store.actor_of_session(token.as_str()).await.unwrap().is_none());
        assert!(store.actor_of_token(token.as_str()).await.unwrap().is_none());
        store.end_link(&aoi, &link).await.unwrap();
        assert!(store.guest_of_link(token.as_str()).await.unwrap().is_none());
        let (_, short) =
            store.create_link(&aoi, &system, NewLink { stakeholder: "supplier", days: 1 }).await.unwrap();
        bench.clock.advance(SignedDuration::from_hours(24));
        assert!(store.guest_of_link(short.as_str()).await.unwrap().is_none());
        assert_eq!(store.links(&aoi, &system).await.unwrap().len(), 3);
    });
}

#[test]
fn a_token_may_no_more_than_its_scope_and_its_owner() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let new = |scope| NewToken { name: "script", scope, days: 30 };
        let (id, token) = store.create_token(&aoi, new(Right::Read)).await.unwrap();
        let (_, all) = store.create_token(&aoi, new(Right::Administer)).await.unwrap();
        let reader = store.actor_of_token(token.as_str()).await.unwrap().unwrap();
        assert!(reader.may(Right::Read) && !reader.may(Right::Edit));
        assert!(matches!(store.create_system(&reader, TEXT).await, Err(StoreError::Forbidden(_))));
        let strong = store.actor_of_token(all.as_str()).await.unwrap().unwrap();
        store.create_system(&strong, TEXT).await.unwrap();
        let more = store.create_token(&strong, new(Right::Read)).await;
        assert!(matches!(more, Err(StoreError::Forbidden(_))), "a token makes no tokens");
        let invited = store.invite(&aoi, Role::Administrator).await.unwrap();
        let mio = store.accept_invitation(invited.as_str(), "mio", "Mio", PASSWORD, Lang::Ja).await.unwrap();
        let mio_actor = bench.sign_in("mio").await;
        store.set_role(&mio_actor, aoi.user(), Role::Viewer).await.unwrap();
        let weak = store.actor_of_token(all.as_str()).await.unwrap().unwrap();
        assert!(!weak.may(Right::Edit), "the owner's role has changed");
        store.end_token(&aoi, &id).await.unwrap();
        assert!(store.actor_of_token(token.as_str()).await.unwrap().is_none());
        bench.clock.advance(SignedDuration::from_hours(24 * 30));
        assert!(store.actor_of_token(all.as_str()).await.unwrap().is_none());
        let again = store.accept_invitation(invited.as_str(), "x", "X", PASSWORD, Lang::Ja).await;
        assert!(matches!(again, Err(StoreError::NotFound)), "an invitation works once, not for {mio}");
    });
}

#[test]
fn what_others_bring_stays_inside_its_organization() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let system = store.create_system(&aoi, TEXT).await.unwrap().id;
        let comment = store.add_comment(&aoi, &system, NewComment { subject: "", body: "b" }).await.unwrap();
        let file = NewEvidence { subject: "", name: "a.txt", bytes: b"a" };
        let evidence = store.add_evidence(&aoi, &system, file).await.unwrap();
        let new_link = NewLink { stakeholder: "s", days: 1 };
        let (link, token) = store.create_link(&aoi, &system, new_link).await.unwrap();
        let guest = store.guest_of_link(token.as_str()).await.unwrap().unwrap();
        store.answer(&guest, &[Given { item: "a", reply: Reply::Done, note: "" }]).await.unwrap();
        let new_token = NewToken { name: "t", scope: Right::Read, days: 1 };
        let (api, _) = store.create_token(&aoi, new_token).await.unwrap();
        let other = Administrator {
            organization: "Other",
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
            store.add_comment(&mio, &system, NewComment { subject: "", body: "b" }),
            store.resolve_comment(&mio, &comment),
            store.add_evidence(&mio, &system, file),
            store.evidence_content(&mio, &evidence),
            store.create_link(&mio, &system, new_link),
            store.end_link(&mio, &link),
            store.end_token(&mio, &api),
        );
        assert!(store.comments(&mio, &system).await.unwrap().is_empty());
        assert!(store.evidence(&mio, &system).await.unwrap().is_empty());
        assert!(store.links(&mio, &system).await.unwrap().is_empty());
        assert!(store.answers(&mio, &system).await.unwrap().is_empty());
        assert!(store.tokens(&mio).await.unwrap().is_empty());
    });
}
