//! Two changes of one document brought together: never a crash, and what only one side changed is there.

#![no_main]

use anshin_store::{Merged, merge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.splitn(3, '\u{1f}');
    let [Some(base), Some(mine), Some(theirs)] = [parts.next(), parts.next(), parts.next()] else { return };
    // What only one side has changed needs no bringing together.
    assert!(matches!(merge(base, mine, base), Merged::Text(text) if text == mine));
    assert!(matches!(merge(base, base, theirs), Merged::Text(text) if text == theirs));
    // Whatever is brought together says so again.
    if let Merged::Text(text) = merge(base, mine, theirs) {
        assert!(matches!(merge(&text, &text, &text), Merged::Text(again) if again == text));
    }
});
