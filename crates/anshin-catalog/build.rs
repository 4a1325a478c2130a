//! Rebuilds this crate when a catalog file comes, goes or changes.

fn main() {
    println!("cargo:rerun-if-changed=../../catalog");
}
