//! The monitor at work, and what people tell it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_field::folder::{self, Folder, Other, Request, Saved};
use anshin_field::panel::{self, ShownAlert, ShownOther, WaitingReference};
use anshin_field::{Options, Room, Stop, Told, clock};
use anshin_model::{Lang, Text, shape};
use anshin_monitor::account::{Account, Both};
use anshin_monitor::config::{Secret, Source};
use anshin_monitor::judge::{AlertKind, Judge};
use anshin_monitor::lateness::{Behind, Late};
use anshin_monitor::machine::Kept;
use anshin_monitor::reference::{self, Mode};
use anshin_monitor::utilisation::former_text;
use anshin_monitor::{Configuration, Time};
use jiff::tz::TimeZone;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::args::{AcknowledgeArgs, ApproveArgs, ForgetArgs, MaintainArgs, RunArgs, STATE};
use super::{For, Teller, configuration_in, plainly, show, told, why, without};
use crate::cli::Format;
use crate::input::Failure;
use crate::output::Output;
use crate::{End, print};

/// Watches until a signal comes.
pub(super) fn run(args: &RunArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let configuration = configuration_in(For::Live, &args.file, args.system.as_deref(), catalog, output)?;
    if configuration.sources.iter().all(Source::is_recorded_only) {
        let shown = args.file.display();
        return Err(Failure::new(
            format!(
                "`{shown}`の源は記録だけなので、動いている機械は見守れません。記録は次で確かめられます: anshin monitor replay {shown} 記録のファイル"
            ),
            format!(
                "the sources of `{shown}` are recordings only, so no machine at work can be watched; for recordings: anshin monitor replay {shown} FILE"
            ),
        ));
    }
    if args.readings > 0 && !cfg!(feature = "parquet") {
        return Err(without("parquet"));
    }
    let passwords = anshin_field::secrets(&configuration)
        .map(|secret| secret.map(read_secret).transpose())
        .collect::<Result<Vec<_>, Failure>>()?;
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).map_err(|error| plainly(&error))?;
    }
    let address = args.database.clone().unwrap_or_else(|| anshin_field::records::address(&args.state));
    if args.team.is_some() && address == "none" {
        return Err(Failure::new(
            "チームには、みなで使うデータベースが必要です。`--database`で指定してください",
            "a team needs a database that all of its monitors use; name it with `--database`",
        ));
    }
    let records = (address != "none").then_some((address.as_str(), args.worker.as_str()));
    let options = Options {
        folder: &args.state,
        keep_days: usize::from(args.keep_days),
        readings: u64::from(args.readings) << 20,
        records,
        team: args.team.as_deref(),
        broker: &args.listen,
        http: args.http.as_deref(),
        room: Room { clients: usize::from(args.clients), per_address: args.per_address.map(usize::from) },
        passwords,
    };
    let mut teller = Teller::new(catalog, output, args.format, args.verbose);
    let result =
        anshin_field::run(&configuration, catalog, &options, &Stop::new(flag), &mut |told| match told {
            Told::Ready { broker, http } => {
                output.say(&begun(&configuration, broker, http));
                Ok(())
            }
            Told::Said(n, said) => {
                teller.tell(&configuration.machines[n], said)?;
                teller.out.flush()
            }
            Told::Source(said) => {
                teller.tell_of_source(&configuration, said)?;
                teller.out.flush()
            }
            Told::Group(said) => {
                teller.tell_of_group(&configuration, said)?;
                teller.out.flush()
            }
            Told::Note(note) => {
                output.say(&note);
                Ok(())
            }
        });
    match result {
        Ok(()) => Ok(End::Fine),
        Err(anshin_field::RunError::Tell(error)) => told(Err(error)).map(|_| End::Fine),
        Err(error) => Err(Failure::Other(error.text())),
    }
}

fn begun(configuration: &Configuration, broker: Option<SocketAddr>, http: Option<SocketAddr>) -> Text {
    let count = configuration.machines.len();
    let (mut ja, mut en) = (String::new(), String::new());
    if let Some(address) = broker {
        ja = format!("。MQTTは{address}で受けます");
        en = format!("; devices publish over MQTT to {address}");
    }
    if let Some(address) = http {
        ja = format!("{ja}。HTTPは{address}で受けます（/in/源/トピック、/metrics）");
        en = format!("{en}; HTTP at {address} (/in/SOURCE/TOPIC, /metrics)");
    }
    Text::new(
        format!("{count}台の機械を見守っています{ja}。Ctrl+Cで止まります"),
        format!("watching {count} machine{}{en}; Ctrl+C stops", if count == 1 { "" } else { "s" }),
    )
}

/// Reads a secret from where the configuration says it is.
pub(super) fn read_secret(secret: &Secret) -> Result<String, Failure> {
    match secret {
        Secret::Environment(name) => {
            #[expect(clippy::disallowed_methods, reason = "the configuration names the variable")]
            let value = std::env::var(name);
            value.map_err(|_| {
                Failure::new(
                    format!("環境変数`{name}`がありません。パスワードを入れてください"),
                    format!("there is no environment variable `{name}`; put the password there"),
                )
            })
        }
        Secret::File(path) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                let (ja, en) = why(&error);
                Err(Failure::new(
                    format!("パスワードのファイル`{path}`を読めません（{ja}）"),
                    format!("cannot read the password in `{path}` ({en})"),
                ))
            }
        },
    }
}

/// Says that an alert has been seen: of a machine, a source or a group.
pub(super) fn acknowledge(args: &AcknowledgeArgs, output: Output) -> Result<End, Failure> {
    if let Some(alert) =
        args.alert.as_deref().filter(|alert| AlertKind::ALL.into_iter().all(|kind| kind.id() != *alert))
    {
        let all = AlertKind::ALL.map(AlertKind::id);
        return Err(unknown(
            &Text::new(format!("`{alert}`という警報はありません"), format!("there is no alert `{alert}`")),
            shape::nearest(alert, all.iter().copied()),
            &Text::new("警報の種類", "alerts"),
            &all,
        ));
    }
    let ((saved, requests), _) = once_kept(&args.state, || {
        let saved = read_state(&args.state)?;
        is_named(&saved, &args.about)?;
        let requests = meant(&saved, args);
        let is_open = !requests.is_empty();
        Ok(((saved, requests), is_open))
    })?;
    if requests.is_empty() { Err(nothing_open(&saved, args)) } else { ask(&args.state, &requests, output) }
}

/// Fails where nothing that is watched is called so.
fn is_named(saved: &Saved, about: &str) -> Result<(), Failure> {
    let machines = saved.machines.keys().chain(&saved.elsewhere).map(String::as_str);
    let all: Vec<&str> = machines.chain(saved.known_others.iter().map(Other::id)).collect();
    if all.contains(&about) {
        return Ok(());
    }
    Err(unknown(
        &Text::new(
            format!("`{about}`という機械、グループ、源はありません"),
            format!("there is no machine, group or source `{about}`"),
        ),
        shape::nearest(about, all.iter().copied()),
        &Text::new("設定にあるもの", "known"),
        &all,
    ))
}

/// What acknowledges the alerts that are meant: each by itself, so that a later one of its kind is not.
fn meant(saved: &Saved, args: &AcknowledgeArgs) -> Vec<Request> {
    let now = clock::now();
    let is_meant = |kind: &str| args.alert.as_ref().is_none_or(|alert| alert == kind);
    let of_machine = |alert: Option<String>, since| Request::Acknowledge {
        machine: args.about.clone(),
        alert,
        since,
        by: args.by.clone(),
        note: args.note.clone(),
        asked: Some(now),
    };
    let judge = saved.machines.get(&args.about).map(|kept| &kept.judge);
    let open = judge.into_iter().flat_map(Judge::open).filter(|(kind, _)| is_meant(kind.id()));
    let mut requests: Vec<Request> =
        open.map(|(kind, since)| of_machine(Some(kind.id().to_owned()), Some(since))).collect();
    // Another monitor of the team judges the machine, or speaks for groups, and knows what is open.
    if saved.elsewhere.contains(&args.about) {
        requests.push(of_machine(args.alert.clone(), None));
    }
    for about in saved.known_others.iter().filter(|about| about.id() == args.about) {
        if saved.is_led {
            requests.push(Request::AcknowledgeOther {
                about: about.clone(),
                device: None,
                alert: args.alert.clone(),
                since: None,
                by: args.by.clone(),
                note: args.note.clone(),
                asked: Some(now),
            });
        }
        // What this monitor sees of its own sources, the one that leads may not see.
        let open = saved.others.iter().filter(|one| one.about.as_ref() == Some(about));
        let open = open.filter(|one| is_meant(&one.alert.account.alert));
        requests.extend(open.filter_map(|one| one.acknowledge(args.by.clone(), args.note.clone())));
    }
    requests
}

/// That there is nothing to acknowledge, and what is open.
fn nothing_open(saved: &Saved, args: &AcknowledgeArgs) -> Failure {
    let (about, which) = (&args.about, args.alert.as_deref());
    let which = which.map_or_else(String::new, |kind| format!(" `{kind}`"));
    let judge = saved.machines.get(about).map(|kept| &kept.judge);
    let of_machine = judge.into_iter().flat_map(Judge::open).map(|(kind, _)| kind.id());
    let others = saved.others.iter().filter(|one| one.about.as_ref().is_some_and(|of| of.id() == about));
    let open: Vec<&str> = of_machine.chain(others.map(|one| one.alert.account.alert.as_str())).collect();
    unknown(
        &Text::new(
            format!("`{about}`には、確認する警報{}がありません", which.trim_start()),
            format!("there is no alert{which} of `{about}` to acknowledge"),
        ),
        None,
        &Text::new("出ている警報", "open"),
        &open,
    )
}

/// Says that a machine is maintained, or no longer.
pub(super) fn maintain(args: &MaintainArgs, output: Output) -> Result<End, Failure> {
    let now = clock::now();
    let request = Request::Maintenance {
        machine: args.machine.clone(),
        until: now.plus(f64::from(args.minutes) * 60.0),
        by: args.by.clone(),
        asked: Some(now),
    };
    saved_with(&args.state, &args.machine)?;
    ask(&args.state, &[request], output)
}

/// Says that a reference is right.
pub(super) fn approve(args: &ApproveArgs, output: Output) -> Result<End, Failure> {
    let request = Request::Approve {
        machine: args.machine.clone(),
        key: args.key.clone(),
        mode: args.mode,
        by: args.by.clone(),
        asked: Some(clock::now()),
    };
    has_reference(&args.state, &args.machine, Some(&args.key), Some(args.mode))?;
    ask(&args.state, &[request], output)
}

/// Says that a reference is wrong.
pub(super) fn forget(args: &ForgetArgs, output: Output) -> Result<End, Failure> {
    let request = Request::Forget {
        machine: args.machine.clone(),
        key: args.key.clone(),
        mode: args.mode,
        by: args.by.clone(),
        asked: Some(clock::now()),
    };
    let key = Some(args.key.as_slice()).filter(|key| !key.is_empty());
    has_reference(&args.state, &args.machine, key, args.mode)?;
    ask(&args.state, &[request], output)
}

pub(super) fn read_state(path: &Path) -> Result<Saved, Failure> {
    if !path.is_dir() {
        return Err(no_folder(path));
    }
    folder::read_state(path).map_err(|error| Failure::Other(error.text()))
}

pub(super) fn no_folder(path: &Path) -> Failure {
    let shown = path.display();
    Failure::new(
        format!(
            "監視の状態のフォルダー`{shown}`がありません。`anshin monitor run`と同じ`--state`を指定してください"
        ),
        format!(
            "there is no folder `{shown}` of a monitor; give the same `--state` as to `anshin monitor run`"
        ),
    )
}

/// The state in a folder, whose monitor knows a machine.
fn saved_with(state: &Path, machine: &str) -> Result<Saved, Failure> {
    let saved = read_state(state)?;
    if !saved.machines.contains_key(machine) && !saved.elsewhere.iter().any(|id| id == machine) {
        let known: Vec<&str> = saved.machines.keys().chain(&saved.elsewhere).map(String::as_str).collect();
        return Err(unknown(
            &Text::new(
                format!("`{machine}`という機械はありません"),
                format!("there is no machine `{machine}`"),
            ),
            shape::nearest(machine, known.iter().copied()),
            &Text::new("機械", "machines"),
            &known,
        ));
    }
    Ok(saved)
}

/// So long a monitor that runs takes to keep what it knows, and then some.
const KEPT_WITHIN: Duration = Duration::from_secs(2);

/// The state in a folder, and whether a machine is in it as somebody takes it to be. What another monitor of
/// the team judges may be anything.
fn saved_when(state: &Path, machine: &str, is_so: impl Fn(&Kept) -> bool) -> Result<(Saved, bool), Failure> {
    once_kept(state, || {
        let saved = saved_with(state, machine)?;
        let is_so = saved.machines.get(machine).is_none_or(&is_so);
        Ok((saved, is_so))
    })
}

/// What is read in a folder, and whether it is as somebody takes it to be: it is read again while a monitor that
/// runs may not have kept it yet.
fn once_kept<T>(state: &Path, read: impl Fn() -> Result<(T, bool), Failure>) -> Result<(T, bool), Failure> {
    let until = Instant::now() + KEPT_WITHIN;
    loop {
        let (found, is_so) = read()?;
        if is_so || !Folder::is_in_use(state) || Instant::now() >= until {
            return Ok((found, is_so));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Fails where a machine has no such reference; of any job without a key, in any mode without its number.
fn has_reference(
    state: &Path,
    machine: &str,
    key: Option<&[String]>,
    mode: Option<u32>,
) -> Result<(), Failure> {
    let is_it = |(known, of): (&[Arc<str>], &Mode)| {
        key.is_none_or(|key| known.iter().map(|part| &**part).eq(key.iter().map(String::as_str)))
            && mode.is_none_or(|mode| mode == of.mode)
    };
    let (saved, is_there) = saved_when(state, machine, |kept| kept.references.modes().any(is_it))?;
    if is_there {
        return Ok(());
    }
    let modes = saved.machines.get(machine).into_iter().flat_map(|kept| kept.references.modes());
    let all: Vec<String> =
        modes.map(|(key, mode)| panel::typed(key.iter().map(|part| &**part), mode.mode)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let meant = panel::typed(key.into_iter().flatten().map(String::as_str), mode.unwrap_or(1));
    Err(unknown(
        &Text::new(
            format!("`{machine}`に基準`{meant}`はありません"),
            format!("`{machine}` has no reference `{meant}`"),
        ),
        shape::nearest(&meant, all.iter().copied()),
        &Text::new("登録済みの基準", "it has"),
        &all,
    ))
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

/// Hands requests to the monitor of a folder, whether it runs or will be started later.
fn ask(state: &Path, requests: &[Request], output: Output) -> Result<End, Failure> {
    let asked = requests.iter().try_for_each(|request| folder::ask(state, request));
    asked.map_err(|error| {
        let (ja, en) = why(&error);
        Failure::new(format!("依頼を書けません（{ja}）"), format!("cannot write the request ({en})"))
    })?;
    output.say(&Text::new(
        "監視に伝えました。動いていれば1秒以内に、止まっていれば次に始めたときに取り上げます",
        "the monitor has been told; it acts within a second, or when it is started again",
    ));
    Ok(End::Fine)
}

/// Asks a network for devices, and proposes sources for those that can be metered.
pub(super) fn find(on: Ipv4Addr, seconds: u32, output: Output) -> Result<End, Failure> {
    let found = anshin_field::echonet::find(on, Duration::from_secs(u64::from(seconds)));
    let found = found.map_err(|error| {
        let (ja, en) = why(&error);
        Failure::new(
            format!(
                "{on}から尋ねられません（{ja}）。`--on`には、このコンピューターのアドレスを書いてください"
            ),
            format!("cannot ask from {on} ({en}); `--on` wants an address of this computer"),
        )
    })?;
    if found.is_empty() {
        output.say(&Text::new(
            "応答した機器はありません。機器の電源と、`--on`のアドレスが機器と同じネットワークにあるかを確かめてください",
            "no device has answered; check that they are on, and that the address of `--on` is in their network",
        ));
        return Ok(End::Findings);
    }
    let mut text = String::from("sources:\n");
    for (n, (address, [group, class, instance])) in (1..).zip(&found) {
        let name = match (group, class) {
            (0x02, 0x88) => "low-voltage smart meter",
            (0x02, 0x87) => "distribution board",
            (0x02, 0x8d) => "sub-metering smart meter",
            (0x02, 0x8f) => "high-voltage smart meter",
            (0x00, 0x22) => "energy sensor",
            _ => "tells no energy",
        };
        // Devices that tell no energy are listed as remarks.
        let mark = if name == "tells no energy" { "# " } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  {mark}- {{ id: echonet-{n}, kind: echonet, address: \"{address}\", \
             object: \"{group:02x}{class:02x}{instance:02x}\" }}  # {name}"
        );
    }
    print(output, &text)
}

/// Shows what a monitor knows.
pub(super) fn status(
    state: &Path,
    format: Format,
    catalog: &Catalog,
    output: Output,
) -> Result<End, Failure> {
    let saved = read_state(state)?;
    if format == Format::Json {
        let json = serde_json::to_string_pretty(&saved).map_err(|error| {
            let error = error.to_string();
            Failure::new(error.clone(), error)
        })?;
        return print(output, &format!("{json}\n"));
    }
    print(output, &show(&saved, state, catalog, output))
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

/// A command of the monitor with who says so, as it is to be typed.
fn by(command: &str, state: &Path, output: Output) -> String {
    let state =
        if state == Path::new(STATE) { String::new() } else { format!(" --state {}", state.display()) };
    format!("{command} --by {}{state}", output.word("名前", "NAME"))
}

fn show(saved: &Saved, state: &Path, catalog: &Catalog, output: Output) -> String {
    let zone = zone(saved.zone());
    let mut text = String::new();
    let mut line = |line: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    };
    if let Some(at) = saved.at {
        line(format!("{} {}", output.word("時点:", "as of"), at.told(&zone)));
    }
    let stopped = folder::stopped(state, saved).map(|since| panel::stopped(&since.told(&zone)));
    if let Some(stopped) = &stopped {
        line(output.bad(stopped.get(output.lang)));
    }
    let since = |at: &str| format!("{} {}", output.word("開始", "since"), Time::told_of(at, &zone));
    let seen = |alert: &ShownAlert| {
        let who = alert.acknowledged.as_ref().and_then(|who| who.text(|at| Time::told_of(at, &zone)));
        let who = who.as_ref().map(|who| who.get(output.lang));
        match (alert.seen, who, output.lang) {
            (false, ..) => String::new(),
            (true, None, _) => output.word("（確認済み）", " (acknowledged)").to_owned(),
            (true, Some(who), Lang::Ja) => format!("（確認済み: {who}）"),
            (true, Some(who), Lang::En) => format!(" (acknowledged: {who})"),
        }
    };
    let ask = |about: &str, alert: &ShownAlert| {
        let ask = by(&format!("anshin monitor acknowledge {about} {}", alert.account.alert), state, output);
        (!alert.seen).then(|| format!("    {} {ask}", output.word("確認したら:", "Once it is seen:")))
    };
    for ShownOther { about, alert, .. } in &saved.others {
        let account = &alert.account;
        let title = format!("{}: {}", account.place(output.lang), account.name.get(output.lang));
        line(format!("\n{}  {}{}", output.bad(&title), since(&alert.since), seen(alert)));
        line(show::details(account, output).trim_end().to_owned());
        about.as_ref().and_then(|about| ask(about.id(), alert)).into_iter().for_each(&mut line);
    }
    for (id, troubles) in &saved.troubles {
        let title = format!("{}`{id}`", output.word("源", "source "));
        line(format!("\n{}  {}", output.bad(&title), troubles.text().get(output.lang)));
    }
    if let Some(day) = saved.machines.values().filter_map(|kept| kept.utilisation.former()).max() {
        line(format!("\n{}", output.faint(former_text(day).get(output.lang))));
    }
    for (id, kept) in &saved.machines {
        let shown = saved.shown.get(id);
        let name = shown.map_or_else(|| Text::same(id.as_str()), |shown| Text::from(&shown.name));
        line(String::new());
        line(output.heading(&named(id, shown.map(|shown| shown.name.get(output.lang)))));
        if let Some(shown) = shown {
            let doing = shown.doing(|at| Time::told_of(at, &zone));
            let doing = doing.get(output.lang);
            line(match (&stopped, output.lang) {
                (None, _) => format!("  {} {doing}", output.word("状態", "state")),
                (Some(_), Lang::Ja) => format!("  状態 不明（最後は{doing}）"),
                (Some(_), Lang::En) => format!("  state not known; last {doing}"),
            });
        }
        let planned = || shown?.maintenance.as_deref().and_then(|until| Time::parse(until).ok());
        if let Some(until) = saved.maintenance.get(id).copied().max(planned()) {
            line(format!("  {} {}", output.word("保全中、終了予定", "maintained until"), until.told(&zone)));
        }
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
        for alert in &shown.map_or_else(earlier, |shown| shown.alerts.clone()) {
            let account = &alert.account;
            let title = format!("{}{}", account.name.get(output.lang), account.job);
            line(format!("  {}  {}{}", output.bad(&title), since(&alert.since), seen(alert)));
            line(show::details(account, output).trim_end().to_owned());
            ask(id, alert).into_iter().for_each(&mut line);
        }
        if let Some(used) = shown.and_then(|shown| shown.used.as_ref()) {
            let (label, text) = (output.word("稼働率", "utilisation"), used.text());
            line(format!("  {label} {}  {}", used.day, text.get(output.lang)));
        }
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
            line(format!(
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
            line(format!("  {}", output.bad(&format!("{what} {seconds:.1} s"))));
        }
        if let Some(coarse) = kept.coarse {
            let text = coarse.text(&name);
            line(format!("  {}", output.bad(text.get(output.lang))));
        }
        if let Some(interrupted) = kept.interrupted {
            let text = interrupted.text(&name);
            line(format!("  {}", output.bad(text.get(output.lang))));
        }
        let mut modes = kept.references.modes().peekable();
        if modes.peek().is_none() && !shown.is_some_and(|shown| shown.no_cycles) {
            line(format!("  {}", output.faint(output.word("基準はまだありません", "no reference yet"))));
        }
        for (parts, mode) in modes {
            let name = reference::name(parts, mode.mode);
            let (of_time, of_quantity) = mode.spread().unzip();
            let unit = shown.map_or_else(String::new, |shown| format!(" {}", shown.unit));
            let taken = mode.reference.quantity.map_or_else(String::new, |value| {
                format!("  {value:.2}{unit}{}", show::spread(of_quantity.flatten()))
            });
            let approved = if mode.approved { output.word("  承認済み", "  approved") } else { "" };
            line(format!(
                "  {name}  {:.1} s{}{taken}  {} {}{approved}",
                mode.reference.duration,
                show::spread(of_time),
                mode.cycles,
                output.word("サイクル", "cycles"),
            ));
            let waiting = shown.into_iter().flat_map(|shown| &shown.waiting);
            let is_it = |one: &&WaitingReference| {
                one.mode == mode.mode
                    && one.key.iter().map(String::as_str).eq(parts.iter().map(|part| &**part))
            };
            if let Some(one) = waiting.clone().find(is_it) {
                let label = output.word("承認待ち。正しければ:", "to be approved; if it is right:");
                line(format!("    {} {}", output.bad(label), by(&one.approve(id), state, output)));
            }
        }
    }
    text
}
