//! What a console shows and refuses to people with few rights.

use std::time::Duration;

use color_eyre::eyre::{Result, ensure};
use http::Method;
use serde_json::json;

use crate::{
    harness::{cluster::Cluster, keys::SHORT_NAME, site::Site, workload::Workload},
    rig::{clock, users::Role},
    support::{screen::Size, terminal::Terminal},
};

/// A Deployment that is stuck in flight, and a console of somebody with the rights of `role`.
fn watching<'c>(cluster: &'c Cluster, name: &str, role: Role) -> Result<(Site<'c>, Terminal)> {
    let site = Site::new(cluster, name, role)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::WIDE, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-imagepull")?;
    Ok((site, console))
}

pub(crate) fn observer_is_refused(cluster: &Cluster) -> Result<()> {
    let (site, console) = watching(cluster, "observer", Role::Observer)?;
    console.wait_text("ImagePullBackOff")?;
    console.wait_way_back("1.0.0")?;
    console.press("U")?;
    console.wait_text("needs control: T")?;
    console.press("B")?;
    console.wait_for("the sheet says that the right is missing", |frame| {
        frame.shows("Roll back api to 1.0.0") && frame.shows("NO")
    })?;
    console.press("y")?;
    console.wait_text("no permission: patch deployments")?;
    console.press("Esc")?;
    console.wait_for("the sheet is closed", |frame| !frame.shows("Esc cancel"))?;
    console.press("H")?;
    console.wait_text("hold is local only")?;
    let seen = site.mutations()?;
    ensure!(seen.iter().all(|entry| entry.code == 403), "{seen:#?}");
    Ok(())
}

pub(crate) fn one_refused_kind_hides_no_other(cluster: &Cluster) -> Result<()> {
    let (site, console) = watching(cluster, "few-rights", Role::FewRights)?;
    let moving = console.wait_for("the Deployment moves, and what is missing is said", |frame| {
        frame.shows("api") && frame.shows("1.1.0-imagepull") && frame.shows("may not be read")
    })?;
    ensure!(!moving.shows("STALE"), "{moving}");
    console.press("3")?;
    console.wait_text("ImagePullBackOff")?;
    console.press("1")?;
    console.wait_text("Workloads")?;
    console.press("H")?;
    console.wait_text("hold is local only")?;
    let seen = site.mutations()?;
    ensure!(seen.iter().all(|entry| entry.code == 403), "{seen:#?}");
    Ok(())
}

pub(crate) fn read_only_sends_nothing(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "read-only", Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::SMALL, &["--read-only"])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    for key in ["H", "B", "U", "!", "T"] {
        console.press(key)?;
        console.wait_text("read-only")?;
        console.press("Esc")?;
    }
    ensure!(!console.frame().shows(&format!("type {SHORT_NAME}")), "{}", console.frame());
    let entries = cluster.audit_log().of(&site.user)?;
    let written: Vec<_> = entries.iter().filter(|entry| !entry.is_harmless()).collect();
    ensure!(written.is_empty(), "{written:#?}");
    Ok(())
}

/// A right to patch Deployments is given and taken away while a console watches: it says neither for long what is not
/// so, and no key is pressed for it.
pub(crate) fn revocation_is_noticed(cluster: &Cluster) -> Result<()> {
    const GOAL: Duration = Duration::from_mins(1);
    const LACKING: &str = "no right to patch deployments";
    let (site, console) = watching(cluster, "revoked", Role::Observer)?;
    console.wait_way_back("1.0.0")?;
    console.wait_text(LACKING)?;
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}", site.namespace);
    let binding = json!({
        "metadata": { "name": "may-patch" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "may-patch" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": site.user }],
    });
    let rules = json!([{ "apiGroups": ["apps"], "resources": ["deployments", "deployments/scale"], "verbs": ["patch"] }]);
    let role = json!({ "metadata": { "name": "may-patch" }, "rules": rules });
    cluster.admin().create(&format!("{rbac}/roles"), &role)?;
    cluster.admin().create(&format!("{rbac}/rolebindings"), &binding)?;
    let given = clock::now();
    console.wait_within(GOAL * 3, "the right is seen", |frame| {
        !frame.shows(LACKING) && frame.shows("roll back")
    })?;
    println!("a right was seen after {:.1} s, goal {GOAL:?}", given.elapsed().as_secs_f32());
    cluster.admin().send(Method::DELETE, &format!("{rbac}/rolebindings/may-patch"), "", None)?;
    let taken = clock::now();
    console.wait_within(GOAL * 3, "the revocation is seen", |frame| frame.shows(LACKING))?;
    println!("a revocation was seen after {:.1} s, goal {GOAL:?}", taken.elapsed().as_secs_f32());
    console.press("H")?;
    console.wait_text("hold is local only: Kubernetes will go on")?;
    let seen = site.mutations()?;
    ensure!(seen.is_empty(), "a grey key sends nothing: {seen:#?}");
    Ok(())
}
