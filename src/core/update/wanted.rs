//! What is to be watched: only what is being looked at, moves, or is not well.

use std::collections::BTreeSet;

use crate::model::series::{Side, SignalQuery, VersionLabel};
use crate::model::target::Target;
use crate::model::view::{Version, WorkloadView};

use super::Turn;
use crate::core::effect::{Effect, Wanted};

/// Workloads whose parts are watched at once (architecture: at most about twelve).
const DETAILS: usize = 12;
/// Workloads whose signals are measured at once.
const SIGNALS: usize = 6;

impl Turn<'_> {
    /// Tells the adapters what is wanted now, if that changed.
    pub(super) fn settle_wanted(&mut self) {
        let wanted = self.wanted();
        if wanted != self.state.desk.wanted {
            self.state.desk.wanted = wanted.clone();
            self.effects.push(Effect::Observe(wanted));
        }
    }

    fn wanted(&self) -> Wanted {
        let desk = &self.state.desk;
        let details = self.details();
        let signals = details
            .iter()
            .filter_map(|target| self.signal_query(self.state.world.view(target)?))
            .take(SIGNALS)
            .collect();
        Wanted {
            scope: Some(self.state.world.scope.clone()),
            details,
            pod_table: desk.look.pods_in_bulk,
            events: desk.look.selected.clone().filter(|_| desk.look.events),
            log: desk.look.log.clone(),
            signals,
        }
    }

    /// The most important first: what is selected or acted on, what moves, what is not well.
    fn details(&self) -> Vec<Target> {
        let desk = &self.state.desk;
        let mut chosen: Vec<Target> = Vec::new();
        chosen.extend(desk.sheet.as_ref().map(|sheet| sheet.target.clone()));
        let goals = desk.goals.values().filter(|goal| goal.open() || goal.guard_until.is_some());
        chosen.extend(goals.map(|goal| goal.target.clone()));
        // only what is acted on stays in view when the operator looks elsewhere
        let in_scope = |target: &Target| self.state.world.scope.contains(&target.namespace);
        chosen.extend(desk.look.selected.clone().filter(in_scope));
        let all = || self.state.world.workloads.values().map(|watched| &watched.view);
        let views = || all().filter(|view| in_scope(&view.target));
        chosen.extend(views().filter(|view| view.in_flight).map(|view| view.target.clone()));
        let ill = |view: &&WorkloadView| view.state.is_trouble() || view.ready < view.wanted;
        chosen.extend(views().filter(ill).map(|view| view.target.clone()));
        let mut seen = BTreeSet::new();
        chosen.retain(|target| seen.insert(target.clone()));
        chosen.truncate(DETAILS);
        chosen
    }

    fn signal_query(&self, view: &WorkloadView) -> Option<SignalQuery> {
        let sides: Vec<(Side, &Version)> = [(Side::Stable, &view.stable), (Side::Candidate, &view.candidate)]
            .into_iter()
            .filter_map(|(side, version)| Some((side, version.as_ref()?)))
            .collect();
        if sides.is_empty() {
            return None;
        }
        let plan = self.state.settings.plan.as_ref();
        let label = plan.and_then(|plan| {
            let component = plan.components.iter().find(|c| c.workloads.contains(&view.target))?;
            component.version_label.clone()
        });
        Some(SignalQuery {
            target: view.target.clone(),
            namespace: view.target.namespace.clone(),
            version_label: label.map(|label| VersionLabel {
                label,
                values: sides.iter().map(|(side, version)| (*side, version.name.to_string())).collect(),
            }),
            sides: sides.into_iter().map(|(side, version)| (side, version.replica_set.clone())).collect(),
        })
    }
}
