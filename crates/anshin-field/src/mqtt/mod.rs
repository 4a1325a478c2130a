//! MQTT: the packets, a client, and a small broker.

pub(crate) mod broker;
pub(crate) mod client;
pub mod packet;
