//! The ways back: roll-back and emergency stop, with what they cost.

use crate::model::act::ActKind;
use crate::model::ids::TemplateHash;
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::template::{TemplateDigest, TemplateKey};
use crate::model::text::Text;
use crate::model::view::{Evidence, Revision};

use super::super::back::{Clock, Move, keeps_pause, towards};
use super::super::revisions;
use super::super::scene::Scene;
use super::{hold, make, nothing};

pub(super) fn roll_back(scene: &Scene<'_>, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
    let all = revisions::all(scene);
    let chosen = match to {
        Some(key) => all.iter().find(|revision| revision.key == *key).ok_or_else(|| {
            Refusal::new(RefusalKind::Changed, "that revision is gone: the history keeps only the newest")
        })?,
        None => by_itself(scene, &all)?,
    };
    back(scene, ActKind::RollBack, chosen)
}

/// In flight the stable version, unless somebody went away from it; at rest the best by evidence.
fn by_itself<'a>(scene: &Scene<'_>, all: &'a [Revision]) -> Result<&'a Revision, Refusal> {
    if on_its_way_back(scene, all) {
        return Err(nothing(format!("{} is on its way back already", scene.name())));
    }
    let stable = all.iter().find(|revision| scene.is_in_flight() && is_stable(scene, revision));
    let good = stable.filter(|revision| !scene.known.condemned.contains(&revision.key.hash));
    good.or_else(|| revisions::best(all)).ok_or_else(|| {
        if all.iter().all(|revision| revision.current) {
            return Refusal::new(RefusalKind::NoneKnownGood, "there is no other revision to go back to");
        }
        Refusal::new(RefusalKind::NoneKnownGood, "no revision is known good").with_remedy("choose one with B")
    })
}

fn is_stable(scene: &Scene<'_>, revision: &Revision) -> bool {
    scene.stable() == Some(&revision.key.hash)
}

/// A return to an older revision is an update too, from a version that somebody went away from.
fn on_its_way_back(scene: &Scene<'_>, all: &[Revision]) -> bool {
    let leaves = scene.stable().is_some_and(|stable| scene.known.condemned.contains(stable));
    let seen = |revision: &&Revision| matches!(revision.evidence, Evidence::SeenComplete { .. });
    leaves && all.iter().filter(|revision| revision.current).any(|revision| seen(&revision))
}

pub(super) fn stop(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    let name = scene.name();
    if !scene.is_in_flight() {
        return Err(nothing(format!("{name} is at rest")));
    }
    let all = revisions::all(scene);
    if on_its_way_back(scene, &all) {
        return Err(nothing(format!("{name} is on its way back already")));
    }
    let good = all.iter().find(|revision| is_stable(scene, revision));
    match good.filter(|revision| !scene.known.condemned.contains(&revision.key.hash)) {
        Some(stable) => back(scene, ActKind::Stop, stable),
        None => by_pause(scene),
    }
}

/// Nothing is known good: standing still is all that can be done without a person.
fn by_pause(scene: &Scene<'_>) -> Result<Outline, Refusal> {
    let mut outline = hold::hold(scene).map_err(|held| match held.kind {
        RefusalKind::NothingToDo => {
            Refusal::new(held.kind, format!("{}; no revision is known good", held.why))
                .with_remedy("choose with B")
        }
        _ => held,
    })?;
    outline.act = ActKind::Stop;
    outline.title = Text::clean(&format!("Pause {}: no revision is known good: choose with B", scene.name()));
    Ok(outline)
}

fn back(scene: &Scene<'_>, act: ActKind, to: &Revision) -> Result<Outline, Refusal> {
    let hash = &to.key.hash;
    let step = match towards(scene, hash, Clock(None))? {
        Move::Send(step) => *step,
        Move::There => {
            return Err(nothing(already(scene, to)));
        }
        Move::Wait(what, _) => {
            return Err(nothing(format!("{} is on its way back to {}: {what}", scene.name(), to.name)));
        }
    };
    let digest =
        scene.template_of(hash).map_or(TemplateDigest::default(), |template| template.summary().digest);
    let want = Want::Serving { hash: Some(hash.clone()), digest, version: to.name.clone() };
    let verb = if act == ActKind::Stop { "Stop" } else { "Roll back" };
    let title = format!("{verb} {} to {}", scene.name(), to.name);
    let steps = all_steps(scene, hash, step)?;
    let mut outline = make(scene, act, &title, steps, want);
    outline.effect = effect(scene, to, &outline.steps);
    outline.good = Some(revisions::words(scene, to));
    outline.after = after(scene, hash, &outline.steps);
    Ok(outline)
}

fn already(scene: &Scene<'_>, to: &Revision) -> String {
    if scene.is_aborted() {
        format!("aborted: {} serves alone already; retry begins anew, set-image rolls out another", to.name)
    } else {
        format!("{} is the present revision and serves alone", to.name)
    }
}

/// A return from a finished release takes several requests; each is sent when the objects ask for it.
fn all_steps(scene: &Scene<'_>, to: &TemplateHash, first: Step) -> Result<Vec<Step>, Refusal> {
    let mut steps = vec![first];
    let Some(stable) = scene.stable().filter(|stable| *stable != to) else { return Ok(steps) };
    let paused = keeps_pause(scene, to) || (scene.spec().paused && scene.workload_ref().is_some());
    let template = scene.template_back(to, keeps_pause(scene, to))?;
    if steps[0] == template {
        if !revisions::is_older_and_kept(scene, to) || scene.blue_green().is_none() || paused {
            steps.push(scene.promote_in_full(to, stable));
        }
        if paused {
            steps.push(scene.unpause());
        }
    }
    Ok(steps)
}

fn effect(scene: &Scene<'_>, to: &Revision, steps: &[Step]) -> Vec<Text> {
    let mut lines: Vec<String> = scene
        .sets()
        .filter(|set| set.status.replicas > 0 && set.key() != to.key)
        .map(|set| {
            let version = scene.version(&set.hash());
            format!(
                "{} pods of {version} ({} ready) lose the traffic and go",
                set.status.replicas, set.status.ready_replicas
            )
        })
        .collect();
    let start = (scene.wanted() - to.pods).max(0);
    lines.push(format!("{} pods of {} stay, {start} start", to.pods, to.name));
    let how: Vec<&str> = steps.iter().map(|step| step.does.as_str()).collect();
    lines.push(format!("how: {}", how.join(", then ")));
    if scene.stable() != Some(&to.key.hash) {
        let when = if start == 0 {
            "at once: its pods are there".to_owned()
        } else {
            format!("when {start} pods have started")
        };
        lines.push(format!("the traffic moves {when}; steps and analyses are skipped"));
    }
    lines.iter().map(|line| Text::clean(line)).collect()
}

fn after(scene: &Scene<'_>, to: &TemplateHash, steps: &[Step]) -> Vec<Text> {
    let mut lines = Vec::new();
    if steps.iter().any(|step| step.does.as_str() == "abort the update") {
        lines.push(
            "the spec still asks for the version that is left: retry or the next change rolls it out"
                .to_owned(),
        );
    }
    let config = scene.template_of(to).map(|template| &template.summary().config);
    if let Some(config) = config.ok().filter(|config| !config.is_empty()) {
        let names: Vec<&str> = config.iter().map(String::as_str).collect();
        lines.push(format!("not restored: contents of {}", names.join(", ")));
    }
    lines.iter().map(|line| Text::clean(line)).collect()
}
