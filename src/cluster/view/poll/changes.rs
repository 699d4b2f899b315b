//! What changed lately: the revisions of Deployments, read off their ReplicaSets.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pages;
use crate::cluster::http::{Http, HttpError};
use crate::cluster::view::parts::nullable;
use crate::cluster::view::streams::Place;
use crate::model::ids::{Namespace, Uid};
use crate::model::kind::WorkloadKind;
use crate::model::meta::{Manager, Meta};
use crate::model::observation::Change;
use crate::model::replicaset::REVISION;
use crate::model::target::Target;
use crate::model::{Text, Time};

/// How far back the list goes.
const WINDOW_HOURS: i64 = 24;
/// ReplicaSets beyond this many pages are left out: a cluster keeps about eleven for each Deployment.
const MOST_PAGES: usize = 20;
/// Managers that write on behalf of the system, not of a person or a pipeline.
const CONTROLLERS: [&str; 2] = ["kube-controller-manager", "deployment-controller"];

/// One revision of a Deployment.
#[derive(Debug)]
pub(in crate::cluster::view) struct Revision {
    owner: Uid,
    target: Target,
    number: u64,
    created: Time,
    images: Vec<String>,
}

#[derive(Deserialize)]
struct WireSet {
    metadata: Meta,
    #[serde(default)]
    spec: SetSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SetSpec {
    template: SetTemplate,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SetTemplate {
    spec: PodSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodSpec {
    #[serde(deserialize_with = "nullable")]
    containers: Vec<Container>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    image: String,
}

/// Reads all revisions of a place.
pub(super) async fn revisions(http: &Http, place: &Place) -> Result<Vec<Revision>, HttpError> {
    let path = match place {
        Place::Everywhere => "/apis/apps/v1/replicasets".to_owned(),
        Place::In(namespace) => format!("/apis/apps/v1/namespaces/{namespace}/replicasets"),
    };
    let mut found = Vec::new();
    pages(http, &path, MOST_PAGES, |set: WireSet| found.extend(revision(set))).await?;
    Ok(found)
}

fn revision(set: WireSet) -> Option<Revision> {
    let meta = set.metadata;
    let owner = meta.controller().filter(|owner| owner.kind == "Deployment")?;
    Some(Revision {
        owner: owner.uid.clone(),
        target: Target::new(WorkloadKind::Deployment, meta.namespace.as_str(), owner.name.as_str()),
        number: meta.annotation(REVISION)?.parse().ok()?,
        created: meta.created?,
        images: set.spec.template.spec.containers.into_iter().map(|container| container.image).collect(),
    })
}

/// The changes of the last day, newest first, by namespace. `deployments` tell who wrote the newest of each.
pub(in crate::cluster::view) fn rows<'a>(
    revisions: &[Revision],
    deployments: impl Iterator<Item = &'a Meta>,
    now: Time,
) -> BTreeMap<Namespace, Vec<Change>> {
    let known: BTreeMap<&Uid, &Meta> = deployments.map(|meta| (&meta.uid, meta)).collect();
    let mut histories: BTreeMap<&Uid, Vec<&Revision>> = BTreeMap::new();
    for revision in revisions {
        histories.entry(&revision.owner).or_default().push(revision);
    }
    let mut rows: BTreeMap<Namespace, Vec<Change>> = BTreeMap::new();
    for (owner, mut history) in histories {
        history.sort_by_key(|revision| revision.number);
        for change in changes(&history, known.get(owner).copied()) {
            if (now - change.at).num_hours() < WINDOW_HOURS {
                rows.entry(change.target.namespace.clone()).or_default().push(change);
            }
        }
    }
    for rows in rows.values_mut() {
        rows.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.target.cmp(&b.target)));
    }
    rows
}

/// Each revision beside the one before it. A revision that was returned to keeps its ReplicaSet's old birthday, so
/// its time is that of the last write to the Deployment.
fn changes(history: &[&Revision], deployment: Option<&Meta>) -> Vec<Change> {
    let mut rows = Vec::new();
    for (index, revision) in history.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| history[index]);
        let newest = deployment.filter(|_| index + 1 == history.len());
        let returned = before.is_some_and(|before| before.created > revision.created);
        let born = (!returned).then_some(revision.created);
        let writer = newest.and_then(|meta| writer(meta, born));
        let at = match (returned, writer.and_then(|entry| entry.time)) {
            (true, Some(time)) => time,
            (true, None) => continue,
            (false, _) => revision.created,
        };
        let (from, to) = images(before, revision);
        let by = writer.map(|entry| Text::from(entry.manager.as_str()));
        rows.push(Change { target: revision.target.clone(), at, from, to, by });
    }
    rows
}

/// The first image that differs; where none does (another variable, another limit), the first one.
fn images(before: Option<&Revision>, revision: &Revision) -> (Option<Text>, Text) {
    let image = |revision: &Revision, index: usize| {
        Text::from(revision.images.get(index).map(String::as_str).unwrap_or_default())
    };
    let differs = |before: &Revision| {
        (0..revision.images.len()).find(|index| before.images.get(*index) != revision.images.get(*index))
    };
    let index = before.and_then(differs).unwrap_or(0);
    (before.map(|before| image(before, index)), image(revision, index))
}

/// Who wrote a Deployment's spec last, controllers aside. Where `born` says when its newest revision came to be, only
/// a write just before counts: who paused or scaled it later did not make the revision.
fn writer(meta: &Meta, born: Option<Time>) -> Option<&Manager> {
    const CONTROLLERS_TIME: i64 = 5;
    let made_it = |entry: &&Manager| match (born, entry.time) {
        (Some(born), Some(wrote)) => (0..=CONTROLLERS_TIME).contains(&(born - wrote).num_seconds()),
        (None, _) => true,
        (Some(_), None) => false,
    };
    (meta.managers.iter())
        .filter(|entry| entry.subresource.is_empty() && !CONTROLLERS.contains(&entry.manager.as_str()))
        .filter(made_it)
        .max_by_key(|entry| entry.time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: u64, minute: u32, image: &str) -> Revision {
        Revision {
            owner: Uid::new("u"),
            target: Target::new(WorkloadKind::Deployment, "shop", "api"),
            number,
            created: at(minute),
            images: vec![image.to_owned(), "sidecar:1".to_owned()],
        }
    }

    fn at(minute: u32) -> Time {
        format!("2026-11-20T10:{minute:02}:00Z").parse().unwrap()
    }

    #[test]
    fn revisions_become_changes_and_a_return_is_dated_by_its_writer() {
        // revision 1 was returned to: its ReplicaSet is now number 3
        let revisions = [revision(3, 1, "api:1"), revision(2, 5, "api:2")];
        let manager = |name: &str, minute, subresource: &str| Manager {
            manager: name.to_owned(),
            time: Some(at(minute)),
            subresource: subresource.to_owned(),
            ..Manager::default()
        };
        let meta = Meta {
            uid: Uid::new("u"),
            managers: vec![
                manager("kubectl-rollout", 9, ""),
                manager("kube-controller-manager", 10, "status"),
            ],
            ..Meta::default()
        };
        let rows = rows(&revisions, std::iter::once(&meta), at(20));
        let told: Vec<_> = rows[&Namespace::new("shop")]
            .iter()
            .map(|row| {
                (
                    row.at,
                    row.from.as_ref().map(Text::as_str),
                    row.to.as_str(),
                    row.by.as_ref().map(Text::as_str),
                )
            })
            .collect();
        assert_eq!(
            told,
            [(at(9), Some("api:2"), "api:1", Some("kubectl-rollout")), (at(5), None, "api:2", None)]
        );
    }
}
