//! The monitors of a team, each a program of its own, and the one whose broker they may share.

use std::net::SocketAddr;
use std::process::Stdio;

use anshin_field::records::Records;

use super::common::Folder;
use super::common::running::{Running, anshin, until};
use super::devices::Devices;
use super::{MACHINES, SHARE};

/// What a monitor says when it has got or given machines.
fn judging(count: usize) -> String {
    format!("judges {count} of {MACHINES} machines")
}

impl Running {
    /// Waits until it says that it judges so many machines.
    pub(crate) fn judges(&mut self, count: usize) {
        self.wait(&judging(count));
    }

    /// Waits until it judges so many machines, while the machines go on.
    pub(crate) fn judges_at_last(&mut self, count: usize, devices: &mut Devices) {
        self.wait_while(&judging(count), || devices.step());
    }

    /// Stops it where it does not write to the database just then: a file is written by one at a time, and one
    /// that is stopped in the middle of it keeps everybody else from it.
    pub(crate) fn stop_between_writes(&self, database: &str) {
        until(|| {
            self.signal("-STOP");
            let written = Records::open(database).and_then(|records| records.beat("nobody"));
            written.map_err(|error| {
                self.signal("-CONT");
                error.to_string()
            })
        });
    }
}

/// A monitor that runs by some arguments.
pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> Running {
    let all = [&["monitor", "run"], arguments, &["--readings", "0"]].concat();
    Running::start(anshin(folder, &all).stdout(Stdio::null()))
}

/// A worker of the team, of which nothing has been looked at.
pub(crate) fn worker(folder: &Folder, name: &str, database: &str) -> Running {
    let of_team = ["--team", "floor", "--database", database, "--worker", name, "--state", name];
    let mut running = run(folder, &[&["factory.yaml"][..], &of_team].concat());
    running.wait("source `line` is connected");
    // It may have been given machines before.
    running.read_again();
    running
}

/// Two workers that have shared the machines.
pub(crate) fn two_workers(folder: &Folder, database: &str) -> (Running, Running) {
    let mut first = worker(folder, "one", database);
    first.judges(MACHINES);
    let mut second = worker(folder, "two", database);
    // It says so while it has none.
    second.wait(&format!("judges 0 of {MACHINES} machines (standing by)"));
    // Between cycles the newcomer is given its share.
    second.judges(SHARE);
    first.judges(MACHINES - SHARE);
    (first, second)
}

/// A monitor whose broker is for others, and where that listens.
pub(crate) fn hub(folder: &Folder) -> (Running, SocketAddr) {
    folder.write(
        "hub.yaml",
        "anshin-monitor: 1\nsources: [ { id: all, kind: mqtt } ]\nmachines:\n  - { id: hub, cycle: { by: events }, \
         input: [ { from: all, take: none, is: power } ] }\n",
    );
    let mut hub = run(folder, &["hub.yaml", "--listen", "127.0.0.1:0", "--database", "none"]);
    let told = hub.wait("over MQTT to ");
    let address = told.split("over MQTT to ").nth(1).and_then(|rest| rest.split(';').next());
    let address = address.and_then(|text| text.trim().parse().ok());
    (hub, address.expect("an address"))
}
