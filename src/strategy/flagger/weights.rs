//! Where the traffic goes by the live objects, and the request that brings it back to the primary.
//!
//! Flagger's own status says nothing reliable about it: in `WaitingPromotion` it reads 0 while the route sends 60 %.

use serde_json::{Value, json};

use crate::model::ids::Name;
use crate::model::kind::WorkloadKind;
use crate::model::outline::Step;
use crate::model::route::{Backend, Gateway, NginxCanary, Route, Rule};
use crate::model::target::Target;
use crate::model::text::Text;
use crate::model::track::Share;
use crate::strategy::patch;

use super::pair::Pair;

/// All routes that split the traffic of this Canary.
pub(super) fn routes<'a>(pair: &Pair<'a>) -> impl Iterator<Item = &'a Route> {
    let canary = pair.canary_service();
    let splits = move |route: &&Route| {
        let names = route.services().any(|service| *service == canary);
        match route.kind {
            WorkloadKind::Ingress => names && route.canary.is_some(),
            _ => names,
        }
    };
    pair.objects.routes.iter().filter(splits)
}

/// Whether a route can be written: without one only Flagger itself moves traffic.
pub(super) fn can_move(pair: &Pair<'_>) -> bool {
    routes(pair).next().is_some()
}

/// Whether the provider moves no weights at all: the apex Service selects the primary, always.
pub(super) fn by_selector(pair: &Pair<'_>) -> bool {
    pair.canary.spec.provider.starts_with("kubernetes")
}

/// Whether nobody but Flagger can move the traffic: its routes are of a kind that is not read here.
pub(super) fn only_flagger(pair: &Pair<'_>) -> bool {
    !can_move(pair) && !by_selector(pair)
}

/// The share of the target that a request without any mark meets: the last rule that names it, as the rules with header
/// and cookie matches come first.
pub(super) fn live(pair: &Pair<'_>) -> Option<Share> {
    let route = match routes(pair).next() {
        Some(route) => route,
        None if by_selector(pair) => return by_endpoints(pair),
        None => return None,
    };
    let from = format!("{} {}", route.kind, route.face.metadata.name);
    if let Some(canary) = &route.canary {
        return Share::new(weight_of(canary), canary.total, &from);
    }
    let service = pair.canary_service();
    let rule = route.rules.iter().rev().find(|rule| names(rule, &service))?;
    Share::new(part(rule, &service), rule.backends.iter().map(|backend| backend.weight).sum(), &from)
}

/// Ready endpoints of the apex Service that are pods of the target.
fn by_endpoints(pair: &Pair<'_>) -> Option<Share> {
    let apex = pair.objects.services.iter().find(|service| service.name.as_str() == pair.apex())?;
    let target = pair.target()?;
    let own: Vec<&Name> = pair.pods(target).map(|pod| &pod.name).collect();
    let ready = || apex.endpoints.iter().flatten().filter(|endpoint| endpoint.ready);
    let part = ready().filter(|one| one.pod.as_ref().is_some_and(|pod| own.contains(&pod))).count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Share::new(count(part), count(ready().count()), &format!("endpoints of {}", apex.name))
}

fn weight_of(canary: &NginxCanary) -> i64 {
    canary.weight.as_ref().and_then(|weight| weight.parse().ok()).unwrap_or(0)
}

fn names(rule: &Rule, service: &Name) -> bool {
    rule.backends.iter().any(|backend| backend.service == *service)
}

fn part(rule: &Rule, service: &Name) -> i64 {
    rule.backends.iter().filter(|backend| backend.service == *service).map(|backend| backend.weight).sum()
}

/// Rules beyond the plain one: header and cookie matches that send requests to the target whatever its weight.
pub(super) fn also(pair: &Pair<'_>) -> Vec<Text> {
    let service = pair.canary_service();
    let mut lines = Vec::new();
    for route in routes(pair) {
        for rule in route.rules.iter().filter(|rule| !rule.matches.is_empty() && names(rule, &service)) {
            let sum: i64 = rule.backends.iter().map(|backend| backend.weight).sum();
            let matches: Vec<&str> = rule.matches.iter().map(Text::as_str).collect();
            let matches = matches.join(" or ");
            lines.push(Text::clean(&format!("{matches}: {} of {sum} to {service}", part(rule, &service))));
        }
        if let Some(canary) = &route.canary {
            let rules: Vec<String> =
                canary.rules.iter().map(|(key, value)| format!("{key}={value}")).collect();
            if !rules.is_empty() {
                lines.push(Text::clean(&format!("{}: to {service}", rules.join(" and "))));
            }
            if canary.sticky {
                lines.push(Text::clean("whoever met the canary stays with it (cookie affinity)"));
            }
        }
    }
    lines
}

/// Whether any rule of any route can send a request to the target.
pub(super) fn reaches_target(pair: &Pair<'_>) -> bool {
    let service = pair.canary_service();
    let rules = routes(pair).any(|route| sends(route, &service));
    rules || (by_selector(pair) && by_endpoints(pair).is_some_and(|share| share.part > 0))
}

fn sends(route: &Route, service: &Name) -> bool {
    match &route.canary {
        Some(canary) => weight_of(canary) > 0 || !canary.rules.is_empty(),
        None => route.rules.iter().any(|rule| part(rule, service) > 0),
    }
}

/// At rest by its phase, and not as a Canary at rest should be: the phase alone proves nothing.
pub(super) fn astray(pair: &Pair<'_>) -> bool {
    let target = || pair.target().is_some_and(|target| target.wanted() > 0);
    pair.phase().at_rest() && (reaches_target(pair) || target())
}

/// Whether whoever carries the traffic has taken the routes as they are, as far as it says so.
pub(super) fn taken(pair: &Pair<'_>) -> bool {
    routes(pair).all(|route| matches!(route.gateway, Gateway::Silent | Gateway::Accepted))
}

/// The requests that give the target nothing, in every rule of every route. `all`: also of those that give it nothing
/// now, as the next tick may.
pub(super) fn to_primary(pair: &Pair<'_>, all: bool) -> Vec<Step> {
    let service = pair.canary_service();
    let chosen = routes(pair).filter(|route| all || sends(route, &service));
    chosen.map(|route| step(pair, route)).collect()
}

fn step(pair: &Pair<'_>, route: &Route) -> Step {
    let meta = &route.face.metadata;
    let target = Target::new(route.kind, pair.objects.target.namespace.as_str(), meta.name.as_str());
    let operations = match &route.canary {
        Some(canary) => on_ingress(route, canary),
        None => on_rules(pair, route),
    };
    Step {
        does: Text::clean(&format!("give the target no traffic in {} {}", route.kind, meta.name)),
        request: patch::request(&target, "", &operations),
    }
}

/// Names and the generation are tested: status does not move a route's generation, and names alone pass on the wrong rule
/// when one was inserted above (seen).
fn on_rules(pair: &Pair<'_>, route: &Route) -> Vec<Value> {
    let meta = &route.face.metadata;
    let (primary, canary) = (pair.primary_service(), pair.canary_service());
    let mut tests =
        vec![patch::test_uid(&meta.uid), patch::test("/metadata/generation", json!(meta.generation))];
    let mut writes = Vec::new();
    let name = if route.kind == WorkloadKind::VirtualService { "destination" } else { "name" };
    for rule in route.rules.iter().filter(|rule| names(rule, &canary)) {
        let share = |backend: &Backend| match &backend.service {
            service if *service == canary => Some(0),
            service if *service == primary => Some(100),
            _ => None,
        };
        for (at, backend) in rule.backends.iter().enumerate() {
            let path = format!("{}/{at}", rule.pointer);
            tests.push(patch::test(&format!("{path}/{name}"), backend.destination.clone()));
            writes.extend(share(backend).map(|weight| patch::add(&format!("{path}/weight"), json!(weight))));
        }
    }
    tests.extend(writes);
    tests
}

/// Annotations move no generation, and header and cookie rules win over every weight.
fn on_ingress(route: &Route, canary: &NginxCanary) -> Vec<Value> {
    let path = |name: &str| {
        let key = format!("{}/{name}", canary.prefix);
        format!("/metadata/annotations/{}", patch::escape(&key))
    };
    let mut operations =
        vec![patch::test_uid(&route.face.metadata.uid), patch::test(&path("canary"), json!("true"))];
    operations.push(patch::add(&path("canary-weight"), json!("0")));
    operations.extend(canary.rules.iter().map(|(key, _)| patch::remove(&path(key))));
    operations
}
