//! The pages: a module for each group, with its part of the table of routes.

mod assets;
mod checklists;
mod desk;
mod guest;
mod history;
mod knowledge;
mod live;
mod organization;
mod portfolio;
mod reports;
mod system;
mod welcome;

pub(crate) use desk::chrome;
pub use desk::prepare;
pub use reports::{Typesetter, bring_typesetter};

use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    [
        assets::routes(),
        welcome::routes(),
        portfolio::routes(),
        system::routes(),
        history::routes(),
        reports::routes(),
        guest::routes(),
        live::routes(),
        checklists::routes(),
        knowledge::routes(),
        organization::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
