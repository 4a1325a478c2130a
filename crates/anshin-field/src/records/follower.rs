//! The records follow the files of a monitor that runs, in a thread of its own.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anshin_model::Text;
use anshin_monitor::group::Groups;

use super::{PAUSE, Records, Writer};
use crate::connection::Stop;
use crate::panel::{Shown, ShownOther};

/// What is to be shown with the next look.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// How machines are that have changed.
    pub(crate) machines: Mutex<BTreeMap<usize, Shown>>,
    /// Which groups raise alerts, if that has changed.
    pub(crate) groups: Mutex<Option<(Groups, Vec<ShownOther>)>>,
}

/// Follows the files of a monitor that runs, in a thread of its own.
#[derive(Debug)]
pub(crate) struct Follower {
    /// What is wrong, if the database cannot be written.
    pub(crate) error: Arc<Mutex<Option<Text>>>,
    /// Where the database is.
    pub(crate) place: String,
    /// Whether that has been told.
    pub(crate) has_failed: bool,
    /// What a monitor that works alone shows next.
    pub(crate) shown: Arc<Waiting>,
    /// Its own: the last look comes after the last file has been written, not with the signal to go.
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Begins to follow.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(crate) fn start(
        folder: &Path,
        address: &str,
        writer: Writer<'_>,
        machines: Vec<String>,
        keep_days: usize,
    ) -> io::Result<Self> {
        let error = Arc::<Mutex<Option<Text>>>::default();
        let place = super::place(address);
        let (folder, address) = (folder.to_owned(), address.to_owned());
        let (worker, team) = (writer.worker.to_owned(), writer.team.map(str::to_owned));
        let stop = Stop::new(Arc::default());
        let (stopped, told) = (stop.clone(), Arc::clone(&error));
        let shown = Arc::<Waiting>::default();
        let waiting = Arc::clone(&shown);
        let thread = std::thread::Builder::new().name("records".to_owned()).spawn(move || {
            let mut records = None;
            loop {
                let is_last = stopped.is_set();
                let result = match records.take().map_or_else(|| Records::open(&address), Ok) {
                    Ok(opened) => {
                        let writer = Writer { worker: &worker, team: team.as_deref() };
                        let records = records.insert(opened);
                        records.follow(&folder, writer).and_then(|()| {
                            if writer.team.is_none() {
                                records.look_out(&folder, writer.worker, &machines, &waiting)?;
                                if is_last {
                                    records.leave(writer.worker)?;
                                }
                            }
                            records.trim(writer, keep_days)
                        })
                    }
                    Err(error) => Err(error),
                };
                let wrong = result.err().map(|error| error.text());
                if wrong.is_some() {
                    records = None;
                }
                *told.lock().unwrap_or_else(PoisonError::into_inner) = wrong;
                if is_last {
                    return;
                }
                stopped.wait(PAUSE);
            }
        })?;
        Ok(Self { error, place, has_failed: false, shown, stop, thread: Some(thread) })
    }

    /// Takes over the last lines, and ends.
    pub(crate) fn finish(&mut self) {
        self.stop.set();
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.finish();
    }
}
