//! A source that is an OPC UA server: variables are subscribed to, and tell when they change.
//!
//! The protocol is spoken by the library `async-opcua`, whose runtime lives in the thread of the
//! source and nowhere else. The library connects once; going on after a failure is done here, as for
//! every other source, so that what was missed is known to be missing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anshin_monitor::Time;
use anshin_monitor::config::Source;
use anshin_monitor::number::{self, Decimal};
use anshin_monitor::propose::{Server, Span, Variable};
use opcua::client::{ClientBuilder, DataChangeCallback, IdentityToken, MonitoredItem, Session};
use opcua::crypto::SecurityPolicy;
use opcua::types::{
    BrowseDescription, BrowseDirection, BrowseResultMask, DataValue, MessageSecurityMode,
    MonitoredItemCreateRequest, MonitoringMode, MonitoringParameters, NodeClass, NodeClassMask, NodeId,
    ObjectId, ReadValueId, ReferenceTypeId, StatusCode, TimestampsToReturn, UserTokenPolicy, Variant,
};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::clock;
use crate::connection::{self, PATIENCE, Stop};
use crate::feed::{Feed, count};
use crate::trouble::trouble;

/// Changes that wait for the source at most.
const QUEUE: usize = 10_000;

/// Changes of a variable that the server keeps between two messages.
const KEPT_BY_SERVER: u32 = 1_000;

/// A change: name of the value, its time, what it is, and whether something before it is missing. The first
/// that is told of a variable says how it stands.
struct Changed {
    name: Arc<str>,
    time: Time,
    text: Option<String>,
    missing: bool,
    stands: bool,
}

/// Listens to a server until it is time to go.
pub(crate) fn run(feed: &mut Feed, password: Option<&str>, stop: &Stop) {
    connection::keep_up(feed, stop, |feed| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(talk(feed, password, stop))
    });
}

fn failed(why: &dyn std::fmt::Display) -> io::Error {
    trouble(
        io::ErrorKind::Other,
        format!("サーバーがエラーを返しました（{why}）"),
        format!("the server says: {why}"),
    )
}

/// A session with a server, and the task that keeps it up.
type Opened = (Arc<Session>, JoinHandle<StatusCode>);

/// Opens a session.
async fn open(address: &str, login: Option<(&str, &str)>) -> io::Result<Opened> {
    let url = format!("opc.tcp://{address}");
    let mut client = ClientBuilder::new()
        .application_name("Anshin monitor")
        .application_uri("urn:anshin:monitor")
        .product_uri("urn:anshin:monitor")
        .create_sample_keypair(false)
        .session_retry_limit(0)
        .request_timeout(PATIENCE)
        .client()
        .map_err(|errors| failed(&errors.join("; ")))?;
    let policy = UserTokenPolicy::anonymous();
    let identity = match login {
        Some((user, password)) => IdentityToken::new_user_name(user.to_owned(), password.to_owned()),
        None => IdentityToken::Anonymous,
    };
    let endpoint = (url.as_str(), SecurityPolicy::None.to_str(), MessageSecurityMode::None, policy);
    let connecting = client.connect_to_matching_endpoint(endpoint, identity);
    let connected = tokio::time::timeout(2 * PATIENCE, connecting).await;
    let (session, events) =
        connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?.map_err(|error| failed(&error))?;
    let events = events.spawn();
    let welcome = tokio::time::timeout(2 * PATIENCE, session.wait_for_connection()).await;
    if !matches!(welcome, Ok(true)) || events.is_finished() {
        events.abort();
        return Err(trouble(
            io::ErrorKind::ConnectionRefused,
            "サーバーとのセッションを開始できません",
            "the server opens no session",
        ));
    }
    Ok((session, events))
}

/// Ends a session: one that is not closed stays open at the server for a while.
async fn close((session, events): Opened) {
    let _ = tokio::time::timeout(Duration::from_secs(1), session.disconnect()).await;
    events.abort();
}

async fn talk(feed: &mut Feed, password: Option<&str>, stop: &Stop) -> io::Result<()> {
    let source = feed.source().clone();
    let login = source.login.as_ref().map(|login| (login.user.as_str(), password.unwrap_or_default()));
    let (session, events) = open(source.address.as_deref().unwrap_or_default(), login).await?;
    let (sender, mut changes) = channel(QUEUE);
    let overrun = Arc::new(AtomicBool::new(false));
    let result = match subscribe(&source, &session, sender, Arc::clone(&overrun)).await {
        Ok(()) => {
            feed.connected();
            listen(feed, &mut changes, &overrun, stop, || events.is_finished()).await
        }
        Err(error) => Err(error),
    };
    close((session, events)).await;
    result
}

/// Most nodes that are looked at, and how deep.
const MOST_NODES: usize = 5_000;
const DEEPEST: usize = 8;

/// Nodes in one question.
const AT_ONCE: usize = 100;

/// Looks through the variables of a server, for some time.
///
/// # Errors
/// If it cannot be reached, or does not let us in.
pub(crate) fn look(address: &str, login: Option<(&str, &str)>, time: Duration) -> io::Result<Server> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (session, events) = open(address, login).await?;
        let mut server = Server { address: address.to_owned(), objects: BTreeMap::new() };
        let (time, mut variables) = (time.max(PATIENCE), Vec::new());
        let browsed = tokio::time::timeout(time, browse(&session, &mut variables)).await;
        let read = tokio::time::timeout(time, read(&session, &variables, &mut server)).await;
        close((session, events)).await;
        // What was found until then is something, whatever ended the search.
        let failed = [browsed, read].into_iter().flatten().find_map(Result::err);
        match failed.filter(|_| server.objects.is_empty()) {
            Some(error) => Err(error),
            None => Ok(server),
        }
    })
}

/// A variable of a server: its node, the path to it, and its name.
type Found = (NodeId, String, String);

/// Goes through the objects from the root on, level by level, to the variables that belong to no standard.
async fn browse(session: &Session, variables: &mut Vec<Found>) -> io::Result<()> {
    let mut seen = BTreeSet::from([NodeId::from(ObjectId::Server).to_string()]);
    let mut level = vec![(NodeId::from(ObjectId::ObjectsFolder), String::new())];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for part in level.chunks(AT_ONCE) {
            let asked: Vec<BrowseDescription> = part.iter().map(|(node, _)| below(node)).collect();
            let results = session.browse(&asked, 0, None).await.map_err(|error| failed(&error))?;
            for (mut result, (_, path)) in results.into_iter().zip(part) {
                loop {
                    for found in result.references.unwrap_or_default() {
                        let node = found.node_id.node_id;
                        let name = found.display_name.text.to_string();
                        if seen.len() >= MOST_NODES || !seen.insert(node.to_string()) {
                            continue;
                        }
                        let deeper = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                        if found.node_class == NodeClass::Variable && node.namespace != 0 {
                            variables.push((node.clone(), path.clone(), name));
                        }
                        next.push((node, deeper));
                    }
                    if result.continuation_point.is_null() {
                        break;
                    }
                    let more = session.browse_next(false, &[result.continuation_point]).await;
                    let Some(more) = more.map_err(|error| failed(&error))?.pop() else { break };
                    result = more;
                }
            }
        }
        level = next;
    }
    Ok(())
}

/// Reads what the variables have.
async fn read(session: &Session, variables: &[Found], server: &mut Server) -> io::Result<()> {
    for part in variables.chunks(AT_ONCE) {
        let asked: Vec<ReadValueId> = part.iter().map(|(node, ..)| ReadValueId::from(node.clone())).collect();
        let values = session.read(&asked, TimestampsToReturn::Neither, 0.0).await;
        for (value, (node, path, name)) in values.map_err(|error| failed(&error))?.iter().zip(part) {
            let Some(text) = value.value.as_ref().and_then(|value| text(value, Decimal::Unsaid)) else {
                continue;
            };
            let mut span = Span::default();
            span.take(&text);
            let variable = Variable { name: name.clone(), node: node.to_string(), span };
            server.objects.entry(path.clone()).or_default().push(variable);
        }
    }
    Ok(())
}

/// What stands below a node: objects and variables.
fn below(node: &NodeId) -> BrowseDescription {
    BrowseDescription {
        node_id: node.clone(),
        browse_direction: BrowseDirection::Forward,
        reference_type_id: ReferenceTypeId::HierarchicalReferences.into(),
        include_subtypes: true,
        node_class_mask: NodeClassMask::OBJECT.bits() | NodeClassMask::VARIABLE.bits(),
        result_mask: BrowseResultMask::All as u32,
    }
}

/// Asks the server to tell changes of the variables.
async fn subscribe(
    source: &Source,
    session: &Session,
    changes: Sender<Changed>,
    overrun: Arc<AtomicBool>,
) -> io::Result<()> {
    let every = Duration::from_secs_f64(source.every);
    // Whether something has been told of a variable stands beside its name.
    let mut names: BTreeMap<String, (Arc<str>, AtomicBool)> = BTreeMap::new();
    let mut items = Vec::new();
    for (n, node) in (1..).zip(&source.nodes) {
        let id: NodeId = node.node.parse().map_err(|_| failed(&format!("`{}` is no node id", node.node)))?;
        names.insert(id.to_string(), (Arc::from(node.id.as_str()), AtomicBool::new(false)));
        let parameters = MonitoringParameters {
            client_handle: n,
            sampling_interval: every.as_secs_f64() * 1e3 / 2.0,
            queue_size: KEPT_BY_SERVER,
            discard_oldest: true,
            ..MonitoringParameters::default()
        };
        let item = ReadValueId::from(id);
        items.push(MonitoredItemCreateRequest::new(item, MonitoringMode::Reporting, parameters));
    }
    let (began, decimal) = (clock::now(), source.decimal);
    let told = move |value: DataValue, item: &MonitoredItem| {
        let Some((name, told)) = names.get(&item.item_to_monitor().node_id.to_string()) else { return };
        let stands = !told.swap(true, Ordering::Relaxed);
        if changes.try_send(changed(name, &value, decimal, stands.then_some(began))).is_err() {
            overrun.store(true, Ordering::Relaxed);
        }
    };
    let callback = DataChangeCallback::new(told);
    let id = session
        .create_subscription(every, 60, 10, 0, 0, true, callback)
        .await
        .map_err(|error| failed(&error))?;
    let made = session
        .create_monitored_items(id, TimestampsToReturn::Both, items)
        .await
        .map_err(|error| failed(&error))?;
    for (node, made) in source.nodes.iter().zip(&made) {
        if made.result.status_code.is_bad() {
            return Err(failed(&format!("`{}`: {}", node.node, made.result.status_code)));
        }
    }
    Ok(())
}

/// A change as it was told. What stands since before we `began` to listen has the time of its last change, which
/// may be long ago.
fn changed(name: &Arc<str>, value: &DataValue, decimal: Decimal, began: Option<Time>) -> Changed {
    let time = value.source_timestamp.as_ref().or(value.server_timestamp.as_ref());
    let time = time.and_then(|time| time.as_chrono().timestamp_nanos_opt());
    let status = value.status.unwrap_or_default();
    // A value that the server itself does not vouch for is none.
    let text = value.value.as_ref().filter(|_| !status.is_bad()).and_then(|value| text(value, decimal));
    Changed {
        name: Arc::clone(name),
        time: time.map_or_else(clock::now, Time::from_nanos).max(began.unwrap_or(Time::from_nanos(i64::MIN))),
        text,
        missing: status.is_bad() || status.overflow(),
        stands: began.is_some(),
    }
}

fn text(value: &Variant, decimal: Decimal) -> Option<String> {
    Some(match value {
        Variant::Boolean(is) => is.to_string(),
        Variant::SByte(number) => number.to_string(),
        Variant::Byte(number) => number.to_string(),
        Variant::Int16(number) => number.to_string(),
        Variant::UInt16(number) => number.to_string(),
        Variant::Int32(number) => number.to_string(),
        Variant::UInt32(number) => number.to_string(),
        Variant::Int64(number) => number.to_string(),
        Variant::UInt64(number) => number.to_string(),
        Variant::Float(number) => number::told(number, decimal),
        Variant::Double(number) => number::told(number, decimal),
        Variant::String(text) => text.to_string(),
        Variant::LocalizedText(text) => text.text.to_string(),
        Variant::Variant(value) => return text(value, decimal),
        _ => return None,
    })
}

/// Hands changes on until it is time to go or the session ends.
async fn listen(
    feed: &mut Feed,
    changes: &mut Receiver<Changed>,
    overrun: &AtomicBool,
    stop: &Stop,
    is_over: impl Fn() -> bool,
) -> io::Result<()> {
    while !stop.is_set() {
        // What waits for longer is looked for again, so that a stop is noticed.
        if let Ok(change) = tokio::time::timeout(Duration::from_millis(200), changes.recv()).await {
            let Some(change) = change else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            let mut all = vec![change];
            while let Ok(change) = changes.try_recv() {
                all.push(change);
            }
            // A message tells the changes of one variable after those of another.
            all.sort_by_key(|change| change.time);
            for change in &all {
                take(feed, change);
            }
        }
        if overrun.swap(false, Ordering::Relaxed) {
            count(&feed.status().dropped);
        }
        feed.pass();
        if is_over() {
            return Err(trouble(
                io::ErrorKind::ConnectionAborted,
                "セッションが切れました",
                "the session has ended",
            ));
        }
    }
    Ok(())
}

fn take(feed: &mut Feed, change: &Changed) {
    if change.missing {
        feed.doubt(std::iter::empty());
    }
    let values = [(&*change.name, change.text.as_deref().unwrap_or_default())];
    if change.stands {
        feed.standing(change.time, &values);
    } else {
        feed.values(change.time, &values);
    }
}

#[cfg(test)]
mod tests {
    use opcua::types::DateTime;

    use super::*;

    #[test]
    fn what_has_not_changed_for_hours_stands_as_of_now() {
        let at = |time: &str| Time::parse(time).unwrap();
        let value = |time: &str| DataValue {
            source_timestamp: Some(DateTime::parse_from_rfc3339(time).unwrap()),
            ..DataValue::new_now(7)
        };
        let (name, began) = (Arc::from("n"), at("2026-04-01T13:00:00Z"));
        let first = changed(&name, &value("2026-04-01T08:00:00Z"), Decimal::Unsaid, Some(began));
        assert_eq!((first.time, first.stands), (began, true));
        let ahead = changed(&name, &value("2026-04-01T13:00:02Z"), Decimal::Unsaid, Some(began));
        assert_eq!(ahead.time, at("2026-04-01T13:00:02Z"));
        let later = changed(&name, &value("2026-04-01T12:59:59Z"), Decimal::Unsaid, None);
        assert_eq!((later.time, later.stands), (at("2026-04-01T12:59:59Z"), false));
    }
}
