//! Prometheus found behind its Service, read by version, and gone.

use color_eyre::eyre::{Result, ensure};
use serde_json::json;

use crate::{
    confinement::{CLUSTER_ADDRESS, Confinement},
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::{programs::Program, stages::POD_ADDRESS, users::Role},
    support::{screen::Size, terminal::PATIENCE},
};

pub(crate) fn are_found_and_lost(cluster: &Cluster) -> Result<()> {
    ensure!(
        cluster.confinement() == Confinement::Namespaces,
        "this needs a network namespace: allow user namespaces and install iproute2"
    );
    let monitoring = Site::new(cluster, "monitoring", Role::Driver)?;
    serve_prometheus(&monitoring)?;
    let site = Site::new(cluster, "measured", Role::Driver)?;
    let api = Workload { replicas: 4, requests: 200, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::WIDE, &[])?;
    console.wait_within(PATIENCE * 3, "metrics are found", |frame| frame.shows("metrics ok"))?;
    site.set_image(&api, "1.1.0-bad-slow")?;
    console.wait_text("1.0.0→1.1.0-bad-slow")?;
    console.press("4")?;
    console.wait_within(PATIENCE * 3, "error rate and latency by version", |frame| {
        let measured = frame.rows.iter().any(|row| row.contains("error rate") && row.contains('%'));
        measured && frame.shows("latency") && frame.shows("1.0.0")
    })?;
    cluster.kill(Program::Prometheus)?;
    let lost = console.wait_within(PATIENCE * 4, "the loss is said", |frame| frame.shows("metrics silent"));
    cluster.launch(Program::Prometheus)?;
    let lost = lost?;
    ensure!(!lost.shows("metrics ok"), "{lost}");
    Ok(())
}

/// Prometheus as a cluster has it: a Service that looks like one, and a pod behind it.
fn serve_prometheus(site: &Site<'_>) -> Result<()> {
    let port = site.cluster.prometheus()?.rsplit(':').next().unwrap_or_default().parse::<u16>()?;
    let labels = json!({ "app.kubernetes.io/name": "prometheus" });
    let pod = json!({
        "metadata": {
            "name": "prometheus-0",
            "labels": labels,
            "annotations": { POD_ADDRESS: CLUSTER_ADDRESS },
        },
        "spec": { "containers": [{ "name": "prometheus", "image": "registry.example.com/prometheus:2" }] },
    });
    site.create("/api/v1", "pods", &pod)?;
    let ports = json!([{ "name": "http", "port": 9090, "targetPort": port }]);
    let service = json!({
        "metadata": { "name": "prometheus-server", "labels": labels },
        "spec": { "selector": labels, "ports": ports },
    });
    site.create("/api/v1", "services", &service).map(drop)
}
