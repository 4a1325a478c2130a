//! Brokers, webhooks and mail servers over encrypted connections, with certificates of an authority that
//! the test makes for itself.

#![cfg(feature = "tls")]
#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anshin_field::mqtt::packet::Packet;
use common::authority::Authority;
use common::device::Device;
use common::played::{heard, hook, mail, play};
use common::{cycles, machine, start};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a server at `localhost` needs.
fn server(of: &Authority) -> Arc<ServerConfig> {
    of.server("localhost", (2020, 2090))
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

const TIME: &str = "time: { column: t, form: seconds }";

#[test]
fn alerts_go_everywhere_over_encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let (state, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = Authority::new(folder.path(), "plant");
    let broker = format!("anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]{}", machine(""));
    let hub = start(other.path(), &broker);
    let broker = tunnel(server(&authority), hub.broker.unwrap());
    let (hook, posted) = hook(&["204 Done"]);
    let hook = tunnel(server(&authority), hook);
    // One mail server is encrypted from the beginning, the other one goes over.
    let (relay, mails) = play(|stream, said| drop(said.send(mail(stream, true, "QUIT\r\n").1)));
    let relay = tunnel(server(&authority), relay);
    let config = server(&authority);
    let (later, later_mails) = play(move |stream, said| {
        let (stream, plain) = mail(stream, true, "STARTTLS\r\n");
        let _ = said.send(plain + &mail(agree(&config, stream), false, "QUIT\r\n").1);
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
    let (ours, theirs) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "theirs"));
    let (hook, posted) = hook(&["204 Done"]);
    let hook = tunnel(server(&theirs), hook);
    // A mail server that never goes over.
    let says = |answers: &'static [u8]| {
        play(move |mut stream, said| {
            stream.write_all(answers).unwrap();
            let mut all = String::new();
            let _ = stream.read_to_string(&mut all);
            let _ = said.send(all);
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
