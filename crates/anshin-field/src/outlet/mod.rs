//! Where alerts go. Each outlet works in a thread of its own and tries again what it cannot
//! deliver; it never holds up the measuring.

pub mod mail;
pub mod patlite;
mod syslog;

use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::config::{Outlet, OutletKind};

use crate::connection::{self, BackOff, PATIENCE, Stop};
use crate::feed::count;
use crate::mqtt::client;
use crate::mqtt::packet::{Connect, Packet, Publish, read};
use crate::tls::Tls;
use crate::{clock, http, push, trouble};
use patlite::Lamp;

/// Alerts that wait for an outlet at most.
const MOST_WAITING: usize = 1_000;

/// How often a tower is told its state again: it may have been switched off meanwhile.
const REFRESH: Duration = Duration::from_secs(30);

/// How long an alert is tried before it is given up: nobody wants to hear of it a day later.
const LONGEST: Duration = Duration::from_hours(1);

/// An alert on its way to people.
#[derive(Debug)]
pub(crate) struct News {
    /// It as JSON, with all that is known of it.
    pub(crate) json: String,
    /// One line.
    pub(crate) title: Text,
    /// What it says, likely causes, what to look at first.
    pub(crate) text: Text,
    /// Whether it begins.
    pub(crate) raised: bool,
    /// When it was said.
    pub(crate) at: Time,
}

/// How an outlet is doing.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    /// What has arrived.
    pub(crate) delivered: AtomicU64,
    /// Attempts that failed.
    pub(crate) failed: AtomicU64,
    /// What was given up, or found no room to wait.
    pub(crate) lost: AtomicU64,
    /// What is wrong, while nothing arrives.
    wrong: Mutex<Option<Text>>,
}

impl Delivery {
    /// Counts an attempt.
    fn note(&self, result: &io::Result<()>) {
        count(if result.is_ok() { &self.delivered } else { &self.failed });
        let wrong = result.as_ref().err().map(trouble::why);
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = wrong;
    }
}

enum Order {
    News(Arc<News>),
    Lamp(Option<Lamp>),
}

/// An outlet as the live run sees it.
pub(crate) struct Outgoing {
    orders: SyncSender<Order>,
    is_tower: bool,
    pub(crate) delivery: Arc<Delivery>,
    /// Whether it has been told that something is wrong.
    is_wrong: bool,
    /// Its other end goes with the thread.
    ended: Receiver<()>,
}

impl Outgoing {
    /// Starts an outlet.
    pub(crate) fn start(
        outlet: &Outlet,
        password: Option<String>,
        tls: Option<Tls>,
        stop: &Stop,
    ) -> io::Result<Self> {
        let (orders, waiting) = sync_channel(MOST_WAITING);
        let delivery = Arc::<Delivery>::default();
        let is_tower = matches!(outlet.kind, OutletKind::Tower(_) | OutletKind::TowerHttp);
        let (outlet, stop) = (outlet.clone(), stop.clone());
        let name = outlet.id.to_string();
        let worker = Worker { outlet, password, tls, delivery: Arc::clone(&delivery), stop };
        let (end, ended) = channel();
        std::thread::Builder::new().name(name).spawn(move || {
            if is_tower {
                worker.show(&waiting);
            } else {
                worker.deliver(&waiting);
            }
            drop(end);
        })?;
        Ok(Self { orders, is_tower, delivery, is_wrong: false, ended })
    }

    /// What is wrong, or that nothing is any more, if that is news.
    pub(crate) fn news(&mut self) -> Option<Result<(), Text>> {
        let wrong = self.delivery.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_news = wrong.is_some() != self.is_wrong;
        self.is_wrong = wrong.is_some();
        is_news.then_some(wrong.map_or(Ok(()), Err))
    }

    /// Hands over an alert.
    pub(crate) fn tell(&self, news: &Arc<News>) {
        if !self.is_tower && self.orders.try_send(Order::News(Arc::clone(news))).is_err() {
            count(&self.delivery.lost);
        }
    }

    /// Hands over what a tower is to show; nothing if somebody else shows from now on.
    pub(crate) fn show(&self, lamp: Option<Lamp>) {
        if self.is_tower && self.orders.try_send(Order::Lamp(lamp)).is_err() {
            count(&self.delivery.lost);
        }
    }

    /// Nothing more is handed over; a tower has until a moment to show what it was shown last.
    pub(crate) fn end(self, until: Instant) {
        let Self { orders, is_tower, ended, .. } = self;
        drop(orders);
        if is_tower {
            // Nothing is ever sent: it is over when the thread has ended, or the time is.
            let _ = ended.recv_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

struct Worker {
    outlet: Outlet,
    password: Option<String>,
    tls: Option<Tls>,
    delivery: Arc<Delivery>,
    stop: Stop,
}

impl Worker {
    /// Keeps a tower at the newest state, until there will be no newer one.
    fn show(&self, orders: &Receiver<Order>) {
        let mut back_off = BackOff::new();
        let mut lamp = None;
        let mut pause = REFRESH;
        loop {
            match orders.recv_timeout(pause.min(REFRESH)) {
                Ok(order) => {
                    for order in std::iter::once(order).chain(orders.try_iter()) {
                        if let Order::Lamp(newest) = order {
                            lamp = newest;
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let Some(lamp) = lamp else { continue };
            let shown = match self.outlet.kind {
                OutletKind::Tower(product) => patlite::show(&self.outlet.address, product, lamp),
                _ => patlite::show_by_http(&self.outlet.address, lamp),
            };
            self.delivery.note(&shown);
            if shown.is_ok() {
                (back_off, pause) = (BackOff::new(), REFRESH);
            } else {
                pause = back_off.next();
            }
        }
    }

    /// Delivers alerts in order, each until it has arrived or is given up.
    fn deliver(&self, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            let Order::News(news) = order else { continue };
            let (mut back_off, began) = (BackOff::new(), Instant::now());
            loop {
                let sent = self.send(&news);
                self.delivery.note(&sent);
                if sent.is_ok() {
                    break;
                }
                if self.stop.is_set() || began.elapsed() > LONGEST {
                    count(&self.delivery.lost);
                    break;
                }
                self.stop.wait(back_off.next());
            }
        }
    }

    fn send(&self, news: &News) -> io::Result<()> {
        let Outlet { address, lang, kind, .. } = &self.outlet;
        match kind {
            OutletKind::Webhook { path, body, bears_token } => {
                let login = self.outlet.login.as_ref().zip(self.password.as_ref());
                let login = login.map(|(login, password)| {
                    if *bears_token {
                        format!("Bearer {password}")
                    } else {
                        push::basic(&login.user, password)
                    }
                });
                let body = body.as_ref().map(|body| body.fill(news.title.get(*lang), news.text.get(*lang)));
                let (code, _) = http::ask(
                    (address, self.tls.as_ref()),
                    "POST",
                    path,
                    login.as_deref(),
                    "application/json",
                    body.as_ref().unwrap_or(&news.json).as_bytes(),
                )?;
                if (200..300).contains(&code) {
                    Ok(())
                } else {
                    Err(trouble::malformed(
                        format!("サーバーがエラーを返しました（{code}）"),
                        format!("the server answers {code}"),
                    ))
                }
            }
            OutletKind::Mqtt(topic) => self.publish(topic, &news.json),
            OutletKind::Syslog(enterprise) => {
                let line = syslog::line(news, *lang, *enterprise);
                let socket = UdpSocket::bind(if address.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" })?;
                socket.send_to(line.as_bytes(), address.as_str()).map(|_| ())
            }
            OutletKind::Mail { from, to } => {
                let about = (news.title.get(*lang), news.text.get(*lang));
                let begins_plain = self.outlet.encryption.as_ref().is_some_and(|how| how.begins_plain);
                let login = self.outlet.login.as_ref().zip(self.password.as_ref());
                let server = mail::Server {
                    address,
                    tls: self.tls.as_ref(),
                    begins_plain,
                    login: login.map(|(login, password)| (login.user.as_str(), password.as_str())),
                };
                mail::send(&server, (from, to), about, clock::now())
            }
            // Towers are shown states.
            OutletKind::Tower(_) | OutletKind::TowerHttp => Ok(()),
        }
    }

    /// Publishes at quality 1 and waits until the broker has it.
    fn publish(&self, topic: &str, json: &str) -> io::Result<()> {
        let mut stream = connection::dial(&self.outlet.address, PATIENCE, self.tls.as_ref())?;
        let client = format!("anshin-outlet-{}", self.outlet.id);
        let mut out = Vec::new();
        Packet::Connect(Connect {
            level: 4,
            client: &client,
            clean: true,
            keep_alive: 30,
            will: None,
            user: self.outlet.login.as_ref().map(|login| login.user.as_str()),
            password: self.password.as_deref().map(str::as_bytes),
        })
        .write(&mut out);
        let payload = json.as_bytes();
        Packet::Publish(Publish { topic, payload, qos: 1, retain: false, again: false, id: 1 })
            .write(&mut out);
        stream.write_all(&out)?;
        let (mut bytes, mut chunk) = (Vec::new(), [0; 256]);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let count = io::Read::read(&mut stream, &mut chunk)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&chunk[..count]);
            while let Some((packet, length)) = read(&bytes).map_err(client::malformed)? {
                match packet {
                    Packet::PubAck(1) => {
                        let mut out = Vec::new();
                        Packet::Disconnect.write(&mut out);
                        return stream.write_all(&out);
                    }
                    Packet::ConnAck { code, .. } if code != 0 => {
                        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
                    }
                    _ => {}
                }
                bytes.drain(..length);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}
