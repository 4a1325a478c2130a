//! What people are told of a source, each thing once in a while.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anshin_model::{Lang, Text};
use anshin_monitor::judge::shown;
use anshin_monitor::payload::Unread;

use super::origins::Refused;
use super::wrong::{Wrong, on_topic};
use super::{Event, Feed, LONGEST_NAME, count};

/// Time after which something about a source is told again, and most that is told of it meanwhile.
const BETWEEN_NOTES: Duration = Duration::from_mins(10);
const MOST_NOTES: usize = 20;

impl Feed {
    /// Tells that there was no room for a connection from an address: once in a while, for whoever is
    /// refused comes again.
    pub(crate) fn refused(&mut self, address: IpAddr) {
        count(&self.status.refused);
        let id = self.source.id.clone();
        self.note("room", || {
            Text::new(
                format!(
                    "入力元`{id}`に空きがないため、{address}からの接続を断りました。同じアドレスからの不要な接続がないか確かめてください"
                ),
                format!(
                    "source `{id}` has no room, a connection from {address} was refused; see whether something there connects again and again"
                ),
            )
        });
    }

    /// Tells that a page of another place has sent a request, which was refused.
    pub(crate) fn foreign(&mut self, address: Option<IpAddr>) {
        count(&self.status.foreign);
        let id = self.source.id.clone();
        let address = address.map_or_else(String::new, |address| address.to_string());
        self.note("foreign", || {
            Text::new(
                format!(
                    "入力元`{id}`に、別のサイトのページが{address}のブラウザーから値を送ろうとしたので、断りました。そのコンピューターで開いていたページを確かめ、入力元に`user`と`password`を書いてください"
                ),
                format!(
                    "a page of another site has tried to send values to source `{id}` from a browser at {address} and was refused; see which page is open there, and write `user` and `password` in the source"
                ),
            )
        });
    }

    /// Tells which topics a broker does not let us read; the others are read.
    pub(crate) fn not_allowed(&self, filters: &[&str]) {
        let (id, all) = (&self.source.id, filters.join(", "));
        // A live run that has ended needs to know nothing more.
        let _ = self.out.send(Event::Note(Text::new(
            format!("入力元`{id}`のブローカーは、次のトピックの購読を許しません: {all}。ブローカーの設定（ACL）を確かめてください"),
            format!("the broker of source `{id}` does not let us read these topics: {all}; see its access rules"),
        )));
    }

    /// Tells something about the source once in a while: whatever is wrong with what comes, comes again. False if
    /// there was no room for it.
    pub(crate) fn note(&mut self, about: &str, note: impl FnOnce() -> Text) -> bool {
        // Of a flood of the same, nothing more is done.
        if self.noted.get(about).is_some_and(|told| told.elapsed() <= BETWEEN_NOTES) {
            return true;
        }
        self.noted.retain(|_, told| told.elapsed() <= BETWEEN_NOTES);
        let has_room = self.noted.len() < MOST_NOTES;
        let is_told = has_room && self.out.try_send(Event::Note(note())).is_ok();
        if is_told {
            self.noted.insert(about.to_owned(), Instant::now());
        }
        is_told
    }

    /// Tells that something that came cannot be read.
    pub(super) fn unreadable(&mut self, topic: &str, unread: Unread) {
        count(&self.status.unread);
        let id = self.source.id.clone();
        // Of a flood of a kind one is told: nothing is put into words for the others.
        let about = match unread {
            Unread::TooLong => "too-long",
            Unread::Form => "form",
            Unread::Time => "time",
            Unread::Topic => "topic",
            Unread::List => "list",
        };
        self.note(about, || {
            let (why, (of_ja, of_en)) = (unread.text(), on_topic(topic));
            Text::new(
                format!("入力元`{id}`{of_ja}に届いたものを読めません: {}", why.get(Lang::Ja)),
                format!("what comes from source `{id}`{of_en} cannot be read: {}", why.get(Lang::En)),
            )
        });
    }

    /// Counts a message that is longer than is read, and tells it.
    pub(crate) fn too_long(&mut self, topic: &str) {
        count(&self.status.messages);
        self.unreadable(topic, Unread::TooLong);
    }

    /// Notes where values come from that are taken from any topic, and tells of what came on another one.
    pub(super) fn tell_origins(&mut self) {
        let Some(origins) = &mut self.any.origins else { return };
        if std::mem::take(&mut origins.is_new) {
            self.status.topics().clone_from(origins.topics());
            self.strangers.known.learn();
        }
        for Refused { machine, value, own, other } in std::mem::take(&mut origins.refused) {
            // What another machine takes by its topic is of that machine.
            if self.by_topic.contains_key(&other) {
                continue;
            }
            let other = &other[..other.floor_char_boundary(LONGEST_NAME)];
            if !self.strangers.meet_another(other, (&self.out, &self.status)) {
                continue;
            }
            let id = self.source.id.clone();
            let [own, other] = [own.as_str(), other].map(shown);
            self.note(&format!("origin {machine} {value}"), || {
                Text::new(
                    format!(
                        "入力元`{id}`では`{value}`がトピック`{other}`にも届きました。{machine}の機器はどちらですか。`input`に`topic: {own}`か`topic: {other}`を書いてください。書くまでは、先に届いた`{own}`の値だけを取ります"
                    ),
                    format!(
                        "`{value}` comes from source `{id}` on topic `{other}` as well: which of them is the device of {machine}? Write `topic: {own}` or `topic: {other}` in `input`; until then that of `{own}` is taken, which came first"
                    ),
                )
            });
        }
    }

    /// Tells what is wrong with the values of a topic, or, without one, with those that are taken from all.
    pub(super) fn tell_wrong(&mut self, topic: Option<&str>) {
        let wrong = match self.route(topic) {
            Some(route) if !route.wrong.is_empty() => std::mem::take(&mut route.wrong),
            _ => return,
        };
        let id = self.source.id.clone();
        // Each is found once only, so what has no room now waits.
        let told = |wrong: &Wrong| self.note(&wrong.about(topic), || wrong.text(&id, topic));
        let waiting = wrong.into_iter().skip_while(told).collect();
        if let Some(route) = self.route(topic) {
            route.wrong = waiting;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use anshin_monitor::Time;

    use super::super::tests::{feeds, missing, notes};
    use super::*;

    #[test]
    fn what_had_no_room_among_the_notes_is_told_later() {
        let values: Vec<String> = (0..MOST_NOTES + 5).map(|n| format!("w{n}")).collect();
        let input = |name: &String| format!("      - {{ from: line, take: {name}, is: power }}\n");
        let inputs = values.iter().map(input).collect::<Vec<_>>().concat();
        let (mut feeds, events) = feeds(&format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]\nmachines:\n  - id: mill\n    \
             cycle: {{ by: running }}\n    input:\n      - {{ from: line, take: on, is: running, when: ON }}\n{inputs}"
        ));
        let wrong: Vec<String> = values.iter().map(|name| format!("\"{name}\":\"much\"")).collect();
        let message = format!("{{{}}}", wrong.join(","));
        for _ in 0..2 {
            feeds[0].message("plant", message.as_bytes(), false).unwrap();
        }
        assert_eq!(notes(&events).len(), MOST_NOTES);
        for told in feeds[0].noted.values_mut() {
            *told -= BETWEEN_NOTES * 2;
        }
        feeds[0].message("plant", message.as_bytes(), false).unwrap();
        assert_eq!(notes(&events).len(), 5);
    }

    #[test]
    fn what_is_missing_waits_until_its_machine_is_watched_here() {
        let (mut feeds, events) = feeds(
            "anshin-monitor: 1\nsources: [ { id: line, kind: mtconnect, address: \"localhost:5000\" } ]\nmachines: \
             [ { id: mill, cycle: { by: running }, input: [ { from: line, take: e, is: running, when: ON } ] } ]",
        );
        let watched: Arc<[AtomicBool]> = Arc::new([AtomicBool::new(false)]);
        let mut feed = feeds.remove(0).in_team("one", &watched, Arc::default());
        feed.lists(|name| name == "x");
        assert_eq!((missing(&feed), notes(&events)), (0, vec![]));
        watched[0].store(true, Ordering::Relaxed);
        feed.values(Time::from_seconds(1.0), &[("x", "1")]);
        assert_eq!((missing(&feed), notes(&events).len()), (1, 1));
        feed.values(Time::from_seconds(2.0), &[("e", "ON")]);
        assert_eq!((missing(&feed), notes(&events)), (0, vec![]));
    }
}
