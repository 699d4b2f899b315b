//! A Service as the switch of a blue/green pair: two Deployments told apart by one label of its selector.
//!
//! Contract: `v1 Service`, `discovery.k8s.io/v1 EndpointSlice`. The selector is a match, never a share: whoever it
//! matches gets all of the traffic, and a key that no pod carries (`weight: "10"`) matches nobody, which is a total
//! outage. Merge patches keep such a key for ever, so a switch replaces the whole map and tests the whole map; two
//! consoles that switch at once are told apart by that test. No controller drives a pair: nothing advances by itself,
//! there is nothing to hold, and the way back is as good as the pods that the old side still has.
//!
//! What counts as *in flight* (the scope of an emergency stop) is decided in [`sides`]: a pair at rest is never
//! switched by the chord.

mod evidence;
mod goal;
mod outline;
mod sides;
mod view;

#[cfg(test)]
mod tests;

use crate::model::act::Act;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Next, Outline, Refusal};
use crate::model::view::WorkloadView;

use super::{Milestone, Pursuit, Strategy};

/// The strategy.
pub(super) struct Switching;

impl Strategy for Switching {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match sides::Pair::of(objects) {
            Some(pair) => view::project(&pair, known),
            None => super::listed::Listed.project(objects, known),
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
