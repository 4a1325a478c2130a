//! Brokers, webhooks and mail servers over encrypted connections, with certificates of an authority that
//! the test makes for itself.

#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anshin_field::mqtt::packet::Packet;
use common::{Device, cycles, machine, start};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An authority, and the file with its certificate.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: String,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file: file.display().to_string() }
    }

    /// What a server at `localhost` needs.
    fn server(&self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let chain = vec![params.signed_by(&key, &self.issuer).unwrap().der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }
}

type Encrypted = StreamOwned<ServerConnection, TcpStream>;

fn agree(config: &Arc<ServerConfig>, stream: TcpStream) -> Encrypted {
    StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream)
}

/// An encrypted way to somebody who speaks plainly; where it begins.
fn tunnel(config: Arc<ServerConfig>, to: SocketAddr) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, stream) = (Arc::clone(&config), stream.unwrap());
            thread::spawn(move || pass(agree(&config, stream), to));
        }
    });
    format!("localhost:{port}")
}

/// Hands on what comes from either side until one of them ends.
fn pass(mut outside: Encrypted, to: SocketAddr) {
    let mut inside = TcpStream::connect(to).unwrap();
    let wait = Some(Duration::from_millis(5));
    inside.set_read_timeout(wait).unwrap();
    outside.sock.set_read_timeout(wait).unwrap();
    let mut bytes = [0; 4_096];
    let is_idle = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    loop {
        match outside.read(&mut bytes) {
            Ok(count) if count > 0 => inside.write_all(&bytes[..count]).unwrap(),
            Err(error) if is_idle(&error) => {}
            // Gone, or not agreed on the encryption.
            _ => return,
        }
        match inside.read(&mut bytes) {
            Ok(count) if count > 0 => outside.write_all(&bytes[..count]).unwrap(),
            Err(error) if is_idle(&error) => {}
            _ => {
                outside.conn.send_close_notify();
                let _ = outside.flush();
                return;
            }
        }
    }
}

/// A server that speaks plainly to one after the other, and what it heard.
fn play(serve: impl Fn(TcpStream) -> String + Send + 'static) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = sender.send(serve(stream.unwrap()));
        }
    });
    (address, receiver)
}

fn heard(receiver: &Receiver<String>) -> String {
    receiver.recv_timeout(Duration::from_mins(1)).expect("something is heard")
}

/// Takes one posted message.
fn hook(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return head;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    reader.get_mut().write_all(b"HTTP/1.1 204 Done\r\nContent-Length: 0\r\n\r\n").unwrap();
    head + &String::from_utf8_lossy(&body)
}

/// Takes a mail from one who has gone over to an encrypted connection, or is asked to; what was said.
fn mail<S: std::io::Read + std::io::Write>(stream: S, greets: bool, until: &str) -> (S, String) {
    let mut reader = BufReader::new(stream);
    if greets {
        reader.get_mut().write_all(b"220 relay\r\n").unwrap();
    }
    let (mut all, mut data) = (String::new(), false);
    while !all.ends_with(until) {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let answer: &[u8] = match line.as_str() {
            ".\r\n" => {
                data = false;
                b"250 taken\r\n"
            }
            _ if data => b"",
            "DATA\r\n" => {
                data = true;
                b"354 go on\r\n"
            }
            "STARTTLS\r\n" => b"220 go over\r\n",
            "QUIT\r\n" => b"221 bye\r\n",
            _ if line.starts_with("AUTH") => b"235 welcome\r\n",
            _ => b"250 ok\r\n",
        };
        reader.get_mut().write_all(answer).unwrap();
        all += &line;
    }
    (reader.into_inner(), all)
}

const TIME: &str = "time: { column: t, form: seconds }";

#[test]
fn alerts_go_everywhere_over_encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = Authority::new(folder.path(), "plant.pem");
    let broker = format!("anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]{}", machine(""));
    let hub = start(other.path(), &broker);
    let broker = tunnel(authority.server(), hub.broker.unwrap());
    let (hook, posted) = play(hook);
    let hook = tunnel(authority.server(), hook);
    // One mail server is encrypted from the beginning, the other one goes over.
    let (relay, mails) = play(|stream| mail(stream, true, "QUIT\r\n").1);
    let relay = tunnel(authority.server(), relay);
    let config = authority.server();
    let (later, later_mails) = play(move |stream| {
        let (stream, plain) = mail(stream, true, "STARTTLS\r\n");
        plain + &mail(agree(&config, stream), false, "QUIT\r\n").1
    });
    let later = format!("localhost:{}", later.port());
    let tls = format!("encryption: tls, authorities: {:?}", authority.file);
    let login = "user: floor, password: { file: unused }";
    let about = "sender: monitor@example.com, receivers: sato@example.com, alerts: too-slow";
    let configuration = format!(
        r#"
anshin-monitor: 1
sources: [ {{ id: line, kind: mqtt, address: "{broker}", {tls}, {TIME}, {login} }} ]
outlets:
  - {{ id: topic, kind: mqtt, topic: factory/alerts, address: "{broker}", {tls}, alerts: too-slow }}
  - {{ id: hook, kind: webhook, address: "{hook}", {tls}, {login}, alerts: too-slow }}
  - {{ id: mail, kind: mail, address: "{relay}", {tls}, {login}, {about} }}
  - {{ id: later, kind: mail, address: "{later}", encryption: starttls, authorities: {:?}, {login}, {about} }}
{}"#,
        authority.file,
        machine("topic: plant/robot,")
    );
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `line` is connected"]);
    let mut listener = Device::connect(hub.broker.unwrap(), "listener", None);
    listener.send(&Packet::Subscribe { id: 1, filters: vec![("factory/#", 0)] });
    assert_eq!(listener.hear(), "SubAck { id: 1, codes: [0] }");
    let mut device = Device::connect(hub.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["too-slow", "raised"]);
    assert!(listener.hear().contains("topic: \"factory/alerts\""));
    let posted = heard(&posted);
    assert!(posted.contains("Authorization: Basic Zmxvb3I6c2VjcmV0\r\n") && posted.contains("too-slow"));
    for mail in [heard(&mails), heard(&later_mails)] {
        // The user and the password, as RFC 4616 has them.
        for part in ["AUTH PLAIN AGZsb29yAHNlY3JldA==\r\n", "RCPT TO:<sato@example.com>\r\n"] {
            assert!(mail.contains(part), "{part} is not in {mail}");
        }
        if let Some((plain, encrypted)) = mail.split_once("STARTTLS\r\n") {
            assert_eq!(plain, "EHLO anshin\r\n");
            assert!(encrypted.starts_with("EHLO anshin\r\nAUTH PLAIN "), "{encrypted}");
        }
    }
    running.stop();
    hub.stop();
}

#[test]
fn who_is_not_trusted_hears_nothing_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let (ours, theirs) =
        (Authority::new(folder.path(), "ours.pem"), Authority::new(folder.path(), "theirs.pem"));
    let (hook, posted) = play(hook);
    let hook = tunnel(theirs.server(), hook);
    // A mail server that never goes over.
    let says = |answers: &'static [u8]| {
        play(move |mut stream| {
            stream.write_all(answers).unwrap();
            let mut all = String::new();
            let _ = stream.read_to_string(&mut all);
            all
        })
    };
    let (relay, mails) = says(b"220 relay\r\n250 relay\r\n502 not here\r\n");
    // Somebody in between who speaks for the server before anything is encrypted.
    let (between, early_mails) = says(b"220 relay\r\n250 relay\r\n220 go over\r\n250 mine\r\n");
    let about = "user: floor, password: { file: unused }, sender: a@b, receivers: c@d, alerts: too-slow";
    let tls = format!("encryption: tls, authorities: {:?}", ours.file);
    let configuration = format!(
        r#"
anshin-monitor: 1
sources:
  - {{ id: inside, kind: mqtt, {TIME} }}
  - {{ id: agent, kind: mtconnect, address: "{hook}", {tls} }}
outlets:
  - {{ id: hook, kind: webhook, address: "{hook}", {tls}, alerts: too-slow }}
  - {{ id: mail, kind: mail, address: "{relay}", encryption: starttls, {about} }}
  - {{ id: early, kind: mail, address: "{between}", encryption: starttls, {about} }}
{}"#,
        machine("topic: plant/robot,").replace("from: line", "from: inside")
    );
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `agent` is not connected", "an authority that is not trusted"]);
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["too-slow", "raised"]);
    let mut told = [
        ("outlet `hook` cannot deliver", "an authority that is not trusted"),
        ("outlet `mail` cannot deliver", "the mail server does not go over to TLS"),
        ("outlet `early` cannot deliver", "the mail server speaks out of turn"),
    ]
    .to_vec();
    while !told.is_empty() {
        let line = running.wait(&["cannot deliver"]);
        let known = told.iter().position(|(outlet, why)| line.contains(outlet) && line.contains(why));
        told.remove(known.unwrap_or_else(|| panic!("{line} is none of {told:?}")));
    }
    for mails in [mails, early_mails] {
        assert_eq!(heard(&mails), "EHLO anshin\r\nSTARTTLS\r\n", "no name, no password, no mail");
    }
    running.stop();
    assert!(posted.try_iter().all(|said| said.is_empty()), "nothing goes to one who is not trusted");
}
