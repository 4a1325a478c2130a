//! Sources that speak ECHONET Lite: meters that are asked over UDP, and that tell by themselves.

pub mod frame;
pub mod meter;

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use anshin_model::{Lang, Text};
use anshin_monitor::propose::EchonetMeter;

use crate::clock;
use crate::connection::{self, BackOff, Stop};
use crate::feed::{Feed, count};
use crate::trouble::{trouble, why};
use frame::{Frame, GET, GET_DONE, GET_REFUSED, HEARD, SET_DONE, SET_REFUSED, TOLD, TOLD_ANSWERED};
use meter::{Meter, Question};

/// The port of ECHONET Lite. Devices answer to it, wherever a question came from.
const PORT: u16 = 3610;

/// The group to which devices tell what concerns everybody.
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 23, 0);

/// We are a controller.
const US: [u8; 3] = [0x05, 0xff, 0x01];

/// How long an answer may take; the meters of power companies are slow.
const PATIENCE: Duration = Duration::from_secs(4);

/// Questions without an answer after which a device counts as lost.
const LOST_AFTER: u32 = 3;

/// How often units are asked for again, and properties that a device lacked.
const UNITS: Duration = Duration::from_mins(10);

/// A device, and where its exchange stands.
struct Device {
    feed: Feed,
    /// Its address, and that of this computer from which it is reached, once they are known.
    place: Option<(SocketAddr, IpAddr)>,
    /// How addresses are found by their names.
    names: Names,
    /// When its address is looked for next, if it is not known or nobody answers there, and how long to wait
    /// if it is not found.
    look: Option<Instant>,
    pause: BackOff,
    /// What is found, by a thread of its own: to look for a name may take long.
    looking: Option<Receiver<io::Result<(SocketAddr, IpAddr)>>>,
    meter: Meter,
    questions: VecDeque<Question>,
    /// The question that waits for its answer.
    asked: Option<(u16, Instant)>,
    unanswered: u32,
    works: Option<bool>,
    round: Instant,
    units: Option<Instant>,
}

/// Finds an address by its name.
type Names = fn(&str) -> io::Result<SocketAddr>;

/// Asks all devices until it is time to go. They share a socket, since all answer to one port.
pub(crate) fn run(feeds: Vec<Feed>, stop: &Stop) {
    let mut devices: Vec<Device> = feeds.into_iter().map(|feed| Device::new(feed, resolve)).collect();
    let mut back_off = BackOff::new();
    let mut told = false;
    while !stop.is_set() {
        let Err(error) = talk(&mut devices, stop) else { continue };
        if !told {
            told = true;
            for device in &mut devices {
                device.feed.lost(why(&error));
            }
        }
        stop.wait(back_off.next());
    }
}

/// The address that a name leads to; devices speak IPv4.
fn resolve(name: &str) -> io::Result<SocketAddr> {
    let all = name.to_socket_addrs().map_err(|_| connection::nowhere())?;
    all.into_iter().find(SocketAddr::is_ipv4).ok_or_else(|| {
        trouble(
            io::ErrorKind::NotFound,
            "IPv4のアドレスが見つかりません。ECHONET Liteの通信にはIPv4を使います",
            "it has no IPv4 address, over which ECHONET Lite is spoken",
        )
    })
}

/// The address of this computer from which a device is reached.
fn local(device: SocketAddr) -> io::Result<IpAddr> {
    let probe = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    probe.connect(device)?;
    Ok(probe.local_addr()?.ip())
}

/// Talks with all devices whose addresses are known, until one becomes known that is reached from another
/// address of this computer, or it is time to go.
fn talk(devices: &mut [Device], stop: &Stop) -> io::Result<()> {
    for device in devices.iter_mut() {
        device.find();
    }
    let mut own: Vec<IpAddr> = devices.iter().filter_map(|device| Some(device.place?.1)).collect();
    own.sort_unstable();
    own.dedup();
    // One address is listened on alone; with several, on all, since a port can be had only once.
    let here = match own.as_slice() {
        [] => {
            stop.wait(Duration::from_millis(50));
            return Ok(());
        }
        [one] => *one,
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((here, PORT))?;
    socket.set_read_timeout(Some(Duration::from_millis(50)))?;
    // What is told to the group is an extra: the devices are asked anyway.
    let group = UdpSocket::bind((GROUP, PORT)).ok().filter(|group| {
        group.set_nonblocking(true).is_ok()
            && own.iter().all(|ip| match ip {
                IpAddr::V4(ip) => group.join_multicast_v4(&GROUP, ip).is_ok(),
                IpAddr::V6(_) => true,
            })
    });
    converse(devices, (&socket, group.as_ref()), &own, stop)
}

fn converse(
    devices: &mut [Device],
    (socket, group): (&UdpSocket, Option<&UdpSocket>),
    own: &[IpAddr],
    stop: &Stop,
) -> io::Result<()> {
    let mut number = 0_u16;
    let mut bytes = vec![0; 1 << 16];
    while !stop.is_set() {
        for device in devices.iter_mut() {
            if device.find() && device.place.is_some_and(|(_, from)| !own.contains(&from)) {
                return Ok(());
            }
        }
        for device in devices.iter_mut() {
            device.ask(socket, &mut number);
        }
        for socket in [Some(socket), group].into_iter().flatten() {
            match socket.recv_from(&mut bytes) {
                Ok((length, sender)) => {
                    if let Ok(frame) = Frame::read(&bytes[..length]) {
                        // Several devices may live at one address, told apart by their objects.
                        for device in devices.iter_mut().filter(|device| device.is_from(sender, &frame)) {
                            device.hear(&frame, socket);
                        }
                    } else if let Some(device) = devices.iter().find(|device| device.is_at(sender)) {
                        count(&device.feed.status().unread);
                    }
                }
                Err(error) if connection::is_idle(&error) => {}
                // The device's computer says that nobody listens there; the missing answer tells it too.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

impl Device {
    fn new(feed: Feed, names: Names) -> Self {
        let (object, channels) = (feed.source().object, feed.source().channels);
        let now = Instant::now();
        Self {
            feed,
            place: None,
            names,
            look: Some(now),
            pause: BackOff::new(),
            looking: None,
            meter: Meter::new(object, channels),
            questions: VecDeque::new(),
            asked: None,
            unanswered: 0,
            works: None,
            round: now,
            units: None,
        }
    }

    /// Looks for its address if that is not known, or nobody answers there, and it is time; true if it has
    /// been found. Until then it is asked where it was.
    fn find(&mut self) -> bool {
        if self.looking.is_none() && self.look.is_some_and(|at| at <= Instant::now()) {
            let (address, names) = (self.feed.source().address.clone().unwrap_or_default(), self.names);
            let (sender, answer) = sync_channel(1);
            let look = move || {
                // Nobody waits for the answer any more when it is time to go.
                let _ = sender.send(names(&address).and_then(|found| Ok((found, local(found)?))));
            };
            // Without a thread there is no answer.
            let _ = std::thread::Builder::new().name("echonet name".to_owned()).spawn(look);
            self.looking = Some(answer);
        }
        let Some(looking) = &self.looking else { return false };
        let found = match looking.try_recv() {
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => Err(io::ErrorKind::WouldBlock.into()),
            Ok(found) => found,
        };
        self.looking = None;
        match found {
            Ok(place) => {
                self.place = Some(place);
                self.look = None;
                self.pause = BackOff::new();
                true
            }
            Err(error) => {
                self.lost(&why(&error));
                self.look = Some(Instant::now() + self.pause.next());
                false
            }
        }
    }

    /// It does not answer, or is not found; told once.
    fn lost(&mut self, why: &Text) {
        if self.works != Some(false) {
            self.works = Some(false);
            let address = self.feed.source().address.clone().unwrap_or_default();
            let told = |lang| format!("{address}: {}", why.get(lang));
            self.feed.lost(Text::new(told(Lang::Ja), told(Lang::En)));
        }
    }

    /// Whether somebody is at its address. The answer of a device may come from another port.
    fn is_at(&self, sender: SocketAddr) -> bool {
        self.place.is_some_and(|(address, _)| sender.ip() == address.ip())
    }

    /// Whether a frame comes from the device.
    fn is_from(&self, sender: SocketAddr, frame: &Frame) -> bool {
        self.is_at(sender) && frame.from == self.feed.source().object
    }

    /// Sends the next question if it is time. One at a time: some panels drop what is large or fast.
    fn ask(&mut self, socket: &UdpSocket, number: &mut u16) {
        let Some((address, _)) = self.place else { return };
        if let Some((_, at)) = self.asked {
            if at.elapsed() < PATIENCE {
                return;
            }
            self.asked = None;
            self.unanswered += 1;
            if self.unanswered.is_multiple_of(LOST_AFTER) {
                self.lost(&Text::new("応答がありません", "no answer"));
                // Its name may lead to another address by now.
                self.look.get_or_insert_with(Instant::now);
            }
        }
        if self.questions.is_empty() && self.round <= Instant::now() {
            self.round = Instant::now() + Duration::from_secs_f64(self.feed.source().every);
            if self.units.is_none_or(|at| at.elapsed() > UNITS) {
                self.units = Some(Instant::now());
                self.meter.ask_all();
                self.questions.extend(self.meter.units());
            } else {
                self.questions.extend(self.meter.units_to_come());
            }
            self.questions.extend(self.meter.round());
        }
        let Some(Question { service, property, data }) = self.questions.pop_front() else { return };
        *number = number.wrapping_add(1);
        let to = self.feed.source().object;
        let frame = Frame { number: *number, from: US, to, service, properties: vec![(property, data)] };
        self.asked = Some((*number, Instant::now()));
        // A network that is not there is a device that does not answer.
        let _ = socket.send_to(&frame.write(), address);
    }

    fn hear(&mut self, frame: &Frame, socket: &UdpSocket) {
        match frame.service {
            GET_DONE | GET_REFUSED | SET_DONE | SET_REFUSED => {
                // A late answer to an earlier question is as good.
                if self.asked.is_some_and(|(number, _)| number == frame.number) {
                    self.asked = None;
                }
                self.unanswered = 0;
                if self.works != Some(true) {
                    self.works = Some(true);
                    self.feed.connected();
                }
            }
            TOLD => {}
            TOLD_ANSWERED => {
                let Some((address, _)) = self.place else { return };
                let properties =
                    frame.properties.iter().map(|(property, _)| (*property, Vec::new())).collect();
                let answer =
                    Frame { number: frame.number, from: US, to: frame.from, service: HEARD, properties };
                let _ = socket.send_to(&answer.write(), address);
            }
            // Questions are for others.
            _ => return,
        }
        if matches!(frame.service, SET_DONE | SET_REFUSED) {
            return;
        }
        let values: Vec<(String, String)> =
            self.meter.values(frame).into_iter().map(|(name, value)| (name, value.to_string())).collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        if let Some((property, code)) = self.meter.unknown_unit() {
            let id = self.feed.source().id.clone();
            self.feed.note("unit", || {
                Text::new(
                    format!(
                        "入力元`{id}`: 電力量の単位（プロパティ0x{property:02X}）が規格にない値0x{code:02X}なので、電力量を読めません。機器の説明書を確かめてください"
                    ),
                    format!(
                        "source `{id}`: its unit of energy (property 0x{property:02X}) is 0x{code:02X}, which is in no standard, so energy cannot be read; see its manual"
                    ),
                )
            });
        }
        if !values.is_empty() {
            self.feed.values(clock::now(), &values);
            self.feed.flush();
        }
    }
}

/// Whether devices of a class tell power or energy.
pub fn is_meter(group: u8, class: u8) -> bool {
    matches!((group, class), (0x02, 0x87 | 0x88 | 0x8d | 0x8f) | (0x00, 0x22))
}

/// Asks everybody on the network of an address what devices they are, for some time.
///
/// # Errors
/// If the network cannot be used.
pub fn find(own: Ipv4Addr, time: Duration) -> io::Result<Vec<(SocketAddr, [u8; 3])>> {
    let socket = UdpSocket::bind((own, PORT))?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let question = Frame {
        number: 1,
        from: US,
        to: [0x0e, 0xf0, 0x01],
        service: GET,
        properties: vec![(0xd6, Vec::new())],
    };
    socket.send_to(&question.write(), (GROUP, PORT))?;
    let until = Instant::now() + time;
    let (mut found, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
    while Instant::now() < until {
        match socket.recv_from(&mut bytes) {
            Ok((length, sender)) => {
                let Ok(frame) = Frame::read(&bytes[..length]) else { continue };
                for object in objects(&frame) {
                    if !found.contains(&(sender, object)) && found.len() < 1_000 {
                        found.push((sender, object));
                    }
                }
            }
            Err(error) if connection::is_idle(&error) => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// What a meter tells, as far as a proposal needs it: of a distribution board its channels. It is only asked.
///
/// # Errors
/// If the network cannot be used.
pub fn look(own: Ipv4Addr, address: SocketAddr, object: [u8; 3]) -> io::Result<EchonetMeter> {
    let mut found = EchonetMeter { address: address.to_string(), object, ..EchonetMeter::default() };
    if object[..2] != [0x02, 0x87] {
        return Ok(found);
    }
    let socket = UdpSocket::bind((own, PORT))?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    // A count above that of the last channel says that it is not known.
    let count = |data: Option<Vec<u8>>| {
        let first = data.and_then(|data| data.first().copied());
        first.filter(|count| *count <= meter::LAST_CHANNEL).unwrap_or(0)
    };
    let known = answer(&socket, address, object, PROPERTIES)?.map(|map| properties(&map)).unwrap_or_default();
    found.channels = count(answer(&socket, address, object, 0xb1)?);
    found.both_ways = count(answer(&socket, address, object, meter::BOTH_WAYS)?);
    // Who does not tell what it has may have it.
    found.tells_power = known.is_empty() || known.contains(&0xb7);
    if found.channels == 0 {
        // Boards that do not count their channels have a property for each.
        let numbers = known.iter().filter_map(|property| property.checked_sub(meter::FIRST_CHANNEL));
        found.channels = numbers.filter(|n| *n < meter::MOST_SINGLE).max().map_or(0, |last| last + 1);
    }
    Ok(found)
}

/// The property that lists those that can be asked for.
const PROPERTIES: u8 = 0x9f;

/// Asks a device for a property, again if no answer comes; `None` if it does not have it, or says nothing.
fn answer(socket: &UdpSocket, to: SocketAddr, object: [u8; 3], property: u8) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; 1 << 16];
    for number in 0..3 {
        let question =
            Frame { number, from: US, to: object, service: GET, properties: vec![(property, Vec::new())] };
        socket.send_to(&question.write(), to)?;
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            let Ok((length, sender)) = socket.recv_from(&mut bytes) else { continue };
            let frame = Frame::read(&bytes[..length]).ok().filter(|frame| {
                sender.ip() == to.ip()
                    && frame.from == object
                    && matches!(frame.service, GET_DONE | GET_REFUSED)
            });
            let said = frame.and_then(|frame| frame.properties.into_iter().find(|(of, _)| *of == property));
            if let Some((_, data)) = said {
                return Ok((!data.is_empty()).then_some(data));
            }
        }
    }
    Ok(None)
}

/// The properties in a map of them: up to 15 are listed, more are bits of 16 bytes, one for each last digit.
pub fn properties(map: &[u8]) -> Vec<u8> {
    match map {
        [count, listed @ ..] if *count < 16 => listed.iter().take(usize::from(*count)).copied().collect(),
        [_, bits @ ..] => (0..8_u8)
            .flat_map(|high| (0_u8..16).zip(bits).map(move |(low, byte)| (high, low, *byte)))
            .filter(|(high, _, byte)| byte >> high & 1 == 1)
            .map(|(high, low, _)| (high + 8) * 16 + low)
            .collect(),
        [] => Vec::new(),
    }
}

/// The devices of a node, from its answer.
pub fn objects(frame: &Frame) -> Vec<[u8; 3]> {
    frame
        .properties
        .iter()
        .filter(|(property, _)| matches!(property, 0xd5 | 0xd6))
        .flat_map(|(_, data)| data.get(1..).unwrap_or_default().chunks_exact(3))
        .map(|object| [object[0], object[1], object[2]])
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    const FACTORY: &str = "
anshin-monitor: 1
sources:
  - { id: meter, kind: echonet, address: \"meter.example:3610\", every: 60 }
machines:
  - id: whole
    cycle: { by: power, on: 250 }
    input: [ { from: meter, take: power, is: power } ]
";

    /// A meter whose name leads elsewhere each time.
    #[expect(clippy::unnecessary_wraps, reason = "it stands in for what may fail")]
    fn moving(name: &str) -> io::Result<SocketAddr> {
        static LOOKED: AtomicU16 = AtomicU16::new(0);
        assert_eq!(name, "meter.example:3610");
        Ok((Ipv4Addr::LOCALHOST, 20_000 + LOOKED.fetch_add(1, Ordering::Relaxed)).into())
    }

    /// A server of names that says nothing.
    fn silent(_: &str) -> io::Result<SocketAddr> {
        std::thread::sleep(Duration::from_hours(1));
        Err(io::ErrorKind::TimedOut.into())
    }

    #[test]
    fn a_map_of_properties_lists_them_or_has_a_bit_for_each() {
        assert_eq!(properties(&[3, 0x80, 0xb1, 0xd0]), [0x80, 0xb1, 0xd0]);
        let mut map = [0; 17];
        map[0] = 18;
        // 0x80 is the lowest bit of the first byte, 0xd0 and 0xd1 have bit 5 of the first and second one.
        map[1] = 0b0010_0001;
        map[2] = 0b0010_1000;
        assert_eq!(properties(&map), [0x80, 0xb1, 0xd0, 0xd1]);
        assert!(properties(&[]).is_empty() && properties(&[200]).is_empty());
    }

    #[test]
    fn a_device_that_does_not_answer_is_looked_for_again() {
        let configuration = anshin_monitor::config::load("factory.yaml", FACTORY).configuration.unwrap();
        let (sender, _events) = sync_channel(100);
        let feed = || Feed::new(&configuration, 0, sender.clone(), &[Arc::default()]);
        let mut stuck = Device::new(feed(), silent);
        let mut device = Device::new(feed(), moving);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let found = |device: &mut Device, stuck: &mut Device| {
            let until = Instant::now() + Duration::from_mins(1);
            while !device.find() {
                assert!(Instant::now() < until && !stuck.find());
                std::thread::sleep(Duration::from_millis(5));
            }
            device.place.map(|(address, _)| address.port())
        };
        assert_eq!(found(&mut device, &mut stuck), Some(20_000));
        let mut number = 0;
        for _ in 0..=LOST_AFTER {
            assert!(device.look.is_none() && device.works.is_none());
            device.ask(&socket, &mut number);
            // The time that an answer may take goes by.
            device.asked = device.asked.map(|(number, at)| (number, at.checked_sub(PATIENCE).unwrap()));
        }
        // Until it is found elsewhere, it is asked where it was.
        assert_eq!((device.works, u32::from(number)), (Some(false), LOST_AFTER + 1));
        assert_eq!(found(&mut device, &mut stuck), Some(20_001), "its name leads elsewhere");
    }
}
