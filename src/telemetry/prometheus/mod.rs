//! A client of the Prometheus query API: transports, deadlines, and a strict reading of answers.
//!
//! It knows the wire and nothing of signals: which queries to send is told in `dialect`, what an answer means for a
//! signal in `poll`. It never retries; an answer that is partial in any way is an error.

mod answer;
mod client;
mod direct;
mod error;
mod transport;

pub(in crate::telemetry) use answer::time_of;
pub use answer::{Sample, Series, seconds_of};
pub use client::{Client, Span};
pub use direct::{Credentials, Direct, Endpoint, EndpointError};
pub use error::QueryError;
pub use transport::{ProxyCall, ProxyFn, ServicePort, Transport};

#[cfg(test)]
mod tests;
