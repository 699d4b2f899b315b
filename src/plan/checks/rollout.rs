//! Strategies against the components that use them: who steers, how long the old version stays.

use super::super::rules::{Findings, Rule};
use super::super::tree::Node;
use super::{Part, spot};
use crate::model::kind::WorkloadKind;
use crate::model::plan::{Component, Gravity, Mechanism, Plan, ProbeFrom, Strategy, StrategyKind};
use crate::model::rule::{Share, Span};

pub(super) fn check(plan: &Plan, root: &Node, found: &mut Findings) {
    check_pods(plan, root, found);
    for (at, component) in plan.components.iter().enumerate() {
        let path = |key| [Part::Key("components"), Part::At(at), Part::Key(key)];
        check_window(plan, component, spot(root, &path("undo_window")), found);
        let Some(strategy) = plan.strategy_of(component) else { continue };
        check_split(component, strategy, spot(root, &path("strategy")), found);
        check_drivers(component, strategy, spot(root, &path("strategy")), found);
        check_cleanup(component, strategy, spot(root, &path("strategy")), found);
    }
}

/// A probe through the pod proxy needs to know whose pods it asks.
fn check_pods(plan: &Plan, root: &Node, found: &mut Findings) {
    for (at, probe) in plan.probes.iter().enumerate() {
        let asked = plan.components.iter().any(|component| {
            let preview = plan.strategy_of(component).and_then(|strategy| match &strategy.kind {
                StrategyKind::BlueGreen(switch) => switch.preview_probe.as_ref(),
                StrategyKind::Rolling | StrategyKind::Canary(_) | StrategyKind::Recreate => None,
            });
            component.probes.contains(&probe.id) || preview == Some(&probe.id)
        });
        if probe.from == ProbeFrom::PodProxy && !asked {
            let message =
                format!("probe `{}` asks pods, and no component says that they are its own", probe.id);
            let advice = format!("write `probes: [{}]` at the component", probe.id);
            found.advise(
                Rule::Missing,
                spot(root, &[Part::Key("probes"), Part::At(at), Part::Key("from")]),
                message,
                advice,
            );
        }
    }
}

/// Longest bake of a strategy.
fn longest_bake(strategy: &Strategy) -> Span {
    match &strategy.kind {
        StrategyKind::Canary(steps) => steps.iter().map(|step| step.bake).max().unwrap_or_default(),
        StrategyKind::Rolling | StrategyKind::BlueGreen(_) | StrategyKind::Recreate => Span::ZERO,
    }
}

/// The way back must be there while somebody may still need it.
fn check_window(plan: &Plan, component: &Component, spot: super::Spot, found: &mut Findings) {
    let bake = plan.strategy_of(component).map(longest_bake).unwrap_or_default();
    let target = plan.rollback.target_time;
    let (least, why) =
        if bake > target { (bake, "its longest bake") } else { (target, "the roll-back's target time") };
    if !component.workloads.is_empty() && component.undo_window < least {
        let message = format!(
            "the old version of {} stays ready for {}, less than {why} of {least}",
            component.id, component.undo_window
        );
        found.warn(Rule::UndoWindow, spot, message);
    }
}

/// A Service matches or does not match: it gives no part of the traffic.
fn check_split(component: &Component, strategy: &Strategy, spot: super::Spot, found: &mut Findings) {
    let StrategyKind::Canary(steps) = &strategy.kind else { return };
    let Some(traffic) = &component.traffic else { return };
    let part = steps.iter().find(|step| step.to < Share::WHOLE);
    if let Some(step) = part
        && !traffic.mechanism.splits()
    {
        let message = format!(
            "`{}` shifts all traffic or none, and this canary has a step to {}",
            traffic.mechanism, step.to
        );
        let advice =
            "use `kind: blue-green`, or a mechanism that splits: `httproute`, `istio`, `ingress-annotation`";
        found.advise(Rule::NoShift, spot, message, advice);
    }
}

/// Where a controller drives the steps, a strategy of the console would be a second driver.
fn check_drivers(component: &Component, strategy: &Strategy, spot: super::Spot, found: &mut Findings) {
    let by_mechanism = component.traffic.as_ref().map(|traffic| traffic.mechanism).filter(|m| m.driven());
    let by_kind = component.workloads.iter().find_map(|workload| match workload.kind {
        WorkloadKind::Rollout => Some(Mechanism::Rollout),
        WorkloadKind::Canary => Some(Mechanism::Canary),
        _ => None,
    });
    let steps = matches!(strategy.kind, StrategyKind::Canary(_) | StrategyKind::BlueGreen(_));
    if let Some(driver) = by_mechanism.or(by_kind)
        && steps
    {
        let controller = if driver == Mechanism::Rollout { "Argo Rollouts" } else { "Flagger" };
        let message = format!(
            "{controller} drives {} by the steps of its own object: this strategy would be a second driver",
            component.id
        );
        let advice = "take `strategy` out, and change the steps at that object".to_owned();
        found.weigh(Gravity::Warning, Rule::TwoDrivers, spot, message, Some(advice));
    }
}

fn check_cleanup(component: &Component, strategy: &Strategy, spot: super::Spot, found: &mut Findings) {
    let Some(cleanup) = &strategy.cleanup else { return };
    if cleanup.after < component.undo_window {
        let message = format!(
            "the old version of {} is cleaned up after {}, before its undo window of {} ends",
            component.id, cleanup.after, component.undo_window
        );
        found.warn(Rule::Cleanup, spot, message);
    } else if let StrategyKind::BlueGreen(switch) = &strategy.kind
        && cleanup.after < switch.keep_old_for
    {
        let message = format!(
            "the old side is cleaned up after {}, and kept for {}",
            cleanup.after, switch.keep_old_for
        );
        found.warn(Rule::Cleanup, spot, message);
    }
}
