#![doc = include_str!("../README.md")]

mod already_told;
mod base64;
pub mod clock;
mod connection;
pub mod discover;
pub mod echonet;
mod feed;
pub mod folder;
mod guests;
pub mod history;
pub mod http;
mod live;
mod metrics;
pub mod modbus;
pub mod mqtt;
pub mod mtconnect;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "opc-ua")]
mod opc_ua;
pub mod outlet;
pub mod panel;
mod push;
pub mod records;
mod shdr;
pub mod signs;
pub mod sparkplug;
mod team;
pub mod tls;
mod trouble;
mod words;

pub use connection::Stop;
pub use guests::Room;
pub use live::{LogLine, Options, RunError, Told, run, secrets, without};
pub use trouble::why;
