#![doc = include_str!("../README.md")]
//!
//! A request goes through [`gate`]: who it is, in which language, whether a form is really ours. Then
//! through the check of its route: every route of the table in [`route`] says what it needs. A
//! handler takes a [`Visit`], asks the store and answers with a page, or with a [`WebError`] that
//! the gate turns into one.

mod api;
pub mod app;
pub mod config;
pub mod error;
mod gate;
pub mod health;
mod hooks;
mod limit;
mod look;
mod metrics;
#[cfg(feature = "tls")]
mod openid;
pub mod pages;
#[cfg(feature = "tls")]
mod passkey;
pub mod route;
pub mod serve;
#[cfg(all(fuzzing, feature = "tls"))]
pub mod sign_in;
mod target;
mod time;
#[cfg(feature = "tls")]
mod tls;
pub mod visit;

pub use app::App;
pub use config::Config;
pub use error::WebError;
pub use route::{Need, Route};
pub use serve::{ServeError, serve};
pub use visit::Visit;
