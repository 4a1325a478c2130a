//! Why a monitor cannot run, in the words of people.

use std::io;

use anshin_model::{Lang, Text};

use crate::folder::FolderError;
use crate::records::RecordsError;
use crate::trouble::why;

/// Why the monitor cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, io::Error),
    /// A thread cannot be started.
    #[error(transparent)]
    Thread(io::Error),
    /// The team cannot be joined.
    #[error("the database `{0}` of the team cannot be used: {1}")]
    Team(String, RecordsError),
    /// Messages of this source come to one worker only.
    #[error("source `{0}` cannot be shared")]
    NotShared(String),
    /// Another program works under the same name.
    #[error("another worker of the same name has come")]
    Replaced,
    /// The thread that speaks with the team has panicked.
    #[error("the conversation with the team has broken off")]
    TeamEnded,
    /// This program was built without a feature.
    #[error("this program was built without `{0}`")]
    Without(&'static str),
    /// A connection cannot be encrypted.
    #[error("{}", .0.get(Lang::En))]
    Encryption(Text),
    /// Whoever is told does not listen any more.
    #[error(transparent)]
    Tell(io::Error),
}

impl RunError {
    /// What a person is told.
    pub fn text(&self) -> Text {
        match self {
            RunError::Folder(error) => error.text(),
            RunError::Listen(address, error) => {
                let why = why(error);
                Text::new(
                    format!(
                        "`{address}`で待ち受けられません（{}）。`--listen`（MQTT）か`--http`で、別のアドレスとポートを指定してください",
                        why.get(Lang::Ja)
                    ),
                    format!(
                        "cannot listen on `{address}` ({}); name another address and port with `--listen` (MQTT) or `--http`",
                        why.get(Lang::En)
                    ),
                )
            }
            RunError::Team(place, error) => Text::new(
                format!(
                    "チームのデータベース`{place}`を使えません（{}）。`--database`を確かめてください",
                    error.text().get(Lang::Ja)
                ),
                format!(
                    "the database `{place}` of the team cannot be used ({}); check `--database`",
                    error.text().get(Lang::En)
                ),
            ),
            RunError::NotShared(source) => Text::new(
                format!(
                    "入力元`{source}`のメッセージは1つの監視にしか届かないので、チームでは使えません。ブローカーを置いて、その`address`を書いてください"
                ),
                format!(
                    "messages of source `{source}` come to one monitor only, so a team cannot watch it; set up a broker and give its `address`"
                ),
            ),
            RunError::TeamEnded => Text::new(
                "チームとのやり取りが、プログラムの誤りで途切れました。監視を始め直してください",
                "the conversation with the team has broken off by a mistake of this program; start the monitor again",
            ),
            RunError::Replaced => Text::new(
                "同じ名前の監視がチームに加わったので、終わります。監視ごとに別の`--worker`を指定してください",
                "another monitor of the same name has joined the team, so this one ends; give each its own `--worker`",
            ),
            RunError::Without(feature) => without(feature),
            RunError::Encryption(text) => text.clone(),
            RunError::Thread(error) | RunError::Tell(error) => why(error),
        }
    }
}

/// What a person is told where a feature is missing, and how to get it.
pub fn without(feature: &str) -> Text {
    Text::new(
        format!(
            "このプログラムは`{feature}`なしで作られています。`cargo install --path crates/anshin --features full`で作り直すか、配布パッケージかコンテナを使ってください"
        ),
        format!(
            "this program was built without `{feature}`; build it with `cargo install --path crates/anshin --features full`, or take the package or the container"
        ),
    )
}
