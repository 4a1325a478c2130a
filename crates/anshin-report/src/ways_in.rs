//! Where a system lies open: the ways in that a picture shows at its assets.

use std::collections::BTreeSet;

use anshin_assess::System;
use anshin_model::{Id, Text};

use crate::icons;
use crate::svg::{self, Picture, Rect};

/// A way in that lies open at an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WayIn {
    /// The internet or a public network.
    Outside,
    /// Radio nearby.
    Radio,
    /// Whoever stands before it.
    Touch,
    /// What is plugged in.
    Media,
    /// Who maintains it from afar.
    Maintenance,
}

impl WayIn {
    fn of_entry_point(id: &str, outside: bool) -> Option<Self> {
        match id {
            _ if outside => Some(WayIn::Outside),
            "adjacent-wireless" => Some(WayIn::Radio),
            "physical-access" => Some(WayIn::Touch),
            "removable-media" => Some(WayIn::Media),
            "remote-maintenance" => Some(WayIn::Maintenance),
            _ => None,
        }
    }

    /// What it is called.
    pub(crate) fn name(self) -> Text {
        match self {
            WayIn::Outside => Text::new("外部のネットワークにさらされている", "exposed to public networks"),
            WayIn::Radio => Text::new("近くの無線にさらされている", "exposed to radio nearby"),
            WayIn::Touch => Text::new("他人の手が届く", "within reach of strangers"),
            WayIn::Media => Text::new("外部記憶媒体を使う", "takes removable media"),
            WayIn::Maintenance => Text::new("遠隔保守を受ける", "maintained from afar"),
        }
    }

    /// Draws its mark.
    pub(crate) fn write(self, picture: &mut Picture, x: f64, y: f64) {
        let symbol = match self {
            WayIn::Outside => icons::GLOBE,
            WayIn::Radio => icons::WAVES,
            WayIn::Touch => icons::HAND,
            WayIn::Media => icons::STICK,
            WayIn::Maintenance => icons::WRENCH,
        };
        // Round and coloured for what anybody can reach, square and grey for the rest.
        if self == WayIn::Outside {
            picture.disc(svg::EXPOSED, x + 8.5, y + 8.5, 8.5);
        } else {
            picture.rect(svg::NEARBY, Rect::new(x, y, 17.0, 17.0), 3.0);
        }
        picture.symbol(svg::ICON_REVERSED, symbol, x + 2.5, y + 2.5, 12.0);
    }
}

/// The marks of each asset, in the order of their importance.
pub(crate) fn ways_in(system: &System<'_>) -> Vec<Vec<WayIn>> {
    let mark = |id: &Id| {
        let outside = system.catalog.entry_points.get(id).is_some_and(|point| point.outside);
        WayIn::of_entry_point(id.as_str(), outside)
    };
    let marks = |ways: Vec<&Id>| ways.into_iter().filter_map(mark).collect::<BTreeSet<_>>();
    anshin_assess::ways_in(system).into_iter().map(|ways| marks(ways).into_iter().collect()).collect()
}
