#![doc = include_str!("../README.md")]

mod diagram;
pub mod difference;
pub mod html;
mod icons;
mod layout;
mod parties;
mod risk_map;
mod route;
mod sheets;
mod subject;
mod svg;
mod ways_in;
pub mod worksheet;
mod xlsx;

pub use diagram::{flow_diagram, system_diagram};
pub use difference::{Difference, difference};
pub use parties::stakeholder_diagram;
pub use risk_map::risk_map;
pub use sheets::worksheets;
pub use subject::Subject;
pub use xlsx::xlsx;
