//! From a grid to a drawing: links as lines with right angles, in channels between rows and columns.
//!
//! A line leaves a box at its lower or upper edge, runs in a *lane* of the channel between two rows
//! and, if it goes far, in a lane of the channel between two columns. No channel holds a box, and a
//! line in a column runs only through empty cells, so that no line meets a box that is not its
//! own. A channel is as wide as its lanes need. Lines of one channel that would cover each other
//! get different lanes, and lanes are exchanged as long as that takes away crossings.
//!
//! The channel between two rows has three parts: within the zones that end there, between zones,
//! and within those that begin there.

use std::collections::BTreeMap;

use crate::layout::{Cells, Graph, Grid};
use crate::svg::{MARGIN, Rect};

/// Least room between two columns.
pub(crate) const GAP: f64 = 38.0;
/// From one lane to the next.
const LANE: f64 = 9.0;
/// Room at both sides of the lanes of a channel.
const EDGE: f64 = 11.0;
/// Room between the border of a zone and what is in it.
pub(crate) const PAD: f64 = 12.0;
/// From one end of a line at a box to the next.
const PORT: f64 = 13.0;
/// The same where many lines meet.
const NARROW: f64 = 5.0;
/// From the corner of a box to the first end of a line.
const INSET: f64 = 12.0;
/// Where more lines meet, the box gets wider than others.
const MANY: usize = 24;

/// A drawing: places for everything.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) boxes: Vec<Rect>,
    pub(crate) zones: Vec<Rect>,
    /// The corners of each line, from the first node of its edge to the second.
    pub(crate) lines: Vec<Vec<(f64, f64)>>,
    pub(crate) width: f64,
    pub(crate) bottom: f64,
}

/// What stays free between the upper and the lower border of a zone and what is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Margins {
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// Draws a grid below `top` with boxes of a size. The margins of the zones have room for their names;
/// what stands where from left to right does not depend on them.
pub(crate) fn draw(
    graph: &Graph,
    grid: &Grid,
    margins: &[Margins],
    (top, width, height): (f64, f64, f64),
) -> Drawing {
    let borders = Borders::new(graph, grid, margins);
    let plans = plan(graph, grid, &borders);
    let tracks = lay_tracks(grid, &plans);
    let ends = Ends::new(grid, &plans, width);
    let widths: Vec<f64> = (0..grid.nodes.len()).map(|node| ends.width(node)).collect();
    let columns = columns(grid, &borders, &tracks, (&widths, width));
    let ports = ports(grid, &plans, &columns, ends);
    let lanes = lay_lanes(grid, &plans, (&columns, &tracks), &ports);
    let rows = rows(grid, &borders, &lanes, (top, height));

    let boxes: Vec<Rect> = grid
        .nodes
        .iter()
        .zip(&widths)
        .map(|(&(column, row), &width)| {
            let left = columns.left[column] + (columns.width[column] - width) / 2.0;
            Rect::new(left, rows.top[row], width, height)
        })
        .collect();
    let zones = grid.zones.iter().enumerate().map(|(zone, cells)| {
        let (last, end) = (cells.column + cells.columns - 1, cells.row + cells.rows);
        let left = columns.left[cells.column] - borders.left[zone];
        let right = columns.left[last] + columns.width[last] + borders.right[zone];
        let top = rows.top[cells.row] - rows.size(cells.row, Part::Begins) - borders.top[zone];
        let bottom = rows.top[end - 1] + height + rows.size(end, Part::Ends) + borders.bottom[zone];
        Rect::new(left, top, right - left, bottom - top)
    });
    let lines = plans.iter().enumerate().map(|(n, plan)| {
        let (mut upper, mut lower) = (boxes[plan.upper], boxes[plan.lower]);
        let mut points = match plan.way {
            Way::Beside { slot } => {
                if upper.x > lower.x {
                    (upper, lower) = (lower, upper);
                }
                let y = upper.y + height / 2.0 + slot;
                let points = vec![(upper.right(), y), (lower.x, y)];
                if grid.nodes[plan.upper].0 > grid.nodes[plan.lower].0 {
                    points.into_iter().rev().collect()
                } else {
                    points
                }
            }
            Way::Below => vec![(ports.upper[n], upper.bottom()), (ports.upper[n], lower.y)],
            Way::Lane { channel } => {
                let y = rows.lane(channel, lanes.lane(channel, n));
                let end = if plan.is_turn(grid) { lower.bottom() } else { lower.y };
                let (a, b) = (ports.upper[n], ports.lower[n]);
                vec![(a, upper.bottom()), (a, y), (b, y), (b, end)]
            }
            Way::Track { first, track, last } => {
                let x = columns.track(track, tracks.lane(track, n));
                let (y1, y2) = (rows.lane(first, lanes.lane(first, n)), rows.lane(last, lanes.lane(last, n)));
                let (a, b) = (ports.upper[n], ports.lower[n]);
                vec![(a, upper.bottom()), (a, y1), (x, y1), (x, y2), (b, y2), (b, lower.y)]
            }
        };
        if plan.swapped {
            points.reverse();
        }
        points
    });
    let (lines, zones) = (lines.collect(), zones.collect());
    Drawing { boxes, zones, lines, width: columns.end, bottom: rows.end }
}

/// A part of the channel between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Within the zones that end there.
    Ends,
    /// Between zones.
    Between,
    /// Within the zones that begin there.
    Begins,
}

/// The row below a channel, and the part of the channel.
type Channel = (usize, Part);

/// Which way a line takes.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Straight to the neighbour in the row, so far from the middle.
    Beside { slot: f64 },
    /// Straight down.
    Below,
    /// Along one channel.
    Lane { channel: Channel },
    /// Along a channel, down between two columns, along another channel.
    Track { first: Channel, track: usize, last: Channel },
}

#[derive(Debug)]
struct Plan {
    upper: usize,
    lower: usize,
    /// The edge names the lower node first.
    swapped: bool,
    way: Way,
}

impl Plan {
    /// Whether the line comes back to the row that it left.
    fn is_turn(&self, grid: &Grid) -> bool {
        grid.nodes[self.upper].1 == grid.nodes[self.lower].1
    }
}

/// How far the borders of each zone are from the boxes or lanes within.
struct Borders {
    left: Vec<f64>,
    right: Vec<f64>,
    top: Vec<f64>,
    bottom: Vec<f64>,
    /// Most room that borders take at the left and right of each column, above and below each row.
    before_column: Vec<f64>,
    after_column: Vec<f64>,
    before_row: Vec<f64>,
    after_row: Vec<f64>,
    /// The zones around each node, innermost first.
    around: Vec<Vec<usize>>,
    cells: Vec<Cells>,
}

impl Borders {
    fn new(graph: &Graph, grid: &Grid, margins: &[Margins]) -> Self {
        let count = graph.zones.len();
        let chain = |mut zone: Option<usize>| {
            let mut chain = Vec::new();
            while let Some(here) = zone {
                chain.push(here);
                zone = graph.zones[here].parent;
            }
            chain
        };
        let mut borders = Self {
            left: vec![0.0; count],
            right: vec![0.0; count],
            top: vec![0.0; count],
            bottom: vec![0.0; count],
            before_column: vec![0.0; grid.columns + 1],
            after_column: vec![0.0; grid.columns + 1],
            before_row: vec![0.0; grid.rows + 1],
            after_row: vec![0.0; grid.rows + 1],
            around: graph.nodes.iter().map(|node| chain(node.zone)).collect(),
            cells: grid.zones.clone(),
        };
        // Inner zones first, so that the outer ones find how far theirs reach.
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&zone| std::cmp::Reverse(chain(Some(zone)).len()));
        let raise = |value: &mut f64, by: f64| *value = value.max(by);
        for zone in order {
            let Cells { column, row, columns, rows } = grid.zones[zone];
            borders.left[zone] += PAD;
            borders.right[zone] += PAD;
            borders.bottom[zone] += margins[zone].bottom;
            borders.top[zone] += margins[zone].top;
            let (left, right, top, bottom) =
                (borders.left[zone], borders.right[zone], borders.top[zone], borders.bottom[zone]);
            raise(&mut borders.before_column[column], left);
            raise(&mut borders.after_column[column + columns], right);
            raise(&mut borders.before_row[row], top);
            raise(&mut borders.after_row[row + rows], bottom);
            if let Some(parent) = graph.zones[zone].parent {
                let outer = grid.zones[parent];
                if outer.column == column {
                    raise(&mut borders.left[parent], left);
                }
                if outer.column + outer.columns == column + columns {
                    raise(&mut borders.right[parent], right);
                }
                if outer.row == row {
                    raise(&mut borders.top[parent], top);
                }
                if outer.row + outer.rows == row + rows {
                    raise(&mut borders.bottom[parent], bottom);
                }
            }
        }
        borders
    }

    /// The part of a channel itself, or the only part of a channel without borders.
    fn channel(&self, row: usize, part: Part) -> Channel {
        let bordered = self.before_row[row] > 0.0 || self.after_row[row] > 0.0;
        (row, if bordered { part } else { Part::Ends })
    }

    /// The innermost zone around both nodes.
    fn common(&self, a: usize, b: usize) -> Option<usize> {
        self.around[a].iter().copied().find(|zone| self.around[b].contains(zone))
    }
}

/// Chooses a way for every edge.
fn plan(graph: &Graph, grid: &Grid, borders: &Borders) -> Vec<Plan> {
    let mut beside: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let pair = |a: usize, b: usize| (a.min(b), a.max(b));
    for &(a, b) in &graph.edges {
        *beside.entry(pair(a, b)).or_default() += 1;
    }
    let totals = beside.clone();
    let mut load = vec![0; grid.columns + 1];
    let mut degrees = vec![0; graph.nodes.len()];
    for &(a, b) in &graph.edges {
        degrees[a] += 1;
        degrees[b] += 1;
    }
    let choose = |&(a, b): &(usize, usize)| {
        let key = |node: usize| (grid.nodes[node].1, grid.nodes[node].0);
        let swapped = key(b) < key(a);
        let (upper, lower) = if swapped { (b, a) } else { (a, b) };
        let ((column, row), (other, end)) = (grid.nodes[upper], grid.nodes[lower]);
        let inside = borders.around[upper].first() == borders.around[lower].first();
        let (leaves, arrives) =
            if inside { (Part::Ends, Part::Begins) } else { (Part::Between, Part::Between) };
        let way = if row == end {
            let (left, right) = (column.min(other), column.max(other));
            let nth = beside.get_mut(&pair(a, b)).map_or(0, |left| {
                *left -= 1;
                *left
            });
            if grid.is_clear_beside(row, left, right) && nth < 4 {
                let total = totals[&pair(a, b)].min(4);
                Way::Beside { slot: PORT * (px(nth) - (px(total) - 1.0) / 2.0) }
            } else {
                Way::Lane { channel: borders.channel(row + 1, leaves) }
            }
        } else if column == other && grid.is_clear_below(column, row, end) {
            // From a box that is wider than others, straight down may miss the lower one.
            let is_wide = degrees[upper] > MANY || degrees[lower] > MANY;
            if is_wide { Way::Lane { channel: borders.channel(end, arrives) } } else { Way::Below }
        } else if row + 1 == end {
            Way::Lane { channel: borders.channel(end, leaves) }
        } else if column != other && grid.is_clear_below(column, row, end) {
            Way::Lane { channel: borders.channel(end, arrives) }
        } else if column != other && grid.is_clear_below(other, row, end) {
            Way::Lane { channel: borders.channel(row + 1, leaves) }
        } else {
            let track = best_track(grid, borders, &load, upper, lower);
            load[track] += 1;
            Way::Track { first: borders.channel(row + 1, leaves), track, last: borders.channel(end, arrives) }
        };
        Plan { upper, lower, swapped, way }
    };
    graph.edges.iter().map(choose).collect()
}

/// The gap between columns in which a line runs down: near, not crowded, and within the zone.
fn best_track(grid: &Grid, borders: &Borders, load: &[usize], upper: usize, lower: usize) -> usize {
    let (a, b) = (grid.nodes[upper].0 * 2 + 1, grid.nodes[lower].0 * 2 + 1);
    let zone = borders.common(upper, lower).map(|zone| borders.cells[zone]);
    let cost = |track: usize| {
        let detour = (track * 2).abs_diff(a) + (track * 2).abs_diff(b);
        let outside = zone.is_some_and(|z| track <= z.column || track >= z.column + z.columns);
        let at_edge = track == 0 || track == grid.columns;
        detour * 100 + load[track] * 8 + if outside { 150 } else { 0 } + if at_edge { 60 } else { 0 }
    };
    (0..=grid.columns).min_by_key(|&track| cost(track)).unwrap_or_default()
}

/// A piece of a line in a channel.
#[derive(Debug, Clone, Copy)]
struct Piece {
    edge: usize,
    low: f64,
    high: f64,
    /// Whether the line goes on from the low end towards lanes with higher numbers.
    low_on: bool,
    /// The same for the high end.
    high_on: bool,
}

/// The lanes of all channels of one direction.
#[derive(Debug)]
struct Lanes<K> {
    lane: BTreeMap<(K, usize), usize>,
    count: BTreeMap<K, usize>,
}

impl<K: Ord + Copy> Lanes<K> {
    /// Gives the pieces of each channel their lanes. Pieces in one lane are `apart`.
    fn new(channels: BTreeMap<K, Vec<Piece>>, apart: f64) -> Self {
        let mut lanes = Self { lane: BTreeMap::new(), count: BTreeMap::new() };
        for (channel, pieces) in channels {
            let of_channel = stack(pieces, apart);
            lanes.count.insert(channel, of_channel.len());
            for (n, lane) in of_channel.iter().enumerate() {
                lanes.lane.extend(lane.iter().map(|piece| ((channel, piece.edge), n)));
            }
        }
        lanes
    }

    fn lane(&self, channel: K, edge: usize) -> usize {
        self.lane.get(&(channel, edge)).copied().unwrap_or_default()
    }

    fn count(&self, channel: K) -> usize {
        self.count.get(&channel).copied().unwrap_or_default()
    }
}

/// Stacks pieces into lanes and exchanges neighbouring lanes while that takes away crossings.
fn stack(mut pieces: Vec<Piece>, apart: f64) -> Vec<Vec<Piece>> {
    pieces.sort_by(|a, b| a.low.total_cmp(&b.low).then(a.high.total_cmp(&b.high)).then(a.edge.cmp(&b.edge)));
    let mut lanes: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        let free = |lane: &&mut Vec<Piece>| lane.last().is_none_or(|last| last.high + apart < piece.low);
        match lanes.iter_mut().find(free) {
            Some(lane) => lane.push(piece),
            None => lanes.push(vec![piece]),
        }
    }
    for _ in 0..lanes.len().min(60) {
        let mut better = false;
        for n in 1..lanes.len() {
            if crossings(&lanes[n], &lanes[n - 1]) < crossings(&lanes[n - 1], &lanes[n]) {
                lanes.swap(n - 1, n);
                better = true;
            }
        }
        if !better {
            break;
        }
    }
    lanes
}

/// How often lines of two lanes cross, if the first has the lower number.
fn crossings(first: &[Piece], second: &[Piece]) -> usize {
    let meets = |at: f64, other: &Piece| other.low < at && at < other.high;
    let mut count = 0;
    for a in first {
        for b in second {
            count += usize::from(a.low_on && meets(a.low, b)) + usize::from(a.high_on && meets(a.high, b));
            count += usize::from(!b.low_on && meets(b.low, a)) + usize::from(!b.high_on && meets(b.high, a));
        }
    }
    count
}

/// Lanes of the channels between columns.
fn lay_tracks(grid: &Grid, plans: &[Plan]) -> Lanes<usize> {
    let mut channels: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    for (edge, plan) in plans.iter().enumerate() {
        let Way::Track { first, track, last } = plan.way else { continue };
        let height = |(row, part): Channel| px(row * 4 + part as usize);
        channels.entry(track).or_default().push(Piece {
            edge,
            low: height(first),
            high: height(last),
            low_on: grid.nodes[plan.upper].0 >= track,
            high_on: grid.nodes[plan.lower].0 >= track,
        });
    }
    Lanes::new(channels, 0.5)
}

/// Where columns begin.
struct Columns {
    left: Vec<f64>,
    width: Vec<f64>,
    /// First lane of the gap left of each column.
    lanes: Vec<f64>,
    end: f64,
}

impl Columns {
    fn track(&self, track: usize, lane: usize) -> f64 {
        self.lanes[track] + LANE * px(lane)
    }
}

fn columns(grid: &Grid, borders: &Borders, tracks: &Lanes<usize>, (widths, least): (&[f64], f64)) -> Columns {
    let mut width = vec![least; grid.columns];
    for (&(column, _), &own) in grid.nodes.iter().zip(widths) {
        width[column] = own.max(width[column]);
    }
    let mut columns = Columns { left: Vec::new(), width, lanes: Vec::new(), end: 0.0 };
    let mut x = MARGIN;
    for gap in 0..=grid.columns {
        let count = tracks.count(gap);
        let room = room(count);
        let (after, before) = (borders.after_column[gap], borders.before_column[gap]);
        let at_edge = gap == 0 || gap == grid.columns;
        let least = if at_edge { 0.0 } else { (GAP - after - before).max(12.0) };
        let spare = (least - room).max(0.0);
        columns.lanes.push(x + after + spare / 2.0 + EDGE);
        x += after + room + spare + before;
        if gap < grid.columns {
            columns.left.push(x);
            x += columns.width[gap];
        }
    }
    columns.end = x + MARGIN;
    columns
}

/// Room for a number of lanes.
fn room(lanes: usize) -> f64 {
    if lanes == 0 { 0.0 } else { EDGE * 2.0 + LANE * (px(lanes) - 1.0) }
}

/// Where lines leave and reach boxes, by edge.
struct Ports {
    upper: Vec<f64>,
    lower: Vec<f64>,
}

/// The ends of lines at the lower and at the upper edge of each node: the half column that the line
/// heads for, and its edge.
struct Ends {
    down: BTreeMap<usize, Vec<(usize, usize)>>,
    up: BTreeMap<usize, Vec<(usize, usize)>>,
    /// Width of a box that few lines meet.
    least: f64,
}

impl Ends {
    fn new(grid: &Grid, plans: &[Plan], least: f64) -> Self {
        let mut down: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        let mut up: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (edge, plan) in plans.iter().enumerate() {
            let heads = |node: usize| grid.nodes[node].0 * 2 + 1;
            match plan.way {
                Way::Beside { .. } => {}
                Way::Below => {
                    down.entry(plan.upper).or_default().push((heads(plan.upper), edge));
                    up.entry(plan.lower).or_default().push((heads(plan.lower), edge));
                }
                Way::Lane { .. } => {
                    down.entry(plan.upper).or_default().push((heads(plan.lower), edge));
                    let side = if plan.is_turn(grid) { &mut down } else { &mut up };
                    side.entry(plan.lower).or_default().push((heads(plan.upper), edge));
                }
                Way::Track { track, .. } => {
                    down.entry(plan.upper).or_default().push((track * 2, edge));
                    up.entry(plan.lower).or_default().push((track * 2, edge));
                }
            }
        }
        Self { down, up, least }
    }

    /// Width of a node's box: that of all, or more where many lines meet.
    fn width(&self, node: usize) -> f64 {
        let most =
            self.down.get(&node).map_or(0, Vec::len).max(self.up.get(&node).map_or(0, |up| up.len() + 3));
        self.least.max(INSET * 2.0 + NARROW * px(most))
    }
}

fn ports(grid: &Grid, plans: &[Plan], columns: &Columns, mut ends: Ends) -> Ports {
    // One distance between ports for each column, so that ports of boxes below each other never meet:
    // those at lower edges stand on the distance, those at upper edges between. A line that comes
    // straight from the box above keeps its place; its neighbours stand further away.
    let mut distances = vec![PORT; grid.columns];
    for (&node, own) in &ends.down {
        let distance = &mut distances[grid.nodes[node].0];
        *distance = distance.min((ends.width(node) - INSET * 2.0) / px(own.len()));
    }
    for (&node, own) in &ends.up {
        let distance = &mut distances[grid.nodes[node].0];
        *distance = distance.min((ends.width(node) - INSET * 2.0) / px(own.len() + 3));
    }
    let mut ports = Ports { upper: vec![0.0; plans.len()], lower: vec![0.0; plans.len()] };
    for (&node, own) in &mut ends.down {
        let column = grid.nodes[node].0;
        own.sort_unstable();
        let middle = columns.left[column] + columns.width[column] / 2.0;
        let half = px(own.len() / 2);
        for (n, &(_, edge)) in own.iter().enumerate() {
            let x = middle + distances[column] * (px(n) - half);
            // A line that turns has both ends at lower edges.
            let end = if plans[edge].upper == node { &mut ports.upper } else { &mut ports.lower };
            end[edge] = x;
        }
    }
    for (&node, own) in &mut ends.up {
        let (column, row) = grid.nodes[node];
        own.sort_unstable();
        let distance = distances[column];
        let middle = columns.left[column] + columns.width[column] / 2.0;
        let is_straight = |&(_, edge): &(usize, usize)| matches!(plans[edge].way, Way::Below);
        let (straight, others): (Vec<_>, Vec<_>) = own.iter().partition(|end| is_straight(end));
        let mut end = |&(_, edge): &(usize, usize), x: f64| ports.lower[edge] = x;
        let (Some(&(_, first)), Some(&(_, last))) = (straight.first(), straight.last()) else {
            let shared = (0..row).any(|above| grid.at(column, above).is_some());
            let shift = if shared { distance / 2.0 } else { 0.0 };
            let half = px(own.len() / 2);
            for (n, one) in own.iter().enumerate() {
                end(one, middle + shift + distance * (px(n) - half));
            }
            continue;
        };
        let (first, last) = (ports.upper[first], ports.upper[last]);
        for &(heads, edge) in &straight {
            end(&(heads, edge), ports.upper[edge]);
        }
        // As many as have room go to the side that they come from.
        let reach = columns.width[column] / 2.0 - INSET;
        let room = |side: f64| (0..others.len()).take_while(|&n| distance * (px(n) + 1.5) <= side).count();
        let wanted = own.iter().position(is_straight).unwrap_or_default();
        let left = wanted
            .min(room(first - (middle - reach)))
            .max(others.len().saturating_sub(room(middle + reach - last)));
        for (n, one) in others.iter().enumerate() {
            let x = if n < left {
                first - distance * (px(left - n) + 0.5)
            } else {
                last + distance * (px(n - left) + 1.5)
            };
            end(one, x);
        }
    }
    ports
}

/// Lanes of the channels between rows.
fn lay_lanes(
    grid: &Grid,
    plans: &[Plan],
    (columns, tracks): (&Columns, &Lanes<usize>),
    ports: &Ports,
) -> Lanes<Channel> {
    let mut channels: BTreeMap<Channel, Vec<Piece>> = BTreeMap::new();
    let mut add = |channel: Channel, edge: usize, (a, a_on): (f64, bool), (b, b_on): (f64, bool)| {
        let ((low, low_on), (high, high_on)) =
            if a <= b { ((a, a_on), (b, b_on)) } else { ((b, b_on), (a, a_on)) };
        channels.entry(channel).or_default().push(Piece { edge, low, high, low_on, high_on });
    };
    for (edge, plan) in plans.iter().enumerate() {
        let (a, b) = (ports.upper[edge], ports.lower[edge]);
        match plan.way {
            Way::Beside { .. } | Way::Below => {}
            Way::Lane { channel } => add(channel, edge, (a, false), (b, !plan.is_turn(grid))),
            Way::Track { first, track, last } => {
                let x = columns.track(track, tracks.lane(track, edge));
                add(first, edge, (a, false), (x, true));
                add(last, edge, (x, false), (b, true));
            }
        }
    }
    Lanes::new(channels, 8.0)
}

/// Where rows begin.
struct Rows {
    top: Vec<f64>,
    /// First lane and size of each part of a channel.
    parts: BTreeMap<Channel, (f64, f64)>,
    end: f64,
}

impl Rows {
    fn lane(&self, channel: Channel, lane: usize) -> f64 {
        self.parts.get(&channel).map_or(0.0, |part| part.0 + LANE * px(lane))
    }

    fn size(&self, row: usize, part: Part) -> f64 {
        self.parts.get(&(row, part)).map_or(0.0, |part| part.1)
    }
}

fn rows(grid: &Grid, borders: &Borders, lanes: &Lanes<Channel>, (top, height): (f64, f64)) -> Rows {
    let mut rows = Rows { top: Vec::new(), parts: BTreeMap::new(), end: 0.0 };
    let mut y = top;
    for row in 0..=grid.rows {
        let (after, before) = (borders.after_row[row], borders.before_row[row]);
        let bordered = after > 0.0 || before > 0.0;
        let at_edge = row == 0 || row == grid.rows;
        let least = |part| match part {
            Part::Ends if !bordered && !at_edge => 40.0,
            Part::Between if bordered && !at_edge => 16.0,
            _ => 0.0,
        };
        for (part, border) in [(Part::Ends, 0.0), (Part::Between, after), (Part::Begins, before)] {
            y += border;
            let room = room(lanes.count((row, part)));
            let size = room.max(least(part));
            rows.parts.insert((row, part), (y + (size - room) / 2.0 + EDGE, size));
            y += size;
        }
        if row < grid.rows {
            rows.top.push(y);
            y += height;
        }
    }
    rows.end = y;
    rows
}

/// A count as a length.
pub(crate) fn px(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
