//! What all requests share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anshin_store::{Actor, OrganizationId, Store, StoreError};
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::config::Config;
use crate::limit::Limiter;
use crate::metrics::Metrics;
use crate::pages::{Floor, Hub};
use crate::time;

/// How long it counts that the data could be written, or could not.
const PATIENCE: Duration = Duration::from_secs(15);

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    config: Config,
    started: AtomicBool,
    sign_ins: Limiter,
    hashing: Semaphore,
    stopping: watch::Sender<bool>,
    metrics: Metrics,
    hub: Hub,
    /// Whether the data could be written, and when that was tried.
    written: Mutex<Option<(Instant, bool)>>,
    zone: TimeZone,
    floor: Option<Arc<Floor>>,
    /// The organization that the machines belong to; asked once, since the first stays the first.
    first: tokio::sync::OnceCell<OrganizationId>,
    #[cfg(feature = "tls")]
    openid: Option<crate::openid::Provider>,
}

impl App {
    /// The program over a store.
    pub fn new(store: Store, config: Config) -> Self {
        #[cfg(feature = "tls")]
        let openid = config.openid.clone().map(crate::openid::Provider::new);
        let floor = config.monitor.clone().map(|address| Arc::new(Floor::new(address)));
        let inner = Inner {
            floor,
            first: tokio::sync::OnceCell::new(),
            store,
            config,
            started: AtomicBool::new(false),
            sign_ins: Limiter::new(10, 6),
            // Hashing a password takes 19 MiB: only so many at once.
            hashing: Semaphore::new(2),
            stopping: watch::Sender::new(false),
            metrics: Metrics::default(),
            hub: Hub::default(),
            written: Mutex::default(),
            zone: time::of_this_machine(),
            #[cfg(feature = "tls")]
            openid,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What is kept.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// How the program was started.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// The time zone of this machine.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.inner.zone
    }

    /// The records of a monitor.
    pub(crate) fn floor(&self) -> Option<Arc<Floor>> {
        self.inner.floor.clone()
    }

    /// Whether somebody may look at the machines: they belong to the first organization.
    pub(crate) async fn shows_machines(&self, actor: Option<&Actor>) -> bool {
        let (Some(actor), Some(_)) = (actor, &self.inner.floor) else { return false };
        let first = self.inner.first.get_or_try_init(|| self.inner.store.first_organization()).await;
        first.is_ok_and(|first| first == actor.organization())
    }

    /// The provider at which people may sign in.
    #[cfg(feature = "tls")]
    pub(crate) fn openid(&self) -> Option<&crate::openid::Provider> {
        self.inner.openid.as_ref()
    }

    /// Whether there is an administrator; asked once, since that never changes back.
    pub async fn is_started(&self) -> Result<bool, StoreError> {
        if !self.inner.started.load(Ordering::Relaxed) {
            let started = self.inner.store.has_administrator().await?;
            self.inner.started.store(started, Ordering::Relaxed);
        }
        Ok(self.inner.started.load(Ordering::Relaxed))
    }

    /// Counts a try to get in, or says how many seconds to wait.
    pub(crate) fn may_try(&self, from: SocketAddr) -> Result<(), u64> {
        self.inner.sign_ins.take(from.ip(), self.inner.store.now())
    }

    /// Waits for leave to hash a password for someone, or says how many seconds to wait.
    pub(crate) async fn may_sign_in(
        &self,
        from: SocketAddr,
    ) -> Result<tokio::sync::SemaphorePermit<'_>, u64> {
        self.may_try(from)?;
        self.inner.hashing.acquire().await.map_err(|_| 1)
    }

    /// Whether the data can be written. It is tried now and then only, since anybody may ask.
    pub(crate) async fn can_write(&self) -> bool {
        let mut written = self.inner.written.lock().await;
        if let Some((when, could)) = *written
            && when.elapsed() < PATIENCE
        {
            return could;
        }
        let tried = self.inner.store.try_writing().await;
        if let Err(error) = &tried {
            tracing::error!(%error, "nothing can be saved");
        }
        *written = Some((Instant::now(), tried.is_ok()));
        tried.is_ok()
    }

    /// Tells everything that lasts, such as streams of events, to end.
    pub fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Ends when the program is to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // The sender lives as long as `self`.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
