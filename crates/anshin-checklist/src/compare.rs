//! A round beside earlier ones, a target and a group.

use anshin_model::{Id, Lang, Text};

use crate::answers::Round;
use crate::checklist::{Band, Means};
use crate::score::{Standing, worth};

/// Values of others, one row for each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Ids of scores, one for each column.
    pub scores: Vec<Id>,
    /// The values, a row for each company; the group beside them where it is told.
    pub rows: Vec<(Option<String>, Vec<f64>)>,
}

/// Where a value stands among those of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// How many others there are.
    pub others: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// The deviation value (偏差値): 50 at the mean, 10 for each standard deviation. `None` if all
    /// others are alike.
    pub standing: Option<f64>,
    /// How many others are below.
    pub below: usize,
}

/// Why a reference file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadReference(pub Text);

/// Most rows of a reference file.
const MOST_ROWS: usize = 100_000;

impl Reference {
    /// Reads a CSV text: headings are ids of scores, and `group` if the companies are in groups.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn from_csv(text: &str) -> Result<Self, BadReference> {
        let bad = |ja: String, en: String| Err(BadReference(Text::new(ja, en)));
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text.lines().zip(1..).filter(|(line, _)| {
            let line: &str = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        let Some((head, _)) = lines.next() else {
            return bad("何も書かれていません".into(), "there is nothing in it".into());
        };
        let cells =
            |line: &str| line.split([',', ';', '\t']).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let head = cells(head);
        let group = head.iter().position(|name| name == "group");
        let scores: Vec<Id> =
            head.iter().filter(|name| *name != "group").map(|name| Id::from(name.as_str())).collect();
        let mut rows = Vec::new();
        for (line, number) in lines {
            let row = cells(line);
            if row.len() != head.len() {
                return bad(
                    format!("{number}行目の列の数が見出しと違います"),
                    format!("line {number} has another number of columns than the headings"),
                );
            }
            let mut values = Vec::new();
            for (n, cell) in row.iter().enumerate().filter(|(n, _)| Some(*n) != group) {
                match cell.parse::<f64>() {
                    Ok(value) if value.is_finite() => values.push(value),
                    _ => {
                        let column = &head[n];
                        return bad(
                            format!("{number}行目の`{column}`が数ではありません（`{cell}`）"),
                            format!("`{column}` in line {number} is not a number (`{cell}`)"),
                        );
                    }
                }
            }
            if rows.len() == MOST_ROWS {
                return bad(
                    format!("{MOST_ROWS}行を超えています"),
                    format!("there are more than {MOST_ROWS} rows"),
                );
            }
            rows.push((group.map(|n| row[n].clone()).filter(|group| !group.is_empty()), values));
        }
        Ok(Self { scores, rows })
    }

    /// The values of a score, of one group or of all.
    pub fn values(&self, score: &str, group: Option<&str>) -> Vec<f64> {
        let Some(n) = self.scores.iter().position(|own| *own == *score) else { return Vec::new() };
        let within = |own: &Option<String>| group.is_none_or(|group| own.as_deref() == Some(group));
        self.rows.iter().filter(|(own, _)| within(own)).map(|(_, values)| values[n]).collect()
    }
}

impl Reference {
    /// The group of the reference that one's own company is in, by the band of a score: named as the
    /// band's id or name is, or as the last word of its name (`I`).
    pub fn group_of(&self, standing: &Standing<'_>) -> Option<&str> {
        let mut groups = self.rows.iter().filter_map(|(group, _)| group.as_deref());
        groups.find(|group| own_band(standing, group).is_some())
    }
}

/// The band of one's own that a group is named after.
fn own_band<'a>(standing: &Standing<'a>, group: &str) -> Option<&'a Band> {
    standing.scores.iter().filter_map(|result| result.band).find(|band| {
        let (ja, en) = (band.name.get(Lang::Ja), band.name.get(Lang::En));
        let last = en.rsplit(' ').next().unwrap_or(en);
        [band.id.as_str(), ja, en, last].contains(&group)
    })
}

/// A group for people: the name of one's own band if it is named after that, else as the file names it.
pub fn group_name(standing: &Standing<'_>, group: &str) -> Text {
    own_band(standing, group).map_or_else(|| Text::same(group), |band| band.name.clone())
}

/// Where a value stands among those of others; `None` if there are none.
pub fn place(value: f64, others: &[f64]) -> Option<Place> {
    if others.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
    let count = others.len() as f64;
    let mean = others.iter().sum::<f64>() / count;
    let deviation = (others.iter().map(|other| (other - mean).powi(2)).sum::<f64>() / count).sqrt();
    let standing = (deviation > 1e-12).then(|| (value - mean) / deviation * 10.0 + 50.0);
    let below = others.iter().filter(|other| **other < value).count();
    Some(Place { others: others.len(), mean, deviation, standing, below })
}

/// Counts in bars of equal width from the smallest to the largest possible value.
pub fn histogram(values: &[f64], low: f64, high: f64, bars: usize) -> Vec<usize> {
    let mut counts = vec![0; bars.max(1)];
    let width = (high - low).max(1e-9);
    for value in values {
        let part = ((value - low) / width).clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a part of a few bars"
        )]
        let n = ((part * counts.len() as f64) as usize).min(counts.len() - 1);
        counts[n] += 1;
    }
    counts
}

/// An item whose answer comes to something else than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The item.
    pub item: Id,
    /// What it came to.
    pub before: Option<Means>,
    /// What it comes to.
    pub now: Option<Means>,
    /// Whether it is better than before; `None` if that cannot be said.
    pub better: Option<bool>,
}

/// Items whose answers differ between two rounds of one checklist.
pub fn changes(before: &Round, now: &Round) -> Vec<Changed> {
    let mut out = Vec::new();
    for (_, item) in now.list.items() {
        let id = item.id.as_str();
        let (old, new) = (before.answer(id), now.answer(id));
        let same = match (old, new) {
            (Some(old), Some(new)) => old.value == new.value && old.out_of_scope == new.out_of_scope,
            (None, None) => true,
            _ => false,
        };
        if same {
            continue;
        }
        let was = worth(&now.list, item, old);
        let is = worth(&now.list, item, new);
        let by_points = was.points.zip(is.points).filter(|(a, b)| (a - b).abs() > 1e-12).map(|(a, b)| b > a);
        let by_means = was.means.zip(is.means).filter(|(a, b)| a != b).map(|(a, b)| b > a);
        out.push(Changed {
            item: item.id.clone(),
            before: was.means,
            now: is.means,
            better: by_points.or(by_means),
        });
    }
    out
}
