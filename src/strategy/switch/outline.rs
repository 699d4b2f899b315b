//! What an act on a pair would send.

use serde_json::json;

use crate::model::act::{Act, ActKind};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Depth, Known, ObjectSet};
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::pod::ContainerState;
use crate::model::target::Target;
use crate::model::template::TemplateKey;
use crate::model::text::Text;
use crate::strategy::patch;

use super::evidence;
use super::sides::{Labels, Pair, Side};

/// A change of a selector reaches the endpoints within a second.
const SWITCH_SECONDS: u32 = 1;

/// The outline of any act.
pub(super) fn outline(act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
    let Some(pair) = Pair::of(objects) else {
        let why =
            format!("not possible here: {} does not tell two Deployments apart any more", objects.target);
        return Err(Refusal::new(RefusalKind::Changed, why));
    };
    let on = On { pair: &pair, known };
    match act {
        Act::Hold => Err(on.nothing("nothing advances it by itself: there is nothing to hold")),
        Act::Resume => Err(on.nothing("nothing is held: only a switch moves its traffic")),
        Act::Promote => on.promote(ActKind::Promote),
        Act::PromoteFull => on.promote(ActKind::PromoteFull),
        Act::SetWeight { percent } => Err(On::no_weight(*percent)),
        Act::Retry => {
            Err(not_here("there is no aborted update to try again", "P switches to the other side"))
        }
        Act::RollBack { to } => on.roll_back(to.as_ref()),
        Act::Restart { .. } => Err(on.on_its_deployments("restart")),
        Act::Scale { .. } => Err(on.on_its_deployments("scale")),
        Act::SetImage { .. } => Err(on.on_its_deployments("set-image")),
        Act::Stop => on.stop(),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }
}

/// What a switch to a side needs now.
pub(super) enum Way {
    /// The side is big enough.
    Open,
    /// It has to be scaled to this size first.
    Scale(i64),
    /// It is of that size already, and its pods have to become ready.
    Wait,
}

/// The load that a side would take over: ready endpoints that are not its own.
pub(super) fn load_for(pair: &Pair<'_>, side: &Side<'_>) -> i64 {
    pair.load() - side.serves
}

/// What a switch to a side needs.
pub(super) fn way_to(pair: &Pair<'_>, side: &Side<'_>) -> Way {
    let load = load_for(pair, side);
    if pair.standing_by(side) >= load.max(1) {
        return Way::Open;
    }
    let asked = pair.named().map_or(1, |named| named.deployment.wanted());
    // with nobody serving, the size that was asked for is the best guess of the load
    let needed = if load == 0 { asked } else { load };
    let wanted = side.deployment.wanted();
    if wanted < needed.max(1) { Way::Scale(needed.max(1)) } else { Way::Wait }
}

/// The one request that moves the traffic. The whole map is tested and the whole map is replaced: a merge would keep a
/// stray key, and a second console that switches at the same moment fails the test.
pub(super) fn switch_step(pair: &Pair<'_>, side: &Side<'_>) -> Option<Step> {
    let selector = pair.selector_for(side)?;
    let operations = [
        patch::test_uid(&pair.service.face.metadata.uid),
        patch::test("/spec/selector", json!(pair.service.selector)),
        patch::replace("/spec/selector", json!(selector)),
    ];
    Some(Step {
        does: Text::clean(&format!("select {}={} and nothing else", pair.key, side.value)),
        request: patch::request(&pair.objects.target, "", &operations),
    })
}

/// The request that makes a side big enough. Only the uid is tested: an autoscaler moves the size all the while.
pub(super) fn scale_step(pair: &Pair<'_>, side: &Side<'_>, replicas: i64) -> Step {
    let meta = &side.deployment.metadata;
    let target =
        Target::new(WorkloadKind::Deployment, pair.objects.target.namespace.as_str(), meta.name.as_str());
    let operations = [patch::test_uid(&meta.uid), patch::replace("/spec/replicas", json!(replicas))];
    Step {
        does: Text::clean(&format!("scale {} to {replicas}", meta.name)),
        request: patch::request(&target, "scale", &operations),
    }
}

struct On<'p, 'a> {
    pair: &'p Pair<'a>,
    known: &'p Known,
}

impl<'p, 'a> On<'p, 'a> {
    fn name(&self) -> &str {
        self.pair.objects.target.name.as_str()
    }

    fn nothing(&self, why: &str) -> Refusal {
        Refusal::new(RefusalKind::NothingToDo, format!("{}: {why}", self.name()))
    }

    fn on_its_deployments(&self, act: &str) -> Refusal {
        let names: Vec<&str> =
            (self.pair.sides.iter()).map(|side| side.deployment.metadata.name.as_str()).collect();
        not_here(
            &format!("{act} is for pods, and a Service has none"),
            &format!("{act} one of its sides: Deployment {}", names.join(" or ")),
        )
    }

    fn no_weight(percent: u32) -> Refusal {
        not_here(
            &format!(
                "a Service cannot split traffic: a weight in its selector is a label to match, which no pod \
                 carries, and {percent} % would be a total outage"
            ),
            "P switches all of it; for shares put an HTTPRoute, a VirtualService or an nginx canary Ingress in front",
        )
    }

    /// Pods and endpoints must have been read: what a switch reaches is counted on them.
    fn read(&self) -> Result<(), Refusal> {
        if self.pair.objects.depth == Depth::Listed {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "pods and endpoints not read yet"));
        }
        Ok(())
    }

    fn promote(&self, act: ActKind) -> Result<Outline, Refusal> {
        self.read()?;
        if self.pair.selects_nothing() {
            let why = format!("{} selects nothing ({})", self.name(), self.fault());
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                .with_remedy("B brings it back to a side that is ready"));
        }
        let side = self.next_side()?;
        let (ready, load) = (self.pair.standing_by(side), load_for(self.pair, side));
        let deployment = &side.deployment.metadata.name;
        if ready == 0 {
            let why = format!(
                "{} has no ready pods that {} would reach: nobody would serve",
                side.value,
                self.name()
            );
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                .with_remedy(format!("bring Deployment {deployment} up first")));
        }
        if ready < load {
            let from = self.pair.serving().map_or("the other side", |serving| serving.value);
            let why = format!("{} has {ready} ready pods, {from} carries the load with {load}", side.value);
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                .with_remedy(format!("scale Deployment {deployment} to {load} first")));
        }
        let mut outline = self.switch(act, "Switch", side)?;
        if let Some(from) = self.pair.serving() {
            outline.after.push(Text::clean(&format!(
                "keep Deployment {} as it is until the release is accepted: deleting it or scaling it down \
                 ends the fast way back",
                from.deployment.metadata.name
            )));
        }
        Ok(outline)
    }

    /// The side that a switch goes to: the other one; of several, the newest.
    fn next_side(&self) -> Result<&'p Side<'a>, Refusal> {
        let named = self.pair.named().map(|side| side.value);
        let others = self.pair.sides.iter().filter(|side| Some(side.value) != named);
        others.max_by_key(|side| side.changed()).ok_or_else(|| self.nothing("there is no other side"))
    }

    fn roll_back(&self, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
        self.read()?;
        let side = match to {
            Some(key) => {
                let chosen = self.pair.sides.iter().find(|side| side.hash().as_ref() == Some(&key.hash));
                chosen.ok_or_else(|| {
                    Refusal::new(RefusalKind::Changed, "that side is gone, or has another template now")
                })?
            }
            None => evidence::best(self.pair, self.known).ok_or_else(Self::none_known_good)?,
        };
        self.back(ActKind::RollBack, "Switch back", side)
    }

    fn stop(&self) -> Result<Outline, Refusal> {
        self.read()?;
        if !self.pair.in_flight(self.known) {
            return Err(self.nothing("at rest"));
        }
        let candidate = self.pair.candidate(self.known).map(|side| side.value);
        if let Some(named) = self.pair.named()
            && Some(named.value) != candidate
            && !self.pair.dark()
        {
            let why =
                format!("{} serves, and nothing is on its way to {}", named.value, candidate.unwrap_or("it"));
            return Err(self.nothing(&why));
        }
        let side = evidence::best(self.pair, self.known).ok_or_else(Self::none_known_good)?;
        self.back(ActKind::Stop, "Stop", side)
    }

    fn none_known_good() -> Refusal {
        Refusal::new(RefusalKind::NoneKnownGood, "no side is known good").with_remedy("choose one with B")
    }

    /// The way back; where the side is too small, it is scaled first, and its pods are waited for.
    fn back(&self, act: ActKind, verb: &str, side: &Side<'_>) -> Result<Outline, Refusal> {
        let mut outline = self.switch(act, verb, side)?;
        outline.good = Some(evidence::words(self.pair, side, self.known));
        let (ready, load) = (self.pair.standing_by(side), load_for(self.pair, side));
        let start = start_seconds(self.pair);
        match way_to(self.pair, side) {
            Way::Open => {}
            Way::Scale(replicas) => {
                outline.steps.insert(0, scale_step(self.pair, side, replicas));
                outline.effect.insert(
                    0,
                    Text::clean(&format!(
                        "{} has {ready} ready pods for a load of {load}: it is scaled to {replicas}, and switched to \
                         when they are ready",
                        side.value
                    )),
                );
                outline.estimate_seconds = start.map(|start| start + SWITCH_SECONDS);
            }
            Way::Wait => {
                outline.effect.insert(
                    0,
                    Text::clean(&format!(
                        "{} has {ready} ready pods for a load of {load}: the rest is waited for, half a minute at most",
                        side.value
                    )),
                );
                outline.estimate_seconds = start;
            }
        }
        Ok(outline)
    }

    fn switch(&self, act: ActKind, verb: &str, side: &Side<'_>) -> Result<Outline, Refusal> {
        let pair = self.pair;
        let Some(selector) = pair.selector_for(side) else {
            let why =
                format!("pods of {} do not carry all labels that {} selects by", side.value, self.name());
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                .with_remedy("correct the labels of its Deployment's template"));
        };
        if selector == pair.service.selector {
            return Err(self.nothing(&format!("it selects {} already", side.value)));
        }
        Ok(Outline {
            act,
            target: pair.objects.target.clone(),
            uid: pair.service.face.metadata.uid.clone(),
            title: Text::clean(&format!("{verb} {} to {}", self.name(), side.value)),
            short: Text::clean(&format!("switch to {}", side.value)),
            effect: self.effect(side, &selector),
            good: None,
            after: self.after(side),
            steps: switch_step(pair, side).into_iter().collect(),
            want: Want::Selects { key: pair.key.clone(), value: side.value.to_owned() },
            destructive: act == ActKind::PromoteFull,
            estimate_seconds: Some(SWITCH_SECONDS),
        })
    }

    fn effect(&self, side: &Side<'_>, selector: &Labels) -> Vec<Text> {
        let pair = self.pair;
        let before = pair.service.selector.get(&pair.key).map_or("nothing", String::as_str);
        let mut lines = vec![format!("selector {}={before} → {}", pair.key, side.value)];
        lines.extend(pair.strays.iter().map(|(key, value)| {
            format!("{key}={value} goes from the selector: no pod carries it, so it matched nobody")
        }));
        let ready = pair.ready(side, selector);
        let now = match pair.serving() {
            Some(serving) => format!("{} ready endpoints of {}", serving.serves, serving.value),
            None => "no ready endpoint".to_owned(),
        };
        lines.push(format!("{now} → {ready} ready pods of {}", side.full_name(pair.serving())));
        lines.iter().map(|line| Text::clean(line)).collect()
    }

    fn after(&self, side: &Side<'_>) -> Vec<Text> {
        let pair = self.pair;
        let mut lines = Vec::new();
        if let Some(serving) = pair.serving().filter(|serving| serving.value != side.value) {
            lines.push(format!("open connections stay on {} until they close", serving.value));
        }
        if pair.service.sticky {
            lines.push(
                "lost: clients that were kept on one pod meet another one (sessionAffinity)".to_owned(),
            );
        }
        lines.extend(one_sided(pair));
        let meta = &pair.service.face.metadata;
        if let Some(owner) = GitOpsOwner::of(meta) {
            let back = pair.service.selector.get(&pair.key).map_or("the old selector", String::as_str);
            lines.push(owner.warning(back));
        }
        lines.iter().map(|line| Text::clean(line)).collect()
    }

    fn fault(&self) -> String {
        fault(self.pair)
    }
}

/// Why a selector matches nobody, in words.
pub(super) fn fault(pair: &Pair<'_>) -> String {
    let strays: Vec<String> = pair.strays.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if !strays.is_empty() {
        return format!("{} is on no pod", strays.join(", "));
    }
    let value = pair.service.selector.get(&pair.key).map_or("nothing", String::as_str);
    format!("no Deployment has {}={value}", pair.key)
}

/// An autoscaler that is bound to some of the sides only: after a switch to another one, the size is fixed.
pub(super) fn one_sided(pair: &Pair<'_>) -> Option<String> {
    let scales = |side: &&Side<'_>| {
        let name = &side.deployment.metadata.name;
        pair.objects.autoscalers.iter().any(|scaler| scaler.target == *name)
    };
    let (with, without): (Vec<_>, Vec<_>) = pair.sides.iter().partition(scales);
    let (with, without) = (with.first()?, without.first()?);
    Some(format!("an autoscaler is bound to {} only: {} is of fixed size", with.value, without.value))
}

/// How long pods of this pair take from their creation until they run, the slowest of those that tell.
fn start_seconds(pair: &Pair<'_>) -> Option<u32> {
    let started = pair.objects.pods.iter().filter(|pod| pod.ready).filter_map(|pod| {
        let since = pod.containers.iter().filter_map(|container| match &container.state {
            ContainerState::Running { since } if container.restarts == 0 => *since,
            _ => None,
        });
        Some(since.max()? - pod.created?)
    });
    u32::try_from(started.max()?.num_seconds()).ok()
}

fn not_here(why: &str, remedy: &str) -> Refusal {
    Refusal::new(RefusalKind::NotPossibleHere, format!("not possible here: {why}")).with_remedy(remedy)
}
