//! The picture of a Rollout.

use crate::model::Time;
use crate::model::act::Act;
use crate::model::outline::{Outline, Refusal, RefusalKind};
use crate::model::owner::GitOpsOwner;
use crate::model::template::TemplateKey;
use crate::model::view::{Reason, Revision, WorkloadState, WorkloadView};
use crate::strategy::version_name;

use super::scene::Scene;
use super::{analysis, outline, reasons, revisions, steps, truth, warnings};

pub(super) fn project(scene: &Scene<'_>) -> WorkloadView {
    let objects = scene.objects;
    let meta = &scene.rollout.face.metadata;
    let in_flight = scene.is_in_flight();
    let reasons = reasons::of(scene);
    let revisions = revisions::all(scene);
    let side = |hash| scene.set_of(hash).map(|set| revisions::version(scene, set));
    let candidate = scene.candidate().and_then(side);
    WorkloadView {
        target: objects.target.clone(),
        uid: meta.uid.clone(),
        strategy: if scene.blue_green().is_some() { "argo-blue-green" } else { "argo-canary" },
        state: state(scene, in_flight, &reasons),
        in_flight,
        paused: scene.spec().paused,
        finished: completed(scene, "True").filter(|_| !in_flight),
        started: completed(scene, "False").filter(|_| in_flight),
        wanted: scene.wanted(),
        ready: scene.status().ready_replicas,
        version: candidate
            .as_ref()
            .map_or_else(|| version_name(scene.template(), None), |candidate| candidate.name.clone()),
        stable: scene.stable().and_then(side),
        candidate,
        traffic: truth::traffic(scene),
        owner: GitOpsOwner::of(meta),
        driver: objects.driver.clone(),
        autoscaler: objects.autoscalers.first().map(|autoscaler| autoscaler.name.clone()),
        way_back: prepared(scene, &Act::RollBack { to: None }),
        stop: prepared(scene, &Act::Stop),
        promote: outline::outline(scene, &Act::Promote),
        needs_templates: needs(scene, &revisions, in_flight || scene.spec().paused),
        complete: scene.stable().filter(|_| scene.is_observed()).cloned(),
        track: steps::track(scene),
        truth: truth::of(scene),
        analysis: analysis::lines(scene),
        warnings: warnings::of(scene),
        reasons,
        revisions,
    }
}

fn prepared(scene: &Scene<'_>, act: &Act) -> Result<Outline, Refusal> {
    if !scene.is_full() {
        return Err(Refusal::new(RefusalKind::TemplateNotRead, "revisions not read yet"));
    }
    outline::outline(scene, act)
}

fn state(scene: &Scene<'_>, in_flight: bool, reasons: &[Reason]) -> WorkloadState {
    let available = scene.serving();
    match (in_flight, scene.spec().paused) {
        (true, _) if !reasons.is_empty() => WorkloadState::Stuck,
        (true, true) => WorkloadState::Held,
        (true, false) => WorkloadState::Progressing,
        (false, _) if !reasons.is_empty() => WorkloadState::Unhealthy,
        (false, _) if scene.wanted() == 0 && scene.status().replicas == 0 => WorkloadState::Idle,
        (false, _) if available >= scene.wanted() => WorkloadState::Healthy,
        (false, _) if !scene.is_full() && scene.rollout.face.failed => WorkloadState::Unhealthy,
        (false, _) => WorkloadState::Settling,
    }
}

/// Condition `Completed` turns false when an update begins and true when it ends; unlike `Progressing` it does not flip
/// with each status write.
fn completed(scene: &Scene<'_>, status: &str) -> Option<Time> {
    let condition = scene.status().condition("Completed").filter(|condition| condition.status == status)?;
    condition.last_transition_time
}

/// Templates that must be in hand: what would be returned to, and, for the difference, the present one.
fn needs(scene: &Scene<'_>, revisions: &[Revision], moving: bool) -> Vec<TemplateKey> {
    if !scene.is_full() {
        return Vec::new();
    }
    let wanted = |revision: &&Revision| {
        let stable = scene.stable() == Some(&revision.key.hash);
        revision.current || stable || revision.evidence.is_good() || (moving && revision.pods > 0)
    };
    let keys = revisions.iter().filter(wanted).map(|revision| revision.key.clone());
    keys.filter(|key| !scene.known.templates.contains_key(key)).collect()
}
