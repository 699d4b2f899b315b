//! A pair as the core and the screens see it.

use crate::model::act::Act;
use crate::model::ids::TemplateHash;
use crate::model::objects::{Depth, Known};
use crate::model::owner::GitOpsOwner;
use crate::model::pod::Pod;
use crate::model::text::Text;
use crate::model::track::{Share, Truth};
use crate::model::view::{Reason, Traffic, TrafficBasis, WorkloadState, WorkloadView};
use crate::strategy::rolling::pod_reasons;
use crate::strategy::skew;

use super::evidence;
use super::outline::{fault, one_sided, outline};
use super::sides::{Pair, Side};

/// Projects a pair.
pub(super) fn project(pair: &Pair<'_>, known: &Known) -> WorkloadView {
    let objects = pair.objects;
    let meta = &pair.service.face.metadata;
    let named = pair.named();
    let candidate = pair.candidate(known);
    let stable = match candidate {
        Some(candidate) => {
            pair.sides.iter().filter(|side| side.value != candidate.value).max_by_key(|side| side.serves)
        }
        None => named,
    };
    let in_flight = pair.in_flight(known);
    let reasons = reasons(pair, candidate, named);
    WorkloadView {
        target: objects.target.clone(),
        uid: meta.uid.clone(),
        strategy: "blue-green",
        state: state(pair, in_flight, &reasons),
        reasons,
        in_flight,
        paused: false,
        finished: pair.switched().filter(|_| complete(pair).is_some()),
        started: candidate.and_then(Side::changed),
        wanted: named.map_or(0, |side| side.deployment.wanted()),
        ready: named.map_or(0, |side| side.serves),
        version: Text::clean(&named.map_or_else(|| fault(pair), |side| side.full_name(None))),
        stable: stable.and_then(|side| evidence::version(side, pair)),
        candidate: candidate.and_then(|side| evidence::version(side, pair)),
        revisions: evidence::revisions(pair, known),
        traffic: traffic(pair),
        owner: GitOpsOwner::of(meta),
        driver: objects.driver.clone(),
        autoscaler: objects.autoscalers.first().map(|autoscaler| autoscaler.name.clone()),
        way_back: outline(&Act::RollBack { to: None }, objects, known),
        stop: outline(&Act::Stop, objects, known),
        promote: outline(&Act::Promote, objects, known),
        needs_templates: Vec::new(),
        complete: complete(pair),
        track: None,
        truth: truth(pair, candidate),
        analysis: Vec::new(),
        warnings: warnings(pair),
    }
}

/// The serving side, while it serves alone, with all of its endpoints ready: evidence for later.
fn complete(pair: &Pair<'_>) -> Option<TemplateHash> {
    let side = pair.named()?;
    let wanted = side.deployment.wanted();
    let alone = pair.foreign == Some(0) && pair.load() == side.serves;
    let whole = pair.strays.is_empty() && wanted > 0 && side.serves == wanted;
    // in the middle of an update of its own, two revisions serve under one colour
    let one = side.deployment.status.replicas == side.deployment.status.updated_replicas;
    (alone && whole && one && side.deployment.observed()).then(|| side.hash())?
}

fn state(pair: &Pair<'_>, in_flight: bool, reasons: &[Reason]) -> WorkloadState {
    let wanted = pair.named().map_or(0, |side| side.deployment.wanted());
    match (in_flight, reasons.is_empty()) {
        _ if pair.dark() && (wanted > 0 || pair.selects_nothing()) => WorkloadState::Unhealthy,
        _ if pair.selects_nothing() => WorkloadState::Unhealthy,
        (true, false) => WorkloadState::Stuck,
        (true, true) => WorkloadState::Progressing,
        (false, _) if wanted == 0 => WorkloadState::Idle,
        (false, false) => WorkloadState::Unhealthy,
        (false, true) if pair.named().is_some_and(|side| side.serves < wanted) => WorkloadState::Settling,
        (false, true) => WorkloadState::Healthy,
    }
}

/// Worst first: nobody is reached, then what is wrong with the pods of the side that serves and of the candidate.
fn reasons(pair: &Pair<'_>, candidate: Option<&Side<'_>>, named: Option<&Side<'_>>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let name = &pair.objects.target.name;
    let say = |what: String| Reason { what: Text::clean(&what), detail: None, since: None };
    if pair.selects_nothing() {
        reasons.push(say(format!("{name} selects nothing: {}: total outage", fault(pair))));
    } else if pair.dark() {
        let value = named.map_or("nobody", |side| side.value);
        reasons.push(say(format!("nobody serves: {value} has no ready endpoint")));
    }
    let watched = [candidate, named.filter(|side| candidate.is_none_or(|other| other.value != side.value))];
    for side in watched.into_iter().flatten() {
        let mine: Vec<&Pod> = side.pods(pair.objects).collect();
        let concerned = |pod: &Pod| mine.iter().any(|own| own.name == pod.name);
        let of_side = pod_reasons(pair.objects, concerned, side.deployment.wanted());
        reasons.extend(of_side.into_iter().map(|reason| Reason {
            what: Text::clean(&format!("{} {}", reason.what, side.value)),
            ..reason
        }));
    }
    reasons
}

fn traffic(pair: &Pair<'_>) -> Traffic {
    if pair.objects.depth == Depth::Listed {
        return Traffic::default();
    }
    let share = |side: &Side<'_>| Some((side.current?.key(), u32::try_from(side.serves).unwrap_or(u32::MAX)));
    Traffic {
        basis: if pair.foreign.is_some() { TrafficBasis::Endpoints } else { TrafficBasis::ReadyPods },
        shares: pair.sides.iter().filter(|side| side.serves > 0).filter_map(share).collect(),
        services: vec![pair.objects.target.name.clone()],
    }
}

/// Intended is what the selector names, live is who has the ready endpoints. Nobody reports.
fn truth(pair: &Pair<'_>, candidate: Option<&Side<'_>>) -> Truth {
    let Some(candidate) = candidate else { return Truth::default() };
    let name = &pair.objects.target.name;
    let named = pair.named().is_some_and(|side| side.value == candidate.value) && pair.strays.is_empty();
    let live =
        pair.foreign.and_then(|_| Share::new(candidate.serves, pair.load(), &format!("endpoints of {name}")));
    Truth {
        intended: Share::new(i64::from(named), 1, &format!("selector of {name}")),
        reported: None,
        live,
        also: Vec::new(),
    }
}

fn warnings(pair: &Pair<'_>) -> Vec<Reason> {
    let say = |what: String| Reason { what: Text::clean(&what), detail: None, since: None };
    let strays = (!pair.strays.is_empty())
        .then(|| format!("stray key in the selector of {}: {}", pair.objects.target.name, fault(pair)));
    let foreign = pair.foreign.filter(|foreign| *foreign > 0).map(|foreign| {
        format!("{foreign} ready endpoints of {} belong to neither side", pair.objects.target.name)
    });
    let mut warnings: Vec<Reason> =
        [strays, foreign, one_sided(pair)].into_iter().flatten().map(say).collect();
    for side in &pair.sides {
        let deployment = &side.deployment.status;
        let rolling = deployment.replicas != deployment.updated_replicas || !side.deployment.observed();
        warnings.extend(skew::warnings(side.pods(pair.objects), rolling));
    }
    warnings
}
