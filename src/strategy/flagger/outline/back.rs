//! The ways back: roll-back and emergency stop. The sheet shows the requests that go out at once and those that end the
//! release; which of them are needed is decided again on every look (`goal::back`).

use crate::model::act::ActKind;
use crate::model::canary::Phase;
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::replicaset::ReplicaSet;
use crate::model::template::TemplateKey;
use crate::model::text::Text;
use crate::model::view::Revision;

use super::super::goal::{back::can_serve, fence};
use super::super::pair::Same;
use super::super::{revisions, steps, weights};
use super::{On, not_here};

impl On<'_> {
    pub(super) fn stop(&self) -> Result<Outline, Refusal> {
        if !self.pair.phase().in_flight() {
            return Err(self.nothing("is at rest"));
        }
        match self.back(ActKind::Stop, None) {
            Err(refusal) if refusal.kind == RefusalKind::NoneKnownGood => self.stop_by_hold(&refusal),
            other => other,
        }
    }

    /// Nothing is known good: standing still is all that can be done without a person.
    fn stop_by_hold(&self, none: &Refusal) -> Result<Outline, Refusal> {
        let held = self.hold().map_err(|refusal| {
            Refusal::new(refusal.kind, format!("held; {}", none.why)).with_remedy("choose with B")
        })?;
        let title = format!("Hold {}: no revision is known good: choose with B", self.name());
        Ok(Outline { act: ActKind::Stop, title: Text::clean(&title), ..held })
    }

    pub(super) fn back(&self, act: ActKind, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
        self.read()?;
        let pair = self.pair;
        let phase = pair.phase();
        if !phase.in_flight() && !phase.at_rest() {
            return Err(not_here(&format!("Flagger says {}", phase.word())));
        }
        let chosen = revisions::chosen(pair, to)?;
        let good = self.set_of(&chosen)?;
        let serves = pair.serving().is_some_and(|serving| serving.key() == chosen.key);
        let target_good = pair.candidate().is_some_and(|target| pair.same(good, target) == Same::Yes);
        if serves && target_good && !pair.suspended() && pair.primary_complete() && !phase.at_rest() {
            return Err(self.nothing(&format!("runs {} on both sides already", chosen.name)));
        }
        if serves && phase.at_rest() && !weights::astray(pair) && !pair.suspended() {
            return Err(self.nothing(&format!("runs {} already", chosen.name)));
        }
        let steps = self.way(&chosen, good, serves)?;
        let template = pair.template(good).map(|template| template.summary().digest);
        let want = Want::Serving {
            hash: Some(chosen.key.hash.clone()),
            digest: template.unwrap_or(good.spec.template.digest),
            version: chosen.name.clone(),
        };
        let verb = if act == ActKind::Stop { "Stop" } else { "Roll back" };
        let mut outline = self.make(act, &format!("{verb} {} to {}", self.name(), chosen.name), steps, want);
        outline.good = Some(revisions::words(&chosen));
        outline.effect = self.effect(&chosen, good, serves);
        outline.after = self.after(&chosen, good, serves);
        let interval = pair.canary.spec.analysis.interval_seconds();
        let fence = if phase.in_flight() { fence::seconds(pair) + interval } else { 0 };
        outline.estimate_seconds = Some(fence + interval);
        Ok(outline)
    }

    fn set_of(&self, revision: &Revision) -> Result<&ReplicaSet, Refusal> {
        let sets = self.pair.primary().map(|primary| self.pair.sets(primary)).unwrap_or_default();
        sets.into_iter().find(|set| set.key() == revision.key).ok_or_else(|| {
            self.nothing(&format!("is on its way to {}: that is what is rolled back", revision.name))
        })
    }

    /// The requests, as they would go out now.
    fn way(&self, chosen: &Revision, good: &ReplicaSet, serves: bool) -> Result<Vec<Step>, Refusal> {
        let pair = self.pair;
        let (Some(primary), Some(target)) = (pair.primary(), pair.target()) else { return Ok(Vec::new()) };
        let version = chosen.name.as_str();
        let phase = pair.phase();
        let own = pair.counterpart(good);
        let target_good = own.is_some() && pair.candidate().map(ReplicaSet::key) == own.map(ReplicaSet::key);
        let undo = || own.and_then(|own| pair.template(own)).filter(|_| !target_good);
        let finished = matches!(phase, Phase::Succeeded | Phase::Initialized);
        let judged = matches!(phase, Phase::Progressing | Phase::WaitingPromotion);
        if serves && judged && weights::only_flagger(pair) && pair.primary_ready() && pair.target_ready() {
            return Ok(vec![steps::fail_checks(pair)]);
        }
        let mut steps = Vec::new();
        if phase.in_flight() || (finished && undo().is_some()) {
            steps.push(steps::suspend(pair));
        }
        if !serves {
            let template = pair.template(good).ok_or_else(|| {
                Refusal::new(RefusalKind::TemplateNotRead, format!("template of {version} not read yet"))
                    .with_remedy("it was asked for: try again in a moment")
            })?;
            steps.push(steps::template_back(pair, primary, template, version));
        }
        // in flight also where the route gives it nothing now: the next tick may
        steps.extend(weights::to_primary(pair, phase.in_flight()));
        match phase {
            Phase::Progressing | Phase::WaitingPromotion => steps.push(steps::fail_checks(pair)),
            Phase::Waiting | Phase::Promoting | Phase::Finalising => {
                steps.extend(undo().map(|template| steps::template_back(pair, target, template, version)));
                steps.push(steps::say_failed(pair));
                if phase != Phase::Waiting {
                    steps.push(steps::scale_down(pair, target));
                }
            }
            Phase::Succeeded | Phase::Initialized => {
                steps.extend(undo().map(|template| steps::template_back(pair, target, template, version)));
            }
            _ if target.wanted() > 0 => steps.push(steps::scale_down(pair, target)),
            _ => {}
        }
        if pair.suspended() || steps.first().is_some_and(|step| step.does == steps::suspend(pair).does) {
            steps.push(steps::unsuspend(pair));
        }
        Ok(steps)
    }

    fn effect(&self, chosen: &Revision, good: &ReplicaSet, serves: bool) -> Vec<Text> {
        let pair = self.pair;
        let version = &chosen.name;
        let mut lines = Vec::new();
        let wanted = pair.primary().map_or(0, crate::model::deployment::Deployment::wanted);
        if weights::can_move(pair) && pair.phase().in_flight() {
            lines.push(format!("target: {} → 0 %, at once, in every rule of its routes", self.share()));
        }
        if !serves {
            lines.push(format!(
                "the primary goes back to {version}: {} of {wanted} pods run it",
                chosen.ready
            ));
        }
        if !can_serve(good.status.ready_replicas, wanted) && weights::reaches_target(pair) {
            let ready = good.status.ready_replicas;
            lines.push(format!(
                "NOT AT ONCE: only {ready} of {wanted} pods of {version} are ready; traffic moves when they serve"
            ));
        }
        if pair.phase().in_flight() {
            let fence = fence::seconds(pair);
            lines.push(format!(
                "watched and repeated until the running tick has ended ({fence} s), then given up"
            ));
        }
        lines.iter().map(|line| Text::clean(line)).collect()
    }

    fn after(&self, chosen: &Revision, good: &ReplicaSet, serves: bool) -> Vec<Text> {
        let pair = self.pair;
        let version = &chosen.name;
        let mut lines = Vec::new();
        let finished = matches!(pair.phase(), Phase::Succeeded | Phase::Initialized);
        let bad = pair.candidate().map(|target| revisions::name(pair, &target.spec.template));
        let bad = bad.unwrap_or_else(|| Text::clean("the bad version"));
        if finished && !serves {
            match pair.counterpart(good) {
                Some(_) => lines.push(format!(
                    "Flagger then analyses {version} against itself: until that ends, {bad} deployed again would be promoted unseen"
                )),
                None => lines.push(format!(
                    "the target keeps {bad} (no revision of its own holds {version}), scaled to 0: do not touch it before a new release"
                )),
            }
        }
        if let Some(template) = pair.template(good).filter(|_| !serves) {
            let config: Vec<&str> = template.summary().config.iter().map(String::as_str).collect();
            if !config.is_empty() {
                lines.push(format!("not restored: contents of {}", config.join(", ")));
            }
        }
        lines.iter().map(|line| Text::clean(line)).collect()
    }
}
