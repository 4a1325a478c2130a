//! What people read about an alert.

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use anshin_monitor::config::MachineConfiguration;
use anshin_monitor::judge::{Alert, Change};
use anshin_monitor::v1::unit;

/// One line about an alert, and everything that is known of it.
pub(crate) fn of(machine: &MachineConfiguration, alert: &Alert, catalog: &Catalog) -> (Text, Text) {
    let in_lang = |lang: Lang| in_lang(machine, alert, catalog, lang);
    let (ja, en) = (in_lang(Lang::Ja), in_lang(Lang::En));
    (Text::new(ja.0, en.0), Text::new(ja.1, en.1))
}

fn in_lang(machine: &MachineConfiguration, alert: &Alert, catalog: &Catalog, lang: Lang) -> (String, String) {
    let word = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
    let known = catalog.alerts.get(alert.kind.id());
    let name = known.map_or(alert.kind.id(), |known| known.name.get(lang));
    let of = machine.name.get(lang);
    let change = match alert.change {
        Change::Raised => word("警報", "alert"),
        Change::Cleared => word("解消", "over"),
    };
    let off = alert.deviation.map_or_else(String::new, |off| format!(" ({:+.0} %)", off * 100.0));
    let title = format!("{change}: {of}: {name}{off}");
    let local =
        |time: Time| time.stamp().to_zoned(machine.settings.zone.clone()).strftime("%F %T %Z").to_string();
    let mut lines = vec![
        title.clone(),
        format!("{}: {}", word("開始", "since"), local(alert.since)),
        format!("{}: {}", word("時刻", "at"), local(alert.at)),
    ];
    if let (Some(value), Some(reference)) = (alert.value, alert.reference) {
        let unit = unit(machine, alert.kind);
        lines.push(format!("{}: {value:.1} {unit}", word("値", "value")));
        lines.push(format!("{}: {reference:.1} {unit}", word("基準", "reference")));
    }
    if let (Some(known), Change::Raised) = (known, alert.change) {
        lines.push(String::new());
        lines.push(known.says.fill(&[("machine", &machine.name)]).get(lang).to_owned());
        let lists = [
            (word("考えられる原因", "likely causes"), &known.causes),
            (word("最初に確かめること", "look at first"), &known.first),
        ];
        for (label, list) in lists {
            lines.extend([String::new(), label.to_owned()]);
            lines.extend(list.iter().map(|item| format!("- {}", item.get(lang))));
        }
    }
    (title, lines.join("\n") + "\n")
}
