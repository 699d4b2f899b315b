//! Stopped and taken back, with what a tick in flight does to it.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::DONE;
use crate::{
    harness::{
        canaries::{Canary, Provider},
        keys::PROOF,
        site::Site,
        things::Thing,
    },
    rig::webhooks::Answer,
    support::screen::Size,
};

/// How long a hook keeps a tick running.
const SLOW: Duration = Duration::from_secs(5);

fn slow() -> Answer {
    Answer::open().after(SLOW)
}

/// Two steps, so that a drill is quick.
fn half(provider: Provider) -> Canary {
    Canary::new("shop", "1.0.0", provider).spec(&json!({ "analysis": { "stepWeight": 30 } }))
}

/// The tick that runs writes its weight over ours, under the suspend: it is written again until the tick has ended.
pub(super) fn while_a_hook_runs(site: &Site<'_>) -> Result<()> {
    let shop = half(Provider::GatewayApi).gates(&["rollout"], "8s");
    site.deploy_canary(&shop)?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary_weight("shop", 30)?;
    site.set_gate("shop", "rollout", slow())?;
    site.await_call("rollout")?;
    let mark = site.tally()?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")?;
    ensure!(site.canary_weights()? == [0], "{:?}", site.canary_weights());
    let written = site.written()?;
    let routes = written.iter().filter(|what| *what == "httproutes shop").count();
    ensure!(routes >= 2, "the tick was not outlasted: {written:?}");
    let end = ["canaries/status shop", "canaries shop"];
    ensure!(written.first().is_some_and(|first| first == "canaries shop"), "{written:?}");
    ensure!(written.ends_with(&end.map(str::to_owned)), "{written:?}");
    ensure!(site.tally()?.since(&mark).unserved < 1.0, "{:?}", site.tally()?.since(&mark));
    site.config_map("gonogo-stop").map(drop)
}

/// The tick that runs promotes under the suspend: the primary's template is put back at once.
pub(super) fn while_the_promotion_gate_is_asked(site: &Site<'_>) -> Result<()> {
    let shop = half(Provider::GatewayApi).gates(&["confirm-promotion"], "8s");
    site.deploy_canary(&shop)?;
    site.set_gate("shop", "confirm-promotion", Answer::closed())?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "WaitingPromotion")?;
    site.set_gate("shop", "confirm-promotion", slow())?;
    site.await_call("confirm-promotion")?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")?;
    ensure!(site.canary_weights()? == [0], "{:?}", site.canary_weights());
    let written = site.written()?;
    ensure!(written.iter().any(|what| what == "deployments shop-primary"), "it did not promote: {written:?}");
    let end = site.tally()?;
    site.await_traffic(&end, "all requests are back at the old version", |seen| seen.share("1.0.0") > 0.99)?;
    Ok(())
}

/// By keys, through ingress-nginx: the annotation goes to "0", and the screen tells the proof.
pub(super) fn by_keys_on_nginx(site: &Site<'_>) -> Result<()> {
    let shop = half(Provider::Nginx).gates(&["rollback"], "2s");
    site.deploy_canary(&shop)?;
    let console = site.console(Size::WIDE, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary_weight("shop", 30)?;
    console.wait_text("1.0.0→1.1.0")?;
    let bar = console.stop()?;
    ensure!(bar.shows("1.1.0→1.0.0"), "{bar}");
    console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    site.ensure_back(&shop, "Failed")?;
    let ingress = site.read(Thing::Ingress, "shop-canary")?;
    let weight = &ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"];
    ensure!(*weight == "0", "{ingress}");
    let written = site.written()?;
    ensure!(written.iter().any(|what| what == "ingresses shop-canary"), "{written:?}");
    console.press("Esc")?;
    console.wait_text("STOPPED: shop").map(drop)
}

/// In `WaitingPromotion`, where a Service's selector is all there is: Flagger itself gives it up.
pub(super) fn without_weights(site: &Site<'_>) -> Result<()> {
    let once = json!({ "analysis": { "iterations": 1 } });
    let shop =
        Canary::new("shop", "1.0.0", Provider::Kubernetes).spec(&once).gates(&["confirm-promotion"], "2s");
    site.deploy_canary(&shop)?;
    site.set_gate("shop", "confirm-promotion", Answer::closed())?;
    let mark = site.tally()?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "WaitingPromotion")?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")?;
    ensure!(site.tally()?.since(&mark).served_by("1.1.0") < 1.0, "the canary was served");
    Ok(())
}

/// From Promoting on no weight is a way back: the primary's template is.
pub(super) fn while_it_promotes(site: &Site<'_>) -> Result<()> {
    let steps = json!({ "analysis": { "stepWeightPromotion": 20 } });
    let shop = half(Provider::GatewayApi).spec(&steps).gates(&["rollback"], "2s");
    site.deploy_canary(&shop)?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "Promoting")?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")?;
    ensure!(site.canary_weights()? == [0], "{:?}", site.canary_weights());
    let remembers = |canary: &Value| {
        let status = &canary["status"];
        status["lastAppliedSpec"] == status["lastPromotedSpec"]
    };
    site.await_thing(Thing::Canary, "shop", "will see the next release", remembers).map(drop)
}

/// While the canary crashes Flagger looks at no failed check: it is emptied, and said to have failed.
pub(super) fn while_it_crashes(site: &Site<'_>) -> Result<()> {
    let patient = json!({ "progressDeadlineSeconds": 600 });
    let shop = half(Provider::GatewayApi).spec(&patient).gates(&["rollback"], "2s");
    site.deploy_canary(&shop)?;
    site.set_image(&shop.workload, "1.1.0-crash")?;
    site.await_canary("shop", "Progressing")?;
    site.await_pod("shop", "crashes again and again", |pod| {
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    })?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")?;
    let written = site.written()?;
    ensure!(written.iter().any(|what| what == "deployments/scale shop"), "{written:?}");
    Ok(())
}

/// A release that is through goes back at once, and the bad version is judged no more.
pub(super) fn after_it_finished(site: &Site<'_>) -> Result<()> {
    let once = json!({ "analysis": { "iterations": 1 } });
    let shop = Canary::new("shop", "1.0.0", Provider::Kubernetes).spec(&once).gates(&["rollback"], "2s");
    site.deploy_canary(&shop)?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "Succeeded")?;
    let mark = site.tally()?;
    let back = site.verb(DONE, &["rollback", "canary/shop", "--to", "1.0.0", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    for name in ["shop", "shop-primary"] {
        let deployment = site.deployment(name)?;
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        ensure!(container["image"] == *shop.workload.image("1.0.0"), "{deployment}");
    }
    let wanted = ["canaries shop", "deployments shop-primary", "deployments shop", "canaries shop"];
    ensure!(site.written()? == wanted, "{:?}", site.written());
    let end = site.tally()?;
    site.await_traffic(&end, "all requests are back at the old version", |seen| seen.share("1.0.0") > 0.99)?;
    ensure!(site.tally()?.since(&mark).unserved < 1.0, "requests found no endpoint");
    Ok(())
}

/// Before `confirm-rollout` opens there is no traffic to take away, and Flagger asks no other hook.
pub(super) fn before_it_begins(site: &Site<'_>) -> Result<()> {
    let shop = half(Provider::GatewayApi).gates(&["confirm-rollout"], "2s");
    site.deploy_canary(&shop)?;
    site.set_gate("shop", "confirm-rollout", Answer::closed())?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "Waiting")?;
    let stopped = site.verb(DONE, &["stop", "--yes"])?;
    ensure!(stopped["results"][0]["result"] == "proven", "{stopped}");
    site.ensure_back(&shop, "Failed")
}
