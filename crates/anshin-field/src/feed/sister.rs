//! Topics of one device. Beside what it measures, a device tells on other topics that it is there, what was
//! switched, or how strong its radio is. Such topics share its name and differ in words of its maker.

/// Words that stand beside the name of a device in its topics, and are no name themselves.
/// They are those of Tasmota (`tele/NAME/SENSOR`, `stat/NAME/RESULT`, `tele/NAME/LWT`), Shelly
/// (`NAME/status/switch:0`, `NAME/online`, `shellies/NAME/relay/0/power`) and `Zigbee2MQTT` (`zigbee2mqtt/NAME`,
/// `zigbee2mqtt/NAME/availability`), as the documentation of their makers says, and the names of electric values.
const WORDS: &[&str] = &[
    // Tasmota.
    "tele",
    "stat",
    "cmnd",
    "sensor",
    "state",
    "lwt",
    "result",
    "status",
    "info",
    "uptime",
    // Shelly.
    "online",
    "announce",
    "events",
    "rpc",
    "command",
    "debug",
    "log",
    "switch",
    "relay",
    "input",
    "input_event",
    "cover",
    "emeter",
    "em",
    "emdata",
    "pm",
    "sys",
    "wifi",
    "cloud",
    "mqtt",
    "ble",
    "temperature",
    "overtemperature",
    // Zigbee2MQTT.
    "availability",
    "set",
    "get",
    // What is measured.
    "power",
    "energy",
    "voltage",
    "current",
];

/// Those that makers number: `INFO1`, `STATUS8`, `POWER2`. Behind others a number makes a name: `sensor1`.
const NUMBERED: &[&str] = &["info", "status", "power"];

/// Whether a level of a topic is such a word. A number alone is one behind another one: what `relay/0` is the number
/// of, is no device.
fn is_word(level: &str, is_behind_word: bool) -> bool {
    let without_number = |word: &'_ str| word.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
    let word = &level[..without_number(level)];
    // Shelly has kinds with a number, and numbers of each: `pm1:0`.
    let (word, words) = match word.strip_suffix(':') {
        Some(kind) => (&kind[..without_number(kind)], WORDS),
        None if word.len() < level.len() => (word, NUMBERED),
        None => (word, WORDS),
    };
    match word {
        "" => is_behind_word && !level.is_empty(),
        word => words.iter().any(|known| known.eq_ignore_ascii_case(word)),
    }
}

/// What of a topic names its device: its levels without such words; `None` if it has none else.
pub(super) fn device(topic: &str, separator: char) -> Option<Vec<String>> {
    let (mut device, mut is_behind_word) = (Vec::new(), false);
    for level in topic.split(separator) {
        is_behind_word = is_word(level, is_behind_word);
        if !is_behind_word {
            device.push(level.to_owned());
        }
    }
    (!device.is_empty()).then_some(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_sisters(one: &str, other: &str) -> bool {
        device(one, '/').is_some_and(|one| device(other, '/') == Some(one))
    }

    #[test]
    fn what_a_device_tells_beside_has_its_name() {
        for (known, others) in [
            (
                "tele/press/SENSOR",
                &[
                    "tele/press/LWT",
                    "tele/press/STATE",
                    "tele/press/INFO1",
                    "stat/press/RESULT",
                    "stat/press/POWER2",
                ][..],
            ),
            ("press/tele/SENSOR", &["press/stat/RESULT"]),
            ("press/status/switch:0", &["press/online", "press/events/rpc", "press/status/pm1:1"]),
            ("shellies/press/relay/0/power", &["shellies/press/online", "shellies/press/relay/0"]),
            ("zigbee2mqtt/press", &["zigbee2mqtt/press/availability", "zigbee2mqtt/press/set"]),
            ("plug/press/power", &["plug/press/energy"]),
        ] {
            for other in others {
                assert!(are_sisters(known, other), "{known} {other}");
            }
        }
    }

    #[test]
    fn another_name_is_another_device() {
        for (known, other) in [
            ("hall/press", "hall/rogue"),
            ("hall/press/power", "hall/rogue/power"),
            ("hall/power", "hall/rogue"),
            ("tele/press/SENSOR", "tele/rogue/SENSOR"),
            ("tele/press/SENSOR", "tasmota/discovery/AABBCC/config"),
            ("zigbee2mqtt/press", "zigbee2mqtt/bridge/state"),
            ("hall/1", "hall/2"),
            ("hall/sensor1/power", "hall/sensor2/power"),
            ("hall/input1", "hall/input2"),
            ("plug1", "plug2"),
            ("power", "energy"),
        ] {
            assert!(!are_sisters(known, other), "{known} {other}");
        }
    }
}
