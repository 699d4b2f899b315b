//! From a configuration to an engine that is ready to run: connect, find the session, put the adapters together.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt as _;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::config::Config;
use super::engine::Engine;
use super::executor::journal::{Journal, Place};
use super::executor::{self, Adapters, Executor, Metrics};
use super::ids;
use super::inbox::Inbox;
use super::terminal::Painter;
use crate::cluster::{Cluster, ConnectError, CredentialSource, KubeSettings};
use crate::core::settings::Settings;
use crate::core::{Event, Receipt, State};
use crate::journal::{FileJournal, JournalError, Revisions, sessions};
use crate::model::Text;
use crate::model::fact::{Author, Entry};
use crate::model::identity::Connection;
use crate::model::ids::{ClusterId, ContextName, Namespace, SessionId, ShortName};
use crate::model::observation::Observation;
use crate::model::plan::{Plan, PlanContext};
use crate::model::target::Scope;
use crate::process::{PluginPolicy, Plugins};
use crate::telemetry::dialect::{CustomError, CustomQueries};
use crate::telemetry::find::NamedBy;
use crate::telemetry::prometheus::{Credentials, Endpoint};

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

/// Why a console could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The plan is for other contexts.
    #[error("this plan is for {}, not for {context}: name one of them with --context", named.join(", "))]
    PlanElsewhere {
        /// The present one.
        context: ContextName,
        /// Those of the plan.
        named: Vec<String>,
    },
    /// The plan pins another cluster behind the same context.
    #[error("context {context} is cluster {found}, but the plan pins {pinned}: check the kubeconfig")]
    OtherCluster {
        /// The context.
        context: ContextName,
        /// The cluster's id.
        found: ClusterId,
        /// The plan's.
        pinned: String,
    },
    /// A file with a secret cannot be read.
    #[error("cannot read {} named in config.toml: {source}", path.display())]
    Secret {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Queries in the configuration.
    #[error("config.toml: {0}")]
    Queries(#[from] CustomError),
    /// The journal's thread.
    #[error("the journal cannot be served: {0}")]
    Thread(#[from] std::io::Error),
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
        let may_ask = Arc::new(AtomicBool::new(true));
        let credentials = credential_source(&self.config, may_ask.clone());
        let reads = clock.clone();
        // a large future, and everything that awaits it would be as large
        let connecting = Cluster::connect(&settings, credentials, Arc::new(move || reads.now()));
        let cluster = Box::pin(connecting).await?;
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
            (None, None) => ShortName::new(last_part(context)),
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

    /// Where metrics come from.
    pub fn metrics(&self) -> Result<Metrics, StartError> {
        let file = self.start.config.file.context(self.connection().context.as_str());
        let settings =
            executor::metrics_settings(CustomQueries::parse(&file.queries)?, file.prometheus.scrape_seconds);
        let asked = &self.start.config.effective.prometheus;
        let (url, by) = match (&asked.value, &file.prometheus.url) {
            (Some(url), Some(of_context)) if matches!(asked.source, super::config::Source::File(_)) => {
                let _ = url;
                (of_context, NamedBy::Config)
            }
            (Some(url), _) if matches!(asked.source, super::config::Source::File(_)) => {
                (url, NamedBy::Config)
            }
            (Some(url), _) => (url, NamedBy::Flag),
            (None, Some(url)) => (url, NamedBy::Config),
            (None, None) => return Ok(Metrics { named: None, settings }),
        };
        let endpoint = Endpoint {
            url: SecretString::from(url.as_str()),
            credentials: credentials(&file.prometheus)?,
            tenant: file.prometheus.tenant.clone(),
            ca_file: file.prometheus.ca_file.clone(),
        };
        Ok(Metrics { named: Some((endpoint, by)), settings })
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
        let author = author(&connection, &self.start.config);
        let resumed = self.resume();
        let (session, opened, entries) = match resumed {
            Some((session, journal, entries)) => (session, Some(journal), entries),
            None => (ids::session(), None, Vec::new()),
        };
        let place = Place {
            state: self.start.state.clone(),
            cluster: connection.cluster.clone(),
            session,
            author: author.clone(),
        };
        let journal = Journal::start(place, opened, self.clock.clone(), inbox.clone())?;
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

/// The last part of a context's name as cloud tools compose them: `arn:...:cluster/prod`, `gke_project_zone_prod`.
fn last_part(context: &ContextName) -> &str {
    let name = context.as_str();
    name.rsplit(['/', ':', '@', '_']).find(|part| !part.is_empty()).unwrap_or(name)
}

fn author(connection: &Connection, config: &Config) -> Author {
    let environment = &config.environment;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host = host.or_else(|| environment.first(&["HOSTNAME"])).unwrap_or_default();
    let os_user = environment
        .first(&["LOGNAME", "USER"])
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    Author {
        kube_user: connection.user.clone(),
        os_user: Text::from(os_user),
        host: Text::clean(host.trim()),
        pid: std::process::id(),
    }
}

fn credential_source(config: &Config, may_ask: Arc<AtomicBool>) -> CredentialSource {
    let plugins = Arc::new(Plugins::default());
    let allowed = &config.file.exec_plugins;
    let allowed = (!allowed.is_empty()).then(|| allowed.iter().cloned().collect());
    let search = config.environment.os("PATH").map(ToOwned::to_owned);
    Arc::new(move |call| {
        let interactive = may_ask.load(Ordering::Acquire);
        let policy = PluginPolicy { allowed: allowed.clone(), search: search.clone(), interactive };
        let plugins = plugins.clone();
        async move { plugins.run(&call, &policy).await.map_err(|error| Text::clean(&error.to_string())) }
            .boxed()
    })
}

fn credentials(file: &super::config::PrometheusConfig) -> Result<Credentials, StartError> {
    let secret = |path: &PathBuf| {
        std::fs::read_to_string(path)
            .map(|text| SecretString::from(text.trim()))
            .map_err(|source| StartError::Secret { path: path.clone(), source })
    };
    Ok(match (&file.token_file, &file.user, &file.password_file) {
        (Some(token), _, _) => Credentials::Bearer(secret(token)?),
        (None, Some(user), Some(password)) => {
            Credentials::Basic { user: user.clone(), password: secret(password)? }
        }
        (None, _, _) => Credentials::None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_name_is_what_people_call_the_cluster() {
        for (context, short) in [
            ("arn:aws:eks:eu-central-1:1234:cluster/prod-eu", "prod-eu"),
            ("gke_shop_europe-west1_prod", "prod"),
            ("admin@cluster-a", "cluster-a"),
            ("kind-demo", "kind-demo"),
            ("odd/", "odd"),
        ] {
            assert_eq!(last_part(&ContextName::from(context)), short);
        }
    }
}
