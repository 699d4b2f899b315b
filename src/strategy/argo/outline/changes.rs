//! Restart, size and image.

use serde_json::{Value, json};

use crate::model::Time;
use crate::model::act::ActKind;
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::template::ContainerImage;
use crate::model::text::Text;
use crate::strategy::patch;

use super::super::scene::Scene;
use super::super::write::{Site, beside};
use super::{make, not_here, nothing};

pub(super) fn restart(scene: &Scene<'_>, at: Time) -> Result<Outline, Refusal> {
    let name = scene.name();
    if scene.spec().paused {
        return Err(not_here(&format!("{name} is held: a restart would not begin"))
            .with_remedy("U resumes it, B goes back"));
    }
    let stamp = at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let before = scene.spec().restart_at.as_ref().map_or(Value::Null, |before| json!(before));
    let operations =
        [scene.uid(), patch::test("/spec/restartAt", before), patch::add("/spec/restartAt", json!(stamp))];
    let step = scene.main("set restartAt", &operations);
    let title = format!("Restart {name}: replace {} pods", scene.wanted());
    let mut outline = make(scene, ActKind::Restart, &title, vec![step], Want::Restarted { stamp });
    let line = format!(
        "{} pods are replaced one after the other by new ones of the same template; no new revision",
        scene.wanted()
    );
    outline.effect.push(Text::clean(&line));
    Ok(outline)
}

pub(super) fn scale(scene: &Scene<'_>, replicas: u32) -> Result<Outline, Refusal> {
    let name = scene.name();
    if let Some(scaler) = scene.objects.autoscalers.first() {
        let why =
            format!("autoscaler {} sets the size of {name} ({} to {})", scaler.name, scaler.min, scaler.max);
        return Err(not_here(&why).with_remedy("change its bounds instead"));
    }
    let now = scene.wanted();
    if now == i64::from(replicas) {
        return Err(nothing(format!("{name} has {now} pods already")));
    }
    let operations = [
        scene.uid(),
        patch::test("/spec/replicas", json!(now)),
        patch::replace("/spec/replicas", json!(replicas)),
    ];
    let step = Step {
        does: Text::clean(&format!("set the size to {replicas}")),
        request: patch::request(&scene.objects.target, "scale", &operations),
    };
    let title = format!("Scale {name} from {now} to {replicas} pods");
    let mut outline = make(scene, ActKind::Scale, &title, vec![step], Want::Replicas { replicas });
    outline.destructive = replicas == 0;
    let difference = i64::from(replicas) - now;
    let word = if difference > 0 { "more" } else { "fewer" };
    let line = format!("{} {word} pods; {} are ready now", difference.abs(), scene.status().ready_replicas);
    outline.effect.push(Text::clean(&line));
    if replicas == 0 {
        outline.effect.push(Text::clean("nothing will serve: this takes the workload down"));
    }
    if scene.spec().paused {
        outline.effect.push(Text::clean("it is held: pods of a canary do not follow until it is resumed"));
    }
    Ok(outline)
}

pub(super) fn set_image(scene: &Scene<'_>, container: Option<&str>, image: &str) -> Result<Outline, Refusal> {
    let name = scene.name();
    let site = scene.site()?;
    let (index, present) = find(&scene.template().images, container)?;
    if image.is_empty() || image.chars().any(char::is_whitespace) {
        return Err(Refusal::new(RefusalKind::BadArgument, format!("{image:?} is no image reference")));
    }
    if present.image == image {
        return Err(nothing(format!("{name} runs {image} already")));
    }
    let path = format!("/spec/template/spec/containers/{index}");
    let (uid, target) = match &site {
        Site::Own => (&scene.rollout.face.metadata.uid, scene.objects.target.clone()),
        Site::Deployment(deployment) => (&deployment.metadata.uid, beside(scene, deployment)),
    };
    let operations = [
        patch::test_uid(uid),
        patch::test(&format!("{path}/name"), json!(present.name)),
        patch::test(&format!("{path}/image"), json!(present.image)),
        patch::replace(&format!("{path}/image"), json!(image)),
    ];
    let step = Step {
        does: Text::clean(&format!("set the image of {} to {image}", present.name)),
        request: patch::request(&target, "", &operations),
    };
    let want = Want::Image { container: present.name.clone(), image: image.to_owned() };
    let mut outline =
        make(scene, ActKind::SetImage, &format!("Roll out {image} on {name}"), vec![step], want);
    outline.effect.push(Text::clean(&format!("{} → {image}", present.image)));
    if let Site::Deployment(deployment) = site {
        let line = format!("written to Deployment {}, which holds the template", deployment.metadata.name);
        outline.effect.push(Text::clean(&line));
    }
    if scene.is_in_flight() {
        outline
            .effect
            .push(Text::clean("the update in flight ends here: a new one begins at the first step"));
    }
    if scene.spec().paused {
        outline.effect.push(Text::clean("it is held: nothing moves until it is resumed"));
    }
    Ok(outline)
}

fn find<'a>(all: &'a [ContainerImage], name: Option<&str>) -> Result<(usize, &'a ContainerImage), Refusal> {
    let mut places = all.iter().enumerate();
    let found = match name {
        Some(name) => places.find(|(_, container)| container.name == name),
        None if all.len() == 1 => places.next(),
        None => None,
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|container| container.name.as_str()).collect();
        Refusal::new(RefusalKind::BadArgument, "name the container")
            .with_remedy(format!("CONTAINER=IMAGE with one of: {}", names.join(", ")))
    })
}
