//! All machines of a configuration, and which source speaks to which of them.

use std::io::BufRead;

use crate::config::Configuration;
use crate::input::Mapper;
use crate::machine::{Machine, Said};
use crate::recording::{self, RecordingError, Skipped};
use crate::time::Time;

/// The machines of a configuration at work.
#[derive(Debug)]
pub struct Monitor<'a> {
    configuration: &'a Configuration,
    machines: Vec<Machine>,
}

impl<'a> Monitor<'a> {
    /// Machines of which nothing is known yet.
    pub fn new(configuration: &'a Configuration) -> Self {
        let machines =
            configuration.machines.iter().map(|machine| Machine::new(machine.settings.clone())).collect();
        Self { configuration, machines }
    }

    /// The machines, in the order of the configuration.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The machines, to change them.
    pub fn machines_mut(&mut self) -> &mut [Machine] {
        &mut self.machines
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
        let from = &self.configuration.sources[source];
        let mut mappers: Vec<(usize, Mapper)> = self
            .configuration
            .machines
            .iter()
            .enumerate()
            .filter_map(|(n, machine)| Some((n, Mapper::new(machine, from)?)))
            .collect();
        let names: Vec<String> = mappers.iter().flat_map(|(_, m)| m.names().map(str::to_owned)).collect();
        let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let machines = &mut self.machines;
        recording::read(from, &wanted, file, |time: Time, values| {
            for (n, mapper) in &mut mappers {
                let machine = &mut machines[*n];
                mapper.map(time, values, |reading| machine.push(reading, &mut |said| say(*n, said)));
            }
        })
    }

    /// Ends what runs, at the end of a recording.
    pub fn finish(&mut self, mut say: impl FnMut(usize, Said)) {
        for (n, machine) in self.machines.iter_mut().enumerate() {
            machine.finish(&mut |said| say(n, said));
        }
    }
}
