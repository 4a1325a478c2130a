//! Rebuilds this crate when a catalog file comes, goes or changes.

#![expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=../../catalog");
}
