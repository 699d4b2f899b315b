//! What an act on a set would send.

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::{Act, ActKind};
use crate::model::kind::WorkloadKind;
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::pod::Pod;
use crate::model::request::{Request, Resource, Write};
use crate::model::template::{RESTARTED_AT, TemplateKey};
use crate::model::text::Text;
use crate::model::view::Revision;
use crate::strategy::{patch, version_name};

use super::{Fence, Set, revisions};

const PARTITION: &str = "/spec/updateStrategy/rollingUpdate/partition";
const STRATEGY: &str = "/spec/updateStrategy";

/// The outline of any act.
pub(super) fn outline(
    act: &Act,
    set: &Set<'_>,
    objects: &ObjectSet,
    known: &Known,
) -> Result<Outline, Refusal> {
    let on = On { set, objects, known };
    let outline = match act {
        Act::Hold => on.hold(ActKind::Hold),
        Act::Stop => on.hold(ActKind::Stop),
        Act::Resume => on.resume(),
        Act::Promote => on.promote(),
        Act::SetWeight { .. } | Act::PromoteFull | Act::Retry => Err(on.no_steps(act.kind())),
        Act::RollBack { to } => on.roll_back(to.as_ref()),
        Act::Restart { at } => on.restart(*at),
        Act::Scale { replicas } => on.scale(*replicas),
        Act::SetImage { container, image } => on.set_image(container.as_deref(), image),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }?;
    Ok(with_owner(outline, set))
}

fn with_owner(mut outline: Outline, set: &Set<'_>) -> Outline {
    if let Some(owner) = GitOpsOwner::of(&set.face.metadata).filter(|_| !outline.steps.is_empty()) {
        let version = version_name(set.template, None);
        outline.after.push(Text::clean(&owner.warning(version.as_str())));
    }
    outline
}

struct On<'a> {
    set: &'a Set<'a>,
    objects: &'a ObjectSet,
    known: &'a Known,
}

impl On<'_> {
    fn name(&self) -> &str {
        self.objects.target.name.as_str()
    }

    fn make(&self, act: ActKind, title: &str, steps: Vec<Step>, want: Want) -> Outline {
        Outline {
            act,
            target: self.objects.target.clone(),
            uid: self.set.face.metadata.uid.clone(),
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

    fn step(&self, does: &str, operations: Vec<Value>) -> Step {
        let mut all = vec![patch::test_uid(&self.set.face.metadata.uid)];
        all.extend(operations);
        Step { does: Text::clean(does), request: patch::request(&self.objects.target, "", &all) }
    }

    fn no_steps(&self, act: ActKind) -> Refusal {
        let why =
            format!("not possible here: {act} is for rollouts with steps, and {} has none", self.name());
        Refusal::new(RefusalKind::NotPossibleHere, why)
    }

    /// A hold, which is also all that a stop does here.
    fn hold(&self, act: ActKind) -> Result<Outline, Refusal> {
        let set = self.set;
        let nothing =
            |why: &str| Err(Refusal::new(RefusalKind::NothingToDo, format!("{} {why}", self.name())));
        if set.held(self.known) {
            return nothing("is held already");
        }
        if !set.face.moving {
            return nothing("is at rest: nothing to hold");
        }
        let (step, before) = match &set.fence {
            Fence::Partition { at, all } => {
                (self.step("raise the partition", vec![patch::replace(PARTITION, json!(all))]), json!(at))
            }
            Fence::Strategy(strategy) => (
                self.step("set OnDelete", vec![patch::replace(STRATEGY, json!({"type": "OnDelete"}))]),
                strategy.clone(),
            ),
            Fence::OnDelete => return nothing("replaces no pod by itself (OnDelete)"),
        };
        let verb = if act == ActKind::Stop { "Stop (hold only)" } else { "Hold" };
        let want = Want::Fenced { fenced: true, before };
        let mut outline = self.make(act, &format!("{verb} {}", self.name()), vec![step], want);
        let (updated, wanted) = (set.updated, set.face.wanted);
        outline.effect.push(Text::clean(&format!(
            "held at {updated} of {wanted} pods of the new template; no further pod is replaced"
        )));
        outline.after.push(Text::clean("replaced pods stay as they are: B puts the template back"));
        Ok(outline)
    }

    fn resume(&self) -> Result<Outline, Refusal> {
        if !self.set.fenced(self.known) {
            return Err(Refusal::new(RefusalKind::NothingToDo, format!("{} is not held", self.name())));
        }
        let (open, on_record) = self.set.open(self.known);
        let operations = self.reopen(&open, true);
        let step = self.step("let it replace pods again", operations);
        let left = (self.set.face.wanted - self.set.updated).max(0);
        let title = format!("Resume {}: {left} of {} pods are replaced", self.name(), self.set.face.wanted);
        let want = Want::Fenced { fenced: false, before: open.clone() };
        let mut outline = self.make(ActKind::Resume, &title, vec![step], want);
        outline.short = Text::clean("resume");
        let record = if on_record { "as it stood before" } else { "what stood before is not on record" };
        outline.effect.push(Text::clean(&format!("{} is put back: {open} ({record})", self.field())));
        Ok(outline)
    }

    fn field(&self) -> &'static str {
        match self.set.fence {
            Fence::Partition { .. } | Fence::OnDelete => "partition",
            Fence::Strategy(_) => "updateStrategy",
        }
    }

    /// The operations that let pods be replaced again; with a test of what stands there, where the act raises risk.
    fn reopen(&self, open: &Value, tested: bool) -> Vec<Value> {
        let (path, now) = match &self.set.fence {
            Fence::Partition { at, .. } => (PARTITION, json!(at)),
            Fence::Strategy(strategy) => (STRATEGY, strategy.clone()),
            Fence::OnDelete => return Vec::new(),
        };
        let test = tested.then(|| patch::test(path, now));
        test.into_iter().chain([patch::replace(path, open.clone())]).collect()
    }

    /// The next pod behind a partition that somebody set on purpose; a held set is resumed.
    fn promote(&self) -> Result<Outline, Refusal> {
        if self.set.held(self.known) {
            return self.resume();
        }
        let Fence::Partition { at: at @ 1.., .. } = self.set.fence else {
            let why = format!("not possible here: Kubernetes advances {} by itself", self.name());
            return Err(
                Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("H holds it, B rolls it back")
            );
        };
        let operations = vec![patch::test(PARTITION, json!(at)), patch::replace(PARTITION, json!(at - 1))];
        let step = self.step("lower the partition by one", operations);
        let title = format!("Promote {}: replace pod {}-{}", self.name(), self.name(), at - 1);
        let want = Want::Fenced { fenced: false, before: json!(at - 1) };
        let mut outline = self.make(ActKind::Promote, &title, vec![step], want);
        outline.short = Text::clean(&format!("partition {at}→{}", at - 1));
        outline.effect.push(Text::clean(&format!(
            "partition {at} → {}: {} of {} pods run the new template then",
            at - 1,
            self.set.face.wanted - at + 1,
            self.set.face.wanted
        )));
        Ok(outline)
    }

    fn roll_back(&self, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
        let all = revisions::all(self.set, self.objects, self.known);
        let chosen = match to {
            Some(key) => all.iter().find(|revision| revision.key == *key).ok_or_else(|| {
                Refusal::new(RefusalKind::Changed, "that revision is gone: the history keeps only the newest")
            })?,
            None => revisions::best(&all).ok_or_else(|| {
                let why = if all.len() < 2 {
                    "there is no other revision to go back to"
                } else {
                    "no revision is known good"
                };
                Refusal::new(RefusalKind::NoneKnownGood, why)
            })?,
        };
        if chosen.current {
            let why = format!("{} is the present revision", chosen.name);
            return Err(Refusal::new(RefusalKind::NothingToDo, why));
        }
        self.template_back(chosen)
    }

    /// One patch: the template goes back, and what held the set is taken away; broken pods are deleted one by one as
    /// they turn out to stay.
    fn template_back(&self, to: &Revision) -> Result<Outline, Refusal> {
        let template = self.known.templates.get(&to.key).ok_or_else(|| {
            Refusal::new(RefusalKind::TemplateNotRead, format!("template of {} not read yet", to.name))
                .with_remedy("it was asked for: try again in a moment")
        })?;
        let mut operations = vec![patch::replace("/spec/template", template.raw().clone())];
        if self.set.fenced(self.known) {
            operations.extend(self.reopen(&self.set.open(self.known).0, false));
        }
        let step = self.step(&format!("put the template of {} back", to.name), operations);
        let want = Want::Serving {
            hash: Some(to.key.hash.clone()),
            digest: template.summary().digest,
            version: to.name.clone(),
        };
        let title = format!("Roll back {} to {}", self.name(), to.name);
        let mut outline = self.make(ActKind::RollBack, &title, vec![step], want);
        let leaving = self.objects.pods.iter().filter(|pod| pod.hash != to.key.hash).count();
        outline.effect.push(Text::clean(&format!(
            "{leaving} pods of other revisions are replaced, {} of {} stay",
            to.pods, to.name
        )));
        let broken: Vec<&str> = broken(self.objects, &to.key.hash).map(|pod| pod.name.as_str()).collect();
        if !broken.is_empty() {
            outline
                .effect
                .push(Text::clean(&format!("deleted, because they are not ready: {}", broken.join(", "))));
        }
        outline.good = Some(revisions::words(to));
        let config: Vec<&str> = template.summary().config.iter().map(String::as_str).collect();
        if !config.is_empty() {
            outline.after.push(Text::clean(&format!("not restored: contents of {}", config.join(", "))));
        }
        outline.after.push(Text::clean("volumes keep what the new version wrote"));
        Ok(outline)
    }

    fn restart(&self, at: Time) -> Result<Outline, Refusal> {
        if self.set.fenced(self.known) {
            let why = format!("{} is held: a restart would not begin", self.name());
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("U resumes it"));
        }
        let stamp = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let annotations = "/spec/template/metadata/annotations";
        let mut operations = self.images_as_shown();
        if self.set.template.annotated {
            let path = format!("{annotations}/{}", patch::escape(RESTARTED_AT));
            operations.push(patch::add(&path, json!(stamp)));
        } else {
            operations.push(patch::test(annotations, Value::Null));
            operations.push(patch::add(annotations, json!({ RESTARTED_AT: stamp })));
        }
        let step = self.step("set the template's restart annotation", operations);
        let title = format!("Restart {}: replace {} pods", self.name(), self.set.face.wanted);
        let mut outline = self.make(ActKind::Restart, &title, vec![step], Want::Restarted { stamp });
        outline
            .effect
            .push(Text::clean("pods are replaced one after another by new ones of the same template"));
        Ok(outline)
    }

    fn images_as_shown(&self) -> Vec<Value> {
        let containers = self.set.template.images.iter().enumerate();
        containers
            .flat_map(|(index, container)| {
                let path = format!("/spec/template/spec/containers/{index}");
                [
                    patch::test(&format!("{path}/name"), json!(container.name)),
                    patch::test(&format!("{path}/image"), json!(container.image)),
                ]
            })
            .collect()
    }

    fn scale(&self, replicas: u32) -> Result<Outline, Refusal> {
        if self.objects.target.kind == WorkloadKind::DaemonSet {
            let why = "not possible here: a DaemonSet has one pod on each node that fits";
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why));
        }
        if let Some(autoscaler) = self.objects.autoscalers.first() {
            let why = format!("autoscaler {} sets the size of {}", autoscaler.name, self.name());
            return Err(
                Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("change its bounds instead")
            );
        }
        let now = self.set.face.wanted;
        if now == i64::from(replicas) {
            let why = format!("{} has {now} pods already", self.name());
            return Err(Refusal::new(RefusalKind::NothingToDo, why));
        }
        let operations = [
            patch::test_uid(&self.set.face.metadata.uid),
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
        outline
            .effect
            .push(Text::clean(&format!("{} ready now; volumes of removed pods stay", self.set.face.ready)));
        Ok(outline)
    }

    fn set_image(&self, container: Option<&str>, image: &str) -> Result<Outline, Refusal> {
        let images = &self.set.template.images;
        let found = match container {
            Some(name) => images.iter().enumerate().find(|(_, one)| one.name == name),
            None if images.len() == 1 => images.iter().enumerate().next(),
            None => None,
        };
        let (index, present) = found.ok_or_else(|| {
            let names: Vec<&str> = images.iter().map(|one| one.name.as_str()).collect();
            Refusal::new(RefusalKind::BadArgument, "name the container")
                .with_remedy(format!("CONTAINER=IMAGE with one of: {}", names.join(", ")))
        })?;
        if image.is_empty() || image.chars().any(char::is_whitespace) {
            return Err(Refusal::new(RefusalKind::BadArgument, format!("{image:?} is no image reference")));
        }
        if present.image == image {
            let why = format!("{} runs {image} already", self.name());
            return Err(Refusal::new(RefusalKind::NothingToDo, why));
        }
        let path = format!("/spec/template/spec/containers/{index}");
        let operations = vec![
            patch::test(&format!("{path}/name"), json!(present.name)),
            patch::test(&format!("{path}/image"), json!(present.image)),
            patch::replace(&format!("{path}/image"), json!(image)),
        ];
        let step = self.step(&format!("set the image of {} to {image}", present.name), operations);
        let want = Want::Image { container: present.name.clone(), image: image.to_owned() };
        let title = format!("Roll out {image} on {}", self.name());
        let mut outline = self.make(ActKind::SetImage, &title, vec![step], want);
        outline.effect.push(Text::clean(&format!("{} → {image}", present.image)));
        Ok(outline)
    }
}

/// Pods of other revisions that are not ready: a template that goes back does not replace them by itself.
pub(super) fn broken<'a>(
    objects: &'a ObjectSet,
    wanted: &'a crate::model::ids::TemplateHash,
) -> impl Iterator<Item = &'a Pod> {
    objects.pods.iter().filter(move |pod| pod.hash != *wanted && !pod.ready && !pod.terminating)
}

/// Deletes one pod, if it is still that one.
pub(super) fn delete(pod: &Pod) -> Step {
    let resource = Resource {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "pods".to_owned(),
        namespace: pod.namespace.clone(),
        name: pod.name.clone(),
        subresource: String::new(),
    };
    Step {
        does: Text::clean(&format!("delete pod {}", pod.name)),
        request: Request { resource, write: Write::Delete { uid: pod.uid.clone() } },
    }
}
