//! The picture of a set.

use crate::model::act::Act;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::outline::{Outline, Refusal, RefusalKind};
use crate::model::owner::GitOpsOwner;
use crate::model::sets::ControllerRevision;
use crate::model::template::TemplateKey;
use crate::model::track::Truth;
use crate::model::view::{Reason, Revision, Version, WorkloadState, WorkloadView};
use crate::strategy::{listed, rolling, traffic, version_name};

use super::{Fence, Set, outline, revisions};

pub(super) fn project(set: &Set<'_>, objects: &ObjectSet, known: &Known) -> WorkloadView {
    let base = listed::other_kind(objects, set.face);
    let in_flight = set.in_flight(known);
    let revisions = revisions::all(set, objects, known);
    let (stable, candidate) = sides(set, &revisions, in_flight);
    let reasons = rolling::pod_reasons(objects, |_| true, set.face.wanted);
    let prepared = |act: &Act| prepared(act, set, objects, known);
    WorkloadView {
        strategy: match set.fence {
            Fence::Partition { .. } | Fence::OnDelete => "sts",
            Fence::Strategy(_) => "ds",
        },
        state: state(set, known, &reasons, base.state),
        reasons: if reasons.is_empty() { base.reasons.clone() } else { reasons },
        in_flight,
        paused: set.held(known),
        started: set.current.filter(|_| in_flight).and_then(|revision| revision.metadata.created),
        version: version_name(set.template, None),
        stable,
        candidate,
        traffic: traffic::count(objects),
        owner: GitOpsOwner::of(&set.face.metadata),
        way_back: prepared(&Act::RollBack { to: None }),
        stop: prepared(&Act::Stop),
        promote: prepared(&Act::Promote),
        needs_templates: needs(objects, known, &revisions, in_flight),
        complete: set.current.filter(|_| set.complete() && set.face.wanted > 0).map(ControllerRevision::hash),
        revisions,
        truth: Truth::default(),
        ..base
    }
}

fn state(set: &Set<'_>, known: &Known, reasons: &[Reason], listed: WorkloadState) -> WorkloadState {
    match (set.held(known), set.face.moving) {
        (true, _) => WorkloadState::Held,
        (false, true) if !reasons.is_empty() => WorkloadState::Stuck,
        (false, true) => WorkloadState::Progressing,
        (false, false) => listed,
    }
}

fn prepared(act: &Act, set: &Set<'_>, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
    // a hold needs no history
    if objects.depth == Depth::Listed && matches!(act, Act::RollBack { .. }) {
        return Err(Refusal::new(RefusalKind::TemplateNotRead, "revisions not read yet"));
    }
    outline::outline(act, set, objects, known)
}

/// At rest the present revision is stable; in flight it is the candidate, and stable is the best that is known good.
fn sides(set: &Set<'_>, revisions: &[Revision], in_flight: bool) -> (Option<Version>, Option<Version>) {
    let current = revisions.iter().find(|revision| revision.current);
    let version = |revision: &Revision| revisions::version(revision, set.face.wanted);
    if !in_flight {
        return (current.map(version), None);
    }
    (revisions::best(revisions).map(version), current.map(version))
}

/// Templates that must be in hand: what would be returned to, and, for the difference, the present one.
fn needs(objects: &ObjectSet, known: &Known, revisions: &[Revision], moving: bool) -> Vec<TemplateKey> {
    if objects.depth == Depth::Listed {
        return Vec::new();
    }
    let wanted = |revision: &&Revision| {
        revision.current || revision.evidence.is_good() || (moving && revision.pods > 0)
    };
    let keys = revisions.iter().filter(wanted).map(|revision| revision.key.clone());
    keys.filter(|key| !known.templates.contains_key(key)).collect()
}
