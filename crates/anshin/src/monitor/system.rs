//! The system document behind a configuration: which assets the machines are, and what an alert
//! touches there.

use std::path::Path;

use anshin_assess::{MeasureState, Scenarios, System};
use anshin_catalog::Catalog;
use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::document::Document;
use anshin_model::{Id, Text, shape};
use anshin_monitor::Configuration;
use anshin_monitor::config::Loaded;
use anshin_monitor::touch::{Touched, TouchedScenario};

use crate::input::{self, Failure};
use crate::output::Output;
use crate::{engine, paths};

/// Tells the machines, sources and groups of a configuration what is at stake at their assets. Assets that the
/// document does not have are wrong in the configuration.
pub(super) fn tie(
    loaded: &mut Loaded,
    path: &Path,
    catalog: &Catalog,
    output: Output,
) -> Result<(), Failure> {
    let document = input::document(path, catalog, output);
    let Some(document) = &document.document else { return Err(Failure::Input) };
    let unknown: Vec<Diagnostic> =
        loaded.assets().filter_map(|place| unknown(place.scalar()?, place, document, path)).collect();
    loaded.diagnostics.extend(unknown);
    let Some(configuration) = &mut loaded.configuration else { return Ok(()) };
    let system = System::new(document, catalog);
    let engine = engine(catalog)?;
    let assessment = engine.assess_system(&system);
    let terrain = engine.terrain(&system, &assessment);
    let matrix = paths::matrix(None, catalog)?;
    let scenarios = terrain.scenarios(matrix, &MeasureState::in_place(document));
    let touched = |asset: &Option<Id>| asset.as_ref().and_then(|asset| touched(asset, &system, &scenarios));
    for machine in &mut configuration.machines {
        machine.touched = touched(&machine.asset);
    }
    for source in &mut configuration.sources {
        source.touched = touched(&source.asset);
    }
    for group in &mut configuration.groups {
        group.touched = touched(&group.asset);
    }
    if let Some(remark) = loose(configuration) {
        output.say(&remark);
    }
    Ok(())
}

fn unknown(
    asset: &str,
    place: &anshin_model::tree::Node,
    document: &Document,
    path: &Path,
) -> Option<Diagnostic> {
    let names = || document.assets.iter().map(|known| known.id.as_str());
    if names().any(|known| known == asset) {
        return None;
    }
    let shown = path.display();
    let message = Text::new(
        format!("`{shown}`に機器`{asset}`がありません"),
        format!("there is no asset `{asset}` in `{shown}`"),
    );
    let hint = shape::nearest(asset, names()).map_or_else(
        || {
            let all = names().take(12).collect::<Vec<_>>().join(", ");
            Text::new(format!("文書にある機器: {all}"), format!("it has: {all}"))
        },
        shape::did_you_mean,
    );
    Some(Diagnostic::error(Code::UnknownReference, message).at(place.span).hint(hint))
}

fn touched(asset: &Id, system: &System<'_>, scenarios: &Scenarios) -> Option<Touched> {
    let n = *system.assets.get(asset.as_str())?;
    let hazards = system.profiles[n].dangers.iter().map(|danger| {
        let known = system.catalog.hazards.get(danger.kind);
        (danger.kind.clone(), known.map_or_else(|| Text::same(danger.kind.as_str()), |own| own.name.clone()))
    });
    let mut at_asset: Vec<_> = scenarios.all.iter().filter(|own| own.asset == *asset).collect();
    at_asset.sort_by_key(|own| own.rank);
    let at_asset = at_asset.into_iter().map(|own| TouchedScenario {
        id: own.id.clone(),
        incident: own.incident.clone(),
        risk: scenarios.matrix.risk[own.risk].name.clone(),
        threats: own.threats.clone(),
    });
    let name = system.document.assets[n].name.clone();
    Some(Touched { name, hazards: hazards.collect(), scenarios: at_asset.collect() })
}

/// Machines of which nobody has said which asset they are.
fn loose(configuration: &Configuration) -> Option<Text> {
    let loose = configuration.machines.iter().filter(|machine| machine.asset.is_none());
    let ids = loose.map(|machine| machine.id.as_str()).collect::<Vec<_>>().join(", ");
    (!ids.is_empty()).then(|| {
        Text::new(
            format!("どの機器か書かれていない機械: {ids}。`asset`に書くと、警報が機器とシナリオを示します"),
            format!("machines without `asset`: {ids}; name it, and alerts tell what they touch"),
        )
    })
}
