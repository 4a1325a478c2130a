//! Events for pages that are open: in this process, and from another one on the same data.

use anshin_store::{Draft, Save};

use crate::browser::Program;

const TEXT: &str = include_str!("../../../../examples/gas-water-heater.yaml");

#[tokio::test]
async fn pages_hear_of_what_this_and_other_processes_save() {
    let program = Program::with_people().await;
    let editor = program.actor("editor").await;
    let system = program.store.create_system(&editor, Draft { text: TEXT, why: "" }).await.unwrap();
    let events = format!("/systems/{}/events", system.id);
    let mut here = program.signed_in("viewer").await;
    let mut there = program.signed_in("approver").await.over(program.beside().await);
    program.run_beside();
    let (mut here, mut there) = (here.listen(&events).await, there.listen(&events).await);
    // Whoever comes hears at once where things stand, and who is there.
    for (stream, name) in [(&mut here, "viewer"), (&mut there, "approver")] {
        stream.until("saved", "1").await;
        stream.until("present", &format!("Here now: {name}")).await;
    }

    // Behind a load balancer the other process has the other half of the people.
    for stream in [&mut here, &mut there] {
        stream.until("present", "Here now: approver, viewer").await;
    }

    // Saved by this process: its own pages hear it by the request, those of the other by the data.
    let mut author = program.signed_in("editor").await;
    let place = format!("/systems/{}", system.id);
    let text = format!("{TEXT}# changed here\n");
    let fields = [("parent", "1"), ("text", &text), ("why", ""), ("act", "save")];
    author.fill_in(&format!("{place}/text"), &format!("{place}/text"), &fields).await;
    assert_eq!(program.store.system(&editor, &system.id).await.unwrap().latest, 2);
    here.until("saved", "2").await;
    there.until("saved", "2").await;

    // Saved beside both, as by a third process.
    let save = Save { parent: 2, text: &format!("{TEXT}# changed elsewhere\n"), why: "" };
    program.store.save_revision(&editor, &system.id, save).await.unwrap();
    there.until("saved", "3").await;

    // Whoever was away is told on coming back.
    drop(here);
    there.next("present", "Here now: approver").await;
    let mut again = program.signed_in("viewer").await.listen(&events).await;
    again.until("saved", "3").await;
}

#[tokio::test]
async fn what_an_edit_does_to_ratings_is_shown_while_typing_and_after_saving() {
    let program = Program::with_people().await;
    let editor = program.actor("editor").await;
    let system = program.store.create_system(&editor, Draft { text: TEXT, why: "" }).await.unwrap();
    let place = format!("/systems/{}", system.id);
    let (page, check) = (format!("{place}/text"), format!("{place}/check"));
    let mut browser = program.signed_in("editor").await;
    let deadly = TEXT.replace("worst: serious-injury", "worst: death");
    assert_ne!(deadly, TEXT);
    let fields =
        |text: &str| [("parent", "1".to_owned()), ("text", text.to_owned()), ("act", "save".to_owned())];
    let words = "Recovery axis: serious (outside the target) → critical (outside the target)";

    let mut typed = async |text: &str| {
        let fields = fields(text);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.fill_in(&page, &check, &fields).await.text
    };
    assert!(!typed(TEXT).await.contains("<h3>"), "nothing has changed");
    let found = typed(&deadly).await;
    assert!(found.contains(words), "{found}");
    let found = typed("anshin: 1\nsystem: {").await;
    assert!(found.contains("Error") && !found.contains("<h3>"), "{found}");
    assert_eq!(program.store.system(&editor, &system.id).await.unwrap().latest, 1, "typing saves nothing");

    let fields = fields(&deadly);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let saved = browser.fill_in(&page, &page, &fields).await;
    let next = saved.header("location").to_owned();
    assert_eq!(next, format!("{place}/text?said=saved&was=1"));
    assert!(browser.get(&next).await.text.contains(words));
    // A number that somebody made up shows nothing, and breaks nothing.
    for made_up in ["0", "9", "-1", "x", "18446744073709551616"] {
        let page = browser.get(&format!("{place}?was={made_up}")).await;
        assert_eq!(page.status, axum::http::StatusCode::OK);
        assert!(!page.text.contains(words), "{made_up}");
    }
}
