//! The curve of cost against the risk that remains.

use anshin_model::Lang;
use anshin_plan::{OnCurve, SystemPlan};

use crate::Subject;
use crate::plan_words::money;
use crate::route::px;
use crate::svg::{self, Anchor, Font, MARGIN, Num, Picture, Rect};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
const SIDE: f64 = 64.0;
const NAME: Font = Font::regular(13.0);
const STRONG: Font = Font::bold(13.0);
const SMALL: Font = Font::regular(12.0);
const TITLE: Font = Font::bold(20.0);
/// The height of a label.
const LABEL: f64 = 12.0;
/// Lines across the picture.
const LINES: u32 = 4;

/// Money to the right, points of risk upwards. Each disc is the best set for its sum; between two
/// of them, the one to the left is the best there is. The plan stands out.
pub fn cost_curve(subject: &Subject<'_>, plan: &SystemPlan, lang: Lang) -> String {
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let mut picture = Picture::default();
    let mut y = MARGIN + 18.0;
    let title = TITLE.wrap(subject.system.document.system.name.get(lang), WIDTH, 2);
    picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &title);
    y += px(title.len()) * TITLE.leading() - 4.0;
    let subtitle = word("費用と残るリスク", "Cost and the risk that remains");
    picture.text(svg::MUTED, (MARGIN, y), NAME, Anchor::Start, subtitle);
    y += 34.0;
    let years = plan.years;
    let up = word("↑ リスクの点数", "↑ Points of risk");
    picture.text(svg::INK, (MARGIN, y), STRONG, Anchor::Start, up);
    y += 14.0;

    let most_points = plan.curve.iter().map(|p| p.state.points).chain([plan.after.points]).max();
    let most_points = round_up(u64::from(most_points.unwrap_or(0)).max(1));
    let most_cost = plan.curve.iter().map(|point| point.cost).chain([plan.cost]).max();
    let most_cost = round_up(most_cost.unwrap_or(0).max(1));
    let left = MARGIN + SIDE;
    let (width, bottom) = (WIDTH - SIDE - 40.0, y + HEIGHT);
    let at = |cost: u64, points: u64| {
        (left + width * share(cost, most_cost), bottom - HEIGHT * share(points, most_points))
    };
    for n in 0..=LINES {
        let part = f64::from(n) / f64::from(LINES);
        let line_y = bottom - HEIGHT * part;
        picture.path(svg::RULE, &format!("M{} {}H{}", Num(left), Num(line_y), Num(left + width)));
        let points = most_points * u64::from(n) / u64::from(LINES);
        picture.text(svg::MUTED, (left - 8.0, line_y + 4.0), SMALL, Anchor::End, &points.to_string());
        let cost = money(most_cost * u64::from(n) / u64::from(LINES), lang);
        picture.text(svg::MUTED, (left + width * part, bottom + 20.0), SMALL, Anchor::Middle, &cost);
    }
    let axis = format!("M{} {}V{}H{}", Num(left), Num(y), Num(bottom), Num(left + width));
    picture.path(svg::AXIS, &axis);
    let along = match lang {
        Lang::Ja => format!("費用（{years}年間） →"),
        Lang::En => format!("Cost over {years} years →"),
    };
    picture.text(svg::INK, (left + width, bottom + 42.0), STRONG, Anchor::End, &along);

    steps(&mut picture, &plan.curve, &at);
    let is_planned = matches!(plan.verdict, anshin_plan::Verdict::Planned(_));
    let own = is_planned.then(|| at(plan.cost, u64::from(plan.after.points)));
    let mut places = Places { within: Rect::new(left, y, width + 40.0, HEIGHT), taken: Vec::new() };
    let discs = plan.curve.iter().map(|point| at(point.cost, u64::from(point.state.points)));
    places.taken.extend(discs.map(|(x, y)| around((x, y), 6.0)));
    places.taken.extend(own.map(|place| around(place, 9.0)));
    for pair in plan.curve.windows(2) {
        let (from, to) = (
            at(pair[0].cost, u64::from(pair[0].state.points)),
            at(pair[1].cost, u64::from(pair[1].state.points)),
        );
        places.taken.push(Rect::new(from.0, from.1, to.0 - from.0, 1.0));
        places.taken.push(Rect::new(to.0, from.1, 1.0, to.1 - from.1));
    }
    if let Some((x, y)) = own {
        picture.open("plan", &[], "");
        picture.disc(svg::PRIORITY, x, y, 8.0);
        let label = word("この計画", "this plan");
        let wide = STRONG.width(label);
        // The plan always has its label.
        let (at, anchor) = places.place((x, y), wide).unwrap_or(((x + 12.0, y + 20.0), Anchor::Start));
        picture.text(svg::PRIORITY, at, STRONG, anchor, label);
        picture.close();
    }
    for point in &plan.curve {
        let (x, y) = at(point.cost, u64::from(point.state.points));
        let outside = point.state.outside.to_string();
        picture.open("point", &[("data-cost", &point.cost.to_string()), ("data-outside", &outside)], "");
        let colour = if point.state.outside == 0 { svg::WIRELESS_HEAD } else { svg::SOLID };
        picture.disc(colour, x, y, 5.0);
        if point.weakens_more {
            picture.disc(svg::PAPER, x, y, 2.5);
        }
        let label = match lang {
            Lang::Ja => format!("目標外{outside}"),
            Lang::En => format!("{outside} outside"),
        };
        if let Some((at, anchor)) = places.place((x, y), SMALL.width(&label)) {
            picture.text(svg::MUTED, at, SMALL, anchor, &label);
        }
        picture.close();
    }
    let mut note = word(
        "それぞれの点は、その金額でリスクを最も減らす組合せ。青い点では、すべてのシナリオが目標に収まる。",
        "Each disc is the set that lowers risk the most for its sum. Blue: every scenario is inside the target.",
    )
    .to_owned();
    if plan.curve.iter().any(|point| !point.proven) {
        note += word(
            "ただし、表で「未証明」とした点では、より良い組合せがないことまでは確かめていない。",
            " For those that the table calls not proven, there may be a better one.",
        );
    }
    if plan.curve.iter().any(|point| point.weakens_more) {
        note += word(
            "中の白い点は、この計画より可用性や安全を弱めるおそれが大きい組合せ。計画は、その分を高く数えて選んでいる。",
            " White inside: it can weaken availability or safety more than this plan, which counts that as dearer.",
        );
    }
    let lines = SMALL.wrap(&note, WIDTH, 4);
    let below = bottom + 66.0;
    picture.lines(svg::MUTED, (MARGIN, below), SMALL, Anchor::Start, &lines);
    let height = below + px(lines.len()) * SMALL.leading() + MARGIN;
    picture.finish("cost-curve", subtitle, lang, WIDTH + MARGIN * 2.0, height)
}

fn around((x, y): (f64, f64), reach: f64) -> Rect {
    Rect::new(x - reach, y - reach, 2.0 * reach, 2.0 * reach)
}

/// Where labels can go without lying on anything.
struct Places {
    within: Rect,
    taken: Vec<Rect>,
}

impl Places {
    /// A place for a label of this width beside a point, if there is one: above, to the right, below,
    /// to the left.
    fn place(&mut self, (x, y): (f64, f64), wide: f64) -> Option<((f64, f64), Anchor)> {
        let right = |dy: f64| ((x + 11.0, y + dy), Anchor::Start, x + 11.0);
        let left = |dy: f64| ((x - 11.0, y + dy), Anchor::End, x - 11.0 - wide);
        let free = |(at, anchor, from): ((f64, f64), Anchor, f64)| {
            let area = Rect::new(from - 2.0, at.1 - LABEL, wide + 4.0, LABEL + 4.0);
            let is_inside = area.x >= self.within.x
                && area.right() <= self.within.right()
                && area.y >= self.within.y
                && area.bottom() <= self.within.bottom();
            let is_free = is_inside && !self.taken.iter().any(|other| area.overlaps(other));
            is_free.then_some((at, anchor, area))
        };
        let tried = [right(-9.0), right(4.0), right(19.0), left(-9.0), left(19.0), left(4.0), right(34.0)];
        let (at, anchor, area) = tried.into_iter().find_map(free)?;
        self.taken.push(area);
        Some((at, anchor))
    }
}

/// More money changes nothing until it is enough for the next set.
fn steps(picture: &mut Picture, curve: &[OnCurve], at: &impl Fn(u64, u64) -> (f64, f64)) {
    let mut path = String::new();
    for point in curve {
        let (x, y) = at(point.cost, u64::from(point.state.points));
        let step = if path.is_empty() {
            format!("M{} {}", Num(x), Num(y))
        } else {
            format!("H{}V{}", Num(x), Num(y))
        };
        path.push_str(&step);
    }
    picture.path(svg::WIRED, &path);
}

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// The next number with one digit that counts, four times as many as the lines across.
fn round_up(number: u64) -> u64 {
    let mut step: u64 = 4;
    loop {
        for times in [1, 2, 3, 5] {
            if step * times >= number {
                return step * times;
            }
        }
        step *= 10;
    }
}
