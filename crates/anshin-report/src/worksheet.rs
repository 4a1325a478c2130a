//! The framework's worksheets as tables, in the order of its procedure.
//!
//! Every output format reads these tables, so that a cell says the same everywhere.

use anshin_model::{Lang, Text};

/// A worksheet.
#[derive(Debug, Clone)]
pub struct Worksheet {
    /// Its id: stable, fit for an anchor or a sheet's name.
    pub id: &'static str,
    /// Its title.
    pub title: Text,
    /// What it is for.
    pub purpose: Text,
    /// Where its input comes from.
    pub from: Text,
    /// Where its output goes.
    pub to: Text,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Worksheet {
    /// Headings and rows as plain words, for formats that know nothing else.
    pub fn plain(&self, lang: Lang) -> Vec<Vec<String>> {
        let cell = |cell: &Cell| {
            let lines: Vec<&str> = cell.lines.iter().map(|line| line.get(lang)).collect();
            lines.join(" / ")
        };
        let head = self.columns.iter().map(|column| column.title.get(lang).to_owned()).collect();
        let rows = self.rows.iter().map(|row| row.cells.iter().map(cell).collect());
        std::iter::once(head).chain(rows).collect()
    }
}

/// A column of a worksheet.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its title.
    pub title: Text,
    /// Its width in half-width characters.
    pub width: u16,
    /// Whether it holds the ids that commands and the document go by: of no use on paper.
    pub handle: bool,
}

impl Column {
    /// A column.
    pub fn new(title: Text, width: u16) -> Self {
        Self { title, width, handle: false }
    }

    /// The column of the ids that commands and the document go by.
    pub fn handle(width: u16) -> Self {
        Self { title: Text::same("id"), width, handle: true }
    }
}

/// A row of a worksheet.
#[derive(Debug, Clone)]
pub struct Row {
    /// What the row is about, by ids: the same in every run as long as the thing is there.
    pub key: String,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A cell of a worksheet.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Its text, in paragraphs.
    pub lines: Vec<Text>,
    /// What colour it asks for.
    pub tone: Tone,
    /// Reasons for what it says.
    pub why: Vec<Text>,
    /// The number that it says in words, for programs that sort and add up.
    pub number: Option<Box<Number>>,
}

/// A number, and what it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
}

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Things, days or points: a number without a unit.
    Count,
    /// Days that nobody has stated: a default of the catalog.
    DefaultDays,
    /// Money, by the code of its currency.
    Money(String),
    /// A share, where 1 is the whole.
    Share,
    /// What comes back of what is spent, where 1 is as much again.
    Return,
}

/// What a cell's colour says. Never colour alone: the text says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Within the target, in place.
    Good,
    /// Outside the target, the middle level.
    Serious,
    /// The highest level.
    Grave,
    /// To do first.
    Priority,
    /// Rejected, out of scope.
    Faint,
}

impl Tone {
    /// The colour behind the text on paper, `0xRRGGBB`; black can be read on all of them.
    pub fn ground(self) -> Option<u32> {
        match self {
            Tone::Plain | Tone::Faint => None,
            Tone::Good => Some(0x00DC_EBF7),
            Tone::Serious => Some(0x00FC_E4C4),
            Tone::Grave => Some(0x00E0_7B39),
            Tone::Priority => Some(0x00FF_F2A8),
        }
    }
}

impl Cell {
    /// A cell with nothing in it.
    pub const EMPTY: Cell = Cell { lines: Vec::new(), tone: Tone::Plain, why: Vec::new(), number: None };

    /// A cell with one paragraph.
    pub fn new(text: Text) -> Self {
        Self { lines: vec![text], ..Self::default() }
    }

    /// A cell with several paragraphs.
    pub fn lines(lines: Vec<Text>) -> Self {
        Self { lines, ..Self::default() }
    }

    /// Sets the colour.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Sets the number that it says in words.
    #[must_use]
    pub fn number(mut self, value: f64, unit: Unit) -> Self {
        self.number = value.is_finite().then(|| Box::new(Number { value, unit }));
        self
    }

    /// Sets the reasons.
    #[must_use]
    pub fn why(mut self, why: Vec<Text>) -> Self {
        self.why = why;
        self
    }
}
