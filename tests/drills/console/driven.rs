//! Deployments that another controller drives: seen, named, and left alone by every act.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::{clock::eventually, users::Role},
    support::{
        screen::{Frame, Size},
        terminal::Terminal,
    },
};

/// How long the API server may take to serve a new kind.
const SERVED: Duration = Duration::from_secs(30);

/// A kind of another controller, as far as the console reads it.
struct Foreign {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    /// The member of its spec that names the Deployment.
    reference: &'static str,
    /// What else its definition asks for, such that its controller, should it run here, leaves everything alone.
    idle: fn() -> Value,
    /// As people call it.
    name: &'static str,
}

const FLAGGER: Foreign = Foreign {
    group: "flagger.app",
    version: "v1beta1",
    kind: "Canary",
    plural: "canaries",
    reference: "targetRef",
    idle: || {
        let analysis = json!({ "interval": "10s", "threshold": 1, "iterations": 1 });
        json!({ "suspend": true, "provider": "kubernetes", "service": { "port": 80 }, "analysis": analysis })
    },
    name: "Flagger Canary",
};
const ARGO: Foreign = Foreign {
    group: "argoproj.io",
    version: "v1alpha1",
    kind: "Rollout",
    plural: "rollouts",
    reference: "workloadRef",
    idle: || json!({ "replicas": 0, "selector": { "matchLabels": { "app": "api" } }, "strategy": { "canary": {} } }),
    name: "Argo Rollout",
};

impl Foreign {
    fn collection(&self) -> String {
        format!("/apis/{}/{}", self.group, self.version)
    }

    /// Has the API server serve the kind.
    fn define(&self, cluster: &Cluster) -> Result<()> {
        let list = format!("{}/{}", self.collection(), self.plural);
        // another drill may have brought the controller with its own definitions
        if cluster.admin().get(&list).is_ok() {
            return Ok(());
        }
        let schema = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
        let definition = json!({
            "metadata": { "name": format!("{}.{}", self.plural, self.group) },
            "spec": {
                "group": self.group,
                "scope": "Namespaced",
                "names": { "kind": self.kind, "plural": self.plural },
                "versions": [{
                    "name": self.version, "served": true, "storage": true,
                    "schema": { "openAPIV3Schema": schema },
                    "subresources": { "status": {} },
                }],
            },
        });
        cluster.admin().create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &definition)?;
        eventually("the kind is served", SERVED, || Ok(Some(cluster.admin().get(&list)?))).map(drop)
    }

    /// An object of the kind that drives the Deployment `target`.
    fn drive(&self, site: &Site<'_>, name: &str, target: &str) -> Result<Value> {
        let mut spec = (self.idle)();
        spec[self.reference] = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": target });
        let object = json!({
            "apiVersion": format!("{}/{}", self.group, self.version),
            "kind": self.kind,
            "metadata": { "name": name },
            "spec": spec,
        });
        site.create(&self.collection(), self.plural, &object)
    }
}

pub(crate) fn are_left_alone(cluster: &Cluster) -> Result<()> {
    FLAGGER.define(cluster)?;
    ARGO.define(cluster)?;
    for foreign in [&FLAGGER, &ARGO] {
        let site = Site::new(cluster, &format!("driven-by-{}", foreign.kind.to_lowercase()), Role::Driver)?;
        left_alone(&site, foreign)?;
    }
    Ok(())
}

fn left_alone(site: &Site<'_>, foreign: &Foreign) -> Result<()> {
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let driver = foreign.drive(site, "shepherd", "api")?;
    let mut owned = Workload::new("owned", "1.0.0").deployment();
    owned["metadata"]["ownerReferences"] = json!([{
        "apiVersion": driver["apiVersion"], "kind": driver["kind"], "controller": true,
        "name": "shepherd", "uid": driver["metadata"]["uid"],
    }]);
    site.create("/apis/apps/v1", "deployments", &owned)?;
    site.await_complete("owned")?;
    let console = site.console(Size::WIDE, &[])?;
    let says = format!("driven by {} shepherd", foreign.name);
    console.wait_text("owned")?;
    for name in ["api", "owned"] {
        site.set_image(&Workload::new(name, "1.0.0"), "1.1.0-never")?;
    }
    console.wait_for("both move", |frame| {
        frame.rows.iter().filter(|row| row.contains("1.1.0-never")).count() >= 2
    })?;
    console.take_control()?;
    for name in ["api", "owned"] {
        refused(&console, name, &says)?;
    }
    // The answers look alike: the journal tells that each key had its own.
    eventually("every refusal is on the record", SERVED, || {
        let refused = site.facts_named("refused")?;
        let of = |name: &str, act: &str| {
            refused.iter().any(|fact| fact["target"]["name"] == name && fact["what"] == act)
        };
        let all = |name: &str| ["resume", "promote", "roll-back"].iter().all(|act| of(name, act));
        Ok((all("api") && all("owned")).then_some(()))
    })
    .map_err(|error| error.wrap_err(format!("{:#?}", site.facts_named("refused"))))?;
    console.press_alone("!")?;
    let bar = console.wait_text("nothing is in flight")?;
    ensure!(bar.shows(&format!("api {says}")), "{bar}");
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    Ok(())
}

/// Every key that acts on the workload is answered with who drives it.
fn refused(console: &Terminal, name: &str, says: &str) -> Result<()> {
    console.press_alone("/")?;
    console.send(name.as_bytes())?;
    console.press("Enter")?;
    console.press_alone("g")?;
    console.wait_text(&format!("{name}:  {says}"))?;
    let answer = format!("not possible here: {says}");
    for key in ["H", "U", "P", "B"] {
        console.press_alone(key)?;
        console.wait_for(&format!("{key} is refused"), |frame| below(frame, &answer))?;
    }
    // The first one may close the bar that answered the hold.
    eventually("the filter is cleared", SERVED, || {
        console.press_alone("Esc")?;
        Ok((!console.frame().shows("match")).then_some(()))
    })
}

/// Whether the answer to the last key contains `text`.
fn below(frame: &Frame, text: &str) -> bool {
    frame.rows.iter().rev().take(2).any(|row| row.contains(text))
}
