//! What a configuration watches and how it judges, in the words of a person.

use std::fmt::Write as _;

use anshin_catalog::Catalog;
use anshin_model::{Id, Lang, Text};
use anshin_monitor::Configuration;
use anshin_monitor::config::{
    Input, MachineConfiguration, Outlet, OutletKind, Payload, Says, Source, SourceKind, Words,
};
use anshin_monitor::cycle::Bounds;
use anshin_monitor::group::Group;
use anshin_monitor::lamp::Light;
use anshin_monitor::machine::States;
use anshin_monitor::maintenance::{Days, Window};
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::{Margin, Tolerance};
use anshin_monitor::utilisation::{Calendar, Opened, Shift};
use jiff::civil::Date;

use crate::output::{Output, pad, wrap};

/// Width of the names, and of what stands beside them.
const NAMES: usize = 26;
const WIDTH: usize = 84;

/// What a configuration watches, by its sources, machines, groups and outlets.
pub(super) fn configuration(configuration: &Configuration, catalog: &Catalog, output: Output) -> String {
    let mut page = Page { out: String::new(), output };
    page.heading(&Text::new("入力元（値の来るところ）", "Sources"));
    for source in &configuration.sources {
        page.field(&Text::same(source.id.as_str()), &of_source(source));
    }
    if let Some(machine) = configuration.machines.first() {
        let zone = machine.settings.zone.iana_name().unwrap_or("UTC");
        page.field(&Text::new("タイムゾーン", "time zone"), &Text::same(zone));
        of_calendar(&mut page, &configuration.calendar);
    }
    for machine in &configuration.machines {
        of_machine(&mut page, machine, &configuration.calendar);
    }
    for group in &configuration.groups {
        of_group(&mut page, group, configuration, catalog);
    }
    if !configuration.outlets.is_empty() {
        page.heading(&Text::new("警報の送り先", "Outlets"));
        for outlet in &configuration.outlets {
            page.field(&Text::same(outlet.id.as_str()), &of_outlet(outlet, catalog));
        }
    }
    page.out
}

/// Names with what stands beside them.
struct Page {
    out: String,
    output: Output,
}

impl Page {
    fn heading(&mut self, name: &Text) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{}", self.output.heading(name.get(self.output.lang)));
    }

    fn field(&mut self, name: &Text, value: &Text) {
        let lang = self.output.lang;
        let mut lead = pad(name.get(lang), NAMES);
        for line in wrap(value.get(lang), WIDTH) {
            let _ = writeln!(self.out, "  {lead}  {line}");
            lead = " ".repeat(NAMES);
        }
    }
}

/// When machines are planned to work.
fn of_calendar(page: &mut Page, calendar: &Calendar) {
    for shift in &calendar.shifts {
        let days = days(shift.days);
        let told = |lang, over_midnight: &str, pause: &str, comma: &str| {
            let over_midnight = if shift.is_overnight() { over_midnight } else { "" };
            let breaks = shift.breaks.iter().map(|one| times(*one)).collect::<Vec<_>>().join(comma);
            let breaks = if breaks.is_empty() { breaks } else { format!("{comma}{pause} {breaks}") };
            format!("{}{over_midnight}{}{breaks}", times((shift.from, shift.to)), days.get(lang))
        };
        let name = both(|lang| {
            let word = if lang == Lang::Ja { "シフト" } else { "shift" };
            format!("{word} {}", named(shift, lang))
        });
        let breaks = if shift.breaks.len() == 1 { "break" } else { "breaks" };
        page.field(
            &name,
            &Text::new(told(Lang::Ja, "（翌日）", "休憩", "、"), told(Lang::En, " (next day)", breaks, ", ")),
        );
    }
    let closed = calendar.closed.iter().map(ToString::to_string).collect::<Vec<_>>();
    if !closed.is_empty() {
        let closed = Text::new(closed.join("、"), closed.join(", "));
        page.field(&Text::new("休業日", "closed days"), &closed);
    }
    let opened = |(day, opened): (&Date, &Opened), lang: Lang| {
        let Opened::Only(_) = opened else { return day.to_string() };
        let shifts = calendar.shifts.iter().filter(|shift| opened.has(shift));
        let shifts: Vec<String> = shifts.map(|shift| named(shift, lang)).collect();
        match lang {
            Lang::Ja => format!("{day}（{}だけ）", shifts.join("、")),
            Lang::En => format!("{day} ({} only)", shifts.join(", ")),
        }
    };
    if !calendar.open.is_empty() {
        let all = |lang, comma: &str| {
            calendar.open.iter().map(|day| opened(day, lang)).collect::<Vec<_>>().join(comma)
        };
        let open = Text::new(all(Lang::Ja, "、"), all(Lang::En, ", "));
        page.field(&Text::new("出勤日", "extra working days"), &open);
    }
    let has_breaks = calendar.shifts.iter().any(|shift| !shift.breaks.is_empty());
    let planned = match (calendar.shifts.is_empty(), calendar.closed.is_empty()) {
        (true, true) => Text::new(
            "1日24時間のうちデータのある時間に対する、生産していた時間の割合",
            "producing time over that part of all 24 hours of which there is data",
        ),
        (true, false) => Text::new(
            "休業日を除く1日24時間のうちデータのある時間に対する、生産していた時間の割合",
            "producing time over that part of all 24 hours, but for closed days, of which there is data",
        ),
        (false, _) if has_breaks => Text::new(
            "シフトの時間（休憩を除く）のうちデータのある時間に対する、生産していた時間の割合。夜をまたぐシフトは、始まった日に数える",
            "producing time over that part of the shifts, without their breaks, of which there is data; a shift over midnight counts for the day on which it began",
        ),
        (false, _) => Text::new(
            "シフトの時間のうちデータのある時間に対する、生産していた時間の割合。夜をまたぐシフトは、始まった日に数える",
            "producing time over that part of the shifts of which there is data; a shift over midnight counts for the day on which it began",
        ),
    };
    page.field(&Text::new("稼働率", "utilisation"), &planned);
}

/// A shift as it is called, with its id.
fn named(shift: &Shift, lang: Lang) -> String {
    let id = &shift.id;
    match shift.name.get(lang) {
        name if name == id => id.clone(),
        name => format!("{name} ({id})"),
    }
}

/// When a machine is planned to be maintained.
fn of_window(window: &Window) -> Text {
    let days = match &window.days {
        Days::OfWeek(on) => days(*on),
        Days::Dates(dates) => both(|lang| {
            let comma = if lang == Lang::Ja { "、" } else { ", " };
            dates.iter().flat_map(|date| [comma.to_owned(), date.to_string()]).collect()
        }),
    };
    both(|lang| {
        let is_overnight = window.to <= window.from;
        let over_midnight = match lang {
            Lang::Ja if is_overnight => "（翌日）",
            Lang::En if is_overnight => " (next day)",
            _ => "",
        };
        format!("{}{over_midnight}{}", times((window.from, window.to)), days.get(lang))
    })
}

/// From when to when something goes on a day.
fn times((from, to): (u16, u16)) -> String {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{}–{}", time(from), time(to))
}

/// The days of the week on which something begins.
fn days(on: [bool; 7]) -> Text {
    if on.iter().all(|is_on| *is_on) {
        return Text::new("、毎日", ", every day");
    }
    let on = |words: [&'static str; 7]| words.into_iter().zip(on).filter(|(_, is_on)| *is_on);
    let ja: Vec<&str> = on(["月", "火", "水", "木", "金", "土", "日"]).map(|(word, _)| word).collect();
    let en: Vec<&str> = on(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]).map(|(word, _)| word).collect();
    Text::new(format!("、{}", ja.join("・")), format!(", {}", en.join(" ")))
}

/// A text whose both languages are made the same way.
fn both(make: impl Fn(Lang) -> String) -> Text {
    Text::new(make(Lang::Ja), make(Lang::En))
}

/// Parts of a sentence, one after the other.
fn joined(parts: &[Text]) -> Text {
    both(|lang| {
        let parts: Vec<&str> = parts.iter().map(|part| part.get(lang)).collect();
        parts.join(if lang == Lang::Ja { "、" } else { ", " })
    })
}

/// Rules, one after the other.
fn rules(parts: &[Text]) -> Text {
    both(|lang| {
        let parts: Vec<&str> = parts.iter().map(|part| part.get(lang)).collect();
        parts.join(if lang == Lang::Ja { "。" } else { "; " })
    })
}

/// Seconds as people say them.
fn span(seconds: f64) -> Text {
    let (value, ja, en) = match seconds {
        s if s >= 7_200.0 && s % 3_600.0 == 0.0 => (s / 3_600.0, "時間", "h"),
        s if s >= 120.0 && s % 60.0 == 0.0 => (s / 60.0, "分", "min"),
        s => (s, "秒", "s"),
    };
    Text::new(format!("{value}{ja}"), format!("{value} {en}"))
}

fn percent(part: f64) -> f64 {
    (part * 1_000.0).round() / 10.0
}

fn of_source(source: &Source) -> Text {
    let kind = match source.kind {
        SourceKind::Csv => Text::new("CSVの表", "a table (CSV)"),
        SourceKind::Shdr => Text::new("MTConnectアダプター", "MTConnect adapter"),
        SourceKind::Mqtt => Text::same("MQTT"),
        SourceKind::Http => Text::new("HTTPで受け取る値", "messages posted over HTTP"),
        SourceKind::Mtconnect => Text::new("MTConnectエージェント", "MTConnect agent"),
        SourceKind::Echonet => Text::same("ECHONET Lite"),
        SourceKind::Modbus => Text::same("Modbus TCP"),
        SourceKind::OpcUa => Text::same("OPC UA"),
        SourceKind::Nats => Text::same("NATS"),
    };
    let mut parts = vec![kind];
    match &source.address {
        Some(address) => parts.push(Text::same(address.as_str())),
        None if source.is_recorded_only() => parts.push(Text::new(
            "記録の再生（replay）だけで読みます。runでは何も届きません",
            "read from recordings (replay) only; nothing comes from it in run",
        )),
        None if source.kind == SourceKind::Mqtt => {
            parts.push(Text::new("内蔵のブローカー", "the broker that is built in"));
        }
        None => {}
    }
    if matches!(source.kind, SourceKind::Mqtt | SourceKind::Http | SourceKind::Nats) {
        parts.push(match source.payload {
            Payload::Json => Text::same("JSON"),
            Payload::Csv => Text::same("CSV"),
            Payload::Plain => Text::new("1つの値だけのメッセージ", "one value in a message"),
            Payload::Sparkplug => Text::same("Sparkplug B"),
        });
    }
    if matches!(source.kind, SourceKind::Echonet | SourceKind::Modbus) {
        let every = span(source.every);
        parts.push(Text::new(
            format!("{}ごとに尋ねます", every.get(Lang::Ja)),
            format!("asked every {}", every.get(Lang::En)),
        ));
    }
    if let Some((item, value)) = &source.item {
        parts.push(Text::new(
            format!("1行に値が1つあり、列`{item}`がその名前、列`{value}`が値です"),
            format!("one value in each row: column `{item}` names it, column `{value}` has it"),
        ));
    }
    if let Some(list) = &source.list {
        parts.push(Text::new(
            format!("メッセージの中の並び`{list}`の要素を1つずつ読みます"),
            format!("each element of the list `{list}` in a message is read"),
        ));
    }
    match &source.topic {
        Some(column) if source.kind == SourceKind::Csv => parts.push(Text::new(
            format!("列`{column}`が、どの機械の行かを示します"),
            format!("column `{column}` tells of which machine a row is"),
        )),
        Some(path) => parts.push(Text::new(
            format!("メッセージの中の`{path}`が、どの機械の値かを示します"),
            format!("`{path}` in a message tells of which machine it is"),
        )),
        None => {}
    }
    if !source.ignore.is_empty() {
        let count = source.ignore.len();
        parts.push(Text::new(
            format!("{count}件のトピックは未知の機器として知らせません"),
            format!("{count} topics are no unknown devices"),
        ));
    }
    joined(&parts)
}

fn of_machine(page: &mut Page, machine: &MachineConfiguration, plant: &Calendar) {
    let settings = &machine.settings;
    page.heading(&machine.name);
    let shifts = &settings.calendar.shifts;
    if shifts.len() < plant.shifts.len() {
        let names: Vec<Text> = shifts.iter().map(|shift| both(|lang| named(shift, lang))).collect();
        let names = joined(&names);
        let only = Text::new(format!("{}だけ", names.get(Lang::Ja)), format!("{} only", names.get(Lang::En)));
        page.field(&Text::new("働くシフト", "works the shifts"), &only);
    }
    if settings.cycle.bounds == Bounds::None {
        let none = Text::new(
            "見ない。見るのは、状態とデータの途絶えだけ",
            "not looked at: only how it stands is, and whether anything comes",
        );
        page.field(&Text::new("サイクル", "cycles"), &none);
    } else {
        of_cycles(page, machine);
    }
    page.field(&Text::new("稼働率のもと", "utilisation from"), &of_states(machine));
    if let Some(most) = settings.highest_power {
        let text = Text::new(
            format!("{most}を5秒超えると警報"),
            format!("an alert if it is above {most} for five seconds"),
        );
        page.field(&Text::new("電力の上限", "highest power"), &text);
    }
    if let Some(text) = of_draws(machine) {
        page.field(&Text::new("状態ごとの電力", "power in each state"), &text);
    }
    page.field(&Text::new("データが途絶えたら", "if nothing comes"), &of_silence(machine));
    let hold_back = span(settings.hold_back);
    let late = both(|lang| match lang {
        Lang::Ja => format!("{}まで待ってから判定", hold_back.get(lang)),
        Lang::En => format!("waited for, for {}", hold_back.get(lang)),
    });
    page.field(&Text::new("遅れて届く値", "late values"), &late);
    let id = &machine.id;
    let maintenance = Text::new(
        format!("判定も学習もしない（始めるとき: anshin monitor maintain {id} --by 名前）"),
        format!("nothing is judged or learnt (to begin: anshin monitor maintain {id} --by NAME)"),
    );
    page.field(&Text::new("保全中", "while maintained"), &maintenance);
    for window in machine.settings.maintenance.iter() {
        page.field(&Text::new("保全の予定", "planned maintenance"), &of_window(window));
    }
    for input in &machine.inputs {
        page.field(&Text::new("入力", "input"), &of_input(machine, input));
    }
}

/// How cycles are cut and judged.
fn of_cycles(page: &mut Page, machine: &MachineConfiguration) {
    let settings = &machine.settings;
    page.field(&Text::new("サイクルの区切り", "a cycle is known by"), &of_bounds(machine));
    let rule = &settings.cycle;
    let [pause, shortest, longest] = [rule.pause, rule.shortest, rule.longest].map(span);
    let stops = if rule.pause > 0.0 {
        both(|lang| match lang {
            Lang::Ja => format!("{}以内に再開すれば同じサイクル", pause.get(lang)),
            Lang::En => format!("one that goes on within {} is the same cycle", pause.get(lang)),
        })
    } else {
        Text::new("どんなに短い中断でも、別のサイクルに分ける", "however short, it ends the cycle")
    };
    page.field(&Text::new("途中の中断", "a pause within it"), &stops);
    if is_held(machine) {
        let held = Text::new(
            "サイクルは続き、止まっていた時間と使用量を除いて判定。再開せずに終わったものは判定しない",
            "the cycle goes on, and is judged without that time and what was taken meanwhile; one that ends so is not",
        );
        page.field(&Text::new("プログラムの一時停止", "while its program is held"), &held);
    }
    let lengths = both(|lang| match lang {
        Lang::Ja => {
            format!("{}未満はサイクルに数えず、{}を超えると判定しない", shortest.get(lang), longest.get(lang))
        }
        Lang::En => {
            format!("below {} it is none; above {} it is not judged", shortest.get(lang), longest.get(lang))
        }
    });
    page.field(&Text::new("サイクルの長さ", "length of a cycle"), &lengths);
    let key = machine.key.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
    let key = if key.is_empty() {
        Text::new("分けない（機械に1つの基準）", "nothing: one reference for the machine")
    } else {
        Text::same(key)
    };
    page.field(&Text::new("基準を分けるもの", "references apart by"), &key);
    if let Some(kind) = settings.meter {
        page.field(&Text::new("使用量", "what it takes"), &of_meter(machine, kind));
    }
    page.field(&Text::new("時間の許容範囲", "tolerance of time"), &of_tolerance(machine, |of| of.duration));
    if settings.meter.is_some() {
        let name = Text::new("使用量の許容範囲", "tolerance of what it takes");
        page.field(&name, &of_tolerance(machine, |of| of.quantity));
    }
    page.field(&Text::new("基準の学習", "references are learnt"), &of_learning(machine));
    page.field(&Text::new("警報", "alerts"), &of_alerts(machine));
}

fn of_bounds(machine: &MachineConfiguration) -> Text {
    match machine.settings.cycle.bounds {
        Bounds::None => Text::new("見ない", "not looked at"),
        Bounds::Events => Text::new("開始と終了の通知", "events of start and end"),
        Bounds::Number => Text::new("サイクル番号の変化", "changes of its number"),
        Bounds::Running => Text::new("プログラムの実行状態", "whether the program runs"),
        Bounds::Gate { on, off } => Text::new(
            format!("電力が{on}以上になると開始、{off}を下回ると終了"),
            format!("power: it begins at {on} or above, and ends below {off}"),
        ),
    }
}

fn of_meter(machine: &MachineConfiguration, kind: Kind) -> Text {
    let (settings, unit) = (&machine.settings, &machine.unit);
    let mut parts = vec![match kind {
        // The unit is a name only: who writes another one is to see what it asks of the values.
        Kind::Rate { per }
            if let Some(rate) = unit.strip_suffix('h')
                && unit != "Wh"
                && per.to_bits() == 3_600_f64.to_bits() =>
        {
            Text::new(
                format!("電力などの値を時間で積算（{unit}。届く値は{rate}であること）"),
                format!("a rate such as power, summed up over time ({unit}: what comes must be in {rate})"),
            )
        }
        Kind::Rate { .. } => Text::new(
            format!("電力などの値を時間で積算（{unit}）"),
            format!("a rate such as power, summed up over time ({unit})"),
        ),
        Kind::Counter { modulus: None } => {
            Text::new(format!("計量値の差（{unit}）"), format!("the difference of a counter ({unit})"))
        }
        Kind::Counter { modulus: Some(modulus) } => Text::new(
            format!("計量値の差（{unit}、{modulus}で0に戻る）"),
            format!("the difference of a counter ({unit}) that begins anew at {modulus}"),
        ),
    }];
    let (accuracy, fewest) = (percent(settings.cycle.accuracy), settings.cycle.fewest_samples);
    let gap = span(settings.most_gap);
    parts.push(Text::new(format!("計器の誤差 {accuracy} %"), format!("the meter errs by {accuracy} %")));
    parts.push(both(|lang| match lang {
        Lang::Ja => format!("値が{}より長く途切れたサイクルは判定しない", gap.get(lang)),
        Lang::En => {
            format!("a cycle in which values are missing for more than {} is not judged", gap.get(lang))
        }
    }));
    parts.push(Text::new(
        format!("値が{fewest}個に満たないサイクルは時間だけを判定する"),
        format!("of one with fewer than {fewest} values only the time is"),
    ));
    if settings.meter_offset != 0.0 {
        let offset = settings.meter_offset;
        parts.push(Text::new(
            format!("計器の時刻に{offset:+}秒を足す"),
            format!("{offset:+} s are added to the times of the meter"),
        ));
    }
    if settings.aligns {
        parts.push(Text::new(
            "計器と機械の時計のずれは自動で合わせる",
            "the clocks of meter and machine are aligned by itself",
        ));
    }
    rules(&parts)
}

/// Of the other jobs, and of those that have a tolerance of their own.
fn of_tolerance(machine: &MachineConfiguration, of: impl Fn(&Tolerance) -> Option<Margin>) -> Text {
    let tolerances = &machine.settings.tolerances;
    let said = |tolerance: &Tolerance| match of(tolerance) {
        Some(Margin::Fixed(part)) => Text::same(format!("± {} %", percent(part))),
        Some(Margin::Auto) => {
            let [least, most] = [Margin::NARROWEST, Margin::WIDEST].map(percent);
            Text::new(
                format!("正常なサイクルのばらつきに合わせて± {least}〜{most} %"),
                format!("± {least} to {most} %, as healthy cycles lie apart"),
            )
        }
        None => Text::new("見ない", "not looked at"),
    };
    let named = tolerances.of_jobs.iter().map(|(key, tolerance)| {
        let job = key.iter().map(|part| &**part).collect::<Vec<_>>().join(" / ");
        both(|lang| format!("{job}: {}", said(tolerance).get(lang)))
    });
    let all: Vec<Text> = [said(&tolerances.usual)].into_iter().chain(named).collect();
    joined(&all)
}

fn of_learning(machine: &MachineConfiguration) -> Text {
    let learning = &machine.settings.learning;
    let (cycles, window) = (learning.cycles, learning.window);
    let change_over = span(learning.change_over);
    let mut parts = vec![
        Text::new(format!("{cycles}回のサイクルが揃えば基準にする"), format!("when {cycles} cycles agree")),
        if learning.adapts {
            Text::new(
                format!("正常な直近{window}回に合わせて直していく"),
                format!("a reference follows the last {window} healthy cycles"),
            )
        } else {
            Text::new("覚えた値のまま変えない", "a reference stays as it was learnt")
        },
        both(|lang| match lang {
            Lang::Ja => format!("{}以上の休止は段取り替えとみなす", change_over.get(lang)),
            Lang::En => format!("a rest of {} or more counts as a change-over", change_over.get(lang)),
        }),
    ];
    let set_up = learning.set_up_cycles;
    if set_up > 0 && !machine.key.is_empty() {
        let first = if set_up == 1 { "first cycle".to_owned() } else { format!("first {set_up} cycles") };
        parts.push(Text::new(
            format!("別のジョブの後でその休止があれば、最初の{set_up}回は遅くてもよい"),
            format!("after another job and such a rest, the {first} may be slower"),
        ));
    }
    parts.push(if learning.approval {
        Text::new("人が承認するまで警報に使わない", "raises no alerts until a person approves it")
    } else {
        Text::new("人の承認は要らない", "needs no approval")
    });
    rules(&parts)
}

fn of_alerts(machine: &MachineConfiguration) -> Text {
    let patience = &machine.settings.patience;
    let (raise, within, clear) = (patience.raise_after, patience.within, patience.clear_after);
    let raised = if within > raise {
        Text::new(
            format!("直近{within}回のうち{raise}回が範囲外なら出す"),
            format!("raised when {raise} of the last {within} cycles are outside"),
        )
    } else if raise == 1 {
        Text::new("1回でも範囲外なら出す", "raised at the first cycle outside")
    } else {
        Text::new(
            format!("{raise}回続けて範囲外なら出す"),
            format!("raised after {raise} cycles outside in a row"),
        )
    };
    let drift = percent(patience.drift);
    rules(&[
        raised,
        Text::new(
            format!("{clear}回続けて正常なら解消"),
            format!("over after {clear} healthy ones in a row"),
        ),
        Text::new(
            format!("平均が{drift} %ずれ続けたら、1回ごとには範囲内でも出す"),
            format!("raised as well when the mean stays {drift} % off, though each cycle is inside"),
        ),
    ])
}

fn of_red_light(machine: &MachineConfiguration) -> Text {
    let never = Text::new("赤の灯では警報を出さない", "a red light raises no alert");
    machine.settings.red_after.map_or(never, |seconds| {
        let span = span(seconds);
        both(|lang| match lang {
            Lang::Ja => format!("赤が{}点いていると警報", span.get(lang)),
            Lang::En => format!("an alert once the red light is lit for {}", span.get(lang)),
        })
    })
}

fn of_states(machine: &MachineConfiguration) -> Text {
    let said = match machine.settings.states {
        States::Told => Text::new("機械の通知", "what the machine tells"),
        States::Power { idle, producing } => Text::new(
            format!("電力。{producing}以上は生産中、{idle}以上は待機、それ未満は停止"),
            format!("power: producing from {producing}, idle from {idle}, off below"),
        ),
        States::Lamp { hold } => {
            let said = Text::new(
                format!("機械の積層信号灯。点灯も消灯も{hold}秒を超えて続かなければ点滅で、点灯とみなす"),
                format!("its signal tower; lights that change within {hold} s flash, and count as lit"),
            );
            let is_red = |input: &Input| matches!(input.is, Says::Lamp { light: Light::Red, .. });
            if machine.inputs.iter().any(is_red) { rules(&[said, of_red_light(machine)]) } else { said }
        }
        States::Cycles if is_held(machine) => Text::new(
            "サイクルの有無。サイクル中は生産中、プログラムの一時停止中とそれ以外は待機",
            "cycles: producing while one runs; idle while its program is held, and else",
        ),
        States::Cycles => Text::new(
            "サイクルの有無。サイクル中は生産中、それ以外は待機",
            "cycles: producing while one runs, idle else",
        ),
    };
    if !is_held(machine) || machine.settings.states == States::Cycles {
        return said;
    }
    rules(&[
        said,
        Text::new(
            "プログラムの一時停止中も、そのまま数える",
            "it counts in the same way while a program is held",
        ),
    ])
}

/// Whether the machine tells that its program is held.
fn is_held(machine: &MachineConfiguration) -> bool {
    machine.inputs.iter().any(|input| matches!(input.is, Says::Hold(_)))
}

fn of_silence(machine: &MachineConfiguration) -> Text {
    let settings = &machine.settings;
    let Some(after) = settings.silent_after.map(span) else {
        return Text::new("知らせない", "it is not told");
    };
    let said = both(|lang| match (lang, settings.tells_changes) {
        (Lang::Ja, true) => format!("接続が切れて{}で警報", after.get(lang)),
        (Lang::Ja, false) => format!("最後の値から{}で警報", after.get(lang)),
        (Lang::En, true) => format!("an alert {} after the connection was lost", after.get(lang)),
        (Lang::En, false) => format!("an alert {} after the last value", after.get(lang)),
    });
    if settings.silent_outside_shifts || settings.calendar == Calendar::default() {
        return said;
    }
    rules(&[said, Text::new("稼働の予定がある時間だけ", "only when it is planned to work")])
}

/// What is looked at beside cycles, where power is measured.
fn of_draws(machine: &MachineConfiguration) -> Option<Text> {
    let is_power = |input: &Input| matches!(input.is, Says::Power);
    let learns = machine.settings.learns_states && machine.inputs.iter().any(is_power);
    learns.then(|| {
        Text::new(
            "状態ごとに使う電力を覚え、外れたままなら警報",
            "learnt; an alert if it stays outside what it usually draws in its state",
        )
    })
}

/// Where a value comes from, which it is, and what it says.
fn of_input(machine: &MachineConfiguration, input: &Input) -> Text {
    let mut from = vec![input.from.to_string()];
    from.extend(input.topic.clone());
    from.push(input.take.join(" + "));
    let from = from.join(" → ");
    let words = |words: &Words, lang: Lang| match (words, lang) {
        (Words::When(words), Lang::Ja) => format!("{}のとき", words.join("、")),
        (Words::When(words), Lang::En) => format!("at {}", words.join(", ")),
        (Words::Except(words), Lang::Ja) => format!("{}以外のとき", words.join("、")),
        (Words::Except(words), Lang::En) => format!("at all but {}", words.join(", ")),
    };
    let says = |lang: Lang| {
        let word = |ja: &str, en: &str| if lang == Lang::Ja { ja.to_owned() } else { en.to_owned() };
        let of_words = |ja: &str, en: &str, when: &Words| match lang {
            Lang::Ja => format!("{ja}（{}）", words(when, lang)),
            Lang::En => format!("{en} ({})", words(when, lang)),
        };
        let is_energy =
            machine.unit == "Wh" && matches!(machine.settings.meter, Some(Kind::Rate { .. }) | None);
        match &input.is {
            Says::Power if is_energy => word("電力（W）", "power (W)"),
            Says::Power => word("電力などの値", "power or another rate"),
            Says::Counter => {
                let unit = &machine.unit;
                word(&format!("計量値（{unit}）"), &format!("counter ({unit})"))
            }
            Says::Number => word("サイクルの番号", "number of the cycle"),
            Says::Start(when) => of_words("サイクルの始まり", "a cycle begins", when),
            Says::End(when) => of_words("サイクルの終わり", "a cycle ends", when),
            Says::Running(when) => of_words("プログラムの実行中", "the program runs", when),
            Says::SetUp(when) => of_words("段取り中", "the machine is being set up", when),
            Says::Hold(when) => of_words("プログラムの一時停止中", "the program is held", when),
            Says::Key(part) => {
                let part = machine.key.get(usize::from(*part)).map_or("", Id::as_str);
                word(&format!("ジョブの区別 {part}"), &format!("{part} of the job"))
            }
            Says::State { producing, off, .. } => {
                let (producing, off) = (producing.join(", "), off.join(", "));
                word(
                    &format!("状態（生産中: {producing}　停止: {off}　ほかは待機）"),
                    &format!("state (producing: {producing}; off: {off}; else idle)"),
                )
            }
            Says::Lamp { light, on } => {
                let name = light.name();
                let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
                word(&format!("積層信号灯の{ja}（{on}以上で点灯）"), &format!("{en} light (lit from {on})"))
            }
        }
    };
    let factor = if (input.factor - 1.0).abs() < f64::EPSILON {
        String::new()
    } else {
        format!(" × {}", input.factor)
    };
    both(|lang| {
        let sign = match (input.absolute, lang) {
            (false, _) => "",
            (true, Lang::Ja) => "、符号は見ない",
            (true, Lang::En) => ", without its sign",
        };
        format!("{from}{factor}: {}{sign}", says(lang))
    })
}

fn of_group(page: &mut Page, group: &Group, configuration: &Configuration, catalog: &Catalog) {
    page.heading(&group.name);
    let shared = catalog.shared.get(group.shares.id());
    let shared = shared.map_or_else(|| Text::same(group.shares.id()), |shared| shared.name.clone());
    let names = group.machines.iter().map(|n| configuration.machines[*n].id.as_str());
    let condition = Text::new(
        format!("{}秒以内に{}台以上で警報が始まったとき", group.within, group.least),
        format!("{} machines or more, within {} seconds", group.least, group.within),
    );
    page.field(&Text::new("共有するもの", "they share"), &shared);
    page.field(&Text::new("機械", "machines"), &Text::same(names.collect::<Vec<_>>().join(", ")));
    page.field(&Text::new("同時とみなすとき", "counts as at once"), &condition);
}

fn of_outlet(outlet: &Outlet, catalog: &Catalog) -> Text {
    let kind = match &outlet.kind {
        OutletKind::Tower(_) | OutletKind::TowerHttp => {
            Text::new("積層信号灯（パトライト）", "signal tower (PATLITE)")
        }
        OutletKind::Webhook { .. } => Text::new("Webサーバー（webhook）", "webhook"),
        OutletKind::Mqtt(topic) => Text::new(format!("MQTTの{topic}"), format!("MQTT, {topic}")),
        OutletKind::Syslog(_) => Text::same("syslog"),
        OutletKind::Mail { to, .. } => {
            let to = to.join(", ");
            Text::new(format!("メール（{to}）"), format!("mail to {to}"))
        }
    };
    let alerts = if outlet.alerts.is_empty() {
        Text::new("すべての警報", "all alerts")
    } else {
        both(|lang| {
            let name = |id: &str| catalog.alerts.get(id).map_or(id, |alert| alert.name.get(lang)).to_owned();
            let names: Vec<String> = outlet.alerts.iter().map(|kind| name(kind.id())).collect();
            match lang {
                Lang::Ja => format!("警報: {}", names.join("、")),
                Lang::En => format!("alerts: {}", names.join(", ")),
            }
        })
    };
    joined(&[kind, Text::same(outlet.address.as_str()), alerts])
}
