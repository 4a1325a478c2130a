//! Made-up problems with our answers, a line of JSON each, for `scripts/compare-plan-with-highs`.
//!
//! `compare MEASURES SCENARIOS HOW_MANY [FIRST]`

use std::io::Write as _;

use anshin_choose::{Choice, EFFORT, Goal, Part, Problem, Rule, choose, generate};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (measures, scenarios, how_many, first) = match numbers[..] {
        [measures, scenarios, how_many] => (measures, scenarios, how_many, 0),
        [measures, scenarios, how_many, first] => (measures, scenarios, how_many, first as u64),
        _ => return Err(std::io::Error::other("compare MEASURES SCENARIOS HOW_MANY [FIRST]")),
    };
    let mut out = std::io::stdout().lock();
    for seed in first..first + how_many as u64 {
        let mut problem = generate::problem(measures, scenarios, seed);
        for goal in [Goal::Inside, Goal::Best] {
            if goal == Goal::Best {
                let fixed = problem.outcome(&std::collections::BTreeSet::new());
                problem.limits.total = Some(fixed.cost + 6_000_000);
                problem.limits.stakeholder = vec![(0, fixed.cost + 2_000_000)];
                problem.limits.days = Some(fixed.days + 200);
            }
            let begun = std::time::Instant::now();
            let choice = choose(&problem, goal, EFFORT);
            let seconds = begun.elapsed().as_secs_f64();
            let line = json!({
                "seed": seed,
                "goal": if goal == Goal::Inside { "target" } else { "effect" },
                "problem": form(&problem),
                "answer": answer(&choice),
                "seconds": seconds,
            });
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn answer(choice: &Choice) -> Value {
    match choice {
        Choice::Plan(plan) => json!({
            "set": plan.set,
            "excess": plan.outcome.excess(),
            "cost": plan.outcome.cost + plan.outcome.penalty,
            "points": plan.outcome.points + plan.outcome.harm,
            "proven": plan.proof.is_complete(),
        }),
        Choice::Impossible(_) => json!("impossible"),
        Choice::Unknown => json!("unknown"),
    }
}

fn parts(parts: &[Part]) -> Value {
    json!(parts.iter().map(|part| &part.gains).collect::<Vec<_>>())
}

fn form(problem: &Problem) -> Value {
    let rule = |rule: &Rule| match rule {
        Rule::Needs(measure, others) => json!({ "needs": [measure, others] }),
        Rule::AtMostOne(measures) => json!({ "at-most-one": measures }),
    };
    json!({
        "years": problem.years,
        "measures": problem.measures.iter().map(|m| json!({
            "by": m.by, "once": m.once, "per-year": m.per_year, "days": m.days,
            "standing": format!("{:?}", m.standing), "penalty": m.penalty, "harm": m.harm,
        })).collect::<Vec<_>>(),
        "rules": problem.rules.iter().map(rule).collect::<Vec<_>>(),
        "steps": problem.steps.iter().map(|step| json!({
            "base": step.base, "most": step.most, "parts": parts(&step.parts),
        })).collect::<Vec<_>>(),
        "paths": problem.paths,
        "scenarios": problem.scenarios.iter().map(|scenario| json!({
            "paths": scenario.paths,
            "rarer": parts(&scenario.rarer),
            "milder": parts(&scenario.milder),
            "amounts": scenario.amounts.iter()
                .map(|row| row.iter().map(|a| json!([a.points, a.outside])).collect::<Vec<_>>())
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "classes": problem.classes,
        "limits": {
            "total": problem.limits.total,
            "stakeholder": problem.limits.stakeholder,
            "days": problem.limits.days,
        },
    })
}
