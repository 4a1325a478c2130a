//! Generated systems of any size, for benchmarks: zones of ten assets, three links for each asset.

use std::fmt::Write as _;

/// Kinds of generated assets, repeated within a zone; every zone has one of each.
const KINDS: [&str; 10] = [
    "server.mes",
    "terminal.hmi",
    "controller.plc",
    "sensor.temperature",
    "actuator.valve",
    "machine.robot.industrial",
    "gateway.iot",
    "terminal.maintenance",
    "network.switch",
    "controller.safety-plc",
];

/// A system document with a number of assets. The same number gives the same text.
///
/// Each asset is linked to the next two of its zone and to one of another zone. The first zone is
/// joined to the internet by a router.
pub fn system(assets: usize) -> String {
    let assets = assets.max(2);
    let zones = assets.div_ceil(KINDS.len());
    let mut out = String::with_capacity(assets * 400);
    out.push_str(HEAD);
    out.push_str("zones:\n");
    for zone in 0..zones {
        let kind =
            ["production-floor", "control-network", "field-network", "control-information-network"][zone % 4];
        let _ = writeln!(out, "  - {{ id: z{zone}, kind: {kind} }}");
    }
    out.push_str("assets:\n");
    for n in 0..assets {
        let kind = if n == 0 { "network.router" } else { KINDS[n % KINDS.len()] };
        let stores = if n % 10 < 2 { ", stores: [operation]" } else { "" };
        let _ = writeln!(
            out,
            "  - {{ id: a{n}, name: a{n}, kind: {kind}, zone: z{}, made-by: maker, updated-by: maker{stores} }}",
            n / KINDS.len()
        );
    }
    out.push_str("links:\n");
    for n in 0..assets {
        // The third neighbour is spread over the whole system by a step that meets every zone.
        let far = (n * 7919 + 1) % assets;
        for (k, to) in [(n + 1) % assets, (n + 2) % assets, far].into_iter().enumerate() {
            let to = if to == n { (n + 1) % assets } else { to };
            let carries = if k == 0 { ", carries: [command]" } else { "" };
            let _ = writeln!(out, "  - {{ id: l{n}-{k}, from: a{n}, to: a{to}, over: ethernet{carries} }}");
        }
    }
    out
}

const HEAD: &str = "\
anshin: 1
system: { id: generated, name: generated, setting: business }
stakeholders:
  - { id: owner, name: owner, role: user, lead: true, depends-on: { service: core-business } }
  - { id: maker, name: maker, role: developer, reach: many }
data:
  - { id: operation, kind: operation.process }
  - { id: command, kind: control.command }
";
