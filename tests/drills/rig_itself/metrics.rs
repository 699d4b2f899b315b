//! The traffic model and Prometheus.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    confinement::{CLUSTER_ADDRESS, Confinement},
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::{clock::eventually, users::Role},
};

/// How long a rate may take to settle: a few scrapes.
const SETTLING: Duration = Duration::from_secs(30);

pub(crate) fn traffic_follows_endpoints(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-traffic", Role::Driver)?;
    let api = Workload { requests: 90, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let selector = "namespace=\"rig-traffic\"";
    let rate = format!("sum by (pod) (rate(http_requests_total{{{selector}}}[5s]))");
    let each = |expected: f64| {
        move |values: &[f64]| {
            !values.is_empty() && values.iter().all(|value| (value - expected).abs() < expected * 0.1)
        }
    };
    await_values(cluster, &rate, "each of three pods gets a third", each(30.0))?;
    site.set_image(&api, "1.1.0-bad-slowresp")?;
    site.await_complete("api")?;
    let errors = format!(
        "sum(rate(http_requests_total{{{selector},code=\"500\"}}[5s])) \
         / sum(rate(http_requests_total{{{selector}}}[5s]))"
    );
    await_values(cluster, &errors, "5 % of the answers are errors", each(0.05))?;
    let median = format!(
        "histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{{{selector}}}[5s])))"
    );
    let slow = |values: &[f64]| values.iter().any(|value| (0.12..0.25).contains(value));
    await_values(cluster, &median, "half of the answers take 160 ms", slow)
}

pub(crate) fn traffic_speaks_three_dialects(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-dialects", Role::Driver)?;
    let dialects = [
        ("code", "http_requests_total", "code", "http_request_duration_seconds_count"),
        ("status", "http_requests_total", "status", "http_request_duration_milliseconds_count"),
        ("istio", "istio_requests_total", "response_code", "istio_request_duration_milliseconds_count"),
    ];
    for (dialect, counter, label, histogram) in dialects {
        let workload = Workload { metrics: dialect.to_owned(), ..Workload::new(dialect, "1.0.0") };
        site.deploy(&workload)?;
        let selector = format!("namespace=\"rig-dialects\",job=\"{dialect}\"");
        let good = format!("sum(rate({counter}{{{selector},{label}=\"200\"}}[5s]))");
        let about = |values: &[f64]| values.iter().any(|value| (85.0..115.0).contains(value));
        await_values(cluster, &good, "a hundred requests a second", about)?;
        let timed = format!("sum(rate({histogram}{{{selector}}}[5s]))");
        await_values(cluster, &timed, "each is timed", about)?;
        let series = cluster.query(&format!("{counter}{{{selector}}}"))?;
        for name in ["namespace", "pod", "container", "job", "instance"] {
            ensure!(
                series.iter().all(|one| one["metric"][name].is_string()),
                "{name} is missing: {series:?}"
            );
        }
        ensure!(series.iter().all(|one| one["metric"]["version"].is_null()), "{series:?}");
    }
    Ok(())
}

pub(crate) fn prometheus_behind_a_service(cluster: &Cluster) -> Result<()> {
    ensure!(
        cluster.confinement() == Confinement::Namespaces,
        "this needs a network namespace: allow user namespaces and install iproute2"
    );
    let site = Site::new(cluster, "rig-monitoring", Role::Driver)?;
    let port = cluster.prometheus()?.rsplit(':').next().unwrap_or_default().parse::<u16>()?;
    let labels = json!({ "app.kubernetes.io/name": "prometheus" });
    site.create("/api/v1", "pods", &json!({
        "metadata": {
            "name": "prometheus-0",
            "labels": labels,
            "annotations": { crate::rig::stages::POD_ADDRESS: CLUSTER_ADDRESS },
        },
        "spec": { "containers": [{ "name": "prometheus", "image": "registry.example.com/prometheus:2" }] },
    }))?;
    site.create(
        "/api/v1",
        "services",
        &json!({
            "metadata": { "name": "prometheus-server", "labels": labels },
            "spec": {
                "selector": labels,
                "ports": [{ "name": "http", "port": 9090, "targetPort": port }],
            },
        }),
    )?;
    for named in ["9090", "http"] {
        let path = format!(
            "/api/v1/namespaces/{}/services/prometheus-server:{named}/proxy/api/v1/query?query=up",
            site.namespace
        );
        let answer: Value = eventually("Prometheus answers through its Service", SETTLING, || {
            Ok(Some(cluster.admin().get(&path)?))
        })?;
        ensure!(answer["status"] == "success", "{answer}");
    }
    Ok(())
}

/// Waits until the values of a query are as wanted.
fn await_values(cluster: &Cluster, promql: &str, what: &str, wanted: impl Fn(&[f64]) -> bool) -> Result<()> {
    let mut last = Vec::new();
    eventually(what, SETTLING, || {
        last = cluster
            .query(promql)?
            .iter()
            .filter_map(|series| series["value"][1].as_str()?.parse().ok())
            .collect();
        Ok(wanted(&last).then_some(()))
    })
    .map_err(|error| error.wrap_err(format!("{promql} gives {last:?}")))
}
