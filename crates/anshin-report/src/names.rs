//! The names that people know things by, found by the ids of the document and the catalog.

use anshin_catalog::{Axis, Catalog, Consequence};
use anshin_model::document::{Document, Economic, Link, Recovery};
use anshin_model::{Id, Lang, Text};

use crate::subject::Subject;
use crate::words;

/// The name of an entry of the catalog; its id if there is none.
pub(crate) fn catalog_name(catalog: &Catalog, section: &str, id: &str) -> Text {
    macro_rules! name {
        ($($name:literal => $field:ident,)*) => {
            match section { $($name => catalog.$field.get(id).map(|entry| entry.name.clone()),)* _ => None }
        };
    }
    let name = name! {
        "traits" => traits, "asset-kinds" => asset_kinds, "zone-kinds" => zone_kinds, "media" => media,
        "protocols" => protocols, "data-kinds" => data_kinds, "hazards" => hazards,
        "safeguards" => safeguards, "threats" => threats, "requirements" => requirements,
        "measures" => measures,
    };
    name.unwrap_or_else(|| Text::same(id))
}

/// The name of an item of the document; its id if it has none.
pub(crate) fn item_name(subject: &Subject<'_>, list: &str, id: &str) -> Text {
    let own = Id::from(id);
    let document: &Document = subject.system.document;
    let found = match list {
        "stakeholders" => Some(subject.stakeholder(&own)),
        "zones" => Some(subject.zone(&own)),
        "assets" => Some(subject.asset(&own)),
        "data" => Some(subject.data(&own)),
        "links" => document.links.iter().find(|link| is_link(link, id)).map(|link| {
            let ends = |lang: Lang| {
                format!("{} – {}", subject.asset(&link.from).get(lang), subject.asset(&link.to).get(lang))
            };
            Text::new(ends(Lang::Ja), ends(Lang::En))
        }),
        "flows" => document.flows.iter().find(|flow| flow.id == own).and_then(|flow| flow.name.clone()),
        "subsystems" => document.subsystems.iter().find(|p| p.id == own).map(|part| part.name.clone()),
        "incidents" => document.incidents.iter().find(|i| i.id == own).map(|incident| incident.what.clone()),
        "measures" => Some(measure_name(subject, &own)),
        "decisions" => Some(subject_name(subject, id.split('#').next().unwrap_or(id))),
        "acceptances" => Some(scenario_name(subject, id.split('#').next().unwrap_or(id))),
        _ => None,
    };
    found.unwrap_or_else(|| Text::same(id))
}

/// A scenario in names: `plc/harm/resident` is the resident's harm at the controller.
pub(crate) fn scenario_name(subject: &Subject<'_>, id: &str) -> Text {
    let [asset, consequence, who] = id.split('/').collect::<Vec<_>>()[..] else { return Text::same(id) };
    let Some(consequence) = Consequence::ALL.into_iter().find(|own| own.as_str() == consequence) else {
        return Text::same(id);
    };
    let (asset, who) = (subject.asset(&Id::from(asset)), subject.stakeholder(&Id::from(who)));
    let what = consequence.name();
    let [ja, en] = Lang::ALL.map(|lang| [&asset, &what, &who].map(|name| name.get(lang)));
    Text::new(format!("{}: {}（{}）", ja[0], ja[1], ja[2]), format!("{}: {} ({})", en[0], en[1], en[2]))
}

/// Whether a link has this id, written or made of the two ends.
fn is_link(link: &Link, id: &str) -> bool {
    match &link.id {
        Some(own) => *own == *id,
        None => id
            .strip_prefix(link.from.as_str())
            .and_then(|rest| rest.strip_prefix("--"))
            .is_some_and(|to| link.to == *to),
    }
}

/// The name of a measure of the document: its own, that of the catalog's measure, or that of the
/// requirement.
pub(crate) fn measure_name(subject: &Subject<'_>, id: &Id) -> Text {
    let Some(measure) = subject.system.document.measures.iter().find(|measure| measure.id == *id) else {
        return Text::same(id.as_str());
    };
    let of_catalog = || {
        let known = subject.system.catalog.measures.get(measure.measure.as_ref()?)?;
        Some(known.name.clone())
    };
    measure.name.clone().or_else(of_catalog).unwrap_or_else(|| subject.requirement(&measure.requirement))
}

/// A level or a stakeholder.
pub(crate) fn decided_name(subject: &Subject<'_>, word: &str) -> Text {
    let recovery = Recovery::ALL.into_iter().find(|level| level.as_str() == word).map(Recovery::name);
    let economic = Economic::ALL.into_iter().find(|level| level.as_str() == word).map(Economic::name);
    match (recovery, economic) {
        // `limited` and `serious` are levels of both axes.
        (Some(_), Some(_)) => words::choice("recovery", word),
        (Some(level), None) | (None, Some(level)) => level,
        (None, None) => subject.stakeholder(&Id::from(word)),
    }
}

/// What a decision is about, in names: `rating/resident/recovery` is the resident's recovery axis.
pub(crate) fn subject_name(subject: &Subject<'_>, about: &str) -> Text {
    let parts: Vec<&str> = about.split('/').collect();
    let named = |a: &Text, ja: &str, b: &Text, en: &str| {
        Text::new(
            format!("{}{ja}{}", a.get(Lang::Ja), b.get(Lang::Ja)),
            format!("{}{en}{}", a.get(Lang::En), b.get(Lang::En)),
        )
    };
    match parts.as_slice() {
        ["rating", who, axis, part @ ..] => {
            let axis = match *axis {
                "recovery" => Axis::Recovery.name(),
                "economic" => Axis::Economic.name(),
                other => Text::same(other),
            };
            let who = subject.stakeholder(&Id::from(*who));
            let who = match part.first() {
                Some(part) => named(&who, "、", &item_name(subject, "subsystems", part), ", "),
                None => who,
            };
            named(&who, "、", &axis, ", ")
        }
        ["threat", asset, threat] => {
            let asset = subject.asset(&Id::from(*asset));
            named(&asset, "、", &subject.threat(&Id::from(*threat)), ", ")
        }
        ["requirement", id] => subject.requirement(&Id::from(*id)),
        ["implementer", id] => {
            let whose = subject.requirement(&Id::from(*id));
            named(&whose, "の", &Text::new("実施主体", "implementer"), ", ")
        }
        _ => Text::same(about),
    }
}
