//! A red light on the signal tower of a machine is told once it has been lit for a while.

use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::lamp::Light;
use anshin_monitor::machine::States;
use anshin_monitor::{Machine, Reading, Settings, What, config};

use super::Watched;

fn watched(bounds: Bounds) -> Watched {
    let mut settings = Settings::usual(bounds);
    (settings.meter, settings.states) = (None, States::Lamp { hold: 3.0 });
    settings.silent_after = Some(600.0);
    Watched::new(settings)
}

impl Watched {
    fn light(&mut self, light: Light, is_lit: Option<bool>) {
        let time = self.now;
        self.push(Reading { time, what: What::Lamp(light, is_lit) });
    }
}

#[test]
fn a_red_light_is_told_after_a_while_and_until_it_is_out() {
    for bounds in [Bounds::None, Bounds::Events] {
        let mut watched = watched(bounds);
        watched.light(Light::Green, Some(true));
        watched.wait(30);
        watched.light(Light::Green, Some(false));
        watched.light(Light::Red, Some(true));
        let lit = watched.now;
        watched.wait(55);
        assert_eq!(watched.open(), []);
        // Nothing is told meanwhile: the sensor tells changes only.
        watched.wait(10);
        assert_eq!(watched.open(), [AlertKind::RedLight]);
        assert_eq!(watched.machine.open_alerts().next().unwrap().1, lit);
        watched.wait(200);
        watched.light(Light::Red, Some(false));
        watched.light(Light::Green, Some(true));
        watched.wait(10);
        assert_eq!((watched.open(), watched.kinds()), (vec![], vec![AlertKind::RedLight]));
    }
}

#[test]
fn a_red_light_that_flashes_is_told_once_and_a_short_one_is_not() {
    use Light::{Amber, Red};
    for other in [None, Some(Amber)] {
        let mut watched = watched(Bounds::None);
        // Short stops.
        for _ in 0..20 {
            watched.light(Red, Some(true));
            watched.wait(40);
            watched.light(Red, Some(false));
            watched.wait(20);
        }
        assert_eq!(watched.kinds(), []);
        // It flashes, by itself or in turn with another light.
        for second in 0..200_u32 {
            watched.light(Red, Some(second % 2 == 0));
            if let Some(other) = other {
                watched.light(other, Some(second % 2 == 1));
            }
            watched.wait(1);
            assert_eq!(
                watched.open().len(),
                usize::from(second > 65 || second > 55 && !watched.open().is_empty())
            );
        }
        watched.light(Red, Some(false));
        watched.wait(10);
        assert_eq!((watched.open(), watched.kinds()), (vec![], vec![AlertKind::RedLight]));
    }
}

#[test]
fn a_red_light_of_which_nothing_is_known_is_neither_told_nor_over() {
    let mut watched = watched(Bounds::None);
    watched.light(Light::Red, Some(true));
    watched.wait(20);
    watched.light(Light::Red, None);
    watched.wait(100);
    assert_eq!(watched.open(), []);
    watched.light(Light::Red, Some(true));
    watched.wait(100);
    assert_eq!(watched.open(), [AlertKind::RedLight]);
    watched.light(Light::Red, None);
    watched.wait(100);
    assert_eq!(watched.open(), [AlertKind::RedLight]);
    // A restart forgets what the lamp showed, and not that it was told.
    let kept = serde_json::to_string(&watched.machine.kept()).unwrap();
    let mut settings = Settings::usual(Bounds::None);
    (settings.meter, settings.states) = (None, States::Lamp { hold: 3.0 });
    watched.machine = Machine::new(settings).with(serde_json::from_str(&kept).unwrap());
    watched.wait(100);
    assert_eq!(watched.open(), [AlertKind::RedLight]);
    watched.light(Light::Red, Some(true));
    watched.wait(100);
    assert_eq!(watched.kinds(), [AlertKind::RedLight]);
    // Nobody is told while the machine is maintained, and again afterwards.
    for is_on in [true, false] {
        let now = watched.now;
        watched.machine.set_maintenance(is_on, now, &mut |one| watched.said.push(one));
        watched.wait(100);
        assert_eq!(watched.open().is_empty(), is_on);
    }
    watched.light(Light::Red, Some(false));
    watched.wait(10);
    assert_eq!(watched.open(), []);
}

#[test]
fn how_long_a_red_light_may_be_lit_is_set() {
    let after = |states: &str| {
        let text = format!(
            "anshin-monitor: 1\nsources:\n  - {{ id: floor, kind: mqtt }}\nmachines:\n  - id: press\n    \
             states: {{ by: lamp{states} }}\n    input: [ {{ from: floor, topic: hall/press, take: red, is: lamp, light: red }} ]\n"
        );
        let loaded = config::load("test.yaml", &text);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        loaded.configuration.unwrap().machines[0].settings.red_after
    };
    assert_eq!(after(""), Some(60.0));
    assert_eq!(after(", red-after: 5"), Some(5.0));
    assert_eq!(after(", red-after: 0"), None);
}
