//! The control plane does what a real one does.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::{
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::{
        api::items,
        clock::{self, eventually},
        users::Role,
    },
};

/// A tag, what becomes of its pods, and how that is recognised.
type Failure<'a> = (&'a str, &'a str, &'a dyn Fn(&Value) -> bool);

pub(crate) fn comes_up(cluster: &Cluster) -> Result<()> {
    let version = cluster.admin().get("/version")?;
    ensure!(version["gitVersion"].as_str().is_some_and(|text| text.starts_with("v1.")), "{version}");
    let nodes = cluster.admin().get("/api/v1/nodes")?;
    let ready = |node: &Value| {
        let conditions = node["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
    };
    ensure!(items(&nodes).len() == 5 && items(&nodes).iter().all(ready), "{nodes}");
    Ok(())
}

pub(crate) fn rolls_out(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-rolls-out", Role::Driver)?;
    let api = Workload::new("api", "1.0.0");
    site.deploy(&api)?;
    let name = ["--namespace", &site.namespace, "deployment/api"];
    let image = format!("app={}", api.image("1.1.0"));
    cluster.kubectl(&[&["set", "image"], name.as_slice(), &[&image]].concat())?;
    let said = cluster.kubectl(&[&["rollout", "status"], name.as_slice(), &["--timeout=30s"]].concat())?;
    ensure!(said.contains("successfully rolled out"), "{said}");
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", site.namespace);
    let sets = cluster.admin().get(&path)?;
    let images: Vec<_> = items(&sets)
        .iter()
        .filter(|set| set["status"]["readyReplicas"] == 3)
        .map(|set| set["spec"]["template"]["spec"]["containers"][0]["image"].clone())
        .collect();
    ensure!(items(&sets).len() == 2 && images == [api.image("1.1.0")], "{sets}");
    Ok(())
}

pub(crate) fn pods_fail_by_image(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-pods-fail", Role::Driver)?;
    let container = |pod: &Value| pod["status"]["containerStatuses"][0].clone();
    let waits = |pod: &Value, why: &str| container(pod)["state"]["waiting"]["reason"] == why;
    let exited = |pod: &Value| container(pod)["lastState"]["terminated"].clone();
    let cases: [Failure<'_>; 4] = [
        ("1.1.0-imagepull", "waits for its image", &|pod| waits(pod, "ImagePullBackOff")),
        ("1.1.0-crash", "crashes again and again", &|pod| {
            waits(pod, "CrashLoopBackOff")
                && exited(pod)["exitCode"] == 1
                && container(pod)["restartCount"].as_u64() >= Some(2)
        }),
        ("1.1.0-oom", "was killed for memory", &|pod| exited(pod)["reason"] == "OOMKilled"),
        ("1.1.0-never", "runs and is not ready", &|pod| {
            container(pod)["state"]["running"].is_object() && container(pod)["ready"] == false
        }),
    ];
    for (index, (tag, what, wanted)) in cases.into_iter().enumerate() {
        let workload = Workload::new(&format!("w{index}"), "1.0.0");
        site.deploy(&workload)?;
        site.set_image(&workload, tag)?;
        site.await_pod(&workload.name, what, wanted)?;
    }
    Ok(())
}

pub(crate) fn holds_ten_thousand_pods(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-holds", Role::Driver)?;
    let start = clock::now();
    let crowd = Workload { replicas: 10_000, ..Workload::new("crowd", "1.0.0") };
    site.create("/apis/apps/v1", "deployments", &crowd.deployment())?;
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/crowd", site.namespace);
    eventually("ten thousand pods are ready", Duration::from_mins(10), || {
        Ok((cluster.admin().get(&path)?["status"]["readyReplicas"] == 10_000).then_some(()))
    })?;
    println!("ten thousand pods are ready after {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}

pub(crate) fn quota_is_enforced(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-quota", Role::Driver)?;
    site.create(
        "/api/v1",
        "resourcequotas",
        &json!({ "metadata": { "name": "few-pods" }, "spec": { "hard": { "pods": "2" } } }),
    )?;
    site.create("/apis/apps/v1", "deployments", &Workload::new("api", "1.0.0").deployment())?;
    site.await_deployment("api", "is refused its third pod", |deployment| {
        let conditions = deployment["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.iter().any(|condition| {
            condition["type"] == "ReplicaFailure"
                && condition["message"].as_str().is_some_and(|text| text.contains("exceeded quota: few-pods"))
        })
    })
}

pub(crate) fn serves_logs(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-logs", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let pod = site.await_pod("api", "exists", |_| true)?;
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let path = format!("/api/v1/namespaces/{}/pods/{name}/log?tailLines=2", site.namespace);
    let log = cluster.admin().text(&path)?;
    ensure!(log.lines().count() == 2, "{log}");
    Ok(())
}

pub(crate) fn roles_differ(cluster: &Cluster) -> Result<()> {
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let sets = "/apis/apps/v1/namespaces/default/replicasets";
    let forbidden =
        |outcome: Result<Value>| outcome.is_err_and(|error| format!("{error:?}").contains("forbidden"));
    let few = cluster.as_role(Role::FewRights)?;
    few.get(deployments)?;
    ensure!(forbidden(few.get(sets)), "few-rights may read ReplicaSets");
    let observer = cluster.as_role(Role::Observer)?;
    observer.get(sets)?;
    let patch = |api: &crate::rig::api::Api| {
        let path = format!("{deployments}/none");
        api.send(Method::PATCH, &path, "application/merge-patch+json", Some(&json!({})))
    };
    ensure!(forbidden(patch(&observer)), "the observer may change Deployments");
    let driver = cluster.as_role(Role::Driver)?;
    ensure!(patch(&driver).is_err() && !forbidden(patch(&driver)), "the driver may not change Deployments");
    Ok(())
}

pub(crate) fn audit_log_tells_mutations(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "rig-audit", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let user = site.api()?;
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/api", site.namespace);
    let pause = json!({ "spec": { "paused": true } });
    let merge = "application/merge-patch+json";
    // None of these counts: a dry run, a review, an object of the console's own.
    user.send(Method::PATCH, &format!("{path}?dryRun=All"), merge, Some(&pause))?;
    user.create(
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        &json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview",
        }),
    )?;
    user.create(
        &format!("/api/v1/namespaces/{}/configmaps", site.namespace),
        &json!({
            "metadata": { "name": "latch", "labels": { "app.kubernetes.io/managed-by": "gonogo" } },
        }),
    )?;
    let id = format!("drill-{}", std::process::id());
    let request = Request::patch(&path).header("Content-Type", merge).header("Audit-ID", &id);
    user.exchange(request.body(serde_json::to_vec(&pause)?)?)?;
    let mutations = eventually("the log is written", Duration::from_secs(5), || {
        let seen = site.mutations()?;
        Ok((!seen.is_empty()).then_some(seen))
    })?;
    let [only] = mutations.as_slice() else { color_eyre::eyre::bail!("{mutations:#?}") };
    ensure!(
        only.id == id
            && only.verb == "patch"
            && only.resource == "deployments"
            && only.namespace == site.namespace
            && only.name == "api"
            && only.code == 200
            && only.user == site.user,
        "{only:#?}"
    );
    Ok(())
}
