//! Canaries: promoted step by step and in full, held, rolled back in mid-run and after completion, stopped.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::{MAIN, STATUS, hashes, stop};
use crate::{
    harness::{
        cluster::Cluster,
        keys::{PROOF, SHORT_NAME},
        rollouts::{Measure, Rollout},
        site::Site,
        things::Thing,
    },
    rig::{users::Role, webhooks::Answer},
    support::screen::Size,
};

fn steps() -> Value {
    json!([{ "setWeight": 25 }, { "pause": {} }, { "setWeight": 50 }, { "pause": {} }, { "setWeight": 75 }, { "pause": {} }])
}

/// The whole life of a release through nginx, with traffic flowing.
pub(crate) fn a_canary_is_driven(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-driven", Role::Driver)?;
    let kept = json!({ "scaleDownDelaySeconds": 300 });
    let shop = Rollout::nginx("shop", "1.0.0").steps(&steps()).strategy(&kept);
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.release_to_pause(&shop, "1.1.0")?;
    console.wait_text("1.0.0→1.1.0")?;
    console.press("P")?;
    console.wait_text("needs control: T")?;
    console.take_control()?;

    // until the pause is seen, P would skip the step before it
    console.wait_text("P 25→50 %")?;
    console.act("P", "Promote shop 1.1.0: 25→50 %")?;
    console.await_proof()?;
    site.ingress_weight("50")?;
    site.ensure_sent(&[STATUS])?;
    console.press("H")?;
    console.wait_text("until somebody promotes it")?;
    console.act("P", "Promote shop 1.1.0: 50→75 %")?;
    console.await_proof()?;
    site.ensure_sent(&[STATUS; 2])?;

    console.run_command("promote-full")?;
    console.wait_for("it can be typed", |frame| {
        frame.shows("Promote shop to 1.1.0 in full") && frame.shows("accepted") && !frame.shows("asking")
    })?;
    console.send(SHORT_NAME.as_bytes())?;
    console.wait_text("y send")?;
    console.press_alone("y")?;
    console.await_proof()?;
    site.await_rollout("shop", "Healthy")?;
    site.ingress_weight("0")?;
    site.ensure_alone("1.1.0")?;

    // its old pods are still there: a pause keeps them, so the way back needs no new ones
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.ensure_sent(&[STATUS, STATUS, STATUS, MAIN, STATUS, MAIN])?;
    let back = site.await_rollout("shop", "Healthy")?;
    ensure!(back["spec"]["paused"] != true, "{}", back["spec"]);
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// The stop at a pause, by an abort; then retried, and rolled back in mid-run.
pub(crate) fn a_canary_is_stopped(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-stopped", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.release_to_pause(&shop, "1.1.0")?;
    stop(&console)?;
    site.ingress_weight("0")?;
    site.ensure_sent(&[STATUS])?;
    let aborted = site.await_rollout("shop", "Degraded")?;
    ensure!(aborted["status"]["abort"] == true, "{aborted}");
    console.wait_text("aborted")?;
    ensure!(!console.frame().shows("REVERTED"), "{}", console.frame());
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// A pipeline's fast step is held, resumed where it stood, and rolled back under a hold in one patch.
pub(crate) fn a_canary_is_held(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-held", Role::Driver)?;
    let timed = json!([{ "setWeight": 50 }, { "pause": { "duration": "10m" } }, { "pause": {} }]);
    let shop = Rollout::nginx("shop", "1.0.0").steps(&timed);
    let console = site.watch(&shop)?;
    let before = site.release_to_pause(&shop, "1.1.0")?;
    console.wait_text("1.0.0→1.1.0")?;
    console.press_alone("H")?;
    console.wait_text("HOLD shop: paused at step 2 of 3")?;
    console.wait_text("PROVEN: Hold shop")?;
    site.await_thing(Thing::Rollout, "shop", "is paused", |rollout| rollout["spec"]["paused"] == true)?;
    console.take_control()?;
    console.act("U", "Resume shop")?;
    console.await_proof()?;
    let after = site.read(Thing::Rollout, "shop")?;
    ensure!(
        after["status"]["currentStepIndex"] == before["status"]["currentStepIndex"],
        "{}",
        after["status"]
    );
    ensure!(after["status"]["pauseConditions"] == before["status"]["pauseConditions"], "{}", after["status"]);

    site.change(Thing::Rollout, "shop", &json!({ "spec": { "paused": true } }))?;
    site.await_thing(Thing::Rollout, "shop", "is held", |rollout| {
        rollout["status"]["message"] == "manually paused"
    })?;
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.ensure_sent(&[MAIN; 3])?;
    let back = site.await_rollout("shop", "Healthy")?;
    let (stable, current) = hashes(&back);
    ensure!(stable == current && back["spec"]["paused"] != true, "{back}");
    site.ingress_weight("0")?;
    site.ensure_alone("1.0.0")
}

/// A candidate that never comes up is stopped; nothing of it ever served.
pub(crate) fn a_broken_candidate_is_stopped(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-broken", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.set_rollout_image(&shop, "1.1.0-crash")?;
    console.wait_text("crash loop")?;
    stop(&console)?;
    site.ensure_sent(&[STATUS])?;
    site.ensure_served(&start)
}

/// The analysis of a step fails: its reason is said, although the status forgets it.
pub(crate) fn an_analysis_is_shown(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-analysed", Role::Driver)?;
    let path = "/argo-analysed/errors";
    cluster.webhooks()?.set(path, Answer::value(0.0));
    site.analysis_template("errors", &Measure::Web { path, below: 0.02 }, Some(1000))?;
    let steps = json!([{ "setWeight": 50 }, { "analysis": { "templates": [{ "templateName": "errors" }] } }]);
    let shop = Rollout::nginx("shop", "1.0.0").steps(&steps);
    let console = site.watch(&shop)?;
    site.set_rollout_image(&shop, "1.1.0")?;
    site.await_thing(Thing::Rollout, "shop", "is in its analysis", |rollout| {
        rollout["status"]["currentStepIndex"] == 1
    })?;
    console.wait_text("1.0.0→1.1.0")?;
    cluster.webhooks()?.set(path, Answer::value(0.5));
    site.await_rollout("shop", "Degraded")?;
    console.wait_text("aborted: metric \"errors\" assessed Failed")?;
    site.ingress_weight("0").map(drop)
}

/// Stopped in the middle of an analysis that would have gone on.
pub(crate) fn a_canary_is_stopped_in_its_analysis(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-mid-analysis", Role::Driver)?;
    let path = "/argo-mid-analysis/errors";
    cluster.webhooks()?.set(path, Answer::value(0.0));
    site.analysis_template("errors", &Measure::Web { path, below: 0.02 }, Some(1000))?;
    let steps = json!([{ "setWeight": 50 }, { "analysis": { "templates": [{ "templateName": "errors" }] } }]);
    let shop = Rollout::istio("shop", "1.0.0").steps(&steps);
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.set_rollout_image(&shop, "1.1.0")?;
    site.await_thing(Thing::Rollout, "shop", "is in its analysis", |rollout| {
        rollout["status"]["currentStepIndex"] == 1
    })?;
    stop(&console)?;
    site.ensure_sent(&[STATUS])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// Two consoles promote at once: one step is taken, and the loser is told.
pub(crate) fn two_promote_at_once(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-two", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0").steps(&steps());
    let first = site.watch(&shop)?;
    let other = site.second_user("two-second", Role::Driver)?;
    let second = other.console(Size::WIDE, &[])?;
    second.wait_text("nothing moves")?;
    site.release_to_pause(&shop, "1.1.0")?;
    for console in [&first, &second] {
        console.wait_text("1.0.0→1.1.0")?;
        console.take_control()?;
        console.wait_text("P 25→50 %")?;
        console.open_sheet("P", "Promote shop 1.1.0: 25→50 %")?;
    }
    first.press("y")?;
    second.press("y")?;
    first
        .wait_within(PROOF, "it is judged", |frame| frame.shows("PROVEN in") || frame.shows("NOT PROVEN"))?;
    let told = |frame: &crate::support::screen::Frame| {
        frame.shows("PROVEN in") || frame.shows("NOT PROVEN") || frame.shows("has changed")
    };
    second.wait_within(PROOF, "it is judged too", told)?;
    let now = site.read(Thing::Rollout, "shop")?;
    ensure!(now["status"]["currentStepIndex"] == 3, "a step was skipped: {}", now["status"]);
    let proven = [first.frame(), second.frame()]
        .iter()
        .filter(|frame| frame.shows("PROVEN in") && !frame.shows("NOT PROVEN"))
        .count();
    ensure!(proven == 1, "both claim it\n{}\n{}", first.frame(), second.frame());
    site.ingress_weight("50").map(drop)
}

/// Without a router the pods are the traffic: promoted, and stopped under somebody's pause.
pub(crate) fn a_basic_canary_is_stopped_under_a_pause(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-basic", Role::Driver)?;
    let shop = Rollout::canary("shop", "1.0.0");
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    site.release_to_pause(&shop, "1.1.0")?;
    site.change(Thing::Rollout, "shop", &json!({ "spec": { "paused": true } }))?;
    site.await_thing(Thing::Rollout, "shop", "is held", |rollout| {
        rollout["status"]["message"] == "manually paused"
    })?;
    console.wait_text("held")?;
    stop(&console)?;
    site.ensure_sent(&[MAIN])?;
    site.await_rollout("shop", "Healthy")?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// A finished release whose old pods are gone: the chord names it and leaves it alone, `B` brings it back in full.
pub(crate) fn a_finished_release_goes_back_to_pods_that_are_gone(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-cold", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0").strategy(&json!({ "scaleDownDelaySeconds": 1 }));
    let console = site.watch(&shop)?;
    let start = site.tally()?;
    let (old, _) = hashes(&site.release_to_pause(&shop, "1.1.0")?);
    console.wait_text("1.0.0→1.1.0")?;
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "promoteFull": true } }))?;
    site.await_rollout("shop", "Healthy")?;
    let name = format!("shop-{}", old.as_str().unwrap_or_default());
    site.await_thing(Thing::ReplicaSet, &name, "has no pods", |set| {
        set["status"]["replicas"].as_u64().unwrap_or(0) == 0
    })?;
    console.wait_text("nothing moves")?;
    console.press_alone("!")?;
    console.wait_text("B rolls it back")?;
    console.press_alone("Esc")?;
    console.wait_for("the bar is closed", |frame| !frame.shows("B rolls it back"))?;
    console.act("B", "Roll back shop to 1.0.0")?;
    console.await_proof()?;
    site.ensure_sent(&[MAIN, STATUS])?;
    site.ensure_alone("1.0.0")?;
    site.ensure_served(&start)
}

/// The other acts, without a screen: an image, a retry of what was aborted, a restart and a size.
pub(crate) fn verbs_act_on_a_rollout(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "argo-verbs", Role::Driver)?;
    let shop = Rollout::canary("shop", "1.0.0");
    site.roll_out(&shop)?;
    let verb = |words: &[&str]| {
        let said = site.run(&[words, &["--yes", "--arm", SHORT_NAME]].concat())?;
        ensure!(said.code == Some(0), "gonogo {}: {said:#?}", words.join(" "));
        Ok::<(), color_eyre::eyre::Report>(())
    };
    verb(&["scale", "shop", "--replicas", "6"])?;
    verb(&["restart", "shop"])?;
    verb(&["set-image", "shop", &shop.workload.image("1.1.0")])?;
    site.await_rollout("shop", "Paused")?;
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "abort": true } }))?;
    site.await_rollout("shop", "Degraded")?;
    verb(&["retry", "shop"])?;
    site.await_rollout("shop", "Paused")?;
    verb(&["promote", "shop"])?;
    site.await_rollout("shop", "Healthy")?;
    let asked: Vec<String> = site
        .mutations()?
        .iter()
        .map(|entry| format!("{} {}/{}", entry.verb, entry.resource, entry.name))
        .collect();
    ensure!(asked == ["patch rollouts/scale/shop", MAIN, MAIN, STATUS, STATUS], "{asked:?}");
    let pods = site.pods("shop")?;
    let new = |pod: &Value| pod["spec"]["containers"][0]["image"] == shop.workload.image("1.1.0");
    ensure!(pods.iter().filter(|pod| new(pod)).count() == 6, "{pods:#?}");
    Ok(())
}
