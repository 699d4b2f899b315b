//! Argo Rollouts and Flagger do what they do elsewhere, and the traffic model follows them.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use http::Method;
use serde_json::{Value, json};

use crate::{
    harness::{
        canaries::{Canary, Provider},
        cluster::Cluster,
        rollouts::{Measure, Rollout},
        site::Site,
        things::Thing,
    },
    rig::{
        api::Api,
        clock::{self, eventually},
        extensions::Extension,
        traffic::Tally,
        users::Role,
        webhooks::Answer,
    },
};

/// Share of the answers that are errors.
const ERRORS: &str = "sum(rate(http_requests_total{namespace=\"$NAMESPACE\",code=\"500\"}[5s])) \
                      / sum(rate(http_requests_total{namespace=\"$NAMESPACE\"}[5s]))";

/// Flagger's shortest interval.
const TICK: Duration = Duration::from_secs(10);

/// A canary stops at its pause, and a plain patch of the driver's moves it on.
pub(crate) fn argo_canary_moves_on(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-argo-canary", Role::Driver)?;
    let shop = Rollout::nginx("shop", "1.0.0");
    site.roll_out(&shop)?;
    site.await_served()?;
    let start = site.tally()?;
    site.release_to_pause(&shop, "1.1.0")?;
    let half = site.tally()?;
    site.await_traffic(&half, "half of the requests go to the candidate", |seen| {
        (0.45..0.55).contains(&seen.share("1.1.0"))
    })?;
    let path = Thing::Rollout.path(&site.namespace, "shop/status");
    let resume = json!({ "status": { "pauseConditions": null } });
    site.api()?.send(Method::PATCH, &path, "application/merge-patch+json", Some(&resume))?;
    site.await_rollout("shop", "Healthy")?;
    let end = site.tally()?;
    site.await_traffic(&end, "all requests go to the new version", |seen| {
        seen.arrived > 0.0 && seen.share("1.1.0") > 0.99
    })?;
    let all = site.tally()?.since(&start);
    ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
    let sent = eventually("the log is written", TICK, || {
        Ok(site.mutations()?.into_iter().find(|entry| entry.resource == "rollouts/status"))
    })?;
    ensure!(sent.code == 200 && sent.sent == resume, "{sent:?}");
    Ok(())
}

/// A blue-green Rollout waits for a person; a measurement that turns bad after the switch takes it back.
pub(crate) fn argo_blue_green_is_judged(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-argo-blue-green", Role::Driver)?;
    let path = "/rig-argo-blue-green/errors";
    cluster.webhooks()?.set(path, Answer::value(0.0));
    site.analysis_template("errors", &Measure::Web { path, below: 0.02 }, Some(1000))?;
    let analysis = json!({ "templates": [{ "templateName": "errors" }] });
    let shop = Rollout::blue_green("shop", "1.0.0").strategy(&json!({ "postPromotionAnalysis": analysis }));
    site.roll_out(&shop)?;
    site.await_served()?;
    let start = site.tally()?;
    let paused = site.release_to_pause(&shop, "1.1.0")?;
    ensure!(site.tally()?.since(&start).served_by("1.1.0") < 1.0, "the preview gets requests: {paused}");
    site.change(Thing::Rollout, "shop/status", &json!({ "status": { "pauseConditions": null } }))?;
    site.await_thing(Thing::Service, "shop-active", "chooses the candidate", |service| {
        service["spec"]["selector"]["rollouts-pod-template-hash"] == paused["status"]["currentPodHash"]
    })?;
    cluster.webhooks()?.set(path, Answer::value(0.5));
    site.await_rollout("shop", "Degraded")?;
    let end = site.tally()?;
    site.await_traffic(&end, "all requests are back at the old version", |seen| seen.share("1.0.0") > 0.99)?;
    let all = site.tally()?.since(&start);
    ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
    Ok(())
}

/// A virtual service by subsets follows the steps.
pub(crate) fn argo_moves_subsets(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-argo-subsets", Role::Driver)?;
    let shop = Rollout::istio_subsets("shop", "1.0.0").steps(&json!([{ "setWeight": 25 }, { "pause": {} }]));
    site.roll_out(&shop)?;
    site.await_served()?;
    site.release_to_pause(&shop, "1.1.0")?;
    let mark = site.tally()?;
    let seen = site.await_traffic(&mark, "a quarter of the requests go to the candidate", |seen| {
        (0.22..0.28).contains(&seen.share("1.1.0"))
    })?;
    ensure!(seen.unserved < 1.0, "{seen:?}");
    Ok(())
}

/// Two ticks after a new version Flagger sends it its first step; a closed gate keeps it there, an open rollback
/// ends it.
pub(crate) fn flagger_canary_progresses(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-flagger-route", Role::Driver)?;
    let shop = Canary::new("shop", "1.0.0", Provider::GatewayApi);
    site.deploy_canary(&shop)?;
    let (mark, start) = (site.tally()?, clock::now());
    site.set_image(&shop.workload, "1.1.0")?;
    let canary = site.await_canary_weight("shop", 20)?;
    let took = start.elapsed();
    ensure!(canary["status"]["phase"] == "Progressing", "{canary}");
    ensure!(took < TICK * 2 + Duration::from_secs(5), "the first step took {took:?}");
    site.set_gate("shop", "confirm-traffic-increase", Answer::closed())?;
    let route = site.await_thing(Thing::HttpRoute, "shop", "is accepted", |route| {
        let taken = &route["status"]["parents"][0]["conditions"][0]["observedGeneration"];
        *taken == route["metadata"]["generation"]
    })?;
    let weights: Vec<&Value> = route["spec"]["rules"][0]["backendRefs"]
        .as_array()
        .map(|backends| backends.iter().map(|backend| &backend["weight"]).collect())
        .unwrap_or_default();
    ensure!(weights == [80, 20], "{route}");
    let step = site.tally()?;
    site.await_traffic(&step, "a fifth of the requests go to the candidate", |seen| {
        (0.17..0.23).contains(&seen.share("1.1.0"))
    })?;
    site.set_gate("shop", "rollback", Answer::open())?;
    site.await_canary("shop", "Failed")?;
    ensure!(site.gate_calls("shop", "rollback")? > 0, "the gate was not asked");
    let all = site.tally()?.since(&mark);
    ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
    Ok(())
}

/// Without a router Flagger counts iterations and then swaps what the Service chooses.
pub(crate) fn flagger_promotes_by_selector(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-flagger-plain", Role::Driver)?;
    let once = json!({ "analysis": { "iterations": 1 } });
    let shop = Canary::new("shop", "1.0.0", Provider::Kubernetes).spec(&once);
    site.deploy_canary(&shop)?;
    let mark = site.tally()?;
    site.set_gate("shop", "rollout", Answer::open().after(Duration::from_secs(1)))?;
    site.set_image(&shop.workload, "1.1.0")?;
    site.await_canary("shop", "Succeeded")?;
    let end = site.tally()?;
    site.await_traffic(&end, "all requests go to the new version", |seen| seen.share("1.1.0") > 0.99)?;
    let all = site.tally()?.since(&mark);
    ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
    Ok(())
}

/// Through nginx Flagger writes the canary Ingress, and the requests follow it; a metric that is bad ends it.
pub(crate) fn flagger_fails_on_errors(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-flagger-nginx", Role::Driver)?;
    cluster.extend(Extension::Flagger)?;
    let metric = site.metric_template("errors", ERRORS, 0.005)?;
    let judged = json!({ "analysis": { "threshold": 1, "metrics": [metric] } });
    let shop = Canary::new("shop", "1.0.0", Provider::Nginx).spec(&judged);
    site.deploy_canary(&shop)?;
    let mark = site.tally()?;
    site.set_image(&shop.workload, "1.1.0-bad")?;
    site.await_traffic(&mark, "requests go to the candidate", |seen| seen.served_by("1.1.0-bad") > 50.0)?;
    site.await_canary("shop", "Failed")?;
    let end = site.tally()?;
    let back = |seen: &Tally| seen.arrived > 100.0 && seen.share("1.0.0") > 0.99;
    site.await_traffic(&end, "all requests are back at the old version", back)?;
    let all = site.tally()?.since(&mark);
    ensure!(all.unserved < 1.0, "requests found no endpoint: {all:?}");
    Ok(())
}

/// An analysis in the background reads the errors of the traffic model from Prometheus and aborts.
pub(crate) fn argo_aborts_on_errors(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-argo-errors", Role::Driver)?;
    site.analysis_template("errors", &Measure::Prometheus { query: ERRORS, below: 0.01 }, None)?;
    let analysis = json!({ "templates": [{ "templateName": "errors" }] });
    let shop = Rollout::istio("shop", "1.0.0")
        .replicas(2)
        .spec(&json!({ "progressDeadlineSeconds": 60 }))
        .strategy(&json!({ "analysis": analysis }));
    site.roll_out(&shop)?;
    site.await_served()?;
    site.set_rollout_image(&shop, "1.1.0-bad")?;
    site.await_rollout("shop", "Degraded")?;
    let runs = site.list(Thing::AnalysisRun)?;
    let failed = |run: &Value| run["status"]["phase"] == "Failed";
    ensure!(runs.iter().any(failed), "{runs:?}");
    let end = site.tally()?;
    let back = |seen: &Tally| seen.arrived > 100.0 && seen.share("1.0.0") > 0.99;
    site.await_traffic(&end, "all requests are back at the old version", back).map(drop)
}

/// The observer reads every kind of object that drills work with, and may change none; the driver may change
/// what moves traffic.
pub(crate) fn roles_reach_every_kind(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-kinds", Role::Driver)?;
    for extension in Extension::ALL {
        cluster.extend(extension)?;
    }
    let (observer, driver) = (site.second_user("observer", Role::Observer)?.api()?, site.api()?);
    let change = json!({ "metadata": { "labels": { "changed": "true" } } });
    let refused = |api: &Api, path: &str| {
        let answer = api.send(Method::PATCH, path, "application/merge-patch+json", Some(&change));
        answer.err().is_some_and(|error| format!("{error:?}").contains("forbidden"))
    };
    for thing in Thing::ALL {
        observer.get(thing.path(&site.namespace, "").trim_end_matches('/'))?;
        let path = thing.path(&site.namespace, "none");
        ensure!(refused(&observer, &path), "the observer may change {thing:?}");
    }
    let steers = [
        Thing::Deployment,
        Thing::StatefulSet,
        Thing::DaemonSet,
        Thing::ControllerRevision,
        Thing::Service,
        Thing::Ingress,
        Thing::HttpRoute,
        Thing::VirtualService,
        Thing::Rollout,
        Thing::Canary,
    ];
    for thing in steers {
        ensure!(
            !refused(&driver, &thing.path(&site.namespace, "none")),
            "the driver may not change {thing:?}"
        );
    }
    let said = site.kubectl(&["get", "rollouts,canaries,httproutes,virtualservices", "--output=name"])?;
    ensure!(said.is_empty(), "{said}");
    Ok(())
}
