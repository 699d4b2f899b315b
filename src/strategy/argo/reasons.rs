//! Why a Rollout is not well, in the words of a person.

use crate::model::deployment::Condition;
use crate::model::pod::Pod;
use crate::model::replicaset::ReplicaSet;
use crate::model::text::Text;
use crate::model::view::Reason;
use crate::strategy::rolling::pod_reasons;

use super::routing;
use super::scene::Scene;
use super::steps;

/// All reasons, worst first.
pub(super) fn of(scene: &Scene<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(invalid(scene));
    reasons.extend(aborted(scene));
    reasons.extend(held_weight(scene));
    let candidate = scene.candidate().and_then(|hash| scene.set_of(hash));
    reasons.extend(of_pods(scene, candidate));
    reasons.extend(candidate.and_then(refused_pods));
    reasons.extend(deadline(scene));
    reasons.extend(inconclusive(scene));
    if reasons.is_empty() && !scene.is_in_flight() {
        reasons.extend(short_of_pods(scene));
    }
    reasons
}

fn of_pods(scene: &Scene<'_>, candidate: Option<&ReplicaSet>) -> Vec<Reason> {
    let Some(set) = candidate.filter(|_| scene.is_in_flight()) else {
        return pod_reasons(scene.objects, |_| true, scene.wanted());
    };
    let mine = |pod: &Pod| pod.owner.as_ref() == Some(&set.metadata.name);
    let mut own = pod_reasons(scene.objects, mine, set.spec.replicas);
    let older = pod_reasons(scene.objects, |pod| !mine(pod), scene.wanted());
    own.extend(
        older
            .into_iter()
            .map(|reason| Reason { what: Text::clean(&format!("{} older pods", reason.what)), ..reason }),
    );
    own
}

/// No hashes, no phase worth reading: nothing will happen until the spec is mended.
pub(super) fn invalid(scene: &Scene<'_>) -> Option<Reason> {
    let condition = scene.status().condition("InvalidSpec").filter(|condition| condition.status == "True")?;
    let message = condition.message.as_str();
    let short = message.split_once("is invalid: ").map_or(message, |(_, rest)| rest);
    Some(Reason {
        what: Text::clean(&format!("invalid spec: {short}")),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    })
}

/// After an abort the reason survives only in the message; by hand there is none.
pub(super) fn aborted(scene: &Scene<'_>) -> Option<Reason> {
    if !scene.is_aborted() {
        return None;
    }
    let message = scene.status().message.as_str();
    let why =
        message.split_once("Rollout aborted update to revision ").and_then(|(_, rest)| rest.split_once(": "));
    let what = why.map_or_else(|| "aborted".to_owned(), |(_, why)| format!("aborted: {}", plain(why)));
    Some(Reason {
        what: Text::clean(&what),
        detail: Some(scene.status().message.clone()),
        since: scene.status().aborted_at,
    })
}

/// `Step-based analysis phase error/failed: Metric "m" assessed Error due to …` without its preamble.
fn plain(why: &str) -> String {
    why.find("Metric \"").map_or(why, |at| &why[at..]).replace("Metric ", "metric ")
}

/// The controller takes the return for done while a route still leads elsewhere.
fn held_weight(scene: &Scene<'_>) -> Option<Reason> {
    let stray = routing::stray(scene)?;
    let what =
        format!("weight {} of {} still leads to {}", stray.weight, stray.from, scene.version(stray.hash));
    Some(Reason { what: Text::clean(&what), detail: None, since: None })
}

/// The controller may not make pods (quota, admission).
fn refused_pods(set: &ReplicaSet) -> Option<Reason> {
    let failure = |condition: &&Condition| condition.kind == "ReplicaFailure" && condition.status == "True";
    let condition = set.status.conditions.iter().find(failure)?;
    if set.status.replicas >= set.spec.replicas {
        return None;
    }
    let what = match condition.message.as_str().split_once("exceeded quota: ") {
        Some((_, rest)) => format!("quota {} allows no more pods", rest.split(',').next().unwrap_or(rest)),
        None => format!("pods are refused: {}", condition.reason),
    };
    Some(Reason {
        what: Text::clean(&what),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    })
}

fn deadline(scene: &Scene<'_>) -> Option<Reason> {
    let exceeded = |condition: &&Condition| condition.reason == "ProgressDeadlineExceeded";
    let condition =
        scene.status().condition("Progressing").filter(exceeded).filter(|_| scene.is_observed())?;
    let seconds = scene.spec().progress_deadline_seconds.unwrap_or(600);
    Some(Reason {
        what: Text::clean(&format!("ProgressDeadlineExceeded after {seconds} s")),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    })
}

fn inconclusive(scene: &Scene<'_>) -> Option<Reason> {
    let pause = steps::pause(scene).filter(|pause| pause.reason.starts_with("Inconclusive"))?;
    let run = scene.status().canary.current_step_analysis_run_status.as_ref();
    let message = run.map(|run| &run.message).filter(|message| !message.is_empty());
    let what = if pause.reason == "InconclusiveExperiment" { "experiment" } else { "analysis" };
    Some(Reason {
        what: Text::clean(&format!("{what} inconclusive: P goes on past it, B goes back")),
        detail: message.cloned(),
        since: pause.start_time.parse().ok(),
    })
}

fn short_of_pods(scene: &Scene<'_>) -> Option<Reason> {
    let (wanted, available) = (scene.wanted(), scene.serving());
    let unready = || scene.objects.pods.iter().filter(|pod| !pod.ready && !pod.terminating);
    let ill = unready().any(|pod| pod.trouble() == Some(crate::model::pod::PodTrouble::NotReady));
    (available < wanted && ill).then(|| Reason {
        what: Text::clean(&format!("{} of {wanted} not available", wanted - available)),
        detail: None,
        since: unready().filter_map(|pod| pod.created).min(),
    })
}
