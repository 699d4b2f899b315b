//! What an act on a route would send.

use crate::model::act::{Act, ActKind};
use crate::model::objects::{Known, ObjectSet};
use crate::model::outline::{Outline, Refusal, RefusalKind, Want};
use crate::model::owner::GitOpsOwner;
use crate::model::template::TemplateKey;
use crate::model::text::Text;
use crate::model::view::Evidence;

use super::arms::{Arm, Because, Split};
use super::requests;

/// A gateway takes a route within this time; what proves it is read, not waited for.
const ROUTE_SECONDS: u32 = 1;
/// Shares that `P` walks through where nobody named the next one.
const LADDER: [u32; 5] = [10, 25, 50, 75, 100];

/// The outline of any act.
pub(super) fn outline(act: &Act, objects: &ObjectSet, known: &Known) -> Result<Outline, Refusal> {
    let split = Split::of(objects, known)?;
    let on = On { split: &split, known };
    match act {
        Act::Hold => Err(on.nothing("its weights stand where they are: there is nothing to hold")),
        Act::Resume => Err(on.nothing("nothing is held: P takes the next share")),
        Act::Promote => on.promote(ActKind::Promote, on.next_share()?),
        Act::SetWeight { percent } => on.promote(ActKind::Promote, *percent),
        Act::PromoteFull => on.promote(ActKind::PromoteFull, 100),
        Act::Retry => Err(not_here("there is no aborted update to try again", "P takes the next share")),
        Act::RollBack { to } => on.roll_back(to.as_ref()),
        Act::Restart { .. } => Err(on.on_its_deployments("restart")),
        Act::Scale { .. } => Err(on.on_its_deployments("scale")),
        Act::SetImage { .. } => Err(on.on_its_deployments("set-image")),
        Act::Stop => on.stop(),
        Act::ResetStop => Err(Refusal::new(RefusalKind::NothingToDo, "no stop is latched here")),
    }
}

struct On<'p, 'a> {
    split: &'p Split<'a>,
    known: &'p Known,
}

impl On<'_, '_> {
    fn name(&self) -> &str {
        self.split.objects.target.name.as_str()
    }

    fn nothing(&self, why: &str) -> Refusal {
        Refusal::new(RefusalKind::NothingToDo, format!("{}: {why}", self.name()))
    }

    fn on_its_deployments(&self, act: &str) -> Refusal {
        let arms = [&self.split.stable, &self.split.candidate];
        let names: Vec<&str> =
            arms.iter().filter_map(|arm| Some(arm.deployment?.metadata.name.as_str())).collect();
        let whose = if names.is_empty() {
            "the workload behind it".to_owned()
        } else {
            format!("Deployment {}", names.join(" or "))
        };
        not_here(&format!("{act} is for pods, and a route has none"), &format!("{act} {whose}"))
    }

    /// The next share above the present one.
    fn next_share(&self) -> Result<u32, Refusal> {
        let now = self.split.share().unwrap_or(0.0);
        let next = LADDER.into_iter().find(|percent| f64::from(*percent) > now);
        next.ok_or_else(|| self.nothing(&format!("{} has all of the traffic", self.split.candidate.name())))
    }

    fn promote(&self, act: ActKind, percent: u32) -> Result<Outline, Refusal> {
        self.split.read()?;
        let candidate = &self.split.candidate;
        if !(1..=100).contains(&percent) {
            return Err(Refusal::new(RefusalKind::BadArgument, format!("{percent} is no share"))
                .with_remedy("choose 1 to 100; B goes back to 0"));
        }
        if self.split.is_at(percent) {
            return Err(self.nothing(&format!("{} has {percent} % already", candidate.name())));
        }
        Self::can_serve(candidate)?;
        let verb = format!("Give {} {percent} % of {}", candidate.name(), self.name());
        let mut outline = self.weigh(act, &verb, candidate, percent)?;
        outline.after.extend(self.kept_rules());
        Ok(outline)
    }

    /// A Service without ready endpoints answers its share of the requests with errors.
    fn can_serve(arm: &Arm<'_>) -> Result<(), Refusal> {
        match arm.ready {
            Some(ready) if ready > 0 => Ok(()),
            Some(_) => {
                let why = format!("{} has no ready endpoints: its share would be errors", arm.service);
                Err(Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("bring its pods up first"))
            }
            None => {
                let why =
                    format!("endpoints of {} cannot be read: nothing shows that it could serve", arm.service);
                Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                    .with_remedy("the Service must exist, and its EndpointSlices be readable"))
            }
        }
    }

    fn kept_rules(&self) -> Vec<Text> {
        let also = self.split.also();
        also.iter().map(|line| Text::clean(&format!("stays as it is: {line}"))).collect()
    }

    fn roll_back(&self, to: Option<&TemplateKey>) -> Result<Outline, Refusal> {
        self.split.read()?;
        let arm = match to {
            Some(key) => {
                let mut arms = [&self.split.stable, &self.split.candidate].into_iter();
                arms.find(|arm| arm.hash().as_ref() == Some(&key.hash)).ok_or_else(|| {
                    Refusal::new(RefusalKind::Changed, "that version is gone, or has another template now")
                })?
            }
            None => self.destination()?,
        };
        if arm.name() == self.split.candidate.name() && self.split.in_flight() {
            return Err(not_here("that is the version on its way", "P gives it a larger share"));
        }
        self.back(ActKind::RollBack, "Roll back", arm)
    }

    /// Where a way back leads: to stable, or, when stable has everything, to the other version if it is known good.
    fn destination(&self) -> Result<&Arm<'_>, Refusal> {
        let split = self.split;
        let rules = split.route.canary.as_ref().is_some_and(|canary| !canary.rules.is_empty());
        if split.in_flight() || (split.is_at(0) && rules) || !self.serves(&split.stable) {
            return Ok(&split.stable);
        }
        let good = matches!(split.evidence(&split.candidate, self.known), Evidence::SeenComplete { .. });
        if good {
            return Ok(&split.candidate);
        }
        let why = format!(
            "{} has all of the traffic, and {} is not known good",
            split.stable.name(),
            split.candidate.name()
        );
        Err(Refusal::new(RefusalKind::NoneKnownGood, why).with_remedy("choose it with B if it is"))
    }

    fn serves(&self, arm: &Arm<'_>) -> bool {
        let candidate = arm.name() == self.split.candidate.name();
        self.split.is_at(if candidate { 100 } else { 0 })
    }

    fn stop(&self) -> Result<Outline, Refusal> {
        self.split.read()?;
        if !self.split.in_flight() {
            return Err(self.nothing("at rest"));
        }
        self.back(ActKind::Stop, "Stop", &self.split.stable)
    }

    fn back(&self, act: ActKind, verb: &str, arm: &Arm<'_>) -> Result<Outline, Refusal> {
        if arm.ready == Some(0) {
            let why = format!("{} has no ready endpoints: all of the traffic would be errors", arm.service);
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why)
                .with_remedy("bring its pods up first, then go back"));
        }
        let mut outline = self.weigh(act, &format!("{verb} {} to {}", self.name(), arm.name()), arm, 100)?;
        outline.good = Some(self.good(arm));
        outline.after.extend(self.left_over(arm));
        Ok(outline)
    }

    /// What still leads to the candidate when its weight is 0.
    fn left_over(&self, arm: &Arm<'_>) -> Vec<Text> {
        let split = self.split;
        if arm.name() == split.candidate.name() {
            return Vec::new();
        }
        let candidate = split.candidate.name();
        let mut lines = Vec::new();
        if let Some(canary) = &split.route.canary {
            let rules = canary.rules.iter().map(|(key, value)| format!("{key} ({value}) is taken away too"));
            lines.extend(rules);
        } else {
            let also = split.also();
            let left = also.iter().filter(|line| line.ends_with(&format!("→ {candidate}")));
            let told =
                left.map(|line| format!("still there: {line}: take that rule out of the route to end it"));
            lines.extend(told);
        }
        if split.sticky() {
            lines.push(format!(
                "clients that hold the cookie stay on {candidate}: delete Ingress {} to end that",
                self.name()
            ));
        }
        lines.iter().map(|line| Text::clean(line)).collect()
    }

    fn good(&self, arm: &Arm<'_>) -> Text {
        let (split, name) = (self.split, arm.name());
        let why = match (split.evidence(arm, self.known), split.because) {
            (Evidence::SeenComplete { at }, _) => {
                format!("{name} was seen serving alone {} UTC", at.format("%F %H:%M"))
            }
            (Evidence::Unproven, _) => format!("UNPROVEN: nothing says that {name} ever served"),
            (_, Because::CanaryIngress) => format!("{name} is behind the main Ingress"),
            (_, Because::Names) => format!("by the names of the Services alone, {name} is stable"),
            (_, Because::LargerShare | Because::SeenAlone(_)) => format!("{name} has the larger share"),
        };
        let ready = arm.ready.map_or_else(String::new, |ready| format!("; {ready} ready endpoints now"));
        Text::clean(&format!("{why}{ready}"))
    }

    /// An outline that gives an arm this share in every rule that names both, or in none.
    fn weigh(&self, act: ActKind, title: &str, arm: &Arm<'_>, percent: u32) -> Result<Outline, Refusal> {
        let split = self.split;
        let step = requests::step(split, arm, percent, act.raises_risk())?;
        let candidate = arm.name() == split.candidate.name();
        let share = if candidate { percent } else { 100_u32.saturating_sub(percent) };
        let now = split.share().map_or_else(|| "?".to_owned(), |share| format!("{share:.0}"));
        let meta = &split.route.face.metadata;
        let owner = GitOpsOwner::of(meta).map(|owner| owner.warning("the weights of before"));
        Ok(Outline {
            act,
            target: split.objects.target.clone(),
            uid: meta.uid.clone(),
            title: Text::clean(title),
            short: Text::clean(&format!("{now}→{share} %")),
            effect: self.effect(&now, share),
            good: None,
            after: owner.iter().map(|line| Text::clean(line)).collect(),
            steps: vec![step],
            want: Want::Weight { percent, version: Text::clean(&arm.name()) },
            destructive: act == ActKind::PromoteFull,
            estimate_seconds: Some(ROUTE_SECONDS),
        })
    }

    fn effect(&self, now: &str, share: u32) -> Vec<Text> {
        let split = self.split;
        let (stable, candidate) = (&split.stable, &split.candidate);
        let mut lines = vec![format!("{} {now} → {share} %", candidate.name())];
        let rules = split.shared().count();
        if rules > 1 {
            lines.push(format!("in all {rules} rules that name both, in one request"));
        }
        let ready = |arm: &Arm<'_>| arm.ready.map_or_else(|| "?".to_owned(), |ready| ready.to_string());
        lines.push(format!(
            "ready endpoints: {} of {}, {} of {}",
            ready(stable),
            stable.service,
            ready(candidate),
            candidate.service
        ));
        if split.because == Because::Names {
            lines.push(format!("that {} is the stable one is read off its name alone", stable.name()));
        }
        lines.iter().map(|line| Text::clean(line)).collect()
    }
}

fn not_here(why: &str, remedy: &str) -> Refusal {
    Refusal::new(RefusalKind::NotPossibleHere, format!("not possible here: {why}")).with_remedy(remedy)
}
