//! `anshin monitor query`: what the records say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anshin_catalog::Catalog;
use anshin_field::folder;
use anshin_field::records::{self, Kind, Query};
use anshin_model::{Lang, Text, shape};
use anshin_monitor::account::{self, Both};
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::reference;
use anshin_monitor::{Time, v1};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::args::{QueryArgs, Records};
use super::records::{Moments, machine, open, unread};
use super::show;
use super::status::{named, no_folder, unknown, zone};
use crate::cli::Format;
use crate::input::Failure;
use crate::output::Output;
use crate::{End, print};

/// Prints the records that were asked for, the oldest first.
pub(super) fn run(args: &QueryArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    if let Some(finding) = &args.finding {
        is_known(args.what, finding)?;
    }
    let inside = records::address(&args.state);
    let failed = unread(args.database.as_deref().unwrap_or(&inside));
    let opened = match &args.database {
        Some(address) => open(address)?,
        None if !folder::is_kept(&args.state) => return Err(no_folder(&args.state)),
        None => {
            let is_new = !args.state.join(records::FILE).exists();
            let opened = open(&inside)?;
            // A monitor that has run without a database has its records in files.
            if is_new {
                let alone = records::Writer { worker: "monitor", team: None };
                opened.follow(&args.state, alone).map_err(&failed)?;
            }
            opened
        }
    };
    let told = Told::read(args, &opened, output).map_err(&failed)?;
    let moments = Moments::read(args.from.as_deref(), args.to.as_deref(), &told.zone)?;
    let recorded = if args.machine.is_some() { opened.known().map_err(&failed)? } else { Vec::new() };
    let shown = told.machines.iter().map(|(id, (name, _))| (id.as_str(), Some(Text::from(name))));
    let others = recorded.iter().filter(|id| !told.machines.contains_key(*id));
    let known = shown.chain(others.map(|id| (id.as_str(), None)));
    let of = args.machine.as_deref().map(|wanted| machine(wanted, known)).transpose()?;
    let query = Query {
        kind: match args.what {
            Records::Cycles => Kind::Cycles,
            Records::Alerts => Kind::Alerts,
            Records::References => Kind::References,
        },
        machine: of.clone(),
        from: moments.from.map(|from| from.to_string()),
        to: moments.to.map(|to| to.to_string()),
        finding: args.finding.clone(),
        most: args.limit,
    };
    let lines = opened.query(&query).map_err(&failed)?;
    if lines.is_empty() {
        output.say(&nothing(args, of.as_deref(), moments, &told));
        return Ok(End::Fine);
    }
    let mut out = String::new();
    match args.format {
        Format::Json => lines.iter().for_each(|line| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{line}");
        }),
        Format::Text => {
            let rows: Vec<[String; 7]> = lines.iter().map(|line| told.row(line, catalog)).collect();
            show::table(&mut out, &rows);
        }
    }
    print(output, &out)
}

/// Fails where no record of that kind can have such a word.
fn is_known(what: Records, word: &str) -> Result<(), Failure> {
    let (words, of) = match what {
        Records::Cycles => (v1::FINDINGS.to_vec(), Text::new("サイクルの判定", "findings of cycles")),
        Records::Alerts => {
            (AlertKind::ALL.map(AlertKind::id).to_vec(), Text::new("警報の種類", "kinds of alerts"))
        }
        Records::References => return Ok(()),
    };
    if words.contains(&word) {
        return Ok(());
    }
    let what = Text::new(
        format!("`{word}`という判定や種類はありません"),
        format!("there is no finding or kind `{word}`"),
    );
    Err(unknown(&what, shape::nearest(word, words.iter().copied()), &of, &words))
}

/// That nothing was found, and where it was looked for.
fn nothing(args: &QueryArgs, machine: Option<&str>, moments: Moments, told: &Told) -> Text {
    let what = match args.what {
        Records::Cycles => Text::new("サイクル", "cycles"),
        Records::Alerts => Text::new("警報", "alerts"),
        Records::References => Text::new("基準", "references"),
    };
    let in_lang = |lang: Lang| {
        let word = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
        let mut conditions = Vec::new();
        if let Some(id) = machine {
            conditions.push(format!("{}: {}", word("機械", "machine"), told.named(id)));
        }
        if let Some(finding) = &args.finding {
            conditions.push(format!(
                "{}: {}",
                word("判定か種類", "finding or kind"),
                account::word(finding).get(lang)
            ));
        }
        let told = |at: Time| at.told(&told.zone);
        let span = match (moments.from.map(told), moments.to.map(told)) {
            (None, None) => word("全期間", "always").to_owned(),
            (Some(from), None) => word("{}から", "from {}").replace("{}", &from),
            (None, Some(to)) => word("{}まで", "up to {}").replace("{}", &to),
            (Some(from), Some(to)) => format!("{from} – {to}"),
        };
        conditions.push(format!("{}: {span}", word("期間", "time")));
        conditions.join(word("、", ", "))
    };
    Text::new(
        format!("該当する{}はありません（{}）", what.get(Lang::Ja), in_lang(Lang::Ja)),
        format!("no {} were found ({})", what.get(Lang::En), in_lang(Lang::En)),
    )
}

/// How records are told: by the clocks of the factory, with the names of machines and their units.
struct Told {
    zone: TimeZone,
    machines: BTreeMap<String, (Both, String)>,
    output: Output,
}

impl Told {
    fn read(
        args: &QueryArgs,
        opened: &records::Records,
        output: Output,
    ) -> Result<Self, records::RecordsError> {
        // A monitor that runs without a database keeps how things are in its folder alone.
        let mut shown = opened.shown()?;
        let mut name = shown.iter().find_map(|one| one.zone.clone());
        if shown.is_empty() && args.database.is_none() {
            let saved = folder::read_state(&args.state).unwrap_or_default();
            name = saved.zone().map(str::to_owned);
            shown.extend(saved.shown.into_values());
        }
        let machines = shown.into_iter().map(|one| (one.machine, (one.name, one.unit))).collect();
        Ok(Self { zone: zone(name.as_deref()), machines, output })
    }

    fn named(&self, id: &str) -> String {
        named(id, self.machines.get(id).map(|(name, _)| name.get(self.output.lang)))
    }

    /// What a record is about: a machine, a source with the device or topic, or a group with its machines.
    fn about(&self, line: &Value) -> String {
        let lang = self.output.lang;
        match records::about(line) {
            Some(("group", id)) => {
                let name = line["group_name"][lang.code()].as_str().unwrap_or(id);
                let name_of =
                    |id| self.machines.get(id).map_or(id, |(name, _): &(Both, String)| name.get(lang));
                let machines = line["machines"].as_array().into_iter().flatten().filter_map(Value::as_str);
                named(id, Some(&group::with_machines(name, machines.map(name_of), lang)))
            }
            Some((_, id)) => match line["device"].as_str() {
                Some(device) => format!("{id}: {device}"),
                None if line["devices"].is_u64() => {
                    let others = self.output.word("ほかの機器の台数", "other devices");
                    format!("{id}: {others} {}", line["devices"])
                }
                None => self.named(id),
            },
            None => String::new(),
        }
    }

    fn moment(&self, text: &str) -> String {
        Time::told_of(text, &self.zone)
    }

    /// Who has acknowledged an alert.
    fn acknowledged(&self, who: &Value) -> String {
        let who: Option<Acknowledgement> = serde_json::from_value(who.clone()).ok();
        let text = who.and_then(|who| who.text(|at| self.moment(at)));
        text.map_or_else(String::new, |text| {
            format!("{} {}", self.output.word("確認済み:", "acknowledged:"), text.get(self.output.lang))
        })
    }

    /// A record as cells: when, what or who, and what there is to say.
    fn row(&self, line: &Value, catalog: &Catalog) -> [String; 7] {
        let output = self.output;
        let word = |key: &str| line[key].as_str().unwrap_or_default();
        let number = |key: &str, digits: usize, unit: &str| match line[key].as_f64() {
            Some(number) => format!("{number:.digits$} {unit}"),
            None => "–".to_owned(),
        };
        let off = |key: &str| {
            let off = line[key].as_f64().map(account::percent);
            off.map_or_else(String::new, |off| {
                output.word("（", " (").to_owned() + &off + output.word("）", ")")
            })
        };
        let of = self.about(line);
        match word("type") {
            "cycle" => {
                let key = line["key"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let finding = word("finding");
                let doubts = line["doubts"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let held = line["held_seconds"].as_f64();
                let doubts = account::doubts(finding, doubts, held, output.lang);
                let doubts = doubts.join(output.word("、", ", "));
                let doubts = if doubts.is_empty() { doubts } else { format!("  ({doubts})") };
                [
                    self.moment(word("end")),
                    of,
                    key.collect::<Vec<_>>().join(" / "),
                    number("duration_seconds", 1, "s") + &off("duration_deviation"),
                    number("quantity", 2, word("unit")) + &off("quantity_deviation"),
                    show::tone(finding, account::found(line).get(output.lang), output) + &doubts,
                    String::new(),
                ]
            }
            "reference" => {
                // The parts of the job's key have been joined already.
                let job: Vec<&str> = Some(word("job")).into_iter().filter(|job| !job.is_empty()).collect();
                let unit = self.machines.get(word("machine")).map_or("", |(_, unit)| unit);
                let (version, cycles) = (output.word("版", "version"), output.word("サイクル", "cycles"));
                [
                    self.moment(word("since")),
                    of,
                    reference::name(
                        job.as_slice(),
                        u32::try_from(line["mode"].as_u64().unwrap_or(0)).unwrap_or(0),
                    ),
                    number("duration_seconds", 1, "s"),
                    number("quantity", 2, unit).trim().to_owned(),
                    format!("{version} {}, {} {cycles}", line["version"], line["cycles"]),
                    String::new(),
                ]
            }
            _ => {
                let is_over = word("change") == "cleared";
                let change = if is_over {
                    output.good(output.word("解消", "over"))
                } else {
                    output.bad(output.word("警報", "ALERT"))
                };
                let known = line["name"][output.lang.code()].as_str();
                let of_catalog =
                    || catalog.alerts.get(word("alert")).map(|known| known.name.get(output.lang));
                let name = known.or_else(of_catalog).unwrap_or(word("alert"));
                let key = line["key"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let measured = line["value"].as_f64().filter(|_| !is_over);
                let measured = measured.map_or_else(String::new, |value| {
                    account::amount(value, word("unit")) + &off("deviation")
                });
                [
                    self.moment(word("at")),
                    change,
                    of,
                    name.to_owned(),
                    key.collect::<Vec<_>>().join(" / "),
                    measured,
                    self.acknowledged(&line["acknowledged"]),
                ]
            }
        }
    }
}
