//! Routes that split traffic by weight, with requests flowing: each share is taken by the requests themselves, and the
//! way back leaves nobody at the candidate who was sent there by a rule that it may take away.

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use super::headless::{DONE, REFUSED};
use crate::{
    harness::{
        cluster::Cluster,
        keys::SHORT_NAME,
        routes::{Pair, canary_ingress},
        site::Site,
        things::Thing,
    },
    rig::users::Role,
};

const ARMED: [&str; 3] = ["--yes", "--arm", SHORT_NAME];

fn promote(site: &Site<'_>, route: &str, percent: &str, code: i32) -> Result<Value> {
    site.json(code, &[["promote", route, "--to", percent].as_slice(), &ARMED].concat())
}

/// Waits until the candidate's share of the requests is as wanted, and no request is lost.
fn await_share(site: &Site<'_>, percent: f64) -> Result<()> {
    let mark = site.tally()?;
    let near = |seen: &crate::rig::traffic::Tally| (seen.share("1.1.0") * 100.0 - percent).abs() < 3.0;
    let seen = site.await_traffic(&mark, &format!("{percent} % reach the candidate"), |seen| {
        seen.arrived > 50.0 && near(seen)
    })?;
    ensure!(seen.unserved <= 0.0, "{seen:?}");
    Ok(())
}

pub(crate) fn a_route_goes_up_and_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "weights-route", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_route(&pair)?;
    // a rule for testers above the weighted one, that names the same pair
    let rules = site.read(Thing::HttpRoute, "shop")?["spec"]["rules"].clone();
    let mut testers = rules[0].clone();
    testers["matches"] = json!([{ "headers": [{ "name": "x-canary", "value": "yes" }] }]);
    site.change(Thing::HttpRoute, "shop", &json!({ "spec": { "rules": [testers, rules[0]] } }))?;
    let start = site.tally()?;
    for percent in ["10", "50"] {
        let done = promote(&site, "httproute/shop", percent, DONE)?;
        ensure!(done["result"] == "proven", "{done}");
        await_share(&site, percent.parse()?)?;
    }
    let back = site.json(DONE, &["rollback", "httproute/shop", "--yes"])?;
    ensure!(back["result"] == "proven", "{back}");
    await_share(&site, 0.0)?;
    let live = site.read(Thing::HttpRoute, "shop")?;
    for rule in live["spec"]["rules"].as_array().into_iter().flatten() {
        ensure!(rule["backendRefs"][0]["weight"] == 100 && rule["backendRefs"][1]["weight"] == 0, "{rule}");
    }
    let lost = site.tally()?.since(&start);
    ensure!(lost.unserved <= 0.0, "requests were lost: {lost:?}");
    site.ensure_verbs_sent(&["patch httproutes/shop"; 3])?;

    site.change(Thing::Deployment, "shop-canary", &json!({ "spec": { "replicas": 0 } }))?;
    site.await_pod_gone("shop-canary")?;
    let refused = promote(&site, "httproute/shop", "10", REFUSED)?;
    ensure!(refused["why"].as_str().is_some_and(|why| why.contains("no ready endpoints")), "{refused}");
    Ok(())
}

pub(crate) fn a_virtual_service_goes_up_and_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "weights-mesh", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_mesh(&pair)?;
    promote(&site, "virtualservice/shop", "25", DONE)?;
    await_share(&site, 25.0)?;
    site.json(DONE, &["rollback", "virtualservice/shop", "--yes"])?;
    await_share(&site, 0.0)?;
    site.ensure_verbs_sent(&["patch virtualservices/shop"; 2])
}

/// Weight 0 of a canary Ingress is not the end while a header rule is left; the cookie is told of.
pub(crate) fn an_ingress_goes_back_with_its_rules(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "weights-ingress", Role::Driver)?;
    let pair = Pair::canary("shop", "1.0.0", "1.1.0");
    site.deploy_behind_ingress(&pair)?;
    let affinity = json!({ "nginx.ingress.kubernetes.io/affinity": "cookie" });
    site.change(Thing::Ingress, "shop", &json!({ "metadata": { "annotations": affinity } }))?;
    let marked =
        canary_ingress("shop", "shop-canary", &[("canary-weight", "0"), ("canary-by-header", "x-canary")]);
    site.change(Thing::Ingress, "shop-canary", &json!({ "metadata": marked["metadata"] }))?;
    promote(&site, "ingress/shop-canary", "50", DONE)?;
    // one in twenty is a tester, and the weight shares out the rest
    await_share(&site, 52.5)?;
    let back = site.json(DONE, &["rollback", "ingress/shop-canary", "--yes"])?;
    let after = back["outline"]["after"].to_string();
    ensure!(after.contains("cookie") && after.contains("canary-by-header"), "{after}");
    await_share(&site, 0.0)?;
    let live = site.read(Thing::Ingress, "shop-canary")?;
    let annotations = &live["metadata"]["annotations"];
    ensure!(annotations["nginx.ingress.kubernetes.io/canary-weight"] == "0", "{annotations}");
    ensure!(annotations["nginx.ingress.kubernetes.io/canary-by-header"].is_null(), "{annotations}");
    site.ensure_verbs_sent(&["patch ingresses/shop-canary"; 2])
}
