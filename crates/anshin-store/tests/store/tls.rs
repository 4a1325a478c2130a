//! Encrypted connections to `PostgreSQL`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anshin_store::{Place, Store, StoreError};

use crate::bench::postgres::Server;

/// A server with a certificate of an authority of its own.
struct Encrypted {
    port: u16,
    folder: tempfile::TempDir,
    _server: Server,
}

impl Encrypted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server runs as another user, who takes the files from here.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        let (authority, issuer) = authority("Works");
        let key = rcgen::KeyPair::generate().unwrap();
        // The address of the machine is not among its names.
        let names = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        write("certificate.pem", names.signed_by(&key, &issuer).unwrap().pem());
        write("key.pem", key.serialize_pem());
        write("authority.pem", authority);
        write("stranger.pem", self::authority("Stranger").0);
        write("namesake.pem", self::authority("Works").0);
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let server = Server::start(Some((port, folder.path())));
        Self { port, folder, _server: server }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Opens the database by an address that asks for encryption.
    async fn open(&self, host: &str, mode: &str, authority: Option<&Path>) -> Result<Store, StoreError> {
        let authority = authority.map_or_else(String::new, |path| format!("&sslrootcert={}", path.display()));
        let port = self.port;
        let address = format!("postgres://postgres@{host}:{port}/postgres?sslmode={mode}{authority}");
        Store::open(&Place::Postgres(address), Store::system_clock()).await
    }
}

/// A certificate authority, as PEM and as one who signs.
fn authority(name: &str) -> (String, rcgen::Issuer<'static, rcgen::KeyPair>) {
    let mut about = rcgen::CertificateParams::default();
    about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    about.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = about.self_signed(&key).unwrap().pem();
    (pem, rcgen::Issuer::new(about, key))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "tls")]
async fn only_a_server_of_the_right_authority_and_name_is_believed() {
    let server = Encrypted::new();
    let (authority, stranger) = (server.file("authority.pem"), server.file("stranger.pem"));
    let store = server.open("localhost", "verify-full", Some(&authority)).await.unwrap();
    store.migrate().await.unwrap();
    assert!(store.is_ready().await);
    store.close().await;
    // An authority is trusted for the name that it vouches for, and no other.
    server.open("127.0.0.1", "verify-ca", Some(&authority)).await.unwrap().close().await;
    for (host, mode, trusted, why) in [
        ("localhost", "verify-full", Some(&stranger), "UnknownIssuer"),
        ("localhost", "verify-ca", Some(&stranger), "UnknownIssuer"),
        ("localhost", "verify-full", Some(&server.file("namesake.pem")), "BadSignature"),
        ("localhost", "verify-full", None, "UnknownIssuer"),
        ("127.0.0.1", "verify-full", Some(&authority), "not valid for name"),
        ("localhost", "verify-full", Some(&server.file("key.pem")), "UnknownIssuer"),
    ] {
        let refused = server.open(host, mode, trusted.map(PathBuf::as_path)).await;
        let Err(StoreError::Encryption(error)) = refused else { panic!("{host} {mode}: {refused:?}") };
        assert!(error.to_string().contains(why), "{host} {mode}: {error}");
    }
}

/// Without encryption nothing is sent in the clear where it was asked for.
#[tokio::test(flavor = "multi_thread")]
#[cfg(not(feature = "tls"))]
async fn without_the_feature_encryption_that_is_asked_for_is_refused() {
    let server = Encrypted::new();
    for mode in ["require", "verify-ca", "verify-full"] {
        let refused = server.open("localhost", mode, Some(&server.file("authority.pem"))).await;
        assert!(matches!(refused, Err(StoreError::Encryption(_))), "{mode}: {refused:?}");
    }
}
