//! The first steps of `docs/monitor.md` and `docs/monitor.ja.md`, done word by word: every command works, and
//! what the page shows is what is seen.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::Folder;
use common::running::{Running, free_address};

/// How long to wait for what is shown.
const LONGEST: Duration = Duration::from_mins(1);

/// A fenced block of a page: its kind and its text.
type Block = (String, String);

/// The blocks of the section that begins with a heading.
fn blocks(page: &str, heading: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = std::fs::read_to_string(path).expect("the page is there");
    let (_, section) = text.split_once(heading).expect("the page has the section");
    let (section, _) = section.split_once("\n## ").expect("another section follows");
    let mut parts = section.split("```").skip(1).step_by(2);
    let block = |part: &str| part.split_once('\n').map(|(kind, text)| (kind.to_owned(), text.to_owned()));
    std::iter::from_fn(|| parts.next()).filter_map(block).collect()
}

/// Whether some lines are as shown; `…` stands for any lines.
fn is_shown(shown: &str, said: &str) -> bool {
    let mut said = said.lines().map(str::trim_end);
    let mut skips = false;
    for line in shown.lines().map(str::trim_end) {
        if line == "…" {
            skips = true;
        } else if skips {
            skips = false;
            if !said.any(|one| one == line) {
                return false;
            }
        } else if said.next() != Some(line) {
            return false;
        }
    }
    skips || said.next().is_none()
}

/// The shell that a reader sits at.
struct Terminal {
    folder: Folder,
    lang: &'static str,
    /// Ports that stand for those of the page, which others may use.
    ports: [(String, String); 2],
}

impl Terminal {
    fn open(lang: &'static str) -> Self {
        let ports = [8090, 1883].map(|port: u16| (port.to_string(), free_address().port().to_string()));
        Self { folder: Folder::new(), lang, ports }
    }

    /// What stands on the page, with the ports of this test.
    fn here(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (shown, used)| text.replace(shown, used))
    }

    fn command(&self, block: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_anshin"));
        let folder = program.parent().expect("it lies in a folder").display();
        let [(_, http), (_, broker)] = &self.ports;
        let listen = format!("--http 127.0.0.1:{http} --listen 127.0.0.1:{broker}");
        let block = self.here(block);
        let block = match block.strip_suffix('\n') {
            // Only the source that is there opens its door: a page of metrics has nothing to do with MQTT.
            Some(run) if run.contains("monitor run mqtt") => {
                format!("{} --listen 127.0.0.1:{broker}", run.replace("\nanshin", "\nexec anshin"))
            }
            Some(run) if run.contains("monitor run") => {
                format!("{} {listen}", run.replace("\nanshin", "\nexec anshin"))
            }
            _ => block,
        };
        let mut command = Command::new("bash");
        let lang = if self.lang == "ja" { "ja_JP.UTF-8" } else { "en_US.UTF-8" };
        command
            .args(["-c", &format!("exec 2>&1\nset -e\nPATH={folder}:$PATH\n{block}")])
            .current_dir(self.folder.path(""))
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("LANG", lang);
        command
    }

    /// Runs commands to their end.
    fn run(&self, block: &str) -> String {
        let output = self.command(block).output().expect("there is a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{block}\n{said}");
        said
    }

    /// Runs commands of which the last goes on.
    fn start(&self, block: &str) -> Running {
        let mut child = self.command(block).stdout(Stdio::piped()).spawn().expect("there is a shell");
        let said = child.stdout.take().expect("it can be heard");
        Running::new(child, said)
    }
}

/// Waits until what a monitor in another terminal says begins as shown.
fn wait_for(shown: &str, monitor: &mut Running) {
    while !is_shown(shown, &monitor.said()) {
        assert!(monitor.hear(), "instead of\n{shown}\nit says\n{}", monitor.said());
    }
}

fn follow(lang: &'static str, page: &str, heading: &str) {
    let terminal = Terminal::open(lang);
    let mut blocks = blocks(page, heading).into_iter().peekable();
    let (mut monitor, mut shown_by_it): (Option<Running>, _) = (None, String::new());
    let mut done = 0;
    while let Some((kind, text)) = blocks.next() {
        assert_eq!(kind, "sh", "{text}");
        for (program, package) in [("curl", "curl"), ("mosquitto_pub", "mosquitto-clients")] {
            let is_there = || Command::new(program).arg("--version").output().is_ok();
            assert!(!text.contains(program) || is_there(), "{program} (Debian package {package}) is needed");
        }
        let shown = blocks.next_if(|(kind, _)| kind == "text").map(|(_, shown)| terminal.here(&shown));
        if text.contains("monitor run") {
            drop(monitor.take());
            let mut running = terminal.start(&text);
            shown_by_it = shown.expect("a monitor shows something");
            // At first it says where it listens.
            let first: Vec<&str> = shown_by_it.lines().take(2).collect();
            wait_for(&first.join("\n"), &mut running);
            monitor = Some(running);
        } else {
            let mut said = terminal.run(&text);
            if let Some(shown) = shown {
                // State and database follow the monitor within moments.
                let until = Instant::now() + LONGEST;
                while !is_shown(&shown, &said) && text.contains("monitor ") && Instant::now() < until {
                    std::thread::sleep(Duration::from_millis(500));
                    said = terminal.run(&text);
                }
                assert!(is_shown(&shown, &said), "{text}\nshows\n{said}\ninstead of\n{shown}");
            } else if let Some(monitor) = &mut monitor {
                assert_eq!(said, "", "what is well is not answered");
                wait_for(&shown_by_it, monitor);
            }
        }
        done += 1;
    }
    assert!(done > 10, "only {done} blocks");
}

#[test]
fn the_first_steps_work_as_they_are_written() {
    follow("en", "monitor.md", "## First steps");
}

#[test]
fn the_first_steps_work_as_they_are_written_in_japanese() {
    follow("ja", "monitor.ja.md", "## はじめに");
}
