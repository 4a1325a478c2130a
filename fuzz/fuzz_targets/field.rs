//! Any bytes as what devices send: HTTP, MTConnect, SHDR, ECHONET Lite, Modbus.

#![no_main]

use std::sync::LazyLock;

use anshin_catalog::Catalog;
use anshin_field::echonet::frame::Frame;
use anshin_field::echonet::meter::Meter;
use anshin_field::{discover, http, modbus, mtconnect};
use anshin_monitor::{meters, recording};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some((request, length))) = http::read_request(bytes) {
        assert!(length <= bytes.len() && request.body.len() <= length);
    }
    let _ = http::read_answer(bytes);
    if let Ok(frame) = Frame::read(bytes) {
        assert_eq!(Frame::read(&frame.write()), Ok(frame.clone()));
        for object in [[2, 0x88, 1], [2, 0x87, 1], [2, 0x8d, 1], [2, 0x8f, 1], [0, 0x22, 1]] {
            let mut meter = Meter::new(object, 32);
            for (name, value) in [meter.values(&frame), meter.values(&frame)].concat() {
                assert!(!name.is_empty() && value.is_finite());
            }
            meter.round();
        }
    }
    for (function, count) in [(3, 1), (4, 2), (3, 120)] {
        let _ = modbus::answer(bytes, function, count);
    }
    let _ = modbus::identification(bytes);
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
        let _ = mtconnect::read(text);
        let _ = discover::devices(text);
        recording::shdr_line(text, &["a", ""]);
    }
});
