//! Flagger Canaries.
//!
//! Contract: Flagger 1.36 to 1.44, `flagger.app/v1beta1`. The target Deployment is the canary; Flagger makes
//! `<target>-primary`, which is the stable side, the Services before them and the route. It acts on its ticker alone: a
//! tick reads `suspend` once and then lasts as long as its webhooks and queries, so what was set meanwhile is overwritten
//! (seen: 60/40 written over our 100/0; a promotion under a hold). Its state *is* the weight on the route: a suspended
//! Canary whose route was set to 0 begins anew, and in `WaitingPromotion` without asking any gate. From Promoting on the
//! primary itself has the new template: weights are no way back any more, its template is. There is no
//! `observedGeneration`, and neither phase nor `canaryWeight` nor `lastPromotedSpec` proves anything: everything here is
//! read from routes, templates and pods.

mod goal;
mod outline;
mod pair;
mod revisions;
mod steps;
mod track;
mod view;
mod warnings;
mod weights;

#[cfg(test)]
mod tests;

use crate::model::act::Act;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind};
use crate::model::view::WorkloadView;

use self::pair::Pair;
use super::{Milestone, Pursuit, Strategy};

/// The strategy.
pub(super) struct Flagger;

impl Strategy for Flagger {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match Pair::of(objects, known) {
            Some(pair) => view::project(&pair),
            None => super::listed::Listed.project(objects, known),
        }
    }

    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
        match Pair::of(objects, known) {
            Some(pair) => outline::outline(act, &pair),
            None => Err(Refusal::new(RefusalKind::NotPossibleHere, "not a Canary")),
        }
    }

    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        goal::next(pursuit, objects)
    }

    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
        goal::milestones(pursuit, objects)
    }
}
