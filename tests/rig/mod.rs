//! A real control plane on loopback: etcd, the API server with RBAC and an audit log, the controllers, the
//! scheduler, nodes played by kwok, a Prometheus and a traffic model for it to scrape; Argo Rollouts, Flagger and
//! a gateway for those who ask. Started in a few seconds, gone without a trace.
//!
//! What lives here starts, feeds and stops it. What a drill asserts lives in `tests/drills`.

pub(crate) mod api;
pub(crate) mod binaries;
pub(crate) mod clock;
pub(crate) mod extensions;
mod gateway;
pub(crate) mod lifeline;
pub(crate) mod pki;
pub(crate) mod programs;
pub(crate) mod stages;
pub(crate) mod traffic;
pub(crate) mod users;
pub(crate) mod webhooks;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::Child,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use color_eyre::eyre::{Result, eyre};
use serde_json::json;
use tokio::runtime::{Handle, Runtime};

use self::{
    api::Api,
    binaries::Binaries,
    clock::eventually,
    extensions::Extension,
    lifeline::Lifeline,
    pki::Authority,
    programs::{Ports, Program, Site},
    traffic::Traffic,
    users::{Kubeconfig, Role},
    webhooks::Webhooks,
};

/// How long a program may take to come up.
const STARTING: Duration = Duration::from_mins(1);
/// How many nodes there are.
const NODES: u32 = 5;

/// A running control plane. Everything ends with this value, or with this process, however that ends.
pub(crate) struct Rig {
    directory: PathBuf,
    /// The programs that can be started.
    pub(crate) binaries: Binaries,
    ports: Ports,
    /// Signs certificates that the API server trusts.
    pub(crate) authority: Authority,
    /// Starts programs that end with this process.
    pub(crate) lifeline: Lifeline,
    runtime: Runtime,
    /// Who is asked for what, and who got no answer.
    pub(crate) traffic: Traffic,
    /// The gates that controllers ask.
    pub(crate) webhooks: Webhooks,
    extended: Mutex<BTreeSet<Extension>>,
    prometheus_host: &'static str,
    running: Mutex<BTreeMap<Program, Child>>,
}

impl Rig {
    /// Starts everything in `directory` and returns when the nodes are ready for pods. `prometheus_host` is the
    /// address that Prometheus listens on.
    pub(crate) fn start(
        binaries: Binaries,
        directory: PathBuf,
        prometheus_host: &'static str,
    ) -> Result<Self> {
        // The process-wide TLS provider; a second rig in the process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rig = Self {
            authority: Authority::new(&directory.join("certificates"))?,
            ports: Ports::free()?,
            lifeline: Lifeline::new(),
            runtime: Runtime::new()?,
            traffic: Traffic::new()?,
            webhooks: Webhooks::start()?,
            extended: Mutex::default(),
            running: Mutex::default(),
            binaries,
            directory,
            prometheus_host,
        };
        fs::create_dir_all(rig.directory.join("logs"))?;
        rig.launch(Program::Etcd)?;
        rig.launch(Program::ApiServer)?;
        rig.launch(Program::Prometheus)?;
        let admin = rig.api(Role::Admin)?;
        rig.await_ready(&admin)?;
        for program in [Program::ControllerManager, Program::Scheduler, Program::Kwok] {
            rig.launch(program)?;
        }
        users::grant(&admin)?;
        add_nodes(&admin)?;
        rig.await_nodes(&admin)?;
        rig.traffic.follow(&rig.user("rig-traffic", "system:masters")?);
        Ok(rig)
    }

    /// URL of the API server.
    pub(crate) fn server(&self) -> String {
        self.site(&self.traffic.address()).server()
    }

    /// URL of Prometheus.
    pub(crate) fn prometheus(&self) -> String {
        format!("http://{}:{}", self.prometheus_host, self.ports.prometheus)
    }

    /// Runs the tests' own asynchronous work.
    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// A connection as the user of `role`.
    pub(crate) fn api(&self, role: Role) -> Result<Api> {
        self.user(role.name(), role.group())
    }

    /// A kubeconfig for a new user in `group`, talking to `server`, which may be a proxy.
    pub(crate) fn kubeconfig_for(
        &self,
        user: &str,
        group: &str,
        server: &str,
        namespace: &str,
    ) -> Result<PathBuf> {
        let file = Kubeconfig {
            context: "rig",
            server,
            authority: &self.authority.certificate(),
            user: &self.authority.issue_user(user, &[group])?,
            namespace,
        };
        file.write(self.directory.join(format!("{user}.kubeconfig")))
    }

    /// Where the API server logs what was asked of it.
    pub(crate) fn audit_log(&self) -> PathBuf {
        self.directory.join("audit.log")
    }

    fn user(&self, name: &str, group: &str) -> Result<Api> {
        Api::new(&self.kubeconfig_for(name, group, &self.server(), "default")?, self.handle())
    }

    fn site<'a>(&'a self, traffic: &'a str) -> Site<'a> {
        Site {
            directory: &self.directory,
            ports: self.ports,
            authority: &self.authority,
            traffic,
            prometheus_host: self.prometheus_host,
        }
    }

    /// Starts a program, at first or again after it was killed.
    pub(crate) fn launch(&self, program: Program) -> Result<()> {
        let traffic = self.traffic.address();
        let arguments = self.site(&traffic).arguments(program)?;
        let child = self.lifeline.start(program.path(&self.binaries), &arguments, &self.log(program))?;
        self.running().insert(program, child);
        Ok(())
    }

    fn log(&self, program: Program) -> PathBuf {
        self.directory.join("logs").join(program.name())
    }

    /// The programs that were started, dead ones included.
    pub(crate) fn running(&self) -> MutexGuard<'_, BTreeMap<Program, Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn await_ready(&self, admin: &Api) -> Result<()> {
        eventually("the API server is ready", STARTING, || match self.all_alive() {
            Ok(()) => admin.text("/readyz").map(|_| Some(Ok(()))),
            Err(dead) => Ok(Some(Err(dead))),
        })?
    }

    fn await_nodes(&self, admin: &Api) -> Result<()> {
        let usable = || {
            let nodes = admin.get("/api/v1/nodes")?;
            let usable = api::items(&nodes).iter().filter(|node| node["spec"]["taints"].is_null()).count();
            Ok((usable == NODES as usize).then_some(Ok(())))
        };
        eventually("every node takes pods", STARTING, || match self.all_alive() {
            Ok(()) => usable(),
            Err(dead) => Ok(Some(Err(dead))),
        })?
    }

    /// Fails with the end of its log when a program has ended.
    fn all_alive(&self) -> Result<()> {
        for (program, child) in self.running().iter_mut() {
            if let Some(status) = child.try_wait()? {
                let log = fs::read_to_string(self.log(*program)).unwrap_or_default();
                let end: Vec<_> = log.lines().rev().take(8).collect();
                let end = end.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(eyre!("{} has ended ({status}):\n{end}", program.name()));
            }
        }
        Ok(())
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // SIGKILL: asked politely, the API server takes up to a minute. Dependents first.
        for (_, mut child) in std::mem::take(&mut *self.running()).into_iter().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn add_nodes(admin: &Api) -> Result<()> {
    for number in 1..=NODES {
        let room = json!({ "cpu": "10000", "memory": "10000Gi", "pods": "20000" });
        admin.create(
            "/api/v1/nodes",
            &json!({
                "metadata": {
                    "name": format!("node-{number}"),
                    "labels": {
                        "kubernetes.io/hostname": format!("node-{number}"),
                        "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
                    },
                },
                "status": { "allocatable": room, "capacity": room },
            }),
        )?;
    }
    Ok(())
}
