//! Databases for tests: a file of `SQLite`, and a database on a `PostgreSQL` server that the tests
//! start for themselves. Every test runs on both.

#[path = "postgres.rs"]
pub(crate) mod postgres;

use std::sync::{Arc, Mutex};

use anshin_model::Lang;
use anshin_store::{Actor, Administrator, Clock, Place, SignIn, Store};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, Executor as _};

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
        let bench = Self::empty(place, folder).await;
        bench.store.migrate().await.expect("the tables are made");
        bench
    }

    /// An empty database, also without tables.
    async fn empty(place: Place, folder: tempfile::TempDir) -> Self {
        let clock = TestClock::new();
        let store = Store::open(&place, clock.clock()).await.expect("the database opens");
        Self { store, clock, place, _folder: folder }
    }

    /// Writes and reads rows as another program would.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<sqlx::any::AnyRow> {
        let address = match &self.place {
            Place::File(path) => format!("sqlite:{}", path.display()),
            Place::Postgres(address) => address.clone(),
        };
        let mut connection = sqlx::AnyConnection::connect(&address).await.unwrap();
        let rows = connection.fetch_all(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    /// A further connection to the same data.
    pub(crate) async fn open_again(&self) -> Store {
        Store::open(&self.place, self.clock.clock()).await.unwrap()
    }

    /// A further place, without any tables.
    #[expect(clippy::unused_self, reason = "it is asked of whoever has a bench")]
    pub(crate) fn empty_postgres(&self) -> Place {
        Place::Postgres(postgres::new_database())
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
    on_both_empty(async |bench| {
        bench.store.migrate().await.expect("the tables are made");
        test(bench).await;
    });
}

/// Runs a test on both databases before there are any tables.
pub(crate) fn on_both_empty(test: impl AsyncFn(Bench)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for place in [sqlite, on_server] {
            let folder = tempfile::tempdir().unwrap();
            let place = place(&folder);
            test(Bench::empty(place, folder).await).await;
        }
    });
}

fn sqlite(folder: &tempfile::TempDir) -> Place {
    Place::folder(folder.path())
}

fn on_server(_: &tempfile::TempDir) -> Place {
    Place::Postgres(postgres::new_database())
}
