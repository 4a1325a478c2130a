//! The system as a picture, and a flow of data over the same picture.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::System;
use anshin_catalog::{Because, MediumKind};
use anshin_model::document::{Flow, Link};
use anshin_model::{Id, Lang, Text};

use crate::Subject;
use crate::icons;
use crate::layout::{self, Graph, Node, ZoneNode};
use crate::route::{self, Drawing, GAP, Margins, px};
use crate::svg::{self, Anchor, Font, MARGIN, Paint, Picture, Rect};
use crate::ways_in::{WayIn, ways_in};

const NAME: Font = Font::bold(12.5);
const SMALL: Font = Font::regular(11.0);
const BODY: Font = Font::regular(13.0);
const ZONE: Font = Font::bold(13.0);
const TITLE: Font = Font::bold(20.0);

/// Most lines of a name in a box.
const NAME_LINES: usize = 6;
/// Where the name begins in a box, and what stays free behind it.
const NAME_LEFT: f64 = 44.0;
const NAME_RIGHT: f64 = 8.0;
/// Width of an asset's box: more than the least where a word of some name needs it.
const BOX_WIDTH: (f64, f64) = (172.0, 216.0);
/// Most lines of a zone's name.
const ZONE_LINES: usize = 4;
/// What stays free below a zone's name that lies over a line, so that the head of its arrow is seen.
const ARROW_ROOM: f64 = 14.0;
/// Least width of a picture, so that titles and the legend have room.
const LEAST_WIDTH: f64 = 760.0;

/// The system: zones as nested areas, assets with an icon, links by medium, ways in from outside
/// and the assets to begin with.
pub fn system_diagram(subject: &Subject<'_>, lang: Lang) -> String {
    let subtitle = Text::new("システム構成図", "System diagram");
    let scene = Scene::new(subject, lang, subtitle.get(lang));
    scene.write("anshin-system", &[])
}

/// One flow of data by its number in the document, step by step over the picture of the system.
///
/// The picture of the system without a flow if there is none with that number.
pub fn flow_diagram(subject: &Subject<'_>, flow: usize, lang: Lang) -> String {
    let Some(flow) = subject.system.document.flows.get(flow) else { return system_diagram(subject, lang) };
    let name = flow.name.clone().unwrap_or_else(|| Text::same(flow.id.as_str()));
    let label = Text::new("データフロー", "Data flow");
    let subtitle = match lang {
        Lang::Ja => format!("{}：{}", label.get(lang), name.get(lang)),
        Lang::En => format!("{}: {}", label.get(lang), name.get(lang)),
    };
    let scene = Scene::new(subject, lang, &subtitle);
    let steps = scene.steps(flow);
    scene.write("anshin-flow", &steps)
}

/// A line of the picture: all links between two assets over the same sort of medium.
#[derive(Debug)]
struct Line {
    medium: Option<MediumKind>,
    links: Vec<usize>,
    /// Something starts at the first of the two assets, or at the second.
    forward: bool,
    backward: bool,
}

/// One step of a flow as it is drawn.
#[derive(Debug)]
struct DrawnStep {
    from: usize,
    to: usize,
    /// Nothing tells which way the data goes.
    either_way: bool,
    /// Lines that it takes, and whether against their order.
    lines: Vec<(usize, bool)>,
    does: Option<String>,
}

/// Where in a zone its name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Top,
    Bottom,
    /// At the top, over a line.
    OverLines,
}

/// The name of a zone as it is drawn.
#[derive(Debug)]
struct ZoneName {
    lines: Vec<String>,
    side: Side,
}

impl ZoneName {
    fn height(&self) -> f64 {
        px(self.lines.len()) * ZONE.leading() + 6.0
    }

    /// What the zone keeps free for it.
    fn margins(&self) -> Margins {
        let own = self.height() + 12.0;
        match self.side {
            Side::Top => Margins { top: own, bottom: route::PAD },
            Side::Bottom => Margins { top: route::PAD, bottom: own },
            Side::OverLines => Margins { top: own + ARROW_ROOM, bottom: route::PAD },
        }
    }

    /// Where it stands in its zone, as long as no line passes there.
    fn ground(&self, zone: Rect) -> Rect {
        let widest = self.lines.iter().map(|line| ZONE.width(line)).fold(0.0, f64::max);
        let y = if self.side == Side::Bottom { zone.bottom() - 6.0 - self.height() } else { zone.y + 6.0 };
        Rect::new(zone.x + 6.0, y, (widest + 12.0).min(zone.width - 12.0), self.height())
    }
}

/// What is drawn, laid out.
struct Scene<'a> {
    subject: &'a Subject<'a>,
    lang: Lang,
    label: String,
    title: Vec<String>,
    subtitle: Vec<String>,
    graph: Graph,
    lines: Vec<Line>,
    /// Lines of each link, in the order of its path, and whether against their order.
    paths: Vec<Vec<(usize, bool)>>,
    names: Vec<Vec<String>>,
    zone_names: Vec<ZoneName>,
    drawing: Drawing,
    width: f64,
    ways_in: Vec<Vec<WayIn>>,
    priority: BTreeMap<usize, Vec<String>>,
}

impl<'a> Scene<'a> {
    fn new(subject: &'a Subject<'a>, lang: Lang, subtitle: &str) -> Self {
        let document = subject.system.document;
        let (lines, paths, edges) = lines(subject.system);
        let graph = graph(subject.system, edges);
        let grid = layout::place(&graph);
        let name = |asset: usize| document.assets[asset].name.get(lang);
        let width = (0..document.assets.len())
            .map(|asset| NAME_LEFT + NAME.widest_piece(name(asset)) + NAME_RIGHT)
            .fold(BOX_WIDTH.0, f64::max)
            .min(BOX_WIDTH.1)
            .ceil();
        let names: Vec<Vec<String>> = (0..document.assets.len())
            .map(|asset| NAME.wrap_evenly(name(asset), width - NAME_LEFT - NAME_RIGHT, NAME_LINES))
            .collect();
        let height = {
            let most = names.iter().map(Vec::len).max().unwrap_or(1).max(2);
            14.0 + px(most) * NAME.leading() + 26.0
        };
        let across = |columns: usize| px(columns) * (width + GAP) - GAP;
        let room = across(grid.columns).max(LEAST_WIDTH - MARGIN * 2.0);
        let system_name = document.system.name.get(lang);
        let title = TITLE.wrap(system_name, room, 3);
        let subtitle_lines = BODY.wrap(subtitle, room, 3);
        let top =
            MARGIN + px(title.len()) * TITLE.leading() + px(subtitle_lines.len()) * BODY.leading() + 12.0;
        let draw = |names: &[ZoneName]| {
            let margins: Vec<Margins> = names.iter().map(ZoneName::margins).collect();
            route::draw(&graph, &grid, &margins, (top, width, height))
        };
        let wrapped = |zone: usize, room: f64| {
            ZONE.wrap(subject.zone(&document.zones[zone].id).get(lang), room - 8.0, ZONE_LINES)
        };
        let whole = |zone: usize| wrapped(zone, across(grid.zones[zone].columns));
        let zones = 0..document.zones.len();
        let mut zone_names: Vec<ZoneName> =
            zones.clone().map(|zone| ZoneName { lines: whole(zone), side: Side::Top }).collect();
        let mut drawing = draw(&zone_names);
        for zone in zones {
            let name = free_name(&drawing, zone, &zone_names[zone].lines, |room| wrapped(zone, room));
            zone_names[zone] = name;
        }
        drawing = draw(&zone_names);
        let priority = priority(subject, lang);
        Self {
            width: drawing.width.max(LEAST_WIDTH),
            label: format!("{system_name} — {subtitle}"),
            title,
            subtitle: subtitle_lines,
            ways_in: ways_in(subject.system),
            subject,
            lang,
            graph,
            lines,
            paths,
            names,
            zone_names,
            drawing,
            priority,
        }
    }

    fn word(&self, ja: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    /// The steps of a flow. Data may take a link against its direction: then the step ends where
    /// the next one begins, or begins where the last one ended. Where neither tells, both ways are shown.
    fn steps(&self, flow: &Flow) -> Vec<DrawnStep> {
        let document = self.subject.system.document;
        let numbers: BTreeMap<Id, usize> =
            document.links.iter().enumerate().map(|(n, link)| (link.id(), n)).collect();
        let ends = |link: &Link| {
            let find = |id: &Id| self.subject.system.assets.get(id.as_str()).copied();
            Some((find(&link.from)?, find(&link.to)?))
        };
        let known = |step: &&anshin_model::document::Step| {
            let link = *numbers.get(&step.link)?;
            Some((link, ends(&document.links[link])?))
        };
        let mut steps: Vec<DrawnStep> = Vec::new();
        for (n, step) in flow.steps.iter().enumerate() {
            let Some((link, (from, to))) = known(&step) else { continue };
            let at = steps.last().map(|last| last.to);
            let next = flow.steps.get(n + 1).as_ref().and_then(known).map(|(_, ends)| ends);
            let leads_on = |end: usize| next.is_some_and(|(a, b)| a == end || b == end);
            let (back, either_way) = match at {
                Some(at) if at == from => (false, false),
                Some(at) if at == to => (true, false),
                _ => (!leads_on(to) && leads_on(from), !leads_on(to) && !leads_on(from)),
            };
            let mut lines = self.paths[link].clone();
            if back {
                lines.reverse();
                for line in &mut lines {
                    line.1 = !line.1;
                }
            }
            let (from, to) = if back { (to, from) } else { (from, to) };
            let does = step.does.as_ref().map(|does| does.get(self.lang).to_owned());
            steps.push(DrawnStep { from, to, either_way, lines, does });
        }
        steps
    }

    /// Writes the picture; with steps, what they do not take is faint.
    fn write(&self, class: &str, steps: &[DrawnStep]) -> String {
        let mut picture = Picture::default();
        let mut y = MARGIN + 18.0;
        picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &self.title);
        y += px(self.title.len()) * TITLE.leading() - 4.0;
        picture.lines(svg::MUTED, (MARGIN, y), BODY, Anchor::Start, &self.subtitle);
        self.zones(&mut picture);
        self.links(&mut picture, steps);
        let titles = self.zone_titles(&mut picture);
        self.assets(&mut picture, steps);
        self.numbers(&mut picture, steps, titles);
        let bottom = self.legend(&mut picture, self.drawing.bottom + 20.0);
        let bottom = self.list(&mut picture, steps, bottom);
        picture.finish(class, &self.label, self.lang, self.width, bottom + MARGIN)
    }

    fn zones(&self, picture: &mut Picture) {
        let mut order: Vec<usize> = (0..self.graph.zones.len()).collect();
        order.sort_by_key(|&zone| self.depth(zone));
        for zone in order {
            let id = self.subject.system.document.zones[zone].id.as_str();
            let name = self.subject.zone(&self.subject.system.document.zones[zone].id);
            let parent = self.graph.zones[zone].parent;
            let parent = parent.map_or("", |parent| self.subject.system.document.zones[parent].id.as_str());
            picture.open("zone", &[("data-id", id), ("data-within", parent)], name.get(self.lang));
            picture.rect(zone_paint(self.graph.zones[zone].level), self.drawing.zones[zone], 8.0);
            picture.close();
        }
    }

    fn depth(&self, zone: usize) -> usize {
        self.graph.zones[zone].parent.map_or(0, |parent| self.depth(parent) + 1)
    }

    /// Names of zones, where no line passes if there is such a place, and on grounds of their own,
    /// which it tells.
    fn zone_titles(&self, picture: &mut Picture) -> Vec<Rect> {
        let mut grounds = Vec::new();
        for (zone, name) in self.zone_names.iter().enumerate() {
            let wanted = name.ground(self.drawing.zones[zone]);
            let right = self.drawing.zones[zone].right();
            let place = free_places(&self.drawing, wanted, right).find(|place| place.width >= wanted.width);
            let ground = place.map_or(wanted, |place| Rect { width: wanted.width, ..place });
            let id = self.subject.system.document.zones[zone].id.as_str();
            picture.open("zone-name", &[("data-zone", id)], "");
            picture.rect(zone_name_paint(self.graph.zones[zone].level), ground, 4.0);
            picture.lines(svg::INK, (ground.x + 6.0, ground.y + 15.0), ZONE, Anchor::Start, &name.lines);
            picture.close();
            grounds.push(ground);
        }
        grounds
    }

    fn links(&self, picture: &mut Picture, steps: &[DrawnStep]) {
        let document = self.subject.system.document;
        let taken = directions(steps);
        for (n, line) in self.lines.iter().enumerate() {
            let title = line.links.iter().map(|&link| self.link_title(link)).collect::<Vec<_>>().join("\n");
            let ids: Vec<String> = line.links.iter().map(|&l| document.links[l].id().to_string()).collect();
            let (a, b) = self.graph.edges[n];
            let (a, b) = (document.assets[a].id.as_str(), document.assets[b].id.as_str());
            let (class, forward, backward) = match taken.get(&n) {
                Some(&(forward, backward)) => ("link taken", forward, backward),
                None if steps.is_empty() => ("link", line.forward, line.backward),
                None => ("link faint", line.forward, line.backward),
            };
            let opacity = if class == "link faint" { "0.3" } else { "1" };
            let ids = ids.join(" ");
            let about = [("data-id", ids.as_str()), ("data-from", a), ("data-to", b), ("opacity", opacity)];
            picture.open(class, &about, &title);
            let points = &self.drawing.lines[n];
            let commands = svg::rounded(points);
            if class == "link taken" {
                picture.path(svg::TAKEN, &commands);
            }
            let (stroke, head) = medium_paint(line.medium);
            picture.path(stroke, &commands);
            if forward {
                picture.path(head, &svg::arrow(points));
            }
            if backward {
                let reversed: Vec<_> = points.iter().rev().copied().collect();
                picture.path(head, &svg::arrow(&reversed));
            }
            picture.close();
        }
    }

    /// What a pointer on a link shows: ends, medium, protocol and data.
    fn link_title(&self, link: usize) -> String {
        let system = self.subject.system;
        let link = &system.document.links[link];
        let name = |id: &Id| self.subject.asset(id).get(self.lang).to_owned();
        let mut path = vec![name(&link.from)];
        path.extend(link.through.iter().map(name));
        path.push(name(&link.to));
        let mut title = path.join(" → ");
        let medium = link.over.as_ref().and_then(|over| system.catalog.media.get(over)).map(|m| &m.name);
        let protocol =
            link.protocol.as_ref().and_then(|id| system.catalog.protocols.get(id)).map(|p| &p.name);
        for name in [medium, protocol].into_iter().flatten() {
            title.push_str(" · ");
            title.push_str(name.get(self.lang));
        }
        if !link.carries.is_empty() {
            let carried: Vec<String> =
                link.carries.iter().map(|id| self.subject.data(id).get(self.lang).to_owned()).collect();
            title.push_str(": ");
            title.push_str(&carried.join(self.word("、", ", ")));
        }
        title
    }

    fn assets(&self, picture: &mut Picture, steps: &[DrawnStep]) {
        let system = self.subject.system;
        let on_the_way: BTreeSet<usize> = steps
            .iter()
            .flat_map(|step| step.lines.iter())
            .flat_map(|&(line, _)| <[usize; 2]>::from(self.graph.edges[line]))
            .collect();
        let mut threats: BTreeMap<&str, usize> = BTreeMap::new();
        for threat in self.subject.assessment.threats.iter().filter(|threat| threat.above_cut) {
            *threats.entry(threat.asset.as_str()).or_default() += 1;
        }
        for (n, asset) in system.document.assets.iter().enumerate() {
            let faint = !steps.is_empty() && !on_the_way.contains(&n);
            let zone = asset.zone.as_ref().map_or("", Id::as_str);
            let opacity = if faint { "0.45" } else { "1" };
            let about = [("data-id", asset.id.as_str()), ("data-zone", zone), ("opacity", opacity)];
            let count = threats.get(asset.id.as_str()).copied().unwrap_or_default();
            picture.open("asset", &about, &self.asset_title(n, count));
            self.asset(picture, n, count);
            picture.close();
        }
    }

    fn asset(&self, picture: &mut Picture, n: usize, threats: usize) {
        let system = self.subject.system;
        let rect = self.drawing.boxes[n];
        let is_priority = self.priority.contains_key(&n);
        let paint = match (system.profiles[n].in_scope, is_priority) {
            (false, _) => svg::BOX_FAINT,
            (true, true) => svg::BOX_PRIORITY,
            (true, false) => svg::BOX,
        };
        picture.rect(paint, rect, 6.0);
        let kind = system.catalog.asset_kinds.get(&system.document.assets[n].kind);
        let icon = icons::of(kind.map_or("", |kind| kind.icon.as_str()));
        picture.symbol(svg::ICON, icon, rect.x + 9.0, rect.y + 9.0, 28.0);
        picture.lines(svg::INK, (rect.x + NAME_LEFT, rect.y + 21.0), NAME, Anchor::Start, &self.names[n]);
        let y = rect.bottom() - 23.0;
        let mut x = rect.x + 9.0;
        for way in &self.ways_in[n] {
            way.write(picture, x, y);
            x += 20.0;
        }
        let mut right = rect.right() - 9.0;
        if is_priority {
            right -= 17.0;
            picture.symbol(svg::PRIORITY, icons::STAR, right, y, 17.0);
            right -= 5.0;
        }
        if threats > 0 {
            let count = threats.to_string();
            right -= SMALL.width(&count);
            picture.text(svg::MUTED, (right, y + 13.0), SMALL, Anchor::Start, &count);
            right -= 15.0;
            picture.symbol(svg::MUTED, icons::TRIANGLE, right, y + 2.5, 13.0);
        }
    }

    /// What a pointer on an asset shows: name, kind, ways in, threats, why to begin there.
    fn asset_title(&self, n: usize, threats: usize) -> String {
        let system = self.subject.system;
        let asset = &system.document.assets[n];
        let mut title = vec![asset.name.get(self.lang).to_owned()];
        if let Some(kind) = system.catalog.asset_kinds.get(&asset.kind) {
            title.push(kind.name.get(self.lang).to_owned());
        }
        title.extend(self.ways_in[n].iter().map(|way| way.name().get(self.lang).to_owned()));
        if threats > 0 {
            title.push(format!("{} {threats}", self.word("脅威", "threats")));
        }
        title.extend(self.priority.get(&n).into_iter().flatten().cloned());
        title.join("\n")
    }

    /// The numbers of the steps on their lines, where none covers another.
    fn numbers(&self, picture: &mut Picture, steps: &[DrawnStep], mut placed: Vec<Rect>) {
        const RADIUS: f64 = 9.5;
        let mut of_line: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (n, step) in steps.iter().enumerate() {
            for &(line, _) in &step.lines {
                of_line.entry(line).or_default().push(n + 1);
            }
        }
        for (line, mut numbers) in of_line {
            numbers.dedup();
            let text = numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(" · ");
            let width = (BODY.width(&text) + 10.0).max(RADIUS * 2.0);
            let places = along(&self.drawing.lines[line], tail(steps, line));
            let ground = |&(x, y): &(f64, f64)| Rect::new(x - width / 2.0, y - RADIUS, width, RADIUS * 2.0);
            let free = |rect: &Rect| {
                !placed.iter().any(|other| other.overlaps(rect))
                    && !self.drawing.boxes.iter().any(|other| other.overlaps(rect))
            };
            let Some(first) = places.first().map(ground) else { continue };
            let rect = places.iter().map(ground).find(free).unwrap_or(first);
            placed.push(rect);
            picture.open("step", &[], "");
            picture.rect(svg::SOLID, rect, RADIUS);
            let middle = (rect.x + rect.width / 2.0, rect.y + 14.0);
            picture.text(svg::REVERSED, middle, Font::bold(12.5), Anchor::Middle, &text);
            picture.close();
        }
    }

    /// What each step does, in a list below the picture.
    fn list(&self, picture: &mut Picture, steps: &[DrawnStep], top: f64) -> f64 {
        let mut y = top + if steps.is_empty() { 0.0 } else { 14.0 };
        let left = MARGIN + 30.0;
        let room = self.width - left - MARGIN;
        for (n, step) in steps.iter().enumerate() {
            let name = |asset: usize| self.subject.system.document.assets[asset].name.get(self.lang);
            let arrow = if step.either_way { '↔' } else { '→' };
            let way = format!("{} {arrow} {}", name(step.from), name(step.to));
            let way = Font::bold(13.0).wrap(&way, room, 4);
            let does = step.does.as_deref().map(|does| BODY.wrap(does, room, 8)).unwrap_or_default();
            picture.open("step-text", &[], "");
            y += 22.0;
            picture.disc(svg::SOLID, MARGIN + 11.0, y - 4.5, 10.0);
            let number = (n + 1).to_string();
            picture.text(svg::REVERSED, (MARGIN + 11.0, y), Font::bold(12.0), Anchor::Middle, &number);
            picture.lines(svg::INK, (left, y), Font::bold(13.0), Anchor::Start, &way);
            y += px(way.len()) * BODY.leading();
            picture.lines(svg::INK, (left, y), BODY, Anchor::Start, &does);
            y += px(does.len()) * BODY.leading() - 8.0;
            picture.close();
        }
        y
    }

    /// What the lines and marks of this picture mean.
    fn legend(&self, picture: &mut Picture, top: f64) -> f64 {
        const ROW: f64 = 24.0;
        let mut place = (MARGIN, top + 14.0);
        picture.open("legend", &[], "");
        let mut entry =
            |picture: &mut Picture, sample: f64, label: &str, draw: &dyn Fn(&mut Picture, f64, f64)| {
                let width = sample + 8.0 + SMALL.width(label) + 20.0;
                if place.0 + width > self.width - MARGIN && place.0 > MARGIN {
                    place = (MARGIN, place.1 + ROW);
                }
                draw(picture, place.0, place.1);
                picture.text(svg::INK, (place.0 + sample + 8.0, place.1), SMALL, Anchor::Start, label);
                place.0 += width;
            };
        let media: BTreeSet<u8> = self.lines.iter().map(|line| line_style(line.medium)).collect();
        for (medium, label) in [
            (MediumKind::Wired, self.word("有線", "wired")),
            (MediumKind::Wireless, self.word("無線", "wireless")),
            (MediumKind::Internet, self.word("インターネット", "internet")),
            (MediumKind::Removable, self.word("持ち運び（USBメモリなど）", "carried by hand")),
        ] {
            if media.contains(&line_style(Some(medium))) {
                entry(picture, 44.0, label, &|picture, x, y| {
                    let (stroke, head) = medium_paint(Some(medium));
                    let points = [(x, y - 4.0), (x + 44.0, y - 4.0)];
                    picture.path(stroke, &svg::rounded(&points));
                    picture.path(head, &svg::arrow(&points));
                });
            }
        }
        let used: BTreeSet<WayIn> = self.ways_in.iter().flatten().copied().collect();
        for way in used {
            entry(picture, 18.0, way.name().get(self.lang), &|picture, x, y| way.write(picture, x, y - 13.0));
        }
        if !self.priority.is_empty() {
            let label = self.word("優先して対策する機器", "asset to begin with");
            entry(picture, 18.0, label, &|picture, x, y| {
                picture.symbol(svg::PRIORITY, icons::STAR, x, y - 13.0, 17.0);
            });
        }
        if self.subject.assessment.threats.iter().any(|threat| threat.above_cut) {
            let label = self.word("検討する脅威の数", "threats to look at");
            entry(picture, 14.0, label, &|picture, x, y| {
                picture.symbol(svg::MUTED, icons::TRIANGLE, x, y - 10.0, 13.0);
            });
        }
        if self.subject.system.profiles.iter().any(|profile| !profile.in_scope) {
            let label = self.word("検討の対象外", "not assessed");
            entry(picture, 24.0, label, &|picture, x, y| {
                picture.rect(svg::BOX_FAINT, Rect::new(x, y - 12.0, 24.0, 16.0), 3.0);
            });
        }
        let room = self.width - 2.0 * MARGIN - 24.0 - 8.0;
        for (level, label) in self.zone_labels(room) {
            entry(picture, 24.0, &label, &|picture, x, y| {
                picture.rect(zone_paint(level), Rect::new(x, y - 12.0, 24.0, 16.0), 3.0);
            });
        }
        picture.close();
        place.1 + 8.0
    }

    /// What each shade of a zone stands for, from the outside in: the kinds of the zones that have it, by
    /// a level of that shade. Kinds that do not fit the room together follow with the same shade.
    fn zone_labels(&self, room: f64) -> Vec<(u8, String)> {
        let kinds = &self.subject.system.catalog.zone_kinds;
        let used: BTreeSet<&Id> = self.subject.system.document.zones.iter().map(|zone| &zone.kind).collect();
        let mut used: Vec<_> = kinds.iter().filter(|(id, _)| used.contains(id)).collect();
        used.sort_by_key(|(_, kind)| zone_shade(kind.level));
        let between = self.word("、", ", ");
        let mut labels: Vec<(u8, String)> = Vec::new();
        for (_, kind) in used {
            let name = kind.name.get(self.lang);
            match labels.last_mut().filter(|(level, _)| zone_shade(*level) == zone_shade(kind.level)) {
                Some((_, label)) if SMALL.width(&format!("{label}{between}{name}")) <= room => {
                    label.push_str(between);
                    label.push_str(name);
                }
                _ => labels.push((kind.level, name.to_owned())),
            }
        }
        labels
    }
}

/// A name of a zone where no line passes: at its top, broken into lines if need be, or else at its
/// bottom. Where lines pass everywhere, it stands above the heads of their arrows.
///
/// Only the height of the zone depends on it, so the lines stay where they are from left to right.
fn free_name(
    drawing: &Drawing,
    zone: usize,
    whole: &[String],
    wrapped: impl Fn(f64) -> Vec<String>,
) -> ZoneName {
    let rect = drawing.zones[zone];
    for side in [Side::Top, Side::Bottom] {
        let name = ZoneName { lines: whole.to_vec(), side };
        let wanted = name.ground(rect);
        // The margin as it is now: a line that passes a higher one passes this one.
        let margin = match side {
            Side::Bottom => Rect { y: rect.bottom() - route::PAD + 1.0, height: route::PAD - 2.0, ..wanted },
            Side::Top | Side::OverLines => wanted,
        };
        let widest = free_places(drawing, margin, rect.right()).map(|place| place.width).fold(0.0, f64::max);
        if widest >= wanted.width {
            return name;
        }
        let broken = wrapped(widest - 4.0);
        let is_whole = broken.last().is_none_or(|line| !line.ends_with('…'));
        if is_whole && broken.iter().all(|line| ZONE.width(line) + 12.0 <= widest) {
            return ZoneName { lines: broken, side };
        }
    }
    ZoneName { lines: whole.to_vec(), side: Side::OverLines }
}

/// The places at the height of a rectangle, from its left on, that no upright line passes.
fn free_places(drawing: &Drawing, rect: Rect, right: f64) -> impl Iterator<Item = Rect> {
    let mut passing: Vec<f64> = Vec::new();
    for points in &drawing.lines {
        for pair in points.windows(2) {
            let ((x, y1), (other, y2)) = (pair[0], pair[1]);
            let upright = (x - other).abs() < 0.1;
            if upright && y1.min(y2) < rect.bottom() && y1.max(y2) > rect.y && x >= rect.x && x < right {
                passing.push(x);
            }
        }
    }
    passing.sort_by(f64::total_cmp);
    let ends: Vec<f64> = passing.iter().map(|x| x - 5.0).chain([right - 6.0]).collect();
    let starts = std::iter::once(rect.x).chain(passing.into_iter().map(|x| x + 5.0));
    starts.zip(ends).map(move |(x, end)| Rect { x, width: end - x, ..rect })
}

/// Which lines steps take, forwards and backwards.
fn directions(steps: &[DrawnStep]) -> BTreeMap<usize, (bool, bool)> {
    let mut taken: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
    for step in steps {
        for &(line, back) in &step.lines {
            let (forward, backward) = taken.entry(line).or_default();
            *forward |= !back || step.either_way;
            *backward |= back || step.either_way;
        }
    }
    taken
}

/// The lines between assets, the lines of each link, and the pair of assets of each line.
#[expect(clippy::type_complexity, reason = "three tables that are made in one walk")]
fn lines(system: &System<'_>) -> (Vec<Line>, Vec<Vec<(usize, bool)>>, Vec<(usize, usize)>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut paths: Vec<Vec<(usize, bool)>> = vec![Vec::new(); system.document.links.len()];
    let mut known: BTreeMap<(usize, usize, u8), usize> = BTreeMap::new();
    for hop in &system.hops {
        let (from, to, link) = (hop.from as usize, hop.to as usize, hop.link as usize);
        if from == to {
            continue;
        }
        let medium = system.medium_kind(link);
        let n = *known.entry((from.min(to), from.max(to), line_style(medium))).or_insert_with(|| {
            lines.push(Line { medium, links: Vec::new(), forward: false, backward: false });
            edges.push((from, to));
            edges.len() - 1
        });
        let back = edges[n].0 != from;
        *(if back { &mut lines[n].backward } else { &mut lines[n].forward }) = true;
        if !lines[n].links.contains(&link) {
            lines[n].links.push(link);
        }
        paths[link].push((n, back));
    }
    (lines, paths, edges)
}

fn graph(system: &System<'_>, edges: Vec<(usize, usize)>) -> Graph {
    let zone = |id: &Option<Id>| id.as_ref().and_then(|id| system.zones.get(id.as_str()).copied());
    let level = |kind: &Id| system.catalog.zone_kinds.get(kind).map_or(2, |kind| kind.level);
    let tier = |kind: &Id| tier(system.catalog.asset_kinds.get(kind).map_or("", |kind| kind.icon.as_str()));
    let document = system.document;
    Graph {
        zones: document
            .zones
            .iter()
            .map(|z| ZoneNode { parent: zone(&z.within), level: level(&z.kind) })
            .collect(),
        nodes: document.assets.iter().map(|a| Node { zone: zone(&a.zone), tier: tier(&a.kind) }).collect(),
        edges,
    }
}

/// Place of an icon in the order from the edge of a network to what it moves.
fn tier(icon: &str) -> u8 {
    match icon {
        "router" | "firewall" | "gateway" | "wireless" => 0,
        "cloud" | "server" | "terminal" | "phone" | "media" | "person" => 1,
        "switch" => 2,
        "controller" => 3,
        _ => 4,
    }
}

/// Assets to begin with, each with the reasons.
fn priority(subject: &Subject<'_>, lang: Lang) -> BTreeMap<usize, Vec<String>> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for item in &subject.assessment.priority_assets {
        let Some(&n) = subject.system.assets.get(item.asset.as_str()) else { continue };
        let because = match item.because {
            Because::Harm => Text::new("★ 影響が大きい", "★ large harm"),
            Because::Likelihood => Text::new("★ 起こりやすい", "★ likely"),
        };
        found.entry(n).or_default().push(because.get(lang).to_owned());
    }
    found
}

/// Media that look the same.
fn line_style(medium: Option<MediumKind>) -> u8 {
    match medium {
        None | Some(MediumKind::Wired | MediumKind::Local) => 0,
        Some(MediumKind::Wireless) => 1,
        Some(MediumKind::Internet) => 2,
        Some(MediumKind::Removable) => 3,
    }
}

fn medium_paint(medium: Option<MediumKind>) -> (Paint, Paint) {
    match line_style(medium) {
        0 => (svg::WIRED, svg::WIRED_HEAD),
        1 => (svg::WIRELESS, svg::WIRELESS_HEAD),
        2 => (svg::INTERNET, svg::INTERNET_HEAD),
        _ => (svg::REMOVABLE, svg::REMOVABLE_HEAD),
    }
}

fn zone_shade(level: u8) -> u8 {
    match level {
        0 => 0,
        1 | 2 => 1,
        3 | 4 => 2,
        _ => 3,
    }
}

fn zone_paint(level: u8) -> Paint {
    [svg::ZONE_OUTSIDE, svg::ZONE_EDGE, svg::ZONE_INSIDE, svg::ZONE_DEEP][usize::from(zone_shade(level))]
}

fn zone_name_paint(level: u8) -> Paint {
    [svg::NAME_OUTSIDE, svg::NAME_EDGE, svg::NAME_INSIDE, svg::NAME_DEEP][usize::from(zone_shade(level))]
}

/// Where a flow enters a line, as a part of its length: a number stands nearer to it on a short
/// line, so that the head at the other end can be seen.
fn tail(steps: &[DrawnStep], line: usize) -> f64 {
    match directions(steps).get(&line) {
        Some((true, false)) => 0.3,
        Some((false, true)) => 0.7,
        _ => 0.5,
    }
}

/// Places along a line for a label, the best first: the middles of its segments, the longest first,
/// then places nearer to the ends of those. On a short line, the best is at a part of it.
fn along(points: &[(f64, f64)], part_of_short: f64) -> Vec<(f64, f64)> {
    let mut segments: Vec<((f64, f64), (f64, f64))> = points.windows(2).map(|p| (p[0], p[1])).collect();
    let length = |((x1, y1), (x2, y2)): ((f64, f64), (f64, f64))| (x2 - x1).abs() + (y2 - y1).abs();
    segments.sort_by(|a, b| length(*b).total_cmp(&length(*a)));
    let is_short = segments.len() == 1 && segments.iter().all(|&segment| length(segment) < 80.0);
    let best = if is_short { part_of_short } else { 0.5 };
    let mut places = Vec::new();
    for part in [best, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88] {
        for &((x1, y1), (x2, y2)) in &segments {
            places.push((x1 + (x2 - x1) * part, y1 + (y2 - y1) * part));
        }
    }
    places
}
