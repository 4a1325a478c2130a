//! Power meters that speak Modbus and are known by what they say.
//!
//! Which register holds what differs from maker to maker; what is known of it stands in the catalog, with
//! whose word it is. A device counts as one of the meters there only if a frequency and a voltage of a power
//! network stand where it would have them. It is a proposal, for a person to look at.

use anshin_catalog::{Catalog, DescribedBy, MapRegister, MeterMap, RegisterTable};
use anshin_model::{Id, Text};

use crate::config::Register;

/// Asks for registers: whether they are input registers, the first of them, how many.
pub type Ask<'a> = &'a mut dyn FnMut(bool, u16, u16) -> Option<Vec<u16>>;

/// A meter that was recognized.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// What it seems to be.
    pub name: Text,
    /// Whose word its registers are.
    pub described_by: DescribedBy,
    /// Its registers with what stood in them: `power` in W, and `energy` in Wh if it is known.
    pub registers: Vec<(Register, f64)>,
    /// Frequency in Hz.
    pub frequency: f64,
    /// A voltage in V.
    pub voltage: f64,
}

/// Finds out which meter of the catalog answers.
pub fn recognize(catalog: &Catalog, ask: Ask<'_>) -> Option<Meter> {
    let models = models(ask);
    catalog.meters.values().find_map(|map| {
        if map.models.is_empty() {
            return meter(map, 0, ask);
        }
        let fitting = models.iter().filter(|(model, _)| map.models.contains(model));
        fitting.map(|(_, at)| *at).find_map(|at| meter(map, at, ask))
    })
}

/// The meter of a map whose registers count from a base, if a network is measured there.
fn meter(map: &MeterMap, base: u16, ask: Ask<'_>) -> Option<Meter> {
    let input = map.table == RegisterTable::Input;
    let mut read = |id: &str, of: &MapRegister| -> Option<(Register, f64)> {
        let scale = match of.scale {
            None => 1.0,
            Some(scale) => power_of_ten(*ask(input, base.checked_add(scale)?, 1)?.first()?)?,
        };
        let register = Register {
            id: Id::from(id.to_owned()),
            at: base.checked_add(of.at)?,
            form: of.form,
            input,
            swapped: false,
            factor: scale * of.factor,
        };
        let value = register.value(&ask(input, register.at, of.form.size())?)?;
        Some((register, value))
    };
    let (_, frequency) = read("frequency", &map.frequency).filter(|(_, hertz)| is_frequency(*hertz))?;
    let mut voltage = |of: &MapRegister| Some(read("voltage", of)?.1).filter(|volt| is_voltage(*volt));
    let voltage = if map.any_voltage {
        map.voltages.iter().find_map(voltage)?
    } else {
        let all: Option<Vec<f64>> = map.voltages.iter().map(&mut voltage).collect();
        *all?.first()?
    };
    let mut registers = vec![read("power", &map.power)?];
    registers.extend(map.energy.as_ref().and_then(|energy| read("energy", energy)));
    let (name, described_by) = (map.name.clone(), map.described_by);
    Some(Meter { name, described_by, registers, frequency, voltage })
}

fn power_of_ten(word: u16) -> Option<f64> {
    let exponent = word.cast_signed();
    (-10..=10).contains(&exponent).then(|| 10_f64.powi(i32::from(exponent)))
}

fn is_frequency(hertz: f64) -> bool {
    (45.0..66.0).contains(&hertz)
}

fn is_voltage(volt: f64) -> bool {
    (50.0..700.0).contains(&volt)
}

/// Where the list of models of a `SunSpec` device may begin, and how it does.
const BEGINNINGS: [u16; 3] = [40_000, 50_000, 0];
const SUNS: [u16; 2] = [0x5375, 0x6e53];

/// Most models that are looked through.
const MOST_MODELS: usize = 50;

/// The models that a `SunSpec` device lists, each with its first register; none of another device.
fn models(ask: Ask<'_>) -> Vec<(u16, u16)> {
    let mut models = Vec::new();
    let begins = |at: &u16| ask(false, *at, 2).is_some_and(|words| words == SUNS);
    let Some(begin) = BEGINNINGS.into_iter().find(begins) else { return models };
    let mut next = begin.checked_add(2);
    while let Some(at) = next.filter(|_| models.len() < MOST_MODELS) {
        let head = ask(false, at, 2);
        let Some(&[model, length]) = head.as_deref() else { break };
        if model == 0xffff {
            break;
        }
        models.push((model, at));
        next = at.checked_add(length).and_then(|end| end.checked_add(2));
    }
    models
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use anshin_model::Lang;
    use proptest::prelude::*;

    use super::*;

    static CATALOG: LazyLock<Catalog> =
        LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog is sound"));

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

        fn recognized(&self) -> Option<(String, Vec<(u16, f64)>)> {
            let mut ask = |input, at: u16, count: u16| {
                (at..at.checked_add(count)?).map(|at| self.0.get(&(input, at)).copied()).collect()
            };
            let meter = recognize(&CATALOG, &mut ask)?;
            assert_eq!(
                meter.described_by == DescribedBy::Standard,
                meter.name.get(Lang::En).contains("SunSpec")
            );
            Some((
                meter.name.get(Lang::En).to_owned(),
                meter.registers.iter().map(|(of, value)| (of.at, *value)).collect(),
            ))
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
        // One phase with three wires: L3 has no voltage, and power is more than that of L1.
        for (at, value) in [(2, 102.0), (4, 0.0), (52, 1_200.0)] {
            device.float(true, at, value);
        }
        let (name, registers) = device.recognized().unwrap();
        assert!(name.contains("no voltage at L3"), "{name}");
        assert_eq!(registers, [(52, 1_200.0), (72, 12_500.0)]);
        device.float(true, 4, 103.0);
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
        assert_eq!(
            (name.as_str(), registers),
            ("SunSpec meter with whole numbers", vec![(model + 18, -1_230.0), (model + 46, 65_538.0)])
        );
        // The same with floating point numbers.
        let mut device = Device::default();
        device.words(40_000, &[0x5375, 0x6e53, 213, 124]);
        for (offset, value) in [(10, 230.0), (26, 59.9), (28, 750.0), (68, 1e6)] {
            device.float(false, 40_002 + offset, value);
        }
        assert_eq!(device.recognized().unwrap().1, [(40_030, 750.0), (40_070, 1e6)]);
    }

    #[test]
    fn a_meter_of_our_own_is_known_by_a_catalog_of_our_own() {
        let own = "anshin-catalog: 1\nmeters:\n  - { id: own, name: { ja: a, en: Ours }, about: { ja: b, en: c }, \
            described-by: maker, source: anshin, basis: own, frequency: { at: 5, form: u16, factor: 0.1 }, \
            voltages: [ { at: 6, form: u16 } ], power: { at: 7, form: u32 } }\n";
        let file = anshin_catalog::File { name: "own.yaml".to_owned(), bytes: own.as_bytes().to_vec() };
        let loaded = anshin_catalog::load(vec![file]);
        let catalog = loaded.catalog.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let mut device = Device::default();
        device.words(5, &[501, 202, 1, 2]);
        let mut ask = |input, at: u16, count: u16| {
            (at..at.checked_add(count)?).map(|at| device.0.get(&(input, at)).copied()).collect()
        };
        let meter = recognize(&catalog, &mut ask).unwrap();
        assert_eq!((meter.name.get(Lang::En), meter.registers[0].1), ("Ours", 65_538.0));
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
            if let Some(meter) = recognize(&CATALOG, &mut ask) {
                prop_assert!(is_frequency(meter.frequency) && is_voltage(meter.voltage));
                prop_assert!(meter.registers.iter().all(|(_, value)| value.is_finite()));
            }
        }
    }
}
