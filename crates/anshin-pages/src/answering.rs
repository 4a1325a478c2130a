//! What a person answers in the forms of a checklist.

use anshin_checklist::{
    CannotEdit, Checklist, Given, Item, Kind, OUT_OF_SCOPE, OutOfScope, Round, fill, fits, moved_text,
    plain_words, set_answer,
};
use anshin_model::{Id, Lang, Text};
use indexmap::IndexMap;

/// What a form says about one item.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The answer, as far as it can be taken.
    pub given: Given,
    /// What is wrong with it.
    pub trouble: Vec<Text>,
}

/// What a form says.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// What it says about each item that it asks.
    pub entries: IndexMap<Id, Entry>,
    /// The answers that are other than before, in the order of the form.
    pub changed: Vec<Given>,
}

impl Form {
    /// Whether anything cannot be taken.
    pub fn has_trouble(&self) -> bool {
        self.entries.values().any(|entry| !entry.trouble.is_empty())
    }
}

/// Who answers, in which language and when.
#[derive(Debug, Clone, Copy)]
pub struct Answering<'a> {
    /// The name of the person.
    pub by: &'a str,
    /// The day.
    pub today: &'a str,
    /// The language of the form.
    pub lang: Lang,
}

/// Reads a form. The field `asked` names each item that stands in it; `a.ITEM` holds the answer,
/// `reason.ITEM`, `note.ITEM`, `evidence.ITEM` and `until.ITEM` what goes with it, and `ok.ITEM`
/// confirms a proposal.
pub fn read_form(round: &Round, fields: &[(String, String)], who: Answering<'_>) -> Form {
    let mut form = Form::default();
    let asked = fields.iter().filter(|(key, _)| key == "asked").map(|(_, id)| id.as_str());
    for (_, item) in asked.filter_map(|id| round.list.item(id)) {
        let before = round.given.get(&item.id);
        let entry = entry(&round.list, item, before, fields, who);
        if entry.trouble.is_empty() && before.map_or(entry.given.is_answered(), |own| *own != entry.given) {
            form.changed.push(entry.given.clone());
        }
        form.entries.insert(item.id.clone(), entry);
    }
    form
}

fn entry(
    list: &Checklist,
    item: &Item,
    before: Option<&Given>,
    fields: &[(String, String)],
    who: Answering<'_>,
) -> Entry {
    let scale = list.scale(item);
    let mut given = before.cloned().unwrap_or_else(|| Given::new(item.id.clone()));
    let mut trouble = Vec::new();
    let words = |kind: &str| {
        let name = format!("{kind}.{}", item.id);
        fields.iter().filter(move |(key, _)| *key == name).map(|(_, word)| plain_words(word))
    };
    let line = |kind: &str| words(kind).next().filter(|word| !word.is_empty());
    let (mut value, mut out_of_scope) = (Vec::new(), false);
    for word in words("a").filter(|word| !word.is_empty()) {
        if word == OUT_OF_SCOPE && scale.out_of_scope != OutOfScope::Forbidden {
            out_of_scope = true;
            continue;
        }
        match fits(list, item, &word) {
            Ok(()) => value.push(word),
            Err(misfit) => {
                trouble.push(sentence(&misfit.message, &misfit.hint));
                // What was typed stays in the field.
                if matches!(scale.kind, Kind::Number | Kind::Date) {
                    value.push(word);
                }
            }
        }
    }
    let is_new = given.value != value || given.out_of_scope != out_of_scope;
    (given.value, given.out_of_scope) = (value, out_of_scope);
    given.reason = text(line("reason"), given.reason.take(), who.lang);
    given.note = text(line("note"), given.note.take(), who.lang);
    given.until = line("until");
    if let Some(until) = given.until.as_ref().filter(|until| !anshin_model::shape::is_date(until)) {
        trouble.push(Text::new(format!("`{until}`は日付ではありません"), format!("`{until}` is not a date")));
    }
    match fill::evidence_from(&line("evidence").unwrap_or_default(), &given.evidence) {
        Ok(evidence) => given.evidence = evidence,
        Err(misfit) => trouble.push(sentence(&misfit.message, &misfit.hint)),
    }
    let confirms = given.proposed && given.is_answered() && line("ok").is_some();
    if is_new || confirms {
        (given.proposed, given.because) = (false, None);
        // Whoever looked at the answer before has not seen this one.
        (given.reviewer, given.reviewed) = (None, None);
        given.by = given.is_answered().then(|| who.by.to_owned());
        given.date = given.is_answered().then(|| who.today.to_owned());
    }
    let asks = given.value.iter().filter_map(|word| scale.option(word)).any(|option| option.reason);
    if (is_new || confirms) && (given.out_of_scope || asks) && given.reason.is_none() {
        trouble.push(Text::new("この答えには理由を書いてください", "please give a reason for this answer"));
    }
    Entry { given, trouble }
}

fn sentence(message: &Text, hint: &Text) -> Text {
    Text::new("{message}（{hint}）", "{message} ({hint})").fill(&[("message", message), ("hint", hint)])
}

/// Words of a form; those that nobody touched keep both languages.
fn text(words: Option<String>, before: Option<Text>, lang: Lang) -> Option<Text> {
    let words = words?;
    before.filter(|own| own.get(lang).trim() == words).or_else(|| Some(Text::same(words)))
}

/// The text of an answers file with answers set in it, in the newest version of the checklist.
///
/// # Errors
/// If the text has a form in which that cannot be done.
pub fn with_answers(text: &str, round: &Round, answers: &[Given]) -> Result<String, CannotEdit> {
    answers.iter().try_fold(moved_text(text, round)?, |text, given| set_answer(&text, given))
}

/// The answers that a person looks at as a reviewer: those that another person has given or confirmed,
/// and that nobody has reviewed yet.
pub fn reviewed(round: &Round, reviewer: &str, today: &str) -> Vec<Given> {
    let all = round.asked().into_iter().filter_map(|(_, _, given)| given);
    all.filter(|given| !given.proposed && given.reviewed.is_none() && round.by(given) != Some(reviewer))
        .map(|given| Given {
            reviewer: Some(reviewer.to_owned()),
            reviewed: Some(today.to_owned()),
            ..given.clone()
        })
        .collect()
}

/// The first item after another that waits for an answer or a confirmation; the first of all if none
/// is named.
pub fn next_open<'a>(round: &'a Round, after: Option<&str>) -> Option<&'a Id> {
    let asked = round.asked();
    let from = after.and_then(|after| asked.iter().position(|(_, item, _)| item.id == *after));
    let rest = asked.into_iter().skip(from.map_or(0, |n| n + 1));
    rest.filter(|(_, _, given)| given.is_none_or(|given| given.proposed)).map(|(_, item, _)| &item.id).next()
}
