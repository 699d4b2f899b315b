//! Where the traffic goes by the live objects: weights of routes, and the hash behind each side of them.
//!
//! Three routers are read: the second Ingress of ingress-nginx, Istio's VirtualService (by Services or by subsets) and the
//! Gateway API plugin's HTTPRoute. Of all others only the controller's own report is known. While an update is aborted
//! the canary Service flaps between the versions, so then it counts as leading to the candidate.

use serde_json::{Value, json};

use crate::model::ids::{Name, TemplateHash};
use crate::model::kind::WorkloadKind;
use crate::model::outline::Step;
use crate::model::route::{Backend, Route, Rule};
use crate::model::service::Service;
use crate::model::target::Target;
use crate::model::template::ARGO_HASH_LABEL;
use crate::model::text::Text;
use crate::strategy::patch;

use super::scene::Scene;

/// A side of a split.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Stable,
    Canary,
}

/// One route that splits the traffic of this Rollout.
pub(super) struct Split<'a> {
    pub(super) route: &'a Route,
    /// The canary's weight, of the rule that gives it most.
    pub(super) weight: i64,
    /// All weights of that rule.
    pub(super) whole: i64,
    rules: Vec<&'a Rule>,
}

/// Traffic that goes to a version that is neither wanted nor stable.
pub(super) struct Stray<'a> {
    pub(super) hash: &'a TemplateHash,
    pub(super) weight: i64,
    pub(super) from: String,
}

/// All routes that split the traffic, as far as they were read.
pub(super) fn splits<'a>(scene: &Scene<'a>) -> Vec<Split<'a>> {
    if scene.router().is_none() {
        return Vec::new();
    }
    scene.objects.routes.iter().filter_map(|route| split(scene, route)).collect()
}

fn split<'a>(scene: &Scene<'a>, route: &'a Route) -> Option<Split<'a>> {
    if route.kind == WorkloadKind::Ingress {
        let canary = route.canary.as_ref()?;
        let weight = canary.weight.as_deref().and_then(|weight| weight.parse().ok()).unwrap_or(0);
        return Some(Split { route, weight, whole: canary.total.max(1), rules: Vec::new() });
    }
    let rules: Vec<&Rule> = route.rules.iter().filter(|rule| is_split(scene, rule)).collect();
    let shares = rules.iter().map(|rule| {
        let canary = rule.backends.iter().filter(|one| side(scene, one) == Some(Side::Canary));
        let whole: i64 = rule.backends.iter().map(|backend| backend.weight).sum();
        (canary.map(|backend| backend.weight).sum::<i64>(), whole.max(1))
    });
    let (weight, whole) = shares.max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)))?;
    Some(Split { route, weight, whole, rules })
}

fn is_split(scene: &Scene<'_>, rule: &Rule) -> bool {
    let has = |wanted: Side| rule.backends.iter().any(|backend| side(scene, backend) == Some(wanted));
    has(Side::Canary) && has(Side::Stable)
}

/// Which side a backend is, by subset or by Service.
pub(super) fn side(scene: &Scene<'_>, backend: &Backend) -> Option<Side> {
    let istio = scene.router().and_then(|router| router.istio.as_ref());
    if let (Some(rule), Some(subset)) =
        (istio.and_then(|istio| istio.destination_rule.as_ref()), backend.subset.as_ref())
    {
        return match subset {
            subset if rule.canary_subset_name.as_ref() == Some(subset) => Some(Side::Canary),
            subset if rule.stable_subset_name.as_ref() == Some(subset) => Some(Side::Stable),
            _ => None,
        };
    }
    let canary = scene.canary()?;
    match &backend.service {
        service if canary.canary_service.as_ref() == Some(service) => Some(Side::Canary),
        service if canary.stable_service.as_ref() == Some(service) => Some(Side::Stable),
        _ => None,
    }
}

/// The hash behind a side: by the live selector of its Service; of subsets, whose `DestinationRule` is not read here, by
/// the controller's report.
pub(super) fn behind<'a>(scene: &Scene<'a>, side: Side) -> Option<&'a TemplateHash> {
    let status = scene.status();
    if side == Side::Canary && scene.is_aborted() {
        return scene.current();
    }
    let canary = scene.canary()?;
    let service = if side == Side::Canary { &canary.canary_service } else { &canary.stable_service };
    let reported = status.canary.weights.as_ref().map(|weights| match side {
        Side::Canary => &weights.canary.pod_template_hash,
        Side::Stable => &weights.stable.pod_template_hash,
    });
    let live = service.as_ref().and_then(|service| selected(scene, service));
    let hash = match live {
        Some(live) => known(scene, live.as_str()),
        None => reported.filter(|hash| !hash.is_empty()),
    };
    hash.or(if side == Side::Stable { scene.stable() } else { None })
}

/// A hash of this Rollout, as one of the references that are at hand.
fn known<'a>(scene: &Scene<'a>, hash: &str) -> Option<&'a TemplateHash> {
    let status = scene.status();
    let weights = status.canary.weights.as_ref();
    let reported = weights
        .into_iter()
        .flat_map(|weights| [&weights.canary.pod_template_hash, &weights.stable.pod_template_hash]);
    [&status.current_pod_hash, &status.stable].into_iter().chain(reported).find(|one| one.as_str() == hash)
}

/// The hash that a Service selects.
pub(super) fn selected(scene: &Scene<'_>, service: &Name) -> Option<TemplateHash> {
    let service = service_of(scene, service)?;
    service.selector.get(ARGO_HASH_LABEL).map(|hash| TemplateHash::new(hash.as_str()))
}

pub(super) fn service_of<'a>(scene: &Scene<'a>, name: &Name) -> Option<&'a Service> {
    scene.objects.services.iter().find(|service| service.name == *name)
}

/// How much of a split a version gets.
pub(super) fn share_of(scene: &Scene<'_>, split: &Split<'_>, hash: &TemplateHash) -> i64 {
    let canary = if behind(scene, Side::Canary) == Some(hash) { split.weight } else { 0 };
    let stable = if behind(scene, Side::Stable) == Some(hash) { split.whole - split.weight } else { 0 };
    canary + stable
}

/// The controller is done, by its own account, and a route still leads to another version.
pub(super) fn stray<'a>(scene: &Scene<'a>) -> Option<Stray<'a>> {
    let stable = scene.stable()?;
    if scene.current() != Some(stable) {
        return None;
    }
    let hash = behind(scene, Side::Canary).filter(|hash| *hash != stable)?;
    let worst =
        splits(scene).into_iter().filter(|split| split.weight > 0).max_by_key(|split| split.weight)?;
    Some(Stray { hash, weight: worst.weight, from: worst.from() })
}

impl Split<'_> {
    /// Where it was read.
    pub(super) fn from(&self) -> String {
        format!("{} {}", self.route.kind, self.route.face.metadata.name)
    }

    /// Everything to the stable side, by hand: the controller was seen not to revert it while its guard holds a weight.
    pub(super) fn set_by_hand(&self, scene: &Scene<'_>) -> Step {
        let meta = &self.route.face.metadata;
        let namespace = scene.objects.target.namespace.as_str();
        let target = Target::new(self.route.kind, namespace, meta.name.as_str());
        let mut operations = vec![patch::test_uid(&meta.uid)];
        if let Some(canary) = &self.route.canary {
            let key = patch::escape(&format!("{}/canary-weight", canary.prefix));
            let path = format!("/metadata/annotations/{key}");
            operations.push(patch::test(&path, json!(canary.weight)));
            operations.push(patch::add(&path, json!("0")));
        } else {
            operations.push(patch::test("/metadata/generation", json!(meta.generation)));
            operations.extend(self.rules.iter().flat_map(|rule| weights(scene, self.route.kind, rule)));
        }
        let does = format!("set {} to 100/0 by hand", self.from());
        Step { does: Text::clean(&does), request: patch::request(&target, "", &operations) }
    }
}

fn weights(scene: &Scene<'_>, kind: WorkloadKind, rule: &Rule) -> Vec<Value> {
    let member = if kind == WorkloadKind::HttpRoute { "name" } else { "destination" };
    let each = rule.backends.iter().enumerate().flat_map(|(at, backend)| {
        let path = format!("{}/{at}", rule.pointer);
        let weight = if side(scene, backend) == Some(Side::Stable) { 100 } else { 0 };
        [
            patch::test(&format!("{path}/{member}"), backend.destination.clone()),
            patch::add(&format!("{path}/weight"), json!(weight)),
        ]
    });
    each.collect()
}
