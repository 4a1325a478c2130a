#![doc = include_str!("../README.md")]

mod answers;
mod assemble;
mod guide;
mod write;

pub use answers::Answers;
pub use guide::{Form, Guide, NotAGuide, Opt, Question};
