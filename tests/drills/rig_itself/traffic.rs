//! The traffic model tells an outage from a switch.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    harness::{
        cluster::Cluster,
        routes::{Pair, canary_ingress},
        site::Site,
        things::Thing,
    },
    rig::users::Role,
};

fn select(site: &Site<'_>, pair: &Pair, selector: &Value) -> Result<()> {
    let patch = json!([{ "op": "replace", "path": "/spec/selector", "value": selector }]);
    site.edit(Thing::Service, &pair.name, &patch).map(drop)
}

/// A selector is a match, not a weight: `weight: "10"` selects nothing.
pub(crate) fn selector_outage_is_measured(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-selector", Role::Driver)?;
    let pair = Pair::colours("shop", "1.0.0", "1.1.0");
    site.deploy_behind_selector(&pair)?;
    let mark = site.tally()?;
    let clean = |version: &str, tag: &str| -> Result<()> {
        select(&site, &pair, &pair.selector(version))?;
        let switched = site.tally()?;
        site.await_traffic(&switched, "the other colour serves", |seen| seen.served_by(tag) > 20.0)?;
        Ok(())
    };
    clean("green", "1.1.0")?;
    clean("blue", "1.0.0")?;
    let switches = site.tally()?.since(&mark);
    ensure!(switches.unserved <= 0.0 && switches.outage <= 0.0, "a clean switch lost requests: {switches:?}");

    let mark = site.tally()?;
    site.change(Thing::Service, "shop", &json!({ "spec": { "selector": { "weight": "10" } } }))?;
    site.await_traffic(&mark, "an outage of a second", |seen| seen.outage > 1.0)?;
    // A merge patch does not take the stray key away; the whole map does.
    site.change(Thing::Service, "shop", &json!({ "spec": { "selector": pair.selector("blue") } }))?;
    let still = site.tally()?;
    site.await_traffic(&still, "still an outage", |seen| seen.outage > 0.3)?;
    select(&site, &pair, &pair.selector("blue"))?;
    site.await_served()?;
    let outage = site.tally()?.since(&mark);
    let lost = outage.unserved / f64::from(pair.requests);
    ensure!((lost - outage.outage).abs() < 0.2, "a hundred requests a second were lost: {outage:?}");
    Ok(())
}

/// Weights of a route move requests; a weight on a Service without pods loses its share.
pub(crate) fn route_weights_are_followed(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-route", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_route(&pair)?;
    let weigh = |stable: u32, canary: u32| {
        let path = |index: u32| format!("/spec/rules/0/backendRefs/{index}/weight");
        site.edit(
            Thing::HttpRoute,
            "shop",
            &json!([
                { "op": "replace", "path": path(0), "value": stable },
                { "op": "replace", "path": path(1), "value": canary },
            ]),
        )
    };
    follows_weights(&site, &|canary| weigh(100 - canary, canary).map(drop))?;
    weigh(90, 10)?;
    site.change(Thing::Deployment, "shop-canary", &json!({ "spec": { "replicas": 0 } }))?;
    site.await_pod_gone("shop-canary")?;
    let mark = site.tally()?;
    let seen = site.await_traffic(&mark, "a second of it", |seen| seen.impaired > 1.0)?;
    let lost = seen.unserved / seen.arrived;
    ensure!((0.08..0.12).contains(&lost) && seen.outage <= 0.0, "a tenth is lost: {seen:?}");
    Ok(())
}

/// A virtual service moves requests by its weights.
pub(crate) fn mesh_weights_are_followed(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-mesh", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_mesh(&pair)?;
    follows_weights(&site, &|canary| {
        let weight = |index: u32| format!("/spec/http/0/route/{index}/weight");
        let patch = json!([
            { "op": "replace", "path": weight(0), "value": 100 - canary },
            { "op": "replace", "path": weight(1), "value": canary },
        ]);
        site.edit(Thing::VirtualService, "shop", &patch).map(drop)
    })
}

/// The annotations of nginx: a weight, and a header that wins over a weight of 0.
pub(crate) fn ingress_weights_are_followed(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-ingress", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_ingress(&pair)?;
    let annotate = |annotations: &[(&str, &str)]| {
        let wanted = canary_ingress("shop", "shop-canary", annotations);
        site.change(Thing::Ingress, "shop-canary", &json!({ "metadata": wanted["metadata"] })).map(drop)
    };
    follows_weights(&site, &|canary| annotate(&[("canary-weight", &canary.to_string())]))?;
    annotate(&[("canary-weight", "0"), ("canary-by-header", "x-canary")])?;
    let mark = site.tally()?;
    site.await_traffic(&mark, "testers reach the candidate", |seen| {
        seen.arrived > 100.0 && (0.03..0.07).contains(&seen.share("1.1.0"))
    })?;
    site.delete(Thing::Ingress, "shop-canary")?;
    site.await_served()?;
    let mark = site.tally()?;
    site.await_traffic(&mark, "testers are back", |seen| {
        seen.arrived > 100.0 && seen.share("1.0.0") > 0.999
    })?;
    Ok(())
}

/// The candidate's share of the requests is what the weight says.
fn follows_weights(site: &Site<'_>, weigh: &dyn Fn(u32) -> Result<()>) -> Result<()> {
    let start = site.tally()?;
    for canary in [10, 50, 100, 0] {
        weigh(canary)?;
        let expected = f64::from(canary) / 100.0;
        let mut mark = site.tally()?;
        // From the first look on which the change has arrived.
        crate::rig::clock::eventually("the share follows", std::time::Duration::from_secs(10), || {
            let seen = site.tally()?;
            let between = seen.since(&mark);
            if between.arrived < 5.0 {
                return Ok(None);
            }
            mark = seen;
            Ok(((between.share("1.1.0") - expected).abs() < 0.02).then_some(()))
        })?;
    }
    let all = site.tally()?.since(&start);
    ensure!(all.unserved <= 0.0, "requests were lost: {all:?}");
    Ok(())
}
