//! The kubeconfig, found and merged as kubectl does it, down to one exact context.

use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};

use super::error::ConnectError;
use super::settings::KubeSettings;

/// One context with everything it points to. Later edits of the files do not reach it.
pub(super) struct Pinned {
    /// Exact name of the context.
    pub context: String,
    /// Namespace of the context.
    pub namespace: Option<String>,
    /// Name of the cluster entry.
    pub cluster_name: String,
    /// The cluster entry.
    pub cluster: Cluster,
    /// The user entry; empty where the context names none.
    pub user: AuthInfo,
}

/// Reads the files that `settings` name and pins one context.
pub(super) fn pin(settings: &KubeSettings) -> Result<Pinned, ConnectError> {
    let merged = load(settings)?;
    let contexts: Vec<String> = merged.contexts.iter().map(|context| context.name.clone()).collect();
    let wanted = settings.context.clone().or(merged.current_context.clone()).filter(|name| !name.is_empty());
    let Some(name) = wanted else { return Err(ConnectError::NoContext { contexts }) };
    let found = merged.contexts.iter().find(|context| context.name == name);
    let Some(context) = found.and_then(|named| named.context.clone()) else {
        return Err(ConnectError::UnknownContext { name, contexts });
    };
    let dangling = |what, missing: &str| ConnectError::Dangling {
        context: name.clone(),
        what,
        name: missing.to_owned(),
    };
    let cluster = (merged.clusters.iter().find(|named| named.name == context.cluster))
        .and_then(|named| named.cluster.clone())
        .ok_or_else(|| dangling("cluster", &context.cluster))?;
    let user = match context.user.as_deref().filter(|user| !user.is_empty()) {
        Some(user) => (merged.auth_infos.iter().find(|named| named.name == user))
            .map(|named| named.auth_info.clone().unwrap_or_default())
            .ok_or_else(|| dangling("user", user))?,
        None => AuthInfo::default(),
    };
    let namespace = context.namespace.filter(|namespace| !namespace.is_empty());
    Ok(Pinned { context: name, namespace, cluster_name: context.cluster, cluster, user })
}

fn load(settings: &KubeSettings) -> Result<Kubeconfig, ConnectError> {
    if let Some(path) = &settings.kubeconfig {
        return read(path);
    }
    let paths = candidates(settings);
    let present: Vec<&PathBuf> = paths.iter().filter(|path| path.exists()).collect();
    if present.is_empty() {
        return Err(ConnectError::NoKubeconfig { looked_at: paths });
    }
    present.into_iter().try_fold(Kubeconfig::default(), |merged, path| {
        merged.merge(read(path)?).map_err(|_| ConnectError::Malformed { path: path.clone() })
    })
}

/// `KUBECONFIG` where it names anything, else the default file.
fn candidates(settings: &KubeSettings) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = (settings.kubeconfig_list.iter())
        .flat_map(std::env::split_paths)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if listed.is_empty() {
        settings.home.iter().map(|home| home.join(".kube/config")).collect()
    } else {
        listed
    }
}

fn read(path: &Path) -> Result<Kubeconfig, ConnectError> {
    // a relative path inside the file is relative to the file, so the file's own path must be absolute
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Kubeconfig::read_from(&whole).map_err(|error| match error {
        KubeconfigError::ReadConfig(source, path) if source.kind() != std::io::ErrorKind::InvalidData => {
            ConnectError::Unreadable { path, kind: source.kind() }
        }
        _ => ConnectError::Malformed { path: whole.clone() },
    })
}
