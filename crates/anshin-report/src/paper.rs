//! A worksheet on paper: which columns it has there, and how wide they are, as their contents need it.

use anshin_model::Lang;
use unicode_width::UnicodeWidthStr;

use crate::worksheet::{Cell, Column, Worksheet};

/// Widest word that a column is kept wide enough for; a longer one is broken.
const WIDEST_WORD: usize = 14;

/// The same in a heading.
const WIDEST_HEADING: usize = 20;

/// What a column of longer texts has at least, where the paper has the room: a fifth of it.
const LEAST_FOR_SENTENCES: usize = 18;

/// Paragraphs longer than this are sentences, shorter ones phrases.
const SENTENCE: usize = 60;

/// The part of the room that a column of phrases has at least on narrow paper, or in a table of many
/// columns two thirds of an equal share: more would leave nothing to give to the columns that have more
/// to say.
const PHRASES: usize = 8;

/// What the edges of a cell take, in half-width characters.
const EDGES: usize = 2;

/// What is empty at the end of a line, because the next word does not fit.
const RAGGED: usize = 3;

/// Steps in which the spare width is given out.
const STEPS: usize = 60;

/// What a column has to hold.
#[derive(Debug, Default)]
pub struct Need {
    /// The width of the title's widest word.
    heading: usize,
    /// The width of its widest word, the title's included, as far as room is kept for it.
    word: usize,
    /// The same, however wide.
    widest: usize,
    /// The width of its longest paragraph.
    longest: usize,
    /// For each row, the widths of the paragraphs of its cell.
    rows: Vec<Vec<usize>>,
}

impl Need {
    /// A column with a title, which is set in bold: its letters are up to an eighth wider.
    fn new(title: &str) -> Self {
        let heading = widest(title) * 9 / 8 + 1;
        Self { heading, word: heading.min(WIDEST_HEADING), widest: heading, ..Self::default() }
    }

    /// One more cell. Its reasons stand in one paragraph of small print.
    fn add(&mut self, cell: &Cell, lang: Lang) {
        let mut widths = Vec::new();
        for paragraph in cell.lines.iter().map(|text| text.get(lang)) {
            let widest = widest(paragraph);
            self.widest = self.widest.max(widest);
            self.word = self.word.max(widest.min(WIDEST_WORD));
            widths.extend(paragraph.split('\n').map(UnicodeWidthStr::width));
        }
        self.longest = self.longest.max(widths.iter().copied().max().unwrap_or(0));
        for reason in cell.why.iter().map(|reason| reason.get(lang)) {
            self.widest = self.widest.max(widest(reason) * 7 / 8);
        }
        let small: usize = cell.why.iter().map(|reason| reason.get(lang).width() + 3).sum();
        if small > 0 {
            // Smaller letters: more fit a line, and lines are lower.
            widths.push((small + 5) * 3 / 4);
        }
        self.rows.push(widths);
    }

    /// The least width beside so many columns in some room: a sentence does not run down the page word
    /// by word.
    fn least(&self, room: usize, columns: usize) -> usize {
        let share = if self.longest > SENTENCE { room / 5 } else { room / PHRASES.max(columns * 3 / 2) };
        self.word.max(self.longest.min(LEAST_FOR_SENTENCES).min(share)) + EDGES
    }

    /// Whether a word of the title has to be broken in a column of a width.
    pub fn breaks_heading(&self, width: usize) -> bool {
        self.heading + EDGES > width
    }

    /// Whether some word has to be broken in a column of a width.
    pub fn breaks_words(&self, width: usize) -> bool {
        self.widest + EDGES > width
    }

    /// About how many lines the cell of a row takes in a column of a width.
    fn lines(&self, row: usize, width: usize) -> usize {
        let inner = width.saturating_sub(EDGES).max(4);
        let lines = |paragraph: usize| {
            if paragraph <= inner { 1 } else { paragraph.div_ceil(inner - RAGGED.min(inner / 3)) }
        };
        self.rows[row].iter().map(|&paragraph| lines(paragraph)).sum()
    }
}

/// The columns of a worksheet that are of use on paper, with their numbers.
pub fn columns(sheet: &Worksheet) -> impl Iterator<Item = (usize, &Column)> {
    sheet.columns.iter().enumerate().filter(|(_, column)| !column.handle)
}

/// What each of these columns has to hold in the first rows of a worksheet.
pub fn needs(sheet: &Worksheet, rows: usize, lang: Lang) -> Vec<Need> {
    let need = |(n, column): (usize, &Column)| {
        let mut need = Need::new(column.title.get(lang));
        for row in sheet.rows.iter().take(rows) {
            need.add(row.cells.get(n).unwrap_or(&Cell::EMPTY), lang);
        }
        need
    };
    columns(sheet).map(need).collect()
}

/// Whether a line may break on either side of a character.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{FFEF}')
}

/// The words of a text that a line cannot be broken in. Between Japanese characters it may.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == '\u{200B}' || is_japanese(c))
}

/// The width of the widest word of a text.
fn widest(text: &str) -> usize {
    // A line of Japanese may neither begin nor end with some marks, so that up to three stay together.
    let together = if text.contains(is_japanese) { 6.min(text.width()) } else { 0 };
    words(text).map(UnicodeWidthStr::width).max().unwrap_or(0).max(together)
}

/// The widths of columns that together take `room`, and how many lines each row then has. Every
/// column gets its widest word; what is left goes, piece by piece, to the columns that make most
/// rows tall, so that the table becomes as short as it can. Where not all words have room, the columns
/// take more than there is, to be made narrower together.
pub fn widths(needs: &[Need], room: usize) -> (Vec<usize>, Vec<usize>) {
    let mut widths: Vec<usize> = needs.iter().map(|need| need.least(room, needs.len())).collect();
    let rows = needs.first().map_or(0, |need| need.rows.len());
    let mut spare = room.saturating_sub(widths.iter().sum());
    let step = spare.div_ceil(STEPS).max(1);
    while spare > 0 {
        let mut tall = vec![0; needs.len()];
        for row in 0..rows {
            let lines: Vec<usize> =
                needs.iter().zip(&widths).map(|(need, &width)| need.lines(row, width)).collect();
            let tallest = lines.iter().copied().max().unwrap_or(0);
            for (tall, _) in tall.iter_mut().zip(&lines).filter(|&(_, &lines)| lines == tallest) {
                *tall += tallest.saturating_sub(1);
            }
        }
        // The first of equals, so that the same contents give the same widths.
        let most = tall.iter().copied().max().unwrap_or(0);
        let Some(column) = tall.iter().position(|&tall| tall == most && most > 0) else { break };
        let piece = step.min(spare);
        widths[column] += piece;
        spare -= piece;
    }
    let lines = (0..rows).map(|row| {
        let lines = needs.iter().zip(&widths).map(|(need, &width)| need.lines(row, width));
        lines.max().unwrap_or(0)
    });
    let lines = lines.collect();
    (widths, lines)
}

/// How many lines each row has when its cells stand one below the other.
pub fn stacked(needs: &[Need], width: usize) -> Vec<usize> {
    let rows = needs.first().map_or(0, |need| need.rows.len());
    (0..rows).map(|row| needs.iter().map(|need| need.lines(row, width)).sum()).collect()
}

#[cfg(test)]
mod tests {
    use anshin_model::Text;

    use super::*;

    fn needs(columns: &[(&str, &[&str])]) -> Vec<Need> {
        let need = |&(title, cells): &(&str, &[&str])| {
            let mut need = Need::new(title);
            for cell in cells {
                need.add(&Cell::new(Text::same(*cell)), Lang::En);
            }
            need
        };
        columns.iter().map(need).collect()
    }

    #[test]
    fn a_column_of_long_texts_gets_the_room() {
        let long = "why this is so, told in a sentence that goes on for a while and then some more";
        let needs = needs(&[("Rank", &["1", "2"]), ("Effect", &[long, long]), ("By", &["maker", "user"])]);
        let (widths, lines) = widths(&needs, 60);
        assert_eq!(widths, [7, 46, 7]);
        assert_eq!(lines, [2, 2]);
    }

    /// A few words in each row of the other columns take no room from the one that has much to say.
    #[test]
    fn narrow_paper_gives_its_room_to_the_column_that_has_most_to_say() {
        let long = "a measure and how it is taken, told in a sentence that goes on for a while. ".repeat(3);
        let needs = needs(&[
            ("Requirement", &["what is to be done here"]),
            ("Measures", &[&long]),
            ("By when", &["proposal: by the start"]),
            ("Evidence", &["proposal: a record of it"]),
        ]);
        let (widths, _) = widths(&needs, 100);
        assert!(widths[1] >= 50, "{widths:?}");
    }

    #[test]
    fn words_keep_together_until_they_are_very_long_and_sentences_get_some_room() {
        let needs = needs(&[("a", &["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]), ("起こりやすさ", &["高"])]);
        let least = |room| needs.iter().map(|need| need.least(room, needs.len())).collect::<Vec<_>>();
        assert_eq!(least(10), [WIDEST_WORD + EDGES, 6 + 1 + EDGES]);
        assert_eq!(least(150), [LEAST_FOR_SENTENCES + EDGES, 6 + 1 + EDGES]);
    }
}
