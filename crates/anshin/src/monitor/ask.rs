//! What people ask of monitors, by the folder of one or by the database that they share.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anshin_field::clock;
use anshin_field::folder::{self, Folder, Other, Request, Saved};
use anshin_field::panel::{self, Shown, ShownAlert, ShownOther};
use anshin_model::{Text, shape};
use anshin_monitor::Time;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::machine::Kept;
use jiff::tz::TimeZone;

use super::args::{AcknowledgeArgs, ApproveArgs, At, ForgetArgs, MaintainArgs};
use super::floor::{Floor, Named};
use super::records::{edge, exchanged};
use super::status::{read_state, unknown, zone};
use super::why;
use crate::End;
use crate::input::Failure;
use crate::output::Output;

/// So long a monitor that runs takes to keep what it knows, and then some.
const KEPT_WITHIN: Duration = Duration::from_secs(2);

/// So long monitors that share a database take until what came of a request is kept, and then some.
const TAKEN_WITHIN: Duration = Duration::from_secs(15);

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
    let mut desk = Desk::open(&args.at, &args.about, Named::Any)?;
    let is_open = |standing: &Standing| !meant(standing, args).is_empty();
    let standing = desk.standing_when(|standing| {
        standing.is_named(&args.about)?;
        Ok(is_open(standing))
    })?;
    let requests = meant(&standing, args);
    if requests.is_empty() { Err(nothing_open(&standing, args)) } else { desk.ask(&requests, output) }
}

/// Says that a machine is maintained, or no longer.
pub(super) fn maintain(args: &MaintainArgs, output: Output) -> Result<End, Failure> {
    let mut desk = Desk::open(&args.at, &args.machine, Named::Machine)?;
    let standing = desk.standing()?;
    standing.machine(&args.machine)?;
    let now = clock::now();
    let (from, until) = maintained(args, now, &standing.zone)?;
    let request = Request::Maintenance {
        machine: args.machine.clone(),
        from,
        until,
        by: args.by.clone(),
        asked: Some(now),
    };
    desk.ask(&[request], output)
}

/// From when to when a machine is to be maintained; from now on without the first.
fn maintained(args: &MaintainArgs, now: Time, zone: &TimeZone) -> Result<(Option<Time>, Time), Failure> {
    let typed =
        |text: &Option<String>, is_end| text.as_deref().map(|text| edge(text, zone, is_end)).transpose();
    let (from, to) = (typed(&args.from, false)?, typed(&args.to, true)?);
    let begin = from.unwrap_or(now);
    let until = to.unwrap_or_else(|| begin.plus(f64::from(args.minutes) * 60.0));
    match (&args.from, &args.to) {
        (Some(from), Some(to)) if until < begin => Err(exchanged(from, to)),
        (Some(from), Some(_)) if until == begin => Err(Failure::new(
            format!("`--from`と`--to`が同じ日時（{from}）です。`--to`に終わる日時を書いてください"),
            format!("`--from` and `--to` are the same moment ({from}); write as `--to` when it ends"),
        )),
        (_, Some(to)) if until <= now => Err(passed("--to", to)),
        (Some(from), None) if until < now => Err(passed("--from", from)),
        _ => Ok((from, until)),
    }
}

/// That what is to be planned is over.
fn passed(which: &str, text: &str) -> Failure {
    Failure::new(
        format!("`{which}`（{text}）はもう過ぎています。これからの日時を書いてください"),
        format!("`{which}` ({text}) has passed; write a time that is still to come"),
    )
}

/// Says that a reference is right.
pub(super) fn approve(args: &ApproveArgs, output: Output) -> Result<End, Failure> {
    let mut desk = Desk::open(&args.at, &args.machine, Named::Machine)?;
    has_reference(&mut desk, &args.machine, Some(&args.key), Some(args.mode))?;
    let request = Request::Approve {
        machine: args.machine.clone(),
        key: args.key.clone(),
        mode: args.mode,
        by: args.by.clone(),
        asked: Some(clock::now()),
    };
    desk.ask(&[request], output)
}

/// Says that a reference is wrong.
pub(super) fn forget(args: &ForgetArgs, output: Output) -> Result<End, Failure> {
    let mut desk = Desk::open(&args.at, &args.machine, Named::Machine)?;
    let key = Some(args.key.as_slice()).filter(|key| !key.is_empty());
    has_reference(&mut desk, &args.machine, key, args.mode)?;
    let request = Request::Forget {
        machine: args.machine.clone(),
        key: args.key.clone(),
        mode: args.mode,
        by: args.by.clone(),
        asked: Some(clock::now()),
    };
    desk.ask(&[request], output)
}

/// Where monitors are spoken to.
enum Desk<'a> {
    /// In the folder of one.
    Folder(&'a Path),
    /// In a database, and the team there, or the monitor that watches alone.
    Floor(Box<Floor<'a>>, String),
}

impl<'a> Desk<'a> {
    /// Where somebody wants to speak about what is called so.
    fn open(at: &'a At, about: &str, named: Named) -> Result<Self, Failure> {
        let Some(address) = at.database.as_deref() else { return Ok(Desk::Folder(&at.state)) };
        let floor = Floor::open(at, address)?;
        let team = floor.team_of(about, named)?;
        Ok(Desk::Floor(Box::new(floor), team))
    }

    /// How things stand there now.
    fn standing(&mut self) -> Result<Standing, Failure> {
        match self {
            Desk::Folder(path) => Ok(Standing::of_folder(read_state(path)?)),
            Desk::Floor(floor, team) => {
                floor.look()?;
                Ok(Standing::of_team(floor, team))
            }
        }
    }

    /// How things stand, once they are as somebody takes them to be: a monitor that runs may not have kept it yet.
    fn standing_when(
        &mut self,
        is_so: impl Fn(&Standing) -> Result<bool, Failure>,
    ) -> Result<Standing, Failure> {
        let until = Instant::now() + KEPT_WITHIN;
        loop {
            let standing = self.standing()?;
            let is_at_work = match self {
                Desk::Folder(path) => Folder::is_in_use(path),
                Desk::Floor(floor, team) => floor.hears(team),
            };
            if is_so(&standing)? || !is_at_work || Instant::now() >= until {
                return Ok(standing);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Hands requests on, whether somebody watches or will be started later.
    fn ask(&self, requests: &[Request], output: Output) -> Result<End, Failure> {
        let told = match self {
            Desk::Folder(path) => {
                let asked = requests.iter().try_for_each(|request| folder::ask(path, request));
                asked.map_err(|error| {
                    let (ja, en) = why(&error);
                    Failure::new(
                        format!("依頼を書けません（{ja}）"),
                        format!("cannot write the request ({en})"),
                    )
                })?;
                Text::new(
                    "監視に伝えました。動いていれば1秒以内に、止まっていれば次に始めたときに取り上げます",
                    "the monitor has been told; it acts within a second, or when it is started again",
                )
            }
            Desk::Floor(floor, team) => {
                let patience = if floor.hears(team) { TAKEN_WITHIN } else { Duration::ZERO };
                if floor.ask(team, requests, patience)? {
                    Text::new(
                        "監視に伝わり、取り上げられました",
                        "the monitor has been told and has taken it up",
                    )
                } else {
                    waits(floor, team)
                }
            }
        };
        output.say(&told);
        Ok(End::Fine)
    }
}

/// That nobody has taken a request up yet, and what becomes of it.
fn waits(floor: &Floor<'_>, team: &str) -> Text {
    if floor.hears(team) {
        return Text::new(
            format!(
                "`{team}`の監視は、依頼をまだ取り上げていません。依頼はデータベースに残り、取り上げられるまで消えません"
            ),
            format!(
                "the monitor `{team}` has not taken the request up yet; it stays in the database until it has"
            ),
        );
    }
    let since = floor.last_heard(team);
    let (ja, en) =
        since.map_or_else(Default::default, |since| (format!("{since}から"), format!(" since {since}")));
    Text::new(
        format!(
            "`{team}`の監視からは{ja}知らせが届いていません。依頼はデータベースに残し、監視が動いたときに取り上げます"
        ),
        format!(
            "nothing has been heard of the monitor `{team}`{en}; the request is kept in the database, and done when it runs again"
        ),
    )
}

/// What is known of those that somebody may speak about.
struct Standing {
    /// Machines; nothing of those that another monitor judges.
    machines: BTreeMap<String, Option<Of>>,
    /// Alerts that are about no single machine.
    others: Vec<ShownOther>,
    /// Sources and groups; `None` where those that raise no alert are not known.
    known_others: Option<Vec<Other>>,
    /// Another monitor speaks for sources and groups.
    is_led: bool,
    /// The clocks of the factory.
    zone: TimeZone,
}

/// What is known of a machine.
#[derive(Default)]
struct Of {
    /// Alerts that are open, and since when; and those that are over and that nobody has acknowledged.
    open: Vec<(String, Time)>,
    /// The keys of jobs and the modes by which it is judged.
    references: Vec<(Vec<String>, u32)>,
}

impl Of {
    fn kept(kept: &Kept) -> Self {
        let open = kept.judge.open().map(|(kind, since)| (kind.id().to_owned(), since));
        let parts = |key: &[std::sync::Arc<str>]| key.iter().map(ToString::to_string).collect();
        let references = kept.references.modes().map(|(key, mode)| (parts(key), mode.mode));
        Self { open: open.collect(), references: references.collect() }
    }
}

/// Which alerts they are, and since when.
fn began<'a>(alerts: impl Iterator<Item = &'a ShownAlert>) -> impl Iterator<Item = (String, Time)> {
    alerts.filter_map(|alert| Some((alert.account.alert.clone(), Time::parse(&alert.since).ok()?)))
}

impl Standing {
    fn of_folder(saved: Saved) -> Self {
        let own = saved.machines.iter().map(|(id, kept)| {
            let mut of = Of::kept(kept);
            of.open.extend(saved.shown.get(id).into_iter().flat_map(|shown| began(shown.over_alerts())));
            (id.clone(), Some(of))
        });
        let elsewhere = saved.elsewhere.iter().map(|id| (id.clone(), None));
        Self {
            zone: zone(saved.zone()),
            machines: elsewhere.chain(own).collect(),
            others: saved.others,
            known_others: Some(saved.known_others),
            is_led: saved.is_led,
        }
    }

    fn of_team(floor: &Floor<'_>, team: &str) -> Self {
        let machine = |shown: &Shown| {
            let open = began(shown.alerts.iter().chain(shown.over_alerts()));
            let references = match floor.kept_of(shown) {
                Some(kept) => Of::kept(kept).references,
                // A monitor that watches alone keeps them in its folder, and their figures in the records.
                None => recorded(floor, shown),
            };
            (shown.machine.clone(), Some(Of { open: open.collect(), references }))
        };
        let of_team = floor.shown.iter().filter(|one| one.team == team);
        let name = of_team.clone().find_map(|one| one.zone.as_deref());
        Self {
            zone: zone(name),
            machines: of_team.map(machine).collect(),
            others: floor.others.iter().filter(|one| one.team == team).cloned().collect(),
            known_others: None,
            is_led: false,
        }
    }

    /// Fails where nothing that is watched is called so.
    fn is_named(&self, about: &str) -> Result<(), Failure> {
        // Whose it is has been looked for in the records.
        let Some(others) = &self.known_others else { return Ok(()) };
        let all: Vec<&str> =
            self.machines.keys().map(String::as_str).chain(others.iter().map(Other::id)).collect();
        if all.contains(&about) {
            return Ok(());
        }
        Err(unknown(
            &Text::new(
                format!("`{about}`という機械、グループ、入力元はありません"),
                format!("there is no machine, group or source `{about}`"),
            ),
            shape::nearest(about, all.iter().copied()),
            &Text::new("設定にあるもの", "known"),
            &all,
        ))
    }

    /// What is known of a machine; nothing where another monitor judges it. Fails where there is none of that id.
    fn machine(&self, id: &str) -> Result<Option<&Of>, Failure> {
        if let Some(of) = self.machines.get(id) {
            return Ok(of.as_ref());
        }
        let known: Vec<&str> = self.machines.keys().map(String::as_str).collect();
        Err(unknown(
            &Text::new(format!("`{id}`という機械はありません"), format!("there is no machine `{id}`")),
            shape::nearest(id, known.iter().copied()),
            &Text::new("機械", "machines"),
            &known,
        ))
    }

    /// The alerts that are open at a machine.
    fn open(&self, id: &str) -> impl Iterator<Item = &(String, Time)> {
        self.machines.get(id).and_then(Option::as_ref).into_iter().flat_map(|of| &of.open)
    }

    /// The sources and groups that are called so.
    fn others_called(&self, id: &str) -> Vec<Other> {
        let open = || self.others.iter().filter_map(|one| one.about.clone()).collect();
        let mut all: Vec<Other> = self.known_others.clone().unwrap_or_else(open);
        all.retain(|about| about.id() == id);
        all.sort();
        all.dedup();
        all
    }
}

/// The references of a machine as its monitor has recorded them, and those that wait for approval.
fn recorded(floor: &Floor<'_>, shown: &Shown) -> Vec<(Vec<String>, u32)> {
    let waiting = shown.waiting.iter().map(|one| (one.key.clone(), one.mode));
    let parts = |job: &str| job.split(" / ").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut all: Vec<(Vec<String>, u32)> = waiting.collect();
    for one in floor.recorded(shown) {
        let is_it = |(key, mode): &(Vec<String>, u32)| key.join(" / ") == one.job && *mode == one.mode;
        if !all.iter().any(is_it) {
            all.push((parts(&one.job), one.mode));
        }
    }
    all.sort();
    all
}

/// What acknowledges the alerts that are meant: each by itself, so that a later one of its kind is not.
fn meant(standing: &Standing, args: &AcknowledgeArgs) -> Vec<Request> {
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
    let open = standing.open(&args.about).filter(|(kind, _)| is_meant(kind));
    let mut requests: Vec<Request> =
        open.map(|(kind, since)| of_machine(Some(kind.clone()), Some(*since))).collect();
    // Another monitor of the team judges the machine, or speaks for groups, and knows what is open.
    if standing.machines.get(&args.about).is_some_and(Option::is_none) {
        requests.push(of_machine(args.alert.clone(), None));
    }
    for about in standing.others_called(&args.about) {
        if standing.is_led {
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
        let open = standing.others.iter().filter(|one| one.about.as_ref() == Some(&about));
        let open = open.filter(|one| is_meant(&one.alert.account.alert));
        requests.extend(open.filter_map(|one| one.acknowledge(args.by.clone(), args.note.clone())));
    }
    requests
}

/// That there is nothing to acknowledge, and what is open.
fn nothing_open(standing: &Standing, args: &AcknowledgeArgs) -> Failure {
    let (about, which) = (&args.about, args.alert.as_deref());
    let which = which.map_or_else(String::new, |kind| format!(" `{kind}`"));
    let of_machine = standing.open(about).map(|(kind, _)| kind.as_str());
    let others = standing.others.iter().filter(|one| one.about.as_ref().is_some_and(|of| of.id() == about));
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

/// Fails where a machine has no such reference; of any job without a key, in any mode without its number. What another
/// monitor of the team judges may have any.
fn has_reference(
    desk: &mut Desk<'_>,
    machine: &str,
    key: Option<&[String]>,
    mode: Option<u32>,
) -> Result<(), Failure> {
    // Of references that are known from the records alone, the parts of the key are joined.
    let is_it = |(known, of): &(Vec<String>, u32)| {
        key.is_none_or(|key| known == key || known.join(" / ") == key.join(" / "))
            && mode.is_none_or(|mode| mode == *of)
    };
    let has_it = |standing: &Standing| -> Result<bool, Failure> {
        Ok(standing.machine(machine)?.is_none_or(|of| of.references.iter().any(is_it)))
    };
    let standing = desk.standing_when(has_it)?;
    if has_it(&standing)? {
        return Ok(());
    }
    let of = standing.machine(machine)?;
    let known = of.into_iter().flat_map(|of| &of.references);
    let all: Vec<String> =
        known.map(|(key, mode)| panel::typed(key.iter().map(String::as_str), *mode)).collect();
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
