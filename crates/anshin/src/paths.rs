//! `anshin paths`: scenarios with their attack paths, levels after measures and residual risk.

use std::path::Path;

use anshin_assess::{MeasureState, ResidualRisk, Scenario, Scenarios, Stages, System, Terrain, v1};
use anshin_catalog::{Catalog, Matrix};
use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::document::Document;
use anshin_model::tree::{self, Limits, Node, Sources};
use anshin_model::{Text, shape};
use anshin_report::Subject;

use crate::cli::{Format, Measures, PathsArgs, PathsFinding};
use crate::clock::today;
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{End, engine, show_paths};

/// Carries out `anshin paths`.
pub(crate) fn run(args: &PathsArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let matrix = matrix(args.matrix.as_deref(), catalog)?;
    let today = day(args.today.as_deref())?;
    let loaded = input::document(&args.file, catalog, output);
    let Some(document) = &loaded.document else { return Err(Failure::Input) };
    let engine = engine(catalog)?;
    let system = System::new(document, catalog);
    let assessment = engine.assess_system(&system);
    let terrain = engine.terrain(&system, &assessment);
    let (state, word, measures) = match args.measures {
        Measures::None => (MeasureState::bare(), "none", Text::new("なし", "none")),
        Measures::InPlace => {
            (MeasureState::in_place(document), "in-place", Text::new("実施済み", "those in place"))
        }
        Measures::Planned => (
            MeasureState::planned(document),
            "planned",
            Text::new("実施済みと計画中", "those in place and planned"),
        ),
    };
    let scenarios = terrain.scenarios_with(matrix, &state, usize::from(args.paths));
    let levels = terrain.levels_after(&scenarios);
    let residual = residual(&terrain, matrix, document, &today);
    input::report(&loaded.sources, &findings(&residual, document, loaded.tree.as_ref()), output);
    let view = show_paths::View {
        subject: Subject { system: &system, assessment: &assessment },
        terrain: &terrain,
        scenarios: &scenarios,
        levels: &levels,
        residual: &residual,
        measures,
        output,
        verbose: args.verbose,
    };
    let asked = args.scenario.as_deref().map(|id| one(&scenarios, id)).transpose()?;
    let text = match (args.format, asked) {
        (Format::Json, asked) => {
            let report = v1::paths::Report::new(&terrain, &scenarios, &levels, &residual, word);
            let report = match asked {
                Some(scenario) => report.only(&scenario.id),
                None => report,
            };
            let json = serde_json::to_string_pretty(&report);
            json.map_err(|error| Failure::new(error.to_string(), error.to_string()))? + "\n"
        }
        (Format::Text, Some(scenario)) => view.one(scenario),
        (Format::Text, None) => view.all(),
    };
    crate::print(output, &text)?;
    let found = args.fail_on.iter().any(|finding| match finding {
        PathsFinding::AboveCut => scenarios.all.iter().any(Scenario::above_cut),
        PathsFinding::OutsideTarget => levels.iter().any(|row| !row.within),
        PathsFinding::OpenRisk => residual.open().next().is_some(),
        PathsFinding::ExpiredAcceptance => residual.expired().next().is_some(),
        PathsFinding::UnknownScenario => !residual.unknown.is_empty(),
    });
    Ok(if found { End::Findings } else { End::Fine })
}

/// What stays after the document's measures.
pub(crate) fn residual(
    terrain: &Terrain<'_>,
    matrix: &Matrix,
    document: &Document,
    today: &str,
) -> ResidualRisk {
    let [bare, in_place, planned] =
        [MeasureState::bare(), MeasureState::in_place(document), MeasureState::planned(document)]
            .map(|state| terrain.scenarios(matrix, &state));
    let stages = Stages { bare: &bare, in_place: &in_place, planned: &planned };
    anshin_assess::residual(stages, &document.acceptances, today)
}

/// Expired acceptances, and those of scenarios that are gone, at their place in the document.
pub(crate) fn findings(residual: &ResidualRisk, document: &Document, tree: Option<&Node>) -> Vec<Diagnostic> {
    let nodes = tree.and_then(|tree| tree.get("acceptances")).map_or(&[][..], Node::items);
    let at = |n: usize, key: &str, warning: Diagnostic| match nodes.get(n).and_then(|node| node.get(key)) {
        Some(node) => warning.at(node.span),
        None => warning,
    };
    let expired = residual.expired().map(|n| {
        let acceptance = &document.acceptances[n];
        let warning = Diagnostic::warning(
            Code::ExpiredAcceptance,
            Text::new(
                format!("`{}`の受容は{}までで、期限が過ぎています", acceptance.scenario, acceptance.until),
                format!("the acceptance of `{}` ended on {}", acceptance.scenario, acceptance.until),
            ),
        );
        at(n, "until", warning).hint(Text::new(
            "リスクを改めて検討し、対策を足すか、新しい期限で受容し直してください",
            "look at the risk again; add measures, or accept it anew with a later day",
        ))
    });
    let unknown = residual
        .unknown
        .iter()
        .map(|&n| at(n, "scenario", unknown_scenario(document.acceptances[n].scenario.as_str())));
    expired.chain(unknown).collect()
}

/// That a scenario is accepted that the system does not have.
pub(crate) fn unknown_scenario(id: &str) -> Diagnostic {
    let what = Text::new(format!("`{id}`というシナリオはありません"), format!("there is no scenario `{id}`"));
    Diagnostic::warning(Code::UnknownScenario, what).hint(Text::new(
        "`anshin paths --verbose`が今のシナリオの識別子を示します",
        "`anshin paths --verbose` shows the ids of the scenarios as they are",
    ))
}

fn one<'s>(scenarios: &'s Scenarios, id: &str) -> Result<&'s Scenario, Failure> {
    scenarios.get(id).ok_or_else(|| {
        let near = shape::nearest(id, scenarios.all.iter().map(|scenario| scenario.id.as_str()));
        let (ja, en) = near.map_or_else(
            || {
                (
                    "。`anshin paths --verbose`が識別子を示します".to_owned(),
                    "; `anshin paths --verbose` shows the ids".to_owned(),
                )
            },
            |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
        );
        Failure::new(
            format!("`{id}`というシナリオはありません{ja}"),
            format!("there is no scenario `{id}`{en}"),
        )
    })
}

/// The day that expiry is judged by: given, or today.
pub(crate) fn day(given: Option<&str>) -> Result<String, Failure> {
    match given {
        None => Ok(today()),
        Some(date) if shape::is_date(date) => Ok(date.to_owned()),
        Some(word) => Err(Failure::new(
            format!("`{word}`は日付ではありません。2026-04-01のように書いてください"),
            format!("`{word}` is not a date; write it as 2026-04-01"),
        )),
    }
}

/// The matrix file among the arguments, if `--matrix` names a file: it is a part of the catalog.
pub(crate) fn matrix_file(named: Option<&str>) -> Option<&Path> {
    named.map(Path::new).filter(|path| path.is_file())
}

/// The matrix that `--matrix` names: an id of the catalog, or a file that holds exactly one.
pub(crate) fn matrix<'c>(named: Option<&str>, catalog: &'c Catalog) -> Result<&'c Matrix, Failure> {
    let id = match (named, matrix_file(named)) {
        (Some(named), Some(path)) => only_matrix_of(path, named)?,
        (named, _) => named.unwrap_or("standard").to_owned(),
    };
    catalog.matrices.get(id.as_str()).ok_or_else(|| {
        let all = catalog.matrices.keys().map(anshin_model::Id::as_str).collect::<Vec<_>>().join(", ");
        Failure::new(
            format!(
                "リスクマトリクス`{id}`は、ファイルにもカタログにもありません。カタログにあるもの: {all}"
            ),
            format!(
                "there is no risk matrix `{id}`, neither as a file nor in the catalog; the catalog has: {all}"
            ),
        )
    })
}

/// The id of the one matrix in a file, which has been checked as a part of the catalog.
fn only_matrix_of(path: &Path, shown: &str) -> Result<String, Failure> {
    let unreadable = |error: String| {
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    };
    let bytes = input::read(path, Limits::DEFAULT.bytes).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
    let mut sources = Sources::default();
    let file = sources.add(shown, text);
    let Ok((root, _)) = tree::parse(&sources, file, Limits::DEFAULT) else { return Err(Failure::Input) };
    let ids: Vec<String> = root
        .get("matrices")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|item| shape::item_id(item).map(|(id, _)| id))
        .collect();
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Ok(id),
        Err(ids) => Err(Failure::new(
            format!(
                "`{shown}`にはリスクマトリクスが{}個あります。`matrices:`に1つだけ書いてください",
                ids.len()
            ),
            format!("`{shown}` has {} risk matrices; write exactly one under `matrices:`", ids.len()),
        )),
    }
}
