//! Sparkplug B: metrics of nodes and devices, with births, deaths and sequence numbers.
//!
//! See: <https://sparkplug.eclipse.org/specification/version/3.0/documents/sparkplug-specification-3.0.0.pdf>

use std::collections::BTreeMap;

use anshin_monitor::Time;
use anshin_monitor::payload::{MOST_BYTES, Unread};

/// Most nodes and devices that are remembered.
const MOST_DEVICES: usize = 10_000;

/// Most metrics of a device whose short names are remembered.
const MOST_ALIASES: usize = 10_000;

/// Most bytes that the names of all aliases take, and what an alias counts besides its name.
const MOST_ALIAS_BYTES: usize = 32 << 20;
const ALIAS_BYTES: usize = 64;

/// Longest name of a node or device that is remembered.
const LONGEST_NAME: usize = 1 << 10;

/// Most metrics in one message.
const MOST_METRICS: usize = 10_000;

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The node: `group/node`.
    pub node: String,
    /// The node or its device: `group/node` or `group/node/device`.
    pub device: String,
    /// Values with their times and names.
    pub values: Vec<(Time, String, String)>,
    /// Whether it tells how things are, and not what happens.
    pub birth: bool,
    /// Whether the node or device has gone.
    pub gone: bool,
    /// Whether something of the node may be missing: a gap in its sequence, a death, an unknown name.
    pub doubtful: bool,
}

/// What is remembered of the nodes.
#[derive(Debug, Default)]
pub struct Nodes {
    sequences: BTreeMap<String, u8>,
    aliases: BTreeMap<String, BTreeMap<u64, (String, u32)>>,
    /// Bytes of all aliases.
    alias_bytes: usize,
}

/// What an alias counts.
fn weight(name: &str) -> usize {
    ALIAS_BYTES + name.len()
}

impl Nodes {
    /// Reads a message that came at `now`.
    ///
    /// # Errors
    /// If topic or payload are not those of Sparkplug B.
    pub fn read(&mut self, topic: &str, bytes: &[u8], now: Time) -> Result<Said, Unread> {
        if bytes.len() > MOST_BYTES {
            return Err(Unread::TooLong);
        }
        let parts: Vec<&str> = topic.split('/').collect();
        let (group, kind, node, device) = match parts.as_slice() {
            ["spBv1.0", group, kind, node] => (*group, *kind, *node, None),
            ["spBv1.0", group, kind, node, device] => (*group, *kind, *node, Some(*device)),
            _ => return Err(Unread::Form),
        };
        let node = format!("{group}/{node}");
        let device = device.map_or_else(|| node.clone(), |device| format!("{node}/{device}"));
        if device.len() > LONGEST_NAME {
            return Err(Unread::TooLong);
        }
        let mut said = Said { node, device, ..Said::default() };
        match kind {
            "NBIRTH" | "DBIRTH" => said.birth = true,
            "NDATA" | "DDATA" => {}
            "NDEATH" | "DDEATH" => {
                (said.doubtful, said.gone) = (true, true);
                if kind == "NDEATH" {
                    self.sequences.remove(&said.node);
                }
                return Ok(said);
            }
            // Commands are for the devices.
            "NCMD" | "DCMD" => return Ok(said),
            _ => return Err(Unread::Form),
        }
        let payload = Payload::read(bytes)?;
        if let Some(sequence) = payload.sequence {
            let known = self.sequences.len() < MOST_DEVICES || self.sequences.contains_key(&said.node);
            let before = if known { self.sequences.insert(said.node.clone(), sequence) } else { None };
            said.doubtful = match before {
                _ if kind == "NBIRTH" => before.is_some(),
                Some(before) => before.wrapping_add(1) != sequence,
                None => true,
            };
        }
        if said.birth && (self.aliases.len() < MOST_DEVICES || self.aliases.contains_key(&said.device)) {
            let before = self.aliases.insert(said.device.clone(), BTreeMap::new()).unwrap_or_default();
            self.alias_bytes -= before.values().map(|(name, _)| weight(name)).sum::<usize>();
        }
        for metric in payload.metrics {
            let mut kind = metric.kind;
            let name = match (metric.name, metric.alias) {
                (Some(name), alias) => {
                    if let (true, Some(alias), Some(aliases)) =
                        (said.birth, alias, self.aliases.get_mut(&said.device))
                        && aliases.len() < MOST_ALIASES
                        && self.alias_bytes + weight(name) <= MOST_ALIAS_BYTES
                    {
                        self.alias_bytes += weight(name);
                        let before = aliases.insert(alias, (name.to_owned(), metric.kind));
                        self.alias_bytes -= before.map_or(0, |(name, _)| weight(&name));
                    }
                    name.to_owned()
                }
                (None, Some(alias)) => {
                    let known = self.aliases.get(&said.device).and_then(|aliases| aliases.get(&alias));
                    let Some((name, born)) = known else {
                        said.doubtful = true;
                        continue;
                    };
                    if kind == 0 {
                        kind = *born;
                    }
                    name.clone()
                }
                (None, None) => continue,
            };
            let time = metric.time.or(payload.time).map_or(now, from_milliseconds);
            if let Some(text) = metric.value.text(kind) {
                // What a birth tells held before it, and is taken as of now.
                said.values.push((if said.birth { now } else { time }, name, text));
            }
        }
        Ok(said)
    }
}

/// What asks a node to tell everything again: the topic, and the command. A node is asked when its names
/// or its sequence are not known, such as after a start in the middle.
pub fn rebirth(node: &str) -> Option<(String, Vec<u8>)> {
    let (group, node) = node.split_once('/')?;
    let name = b"Node Control/Rebirth";
    // A metric: its name (field 1), its kind, Boolean (4), and true (14).
    let mut metric = vec![1 << 3 | 2, u8::try_from(name.len()).ok()?];
    metric.extend_from_slice(name);
    metric.extend([4 << 3, 11, 14 << 3, 1]);
    let mut payload = vec![2 << 3 | 2, u8::try_from(metric.len()).ok()?];
    payload.extend(metric);
    Some((format!("spBv1.0/{group}/NCMD/{node}"), payload))
}

fn from_milliseconds(milliseconds: u64) -> Time {
    Time::from_nanos(i64::try_from(milliseconds).unwrap_or(i64::MAX).saturating_mul(1_000_000))
}

struct Payload<'a> {
    time: Option<u64>,
    sequence: Option<u8>,
    metrics: Vec<Metric<'a>>,
}

#[derive(Default)]
struct Metric<'a> {
    name: Option<&'a str>,
    alias: Option<u64>,
    time: Option<u64>,
    kind: u32,
    value: Value<'a>,
}

#[derive(Default)]
enum Value<'a> {
    Int(u32),
    Long(u64),
    Float(f32),
    Double(f64),
    Bool(bool),
    Text(&'a str),
    Null,
    /// Bytes, tables and templates are not read.
    #[default]
    Other,
}

impl Value<'_> {
    /// As text; whole numbers by the kind of the metric, for they carry no sign of their own.
    fn text(&self, kind: u32) -> Option<String> {
        Some(match (self, kind) {
            #[expect(clippy::cast_possible_truncation, reason = "the kind says that only 8 bits count")]
            (Value::Int(value), 1) => (*value as u8).cast_signed().to_string(),
            #[expect(clippy::cast_possible_truncation, reason = "the kind says that only 16 bits count")]
            (Value::Int(value), 2) => (*value as u16).cast_signed().to_string(),
            (Value::Int(value), 3) => value.cast_signed().to_string(),
            (Value::Int(value), _) => value.to_string(),
            (Value::Long(value), 4) => value.cast_signed().to_string(),
            (Value::Long(value), _) => value.to_string(),
            (Value::Float(value), _) => value.to_string(),
            (Value::Double(value), _) => value.to_string(),
            (Value::Bool(value), _) => value.to_string(),
            (Value::Text(value), _) => (*value).to_owned(),
            (Value::Null, _) => String::new(),
            (Value::Other, _) => return None,
        })
    }
}

impl<'a> Payload<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Unread> {
        let mut payload = Payload { time: None, sequence: None, metrics: Vec::new() };
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Number(time)) => payload.time = Some(time),
                (2, Field::Bytes(metric)) if payload.metrics.len() < MOST_METRICS => {
                    payload.metrics.push(Metric::read(metric)?);
                }
                (3, Field::Number(sequence)) => payload.sequence = u8::try_from(sequence).ok(),
                _ => {}
            }
        }
        Ok(payload)
    }
}

impl<'a> Metric<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Unread> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Unread::Form);
        let mut metric = Metric::default();
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Bytes(name)) => metric.name = Some(text(name)?),
                (2, Field::Number(alias)) => metric.alias = Some(alias),
                (3, Field::Number(time)) => metric.time = Some(time),
                (4, Field::Number(kind)) => metric.kind = u32::try_from(kind).map_err(|_| Unread::Form)?,
                (7, Field::Number(1)) => metric.value = Value::Null,
                // A negative number is sometimes written with all its 64 bits.
                #[expect(clippy::cast_possible_truncation, reason = "only 32 bits count")]
                (10, Field::Number(value)) => metric.value = Value::Int(value as u32),
                (11, Field::Number(value)) => metric.value = Value::Long(value),
                (12, Field::Four(bits)) => metric.value = Value::Float(f32::from_bits(bits)),
                (13, Field::Eight(bits)) => metric.value = Value::Double(f64::from_bits(bits)),
                (14, Field::Number(value)) => metric.value = Value::Bool(value != 0),
                (15, Field::Bytes(value)) => metric.value = Value::Text(text(value)?),
                _ => {}
            }
        }
        Ok(metric)
    }
}

/// The fields of a message of protocol buffers.
struct Fields<'a>(&'a [u8]);

enum Field<'a> {
    Number(u64),
    Eight(u64),
    Bytes(&'a [u8]),
    Four(u32),
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Unread> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.number()?;
        let field = match tag & 7 {
            0 => Field::Number(self.number()?),
            1 => Field::Eight(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let length = usize::try_from(self.number()?).map_err(|_| Unread::Form)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unread::Form)?;
                self.0 = rest;
                Field::Bytes(bytes)
            }
            5 => Field::Four(u32::from_le_bytes(self.fixed()?)),
            _ => return Err(Unread::Form),
        };
        Ok(Some((tag >> 3, field)))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Unread> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or(Unread::Form)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn number(&mut self) -> Result<u64, Unread> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Unread::Form)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unread::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        bytes.push(u8::try_from(value).unwrap());
        bytes
    }

    fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
        [vec![field << 3 | 2], number(content.len() as u64), content.to_vec()].concat()
    }

    fn payload(time: u64, sequence: u64, metrics: &[Vec<u8>]) -> Vec<u8> {
        let metrics: Vec<u8> = metrics.iter().flat_map(|metric| bytes(2, metric)).collect();
        [vec![1 << 3], number(time), metrics, vec![3 << 3], number(sequence)].concat()
    }

    #[test]
    fn aliases_are_learnt_at_birth_and_gaps_make_doubts() {
        let mut nodes = Nodes::default();
        let now = Time::from_seconds(5.0);
        let power = [bytes(1, b"Power"), vec![2 << 3, 7, 4 << 3, 3, 10 << 3], number(u64::from(u32::MAX))];
        let birth = payload(1_000, 0, &[power.concat()]);
        assert!(nodes.read("spBv1.0/plant/NBIRTH/edge", &payload(1_000, 0, &[]), now).is_ok());
        let said = nodes.read("spBv1.0/plant/DBIRTH/edge/mill", &payload(1_000, 1, &[]), now).unwrap();
        assert!(said.birth && !said.doubtful);
        let said = nodes.read("spBv1.0/plant/NBIRTH/edge", &birth, now).unwrap();
        assert_eq!(said.values, [(now, "Power".to_owned(), "-1".to_owned())]);
        assert!(said.doubtful, "a node that is born again was away");
        let short = [vec![2 << 3, 7, 10 << 3], number(250)].concat();
        let data = payload(2_000, 1, std::slice::from_ref(&short));
        let said = nodes.read("spBv1.0/plant/NDATA/edge", &data, now).unwrap();
        assert_eq!(said.values, [(Time::from_seconds(2.0), "Power".to_owned(), "250".to_owned())]);
        assert!(!said.doubtful);
        let said = nodes.read("spBv1.0/plant/NDATA/edge", &payload(3_000, 3, &[short]), now).unwrap();
        assert!(said.doubtful, "number 2 is missing");
        let said = nodes.read("spBv1.0/plant/NDEATH/edge", &[], now).unwrap();
        assert!(said.doubtful && said.values.is_empty());
    }

    #[test]
    fn what_is_no_sparkplug_is_told() {
        let mut nodes = Nodes::default();
        let now = Time::from_seconds(0.0);
        assert_eq!(nodes.read("plant/power", &[], now), Err(Unread::Form));
        assert_eq!(nodes.read("spBv1.0/g/NDATA/n", &[0x12, 0x50], now), Err(Unread::Form));
        assert_eq!(nodes.read("spBv1.0/g/NDATA/n", &[0x0b], now), Err(Unread::Form));
    }

    #[test]
    fn a_node_is_asked_to_tell_everything_again() {
        let (topic, bytes) = rebirth("plant/press").unwrap();
        assert_eq!(topic, "spBv1.0/plant/NCMD/press");
        // Read as data, the command is a metric that is true.
        let said = Nodes::default().read("spBv1.0/plant/NDATA/press", &bytes, Time::from_nanos(0)).unwrap();
        assert_eq!(
            said.values,
            [(Time::from_nanos(0), "Node Control/Rebirth".to_owned(), "true".to_owned())]
        );
        assert!(rebirth("nobody").is_none());
    }
}
