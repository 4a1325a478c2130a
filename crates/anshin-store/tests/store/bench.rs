//! Databases for tests: a file of `SQLite`, and a database on a `PostgreSQL` server that the tests
//! start for themselves. Every test runs on both.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use anshin_model::Lang;
use anshin_store::{Actor, Administrator, Clock, Place, SignIn, Store};
use jiff::{SignedDuration, Timestamp};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A clock that a test can set.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new("2026-04-01T09:00:00Z".parse().unwrap())))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Arc::new(move || *now.lock().unwrap())
    }
}

/// An empty database with the tables in it.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) clock: TestClock,
    pub(crate) place: Place,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new(place: Place, folder: tempfile::TempDir) -> Self {
        let clock = TestClock::new();
        let store = Store::open(&place, clock.clock()).await.expect("the database opens");
        store.migrate().await.expect("the tables are made");
        Self { store, clock, place, _folder: folder }
    }

    /// A further connection to the same data.
    pub(crate) async fn open_again(&self) -> Store {
        Store::open(&self.place, self.clock.clock()).await.unwrap()
    }

    /// A further place, without any tables.
    #[expect(clippy::unused_self, reason = "it is asked of whoever has a bench")]
    pub(crate) fn empty_postgres(&self) -> Place {
        new_postgres()
    }

    /// The first administrator, signed in.
    pub(crate) async fn administrator(&self) -> Actor {
        let new = Administrator {
            organization: "Example Works",
            login: "aoi",
            name: "Aoi Tanaka",
            password: PASSWORD,
            language: Lang::En,
        };
        self.store.create_administrator(new).await.unwrap();
        self.sign_in("aoi").await
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Actor {
        let given = SignIn { login, password: PASSWORD, code: None, device: "test" };
        let signed_in = self.store.sign_in(given).await.unwrap();
        self.store.actor_of_session(signed_in.token.as_str()).await.unwrap().unwrap()
    }
}

/// Runs a test on both databases.
pub(crate) fn on_both(test: impl AsyncFn(Bench)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for place in [sqlite, postgres] {
            let folder = tempfile::tempdir().unwrap();
            let place = place(&folder);
            test(Bench::new(place, folder).await).await;
        }
    });
}

fn sqlite(folder: &tempfile::TempDir) -> Place {
    Place::folder(folder.path())
}

fn postgres(_: &tempfile::TempDir) -> Place {
    new_postgres()
}

/// A way to a database of its own that can be closed and opened again.
pub(crate) struct Door {
    name: String,
    folder: tempfile::TempDir,
}

impl Door {
    pub(crate) fn new() -> Self {
        let Place::Postgres(address) = new_postgres() else { unreachable!("it is one of PostgreSQL") };
        let name = address.split("localhost/").nth(1).unwrap().split('?').next().unwrap().to_owned();
        let door = Self { name, folder: tempfile::tempdir().unwrap() };
        door.open();
        door
    }

    pub(crate) fn place(&self) -> Place {
        Place::Postgres(format!(
            "postgres://postgres@localhost/{}?host={}",
            self.name,
            self.folder.path().display()
        ))
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    pub(crate) fn open(&self) {
        std::os::unix::fs::symlink(SERVER.folder.join(".s.PGSQL.5432"), self.socket()).unwrap();
    }

    /// Nobody gets in any more, and whoever is in is put out.
    pub(crate) fn close(&self) {
        std::fs::remove_file(self.socket()).unwrap();
        let out = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
            self.name
        );
        let socket = SERVER.folder.display().to_string();
        let done =
            Command::new(binary("psql")).args(["-h", &socket, "-U", "postgres", "-qtc", &out]).output();
        assert!(done.is_ok_and(|done| done.status.success()));
    }
}

/// A new database on the server of this test program.
fn new_postgres() -> Place {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let socket = SERVER.folder.display();
    let made = Command::new(binary("psql"))
        .args(["-h", &socket.to_string(), "-U", "postgres", "-qc", &format!("CREATE DATABASE {name}")])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "psql could not make the database {name}");
    Place::Postgres(format!("postgres://postgres@localhost/{name}?host={socket}"))
}

/// A `PostgreSQL` server of this test program's own. It ends with it: the shell that started the
/// server waits until its input is closed, which happens however the program ends.
pub(crate) struct Server {
    folder: PathBuf,
    _shell: Child,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(None));

impl Server {
    /// Reached by its socket; with a port and a folder that holds `certificate.pem` and `key.pem`, also
    /// over encrypted connections to `localhost`.
    pub(crate) fn start(encrypted: Option<(u16, &Path)>) -> Self {
        let (port, certificate) = encrypted.map_or((5432, None), |(port, folder)| (port, Some(folder)));
        start_server(port, certificate)
    }
}

fn start_server(port: u16, certificate: Option<&Path>) -> Server {
    let script = r#"
        set -e
        folder=$(mktemp -d /tmp/anshin-test-postgres.XXXXXX)
        trap 'rm -rf "$folder"' EXIT
        port=$2
        if [ -n "$3" ]; then
            cp "$3"/certificate.pem "$3"/key.pem "$folder"
            chmod 600 "$folder/key.pem"
            set -- "$1" -c listen_addresses=localhost -c ssl=on \
                -c ssl_cert_file="$folder/certificate.pem" -c ssl_key_file="$folder/key.pem"
        else
            set -- "$1" -c listen_addresses=
        fi
        programs=$1
        shift
        "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 \
            || { cat "$folder/log" >&2; exit 1; }
        "$programs/postgres" -D "$folder/data" -k "$folder" -p "$port" "$@" -c fsync=off -c max_connections=200 \
            >>"$folder/log" 2>&1 &
        server=$!
        for _ in $(seq 300); do
            "$programs/pg_isready" -q -h "$folder" -p "$port" && break
            kill -0 $server || { cat "$folder/log" >&2; exit 1; }
            sleep 0.1
        done
        echo "$folder"
        cat >/dev/null
        kill -INT $server
        wait $server
    "#;
    let folder = binary("postgres").parent().unwrap().to_owned();
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut shell = command
        .args(["-c", script, "sh"])
        .arg(folder)
        .arg(port.to_string())
        .arg(certificate.map_or_else(Default::default, Path::as_os_str))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell starts; as root, `setpriv` of util-linux is needed");
    let mut folder = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut folder).unwrap();
    assert!(!folder.trim().is_empty(), "PostgreSQL did not start; what it said stands above");
    Server { folder: folder.trim().into(), _shell: shell }
}

/// A program of `PostgreSQL`: on the path, or where Debian has it.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists()).collect();
    found.sort();
    let on_path = || {
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .map(|folder| folder.join(name))
            .find(|path| path.exists())
            .and_then(|path| path.canonicalize().ok())
    };
    found.pop().or_else(on_path).unwrap_or_else(|| {
        panic!(
            "these tests need PostgreSQL and `{name}` was not found; on Debian: apt-get install postgresql"
        )
    })
}
