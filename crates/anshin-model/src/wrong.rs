//! What can be wrong with a document, as data: [`Wrong::at`] tells it in the words of the file, and who
//! shows the document in another form, such as a workbook, tells it in the words that are seen there.

use crate::diagnostic::{Code, Diagnostic};
use crate::id;
use crate::shape::{Field, Object, did_you_mean, nearest};
use crate::text::Text;
use crate::tree::Span;

/// Something wrong in one place of a document.
#[derive(Debug, Clone)]
pub enum Wrong {
    /// A key that must be there is missing.
    Missing {
        /// The object that should have it.
        object: &'static Object,
        /// The key.
        field: &'static Field,
    },
    /// A word is none of a few.
    Choice {
        /// The word.
        word: String,
        /// The words to choose from, each with its meaning.
        words: &'static [(&'static str, &'static str)],
    },
    /// A word is not in the catalog.
    Known {
        /// The word.
        word: String,
        /// The section of the catalog.
        section: &'static str,
        /// A word that may be meant.
        near: Option<String>,
    },
    /// An id is named that the document does not have.
    Reference {
        /// The id.
        word: String,
        /// The list where it should be.
        list: &'static str,
        /// An id that may be meant.
        near: Option<String>,
    },
    /// Neither yes nor no.
    Bool {
        /// What is written.
        word: String,
    },
    /// Not a number, or one outside its range.
    Number {
        /// What is written.
        word: String,
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
        /// Whether it must be a whole number.
        whole: bool,
        /// The word that may stand in its place.
        or: Option<&'static str>,
    },
    /// Not a date.
    Date {
        /// What is written.
        word: String,
    },
    /// Not an id.
    Id {
        /// What is written.
        word: String,
    },
    /// An id stands twice in one list.
    Twice {
        /// The id.
        id: String,
        /// Where it stands first.
        first: Span,
    },
    /// A text has control characters.
    Control,
    /// A decision puts something in place of a proposal and does not say what.
    NoValue,
    /// A zone is a part of itself.
    ZoneCycle {
        /// The zone.
        zone: String,
    },
    /// An end of a link is named among those in between.
    EndBetween {
        /// The asset.
        asset: String,
    },
    /// An asset is said to have a trait and not to have it.
    HasAndHasNot {
        /// The trait.
        word: String,
        /// Where it is said that the asset has it.
        first: Span,
    },
    /// No stakeholder is the lead.
    NoLead,
    /// More than one stakeholder is the lead.
    SecondLead {
        /// The first one.
        first: Span,
    },
}

impl Wrong {
    /// The problem at a place, in the words of the file.
    pub fn at(self, span: Span) -> Diagnostic {
        let mut found = Diagnostic::error(self.code(), self.message()).at(span);
        found.hints = self.hints();
        if let Some((span, remark)) = self.other() {
            found = found.also(span, remark);
        }
        found.wrong = Some(Box::new(self));
        found
    }

    fn code(&self) -> Code {
        match self {
            Self::Missing { .. } | Self::NoValue => Code::MissingKey,
            Self::Choice { .. } | Self::Known { .. } => Code::UnknownWord,
            Self::Reference { .. } => Code::UnknownReference,
            Self::Bool { .. } => Code::WrongType,
            Self::Number { .. } | Self::Date { .. } => Code::OutOfRange,
            Self::Id { .. } => Code::BadId,
            Self::Twice { .. } => Code::DuplicateId,
            Self::Control => Code::ControlCharacter,
            Self::ZoneCycle { .. } => Code::ZoneCycle,
            Self::EndBetween { .. } => Code::SelfLink,
            Self::HasAndHasNot { .. } => Code::Conflict,
            Self::NoLead | Self::SecondLead { .. } => Code::Lead,
        }
    }

    fn message(&self) -> Text {
        match self {
            Self::Missing { field, .. } => {
                let name = field.name;
                Text::new(format!("キー`{name}`がありません"), format!("the key `{name}` is missing"))
            }
            Self::Choice { word, .. } => not_a_choice(word),
            Self::Known { word, section, .. } => Text::new(
                format!("`{word}`はカタログの{section}にありません"),
                format!("`{word}` is not in the catalog ({section})"),
            ),
            Self::Reference { word, list, .. } => Text::new(
                format!("`{list}`に`{word}`がありません"),
                format!("there is no `{word}` in `{list}`"),
            ),
            Self::Bool { word } => Text::new(
                format!("`true`か`false`が必要ですが、`{word}`が書かれています"),
                format!("`true` or `false` is expected, but `{word}` is written"),
            ),
            Self::Number { word, low, high, .. } => match word.parse::<f64>() {
                Err(_) => {
                    Text::new(format!("`{word}`は数ではありません"), format!("`{word}` is not a number"))
                }
                Ok(number) if number >= *low && number <= *high => Text::new(
                    format!("`{word}`は整数ではありません"),
                    format!("`{word}` is not a whole number"),
                ),
                Ok(_) => Text::new(
                    format!("`{word}`は範囲（{low}から{high}）にありません"),
                    format!("`{word}` is outside the range {low} to {high}"),
                ),
            },
            Self::Date { word } => {
                Text::new(format!("`{word}`は日付ではありません"), format!("`{word}` is not a date"))
            }
            Self::Id { word } => Text::new(
                format!("`{word}`は識別子として使えません"),
                format!("`{word}` cannot be used as an id"),
            ),
            Self::Twice { id, .. } => {
                Text::new(format!("識別子`{id}`が2回使われています"), format!("the id `{id}` is used twice"))
            }
            Self::Control => Text::new("制御文字は使えません", "control characters are not allowed"),
            Self::NoValue => {
                Text::new("`decide: override`には`value`が必要です", "`decide: override` needs a `value`")
            }
            Self::ZoneCycle { zone } => Text::new(
                format!("区分`{zone}`が自分自身の中にあります"),
                format!("the zone `{zone}` is a part of itself"),
            ),
            Self::EndBetween { asset } => Text::new(
                format!("`{asset}`は接続の端なので、途中の機器にはなれません"),
                format!("`{asset}` is an end of the link and cannot be in between as well"),
            ),
            Self::HasAndHasNot { word, .. } => Text::new(
                format!("`{word}`が`traits`と`without`の両方にあります"),
                format!("`{word}` is in `traits` and in `without`"),
            ),
            Self::NoLead => Text::new("適用主体がありません", "no stakeholder is the lead"),
            Self::SecondLead { .. } => Text::new("適用主体が2つ以上あります", "there is more than one lead"),
        }
    }

    fn hints(&self) -> Vec<Text> {
        let one = |ja: &str, en: &str| vec![Text::new(ja, en)];
        match self {
            Self::Missing { field: Field { name, about, .. }, .. } => {
                vec![Text::new(format!("`{name}`を書き足してください"), format!("add `{name}`: {about}"))]
            }
            Self::Choice { word, words } => {
                let names = words.iter().map(|(word, _)| *word);
                let all = names.clone().collect::<Vec<_>>().join(", ");
                let choices = || Text::new(format!("選択肢: {all}"), format!("choices: {all}"));
                vec![nearest(word, names).map_or_else(choices, did_you_mean)]
            }
            Self::Known { section, near, .. } => {
                let list = Text::new(
                    format!("`anshin catalog list {section}`が使える語を示します"),
                    format!("`anshin catalog list {section}` shows the words"),
                );
                near.as_deref().map(did_you_mean).into_iter().chain([list]).collect()
            }
            Self::Reference { word, list, near } => {
                let add = || {
                    Text::new(
                        format!("`{list}`に`id: {word}`を書き足すか、あるものを選んでください"),
                        format!("add an item `id: {word}` to `{list}`, or name one that exists"),
                    )
                };
                vec![near.as_deref().map_or_else(add, did_you_mean)]
            }
            Self::Bool { word } => match word.as_str() {
                "yes" | "on" | "True" | "TRUE" => vec![did_you_mean("true")],
                "no" | "off" | "False" | "FALSE" => vec![did_you_mean("false")],
                _ => Vec::new(),
            },
            Self::Number { word, low, high, whole, or } => {
                // That it is a whole number is told once the rest is right.
                let whole = *whole && word.parse().is_ok_and(|n: f64| n >= *low && n <= *high);
                let (ja, en) = if whole { ("整数", "whole number") } else { ("数", "number") };
                let or_ja = or.map_or_else(String::new, |or| format!("か`{or}`"));
                let or_en = or.map_or_else(String::new, |or| format!(", or `{or}`"));
                vec![Text::new(
                    format!("{low}以上{high}以下の{ja}{or_ja}を書いてください"),
                    format!("write a {en} from {low} to {high}{or_en}"),
                )]
            }
            Self::Date { .. } => one("例: 2026-04-01", "write it as 2026-04-01"),
            Self::Id { word } => vec![id_hint(word)],
            Self::Twice { id, .. } => vec![twice_hint(id)],
            Self::Control => one(
                "改行とタブ以外の制御文字を取り除いてください",
                "remove control characters other than line breaks and tabs",
            ),
            Self::NoValue => one(
                "代わりの水準、又はステークホルダーのidを`value`に書いてください",
                "write the level or the id of the stakeholder that takes its place as `value`",
            ),
            Self::ZoneCycle { .. } => one("`within`を直すか取り除いてください", "correct or remove `within`"),
            Self::EndBetween { .. } => one("`through`から取り除いてください", "remove it from `through`"),
            Self::HasAndHasNot { .. } => one("どちらか一方に書いてください", "keep it in one of the two"),
            Self::NoLead => one(
                "このアセスメントを行うステークホルダーに`lead: true`を付けてください",
                "give `lead: true` to the stakeholder that carries out this assessment",
            ),
            Self::SecondLead { .. } => {
                one("`lead: true`は1つだけにしてください", "keep `lead: true` at one stakeholder only")
            }
        }
    }

    /// Another place that belongs to it, with a remark.
    fn other(&self) -> Option<(Span, Text)> {
        match self {
            Self::Twice { first, .. } => Some((*first, Text::new("最初はここ", "first here"))),
            Self::HasAndHasNot { first, .. } => Some((*first, Text::new("こちらにもある", "also here"))),
            Self::SecondLead { first } => Some((*first, Text::new("最初の適用主体", "the first lead"))),
            _ => None,
        }
    }
}

/// That a word is none of a few.
pub fn not_a_choice(word: &str) -> Text {
    Text::new(format!("`{word}`は選択肢にありません"), format!("`{word}` is not one of the choices"))
}

fn id_hint(word: &str) -> Text {
    id::suggest(word).map_or_else(
        || {
            Text::new(
                "半角の英小文字・数字・ハイフンを使ってください（例: gas-heater）",
                "use lowercase letters, digits and hyphens, for example gas-heater",
            )
        },
        |better| did_you_mean(&better),
    )
}

fn twice_hint(id: &str) -> Text {
    // The id of a link without one is made of its ends.
    if id.contains("--") {
        Text::new(
            "同じ両端の接続が2本あるときは、それぞれに`id`を付けてください",
            "where two links join the same ends, give each an `id`",
        )
    } else {
        Text::new("別の識別子を付けてください", "give one of them another id")
    }
}
