//! Figures for Prometheus.
//!
//! See: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anshin_monitor::config::Configuration;
use anshin_monitor::cycle::{Cycle, Doubt};
use anshin_monitor::group::Groups;
use anshin_monitor::order::Counts;
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, State, v1};

use crate::feed::Status;
use crate::outlet::{Delivery, Outgoing};
use crate::panel::Panel;

/// How long somebody who asks waits for the page.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the page is asked for and given. The live run makes it only when somebody asks: with
/// thousands of machines it takes time that alerts would wait for.
#[derive(Debug, Default)]
pub(crate) struct Board {
    state: Mutex<BoardState>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct BoardState {
    is_asked: bool,
    /// The page, and its number.
    page: Arc<str>,
    number: u64,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page made after the question; `None` if the live run does not answer.
    pub(crate) fn ask(&self) -> Option<Arc<str>> {
        let mut state = self.state();
        state.is_asked = true;
        let before = state.number;
        let waited = self.answered.wait_timeout_while(state, PATIENCE, |state| state.number == before);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (state.number != before).then(|| Arc::clone(&state.page))
    }

    /// Whether somebody waits for a page.
    pub(crate) fn is_asked(&self) -> bool {
        self.state().is_asked
    }

    /// Gives a page to all who wait for one.
    pub(crate) fn answer(&self, page: String) {
        let mut state = self.state();
        *state = BoardState { is_asked: false, page: page.into(), number: state.number + 1 };
        self.answered.notify_all();
    }
}

/// What the cycles of a machine came to since the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    cycles: u64,
    /// What they took, as far as it was measured well.
    quantity: f64,
    /// What they took of which it is in doubt: samples are missing, or nobody saw the beginning.
    doubtful: f64,
    /// The last one: its job, how long it was, what it took, and how far both are from the reference.
    last: Option<LastCycle>,
}

#[derive(Debug, Clone)]
struct LastCycle {
    job: String,
    duration: f64,
    quantity: Option<f64>,
    duration_off: Option<f64>,
    quantity_off: Option<f64>,
}

impl Tally {
    /// Takes a cycle that has ended.
    pub(crate) fn take(&mut self, cycle: &Cycle, finding: &Finding) {
        let (_, deviation) = v1::finding(finding);
        self.cycles += 1;
        // Of one whose program was held it is known how much it took.
        let is_sure = cycle.doubts.iter().all(|doubt| doubt == Doubt::Interrupted);
        *if is_sure { &mut self.quantity } else { &mut self.doubtful } += cycle.quantity.unwrap_or(0.0);
        self.last = Some(LastCycle {
            job: cycle.key.join(" / "),
            duration: cycle.duration,
            quantity: cycle.quantity,
            duration_off: deviation.map(|deviation| deviation.duration),
            quantity_off: deviation.and_then(|deviation| deviation.quantity),
        });
    }
}

/// The value of a label. What a job is called comes from the floor.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

/// What the figures are taken from.
pub(crate) struct Figures<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) machines: &'a [Machine],
    pub(crate) statuses: &'a [Arc<Status>],
    pub(crate) raised: &'a BTreeMap<(usize, &'static str), u64>,
    /// Groups whose machines raise alerts together.
    pub(crate) groups: &'a Groups,
    /// What machines have said that is over.
    pub(crate) panel: &'a Panel,
    pub(crate) tallies: &'a [Tally],
    /// Readings that could not be kept, if they are kept.
    pub(crate) history_lost: Option<u64>,
    /// Whether more comes from each source than can be worked on.
    pub(crate) overloaded: &'a [bool],
    pub(crate) outgoing: &'a [Outgoing],
}

/// A family of figures: name, kind, meaning, and for each member its labels and its value.
type Family<'a> = (&'a str, &'a str, &'a str, Vec<(String, f64)>);

/// The page. Ids are words joined by hyphens, so their labels need no escaping.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn page(figures: &Figures<'_>) -> String {
    let machine = |n: usize| format!("machine=\"{}\"", figures.configuration.machines[n].id);
    let sources = |count: fn(&Status) -> &AtomicU64| -> Vec<(String, f64)> {
        let sources = figures.configuration.sources.iter().zip(figures.statuses);
        sources
            .map(|(source, status)| {
                let value = count(status).load(Ordering::Relaxed) as f64;
                (format!("source=\"{}\"", source.id), value)
            })
            .collect()
    };
    let outlets = |count: fn(&Delivery) -> &AtomicU64| -> Vec<(String, f64)> {
        let outlets = figures.configuration.outlets.iter().zip(figures.outgoing);
        outlets
            .map(|(outlet, outgoing)| {
                let value = count(&outgoing.delivery).load(Ordering::Relaxed) as f64;
                (format!("outlet=\"{}\"", outlet.id), value)
            })
            .collect()
    };
    let connected = figures.configuration.sources.iter().zip(figures.statuses).map(|(source, status)| {
        let works = status.connected.load(Ordering::Relaxed);
        (format!("source=\"{}\"", source.id), f64::from(u8::from(works)))
    });
    let overloaded = figures.configuration.sources.iter().zip(figures.overloaded);
    let overloaded = overloaded
        .map(|(source, over)| (format!("source=\"{}\"", source.id), f64::from(u8::from(*over))))
        .collect();
    let states = figures.machines.iter().enumerate().flat_map(|(n, of)| {
        State::ALL.map(|state| {
            let word = state.id();
            let is = of.utilisation().state() == Some(state);
            (format!("{},state=\"{word}\"", machine(n)), f64::from(u8::from(is)))
        })
    });
    let used = figures.machines.iter().enumerate().filter_map(|(n, of)| {
        let (_, used) = of.utilisation().newest_day()?;
        Some((machine(n), used.rate().part()?))
    });
    let open = figures
        .machines
        .iter()
        .enumerate()
        .flat_map(|(n, of)| of.open_alerts().map(move |(kind, _)| (n, kind.id())))
        .map(|(n, kind)| (format!("{},alert=\"{kind}\"", machine(n)), 1.0));
    let over = (0..figures.machines.len()).flat_map(|n| {
        let over = figures.panel.over(n).iter();
        over.map(move |one| {
            let labels = format!("{},alert=\"{}\"", machine(n), one.alert.account.alert);
            (labels, (one.earlier + 1) as f64)
        })
    });
    let raised = figures.raised.iter();
    let groups = figures.configuration.groups.iter().map(|group| {
        let is_open = figures.groups.is_open(group.id.as_str());
        (format!("group=\"{}\"", group.id), f64::from(u8::from(is_open)))
    });
    let counts = |of: fn(Counts) -> u64| -> Vec<(String, f64)> {
        let machines = figures.machines.iter().enumerate();
        machines.map(|(n, one)| (machine(n), of(one.counts()) as f64)).collect()
    };
    let lasts = || {
        let lasts = figures.tallies.iter().enumerate();
        lasts.filter_map(|(n, tally)| {
            let last = tally.last.as_ref()?;
            Some((n, format!("{},job=\"{}\"", machine(n), escaped(&last.job)), last))
        })
    };
    let cycle_taken = lasts().filter_map(|(n, labels, last)| {
        let unit = escaped(&figures.configuration.machines[n].unit);
        Some((format!("{labels},unit=\"{unit}\""), last.quantity?))
    });
    let cycle_seconds = lasts().map(|(_, labels, last)| (labels, last.duration));
    let deviations = lasts().flat_map(|(_, labels, last)| {
        let both = [("duration", last.duration_off), ("taken", last.quantity_off)];
        both.into_iter().filter_map(move |(of, off)| Some((format!("{labels},of=\"{of}\""), off?)))
    });
    let taken = |of: fn(&Tally) -> f64| -> Vec<(String, f64)> {
        let tallies = figures.tallies.iter().enumerate();
        let metered = tallies.filter(|(n, _)| figures.configuration.machines[*n].settings.meter.is_some());
        metered
            .map(|(n, tally)| {
                let unit = escaped(&figures.configuration.machines[n].unit);
                (format!("{},unit=\"{unit}\"", machine(n)), of(tally))
            })
            .collect()
    };
    let families: [Family<'_>; 28] = [
        ("anshin_source_messages_total", "counter", "messages that came", sources(|s| &s.messages)),
        ("anshin_source_unread_total", "counter", "messages that could not be read", sources(|s| &s.unread)),
        ("anshin_source_unknown_total", "counter", "messages that no machine takes", sources(|s| &s.unknown)),
        (
            "anshin_source_no_numbers_total",
            "counter",
            "values that were no numbers where numbers are wanted",
            sources(|s| &s.no_numbers),
        ),
        (
            "anshin_source_values_missing",
            "gauge",
            "values that machines take and no message has had",
            sources(|s| &s.missing),
        ),
        (
            "anshin_source_dropped_total",
            "counter",
            "readings dropped in an overload",
            sources(|s| &s.dropped),
        ),
        (
            "anshin_source_refused_total",
            "counter",
            "connections refused since there were as many as are taken",
            sources(|s| &s.refused),
        ),
        (
            "anshin_source_foreign_total",
            "counter",
            "requests refused since a page of another place sent them",
            sources(|s| &s.foreign),
        ),
        ("anshin_source_overloaded", "gauge", "whether more comes than can be worked on", overloaded),
        ("anshin_source_connected", "gauge", "whether the source works", connected.collect()),
        (
            "anshin_outlet_delivered_total",
            "counter",
            "alerts and states that arrived",
            outlets(|o| &o.delivered),
        ),
        ("anshin_outlet_failed_total", "counter", "attempts that failed", outlets(|o| &o.failed)),
        ("anshin_outlet_lost_total", "counter", "alerts that were given up", outlets(|o| &o.lost)),
        (
            "anshin_machine_cycles_total",
            "counter",
            "cycles since the start",
            figures.tallies.iter().enumerate().map(|(n, tally)| (machine(n), tally.cycles as f64)).collect(),
        ),
        (
            "anshin_machine_taken_total",
            "counter",
            "what cycles took since the start, as far as it was measured well",
            taken(|tally| tally.quantity),
        ),
        (
            "anshin_machine_taken_doubtful_total",
            "counter",
            "what cycles took since the start of which it is in doubt",
            taken(|tally| tally.doubtful),
        ),
        ("anshin_machine_cycle_taken", "gauge", "what the last cycle took", cycle_taken.collect()),
        ("anshin_machine_cycle_seconds", "gauge", "how long the last cycle lasted", cycle_seconds.collect()),
        (
            "anshin_machine_cycle_deviation_ratio",
            "gauge",
            "how far the last cycle is from the reference of its job, 0.1 for 10 % above",
            deviations.collect(),
        ),
        (
            "anshin_machine_late_total",
            "counter",
            "readings that came too late for their place",
            counts(|of| of.late),
        ),
        (
            "anshin_machine_ahead_total",
            "counter",
            "readings from far ahead that were dropped since nothing agreed with them",
            counts(|of| of.ahead),
        ),
        ("anshin_machine_clock_steps_total", "counter", "clocks that were set back", counts(|of| of.steps)),
        ("anshin_machine_state", "gauge", "1 for the state that the machine is in", states.collect()),
        (
            "anshin_machine_utilisation_ratio",
            "gauge",
            "producing against the planned time that is known, on the newest day on which it was planned to work",
            used.collect(),
        ),
        ("anshin_alert_open", "gauge", "alerts that are raised now", open.collect()),
        (
            "anshin_alert_over_not_acknowledged",
            "gauge",
            "alerts that are over and that nobody has acknowledged",
            over.collect(),
        ),
        (
            "anshin_group_alert_open",
            "gauge",
            "whether machines that share something raise alerts together",
            groups.collect(),
        ),
        (
            "anshin_alerts_raised_total",
            "counter",
            "alerts raised since the start",
            raised
                .map(|((n, kind), count)| (format!("{},alert=\"{kind}\"", machine(*n)), *count as f64))
                .collect(),
        ),
    ];
    let mut page = String::new();
    for (name, kind, about, members) in families {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "# HELP {name} {about}\n# TYPE {name} {kind}");
        for (labels, value) in members {
            let _ = writeln!(page, "{name}{{{labels}}} {value}");
        }
    }
    if let Some(lost) = figures.history_lost {
        let name = "anshin_history_lost_total";
        let _ = writeln!(
            page,
            "# HELP {name} readings that could not be kept\n# TYPE {name} counter\n{name} {lost}"
        );
    }
    page
}
