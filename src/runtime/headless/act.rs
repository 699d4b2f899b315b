//! One act on one workload, step by step as a verb needs it.

use std::time::Duration;

use super::{Halt, Headless};
use crate::core::State;
use crate::core::event::Intent;
use crate::core::sheet::{DryRun, ReadBack, Sheet};
use crate::model::act::{Act, ActKind};
use crate::model::ids::ActId;
use crate::model::outline::{Outline, Refusal, RefusalKind};
use crate::model::request;
use crate::model::target::Target;
use crate::strategy::strategy_of;

/// How long templates, rights, the dry run and the full read are waited for.
const ANSWERS: Duration = Duration::from_secs(15);
/// How long the journal is waited for when control is taken.
const CONTROL: Duration = Duration::from_secs(6);

/// What a verb asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// On what.
    pub target: Target,
    /// What.
    pub act: Act,
}

/// An act that would be sent as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// On what, and what.
    pub asked: Asked,
    /// What would be sent.
    pub outline: Outline,
}

impl Headless {
    /// What the act would send now, or why it cannot be done. Nothing is sent and nothing is decided by it.
    pub async fn prepare(&mut self, asked: Asked) -> Result<Result<Prepared, Refusal>, Halt> {
        if self.state().settings.read_only {
            let refusal = Refusal::new(RefusalKind::Mode, "read-only: nothing is written");
            return Ok(Err(refusal.with_remedy("leave --read-only out")));
        }
        let outline = if asked.act.kind() == ActKind::RollBack {
            self.prepare_way_back(&asked).await?
        } else {
            outline(self.state(), &asked)
        };
        Ok(outline.map(|outline| Prepared { asked, outline }))
    }

    /// A way back counts as prepared with its template in hand; opening the sheet asks for it.
    async fn prepare_way_back(&mut self, asked: &Asked) -> Result<Result<Outline, Refusal>, Halt> {
        self.intend(Intent::Propose { target: asked.target.clone(), act: asked.act.clone() });
        let known = self
            .until(ANSWERS, |state| match state.desk.sheet.as_ref().map(|sheet| &sheet.outline) {
                Some(Err(refusal)) if refusal.kind == RefusalKind::TemplateNotRead => None,
                Some(outline) => Some(outline.clone()),
                None => Some(Err(refused_in_a_line(state))),
            })
            .await;
        match known {
            Ok(outline) => Ok(outline),
            Err(Halt::TimeUp) => Ok(outline(self.state(), asked)),
            Err(Halt::Interrupted) => Err(Halt::Interrupted),
        }
    }

    /// Lets the server check the first request without doing it.
    pub async fn rehearse(&self, outline: &Outline) -> Option<request::Outcome> {
        let step = outline.steps.first()?;
        Some(self.cluster().dry_run(&step.request).await.outcome)
    }

    /// Takes control by the short name.
    pub async fn arm(&mut self, short_name: &str) -> Result<Result<(), Refusal>, Halt> {
        self.intend(Intent::TakeControl { typed: short_name.to_owned() });
        let answer = self
            .until(CONTROL, |state| {
                let ours =
                    state.session.control.as_ref().is_some_and(|control| control.by == state.desk.author);
                match (&state.desk.notice, ours) {
                    (_, true) => Some(Ok(())),
                    (Some(_), false) => Some(Err(refused_in_a_line(state))),
                    (None, false) => None,
                }
            })
            .await;
        match answer {
            Err(Halt::TimeUp) => {
                Ok(Err(Refusal::new(RefusalKind::Journal, "control could not be put into the journal")))
            }
            other => other,
        }
    }

    /// Confirms what was prepared. `typed` is the short name where the act is destructive.
    pub async fn send(
        &mut self,
        prepared: &Prepared,
        typed: Option<String>,
    ) -> Result<Result<ActId, Refusal>, Halt> {
        let Asked { target, act } = prepared.asked.clone();
        let before: Vec<ActId> = self.state().desk.goals.keys().cloned().collect();
        if self.state().desk.sheet.is_none() {
            self.intend(Intent::Propose { target: target.clone(), act });
        }
        if self.state().desk.sheet.is_some() {
            if let Err(Halt::Interrupted) = self.until(ANSWERS, |state| filled(state).then_some(())).await {
                return Err(Halt::Interrupted);
            }
            self.intend(Intent::Confirm { typed });
        }
        let state = self.state();
        let started =
            state.desk.goals.iter().find(|(id, goal)| goal.target == target && !before.contains(id));
        Ok(match (started, &state.desk.sheet) {
            (Some((id, _)), _) => Ok(id.clone()),
            (None, Some(Sheet { complaint: Some(complaint), .. })) => {
                Err(Refusal::new(RefusalKind::Changed, complaint.clone()))
            }
            (None, _) => Err(refused_in_a_line(state)),
        })
    }
}

/// What the strategy would send; the core itself judges again when the act is proposed.
fn outline(state: &State, asked: &Asked) -> Result<Outline, Refusal> {
    let Some(watched) = state.world.workloads.get(&asked.target) else {
        return Err(Refusal::new(RefusalKind::Changed, format!("{} is not there any more", asked.target)));
    };
    strategy_of(&watched.set).outline(&asked.act, &watched.set, &watched.known)
}

/// Whether everything that the sheet asked for was answered.
fn filled(state: &State) -> bool {
    state.desk.sheet.as_ref().is_none_or(|sheet| {
        sheet.dry_run != DryRun::Waiting
            && sheet.read_back != ReadBack::Waiting
            && sheet.rights.iter().all(|(_, answer)| answer.is_some())
    })
}

/// The core answers a key that it refuses in one line; here that line is the reason.
fn refused_in_a_line(state: &State) -> Refusal {
    let why = state.desk.notice.as_ref().map_or_else(|| "refused".into(), |notice| notice.text.clone());
    Refusal::new(RefusalKind::Mode, why)
}
