//! Mail to a server: one of the own network as it is, others over an encrypted connection.

use std::io::{self, BufRead as _, BufReader};

use anshin_model::Text;
use anshin_monitor::Time;

use crate::base64::base64;
use crate::connection::{self, PATIENCE};
use crate::tls::{Tls, Wire};
use crate::trouble::{self, Trouble};

/// Most lines of one answer.
const MOST_LINES: usize = 100;

/// A mail server, and who we are to it.
pub(super) struct Server<'a> {
    /// Host and port.
    pub(super) address: &'a str,
    /// How the connection is encrypted, if it is.
    pub(super) tls: Option<&'a Tls>,
    /// It begins without, and goes over (RFC 3207).
    pub(super) begins_plain: bool,
    /// User and password; only over an encrypted connection.
    pub(super) login: Option<(&'a str, &'a str)>,
}

/// A conversation with a mail server.
struct Talk<R>(BufReader<R>);

impl<R: io::Read + io::Write> Talk<R> {
    /// Says a line, if there is one, and hears the answer, which begins as expected.
    fn say(&mut self, line: &str, expected: &str) -> io::Result<()> {
        if !line.is_empty() {
            self.0.get_mut().write_all(line.as_bytes())?;
        }
        hear(&mut self.0, expected)
    }
}

/// Hears an answer of a mail server, all its lines, each of which begins as expected.
///
/// # Errors
/// If there is none, or another one; in the words of the server.
pub fn hear(from: &mut impl io::BufRead, expected: &str) -> io::Result<()> {
    for _ in 0..MOST_LINES {
        let mut answer = String::new();
        if io::Read::take(&mut *from, 4_096).read_line(&mut answer)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !answer.starts_with(expected) {
            // It is shown to people, and comes from somebody else.
            let answer: String = answer.trim_end().chars().filter(|sign| !sign.is_control()).collect();
            return Err(trouble::malformed(
                format!("メールサーバーがエラーを返しました（{answer}）"),
                format!("the mail server answers: {answer}"),
            ));
        }
        // A hyphen behind the number says that more lines follow.
        if answer.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
    Err(trouble::malformed("メールサーバーの応答が終わりません", "the answer of the mail server has no end"))
}

/// Connects, as far as a greeting and an encrypted connection where there is to be one.
fn reach(server: &Server<'_>) -> io::Result<Talk<Wire>> {
    let Some(tls) = server.tls.filter(|_| server.begins_plain) else {
        let mut talk = Talk(BufReader::new(connection::dial(server.address, PATIENCE, server.tls)?));
        talk.say("", "220")?;
        return Ok(talk);
    };
    let mut talk = Talk(BufReader::new(connection::connect(server.address, PATIENCE)?));
    talk.say("", "220")?;
    talk.say("EHLO anshin\r\n", "250")?;
    talk.say("STARTTLS\r\n", "220").map_err(|error| {
        Trouble(Text::new(
            format!("メールサーバーが暗号化（STARTTLS）に応じません（{error}）。ポート465なら`encryption: tls`です"),
            format!("the mail server does not go over to TLS ({error}); at port 465 it is `encryption: tls`"),
        ))
    })?;
    // What somebody has put in between before the encryption is not heard as said behind it.
    if !talk.0.buffer().is_empty() {
        return Err(trouble::malformed(
            "メールサーバーが、手順にない応答を返しました",
            "the mail server speaks out of turn",
        ));
    }
    Ok(Talk(BufReader::new(tls.encrypt(talk.0.into_inner(), server.address)?)))
}

/// Sends a mail.
pub(super) fn send(
    server: &Server<'_>,
    (from, to): (&str, &[String]),
    (subject, text): (&str, &str),
    now: Time,
) -> io::Result<()> {
    let mut talk = reach(server)?;
    talk.say("EHLO anshin\r\n", "250")?;
    if let Some((user, password)) = server.login.filter(|_| server.tls.is_some()) {
        let word = base64(format!("\0{user}\0{password}").as_bytes());
        talk.say(&format!("AUTH PLAIN {word}\r\n"), "235").map_err(|error| {
            Trouble(Text::new(
                format!("メールサーバーがユーザーとパスワードを受け付けません（{error}）"),
                format!("the mail server does not take user and password ({error})"),
            ))
        })?;
    }
    talk.say(&format!("MAIL FROM:<{from}>\r\n"), "250")?;
    for to in to {
        talk.say(&format!("RCPT TO:<{to}>\r\n"), "25")?;
    }
    talk.say("DATA\r\n", "354")?;
    talk.say(&message(from, to, subject, text, now), "250")?;
    // The mail is on its way, whatever becomes of the leave-taking.
    let _ = talk.say("QUIT\r\n", "221");
    Ok(())
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
