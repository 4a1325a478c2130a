//! Machines that share something, such as a supply. When several of them raise alerts at about the same
//! time, one alert says so and names what is likely behind it.
//!
//! Whether that is so follows from the alerts that are open, and from nothing else: the same after a restart,
//! in a recording, and for whoever speaks for a team.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::{Id, Lang, Text};
use serde::{Deserialize, Serialize};

use crate::config::Configuration;
use crate::evidence::Acknowledgement;
use crate::judge::{Alert, AlertKind, Change};
use crate::time::Time;
use crate::touch::Touched;

/// What machines share. What is likely behind alerts of several of them stands in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shares {
    /// The power supply.
    Power,
    /// Compressed air.
    CompressedAir,
    /// Coolant.
    Coolant,
    /// The network.
    Network,
    /// Where their programs come from.
    Programs,
    /// The material.
    Material,
}

impl Shares {
    /// All of them.
    pub const ALL: [Shares; 6] = [
        Shares::Power,
        Shares::CompressedAir,
        Shares::Coolant,
        Shares::Network,
        Shares::Programs,
        Shares::Material,
    ];

    /// Its id in the catalog and in files.
    pub fn id(self) -> &'static str {
        match self {
            Shares::Power => "power",
            Shares::CompressedAir => "compressed-air",
            Shares::Coolant => "coolant",
            Shares::Network => "network",
            Shares::Programs => "programs",
            Shares::Material => "material",
        }
    }
}

/// Machines that share something.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub id: Id,
    /// Its name; the id if none is given.
    pub name: Text,
    /// The asset of the system document that they share.
    pub asset: Option<Id>,
    /// What is at stake there, if the system is known.
    pub touched: Option<Touched>,
    /// What they share.
    pub shares: Shares,
    /// Numbers of the machines.
    pub machines: BTreeSet<usize>,
    /// Alerts that count; all of machines if there are none.
    pub alerts: Vec<AlertKind>,
    /// How many of the machines must raise alerts.
    pub least: usize,
    /// Within how many seconds of each other what is wrong with them must have begun.
    pub within: f64,
}

/// An alert of a machine that is raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenAlert {
    /// Number of the machine.
    pub machine: usize,
    /// What is wrong.
    pub kind: AlertKind,
    /// Since when.
    pub since: Time,
}

/// An alert about a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupAlert {
    /// Number of the group in the configuration.
    pub group: usize,
    /// Numbers of the machines: those that raised alerts together, or had while it was open.
    pub machines: Vec<usize>,
    /// That it begins, or is over.
    pub alert: Alert,
}

/// Machines that one line names.
const MOST_NAMED: usize = 8;

impl GroupAlert {
    /// What a person is told it is about.
    pub fn name(&self, configuration: &Configuration) -> Text {
        let in_lang = |lang: Lang| {
            let names = self.machines.iter().map(|n| configuration.machines[*n].name.get(lang));
            with_machines(configuration.groups[self.group].name.get(lang), names, lang)
        };
        Text::new(in_lang(Lang::Ja), in_lang(Lang::En))
    }
}

/// The name of a group with those of machines, the first ones by name.
pub fn with_machines<'n>(name: &str, machines: impl Iterator<Item = &'n str>, lang: Lang) -> String {
    let machines: Vec<&str> = machines.collect();
    let (named, more) = machines.split_at(machines.len().min(MOST_NAMED));
    match (lang, more.len()) {
        (Lang::Ja, 0) => format!("{name}（{}）", named.join("、")),
        (Lang::Ja, more) => format!("{name}（{}、ほか{more}台）", named.join("、")),
        (Lang::En, 0) => format!("{name} ({})", named.join(", ")),
        (Lang::En, more) => format!("{name} ({} and {more} more)", named.join(", ")),
    }
}

impl Group {
    /// Whether an alert is one of its machines that counts.
    fn counts(&self, one: &OpenAlert) -> bool {
        self.machines.contains(&one.machine) && (self.alerts.is_empty() || self.alerts.contains(&one.kind))
    }

    /// Alerts of its machines that count, in the order in which they began.
    fn counting(&self, open: &[OpenAlert]) -> Vec<(Time, usize)> {
        let own = open.iter().filter(|one| self.counts(one));
        let mut own: Vec<(Time, usize)> = own.map(|one| (one.since, one.machine)).collect();
        own.sort_unstable();
        own
    }

    /// Whether alerts of enough machines began at about the same time, one of them a machine that is news:
    /// since when, and which.
    fn together(
        &self,
        own: &[(Time, usize)],
        is_news: impl Fn(usize) -> bool,
    ) -> Option<(Time, BTreeSet<usize>)> {
        // A window over the times at which it began; the one with the most machines counts.
        let (mut best, mut first) = (None, 0);
        let mut inside: BTreeMap<usize, u32> = BTreeMap::new();
        for (since, machine) in own {
            *inside.entry(*machine).or_default() += 1;
            while since.since(own[first].0) > self.within {
                let left = inside.entry(own[first].1).or_default();
                *left -= 1;
                if *left == 0 {
                    inside.remove(&own[first].1);
                }
                first += 1;
            }
            let most = best
                .as_ref()
                .map_or(self.least.max(1) - 1, |(_, machines): &(_, BTreeSet<usize>)| machines.len());
            if inside.len() > most && inside.keys().any(|machine| is_news(*machine)) {
                best = Some((own[first].0, inside.keys().copied().collect()));
            }
        }
        best
    }
}

/// Which groups raise an alert.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Groups(BTreeMap<String, Open>);

/// An alert of a group that is raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Open {
    /// Since when.
    since: Time,
    /// When the last of its machines joined; with the first if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    /// Ids of its machines.
    machines: BTreeSet<String>,
    /// Who has acknowledged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledged: Option<Acknowledgement>,
}

impl Groups {
    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a group does.
    pub fn is_open(&self, group: &str) -> bool {
        self.0.contains_key(group)
    }

    /// Who has acknowledged the alert of a group.
    pub fn acknowledged(&self, group: &str) -> Option<&Acknowledgement> {
        self.0.get(group)?.acknowledged.as_ref()
    }

    /// Somebody acknowledges the alert of a group; the first who does has done so.
    pub fn acknowledge(&mut self, group: &str, who: Acknowledgement) {
        if let Some(open) = self.0.get_mut(group) {
            open.acknowledged.get_or_insert(who);
        }
    }

    /// Of the alerts of machines that are open, those that a group raises together.
    pub fn together(&self, configuration: &Configuration, group: &str, open: &[OpenAlert]) -> Vec<OpenAlert> {
        let of = configuration.groups.iter().find(|of| of.id == *group);
        let Some((of, known)) = of.zip(self.0.get(group)) else { return Vec::new() };
        let until = known.until.unwrap_or(known.since);
        let belongs = |one: &&OpenAlert| {
            of.counts(one)
                && known.machines.contains(configuration.machines[one.machine].id.as_str())
                && known.since.since(one.since) <= of.within
                && one.since.since(until) <= of.within
        };
        open.iter().filter(belongs).copied().collect()
    }

    /// The alerts of groups that are raised, each as it was when it began.
    pub fn open(&self, configuration: &Configuration) -> Vec<GroupAlert> {
        let machines = configuration.machines.iter().enumerate();
        let numbers: BTreeMap<&str, usize> = machines.map(|(n, of)| (of.id.as_str(), n)).collect();
        let groups = configuration.groups.iter().enumerate();
        let open = groups.filter_map(|(n, group)| Some((n, self.0.get(group.id.as_str())?)));
        let alert = |(group, open): (usize, &Open)| GroupAlert {
            group,
            machines: open.machines.iter().filter_map(|id| numbers.get(id.as_str()).copied()).collect(),
            alert: Alert::plain(AlertKind::Together, Change::Raised, open.since, open.since),
        };
        open.map(alert).collect()
    }

    /// What is to be said, now that these alerts of machines are open.
    ///
    /// What was raised stays as long as enough of its machines raise alerts. Machines that join one after
    /// the other, each within the time of the group, belong to it. What begins later at enough machines, one
    /// of them new, is another one, which takes its place.
    pub fn look(&mut self, configuration: &Configuration, open: &[OpenAlert], at: Time) -> Vec<GroupAlert> {
        let machines = &configuration.machines;
        let name = |machine: usize| machines[machine].id.to_string();
        let mut said = Vec::new();
        for (n, group) in configuration.groups.iter().enumerate() {
            let id = group.id.as_str();
            let own = group.counting(open);
            let mut say = |change, since, machines| {
                let alert = Alert::plain(AlertKind::Together, change, since, at);
                said.push(GroupAlert { group: n, machines, alert });
            };
            let mut another = None;
            if let Some(known) = self.0.get_mut(id) {
                let mut until = known.until.unwrap_or(known.since);
                for (since, machine) in &own {
                    if known.since.since(*since) <= group.within && since.since(until) <= group.within {
                        known.machines.insert(name(*machine));
                        until = until.max(*since);
                    }
                }
                known.until = Some(until);
                let is_known = |machine: usize| known.machines.contains(machines[machine].id.as_str());
                let later: Vec<_> =
                    own.iter().filter(|(since, _)| since.since(until) > group.within).copied().collect();
                another = group.together(&later, |machine| !is_known(machine));
                let left: BTreeSet<usize> = own.iter().map(|(_, machine)| *machine).collect();
                let left = left.into_iter().filter(|machine| is_known(*machine)).count();
                if another.is_none() && left >= group.least.max(1) {
                    continue;
                }
                say(Change::Cleared, known.since, (0..machines.len()).filter(|n| is_known(*n)).collect());
                self.0.remove(id);
            }
            if let Some((since, together)) = another.or_else(|| group.together(&own, |_| true)) {
                let open = Open {
                    since,
                    until: None,
                    acknowledged: None,
                    machines: together.iter().map(|machine| name(*machine)).collect(),
                };
                self.0.insert(id.to_owned(), open);
                say(Change::Raised, since, together.into_iter().collect());
            }
        }
        // Groups that are in the configuration no more.
        self.0.retain(|id, _| configuration.groups.iter().any(|group| group.id == **id));
        said
    }
}

/// What groups say of a recording, from the alerts of its machines; by their times, in whatever order
/// they were found.
pub fn of_recording(configuration: &Configuration, alerts: &[(usize, Alert)]) -> Vec<GroupAlert> {
    let mut in_time: Vec<&(usize, Alert)> = alerts.iter().collect();
    in_time.sort_by_key(|(_, alert)| alert.at);
    let (mut groups, mut open, mut said) = (Groups::default(), Vec::new(), Vec::new());
    // What is told at the same moment counts at once.
    for of_moment in in_time.chunk_by(|(_, one), (_, next)| one.at == next.at) {
        for (machine, alert) in of_moment {
            open.retain(|one: &OpenAlert| (one.machine, one.kind) != (*machine, alert.kind));
            if alert.change == Change::Raised {
                open.push(OpenAlert { machine: *machine, kind: alert.kind, since: alert.since });
            }
        }
        said.extend(groups.look(configuration, &open, of_moment[0].1.at));
    }
    said
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;
    use proptest::prelude::*;

    use super::*;
    use crate::config;

    fn configuration(machines: usize, group: &str) -> Configuration {
        let machine = |n| {
            format!(
                "  - {{ id: m{n}, cycle: {{ by: events }}, input: [ {{ from: line, take: p, is: power }} ] }}\n"
            )
        };
        let machines = (0..machines).map(machine).collect::<Vec<_>>().concat();
        let text = format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]\nmachines:\n{machines}groups:\n  - {group}\n"
        );
        let loaded = config::load("test.yaml", &text);
        loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
    }

    fn alert(machine: usize, kind: AlertKind, since: u32) -> OpenAlert {
        OpenAlert { machine, kind, since: Time::from_seconds(f64::from(since)) }
    }

    #[test]
    fn several_machines_at_once_are_one_alert() {
        let configuration = configuration(
            4,
            "{ id: air, name: { ja: 空気, en: Air }, shares: compressed-air, alerts: [ too-slow, stuck ], within: 60 }",
        );
        // Half of four, two at least.
        assert_eq!(configuration.groups[0].least, 2);
        let mut groups = Groups::default();
        let now = Time::from_seconds(1_000.0);
        let mut look = |open: &[OpenAlert]| groups.look(&configuration, open, now);
        let (slow, stuck) = (alert(0, AlertKind::TooSlow, 100), alert(0, AlertKind::Stuck, 110));
        assert_eq!(look(&[slow, stuck]), [], "two alerts of one machine are one machine");
        let (late, other) = (alert(2, AlertKind::TooSlow, 171), alert(2, AlertKind::Silent, 100));
        assert_eq!(look(&[slow, late, other]), [], "later, and not an alert that counts");
        let second = alert(2, AlertKind::Stuck, 160);
        let said = look(&[slow, second]);
        assert_eq!(
            (said.len(), &said[0].machines[..], said[0].alert.change),
            (1, &[0, 2][..], Change::Raised)
        );
        assert_eq!(said[0].alert.since, Time::from_seconds(100.0));
        assert_eq!(said[0].name(&configuration).get(Lang::En), "Air (m0, m2)");
        // A third one joins; then the first is over, and two are still there.
        let third = alert(3, AlertKind::TooSlow, 200);
        assert_eq!(look(&[slow, second, third]), []);
        assert_eq!(look(&[second, third]), []);
        let over = look(&[second]);
        assert_eq!((over[0].alert.change, &over[0].machines[..]), (Change::Cleared, &[0, 2, 3][..]));
    }

    #[test]
    fn a_recording_tells_the_same_in_whatever_order_its_machines_were_read() {
        let configuration = configuration(2, "{ id: supply, shares: power }");
        let changes = |machine, from: f64, to: f64| {
            let (since, until) = (Time::from_seconds(from), Time::from_seconds(to));
            let alert = |change, at| (machine, Alert::plain(AlertKind::TooSlow, change, since, at));
            [alert(Change::Raised, since.plus(10.0)), alert(Change::Cleared, until)]
        };
        let (one, two) = (changes(0, 100.0, 500.0), changes(1, 200.0, 400.0));
        let said = of_recording(&configuration, &[one.clone(), two.clone()].concat());
        assert_eq!(said, of_recording(&configuration, &[two.clone(), one.clone()].concat()));
        let told: Vec<_> = said.iter().map(|one| (one.alert.change, one.alert.at)).collect();
        assert_eq!(
            told,
            [(Change::Raised, Time::from_seconds(210.0)), (Change::Cleared, Time::from_seconds(400.0))]
        );
    }

    #[test]
    fn alerts_of_one_moment_count_at_once() {
        // Both alerts of the second machine begin or end in the moment in which the other kind does.
        let configuration = configuration(2, "{ id: supply, shares: power }");
        let alert = |machine, kind, change, since, at| {
            (machine, Alert::plain(kind, change, Time::from_seconds(since), Time::from_seconds(at)))
        };
        let begin = [
            alert(0, AlertKind::TooSlow, Change::Raised, 100.0, 110.0),
            alert(1, AlertKind::TooSlow, Change::Raised, 100.0, 120.0),
        ];
        let over = alert(1, AlertKind::TooSlow, Change::Cleared, 100.0, 300.0);
        let next = alert(1, AlertKind::Stuck, Change::Raised, 280.0, 300.0);
        let said = of_recording(&configuration, &[&begin[..], &[over.clone(), next.clone()]].concat());
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said, of_recording(&configuration, &[&[next, over], &begin[..]].concat()));
    }

    #[test]
    fn what_begins_later_at_others_is_told_as_well() {
        let configuration = configuration(6, "{ id: floor, shares: network, least: 2, within: 60 }");
        let mut groups = Groups::default();
        let mut look = |open: &[OpenAlert]| {
            let said = groups.look(&configuration, open, Time::from_seconds(1e5));
            said.into_iter().map(|one| (one.alert.change, one.machines)).collect::<Vec<_>>()
        };
        let mut open = vec![alert(0, AlertKind::TooSlow, 100), alert(1, AlertKind::TooSlow, 110)];
        assert_eq!(look(&open), [(Change::Raised, vec![0, 1])]);
        // The same machines go wrong in another way: nothing new. One machine more is not enough.
        open.extend([alert(0, AlertKind::Silent, 9_000), alert(1, AlertKind::Silent, 9_010)]);
        assert_eq!(look(&open), []);
        open.push(alert(2, AlertKind::Stuck, 20_000));
        assert_eq!(look(&open), []);
        // The switch dies: those behind it fall silent, among them one of the first.
        open.extend([3, 4].map(|machine| alert(machine, AlertKind::Silent, 30_000)));
        open.retain(|one| (one.machine, one.kind) != (1, AlertKind::Silent));
        open.push(alert(1, AlertKind::Silent, 30_020));
        assert_eq!(look(&open), [(Change::Cleared, vec![0, 1]), (Change::Raised, vec![1, 3, 4])]);
        // One joins in time, and is named at the end; what remains of the first is told again.
        open.push(alert(5, AlertKind::Silent, 30_050));
        assert_eq!(look(&open), []);
        open.retain(|one| one.since < Time::from_seconds(3e4));
        assert_eq!(look(&open), [(Change::Cleared, vec![1, 3, 4, 5]), (Change::Raised, vec![0, 1])]);
        assert_eq!(look(&[]), [(Change::Cleared, vec![0, 1])]);
    }

    #[test]
    fn a_group_stays_as_long_as_enough_of_its_machines_do() {
        let configuration = configuration(3, "{ id: air, shares: compressed-air, least: 2, within: 60 }");
        let mut groups = Groups::default();
        let mut look = |open: &[OpenAlert]| groups.look(&configuration, open, Time::from_seconds(1e5)).len();
        let (one, two, three) = (
            alert(0, AlertKind::Stuck, 100),
            alert(1, AlertKind::Stuck, 150),
            alert(2, AlertKind::Stuck, 155),
        );
        assert_eq!(look(&[one, two, three]), 1);
        // One is over and comes back much later: what is left fits no window, and is still the same.
        assert_eq!(look(&[one, three]), 0);
        assert_eq!(look(&[one, alert(2, AlertKind::Stuck, 9_000)]), 0);
        assert_eq!(look(&[one]), 1);
    }

    #[test]
    fn the_catalog_knows_every_alert_and_whatever_machines_share() {
        let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog is sound");
        let alerts: BTreeSet<&str> = catalog.alerts.keys().map(Id::as_str).collect();
        assert_eq!(alerts, AlertKind::ALL.map(AlertKind::id).into());
        let shared: BTreeSet<&str> = catalog.shared.keys().map(Id::as_str).collect();
        assert_eq!(shared, Shares::ALL.map(Shares::id).into());
    }

    const KINDS: [AlertKind; 3] = [AlertKind::TooSlow, AlertKind::Silent, AlertKind::TakesTooMuch];

    proptest! {
        /// Alerts come and go; the group says exactly what follows from what it has said and from the alerts
        /// of its machines that count, and nothing without them.
        #[test]
        fn no_alert_of_a_group_without_its_machines(
            least in 2_usize..4,
            within in 1_u32..40,
            steps in proptest::collection::vec((0_usize..6, 0_usize..3, any::<bool>(), 0_u32..100), 1..60),
        ) {
            // Two machines are not in the group, and one kind of alert does not count.
            let group = format!(
                "{{ id: g, shares: network, machines: [ m0, m1, m2, m3 ], alerts: [ too-slow, silent ], least: {least}, within: {within} }}"
            );
            let configuration = configuration(6, &group);
            let (mut groups, mut open) = (Groups::default(), Vec::<OpenAlert>::new());
            let within = f64::from(within);
            let mut known: Option<(Time, Time, BTreeSet<usize>)> = None;
            for (machine, kind, raised, since) in steps {
                open.retain(|one| (one.machine, one.kind) != (machine, KINDS[kind]));
                if raised {
                    open.push(alert(machine, KINDS[kind], since));
                }
                let counting: Vec<OpenAlert> =
                    open.iter().filter(|one| one.machine < 4 && one.kind != AlertKind::TakesTooMuch).copied().collect();
                // Plainly: from each alert on, the machines of those that began within the time.
                let windows = |of: &[OpenAlert]| -> Vec<BTreeSet<usize>> {
                    let from = |first: &OpenAlert| -> BTreeSet<usize> {
                        let fits = |one: &&OpenAlert| (0.0..=within).contains(&one.since.since(first.since));
                        of.iter().filter(fits).map(|one| one.machine).collect()
                    };
                    of.iter().map(from).filter(|machines| machines.len() >= least).collect()
                };
                let mut should = Vec::new();
                if let Some((begin, until, machines)) = &mut known {
                    // One after the other, as long as somebody joins.
                    loop {
                        let joins = |one: &&OpenAlert| {
                            one.since >= begin.plus(-within) && one.since <= until.plus(within)
                        };
                        let joining: Vec<&OpenAlert> = counting.iter().filter(joins).collect();
                        let last = joining.iter().map(|one| one.since).fold(*until, Time::max);
                        machines.extend(joining.iter().map(|one| one.machine));
                        if std::mem::replace(until, last) == last {
                            break;
                        }
                    }
                    let later: Vec<OpenAlert> =
                        counting.iter().filter(|one| one.since > until.plus(within)).copied().collect();
                    let left: BTreeSet<usize> = counting.iter().map(|one| one.machine).collect();
                    let is_over = left.intersection(machines).count() < least;
                    if is_over || windows(&later).iter().any(|window| !window.is_subset(machines)) {
                        should.push(Change::Cleared);
                    }
                }
                if (known.is_none() || !should.is_empty()) && !windows(&counting).is_empty() {
                    should.push(Change::Raised);
                }
                let said = groups.look(&configuration, &open, Time::from_seconds(1e6));
                prop_assert_eq!(said.iter().map(|one| one.alert.change).collect::<Vec<_>>(), should);
                for one in &said {
                    let machines: BTreeSet<usize> = one.machines.iter().copied().collect();
                    prop_assert!(machines.len() >= least && machines.iter().all(|n| *n < 4));
                    if one.alert.change == Change::Cleared {
                        let known = known.take().map(|(since, _, machines)| (since, machines));
                        prop_assert_eq!(known, Some((one.alert.since, machines)));
                    } else {
                        prop_assert!(windows(&counting).contains(&machines));
                        known = Some((one.alert.since, one.alert.since, machines));
                    }
                }
                prop_assert_eq!(groups.is_open("g"), known.is_some());
            }
        }
    }
}
