//! A source that speaks Modbus TCP: registers that are asked for again and again.
//!
//! See: <https://www.modbus.org/docs/Modbus_Application_Protocol_V1_1b3.pdf>

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::config::Register;
use anshin_monitor::meters;
use anshin_monitor::propose::PowerMeter;

use crate::clock;
use crate::connection::{self, Stop, Until};
use crate::feed::Feed;
use crate::trouble::{self, trouble};

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
            let end = Instant::now() + connection::PATIENCE;
            let words = hear(&mut Until { stream: &stream, end }, number, span)?;
            for register in &span.registers {
                let from = usize::from(register.at - span.at);
                let words = &words[from..from + usize::from(register.form.size())];
                if let Some(value) = register.value(words) {
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

/// Reads the registers that were asked for.
fn hear(stream: &mut impl io::Read, number: u16, span: &Span<'_>) -> io::Result<Vec<u16>> {
    answer(&body(stream, number)?, span.function, span.count).map_err(|why| {
        trouble::malformed(
            format!("レジスター{}: {}", span.at, why.get(Lang::Ja)),
            format!("register {}: {}", span.at, why.get(Lang::En)),
        )
    })
}

/// Reads the body of the answer to a question; late answers to earlier ones are passed over.
///
/// # Errors
/// If none comes, or bytes that are no answer.
pub fn body(stream: &mut impl io::Read, number: u16) -> io::Result<Vec<u8>> {
    loop {
        let mut head = [0; 6];
        stream.read_exact(&mut head)?;
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        if !(3..=254).contains(&length) || head[2..4] != [0, 0] {
            return Err(trouble::malformed(
                "Modbus TCPの応答ではありません。アドレスとポートを確かめてください",
                "this is no answer of Modbus TCP; check address and port",
            ));
        }
        let mut body = vec![0; length];
        stream.by_ref().read_exact(&mut body)?;
        if u16::from_be_bytes([head[0], head[1]]) == number {
            return Ok(body);
        }
    }
}

/// What a device says of itself, in the body of an answer to a question for its identification: its maker,
/// its product, its version, as far as they are there.
pub fn identification(body: &[u8]) -> Option<Vec<String>> {
    let [_, 0x2b, 0x0e, _, _, _, _, count, rest @ ..] = body else { return None };
    let mut rest = rest;
    let mut all = Vec::new();
    for _ in 0..*count {
        let [_, length, more @ ..] = rest else { return None };
        let (text, behind) = more.split_at_checked(usize::from(*length))?;
        let text: String = String::from_utf8_lossy(text).chars().filter(|sign| !sign.is_control()).collect();
        all.push(text.trim().to_owned());
        rest = behind;
    }
    Some(all.into_iter().filter(|text| !text.is_empty()).collect())
}

/// How patient one is with a device that is looked for.
#[derive(Debug)]
pub(crate) struct Look {
    /// How long an answer may take; those that do not know their number often say nothing.
    answer: Duration,
    /// How long all answers may take.
    all: Duration,
}

/// The usual patience. Gateways wait for a slow line behind them for a second.
pub(crate) const LOOK: Look = Look { answer: Duration::from_secs(2), all: Duration::from_secs(20) };

/// Numbers under which the device of an address itself answers, as a rule.
const USUAL_UNITS: [u8; 3] = [1, 255, 0];

/// Questions after which a number that has said nothing at all is given up: some devices pass over one that
/// they do not know. One that has answered may pass over as many as there is time for.
const MOST_SILENCE: u32 = 2;

/// A conversation with a device that is looked for.
struct Asking {
    stream: TcpStream,
    answer: Duration,
    end: Instant,
    number: u16,
    /// Questions since the last answer.
    silence: u32,
}

impl Asking {
    fn ask(&mut self, unit: u8, request: &[u8]) -> io::Result<Vec<u8>> {
        self.number = self.number.wrapping_add(1);
        let length = u16::try_from(request.len() + 1).map_err(io::Error::other)?;
        let head = [self.number.to_be_bytes(), [0, 0], length.to_be_bytes()].concat();
        self.stream.write_all(&[&head[..], &[unit], request].concat())?;
        let end = self.end.min(Instant::now() + self.answer);
        let said = body(&mut Until { stream: &self.stream, end }, self.number);
        self.silence = if said.is_ok() { 0 } else { self.silence + 1 };
        said
    }
}

/// Asks an address, written `HOST:PORT` or `HOST:PORT/UNIT`, which meter of the catalog it is.
///
/// # Errors
/// If nobody answers there.
pub(crate) fn look(place: &str, catalog: &Catalog, patience: &Look) -> io::Result<PowerMeter> {
    let wrong = || {
        trouble(
            io::ErrorKind::InvalidInput,
            "`HOST:PORT`か`HOST:PORT/UNIT`と書いてください",
            "write it as `HOST:PORT` or `HOST:PORT/UNIT`",
        )
    };
    let (address, units) = match place.split_once('/') {
        Some((address, unit)) => (address, vec![unit.parse().map_err(|_| wrong())?]),
        None => (place, USUAL_UNITS.to_vec()),
    };
    let stream = connection::connect(address, patience.answer)?;
    let (answer_within, end) = (patience.answer, Instant::now() + patience.all);
    let mut asking = Asking { stream, answer: answer_within, end, number: 0, silence: 0 };
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for unit in units {
        asking.silence = 0;
        let (said, mut answers) = match asking.ask(unit, &[0x2b, 0x0e, 1, 0]) {
            // A gateway says that nobody is there by this number.
            Ok(said) if matches!(said[..], [_, 0xab, 10 | 11, ..]) => {
                last = trouble(
                    io::ErrorKind::NotFound,
                    "ゲートウェイは答えますが、この番号の機器がありません。`HOST:PORT/UNIT`で番号を指定してください",
                    "a gateway answers, but no device by this number; try HOST:PORT/UNIT",
                );
                continue;
            }
            // To refuse is to answer as well.
            Ok(said) => (identification(&said).unwrap_or_default(), true),
            Err(error) if connection::is_idle(&error) => (Vec::new(), false),
            Err(error) => return Err(error),
        };
        let mut registers = |input: bool, at: u16, count: u16| {
            if !answers && asking.silence >= MOST_SILENCE {
                return None;
            }
            let function = if input { 4 } else { 3 };
            let request = [&[function][..], &at.to_be_bytes(), &count.to_be_bytes()].concat();
            match asking.ask(unit, &request) {
                Ok(body) => {
                    answers = true;
                    answer(&body, function, count).ok()
                }
                Err(error) => {
                    last = error;
                    None
                }
            }
        };
        let meter = meters::recognize(catalog, &mut registers);
        if answers {
            return Ok(PowerMeter { address: address.to_owned(), unit, said, meter });
        }
    }
    Err(last)
}

/// The registers in the body of an answer: unit, function, and what follows.
///
/// # Errors
/// What the device says instead, or that it makes no sense.
pub fn answer(body: &[u8], function: u8, count: u16) -> Result<Vec<u16>, Text> {
    match body {
        [_, refused, code, ..] if *refused == function | 0x80 => Err(match code {
            1 => Text::new(
                "機器がこの読み出し方に対応していません。`table`（holding、input）を確かめてください",
                "the device does not know this function; check `table` (holding, input)",
            ),
            2 => Text::new(
                "機器にこのレジスターがありません。`at`を確かめてください",
                "the device has no such register; check `at`",
            ),
            3 => Text::new(
                "機器が、この個数のレジスターをまとめて読むことに対応していません",
                "the device does not take this count",
            ),
            4 => Text::new("機器の内部でエラーが起きました", "the device has failed"),
            6 => Text::new("機器が処理中で応答できません", "the device is busy"),
            10 | 11 => Text::new(
                "ゲートウェイの先に、この番号の機器がありません。`unit`を確かめてください",
                "there is no device of this number behind the gateway; check `unit`",
            ),
            code => Text::new(
                format!("機器が読み出しを断りました（コード{code}）"),
                format!("the device refuses with code {code}"),
            ),
        }),
        [_, done, bytes, words @ ..]
            if *done == function
                && usize::from(*bytes) == words.len()
                && words.len() == 2 * usize::from(count) =>
        {
            Ok(words.chunks_exact(2).map(|word| u16::from_be_bytes([word[0], word[1]])).collect())
        }
        _ => {
            Err(Text::new("機器の応答が、読み出しの要求と合いません", "the answer does not fit the question"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use anshin_catalog::RegisterForm;
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
    fn refusals_are_told() {
        assert_eq!(answer(&[1, 3, 2, 0, 7], 3, 1), Ok(vec![7]));
        let refused = answer(&[1, 0x83, 2], 3, 1).unwrap_err();
        assert_eq!(refused.get(Lang::En), "the device has no such register; check `at`");
        assert!(answer(&[1, 3, 4, 0, 7], 3, 1).is_err() && answer(&[], 3, 1).is_err());
    }

    #[test]
    fn a_device_says_what_it_is() {
        let body = [&[1, 0x2b, 0x0e, 1, 1, 0, 0, 2, 0, 4][..], b"ACME", &[1, 4], b"PM\n1"].concat();
        assert_eq!(identification(&body), Some(vec!["ACME".to_owned(), "PM1".to_owned()]));
        assert_eq!(identification(&body[..body.len() - 1]), None);
        assert_eq!(identification(&[1, 0xab, 1]), None);
    }

    /// Whoever asks there is answered as `play` does; its address.
    fn played<T: Send + 'static>(
        play: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> (String, std::thread::JoinHandle<T>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (address, std::thread::spawn(move || play(listener.accept().unwrap().0)))
    }

    #[test]
    fn a_device_that_says_nothing_is_given_up_after_few_questions() {
        let catalog = anshin_catalog::load(Vec::new()).catalog.unwrap();
        let (address, heard) = played(|mut stream| {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            all
        });
        let patience = Look { answer: Duration::from_millis(5), all: Duration::from_mins(1) };
        let error = look(&address, &catalog, &patience).unwrap_err();
        assert!(connection::is_idle(&error), "{error}");
        // What it is, and a register, by each of the numbers.
        let of_unit = |unit: u8| [[5, unit, 0x2b], [6, unit, 3]];
        let expected: Vec<[u8; 3]> = USUAL_UNITS.into_iter().flat_map(of_unit).collect();
        let (all, mut questions) = (heard.join().unwrap(), Vec::new());
        let mut rest = &all[..];
        while let [_, _, 0, 0, 0, length, unit, function, ..] = rest {
            questions.push([*length, *unit, *function]);
            rest = &rest[6 + usize::from(*length)..];
        }
        assert_eq!(questions, expected);
    }

    #[test]
    fn a_device_that_answers_something_else_for_ever_is_given_up() {
        let (address, device) = played(|mut stream| {
            // The answer to a question that nobody has asked.
            while stream.write_all(&[0, 99, 0, 0, 0, 5, 1, 3, 2, 0, 7]).is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let stream = connection::connect(&address, connection::PATIENCE).unwrap();
        let end = Instant::now() + Duration::from_millis(200);
        let error = body(&mut Until { stream: &stream, end }, 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(stream);
        device.join().unwrap();
    }

    #[test]
    fn one_that_has_answered_may_pass_over_what_it_does_not_know() {
        let catalog = anshin_catalog::load(Vec::new()).catalog.unwrap();
        for names_itself in [true, false] {
            let (address, device) = played(move |mut stream| {
                let floats = [(0, 101.0_f32), (12, 350.5), (70, 50.0), (72, 12.5)];
                let mut head = [0; 8];
                // Ends when the other side has gone. It says nothing of holding registers, which it lacks.
                while stream.read_exact(&mut head).is_ok() {
                    let mut rest = vec![0; usize::from(head[5]) - 2];
                    stream.read_exact(&mut rest).unwrap();
                    let at = u16::from_be_bytes([rest[0], rest[1]]);
                    let said = match head[7] {
                        0x2b if names_itself => {
                            [&[head[6], 0x2b, 0x0e, 1, 1, 0, 0, 1, 0, 4][..], b"ACME"].concat()
                        }
                        0x2b => vec![head[6], 0xab, 1],
                        4 => match floats.iter().find(|(own, _)| *own == at) {
                            Some((_, value)) => [&[head[6], 4, 4][..], &value.to_be_bytes()].concat(),
                            None => vec![head[6], 0x84, 2],
                        },
                        _ => continue,
                    };
                    let length = u8::try_from(said.len()).unwrap();
                    stream.write_all(&[&head[..2], &[0, 0, 0, length], &said].concat()).unwrap();
                }
            });
            let patience = Look { answer: Duration::from_secs(1), all: Duration::from_mins(1) };
            let found = look(&address, &catalog, &patience).unwrap();
            assert_eq!(found.said, if names_itself { vec!["ACME"] } else { Vec::new() });
            assert!(found.meter.unwrap().name.get(Lang::En).contains("SDM120"));
            device.join().unwrap();
        }
    }

    #[test]
    fn one_who_answers_something_else_for_ever_is_left() {
        let catalog = anshin_catalog::load(Vec::new()).catalog.unwrap();
        let (address, talker) = played(|mut stream| {
            // Ends when the other side has gone.
            while stream.write_all(&[0xff, 0xff, 0, 0, 0, 3, 1, 3, 0]).is_ok() {}
        });
        let patience = Look { answer: Duration::from_millis(20), all: Duration::from_millis(50) };
        assert!(look(&address, &catalog, &patience).is_err());
        talker.join().unwrap();
    }
}
