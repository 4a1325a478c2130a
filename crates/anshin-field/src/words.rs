//! What people read about an alert.

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use anshin_monitor::config::{Configuration, MachineConfiguration};
use anshin_monitor::group::{GroupAlert, Shares};
use anshin_monitor::judge::{Alert, Change, SourceAlert};
use anshin_monitor::meaning::Meaning;
use anshin_monitor::touch::Touched;
use anshin_monitor::v1::unit;
use jiff::tz::TimeZone;

/// What an alert is about.
struct About<'a> {
    name: &'a Text,
    zone: &'a TimeZone,
    unit: &'a str,
    shares: Option<Shares>,
    touched: Option<&'a Touched>,
}

/// One line about an alert of a machine, and everything that is known of it.
pub(crate) fn of_machine(machine: &MachineConfiguration, alert: &Alert, catalog: &Catalog) -> (Text, Text) {
    let unit = unit(machine, alert.kind);
    let touched = machine.touched.as_ref();
    let zone = &machine.settings.zone;
    of(&About { name: &machine.name, zone, unit, shares: None, touched }, alert, catalog)
}

/// The same about a source. Its times are in the zone of the machines.
pub(crate) fn of_source(
    configuration: &Configuration,
    said: &SourceAlert,
    catalog: &Catalog,
) -> (Text, Text) {
    let source = &configuration.sources[said.source];
    let name = Text::same(said.name(source.id.as_str()));
    let (zone, touched) = (zone(configuration), source.touched.as_ref());
    of(&About { name: &name, zone: &zone, unit: "", shares: None, touched }, &said.alert, catalog)
}

/// The same about machines that share something.
pub(crate) fn of_group(configuration: &Configuration, said: &GroupAlert, catalog: &Catalog) -> (Text, Text) {
    let group = &configuration.groups[said.group];
    let (name, zone, touched) = (said.name(configuration), zone(configuration), group.touched.as_ref());
    let shares = Some(group.shares);
    of(&About { name: &name, zone: &zone, unit: "", shares, touched }, &said.alert, catalog)
}

/// The time zone of the machines.
fn zone(configuration: &Configuration) -> TimeZone {
    configuration.machines.first().map_or(TimeZone::UTC, |of| of.settings.zone.clone())
}

fn of(about: &About<'_>, alert: &Alert, catalog: &Catalog) -> (Text, Text) {
    let in_lang = |lang: Lang| in_lang(about, alert, catalog, lang);
    let (ja, en) = (in_lang(Lang::Ja), in_lang(Lang::En));
    (Text::new(ja.0, en.0), Text::new(ja.1, en.1))
}

fn in_lang(about: &About<'_>, alert: &Alert, catalog: &Catalog, lang: Lang) -> (String, String) {
    let word = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
    let known = Meaning::of(alert.kind, about.name, about.shares, catalog);
    let known = known.as_ref();
    let name = known.map_or(alert.kind.id(), |known| known.name.get(lang));
    let of = about.name.get(lang);
    let change = match alert.change {
        Change::Raised => word("警報", "alert"),
        Change::Cleared => word("解消", "over"),
    };
    let off = alert.deviation.map_or_else(String::new, |off| format!(" ({:+.0} %)", off * 100.0));
    let title = format!("{change}: {of}{}: {name}{off}", alert.of_job());
    let local = |time: Time| time.stamp().to_zoned(about.zone.clone()).strftime("%F %T %Z").to_string();
    let mut lines = vec![
        title.clone(),
        format!("{}: {}", word("開始", "since"), local(alert.since)),
        format!("{}: {}", word("時刻", "at"), local(alert.at)),
    ];
    if let (Some(value), Some(reference)) = (alert.value, alert.reference) {
        let unit = about.unit;
        lines.push(format!("{}: {value:.1} {unit}", word("値", "value")));
        lines.push(format!("{}: {reference:.1} {unit}", word("基準", "reference")));
    }
    if let (Some(known), Change::Raised) = (known, alert.change) {
        lines.push(String::new());
        lines.push(known.says.get(lang).to_owned());
        let lists = [
            (word("考えられる原因", "likely causes"), &known.causes),
            (word("最初に確かめること", "look at first"), &known.first),
        ];
        for (label, list) in lists {
            lines.extend([String::new(), label.to_owned()]);
            lines.extend(list.iter().map(|item| format!("- {}", item.get(lang))));
        }
        if let Some(touched) = about.touched {
            lines.push(String::new());
            lines.push(format!(
                "{}: {}",
                word("システムの機器", "asset of the system"),
                touched.name.get(lang)
            ));
            let hazards = touched.hazards.iter().map(|(_, name)| name.get(lang));
            lines.extend(hazards.map(|name| format!("- {}: {name}", word("危険", "hazard"))));
            for own in touched.scenarios(known.threats) {
                let (label, risk) = (word("シナリオ", "scenario"), own.risk.get(lang));
                lines.push(format!("- {label} {} ({risk}): {}", own.id, own.incident.get(lang)));
            }
        }
    }
    (title, lines.join("\n") + "\n")
}
