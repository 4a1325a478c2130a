//! What drawing does to a document: add, connect, move, remove.

use anshin_model::document::Document;
use anshin_model::tree::{Node, Value};
use anshin_model::{Id, Text, id};
use anshin_report::Subject;

use crate::change::{Refused, free, item_mut, list_mut, map, one_line, put, retain, set};
use crate::desk::{Desk, Opened};

/// A stroke of the pen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke<'a> {
    /// A new asset.
    Add {
        /// Its name.
        name: &'a str,
        /// Its kind.
        kind: &'a str,
        /// Where it stands, or empty.
        zone: &'a str,
    },
    /// A new zone with a first asset in it.
    Zone {
        /// Its name, or empty for that of its kind.
        name: &'a str,
        /// Its kind.
        kind: &'a str,
        /// The asset.
        asset: &'a str,
    },
    /// A new link.
    Connect {
        /// From where.
        from: &'a str,
        /// To where.
        to: &'a str,
        /// Its medium, or empty.
        over: &'a str,
    },
    /// An asset into another zone.
    Move {
        /// The asset.
        asset: &'a str,
        /// The zone, or empty.
        zone: &'a str,
    },
    /// A zone, with all that stands in it, into another one.
    MoveZone {
        /// The zone.
        zone: &'a str,
        /// What it is part of then, or empty.
        within: &'a str,
    },
    /// A zone taken away; what stood in it stands in what was around it.
    RemoveZone {
        /// The zone.
        zone: &'a str,
    },
    /// An asset, its links and what goes over them, taken away.
    Remove {
        /// The asset.
        asset: &'a str,
    },
    /// A link taken away.
    Disconnect {
        /// The link.
        link: &'a str,
    },
}

impl<'a> Stroke<'a> {
    /// The stroke that the fields of a form describe.
    pub fn of_form(field: impl Fn(&str) -> &'a str) -> Option<Self> {
        Some(match field("act") {
            "add" => Stroke::Add { name: field("name"), kind: field("kind"), zone: field("zone") },
            "zone" => Stroke::Zone { name: field("name"), kind: field("kind"), asset: field("asset") },
            "connect" => Stroke::Connect { from: field("from"), to: field("to"), over: field("over") },
            "move" => Stroke::Move { asset: field("asset"), zone: field("zone") },
            "move-zone" => Stroke::MoveZone { zone: field("zone"), within: field("within") },
            "remove-zone" => Stroke::RemoveZone { zone: field("zone") },
            "remove" => Stroke::Remove { asset: field("asset") },
            "disconnect" => Stroke::Disconnect { link: field("link") },
            _ => return None,
        })
    }

    /// What was done, for the history: by the names of before.
    pub fn why(&self, subject: &Subject<'_>) -> Text {
        let asset = |id: &str| subject.asset(&Id::from(id));
        let zone = |id: &str| subject.zone(&Id::from(id));
        let catalog = subject.system.catalog;
        let none = || Text::new("区分の外", "outside the zones");
        let place = |id: &str| if id.is_empty() { none() } else { zone(id) };
        let (words, a, b) = match *self {
            Stroke::Add { name, .. } => (
                Text::new("図: 機器「{a}」を追加", "drawing: add {a}"),
                Text::same(one_line(name)),
                Text::default(),
            ),
            Stroke::Zone { name, kind, .. } => {
                let kind =
                    catalog.zone_kinds.get(kind).map_or_else(|| Text::same(kind), |kind| kind.name.clone());
                let name = Some(one_line(name)).filter(|name| !name.is_empty()).map_or(kind, Text::same);
                (Text::new("図: 区分「{a}」を追加", "drawing: add the zone {a}"), name, Text::default())
            }
            Stroke::Connect { from, to, .. } => {
                (Text::new("図: {a}と{b}を接続", "drawing: connect {a} and {b}"), asset(from), asset(to))
            }
            Stroke::Move { asset: id, zone } => {
                (Text::new("図: {a}を移動（{b}）", "drawing: move {a} ({b})"), asset(id), place(zone))
            }
            Stroke::MoveZone { zone: id, within } => (
                Text::new("図: 区分「{a}」を移動（{b}）", "drawing: move the zone {a} ({b})"),
                zone(id),
                place(within),
            ),
            Stroke::RemoveZone { zone: id } => (
                Text::new("図: 区分「{a}」を削除", "drawing: remove the zone {a}"),
                zone(id),
                Text::default(),
            ),
            Stroke::Remove { asset: id } => {
                (Text::new("図: {a}を削除", "drawing: remove {a}"), asset(id), Text::default())
            }
            Stroke::Disconnect { link } => {
                let known = subject.system.document.links.iter().find(|own| own.id() == *link);
                let (from, to) = known.map_or_else(
                    || (Text::same(link), Text::default()),
                    |link| (subject.asset(&link.from), subject.asset(&link.to)),
                );
                (Text::new("図: {a}と{b}の接続を削除", "drawing: remove the link of {a} and {b}"), from, to)
            }
        };
        words.fill(&[("a", &a), ("b", &b)])
    }
}

/// A zone and all that are part of it.
fn zones_inside(document: &Document, zone: &str) -> Vec<String> {
    let mut all = vec![zone.to_owned()];
    let mut n = 0;
    while n < all.len() {
        let inner =
            document.zones.iter().filter(|one| one.within.as_ref().is_some_and(|outer| *outer == *all[n]));
        let new: Vec<String> = inner.map(|one| one.id.to_string()).filter(|id| !all.contains(id)).collect();
        all.extend(new);
        n += 1;
    }
    all
}

impl Desk {
    /// Draws into a document.
    ///
    /// # Errors
    /// If that is not possible, such as removing the last asset.
    pub fn draw(&self, text: &str, opened: &Opened, stroke: &Stroke<'_>) -> Result<String, Refused> {
        let document = opened.document();
        let assets: Vec<&str> = document.assets.iter().map(|asset| asset.id.as_str()).collect();
        let there = |asset: &str| {
            let gone = || Text::new("その機器はもうありません", "there is no such asset any more");
            if assets.contains(&asset) { Ok(()) } else { Err(gone()) }
        };
        match stroke {
            Stroke::Add { name, kind, zone } => {
                let name = one_line(name);
                if name.is_empty() {
                    return Err(Text::new("機器の名前を書いてください", "write the name of the asset"));
                }
                let last = kind.rsplit('.').next().unwrap_or("asset");
                let stem =
                    id::suggest(&name).filter(|id| !id.contains('.')).unwrap_or_else(|| last.to_owned());
                let id = free(&stem, &assets);
                self.change(text, opened, |root| {
                    let mut asset = map();
                    set(&mut asset, "id", Some(&id));
                    set(&mut asset, "name", Some(&name));
                    set(&mut asset, "kind", Some(kind));
                    set(&mut asset, "zone", Some(*zone).filter(|zone| !zone.is_empty()));
                    list_mut(root, "assets").push(asset);
                })
            }
            Stroke::Zone { name, kind, asset } => {
                there(asset)?;
                let zones: Vec<&str> = document.zones.iter().map(|zone| zone.id.as_str()).collect();
                let name = one_line(name);
                let stem =
                    id::suggest(&name).filter(|id| !id.contains('.')).unwrap_or_else(|| (*kind).to_owned());
                let id = free(&stem, &zones);
                self.change(text, opened, |root| {
                    let mut zone = map();
                    set(&mut zone, "id", Some(&id));
                    set(&mut zone, "name", Some(name.as_str()).filter(|name| !name.is_empty()));
                    set(&mut zone, "kind", Some(kind));
                    list_mut(root, "zones").push(zone);
                    if let Some(asset) = item_mut(root, "assets", asset) {
                        set(asset, "zone", Some(&id));
                    }
                    tidy_zones(root);
                })
            }
            Stroke::Connect { from, to, over } => {
                there(from)?;
                there(to)?;
                if from == to {
                    return Err(Text::new(
                        "自分自身とはつなげません",
                        "an asset cannot be connected to itself",
                    ));
                }
                let links: Vec<String> = document.links.iter().map(|link| link.id().to_string()).collect();
                let links: Vec<&str> = links.iter().map(String::as_str).collect();
                let plain = format!("{from}--{to}");
                let id = free(&plain, &links);
                self.change(text, opened, |root| {
                    let mut link = map();
                    set(&mut link, "id", Some(id.as_str()).filter(|id| *id != plain));
                    set(&mut link, "from", Some(from));
                    set(&mut link, "to", Some(to));
                    set(&mut link, "over", Some(*over).filter(|over| !over.is_empty()));
                    list_mut(root, "links").push(link);
                })
            }
            Stroke::Move { asset, zone } => {
                there(asset)?;
                self.change(text, opened, |root| {
                    if let Some(asset) = item_mut(root, "assets", asset) {
                        set(asset, "zone", Some(*zone).filter(|zone| !zone.is_empty()));
                    }
                })
            }
            Stroke::MoveZone { zone, within } => {
                around(document, zone)?;
                if zones_inside(document, zone).iter().any(|own| own == within) {
                    return Err(Text::new(
                        "区分を、その中の区分へは移せません",
                        "a zone cannot become part of itself or of what is in it",
                    ));
                }
                self.change(text, opened, |root| {
                    if let Some(zone) = item_mut(root, "zones", zone) {
                        set(zone, "within", Some(*within).filter(|within| !within.is_empty()));
                    }
                })
            }
            Stroke::RemoveZone { zone } => {
                let outer = around(document, zone)?;
                self.change(text, opened, |root| {
                    for (list, key) in [("assets", "zone"), ("zones", "within")] {
                        if root.get(list).is_none() {
                            continue;
                        }
                        let inside = |item: &&mut Node| item.get(key).and_then(Node::scalar) == Some(*zone);
                        for item in list_mut(root, list).iter_mut().filter(inside) {
                            set(item, key, outer.as_deref());
                        }
                    }
                    retain(root, "zones", |item| item.get("id").and_then(Node::scalar) != Some(*zone));
                })
            }
            Stroke::Remove { asset } => {
                there(asset)?;
                if assets.len() == 1 {
                    return Err(Text::new("最後の機器は消せません", "the last asset cannot be removed"));
                }
                self.change(text, opened, |root| remove(root, opened, asset))
            }
            Stroke::Disconnect { link } => {
                self.change(text, opened, |root| cut(root, opened, &[(*link).to_owned()]))
            }
        }
    }
}

/// What is around a zone that is there, if anything.
fn around(document: &Document, zone: &str) -> Result<Option<String>, Refused> {
    let found = document.zones.iter().find(|own| own.id == *zone);
    let gone = || Text::new("その区分はもうありません", "there is no such zone any more");
    Ok(found.ok_or_else(gone)?.within.as_ref().map(ToString::to_string))
}

/// Takes an asset away, with all that names it.
fn remove(root: &mut Node, opened: &Opened, asset: &str) {
    let links = &opened.document().links;
    let ends = links.iter().filter(|link| link.from == *asset || link.to == *asset);
    let gone: Vec<String> = ends.map(|link| link.id().to_string()).collect();
    cut(root, opened, &gone);
    retain(root, "assets", |item| item.get("id").and_then(Node::scalar) != Some(asset));
    if root.get("links").is_some() {
        for link in list_mut(root, "links") {
            without(link, "through", asset);
        }
    }
    if root.get("measures").is_some() {
        for measure in list_mut(root, "measures") {
            without(measure, "on", asset);
        }
    }
    if root.get("subsystems").is_some() {
        for part in list_mut(root, "subsystems") {
            without(part, "assets", asset);
        }
        retain(root, "subsystems", |part| part.get("assets").is_some());
    }
    retain(root, "incidents", |item| item.get("asset").and_then(Node::scalar) != Some(asset));
    tidy_zones(root);
    tidy_data(root);
}

/// Takes links away, and the flows that go over them.
fn cut(root: &mut Node, opened: &Opened, gone: &[String]) {
    let ids: Vec<String> = opened.document().links.iter().map(|link| link.id().to_string()).collect();
    if root.get("links").is_some() {
        // The tree has the links in the order of the document.
        let list = list_mut(root, "links");
        let mut n = 0;
        list.retain(|_| {
            let stays = ids.get(n).is_none_or(|id| !gone.contains(id));
            n += 1;
            stays
        });
        if list.is_empty() {
            put(root, "links", None);
        }
    }
    let over = |step: &Node| {
        let link = step.get("link").and_then(Node::scalar).or_else(|| step.scalar());
        link.is_some_and(|link| gone.iter().any(|own| own == link))
    };
    retain(root, "flows", |flow| !flow.get("steps").is_some_and(|steps| steps.items().iter().any(over)));
    tidy_data(root);
}

/// Takes a word out of a list of words; an empty list goes.
fn without(node: &mut Node, key: &str, word: &str) {
    let Some(list) = node.get(key) else { return };
    if !list.items().iter().any(|item| item.scalar() == Some(word)) {
        return;
    }
    let items: Vec<Node> = list.items().iter().filter(|item| item.scalar() != Some(word)).cloned().collect();
    let span = list.span;
    put(node, key, (!items.is_empty()).then_some(Node { value: Value::List(items), span }));
}

/// Zones in which nothing stands go: a document names nothing that is of no use.
fn tidy_zones(root: &mut Node) {
    let all = |root: &Node, list: &str, key: &str| -> Vec<String> {
        let items = root.get(list).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| item.get(key)?.scalar()).map(str::to_owned).collect()
    };
    let mut used = all(root, "assets", "zone");
    used.extend(all(root, "zones", "within"));
    retain(root, "zones", |zone| {
        zone.get("id").and_then(Node::scalar).is_some_and(|id| used.iter().any(|u| u == id))
    });
}

/// Data that nothing stores or carries goes.
fn tidy_data(root: &mut Node) {
    let mut used: Vec<String> = Vec::new();
    for (list, key) in [("assets", "stores"), ("links", "carries")] {
        let items = root.get(list).map(Node::items).unwrap_or_default();
        for words in items.iter().filter_map(|item| item.get(key)) {
            used.extend(words.items().iter().filter_map(Node::scalar).map(str::to_owned));
        }
    }
    retain(root, "data", |data| {
        data.get("id").and_then(Node::scalar).is_some_and(|id| used.iter().any(|u| u == id))
    });
}
