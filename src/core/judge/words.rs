//! Numbers as a person reads them. Everything a verdict says is put together from these.

use crate::model::measure::{Comparison, Span, Unit};

/// A whole number with a gap between thousands: `1 840`.
#[must_use]
pub fn grouped(number: f64) -> String {
    if !number.is_finite() || number.abs() >= 1e15 {
        return number.to_string();
    }
    let digits = format!("{:.0}", number.abs());
    let mut out = String::with_capacity(digits.len() + 5);
    if number <= -0.5 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `digits` significant digits, without zeros at the end: `0.16`, `3`, `212`.
#[must_use]
pub fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let size = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a double is small")]
    let decimals = (digits - 1 - size as i32).clamp(0, 12);
    let decimals = usize::try_from(decimals).unwrap_or(0);
    if decimals == 0 {
        return grouped(value);
    }
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A share (0 to 1) in percent: `0.16 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share, 2))
}

/// A measured value with its unit.
#[must_use]
pub fn measured(value: f64, unit: &Unit) -> String {
    let number = significant(value, 3);
    match unit {
        Unit::Count => number,
        Unit::Times => format!("{number}×"),
        Unit::PerSecond | Unit::PerMinute | Unit::PerHour => format!("{number}{}", unit.word()),
        other => format!("{number} {}", other.word()),
    }
}

/// A condition: `over 1 %`.
#[must_use]
pub fn condition(is: &Comparison) -> String {
    format!("{} {}", is.op.phrase(), measured(is.value, &is.unit))
}

/// A chance: `p 0.61`, `p < 0.001`.
#[must_use]
pub fn chance(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p {}", significant(p, 2)) }
}

/// About how long: `~40 s`, `~4 min`, `~3 h`.
#[must_use]
pub fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("~{} s", grouped(s.max(1.0))),
        s if s < 5_400.0 => format!("~{} min", grouped(s / 60.0)),
        s if s < 172_800.0 => format!("~{} h", grouped(s / 3_600.0)),
        s => format!("~{} d", grouped(s / 86_400.0)),
    }
}

/// Milliseconds as a span of whole seconds.
#[must_use]
pub const fn span(millis: u64) -> Span {
    Span(millis / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(grouped(1_840.0), "1 840");
        assert_eq!(grouped(-1_234_567.0), "-1 234 567");
        assert_eq!(percent(3.0 / 1_840.0), "0.16 %");
        assert_eq!(percent(0.001), "0.1 %");
        assert_eq!(percent(0.5), "50 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(significant(0.000_163, 2), "0.00016");
        assert_eq!(significant(2_345.6, 3), "2 346");
        assert_eq!(chance(0.61), "p 0.61");
        assert_eq!(chance(0.000_2), "p < 0.001");
        assert_eq!([about(40.0), about(240.0), about(7_200.0)], ["~40 s", "~4 min", "~2 h"]);
        assert_eq!(measured(2.123_4, &Unit::Percent), "2.12 %");
        assert_eq!(measured(2.5, &Unit::Times), "2.5×");
    }
}
