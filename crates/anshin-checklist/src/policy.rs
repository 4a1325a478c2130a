//! Policies and the employee handbook: texts of which only what applies is taken, with the names
//! and choices of the company filled in, and marked where they differ from the last issue.

use std::collections::BTreeMap;

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{Object, Shape, Vocabulary, did_you_mean, nearest, optional, required};
use anshin_model::tree::{Node, Sources};
use anshin_model::{Id, Lang, Text};
use serde::Deserialize;

use crate::answers::Round;
use crate::checklist::{Checklists, Means};
use crate::de::one_or_more;
use crate::load::{each, list};
use crate::read::{File, read, typed};
use crate::score::worth;

static TEXTS: Object = Object {
    name: "policy-texts",
    about: "A document of which only what applies is taken.",
    fields: &[
        required(
            "anshin-policy-texts",
            Shape::Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        required("id", Shape::Id, "Identifier; also the name of the file that is written."),
        required("title", Shape::Text, "Title."),
        required("about", Shape::Text, "What the document is for."),
        required("source", Shape::OneOrMore(&Shape::Line), "Where its contents come from."),
        required("basis", Shape::Choice(&[("stated", ""), ("derived", ""), ("own", "")]), "How sure it is."),
        optional("choices", Shape::Items(&CHOICE), "Words that a company fills in."),
        required("chapters", Shape::Items(&CHAPTER), "The chapters, in order."),
    ],
};

static CHOICE: Object = Object {
    name: "policy-choice",
    about: "Words that a company fills in.",
    fields: &[
        required("id", Shape::Id, "The name in the texts: `{id}`."),
        required("ask", Shape::Text, "What is asked for."),
        required("default", Shape::Text, "What stands there until it is filled in."),
    ],
};

static CHAPTER: Object = Object {
    name: "policy-chapter",
    about: "A chapter.",
    fields: &[
        required("id", Shape::Id, "Identifier."),
        required("title", Shape::Text, "Title."),
        optional(
            "about",
            Shape::OneOrMore(&Shape::Line),
            "Items that the chapter is about; it is left out if all of them are out of scope.",
        ),
        optional("when", Shape::List(&Shape::Object(&TEST)), "Answers that must hold, else it is left out."),
        required("paragraphs", Shape::List(&Shape::Short(&PARAGRAPH)), "The paragraphs, in order."),
    ],
};

static PARAGRAPH: Object = Object {
    name: "policy-paragraph",
    about: "A paragraph: a text, or a map.",
    fields: &[
        required("text", Shape::Text, "The words."),
        optional("point", Shape::Bool, "Whether it is a point of a list."),
        optional(
            "about",
            Shape::OneOrMore(&Shape::Line),
            "Items that it is about; it is left out if all of them are out of scope.",
        ),
        optional("when", Shape::List(&Shape::Object(&TEST)), "Answers that must hold, else it is left out."),
    ],
};

static TEST: Object = Object {
    name: "policy-test",
    about: "A test of an answer. Without an answer it holds, unless `answered` is asked for.",
    fields: &[
        required("item", Shape::Line, "The item: checklist, slash, item."),
        optional("is", Shape::OneOrMore(&Shape::Line), "Options of which one is chosen."),
        optional(
            "means",
            Shape::OneOrMore(&Shape::Choice(&[
                ("met", ""),
                ("partly", ""),
                ("unmet", ""),
                ("unknown", ""),
                ("not-applicable", ""),
            ])),
            "What the answer comes to.",
        ),
        optional("answered", Shape::Bool, "Whether there must be an answer."),
    ],
};

/// The texts of one document.
#[derive(Debug, Clone, Deserialize)]
pub struct Texts {
    /// Its identifier.
    pub id: Id,
    /// Its title.
    pub title: Text,
    /// What it is for.
    pub about: Text,
    /// Words that a company fills in.
    #[serde(default)]
    pub choices: Vec<Filled>,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
}

/// Words that a company fills in.
#[derive(Debug, Clone, Deserialize)]
pub struct Filled {
    /// The name in the texts.
    pub id: Id,
    /// What is asked for.
    pub ask: Text,
    /// What stands there until it is filled in.
    pub default: Text,
}

/// The checklist whose answers tell which documents apply.
pub const COMPANY_FACTS: &str = "company-facts";

impl Texts {
    /// Whether answers to a checklist decide about anything in the document.
    pub fn asks(&self, checklist: &Id) -> bool {
        let of = |item: &str| item.split_once('/').is_some_and(|(list, _)| *checklist == *list);
        let any = |about: &[String], when: &[Test]| {
            about.iter().any(|item| of(item)) || when.iter().any(|test| of(&test.item))
        };
        self.chapters.iter().any(|chapter| {
            any(&chapter.about, &chapter.when)
                || chapter.paragraphs.iter().any(|paragraph| any(&paragraph.about, &paragraph.when))
        })
    }
}

/// A chapter.
#[derive(Debug, Clone, Deserialize)]
pub struct Chapter {
    /// Its identifier.
    pub id: Id,
    /// Its title.
    pub title: Text,
    #[serde(default, deserialize_with = "one_or_more")]
    about: Vec<String>,
    #[serde(default)]
    when: Vec<Test>,
    paragraphs: Vec<Paragraph>,
}

#[derive(Debug, Clone)]
struct Paragraph {
    text: Text,
    point: bool,
    about: Vec<String>,
    when: Vec<Test>,
}

impl<'de> Deserialize<'de> for Paragraph {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Full {
            text: Text,
            #[serde(default, deserialize_with = "crate::de::flag")]
            point: bool,
            #[serde(default, deserialize_with = "one_or_more")]
            about: Vec<String>,
            #[serde(default)]
            when: Vec<Test>,
        }
        let full = crate::de::word_or_map(from, |word| Full {
            text: Text::same(word),
            point: false,
            about: Vec::new(),
            when: Vec::new(),
        })?;
        Ok(Paragraph { text: full.text, point: full.point, about: full.about, when: full.when })
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Test {
    item: String,
    #[serde(default, deserialize_with = "one_or_more")]
    is: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    means: Vec<Means>,
    #[serde(default, deserialize_with = "crate::de::flag")]
    answered: bool,
}

/// Documents, their text and everything that is wrong with them.
#[derive(Debug)]
pub struct LoadedTexts {
    /// The documents; `None` if there are errors.
    pub texts: Option<Vec<Texts>>,
    /// The files that were read.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the texts of documents; a file with the id of an earlier one takes its place.
pub fn load_texts(files: Vec<File>, checklists: &Checklists) -> LoadedTexts {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let mut all: Vec<Texts> = Vec::new();
    for file in files {
        let mut own = Vec::new();
        let tree = read(file, "anshin-policy-texts", &TEXTS, &Vocabulary::default(), &mut sources, &mut own);
        if let Some(tree) = tree
            && let Some(texts) = typed::<Texts>(&tree, &mut own)
        {
            for chapter in list(&tree, "chapters") {
                check(chapter, checklists, &mut own);
                for node in list(chapter, "paragraphs") {
                    check(node, checklists, &mut own);
                }
            }
            match all.iter_mut().find(|known| known.id == texts.id) {
                Some(known) => *known = texts,
                None => all.push(texts),
            }
        }
        found.extend(own);
    }
    diagnostic::sort(&mut found);
    let texts = (!diagnostic::has_errors(&found)).then_some(all);
    LoadedTexts { texts, sources, diagnostics: found }
}

/// Items that are named exist.
fn check(node: &Node, checklists: &Checklists, found: &mut Vec<Diagnostic>) {
    let tests = list(node, "when").iter().filter_map(|test| test.get("item"));
    for node in each(node, "about").iter().chain(tests) {
        let Some(word) = node.scalar() else { continue };
        let (id, item) = word.split_once('/').unwrap_or((word, ""));
        let checklist = checklists.get(id);
        if checklist.is_some_and(|list| list.item(item).is_some()) {
            continue;
        }
        let near = match checklist {
            Some(list) => nearest(item, list.items().map(|(_, item)| item.id.as_str()))
                .map(|item| format!("{id}/{item}")),
            None => {
                nearest(id, checklists.iter().map(|list| list.id.as_str())).map(|id| format!("{id}/{item}"))
            }
        };
        found.push(
            Diagnostic::error(
                Code::UnknownReference,
                Text::new(format!("項目`{word}`がありません"), format!("there is no item `{word}`")),
            )
            .at(node.span)
            .hint_if(near.as_deref().map(did_you_mean))
            .hint(Text::new("`チェックシート/項目`と書いてください", "write `checklist/item`")),
        );
    }
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its words in the language of the document.
    pub text: String,
    /// How it differs from the last issue.
    pub mark: Mark,
}

/// What a piece of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The title of the document.
    Title,
    /// A line under the title.
    Issue,
    /// The title of a chapter.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A point of a list.
    Point,
}

/// How a piece differs from the last issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// It was there.
    #[default]
    Same,
    /// It is new or has changed.
    New,
    /// It was there and is gone.
    Gone,
}

/// A document that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its identifier.
    pub id: Id,
    /// Its pieces.
    pub blocks: Vec<Block>,
}

/// Fills in the texts: only what applies, with the company's words.
pub fn document(
    texts: &Texts,
    rounds: &[Round],
    words: &BTreeMap<String, Text>,
    date: &str,
    lang: Lang,
) -> Document {
    let mut values: Vec<(&str, &Text)> = Vec::new();
    for choice in &texts.choices {
        values.push((choice.id.as_str(), words.get(choice.id.as_str()).unwrap_or(&choice.default)));
    }
    let fill = |text: &Text| text.fill(&values).get(lang).to_owned();
    let block = |kind, text| Block { kind, text, mark: Mark::Same };
    let issued = Text::new("{date} 発行", "Issued {date}").fill(&[("date", &Text::same(date))]);
    let mut blocks =
        vec![block(Kind::Title, fill(&texts.title)), block(Kind::Issue, issued.get(lang).to_owned())];
    let mut number = 0;
    for chapter in &texts.chapters {
        if !applies(&chapter.about, &chapter.when, rounds) {
            continue;
        }
        let taken: Vec<&Paragraph> =
            chapter.paragraphs.iter().filter(|own| applies(&own.about, &own.when, rounds)).collect();
        if taken.is_empty() {
            continue;
        }
        number += 1;
        blocks.push(block(Kind::Heading, format!("{number}. {}", fill(&chapter.title))));
        for paragraph in taken {
            let kind = if paragraph.point { Kind::Point } else { Kind::Paragraph };
            blocks.push(block(kind, fill(&paragraph.text)));
        }
    }
    Document { id: texts.id.clone(), blocks }
}

fn applies(about: &[String], when: &[Test], rounds: &[Round]) -> bool {
    let concerns =
        about.is_empty() || about.iter().any(|item| answer(item, rounds).1 != Some(Means::NotApplicable));
    concerns
        && when.iter().all(|test| {
            let (chosen, means) = answer(&test.item, rounds);
            let Some(chosen) = chosen else { return !test.answered };
            (test.is.is_empty() || test.is.iter().any(|word| chosen.contains(word)))
                && (test.means.is_empty() || means.is_some_and(|means| test.means.contains(&means)))
        })
}

/// The answer to an item, and what it comes to.
fn answer<'a>(item: &str, rounds: &'a [Round]) -> (Option<&'a [String]>, Option<Means>) {
    let Some((checklist, id)) = item.split_once('/') else { return (None, None) };
    let Some(round) = rounds.iter().rev().find(|round| round.list.id == *checklist) else {
        return (None, None);
    };
    let Some((_, item)) = round.list.item(id) else { return (None, None) };
    match round.answer(id) {
        Some(given) => (Some(&given.value), worth(&round.list, item, Some(given)).means),
        None => (None, None),
    }
}

impl Document {
    /// The document as Markdown, one block for each piece.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            let words = block.text.replace('\n', " ");
            let words = match block.mark {
                Mark::Same => words,
                Mark::New => format!("{NEW}{words}"),
                Mark::Gone => format!("{GONE}~~{words}~~"),
            };
            out.push_str(match block.kind {
                Kind::Title => "# ",
                Kind::Heading => "## ",
                Kind::Point => "- ",
                Kind::Issue | Kind::Paragraph => "",
            });
            out.push_str(&words);
            out.push_str("\n\n");
        }
        out
    }

    /// Reads a document that was written as [`Document::markdown`]; marks of that issue are dropped.
    pub fn from_markdown(id: Id, text: &str) -> Self {
        let mut blocks = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (kind, words) = match line {
                _ if line.starts_with("# ") => (Kind::Title, &line[2..]),
                _ if line.starts_with("## ") => (Kind::Heading, &line[3..]),
                _ if line.starts_with("- ") => (Kind::Point, &line[2..]),
                _ if matches!(blocks.last(), Some(Block { kind: Kind::Title, .. })) => (Kind::Issue, line),
                _ => (Kind::Paragraph, line),
            };
            if words.starts_with(GONE) {
                continue;
            }
            let text = words.strip_prefix(NEW).unwrap_or(words).to_owned();
            blocks.push(Block { kind, text, mark: Mark::Same });
        }
        Self { id, blocks }
    }

    /// The document with marks where it differs from the last issue, what is gone among the rest.
    #[must_use]
    pub fn against(&self, last: &Document) -> Document {
        // Chapters are counted, so a chapter that moves up is still the same.
        let plain = |block: &Block| match block.kind {
            Kind::Heading => {
                block.text.split_once(". ").map_or(block.text.clone(), |(_, rest)| rest.to_owned())
            }
            // Every issue has its own date.
            Kind::Issue => String::new(),
            _ => block.text.replace('\n', " "),
        };
        let (old, new): (Vec<_>, Vec<_>) =
            (last.blocks.iter().map(plain).collect(), self.blocks.iter().map(plain).collect());
        // Longest run of pieces that both have, from the end on.
        let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                common[i][j] = if old[i] == new[j] {
                    common[i + 1][j + 1] + 1
                } else {
                    common[i + 1][j].max(common[i][j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        let mut blocks = Vec::new();
        while i < old.len() || j < new.len() {
            let same = i < old.len() && j < new.len() && old[i] == new[j];
            if same {
                blocks.push(Block { mark: Mark::Same, ..self.blocks[j].clone() });
                (i, j) = (i + 1, j + 1);
            } else if j >= new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
                blocks.push(Block { mark: Mark::Gone, ..last.blocks[i].clone() });
                i += 1;
            } else {
                blocks.push(Block { mark: Mark::New, ..self.blocks[j].clone() });
                j += 1;
            }
        }
        Document { id: self.id.clone(), blocks }
    }

    /// Whether nothing of it applies.
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(|block| matches!(block.kind, Kind::Title | Kind::Issue))
    }

    /// Whether anything differs from the last issue.
    pub fn has_changes(&self) -> bool {
        self.blocks.iter().any(|block| block.mark != Mark::Same)
    }

    /// The document as one page for reading and printing.
    pub fn html(&self, lang: Lang) -> String {
        use std::fmt::Write as _;
        let escape = |text: &str| {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
        };
        let title = self.blocks.first().map_or("", |block| block.text.as_str());
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\n\
             <style>{STYLE}</style></head>\n<body>\n",
            lang.code(),
            escape(title)
        );
        let mut in_list = false;
        for block in &self.blocks {
            let point = block.kind == Kind::Point;
            if point != in_list {
                out.push_str(if point { "<ul>\n" } else { "</ul>\n" });
                in_list = point;
            }
            let words = escape(&block.text);
            let (words, class) = match block.mark {
                Mark::Same => (words, ""),
                Mark::New => (format!("<ins>{words}</ins>"), " class=\"new\""),
                Mark::Gone => (format!("<del>{words}</del>"), " class=\"gone\""),
            };
            let tag = match block.kind {
                Kind::Title => "h1",
                Kind::Heading => "h2",
                Kind::Point => "li",
                Kind::Issue | Kind::Paragraph => "p",
            };
            let _ = writeln!(out, "<{tag}{class}>{words}</{tag}>");
        }
        if in_list {
            out.push_str("</ul>\n");
        }
        out.push_str("</body></html>\n");
        out
    }
}

/// Stands before a piece that is new or has changed.
const NEW: &str = "▲ ";

/// Stands before a piece that is gone.
const GONE: &str = "▽ ";

const STYLE: &str = "body{font-family:'Hiragino Sans','Noto Sans JP','Yu Gothic',Meiryo,sans-serif;line-height:1.8;\
max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b2530;background:#fff}h1{font-size:1.6rem;border-bottom:2px solid #1b2530}\
h2{font-size:1.15rem;margin-top:2rem;break-after:avoid}.new{border-left:4px solid #00507f;padding-left:.6rem}\
.gone{border-left:4px solid #a63d00;padding-left:.6rem;color:#55626f}ins{text-decoration:none}\
li,p{break-inside:avoid}@page{size:A4;margin:20mm}@media print{body{margin:0;max-width:none}}";
