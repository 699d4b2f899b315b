//! A Service as the switch of a blue/green pair: its selector says which of several Deployments serves.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::meta::nullable;
use super::objects::ListedWorkload;

/// `v1 Service`, as far as it directs traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// Its whole selector.
    pub selector: BTreeMap<String, String>,
    /// Whether clients stay with the pod they once met (`sessionAffinity: ClientIP`).
    pub sticky: bool,
}

impl Switch {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(face: ListedWorkload, object: &Value) -> Self {
        let spec = &object["spec"];
        let selector = nullable(&spec["selector"]).unwrap_or_default();
        Self { face, selector, sticky: spec["sessionAffinity"] == "ClientIP" }
    }
}

/// Labels that say which application a pod is of, and so never which version: two applications that share every other
/// label are no pair.
const IDENTITY: [&str; 7] =
    ["app", "k8s-app", "name", "component", "tier", "app.kubernetes.io/name", "app.kubernetes.io/component"];

/// What tells the sides of a pair apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colour {
    /// The label.
    pub key: String,
    /// Places in the list handed in, of those that are sides of the pair.
    pub sides: Vec<usize>,
}

/// The label by which a selector tells several sets of pod labels apart: all other keys of the selector that any of
/// them knows at all are equal on each side, and each side has a value of its own. A key that no pod carries (a stray
/// one, such as a weight) is not looked at here: it makes the Service select nothing, which is for the strategy to say.
#[must_use]
pub fn colour(selector: &BTreeMap<String, String>, pods: &[&BTreeMap<String, String>]) -> Option<Colour> {
    let known = |key: &String| pods.iter().any(|labels| labels.contains_key(key));
    let keys: Vec<&String> = selector.keys().filter(|key| known(key)).collect();
    keys.iter().filter(|key| !IDENTITY.contains(&key.as_str())).find_map(|key| {
        let alike = |labels: &BTreeMap<String, String>| {
            let others = keys.iter().filter(|other| *other != key);
            labels.contains_key(*key)
                && others.clone().all(|other| labels.get(*other) == selector.get(*other))
        };
        let sides: Vec<usize> = (0..pods.len()).filter(|at| alike(pods[*at])).collect();
        let values: BTreeSet<_> = sides.iter().filter_map(|at| pods[*at].get(*key)).collect();
        // a selector of one key alone would pair any two Deployments that happen to use that label
        (keys.len() > 1 && sides.len() > 1 && values.len() == sides.len())
            .then(|| Colour { key: (*key).clone(), sides })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_colour_is_the_one_label_that_differs() {
        let blue = labels(&[("app", "fx"), ("version", "blue")]);
        let green = labels(&[("app", "fx"), ("version", "green")]);
        let other = labels(&[("app", "db"), ("version", "blue")]);
        let pods = [&blue, &other, &green];
        let found = colour(&labels(&[("app", "fx"), ("version", "blue")]), &pods).unwrap();
        assert_eq!((found.key.as_str(), found.sides.as_slice()), ("version", [0, 2].as_slice()));
    }

    #[test]
    fn a_stray_key_hides_no_pair_and_one_key_alone_makes_none() {
        let blue = labels(&[("app", "fx"), ("version", "blue")]);
        let green = labels(&[("app", "fx"), ("version", "green")]);
        let stray = labels(&[("app", "fx"), ("version", "green"), ("weight", "10")]);
        assert_eq!(colour(&stray, &[&blue, &green]).map(|colour| colour.key), Some("version".to_owned()));
        assert_eq!(colour(&labels(&[("app", "fx")]), &[&blue, &green]), None);
        assert_eq!(colour(&labels(&[("app", "fx"), ("version", "blue")]), &[&blue]), None);
    }
}
