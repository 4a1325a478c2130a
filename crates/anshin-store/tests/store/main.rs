//! The store on both databases.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod accounts;
mod backup;
mod bench;
mod faults;
mod merge;
mod migrations;
mod others;
mod papers;
mod presence;
mod systems;
mod tls;
