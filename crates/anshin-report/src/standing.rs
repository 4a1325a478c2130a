//! One page for the management: where the company stands by its answers, what to do first, and the
//! register of evidence.

use std::fmt::Write as _;

use anshin_catalog::{Catalog, Effort};
use anshin_checklist::compare::{Reference, changes, histogram, place};
use anshin_checklist::{Round, Standing, standing};
use anshin_model::{Lang, Text};

use crate::charts;

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The round that the page is about.
    pub round: &'a Round,
    /// Earlier rounds of the same checklist, the newest first.
    pub earlier: &'a [Round],
    /// The value to reach; that of the checklist if left out.
    pub target: Option<f64>,
    /// Values of others.
    pub reference: Option<&'a Reference>,
    /// The knowledge that measures come from.
    pub catalog: &'a Catalog,
}

/// A value with at most one digit behind the point.
pub fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

/// How much work something is, in words.
pub fn effort(effort: Effort) -> Text {
    match effort {
        Effort::Small => Text::new("数日", "days"),
        Effort::Medium => Text::new("数週間", "weeks"),
        Effort::Large => Text::new("数か月", "months"),
    }
}

/// The radar of a round with those before it; empty where fewer than three sections have points.
pub fn standing_radar(round: &Round, earlier: &[Round], catalog: &Catalog, lang: Lang) -> String {
    let now = standing(round, catalog);
    if now.parts.len() < 3 {
        return String::new();
    }
    let axes: Vec<Text> = now.parts.iter().map(|part| part.section.title.clone()).collect();
    let mut rounds = vec![charts::Round {
        name: dated(round, &Text::new("今回", "this round")),
        values: now.parts.iter().map(anshin_checklist::score::Part::share).collect(),
    }];
    for before in earlier.iter().take(4) {
        let old = standing(before, catalog);
        let share = |part: &anshin_checklist::score::Part<'_>| {
            let own = old.parts.iter().find(|own| own.section.id == part.section.id);
            own.map(anshin_checklist::score::Part::share).unwrap_or_default()
        };
        rounds.push(charts::Round {
            name: dated(before, &Text::new("前回", "before")),
            values: now.parts.iter().map(share).collect(),
        });
    }
    charts::radar(&round.list.title, &axes, &rounds, lang)
}

fn dated(round: &Round, name: &Text) -> Text {
    match &round.answers.date {
        Some(date) => Text::new("{name}（{date}）", "{name} ({date})")
            .fill(&[("name", name), ("date", &Text::same(date.as_str()))]),
        None => name.clone(),
    }
}

/// The page.
pub fn standing_page(page: Page<'_>, lang: Lang) -> String {
    let Page { round, earlier, catalog, .. } = page;
    let now = standing(round, catalog);
    let title = round.list.title.get(lang);
    let say = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\n<style>{STYLE}</style></head>\n<body>\n",
        lang.code(),
        escape(title)
    );
    let subject = round.answers.subject.as_ref().map_or("", |subject| subject.get(lang));
    let date = round.answers.date.as_deref().unwrap_or_default();
    let _ = write!(
        out,
        "<header><h1>{}</h1><p>{} {}</p></header>\n<div class=\"top\"><section>",
        escape(title),
        escape(subject),
        escape(date)
    );
    scores(&mut out, &page, &now, lang);
    let progress = now.progress;
    let _ = write!(
        out,
        "<p class=\"faint\">{} {} / {}　{} {}　{} {}</p></section>",
        say("回答", "answered"),
        progress.answered,
        progress.asked,
        say("確認待ち", "to confirm"),
        progress.proposed,
        say("レビュー済み", "reviewed"),
        progress.reviewed
    );
    let radar = standing_radar(round, earlier, catalog, lang);
    if !radar.is_empty() {
        let _ = write!(out, "<figure>{radar}</figure>");
    }
    out.push_str("</div>\n");
    parts(&mut out, &now, lang);
    let _ = writeln!(out, "<h2>{}</h2>", say("まず行うこと", "What to do first"));
    if now.steps.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", say("足りない項目はありません。", "Nothing is missing."));
    }
    out.push_str("<ol>\n");
    for step in now.steps.iter().take(5) {
        let means = step.means.map(|means| means.name().get(lang).to_owned()).unwrap_or_default();
        let measures: Vec<&str> = step
            .measures
            .iter()
            .take(2)
            .filter_map(|id| Some(catalog.measures.get(id)?.name.get(lang)))
            .collect();
        let _ = writeln!(
            out,
            "<li><strong>{}</strong> <span class=\"faint\">{}, {}</span><br>{}<br><span class=\"faint\">{}</span></li>",
            escape(step.item.short().get(lang)),
            escape(&means),
            effort(step.effort).get(lang),
            escape(step.advice.get(lang)),
            escape(&measures.join(" / "))
        );
    }
    out.push_str("</ol>\n");
    if let Some(before) = earlier.first() {
        changed(&mut out, before, round, lang);
    }
    if let Some(reference) = page.reference {
        group(&mut out, reference, &now, lang);
    }
    evidence(&mut out, round, lang);
    out.push_str("</body></html>\n");
    out
}

fn scores(out: &mut String, page: &Page<'_>, now: &Standing<'_>, lang: Lang) {
    for (n, result) in now.scores.iter().filter(|result| result.items > 0).enumerate() {
        let tag = if n == 0 { "big" } else { "small" };
        let _ = write!(
            out,
            "<p class=\"{tag}\"><span>{}</span> <b>{}</b> / {}</p>",
            escape(result.score.name.get(lang)),
            number(result.value),
            number(result.most)
        );
        if let Some(band) = result.band {
            let about = band.about.as_ref().map_or("", |about| about.get(lang));
            let _ = write!(out, "<p><strong>{}</strong> {}</p>", escape(band.name.get(lang)), escape(about));
        }
        let target = if n == 0 { page.target.or(result.score.target) } else { result.score.target };
        if let Some(target) = target {
            let left = target - result.value;
            let words = match lang {
                Lang::Ja if left > 0.0 => format!("目標{}まであと{}", number(target), number(left)),
                Lang::Ja => format!("目標{}に届いています", number(target)),
                Lang::En if left > 0.0 => format!("{} below the target of {}", number(left), number(target)),
                Lang::En => format!("The target of {} is reached", number(target)),
            };
            let _ = write!(out, "<p>{words}</p>");
        }
    }
}

fn parts(out: &mut String, now: &Standing<'_>, lang: Lang) {
    if now.parts.is_empty() {
        return;
    }
    out.push_str("<table class=\"parts\">\n");
    for part in &now.parts {
        let share = 100.0 * part.share();
        let _ = writeln!(
            out,
            "<tr><th>{}</th><td class=\"bar\"><i style=\"width:{share:.0}%\"></i></td><td>{} / {}</td><td>{share:.0} %</td></tr>",
            escape(part.section.title.get(lang)),
            number(part.points),
            number(part.most)
        );
    }
    out.push_str("</table>\n");
}

fn changed(out: &mut String, before: &Round, now: &Round, lang: Lang) {
    let say = |ja: &'static str, en: &'static str| if lang == Lang::Ja { ja } else { en };
    let all = changes(before, now);
    let better = all.iter().filter(|change| change.better == Some(true)).count();
    let worse = all.iter().filter(|change| change.better == Some(false)).count();
    let _ = writeln!(
        out,
        "<h2>{}</h2>\n<p>{} {better}　{} {worse}<br>",
        say("前回との違い", "Since the round before"),
        say("良くなった項目", "better"),
        say("悪くなった項目", "worse")
    );
    // What got worse comes first; a management page has room for a few.
    let (bad, good): (Vec<_>, Vec<_>) =
        all.iter().filter(|change| change.better.is_some()).partition(|change| change.better == Some(false));
    let named = bad.into_iter().chain(good).take(8).filter_map(|change| {
        let (_, item) = now.list.item(change.item.as_str())?;
        let arrow = if change.better == Some(true) { "▲" } else { "▼" };
        let now = change.now.map_or_else(|| "—".to_owned(), |means| means.name().get(lang).to_owned());
        Some(format!("{arrow} {} ({now})", escape(item.short().get(lang))))
    });
    let _ = writeln!(out, "<span class=\"faint\">{}</span></p>", named.collect::<Vec<_>>().join("　"));
}

fn group(out: &mut String, reference: &Reference, now: &Standing<'_>, lang: Lang) {
    let Some(headline) = now.scores.first() else { return };
    let values = reference.values(headline.score.id.as_str(), None);
    let Some(place) = place(headline.value, &values) else { return };
    let words = match lang {
        Lang::Ja => format!(
            "{}社の平均{}、標準偏差{}。自社より低い会社は{}社です。",
            place.others,
            number(place.mean),
            number(place.deviation),
            place.below
        ),
        Lang::En => format!(
            "Mean of {} companies {}, standard deviation {}; {} are below you.",
            place.others,
            number(place.mean),
            number(place.deviation),
            place.below
        ),
    };
    let title = Text::new("他社との比較", "Beside others");
    let _ = writeln!(out, "<h2>{}</h2>\n<p>{words}", title.get(lang));
    if let Some(standing) = place.standing {
        let label = Text::new("偏差値", "Deviation value");
        let _ = write!(out, " {} <b>{}</b>", label.get(lang), number(standing));
    }
    out.push_str("</p>\n<div class=\"top\">");
    let high = values.iter().copied().fold(headline.most, f64::max);
    let low = values.iter().copied().fold(headline.value, f64::min).min(0.0);
    let bars = histogram(&values, low, high, 15);
    let picture = charts::histogram(&title, &headline.score.name, &bars, low, high, headline.value, lang);
    let _ = write!(out, "<figure>{picture}</figure>");
    let second = now.scores.iter().skip(1).find(|result| reference.scores.contains(&result.score.id));
    if let Some(second) = second {
        let across = reference.values(second.score.id.as_str(), None);
        let points: Vec<(f64, f64)> = across.into_iter().zip(values).collect();
        let own = (second.value, headline.value);
        let picture = charts::scatter(&title, (&second.score.name, &headline.score.name), &points, own, lang);
        let _ = write!(out, "<figure>{picture}</figure>");
    }
    out.push_str("</div>\n");
}

/// Headings and rows of the register of evidence.
pub fn evidence_table(round: &Round, lang: Lang) -> Vec<Vec<String>> {
    let head = match lang {
        Lang::Ja => [
            "番号",
            "項目",
            "回答",
            "理由・備考",
            "エビデンス",
            "保管場所",
            "日付",
            "回答者",
            "回答日",
            "レビュー者",
            "レビュー日",
        ],
        Lang::En => [
            "No",
            "Item",
            "Answer",
            "Reason, note",
            "Evidence",
            "Where",
            "Date",
            "Answered by",
            "On",
            "Reviewed by",
            "On",
        ],
    };
    let mut out = vec![head.map(str::to_owned).to_vec()];
    for (_, item, given) in round.asked() {
        let Some(given) = given else { continue };
        let text = |text: &Option<Text>| text.as_ref().map_or("", |text| text.get(lang)).to_owned();
        let words = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let why = [text(&given.reason), text(&given.note)]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" / ");
        let answer = round.list.answer_words(item, given).get(lang).to_owned();
        let answer = if given.proposed {
            format!("{answer} {}", if lang == Lang::Ja { "（確認待ち）" } else { "(to confirm)" })
        } else {
            answer
        };
        let nothing = [None];
        let all: Vec<Option<&anshin_checklist::Evidence>> = if given.evidence.is_empty() {
            nothing.to_vec()
        } else {
            given.evidence.iter().map(Some).collect()
        };
        for evidence in all {
            out.push(vec![
                item.label(),
                item.short().get(lang).to_owned(),
                answer.clone(),
                why.clone(),
                evidence.map_or(String::new(), |own| own.what.get(lang).to_owned()),
                words(evidence.and_then(|own| own.at.as_deref())),
                words(evidence.and_then(|own| own.date.as_deref())),
                words(round.by(given)),
                words(round.date(given)),
                words(given.reviewer.as_deref()),
                words(given.reviewed.as_deref()),
            ]);
        }
    }
    out
}

fn evidence(out: &mut String, round: &Round, lang: Lang) {
    let table = evidence_table(round, lang);
    let title = Text::new("エビデンス台帳", "Register of evidence");
    let _ = writeln!(out, "<h2 class=\"next\">{}</h2>\n<table class=\"register\">", title.get(lang));
    for (n, row) in table.iter().enumerate() {
        let tag = if n == 0 { "th" } else { "td" };
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<{tag}>{}</{tag}>", escape(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font-family:'Hiragino Sans','Noto Sans JP','Yu Gothic',Meiryo,sans-serif;line-height:1.6;\
max-width:62rem;margin:1.5rem auto;padding:0 1rem;color:#1b2530;background:#fff;font-size:.95rem}\
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.2rem 0 .4rem;border-bottom:1px solid #aeb9c4;break-after:avoid}\
header{border-bottom:3px solid #1f3a5f;margin-bottom:1rem}header p{margin:.2rem 0}.top{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}\
.top>section{flex:1 1 16rem}figure{flex:1 1 18rem;max-width:26rem;margin:0;min-width:0}figure svg{width:100%;height:auto}\
.big{font-size:1.2rem;margin:.3rem 0}.big b{font-size:2.6rem}.small{margin:.2rem 0}.faint{color:#55626f;font-size:.88em}\
table{border-collapse:collapse;width:100%}.parts th{text-align:left;font-weight:normal;width:40%}.parts td{padding:.1rem .4rem;white-space:nowrap}\
.bar{width:40%;background:#eef1f4}.bar i{display:block;height:.8rem;background:#00507f}\
.register{font-size:.8rem}.register th,.register td{border:1px solid #aeb9c4;padding:.2rem .35rem;text-align:left;vertical-align:top}\
.register th{background:#eef1f4}li{margin:.3rem 0;break-inside:avoid}tr{break-inside:avoid}\
@page{size:A4;margin:14mm}@media print{body{margin:0;max-width:none;font-size:.78rem;line-height:1.45}figure{max-width:19rem}h2{margin-top:.7rem}.next{break-before:page}}";
