//! One round of answers to one checklist.

use anshin_catalog::Catalog;
use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{did_you_mean, nearest};
use anshin_model::tree::{Node, Sources};
use anshin_model::{Id, Lang, Text};
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::Deserializer;

use crate::checklist::{Checklist, Checklists, Choice, Item, Kind, OutOfScope, Section};
use crate::de::{flag, one_or_more, word_or_map};
use crate::format;
use crate::load::{Check, OUT_OF_SCOPE, UNKNOWN, each, list, place, vocabulary};
use crate::read::{File, read, typed};

/// The answers of one round.
#[derive(Debug, Clone, Deserialize)]
pub struct Answers {
    /// The checklist.
    pub checklist: Id,
    /// The version of it that was answered.
    pub version: String,
    /// What the answers are about.
    pub subject: Option<Text>,
    /// Level of use.
    pub level: Option<Id>,
    /// Date of the round.
    pub date: Option<String>,
    /// Who answered, where an answer does not say.
    pub by: Option<String>,
    /// Who reviews, where an answer does not say.
    pub reviewer: Option<String>,
    /// A remark.
    pub note: Option<Text>,
    /// Items of one's own.
    #[serde(default)]
    pub own: Vec<Own>,
    /// The answers.
    pub answers: Vec<Given>,
}

/// Items of one's own in a section.
#[derive(Debug, Clone, Deserialize)]
pub struct Own {
    /// The section.
    pub section: Id,
    /// The items.
    pub items: Vec<Item>,
}

/// The answer to one item.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Given {
    /// The item.
    pub id: Id,
    /// What was chosen or written.
    #[serde(default, deserialize_with = "one_or_more")]
    pub value: Vec<String>,
    /// Whether the item does not concern those who answer.
    #[serde(default, deserialize_with = "flag")]
    pub out_of_scope: bool,
    /// Why.
    pub reason: Option<Text>,
    /// A remark.
    pub note: Option<Text>,
    /// What shows it.
    #[serde(default, deserialize_with = "one_or_more")]
    pub evidence: Vec<Evidence>,
    /// Who answered.
    pub by: Option<String>,
    /// When.
    pub date: Option<String>,
    /// Who has looked at it.
    pub reviewer: Option<String>,
    /// When it was looked at.
    pub reviewed: Option<String>,
    /// When it is to be done.
    pub until: Option<String>,
    /// Whether the program proposed it and nobody has confirmed it.
    #[serde(default, deserialize_with = "flag")]
    pub proposed: bool,
    /// Why the program proposed it.
    pub because: Option<Text>,
}

impl Given {
    /// An answer without anything in it.
    pub fn new(id: Id) -> Self {
        Self {
            id,
            value: Vec::new(),
            out_of_scope: false,
            reason: None,
            note: None,
            evidence: Vec::new(),
            by: None,
            date: None,
            reviewer: None,
            reviewed: None,
            until: None,
            proposed: false,
            because: None,
        }
    }

    /// Whether there is an answer in it.
    pub fn is_answered(&self) -> bool {
        self.out_of_scope || !self.value.is_empty()
    }

    /// What would answer the item: the program has found no answer, and tells why.
    pub fn hint(&self) -> Option<&Text> {
        self.because.as_ref().filter(|_| self.proposed && !self.is_answered())
    }
}

/// What shows an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What it is.
    pub what: Text,
    /// Where it is.
    pub at: Option<String>,
    /// Its date.
    pub date: Option<String>,
}

impl<'de> Deserialize<'de> for Evidence {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            what: Text,
            #[serde(rename = "where")]
            at: Option<String>,
            date: Option<String>,
        }
        let full = word_or_map(from, |word| Full { what: Text::same(word), at: None, date: None })?;
        Ok(Evidence { what: full.what, at: full.at, date: full.date })
    }
}

/// Answers joined with the checklist that they belong to.
#[derive(Debug, Clone)]
pub struct Round {
    /// The checklist in its newest version, with the items of one's own in it.
    pub list: Checklist,
    /// The answers as they stand in the file.
    pub answers: Answers,
    /// The answers by the item of the newest version.
    pub given: IndexMap<Id, Given>,
    /// What is different in the newest version; `None` if it is the one that was answered.
    pub moved: Option<Moved>,
}

impl Round {
    /// A round without answers.
    pub fn empty(list: &Checklist) -> Self {
        let answers = Answers {
            checklist: list.id.clone(),
            version: list.version.clone(),
            subject: None,
            level: None,
            date: None,
            by: None,
            reviewer: None,
            note: None,
            own: Vec::new(),
            answers: Vec::new(),
        };
        Self { list: list.clone(), answers, given: IndexMap::new(), moved: None }
    }

    /// The answer to an item, if there is one in it.
    pub fn answer(&self, item: &str) -> Option<&Given> {
        self.given.get(item).filter(|given| given.is_answered())
    }

    /// What would answer an item of which nothing is known.
    pub fn hint(&self, item: &str) -> Option<&Text> {
        self.given.get(item).and_then(Given::hint)
    }

    /// Who answered an item.
    pub fn by<'a>(&'a self, given: &'a Given) -> Option<&'a str> {
        given.by.as_deref().or(self.answers.by.as_deref())
    }

    /// When an item was answered.
    pub fn date<'a>(&'a self, given: &'a Given) -> Option<&'a str> {
        given.date.as_deref().or(self.answers.date.as_deref())
    }
}

/// What is different in a newer version of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// The version that was answered.
    pub from: String,
    /// Items with another id, the old one first. Their answers move along.
    pub renamed: Vec<(Id, Id)>,
    /// Answered items whose meaning has changed.
    pub changed: Vec<Id>,
    /// Items that did not exist.
    pub new: Vec<Id>,
    /// Answered items that are gone, with the item that asks for it now.
    pub gone: Vec<(Id, Option<Id>)>,
}

/// A round, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct LoadedAnswers {
    /// The round; `None` if there are errors.
    pub round: Option<Round>,
    /// The file as a tree, for editing.
    pub tree: Option<Node>,
    /// The file.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an answers file.
pub fn load_answers(file: File, checklists: &Checklists, catalog: &Catalog) -> LoadedAnswers {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let tree = read(file, "anshin-answers", &format::ANSWERS, &vocabulary(catalog), &mut sources, &mut found);
    let mut round = None;
    if let Some(tree) = &tree
        && let Some(answers) = typed::<Answers>(tree, &mut found)
    {
        round = join(answers, tree, checklists, catalog, &mut found);
    }
    diagnostic::sort(&mut found);
    if diagnostic::has_errors(&found) {
        round = None;
    }
    LoadedAnswers { round, tree, sources, diagnostics: found }
}

fn wrong(found: &mut Vec<Diagnostic>, code: Code, node: &Node, message: Text, hint: Text) {
    found.push(Diagnostic::error(code, message).at(node.span).hint(hint));
}

fn join(
    answers: Answers,
    tree: &Node,
    checklists: &Checklists,
    catalog: &Catalog,
    found: &mut Vec<Diagnostic>,
) -> Option<Round> {
    let named = tree.get("checklist").unwrap_or(tree);
    let Some(list) = checklists.get(answers.checklist.as_str()) else {
        let id = &answers.checklist;
        let near = nearest(id.as_str(), checklists.iter().map(|list| list.id.as_str()));
        let hint = near.map_or_else(
            || {
                Text::new(
                    "`anshin checklist list`が一覧を示します。自分のものは`--catalog`で渡してください",
                    "`anshin checklist list` shows them; name the file of your own with `--catalog`",
                )
            },
            did_you_mean,
        );
        let message =
            Text::new(format!("チェックシート`{id}`がありません"), format!("there is no checklist `{id}`"));
        wrong(found, Code::UnknownReference, named, message, hint);
        return None;
    };
    let age = list.age(&answers.version);
    if age.is_none() {
        let version = &answers.version;
        let message = Text::new(
            format!("`{}`の版{version}は、ここにある版{}にとって未知のものです", list.id, list.version),
            format!("version {version} of `{}` is not known; there is version {}", list.id, list.version),
        );
        let hint = Text::new(
            "新しい版のチェックシートを`--catalog`で渡すか、新しいAnshinを使ってください。回答には手を付けていません",
            "name the newer checklist with `--catalog`, or use a newer Anshin; the answers have not been touched",
        );
        wrong(found, Code::Version, tree.get("version").unwrap_or(tree), message, hint);
        return None;
    }
    let mut list = list.clone();
    if let Some(level) = &answers.level
        && !list.levels.iter().any(|own| own.id == *level)
    {
        let names = list.levels.iter().map(|level| level.id.as_str()).collect::<Vec<_>>();
        let hint = if names.is_empty() {
            Text::new("`level`の行を消してください", "take the line `level` out")
        } else {
            let all = names.join(", ");
            Text::new(format!("使えるもの: {all}"), format!("there are: {all}"))
        };
        let message = Text::new(
            format!("このチェックシートに用途レベル`{level}`はありません"),
            format!("the checklist has no level of use `{level}`"),
        );
        wrong(found, Code::UnknownReference, tree.get("level").unwrap_or(tree), message, hint);
    }
    add_own(&mut list, &answers, tree, catalog, found);
    let mut given: IndexMap<Id, Given> = IndexMap::new();
    let mut moved = Moved { from: answers.version.clone(), ..Moved::default() };
    for (answer, node) in answers.answers.iter().zip(nodes_of_answers(tree)) {
        let at = node.get("id").unwrap_or(node);
        let item = list
            .items()
            .find(|(_, item)| item.id == answer.id)
            .or_else(|| list.items().find(|(_, item)| item.was.contains(&answer.id)));
        if let Some((_, item)) = item {
            check_answer(&list, item, answer, node, found);
            if item.id != answer.id {
                moved.renamed.push((answer.id.clone(), item.id.clone()));
            }
            let newer = |version: &Option<String>| {
                version.as_deref().and_then(|version| list.age(version)) < age && version.is_some()
            };
            if newer(&item.changed) && !newer(&item.since) && answer.is_answered() {
                moved.changed.push(item.id.clone());
            }
            if given.contains_key(&item.id) {
                let message = Text::new(
                    format!("項目`{}`に、今の識別子と以前の識別子の2つで答えています", item.id),
                    format!("the item `{}` is answered twice, under its id and an earlier one", item.id),
                );
                let hint = Text::new("1つにしてください", "keep one of them");
                wrong(found, Code::DuplicateId, at, message, hint);
            }
            given.insert(item.id.clone(), Given { id: item.id.clone(), ..answer.clone() });
        } else if let Some(retired) = list.retired.iter().find(|retired| retired.id == answer.id) {
            moved.gone.push((retired.id.clone(), retired.into.clone()));
        } else {
            let id = &answer.id;
            let near = nearest(id.as_str(), list.items().map(|(_, item)| item.id.as_str()));
            let hint = near.map_or_else(
                || {
                    Text::new(
                        format!("`anshin checklist show {}`が項目を示します", list.id),
                        format!("`anshin checklist show {}` shows the items", list.id),
                    )
                },
                did_you_mean,
            );
            let message = Text::new(
                format!("`{}`に項目`{id}`がありません", list.id),
                format!("`{}` has no item `{id}`", list.id),
            );
            wrong(found, Code::UnknownReference, at, message, hint);
        }
    }
    let older = age.is_some_and(|age| age > 0);
    if older {
        let is_new = |item: &Item| {
            item.since.as_deref().and_then(|since| list.age(since)).is_some_and(|since| Some(since) < age)
        };
        moved.new = list.items().filter(|(_, item)| is_new(item)).map(|(_, item)| item.id.clone()).collect();
    }
    Some(Round { list, answers, given, moved: older.then_some(moved) })
}

fn nodes_of_answers(tree: &Node) -> &[Node] {
    list(tree, "answers")
}

/// Puts the items of one's own into their sections.
fn add_own(
    checklist: &mut Checklist,
    answers: &Answers,
    tree: &Node,
    catalog: &Catalog,
    found: &mut Vec<Diagnostic>,
) {
    for (own, node) in answers.own.iter().zip(list(tree, "own")) {
        let Some(n) = checklist.sections.iter().position(|section| section.id == own.section) else {
            let names = checklist.sections.iter().map(|section| section.id.as_str()).collect::<Vec<_>>();
            let message = Text::new(
                format!("節`{}`がありません", own.section),
                format!("there is no section `{}`", own.section),
            );
            let all = names.join(", ");
            let hint = Text::new(format!("使えるもの: {all}"), format!("there are: {all}"));
            wrong(found, Code::UnknownReference, node.get("section").unwrap_or(node), message, hint);
            continue;
        };
        for (item, node) in own.items.iter().zip(list(node, "items")) {
            if checklist.item(item.id.as_str()).is_some() {
                let message = Text::new(
                    format!("識別子`{}`はすでに使われています", item.id),
                    format!("the id `{}` is in use already", item.id),
                );
                let hint = Text::new("別の識別子を付けてください", "take another id");
                wrong(found, Code::DuplicateId, node.get("id").unwrap_or(node), message, hint);
                continue;
            }
            Check { list: checklist, catalog, found }.item(item, node);
            if let Some(when) = node.get("when") {
                Check { list: checklist, catalog, found }.tests(&item.when, when);
            }
            // A test of an item of one's own could make a circle; it is a branch of the checklist's.
            checklist.sections[n].items.push(item.clone());
        }
    }
}

/// Whether an answer fits its item.
fn check_answer(
    checklist: &Checklist,
    item: &Item,
    answer: &Given,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) {
    let scale = checklist.scale(item);
    let at = node.get("value").unwrap_or(node);
    if answer.out_of_scope && !answer.value.is_empty() {
        let message = Text::new(
            format!("項目`{}`は対象外とされ、答えも書かれています", item.id),
            format!("the item `{}` is out of scope and has an answer", item.id),
        );
        wrong(
            found,
            Code::Conflict,
            at,
            message,
            Text::new("どちらかを消してください", "take one of them out"),
        );
    }
    if answer.out_of_scope && scale.out_of_scope == OutOfScope::Forbidden {
        let message = Text::new(
            format!("項目`{}`を対象外にすることはできません", item.id),
            format!("the item `{}` cannot be out of scope", item.id),
        );
        let hint = Text::new("答えを選んでください", "choose an answer");
        wrong(found, Code::Conflict, node.get("out-of-scope").unwrap_or(node), message, hint);
    }
    if scale.kind != Kind::Many && answer.value.len() > 1 {
        let message = Text::new(
            format!("項目`{}`の答えは1つです", item.id),
            format!("the item `{}` takes one answer", item.id),
        );
        wrong(found, Code::WrongType, at, message, Text::new("1つにしてください", "keep one of them"));
    }
    for value in each(node, "value") {
        let word = value.scalar().unwrap_or_default();
        if let Err(problem) = fits(checklist, item, word) {
            found.push(
                Diagnostic::error(Code::UnknownWord, problem.message).at(value.span).hint(problem.hint),
            );
        }
    }
    let asks_reason = answer.value.iter().any(|word| scale.option(word).is_some_and(|option| option.reason));
    if (answer.out_of_scope || asks_reason) && answer.reason.is_none() && answer.note.is_none() {
        found.push(
            Diagnostic::warning(
                Code::MissingKey,
                Text::new(
                    format!("項目`{}`の答えには理由が必要です", item.id),
                    format!("the answer to the item `{}` wants a reason", item.id),
                ),
            )
            .at(place(node, "id"))
            .hint(Text::new("`reason`を書き足してください", "add `reason`")),
        );
    }
}

/// Words that a person gives, without what no file may hold: control characters other than line breaks
/// and tabs, which come along when something is pasted.
pub fn plain_words(words: &str) -> String {
    let fits = |c: &char| {
        matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'))
    };
    words.replace("\r\n", "\n").chars().filter(fits).collect::<String>().trim().to_owned()
}

/// Why a word does not answer an item.
#[derive(Debug)]
pub struct Misfit {
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// Whether a word answers an item.
///
/// # Errors
/// What is wrong with it, and what fits.
pub fn fits(checklist: &Checklist, item: &Item, word: &str) -> Result<(), Box<Misfit>> {
    let scale = checklist.scale(item);
    let misfit =
        |ja: String, en: String, hint: Text| Err(Box::new(Misfit { message: Text::new(ja, en), hint }));
    if word == UNKNOWN {
        return Ok(());
    }
    match scale.kind {
        Kind::One | Kind::Many => {
            if scale.option(word).is_some() {
                return Ok(());
            }
            // The words that people see stand first; files hold the other one.
            let named = |lang: Lang, open: &str, close: &str| {
                let one = |option: &Choice| match option.name.get(lang) {
                    name if name == option.id.as_str() => name.to_owned(),
                    name => format!("{name}{open}{}{close}", option.id),
                };
                scale.options.iter().map(one).collect::<Vec<_>>().join(if lang == Lang::Ja {
                    "、"
                } else {
                    ", "
                })
            };
            let (ja, en) = (named(Lang::Ja, "（", "）"), named(Lang::En, " (", ")"));
            let hint = if word == OUT_OF_SCOPE {
                Text::new("`out-of-scope: true`と書いてください", "write `out-of-scope: true`")
            } else {
                Text::new(format!("選択肢: {ja}"), format!("choices: {en}"))
            };
            misfit(
                format!("`{word}`は項目`{}`の選択肢にありません", item.id),
                format!("`{word}` is not a choice of the item `{}`", item.id),
                hint,
            )
        }
        Kind::Number => {
            let Some(number) = word.parse::<f64>().ok().filter(|number| number.is_finite()) else {
                return misfit(
                    format!("`{word}`は数ではありません"),
                    format!("`{word}` is not a number"),
                    Text::new("半角の数字で書いてください", "write it in plain digits"),
                );
            };
            let (low, high) = (scale.min.unwrap_or(f64::MIN), scale.max.unwrap_or(f64::MAX));
            if number < low || number > high {
                return misfit(
                    format!("`{word}`は範囲にありません"),
                    format!("`{word}` is outside the range"),
                    match (scale.min, scale.max) {
                        (Some(min), None) => Text::new(format!("{min}以上"), format!("{min} or more")),
                        (None, Some(max)) => Text::new(format!("{max}以下"), format!("{max} or less")),
                        _ => Text::new(format!("{low}から{high}まで"), format!("{low} to {high}")),
                    },
                );
            }
            Ok(())
        }
        Kind::Date => {
            if anshin_model::shape::is_date(word) {
                return Ok(());
            }
            misfit(
                format!("`{word}`は日付ではありません"),
                format!("`{word}` is not a date"),
                Text::new("例: 2026-04-01", "write it as 2026-04-01"),
            )
        }
        Kind::Text => Ok(()),
    }
}

impl Round {
    /// Items that are asked at the level of use, with their sections and the answers.
    pub fn asked(&self) -> Vec<(&Section, &Item, Option<&Given>)> {
        let mut memo = crate::branch::Memo::default();
        self.list
            .items()
            .filter(|(_, item)| {
                Checklist::recommended(item, self.answers.level.as_ref()) != crate::checklist::Mark::No
            })
            .filter(|(section, item)| memo.is_asked(self, section, item))
            .map(|(section, item)| (section, item, self.answer(item.id.as_str())))
            .collect()
    }
}
