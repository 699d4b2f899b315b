//! The requests that an act may need, one by one. What lowers risk tests the uid; writes of `/status` also the phase,
//! as Flagger writes it too.

use serde_json::{Value, json};

use crate::model::canary::Phase;
use crate::model::deployment::Deployment;
use crate::model::outline::Step;
use crate::model::template::Template;
use crate::model::text::Text;
use crate::strategy::patch;

use super::pair::Pair;

/// Failed checks that are more than any threshold in use.
const ENOUGH: i64 = 9;

fn canary(pair: &Pair<'_>, subresource: &str, does: &str, operations: &[Value]) -> Step {
    let mut all = vec![patch::test_uid(&pair.canary.face.metadata.uid)];
    all.extend_from_slice(operations);
    Step { does: Text::clean(does), request: patch::request(&pair.objects.target, subresource, &all) }
}

/// Keeps Flagger from starting another tick. The one that runs goes on.
pub(super) fn suspend(pair: &Pair<'_>) -> Step {
    canary(pair, "", "suspend the Canary", &[patch::add("/spec/suspend", json!(true))])
}

/// Lets Flagger tick again.
pub(super) fn unsuspend(pair: &Pair<'_>) -> Step {
    canary(pair, "", "let Flagger go on", &[patch::add("/spec/suspend", json!(false))])
}

/// Makes the next tick give the release up.
pub(super) fn fail_checks(pair: &Pair<'_>) -> Step {
    let checks = ENOUGH.max(pair.canary.spec.analysis.fails_at());
    let operations = [phase_test(pair), patch::add("/status/failedChecks", json!(checks))];
    canary(pair, "status", "count its checks as failed", &operations)
}

/// Says that the release failed. Only once route, templates and the target's size are as after a failure: the phase
/// alone moves nothing (seen).
pub(super) fn say_failed(pair: &Pair<'_>) -> Step {
    let operations = [
        phase_test(pair),
        patch::add("/status/phase", json!(Phase::Failed.word())),
        patch::add("/status/canaryWeight", json!(0)),
    ];
    canary(pair, "status", "set phase Failed", &operations)
}

fn phase_test(pair: &Pair<'_>) -> Value {
    patch::test("/status/phase", json!(pair.phase().word()))
}

/// Takes the pods of the target away.
pub(super) fn scale_down(pair: &Pair<'_>, target: &Deployment) -> Step {
    let operations = [patch::test_uid(&target.metadata.uid), patch::add("/spec/replicas", json!(0))];
    Step {
        does: Text::clean(&format!("scale {} to 0", target.metadata.name)),
        request: patch::request(&pair.address(target), "scale", &operations),
    }
}

/// Puts a template back, value for value.
pub(super) fn template_back(
    pair: &Pair<'_>,
    deployment: &Deployment,
    template: &Template,
    version: &str,
) -> Step {
    let operations =
        [patch::test_uid(&deployment.metadata.uid), patch::replace("/spec/template", template.raw().clone())];
    Step {
        does: Text::clean(&format!("put the template of {version} back into {}", deployment.metadata.name)),
        request: patch::request(&pair.address(deployment), "", &operations),
    }
}

/// Switches analysis off or on again; an act that raises risk tests what its sheet shows.
pub(super) fn skip_analysis(pair: &Pair<'_>, skip: bool) -> Step {
    let mut operations = Vec::new();
    if skip {
        let applied = &pair.canary.status.last_applied_spec;
        operations.push(patch::test("/status/lastAppliedSpec", json!(applied)));
    }
    operations.push(patch::add("/spec/skipAnalysis", json!(skip)));
    let does = if skip { "skip the analysis of this release" } else { "switch the analysis on again" };
    canary(pair, "", does, &operations)
}
