//! When the plant is planned to work, and which of its shifts a machine works.

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::Node;
use anshin_model::{Text, shape};
use jiff::civil::Date;
use serde::Deserialize;

use super::{MachineConfiguration, OneOrMore, wrong};
use crate::format;
use crate::utilisation::{Calendar, Opened, Shift};

#[derive(Deserialize)]
pub(super) struct ShiftFile {
    id: String,
    name: Option<Text>,
    from: String,
    to: String,
    #[serde(default)]
    days: OneOrMore,
    #[serde(default)]
    breaks: Vec<BreakFile>,
}

#[derive(Deserialize)]
struct BreakFile {
    from: String,
    to: String,
}

/// A day that is worked: all of its shifts, or some.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OpenFile {
    Day(String),
    Long {
        day: String,
        #[serde(default)]
        shifts: OneOrMore,
    },
}

/// Makes the calendar of the plant of its shifts, and of the days that are closed or open beside them.
pub(super) fn make(
    shifts: Vec<ShiftFile>,
    (closed, open): (Vec<String>, Vec<OpenFile>),
    tree: &Node,
    found: &mut Vec<Diagnostic>,
) -> Calendar {
    let nodes = tree.get("shifts").map(Node::items).unwrap_or_default();
    let shifts = shifts.into_iter().zip(nodes);
    let shifts: Vec<Shift> = shifts.filter_map(|(shift, node)| make_shift(shift, node, found)).collect();
    // What is no date has been told by the shape.
    let closed = closed.iter().filter_map(|day| day.parse::<Date>().ok()).collect();
    let days = tree.get("open").map(Node::items).unwrap_or_default();
    let mut calendar = Calendar { shifts, closed, ..Calendar::default() };
    for (day, node) in open.into_iter().zip(days) {
        let Some((day, opened)) = opened(day, node, &calendar.shifts, found) else { continue };
        if calendar.open.insert(day, opened).is_some() {
            found.push(wrong(
                Some(node),
                Text::new(format!("{day}が`open`に2回あります"), format!("{day} is in `open` twice")),
                Text::new(
                    "1つにまとめてください。シフトは`shifts: [early, late]`のように並べて書けます",
                    "put both into one; it takes several shifts, such as `shifts: [early, late]`",
                ),
            ));
        }
    }
    for day in calendar.open.keys().filter(|day| calendar.closed.contains(day)) {
        found.push(wrong(
            tree.get("open"),
            Text::new(
                format!("{day}が`open`と`closed`の両方にあります"),
                format!("{day} is both in `open` and in `closed`"),
            ),
            Text::new(
                "シフトが始まる日なら`closed`から、休業日なら`open`から消してください",
                "take it out of `closed` if shifts begin on it, or out of `open` if none does",
            ),
        ));
    }
    if let Some(node) = tree.get("open").filter(|_| nodes.is_empty()) {
        let message = Text::new(
            "シフト（`shifts`）がないので、使われません",
            "it is not used, since there are no `shifts`",
        );
        let hint = Text::new(
            "`shifts`を足すか、これを消してください。シフトがなければ、`closed`を除くどの日も予定に入ります",
            "add `shifts`, or take it out: without shifts every day but those in `closed` is planned",
        );
        found.push(Diagnostic::warning(Code::Unused, message).at(node.span).hint(hint));
    }
    calendar
}

/// Which shifts begin on a day that is worked.
fn opened(
    day: OpenFile,
    node: &Node,
    shifts_of_plant: &[Shift],
    found: &mut Vec<Diagnostic>,
) -> Option<(Date, Opened)> {
    let (day, shifts) = match day {
        OpenFile::Day(day) => (day, OneOrMore::Nothing),
        OpenFile::Long { day, shifts } => (day, shifts),
    };
    let place = node.get("shifts");
    let named = Vec::from(shifts);
    if place.is_some() {
        are_shifts(&named, shifts_of_plant, place, found);
    }
    let opened = if place.is_some() { Opened::Only(named.into_iter().collect()) } else { Opened::All };
    Some((day.parse().ok()?, opened))
}

fn make_shift(shift: ShiftFile, node: &Node, found: &mut Vec<Diagnostic>) -> Option<Shift> {
    let span = span_of(&shift.from, &shift.to, node, found);
    let nodes = node.get("breaks").map(Node::items).unwrap_or_default();
    let breaks: Vec<(u16, u16)> = shift
        .breaks
        .iter()
        .zip(nodes)
        .filter_map(|(one, node)| span_of(&one.from, &one.to, node, found))
        .collect();
    let days = days_of_week(&Vec::from(shift.days));
    let name = shift.name.unwrap_or_else(|| Text::same(shift.id.as_str()));
    let (from, to) = span?;
    let all_are_times = breaks.len() == nodes.len();
    let shift = Shift { id: shift.id, name, from, to, days, breaks };
    if !all_are_times {
        return None;
    }
    if let Some(n) = shift.wrong_break() {
        found.push(wrong(
            nodes.get(n),
            Text::new(
                format!("この休憩は、シフト`{}`の時間の外にあるか、ほかの休憩と重なっています", shift.id),
                format!("this break lies outside the shift `{}`, or overlaps another one", shift.id),
            ),
            Text::new(
                "休憩の`from`と`to`を、シフトの`from`から`to`までの間に、重ならないように書いてください",
                "give `from` and `to` between those of the shift, and after or before its other breaks",
            ),
        ));
        return None;
    }
    if !shift.has_work() {
        found.push(wrong(
            node.get("breaks"),
            Text::new(
                format!("シフト`{}`の時間がすべて休憩です", shift.id),
                format!("the breaks leave nothing of the shift `{}`", shift.id),
            ),
            Text::new("休憩を短くしてください", "make them shorter"),
        ));
        return None;
    }
    Some(shift)
}

/// The days of the week that are named, from Monday on; all where none is.
pub(super) fn days_of_week(named: &[String]) -> [bool; 7] {
    format::DAYS.map(|(day, _)| named.is_empty() || named.iter().any(|named| named == day))
}

/// From when to when something goes, in minutes after midnight.
pub(super) fn span_of(from: &str, to: &str, node: &Node, found: &mut Vec<Diagnostic>) -> Option<(u16, u16)> {
    let times = [("from", minutes(from)), ("to", minutes(to))];
    for (key, time) in times {
        if time.is_none() {
            found.push(wrong(
                node.get(key),
                Text::new("時刻として読めません", "this is no time of day"),
                Text::new("例: \"08:30\"", "write it as \"08:30\""),
            ));
        }
    }
    let [(_, from), (_, to)] = times;
    Some((from?, to?))
}

/// Minutes after midnight; 24:00 is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

/// When a machine is planned to work: in all shifts of the plant, or in those that it names.
pub(super) fn of_machine(
    named: Option<OneOrMore>,
    node: &Node,
    plant: &Calendar,
    found: &mut Vec<Diagnostic>,
) -> Calendar {
    let Some(named) = named.map(Vec::<String>::from) else { return plant.clone() };
    let place = node.get("shifts");
    are_shifts(&named, &plant.shifts, place, found);
    plant.with(|shift| named.contains(&shift.id))
}

/// Tells ids that no shift of the plant has.
fn are_shifts(named: &[String], shifts: &[Shift], place: Option<&Node>, found: &mut Vec<Diagnostic>) {
    let ids = || shifts.iter().map(|shift| shift.id.as_str());
    let all_of = || {
        let ids = ids().collect::<Vec<_>>().join(", ");
        match ids.as_str() {
            "" => Text::new(
                "工場の`shifts`にシフトを書くか、これを消してください",
                "add it to the `shifts` of the plant, or take this out",
            ),
            ids => Text::new(
                format!("工場の`shifts`にある識別子（{ids}）を書いてください。省くとすべてです"),
                format!("name ids that stand in the `shifts` of the plant ({ids}); left out it means all"),
            ),
        }
    };
    if named.is_empty() {
        let message = Text::new("シフトが1つもありません", "no shift is named");
        found.push(wrong(place, message, all_of()));
    }
    for (n, name) in named.iter().enumerate() {
        if ids().all(|id| id != name) {
            let message =
                Text::new(format!("シフト`{name}`がありません"), format!("there is no shift `{name}`"));
            let hint = shape::nearest(name, ids()).map_or_else(all_of, shape::did_you_mean);
            let place = place.map(|list| list.items().get(n).unwrap_or(list));
            found.push(wrong(place, message, hint));
        }
    }
}

/// Tells shifts of a machine that are at work at once, each pair once.
pub(super) fn overlaps(machines: &[MachineConfiguration], tree: &Node, found: &mut Vec<Diagnostic>) {
    let mut told = Vec::new();
    let nodes = tree.get("machines").map(Node::items).unwrap_or_default();
    for machine in machines {
        let Some((one, other, open)) = machine.settings.calendar.overlap() else { continue };
        let pair = (one.id.as_str(), other.id.as_str());
        if told.contains(&pair) {
            continue;
        }
        told.push(pair);
        let (ja, en) = open.map_or_else(Default::default, |day| {
            (format!("{day}（`open`）に"), format!(" on {day}, which is in `open`"))
        });
        let message = Text::new(
            format!("{ja}シフト`{}`と`{}`の時間が重なっています", one.id, other.id),
            format!("shifts `{}` and `{}` overlap{en}", one.id, other.id),
        );
        let hint = Text::new(
            format!("重なる時間は`{}`に数えます。`from`、`to`、`days`を確かめてください", one.id),
            format!("the time in both counts for `{}`; check `from`, `to` and `days`", one.id),
        );
        let warning = Diagnostic::warning(Code::OutOfRange, message).hint(hint);
        let own = nodes
            .iter()
            .find(|node| node.get("id").and_then(Node::scalar).is_some_and(|id| machine.id == *id));
        let place = own.and_then(|node| node.get("shifts")).or(tree.get("shifts"));
        found.push(place.map_or(warning.clone(), |node| warning.at(node.span)));
    }
}
