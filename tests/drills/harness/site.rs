//! A namespace and a user of a drill's own, so that drills can run side by side and be told apart.

use std::{
    ffi::OsString,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use color_eyre::eyre::Result;
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{audit::Entry, cluster::Cluster, proxy::Proxy, workload::Workload};
use crate::{
    rig::{
        api::{Api, items},
        clock::eventually,
        users::Role,
    },
    support::{
        screen::Size,
        terminal::{Launch, Terminal},
    },
};

/// How long the cluster may take to follow.
const PATIENCE: Duration = Duration::from_secs(45);

/// The program under test.
pub(crate) const GONOGO: &str = env!("CARGO_BIN_EXE_gonogo");

/// What a program without a terminal said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One drill's place in the cluster. The namespace goes with this value.
pub(crate) struct Site<'c> {
    pub(crate) cluster: &'c Cluster,
    pub(crate) namespace: String,
    /// The console's user, known to nobody else.
    pub(crate) user: String,
    kubeconfig: PathBuf,
    home: TempDir,
    /// What the program's environment holds besides.
    variables: Vec<(&'static str, OsString)>,
    /// Whether the namespace is another site's.
    guest: bool,
}

impl<'c> Site<'c> {
    /// Makes the namespace and a user with the rights of `role`.
    pub(crate) fn new(cluster: &'c Cluster, name: &str, role: Role) -> Result<Self> {
        let user = format!("{}-of-{name}", role.name());
        let kubeconfig = cluster.kubeconfig(&user, role, name)?;
        cluster.admin().create("/api/v1/namespaces", &json!({ "metadata": { "name": name } }))?;
        let (namespace, home) = (name.to_owned(), tempfile::tempdir()?);
        Ok(Self { cluster, namespace, user, kubeconfig, home, variables: Vec::new(), guest: false })
    }

    /// The same namespace for another user with the rights of `role` and a home of its own.
    pub(crate) fn second_user(&self, name: &str, role: Role) -> Result<Self> {
        let user = format!("{name}-of-{}", self.namespace);
        let kubeconfig = self.cluster.kubeconfig(&user, role, &self.namespace)?;
        let (cluster, namespace) = (self.cluster, self.namespace.clone());
        let home = tempfile::tempdir()?;
        Ok(Self { cluster, namespace, user, kubeconfig, home, variables: Vec::new(), guest: true })
    }

    /// From now on consoles of this site reach the API server through `proxy`.
    pub(crate) fn go_through(&mut self, proxy: &Proxy, role: Role) -> Result<()> {
        self.kubeconfig = self.cluster.kubeconfig_through(proxy, &self.user, role, &self.namespace)?;
        Ok(())
    }

    /// From now on consoles of this site reach the API server directly.
    pub(crate) fn go_straight(&mut self, role: Role) -> Result<()> {
        self.kubeconfig = self.cluster.kubeconfig(&self.user, role, &self.namespace)?;
        Ok(())
    }

    /// From now on programs of this site have this kubeconfig: one context, one cluster and one user, as given.
    pub(crate) fn connect_by(&mut self, cluster: &Value, user: &Value) -> Result<()> {
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "rig",
            "contexts": [{
                "name": "rig",
                "context": { "cluster": "rig", "user": "rig", "namespace": self.namespace },
            }],
            "clusters": [{ "name": "rig", "cluster": cluster }],
            "users": [{ "name": "rig", "user": user }],
        });
        self.kubeconfig = self.file("kubeconfig", &document.to_string())?.into();
        Ok(())
    }

    /// From now on programs of this site look for the API server at `server`, through the proxy `proxy`.
    pub(crate) fn go_by(&mut self, server: &str, proxy: &str) -> Result<()> {
        let mut document: Value = serde_json::from_slice(&fs::read(&self.kubeconfig)?)?;
        let cluster = &mut document["clusters"][0]["cluster"];
        cluster["server"] = server.into();
        cluster["proxy-url"] = proxy.into();
        self.kubeconfig = self.file("kubeconfig", &document.to_string())?.into();
        Ok(())
    }

    /// From now on programs of this site are this user of the kubeconfig's cluster.
    pub(crate) fn go_as(&mut self, user: &Value) -> Result<()> {
        let mut document: Value = serde_json::from_slice(&fs::read(&self.kubeconfig)?)?;
        document["users"][0]["user"] = user.clone();
        self.kubeconfig = self.file("kubeconfig", &document.to_string())?.into();
        Ok(())
    }

    /// From now on programs of this site have these variables besides, and no others.
    pub(crate) fn set_variables(&mut self, variables: &[(&'static str, &str)]) {
        self.variables = variables.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
    }

    /// The directory of everything that programs of this site write.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// A connection as the console's user.
    pub(crate) fn api(&self) -> Result<Api> {
        self.cluster.connect(&self.kubeconfig)
    }

    /// Creates the Deployment and its Service, and waits until it is complete.
    pub(crate) fn deploy(&self, workload: &Workload) -> Result<()> {
        self.create("/api/v1", "services", &workload.service())?;
        self.create("/apis/apps/v1", "deployments", &workload.deployment())?;
        self.await_complete(&workload.name)
    }

    /// Creates an object in the namespace.
    pub(crate) fn create(&self, api: &str, resource: &str, object: &Value) -> Result<Value> {
        let path = format!("{api}/namespaces/{}/{resource}", self.namespace);
        self.admin().create(&path, object)
    }

    /// Changes the image of the only container, as a pipeline does.
    pub(crate) fn set_image(&self, workload: &Workload, tag: &str) -> Result<()> {
        let container = json!({ "name": "app", "image": workload.image(tag) });
        let patch = json!({ "spec": { "template": { "spec": { "containers": [container] } } } });
        let deployment = self.deployment_path(&workload.name);
        let kind = "application/strategic-merge-patch+json";
        self.admin().send(Method::PATCH, &deployment, kind, Some(&patch)).map(drop)
    }

    /// Sends a merge patch to a Deployment, as somebody else.
    pub(crate) fn patch(&self, name: &str, patch: &Value) -> Result<Value> {
        let kind = "application/merge-patch+json";
        self.admin().send(Method::PATCH, &self.deployment_path(name), kind, Some(patch))
    }

    /// The Deployment as it is now.
    pub(crate) fn deployment(&self, name: &str) -> Result<Value> {
        self.admin().get(&self.deployment_path(name))
    }

    /// A ConfigMap of the namespace.
    pub(crate) fn config_map(&self, name: &str) -> Result<Value> {
        self.admin().get(&format!("/api/v1/namespaces/{}/configmaps/{name}", self.namespace))
    }

    /// Gives one pod of the workload an image that crashes; the workload itself stays as it is.
    pub(crate) fn break_a_pod(&self, workload: &Workload) -> Result<()> {
        let pod = self.await_pod(&workload.name, "exists", |_| true)?;
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let path = format!("/api/v1/namespaces/{}/pods/{name}", self.namespace);
        let container = json!({ "name": "app", "image": workload.image("1.0.0-crash") });
        let broken = json!({ "spec": { "containers": [container] } });
        let kind = "application/strategic-merge-patch+json";
        self.admin().send(Method::PATCH, &path, kind, Some(&broken))?;
        let crashes = |pod: &Value| {
            pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        };
        self.await_pod(&workload.name, "crashes again and again", crashes).map(drop)
    }

    /// The workload's pods as they are now.
    pub(crate) fn pods(&self, name: &str) -> Result<Vec<Value>> {
        let path = format!("/api/v1/namespaces/{}/pods?labelSelector=app%3D{name}", self.namespace);
        Ok(items(&self.admin().get(&path)?).to_vec())
    }

    /// Waits until every replica is of the newest template and available.
    pub(crate) fn await_complete(&self, name: &str) -> Result<()> {
        self.await_deployment(name, "is complete", |deployment| {
            let (spec, status) = (&deployment["spec"], &deployment["status"]);
            let replicas = &spec["replicas"];
            status["observedGeneration"] == deployment["metadata"]["generation"]
                && status["updatedReplicas"] == *replicas
                && status["availableReplicas"] == *replicas
                && status["replicas"] == *replicas
        })
    }

    /// Waits until the Deployment is as wanted.
    pub(crate) fn await_deployment(
        &self,
        name: &str,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<()> {
        let mut last = Value::Null;
        eventually(&format!("Deployment {name} {what}"), PATIENCE, || {
            last = self.deployment(name)?;
            Ok(wanted(&last).then_some(()))
        })
        .map_err(|error| error.wrap_err(format!("it is {}", last["status"])))
    }

    /// Waits until some pod of the workload is as wanted and returns it.
    pub(crate) fn await_pod(&self, name: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        eventually(&format!("a pod of {name} {what}"), PATIENCE, || {
            Ok(self.pods(name)?.into_iter().find(&wanted))
        })
    }

    /// What the console's user asked to be changed in the release.
    pub(crate) fn mutations(&self) -> Result<Vec<Entry>> {
        self.cluster.audit_log().mutations_of(&self.user)
    }

    /// The console in a terminal of that size, as this site's user, with nothing inherited.
    pub(crate) fn console(&self, size: Size, arguments: &[&str]) -> Result<Terminal> {
        let arguments = arguments.iter().map(OsString::from).collect();
        let launch = Launch { program: GONOGO.as_ref(), arguments, environment: self.environment(), size };
        Terminal::start(self.cluster.lifeline(), launch)
    }

    /// The console in a terminal, started by a shell line: `before`, and the program at its end.
    pub(crate) fn console_after(&self, size: Size, before: &str) -> Result<Terminal> {
        let arguments = ["-c", &format!("{before} {GONOGO}")].map(OsString::from).to_vec();
        let environment = self.environment();
        Terminal::start(
            self.cluster.lifeline(),
            Launch { program: "/bin/sh".as_ref(), arguments, environment, size },
        )
    }

    /// Runs the program without a terminal, as this site's user, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Said> {
        let output = self.command(arguments).output()?;
        Ok(Said {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// The program without a terminal, as this site's user, to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(GONOGO);
        command.args(arguments).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Writes a file for the program to read and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> Result<String> {
        let path = self.home.path().join(name);
        fs::write(&path, content)?;
        Ok(path.display().to_string())
    }

    /// kubectl as this site's user, to be run.
    pub(crate) fn kubectl_command(&self) -> Result<Command> {
        self.cluster.kubectl_with(&self.kubeconfig)
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let directory = |name: &str| OsString::from(self.home.path().join(name));
        let mut variables = vec![
            ("HOME", directory("home")),
            ("XDG_CONFIG_HOME", directory("config")),
            ("XDG_STATE_HOME", directory("state")),
            ("XDG_CACHE_HOME", directory("cache")),
            ("KUBECONFIG", self.kubeconfig.clone().into()),
            ("LANG", "C.UTF-8".into()),
        ];
        variables.extend(self.variables.iter().cloned());
        variables
    }

    fn deployment_path(&self, name: &str) -> String {
        format!("/apis/apps/v1/namespaces/{}/deployments/{name}", self.namespace)
    }
}

impl Drop for Site<'_> {
    fn drop(&mut self) {
        if self.guest {
            return;
        }
        // The cluster ends with the run; this only keeps later drills from seeing the namespace.
        let path = format!("/api/v1/namespaces/{}", self.namespace);
        let _ = self.admin().send(Method::DELETE, &path, "application/json", None);
    }
}
