//! One file or folder per way in which a workload is rolled out; pure functions of recorded objects.
//!
//! A strategy reads objects and says what they mean, what an act would send, and whether a goal holds. It never
//! sends, waits, reads a clock or remembers: all of that is the core's, so that a strategy is tested with recorded
//! objects. Contracts of the mechanisms stand beside the code that relies on them.

mod argo;
mod diff;
mod flagger;
mod listed;
mod patch;
mod rolling;
mod route;
mod sets;
mod skew;
mod switch;
mod traffic;
mod version;

pub use diff::differences;
pub use version::version_name;

use crate::model::Time;
use crate::model::act::Act;
use crate::model::ids::Uid;
use crate::model::objects::{Known, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, Refusal, Want};
use crate::model::text::Text;
use crate::model::trace::{Sent, Stillness};
use crate::model::view::WorkloadView;

/// How one kind of workload is rolled out.
pub trait Strategy: Sync {
    /// What the objects mean.
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView;

    /// What the act would send now, and the goal that proves it.
    fn outline(&self, act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal>;

    /// What a goal needs next.
    fn next(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Next;

    /// Stages of a goal that can be seen on the objects, in their order, each with whether it is reached.
    fn milestones(&self, pursuit: &Pursuit<'_>, objects: &ObjectSet) -> Vec<Milestone>;
}

/// A goal as a strategy needs to know it.
#[derive(Clone, Copy, Debug)]
pub struct Pursuit<'a> {
    /// The act.
    pub act: &'a Act,
    /// The life it was confirmed for.
    pub uid: &'a Uid,
    /// What is wanted.
    pub want: &'a Want,
    /// What is known besides the objects.
    pub known: &'a Known,
    /// Its requests so far, oldest first.
    pub sent: &'a [Sent],
    /// Since when its objects have stood still, as this console saw it.
    pub still: &'a Stillness,
    /// When it was confirmed.
    pub started: Time,
    /// Now.
    pub now: Time,
}

impl Pursuit<'_> {
    /// The newest request that did this (its `does`), if one was sent.
    #[must_use]
    pub fn last(&self, does: &str) -> Option<&Sent> {
        self.sent.iter().rev().find(|sent| sent.step.does.as_str() == does)
    }
}

/// A stage of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// What is to be seen.
    pub what: Text,
    /// Whether it is.
    pub reached: bool,
}

/// The strategy of a workload. A Deployment that another controller drives is listed, not rolled.
#[must_use]
pub fn strategy_of(objects: &ObjectSet) -> &'static dyn Strategy {
    match (&objects.workload, &objects.driver) {
        (Workload::Deployment(_), None) => &rolling::Rolling,
        (Workload::Service(_), None) => &switch::Switching,
        (Workload::Route(_), None) => &route::Routing,
        (Workload::Rollout(_), _) => &argo::Argo,
        (Workload::StatefulSet(_) | Workload::DaemonSet(_), None) => &sets::Sets,
        (Workload::Canary(_), _) => &flagger::Flagger,
        (
            Workload::Deployment(_)
            | Workload::StatefulSet(_)
            | Workload::DaemonSet(_)
            | Workload::Service(_)
            | Workload::Route(_),
            Some(_),
        )
        | (Workload::Listed(_), _) => &listed::Listed,
    }
}
