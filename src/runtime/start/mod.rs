//! From a configuration to an engine that is ready to run: connect, find the session, put the adapters together.

mod error;
mod metrics;
mod who;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

pub use self::error::StartError;
use super::clock::Clock;
use super::config::Config;
use super::engine::Engine;
use super::executor::journal::{Journal, Place, Witnesses};
use super::executor::{self, Adapters, Executor};
use super::ids;
use super::inbox::Inbox;
use super::terminal::Painter;
use crate::cluster::{Cluster, KubeSettings};
use crate::core::settings::Settings;
use crate::core::{Event, Receipt, State};
use crate::journal::{FileJournal, JournalError, Revisions, sessions};
use crate::model::fact::Entry;
use crate::model::identity::Connection;
use crate::model::ids::{Namespace, SessionId, ShortName};
use crate::model::observation::Observation;
use crate::model::plan::{Plan, PlanContext};
use crate::model::target::Scope;

/// What the command line says about the cluster.
#[derive(Clone, Debug, Default)]
pub struct Aim {
    /// Exactly this kubeconfig.
    pub kubeconfig: Option<PathBuf>,
    /// Exactly this context.
    pub context: Option<String>,
    /// Namespaces in view.
    pub namespaces: Vec<String>,
    /// All namespaces.
    pub all_namespaces: bool,
    /// Whether `insecure-skip-tls-verify` may be obeyed.
    pub allow_insecure: bool,
}

/// Everything that a start needs.
#[derive(Clone, Debug)]
pub struct Start {
    /// Configuration.
    pub config: Config,
    /// Which cluster.
    pub aim: Aim,
    /// The plan in hand.
    pub plan: Option<Arc<Plan>>,
    /// Where journals go; another place than the configuration's for a demo.
    pub state: PathBuf,
    /// Whether there is no terminal to draw on.
    pub headless: bool,
}

/// A connection, before anything is watched.
pub struct Connected {
    start: Start,
    cluster: Cluster,
    clock: Arc<Clock>,
    /// Credential plugins may ask at the terminal as long as this is set.
    may_ask: Arc<AtomicBool>,
}

impl Start {
    /// Connects to the one context that was asked for.
    pub async fn connect(self, clock: Arc<Clock>) -> Result<Connected, StartError> {
        let environment = &self.config.environment;
        let settings = KubeSettings {
            kubeconfig: self.aim.kubeconfig.clone(),
            kubeconfig_list: environment.os("KUBECONFIG").map(ToOwned::to_owned),
            home: environment.os("HOME").map(PathBuf::from).or_else(|| etcetera::home_dir().ok()),
            context: self.aim.context.clone(),
            insecure_allowed: self.aim.allow_insecure,
            https_proxy: environment.first(&["HTTPS_PROXY", "https_proxy"]),
            no_proxy: environment.first(&["NO_PROXY", "no_proxy"]),
        };
        // answers that are piped in are not for a plugin
        let may_ask = Arc::new(AtomicBool::new(std::io::stdin().is_terminal()));
        let credentials = who::credential_source(&self.config, may_ask.clone());
        let reads = clock.clone();
        // a large future, and everything that awaits it would be as large
        let connecting = Cluster::connect(&settings, credentials, Arc::new(move || reads.now()));
        let cluster = Box::pin(connecting).await?;
        let Connection { context, server, version, user, .. } = cluster.connection();
        tracing::info!(%context, %server, %version, %user, "connected");
        let connected = Connected { start: self, cluster, clock, may_ask };
        connected.check_plan()?;
        Ok(connected)
    }
}

impl Connected {
    /// Which cluster this is, and who we are to it.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        self.cluster.connection()
    }

    /// The connection itself.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A plan that names its contexts is carried out nowhere else.
    fn check_plan(&self) -> Result<(), StartError> {
        let Connection { context, cluster, .. } = self.connection();
        let environments = self.start.plan.iter().flat_map(|plan| &plan.environments);
        let named: Vec<&PlanContext> = environments.flat_map(|environment| &environment.contexts).collect();
        let here = named.iter().find(|known| known.context == *context);
        match here.map(|here| here.cluster_uid.as_deref()) {
            Some(Some(pinned)) if pinned != cluster.as_str() => Err(StartError::OtherCluster {
                context: context.clone(),
                found: cluster.clone(),
                pinned: pinned.to_owned(),
            }),
            None if !named.is_empty() => Err(StartError::PlanElsewhere {
                context: context.clone(),
                named: named.iter().map(|known| known.context.to_string()).collect(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// What is typed to take control here.
    #[must_use]
    pub fn short_name(&self) -> ShortName {
        let context = &self.connection().context;
        let alias = self.start.config.file.context(context.as_str()).alias;
        let planned = self.start.plan.as_ref().and_then(|plan| {
            plan.environments
                .iter()
                .find(|environment| environment.contexts.iter().any(|known| known.context == *context))
        });
        match (planned, alias) {
            (Some(environment), _) => environment.id.clone(),
            (None, Some(alias)) => ShortName::new(alias),
            (None, None) => ShortName::new(who::last_part(context)),
        }
    }

    /// Namespaces in view: those asked for, else the plan's, else the configuration's, else the context's.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let aim = &self.start.aim;
        if aim.all_namespaces {
            return Scope::All;
        }
        let context = &self.connection().context;
        let of = |names: &[String]| names.iter().map(Namespace::new).collect::<Vec<_>>();
        let planned = self.start.plan.iter().flat_map(|plan| &plan.environments);
        let planned = planned.flat_map(|environment| &environment.contexts);
        let planned: Vec<Namespace> = planned
            .filter(|known| known.context == *context)
            .flat_map(|known| known.namespaces.clone())
            .collect();
        let choices = [
            of(&aim.namespaces),
            planned,
            of(&self.start.config.file.context(context.as_str()).namespaces),
            vec![self.cluster.namespace().clone()],
        ];
        let chosen = choices.into_iter().find(|choice| !choice.is_empty());
        Scope::Namespaces(chosen.unwrap_or_default())
    }

    /// Puts everything together. Nothing is asked at the terminal any more from here on.
    pub fn engine(
        self,
        inbox: &Inbox,
        painter: Option<Painter>,
        cancel: &CancellationToken,
    ) -> Result<Engine, StartError> {
        let metrics = self.metrics()?;
        self.may_ask.store(false, Ordering::Release);
        let connection = self.connection().clone();
        let author = who::author(&connection, &self.start.config);
        let resumed = self.resume();
        let (session, opened, entries) = match resumed {
            Some((session, journal, entries)) => {
                tracing::info!(%session, entries = entries.len(), "session goes on");
                (session, Some(journal), entries)
            }
            None => (ids::session(), None, Vec::new()),
        };
        let place = Place {
            state: self.start.state.clone(),
            cluster: connection.cluster.clone(),
            session,
            author: author.clone(),
        };
        let asked = self.cluster.clone();
        let witnesses =
            Witnesses { clock: self.clock.clone(), server: Arc::new(move || asked.server_time()) };
        let journal = Journal::start(place, opened, witnesses, inbox.clone())?;
        let adapters = Adapters {
            cluster: self.cluster.clone(),
            journal,
            revisions: self.revisions(),
            inbox: inbox.clone(),
            clock: self.clock.clone(),
            author: author.clone(),
        };
        executor::recall(&adapters);
        let state = State::new(self.settings(), author, self.clock.now());
        let executor = Executor::start(adapters, metrics, painter, cancel);
        let mut engine = Engine::new(state, executor, self.clock);
        engine.feed(Event::Observation(Observation::Connected(Box::new(connection))));
        if !entries.is_empty() {
            engine.feed(Event::Receipt(Receipt::Foreign { entries }));
        }
        Ok(engine)
    }

    fn settings(&self) -> Settings {
        Settings {
            read_only: self.start.config.effective.read_only.value,
            short_name: self.short_name(),
            plan: self.start.plan.clone(),
            scope: self.scope(),
            default_namespace: self.cluster.namespace().clone(),
            headless: self.start.headless,
            build: env!("CARGO_PKG_VERSION").to_owned(),
            adopt_goals: !self.start.headless,
        }
    }

    /// The session that is gone on with, if there is one. A journal that cannot be read is left alone.
    fn resume(&self) -> Option<(SessionId, FileJournal, Vec<Entry>)> {
        let plan = self.start.plan.as_ref().map(|plan| plan.hash.as_str());
        let cluster = &self.connection().cluster;
        let opened = sessions::to_resume(&self.start.state, cluster, plan).and_then(|found| {
            let Some(info) = found else { return Ok(None) };
            let opened = FileJournal::open(&self.start.state, cluster, &info.session)?;
            Ok(opened.map(|opened| (info.session, opened.journal, opened.entries)))
        });
        opened.unwrap_or_else(|error: JournalError| {
            tracing::warn!(%error, "the last session cannot be gone on with; a new one begins");
            None
        })
    }

    fn revisions(&self) -> Option<Arc<Revisions>> {
        match Revisions::of(&self.start.state, &self.connection().cluster) {
            Ok(revisions) => Some(Arc::new(revisions)),
            Err(error) => {
                tracing::warn!(%error, "revisions seen complete are not remembered");
                None
            }
        }
    }
}
