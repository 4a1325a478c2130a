//! People, signing in and what they may do.

use crate::bench::{PASSWORD, on_both};
use anshin_model::Lang;
use anshin_store::{Administrator, NewIdentity, NewUser, Right, Role, SignIn, StoreError};
use jiff::SignedDuration;

/// The key of RFC 6238, whose code at the moment 1234567890 is 005924.
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn person(login: &str, role: Role) -> NewUser<'_> {
    NewUser { login, name: login, password: PASSWORD, role, language: Lang::Ja }
}

fn given<'a>(login: &'a str, password: &'a str) -> SignIn<'a> {
    SignIn { login, password, code: None, device: "test" }
}

#[test]
fn there_is_one_first_administrator() {
    on_both(async |bench| {
        let new = |login| Administrator {
            organization: "Works",
            login,
            name: "n",
            password: PASSWORD,
            language: Lang::Ja,
        };
        let (a, b) = (bench.store.clone(), bench.open_again().await);
        let (one, two) = tokio::join!(a.create_administrator(new("one")), b.create_administrator(new("two")));
        let (good, bad) = if one.is_ok() { (one, two) } else { (two, one) };
        assert!(good.is_ok());
        assert!(matches!(bad, Err(StoreError::AlreadyStarted)));
    });
}

#[test]
fn a_session_ends_when_it_is_not_used_or_ended() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let second = store.sign_in(given("AOI ", PASSWORD)).await.unwrap();
        assert_eq!(store.sessions(&aoi).await.unwrap().len(), 2);
        for _ in 0..3 {
            bench.clock.advance(SignedDuration::from_hours(11));
            assert!(store.actor_of_session(second.token.as_str()).await.unwrap().is_some());
        }
        assert_eq!(store.sessions(&aoi).await.unwrap().len(), 1, "the first was not used");
        let actor = store.actor_of_session(second.token.as_str()).await.unwrap().unwrap();
        store.end_session(&actor, &second.session).await.unwrap();
        assert!(store.actor_of_session(second.token.as_str()).await.unwrap().is_none());
        assert!(store.actor_of_session("made up").await.unwrap().is_none());
    });
}

#[test]
fn wrong_passwords_lock_an_account_for_longer_and_longer() {
    on_both(async |bench| {
        bench.administrator().await;
        let store = &bench.store;
        let wrong = async || store.sign_in(given("aoi", "a wrong password")).await.unwrap_err();
        for _ in 0..5 {
            assert!(matches!(wrong().await, StoreError::WrongCredentials));
        }
        let locked = store.sign_in(given("aoi", PASSWORD)).await.unwrap_err();
        assert!(matches!(locked, StoreError::Locked { until, .. } if until > bench.clock.now()));
        bench.clock.advance(SignedDuration::from_secs(61));
        assert!(matches!(wrong().await, StoreError::WrongCredentials));
        bench.clock.advance(SignedDuration::from_secs(61));
        assert!(matches!(wrong().await, StoreError::Locked { .. }), "the second lock is longer");
        bench.clock.advance(SignedDuration::from_secs(61));
        store.sign_in(given("aoi", PASSWORD)).await.unwrap();
        assert!(matches!(wrong().await, StoreError::WrongCredentials));
        store.sign_in(given("aoi", PASSWORD)).await.unwrap();
        let nobody = store.sign_in(given("nobody", PASSWORD)).await.unwrap_err();
        assert!(matches!(nobody, StoreError::WrongCredentials));
    });
}

#[test]
fn nobody_learns_from_the_words_which_names_exist() {
    on_both(async |bench| {
        bench.administrator().await;
        for _ in 0..7 {
            let of = async |login| {
                let refused = bench.store.sign_in(given(login, "a wrong password")).await.unwrap_err();
                Lang::ALL.map(|lang| refused.text().get(lang).to_owned())
            };
            assert_eq!(of("aoi").await, of("nobody").await);
        }
    });
}

#[test]
fn whoever_lost_the_phone_gets_in_again() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let ren = store.create_user(&aoi, person("ren", Role::Editor)).await.unwrap();
        let now = bench.clock.now().as_second();
        bench.clock.advance(SignedDuration::from_secs(1_234_567_890 - now));
        let (aoi, before) = (bench.sign_in("aoi").await, bench.sign_in("ren").await);
        let key = NewIdentity { issuer: "passkey:works", subject: "key", name: "phone", public_key: "04" };
        store.add_identity(&before, key).await.unwrap();
        let linked = NewIdentity { issuer: "https://id.example", subject: "r", name: "r", public_key: "" };
        store.add_identity(&before, linked).await.unwrap();
        store.set_totp(&before, KEY, "005924", PASSWORD).await.unwrap();
        let seen = async || {
            let all = store.users(&aoi).await.unwrap();
            all.into_iter().find(|user| user.id == ren).map(|user| (user.has_totp, user.has_passkey))
        };
        assert_eq!(seen().await, Some((true, true)));
        assert!(matches!(
            store.remove_devices(&aoi, &ren, "a wrong password").await,
            Err(StoreError::WrongPassword)
        ));
        assert!(matches!(
            store.remove_devices(&before, aoi.user(), PASSWORD).await,
            Err(StoreError::Forbidden(Right::Administer))
        ));
        store.remove_devices(&aoi, &ren, PASSWORD).await.unwrap();
        assert_eq!(seen().await, Some((false, false)));
        assert!(store.sessions(&before).await.unwrap().is_empty(), "whoever has the phone is out");
        let after = bench.sign_in("ren").await;
        assert_eq!(store.identities(&after).await.unwrap().len(), 1, "the account elsewhere stays");
        let last = store.audit(&aoi, None, 2).await.unwrap().remove(1);
        assert_eq!((last.action.as_str(), last.actor.as_str()), ("user.devices-off", "aoi"));
    });
}

#[test]
fn a_closed_account_is_opened_again() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let ren = store.create_user(&aoi, person("ren", Role::Editor)).await.unwrap();
        assert!(matches!(store.reopen_user(&aoi, &ren, PASSWORD).await, Err(StoreError::NotFound)), "open");
        let editor = bench.sign_in("ren").await;
        store.disable_user(&aoi, &ren).await.unwrap();
        let forbidden = store.reopen_user(&editor, &ren, PASSWORD).await;
        assert!(matches!(forbidden, Err(StoreError::Forbidden(Right::Administer))));
        let without = store.reopen_user(&aoi, &ren, "a wrong password").await;
        assert!(matches!(without, Err(StoreError::WrongPassword)));
        assert!(store.sign_in(given("ren", PASSWORD)).await.is_err());
        store.reopen_user(&aoi, &ren, PASSWORD).await.unwrap();
        assert_eq!(bench.sign_in("ren").await.role(), Role::Editor);
        assert_eq!(store.audit(&aoi, None, 2).await.unwrap()[1].action, "user.reopen");
    });
}

#[test]
fn an_administrator_who_is_locked_out_is_let_in_by_command() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        store.create_user(&aoi, person("ren", Role::Editor)).await.unwrap();
        let now = bench.clock.now().as_second();
        bench.clock.advance(SignedDuration::from_secs(1_234_567_890 - now));
        let aoi = bench.sign_in("aoi").await;
        let key = NewIdentity { issuer: "passkey:works", subject: "key", name: "phone", public_key: "04" };
        store.add_identity(&aoi, key).await.unwrap();
        store.set_totp(&aoi, KEY, "005924", PASSWORD).await.unwrap();
        for _ in 0..6 {
            store.sign_in(given("aoi", "a wrong password")).await.unwrap_err();
        }
        let new = "another fine password";
        for (login, password) in [("ren", new), ("nobody", new), ("aoi", "short")] {
            let refused = store.recover_administrator(login, password).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{login}: {refused:?}");
        }
        store.recover_administrator("AOI", new).await.unwrap();
        assert!(store.sessions(&aoi).await.unwrap().is_empty());
        assert!(store.sign_in(given("aoi", PASSWORD)).await.is_err());
        store.sign_in(given("aoi", new)).await.unwrap();
        assert!(store.identities(&aoi).await.unwrap().is_empty());
        let told = store.audit(&aoi, None, 10).await.unwrap();
        let told = told.iter().find(|entry| entry.action == "user.recover").unwrap();
        assert_eq!((told.actor.as_str(), told.detail.as_str()), ("aoi", r#"{"by":"command line"}"#));
        assert!(store.verify_audit().await.unwrap().iter().all(|trail| trail.broken.is_none()));
    });
}

#[test]
fn passwords_that_an_earlier_program_hashed_still_count() {
    on_both(async |bench| {
        bench.administrator().await;
        // Of another strength than this program gives: 8 MiB, three passes.
        let hash = "$argon2id$v=19$m=8192,t=3,p=1$c29tZS1zYWx0LTE2LWJ5dA$BpcxUOynlCQN87OSeNk91aVA2NbMP6ilOEhGw0TBhTs";
        bench.rows(&format!("UPDATE users SET password_hash = '{hash}' WHERE login = 'aoi'")).await;
        bench.store.sign_in(given("aoi", PASSWORD)).await.unwrap();
        assert!(bench.store.sign_in(given("aoi", "a wrong password")).await.is_err());
        bench.rows("UPDATE users SET password_hash = 'no hash' WHERE login = 'aoi'").await;
        assert!(matches!(
            bench.store.sign_in(given("aoi", PASSWORD)).await,
            Err(StoreError::WrongCredentials)
        ));
    });
}

#[test]
fn an_organization_keeps_an_administrator() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let demoted = store.set_role(&aoi, aoi.user(), Role::Editor).await;
        assert!(matches!(demoted, Err(StoreError::LastAdministrator)));
        let ren = store.create_user(&aoi, person("ren", Role::Viewer)).await.unwrap();
        let closed = store.disable_user(&aoi, aoi.user()).await;
        assert!(matches!(closed, Err(StoreError::LastAdministrator)));
        store.set_role(&aoi, &ren, Role::Administrator).await.unwrap();
        let ren = bench.sign_in("ren").await;
        store.disable_user(&ren, aoi.user()).await.unwrap();
        assert!(matches!(store.sign_in(given("aoi", PASSWORD)).await, Err(StoreError::WrongCredentials)));
        assert!(store.users(&ren).await.unwrap().iter().any(|user| user.disabled.is_some()));
    });
}

#[test]
fn a_name_is_taken_once_and_passwords_are_strong() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        let again = store.create_user(&aoi, person("Aoi", Role::Viewer)).await;
        assert!(matches!(again, Err(StoreError::Taken)));
        for password in ["short", "aaaaaaaaaaaaaaaa", "administrator1", &"x".repeat(2000)] {
            let new = NewUser { password, ..person("administrator1", Role::Viewer) };
            assert!(matches!(store.create_user(&aoi, new).await, Err(StoreError::Invalid(_))), "{password}");
        }
        store.change_password(&aoi, PASSWORD, "another fine password").await.unwrap();
        assert!(store.sign_in(given("aoi", PASSWORD)).await.is_err());
        store.sign_in(given("aoi", "another fine password")).await.unwrap();
    });
}

#[test]
fn each_role_may_do_what_those_below_may() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        for role in Role::ALL {
            bench.store.create_user(&aoi, person(role.as_str(), role)).await.unwrap();
            let actor = bench.sign_in(role.as_str()).await;
            let rights = [Right::Read, Right::Edit, Right::Approve, Right::Administer];
            let held = rights.iter().filter(|right| actor.may(**right)).count();
            assert_eq!(held, 1 + Role::ALL.iter().position(|r| *r == role).unwrap());
            let managing = bench.store.users(&actor).await;
            assert_eq!(managing.is_ok(), role == Role::Administrator);
        }
    });
}

#[test]
fn an_authenticator_app_makes_a_code_necessary() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        assert!(store.set_totp(&aoi, &store.new_totp_secret(), "000000", PASSWORD).await.is_err());
        let now = bench.clock.now().as_second();
        bench.clock.advance(SignedDuration::from_secs(1_234_567_890 - now));
        let aoi_then = bench.sign_in("aoi").await;
        let without = store.set_totp(&aoi_then, KEY, "005924", "a wrong password").await;
        assert!(matches!(without, Err(StoreError::WrongPassword)));
        store.set_totp(&aoi_then, KEY, "005924", PASSWORD).await.unwrap();
        let with = |code| SignIn { code, ..given("aoi", PASSWORD) };
        assert!(matches!(store.sign_in(with(None)).await, Err(StoreError::CodeNeeded)));
        assert!(matches!(store.sign_in(with(Some("000001"))).await, Err(StoreError::WrongCredentials)));
        assert!(
            matches!(store.sign_in(with(Some("005924"))).await, Err(StoreError::WrongCredentials)),
            "used"
        );
        bench.clock.advance(SignedDuration::from_secs(2_000_000_000 - 1_234_567_890));
        store.sign_in(with(Some("279 037"))).await.unwrap();
        assert!(
            matches!(store.sign_in(with(Some("279037"))).await, Err(StoreError::WrongCredentials)),
            "used"
        );
    });
}

#[test]
fn only_an_open_account_with_nothing_but_a_password_is_claimed() {
    on_both(async |bench| {
        let (store, aoi) = (&bench.store, bench.administrator().await);
        let claim = async |email: &str| {
            let new =
                NewIdentity { issuer: "https://id.example", subject: email, name: email, public_key: "" };
            store.claim_by_email(new, email).await.unwrap().is_some()
        };
        for login in ["plain@example.com", "closed@example.com", "codes@example.com"] {
            store.create_user(&aoi, person(login, Role::Viewer)).await.unwrap();
        }
        let closed = store.users(&aoi).await.unwrap();
        let closed = closed.iter().find(|user| user.login == "closed@example.com").unwrap();
        store.disable_user(&aoi, &closed.id).await.unwrap();
        let now = bench.clock.now().as_second();
        bench.clock.advance(SignedDuration::from_secs(1_234_567_890 - now));
        let codes = bench.sign_in("codes@example.com").await;
        store.set_totp(&codes, KEY, "005924", PASSWORD).await.unwrap();
        assert!(!claim("closed@example.com").await);
        assert!(!claim("codes@example.com").await);
        // Its password still counts, with a code.
        assert!(matches!(
            store.sign_in(given("codes@example.com", PASSWORD)).await,
            Err(StoreError::CodeNeeded)
        ));
        assert!(claim("plain@example.com").await);
        assert!(!claim("plain@example.com").await, "it has a way in already");
    });
}

#[test]
fn an_organization_chooses_the_time_zone_in_which_it_reads_times() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        let store = &bench.store;
        assert_eq!((aoi.zone_name(), aoi.zone().is_none()), ("", true));
        store.set_organization(&aoi, "Example Works", " asia/tokyo ").await.unwrap();
        let again = bench.sign_in("aoi").await;
        assert_eq!(again.zone_name(), "Asia/Tokyo");
        assert_eq!(again.zone().unwrap().iana_name(), Some("Asia/Tokyo"));
        for wrong in ["Asia/Edo", "JST-9", "../etc/passwd", "+09:00", "/usr/share/zoneinfo/Asia/Tokyo"] {
            let refused = store.set_organization(&aoi, "Other Works", wrong).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{wrong}: {refused:?}");
        }
        assert!(store.set_organization(&aoi, " ", "Europe/Berlin").await.is_err());
        let kept = bench.sign_in("aoi").await;
        assert_eq!((kept.organization_name(), kept.zone_name()), ("Example Works", "Asia/Tokyo"));
        store.create_user(&aoi, person("ken", Role::Approver)).await.unwrap();
        let refused = store.set_organization(&bench.sign_in("ken").await, "Example Works", "UTC").await;
        assert!(matches!(refused, Err(StoreError::Forbidden(Right::Administer))));
        assert_eq!(bench.sign_in("ken").await.zone_name(), "Asia/Tokyo");
        store.set_organization(&aoi, "Other Works", "").await.unwrap();
        let told: Vec<_> = store.audit(&aoi, None, 100).await.unwrap();
        let told =
            told.iter().map(|entry| entry.action.as_str()).filter(|it| it.starts_with("organization."));
        assert_eq!(
            told.collect::<Vec<_>>(),
            ["organization.zone", "organization.rename", "organization.zone", "organization.create"]
        );
        assert_eq!(bench.sign_in("aoi").await.zone_name(), "");
    });
}
