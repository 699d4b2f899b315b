//! Names: of the place, of the person, and how the person proves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt as _;

use crate::cluster::CredentialSource;
use crate::model::Text;
use crate::model::fact::Author;
use crate::model::identity::Connection;
use crate::model::ids::ContextName;
use crate::process::{PluginPolicy, Plugins};
use crate::runtime::config::Config;

/// The last part of a context's name as cloud tools compose them: `arn:...:cluster/prod`, `gke_project_zone_prod`.
pub(super) fn last_part(context: &ContextName) -> &str {
    let name = context.as_str();
    name.rsplit(['/', ':', '@', '_']).find(|part| !part.is_empty()).unwrap_or(name)
}

/// Who writes facts: the cluster's name for the user, and where this console runs.
pub(super) fn author(connection: &Connection, config: &Config) -> Author {
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

/// Runs credential plugins as `cluster` asks for them; they may ask at the terminal only while `may_ask` is set.
pub(super) fn credential_source(config: &Config, may_ask: Arc<AtomicBool>) -> CredentialSource {
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
