//! Looks around for what could be watched: brokers, agents of `MTConnect`, meters that speak ECHONET
//! Lite or Modbus, OPC UA servers. It only listens and asks; nothing is changed anywhere.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_monitor::propose::{Agent, Broker, Device, PowerMeter};

use crate::mqtt::client;
use crate::mqtt::client::Buffer;
use crate::mqtt::packet::{Connect, Packet, Publish, read};
use crate::sparkplug::Nodes;
use crate::{clock, connection, http, modbus, mtconnect, trouble};

#[cfg(feature = "nats")]
pub use crate::nats::streams;

/// This computer's address in the network that its other connections use, if it has one.
pub fn own_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // Connecting a datagram socket sends nothing; it only chooses the way.
    socket.connect((Ipv4Addr::new(224, 0, 23, 0), 3610)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(own) if !own.is_unspecified() => Some(own),
        _ => None,
    }
}

/// Listens to everything that a broker hands on, for some time.
///
/// # Errors
/// If it cannot be reached, or does not let us in.
pub fn broker(address: &str, login: Option<(&str, &str)>, time: Duration) -> io::Result<Broker> {
    let mut stream = connection::connect(address, Duration::from_millis(100))?;
    let mut out = Vec::new();
    let client = format!("anshin-init-{}", std::process::id());
    Packet::Connect(Connect {
        level: 4,
        client: &client,
        clean: true,
        keep_alive: 0,
        will: None,
        user: login.map(|(user, _)| user),
        password: login.map(|(_, password)| password.as_bytes()),
    })
    .write(&mut out);
    stream.write_all(&out)?;
    let mut found = Broker { address: address.to_owned(), ..Broker::default() };
    let (mut nodes, mut buffer) = (Nodes::default(), Buffer::new());
    let (mut welcome, until) = (false, Instant::now() + time);
    while Instant::now() < until {
        match buffer.fill(&mut stream) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if connection::is_idle(&error) => continue,
            Err(error) => return Err(error),
        }
        while let Some((packet, length)) = read(buffer.bytes()).map_err(client::malformed)? {
            match packet {
                Packet::ConnAck { code: 0, .. } => {
                    welcome = true;
                    out.clear();
                    Packet::Subscribe { id: 1, filters: vec![("#", 0)] }.write(&mut out);
                    stream.write_all(&out)?;
                }
                Packet::ConnAck { code, .. } => {
                    return Err(trouble::malformed(
                        format!(
                            "ブローカーに入れません（コード{code}）。`--user`と`--password-environment`を確かめてください"
                        ),
                        format!(
                            "the broker does not let us in (code {code}); check `--user` and `--password-environment`"
                        ),
                    ));
                }
                Packet::Publish(message) => take(&mut found, &mut nodes, &message),
                _ => {}
            }
            buffer.done(length);
        }
    }
    if welcome { Ok(found) } else { Err(io::ErrorKind::TimedOut.into()) }
}

fn take(found: &mut Broker, nodes: &mut Nodes, message: &Publish<'_>) {
    if message.topic.starts_with("spBv1.0/") {
        let Ok(said) = nodes.read(message.topic, message.payload, clock::now()) else { return };
        let Some(seen) = found.seen(&said.device).filter(|_| !said.values.is_empty()) else { return };
        seen.sparkplug = true;
        for (_, name, value) in &said.values {
            seen.value(name, value, clock::now());
        }
    } else {
        found.message(message.topic, message.payload, clock::now());
    }
}

/// Asks an agent of `MTConnect` which devices it has.
///
/// # Errors
/// If it cannot be reached, or is none.
pub fn agent(address: &str) -> io::Result<Agent> {
    let (code, body) = http::ask((address, None), "GET", "/probe", None, "text/plain", &[])?;
    if code != 200 {
        return Err(mtconnect::refused(code));
    }
    let devices = devices(&String::from_utf8_lossy(&body)).map_err(|why| mtconnect::unreadable(&why))?;
    Ok(Agent { address: address.to_owned(), devices })
}

/// Asks an address, written `HOST:PORT` or `HOST:PORT/UNIT`, which power meter of the catalog answers there
/// by Modbus. One that says nothing takes 12 seconds, and none takes longer than 22.
///
/// # Errors
/// If nobody does.
pub fn power_meter(place: &str, catalog: &Catalog) -> io::Result<PowerMeter> {
    modbus::look(place, catalog, &modbus::LOOK)
}

/// Looks through the variables of an OPC UA server, for some time.
///
/// # Errors
/// If it cannot be reached, or does not let us in.
#[cfg(feature = "opc-ua")]
pub fn server(
    address: &str,
    login: Option<(&str, &str)>,
    time: Duration,
) -> io::Result<anshin_monitor::propose::Server> {
    crate::opc_ua::look(address, login, time)
}

/// The devices that an agent describes: their names, and their data items as id and type.
///
/// # Errors
/// Why the text describes none.
pub fn devices(text: &str) -> Result<Vec<Device>, String> {
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    if document.root_element().tag_name().name() != "MTConnectDevices" {
        return Err("this is no description of devices".to_owned());
    }
    let devices = document.descendants().filter(|node| node.tag_name().name() == "Device");
    let attribute =
        |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    Ok(devices
        .map(|device| {
            let items = device.descendants().filter(|node| node.tag_name().name() == "DataItem");
            let items = items.map(|item| (attribute(&item, "id"), attribute(&item, "type"))).collect();
            (attribute(&device, "name"), items)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_describes_its_devices() {
        let text = r#"<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.0"><Header/><Devices>
<Device id="d" name="Mill" uuid="1"><DataItems><DataItem category="EVENT" id="avail" type="AVAILABILITY"/></DataItems>
<Components><Controller id="c"><Components><Path id="p"><DataItems><DataItem id="exec" type="EXECUTION"/></DataItems></Path>
</Components></Controller></Components></Device></Devices></MTConnectDevices>"#;
        let items = [("avail", "AVAILABILITY"), ("exec", "EXECUTION")];
        let items = items.map(|(id, kind)| (id.to_owned(), kind.to_owned())).to_vec();
        assert_eq!(devices(text), Ok(vec![("Mill".to_owned(), items)]));
        assert!(devices("<MTConnectError/>").is_err() && devices("no").is_err());
    }
}
