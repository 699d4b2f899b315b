//! Version skew: pods that should be the same and are not.
//!
//! What a container runs is told by the digest that its node reports (`imageID`), never by the tag in its template: a
//! tag can be pushed anew between two pulls, and then pods of one revision differ while every object looks the same.
//! Different revisions side by side are normal in a rollout and an alarm outside of one.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::pod::Pod;
use crate::model::text::Text;
use crate::model::view::Reason;

/// Digests are long; people compare their beginnings.
const DIGEST_CHARACTERS: usize = 8;

/// What differs among the pods of one workload, a line each. Only ready pods count: others serve nobody.
pub(super) fn warnings<'a>(pods: impl Iterator<Item = &'a Pod>, in_rollout: bool) -> Vec<Reason> {
    let ready: Vec<&Pod> = pods.filter(|pod| pod.ready && !pod.terminating).collect();
    let mut lines = digests(&ready);
    if !in_rollout {
        lines.extend(revisions(&ready));
    }
    lines.iter().map(|line| Reason { what: Text::clean(line), detail: None, since: None }).collect()
}

/// One image reference in one revision, and several digests behind it.
fn digests(ready: &[&Pod]) -> Vec<String> {
    let mut running: BTreeMap<(&str, &str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for pod in ready {
        for container in pod.containers.iter().filter(|container| !container.image_id.is_empty()) {
            let same = (pod.hash.as_str(), container.name.as_ref(), container.image.as_ref());
            *running.entry(same).or_default().entry(digest(&container.image_id)).or_default() += 1;
        }
    }
    let several = running.into_iter().filter(|(_, found)| found.len() > 1);
    several
        .map(|((_, container, image), found)| {
            let each: Vec<String> =
                found.iter().map(|(digest, pods)| format!("{} on {pods}", short(digest))).collect();
            format!("one tag, {} images: {container} {image} is {} pods", found.len(), each.join(", "))
        })
        .collect()
}

fn revisions(ready: &[&Pod]) -> Option<String> {
    let mut found: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for pod in ready.iter().filter(|pod| !pod.hash.is_empty()) {
        let entry = found.entry(pod.hash.as_str()).or_default();
        entry.0 += 1;
        entry.1.extend(pod.containers.iter().map(|container| container.image.as_ref()));
    }
    let each = found.values().map(|(pods, images)| {
        let images: Vec<&str> = images.iter().copied().collect();
        format!("{pods} of {}", images.join(" and "))
    });
    let each: Vec<String> = each.collect();
    (each.len() > 1)
        .then(|| format!("{} revisions serve outside of a rollout: {}", each.len(), each.join(", ")))
}

/// The digest of an `imageID`: `docker.io/shop/api@sha256:…`, or the bare digest.
fn digest(image_id: &str) -> &str {
    image_id.rsplit_once('@').map_or(image_id, |(_, digest)| digest)
}

fn short(digest: &str) -> String {
    let hex = digest.rsplit_once(':').map_or(digest, |(_, hex)| hex);
    hex.chars().take(DIGEST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::objects::ObjectSet;
    use crate::model::recorded;
    use crate::strategy::strategy_of;

    fn with_digests(set: &mut ObjectSet, digests: &[&str]) {
        for (pod, digest) in set.pods.iter_mut().zip(digests) {
            pod.containers[0].image_id = (*digest).into();
        }
    }

    fn said(set: &ObjectSet, known: &crate::model::objects::Known) -> Vec<String> {
        let view = strategy_of(set).project(set, known);
        view.warnings.iter().map(|reason| reason.what.to_string()).collect()
    }

    #[test]
    fn two_digests_under_one_tag_are_told_and_two_repositories_of_one_digest_are_not() {
        let (mut set, known) = recorded::deployment("complete");
        let ready = set.pods.iter().filter(|pod| pod.ready).count();
        assert!(ready >= 3, "the recorded Deployment has several pods");
        with_digests(&mut set, &["a@sha256:1111111111", "b@sha256:1111111111", "sha256:1111111111"]);
        assert_eq!(said(&set, &known), Vec::<String>::new());
        with_digests(&mut set, &["a@sha256:1111111111", "a@sha256:2222222222", "a@sha256:1111111111"]);
        let lines = said(&set, &known);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains("11111111 on 2, 22222222 on 1 pods"), "{lines:?}");
    }

    #[test]
    fn revisions_side_by_side_are_an_alarm_only_outside_of_a_rollout() {
        let (set, known) = recorded::deployment("progressing");
        assert_eq!(said(&set, &known), Vec::<String>::new());
        let (mut set, known) = recorded::deployment("complete");
        set.pods[0].hash = "older".into();
        assert!(said(&set, &known)[0].starts_with("2 revisions serve outside of a rollout: "));
        // a pod that serves nobody is no skew
        set.pods[0].ready = false;
        assert_eq!(said(&set, &known), Vec::<String>::new());
    }
}
