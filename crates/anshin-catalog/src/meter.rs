//! What the monitor knows of the shop floor: power meters by their registers, and what machines share.

use anshin_model::Text;
use serde::Deserialize;

use crate::entry::{Origin, entry};

entry! {
    /// Which registers of a power meter that speaks Modbus hold what.
    MeterMap {
        /// The meters that it fits.
        name: Text,
        /// What is known of them.
        about: Text,
        /// Whose word it is.
        described_by: DescribedBy,
        /// Numbers of the models of the `SunSpec` list with whose first register counting begins; without
        /// any, registers are those of the device.
        #[serde(default)]
        models: Vec<u16>,
        /// Where the registers stand.
        #[serde(default)]
        table: RegisterTable,
        /// Frequency in Hz.
        frequency: MapRegister,
        /// Voltages in V that must be there.
        voltages: Vec<MapRegister>,
        /// One of the voltages is enough.
        #[serde(default)]
        any_voltage: bool,
        /// Power in W.
        power: MapRegister,
        /// Energy in Wh.
        energy: Option<MapRegister>,
    }
}

/// Whose word the registers of a meter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DescribedBy {
    /// A standard has them so.
    Standard,
    /// The maker says so.
    Maker,
    /// Somebody else says so.
    ThirdParty,
}

impl DescribedBy {
    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            DescribedBy::Standard => Text::new("規格", "a standard"),
            DescribedBy::Maker => Text::new("メーカー", "the maker"),
            DescribedBy::ThirdParty => Text::new(
                "第三者（メーカーの資料ではありません。説明書と見比べてください）",
                "a third party, not the maker; compare with the manual",
            ),
        }
    }
}

/// A kind of registers of a Modbus device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterTable {
    /// Holding registers.
    #[default]
    Holding,
    /// Input registers.
    Input,
}

impl RegisterTable {
    /// The word in files.
    pub fn id(self) -> &'static str {
        match self {
            RegisterTable::Holding => "holding",
            RegisterTable::Input => "input",
        }
    }
}

/// A number in the registers of a meter.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct MapRegister {
    /// Its first register, from 0.
    pub at: u16,
    /// How it stands there.
    pub form: RegisterForm,
    /// The register of the power of ten that it is multiplied by.
    pub scale: Option<u16>,
    /// What it is multiplied by.
    #[serde(default = "one")]
    pub factor: f64,
}

fn one() -> f64 {
    1.0
}

/// How a number stands in registers of 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterForm {
    /// One register, without sign.
    #[default]
    U16,
    /// One register, with sign.
    I16,
    /// Two registers, without sign.
    U32,
    /// Two registers, with sign.
    I32,
    /// Two registers, IEEE 754.
    F32,
    /// Four registers, without sign.
    U64,
}

impl RegisterForm {
    /// How many registers it takes.
    pub fn size(self) -> u16 {
        match self {
            RegisterForm::U16 | RegisterForm::I16 => 1,
            RegisterForm::U32 | RegisterForm::I32 | RegisterForm::F32 => 2,
            RegisterForm::U64 => 4,
        }
    }

    /// The word in files.
    pub fn id(self) -> &'static str {
        match self {
            RegisterForm::U16 => "u16",
            RegisterForm::I16 => "i16",
            RegisterForm::U32 => "u32",
            RegisterForm::I32 => "i32",
            RegisterForm::F32 => "f32",
            RegisterForm::U64 => "u64",
        }
    }
}

entry! {
    /// What several machines share, and what is likely behind it when several of them raise alerts at once.
    Shared {
        /// Its name.
        name: Text,
        /// What is likely behind it, likely ones first.
        causes: Vec<Text>,
        /// What to look at first.
        first: Vec<Text>,
    }
}
