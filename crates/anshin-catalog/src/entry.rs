//! What every entry has: where it comes from, how sure it is, and the facts that a rule asks for.

use anshin_model::Text;
use serde::Deserialize;

/// Where an entry comes from and how sure it is.
#[derive(Debug, Clone, Deserialize)]
pub struct Origin {
    /// Id of a source, then the place in it.
    #[serde(deserialize_with = "one_or_more")]
    pub source: Vec<String>,
    /// How sure it is.
    pub basis: Basis,
}

/// How sure an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The source says it.
    Stated,
    /// It follows from the source.
    Derived,
    /// Our own judgement.
    Own,
}

impl Basis {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Stated => "stated",
            Basis::Derived => "derived",
            Basis::Own => "own",
        }
    }

    /// The word for people.
    pub fn name(self) -> Text {
        match self {
            Basis::Stated => Text::new("出典に記載", "stated in the source"),
            Basis::Derived => Text::new("出典から導出", "derived from the source"),
            Basis::Own => Text::new("独自の判断", "own judgement"),
        }
    }
}

/// Facts that a rule asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Condition {
    /// All must hold.
    #[serde(default)]
    pub all: Vec<String>,
    /// One must hold, if there are any.
    #[serde(default)]
    pub any: Vec<String>,
    /// None may hold.
    #[serde(default)]
    pub none: Vec<String>,
}

impl Condition {
    /// Every fact that the condition names.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().chain(&self.any).chain(&self.none).map(String::as_str)
    }
}

/// A document that entries come from.
#[derive(Debug, Clone, Deserialize)]
pub struct Source {
    /// Its title.
    pub title: Text,
    /// Who published it.
    pub publisher: Text,
    /// What it is about.
    pub about: Option<Text>,
    /// Edition or date.
    pub edition: Option<String>,
}

macro_rules! entry {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Where it comes from.
            #[serde(flatten)]
            pub origin: Origin,
        }
    };
}
pub(crate) use entry;

entry! {
    /// A thing with a name and a sentence.
    Named {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
    }
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(text) => vec![text],
        OneOrMore::More(texts) => texts,
    })
}
