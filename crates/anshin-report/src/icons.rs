//! Symbols, each the commands of one path on a field of 24 by 24.

/// The symbol of an icon of the catalog.
pub(crate) fn of(icon: &str) -> &'static str {
    ICONS.iter().find(|(name, _)| *name == icon).map_or(UNKNOWN, |(_, path)| path)
}

const UNKNOWN: &str = "M4 4h16v16h-16zM8 8l8 8M16 8l-8 8";

/// One symbol for each icon that the catalog may name.
const ICONS: &[(&str, &str)] = &[
    (
        "sensor",
        "M12 21v-7M12 14a2.5 2.5 0 1 0 0-5a2.5 2.5 0 1 0 0 5M7.5 16a6.4 6.4 0 0 1 0-9M16.5 16a6.4 6.4 0 0 0 0-9M4.5 19a10.6 10.6 0 0 1 0-15M19.5 19a10.6 10.6 0 0 0 0-15",
    ),
    ("camera", "M3 6h12v9h-12zM15 9l6-3v9l-6-3M9 15v5M5 20h8M9 12.5a2 2 0 1 0 0-4a2 2 0 1 0 0 4"),
    ("actuator", "M3 12l9 5v-10zM21 12l-9 5v-10zM12 12v-7M8 4h8"),
    (
        "machine",
        "M12 15.5a3.5 3.5 0 1 0 0-7a3.5 3.5 0 1 0 0 7M10.5 3h3l.5 2.6l2 .9l2.3-1.4l2 2l-1.4 2.3l.9 2l2.2.6v3l-2.2.6l-.9 2l1.4 2.3l-2 2l-2.3-1.4l-2 .9l-.5 2.6h-3l-.5-2.6l-2-.9l-2.3 1.4l-2-2l1.4-2.3l-.9-2l-2.2-.6v-3l2.2-.6l.9-2l-1.4-2.3l2-2l2.3 1.4l2-.9z",
    ),
    (
        "robot",
        "M4 21h9M8.5 21v-4M8.5 17a2 2 0 1 0 0-4a2 2 0 1 0 0 4M9 13.2l3-5.5M13 7.7a2 2 0 1 0 0-4a2 2 0 1 0 0 4M14.8 6.7l4.2 2.3M19 9l-1 4M19 9l3 2.5",
    ),
    (
        "vehicle",
        "M2 16v-5h4l3-5h8l3 5h2v5zM6 19a2.5 2.5 0 1 0 0-5a2.5 2.5 0 1 0 0 5M17.5 19a2.5 2.5 0 1 0 0-5a2.5 2.5 0 1 0 0 5M9 11h9",
    ),
    ("drone", "M9 10h6v4h-6zM9 10l-3-3M15 10l3-3M9 14l-3 3M15 14l3 3M2.5 7h7M14.5 7h7M2.5 17h7M14.5 17h7"),
    ("controller", "M4 4h16v16h-16zM9 4v16M12 8h5M12 12h5M6.5 8h.01M6.5 12h.01M6.5 16h.01M12 16h2"),
    ("terminal", "M3 4h18v12h-18zM8 20h8M12 16v4"),
    ("phone", "M7 2h10v20h-10zM11 18.5h2M7 5h10"),
    (
        "server",
        "M5 3h14v6h-14zM5 9h14v6h-14zM5 15h14v6h-14zM8 6h.01M8 12h.01M8 18h.01M12 6h4M12 12h4M12 18h4",
    ),
    ("cloud", "M7 19a4.5 4.5 0 0 1-.5-9a6 6 0 0 1 11.5-1.5a5.3 5.3 0 0 1-.5 10.5z"),
    ("gateway", "M3 13h18v7h-18zM7 16.5h.01M11 16.5h.01M8 9l4-5l4 5M12 4v9"),
    ("router", "M3 13h18v7h-18zM7 16.5h.01M11 16.5h.01M17 13v-9M7 13v-9"),
    ("firewall", "M3 4h18v16h-18zM3 9.3h18M3 14.7h18M9 4v5.3M15 9.3v5.4M9 14.7v5.3M6 9.3v5.4"),
    ("switch", "M2 8h20v8h-20zM6 12h.01M10 12h.01M14 12h.01M18 12h.01M7 5l-3-2M17 5l3-2"),
    ("wireless", "M6 14h12v6h-12zM12 14v-4M9 17h.01M8.5 7.5a5 5 0 0 1 7 0M5.5 4.5a9 9 0 0 1 13 0"),
    ("media", "M7 9h10v12h-10zM9 9v-6h6v6M11 5.5h.01M13 5.5h.01"),
    ("person", "M12 11a4 4 0 1 0 0-8a4 4 0 1 0 0 8M4 21a8 8 0 0 1 16 0z"),
    ("medical", "M3 5h18v14h-18zM12 8.5v7M8.5 12h7"),
    ("energy", "M13 2l-8 12h6l-1 8l9-13h-6z"),
];

/// Open to anybody on the internet or a public network.
pub(crate) const GLOBE: &str =
    "M3 12h18M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 3c-4.5 5-4.5 13 0 18c4.5-5 4.5-13 0-18";
/// Open to radio nearby.
pub(crate) const WAVES: &str = "M12 19h.01M8 15a5.7 5.7 0 0 1 8 0M4.5 10.5a11 11 0 0 1 15 0";
/// Open to whoever stands before it.
pub(crate) const HAND: &str = "M12 11a4 4 0 1 0 0-8a4 4 0 1 0 0 8M4 21a8 8 0 0 1 16 0";
/// Open to what is plugged in.
pub(crate) const STICK: &str = "M7 10h10v11h-10zM9.5 10v-6h5v6";
/// Open to who maintains it from afar.
pub(crate) const WRENCH: &str = "M4 20l8-8M20 7.5a5 5 0 0 1-7 5.5l-2-2a5 5 0 0 1 5.5-7l-3 3l3.5 3.5z";
/// An asset to begin with.
pub(crate) const STAR: &str = "M12 2l3 6.7l7.3.8l-5.4 5l1.5 7.2l-6.4-3.7l-6.4 3.7l1.5-7.2l-5.4-5l7.3-.8z";
/// Danger.
pub(crate) const TRIANGLE: &str = "M12 3l10 18h-20z";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_icon_of_the_catalog_has_a_symbol_of_its_own() {
        let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
        for (id, kind) in &catalog.asset_kinds {
            assert!(ICONS.iter().any(|(name, _)| *name == kind.icon), "{id}: {}", kind.icon);
        }
        assert_eq!(ICONS.iter().map(|(_, path)| path).collect::<BTreeSet<_>>().len(), ICONS.len());
    }
}
