//! `rollback` and `emergency`.

use super::super::fields::{Fields, word};
use super::super::names::{Kind, Names};
use super::super::rules::{Findings, Rule};
use super::super::schema;
use super::super::tree::{Node, Value};
use super::super::words::{StopWord, TwoStep};
use crate::model::Text;
use crate::model::ids::{ComponentId, GateId, RuleId, TriggerId};
use crate::model::measure::Span;
use crate::model::plan::{
    COUNTDOWN, Emergency, EvidenceFirst, HOOK_TIMEOUT, REHEARSED_WITHIN, ROLLBACK_TARGET, Rollback,
    StopAction, Trigger, TriggerAction, TriggerOn,
};

/// Longest time that a hook may hold the stop up.
const LONGEST_HOOK: Span = Span(30);

/// Reads `rollback`; its defaults where there is none.
pub(super) fn read(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Rollback {
    let fields = file.get("rollback").and_then(|node| Fields::read(node, &schema::ROLLBACK, found));
    let Some(fields) = fields else { return Rollback::default() };
    let nodes = fields.list("triggers", found);
    Rollback {
        triggers: nodes.iter().filter_map(|node| read_trigger(node, names, found)).collect(),
        order: fields.word("order", found).unwrap_or_default(),
        target_time: fields.span("target_time", found).unwrap_or(ROLLBACK_TARGET),
        verify: fields.refer::<GateId>("verify", Kind::Gate, names, found),
        db_policy: fields.word("db_policy", found).unwrap_or_default(),
        evidence_first: fields
            .get("evidence_first")
            .and_then(|node| read_evidence(node, found))
            .unwrap_or_default(),
    }
}

fn read_trigger(node: &Node, names: &mut Names, found: &mut Findings) -> Option<Trigger> {
    let fields = Fields::read(node, &schema::TRIGGER, found)?;
    let id = fields.id(found);
    if let Some((id, spot)) = id {
        names.give(Kind::Trigger, id, spot, found);
    }
    let on = match fields.only(&["rule", "gate", "text"], found) {
        Some("rule") => fields.refer::<RuleId>("rule", Kind::Rule, names, found).map(TriggerOn::Rule),
        Some("gate") => fields.refer::<GateId>("gate", Kind::Gate, names, found).map(TriggerOn::Gate),
        Some(_) => fields.text("text", found).map(TriggerOn::Text),
        None => None,
    };
    let action = fields.word::<TriggerAction>("action", found).unwrap_or_default();
    if action == TriggerAction::ArmedAuto && matches!(on, Some(TriggerOn::Text(_))) {
        let message = "a text cannot start a roll-back by itself: nobody reads it for the console";
        found.advise(
            Rule::Value,
            fields.place("action"),
            message,
            "name a `rule` or a `gate`, or `action: propose`",
        );
    }
    let veto_roles: Vec<Text> =
        fields.words("veto_roles", found).into_iter().map(|(word, _)| Text::clean(word)).collect();
    for key in ["countdown", "veto_roles"] {
        if action == TriggerAction::Propose && fields.get(key).is_some() {
            let message = format!("`{key}` does nothing where a roll-back is only proposed");
            found.advise(
                Rule::Value,
                fields.place(key),
                message,
                "write `action: armed-auto`, or take it out",
            );
        }
    }
    let countdown = fields.span("countdown", found).unwrap_or(COUNTDOWN);
    let scope = fields.word("scope", found).unwrap_or_default();
    Some(Trigger { id: TriggerId::from(id?.0), on: on?, action, countdown, veto_roles, scope })
}

fn read_evidence(node: &Node, found: &mut Findings) -> Option<EvidenceFirst> {
    let fields = Fields::read(node, &schema::EVIDENCE_FIRST, found)?;
    let usual = EvidenceFirst::default();
    let unless_no = |key, found: &mut Findings| fields.get(key).is_none() || fields.flag(key, found);
    let seconds = fields.whole("max_seconds", found).unwrap_or(usual.max.seconds());
    if seconds > 30 {
        let message = format!("{seconds} s of evidence before a roll-back hold it up: at most 30");
        found.add(Rule::Value, fields.place("max_seconds"), message);
    }
    Some(EvidenceFirst {
        logs: unless_no("logs", found),
        events: unless_no("events", found),
        objects: unless_no("objects", found),
        max: Span(seconds),
    })
}

/// Reads `emergency`; its defaults where there is none.
pub(super) fn read_emergency(file: &Fields<'_>, names: &mut Names, found: &mut Findings) -> Emergency {
    let fields = file.get("emergency").and_then(|node| Fields::read(node, &schema::EMERGENCY, found));
    let Some(fields) = fields else { return Emergency::default() };
    // there is one way to confirm; naming it is allowed
    let _: Option<TwoStep> = fields.word("confirm", found);
    let rehearsed = fields.get("rehearsed").and_then(|node| Fields::read(node, &schema::REHEARSED, found));
    let nodes = fields.filled_list("stop", found);
    let stop: Vec<StopAction> = nodes.iter().filter_map(|node| read_action(node, names, found)).collect();
    check_order(nodes, &stop, found);
    Emergency {
        stop,
        who: fields.words("who", found).into_iter().map(|(word, _)| Text::clean(word)).collect(),
        rehearsed_within: rehearsed.map(|fields| fields.span("max_age", found).unwrap_or(REHEARSED_WITHIN)),
    }
}

/// What protects the business comes before what moves pods.
fn check_order(nodes: &[Node], stop: &[StopAction], found: &mut Findings) {
    if nodes.len() != stop.len() {
        return;
    }
    let first_other = stop.iter().position(|action| !matches!(action, StopAction::Hook { .. }));
    for (at, (node, action)) in nodes.iter().zip(stop).enumerate() {
        if let StopAction::Hook { id, .. } = action
            && first_other.is_some_and(|other| other < at)
        {
            let message = format!("hook `{id}` comes after the cluster was touched");
            found.advise(Rule::Value, node.spot, message, "hooks stand first");
        }
    }
}

fn read_action(node: &Node, names: &mut Names, found: &mut Findings) -> Option<StopAction> {
    if !matches!(node.value, Value::Map(_)) {
        return Some(match word::<StopWord>(node, "stop", found)? {
            StopWord::Abort => StopAction::Abort { components: Vec::new() },
            StopWord::SwitchBack => StopAction::SwitchBack { components: Vec::new() },
        });
    }
    let fields = Fields::read(node, &schema::STOP_ACTION, found)?;
    let action = fields.only(&["hook", "abort", "switch-back", "scale"], found)?;
    for (key, owner) in [("run", "hook"), ("timeout", "hook"), ("replicas", "scale")] {
        if action != owner && fields.get(key).is_some() {
            found.add(
                Rule::UnknownKey,
                fields.place(key),
                format!("`{key}` belongs to `{owner}`, not to `{action}`"),
            );
        }
    }
    let components = |names: &mut Names, found: &mut Findings| {
        fields.refers::<ComponentId>(action, Kind::Component, names, found)
    };
    match action {
        "hook" => read_hook(&fields, found),
        "abort" => Some(StopAction::Abort { components: components(names, found) }),
        "switch-back" => Some(StopAction::SwitchBack { components: components(names, found) }),
        _ => {
            let component = fields.refer::<ComponentId>("scale", Kind::Component, names, found);
            let replicas = fields.small::<u32>("replicas", found);
            if fields.get("replicas").is_none() {
                found.add(Rule::Missing, fields.spot(), "`scale` lacks `replicas`");
            }
            Some(StopAction::Scale { component: component?, replicas: replicas? })
        }
    }
}

fn read_hook(fields: &Fields<'_>, found: &mut Findings) -> Option<StopAction> {
    let id = fields.slug("hook", found);
    let run: Vec<String> = fields.words("run", found).into_iter().map(|(word, _)| word.to_owned()).collect();
    if run.is_empty() {
        let advice = "write `run: [program, argument]`";
        found.advise(Rule::Missing, fields.spot(), "a hook lacks `run`", advice);
    }
    let timeout = fields.span("timeout", found).unwrap_or(HOOK_TIMEOUT);
    if timeout.is_zero() || timeout > LONGEST_HOOK {
        let message = format!("a hook holds the stop up for 1s to {LONGEST_HOOK}");
        found.add(Rule::Value, fields.place("timeout"), message);
    }
    Some(StopAction::Hook { id: id?.0.to_owned(), run, timeout })
}
