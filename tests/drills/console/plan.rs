//! `gonogo run`: ticks outlive the console, and a bad plan is told in full.

use color_eyre::eyre::{Result, ensure};

use crate::{
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::users::Role,
    support::screen::Size,
};

const GOOD: &str = "\
plan: {id: shop-2, title: Shop 2, format: 1}
release: {version: 1.1.0, previous: 1.0.0}
environments:
  - id: prod
    kind: staging
    contexts: [{kubeconfig_context: rig, namespaces: [NAMESPACE]}]
components:
  - id: api
    workloads: [{kind: Deployment, name: api}]
phases:
  - {id: before, checklists: [ready]}
checklists:
  - id: ready
    title: Ready to go
    items:
      - {id: backup, text: The backup is fresh}
      - {id: told, text: Support was told, evidence: note}
";

pub(crate) fn ticks_outlive_the_console(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "planned", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let plan = site.file("plan.yaml", &GOOD.replace("NAMESPACE", &site.namespace))?;
    let mut console = site.console(Size::WIDE, &["run", &plan])?;
    console.wait_text("nothing moves")?;
    console.press("5")?;
    console.wait_text("The backup is fresh")?;
    for (done, note) in [("1 ✓", "dump of 9:30"), ("2 ✓", "mail of 9:40")] {
        console.press("x")?;
        console.wait_text("note:")?;
        console.press("Enter")?;
        console.wait_text("this item needs a note")?;
        console.send(note.as_bytes())?;
        console.press("Enter")?;
        console.wait_text(done)?;
        console.press("j")?;
    }
    console.press("q")?;
    let code = console.exit_code(crate::support::terminal::PATIENCE)?;
    ensure!(code == Some(0), "it ends with {code:?}");
    let next = site.console(Size::WIDE, &["run", &plan])?;
    next.wait_text("nothing moves")?;
    next.press("5")?;
    next.wait_for("the ticks are there", |frame| frame.shows("2 ✓") && frame.shows("dump of 9:30"))?;
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    Ok(())
}

pub(crate) fn bad_plan_is_told_in_full(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "bad-plan", Role::Driver)?;
    let bad =
        GOOD.replace("checklists: [ready]", "checklists: [redy]").replace("title: Shop 2", "titel: Shop 2");
    let path = site.file("plan.yaml", &bad)?;
    let said = site.run(&["run", &path])?;
    ensure!(said.code == Some(2), "{said:#?}");
    for told in ["plan.yaml:1", "titel", "title", "plan.yaml:11", "redy", "ready"] {
        ensure!(said.stderr.contains(told), "{told} is not in\n{}", said.stderr);
    }
    Ok(())
}
