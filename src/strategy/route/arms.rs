//! Which two versions a route splits its traffic between, which of them serves by right, and who gets how much.

use crate::model::Time;
use crate::model::deployment::Deployment;
use crate::model::ids::{Name, TemplateHash};
use crate::model::objects::{Depth, Known, ObjectSet, Workload};
use crate::model::outline::{Refusal, RefusalKind};
use crate::model::replicaset::ReplicaSet;
use crate::model::route::{Backend, NginxCanary, Route, Rule};
use crate::model::view::Evidence;

/// Endings by which people call the version on its way, beside those of the one that serves.
const CANDIDATES: [&str; 5] = ["-canary", "-candidate", "-preview", "-next", "-new"];

/// A route with its two versions.
pub(super) struct Split<'a> {
    /// All that is known.
    pub(super) objects: &'a ObjectSet,
    /// The route.
    pub(super) route: &'a Route,
    /// The version that serves by right.
    pub(super) stable: Arm<'a>,
    /// The other one.
    pub(super) candidate: Arm<'a>,
    /// Why the two are told apart as they are.
    pub(super) because: Because,
}

/// What tells stable and candidate apart, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    /// The candidate stands in a canary Ingress.
    CanaryIngress,
    /// It alone was seen serving everything, or it last.
    SeenAlone(Time),
    /// It has the larger share.
    LargerShare,
    /// Nothing but the names of the Services says so.
    Names,
}

/// One version behind a route.
#[derive(Clone)]
pub(super) struct Arm<'a> {
    /// Its Service.
    pub(super) service: Name,
    /// Istio's subset, where the two are subsets of one Service.
    pub(super) subset: Option<String>,
    /// Ready endpoints of the Service; `None` while they were not read.
    pub(super) ready: Option<i64>,
    /// The Deployment behind it, where exactly one is.
    pub(super) deployment: Option<&'a Deployment>,
    /// The ReplicaSet of its present template.
    pub(super) set: Option<&'a ReplicaSet>,
}

impl<'a> Split<'a> {
    /// Reads it off.
    pub(super) fn of(objects: &'a ObjectSet, known: &Known) -> Result<Self, Refusal> {
        let Workload::Route(route) = &objects.workload else {
            return Err(Refusal::new(RefusalKind::NotPossibleHere, "not possible here: this is no route"));
        };
        if route.canary.is_some() {
            return Self::of_ingress(objects, route);
        }
        let Some((one, other)) = pair(route) else {
            let why = format!("{} does not split its traffic between two backends", objects.target);
            return Err(Refusal::new(RefusalKind::Changed, why));
        };
        let (one, other) = (Arm::of(one, objects), Arm::of(other, objects));
        let split = Self { objects, route, stable: one, candidate: other, because: Because::LargerShare };
        split.ordered(known)
    }

    fn of_ingress(objects: &'a ObjectSet, route: &'a Route) -> Result<Self, Refusal> {
        let own = route.rules.iter().find_map(|rule| Some((rule, rule.backends.first()?)));
        let main = own.and_then(|(rule, _)| {
            let siblings = objects.routes.iter().filter(|other| other.canary.is_none());
            siblings.flat_map(|other| &other.rules).find(|other| other.name == rule.name)?.backends.first()
        });
        let (Some((_, candidate)), Some(stable)) = (own, main) else {
            let why =
                format!("{} has no main Ingress with its host and path: it has no effect", objects.target);
            return Err(Refusal::new(RefusalKind::Changed, why));
        };
        let (stable, candidate) = (Arm::of(stable, objects), Arm::of(candidate, objects));
        Ok(Self { objects, route, stable, candidate, because: Because::CanaryIngress })
    }

    /// Puts the version that serves by right first. Shares alone cannot: beyond half of the way, a candidate has the
    /// larger one.
    fn ordered(self, known: &Known) -> Result<Self, Refusal> {
        let uid = self.objects.workload.uid();
        let seen = |arm: &Arm<'_>| {
            let hash = arm.hash()?;
            let rows = known.seen_complete.iter().filter(|row| row.workload == *uid && row.hash == hash);
            rows.map(|row| row.at).max()
        };
        let (first, second) = (seen(&self.stable), seen(&self.candidate));
        if first != second
            && let Some(at) = first.max(second)
        {
            return Ok(self.arranged(first < second, Because::SeenAlone(at)));
        }
        let share = self.share().unwrap_or(0.0);
        let even = (share - 50.0).abs() < f64::EPSILON;
        let by_name = match (self.stable.is_called_candidate(), self.candidate.is_called_candidate()) {
            (false, true) => Some(false),
            (true, false) => Some(true),
            _ => None,
        };
        match by_name {
            // whoever serves alone serves by right, whatever it is called
            _ if share <= 0.0 || share >= 100.0 => Ok(self.arranged(share > 50.0, Because::LargerShare)),
            Some(swap) if swap == (share > 50.0) && !even => Ok(self.arranged(swap, Because::LargerShare)),
            Some(swap) => Ok(self.arranged(swap, Because::Names)),
            None if !even => Ok(self.arranged(share > 50.0, Because::LargerShare)),
            None => Err(Refusal::new(
                RefusalKind::NoneKnownGood,
                format!(
                    "cannot tell which of {} and {} is stable",
                    self.stable.name(),
                    self.candidate.name()
                ),
            )
            .with_remedy("give one of them more than half by hand, or name them in a plan")),
        }
    }

    fn arranged(mut self, swap: bool, because: Because) -> Self {
        if swap {
            std::mem::swap(&mut self.stable, &mut self.candidate);
        }
        self.because = because;
        self
    }

    /// Rules that name both, each with the places of stable and candidate among its backends.
    pub(super) fn shared(&self) -> impl Iterator<Item = (&'a Rule, usize, usize)> {
        let (stable, candidate) = (self.stable.clone(), self.candidate.clone());
        self.route.rules.iter().filter_map(move |rule| {
            let place = |arm: &Arm<'_>| rule.backends.iter().position(|backend| arm.is(backend));
            Some((rule, place(&stable)?, place(&candidate)?))
        })
    }

    /// The candidate's weight and the sum of the two in the rule that any request meets, else in the first one.
    pub(super) fn weights(&self) -> Option<(i64, i64)> {
        if let Some(canary) = &self.route.canary {
            return Some((nginx_weight(canary), canary.total));
        }
        let all = || self.shared();
        let (rule, stable, candidate) =
            all().find(|(rule, ..)| rule.matches.is_empty()).or_else(|| all().next())?;
        let (stable, candidate) = (rule.backends[stable].weight, rule.backends[candidate].weight);
        (stable + candidate > 0).then_some((candidate, stable + candidate))
    }

    /// The candidate's share in percent.
    #[expect(clippy::cast_precision_loss, reason = "weights are at most a million")]
    pub(super) fn share(&self) -> Option<f64> {
        self.weights().filter(|(_, whole)| *whole > 0).map(|(part, whole)| 100.0 * part as f64 / whole as f64)
    }

    /// Whether each rule that names both gives the candidate exactly this share.
    pub(super) fn is_at(&self, percent: u32) -> bool {
        let exact = |part: i64, whole: i64| whole > 0 && part * 100 == whole * i64::from(percent);
        if let Some(canary) = &self.route.canary {
            return exact(nginx_weight(canary), canary.total);
        }
        self.shared().all(|(rule, stable, candidate)| {
            let part = rule.backends[candidate].weight;
            exact(part, part + rule.backends[stable].weight)
        })
    }

    /// Whether a release is on its way: both get traffic by weight, or the rules do not agree.
    pub(super) fn in_flight(&self) -> bool {
        !self.is_at(0) && !self.is_at(100)
    }

    /// The arm of this name.
    pub(super) fn arm(&self, name: &str) -> Option<&Arm<'a>> {
        [&self.stable, &self.candidate].into_iter().find(|arm| arm.name() == name)
    }

    /// Why stable counts as good.
    pub(super) fn evidence(&self, arm: &Arm<'_>, known: &Known) -> Evidence {
        let hash = arm.hash();
        if hash.as_ref().is_some_and(|hash| known.condemned.contains(hash)) {
            return Evidence::Unproven;
        }
        let uid = self.objects.workload.uid();
        let rows =
            known.seen_complete.iter().filter(|row| row.workload == *uid && Some(&row.hash) == hash.as_ref());
        match rows.map(|row| row.at).max() {
            Some(at) => Evidence::SeenComplete { at },
            None if arm.name() == self.stable.name() && self.in_flight() => Evidence::ServesAlone,
            None => Evidence::Unproven,
        }
    }

    /// Every other way to the candidate: rules that lead to it alone, header and cookie annotations.
    pub(super) fn also(&self) -> Vec<String> {
        let name = self.candidate.name();
        if let Some(canary) = &self.route.canary {
            return canary.rules.iter().map(|(key, value)| format!("{key}: {value} → {name}")).collect();
        }
        let shared: Vec<&str> = self.shared().map(|(rule, ..)| rule.pointer.as_str()).collect();
        let others = self.route.rules.iter().filter(|rule| !shared.contains(&rule.pointer.as_str()));
        let leads = |rule: &&Rule| {
            rule.backends.iter().any(|backend| self.candidate.is(backend) && backend.weight > 0)
        };
        let mut lines: Vec<String> =
            others.filter(leads).map(|rule| format!("{} → {name}", rule_words(rule))).collect();
        lines.extend(self.shared().filter(|(rule, ..)| !rule.matches.is_empty()).map(
            |(rule, stable, candidate)| {
                let (part, rest) = (rule.backends[candidate].weight, rule.backends[stable].weight);
                format!("{} → {name} {part} of {}", rule_words(rule), part + rest)
            },
        ));
        lines
    }

    /// Whether clients that once met the candidate stay with it whatever the weight: cookie affinity of either Ingress.
    pub(super) fn sticky(&self) -> bool {
        let Some(canary) = &self.route.canary else { return false };
        let of = |route: &Route, name: &str, value: &str| {
            route.face.metadata.annotation(&format!("{}/{name}", canary.prefix)) == Some(value)
        };
        let main = self.objects.routes.iter().filter(|other| other.canary.is_none());
        let all: Vec<&Route> = main.chain([self.route]).collect();
        all.iter().any(|route| of(route, "affinity", "cookie"))
            && !all.iter().any(|route| of(route, "affinity-canary-behavior", "legacy"))
    }

    /// Whether endpoints and pods were read.
    pub(super) fn read(&self) -> Result<(), Refusal> {
        if self.objects.depth == Depth::Listed {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "endpoints not read yet"));
        }
        Ok(())
    }
}

impl<'a> Arm<'a> {
    fn of(backend: &Backend, objects: &'a ObjectSet) -> Self {
        let service = objects.services.iter().find(|service| service.name == backend.service);
        let ready = service.and_then(|service| service.endpoints.as_ref()).map(|endpoints| {
            let ready = endpoints.iter().filter(|endpoint| endpoint.ready).count();
            i64::try_from(ready).unwrap_or(i64::MAX)
        });
        // a subset is a part of a Service: whose pods those are stands in a DestinationRule
        let mut behind = (objects.peers.iter())
            .filter(|peer| service.is_some_and(|service| service.selects(&peer.spec.template.labels)))
            .filter(|_| backend.subset.is_none());
        let deployment = behind.next().filter(|_| behind.next().is_none());
        let set = deployment.and_then(|deployment| {
            let digest = deployment.spec.template.digest;
            let owned = objects.replica_sets.iter().filter(|set| {
                set.metadata.controller().is_some_and(|owner| owner.uid == deployment.metadata.uid)
            });
            owned.filter(|set| set.spec.template.digest == digest).min_by_key(|set| set.metadata.created)
        });
        Self { service: backend.service.clone(), subset: backend.subset.clone(), ready, deployment, set }
    }

    /// Whether a backend is this version.
    pub(super) fn is(&self, backend: &Backend) -> bool {
        backend.service == self.service && backend.subset == self.subset
    }

    /// What people call it: its Service, with the subset where that tells the two apart.
    pub(super) fn name(&self) -> String {
        match &self.subset {
            Some(subset) => format!("{}/{subset}", self.service),
            None => self.service.to_string(),
        }
    }

    /// The revision behind it.
    pub(super) fn hash(&self) -> Option<TemplateHash> {
        self.set.map(ReplicaSet::hash)
    }

    fn is_called_candidate(&self) -> bool {
        let word = self.subset.as_deref().map(|subset| format!("-{subset}"));
        let name = word.unwrap_or_else(|| self.service.to_string());
        CANDIDATES.iter().any(|ending| name.ends_with(ending))
    }
}

/// The two backends of the first rule that has two.
fn pair(route: &Route) -> Option<(&Backend, &Backend)> {
    let differs = |a: &Backend, b: &Backend| (&a.service, &a.subset) != (&b.service, &b.subset);
    route.rules.iter().find_map(|rule| {
        let first = rule.backends.first()?;
        Some((first, rule.backends.iter().find(|other| differs(first, other))?))
    })
}

/// `canary-weight` as a number; absent or no number means 0, as ingress-nginx reads it.
pub(super) fn nginx_weight(canary: &NginxCanary) -> i64 {
    canary.weight.as_ref().and_then(|weight| weight.parse().ok()).unwrap_or(0)
}

/// A rule as people recognise it.
pub(super) fn rule_words(rule: &Rule) -> String {
    let matches: Vec<&str> = rule.matches.iter().map(crate::model::text::Text::as_str).collect();
    match (matches.is_empty(), rule.name.is_empty()) {
        (false, _) => matches.join(" or "),
        (true, false) => format!("rule {}", rule.name),
        (true, true) => "any request".to_owned(),
    }
}
