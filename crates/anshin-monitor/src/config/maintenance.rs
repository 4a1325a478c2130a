//! When machines are planned to be maintained.

use anshin_model::diagnostic::Diagnostic;
use anshin_model::tree::Node;
use anshin_model::{Id, Text, shape};
use jiff::civil::Date;
use serde::Deserialize;

use super::calendar::{days_of_week, span_of};
use super::{OneOrMore, wrong};
use crate::maintenance::{Days, Window, Windows};

#[derive(Deserialize)]
pub(super) struct WindowFile {
    from: String,
    to: String,
    days: Option<OneOrMore>,
    dates: Option<OneOrMore>,
    machines: Option<OneOrMore>,
}

/// A window, and whose it is: of all machines where none is named.
pub(super) struct Planned {
    window: Window,
    machines: Option<Vec<String>>,
}

/// Makes the windows of all machines.
pub(super) fn make(windows: Vec<WindowFile>, tree: &Node, found: &mut Vec<Diagnostic>) -> Vec<Planned> {
    let nodes = tree.get("maintenance").map(Node::items).unwrap_or_default();
    let machines = tree.get("machines").map(Node::items).unwrap_or_default();
    let ids: Vec<&str> = machines.iter().filter_map(|node| node.get("id").and_then(Node::scalar)).collect();
    let windows = windows.into_iter().zip(nodes);
    windows.filter_map(|(window, node)| make_window(window, node, &ids, found)).collect()
}

fn make_window(file: WindowFile, node: &Node, ids: &[&str], found: &mut Vec<Diagnostic>) -> Option<Planned> {
    let span = span_of(&file.from, &file.to, node, found);
    if file.days.is_some() && file.dates.is_some() {
        found.push(wrong(
            node.get("dates"),
            Text::new("`days`と`dates`の両方があります", "it has both `days` and `dates`"),
            Text::new(
                "毎週の保全なら`days`だけ、決まった日の保全なら`dates`だけにしてください",
                "let `days` stand alone for what comes each week, or `dates` for certain days",
            ),
        ));
    }
    let days = match file.dates.map(Vec::<String>::from) {
        // What is no date has been told by the shape.
        Some(dates) => Days::Dates(dates.iter().filter_map(|day| day.parse::<Date>().ok()).collect()),
        None => Days::OfWeek(days_of_week(&file.days.map(Vec::from).unwrap_or_default())),
    };
    let machines = file.machines.map(Vec::<String>::from);
    for (n, name) in machines.iter().flatten().enumerate().filter(|(_, name)| !ids.contains(&name.as_str())) {
        let place = node.get("machines").map(|list| list.items().get(n).unwrap_or(list));
        let all = || {
            Text::new(format!("ある機械: {}", ids.join("、")), format!("the machines are {}", ids.join(", ")))
        };
        found.push(wrong(
            place,
            Text::new(format!("機械`{name}`がありません"), format!("there is no machine `{name}`")),
            shape::nearest(name, ids.iter().copied()).map_or_else(all, shape::did_you_mean),
        ));
    }
    let (from, to) = span?;
    Some(Planned { window: Window { days, from, to }, machines })
}

/// The windows of a machine.
pub(super) fn of_machine(id: &Id, planned: &[Planned]) -> Windows {
    let is_meant =
        |one: &&Planned| one.machines.as_ref().is_none_or(|named| named.iter().any(|name| *id == **name));
    planned.iter().filter(is_meant).map(|one| one.window.clone()).collect()
}
