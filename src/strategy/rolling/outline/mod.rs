//! What an act on a Deployment would send.

mod back;

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::{Act, ActKind};
use crate::model::deployment::Deployment;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::template::RESTARTED_AT;
use crate::model::text::Text;

use super::{deployment, progress, revisions};
use crate::strategy::{patch, version_name};

/// The outline of any act.
pub(super) fn outline(act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
    let Some(deployment) = deployment(objects) else {
        return Err(Refusal::new(RefusalKind::NotPossibleHere, "not a Deployment"));
    };
    let on = On { deployment, objects, known };
    match act {
        Act::Hold => on.hold(),
        Act::Resume => on.resume(),
        Act::Promote => on.promote(),
        Act::SetWeight { .. } => Err(on.no_steps("a chosen weight")),
        Act::PromoteFull => Err(on.no_steps("promote-full")),
        Act::Retry => Err(on.no_steps("retry")),
        Act::RollBack { to } => on.roll_back(to.as_ref()),
        Act::Restart { at } => on.restart(*at),
        Act::Scale { replicas } => on.scale(*replicas),
        Act::SetImage { container, image } => on.set_image(container.as_deref(), image),
        Act::Stop => on.stop(),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }
    .map(|outline| with_owner(outline, deployment))
}

/// Anything that changes the wanted state may be put back by the tool that owns it.
fn with_owner(mut outline: Outline, deployment: &Deployment) -> Outline {
    if let Some(owner) = GitOpsOwner::of(&deployment.metadata).filter(|_| !outline.steps.is_empty()) {
        let version = version_name(&deployment.spec.template, None);
        outline.after.push(Text::clean(&owner.warning(version.as_str())));
    }
    outline
}

struct On<'a> {
    deployment: &'a Deployment,
    objects: &'a ObjectSet,
    known: &'a Known,
}

impl On<'_> {
    fn make(&self, act: ActKind, title: &str, steps: Vec<Step>, want: Want) -> Outline {
        Outline {
            act,
            target: self.objects.target.clone(),
            uid: self.deployment.metadata.uid.clone(),
            title: Text::clean(title),
            short: Text::default(),
            effect: Vec::new(),
            good: None,
            after: Vec::new(),
            steps,
            want,
            destructive: false,
            estimate_seconds: None,
        }
    }

    fn name(&self) -> &str {
        self.objects.target.name.as_str()
    }

    fn step(&self, does: &str, operations: &[Value]) -> Step {
        Step { does: Text::clean(does), request: patch::request(&self.objects.target, "", operations) }
    }

    fn uid(&self) -> Value {
        patch::test_uid(&self.deployment.metadata.uid)
    }

    fn in_flight(&self) -> bool {
        progress::in_flight(self.deployment, self.objects, self.known)
    }

    fn hold(&self) -> Result<Outline, Refusal> {
        if self.deployment.spec.paused {
            return Err(Refusal::new(RefusalKind::NothingToDo, format!("{} is held already", self.name())));
        }
        if !self.in_flight() {
            return Err(Refusal::new(
                RefusalKind::NothingToDo,
                format!("{} is at rest: nothing to hold", self.name()),
            ));
        }
        let step = self.step("pause the Deployment", &[self.uid(), patch::add("/spec/paused", json!(true))]);
        let status = &self.deployment.status;
        let mut outline = self.make(
            ActKind::Hold,
            &format!("Hold {}", self.name()),
            vec![step],
            Want::Paused { paused: true },
        );
        outline.effect.push(Text::clean(&format!(
            "paused at {} of {} new pods; started pods and traffic stay where they are",
            status.updated_replicas,
            self.deployment.wanted()
        )));
        Ok(outline)
    }

    fn resume(&self) -> Result<Outline, Refusal> {
        if !self.deployment.spec.paused {
            return Err(Refusal::new(RefusalKind::NothingToDo, format!("{} is not held", self.name())));
        }
        let mut operations = vec![self.uid(), patch::test("/spec/paused", json!(true))];
        operations.extend(self.images_as_shown());
        operations.push(patch::replace("/spec/paused", json!(false)));
        let step = self.step("un-pause the Deployment", &operations);
        let status = &self.deployment.status;
        let left = (self.deployment.wanted() - status.updated_replicas).max(0);
        let version = version_name(&self.deployment.spec.template, self.old_template());
        let mut outline = self.make(
            ActKind::Resume,
            &format!(
                "Resume {}: let the other {left} of {} pods go to {version}",
                self.name(),
                self.deployment.wanted()
            ),
            vec![step],
            Want::Paused { paused: false },
        );
        outline.effect.push(Text::clean(&format!(
            "Kubernetes goes on by itself: {left} pods of {version} are still to come, {} run it now",
            status.updated_replicas
        )));
        Ok(outline)
    }

    fn promote(&self) -> Result<Outline, Refusal> {
        if self.deployment.spec.paused {
            return self.resume();
        }
        Err(Refusal::new(
            RefusalKind::NotPossibleHere,
            format!("not possible here: Kubernetes advances {} by itself", self.name()),
        )
        .with_remedy("H holds it, B rolls it back"))
    }

    fn no_steps(&self, act: &str) -> Refusal {
        let why = format!(
            "not possible here: {act} is for rollouts with steps; Kubernetes advances {} by itself",
            self.name()
        );
        Refusal::new(RefusalKind::NotPossibleHere, why)
            .with_remedy("U resumes a held one, set-image rolls out anew")
    }

    fn old_template(&self) -> Option<&crate::model::template::TemplateSummary> {
        let revisions = revisions::all(self.deployment, self.objects, self.known);
        let key = revisions::best(&revisions)?.key.clone();
        self.objects.replica_sets.iter().find(|set| set.key() == key).map(|set| &set.spec.template)
    }

    /// An act that raises risk tests every field that its sheet shows.
    fn images_as_shown(&self) -> Vec<Value> {
        let containers = &self.deployment.spec.template.images;
        containers
            .iter()
            .enumerate()
            .flat_map(|(index, container)| {
                let path = format!("/spec/template/spec/containers/{index}");
                [
                    patch::test(&format!("{path}/name"), json!(container.name)),
                    patch::test(&format!("{path}/image"), json!(container.image)),
                ]
            })
            .collect()
    }

    fn restart(&self, at: Time) -> Result<Outline, Refusal> {
        if self.deployment.spec.paused {
            return Err(Refusal::new(
                RefusalKind::NotPossibleHere,
                format!("{} is held: a restart would not begin", self.name()),
            )
            .with_remedy("U resumes it, B rolls it back"));
        }
        let stamp = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let mut operations = vec![self.uid()];
        operations.extend(self.images_as_shown());
        let annotations = "/spec/template/metadata/annotations";
        if self.deployment.spec.template.annotated {
            operations
                .push(patch::add(&format!("{annotations}/{}", patch::escape(RESTARTED_AT)), json!(stamp)));
        } else {
            // the parent must exist; the test fails when someone made it meanwhile
            operations.push(patch::test(annotations, Value::Null));
            operations.push(patch::add(annotations, json!({ RESTARTED_AT: stamp })));
        }
        let step = self.step("set the template's restart annotation", &operations);
        let title = format!("Restart {}: replace {} pods", self.name(), self.deployment.wanted());
        let mut outline = self.make(ActKind::Restart, &title, vec![step], Want::Restarted { stamp });
        let version = version_name(&self.deployment.spec.template, None);
        outline.effect.push(Text::clean(&format!(
            "{} pods of {version} are replaced, a few at a time, by new ones of the same template",
            self.deployment.wanted()
        )));
        Ok(outline)
    }

    fn scale(&self, replicas: u32) -> Result<Outline, Refusal> {
        if let Some(autoscaler) = self.objects.autoscalers.first() {
            return Err(Refusal::new(
                RefusalKind::NotPossibleHere,
                format!(
                    "autoscaler {} sets the size of {} ({} to {})",
                    autoscaler.name,
                    self.name(),
                    autoscaler.min,
                    autoscaler.max
                ),
            )
            .with_remedy("change its bounds instead"));
        }
        let now = self.deployment.wanted();
        if now == i64::from(replicas) {
            return Err(Refusal::new(
                RefusalKind::NothingToDo,
                format!("{} has {now} pods already", self.name()),
            ));
        }
        let operations = [
            self.uid(),
            patch::test("/spec/replicas", json!(now)),
            patch::replace("/spec/replicas", json!(replicas)),
        ];
        let step = Step {
            does: Text::clean(&format!("set the size to {replicas}")),
            request: patch::request(&self.objects.target, "scale", &operations),
        };
        let title = format!("Scale {} from {now} to {replicas} pods", self.name());
        let mut outline = self.make(ActKind::Scale, &title, vec![step], Want::Replicas { replicas });
        outline.destructive = replicas == 0;
        let difference = i64::from(replicas) - now;
        let word = if difference > 0 { "more" } else { "fewer" };
        outline.effect.push(Text::clean(&format!(
            "{} {word} pods; {} are ready now",
            difference.abs(),
            self.deployment.status.ready_replicas
        )));
        if replicas == 0 {
            outline.effect.push(Text::clean("nothing will serve: this takes the workload down"));
        }
        Ok(outline)
    }

    fn set_image(&self, container: Option<&str>, image: &str) -> Result<Outline, Refusal> {
        let (index, present) = self.container(container)?;
        if image.is_empty() || image.chars().any(char::is_whitespace) {
            return Err(Refusal::new(RefusalKind::BadArgument, format!("{image:?} is no image reference")));
        }
        if present.image == image {
            return Err(Refusal::new(
                RefusalKind::NothingToDo,
                format!("{} runs {image} already", self.name()),
            ));
        }
        let path = format!("/spec/template/spec/containers/{index}");
        let operations = [
            self.uid(),
            patch::test(&format!("{path}/name"), json!(present.name)),
            patch::test(&format!("{path}/image"), json!(present.image)),
            patch::replace(&format!("{path}/image"), json!(image)),
        ];
        let step = self.step(&format!("set the image of {} to {image}", present.name), &operations);
        let want = Want::Image { container: present.name.clone(), image: image.to_owned() };
        let mut outline =
            self.make(ActKind::SetImage, &format!("Roll out {image} on {}", self.name()), vec![step], want);
        outline.effect.push(Text::clean(&format!("{} → {image}", present.image)));
        outline
            .effect
            .push(Text::clean(&format!("{} pods are replaced, a few at a time", self.deployment.wanted())));
        if self.deployment.spec.paused {
            outline.effect.push(Text::clean("the Deployment is held: no pod moves until it is resumed"));
        }
        Ok(outline)
    }

    fn container(
        &self,
        name: Option<&str>,
    ) -> Result<(usize, &crate::model::template::ContainerImage), Refusal> {
        let all = &self.deployment.spec.template.images;
        let found = match name {
            Some(name) => all.iter().enumerate().find(|(_, c)| c.name == name),
            None if all.len() == 1 => all.iter().enumerate().next(),
            None => None,
        };
        found.ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|c| c.name.as_str()).collect();
            Refusal::new(RefusalKind::BadArgument, "name the container")
                .with_remedy(format!("CONTAINER=IMAGE with one of: {}", names.join(", ")))
        })
    }
}
