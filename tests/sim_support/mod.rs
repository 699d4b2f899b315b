//! A simulator and a client for it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gonogo::sim::{ScenarioName, SimServer, StartOptions};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// A running simulator with a client.
pub(crate) struct Sim {
    pub(crate) server: SimServer,
    client: reqwest::Client,
}

/// The wall clock of every simulated start: 2026-11-21, 14:00.
pub(crate) fn start_time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_269_600)
}

impl Sim {
    /// Starts `scenario`.
    pub(crate) async fn start(scenario: ScenarioName) -> Self {
        let server = SimServer::start(scenario, StartOptions::at(start_time())).await.unwrap();
        // A provider may be installed already by another test of this process.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { server, client }
    }

    /// A request to the Kubernetes face.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    /// The JSON at `path`.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    /// Sends a JSON Patch.
    pub(crate) async fn patch(&self, path: &str, change: &Value) -> (StatusCode, Value) {
        self.patch_as("application/json-patch+json", path, change).await
    }

    /// Sends a patch of that content type.
    pub(crate) async fn patch_as(
        &self,
        content_type: &str,
        path: &str,
        change: &Value,
    ) -> (StatusCode, Value) {
        let request = self.request(Method::PATCH, path).header("content-type", content_type);
        answer(request.body(change.to_string()).send().await.unwrap()).await
    }

    /// Creates an object.
    pub(crate) async fn post(&self, path: &str, object: &Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(object).send().await.unwrap()).await
    }

    /// Moves the simulated clock.
    pub(crate) async fn advance(&self, seconds: u32) {
        self.post("/sim/advance", &json!({"seconds": seconds})).await;
    }

    /// Breaks or mends something.
    pub(crate) async fn fault(&self, change: &Value) {
        let (status, _) = self.post("/sim/fault", change).await;
        assert!(status.is_success());
    }

    /// The result of an instant query, asked at Prometheus' own address.
    pub(crate) async fn query(&self, query: &str) -> Value {
        let url = format!("{}/api/v1/query", self.server.prometheus_url());
        let response = self.client.get(url).query(&[("query", query)]).send().await.unwrap();
        response.json().await.unwrap()
    }
}

/// Status and JSON of a response.
pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    (status, response.json().await.unwrap_or_default())
}
