//! The machines of a team: what they publish, where, and how they are configured.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::MACHINES;
use super::device::Device;
#[cfg(feature = "nats")]
use super::stream;

/// Where machines publish, and monitors listen.
#[derive(Clone, Copy)]
pub(crate) enum Hub {
    Mqtt(SocketAddr),
    #[cfg(feature = "nats")]
    Nats(SocketAddr),
}

/// One who publishes there.
pub(crate) enum Wire {
    Mqtt(Device),
    #[cfg(feature = "nats")]
    Nats(stream::Client),
}

/// Machines that publish; the time of the messages is that of the machines.
pub(crate) struct Devices {
    pub(crate) wire: Wire,
    second: u32,
    /// The cycle that runs, and how many steps of it have gone by.
    pub(crate) cycle: (u32, u32),
}

impl Wire {
    fn to(hub: Hub) -> Self {
        match hub {
            Hub::Mqtt(address) => Wire::Mqtt(Device::connect(address, "devices", None)),
            #[cfg(feature = "nats")]
            Hub::Nats(address) => Wire::Nats(stream::Client::connect(address, None)),
        }
    }

    /// Publishes what a machine says, and waits until it is there.
    pub(crate) fn publish(&mut self, n: usize, payload: &str) {
        match self {
            Wire::Mqtt(device) => device.publish(&format!("plant/m{n}"), payload),
            #[cfg(feature = "nats")]
            Wire::Nats(client) => client.publish(&format!("plant.m{n}"), payload),
        }
    }
}

impl Devices {
    pub(crate) fn connect(hub: Hub) -> Self {
        Self { wire: Wire::to(hub), second: 1_000, cycle: (0, 0) }
    }

    /// Five seconds of all machines; a cycle takes twenty.
    pub(crate) fn step(&mut self) {
        self.go_on(5);
        if self.cycle.1 >= 4 {
            self.cycle = (self.cycle.0 + 1, 0);
        }
    }

    /// Some seconds of all machines, within the cycle that runs.
    fn go_on(&mut self, seconds: u32) {
        let (second, cycle) = (self.second, self.cycle.0);
        for n in 0..MACHINES {
            self.wire.publish(n, &format!(r#"{{"t":{second},"w":1800,"cycle":{cycle}}}"#));
        }
        self.second += seconds;
        self.cycle.1 += 1;
    }

    /// Stays for some seconds in the cycle that runs, and says so as often as ever.
    pub(crate) fn linger(&mut self, seconds: u32) {
        (0..seconds / 5).for_each(|_| self.go_on(5));
        self.cycle.1 = 1;
    }

    /// Goes on until so many cycles are over.
    pub(crate) fn cycles(&mut self, count: u32) {
        let last = self.cycle.0 + count;
        while self.cycle.0 < last {
            self.step();
        }
    }

    /// Lets the last cycle end and the next one begin: the end of a cycle is told by the number of the next.
    pub(crate) fn go_into_next(&mut self) {
        self.step();
        if self.cycle.1 == 0 {
            self.step();
        }
    }

    /// A cycle of all machines that lasts too long, after others that did not.
    pub(crate) fn long_cycle(&mut self) {
        self.linger(20);
        self.cycles(1);
        self.go_into_next();
    }
}

pub(crate) fn configuration(hub: Hub) -> String {
    let (source, separator) = match hub {
        Hub::Mqtt(address) => (format!("kind: mqtt, address: \"{address}\", topics: \"plant/+\""), '/'),
        #[cfg(feature = "nats")]
        Hub::Nats(address) => (format!("kind: nats, address: \"{address}\", stream: PLANT"), '.'),
    };
    let mut text = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, {source}, time: {{ column: t, form: seconds }} }}\nmachines:\n"
    );
    for n in 0..MACHINES {
        writeln!(
            text,
            "  - id: m{n}\n    cycle: {{ by: number }}\n    meter: {{ kind: rate, most-gap: 30, fewest-samples: 3 }}\n    \
             learning: {{ cycles: 3 }}\n    hold-back: 0\n    input:\n      \
             - {{ from: line, topic: plant{separator}m{n}, take: w, is: power }}\n      \
             - {{ from: line, topic: plant{separator}m{n}, take: cycle, is: number }}"
        )
        .expect("a string grows");
    }
    text
}

/// What belongs to a configuration: the machines share their power.
pub(crate) fn group() -> String {
    format!("groups: [ {{ id: supply, shares: power, least: {MACHINES} }} ]\n")
}
