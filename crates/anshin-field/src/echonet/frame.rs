//! Frames of ECHONET Lite, as bytes and as values.
//!
//! See: <https://echonet.jp/spec_v114_lite/>

/// Longest frame that is read: what fits a datagram.
const MOST_BYTES: usize = 65_507;

/// A frame of the first format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Number of the exchange.
    pub number: u16,
    /// Who speaks: class group, class, instance.
    pub from: [u8; 3],
    /// To whom.
    pub to: [u8; 3],
    /// What it is about, such as [`GET`].
    pub service: u8,
    /// Properties with their data; empty where one is asked for or refused.
    pub properties: Vec<(u8, Vec<u8>)>,
}

/// Properties are to be written; no answer if it goes well.
pub const SET: u8 = 0x60;
/// Properties are to be written, with an answer.
pub const SET_ANSWERED: u8 = 0x61;
/// Properties are asked for.
pub const GET: u8 = 0x62;
/// Properties are written.
pub const SET_DONE: u8 = 0x71;
/// Here they are.
pub const GET_DONE: u8 = 0x72;
/// Properties that are told without being asked for.
pub const TOLD: u8 = 0x73;
/// The same, and an answer is wanted.
pub const TOLD_ANSWERED: u8 = 0x74;
/// It has been heard.
pub const HEARD: u8 = 0x7a;
/// Some properties cannot be written.
pub const SET_REFUSED: u8 = 0x51;
/// Some properties are not there; the others are.
pub const GET_REFUSED: u8 = 0x52;

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no frame of ECHONET Lite")]
pub struct Malformed;

impl Frame {
    /// Reads a frame.
    ///
    /// # Errors
    /// If the bytes are no frame of the first format. Frames that write and read at once, which no
    /// meter sends, are none here.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let [0x10, 0x81, n1, n2, f1, f2, f3, t1, t2, t3, service, count, rest @ ..] = bytes else {
            return Err(Malformed);
        };
        if bytes.len() > MOST_BYTES || matches!(service, 0x5e | 0x6e | 0x7e) {
            return Err(Malformed);
        }
        let mut rest = rest;
        let mut properties = Vec::with_capacity(usize::from(*count));
        for _ in 0..*count {
            let [property, size, data @ ..] = rest else { return Err(Malformed) };
            let (data, after) = data.split_at_checked(usize::from(*size)).ok_or(Malformed)?;
            properties.push((*property, data.to_vec()));
            rest = after;
        }
        // What follows the last property is filling of some devices.
        Ok(Self {
            number: u16::from_be_bytes([*n1, *n2]),
            from: [*f1, *f2, *f3],
            to: [*t1, *t2, *t3],
            service: *service,
            properties,
        })
    }

    /// The frame as bytes. A frame holds up to 255 properties of up to 255 bytes; more is cut.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0x10, 0x81];
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.from);
        bytes.extend(self.to);
        let count = u8::try_from(self.properties.len()).unwrap_or(u8::MAX);
        bytes.extend([self.service, count]);
        for (property, data) in self.properties.iter().take(usize::from(count)) {
            let size = u8::try_from(data.len()).unwrap_or(u8::MAX);
            bytes.extend([*property, size]);
            bytes.extend(&data[..usize::from(size)]);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_of_a_real_meter_without_its_unit() {
        let bytes = [
            0x10, 0x81, 0x00, 0x23, 0x02, 0x88, 0x01, 0x05, 0xff, 0x01, 0x52, 0x06, 0x80, 0x01, 0x30, 0xe0,
            0x04, 0x00, 0x00, 0x12, 0x3c, 0xe3, 0x04, 0x00, 0x00, 0x20, 0xdd, 0xe7, 0x04, 0x00, 0x00, 0x00,
            0x01, 0xe8, 0x04, 0x00, 0x0a, 0xff, 0xec, 0xd3, 0x04, 0x00, 0x00, 0x00, 0x01,
        ];
        let frame = Frame::read(&bytes).unwrap();
        assert_eq!(
            (frame.number, frame.from, frame.to, frame.service),
            (0x23, [2, 0x88, 1], [5, 0xff, 1], GET_REFUSED)
        );
        assert_eq!(frame.properties[1], (0xe0, vec![0, 0, 0x12, 0x3c]));
        assert_eq!(frame.write(), bytes);
        for end in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..end]), Err(Malformed), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn frames_come_back(
            number: u16, from: [u8; 3], to: [u8; 3],
            properties in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..255)), 0..20),
        ) {
            let frame = Frame { number, from, to, service: GET_DONE, properties };
            prop_assert_eq!(Frame::read(&frame.write()), Ok(frame));
        }
    }
}
