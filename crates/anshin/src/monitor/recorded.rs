//! Recordings in Parquet, and the history that a monitor has kept.

use std::path::Path;

use anshin_monitor::{Configuration, Monitor};

use super::Teller;
use super::args::ReplayArgs;
use crate::input::Failure;

/// What is watched, and the machines at work.
type Watched<'w, 'c> = (&'w Configuration, &'w mut Monitor<'c>);

#[cfg(not(feature = "parquet"))]
mod table {
    use super::{Failure, Path, ReplayArgs, Teller, Watched};
    use crate::monitor::without;

    pub(in crate::monitor) fn table(
        _: &Path,
        _: usize,
        _: Watched<'_, '_>,
        _: &mut Teller<'_>,
    ) -> Result<bool, Failure> {
        Err(without("parquet"))
    }

    pub(in crate::monitor) fn history(
        _: &Path,
        _: &ReplayArgs,
        _: Watched<'_, '_>,
        _: &mut Teller<'_>,
    ) -> Result<bool, Failure> {
        Err(without("parquet"))
    }
}

#[cfg(feature = "parquet")]
mod table {
    use std::collections::BTreeMap;
    use std::io;

    use anshin_field::history::{self, table};
    use anshin_model::Text;
    use anshin_monitor::{Reading, What};

    use super::{Failure, Path, ReplayArgs, Teller, Watched};
    use crate::monitor::args::is_between;
    use crate::monitor::live::no_folder;
    use crate::monitor::told;

    fn failed(path: &Path, error: &io::Error) -> Failure {
        let shown = path.display();
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    }

    /// Puts a recording through the machines; false if nobody listens any more.
    pub(in crate::monitor) fn table(
        path: &Path,
        source: usize,
        (configuration, monitor): Watched<'_, '_>,
        teller: &mut Teller<'_>,
    ) -> Result<bool, Failure> {
        let mut said_all = Ok(());
        let mut say = |n: usize, said| {
            if said_all.is_ok() {
                said_all = teller.tell(&configuration.machines[n], &said);
            }
        };
        let from = monitor.next_recording(source, &mut say);
        let mut player = monitor.player(source);
        let (names, mut last) = (player.names(), None);
        let read = table::recording(&from, &names, path, |time, values| {
            last = last.max(Some(time));
            player.take(time, values, &mut say);
        });
        monitor.recording_ended(source, last);
        let (rows, skipped) = read.map_err(|error| failed(path, &error))?;
        if skipped > 0 {
            let shown = path.display();
            teller.output.say(&Text::new(
                format!("{shown}: {rows}行のうち{skipped}行は時刻を読めませんでした"),
                format!("{shown}: the time of {skipped} of {rows} rows could not be read"),
            ));
        }
        told(said_all)
    }

    /// Puts the history in a folder through the machines; false if nobody listens any more.
    pub(in crate::monitor) fn history(
        folder: &Path,
        args: &ReplayArgs,
        (configuration, monitor): Watched<'_, '_>,
        teller: &mut Teller<'_>,
    ) -> Result<bool, Failure> {
        if !folder.is_dir() {
            return Err(no_folder(folder));
        }
        let parts = history::parts(folder).map_err(|error| failed(folder, &error))?;
        let machines = configuration.machines.iter().enumerate();
        let machines: BTreeMap<&str, usize> = machines.map(|(n, of)| (of.id.as_str(), n)).collect();
        let (mut said_all, mut rows) = (Ok(()), 0_u64);
        for part in parts {
            if !is_between(args.from.as_deref(), args.to.as_deref(), &part.day) {
                continue;
            }
            table::read(&part.path, |row| {
                let what = What::from_parts(&row.input, row.value, row.word.as_deref());
                let (Some(&n), Some(what)) = (machines.get(&*row.machine), what) else { return };
                rows += 1;
                let machine = &mut monitor.machines_mut()[n];
                if row.doubtful {
                    machine.doubt(anshin_monitor::cycle::Doubt::Overload);
                }
                machine.push(Reading { time: row.time, what }, &mut |said| {
                    if said_all.is_ok() {
                        said_all = teller.tell(&configuration.machines[n], &said);
                    }
                });
            })
            .map_err(|error| failed(&part.path, &error))?;
        }
        if rows == 0 {
            teller.output.say(&Text::new(
                "履歴に、この設定の機械の計測値はありません",
                "the history has no readings of the machines of this configuration",
            ));
        }
        told(said_all)
    }
}

pub(super) use table::{history, table};
