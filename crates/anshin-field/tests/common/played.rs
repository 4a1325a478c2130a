//! Servers that are played: what takes posted messages, and mail.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::LONGEST;

/// Serves connections one after the other in a thread; where, and what was heard.
pub(crate) fn play(
    serve: impl Fn(TcpStream, &Sender<String>) + Send + 'static,
) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.expect("somebody connects"), &sender);
        }
    });
    (address, receiver)
}

/// The next thing that is heard.
pub(crate) fn heard(receiver: &Receiver<String>) -> String {
    receiver.recv_timeout(LONGEST).expect("something is heard")
}

/// A server that takes one message on each connection and gives its answers in order, the last one again
/// and again; it tells heads and bodies.
pub(crate) fn hook(answers: &'static [&'static str]) -> (SocketAddr, Receiver<String>) {
    let answered = std::sync::atomic::AtomicUsize::new(0);
    play(move |stream, said| {
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                // Whoever does not trust the connection goes.
                let _ = said.send(head);
                return;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().expect("a number");
            }
            head += &line;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let n = answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = answers[n.min(answers.len() - 1)];
        write!(reader.get_mut(), "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").expect("it listens");
        let _ = said.send(head + &String::from_utf8_lossy(&body));
    })
}

/// Takes a mail, until a line comes or the other side ends; the connection, and what was said. It greets,
/// unless it has done so before.
pub(crate) fn mail<S: Read + Write>(stream: S, greets: bool, until: &str) -> (S, String) {
    let mut reader = BufReader::new(stream);
    if greets {
        reader.get_mut().write_all(b"220 relay\r\n").expect("it listens");
    }
    let (mut all, mut data) = (String::new(), false);
    while !all.ends_with(until) {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let answer: &[u8] = match line.as_str() {
            ".\r\n" => {
                data = false;
                b"250 taken\r\n"
            }
            _ if data => b"",
            "DATA\r\n" => {
                data = true;
                b"354 go on\r\n"
            }
            "STARTTLS\r\n" => b"220 go over\r\n",
            "QUIT\r\n" => b"221 bye\r\n",
            "EHLO anshin\r\n" => b"250-relay\r\n250 8BITMIME\r\n",
            _ if line.starts_with("AUTH") => b"235 welcome\r\n",
            _ => b"250 ok\r\n",
        };
        reader.get_mut().write_all(answer).expect("it listens");
        all += &line;
    }
    (reader.into_inner(), all)
}
