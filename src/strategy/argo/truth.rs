//! The candidate's share of the traffic as spec, controller and live objects say it.

use crate::model::ids::TemplateHash;
use crate::model::objects::ObjectSet;
use crate::model::route::Route;
use crate::model::text::Text;
use crate::model::track::{Share, Truth};
use crate::model::view::{Traffic, TrafficBasis};
use crate::strategy::traffic;

use super::routing::{self, Side};
use super::scene::Scene;
use super::{serving, steps};

/// Who says what.
pub(super) fn of(scene: &Scene<'_>) -> Truth {
    let Some(candidate) = scene.candidate().filter(|_| scene.stable().is_some()) else {
        return Truth { also: also(scene), ..Truth::default() };
    };
    let (intended, reported, live) = if scene.blue_green().is_some() {
        switched(scene, candidate)
    } else if scene.router().is_some() {
        (intended(scene), reported(scene, candidate), weighed(scene, candidate))
    } else {
        by_pods(scene, candidate)
    };
    Truth { intended, reported, live, also: also(scene) }
}

type Three = (Option<Share>, Option<Share>, Option<Share>);

fn intended(scene: &Scene<'_>) -> Option<Share> {
    let whole = steps::weight_max(scene);
    if scene.current() == scene.stable() || scene.is_aborted() {
        return Share::new(0, whole, "the stable version alone");
    }
    if scene.status().promote_full {
        return Share::new(whole, whole, "promoted in full");
    }
    let at = steps::at(scene);
    Share::new(
        steps::weight_at(scene, at),
        whole,
        &format!("step {} of {}", at + 1, steps::steps(scene).len()),
    )
}

fn reported(scene: &Scene<'_>, candidate: &TemplateHash) -> Option<Share> {
    let weights = scene.status().canary.weights.as_ref()?;
    let part = if weights.canary.pod_template_hash == *candidate { weights.canary.weight } else { 0 };
    Share::new(part, weights.canary.weight + weights.stable.weight, "the controller's status")
}

fn weighed(scene: &Scene<'_>, candidate: &TemplateHash) -> Option<Share> {
    let all = routing::splits(scene);
    let worst =
        all.iter().max_by_key(|split| 1000 * routing::share_of(scene, split, candidate) / split.whole)?;
    Share::new(routing::share_of(scene, worst, candidate), worst.whole, &worst.from())
}

/// Without a router: what the step wants in whole pods, and an estimate from the ready ones. The controller reports no
/// weight at all.
fn by_pods(scene: &Scene<'_>, candidate: &TemplateHash) -> Three {
    let wanted = |hash: &TemplateHash| scene.set_of(hash).map_or(0, |set| set.spec.replicas);
    let stable = scene.stable().map_or(0, wanted);
    let intended = if scene.is_aborted() {
        Share::new(0, scene.wanted(), "the stable version alone")
    } else {
        let step = format!("{} % in whole pods", steps::weight_at(scene, steps::at(scene)));
        Share::new(wanted(candidate), wanted(candidate) + stable, &step)
    };
    let ready: i64 = scene.sets().map(|set| scene.ready(&set.hash())).sum();
    (intended, None, Share::new(scene.ready(candidate), ready, "estimate from ready pods"))
}

/// All or nothing: the active Service.
fn switched(scene: &Scene<'_>, candidate: &TemplateHash) -> Three {
    let all = |whole: bool, from: &str| Share::new(i64::from(whole), 1, from);
    let status = scene.status();
    let waiting = steps::pause(scene).is_some_and(|pause| pause.reason == "BlueGreenPause");
    let intended = if scene.is_aborted() || waiting {
        all(false, "the stable version alone")
    } else {
        scene.is_past_cut_over().then(|| all(true, "switched")).flatten()
    };
    let reported = Some(&status.blue_green.active_selector)
        .filter(|hash| !hash.is_empty())
        .and_then(|hash| all(hash == candidate, "the controller's status"));
    let active = scene.blue_green().and_then(|spec| routing::service_of(scene, &spec.active_service));
    let live = active.and_then(|service| {
        let ready = serving::endpoints(scene, service);
        let whole = ready.values().sum();
        let own = ready.get(candidate).copied().unwrap_or(0);
        Share::new(own, whole, &format!("endpoints of {}", service.name))
    });
    (intended, reported, live)
}

/// Rules besides the weighted ones that lead to the canary: they count whatever the weight is.
fn also(scene: &Scene<'_>) -> Vec<Text> {
    let mut lines: Vec<Text> = Vec::new();
    for route in routes(scene.objects) {
        let from = format!("{} {}", route.kind, route.face.metadata.name);
        if let Some(canary) = &route.canary {
            lines.extend(
                canary.rules.iter().map(|(name, value)| Text::clean(&format!("{from}: {name} {value}"))),
            );
            if canary.sticky {
                lines.push(Text::clean(&format!("{from}: who once met the canary stays there (cookie)")));
            }
        }
        for rule in route.rules.iter().filter(|rule| !rule.matches.is_empty()) {
            let leads = rule.backends.iter().any(|one| {
                routing::side(scene, one) == Some(Side::Canary)
                    && (one.weight > 0 || rule.backends.len() == 1)
            });
            if leads {
                let matches: Vec<&str> = rule.matches.iter().map(Text::as_str).collect();
                lines.push(Text::clean(&format!("{from}: {} → canary", matches.join(" or "))));
            }
        }
    }
    lines
}

fn routes(objects: &ObjectSet) -> impl Iterator<Item = &Route> {
    objects.routes.iter()
}

/// Shares per version: by weights where routes have them, by endpoints of the Service that serves, else by pods.
pub(super) fn traffic(scene: &Scene<'_>) -> Traffic {
    let splits = routing::splits(scene);
    if let Some(split) = splits.iter().max_by_key(|split| split.weight) {
        let shares = scene.sets().map(|set| {
            let part = routing::share_of(scene, split, &set.hash());
            (set.key(), u32::try_from(part).unwrap_or(0))
        });
        return Traffic {
            basis: TrafficBasis::Weights,
            shares: shares.filter(|(_, part)| *part > 0).collect(),
            services: vec![crate::model::ids::Name::new(split.from())],
        };
    }
    let Some(active) = scene.blue_green().and_then(|spec| routing::service_of(scene, &spec.active_service))
    else {
        return traffic::count(scene.objects);
    };
    let ready = serving::endpoints(scene, active);
    let count =
        |hash: &TemplateHash| u32::try_from(ready.get(hash).copied().unwrap_or(0)).unwrap_or(u32::MAX);
    Traffic {
        basis: TrafficBasis::Endpoints,
        shares: scene.sets().map(|set| (set.key(), count(&set.hash()))).filter(|(_, n)| *n > 0).collect(),
        services: vec![active.name.clone()],
    }
}
