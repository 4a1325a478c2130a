//! Connections that the program encrypts itself: those of browsers by a certificate in a file, and those
//! to other machines, whose certificates are checked.
//!
//! A certificate that was renewed is taken up while the program runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anshin_model::{Lang, Text};
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::config::Certificate;

/// How long a browser may take to agree on the encryption.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most browsers that agree on the encryption at once.
const AT_ONCE: usize = 256;
/// How often it is looked whether the certificate was renewed.
const PAUSE: Duration = Duration::from_mins(1);

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificate and its key as they stand in their files.
fn acceptor(files: &Certificate) -> Result<TlsAcceptor, Text> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| {
        let shown = path.display();
        Text::new(
            format!(
                "`{shown}`を使えません（{why}）。PEM形式の証明書と鍵を`certificate`と`key`に指定してください"
            ),
            format!(
                "`{shown}` cannot be used ({why}); name a certificate and its key, both as PEM, with `certificate` and `key`"
            ),
        )
    };
    let read = |path: &Path| std::fs::read(path).map_err(|error| wrong(path, &error));
    let (chain, key) = (read(&files.certificate)?, read(&files.key)?);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| wrong(&files.key, &error))?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&files.certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&files.certificate, &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn changed(files: &Certificate) -> [Option<SystemTime>; 2] {
    let of = |path: &PathBuf| std::fs::metadata(path).and_then(|about| about.modified()).ok();
    [of(&files.certificate), of(&files.key)]
}

/// Takes in browsers over encrypted connections.
pub(crate) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(server::TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Over an address that is listened on already.
    pub(crate) fn new(listener: TcpListener, files: Certificate) -> Result<Self, Text> {
        Self::looking_every(PAUSE, listener, files)
    }

    fn looking_every(pause: Duration, listener: TcpListener, files: Certificate) -> Result<Self, Text> {
        let first = acceptor(&files)?;
        let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
        let (sender, ready) = mpsc::channel(16);
        tokio::spawn(take_in(listener, files, first, sender, pause));
        Ok(Self { address, ready })
    }
}

/// Agrees on the encryption beside taking in the next: one that is slow keeps nobody waiting.
async fn take_in(
    listener: TcpListener,
    files: Certificate,
    mut acceptor: TlsAcceptor,
    ready: mpsc::Sender<(server::TlsStream<TcpStream>, SocketAddr)>,
    pause: Duration,
) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut seen = changed(&files);
    let mut renew = tokio::time::interval(pause);
    loop {
        let (stream, from) = tokio::select! {
            () = ready.closed() => return,
            _ = renew.tick() => {
                let now = changed(&files);
                if now != seen {
                    match self::acceptor(&files) {
                        Ok(new) => {
                            (acceptor, seen) = (new, now);
                            tracing::info!("the certificate was renewed");
                        }
                        // Half written, perhaps: the one before goes on.
                        Err(text) => tracing::warn!(why = text.get(Lang::En), "the certificate stays"),
                    }
                }
                continue;
            }
            taken = listener.accept() => match taken {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken in");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let agreed = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
            drop(place);
            if let Ok(Ok(stream)) = agreed {
                // Nobody takes it once the program stops.
                let _ = ready.send((stream, from)).await;
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = server::TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(taken) => taken,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}

/// Encrypts a connection to another machine, whose certificate is checked against the authorities of
/// this machine and those of a file.
pub(crate) async fn connect(
    stream: TcpStream,
    host: &str,
    authorities: Option<&Path>,
) -> Result<client::TlsStream<TcpStream>, String> {
    let config = anshin_field::tls::client(authorities).map_err(|text| text.get(Lang::En).to_owned())?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    TlsConnector::from(config).connect(name, stream).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate for `localhost` that vouches for itself, and its key.
    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    /// Whether a new connection gets this certificate.
    async fn is_shown(address: SocketAddr, certificate: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let trusted = folder.path().join("trusted.pem");
        std::fs::write(&trusted, certificate).unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let Ok(stream) = connect(stream, "localhost", Some(&trusted)).await else { return false };
        let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        shown == CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_renewed_certificate_is_taken_up_while_the_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let files = Certificate {
            certificate: folder.path().join("certificate.pem"),
            key: folder.path().join("key.pem"),
        };
        let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
        let (first, second) = (made(), made());
        write(&files.certificate, &first.0);
        write(&files.key, &first.1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pause = Duration::from_millis(20);
        let mut listener = TlsListener::looking_every(pause, listener, files.clone()).unwrap();
        let address = listener.address;
        // Those who come are taken in, and stay for as long as the test.
        tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                all.push(listener.accept().await);
            }
        });
        assert!(is_shown(address, &first.0).await);

        // Half written, and whole but without its key: whoever comes gets the one before, time and again.
        for half in [&second.0[..second.0.len() / 2], &second.0] {
            write(&files.certificate, half);
            for _ in 0..5 {
                tokio::time::sleep(pause * 2).await;
                assert!(is_shown(address, &first.0).await);
            }
        }
        write(&files.key, &second.1);
        while !is_shown(address, &second.0).await {
            assert!(is_shown(address, &first.0).await || is_shown(address, &second.0).await);
            tokio::time::sleep(pause).await;
        }
        assert!(!is_shown(address, &first.0).await);
    }
}
