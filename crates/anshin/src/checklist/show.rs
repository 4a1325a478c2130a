//! Checklists, items and answers as text.

use std::fmt::Write as _;

use anshin_checklist::{Checklist, Given, Item, Relation};
use anshin_model::Lang;
use anshin_model::shape::nearest;

use super::Desk;
use crate::input::Failure;
use crate::output::{Output, pad, wrap};
use crate::{End, print};

/// Columns of a line.
const WIDTH: usize = 96;

/// The items of a checklist, or everything about one.
pub(super) fn show(desk: Desk<'_>, id: &str, item: Option<&str>) -> Result<End, Failure> {
    let list = desk.list(id)?;
    let text = match item {
        None => overview(list, desk.output),
        Some(id) => {
            let Some((section, item)) = list.item(id) else {
                let near = nearest(id, list.items().map(|(_, item)| item.id.as_str()));
                let (ja, en) = near.map_or_else(
                    || (String::new(), String::new()),
                    |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
                );
                return Err(Failure::new(
                    format!("`{}`に項目`{id}`はありません{ja}", list.id),
                    format!("`{}` has no item `{id}`{en}", list.id),
                ));
            };
            one(desk, list, section, item)
        }
    };
    print(desk.output, &text)
}

fn overview(list: &Checklist, output: Output) -> String {
    let lang = output.lang;
    let mut out = format!("{}\n", output.heading(list.title.get(lang)));
    for line in wrap(list.about.get(lang), WIDTH) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{}", output.faint(&format!("{} {}", list.id, list.version)));
    for section in &list.sections {
        let depth = list.section_and_above(section).count().saturating_sub(1);
        let number = section.number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
        let _ = writeln!(
            out,
            "\n{}{}",
            "  ".repeat(depth),
            output.strong(&format!("{number}{}", section.title.get(lang)))
        );
        let width = section.items.iter().map(|item| item.id.as_str().len()).max().unwrap_or_default();
        for item in &section.items {
            let number = item.number.as_ref().map(|_| format!("{} ", item.label())).unwrap_or_default();
            let lines =
                wrap(&format!("{number}{}", item.text.get(lang)), WIDTH.saturating_sub(width + 4).max(20));
            for (n, line) in lines.iter().enumerate() {
                let id = if n == 0 { item.id.as_str() } else { "" };
                let _ = writeln!(out, "  {}  {line}", output.faint(&pad(id, width)));
            }
        }
    }
    out
}

fn one(desk: Desk<'_>, list: &Checklist, section: &anshin_checklist::Section, item: &Item) -> String {
    let output = desk.output;
    let lang = output.lang;
    let mut out = format!("{}\n", output.heading(&format!("{}  {}", item.label(), item.short().get(lang))));
    let _ = writeln!(out, "{}", item.text.get(lang));
    let mut row = |ja: &str, en: &str, text: &str| {
        if !text.is_empty() {
            for (n, line) in wrap(text, WIDTH - 16).iter().enumerate() {
                let label = if n == 0 { output.word(ja, en) } else { "" };
                let _ = writeln!(out, "{} {line}", pad(label, 14));
            }
        }
    };
    let get = |text: &Option<anshin_model::Text>| {
        text.as_ref().map(|text| text.get(lang).to_owned()).unwrap_or_default()
    };
    row("説明", "help", &get(&item.help));
    row("例", "example", &get(&item.example));
    for evidence in &item.evidence {
        row("エビデンス", "evidence", evidence.get(lang));
    }
    row("行うこと", "to do", &get(&item.advice));
    for option in &list.scale(item).options {
        let points = option.points.map(|points| format!(" ({points})")).unwrap_or_default();
        row("選択肢", "choice", &format!("{}: {}{points}", option.id, option.name.get(lang)));
    }
    let who = list.who(section, item).iter().map(|who| who.name().get(lang).to_owned());
    let between = if lang == Lang::Ja { "、" } else { ", " };
    row("答える人", "who answers", &who.collect::<Vec<_>>().join(between));
    for level in &item.levels {
        row("用途レベル", "level of use", &format!("{} {}", level.level, level.mark.sign()));
    }
    let how = |relation: Relation, strength: f64| {
        let relation = relation.name();
        match lang {
            Lang::Ja => format!("（{}、強さ{strength}）", relation.get(lang)),
            Lang::En => format!(" ({}, strength {strength})", relation.get(lang)),
        }
    };
    for to in &item.requirements {
        let name = desk.catalog.requirements.get(&to.requirement).map_or("", |own| own.name.get(lang));
        row(
            "対策要件",
            "requirement",
            &format!("{} {name}{}", to.requirement, how(to.relation, to.strength)),
        );
    }
    for id in anshin_checklist::score::measures_for(desk.catalog, item) {
        let name = desk.catalog.measures.get(&id).map_or("", |own| own.name.get(lang));
        row("対策", "measure", &format!("{id} {name}"));
    }
    for link in &item.links {
        let there = desk.checklists.get(link.checklist.as_str());
        let there = there.and_then(|there| there.item(link.item.as_str()));
        let name = there.map_or("", |(_, there)| there.short().get(lang));
        let how = how(link.relation, link.strength);
        row("リンク", "link", &format!("{}/{} {name}{how}", link.checklist, link.item));
    }
    let (source, basis) = list.origin(section, item);
    row("出典", "source", &source.join("; "));
    row("確かさ", "basis", basis.map(|basis| basis.name().get(lang).to_owned()).unwrap_or_default().as_str());
    out
}

/// An answer in words for people.
pub(super) fn answer_words(list: &Checklist, item: &Item, given: &Given, output: Output) -> String {
    list.answer_words(item, given).get(output.lang).to_owned()
}
