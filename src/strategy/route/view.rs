//! A route as the core and the screens see it.

use crate::model::act::Act;
use crate::model::deployment::Deployment;
use crate::model::ids::TemplateHash;
use crate::model::objects::{Depth, Known, ListedWorkload, ObjectSet};
use crate::model::outline::Refusal;
use crate::model::owner::GitOpsOwner;
use crate::model::pod::Pod;
use crate::model::route::{Gateway, Rule};
use crate::model::text::Text;
use crate::model::track::{Share, Truth};
use crate::model::view::{Reason, Revision, Traffic, Version, WorkloadState, WorkloadView};
use crate::strategy::listed::other_kind;
use crate::strategy::rolling::pod_reasons;
use crate::strategy::{differences, version_name};

use super::arms::{Arm, Split, rule_words};
use super::outline::outline;

/// Projects a route.
pub(super) fn project(split: &Split<'_>, known: &Known) -> WorkloadView {
    let objects = split.objects;
    let meta = &split.route.face.metadata;
    let in_flight = split.in_flight();
    let serving = if split.is_at(100) { &split.candidate } else { &split.stable };
    let reasons = reasons(split);
    let wanted = serving.deployment.map_or(0, Deployment::wanted);
    WorkloadView {
        target: objects.target.clone(),
        uid: meta.uid.clone(),
        strategy: "canary",
        state: state(split, in_flight, &reasons),
        reasons,
        in_flight,
        paused: false,
        finished: None,
        started: None,
        wanted,
        ready: serving.ready.unwrap_or(0),
        version: version(split, in_flight, serving),
        stable: of_arm(serving),
        candidate: Some(&split.candidate).filter(|_| in_flight).and_then(of_arm),
        revisions: revisions(split, known),
        traffic: Traffic::default(),
        owner: GitOpsOwner::of(meta),
        driver: objects.driver.clone(),
        autoscaler: objects.autoscalers.first().map(|autoscaler| autoscaler.name.clone()),
        way_back: outline(&Act::RollBack { to: None }, objects, known),
        stop: outline(&Act::Stop, objects, known),
        promote: outline(&Act::Promote, objects, known),
        needs_templates: Vec::new(),
        complete: complete(split, serving),
        track: None,
        truth: truth(split),
        analysis: Vec::new(),
        warnings: warnings(split),
    }
}

/// A route whose two versions cannot be told apart: it is shown, and says why nothing can be done.
pub(super) fn undecided(objects: &ObjectSet, refusal: &Refusal) -> WorkloadView {
    let bare = ListedWorkload::default();
    let mut view = other_kind(objects, objects.workload.face().unwrap_or(&bare));
    view.strategy = "canary";
    view.way_back = Err(refusal.clone());
    view.stop = Err(refusal.clone());
    view.promote = Err(refusal.clone());
    view.warnings.push(Reason { what: Text::clean(&refusal.to_string()), detail: None, since: None });
    view
}

fn version(split: &Split<'_>, in_flight: bool, serving: &Arm<'_>) -> Text {
    let name = serving.deployment.map(|deployment| version_name(&deployment.spec.template, None));
    let full = name.map_or_else(|| serving.name(), |name| format!("{} ({name})", serving.name()));
    match (in_flight, split.share()) {
        (true, Some(share)) => Text::clean(&format!("{} {share:.0} %", split.candidate.name())),
        _ => Text::clean(&full),
    }
}

fn of_arm(arm: &Arm<'_>) -> Option<Version> {
    let (set, deployment) = (arm.set?, arm.deployment?);
    Some(Version {
        name: Text::clean(&arm.name()),
        key: set.key(),
        replica_set: set.metadata.name.clone(),
        pods: deployment.status.replicas,
        ready: arm.ready.unwrap_or(deployment.status.ready_replicas),
        desired: deployment.wanted(),
    })
}

/// The version that gets everything while all of its pods are ready: evidence for later.
fn complete(split: &Split<'_>, serving: &Arm<'_>) -> Option<TemplateHash> {
    let deployment = serving.deployment?;
    let all = split.is_at(0) || split.is_at(100);
    let whole =
        deployment.wanted() > 0 && serving.ready == Some(deployment.wanted()) && deployment.observed();
    let one = deployment.status.replicas == deployment.status.updated_replicas;
    let taken = matches!(split.route.gateway, Gateway::Accepted | Gateway::Silent);
    (all && whole && one && taken).then(|| serving.hash())?
}

fn state(split: &Split<'_>, in_flight: bool, reasons: &[Reason]) -> WorkloadState {
    match (in_flight, reasons.is_empty()) {
        (true, false) => WorkloadState::Stuck,
        (true, true) => WorkloadState::Progressing,
        (false, false) => WorkloadState::Unhealthy,
        (false, true) if split.route.gateway == Gateway::Behind => WorkloadState::Settling,
        (false, true) => WorkloadState::Healthy,
    }
}

/// Whether nobody gets what a rule matches.
fn is_dead(rule: &Rule) -> bool {
    !rule.backends.is_empty() && rule.backends.iter().all(|backend| backend.weight <= 0)
}

/// Worst first: rules that serve nobody, shares that go to nobody, a gateway that refuses, pods that are not well.
fn reasons(split: &Split<'_>) -> Vec<Reason> {
    let say = |what: String| Reason { what: Text::clean(&what), detail: None, since: None };
    let dead = split.route.rules.iter().filter(|rule| is_dead(rule));
    let mut reasons: Vec<Reason> =
        dead.map(|rule| say(format!("{}: no positive weight: nobody is served", rule_words(rule)))).collect();
    let share = split.share().unwrap_or(0.0);
    for (arm, gets) in [(&split.stable, 100.0 - share), (&split.candidate, share)] {
        if gets > 0.0 && arm.ready == Some(0) {
            reasons
                .push(say(format!("{} has no ready endpoints: {gets:.0} % of requests fail", arm.service)));
        }
        if gets > 0.0
            && let Some(deployment) = arm.deployment
        {
            let set = arm.set.map(|set| &set.metadata.name);
            let mine = |pod: &Pod| set.is_some() && pod.owner.as_ref() == set;
            let own = pod_reasons(split.objects, mine, deployment.wanted());
            reasons.extend(own.into_iter().map(|reason| Reason {
                what: Text::clean(&format!("{} {}", reason.what, arm.name())),
                ..reason
            }));
        }
    }
    if split.route.gateway == Gateway::Refused {
        reasons.push(say("the gateway refuses the route as it is".to_owned()));
    }
    reasons
}

/// Intended are the weights; reported is that the gateway took them; live is the share of what has ready endpoints.
fn truth(split: &Split<'_>) -> Truth {
    let Some((part, whole)) = split.weights() else { return Truth::default() };
    let target = &split.objects.target;
    let share = |from: &str| Share::new(part, whole, from);
    let taken = split.route.gateway == Gateway::Accepted;
    let live = match (split.candidate.ready, split.stable.ready) {
        (Some(0), Some(_)) if part > 0 => {
            Share::new(0, 1, &format!("endpoints of {}", split.candidate.service))
        }
        (Some(ready), Some(0)) if ready > 0 && part < whole => {
            Share::new(1, 1, &format!("endpoints of {}", split.stable.service))
        }
        (Some(_), Some(_)) => share(&format!("{target} over ready endpoints")),
        _ => None,
    };
    Truth {
        intended: share(&target.to_string()),
        reported: taken.then(|| share("accepted by its gateway")).flatten(),
        live,
        also: split.also().iter().map(|line| Text::clean(line)).collect(),
    }
}

fn warnings(split: &Split<'_>) -> Vec<Reason> {
    let say = |what: String| Reason { what: Text::clean(&what), detail: None, since: None };
    let also = split.also();
    let name = split.candidate.name();
    let mut warnings = Vec::new();
    if split.is_at(0) && !also.is_empty() {
        let rules = also.iter().filter(|line| line.ends_with(&format!("→ {name}")));
        warnings.extend(rules.map(|line| say(format!("weight 0, and still: {line}"))));
        if split.sticky() {
            warnings.push(say(format!("weight 0, and clients with the cookie stay on {name}")));
        }
    }
    let rules = split.shared().map(|(rule, stable, candidate)| {
        let (part, rest) = (rule.backends[candidate].weight, rule.backends[stable].weight);
        (rule, part, part + rest)
    });
    let rules: Vec<_> = rules.collect();
    if let Some((first, part, whole)) = rules.first()
        && let Some((other, ..)) = rules.iter().find(|(_, p, w)| p * whole != part * w)
    {
        let (first, other) = (rule_words(first), rule_words(other));
        warnings.push(say(format!("rules do not agree on the share of {name}: {first}, {other}")));
    }
    warnings
}

/// Both versions, the one that serves first.
fn revisions(split: &Split<'_>, known: &Known) -> Vec<Revision> {
    if split.objects.depth == Depth::Listed {
        return Vec::new();
    }
    let serving = if split.is_at(100) { &split.candidate } else { &split.stable };
    let present = serving.set.and_then(|set| known.templates.get(&set.key()));
    let other = if split.is_at(100) { &split.stable } else { &split.candidate };
    let revision = |arm: &Arm<'_>, current: bool| {
        let (set, deployment) = (arm.set?, arm.deployment?);
        let images = deployment.spec.template.images.iter();
        Some(Revision {
            name: Text::clean(&arm.name()),
            key: set.key(),
            replica_set: set.metadata.name.clone(),
            number: set.revision(),
            images: images.map(|container| Text::clean(&container.image)).collect(),
            created: set.metadata.created,
            ready: arm.ready.unwrap_or(0),
            pods: deployment.status.replicas,
            evidence: split.evidence(arm, known),
            // in flight, stable is what a way back leads to
            current: current && !split.in_flight(),
            differs: (!current)
                .then(|| Some(differences(present?.raw(), known.templates.get(&set.key())?.raw())))
                .flatten(),
        })
    };
    [revision(serving, true), revision(other, false)].into_iter().flatten().collect()
}
