//! The agreement of the proposals with the experts' tables, example by example.

use std::process::{Command, Output};

fn agreement(more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(["agreement", "crates/anshin/experts", "examples", "--lang", "en"])
        .args(more)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("the program runs")
}

/// Prints the table and fails below the bars that are written in it.
#[test]
fn proposals_agree_with_the_experts() {
    let output = agreement(&[]);
    let table = String::from_utf8(output.stdout).expect("the table is UTF-8");
    // Shown by `cargo test -- --nocapture`, and by the developer command itself.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), table.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{table}\n{}", String::from_utf8_lossy(&output.stderr));
    for example in ["gas-water-hea", "drone", "warehouse-agv", "chemical-plan", "boiler", "equipment-mai"] {
        assert!(table.contains(example), "{example} is not in the table:\n{table}");
    }
}

/// The comparison itself can fail: with rules switched off it does, and names the bar.
#[test]
fn missing_rules_show_in_the_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.yaml");
    let text = "anshin-catalog: 1\nthreat-rules:\n  - { id: malware-computer, off: true }\n";
    std::fs::write(&own, text).expect("a file");
    let output = agreement(&["--catalog", own.to_str().expect("a name")]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}");
    assert!(table.contains("below the bar: threats: recall"), "{table}");
}
