//! What is wrong in a user's file, where, and what to do next.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Element, Level as SnippetLevel, Origin, Renderer, Snippet};

use crate::text::{Lang, Text};
use crate::tree::{Sources, Span};
use crate::wrong::Wrong;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The file can be used; somebody should look.
    Warning,
    /// The file cannot be used as it is.
    Error,
}

macro_rules! codes {
    ($($variant:ident = $text:literal, $ja:literal, $en:literal;)*) => {
        /// The kind of a problem: stable names for scripts and documentation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $en] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name, as shown in brackets.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// What the code means, in one sentence.
            pub fn about(self) -> Text {
                match self { $(Code::$variant => Text::new($ja, $en),)* }
            }
        }
    };
}

codes! {
    Unreadable = "unreadable", "ファイルを開けない、または読めない。", "The file cannot be opened or read.";
    Encoding = "encoding", "ファイルの文字コードがUTF-8ではない。", "The file is not written in UTF-8.";
    Limit = "limit", "ファイルの大きさ、入れ子の深さ、値の数が上限を超えた。", "The file is too large, too deep or has too many values.";
    Empty = "empty", "ファイルに何も書かれていない。", "There is nothing in the file.";
    Syntax = "syntax", "YAMLまたはJSONとして読めない。", "The text is neither YAML nor JSON.";
    DuplicateKey = "duplicate-key", "同じキーが2回書かれている。", "The same key is written twice.";
    Version = "version", "形式の版が書かれていない、またはこのプログラムより新しい。", "The format version is missing, or newer than this program.";
    WrongType = "wrong-type", "値の種類がその場所に合わない。", "The value is of another kind than the place asks for.";
    UnknownKey = "unknown-key", "その場所に無いキーが書かれている。", "The key does not exist in this place.";
    MissingKey = "missing-key", "必要なキーが無い。", "A key that is needed is missing.";
    BadId = "bad-id", "識別子の形が正しくない。", "The identifier has a wrong form.";
    DuplicateId = "duplicate-id", "同じ識別子が2回使われている。", "The same identifier is used twice.";
    UnknownReference = "unknown-reference", "文書に無い識別子を指している。", "An identifier is named that the document does not have.";
    UnknownWord = "unknown-word", "知識カタログに無い語、または選択肢に無い語が使われている。", "A word is used that is in neither the catalog nor the list of choices.";
    ControlCharacter = "control-character", "文に制御文字が含まれている。", "A text has control characters in it.";
    OutOfRange = "out-of-range", "数値や日付が許される範囲に無い。", "A number or date is outside its range.";
    IncludeCycle = "include-cycle", "ファイルが互いを取り込み合っている。", "Files include each other in a circle.";
    KindCycle = "kind-cycle", "種類の親が一巡して自分に戻る。", "The parents of a kind lead back to itself.";
    ZoneCycle = "zone-cycle", "区分が自分自身の中にある。", "A zone is a part of itself.";
    SectionCycle = "section-cycle", "チェックシートの節の親が一巡して自分に戻る。", "The parents of a section of a checklist lead back to itself.";
    BranchCycle = "branch-cycle", "チェックシートの分岐の条件が一巡している。", "The conditions for asking in a checklist go in a circle.";
    LinkCycle = "link-cycle", "チェックシートの項目が自分自身の一部になっている。", "Items of checklists are parts of themselves.";
    SelfLink = "self-link", "接続の両端が同じ機器である。", "Both ends of a link are the same asset.";
    BrokenFlow = "broken-flow", "データフローの手順がつながっていない。", "The steps of a flow do not follow on from each other.";
    NoStakeholder = "no-stakeholder", "ステークホルダーが1つも無い。", "There is no stakeholder.";
    NoAsset = "no-asset", "システムを構成する機器が1つも無い。", "There is no asset.";
    Lead = "lead", "適用主体がちょうど1つではない。", "There is not exactly one lead.";
    Unused = "unused", "書かれているがどこからも使われていない。", "Something is described but used nowhere.";
    Conflict = "conflict", "2つの場所が同じものを違うように定めている。", "Two places define the same thing differently.";
    Matrix = "matrix", "リスクマトリクスの大きさ、区分、ます目のどれかが正しくない。", "The size, a class or a cell of a risk matrix is wrong.";
    StaleDecision = "stale-decision", "決定のもとになった事実が変わった、または提案が無くなった。", "The facts behind a decision have changed, or its proposal is gone.";
    Color = "color", "色の書き方が違う、または白い紙の上で読みにくい。", "A colour is not written as one, or it is hard to read on white.";
    Picture = "picture", "画像の形式や大きさが合わない、または外部に頼る。", "A picture has the wrong form or size, or leans on something outside it.";
    UnknownScenario = "unknown-scenario", "受容しているシナリオがシステムに無い。", "An acceptance names a scenario that the system does not have.";
    ExpiredAcceptance = "expired-acceptance", "リスクの受容の期限が過ぎている。", "The acceptance of a risk has expired.";
    Unwritable = "unwritable", "プログラムからは書き換えられない書き方である。", "The place is written in a way that the program cannot change.";
    Internal = "internal", "プログラムの誤り。報告していただきたい。", "A fault of the program; please report it.";
}

/// One problem in a file.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The kind of problem.
    pub code: Code,
    /// How grave it is.
    pub level: Level,
    /// What is wrong: lower case, no final dot, names in back-ticks.
    pub message: Text,
    /// Where, when a place is known.
    pub span: Option<Span>,
    /// Other places that belong to it, each with a remark.
    pub also: Vec<(Span, Text)>,
    /// Next steps.
    pub hints: Vec<Text>,
    /// What is wrong as data, for those who tell it in other words than the file's.
    pub wrong: Option<Box<Wrong>>,
}

impl Diagnostic {
    /// A problem that makes the file unusable.
    pub fn error(code: Code, message: Text) -> Self {
        Self {
            code,
            level: Level::Error,
            message,
            span: None,
            also: Vec::new(),
            hints: Vec::new(),
            wrong: None,
        }
    }

    /// A problem that somebody should look at.
    pub fn warning(code: Code, message: Text) -> Self {
        Self { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Adds another place that belongs to the problem.
    #[must_use]
    pub fn also(mut self, span: Span, remark: Text) -> Self {
        self.also.push((span, remark));
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn hint(mut self, hint: Text) -> Self {
        self.hints.push(hint);
        self
    }

    /// Adds a next step if there is one.
    #[must_use]
    pub fn hint_if(mut self, hint: Option<Text>) -> Self {
        self.hints.extend(hint);
        self
    }
}

/// Whether any of the diagnostics is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.level == Level::Error)
}

/// Sorts by place, errors and warnings together, those without a place first.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| d.span.map(|s| (s.file, s.start));
        key(a).cmp(&key(b)).then(a.code.cmp(&b.code))
    });
}

/// How [`render`] writes.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The language.
    pub lang: Lang,
    /// With terminal colours.
    pub color: bool,
    /// Most diagnostics to write out; the rest is counted.
    pub most: usize,
}

/// Writes diagnostics for a person, each with its line of the file underlined.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let lang = style.lang;
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(style.most) {
        let level = match (diagnostic.level, lang) {
            (Level::Error, Lang::Ja) => SnippetLevel::ERROR.with_name("エラー"),
            (Level::Error, Lang::En) => SnippetLevel::ERROR,
            (Level::Warning, Lang::Ja) => SnippetLevel::WARNING.with_name("警告"),
            (Level::Warning, Lang::En) => SnippetLevel::WARNING,
        };
        let help = match lang {
            Lang::Ja => SnippetLevel::HELP.with_name("次の手順"),
            Lang::En => SnippetLevel::HELP.with_name("hint"),
        };
        let title = visible(diagnostic.message.get(lang));
        let hints: Vec<String> = diagnostic.hints.iter().map(|hint| visible(hint.get(lang))).collect();
        let group = level.primary_title(title).id(diagnostic.code.as_str());
        let mut annotations = Vec::new();
        if let Some(span) = diagnostic.span {
            annotations.push((AnnotationKind::Primary, span, None));
        }
        for (span, remark) in &diagnostic.also {
            annotations.push((AnnotationKind::Context, *span, Some(remark.get(lang))));
        }
        let mut elements = Vec::new();
        while let Some(&(_, first, _)) = annotations.first() {
            let (here, elsewhere): (Vec<_>, Vec<_>) =
                annotations.into_iter().partition(|(_, span, _)| span.file == first.file);
            annotations = elsewhere;
            let (name, text) = (sources.name(first.file), sources.text(first.file));
            if sources.is_cell(first.file) {
                elements.push(Element::from(Origin::path(name)));
                let words = text.lines().next().unwrap_or_default();
                let cell = SnippetLevel::NOTE.with_name(match lang {
                    Lang::Ja => "セル",
                    Lang::En => "cell",
                });
                elements.extend((!words.is_empty()).then(|| Element::from(cell.message(shortened(words)))));
            } else {
                let marks = here.into_iter().map(|(kind, span, remark)| {
                    kind.span(first_line(sources.text(span.file), span)).label(remark)
                });
                elements.push(Element::from(Snippet::source(text).path(name).annotations(marks)));
            }
        }
        let mut report = {
            let mut group = group.elements(elements);
            for hint in &hints {
                group = group.element(help.clone().message(hint));
            }
            vec![group]
        };
        let _ = writeln!(out, "{}\n", renderer.render(&std::mem::take(&mut report)));
    }
    let more = diagnostics.len().saturating_sub(style.most);
    if more > 0 {
        let _ = match lang {
            Lang::Ja => writeln!(out, "…ほかに{more}件\n"),
            Lang::En => writeln!(out, "… and {more} more\n"),
        };
    }
    out
}

/// A message with control characters made visible: what a file says must not steer the terminal.
fn visible(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// As much of the words of a cell as tells which cell it is.
fn shortened(words: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = words.chars().take(MOST).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    visible(&short)
}

/// The part of a span that stands on its first line: underlining a whole section helps nobody.
fn first_line(text: &str, span: Span) -> std::ops::Range<usize> {
    let (start, end) = (span.start as usize, span.end as usize);
    let end = text[start..end].find('\n').map_or(end, |n| start + n);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '-'));
            assert!(Lang::ALL.iter().all(|&lang| !code.about().get(lang).is_empty()));
        }
    }
}
