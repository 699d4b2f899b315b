//! Argo Rollouts on the real controller: driven by keys, judged by live objects, the audit log, the screen and the
//! traffic. Each trap that was seen on the controller has a drill, which fails without its remedy.

mod canary;
mod switch;
mod traps;

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

pub(crate) use self::{canary::*, switch::*, traps::*};
use crate::{
    harness::{keys::PROOF, rollouts::Rollout, site::Site, things::Thing},
    support::{
        screen::{Frame, Size},
        terminal::Terminal,
    },
};

/// A patch of the Rollout, as the audit log names it.
const MAIN: &str = "patch rollouts/shop";
/// A patch of its status.
const STATUS: &str = "patch rollouts/status/shop";
const HASH: &str = "rollouts-pod-template-hash";

impl Site<'_> {
    /// Rolls 1.0.0 out and opens a console on it.
    fn watch(&self, shop: &Rollout) -> Result<Terminal> {
        self.roll_out(shop)?;
        self.await_served()?;
        let console = self.console(Size::WIDE, &[])?;
        console.wait_text("nothing moves")?;
        Ok(console)
    }

    /// Weight of the canary Ingress.
    fn ingress_weight(&self, wanted: &str) -> Result<Value> {
        self.await_thing(Thing::Ingress, "shop-shop-canary", &format!("has weight {wanted}"), |ingress| {
            ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"] == wanted
        })
    }

    /// The Service selects this version.
    fn selects(&self, service: &str, hash: &Value) -> Result<Value> {
        let chosen = |service: &Value| service["spec"]["selector"][HASH] == *hash;
        self.await_thing(Thing::Service, service, &format!("selects {hash}"), chosen)
    }

    /// Gives one pod of that version an image that crashes; its ReplicaSet stays as it is.
    fn break_a_pod_of(&self, shop: &Rollout, hash: &Value) -> Result<()> {
        let pods = self.pods(&shop.workload.name)?;
        let own = |pod: &&Value| pod["metadata"]["labels"][HASH] == *hash;
        let pod = pods.iter().find(own).map(|pod| pod["metadata"]["name"].clone()).unwrap_or_default();
        let name = pod.as_str().unwrap_or_default();
        let container = json!({ "name": "app", "image": shop.workload.image("0-crash") });
        let path = Thing::Pod.path(&self.namespace, name);
        let kind = "application/strategic-merge-patch+json";
        let broken = json!({ "spec": { "containers": [container] } });
        self.admin().send(http::Method::PATCH, &path, kind, Some(&broken))?;
        self.await_thing(Thing::Pod, name, "crashes", |pod| {
            pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        })
        .map(drop)
    }

    /// Requests that found nobody since `mark`: the stop of a release costs none.
    fn ensure_served(&self, mark: &crate::rig::traffic::Tally) -> Result<()> {
        let all = self.tally()?.since(mark);
        ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
        Ok(())
    }

    /// All requests go to this version from now on.
    fn ensure_alone(&self, tag: &str) -> Result<()> {
        let mark = self.tally()?;
        self.await_traffic(&mark, &format!("all requests go to {tag}"), |seen| {
            seen.arrived > 50.0 && seen.share(tag) > 0.99
        })
        .map(drop)
    }
}

/// The two versions of an update.
fn hashes(rollout: &Value) -> (Value, Value) {
    (rollout["status"]["stableRS"].clone(), rollout["status"]["currentPodHash"].clone())
}

/// The emergency stop, until it is proven; returns the bar of the first key.
fn stop(console: &Terminal) -> Result<Frame> {
    console.wait_way_back("1.0.0")?;
    let bar = console.stop()?;
    ensure!(bar.shows("STOP  1 moving"), "{bar}");
    console.wait_within(PROOF, "the stop is proven", |frame| frame.shows("1 proven"))?;
    console.press("Esc")?;
    Ok(bar)
}
