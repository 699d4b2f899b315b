//! Kubeconfigs with something wrong, in the middle of settings that would lead elsewhere: nothing stands in for them.

use std::{
    fs,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use color_eyre::eyre::{Result, ensure, eyre};
use serde_json::json;

use crate::{
    harness::{cluster::Cluster, site::Site},
    rig::users::Role,
};

const NO_CONNECTION: i32 = 5;

/// A listener that nobody may come to, and how often somebody did.
struct Decoy {
    port: u16,
    came: Arc<AtomicUsize>,
}

impl Decoy {
    fn new() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (port, came) = (listener.local_addr()?.port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&came);
        thread::spawn(move || {
            for _ in listener.incoming() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self { port, came })
    }
}

/// Kubeconfigs with something wrong, and the words that say what.
const BAD: [(&str, &str); 12] = [
    ("", "no current context"),
    ("[]", "not a valid kubeconfig"),
    ("{a: b", "not a valid kubeconfig"),
    ("current-context: gone", "is not in the kubeconfig"),
    ("{current-context: c, contexts: [{name: c}]}", "is not in the kubeconfig"),
    ("{current-context: c, contexts: [{name: c, context: {cluster: gone}}]}", "cluster \"gone\""),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: gone}}], clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]}",
        "user \"gone\"",
    ),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: k, cluster: {}}]}",
        "no usable server address",
    ),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k}}], clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]}",
        "cannot be reached",
    ),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /nowhere/login}}}]}",
        "is not installed",
    ),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {tokenFile: /nowhere/token}}]}",
        "token file",
    ),
    (
        "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}], clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1', certificate-authority: /nowhere/ca.crt}}], users: [{name: u, user: {}}]}",
        "certificate authority",
    ),
];

pub(crate) fn nothing_stands_in_for_a_bad_kubeconfig(cluster: &Cluster) -> Result<()> {
    let mut site = Site::new(cluster, "decoys", Role::Driver)?;
    let decoy = Decoy::new()?;
    let port = decoy.port.to_string();
    let server = format!("http://127.0.0.1:{port}");
    // as if this were a pod, with a debugging override, and with a good default kubeconfig besides
    site.set_variables(&[
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("KUBERNETES_SERVICE_PORT", &port),
        ("KUBE_RS_DEBUG_OVERRIDE_URL", &server),
        ("KUBE_RS_DEBUG_IMPERSONATE_USER", "admin"),
    ]);
    let folder = site.home().join("home/.kube");
    fs::create_dir_all(&folder)?;
    let other = json!({
        "current-context": "decoy",
        "contexts": [{ "name": "decoy", "context": { "cluster": "decoy" } }],
        "clusters": [{ "name": "decoy", "cluster": { "server": server } }],
    });
    fs::write(folder.join("config"), other.to_string())?;
    for (text, words) in BAD {
        let path = site.file("bad", text)?;
        let said = site.run(&["status", "--kubeconfig", &path])?;
        ensure!(said.code == Some(NO_CONNECTION) && said.stderr.contains(words), "{words:?}: {said:#?}");
    }
    let said = site.run(&["status", "--kubeconfig", &folder.join("absent").display().to_string()])?;
    ensure!(said.code == Some(NO_CONNECTION), "{said:#?}");
    let said = site.run(&[
        "status",
        "--kubeconfig",
        &folder.join("config").display().to_string(),
        "--context",
        "decoy2",
    ])?;
    ensure!(said.code == Some(NO_CONNECTION) && said.stderr.contains("it has decoy"), "{said:#?}");
    let came = decoy.came.load(Ordering::Relaxed);
    ensure!(came == 0, "{came} connections to what nobody named");
    // the decoy is one: what names it comes to it
    drop(std::net::TcpStream::connect(("127.0.0.1", decoy.port))?);
    crate::rig::clock::eventually("the decoy counts", std::time::Duration::from_secs(5), || {
        Ok((decoy.came.load(Ordering::Relaxed) == 1).then_some(()))
    })
    .map_err(|error| eyre!("{error:#}"))
}
