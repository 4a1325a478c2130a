//! Where readings come from: recordings, brokers, devices.

use anshin_catalog::RegisterForm;
use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::Node;
use anshin_model::{Id, Text};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{OneOrMore, wrong};
use crate::number::{self, Decimal};
use crate::time::{DateOrder, Time};
use crate::touch::Touched;

/// Where readings come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: SourceKind,
    /// The asset of the system document that it is, such as a gateway or a meter.
    pub asset: Option<Id>,
    /// What is at stake there, if the system is known.
    pub touched: Option<Touched>,
    /// Where the time of a row or a message stands.
    pub time: TimeColumn,
    /// The column of a table, or the path in a message, that tells of which topic a row or a moment is.
    pub topic: Option<String>,
    /// The columns of a table with a value in each row: of its name, and of the value itself.
    pub item: Option<(String, String)>,
    /// The path of a list inside a message whose elements are moments each.
    pub list: Option<String>,
    /// The order of day, month and year in dates that do not begin with a year of four digits, if it is told.
    pub order: Option<DateOrder>,
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// What separates columns, if it is said.
    pub delimiter: Option<u8>,
    /// What the comma in a number is.
    pub decimal: Decimal,
    /// Host and port of the other side; `None` where it comes to us, or only recordings are read.
    pub address: Option<String>,
    /// The `JetStream` stream of a NATS server.
    pub stream: Option<String>,
    /// Filters of MQTT topics or NATS subjects.
    pub topics: Vec<String>,
    /// Filters of topics that no machine takes and that are no news.
    pub ignore: Vec<String>,
    /// How a message is written.
    pub payload: Payload,
    /// Columns of a message in CSV.
    pub columns: Vec<String>,
    /// Who we are to the other side.
    pub login: Option<Login>,
    /// How the connection is encrypted, if it is.
    pub encryption: Option<Encryption>,
    /// Seconds from one question to the next.
    pub every: f64,
    /// Number of a device behind a Modbus address.
    pub unit: u8,
    /// Registers of a Modbus device.
    pub registers: Vec<Register>,
    /// Nodes of an OPC UA server.
    pub nodes: Vec<NodeToWatch>,
    /// Class and instance of an ECHONET Lite device.
    pub object: [u8; 3],
    /// Number of channels of an ECHONET Lite distribution board that are asked for.
    pub channels: u8,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A table of values.
    Csv,
    /// Lines of an `MTConnect` adapter, from a file or over TCP.
    Shdr,
    /// Topics of an MQTT broker, or of the one that is built in.
    Mqtt,
    /// Messages that are posted to us.
    Http,
    /// An `MTConnect` agent.
    Mtconnect,
    /// A device that speaks ECHONET Lite.
    Echonet,
    /// A device that speaks Modbus TCP.
    Modbus,
    /// An OPC UA server.
    OpcUa,
    /// A stream of a NATS server.
    Nats,
}

impl Source {
    /// Whether its values are read from recordings only, and never come while the monitor runs.
    pub fn is_recorded_only(&self) -> bool {
        self.kind == SourceKind::Csv || self.kind == SourceKind::Shdr && self.address.is_none()
    }
}

impl SourceKind {
    /// Whether it tells changes only, over a connection whose loss is noticed.
    pub(super) fn tells_watched_changes(self) -> bool {
        matches!(self, SourceKind::Shdr | SourceKind::Mtconnect | SourceKind::OpcUa)
    }
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// A JSON object, or a list of them; values are named by their paths.
    #[default]
    Json,
    /// Rows of values, without a head.
    Csv,
    /// One value, named `value`.
    Plain,
    /// Sparkplug B; values are the metrics.
    Sparkplug,
}

/// Who we are to the other side. The password itself stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// Where the password is read.
    pub password: Option<Secret>,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// It begins without, and goes over when both sides have said so (`STARTTLS`).
    pub begins_plain: bool,
    /// A file with certificates of authorities that are trusted beside those of this computer.
    pub authorities: Option<String>,
}

/// Where a secret is read when the monitor starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// In a variable of the environment.
    Environment(String),
    /// In a file; a line break at its end does not count.
    File(String),
}

/// A value in the registers of a Modbus device.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// Name of the value.
    pub id: Id,
    /// Address of the first register, from 0.
    pub at: u16,
    /// How it is written.
    pub form: RegisterForm,
    /// Whether it is an input register (function 4) and no holding register (function 3).
    pub input: bool,
    /// Whether the lower of two registers comes first.
    pub swapped: bool,
    /// What the number is multiplied by.
    pub factor: f64,
}

/// A variable of an OPC UA server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NodeToWatch {
    /// Name of the value.
    pub id: Id,
    /// Which it is, such as `ns=2;s=Press.Power`.
    pub node: String,
}

impl Register {
    /// The number in its words; `None` if a floating point number is none.
    pub fn value(&self, words: &[u16]) -> Option<f64> {
        let all = |all: u64, word: &u16| all << 16 | u64::from(*word);
        let all = if self.swapped { words.iter().rev().fold(0, all) } else { words.iter().fold(0, all) };
        #[expect(clippy::cast_possible_truncation, reason = "the form says how many bits count")]
        #[expect(clippy::cast_precision_loss, reason = "counters stay far below 2^53")]
        let number = match self.form {
            RegisterForm::U16 | RegisterForm::U32 | RegisterForm::U64 => all as f64,
            RegisterForm::I16 => f64::from((all as u16).cast_signed()),
            RegisterForm::I32 => f64::from((all as u32).cast_signed()),
            RegisterForm::F32 => f64::from(f32::from_bits(all as u32)),
        };
        number.is_finite().then_some(number * self.factor)
    }
}

impl Source {
    /// Reads a time as it stands at the place of its times; `None` if it is none, or nothing stands anywhere. One
    /// that names no zone is that of the place, and of one that comes twice there it is the one that is closer
    /// to another moment.
    pub fn read_time(&self, text: &str, near: Option<Time>) -> Option<Time> {
        let seconds = |factor: f64| seconds(text, self.decimal).map(|s| Time::from_seconds(s * factor));
        let since = |from: &Time, read: Time| from.plus(read.since(Time::from_nanos(0)));
        let (form, from) = match &self.time {
            TimeColumn::Column(_, form) => (form, None),
            TimeColumn::Since { form, from, .. } => (form, Some(from)),
            TimeColumn::Pace { .. } | TimeColumn::Arrival => return None,
        };
        let read = match form {
            TimeForm::Rfc3339 => return Time::written(text, self.order, &self.zone, near).ok(),
            TimeForm::TimeOfDay => return Time::of_day(text, *from?, &self.zone, near),
            TimeForm::Seconds => seconds(1.0),
            TimeForm::Milliseconds => seconds(1e-3),
            TimeForm::Microseconds => seconds(1e-6),
            TimeForm::Nanoseconds => seconds(1e-9),
        }?;
        Some(from.map_or(read, |from| since(from, read)))
    }

    /// A table that is read from a recording.
    pub(crate) fn table(time: TimeColumn, zone: TimeZone, decimal: Decimal) -> Self {
        Self {
            id: Id::from("recording".to_owned()),
            kind: SourceKind::Csv,
            asset: None,
            touched: None,
            time,
            topic: None,
            item: None,
            list: None,
            order: None,
            zone,
            delimiter: None,
            decimal,
            address: None,
            stream: None,
            topics: Vec::new(),
            ignore: Vec::new(),
            payload: Payload::default(),
            columns: Vec::new(),
            login: None,
            encryption: None,
            every: 1.0,
            unit: 1,
            registers: Vec::new(),
            nodes: Vec::new(),
            object: [0; 3],
            channels: 0,
        }
    }
}

/// Where the time of a row stands.
#[derive(Debug, Clone)]
pub enum TimeColumn {
    /// In a column, or at a path of a message.
    /// Of several, the texts are joined, such as date and time of day.
    Column(Vec<String>, TimeForm),
    /// In columns, or at paths, that count from a moment on.
    Since {
        /// The columns.
        columns: Vec<String>,
        /// Whether they count seconds or milliseconds.
        form: TimeForm,
        /// The moment at which they are 0.
        from: Time,
    },
    /// Nowhere: rows follow at a fixed pace.
    Pace {
        /// Time of the first row.
        from: Time,
        /// Seconds from row to row.
        every: f64,
    },
    /// In the message as its kind says, or else it is the moment of its arrival.
    Arrival,
}

impl TimeColumn {
    /// The columns, or the paths, in which it stands.
    pub fn columns(&self) -> &[String] {
        match self {
            TimeColumn::Column(columns, _) | TimeColumn::Since { columns, .. } => columns,
            TimeColumn::Pace { .. } | TimeColumn::Arrival => &[],
        }
    }

    /// Whether each recording begins anew, so that those of other sources say nothing beside it.
    pub fn begins_anew(&self) -> bool {
        matches!(self, TimeColumn::Pace { .. } | TimeColumn::Since { .. })
    }
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeForm {
    /// 2026-04-01T08:30:00Z
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// 08:30:05, of a day that is told elsewhere.
    TimeOfDay,
}

impl TimeForm {
    /// Its word in files.
    pub(crate) fn id(self) -> &'static str {
        match self {
            TimeForm::Rfc3339 => "rfc3339",
            TimeForm::Seconds => "seconds",
            TimeForm::Milliseconds => "milliseconds",
            TimeForm::Microseconds => "microseconds",
            TimeForm::Nanoseconds => "nanoseconds",
            TimeForm::TimeOfDay => "time-of-day",
        }
    }
}

/// A number of seconds, or of hours, minutes and seconds: `12.5`, `0:00:12.5`.
pub(crate) fn seconds(text: &str, decimal: Decimal) -> Option<f64> {
    let part = |text: &str| number::read(text, decimal);
    let mut parts = text.trim().rsplitn(3, ':');
    let mut seconds = part(parts.next()?)?;
    for (text, unit) in parts.zip([60.0, 3_600.0]) {
        seconds += part(text)? * unit;
    }
    Some(seconds)
}

#[derive(Deserialize)]
pub(super) struct SourceFile {
    id: Id,
    kind: SourceKind,
    asset: Option<Id>,
    time: Option<TimeFile>,
    topic: Option<String>,
    item: Option<String>,
    value: Option<String>,
    list: Option<String>,
    delimiter: Option<String>,
    decimal: Option<String>,
    address: Option<String>,
    stream: Option<String>,
    #[serde(default)]
    topics: OneOrMore,
    #[serde(default)]
    ignore: OneOrMore,
    payload: Option<Payload>,
    #[serde(default)]
    columns: Vec<String>,
    user: Option<String>,
    password: Option<SecretFile>,
    encryption: Option<String>,
    authorities: Option<String>,
    every: Option<f64>,
    unit: Option<f64>,
    #[serde(default)]
    registers: Vec<RegisterFile>,
    #[serde(default)]
    nodes: Vec<NodeToWatch>,
    object: Option<String>,
    channels: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct SecretFile {
    environment: Option<String>,
    file: Option<String>,
}

#[derive(Deserialize)]
struct RegisterFile {
    id: Id,
    at: f64,
    #[serde(default)]
    form: RegisterForm,
    table: Option<String>,
    words: Option<String>,
    factor: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TimeFile {
    Column(String),
    Columns(Vec<String>),
    // Inside an untagged choice a number arrives as the word that is written.
    Long {
        #[serde(default)]
        column: OneOrMore,
        form: Option<TimeForm>,
        order: Option<DateOrder>,
        every: Option<String>,
        from: Option<String>,
    },
}

/// Makes a source of what the file says.
pub(super) fn make(
    source: SourceFile,
    node: &Node,
    zone: &TimeZone,
    found: &mut Vec<Diagnostic>,
) -> Option<Source> {
    if source.kind == SourceKind::Nats {
        stream(&source, node, found);
    }
    let order = match &source.time {
        Some(TimeFile::Long { order, .. }) => *order,
        _ => None,
    };
    let time = make_time(source.time, source.kind, zone, node, found)?;
    if order.is_some() && !matches!(&time, TimeColumn::Column(_, TimeForm::Rfc3339)) {
        let message = Text::new(
            "日付を読まないので、`order`は使われません",
            "`order` is not used, since no dates are read",
        );
        let hint =
            Text::new("`order`を消すか、`form`を確かめてください", "take `order` out, or check `form`");
        let place = node.get("time").and_then(|time| time.get("order")).unwrap_or(node);
        found.push(Diagnostic::warning(Code::Unused, message).at(place.span).hint(hint));
    }
    let kind = source.kind;
    if source.address.as_deref().is_some_and(|address| !is_address(address)) {
        found.push(wrong(
            node.get("address"),
            Text::new("アドレスはホストとポートです", "an address is a host and a port"),
            Text::new("例: 192.168.10.20:1883", "write it as 192.168.10.20:1883"),
        ));
    }
    if matches!(kind, SourceKind::Mtconnect | SourceKind::Echonet | SourceKind::Modbus | SourceKind::OpcUa)
        && source.address.is_none()
    {
        found.push(wrong(
            Some(node),
            Text::new("機器のアドレスが書かれていません", "it is not said where the device is"),
            Text::new("`address`にホストとポートを書いてください", "give its host and port as `address`"),
        ));
    }
    if kind == SourceKind::Modbus && source.registers.is_empty() {
        found.push(wrong(
            Some(node),
            Text::new("どのレジスターを読むか書かれていません", "it is not said which registers are read"),
            Text::new(
                "機器の説明書のレジスター表から`registers`に書いてください",
                "list them in `registers`, from the register map in the device's manual",
            ),
        ));
    }
    if kind == SourceKind::OpcUa && source.nodes.is_empty() {
        found.push(wrong(
            Some(node),
            Text::new("どの変数を見るか書かれていません", "it is not said which variables are watched"),
            Text::new(
                "`nodes`に書いてください。例: { id: watts, node: \"ns=2;s=Press.Power\" }",
                "list them in `nodes`, such as { id: watts, node: \"ns=2;s=Press.Power\" }",
            ),
        ));
    }
    let payload = source.payload.unwrap_or_default();
    let has_values = match kind {
        SourceKind::Csv => true,
        SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats => {
            matches!(payload, Payload::Json | Payload::Csv)
        }
        _ => false,
    };
    if source.topic.is_some() && !has_values {
        found.push(wrong(
            node.get("topic"),
            Text::new(
                "入力元の`topic`は、表（`csv`）の列か、JSONやCSVのメッセージの中の値です",
                "`topic` of a source is a column of a table (`csv`), or a value in messages of JSON or CSV",
            ),
            Text::new(
                "ブローカーのトピックは機械の`input`に書いてください。受け取るものを絞るなら`topics`です",
                "topics of a broker stand in the inputs of machines; `topics` says which are asked for",
            ),
        ));
    }
    let has_items = source.item.is_some() || source.value.is_some();
    if has_items && (kind != SourceKind::Csv || source.item.is_none() || source.value.is_none()) {
        found.push(wrong(
            node.get("item").or_else(|| node.get("value")),
            Text::new(
                "`item`と`value`は、1行に値が1つの表（`csv`）の、値の名前の列と値の列です",
                "`item` and `value` are the columns of a table (`csv`) with one value in each row: of its name, and of the value",
            ),
            Text::new(
                "2つとも書くか、2つとも消してください",
                "write both of them at a source of kind `csv`, or none",
            ),
        ));
    }
    let has_lists = kind != SourceKind::Csv && has_values && payload == Payload::Json;
    if source.list.is_some() && !has_lists {
        found.push(wrong(
            node.get("list"),
            Text::new(
                "`list`は、JSONのメッセージの中の並びの経路です",
                "`list` is the path of a list inside messages of JSON",
            ),
            Text::new(
                "`list`を消すか、`mqtt`、`http`、`nats`の入力元の`payload`を`json`にしてください",
                "take `list` out, or let it stand at a source of kind `mqtt`, `http` or `nats` whose `payload` is `json`",
            ),
        ));
    }
    if payload == Payload::Csv && source.columns.is_empty() {
        found.push(wrong(
            Some(node.get("payload").unwrap_or(node)),
            Text::new("CSVの列の名前が書かれていません", "the columns of the CSV messages have no names"),
            Text::new("`columns`に順に書いてください", "name them in order in `columns`"),
        ));
    }
    let can = matches!(kind, SourceKind::Mqtt | SourceKind::Mtconnect | SourceKind::Nats)
        && source.address.is_some();
    let encryption = encryption(source.encryption, source.authorities, (can, false), node, found);
    Some(Source {
        id: source.id,
        kind,
        asset: source.asset,
        touched: None,
        time,
        topic: source.topic,
        item: source.item.zip(source.value),
        list: source.list,
        order,
        zone: zone.clone(),
        delimiter: delimiter(source.delimiter.as_deref(), node, found),
        decimal: match source.decimal.as_deref() {
            // Nobody writes their numbers.
            _ if payload == Payload::Sparkplug
                || matches!(kind, SourceKind::Modbus | SourceKind::Echonet | SourceKind::Mtconnect) =>
            {
                Decimal::Unsaid
            }
            Some("comma") => Decimal::Comma,
            Some(_) => Decimal::Point,
            None => Decimal::Unsaid,
        },
        address: source.address,
        stream: source.stream,
        topics: Some(Vec::from(source.topics))
            .filter(|topics| !topics.is_empty())
            .unwrap_or_else(|| vec![if kind == SourceKind::Nats { ">" } else { "#" }.to_owned()]),
        ignore: source.ignore.into(),
        payload,
        columns: source.columns,
        login: login(source.user, source.password),
        encryption,
        every: source.every.unwrap_or(if kind == SourceKind::Echonet { 10.0 } else { 1.0 }),
        unit: source.unit.map_or(1, |unit| u8::try_from(super::small(unit)).unwrap_or(1)),
        registers: source
            .registers
            .into_iter()
            .map(|register| Register {
                id: register.id,
                at: u16::try_from(super::small(register.at)).unwrap_or(u16::MAX),
                form: register.form,
                input: register.table.as_deref() == Some("input"),
                swapped: register.words.as_deref() == Some("low-first"),
                factor: register.factor.unwrap_or(1.0),
            })
            .collect(),
        nodes: source.nodes,
        object: object(source.object.as_deref(), node, found),
        channels: source.channels.map_or(0, |count| u8::try_from(super::small(count)).unwrap_or(0)),
    })
}

/// What a source that is a stream needs.
fn stream(source: &SourceFile, node: &Node, found: &mut Vec<Diagnostic>) {
    if source.address.is_none() {
        found.push(wrong(
            Some(node),
            Text::new("NATSサーバーのアドレスが書かれていません", "it is not said where the NATS server is"),
            Text::new("例: address: 192.168.10.20:4222", "write it as address: 192.168.10.20:4222"),
        ));
    }
    let is_name = |name: &str| {
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || ".*>/\\".contains(c);
        !name.is_empty() && !name.contains(is_odd)
    };
    match &source.stream {
        None => found.push(wrong(
            Some(node),
            Text::new(
                "どのJetStreamストリームを読むか書かれていません",
                "it is not said which JetStream stream is read",
            ),
            Text::new(
                "`nats stream ls`で名前を調べ、`stream`に書いてください",
                "give its name as `stream`; `nats stream ls` lists them",
            ),
        )),
        Some(name) if !is_name(name) => found.push(wrong(
            node.get("stream"),
            Text::new(
                format!("`{name}`はストリームの名前に使えません"),
                format!("no stream can be named `{name}`"),
            ),
            Text::new(
                "名前に空白と`.`、`*`、`>`、`/`、`\\`は使えません。サブジェクトは`topics`に書きます",
                "a name has no spaces and none of `.`, `*`, `>`, `/`, `\\`; subjects go into `topics`",
            ),
        )),
        Some(_) => {}
    }
    if source.payload == Some(Payload::Sparkplug) {
        found.push(wrong(
            node.get("payload"),
            Text::new("Sparkplug BはMQTTでだけ使えます", "Sparkplug B is spoken over MQTT only"),
            Text::new(
                "`json`、`csv`、`plain`のいずれかを書くか、入力元を`mqtt`にしてください",
                "write `json`, `csv` or `plain`, or make the source one of `mqtt`",
            ),
        ));
    }
}

/// Whether a text is a host and a port.
pub(super) fn is_address(text: &str) -> bool {
    let is_host = |host: &str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic());
    text.rsplit_once(':').is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok())
}

/// How a connection is encrypted, where it can be: at once, and after a word in plain.
pub(super) fn encryption(
    word: Option<String>,
    authorities: Option<String>,
    (can, can_later): (bool, bool),
    node: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<Encryption> {
    let Some(word) = word else {
        if authorities.is_some() {
            found.push(wrong(
                node.get("authorities"),
                Text::new(
                    "`authorities`は暗号化した接続のためのものです",
                    "`authorities` is for connections that are encrypted",
                ),
                Text::new("`encryption: tls`も書いてください", "write `encryption: tls` as well"),
            ));
        }
        return None;
    };
    let begins_plain = word == "starttls";
    if !can {
        found.push(wrong(
            node.get("encryption"),
            Text::new("この種類の接続は暗号化できません", "connections of this kind cannot be encrypted"),
            Text::new(
                "暗号化できるのは、`address`のある`mqtt`、`mtconnect`、`nats`の入力元、`mqtt`、`webhook`、`mail`の出力先です",
                "sources of kind `mqtt`, `mtconnect` and `nats` with an `address`, and outlets of kind `mqtt`, `webhook` and `mail`, can be",
            ),
        ));
    } else if begins_plain && !can_later {
        found.push(wrong(
            node.get("encryption"),
            Text::new("`starttls`はメールサーバーにだけ使えます", "`starttls` is for mail servers only"),
            Text::new("`encryption: tls`と書いてください", "write `encryption: tls`"),
        ));
    }
    Some(Encryption { begins_plain, authorities })
}

/// A user, and where the password stands.
pub(super) fn login(user: Option<String>, password: Option<SecretFile>) -> Option<Login> {
    let password = password.and_then(|password| {
        let file = password.file.map(Secret::File);
        password.environment.map(Secret::Environment).or(file)
    });
    user.map(|user| Login { user, password })
}

/// The class and instance of an ECHONET Lite device: six digits, such as 028801.
fn object(text: Option<&str>, node: &Node, found: &mut Vec<Diagnostic>) -> [u8; 3] {
    let Some(text) = text else { return [0x02, 0x88, 0x01] };
    match u32::from_str_radix(text, 16) {
        Ok(number) if text.len() == 6 => {
            let [_, group, class, instance] = number.to_be_bytes();
            [group, class, instance]
        }
        _ => {
            found.push(wrong(
                node.get("object"),
                Text::new(
                    "ECHONET Liteのオブジェクトは16進数6桁です",
                    "an object of ECHONET Lite is six hexadecimal digits",
                ),
                Text::new(
                    "例: \"028801\"（スマートメーター）、\"028701\"（分電盤）",
                    "write \"028801\" for a smart meter, \"028701\" for a distribution board",
                ),
            ));
            [0; 3]
        }
    }
}

fn delimiter(text: Option<&str>, node: &Node, found: &mut Vec<Diagnostic>) -> Option<u8> {
    match text {
        None => None,
        Some("tab" | "\t") => Some(b'\t'),
        Some(text) if text.len() == 1 && text.is_ascii() => Some(text.as_bytes()[0]),
        Some(_) => {
            found.push(wrong(
                node.get("delimiter"),
                Text::new("区切りは1文字です", "a delimiter is one character"),
                Text::new("例: \";\"、\",\"、\"tab\"", "write \";\", \",\" or \"tab\""),
            ));
            None
        }
    }
}

/// The moment at which a recording begins.
fn beginning(from: &str, zone: &TimeZone, node: &Node, found: &mut Vec<Diagnostic>) -> Option<Time> {
    let read = Time::local(from, zone, None).ok();
    if read.is_none() {
        found.push(wrong(
            node.get("time").and_then(|time| time.get("from")),
            Text::new("時刻として読めません", "this is no time stamp"),
            Text::new("例: 2026-04-01T08:30:00Z", "write it as 2026-04-01T08:30:00Z"),
        ));
    }
    read
}

/// Times without a date whose day nobody knows.
fn no_day(kind: SourceKind, node: &Node) -> Diagnostic {
    let place = node.get("time").and_then(|time| time.get("form"));
    if kind == SourceKind::Csv {
        return wrong(
            place,
            Text::new(
                "日付のない時刻です。いつの時刻か分かりません",
                "times without a date do not tell their day",
            ),
            Text::new(
                "最初の行の日付を`from`に書いてください。例: from: \"2026-04-01\"",
                "write the date of the first row as `from`, such as from: \"2026-04-01\"",
            ),
        );
    }
    wrong(
        place,
        Text::new(
            "日付のない時刻は、記録の表でだけ読めます",
            "times without a date are read from tables only",
        ),
        Text::new(
            "日付のある時刻を書き出すか、`time`を省いて届いた時刻を使ってください",
            "let dates be sent with them, or leave `time` out, so that the time of arrival counts",
        ),
    )
}

fn make_time(
    time: Option<TimeFile>,
    kind: SourceKind,
    zone: &TimeZone,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<TimeColumn> {
    match time {
        Some(TimeFile::Column(column)) => Some(TimeColumn::Column(vec![column], TimeForm::default())),
        Some(TimeFile::Columns(columns)) if !columns.is_empty() => {
            Some(TimeColumn::Column(columns, TimeForm::default()))
        }
        Some(TimeFile::Long {
            column: column @ (OneOrMore::One(_) | OneOrMore::More(_)),
            form,
            from,
            ..
        }) => {
            let (columns, form) = (column.into(), form.unwrap_or_default());
            if form == TimeForm::TimeOfDay && (from.is_none() || kind != SourceKind::Csv) {
                found.push(no_day(kind, node));
                return None;
            }
            match from.filter(|_| form != TimeForm::Rfc3339) {
                Some(from) => {
                    Some(TimeColumn::Since { columns, form, from: beginning(&from, zone, node, found)? })
                }
                None => Some(TimeColumn::Column(columns, form)),
            }
        }
        Some(TimeFile::Long { every: Some(every), from, .. }) => {
            let every = every.parse().unwrap_or(1.0);
            let from = from.as_deref().unwrap_or("1970-01-01T00:00:00Z");
            Some(TimeColumn::Pace { from: beginning(from, zone, node, found)?, every })
        }
        None if kind != SourceKind::Csv => Some(TimeColumn::Arrival),
        _ => {
            found.push(wrong(
                Some(node.get("time").unwrap_or(node)),
                Text::new(
                    "行の時刻がどこにあるか書かれていません",
                    "it is not said where the time of a row stands",
                ),
                Text::new(
                    "`time`に列の名前を書くか、`every`で行の間隔（秒）を書いてください",
                    "name the column in `time`, or give the seconds from row to row as `every`",
                ),
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_registers_are_read_in_every_form() {
        let register = |form, swapped, factor| Register {
            id: Id::from("x".to_owned()),
            at: 0,
            form,
            input: false,
            swapped,
            factor,
        };
        for (form, words, expected) in [
            (RegisterForm::I16, &[0xffff][..], Some(-1.0)),
            (RegisterForm::U32, &[1, 2], Some(65_538.0)),
            (RegisterForm::I32, &[0xffff, 0xfffe], Some(-2.0)),
            (RegisterForm::F32, &[0x43fa, 0x0000], Some(500.0)),
            (RegisterForm::F32, &[0x7fc0, 0], None),
            (RegisterForm::U64, &[0, 1, 0, 0], Some(4_294_967_296.0)),
        ] {
            assert_eq!(register(form, false, 1.0).value(words), expected, "{form:?}");
        }
        assert_eq!(register(RegisterForm::U32, true, 0.1).value(&[10, 0]), Some(1.0));
    }
}
