//! Reading once, on demand: whole templates, documents, events, logs, namespaces.

mod log;
mod yaml;

use serde::Deserialize;
use serde_json::{Value, json};

pub use self::log::LogSource;
use super::Cluster;
use super::http::{HttpError, with_query};
use super::view::{EventWire, event_lines, namespaces};
use crate::model::Text;
use crate::model::ids::{Name, Namespace, Uid};
use crate::model::kind::WorkloadKind;
use crate::model::objects::Workload;
use crate::model::observation::EventLine;
use crate::model::sets::ControllerRevision;
use crate::model::target::Target;
use crate::model::template::{ARGO_HASH_LABEL, HASH_LABEL, Template, TemplateKey};

/// Why something could not be read, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not exist (any more).
    #[error("{what} does not exist")]
    NotFound {
        /// What.
        what: Text,
    },
    /// The cluster forbids it.
    #[error("not allowed: {why}")]
    Forbidden {
        /// The cluster's sentence.
        why: Text,
    },
    /// Anything else; it may work a moment later.
    #[error("{what} could not be read: {why}")]
    Failed {
        /// What.
        what: Text,
        /// Why.
        why: Text,
    },
}

impl ReadError {
    pub(super) fn of(what: &str, error: &HttpError) -> Self {
        let why = Text::from(error.to_string());
        match error.code() {
            Some(404) => Self::NotFound { what: what.into() },
            Some(403) => Self::Forbidden { why },
            Some(_) | None => Self::Failed { what: what.into(), why },
        }
    }
}

#[derive(Deserialize)]
struct Listing {
    items: Option<Vec<Value>>,
}

impl Cluster {
    /// Reads the whole templates of a workload's revisions. They stay the JSON that the server wrote. What is not found
    /// is left out.
    pub async fn templates(
        &self,
        target: &Target,
        keys: &[TemplateKey],
    ) -> Result<Vec<(TemplateKey, Template)>, ReadError> {
        let hashes: Vec<&str> = keys.iter().map(|key| key.hash.as_str()).collect();
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        if matches!(target.kind, WorkloadKind::StatefulSet | WorkloadKind::DaemonSet) {
            return self.history(target, keys).await;
        }
        let label = if target.kind == WorkloadKind::Rollout { ARGO_HASH_LABEL } else { HASH_LABEL };
        let selector = format!("{label} in ({})", hashes.join(","));
        let path = format!("/apis/apps/v1/namespaces/{}/replicasets", target.namespace);
        let path = with_query(&path, &[("labelSelector", &selector)]);
        let listing: Listing = self
            .inner
            .http
            .get_json(&path)
            .await
            .map_err(|error| ReadError::of(&format!("templates of {}", target.name), &error))?;
        Ok(listing.items.into_iter().flatten().filter_map(|set| template(set, keys)).collect())
    }

    /// The templates in the ControllerRevisions of a set.
    async fn history(
        &self,
        target: &Target,
        keys: &[TemplateKey],
    ) -> Result<Vec<(TemplateKey, Template)>, ReadError> {
        let path = format!("/apis/apps/v1/namespaces/{}/controllerrevisions", target.namespace);
        let listing: Listing = (self.inner.http.get_json(&path).await)
            .map_err(|error| ReadError::of(&format!("templates of {}", target.name), &error))?;
        let all = listing.items.into_iter().flatten();
        Ok(all
            .filter_map(|mut object| {
                let key = ControllerRevision::read(&object).key();
                let template = object["data"]["spec"]["template"].take();
                keys.contains(&key).then(|| (key, Template::new(template)))
            })
            .collect())
    }

    /// Reads a workload anew, past every watch.
    pub async fn workload(&self, target: &Target) -> Result<Workload, ReadError> {
        let what = target.to_string();
        let object = self.object(target).await?;
        Workload::read(target.kind, object).map(|(_, workload)| workload).ok_or_else(|| ReadError::Failed {
            what: what.into(),
            why: "it is not what its kind says".into(),
        })
    }

    /// A workload as YAML.
    pub async fn document(&self, target: &Target) -> Result<Vec<Text>, ReadError> {
        self.object(target).await.map(|object| yaml::lines(&object))
    }

    /// A pod as YAML.
    pub async fn pod_document(&self, namespace: &Namespace, pod: &Name) -> Result<Vec<Text>, ReadError> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}");
        let read = self.inner.http.get_json::<Value>(&path).await;
        read.map(|object| yaml::lines(&object)).map_err(|error| ReadError::of(&format!("pod {pod}"), &error))
    }

    /// Events about one object, newest first.
    pub async fn events_about(
        &self,
        namespace: &Namespace,
        kind: &str,
        name: &Name,
    ) -> Result<Vec<EventLine>, ReadError> {
        #[derive(Deserialize)]
        struct Events {
            items: Option<Vec<EventWire>>,
        }
        let selector = format!("involvedObject.kind={kind},involvedObject.name={name}");
        let path = format!("/api/v1/namespaces/{namespace}/events");
        let path = with_query(&path, &[("fieldSelector", &selector), ("limit", "500")]);
        let events: Events = self
            .inner
            .http
            .get_json(&path)
            .await
            .map_err(|error| ReadError::of(&format!("events of {name}"), &error))?;
        Ok(event_lines(events.items.unwrap_or_default()))
    }

    /// Namespaces that exist; empty where they may not be listed.
    pub async fn namespaces(&self) -> Result<Vec<Namespace>, ReadError> {
        namespaces(&self.inner.http).await.map_err(|error| ReadError::of("the list of namespaces", &error))
    }

    /// ConfigMaps of one name, as one list: everywhere where that may be listed, else in these namespaces.
    pub async fn config_maps(&self, name: &str, namespaces: &[Namespace]) -> Result<Value, ReadError> {
        let what = format!("ConfigMap {name}");
        let selector = format!("metadata.name={name}");
        let query = [("fieldSelector", selector.as_str())];
        let everywhere = self.inner.http.get_json::<Value>(&with_query("/api/v1/configmaps", &query)).await;
        match everywhere {
            Err(error) if error.code() == Some(403) => {}
            other => return other.map_err(|error| ReadError::of(&what, &error)),
        }
        let mut found = Vec::new();
        for namespace in namespaces {
            let path = format!("/api/v1/namespaces/{namespace}/configmaps/{name}");
            match self.inner.http.get_json::<Value>(&path).await {
                Ok(map) => found.push(map),
                Err(error) if error.code() == Some(404) => {}
                Err(error) => return Err(ReadError::of(&what, &error)),
            }
        }
        Ok(json!({ "items": found }))
    }

    async fn object(&self, target: &Target) -> Result<Value, ReadError> {
        let row = target.kind.row();
        let Target { namespace, name, .. } = target;
        let path = format!("{}/namespaces/{namespace}/{}/{name}", row.root(), row.plural);
        self.inner.http.get_json(&path).await.map_err(|error| ReadError::of(&target.to_string(), &error))
    }
}

fn template(mut set: Value, keys: &[TemplateKey]) -> Option<(TemplateKey, Template)> {
    let uid = Uid::new(set["metadata"]["uid"].as_str()?);
    let labels = &set["metadata"]["labels"];
    let hash = labels[HASH_LABEL].as_str().or(labels[ARGO_HASH_LABEL].as_str())?.to_owned();
    let key = keys.iter().find(|key| key.replica_set == uid && key.hash.as_str() == hash)?;
    Some((key.clone(), Template::new(set["spec"]["template"].take())))
}
