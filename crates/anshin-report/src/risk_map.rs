//! The risk map: every stakeholder on both axes, with the target area.

use std::collections::BTreeMap;

use anshin_assess::Rating;
use anshin_model::document::{Economic, Recovery};
use anshin_model::{Lang, Text};

use crate::Subject;
use crate::icons;
use crate::route::px;
use crate::svg::{self, Anchor, Font, MARGIN, Num, Picture, Rect};

const CELL: f64 = 236.0;
const LEAST_HEIGHT: f64 = 96.0;
/// Room for the names of the levels of the vertical axis.
const SIDE: f64 = 128.0;
const NAME: Font = Font::regular(13.0);
const LEVEL: Font = Font::bold(13.0);
const SMALL: Font = Font::regular(12.0);
const TITLE: Font = Font::bold(20.0);

/// The framework's map: recovery to the right, economic upwards, every stakeholder in its cell and
/// the target area framed. Stakeholders outside of it have a triangle, those within a disc.
///
/// Where parts of the system are rated apart, the part stands behind the stakeholder.
pub fn risk_map(subject: &Subject<'_>, lang: Lang) -> String {
    let document = subject.system.document;
    let chips = chips(subject, lang);
    let targets = document.targets;
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let width = MARGIN + SIDE + CELL * 3.0 + MARGIN;
    let mut picture = Picture::default();
    let name = document.system.name.get(lang);
    let title = TITLE.wrap(name, width - MARGIN * 2.0, 3);
    let subtitle = word("マッピング結果", "Risk map");
    let mut y = MARGIN + 18.0;
    picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &title);
    y += px(title.len()) * TITLE.leading() - 4.0;
    picture.text(svg::MUTED, (MARGIN, y), NAME, Anchor::Start, subtitle);
    y += 30.0;
    let axis = word("↑ 第2軸：経済的影響の度合い", "↑ Economic axis");
    picture.text(svg::INK, (MARGIN, y), LEVEL, Anchor::Start, axis);
    y += 12.0;

    let left = MARGIN + SIDE;
    let mut target = Rect::new(left, y, 0.0, 0.0);
    let mut names = Picture::default();
    for economic in Economic::ALL.into_iter().rev() {
        let inside_row = economic <= targets.economic;
        let of = |recovery| chips.get(&(economic, recovery)).map(Vec::as_slice).unwrap_or_default();
        let height = Recovery::ALL
            .iter()
            .map(|&recovery| 34.0 + of(recovery).iter().map(Chip::height).sum::<f64>())
            .fold(LEAST_HEIGHT, f64::max);
        let level = LEVEL.wrap(economic.name().get(lang), SIDE - 16.0, 3);
        let middle = y + height / 2.0 - px(level.len() - 1) * LEVEL.leading() / 2.0 + 4.0;
        picture.lines(svg::INK, (MARGIN, middle), LEVEL, Anchor::Start, &level);
        for (column, recovery) in Recovery::ALL.into_iter().enumerate() {
            let cell = Rect::new(left + CELL * px(column), y, CELL, height);
            let worst = (economic as usize).max(recovery as usize);
            let paint = [svg::LEVEL_LOW, svg::LEVEL_MIDDLE, svg::LEVEL_HIGH][worst];
            picture.open(
                "cell",
                &[("data-economic", economic.as_str()), ("data-recovery", recovery.as_str())],
                "",
            );
            picture.rect(paint, cell, 0.0);
            picture.rect(svg::RULE, cell, 0.0);
            picture.close();
            if inside_row && recovery <= targets.recovery {
                if target.width == 0.0 {
                    target = cell;
                }
                target.width = cell.right() - target.x;
                target.height = cell.bottom() - target.y;
            }
            let mut top = cell.y + 28.0;
            for chip in of(recovery) {
                chip.write(&mut names, cell.x + 12.0, top);
                top += chip.height();
            }
        }
        y += height;
    }
    picture.path(svg::AXIS, &axes(left, MARGIN + SIDE + CELL * 3.0, y));
    picture.open("target", &[], "");
    let inner = Rect::new(target.x + 2.0, target.y + 2.0, target.width - 4.0, target.height - 4.0);
    picture.rect(svg::TARGET, inner, 0.0);
    let label = word("目標とする範囲", "target");
    let ground = Rect::new(inner.x, inner.y, SMALL.width(label) + 16.0, 20.0);
    picture.rect(svg::TARGET_LABEL, ground, 0.0);
    picture.text(svg::REVERSED, (ground.x + 8.0, ground.y + 14.5), SMALL, Anchor::Start, label);
    picture.close();
    picture.append(&names);
    for (column, recovery) in Recovery::ALL.into_iter().enumerate() {
        let middle = left + CELL * (px(column) + 0.5);
        picture.text(svg::INK, (middle, y + 22.0), LEVEL, Anchor::Middle, recovery.name().get(lang));
    }
    y += 46.0;
    let axis = word("第1軸：回復困難性の度合い →", "Recovery axis →");
    picture.text(svg::INK, (left + CELL * 1.5, y), LEVEL, Anchor::Middle, axis);
    y += 28.0;
    picture.disc(svg::SOLID, left + 8.0, y - 4.5, 5.5);
    let within = word("目標の範囲内", "within the target");
    picture.text(svg::INK, (left + 22.0, y), SMALL, Anchor::Start, within);
    let second = left + 22.0 + SMALL.width(within) + 24.0;
    picture.symbol(svg::PRIORITY, icons::TRIANGLE, second, y - 12.0, 15.0);
    let outside = word("目標の範囲外：対策方針を定める", "outside the target: needs a policy");
    picture.text(svg::INK, (second + 21.0, y), SMALL, Anchor::Start, outside);
    picture.finish("anshin-risk-map", &format!("{name} — {subtitle}"), lang, width, y + MARGIN)
}

/// A stakeholder on the map.
struct Chip {
    id: String,
    name: String,
    lines: Vec<String>,
    within: bool,
}

impl Chip {
    fn height(&self) -> f64 {
        px(self.lines.len()) * NAME.leading() + 8.0
    }

    fn write(&self, picture: &mut Picture, x: f64, top: f64) {
        picture.open("stakeholder", &[("data-id", &self.id)], &self.name);
        let y = top + 12.0;
        if self.within {
            picture.disc(svg::SOLID, x + 7.0, y - 4.5, 5.5);
        } else {
            picture.symbol(svg::PRIORITY, icons::TRIANGLE, x - 0.5, y - 12.0, 15.0);
        }
        picture.lines(svg::INK, (x + 22.0, y), NAME, Anchor::Start, &self.lines);
        picture.close();
    }
}

fn chips(subject: &Subject<'_>, lang: Lang) -> BTreeMap<(Economic, Recovery), Vec<Chip>> {
    let has_parts =
        subject.assessment.ratings.iter().any(|rating| rating.system != subject.assessment.system);
    let mut chips: BTreeMap<(Economic, Recovery), Vec<Chip>> = BTreeMap::new();
    for rating in &subject.assessment.ratings {
        let name = subject.stakeholder(&rating.stakeholder);
        let name = name.get(lang);
        let part = part(subject, rating);
        let part = part.get(lang);
        let name = match (has_parts, lang) {
            (false, _) => name.to_owned(),
            (true, Lang::Ja) => format!("{name}（{part}）"),
            (true, Lang::En) => format!("{name} ({part})"),
        };
        chips.entry((rating.economic, rating.recovery)).or_default().push(Chip {
            id: rating.stakeholder.to_string(),
            lines: NAME.wrap(&name, CELL - 46.0, 5),
            within: rating.within(),
            name,
        });
    }
    chips
}

/// The name of what is rated.
fn part(subject: &Subject<'_>, rating: &Rating) -> Text {
    let document = subject.system.document;
    let part = document.subsystems.iter().find(|part| part.id == rating.system);
    part.map_or_else(|| document.system.name.clone(), |part| part.name.clone())
}

/// The two axes from their common corner.
fn axes(left: f64, right: f64, bottom: f64) -> String {
    format!("M{} {}L{} {}", Num(left), Num(bottom), Num(right), Num(bottom))
}
