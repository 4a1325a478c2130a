//! Power meters that speak Modbus and are known by what they say.
//!
//! Which register holds what differs from maker to maker, and is read from the manual of the device.
//! Those of meters in wide use are described publicly and are tried here; a meter counts as one of them
//! only if a frequency and a voltage of a power network stand where it would have them. `SunSpec` meters
//! describe themselves. It is a proposal: nothing here comes from a maker.

use anshin_model::Id;

use crate::config::{Register, RegisterForm};

/// Asks for registers: whether they are input registers, the first of them, how many.
pub type Ask<'a> = &'a mut dyn FnMut(bool, u16, u16) -> Option<Vec<u16>>;

/// A meter that was recognized.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// What it seems to be.
    pub name: &'static str,
    /// Its registers with what stood in them: `power` in W, and `energy` in Wh if it is known.
    pub registers: Vec<(Register, f64)>,
    /// Frequency in Hz.
    pub frequency: f64,
    /// A voltage in V.
    pub voltage: f64,
}

/// Registers of a kind of meter, all of them floating point numbers.
struct Map {
    name: &'static str,
    input: bool,
    frequency: u16,
    /// Voltages that must be there.
    voltages: &'static [u16],
    /// Power in W.
    power: u16,
    /// Energy and what makes Wh of it.
    energy: Option<(u16, f64)>,
}

/// The more a map asks for, the earlier it is tried.
const MAPS: [Map; 3] = [
    Map {
        name: "Eastron SDM630, SDM72 (three phases)",
        input: true,
        frequency: 70,
        voltages: &[0, 2, 4],
        power: 52,
        energy: Some((72, 1_000.0)),
    },
    Map {
        name: "Eastron SDM120, SDM220, SDM230 (one phase)",
        input: true,
        frequency: 70,
        voltages: &[0],
        power: 12,
        energy: Some((72, 1_000.0)),
    },
    Map {
        name: "Janitza UMG, Weidmüller EM",
        input: false,
        frequency: 19_050,
        voltages: &[19_000],
        power: 19_026,
        energy: None,
    },
];

/// Finds out which meter answers.
pub fn recognize(ask: Ask<'_>) -> Option<Meter> {
    sunspec(ask).or_else(|| MAPS.iter().find_map(|map| map.recognize(ask)))
}

impl Map {
    fn recognize(&self, ask: Ask<'_>) -> Option<Meter> {
        let register = |id: &str, at, factor| Register {
            id: Id::from(id.to_owned()),
            at,
            form: RegisterForm::F32,
            input: self.input,
            swapped: false,
            factor,
        };
        let mut read = |register: Register| -> Option<(Register, f64)> {
            let words = ask(register.input, register.at, register.form.size())?;
            let value = register.value(&words)?;
            Some((register, value))
        };
        let (_, frequency) = read(register("frequency", self.frequency, 1.0))?;
        let mut voltage = 0.0;
        for at in self.voltages.iter().rev() {
            (_, voltage) = read(register("voltage", *at, 1.0))?;
            if !is_voltage(voltage) {
                return None;
            }
        }
        let mut registers = vec![read(register("power", self.power, 1.0))?];
        registers.extend(self.energy.and_then(|(at, factor)| read(register("energy", at, factor))));
        is_frequency(frequency).then_some(Meter { name: self.name, registers, frequency, voltage })
    }
}

fn is_frequency(hertz: f64) -> bool {
    (45.0..66.0).contains(&hertz)
}

fn is_voltage(volt: f64) -> bool {
    (50.0..700.0).contains(&volt)
}

/// Where the list of models of a `SunSpec` device may begin.
const BEGINNINGS: [u16; 3] = [40_000, 50_000, 0];

/// Most models that are looked through.
const MOST_MODELS: usize = 50;

/// A meter among the models that a `SunSpec` device lists.
fn sunspec(ask: Ask<'_>) -> Option<Meter> {
    let begins = |at: &u16| ask(false, *at, 2).is_some_and(|words| words == [0x5375, 0x6e53]);
    let mut at = BEGINNINGS.into_iter().find(begins)?.checked_add(2)?;
    for _ in 0..MOST_MODELS {
        let head = ask(false, at, 2)?;
        let [model, length] = head[..] else { return None };
        match model {
            201..=204 => return with_scale(ask, at),
            211..=214 => return as_floats(ask, at),
            0xffff => return None,
            _ => at = at.checked_add(length)?.checked_add(2)?,
        }
    }
    None
}

/// A meter whose whole numbers have a power of ten beside them.
fn with_scale(ask: Ask<'_>, model: u16) -> Option<Meter> {
    let mut read = |id: &str, offset: u16, form: RegisterForm, scale: u16| -> Option<(Register, f64)> {
        let exponent = ask(false, model.checked_add(scale)?, 1)?.first()?.cast_signed();
        let factor = (-10..=10).contains(&exponent).then(|| 10_f64.powi(i32::from(exponent)))?;
        let at = model.checked_add(offset)?;
        let id = Id::from(id.to_owned());
        let register = Register { id, at, form, input: false, swapped: false, factor };
        let value = register.value(&ask(false, at, form.size())?)?;
        Some((register, value))
    };
    let (_, frequency) = read("frequency", 16, RegisterForm::U16, 17)?;
    // Between a phase and neutral, or, where there is no neutral, between phases.
    let mut voltages =
        [7, 11].into_iter().filter_map(|at| Some(read("voltage", at, RegisterForm::I16, 15)?.1));
    let voltage = voltages.find(|volt| is_voltage(*volt))?;
    let mut registers = vec![read("power", 18, RegisterForm::I16, 22)?];
    registers.extend(read("energy", 46, RegisterForm::U32, 54));
    let name = "SunSpec";
    (is_frequency(frequency) && is_voltage(voltage)).then_some(Meter { name, registers, frequency, voltage })
}

/// A meter with floating point numbers.
fn as_floats(ask: Ask<'_>, model: u16) -> Option<Meter> {
    let mut read = |id: &str, offset: u16| {
        let register = Register {
            id: Id::from(id.to_owned()),
            at: model.checked_add(offset)?,
            form: RegisterForm::F32,
            input: false,
            swapped: false,
            factor: 1.0,
        };
        let value = register.value(&ask(false, register.at, 2)?)?;
        Some((register, value))
    };
    let (_, frequency) = read("frequency", 26)?;
    let mut voltages = [10, 18].into_iter().filter_map(|at| Some(read("voltage", at)?.1));
    let voltage = voltages.find(|volt| is_voltage(*volt))?;
    let mut registers = vec![read("power", 28)?];
    registers.extend(read("energy", 68));
    let name = "SunSpec";
    (is_frequency(frequency) && is_voltage(voltage)).then_some(Meter { name, registers, frequency, voltage })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Registers of a device; what is not among them is refused.
    #[derive(Default)]
    struct Device(BTreeMap<(bool, u16), u16>);

    impl Device {
        fn float(&mut self, input: bool, at: u16, value: f32) {
            let bits = value.to_bits();
            self.0.insert((input, at), (bits >> 16) as u16);
            self.0.insert((input, at + 1), (bits & 0xffff) as u16);
        }

        fn words(&mut self, at: u16, words: &[u16]) {
            self.0.extend((at..).zip(words).map(|(at, word)| ((false, at), *word)));
        }

        fn recognized(&self) -> Option<(&'static str, Vec<(u16, f64)>)> {
            let mut ask = |input, at: u16, count: u16| {
                (at..at.checked_add(count)?).map(|at| self.0.get(&(input, at)).copied()).collect()
            };
            let meter = recognize(&mut ask)?;
            Some((meter.name, meter.registers.iter().map(|(of, value)| (of.at, *value)).collect()))
        }
    }

    #[test]
    fn a_meter_is_known_by_the_network_that_it_measures() {
        let mut device = Device::default();
        for (at, value) in [(0, 101.0), (12, 350.5), (70, 50.0), (72, 12.5)] {
            device.float(true, at, value);
        }
        let (name, registers) = device.recognized().unwrap();
        assert!(name.contains("one phase"), "{name}");
        assert_eq!(registers, [(12, 350.5), (72, 12_500.0)]);
        for (at, value) in [(2, 102.0), (4, 103.0), (52, 1_200.0)] {
            device.float(true, at, value);
        }
        let (name, registers) = device.recognized().unwrap();
        assert!(name.contains("three phases"), "{name}");
        assert_eq!(registers, [(52, 1_200.0), (72, 12_500.0)]);
        // The same registers of something else.
        device.float(true, 70, 21.5);
        assert_eq!(device.recognized(), None);
    }

    #[test]
    fn a_meter_that_describes_itself_is_found_behind_its_other_models() {
        let mut device = Device::default();
        device.words(40_000, &[0x5375, 0x6e53, 1, 4, 0, 0, 0, 0]);
        let model = 40_008;
        let mut words = vec![0_u16; 107];
        (words[0], words[1]) = (203, 105);
        (words[7], words[15]) = (2_004, (-1_i16).cast_unsigned());
        (words[16], words[17]) = (5_001, (-2_i16).cast_unsigned());
        (words[18], words[22]) = ((-123_i16).cast_unsigned(), 1);
        (words[46], words[47], words[54]) = (1, 2, 0);
        device.words(model, &words);
        let (name, registers) = device.recognized().unwrap();
        assert_eq!((name, registers), ("SunSpec", vec![(model + 18, -1_230.0), (model + 46, 65_538.0)]));
        // The same with floating point numbers.
        let mut device = Device::default();
        device.words(40_000, &[0x5375, 0x6e53, 213, 124]);
        for (offset, value) in [(10, 230.0), (26, 59.9), (28, 750.0), (68, 1e6)] {
            device.float(false, 40_002 + offset, value);
        }
        assert_eq!(device.recognized().unwrap().1, [(40_030, 750.0), (40_070, 1e6)]);
    }

    proptest! {
        /// Whatever stands in registers, something is found or nothing.
        #[test]
        fn nothing_is_too_strange(words in proptest::collection::vec(any::<u16>(), 1..200), sun in any::<bool>()) {
            let mut ask = |_: bool, at: u16, count: u16| {
                if sun && at == 40_000 {
                    return Some(vec![0x5375, 0x6e53]);
                }
                let next = |n: u16| words[usize::from(at.wrapping_add(n)) % words.len()];
                Some((0..count).map(next).collect::<Vec<u16>>())
            };
            if let Some(meter) = recognize(&mut ask) {
                prop_assert!(is_frequency(meter.frequency) && is_voltage(meter.voltage));
                prop_assert!(meter.registers.iter().all(|(_, value)| value.is_finite()));
            }
        }
    }
}
