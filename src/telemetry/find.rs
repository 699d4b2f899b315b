//! Where the metrics are: what a person named, else a Service that looks like one and answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};

use super::prometheus::{Client, Direct, Endpoint, ProxyFn, ServicePort, Transport};
use crate::model::Text;
use crate::model::ids::{Name, Namespace};
use crate::model::series::MetricsSource;

/// More Services than this are not tried: each costs a query.
const MOST_TRIED: usize = 8;
/// Tried at the same time.
const AT_ONCE: usize = 4;
/// For the list of Services.
const LIST_DEADLINE: Duration = Duration::from_secs(10);
/// The label by which charts name what a Service belongs to.
const NAME_LABEL: &str = "app.kubernetes.io/name";

/// Who named the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// The command line.
    Flag,
    /// The configuration of this context.
    Config,
}

impl NamedBy {
    const fn how(self) -> &'static str {
        match self {
            Self::Flag => "--prometheus",
            Self::Config => "config",
        }
    }
}

/// A Service as the search needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenService {
    /// Namespace.
    pub namespace: Namespace,
    /// Name.
    pub name: Name,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Ports, with their names where they have one.
    pub ports: Vec<(Option<String>, u16)>,
}

/// Lists the Services of every namespace that may be listed, or says why none may.
pub type ServicesFn = Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<SeenService>, Text>> + Send + Sync>;

/// How to search, in the order of what a person said: the command line, the configuration, and only then the cluster.
#[derive(Clone)]
pub enum Search {
    /// The place is named: no other is tried, whether it answers or not.
    Named {
        /// The place.
        endpoint: Endpoint,
        /// Who named it.
        by: NamedBy,
    },
    /// Among the cluster's Services.
    Services {
        /// Lists them.
        list: ServicesFn,
        /// Reaches them.
        call: ProxyFn,
    },
}

/// A source that answered, and the words for it.
pub struct Hit {
    /// The client.
    pub client: Client,
    /// [`MetricsSource::Found`].
    pub source: MetricsSource,
}

impl Search {
    /// Searches once.
    ///
    /// # Errors
    /// [`MetricsSource::Silent`] or [`MetricsSource::None`] with the reason.
    pub async fn once(&self) -> Result<Hit, MetricsSource> {
        match self {
            Self::Named { endpoint, by } => {
                let direct = Direct::open(endpoint).await.map_err(|error| MetricsSource::Silent {
                    place: Text::from(by.how()),
                    why: Text::from(error.to_string()),
                })?;
                tried(Client::new(Transport::Direct(direct)), by.how().to_owned()).await
            }
            Self::Services { list, call } => {
                let listed = tokio::time::timeout(LIST_DEADLINE, list()).await;
                among(listed.unwrap_or_else(|_| Err(Text::from("no answer in time"))), call).await
            }
        }
    }
}

async fn tried(client: Client, how: String) -> Result<Hit, MetricsSource> {
    let place = client.place();
    match client.probe().await {
        Ok(_) => Ok(Hit { client, source: MetricsSource::Found { place, how: Text::from(how) } }),
        Err(error) => Err(MetricsSource::Silent { place, why: error.text() }),
    }
}

/// The best candidate that answers; if none does, what happened with the best.
async fn among(listed: Result<Vec<SeenService>, Text>, call: &ProxyFn) -> Result<Hit, MetricsSource> {
    let services = listed.map_err(|why| MetricsSource::None {
        why: Text::from(format!("Services cannot be listed: {why}")),
    })?;
    let trials = candidates(&services).into_iter().map(|Candidate { to, prefix, .. }| {
        let how = format!("Service found in {}", to.namespace);
        tried(Client::new(Transport::ServiceProxy { to, prefix, call: Arc::clone(call) }), how)
    });
    let mut trials = stream::iter(trials).buffered(AT_ONCE);
    let mut best = None;
    while let Some(trial) = trials.next().await {
        match trial {
            Ok(hit) => return Ok(hit),
            Err(silent) => best = best.or(Some(silent)),
        }
    }
    Err(best.unwrap_or_else(|| MetricsSource::None {
        why: Text::from("no Service looks like Prometheus, Thanos, VictoriaMetrics or Mimir"),
    }))
}

/// A product that speaks the query API.
struct Product {
    /// Value of [`NAME_LABEL`].
    label: &'static str,
    /// Names that its Services have where they carry no such label, best first.
    names: &'static [&'static str],
    /// Names of the port with the API, best first.
    port_names: &'static [&'static str],
    /// Numbers of the port with the API, where no name fits.
    port_numbers: &'static [u16],
    /// What stands before `/api/v1`.
    prefix: &'static str,
}

/// Best first: what sees all of the cluster's metrics before what may see a part of them.
static PRODUCTS: [Product; 4] = [
    Product {
        label: "thanos-query",
        names: &["thanos-query", "thanos-querier"],
        port_names: &["http", "web", "https"],
        port_numbers: &[9090, 10902],
        prefix: "",
    },
    Product {
        label: "prometheus",
        names: &["prometheus-k8s", "prometheus-server", "prometheus", "prometheus-operated"],
        port_names: &["http-web", "web", "http", "https"],
        port_numbers: &[9090, 80],
        prefix: "",
    },
    Product {
        label: "vmselect",
        names: &["vmselect"],
        port_names: &["http"],
        port_numbers: &[8481],
        prefix: "/select/0/prometheus",
    },
    Product {
        label: "mimir",
        names: &["mimir", "mimir-query-frontend", "mimir-gateway", "mimir-nginx"],
        port_names: &["http-metrics", "http"],
        port_numbers: &[8080, 80],
        prefix: "/prometheus",
    },
];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// Lower is better: product, then how well the name fits.
    rank: (usize, usize),
    to: ServicePort,
    prefix: &'static str,
}

fn candidates(services: &[SeenService]) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = services.iter().filter_map(candidate).collect();
    all.sort();
    all.truncate(MOST_TRIED);
    all
}

fn candidate(service: &SeenService) -> Option<Candidate> {
    PRODUCTS.iter().enumerate().find_map(|(rank, product)| {
        let by_name = product.names.iter().position(|name| *name == service.name.as_str());
        let by_label = service.labels.get(NAME_LABEL).is_some_and(|value| value == product.label);
        let fit = by_name.or_else(|| by_label.then_some(product.names.len()))?;
        let (port_name, port) = port(product, &service.ports)?;
        let https = port_name.is_some_and(|name| name.contains("https")) || port == 443;
        let to =
            ServicePort { namespace: service.namespace.clone(), service: service.name.clone(), port, https };
        Some(Candidate { rank: (rank, fit), to, prefix: product.prefix })
    })
}

/// The port with the API: by name, else by number, else the only one.
fn port<'a>(product: &Product, ports: &'a [(Option<String>, u16)]) -> Option<(Option<&'a str>, u16)> {
    let view = |(name, number): &'a (Option<String>, u16)| (name.as_deref(), *number);
    let named = |wanted: &&str| ports.iter().find(|(name, _)| name.as_deref() == Some(*wanted));
    let numbered = |wanted: &u16| ports.iter().find(|(_, number)| number == wanted);
    let by_name = product.port_names.iter().find_map(named);
    let by_number = || product.port_numbers.iter().find_map(numbered);
    let only = || match ports {
        [only] => Some(only),
        _ => None,
    };
    by_name.or_else(by_number).or_else(only).map(view)
}

#[cfg(test)]
mod tests;
