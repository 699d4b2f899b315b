//! The ways back: roll-back and emergency stop.

use serde_json::json;

use crate::model::act::ActKind;
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::template::{TemplateKey, TemplateSummary};
use crate::model::text::Text;
use crate::model::view::Revision;
use crate::strategy::{patch, version_name};

use super::super::revisions;
use super::On;

impl On<'_> {
    pub(super) fn roll_back(&self, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
        let revisions = revisions::all(self.deployment, self.objects, self.known);
        let chosen = match to {
            Some(key) => revisions.iter().find(|revision| revision.key == *key).ok_or_else(|| {
                Refusal::new(RefusalKind::Changed, "that revision is gone: the history keeps only the newest")
            })?,
            None => revisions::best(&revisions).ok_or_else(|| none_known_good(&revisions))?,
        };
        if chosen.current && !self.deployment.spec.paused {
            return Err(Refusal::new(
                RefusalKind::NothingToDo,
                format!("{} is the present revision", chosen.name),
            ));
        }
        self.template_back(ActKind::RollBack, chosen)
    }

    pub(super) fn stop(&self) -> Result<Outline, Refusal> {
        if !self.in_flight() {
            return Err(Refusal::new(RefusalKind::NothingToDo, format!("{} is at rest", self.name())));
        }
        let revisions = revisions::all(self.deployment, self.objects, self.known);
        if let Some(good) = self.on_its_way_back(&revisions) {
            if self.deployment.spec.paused {
                return self.template_back(ActKind::Stop, good);
            }
            return Err(Refusal::new(
                RefusalKind::NothingToDo,
                format!("{} is on its way back already", self.name()),
            ));
        }
        match revisions::best(&revisions) {
            Some(best) => self.template_back(ActKind::Stop, best),
            None => self.stop_by_pause(),
        }
    }

    /// A roll-back is under way, held or not: the present revision is known good, and another with pods was rolled back
    /// from. The way back it is on is the best there is.
    fn on_its_way_back<'a>(&self, revisions: &'a [Revision]) -> Option<&'a Revision> {
        let leaving = revisions.iter().any(|revision| {
            !revision.current && revision.pods > 0 && self.known.condemned.contains(&revision.key.hash)
        });
        revisions.iter().find(|revision| leaving && revision.current && revision.evidence.is_good())
    }

    /// Nothing is known good: standing still is all that can be done without a person.
    fn stop_by_pause(&self) -> Result<Outline, Refusal> {
        let mut outline = match self.hold() {
            Ok(outline) => outline,
            Err(held) if self.deployment.spec.paused => {
                return Err(
                    Refusal::new(held.kind, "held; no revision is known good").with_remedy("choose with B")
                );
            }
            Err(refusal) => return Err(refusal),
        };
        outline.act = ActKind::Stop;
        let title = format!("Pause {}: no revision is known good: choose with B", self.name());
        outline.title = Text::clean(&title);
        Ok(outline)
    }

    /// One JSON Patch, also from a paused Deployment: un-pausing first would let the bad pods go on.
    fn template_back(&self, act: ActKind, to: &Revision) -> Result<Outline, Refusal> {
        let template = self.known.templates.get(&to.key).ok_or_else(|| {
            Refusal::new(RefusalKind::TemplateNotRead, format!("template of {} not read yet", to.name))
                .with_remedy("it was asked for: try again in a moment")
        })?;
        let operations = [
            self.uid(),
            patch::replace("/spec/template", template.raw().clone()),
            patch::add("/spec/paused", json!(false)),
        ];
        let step = self.step(&format!("put the template of {} back and un-pause", to.name), &operations);
        let want = Want::Serving {
            hash: Some(to.key.hash.clone()),
            digest: template.summary().digest,
            version: to.name.clone(),
        };
        let verb = if act == ActKind::Stop { "Stop" } else { "Roll back" };
        let mut outline = self.make(act, &format!("{verb} {} to {}", self.name(), to.name), vec![step], want);
        outline.effect = self.effect_of_return(to);
        outline.good = Some(revisions::words(to));
        let config = &template.summary().config;
        if !config.is_empty() {
            let names: Vec<&str> = config.iter().map(String::as_str).collect();
            outline.after.push(Text::clean(&format!("not restored: contents of {}", names.join(", "))));
        }
        Ok(outline)
    }

    fn effect_of_return(&self, to: &Revision) -> Vec<Text> {
        let sets = &self.objects.replica_sets;
        let leaving: Vec<String> = sets
            .iter()
            .filter(|set| set.status.replicas > 0 && set.key() != to.key)
            .map(|set| {
                let name = version_name(&set.spec.template, self.template_of(to));
                format!("{} pods of {name} ({} ready) go", set.status.replicas, set.status.ready_replicas)
            })
            .collect();
        let start = (self.deployment.wanted() - to.pods).max(0);
        let coming = format!("{} pods of {} stay, {start} start", to.pods, to.name);
        let mut lines: Vec<Text> = leaving.iter().map(|line| Text::clean(line)).collect();
        lines.push(Text::clean(&coming));
        lines
    }

    fn template_of(&self, revision: &Revision) -> Option<&TemplateSummary> {
        self.objects.replica_sets.iter().find(|set| set.key() == revision.key).map(|set| &set.spec.template)
    }
}

fn none_known_good(revisions: &[Revision]) -> Refusal {
    if revisions.iter().all(|revision| revision.current) {
        return Refusal::new(RefusalKind::NoneKnownGood, "there is no other revision to go back to");
    }
    Refusal::new(RefusalKind::NoneKnownGood, "no revision is known good").with_remedy("choose one with B")
}
