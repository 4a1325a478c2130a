//! The pages: a module for each group, with its part of the table of routes.

mod welcome;

use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    welcome::routes()
}
