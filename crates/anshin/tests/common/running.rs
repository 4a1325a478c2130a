//! Programs that run beside a test, and what it waits for.

use std::io::{BufRead as _, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::Folder;

/// Longest time that anything may take, on a machine that has much else to do.
pub(crate) const LONGEST: Duration = Duration::from_mins(2);

/// Pause between two looks at something that is to change.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until something holds, which is said in words if it never does.
#[track_caller]
pub(crate) fn until<T>(mut holds: impl FnMut() -> Result<T, String>) -> T {
    let until = Instant::now() + LONGEST;
    loop {
        match holds() {
            Ok(it) => return it,
            Err(why) => assert!(Instant::now() < until, "{why}"),
        }
        std::thread::sleep(PAUSE);
    }
}

/// A place on this computer where nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// The program, called in a folder, in English.
pub(crate) fn anshin(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anshin"));
    command.args(["--lang", "en"]).args(arguments).current_dir(folder.path("."));
    command
}

/// A program that is ended when the test is, and what it tells people.
pub(crate) struct Running {
    child: Child,
    notes: Receiver<String>,
    pub(crate) seen: Vec<String>,
    /// How many of them have been looked at.
    read: usize,
}

impl Running {
    /// Starts a program whose notes are heard; what else it writes goes where the command says.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program can be started");
        let notes = child.stderr.take().expect("it has notes");
        Self::new(child, notes)
    }

    /// A program whose notes come from here.
    pub(crate) fn new(child: Child, notes: impl Read + Send + 'static) -> Self {
        let (sender, heard) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(notes).lines().map_while(Result::ok) {
                // Nobody listens after the test.
                let _ = sender.send(line);
            }
        });
        Self { child, notes: heard, seen: Vec::new(), read: 0 }
    }

    /// What it writes beside its notes, where that is piped.
    pub(crate) fn output(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.child.stdout.take().expect("it writes"))
    }

    /// Looks at the notes from the first one again.
    pub(crate) fn read_again(&mut self) {
        self.read = 0;
    }

    /// Hears what it has told so far.
    pub(crate) fn catch_up(&mut self) {
        self.seen.extend(self.notes.try_iter());
    }

    /// Waits for one more note; none comes where it has ended, or says nothing for too long.
    pub(crate) fn hear(&mut self) -> bool {
        let note = self.notes.recv_timeout(LONGEST);
        let is_heard = note.is_ok();
        self.seen.extend(note);
        is_heard
    }

    /// All notes that were heard, a line each.
    pub(crate) fn said(&self) -> String {
        self.seen.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Whether one of the notes that have not been looked at has this part; they are looked at up to it.
    fn finds(&mut self, part: &str) -> Option<String> {
        let at = self.seen[self.read..].iter().position(|line| line.contains(part));
        self.read = at.map_or(self.seen.len(), |at| self.read + at + 1);
        at.map(|_| self.seen[self.read - 1].clone())
    }

    /// Waits for a note with this part.
    pub(crate) fn wait(&mut self, part: &str) -> String {
        self.wait_while(part, || ())
    }

    /// Waits for a note with this part, while something else goes on.
    pub(crate) fn wait_while(&mut self, part: &str, mut goes_on: impl FnMut()) -> String {
        let until = Instant::now() + LONGEST;
        loop {
            if let Some(line) = self.finds(part) {
                return line;
            }
            assert!(Instant::now() < until, "waited for `{part}`, saw {:#?}", self.seen);
            match self.notes.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Timeout) => goes_on(),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("waited for `{part}`; it has ended, saw {:#?}", self.seen)
                }
            }
        }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.id()]).status();
        assert!(sent.expect("kill can be run").success());
    }

    /// Asks it to stop, and waits until it has ended well.
    pub(crate) fn stop(&mut self) {
        self.signal("-TERM");
        let ended = self.child.wait().expect("it ends");
        assert!(ended.success(), "{ended}");
    }

    /// Ends it wherever it is just then.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
