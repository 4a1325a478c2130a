//! What is wrong with the values of a source, in words with a next step.

use anshin_model::{Id, Lang, Text};
use anshin_monitor::input::{NoNumber, comma_hint};
use anshin_monitor::judge::shown;

/// After so many messages without it, a value that a machine takes counts as missing.
pub(super) const MISSING_AFTER: u32 = 20;

/// What is wrong with values, while it is not told.
#[derive(Debug)]
pub(super) enum Wrong {
    /// One is no number.
    NoNumber(NoNumber),
    /// One of this name never comes.
    Missing(String),
    /// One of this name is not among all those that the source has.
    Unlisted(String),
}

impl Wrong {
    /// What it is about, for telling it once of a topic.
    pub(super) fn about(&self, topic: Option<&str>) -> String {
        match self {
            Wrong::NoNumber(of) => format!("no-number {topic:?} {}", of.name),
            Wrong::Missing(name) | Wrong::Unlisted(name) => format!("no-value {topic:?} {name}"),
        }
    }

    pub(super) fn text(&self, id: &Id, topic: Option<&str>) -> Text {
        let (of_ja, of_en) = on_topic(topic.unwrap_or_default());
        match self {
            Wrong::NoNumber(NoNumber { name, text }) => {
                let hint = comma_hint(text).unwrap_or_else(|| {
                    Text::new(
                        "設定の`take`と、機器が送る値を確かめてください",
                        "check `take` in the configuration, and what the device sends",
                    )
                });
                let (hint_ja, hint_en) = (hint.get(Lang::Ja), hint.get(Lang::En));
                let (name, text) = (shown(name), shown(text));
                Text::new(
                    format!(
                        "入力元`{id}`{of_ja}の値`{name}`を数として読めません（届いた値: `{text}`）。{hint_ja}"
                    ),
                    format!(
                        "value `{name}` of source `{id}`{of_en} is no number (what came: `{text}`); {hint_en}"
                    ),
                )
            }
            Wrong::Missing(name) => {
                let name = shown(name);
                Text::new(
                    format!(
                        "入力元`{id}`{of_ja}に届いた{MISSING_AFTER}件のメッセージに、値`{name}`がありません。設定の`take`の名前を確かめてください"
                    ),
                    format!(
                        "none of {MISSING_AFTER} messages of source `{id}`{of_en} has a value `{name}`; check the name in `take` of the configuration"
                    ),
                )
            }
            Wrong::Unlisted(name) => {
                let name = shown(name);
                Text::new(
                    format!(
                        "入力元`{id}`{of_ja}が知らせた値の一覧に、`{name}`がありません。設定の`take`の名前を確かめてください"
                    ),
                    format!(
                        "source `{id}`{of_en} has listed all its values, and `{name}` is none of them; check the name in `take` of the configuration"
                    ),
                )
            }
        }
    }
}

/// The topic, as it stands behind the name of a source.
pub(super) fn on_topic(topic: &str) -> (String, String) {
    match shown(topic) {
        topic if topic.is_empty() => (String::new(), String::new()),
        topic => (format!("のトピック`{topic}`"), format!(" on topic `{topic}`")),
    }
}
