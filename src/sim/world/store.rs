//! The objects and the history of their changes, as the API server's watch cache keeps them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};

use super::json;
use super::kinds::Kind;

/// Changes kept for watches to resume from; older resource versions are answered with 410.
const HISTORY: usize = 4_000;

/// Names one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its namespace; empty for cluster-wide kinds.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

impl Key {
    /// The key of `name` in `namespace`.
    pub(crate) fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The key of a stored object of `kind`.
    pub(crate) fn of(kind: Kind, object: &Value) -> Self {
        Self::new(kind, json::text(object, "/metadata/namespace"), json::text(object, "/metadata/name"))
    }
}

impl Key {
    /// The reference by which what the object with this key and `uid` makes names its owner.
    pub(crate) fn as_controller(&self, uid: &str) -> Value {
        let resource = self.kind.resource();
        json!({
            "apiVersion": resource.api_version(),
            "kind": resource.name,
            "name": self.name,
            "uid": uid,
            "controller": true,
            "blockOwnerDeletion": true,
        })
    }
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// It is new.
    Added,
    /// It differs from before.
    Modified,
    /// It is gone.
    Deleted,
}

/// One change, with the object before and after.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The resource version of this change.
    pub(crate) revision: u64,
    /// Which object.
    pub(crate) key: Key,
    /// What happened.
    pub(crate) kind: ChangeKind,
    /// The object after the change; a deleted one as it was last, with the new resource version.
    pub(crate) object: Arc<Value>,
    /// The object before the change.
    pub(crate) before: Option<Arc<Value>>,
}

/// The resource version asked for is older than the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expired {
    /// The oldest version that can still be resumed from.
    pub(crate) oldest: u64,
}

/// Objects by key, with one counter of resource versions for all.
#[derive(Debug)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Arc<Value>>,
    revision: u64,
    compacted: u64,
    history: VecDeque<Change>,
}

impl Store {
    /// An empty store whose first change gets the resource version after `revision`.
    pub(crate) fn new(revision: u64) -> Self {
        Self { objects: BTreeMap::new(), revision, compacted: revision, history: VecDeque::new() }
    }

    /// The newest resource version.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The object with `key`.
    pub(crate) fn get(&self, key: &Key) -> Option<&Arc<Value>> {
        self.objects.get(key)
    }

    /// The objects of `kind`, in `namespace` or in all, ordered by namespace and name.
    pub(crate) fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> {
        let from = Key::new(kind, namespace.unwrap_or_default(), "");
        self.objects.range(from..).take_while(move |(key, _)| {
            key.kind == kind && namespace.is_none_or(|wanted| key.namespace == wanted)
        })
    }

    /// Every object of every kind.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }

    /// Stores `object` under `key`, new or not, and gives it the next resource version.
    pub(crate) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        json::set(&mut object, &["metadata", "resourceVersion"], self.revision.to_string());
        let object = Arc::new(object);
        let before = self.objects.insert(key.clone(), Arc::clone(&object));
        let kind = if before.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
        self.record(key.clone(), kind, Arc::clone(&object), before);
        object
    }

    /// Removes the object with `key`, if it is there.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let before = self.objects.remove(key)?;
        self.revision += 1;
        let mut last = Value::clone(&before);
        json::set(&mut last, &["metadata", "resourceVersion"], self.revision.to_string());
        let last = Arc::new(last);
        self.record(key.clone(), ChangeKind::Deleted, Arc::clone(&last), Some(before));
        Some(last)
    }

    /// The changes after `revision`, oldest first.
    pub(crate) fn since(&self, revision: u64) -> Result<impl Iterator<Item = &Change>, Expired> {
        if revision < self.compacted {
            return Err(Expired { oldest: self.compacted });
        }
        let from = self.history.partition_point(|change| change.revision <= revision);
        Ok(self.history.range(from..))
    }

    /// Forgets the history: whoever wants to resume from an older version is told 410.
    pub(crate) fn compact(&mut self) {
        self.compacted = self.revision;
        self.history.clear();
    }

    /// The oldest resource version that can be resumed from.
    pub(crate) fn oldest(&self) -> u64 {
        self.compacted
    }

    fn record(&mut self, key: Key, kind: ChangeKind, object: Arc<Value>, before: Option<Arc<Value>>) {
        self.history.push_back(Change { revision: self.revision, key, kind, object, before });
        if self.history.len() > HISTORY
            && let Some(oldest) = self.history.pop_front()
        {
            self.compacted = oldest.revision;
        }
    }
}
