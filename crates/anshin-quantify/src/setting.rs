//! What an assessment tells the quantification, as plain values.

use std::collections::BTreeMap;

use anshin_assess::{Figures, MeasureState, System, Taken, Terrain};
use anshin_catalog::{Consequence, CostWhen, Matrix};
use anshin_model::document::{Document, Economic, Restore, Status};
use anshin_model::{Id, Lang, Text};

/// A system as seen by one organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The stakeholder whose money it is.
    pub organization: Id,
    /// Its name.
    pub name: Text,
    /// How long a standstill lasts, if the organization depends on the system.
    pub restore: Option<Restore>,
    /// Classes of likelihood, from low to high.
    pub classes: Vec<Class>,
    /// Scenarios that befall the organization.
    pub risks: Vec<Risk>,
    /// Where the measures of the plan come from.
    pub plan_from: PlanFrom,
    /// The measures of the plan.
    pub plan: Vec<PlannedMeasure>,
    /// Where each risk stands once all of them are done.
    pub after: Vec<Standing>,
}

/// A class of likelihood.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
}

/// A scenario that befalls the organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Its id.
    pub id: Id,
    /// A short name.
    pub name: Text,
    /// What happens.
    pub about: Text,
    /// What it leads to.
    pub consequence: CostWhen,
    /// Where it stands with the measures in place.
    pub now: Standing,
    /// Where it stood without any measure.
    pub bare: Standing,
}

/// How likely a scenario is and how grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Class of likelihood, 0 for the lowest.
    pub likelihood: usize,
    /// Level of its effect on the economic axis.
    pub level: Economic,
}

/// Where the measures of a plan come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanFrom {
    /// They stand in the document as planned.
    #[default]
    Document,
    /// A planner has chosen them, those of the document among them.
    Chosen,
}

/// A stakeholder that does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doer {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
}

/// A measure of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMeasure {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Who does it and pays for it.
    pub by: Doer,
    /// What it costs and takes; defaults of the catalog are in yen.
    pub figures: Figures,
    /// Where each risk stands if this is the only one of the plan that is done.
    pub alone: Vec<Standing>,
    /// Where each risk stands if all others of the plan are done.
    pub others: Vec<Standing>,
}

/// A measure that is to be done, as a plain value: from the document, or chosen by a planner.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// What is taken, and where.
    pub taken: Taken,
    /// Its name.
    pub name: Text,
    /// Who does it and pays for it.
    pub by: Id,
    /// What it costs and takes; defaults of the catalog are in yen.
    pub figures: Figures,
}

/// The planned measures of a document, with the defaults of the catalog where it does not say what they
/// cost.
pub fn planned(system: &System<'_>) -> Vec<Proposed> {
    let System { document, catalog, .. } = *system;
    let states = MeasureState::planned(document).taken;
    document
        .measures
        .iter()
        .filter(|measure| measure.status == Status::Planned)
        .filter_map(|measure| {
            let taken = states.iter().find(|taken| taken.name == measure.id)?.clone();
            let of_catalog = || Some(catalog.measures.get(measure.measure.as_ref()?)?.name.clone());
            let of_requirement = || Some(catalog.requirements.get(&measure.requirement)?.name.clone());
            let name = measure.name.clone().or_else(of_catalog).or_else(of_requirement);
            let name = name.unwrap_or_else(|| Text::same(measure.id.as_str()));
            Some(Proposed { taken, name, by: measure.by.clone(), figures: system.figures(measure) })
        })
        .collect()
}

impl Setting {
    /// A system as its assessment shows it to one organization.
    ///
    /// `apart` names proposed measures whose effect the organization states itself: the assessment's
    /// view of them is left out, so that nothing counts twice.
    pub fn of(
        terrain: &Terrain<'_>,
        matrix: &Matrix,
        organization: &Id,
        (plan_from, plan): (PlanFrom, &[Proposed]),
        apart: &[Id],
    ) -> Self {
        let system = terrain.system();
        let document = system.document;
        let in_place = MeasureState::in_place(document);
        let standings = |state: &MeasureState| -> BTreeMap<Id, Standing> {
            let scenarios = terrain.scenarios(matrix, state).all;
            let own = scenarios.into_iter().filter(|scenario| scenario.stakeholder == *organization);
            own.map(|s| (s.id, Standing { likelihood: s.likelihood, level: s.economic })).collect()
        };
        let with = |proposed: &[&Proposed]| {
            let mut state = in_place.clone();
            state.taken.extend(proposed.iter().map(|proposed| proposed.taken.clone()));
            standings(&state)
        };
        let bare = standings(&MeasureState::bare());
        let counted = |proposed: &&Proposed| !apart.contains(&proposed.taken.name);
        let together: Vec<&Proposed> = plan.iter().filter(counted).collect();
        let after = with(&together);
        let alone: Vec<BTreeMap<Id, Standing>> = plan
            .iter()
            .map(|proposed| if counted(&proposed) { with(&[proposed]) } else { with(&[]) })
            .collect();
        let others: Vec<BTreeMap<Id, Standing>> = plan
            .iter()
            .map(|left_out| {
                let others = together.iter().copied().filter(|one| one.taken.name != left_out.taken.name);
                with(&others.collect::<Vec<_>>())
            })
            .collect();
        let scenarios = terrain.scenarios(matrix, &in_place);
        let own = scenarios.all.iter().filter(|scenario| scenario.stakeholder == *organization);
        let risks: Vec<Risk> = own
            .map(|scenario| {
                let now = Standing { likelihood: scenario.likelihood, level: scenario.economic };
                Risk {
                    id: scenario.id.clone(),
                    name: name_of(&document.assets[scenario.at].name, scenario.consequence),
                    about: scenario.incident.clone(),
                    consequence: match scenario.consequence {
                        Consequence::Harm => CostWhen::Harm,
                        Consequence::Stop => CostWhen::Stop,
                        Consequence::Leak => CostWhen::Leak,
                        Consequence::Recall => CostWhen::Recall,
                    },
                    now,
                    bare: bare.get(&scenario.id).copied().unwrap_or(now),
                }
            })
            .collect();
        let of_risks = |standings: &BTreeMap<Id, Standing>| -> Vec<Standing> {
            risks.iter().map(|risk| standings.get(&risk.id).copied().unwrap_or(risk.now)).collect()
        };
        let who = document.stakeholders.iter().find(|who| who.id == *organization);
        Self {
            organization: organization.clone(),
            name: name_of_stakeholder(document, organization),
            restore: who.and_then(|who| who.depends_on.as_ref()).map(|depends| depends.restore),
            classes: matrix
                .likelihood
                .iter()
                .map(|class| Class { id: class.id.clone(), name: class.name.clone() })
                .collect(),
            plan_from,
            plan: plan
                .iter()
                .zip(alone.iter().zip(&others))
                .map(|(proposed, (alone, others))| PlannedMeasure {
                    id: proposed.taken.name.clone(),
                    name: proposed.name.clone(),
                    by: Doer { id: proposed.by.clone(), name: name_of_stakeholder(document, &proposed.by) },
                    figures: proposed.figures,
                    alone: of_risks(alone),
                    others: of_risks(others),
                })
                .collect(),
            after: of_risks(&after),
            risks,
        }
    }
}

fn name_of_stakeholder(document: &Document, id: &Id) -> Text {
    let found = document.stakeholders.iter().find(|who| who.id == *id);
    found.map_or_else(|| Text::same(id.as_str()), |who| who.name.clone())
}

fn name_of(asset: &Text, consequence: Consequence) -> Text {
    let what = consequence.name();
    Text::new(
        format!("{}：{}", asset.get(Lang::Ja), what.get(Lang::Ja)),
        format!("{}: {}", asset.get(Lang::En), what.get(Lang::En)),
    )
}
