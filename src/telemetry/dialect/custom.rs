//! Queries that a person wrote, with places for what differs from poll to poll.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::side::Selection;
use crate::model::Text;
use crate::model::series::Signal;

/// The places that a query may have.
const PLACEHOLDERS: [(&str, Placeholder); 4] = [
    ("namespace", Placeholder::Namespace),
    ("pods", Placeholder::Pods),
    ("version", Placeholder::Version),
    ("window", Placeholder::Window),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Namespace,
    Pods,
    Version,
    Window,
}

/// Queries as the configuration gives them. Values stand inside double quotes: `pod=~"${pods}"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct CustomTexts {
    /// Failed requests, percent.
    pub error_rate: Option<String>,
    /// Requests per second.
    pub request_rate: Option<String>,
    /// Median latency, milliseconds.
    pub latency_p50: Option<String>,
    /// 95th percentile, milliseconds.
    pub latency_p95: Option<String>,
    /// 99th percentile, milliseconds.
    pub latency_p99: Option<String>,
    /// Time of the newest sample, unix seconds; due as soon as any other query is given.
    pub sampled: Option<String>,
}

/// What is wrong with a query of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CustomError {
    /// A place that does not exist.
    #[error(
        "query {query}: ${{{name}}} is unknown; known are ${{namespace}}, ${{pods}}, ${{version}}, ${{window}}"
    )]
    Unknown {
        /// Key of the query.
        query: &'static str,
        /// The unknown name.
        name: Text,
    },
    /// A place that does not end.
    #[error("query {query}: ${{ without its }}")]
    Open {
        /// Key of the query.
        query: &'static str,
    },
    /// Nothing tells how old the samples are.
    #[error(
        "queries need `sampled`, the time of the newest sample: max(timestamp(my_requests_total{{pod=~\"${{pods}}\"}}))"
    )]
    NoSampled,
}

/// Checked queries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomQueries {
    signals: BTreeMap<Signal, Template>,
    sampled: Option<Template>,
}

impl CustomQueries {
    /// Checks the texts of the configuration.
    pub fn parse(texts: &CustomTexts) -> Result<Self, CustomError> {
        let given = [
            (Signal::ErrorRate, "error-rate", &texts.error_rate),
            (Signal::RequestRate, "request-rate", &texts.request_rate),
            (Signal::LatencyP50, "latency-p50", &texts.latency_p50),
            (Signal::LatencyP95, "latency-p95", &texts.latency_p95),
            (Signal::LatencyP99, "latency-p99", &texts.latency_p99),
        ];
        let mut signals = BTreeMap::new();
        for (signal, key, text) in given {
            if let Some(text) = text {
                signals.insert(signal, Template::parse(key, text)?);
            }
        }
        let sampled = texts.sampled.as_deref().map(|text| Template::parse("sampled", text)).transpose()?;
        if sampled.is_none() && !signals.is_empty() {
            return Err(CustomError::NoSampled);
        }
        Ok(Self { signals, sampled })
    }

    pub(super) fn signal(&self, signal: Signal) -> Option<&Template> {
        self.signals.get(&signal)
    }

    pub(super) fn sampled(&self) -> Option<&Template> {
        self.sampled.as_ref()
    }

    /// The titles of the signals that are asked by own queries.
    pub(super) fn titles(&self) -> Vec<&'static str> {
        self.signals.keys().map(|signal| signal.title()).collect()
    }
}

/// A query with places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Placeholder),
}

impl Template {
    fn parse(query: &'static str, raw: &str) -> Result<Self, CustomError> {
        let mut parts = Vec::new();
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or(CustomError::Open { query })?;
            let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
            let (_, place) = known.ok_or_else(|| CustomError::Unknown { query, name: Text::from(name) })?;
            parts.extend([Part::Text(before.to_owned()), Part::Place(*place)]);
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { parts })
    }

    /// The query of one side.
    ///
    /// # Errors
    /// A sentence, where the query asks for a version and none is known.
    pub(super) fn render(&self, namespace: &str, of: &Selection, window: &str) -> Result<String, Text> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Ok(text.as_str()),
                Part::Place(Placeholder::Namespace) => Ok(namespace),
                Part::Place(Placeholder::Pods) => Ok(of.pods.as_str()),
                Part::Place(Placeholder::Window) => Ok(window),
                Part::Place(Placeholder::Version) => of.version.as_deref().ok_or_else(|| {
                    Text::from("the query asks for ${version}, and no plan names a version_label")
                }),
            })
            .collect()
    }
}
