//! What cannot work is told with the place and the next step.

use super::common::{self, Folder};
use super::devices::{Hub, configuration};
use super::{postgres, records};

/// What cannot be read is told with the place and what to do, and without a part of a password.
#[test]
fn a_database_that_cannot_be_read_is_told_without_its_password() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    folder.write("factory.yaml", configuration(Hub::Mqtt("127.0.0.1:1".parse().expect("an address"))));
    let there = postgres::new_database();
    let gone = there.replace("postgres@localhost/", "postgres:ge#heim@localhost/");
    for (address, place, next) in [
        ("postgres://u:geheim@127.0.0.1:9/plant", "`127.0.0.1:9/plant`", "see whether the other side runs"),
        (
            &there.replace("/test", "/none"),
            "`localhost/none",
            "there is no database of this name; make it first",
        ),
        (&gone, "`postgres`", "signs such as `#` and `/` within a password"),
    ] {
        for command in [
            &["assess", "system.yaml", "--monitor", address][..],
            &["report", "system.yaml", "--monitor", address, "--format", "html"],
            &["monitor", "export", "factory.yaml", "--cycles", "cycles.csv", "--database", address],
            &["monitor", "query", "--database", address],
        ] {
            let said = folder.run(command).ends_with(2).says(&[place, next]);
            assert!(!said.err.contains("heim"), "{}", said.err);
        }
    }
    // Nobody has kept there how machines were used.
    folder
        .run(&["monitor", "export", "factory.yaml", "--report", "use", "--database", &there])
        .ends_with(2)
        .says(&["m0, m1, m2, m3, m4, m5: the database has no record of the use", "with `--state`"]);
}

#[test]
fn what_cannot_be_shared_is_told() {
    let folder = Folder::new();
    folder.write("factory.yaml", configuration(Hub::Mqtt("127.0.0.1:1".parse().expect("an address"))));
    let run = ["monitor", "run", "factory.yaml", "--team", "floor"];
    folder.run(&run).ends_with(2).says(&["--database"]);
    folder.run(&[&run[..], &["--database", "none"]].concat()).ends_with(2).says(&["a team needs a database"]);
    let database = records::file(&folder);
    folder.write(
        "factory.yaml",
        folder.read("factory.yaml").replace("kind: mqtt, address: \"127.0.0.1:1\", ", "kind: mqtt, "),
    );
    folder
        .run(&[&run[..], &["--database", &database]].concat())
        .ends_with(2)
        .says(&["messages of source `line` come to one monitor only", "give its `address`"]);
}
