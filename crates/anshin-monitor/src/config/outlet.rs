//! Where alerts go.

use anshin_model::diagnostic::Diagnostic;
use anshin_model::tree::Node;
use anshin_model::{Id, Lang, Text};
use serde::Deserialize;

use super::body::Body;
use super::source::{Encryption, Login, SecretFile, is_address};
use super::wrong;
use crate::judge::AlertKind;

/// Where alerts go.
#[derive(Debug, Clone)]
pub struct Outlet {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: OutletKind,
    /// Host and port.
    pub address: String,
    /// The alerts that go there; all if there are none.
    pub alerts: Vec<AlertKind>,
    /// The language of what people read.
    pub lang: Lang,
    /// Who we are to the other side.
    pub login: Option<Login>,
    /// How the connection is encrypted, if it is.
    pub encryption: Option<Encryption>,
}

/// What an outlet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutletKind {
    /// A signal tower of PATLITE, by its PNS commands over TCP.
    Tower(Product),
    /// A signal tower of PATLITE, by its HTTP commands.
    TowerHttp,
    /// A server that takes JSON.
    Webhook {
        /// Its path.
        path: String,
        /// The JSON; the alert with all that is known of it if left out.
        body: Option<Body>,
        /// The password is a token that says alone who we are.
        bears_token: bool,
    },
    /// A topic of an MQTT broker.
    Mqtt(String),
    /// A server for system logs (RFC 5424 over UDP), with the number of the enterprise whose keys it reads.
    Syslog(u32),
    /// A mail server: sender and receivers.
    Mail {
        /// The sender.
        from: String,
        /// The receivers.
        to: Vec<String>,
    },
}

/// Signal towers differ in the first two bytes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// NH series.
    #[default]
    Nh,
    /// LA6-POE.
    La6,
}

/// The number that stands for any enterprise; this program has none of its own.
///
/// See: <https://www.rfc-editor.org/rfc/rfc5612>
const EXAMPLE: u32 = 32_473;

#[derive(Deserialize)]
pub(super) struct OutletFile {
    id: Id,
    kind: String,
    address: String,
    #[serde(default)]
    alerts: super::OneOrMore,
    language: Option<String>,
    #[serde(default)]
    product: Product,
    path: Option<String>,
    body: Option<String>,
    token: Option<SecretFile>,
    topic: Option<String>,
    enterprise: Option<u32>,
    sender: Option<String>,
    #[serde(default)]
    receivers: super::OneOrMore,
    user: Option<String>,
    password: Option<SecretFile>,
    encryption: Option<String>,
    authorities: Option<String>,
}

/// Makes an outlet of what the file says.
pub(super) fn make(file: OutletFile, node: &Node, found: &mut Vec<Diagnostic>) -> Option<Outlet> {
    let before = found.len();
    if !is_address(&file.address) {
        found.push(wrong(
            node.get("address"),
            Text::new("アドレスはホストとポートです", "an address is a host and a port"),
            Text::new("例: 192.168.10.1:10000", "write it as 192.168.10.1:10000"),
        ));
    }
    let mut needed = |key: &str, value: Option<String>, ja: &str, en: &str| {
        value.filter(|value| is_plain(value)).unwrap_or_else(|| {
            found.push(wrong(
                Some(node.get(key).unwrap_or(node)),
                Text::new(
                    format!("`{key}`がないか、使えない文字があります"),
                    format!("`{key}` is missing or has a character that cannot be used"),
                ),
                Text::new(ja, en),
            ));
            String::new()
        })
    };
    let kind = match file.kind.as_str() {
        "patlite" => OutletKind::Tower(file.product),
        "patlite-http" => OutletKind::TowerHttp,
        "webhook" => {
            let path = needed(
                "path",
                Some(file.path.unwrap_or_else(|| "/".to_owned())).filter(|path| path.starts_with('/')),
                "例: /alerts",
                "write it as /alerts",
            );
            let body = file.body.and_then(|body| Body::new(&body).map_err(|why| {
                let hint = Text::new(
                    "JSONの文字列の中に`{title}`（見出し）と`{text}`（本文）を置きます。例: body: '{\"text\": \"{title}\\n{text}\"}'",
                    "write JSON in whose texts {title} and {text} stand, such as body: '{\"text\": \"{title}\\n{text}\"}'",
                );
                found.push(wrong(node.get("body"), why, hint));
            }).ok());
            OutletKind::Webhook { path, body, bears_token: file.token.is_some() }
        }
        "mqtt" => OutletKind::Mqtt(needed(
            "topic",
            file.topic.filter(|topic| !topic.is_empty() && !topic.contains(['+', '#'])),
            "例: factory/alerts",
            "write it as factory/alerts",
        )),
        "syslog" => OutletKind::Syslog(file.enterprise.unwrap_or(EXAMPLE)),
        _ => {
            let hint = ("例: monitor@example.com", "write it as monitor@example.com");
            let from = needed("sender", file.sender, hint.0, hint.1);
            let mut to: Vec<String> = file.receivers.into();
            if to.is_empty() {
                to.push(String::new());
            }
            let to = to
                .into_iter()
                .map(|to| needed("receivers", Some(to).filter(|to| to.contains('@')), hint.0, hint.1))
                .collect();
            OutletKind::Mail { from, to }
        }
    };
    let alerts = alerts(file.alerts, node, found);
    let is_mail = matches!(kind, OutletKind::Mail { .. });
    let can = is_mail || matches!(kind, OutletKind::Webhook { .. } | OutletKind::Mqtt(_));
    let encryption =
        super::source::encryption(file.encryption, file.authorities, (can, is_mail), node, found);
    let login = match file.token {
        Some(_)
            if file.user.is_some()
                || file.password.is_some()
                || !matches!(kind, OutletKind::Webhook { .. }) =>
        {
            found.push(wrong(
                node.get("token"),
                Text::new(
                    "`token`は、`user`も`password`もない`webhook`だけで使えます",
                    "a `token` is for a `webhook` without `user` and `password`",
                ),
                Text::new(
                    "`token`か、`user`と`password`を消してください",
                    "take out `token`, or `user` and `password`",
                ),
            ));
            None
        }
        token @ Some(_) => super::source::login(Some(String::new()), token),
        None => super::source::login(file.user, file.password),
    };
    if is_mail && login.is_some() && encryption.is_none() {
        found.push(wrong(
            node.get("user"),
            Text::new(
                "暗号化していない接続では、メールサーバーにパスワードを送りません",
                "no password is sent to a mail server over a connection that is not encrypted",
            ),
            Text::new(
                "`encryption: starttls`（多くはポート587）か`encryption: tls`（ポート465）を書いてください",
                "write `encryption: starttls` (port 587 as a rule) or `encryption: tls` (port 465)",
            ),
        ));
    }
    let lang = if file.language.as_deref() == Some("en") { Lang::En } else { Lang::Ja };
    let (id, address) = (file.id, file.address);
    (found.len() == before).then_some(Outlet { id, kind, address, alerts, lang, login, encryption })
}

/// Alerts that are named at `alerts` of a node.
pub(super) fn alerts(ids: super::OneOrMore, node: &Node, found: &mut Vec<Diagnostic>) -> Vec<AlertKind> {
    let known = |id: String| {
        let kind = AlertKind::ALL.into_iter().find(|kind| kind.id() == id);
        if kind.is_none() {
            found.push(wrong(
                node.get("alerts"),
                Text::new(format!("警報`{id}`はありません"), format!("there is no alert `{id}`")),
                Text::new(
                    "`anshin catalog list alerts`で見られます",
                    "`anshin catalog list alerts` lists them",
                ),
            ));
        }
        kind
    };
    Vec::from(ids).into_iter().filter_map(known).collect()
}

/// Whether a text can stand in a line of a protocol.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}
