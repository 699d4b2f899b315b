//! Reading workloads of every kind: their state in the terms that all kinds share, and what each kind adds.
//!
//! What each controller's status means: `done` of a StatefulSet and DaemonSet as kubectl's `rollout status` judges
//! it; Argo's `observedGeneration` is a string; Flagger's phases as its own source names them.

use serde::Deserialize;
use serde_json::Value;

use super::canary::Canary;
use super::deployment::Selector;
use super::kind::WorkloadKind;
use super::meta::Meta;
use super::objects::{ListedWorkload, Workload};
use super::rollout::Rollout;
use super::route::Route;
use super::sets::{DaemonSet, StatefulSet};
use super::switch::Switch;
use super::target::Target;
use super::template::TemplateSummary;
use super::text::Text;

impl Workload {
    /// A workload of any kind from the object as it was read; `None` where it is not what its kind says.
    #[must_use]
    pub fn read(kind: WorkloadKind, object: Value) -> Option<(Target, Self)> {
        let workload = match kind {
            WorkloadKind::Deployment => Self::Deployment(Box::new(serde_json::from_value(object).ok()?)),
            WorkloadKind::Job => Self::Listed(Box::new(face(kind, &object))),
            WorkloadKind::StatefulSet => {
                Self::StatefulSet(Box::new(StatefulSet::read(face(kind, &object), &object)))
            }
            WorkloadKind::DaemonSet => {
                Self::DaemonSet(Box::new(DaemonSet::read(face(kind, &object), &object)))
            }
            WorkloadKind::Rollout => Self::Rollout(Box::new(Rollout::read(face(kind, &object), &object))),
            WorkloadKind::Canary => Self::Canary(Box::new(Canary::read(face(kind, &object), &object))),
            WorkloadKind::Service => Self::Service(Box::new(Switch::read(face(kind, &object), &object))),
            WorkloadKind::Ingress | WorkloadKind::HttpRoute | WorkloadKind::VirtualService => {
                Self::Route(Box::new(Route::read(kind, face(kind, &object), &object)))
            }
        };
        let meta = workload.meta();
        Some((Target::new(kind, meta.namespace.as_str(), meta.name.as_str()), workload))
    }
}

/// What a kind that is no Deployment has in common with all others.
fn face(kind: WorkloadKind, object: &Value) -> ListedWorkload {
    let base = ListedWorkload {
        metadata: Meta::deserialize(&object["metadata"]).unwrap_or_default(),
        images: TemplateSummary::of(&object["spec"]["template"]).images,
        selector: selector(kind, &object["spec"]["selector"]),
        ..ListedWorkload::default()
    };
    let seen =
        Seen { spec: &object["spec"], status: &object["status"], generation: base.metadata.generation };
    match kind {
        WorkloadKind::StatefulSet => seen.stateful_set(base),
        WorkloadKind::DaemonSet => seen.daemon_set(base),
        WorkloadKind::Job => seen.job(base),
        WorkloadKind::Rollout => seen.rollout(base),
        WorkloadKind::Canary => seen.canary(base),
        // they have no state of their own
        WorkloadKind::Deployment
        | WorkloadKind::Service
        | WorkloadKind::Ingress
        | WorkloadKind::HttpRoute
        | WorkloadKind::VirtualService => base,
    }
}

/// A Service's selector is a bare map of labels, and selects no pods that are its own.
fn selector(kind: WorkloadKind, selector: &Value) -> Selector {
    if kind == WorkloadKind::Service {
        return Selector::default();
    }
    Selector::deserialize(selector).unwrap_or_default()
}

struct Seen<'a> {
    spec: &'a Value,
    status: &'a Value,
    generation: i64,
}

impl Seen<'_> {
    fn count(&self, key: &str) -> i64 {
        self.status[key].as_i64().unwrap_or(0)
    }

    fn word(&self, key: &str) -> &str {
        self.status[key].as_str().unwrap_or_default()
    }

    /// `observedGeneration` is a number everywhere but at Argo.
    fn is_observed(&self) -> bool {
        let observed = &self.status["observedGeneration"];
        let number = observed.as_i64().or_else(|| observed.as_str()?.parse().ok());
        number.is_some_and(|number| number >= self.generation)
    }

    fn condition(&self, kind: &str) -> Option<&Value> {
        self.status["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
    }

    fn stateful_set(&self, base: ListedWorkload) -> ListedWorkload {
        let wanted = self.spec["replicas"].as_i64().unwrap_or(1);
        let partition = self.spec["updateStrategy"]["rollingUpdate"]["partition"].as_i64().unwrap_or(0);
        let on_delete = self.spec["updateStrategy"]["type"] == "OnDelete";
        let updated = match partition {
            0 => self.word("updateRevision") == self.word("currentRevision"),
            held => self.count("updatedReplicas") >= wanted - held,
        };
        let moving = !self.is_observed() || (!updated && !on_delete);
        ListedWorkload { wanted, ready: self.count("readyReplicas"), moving, ..base }
    }

    fn daemon_set(&self, base: ListedWorkload) -> ListedWorkload {
        let wanted = self.count("desiredNumberScheduled");
        let on_delete = self.spec["updateStrategy"]["type"] == "OnDelete";
        let updated = self.count("updatedNumberScheduled") >= wanted;
        let moving = !self.is_observed() || (!updated && !on_delete);
        ListedWorkload { wanted, ready: self.count("numberReady"), moving, ..base }
    }

    fn job(&self, base: ListedWorkload) -> ListedWorkload {
        let is = |kind: &str| self.condition(kind).filter(|condition| condition["status"] == "True");
        let (phase, ended) = match (is("Failed"), is("Complete"), is("Suspended")) {
            (Some(failed), ..) => ("Failed", Some(failed)),
            (None, Some(complete), _) => ("Complete", Some(complete)),
            (None, None, Some(suspended)) => ("Suspended", Some(suspended)),
            (None, None, None) if self.count("active") > 0 => ("Running", None),
            (None, None, None) => ("Waiting", None),
        };
        let message = ended.and_then(|condition| condition["message"].as_str()).unwrap_or_default();
        ListedWorkload {
            wanted: if matches!(phase, "Running" | "Waiting") {
                self.spec["parallelism"].as_i64().unwrap_or(1)
            } else {
                0
            },
            ready: self.count("ready"),
            phase: Text::from(phase),
            message: Text::from(message),
            moving: phase == "Running",
            failed: phase == "Failed",
            ..base
        }
    }

    fn rollout(&self, base: ListedWorkload) -> ListedWorkload {
        let observed = self.is_observed();
        let phase = if observed { self.word("phase") } else { "not yet observed" };
        let in_flight = self.word("currentPodHash") != self.word("stableRS");
        let drives = drives(&self.spec["workloadRef"], &base.metadata);
        ListedWorkload {
            wanted: self.spec["replicas"].as_i64().unwrap_or(1),
            ready: self.count("readyReplicas"),
            phase: Text::from(phase),
            message: Text::from(self.word("message")),
            moving: !observed || in_flight,
            failed: phase == "Degraded",
            drives,
            ..base
        }
    }

    fn canary(&self, base: ListedWorkload) -> ListedWorkload {
        let phase = self.word("phase");
        let moving = matches!(
            phase,
            "Initializing"
                | "Waiting"
                | "Progressing"
                | "WaitingPromotion"
                | "Promoting"
                | "Finalising"
                | "Terminating"
        );
        let promoted = self.condition("Promoted").and_then(|condition| condition["message"].as_str());
        let drives = drives(&self.spec["targetRef"], &base.metadata);
        ListedWorkload {
            phase: Text::from(phase),
            message: Text::from(promoted.unwrap_or_default()),
            moving,
            failed: phase == "Failed",
            drives,
            ..base
        }
    }
}

/// The workload that `targetRef` or `workloadRef` names; a kind that is not listed here is none of ours.
fn drives(reference: &Value, meta: &Meta) -> Option<Target> {
    let kind = WorkloadKind::parse(reference["kind"].as_str()?)?;
    Some(Target::new(kind, meta.namespace.as_str(), reference["name"].as_str()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn argo_writes_its_observed_generation_as_a_string() {
        let mut object = json!({"metadata": {"name": "r", "namespace": "n", "generation": 7},
            "spec": {"replicas": 3, "workloadRef": {"kind": "Deployment", "name": "api"}},
            "status": {"observedGeneration": "7", "phase": "Paused", "currentPodHash": "a", "stableRS": "b"}});
        let seen = face(WorkloadKind::Rollout, &object);
        assert_eq!((seen.phase.as_str(), seen.moving, seen.failed), ("Paused", true, false));
        assert_eq!(seen.drives, Some(Target::new(WorkloadKind::Deployment, "n", "api")));
        object["status"]["observedGeneration"] = json!("6");
        assert_eq!(face(WorkloadKind::Rollout, &object).phase.as_str(), "not yet observed");
    }

    #[test]
    fn a_canary_names_what_it_drives() {
        let object = json!({"metadata": {"name": "api", "namespace": "n"},
            "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
            "status": {"phase": "Progressing"}});
        let seen = face(WorkloadKind::Canary, &object);
        assert!(seen.moving);
        assert_eq!(seen.drives, Some(Target::new(WorkloadKind::Deployment, "n", "api")));
    }

    #[test]
    fn a_stateful_set_moves_until_its_revisions_meet_or_its_partition_is_filled() {
        let set = |partition: i64, updated: i64, current: &str| {
            let object = json!({"metadata": {"generation": 2}, "spec": {"replicas": 3,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}},
                "status": {"observedGeneration": 2, "updateRevision": "b", "currentRevision": current,
                           "updatedReplicas": updated, "readyReplicas": 3}});
            face(WorkloadKind::StatefulSet, &object).moving
        };
        assert!(set(0, 1, "a"));
        assert!(!set(0, 3, "b"));
        assert!(!set(2, 1, "a"));
        assert!(set(2, 0, "a"));
    }

    #[test]
    fn jobs_say_how_they_ended() {
        let object = json!({"metadata": {}, "spec": {}, "status": {"conditions": [
            {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}]}});
        let seen = face(WorkloadKind::Job, &object);
        assert!(seen.failed && !seen.moving && seen.message.as_str().contains("backoff limit"));
    }
}
