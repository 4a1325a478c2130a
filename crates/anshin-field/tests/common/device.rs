//! A device that speaks MQTT.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anshin_field::mqtt::packet::{Connect, Packet, Publish, read};

/// Longest time that an answer may take.
const LONGEST: Duration = Duration::from_mins(1);

pub(crate) struct Device {
    stream: TcpStream,
    id: u16,
}

impl Device {
    pub(crate) fn connect(address: SocketAddr, name: &str, login: Option<(&str, &str)>) -> Self {
        let mut device = Self::try_connect(address, name, login);
        assert_eq!(device.hear(), "ConnAck { session: false, code: 0 }");
        device
    }

    pub(crate) fn try_connect(address: SocketAddr, name: &str, login: Option<(&str, &str)>) -> Self {
        let stream = TcpStream::connect(address).expect("the broker listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time-out can be set");
        let mut device = Self { stream, id: 0 };
        device.send(&Packet::Connect(Connect {
            level: 4,
            client: name,
            clean: true,
            // It may have nothing to say for as long as a test takes.
            keep_alive: 0,
            will: None,
            user: login.map(|(user, _)| user),
            password: login.map(|(_, password)| password.as_bytes()),
        }));
        device
    }

    pub(crate) fn send(&mut self, packet: &Packet<'_>) {
        let mut bytes = Vec::new();
        packet.write(&mut bytes);
        self.stream.write_all(&bytes).expect("the broker takes packets");
    }

    /// Publishes at quality 1, and waits until the broker has it.
    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        self.id += 1;
        let id = self.id;
        let payload = payload.as_bytes();
        self.send(&Packet::Publish(Publish { topic, payload, qos: 1, retain: false, again: false, id }));
        assert_eq!(self.hear(), format!("PubAck({id})"));
    }

    /// Publishes a message many times at quality 0; false if the broker takes no more.
    pub(crate) fn pour(&mut self, topic: &str, payload: &str, times: usize) -> bool {
        let payload = payload.as_bytes();
        let mut one = Vec::new();
        Packet::Publish(Publish { topic, payload, qos: 0, retain: false, again: false, id: 0 })
            .write(&mut one);
        self.stream.write_all(&one.repeat(times)).is_ok()
    }

    /// The next packet from the broker.
    pub(crate) fn hear(&mut self) -> String {
        let mut bytes = Vec::new();
        loop {
            if let Some((packet, _)) = read(&bytes).expect("the broker sends packets") {
                return format!("{packet:?}");
            }
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("the broker goes on");
            bytes.push(byte[0]);
        }
    }
}
