//! Numbers as people, loggers and spreadsheets write them: `1800.5`, `1,800.5`, `1800.5 W`, `１８００．５`.

/// What the comma in a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimal {
    /// Nobody has said: one that can be meant in two ways is no number.
    #[default]
    Unsaid,
    /// It parts thousands; the point is a decimal one.
    Point,
    /// It is a decimal one; points part thousands.
    Comma,
}

/// Units, and what makes the plain unit of them.
const UNITS: [(&str, f64); 33] = [
    ("W", 1.0),
    ("Wh", 1.0),
    ("A", 1.0),
    ("Ah", 1.0),
    ("V", 1.0),
    ("VA", 1.0),
    ("var", 1.0),
    ("Hz", 1.0),
    ("%", 1.0),
    ("℃", 1.0),
    ("°C", 1.0),
    ("s", 1.0),
    ("sec", 1.0),
    ("秒", 1.0),
    ("個", 1.0),
    ("回", 1.0),
    ("本", 1.0),
    ("枚", 1.0),
    ("台", 1.0),
    ("rpm", 1.0),
    ("mA", 1e-3),
    ("mW", 1e-3),
    ("kW", 1e3),
    ("KW", 1e3),
    ("kw", 1e3),
    ("kWh", 1e3),
    ("KWh", 1e3),
    ("KWH", 1e3),
    ("kwh", 1e3),
    ("kVA", 1e3),
    ("kA", 1e3),
    ("MW", 1e6),
    ("MWh", 1e6),
];

/// Reads a number. One with its unit is told in the plain one: `1.8 kW` is 1800.
pub fn read(text: &str, decimal: Decimal) -> Option<f64> {
    let text = text.trim();
    let plain = match decimal {
        Decimal::Comma if text.contains('.') => None,
        Decimal::Comma => text.replace(',', ".").parse().ok(),
        Decimal::Unsaid | Decimal::Point => text.parse::<f64>().ok(),
    };
    match plain {
        Some(number) => Some(number).filter(|number| number.is_finite()),
        None => parts(text, decimal).map(|(number, _)| number),
    }
}

/// What is added to a number that a program told, so that its point is a decimal one wherever it is read.
const TOLD: &str = "e0";

/// A number that nobody has written, but a program told as one, as [`read`] takes it.
pub fn told(number: &impl ToString, decimal: Decimal) -> String {
    let text = number.to_string();
    let is_as_told = decimal != Decimal::Comma || read(&text, decimal) == text.parse().ok();
    if is_as_told { text } else { text + TOLD }
}

/// What [`told`] has told, in its own writing.
pub fn own(text: &str) -> &str {
    let is_number = |text: &&str| text.contains('.') && text.parse::<f64>().is_ok();
    text.strip_suffix(TOLD).filter(is_number).unwrap_or(text)
}

/// The unit that stands behind a number, if one does.
pub fn unit(text: &str, decimal: Decimal) -> Option<&'static str> {
    let text = text.trim();
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    parts(text, decimal).and_then(|(_, unit)| unit)
}

/// Whether a text is a unit, bare or in brackets, or stands where there is none.
pub fn is_unit(text: &str) -> bool {
    let text: String = text.chars().map(narrow).collect();
    let bare = text.trim().trim_matches(['(', ')', '[', ']']).trim();
    matches!(bare, "" | "-") || UNITS.iter().any(|(unit, _)| *unit == bare)
}

fn parts(text: &str, decimal: Decimal) -> Option<(f64, Option<&'static str>)> {
    // A wide comma parts thousands: nobody writes a decimal one so.
    let is_wide = text.contains('，') && decimal == Decimal::Unsaid;
    let decimal = if is_wide { Decimal::Point } else { decimal };
    let text: String = text.chars().map(narrow).collect();
    let text = text.trim();
    let bytes = text.as_bytes();
    let mut end = usize::from(text.starts_with(['+', '-']));
    while let Some(byte) = bytes.get(end) {
        let is_exponent = matches!(byte, b'e' | b'E') && {
            let rest = &text[end + 1..];
            rest.strip_prefix(['+', '-']).unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit())
        };
        match byte {
            b'0'..=b'9' | b'.' | b',' => end += 1,
            _ if is_exponent => end += 2,
            _ => break,
        }
    }
    let (digits, unit) = (&text[..end], text[end..].trim());
    let known = UNITS.iter().find(|(known, _)| *known == unit);
    if known.is_none() && !unit.is_empty() {
        return None;
    }
    let digits = match decimal {
        Decimal::Comma if digits.contains('.') => {
            let swapped = |c| match c {
                '.' => ',',
                ',' => '.',
                c => c,
            };
            let grouped = without_groups(&digits.chars().map(swapped).collect::<String>());
            // Where points part no thousands, a single one is decimal after all.
            grouped.or_else(|| (!digits.contains(',')).then(|| digits.to_owned()))?
        }
        Decimal::Comma => digits.replace(',', "."),
        _ if !digits.contains(',') => digits.to_owned(),
        Decimal::Point => without_groups(digits)?,
        // A second comma or a point behind it tells that it is none.
        Decimal::Unsaid if digits.matches(',').count() > 1 || digits.contains('.') => without_groups(digits)?,
        Decimal::Unsaid => return None,
    };
    let number: f64 = digits.parse().ok()?;
    let (unit, factor) = known.map_or((None, 1.0), |(unit, factor)| (Some(*unit), *factor));
    Some((number * factor, unit)).filter(|(number, _)| number.is_finite())
}

/// A number without the commas that part its digits in groups of three; `None` if they do not.
pub(crate) fn without_groups(text: &str) -> Option<String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let is_digits = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    let first = groups.next()?;
    let begins = (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0');
    let goes_on = groups.all(|group| group.len() == 3 && is_digits(group));
    (begins && goes_on && !part.contains(',')).then(|| text.replace(',', ""))
}

/// Wide digits, signs and spaces as narrow ones.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{3000}' | '\t' => ' ',
        '\u{2212}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        use Decimal::{Comma, Point, Unsaid};
        for (text, decimal, expected) in [
            ("1800.5", Unsaid, Some(1_800.5)),
            (" -7.39E-30 ", Unsaid, Some(-7.39e-30)),
            ("1800.5 W", Unsaid, Some(1_800.5)),
            ("1.8kW", Unsaid, Some(1_800.0)),
            ("250 mA", Unsaid, Some(0.25)),
            ("12 個", Unsaid, Some(12.0)),
            ("１８００．５", Unsaid, Some(1_800.5)),
            ("１，８００", Unsaid, Some(1_800.0)),
            ("－５", Unsaid, Some(-5.0)),
            ("1,234,567", Unsaid, Some(1_234_567.0)),
            ("1,800.5 W", Unsaid, Some(1_800.5)),
            // One thousand eight hundred, or one and a bit: somebody must say so.
            ("1,800", Unsaid, None),
            ("1,800", Point, Some(1_800.0)),
            ("1,800", Comma, Some(1.8)),
            ("1.234,5", Comma, Some(1_234.5)),
            // Points part thousands, whether a unit stands behind the number or not.
            ("1.800", Comma, Some(1_800.0)),
            ("-1.800 W", Comma, Some(-1_800.0)),
            ("１．８００", Comma, Some(1_800.0)),
            ("1.234.567", Comma, Some(1_234_567.0)),
            // Or they do not, and are decimal ones.
            ("1.5", Comma, Some(1.5)),
            ("1.5 kW", Comma, Some(1_500.0)),
            ("0.125", Comma, Some(0.125)),
            ("12.1255", Comma, Some(12.1255)),
            ("1.25e3", Comma, Some(1_250.0)),
            ("1.5,5", Comma, None),
            ("1,234.5", Comma, None),
            ("0,123", Point, None),
            ("1,80", Point, None),
            ("12 pcs", Unsaid, None),
            ("off", Unsaid, None),
            ("nan", Unsaid, None),
            ("-", Unsaid, None),
            ("W", Unsaid, None),
            ("", Comma, None),
        ] {
            let read = read(text, decimal);
            let is_close = match (read, expected) {
                (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * other.abs(),
                (one, other) => one.is_none() && other.is_none(),
            };
            assert!(is_close, "{text} {decimal:?}: {read:?}");
        }
        for number in [12.125, -1_800.5, 7.39e-30] {
            for decimal in [Unsaid, Point, Comma] {
                assert_eq!(read(&told(&number, decimal), decimal), Some(number), "{number} {decimal:?}");
                assert_eq!(own(&told(&number, decimal)), number.to_string());
            }
        }
        assert_eq!(unit("1.8 kW", Unsaid), Some("kW"));
        assert_eq!(unit("1.8", Unsaid), None);
        assert!(is_unit("[ｋＷ]") && is_unit("℃") && !is_unit("電力"));
    }
}
