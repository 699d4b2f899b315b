//! Units, in one table.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Text;

/// What a unit measures. Only units of one kind can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measures {
    Share,
    Factor,
    Time,
    Size,
    Rate,
    Cpu,
    Number,
}

/// A unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Unit {
    /// A plain number.
    #[default]
    Count,
    /// Percent.
    Percent,
    /// Percentage points: what two percentages differ by.
    PercentPoint,
    /// A share as 0 to 1.
    Ratio,
    /// So many times something else.
    Times,
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
    /// Microseconds.
    Microsecond,
    /// Bytes.
    Byte,
    /// 1024 bytes.
    Kibibyte,
    /// 1024 KiB.
    Mebibyte,
    /// 1024 MiB.
    Gibibyte,
    /// In each second.
    PerSecond,
    /// In each minute.
    PerMinute,
    /// In each hour.
    PerHour,
    /// Whole processor cores.
    Core,
    /// Thousandths of a core.
    Millicore,
    /// A unit of the business; it is compared with itself only.
    Own(Text),
}

/// The table: word, unit, what it measures, and how many of the smallest unit of its kind it is.
const UNITS: [(&str, Unit, Measures, f64); 17] = [
    ("count", Unit::Count, Measures::Number, 1.0),
    ("%", Unit::Percent, Measures::Share, 1.0),
    ("pp", Unit::PercentPoint, Measures::Share, 1.0),
    ("ratio", Unit::Ratio, Measures::Share, 100.0),
    ("x", Unit::Times, Measures::Factor, 1.0),
    ("s", Unit::Second, Measures::Time, 1_000_000.0),
    ("ms", Unit::Millisecond, Measures::Time, 1_000.0),
    ("us", Unit::Microsecond, Measures::Time, 1.0),
    ("B", Unit::Byte, Measures::Size, 1.0),
    ("KiB", Unit::Kibibyte, Measures::Size, 1_024.0),
    ("MiB", Unit::Mebibyte, Measures::Size, 1_048_576.0),
    ("GiB", Unit::Gibibyte, Measures::Size, 1_073_741_824.0),
    ("/s", Unit::PerSecond, Measures::Rate, 3_600.0),
    ("/min", Unit::PerMinute, Measures::Rate, 60.0),
    ("/h", Unit::PerHour, Measures::Rate, 1.0),
    ("cores", Unit::Core, Measures::Cpu, 1_000.0),
    ("millicores", Unit::Millicore, Measures::Cpu, 1.0),
];

impl Unit {
    /// All units that are known by name.
    pub fn known() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|(word, ..)| *word)
    }

    /// A unit by its word; `None` where it would be one of the business's own.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        UNITS.iter().find(|(known, ..)| *known == word).map(|(_, unit, ..)| unit.clone())
    }

    /// Its word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Own(word) => word.as_str(),
            known => UNITS.iter().find(|(_, unit, ..)| unit == known).map_or("", |(word, ..)| *word),
        }
    }

    /// `value` of this unit as a value of `other`; `None` where the two measure different things.
    #[must_use]
    pub fn convert(&self, value: f64, other: &Self) -> Option<f64> {
        if self == other {
            return Some(value);
        }
        let row = |unit: &Self| {
            UNITS.iter().find(|(_, known, ..)| known == unit).map(|(_, _, kind, size)| (*kind, *size))
        };
        let ((kind, size), (other_kind, other_size)) = (row(self)?, row(other)?);
        (kind == other_kind).then(|| value * size / other_size)
    }

    /// A value with this unit, as a person writes it.
    #[must_use]
    pub fn of(&self, value: f64) -> String {
        match self {
            Self::Count => format!("{value}"),
            Self::Times => format!("{value}×"),
            Self::PerSecond | Self::PerMinute | Self::PerHour => format!("{value}{}", self.word()),
            unit => format!("{value} {}", unit.word()),
        }
    }
}

impl From<String> for Unit {
    fn from(word: String) -> Self {
        Self::parse(&word).unwrap_or_else(|| Self::Own(Text::from(word)))
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        unit.word().to_owned()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
