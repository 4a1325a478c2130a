#![doc = include_str!("../README.md")]

mod book;
pub mod branding;
mod charts;
mod contents;
mod cost_curve;
mod diagram;
pub mod difference;
mod docx;
pub mod html;
mod icons;
mod layout;
mod loss_charts;
mod names;
pub mod paper;
mod parties;
pub mod plan_words;
mod policy_docx;
pub mod raster;
pub mod replay_words;
mod request_html;
mod risk_map;
mod route;
mod sheets;
mod standing;
mod subject;
mod svg;
pub mod utilisation;
pub mod values;
mod ways_in;
mod words;
pub mod workbook;
pub mod worksheet;

pub use book::{answers_book, ledger_book, plain_workbook, read_ledger, tables};
pub use branding::Branding;
pub use contents::{figures, page, show_after_measures, summary};
pub use cost_curve::cost_curve;
pub use diagram::{flow_diagram, system_diagram};
pub use difference::{Difference, difference};
pub use docx::docx as request_docx;
pub use loss_charts::{loss_exceedance, loss_tornado};
pub use parties::{stakeholder_diagram, stakeholder_diagrams};
pub use policy_docx::policy_docx;
pub use request_html::request_html;
pub use risk_map::{levels_after_measures, risk_map, risk_map_after, risk_map_of_change};
pub use sheets::request::{self, Request, requests};
pub use sheets::{
    InScenarios, answers_worksheet, money_worksheets, monitor_worksheet, replay_page, replay_worksheets,
    replays_page, replays_worksheet, scenario_worksheets, worksheets,
};
pub use standing::{
    Changes, Others, PartLine, Rounds, ScoreLine, StandingReport, StepLine, distance, effort, first_heading,
    number, outside, register, standing_html, standing_radar, standing_report, step_state,
};
pub use subject::Subject;
