//! A `PostgreSQL` server that a test program starts for itself.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A way to a database of its own that can be closed and opened again.
pub(crate) struct Door {
    name: String,
    folder: tempfile::TempDir,
}

impl Door {
    pub(crate) fn new() -> Self {
        let address = new_database();
        let name = address.split("localhost/").nth(1).unwrap().split('?').next().unwrap().to_owned();
        let door = Self { name, folder: tempfile::tempdir().unwrap() };
        door.open();
        door
    }

    /// The address of the database by this way.
    pub(crate) fn address(&self) -> String {
        format!("postgres://postgres@localhost/{}?host={}", self.name, self.folder.path().display())
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

/// The address of a new database on the server of this test program.
pub(crate) fn new_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let socket = SERVER.folder.display();
    let made = Command::new(binary("psql"))
        .args(["-h", &socket.to_string(), "-U", "postgres", "-qc", &format!("CREATE DATABASE {name}")])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "psql could not make the database {name}");
    format!("postgres://postgres@localhost/{name}?host={socket}")
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
