//! Whether a goal on a set holds, judged on live objects alone.

use crate::model::act::Act;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::outline::{Next, RefusalKind, Want};
use crate::model::sets::ControllerRevision;
use crate::model::text::Text;
use crate::strategy::{Milestone, Pursuit};

use super::{Fence, Set, outline};

/// What the goal needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, set: &Set<'_>, objects: &ObjectSet) -> Next {
    if set.face.metadata.uid != *pursuit.uid {
        return Next::Impossible(Text::clean("it was deleted and made anew: this is another object now"));
    }
    if !asked(pursuit.want, set, pursuit.known) {
        return send(pursuit, set, objects);
    }
    if !set.observed {
        return Next::wait("controller to see it");
    }
    if let Want::Serving { hash: Some(hash), .. } = pursuit.want
        && objects.depth == Depth::Full
        && let Some(pod) = outline::broken(objects, hash).next()
    {
        return Next::Send(outline::delete(pod));
    }
    match unreached(pursuit.want, set, objects) {
        None => Next::holds(),
        Some(what) => Next::wait(&what),
    }
}

/// Whether the spec says what is wanted.
fn asked(want: &Want, set: &Set<'_>, known: &Known) -> bool {
    match want {
        Want::Fenced { fenced: true, .. } => fenced_by(set) || !set.face.moving,
        Want::Fenced { fenced: false, before } => match &set.fence {
            Fence::Partition { at, .. } => before.as_i64().is_some_and(|before| *at <= before),
            Fence::Strategy(strategy) => strategy["type"] == before["type"],
            Fence::OnDelete => true,
        },
        Want::Serving { digest, hash, .. } => {
            let current = set.current.map(ControllerRevision::hash);
            let same = set.template.digest == *digest || (hash.is_some() && current == *hash);
            same && !set.fenced(known)
        }
        Want::Image { container, image } => {
            set.template.images.iter().any(|one| one.name == *container && one.image == *image)
        }
        Want::Restarted { stamp } => set.template.restarted.as_ref() == Some(stamp),
        Want::Replicas { replicas } => set.face.wanted == i64::from(*replicas),
        Want::LocalOnly => true,
        // wants of other mechanisms are never made here
        Want::Paused { .. }
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. } => false,
    }
}

/// Whether nothing is replaced any more, whoever saw to that.
fn fenced_by(set: &Set<'_>) -> bool {
    match &set.fence {
        Fence::Partition { at, all } => at >= all,
        Fence::Strategy(strategy) => strategy["type"] == "OnDelete",
        Fence::OnDelete => true,
    }
}

/// What of it cannot be seen yet.
fn unreached(want: &Want, set: &Set<'_>, objects: &ObjectSet) -> Option<String> {
    let of = match want {
        Want::Serving { hash, version, .. } => {
            let strays = hash.as_ref().map_or(0, |hash| {
                objects.pods.iter().filter(|pod| pod.hash != *hash && !pod.terminating).count()
            });
            if strays > 0 {
                return Some(format!("{strays} pods of other revisions to leave"));
            }
            version.to_string()
        }
        Want::Image { image, .. } => image.clone(),
        Want::Restarted { .. } => "the restart".to_owned(),
        Want::Replicas { .. } => "this size".to_owned(),
        Want::Fenced { .. }
        | Want::LocalOnly
        | Want::Paused { .. }
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. } => return None,
    };
    let (ready, updated, wanted) = (set.face.ready, set.updated, set.face.wanted);
    (!set.complete()).then(|| format!("pods {}/{wanted} {of}", ready.min(updated)))
}

/// The step, made from what is there now.
fn send(pursuit: &Pursuit<'_>, set: &Set<'_>, objects: &ObjectSet) -> Next {
    let act = match (pursuit.act, pursuit.want) {
        (Act::RollBack { .. }, Want::Serving { hash: Some(hash), .. }) => {
            let of_history = objects.history.iter().map(ControllerRevision::key);
            let kept = pursuit.known.templates.keys().cloned();
            match of_history.chain(kept).find(|key| key.hash == *hash) {
                Some(key) => Act::RollBack { to: Some(key) },
                None if objects.depth == Depth::Listed => return Next::wait("revisions to be read"),
                None => return Next::Impossible(Text::clean("the revision to return to is gone")),
            }
        }
        (act, _) => act.clone(),
    };
    match outline::outline(&act, set, objects, pursuit.known) {
        Ok(outline) => match outline.steps.into_iter().next() {
            Some(step) => Next::Send(step),
            None => Next::wait("nothing to send"),
        },
        Err(refusal) if refusal.kind == RefusalKind::TemplateNotRead => Next::wait(refusal.why.as_str()),
        Err(refusal) => Next::Impossible(Text::clean(&refusal.to_string())),
    }
}

/// Stages, in their order.
pub(super) fn milestones(pursuit: &Pursuit<'_>, set: &Set<'_>, objects: &ObjectSet) -> Vec<Milestone> {
    let observed = asked(pursuit.want, set, pursuit.known) && set.observed;
    let mut stages = vec![Milestone { what: Text::clean("controller saw it"), reached: observed }];
    let wanted = set.face.wanted;
    let last = match pursuit.want {
        Want::Serving { version, .. } => format!("pods {wanted}/{wanted} {version}"),
        Want::Image { .. } => format!("pods {wanted}/{wanted} on the new image"),
        Want::Restarted { .. } => format!("pods {wanted}/{wanted} restarted"),
        Want::Replicas { replicas } => format!("pods {replicas}/{replicas}"),
        Want::Fenced { .. }
        | Want::LocalOnly
        | Want::Paused { .. }
        | Want::StepPassed { .. }
        | Want::Weight { .. }
        | Want::Selects { .. }
        | Want::Promoted { .. }
        | Want::Retried { .. } => return stages,
    };
    let reached = observed && unreached(pursuit.want, set, objects).is_none();
    stages.push(Milestone { what: Text::clean(&last), reached });
    stages
}
