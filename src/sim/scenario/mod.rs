//! Scenarios: a shop with a past, and a release that is under way when the console arrives.
//!
//! A scenario makes its objects through the same writes as any client, so that their history is the controllers' own.

mod catalogue;
mod shop;

use chrono::{DateTime, TimeDelta, Utc};

pub use catalogue::{ScenarioInfo, ScenarioName, UnknownScenario, scenarios};

use super::world::World;

/// What happens to the world while it is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Incident {
    /// The API server stands still.
    Freeze,
    /// It answers again.
    Thaw,
}

impl Incident {
    /// Makes it happen.
    pub(super) fn strike(self, world: &mut World) {
        world.faults.frozen = match self {
            Self::Freeze => true,
            Self::Thaw => false,
        };
    }
}

/// A world at `now`, with what will happen to it and when.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    /// In the order of their times.
    pub(super) incidents: Vec<(DateTime<Utc>, Incident)>,
}

/// Sets the scenario of that `name` up, so that it is in full swing at `now`.
pub(super) fn set_up(name: ScenarioName, now: DateTime<Utc>, seed: u64) -> Stage {
    let mut world = World::new(now, seed);
    let release = release_of(name);
    shop::build(&mut world, now, &release);
    world.faults.metrics_down = name == ScenarioName::NoMetrics;
    let after = |seconds| now + TimeDelta::seconds(seconds);
    let incidents = match name {
        ScenarioName::Frozen => vec![(after(20), Incident::Freeze), (after(80), Incident::Thaw)],
        ScenarioName::Rollout
        | ScenarioName::Good
        | ScenarioName::Bad
        | ScenarioName::Slow
        | ScenarioName::CrashLoop
        | ScenarioName::ImagePull
        | ScenarioName::NoMetrics => Vec::new(),
    };
    Stage { world, incidents }
}

/// The release of `api` that is under way.
struct Release {
    tag: &'static str,
    /// How long ago it began, in seconds.
    began: i64,
}

fn release_of(name: ScenarioName) -> Release {
    match name {
        ScenarioName::Rollout | ScenarioName::NoMetrics | ScenarioName::Frozen => {
            Release { tag: "2.4.0", began: 160 }
        }
        ScenarioName::Good => Release { tag: "2.4.0", began: 20 },
        ScenarioName::Bad => Release { tag: "2.4.0-bad", began: 160 },
        ScenarioName::Slow => Release { tag: "2.4.0-slowresp", began: 160 },
        ScenarioName::CrashLoop => Release { tag: "2.4.0-crash", began: 150 },
        ScenarioName::ImagePull => Release { tag: "2.4.0-imagepull", began: 240 },
    }
}
