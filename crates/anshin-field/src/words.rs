//! What people read about an alert in mail and logs.

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::account::{Account, percent};
use anshin_monitor::config::{Configuration, MachineConfiguration};
use anshin_monitor::group::GroupAlert;
use anshin_monitor::judge::{Alert, Change, SourceAlert};
use jiff::tz::TimeZone;

/// One line about an alert of a machine, and everything that is known of it.
pub(crate) fn of_machine(machine: &MachineConfiguration, alert: &Alert, catalog: &Catalog) -> (Text, Text) {
    of(&Account::of_machine(machine, alert, catalog), alert, &machine.settings.zone)
}

/// The same about a source. Its times are in the zone of the machines.
pub(crate) fn of_source(
    configuration: &Configuration,
    said: &SourceAlert,
    catalog: &Catalog,
) -> (Text, Text) {
    let account = Account::of_source(configuration, said, catalog);
    of(&account, &said.alert, &configuration.zone())
}

/// The same about machines that share something.
pub(crate) fn of_group(configuration: &Configuration, said: &GroupAlert, catalog: &Catalog) -> (Text, Text) {
    let account = Account::of_group(configuration, said, catalog);
    of(&account, &said.alert, &configuration.zone())
}

fn of(account: &Account, alert: &Alert, zone: &TimeZone) -> (Text, Text) {
    let in_lang = |lang: Lang| in_lang(account, alert, zone, lang);
    let (ja, en) = (in_lang(Lang::Ja), in_lang(Lang::En));
    (Text::new(ja.0, en.0), Text::new(ja.1, en.1))
}

fn in_lang(account: &Account, alert: &Alert, zone: &TimeZone, lang: Lang) -> (String, String) {
    let word = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
    let is_raised = alert.change == Change::Raised;
    let change = if is_raised { word("警報", "alert") } else { word("解消", "over") };
    // How far off it is once it is over is no news.
    let off = alert.deviation.filter(|_| is_raised);
    let off = off.map_or_else(String::new, |off| format!(" ({})", percent(off)));
    let title = format!("{change}: {}: {}{off}", account.place(lang), account.name.get(lang));
    let mut lines = vec![
        title.clone(),
        format!("{}: {}", word("開始", "since"), alert.since.told(zone)),
        format!("{}: {}", word("時刻", "at"), alert.at.told(zone)),
    ];
    if is_raised {
        lines.extend(account.measured.as_ref().map(|measured| measured.get(lang).to_owned()));
        lines.extend([String::new(), account.says.get(lang).to_owned()]);
        for (heading, items) in account.lists() {
            lines.extend([String::new(), heading.get(lang).to_owned()]);
            lines.extend(items.iter().map(|item| format!("- {}", item.get(lang))));
        }
    }
    (title, lines.join("\n") + "\n")
}
