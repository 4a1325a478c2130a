//! What an alert touches in the system document: the asset that a machine or a source is, how it can
//! hurt people, and the scenarios that begin at it.
//!
//! The monitor does not know how scenarios are found; whoever starts it tells.

use anshin_model::{Id, Text};

/// Scenarios that one alert names at most.
const MOST_SCENARIOS: usize = 3;

/// An asset of the system document, with what is at stake at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// Its name.
    pub name: Text,
    /// How it can hurt people: ids of the catalog, and names.
    pub hazards: Vec<(Id, Text)>,
    /// Scenarios of incidents at it, the gravest first.
    pub scenarios: Vec<TouchedScenario>,
}

/// A scenario of the system.
#[derive(Debug, Clone, PartialEq)]
pub struct TouchedScenario {
    /// Its id, as `anshin paths` shows it.
    pub id: Id,
    /// What happens.
    pub incident: Text,
    /// The level of its risk.
    pub risk: Text,
    /// Threats that lead to it.
    pub threats: Vec<Id>,
}

impl Touched {
    /// The scenarios that an alert may belong to: those that begin with a threat that the alert speaks
    /// for, the gravest first.
    pub fn scenarios(&self, threats: &[Id]) -> impl Iterator<Item = &TouchedScenario> {
        let fits = move |scenario: &&TouchedScenario| scenario.threats.iter().any(|id| threats.contains(id));
        self.scenarios.iter().filter(fits).take(MOST_SCENARIOS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_names_the_gravest_scenarios_of_its_threats() {
        let scenario = |id: &str, threat: &str| TouchedScenario {
            id: Id::from(id.to_owned()),
            incident: Text::same(id),
            risk: Text::same("high"),
            threats: vec![Id::from(threat.to_owned())],
        };
        let scenarios = vec![
            scenario("a", "tampering"),
            scenario("b", "denial-of-service"),
            scenario("c", "tampering"),
            scenario("d", "tampering"),
            scenario("e", "tampering"),
        ];
        let touched = Touched { name: Text::same("press"), hazards: Vec::new(), scenarios };
        let ids = |threat: &str| -> Vec<String> {
            touched.scenarios(&[Id::from(threat.to_owned())]).map(|own| own.id.to_string()).collect()
        };
        assert_eq!(ids("tampering"), ["a", "c", "d"]);
        assert_eq!(ids("denial-of-service"), ["b"]);
        assert!(ids("spoofing").is_empty());
    }
}
