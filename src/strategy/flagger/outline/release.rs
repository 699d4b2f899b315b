//! Acts that let something through or bring something new: promote-full, retry, restart, set-image.

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::ActKind;
use crate::model::canary::Phase;
use crate::model::deployment::Deployment;
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::template::{ContainerImage, RESTARTED_AT};
use crate::model::text::Text;
use crate::strategy::patch;

use super::super::pair::{RETRIED, Same};
use super::super::{revisions, steps};
use super::{On, not_here};

impl On<'_> {
    /// `skipAnalysis` promotes at the next tick. It is Flagger's only way, and it has traps of its own, which the sheet
    /// names; it is put back afterwards, as it would go for every later release.
    pub(super) fn promote_full(&self) -> Result<Outline, Refusal> {
        self.read()?;
        let pair = self.pair;
        match pair.phase() {
            Phase::Progressing | Phase::WaitingPromotion => {}
            Phase::Waiting => {
                return Err(not_here("skipAnalysis does not pass the gate confirm-rollout")
                    .with_remedy("open that gate"));
            }
            Phase::Promoting | Phase::Finalising => return Err(self.nothing("is being promoted already")),
            _ => return Err(self.nothing("is at rest: nothing to promote")),
        }
        if pair.suspended() {
            return Err(not_here("it is held").with_remedy("U resumes it first"));
        }
        if !pair.target_ready() {
            return Err(not_here("the canary's pods are not ready, and Flagger waits for them"));
        }
        let Some(candidate) = pair.candidate() else {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "the target's revision is not read yet"));
        };
        let version = revisions::name(pair, &candidate.spec.template);
        let want = Want::Promoted { hash: candidate.hash(), version: version.clone() };
        let steps = vec![steps::skip_analysis(pair, true), steps::skip_analysis(pair, false)];
        let title = format!("Promote {} fully: {version} everywhere", self.name());
        let mut outline = self.make(ActKind::PromoteFull, &title, steps, want);
        outline.destructive = true;
        outline.short = Text::clean(&format!("{}→100 %", self.share().trim_end_matches(" %")));
        outline.effect = [
            "at the next tick the primary takes the target's template; no gate is asked any more",
            "it beats the rollback hook and failed checks, and does not look whether the primary becomes ready",
            "analysis is switched on again once it is through",
        ]
        .iter()
        .map(|line| Text::clean(line))
        .collect();
        outline.after.push(Text::clean(
            "should this console end first, skipAnalysis stays on, and the next release goes out unjudged",
        ));
        outline.estimate_seconds = Some(pair.canary.spec.analysis.interval_seconds() * 2);
        Ok(outline)
    }

    /// Flagger has no word for it: a template that differs is a new release.
    pub(super) fn retry(&self) -> Result<Outline, Refusal> {
        self.read()?;
        let pair = self.pair;
        let Some(target) = pair.target().filter(|_| pair.phase() == Phase::Failed) else {
            return Err(self.nothing("did not fail: nothing to retry"));
        };
        if pair.agree() == Same::Yes {
            return Err(self.nothing("asks for what the primary runs already: nothing to retry"));
        }
        if pair.suspended() {
            return Err(not_here("it is held").with_remedy("U resumes it first"));
        }
        if !pair.primary_ready() {
            return Err(not_here("the primary is not ready: every release would fail at its first tick")
                .with_remedy("B brings its last good template back"));
        }
        let Some(candidate) = pair.candidate() else {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "the target's revision is not read yet"));
        };
        // the moment of the failure: the same for every look at the same failure
        let failed = pair.canary.status.last_transition_time;
        let stamp = failed.map_or_else(|| "once".to_owned(), |at| at.to_rfc3339());
        let does = "annotate the target's template, so that Flagger starts anew";
        let step = self.annotate(target, does, RETRIED, &stamp);
        let version = revisions::name(pair, &candidate.spec.template);
        let title = format!("Retry {version} on {}", self.name());
        let mut outline =
            self.make(ActKind::Retry, &title, vec![step], Want::Retried { hash: candidate.hash() });
        outline.effect.push(Text::clean("a new analysis from weight 0, at Flagger's next tick"));
        outline.estimate_seconds = Some(pair.canary.spec.analysis.interval_seconds());
        Ok(outline)
    }

    /// On the primary: on the target it would be a new release.
    pub(super) fn restart(&self, at: Time) -> Result<Outline, Refusal> {
        self.read()?;
        let pair = self.pair;
        let Some(primary) = pair.primary() else { return Err(self.nothing("has no primary yet")) };
        if pair.phase().in_flight() && !pair.suspended() {
            return Err(not_here(
                "a primary that is not ready stops the release, and after the deadline fails it",
            )
            .with_remedy("H holds it first"));
        }
        let stamp = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let step = self.annotate(primary, "set the primary's restart annotation", RESTARTED_AT, &stamp);
        let title = format!("Restart {}: replace {} pods of the primary", self.name(), primary.wanted());
        let mut outline = self.make(ActKind::Restart, &title, vec![step], Want::Restarted { stamp });
        outline
            .effect
            .push(Text::clean("a few at a time; the target is not touched: that would be a new release"));
        Ok(outline)
    }

    fn annotate(&self, deployment: &Deployment, does: &str, key: &str, value: &str) -> Step {
        let mut operations = vec![patch::test_uid(&deployment.metadata.uid)];
        operations.extend(Self::images_as_shown(deployment));
        let annotations = "/spec/template/metadata/annotations";
        if deployment.spec.template.annotated {
            operations.push(patch::add(&format!("{annotations}/{}", patch::escape(key)), json!(value)));
        } else {
            // the parent must exist; the test fails when someone made it meanwhile
            operations.push(patch::test(annotations, Value::Null));
            operations.push(patch::add(annotations, json!({ key: value })));
        }
        Step {
            does: Text::clean(does),
            request: patch::request(&self.pair.address(deployment), "", &operations),
        }
    }

    pub(super) fn set_image(&self, container: Option<&str>, image: &str) -> Result<Outline, Refusal> {
        let pair = self.pair;
        let Some(target) = pair.target() else {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "the target is not read yet"));
        };
        if pair.suspended() {
            return Err(not_here("it is held: no release would begin").with_remedy("U resumes it first"));
        }
        let (index, present) = self.container(target, container)?;
        if image.is_empty() || image.chars().any(char::is_whitespace) {
            return Err(Refusal::new(RefusalKind::BadArgument, format!("{image:?} is no image reference")));
        }
        if present.image == image {
            return Err(self.nothing(&format!("asks for {image} already")));
        }
        let like = |one: &&ContainerImage| one.name == present.name && one.image == image;
        let served = pair.primary().and_then(|primary| primary.spec.template.images.iter().find(like));
        if served.is_some() && pair.phase().in_flight() {
            return Err(not_here(
                "the primary runs that image: Flagger takes no notice of an undo in mid-run",
            )
            .with_remedy("B rolls it back"));
        }
        let path = format!("/spec/template/spec/containers/{index}/image");
        let mut operations = vec![patch::test_uid(&target.metadata.uid)];
        operations.extend(Self::images_as_shown(target));
        operations.push(patch::replace(&path, json!(image)));
        let step = Step {
            does: Text::clean(&format!("set the image of {} to {image}", present.name)),
            request: patch::request(&pair.address(target), "", &operations),
        };
        let want = Want::Image { container: present.name.clone(), image: image.to_owned() };
        let title = format!("Release {image} on {}", self.name());
        let mut outline = self.make(ActKind::SetImage, &title, vec![step], want);
        outline.effect.push(Text::clean(&format!("{} → {image}, on the target", present.image)));
        if pair.phase().in_flight() {
            outline
                .effect
                .push(Text::clean("the release that is on its way ends: analysis begins again at 0"));
        }
        outline.estimate_seconds = Some(pair.canary.spec.analysis.interval_seconds());
        Ok(outline)
    }

    fn container<'d>(
        &self,
        deployment: &'d Deployment,
        name: Option<&str>,
    ) -> Result<(usize, &'d ContainerImage), Refusal> {
        let images = &deployment.spec.template.images;
        let found = match name {
            Some(name) => images.iter().enumerate().find(|(_, one)| one.name == name),
            None if images.len() == 1 => images.iter().enumerate().next(),
            None => None,
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = images.iter().map(|one| one.name.as_str()).collect();
            Refusal::new(RefusalKind::BadArgument, format!("which container of {}?", self.name()))
                .with_remedy(format!("one of {}", names.join(", ")))
        })
    }
}
