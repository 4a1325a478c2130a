//! Questions to a provider, within limits of time and size.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{Method, Request};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use crate::app::App;
use crate::target::Target;

/// How long one question may take, from the name of the host to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of an answer.
const MOST: usize = 256 << 10;
/// Most bytes of the head of an answer.
const MOST_HEAD: usize = 32 << 10;

/// What is sent along.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// A form; without one it is only asked.
    pub(super) form: Option<String>,
    /// Who asks.
    pub(super) authorization: Option<String>,
}

/// Asks, and gives the answer if it is a good one. Redirects are not followed. Answers may hold
/// secrets, so what goes wrong is told without them.
pub(super) async fn json(app: &App, target: &Target, asked: Asked) -> Result<Vec<u8>, String> {
    let asking = async {
        let request = request(target, asked).map_err(|error| error.to_string())?;
        let stream = target.connect(true).await?;
        if target.encrypted {
            let authorities = app.config().authorities.as_deref();
            exchange(crate::tls::connect(stream, &target.host, authorities).await?, request).await
        } else {
            exchange(stream, request).await
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer
        .unwrap_or_else(|_| Err("no answer within ten seconds".to_owned()))
        .map_err(|why| format!("{}{}: {why}", target.authority(), target.path))
}

fn request(target: &Target, asked: Asked) -> Result<Request<Body>, axum::http::Error> {
    let method = if asked.form.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::builder()
        .method(method)
        .uri(&target.path)
        .header(HOST, target.authority())
        .header(USER_AGENT, "anshin")
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close");
    if let Some(authorization) = asked.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    match asked.form {
        None => request.body(Body::empty()),
        Some(form) => request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(CONTENT_LENGTH, form.len())
            .body(Body::from(form)),
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Result<Vec<u8>, String> {
    let agreed = http1::Builder::new().max_buf_size(MOST_HEAD).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = agreed.map_err(|error| error.to_string())?;
    // Ends with this function, whatever comes of it.
    let mut carried = JoinSet::new();
    carried.spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let body = to_bytes(Body::new(answer.into_body()), MOST).await;
    let body = body.map_err(|_| "the answer is too long or was cut off".to_owned())?;
    if status.is_success() {
        return Ok(body.to_vec());
    }
    // The code of an error says what whoever runs the program has to mend, and holds no secret.
    let code = serde_json::from_slice::<serde_json::Value>(&body).ok();
    let code = code.as_ref().and_then(|told| told["error"].as_str()).unwrap_or_default();
    let code: String = code.chars().filter(char::is_ascii_graphic).take(100).collect();
    Err(format!("the answer was {} {code}", status.as_u16()))
}
