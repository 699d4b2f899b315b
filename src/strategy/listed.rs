//! Workloads that are shown but not driven here: other kinds, and Deployments that another controller drives.

use crate::model::act::Act;
use crate::model::deployment::Deployment;
use crate::model::objects::{Depth, Known, ListedWorkload, ObjectSet, Workload};
use crate::model::outline::{Next, Outline, Refusal, RefusalKind};
use crate::model::owner::GitOpsOwner;
use crate::model::template::TemplateSummary;
use crate::model::text::Text;
use crate::model::track::Truth;
use crate::model::view::{Reason, WorkloadState, WorkloadView};

use super::{Milestone, Pursuit, Strategy, rolling, skew, traffic, version_name};

/// Everything that is listed only.
pub(super) struct Listed;

impl Strategy for Listed {
    fn project(&self, objects: &ObjectSet, known: &Known) -> WorkloadView {
        match (&objects.workload, objects.workload.face()) {
            (Workload::Deployment(deployment), _) => driven_deployment(deployment, objects, known),
            (_, Some(face)) => other_kind(objects, face),
            (_, None) => other_kind(objects, &ListedWorkload::default()),
        }
    }

    fn outline(&self, _: &Act, objects: &ObjectSet, _: &Known) -> Result<Outline, Refusal> {
        Err(not_here(objects))
    }

    fn next(&self, _: &Pursuit<'_>, objects: &ObjectSet) -> Next {
        Next::Impossible(not_here(objects).why)
    }

    fn milestones(&self, _: &Pursuit<'_>, _: &ObjectSet) -> Vec<Milestone> {
        Vec::new()
    }
}

fn not_here(objects: &ObjectSet) -> Refusal {
    let why = match &objects.driver {
        Some(driver) => format!("not possible here: driven by {driver}"),
        None => {
            format!("not possible here: a {} is listed, not driven, by this version", objects.target.kind)
        }
    };
    Refusal::new(RefusalKind::NotPossibleHere, why)
}

fn driven_deployment(deployment: &Deployment, objects: &ObjectSet, known: &Known) -> WorkloadView {
    let mut view = rolling::project(deployment, objects, known);
    view.strategy = "driven";
    view.way_back = Err(not_here(objects));
    view.stop = Err(not_here(objects));
    view.promote = Err(not_here(objects));
    view.needs_templates.clear();
    view
}

pub(super) fn other_kind(objects: &ObjectSet, listed: &ListedWorkload) -> WorkloadView {
    let reasons = reasons(objects, listed);
    let summary = TemplateSummary { images: listed.images.clone(), ..TemplateSummary::default() };
    WorkloadView {
        target: objects.target.clone(),
        uid: listed.metadata.uid.clone(),
        strategy: objects.target.kind.row().plural,
        state: state(objects, listed, &reasons),
        reasons,
        in_flight: listed.moving,
        paused: false,
        finished: None,
        started: None,
        wanted: listed.wanted,
        ready: listed.ready,
        version: version_name(&summary, None),
        stable: None,
        candidate: None,
        revisions: Vec::new(),
        traffic: traffic::count(objects),
        owner: GitOpsOwner::of(&listed.metadata),
        driver: objects.driver.clone(),
        autoscaler: objects.autoscalers.first().map(|autoscaler| autoscaler.name.clone()),
        way_back: Err(not_here(objects)),
        stop: Err(not_here(objects)),
        promote: Err(not_here(objects)),
        needs_templates: Vec::new(),
        complete: None,
        track: None,
        truth: Truth::default(),
        analysis: Vec::new(),
        warnings: skew::warnings(objects.pods.iter(), listed.moving),
    }
}

fn state(objects: &ObjectSet, listed: &ListedWorkload, reasons: &[Reason]) -> WorkloadState {
    if listed.failed {
        return if listed.moving { WorkloadState::Stuck } else { WorkloadState::Unhealthy };
    }
    match (listed.moving, listed.wanted, listed.ready) {
        (true, ..) if reasons.is_empty() => WorkloadState::Progressing,
        (true, ..) => WorkloadState::Stuck,
        (false, 0, _) => WorkloadState::Idle,
        (false, wanted, ready) if ready >= wanted => WorkloadState::Healthy,
        (false, ..) if !reasons.is_empty() || objects.depth == Depth::Listed => WorkloadState::Unhealthy,
        (false, ..) => WorkloadState::Settling,
    }
}

fn reasons(objects: &ObjectSet, listed: &ListedWorkload) -> Vec<Reason> {
    let mut reasons = rolling::pod_reasons(objects, |_| true, listed.wanted);
    if listed.failed {
        let what = if listed.phase.is_empty() { Text::clean("failed") } else { listed.phase.clone() };
        let detail = (!listed.message.is_empty()).then(|| listed.message.clone());
        reasons.insert(0, Reason { what, detail, since: None });
    }
    if reasons.is_empty() && !listed.moving && listed.ready < listed.wanted {
        let what = Text::clean(&format!("{} of {} ready", listed.ready, listed.wanted));
        reasons.push(Reason { what, detail: None, since: None });
    }
    reasons
}
