//! `anshin plan`: which measures to take, for how much, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anshin_assess::{System, Terrain};
use anshin_catalog::{Catalog, Matrix};
use anshin_model::{Id, Lang, Text};
use anshin_plan::{
    EFFORT, Goal, Limits, Options, Progress, Standing, SystemPlan, Verdict, Wishes, Wrong, v1,
};
use anshin_report::{Subject, cost_curve, plan_words};

use crate::cli::{GoalArg, PlanArgs, PlanFormat, WishArgs};
use crate::input::{self, Failure};
use crate::output::Output;
use crate::paths;
use crate::quantify::Seen;
use crate::show_plan::View;

/// Makes the plan and writes it; tells whether somebody stays outside the target.
pub(crate) fn run(args: &PlanArgs, catalog: &Catalog, output: Output) -> Result<bool, Failure> {
    let loaded = input::document(&args.file, catalog, output);
    let Some(document) = &loaded.document else { return Err(Failure::Input) };
    let system = System::new(document, catalog);
    let options = options(&args.wishes, &system)?;
    let matrix = paths::matrix(args.wishes.matrix.as_deref(), catalog)?;
    let engine = crate::engine(catalog)?;
    let assessment = engine.assess_system(&system);
    let terrain = engine.terrain(&system, &assessment);
    let plan = chosen(&terrain, matrix, &options, output)?;
    let subject = Subject { system: &system, assessment: &assessment };
    let seen = Seen { subject, terrain: &terrain, matrix, plan: Some(&plan) };
    let money = args.money.as_deref().map(|money| seen.in_money(money, output)).transpose()?;
    let text = match args.format {
        PlanFormat::Text => View { subject, matrix, plan: &plan, money: money.as_ref(), output }.plan(),
        PlanFormat::Json => {
            let mut json = v1::plan(&plan, &system, matrix);
            json["in-money"] = money.as_ref().map_or(serde_json::Value::Null, anshin_quantify::v1::in_short);
            format!("{json:#}\n")
        }
        PlanFormat::Yaml => taken_over(&plan, &system),
        PlanFormat::Svg => cost_curve(&subject, &plan, output.lang),
    };
    match &args.output {
        Some(path) => crate::beside::write_whole(path, |out| out.write_all(text.as_bytes()))?,
        None => output.print(&text).map_err(|e| Failure::new(e.to_string(), e.to_string()))?,
    }
    match plan.verdict {
        Verdict::Impossible => Err(impossible(&subject, &plan)),
        Verdict::Unknown => Err(Failure::new(
            "決められた手間の中では計画が見つかりませんでした。--effortを増やしてください",
            "no plan was found with the effort allowed; allow more with --effort",
        )),
        Verdict::Planned(_) => Ok(is_short(&plan)),
    }
}

/// Makes a plan, and shows on a terminal how far that has got.
pub(crate) fn chosen(
    terrain: &Terrain<'_>,
    matrix: &Matrix,
    options: &Options,
    output: Output,
) -> Result<SystemPlan, Failure> {
    let tell = |progress| {
        output.progress(Some(&match progress {
            Progress::Choosing => Text::new("対策の組合せを選んでいます", "choosing measures"),
            Progress::Curve { point, of } => Text::new(
                format!("費用と残るリスクを調べています（{point}/{of}）"),
                format!("what money buys ({point}/{of})"),
            ),
        }));
    };
    let made = anshin_plan::plan_telling(terrain, matrix, options, &tell);
    output.progress(None);
    made.map_err(|wrong| failure(&wrong))
}

/// What is fixed breaks a limit, or excludes each other: the limits are wrong input.
fn impossible(subject: &Subject<'_>, plan: &SystemPlan) -> Failure {
    let conflicts = plan.conflicts.iter().map(|conflict| plan_words::conflict(subject, conflict));
    let bindings = plan.bindings.iter().map(|binding| plan_words::binding(subject, binding));
    let why: Vec<Text> = conflicts.chain(bindings).collect();
    let of = |lang: Lang, with: &str| why.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join(with);
    let (ja, en) = if !plan.bindings.is_empty() {
        ("この制限を守れる計画はありません。", "no plan keeps these limits.")
    } else if plan.conflicts.is_empty() {
        (
            "必ず実施する対策が、それに要る対策とともには行えないので、計画は立てられません。--requireと文書の`measures`を確かめてください。",
            "there is no plan: what has to be done cannot be done together with what it needs. Look at --require and at `measures` in the document.",
        )
    } else {
        (
            "必ず実施する対策が両立しないので、計画は立てられません。",
            "there is no plan: what has to be done does not go together.",
        )
    };
    Failure::new(ja.to_owned() + &of(Lang::Ja, ""), format!("{en} {}", of(Lang::En, " ")))
}

/// The measures of a plan as entries for the document; those that stand there already are left out.
fn taken_over(plan: &SystemPlan, system: &System<'_>) -> String {
    let mut out = String::from("measures:\n");
    let mut taken: BTreeSet<String> =
        system.document.measures.iter().map(|measure| measure.id.to_string()).collect();
    for chosen in plan.measures.iter().filter(|chosen| chosen.written.is_none()) {
        let stem = chosen.id.as_str().replace('@', "-");
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let id = std::iter::once(stem.clone()).chain(numbered).find(|id| taken.insert(id.clone()));
        let _ = writeln!(out, "  - id: {}", id.unwrap_or(stem));
        let _ = writeln!(out, "    requirement: {}", chosen.requirement);
        if let Some(measure) = &chosen.measure {
            let _ = writeln!(out, "    measure: {measure}");
        }
        let _ = writeln!(out, "    by: {}", chosen.by);
        if !chosen.on.is_empty() {
            let on: Vec<&str> = chosen.on.iter().map(Id::as_str).collect();
            let _ = writeln!(out, "    on: [{}]", on.join(", "));
        }
        let _ = writeln!(out, "    status: planned");
        let _ = writeln!(out, "    cost: {}", chosen.once);
        let _ = writeln!(out, "    cost-per-year: {}", chosen.per_year);
        let _ = writeln!(out, "    days: {}", chosen.days);
    }
    out
}

fn is_short(plan: &SystemPlan) -> bool {
    plan.after.outside > 0 || !plan.outside.is_empty() || !matches!(plan.verdict, Verdict::Planned(_))
}

fn failure(wrong: &Wrong) -> Failure {
    match wrong {
        Wrong::UnknownMeasure(id) => Failure::new(
            format!(
                "選べる対策に`{id}`はありません。idは、選ばれた対策なら`anshin plan 文書`の各対策の下に、すべての対策なら`anshin catalog list measures`に出ます"
            ),
            format!(
                "no measure `{id}` is up for choice; `anshin plan FILE` shows the id below each chosen measure, `anshin catalog list measures` those of all"
            ),
        ),
        Wrong::RefusedAndRequired(id) => Failure::new(
            format!(
                "`{id}`は、実施しないことと必ず実施することの両方が指定されています。どちらかを外してください"
            ),
            format!("`{id}` is both refused and required; take one of the two away"),
        ),
        Wrong::Settled { wish, measure, standing } => {
            let (ja, en) = match standing {
                Standing::ByLaw => ("法令で必要とされています", "the law demands it"),
                Standing::InPlace => ("実施済みです", "it is in place already"),
                _ => ("実施が決まっています", "it is decided already"),
            };
            Failure::new(
                format!(
                    "`--refuse {wish}`は使えません。`{measure}`は文書の`measures`で{ja}。文書の`status`や`by-law`を改めるか、この指定を外してください"
                ),
                format!(
                    "`--refuse {wish}` cannot be used: for `{measure}`, the document says that {en}; change `status` or `by-law` there, or leave the option out"
                ),
            )
        }
        Wrong::NotWhole(id) => Failure::new(
            format!("対策`{id}`の費用が整数ではありません。`cost`と`cost-per-year`は整数で書いてください"),
            format!(
                "the cost of the measure `{id}` is not a whole number; write `cost` and `cost-per-year` without a fraction"
            ),
        ),
        Wrong::TooLarge(id) => Failure::new(
            format!("対策`{id}`の金額が大きすぎます（1兆まで）。千円単位などに改めてください"),
            format!("the cost of the measure `{id}` is too large (10^12 at most); use a larger unit"),
        ),
    }
}

/// What is to be considered, checked.
pub(crate) fn options(args: &WishArgs, system: &System<'_>) -> Result<Options, Failure> {
    let budget = args.budget.as_deref().map(|word| amount("--budget", word)).transpose()?;
    let per_year =
        args.budget_per_year.as_deref().map(|word| amount("--budget-per-year", word)).transpose()?;
    let days = args.days.as_deref().map(|word| count("--days", word)).transpose()?;
    let per_quarter =
        args.days_per_quarter.as_deref().map(|word| count("--days-per-quarter", word)).transpose()?;
    let years = args.years.as_deref().map_or(Ok(anshin_plan::YEARS), |word| count("--years", word))?;
    let effort = args.effort.as_deref().map(|word| count("--effort", word)).transpose()?;
    if years > 10 {
        return Err(Failure::new("--yearsは1から10までです", "--years is from 1 to 10"));
    }
    let mut stakeholder: BTreeMap<usize, u64> = BTreeMap::new();
    for word in &args.limit {
        let (n, most) = limit(word, system)?;
        if stakeholder.insert(n, most).is_some() {
            return Err(Failure::new(
                format!("--limitに同じステークホルダーが2回あります（`{word}`）"),
                format!("--limit names the same stakeholder twice (`{word}`)"),
            ));
        }
    }
    let goal = match (args.goal, budget) {
        (Some(GoalArg::Target), _) | (None, None) => Goal::Inside,
        (Some(GoalArg::Effect), _) | (None, Some(_)) => Goal::Best,
    };
    let limits = Limits {
        total: budget,
        per_year,
        stakeholder: stakeholder.into_iter().collect(),
        days,
        days_per_quarter: per_quarter,
    };
    let ids = |words: &[String]| words.iter().map(|word| Id::from(word.as_str())).collect();
    let (refuse, require) = (ids(&args.refuse), ids(&args.require));
    let today = Some(paths::day(args.today.as_deref())?);
    let wishes = Wishes { years, limits, refuse, require, today };
    Ok(Options {
        goal,
        wishes,
        pace: per_quarter.unwrap_or(anshin_plan::PACE),
        curve: anshin_plan::CURVE,
        effort: effort.map_or(EFFORT, u64::from),
    })
}

/// Whether anything is asked for that only a choice of measures can heed.
pub(crate) fn asks_for_more(args: &WishArgs) -> bool {
    let WishArgs { goal, budget, budget_per_year, limit, days, days_per_quarter, years, .. } = args;
    let words = [budget, budget_per_year, days, days_per_quarter, years, &args.effort];
    goal.is_some()
        || words.iter().any(|word| word.is_some())
        || [limit, &args.refuse, &args.require].iter().any(|list| !list.is_empty())
}

/// A number without what people put between digits, and with digits of full width as plain ones.
fn plain(word: &str) -> String {
    let digit = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '．' => '.',
        other => other,
    };
    let between = |c: &char| c.is_whitespace() || matches!(c, ',' | '_' | '，' | '、');
    word.chars().filter(|c| !between(c)).map(digit).collect()
}

/// So many times an amount; with a fraction, if that makes a whole number.
fn times(count: &str, worth: u64) -> Option<u64> {
    let Some((whole, fraction)) = count.split_once('.') else {
        return count.parse::<u64>().ok()?.checked_mul(worth);
    };
    let parts = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let of_parts = fraction.parse::<u64>().ok()?.checked_mul(worth)?;
    let whole = whole.parse::<u64>().ok()?.checked_mul(worth)?;
    (of_parts % parts == 0).then(|| whole.checked_add(of_parts / parts)).flatten()
}

/// An amount as people in Japan write it: with digits of full width, in 万 and 億, with 円 at the end.
fn in_yen(word: &str) -> Option<u64> {
    let plain = plain(word);
    let mut rest = plain.strip_suffix('円').unwrap_or(&plain);
    let mut sum = 0u64;
    for (unit, worth) in [('億', 100_000_000u64), ('万', 10_000)] {
        if let Some((count, below)) = rest.split_once(unit) {
            sum = sum.checked_add(times(count, worth)?)?;
            rest = below;
            if rest.is_empty() {
                return Some(sum);
            }
        }
    }
    sum.checked_add(times(rest, 1)?)
}

/// An amount of money above zero; commas and underscores may stand between digits.
pub(crate) fn amount(option: &str, word: &str) -> Result<u64, Failure> {
    match in_yen(word) {
        Some(amount) if (1..=1_000_000_000_000).contains(&amount) => Ok(amount),
        Some(0) => Err(Failure::new(
            format!("{option}が0では何も実施できません。1以上の金額を書くか、この指定を外してください"),
            format!("{option} of 0 leaves nothing to choose; write an amount of at least 1, or leave it out"),
        )),
        Some(_) => Err(Failure::new(
            format!("{option}の金額`{word}`が大きすぎます（1兆まで）"),
            format!("the amount `{word}` of {option} is too large (10^12 at most)"),
        )),
        None => Err(Failure::new(
            format!("{option}の`{word}`は金額ではありません。1以上の整数を書いてください（例: 3,000,000）"),
            format!(
                "`{word}` of {option} is not an amount; write a whole number of at least 1, such as 3,000,000"
            ),
        )),
    }
}

/// The most days, years or linear programs that may be asked for.
const MOST: u32 = 1_000_000;

/// A number of days, years or linear programs above zero; its unit may stand behind it.
fn count(option: &str, word: &str) -> Result<u32, Failure> {
    let units: &[&str] = match option {
        "--days" | "--days-per-quarter" => &["人日", "日"],
        "--years" => &["年間", "年"],
        _ => &[],
    };
    let plain = plain(word);
    let digits = units.iter().find_map(|unit| plain.strip_suffix(unit)).unwrap_or(&plain);
    match digits.parse::<u32>() {
        Ok(count) if (1..=MOST).contains(&count) => Ok(count),
        Ok(1..) => Err(Failure::new(
            format!("{option}の`{word}`は大きすぎます（100万まで）"),
            format!("`{word}` of {option} is too large (1,000,000 at most)"),
        )),
        _ => Err(Failure::new(
            format!("{option}の`{word}`は使えません。1以上の整数を書いてください"),
            format!("`{word}` of {option} cannot be used; write a whole number of at least 1"),
        )),
    }
}

/// `STAKEHOLDER=AMOUNT`. Nothing at all is a limit as well.
fn limit(word: &str, system: &System<'_>) -> Result<(usize, u64), Failure> {
    let Some((name, most)) = word.split_once('=') else {
        return Err(Failure::new(
            format!("--limitの`{word}`は「ステークホルダー=金額」の形ではありません（例: maker=2,000,000）"),
            format!("`{word}` of --limit is not STAKEHOLDER=AMOUNT, such as maker=2,000,000"),
        ));
    };
    let Some(&n) = system.stakeholders.get(name) else {
        let known: Vec<&str> = system.document.stakeholders.iter().map(|s| s.id.as_str()).collect();
        let known = known.join(", ");
        return Err(Failure::new(
            format!("--limitのステークホルダー`{name}`は文書にありません（あるもの: {known}）"),
            format!("the stakeholder `{name}` of --limit is not in the document (there are: {known})"),
        ));
    };
    let most = if in_yen(most) == Some(0) { 0 } else { amount("--limit", most)? };
    Ok((n, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (word, amount) in [
            ("3,000,000", Some(3_000_000)),
            ("300万", Some(3_000_000)),
            ("３００万円", Some(3_000_000)),
            ("1億2000万", Some(120_000_000)),
            ("2万5,000円", Some(25_000)),
            ("1000000円", Some(1_000_000)),
            ("1.5億", Some(150_000_000)),
            ("１．５億円", Some(150_000_000)),
            ("2.25万", Some(22_500)),
            ("300　万円", Some(3_000_000)),
            ("3 000 000", Some(3_000_000)),
            ("0円", Some(0)),
            ("1.00005万", None),
            (".5億", None),
            ("1.億", None),
            ("万", None),
            ("3万億", None),
            ("円", None),
            ("-5", None),
            ("1.5", None),
        ] {
            assert_eq!(in_yen(word), amount, "{word}");
        }
    }

    #[test]
    fn days_and_years_are_read_with_their_unit() {
        for (option, word, read) in [
            ("--days", "20", Some(20)),
            ("--days", "２０", Some(20)),
            ("--days", "20日", Some(20)),
            ("--days-per-quarter", "２０人日", Some(20)),
            ("--days", "1,000", Some(1000)),
            ("--years", "3年", Some(3)),
            ("--years", "3日", None),
            ("--days", "9999999", None),
            ("--days", "日", None),
        ] {
            assert_eq!(count(option, word).ok(), read, "{option} {word}");
        }
    }
}
