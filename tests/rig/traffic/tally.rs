//! What became of the requests of a namespace, for a drill to judge.

use std::collections::BTreeMap;

/// Requests since the model began, or between two looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Requests that arrived.
    pub(crate) arrived: f64,
    /// Requests that found no ready endpoint.
    pub(crate) unserved: f64,
    /// Requests that a pod answered with an error.
    pub(crate) errors: f64,
    /// Seconds in which some requests found no ready endpoint.
    pub(crate) impaired: f64,
    /// Seconds in which, at some front, no request found a ready endpoint.
    pub(crate) outage: f64,
    /// Requests that pods answered, by image.
    pub(crate) by_image: BTreeMap<String, f64>,
}

impl Tally {
    /// What happened since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let before = |image: &String| earlier.by_image.get(image).copied().unwrap_or_default();
        Self {
            arrived: self.arrived - earlier.arrived,
            unserved: self.unserved - earlier.unserved,
            errors: self.errors - earlier.errors,
            impaired: self.impaired - earlier.impaired,
            outage: self.outage - earlier.outage,
            by_image: self
                .by_image
                .iter()
                .map(|(image, requests)| (image.clone(), requests - before(image)))
                .collect(),
        }
    }

    /// Requests that pods with this tag in their image answered.
    pub(crate) fn served_by(&self, tag: &str) -> f64 {
        let tagged = |image: &str| image.split(' ').any(|one| one.rsplit(':').next() == Some(tag));
        self.by_image.iter().filter(|(image, _)| tagged(image)).map(|(_, requests)| requests).sum()
    }

    /// Their part of all that were answered, 0 to 1.
    pub(crate) fn share(&self, tag: &str) -> f64 {
        let all: f64 = self.by_image.values().sum();
        if all > 0.0 { self.served_by(tag) / all } else { 0.0 }
    }
}
