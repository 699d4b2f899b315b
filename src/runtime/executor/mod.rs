//! Carries out effects and reports back by the inbox.
//!
//! Each effect that waits for anything is a task of its own; nothing here makes the loop wait, and nothing here
//! decides whether an effect should happen.

mod evidence;
pub mod journal;
mod latch;
mod observe;
mod reads;
pub mod timers;
mod witness;
mod writes;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use self::journal::Journal;
use self::observe::Observer;
use self::timers::Timers;
use super::clock::Clock;
use super::inbox::Inbox;
use super::tasks;
use super::terminal::Painter;
use crate::cluster::Cluster;
use crate::core::{Effect, Receipt, State};
use crate::journal::{Revisions, SeenRevision, presence};
use crate::model::fact::{Author, Present};

pub use observe::{Metrics, settings as metrics_settings};

/// The adapters that effects are carried out with.
#[derive(Clone)]
pub struct Adapters {
    /// The cluster.
    pub cluster: Cluster,
    /// The journal's thread.
    pub journal: Journal,
    /// Revisions seen complete; none where the state directory cannot be used.
    pub revisions: Option<Arc<Revisions>>,
    /// Where reports go.
    pub inbox: Inbox,
    /// The clock.
    pub clock: Arc<Clock>,
    /// Who acts, for records outside the journal.
    pub author: Author,
}

/// The executor of one console.
pub struct Executor {
    adapters: Adapters,
    timers: Timers,
    observer: Observer,
    painter: Option<Painter>,
    quit: Option<u8>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("quit", &self.quit).finish_non_exhaustive()
    }
}

impl Executor {
    /// Starts what every console needs. Without a painter nobody hears the bell.
    #[must_use]
    pub fn start(
        adapters: Adapters,
        metrics: Metrics,
        painter: Option<Painter>,
        cancel: &CancellationToken,
    ) -> Self {
        let timers = Timers::start(adapters.inbox.clone());
        let observer = Observer::new(adapters.clone(), metrics, painter.is_some(), cancel.clone());
        Self { adapters, timers, observer, painter, quit: None }
    }

    /// The exit code, once the core wants to end.
    #[must_use]
    pub fn quit(&self) -> Option<u8> {
        self.quit
    }

    /// The adapters.
    #[must_use]
    pub fn adapters(&self) -> &Adapters {
        &self.adapters
    }

    /// Carries one effect out, or starts to. `state` is the one that the effect came from.
    pub fn carry_out(&mut self, state: &State, effect: Effect) {
        let adapters = &self.adapters;
        match effect {
            Effect::Append { facts, head, round } => adapters.journal.append(facts, head.0, round),
            Effect::Apply { id, request } => writes::apply(adapters.clone(), id, *request),
            Effect::DryRun { sheet, request } => writes::dry_run(adapters.clone(), sheet, *request),
            Effect::ReadBack { sheet, target } => reads::read_back(adapters.clone(), sheet, target),
            Effect::Review(query) => reads::review(adapters.clone(), query),
            Effect::ReadTemplates { target, keys } => reads::templates(adapters.clone(), target, keys),
            Effect::ReadDocument(of) => reads::document(adapters.clone(), of),
            Effect::Observe(wanted) => self.observer.want(wanted),
            Effect::Schedule { timer, after_millis } => self.timers.schedule(timer, after_millis),
            Effect::Remember { seen, target, version } => {
                remember(adapters, SeenRevision { seen, target, version });
            }
            Effect::Latch { namespace, latch, set } => latch::write(adapters.clone(), namespace, latch, set),
            Effect::Anchor { namespace, session, head } => {
                witness::write(adapters.clone(), namespace, session, head);
            }
            Effect::Capture { act, target } => {
                let subjects = evidence::subjects(state, &target);
                evidence::capture(adapters.clone(), act, target, subjects);
            }
            Effect::SecondSink { target, text } => writes::second_sink(adapters.clone(), target, text),
            Effect::LookForConsoles(who) => look_for_consoles(adapters, who),
            Effect::Bell => self.bell(),
            Effect::Quit { code } => self.quit = Some(code),
        }
    }

    fn bell(&self) {
        if let Some(painter) = &self.painter {
            painter.aside(b"\x07");
        }
    }
}

/// Writes evidence for later consoles; a disk that fails costs only that.
fn remember(adapters: &Adapters, revision: SeenRevision) {
    let Some(revisions) = adapters.revisions.clone() else { return };
    tasks::spawn_blocking(move || {
        if let Err(error) = revisions.remember(&revision) {
            tracing::warn!(%error, "a revision seen complete could not be remembered");
        }
    });
}

/// Asks the operating system after other consoles of this host.
fn look_for_consoles(adapters: &Adapters, who: Vec<Present>) {
    let inbox = adapters.inbox.clone();
    tasks::spawn_blocking(move || {
        let gone: Vec<Author> =
            who.into_iter().filter(presence::is_gone).map(|console| console.who).collect();
        if !gone.is_empty() {
            inbox.receipt(Receipt::ConsolesGone(gone));
        }
    });
}

/// Reads what earlier consoles saw complete.
pub fn recall(adapters: &Adapters) {
    let Some(revisions) = adapters.revisions.clone() else { return };
    let inbox = adapters.inbox.clone();
    tasks::spawn_blocking(move || match revisions.load() {
        Ok(rows) => inbox.receipt(Receipt::Remembered(rows.into_iter().map(|row| row.seen).collect())),
        Err(error) => tracing::warn!(%error, "revisions seen complete could not be read"),
    });
}
