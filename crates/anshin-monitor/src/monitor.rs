//! All machines of a configuration, and which source speaks to which of them.

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::config::{Configuration, Source, TimeColumn};
use crate::input::Mapper;
use crate::machine::{Machine, Said};
use crate::recording::{self, RecordingError, Skipped};
use crate::time::Time;

/// Seconds between recordings whose rows follow at a fixed pace.
const BETWEEN: f64 = 60.0;

/// The machines of a configuration at work.
#[derive(Debug)]
pub struct Monitor<'a> {
    configuration: &'a Configuration,
    machines: Vec<Machine>,
    /// The last moment of recordings whose rows follow at a fixed pace, by their sources.
    paced: BTreeMap<usize, Time>,
}

impl<'a> Monitor<'a> {
    /// Machines of which nothing is known yet.
    pub fn new(configuration: &'a Configuration) -> Self {
        let machines =
            configuration.machines.iter().map(|machine| Machine::new(machine.settings.clone())).collect();
        Self { configuration, machines, paced: BTreeMap::new() }
    }

    /// The machines, in the order of the configuration.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The machines, to change them.
    pub fn machines_mut(&mut self) -> &mut [Machine] {
        &mut self.machines
    }

    /// A source as its next recording begins. Where rows follow at a fixed pace, it begins a while after the
    /// recording before, and what ran in that ends with it.
    pub fn next_recording(&mut self, source: usize, mut say: impl FnMut(usize, Said)) -> Source {
        let mut next = self.configuration.sources[source].clone();
        if let TimeColumn::Pace { from, every } = &mut next.time
            && let Some(last) = self.paced.get(&source)
        {
            *from = last.plus(BETWEEN.max(*every));
            for (n, machine) in self.machines.iter_mut().enumerate() {
                machine.begin_anew(*from, &mut |said| say(n, said));
            }
        }
        next
    }

    /// A recording of a source has ended at a moment.
    pub fn recording_ended(&mut self, source: usize, last: Option<Time>) {
        if let (TimeColumn::Pace { .. }, Some(last)) = (&self.configuration.sources[source].time, last) {
            self.paced.insert(source, last);
        }
    }

    /// Takes a recording of a source, as if it happened now. `say` gets the number of the machine.
    ///
    /// # Errors
    /// If the recording cannot be read.
    pub fn replay(
        &mut self,
        source: usize,
        file: impl BufRead,
        mut say: impl FnMut(usize, Said),
    ) -> Result<Skipped, RecordingError> {
        let from = self.next_recording(source, &mut say);
        let mut player = self.player(source);
        let names = player.names();
        let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut last = None;
        let read = recording::read(&from, &wanted, file, |time, values| {
            last = last.max(Some(time));
            player.take(time, values, &mut say);
        });
        self.recording_ended(source, last);
        read
    }

    /// What puts the moments of a source's recording through the machines, one by one.
    pub fn player(&mut self, source: usize) -> Player<'_> {
        let from = &self.configuration.sources[source];
        let machines = self.configuration.machines.iter().enumerate();
        let mappers = machines.filter_map(|(n, machine)| Some((n, Mapper::new(machine, from)?))).collect();
        Player { mappers, machines: &mut self.machines }
    }

    /// Ends what runs, at the end of a recording.
    pub fn finish(&mut self, mut say: impl FnMut(usize, Said)) {
        for (n, machine) in self.machines.iter_mut().enumerate() {
            machine.finish(&mut |said| say(n, said));
        }
    }
}

/// Puts the moments of a source's recording through the machines.
#[derive(Debug)]
pub struct Player<'m> {
    mappers: Vec<(usize, Mapper)>,
    machines: &'m mut [Machine],
}

impl Player<'_> {
    /// Names of the values that the machines take, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.mappers.iter().flat_map(|(_, mapper)| mapper.names().map(str::to_owned)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Takes the values of a moment. `say` gets the number of the machine.
    pub fn take(&mut self, time: Time, values: &[(&str, &str)], say: &mut impl FnMut(usize, Said)) {
        for (n, mapper) in &mut self.mappers {
            let machine = &mut self.machines[*n];
            mapper.map(time, values, |reading| machine.push(reading, &mut |said| say(*n, said)));
        }
    }
}
