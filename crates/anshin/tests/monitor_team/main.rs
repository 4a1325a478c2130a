//! Several monitors that watch the same machines, in processes of their own. One is killed in the middle
//! of a cycle: every cycle is there once, and nothing is told that is not so.

mod asked;
mod cycles;
mod database;
mod evidence;
mod wrong;

mod devices;
mod records;
mod tower;
mod workers;

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../anshin-field/tests/common/device.rs"]
#[allow(dead_code, reason = "the tests of the sources use more of it")]
mod device;
#[path = "../../../anshin-store/tests/store/postgres.rs"]
#[expect(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod postgres;
#[cfg(feature = "nats")]
#[path = "../../../anshin-field/tests/common/stream.rs"]
mod stream;

const MACHINES: usize = 6;

/// Machines that the ranks of the workers `one` and `two` give the second one.
const SHARE: usize = 2;
