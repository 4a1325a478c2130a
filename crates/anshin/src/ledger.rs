//! The ledger of information assets on the command line.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anshin_checklist::File;
use anshin_checklist::csv::{Encoding, to_csv};
use anshin_checklist::ledger::{Asset, Ledger, Scale, Scales, load_scales, sample, table};
use anshin_model::{Id, Lang, Text};
use anshin_report::read_ledger;
use clap::{Args, Subcommand, ValueEnum};

use crate::beside::write_whole;
use crate::cli::Format;
use crate::clock::today;
use crate::input::{self, Failure};
use crate::output::{Output, pad};
use crate::{End, print};
use unicode_width::UnicodeWidthStr as _;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Write a new ledger with sample rows, as YAML, CSV or XLSX.
    New(NewArgs),
    /// Show importance, likelihood and risk value of each asset, and which need measures first.
    Show(ShowArgs),
    /// Write a ledger in another form: YAML, CSV or XLSX.
    Convert(ConvertArgs),
    /// List the scales.
    Scales,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The file to write (.yaml, .csv or .xlsx); it must not exist yet.
    #[arg(short, long, value_name = "FILE", default_value = "ledger.yaml")]
    output: PathBuf,
    /// The scale.
    #[arg(long, value_name = "ID")]
    scale: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The ledger (.yaml, .csv or .xlsx).
    file: PathBuf,
    /// The scale, if the file does not say.
    #[arg(long, value_name = "ID or FILE")]
    scale: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The ledger (.yaml, .csv or .xlsx).
    file: PathBuf,
    /// The file to write (.yaml, .csv or .xlsx); it must not exist yet.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The scale, if the file does not say.
    #[arg(long, value_name = "ID or FILE")]
    scale: Option<String>,
    /// Encoding of a CSV file.
    #[arg(long, value_enum, default_value_t = EncodingArg::Utf8)]
    encoding: EncodingArg,
}

/// Encoding of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EncodingArg {
    /// UTF-8 with a mark that Excel understands.
    Utf8,
    /// For older Japanese programs.
    ShiftJis,
}

/// Runs a command about the ledger.
pub(crate) fn run(command: &LedgerCommand, output: Output) -> Result<End, Failure> {
    match command {
        LedgerCommand::New(args) => new(args, output),
        LedgerCommand::Show(args) => {
            let (ledger, scale) = read(&args.file, args.scale.as_deref(), output)?;
            match args.format {
                Format::Json => print(output, &format!("{:#}\n", json(&ledger, &scale))),
                Format::Text => print(output, &text(&ledger, &scale, output)),
            }
        }
        LedgerCommand::Convert(args) => {
            let (ledger, scale) = read(&args.file, args.scale.as_deref(), output)?;
            write(&args.output, &ledger, &scale, args.encoding, output)
        }
        LedgerCommand::Scales => {
            let mut out = String::new();
            for scale in scales(None, output)?.iter() {
                let _ =
                    writeln!(out, "{}  {}", output.strong(scale.id.as_str()), scale.name.get(output.lang));
                let _ = writeln!(out, "    {}", scale.about.get(output.lang));
            }
            print(output, &out)
        }
    }
}

fn bytes(path: &Path) -> Result<File, Failure> {
    let shown = path.display().to_string();
    let bytes = input::read(path, anshin_checklist::LIMITS.bytes).map_err(|error| {
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    Ok(File { name: shown, bytes })
}

/// The built-in scales, with one of the user's own beside them.
fn scales(own: Option<&Path>, output: Output) -> Result<Scales, Failure> {
    let built_in = anshin_catalog::built_in_files_beside("ledgers").into_iter();
    let mut files: Vec<File> = built_in.map(|file| File { name: file.name, bytes: file.bytes }).collect();
    files.extend(own.map(bytes).transpose()?);
    let (scales, sources, found) = load_scales(files);
    input::report(&sources, &found, output);
    scales.ok_or(Failure::Input)
}

/// The scale that is asked for: an id, or a file with a scale in it.
fn chosen(word: Option<&str>, output: Output) -> Result<(Scales, Option<Id>), Failure> {
    let Some(word) = word else { return Ok((scales(None, output)?, None)) };
    let path = Path::new(word);
    if path.is_file() {
        let scales = scales(Some(path), output)?;
        let id = scales.iter().last().map(|scale| scale.id.clone());
        return Ok((scales, id));
    }
    let scales = scales(None, output)?;
    let id = Id::from(word);
    if scales.get(Some(&id)).is_none() {
        let all = scales.ids().join(", ");
        return Err(Failure::new(
            format!("尺度`{word}`はありません。あるもの: {all}"),
            format!("there is no scale `{word}`; there are: {all}"),
        ));
    }
    Ok((scales, Some(id)))
}

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Reads a ledger in any of its forms; shows what is wrong with it.
fn read(path: &Path, word: Option<&str>, output: Output) -> Result<(Ledger, Scale), Failure> {
    let (scales, asked) = chosen(word, output)?;
    let pick = |id: Option<&Id>| scales.get(id).cloned().ok_or(Failure::Input);
    let loaded = read_ledger(bytes(path)?, &scales, asked.as_ref()).map_err(Failure::Other)?;
    input::report(&loaded.sources, &loaded.diagnostics, output);
    let ledger = loaded.ledger.ok_or(Failure::Input)?;
    let scale = pick(asked.as_ref().or(ledger.scale.as_ref()))?;
    Ok((ledger, scale))
}

fn new(args: &NewArgs, output: Output) -> Result<End, Failure> {
    let (scales, asked) = chosen(args.scale.as_deref(), output)?;
    let scale = scales.get(asked.as_ref()).ok_or(Failure::Input)?;
    let ledger = sample(scale, &today());
    write(&args.output, &ledger, scale, EncodingArg::Utf8, output)
}

fn write(
    path: &Path,
    ledger: &Ledger,
    scale: &Scale,
    encoding: EncodingArg,
    output: Output,
) -> Result<End, Failure> {
    let shown = path.display();
    if path.exists() {
        return Err(Failure::new(
            format!("`{shown}`はすでにあります。別のファイル名を指定してください"),
            format!("`{shown}` exists already; name another file"),
        ));
    }
    let bytes = match extension(path).as_str() {
        "csv" => {
            let encoding = match encoding {
                EncodingArg::Utf8 => Encoding::Utf8,
                EncodingArg::ShiftJis => Encoding::ShiftJis,
            };
            to_csv(&table(ledger, scale, output.lang), encoding)
                .map_err(|error| Failure::Other(error.text()))?
        }
        "xlsx" => anshin_report::ledger_book(ledger, scale, output.lang)
            .map_err(|error| Failure::new(error.to_string(), error.to_string()))?,
        _ => ledger.to_yaml(output.lang).into_bytes(),
    };
    write_whole(path, |out| out.write_all(&bytes))?;
    output.say(&Text::new(format!("`{shown}`を書きました"), format!("wrote `{shown}`")));
    Ok(End::Fine)
}

fn text(ledger: &Ledger, scale: &Scale, output: Output) -> String {
    let lang = output.lang;
    let mut out = String::new();
    let company =
        ledger.company.as_ref().map(|company| format!(" — {}", company.get(lang))).unwrap_or_default();
    let title = format!("{}{company}", output.word("情報資産管理台帳", "Ledger of information assets"));
    let _ = writeln!(out, "{}", output.heading(&title));
    let _ = writeln!(out, "{}\n", output.faint(scale.name.get(lang)));
    let rows = ledger.by_risk(scale);
    let medium = |asset: &Asset| {
        scale.medium(&asset.medium).map_or(asset.medium.clone(), |own| own.name.get(lang).to_owned())
    };
    let wide = |of: &dyn Fn(&Asset) -> usize| ledger.assets.iter().map(of).max().unwrap_or_default();
    let name_width = wide(&|asset| asset.name.get(lang).width());
    let medium_width = wide(&|asset| medium(asset).width());
    let _ = writeln!(
        out,
        "{}",
        output.word(
            "リスク値 = 重要度（機密性・完全性・可用性の最大） × 被害発生可能性（脅威・脆弱性から）",
            "risk value = importance (highest of C, I, A) x likelihood (from threat and measures)"
        )
    );
    for (n, asset, risk) in &rows {
        let band = risk.band.map_or("", |band| band.name.get(lang));
        let first = risk.band.is_some_and(|band| scale.bands.first().is_some_and(|top| top.id == band.id));
        let value = format!("{:>2} {band}", risk.value);
        let value = if first { output.bad(&value) } else { value };
        let _ = writeln!(
            out,
            "  {value}  {} {}  {}",
            pad(asset.name.get(lang), name_width),
            pad(&medium(asset), medium_width),
            output.faint(&format!(
                "#{} = {} × {}  (C{} I{} A{}; {} {}, {} {})",
                n + 1,
                risk.importance,
                risk.likelihood,
                asset.confidentiality,
                asset.integrity,
                asset.availability,
                output.word("脅威", "threat"),
                risk.threat,
                output.word("脆弱性", "measures"),
                risk.measures
            ))
        );
    }
    out.push('\n');
    for (band, count) in ledger.counts(scale) {
        let about = band.about.as_ref().map_or("", |about| about.get(lang));
        let _ = writeln!(out, "  {}: {count}  {about}", band.name.get(lang));
    }
    out
}

fn json(ledger: &Ledger, scale: &Scale) -> serde_json::Value {
    let both = |text: &Text| serde_json::json!({ "ja": text.get(Lang::Ja), "en": text.get(Lang::En) });
    let rows: Vec<_> = ledger
        .assets
        .iter()
        .map(|asset| {
            let risk = ledger.risk(asset, scale);
            serde_json::json!({
                "name": both(&asset.name),
                "business": both(&asset.business),
                "medium": asset.medium,
                "personal": asset.personal.as_str(),
                "importance": risk.importance,
                "threat": risk.threat,
                "measures": risk.measures,
                "likelihood": risk.likelihood,
                "risk": risk.value,
                "band": risk.band.map(|band| band.id.as_str()),
            })
        })
        .collect();
    serde_json::json!({ "anshin": 1, "scale": scale.id, "assets": rows })
}
