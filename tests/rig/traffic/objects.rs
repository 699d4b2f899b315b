//! The live objects that decide where requests go, kept up to date by watches.

use std::{collections::BTreeMap, time::Duration};

use color_eyre::eyre::{Result, bail};
use futures::TryStreamExt as _;
use http::Request;
use kube::{Client, core::WatchEvent};
use serde_json::{Value, json};

use super::{Traffic, text};
use crate::rig::api::{Api, items};

/// Time until a list that failed is tried again: its resource may not be served yet.
const AGAIN: Duration = Duration::from_millis(500);

/// A kind of object that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Pod,
    Service,
    EndpointSlice,
    Ingress,
    HttpRoute,
    VirtualService,
    DestinationRule,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Pod,
        Self::Service,
        Self::EndpointSlice,
        Self::Ingress,
        Self::HttpRoute,
        Self::VirtualService,
        Self::DestinationRule,
    ];

    const fn collection(self) -> &'static str {
        match self {
            Self::Pod => "/api/v1/pods",
            Self::Service => "/api/v1/services",
            Self::EndpointSlice => "/apis/discovery.k8s.io/v1/endpointslices",
            Self::Ingress => "/apis/networking.k8s.io/v1/ingresses",
            Self::HttpRoute => "/apis/gateway.networking.k8s.io/v1/httproutes",
            Self::VirtualService => "/apis/networking.istio.io/v1alpha3/virtualservices",
            Self::DestinationRule => "/apis/networking.istio.io/v1alpha3/destinationrules",
        }
    }

    /// What is kept of an object: of pods, of which there may be thousands, only what is read here.
    fn slim(self, object: Value) -> Value {
        if self != Self::Pod {
            return object;
        }
        let metadata = &object["metadata"];
        json!({
            "metadata": {
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
                "labels": metadata["labels"],
                "annotations": metadata["annotations"],
            },
            "spec": { "containers": object["spec"]["containers"] },
            "status": { "podIP": object["status"]["podIP"] },
        })
    }
}

/// Namespace and name.
pub(super) type Key = (String, String);

/// All objects that are followed.
#[derive(Default)]
pub(super) struct Objects {
    kinds: BTreeMap<Kind, BTreeMap<Key, Value>>,
}

impl Objects {
    /// The objects of a kind by name.
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Value)> {
        self.kinds.get(&kind).into_iter().flatten()
    }

    /// One object.
    pub(super) fn one(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Value> {
        self.kinds.get(&kind)?.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// Takes a whole list.
    fn replace(&mut self, kind: Kind, objects: Vec<Value>) {
        let objects = objects.into_iter().map(|object| (key(&object), kind.slim(object))).collect();
        self.kinds.insert(kind, objects);
    }

    fn put(&mut self, kind: Kind, object: Value) {
        self.kinds.entry(kind).or_default().insert(key(&object), kind.slim(object));
    }

    fn remove(&mut self, kind: Kind, object: &Value) {
        self.kinds.entry(kind).or_default().remove(&key(object));
    }
}

fn key(object: &Value) -> Key {
    (text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"]))
}

/// Follows every kind until this process ends. While one cannot be read it stays as it was.
pub(super) fn follow(traffic: &Traffic, api: &Api) {
    for kind in Kind::ALL {
        let (traffic, client) = (traffic.clone(), api.client());
        api.runtime().spawn(async move {
            loop {
                let _ = follow_once(&traffic, &client, kind).await;
                tokio::time::sleep(AGAIN).await;
            }
        });
    }
}

/// Lists, then watches until the watch ends.
async fn follow_once(traffic: &Traffic, client: &Client, kind: Kind) -> Result<()> {
    let collection = kind.collection();
    // From the server's cache: cheap, and as stale as what every other component sees.
    let request = Request::get(format!("{collection}?resourceVersion=0")).body(Vec::new())?;
    let list: Value = client.request(request).await?;
    let version = text(&list["metadata"]["resourceVersion"]);
    let listed = items(&list).to_vec();
    traffic.change(|objects| objects.replace(kind, listed));
    let watch = format!("{collection}?watch=true&allowWatchBookmarks=true&resourceVersion={version}");
    let events = client.request_events::<Value>(Request::get(watch).body(Vec::new())?).await?;
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.try_next().await? {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                traffic.change(|objects| objects.put(kind, object));
            }
            WatchEvent::Deleted(object) => traffic.change(|objects| objects.remove(kind, &object)),
            WatchEvent::Bookmark(_) => {}
            WatchEvent::Error(status) => bail!("the watch of {collection} ended: {status:?}"),
        }
    }
    Ok(())
}
