//! The page of the audit trail: words where they are known.

use anshin_store::{Draft, Role, Save};

use crate::browser::Program;

const TEXT: &str = include_str!("../../../../examples/gas-water-heater.yaml");

#[tokio::test]
async fn the_trail_speaks_of_things_by_their_names() {
    let program = Program::with_people().await;
    let owner = program.actor("administrator").await;
    let store = &program.store;
    let id = store.create_system(&owner, Draft { text: TEXT, why: "" }).await.unwrap().id;
    let save = Save { parent: 1, text: &format!("{TEXT}# more\n"), why: "" };
    store.save_revision(&owner, &id, save).await.unwrap();
    let editor = store.users(&owner).await.unwrap().into_iter().find(|one| one.login == "editor").unwrap();
    store.set_role(&owner, &editor.id, Role::Approver).await.unwrap();
    let mut browser = program.signed_in("administrator").await;
    let page = browser.get("/audit").await.text;
    // What a row says, without what only shows when one points at it.
    let row = |action: &str| -> String {
        let at = page.find(&format!(">{action}</p>")).unwrap_or_else(|| panic!("no {action}: {page}"));
        let row = &page[page[..at].rfind("<tr>").unwrap()..at + page[at..].find("</tr>").unwrap()];
        let words = row.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, words)| words);
        words.filter(|words| !words.trim().is_empty()).collect::<Vec<_>>().join(" ")
    };
    let hash = store.latest(&owner, &id).await.unwrap().revision.hash;
    let saved = row("system.save");
    assert!(saved.contains("Remote operation of a household gas water heater"), "{saved}");
    assert!(saved.contains("revision:  2") && saved.contains(&hash[..12]), "{saved}");
    assert!(!saved.contains(&hash[..13]) && !saved.contains(id.as_str()), "{saved}");
    assert!(page.contains(&format!("<code title=\"{hash}\">")), "the whole hash is at hand");
    assert!(page.contains(&format!("<span title=\"{id}\">")), "and so is the id");
    let role = row("user.role");
    assert!(role.ends_with(&format!("editor role:  approver {}", &role[role.len() - 12..])), "{role}");
    for action in ["organization.create", "system.create", "user.create", "session.begin"] {
        let words = row(action);
        assert!(!words.contains('{') && !words.contains("&quot;"), "{words}");
    }
}
