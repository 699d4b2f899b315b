//! Routes that split traffic by weight and that no controller drives: HTTPRoute, VirtualService, and the Ingress pair of
//! ingress-nginx. Each change is one patch that sets the share in every rule that names both versions.
//!
//! Contract: Gateway API `v1 HTTPRoute` (weights are relative, 0 to 1 000 000, absent means 1; lists are atomic, so a
//! patch addresses elements by index and tests their names, and tests `generation` besides: names alone pass on the
//! wrong rule when one was inserted above, and a `resourceVersion` is moved by the gateway's own status writes); Istio's
//! VirtualService (weights of a rule make 100, the test is on the whole destination); ingress-nginx's annotations, whose
//! values are strings and which move no generation, so their values are tested. A route has no pods, and the gateway's
//! word is only that it took the route: what proves a share are the route's own weights, `Accepted` with the present
//! generation where a parent reports, and ready endpoints behind whoever gets traffic.
//!
//! Header and cookie rules win over weights. They are shown always; a way back removes those that are annotations of a
//! canary Ingress, and names the rules of other routes that still lead to the candidate.

mod arms;
mod goal;
mod outline;
mod requests;
mod view;

#[cfg(test)]
mod tests;

use crate::model::act::Act;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Next, Outline, Refusal};
use crate::model::view::WorkloadView;

use super::{Milestone, Pursuit, Strategy};

/// The strategy.
pub(super) struct Routing;

impl Strategy for Routing {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match arms::Split::of(objects, known) {
            Ok(split) => view::project(&split, known),
            Err(refusal) => view::undecided(objects, &refusal),
        }
    }

    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
        outline::outline(act, objects, known)
    }

    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        goal::next(pursuit, objects)
    }

    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
        goal::milestones(pursuit, objects)
    }
}
