//! Risk in money as pictures: how likely which loss is, and what drives it.

use std::fmt::Write as _;

use anshin_model::{Lang, Text};
use anshin_quantify::amount::{self, percent};
use anshin_quantify::quantification::{CaseKind, CaseResult, Quantification, ScenarioResult, Uninsured};

use crate::route::px;
use crate::svg::{self, Anchor, Font, MARGIN, Num, Paint, Picture, Rect};

const TITLE: Font = Font::bold(20.0);
const NAME: Font = Font::regular(13.0);
const BOLD: Font = Font::bold(13.0);
const SMALL: Font = Font::regular(12.0);

/// Chances in a year that the curve has lines at, with the years between two such events.
const CHANCES: [(f64, u32); 7] =
    [(0.5, 2), (0.2, 5), (0.1, 10), (0.05, 20), (0.02, 50), (0.01, 100), (0.002, 500)];

/// The loss exceedance curve: for each loss the chance that a year costs at least as much, as
/// things are, with the plan, and with insurance.
pub fn loss_exceedance(q: &Quantification, lang: Lang) -> String {
    const PLOT: Rect = Rect { x: MARGIN + 132.0, y: 0.0, width: 640.0, height: 380.0 };
    let word = |ja: &'static str, en: &'static str| pick(lang, ja, en);
    let mut picture = Picture::default();
    let subtitle = word(
        "横軸の額以上を失う年が、どれくらいの頻度で来るか",
        "How often a year comes that costs at least the amount below",
    );
    let title = word("損失超過確率曲線", "Loss exceedance curve");
    let top = heading(&mut picture, &q.name, title, subtitle, PLOT.right() - MARGIN, lang);
    let plot = Rect { y: top, ..PLOT };

    let scale = Scale::of(q);
    let x = |loss: f64| plot.x + plot.width * scale.place(loss);
    let y = |chance: f64| {
        let (from, to) = (libm::log10(0.7), libm::log10(0.0015));
        plot.y + plot.height * ((libm::log10(chance) - from) / (to - from)).clamp(0.0, 1.0)
    };
    for (chance, years) in CHANCES {
        let at = y(chance);
        picture.path(svg::RULE, &line((plot.x, at), (plot.right(), at)));
        let label = match lang {
            Lang::Ja => format!("{years}年に1度"),
            Lang::En => format!("1 in {years} years"),
        };
        right(&mut picture, (plot.x - 10.0, at + 4.0), &label);
    }
    for (loss, label) in scale.marks(&q.currency, lang) {
        picture.path(svg::RULE, &line((x(loss), plot.y), (x(loss), plot.bottom())));
        picture.text(svg::INK, (x(loss), plot.bottom() + 20.0), SMALL, Anchor::Middle, &label);
    }
    picture.path(svg::AXIS, &line((plot.x, plot.bottom()), (plot.right(), plot.bottom())));
    let axis = word("1年の損失", "Loss of a year");
    picture.text(svg::INK, (plot.x + plot.width / 2.0, plot.bottom() + 44.0), BOLD, Anchor::Middle, axis);

    if let Some(cash) = q.affordable.cash.filter(|cash| scale.holds(*cash)) {
        picture.open("cash", &[], "");
        picture.path(svg::CURVE_LIMIT, &line((x(cash), plot.y), (x(cash), plot.bottom())));
        picture.close();
    }
    for case in &q.cases {
        picture.open("case", &[("data-case", case.kind.as_str())], case.kind.name().get(lang));
        picture.path(curve_paint(case.kind), &curve(case, &scale, &x, &y));
        picture.close();
    }

    let mut bottom = plot.bottom() + 72.0;
    let column = plot.right() - MARGIN;
    for case in &q.cases {
        picture.path(curve_paint(case.kind), &line((MARGIN, bottom - 4.5), (MARGIN + 40.0, bottom - 4.5)));
        let bad = amount::money(case.losses.percentile(q.bad_year).value, &q.currency);
        let mean = amount::money(case.losses.mean.value, &q.currency);
        let years = format!("{:.0}", q.bad_year.one_in());
        let text = match lang {
            Lang::Ja => format!(
                "{}: 平均 年{}、{years}年に1度の年は{}以上",
                case.kind.name().get(lang),
                mean.get(lang),
                bad.get(lang)
            ),
            Lang::En => format!(
                "{}: {} a year on average, {} or more once in {years} years",
                capital(case.kind.name().get(lang)),
                mean.get(lang),
                bad.get(lang)
            ),
        };
        bottom = legend(&mut picture, bottom, column, &text);
    }
    if let Some(cash) = q.affordable.cash {
        picture.path(svg::CURVE_LIMIT, &line((MARGIN, bottom - 4.5), (MARGIN + 40.0, bottom - 4.5)));
        let cash = amount::money(cash, &q.currency);
        let text = match lang {
            Lang::Ja => format!("緊急時に支払える額: {}", cash.get(lang)),
            Lang::En => format!("What can be paid in an emergency: {}", cash.get(lang)),
        };
        bottom = legend(&mut picture, bottom, column, &text);
    }
    picture.finish(
        "anshin-loss-exceedance",
        &label(&q.name, title, lang),
        lang,
        plot.right() + MARGIN + 40.0,
        bottom,
    )
}

/// What drives the loss, as a tornado: for each scenario how far the expected loss of a year would
/// move if its frequency were at the lower or at the upper end, and its shares in the mean and in
/// the bad years. The widest first; those that move little are put together. All but the share in
/// the bad years is by the formula and before insurance pays.
pub fn loss_tornado(q: &Quantification, lang: Lang) -> String {
    const MOST: usize = 12;
    const ROW: f64 = 44.0;
    const NAMES: f64 = 250.0;
    const BARS: f64 = 380.0;
    const SHARE: f64 = 88.0;
    let word = |ja: &'static str, en: &'static str| pick(lang, ja, en);
    let mut picture = Picture::default();
    let width = MARGIN * 2.0 + NAMES + BARS + SHARE * 2.0 + 60.0;
    let title = word("損失の要因", "What drives the loss");
    let insured = q.is_insured();
    let subtitle = if insured {
        word(
            "シナリオの頻度が90%区間の下限または上限だったときの、保険が支払う前の年間の平均損失の動き",
            "How the mean loss of a year, before insurance pays, moves with the frequency of a scenario, over its 90 % interval",
        )
    } else {
        word(
            "シナリオの頻度が90%区間の下限または上限だったときの、年間の平均損失の動き",
            "How the mean loss of a year moves with the frequency of a scenario, over its 90 % interval",
        )
    };
    let top = heading(&mut picture, &q.name, title, subtitle, width - MARGIN * 2.0, lang);

    let total: f64 = q.scenarios.iter().map(|s| s.uninsured.mean).sum();
    let bad: f64 = q.scenarios.iter().map(|s| s.in_bad_years).sum();
    let ends =
        |Uninsured { mean, swing: (low, high), .. }: Uninsured| (total - mean + low, total - mean + high);
    let width_of = |result: &ScenarioResult| result.uninsured.swing.1 - result.uninsured.swing.0;
    let mut rows: Vec<_> = q.scenarios.iter().collect();
    rows.sort_by(|a, b| width_of(b).total_cmp(&width_of(a)).then(a.at.cmp(&b.at)));
    let rest = rows.split_off(rows.len().min(MOST));
    let low = rows.iter().map(|s| ends(s.uninsured).0).fold(total, f64::min).max(0.0);
    let high = rows.iter().map(|s| ends(s.uninsured).1).fold(total, f64::max);
    let span = (high - low).max(total * 0.01).max(1.0);
    let bars = MARGIN + NAMES + 30.0;
    let x = |value: f64| bars + BARS * ((value - low) / span).clamp(0.0, 1.0);
    let columns = [bars + BARS + 30.0 + SHARE / 2.0, bars + BARS + 30.0 + SHARE * 1.5];

    let mut y = top + 6.0;
    let headings = [
        word("平均に占める割合", "share of the mean"),
        if insured {
            word("悪い年に占める割合（保険の支払い後）", "share of bad years (after insurance)")
        } else {
            word("悪い年に占める割合", "share of bad years")
        },
    ]
    .map(|text| SMALL.wrap(text, SHARE - 4.0, 3));
    for (at, lines) in columns.iter().zip(&headings) {
        picture.lines(svg::MUTED, (*at, y), SMALL, Anchor::Middle, lines);
    }
    let further = headings.iter().map(|lines| lines.len().saturating_sub(2)).max().unwrap_or(0);
    let mean = amount::money(total, &q.currency);
    let label_of_mean = match lang {
        Lang::Ja => format!("平均 年{}", mean.get(lang)),
        Lang::En => format!("mean {} a year", mean.get(lang)),
    };
    let half = BOLD.width(&label_of_mean) / 2.0;
    let place = x(total).clamp(bars + half, bars + BARS - half);
    picture.text(svg::INK, (place, y), BOLD, Anchor::Middle, &label_of_mean);
    y += 26.0 + px(further) * SMALL.leading();
    for (n, row) in rows.iter().enumerate() {
        let scenario = &q.model.scenarios[row.at];
        if n % 2 == 0 {
            picture.rect(svg::STRIPE, Rect::new(MARGIN, y, width - MARGIN * 2.0, ROW), 0.0);
        }
        picture.open("scenario", &[("data-id", scenario.id.as_str())], scenario.about.get(lang));
        let lines = NAME.wrap(scenario.name.get(lang), NAMES - 12.0, 2);
        let baseline = y + ROW / 2.0 + 5.0 - px(lines.len() - 1) * NAME.leading() / 2.0;
        picture.lines(svg::INK, (MARGIN + 6.0, baseline), NAME, Anchor::Start, &lines);
        let (from, to) = ends(row.uninsured);
        let bar = |a: f64, b: f64| Rect::new(x(a), y + 7.0, (x(b) - x(a)).max(1.5), 15.0);
        picture.rect(svg::BAR_LESS, bar(from, total.min(to)), 0.0);
        picture.rect(svg::BAR_MORE, bar(total.max(from), to), 0.0);
        picture.path(svg::AXIS, &line((x(total), y + 2.0), (x(total), y + 25.0)));
        let amount = |value: f64| amount::money(value, &q.currency).get(lang).to_owned();
        let text = format!("{} – {}", amount(from), amount(to));
        let half = SMALL.width(&text) / 2.0;
        let place = x(from).midpoint(x(to)).clamp(bars + half - 24.0, bars + BARS - half + 24.0);
        picture.text(svg::MUTED, (place, y + 37.0), SMALL, Anchor::Middle, &text);
        for (at, (part, of)) in columns.iter().zip([(row.uninsured.mean, total), (row.in_bad_years, bad)]) {
            let share = percent(if of > 0.0 { part / of } else { 0.0 });
            picture.text(svg::INK, (*at, y + ROW / 2.0 + 5.0), NAME, Anchor::Middle, &share);
        }
        picture.close();
        y += ROW;
    }
    if !rest.is_empty() {
        let (mean, tail): (f64, f64) =
            rest.iter().fold((0.0, 0.0), |(m, t), s| (m + s.uninsured.mean, t + s.in_bad_years));
        let text = match lang {
            Lang::Ja => format!("ほかの{}件", rest.len()),
            Lang::En => format!("{} others", rest.len()),
        };
        picture.text(svg::MUTED, (MARGIN + 6.0, y + 24.0), NAME, Anchor::Start, &text);
        for (at, (part, of)) in columns.iter().zip([(mean, total), (tail, bad)]) {
            let share = percent(if of > 0.0 { part / of } else { 0.0 });
            picture.text(svg::MUTED, (*at, y + 24.0), NAME, Anchor::Middle, &share);
        }
        y += ROW - 6.0;
    }
    picture.finish("anshin-loss-tornado", &label(&q.name, title, lang), lang, width, y + MARGIN)
}

fn pick(lang: Lang, ja: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

/// Title, name and sentence at the top; gives the place below them.
fn heading(picture: &mut Picture, name: &Text, title: &str, sentence: &str, width: f64, lang: Lang) -> f64 {
    let lines = TITLE.wrap(&label(name, title, lang), width, 2);
    let mut y = MARGIN + 18.0;
    picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &lines);
    y += px(lines.len()) * TITLE.leading() - 4.0;
    let lines = NAME.wrap(sentence, width, 2);
    picture.lines(svg::MUTED, (MARGIN, y), NAME, Anchor::Start, &lines);
    y + px(lines.len()) * NAME.leading() + 14.0
}

fn label(name: &Text, title: &str, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{title}：{}", name.get(lang)),
        Lang::En => format!("{title}: {}", name.get(lang)),
    }
}

fn line((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!("M{} {}L{} {}", Num(x1), Num(y1), Num(x2), Num(y2))
}

/// A text that ends at a place.
fn right(picture: &mut Picture, (x, y): (f64, f64), text: &str) {
    let half = SMALL.width(text) / 2.0;
    picture.text(svg::MUTED, (x - half, y), SMALL, Anchor::Middle, text);
}

/// A row of the legend beside its line; gives the place of the next.
fn legend(picture: &mut Picture, y: f64, width: f64, text: &str) -> f64 {
    let lines = NAME.wrap(text, width - 52.0, 3);
    picture.lines(svg::INK, (MARGIN + 52.0, y), NAME, Anchor::Start, &lines);
    y + px(lines.len()) * NAME.leading() + 8.0
}

fn curve_paint(kind: CaseKind) -> Paint {
    match kind {
        CaseKind::Now => svg::CURVE_NOW,
        CaseKind::Plan => svg::CURVE_PLAN,
        CaseKind::Insured => svg::CURVE_INSURED,
        CaseKind::SilentPays => svg::CURVE_SILENT,
        CaseKind::Uninsured => svg::CURVE_UNINSURED,
    }
}

/// The path of a case, from the losses of common years to those of rare ones.
fn curve(case: &CaseResult, scale: &Scale, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    // Any loss at all: from the edge of the picture to the first point.
    if (0.0015..=0.7).contains(&case.losses.any) {
        path = format!("M{} {}", Num(x(scale.from)), Num(y(case.losses.any)));
    }
    for &(chance, loss) in &case.losses.curve {
        if !(0.0015..=0.7).contains(&chance) || loss <= 0.0 {
            continue;
        }
        let command = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{command}{} {}", Num(x(loss.max(scale.from))), Num(y(chance)));
    }
    // A case without any loss is a point at the corner: SVG wants at least one command.
    if path.is_empty() { format!("M{} {}", Num(x(scale.from)), Num(y(0.0015))) } else { path }
}

/// A logarithmic scale of losses between two powers of ten.
struct Scale {
    from: f64,
    decades: f64,
}

impl Scale {
    fn of(q: &Quantification) -> Self {
        let losses = || {
            let points = q.cases.iter().flat_map(|case| &case.losses.curve);
            points
                .filter(|(chance, loss)| (0.0015..=0.7).contains(chance) && *loss > 0.0)
                .map(|(_, loss)| *loss)
        };
        let most = losses().fold(10.0, f64::max);
        // Very small losses say nothing: at most four factors of ten are shown.
        let least = losses().fold(most, f64::min).max(most / 1e4);
        let from = libm::floor(libm::log10(least));
        let to = libm::ceil(libm::log10(most)).max(from + 1.0);
        Self { from: libm::exp10(from), decades: to - from }
    }

    /// Place of a loss from 0 to 1.
    fn place(&self, loss: f64) -> f64 {
        (libm::log10(loss.max(self.from) / self.from) / self.decades).clamp(0.0, 1.0)
    }

    fn holds(&self, loss: f64) -> bool {
        loss >= self.from && loss <= self.from * libm::exp10(self.decades)
    }

    /// Losses to write on the axis: the powers of ten, and three times each if there are few.
    fn marks(&self, currency: &str, lang: Lang) -> Vec<(f64, String)> {
        let mut marks = Vec::new();
        let mut at = self.from;
        let end = self.from * libm::exp10(self.decades) * 1.001;
        while at <= end {
            marks.push((at, amount::money(at, currency).get(lang).to_owned()));
            at *= 10.0;
        }
        marks
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
