//! Encryption by the program itself.

use std::path::Path;
use std::sync::Arc;

use anshin_store::{Draft, Place};
use anshin_web::config::{Certificate, Settings};
use anshin_web::{Config, ServeError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::browser::Program;

/// A certificate for `localhost` that vouches for itself.
fn certificate(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = Certificate { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

fn connector(trusted: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(trusted).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_over_an_encrypted_connection() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path());
    let config = Config {
        place: Place::folder(&folder.path().join("data")),
        listen: "127.0.0.1:0".parse().unwrap(),
        certificate: Some(files.clone()),
        ..Settings::default().config().unwrap()
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (listening, address) = tokio::sync::oneshot::channel();
    let program = tokio::spawn(anshin_web::serve(
        config,
        async {
            let _ = stopped.await;
        },
        |address| listening.send(address.to_owned()).unwrap(),
    ));
    let address = address.await.unwrap();
    let place = address.strip_prefix("https://").unwrap().to_owned();
    // One who never agrees on the encryption keeps nobody waiting.
    let _slow = TcpStream::connect(&place).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(&place).await.unwrap();
    let mut stream = connector(&files.certificate).connect(name.clone(), stream).await.unwrap();
    stream
        .write_all(b"GET /first-start HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("strict-transport-security"), "{answer}");
    assert!(answer.contains("; Secure"), "cookies are for encrypted connections only");
    // Somebody who trusts another certificate, and somebody who speaks plainly, get nothing.
    let other = tempfile::tempdir().unwrap();
    let stranger = connector(&certificate(other.path()).certificate);
    let stream = TcpStream::connect(&place).await.unwrap();
    assert!(stranger.connect(name, stream).await.is_err());
    let mut plain = TcpStream::connect(&place).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 "));
    stop.send(()).unwrap();
    program.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path());
    let other = tempfile::tempdir().unwrap();
    let foreign = certificate(other.path());
    let nowhere = folder.path().join("nowhere.pem");
    for (certificate, key) in [
        (&nowhere, &files.key),
        (&files.certificate, &nowhere),
        (&files.key, &files.key),
        (&files.certificate, &foreign.key),
    ] {
        let config = Config {
            place: Place::folder(&folder.path().join("data")),
            listen: "127.0.0.1:0".parse().unwrap(),
            certificate: Some(Certificate { certificate: certificate.clone(), key: key.clone() }),
            ..Settings::default().config().unwrap()
        };
        let ended = anshin_web::serve(config, std::future::pending(), |_| panic!("it listens")).await;
        assert!(matches!(ended, Err(ServeError::Certificate(_))), "{ended:?}");
    }
    let half = Settings { certificate: Some(files.certificate), ..Settings::default() };
    assert!(half.config().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_told_over_encrypted_connections_to_those_who_are_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path());
    let chain = vec![CertificateDer::from_pem_file(&files.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/in", listener.local_addr().unwrap().port());
    let receiver = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut block = [0; 8192];
            let n = stream.read(&mut block).await.unwrap();
            stream.write_all(b"HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n").await.unwrap();
            return String::from_utf8_lossy(&block[..n]).into_owned();
        }
    });
    let text = "anshin: 1\nsystem: { id: a, name: A }\n";
    for trusted in [false, true] {
        let authorities = trusted.then(|| files.certificate.clone());
        let program = Program::with_people_and(|config| {
            config.private_addresses = true;
            config.authorities = authorities;
        })
        .await;
        let administrator = program.actor("administrator").await;
        program.store.create_webhook(&administrator, &url).await.unwrap();
        program.store.create_system(&administrator, Draft { text, why: "" }).await.unwrap();
        program.run_beside();
        if trusted { program.settled(0, "delivered").await } else { program.settled(1, "certificate").await }
    }
    assert!(receiver.await.unwrap().starts_with("POST /in HTTP/1.1"));
}
