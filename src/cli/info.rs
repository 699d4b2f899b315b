//! `gonogo info`: which version, files, cluster and metrics source are in use, and why.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::args::{ConnectionArgs, Output, OutputArgs};
use super::console::exit_of_start;
use super::exit::Exit;
use super::print;
use crate::model::identity::Connection;
use crate::model::series::MetricsSource;
use crate::runtime::clock::Clock;
use crate::runtime::config::{Config, SETTINGS, Sourced};
use crate::runtime::headless::Headless;
use crate::runtime::start::Start;

/// How long a metrics source is looked for.
const METRICS: Duration = Duration::from_secs(6);

/// Tells everything; what stands on this host is told even if the cluster cannot be reached.
pub(super) async fn run(connection: &ConnectionArgs, config: Config, output: OutputArgs) -> Exit {
    let mut rows = here(&config);
    rows.push(kubeconfig(connection, &config));
    let state = config.paths.state.value.clone();
    let start = Start { config, aim: connection.aim(), plan: None, state, headless: true };
    let (reached, exit) = match Headless::start(start, Arc::new(Clock::default())).await {
        Ok(mut console) => {
            // without an answer the source is told as what it is: still looked for
            let _ = console.until(METRICS, |state| found(&state.world.metrics).then_some(())).await;
            let world = &console.state().world;
            let mut rows = world.connection.as_deref().map(of_connection).unwrap_or_default();
            rows.push(row(
                "short name",
                console.state().settings.short_name.as_str(),
                "what arming asks for",
            ));
            rows.push(row("namespaces", &world.scope.to_string(), ""));
            rows.push(of_metrics(&world.metrics));
            print::unwritten(&console.leave().await);
            (rows, Exit::Done)
        }
        Err(error) => (vec![row("cluster", &error.to_string(), "not connected")], exit_of_start(&error)),
    };
    rows.extend(reached);
    match output.output {
        Output::Json => print::json(&rows.into_iter().map(Row::into_json).collect::<Vec<Value>>()),
        Output::Text => print::lines(rows.iter().map(Row::line)),
    }
    exit
}

/// One thing that is told.
struct Row {
    what: String,
    value: String,
    source: String,
}

impl Row {
    fn line(&self) -> String {
        let source = if self.source.is_empty() { String::new() } else { format!("  ({})", self.source) };
        format!("{:<16} {}{source}", self.what, self.value)
    }

    fn into_json(self) -> Value {
        json!({ "what": self.what, "value": self.value, "source": self.source })
    }
}

fn row(what: &str, value: &str, source: &str) -> Row {
    Row { what: what.to_owned(), value: value.to_owned(), source: source.to_owned() }
}

fn here(config: &Config) -> Vec<Row> {
    let path = |what, sourced: &Sourced<std::path::PathBuf>| {
        row(what, &sourced.value.display().to_string(), &sourced.source.to_string())
    };
    let file = config.paths.config_file();
    let there = if file.exists() { "read" } else { "not there" };
    let mut rows = vec![
        row("gonogo", env!("CARGO_PKG_VERSION"), ""),
        row("config.toml", &file.display().to_string(), there),
        path("config", &config.paths.config),
        path("state", &config.paths.state),
    ];
    rows.extend(SETTINGS.iter().map(|setting| {
        let (value, source) = (setting.show)(&config.effective);
        row(setting.key, &value, &source.to_string())
    }));
    rows
}

/// Which kubeconfig is read, and who said so.
fn kubeconfig(connection: &ConnectionArgs, config: &Config) -> Row {
    match (&connection.kubeconfig, config.environment.text("KUBECONFIG")) {
        (Some(path), _) => row("kubeconfig", &path.display().to_string(), "flag --kubeconfig"),
        (None, Some(list)) => row("kubeconfig", list, "environment KUBECONFIG"),
        (None, None) => row("kubeconfig", "~/.kube/config", "default"),
    }
}

fn of_connection(connection: &Connection) -> Vec<Row> {
    let roots = "the system's roots".to_owned();
    vec![
        row("context", connection.context.as_str(), ""),
        row("proxy", connection.proxy.as_ref().map_or("none", crate::model::Text::as_str), ""),
        row("server", connection.server.as_str(), if connection.insecure { "NOT VERIFIED" } else { "" }),
        row("version", connection.version.as_str(), if connection.simulated { "SIMULATED" } else { "" }),
        row("ca", connection.ca_fingerprint.as_ref().unwrap_or(&roots), "sha256"),
        row("cluster id", connection.cluster.as_str(), ""),
        row("user", connection.user.as_str(), "as the cluster names it"),
    ]
}

fn found(source: &MetricsSource) -> bool {
    match source {
        MetricsSource::Looking => false,
        MetricsSource::Found { .. } | MetricsSource::Silent { .. } | MetricsSource::None { .. } => true,
    }
}

fn of_metrics(source: &MetricsSource) -> Row {
    match source {
        MetricsSource::Looking => row("metrics", "still looking", ""),
        MetricsSource::Found { place, how } => row("metrics", place.as_str(), how.as_str()),
        MetricsSource::Silent { place, why } => row("metrics", place.as_str(), &format!("silent: {why}")),
        MetricsSource::None { why } => row("metrics", "none: --prometheus URL", why.as_str()),
    }
}
