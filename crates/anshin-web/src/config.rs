//! How the program is started: a file, the environment and flags, each over the one before.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anshin_model::diagnostic::{self, Diagnostic};
use anshin_model::shape::{self, Field, Object, Shape, Vocabulary, nearest};
use anshin_model::tree::{self, Limits, Sources};
use anshin_model::{Lang, Text};
use anshin_store::Place;
use serde::Deserialize;

use crate::target::Target;

/// How the program was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where the data lies.
    pub place: Place,
    /// Whether a proxy in front encrypts and tells where requests come from.
    pub behind_proxy: bool,
    /// The certificate with which the program encrypts itself.
    pub certificate: Option<Certificate>,
    /// A file with certificates of further authorities that are trusted.
    pub authorities: Option<PathBuf>,
    /// A provider at which people may sign in.
    pub openid: Option<OpenId>,
    /// Whether webhooks may lead into private networks.
    pub private_addresses: bool,
    /// The database with the records of a monitor, whose machines are shown.
    pub monitor: Option<String>,
    /// How the log is written.
    pub log: Log,
}

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate and those that lead up to its authority, as PEM.
    pub certificate: PathBuf,
    /// Its key, as PEM.
    pub key: PathBuf,
}

/// A provider of `OpenID` Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenId {
    /// Its address, as it names itself.
    pub issuer: String,
    /// The name that it has given to this program.
    pub client: String,
    /// The file with the secret that it has given to this program, if it gives any.
    pub secret: Option<PathBuf>,
    /// What people call it.
    pub name: String,
    /// Whether an address that it has verified finds the account of the same name.
    pub by_email: bool,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Log {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object on each line.
    Json,
}

/// Settings as they were given; what is empty was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    /// The address to listen on.
    pub listen: Option<String>,
    /// The folder of the data.
    pub data: Option<PathBuf>,
    /// The address of a `PostgreSQL` database.
    pub database: Option<String>,
    /// Whether a proxy in front encrypts.
    pub behind_proxy: Option<String>,
    /// The certificate, if the program encrypts itself.
    pub certificate: Option<PathBuf>,
    /// The key of the certificate.
    pub key: Option<PathBuf>,
    /// Certificates of further authorities that are trusted.
    pub authorities: Option<PathBuf>,
    /// The address of a provider of `OpenID` Connect.
    pub openid_issuer: Option<String>,
    /// The name that the provider has given to this program.
    pub openid_client: Option<String>,
    /// The file with the secret that the provider has given to this program.
    pub openid_secret: Option<PathBuf>,
    /// What people call the provider.
    pub openid_name: Option<String>,
    /// Whether a verified address finds the account of the same name.
    pub openid_by_email: Option<String>,
    /// Whether webhooks may lead into private networks.
    pub private_addresses: Option<String>,
    /// The records of a monitor: its folder, or the address of its database.
    pub monitor: Option<String>,
    /// How the log is written.
    pub log: Option<String>,
}

/// The shape of the configuration file.
pub static CONFIGURATION: Object = Object {
    name: "serve",
    about: "How the web program is started.",
    fields: &[
        Field::required(
            "anshin-serve",
            Shape::Choice(&[("1", "Version 1 of the format.")]),
            "Version of the format.",
        ),
        Field::optional("listen", Shape::Line, "The address to listen on, such as 127.0.0.1:8443."),
        Field::optional("data", Shape::Line, "The folder of the data."),
        Field::optional(
            "database",
            Shape::Line,
            "The address of a PostgreSQL database, instead of a file in `data`.",
        ),
        Field::optional(
            "behind-proxy",
            Shape::Choice(&[("yes", "A proxy in front encrypts."), ("no", "There is none.")]),
            "Whether a proxy in front encrypts and tells where requests come from.",
        ),
        Field::optional(
            "certificate",
            Shape::Line,
            "A certificate as PEM, with which the program encrypts itself; with `key`.",
        ),
        Field::optional("key", Shape::Line, "The key of the certificate, as PEM."),
        Field::optional(
            "authorities",
            Shape::Line,
            "Certificates of further authorities that are trusted, as PEM, such as that of a company.",
        ),
        Field::optional(
            "openid-issuer",
            Shape::Line,
            "The address of a provider of OpenID Connect at which people may sign in; with `openid-client`.",
        ),
        Field::optional(
            "openid-client",
            Shape::Line,
            "The name that the provider has given to this program.",
        ),
        Field::optional(
            "openid-secret",
            Shape::Line,
            "A file with the secret that the provider has given to this program.",
        ),
        Field::optional(
            "openid-name",
            Shape::Line,
            "What people call the provider; the host of its address if left out.",
        ),
        Field::optional(
            "openid-by-email",
            Shape::Choice(&[("yes", "It does."), ("no", "It does not.")]),
            "Whether an address that the provider has verified finds the account whose user name it is.",
        ),
        Field::optional(
            "private-addresses",
            Shape::Choice(&[("yes", "They may."), ("no", "They may not.")]),
            "Whether webhooks may lead into private networks, such as that of a plant.",
        ),
        Field::optional(
            "monitor",
            Shape::Line,
            "The records of a monitor whose machines are shown: its folder, or the address of its database.",
        ),
        Field::optional(
            "log",
            Shape::Choice(&[("text", "Lines for people."), ("json", "A JSON object on each line.")]),
            "How the log is written.",
        ),
    ],
};

/// A configuration file that was read.
#[derive(Debug)]
pub struct Loaded {
    /// What it says; nothing if there are errors.
    pub settings: Option<Settings>,
    /// Its text.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a configuration file.
pub fn read(name: &str, text: &str) -> Loaded {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let mut settings = None;
    let diagnostics = match tree::parse(&sources, file, Limits::DEFAULT) {
        Ok((tree, mut found)) => {
            found.extend(shape::check(&tree, &CONFIGURATION, &Vocabulary::default(), "docs/server.md"));
            if !diagnostic::has_errors(&found) {
                settings = Settings::deserialize(&tree).ok();
            }
            found
        }
        Err(problem) => vec![*problem],
    };
    Loaded { settings, sources, diagnostics }
}

/// What the names of settings in the environment begin with.
const PREFIX: &str = "ANSHIN_";

impl Settings {
    /// Settings out of the environment: `ANSHIN_LISTEN` and so on. Names that begin so and mean
    /// nothing are refused.
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Text> {
        let mut settings = Settings::default();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            match key {
                "LISTEN" => settings.listen = Some(value),
                "DATA" => settings.data = Some(value.into()),
                "DATABASE" => settings.database = Some(value),
                "BEHIND_PROXY" => settings.behind_proxy = Some(value),
                "CERTIFICATE" => settings.certificate = Some(value.into()),
                "KEY" => settings.key = Some(value.into()),
                "AUTHORITIES" => settings.authorities = Some(value.into()),
                "OPENID_ISSUER" => settings.openid_issuer = Some(value),
                "OPENID_CLIENT" => settings.openid_client = Some(value),
                "OPENID_SECRET" => settings.openid_secret = Some(value.into()),
                "OPENID_NAME" => settings.openid_name = Some(value),
                "OPENID_BY_EMAIL" => settings.openid_by_email = Some(value),
                "PRIVATE_ADDRESSES" => settings.private_addresses = Some(value),
                "MONITOR" => settings.monitor = Some(value),
                "LOG" => settings.log = Some(value),
                _ => {
                    let known = [
                        "LISTEN",
                        "DATA",
                        "DATABASE",
                        "BEHIND_PROXY",
                        "CERTIFICATE",
                        "KEY",
                        "AUTHORITIES",
                        "OPENID_ISSUER",
                        "OPENID_CLIENT",
                        "OPENID_SECRET",
                        "OPENID_NAME",
                        "OPENID_BY_EMAIL",
                        "PRIVATE_ADDRESSES",
                        "MONITOR",
                        "LOG",
                    ];
                    let (ja, en) = nearest(key, known.into_iter()).map_or_else(Default::default, |near| {
                        (
                            format!("。`{PREFIX}{near}`のことですか"),
                            format!("; did you mean `{PREFIX}{near}`?"),
                        )
                    });
                    return Err(Text::new(
                        format!("環境変数`{name}`という設定はありません{ja}"),
                        format!("there is no setting `{name}` for the environment{en}"),
                    ));
                }
            }
        }
        Ok(settings)
    }

    /// These settings with others over them.
    #[must_use]
    pub fn under(self, over: Settings) -> Settings {
        // Of the two places for data, the one that is named later counts.
        let named = over.data.is_some() || over.database.is_some();
        let (data, database) = if named { (over.data, over.database) } else { (self.data, self.database) };
        Settings {
            listen: over.listen.or(self.listen),
            data,
            database,
            behind_proxy: over.behind_proxy.or(self.behind_proxy),
            certificate: over.certificate.or(self.certificate),
            key: over.key.or(self.key),
            authorities: over.authorities.or(self.authorities),
            openid_issuer: over.openid_issuer.or(self.openid_issuer),
            openid_client: over.openid_client.or(self.openid_client),
            openid_secret: over.openid_secret.or(self.openid_secret),
            openid_name: over.openid_name.or(self.openid_name),
            openid_by_email: over.openid_by_email.or(self.openid_by_email),
            private_addresses: over.private_addresses.or(self.private_addresses),
            monitor: over.monitor.or(self.monitor),
            log: over.log.or(self.log),
        }
    }

    /// The configuration that settings mean.
    pub fn config(mut self) -> Result<Config, Text> {
        let openid = self.openid()?;
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let listen = listen.parse().map_err(|_| {
            Text::new(
                format!("`{listen}`は待ち受けるアドレスではありません。`127.0.0.1:8080`のように、IPアドレスとポートで書いてください"),
                format!("`{listen}` is not an address to listen on; write an IP address and a port, such as `127.0.0.1:8080`"),
            )
        })?;
        let place = match (self.data, self.database) {
            (_, Some(address)) if is_postgres(&address) => Place::Postgres(address),
            (_, Some(_)) => {
                return Err(Text::new(
                    "データベースは`postgres://ユーザー@ホスト/名前`の形で指定してください",
                    "name the database as `postgres://USER@HOST/NAME`",
                ));
            }
            (Some(data), None) => Place::folder(&data),
            (None, None) => Place::folder(Path::new("anshin-data")),
        };
        let certificate = match (self.certificate, self.key) {
            (None, None) => None,
            (Some(_), Some(_)) if !cfg!(feature = "tls") => return Err(without_tls()),
            (Some(certificate), Some(key)) => Some(Certificate { certificate, key }),
            _ => {
                return Err(Text::new(
                    "`certificate`と`key`は、両方を指定してください",
                    "`certificate` and `key` belong together; name both",
                ));
            }
        };
        Ok(Config {
            listen,
            certificate,
            authorities: self.authorities,
            openid,
            place,
            behind_proxy: yes(self.behind_proxy.as_deref(), "behind-proxy")?,
            private_addresses: yes(self.private_addresses.as_deref(), "private-addresses")?,
            monitor: self.monitor.map(|place| {
                if anshin_field::records::is_address(&place) {
                    place
                } else {
                    anshin_field::records::address(Path::new(&place))
                }
            }),
            log: match self.log.as_deref() {
                None | Some("text") => Log::Text,
                Some("json") => Log::Json,
                Some(other) => return Err(unknown("log", other, "text, json")),
            },
        })
    }
}

impl Settings {
    /// The provider that settings mean, if they name one.
    fn openid(&mut self) -> Result<Option<OpenId>, Text> {
        let by_email = yes(self.openid_by_email.as_deref(), "openid-by-email")?;
        let (issuer, client) = match (self.openid_issuer.take(), self.openid_client.take()) {
            (Some(_), Some(_)) if !cfg!(feature = "tls") => return Err(without_tls()),
            (Some(issuer), Some(client)) => (issuer, client),
            (None, None) if self.openid_secret.is_none() && self.openid_name.is_none() && !by_email => {
                return Ok(None);
            }
            _ => {
                return Err(Text::new(
                    "OpenID Connectには、`openid-issuer`と`openid-client`の両方が必要です",
                    "OpenID Connect needs both `openid-issuer` and `openid-client`",
                ));
            }
        };
        // An address that is none is told once the provider is set up.
        let host = || Target::parse(&issuer).map_or_else(|_| issuer.clone(), |target| target.host);
        let name = self.openid_name.take().unwrap_or_else(host);
        Ok(Some(OpenId { issuer, client, secret: self.openid_secret.take(), name, by_email }))
    }
}

fn yes(word: Option<&str>, what: &str) -> Result<bool, Text> {
    match word {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(other) => Err(unknown(what, other, "yes, no")),
    }
}

/// The program was built without encryption.
pub(crate) fn without_tls() -> Text {
    Text::new(
        "このプログラムは暗号化の機能（`tls`）なしで作られています。`cargo install --path crates/anshin --features full`で作り直すか、配布パッケージを使ってください",
        "this program was built without encryption (the feature `tls`); build it with `cargo install --path crates/anshin --features full`, or use a package",
    )
}

fn is_postgres(address: &str) -> bool {
    address.starts_with("postgres://") || address.starts_with("postgresql://")
}

fn unknown(what: &str, word: &str, known: &str) -> Text {
    Text::new(
        format!("{what}に`{word}`は指定できません。使える語: {known}"),
        format!("`{word}` is not a value of {what}; known: {known}"),
    )
}

impl Config {
    /// Whether browsers reach the program over an encrypted connection.
    pub fn is_secure(&self) -> bool {
        self.behind_proxy || self.certificate.is_some()
    }

    /// An address as a browser writes it.
    pub fn address_of(&self, listening: SocketAddr) -> String {
        format!("{}://{listening}", if self.certificate.is_some() { "https" } else { "http" })
    }

    /// The address as a browser writes it.
    pub fn address(&self) -> String {
        self.address_of(self.listen)
    }
}

/// The language of a message that is shown before there is any visit.
pub fn both(text: &Text) -> (&str, &str) {
    (text.get(Lang::Ja), text.get(Lang::En))
}
