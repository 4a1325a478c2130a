//! The risk map: every stakeholder on both axes, with the target area, and the way from one state
//! to another.

use std::collections::BTreeMap;

use anshin_assess::{Engine, LevelsAfter, MeasureState, Rating};
use anshin_model::document::{Economic, Recovery, Targets};
use anshin_model::{Id, Lang, Text};

use crate::Subject;
use crate::icons;
use crate::route::px;
use crate::svg::{self, Anchor, Font, MARGIN, Num, Paint, Picture, Rect};

/// The risk matrix that tells which scenarios still count.
const MATRIX: &str = "standard";

/// Width of a cell without room for lines.
const CELL: f64 = 236.0;
const LEAST_HEIGHT: f64 = 96.0;
/// From one line beside the marks to the next, and from the last to the marks.
const LANE: f64 = 7.0;
const BEFORE_MARKS: f64 = 16.0;
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
    let stays = |rating: &Rating| Course {
        id: rating.stakeholder.to_string(),
        name: rated(subject, rating),
        from: Some(Place::new(rating)),
        to: Some(Place::new(rating)),
    };
    let map = Map {
        name: &subject.system.document.system.name,
        subtitle: Text::new("マッピング結果", "Risk map"),
        targets: subject.system.document.targets,
        targets_before: None,
        courses: subject.assessment.ratings.iter().map(stays).collect(),
        states: None,
        lang,
    };
    map.draw()
}

/// The levels of every stakeholder after the measures that are in place or planned; `None` if the
/// document has no such measure.
pub fn levels_after_measures(engine: &Engine<'_>, subject: &Subject<'_>) -> Option<Vec<LevelsAfter>> {
    let measures = MeasureState::planned(subject.system.document);
    let matrix = subject.system.catalog.matrices.get(MATRIX).filter(|_| !measures.taken.is_empty())?;
    let terrain = engine.terrain(subject.system, subject.assessment);
    Some(terrain.levels_after(&terrain.scenarios(matrix, &measures)))
}

/// The map before and after measures: where each stakeholder stands by its rating, where it stands
/// when the measures that the levels were worked out with are in place, and the way between.
pub fn risk_map_after(subject: &Subject<'_>, after: &[LevelsAfter], lang: Lang) -> String {
    let course = |rating: &Rating| {
        let left = after.iter().find(|a| a.stakeholder == rating.stakeholder && a.system == rating.system);
        let place = |left: &LevelsAfter| Place {
            economic: left.economic,
            recovery: left.recovery,
            within: left.within,
        };
        Course {
            id: rating.stakeholder.to_string(),
            name: rated(subject, rating),
            from: Some(Place::new(rating)),
            to: Some(left.map_or_else(|| Place::new(rating), place)),
        }
    };
    let map = Map {
        name: &subject.system.document.system.name,
        subtitle: Text::new(
            "マッピング結果（実施済み・予定の対策の前と後）",
            "Risk map, before and after the measures that are in place or planned",
        ),
        targets: subject.system.document.targets,
        targets_before: None,
        courses: subject.assessment.ratings.iter().map(course).collect(),
        states: Some((Text::new("対策前", "before measures"), Text::new("対策後", "after measures"))),
        lang,
    };
    map.draw()
}

/// The map of two versions of a system in one: where each stakeholder was, where it is, and the way
/// between; also the target area that was, if it is another now.
pub fn risk_map_of_change(old: &Subject<'_>, new: &Subject<'_>, lang: Lang) -> String {
    let key = |subject: &Subject<'_>, rating: &Rating| {
        let whole = rating.system == subject.assessment.system;
        (rating.stakeholder.clone(), (!whole).then(|| rating.system.clone()))
    };
    let course =
        |subject: &Subject<'_>, rating: &Rating, from: Option<&Rating>, to: Option<&Rating>| Course {
            id: rating.stakeholder.to_string(),
            name: rated(subject, rating),
            from: from.map(Place::new),
            to: to.map(Place::new),
        };
    let find = |subject: &Subject<'_>, wanted: &(Id, Option<Id>)| {
        subject.assessment.ratings.iter().position(|rating| key(subject, rating) == *wanted)
    };
    let mut courses: Vec<Course> = Vec::new();
    for rating in &new.assessment.ratings {
        let from = find(old, &key(new, rating)).map(|n| &old.assessment.ratings[n]);
        courses.push(course(new, rating, from, Some(rating)));
    }
    for rating in &old.assessment.ratings {
        if find(new, &key(old, rating)).is_none() {
            courses.push(course(old, rating, Some(rating), None));
        }
    }
    let (before, targets) = (old.system.document.targets, new.system.document.targets);
    let map = Map {
        name: &new.system.document.system.name,
        subtitle: Text::new("マッピング結果の変化", "Risk map, old and new"),
        targets,
        targets_before: (before != targets).then_some(before),
        courses,
        states: Some((Text::new("以前", "before"), Text::new("現在", "now"))),
        lang,
    };
    map.draw()
}

/// Where a stakeholder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    economic: Economic,
    recovery: Recovery,
    within: bool,
}

impl Place {
    fn new(rating: &Rating) -> Self {
        Self { economic: rating.economic, recovery: rating.recovery, within: rating.within() }
    }

    fn cell(self) -> (Economic, Recovery) {
        (self.economic, self.recovery)
    }
}

/// A stakeholder with where it was and where it is; at least one of both is known.
#[derive(Debug)]
struct Course {
    id: String,
    name: Text,
    from: Option<Place>,
    to: Option<Place>,
}

impl Course {
    /// The ends of its way, if it goes from one cell to another.
    fn way(&self) -> Option<(Place, Place)> {
        self.from.zip(self.to).filter(|(from, to)| from.cell() != to.cell())
    }

    /// Whether it ends at a higher level on some axis.
    fn is_worse(&self) -> bool {
        self.way().is_some_and(|(from, to)| to.economic > from.economic || to.recovery > from.recovery)
    }
}

/// What is drawn.
struct Map<'a> {
    name: &'a Text,
    subtitle: Text,
    targets: Targets,
    targets_before: Option<Targets>,
    courses: Vec<Course>,
    /// What the two states are called, if there are two.
    states: Option<(Text, Text)>,
    lang: Lang,
}

/// What a name in a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The stakeholder is here, and was if that is known.
    Is,
    /// It was here.
    Was,
}

/// A stakeholder in a cell.
struct Chip<'a> {
    course: usize,
    state: State,
    place: Place,
    name: &'a str,
    lines: Vec<String>,
    /// The middle of its mark, once it has a place.
    mark: (f64, f64),
}

impl Chip<'_> {
    fn height(&self) -> f64 {
        px(self.lines.len()) * NAME.leading() + 8.0
    }

    /// Where its first line ends.
    fn end(&self) -> f64 {
        self.mark.0 + 15.0 + self.lines.first().map_or(0.0, |line| NAME.width(line))
    }
}

impl Map<'_> {
    fn word(&self, ja: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    fn draw(&self) -> String {
        let lanes = self.lanes();
        let gutter = {
            let mut most = [0; 3];
            for &(column, _) in lanes.values() {
                most[column] += 1;
            }
            let most = most.into_iter().max().unwrap_or_default();
            if most == 0 { 0.0 } else { LANE * px(most) + BEFORE_MARKS - 12.0 }
        };
        let cell_width = CELL + gutter;
        let mut chips = self.chips();
        let (left, right) = (MARGIN + SIDE, MARGIN + SIDE + cell_width * 3.0);
        let width = right + MARGIN;
        let mut picture = Picture::default();
        let title = TITLE.wrap(self.name.get(self.lang), width - MARGIN * 2.0, 3);
        let subtitle = self.subtitle.get(self.lang);
        let mut y = MARGIN + 18.0;
        picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &title);
        y += px(title.len()) * TITLE.leading() - 4.0;
        picture.text(svg::MUTED, (MARGIN, y), NAME, Anchor::Start, subtitle);
        y += 30.0;
        let axis = self.word("↑ 第2軸：経済的影響の度合い", "↑ Economic axis");
        picture.text(svg::INK, (MARGIN, y), LEVEL, Anchor::Start, axis);
        y += 12.0;

        let mut cells: BTreeMap<(Economic, Recovery), Rect> = BTreeMap::new();
        for economic in Economic::ALL.into_iter().rev() {
            let of = |recovery| chips.iter().filter(move |chip| chip.place.cell() == (economic, recovery));
            let height = Recovery::ALL
                .iter()
                .map(|&recovery| 34.0 + of(recovery).map(Chip::height).sum::<f64>())
                .fold(LEAST_HEIGHT, f64::max);
            let level = LEVEL.wrap(economic.name().get(self.lang), SIDE - 16.0, 3);
            let middle = y + height / 2.0 - px(level.len() - 1) * LEVEL.leading() / 2.0 + 4.0;
            picture.lines(svg::INK, (MARGIN, middle), LEVEL, Anchor::Start, &level);
            for (column, recovery) in Recovery::ALL.into_iter().enumerate() {
                let cell = Rect::new(left + cell_width * px(column), y, cell_width, height);
                let about = [("data-economic", economic.as_str()), ("data-recovery", recovery.as_str())];
                picture.open("cell", &about, "");
                picture.rect(level_paints(economic, recovery).0, cell, 0.0);
                picture.rect(svg::RULE, cell, 0.0);
                picture.close();
                cells.insert((economic, recovery), cell);
                let mut top = cell.y + 28.0;
                for chip in chips.iter_mut().filter(|chip| chip.place.cell() == (economic, recovery)) {
                    chip.mark = (cell.x + gutter + 19.0, top + 7.5);
                    top += chip.height();
                }
            }
            y += height;
        }
        picture.path(svg::AXIS, &format!("M{} {}L{} {}", Num(left), Num(y), Num(right), Num(y)));
        self.ways(&mut picture, &chips, (&lanes, left, cell_width));
        self.target_areas(&mut picture, &cells);
        for chip in &chips {
            self.chip(&mut picture, chip);
        }
        for (column, recovery) in Recovery::ALL.into_iter().enumerate() {
            let middle = left + cell_width * (px(column) + 0.5);
            picture.text(svg::INK, (middle, y + 22.0), LEVEL, Anchor::Middle, recovery.name().get(self.lang));
        }
        y += 46.0;
        let axis = self.word("第1軸：回復困難性の度合い →", "Recovery axis →");
        picture.text(svg::INK, (left + cell_width * 1.5, y), LEVEL, Anchor::Middle, axis);
        y = self.legend(&mut picture, y + 28.0, (left, right));
        let label = format!("{} — {subtitle}", self.name.get(self.lang));
        picture.finish("anshin-risk-map", &label, self.lang, width, y + MARGIN)
    }

    /// The column in which the way of each course turns, and its lane there: the way to the right
    /// turns in the column that it ends in, any other in that it begins in.
    fn lanes(&self) -> BTreeMap<usize, (usize, usize)> {
        let mut used = [0; 3];
        let mut lanes = BTreeMap::new();
        for (n, course) in self.courses.iter().enumerate() {
            let Some((from, to)) = course.way() else { continue };
            let column = from.recovery.max(to.recovery) as usize;
            lanes.insert(n, (column, used[column]));
            used[column] += 1;
        }
        lanes
    }

    fn chips(&self) -> Vec<Chip<'_>> {
        let mut chips = Vec::new();
        for (course, one) in self.courses.iter().enumerate() {
            let was = one.from.filter(|from| one.to.is_none_or(|to| to.cell() != from.cell()));
            let places =
                one.to.map(|to| (State::Is, to)).into_iter().chain(was.map(|from| (State::Was, from)));
            let name = one.name.get(self.lang);
            // In two states, who is in one only is told so.
            let note = match (&self.states, one.from, one.to) {
                (Some(_), None, Some(_)) => self.word("（新規）", " (new)"),
                (Some(_), Some(_), None) => self.word("（なくなった）", " (gone)"),
                _ => "",
            };
            chips.extend(places.map(|(state, place)| {
                let lines = NAME.wrap(&format!("{name}{note}"), CELL - 46.0, 5);
                Chip { course, state, place, name, lines, mark: (0.0, 0.0) }
            }));
        }
        chips
    }

    fn target_areas(&self, picture: &mut Picture, cells: &BTreeMap<(Economic, Recovery), Rect>) {
        let area = |targets: Targets, inset: f64| {
            let inside = cells.iter().filter(|((economic, recovery), _)| {
                *economic <= targets.economic && *recovery <= targets.recovery
            });
            let all = inside.map(|(_, cell)| *cell).reduce(|a, b| {
                let (x, y) = (a.x.min(b.x), a.y.min(b.y));
                Rect::new(x, y, a.right().max(b.right()) - x, a.bottom().max(b.bottom()) - y)
            });
            let all = all.unwrap_or_default();
            Rect::new(all.x + inset, all.y + inset, all.width - inset * 2.0, all.height - inset * 2.0)
        };
        if let Some(before) = self.targets_before {
            let area = area(before, 7.0);
            picture.open("target-before", &[], "");
            picture.rect(svg::TARGET_BEFORE, area, 0.0);
            let label = self.word("以前の目標", "target before");
            let width = SMALL.width(label) + 16.0;
            let ground = Rect::new(area.right() - width, area.y, width, 20.0);
            picture.rect(svg::LABEL, ground, 0.0);
            picture.text(svg::INK, (ground.x + 8.0, ground.y + 14.5), SMALL, Anchor::Start, label);
            picture.close();
        }
        let area = area(self.targets, 2.0);
        picture.open("target", &[], "");
        picture.rect(svg::TARGET, area, 0.0);
        let label = self.word("目標とする範囲", "target");
        let ground = Rect::new(area.x, area.y, SMALL.width(label) + 16.0, 20.0);
        picture.rect(svg::TARGET_LABEL, ground, 0.0);
        picture.text(svg::REVERSED, (ground.x + 8.0, ground.y + 14.5), SMALL, Anchor::Start, label);
        picture.close();
    }

    /// The ways from where somebody was to where it is, beside the marks of their columns.
    fn ways(
        &self,
        picture: &mut Picture,
        chips: &[Chip<'_>],
        (lanes, left, cell_width): (&BTreeMap<usize, (usize, usize)>, f64, f64),
    ) {
        let find = |course: usize, state: State| {
            chips.iter().find(|chip| chip.course == course && chip.state == state)
        };
        for (&course, &(column, lane)) in lanes {
            let Some((was, is)) = find(course, State::Was).zip(find(course, State::Is)) else { continue };
            let x = left + cell_width * px(column) + 8.0 + LANE * px(lane);
            let start = if x > was.mark.0 { was.end() + 4.0 } else { was.mark.0 - 9.0 };
            let end = if x > is.mark.0 { is.end() + 5.0 } else { is.mark.0 - 10.0 };
            let points = [(start, was.mark.1), (x, was.mark.1), (x, is.mark.1), (end, is.mark.1)];
            let (line, head) = way_paints(self.courses[course].is_worse());
            picture.open("way", &[("data-id", &self.courses[course].id)], "");
            picture.path(line, &svg::rounded(&points));
            picture.path(head, &svg::arrow(&points));
            picture.close();
        }
    }

    fn chip(&self, picture: &mut Picture, chip: &Chip<'_>) {
        let state = match (&self.states, chip.state) {
            (None, _) => String::new(),
            (Some((_, is)), State::Is) => format!(": {}", is.get(self.lang)),
            (Some((was, _)), State::Was) => format!(": {}", was.get(self.lang)),
        };
        let id = self.courses[chip.course].id.as_str();
        let about = [("data-id", id), ("data-state", if chip.state == State::Is { "is" } else { "was" })];
        picture.open("stakeholder", &about, &format!("{}{state}", chip.name));
        let (x, y) = chip.mark;
        mark(picture, chip.state, chip.place.within, x, y);
        let at = (x + 15.0, y + 4.5);
        let (_, halo) = level_paints(chip.place.economic, chip.place.recovery);
        if self.states.is_some() {
            picture.lines(halo, at, NAME, Anchor::Start, &chip.lines);
        }
        let paint = if chip.state == State::Is { svg::INK } else { svg::MUTED };
        picture.lines(paint, at, NAME, Anchor::Start, &chip.lines);
        picture.close();
    }

    fn legend(&self, picture: &mut Picture, top: f64, (left, right): (f64, f64)) -> f64 {
        type Sample<'s> = Box<dyn Fn(&mut Picture, f64, f64) + 's>;
        let is = |within| -> Sample<'_> { Box::new(move |p, x, y| mark(p, State::Is, within, x + 7.0, y)) };
        let mut entries: Vec<(f64, String, Sample<'_>)> = vec![
            (15.0, self.word("目標の範囲内", "within the target").to_owned(), is(true)),
            (
                15.0,
                self.word("目標の範囲外：対策方針を定める", "outside the target: needs a policy").to_owned(),
                is(false),
            ),
        ];
        if let Some((before, after)) = &self.states {
            let (before, after) = (before.get(self.lang), after.get(self.lang));
            entries.push((
                36.0,
                before.to_owned(),
                Box::new(|p, x, y| {
                    mark(p, State::Was, true, x + 7.0, y);
                    mark(p, State::Was, false, x + 28.0, y);
                }),
            ));
            for (is_worse, ja, en) in [(false, "改善", "better"), (true, "悪化", "worse")] {
                if self.courses.iter().any(|course| course.way().is_some() && course.is_worse() == is_worse) {
                    let label = format!("{before} → {after}: {}", self.word(ja, en));
                    entries.push((
                        40.0,
                        label,
                        Box::new(move |p, x, y| {
                            let (line, head) = way_paints(is_worse);
                            let points = [(x, y), (x + 40.0, y)];
                            p.path(line, &svg::rounded(&points));
                            p.path(head, &svg::arrow(&points));
                        }),
                    ));
                }
            }
        }
        let (mut x, mut y) = (left, top);
        picture.open("legend", &[], "");
        for (sample, label, draw) in &entries {
            let width = sample + 7.0 + SMALL.width(label) + 22.0;
            if x + width > right && x > left {
                (x, y) = (left, y + 24.0);
            }
            draw(picture, x, y - 4.5);
            picture.text(svg::INK, (x + sample + 7.0, y), SMALL, Anchor::Start, label);
            x += width;
        }
        picture.close();
        y
    }
}

/// A disc within the target, a triangle outside; hollow where somebody was.
fn mark(picture: &mut Picture, state: State, within: bool, x: f64, y: f64) {
    match (within, state) {
        (true, State::Is) => picture.disc(svg::SOLID, x, y, 5.5),
        (true, State::Was) => picture.disc(svg::HOLLOW, x, y, 5.0),
        (false, State::Is) => picture.symbol(svg::PRIORITY, icons::TRIANGLE, x - 7.5, y - 7.5, 15.0),
        (false, State::Was) => {
            let (x1, x2, y1, y2) = (Num(x - 6.0), Num(x + 6.0), Num(y - 5.5), Num(y + 5.0));
            picture.path(svg::HOLLOW, &format!("M{} {y1}L{x2} {y2}L{x1} {y2}Z", Num(x)));
        }
    }
}

/// The colour of a cell, and that of the grounds of texts in it.
fn level_paints(economic: Economic, recovery: Recovery) -> (Paint, Paint) {
    [
        (svg::LEVEL_LOW, svg::HALO_LOW),
        (svg::LEVEL_MIDDLE, svg::HALO_MIDDLE),
        (svg::LEVEL_HIGH, svg::HALO_HIGH),
    ][(economic as usize).max(recovery as usize)]
}

fn way_paints(is_worse: bool) -> (Paint, Paint) {
    if is_worse { (svg::WORSE, svg::WORSE_HEAD) } else { (svg::BETTER, svg::BETTER_HEAD) }
}

/// The name of a stakeholder; where parts of the system are rated apart, with that of the part.
fn rated(subject: &Subject<'_>, rating: &Rating) -> Text {
    let name = subject.stakeholder(&rating.stakeholder);
    if subject.assessment.ratings.iter().all(|rating| rating.system == subject.assessment.system) {
        return name;
    }
    let document = subject.system.document;
    let part = document.subsystems.iter().find(|part| part.id == rating.system);
    let part = part.map_or(&document.system.name, |part| &part.name);
    Text::new(
        format!("{}（{}）", name.get(Lang::Ja), part.get(Lang::Ja)),
        format!("{} ({})", name.get(Lang::En), part.get(Lang::En)),
    )
}
