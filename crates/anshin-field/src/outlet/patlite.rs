//! Signal towers of PATLITE: their commands as bytes and as paths.
//!
//! The towers ask for no password: whoever reaches them on the network can switch them. So they are
//! assets of the system document themselves.

use std::io::{self, Read as _, Write as _};

use anshin_monitor::config::Product;

use crate::{connection, http, trouble};

/// What the tower shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lamp {
    /// Something is wrong.
    pub red: Light,
    /// Nothing is known of some machine.
    pub amber: Light,
    /// All is well.
    pub green: Light,
    /// Somebody must come.
    pub buzzer: bool,
}

/// What a light does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Light {
    /// It is off.
    #[default]
    Off,
    /// It is on.
    On,
    /// It flashes.
    Flash,
}

/// The answer to a command that was understood.
const UNDERSTOOD: u8 = 0x06;

/// Leaves a tier as it is.
const KEEP: u8 = 9;

impl Lamp {
    /// States of the five tiers and the buzzer: red, amber, green, blue, white.
    fn tiers(self) -> [u8; 6] {
        let light = |light| match light {
            Light::Off => 0,
            Light::On => 1,
            Light::Flash => 2,
        };
        [light(self.red), light(self.amber), light(self.green), KEEP, KEEP, u8::from(self.buzzer)]
    }
}

/// A command of the PNS protocol: two bytes for the product, the command, 0, the size, the data.
pub fn command(product: Product, command: u8, data: &[u8]) -> Vec<u8> {
    let product = match product {
        Product::Nh => b"XX",
        Product::La6 => b"AB",
    };
    let size = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&product[..], &[command, 0], &size, &data[..data.len().min(usize::from(u16::MAX))]].concat()
}

/// Shows a state on a tower, by PNS.
pub(super) fn show(address: &str, product: Product, lamp: Lamp) -> io::Result<()> {
    let mut stream = connection::connect(address, connection::PATIENCE)?;
    stream.write_all(&command(product, b'S', &lamp.tiers()))?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    if answer[0] == UNDERSTOOD {
        Ok(())
    } else {
        Err(trouble::malformed(
            "積層信号灯が命令を受け付けません。`product`を確かめてください",
            "the tower does not take the command; check `product`",
        ))
    }
}

/// The path that shows a state on a tower.
pub fn path(lamp: Lamp) -> String {
    let tiers: String = lamp.tiers().iter().map(|tier| char::from(b'0' + tier)).collect();
    format!("/api/control?alert={tiers}")
}

/// Shows a state on a tower, by HTTP.
pub(super) fn show_by_http(address: &str, lamp: Lamp) -> io::Result<()> {
    let (code, _) = http::ask((address, None), "GET", &path(lamp), None, "text/plain", &[])?;
    if code == 200 {
        Ok(())
    } else {
        Err(trouble::malformed(
            format!("積層信号灯がエラーを返しました（{code}）"),
            format!("the tower answers {code}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_the_makers_examples() {
        let red_amber_green = [1, 2, 3, 0, 0, 4];
        assert_eq!(
            command(Product::Nh, b'S', &red_amber_green),
            [0x58, 0x58, 0x53, 0, 0, 6, 1, 2, 3, 0, 0, 4]
        );
        assert_eq!(
            command(Product::La6, b'D', &[4, 6, 0, 9, 1, 0, 0x0b]),
            [0x41, 0x42, 0x44, 0, 0, 7, 4, 6, 0, 9, 1, 0, 0x0b]
        );
        assert_eq!(command(Product::La6, b'T', &[0x0a]), [0x41, 0x42, 0x54, 0, 0, 1, 0x0a]);
    }

    #[test]
    fn tiers_that_are_not_ours_stay_as_they_are() {
        let lamp = Lamp { red: Light::Flash, buzzer: true, ..Lamp::default() };
        assert_eq!(path(lamp), "/api/control?alert=200991");
    }
}
