//! Where the program's words go: results to standard output, talk to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use anshin_model::{Lang, Text};
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

/// Language and colours of the output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// The language.
    pub(crate) lang: Lang,
    /// Colours on standard output.
    pub(crate) color: bool,
    /// Colours on standard error.
    pub(crate) color_on_stderr: bool,
}

impl Output {
    /// Settings from the command line and the environment.
    pub(crate) fn new(lang: Lang, color: anstream::ColorChoice) -> Self {
        let choose = |auto: anstream::ColorChoice| match color {
            anstream::ColorChoice::Auto => auto != anstream::ColorChoice::Never,
            anstream::ColorChoice::Never => false,
            _ => true,
        };
        Self {
            lang,
            color: choose(anstream::AutoStream::choice(&io::stdout())),
            color_on_stderr: choose(anstream::AutoStream::choice(&io::stderr())),
        }
    }

    /// Whether a person sits before the program and can answer.
    pub(crate) fn is_interactive() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Writes a result. A reader that has gone away is not an error.
    pub(crate) fn print(self, text: &str) -> io::Result<()> {
        self.print_with(|out| out.write_all(text.as_bytes()))
    }

    #[expect(clippy::unused_self, reason = "what is printed belongs to the settings it was made with")]
    /// Writes a result as it is made. A reader that has gone away is not an error.
    pub(crate) fn print_with(
        self,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Says something to the person.
    pub(crate) fn say(self, text: &Text) {
        self.say_raw(&format!("{}\n", text.get(self.lang)));
    }

    #[expect(clippy::unused_self, reason = "what is said belongs to the settings it was made with")]
    /// Says something in one language only.
    pub(crate) fn say_raw(self, text: &str) {
        // Nothing is left to do when standard error is gone.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Shows what is being worked on in one line of a terminal; `None` clears it.
    ///
    /// A file or a pipe gets none of it.
    pub(crate) fn progress(self, doing: Option<&Text>) {
        if !io::stderr().is_terminal() {
            return;
        }
        let line = doing.map_or_else(String::new, |doing| format!("{} …", doing.get(self.lang)));
        // Return to the start of the line and clear it, so that nothing stays behind.
        self.say_raw(&format!("\r\x1b[2K{line}"));
    }

    /// A phrase in the language of the output.
    pub(crate) fn word<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.paint(Style::new().bold().underline(), text)
    }

    /// Something to notice.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// Something that is wrong or outside.
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Something that is fine.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Something by the way.
    pub(crate) fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }
}

/// A text padded with spaces to a width on the terminal, where a Japanese character takes two.
pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The lines of a text that fit a width on the terminal.
///
/// English breaks at spaces; Japanese breaks anywhere but before closing marks.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        let wide = piece.trim_end().width();
        if used + wide > width && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        let piece = if used == 0 { piece.trim_start() } else { piece };
        used += piece.width();
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Pieces between which a line may break.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let wide = |c: char| unicode_width::UnicodeWidthChar::width(c) == Some(2);
        // A line does not begin with closing marks, small kana or the mark of a long vowel.
        let closes = "、。，．：；？！）」』］｝〕〉》】・ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
            .contains(c);
        let opened = before.is_some_and(|b| matches!(b, '（' | '「' | '『'));
        let breaks = before.is_some_and(|b| b == ' ' || wide(b) || wide(c)) && !closes && !opened && c != ' ';
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        for text in
            ["a bb ccc dddd", "制御データが改ざんされ、（給湯器が）誤動作する。", "IoT機器を守る measures"]
        {
            for width in 4..20 {
                let lines = wrap(text, width);
                assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
            }
        }
        assert_eq!(wrap("ああ、いい。", 6), ["ああ、", "いい。"]);
        assert_eq!(pad("温度", 6), "温度  ");
    }
}
