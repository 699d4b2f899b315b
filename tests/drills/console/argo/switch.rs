//! Blue-green: switched by keys, held before and not after, and brought back by whichever side is whole.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::{MAIN, STATUS, hashes, stop};
use crate::{
    harness::{
        cluster::Cluster,
        rollouts::{Measure, Rollout},
        site::Site,
        things::Thing,
    },
    rig::{users::Role, webhooks::Answer},
    support::terminal::Terminal,
};

/// A blue-green whose analysis after the switch goes on without end, so that it stays between the two versions.
fn judged(site: &Site<'_>) -> Result<Rollout> {
    let path = format!("/{}/errors", site.namespace);
    site.cluster.webhooks()?.set(&path, Answer::value(0.0));
    site.analysis_template("errors", &Measure::Web { path: &path, below: 0.02 }, Some(1000))?;
    let analysis = json!({ "templates": [{ "templateName": "errors" }] });
    let more = json!({ "postPromotionAnalysis": analysis, "abortScaleDownDelaySeconds": 5 });
    Ok(Rollout::blue_green("shop", "1.0.0").strategy(&more))
}

/// Releases and switches, and stays in the analysis after it. Returns the two versions.
fn switched(site: &Site<'_>, shop: &Rollout, console: &Terminal) -> Result<(Value, Value)> {
    let paused = site.release_to_pause(shop, "1.1.0")?;
    console.wait_text("1.0.0→1.1.0")?;
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "pauseConditions": null } }))?;
    let (old, new) = hashes(&paused);
    site.selects("shop-active", &new)?;
    Ok((old, new))
}

/// Previewed, switched by `P`, and taken back by `B` while the old pods are kept.
pub(crate) fn a_blue_green_is_driven(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-blue-green", Role::Driver)?;
    let shop = Rollout::blue_green("shop", "1.0.0").strategy(&json!({ "scaleDownDelaySeconds": 120 }));
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    let (old, new) = hashes(&site.release_to_pause(&shop, "1.1.0")?);
    console.wait_text("1.0.0→1.1.0")?;
    console.take_control()?;
    console.act("P", "Promote shop 1.1.0: switch shop-active")?;
    console.await_proof()?;
    site.selects("shop-active", &new)?;
    site.await_rollout("shop", "Healthy")?;
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.selects("shop-active", &old)?;
    site.ensure_sent(&[STATUS, MAIN])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// One unready pod of the candidate is enough for an abort to end with nobody serving: the template goes back instead.
pub(crate) fn a_switch_with_a_sick_candidate_is_stopped(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-sick-green", Role::Driver)?;
    let shop = judged(&site)?;
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    let (old, new) = switched(&site, &shop, &console)?;
    site.break_a_pod_of(&shop, &new)?;
    console.wait_text("crash loop")?;
    stop(&console)?;
    site.selects("shop-active", &old)?;
    site.ensure_sent(&[MAIN])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// With both sides short neither an abort nor the template moves the Service: it is pointed back by hand.
pub(crate) fn a_switch_with_both_sides_sick_is_stopped(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-both-sick", Role::Driver)?;
    let shop = judged(&site)?;
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    let (old, new) = switched(&site, &shop, &console)?;
    for hash in [&old, &new] {
        site.break_a_pod_of(&shop, hash)?;
    }
    console.wait_text("crash loop")?;
    stop(&console)?;
    site.selects("shop-active", &old)?;
    site.ensure_sent(&["patch services/shop-active", MAIN])?;
    site.ensure_served(&start)
}

/// A pause after the switch is an alarm, and no hold is sent there; the stop needs one patch and costs no request.
pub(crate) fn a_paused_switch_is_stopped(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-paused-green", Role::Driver)?;
    let shop = judged(&site)?;
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    let (old, _) = switched(&site, &shop, &console)?;
    console.press_alone("H")?;
    console.wait_text("already switched: B goes back")?;
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    site.change(Thing::Rollout, "shop", &json!({ "spec": { "paused": true } }))?;
    console.wait_text("paused after the cut-over")?;
    stop(&console)?;
    site.selects("shop-active", &old)?;
    site.ensure_sent(&[MAIN])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// Somebody aborted where it ends with nobody serving: it is said, and `B` ends it.
pub(crate) fn a_blackout_is_said_and_ended(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-blackout", Role::Driver)?;
    let shop = judged(&site)?;
    let console = site.watch(&shop)?;
    let (old, new) = switched(&site, &shop, &console)?;
    site.break_a_pod_of(&shop, &new)?;
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "abort": true } }))?;
    let name = format!("shop-{}", new.as_str().unwrap_or_default());
    site.await_thing(Thing::ReplicaSet, &name, "is scaled to nothing", |set| set["spec"]["replicas"] == 0)?;
    console.wait_text("NOBODY SERVES")?;
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.selects("shop-active", &old)?;
    site.ensure_sent(&[MAIN])?;
    site.ensure_alone("1.0.0")
}
