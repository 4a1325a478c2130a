//! The easiest ways through a graph: the k easiest loopless paths to every node.
//!
//! Every node keeps its best labels, one for each path that has come to it; a label is extended
//! over each leg unless it would turn back to a node of its own path. Keys are small whole
//! numbers, so labels wait in buckets. With `n` nodes, `m` legs and `w` labels kept for each node,
//! at most `w * m` labels are made, each after a look back over at most [`FARTHEST`] steps.
//!
//! Keeping only `w` labels can lose a path: the better labels of a node may all pass through the
//! node that the lost one leads to. Whether it can have done so is checked: from every place where
//! a label was dropped, the least that its continuation can cost is carried on to all nodes. A node
//! whose k-th path costs no more than that has its true k easiest paths. For the few others a
//! best-first search from the node backwards, led by the exact costs from the entries, finds them;
//! only if that search grows past its bound are the paths marked as possibly not the easiest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anshin_catalog::FARTHEST;

/// No node, no label.
pub(crate) const NONE: u32 = u32::MAX;

/// Labels kept for a node beyond the paths that are asked for.
const SPARE: usize = 3;

/// Labels that the search backwards makes for one node, and for all together.
const BACKWARD: (usize, usize) = (20_000, 4_000_000);

/// Steps take the low bits of a key, so that of equal costs the shorter path comes first.
const STEP_BITS: u32 = 6;

const FARTHEST_KEY: u32 = ((FARTHEST as u32 + 1) << STEP_BITS) - 1;

/// A leg from one node to the next, or from outside to its first node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arc {
    /// Where it starts; [`NONE`] for a way in.
    pub(crate) from: u32,
    /// Where it ends.
    pub(crate) to: u32,
}

/// Nodes and legs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    nodes: usize,
    arcs: Vec<Arc>,
    /// Ways in, by the node that they lead to.
    entries: Vec<u32>,
    /// First leg of each node in `outgoing`, and one past the last.
    starts: Vec<u32>,
    /// Legs by where they start, then by where they end.
    outgoing: Vec<u32>,
    /// First leg of each node in `incoming`, and one past the last.
    ends: Vec<u32>,
    /// Legs by where they end.
    incoming: Vec<u32>,
}

impl Graph {
    /// A graph of `nodes` nodes. Of legs that tie, those that stand first come first.
    pub(crate) fn new(nodes: usize, arcs: Vec<Arc>) -> Self {
        let mut order: Vec<u32> = (0u32..).take(arcs.len()).collect();
        order.sort_by_key(|&n| (arcs[n as usize].to, arcs[n as usize].from));
        let entries = order.iter().copied().filter(|&n| arcs[n as usize].from == NONE).collect();
        let incoming: Vec<u32> = order.into_iter().filter(|&n| arcs[n as usize].from != NONE).collect();
        let mut outgoing = incoming.clone();
        outgoing.sort_by_key(|&n| arcs[n as usize].from);
        let offsets = |sorted: &[u32], node: &dyn Fn(&Arc) -> u32| {
            let mut first = vec![0u32; nodes + 1];
            for &n in sorted {
                first[node(&arcs[n as usize]) as usize + 1] += 1;
            }
            for n in 1..first.len() {
                first[n] += first[n - 1];
            }
            first
        };
        let starts = offsets(&outgoing, &|arc| arc.from);
        let ends = offsets(&incoming, &|arc| arc.to);
        Self { nodes, arcs, entries, starts, outgoing, ends, incoming }
    }

    /// The same nodes and legs, with some of the ways in only.
    pub(crate) fn with_ways_in(&self, keep: impl Fn(u32) -> bool) -> Self {
        Self { entries: self.entries.iter().copied().filter(|&leg| keep(leg)).collect(), ..self.clone() }
    }

    fn outgoing(&self, node: u32) -> &[u32] {
        &self.outgoing[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    fn incoming(&self, node: u32) -> &[u32] {
        &self.incoming[self.ends[node as usize] as usize..self.ends[node as usize + 1] as usize]
    }
}

/// A path that has come to a node.
#[derive(Debug, Clone, Copy)]
struct Label {
    node: u32,
    /// The label that it extends; [`NONE`] for a way in.
    before: u32,
    /// The leg taken last.
    leg: u32,
    key: u32,
}

/// The easiest paths to every node.
#[derive(Debug, Default)]
pub struct Routes {
    labels: Vec<Label>,
    /// Paths of each node, easiest first.
    of_node: Vec<Vec<u32>>,
    /// Nodes whose paths may not be the easiest.
    inexact: Vec<u32>,
}

/// One of the [`Routes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route(u32);

impl Routes {
    /// The easiest paths to a node, easiest first.
    pub(crate) fn to(&self, node: u32) -> impl ExactSizeIterator<Item = Route> + '_ {
        self.of_node[node as usize].iter().map(|&label| Route(label))
    }

    /// What a path costs.
    pub(crate) fn cost(&self, Route(label): Route) -> u16 {
        u16::try_from(self.labels[label as usize].key >> STEP_BITS).unwrap_or(u16::MAX)
    }

    /// The legs of a path, from the way in to its end.
    pub(crate) fn legs(&self, Route(mut label): Route) -> Vec<u32> {
        let mut legs = Vec::new();
        while label != NONE {
            let Label { before, leg, .. } = self.labels[label as usize];
            legs.push(leg);
            label = before;
        }
        legs.reverse();
        legs
    }

    /// Whether the paths to a node are proven to be its easiest.
    pub(crate) fn is_exact(&self, node: u32) -> bool {
        self.inexact.binary_search(&node).is_err()
    }

    fn visits(&self, mut label: u32, node: u32) -> bool {
        while label != NONE {
            let Label { node: here, before, .. } = self.labels[label as usize];
            if here == node {
                return true;
            }
            label = before;
        }
        false
    }
}

/// The `k` easiest loopless paths to every node. `cost` gives the points of each leg.
///
/// Paths that pass the same nodes are one path: of parallel legs the easiest is taken. Paths of
/// more than [`FARTHEST`] points are not followed.
pub(crate) fn easiest(graph: &Graph, cost: &[u8], k: usize) -> Routes {
    let mut search = Search::new(graph, cost, k);
    search.run();
    search.prove();
    search.routes
}

struct Search<'a> {
    graph: &'a Graph,
    cost: &'a [u8],
    k: usize,
    width: usize,
    routes: Routes,
    /// Keys of the best labels made for each node, `width` for each, ascending.
    best: Vec<u32>,
    /// The least key of a label that was dropped at each node.
    dropped: Vec<u32>,
    waiting: Vec<Vec<u32>>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph, cost: &'a [u8], k: usize) -> Self {
        let width = k + SPARE;
        Self {
            graph,
            cost,
            k,
            width,
            routes: Routes { of_node: vec![Vec::new(); graph.nodes], ..Routes::default() },
            best: vec![u32::MAX; graph.nodes * width],
            dropped: vec![u32::MAX; graph.nodes],
            waiting: vec![Vec::new(); FARTHEST_KEY as usize + 1],
        }
    }

    fn run(&mut self) {
        for &leg in &self.graph.entries {
            let key = self.key(0, leg);
            self.offer(NONE, leg, key);
        }
        for key in 0..self.waiting.len() {
            for label in std::mem::take(&mut self.waiting[key]) {
                let node = self.routes.labels[label as usize].node;
                if self.routes.of_node[node as usize].len() == self.width {
                    self.drop_at(node, u32::try_from(key).unwrap_or(u32::MAX));
                    continue;
                }
                self.routes.of_node[node as usize].push(label);
                for legs in parallel(self.graph, self.graph.outgoing(node)) {
                    let leg = self.lightest(legs);
                    let to = self.graph.arcs[leg as usize].to;
                    if !self.routes.visits(label, to) {
                        let key = self.key(self.routes.labels[label as usize].key, leg);
                        self.offer(label, leg, key);
                    }
                }
            }
        }
    }

    /// Of legs between the same nodes, the easiest.
    fn lightest(&self, legs: &[u32]) -> u32 {
        legs.iter().copied().min_by_key(|&leg| self.cost[leg as usize]).unwrap_or(NONE)
    }

    fn key(&self, before: u32, leg: u32) -> u32 {
        before + (u32::from(self.cost[leg as usize]) << STEP_BITS) + 1
    }

    fn drop_at(&mut self, node: u32, key: u32) {
        let least = &mut self.dropped[node as usize];
        *least = (*least).min(key);
    }

    /// Makes a label unless the node has enough better ones.
    fn offer(&mut self, before: u32, leg: u32, key: u32) {
        if key > FARTHEST_KEY {
            return;
        }
        let node = self.graph.arcs[leg as usize].to;
        let best = &mut self.best[node as usize * self.width..(node as usize + 1) * self.width];
        if best[self.width - 1] <= key {
            self.drop_at(node, key);
            return;
        }
        let at = best.partition_point(|&own| own <= key);
        best[at..].rotate_right(1);
        best[at] = key;
        let label = crate::system::index(self.routes.labels.len());
        self.routes.labels.push(Label { node, before, leg, key });
        self.waiting[key as usize].push(label);
    }

    /// Keeps `k` paths for each node and proves or mends those that a dropped label may have beaten.
    fn prove(&mut self) {
        let least = self.least_lost();
        let mut left = BACKWARD.1;
        for (node, &lost) in (0u32..).zip(&least) {
            let paths = &mut self.routes.of_node[node as usize];
            paths.truncate(self.k);
            let last = (paths.len() == self.k)
                .then(|| paths.last().map_or(0, |&label| self.routes.labels[label as usize].key));
            if lost == u32::MAX || last.is_some_and(|last| last <= lost) {
                continue;
            }
            match self.backward(node, left.min(BACKWARD.0)) {
                Ok((paths, made)) => {
                    left -= made;
                    self.routes.of_node[node as usize] = paths;
                }
                Err(made) => {
                    left -= made;
                    self.routes.inexact.push(node);
                }
            }
        }
    }

    /// For each node the least key of a path over a dropped label, loops not looked at.
    fn least_lost(&mut self) -> Vec<u32> {
        let mut least = std::mem::take(&mut self.dropped);
        for (node, &key) in (0u32..).zip(&least).filter(|(_, key)| **key <= FARTHEST_KEY) {
            self.waiting[key as usize].push(node);
        }
        for key in 0..self.waiting.len() {
            for node in std::mem::take(&mut self.waiting[key]) {
                if least[node as usize] as usize != key {
                    continue;
                }
                for &leg in self.graph.outgoing(node) {
                    let to = self.graph.arcs[leg as usize].to;
                    let next = self.key(least[node as usize], leg);
                    if next < least[to as usize] && next <= FARTHEST_KEY {
                        least[to as usize] = next;
                        self.waiting[next as usize].push(to);
                    }
                }
            }
        }
        least
    }

    /// The true `k` easiest paths to a node: partial paths that end there, best first by what they
    /// cost and what is at least missing. `Err` if that takes more than `most` labels.
    ///
    /// The least that is missing is known: the first path of a node is its easiest.
    fn backward(&mut self, target: u32, most: usize) -> Result<(Vec<u32>, usize), usize> {
        struct Partial {
            node: u32,
            /// The leg from `node` on, and the partial path that it leads to.
            leg: u32,
            next: u32,
            key: u32,
        }
        let missing = |search: &Self, node: u32| {
            let first = search.routes.of_node[node as usize].first();
            first.map(|&label| search.routes.labels[label as usize].key)
        };
        let mut partials: Vec<Partial> = Vec::new();
        let mut heap = BinaryHeap::new();
        let Some(least) = missing(self, target) else { return Ok((Vec::new(), 0)) };
        partials.push(Partial { node: target, leg: NONE, next: NONE, key: 0 });
        heap.push(Reverse((least, 0u32)));
        let mut done: Vec<Vec<u32>> = Vec::new();
        while let Some(Reverse((_, at))) = heap.pop() {
            let Partial { node, leg, next, key } = partials[at as usize];
            if node == NONE {
                let (mut legs, mut here) = (vec![leg], next);
                while let Partial { leg, next, .. } = partials[here as usize]
                    && leg != NONE
                {
                    legs.push(leg);
                    here = next;
                }
                done.push(legs);
                if done.len() == self.k {
                    break;
                }
                continue;
            }
            let visits = |mut at: u32, node: u32| {
                while at != NONE {
                    if partials[at as usize].node == node {
                        return true;
                    }
                    at = partials[at as usize].next;
                }
                false
            };
            let mut found: Vec<(u32, Partial)> = Vec::new();
            let from = self.graph.entries.partition_point(|&leg| self.graph.arcs[leg as usize].to < node);
            for &entry in
                self.graph.entries[from..].iter().take_while(|&&leg| self.graph.arcs[leg as usize].to == node)
            {
                let key = self.key(key, entry);
                found.push((key, Partial { node: NONE, leg: entry, next: at, key }));
            }
            for legs in parallel(self.graph, self.graph.incoming(node)) {
                let leg = self.lightest(legs);
                let from = self.graph.arcs[leg as usize].from;
                if let Some(least) = missing(self, from)
                    && !visits(at, from)
                {
                    let key = self.key(key, leg);
                    found.push((key + least, Partial { node: from, leg, next: at, key }));
                }
            }
            for (whole, partial) in found.into_iter().filter(|(whole, _)| *whole <= FARTHEST_KEY) {
                if partials.len() >= most {
                    return Err(partials.len());
                }
                heap.push(Reverse((whole, crate::system::index(partials.len()))));
                partials.push(partial);
            }
        }
        let made = partials.len();
        Ok((done.into_iter().map(|legs| self.add(&legs)).collect(), made))
    }

    /// A path as labels of its own.
    fn add(&mut self, legs: &[u32]) -> u32 {
        let (mut before, mut key) = (NONE, 0);
        for &leg in legs {
            key = self.key(key, leg);
            let node = self.graph.arcs[leg as usize].to;
            self.routes.labels.push(Label { node, before, leg, key });
            before = crate::system::index(self.routes.labels.len() - 1);
        }
        before
    }
}

/// Groups of legs between the same two nodes.
fn parallel<'a>(graph: &'a Graph, legs: &'a [u32]) -> impl Iterator<Item = &'a [u32]> {
    legs.chunk_by(|&a, &b| graph.arcs[a as usize] == graph.arcs[b as usize])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All loopless paths to a node by their costs, parallel legs as one.
    fn by_hand(nodes: usize, arcs: &[Arc], cost: &[u8], target: u32) -> Vec<u16> {
        fn walk(
            at: u32,
            spent: u32,
            seen: &mut Vec<u32>,
            arcs: &[Arc],
            cost: &[u8],
            out: &mut Vec<(u32, u32)>,
        ) {
            out.push((at, spent));
            for to in 0..u32::try_from(64).expect("small") {
                let legs = (0..arcs.len()).filter(|&n| arcs[n] == Arc { from: at, to });
                let Some(least) = legs.map(|n| cost[n]).min() else { continue };
                if !seen.contains(&to) {
                    seen.push(to);
                    walk(to, spent + u32::from(least), seen, arcs, cost, out);
                    seen.pop();
                }
            }
        }
        assert!(nodes <= 64);
        let mut found = Vec::new();
        for n in (0..arcs.len()).filter(|&n| arcs[n].from == NONE) {
            walk(arcs[n].to, u32::from(cost[n]), &mut vec![arcs[n].to], arcs, cost, &mut found);
        }
        let mut costs: Vec<u16> = found
            .into_iter()
            .filter(|(at, spent)| *at == target && *spent <= u32::from(FARTHEST))
            .map(|(_, spent)| u16::try_from(spent).expect("small"))
            .collect();
        costs.sort_unstable();
        costs
    }

    fn graphs() -> impl Strategy<Value = (usize, Vec<Arc>, Vec<u8>)> {
        (2usize..7).prop_flat_map(|nodes| {
            let last = u32::try_from(nodes).expect("small") - 1;
            let leg = (0..=last, 0..=last, 1u8..9).prop_filter("no loop", |(a, b, _)| a != b);
            let legs = prop::collection::vec(leg, 0..22);
            let entries = prop::collection::vec((0..=last, 1u8..9), 1..4);
            (legs, entries).prop_map(move |(legs, entries)| {
                let arcs = entries.iter().map(|&(to, _)| Arc { from: NONE, to });
                let arcs = arcs.chain(legs.iter().map(|&(from, to, _)| Arc { from, to })).collect();
                let cost = entries.iter().map(|e| e.1).chain(legs.iter().map(|l| l.2)).collect();
                (nodes, arcs, cost)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn paths_are_the_easiest_ones_sorted_and_loopless((nodes, arcs, cost) in graphs(), k in 1usize..7) {
            let graph = Graph::new(nodes, arcs.clone());
            let routes = easiest(&graph, &cost, k);
            for node in 0..u32::try_from(nodes).expect("small") {
                let found: Vec<Route> = routes.to(node).collect();
                let costs: Vec<u16> = found.iter().map(|&route| routes.cost(route)).collect();
                let mut all = by_hand(nodes, &arcs, &cost, node);
                all.truncate(k);
                prop_assert_eq!(&costs, &all);
                prop_assert!(routes.is_exact(node));
                for &route in &found {
                    let legs = routes.legs(route);
                    let spent: u32 = legs.iter().map(|&leg| u32::from(cost[leg as usize])).sum();
                    prop_assert_eq!(spent, u32::from(routes.cost(route)));
                    let mut visited: Vec<u32> = legs.iter().map(|&leg| arcs[leg as usize].to).collect();
                    prop_assert_eq!(visited.last(), Some(&node));
                    let joined = legs.windows(2).all(|pair| {
                        arcs[pair[0] as usize].to == arcs[pair[1] as usize].from
                    });
                    prop_assert!(joined && arcs[legs[0] as usize].from == NONE);
                    visited.sort_unstable();
                    prop_assert!(visited.windows(2).all(|pair| pair[0] != pair[1]));
                }
            }
        }
    }

    /// A ladder has more paths than could ever be listed; the work stays within the bound.
    #[test]
    fn a_graph_with_countless_paths_is_no_trouble() {
        let mut arcs = vec![Arc { from: NONE, to: 0 }, Arc { from: NONE, to: 1 }];
        for rung in 0..2_000u32 {
            let (a, b) = (rung * 2, rung * 2 + 1);
            for (from, to) in [(a, b), (b, a), (a, a + 2), (b, b + 2), (a, b + 2), (b, a + 2), (a + 2, a)] {
                arcs.push(Arc { from, to });
            }
        }
        let cost = vec![1; arcs.len()];
        let graph = Graph::new(4_002, arcs);
        let routes = easiest(&graph, &cost, 5);
        assert_eq!(routes.to(20).map(|route| routes.cost(route)).collect::<Vec<_>>(), [11; 5]);
        // Beyond the farthest difficulty nothing is followed.
        assert_eq!(routes.to(4_000).len(), 0);
        assert!(routes.labels.len() < 2 * (5 + SPARE) * graph.arcs.len());
    }
}
