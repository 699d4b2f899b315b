//! StatefulSets and DaemonSets.
//!
//! Contract: Kubernetes `apps/v1`. Their history stands in ControllerRevisions; the pods of a revision carry its hash.
//! Neither has a pause. A StatefulSet is held by a `partition` as large as the set, a DaemonSet by the update strategy
//! `OnDelete`; what stood there before is kept in the journal with the act, so that a resume can put it back. Both stop
//! at the first pod that does not become ready, and a template that goes back does **not** replace that pod of a
//! StatefulSet (seen on 1.36): the way back also deletes the pods that stay broken. Therefore an emergency stop only
//! holds, and roll-back is a person's choice.

mod goal;
mod outline;
mod revisions;
mod view;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::model::act::Act;
use crate::model::meta::Manager;
use crate::model::objects::{Known, ListedWorkload, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind};
use crate::model::pod::Pod;
use crate::model::sets::ControllerRevision;
use crate::model::template::TemplateSummary;
use crate::model::text::Text;
use crate::model::view::WorkloadView;

use super::{Milestone, Pursuit, Strategy};

/// The strategy.
pub(super) struct Sets;

impl Strategy for Sets {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match Set::of(objects) {
            Some(set) => view::project(&set, objects, known),
            None => super::listed::Listed.project(objects, known),
        }
    }

    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
        let set = Set::of(objects).ok_or_else(|| {
            Refusal::new(RefusalKind::NotPossibleHere, "neither a StatefulSet nor a DaemonSet")
        })?;
        outline::outline(act, &set, objects, known)
    }

    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        match Set::of(objects) {
            Some(set) => goal::next(pursuit, &set, objects),
            None => Next::Impossible(Text::clean("neither a StatefulSet nor a DaemonSet")),
        }
    }

    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone> {
        Set::of(objects).map(|set| goal::milestones(pursuit, &set, objects)).unwrap_or_default()
    }
}

/// What the two kinds have in common.
struct Set<'a> {
    /// What it has in common with every workload.
    face: &'a ListedWorkload,
    /// The template its pods should run.
    template: &'a TemplateSummary,
    /// Whether the status is about the present spec.
    observed: bool,
    /// Pods of the present template.
    updated: i64,
    /// How it is kept from replacing pods.
    fence: Fence,
    /// The revision of the present template, where it is known.
    current: Option<&'a ControllerRevision>,
}

/// How a set is kept from replacing pods, or could be.
enum Fence {
    /// Pods with an ordinal below the partition keep what they run.
    Partition {
        /// Its value.
        at: i64,
        /// A value that keeps all of them.
        all: i64,
    },
    /// The update strategy as written.
    Strategy(Value),
    /// It replaces pods only when somebody deletes them, and was made so by its owner.
    OnDelete,
}

impl<'a> Set<'a> {
    fn of(objects: &'a ObjectSet) -> Option<Self> {
        match &objects.workload {
            Workload::StatefulSet(set) => Some(Self {
                face: &set.face,
                template: &set.template,
                observed: set.observed_generation >= set.face.metadata.generation,
                updated: set.updated,
                fence: if set.on_delete {
                    Fence::OnDelete
                } else {
                    Fence::Partition { at: set.partition, all: set.face.wanted.max(1) }
                },
                current: objects.history.iter().find(|one| one.metadata.name.as_str() == set.update_revision),
            }),
            Workload::DaemonSet(set) => {
                let digest = set.template.digest;
                let newest = objects.history.iter().max_by_key(|revision| revision.number);
                let equal = objects.history.iter().find(|revision| revision.template.digest == digest);
                Some(Self {
                    face: &set.face,
                    template: &set.template,
                    observed: set.observed_generation >= set.face.metadata.generation,
                    updated: set.updated,
                    fence: Fence::Strategy(set.update_strategy.clone()),
                    current: equal.or(newest),
                })
            }
            _ => None,
        }
    }

    /// Whether pods of an older template are left that nothing replaces now.
    fn fenced(&self, known: &Known) -> bool {
        match &self.fence {
            Fence::Partition { at, all } => at >= all,
            // a set that its owner made so is not held
            Fence::Strategy(strategy) => {
                let ours = known.fenced.is_some() || self.face.metadata.managers.iter().any(is_ours);
                strategy["type"] == "OnDelete" && ours
            }
            Fence::OnDelete => false,
        }
    }

    /// Whether an update waits behind the fence.
    fn held(&self, known: &Known) -> bool {
        self.fenced(known) && self.updated < self.face.wanted
    }

    fn in_flight(&self, known: &Known) -> bool {
        self.face.moving || self.held(known)
    }

    fn complete(&self) -> bool {
        self.observed
            && !self.face.moving
            && self.updated >= self.face.wanted
            && self.face.ready >= self.face.wanted
    }

    /// What a resume puts back, and whether that is on record.
    fn open(&self, known: &Known) -> (Value, bool) {
        let fallback = match &self.fence {
            Fence::Partition { .. } | Fence::OnDelete => json!(0),
            Fence::Strategy(_) => json!({"type": "RollingUpdate"}),
        };
        (known.fenced.clone().unwrap_or(fallback), known.fenced.is_some())
    }
}

/// The pods of one revision.
fn pods_of<'o>(objects: &'o ObjectSet, revision: &ControllerRevision) -> Vec<&'o Pod> {
    let hash = revision.hash();
    objects.pods.iter().filter(|pod| pod.hash == hash).collect()
}

/// Whether a console wrote the spec: another one, without its journal, can only tell by that.
fn is_ours(manager: &Manager) -> bool {
    manager.manager == "gonogo" && manager.subresource.is_empty()
}
