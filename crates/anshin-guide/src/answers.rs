//! What a person has answered so far.

use std::collections::BTreeMap;

use crate::guide::Question;

/// Answers by question: words of options, or a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    by_question: BTreeMap<String, Vec<String>>,
}

impl Answers {
    /// Sets the answer to a question; an empty list says that nothing was chosen.
    pub fn set(&mut self, question: &str, words: Vec<String>) {
        self.by_question.insert(question.to_owned(), words);
    }

    /// Adds one word to the answer to a question.
    pub fn add(&mut self, question: &str, word: &str) {
        let words = self.by_question.entry(question.to_owned()).or_default();
        if !word.is_empty() && !words.iter().any(|own| own == word) {
            words.push(word.to_owned());
        }
    }

    /// The answer to a question, if there is one.
    pub fn given(&self, question: &str) -> Option<&[String]> {
        self.by_question.get(question).map(Vec::as_slice)
    }

    /// Whether an option was chosen: `place:home`.
    pub fn has(&self, word: &str) -> bool {
        let Some((question, option)) = word.split_once(':') else { return false };
        self.given(question).is_some_and(|words| words.iter().any(|own| own == option))
    }

    /// Whether a question has its answer.
    pub fn answered(&self, question: &Question) -> bool {
        match question.form {
            crate::Form::Many => self.given(question.id.as_str()).is_some(),
            _ => self.given(question.id.as_str()).is_some_and(|words| !words.is_empty()),
        }
    }

    /// All answers, by question.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.by_question.iter().map(|(question, words)| (question.as_str(), words.as_slice()))
    }
}
