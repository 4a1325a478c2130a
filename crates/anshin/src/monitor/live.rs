//! The monitor at work, and a network that is asked for meters.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anshin_catalog::Catalog;
use anshin_field::{Options, Room, Stop, Told};
use anshin_model::Text;
use anshin_monitor::Configuration;
use anshin_monitor::config::{Secret, Source, SourceKind};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::args::RunArgs;
use super::{For, Teller, configuration_in, plainly, told, why, without};
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
                "`{shown}`の入力元は記録だけなので、動いている機械は見守れません。記録は次で確かめられます: anshin monitor replay {shown} 記録のファイル"
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
                for door in open_doors(&configuration, broker, http) {
                    output.say(&door);
                }
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
        ja = format!("{ja}。HTTPは{address}で受けます（/in/入力元/トピック、/metrics）");
        en = format!("{en}; HTTP at {address} (/in/SOURCE/TOPIC, /metrics)");
    }
    Text::new(
        format!("{count}台の機械を見守っています{ja}。Ctrl+Cで止まります"),
        format!("watching {count} machine{}{en}; Ctrl+C stops", if count == 1 { "" } else { "s" }),
    )
}

/// Doors that stand open to the network and ask nobody who they are.
fn open_doors(
    configuration: &Configuration,
    broker: Option<SocketAddr>,
    http: Option<SocketAddr>,
) -> Vec<Text> {
    let asks = |source: &&Source| source.login.as_ref().is_some_and(|login| login.password.is_some());
    let comes_in = |kind| {
        let sources = configuration.sources.iter();
        sources.filter(move |source| source.kind == kind && source.address.is_none())
    };
    // The built-in broker has one password, which the first source that names one says.
    let broker_asks = comes_in(SourceKind::Mqtt).any(|source| asks(&source));
    let at_broker = comes_in(SourceKind::Mqtt).filter(|_| !broker_asks);
    let at_http = comes_in(SourceKind::Http).filter(|source| !asks(source));
    let doors = [("MQTT", broker, at_broker.collect::<Vec<_>>()), ("HTTP", http, at_http.collect())];
    let open = doors.into_iter().filter_map(|(name, address, sources)| {
        let address = address.filter(|address| !address.ip().is_loopback())?;
        let ids: Vec<String> = sources.iter().map(|source| format!("`{}`", source.id)).collect();
        (!ids.is_empty()).then_some((name, address, ids))
    });
    let lines = "    user: factory\n    password: { environment: MONITOR_PASSWORD }";
    open.map(|(name, address, ids)| {
        Text::new(
            format!(
                "注意: {name}の受け口{address}はネットワークに開いていますが、パスワードを求めないので、誰でも入力元{}に値を送れます。入力元に次の2行を書き、環境変数`MONITOR_PASSWORD`にパスワードを入れて始めてください\n{lines}",
                ids.join("、")
            ),
            format!(
                "warning: {name} at {address} is open to the network and asks for no password, so anybody can send values to source {}; write these two lines in the source, and start with a password in the variable `MONITOR_PASSWORD`\n{lines}",
                ids.join(", ")
            ),
        )
    })
    .collect()
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
