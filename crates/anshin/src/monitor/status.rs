//! What monitors know: that of a folder, or all that share a database.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anshin_catalog::Catalog;
use anshin_field::folder::{self, Saved};
use anshin_field::panel::{self, Shown, ShownAlert, ShownOther, WaitingReference};
use anshin_field::records::{self, Recorded, Worker};
use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use anshin_monitor::account::{Account, Both};
use anshin_monitor::lateness::{Behind, Late};
use anshin_monitor::machine::Kept;
use anshin_monitor::reference;
use anshin_monitor::utilisation::former_text;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{At, STATE};
use super::floor::Floor;
use super::show;
use crate::cli::Format;
use crate::input::Failure;
use crate::output::Output;
use crate::{End, print};

/// Shows what monitors know.
pub(super) fn run(at: &At, format: Format, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    if let Some(address) = at.database.as_deref() {
        let floor = Floor::open(at, address)?;
        let text = match format {
            Format::Json => json(&OfDatabase::new(&floor))?,
            Format::Text => of_database(&floor, at, output),
        };
        return print(output, &text);
    }
    let saved = read_state(&at.state)?;
    let text = match format {
        Format::Json => json(&saved)?,
        Format::Text => of_folder(&saved, at, catalog, output),
    };
    print(output, &text)
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| {
        let error = error.to_string();
        Failure::new(error.clone(), error)
    })?;
    Ok(format!("{json}\n"))
}

pub(super) fn read_state(path: &Path) -> Result<Saved, Failure> {
    if !folder::is_kept(path) {
        return Err(no_folder(path));
    }
    folder::read_state(path).map_err(|error| Failure::Other(error.text()))
}

pub(super) fn no_folder(path: &Path) -> Failure {
    let shown = path.display();
    Failure::new(
        format!("`{shown}`に監視の状態がありません。`anshin monitor run`と同じ`--state`を指定してください"),
        format!("`{shown}` has no state of a monitor; give the same `--state` as to `anshin monitor run`"),
    )
}

/// Most names that are listed where a name is unknown.
const MOST_NAMED: usize = 15;

/// That something is unknown, what may be meant, and what is known.
pub(super) fn unknown(what: &Text, nearest: Option<&str>, known: &Text, all: &[&str]) -> Failure {
    let is_cut = all.len() > MOST_NAMED;
    let all = &all[..all.len().min(MOST_NAMED)];
    let in_lang = |lang: Lang| {
        let (what, known) = (what.get(lang), known.get(lang));
        let near = nearest.map(|near| match lang {
            Lang::Ja => format!("。`{near}`のことですか"),
            Lang::En => format!("; did you mean `{near}`?"),
        });
        let near = near.unwrap_or_default();
        match lang {
            Lang::Ja => {
                let listed = if all.is_empty() { "なし".to_owned() } else { all.join("、") };
                format!("{what}{near}（{known}: {listed}{}）", if is_cut { "など" } else { "" })
            }
            Lang::En => {
                let listed = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
                format!("{what}{near} ({known}: {listed}{})", if is_cut { ", …" } else { "" })
            }
        }
    };
    Failure::new(in_lang(Lang::Ja), in_lang(Lang::En))
}

/// The time zone of that name; universal time without one.
pub(super) fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// The name of something with its id, where they differ.
pub(super) fn named(id: &str, name: Option<&str>) -> String {
    match name.filter(|name| *name != id) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
}

/// What all monitors know that share a database, as the folder of one tells it.
#[derive(Serialize)]
struct OfDatabase<'a> {
    /// Version of the form.
    version: u32,
    /// The teams, and monitors that watch alone, by their names.
    teams: BTreeMap<&'a str, OfTeam<'a>>,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "kebab-case")]
struct OfTeam<'a> {
    /// Its monitors.
    monitors: Vec<OfMonitor<'a>>,
    /// What is kept of machines, where a team keeps it.
    machines: BTreeMap<&'a str, &'a Kept>,
    /// How machines are, as people are told.
    shown: BTreeMap<&'a str, &'a Shown>,
    /// References as they are recorded, of machines of which nothing else is kept.
    references: Vec<&'a Recorded>,
    /// Alerts that are about no single machine.
    others: Vec<&'a ShownOther>,
}

#[derive(Serialize)]
struct OfMonitor<'a> {
    /// Its name.
    monitor: &'a str,
    /// How many machines it judges.
    judges: u32,
    /// When it was heard last, by its clock.
    heard: Option<String>,
    /// Whether nothing is heard of it.
    quiet: bool,
}

impl<'a> From<&'a Worker> for OfMonitor<'a> {
    fn from(of: &'a Worker) -> Self {
        let heard = of.heard.map(|heard| heard.to_string());
        Self { monitor: &of.monitor, judges: of.judges, heard, quiet: of.quiet }
    }
}

impl<'a> OfDatabase<'a> {
    fn new(floor: &'a Floor<'_>) -> Self {
        let mut teams: BTreeMap<&str, OfTeam<'_>> = BTreeMap::new();
        for worker in &floor.workers {
            teams.entry(&worker.team).or_default().monitors.push(worker.into());
        }
        for one in &floor.others {
            teams.entry(&one.team).or_default().others.push(one);
        }
        for shown in &floor.shown {
            let of = teams.entry(&shown.team).or_default();
            of.shown.insert(&shown.machine, shown);
            match floor.kept_of(shown) {
                Some(kept) => drop(of.machines.insert(&shown.machine, kept)),
                None => of.references.extend(floor.recorded(shown)),
            }
        }
        Self { version: 1, teams }
    }
}

/// What the folder of a monitor tells.
fn of_folder(saved: &Saved, at: &At, catalog: &Catalog, output: Output) -> String {
    let mut page = Page::new(at, zone(saved.zone()), output);
    if let Some(at) = saved.at {
        page.line(&format!("{} {}", output.word("時点:", "as of"), at.told(&page.zone)));
    }
    let stopped = folder::stopped(&at.state, saved).map(|since| panel::stopped(&since.told(&page.zone)));
    if let Some(stopped) = &stopped {
        page.line(&output.bad(stopped.get(output.lang)));
    }
    for other in &saved.others {
        page.other(other);
    }
    for (id, troubles) in &saved.troubles {
        let title = format!("{}`{id}`", output.word("入力元", "source "));
        page.line(&format!("\n{}  {}", output.bad(&title), troubles.text().get(output.lang)));
    }
    page.former(saved.machines.values());
    for (id, kept) in &saved.machines {
        let shown = saved.shown.get(id);
        // A state of an earlier version tells of alerts no more than their kinds.
        let earlier = || -> Vec<ShownAlert> {
            let open = kept.judge.open().map(|(kind, since)| {
                let known = catalog.alerts.get(kind.id()).map(|known| Both::from(&known.name));
                let account = Account {
                    alert: kind.id().to_owned(),
                    name: known.unwrap_or_else(|| Both::from(&Text::same(kind.id()))),
                    ..Account::default()
                };
                let seen = saved.acknowledged.get(id).is_some_and(|seen| seen.contains(&account.alert));
                ShownAlert { account, since: since.to_string(), seen, acknowledged: None }
            });
            open.collect()
        };
        let alerts = shown.map_or_else(earlier, |shown| shown.alerts.clone());
        page.head(id, shown, stopped.is_none());
        page.alerts(id, &alerts);
        page.over(id, shown);
        page.use_of(shown);
        page.kept(id, shown, kept);
    }
    page.text
}

/// What a database tells of all monitors that share it.
fn of_database(floor: &Floor<'_>, at: &At, output: Output) -> String {
    let zones = || floor.shown.iter().map(|one| one.zone.as_deref());
    let mut page = Page::new(at, zone(zones().flatten().next()), output);
    page.tells_zone = zones().any(|name| name != zones().next().flatten());
    let teams = floor.teams();
    for (n, team) in teams.iter().enumerate() {
        let of_team = |of: &str| of == *team;
        if n > 0 {
            page.line("");
        }
        let of_zone = floor.shown.iter().find(|one| of_team(&one.team)).and_then(|one| one.zone.as_deref());
        page.zone = zone(of_zone);
        for worker in floor.workers.iter().filter(|one| of_team(&one.team)) {
            page.worker(worker);
        }
        for other in floor.others.iter().filter(|one| of_team(&one.team)) {
            page.zone = zone(other.zone.as_deref());
            page.other(other);
        }
        let machines = || floor.shown.iter().filter(|one| of_team(&one.team));
        page.former(machines().filter_map(|shown| floor.kept_of(shown)));
        for shown in machines() {
            page.zone = zone(shown.zone.as_deref());
            let id = shown.machine.as_str();
            page.head(id, Some(shown), !shown.quiet);
            page.alerts(id, &shown.alerts);
            page.over(id, Some(shown));
            page.use_of(Some(shown));
            match floor.kept_of(shown) {
                Some(kept) => page.kept(id, Some(shown), kept),
                None => page.recorded(shown, &floor.recorded(shown)),
            }
        }
    }
    page.text
}

/// What is told, line by line.
struct Page {
    text: String,
    output: Output,
    /// The clocks by which moments are told.
    zone: TimeZone,
    /// Whether there are several: each moment tells its own.
    tells_zone: bool,
    /// Where monitors are spoken to, as it is typed behind a command.
    place: String,
}

impl Page {
    fn new(at: &At, zone: TimeZone, output: Output) -> Self {
        let team = at.team.as_ref().map(|team| format!(" --team {}", panel::quoted(team)));
        let place = match at.database.as_deref() {
            // What is secret is for whoever types it.
            Some(address) if records::has_secret(address) => " --database URL".to_owned(),
            Some(address) => format!(" --database {}", panel::quoted(address)),
            None if at.state == Path::new(STATE) => String::new(),
            None => format!(" --state {}", at.state.display()),
        };
        let place = place + &team.unwrap_or_default();
        Self { text: String::new(), output, zone, tells_zone: false, place }
    }

    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn told(&self, at: &str) -> String {
        let told = Time::told_of(at, &self.zone);
        match Time::parse(at) {
            Ok(at) if self.tells_zone => {
                format!("{told} {}", at.stamp().to_zoned(self.zone.clone()).strftime("%Z"))
            }
            _ => told,
        }
    }

    /// A command of the monitor with who says so, as it is to be typed.
    fn by(&self, command: &str) -> String {
        format!("{command} --by {}{}", self.output.word("名前", "NAME"), self.place)
    }

    fn since(&self, alert: &ShownAlert) -> String {
        format!("{} {}", self.output.word("開始", "since"), self.told(&alert.since))
    }

    /// Whether somebody has acknowledged an alert, and who.
    fn seen(&self, alert: &ShownAlert) -> String {
        let who = alert.acknowledged.as_ref().and_then(|who| who.text(|at| self.told(at)));
        let who = who.as_ref().map(|who| who.get(self.output.lang));
        match (alert.seen, who, self.output.lang) {
            (false, ..) => String::new(),
            (true, None, _) => self.output.word("（確認済み）", " (acknowledged)").to_owned(),
            (true, Some(who), Lang::Ja) => format!("（確認済み: {who}）"),
            (true, Some(who), Lang::En) => format!(" (acknowledged: {who})"),
        }
    }

    /// How to acknowledge an alert that nobody has seen.
    fn ask(&mut self, about: &str, alert: &ShownAlert) {
        if !alert.seen {
            let ask = self.by(&format!("anshin monitor acknowledge {about} {}", alert.account.alert));
            self.line(&format!("    {} {ask}", self.output.word("確認したら:", "Once it is seen:")));
        }
    }

    /// A monitor that shares the database.
    fn worker(&mut self, worker: &Worker) {
        let Worker { team, monitor, judges, heard, quiet, beat } = worker;
        let (mut ja, mut en) = (format!("監視 {monitor}"), format!("monitor {monitor}"));
        if team != monitor {
            write!(ja, "（チーム {team}）").and_then(|()| write!(en, " (team {team})")).unwrap_or_default();
        }
        let at = heard.map(|at| self.told(&at.to_string()));
        let at = at.unwrap_or_else(|| "–".to_owned());
        let machines = if *judges == 1 { "machine" } else { "machines" };
        let text = match (quiet, beat) {
            (false, _) => Text::new(
                format!("{ja}  {judges}台を判定  最後の知らせ {at}"),
                format!("{en}  judges {judges} {machines}  last heard {at}"),
            ),
            (true, None) => Text::new(format!("{ja}  終了 {at}"), format!("{en}  ended {at}")),
            (true, Some(_)) => {
                Text::new(format!("{ja}  {at}から知らせなし"), format!("{en}  nothing heard since {at}"))
            }
        };
        let text = text.get(self.output.lang);
        let line = if *quiet && (*judges > 0 || beat.is_some()) {
            self.output.bad(text)
        } else {
            self.output.faint(text)
        };
        self.line(&line);
    }

    /// An alert that is about no single machine.
    fn other(&mut self, other: &ShownOther) {
        let (output, alert) = (self.output, &other.alert);
        let account = &alert.account;
        let title = format!("{}: {}", account.place(output.lang), account.name.get(output.lang));
        self.line(&format!("\n{}  {}{}", output.bad(&title), self.since(alert), self.seen(alert)));
        self.line(show::details(account, output).trim_end());
        if let Some(about) = &other.about {
            self.ask(about.id(), alert);
        }
    }

    /// From when on the use of machines is counted by the shifts of the configuration.
    fn former<'k>(&mut self, kept: impl Iterator<Item = &'k Kept>) {
        if let Some(day) = kept.filter_map(|kept| kept.utilisation.former()).max() {
            self.line(&format!("\n{}", self.output.faint(former_text(day).get(self.output.lang))));
        }
    }

    /// The name of a machine, what it does, and whether it is maintained.
    fn head(&mut self, id: &str, shown: Option<&Shown>, is_watched: bool) {
        let output = self.output;
        self.line("");
        self.line(&output.heading(&named(id, shown.map(|shown| shown.name.get(output.lang)))));
        let Some(shown) = shown else { return };
        let doing = shown.doing(|at| self.told(at));
        let doing = doing.get(output.lang);
        self.line(&match (is_watched, output.lang) {
            (true, _) => format!("  {} {doing}", output.word("状態", "state")),
            (false, Lang::Ja) => format!("  状態 不明（最後は{doing}）"),
            (false, Lang::En) => format!("  state not known; last {doing}"),
        });
        if let Some(until) = &shown.maintenance {
            let until = self.told(until);
            self.line(&format!("  {} {until}", output.word("保全中、終了予定", "maintained until")));
        }
        if let Some(next) = &shown.next_maintenance {
            let next = next.text(|at| self.told(at));
            let label = output.word("次の保全の予定", "next maintenance");
            self.line(&format!("  {label} {}", next.get(output.lang)));
        }
    }

    fn alerts(&mut self, id: &str, alerts: &[ShownAlert]) {
        let output = self.output;
        for alert in alerts {
            let account = &alert.account;
            let title = format!("{}{}", account.name.get(output.lang), account.job);
            self.line(&format!("  {}  {}{}", output.bad(&title), self.since(alert), self.seen(alert)));
            self.line(show::details(account, output).trim_end());
            self.ask(id, alert);
        }
    }

    /// Alerts of a machine that are over and that nobody has acknowledged.
    fn over(&mut self, id: &str, shown: Option<&Shown>) {
        let output = self.output;
        for over in shown.into_iter().flat_map(|shown| &shown.over) {
            let account = &over.alert.account;
            let title = format!("{}{}", account.name.get(output.lang), account.job);
            self.line(&format!("  {title}  {}", self.since(&over.alert)));
            self.line(&format!("    {}", over.text(|at| self.told(at)).get(output.lang)));
            self.line(show::details(account, output).trim_end());
            self.ask(id, &over.alert);
        }
    }

    /// How well a machine is used.
    fn use_of(&mut self, shown: Option<&Shown>) {
        if let Some(used) = shown.and_then(|shown| shown.used.as_ref()) {
            let (label, text) = (self.output.word("稼働率", "utilisation"), used.text());
            self.line(&format!("  {label} {}  {}", used.day, text.get(self.output.lang)));
        }
    }

    /// What is kept of a machine: how it is measured, and its references.
    fn kept(&mut self, id: &str, shown: Option<&Shown>, kept: &Kept) {
        let output = self.output;
        let name = shown.map_or_else(|| Text::same(id), |shown| Text::from(&shown.name));
        let is_aligned = kept.aligned != 0.0;
        // A clock that is right as far as anybody can see needs nobody.
        if let Some(clock) = kept.clock.filter(|clock| is_aligned || clock.seconds.abs() > clock.uncertainty)
        {
            let sure = if clock.is_certain { "" } else { output.word("、不確か", ", uncertain") };
            let added = if is_aligned {
                output.word("、計器の時刻に足しています", ", added to its times")
            } else {
                ""
            };
            self.line(&format!(
                "  {} {:+.2} s (± {:.2} s{sure}{added})",
                output.word(
                    "計器の時計のずれ（`meter.offset`）",
                    "offset of the meter's clock (`meter.offset`)"
                ),
                clock.seconds,
                clock.uncertainty,
            ));
        }
        if let Some(Late { behind, seconds, .. }) = kept.late {
            let what = match behind {
                Behind::Events => {
                    output.word("イベントが計器より遅れて届く", "events come behind the meter by")
                }
                Behind::Meter => {
                    output.word("計器がイベントより遅れて届く", "the meter comes behind events by")
                }
            };
            self.line(&format!("  {}", output.bad(&format!("{what} {seconds:.1} s"))));
        }
        if let Some(coarse) = kept.coarse {
            let text = coarse.text(&name);
            self.line(&format!("  {}", output.bad(text.get(output.lang))));
        }
        if let Some(interrupted) = kept.interrupted {
            let text = interrupted.text(&name);
            self.line(&format!("  {}", output.bad(text.get(output.lang))));
        }
        let mut modes = kept.references.modes().peekable();
        if modes.peek().is_none() {
            self.no_reference(shown.is_some_and(|shown| shown.no_cycles));
        }
        for (parts, mode) in modes {
            let name = reference::name(parts, mode.mode);
            let (of_time, of_quantity) = mode.spread().unzip();
            let unit = shown.map_or_else(String::new, |shown| format!(" {}", shown.unit));
            let taken = mode.reference.quantity.map_or_else(String::new, |value| {
                let decimals = reference::decimals(value);
                format!("  {value:.decimals$}{unit}{}", show::spread(of_quantity.flatten()))
            });
            let approved = if mode.approved { output.word("  承認済み", "  approved") } else { "" };
            self.line(&format!(
                "  {name}  {:.1} s{}{taken}  {} {}{approved}",
                mode.reference.duration,
                show::spread(of_time),
                mode.cycles,
                output.word("サイクル", "cycles"),
            ));
            let is_it = |one: &WaitingReference| {
                one.mode == mode.mode
                    && one.key.iter().map(String::as_str).eq(parts.iter().map(|part| &**part))
            };
            if let Some(shown) = shown {
                self.waiting(shown, is_it);
            }
        }
    }

    /// The references of a machine whose monitor keeps the rest in its folder.
    fn recorded(&mut self, shown: &Shown, references: &[&Recorded]) {
        let output = self.output;
        if references.is_empty() {
            self.no_reference(shown.no_cycles);
            return;
        }
        let note = output.word(
            "基準（記録による。忘れさせたものも残ります）",
            "references as recorded (one that was forgotten stays)",
        );
        self.line(&format!("  {}", output.faint(note)));
        for of in references {
            let job: Vec<&str> = Some(of.job.as_str()).into_iter().filter(|job| !job.is_empty()).collect();
            let name = reference::name(&job, of.mode);
            let taken = of.quantity.map_or_else(String::new, |value| {
                let decimals = reference::decimals(value);
                format!("  {value:.decimals$} {}", shown.unit)
            });
            let approved = if of.approved { output.word("  承認済み", "  approved") } else { "" };
            self.line(&format!(
                "  {name}  {:.1} s{}  {} {}{approved}",
                of.duration,
                taken.trim_end(),
                of.cycles,
                output.word("サイクル", "cycles"),
            ));
            self.waiting(shown, |one| one.mode == of.mode && one.key.join(" / ") == of.job);
        }
    }

    fn no_reference(&mut self, has_no_cycles: bool) {
        if !has_no_cycles {
            let text = self.output.word("基準はまだありません", "no reference yet");
            self.line(&format!("  {}", self.output.faint(text)));
        }
    }

    /// How to approve a reference that waits for it.
    fn waiting(&mut self, shown: &Shown, is_it: impl Fn(&WaitingReference) -> bool) {
        if let Some(one) = shown.waiting.iter().find(|one| is_it(one)) {
            let label = self.output.word("承認待ち。正しければ:", "to be approved; if it is right:");
            let command = self.by(&one.approve(&shown.machine));
            self.line(&format!("    {} {command}", self.output.bad(label)));
        }
    }
}
