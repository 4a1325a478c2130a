//! What meters of ECHONET Lite tell: from properties to values in W, Wh, A and V.
//!
//! Powers, energies and their units are those of the appendix "Detailed requirements for ECHONET
//! device objects", classes 0x0288, 0x0287, 0x028D, 0x028F and 0x0022.

use std::collections::BTreeMap;

use super::frame::{Frame, GET, SET_ANSWERED};

/// A question to a meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// [`GET`] or [`SET_ANSWERED`].
    pub service: u8,
    /// The property.
    pub property: u8,
    /// What is to be written.
    pub data: Vec<u8>,
}

/// A meter: what it must be asked, and what is known of its units.
#[derive(Debug)]
pub struct Meter {
    object: [u8; 3],
    channels: u8,
    /// Coefficients and units, as they were told; empty where the meter has said that it has none.
    units: BTreeMap<u8, Vec<u8>>,
    /// Properties that the meter does not have.
    missing: Vec<u8>,
}

/// The property of a board that counts its channels that measure in both directions.
pub(super) const BOTH_WAYS: u8 = 0xb8;

/// The property of the first channel of a board; boards without lists have one for each of 32.
pub(super) const FIRST_CHANNEL: u8 = 0xd0;
pub(super) const MOST_SINGLE: u8 = 32;

/// The last channel that a board can have, and most channels of a range.
pub(super) const LAST_CHANNEL: u8 = 252;
const MOST_CHANNELS: u8 = 60;

fn get(property: u8) -> Question {
    Question { service: GET, property, data: Vec::new() }
}

impl Meter {
    /// A meter of which nothing is known yet.
    pub fn new(object: [u8; 3], channels: u8) -> Self {
        Self { object, channels, units: BTreeMap::new(), missing: Vec::new() }
    }

    /// Class group and class.
    fn class(&self) -> [u8; 2] {
        [self.object[0], self.object[1]]
    }

    /// Properties that tell units; they are asked for first, and again from time to time.
    pub fn units(&self) -> Vec<Question> {
        let properties: &[u8] = match self.class() {
            [0x02, 0x88] => &[0xd3, 0xe1],
            // The number of channels that measure in both directions stands beside the unit.
            [0x02, 0x87] => &[0xc2, BOTH_WAYS],
            [0x02, 0x8d] => &[0xd3, 0xd4],
            [0x02, 0x8f] => &[0xd3, 0xd4, 0xe6],
            _ => &[],
        };
        properties.iter().map(|property| get(*property)).collect()
    }

    /// Properties that tell units, of which nothing has come yet: without them energy is not known.
    pub fn units_to_come(&self) -> Vec<Question> {
        self.units().into_iter().filter(|question| !self.units.contains_key(&question.property)).collect()
    }

    /// What is asked in each round. A property that the meter has said it lacks is left out.
    pub fn round(&self) -> Vec<Question> {
        let properties: &[u8] = match self.class() {
            [0x02, 0x88] => &[0xe7, 0xe0, 0xe3, 0xe8],
            [0x02, 0x87] => &[0xc6, 0xc0, 0xc1, 0xc7],
            [0x02, 0x8d] => &[0xe7, 0xe0, 0xe3],
            [0x02, 0x8f] => &[0xea, 0xe2, 0xe3],
            [0x00, 0x22] => &[0xe0],
            _ => &[],
        };
        let mut questions: Vec<Question> =
            properties.iter().filter(|p| !self.missing.contains(p)).map(|p| get(*p)).collect();
        if self.class() == [0x00, 0x22] {
            // The same power in 0.1 W, in W and in 0.1 kW: the finest that the sensor has.
            let finest = [0xe2, 0xe1, 0xe3].into_iter().find(|power| !self.missing.contains(power));
            questions.extend(finest.map(get));
        }
        if self.class() == [0x02, 0x87] {
            let lists = [(0xb6, 0xb7, self.channels), (0xb2, 0xb3, self.channels)];
            let both = self.both_ways();
            for (range, list, channels) in lists.into_iter().chain([(0xbd, 0xbe, both), (0xb9, 0xba, both)]) {
                if self.missing.contains(&list) {
                    continue;
                }
                // A board answers for a range of channels, which must be set first.
                for first in (1..=channels).step_by(usize::from(MOST_CHANNELS)) {
                    let data = vec![first, (channels - first + 1).min(MOST_CHANNELS)];
                    questions.push(Question { service: SET_ANSWERED, property: range, data });
                    questions.push(get(list));
                }
            }
            // A board that lists no energies has a property for each channel.
            if self.missing.contains(&0xb3) {
                let channels = (0..self.channels.min(MOST_SINGLE)).map(|n| FIRST_CHANNEL + n);
                questions.extend(channels.filter(|channel| !self.missing.contains(channel)).map(get));
            }
        }
        questions
    }

    /// How many channels measure in both directions, if the board has said so.
    fn both_ways(&self) -> u8 {
        let count = self.units.get(&BOTH_WAYS).and_then(|data| data.first()).copied();
        count.filter(|count| *count <= LAST_CHANNEL).unwrap_or(0)
    }

    /// The property and the code of a unit that is in no table, so that energy cannot be read.
    pub fn unknown_unit(&self) -> Option<(u8, u8)> {
        let property = match self.class() {
            [0x02, 0x88] => 0xe1,
            [0x02, 0x87] => 0xc2,
            [0x02, 0x8d] => 0xd4,
            [0x02, 0x8f] => 0xe6,
            _ => return None,
        };
        let code = *self.units.get(&property)?.first()?;
        unit(code).is_none().then_some((property, code))
    }

    /// Forgets what the meter lacks, so that it is asked again.
    pub fn ask_all(&mut self) {
        self.missing.clear();
    }

    /// The values that a frame of the meter tells, with their names.
    pub fn values(&mut self, frame: &Frame) -> Vec<(String, f64)> {
        let mut values = Vec::new();
        for (property, data) in &frame.properties {
            let is_unit = self.units().iter().any(|question| question.property == *property);
            if data.is_empty() {
                if frame.service != super::frame::GET_REFUSED {
                    continue;
                }
                if is_unit {
                    // What it has told before holds.
                    self.units.entry(*property).or_default();
                } else if !self.missing.contains(property) {
                    self.missing.push(*property);
                }
                continue;
            }
            if is_unit {
                self.units.insert(*property, data.clone());
            } else {
                self.property(*property, data, &mut values);
            }
        }
        values
    }

    fn property(&self, property: u8, data: &[u8], values: &mut Vec<(String, f64)>) {
        let mut say = |name: &str, value: Option<f64>| {
            if let Some(value) = value {
                values.push((name.to_owned(), value));
            }
        };
        match (self.class(), property) {
            ([0x02, 0x88 | 0x8d], 0xe7) | ([0x02, 0x87], 0xc6) | ([0x02, 0x8f], 0xea) => {
                say("power", signed(data));
            }
            ([0x02, 0x88 | 0x8d], 0xe0) | ([0x02, 0x87], 0xc0) | ([0x02, 0x8f], 0xe2) => {
                say("energy", self.energy(data));
            }
            ([0x02, 0x88 | 0x8d | 0x8f], 0xe3) | ([0x02, 0x87], 0xc1) => {
                say("energy-reverse", self.energy(data));
            }
            ([0x02, 0x88], 0xe8) | ([0x02, 0x87], 0xc7) => {
                // A two-wire meter has no second phase.
                for (name, bytes) in ["current-r", "current-t"].into_iter().zip(data.chunks_exact(2)) {
                    say(name, signed(bytes).map(|tenths| tenths / 10.0));
                }
            }
            ([0x02, 0x87], channel @ 0xd0..=0xef) if data.len() == 8 => {
                let channel = channel - FIRST_CHANNEL + 1;
                say(&format!("channel-{channel}.energy"), self.energy(&data[..4]));
                for (name, bytes) in ["current-r", "current-t"].into_iter().zip(data[4..].chunks_exact(2)) {
                    say(&format!("channel-{channel}.{name}"), signed(bytes).map(|tenths| tenths / 10.0));
                }
            }
            ([0x02, 0x87], 0xb7) => list::<4>(data, self.channels, &mut |channel, bytes| {
                say(&format!("channel-{channel}.power"), signed(bytes));
            }),
            ([0x02, 0x87], 0xb3) => list::<4>(data, self.channels, &mut |channel, bytes| {
                say(&format!("channel-{channel}.energy"), self.energy(bytes));
            }),
            ([0x02, 0x87], 0xbe) => list::<4>(data, self.both_ways(), &mut |channel, bytes| {
                say(&format!("both-{channel}.power"), signed(bytes));
            }),
            ([0x02, 0x87], 0xba) => list::<8>(data, self.both_ways(), &mut |channel, bytes| {
                say(&format!("both-{channel}.energy"), self.energy(&bytes[..4]));
                say(&format!("both-{channel}.energy-reverse"), self.energy(&bytes[4..]));
            }),
            ([0x00, 0x22], 0xe1) => say("power", signed(data)),
            ([0x00, 0x22], 0xe2) => say("power", signed(data).map(|tenths| tenths / 10.0)),
            ([0x00, 0x22], 0xe3) => say("power", signed(data).map(|hundreds| hundreds * 100.0)),
            ([0x00, 0x22], 0xe0) => say("energy", unsigned(data)),
            _ => {}
        }
    }

    /// Energy in Wh, by what is known of the units; `None` while an answer about them is still to come.
    ///
    /// A meter that refuses to tell a coefficient counts single units. One that refuses to tell its unit
    /// counts kWh, which is the first unit of the table.
    fn energy(&self, data: &[u8]) -> Option<f64> {
        let number = |property: u8| {
            let data = self.units.get(&property)?;
            if data.is_empty() { Some(1.0) } else { unsigned(data) }
        };
        let unit = |property: u8| unit(self.units.get(&property)?.first().copied().unwrap_or(0));
        let count = unsigned(data)?;
        let kilowatt_hours = match self.class() {
            [0x02, 0x88] => count * number(0xd3)? * unit(0xe1)?,
            [0x02, 0x87] => count * unit(0xc2)?,
            [0x02, 0x8d] => count * number(0xd3)? * unit(0xd4)?,
            _ => count * number(0xd3)? * number(0xd4)? * unit(0xe6)?,
        };
        Some(kilowatt_hours * 1_000.0)
    }
}

/// How many kWh a unit of the table is; `None` for a code that is not in it.
fn unit(code: u8) -> Option<f64> {
    match code {
        0x00 => Some(1.0),
        0x01..=0x04 => Some(0.1_f64.powi(i32::from(code))),
        0x0a..=0x0d => Some(10_f64.powi(i32::from(code) - 9)),
        _ => None,
    }
}

/// A list of channels: the first, how many, then so many bytes for each.
fn list<const BYTES: usize>(data: &[u8], last: u8, take: &mut dyn FnMut(u16, &[u8; BYTES])) {
    let [first, count, rest @ ..] = data else { return };
    for (n, bytes) in (0..u16::from(*count)).zip(rest.as_chunks::<BYTES>().0) {
        let channel = u16::from(*first) + n;
        if channel <= u16::from(last) {
            take(channel, bytes);
        }
    }
}

/// A number with sign; `None` for the values that stand for "no data", too much and too little.
fn signed(data: &[u8]) -> Option<f64> {
    match *data {
        [a, b] => Some(i16::from_be_bytes([a, b]))
            .filter(|n| !matches!(*n, 0x7ffe | 0x7fff | i16::MIN))
            .map(f64::from),
        [a, b, c, d] => Some(i32::from_be_bytes([a, b, c, d]))
            .filter(|n| !matches!(*n, 0x7fff_fffe | 0x7fff_ffff | i32::MIN))
            .map(f64::from),
        _ => None,
    }
}

/// A number without sign; `None` for the values that stand for "no data", too much and too little.
fn unsigned(data: &[u8]) -> Option<f64> {
    match *data {
        [a] => Some(f64::from(a)),
        [a, b] => Some(u16::from_be_bytes([a, b])).filter(|n| *n < 0xfffe).map(f64::from),
        [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d])).filter(|n| *n < 0xffff_fffe).map(f64::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{GET_DONE, GET_REFUSED};
    use super::*;

    fn frame(service: u8, properties: &[(u8, &[u8])]) -> Frame {
        let properties = properties.iter().map(|(property, data)| (*property, data.to_vec())).collect();
        Frame { number: 1, from: [2, 0x88, 1], to: [5, 0xff, 1], service, properties }
    }

    fn said(meter: &mut Meter, service: u8, properties: &[(u8, &[u8])]) -> Vec<String> {
        let values = meter.values(&frame(service, properties));
        values.into_iter().map(|(name, value)| format!("{name} {value:.3}")).collect()
    }

    #[test]
    fn a_smart_meter_counts_by_its_coefficient_and_unit() {
        let mut meter = Meter::new([2, 0x88, 1], 0);
        // Until it has answered about its unit, its energy is not known.
        assert!(said(&mut meter, GET_DONE, &[(0xd3, &[0, 0, 0, 1]), (0xe0, &[0, 0, 0, 50])]).is_empty());
        assert_eq!(meter.units_to_come(), [get(0xe1)]);
        assert!(said(&mut meter, GET_REFUSED, &[(0xe1, &[])]).is_empty());
        assert!(meter.units_to_come().is_empty());
        // Without a unit it counts kWh, and what it refuses is not asked again.
        assert_eq!(
            said(&mut meter, GET_REFUSED, &[(0xe0, &[0, 0, 0x12, 0x3c]), (0xe3, &[])]),
            ["energy 4668000.000"]
        );
        assert!(!meter.round().contains(&get(0xe3)) && meter.round().contains(&get(0xe7)));
        meter.ask_all();
        assert!(meter.round().contains(&get(0xe3)));
        said(&mut meter, GET_DONE, &[(0xd3, &[0, 0, 0, 2]), (0xe1, &[2])]);
        said(&mut meter, GET_REFUSED, &[(0xe1, &[])]);
        assert_eq!(said(&mut meter, GET_DONE, &[(0xe0, &[0, 0, 0, 50])]), ["energy 1000.000"]);
        assert_eq!(
            said(&mut meter, GET_DONE, &[(0xe7, &[0xff, 0xff, 0xff, 0x9c]), (0xe8, &[0, 0x0a, 0x7f, 0xfe])]),
            ["power -100.000", "current-r 1.000"]
        );
        assert!(
            said(&mut meter, GET_DONE, &[(0xe7, &[0x7f, 0xff, 0xff, 0xfe]), (0xe0, &[0xff; 4])]).is_empty()
        );
    }

    /// An answer that somebody logged, whose program showed 929 W and 4757.5 kWh beside it.
    #[test]
    fn an_answer_of_a_real_meter_tells_what_its_owner_saw() {
        let mut meter = Meter::new([2, 0x88, 1], 0);
        said(&mut meter, GET_DONE, &[(0xe1, &[1])]);
        said(&mut meter, GET_REFUSED, &[(0xd3, &[])]);
        let bytes = [
            0x10, 0x81, 0x02, 0x00, 0x02, 0x88, 0x01, 0x05, 0xff, 0x01, 0x72, 0x03, 0xe7, 0x04, 0x00, 0x00,
            0x03, 0xa1, 0xe8, 0x04, 0x00, 0x46, 0x00, 0x28, 0xe0, 0x04, 0x00, 0x00, 0xb9, 0xd7,
        ];
        let values = meter.values(&Frame::read(&bytes).unwrap());
        let values: Vec<_> = values.iter().map(|(name, value)| format!("{name} {value:.1}")).collect();
        assert_eq!(values, ["power 929.0", "current-r 7.0", "current-t 4.0", "energy 4757500.0"]);
    }

    #[test]
    fn a_board_is_told_its_channels_first() {
        let mut board = Meter::new([2, 0x87, 1], 2);
        let set = Question { service: SET_ANSWERED, property: 0xb6, data: vec![1, 2] };
        let round = board.round();
        let at = round.iter().position(|question| *question == set).unwrap();
        assert_eq!(round[at + 1], get(0xb7));
        said(&mut board, GET_DONE, &[(0xc2, &[3])]);
        let power = [1, 2, 0, 0, 0, 100, 0, 0, 1, 0];
        assert_eq!(
            said(&mut board, GET_DONE, &[(0xb7, &power)]),
            ["channel-1.power 100.000", "channel-2.power 256.000"]
        );
        let energy = [2, 3, 0, 0, 0, 7, 0, 0, 0, 8];
        assert_eq!(said(&mut board, GET_DONE, &[(0xb3, &energy)]), ["channel-2.energy 7.000"]);
        // A unit that is in no table is told, for no energy can be read.
        assert_eq!(board.unknown_unit(), None);
        assert!(said(&mut board, GET_DONE, &[(0xc2, &[0x0e]), (0xb3, &energy)]).is_empty());
        assert_eq!(board.unknown_unit(), Some((0xc2, 0x0e)));
        said(&mut board, GET_DONE, &[(0xc2, &[3])]);
        // Channels that measure in both directions are counted by the board.
        assert!(!board.round().contains(&get(0xbe)));
        said(&mut board, GET_DONE, &[(0xb8, &[1])]);
        assert!(board.round().contains(&get(0xbe)) && board.round().contains(&get(0xba)));
        assert_eq!(
            said(&mut board, GET_DONE, &[(0xbe, &[1, 1, 0xff, 0xff, 0xff, 0x9c])]),
            ["both-1.power -100.000"]
        );
        assert_eq!(
            said(&mut board, GET_DONE, &[(0xba, &[1, 1, 0, 0, 0, 5, 0, 0, 0, 2])]),
            ["both-1.energy 5.000", "both-1.energy-reverse 2.000"]
        );
    }

    #[test]
    fn a_board_without_lists_is_asked_for_each_channel() {
        let mut board = Meter::new([2, 0x87, 1], 3);
        assert!(!board.round().contains(&get(0xd0)));
        said(&mut board, GET_DONE, &[(0xc2, &[2])]);
        said(&mut board, GET_REFUSED, &[(0xb3, &[])]);
        let asked: Vec<u8> = board.round().iter().map(|question| question.property).collect();
        assert!(asked.ends_with(&[0xd0, 0xd1, 0xd2]), "{asked:x?}");
        assert_eq!(
            said(&mut board, GET_DONE, &[(0xd1, &[0, 0, 0, 7, 0, 0x19, 0x7f, 0xfe])]),
            ["channel-2.energy 70.000", "channel-2.current-r 2.500"]
        );
        said(&mut board, GET_REFUSED, &[(0xd2, &[])]);
        assert!(!board.round().contains(&get(0xd2)), "it has two channels");
        assert_eq!(
            said(&mut board, GET_DONE, &[(0xc7, &[0, 0x0a, 0, 0x14])]),
            ["current-r 1.000", "current-t 2.000"]
        );
    }

    #[test]
    fn many_channels_are_asked_for_in_ranges() {
        let ranges = |channels: u8| -> Vec<Vec<u8>> {
            let round = Meter::new([2, 0x87, 1], channels).round();
            round
                .into_iter()
                .filter(|question| question.property == 0xb6)
                .map(|question| question.data)
                .collect()
        };
        assert_eq!(ranges(60), [[1, 60]]);
        assert_eq!(ranges(130), [[1, 60], [61, 60], [121, 10]]);
        assert!(ranges(0).is_empty());
    }

    #[test]
    fn a_sensor_is_asked_for_the_finest_power_that_it_has() {
        let mut sensor = Meter::new([0, 0x22, 1], 0);
        assert!(sensor.round().contains(&get(0xe2)) && !sensor.round().contains(&get(0xe1)));
        said(&mut sensor, GET_REFUSED, &[(0xe2, &[])]);
        assert!(sensor.round().contains(&get(0xe1)));
        assert_eq!(said(&mut sensor, GET_DONE, &[(0xe1, &[0, 0, 0, 50])]), ["power 50.000"]);
        said(&mut sensor, GET_REFUSED, &[(0xe1, &[])]);
        assert_eq!(said(&mut sensor, GET_DONE, &[(0xe3, &[0, 12])]), ["power 1200.000"]);
    }
}
