//! Connections that are encrypted. The other side's certificate is checked against the authorities of
//! this computer and those of a file.
//!
//! Without the feature `tls` there is no way to make one, and whoever asks for it is told.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(feature = "tls")]
use std::path::Path;
#[cfg(feature = "tls")]
use std::sync::Arc;

use anshin_model::Text;
#[cfg(feature = "tls")]
use rustls::pki_types::pem::PemObject as _;
#[cfg(feature = "tls")]
use rustls::pki_types::{CertificateDer, ServerName};
#[cfg(feature = "tls")]
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

#[cfg(feature = "tls")]
use crate::connection::PATIENCE;
#[cfg(feature = "tls")]
use crate::trouble::Trouble;

/// A connection, encrypted or not.
#[derive(Debug)]
pub(crate) enum Wire {
    /// As it is.
    Plain(TcpStream),
    /// Encrypted.
    #[cfg(feature = "tls")]
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(stream) => stream.read(bytes),
            #[cfg(feature = "tls")]
            Wire::Encrypted(stream) => stream.read(bytes),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Wire::Plain(stream) => stream.write(bytes),
            #[cfg(feature = "tls")]
            Wire::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Wire::Plain(stream) => stream.flush(),
            #[cfg(feature = "tls")]
            Wire::Encrypted(stream) => stream.flush(),
        }
    }
}

/// How connections are encrypted.
#[cfg(feature = "tls")]
#[derive(Debug, Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

/// How connections would be encrypted: this program cannot.
#[cfg(not(feature = "tls"))]
#[derive(Debug, Clone)]
pub(crate) enum Tls {}

#[cfg(not(feature = "tls"))]
impl Tls {
    /// # Errors
    /// What a person is told.
    pub(crate) fn new(_authorities: Option<&str>) -> Result<Self, Text> {
        Err(crate::without("tls"))
    }

    pub(crate) fn encrypt(&self, _stream: TcpStream, _address: &str) -> io::Result<Wire> {
        match *self {}
    }
}

#[cfg(feature = "tls")]
impl Tls {
    /// With the authorities of this computer, and those in a file of certificates as PEM.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub(crate) fn new(authorities: Option<&str>) -> Result<Self, Text> {
        client(authorities.map(Path::new)).map(Self)
    }

    /// How it is done, for a library that does it.
    #[cfg(feature = "nats")]
    pub(crate) fn config(&self) -> &ClientConfig {
        &self.0
    }

    /// Encrypts a connection to an address, whose host must be in the certificate of the other side.
    ///
    /// # Errors
    /// If the other side cannot, or its certificate is refused.
    pub(crate) fn encrypt(&self, stream: TcpStream, address: &str) -> io::Result<Wire> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connection = ClientConnection::new(Arc::clone(&self.0), name).map_err(io::Error::other)?;
        let wait = stream.read_timeout()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = StreamOwned::new(connection, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|error| refused(&error, host))?;
        }
        stream.sock.set_read_timeout(wait)?;
        Ok(Wire::Encrypted(Box::new(stream)))
    }
}

/// How connections to others are encrypted: with the authorities of this computer, and those in a file of
/// certificates as PEM.
///
/// # Errors
/// If the file cannot be used.
#[cfg(feature = "tls")]
pub fn client(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, Text> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authorities {
        let shown = path.display();
        let wrong = |why: &dyn std::fmt::Display| {
            Text::new(
                format!(
                    "`authorities`の`{shown}`を使えません（{why}）。認証局の証明書をPEM形式で指定してください"
                ),
                format!(
                    "`{shown}` in `authorities` cannot be used ({why}); name the certificates of authorities as PEM"
                ),
            )
        };
        let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            roots.add(certificate).map_err(|error| wrong(&error))?;
            count += 1;
        }
        if count == 0 {
            return Err(wrong(&"-----BEGIN CERTIFICATE-----"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Text::same(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Why no encrypted connection came about.
#[cfg(feature = "tls")]
pub(crate) fn refused(error: &io::Error, host: &str) -> io::Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let text = match (tls, error.kind()) {
        (Some(rustls::Error::InvalidCertificate(why)), _) => certificate(why, host),
        (Some(rustls::Error::InvalidMessage(_)), _) | (None, io::ErrorKind::UnexpectedEof) => Text::new(
            "相手が暗号化（TLS）に応じません。ポートが合っているか確かめてください",
            "the other side does not speak TLS; check the port",
        ),
        (None, kind) if crate::connection::is_idle(&io::Error::from(kind)) => Text::new(
            "暗号化（TLS）の開始に応答がありません。ポートが合っているか確かめてください",
            "there is no answer to the TLS handshake; check the port",
        ),
        _ => Text::new(
            format!("暗号化（TLS）の通信を開始できません（{error}）"),
            format!("no TLS connection comes about ({error})"),
        ),
    };
    Trouble(text).into()
}

/// Why a certificate is refused, and what to do.
#[cfg(feature = "tls")]
fn certificate(why: &CertificateError, host: &str) -> Text {
    match why {
        // A bad signature is that of an authority of the same name, such as one that was made anew.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Text::new(
            "相手の証明書を出した認証局が信頼されていません。その認証局の証明書を`authorities`に指定してください",
            "the certificate of the other side comes from an authority that is not trusted; name that authority's certificate in `authorities`",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Text::new(
            format!(
                "相手の証明書は`{host}`のものではありません。証明書にある名前を`address`に書いてください"
            ),
            format!(
                "the certificate of the other side is not for `{host}`; write the name in it as `address`"
            ),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Text::new(
            "相手の証明書の期限が切れています。更新してください。このコンピューターの時計も確かめてください",
            "the certificate of the other side has expired; renew it, and check the clock of this computer",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Text::new(
            "相手の証明書はまだ有効ではありません。このコンピューターの時計を確かめてください",
            "the certificate of the other side is not valid yet; check the clock of this computer",
        ),
        other => Text::new(
            format!("相手の証明書を認められません（{other}）"),
            format!("the certificate of the other side is refused ({other})"),
        ),
    }
}

#[cfg(test)]
#[cfg(feature = "tls")]
#[path = "../tests/common/authority.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod authority;

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests {
    use std::net::TcpListener;

    use anshin_model::Lang;
    use rustls::ServerConnection;

    use super::authority::Authority;
    use super::*;

    /// A server that says hello to one who agrees on the encryption; its certificate is for a name, and
    /// from years to years.
    fn server(of: &Authority, name: &str, years: (i32, i32)) -> String {
        let config = of.server(name, years);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(config).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            // Who refuses the certificate goes.
            let _ = stream.write_all(b"hello");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        });
        format!("localhost:{port}")
    }

    /// What one hears who trusts an authority, or why not.
    fn hear(trusted: &Authority, address: &str) -> Result<String, Text> {
        let tls = Tls::new(Some(&trusted.file))?;
        let mut wire = crate::connection::dial(address, PATIENCE, Some(&tls))
            .map_err(|error| crate::trouble::why(&error))?;
        let mut words = String::new();
        wire.read_to_string(&mut words).map_err(|error| Text::same(error.to_string()))?;
        Ok(words)
    }

    #[test]
    fn only_the_right_certificate_is_taken_and_why_not_is_said_in_both_languages() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (ours, theirs) =
            (Authority::new(folder.path(), "Plant"), Authority::new(folder.path(), "Somebody"));
        let anew = Authority::new(other.path(), "Plant");
        let now = (2020, 2090);
        assert_eq!(hear(&ours, &server(&ours, "localhost", now)).unwrap(), "hello");
        let told = |address: &str, ja: &str, en: &str| {
            let why = hear(&ours, address).unwrap_err();
            assert!(why.get(Lang::Ja).contains(ja), "{}", why.get(Lang::Ja));
            assert!(why.get(Lang::En).contains(en), "{}", why.get(Lang::En));
        };
        for unknown in [&theirs, &anew] {
            let stranger = server(unknown, "localhost", now);
            told(&stranger, "認証局が信頼されていません", "an authority that is not trusted");
        }
        let other = server(&ours, "broker.example", now);
        told(&other, "`localhost`のものではありません", "is not for `localhost`");
        let old = server(&ours, "localhost", (2020, 2021));
        told(&old, "期限が切れています", "has expired");
        let young = server(&ours, "localhost", (2089, 2090));
        told(&young, "まだ有効ではありません", "is not valid yet");

        // Somebody who speaks plainly.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let plain = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"220 mail.example ready\r\n").unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        told(&format!("localhost:{port}"), "応じません", "does not speak TLS");
        plain.join().unwrap();
    }

    #[test]
    fn a_file_that_holds_no_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.pem");
        std::fs::write(&file, "nothing").unwrap();
        for path in [file, folder.path().join("missing.pem")] {
            let path = path.to_str().unwrap();
            let why = Tls::new(Some(path)).unwrap_err();
            assert!(why.get(Lang::En).contains(path) && why.get(Lang::Ja).contains(path), "{why:?}");
        }
    }
}
