#![doc = include_str!("../README.md")]

pub mod branding;
mod contents;
mod diagram;
pub mod difference;
mod docx;
pub mod html;
mod icons;
mod layout;
mod parties;
mod request_html;
mod risk_map;
mod route;
mod sheets;
mod subject;
mod svg;
mod ways_in;
pub mod worksheet;
mod xlsx;

pub use branding::Branding;
pub use contents::{figures, page, show_after_measures, summary};
pub use diagram::{flow_diagram, system_diagram};
pub use difference::{Difference, difference};
pub use docx::docx as request_docx;
pub use parties::stakeholder_diagram;
pub use request_html::request_html;
pub use risk_map::{levels_after_measures, risk_map, risk_map_after, risk_map_of_change};
pub use sheets::request::{self, Request, requests};
pub use sheets::worksheets;
pub use subject::Subject;
pub use xlsx::xlsx;
