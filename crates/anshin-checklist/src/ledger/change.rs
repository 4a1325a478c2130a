//! A ledger changed: rows put in and taken out, a table brought back, another scale.

use anshin_model::{Id, Lang, Text};

use super::{Asset, Column, Ledger, Scale, Value};

/// A table that was brought back, and what it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// The ledger with the changes.
    pub ledger: Ledger,
    /// Rows that it did not have.
    pub new: Vec<Text>,
    /// Rows that say something else than before.
    pub changed: Vec<Text>,
    /// Rows that the table has no more.
    pub gone: Vec<Text>,
}

impl Brought {
    /// Whether the ledger is as it was.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}

impl Ledger {
    /// A row by its id.
    pub fn row(&self, id: &str) -> Option<&Asset> {
        self.assets.iter().find(|own| own.id.as_ref().is_some_and(|own| *own == *id))
    }

    /// Gives an id to each row that has none: `seed` with a number.
    pub fn name_rows(&mut self, seed: &str) {
        for (n, asset) in (1..).zip(&mut self.assets) {
            asset.id.get_or_insert_with(|| Id::from(format!("{seed}-{n}").as_str()));
        }
    }

    /// Puts a row in the place of the one with its id, or after all others.
    pub fn put(&mut self, asset: Asset) {
        match self.assets.iter_mut().find(|own| own.id.is_some() && own.id == asset.id) {
            Some(own) => *own = asset,
            None => self.assets.push(asset),
        }
    }

    /// Takes a row out, and says whether there was one.
    pub fn take_out(&mut self, id: &str) -> bool {
        let before = self.assets.len();
        self.assets.retain(|own| own.id.as_ref().is_none_or(|own| *own != *id));
        self.assets.len() < before
    }

    /// Takes a table over that was made from this ledger, or that somebody has written beside it. A row
    /// with the same id, or else of the same information on the same medium, is the same row. What the
    /// table does not hold stays: columns that it lacks, ids, the words of the other language, and that
    /// a value follows from the medium.
    #[must_use]
    pub fn bring(&self, table: Ledger, lacks: &[Column], scale: &Scale, lang: Lang, seed: &str) -> Brought {
        let mut left: Vec<&Asset> = self.assets.iter().collect();
        let mut brought = Brought {
            ledger: Ledger { assets: Vec::new(), ..self.clone() },
            new: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
        };
        for own in table.assets {
            let named = |old: &&Asset| own.id.is_some() && old.id == own.id;
            let alike = |old: &&Asset| old.name.get(lang) == own.name.get(lang) && old.medium == own.medium;
            let place = left.iter().position(named).or_else(|| left.iter().position(alike));
            let old = place.map(|n| left.remove(n));
            let own = old.map_or(own.clone(), |old| filled_up(own, old, lacks));
            let asset = self.merged(own, old, scale, lang);
            match old {
                None => brought.new.push(asset.name.clone()),
                Some(old) if *old != asset => brought.changed.push(asset.name.clone()),
                Some(_) => {}
            }
            brought.ledger.assets.push(asset);
        }
        brought.gone.extend(left.into_iter().map(|old| old.name.clone()));
        brought.ledger.name_rows(seed);
        brought
    }

    fn merged(&self, mut own: Asset, old: Option<&Asset>, scale: &Scale, lang: Lang) -> Asset {
        // A new row gets an id of its own: one that it brings may be in use.
        own.id = old.and_then(|old| old.id.clone());
        if let Some(old) = old {
            for (new, before) in [
                (&mut own.name, &old.name),
                (&mut own.business, &old.business),
                (&mut own.note, &old.note),
                (&mut own.users, &old.users),
                (&mut own.department, &old.department),
            ] {
                if new.get(lang) == before.get(lang) {
                    new.clone_from(before);
                }
            }
        }
        // The table writes out what follows from the medium.
        let bare = Asset { threat: None, measures: None, ..own.clone() };
        let follows = self.risk(&bare, scale);
        let kept = |value: Option<f64>, follows: f64, before: Option<f64>| {
            value.filter(|value| before.is_some() || (value - follows).abs() > 1e-9)
        };
        own.threat = kept(own.threat, follows.threat, old.and_then(|old| old.threat));
        own.measures = kept(own.measures, follows.measures, old.and_then(|old| old.measures));
        own
    }

    /// The ledger on another scale: each value becomes the one of the same rank.
    #[must_use]
    pub fn in_scale(&self, from: &Scale, to: &Scale) -> Ledger {
        let value = |number: f64| ranked(number, &from.values, &to.values);
        let threat = |number: f64| ranked(number, &from.threats, &to.threats);
        let measures = |number: f64| ranked(number, &from.measures, &to.measures);
        let mut out = self.clone();
        out.scale = Some(to.id.clone());
        out.media.retain(|own| to.medium(own.id.as_str()).is_some());
        for own in &mut out.media {
            own.threat = own.threat.map(threat);
            own.measures = own.measures.map(measures);
        }
        for own in &mut out.assets {
            own.confidentiality = value(own.confidentiality);
            own.integrity = value(own.integrity);
            own.availability = value(own.availability);
            own.threat = own.threat.map(threat);
            own.measures = own.measures.map(measures);
        }
        out
    }
}

/// A row of a table with what the row before says under the columns that the table lacks.
fn filled_up(mut own: Asset, old: &Asset, lacks: &[Column]) -> Asset {
    for column in lacks {
        match column {
            Column::Business => own.business.clone_from(&old.business),
            Column::Note => own.note.clone_from(&old.note),
            Column::Users => own.users.clone_from(&old.users),
            Column::Department => own.department.clone_from(&old.department),
            Column::KeptUntil => own.kept_until.clone_from(&old.kept_until),
            Column::Registered => own.registered.clone_from(&old.registered),
            Column::Threat => own.threat = old.threat,
            Column::Measures => own.measures = old.measures,
            // A ledger has one class of personal data, a table three columns for it.
            Column::Personal if lacks.contains(&Column::Sensitive) && lacks.contains(&Column::MyNumber) => {
                own.personal = old.personal;
            }
            _ => {}
        }
    }
    own
}

/// The value of the same rank, counted from the highest; the lowest where there are fewer.
fn ranked(number: f64, from: &[Value], to: &[Value]) -> f64 {
    let falling = |values: &[Value]| {
        let mut all: Vec<f64> = values.iter().map(|own| own.value).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        all
    };
    let (from, to) = (falling(from), falling(to));
    let rank = from.iter().position(|own| *own <= number + 1e-9).unwrap_or(from.len());
    to.get(rank).or(to.last()).copied().unwrap_or(number)
}
