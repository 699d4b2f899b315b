//! What is wrong, in words, on the first line.

use std::time::Duration;

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use crate::{
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::{clock, users::Role},
    support::screen::Size,
};

/// The words have to stand there this long after the pod has reported; three times as long is let pass.
const GOAL: Duration = Duration::from_secs(5);

/// A case: the tag, what the pod reports, and the words on the first line.
type Case = (&'static str, fn(&Value) -> bool, &'static str);

fn container(pod: &Value) -> &Value {
    &pod["status"]["containerStatuses"][0]
}

pub(crate) fn of_pods(cluster: &Cluster) -> Result<()> {
    let cases: [Case; 4] = [
        (
            "1.1.0-imagepull",
            |pod| container(pod)["state"]["waiting"]["reason"] == "ImagePullBackOff",
            "ImagePullBackOff on 1 of",
        ),
        (
            "1.1.0-crash",
            |pod| container(pod)["state"]["waiting"]["reason"] == "CrashLoopBackOff",
            "crash loop, exit code 1",
        ),
        ("1.1.0-oom", |pod| container(pod)["lastState"]["terminated"]["reason"] == "OOMKilled", "OOMKilled"),
        (
            "1.1.0-never",
            |pod| container(pod)["state"]["running"].is_object() && container(pod)["ready"] == false,
            "moving, 0 of",
        ),
    ];
    for (number, (tag, reports, words)) in cases.into_iter().enumerate() {
        let site = Site::new(cluster, &format!("diagnosis-{number}"), Role::Observer)?;
        let api = Workload::new("api", "1.0.0");
        site.deploy(&api)?;
        let console = site.console(Size::SMALL, &[])?;
        console.wait_text("nothing moves")?;
        site.set_image(&api, tag)?;
        site.await_pod("api", "is as its image says", reports)?;
        in_time(words, &console)?;
    }
    Ok(())
}

fn in_time(words: &str, console: &crate::support::terminal::Terminal) -> Result<()> {
    let reported = clock::now();
    let first_line = |frame: &crate::support::screen::Frame| frame.rows[0].contains(words);
    console.wait_within(GOAL * 3, &format!("the first line says {words:?}"), first_line)?;
    println!("{words:?} stands there after {:.1} s, goal {GOAL:?}", reported.elapsed().as_secs_f32());
    Ok(())
}

pub(crate) fn of_a_quota(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "diagnosis-quota", Role::Observer)?;
    let api = Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    let quota = json!({ "metadata": { "name": "few-pods" }, "spec": { "hard": { "pods": "3" } } });
    site.create("/api/v1", "resourcequotas", &quota)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0")?;
    site.await_deployment("api", "is refused a pod", |deployment| {
        let conditions = deployment["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|condition| condition["type"] == "ReplicaFailure")
    })?;
    in_time("quota few-pods allows no more pods", &console)
}

pub(crate) fn of_a_pod_that_fits_nowhere(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "diagnosis-unschedulable", Role::Observer)?;
    let api = Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    let nowhere = json!({ "spec": { "template": { "spec": { "nodeSelector": { "zone": "nowhere" } } } } });
    site.patch("api", &nowhere)?;
    site.await_pod("api", "fits nowhere", |pod| {
        let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|condition| condition["reason"] == "Unschedulable")
    })?;
    in_time("unschedulable on 1 of", &console)
}
