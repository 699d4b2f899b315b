//! Services, their endpoints, autoscalers and latches as the API server writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::model::ids::{Name, Namespace, TemplateHash, Uid};
use crate::model::kind::WorkloadKind;
use crate::model::meta::Meta;
use crate::model::observation::Latch;
use crate::model::service::{Autoscaler, Endpoint};
use crate::model::{Text, Time};

/// The label by which an `EndpointSlice` names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// `discovery.k8s.io/v1 EndpointSlice`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireSlice {
    metadata: Meta,
    #[serde(deserialize_with = "nullable")]
    endpoints: Vec<WireEndpoint>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireEndpoint {
    #[serde(deserialize_with = "nullable")]
    conditions: EndpointConditions,
    target_ref: Option<Reference>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EndpointConditions {
    ready: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reference {
    kind: String,
    name: Name,
}

/// Endpoints of one slice of a Service. One pod may stand in slices of two address families.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slice {
    /// Whose.
    pub service: Name,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

impl WireSlice {
    /// By the slice's own name.
    pub(super) fn into_entry(self) -> (Name, Slice) {
        let service = Name::new(self.metadata.label(SERVICE_NAME).unwrap_or_default());
        let endpoints = (self.endpoints.into_iter())
            .map(|endpoint| Endpoint {
                pod: endpoint.target_ref.filter(|target| target.kind == "Pod").map(|target| target.name),
                ready: endpoint.conditions.ready.unwrap_or(true),
            })
            .collect();
        (self.metadata.name, Slice { service, endpoints })
    }
}

/// `autoscaling/v2 HorizontalPodAutoscaler`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireAutoscaler {
    metadata: Meta,
    spec: AutoscalerSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AutoscalerSpec {
    scale_target_ref: Reference,
    min_replicas: Option<i64>,
    max_replicas: i64,
}

impl WireAutoscaler {
    /// By its name.
    pub(super) fn into_entry(self) -> (Name, Autoscaler) {
        let name = self.metadata.name;
        let scaler = Autoscaler {
            name: name.clone(),
            target_kind: WorkloadKind::parse(&self.spec.scale_target_ref.kind),
            target: self.spec.scale_target_ref.name,
            min: self.spec.min_replicas.unwrap_or(1),
            max: self.spec.max_replicas,
        };
        (name, scaler)
    }
}

/// `v1 ConfigMap`, the latch's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireLatches {
    metadata: Meta,
    #[serde(deserialize_with = "nullable")]
    data: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Claim {
    by: Text,
    at: Option<Time>,
}

impl WireLatches {
    /// Keys are `<uid>.<hash>`. A value that cannot be read still latches: what blocks must not fall to a typing error.
    pub(super) fn into_entry(self) -> (Namespace, Vec<Latch>) {
        let latches = (self.data.iter())
            .filter_map(|(key, value)| {
                let (uid, hash) = key.split_once('.')?;
                let Claim { by, at } = serde_json::from_str(value).unwrap_or_default();
                Some(Latch { uid: Uid::new(uid), hash: TemplateHash::new(hash), by, at })
            })
            .collect();
        (self.metadata.namespace, latches)
    }
}

/// Go writes empty collections as `null` in places; both read as empty.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
