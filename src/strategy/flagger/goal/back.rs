//! The way back of a Canary, from whatever state it is found in: stop and roll-back.
//!
//! No step remembers another: each is what the objects lack now, in an order in which every state between is safe. So a
//! console that was restarted goes on where the objects stand, and two of them do not disturb each other.
//!
//! 1. Suspend, so that no further tick begins.
//! 2. The primary's template, as soon as it is not the good one.
//! 3. No traffic to the target, in every rule, as soon as the primary can serve.
//! 4. Both again whenever the running tick undoes them, until the fence.
//! 5. By the phase that stands then: failed checks where Flagger can end it itself; else what Flagger would have done, and
//!    phase Failed.
//! 6. Un-suspend.

use crate::model::canary::Phase;
use crate::model::deployment::Deployment;
use crate::model::ids::TemplateHash;
use crate::model::outline::{Next, Step};
use crate::model::replicaset::ReplicaSet;
use crate::model::text::Text;
use crate::strategy::Pursuit;

use super::super::pair::{Pair, Same};
use super::super::{steps, weights};
use super::fence;

/// What the return to a revision of the primary needs next.
pub(super) fn next(pursuit: &Pursuit<'_>, pair: &Pair<'_>, hash: &TemplateHash, version: &str) -> Next {
    let (Some(primary), Some(target)) = (pair.primary(), pair.target()) else {
        return Next::wait("target and primary to be read");
    };
    if !pair.is_read() {
        return Next::wait("revisions to be read");
    }
    let Some(good) = pair.sets(primary).into_iter().find(|set| set.hash() == *hash) else {
        return Next::Impossible(Text::clean("the revision to return to is gone"));
    };
    let back = Back { pursuit, pair, primary, target, good, version };
    back.next().unwrap_or_else(|| back.proof())
}

struct Back<'a> {
    pursuit: &'a Pursuit<'a>,
    pair: &'a Pair<'a>,
    primary: &'a Deployment,
    target: &'a Deployment,
    /// The revision of the primary to return to.
    good: &'a ReplicaSet,
    version: &'a str,
}

impl Back<'_> {
    /// The step that is needed, or what has to be waited for; nothing is left to do where there is none.
    fn next(&self) -> Option<Next> {
        let pair = self.pair;
        if pair.phase() == Phase::Unknown {
            return Some(Next::wait("Flagger to say where it stands"));
        }
        if !pair.suspended() {
            if self.ends_by_itself() {
                return None;
            }
            if pair.phase().in_flight() || self.target_owes() {
                return Some(self.begin());
            }
        }
        if let Some(next) = self.primary_back().or_else(|| self.traffic_back()) {
            return Some(next);
        }
        if pair.phase().in_flight() && pair.suspended() {
            if let Some(until) = fence::stands_until(self.pursuit, pair) {
                let left = (until - self.pursuit.now).num_seconds() + 1;
                let what = format!("the tick that may still run to end: {left} s");
                return Some(Next::Wait { what: Text::clean(&what), until: Some(until) });
            }
            return self.by_phase();
        }
        self.at_rest()
    }

    /// Whether what stands there leads to the goal without another request: the release is being given up by Flagger, or
    /// no side asks for anything but the good version.
    fn ends_by_itself(&self) -> bool {
        let pair = self.pair;
        let given_up = self.is_failing() && self.primary_is_good() && !weights::reaches_target(pair);
        given_up || (self.primary_is_good() && self.target_is_good() && !pair.phase().at_rest())
    }

    /// Flagger's next tick will fail it, or is about to: enough checks failed, and it can see both sides ready. On its way
    /// it scales the target to nothing a moment before it says Failed.
    fn is_failing(&self) -> bool {
        let (pair, status) = (self.pair, &self.pair.canary.status);
        let judged = matches!(status.phase, Phase::Progressing | Phase::WaitingPromotion);
        judged
            && status.failed_checks >= pair.canary.spec.analysis.fails_at()
            && pair.primary_ready()
            && (pair.target_ready() || self.target.wanted() == 0)
    }

    /// The first request of all. Where nobody but Flagger can move the traffic, failing the release is the faster way.
    fn begin(&self) -> Next {
        let pair = self.pair;
        let judged = matches!(pair.phase(), Phase::Progressing | Phase::WaitingPromotion);
        if weights::only_flagger(pair)
            && judged
            && pair.primary_ready()
            && pair.target_ready()
            && self.primary_is_good()
        {
            return if self.is_failing() {
                Next::wait("Flagger to give it up at its next tick")
            } else {
                Next::Send(steps::fail_checks(pair))
            };
        }
        Next::Send(steps::suspend(pair))
    }

    fn primary_is_good(&self) -> bool {
        let present = &self.primary.spec.template;
        present.digest == self.good.spec.template.digest
            || self.pair.serving().is_some_and(|serving| serving.hash() == self.good.hash())
    }

    fn target_is_good(&self) -> bool {
        self.pair.candidate().is_some_and(|target| self.pair.same(self.good, target) == Same::Yes)
    }

    fn primary_back(&self) -> Option<Next> {
        if self.primary_is_good() {
            return None;
        }
        Some(match self.pair.template(self.good) {
            Some(template) => {
                Next::Send(steps::template_back(self.pair, self.primary, template, self.version))
            }
            None => Next::wait(&format!("the template of {} to be read", self.version)),
        })
    }

    fn traffic_back(&self) -> Option<Next> {
        let pair = self.pair;
        if !weights::reaches_target(pair) {
            return None;
        }
        let (ready, wanted) = (self.good.status.ready_replicas, self.primary.wanted());
        if !can_serve(ready, wanted) {
            let name = &self.primary.metadata.name;
            let version = self.version;
            return Some(Next::wait(&format!(
                "{name} to serve ({ready} of {wanted} pods of {version} ready): going back now would be an outage"
            )));
        }
        match weights::to_primary(pair, false).into_iter().next() {
            Some(step) => Some(Next::Send(step)),
            None => Some(Next::wait("Flagger to move the traffic")),
        }
    }

    /// After the fence: nobody but us writes now.
    fn by_phase(&self) -> Option<Next> {
        let pair = self.pair;
        match pair.phase() {
            Phase::Waiting => Some(self.undo_target().unwrap_or_else(|| send(steps::say_failed(pair)))),
            Phase::Progressing | Phase::WaitingPromotion if pair.primary_ready() && pair.target_ready() => {
                let failed = pair.canary.status.failed_checks >= pair.canary.spec.analysis.fails_at();
                Some(send(if failed { steps::unsuspend(pair) } else { steps::fail_checks(pair) }))
            }
            // while a side is not ready Flagger looks at no failed check
            Phase::Progressing | Phase::WaitingPromotion => Some(
                self.primary_is_whole()
                    .or_else(|| self.empty_target())
                    .unwrap_or_else(|| send(steps::say_failed(pair))),
            ),
            Phase::Promoting | Phase::Finalising => {
                let undone = self.undo_target().or_else(|| self.primary_is_whole());
                Some(undone.unwrap_or_else(|| send(steps::say_failed(pair))))
            }
            _ => None,
        }
    }

    /// Flagger would start anew at the first tick if the target asked for anything that it did not see last.
    fn undo_target(&self) -> Option<Next> {
        let pair = self.pair;
        if self.target_is_good() {
            return None;
        }
        let Some(own) = pair.counterpart(self.good) else {
            let unread = pair.sets(self.target).iter().any(|set| pair.template(set).is_none());
            return match (unread, pair.phase()) {
                (true, _) => Some(Next::wait("templates of the target to be read")),
                // Flagger saw this template: it stays a failed one
                (false, phase) if phase.promotes() => None,
                (false, _) => Some(Next::wait(&format!(
                    "{}'s own template of {}: it is in no revision any more; put it back by hand, the Canary stays suspended",
                    self.target.metadata.name, self.version
                ))),
            };
        };
        let template = pair.template(own)?;
        Some(send(steps::template_back(pair, self.target, template, self.version)))
    }

    fn primary_is_whole(&self) -> Option<Next> {
        let status = &self.primary.status;
        (!self.pair.primary_ready()).then(|| {
            let (available, wanted) = (status.available_replicas, self.primary.wanted());
            Next::wait(&format!("{}: {available} of {wanted} pods available", self.primary.metadata.name))
        })
    }

    fn empty_target(&self) -> Option<Next> {
        (self.target.wanted() > 0).then(|| send(steps::scale_down(self.pair, self.target)))
    }

    /// After a finished release the target still asks for the bad version; with it back Flagger judges the good one
    /// against itself, and knows again what it promoted last.
    fn target_owes(&self) -> bool {
        let pair = self.pair;
        let finished = matches!(pair.phase(), Phase::Succeeded | Phase::Initialized);
        finished && !self.target_is_good() && pair.counterpart(self.good).is_some()
    }

    fn at_rest(&self) -> Option<Next> {
        let pair = self.pair;
        if !pair.phase().at_rest() {
            return None;
        }
        if self.target_owes() {
            // analysis of the good version needs a primary to compare with
            return self.primary_is_whole().or_else(|| self.undo_target());
        }
        // after a finished release pods of the target come because Flagger begins anew: a moment before it says so
        let left_over = pair.suspended() || pair.phase() == Phase::Failed;
        if let Some(next) = self.empty_target().filter(|_| left_over) {
            return Some(next);
        }
        pair.suspended().then(|| send(steps::unsuspend(pair)))
    }

    /// What of the goal cannot be seen yet on the live objects; with nothing left it holds for one interval, in which
    /// Flagger has ticked and left everything as it is.
    fn proof(&self) -> Next {
        if let Some(what) = self.unproven() {
            return Next::wait(&what);
        }
        let interval = self.pair.canary.spec.analysis.interval_seconds();
        Next::Holds { settle_seconds: Some(interval) }
    }

    fn unproven(&self) -> Option<String> {
        let pair = self.pair;
        if !self.primary_is_good() {
            return Some(format!("primary to ask for {}", self.version));
        }
        if !pair.primary_complete() {
            let status = &self.primary.status;
            let arrived = status.updated_replicas.min(status.available_replicas);
            return Some(format!("primary pods {arrived}/{} {}", self.primary.wanted(), self.version));
        }
        if self.target_is_good() && pair.phase() != Phase::Failed {
            // Flagger compares, or is about to compare, the good version with itself: whoever is served is served by it
            return self.strangers();
        }
        if !pair.phase().at_rest() {
            return Some("Flagger to give the release up".to_owned());
        }
        if weights::reaches_target(pair) {
            return Some("the routes to give the target nothing".to_owned());
        }
        if !weights::taken(pair) {
            return Some("the gateway to take the route".to_owned());
        }
        let left = pair.pods(self.target).count();
        if self.target.wanted() > 0 || left > 0 {
            return Some(format!("{left} pods of {} to leave", self.target.metadata.name));
        }
        None
    }

    /// Pods of the target that run anything but the good version.
    fn strangers(&self) -> Option<String> {
        let own = self.pair.candidate().map(|set| &set.metadata.name);
        let strangers = self.pair.pods(self.target).filter(|pod| pod.owner.as_ref() != own).count();
        (strangers > 0).then(|| format!("{strangers} pods of another version to leave"))
    }
}

/// Whether so many pods can take all the traffic: three quarters of those that are wanted. Flagger wants all of them; an
/// emergency that waits for one pod on a drained node would wait too long.
pub(in super::super) fn can_serve(ready: i64, wanted: i64) -> bool {
    ready > 0 && ready * 4 >= wanted * 3
}

fn send(step: Step) -> Next {
    Next::Send(step)
}
