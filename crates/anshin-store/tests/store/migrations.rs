//! The tables of every earlier program, with rows in them, become those of this one.

use anshin_store::{NewPaper, PaperId, PaperKind, SignIn, Store, SystemId};

use crate::bench::{Bench, PASSWORD, on_both, on_both_empty};

#[test]
fn migrations_go_up_down_and_up() {
    on_both(async |bench| {
        let aoi = bench.administrator().await;
        for kind in [PaperKind::Round, PaperKind::Ledger] {
            let new = NewPaper { kind, about: "", system: None, text: "" };
            bench.store.create_paper(&aoi, new).await.unwrap();
        }
        bench.store.migrate_down().await.unwrap();
        bench.store.migrate().await.unwrap();
        assert!(!bench.store.has_administrator().await.unwrap());
        bench.store.migrate().await.unwrap();
        bench.administrator().await;
    });
}

/// What every program since the first has kept: an organization, somebody in it, and a system.
const FIRST: &str = "
    INSERT INTO organizations (id, name, language, created_at)
        VALUES ('o1', 'Old Works', 'ja', '2025-01-01T00:00:00.000Z');
    INSERT INTO chains (organization, number, hash) VALUES ('o1', 0, '');
    INSERT INTO users (id, organization, login, name, role, language, password_hash, totp_step, failures, created_at)
        VALUES ('u1', 'o1', 'aoi', 'Aoi', 'administrator', 'ja', 'HASH', 0, 0, '2025-01-01T00:00:00.000Z');
    INSERT INTO systems (id, organization, name_ja, name_en, latest, created_at)
        VALUES ('s1', 'o1', '旧', 'Old', 1, '2025-01-02T00:00:00.000Z');
    INSERT INTO revisions (system, number, organization, author, author_name, at, why, hash, content)
        VALUES ('s1', 1, 'o1', 'u1', 'Aoi', '2025-01-02T00:00:00.000Z', 'first', 'h', 'anshin: 1');
";

/// Rounds of answers before they became papers.
const ROUND: &str = "
    INSERT INTO rounds (id, organization, checklist, subject_ja, subject_en, latest, created_at, archived_at)
        VALUES ('r1', 'o1', 'five-minute', '本社', 'Head office', 2, '2025-02-01T00:00:00.000Z', NULL);
    INSERT INTO round_states (round, number, organization, author, author_name, at, hash, content)
        VALUES ('r1', 1, 'o1', 'u1', 'Aoi', '2025-02-01T00:00:00.000Z', 'h', 'one'),
               ('r1', 2, 'o1', 'u1', 'Aoi', '2025-02-02T00:00:00.000Z', 'h', 'two');
";

/// Policies, and the words in them before these became a kind of their own.
const POLICIES: &str = "
    INSERT INTO papers (id, organization, kind, about, name_ja, name_en, latest, created_at)
        VALUES ('p1', 'o1', 'policy', 'basic', '方針', 'Policy', 1, '2025-03-01T00:00:00.000Z'),
               ('w1', 'o1', 'policy', 'words', '', '', 1, '2025-03-01T00:00:00.000Z');
    INSERT INTO paper_states (paper, number, organization, author, author_name, at, hash, content)
        VALUES ('p1', 1, 'o1', 'u1', 'Aoi', '2025-03-01T00:00:00.000Z', 'h', '# Policy'),
               ('w1', 1, 'o1', 'u1', 'Aoi', '2025-03-01T00:00:00.000Z', 'h', 'company=Old Works');
";

/// Fills the tables of a version with what a program of that time would have kept.
async fn fill(bench: &Bench, version: i64) {
    bench.rows(&FIRST.replace("HASH", &hash_of_password().await)).await;
    if (3..=5).contains(&version) {
        bench.rows(ROUND).await;
    }
    if version == 6 {
        bench.rows(POLICIES).await;
    }
}

/// A hash as the program keeps it: made by it, in a database of its own.
async fn hash_of_password() -> String {
    use sqlx::Row as _;
    static HASH: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    let made = async || {
        let folder = tempfile::tempdir().unwrap();
        let place = anshin_store::Place::folder(folder.path());
        let bench = Bench::new(place, folder).await;
        bench.administrator().await;
        let mut found = bench.rows("SELECT password_hash FROM users").await;
        found.remove(0).get::<String, _>(0)
    };
    HASH.get_or_init(made).await.clone()
}

#[test]
fn rows_of_every_earlier_version_are_there_after_the_way_up() {
    on_both_empty(async |bench| {
        let store = &bench.store;
        for version in 1..Store::newest_version() {
            store.migrate_to(version).await.unwrap();
            fill(&bench, version).await;
            store.migrate().await.unwrap();

            let given = SignIn { login: "aoi", password: PASSWORD, code: None, device: "test" };
            let signed_in = store.sign_in(given).await.unwrap();
            let aoi = store.actor_of_session(signed_in.token.as_str()).await.unwrap().unwrap();
            assert_eq!((aoi.organization_name(), aoi.zone_name()), ("Old Works", ""), "from {version}");
            let newest = store.latest(&aoi, &SystemId::from_text("s1")).await.unwrap();
            assert_eq!((newest.text.as_str(), newest.revision.why.as_str()), ("anshin: 1", "first"));

            let mut papers = Vec::new();
            for kind in [PaperKind::Round, PaperKind::Ledger, PaperKind::Policy, PaperKind::PolicyWords] {
                for paper in store.papers(&aoi, kind).await.unwrap() {
                    let (number, text) = store.paper_text(&aoi, &paper.id, None).await.unwrap();
                    papers.push((kind, paper.id, paper.about, number, text));
                }
            }
            let paper = |kind, id: &str, about: &str, number, text: &str| {
                (kind, PaperId::from_text(id), about.to_owned(), number, text.to_owned())
            };
            let expected = match version {
                3..=5 => vec![paper(PaperKind::Round, "r1", "five-minute", 2, "two")],
                6 => vec![
                    paper(PaperKind::Policy, "p1", "basic", 1, "# Policy"),
                    paper(PaperKind::PolicyWords, "w1", "", 1, "company=Old Works"),
                ],
                _ => Vec::new(),
            };
            assert_eq!(papers, expected, "from {version}");
            store.set_organization(&aoi, "Old Works", "Asia/Tokyo").await.unwrap();
            assert!(store.verify_audit().await.unwrap().iter().all(|trail| trail.broken.is_none()));
            store.migrate_down().await.unwrap();
        }
    });
}
