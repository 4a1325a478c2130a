//! How well machines were used: a page, a workbook and pictures for those who run a shop floor.
//!
//! Time without data is told apart everywhere: a machine of which nothing is known is not idle.

mod book;
mod pictures;

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::{Lang, Text};
use anshin_monitor::bottleneck::bottleneck;
use anshin_monitor::utilisation::{
    Calendar, Cell as DayAndShift, Piece, Rate, Stretch, Times, Used, Utilisation, former_text,
};
use anshin_monitor::{Configuration, Machine, Time};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Branding;
use crate::html::{self, Figure, Page, Pictures, Words};
use crate::worksheet::{Cell, Column, Row, Tone, Worksheet};

pub(crate) use book::Look;
pub use book::xlsx;

/// How the machines of a shop floor were used.
#[derive(Debug)]
pub struct Use<'a> {
    zone: TimeZone,
    calendar: &'a Calendar,
    machines: Vec<UseOf<'a>>,
    days: Vec<Date>,
}

/// How one machine was used.
#[derive(Debug)]
struct UseOf<'a> {
    id: &'a str,
    name: &'a Text,
    /// All days together.
    all: Used,
    days: BTreeMap<Date, Used>,
    cells: Vec<(DayAndShift, Used)>,
    counted: &'a Utilisation,
    stretches: Vec<Stretch>,
    /// What is known of the time before the stretches.
    earlier: Vec<Piece>,
    /// The first states are in the sums only.
    is_cut: bool,
    /// How much of the time in which any machine worked it was the bottleneck, 0 to 1.
    bottleneck: f64,
}

impl UseOf<'_> {
    /// What a shift is called; nothing where there are none.
    fn shift(&self, (_, shift): DayAndShift, used: &Used, calendar: &Calendar) -> Text {
        match shift.and_then(|n| self.counted.shift(n)) {
            Some(shift) => shift.name.clone(),
            None if calendar.shifts.is_empty() => Text::default(),
            // Counted before there were shifts.
            None if used.planned.total() > 0.0 => Text::new("シフトなし", "no shifts"),
            None => outside(calendar),
        }
    }

    /// How it was used on a day.
    fn on(&self, day: Date) -> Used {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// How it was used in a shift on all days.
    fn in_shift(&self, id: &str) -> Used {
        let is_meant =
            |n: Option<usize>| n.and_then(|n| self.counted.shift(n)).is_some_and(|shift| shift.id == id);
        self.cells.iter().filter(|((_, n), _)| is_meant(*n)).map(|(_, used)| *used).sum()
    }
}

/// What is not planned where there are shifts.
fn outside(calendar: &Calendar) -> Text {
    if calendar.shifts.iter().all(|shift| shift.breaks.is_empty()) {
        Text::new("シフト外", "outside shifts")
    } else {
        Text::new("シフト外と休憩中", "outside shifts and in breaks")
    }
}

/// Days that are asked for, up to the last one; all of one side if it is left open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Span {
    fn has(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The parts of stretches that lie within it.
    fn of<'a>(&self, stretches: &'a [Stretch], zone: &TimeZone) -> impl Iterator<Item = Stretch> + use<'a> {
        let from = self.from.map(|day| Time::start_of(day, zone));
        let to = self.to.and_then(|day| Some(Time::start_of(day.tomorrow().ok()?, zone)));
        stretches.iter().filter_map(move |stretch| {
            let from = from.map_or(stretch.from, |from| stretch.from.max(from));
            let to = to.map_or(stretch.to, |to| stretch.to.min(to));
            (from < to).then_some(Stretch { from, to, ..*stretch })
        })
    }
}

impl<'a> Use<'a> {
    /// What the machines of a configuration have counted on the days that are asked for.
    pub fn new(configuration: &'a Configuration, machines: &'a [Machine], span: Span) -> Self {
        let zone = configuration.zone();
        let stretches: Vec<Vec<Stretch>> = machines
            .iter()
            .map(|machine| span.of(machine.utilisation().stretches(), &zone).collect())
            .collect();
        let shares = bottleneck(&stretches.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let machines: Vec<UseOf<'a>> = configuration
            .machines
            .iter()
            .zip(machines)
            .zip(shares.into_iter().zip(stretches))
            .map(|((of, machine), (bottleneck, stretches))| {
                let used = machine.utilisation();
                let cells: Vec<_> = used.cells().filter(|((day, _), _)| span.has(*day)).collect();
                let known = used.stretches().iter().map(|stretch| stretch.to.since(stretch.from));
                let known = known.chain(used.pieces().map(|piece| piece.times.total()));
                UseOf {
                    id: of.id.as_str(),
                    name: &of.name,
                    all: cells.iter().map(|(_, used)| *used).sum(),
                    days: used.by_day().into_iter().filter(|(day, _)| span.has(*day)).collect(),
                    cells,
                    counted: used,
                    stretches,
                    earlier: used.pieces().filter(|piece| span.has(piece.from.day(&zone))).collect(),
                    is_cut: known.sum::<f64>() + 1.0 < used.days().values().map(Times::total).sum(),
                    bottleneck,
                }
            })
            .collect();
        let days: BTreeSet<Date> = machines.iter().flat_map(|machine| machine.days.keys().copied()).collect();
        Self { zone, calendar: &configuration.calendar, machines, days: days.into_iter().collect() }
    }

    /// Whether there are machines that could hold each other up.
    fn has_several(&self) -> bool {
        self.machines.len() > 1
    }

    /// The day up to which rates may be those of shifts as they were before, if such days are shown.
    fn former(&self) -> Option<Date> {
        let former = self.machines.iter().filter_map(|machine| machine.counted.former()).max()?;
        self.days.first().is_some_and(|first| *first < former).then_some(former)
    }

    /// The shifts of the plant, and those of former calendars that are shown, by their ids.
    fn shifts(&self) -> Vec<(&str, &Text)> {
        let counted = self.machines.iter().flat_map(|machine| {
            machine.cells.iter().filter_map(|((_, shift), _)| machine.counted.shift((*shift)?))
        });
        let mut all: Vec<(&str, &Text)> = Vec::new();
        for shift in self.calendar.shifts.iter().chain(counted) {
            if all.iter().all(|(id, _)| *id != shift.id) {
                all.push((&shift.id, &shift.name));
            }
        }
        all
    }

    /// The days in portions that fit a sheet of paper: so many weeks from Monday to Sunday at most.
    fn in_weeks(&self, weeks: i32) -> impl Iterator<Item = &[Date]> {
        self.days.chunk_by(move |a, b| period(*a, weeks) == period(*b, weeks))
    }

    /// All machines together on a day.
    fn all_on(&self, day: Date) -> Used {
        self.machines.iter().map(|machine| machine.on(day)).sum()
    }

    /// All machines on all days.
    fn all(&self) -> Used {
        self.machines.iter().map(|machine| machine.all).sum()
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Which machine holds the others up, if one stands out: a hint, with what to look at.
    pub fn bottleneck(&self) -> Option<Text> {
        if !self.has_several() {
            return None;
        }
        let worst = self.machines.iter().max_by(|a, b| a.bottleneck.total_cmp(&b.bottleneck))?;
        // Less than a fair share and a half says nothing.
        let fair = 1.0 / count(self.machines.len());
        if worst.bottleneck < (1.5 * fair).min(0.9) {
            return None;
        }
        let doubt = if worst.all.is_doubtful() {
            Text::new(
                "ただし、この機械にはデータのない時間が多くあります。",
                " Much of its time is without data, however.",
            )
        } else {
            Text::default()
        };
        Some(
            Text::new(
                "ボトルネックの手がかり: 機械が動いていた時間の{share}で、{machine}がいちばん長く休みなく動いていました。前に仕掛品がたまり、後ろの機械が待っていれば、ここが全体の速さを決めています。{doubt}",
                "A hint at the bottleneck: for {share} of the time in which any machine worked, {machine} had worked the longest without a break. If parts wait before it and machines wait behind it, it sets the pace of the whole.{doubt}",
            )
            .fill(&[
                ("share", &Text::same(percent(worst.bottleneck))),
                ("machine", worst.name),
                ("doubt", &doubt),
            ]),
        )
    }

    /// What the tables and pictures say, in short.
    fn summary(&self) -> Vec<Text> {
        let mut out = Vec::new();
        let span = match (self.days.first(), self.days.last()) {
            (Some(first), Some(last)) if first == last => Text::same(first.to_string()),
            (Some(first), Some(last)) => {
                Text::new(format!("{first}から{last}"), format!("{first} to {last}"))
            }
            _ => return vec![Text::new("まだデータがありません。", "There is no data yet.")],
        };
        let lines = |lang: Lang| {
            let line = |machine: &UseOf<'_>| {
                format!("{} {}", machine.name.get(lang), machine.all.rate().text().get(lang))
            };
            let mut machines: Vec<&UseOf<'_>> = self.machines.iter().collect();
            let rate = |machine: &UseOf<'_>| machine.all.rate().part().unwrap_or(-1.0);
            machines.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
            machines.into_iter().map(line).collect::<Vec<_>>().join(if lang == Lang::Ja {
                "、"
            } else {
                ", "
            })
        };
        out.push(Text::new(
            format!("{}の稼働率: {}。", span.get(Lang::Ja), lines(Lang::Ja)),
            format!("Utilisation, {}: {}.", span.get(Lang::En), lines(Lang::En)),
        ));
        out.extend(self.bottleneck());
        out.extend(self.former().map(former_text));
        let doubtful: Vec<&UseOf<'_>> =
            self.machines.iter().filter(|machine| machine.all.is_doubtful()).collect();
        if !doubtful.is_empty() {
            let names = |lang: Lang| {
                let names: Vec<&str> = doubtful.iter().map(|machine| machine.name.get(lang)).collect();
                names.join(if lang == Lang::Ja { "、" } else { ", " })
            };
            out.push(Text::new(
                format!("データのない時間が2割を超えるため、次の機械の率は目安です: {}", names(Lang::Ja)),
                format!(
                    "More than a fifth of the time is without data, so these rates are rough: {}",
                    names(Lang::En)
                ),
            ));
        }
        out
    }

    /// The tables: rates by day, by shift, and the hours behind them.
    pub fn worksheets(&self) -> Vec<Worksheet> {
        let mut sheets: Vec<Worksheet> = self.in_weeks(2).map(|days| self.rates(days)).collect();
        if sheets.is_empty() {
            sheets.push(self.rates(&[]));
        }
        if !self.calendar.shifts.is_empty() {
            sheets.push(self.by_machine_and_shift());
            sheets.push(self.by_shift());
        }
        sheets.push(self.hours());
        sheets
    }

    /// Rates of some of the days; with the first of them stand those of all days.
    fn rates(&self, days: &[Date]) -> Worksheet {
        let is_first = days.first() == self.days.first();
        let mut columns = vec![column("機械", "Machine", 24)];
        if is_first {
            columns.push(column("稼働率", "Utilisation", 16));
        }
        if is_first && self.has_several() {
            columns.push(column("ボトルネックだった時間", "Time as the bottleneck", 16));
        }
        columns.extend(days.iter().map(|day| Column::new(day_text(*day), 16)));
        let row =
            |(key, name): (&str, &Text), all: Used, bottleneck: Option<f64>, on: &dyn Fn(Date) -> Used| {
                let mut cells = vec![Cell::new(name.clone())];
                if is_first {
                    cells.push(rate_cell(&all));
                }
                if is_first && self.has_several() {
                    cells.push(bottleneck.map_or(Cell::EMPTY, |part| Cell::new(Text::same(percent(part)))));
                }
                cells.extend(days.iter().map(|day| rate_cell(&on(*day))));
                Row { key: key.to_owned(), cells }
            };
        let mut rows: Vec<Row> = self
            .machines
            .iter()
            .map(|machine| {
                row((machine.id, machine.name), machine.all, Some(machine.bottleneck), &|day| machine.on(day))
            })
            .collect();
        if self.has_several() {
            rows.push(row((TOTAL, &all_machines()), self.all(), None, &|day| self.all_on(day)));
        }
        let purpose = Text::new(
            "どの機械がどれだけ使われているかを見渡し、空いている機械と詰まっている機械を見つけます。稼働率は、シフトの時間（シフトがなければ1日24時間）のうちデータのある時間に対する、生産していた時間の割合です",
            "To see how much each machine is used, and to find those with room and those that are short of it. Utilisation is producing time over that part of the shifts (without shifts, of all 24 hours) of which there is data",
        );
        let title = Text::new("日ごとの稼働率", "Utilisation by day");
        Worksheet {
            id: "rates",
            title: if days.len() < self.days.len() { with_days(&title, days) } else { title },
            purpose: if is_first { purpose } else { Text::default() },
            from: Text::new("電力、積層信号灯または運転状態", "Power, signal tower or execution state"),
            to: Text::new("生産計画と設備投資", "Production planning and investment"),
            columns,
            rows,
        }
    }

    /// Each machine in each shift on all days, with the totals of both.
    fn by_machine_and_shift(&self) -> Worksheet {
        let shifts = self.shifts();
        let cell = |used: &Used| {
            let Times { producing, idle, off, .. } = used.planned;
            if used.planned.total() <= 0.0 {
                return Cell::new(Text::same("—")).tone(Tone::Faint);
            }
            let (producing, known) = (producing / 3600.0, (producing + idle + off) / 3600.0);
            let mut cell = rate_cell(used);
            cell.lines.push(Text::new(
                format!("{producing:.1} / {known:.1} 時間"),
                format!("{producing:.1} of {known:.1} h"),
            ));
            cell
        };
        let row = |(key, name): (&str, &Text), all: Used, of: &dyn Fn(&str) -> Used| {
            let mut cells = vec![Cell::new(name.clone())];
            cells.extend(shifts.iter().map(|(id, _)| cell(&of(id))));
            cells.push(cell(&all));
            Row { key: key.to_owned(), cells }
        };
        let mut rows: Vec<Row> = self
            .machines
            .iter()
            .map(|machine| row((machine.id, machine.name), machine.all, &|id| machine.in_shift(id)))
            .collect();
        if self.has_several() {
            let in_shift = |id: &str| self.machines.iter().map(|machine| machine.in_shift(id)).sum();
            rows.push(row((TOTAL, &all_machines()), self.all(), &in_shift));
        }
        let mut columns = vec![column("機械", "Machine", 24)];
        columns.extend(shifts.iter().map(|(_, name)| Column::new((*name).clone(), 16)));
        columns.push(column("全シフト", "All shifts", 16));
        Worksheet {
            id: "machines-and-shifts",
            title: Text::new("機械とシフトごとの稼働率", "Utilisation by machine and shift"),
            purpose: Text::new(
                "どのシフトに空きがあるかを、機械ごとと工場全体で見ます。率の下は、生産していた時間と、予定の時間のうちデータのある時間です。— は、その機械がそのシフトで働く予定のなかったことを示します",
                "To see in which shift there is room, for each machine and for the plant. Below a rate stand producing time and planned time with data; — is a shift in which the machine was not planned to work",
            ),
            from: Text::new("設定のシフト（shifts）", "shifts of the configuration"),
            to: Text::new("要員と段取りの計画", "Planning of staff and set-up"),
            columns,
            rows,
        }
    }

    fn by_shift(&self) -> Worksheet {
        let mut rows = Vec::new();
        for machine in &self.machines {
            for ((day, shift), used) in &machine.cells {
                let shown = machine.shift((*day, *shift), used, self.calendar);
                let key = format!("{}/{day}/{}", machine.id, shift.map_or("-".to_owned(), |n| n.to_string()));
                let mut cells = vec![
                    Cell::new(machine.name.clone()),
                    Cell::new(Text::same(day.to_string())),
                    Cell::new(shown),
                    rate_cell(used),
                ];
                cells.extend(hours(&used.all()));
                rows.push(Row { key, cells });
            }
        }
        let mut columns = vec![
            column("機械", "Machine", 24),
            column("日", "Day", 12),
            column("シフト", "Shift", 14),
            column("稼働率", "Utilisation", 16),
        ];
        columns.extend(hour_columns());
        Worksheet {
            id: "shifts",
            title: Text::new("シフトごとの稼働", "Use by shift"),
            purpose: Text::new(
                "同じ機械がシフトによって違う使われ方をしていないかを見ます。日をまたぐシフトは、始まった日に数えます",
                "To see whether a machine is used differently in different shifts. A shift over midnight counts for the day on which it began",
            ),
            from: Text::new("設定のシフト（shifts）", "shifts of the configuration"),
            to: Text::new("要員と段取りの計画", "Planning of staff and set-up"),
            columns,
            rows,
        }
    }

    fn hours(&self) -> Worksheet {
        let has_shifts = !self.calendar.shifts.is_empty();
        let mut columns = vec![column("機械", "Machine", 24), column("稼働率", "Utilisation", 16)];
        columns.extend(hour_columns());
        if has_shifts {
            let outside = outside(self.calendar);
            let (ja, en) = (outside.get(Lang::Ja), outside.get(Lang::En));
            let title = Text::new(format!("{ja}の生産（時間）"), format!("producing {en} (h)"));
            columns.push(Column::new(title, 16));
        }
        columns.push(column("データのある割合", "Part with data", 14));
        let rows = self
            .machines
            .iter()
            .map(|machine| {
                let planned = &machine.all.planned;
                let total = planned.total();
                let known = if total > 0.0 { 1.0 - planned.no_data / total } else { 0.0 };
                let tone = if machine.all.is_doubtful() { Tone::Serious } else { Tone::Plain };
                let mut cells = vec![Cell::new(machine.name.clone()), rate_cell(&machine.all)];
                cells.extend(hours(planned));
                if has_shifts {
                    cells.push(hour_cell(machine.all.beside.producing));
                }
                cells.push(Cell::new(Text::same(percent(known))).tone(tone));
                Row { key: machine.id.to_owned(), cells }
            })
            .collect();
        let purpose = if has_shifts {
            Text::new(
                "率のもとになる、シフトの時間のうちの時間を示します。データのない時間は停止に数えません。シフト外の生産は率に入りません",
                "The hours behind the rates, within the shifts. Time without data does not count as standing still; what is produced outside shifts does not count for the rate",
            )
        } else {
            Text::new(
                "率のもとになる時間を示します。データのない時間は停止に数えません",
                "The hours behind the rates. Time without data does not count as standing still",
            )
        };
        Worksheet {
            id: "hours",
            title: Text::new("状態ごとの時間", "Hours in each state"),
            purpose,
            from: Text::new("電力、積層信号灯または運転状態", "Power, signal tower or execution state"),
            to: Text::new("日ごとの稼働率", "Utilisation by day"),
            columns,
            rows,
        }
    }

    /// The pictures: rates of days as a heat map, and the states of the last days over time.
    pub fn figures(&self, lang: Lang) -> Vec<Figure> {
        let number = |id: &str, parts: Vec<(Text, String)>| -> Vec<Figure> {
            let several = parts.len() > 1;
            let parts = parts.into_iter().enumerate().map(|(n, (title, svg))| Figure {
                id: if several { format!("{id}-{}", n + 1) } else { id.to_owned() },
                title,
                svg,
            });
            parts.collect()
        };
        let mut all = number("heat-map", pictures::heat_maps(self, lang));
        all.extend(number("timeline", pictures::timelines(self, lang)));
        all
    }

    /// All of it as one self-contained page.
    pub fn html(&self, lang: Lang) -> String {
        let sheets = self.worksheets();
        let page = Page {
            title: Text::new("機械の稼働", "How the machines are used"),
            subtitle: Text::new(
                format!("時刻は{}によります", self.zone_name()),
                format!("Times are those of {}", self.zone_name()),
            ),
            summary: self.summary(),
            figures: self.figures(lang),
            sheets: &sheets,
        };
        html::write(&page, &WORDS, &Branding::default(), lang)
    }

    fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// What the page calls its parts.
const WORDS: Words = Words {
    summary: ("要約", "Summary"),
    search: ("すべての表を検索", "Search all tables"),
    meaning: |tone| match tone {
        Tone::Good => ("よく使われている", "well used"),
        Tone::Serious | Tone::Grave => ("データが少ない", "little data"),
        Tone::Faint => ("率なし（データか稼働予定がない）", "no rate: no data, or not planned"),
        Tone::Plain | Tone::Priority => ("その他", "other"),
    },
    pictures: Pictures::Whole,
};

/// The states in the order of tables and keys.
const STATES: [(&str, &str); 4] =
    [("生産", "producing"), ("待機", "idle"), ("停止", "off"), ("データなし", "no data")];

/// Above this rate a machine counts as well used.
const WELL_USED: f64 = 0.6;

fn column(ja: &'static str, en: &'static str, width: u16) -> Column {
    Column::new(Text::new(ja, en), width)
}

fn hour_columns() -> impl Iterator<Item = Column> {
    STATES
        .into_iter()
        .map(|(ja, en)| Column::new(Text::new(format!("{ja}（時間）"), format!("{en} (h)")), 14))
}

fn seconds(times: &Times) -> [f64; 4] {
    [times.producing, times.idle, times.off, times.no_data]
}

fn hours(times: &Times) -> impl Iterator<Item = Cell> {
    seconds(times).into_iter().map(hour_cell)
}

fn hour_cell(seconds: f64) -> Cell {
    Cell::new(Text::same(format!("{:.2}", seconds / 3600.0)))
}

/// The rate, with a mark where it is well used, rough or none.
fn rate_cell(used: &Used) -> Cell {
    let rate = used.rate();
    let tone = match rate {
        Rate::Of(_) if used.is_doubtful() => Tone::Serious,
        Rate::Of(part) if part >= WELL_USED => Tone::Good,
        Rate::Of(_) => Tone::Plain,
        Rate::NoData | Rate::Unplanned => Tone::Faint,
    };
    Cell::new(rate.text()).tone(tone)
}

/// What the mark at a rough rate means.
fn rough() -> Text {
    Text::new(
        "* は、予定の時間の2割を超えてデータがなく、目安の率",
        "* is a rough rate: more than a fifth of its planned time is without data",
    )
}

/// A day with its day of the week.
fn day_text(day: Date) -> Text {
    let ja = ["月", "火", "水", "木", "金", "土", "日"];
    let n = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
    Text::new(format!("{day}（{}）", ja[n]), format!("{day} ({})", day.strftime("%a")))
}

/// A title with the days that are shown.
fn with_days(title: &Text, days: &[Date]) -> Text {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return title.clone() };
    let span = if first == last { first.to_string() } else { format!("{first} – {last}") };
    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| title.get(lang));
    Text::new(format!("{ja}（{span}）"), format!("{en}, {span}"))
}

/// In which period of so many weeks a day lies.
fn period(day: Date, weeks: i32) -> i32 {
    let monday = Date::constant(2001, 1, 1);
    day.since(monday).map_or(0, |span| span.get_days().div_euclid(7 * weeks))
}

/// The key of the row of all machines; no id is like it.
const TOTAL: &str = "all.machines";

fn all_machines() -> Text {
    Text::new("全機械", "All machines")
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// Numbers of machines and days are small.
fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
