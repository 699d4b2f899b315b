//! What an act would do now, prepared, or why it cannot be done.

use serde::{Deserialize, Serialize};

use super::Time;
use super::act::ActKind;
use super::ids::{TemplateHash, Uid};
use super::request::Request;
use super::target::Target;
use super::template::TemplateDigest;
use super::text::Text;

/// An act, prepared: the requests as they would go out now and the goal that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Which act.
    pub act: ActKind,
    /// On what.
    pub target: Target,
    /// The life it was made for.
    pub uid: Uid,
    /// By its effect: `Roll back api to 1.8.2`.
    pub title: Text,
    /// The effect in a word or two, for the footer: `25→50 %`, `switch to green`; empty where the act's name says it.
    #[serde(default)]
    pub short: Text,
    /// Effect in numbers, a line each.
    pub effect: Vec<Text>,
    /// Why the place it goes to is good, where it goes to one.
    pub good: Option<Text>,
    /// What follows by itself afterwards (an owner that reverts, what is not restored).
    pub after: Vec<Text>,
    /// Requests in their order. Empty: there is nothing to send, and the goal holds already or is local only.
    pub steps: Vec<Step>,
    /// What must be seen.
    pub want: Want,
    /// Whether confirming needs the short name typed again.
    pub destructive: bool,
    /// Estimated seconds until the goal holds, where something is known to estimate from.
    pub estimate_seconds: Option<u32>,
}

/// One request of an outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it does, in the imperative: `put the template of 1.8.2 back and un-pause`.
    pub does: Text,
    /// As it will be sent.
    pub request: Request,
}

/// The state of the world that an act is after, as a strategy can check it on live objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "kebab-case")]
pub enum Want {
    /// The controller stands still (`true`) or goes on (`false`).
    Paused {
        /// Wanted value.
        paused: bool,
    },
    /// All pods run this template, the workload is not paused, and the update has ended.
    Serving {
        /// Hash label of the revision, where it exists already.
        hash: Option<TemplateHash>,
        /// Identity of the template.
        digest: TemplateDigest,
        /// For people.
        version: Text,
    },
    /// All pods run a template with this image in this container.
    Image {
        /// Container.
        container: String,
        /// Image.
        image: String,
    },
    /// All pods are newer than the restart.
    Restarted {
        /// Value of the template's annotation.
        stamp: String,
    },
    /// The candidate is past this step, or the steps are done. Proof names the candidate: another revision is another
    /// world.
    StepPassed {
        /// Index of the step that was left, from 0.
        index: u32,
        /// The candidate.
        hash: TemplateHash,
    },
    /// The candidate gets exactly this share of the traffic on every route that splits it.
    Weight {
        /// Percent.
        percent: u32,
        /// The candidate, for people.
        version: Text,
    },
    /// The Service selects this side and has its ready endpoints.
    Selects {
        /// Label that tells the sides apart.
        key: String,
        /// Its wanted value.
        value: String,
    },
    /// The candidate serves alone and is the stable version now.
    Promoted {
        /// The candidate.
        hash: TemplateHash,
        /// For people.
        version: Text,
    },
    /// The aborted update is on its way again.
    Retried {
        /// The candidate.
        hash: TemplateHash,
    },
    /// A controller that knows no pause is kept from replacing pods.
    Fenced {
        /// Whether it is (`true`), or may go on (`false`).
        fenced: bool,
        /// What stood in the field before, so that a resume can put it back.
        before: serde_json::Value,
    },
    /// This number of pods is ready.
    Replicas {
        /// Wanted.
        replicas: u32,
    },
    /// Only this console's own automation stands still.
    LocalOnly,
}

impl Want {
    /// The version or side that it leads to, where it leads to one.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        match self {
            Self::Serving { version, .. }
            | Self::Promoted { version, .. }
            | Self::Weight { percent: 100, version } => Some(version.as_str()),
            Self::Selects { value, .. } => Some(value),
            Self::Paused { .. }
            | Self::Image { .. }
            | Self::Restarted { .. }
            | Self::StepPassed { .. }
            | Self::Weight { .. }
            | Self::Retried { .. }
            | Self::Fenced { .. }
            | Self::Replicas { .. }
            | Self::LocalOnly => None,
        }
    }
}

/// Why an act cannot be done, and what could be done instead. A value, never an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of refusal; scripts and exit codes derive from it.
    pub kind: RefusalKind,
    /// The reason in one sentence, lower case, no full stop.
    pub why: Text,
    /// What helps, if anything does.
    pub remedy: Option<Text>,
}

/// Kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// This mechanism has no such act.
    NotPossibleHere,
    /// Nothing to do: the world is already so.
    NothingToDo,
    /// No revision is known good.
    NoneKnownGood,
    /// A template has not been read yet; asked for.
    TemplateNotRead,
    /// The mode forbids it.
    Mode,
    /// The data is too old.
    Stale,
    /// The cluster forbids it.
    Permission,
    /// A stop is latched.
    Stopped,
    /// The target is gone or is another one now.
    Changed,
    /// An argument is bad.
    BadArgument,
    /// The journal cannot be written.
    Journal,
}

impl Refusal {
    /// A refusal without a remedy.
    pub fn new(kind: RefusalKind, why: impl Into<Text>) -> Self {
        Self { kind, why: why.into(), remedy: None }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Text>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.remedy {
            Some(remedy) => write!(f, "{}: {remedy}", self.why),
            None => write!(f, "{}", self.why),
        }
    }
}

/// What a strategy answers when asked how a goal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Send(Step),
    /// Wait for something to be seen.
    Wait {
        /// For what.
        what: Text,
        /// When to ask again at the latest; without it, soon.
        until: Option<Time>,
    },
    /// The live world agrees with the goal.
    Holds {
        /// Seconds for which it must hold without a break; without it, those of the act's row.
        settle_seconds: Option<u32>,
    },
    /// It will not come true by waiting.
    Impossible(Text),
}

impl Next {
    /// Waits for what is seen next.
    #[must_use]
    pub fn wait(what: &str) -> Self {
        Self::Wait { what: Text::clean(what), until: None }
    }

    /// Agrees, with the settling time of the act.
    #[must_use]
    pub const fn holds() -> Self {
        Self::Holds { settle_seconds: None }
    }
}
