//! The pages: a module for each group, with its part of the table of routes.

mod assets;
mod checklists;
mod conflict;
mod desk;
mod guest;
mod history;
mod import;
mod input;
mod knowledge;
mod ledgers;
mod live;
mod machines;
#[cfg(feature = "tls")]
mod openid;
mod organization;
#[cfg(feature = "tls")]
mod passkeys;
mod policies;
mod portfolio;
mod remarks;
mod reports;
mod rounds;
mod settings;
mod system;
mod trail;
mod tried;
mod upload;
mod welcome;

pub use desk::prepare;
pub(crate) use desk::{assessed, chrome, decide_by_api, save_fitting};
pub(crate) use guest::give_link;
pub(crate) use live::{Hub, follow, saved};
pub(crate) use machines::Floor;
pub(crate) use reports::assessment_json;
pub use reports::{Typeset, Typesetter, bring_typesetter};

use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    [
        assets::routes(),
        welcome::routes(),
        portfolio::routes(),
        system::routes(),
        conflict::routes(),
        input::routes(),
        import::routes(),
        remarks::routes(),
        history::routes(),
        reports::routes(),
        guest::routes(),
        live::routes(),
        machines::routes(),
        checklists::routes(),
        rounds::routes(),
        tried::routes(),
        policies::routes(),
        ledgers::routes(),
        knowledge::routes(),
        organization::routes(),
        trail::routes(),
        settings::routes(),
        #[cfg(feature = "tls")]
        openid::routes(),
        #[cfg(feature = "tls")]
        passkeys::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
