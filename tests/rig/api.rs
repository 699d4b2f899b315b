//! A small client of the Kubernetes API for the tests themselves: paths in, JSON out, blocking.

use std::{path::Path, time::Duration};

use color_eyre::eyre::{Result, WrapErr, eyre};
use http::{Method, Request};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::Value;
use tokio::runtime::Handle;

/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A user's connection to the API server.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    runtime: Handle,
}

impl Api {
    /// Reads the kubeconfig; connects with the first request.
    pub(crate) fn new(kubeconfig: &Path, runtime: &Handle) -> Result<Self> {
        let client = runtime.block_on(async {
            let file = Kubeconfig::read_from(kubeconfig)?;
            let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
            config.default_retry = false;
            Ok::<_, color_eyre::Report>(Client::try_from(config)?)
        })?;
        Ok(Self { client, runtime: runtime.clone() })
    }

    /// The client below.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Runs what uses the client.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Reads an object or a list.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, "application/json", None)
    }

    /// Posts an object to its collection.
    pub(crate) fn create(&self, collection: &str, object: &Value) -> Result<Value> {
        self.send(Method::POST, collection, "application/json", Some(object))
    }

    /// Sends any request with a JSON body of the given content type.
    pub(crate) fn send(&self, method: Method, path: &str, kind: &str, body: Option<&Value>) -> Result<Value> {
        let request = Request::builder().method(method).uri(path).header("Content-Type", kind);
        self.exchange(request.body(body.map(serde_json::to_vec).transpose()?.unwrap_or_default())?)
    }

    /// Sends the request as it is, and reads the answer as JSON.
    pub(crate) fn exchange(&self, request: Request<Vec<u8>>) -> Result<Value> {
        let what = format!("{} {}", request.method(), request.uri());
        self.wait(self.client.request::<Value>(request)).wrap_err(what)
    }

    /// Reads plain text, such as a log.
    pub(crate) fn text(&self, path: &str) -> Result<String> {
        let request = Request::get(path).body(Vec::new())?;
        self.wait(self.client.request_text(request)).wrap_err_with(|| format!("GET {path}"))
    }

    fn wait<T>(&self, answer: impl Future<Output = kube::Result<T>>) -> Result<T> {
        let answer = self.runtime.block_on(async { tokio::time::timeout(DEADLINE, answer).await });
        Ok(answer.map_err(|_| eyre!("no answer within {DEADLINE:?}"))??)
    }
}

/// The items of a list.
pub(crate) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}
