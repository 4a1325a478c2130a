//! The questions and the pieces of a document, as they stand in the catalog.

use anshin_catalog::Condition;
use anshin_model::tree::{self, Limits, Sources};
use anshin_model::{Id, Text};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answers::Answers;
use crate::{assemble, write};

/// The guided start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    #[serde(rename = "anshin-guide")]
    _version: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "basis")]
    _basis: String,
    /// The questions, in the order in which they are asked.
    pub questions: Vec<Question>,
    pub(crate) parts: Vec<Part>,
}

/// A plain question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id.
    pub id: Id,
    /// What an answer is.
    pub form: Form,
    /// The question.
    pub ask: Text,
    /// What it is for.
    pub help: Text,
    /// An example of a line.
    pub example: Option<Text>,
    /// Answers that make the question pointless.
    #[serde(default)]
    unless: Vec<String>,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<Opt>,
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A few words.
    Line,
    /// One of the options.
    One,
    /// Any number of options, also none.
    Many,
}

/// Something that can be chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opt {
    /// Its id.
    pub id: Id,
    /// Its words.
    pub name: Text,
    /// Examples.
    pub example: Option<Text>,
}

/// A piece of a document, and when it is taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    #[serde(default)]
    pub(crate) when: Condition,
    pub(crate) adds: Map<String, Value>,
}

/// The file of the guided start cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the guided start cannot be read: {0}")]
pub struct NotAGuide(String);

impl Guide {
    /// The guided start that is built into the program.
    ///
    /// # Errors
    /// If the file is not one; a test makes sure that it is.
    pub fn built_in() -> Result<Self, NotAGuide> {
        let file = anshin_catalog::built_in_files_beside("guides").into_iter().next();
        let file = file.ok_or_else(|| NotAGuide("there is none".to_owned()))?;
        let text = String::from_utf8(file.bytes).map_err(|error| NotAGuide(error.to_string()))?;
        let mut sources = Sources::default();
        let id = sources.add(file.name, text);
        let (tree, _) = tree::parse(&sources, id, Limits::DEFAULT)
            .map_err(|found| NotAGuide(found.message.get(anshin_model::Lang::En).to_owned()))?;
        Self::deserialize(&tree).map_err(|error| NotAGuide(error.to_string()))
    }

    /// The questions that are asked, given the answers so far.
    pub fn asked<'g, 'a>(&'g self, answers: &'a Answers) -> impl Iterator<Item = &'g Question> + use<'g, 'a> {
        self.questions.iter().filter(move |question| !question.unless.iter().any(|word| answers.has(word)))
    }

    /// The first question that needs an answer and has none.
    pub fn next(&self, answers: &Answers) -> Option<&Question> {
        self.asked(answers).find(|question| !answers.answered(question))
    }

    /// Only what can be an answer: known options of questions that are asked, one where one is chosen.
    #[must_use]
    pub fn clean(&self, answers: &Answers) -> Answers {
        let mut clean = Answers::default();
        for question in &self.questions {
            if question.unless.iter().any(|word| clean.has(word)) {
                continue;
            }
            let Some(given) = answers.given(question.id.as_str()) else { continue };
            let known = |word: &&String| question.options.iter().any(|option| option.id == ***word);
            let words: Vec<String> = match question.form {
                Form::Line => given.iter().take(1).map(|line| one_line(line)).collect(),
                Form::One => given.iter().filter(known).take(1).cloned().collect(),
                Form::Many => {
                    let chosen = |option: &&Opt| given.iter().any(|word| option.id == **word);
                    question.options.iter().filter(chosen).map(|option| option.id.to_string()).collect()
                }
            };
            if question.form == Form::Many || words.iter().any(|word| !word.is_empty()) {
                clean.set(question.id.as_str(), words);
            }
        }
        clean
    }

    /// The document that follows from the answers so far, in the words of the file format.
    ///
    /// It can be assessed as soon as it is known what the system does in the physical world.
    pub fn document(&self, answers: &Answers, lang: anshin_model::Lang) -> String {
        let answers = self.clean(answers);
        write::document(self, &answers, &assemble::assemble(self, &answers), lang)
    }
}

/// Most characters of a line that is typed in.
const LONGEST: usize = 120;

/// A line without line breaks and control characters, not too long.
fn one_line(line: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = line.chars().take(LONGEST).map(shown).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
