//! The numbers that the controller reckons with, read out of the objects once for each pass.

use serde_json::Value;

use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// Annotation that holds the revision of a Deployment and of each ReplicaSet.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
/// Annotation that lists the earlier revisions of a ReplicaSet.
pub(super) const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// Annotation of a ReplicaSet: the Deployment's replicas when it was scaled last.
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// Annotation of a ReplicaSet: the Deployment's replicas and surge when it was scaled last.
pub(super) const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// The `progressDeadlineSeconds` that means: there is none.
const NO_DEADLINE: i64 = 2_147_483_647;

/// A Deployment as the controller reckons with it.
#[derive(Debug, Clone)]
pub(super) struct DeploymentView {
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) generation: i64,
    pub(super) replicas: i64,
    pub(super) max_surge: i64,
    pub(super) max_unavailable: i64,
    pub(super) recreate: bool,
    pub(super) paused: bool,
    /// Seconds; `None` when progress is not watched.
    pub(super) deadline: Option<i64>,
    pub(super) history_limit: usize,
    /// `status.replicas` as it was reported last.
    pub(super) reported: i64,
}

impl DeploymentView {
    /// Reads the Deployment `object`.
    pub(super) fn of(key: &Key, object: &Value) -> Self {
        let replicas = json::integer(object, "/spec/replicas").unwrap_or(1);
        let recreate = json::text(object, "/spec/strategy/type") == "Recreate";
        let rolling = object.pointer("/spec/strategy/rollingUpdate");
        let (max_surge, max_unavailable) = if recreate { (0, 0) } else { bounds(rolling, replicas) };
        Self {
            key: key.clone(),
            uid: json::uid(object).to_owned(),
            generation: json::count(object, "/metadata/generation"),
            replicas,
            max_surge,
            max_unavailable,
            recreate,
            paused: json::flag(object, "/spec/paused"),
            deadline: json::integer(object, "/spec/progressDeadlineSeconds")
                .filter(|limit| *limit != NO_DEADLINE),
            history_limit: json::integer(object, "/spec/revisionHistoryLimit")
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(10),
            reported: json::count(object, "/status/replicas"),
        }
    }

    /// Most pods allowed at a time.
    pub(super) fn ceiling(&self) -> i64 {
        self.replicas + self.max_surge
    }

    /// Fewest available pods allowed.
    pub(super) fn floor(&self) -> i64 {
        self.replicas - self.max_unavailable
    }
}

/// `maxSurge` (rounded up) and `maxUnavailable` (rounded down) of `replicas`; never both 0.
fn bounds(rolling: Option<&Value>, replicas: i64) -> (i64, i64) {
    let field = |name| rolling.and_then(|rolling| rolling.get(name));
    let surge = share(field("maxSurge"), replicas, true);
    let unavailable = share(field("maxUnavailable"), replicas, false);
    let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
    (surge, unavailable.min(replicas))
}

/// A number or a percentage of `total`; 25 % when absent.
fn share(value: Option<&Value>, total: i64, round_up: bool) -> i64 {
    match value {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        Some(Value::String(text)) => text.strip_suffix('%').map_or_else(
            || text.parse().unwrap_or(0),
            |percent| percentage(percent.parse().unwrap_or(0), total, round_up),
        ),
        _absent => percentage(25, total, round_up),
    }
}

fn percentage(percent: i64, total: i64, round_up: bool) -> i64 {
    let hundredths = percent * total;
    if round_up { (hundredths + 99) / 100 } else { hundredths / 100 }
}

/// A ReplicaSet as the controller reckons with it.
#[derive(Debug, Clone)]
pub(super) struct SetView {
    pub(super) key: Key,
    /// `spec.replicas`
    pub(super) replicas: i64,
    /// `status.replicas`
    pub(super) actual: i64,
    pub(super) ready: i64,
    pub(super) available: i64,
    pub(super) terminating: i64,
    pub(super) revision: i64,
    pub(super) desired: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) observed: bool,
    pub(super) leaving: bool,
    created: String,
}

impl SetView {
    /// Reads the ReplicaSet `object`.
    pub(super) fn of(object: &Value) -> Self {
        let number = |key| json::annotation(object, key).and_then(|text| text.parse().ok());
        Self {
            key: Key::of(Kind::ReplicaSet, object),
            replicas: json::count(object, "/spec/replicas"),
            actual: json::count(object, "/status/replicas"),
            ready: json::count(object, "/status/readyReplicas"),
            available: json::count(object, "/status/availableReplicas"),
            terminating: json::count(object, "/status/terminatingReplicas"),
            revision: number(REVISION).unwrap_or(0),
            desired: number(DESIRED),
            max: number(MAX),
            observed: json::count(object, "/status/observedGeneration")
                >= json::count(object, "/metadata/generation"),
            leaving: json::terminating(object),
            created: json::text(object, "/metadata/creationTimestamp").to_owned(),
        }
    }

    /// Order by age, older first; names decide between those of one second.
    pub(super) fn by_age(&self, other: &Self) -> std::cmp::Ordering {
        self.created.cmp(&other.created).then_with(|| self.key.name.cmp(&other.key.name))
    }
}

/// The ReplicaSets of a Deployment, told apart by their template.
#[derive(Debug, Clone)]
pub(super) struct Sets {
    /// The one whose template is the Deployment's.
    pub(super) new: Option<SetView>,
    /// All others, older first.
    pub(super) old: Vec<SetView>,
}

impl Sets {
    /// Every ReplicaSet, the new one last.
    pub(super) fn all(&self) -> impl Iterator<Item = &SetView> {
        self.old.iter().chain(&self.new)
    }

    /// Pods wanted by all of them.
    pub(super) fn wanted(&self) -> i64 {
        self.all().map(|set| set.replicas).sum()
    }

    /// Pods available in all of them.
    pub(super) fn available(&self) -> i64 {
        self.all().map(|set| set.available).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::bounds;

    #[test]
    fn surge_rounds_up_and_unavailable_rounds_down() {
        let percent = json!({"maxSurge": "25%", "maxUnavailable": "25%"});
        for (replicas, expected) in [(1, (1, 0)), (4, (1, 1)), (5, (2, 1)), (10, (3, 2))] {
            assert_eq!(bounds(Some(&percent), replicas), expected, "{replicas} replicas");
        }
        let none = json!({"maxSurge": 0, "maxUnavailable": 0});
        assert_eq!(bounds(Some(&none), 4), (0, 1), "a rollout must be able to move");
        let more = json!({"maxSurge": 1, "maxUnavailable": 9});
        assert_eq!(bounds(Some(&more), 4), (1, 4));
    }
}
