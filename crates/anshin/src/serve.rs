//! The web program on the command line: running it, and looking after its data.

use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};

use anshin_model::tree::Limits;
use anshin_model::{Lang, Text};
use anshin_pdf::Fonts;
use anshin_store::{Administrator, Backup, Store, StoreError, Verified};
use anshin_web::config::{self, Log, Settings};
use anshin_web::serve::{asked_to_stop, open, serve};
use anshin_web::{Config, ServeError};
use clap::{Args, Subcommand};

use crate::cli::Format;
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{End, print};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// IP address and port to listen on; 127.0.0.1:8080 if left out.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Whether a proxy in front encrypts and tells where requests come from: yes or no.
    #[arg(long, value_name = "WORD")]
    behind_proxy: Option<String>,
    /// A certificate as PEM, with which the program encrypts itself; needs --key.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The key of the certificate, as PEM.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Certificates of further authorities that are trusted, as PEM.
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,
    /// Address of a provider of `OpenID` Connect at which people may sign in; needs --openid-client.
    #[arg(long, value_name = "URL")]
    openid_issuer: Option<String>,
    /// The name that the provider has given to this program.
    #[arg(long, value_name = "TEXT")]
    openid_client: Option<String>,
    /// A file with the secret that the provider has given to this program.
    #[arg(long, value_name = "FILE")]
    openid_secret: Option<PathBuf>,
    /// What people call the provider; the host of its address if left out.
    #[arg(long, value_name = "TEXT")]
    openid_name: Option<String>,
    /// Whether an address that the provider has verified finds the account whose user name it is: yes or no.
    #[arg(long, value_name = "WORD")]
    openid_by_email: Option<String>,
    /// Whether webhooks may lead into private networks, such as that of a plant: yes or no.
    #[arg(long, value_name = "WORD")]
    private_addresses: Option<String>,
    /// Records of a monitor whose machines are shown: the folder of its state, or the address of its database.
    #[arg(long, value_name = "FOLDER|URL")]
    monitor: Option<String>,
    /// How the log is written: text or json.
    #[arg(long, value_name = "FORM")]
    log: Option<String>,
}

/// Where the data lies.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// The configuration file of the web program; the environment (`ANSHIN_…`) and these flags go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the data; anshin-data if left out. It is made if it is not there.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address of a `PostgreSQL` database to use instead of the folder.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    database: Option<String>,
}

impl PlaceArgs {
    fn settings(&self) -> Settings {
        Settings { data: self.data.clone(), database: self.database.clone(), ..Settings::default() }
    }

    /// The configuration of a command that only looks after the data.
    fn config(&self, output: Output) -> Result<Config, Failure> {
        settings(self.config.as_deref(), self.settings(), output)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Read the audit trail from its first entry to its last, and show whether anything was changed or is missing.
    Verify {
        #[command(flatten)]
        place: PlaceArgs,
        /// Form of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AdministratorArgs {
    /// Name of the organization.
    #[arg(long, value_name = "TEXT", required_unless_present = "reset")]
    organization: Option<String>,
    /// Name for signing in.
    #[arg(long, value_name = "TEXT", required_unless_present = "reset")]
    login: Option<String>,
    /// Name that others see.
    #[arg(long, value_name = "TEXT", required_unless_present = "reset")]
    name: Option<String>,
    /// Make a further organization, apart from those there are, with an administrator of its own.
    #[arg(long)]
    further: bool,
    /// Let an administrator in again who is locked out: sets the password, and takes two-step sign-in, passkeys and sessions away.
    #[arg(long, value_name = "LOGIN", conflicts_with_all = ["organization", "login", "name", "further"])]
    reset: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file to write; it must not exist yet.
    file: PathBuf,
    /// Write nothing: look through this backup instead.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Runs the web program until it is asked to stop.
pub(crate) fn run(args: &ServeArgs, output: Output) -> Result<End, Failure> {
    let over = Settings {
        listen: args.listen.clone(),
        behind_proxy: args.behind_proxy.clone(),
        certificate: args.certificate.clone(),
        key: args.key.clone(),
        authorities: args.authorities.clone(),
        openid_issuer: args.openid_issuer.clone(),
        openid_client: args.openid_client.clone(),
        openid_secret: args.openid_secret.clone(),
        openid_name: args.openid_name.clone(),
        openid_by_email: args.openid_by_email.clone(),
        private_addresses: args.private_addresses.clone(),
        monitor: args.monitor.clone(),
        log: args.log.clone(),
        ..args.place.settings()
    };
    let config = settings(args.place.config.as_deref(), over, output)?;
    log_to_stderr(config.log);
    let say = |address: &str| {
        output.say(&Text::new(
            format!("ブラウザーで {address} を開いてください。Ctrl-Cで終了します"),
            format!("open {address} in a browser; Ctrl-C stops the program"),
        ));
    };
    anshin_web::pages::bring_typesetter(TYPESETTER);
    // The catalog is read while the store is opened.
    let knowledge = std::thread::spawn(anshin_web::pages::prepare);
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(config, asked_to_stop(), say));
    // It has long ended, and where it could not, every page says why.
    let _ = knowledge.join();
    ended.map(|()| End::Fine).map_err(failure)
}

/// PDF for the pages: the typesetter with the fonts of this machine.
const TYPESETTER: anshin_web::pages::Typesetter = anshin_web::pages::Typesetter {
    report: |page, id, branding, lang| {
        written(anshin_pdf::report(page, id, branding, &Fonts::system(), lang))
    },
    request: |request, id, branding, lang| {
        written(anshin_pdf::request(request, id, branding, &Fonts::system(), lang))
    },
    standing: |report, id, branding, lang| {
        written(anshin_pdf::standing(report, id, branding, &Fonts::system(), lang))
    },
};

fn written(made: Result<anshin_pdf::Pdf, anshin_pdf::Error>) -> Result<Vec<u8>, Text> {
    made.map(|pdf| pdf.bytes).map_err(|error| error.message())
}

/// The settings of the file, the environment and the command line, each over the one before.
fn settings(file: Option<&Path>, over: Settings, output: Output) -> Result<Config, Failure> {
    let from_file = match file {
        Some(path) => read(path, output)?,
        None => Settings::default(),
    };
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
    let from_environment = Settings::from_environment(environment).map_err(Failure::Other)?;
    from_file.under(from_environment).under(over).config().map_err(Failure::Other)
}

fn read(path: &Path, output: Output) -> Result<Settings, Failure> {
    let shown = path.display();
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::new(
            format!("設定`{shown}`を読めません（{error}）"),
            format!("cannot read the configuration `{shown}` ({error})"),
        )
    };
    let bytes = input::read(path, Limits::DEFAULT.bytes).map_err(|error| cannot(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| cannot(&error))?;
    let loaded = config::read(&shown.to_string(), &text);
    input::report(&loaded.sources, &loaded.diagnostics, output);
    loaded.settings.ok_or(Failure::Input)
}

/// The log goes to standard error: standard output is for results. Where nobody reads it any more, pages are
/// still answered: a line that cannot be written is lost without a word.
fn log_to_stderr(form: Log) {
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_target(false).log_internal_errors(false);
    let set = match form {
        Log::Text => log.with_ansi(false).try_init(),
        Log::Json => log.json().flatten_event(true).try_init(),
    };
    debug_assert!(set.is_ok(), "the log is set up once");
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(format!("スレッドを作れません（{error}）"), format!("cannot make threads ({error})"))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn failure(error: ServeError) -> Failure {
    Failure::Other(error.text())
}

/// Looks after the audit trail.
pub(crate) fn audit(command: &AuditCommand, output: Output) -> Result<End, Failure> {
    let AuditCommand::Verify { place, format } = command;
    let config = place.config(output)?;
    let verified: Result<Vec<Verified>, ServeError> = runtime()?.block_on(async {
        let store = existing(&config).await?;
        let verified = store.verify_audit().await?;
        store.close().await;
        Ok(verified)
    });
    let verified = verified.map_err(failure)?;
    let text = match format {
        Format::Json => {
            let rows: Vec<_> = verified
                .iter()
                .map(|trail| {
                    serde_json::json!({
                        "organization": trail.organization.as_str(),
                        "name": trail.name,
                        "entries": trail.entries,
                        "end": trail.end,
                        "broken": trail.broken.as_ref().map(|(entry, why)| {
                            serde_json::json!({ "entry": entry, "why": why.get(Lang::En) })
                        }),
                    })
                })
                .collect();
            format!("{:#}\n", serde_json::json!({ "anshin": 1, "trails": rows }))
        }
        Format::Text => verified.iter().map(|trail| line(trail, output)).collect(),
    };
    print(output, &text)?;
    Ok(if verified.iter().all(|trail| trail.broken.is_none()) { End::Fine } else { End::Findings })
}

fn line(trail: &Verified, output: Output) -> String {
    let Verified { name, entries, end, broken, .. } = trail;
    match broken {
        None => match output.lang {
            Lang::Ja => format!("{name}: {entries}件、異常なし\n  末尾 {end}\n"),
            Lang::En => format!("{name}: {entries} entries, all in order\n  end {end}\n"),
        },
        Some((entry, why)) => {
            let why = why.get(output.lang);
            match output.lang {
                Lang::Ja => format!("{name}: {entry}件目に異常があります: {why}\n"),
                Lang::En => format!("{name}: entry {entry} is not in order: {why}\n"),
            }
        }
    }
}

/// Sets up an administrator, or lets one in again.
pub(crate) fn administrator(args: &AdministratorArgs, output: Output) -> Result<End, Failure> {
    let config = args.place.config(output)?;
    let mut password = String::new();
    io::stdin().lock().read_line(&mut password).map_err(|error| {
        Failure::new(
            format!("標準入力からパスワードを読めません（{error}）"),
            format!("cannot read the password from standard input ({error})"),
        )
    })?;
    let password = password.trim_end_matches(['\r', '\n']);
    if let Some(login) = &args.reset {
        let done: Result<(), ServeError> = runtime()?.block_on(async {
            let store = existing(&config).await?;
            store.recover_administrator(login, password).await?;
            store.close().await;
            Ok(())
        });
        done.map_err(failure)?;
        output.say(&Text::new(
            format!("管理者`{login}`のパスワードを付け直しました。2段階認証とパスキーは外れています"),
            format!("the administrator `{login}` has a new password, without two-step sign-in and passkeys"),
        ));
        return Ok(End::Fine);
    }
    // The command line asks for all three where nobody is let in again.
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    let (organization, login, name) = (word(&args.organization), word(&args.login), word(&args.name));
    let made: Result<(), ServeError> = runtime()?.block_on(async {
        let store = open(&config.place).await?;
        let new = Administrator {
            organization: &organization,
            login: &login,
            name: &name,
            password,
            language: output.lang,
        };
        if args.further {
            store.add_organization(new).await?;
        } else {
            store.create_administrator(new).await?;
        }
        store.close().await;
        Ok(())
    });
    made.map_err(failure)?;
    output.say(&Text::new(
        format!("管理者`{login}`を登録しました"),
        format!("the administrator `{login}` is set up"),
    ));
    Ok(End::Fine)
}

/// Writes a backup, or looks through one.
pub(crate) fn backup(args: &BackupArgs, output: Output) -> Result<End, Failure> {
    let config = args.place.config(output)?;
    let found: Result<Backup, ServeError> = runtime()?.block_on(async {
        if args.check {
            return Ok(anshin_store::check(&args.file).await?);
        }
        let store = existing(&config).await?;
        let found = store.backup(&args.file).await?;
        store.close().await;
        Ok(found)
    });
    told(&found.map_err(failure)?, output)
}

/// Brings a backup back.
pub(crate) fn restore(args: &RestoreArgs, output: Output) -> Result<End, Failure> {
    let config = args.place.config(output)?;
    let found: Result<Backup, ServeError> = runtime()?.block_on(async {
        anshin_store::check(&args.file).await?;
        let store = open(&config.place).await?;
        let found = anshin_store::restore(&args.file, &store).await?;
        store.close().await;
        Ok(found)
    });
    told(&found.map_err(failure)?, output)
}

/// What a backup holds, and what is wrong with it.
fn told(backup: &Backup, output: Output) -> Result<End, Failure> {
    let Backup { trails, systems, revisions, files, problems } = backup;
    let organizations = trails.len();
    let mut text = match output.lang {
        Lang::Ja => {
            format!("組織{organizations}件、システム{systems}件、版{revisions}件、ファイル{files}件\n")
        }
        Lang::En => format!(
            "organizations: {organizations}, systems: {systems}, revisions: {revisions}, files: {files}\n"
        ),
    };
    for trail in trails {
        text.push_str(&line(trail, output));
    }
    for problem in problems {
        text.push_str(problem.get(output.lang));
        text.push('\n');
    }
    print(output, &text)?;
    Ok(if problems.is_empty() { End::Fine } else { End::Findings })
}

/// The store, if there is one: looking after data never makes any.
async fn existing(config: &Config) -> Result<Store, ServeError> {
    if let anshin_store::Place::File(path) = &config.place
        && !path.exists()
    {
        return Err(ServeError::Store(StoreError::Invalid(Text::new(
            format!("`{}`がありません。`--data`でデータのフォルダーを指定してください", path.display()),
            format!("there is no `{}`; name the folder of the data with `--data`", path.display()),
        ))));
    }
    open(&config.place).await
}
