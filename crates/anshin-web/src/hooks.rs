//! Tells other programs what happened: beside the requests, signed, again until it arrives.
//!
//! An address may not lead into this machine or its own network unless whoever runs the program says
//! so: people who may set up a webhook are not people who may reach everything from here.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anshin_model::Text;
use anshin_store::Delivery;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;

use crate::app::App;

/// How often it is looked whether there is something to tell.
const PAUSE: Duration = Duration::from_secs(2);
/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most deliveries that are sent at once.
const AT_ONCE: u32 = 8;
/// Most bytes of an answer's first line.
const LINE: u64 = 1024;

/// Where something is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) encrypted: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query.
    pub(crate) path: String,
}

impl Target {
    /// Reads an address of the form `http://HOST:PORT/PATH`.
    pub(crate) fn parse(url: &str) -> Result<Self, Text> {
        let wrong = || {
            Text::new(
                "アドレスは`https://example.com/anshin`のように書いてください。ユーザー名は入れられません",
                "write the address as in `https://example.com/anshin`, without a user name",
            )
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let encrypted = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(wrong()),
        };
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '#');
        if !rest.chars().all(plain) {
            return Err(wrong());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let default = if encrypted { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (authority, default),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains(['@', '[', ']', '?']) || port == 0 {
            return Err(wrong());
        }
        Ok(Self { encrypted, host: host.to_owned(), port, path })
    }

    /// Host and port, as a request names them.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{host}:{}", self.port)
    }

    /// Connects, to a public address unless others are allowed. What was looked at is what is connected
    /// to: a name that changes its mind in between gets nowhere.
    pub(crate) async fn connect(&self, private: bool) -> Result<TcpStream, String> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| error.to_string())?.collect();
        let open: Vec<SocketAddr> =
            found.iter().copied().filter(|one| private || is_public(one.ip())).collect();
        if open.is_empty() && !found.is_empty() {
            return Err("the address leads into a private network; see `private-addresses`".to_owned());
        }
        TcpStream::connect(&*open).await.map_err(|error| error.to_string())
    }
}

/// Whether an address is one of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special = (a == 192 && b == 0 && (c == 0 || c == 2)) || (a == 198 && (18..20).contains(&b));
            let tests = (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified()
                || a == 0
                || a >= 240
                || shared
                || special
                || tests)
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            // Only global unicast, without those that stand for others (6to4, Teredo, documentation).
            (0x2000..0x4000).contains(&first)
                && first != 0x2002
                && !(first == 0x2001 && v6.segments()[1] < 0x200)
                && !(first == 0x2001 && v6.segments()[1] == 0xdb8)
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_meant() {
        let target = |url: &str| Target::parse(url).ok().map(|t| (t.authority(), t.path, t.encrypted));
        let some =
            |authority: &str, path: &str, encrypted| Some((authority.to_owned(), path.to_owned(), encrypted));
        assert_eq!(target("https://example.com/a?b=c"), some("example.com:443", "/a?b=c", true));
        assert_eq!(target("http://192.0.2.1:8080"), some("192.0.2.1:8080", "/", false));
        assert_eq!(target("http://[2001:db8::1]:81/x"), some("[2001:db8::1]:81", "/x", false));
        assert_eq!(target("http://example.com?x=1"), some("example.com:80", "/?x=1", false));
        for wrong in [
            "",
            "example.com",
            "ftp://example.com",
            "http://",
            "http://user:pw@example.com/",
            "http://a b/",
            "http://a/\r\nX: y",
            "http://a:0/",
            "http://a:99999/",
            "http://a:b/",
        ] {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_of_this_machine_and_its_network_are_not_public() {
        for own in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
        for public in ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
