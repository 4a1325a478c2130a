#![doc = include_str!("../README.md")]

pub mod diagnostic;
pub mod document;
pub mod edit;
pub mod format;
pub mod id;
pub mod load;
pub mod shape;
mod text;
pub mod tree;
pub mod wrong;

pub use document::Document;
pub use id::Id;
pub use text::{Lang, Text};
