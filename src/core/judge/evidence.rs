//! What a judgement rests on: the value used, its samples, its age, and the words for a person.

use crate::model::Text;
use crate::model::ids::Name;
use crate::model::measure::Span;
use crate::model::proof::Verdict;

/// One look at one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Met: the bad condition is clearly not there.
    pub verdict: Verdict,
    /// Whether measured values alone made it so. A breach by what is missing is never acted upon by itself.
    pub measured: bool,
    /// The value that decided, in the unit of the condition.
    pub value: Option<f64>,
    /// The pod that decided, where pods are judged one by one.
    pub pod: Option<Name>,
    /// Events behind the value.
    pub samples: Option<f64>,
    /// Age of the newest sample behind it.
    pub age: Option<Span>,
    /// `2.1 %, bad over 1 %`; of an unknown why.
    pub words: Text,
}

impl Judged {
    /// Cannot tell, because of that.
    pub(super) fn unknown(why: impl Into<Text>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            measured: false,
            value: None,
            pod: None,
            samples: None,
            age: None,
            words: why.into(),
        }
    }

    /// A measured value that is bad or is not.
    pub(super) fn of(bad: bool, value: f64, words: impl Into<Text>) -> Self {
        Self {
            verdict: if bad { Verdict::Breached } else { Verdict::Met },
            measured: true,
            value: Some(value),
            ..Self::unknown(words)
        }
    }

    /// The same look, from which nothing follows.
    pub(super) fn to_unknown(&self) -> Self {
        Self { verdict: Verdict::Unknown, measured: false, ..self.clone() }
    }

    /// How much it weighs where several are put together: a breach more than an unknown, that more than none.
    const fn weight(&self) -> u8 {
        match (self.verdict, self.measured) {
            (Verdict::Breached, true) => 3,
            (Verdict::Breached, false) => 2,
            (Verdict::Unknown, _) => 1,
            (Verdict::Met, _) => 0,
        }
    }

    /// The one that counts: the worst verdict; of equals the one that `worse` finds.
    pub(super) fn worst(
        all: impl IntoIterator<Item = Self>,
        worse: impl Fn(&Self, &Self) -> bool,
    ) -> Option<Self> {
        all.into_iter().reduce(|worst, next| {
            let heavier = next.weight() > worst.weight();
            if heavier || (next.weight() == worst.weight() && worse(&next, &worst)) { next } else { worst }
        })
    }
}
