//! What one set of objects cannot tell a strategy: the requests of a goal so far, and how long objects have stood still.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Time;
use super::ids::ResourceVersion;
use super::objects::ObjectSet;
use super::outline::Step;
use super::request::{Outcome, RequestId};
use super::target::Target;

/// One request of a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Its id.
    pub id: RequestId,
    /// What it was.
    pub step: Step,
    /// When it left.
    pub at: Time,
    /// Its outcome, once known.
    pub outcome: Option<Outcome>,
    /// When the outcome came.
    pub answered: Option<Time>,
}

impl Sent {
    /// Whether the server took it.
    #[must_use]
    pub fn applied(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Applied { .. }))
    }
}

/// Since when an object of the set has stood still, as this console saw it. After a restart it begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Still {
    version: ResourceVersion,
    generation: i64,
    /// Since when nothing of it changed, status included.
    pub since: Time,
    /// Since when its spec did not change.
    pub spec_since: Time,
}

/// How long each object of a goal has stood still.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stillness(BTreeMap<Target, Still>);

impl Stillness {
    /// Takes note of a newer set.
    pub fn note(&mut self, set: &ObjectSet, now: Time) {
        for (target, meta) in set.watched() {
            let version = meta.resource_version.clone();
            let still = self.0.entry(target).or_insert_with(|| Still {
                version: version.clone(),
                generation: meta.generation,
                since: now,
                spec_since: now,
            });
            if still.version != version {
                still.version = version;
                still.since = now;
            }
            if still.generation != meta.generation {
                still.generation = meta.generation;
                still.spec_since = now;
            }
        }
    }

    /// Of one object.
    #[must_use]
    pub fn of(&self, target: &Target) -> Option<&Still> {
        self.0.get(target)
    }

    /// Since when none of them changed at all.
    #[must_use]
    pub fn since(&self) -> Option<Time> {
        self.0.values().map(|still| still.since).max()
    }
}
