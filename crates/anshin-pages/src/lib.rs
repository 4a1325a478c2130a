#![doc = include_str!("../README.md")]

pub mod answering;
mod assets;
pub mod change;
mod chrome;
mod desk;
mod draw;
pub mod pages;
pub mod proposal;
pub mod step;

pub use assets::{Asset, address, asset};
pub use chrome::{Chrome, Notice, Page, Power, Room, Who, encode, inline, say};
pub use desk::{Broken, Desk, DeskError, Found, Opened};
pub use draw::Stroke;
