//! Which objects belong together across kinds: the sides that a Service switches between, the versions behind a route,
//! and whatever a Rollout or Canary names. By names, owners and labels; what follows from it is for the strategies.

use std::collections::{BTreeMap, BTreeSet};

use super::shelf::Shelf;
use crate::model::ids::{Name, Namespace};
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::relations::Relations;
use crate::model::route::Route;
use crate::model::switch::{Switch, colour};
use crate::model::target::Target;

/// Labels of a Deployment's pods.
type Labels = BTreeMap<String, String>;

/// See the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Topology {
    /// Services and routes that count as workloads, each with the Deployments behind it.
    switches: BTreeMap<Target, BTreeSet<Target>>,
    /// For each object, the workloads whose picture it is a part of.
    part_of: BTreeMap<Target, BTreeSet<Target>>,
}

impl Topology {
    /// The Deployments behind a Service or route that counts as a workload.
    pub(super) fn sides(&self, switch: &Target) -> Option<&BTreeSet<Target>> {
        self.switches.get(switch)
    }

    /// The workloads whose picture an object is a part of, itself aside.
    pub(super) fn wholes(&self, part: &Target) -> impl Iterator<Item = &Target> {
        self.part_of.get(part).into_iter().flatten()
    }

    /// The objects that are part of a workload's picture.
    pub(super) fn parts<'a>(&'a self, whole: &'a Target) -> impl Iterator<Item = &'a Target> {
        self.part_of.iter().filter(move |(_, wholes)| wholes.contains(whole)).map(|(part, _)| part)
    }

    /// All Services and routes that count as workloads.
    pub(super) fn switches(&self) -> impl Iterator<Item = &Target> {
        self.switches.keys()
    }

    /// Reads it off everything that is known.
    pub(super) fn of<'a>(shelves: impl Iterator<Item = &'a Shelf<Target, Workload>>) -> Self {
        let mut places: BTreeMap<&Namespace, Place<'a>> = BTreeMap::new();
        for (target, workload) in shelves.flat_map(Shelf::iter) {
            places.entry(&target.namespace).or_default().put(target, workload);
        }
        let mut topology = Self::default();
        for place in places.values() {
            place.enter(&mut topology);
        }
        topology
    }

    fn relate(&mut self, whole: &Target, parts: impl IntoIterator<Item = Target>) {
        for part in parts {
            self.part_of.entry(part).or_default().insert(whole.clone());
        }
    }
}

/// What one namespace holds.
#[derive(Default)]
struct Place<'a> {
    deployments: Vec<(&'a Target, &'a Labels)>,
    services: BTreeMap<&'a Name, (&'a Target, &'a Switch)>,
    routes: Vec<(&'a Target, &'a Route)>,
    relations: Vec<(&'a Target, Relations)>,
}

impl<'a> Place<'a> {
    fn put(&mut self, target: &'a Target, workload: &'a Workload) {
        match workload {
            Workload::Deployment(deployment) => {
                self.deployments.push((target, &deployment.spec.template.labels));
            }
            Workload::Service(switch) => {
                self.services.insert(&target.name, (target, switch));
            }
            Workload::Route(route) => self.routes.push((target, route)),
            Workload::Rollout(_) | Workload::Canary(_) => {
                self.relations.push((target, Relations::of(workload)));
            }
            Workload::StatefulSet(_) | Workload::DaemonSet(_) | Workload::Listed(_) => {}
        }
    }

    fn enter(&self, topology: &mut Topology) {
        let mut claimed: BTreeSet<Target> = BTreeSet::new();
        for (whole, relations) in &self.relations {
            let services = relations
                .services
                .iter()
                .map(|name| Target::new(WorkloadKind::Service, whole.namespace.as_str(), name.as_str()));
            let named: BTreeSet<Target> = services.chain(relations.routes.iter().cloned()).collect();
            topology.relate(whole, named.iter().chain(&relations.deployments).cloned());
            claimed.extend(named);
        }
        let free = |target: &Target, owned: bool| !owned && !claimed.contains(target);
        for (target, switch) in self.services.values() {
            if free(target, switch.face.metadata.controller().is_some())
                && let Some(sides) = self.sides_of(switch)
            {
                topology.relate(target, sides.iter().cloned());
                topology.switches.insert((*target).clone(), sides);
            }
        }
        for (target, route) in &self.routes {
            if free(target, route.face.metadata.controller().is_some()) && route.splits() {
                let siblings = self.siblings(target, route);
                topology.relate(target, siblings);
                let versions = self.versions_of(target, route);
                topology.relate(target, versions.iter().cloned());
                topology.switches.insert((*target).clone(), versions);
            }
        }
    }

    /// The Deployments that a Service could be switched between, if there are at least two.
    fn sides_of(&self, switch: &Switch) -> Option<BTreeSet<Target>> {
        let pods: Vec<&Labels> = self.deployments.iter().map(|(_, labels)| *labels).collect();
        let colour = colour(&switch.selector, &pods)?;
        Some(colour.sides.iter().map(|at| self.deployments[*at].0.clone()).collect())
    }

    /// The Deployments behind the Services of a route and of the Ingress that it is a canary of.
    fn versions_of(&self, target: &Target, route: &Route) -> BTreeSet<Target> {
        let main = self.siblings(target, route);
        let of_main = self.routes.iter().filter(|(other, _)| main.contains(other)).map(|(_, main)| *main);
        let services = of_main.chain([route]).flat_map(Route::services);
        let selectors: Vec<&Labels> =
            services.filter_map(|name| Some(&self.services.get(name)?.1.selector)).collect();
        let behind = |labels: &Labels| {
            selectors.iter().any(|selector| {
                !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            })
        };
        self.deployments
            .iter()
            .filter(|(_, labels)| behind(labels))
            .map(|(target, _)| (*target).clone())
            .collect()
    }

    /// Ingresses with a host and path in common: the main one of a canary Ingress.
    fn siblings(&self, target: &Target, route: &Route) -> Vec<Target> {
        if route.kind != WorkloadKind::Ingress {
            return Vec::new();
        }
        let shares = |other: &Route| {
            other.rules.iter().any(|rule| route.rules.iter().any(|own| own.name == rule.name))
        };
        let ingresses = self.routes.iter().filter(|(_, other)| other.kind == WorkloadKind::Ingress);
        ingresses
            .filter(|(other, ingress)| *other != target && shares(ingress))
            .map(|(other, _)| (*other).clone())
            .collect()
    }
}
