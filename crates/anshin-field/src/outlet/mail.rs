//! Mail to a server of the own network, without encryption and password.

use std::io::{self, BufRead as _, BufReader, Write as _};

use anshin_monitor::Time;

use crate::base64::base64;
use crate::connection;

/// Sends a mail.
pub(super) fn send(
    address: &str,
    (from, to): (&str, &[String]),
    (subject, text): (&str, &str),
    now: Time,
) -> io::Result<()> {
    let stream = connection::connect(address, connection::PATIENCE)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut say = |line: &str, expected: &str| -> io::Result<()> {
        if !line.is_empty() {
            stream.write_all(line.as_bytes())?;
        }
        loop {
            let mut answer = String::new();
            if io::Read::take(&mut answers, 4_096).read_line(&mut answer)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !answer.starts_with(expected) {
                let answer = answer.trim_end();
                return Err(io::Error::other(format!("the mail server answers: {answer}")));
            }
            // A hyphen behind the number says that more lines follow.
            if answer.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    };
    say("", "220")?;
    say("EHLO anshin\r\n", "250")?;
    say(&format!("MAIL FROM:<{from}>\r\n"), "250")?;
    for to in to {
        say(&format!("RCPT TO:<{to}>\r\n"), "25")?;
    }
    say("DATA\r\n", "354")?;
    say(&message(from, to, subject, text, now), "250")?;
    say("QUIT\r\n", "221")
}

/// The mail as lines of ASCII, with the dot that ends it.
fn message(from: &str, to: &[String], subject: &str, text: &str, now: Time) -> String {
    let date = now.stamp().strftime("%a, %d %b %Y %H:%M:%S +0000");
    // A word of a header may have 75 signs; one of 45 bytes has 60 in base64.
    let mut words = vec![String::new()];
    for sign in subject.chars().filter(|sign| !sign.is_control()) {
        if words.last().is_some_and(|word| word.len() + sign.len_utf8() > 42) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(sign);
        }
    }
    let subject: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", base64(word.as_bytes()))).collect();
    let body = base64(text.as_bytes());
    let lines: Vec<&str> =
        body.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!(
        "From: <{from}>\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{}.anshin@{}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n{}\r\n.\r\n",
        to.iter().map(|to| format!("<{to}>")).collect::<Vec<_>>().join(", "),
        subject.join("\r\n "),
        now.nanos(),
        from.rsplit('@').next().unwrap_or("localhost"),
        lines.join("\r\n"),
    )
}
