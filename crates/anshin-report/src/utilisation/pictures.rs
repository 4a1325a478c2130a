//! Pictures of use: a heat map of days, and the states of the last days over time.

use std::fmt::Write as _;

use anshin_model::{Lang, Text};
use anshin_monitor::utilisation::Used;
use anshin_monitor::{State, Time};
use jiff::civil::Date;

use super::{STATES, Use, UseOf, count, day_text, rough, seconds};
use crate::svg::{
    Anchor, Font, HEAT, INK, MARGIN, MUTED, Paint, Picture, RULE, Rect, STATE_IDLE, STATE_NO_DATA, STATE_OFF,
    STATE_PRODUCING,
};

const BODY: Font = Font::regular(13.0);
const SMALL: Font = Font::regular(11.5);
const HEADING: Font = Font::bold(14.0);

/// Room for the names of machines.
const NAMES: f64 = 170.0;

/// Most days of the heat map, the last ones: a month.
const MOST_DAYS: usize = 31;

/// Most strips of the timeline, and most days; the last ones.
const MOST_STRIPS: usize = 120;
const MOST_TIMELINE_DAYS: usize = 7;

/// Pieces of the hours in the timeline: two minutes each of a whole day.
const PIECES: usize = 720;

/// Height of a row of the heat map, and rows of a picture at most: more are tiny on a sheet of paper.
const HIGH: f64 = 34.0;
const MOST_ROWS: usize = 15;

/// Rates by machine and day, machine by machine as far as they fit a sheet of paper; each with its title.
pub(super) fn heat_maps(used: &Use<'_>, lang: Lang) -> Vec<(Text, String)> {
    let days = &used.days[used.days.len().saturating_sub(MOST_DAYS)..];
    let title = Text::new("日ごとの稼働率", "Utilisation by day");
    let title = if days.len() < used.days.len() { super::with_days(&title, days) } else { title };
    let parts = portions(&used.machines, MOST_ROWS);
    let draw = |(n, machines): (usize, &&[UseOf<'_>])| {
        let title = numbered(&title, n, parts.len());
        let svg = heat_map(machines, days, &title, lang);
        (title, svg)
    };
    parts.iter().enumerate().map(draw).collect()
}

/// Portions of a list of so many at most; an empty one where the list is empty.
fn portions<T>(list: &[T], most: usize) -> Vec<&[T]> {
    if list.is_empty() { vec![list] } else { list.chunks(most).collect() }
}

/// A title with the number of a picture, if there are several.
fn numbered(title: &Text, n: usize, of: usize) -> Text {
    if of == 1 {
        return title.clone();
    }
    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| title.get(lang));
    Text::new(format!("{ja}（{}/{of}）", n + 1), format!("{en} ({}/{of})", n + 1))
}

/// The number stands in each cell. A month has narrow ones, so that it fits a sheet of paper.
fn heat_map(machines: &[UseOf<'_>], days: &[Date], title: &Text, lang: Lang) -> String {
    let is_narrow = days.len() > FEW_DAYS;
    let (wide, font) = if is_narrow { (28.0, SMALL) } else { (74.0, BODY) };
    let (left, top) = (MARGIN + NAMES, MARGIN + 30.0);
    let mut picture = Picture::default();
    for (n, day) in days.iter().enumerate() {
        let x = left + wide * (count(n) + 0.5);
        let told = day_text(*day);
        // The year stands beside the picture.
        let (_, short) = told.get(lang).split_once('-').unwrap_or_default();
        let lines = if is_narrow {
            narrow(short, n == 0 || day.day() == 1)
        } else {
            [String::new(), short.to_owned()]
        };
        for (line, y) in lines.iter().zip([top - 25.0, top - 10.0]) {
            picture.text(MUTED, (x, y), SMALL, Anchor::Middle, line);
        }
    }
    let mut is_rough = false;
    for (row, machine) in machines.iter().enumerate() {
        let y = top + HIGH * count(row);
        name(&mut picture, machine, y + HIGH / 2.0, lang);
        for (n, day) in days.iter().enumerate() {
            let place = Rect::new(left + wide * count(n) + 1.0, y + 1.0, wide - 2.0, HIGH - 2.0);
            let of = machine.on(*day);
            let (paint, ink, words) = match of.rate().part() {
                Some(rate) => {
                    let step = heat_step(rate);
                    let ink = if step >= 3 { crate::svg::REVERSED } else { INK };
                    let mark = if of.is_doubtful() { "*" } else { "" };
                    is_rough |= of.is_doubtful();
                    (HEAT[step], ink, format!("{:.0}{mark}", rate * 100.0))
                }
                None => (STATE_NO_DATA, MUTED, "—".to_owned()),
            };
            let told = of.rate().text();
            picture.open("", &[], &format!("{} {day}: {}", machine.name.get(lang), told.get(lang)));
            picture.rect(paint, place, 3.0);
            picture.text(
                ink,
                (place.x + place.width / 2.0, y + HIGH / 2.0 + 5.0),
                font,
                Anchor::Middle,
                &words,
            );
            picture.close();
        }
    }
    let mut bottom = top + HIGH * count(machines.len());
    let about = Text::new(
        "数字は稼働率（%）。色が濃いほどよく使われた日。— はデータか稼働予定のない日",
        "Numbers are utilisation in %; the darker, the better used. — is a day without data or not planned",
    );
    let mut widest = left + wide * count(days.len());
    for told in [Some(about), is_rough.then(rough)].into_iter().flatten() {
        picture.text(MUTED, (MARGIN, bottom + 24.0), SMALL, Anchor::Start, told.get(lang));
        widest = widest.max(MARGIN + SMALL.width(told.get(lang)));
        bottom += 18.0;
    }
    picture.finish("heat-map", title.get(lang), lang, widest + MARGIN, bottom + 22.0)
}

/// Days that have room for their month and day of the week in one line.
const FEW_DAYS: usize = 11;

/// A day such as `04-01 (Wed)` in two narrow lines: the day of the month, with the month where one begins, and that
/// of the week.
fn narrow(day: &str, with_month: bool) -> [String; 2] {
    let (date, week) = day.split_once([' ', '（']).unwrap_or((day, ""));
    let (month, day) = date.split_once('-').unwrap_or(("", date));
    let week: String = week.trim_matches(['(', ')', '）']).chars().take(2).collect();
    let [month, day] = [month, day].map(|of| of.trim_start_matches('0'));
    [if with_month { format!("{month}/{day}") } else { day.to_owned() }, week]
}

/// Fifths of the whole.
fn heat_step(rate: f64) -> usize {
    (1..HEAT.len()).filter(|step| rate >= count(*step) / count(HEAT.len())).count()
}

fn name(picture: &mut Picture, machine: &UseOf<'_>, middle: f64, lang: Lang) {
    let lines = BODY.wrap(machine.name.get(lang), NAMES - 12.0, 2);
    let y = middle + 5.0 - BODY.leading() * (count(lines.len()) - 1.0) / 2.0;
    picture.lines(INK, (MARGIN, y), BODY, Anchor::Start, &lines);
}

/// What the states look like, in the order of [`STATES`]: dark, lighter, pale within a line, a dotted line alone, so
/// that grey paper tells them too.
const LOOKS: [Paint; 4] = [STATE_PRODUCING, STATE_IDLE, STATE_OFF, STATE_NO_DATA];

/// Hours that the timeline shows of each day: those in which anything was watched on one of them.
#[derive(Clone, Copy)]
struct Hours {
    from: u32,
    to: u32,
}

impl Hours {
    fn of(used: &Use<'_>, days: &[Date]) -> Self {
        let mut seen: Option<Self> = None;
        for day in days {
            let Some((start, end)) = bounds(*day, used) else { continue };
            let hours = |time: Time| time.max(start).min(end).since(start) / 3600.0;
            for machine in &used.machines {
                for (began, ended, _) in known(machine).filter(|(from, to, _)| *to > start && *from < end) {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "hours of a day"
                    )]
                    let (from, to) = (hours(began).floor() as u32, hours(ended).ceil() as u32);
                    let all = seen.get_or_insert(Self { from, to });
                    *all = Self { from: all.from.min(from), to: all.to.max(to) };
                }
            }
        }
        seen.unwrap_or(Self { from: 0, to: 24 })
    }

    fn seconds(self) -> f64 {
        f64::from(self.to - self.from) * 3600.0
    }

    /// Minutes of the day at which a time is written.
    fn marks(self) -> impl Iterator<Item = u32> {
        let step = match self.to - self.from {
            0..=1 => 10,
            2..=3 => 30,
            4..=8 => 60,
            9..=14 => 120,
            _ => 180,
        };
        (self.from * 60..=self.to * 60).filter(move |minute| minute % step == 0)
    }

    /// How far to the right a minute of the day lies.
    fn place(self, minute: f64) -> f64 {
        let part = (minute - f64::from(self.from) * 60.0) / (self.seconds() / 60.0);
        part.clamp(0.0, 1.0) * count(PIECES)
    }
}

/// Strips of a picture at most, those of several days together: more are tiny on a sheet of paper.
const MOST_STRIPS_OF_PICTURE: usize = 15;

/// The states of each machine on the last days, in pictures that fit a sheet of paper; each with its title.
pub(super) fn timelines(used: &Use<'_>, lang: Lang) -> Vec<(Text, String)> {
    let most = (MOST_STRIPS / used.machines.len().max(1)).clamp(1, MOST_TIMELINE_DAYS);
    let days = &used.days[used.days.len().saturating_sub(most)..];
    let shown = Hours::of(used, days);
    // A day has a head and its shifts, which take the room of two strips.
    let parts = portions(&used.machines, MOST_STRIPS_OF_PICTURE);
    let at_once = (MOST_STRIPS_OF_PICTURE + 2) / (parts[0].len() + 2);
    let mut all = Vec::new();
    let by_days = portions(days, at_once.max(1));
    for days in &by_days {
        let title = Text::new("状態の推移", "States over time");
        let title = if by_days.len() > 1 { super::with_days(&title, days) } else { title };
        for (n, machines) in parts.iter().enumerate() {
            let title = numbered(&title, n, parts.len());
            all.push((title, timeline(used, (machines, days), shown, lang)));
        }
    }
    all
}

/// A strip for each machine and day.
fn timeline(used: &Use<'_>, (machines, days): (&[UseOf<'_>], &[Date]), shown: Hours, lang: Lang) -> String {
    let (wide, high, strip) = (count(PIECES), 32.0, 24.0);
    let left = MARGIN + NAMES;
    let mut picture = Picture::default();
    let mut y = MARGIN;
    key(&mut picture, left, y, lang);
    y += 30.0;
    for day in days {
        picture.text(INK, (MARGIN, y + 16.0), HEADING, Anchor::Start, day_text(*day).get(lang));
        for minute in shown.marks() {
            let x = left + shown.place(f64::from(minute));
            let words = format!("{}:{:02}", minute / 60, minute % 60);
            picture.text(MUTED, (x, y + 16.0), SMALL, Anchor::Middle, &words);
        }
        y += 24.0;
        let shifts = if used.calendar.shifts.is_empty() { 0.0 } else { SHIFTS };
        let bottom = y + shifts + high * count(machines.len());
        for minute in shown.marks() {
            let x = left + shown.place(f64::from(minute));
            picture.path(RULE, &format!("M{x:.1} {y:.1}L{x:.1} {bottom:.1}"));
        }
        if shifts > 0.0 {
            let words = Text::new("シフト", "shifts");
            picture.text(MUTED, (MARGIN, y + 15.0), SMALL, Anchor::Start, words.get(lang));
            for (name, from, to) in shifts_of(used, *day) {
                let (from, to) = (left + shown.place(from), left + shown.place(to));
                if to > from {
                    picture.rect(HEAT[0], Rect::new(from + 0.5, y + 2.0, to - from - 1.0, 17.0), 3.0);
                    let name = name.map_or("", |name| name.get(lang));
                    let words = SMALL.wrap(name, to - from - 8.0, 1);
                    picture.lines(INK, (f64::midpoint(from, to), y + 15.0), SMALL, Anchor::Middle, &words);
                }
            }
            y += shifts;
        }
        for machine in machines {
            name(&mut picture, machine, y + high / 2.0, lang);
            let base = y + f64::midpoint(high, strip);
            let pieces = pieces(used, machine, *day, shown);
            picture.open("", &[], &of_day(machine, *day, lang));
            for (state, paint) in LOOKS.into_iter().enumerate() {
                let path = boxes(&pieces, state, (left, base, strip));
                if !path.is_empty() {
                    picture.path(paint, &path);
                }
            }
            picture.close();
            y += high;
        }
        y += 16.0;
    }
    for about in remarks(machines, shown) {
        picture.text(MUTED, (MARGIN, y + 10.0), SMALL, Anchor::Start, about.get(lang));
        y += 20.0;
    }
    let title = Text::new("状態の推移", "States over time");
    picture.finish("timeline", title.get(lang), lang, left + wide + MARGIN + 10.0, y + MARGIN)
}

/// How the timeline is to be read, and what is not in it.
fn remarks(machines: &[UseOf<'_>], shown: Hours) -> Vec<Text> {
    let long = Text::same(format!("{:.0}", shown.seconds() / count(PIECES)));
    let read = Text::new(
        "高さは、{long}秒ごとの各状態の時間の割合（下から生産、待機、停止、データなし）。短い状態も20分の1は描きます",
        "Heights are the shares of the states in every {long} s, producing at the bottom; a short one has a twentieth at least",
    );
    let mut remarks = vec![read.fill(&[("long", &long)])];
    if machines.iter().any(|machine| !machine.earlier.is_empty()) {
        remarks.push(Text::new(
            "細かく変わる機械の古い時間は、5分ごとの割合で残ります",
            "Of machines that change often, earlier time is kept as shares of five minutes",
        ));
    }
    if machines.iter().any(|machine| machine.is_cut) {
        remarks.push(Text::new(
            "それより古い状態は時間の集計だけに残ります。その部分は空白です",
            "What is older still is kept in the sums only, and left blank here",
        ));
    }
    remarks
}

/// What a machine did on a day, in words.
fn of_day(machine: &UseOf<'_>, day: Date, lang: Lang) -> String {
    let used = machine.days.get(&day).map(Used::all).unwrap_or_default();
    let hours = seconds(&used).into_iter().zip(STATES).filter(|(seconds, _)| *seconds > 0.0);
    let (colon, comma, unit) = if lang == Lang::Ja { ("：", "、", "時間") } else { (": ", ", ", " h") };
    let hours = hours.map(|(seconds, (ja, en))| {
        format!("{} {:.2}{unit}", if lang == Lang::Ja { ja } else { en }, seconds / 3600.0)
    });
    format!("{} {day}{colon}{}", machine.name.get(lang), hours.collect::<Vec<_>>().join(comma))
}

/// Room for the shifts of a day.
const SHIFTS: f64 = 24.0;

/// The planned parts of the shifts that are at work on a day, with the minutes since midnight; the name of a shift
/// stands in the longest of its parts.
fn shifts_of<'a>(used: &'a Use<'_>, day: Date) -> Vec<(Option<&'a Text>, f64, f64)> {
    let Some((start, end)) = bounds(day, used) else { return Vec::new() };
    let minutes = |time: Time| time.max(start).min(end).since(start) / 60.0;
    let mut all = Vec::new();
    let days = day.yesterday().into_iter().chain([day]);
    for turn in days.flat_map(|day| used.calendar.turns(day, &used.zone)) {
        let parts = turn.planned().into_iter().map(|(from, to)| (minutes(from), minutes(to)));
        let parts: Vec<(f64, f64)> = parts.filter(|(from, to)| from < to).collect();
        let longest = parts.iter().map(|(from, to)| to - from).fold(0.0, f64::max);
        let mut name = Some(&used.calendar.shifts[turn.shift].name);
        for (from, to) in parts {
            let is_longest = to - from >= longest;
            all.push((if is_longest { name.take() } else { None }, from, to));
        }
    }
    all
}

/// From when to when a day goes.
fn bounds(day: Date, used: &Use<'_>) -> Option<(Time, Time)> {
    Some((Time::start_of(day, &used.zone), Time::start_of(day.tomorrow().ok()?, &used.zone)))
}

fn key(picture: &mut Picture, left: f64, y: f64, lang: Lang) {
    let mut x = left;
    for (paint, (ja, en)) in LOOKS.into_iter().zip(STATES) {
        picture.rect(paint, Rect::new(x, y, 22.0, 14.0), 0.0);
        let words = if lang == Lang::Ja { ja } else { en };
        picture.text(INK, (x + 30.0, y + 12.0), BODY, Anchor::Start, words);
        x += 30.0 + BODY.width(words) + 28.0;
    }
}

/// What is known of a machine, in order: from when until when, and the seconds of each state in it.
fn known(machine: &UseOf<'_>) -> impl Iterator<Item = (Time, Time, [f64; 4])> {
    let earlier = machine.earlier.iter().map(|piece| (piece.from, piece.to, seconds(&piece.times)));
    let stretches = machine.stretches.iter().map(|stretch| {
        let mut times = [0.0; 4];
        times[place_of(stretch.state)] = stretch.to.since(stretch.from);
        (stretch.from, stretch.to, times)
    });
    earlier.chain(stretches)
}

/// The place of a state among [`STATES`].
fn place_of(state: Option<State>) -> usize {
    match state {
        Some(State::Producing) => 0,
        Some(State::Idle) => 1,
        Some(State::Off) => 2,
        None => 3,
    }
}

/// The shares of the states in each piece of the hours that are shown; nothing where nothing was watched.
fn pieces(used: &Use<'_>, machine: &UseOf<'_>, day: Date, shown: Hours) -> Vec<Option<[u8; 4]>> {
    let Some((start, end)) = bounds(day, used) else { return Vec::new() };
    let start = start.plus(f64::from(shown.from) * 3600.0);
    let end = end.min(start.plus(shown.seconds()));
    let long = shown.seconds() / count(PIECES);
    let mut all = vec![[0.0_f64; 4]; PIECES];
    for (began, ended, of) in known(machine).filter(|(began, ended, _)| *began < end && *ended > start) {
        let (from, to) = (began.max(start).since(start), ended.min(end).since(start));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to PIECES")]
        let mut piece = ((from / long) as usize).min(PIECES - 1);
        while piece < PIECES && count(piece) * long < to {
            let overlap = (count(piece + 1) * long).min(to) - (count(piece) * long).max(from);
            let part = overlap.max(0.0) / ended.since(began);
            all[piece].iter_mut().zip(of).for_each(|(sum, seconds)| *sum += part * seconds);
            piece += 1;
        }
    }
    all.into_iter().map(shares).collect()
}

/// Parts of which the height of a strip is made up.
const PARTS: u8 = 20;

/// Seconds below which a state has only come about by the calculation.
const NOTHING: f64 = 1e-3;

/// The shares of states in parts of the whole. A state that has occurred at all has one of them.
fn shares(seconds: [f64; 4]) -> Option<[u8; 4]> {
    let total: f64 = seconds.iter().sum();
    let most = (0..4).max_by(|a, b| seconds[*a].total_cmp(&seconds[*b]))?;
    if total <= NOTHING {
        return None;
    }
    let mut parts = seconds.map(|of| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to PARTS")]
        let part = (of / total * f64::from(PARTS)).round() as u8;
        if of > NOTHING { part.max(1) } else { 0 }
    });
    parts[most] = 0;
    parts[most] = PARTS.saturating_sub(parts.iter().sum());
    Some(parts)
}

/// The shares of one state in a strip as a path: a box for as long as it lies the same, one state above the other
/// from the bottom. However often a machine changes, there are no more boxes than pieces.
fn boxes(pieces: &[Option<[u8; 4]>], state: usize, (left, base, high): (f64, f64, f64)) -> String {
    let step = high / f64::from(PARTS);
    let mut path = String::new();
    let mut begun: Option<(usize, (u8, u8))> = None;
    for (n, parts) in pieces.iter().chain([&None]).enumerate() {
        let lies = parts.filter(|parts| parts[state] > 0).map(|parts| {
            let below: u8 = parts[..state].iter().sum();
            (below, parts[state])
        });
        if begun.map(|(_, lies)| lies) == lies {
            continue;
        }
        if let Some((from, (below, part))) = begun {
            let (x, y) = (left + count(from), base - step * f64::from(below));
            let (wide, tall) = (n - from, step * f64::from(part));
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x} {y:.1}h{wide}v-{tall:.1}h-{wide}z");
        }
        begun = lies.map(|lies| (n, lies));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_time_and_a_short_pause_stays() {
        assert_eq!(shares([0.0; 4]), None);
        assert_eq!(shares([120.0, 0.0, 0.0, 0.0]), Some([20, 0, 0, 0]));
        assert_eq!(shares([60.0, 30.0, 0.0, 30.0]), Some([10, 5, 0, 5]));
        assert_eq!(shares([119.0, 0.5, 0.5, 0.0]), Some([18, 1, 1, 0]));
        assert_eq!(shares([0.4, 0.4, 0.4, 1.0]), Some([4, 4, 4, 8]));
    }

    #[test]
    fn boxes_last_as_long_as_a_share_stays_where_it_is() {
        let pieces =
            [Some([20, 0, 0, 0]), Some([10, 10, 0, 0]), Some([10, 10, 0, 0]), None, Some([0, 20, 0, 0])];
        let of = |state| boxes(&pieces, state, (0.0, 20.0, 20.0));
        assert_eq!(of(0), "M0 20.0h1v-20.0h-1zM1 20.0h2v-10.0h-2z");
        assert_eq!(of(1), "M1 10.0h2v-10.0h-2zM4 20.0h1v-20.0h-1z");
        assert_eq!(of(2), "");
    }
}
