//! What a person is told when something cannot be done: in both languages, without the numbers of the system.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use anshin_model::{Lang, Text};

/// What went wrong, in words for a person. It travels within an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.get(Lang::En))]
pub(crate) struct Trouble(pub(crate) Text);

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        io::Error::new(ErrorKind::PermissionDenied, trouble)
    }
}

/// An error of a kind, in words for a person.
pub(crate) fn trouble(kind: ErrorKind, ja: impl Into<Arc<str>>, en: impl Into<Arc<str>>) -> io::Error {
    io::Error::new(kind, Trouble(Text::new(ja, en)))
}

/// Another side that does not say what it should.
pub(crate) fn malformed(ja: impl Into<Arc<str>>, en: impl Into<Arc<str>>) -> io::Error {
    trouble(ErrorKind::InvalidData, ja, en)
}

/// What a person is told about what went wrong.
pub fn why(error: &io::Error) -> Text {
    if let Some(inner) = error.get_ref() {
        let known = inner.downcast_ref::<Trouble>();
        return known.map_or_else(|| Text::same(inner.to_string()), |trouble| trouble.0.clone());
    }
    let (ja, en) = match error.kind() {
        ErrorKind::NotFound => ("ファイルかフォルダーがありません", "there is no such file or folder"),
        ErrorKind::PermissionDenied => ("権限がありません", "it is not permitted"),
        ErrorKind::IsADirectory => ("ファイルではなくフォルダーです", "it is a folder, not a file"),
        ErrorKind::NotADirectory => ("フォルダーではありません", "it is not a folder"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ("ディスクがいっぱいです", "the disk is full"),
        ErrorKind::ReadOnlyFilesystem => ("書き込めないディスクです", "the disk cannot be written to"),
        ErrorKind::AddrInUse => {
            ("ほかのプログラムが使っているアドレスです", "another program uses this address")
        }
        ErrorKind::AddrNotAvailable => {
            ("このコンピューターのアドレスではありません", "it is no address of this computer")
        }
        ErrorKind::ConnectionRefused => (
            "相手のポートが開いていません。相手が動いているか、アドレスとポートが正しいか確かめてください",
            "nobody listens there; see whether the other side runs, and whether address and port are right",
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => (
            "ネットワークから届きません。アドレスと配線を確かめてください",
            "the network does not reach it; check address and cables",
        ),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => ("時間内に応答がありません", "no answer in time"),
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => ("相手が接続を閉じました", "the other side closed the connection"),
        _ => {
            let own = error.to_string();
            return Text::same(own.split(" (os error").next().unwrap_or_default());
        }
    };
    Text::new(ja, en)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn errors_are_told_in_both_languages_and_without_numbers() {
        let missing = std::fs::File::open("no such file").unwrap_err();
        let cut = [0_u8; 1].as_slice().read_exact(&mut [0; 2]).unwrap_err();
        let unknown = io::Error::from_raw_os_error(24);
        let own = trouble(ErrorKind::Other, "塔が答えません", "the tower does not answer");
        for (error, ja, en) in [
            (missing, "ファイルかフォルダーがありません", "there is no such file or folder"),
            (cut, "相手が接続を閉じました", "the other side closed the connection"),
            (ErrorKind::WouldBlock.into(), "時間内に応答がありません", "no answer in time"),
            (own, "塔が答えません", "the tower does not answer"),
            (io::Error::other("its own words"), "its own words", "its own words"),
        ] {
            assert_eq!(why(&error), Text::new(ja, en));
        }
        assert!(!why(&unknown).get(Lang::En).contains("os error"));
    }
}
