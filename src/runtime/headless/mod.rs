//! The same loop and core without a terminal: intents come from a verb, and what became of them is read from the state.

mod act;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use self::act::{Asked, Prepared};
pub use self::stop::StopPlan;
use super::clock::Clock;
use super::engine::Engine;
use super::fatal;
use super::inbox::Inbox;
use super::interrupt::Interrupt;
use super::start::{Start, StartError};
use super::tasks;
use super::terminal::{EndedBy, Input};
use crate::cluster::Cluster;
use crate::core::event::{Intent, Look, QuitReason};
use crate::core::goal::Goal;
use crate::core::{Event, State, tell};
use crate::model::ids::ActId;
use crate::model::kind::WorkloadKind;
use crate::model::objects::Depth;
use crate::model::proof::{Proof, Tick};
use crate::model::target::Target;
use crate::model::view::WorkloadView;

/// What is not listed by then is not waited for.
const LISTING: Duration = Duration::from_secs(20);
/// How long parts of workloads are waited for once the workloads themselves are known.
const PARTS: Duration = Duration::from_secs(8);
/// How long the templates that ways back need are waited for.
const TEMPLATES: Duration = Duration::from_secs(3);
/// The journal gets this long to take the last facts before the process ends.
const LAST_FACTS: Duration = Duration::from_secs(2);

/// Why waiting ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The time is up.
    TimeUp,
    /// Somebody pressed ctrl-c, or a signal came.
    Interrupted,
}

/// Why no workload is meant by a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// None has this name.
    #[error("no workload `{word}` in {place}: `gonogo status` lists them")]
    None {
        /// As it was written.
        word: String,
        /// Namespaces in view.
        place: String,
    },
    /// Several have it.
    #[error("`{word}` is not one workload: write one of {}", choices.join(", "))]
    Several {
        /// As it was written.
        word: String,
        /// Those that it may mean.
        choices: Vec<String>,
    },
    /// The kind before the `/` is none.
    #[error("`{0}` is no kind of workload: write for example deployment/api")]
    Kind(String),
}

/// How an act ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Proven.
    Proven,
    /// It will not become true.
    Impossible(String),
    /// Not proven within the time, or nothing can be seen.
    Open(String),
    /// Interrupted meanwhile; what was sent goes on.
    Interrupted,
}

/// A console without a terminal.
#[derive(Debug)]
pub struct Headless {
    engine: Engine,
    inbox: Inbox,
    interrupted: bool,
    cancel: CancellationToken,
}

impl Headless {
    /// Connects and begins to watch.
    pub async fn start(start: Start, clock: Arc<Clock>) -> Result<Self, StartError> {
        let inbox = Inbox::default();
        let cancel = CancellationToken::new();
        let engine = start.connect(clock).await?.engine(&inbox, None, &cancel)?;
        let journal = engine.executor().adapters().journal.clone();
        fatal::before_the_end(move |_| journal.last_words("panic"));
        tell_interrupts(inbox.clone());
        Ok(Self { engine, inbox, interrupted: false, cancel })
    }

    /// Everything that is known.
    #[must_use]
    pub fn state(&self) -> &State {
        self.engine.state()
    }

    /// The connection, for reads that need no state.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.engine.executor().adapters().cluster
    }

    /// Something the verb wants.
    pub fn intend(&mut self, intent: Intent) {
        self.engine.feed(Event::Intent(intent));
    }

    /// Waits until `found` finds something in the state.
    pub async fn until<T>(
        &mut self,
        patience: Duration,
        mut found: impl FnMut(&State) -> Option<T>,
    ) -> Result<T, Halt> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(answer) = found(self.engine.state()) {
                return Ok(answer);
            }
            if self.interrupted {
                return Err(Halt::Interrupted);
            }
            if Instant::now() >= deadline {
                return Err(Halt::TimeUp);
            }
            let mut batch = self.inbox.next(Some(deadline)).await;
            self.interrupted |= batch.input.drain(..).any(|input| matches!(input, Input::Ended(_)));
            self.engine.feed_batch(&mut batch);
        }
    }

    /// Waits until everything in view was listed, and the parts of what moves or is ill were read.
    pub async fn look_around(&mut self) -> Result<(), Halt> {
        self.until(LISTING, |state| state.world.listed.then_some(())).await?;
        let parts = |state: &State| {
            let read =
                |target: &Target| is_whole(state, target) || !state.world.workloads.contains_key(target);
            state.desk.wanted.details.iter().all(read).then_some(())
        };
        tolerate_delay(self.until(PARTS, parts).await)?;
        let prepared = |view: &WorkloadView| !view.in_flight || view.needs_templates.is_empty();
        let ways_back = |state: &State| {
            state.world.workloads.values().all(|watched| prepared(&watched.view)).then_some(())
        };
        tolerate_delay(self.until(TEMPLATES, ways_back).await)
    }

    /// Looks at one workload and waits until its parts were read.
    pub async fn look_at(&mut self, target: &Target) -> Result<(), Halt> {
        self.intend(Intent::Look(Look { selected: Some(target.clone()), ..Look::default() }));
        tolerate_delay(self.until(PARTS, |state| is_whole(state, target).then_some(())).await)
    }

    /// The workload that a word means: `api`, `deployment/api`, `deploy/api`.
    pub fn find(&self, word: &str) -> Result<Target, TargetError> {
        let (kind, name) = match word.split_once('/') {
            Some((kind, name)) => {
                let parsed = WorkloadKind::parse(kind).ok_or_else(|| TargetError::Kind(kind.to_owned()))?;
                (Some(parsed), name)
            }
            None => (None, word),
        };
        let known = &self.state().world;
        let fits =
            |target: &&Target| target.name.as_str() == name && kind.is_none_or(|kind| kind == target.kind);
        let mut found: Vec<&Target> = known.workloads.keys().filter(fits).collect();
        match (found.pop(), found.is_empty()) {
            (Some(target), true) => Ok(target.clone()),
            (None, _) => Err(TargetError::None { word: word.to_owned(), place: known.scope.to_string() }),
            (Some(last), false) => {
                found.push(last);
                let choices = found.iter().map(|target| format!("{target} in {}", target.namespace));
                Err(TargetError::Several { word: word.to_owned(), choices: choices.collect() })
            }
        }
    }

    /// Follows one act to its end; `tick` is told each stage once, when it is seen.
    pub async fn follow(
        &mut self,
        act: &ActId,
        patience: Duration,
        mut tick: impl FnMut(&Goal, &Tick),
    ) -> Outcome {
        let mut told = 0;
        let ended = self
            .until(patience, |state| {
                let goal = state.desk.goals.get(act)?;
                let seen: Vec<&Tick> = goal.ticks.iter().filter(|tick| tick.at.is_some()).collect();
                seen.iter().skip(told).for_each(|seen| tick(goal, seen));
                told = told.max(seen.len());
                verdict(&goal.proof)
            })
            .await;
        match ended {
            Ok(outcome) => outcome,
            Err(Halt::Interrupted) => Outcome::Interrupted,
            Err(Halt::TimeUp) => Outcome::Open(self.why_open(act)),
        }
    }

    fn why_open(&self, act: &ActId) -> String {
        match self.state().desk.goals.get(act).map(|goal| &goal.proof) {
            Some(Proof::Pending { why }) => format!("not proven in time: {why}"),
            Some(Proof::Unknown { since }) => format!("unknown: nothing could be seen since {since}"),
            Some(Proof::Proven { .. } | Proof::Impossible { .. }) | None => "not proven in time".to_owned(),
        }
    }

    /// Leaves: the journal gets its last facts. Returns those that it did not take.
    pub async fn leave(mut self) -> Vec<String> {
        let why = if self.interrupted { QuitReason::Signal } else { QuitReason::Asked };
        self.intend(Intent::Quit { why });
        if self.engine.executor().quit().is_none() {
            // the first one only warned
            self.intend(Intent::Quit { why });
        }
        self.interrupted = false;
        // what is still pending after that is told as unwritten
        let _ = self.until(LAST_FACTS, |state| state.desk.pending.is_empty().then_some(())).await;
        self.cancel.cancel();
        let desk = &self.state().desk;
        desk.unwritten.iter().map(|(_, fact)| fact).chain(&desk.pending).map(tell::fact).collect()
    }
}

/// What could not be read in time is left out: the core judges by what is known, and says what is missing.
fn tolerate_delay(waited: Result<(), Halt>) -> Result<(), Halt> {
    match waited {
        Ok(()) | Err(Halt::TimeUp) => Ok(()),
        Err(Halt::Interrupted) => Err(Halt::Interrupted),
    }
}

fn verdict(proof: &Proof) -> Option<Outcome> {
    match proof {
        Proof::Proven { .. } => Some(Outcome::Proven),
        Proof::Impossible { why } => Some(Outcome::Impossible(why.to_string())),
        Proof::Pending { .. } | Proof::Unknown { .. } => None,
    }
}

fn is_whole(state: &State, target: &Target) -> bool {
    state.world.workloads.get(target).is_some_and(|watched| watched.set.depth == Depth::Full)
}

/// Turns ctrl-c and SIGTERM into input, as the terminal's watcher does for a console.
fn tell_interrupts(inbox: Inbox) {
    let mut interrupt = Interrupt::listen();
    tasks::spawn(async move {
        interrupt.wait().await;
        inbox.input(Input::Ended(EndedBy::Signal));
    });
}
