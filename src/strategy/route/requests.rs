//! The one request that sets a share: operations for each kind of route.

use serde_json::{Value, json};

use crate::model::kind::WorkloadKind;
use crate::model::outline::{Refusal, RefusalKind, Step};
use crate::model::route::{Backend, NginxCanary};
use crate::model::text::Text;
use crate::strategy::patch;

use super::arms::{Arm, Split, rule_words};

/// The largest weight that Gateway API takes.
const LARGEST: i64 = 1_000_000;

/// The request that gives an arm this share in every rule that names both. `raises`: whether the act raises risk, and so
/// tests every field that its sheet shows.
pub(super) fn step(split: &Split<'_>, arm: &Arm<'_>, percent: u32, raises: bool) -> Result<Step, Refusal> {
    let candidate = arm.name() == split.candidate.name();
    let share = if candidate { percent } else { 100_u32.saturating_sub(percent) };
    let operations = match &split.route.canary {
        Some(canary) => on_ingress(split, canary, share, raises)?,
        None => on_rules(split, share, raises)?,
    };
    Ok(Step {
        does: Text::clean(&format!("set {} to {percent} %", arm.name())),
        request: patch::request(&split.objects.target, "", &operations),
    })
}

fn on_rules(split: &Split<'_>, percent: u32, raises: bool) -> Result<Vec<Value>, Refusal> {
    let meta = &split.route.face.metadata;
    let mut operations =
        vec![patch::test_uid(&meta.uid), patch::test("/metadata/generation", json!(meta.generation))];
    let istio = split.objects.target.kind == WorkloadKind::VirtualService;
    let mut writes = Vec::new();
    for (rule, stable, candidate) in split.shared() {
        let words = rule_words(rule);
        let twice = |arm: &Arm<'_>| rule.backends.iter().filter(|backend| arm.is(backend)).count() > 1;
        if twice(&split.stable) || twice(&split.candidate) {
            let why = format!("{words} names one Service twice: its share is not one weight");
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("edit that rule by hand"));
        }
        let weights = shares(&rule.backends, stable, candidate, percent, istio).ok_or_else(|| {
            let why = format!("{words} has a third backend: {percent} % of the other two is no whole weight");
            Refusal::new(RefusalKind::BadArgument, why).with_remedy("choose another share")
        })?;
        for (at, backend) in rule.backends.iter().enumerate() {
            let path = format!("{}/{at}", rule.pointer);
            let name = if istio { "destination" } else { "name" };
            operations.push(patch::test(&format!("{path}/{name}"), backend.destination.clone()));
            if raises {
                let value = if backend.weighted { json!(backend.weight) } else { Value::Null };
                operations.push(patch::test(&format!("{path}/weight"), value));
            }
            if let Some(weight) = weights[at] {
                writes.push(patch::add(&format!("{path}/weight"), json!(weight)));
            }
        }
    }
    operations.extend(writes);
    Ok(operations)
}

/// New weights of a rule's backends, `None` for those that stay. The sum of the two is kept where the share is a whole
/// weight of it; where a third backend gets traffic, all weights grow by one factor, so that nobody's share of the rest
/// moves.
pub(super) fn shares(
    backends: &[Backend],
    stable: usize,
    candidate: usize,
    percent: u32,
    hundred: bool,
) -> Option<Vec<Option<i64>>> {
    let percent = i64::from(percent.min(100));
    let sum = backends[stable].weight + backends[candidate].weight;
    let alone = (0..backends.len()).all(|at| at == stable || at == candidate || backends[at].weight <= 0);
    let whole = |sum: i64| sum > 0 && (sum * percent) % 100 == 0;
    let mut weights = vec![None; backends.len()];
    let (sum, factor) = match (alone, whole(sum)) {
        // Istio wants a hundred in each rule
        (true, _) if hundred => (100, 1),
        (_, true) => (sum, 1),
        (true, false) => (100, 1),
        (false, false) if sum <= 0 || hundred => return None,
        (false, false) => {
            let factor = (1..=100).find(|factor| whole(sum * factor))?;
            (sum * factor, factor)
        }
    };
    let part = sum * percent / 100;
    weights[candidate] = Some(part);
    weights[stable] = Some(sum - part);
    if factor > 1 {
        for (at, weight) in weights.iter_mut().enumerate().filter(|(_, weight)| weight.is_none()) {
            *weight = Some(backends[at].weight * factor);
        }
    }
    weights.iter().flatten().all(|weight| (0..=LARGEST).contains(weight)).then_some(weights)
}

/// Annotations are strings, and they move no generation: their values are tested. A way back to 0 also takes the header
/// and cookie rules away, which win over every weight.
fn on_ingress(
    split: &Split<'_>,
    canary: &NginxCanary,
    percent: u32,
    raises: bool,
) -> Result<Vec<Value>, Refusal> {
    let scaled = i64::from(percent) * canary.total;
    if scaled % 100 != 0 {
        let why = format!("canary-weight-total is {}: {percent} % is no whole weight of it", canary.total);
        return Err(Refusal::new(RefusalKind::BadArgument, why).with_remedy("choose another share"));
    }
    let path = |name: &str| {
        let key = format!("{}/{name}", canary.prefix);
        format!("/metadata/annotations/{}", patch::escape(&key))
    };
    let mut operations =
        vec![patch::test_uid(&split.route.face.metadata.uid), patch::test(&path("canary"), json!("true"))];
    if raises {
        let value = canary.weight.as_ref().map_or(Value::Null, |weight| json!(weight));
        operations.push(patch::test(&path("canary-weight"), value));
        operations.extend(canary.rules.iter().map(|(key, value)| patch::test(&path(key), json!(value))));
    }
    operations.push(patch::add(&path("canary-weight"), json!((scaled / 100).to_string())));
    if percent == 0 {
        operations.extend(canary.rules.iter().map(|(key, _)| patch::remove(&path(key))));
    }
    Ok(operations)
}
