//! Which other objects belong to a workload, by the names in its own spec.
//!
//! Only names are read here; whether such an object exists, and what follows from it, is for those who have it.

use std::collections::BTreeSet;

use super::canary::Canary;
use super::ids::Name;
use super::kind::WorkloadKind;
use super::objects::Workload;
use super::rollout::Rollout;
use super::target::Target;

/// Objects that a workload names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Services, besides those that select its pods.
    pub services: BTreeSet<Name>,
    /// Routes.
    pub routes: BTreeSet<Target>,
    /// Deployments.
    pub deployments: BTreeSet<Target>,
    /// Whether it owns AnalysisRuns.
    pub analyses: bool,
    /// Whether its history stands in ControllerRevisions.
    pub history: bool,
}

impl Relations {
    /// What the spec names.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        match workload {
            Workload::Rollout(rollout) => of_rollout(rollout),
            Workload::Canary(canary) => of_canary(canary),
            Workload::StatefulSet(_) | Workload::DaemonSet(_) => Self { history: true, ..Self::default() },
            Workload::Route(route) => {
                Self { services: route.services().cloned().collect(), ..Self::default() }
            }
            Workload::Service(switch) => {
                Self { services: [switch.face.metadata.name.clone()].into(), ..Self::default() }
            }
            Workload::Deployment(_) | Workload::Listed(_) => Self::default(),
        }
    }
}

fn of_rollout(rollout: &Rollout) -> Relations {
    let meta = &rollout.face.metadata;
    let namespace = meta.namespace.as_str();
    let route = |kind: WorkloadKind, name: &str| Target::new(kind, namespace, name);
    let strategy = &rollout.spec.strategy;
    let mut found = Relations { analyses: true, ..Relations::default() };
    if let Some(blue_green) = &strategy.blue_green {
        found.services.insert(blue_green.active_service.clone());
        found.services.extend(blue_green.preview_service.clone());
    }
    if let Some(reference) = rollout.spec.workload_ref.as_ref().filter(|one| one.kind == "Deployment") {
        found.deployments.insert(route(WorkloadKind::Deployment, reference.name.as_str()));
    }
    let Some(canary) = &strategy.canary else { return found };
    found.services.extend(canary.stable_service.clone());
    found.services.extend(canary.canary_service.clone());
    let Some(routing) = &canary.traffic_routing else { return found };
    if let Some(nginx) = &routing.nginx {
        for stable in nginx.stable_ingress.iter().chain(&nginx.stable_ingresses) {
            found.routes.insert(route(WorkloadKind::Ingress, stable.as_str()));
            let own = format!("{}-{stable}-canary", meta.name);
            found.routes.insert(route(WorkloadKind::Ingress, &own));
        }
    }
    if let Some(istio) = &routing.istio {
        for service in istio.virtual_service.iter().chain(&istio.virtual_services) {
            let name = service.name.as_str().split('.').next().unwrap_or_default();
            found.routes.insert(route(WorkloadKind::VirtualService, name));
        }
    }
    let gateway = &routing.plugins["argoproj-labs/gatewayAPI"];
    let several = gateway["httpRoutes"].as_array().into_iter().flatten().map(|one| &one["name"]);
    for name in several.chain([&gateway["httpRoute"]]).filter_map(serde_json::Value::as_str) {
        found.routes.insert(route(WorkloadKind::HttpRoute, name));
    }
    found
}

/// Names that Flagger makes: Services `X`, `X-primary`, `X-canary`; Deployment `X-primary`; the route is called as the
/// apex Service, the second Ingress as the first with `-canary`.
fn of_canary(canary: &Canary) -> Relations {
    let meta = &canary.face.metadata;
    let namespace = meta.namespace.as_str();
    let target = canary.spec.target_ref.name.as_str();
    let apex = canary.spec.service_name(target);
    let with = |suffix: &str| format!("{target}{suffix}");
    let service = |suffix: &str| Name::new(format!("{apex}{suffix}"));
    let mut routes: BTreeSet<Target> = [WorkloadKind::HttpRoute, WorkloadKind::VirtualService]
        .iter()
        .map(|kind| Target::new(*kind, namespace, apex))
        .collect();
    if let Some(ingress) = &canary.spec.ingress_ref {
        routes.insert(Target::new(WorkloadKind::Ingress, namespace, ingress.name.as_str()));
        let second = format!("{}-canary", ingress.name);
        routes.insert(Target::new(WorkloadKind::Ingress, namespace, second));
    }
    Relations {
        services: ["", "-primary", "-canary"].iter().map(|suffix| service(suffix)).collect(),
        routes,
        deployments: ["", "-primary"]
            .iter()
            .map(|suffix| Target::new(WorkloadKind::Deployment, namespace, with(suffix)))
            .collect(),
        analyses: false,
        history: false,
    }
}
