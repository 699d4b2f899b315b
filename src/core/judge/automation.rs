//! The armed roll-back: when a console may go back by itself. Off unless a person armed it.
//!
//! A state machine as data: [`step`] is one exhaustive table of (state, event). It fires at most once for a revision,
//! only on measured breaches (N of the last M looks, the newest one of them), after a countdown that anybody may veto,
//! and never against a stop or a recent act of a human. What it asks for is an act like any other: policy, outline and
//! preconditions still stand between it and the cluster.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::ids::{RuleId, TemplateHash};
use crate::model::measure::Span;
use crate::model::plan::COUNTDOWN;
use crate::model::{Text, Time};

/// How an armed roll-back decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// So many breached looks ...
    pub breached: u8,
    /// ... of so many.
    pub of: u8,
    /// How long anybody may veto before it is carried out.
    pub countdown: Span,
    /// After a countdown that came to nothing, none begins for so long.
    pub cool_down: Span,
    /// Nothing is done by itself for so long after an act of a human.
    pub human: Span,
    /// A look older than this says nothing about now.
    pub reach: Span,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            breached: 3,
            of: 5,
            countdown: COUNTDOWN,
            cool_down: Span::minutes(10),
            human: Span::minutes(5),
            reach: Span(45),
        }
    }
}

/// What one look at the rules said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Glance {
    /// A rule that may roll back is breached, by values measured in this very look.
    Breached,
    /// None is.
    Clear,
    /// Cannot tell. Never counts for a roll-back.
    Unknown,
}

/// The machine with what it remembers across its states.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Automation {
    /// Where it is.
    pub mode: Mode,
    /// No countdown begins before this time.
    pub cool_until: Option<Time>,
    /// The newest act of a human.
    pub human_at: Option<Time>,
    /// Candidates about which it was decided: one decision for each, whatever else is on its way in between.
    pub decided: BTreeSet<TemplateHash>,
}

/// Where the machine is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nobody armed it.
    #[default]
    Off,
    /// Armed: it watches.
    Watching {
        /// The candidate for which it was armed.
        revision: TemplateHash,
        /// The last looks, newest last, at most [`Policy::of`].
        looks: Vec<Glance>,
    },
    /// It counts down, on every screen.
    Counting {
        /// The candidate.
        revision: TemplateHash,
        /// The rule that made it count.
        rule: RuleId,
        /// When it is carried out.
        fires: Time,
        /// The newest look.
        newest: (Time, Glance),
    },
    /// It asked for the roll-back of this revision. It will not ask again.
    Fired {
        /// The candidate.
        revision: TemplateHash,
        /// When.
        at: Time,
    },
    /// For this revision it keeps out: somebody decided otherwise.
    Barred {
        /// The candidate.
        revision: TemplateHash,
        /// Who or what.
        why: Text,
    },
}

/// What happens to the machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// A person armed it for a candidate.
    Armed(TemplateHash),
    /// A person disarmed it, or control lapsed.
    Disarmed,
    /// The rules were looked at. The rule is the gravest that may roll back.
    Looked(Glance, RuleId),
    /// Time went on.
    Tick,
    /// Somebody said no.
    Vetoed(Text),
    /// A human did something to the component.
    HumanActed,
    /// An emergency stop was latched for this candidate.
    Stopped(TemplateHash),
    /// Another candidate is on its way, or none.
    Revision(Option<TemplateHash>),
}

/// What the machine says.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// A countdown began.
    CountdownBegan {
        /// By which rule.
        rule: RuleId,
        /// When it is carried out.
        fires: Time,
    },
    /// It came to nothing.
    CountdownEnded {
        /// Why.
        why: Text,
    },
    /// Roll back, now.
    RollBack {
        /// Away from which candidate.
        revision: TemplateHash,
        /// By which rule.
        rule: RuleId,
    },
    /// It keeps out from here on.
    Barred {
        /// Why.
        why: Text,
    },
    /// It was not armed.
    NotArmed {
        /// Why.
        why: Text,
    },
    /// It is off.
    Off {
        /// Why.
        why: Text,
    },
}

/// One step: the table.
#[must_use]
pub fn step(
    policy: &Policy,
    mut state: Automation,
    happening: &Happening,
    now: Time,
) -> (Automation, Vec<Say>) {
    match happening {
        Happening::HumanActed => state.human_at = Some(now),
        // also where nothing is armed yet: what was stopped is not armed afterwards
        Happening::Stopped(revision) => {
            state.decided.insert(revision.clone());
        }
        Happening::Armed(_)
        | Happening::Disarmed
        | Happening::Looked(..)
        | Happening::Tick
        | Happening::Vetoed(_)
        | Happening::Revision(_) => {}
    }
    let (mode, says) = table(policy, &state, happening, now);
    if says.iter().any(|say| matches!(say, Say::CountdownEnded { .. } | Say::RollBack { .. })) {
        state.cool_until = Some(now + policy.cool_down.to_delta());
    }
    if let Mode::Fired { revision, .. } | Mode::Barred { revision, .. } = &mode {
        state.decided.insert(revision.clone());
    }
    state.mode = mode;
    (state, says)
}

fn table(policy: &Policy, before: &Automation, happening: &Happening, now: Time) -> (Mode, Vec<Say>) {
    match (&before.mode, happening) {
        (_, Happening::Armed(revision)) if before.decided.contains(revision) => {
            let why = Text::from("for this candidate it was decided already");
            (before.mode.clone(), vec![Say::NotArmed { why }])
        }
        // armed twice is armed once: what was seen and what counts goes on
        (Mode::Watching { revision: own, .. } | Mode::Counting { revision: own, .. }, Happening::Armed(new))
            if own == new =>
        {
            (before.mode.clone(), Vec::new())
        }
        (Mode::Counting { .. }, Happening::Armed(revision)) => {
            (watching(revision), ended("armed for another revision"))
        }
        (
            Mode::Off | Mode::Watching { .. } | Mode::Fired { .. } | Mode::Barred { .. },
            Happening::Armed(revision),
        ) => (watching(revision), Vec::new()),
        (Mode::Watching { .. }, Happening::Disarmed) => (Mode::Off, off("disarmed")),
        (Mode::Counting { .. }, Happening::Disarmed) => (Mode::Off, ended("disarmed")),
        (Mode::Watching { revision, looks }, Happening::Looked(glance, rule)) => {
            looked(policy, before, (revision, looks), (*glance, rule), now)
        }
        (Mode::Counting { revision, rule, fires, .. }, Happening::Looked(glance, _)) => {
            let newest = (now, *glance);
            counted(policy, revision, rule, *fires, newest, now)
        }
        (Mode::Counting { revision, rule, fires, newest }, Happening::Tick) => {
            counted(policy, revision, rule, *fires, *newest, now)
        }
        (Mode::Watching { revision, .. } | Mode::Counting { revision, .. }, Happening::Vetoed(by)) => {
            bar(revision, &format!("vetoed by {by}"))
        }
        (Mode::Counting { revision, .. }, Happening::HumanActed) => {
            (watching(revision), ended("a human acted"))
        }
        (Mode::Watching { revision, .. } | Mode::Counting { revision, .. }, Happening::Stopped(_)) => {
            bar(revision, "an emergency stop is latched")
        }
        (Mode::Counting { revision, .. }, Happening::Revision(new)) if new.as_ref() != Some(revision) => {
            (Mode::Off, ended("another revision is on its way"))
        }
        (Mode::Watching { revision, .. }, Happening::Revision(new)) if new.as_ref() != Some(revision) => {
            (Mode::Off, off("armed for another revision"))
        }
        // nothing is armed, or it was decided
        (
            Mode::Off | Mode::Fired { .. } | Mode::Barred { .. },
            Happening::Disarmed
            | Happening::Looked(..)
            | Happening::Tick
            | Happening::Vetoed(_)
            | Happening::HumanActed
            | Happening::Stopped(_)
            | Happening::Revision(_),
        )
        // looks decide, not time; a human's act is remembered beside the mode; the revision is its own
        | (Mode::Watching { .. }, Happening::Tick | Happening::HumanActed | Happening::Revision(_))
        | (Mode::Counting { .. }, Happening::Revision(_)) => (before.mode.clone(), Vec::new()),
    }
}

fn watching(revision: &TemplateHash) -> Mode {
    Mode::Watching { revision: revision.clone(), looks: Vec::new() }
}

fn ended(why: &str) -> Vec<Say> {
    vec![Say::CountdownEnded { why: Text::from(why) }]
}

fn off(why: &str) -> Vec<Say> {
    vec![Say::Off { why: Text::from(why) }]
}

fn bar(revision: &TemplateHash, why: &str) -> (Mode, Vec<Say>) {
    let why = Text::from(why);
    (Mode::Barred { revision: revision.clone(), why: why.clone() }, vec![Say::Barred { why }])
}

/// A look while it watches: N of the last M, the newest among them, not after a human, not in the cool-down.
fn looked(
    policy: &Policy,
    before: &Automation,
    (revision, looks): (&TemplateHash, &[Glance]),
    (glance, rule): (Glance, &RuleId),
    now: Time,
) -> (Mode, Vec<Say>) {
    let mut looks = looks.to_vec();
    looks.push(glance);
    let surplus = looks.len().saturating_sub(usize::from(policy.of.max(1)));
    looks.drain(..surplus);
    let breached = looks.iter().filter(|look| **look == Glance::Breached).count();
    let enough = glance == Glance::Breached && breached >= usize::from(policy.breached.max(1));
    let recent = before.human_at.is_some_and(|at| now < at + policy.human.to_delta());
    let cooling = before.cool_until.is_some_and(|until| now < until);
    if !enough || recent || cooling {
        return (Mode::Watching { revision: revision.clone(), looks }, Vec::new());
    }
    let fires = now + policy.countdown.to_delta();
    let began = Say::CountdownBegan { rule: rule.clone(), fires };
    let (mode, mut says) = counted(policy, revision, rule, fires, (now, glance), now);
    says.insert(0, began);
    (mode, says)
}

/// A countdown goes on, comes to nothing, or is over. At its end the newest look decides, and it must be of now.
fn counted(
    policy: &Policy,
    revision: &TemplateHash,
    rule: &RuleId,
    fires: Time,
    newest: (Time, Glance),
    now: Time,
) -> (Mode, Vec<Say>) {
    if now < fires {
        let counting = Mode::Counting { revision: revision.clone(), rule: rule.clone(), fires, newest };
        return (counting, Vec::new());
    }
    let fresh = now - newest.0 <= policy.reach.to_delta();
    let why = match newest.1 {
        Glance::Breached if fresh => {
            let say = Say::RollBack { revision: revision.clone(), rule: rule.clone() };
            return (Mode::Fired { revision: revision.clone(), at: now }, vec![say]);
        }
        Glance::Breached => "nobody looked lately",
        Glance::Clear => "the breach is over",
        Glance::Unknown => "cannot tell any more",
    };
    (watching(revision), ended(why))
}
