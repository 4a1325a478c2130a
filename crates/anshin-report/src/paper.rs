//! A worksheet on paper: which columns it has there, and how wide they are, as their contents need it.

use anshin_model::Lang;
use unicode_width::UnicodeWidthStr;

use crate::worksheet::{Cell, Column, Worksheet};

/// Widest word that a column is kept wide enough for; a longer one is broken.
const WIDEST_WORD: usize = 14;

/// What a column of longer texts has at least, where the paper has the room.
const LEAST_FOR_SENTENCES: usize = 18;

/// The part of the room that a column of longer texts has at least on narrow paper: more would leave
/// nothing to give to the column that has most to say.
const SHARE_FOR_SENTENCES: usize = 8;

/// What the edges of a cell take, in half-width characters.
const EDGES: usize = 2;

/// What is empty at the end of a line, because the next word does not fit.
const RAGGED: usize = 3;

/// Steps in which the spare width is given out.
const STEPS: usize = 60;

/// What a column has to hold.
#[derive(Debug, Default)]
pub struct Need {
    /// The width of its widest word, the title's included.
    word: usize,
    /// The width of its longest paragraph.
    longest: usize,
    /// For each row, the widths of the paragraphs of its cell.
    rows: Vec<Vec<usize>>,
}

impl Need {
    /// A column with a title, which is set in bold: its letters are up to an eighth wider.
    fn new(title: &str) -> Self {
        Self { word: word(title) * 9 / 8 + 1, longest: 0, rows: Vec::new() }
    }

    /// One more cell. Its reasons stand in one paragraph of small print.
    fn add(&mut self, cell: &Cell, lang: Lang) {
        let mut widths = Vec::new();
        for paragraph in cell.lines.iter().map(|text| text.get(lang)) {
            self.word = self.word.max(word(paragraph));
            widths.extend(paragraph.split('\n').map(UnicodeWidthStr::width));
        }
        self.longest = self.longest.max(widths.iter().copied().max().unwrap_or(0));
        let small: usize = cell.why.iter().map(|reason| reason.get(lang).width() + 3).sum();
        if small > 0 {
            // Smaller letters: more fit a line, and lines are lower.
            widths.push((small + 5) * 3 / 4);
        }
        self.rows.push(widths);
    }

    /// The least width in some room: a sentence does not run down the page word by word.
    fn least(&self, room: usize) -> usize {
        self.word.max(self.longest.min(LEAST_FOR_SENTENCES).min(room / SHARE_FOR_SENTENCES)) + EDGES
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

/// The width of the widest word of a text. Between Japanese characters a line may break.
fn word(text: &str) -> usize {
    let japanese = |c: char| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{FFEF}');
    let words = text.split(|c: char| c.is_whitespace() || c == '\u{200B}' || japanese(c));
    // A line of Japanese may neither begin nor end with some marks, so that up to three stay together.
    let together = if text.contains(japanese) { 6.min(text.width()) } else { 0 };
    words.map(UnicodeWidthStr::width).max().unwrap_or(0).max(together).min(WIDEST_WORD)
}

/// The widths of columns that together take `room`, and how many lines each row then has. Every
/// column gets its widest word; what is left goes, piece by piece, to the columns that make most
/// rows tall, so that the table becomes as short as it can.
pub fn widths(needs: &[Need], room: usize) -> (Vec<usize>, Vec<usize>) {
    let mut widths: Vec<usize> = needs.iter().map(|need| need.least(room)).collect();
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
        let least = |room| needs.iter().map(|need| need.least(room)).collect::<Vec<_>>();
        assert_eq!(least(10), [WIDEST_WORD + EDGES, 6 + 1 + EDGES]);
        assert_eq!(least(150), [LEAST_FOR_SENTENCES + EDGES, 6 + 1 + EDGES]);
    }
}
