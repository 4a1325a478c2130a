//! The words of a chosen plan, the same on the terminal, in reports and in pictures.

use std::fmt::Write as _;

use anshin_assess::Way;
use anshin_catalog::Matrix;
use anshin_model::{Id, Lang, Text};
use anshin_plan::{
    Accepted, Before, Binding, Cheaper, Chosen, Clash, Conflict, Goal, Help, Kind, Limits, Party, Proof,
    Standing, Stuck, SystemPlan, Verdict, points,
};
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

/// How sure it is that no set does better than the plan.
pub fn proof(plan: &SystemPlan) -> Text {
    match plan.verdict {
        Verdict::Planned(Proof::Gap { value, bound }) => {
            // Money is counted with what is weakened.
            let counted = |number: u64, lang: Lang| match plan.goal {
                Goal::Inside if plan.after.outside == 0 => money(number, lang),
                _ => number.to_string(),
            };
            Text::new(
                format!(
                    "これより良い組合せがないとは、まだ言い切れません。見つかった組合せの値は{}、どの組合せも{}を下回りません。--effortを増やすと、さらに調べます。",
                    counted(value, Lang::Ja),
                    counted(bound, Lang::Ja)
                ),
                format!(
                    "A better set cannot be ruled out yet: this one comes to {}, and no set comes below {}. A larger --effort looks further.",
                    counted(value, Lang::En),
                    counted(bound, Lang::En)
                ),
            )
        }
        Verdict::Planned(Proof::AmongEquals) => Text::new(
            "すべての組合せと比べて、これより良いものがないことを確かめました。ただし、同じだけ良い組合せのなかで、これが決まりの順の最初かどうかは確かめきれていません。--effortを増やすと、さらに調べます。",
            "It is proven that no other set does better. Among those that do as well it is not proven that this one comes first in the order for equals; a larger --effort looks further.",
        ),
        _ => Text::new(
            "すべての組合せと比べて、これより良いものがないことを確かめました。",
            "It is proven that no other set does better.",
        ),
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

/// A measure that is not in the plan, by its handle: its name, and who does it.
pub fn offer(subject: &Subject<'_>, id: &Id) -> Text {
    let document = subject.system.document;
    let known = |id: &str| subject.system.catalog.measures.get(id).map(|measure| measure.name.clone());
    let (name, by) = match document.measures.iter().find(|measure| measure.id == *id) {
        Some(own) => {
            let of_catalog = own.measure.as_ref().and_then(|id| known(id.as_str()));
            let name = own.name.clone().or(of_catalog);
            (name.unwrap_or_else(|| subject.requirement(&own.requirement)), Some(own.by.clone()))
        }
        None => match id.as_str().split_once('@') {
            Some((measure, by)) => {
                (known(measure).unwrap_or_else(|| Text::same(measure)), Some(Id::from(by)))
            }
            None => (Text::same(id.as_str()), None),
        },
    };
    let Some(by) = by.map(|by| subject.stakeholder(&by)) else { return name };
    Text::new(
        format!("「{}」（{}）", name.get(Lang::Ja), by.get(Lang::Ja)),
        format!("\"{}\" ({})", name.get(Lang::En), by.get(Lang::En)),
    )
}

/// That an asset stands in for one too small to protect itself.
pub fn stand_in(subject: &Subject<'_>, (small, helper): &(Id, Id)) -> Text {
    let (small, helper) = (subject.asset(small), subject.asset(helper));
    Text::new(
        format!(
            "{}は自身を守る余力がないため、{}が代わりに守ります。",
            small.get(Lang::Ja),
            helper.get(Lang::Ja)
        ),
        format!(
            "{} is too small to protect itself; {} stands in for it.",
            small.get(Lang::En),
            helper.get(Lang::En)
        ),
    )
}

/// What a measure can weaken, by ids of impairments.
pub fn weakens(subject: &Subject<'_>, what: &[Id]) -> Text {
    let name = |id: &Id| {
        let known = subject.system.catalog.impairments.get(id);
        known.map_or_else(|| Text::same(id.as_str()), |known| known.name.clone())
    };
    let names: Vec<Text> = what.iter().map(name).collect();
    let all = |lang: Lang, between: &str| {
        names.iter().map(|name| name.get(lang).to_owned()).collect::<Vec<_>>().join(between)
    };
    Text::new(
        format!("{}を弱めるおそれがあります", all(Lang::Ja, "と")),
        format!("can weaken {}", all(Lang::En, " and ").to_lowercase()),
    )
}

/// What a plan is, in a sentence or two.
pub fn lead(plan: &SystemPlan) -> Text {
    let is_limited = plan.limits != Limits::default();
    let (within_ja, within_en) =
        if is_limited { ("制限の中で、", " within the limits") } else { ("", "") };
    let counted = Text::new(
        "可用性や安全を弱めるおそれのある対策は、その分だけ高く数えて比べています。",
        " A measure that can weaken availability or safety counts as dearer than it is.",
    );
    let what = match plan.goal {
        Goal::Best => {
            return Text::new(
                "予算と制限の中で、リスクを最も減らす組合せです。",
                "It is the set that lowers risk the most within the budget and the limits.",
            );
        }
        Goal::Inside if plan.after.outside > 0 => Text::new(
            format!(
                "{within_ja}目標とするリスクの水準に最も近づく組合せのうち、最も安いものです。すべてを目標に収める組合せはありません。"
            ),
            format!(
                "It is the cheapest of the sets that come nearest to the target{within_en}. No set brings everything inside."
            ),
        ),
        Goal::Inside => Text::new(
            format!(
                "{within_ja}すべてのステークホルダーを目標とするリスクの水準に収める組合せのうち、最も安いものです。"
            ),
            format!("It is the cheapest set that brings every stakeholder inside the target{within_en}."),
        ),
    };
    Text::new(
        what.get(Lang::Ja).to_owned() + counted.get(Lang::Ja),
        what.get(Lang::En).to_owned() + counted.get(Lang::En),
    )
}

/// Why a plan takes no measure.
pub fn nothing_chosen(plan: &SystemPlan) -> Text {
    let is_limit = |binding: &Binding| !matches!(binding.kind, Kind::Refusals | Kind::Measures(_));
    if plan.bindings.iter().any(|binding| binding.kind == Kind::Goal) {
        return Text::new(
            "弱めるおそれのある分も数えると、この制限の中でリスクの点数を減らせる対策はありません。",
            "With what it can weaken counted, no measure that fits within these limits lowers the points of risk.",
        );
    }
    if plan.after.outside > 0 && plan.bindings.iter().any(is_limit) {
        return Text::new(
            "この制限の中で、リスクを目標に近づけられる対策はありません。",
            "No measure fits within these limits that would bring the risk nearer to the target.",
        );
    }
    if plan.after.outside > 0 {
        return Text::new(
            "候補の対策のなかに、リスクを目標に近づけられるものはありません。",
            "None of the measures that could be taken brings the risk nearer to the target.",
        );
    }
    if plan.to_accept().next().is_some() || !plan.outside.is_empty() {
        return Text::new(
            "目標に収めるための対策は要りません。ただし、誰かが受け入れるか下げるべきリスクが残ります。",
            "The target asks for no measure, but there is risk left that somebody has to accept or lower.",
        );
    }
    Text::new("ありません。今のままで足りています。", "Nothing: things are fine as they are.")
}

/// That so many scenarios are inside the target and still need somebody's answer; they are to be
/// named after it.
pub fn to_accept(many: usize) -> Text {
    let (are, them) = if many == 1 { ("scenario is", "it") } else { ("scenarios are", "them") };
    Text::new(
        format!(
            "目標には収まるものの、リスクが足切り以上のシナリオが{many}件あります。誰かが受け入れるか、さらに下げるかを決めてください。"
        ),
        format!(
            "{many} {are} inside the target but at a risk that reaches the cut: somebody has to accept {them} or lower {them} further."
        ),
    )
}

/// What a class of the matrix counts, from the lowest.
pub fn points_of_risk(matrix: &Matrix) -> Text {
    let counted: Vec<String> = (1..matrix.risk.len()).map(|class| points(class).to_string()).collect();
    Text::new(
        format!(
            "リスクの点数は、マトリクスの区分ごとに重みを付けた合計です（最も低い区分は0、その上は順に{}）。",
            counted.join("、")
        ),
        format!(
            "Points of risk add up the scenarios by their class in the matrix (0 for the lowest, then {}).",
            counted.join(", ")
        ),
    )
}

/// What a point of the curve of cost against risk is.
pub fn curve(plan: &SystemPlan) -> Text {
    let grows = plan.curve.windows(2).any(|two| two[1].state.outside > two[0].state.outside);
    let (mut ja, mut en) = (
        "それぞれの金額で、リスクの点数の合計を最も小さくする組合せを選んだ結果です。".to_owned(),
        "For each sum, the set that lowers the points of risk the most.".to_owned(),
    );
    if grows {
        ja += "小さくするのは点数で、目標の外にある件数ではないため、金額が増えても件数が増えるところがあります。";
        en += " It is the points that are made small, not the number outside the target, so more money leaves more scenarios outside in places.";
    }
    Text::new(ja, en)
}

/// What a cheaper set costs, what it weakens and what it leaves; scenarios are left to be named
/// below the last sentence.
pub fn cheaper(subject: &Subject<'_>, plan: &SystemPlan, cheaper: &Cheaper, name: &Text) -> Vec<Text> {
    let both = |f: &dyn Fn(Lang) -> String| Text::new(f(Lang::Ja), f(Lang::En));
    let less = plan.cost.saturating_sub(cheaper.cost);
    let mut out = vec![both(&|lang| {
        let (cost, less) = (money(cheaper.cost, lang), money(less, lang));
        match lang {
            Lang::Ja => format!("{}は{cost}です（{less}少ない）。", name.get(lang)),
            Lang::En => format!("{} costs {cost} ({less} less).", name.get(lang)),
        }
    })];
    if cheaper.leaves.is_empty() {
        out.push(why_not(plan, cheaper));
    }
    for (id, what) in &cheaper.weakens {
        let (measure, what) = (offer(subject, id), weakens(subject, what));
        out.push(both(&|lang| match lang {
            Lang::Ja => format!("{}は{}。", measure.get(lang), what.get(lang)),
            Lang::En => format!("{} {}.", measure.get(lang), what.get(lang)),
        }));
    }
    if !cheaper.proven {
        out.push(Text::new(
            "これより目標に近い、より安い組合せがないとは、まだ言い切れません（--effortを増やすと、さらに調べます）。",
            "It is not proven that no other cheaper set comes nearer to the target; a larger --effort looks further.",
        ));
    }
    if !cheaper.leaves.is_empty() {
        out.push(Text::new(
            "次のシナリオが目標の外に残ります。",
            "These scenarios would stay outside the target:",
        ));
    }
    out
}

/// A measure of the catalog, whoever does it.
fn of_catalog(subject: &Subject<'_>, id: &Id) -> Text {
    let name = subject.system.catalog.measures.get(id).map(|measure| measure.name.clone());
    let name = name.unwrap_or_else(|| Text::same(id.as_str()));
    Text::new(format!("「{}」", name.get(Lang::Ja)), format!("\"{}\"", name.get(Lang::En)))
}

/// Why a cheaper set that leaves nothing more outside the target was not chosen.
fn why_not(plan: &SystemPlan, cheaper: &Cheaper) -> Text {
    if cheaper.further {
        return Text::new(
            "目標の外に残るシナリオは増えませんが、外に残るもののリスクがこの計画より大きくなります。",
            "No further scenario stays outside the target, but those outside are at a higher risk than with this plan.",
        );
    }
    let (ja, en) = if cheaper.state.outside == 0 {
        ("これも目標に収まります", "It is inside the target as well")
    } else {
        ("目標の外に残るものは増えません", "It leaves no more outside the target")
    };
    if !cheaper.weakens_more {
        return Text::new(
            format!(
                "{ja}。計画が最も安いとは証明されていないためで、--effortを増やすと見つかることがあります。"
            ),
            format!(
                "{en}: the plan is not proven to be the cheapest, and a larger --effort may find such a set."
            ),
        );
    }
    let counted = |lang: Lang| (money(cheaper.impairs, lang), money(plan.impairs, lang));
    let ((then_ja, now_ja), (then_en, now_en)) = (counted(Lang::Ja), counted(Lang::En));
    Text::new(
        format!(
            "{ja}が、弱めるおそれの換算額がこの計画の{now_ja}に対して{then_ja}になるので、選んでいません。"
        ),
        format!(
            "{en}, but what it can weaken counts {then_en}, against {now_en} for this plan, so it was not chosen."
        ),
    )
}

/// A scenario that somebody has accepted, without its name: by whom and until when.
pub fn accepted(accepted: &Accepted) -> Text {
    let (by, until) = (&accepted.by, &accepted.until);
    Text::new(format!("{by}が{until}まで受容"), format!("accepted by {by} until {until}"))
}

/// Measures that have to be done anyway and do not go together, why, and which to take back.
pub fn conflict(subject: &Subject<'_>, conflict: &Conflict) -> Text {
    let names: Vec<Text> = conflict.measures.iter().map(|party| offer(subject, &party.id)).collect();
    let all = |lang: Lang, names: &[Text], between: &str| {
        names.iter().map(|name| name.get(lang).to_owned()).collect::<Vec<_>>().join(between)
    };
    let missing: Vec<Text> = conflict.missing.iter().map(|id| of_catalog(subject, id)).collect();
    let (mut ja, mut en) = match (conflict.how, names.split_first()) {
        (Clash::Missing, Some((first, _))) => (
            format!(
                "{}には{}が要りますが、このシステムでは選べません。",
                first.get(Lang::Ja),
                all(Lang::Ja, &missing, "か")
            ),
            format!(
                "{} needs {}, which is not on offer for this system. ",
                first.get(Lang::En),
                all(Lang::En, &missing, " or ")
            ),
        ),
        (Clash::Lacks, Some((first, others))) => (
            format!(
                "{}には{}が要りますが、実施しないことになっています。",
                first.get(Lang::Ja),
                all(Lang::Ja, others, "か")
            ),
            format!("{} needs {}, which is refused. ", first.get(Lang::En), all(Lang::En, others, " or ")),
        ),
        _ => (
            format!("{}は両立しません。", all(Lang::Ja, &names, "と")),
            format!("{} exclude each other. ", all(Lang::En, &names, " and ")),
        ),
    };
    let dependencies = &subject.system.catalog.dependencies;
    if let Some(known) = conflict.dependency.as_ref().and_then(|id| dependencies.get(id)) {
        ja += known.why.get(Lang::Ja);
        en += known.why.get(Lang::En);
        en.push(' ');
    }
    let mut ways: Vec<Text> = conflict.measures.iter().filter_map(take_back).collect();
    ways.extend(conflict.missing.first().map(|id| {
        Text::new(
            format!("誰かが行うなら文書の`measures`に`{id}`を書く"),
            format!("write `{id}` under `measures` in the document if somebody does it"),
        )
    }));
    if ways.is_empty() {
        ja += "どちらも法令で必要か、実施済みです。文書の`measures`を確かめてください。";
        en += "Each of them is demanded by law or in place; look at `measures` in the document.";
    } else {
        let _ = write!(ja, "解消するには：{}。", all(Lang::Ja, &ways, "、または"));
        let both = all(Lang::En, &ways, ", or ");
        let (first, rest) = both.split_at(1);
        let _ = write!(en, "{}{rest}.", first.to_uppercase());
    }
    Text::new(ja, en)
}

/// How to take back what was decided about a measure; nothing does for what the law demands.
fn take_back(party: &Party) -> Option<Text> {
    let id = &party.id;
    let measure = id.as_str().split_once('@').map_or(id.as_str(), |(measure, _)| measure);
    match (party.standing, party.wished) {
        (Standing::Refused, true) => {
            Some(Text::new(format!("`--refuse {measure}`を外す"), format!("leave out `--refuse {measure}`")))
        }
        (_, true) => Some(Text::new(
            format!("`--require {measure}`を外す"),
            format!("leave out `--require {measure}`"),
        )),
        (Standing::Decided | Standing::Refused, false) => Some(Text::new(
            format!("文書の`measures`で`{id}`の`status`を改める"),
            format!("change `status` of `{id}` under `measures` in the document"),
        )),
        (Standing::ByLaw | Standing::InPlace | Standing::Open, false) => None,
    }
}

/// That each stakeholder is taken to have so many person-days a quarter.
pub fn pace(plan: &SystemPlan) -> Text {
    let (pace, days) = (plan.pace, if plan.pace == 1 { "person-day" } else { "person-days" });
    Text::new(
        format!("それぞれのステークホルダーが四半期に{pace}人日を使えるとしています。"),
        format!("Each stakeholder is taken to have {pace} {days} a quarter."),
    )
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
        Kind::Limits => {
            let least = |lang| binding.needed.map(|needed| money(needed, lang));
            let least_ja = least(Lang::Ja)
                .map_or(String::new(), |least| format!("それには少なくとも{least}かかります。"));
            let least_en =
                least(Lang::En).map_or(String::new(), |least| format!(" That takes {least} at the least."));
            Text::new(
                format!(
                    "複数の制限が合わさって妨げになっています。すべての制限を外せば、{}{least_ja}",
                    then_ja(binding)
                ),
                format!(
                    "Several limits are in the way together. With all of them lifted, {}{least_en}",
                    then_en(binding)
                ),
            )
        }
        Kind::Goal => Text::new(
            format!(
                "リスクの点数を最も減らす組合せは、目標に最も近づく組合せではありません。同じ制限のまま`--goal target`で選べば、{}",
                then_ja(binding)
            ),
            format!(
                "The set that lowers the points of risk the most is not the one that comes nearest to the target. Within the same limits, with `--goal target`, {}",
                then_en(binding)
            ),
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

/// Measures of a sort that are named before the rest is only counted.
const NAMED: usize = 3;

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
        let name = |help: &Help| {
            let known = catalog.measures.get(&help.measure);
            let name =
                known.map_or_else(|| help.measure.to_string(), |measure| measure.name.get(lang).to_owned());
            let at: Vec<String> =
                help.chosen_at.iter().map(|id| subject.asset(id).get(lang).to_owned()).collect();
            match lang {
                Lang::Ja if at.is_empty() => format!("「{name}」"),
                Lang::Ja => format!("「{name}」（{}では計画に入っている）", at.join("、")),
                Lang::En if at.is_empty() => name,
                Lang::En => format!("{name} (chosen for {} already)", at.join(", ")),
            }
        };
        let sort = |asked: bool, ja: &str, en: &str| {
            let all: Vec<&Help> = stuck.would_help.iter().filter(|help| help.asked == asked).collect();
            let names: Vec<String> = all.iter().take(NAMED).map(|help| name(help)).collect();
            let rest = all.len().saturating_sub(NAMED);
            (!all.is_empty()).then(|| match lang {
                Lang::Ja if rest > 0 => format!("{ja}: {}ほか{rest}件", names.concat()),
                Lang::Ja => format!("{ja}: {}", names.concat()),
                Lang::En if rest > 0 => format!("{en}: {}; and {rest} more", names.join("; ")),
                Lang::En => format!("{en}: {}", names.join("; ")),
            })
        };
        let sorts = [
            sort(false, "評価が求めていないもの", "Not called for by the assessment"),
            sort(
                true,
                "求められているが、そこで担うとされた人にはできないもの",
                "Called for, but not to be done by anybody who is named for it there",
            ),
        ];
        let sorts: Vec<String> = sorts.into_iter().flatten().collect();
        sorts.join(match lang {
            Lang::Ja => "。",
            Lang::En => ". ",
        })
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
            let _ = write!(ja, "候補にない対策まで実施すれば収まります。{}。", helping(Lang::Ja));
            let _ = write!(
                en,
                " Measures that are not up for choice would bring it inside. {}.",
                helping(Lang::En)
            );
        }
        (false, false) => {
            let _ = write!(ja, "候補にない対策を足しても届きません。{}。", helping(Lang::Ja));
            let _ = write!(en, " Nor would measures that are not up for choice. {}.", helping(Lang::En));
        }
    }
    Text::new(ja, en)
}

fn then_ja(binding: &Binding) -> String {
    match binding.then {
        0 => "すべて目標に収められます。".to_owned(),
        then => format!("目標の外に残るリスクを{then}点にできます。"),
    }
}

fn then_en(binding: &Binding) -> String {
    match binding.then {
        0 => "everything can be brought inside the target.".to_owned(),
        then => format!("the risk outside the target can be brought down to {then} points."),
    }
}
