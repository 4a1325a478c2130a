//! Any bytes as what devices and servers send: HTTP, MTConnect, SHDR, ECHONET Lite, Modbus, mail.

#![no_main]

use std::sync::LazyLock;

use anshin_catalog::Catalog;
use anshin_field::echonet::frame::Frame;
use anshin_field::echonet::meter::Meter;
use anshin_field::outlet::mail;
use anshin_field::{discover, echonet, http, modbus, mtconnect};
use anshin_monitor::{meters, recording};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Requests are the same however their bytes come, and bodies are no longer than these.
    let piece = usize::from(bytes.first().copied().unwrap_or_default()) + 1;
    let (whole, wrong) = requests(bytes, bytes.len().max(1));
    assert!(whole.iter().all(|(head, _)| head.path.starts_with('/')));
    assert!(whole.iter().map(|(_, body)| body.len()).sum::<usize>() <= bytes.len());
    assert_eq!(requests(bytes, piece), (whole, wrong));
    if let Ok((_, body)) = http::read_answer(bytes) {
        assert!(body.len() < bytes.len());
    }
    if let Ok(frame) = Frame::read(bytes) {
        assert_eq!(Frame::read(&frame.write()), Ok(frame.clone()));
        assert!(echonet::objects(&frame).len() * 3 <= bytes.len());
        for object in [[2, 0x88, 1], [2, 0x87, 1], [2, 0x8d, 1], [2, 0x8f, 1], [0, 0x22, 1]] {
            let mut meter = Meter::new(object, 32);
            for (name, value) in [meter.values(&frame), meter.values(&frame)].concat() {
                assert!(!name.is_empty() && value.is_finite());
            }
            meter.round();
        }
    }
    // A map of properties lists each once, but where it is short and written by hand.
    let known = echonet::properties(bytes);
    assert!(known.len() < 16 || known.len() <= 128 && known.iter().all(|property| *property >= 0x80));
    for (function, count) in [(3, 1), (4, 2), (3, 120)] {
        if let Ok(words) = modbus::answer(bytes, function, count) {
            assert_eq!(words.len(), usize::from(count));
        }
    }
    if let Some(said) = modbus::identification(bytes) {
        assert!(said.iter().all(|text| !text.is_empty() && !text.contains(char::is_control)));
    }
    if let Ok(body) = modbus::body(&mut &*bytes, 1) {
        assert!((3..=254).contains(&body.len()) && body.len() + 6 <= bytes.len());
    }
    let mut rest = bytes;
    while let Ok(()) = mail::hear(&mut rest, "25") {}
    if let Err(error) = mail::hear(&mut &*bytes, "250") {
        assert!(!error.to_string().contains(char::is_control));
    }
    // Bytes as what stands in registers, and which of them are there.
    if bytes.len() >= 2 {
        let mut ask = |input: bool, at: u16, count: u16| {
            let place = usize::from(at) * 2 + usize::from(input);
            let words = bytes.iter().cycle().skip(place % bytes.len()).take(2 * usize::from(count));
            let words: Vec<u8> = words.copied().collect();
            (bytes[0] < 250).then(|| words.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect())
        };
        static CATALOG: LazyLock<Catalog> =
            LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog is sound"));
        if let Some(meter) = meters::recognize(&CATALOG, &mut ask) {
            assert!(meter.registers.iter().all(|(_, value)| value.is_finite()));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(streams) = mtconnect::read(text) {
            assert!(streams.observations.is_sorted_by_key(|one| one.sequence));
        }
        let _ = discover::devices(text);
        if let Some((_, values)) = recording::shdr_line(text, &["a", ""]) {
            assert!(values.iter().all(|(name, value)| ["a", ""].contains(name) && !value.contains('|')));
        }
    }
});

/// The requests in bytes that come in pieces of a length, and what is wrong with the rest.
fn requests(bytes: &[u8], length: usize) -> (Vec<(http::Head, Vec<u8>)>, Option<http::Malformed>) {
    let (mut requests, mut whole) = (http::Requests::default(), Vec::new());
    for piece in bytes.chunks(length) {
        requests.add(piece);
        loop {
            match requests.next_part() {
                // Of some requests, the body is passed over: what follows is found all the same.
                Ok(Some(http::Part::Head(head))) if head.path.len() == 2 => requests.pass_over(),
                Ok(Some(http::Part::Head(_))) => {}
                Ok(Some(http::Part::Whole(head, body))) => whole.push((head, body.unwrap_or_default())),
                Ok(None) => break,
                Err(error) => return (whole, Some(error)),
            }
        }
    }
    (whole, None)
}
