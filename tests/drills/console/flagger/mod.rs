//! Canaries of the real Flagger: promoted by their gates, held, stopped in every phase and taken back, judged by routes,
//! templates and pods.

mod lets_through;
mod stops;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use color_eyre::eyre::{Result, WrapErr, ensure, eyre};
use serde_json::Value;

use crate::{
    harness::{canaries::Canary, cluster::Cluster, site::Site, things::Thing},
    rig::{clock::eventually, users::Role},
};

const DONE: i32 = 0;
const REFUSED: i32 = 3;

/// How long a pod or an object may take to follow what was asked.
const SOON: Duration = Duration::from_secs(20);

/// One story of one Canary.
type Story = (&'static str, fn(&Site<'_>) -> Result<()>);

/// Each trap and each way once.
const STORIES: &[Story] = &[
    ("flagger-gates", lets_through::by_its_gates),
    ("flagger-held", lets_through::is_held),
    ("flagger-full", lets_through::fully_at_once),
    ("flagger-hook", stops::while_a_hook_runs),
    ("flagger-promotes", stops::while_the_promotion_gate_is_asked),
    ("flagger-keys", stops::by_keys_on_nginx),
    ("flagger-selector", stops::without_weights),
    ("flagger-promoting", stops::while_it_promotes),
    ("flagger-crash", stops::while_it_crashes),
    ("flagger-finished", stops::after_it_finished),
];

/// What takes longer or repeats another way.
const MORE: &[Story] = &[
    ("flagger-undecided", lets_through::undecided_is_not_resumed),
    ("flagger-waiting", stops::before_it_begins),
    ("flagger-again", lets_through::once_more),
];

/// Every story waits for ticks of ten seconds: all of them wait together.
pub(crate) fn goes_every_way(cluster: &Cluster) -> Result<()> {
    together(cluster, STORIES)
}

/// The rest of the phases.
pub(crate) fn goes_every_other_way(cluster: &Cluster) -> Result<()> {
    together(cluster, MORE)
}

fn together(cluster: &Cluster, stories: &[Story]) -> Result<()> {
    let tell = |(name, story): Story| -> Result<()> {
        let site = Site::new(cluster, name, Role::Driver)?;
        let told = catch_unwind(AssertUnwindSafe(|| story(&site)));
        let told = told.unwrap_or_else(|_| Err(eyre!("panicked")));
        told.wrap_err_with(|| format!("in namespace {name}"))
    };
    let failed: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = stories.iter().map(|story| scope.spawn(move || tell(*story))).collect();
        let ended = running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(eyre!("panicked"))));
        ended.filter_map(Result::err).map(|error| format!("{error:#}")).collect()
    });
    ensure!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), stories.len(), failed.join("\n\n"));
    Ok(())
}

impl Site<'_> {
    /// Runs a verb on the Canary `shop` that has to end with `code`, and returns its answer.
    fn verb(&self, code: i32, arguments: &[&str]) -> Result<Value> {
        let said = self.run(&[arguments, &["-o", "json"]].concat())?;
        ensure!(said.code == Some(code), "gonogo {} should end with {code}: {said:#?}", arguments.join(" "));
        serde_json::from_str(&said.stdout).wrap_err_with(|| format!("{said:#?}"))
    }

    /// Which objects this site's user wrote to so far, in order, as `canaries/status shop`.
    fn written(&self) -> Result<Vec<String>> {
        let all = self.mutations()?;
        let taken = all.iter().filter(|entry| entry.code == 200);
        Ok(taken.map(|entry| format!("{} {}", entry.resource, entry.name)).collect())
    }

    /// The canary's weights in all rules of the route.
    fn canary_weights(&self) -> Result<Vec<i64>> {
        let route = self.read(Thing::HttpRoute, "shop")?;
        let rules = route["spec"]["rules"].as_array().cloned().unwrap_or_default();
        let backends =
            rules.iter().flat_map(|rule| rule["backendRefs"].as_array().cloned().unwrap_or_default());
        Ok(backends
            .filter(|backend| backend["name"] == "shop-canary")
            .map(|backend| backend["weight"].as_i64().unwrap_or(1))
            .collect())
    }

    /// Waits for the next call of a gate: a tick has begun, and runs as long as the gate takes to answer.
    fn await_call(&self, kind: &str) -> Result<()> {
        let before = self.gate_calls("shop", kind)?;
        eventually(&format!("Flagger asks {kind}"), SOON, || {
            Ok((self.gate_calls("shop", kind)? > before).then_some(()))
        })
    }

    /// The bad version is gone by all that carries traffic, and Flagger leaves it so.
    fn ensure_back(&self, canary: &Canary, phase: &str) -> Result<()> {
        let primary = self.deployment("shop-primary")?;
        let container = &primary["spec"]["template"]["spec"]["containers"][0];
        ensure!(container["image"] == *canary.workload.image("1.0.0"), "{primary}");
        ensure!(primary["status"]["availableReplicas"] == 2, "{primary}");
        let target = self.deployment("shop")?;
        ensure!(target["spec"]["replicas"] == 0, "{target}");
        ensure!(self.pods("shop")?.is_empty(), "pods of the target are left");
        let object = self.read(Thing::Canary, "shop")?;
        ensure!(object["status"]["phase"] == phase && object["spec"]["suspend"] != true, "{object}");
        Ok(())
    }
}
