//! The cluster that a drill runs against: the real control plane, or the simulator.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use color_eyre::eyre::{Result, WrapErr, bail, ensure, eyre};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::runtime::Handle;

use super::{audit::AuditLog, given::Given, proxy::Proxy, simulator::Simulator};
use crate::{
    confinement::Confinement,
    rig::{
        Rig, api::Api, clock::eventually, extensions::Extension, lifeline::Lifeline, pki::Authority,
        programs::Program, traffic::Traffic, users::Role, webhooks::Webhooks,
    },
};

/// How long a program may take to be back.
const RESTART: Duration = Duration::from_mins(1);

/// What answers.
enum Plane {
    Real { rig: Box<Rig>, confinement: Confinement },
    Simulated(Simulator),
    Given(Given),
}

/// A cluster, shared by all drills of a run.
pub(crate) struct Cluster {
    plane: Plane,
    admin: Api,
}

impl Cluster {
    /// Takes over a running control plane.
    pub(crate) fn real(rig: Rig, confinement: Confinement) -> Result<Self> {
        let admin = rig.api(Role::Admin)?;
        Ok(Self { admin, plane: Plane::Real { rig: Box::new(rig), confinement } })
    }

    /// Takes over a simulator.
    pub(crate) fn simulated(simulator: Simulator) -> Result<Self> {
        let admin = simulator.api("admin")?;
        Ok(Self { admin, plane: Plane::Simulated(simulator) })
    }

    /// Takes over a cluster that was handed in.
    pub(crate) fn given(given: Given) -> Result<Self> {
        let admin = Api::new(&given.kubeconfig("admin", None, "default")?, given.handle())?;
        Ok(Self { admin, plane: Plane::Given(given) })
    }

    /// Whether this is the simulator.
    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self.plane, Plane::Simulated(_))
    }

    /// May do everything.
    pub(crate) fn admin(&self) -> &Api {
        &self.admin
    }

    /// A connection as the user of a role.
    pub(crate) fn as_role(&self, role: Role) -> Result<Api> {
        self.rig()?.api(role)
    }

    /// A connection as a kubeconfig says.
    pub(crate) fn connect(&self, kubeconfig: &Path) -> Result<Api> {
        Api::new(kubeconfig, self.handle())
    }

    /// Signs certificates of users.
    pub(crate) fn authority(&self) -> Result<&Authority> {
        Ok(&self.rig()?.authority)
    }

    /// URL of Prometheus.
    pub(crate) fn prometheus(&self) -> Result<String> {
        Ok(self.rig()?.prometheus())
    }

    /// What was asked of the API server.
    pub(crate) fn audit_log(&self) -> AuditLog {
        match &self.plane {
            Plane::Real { rig, .. } => AuditLog::File(rig.audit_log()),
            Plane::Simulated(_) => AuditLog::Simulator(self.admin.clone()),
            Plane::Given(_) => AuditLog::Unseen,
        }
    }

    /// Brings up a controller and its resources, once for the run.
    pub(crate) fn extend(&self, extension: Extension) -> Result<()> {
        self.rig()?.extend(extension)
    }

    /// What becomes of the requests.
    pub(crate) fn traffic(&self) -> Result<&Traffic> {
        Ok(&self.rig()?.traffic)
    }

    /// The server that controllers ask.
    pub(crate) fn webhooks(&self) -> Result<&Webhooks> {
        Ok(&self.rig()?.webhooks)
    }

    /// kubectl with a kubeconfig, to be run.
    pub(crate) fn kubectl_with(&self, kubeconfig: &Path) -> Result<Command> {
        let mut command = Command::new(&self.rig()?.binaries.kubectl);
        command.arg("--kubeconfig").arg(kubeconfig);
        Ok(command)
    }

    /// Where this run happens.
    pub(crate) fn confinement(&self) -> Confinement {
        match &self.plane {
            Plane::Real { confinement, .. } => *confinement,
            Plane::Simulated(_) | Plane::Given(_) => Confinement::None,
        }
    }

    /// Starts programs that cannot outlive the drills.
    pub(crate) fn lifeline(&self) -> &Lifeline {
        match &self.plane {
            Plane::Real { rig, .. } => &rig.lifeline,
            Plane::Simulated(simulator) => simulator.lifeline(),
            Plane::Given(given) => given.lifeline(),
        }
    }

    /// Runs kubectl as the admin and returns what it prints.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let kubeconfig = self.kubeconfig(Role::Admin.name(), Role::Admin, "default")?;
        let output = self.kubectl_with(&kubeconfig)?.args(arguments).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "kubectl {}: {errors}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Where kubectl is.
    pub(crate) fn kubectl_path(&self) -> Result<PathBuf> {
        Ok(self.rig()?.binaries.kubectl.clone())
    }

    /// A kubeconfig for a user of its own, with the rights of `role`.
    pub(crate) fn kubeconfig(&self, user: &str, role: Role, namespace: &str) -> Result<PathBuf> {
        match &self.plane {
            Plane::Real { rig, .. } => rig.kubeconfig_for(user, role.group(), &rig.server(), namespace),
            Plane::Simulated(simulator) => simulator.kubeconfig(user, simulator.server(), namespace),
            Plane::Given(given) => given.kubeconfig(user, None, namespace),
        }
    }

    /// As [`Cluster::kubeconfig`], every byte passing through `proxy`.
    pub(crate) fn kubeconfig_through(
        &self,
        proxy: &Proxy,
        user: &str,
        role: Role,
        namespace: &str,
    ) -> Result<PathBuf> {
        let address = proxy.address();
        match &self.plane {
            Plane::Real { rig, .. } => {
                rig.kubeconfig_for(user, role.group(), &format!("https://{address}"), namespace)
            }
            Plane::Simulated(simulator) => {
                simulator.kubeconfig(user, &format!("http://{address}"), namespace)
            }
            Plane::Given(given) => given.kubeconfig(user, Some(&address.to_string()), namespace),
        }
    }

    /// `host:port` of the API server.
    pub(crate) fn address(&self) -> Result<String> {
        let server = match &self.plane {
            Plane::Real { rig, .. } => rig.server(),
            Plane::Simulated(simulator) => simulator.server().to_owned(),
            Plane::Given(given) => given.server()?,
        };
        let (_, address) = server.split_once("://").ok_or_else(|| eyre!("{server} is no URL"))?;
        Ok(address.to_owned())
    }

    /// A proxy in front of the API server.
    pub(crate) fn api_proxy(&self) -> Result<Proxy> {
        Proxy::start(self.handle(), &self.address()?)
    }

    /// A query to Prometheus: one value per series, with its labels.
    pub(crate) fn query(&self, promql: &str) -> Result<Vec<Value>> {
        query(self.handle(), &self.prometheus()?, promql)
    }

    /// Sends a signal to a program of the control plane.
    pub(crate) fn signal(&self, program: Program, signal: Signal) -> Result<()> {
        let running = self.rig()?.running();
        let child = running.get(&program).ok_or_else(|| eyre!("{} does not run", program.name()))?;
        Ok(rustix::process::kill_process(Pid::from_child(child), signal)?)
    }

    /// Kills a program.
    pub(crate) fn kill(&self, program: Program) -> Result<()> {
        let child = self.rig()?.running().remove(&program);
        let mut child = child.ok_or_else(|| eyre!("{} does not run", program.name()))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Starts a program that was killed, on the same port and with the same data.
    pub(crate) fn launch(&self, program: Program) -> Result<()> {
        self.rig()?.launch(program)
    }

    /// Kills a program and starts it again.
    pub(crate) fn restart(&self, program: Program) -> Result<()> {
        self.kill(program)?;
        self.launch(program)?;
        eventually("the API server answers", RESTART, || Ok(Some(self.admin.text("/readyz")?))).map(drop)
    }

    /// Runs the tests' own asynchronous work.
    pub(crate) fn handle(&self) -> &Handle {
        match &self.plane {
            Plane::Real { rig, .. } => rig.handle(),
            Plane::Simulated(simulator) => simulator.handle(),
            Plane::Given(given) => given.handle(),
        }
    }

    fn rig(&self) -> Result<&Rig> {
        match &self.plane {
            Plane::Real { rig, .. } => Ok(rig),
            Plane::Simulated(_) | Plane::Given(_) => bail!("only a control plane of our own has that"),
        }
    }
}

fn query(runtime: &Handle, prometheus: &str, promql: &str) -> Result<Vec<Value>> {
    let url = format!("{prometheus}/api/v1/query");
    let answer: Value = runtime
        .block_on(async {
            let request = reqwest::Client::new().get(url).query(&[("query", promql)]);
            request.timeout(Duration::from_secs(5)).send().await?.error_for_status()?.json().await
        })
        .wrap_err_with(|| format!("the query {promql}"))?;
    let result = answer["data"]["result"].as_array();
    result.cloned().ok_or_else(|| eyre!("Prometheus answers {answer}"))
}
