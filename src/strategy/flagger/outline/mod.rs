//! What an act on a Canary would send.

mod back;
mod release;

use serde_json::{Value, json};

use crate::model::act::{Act, ActKind};
use crate::model::canary::Phase;
use crate::model::deployment::Deployment;
use crate::model::outline::{Outline, Refusal, RefusalKind, Step, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::text::Text;
use crate::strategy::{patch, version_name};

use super::goal::fence;
use super::pair::Pair;
use super::{steps, weights};

/// The outline of any act.
pub(super) fn outline(act: &Act, pair: &Pair<'_>) -> Result<Outline, Refusal> {
    let on = On { pair };
    let outline = match act {
        Act::Hold => on.hold(),
        Act::Resume => on.resume(),
        Act::Promote => on.promote(),
        Act::SetWeight { .. } => Err(Refusal::new(
            RefusalKind::NotPossibleHere,
            "not possible here: Flagger sets the weights by its own steps",
        )),
        Act::PromoteFull => on.promote_full(),
        Act::Retry => on.retry(),
        Act::RollBack { to } => on.back(ActKind::RollBack, to.as_ref()),
        Act::Stop => on.stop(),
        Act::Restart { at } => on.restart(*at),
        Act::Scale { .. } => Err(On::no_scale()),
        Act::SetImage { container, image } => on.set_image(container.as_deref(), image),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }?;
    Ok(with_owner(outline, pair))
}

/// Anything that changes the wanted state may be put back by the tool that owns it: the target's template, or the
/// Canary's own fields.
fn with_owner(mut outline: Outline, pair: &Pair<'_>) -> Outline {
    let target = pair.target();
    let mut metas = target.map(|target| &target.metadata).into_iter().chain([&pair.canary.face.metadata]);
    let owner = metas.find_map(GitOpsOwner::of);
    if let Some(owner) = owner.filter(|_| !outline.steps.is_empty()) {
        let version = target.map_or_else(|| Text::clean("?"), |one| version_name(&one.spec.template, None));
        outline.after.push(Text::clean(&owner.warning(version.as_str())));
    }
    outline
}

fn not_here(why: &str) -> Refusal {
    Refusal::new(RefusalKind::NotPossibleHere, format!("not possible here: {why}"))
}

struct On<'a> {
    pair: &'a Pair<'a>,
}

impl On<'_> {
    fn name(&self) -> &str {
        self.pair.name()
    }

    fn make(&self, act: ActKind, title: &str, steps: Vec<Step>, want: Want) -> Outline {
        Outline {
            act,
            target: self.pair.objects.target.clone(),
            uid: self.pair.canary.face.metadata.uid.clone(),
            title: Text::clean(title),
            short: Text::default(),
            effect: Vec::new(),
            good: None,
            after: Vec::new(),
            steps,
            want,
            destructive: false,
            estimate_seconds: None,
        }
    }

    fn nothing(&self, why: &str) -> Refusal {
        Refusal::new(RefusalKind::NothingToDo, format!("{} {why}", self.name()))
    }

    /// Nothing can be prepared before target and primary were read.
    fn read(&self) -> Result<(), Refusal> {
        let pair = self.pair;
        if !pair.is_read() {
            return Err(Refusal::new(RefusalKind::TemplateNotRead, "revisions not read yet"));
        }
        if pair.primary().is_none() || pair.target().is_none() {
            let phase = pair.phase().word();
            return Err(not_here(&format!("target or primary does not exist (Flagger says {phase})")));
        }
        Ok(())
    }

    fn share(&self) -> String {
        weights::live(self.pair)
            .map_or_else(|| "an unknown share".to_owned(), |share| format!("{:.0} %", share.percent()))
    }

    fn hold(&self) -> Result<Outline, Refusal> {
        let pair = self.pair;
        if !pair.phase().in_flight() {
            return Err(self.nothing("is at rest: nothing to hold"));
        }
        if pair.suspended() {
            return Err(self.nothing("is held already"));
        }
        let want = Want::Paused { paused: true };
        let mut outline =
            self.make(ActKind::Hold, &format!("Hold {}", self.name()), vec![steps::suspend(pair)], want);
        let fence = fence::seconds(pair);
        outline.effect.push(Text::clean(&format!(
            "suspended at {}; Flagger will not roll back while held; HELD once the running tick has ended ({fence} s)",
            self.share()
        )));
        if pair.phase().promotes() {
            outline
                .after
                .push(Text::clean("the primary has the new template already: a hold does not take it back"));
        }
        outline.estimate_seconds = Some(fence);
        Ok(outline)
    }

    fn resume(&self) -> Result<Outline, Refusal> {
        let pair = self.pair;
        if !pair.suspended() {
            return Err(self.nothing("is not held"));
        }
        let phase = pair.phase();
        let status = &pair.canary.status;
        let failing = status.failed_checks >= pair.canary.spec.analysis.fails_at();
        let away = weights::can_move(pair) && !weights::reaches_target(pair);
        let effect = match phase {
            Phase::WaitingPromotion if !failing && weights::can_move(pair) && away => {
                return Err(self.climbs_again());
            }
            Phase::Promoting if away && pair.canary.spec.analysis.step_weight_promotion > 0 => {
                let why = format!(
                    "the route gives the target nothing: Flagger would stay in Promoting for ever ({})",
                    self.name()
                );
                return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                    .with_remedy("B returns to what was good before"));
            }
            Phase::Progressing | Phase::WaitingPromotion if failing => {
                "enough checks failed: Flagger rolls back at its next tick".to_owned()
            }
            Phase::WaitingPromotion => {
                format!(
                    "Flagger asks confirm-promotion again, and promotes where it is open ({} now)",
                    self.share()
                )
            }
            Phase::Progressing if away && status.canary_weight > 0 => {
                "the route was set to 0: Flagger begins again at its first step".to_owned()
            }
            Phase::Promoting | Phase::Finalising => "Flagger completes the promotion".to_owned(),
            phase if phase.in_flight() => format!("Flagger goes on by itself ({} now)", self.share()),
            _ => "nothing is on its way: Flagger looks for new releases again".to_owned(),
        };
        let mut operations = vec![
            patch::test_uid(&pair.canary.face.metadata.uid),
            patch::test("/spec/suspend", json!(true)),
            patch::test("/status/phase", json!(phase.word())),
        ];
        operations.push(patch::add("/spec/suspend", json!(false)));
        let step = Step {
            does: steps::unsuspend(pair).does,
            request: patch::request(&pair.objects.target, "", &operations),
        };
        let want = Want::Paused { paused: false };
        let mut outline = self.make(ActKind::Resume, &format!("Resume {}", self.name()), vec![step], want);
        outline.short = Text::clean("resume");
        outline.effect.push(Text::clean(&effect));
        outline.estimate_seconds = Some(pair.canary.spec.analysis.interval_seconds());
        Ok(outline)
    }

    /// A suspended `WaitingPromotion` is not where it was: without weight on the route it climbs all steps again, and asks
    /// no `confirm-traffic-increase` on its way (seen).
    fn climbs_again(&self) -> Refusal {
        let why = format!(
            "the route gives the target nothing: resumed, {} climbs all steps again and asks no gate on its way",
            self.name()
        );
        Refusal::new(RefusalKind::NotPossibleHere, why)
            .with_remedy("decide first: B returns to stable, promote-full lets it through")
    }

    /// The next step of a Canary is Flagger's own, behind gates that are webhooks of somebody else.
    fn promote(&self) -> Result<Outline, Refusal> {
        let pair = self.pair;
        if pair.suspended() {
            return self.resume();
        }
        let asks = |kind: &str| pair.canary.spec.analysis.asks(kind);
        let gate = match pair.phase() {
            Phase::Waiting => "confirm-rollout",
            Phase::WaitingPromotion => "confirm-promotion",
            Phase::Progressing if asks("confirm-traffic-increase") => "confirm-traffic-increase",
            Phase::Progressing => {
                return Err(Self::advances("Flagger takes the next step at its next good tick"));
            }
            Phase::Promoting | Phase::Finalising => {
                return Err(Self::advances("it is being promoted already"));
            }
            _ => return Err(self.nothing("is at rest: nothing to promote")),
        };
        let why = format!("the gate {gate} is a webhook that Flagger asks, and only its owner opens it");
        Err(not_here(&why).with_remedy("open that gate, or promote-full, which asks no gate"))
    }

    fn advances(why: &str) -> Refusal {
        not_here(why).with_remedy("H holds it, B rolls it back, promote-full skips the analysis")
    }

    fn no_scale() -> Refusal {
        not_here("Flagger sets the sizes of target and primary")
            .with_remedy("change replicas of the target's manifest, or the autoscaler's bounds")
    }

    /// An act that raises risk tests every field that its sheet shows.
    fn images_as_shown(deployment: &Deployment) -> Vec<Value> {
        let containers = deployment.spec.template.images.iter().enumerate();
        containers
            .flat_map(|(index, container)| {
                let path = format!("/spec/template/spec/containers/{index}");
                [
                    patch::test(&format!("{path}/name"), json!(container.name)),
                    patch::test(&format!("{path}/image"), json!(container.image)),
                ]
            })
            .collect()
    }
}
