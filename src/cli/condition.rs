//! What `gonogo wait --for` waits for.

use std::str::FromStr;

use crate::model::track::Share;
use crate::model::view::{WorkloadState, WorkloadView};

/// A condition on one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is in flight.
    AtRest,
    /// An update stands still until somebody lets it go on.
    Paused,
    /// The update is at this step or past it, counted from 1.
    Step(usize),
    /// The candidate's live share, in percent.
    Weight(u32),
    /// This version is stable, and nothing is in flight.
    Version(String),
}

/// A word that is no condition.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no condition: at-rest, paused, step=N, weight=PERCENT or version=NAME")]
pub struct NoCondition(String);

impl FromStr for Condition {
    type Err = NoCondition;

    fn from_str(word: &str) -> Result<Self, NoCondition> {
        let refused = || NoCondition(word.to_owned());
        match word.split_once('=') {
            None if word == "at-rest" => Ok(Self::AtRest),
            None if word == "paused" => Ok(Self::Paused),
            Some(("step", number)) => match number.parse() {
                Ok(step) if step > 0 => Ok(Self::Step(step)),
                Ok(_) | Err(_) => Err(refused()),
            },
            Some(("weight", percent)) => match percent.trim_end_matches('%').trim().parse() {
                Ok(percent) if percent <= 100 => Ok(Self::Weight(percent)),
                Ok(_) | Err(_) => Err(refused()),
            },
            Some(("version", name)) if !name.is_empty() => Ok(Self::Version(name.to_owned())),
            _ => Err(refused()),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtRest => f.write_str("at-rest"),
            Self::Paused => f.write_str("paused"),
            Self::Step(step) => write!(f, "step={step}"),
            Self::Weight(percent) => write!(f, "weight={percent}"),
            Self::Version(name) => write!(f, "version={name}"),
        }
    }
}

impl Condition {
    /// Whether a workload is there.
    pub(super) fn holds(&self, view: &WorkloadView) -> bool {
        let moving = view.in_flight || view.state == WorkloadState::Settling;
        match self {
            Self::AtRest => !moving,
            Self::Paused => view.in_flight && (view.paused || waits_for_somebody(view)),
            Self::Step(step) => view.track.as_ref().is_some_and(|track| track.at + 1 >= *step),
            Self::Weight(percent) => {
                let live = view.truth.live.as_ref().map(Share::percent);
                live.is_some_and(|live| (live - f64::from(*percent)).abs() < 0.5)
            }
            Self::Version(name) => {
                !moving && view.stable.as_ref().is_some_and(|stable| stable.name.as_str() == name)
            }
        }
    }

    /// Whether it can only become true while something is on its way: at rest there is nothing to wait for.
    pub(super) const fn needs_motion(&self) -> bool {
        matches!(self, Self::Paused | Self::Step(_) | Self::Weight(_))
    }
}

fn waits_for_somebody(view: &WorkloadView) -> bool {
    let Some(track) = &view.track else { return false };
    track.steps.get(track.at).is_some_and(|step| step.manual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_as_they_are_written() {
        for word in ["at-rest", "paused", "step=2", "weight=25", "version=1.8.3"] {
            assert_eq!(word.parse::<Condition>().unwrap().to_string(), word);
        }
        assert_eq!("weight=25%".parse(), Ok(Condition::Weight(25)));
        for word in ["", "step=0", "weight=101", "version=", "ready"] {
            let error = word.parse::<Condition>().unwrap_err();
            assert!(error.to_string().contains("at-rest, paused"), "{error}");
        }
    }
}
