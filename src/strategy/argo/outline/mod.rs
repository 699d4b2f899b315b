//! What an act on a Rollout would send.

mod back;
mod changes;
mod hold;
mod promote;

use serde_json::{Value, json};

use crate::model::act::{Act, ActKind};
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::text::Text;
use crate::strategy::patch;

use super::scene::Scene;

/// The outline of any act.
pub(super) fn outline(scene: &Scene<'_>, act: &Act) -> Result<Outline, Refusal> {
    match act {
        Act::Hold => hold::hold(scene),
        Act::Resume => hold::resume(scene),
        Act::Promote => promote::one_step(scene),
        Act::PromoteFull => promote::in_full(scene),
        Act::Retry => promote::retry(scene),
        Act::RollBack { to } => back::roll_back(scene, to.as_ref()),
        Act::Restart { at } => changes::restart(scene, *at),
        Act::Scale { replicas } => changes::scale(scene, *replicas),
        Act::SetImage { container, image } => changes::set_image(scene, container.as_deref(), image),
        Act::Stop => back::stop(scene),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }
    .map(|outline| with_owner(scene, outline))
}

/// A template that is changed here may be put back by the tool that owns it; an abort or a promotion is not its business.
fn with_owner(scene: &Scene<'_>, mut outline: Outline) -> Outline {
    let is_about_template = |step: &Step| {
        let body = step.request.write.body().and_then(Value::as_array);
        let paths = body
            .into_iter()
            .flatten()
            .filter(|one| one["op"] != "test")
            .filter_map(|one| one["path"].as_str());
        step.request.resource.subresource.is_empty()
            && paths.into_iter().any(|path| path.starts_with("/spec/template"))
    };
    let meta = scene.reference().map_or(&scene.rollout.face.metadata, |deployment| &deployment.metadata);
    if let Some(owner) = GitOpsOwner::of(meta).filter(|_| outline.steps.iter().any(is_about_template)) {
        let version = crate::strategy::version_name(scene.template(), None);
        outline.after.push(Text::clean(&owner.warning(version.as_str())));
    }
    outline
}

fn make(scene: &Scene<'_>, act: ActKind, title: &str, steps: Vec<Step>, want: Want) -> Outline {
    Outline {
        act,
        target: scene.objects.target.clone(),
        uid: scene.rollout.face.metadata.uid.clone(),
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

fn nothing(why: impl Into<Text>) -> Refusal {
    Refusal::new(RefusalKind::NothingToDo, why)
}

fn not_here(why: &str) -> Refusal {
    Refusal::new(RefusalKind::NotPossibleHere, format!("not possible here: {why}"))
}

/// Before the controller has seen the present spec nothing that it reported may be built upon.
fn observed(scene: &Scene<'_>) -> Result<(), Refusal> {
    if scene.is_observed() {
        return Ok(());
    }
    Err(nothing(format!("the controller has not seen the newest change of {} yet", scene.name()))
        .with_remedy("try again in a moment"))
}

/// The step that is shown, and the version on its way: what every act on the steps tests.
fn as_shown(scene: &Scene<'_>) -> Vec<Value> {
    let status = scene.status();
    let mut tests = vec![scene.uid(), patch::test("/status/currentPodHash", json!(status.current_pod_hash))];
    if scene.canary().is_some() {
        tests.push(patch::test("/status/currentStepIndex", json!(status.current_step_index)));
    }
    tests
}
