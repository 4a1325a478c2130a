//! Where assets and zones stand: a grid of cells, in the manner of the Purdue model.
//!
//! Zones lie on *shelves*, those open to the outside on top, deeper ones below, and side by side
//! where that would make a tower; within a zone
//! assets lie in rows by their *tier*, from what forwards at the edge down to what moves things.
//! Shelves and rows follow from what a thing is, not from its links, so that a new link or asset
//! leaves the rest where it was. Links decide only about the order within a shelf and within a
//! row: each is improved from the order of the document by exchanging neighbours as long as the
//! links get shorter.

use std::collections::BTreeMap;

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
    placer.spread(root, all);
    let mut grid = Grid {
        columns: all.columns,
        rows: all.rows,
        nodes: vec![(0, 0); graph.nodes.len()],
        zones: placer.cells[..root].to_vec(),
        taken: vec![None; all.columns * all.rows],
    };
    let rows = placer.put(&mut grid);
    improve(graph, &mut grid, &rows);
    grid
}

/// Zones side by side, and how many rows the highest of them has.
type Shelf = (Vec<usize>, usize);

/// How many times as many rows as columns a block may have before zones of different depth share its
/// shelves: a cell is about half as high as it is wide.
const HIGHEST: usize = 2;

/// A zone, or the ground that all stands on, on its way to the grid.
#[derive(Debug, Clone, Default)]
struct Block {
    /// Its own nodes in rows.
    own: Vec<Vec<usize>>,
    children: Vec<usize>,
    /// The children side by side, shelf by shelf.
    shelves: Vec<Shelf>,
    columns: usize,
    rows: usize,
}

struct Placer<'a> {
    graph: &'a Graph,
    /// One for each zone, and the ground as the last.
    blocks: Vec<Block>,
    cells: Vec<Cells>,
    /// Middle of the block that a node stands in, as far as it is known.
    middle: Vec<Option<usize>>,
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
            block.columns = block.own.iter().map(Vec::len).max().unwrap_or(0);
        }
        Self { graph, blocks, cells: vec![Cells::default(); root + 1], middle: vec![None; graph.nodes.len()] }
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
        let own = &self.blocks[block].own;
        let width = |shelf: &[usize]| shelf.iter().map(|&zone| self.blocks[zone].columns).sum();
        let widest = shelves.iter().map(|(shelf, _)| width(shelf)).max().unwrap_or(0);
        let columns = own.iter().map(Vec::len).max().unwrap_or(0).max(widest);
        (columns, own.len() + shelves.iter().map(|(_, height)| height).sum::<usize>())
    }

    /// Gives a block its cells and shares them among its children.
    fn spread(&mut self, block: usize, cells: Cells) {
        self.cells[block] = cells;
        for &node in self.blocks[block].own.iter().flatten() {
            self.middle[node] = Some(cells.column * 2 + cells.columns);
        }
        let mut row = cells.row + self.blocks[block].own.len();
        let bottom = cells.row + cells.rows;
        let shelves = self.blocks[block].shelves.clone();
        let last = shelves.len().saturating_sub(1);
        for (n, (shelf, height)) in shelves.into_iter().enumerate() {
            let height = if n == last { bottom - row } else { height };
            let widths = self.share(&shelf, cells.columns);
            let order = self.order(&shelf, &widths, cells.column);
            let mut column = cells.column;
            for child in order {
                let columns = widths[&child];
                self.spread(child, Cells { column, row, columns, rows: height });
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
    fn order(&self, shelf: &[usize], widths: &BTreeMap<usize, usize>, left: usize) -> Vec<usize> {
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
        // Links within the shelf, and links to what stands already, by twice its middle column.
        let mut inside: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut outside: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for &(a, b) in &self.graph.edges {
            match (place(a), place(b)) {
                (Some(a), Some(b)) if a != b => *inside.entry((a.min(b), a.max(b))).or_default() += 1,
                (Some(here), None) | (None, Some(here)) => {
                    let other = if place(a).is_none() { a } else { b };
                    if let Some(middle) = self.middle[other] {
                        *outside.entry((here, middle)).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        let length = |order: &[usize]| {
            let mut middles = vec![0; shelf.len()];
            let mut column = left;
            for &n in order {
                middles[n] = column * 2 + widths[&shelf[n]];
                column += widths[&shelf[n]];
            }
            let within: usize =
                inside.iter().map(|(&(a, b), count)| middles[a].abs_diff(middles[b]) * count).sum();
            let without: usize =
                outside.iter().map(|(&(a, middle), count)| middles[a].abs_diff(middle) * count).sum();
            within + without
        };
        let mut order: Vec<usize> = (0..shelf.len()).collect();
        let mut best = length(&order);
        for _ in 0..shelf.len() {
            let before = best;
            for from in 0..order.len() {
                for to in 0..order.len() {
                    let mut tried = order.clone();
                    let moved = tried.remove(from);
                    tried.insert(to, moved);
                    let length = length(&tried);
                    if length < best {
                        (order, best) = (tried, length);
                    }
                }
            }
            if best == before {
                break;
            }
        }
        order.into_iter().map(|n| shelf[n]).collect()
    }

    /// Puts the nodes into cells, each row in the middle of its zone; tells the rows with the
    /// columns that they may use.
    fn put(&self, grid: &mut Grid) -> Vec<(Vec<usize>, Cells)> {
        let mut rows = Vec::new();
        for (block, cells) in self.blocks.iter().zip(&self.cells) {
            // A zone that is higher than its rows has them in its middle.
            let spare = if block.shelves.is_empty() { cells.rows - block.own.len() } else { 0 };
            for (n, own) in block.own.iter().enumerate() {
                let row = cells.row + spare / 2 + n;
                let start = cells.column + (cells.columns - own.len()) / 2;
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
    std::iter::successors(Some(4), |columns: &usize| Some(columns + columns / 2)).find(wide).unwrap_or(4)
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

/// Moves nodes within their rows as long as links get shorter by more than the way from where the
/// order of the document puts them is worth.
fn improve(graph: &Graph, grid: &mut Grid, rows: &[(Vec<usize>, Cells)]) {
    const PASSES: usize = 12;
    let homes: Vec<usize> = grid.nodes.iter().map(|&(column, _)| column).collect();
    let mut joined: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for &(a, b) in &graph.edges {
        joined[a].push(b);
        joined[b].push(a);
    }
    for _ in 0..PASSES {
        let mut moved = false;
        for (row, cells) in rows {
            for &node in row {
                moved |= move_within_row(grid, (&joined, &homes), node, *cells);
            }
        }
        if !moved {
            break;
        }
    }
}

/// Exchanges a node with the cell of its row that makes the links shortest, if that is another.
fn move_within_row(
    grid: &mut Grid,
    (joined, homes): (&[Vec<usize>], &[usize]),
    node: usize,
    cells: Cells,
) -> bool {
    let (from, row) = grid.nodes[node];
    let mut best = (0, from);
    for to in cells.column..cells.column + cells.columns {
        let other = grid.at(to, row);
        if to == from {
            continue;
        }
        let cost = |grid: &Grid| {
            let one = |node: usize| {
                cost_of(grid, &joined[node], node) + 3 * grid.nodes[node].0.abs_diff(homes[node])
            };
            one(node) + other.map_or(0, one)
        };
        let before = cost(grid);
        exchange(grid, row, from, to);
        let after = cost(grid);
        exchange(grid, row, from, to);
        let gain = before.saturating_sub(after);
        if gain > best.0 {
            best = (gain, to);
        }
    }
    if best.0 == 0 {
        return false;
    }
    exchange(grid, row, from, best.1);
    true
}

fn exchange(grid: &mut Grid, row: usize, a: usize, b: usize) {
    let (here, there) = (grid.at(a, row), grid.at(b, row));
    for (node, column) in [(here, b), (there, a)] {
        grid.taken[row * grid.columns + column] = node;
        if let Some(node) = node {
            grid.nodes[node] = (column, row);
        }
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
