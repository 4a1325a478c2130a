//! Looks through the streams of a server, for a first configuration.

use std::io;
use std::time::Duration;

use anshin_monitor::propose::Broker;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::Info;
use async_nats::jetstream::{self, Context};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::{INACTIVE, dial, failed, no_consumer, options, unfit};

/// Most streams that are looked through.
const MOST_STREAMS: usize = 50;

/// Most messages of a stream that are looked at.
const MOST_MESSAGES: usize = 100_000;

/// The streams of a server that can be watched: the last message of each subject, and what comes for some
/// time; and why others cannot be.
///
/// # Errors
/// If it cannot be reached, does not let us in, or has no `JetStream`.
pub fn streams(
    address: &str,
    login: Option<(&str, &str)>,
    time: Duration,
) -> io::Result<(Vec<Broker>, Vec<io::Error>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let name = format!("anshin-init-{}", std::process::id());
        let context = jetstream::new(dial(address, options(name, login)).await?);
        let until = Instant::now() + time;
        let (mut fit, mut refused) = (Vec::new(), Vec::new());
        let mut all = context.streams();
        while let Some(info) = all.next().await {
            let info = info.map_err(|error| failed(error.to_string()))?;
            match unfit(&info.config) {
                Some(why) => refused.push(why),
                None if fit.len() < MOST_STREAMS => fit.push(info),
                None => {}
            }
        }
        let looking = fit.iter().map(|info| look(&context, address, info, until));
        let found = futures_util::future::try_join_all(looking).await?;
        Ok((found, refused))
    })
}

/// What a stream shows until a moment.
async fn look(context: &Context, address: &str, info: &Info, until: Instant) -> io::Result<Broker> {
    let name = info.config.name.clone();
    let mut found = Broker { address: address.to_owned(), stream: Some(name.clone()), ..Broker::default() };
    let stream = context.get_stream(name).await.map_err(|error| failed(error.to_string()))?;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::LastPerSubject,
        filter_subject: ">".to_owned(),
        ack_policy: AckPolicy::None,
        inactive_threshold: INACTIVE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(|error| no_consumer(&error))?;
    let mut messages = consumer.messages().await.map_err(|error| failed(error.to_string()))?;
    for _ in 0..MOST_MESSAGES {
        let Ok(Some(message)) = timeout_at(until, messages.next()).await else { break };
        let message = message.map_err(|error| failed(error.to_string()))?;
        found.message(&message.subject, &message.payload, crate::clock::now());
    }
    // One that cannot be ended now vanishes by itself.
    let _ = stream.delete_consumer(&consumer.cached_info().name).await;
    Ok(found)
}
