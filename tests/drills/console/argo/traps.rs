//! Guards of the controller that hold a weight, and what the console does about them.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::{MAIN, STATUS, hashes, stop};
use crate::{
    harness::{cluster::Cluster, rollouts::Rollout, site::Site, things::Thing},
    rig::users::Role,
};

/// One stable pod down: neither an abort nor the template takes the weight away. It is set by hand, and stays.
pub(crate) fn a_held_weight_is_set_by_hand(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-held-weight", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let (old, _) = hashes(&site.release_to_pause(&shop, "1.1.0")?);
    site.break_a_pod_of(&shop, &old)?;
    console.wait_text("crash loop")?;
    stop(&console)?;
    site.ingress_weight("0")?;
    site.ensure_sent(&[MAIN, "patch ingresses/shop-shop-canary"])?;
    site.ensure_alone("1.0.0")
}

/// Subsets: the phase says Healthy with half of the traffic on the candidate.
pub(crate) fn healthy_with_half_the_traffic_is_no_proof(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-healthy-half", Role::Driver)?;
    let shop = Rollout::istio_subsets("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let (old, _) = hashes(&site.release_to_pause(&shop, "1.1.0")?);
    site.break_a_pod_of(&shop, &old)?;
    console.wait_text("crash loop")?;
    stop(&console)?;
    let route = site.await_thing(Thing::VirtualService, "shop", "is at 100/0", |service| {
        let route = &service["spec"]["http"][0]["route"];
        route[0]["weight"] == 100 && route[1]["weight"] == 0
    })?;
    let phase = site.read(Thing::Rollout, "shop")?["status"]["phase"].clone();
    ensure!(phase == "Healthy", "{phase}: {route}");
    site.ensure_sent(&[MAIN, "patch virtualservices/shop"])?;
    site.ensure_alone("1.0.0")
}

/// An abort by somebody else with a stable pod down leaves half of the traffic: it is said, and `B` takes it away.
pub(crate) fn an_abort_that_moves_nothing_is_said(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-idle-abort", Role::Driver)?;
    let shop = Rollout::istio("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let (old, _) = hashes(&site.release_to_pause(&shop, "1.1.0")?);
    site.break_a_pod_of(&shop, &old)?;
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "abort": true } }))?;
    console.wait_text("weight 50 is held on VirtualService shop")?;
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.ensure_sent(&["patch virtualservices/shop"])?;
    site.ensure_alone("1.0.0")
}

/// With `dynamicStableScale` and a written delay an abort stalls at a quarter: the template goes back instead.
pub(crate) fn an_abort_that_would_stall_is_not_sent(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-dynamic", Role::Driver)?;
    let more = json!({ "dynamicStableScale": true, "abortScaleDownDelaySeconds": 10 });
    let shop = Rollout::istio("shop", "1.0.0").strategy(&more);
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.release_to_pause(&shop, "1.1.0")?;
    stop(&console)?;
    site.ensure_sent(&[MAIN])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// What upstream calls promote skips the step of a held canary; un-pausing here does not.
pub(crate) fn a_pause_in_mid_step_skips_nothing(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-mid-step", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0");
    let console = site.watch(&shop)?;
    site.set_rollout_image(&shop, "1.1.0-never")?;
    console.wait_text("1.0.0→1.1.0-never")?;
    console.take_control()?;
    console.press_alone("H")?;
    console.wait_text("PROVEN: Hold shop")?;
    console.press_alone("P")?;
    console.wait_text("U lets it go on")?;
    console.act("U", "Resume shop")?;
    console.await_proof()?;
    let seen = site.read(Thing::Rollout, "shop")?;
    let index = |rollout: &Value| rollout["status"]["currentStepIndex"].as_i64().unwrap_or(0);
    ensure!(index(&seen) == 0, "a step was skipped: {}", seen["status"]);
    site.ensure_sent(&[MAIN; 2])?;
    // and a stop in the middle of a step
    stop(&console)?;
    site.ensure_sent(&[MAIN, MAIN, STATUS])
}
