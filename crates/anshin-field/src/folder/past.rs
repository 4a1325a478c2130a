//! What the records in a folder show of the time before.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::evidence::Evidence;
use serde_json::Value;

use super::request::SAME;
use super::{FolderError, Saved, read_state};
use crate::already_told::AlreadyTold;
use crate::records;

/// Whether a monitor keeps its state in a folder, or has kept it there.
pub fn is_kept(folder: &Path) -> bool {
    ["state.json", "alerts.jsonl", records::FILE].iter().any(|file| folder.join(file).is_file())
}

/// What the records in a folder show.
///
/// # Errors
/// If they cannot be read.
pub fn evidence(folder: &Path) -> Result<Evidence, FolderError> {
    let mut evidence = Evidence::default();
    let log = folder.join("alerts.jsonl");
    let failed = |error| FolderError::File { path: log.display().to_string(), error };
    match File::open(&log) {
        Ok(file) => {
            for line in BufReader::new(file).split(b'\n') {
                evidence.line(&String::from_utf8_lossy(&line.map_err(failed)?));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let saved = read_state(folder)?;
    for id in saved.machines.keys() {
        evidence.machine(id, saved.assets.get(id).map(String::as_str));
    }
    evidence.zone = saved.zone().map(str::to_owned);
    for (id, shown) in &saved.shown {
        if let Some(machine) = evidence.machines.get_mut(id) {
            machine.name = Some(Text::from(&shown.name));
        }
    }
    if let Some(at) = saved.at {
        evidence.watched_until(&at.to_string());
    }
    Ok(evidence)
}

/// How many bytes of a file of records are looked through for what has been told since a state was kept.
const MOST_LOOKED_THROUGH: u64 = 8 << 20;

/// The times of files are coarser than the clock, by some seconds at most.
const COARSE: f64 = 2.0;

/// What has been told of each machine since its state was kept at some moment.
///
/// # Errors
/// If the records cannot be read.
pub(crate) fn told_since(folder: &Path, saved: &Saved) -> io::Result<BTreeMap<String, AlreadyTold>> {
    let mut told: BTreeMap<String, AlreadyTold> = BTreeMap::new();
    let mut files = history(folder)?;
    files.push(folder.join("alerts.jsonl"));
    for file in files {
        let mut file = match File::open(file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let known = file.metadata()?;
        let written = known.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        if saved.at.is_some_and(|at| Time::from_seconds(written.as_secs_f64() + COARSE) < at) {
            continue;
        }
        file.seek(SeekFrom::Start(known.len().saturating_sub(MOST_LOOKED_THROUGH)))?;
        for line in BufReader::new(file).split(b'\n') {
            // The first line may be cut off, and so may the last one.
            let Ok(line) = serde_json::from_slice::<Value>(&line?) else { continue };
            let Some(machine) = line["machine"].as_str() else { continue };
            let judged = saved.machines.get(machine).and_then(|kept| kept.judged);
            let at = ["end", "at"].iter().find_map(|key| Time::parse(line[key].as_str()?).ok());
            // Times are written with milliseconds.
            if judged.is_none_or(|judged| at.is_some_and(|at| at.since(judged) > -SAME)) {
                told.entry(machine.to_owned()).or_default().take(&line);
            }
        }
    }
    Ok(told)
}

/// The files of the history, oldest first.
///
/// # Errors
/// If the folder cannot be read.
pub fn history(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder.join("history")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    Ok(files)
}
