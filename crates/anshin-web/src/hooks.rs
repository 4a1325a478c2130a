//! Tells other programs what happened: beside the requests, signed, again until it arrives.
//!
//! An address may not lead into this machine or its own network unless whoever runs the program says
//! so: people who may set up a webhook are not people who may reach everything from here.

use std::time::Duration;

use anshin_store::Delivery;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

use crate::app::App;
use crate::target::Target;

/// How often it is looked whether there is something to tell.
const PAUSE: Duration = Duration::from_secs(2);
/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most deliveries that are sent at once.
const AT_ONCE: u32 = 8;
/// Most bytes of an answer's first line.
const LINE: u64 = 1024;

/// Tells what is to be told until the program stops.
pub(crate) async fn run(app: App) {
    let work = async {
        loop {
            let due = match app.store().due_deliveries(AT_ONCE).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "cannot look for webhooks");
                    Vec::new()
                }
            };
            let more = due.len() == usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
            let mut sending = tokio::task::JoinSet::new();
            for delivery in due {
                sending.spawn(tell(app.clone(), delivery));
            }
            sending.join_all().await;
            if !more {
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    tokio::select! { () = work => {}, () = app.stopping() => {} }
}

async fn tell(app: App, delivery: Delivery) {
    let sent = tokio::time::timeout(PATIENCE, send(&app, &delivery)).await;
    let problem = match sent {
        Ok(Ok(())) => String::new(),
        Ok(Err(problem)) => problem,
        Err(_) => "no answer within ten seconds".to_owned(),
    };
    if !problem.is_empty() {
        tracing::warn!(
            event = delivery.event,
            delivery = delivery.id,
            problem,
            "a webhook was not delivered"
        );
    }
    if let Err(error) = app.store().settle_delivery(&delivery, &problem).await {
        tracing::error!(%error, "what became of a webhook could not be written down");
    }
}

async fn send(app: &App, delivery: &Delivery) -> Result<(), String> {
    let target = Target::parse(&delivery.url).map_err(|text| text.get(anshin_model::Lang::En).to_owned())?;
    let stream = target.connect(app.config().private_addresses).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: anshin\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\nAnshin-Event: {}\r\nAnshin-Delivery: {}\r\n\
         Anshin-Signature: {}\r\n\r\n",
        target.path,
        target.authority(),
        delivery.body.len(),
        delivery.event,
        delivery.id,
        delivery.signature(app.store().now()),
    );
    let request = [head.as_bytes(), delivery.body.as_bytes()].concat();
    if !target.encrypted {
        return exchange(stream, &request).await;
    }
    #[cfg(feature = "tls")]
    {
        let authorities = app.config().authorities.as_deref();
        exchange(crate::tls::connect(stream, &target.host, authorities).await?, &request).await
    }
    #[cfg(not(feature = "tls"))]
    Err("this program was built without encryption (the feature `tls`)".to_owned())
}

/// Sends a request and reads the first line of the answer: redirects are not followed.
async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Result<(), String> {
    let mut stream = BufReader::new(stream);
    stream.write_all(request).await.map_err(|error| error.to_string())?;
    stream.flush().await.map_err(|error| error.to_string())?;
    let mut line = Vec::new();
    (&mut stream).take(LINE).read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
    let line = String::from_utf8_lossy(&line);
    let status = line.split_whitespace().nth(1).and_then(|word| word.parse::<u16>().ok());
    match status {
        Some(200..=299) => Ok(()),
        Some(status) => Err(format!("the answer was {status}")),
        None => Err("the answer is not HTTP".to_owned()),
    }
}
