//! `metadata` as this program needs it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::Time;
use super::ids::{Name, Namespace, ResourceVersion, Uid};

/// kubectl's copy of what was applied: large, never needed here, dropped while parsing.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Thin object metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// Name.
    pub name: Name,
    /// Namespace; empty for cluster-wide objects.
    pub namespace: Namespace,
    /// The object's life.
    pub uid: Uid,
    /// Version of this reading.
    pub resource_version: ResourceVersion,
    /// Counts changes of the spec.
    pub generation: i64,
    /// Creation, by the server's clock.
    #[serde(rename = "creationTimestamp")]
    pub created: Option<Time>,
    /// Set once deletion was asked for.
    #[serde(rename = "deletionTimestamp")]
    pub deleted: Option<Time>,
    /// Labels.
    #[serde(deserialize_with = "nullable")]
    pub labels: BTreeMap<String, String>,
    /// Annotations, without kubectl's copy of the applied object.
    #[serde(deserialize_with = "annotations")]
    pub annotations: BTreeMap<String, String>,
    /// Owners.
    #[serde(rename = "ownerReferences", deserialize_with = "nullable")]
    pub owners: Vec<OwnerRef>,
    /// Who wrote which part and when; the field sets themselves are skipped.
    #[serde(rename = "managedFields", deserialize_with = "nullable")]
    pub managers: Vec<Manager>,
}

/// One entry of `ownerReferences`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerRef {
    /// API group and version.
    pub api_version: String,
    /// Kind, as the API spells it.
    pub kind: String,
    /// Name.
    pub name: Name,
    /// The owner's life.
    pub uid: Uid,
    /// Whether this owner is the managing controller.
    pub controller: bool,
}

/// One entry of `managedFields`, without its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manager {
    /// The field manager's name.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// When it last wrote.
    pub time: Option<Time>,
    /// `status` where the entry is about the status subresource.
    pub subresource: String,
}

impl Meta {
    /// The managing controller, if any.
    #[must_use]
    pub fn controller(&self) -> Option<&OwnerRef> {
        self.owners.iter().find(|owner| owner.controller)
    }

    /// A label's value.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str)
    }
}

/// Go writes empty collections as `null` in places; both read as empty.
pub(in crate::model) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut all: BTreeMap<String, String> = nullable(deserializer)?;
    all.remove(LAST_APPLIED);
    Ok(all)
}
