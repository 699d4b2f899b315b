//! A world that answers: each request changes the objects as the API server, Kubernetes and Flagger would, so that a goal
//! can be followed to its end.

use chrono::TimeDelta;
use serde_json::Value;

use super::{
    Act, Known, Next, ObjectSet, Pursuit, Sent, Step, Stillness, Want, edit, operations, start, strategy_of,
};
use crate::model::Time;
use crate::model::canary::Phase;
use crate::model::ids::ResourceVersion;
use crate::model::replicaset::ReplicaSet;
use crate::model::request::{Outcome, RequestId};
use crate::model::route::Route;
use crate::model::template::TemplateSummary;

/// See the module.
pub(super) struct World {
    pub(super) set: ObjectSet,
    pub(super) known: Known,
    pub(super) now: Time,
    still: Stillness,
    sent: Vec<Sent>,
    version: u64,
}

impl World {
    pub(super) fn new(set: ObjectSet, known: Known) -> Self {
        let mut world = Self {
            set,
            known,
            now: start(),
            still: Stillness::default(),
            sent: Vec::new(),
            version: 1_000_000,
        };
        world.look();
        world
    }

    fn look(&mut self) {
        self.still.note(&self.set, self.now);
    }

    pub(super) fn next(&self, act: &Act, want: &Want) -> Next {
        let pursuit = Pursuit {
            act,
            uid: self.set.workload.uid(),
            want,
            known: &self.known,
            sent: &self.sent,
            still: &self.still,
            started: start(),
            now: self.now,
        };
        strategy_of(&self.set).next(&pursuit, &self.set)
    }

    /// Follows a goal until it holds and returns what was sent, and `fence` where it was waited for.
    pub(super) fn follow(&mut self, act: &Act, want: &Want) -> Vec<String> {
        let mut seen = Vec::new();
        for _ in 0..40 {
            match self.next(act, want) {
                Next::Send(step) => {
                    seen.push(step.does.to_string());
                    self.apply(&step);
                }
                Next::Wait { until: Some(until), .. } => {
                    seen.push("fence".to_owned());
                    self.now = until;
                }
                Next::Holds { .. } => return seen,
                other => panic!("after {seen:?}: {other:?}"),
            }
        }
        panic!("it never ends: {seen:?}")
    }

    /// Sends a request.
    pub(super) fn apply(&mut self, step: &Step) {
        self.now += TimeDelta::milliseconds(10);
        let id = RequestId { act: "act".into(), step: 1, attempt: 1 };
        let outcome = Some(Outcome::Applied { code: 200 });
        self.sent.push(Sent { id, step: step.clone(), at: self.now, outcome, answered: Some(self.now) });
        let name = step.request.resource.name.as_str().to_owned();
        match step.request.resource.plural.as_str() {
            "canaries" => operations(step).iter().for_each(|one| self.on_canary(one)),
            "deployments" => operations(step).iter().for_each(|one| self.on_deployment(&name, one)),
            _ => self.on_route(&name, step),
        }
        self.look();
    }

    fn bump(&mut self) -> ResourceVersion {
        self.version += 1;
        ResourceVersion(self.version.to_string())
    }

    fn on_canary(&mut self, operation: &Value) {
        let version = self.bump();
        let canary = edit(&mut self.set);
        let value = &operation["value"];
        match operation["path"].as_str().unwrap() {
            "/spec/suspend" if operation["op"] == "add" => canary.spec.suspend = value.as_bool().unwrap(),
            "/spec/skipAnalysis" => canary.spec.skip_analysis = value.as_bool().unwrap(),
            "/status/failedChecks" => canary.status.failed_checks = value.as_i64().unwrap(),
            "/status/phase" if operation["op"] == "add" => canary.status.phase = Phase::Failed,
            "/status/canaryWeight" => canary.status.canary_weight = value.as_i64().unwrap(),
            _ => return,
        }
        canary.face.metadata.resource_version = version;
        canary.face.metadata.generation +=
            i64::from(operation["path"].as_str().unwrap().starts_with("/spec"));
        self.tick();
    }

    /// What Flagger does at its next tick: gives up what has failed often enough, and leaves alone what is suspended.
    fn tick(&mut self) {
        let canary = edit(&mut self.set);
        let judged = matches!(canary.status.phase, Phase::Progressing | Phase::WaitingPromotion);
        if canary.spec.suspend || !judged || canary.status.failed_checks < canary.spec.analysis.threshold {
            return;
        }
        canary.status.phase = Phase::Failed;
        canary.status.failed_checks = 0;
        canary.status.canary_weight = 0;
        self.resize(&self.set.target.name.to_string(), 0);
    }

    fn on_deployment(&mut self, name: &str, operation: &Value) {
        match operation["path"].as_str().unwrap() {
            "/spec/replicas" => self.resize(name, operation["value"].as_i64().unwrap()),
            "/spec/template" => {
                self.retemplate(name, TemplateSummary::of(&operation["value"]));
            }
            _ => {}
        }
    }

    fn resize(&mut self, name: &str, replicas: i64) {
        let sets = self.owned(name);
        self.set
            .pods
            .retain(|pod| replicas > 0 || !pod.owner.as_ref().is_some_and(|o| sets.contains(&o.to_string())));
        let version = self.bump();
        let peer = self.set.peers.iter_mut().find(|peer| peer.metadata.name.as_str() == name).unwrap();
        peer.metadata.resource_version = version;
        peer.spec.replicas = Some(replicas);
        let status = &mut peer.status;
        (status.replicas, status.updated_replicas) = (replicas, replicas);
        (status.ready_replicas, status.available_replicas) = (replicas, replicas);
    }

    fn owned(&self, deployment: &str) -> Vec<String> {
        let owns = |set: &&ReplicaSet| set.metadata.controller().unwrap().name.as_str() == deployment;
        self.set.replica_sets.iter().filter(owns).map(|set| set.metadata.name.to_string()).collect()
    }

    /// Pods follow the template at once.
    pub(super) fn retemplate(&mut self, name: &str, template: TemplateSummary) {
        let owned = self.owned(name);
        let version = self.bump();
        let peer = self.set.peers.iter_mut().find(|peer| peer.metadata.name.as_str() == name).unwrap();
        let digest = template.digest;
        peer.spec.template = template;
        peer.metadata.resource_version = version;
        peer.metadata.generation += 1;
        peer.status.observed_generation = peer.metadata.generation;
        let wanted = peer.wanted();
        let status = &mut peer.status;
        (status.replicas, status.updated_replicas) = (wanted, wanted);
        (status.ready_replicas, status.available_replicas) = (wanted, wanted);
        let mut current = None;
        for set in
            self.set.replica_sets.iter_mut().filter(|set| owned.contains(&set.metadata.name.to_string()))
        {
            let is_current = set.spec.template.digest == digest;
            let pods = if is_current { wanted } else { 0 };
            set.spec.replicas = pods;
            (set.status.replicas, set.status.ready_replicas) = (pods, pods);
            if is_current {
                current = Some(set.metadata.name.clone());
            }
        }
        let current = current.expect("a template of its history");
        for pod in &mut self.set.pods {
            if pod.owner.as_ref().is_some_and(|owner| owned.contains(&owner.to_string())) {
                pod.owner = Some(current.clone());
            }
        }
    }

    fn on_route(&mut self, name: &str, step: &Step) {
        let sent = operations(step);
        let version = self.bump();
        let routes = &mut self.set.routes;
        let route = routes.iter_mut().find(|route| route.face.metadata.name.as_str() == name).unwrap();
        for operation in &sent {
            write(route, operation);
        }
        let meta = &mut route.face.metadata;
        meta.resource_version = version;
        meta.generation += 1;
    }

    /// Somebody else, as a tick that still runs, sets the weight of the target in every rule.
    pub(super) fn overwrite(&mut self, weight: i64) {
        self.now += TimeDelta::seconds(4);
        let version = self.bump();
        let route = &mut self.set.routes[0];
        for backend in route.rules.iter_mut().flat_map(|rule| &mut rule.backends) {
            let canary = backend.service.as_str().ends_with("-canary");
            backend.weight = if canary { weight } else { 100 - weight };
        }
        route.face.metadata.resource_version = version;
        route.face.metadata.generation += 1;
        self.look();
    }
}

fn write(route: &mut Route, operation: &Value) {
    let path = operation["path"].as_str().unwrap();
    if let Some(canary) = &mut route.canary {
        match (operation["op"].as_str().unwrap(), path.ends_with("canary-weight")) {
            ("add", true) => canary.weight = operation["value"].as_str().map(str::to_owned),
            ("remove", _) => canary.rules.clear(),
            _ => {}
        }
        return;
    }
    for rule in &mut route.rules {
        for (at, backend) in rule.backends.iter_mut().enumerate() {
            if operation["op"] == "add" && path == format!("{}/{at}/weight", rule.pointer) {
                backend.weight = operation["value"].as_i64().unwrap();
            }
        }
    }
}
