//! Packets of MQTT 3.1.1, as bytes and as values.
//!
//! See: <https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html>

/// Longest packet that is read.
pub const MOST_BYTES: usize = (1 << 20) + (1 << 16);

/// Most filters in one subscription.
const MOST_FILTERS: usize = 1_000;

/// A packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// A client asks to be let in.
    Connect(Connect<'a>),
    /// It is let in (0), or why not.
    ConnAck {
        /// Whether the broker remembers the client.
        session: bool,
        /// 0 if it is let in.
        code: u8,
    },
    /// A message.
    Publish(Publish<'a>),
    /// A message of quality 1 has come.
    PubAck(u16),
    /// A message of quality 2 has come; the first of three steps.
    PubRec(u16),
    /// The second step.
    PubRel(u16),
    /// The third step.
    PubComp(u16),
    /// Topics are asked for, each with the highest quality.
    Subscribe {
        /// Number of the packet.
        id: u16,
        /// Filters and qualities.
        filters: Vec<(&'a str, u8)>,
    },
    /// What is granted: a quality, or 0x80 if nothing.
    SubAck {
        /// Number of the packet.
        id: u16,
        /// What is granted for each filter.
        codes: Vec<u8>,
    },
    /// Topics are no longer asked for.
    Unsubscribe {
        /// Number of the packet.
        id: u16,
        /// Filters.
        filters: Vec<&'a str>,
    },
    /// That has been understood.
    UnsubAck(u16),
    /// Somebody asks whether we are there.
    PingReq,
    /// We are.
    PingResp,
    /// A client takes its leave.
    Disconnect,
}

/// What a client says when it asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect<'a> {
    /// Protocol level: 4 is 3.1.1, 3 is 3.1.
    pub level: u8,
    /// Its name.
    pub client: &'a str,
    /// Whether what the broker remembers is to be forgotten.
    pub clean: bool,
    /// Seconds after which silence means that it has gone; 0 never.
    pub keep_alive: u16,
    /// What is to be published if it goes without leave.
    pub will: Option<Publish<'a>>,
    /// User.
    pub user: Option<&'a str>,
    /// Password.
    pub password: Option<&'a [u8]>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// What it says.
    pub payload: &'a [u8],
    /// Quality: 0 at most once, 1 at least once, 2 exactly once.
    pub qos: u8,
    /// Whether the broker keeps it for those who come later; or that it was kept.
    pub retain: bool,
    /// Whether it may have come before.
    pub again: bool,
    /// Number of the packet, for quality 1 and 2.
    pub id: u16,
}

/// Bytes that are no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no packet of MQTT 3.1.1")]
pub struct Malformed;

/// Reads the packet at the beginning of some bytes, and tells how many it took; `None` if some are
/// still missing.
///
/// # Errors
/// If the bytes cannot become a packet, or one that is too long.
pub fn read(bytes: &[u8]) -> Result<Option<(Packet<'_>, usize)>, Malformed> {
    let Some((first, header, length)) = header(bytes)? else { return Ok(None) };
    if length > MOST_BYTES {
        return Err(Malformed);
    }
    let Some(body) = bytes.get(header..header + length) else { return Ok(None) };
    let packet = body_of(first, Reader(body))?;
    Ok(Some((packet, header + length)))
}

/// A message that is longer than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong<'a> {
    /// Bytes of the whole packet.
    pub length: usize,
    /// What stands before its payload; `None` if that has not come yet.
    pub head: Option<Head<'a>>,
}

/// What stands before the payload of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its quality.
    pub qos: u8,
    /// Number of the packet, for quality 1 and 2.
    pub id: u16,
}

/// The message that begins with some bytes, if it is too long to be read.
pub fn too_long(bytes: &[u8]) -> Option<TooLong<'_>> {
    let (first, header, length) = header(bytes).ok()??;
    if first >> 4 != 3 || length <= MOST_BYTES {
        return None;
    }
    let (mut body, qos) = (Reader(&bytes[header..]), (first >> 1) & 3);
    let mut head = || {
        let topic = body.text().ok()?;
        let id = if qos > 0 { body.id().ok()? } else { 0 };
        Some(Head { topic, qos, id })
    };
    let head = head();
    // What is no text does not become one.
    let may_come = bytes.len() < header + 2 + usize::from(u16::MAX) + 2;
    (head.is_some() || may_come).then_some(TooLong { length: header + length, head })
}

/// The first byte, how long the header is, and how many bytes follow it.
fn header(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, Malformed> {
    let Some((&first, _)) = bytes.split_first() else { return Ok(None) };
    let (mut length, mut header) = (0_usize, 1);
    loop {
        let Some(&byte) = bytes.get(header) else {
            return if header > 4 { Err(Malformed) } else { Ok(None) };
        };
        length |= usize::from(byte & 0x7f) << (7 * (header - 1));
        header += 1;
        if byte & 0x80 == 0 {
            break;
        }
        if header > 4 {
            return Err(Malformed);
        }
    }
    Ok(Some((first, header, length)))
}

fn body_of(first: u8, mut body: Reader<'_>) -> Result<Packet<'_>, Malformed> {
    let (kind, flags) = (first >> 4, first & 0x0f);
    if kind != 3 && flags != if matches!(kind, 6 | 8 | 10) { 2 } else { 0 } {
        return Err(Malformed);
    }
    let packet = match kind {
        1 => Packet::Connect(connect(&mut body)?),
        2 => Packet::ConnAck { session: body.byte()? & 1 == 1, code: body.byte()? },
        3 => {
            let qos = (flags >> 1) & 3;
            if qos == 3 {
                return Err(Malformed);
            }
            let topic = body.text()?;
            if topic.is_empty() || topic.contains(['+', '#']) {
                return Err(Malformed);
            }
            let id = if qos > 0 { body.id()? } else { 0 };
            let (retain, again) = (flags & 1 == 1, flags & 8 == 8);
            Packet::Publish(Publish { topic, payload: body.rest(), qos, retain, again, id })
        }
        4 => Packet::PubAck(body.id()?),
        5 => Packet::PubRec(body.id()?),
        6 => Packet::PubRel(body.id()?),
        7 => Packet::PubComp(body.id()?),
        8 => {
            let id = body.id()?;
            let mut filters = Vec::new();
            while !body.0.is_empty() {
                filters.push((filter(&mut body, filters.len())?, body.byte()?.min(2)));
            }
            Packet::Subscribe { id, filters }
        }
        9 => Packet::SubAck { id: body.id()?, codes: body.rest().to_vec() },
        10 => {
            let id = body.id()?;
            let mut filters = Vec::new();
            while !body.0.is_empty() {
                filters.push(filter(&mut body, filters.len())?);
            }
            Packet::Unsubscribe { id, filters }
        }
        11 => Packet::UnsubAck(body.id()?),
        12 => Packet::PingReq,
        13 => Packet::PingResp,
        14 => Packet::Disconnect,
        _ => return Err(Malformed),
    };
    if body.0.is_empty() { Ok(packet) } else { Err(Malformed) }
}

fn filter<'a>(body: &mut Reader<'a>, so_far: usize) -> Result<&'a str, Malformed> {
    let filter = body.text()?;
    if filter.is_empty() || so_far >= MOST_FILTERS { Err(Malformed) } else { Ok(filter) }
}

fn connect<'a>(body: &mut Reader<'a>) -> Result<Connect<'a>, Malformed> {
    if !matches!(body.text()?, "MQTT" | "MQIsdp") {
        return Err(Malformed);
    }
    let (level, flags, keep_alive) = (body.byte()?, body.byte()?, body.number()?);
    if level > 4 {
        // What follows is laid out otherwise in later versions; the broker only says that it knows none. In
        // version 5 the name of the client stands behind properties.
        let client = body.skip_properties().and_then(|()| body.text()).unwrap_or_default();
        body.rest();
        let clean = true;
        return Ok(Connect { level, client, clean, keep_alive, will: None, user: None, password: None });
    }
    let client = body.text()?;
    let will = if flags & 4 == 4 {
        let (qos, retain) = ((flags >> 3) & 3, flags & 32 == 32);
        let topic = body.text()?;
        if qos == 3 || topic.is_empty() || topic.contains(['+', '#']) {
            return Err(Malformed);
        }
        Some(Publish { topic, payload: body.bytes()?, qos, retain, again: false, id: 0 })
    } else {
        None
    };
    let user = if flags & 128 == 128 { Some(body.text()?) } else { None };
    let password = if flags & 64 == 64 { Some(body.bytes()?) } else { None };
    Ok(Connect { level, client, clean: flags & 2 == 2, keep_alive, will, user, password })
}

/// Takes bytes from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    fn number(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn id(&mut self) -> Result<u16, Malformed> {
        self.number().and_then(|id| if id == 0 { Err(Malformed) } else { Ok(id) })
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.number()?;
        self.take(usize::from(length))
    }

    /// Passes over properties of version 5: their length, in groups of seven bits, and as many bytes.
    fn skip_properties(&mut self) -> Result<(), Malformed> {
        let mut length = 0_usize;
        for group in 0..4 {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return self.take(length).map(drop);
            }
        }
        Err(Malformed)
    }

    fn text(&mut self) -> Result<&'a str, Malformed> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)?;
        if text.contains('\0') { Err(Malformed) } else { Ok(text) }
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

impl Packet<'_> {
    /// Writes the packet behind some bytes. Texts beyond 65,535 bytes are cut.
    pub fn write(&self, to: &mut Vec<u8>) {
        let mut body = Vec::new();
        let first = match self {
            Packet::Connect(connect) => {
                connect.write(&mut body);
                0x10
            }
            Packet::ConnAck { session, code } => {
                body.extend([u8::from(*session), *code]);
                0x20
            }
            Packet::Publish(publish) => {
                put(&mut body, publish.topic.as_bytes());
                if publish.qos > 0 {
                    body.extend(publish.id.to_be_bytes());
                }
                body.extend(publish.payload);
                0x30 | u8::from(publish.again) << 3 | (publish.qos & 3) << 1 | u8::from(publish.retain)
            }
            Packet::PubAck(id) => number(&mut body, *id, 0x40),
            Packet::PubRec(id) => number(&mut body, *id, 0x50),
            Packet::PubRel(id) => number(&mut body, *id, 0x62),
            Packet::PubComp(id) => number(&mut body, *id, 0x70),
            Packet::Subscribe { id, filters } => {
                body.extend(id.to_be_bytes());
                for (filter, qos) in filters {
                    put(&mut body, filter.as_bytes());
                    body.push(*qos);
                }
                0x82
            }
            Packet::SubAck { id, codes } => {
                body.extend(id.to_be_bytes());
                body.extend(codes);
                0x90
            }
            Packet::Unsubscribe { id, filters } => {
                body.extend(id.to_be_bytes());
                for filter in filters {
                    put(&mut body, filter.as_bytes());
                }
                0xa2
            }
            Packet::UnsubAck(id) => number(&mut body, *id, 0xb0),
            Packet::PingReq => 0xc0,
            Packet::PingResp => 0xd0,
            Packet::Disconnect => 0xe0,
        };
        to.push(first);
        let mut length = body.len();
        loop {
            let byte = u8::try_from(length & 0x7f).unwrap_or(0x7f);
            length >>= 7;
            to.push(if length > 0 { byte | 0x80 } else { byte });
            if length == 0 {
                break;
            }
        }
        to.extend(body);
    }
}

impl Connect<'_> {
    fn write(&self, body: &mut Vec<u8>) {
        put(body, b"MQTT");
        let will = self.will.as_ref().map_or(0, |will| 4 | (will.qos & 3) << 3 | u8::from(will.retain) << 5);
        let login = u8::from(self.user.is_some()) << 7 | u8::from(self.password.is_some()) << 6;
        body.extend([self.level, u8::from(self.clean) << 1 | will | login]);
        body.extend(self.keep_alive.to_be_bytes());
        put(body, self.client.as_bytes());
        if let Some(will) = &self.will {
            put(body, will.topic.as_bytes());
            put(body, will.payload);
        }
        for part in [self.user.map(str::as_bytes), self.password].into_iter().flatten() {
            put(body, part);
        }
    }
}

fn number(body: &mut Vec<u8>, id: u16, first: u8) -> u8 {
    body.extend(id.to_be_bytes());
    first
}

fn put(body: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    body.extend(length.to_be_bytes());
    body.extend(&bytes[..usize::from(length)]);
}

/// Whether a topic fits a filter with `+` for one level and `#` for all that follow.
///
/// Topics that begin with `$` belong to the broker and fit no filter that begins with a wildcard.
pub fn fits(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn filters_fit_as_the_standard_says() {
        for (filter, topic, expected) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
            ("#", "sport", true),
            ("sport/+", "sport/a/b", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/uptime", false),
            ("$SYS/#", "$SYS/uptime", true),
            ("a/b", "a/b", true),
            ("a/b", "a/c", false),
        ] {
            assert_eq!(fits(filter, topic), expected, "{filter} {topic}");
        }
    }

    #[test]
    fn lengths_go_over_several_bytes() {
        let payload = vec![7; 20_000];
        let publish = Publish { topic: "t", payload: &payload, qos: 1, retain: true, again: false, id: 9 };
        let mut bytes = Vec::new();
        Packet::Publish(publish.clone()).write(&mut bytes);
        for end in [1, 2, 3, bytes.len() - 1] {
            assert_eq!(read(&bytes[..end]), Ok(None));
        }
        assert_eq!(read(&bytes), Ok(Some((Packet::Publish(publish), bytes.len()))));
        assert_eq!(read(&[0x30, 0xff, 0xff, 0xff, 0xff, 1]), Err(Malformed));
        assert_eq!(read(&[0x30, 0xff, 0xff, 0xff, 0x7f]), Err(Malformed), "256 MiB are too much");
    }

    proptest! {
        #[test]
        fn packets_come_back(
            topic in "[a-z/]{1,20}",
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            (qos, retain, again, id) in (0_u8..3, any::<bool>(), any::<bool>(), 1_u16..),
            (user, clean, keep_alive) in (proptest::option::of("[a-z]{0,9}"), any::<bool>(), any::<u16>()),
        ) {
            let publish = Publish {
                topic: &topic, payload: &payload, qos, retain, again, id: if qos > 0 { id } else { 0 },
            };
            let will = Publish { again: false, id: 0, ..publish.clone() };
            let connect = Connect {
                level: 4, client: "c", clean, keep_alive, will: Some(will),
                user: user.as_deref(), password: user.as_deref().map(str::as_bytes),
            };
            for packet in [
                Packet::Publish(publish), Packet::Connect(connect), Packet::PubRel(id),
                Packet::Subscribe { id, filters: vec![(&topic, qos)] },
                Packet::Unsubscribe { id, filters: vec![&topic] },
                Packet::SubAck { id, codes: vec![0, 0x80] }, Packet::ConnAck { session: clean, code: 5 },
                Packet::PingReq, Packet::Disconnect,
            ] {
                let mut bytes = Vec::new();
                packet.write(&mut bytes);
                let length = bytes.len();
                bytes.extend(&payload);
                prop_assert_eq!(read(&bytes), Ok(Some((packet, length))));
            }
        }
    }
}
