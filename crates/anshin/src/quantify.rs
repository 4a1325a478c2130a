//! `anshin quantify`: risk in money.

use std::path::Path;

use anshin_assess::{Engine, Figures, System, Taken, Terrain};
use anshin_catalog::{Catalog, Matrix};
use anshin_model::document::Status;
use anshin_model::tree::Limits;
use anshin_model::{Document, Id, Text, diagnostic};
use anshin_plan::{Chosen, Goal, Options, SystemPlan};
use anshin_quantify::estimate::NoEstimate;
use anshin_quantify::money_file::{self, Known, MoneyFile};
use anshin_quantify::quantification::{MOST_YEARS, Quantification};
use anshin_quantify::setting::{self, PlanFrom, Proposed, Setting};
use anshin_quantify::{Run, quantify, v1};
use anshin_report::{Subject, plan_words};

use crate::cli::{Format, QuantifyArgs};
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{paths, plan, show_money};

/// Runs the command and prints what it gives.
pub(crate) fn run(
    args: &QuantifyArgs,
    system: &System<'_>,
    engine: &Engine<'_>,
    output: Output,
) -> Result<(), Failure> {
    let run = Run { years: years(args.years)?, seed: args.seed };
    let matrix = paths::matrix(args.matrix.as_deref(), system.catalog)?;
    let budget = args.budget.as_deref().map(|word| plan::amount("--budget", word)).transpose()?;
    let assessment = engine.assess_system(system);
    let terrain = engine.terrain(system, &assessment);
    let plan = if args.plan { Some(chosen(&terrain, matrix, budget, output)?) } else { None };
    let subject = Subject { system, assessment: &assessment };
    let seen = Seen { subject, terrain: &terrain, matrix, plan: plan.as_ref() };
    let (setting, money) = seen.facts(args.money.as_deref(), output)?;
    let text = if args.template {
        show_money::template(&setting, system.catalog, output.lang)
    } else {
        let quantification = quantified(&setting, &money, system.catalog, run)?;
        match args.format {
            Format::Text => {
                let colour = if args.output.is_some() { Output { color: false, ..output } } else { output };
                show_money::quantification(&quantification, args.verbose, colour)
            }
            Format::Json => {
                let report = v1::Report::new(&system.document.system.id, &quantification);
                let json = serde_json::to_string_pretty(&report);
                format!("{}\n", json.map_err(|e| Failure::new(e.to_string(), e.to_string()))?)
            }
        }
    };
    match &args.output {
        Some(path) => crate::beside::write_whole(path, |out| out.write_all(text.as_bytes())),
        None => output.print(&text).map_err(|e| Failure::new(e.to_string(), e.to_string())),
    }
}

/// The cheapest plan inside the target, or the best for a budget.
fn chosen(
    terrain: &Terrain<'_>,
    matrix: &Matrix,
    budget: Option<u64>,
    output: Output,
) -> Result<SystemPlan, Failure> {
    let mut options = Options::default();
    options.wishes.today = Some(crate::clock::today());
    if budget.is_some() {
        options.goal = Goal::Best;
        options.wishes.limits.total = budget;
    }
    plan::chosen(terrain, matrix, &options, output)
}

/// A system, the attack paths in it, and the plan for it if there is one.
pub(crate) struct Seen<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) terrain: &'a Terrain<'a>,
    pub(crate) matrix: &'a Matrix,
    pub(crate) plan: Option<&'a SystemPlan>,
}

impl Seen<'_> {
    /// Risk in money, with the default number of years and seed.
    pub(crate) fn in_money(&self, money: &Path, output: Output) -> Result<Quantification, Failure> {
        use anshin_quantify::quantification::{SEED, YEARS};
        let (setting, money) = self.facts(Some(money), output)?;
        quantified(&setting, &money, self.subject.system.catalog, Run { years: YEARS, seed: SEED })
    }

    /// The system as the organization of the money file sees it, and its numbers.
    fn facts(&self, path: Option<&Path>, output: Output) -> Result<(Setting, MoneyFile), Failure> {
        let System { document, catalog, .. } = *self.subject.system;
        let of = |who: &Id, plan: (PlanFrom, &[Proposed]), apart: &[Id]| {
            Setting::of(self.terrain, self.matrix, who, plan, apart)
        };
        let none = (PlanFrom::Document, &[][..]);
        let settings: Vec<Setting> = match path {
            None => Vec::new(),
            Some(_) => document.stakeholders.iter().map(|who| of(&who.id, none, &[])).collect(),
        };
        let money = match path {
            None => MoneyFile::default(),
            Some(path) => read(path, document, catalog, &settings, output)?,
        };
        let lead = || document.stakeholders.iter().find(|who| who.lead).map(|who| who.id.clone());
        let organization = money.organization.clone().or_else(lead).unwrap_or_else(|| Id::from(""));
        let stated = money.measures.iter().filter(|own| own.prevents.is_some() || own.softens.is_some());
        let apart: Vec<Id> = stated.map(|own| own.id.clone()).collect();
        let setting = match self.plan {
            None => of(&organization, (PlanFrom::Document, &setting::planned(self.subject.system)), &apart),
            Some(plan) => of(&organization, (PlanFrom::Chosen, &self.proposed(plan)), &apart),
        };
        Ok((setting, money))
    }

    /// The measures of a plan. Those of the document are worth the same without a plan.
    fn proposed(&self, plan: &SystemPlan) -> Vec<Proposed> {
        let written = setting::planned(self.subject.system);
        #[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
        let of_catalog = |chosen: &Chosen| Proposed {
            taken: Taken {
                name: chosen.id.clone(),
                requirement: chosen.requirement.clone(),
                measure: chosen.measure.clone(),
                on: chosen.on.clone(),
            },
            name: plan_words::measure(&self.subject, chosen),
            by: chosen.by.clone(),
            figures: Figures {
                once: Some(chosen.once as f64),
                per_year: Some(chosen.per_year as f64),
                days: Some(f64::from(chosen.days)),
                default_cost: chosen.is_default,
                default_days: chosen.is_default,
            },
        };
        let of_document = |chosen: &Chosen| written.iter().find(|own| own.taken.name == chosen.id).cloned();
        plan.measures.iter().map(|chosen| of_document(chosen).unwrap_or_else(|| of_catalog(chosen))).collect()
    }
}

fn years(years: usize) -> Result<usize, Failure> {
    if (1000..=MOST_YEARS).contains(&years) {
        return Ok(years);
    }
    Err(Failure::new(
        format!("`--years {years}`は使えません。1,000から{MOST_YEARS}の数を指定してください"),
        format!("`--years {years}` cannot be used; give a number from 1,000 to {MOST_YEARS}"),
    ))
}

fn read(
    path: &Path,
    document: &Document,
    catalog: &Catalog,
    settings: &[Setting],
    output: Output,
) -> Result<MoneyFile, Failure> {
    let bytes = input::read(path, Limits::DEFAULT.bytes).map_err(|error| {
        let shown = path.display();
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    let stakeholders: Vec<Id> = document.stakeholders.iter().map(|who| who.id.clone()).collect();
    let of_setting =
        |s: &Setting| s.risks.iter().map(|r| (r.id.clone(), s.organization.clone())).collect::<Vec<_>>();
    let scenarios: Vec<(Id, Id)> = settings.iter().flat_map(of_setting).collect();
    let measures: Vec<(Id, Status)> =
        document.measures.iter().map(|measure| (measure.id.clone(), measure.status)).collect();
    let classes: Vec<Id> =
        settings.first().map_or_else(Vec::new, |s| s.classes.iter().map(|c| c.id.clone()).collect());
    let known = Known {
        catalog,
        stakeholders: &stakeholders,
        lead: document.stakeholders.iter().find(|who| who.lead).map(|who| &who.id),
        classes: &classes,
        scenarios: &scenarios,
        measures: &measures,
    };
    let loaded = money_file::load(&path.display().to_string(), bytes, known);
    input::report(&loaded.sources, &loaded.diagnostics, output);
    debug_assert!(loaded.money.is_some() || diagnostic::has_errors(&loaded.diagnostics));
    loaded.money.ok_or(Failure::Input)
}

fn quantified(
    setting: &Setting,
    money: &MoneyFile,
    catalog: &Catalog,
    run: Run,
) -> Result<Quantification, Failure> {
    quantify(setting, money, catalog, run).map_err(|error| match &error {
        NoEstimate::Currency(currency) => Failure::new(
            format!("既定値は円なので、{currency}の金額には使えません。金額ファイルに`business: turnover`か`levels`を書いてください"),
            format!("{error}; write `business: turnover` or `levels` in the money file"),
        ),
        NoEstimate::Default(entry) => Failure::new(
            format!("カタログに、使える既定の範囲`{entry}`がありません。独自のカタログで書き足してください"),
            format!("{error}; add it in a catalog of your own"),
        ),
    })
}

/// A name for the pictures' file names and titles.
pub(crate) fn figures(q: &Quantification, lang: anshin_model::Lang) -> [(&'static str, Text, String); 2] {
    [
        (
            "loss-exceedance",
            Text::new("損失超過確率曲線", "Loss exceedance curve"),
            anshin_report::loss_exceedance(q, lang),
        ),
        (
            "loss-tornado",
            Text::new("損失の要因", "What drives the loss"),
            anshin_report::loss_tornado(q, lang),
        ),
    ]
}
