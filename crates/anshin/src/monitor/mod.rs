//! The monitor on the command line.

pub(crate) mod args;
mod ask;
pub(crate) mod evidence;
mod explain;
mod export;
mod floor;
mod init;
mod live;
mod query;
mod recorded;
mod records;
mod show;
mod status;
mod system;
mod window;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_model::tree::{self, Limits};
use anshin_model::{Id, Lang, Text, diagnostic};
use anshin_monitor::config::{self, MachineConfiguration};
use anshin_monitor::factory::{self, Factory};
use anshin_monitor::group::{self, GroupAlert};
use anshin_monitor::judge::{Alert, Change, SourceAlert};
use anshin_monitor::v1::Line;
use anshin_monitor::{Configuration, Monitor, Said, Time};
use anshin_report::utilisation::{self, Span, Use};

use crate::beside::write_all;
use crate::cli::Format;
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{End, print};
use args::{DemoArgs, MonitorCommand, ReplayArgs};

/// Runs a command of the monitor.
pub(crate) fn run(command: &MonitorCommand, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    match command {
        MonitorCommand::Demo(args) => demo(args, catalog, output),
        MonitorCommand::Init(args) => init::run(args, catalog, output),
        MonitorCommand::Check { file, system } => {
            let configuration = configuration_in(For::Live, file, system.as_deref(), catalog, output)?;
            print(output, &explain::configuration(&configuration, catalog, output))
        }
        MonitorCommand::Replay(args) => replay(args, catalog, output),
        MonitorCommand::Run(args) => live::run(args, catalog, output),
        MonitorCommand::Acknowledge(args) => ask::acknowledge(args, output),
        MonitorCommand::Maintain(args) => ask::maintain(args, output),
        MonitorCommand::Approve(args) => ask::approve(args, output),
        MonitorCommand::Forget(args) => ask::forget(args, output),
        MonitorCommand::Status { at, format } => status::run(at, *format, catalog, output),
        MonitorCommand::Query(args) => query::run(args, catalog, output),
        MonitorCommand::Export(args) => export::run(args, output),
        MonitorCommand::Find { on, seconds } => live::find(*on, *seconds, output),
        MonitorCommand::Schema => print(output, &format!("{:#}\n", config::schema(output.lang))),
    }
}

/// Reads a configuration and shows what is wrong with it.
fn configuration(path: &Path, output: Output) -> Result<Configuration, Failure> {
    let loaded = load(path)?;
    input::report(&loaded.sources, &loaded.diagnostics, output);
    loaded.configuration.ok_or(Failure::Input)
}

/// What a configuration is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// For recordings.
    Recordings,
    /// For machines at work: sources that only recordings have are told.
    Live,
}

/// Reads a configuration whose machines are assets of a system document, if one is named.
fn configuration_in(
    purpose: For,
    path: &Path,
    system: Option<&Path>,
    catalog: &Catalog,
    output: Output,
) -> Result<Configuration, Failure> {
    let mut loaded = load(path)?;
    if purpose == For::Live {
        loaded.diagnostics.extend(loaded.recorded_only());
        diagnostic::sort(&mut loaded.diagnostics);
    }
    let tied = system.map_or(Ok(()), |system| system::tie(&mut loaded, system, catalog, output));
    input::report(&loaded.sources, &loaded.diagnostics, output);
    tied?;
    if diagnostic::has_errors(&loaded.diagnostics) {
        return Err(Failure::Input);
    }
    loaded.configuration.ok_or(Failure::Input)
}

fn load(path: &Path) -> Result<config::Loaded, Failure> {
    let shown = path.display();
    let bytes = input::read(path, Limits::DEFAULT.bytes).map_err(|error| {
        let (ja, en) = why(&error);
        Failure::new(
            format!("設定`{shown}`を読めません（{ja}）"),
            format!("cannot read the configuration `{shown}` ({en})"),
        )
    })?;
    let text = tree::decode(bytes, Limits::DEFAULT).map_err(|(_, message, hint)| {
        let both = |lang| {
            let hint = hint.as_ref().map(|hint| format!(": {}", hint.get(lang))).unwrap_or_default();
            format!("{shown}: {}{hint}", message.get(lang))
        };
        Failure::new(both(Lang::Ja), both(Lang::En))
    })?;
    Ok(config::load(&shown.to_string(), &text))
}

/// Writes what machines say, in the form that was asked for.
struct Teller<'a> {
    catalog: &'a Catalog,
    output: Output,
    format: Format,
    verbose: bool,
    alerts: u32,
    /// Alerts of machines, for what groups say at the end of a recording.
    told: Vec<(Id, Alert)>,
    keeps: bool,
    out: io::BufWriter<io::StdoutLock<'static>>,
}

impl<'a> Teller<'a> {
    fn new(catalog: &'a Catalog, output: Output, format: Format, verbose: bool) -> Self {
        let out = io::BufWriter::new(io::stdout().lock());
        Self { catalog, output, format, verbose, alerts: 0, told: Vec::new(), keeps: false, out }
    }

    fn tell(&mut self, machine: &MachineConfiguration, said: &Said) -> io::Result<()> {
        if let Said::Alert(alert) = said {
            self.alerts += u32::from(alert.change == Change::Raised);
            self.told.extend(self.keeps.then(|| (machine.id.clone(), alert.clone())));
        }
        match self.format {
            Format::Json => self.line(&Line::said(machine, said, self.catalog)),
            Format::Text => match show::said(machine, said, self.catalog, self.output, self.verbose) {
                Some(text) => self.out.write_all(text.as_bytes()),
                None => Ok(()),
            },
        }
    }

    fn tell_of_source(&mut self, configuration: &Configuration, said: &SourceAlert) -> io::Result<()> {
        match self.format {
            Format::Json => self.line(&Line::of_source(configuration, said, self.catalog)),
            Format::Text => {
                let text = show::source_alert(configuration, said, self.catalog, self.output);
                self.out.write_all(text.as_bytes())
            }
        }
    }

    fn tell_of_group(&mut self, configuration: &Configuration, said: &GroupAlert) -> io::Result<()> {
        match self.format {
            Format::Json => self.line(&Line::of_group(configuration, said, self.catalog)),
            Format::Text => {
                let text = show::group_alert(configuration, said, self.catalog, self.output);
                self.out.write_all(text.as_bytes())
            }
        }
    }

    /// What groups say of a recording: its machines may have been read one after the other.
    fn tell_of_groups(&mut self, configuration: &Configuration) -> io::Result<()> {
        let number = |id: &Id| configuration.machines.iter().position(|machine| machine.id == *id);
        let told = std::mem::take(&mut self.told).into_iter();
        let told: Vec<(usize, Alert)> = told.filter_map(|(id, alert)| Some((number(&id)?, alert))).collect();
        for said in group::of_recording(configuration, &told) {
            self.alerts += u32::from(said.alert.change == Change::Raised);
            self.tell_of_group(configuration, &said)?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self, configuration: &Configuration, monitor: &Monitor<'_>) -> io::Result<()> {
        match self.format {
            Format::Json => {
                for (of, machine) in configuration.machines.iter().zip(monitor.machines()) {
                    for line in Line::days(of, machine) {
                        self.line(&line)?;
                    }
                }
            }
            Format::Text => {
                self.out.write_all(show::summary(configuration, monitor, self.output).as_bytes())?;
            }
        }
        self.out.flush()
    }
}

/// Whether a recording is in Parquet, and no text.
fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// This program was built without something.
fn without(feature: &str) -> Failure {
    Failure::Other(anshin_field::without(feature))
}

/// What a person is told about what went wrong, in Japanese and in English.
fn why(error: &io::Error) -> (String, String) {
    let why = anshin_field::why(error);
    (why.get(Lang::Ja).to_owned(), why.get(Lang::En).to_owned())
}

/// A workbook cannot be made, such as one with more rows than Excel takes.
fn no_workbook(error: &impl std::fmt::Display) -> Failure {
    Failure::new(
        format!("Excelのブックを作れません（{error}）"),
        format!("cannot make the workbook ({error})"),
    )
}

/// What went wrong, and nothing more.
fn plainly(error: &io::Error) -> Failure {
    Failure::Other(anshin_field::why(error))
}

/// A reader that has gone away ends the telling, and is no error.
fn told(result: io::Result<()>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(plainly(&error)),
    }
}

fn demo(args: &DemoArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    // A fixed morning: the same seed prints the same lines.
    let start = Time::parse("2026-04-01T08:00:00+09:00").map_err(|error| {
        let error = error.to_string();
        Failure::new(error.clone(), error)
    })?;
    let window = args.state.as_deref().map(|path| window::Window::open(path, &configuration, &mut monitor));
    let (mut window, morning) = window.transpose()?.unzip();
    let mut factory = Factory::new(morning.flatten().unwrap_or(start), args.seed);
    if let Some(window) = &mut window {
        window.begin(factory.now())?;
    }
    let mut teller = Teller::new(catalog, output, args.format, true);
    if args.format == Format::Text {
        let about = Text::new(
            format!("5台の機械がある工場を{}倍の速さで動かします。最初のうちは基準を覚えます。", args.speed),
            format!(
                "A factory with five machines, {} times as fast. First it learns the references.",
                args.speed
            ),
        );
        output.say(&about);
    }
    let began = Instant::now();
    let seconds = u64::from(args.seconds) * u64::from(args.speed);
    for second in 0..seconds {
        let mut said = Vec::new();
        factory.second(|n, reading| {
            monitor.machines_mut()[n].push(reading, &mut |one| said.push((n, one)));
        });
        let now = factory.now();
        for (n, machine) in monitor.machines_mut().iter_mut().enumerate() {
            machine.tick(now, &mut |one| said.push((n, one)));
        }
        if let Some(window) = &mut window {
            window.said(&mut said, &mut monitor, now, catalog)?;
        }
        for (n, one) in &said {
            if !told(teller.tell(&configuration.machines[*n], one))? {
                return Ok(End::Fine);
            }
        }
        if !args.no_wait {
            if !told(teller.out.flush())? {
                return Ok(End::Fine);
            }
            let due = Duration::from_millis((second + 1) * 1_000 / u64::from(args.speed));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
    for machine in monitor.machines_mut() {
        machine.pause(factory.now());
    }
    let mut said = Vec::new();
    if let Some(window) = &mut window {
        window.end(&mut said, &mut monitor, factory.now(), catalog)?;
    }
    for (n, one) in &said {
        if !told(teller.tell(&configuration.machines[*n], one))? {
            return Ok(End::Fine);
        }
    }
    told(teller.end(&configuration, &monitor))?;
    if let Some(folder) = &args.report {
        report(folder, &configuration, &monitor, Span::default(), output)?;
    }
    Ok(End::Fine)
}

/// Writes how the machines were used.
fn report(
    folder: &Path,
    configuration: &Configuration,
    monitor: &Monitor<'_>,
    span: Span,
    output: Output,
) -> Result<(), Failure> {
    let used = Use::new(configuration, monitor.machines(), span);
    let lang = output.lang;
    let book = utilisation::xlsx(&used, lang).map_err(|error| no_workbook(&error))?;
    let mut files = vec![
        ("utilisation".to_owned(), "html", used.html(lang).into_bytes()),
        ("utilisation".to_owned(), "xlsx", book),
    ];
    files.extend(
        used.figures(lang)
            .into_iter()
            .map(|figure| (format!("utilisation-{}", figure.id), "svg", figure.svg.into_bytes())),
    );
    let files: Vec<(PathBuf, Vec<u8>)> = files
        .into_iter()
        .map(|(stem, extension, bytes)| (folder.join(format!("{stem}.{}.{extension}", lang.code())), bytes))
        .collect();
    write_all(&files)?;
    for (path, _) in files {
        output.say(&Text::same(path.display().to_string()));
    }
    Ok(())
}

fn replay(args: &ReplayArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let configuration =
        configuration_in(For::Recordings, &args.file, args.system.as_deref(), catalog, output)?;
    let mut monitor = Monitor::new(&configuration);
    let mut teller = Teller::new(catalog, output, args.format, args.verbose);
    teller.keeps = !configuration.groups.is_empty();
    if !recorded::play(args, &configuration, &mut monitor, &mut teller)? {
        return Ok(End::Fine);
    }
    let mut failed = Ok(());
    monitor.finish(|n, said| {
        if failed.is_ok() {
            failed = teller.tell(&configuration.machines[n], &said);
        }
    });
    let said_all = failed.and_then(|()| teller.tell_of_groups(&configuration));
    if !told(said_all.and_then(|()| teller.end(&configuration, &monitor)))? {
        return Ok(End::Fine);
    }
    if let Some(folder) = &args.report {
        report(folder, &configuration, &monitor, Span::default(), output)?;
    }
    Ok(if args.fail_on_alert && teller.alerts > 0 { End::Findings } else { End::Fine })
}
