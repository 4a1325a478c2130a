//! Amounts, chances and shares as people write them.

use anshin_model::Text;

use crate::estimate::Assumption;

/// An amount in a currency, to three significant digits: what a simulation gives is not surer.
///
/// Japanese counts yen in units of ten thousand (万) and a hundred million (億).
///
/// ```
/// use anshin_model::Lang;
/// use anshin_quantify::amount::money;
/// assert_eq!(money(38_012_345.0, "JPY").get(Lang::Ja), "3,800万円");
/// assert_eq!(money(38_012_345.0, "JPY").get(Lang::En), "38,000,000 yen");
/// assert_eq!(money(123_456_789.0, "JPY").get(Lang::Ja), "1億2,300万円");
/// assert_eq!(money(38_012.0, "USD").get(Lang::En), "38,000 USD");
/// ```
pub fn money(amount: f64, currency: &str) -> Text {
    exactly(three_digits(amount), currency)
}

/// An amount in a currency, to the last unit.
pub fn exactly(amount: f64, currency: &str) -> Text {
    let whole = whole(amount);
    let plain = grouped(whole);
    if currency == "JPY" {
        Text::new(in_man(whole), format!("{plain} yen"))
    } else {
        Text::same(format!("{plain} {currency}"))
    }
}

fn in_man(yen: u64) -> String {
    const MAN: u64 = 10_000;
    const OKU: u64 = 100_000_000;
    let (oku, man, rest) = (yen / OKU, yen % OKU / MAN, yen % MAN);
    let mut out = String::new();
    for (count, unit) in [(oku, "億"), (man, "万"), (rest, "")] {
        if count > 0 {
            out.push_str(&grouped(count));
            out.push_str(unit);
        }
    }
    if out.is_empty() { "0円".to_owned() } else { format!("{out}円") }
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "amounts are far below 2^64")]
fn whole(amount: f64) -> u64 {
    libm::round(amount.max(0.0)) as u64
}

/// An amount to three significant digits.
pub fn three_digits(amount: f64) -> f64 {
    let mut unit = 1.0;
    while amount / unit >= 999.5 {
        unit *= 10.0;
    }
    libm::round(amount / unit) * unit
}

/// A return on investment: in per cent, or as a multiple of the cost from ten times on, where per cent
/// say nothing any more.
pub fn rosi(rosi: f64) -> Text {
    if rosi < 10.0 {
        return Text::same(format!("{:+.0}%", rosi * 100.0));
    }
    Text::new(format!("費用の{rosi:.0}倍"), format!("{rosi:.0} times the cost"))
}

/// A share in per cent.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 {
        "0%".to_owned()
    } else if percent < 0.1 {
        "<0.1%".to_owned()
    } else if percent < 10.0 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.0}%")
    }
}

/// How often something with a mean number of times a year happens.
pub fn often(times: f64) -> Text {
    if times <= 0.0 {
        return Text::new("起こらない", "never");
    }
    if times >= 0.95 {
        let times = if times < 10.0 { format!("{times:.1}") } else { format!("{times:.0}") };
        return Text::new(format!("年に{times}件"), format!("{times} a year"));
    }
    let years = three_digits(1.0 / times);
    let years = if years < 10.0 { format!("{:.1}", 1.0 / times) } else { grouped(whole(two_digits(years))) };
    Text::new(format!("{years}年に1件"), format!("one in {years} years"))
}

fn two_digits(number: f64) -> f64 {
    let mut unit = 1.0;
    while number / unit >= 99.5 {
        unit *= 10.0;
    }
    libm::round(number / unit) * unit
}

/// Both ends of an assumption in its unit.
pub fn ends(assumption: &Assumption) -> Text {
    use anshin_model::Lang;
    let plain = |value: f64| if value >= 1000.0 { grouped(whole(value)) } else { format!("{value}") };
    let (low, high) = (plain(assumption.low), plain(assumption.high));
    let range =
        if assumption.low.to_bits() == assumption.high.to_bits() { low } else { format!("{low}–{high}") };
    Text::new(
        format!("{range}（{}）", assumption.unit.get(Lang::Ja)),
        format!("{range} ({})", assumption.unit.get(Lang::En)),
    )
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        let ja = |v| money(v, "JPY").get(Lang::Ja).to_owned();
        assert_eq!(ja(0.0), "0円");
        assert_eq!(ja(850.4), "850円");
        assert_eq!(ja(12_345.0), "1万2,300円");
        assert_eq!(ja(999_950.0), "100万円");
        assert_eq!(ja(2_000_000_000.0), "20億円");
        assert_eq!(money(2e9, "JPY").get(Lang::En), "2,000,000,000 yen");
        assert_eq!(exactly(1_234_567.0, "JPY").get(Lang::Ja), "123万4,567円");
        assert_eq!([0.0, 0.0004, 0.034, 0.5].map(percent), ["0%", "<0.1%", "3.4%", "50%"]);
        assert_eq!(often(0.01).get(Lang::Ja), "100年に1件");
        assert_eq!(often(0.3).get(Lang::En), "one in 3.3 years");
        assert_eq!(often(2.0).get(Lang::En), "2.0 a year");
    }
}
