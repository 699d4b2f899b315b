//! Argo Rollouts: canary (basic, nginx, Istio, Gateway API plugin) and blue-green.
//!
//! Contract: Argo Rollouts 1.10, as seen on the real controller. What a person would trust is not enough: an abort says
//! Degraded while the weight stands, a return says Healthy with half the traffic on the candidate, and a blue-green abort
//! can leave nobody serving. So versions are told apart by hashes and owners, every goal ends by selectors, weights and
//! ready endpoints, and each request of an act that needs several is derived from the objects, so that any state between
//! two of them is safe and survives a restart of the console.
//!
//! `back` is the heart: which request brings the traffic back, by which side is whole.

mod analysis;
mod back;
mod goal;
mod outline;
mod reasons;
mod revisions;
mod routing;
mod scene;
mod serving;
mod steps;
mod switching;
mod truth;
mod view;
mod warnings;
mod write;

#[cfg(test)]
mod tests;

use crate::model::act::Act;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind};
use crate::model::text::Text;
use crate::model::view::WorkloadView;

use super::{Milestone, Pursuit, Strategy};
use scene::Scene;

/// The strategy.
pub(super) struct Argo;

impl Strategy for Argo {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match Scene::of(objects, known) {
            Some(scene) => view::project(&scene),
            None => super::listed::Listed.project(objects, known),
        }
    }

    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
        let scene = Scene::of(objects, known)
            .ok_or_else(|| Refusal::new(RefusalKind::NotPossibleHere, "not a Rollout"))?;
        outline::outline(&scene, act)
    }

    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        match Scene::of(objects, pursuit.known) {
            Some(scene) => goal::next(&scene, pursuit),
            None => Next::Impossible(Text::clean("not a Rollout")),
        }
    }

    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
        Scene::of(objects, pursuit.known).map_or_else(Vec::new, |scene| goal::milestones(&scene, pursuit))
    }
}
