//! Machines that share something.

use std::collections::BTreeSet;

use anshin_model::diagnostic::Diagnostic;
use anshin_model::tree::Node;
use anshin_model::{Id, Text, shape};
use serde::Deserialize;

use super::outlet::alerts;
use super::{MachineConfiguration, OneOrMore, size, wrong};
use crate::group::{Group, Shares};
use crate::judge::AlertKind;

/// Seconds within which alerts count as raised at once, if nothing is said.
const USUAL: f64 = 600.0;

#[derive(Deserialize)]
pub(super) struct GroupFile {
    id: Id,
    name: Option<Text>,
    asset: Option<Id>,
    shares: Shares,
    #[serde(default)]
    machines: OneOrMore,
    #[serde(default)]
    alerts: OneOrMore,
    least: Option<f64>,
    within: Option<f64>,
}

/// Makes a group of what the file says. The machines are all that are right, in the order of the file.
pub(super) fn make(
    file: GroupFile,
    node: &Node,
    machines: &[MachineConfiguration],
    found: &mut Vec<Diagnostic>,
) -> Option<Group> {
    let before = found.len();
    let named: Vec<String> = file.machines.into();
    let mut members: BTreeSet<usize> = BTreeSet::new();
    for name in &named {
        let n = machines.iter().position(|machine| machine.id == **name);
        members.extend(n);
        if n.is_none() {
            let ids = machines.iter().map(|machine| machine.id.as_str());
            let hint = shape::nearest(name, ids).map_or_else(
                || Text::new("`machines`にある識別子を書いてください", "name ids that stand in `machines`"),
                shape::did_you_mean,
            );
            let message =
                Text::new(format!("機械`{name}`がありません"), format!("there is no machine `{name}`"));
            found.push(wrong(node.get("machines"), message, hint));
        }
    }
    if named.is_empty() {
        members = (0..machines.len()).collect();
    }
    let half = members.len().div_ceil(2).max(2);
    let least = file.least.map_or(half, size);
    if least > members.len() && found.len() == before {
        found.push(wrong(
            Some(node.get("least").or(node.get("machines")).unwrap_or(node)),
            Text::new(
                format!("このグループの機械は{}台なので、{least}台がそろうことはありません", members.len()),
                format!(
                    "the group has {}, so {least} of them never raise alerts together",
                    if members.len() == 1 {
                        "1 machine".to_owned()
                    } else {
                        format!("{} machines", members.len())
                    }
                ),
            ),
            Text::new(
                "`machines`に2台以上を書き、`least`をその台数以下にしてください",
                "name two machines or more, and make `least` at most as many",
            ),
        ));
    }
    let kinds = alerts(file.alerts, node, found);
    if kinds.iter().any(|kind| !kind.is_of_machine()) {
        found.push(wrong(
            node.get("alerts"),
            Text::new("機械の警報ではないものがあります", "not all of these are alerts of machines"),
            Text::new(
                "too-slowやsilentなど、1台ごとの警報を書いてください",
                "name alerts of single machines, such as too-slow or silent",
            ),
        ));
    }
    (found.len() == before).then(|| Group {
        name: file.name.unwrap_or_else(|| Text::same(file.id.as_str())),
        id: file.id,
        asset: file.asset,
        touched: None,
        shares: file.shares,
        machines: members,
        alerts: kinds,
        least,
        within: file.within.unwrap_or(USUAL),
    })
}

impl AlertKind {
    /// Whether it is raised about a machine, and not about a source or a group.
    fn is_of_machine(self) -> bool {
        !matches!(self, AlertKind::Overload | AlertKind::UnknownDevice | AlertKind::Together)
    }
}
