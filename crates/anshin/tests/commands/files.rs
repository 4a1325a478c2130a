//! Documents in several files.

use crate::common::{Folder, GOOD, marked, with};
use crate::{FILE, folder_with};

#[test]
fn included_files_are_joined_from_where_they_stand() {
    let (before, links) = GOOD.split_once("links:\n").expect("there are links");
    let folder =
        folder_with(before.replace("system:\n", "include: [parts/links.yaml, parts/more.yaml]\nsystem:\n"));
    folder.write("parts/links.yaml", format!("links:\n{links}"));
    folder.write("parts/more.yaml", "include: deep/hub.yaml\n");
    folder.write(
        "parts/deep/hub.yaml",
        "anshin: 1\nassets:\n  - { id: hub, name: Hub, kind: network.router, zone: home }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run(&["assess", FILE]).ends_with(0).prints(&["assets 3   stakeholders 2   links 1"]);
}

#[test]
fn what_two_files_say_of_one_thing_is_a_conflict() {
    let folder = folder_with(with("system:\n", "include: more.yaml\nsystem:\n"));
    folder.write("more.yaml", "system: { id: x, name: X, setting: public }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[conflict]").says("`system`").at("more.yaml:1:1", "system").hints("one of the two");
    assert!(said.err.contains("system.yaml:3:1"), "{}", said.err);
}

/// A folder with [`GOOD`] as a template, and a document that starts from it.
fn from_template(own: &str) -> Folder {
    let folder = folder_with(format!("anshin: 1\nfrom: base.yaml\n{own}"));
    folder.write("base.yaml", GOOD);
    folder
}

#[test]
fn a_document_from_a_template_changes_and_adds_items_by_id() {
    let folder = from_template(
        "system: { id: mine, name: My lamps }\nassets:\n  - { id: phone, name: Tablet, kind: mobile.tablet }\n  \
         - { id: hub, name: Hub, kind: network.router, zone: home }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    let said = folder.run(&["assess", "-v", FILE]).ends_with(0);
    said.prints(&["My lamps", "assets 3", "Tablet", "Heater", "Hub"]).prints_no(&["Phone", "Lamp system"]);
    assert_eq!(folder.read("base.yaml"), GOOD);
}

#[test]
fn a_document_from_a_template_takes_items_away() {
    let folder = from_template(
        "assets:\n  - { id: phone, remove: true }\nlinks:\n  - { from: phone, to: heater, remove: true }\n\
         flows:\n  - { id: fill, remove: true }\ndata:\n  - { id: account, remove: true }\n",
    );
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run(&["assess", FILE]).ends_with(0).prints(&["assets 1   stakeholders 2   links 0"]);
}

#[test]
fn what_still_names_a_removed_item_is_shown_in_the_template() {
    let folder = from_template("assets:\n  - { id: phone, remove: true }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    let mark = marked(&with("{ from: phone, to: heater", "{ from: «phone», to: heater"));
    said.problem("error[unknown-reference]").says("no `phone` in `assets`").at_mark("base.yaml", &mark);
}

#[test]
fn a_problem_in_a_document_from_a_template_is_shown_where_it_was_written() {
    let own = "assets:\n  - { id: phone, zone: «hom» }\n";
    let folder = from_template(&marked(own).text);
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unknown-reference]").at("system.yaml:4:24", "hom").hints("did you mean `home`?");
    let folder = folder_with("anshin: 1\nfrom: base.yaml\n");
    let mark = marked(&with("setting: household", "setting: «home»"));
    folder.write("base.yaml", &mark.text);
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unknown-word]").at_mark("base.yaml", &mark);
}

#[test]
fn removing_what_the_template_does_not_have_offers_the_nearest() {
    let folder = from_template("assets:\n  - { id: phome, remove: true }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    let problem = said.problem("error[unknown-reference]").at("system.yaml:4:11", "phome");
    problem.hints("did you mean `phone`?");
    assert_eq!(said.problems().len(), 1, "{}", said.err);
}

#[test]
fn an_id_used_twice_over_a_template_is_told() {
    let folder = from_template("assets:\n  - { id: phone, name: A }\n  - { id: phone, name: B }\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[duplicate-id]").says("`phone` is used twice").at("system.yaml:5:11", "phone");
}

#[test]
fn an_empty_list_over_a_template_empties_it() {
    let folder = from_template("flows: []\nlinks: []\n");
    folder.run(&["assess", FILE]).ends_with(0).prints(&["links 0"]);
}

#[test]
fn a_template_that_is_not_there_is_the_only_problem() {
    let folder = folder_with("anshin: 1\nfrom: nowhere.yaml\n");
    let said = folder.run(&["check", FILE]).ends_with(2);
    said.problem("error[unreadable]").says("`nowhere.yaml`").at("system.yaml:2:7", "nowhere.yaml");
    assert_eq!(said.problems().len(), 1, "{}", said.err);
}
