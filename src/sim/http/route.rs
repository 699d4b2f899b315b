//! What a path of the Kubernetes API names.

use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// A path, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// `/version`
    Version,
    /// `/readyz`, `/livez`, `/healthz`
    Health,
    /// `/api`
    CoreVersions,
    /// `/apis`
    Groups,
    /// `/apis/apps`
    Group(String),
    /// `/api/v1`, `/apis/apps/v1`
    Resources { group: String, version: String },
    /// `/openapi/v3`
    OpenApiIndex,
    /// `/openapi/v3/apis/apps/v1`
    OpenApi { group: String, version: String },
    /// A review that is answered and never stored: `selfsubjectaccessreviews` and the like.
    Review(String),
    /// Objects of a kind, in a namespace or everywhere.
    Collection { kind: Kind, namespace: Option<String> },
    /// One object, or what is served below it.
    Object { key: Key, below: Below },
}

/// What of an object is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Below {
    /// The object itself.
    Whole,
    Status,
    Scale,
    Log,
    /// What stands behind a Service or pod, with the rest of the path.
    Proxy(String),
}

impl Route {
    /// Reads `path`; `None` when nothing is served there.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["version"] => Some(Self::Version),
            ["readyz" | "livez" | "healthz", ..] => Some(Self::Health),
            ["openapi", "v3"] => Some(Self::OpenApiIndex),
            ["openapi", "v3", "api", version] => {
                Some(Self::OpenApi { group: String::new(), version: (*version).to_owned() })
            }
            ["openapi", "v3", "apis", group, version] => {
                Some(Self::OpenApi { group: (*group).to_owned(), version: (*version).to_owned() })
            }
            ["api"] => Some(Self::CoreVersions),
            ["apis"] => Some(Self::Groups),
            ["apis", group] => Some(Self::Group((*group).to_owned())),
            ["api", version] => {
                Some(Self::Resources { group: String::new(), version: (*version).to_owned() })
            }
            ["apis", group, version] => {
                Some(Self::Resources { group: (*group).to_owned(), version: (*version).to_owned() })
            }
            ["apis", "authorization.k8s.io" | "authentication.k8s.io", "v1", review] => {
                Some(Self::Review((*review).to_owned()))
            }
            ["api", version, rest @ ..] => Self::below("", version, rest, path),
            ["apis", group, version, rest @ ..] => Self::below(group, version, rest, path),
            _other => None,
        }
    }

    fn below(group: &str, version: &str, rest: &[&str], path: &str) -> Option<Self> {
        match rest {
            ["namespaces", namespace, plural, tail @ ..] if Kind::at(group, version, plural).is_some() => {
                let kind = Kind::at(group, version, plural)?;
                Self::within(kind, Some(namespace), tail, path)
            }
            [plural, tail @ ..] => Self::within(Kind::at(group, version, plural)?, None, tail, path),
            [] => None,
        }
    }

    fn within(kind: Kind, namespace: Option<&str>, tail: &[&str], path: &str) -> Option<Self> {
        let Some((name, below)) = tail.split_first() else {
            return Some(Self::Collection { kind, namespace: namespace.map(str::to_owned) });
        };
        let below = match below {
            [] => Below::Whole,
            ["status"] => Below::Status,
            ["scale"] if kind.resource().subresources.contains(&"scale") => Below::Scale,
            ["log"] if kind == Kind::Pod => Below::Log,
            ["proxy", ..] if matches!(kind, Kind::Service | Kind::Pod) => {
                Below::Proxy(path.split_once("/proxy").map_or("", |(_, rest)| rest).to_owned())
            }
            _unknown => return None,
        };
        Some(Self::Object { key: Key::new(kind, namespace.unwrap_or_default(), name), below })
    }
}

#[cfg(test)]
mod tests {
    use super::{Below, Route};
    use crate::sim::world::kinds::Kind;
    use crate::sim::world::store::Key;

    #[test]
    fn paths_name_objects_and_what_is_below_them() {
        let pods = Route::Collection { kind: Kind::Pod, namespace: Some("shop".to_owned()) };
        assert_eq!(Route::parse("/api/v1/namespaces/shop/pods"), Some(pods));
        let namespace = Route::Object { key: Key::new(Kind::Namespace, "", "shop"), below: Below::Whole };
        assert_eq!(Route::parse("/api/v1/namespaces/shop"), Some(namespace));
        let scale = Route::Object { key: Key::new(Kind::Deployment, "shop", "api"), below: Below::Scale };
        assert_eq!(Route::parse("/apis/apps/v1/namespaces/shop/deployments/api/scale"), Some(scale));
        let proxy = Route::Object {
            key: Key::new(Kind::Service, "mon", "prometheus:9090"),
            below: Below::Proxy("/api/v1/query".to_owned()),
        };
        assert_eq!(
            Route::parse("/api/v1/namespaces/mon/services/prometheus:9090/proxy/api/v1/query"),
            Some(proxy)
        );
        assert_eq!(Route::parse("/apis/argoproj.io/v1alpha1/rollouts"), None);
    }
}
