//! A program in which several people save at once is killed at random moments, again and again, on both
//! databases: every save that it had acknowledged must be there, and the audit trail must verify.
//!
//! `cargo test -p anshin-store --test kill -- 100` kills it a hundred times on each.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

#[path = "store/bench.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod bench;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anshin_store::{Actor, Draft, Place, Save, SignIn, Store, SystemId};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.get(1).map(String::as_str) {
        Some("write") => runtime.block_on(write(&arguments[2], &arguments[3], &arguments[4])),
        rounds => {
            let rounds = rounds.and_then(|word| word.parse().ok()).unwrap_or(15);
            bench::on_both(async |bench| kill(&bench, rounds).await);
        }
    }
}

fn document(words: &str) -> String {
    // Large enough that a save is more than one page of the database.
    format!("anshin: 1\nsystem: {{ id: a, name: A }}\n# {words}\n{}", "# filling\n".repeat(2000))
}

fn place_of(address: &str) -> Place {
    if address.starts_with("postgres:") {
        Place::Postgres(address.to_owned())
    } else {
        Place::File(PathBuf::from(address))
    }
}

/// Saves into all systems at once, as fast as it can, and says what was acknowledged.
async fn write(address: &str, token: &str, systems: &str) {
    let store = Store::open(&place_of(address), Store::system_clock()).await.unwrap();
    let actor = store.actor_of_session(token).await.unwrap().unwrap();
    say("ready");
    let mut writers = tokio::task::JoinSet::new();
    for system in systems.split(',') {
        writers.spawn(save(store.clone(), actor.clone(), SystemId::from_text(system)));
    }
    writers.join_all().await;
}

/// A line at a time: what was said whole was acknowledged.
fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{words}").unwrap();
}

async fn save(store: Store, actor: Actor, system: SystemId) {
    for n in 0.. {
        let latest = store.system(&actor, &system).await.unwrap().latest;
        let words = format!("{}-{n}", std::process::id());
        let save = Save { parent: latest, text: &document(&words), why: "" };
        let saved = store.save_revision(&actor, &system, save).await.unwrap();
        say(&format!("{system} {} {words}", saved.revision().number));
    }
}

/// A number that nobody can foresee.
fn chance(below: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % below
}

async fn kill(bench: &bench::Bench, rounds: usize) {
    bench.administrator().await;
    let store = Store::open(&bench.place, Store::system_clock()).await.unwrap();
    let given = SignIn { login: "aoi", password: bench::PASSWORD, code: None, device: "" };
    let token = store.sign_in(given).await.unwrap().token;
    let actor = store.actor_of_session(token.as_str()).await.unwrap().unwrap();
    let mut systems = Vec::new();
    for _ in 0..4 {
        let draft = Draft { text: &document("first"), why: "" };
        systems.push(store.create_system(&actor, draft).await.unwrap().id.to_string());
    }
    let systems = systems.join(",");
    let address = match &bench.place {
        Place::File(path) => path.display().to_string(),
        Place::Postgres(address) => address.clone(),
    };
    store.close().await;
    let mut acknowledged = 0;
    for round in 1..=rounds {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["write", &address, token.as_str(), &systems])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        // The moment is what the test is about: after some saves, however long they take, and anywhere
        // within the next.
        let some = usize::try_from(chance(10)).unwrap();
        let before: Vec<_> = lines.by_ref().take(some).collect();
        std::thread::sleep(Duration::from_micros(chance(40_000)));
        writer.kill().unwrap();
        writer.wait().unwrap();
        // A last line may have been cut off; what is whole was acknowledged.
        let said: Vec<Said> = before
            .into_iter()
            .chain(lines)
            .map_while(Result::ok)
            .filter_map(|line| {
                let (system, rest) = line.split_once(' ')?;
                let (number, words) = rest.split_once(' ')?;
                Some((SystemId::from_text(system), number.parse().ok()?, words.to_owned()))
            })
            .collect();
        acknowledged += said.len();
        check(bench, &actor, &said, round).await;
    }
    let mut out = std::io::stdout();
    writeln!(
        out,
        "killed {rounds} times, {acknowledged} acknowledged saves, all there: {}",
        kind(&bench.place)
    )
    .unwrap();
    assert!(acknowledged > rounds, "the writer hardly wrote");
}

fn kind(place: &Place) -> &'static str {
    match place {
        Place::File(_) => "SQLite",
        Place::Postgres(_) => "PostgreSQL",
    }
}

/// A save that was acknowledged: of which system, its number, its words.
type Said = (SystemId, u64, String);

async fn check(bench: &bench::Bench, actor: &Actor, said: &[Said], round: usize) {
    let store = Store::open(&bench.place, Store::system_clock()).await.unwrap();
    for (system, number, words) in said {
        let content = store.content(actor, system, *number).await.unwrap();
        assert_eq!(content.text, document(words), "round {round}: revision {number}");
    }
    let trail = &store.verify_audit().await.unwrap()[0];
    assert_eq!(trail.broken, None, "round {round}");
    if round.is_multiple_of(5) {
        assert_eq!(store.check().await.unwrap().problems, [], "round {round}");
    }
    store.close().await;
}
