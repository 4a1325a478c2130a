//! Requests through the real router with a real database.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod api;
mod beside;
mod browser;
mod config;
mod conflict;
mod frame;
mod hooks;
mod injection;
mod ledgers;
mod live;
mod machines;
#[cfg(feature = "tls")]
mod openid;
mod policies;
#[cfg(feature = "tls")]
mod provider;
mod reports;
mod rights;
mod rounds;
#[cfg(feature = "tls")]
mod tls;
mod trail;
