//! Addresses of other machines, and the way to them.

use std::net::{IpAddr, SocketAddr};

use anshin_model::Text;
use tokio::net::TcpStream;

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

    /// Whether it never leaves this machine.
    #[cfg(feature = "tls")]
    pub(crate) fn is_own(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
