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

/// The radius of a radar.
const RADIUS: f64 = 130.0;

/// How wide a line of a name beside a radar may be.
const NAME_WIDTH: f64 = 130.0;

/// A radar with an axis for each name. The first round is drawn strongest.
pub(crate) fn radar(title: &Text, axes: &[Text], rounds: &[Round], lang: Lang) -> String {
    let names = names_around(axes, lang);
    let top = names.iter().map(|name| name.ground.y).fold(-RADIUS, f64::min);
    let bottom = names.iter().map(|name| name.ground.bottom()).fold(RADIUS, f64::max);
    let (middle_x, middle_y) = (280.0, 8.0 - top);
    let legend = middle_y + bottom + 26.0;
    let (width, height) = (560.0, legend + 22.0 * count(rounds.len()) - 8.0);
    let mut picture = Picture::default();
    picture.rect(PAPER, Rect::new(0.0, 0.0, width, height), 0.0);
    let place = |n: usize, part: f64| {
        let (x, y) = on_circle(n, axes.len(), RADIUS * part);
        (middle_x + x, middle_y + y)
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
        let (x, y) = (middle_x + 4.0, middle_y - RADIUS * part - 3.0);
        picture.text(MUTED, (x, y), Font::regular(11.0), Anchor::Start, &format!("{:.0}", part * 100.0));
    }
    for (n, name) in names.iter().enumerate() {
        let (x, y) = place(n, 1.0);
        picture.path(RULE, &format!("M{middle_x:.1} {middle_y:.1}L{x:.1} {y:.1}"));
        let x = match name.anchor {
            Anchor::Start => name.ground.x,
            Anchor::Middle => name.ground.x + name.ground.width / 2.0,
            Anchor::End => name.ground.right(),
        };
        let at = (middle_x + x, middle_y + name.ground.y + SMALL.leading() * 0.75);
        picture.lines(INK, at, SMALL, name.anchor, &name.lines);
    }
    let paints = [TARGET, WIRELESS, WIRED];
    for (n, round) in rounds.iter().enumerate().rev() {
        let paint = paints[n.min(2)];
        picture.path(paint, &around(&|axis| round.values.get(axis).copied().unwrap_or_default()));
    }
    for (n, round) in rounds.iter().enumerate() {
        let y = legend + 22.0 * count(n);
        picture.path(paints[n.min(2)], &format!("M{MARGIN} {y}L{} {y}", MARGIN + 36.0));
        picture.text(INK, (MARGIN + 46.0, y + 4.0), SMALL, Anchor::Start, round.name.get(lang));
    }
    picture.finish("radar", title.get(lang), lang, width, height)
}

/// The end of one of so many axes, the first of which points up.
fn on_circle(n: usize, axes: usize, radius: f64) -> (f64, f64) {
    let turn = TAU * count(n) / count(axes.max(1)) - TAU / 4.0;
    (radius * turn.cos(), radius * turn.sin())
}

/// The name of an axis, with its place beside the middle of the radar.
struct AxisName {
    lines: Vec<String>,
    anchor: Anchor,
    ground: Rect,
}

/// The names of the axes around a radar: each at the end of its axis, or so much further up or down that
/// it covers no other.
fn names_around(axes: &[Text], lang: Lang) -> Vec<AxisName> {
    let mut names: Vec<AxisName> = axes
        .iter()
        .enumerate()
        .map(|(n, axis)| {
            let (x, y) = on_circle(n, axes.len(), RADIUS + 12.0);
            let lines = SMALL.wrap(axis.get(lang), NAME_WIDTH, 3);
            let width = lines.iter().map(|line| SMALL.width(line)).fold(0.0, f64::max);
            let height = SMALL.leading() * count(lines.len());
            // A name beside its axis stands as far above or below it as the axis itself does.
            let beside = y - height * (1.0 - y / (RADIUS + 12.0)) / 2.0;
            let (anchor, left, top) = if x > 1.0 {
                (Anchor::Start, x, beside)
            } else if x < -1.0 {
                (Anchor::End, x - width, beside)
            } else {
                // In the middle, clear of the figures on the axis.
                (Anchor::Middle, -width / 2.0, if y < 0.0 { y - height - 4.0 } else { y })
            };
            AxisName { lines, anchor, ground: Rect::new(left, top, width, height) }
        })
        .collect();
    let height_of = |name: &AxisName| name.ground.y + name.ground.height / 2.0;
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| height_of(&names[a]).abs().total_cmp(&height_of(&names[b]).abs()));
    for (n, &here) in order.iter().enumerate() {
        let up = height_of(&names[here]) < 0.0;
        // Each of those that stand already is passed once at most.
        for _ in 0..n {
            let ground = names[here].ground;
            let Some(other) = order[..n].iter().map(|&n| names[n].ground).find(|own| own.overlaps(&ground))
            else {
                break;
            };
            names[here].ground.y = if up { other.y - ground.height - 3.0 } else { other.bottom() + 3.0 };
        }
    }
    names
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_around_a_radar_cover_neither_each_other_nor_the_radar() {
        let name = |n: usize| {
            let words = [
                "Keep software updated",
                "保存する秘密の値を安全に扱う",
                "Ensure that personal data is secure",
            ];
            Text::same(words[n % words.len()])
        };
        for axes in 3..24 {
            let names = names_around(&(0..axes).map(name).collect::<Vec<_>>(), Lang::En);
            for (n, one) in names.iter().enumerate() {
                assert!(one.ground.x >= -280.0 && one.ground.right() <= 280.0, "{axes}: {:?}", one.lines);
                for other in &names[n + 1..] {
                    assert!(!one.ground.overlaps(&other.ground), "{axes}: {:?} {:?}", one.lines, other.lines);
                }
                let (x, y) = (
                    one.ground.x.max(0.0) + one.ground.right().min(0.0),
                    one.ground.y.max(0.0) + one.ground.bottom().min(0.0),
                );
                assert!(x.hypot(y) > RADIUS * 0.9, "{axes}: {:?} covers the radar", one.lines);
            }
        }
    }
}
