//! A plan in words: what it will do, in which order, and what each gate proves.

use super::checks::{Need, needs};
use crate::model::ids::ComponentId;
use crate::model::plan::{
    Advance, BlueGreen, Component, Dependency, Plan, Step, StopAction, Strategy, StrategyKind, TriggerAction,
    TriggerOn,
};
use crate::model::rule::{Condition, Gate, MinSamples, Rule, Severity, When};

/// The plan, line by line; an empty line stands between its parts.
#[must_use]
pub fn explain(plan: &Plan) -> Vec<String> {
    let release = &plan.release;
    let from = release.previous.as_ref().map(|before| format!("{before} → ")).unwrap_or_default();
    let mut lines = vec![format!("{} ({}): {from}{}", plan.title, plan.id, release.version)];
    for environment in &plan.environments {
        let contexts: Vec<&str> =
            environment.contexts.iter().map(|context| context.context.as_str()).collect();
        lines.push(format!("in {}: context {}", environment.id, contexts.join(", ")));
    }
    for (at, component) in plan.in_order().into_iter().enumerate() {
        lines.push(String::new());
        lines.extend(of_component(plan, at + 1, component));
    }
    if !plan.rules.is_empty() {
        lines.push(String::new());
        lines.push("Rules".to_owned());
        lines.extend(plan.all_rules().iter().map(|rule| format!("  {}", of_rule(plan, rule))));
    }
    lines.push(String::new());
    lines.extend(of_rollback(plan));
    lines.push(String::new());
    lines.extend(of_stop(plan));
    lines
}

fn of_component(plan: &Plan, number: usize, component: &Component) -> Vec<String> {
    let after: Vec<&str> = component
        .depends_on
        .iter()
        .filter(|(_, kind)| **kind == Dependency::Deploy)
        .map(|(on, _)| on.as_str())
        .collect();
    let after = if after.is_empty() { String::new() } else { format!(", after {}", after.join(" and ")) };
    let mut lines = vec![format!("{number}. {} ({}){after}", component.title, component.id)];
    if component.workloads.is_empty() {
        lines.push("   runs outside the cluster: the console does not touch it".to_owned());
        return lines;
    }
    let workloads: Vec<String> =
        component.workloads.iter().map(|target| format!("{target} in {}", target.namespace)).collect();
    lines.push(format!("   {}", workloads.join(", ")));
    if let Some(traffic) = &component.traffic {
        let refs: Vec<String> = traffic.refs.iter().map(ToString::to_string).collect();
        let by = if refs.is_empty() { String::new() } else { format!(" {}", refs.join(", ")) };
        lines.push(format!("   traffic by {}{by}", traffic.mechanism));
    }
    match plan.strategy_of(component) {
        Some(strategy) => lines.extend(of_strategy(plan, strategy)),
        None => lines.push("   rolled out as its objects say; the console finds out by itself".to_owned()),
    }
    if let Some(gate) = component.validate.as_ref().and_then(|id| plan.gate(id)) {
        lines.push(format!("   then {}", of_gate(gate)));
    }
    lines.push(way_back(component));
    if component.stop_never {
        lines.push("   the emergency stop only holds it".to_owned());
    }
    lines
}

fn way_back(component: &Component) -> String {
    let methods: Vec<&str> = component.undo.iter().map(|undo| undo.method.word()).collect();
    let by = if methods.is_empty() { "as the console finds it".to_owned() } else { methods.join(", then ") };
    format!("   way back: {by}; the old version stays ready for {}", component.undo_window)
}

fn of_strategy(plan: &Plan, strategy: &Strategy) -> Vec<String> {
    let deadline = strategy.deadline.map(|time| format!(", in {time} at most")).unwrap_or_default();
    let mut lines = vec![format!("   {} `{}`{deadline}", strategy.kind.word(), strategy.id)];
    match &strategy.kind {
        StrategyKind::Canary(steps) => {
            for (at, step) in steps.iter().enumerate() {
                lines.extend(of_step(plan, at + 1, step));
            }
        }
        StrategyKind::BlueGreen(switch) => lines.extend(of_switch(switch)),
        StrategyKind::Rolling => lines.push("     Kubernetes replaces the pods by itself".to_owned()),
        StrategyKind::Recreate => {
            lines.push(
                "     all old pods end before the first new one starts: it is down in between".to_owned(),
            );
        }
    }
    let deeds = &strategy.on_breach;
    lines.push(format!(
        "     on breach: warning {}, critical {}, emergency {}",
        deeds.warning, deeds.critical, deeds.emergency
    ));
    if let Some(cleanup) = &strategy.cleanup {
        let needs = cleanup.needs.as_ref().map(|gate| format!(", if gate {gate} is met")).unwrap_or_default();
        lines.push(format!("     clean-up of the old version after {}{needs}", cleanup.after));
    }
    lines
}

fn of_switch(switch: &BlueGreen) -> Vec<String> {
    let mut lines = Vec::new();
    let side = |name: &Option<crate::model::ids::Name>, usual: &str| {
        name.as_ref().map_or_else(|| usual.to_owned(), ToString::to_string)
    };
    let (old, new) = (side(&switch.stable_name, "the stable side"), side(&switch.new_name, "the new side"));
    lines.push(format!("     {new} is brought up, with {}× the ready pods of {old}", switch.capacity_factor));
    if let Some(probe) = &switch.preview_probe {
        lines.push(format!("     probe {probe} must answer as it should"));
    }
    let who = goes_on(switch.switch);
    lines.push(format!("     all traffic goes to {new}; {who}; {old} stays for {}", switch.keep_old_for));
    lines
}

const fn goes_on(advance: Advance) -> &'static str {
    match advance {
        Advance::Manual => "a person goes on",
        Advance::AutoWhenArmed => "goes on by itself where a person armed that",
    }
}

fn of_step(plan: &Plan, number: usize, step: &Step) -> Vec<String> {
    let bake = if step.bake.is_zero() { String::new() } else { format!(", bakes {}", step.bake) };
    let who = if step.hold { "holds until a person resumes" } else { goes_on(step.advance) };
    let mut lines = vec![format!("     step {number}: {} of the traffic{bake}; {who}", step.to)];
    let Some(gate) = step.gate.as_ref().and_then(|id| plan.gate(id)) else { return lines };
    lines.push(format!("       {}", of_gate(gate)));
    lines.extend(needs(plan, step, gate).iter().map(|need| format!("       {}", of_need(step, need))));
    lines
}

fn of_gate(gate: &Gate) -> String {
    let asks: Vec<String> = gate.all_of.iter().map(Condition::to_string).collect();
    let lasts = if gate.lasts.is_zero() { String::new() } else { format!(", for {}", gate.lasts) };
    format!("gate {}: {}{lasts}", gate.id, asks.join(", "))
}

fn of_need(step: &Step, need: &Need<'_>) -> String {
    let id = &need.metric.id;
    let claim = match step.min_samples {
        MinSamples::Auto => format!("{id} under {}", need.target),
        MinSamples::AtLeast(_) => {
            format!("{id} under {:.2} % (its target is {})", need.shows().percent(), need.target)
        }
    };
    let seen = match need.forecast {
        None => "how long that takes, the traffic decides".to_owned(),
        Some((seen, _)) if seen >= need.samples => format!("the bake sees {seen}"),
        Some((seen, takes)) => format!("the bake sees {seen}, so the step takes {takes}"),
    };
    format!("proves {claim}: {} samples without a failure; {seen}", need.samples)
}

fn of_rule(plan: &Plan, rule: &Rule) -> String {
    let metric = rule.metric.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
    let lasts = if rule.lasts.is_zero() { String::new() } else { format!(" for {}", rule.lasts) };
    let does = if rule.deeds.is_empty() {
        if rule.severity == Severity::Notice { " (note)".to_owned() } else { String::new() }
    } else {
        let deeds: Vec<&str> = rule.deeds.iter().map(|deed| deed.word()).collect();
        format!(" ({})", deeds.join(", "))
    };
    let derived = if plan.rule(&rule.id).is_some() { "" } else { ", derived from the target" };
    format!("{}: {} if {metric}{}{lasts}{does}{derived}", rule.id, rule.severity, of_when(&rule.when))
}

fn of_when(when: &When) -> String {
    use crate::model::rule::Reference;
    let of = |reference: &Reference| match reference {
        Reference::Target => "its target".to_owned(),
        Reference::Baseline => "its baseline".to_owned(),
        Reference::Stable => "the stable version".to_owned(),
        Reference::Metric(id) => id.to_string(),
    };
    let all = |parts: &[When], word: &str| parts.iter().map(of_when).collect::<Vec<_>>().join(word);
    match when {
        When::Value(is) => format!("is {is}"),
        When::RatioTo { of: reference, is } => format!("divided by {} is {is}", of(reference)),
        When::DifferenceTo { of: reference, is } => format!("less {} is {is}", of(reference)),
        When::GrowthPer { per, is, window, .. } => format!("grows {is} in {per}, seen over {window}"),
        When::GrowthOver { over, is, .. } => format!("grew {is} in the last {over}"),
        When::DeltaOver { over, is } => format!("rose {is} in the last {over}"),
        When::AbsentFor { lasts } => format!("has no data for {lasts}"),
        When::Burn { budget, over, is } => format!("uses a budget of {budget} up at {is}, over {over}"),
        When::TimeTo { limit, within } => format!("reaches {} within {within}", of_limit(limit)),
        When::State { field, is } => format!("{field} is {is}"),
        When::Event { matches, over, is } => format!("events of `{matches}` in the last {over} are {is}"),
        When::Skew { versions } => format!("more than {versions} versions serve outside of a rollout"),
        When::AllOf(parts) => format!("({})", all(parts, " and ")),
        When::AnyOf(parts) => format!("({})", all(parts, " or ")),
        When::Not(part) => format!("not ({})", of_when(part)),
    }
}

fn of_limit(limit: &crate::model::rule::Limit) -> String {
    use crate::model::rule::Limit;
    match limit {
        Limit::Number(number) => number.to_string(),
        Limit::MemoryLimit => "the memory limit".to_owned(),
        Limit::MemoryRequest => "the memory request".to_owned(),
        Limit::CpuLimit => "the processor limit".to_owned(),
        Limit::CpuRequest => "the processor request".to_owned(),
        Limit::Metric(id) => id.to_string(),
    }
}

fn of_rollback(plan: &Plan) -> Vec<String> {
    let rollback = &plan.rollback;
    let mut lines = vec![format!("Roll back: dependants first, {} at most", rollback.target_time)];
    for trigger in &rollback.triggers {
        let on = match &trigger.on {
            TriggerOn::Rule(id) => format!("rule {id} is breached"),
            TriggerOn::Gate(id) => format!("gate {id} is breached"),
            TriggerOn::Text(text) => format!("somebody sees: {text}"),
        };
        let does = match trigger.action {
            TriggerAction::Propose => "is proposed".to_owned(),
            TriggerAction::ArmedAuto if trigger.countdown.is_zero() => {
                "starts at once where armed, else is proposed".to_owned()
            }
            TriggerAction::ArmedAuto => {
                format!("starts after {} where armed and not vetoed, else is proposed", trigger.countdown)
            }
        };
        lines.push(format!("  {}: when {on}, it {does}", trigger.id));
    }
    if let Some(gate) = rollback.verify.as_ref().and_then(|id| plan.gate(id)) {
        lines.push(format!("  afterwards {}", of_gate(gate)));
    }
    lines
}

fn of_stop(plan: &Plan) -> Vec<String> {
    let stop = &plan.emergency.stop;
    if stop.is_empty() {
        return vec!["Emergency stop: what each strategy has prepared, all components at once".to_owned()];
    }
    let names = |ids: &[ComponentId]| {
        let ids: Vec<&str> = ids.iter().map(ComponentId::as_str).collect();
        if ids.is_empty() { "all components at once".to_owned() } else { ids.join(", then ") }
    };
    let mut lines = vec!["Emergency stop, in this order".to_owned()];
    lines.extend(stop.iter().enumerate().map(|(at, action)| {
        let does = match action {
            StopAction::Hook { id, run, timeout } => {
                format!("hook {id}, {timeout} at most: {}", run.join(" "))
            }
            StopAction::Abort { components } => format!("abort: {}", names(components)),
            StopAction::SwitchBack { components } => format!("switch back: {}", names(components)),
            StopAction::Scale { component, replicas } => format!("scale {component} to {replicas}"),
        };
        format!("  {}. {does}", at + 1)
    }));
    lines
}
