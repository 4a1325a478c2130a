//! What is wrong with sources: those that do not answer, that overrun us, and devices that nobody
//! knows.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use anshin_monitor::account::Account;
use anshin_monitor::config::SourceKind;
use anshin_monitor::cycle::Doubt;
use anshin_monitor::judge::{Alert, AlertKind, Change, SourceAlert};
use anshin_monitor::v1::Line;

use super::KEPT_FOR;
use super::crowd::{Crowd, MOST_ALONE};
use super::{CALM, Live, LogLine, RunError, Stranger, Told};
use crate::feed::{GONE, unknown_device};
use crate::folder::Other;
use crate::panel::ShownOther;
use crate::{clock, words};

impl Live<'_> {
    /// A source works again, or does not.
    pub(super) fn source(
        &mut self,
        n: usize,
        why: Option<&Text>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        // Events may have been missed, so what runs is doubtful; at the very start nothing runs.
        // What a stream keeps is read later, and its source says itself what is missing all the same.
        let is_kept = self.configuration.sources[n].kind == SourceKind::Nats;
        for of in self.watched[n].machines.clone() {
            self.monitor.machines_mut()[of].connection(why.is_none(), self.heard[of].now());
            if !is_kept {
                self.may_miss(of);
            }
        }
        // A broker may have kept messages for us; it keeps none for a team.
        let is_elsewhere = self.configuration.sources[n].address.is_some();
        if why.is_none() && self.watched[n].by_arrival && is_elsewhere && self.team.is_none() {
            self.may_be_late(self.watched[n].machines.clone(), KEPT_FOR);
        }
        let lost = self.watched[n].lost.take();
        let was_lost = lost.is_some();
        let since = lost.map_or_else(clock::now, |(since, _)| since);
        self.watched[n].lost = why.map(|why| (since, why.clone()));
        if why.is_none() {
            self.sources_seen.remove(&(n, AlertKind::Silent.id().to_owned(), None));
        }
        (self.lamps_due, self.urgent) = (true, true);
        let id = self.configuration.sources[n].id.as_str();
        let line = LogLine::Source {
            source: id,
            at: clock::now().to_string(),
            works: why.is_none(),
            why: why.map(|why| why.get(Lang::En)),
        };
        let written = self.folder.log(&line);
        self.disk(written, tell)?;
        if was_lost != why.is_some() {
            let change = if was_lost { Change::Cleared } else { Change::Raised };
            let alert = Alert::plain(AlertKind::Silent, change, since, clock::now());
            let said = SourceAlert { source: n, device: None, crowd: None, alert };
            let line = Line::of_lost_source(self.configuration, &said, why, self.catalog);
            let written = self.folder.log(&line);
            self.disk(written, tell)?;
        }
        let note = match why {
            None => Text::new(format!("入力元`{id}`につながりました"), format!("source `{id}` is connected")),
            Some(why) => Text::new(
                format!("入力元`{id}`につながりません（{}）。つなぎ直します", why.get(Lang::Ja)),
                format!("source `{id}` is not connected ({}); trying again", why.get(Lang::En)),
            ),
        };
        tell(Told::Note(note)).map_err(RunError::Tell)
    }

    /// What keeps a machine from being measured rightly is told once, and when it is over: events and readings
    /// of the meter that come too far apart, samples that come too seldom, and programs that are held in most
    /// cycles. So is a factor that has changed.
    pub(super) fn look_at_measuring(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        for (n, of) in self.configuration.machines.iter().enumerate() {
            let remeasured = self.monitor.machines_mut()[n].take_remeasured();
            let machine = &self.monitor.machines()[n];
            let (late, coarse, interrupted) = if self.judges(n) {
                (machine.late(), machine.coarse(), machine.interrupted())
            } else {
                (None, None, None)
            };
            let (ja, en) = (of.name.get(Lang::Ja), of.name.get(Lang::En));
            let (at, id) = (clock::now().to_string(), of.id.as_str());
            let mut news: Vec<(LogLine<'_>, Text)> = Vec::new();
            if let Some(remeasured) = remeasured {
                let line = LogLine::Remeasured { at: at.clone(), machine: id, remeasured };
                news.push((line, remeasured.text(&of.name)));
            }
            if std::mem::replace(&mut self.late[n], late.is_some()) != late.is_some() {
                let over = || {
                    Text::new(
                        format!("{ja}: イベントと計器のデータが揃って届いています"),
                        format!("{en}: events and readings of the meter come together again"),
                    )
                };
                let note = late.map_or_else(over, |late| machine.late_text(late, &of.name));
                news.push((LogLine::Late { at: at.clone(), machine: id, late }, note));
            }
            if std::mem::replace(&mut self.coarse[n], coarse.is_some()) != coarse.is_some() {
                let over = || {
                    Text::new(
                        format!("{ja}: 計測の間隔が許容範囲に足りるようになりました"),
                        format!("{en}: samples come often enough for the tolerance again"),
                    )
                };
                let note = coarse.map_or_else(over, |coarse| coarse.text(&of.name));
                news.push((LogLine::Coarse { at: at.clone(), machine: id, coarse }, note));
            }
            if std::mem::replace(&mut self.interrupted[n], interrupted.is_some()) != interrupted.is_some() {
                let over = || {
                    Text::new(
                        format!("{ja}: プログラムが一時停止するサイクルは、半分以下に減りました"),
                        format!("{en}: the program is no longer held in most of its cycles"),
                    )
                };
                let note = interrupted.map_or_else(over, |interrupted| interrupted.text(&of.name));
                news.push((LogLine::Interrupted { at, machine: id, interrupted }, note));
            }
            for (line, note) in news {
                let written = self.folder.log(&line);
                self.disk(written, tell)?;
                tell(Told::Note(note)).map_err(RunError::Tell)?;
            }
        }
        Ok(())
    }

    /// Finds sources from which more comes than can be worked on. It is told once for the source,
    /// and the cycles of its machines are marked until some time after it is over.
    pub(super) fn look_at_sources(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        for n in 0..self.watched.len() {
            let (status, watched) = (&self.statuses[n], &mut self.watched[n]);
            let dropped = status.dropped.load(Ordering::Relaxed);
            let over = dropped > watched.dropped || status.saturated.load(Ordering::Relaxed);
            watched.dropped = dropped;
            let before = watched.overload;
            if over {
                let since = before.map_or_else(clock::now, |(since, _)| since);
                watched.overload = Some((since, Instant::now()));
            } else if before.is_some_and(|(_, seen)| seen.elapsed() > CALM) {
                watched.overload = None;
            }
            let after = watched.overload;
            if before.or(after).is_some() {
                for &machine in &watched.machines {
                    self.monitor.machines_mut()[machine].doubt(Doubt::Overload);
                }
            }
            match (before, after) {
                (None, Some((since, _))) => self.overload(n, Change::Raised, since, tell)?,
                (Some((since, _)), None) => self.overload(n, Change::Cleared, since, tell)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn overload(
        &mut self,
        source: usize,
        change: Change,
        since: Time,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let alert = Alert::plain(AlertKind::Overload, change, since, clock::now());
        self.say_of_source(source, None, alert, tell)
    }

    /// A device speaks that nobody knows. It is told once, from whatever source of its broker it is heard; where there
    /// are many, together with others.
    pub(super) fn stranger(
        &mut self,
        source: usize,
        (device, topic): (String, String),
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        // In a team everybody hears it, and one tells.
        if !self.leads() {
            return Ok(());
        }
        let (now, at) = (clock::now(), Instant::now());
        if let Some(known) = self.strangers.get_mut(&(source, device.clone())) {
            known.heard = at;
            return Ok(());
        }
        let alone = self.strangers.range((source, String::new())..).take_while(|((of, _), _)| *of == source);
        if alone.count() >= MOST_ALONE || self.crowds.contains_key(&source) {
            self.crowds.entry(source).or_insert_with(|| Crowd::new(now)).hear(&device, topic);
            return Ok(());
        }
        self.strangers.insert((source, device), Stranger { topic: topic.clone(), since: now, heard: at });
        let alert = Alert::plain(AlertKind::UnknownDevice, Change::Raised, now, now);
        self.say_of_source(source, Some(topic), alert, tell)
    }

    /// Tells of unknown devices that have become many, and takes back what was told of those that are silent now.
    pub(super) fn look_at_strangers(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        for crowd in self.crowds.values_mut() {
            // Whoever looks sees how many they are by now.
            self.lamps_due |= crowd.has_grown();
        }
        let due: Vec<_> = self.crowds.iter().filter(|(_, crowd)| crowd.is_due()).map(|(n, _)| *n).collect();
        for source in due {
            self.say_of_crowd(source, Change::Raised, tell)?;
        }
        let gone: Vec<_> = self.crowds.iter().filter(|(_, crowd)| crowd.is_gone()).map(|(n, _)| *n).collect();
        for source in gone {
            self.say_of_crowd(source, Change::Cleared, tell)?;
            self.crowds.remove(&source);
        }
        let gone: Vec<_> = self.strangers.extract_if(.., |_, known| known.heard.elapsed() > GONE).collect();
        for ((source, _), Stranger { topic, since, .. }) in gone {
            let alert = Alert::plain(AlertKind::UnknownDevice, Change::Cleared, since, clock::now());
            self.say_of_source(source, Some(topic), alert, tell)?;
        }
        Ok(())
    }

    /// What is wrong with sources now: those that are not connected, that overrun us, and that have devices
    /// which nobody knows.
    pub(super) fn alerts_of_sources(&self) -> Vec<ShownOther> {
        let (configuration, catalog) = (self.configuration, self.catalog);
        let mut all = Vec::new();
        for (n, watched) in self.watched.iter().enumerate() {
            if let Some((since, why)) = &watched.lost {
                all.push((n, None, Account::of_lost_source(configuration, n, why, catalog), *since));
            }
            if let Some(crowd) = self.crowds.get(&n).filter(|crowd| crowd.is_told) {
                let alert = Alert::plain(AlertKind::UnknownDevice, Change::Raised, crowd.since, crowd.since);
                let said = SourceAlert { source: n, device: None, crowd: Some(crowd.told()), alert };
                all.push((n, None, Account::of_source(configuration, &said, catalog), crowd.since));
            }
            let overload = watched.overload.map(|(since, _)| (AlertKind::Overload, None, since));
            let strangers = self.strangers.iter().filter(|((source, _), _)| *source == n);
            let strangers = strangers
                .map(|(_, known)| (AlertKind::UnknownDevice, Some(known.topic.clone()), known.since));
            for (kind, device, since) in overload.into_iter().chain(strangers) {
                let alert = Alert::plain(kind, Change::Raised, since, since);
                let said = SourceAlert { source: n, device, crowd: None, alert };
                all.push((n, said.device.clone(), Account::of_source(configuration, &said, catalog), since));
            }
        }
        let shown = all.into_iter().map(|(n, device, account, since)| {
            let about = Other::Source(configuration.sources[n].id.to_string());
            let seen = self.sources_seen.get(&(n, account.alert.clone(), device.clone()));
            ShownOther::new((about, device), (account, since), seen, configuration)
        });
        shown.collect()
    }

    /// Goes on with what was told of sources before this monitor began. A device that nobody knows has not become known
    /// by that; the rest is over in the log, and told anew if it is so still.
    pub(super) fn go_on_with_alerts_of_sources(
        &mut self,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        for before in std::mem::take(&mut self.alone.others) {
            let Some(Other::Source(id)) = &before.about else { continue };
            let source = self.configuration.sources.iter().position(|of| of.id == **id);
            let (Some(source), Some(open)) = (source, before.alert.open(0)) else { continue };
            let unknown = before
                .device
                .as_ref()
                .filter(|_| self.leads() && open.kind == AlertKind::UnknownDevice)
                .and_then(|topic| {
                    let device = unknown_device(self.configuration, source, &self.statuses, topic)?;
                    // An earlier version told each topic of it.
                    let is_free = !self.strangers.contains_key(&(source, device.clone()));
                    is_free.then(|| (device, topic.clone()))
                });
            if let Some((device, topic)) = unknown {
                let seen = before
                    .alert
                    .acknowledged
                    .map(|who| ((source, before.alert.account.alert, before.device), who));
                self.sources_seen.extend(seen);
                self.strangers
                    .insert((source, device), Stranger { topic, since: open.since, heard: Instant::now() });
                continue;
            }
            let alert = Alert::plain(open.kind, Change::Cleared, open.since, clock::now());
            let said = SourceAlert { source, device: before.device, crowd: None, alert };
            let written = self.folder.log(&Line::of_source(self.configuration, &said, self.catalog));
            self.disk(written, tell)?;
        }
        Ok(())
    }

    /// Records what is wrong with a source, or no longer, and hands it on.
    fn say_of_source(
        &mut self,
        source: usize,
        device: Option<String>,
        alert: Alert,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        self.say_of(&SourceAlert { source, device, crowd: None, alert }, tell)
    }

    /// The same of devices that nobody knows and that are many.
    fn say_of_crowd(
        &mut self,
        source: usize,
        change: Change,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let Some(crowd) = self.crowds.get_mut(&source) else { return Ok(()) };
        crowd.is_told = true;
        let alert = Alert::plain(AlertKind::UnknownDevice, change, crowd.since, clock::now());
        let crowd = Some(crowd.told());
        self.say_of(&SourceAlert { source, device: None, crowd, alert }, tell)
    }

    fn say_of(
        &mut self,
        said: &SourceAlert,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        (self.lamps_due, self.urgent) = (true, true);
        if said.alert.change == Change::Cleared {
            self.sources_seen.remove(&(said.source, said.alert.kind.id().to_owned(), said.device.clone()));
        }
        let line = Line::of_source(self.configuration, said, self.catalog);
        self.send(&said.alert, &line, || words::of_source(self.configuration, said, self.catalog));
        let written = self.folder.log(&line);
        self.disk(written, tell)?;
        tell(Told::Source(said)).map_err(RunError::Tell)
    }
}
