//! A NATS server with `JetStream`, and one who speaks to it in its plain protocol.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest time that an answer may take.
const LONGEST: Duration = Duration::from_mins(1);

/// A server that is ended when the test is.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server that keeps its streams in a folder; its settings say more.
    pub(crate) fn start(folder: &Path, address: SocketAddr, settings: &str) -> Self {
        let file = folder.join("nats.conf");
        let text = format!(
            "listen: \"{address}\"\njetstream: {{ store_dir: \"{}\" }}\n{settings}\n",
            folder.join("streams").display()
        );
        std::fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("nats-server is installed");
        let server = Self { child, address };
        let until = Instant::now() + LONGEST;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "nobody listens at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A place on this computer where nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// One who speaks to a server.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    /// Where answers come.
    inbox: String,
}

impl Client {
    /// Connects, with a user and a password if the server asks for them.
    pub(crate) fn connect(address: SocketAddr, login: Option<(&str, &str)>) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time-out can be set");
        let inbox = format!("answers.{}", stream.local_addr().expect("it has an address").port());
        let mut client = Self { stream: BufReader::new(stream), inbox: inbox.clone() };
        assert!(client.line().starts_with("INFO "));
        let login = login.map(|(user, pass)| format!(r#","user":"{user}","pass":"{pass}""#));
        let login = login.unwrap_or_default();
        client.say(&format!("CONNECT {{\"verbose\":false{login}}}\r\nSUB {inbox} 1\r\nPING\r\n"));
        assert_eq!(client.line(), "PONG");
        client
    }

    fn say(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).expect("the server goes on");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the server speaks");
        line.trim_end().to_owned()
    }

    /// Publishes on a subject and waits for the answer.
    pub(crate) fn ask(&mut self, subject: &str, payload: &str) -> serde_json::Value {
        let inbox = self.inbox.clone();
        self.say(&format!("PUB {subject} {inbox} {}\r\n{payload}\r\n", payload.len()));
        loop {
            let line = self.line();
            if line == "PING" {
                self.say("PONG\r\n");
            } else if line.starts_with("MSG answers.") {
                let length: usize = line.rsplit(' ').next().expect("a length").parse().expect("a number");
                let mut bytes = vec![0; length + 2];
                self.stream.read_exact(&mut bytes).expect("an answer");
                return serde_json::from_slice(&bytes[..length]).expect("an answer is JSON");
            } else {
                panic!("{subject}: {line}");
            }
        }
    }

    /// Makes a stream of a name for some subjects; the rest is JSON as well.
    pub(crate) fn create(&mut self, name: &str, subjects: &str, rest: &str) {
        let config = format!(r#"{{"name":"{name}","subjects":["{subjects}"],"storage":"file"{rest}}}"#);
        let answer = self.ask(&format!("$JS.API.STREAM.CREATE.{name}"), &config);
        assert!(answer["config"]["name"] == *name, "{answer}");
    }

    /// Publishes, and waits until the stream has it.
    pub(crate) fn publish(&mut self, subject: &str, payload: &str) {
        let answer = self.ask(subject, payload);
        assert!(answer["seq"].is_number(), "{answer}");
    }

    /// The consumers of a stream: what they say of themselves, their subject, whether they take no more than
    /// that of a message, and how many messages they were given.
    pub(crate) fn consumers(&mut self, stream: &str) -> Vec<(String, String, bool, u64)> {
        let answer = self.ask(&format!("$JS.API.CONSUMER.LIST.{stream}"), "");
        let consumers = answer["consumers"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let one = |of: &serde_json::Value| {
            let config = &of["config"];
            let only_heads = config["headers_only"].as_bool().unwrap_or_default();
            let given = of["delivered"]["consumer_seq"].as_u64().unwrap_or_default();
            (text(&config["description"]), text(&config["filter_subject"]), only_heads, given)
        };
        consumers.iter().map(one).collect()
    }
}
