//! A source that speaks Modbus TCP: registers that are asked for again and again.
//!
//! See: <https://www.modbus.org/docs/Modbus_Application_Protocol_V1_1b3.pdf>

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use anshin_monitor::config::{Register, RegisterForm};

use crate::clock;
use crate::connection::{self, Stop};
use crate::feed::Feed;

/// Most registers in one question.
const MOST_REGISTERS: u16 = 120;

/// Asks a device until it is time to go.
pub(crate) fn run(feed: &mut Feed, _password: Option<&str>, stop: &Stop) {
    connection::keep_up(feed, stop, |feed| talk(feed, stop));
}

/// Registers that stand beside each other and are asked for together.
#[derive(Debug)]
struct Span<'a> {
    function: u8,
    at: u16,
    count: u16,
    registers: Vec<&'a Register>,
}

/// Registers in as few questions as can be, without any that is not in the map: some devices
/// refuse a question that touches one.
fn spans(registers: &[Register]) -> Vec<Span<'_>> {
    let mut sorted: Vec<&Register> = registers.iter().collect();
    sorted.sort_by_key(|register| (register.input, register.at));
    let mut spans: Vec<Span<'_>> = Vec::new();
    for register in sorted {
        let (function, size) = (if register.input { 4 } else { 3 }, register.form.size());
        match spans.last_mut() {
            Some(span)
                if span.function == function
                    && span.at.checked_add(span.count) == Some(register.at)
                    && span.count + size <= MOST_REGISTERS =>
            {
                span.count += size;
                span.registers.push(register);
            }
            _ => spans.push(Span { function, at: register.at, count: size, registers: vec![register] }),
        }
    }
    spans
}

fn talk(feed: &mut Feed, stop: &Stop) -> io::Result<()> {
    let source = feed.source().clone();
    let address = source.address.as_deref().unwrap_or_default();
    let mut stream = connection::connect(address, connection::PATIENCE)?;
    let spans = spans(&source.registers);
    let mut number = 0_u16;
    let mut works = false;
    while !stop.is_set() {
        let began = Instant::now();
        let mut values = Vec::new();
        for span in &spans {
            number = number.wrapping_add(1);
            stream.write_all(&question(number, source.unit, span.function, span.at, span.count))?;
            let words = hear(&mut stream, number, span)?;
            for register in &span.registers {
                let from = usize::from(register.at - span.at);
                let words = &words[from..from + usize::from(register.form.size())];
                if let Some(value) = value(register, words) {
                    values.push((register.id.as_str(), value.to_string()));
                }
            }
        }
        if !works {
            works = true;
            feed.connected();
        }
        let values: Vec<(&str, &str)> = values.iter().map(|(id, value)| (*id, value.as_str())).collect();
        feed.values(clock::now(), &values);
        feed.flush();
        stop.wait(Duration::from_secs_f64(source.every).saturating_sub(began.elapsed()));
    }
    Ok(())
}

fn question(number: u16, unit: u8, function: u8, at: u16, count: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(12);
    bytes.extend(number.to_be_bytes());
    bytes.extend([0, 0, 0, 6, unit, function]);
    bytes.extend(at.to_be_bytes());
    bytes.extend(count.to_be_bytes());
    bytes
}

/// Reads the answer to a question; late answers to earlier ones are passed over.
fn hear(stream: &mut impl io::Read, number: u16, span: &Span<'_>) -> io::Result<Vec<u16>> {
    loop {
        let mut head = [0; 6];
        stream.read_exact(&mut head)?;
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        if !(3..=254).contains(&length) || head[2..4] != [0, 0] {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no answer of Modbus TCP"));
        }
        let mut body = vec![0; length];
        stream.by_ref().read_exact(&mut body)?;
        if u16::from_be_bytes([head[0], head[1]]) != number {
            continue;
        }
        return answer(&body, span.function, span.count).map_err(|why| {
            io::Error::new(io::ErrorKind::InvalidData, format!("register {}: {why}", span.at))
        });
    }
}

/// The registers in the body of an answer: unit, function, and what follows.
///
/// # Errors
/// What the device says instead, or that it makes no sense.
pub fn answer(body: &[u8], function: u8, count: u16) -> Result<Vec<u16>, String> {
    match body {
        [_, refused, code, ..] if *refused == function | 0x80 => Err(match code {
            1 => "the device does not know this function".to_owned(),
            2 => "the device has no such register".to_owned(),
            3 => "the device does not take this count".to_owned(),
            4 => "the device has failed".to_owned(),
            6 => "the device is busy".to_owned(),
            10 | 11 => "there is no device of this unit behind the gateway".to_owned(),
            code => format!("the device refuses with code {code}"),
        }),
        [_, done, bytes, words @ ..]
            if *done == function
                && usize::from(*bytes) == words.len()
                && words.len() == 2 * usize::from(count) =>
        {
            Ok(words.chunks_exact(2).map(|word| u16::from_be_bytes([word[0], word[1]])).collect())
        }
        _ => Err("the answer does not fit the question".to_owned()),
    }
}

/// The number in the words of a register; `None` if a floating point number is none.
fn value(register: &Register, words: &[u16]) -> Option<f64> {
    let ordered: Vec<u16> =
        if register.swapped { words.iter().rev().copied().collect() } else { words.to_vec() };
    let all = ordered.iter().fold(0_u64, |all, word| all << 16 | u64::from(*word));
    #[expect(clippy::cast_possible_truncation, reason = "the form says how many bits count")]
    #[expect(clippy::cast_precision_loss, reason = "counters stay far below 2^53")]
    let number = match register.form {
        RegisterForm::U16 | RegisterForm::U32 | RegisterForm::U64 => all as f64,
        RegisterForm::I16 => f64::from((all as u16).cast_signed()),
        RegisterForm::I32 => f64::from((all as u32).cast_signed()),
        RegisterForm::F32 => f64::from(f32::from_bits(all as u32)),
    };
    number.is_finite().then_some(number * register.factor)
}

#[cfg(test)]
mod tests {
    use anshin_model::Id;

    use super::*;

    fn register(id: &str, at: u16, form: RegisterForm) -> Register {
        Register { id: Id::from(id.to_owned()), at, form, input: false, swapped: false, factor: 1.0 }
    }

    #[test]
    fn neighbours_are_asked_for_together() {
        let mut input = register("d", 6, RegisterForm::U16);
        input.input = true;
        let registers = [
            register("c", 4, RegisterForm::I16),
            register("a", 0, RegisterForm::F32),
            register("b", 2, RegisterForm::U32),
            register("e", 6, RegisterForm::U16),
            input,
        ];
        let spans: Vec<_> = spans(&registers).iter().map(|s| (s.function, s.at, s.count)).collect();
        assert_eq!(spans, [(3, 0, 5), (3, 6, 1), (4, 6, 1)]);
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        let number = |form, words: &[u16]| value(&register("x", 0, form), words);
        assert_eq!(number(RegisterForm::I16, &[0xffff]), Some(-1.0));
        assert_eq!(number(RegisterForm::U32, &[1, 2]), Some(65_538.0));
        assert_eq!(number(RegisterForm::I32, &[0xffff, 0xfffe]), Some(-2.0));
        assert_eq!(number(RegisterForm::F32, &[0x43fa, 0x0000]), Some(500.0));
        assert_eq!(number(RegisterForm::F32, &[0x7fc0, 0]), None);
        let swapped = Register { swapped: true, factor: 0.1, ..register("x", 0, RegisterForm::U32) };
        assert_eq!(value(&swapped, &[10, 0]), Some(1.0));
    }

    #[test]
    fn refusals_are_told() {
        assert_eq!(answer(&[1, 3, 2, 0, 7], 3, 1), Ok(vec![7]));
        assert_eq!(answer(&[1, 0x83, 2], 3, 1), Err("the device has no such register".to_owned()));
        assert!(answer(&[1, 3, 4, 0, 7], 3, 1).is_err() && answer(&[], 3, 1).is_err());
    }
}
