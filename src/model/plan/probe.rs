//! Probes: questions that are asked from outside of the measured path.

use serde::{Deserialize, Serialize};

use crate::model::Text;
use crate::model::ids::ProbeId;
use crate::model::rule::{Op, Span};

/// A probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Id.
    pub id: ProbeId,
    /// What is asked of whom.
    pub target: ProbeTarget,
    /// From where. Default `console`.
    pub from: ProbeFrom,
    /// How often. Default ten seconds; one second where it counts as downtime.
    pub every: Span,
    /// Without an answer for so long it failed. Default three seconds.
    pub timeout: Span,
    /// What the answer should be.
    pub expect: Expect,
    /// Whether every pod of the component is asked; through the API server's pod proxy. Default no: any one.
    pub all_pods: bool,
    /// Whether its failures are counted as downtime, in seconds. Default no.
    pub counts_as_downtime: bool,
}

/// Default of `every`.
pub const PROBE_EVERY: Span = Span(10);
/// Default of `every` where failures are downtime.
pub const DOWNTIME_EVERY: Span = Span(1);
/// Default of `timeout`.
pub const PROBE_TIMEOUT: Span = Span(3);

/// Where a probe is sent from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeFrom {
    /// From the host of the console, to an address of its choice.
    #[default]
    Console,
    /// From the host of the console, by the way that users come.
    Outside,
    /// Through the API server to the pods themselves.
    PodProxy,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeTarget {
    /// GET of a URL.
    Http {
        /// `http://` or `https://`.
        url: String,
    },
    /// GET of a path of each pod.
    PodHttp {
        /// Port of the pod.
        port: u16,
        /// Path, from `/`.
        path: String,
    },
    /// A connection is opened.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A connection is opened and its certificate looked at.
    Tls {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A name is resolved.
    Dns {
        /// The name.
        name: String,
    },
}

/// What an answer should be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expect {
    /// HTTP status, one of these. Default, where none is written: 200 to 399.
    pub status: Vec<u16>,
    /// The body has this in it.
    pub body_contains: Option<Text>,
    /// Values inside a JSON body.
    pub json: Vec<JsonExpect>,
    /// Headers and what they must be.
    pub headers: Vec<(String, Text)>,
    /// The whole answer in so many milliseconds.
    pub max_ms: Option<u32>,
    /// The certificate is valid for so many days more.
    pub cert_days_min: Option<u32>,
    /// The connection must be refused. Default no.
    pub refused: bool,
}

/// A value inside a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonExpect {
    /// Names and indexes, separated by dots.
    pub path: String,
    /// How it is compared: numbers as numbers, everything else as text (then only `==` and `!=`).
    pub op: Op,
    /// With what.
    pub value: Text,
}
