//! The monitor at work: messages come over HTTP, people ask, it is killed, and its disk is full.

mod asked;
mod kept;
mod killed;
mod shown;
mod sources;

use std::io::{BufRead as _, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use common::running::{Running, anshin, free_address, until};

/// A configuration of a robot whose messages are posted.
const LIVE: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
sources:
  - { id: line, kind: http, time: { column: t, form: seconds } }
machines:
  - id: robot
    name: { ja: "溶接ロボット", en: "Welding robot" }
    cycle: { by: number }
    meter: { kind: rate, most-gap: 30, fewest-samples: 3 }
    learning: { cycles: 3, approval: true }
    hold-back: 0
    input:
      - { from: line, take: w, is: power }
      - { from: line, take: cycle, is: number }
"#;

/// How a monitor is run that writes for a program, and to which messages are posted.
const RUN: [&str; 7] = ["monitor", "run", "factory.yaml", "--http", "127.0.0.1:0", "--format", "json"];

/// Starts the monitor of `factory.yaml` in a folder, and tells where messages are posted.
fn start_live(folder: &Folder) -> (Running, String) {
    start_live_with(folder, &[])
}

fn start_live_with(folder: &Folder, more: &[&str]) -> (Running, String) {
    start_live_by(&mut anshin(folder, &[&RUN[..], more].concat()))
}

fn start_live_by(command: &mut Command) -> (Running, String) {
    let mut running = Running::start(command.stdout(Stdio::piped()));
    let told = running.wait("watching ");
    let address = told.split("HTTP at ").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    (running, address.to_owned())
}

/// Posts messages of cycles of 20 s, four each, from a message on.
fn post_cycles(address: &str, from: u32, count: u32) {
    let messages: Vec<String> = (from..from + count)
        .map(|n| format!(r#"{{"t":{},"w":1800,"cycle":{}}}"#, 1_775_000_000 + n * 5, n / 4))
        .collect();
    post(address, &format!("[{}]", messages.join(",")));
}

/// Posts messages, and tells what the monitor answers.
fn try_post(address: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(stream, "POST /in/line HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// What is answered where messages have been taken.
const TAKEN: &str = "HTTP/1.1 204";

fn post(address: &str, body: &str) {
    let answer = try_post(address, body).expect("it listens, takes messages and answers");
    assert!(answer.starts_with(TAKEN), "{answer}");
}

/// Posts a cycle of 30 s, after eight of 20.
fn post_slow_cycle(address: &str) {
    post_cycles(address, 0, 32);
    let messages: Vec<String> = (0..8)
        .map(|n| format!(r#"{{"t":{},"w":1800,"cycle":{}}}"#, 1_775_000_160 + n * 5, 8 + n / 6))
        .collect();
    post(address, &format!("[{}]", messages.join(",")));
}
