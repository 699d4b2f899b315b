//! Why something is not well, in the words of a person.

use std::collections::BTreeMap;

use crate::model::Time;
use crate::model::deployment::Deployment;
use crate::model::objects::ObjectSet;
use crate::model::pod::{Pod, PodTrouble};
use crate::model::replicaset::ReplicaSet;
use crate::model::text::Text;
use crate::model::view::Reason;

use super::progress;

/// Reasons of pods that `concerned` picks, grouped by trouble, worst first: `ImagePullBackOff on 1 of 3`.
pub(in crate::strategy) fn pod_reasons(
    objects: &ObjectSet,
    concerned: impl Fn(&Pod) -> bool,
    wanted: i64,
) -> Vec<Reason> {
    let mut groups: BTreeMap<u8, Vec<(&Pod, PodTrouble)>> = BTreeMap::new();
    for pod in objects.pods.iter().filter(|pod| concerned(pod)) {
        if let Some(trouble) = pod.trouble().filter(|trouble| !trouble.passing()) {
            groups.entry(rank(&trouble)).or_default().push((pod, trouble));
        }
    }
    groups.into_values().filter_map(|group| reason(&group, wanted)).collect()
}

/// Troubles of one kind make one line.
fn rank(trouble: &PodTrouble) -> u8 {
    match trouble {
        PodTrouble::CrashLoop { .. } => 0,
        PodTrouble::OutOfMemory { .. } => 1,
        PodTrouble::Image { .. } => 2,
        PodTrouble::CannotStart { .. } => 3,
        PodTrouble::Unschedulable { .. } => 4,
        PodTrouble::Failed { .. } => 5,
        PodTrouble::NotReady => 6,
        PodTrouble::Starting => 7,
    }
}

fn reason(group: &[(&Pod, PodTrouble)], wanted: i64) -> Option<Reason> {
    let (_, worst) = group.iter().min_by(|a, b| a.1.cmp(&b.1))?;
    let of = wanted.max(i64::try_from(group.len()).unwrap_or(i64::MAX));
    let what = format!("{} on {} of {of}", word(worst), group.len());
    Some(Reason {
        what: Text::clean(&what),
        detail: group.iter().find_map(|(_, trouble)| trouble.message()).cloned(),
        since: group.iter().filter_map(|(pod, _)| pod.created).min(),
    })
}

fn word(trouble: &PodTrouble) -> String {
    match trouble {
        PodTrouble::CrashLoop { code: Some(code), .. } => format!("crash loop, exit code {code},"),
        PodTrouble::CrashLoop { code: None, .. } => "crash loop".to_owned(),
        PodTrouble::OutOfMemory { .. } => "OOMKilled".to_owned(),
        PodTrouble::Image { reason, .. } => match reason.as_str() {
            // the kubelet alternates between the two words; one trouble, one word
            "ErrImagePull" => "ImagePullBackOff".to_owned(),
            other => other.to_owned(),
        },
        PodTrouble::CannotStart { reason, .. } | PodTrouble::Failed { reason } => reason.clone(),
        PodTrouble::Unschedulable { .. } => "unschedulable".to_owned(),
        PodTrouble::NotReady => "not ready".to_owned(),
        PodTrouble::Starting => "starting".to_owned(),
    }
}

/// All reasons of a Deployment, worst first.
pub(super) fn of(
    deployment: &Deployment,
    objects: &ObjectSet,
    candidate: Option<&ReplicaSet>,
    in_flight: bool,
) -> Vec<Reason> {
    let mut reasons = match candidate.filter(|_| in_flight) {
        Some(set) => {
            let mine = |pod: &Pod| pod.owner.as_ref() == Some(&set.metadata.name);
            let mut own = pod_reasons(objects, mine, set.spec.replicas);
            own.extend(pod_reasons(objects, |pod| !mine(pod), deployment.wanted()).into_iter().map(older));
            own
        }
        None => pod_reasons(objects, |_| true, deployment.wanted()),
    };
    reasons.extend(refused_pods(deployment, candidate));
    reasons.extend(in_flight.then(|| deadline(deployment)).flatten());
    if reasons.is_empty() && !in_flight {
        reasons.extend(short_of_pods(deployment, objects));
    }
    reasons
}

fn older(reason: Reason) -> Reason {
    Reason { what: Text::clean(&format!("{} older pods", reason.what)), ..reason }
}

/// The controller may not make pods (quota, admission). The condition outlives its cause for up to a back-off, so it
/// counts only while pods are really missing.
fn refused_pods(deployment: &Deployment, candidate: Option<&ReplicaSet>) -> Option<Reason> {
    let condition = deployment.condition("ReplicaFailure").filter(|c| c.status == "True")?;
    let missing = candidate.is_none_or(|set| set.status.replicas < set.spec.replicas);
    if !missing {
        return None;
    }
    let message = condition.message.as_str();
    let what = match message.split_once("exceeded quota: ") {
        Some((_, rest)) => {
            let quota = rest.split(',').next().unwrap_or(rest);
            format!("quota {quota} allows no more pods")
        }
        None => format!("pods are refused: {}", condition.reason),
    };
    Some(Reason {
        what: Text::clean(&what),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    })
}

fn deadline(deployment: &Deployment) -> Option<Reason> {
    let condition = progress::gave_up(deployment)?;
    let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(600);
    Some(Reason {
        what: Text::clean(&format!("ProgressDeadlineExceeded after {seconds} s")),
        detail: Some(condition.message.clone()),
        since: condition.last_transition_time,
    })
}

fn short_of_pods(deployment: &Deployment, objects: &ObjectSet) -> Option<Reason> {
    let (wanted, available) = (deployment.wanted(), deployment.status.available_replicas);
    let oldest = unready_since(objects);
    let ill = deployment.condition("Available").is_some_and(|c| c.status == "False")
        || objects.pods.iter().any(|pod| pod.trouble() == Some(PodTrouble::NotReady));
    (available < wanted && ill).then(|| Reason {
        what: Text::clean(&format!("{} of {wanted} not available", wanted - available)),
        detail: None,
        since: oldest,
    })
}

fn unready_since(objects: &ObjectSet) -> Option<Time> {
    objects.pods.iter().filter(|pod| !pod.ready && !pod.terminating).filter_map(|pod| pod.created).min()
}
