//! What the operator may do, as far as the cluster was asked: keys are greyed before they are pressed.
//!
//! The answers come from access reviews, which are asked ahead for what is selected or moves. Which rights an act needs
//! follows from the requests that its strategy would send; an act that has nothing to send now needs none.

use std::collections::BTreeSet;

use crate::model::Time;
use crate::model::access::{AccessAnswer, AccessQuery};
use crate::model::act::{ACTS, Act, ActKind};
use crate::model::outline::Outline;
use crate::model::request::Request;
use crate::model::target::Target;
use crate::strategy::strategy_of;

use super::State;
use super::world::Watched;

/// A refusal is believed for this long.
const BELIEVED_SECONDS: i64 = 60;

/// The questions of permission behind an outline.
#[must_use]
pub fn behind(outline: &Outline) -> Vec<AccessQuery> {
    let mut queries: Vec<AccessQuery> = outline.steps.iter().map(|step| query(&step.request)).collect();
    queries.sort();
    queries.dedup();
    queries
}

/// The question behind one request.
#[must_use]
pub fn query(request: &Request) -> AccessQuery {
    let resource = &request.resource;
    AccessQuery {
        verb: request.write.verb().to_owned(),
        group: resource.group.clone(),
        resource: resource.plural.clone(),
        subresource: resource.subresource.clone(),
        namespace: resource.namespace.clone(),
        name: resource.name.clone(),
    }
}

/// The questions behind one act on a workload as it stands now.
fn of_act(watched: &Watched, kind: ActKind, now: Time) -> Vec<AccessQuery> {
    let prepared = match kind {
        ActKind::RollBack => watched.view.way_back.clone().ok(),
        ActKind::Stop => watched.view.stop.clone().ok(),
        _ => sample(watched, kind, now)
            .and_then(|act| strategy_of(&watched.set).outline(&act, &watched.set, &watched.known).ok()),
    };
    prepared.as_ref().map(behind).unwrap_or_default()
}

/// An act of a kind, with arguments that make it differ from what stands there.
fn sample(watched: &Watched, kind: ActKind, now: Time) -> Option<Act> {
    match kind {
        ActKind::Hold => Some(Act::Hold),
        ActKind::Resume => Some(Act::Resume),
        ActKind::Promote => Some(Act::Promote),
        ActKind::PromoteFull => Some(Act::PromoteFull),
        ActKind::Retry => Some(Act::Retry),
        ActKind::RollBack => Some(Act::RollBack { to: None }),
        ActKind::Restart => Some(Act::Restart { at: now }),
        ActKind::Scale => {
            let replicas = u32::try_from(watched.view.wanted).ok()?.checked_add(1)?;
            Some(Act::Scale { replicas })
        }
        ActKind::SetImage => Some(Act::SetImage { container: None, image: "another".into() }),
        ActKind::Stop => Some(Act::Stop),
        ActKind::ResetStop => None,
    }
}

/// The cluster's refusal of a right, while it is believed. An old one keeps nobody from trying: the server decides.
#[must_use]
pub fn refusal<'a>(state: &'a State, query: &AccessQuery) -> Option<&'a AccessAnswer> {
    let believed = |answer: &AccessAnswer| (state.now - answer.asked).num_seconds() < BELIEVED_SECONDS;
    state.world.access.get(query).filter(|answer| !answer.allowed && believed(answer))
}

/// All questions about a workload.
pub(super) fn all(watched: &Watched, now: Time) -> BTreeSet<AccessQuery> {
    ACTS.iter().flat_map(|row| of_act(watched, row.kind, now)).collect()
}

/// The right that an act on a workload lacks, as far as the cluster has said.
#[must_use]
pub fn denied(state: &State, target: &Target, kind: ActKind) -> Option<(AccessQuery, AccessAnswer)> {
    // no refusal at all is the common case, and costs nothing
    if state.world.access.values().all(|answer| answer.allowed) {
        return None;
    }
    let watched = state.world.workloads.get(target)?;
    of_act(watched, kind, state.now).into_iter().find_map(|query| {
        let answer = refusal(state, &query)?.clone();
        Some((query, answer))
    })
}
