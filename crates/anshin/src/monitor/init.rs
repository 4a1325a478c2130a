//! `anshin monitor init`: what could be watched, and a configuration for it.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::time::Duration;

use anshin_catalog::Catalog;
#[cfg(feature = "parquet")]
use anshin_field::history::table;
use anshin_field::{discover, echonet};
use anshin_model::{Lang, Text};
use anshin_monitor::config::{self, Secret};
use anshin_monitor::propose::{self, Found, FoundLogin, Table};
use anshin_monitor::recording::RecordingError;

use super::args::InitArgs;
use super::live::read_secret;
use crate::beside::write_whole;
use crate::input::Failure;
use crate::output::Output;
use crate::{End, print};

/// Where brokers and agents of this computer usually listen.
const USUAL: [&str; 2] = ["127.0.0.1:1883", "127.0.0.1:5000"];

/// How long the devices of a network are waited for at most: they answer at once.
const LONGEST_SEARCH: Duration = Duration::from_secs(5);

/// Where a NATS server of this computer usually listens.
#[cfg(feature = "nats")]
const USUAL_NATS: &str = "127.0.0.1:4222";

/// Looks around, tells what it finds, and proposes a configuration.
pub(super) fn run(args: &InitArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    if args.output.as_deref().is_some_and(Path::exists) {
        let shown = args.output.as_deref().unwrap_or(Path::new("")).display();
        return Err(Failure::new(
            format!("`{shown}`は既にあります。別の名前を`-o`で指定してください"),
            format!("`{shown}` is there already; name another file with `-o`"),
        ));
    }
    if !args.opc_ua.is_empty() && !cfg!(feature = "opc-ua") {
        return Err(super::without("opc-ua"));
    }
    if !args.nats.is_empty() && !cfg!(feature = "nats") {
        return Err(super::without("nats"));
    }
    let found = look(args, catalog, output)?;
    if found.is_empty() {
        output.say(&Text::new(
            "見守れるものは見つかりませんでした。内蔵ブローカーで始めるための書き方を示します",
            "nothing to watch was found; this shows what to write to begin with the built-in broker",
        ));
    }
    let text = propose::configuration(&found, |remark| remark.get(output.lang).to_owned());
    let proposed = config::load("", &text).configuration;
    let ignored: usize =
        proposed.iter().flat_map(|proposed| &proposed.sources).map(|source| source.ignore.len()).sum();
    if ignored > 0 {
        output.say(&Text::new(
            format!(
                "見守る値が見つからないトピック{ignored}件は`ignore`に書きました。いまある機器を「未知の機器」として知らせないためです"
            ),
            format!(
                "{ignored} {} without a value to watch went to `ignore`, so that what is there today raises no alert of an unknown device",
                if ignored == 1 { "topic" } else { "topics" }
            ),
        ));
    }
    let has_machines = proposed.as_ref().is_some_and(|proposed| !proposed.machines.is_empty());
    if !(found.is_empty() || has_machines) {
        output.say(&Text::new(
            "機械を提案できませんでした。見つかった値と書き方を、設定の終わりに示します",
            "no machine can be proposed; what was seen and what to write stands at the end of the configuration",
        ));
    }
    let Some(path) = &args.output else { return print(output, &text) };
    write_whole(path, |out| out.write_all(text.as_bytes()))?;
    let shown = path.display();
    // Each recording has a source of its own, in their order; where there are others, they are named.
    let sources: Vec<_> = proposed.iter().flat_map(|proposed| &proposed.sources).collect();
    let recorded = sources.iter().filter(|source| source.is_recorded_only());
    let files = recorded.zip(&args.recordings).map(|(source, file)| match sources.len() {
        1 => file.display().to_string(),
        _ => format!("{}={}", source.id, file.display()),
    });
    let files: Vec<String> = files.collect();
    if !has_machines {
        output.say(&Text::new(
            format!("`{shown}`に書きました。機械を書き足してから、次で確かめてください: anshin monitor check {shown}"),
            format!("written to `{shown}`; write your machine into it, then: anshin monitor check {shown}"),
        ));
        return Ok(End::Fine);
    }
    let replay = if files.is_empty() {
        String::new()
    } else {
        format!("\n  anshin monitor replay {shown} {}", files.join(" "))
    };
    output.say(&Text::new(
        format!("`{shown}`に書きました。値の読み方を見直してから、次で確かめてください: anshin monitor check {shown}{replay}"),
        format!("written to `{shown}`; look at what values mean, then: anshin monitor check {shown}{replay}"),
    ));
    Ok(End::Fine)
}

fn look(args: &InitArgs, catalog: &Catalog, output: Output) -> Result<Found, Failure> {
    let mut found = Found::default();
    for path in &args.recordings {
        found.tables.push(recording(path)?);
    }
    let names_a_device = !(args.broker.is_empty()
        && args.nats.is_empty()
        && args.agent.is_empty()
        && args.modbus.is_empty()
        && args.opc_ua.is_empty()
        && args.on.is_none());
    if !(found.tables.is_empty() || names_a_device) {
        return Ok(found);
    }
    let time = Duration::from_secs(u64::from(args.seconds));
    let password = match &args.password_environment {
        Some(name) => Some(read_secret(&Secret::Environment(name.clone()))?),
        None => None,
    };
    found.login =
        args.user.clone().map(|user| FoundLogin { user, password: args.password_environment.clone() });
    let login = args.user.as_deref().map(|user| (user, password.as_deref().unwrap_or_default()));
    // What was asked for is told if it fails; what is merely usual is not missed.
    let missed = |address: &str, named: bool, error: &std::io::Error| {
        let refused = matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::TimedOut);
        if named || !refused {
            output.say(&no_use(address, error));
        }
    };
    let (brokers, named) = or_usual(&args.broker, USUAL[0]);
    for address in brokers {
        match discover::broker(address, login, time) {
            Ok(broker) => {
                let count = broker.topics.len();
                let topics = if count == 1 { "topic" } else { "topics" };
                output.say(&Text::new(
                    format!("{address}: MQTTブローカー、{}秒で{count}個のトピック", args.seconds),
                    format!("{address}: MQTT broker, {count} {topics} in {} seconds", args.seconds),
                ));
                found.brokers.push(broker);
            }
            Err(error) => missed(address, named, &error),
        }
    }
    #[cfg(feature = "nats")]
    {
        let (servers, named) = or_usual(&args.nats, USUAL_NATS);
        for address in servers {
            match discover::streams(address, login, time) {
                Ok((streams, refused)) => {
                    for stream in &streams {
                        let (name, count) =
                            (stream.stream.as_deref().unwrap_or_default(), stream.topics.len());
                        output.say(&Text::new(
                            format!("{address}: NATSのストリーム`{name}`、{count}個のサブジェクト"),
                            format!("{address}: NATS, stream `{name}`, {count} subjects"),
                        ));
                    }
                    for why in &refused {
                        output.say(&Text::same(format!(
                            "{address}: {}",
                            anshin_field::why(why).get(output.lang)
                        )));
                    }
                    found.brokers.extend(streams);
                }
                Err(error) => missed(address, named, &error),
            }
        }
    }
    look_at_named(args, (catalog, login), &mut found, output);
    let (agents, named) = or_usual(&args.agent, USUAL[1]);
    for address in agents {
        match discover::agent(address) {
            Ok(agent) => {
                let count = agent.devices.len();
                output.say(&Text::new(
                    format!("{address}: MTConnectエージェント、{count}台の機器"),
                    format!("{address}: MTConnect agent, {count} devices"),
                ));
                found.agents.push(agent);
            }
            Err(error) => missed(address, named, &error),
        }
    }
    // Devices that are named are what is asked for; a network is searched on demand, or where nothing is named.
    let own = args.on.or_else(|| if names_a_device { None } else { discover::own_address() });
    if let Some(own) = own {
        match echonet::find(own, time.min(LONGEST_SEARCH)) {
            Ok(devices) => {
                let meters =
                    devices.into_iter().filter(|(_, [group, class, _])| echonet::is_meter(*group, *class));
                for (address, object) in meters {
                    let [group, class, _] = object;
                    output.say(&Text::same(format!("{address}: ECHONET Lite {group:02x}{class:02x}")));
                    match echonet::look(own, address, object) {
                        Ok(meter) => found.meters.push(meter),
                        Err(error) => missed(&address.to_string(), true, &error),
                    }
                }
            }
            Err(error) => missed(&own.to_string(), args.on.is_some(), &error),
        }
    }
    Ok(found)
}

/// Looks through a recording.
fn recording(path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let failed = |ja: &str, en: &str| {
        Failure::new(
            format!("記録`{shown}`を読めません（{ja}）"),
            format!("cannot read the recording `{shown}` ({en})"),
        )
    };
    let unread = |error: &std::io::Error| {
        let (ja, en) = super::why(error);
        failed(&ja, &en)
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let table = if super::is_parquet(path) {
        #[cfg(not(feature = "parquet"))]
        return Err(super::without("parquet"));
        #[cfg(feature = "parquet")]
        Table::read(&name, BufReader::new(table::Lines::open(path).map_err(|error| unread(&error))?))
    } else {
        Table::read(&name, BufReader::new(File::open(path).map_err(|error| unread(&error))?))
    };
    table.map_err(|error| match error {
        RecordingError::Read(error) => unread(&error),
        RecordingError::Form(text) => failed(text.get(Lang::Ja), text.get(Lang::En)),
    })
}

/// Devices that are asked only where they are named.
fn look_at_named(
    args: &InitArgs,
    (catalog, login): (&Catalog, Option<(&str, &str)>),
    found: &mut Found,
    output: Output,
) {
    let missed = |address: &str, error: &std::io::Error| {
        output.say(&no_use(address, error));
    };
    if !args.modbus.is_empty() {
        let count = args.modbus.len();
        output.say(&Text::new(
            format!("Modbus機器{count}台に尋ねています。長くて22秒ほどかかります"),
            format!(
                "asking {count} Modbus {}; this takes up to 22 seconds",
                if count == 1 { "device" } else { "devices" }
            ),
        ));
    }
    // All at once: one that says nothing holds nobody up.
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked = args.modbus.iter().map(|place| scope.spawn(|| discover::power_meter(place, catalog)));
        let asked: Vec<_> = asked.collect();
        let broken = || Err(std::io::Error::other("the question was broken off"));
        asked.into_iter().map(|thread| thread.join().unwrap_or_else(|_| broken())).collect()
    });
    for (place, answer) in args.modbus.iter().zip(answers) {
        match answer {
            Ok(meter) => {
                let name = meter.meter.as_ref().map_or("?", |meter| meter.name.get(output.lang));
                output.say(&Text::same(format!("{place}: Modbus, {} {name}", meter.said.join(" "))));
                found.power_meters.push(meter);
            }
            Err(error) => missed(place, &error),
        }
    }
    // Without the feature nobody is asked, and nothing is named.
    #[cfg(not(feature = "opc-ua"))]
    let _ = login;
    #[cfg(feature = "opc-ua")]
    for address in &args.opc_ua {
        match discover::server(address, login, Duration::from_secs(u64::from(args.seconds))) {
            Ok(server) => {
                let count: usize = server.objects.values().map(Vec::len).sum();
                output.say(&Text::new(
                    format!("{address}: OPC UAサーバー、{count}個の変数"),
                    format!("{address}: OPC UA server, {count} variables"),
                ));
                found.servers.push(server);
            }
            Err(error) => missed(address, &error),
        }
    }
}

/// Why nothing can be proposed for an address.
fn no_use(address: &str, error: &std::io::Error) -> Text {
    let why = anshin_field::why(error);
    Text::new(
        format!("{address}: 使えません（{}）", why.get(Lang::Ja)),
        format!("{address}: no use ({})", why.get(Lang::En)),
    )
}

fn or_usual<'a>(named: &'a [String], usual: &'a str) -> (Vec<&'a str>, bool) {
    if named.is_empty() { (vec![usual], false) } else { (named.iter().map(String::as_str).collect(), true) }
}
