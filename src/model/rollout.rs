//! `argoproj.io/v1alpha1 Rollout`, thin (contract: Argo Rollouts 1.10).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::objects::ListedWorkload;
use super::template::TemplateSummary;

mod spec;
mod status;

pub use spec::{
    BlueGreenStrategy, CanaryStep, CanaryStrategy, IstioReference, IstioRouting, NginxRouting, Pause,
    RollbackWindow, RolloutSpec, RolloutStrategy, TrafficRouting, WorkloadRef,
};
pub use status::{
    BlueGreenStatus, CanaryStatus, NamedRun, PauseCondition, RolloutStatus, TrafficWeights, WeightDestination,
};

/// A Rollout as the API server gives it, less what no decision needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// What is wanted.
    pub spec: RolloutSpec,
    /// What the controller reported.
    pub status: RolloutStatus,
}

impl Rollout {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        let mut spec = RolloutSpec::deserialize(&object["spec"]).unwrap_or_default();
        spec.template = TemplateSummary::of(&object["spec"]["template"]);
        let status = RolloutStatus::deserialize(&object["status"]).unwrap_or_default();
        Self { face, spec, status }
    }

    /// Whether the status is about the present spec: until then neither phase nor conditions count.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.status.observed_generation.parse().is_ok_and(|seen: i64| seen >= self.face.metadata.generation)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_odd_field_does_not_hide_the_others() {
        // a pause is a number, a number in a string, or a Go duration; lists are null at times
        let object = json!({"spec": {"replicas": 4, "paused": true, "strategy": {"canary": {"canaryService": "c",
            "steps": [{"setWeight": 25}, {"pause": {"duration": 30}}, {"pause": {"duration": "1h30m"}}, {"pause": {}},
                      {"plugin": {"name": "x"}}]}}},
            "status": {"observedGeneration": "7", "pauseConditions": null, "currentStepIndex": 1}});
        let mut rollout = Rollout::read(ListedWorkload::default(), &object);
        let steps = &rollout.spec.strategy.canary.as_ref().unwrap().steps;
        let seconds: Vec<_> =
            steps.iter().filter_map(|step| step.pause.as_ref()).map(Pause::seconds).collect();
        assert_eq!(seconds, [Some(30), Some(5400), None]);
        assert!(rollout.spec.paused);
        rollout.face.metadata.generation = 7;
        assert!(rollout.is_observed());
        rollout.face.metadata.generation = 8;
        assert!(!rollout.is_observed());
    }
}
