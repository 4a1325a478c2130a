//! All machines of a configuration, and which source speaks to which of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use crate::config::{Configuration, Says, Source, TimeColumn};
use crate::input::Mapper;
use crate::machine::{Machine, Said};
use crate::recording::{RecordingError, Row, Rows, Skipped};
use crate::time::Time;

/// Seconds between recordings that begin anew.
const BETWEEN: f64 = 60.0;

/// The machines of a configuration at work.
#[derive(Debug)]
pub struct Monitor<'a> {
    configuration: &'a Configuration,
    machines: Vec<Machine>,
    /// The last moment of recordings that begin anew, by their sources.
    paced: BTreeMap<usize, Time>,
}

/// What maps values of a source, with the numbers of the machines that take them: from all rows, and from those of
/// a topic.
struct Takers {
    of_all: Vec<(usize, Mapper)>,
    of_topics: BTreeMap<String, Vec<(usize, Mapper)>>,
}

impl Takers {
    /// Those of a row.
    fn of(&mut self, topic: Option<&str>) -> impl Iterator<Item = &mut (usize, Mapper)> {
        let of_topic = topic.and_then(|topic| self.of_topics.get_mut(topic));
        self.of_all.iter_mut().chain(of_topic.into_iter().flatten())
    }
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

    /// A source as its next recording begins. Where rows follow at a fixed pace, or count from its
    /// beginning, it begins a while after the recording before, and what ran in that ends with it.
    pub fn next_recording(&mut self, source: usize, mut say: impl FnMut(usize, Said)) -> Source {
        let mut next = self.configuration.sources[source].clone();
        let every = if let TimeColumn::Pace { every, .. } = next.time { every } else { 0.0 };
        if let TimeColumn::Pace { from, .. } | TimeColumn::Since { from, .. } = &mut next.time
            && let Some(last) = self.paced.get(&source)
        {
            *from = last.plus(BETWEEN.max(every));
            for (n, machine) in self.machines.iter_mut().enumerate() {
                machine.begin_anew(*from, &mut |said| say(n, said));
            }
        }
        next
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
        let mut rows = Rows::open(&from, &self.names(source), file)?;
        self.play(vec![(source, &mut rows)], |_| {}, say)?;
        Ok(rows.skipped().clone())
    }

    /// Names of the values that the machines take from a source, in order.
    pub fn names(&self, source: usize) -> Vec<String> {
        let source = &self.configuration.sources[source].id;
        let inputs = self.configuration.machines.iter().flat_map(|machine| &machine.inputs);
        let taken = inputs.filter(|input| input.from == *source).flat_map(|input| input.take.iter().cloned());
        let names: BTreeSet<String> = taken.collect();
        names.into_iter().collect()
    }

    /// Topics of whose rows of a source the machines take values; none where no column of it tells topics.
    pub fn topics(&self, source: usize) -> BTreeSet<String> {
        let from = &self.configuration.sources[source];
        let inputs = self.configuration.machines.iter().flat_map(|machine| &machine.inputs);
        let taken = inputs.filter(|input| from.topic.is_some() && input.from == from.id);
        taken.filter_map(|input| input.topic.clone()).collect()
    }

    /// Names of the values of a source that the machines take as numbers.
    pub fn numbers(&self, source: usize) -> BTreeSet<String> {
        let source = &self.configuration.sources[source].id;
        let inputs = self.configuration.machines.iter().flat_map(|machine| &machine.inputs);
        let taken = inputs.filter(|input| {
            input.from == *source && matches!(input.is, Says::Power | Says::Counter | Says::Number)
        });
        taken.flat_map(|input| input.take.iter().cloned()).collect()
    }

    /// Takes the rows of recordings, each of its source, as if they happened now: each when its time has
    /// come, of the same moment in the order of the sources. `due` is told the time of each row before it is
    /// taken, for whoever wants to wait for it; `say` gets the number of the machine.
    ///
    /// # Errors
    /// If a recording cannot be read.
    pub fn play<E>(
        &mut self,
        mut recordings: Vec<(usize, impl Iterator<Item = Result<Row, E>>)>,
        mut due: impl FnMut(Time),
        mut say: impl FnMut(usize, Said),
    ) -> Result<(), E> {
        recordings.sort_by_key(|(source, _)| *source);
        let mut takers: Vec<Takers> = recordings.iter().map(|(source, _)| self.takers(*source)).collect();
        let mut next = Vec::with_capacity(recordings.len());
        for (_, rows) in &mut recordings {
            next.push(rows.next().transpose()?);
        }
        let first = |next: &[Option<Row>]| {
            let times = next.iter().enumerate().filter_map(|(n, row)| Some((row.as_ref()?.time, n)));
            times.min().map(|(_, n)| n)
        };
        while let Some(n) = first(&next) {
            let Some(Row { time, topic, values, .. }) = next[n].take() else { continue };
            due(time);
            let (source, rows) = &mut recordings[n];
            if self.configuration.sources[*source].time.begins_anew() {
                let last = self.paced.entry(*source).or_insert(time);
                *last = time.max(*last);
            }
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, value)| (&**name, value.as_str())).collect();
            for (n, mapper) in takers[n].of(topic.as_deref()) {
                let machine = &mut self.machines[*n];
                mapper.map(time, &values, |reading| machine.push(reading, &mut |said| say(*n, said)));
            }
            next[n] = rows.next().transpose()?;
        }
        Ok(())
    }

    /// Who takes values of a source.
    fn takers(&self, source: usize) -> Takers {
        let from = &self.configuration.sources[source];
        let machines = || self.configuration.machines.iter().enumerate();
        let of = |topic: Option<&str>| {
            machines().filter_map(|(n, machine)| Some((n, Mapper::on_topic(machine, from, topic)?))).collect()
        };
        if from.topic.is_none() {
            let all = machines().filter_map(|(n, machine)| Some((n, Mapper::new(machine, from)?)));
            return Takers { of_all: all.collect(), of_topics: BTreeMap::new() };
        }
        let of_topics = self.topics(source).into_iter().map(|topic| {
            let takers = of(Some(topic.as_str()));
            (topic, takers)
        });
        Takers { of_all: of(None), of_topics: of_topics.collect() }
    }

    /// Ends what runs, at the end of a recording.
    pub fn finish(&mut self, mut say: impl FnMut(usize, Said)) {
        for (n, machine) in self.machines.iter_mut().enumerate() {
            machine.finish(&mut |said| say(n, said));
        }
    }
}
