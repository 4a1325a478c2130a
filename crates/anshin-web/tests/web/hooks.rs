//! Webhooks: told in order to have been told, signed, again until they arrive, and never into this
//! machine's own network unless that is wanted.

use std::fmt::Write as _;
use std::time::Duration;

use anshin_store::Draft;
use axum::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::browser::Program;

/// Takes one request in and answers it.
async fn take(listener: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut seen = Vec::new();
    let mut block = [0; 4096];
    loop {
        let n = stream.read(&mut block).await.unwrap();
        seen.extend(&block[..n]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() >= length.parse::<usize>().unwrap() || n == 0 {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return text;
        }
    }
}

fn header<'t>(request: &'t str, name: &str) -> &'t str {
    request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

#[tokio::test]
async fn what_happens_is_told_signed_and_again_until_it_arrives() {
    let program = Program::with_people_and(|config| config.private_addresses = true).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/in?x=1", listener.local_addr().unwrap());
    let mut administrator = program.signed_in("administrator").await;
    let place = "/organization/webhooks";
    let made = administrator.fill_in(place, place, &[("url", &url)]).await;
    let secret = made.text.split("id=\"fresh\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
    let secret = secret.split('"').next().unwrap();
    let actor = program.actor("editor").await;
    let text = "anshin: 1\nsystem: { id: a, name: A }\n";
    let system = program.store.create_system(&actor, Draft { text, why: "" }).await.unwrap();

    program.run_beside();
    let first = take(&listener, "HTTP/1.1 500 No\r\n\r\n").await;
    assert!(first.starts_with("POST /in?x=1 HTTP/1.1\r\n"), "{first}");
    assert_eq!(header(&first, "Anshin-Event"), "system.create");
    let body = first.split_once("\r\n\r\n").unwrap().1;
    let told: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&told["event"], &told["subject"]), (&"system.create".into(), &system.id.as_str().into()));
    let (second, signature) = header(&first, "Anshin-Signature").split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{body}", second.strip_prefix("t=").unwrap()).as_bytes());
    let mut own = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(own, "{byte:02x}").unwrap();
    }
    assert_eq!(signature, own);

    // The receiver was ill; a minute later the same is told again.
    program.settled(1, "the answer was 500").await;
    program.clock.advance(jiff::SignedDuration::from_secs(61));
    let again = take(&listener, "HTTP/1.1 204 Fine\r\n\r\n").await;
    assert_eq!(header(&again, "Anshin-Delivery"), header(&first, "Anshin-Delivery"));
    program.settled(0, "delivered").await;
    assert!(administrator.get(place).await.text.contains("delivered"));

    // Ended, it hears nothing more.
    let page = administrator.get(place).await.text;
    let end = page
        .split("action=\"")
        .find(|part| part.ends_with("/end\" class=\"\">") || part.contains("/end\""))
        .unwrap();
    administrator.fill_in(place, end.split('"').next().unwrap(), &[]).await;
    program.store.create_system(&actor, Draft { text, why: "" }).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(3), listener.accept()).await.is_err());
}

#[tokio::test]
async fn addresses_that_lead_inside_are_not_called() {
    let program = Program::with_people().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut administrator = program.signed_in("administrator").await;
    let place = "/organization/webhooks";
    for wrong in ["ftp://example.com/", "http://user:pw@example.com/", "nowhere", "http://"] {
        let refused = administrator.fill_in(place, place, &[("url", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let url = format!("http://localhost:{port}/");
    administrator.fill_in(place, place, &[("url", &url)]).await;
    let actor = program.actor("editor").await;
    let text = "anshin: 1\nsystem: { id: a, name: A }\n";
    program.store.create_system(&actor, Draft { text, why: "" }).await.unwrap();
    program.run_beside();
    program.settled(1, "private network").await;
    assert!(tokio::time::timeout(Duration::from_millis(200), listener.accept()).await.is_err());
}
