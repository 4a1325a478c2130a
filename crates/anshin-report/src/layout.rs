//! Where assets and zones stand: a grid of cells, in the manner of the Purdue model.
//!
//! Zones lie on *shelves*, those open to the outside on top, deeper ones below, and side by side
//! where that would make a tower; within a zone
//! assets lie in rows by their *tier*, from what forwards at the edge down to what moves things.
//! Shelves and rows follow from what a thing is, not from its links, so that a new link or asset
//! leaves the rest where it was. Links decide only about the order within a shelf and within a
//! row: each is improved from the order of the document by exchanging neighbours as long as the
//! links get shorter. There, a link is as long as the places in that order are apart, whatever room
//! each takes: what has no link changes no order. At last everything slides within its row to where
//! its links are straight, and passes nobody.

use std::collections::BTreeMap;

use crate::route::px;

/// What is to be laid out.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) zones: Vec<ZoneNode>,
    pub(crate) nodes: Vec<Node>,
    /// Pairs of nodes that are joined; several between the same two are allowed.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// A zone to be laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ZoneNode {
    pub(crate) parent: Option<usize>,
    /// How far inside, 0 to 5.
    pub(crate) level: u8,
}

/// An asset to be laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) zone: Option<usize>,
    /// Place in the order from the edge of a network to what it moves.
    pub(crate) tier: u8,
}

/// A block of cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(crate) column: usize,
    pub(crate) row: usize,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// Everything in its cell.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Column and row of each node.
    pub(crate) nodes: Vec<(usize, usize)>,
    /// Cells of each zone.
    pub(crate) zones: Vec<Cells>,
    /// Node in each cell, row by row.
    taken: Vec<Option<usize>>,
}

impl Grid {
    /// The node in a cell.
    pub(crate) fn at(&self, column: usize, row: usize) -> Option<usize> {
        self.taken[row * self.columns + column]
    }

    /// Whether the cells of a column between two rows are empty, the two not counted.
    pub(crate) fn is_clear_below(&self, column: usize, above: usize, below: usize) -> bool {
        (above + 1..below).all(|row| self.at(column, row).is_none())
    }

    /// Whether the cells of a row between two columns are empty, the two not counted.
    pub(crate) fn is_clear_beside(&self, row: usize, left: usize, right: usize) -> bool {
        (left + 1..right).all(|column| self.at(column, row).is_none())
    }

    fn put(&mut self, node: usize, column: usize, row: usize) {
        self.nodes[node] = (column, row);
        self.taken[row * self.columns + column] = Some(node);
    }

    /// Moves nodes to other columns of their rows.
    fn shift(&mut self, moves: &[(usize, usize)]) {
        for &(node, _) in moves {
            let (column, row) = self.nodes[node];
            self.taken[row * self.columns + column] = None;
        }
        for &(node, column) in moves {
            self.put(node, column, self.nodes[node].1);
        }
    }
}

/// Puts everything in its cell.
pub(crate) fn place(graph: &Graph) -> Grid {
    let mut placer = Placer::new(graph);
    let root = graph.zones.len();
    placer.measure(root);
    let all = Cells {
        column: 0,
        row: 0,
        columns: placer.blocks[root].columns.max(1),
        rows: placer.blocks[root].rows.max(1),
    };
    placer.spread(root, all, Part { left: 0.0, width: 1.0 });
    placer.order_rows();
    let mut grid = Grid {
        columns: all.columns,
        rows: all.rows,
        nodes: vec![(0, 0); graph.nodes.len()],
        zones: placer.cells[..root].to_vec(),
        taken: vec![None; all.columns * all.rows],
    };
    let rows = placer.put(&mut grid);
    slide(&placer.joined, &mut grid, &rows);
    grid
}

/// Zones side by side, and how many rows the highest of them has.
type Shelf = (Vec<usize>, usize);

/// How many times as many rows as columns a block may have before zones of different depth share its
/// shelves: a cell is about half as high as it is wide.
const HIGHEST: usize = 2;

/// Most rounds of exchanges.
const PASSES: usize = 12;

/// What one place away from the order of the document is worth, as a part of a link's way over that
/// place: many small gains do not mix up an order that a person has written.
const HOME: f64 = 0.3;

/// The least part of all links of a shelf that a zone changes its place for.
const LEAST_SHARE: f64 = 0.02;

/// Most nodes of a row that slide for one: more are hardly ever worth it, and take long to look at.
const MOST_PUSHED: usize = 8;

/// The least gain that an exchange is made for; what is less is rounding.
const LEAST: f64 = 0.01;

/// A zone, or the ground that all stands on, on its way to the grid.
#[derive(Debug, Clone, Default)]
struct Block {
    /// Its own nodes in rows.
    own: Vec<Vec<usize>>,
    /// Nodes in the longest of these rows.
    most: usize,
    children: Vec<usize>,
    /// The children side by side, shelf by shelf.
    shelves: Vec<Shelf>,
    columns: usize,
    rows: usize,
}

/// The part of the whole width, which is 1, that a block has if all on a shelf are equally wide.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    left: f64,
    width: f64,
}

impl Part {
    /// The middle of one of so many equal parts of it.
    fn middle(self, n: usize, of: usize) -> f64 {
        self.left + self.width * (px(n) + 0.5) / px(of)
    }
}

/// Which row a node is in, and its place in the order that the document gives it there.
#[derive(Debug, Clone, Copy, Default)]
struct Home {
    row: usize,
    at: usize,
}

/// Where in the whole width a node can come to stand without passing another one of its row.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    from: f64,
    to: f64,
}

impl Reach {
    /// How far two nodes stay apart, each as near to the other as it can come.
    fn apart(self, other: Self) -> f64 {
        (self.from - other.to).max(other.from - self.to).max(0.0)
    }
}

/// The nodes of a row that have links, in their order.
#[derive(Debug)]
struct Row {
    order: Vec<usize>,
    part: Part,
    /// Among how many equal places in its part.
    room: usize,
}

impl Row {
    fn reach(&self, at: usize) -> Reach {
        let spare = self.room.saturating_sub(self.order.len());
        Reach { from: self.part.middle(at, self.room), to: self.part.middle(at + spare, self.room) }
    }

    /// Goes through the row once; tells whether anything has moved.
    fn exchange(&mut self, joined: &[Vec<usize>], homes: &[Home], reaches: &mut [Reach]) -> bool {
        let place = self.part.width / px(self.room);
        let mut moved = false;
        for left in 0..self.order.len().saturating_sub(1) {
            let (a, b) = (self.order[left], self.order[left + 1]);
            let cost = |node: usize, at: usize, other: usize| {
                let here = self.reach(at);
                let way = |&to: &usize| {
                    let is_beside = homes[to].row == homes[node].row;
                    if is_beside { (here.from - reaches[to].from).abs() } else { here.apart(reaches[to]) }
                };
                let links: f64 = joined[node].iter().filter(|&&to| to != other).map(way).sum();
                links + place * HOME * px(at.abs_diff(homes[node].at))
            };
            let now = cost(a, left, b) + cost(b, left + 1, a);
            if cost(a, left + 1, b) + cost(b, left, a) + place * LEAST < now {
                self.order.swap(left, left + 1);
                (reaches[a], reaches[b]) = (self.reach(left + 1), self.reach(left));
                moved = true;
            }
        }
        moved
    }
}

struct Placer<'a> {
    graph: &'a Graph,
    /// The nodes that each node is joined to.
    joined: Vec<Vec<usize>>,
    /// One for each zone, and the ground as the last.
    blocks: Vec<Block>,
    cells: Vec<Cells>,
    parts: Vec<Part>,
    /// The middle of the part that a node stands in, as far as it is known.
    middle: Vec<Option<f64>>,
}

impl<'a> Placer<'a> {
    fn new(graph: &'a Graph) -> Self {
        let root = graph.zones.len();
        let mut blocks = vec![Block::default(); root + 1];
        for (n, zone) in graph.zones.iter().enumerate() {
            blocks[zone.parent.unwrap_or(root)].children.push(n);
        }
        let mut own: Vec<Vec<usize>> = vec![Vec::new(); root + 1];
        for (n, node) in graph.nodes.iter().enumerate() {
            own[node.zone.unwrap_or(root)].push(n);
        }
        for (block, own) in blocks.iter_mut().zip(own) {
            block.children.sort_by_key(|&zone| graph.zones[zone].level);
            block.own = rows_of(graph, own);
            block.most = block.own.iter().map(Vec::len).max().unwrap_or(0);
            block.columns = block.most;
        }
        let mut joined: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
        for &(a, b) in &graph.edges {
            joined[a].push(b);
            joined[b].push(a);
        }
        Self {
            graph,
            joined,
            blocks,
            cells: vec![Cells::default(); root + 1],
            parts: vec![Part::default(); root + 1],
            middle: vec![None; graph.nodes.len()],
        }
    }

    /// Works out how much room a block needs, and which of its children share a shelf: as many as
    /// make the block somewhat wider than high. Tells the cells of all rows in it.
    fn measure(&mut self, block: usize) -> usize {
        let children = self.blocks[block].children.clone();
        let own = self.blocks[block].own.len() * self.blocks[block].columns;
        let cells = own + children.iter().map(|&child| self.measure(child)).sum::<usize>();
        let most = columns_for(cells).max(self.blocks[block].columns);
        let mut shelves = self.shelves(&children, most, true);
        let (columns, rows) = self.size_of(block, &shelves);
        if rows > columns * HIGHEST {
            shelves = self.shelves(&children, most, false);
        }
        let (columns, rows) = self.size_of(block, &shelves);
        let block = &mut self.blocks[block];
        (block.columns, block.rows) = (columns.max(1), rows.max(1));
        block.shelves = shelves;
        cells
    }

    /// Zones in their order on shelves of so many columns at most; those of one depth on shelves of
    /// their own, if wanted.
    fn shelves(&self, zones: &[usize], most: usize, by_level: bool) -> Vec<Shelf> {
        let mut shelves: Vec<Shelf> = Vec::new();
        let (mut used, mut level) = (0, 0);
        for &zone in zones {
            let (columns, rows) = (self.blocks[zone].columns, self.blocks[zone].rows);
            let fits = !by_level || self.graph.zones[zone].level == level;
            match shelves.last_mut() {
                Some((shelf, height)) if fits && used + columns <= most => {
                    shelf.push(zone);
                    *height = rows.max(*height);
                    used += columns;
                }
                _ => {
                    shelves.push((vec![zone], rows));
                    (used, level) = (columns, self.graph.zones[zone].level);
                }
            }
        }
        shelves
    }

    /// Columns and rows that a block needs with its zones on these shelves.
    fn size_of(&self, block: usize, shelves: &[Shelf]) -> (usize, usize) {
        let block = &self.blocks[block];
        let width = |shelf: &[usize]| shelf.iter().map(|&zone| self.blocks[zone].columns).sum();
        let widest = shelves.iter().map(|(shelf, _)| width(shelf)).max().unwrap_or(0);
        (block.most.max(widest), block.own.len() + shelves.iter().map(|(_, height)| height).sum::<usize>())
    }

    /// Gives a block its cells and shares them among its children.
    fn spread(&mut self, block: usize, cells: Cells, part: Part) {
        (self.cells[block], self.parts[block]) = (cells, part);
        for &node in self.blocks[block].own.iter().flatten() {
            self.middle[node] = Some(part.middle(0, 1));
        }
        let mut row = cells.row + self.blocks[block].own.len();
        let bottom = cells.row + cells.rows;
        let shelves = self.blocks[block].shelves.clone();
        let last = shelves.len().saturating_sub(1);
        for (n, (shelf, height)) in shelves.into_iter().enumerate() {
            let height = if n == last { bottom - row } else { height };
            let widths = self.share(&shelf, cells.columns);
            let width = part.width / px(shelf.len());
            let mut column = cells.column;
            for (at, child) in self.order(&shelf, part).into_iter().enumerate() {
                let columns = widths[&child];
                let left = part.left + width * px(at);
                self.spread(child, Cells { column, row, columns, rows: height }, Part { left, width });
                column += columns;
            }
            row += height;
        }
    }

    /// Shares columns among the zones of a shelf: what each needs, the rest evenly.
    fn share(&self, shelf: &[usize], columns: usize) -> BTreeMap<usize, usize> {
        let needed: usize = shelf.iter().map(|&zone| self.blocks[zone].columns).sum();
        let rest = columns.saturating_sub(needed);
        let (each, odd) = (rest / shelf.len(), rest % shelf.len());
        let share =
            |(n, &zone): (usize, &usize)| (zone, self.blocks[zone].columns + each + usize::from(n < odd));
        shelf.iter().enumerate().map(share).collect()
    }

    /// The order of the zones of a shelf in which their links are short.
    fn order(&self, shelf: &[usize], part: Part) -> Vec<usize> {
        if shelf.len() < 2 {
            return shelf.to_vec();
        }
        let place = |node: usize| {
            let mut zone = self.graph.nodes[node].zone;
            while let Some(here) = zone {
                if let Some(n) = shelf.iter().position(|&z| z == here) {
                    return Some(n);
                }
                zone = self.graph.zones[here].parent;
            }
            None
        };
        // Links within the shelf, and links to what stands already.
        let mut inside: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut outside: Vec<(usize, f64)> = Vec::new();
        for &(a, b) in &self.graph.edges {
            match (place(a), place(b)) {
                (Some(a), Some(b)) if a != b => *inside.entry((a.min(b), a.max(b))).or_default() += 1.0,
                (Some(here), None) => outside.extend(self.middle[b].map(|middle| (here, middle))),
                (None, Some(here)) => outside.extend(self.middle[a].map(|middle| (here, middle))),
                _ => {}
            }
        }
        let length = |order: &[usize]| {
            let mut middles = vec![0.0_f64; shelf.len()];
            for (at, &n) in order.iter().enumerate() {
                middles[n] = part.middle(at, shelf.len());
            }
            let within: f64 =
                inside.iter().map(|(&(a, b), count)| (middles[a] - middles[b]).abs() * count).sum();
            let without: f64 = outside.iter().map(|&(a, middle)| (middles[a] - middle).abs()).sum();
            within + without
        };
        let mut order: Vec<usize> = (0..shelf.len()).collect();
        let mut best = length(&order);
        for _ in 0..shelf.len() {
            let before = best;
            let worth = (part.width * HOME / px(shelf.len())).max(best * LEAST_SHARE);
            for from in 0..order.len() {
                for to in 0..order.len() {
                    let mut tried = order.clone();
                    let moved = tried.remove(from);
                    tried.insert(to, moved);
                    let length = length(&tried);
                    if length + worth < best {
                        (order, best) = (tried, length);
                    }
                }
            }
            if best + worth > before {
                break;
            }
        }
        order.into_iter().map(|n| shelf[n]).collect()
    }

    /// Exchanges neighbours of a row as long as links get shorter by more than the order of the
    /// document is worth. What has no links keeps its place and counts for nothing.
    fn order_rows(&mut self) {
        let mut rows: Vec<Row> = Vec::new();
        let mut homes = vec![Home::default(); self.graph.nodes.len()];
        for (n, block) in self.blocks.iter().enumerate() {
            let linked = |row: &Vec<usize>| -> Vec<usize> {
                row.iter().copied().filter(|&node| !self.joined[node].is_empty()).collect()
            };
            let own: Vec<Vec<usize>> = block.own.iter().map(linked).collect();
            let longest = own.iter().map(Vec::len).max().unwrap_or(0);
            let room = columns_of_zone(own.iter().map(Vec::len).sum()).max(longest);
            for order in own {
                for (at, &node) in order.iter().enumerate() {
                    homes[node] = Home { row: rows.len(), at };
                }
                rows.push(Row { order, part: self.parts[n], room });
            }
        }
        let mut reaches = vec![Reach::default(); self.graph.nodes.len()];
        for row in &rows {
            for (at, &node) in row.order.iter().enumerate() {
                reaches[node] = row.reach(at);
            }
        }
        for _ in 0..PASSES {
            let mut moved = false;
            for row in &mut rows {
                moved |= row.exchange(&self.joined, &homes, &mut reaches);
            }
            if !moved {
                break;
            }
        }
        let own = self.blocks.iter_mut().flat_map(|block| &mut block.own);
        for (own, row) in own.zip(rows) {
            let linked = own.iter_mut().filter(|node| !self.joined[**node].is_empty());
            for (place, node) in linked.zip(row.order) {
                *place = node;
            }
        }
    }

    /// Puts the nodes into cells, the rows of a zone in its middle, one below the other; tells the
    /// rows with the columns that they may use.
    fn put(&self, grid: &mut Grid) -> Vec<(Vec<usize>, Cells)> {
        let mut rows = Vec::new();
        for (block, cells) in self.blocks.iter().zip(&self.cells) {
            // A zone that is higher than its rows has them in its middle.
            let spare = if block.shelves.is_empty() { cells.rows - block.own.len() } else { 0 };
            let start = cells.column + (cells.columns - block.most) / 2;
            for (n, own) in block.own.iter().enumerate() {
                let row = cells.row + spare / 2 + n;
                for (at, &node) in own.iter().enumerate() {
                    grid.put(node, start + at, row);
                }
                rows.push((own.clone(), Cells { row, rows: 1, ..*cells }));
            }
        }
        rows
    }
}

/// How many columns so many cells are laid out in, somewhat wider than high. It grows in a few large
/// steps, so that one cell more hardly ever makes everything stand elsewhere.
fn columns_for(cells: usize) -> usize {
    let wide = |columns: &usize| columns * columns * 2 / 3 >= cells;
    std::iter::successors(Some(6), |columns: &usize| Some(columns + columns / 2)).find(wide).unwrap_or(6)
}

/// How many nodes of a zone stand in a row: four, and twice as many where that makes more than six rows.
fn columns_of_zone(nodes: usize) -> usize {
    let holds = |columns: &usize| columns * 6 >= nodes;
    std::iter::successors(Some(4), |columns: &usize| Some(columns * 2)).find(holds).unwrap_or(4)
}

/// The nodes of a zone in rows: one or more for each tier, small tiers together in one. A row is filled
/// before the next is begun: a further node leaves those before it where they are.
fn rows_of(graph: &Graph, mut own: Vec<usize>) -> Vec<Vec<usize>> {
    own.sort_by_key(|&node| graph.nodes[node].tier);
    let alone = columns_of_zone(own.len());
    let shared = alone - 1;
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for tier in own.chunk_by(|&a, &b| graph.nodes[a].tier == graph.nodes[b].tier) {
        match rows.last_mut() {
            Some(row) if row.len() + tier.len() <= shared => row.extend(tier),
            _ => rows.extend(tier.chunks(alone).map(<[usize]>::to_vec)),
        }
    }
    rows
}

/// Slides nodes along their rows, those in the way before them, as long as links get shorter by more
/// than the way from where they stood is worth.
fn slide(joined: &[Vec<usize>], grid: &mut Grid, rows: &[(Vec<usize>, Cells)]) {
    let mut places = vec![(0, 0); grid.nodes.len()];
    for (n, (row, _)) in rows.iter().enumerate() {
        for (at, &node) in row.iter().enumerate() {
            places[node] = (n, at);
        }
    }
    let homes = grid.nodes.iter().map(|&(column, _)| column).collect();
    let slides = Slides { joined, rows, places, homes };
    for _ in 0..PASSES {
        let mut moved = false;
        for &node in rows.iter().flat_map(|(row, _)| row) {
            moved |= slides.slide_one(grid, node);
        }
        if !moved {
            break;
        }
    }
}

/// What is known of the nodes that slide.
struct Slides<'a> {
    joined: &'a [Vec<usize>],
    rows: &'a [(Vec<usize>, Cells)],
    /// The row of each node, and its place there.
    places: Vec<(usize, usize)>,
    /// The column of each node at first.
    homes: Vec<usize>,
}

/// Nodes, and the column that each comes to in its row.
type Moves = Vec<(usize, usize)>;

impl Slides<'_> {
    /// Slides a node, alone or with all that stand straight above and below it on its links, to where
    /// the links of all that move for it are shortest, if that is elsewhere.
    fn slide_one(&self, grid: &mut Grid, node: usize) -> bool {
        let from = grid.nodes[node].0;
        let (_, cells) = self.rows[self.places[node].0];
        let chain = self.chain(grid, node);
        let sets = [&[node][..], &chain];
        let mut best: Option<(usize, Moves)> = None;
        for to in (cells.column..cells.column + cells.columns).filter(|&to| to != from) {
            // Without a chain the two are the same.
            for together in sets.into_iter().take(chain.len()) {
                let pushed = together.iter().map(|&node| self.pushed(grid, node, (from, to)));
                let Some(moves) = pushed.collect::<Option<Vec<Moves>>>().map(|moves| moves.concat()) else {
                    continue;
                };
                let back: Moves = moves.iter().map(|&(node, _)| (node, grid.nodes[node].0)).collect();
                let before = self.cost(grid, &moves);
                grid.shift(&moves);
                let after = self.cost(grid, &moves);
                grid.shift(&back);
                let gain = before.saturating_sub(after);
                if gain > best.as_ref().map_or(0, |(gain, _)| *gain) {
                    best = Some((gain, moves));
                }
            }
        }
        let Some((_, moves)) = best else { return false };
        grid.shift(&moves);
        true
    }

    /// A node and all that stand in its column on straight links from it, one after the other.
    fn chain(&self, grid: &Grid, node: usize) -> Vec<usize> {
        let mut chain = vec![node];
        let mut next = 0;
        while let Some(&here) = chain.get(next) {
            let (column, row) = grid.nodes[here];
            for &other in &self.joined[here] {
                let (there, other_row) = grid.nodes[other];
                let (above, below) = (row.min(other_row), row.max(other_row));
                if there == column && !chain.contains(&other) && grid.is_clear_below(column, above, below) {
                    chain.push(other);
                }
            }
            next += 1;
        }
        chain
    }

    /// Which nodes of a row come to which columns when one of them slides so far: those in the way go
    /// on before it. Nothing if they have no room.
    fn pushed(&self, grid: &Grid, node: usize, (from, to): (usize, usize)) -> Option<Moves> {
        let (row, at) = self.places[node];
        let (row, cells) = &self.rows[row];
        let column = |node: usize| grid.nodes[node].0;
        let holds = |&column: &usize| (cells.column..cells.column + cells.columns).contains(&column);
        let mut moves = vec![(node, to)];
        let mut next = to;
        if to > from {
            for &other in &row[at + 1..] {
                if column(other) > next {
                    break;
                }
                if moves.len() == MOST_PUSHED {
                    return None;
                }
                next += 1;
                moves.push((other, next));
            }
        } else {
            for &other in row[..at].iter().rev() {
                if column(other) < next {
                    break;
                }
                if moves.len() == MOST_PUSHED {
                    return None;
                }
                next = next.checked_sub(1)?;
                moves.push((other, next));
            }
        }
        (holds(&to) && holds(&next)).then_some(moves)
    }

    /// How long and bent the links of nodes are, and how far they stand from where they stood.
    fn cost(&self, grid: &Grid, moves: &Moves) -> usize {
        let one = |&(node, _): &(usize, usize)| {
            cost_of(grid, &self.joined[node], node) + 3 * grid.nodes[node].0.abs_diff(self.homes[node])
        };
        moves.iter().map(one).sum()
    }
}

/// How long and bent the links of a node are.
fn cost_of(grid: &Grid, joined: &[usize], node: usize) -> usize {
    let (column, row) = grid.nodes[node];
    let one = |&other: &usize| {
        let (there, other_row) = grid.nodes[other];
        let apart = column.abs_diff(there);
        let (left, right) = (column.min(there), column.max(there));
        let (above, below) = (row.min(other_row), row.max(other_row));
        let bent = if above == below {
            !grid.is_clear_beside(row, left, right)
        } else {
            apart > 0 || !grid.is_clear_below(column, above, below)
        };
        apart * 10 + if bent { 9 } else { 0 }
    };
    joined.iter().map(one).sum()
}
