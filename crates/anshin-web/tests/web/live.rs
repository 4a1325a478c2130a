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
    let (mut here, mut there) = (here.listen(&events).await, there.listen(&events).await);
    // Whoever comes hears at once where things stand, and who is there.
    for (stream, name) in [(&mut here, "viewer"), (&mut there, "approver")] {
        stream.until("saved", "1").await;
        stream.until("present", &format!("Here now: {name}")).await;
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
    let mut again = program.signed_in("viewer").await.listen(&events).await;
    again.until("saved", "3").await;
}
