//! Numbers with their units, as people write them into plans and type them at sheets: spans of time, shares,
//! comparisons. A number without a unit decides nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

mod unit;

pub use self::unit::Unit;

/// A span of time in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

/// What a span can be written in, the longest first.
const SPAN_UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// Longest span: ten years. Sums of a few of them stay far from any overflow.
const LONGEST: u64 = 3_650 * 86_400;

impl Span {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// Minutes.
    #[must_use]
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes * 60)
    }

    /// Hours.
    #[must_use]
    pub const fn hours(hours: u64) -> Self {
        Self(hours * 3_600)
    }

    /// Seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// Seconds, for arithmetic with readings.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        // ten years are far below what an f64 tells apart
        u32::try_from(self.0).map_or(f64::from(u32::MAX), f64::from)
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// For comparisons with differences of points in time.
    #[must_use]
    pub fn to_delta(self) -> chrono::TimeDelta {
        i64::try_from(self.0).ok().and_then(chrono::TimeDelta::try_seconds).unwrap_or(chrono::TimeDelta::MAX)
    }

    /// Reads `90s`, `5m`, `2h`, `3d` or `1h30m`; the units fall. `None` for everything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut seconds = 0_u64;
        let mut last = usize::MAX;
        let mut rest = word;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let unit = rest[end..].chars().next()?;
            let place = SPAN_UNITS.iter().position(|(letter, _)| *letter == unit)?;
            if last != usize::MAX && place <= last {
                return None;
            }
            last = place;
            let number: u64 = rest[..end].parse().ok()?;
            seconds = number.checked_mul(SPAN_UNITS[place].1)?.checked_add(seconds)?;
            rest = &rest[end + unit.len_utf8()..];
        }
        (last != usize::MAX && seconds <= LONGEST).then_some(Self(seconds))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut out = String::new();
        for (letter, size) in SPAN_UNITS {
            // whole days read better as hours up to two of them
            if letter == 'd' && (rest < 172_800 || !rest.is_multiple_of(86_400)) {
                continue;
            }
            let many = rest / size;
            if many > 0 {
                out.push_str(&many.to_string());
                out.push(letter);
            }
            rest %= size;
        }
        f.pad(if out.is_empty() { "0s" } else { &out })
    }
}

/// A share of a whole, in percent: 0 to 100 for traffic and coverage.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub f64);

impl Share {
    /// Everything.
    pub const WHOLE: Self = Self(100.0);

    /// Percent, 0 to 100.
    #[must_use]
    pub const fn percent(self) -> f64 {
        self.0
    }

    /// 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        self.0 / 100.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} %", self.0))
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Op {
    /// Under.
    #[serde(rename = "<")]
    Less,
    /// Under or equal.
    #[serde(rename = "<=")]
    AtMost,
    /// Over.
    #[serde(rename = ">")]
    Greater,
    /// Over or equal.
    #[serde(rename = ">=")]
    AtLeast,
    /// Equal.
    #[serde(rename = "==")]
    Equal,
    /// Not equal.
    #[serde(rename = "!=")]
    NotEqual,
}

impl Op {
    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// As a person says it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Less => "under",
            Self::AtMost => "at most",
            Self::Greater => "over",
            Self::AtLeast => "at least",
            Self::Equal => "exactly",
            Self::NotEqual => "other than",
        }
    }

    /// Whether `left op right`. What cannot be compared (NaN) satisfies nothing: ask for finite readings first.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "`==` in a plan is meant for counts, which are exact")]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => !left.is_nan() && !right.is_nan() && left != right,
        }
    }

    /// True exactly where this is false.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Greater => Self::AtMost,
            Self::AtLeast => Self::Less,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// `op value unit`. The loader turns a value into the unit of the metric that it is compared with, so readings and
/// comparisons are always of the same unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How.
    pub op: Op,
    /// With what; finite.
    pub value: f64,
    /// Unit of `value`.
    pub unit: Unit,
}

impl Comparison {
    /// Whether a finite reading satisfies it.
    #[must_use]
    pub fn holds(&self, reading: f64) -> bool {
        self.op.holds(reading, self.value)
    }

    /// Satisfied exactly where this is not.
    #[must_use]
    pub fn opposite(&self) -> Self {
        Self { op: self.op.opposite(), ..self.clone() }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.op.phrase(), self.unit.of(self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_shown_with_their_units() {
        for (word, seconds, shown) in [
            ("90s", 90, "1m30s"),
            ("5m", 300, "5m"),
            ("1h30m", 5_400, "1h30m"),
            ("24h", 86_400, "24h"),
            ("3d", 259_200, "3d"),
            ("0s", 0, "0s"),
        ] {
            assert_eq!(Span::parse(word), Some(Span(seconds)), "{word}");
            assert_eq!(Span(seconds).to_string(), shown);
            assert_eq!(Span::parse(shown), Some(Span(seconds)));
        }
        for word in
            ["", "5", "m", "5 m", "-5m", "5m1h", "5m5m", "1.5h", "9999999999999999999999s", "4000d", "5é"]
        {
            assert_eq!(Span::parse(word), None, "{word}");
        }
    }

    #[test]
    fn an_opposite_holds_exactly_where_the_operator_does_not() {
        for op in [Op::Less, Op::AtMost, Op::Greater, Op::AtLeast, Op::Equal, Op::NotEqual] {
            for left in [0.0, 1.0, 2.0] {
                assert_ne!(op.holds(left, 1.0), op.opposite().holds(left, 1.0), "{op} {left}");
            }
            assert!(!op.holds(f64::NAN, 1.0), "{op}");
        }
    }

    #[test]
    fn values_convert_within_one_kind_of_unit_and_never_across() {
        assert_eq!(Unit::Second.convert(1.5, &Unit::Millisecond), Some(1_500.0));
        assert_eq!(Unit::Ratio.convert(0.25, &Unit::Percent), Some(25.0));
        assert_eq!(Unit::PerSecond.convert(2.0, &Unit::PerMinute), Some(120.0));
        assert_eq!(Unit::Percent.convert(1.0, &Unit::Count), None);
        let orders = Unit::Own("orders".into());
        assert_eq!(orders.convert(3.0, &orders), Some(3.0));
        assert_eq!(orders.convert(3.0, &Unit::Count), None);
        for word in Unit::known() {
            assert_eq!(Unit::parse(word).map(String::from).as_deref(), Some(word));
        }
    }
}
