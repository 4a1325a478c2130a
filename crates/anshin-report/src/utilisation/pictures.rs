//! Pictures of use: a heat map of days, and the states of the last days over time.

use anshin_model::{Lang, Text};
use anshin_monitor::{State, Time};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{STATES, Use, UseOf, count, percent};
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

/// Pieces of a day in the timeline: two minutes each.
const PIECES: usize = 720;

/// Rates by machine and day; the number stands in each cell.
pub(super) fn heat_map(used: &Use<'_>, lang: Lang) -> String {
    let days = &used.days[used.days.len().saturating_sub(MOST_DAYS)..];
    let (wide, high) = (58.0, 34.0);
    let (left, top) = (MARGIN + NAMES, MARGIN + 30.0);
    let mut picture = Picture::default();
    for (n, day) in days.iter().enumerate() {
        let x = left + wide * (count(n) + 0.5);
        picture.text(MUTED, (x, top - 10.0), SMALL, Anchor::Middle, &day.strftime("%m-%d").to_string());
    }
    for (row, machine) in used.machines.iter().enumerate() {
        let y = top + high * count(row);
        name(&mut picture, machine, y + high / 2.0, lang);
        for (n, day) in days.iter().enumerate() {
            let place = Rect::new(left + wide * count(n) + 1.0, y + 1.0, wide - 2.0, high - 2.0);
            let rate = machine.days.get(day).and_then(anshin_monitor::utilisation::Times::rate);
            let (paint, ink, words) = match rate {
                Some(rate) => {
                    let step = heat_step(rate);
                    let ink = if step >= 3 { crate::svg::REVERSED } else { INK };
                    (HEAT[step], ink, format!("{:.0}", rate * 100.0))
                }
                None => (STATE_NO_DATA, MUTED, "—".to_owned()),
            };
            let told = rate.map_or_else(|| Text::new("データなし", "no data").get(lang).to_owned(), percent);
            picture.open("", &[], &format!("{} {day}: {told}", machine.name.get(lang)));
            picture.rect(paint, place, 3.0);
            picture.text(
                ink,
                (place.x + place.width / 2.0, y + high / 2.0 + 5.0),
                BODY,
                Anchor::Middle,
                &words,
            );
            picture.close();
        }
    }
    let bottom = top + high * count(used.machines.len());
    let about = Text::new(
        "数字は稼働率（%）。色が濃いほどよく使われた日。— はデータなし",
        "Numbers are utilisation in %; the darker, the better used. — is no data",
    );
    picture.text(MUTED, (MARGIN, bottom + 24.0), SMALL, Anchor::Start, about.get(lang));
    let width = (left + wide * count(days.len())).max(MARGIN + SMALL.width(about.get(lang))) + MARGIN;
    let title = Text::new("日ごとの稼働率", "Utilisation by day");
    picture.finish("heat-map", title.get(lang), lang, width, bottom + 40.0)
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

/// What a state looks like: colour and height, so that grey paper tells it too.
fn look(state: Option<State>) -> (Paint, f64) {
    match state {
        Some(State::Producing) => (STATE_PRODUCING, 1.0),
        Some(State::Idle) => (STATE_IDLE, 0.6),
        Some(State::Off) => (STATE_OFF, 0.25),
        None => (STATE_NO_DATA, 1.0),
    }
}

/// The states of each machine on the last days, a strip for each machine and day.
pub(super) fn timeline(used: &Use<'_>, lang: Lang) -> String {
    let most = (MOST_STRIPS / used.machines.len().max(1)).clamp(1, MOST_TIMELINE_DAYS);
    let days = &used.days[used.days.len().saturating_sub(most)..];
    let (wide, high, strip) = (count(PIECES), 30.0, 20.0);
    let left = MARGIN + NAMES;
    let mut picture = Picture::default();
    let mut y = MARGIN;
    key(&mut picture, left, y, lang);
    y += 30.0;
    for day in days {
        picture.text(INK, (MARGIN, y + 16.0), HEADING, Anchor::Start, &day.to_string());
        for hour in (0..=24).step_by(3) {
            let x = left + wide * f64::from(hour) / 24.0;
            picture.text(MUTED, (x, y + 16.0), SMALL, Anchor::Middle, &format!("{hour}:00"));
        }
        y += 24.0;
        let bottom = y + high * count(used.machines.len());
        for hour in (0..=24).step_by(3) {
            let x = left + wide * f64::from(hour) / 24.0;
            picture.path(RULE, &format!("M{x:.1} {y:.1}L{x:.1} {bottom:.1}"));
        }
        for machine in &used.machines {
            name(&mut picture, machine, y + high / 2.0, lang);
            let base = y + f64::midpoint(high, strip);
            for (state, from, to) in pieces(used, machine, *day) {
                let (paint, part) = look(state);
                let place =
                    Rect::new(left + count(from), base - strip * part, count(to - from), strip * part);
                picture.rect(paint, place, 0.0);
            }
            y += high;
        }
        y += 16.0;
    }
    if used.machines.iter().any(UseOf::is_cut) {
        let about = Text::new(
            "細かく変わる機械では、古い状態は時間の集計だけに残ります。その部分は空白です",
            "Of machines that change often, older states are kept in the sums only; they are left blank here",
        );
        picture.text(MUTED, (MARGIN, y + 10.0), SMALL, Anchor::Start, about.get(lang));
        y += 20.0;
    }
    let title = Text::new("状態の推移", "States over time");
    picture.finish("timeline", title.get(lang), lang, left + wide + MARGIN + 10.0, y + MARGIN)
}

fn key(picture: &mut Picture, left: f64, y: f64, lang: Lang) {
    let states = [Some(State::Producing), Some(State::Idle), Some(State::Off), None];
    let mut x = left;
    for (state, (ja, en)) in states.into_iter().zip(STATES) {
        let (paint, part) = look(state);
        picture.rect(paint, Rect::new(x, y + 14.0 * (1.0 - part), 22.0, 14.0 * part), 0.0);
        let words = if lang == Lang::Ja { ja } else { en };
        picture.text(INK, (x + 30.0, y + 12.0), BODY, Anchor::Start, words);
        x += 30.0 + BODY.width(words) + 28.0;
    }
}

/// The state that took most of each piece of a day, joined where it stays the same: however often
/// a machine changes, the picture stays small. Nothing is drawn outside the time that was watched.
fn pieces(used: &Use<'_>, machine: &UseOf<'_>, day: Date) -> Vec<(Option<State>, usize, usize)> {
    let at = |day: Date| {
        let zoned = day.to_zoned(used.zone.clone()).ok()?;
        Some(Time::from_nanos(i64::try_from(zoned.timestamp().as_nanosecond()).ok()?))
    };
    let (Some(start), Some(end)) = (at(day), day.checked_add(1.day()).ok().and_then(at)) else {
        return Vec::new();
    };
    let long = end.since(start) / count(PIECES);
    // Seconds of each state in each piece, in the order of `STATES`.
    let mut seconds = vec![[0.0_f64; 4]; PIECES];
    let first = machine.stretches.partition_point(|stretch| stretch.to <= start);
    for stretch in machine.stretches[first..].iter().take_while(|stretch| stretch.from < end) {
        let (from, to) = (stretch.from.max(start).since(start), stretch.to.min(end).since(start));
        let which = match stretch.state {
            Some(State::Producing) => 0,
            Some(State::Idle) => 1,
            Some(State::Off) => 2,
            None => 3,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to PIECES")]
        let mut piece = ((from / long) as usize).min(PIECES - 1);
        while piece < PIECES && count(piece) * long < to {
            let overlap = (count(piece + 1) * long).min(to) - (count(piece) * long).max(from);
            seconds[piece][which] += overlap.max(0.0);
            piece += 1;
        }
    }
    let states = [Some(State::Producing), Some(State::Idle), Some(State::Off), None];
    let mut out: Vec<(Option<State>, usize, usize)> = Vec::new();
    for (n, of) in seconds.iter().enumerate() {
        let most = of.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, most)| **most > 0.0);
        let Some((which, _)) = most else { continue };
        match out.last_mut() {
            Some((state, _, to)) if *state == states[which] && *to == n => *to = n + 1,
            _ => out.push((states[which], n, n + 1)),
        }
    }
    out
}
