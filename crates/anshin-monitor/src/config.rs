//! A monitor's configuration: from a file to settings that cannot be wrong any more.

use std::sync::Arc;

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{self, Vocabulary};
use anshin_model::tree::{self, Limits, Node, Sources};
use anshin_model::{Id, Lang, Text};
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::cycle::{Bounds, Rule};
use crate::format::{self, AUTO};
use crate::group::Group;
use crate::judge::Patience;
use crate::lamp::Light;
use crate::machine::{Settings, States};
use crate::meter::Kind;
use crate::metered::Metered;
use crate::reference::{Learning, Margin, Tolerance, Tolerances};
use crate::touch::Touched;
use crate::utilisation::Calendar;

mod body;
mod calendar;
mod group;
mod inputs;
mod maintenance;
mod outlet;
mod sense;
mod source;

pub use body::Body;
use maintenance::Planned;
pub use outlet::{Outlet, OutletKind, Product};
use source::SourceFile;
pub(crate) use source::seconds;
pub use source::{
    Encryption, Login, NodeToWatch, Payload, Register, Secret, Source, SourceKind, TimeColumn, TimeForm,
};

/// What a monitor watches, and how.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where readings come from.
    pub sources: Vec<Source>,
    /// The machines.
    pub machines: Vec<MachineConfiguration>,
    /// Machines that share something.
    pub groups: Vec<Group>,
    /// Where alerts go.
    pub outlets: Vec<Outlet>,
    /// When the plant is planned to work; each machine has its part of it.
    pub calendar: Calendar,
}

impl Configuration {
    /// The time zone of the factory.
    pub fn zone(&self) -> TimeZone {
        self.machines.first().map_or(TimeZone::UTC, |of| of.settings.zone.clone())
    }
}

/// A machine as it is configured.
#[derive(Debug, Clone)]
pub struct MachineConfiguration {
    /// Its id.
    pub id: Id,
    /// Its name; the id if none is given.
    pub name: Text,
    /// The asset of the system document that it is.
    pub asset: Option<Id>,
    /// What is at stake there, if the system is known.
    pub touched: Option<Touched>,
    /// Unit of what a cycle takes.
    pub unit: String,
    /// Names of the parts of the key.
    pub key: Vec<Id>,
    /// Its settings.
    pub settings: Settings,
    /// Which values of the sources say what.
    pub inputs: Vec<Input>,
}

/// Values of a source, and what they say.
#[derive(Debug, Clone)]
pub struct Input {
    /// The source.
    pub from: Id,
    /// The topic that they come on; `None` takes them from all.
    pub topic: Option<String>,
    /// Names of the values.
    pub take: Vec<String>,
    /// What they say.
    pub is: Says,
    /// What numbers are multiplied by.
    pub factor: f64,
    /// Whether the sign of numbers is dropped.
    pub absolute: bool,
}

/// What a value says.
#[derive(Debug, Clone, PartialEq)]
pub enum Says {
    /// Power or another rate.
    Power,
    /// A counter.
    Counter,
    /// A cycle begins.
    Start(Words),
    /// A cycle ends.
    End(Words),
    /// Number of the running cycle.
    Number,
    /// The program runs.
    Running(Words),
    /// Producing, idle or off.
    State {
        /// Words for producing.
        producing: Vec<String>,
        /// Words for off.
        off: Vec<String>,
        /// Words for unknown.
        unknown: Vec<String>,
    },
    /// A part of the job.
    Key(u8),
    /// The machine is being set up.
    SetUp(Words),
    /// The running program is held.
    Hold(Words),
    /// A light of the lamp on the machine is lit.
    Lamp {
        /// Which light.
        light: Light,
        /// From which value on it is lit.
        on: f64,
    },
}

/// Words for which something is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// These.
    When(Vec<String>),
    /// All but these.
    Except(Vec<String>),
}

impl Words {
    /// Whether it is so for a word.
    pub fn hold(&self, word: &str) -> bool {
        match self {
            Words::When(words) => words.iter().any(|known| known == word),
            Words::Except(words) => !words.iter().any(|known| known == word),
        }
    }
}

/// A configuration and everything that is wrong with its file.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration; `None` if there are errors.
    pub configuration: Option<Configuration>,
    /// The file as it is written; `None` if it cannot be read at all.
    pub tree: Option<Node>,
    /// The file.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a configuration.
pub fn load(name: &str, text: &str) -> Loaded {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let mut found = Vec::new();
    let (mut configuration, mut written) = (None, None);
    match tree::parse(&sources, file, Limits::DEFAULT) {
        Ok((tree, deviations)) => {
            found.extend(deviations);
            found.extend(shape::check(
                &tree,
                &format::CONFIGURATION,
                &Vocabulary::default(),
                "anshin monitor schema",
            ));
            if !diagnostic::has_errors(&found) {
                configuration = make(&tree, &mut found);
            }
            written = Some(tree);
        }
        Err(diagnostic) => found.push(*diagnostic),
    }
    diagnostic::sort(&mut found);
    if diagnostic::has_errors(&found) {
        configuration = None;
    }
    Loaded { configuration, tree: written, sources, diagnostics: found }
}

impl Loaded {
    /// Sources from which nothing comes while the monitor runs, each told with its place.
    pub fn recorded_only(&self) -> Vec<Diagnostic> {
        let (Some(configuration), Some(tree)) = (&self.configuration, &self.tree) else { return Vec::new() };
        sense::recorded_only(configuration, tree)
    }

    /// Places where a machine, a source or a group names an asset, with the name.
    pub fn assets(&self) -> impl Iterator<Item = &Node> {
        let lists =
            ["machines", "sources", "groups"].into_iter().filter_map(|list| self.tree.as_ref()?.get(list));
        lists.flat_map(Node::items).filter_map(|item| item.get("asset"))
    }
}

/// The JSON Schema of configurations, in a language.
pub fn schema(lang: Lang) -> serde_json::Value {
    let sentences = |of: &str| format::sentence(of, lang);
    shape::json_schema_in(&format::CONFIGURATION, "Anshin monitor", &Vocabulary::default(), &sentences)
}

/// A page of all keys in Markdown, in a language.
pub fn keys(lang: Lang) -> String {
    format::page::keys(lang)
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    time_zone: Option<String>,
    #[serde(default)]
    shifts: Vec<calendar::ShiftFile>,
    #[serde(default)]
    closed: Vec<String>,
    #[serde(default)]
    open: Vec<calendar::OpenFile>,
    #[serde(default)]
    maintenance: Vec<maintenance::WindowFile>,
    sources: Vec<SourceFile>,
    machines: Vec<MachineFile>,
    #[serde(default)]
    groups: Vec<group::GroupFile>,
    #[serde(default)]
    outlets: Vec<outlet::OutletFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct MachineFile {
    id: Id,
    name: Option<Text>,
    asset: Option<Id>,
    cycle: Option<CycleFile>,
    meter: Option<MeterFile>,
    #[serde(default)]
    key: Vec<KeyFile>,
    #[serde(default)]
    learning: LearningFile,
    #[serde(default)]
    tolerance: ToleranceFile,
    #[serde(default)]
    alerts: AlertsFile,
    states: Option<StatesFile>,
    shifts: Option<OneOrMore>,
    silent_after: Option<f64>,
    silent_outside_shifts: Option<bool>,
    hold_back: Option<f64>,
    input: Vec<InputFile>,
}

#[derive(Deserialize, Default)]
struct CycleFile {
    by: Option<String>,
    on: Option<f64>,
    off: Option<f64>,
    pause: Option<f64>,
    shortest: Option<f64>,
    longest: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct MeterFile {
    kind: String,
    unit: Option<String>,
    per: Option<f64>,
    rolls_over_at: Option<f64>,
    accuracy: Option<f64>,
    most_gap: Option<f64>,
    fewest_samples: Option<f64>,
    offset: Option<f64>,
    aligns: Option<bool>,
    most: Option<f64>,
}

#[derive(Deserialize)]
struct KeyFile {
    id: Id,
    #[serde(default)]
    ignore: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct LearningFile {
    cycles: Option<f64>,
    window: Option<f64>,
    adapts: Option<bool>,
    approval: Option<bool>,
    change_over: Option<f64>,
    set_up_cycles: Option<f64>,
}

/// A number in percent, or `auto`.
#[derive(Clone, Copy)]
struct MarginFile(Margin);

impl<'de> Deserialize<'de> for MarginFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == AUTO {
            return Ok(Self(Margin::Auto));
        }
        text.parse().map(|percent: f64| Self(Margin::Fixed(percent / 100.0))).map_err(D::Error::custom)
    }
}

#[derive(Deserialize, Default)]
struct ToleranceFile {
    duration: Option<MarginFile>,
    quantity: Option<MarginFile>,
    #[serde(default)]
    jobs: Vec<JobToleranceFile>,
}

#[derive(Deserialize)]
struct JobToleranceFile {
    key: OneOrMore,
    duration: Option<MarginFile>,
    quantity: Option<MarginFile>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct AlertsFile {
    raise_after: Option<f64>,
    within: Option<f64>,
    clear_after: Option<f64>,
    drift: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct StatesFile {
    by: String,
    idle: Option<f64>,
    producing: Option<f64>,
    most: Option<f64>,
    hold: Option<f64>,
    red_after: Option<f64>,
    learns: Option<bool>,
}

#[derive(Deserialize)]
struct InputFile {
    from: Id,
    topic: Option<String>,
    take: OneOrMore,
    is: String,
    part: Option<Id>,
    when: Option<OneOrMore>,
    except: Option<OneOrMore>,
    producing: Option<OneOrMore>,
    off: Option<OneOrMore>,
    unknown: Option<OneOrMore>,
    light: Option<Light>,
    on: Option<f64>,
    factor: Option<f64>,
    absolute: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
    #[default]
    Nothing,
}

impl From<OneOrMore> for Vec<String> {
    fn from(words: OneOrMore) -> Self {
        match words {
            OneOrMore::One(word) => vec![word],
            OneOrMore::More(words) => words,
            OneOrMore::Nothing => Vec::new(),
        }
    }
}

/// A place that is of the right form but says something that cannot be.
fn wrong(node: Option<&Node>, message: Text, hint: Text) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::OutOfRange, message).hint(hint);
    match node {
        Some(node) => diagnostic.at(node.span),
        None => diagnostic,
    }
}

fn make(tree: &Node, found: &mut Vec<Diagnostic>) -> Option<Configuration> {
    let file = match File::deserialize(tree) {
        Ok(file) => file,
        Err(error) => {
            found.push(Diagnostic::error(Code::Internal, Text::same(format!("{error}"))));
            return None;
        }
    };
    let zone = match &file.time_zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).unwrap_or_else(|_| {
            found.push(wrong(
                tree.get("time-zone"),
                Text::new(
                    format!("`{name}`というタイムゾーンはありません"),
                    format!("there is no time zone `{name}`"),
                ),
                Text::new("例: Asia/Tokyo", "write it as Asia/Tokyo"),
            ));
            TimeZone::UTC
        }),
    };
    let nodes = |list: &str| tree.get(list).map(Node::items).unwrap_or_default();
    let calendar = calendar::make(file.shifts, (file.closed, file.open), tree, found);
    let maintenance = maintenance::make(file.maintenance, tree, found);
    let sources: Vec<Source> = file
        .sources
        .into_iter()
        .zip(nodes("sources"))
        .filter_map(|(source, node)| source::make(source, node, &zone, found))
        .collect();
    let machines: Vec<MachineConfiguration> = file
        .machines
        .into_iter()
        .zip(nodes("machines"))
        .filter_map(|(machine, node)| {
            make_machine(machine, node, &sources, (&zone, &calendar, &maintenance), found)
        })
        .collect();
    // What is said of machines that are wrong themselves would only be said twice.
    let before = found.len();
    let groups = file
        .groups
        .into_iter()
        .zip(nodes("groups"))
        .filter_map(|(group, node)| group::make(group, node, &machines, found))
        .collect();
    if machines.len() < nodes("machines").len() {
        found.truncate(before);
    }
    let outlets = file
        .outlets
        .into_iter()
        .zip(nodes("outlets"))
        .filter_map(|(outlet, node)| outlet::make(outlet, node, found))
        .collect();
    calendar::overlaps(&machines, tree, found);
    let configuration = Configuration { sources, machines, groups, outlets, calendar };
    if !diagnostic::has_errors(found) {
        sense::check(&configuration, tree, found);
    }
    Some(configuration)
}

fn make_machine(
    machine: MachineFile,
    node: &Node,
    sources: &[Source],
    (zone, calendar, maintenance): (&TimeZone, &Calendar, &[Planned]),
    found: &mut Vec<Diagnostic>,
) -> Option<MachineConfiguration> {
    let before = found.len();
    let usual = Settings::usual(Bounds::Events);
    let cycle_node = node.get("cycle");
    let cycle = machine.cycle.unwrap_or_default();
    let bounds = match cycle.by.as_deref() {
        None => Bounds::None,
        Some("number") => Bounds::Number,
        Some("running") => Bounds::Running,
        Some("power") => {
            let on = cycle.on.unwrap_or_else(|| {
                found.push(wrong(
                    cycle_node,
                    Text::new("電力で区切るには`on`が必要です", "cycles by power need `on`"),
                    Text::new(
                        "加工が始まったとみなす電力を`on`に書いてください",
                        "give the power from which a cycle runs as `on`",
                    ),
                ));
                0.0
            });
            let off = cycle.off.unwrap_or(on);
            if off > on {
                found.push(wrong(
                    cycle_node.and_then(|cycle| cycle.get("off")),
                    Text::new("`off`が`on`より大きくなっています", "`off` is above `on`"),
                    Text::new("`off`は`on`以下にしてください", "make `off` at most `on`"),
                ));
            }
            Bounds::Gate { on, off }
        }
        _ => Bounds::Events,
    };
    let meter = machine.meter.as_ref();
    let kind = meter.map(|meter| match meter.kind.as_str() {
        "counter" => Kind::Counter { modulus: meter.rolls_over_at },
        _ => Kind::Rate { per: meter.per.unwrap_or(3600.0) },
    });
    let rule = Rule {
        bounds,
        pause: cycle.pause.unwrap_or(0.0),
        shortest: cycle.shortest.unwrap_or(usual.cycle.shortest),
        longest: cycle.longest.unwrap_or(usual.cycle.longest),
        fewest_samples: meter
            .and_then(|meter| meter.fewest_samples)
            .map_or(usual.cycle.fewest_samples, whole),
        accuracy: meter
            .and_then(|meter| meter.accuracy)
            .map_or(usual.cycle.accuracy, |percent| percent / 100.0),
    };
    if rule.shortest > rule.longest {
        found.push(wrong(
            cycle_node.and_then(|cycle| cycle.get("shortest").or(cycle.get("longest"))),
            Text::new("`shortest`が`longest`より大きくなっています", "`shortest` is above `longest`"),
            Text::new("どちらかを直してください", "correct one of them"),
        ));
    }
    let aligns = meter.and_then(|meter| meter.aligns).unwrap_or(false);
    let can_align =
        matches!(bounds, Bounds::Events | Bounds::Running) && matches!(kind, Some(Kind::Rate { .. }));
    if aligns && !can_align {
        found.push(wrong(
            node.get("meter").and_then(|meter| meter.get("aligns")),
            Text::new(
                "2つの時計のずれは、機械が知らせるサイクルの始まりと終わりを、電力と比べて読み取ります",
                "how far two clocks are apart is read from power where the machine tells when cycles begin and end",
            ),
            Text::new(
                "`cycle.by`を`events`か`running`、`meter.kind`を`rate`にするか、`aligns`を消してください",
                "`aligns` needs `events` or `running` under `cycle.by` and a meter of kind `rate`; else take it out",
            ),
        ));
    }
    let learning = &machine.learning;
    let learning = Learning {
        cycles: learning.cycles.map_or(usual.learning.cycles, size),
        window: learning.window.map_or(usual.learning.window, size),
        adapts: learning.adapts.unwrap_or(usual.learning.adapts),
        approval: learning.approval.unwrap_or(usual.learning.approval),
        change_over: learning.change_over.unwrap_or(usual.learning.change_over),
        set_up_cycles: learning.set_up_cycles.map_or(usual.learning.set_up_cycles, small),
    };
    let tolerances = make_tolerances(machine.tolerance, machine.key.len(), node, found);
    let widest = tolerances.usual.widest();
    let half = f64::max(widest.duration.unwrap_or(0.0), widest.quantity.unwrap_or(0.0)) / 2.0;
    let raise_after = machine.alerts.raise_after.map_or(usual.patience.raise_after, small);
    let within = machine.alerts.within.map_or(raise_after, small);
    if within < raise_after {
        found.push(wrong(
            node.get("alerts").and_then(|alerts| alerts.get("within")),
            Text::new(
                "`within`が`raise-after`より小さいので、警報が出ることはありません",
                "`within` is below `raise-after`, so no alert would ever be raised",
            ),
            Text::new(
                "直近の何サイクルのうちかを`within`に書いてください",
                "`within` says of how many of the last cycles `raise-after` must be outside",
            ),
        ));
    }
    let patience = Patience {
        raise_after,
        within,
        clear_after: machine.alerts.clear_after.map_or(usual.patience.clear_after, small),
        drift: machine.alerts.drift.map_or(if half > 0.0 { half } else { 0.075 }, |percent| percent / 100.0),
    };
    let states = make_states(machine.states.as_ref(), node, found);
    if bounds == Bounds::None && states == States::Cycles && found.len() == before {
        found.push(wrong(
            Some(node.get("states").unwrap_or(node)),
            Text::new(
                "サイクルの区切り（`cycle`）も状態の読み方（`states`）もないので、見るものがありません",
                "neither `cycle` nor `states` is there, so there is nothing to look at",
            ),
            Text::new(
                "サイクルを見るなら`cycle`を、稼働率だけを見るなら`states: { by: lamp }`（または`power`、`told`）を書いてください",
                "write `cycle` to look at cycles, or `states: { by: lamp }` (`power`, `told`) to look at utilisation alone",
            ),
        ));
    }
    let inputs = make_inputs(machine.input, node, &machine.key, found);
    let tells_changes = |input: &Input| {
        sources.iter().any(|source| source.id == input.from && source.kind.tells_watched_changes())
    };
    let settings = Settings {
        cycle: rule,
        meter: kind,
        metered: kind.map(|kind| Metered::new(kind, &inputs, sources)),
        powered: Some(Metered::new(Kind::Rate { per: 1.0 }, &inputs, sources)),
        most_gap: meter.and_then(|meter| meter.most_gap).unwrap_or(usual.most_gap),
        key: machine
            .key
            .iter()
            .map(|part| part.ignore.iter().map(|value| Arc::from(value.as_str())).collect())
            .collect(),
        learning,
        tolerances,
        patience,
        states,
        highest_power: machine.states.as_ref().and_then(|states| states.most),
        learns_states: machine
            .states
            .as_ref()
            .and_then(|states| states.learns)
            .unwrap_or(usual.learns_states),
        red_after: machine
            .states
            .as_ref()
            .and_then(|states| states.red_after)
            .or(usual.red_after)
            .filter(|seconds| *seconds > 0.0),
        silent_after: machine.silent_after.or(usual.silent_after).filter(|seconds| *seconds > 0.0),
        silent_outside_shifts: machine.silent_outside_shifts.unwrap_or(usual.silent_outside_shifts),
        tells_changes: machine.silent_after.is_none() && inputs.iter().all(tells_changes),
        hold_back: machine.hold_back.unwrap_or(usual.hold_back),
        meter_offset: meter.and_then(|meter| meter.offset).unwrap_or(0.0),
        aligns,
        most: meter.and_then(|meter| meter.most).unwrap_or(usual.most),
        zone: zone.clone(),
        calendar: calendar::of_machine(machine.shifts, node, calendar, found),
        maintenance: maintenance::of_machine(&machine.id, maintenance),
    };
    (found.len() == before).then(|| MachineConfiguration {
        name: machine.name.unwrap_or_else(|| Text::same(machine.id.as_str())),
        id: machine.id,
        asset: machine.asset,
        touched: None,
        unit: machine.meter.and_then(|meter| meter.unit).unwrap_or_else(|| "Wh".to_owned()),
        key: machine.key.into_iter().map(|part| part.id).collect(),
        settings,
        inputs,
    })
}

fn make_tolerances(
    file: ToleranceFile,
    parts: usize,
    node: &Node,
    found: &mut Vec<Diagnostic>,
) -> Tolerances {
    let looks = |margin: Margin| Some(margin).filter(|margin| margin.widest() > 0.0);
    let of = |written: Option<MarginFile>, usual: Margin| written.map_or(usual, |MarginFile(margin)| margin);
    let (duration, quantity) = (of(file.duration, Margin::USUAL), of(file.quantity, Margin::USUAL));
    let jobs = node.get("tolerance").and_then(|tolerance| tolerance.get("jobs"));
    let mut of_jobs = Vec::new();
    for (n, job) in file.jobs.into_iter().enumerate() {
        let key: Vec<String> = job.key.into();
        if key.len() != parts {
            let is = key.len();
            found.push(wrong(
                jobs.and_then(|jobs| jobs.items().get(n)).and_then(|job| job.get("key")),
                Text::new(
                    format!("この機械のジョブを分けるもの（`key`）は{parts}個ですが、ここには{is}個あります"),
                    format!("the `key` of this machine has {parts}, here are {is}"),
                ),
                Text::new(
                    "機械の`key`と同じ順に値を書いてください。どれでもよい値は\"*\"です",
                    "write the values in the order of the machine's `key`; \"*\" stands for any",
                ),
            ));
        }
        let tolerance = Tolerance {
            duration: looks(of(job.duration, duration)),
            quantity: looks(of(job.quantity, quantity)),
        };
        of_jobs.push((key.into_iter().map(Arc::from).collect(), tolerance));
    }
    let usual = Tolerance { duration: looks(duration), quantity: looks(quantity) };
    Tolerances { usual, of_jobs }
}

fn make_states(states: Option<&StatesFile>, node: &Node, found: &mut Vec<Diagnostic>) -> States {
    let Some(states) = states else { return States::Cycles };
    match states.by.as_str() {
        "told" => States::Told,
        "lamp" => States::Lamp { hold: states.hold.unwrap_or(3.0) },
        "power" => {
            let (Some(idle), Some(producing)) = (states.idle, states.producing) else {
                found.push(wrong(
                    node.get("states"),
                    Text::new(
                        "電力で状態を読むには`idle`と`producing`が必要です",
                        "states by power need `idle` and `producing`",
                    ),
                    Text::new("両方のしきい値を書いてください", "give both thresholds"),
                ));
                return States::Cycles;
            };
            if idle > producing || states.most.is_some_and(|most| most < producing) {
                found.push(wrong(
                    node.get("states"),
                    Text::new(
                        "`idle`、`producing`、`most`はこの順に大きくなければなりません",
                        "`idle`, `producing` and `most` must rise in this order",
                    ),
                    Text::new("しきい値を直してください", "correct the thresholds"),
                ));
            }
            States::Power { idle, producing }
        }
        _ => States::Cycles,
    }
}

fn make_inputs(
    inputs: Vec<InputFile>,
    node: &Node,
    key: &[KeyFile],
    found: &mut Vec<Diagnostic>,
) -> Vec<Input> {
    let nodes = node.get("input").map(Node::items).unwrap_or_default();
    let mut made = Vec::new();
    for (input, node) in inputs.into_iter().zip(nodes) {
        let words = match (input.when, input.except) {
            (Some(when), _) => Some(Words::When(when.into())),
            (None, Some(except)) => Some(Words::Except(except.into())),
            (None, None) => None,
        };
        let mut needed = || {
            words.clone().unwrap_or_else(|| {
                found.push(wrong(
                    Some(node),
                    Text::new("どの言葉のときか書かれていません", "it is not said at which words it is so"),
                    Text::new(
                        "`when`か`except`に言葉を書いてください",
                        "give the words as `when` or `except`",
                    ),
                ));
                Words::When(Vec::new())
            })
        };
        let is = match input.is.as_str() {
            "power" => Says::Power,
            "counter" => Says::Counter,
            "start" => Says::Start(needed()),
            "end" => Says::End(needed()),
            "number" => Says::Number,
            "lamp" => {
                let light = input.light.unwrap_or_else(|| {
                    found.push(wrong(
                        Some(node),
                        Text::new("どの色の灯か書かれていません", "it is not said which light it is"),
                        Text::new(
                            "`light`にgreen、amber、redのどれかを書いてください",
                            "give it as `light`: green, amber or red",
                        ),
                    ));
                    Light::Green
                });
                Says::Lamp { light, on: input.on.unwrap_or(0.5) }
            }
            "running" => Says::Running(needed()),
            "set-up" => Says::SetUp(needed()),
            "hold" => Says::Hold(needed()),
            "state" => Says::State {
                producing: input.producing.unwrap_or_default().into(),
                off: input.off.unwrap_or_default().into(),
                unknown: input.unknown.unwrap_or_default().into(),
            },
            _ => {
                let part =
                    input.part.as_ref().and_then(|part| key.iter().position(|known| known.id == *part));
                let Some(part) = part.and_then(|part| u8::try_from(part).ok()) else {
                    found.push(wrong(
                        Some(node.get("part").unwrap_or(node)),
                        Text::new(
                            "`part`が、この機械の`key`のどの部分でもありません",
                            "`part` names no part of this machine's `key`",
                        ),
                        Text::new("`key`にある識別子を書いてください", "name an id that stands in `key`"),
                    ));
                    continue;
                };
                Says::Key(part)
            }
        };
        made.push(Input {
            from: input.from,
            topic: input.topic,
            take: input.take.into(),
            is,
            factor: input.factor.unwrap_or(1.0),
            absolute: input.absolute.unwrap_or(false),
        });
    }
    made
}

/// A checked number as a count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the shape keeps it small and positive"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn size(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or(usize::MAX)
}

fn small(number: f64) -> u32 {
    u32::try_from(whole(number)).unwrap_or(u32::MAX)
}
