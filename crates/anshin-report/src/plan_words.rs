//! The words of a chosen plan, the same on the terminal, in reports and in pictures.

use std::fmt::Write as _;

use anshin_assess::Way;
use anshin_model::{Lang, Text};
use anshin_plan::{Before, Binding, Chosen, Kind, Stuck};
use anshin_quantify::amount::grouped;

use crate::Subject;

/// An amount of money.
pub fn money(amount: u64, lang: Lang) -> String {
    let digits = grouped(amount);
    match lang {
        Lang::Ja => digits + "円",
        Lang::En => digits + " yen",
    }
}

/// A quarter, from 0, by the year and the quarter in it.
pub fn quarter(n: u32) -> Text {
    let (year, quarter) = (n / 4 + 1, n % 4 + 1);
    Text::new(format!("{year}年目 第{quarter}四半期"), format!("year {year}, quarter {quarter}"))
}

/// A scenario: where, what, whom.
pub fn scenario(subject: &Subject<'_>, scenario: &Before) -> Text {
    let (asset, who) = (subject.asset(&scenario.asset), subject.stakeholder(&scenario.stakeholder));
    let what = scenario.consequence.name();
    Text::new(
        format!("{}: {}（{}）", asset.get(Lang::Ja), what.get(Lang::Ja), who.get(Lang::Ja)),
        format!("{}: {} ({})", asset.get(Lang::En), what.get(Lang::En), who.get(Lang::En)),
    )
}

/// The name of a measure: its own, that of the catalog, or that of its requirement.
pub fn measure(subject: &Subject<'_>, chosen: &Chosen) -> Text {
    let own = chosen.written.and_then(|n| subject.system.document.measures[n].name.clone());
    let known = || chosen.measure.as_ref().and_then(|id| subject.system.catalog.measures.get(id));
    own.or_else(|| known().map(|measure| measure.name.clone()))
        .unwrap_or_else(|| subject.requirement(&chosen.requirement))
}

/// What a measure may weaken, and what to mind.
pub fn caution(subject: &Subject<'_>, chosen: &Chosen) -> Option<Text> {
    subject.system.catalog.measures.get(chosen.measure.as_ref()?)?.caution.clone()
}

/// What keeps a plan from being inside the target, or from being possible.
pub fn binding(subject: &Subject<'_>, binding: &Binding) -> Text {
    let needed = |ja: &str, en: &str, unit: &dyn Fn(u64, Lang) -> String| match binding.needed {
        Some(needed) => Text::new(
            format!("{ja}が足りません。{}あれば、{}", unit(needed, Lang::Ja), then_ja(binding)),
            format!("{en} is too little. With {}, {}", unit(needed, Lang::En), then_en(binding)),
        ),
        None => Text::new(
            format!("{ja}が足りません。これを外せば、{}", then_ja(binding)),
            format!("{en} is too little. Without that limit, {}", then_en(binding)),
        ),
    };
    let days = |n: u64, lang: Lang| match lang {
        Lang::Ja => format!("{n}人日"),
        Lang::En => format!("{n} person-days"),
    };
    match binding.kind {
        Kind::Total => needed("予算（--budget）", "The budget (--budget)", &money),
        Kind::PerYear => {
            needed("1年あたりの予算（--budget-per-year）", "The money for a year (--budget-per-year)", &money)
        }
        Kind::Stakeholder(n) => {
            let who = &subject.system.document.stakeholders[n].name;
            needed(
                &format!("{}が払える額（--limit）", who.get(Lang::Ja)),
                &format!("What {} can pay (--limit)", who.get(Lang::En)),
                &money,
            )
        }
        Kind::Days => needed("作業の総人日（--days）", "The number of person-days (--days)", &days),
        Kind::DaysPerQuarter => needed(
            "四半期あたりの人日（--days-per-quarter）",
            "The number of person-days in a quarter (--days-per-quarter)",
            &days,
        ),
        Kind::Refusals => Text::new(
            format!(
                "実施しないとした対策が妨げになっています。それらを選べるようにすれば、{}",
                then_ja(binding)
            ),
            format!(
                "Measures that are refused stand in the way. With them up for choice, {}",
                then_en(binding)
            ),
        ),
        Kind::Limits => Text::new(
            format!("1つの制限だけを緩めても変わりません。すべての制限を外せば、{}", then_ja(binding)),
            format!("No single limit is to blame. With all of them lifted, {}", then_en(binding)),
        ),
        Kind::Everything => Text::new(
            format!(
                "制限と、実施しないとした対策の両方が妨げになっています。どちらも外せば、{}",
                then_ja(binding)
            ),
            format!(
                "The limits and the refusals stand in the way together. With both lifted, {}",
                then_en(binding)
            ),
        ),
        Kind::Measures(scenarios) => Text::new(
            format!(
                "候補となる対策をすべて実施しても、{scenarios}件のシナリオは目標の外に残ります。設計を変える、保険などで移す、残留リスクとして受け入れる、のいずれかを検討してください。"
            ),
            format!(
                "Even with every measure that could be taken, {scenarios} scenarios stay outside the target. Consider a change of design, a transfer such as insurance, or accepting them as residual risk."
            ),
        ),
    }
}

/// Measures that are named before the rest is only counted.
const NAMED: usize = 4;

/// Why a scenario stays outside the target whatever is done, and what else would help.
pub fn stuck(subject: &Subject<'_>, stuck: &Stuck) -> Text {
    let catalog = subject.system.catalog;
    let points = stuck.path.difficulty;
    let entry = catalog.entry_points.get(&stuck.path.entry);
    let of = |lang: Lang| {
        let passed = stuck.path.steps.iter().filter(|step| !matches!(step.way, Way::Impact(_)));
        let mut names =
            vec![entry.map_or(stuck.path.entry.as_str(), |entry| entry.name.get(lang)).to_owned()];
        names.extend(passed.map(|step| subject.asset(&step.to).get(lang).to_owned()));
        names.join(" → ")
    };
    let helping = |lang: Lang| {
        let name = |id| {
            let known = catalog.measures.get(id);
            known.map_or_else(|| format!("{id}"), |measure| measure.name.get(lang).to_owned())
        };
        let names: Vec<String> = stuck.would_help.iter().take(NAMED).map(name).collect();
        let rest = stuck.would_help.len().saturating_sub(NAMED);
        match lang {
            Lang::Ja if rest > 0 => format!("「{}」ほか{rest}件", names.join("」「")),
            Lang::Ja => format!("「{}」", names.join("」「")),
            Lang::En if rest > 0 => format!("{}; and {rest} more", names.join("; ")),
            Lang::En => names.join("; "),
        }
    };
    let (mut ja, mut en) = (
        format!(
            "候補の対策をすべて実施しても、最も通りやすい経路（{}）の難しさは{points}点です。",
            of(Lang::Ja)
        ),
        format!(
            "Even with every measure that could be taken, its easiest path ({}) takes {points} points.",
            of(Lang::En)
        ),
    );
    if let Some(needed) = stuck.needed {
        let _ = write!(ja, "目標に収めるには{needed}点が要ります。");
        let _ = write!(en, " {needed} would bring it inside.");
    }
    match (stuck.would_help.is_empty(), stuck.enough) {
        (true, _) => {
            ja.push_str("ほかに効く対策はカタログにありません。");
            en.push_str(" No other measure of the catalog acts on it.");
        }
        (false, true) => {
            let _ = write!(
                ja,
                "候補にない対策（システムの段階が違うか、担える人がいないもの）まで実施すれば収まります: {}。",
                helping(Lang::Ja)
            );
            let _ = write!(
                en,
                " Measures that are not up for choice, for another phase or for want of somebody to do them, would bring it inside: {}.",
                helping(Lang::En)
            );
        }
        (false, false) => {
            let _ = write!(
                ja,
                "候補にない対策（システムの段階が違うか、担える人がいないもの）を足しても届きません: {}。",
                helping(Lang::Ja)
            );
            let _ = write!(
                en,
                " Nor would those that are not up for choice, for another phase or for want of somebody to do them: {}.",
                helping(Lang::En)
            );
        }
    }
    Text::new(ja, en)
}

fn then_ja(binding: &Binding) -> String {
    match binding.then {
        0 => "すべて目標に収まります。".to_owned(),
        then => format!("目標の外に残るリスクは{then}点になります。"),
    }
}

fn then_en(binding: &Binding) -> String {
    match binding.then {
        0 => "everything is inside the target.".to_owned(),
        then => format!("{then} points of risk stay outside the target."),
    }
}
