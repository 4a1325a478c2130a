//! Pictures of scores: a radar by section, a histogram and a scatter plot of a group.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use anshin_model::{Lang, Text};

use crate::svg::{
    AXIS, Anchor, BOX, Font, INK, LEVEL_LOW, LEVEL_MIDDLE, MARGIN, MUTED, PAPER, PRIORITY, Picture, RULE,
    Rect, TARGET, WIRED, WIRELESS,
};

const SMALL: Font = Font::regular(14.0);

/// A line of a radar.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    /// What it is, such as the date of the round.
    pub(crate) name: Text,
    /// One value for each axis, 0 to 1.
    pub(crate) values: Vec<f64>,
}

/// A radar with an axis for each name. The first round is drawn strongest.
pub(crate) fn radar(title: &Text, axes: &[Text], rounds: &[Round], lang: Lang) -> String {
    let (radius, middle_x, middle_y) = (130.0, 280.0, 175.0);
    let (width, height) = (560.0, 2.0 * middle_y + 22.0 * count(rounds.len()));
    let mut picture = Picture::default();
    picture.rect(PAPER, Rect::new(0.0, 0.0, width, height), 0.0);
    let place = |n: usize, part: f64| {
        let turn = TAU * count(n) / count(axes.len().max(1)) - TAU / 4.0;
        (middle_x + radius * part * turn.cos(), middle_y + radius * part * turn.sin())
    };
    let around = |values: &dyn Fn(usize) -> f64| {
        let mut path = String::new();
        for n in 0..axes.len() {
            let (x, y) = place(n, values(n).clamp(0.0, 1.0));
            let _ = write!(path, "{} {x:.1} {y:.1}", if n == 0 { "M" } else { "L" });
        }
        path.push('Z');
        path
    };
    for part in [0.25, 0.5, 0.75, 1.0] {
        picture.path(RULE, &around(&|_| part));
        let (x, y) = (middle_x + 4.0, middle_y - radius * part - 3.0);
        picture.text(MUTED, (x, y), Font::regular(11.0), Anchor::Start, &format!("{:.0}", part * 100.0));
    }
    for (n, axis) in axes.iter().enumerate() {
        let (x, y) = place(n, 1.0);
        picture.path(RULE, &format!("M{middle_x:.1} {middle_y:.1}L{x:.1} {y:.1}"));
        let (x, y) = place(n, 1.16);
        let lines = SMALL.wrap(axis.get(lang), 130.0, 2);
        let lift = if y < middle_y { SMALL.leading() * (count(lines.len()) - 1.0) } else { 0.0 };
        // Names beside the picture begin or end there; those above and below stand in the middle.
        let x = if (x - middle_x).abs() < 30.0 { x } else { x + (x - middle_x).signum() * 52.0 };
        picture.lines(INK, (x, y - lift + 4.0), SMALL, Anchor::Middle, &lines);
    }
    let paints = [TARGET, WIRELESS, WIRED];
    for (n, round) in rounds.iter().enumerate().rev() {
        let paint = paints[n.min(2)];
        picture.path(paint, &around(&|axis| round.values.get(axis).copied().unwrap_or_default()));
    }
    for (n, round) in rounds.iter().enumerate() {
        let y = 2.0 * middle_y + 22.0 * count(n);
        picture.path(paints[n.min(2)], &format!("M{MARGIN} {y}L{} {y}", MARGIN + 36.0));
        picture.text(INK, (MARGIN + 46.0, y + 4.0), SMALL, Anchor::Start, round.name.get(lang));
    }
    picture.finish("radar", title.get(lang), lang, width, height)
}

/// Numbers of a picture are small.
fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// A place to draw in with values from low to high on both axes.
struct Plot {
    low: (f64, f64),
    high: (f64, f64),
}

impl Plot {
    const LEFT: f64 = 70.0;
    const TOP: f64 = 30.0;
    const WIDTH: f64 = 520.0;
    const HEIGHT: f64 = 260.0;

    fn x(&self, value: f64) -> f64 {
        Self::LEFT
            + Self::WIDTH * ((value - self.low.0) / (self.high.0 - self.low.0).max(1e-9)).clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        Self::TOP
            + Self::HEIGHT
                * (1.0 - ((value - self.low.1) / (self.high.1 - self.low.1).max(1e-9)).clamp(0.0, 1.0))
    }

    fn frame(&self, picture: &mut Picture, across: &str, up: &str) {
        let bottom = Self::TOP + Self::HEIGHT;
        for y in ticks(self.low.1, self.high.1) {
            let (from, to, at) = (Self::LEFT, Self::LEFT + Self::WIDTH, self.y(y));
            picture.path(RULE, &format!("M{from} {at:.1}L{to} {at:.1}"));
            picture.text(MUTED, (from - 22.0, at + 4.0), SMALL, Anchor::Middle, &format!("{y:.0}"));
        }
        for x in ticks(self.low.0, self.high.0) {
            picture.text(MUTED, (self.x(x), bottom + 18.0), SMALL, Anchor::Middle, &format!("{x:.0}"));
        }
        picture.path(
            AXIS,
            &format!(
                "M{} {}L{} {bottom}L{} {bottom}",
                Self::LEFT,
                Self::TOP,
                Self::LEFT,
                Self::LEFT + Self::WIDTH
            ),
        );
        picture.text(INK, (Self::LEFT + Self::WIDTH / 2.0, bottom + 38.0), SMALL, Anchor::Middle, across);
        picture.text(INK, (Self::LEFT, Self::TOP - 12.0), SMALL, Anchor::Start, up);
    }
}

/// Whole numbers for the marks of an axis, about five of them.
fn ticks(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let least = ((high - low) / 6.0).max(1.0);
    let decade = libm::exp10(libm::floor(libm::log10(least)));
    let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * decade).into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(least);
    let first = (low / step).ceil() * step;
    (0..).map(move |n| first + step * f64::from(n)).take_while(move |tick| *tick <= high + 1e-9)
}

const SIZE: (f64, f64) = (640.0, 350.0);

/// How many of a group have which score, with a mark at one's own.
pub(crate) fn histogram(
    title: &Text,
    across: &Text,
    bars: &[usize],
    low: f64,
    high: f64,
    own: f64,
    lang: Lang,
) -> String {
    let most = bars.iter().copied().max().unwrap_or(1).max(1);
    let plot = Plot { low: (low, 0.0), high: (high, count(most)) };
    let mut picture = Picture::default();
    picture.rect(PAPER, Rect::new(0.0, 0.0, SIZE.0, SIZE.1), 0.0);
    let wide = Plot::WIDTH / count(bars.len().max(1));
    for (n, bar) in bars.iter().enumerate() {
        let top = plot.y(count(*bar));
        let rect =
            Rect::new(Plot::LEFT + wide * count(n) + 1.0, top, wide - 2.0, Plot::TOP + Plot::HEIGHT - top);
        picture.rect(LEVEL_MIDDLE, rect, 0.0);
        if *bar > 0 {
            let middle = Plot::LEFT + wide * (count(n) + 0.5);
            picture.text(MUTED, (middle, top - 4.0), Font::regular(11.0), Anchor::Middle, &bar.to_string());
        }
    }
    let companies = Text::new("社数", "companies");
    plot.frame(&mut picture, across.get(lang), companies.get(lang));
    mark(&mut picture, plot.x(own), Plot::TOP, lang);
    picture.finish("histogram", title.get(lang), lang, SIZE.0, SIZE.1)
}

fn mark(picture: &mut Picture, x: f64, y: f64, lang: Lang) {
    picture.path(TARGET, &format!("M{x:.1} {y}L{x:.1} {}", Plot::TOP + Plot::HEIGHT));
    let name = Text::new("自社", "you");
    picture.text(INK, (x, y - 4.0), Font::bold(12.0), Anchor::Middle, name.get(lang));
}

/// Two scores of each company of a group, with one's own among them.
pub(crate) fn scatter(
    title: &Text,
    (across, up): (&Text, &Text),
    points: &[(f64, f64)],
    own: (f64, f64),
    lang: Lang,
) -> String {
    let all = || points.iter().copied().chain([own]);
    let fold = |of: &dyn Fn((f64, f64)) -> f64, pick: fn(f64, f64) -> f64| {
        all().map(of).reduce(pick).unwrap_or_default()
    };
    let plot = Plot {
        low: (fold(&|p| p.0, f64::min).min(0.0), fold(&|p| p.1, f64::min).min(0.0)),
        high: (fold(&|p| p.0, f64::max), fold(&|p| p.1, f64::max)),
    };
    let mut picture = Picture::default();
    picture.rect(PAPER, Rect::new(0.0, 0.0, SIZE.0, SIZE.1), 0.0);
    picture.rect(LEVEL_LOW, Rect::new(Plot::LEFT, Plot::TOP, Plot::WIDTH, Plot::HEIGHT), 0.0);
    plot.frame(&mut picture, across.get(lang), up.get(lang));
    for &(x, y) in points {
        picture.disc(BOX, plot.x(x), plot.y(y), 4.0);
    }
    let (x, y) = (plot.x(own.0), plot.y(own.1));
    picture.disc(PRIORITY, x, y, 7.0);
    let name = Text::new("自社", "you");
    picture.text(INK, (x, y - 12.0), Font::bold(12.0), Anchor::Middle, name.get(lang));
    picture.finish("scatter", title.get(lang), lang, SIZE.0, SIZE.1)
}
