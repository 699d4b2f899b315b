//! The one table of scenarios: names, what they show, and what the coach says.

use std::fmt;
use std::str::FromStr;

/// Names a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ScenarioName {
    /// A good release, half-way.
    #[default]
    Rollout,
    /// A good release from its beginning.
    Good,
    /// The candidate answers with 5xx.
    Bad,
    /// The candidate is slow.
    Slow,
    /// The candidate's pods exit.
    CrashLoop,
    /// The candidate's image cannot be pulled.
    ImagePull,
    /// Prometheus is down.
    NoMetrics,
    /// The API server stands still for a while.
    Frozen,
}

/// A scenario as help and coach tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScenarioInfo {
    /// Which one.
    pub name: ScenarioName,
    /// The word by which it is chosen.
    pub word: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What can be seen and tried in it, in one sentence.
    pub tells: &'static str,
    /// What to press next, in order.
    pub coach: &'static [&'static str],
}

static SCENARIOS: [ScenarioInfo; 8] = [
    ScenarioInfo {
        name: ScenarioName::Rollout,
        word: "rollout",
        title: "a good release, half-way",
        tells: "api goes from 2.3.1 to 2.4.0 pod by pod: hold it, resume it, or roll it back.",
        coach: &[
            "api moves from 2.3.1 to 2.4.0. Enter shows its pods and its traffic.",
            "H holds it where it is.",
            "T takes control, then U lets it go on.",
            "B rolls it back to 2.3.1, with proof.",
            "! ! stops everything that moves, from any screen.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::Good,
        word: "good",
        title: "a good release, from its beginning",
        tells: "api begins to go from 2.3.1 to 2.4.0; left alone, it completes in about five minutes.",
        coach: &[
            "The first pods of 2.4.0 are starting. 4 shows error rate and latency per version.",
            "Wait for 12 of 12, or press H to look closer.",
            "7 shows what happened and who did it.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::Bad,
        word: "bad",
        title: "a candidate that fails requests",
        tells: "2.4.0-bad answers 5 % of its requests with 5xx while its pods are all ready.",
        coach: &[
            "All pods are ready, and yet: 4 shows the error rate of the candidate.",
            "B rolls api back to 2.3.1. It asks for y and proves it.",
            "! ! does the same for everything that moves.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::Slow,
        word: "slow",
        title: "a candidate that is slow",
        tells: "2.4.0-slowresp takes four times as long for each request; nothing fails.",
        coach: &[
            "No errors, but 4 shows the latency of the candidate.",
            "H holds the rollout while you think.",
            "B rolls api back to 2.3.1.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::CrashLoop,
        word: "crashloop",
        title: "a candidate whose pods exit",
        tells: "the pods of 2.4.0-crash exit with code 1; the rollout is stuck and the old version serves.",
        coach: &[
            "The first line says why api is stuck. 3 shows the pods, l the last words of the worst one.",
            "B rolls api back to 2.3.1.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::ImagePull,
        word: "imagepull",
        title: "an image that cannot be pulled",
        tells: "2.4.0-imagepull is not in the registry; the rollout is stuck and the old version serves.",
        coach: &[
            "The first line says why api is stuck. Enter shows which pods wait for the image.",
            "B rolls api back to 2.3.1, or set-image in the palette (:) names another tag.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::NoMetrics,
        word: "no-metrics",
        title: "Prometheus is down",
        tells: "a release is half-way and nothing can be measured: unknown is not green.",
        coach: &[
            "4 says that nothing can be measured. No data is never good data.",
            "H, B and ! ! work all the same.",
        ],
    },
    ScenarioInfo {
        name: ScenarioName::Frozen,
        word: "frozen",
        title: "the API server stands still",
        tells: "20 seconds from now the API server answers nothing, for one minute: panels turn stale and say since when.",
        coach: &[
            "In 20 seconds the API server falls silent. Watch the first line.",
            "While it is silent, P and U are locked; H, B and ! ! say how old their knowledge is.",
            "It answers again after a minute.",
        ],
    },
];

/// Every scenario, the default first.
#[must_use]
pub fn scenarios() -> &'static [ScenarioInfo] {
    &SCENARIOS
}

impl ScenarioName {
    /// The table row of this scenario.
    #[must_use]
    pub fn info(self) -> &'static ScenarioInfo {
        SCENARIOS.iter().find(|info| info.name == self).unwrap_or(&SCENARIOS[0])
    }
}

impl fmt::Display for ScenarioName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.info().word)
    }
}

/// There is no scenario of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScenario(String);

impl fmt::Display for UnknownScenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = SCENARIOS.iter().map(|info| info.word).collect();
        write!(formatter, "no scenario is called {:?}: choose one of {}", self.0, known.join(", "))
    }
}

impl std::error::Error for UnknownScenario {}

impl FromStr for ScenarioName {
    type Err = UnknownScenario;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let info = SCENARIOS.iter().find(|info| info.word == word);
        info.map(|info| info.name).ok_or_else(|| UnknownScenario(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ScenarioName, scenarios};

    #[test]
    fn every_scenario_is_found_by_its_word() {
        for info in scenarios() {
            assert_eq!(info.word.parse(), Ok(info.name));
            assert_eq!(info.name.info(), info);
            assert!(!info.coach.is_empty());
        }
        let error = "nope".parse::<ScenarioName>().unwrap_err().to_string();
        assert!(error.contains("imagepull"), "{error}");
    }
}
