//! The first questions: which server, which cluster, and who we are to it.

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::error::ConnectError;
use super::{Facts, tls};
use crate::cluster::http::{Http, HttpError};
use crate::model::Text;
use crate::model::identity::Connection;
use crate::model::ids::{ClusterId, ContextName};

/// How the embedded simulator ends its version.
const SIMULATED: &str = "+simulated";

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "gitVersion")]
    git_version: Text,
}

#[derive(Deserialize)]
struct Review {
    status: ReviewStatus,
}

#[derive(Deserialize)]
struct ReviewStatus {
    #[serde(rename = "userInfo")]
    user_info: UserInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UserInfo {
    username: Text,
    groups: Option<Vec<Text>>,
}

/// Asks the server for its version and for us, and names the cluster, all at once.
pub(in crate::cluster) async fn identify(http: &Http, facts: &Facts) -> Result<Connection, ConnectError> {
    let failed = |error| ConnectError::of(error, facts);
    let version = http.get_json::<Version>("/version");
    let (version, who, cluster) = tokio::join!(version, who(http), cluster_id(http, facts));
    let version = version.map_err(failed)?;
    let UserInfo { username, groups } = who.map_err(failed)?;
    Ok(Connection {
        context: ContextName::new(&facts.context),
        server: facts.server.clone(),
        simulated: version.git_version.as_str().ends_with(SIMULATED),
        version: version.git_version,
        ca_fingerprint: facts.ca_fingerprint.clone(),
        cluster: cluster.map_err(failed)?,
        user: username,
        groups: groups.unwrap_or_default(),
        insecure: facts.insecure,
        proxy: facts.proxy.clone(),
    })
}

/// Who the cluster says we are. A server that does not tell leaves a text that says so; a 401 is an answer too.
async fn who(http: &Http) -> Result<UserInfo, HttpError> {
    let body = json!({ "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview" });
    match http.ask("/apis/authentication.k8s.io/v1/selfsubjectreviews", &body).await {
        Ok(answer) => Ok(serde_json::from_slice::<Review>(&answer)
            .map(|review| review.status.user_info)
            .unwrap_or_default()),
        Err(HttpError::Status(status)) if matches!(status.code, 403 | 404) => {
            Ok(UserInfo { username: Text::from("unknown (the cluster does not say)"), groups: None })
        }
        Err(error) => Err(error),
    }
}

/// uid of `kube-system`; where it may not be read, a digest of server and CA.
async fn cluster_id(http: &Http, facts: &Facts) -> Result<ClusterId, HttpError> {
    #[derive(Deserialize)]
    struct Named {
        metadata: crate::model::meta::Meta,
    }
    match http.get_json::<Named>("/api/v1/namespaces/kube-system").await {
        Ok(found) if !found.metadata.uid.is_empty() => Ok(ClusterId::new(found.metadata.uid.as_str())),
        Ok(_) => Ok(digest(facts)),
        Err(HttpError::Status(status)) if matches!(status.code, 403 | 404) => Ok(digest(facts)),
        Err(error) => Err(error),
    }
}

fn digest(facts: &Facts) -> ClusterId {
    let mut hasher = Sha256::new();
    hasher.update(facts.server.as_str());
    hasher.update([0]);
    hasher.update(facts.ca_fingerprint.as_deref().unwrap_or_default());
    ClusterId::new(tls::pairs(&hasher.finalize()).concat().to_lowercase())
}
