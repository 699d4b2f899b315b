//! The programs of the control plane and how each is started.

use std::{fs, net::TcpListener, path::Path};

use color_eyre::eyre::Result;
use serde_json::json;

use super::{binaries::Binaries, pki::Authority, stages, users::Kubeconfig};

/// A program of the rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Program {
    /// The store.
    Etcd,
    /// The API server.
    ApiServer,
    /// Every built-in controller: Deployments, ReplicaSets, endpoints, nodes, …
    ControllerManager,
    /// Puts pods on nodes.
    Scheduler,
    /// Plays the nodes and what happens on them.
    Kwok,
    /// Scrapes the traffic model.
    Prometheus,
    /// The controller of Argo Rollouts.
    ArgoRollouts,
    /// The controller of Canaries.
    Flagger,
}

impl Program {
    /// Name of the program, and of its log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Kwok => "kwok",
            Self::Prometheus => "prometheus",
            Self::ArgoRollouts => "argo-rollouts",
            Self::Flagger => "flagger",
        }
    }

    /// The file to run.
    pub(crate) fn path(self, binaries: &Binaries) -> &Path {
        match self {
            Self::Etcd => &binaries.etcd,
            Self::ApiServer => &binaries.apiserver,
            Self::ControllerManager => &binaries.controller_manager,
            Self::Scheduler => &binaries.scheduler,
            Self::Kwok => &binaries.kwok,
            Self::Prometheus => &binaries.prometheus,
            Self::ArgoRollouts => &binaries.argo_rollouts,
            Self::Flagger => &binaries.flagger,
        }
    }
}

/// The loopback ports of one rig.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    etcd: u16,
    etcd_peer: u16,
    pub(crate) apiserver: u16,
    controller_manager: u16,
    scheduler: u16,
    kwok: u16,
    pub(crate) prometheus: u16,
    argo_health: u16,
    argo_metrics: u16,
    flagger: u16,
}

impl Ports {
    /// Ports that are free now. All are held until the last one is known, so that none is given twice.
    pub(crate) fn free() -> Result<Self> {
        let held: Vec<TcpListener> =
            (0..10).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<_, _>>()?;
        let port = |index: usize| held[index].local_addr().map(|address| address.port());
        Ok(Self {
            etcd: port(0)?,
            etcd_peer: port(1)?,
            apiserver: port(2)?,
            controller_manager: port(3)?,
            scheduler: port(4)?,
            kwok: port(5)?,
            prometheus: port(6)?,
            argo_health: port(7)?,
            argo_metrics: port(8)?,
            flagger: port(9)?,
        })
    }

    /// Where a controller that has no resource of its own says that it works.
    pub(crate) fn health(&self, program: Program) -> Option<String> {
        match program {
            Program::ArgoRollouts => Some(format!("http://127.0.0.1:{}/healthz", self.argo_health)),
            Program::Flagger => Some(format!("http://127.0.0.1:{}/healthz", self.flagger)),
            _ => None,
        }
    }
}

/// What the arguments are made of.
pub(crate) struct Site<'a> {
    /// The rig's directory.
    pub(crate) directory: &'a Path,
    pub(crate) ports: Ports,
    pub(crate) authority: &'a Authority,
    /// Where the traffic model is scraped, `host:port`.
    pub(crate) traffic: &'a str,
    /// The address that Prometheus listens on.
    pub(crate) prometheus_host: &'a str,
}

impl Site<'_> {
    /// The arguments of `program`; files that it reads are written first.
    pub(crate) fn arguments(&self, program: Program) -> Result<Vec<String>> {
        match program {
            Program::Etcd => Ok(self.etcd()),
            Program::ApiServer => self.apiserver(),
            Program::ControllerManager => self.controller_manager(),
            Program::Scheduler => self.scheduler(),
            Program::Kwok => self.kwok(),
            Program::Prometheus => self.prometheus(),
            Program::ArgoRollouts => self.argo_rollouts(),
            Program::Flagger => self.flagger(),
        }
    }

    /// URL of the API server.
    pub(crate) fn server(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.apiserver)
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }

    fn etcd(&self) -> Vec<String> {
        let clients = format!("http://127.0.0.1:{}", self.ports.etcd);
        let peers = format!("http://127.0.0.1:{}", self.ports.etcd_peer);
        vec![
            format!("--data-dir={}", self.file("etcd")),
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
            "--unsafe-no-fsync".into(),
            "--quota-backend-bytes=4000000000".into(),
            "--log-level=error".into(),
        ]
    }

    fn apiserver(&self) -> Result<Vec<String>> {
        let server = self.authority.issue_server()?;
        let kubelet_client = self.authority.issue_user("kube-apiserver-kubelet-client", &[])?;
        let authority = self.authority.certificate().display().to_string();
        let (private, public) = self.authority.token_keys();
        fs::write(self.directory.join("audit-policy.json"), audit_policy())?;
        Ok(vec![
            format!("--etcd-servers=http://127.0.0.1:{}", self.ports.etcd),
            format!("--secure-port={}", self.ports.apiserver),
            "--bind-address=127.0.0.1".into(),
            // Told to pods, of which none exists; without it the machine's default route is looked for.
            "--advertise-address=10.7.0.1".into(),
            format!("--cert-dir={}", self.file("certificates")),
            format!("--tls-cert-file={}", server.certificate.display()),
            format!("--tls-private-key-file={}", server.key.display()),
            format!("--client-ca-file={authority}"),
            // Without these four the controllers fill their logs with complaints about CA bundles.
            format!("--requestheader-client-ca-file={authority}"),
            "--requestheader-allowed-names=front".into(),
            "--requestheader-username-headers=X-Remote-User".into(),
            "--requestheader-group-headers=X-Remote-Group".into(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".into(),
            format!("--kubelet-client-certificate={}", kubelet_client.certificate.display()),
            format!("--kubelet-client-key={}", kubelet_client.key.display()),
            "--kubelet-preferred-address-types=InternalIP".into(),
            "--service-account-issuer=https://kubernetes.default.svc".into(),
            format!("--service-account-key-file={}", public.display()),
            format!("--service-account-signing-key-file={}", private.display()),
            "--service-cluster-ip-range=10.0.0.0/16".into(),
            "--authorization-mode=RBAC".into(),
            "--disable-admission-plugins=ServiceAccount".into(),
            format!("--audit-policy-file={}", self.file("audit-policy.json")),
            format!("--audit-log-path={}", self.file("audit.log")),
            "--audit-log-maxsize=1000".into(),
            "--max-requests-inflight=4000".into(),
            "--max-mutating-requests-inflight=2000".into(),
            "--enable-priority-and-fairness=false".into(),
            "--allow-privileged".into(),
        ])
    }

    fn controller_manager(&self) -> Result<Vec<String>> {
        let kubeconfig = self.kubeconfig("system:kube-controller-manager", &["system:masters"])?;
        let (private, _) = self.authority.token_keys();
        let mut arguments = component(&kubeconfig, self.ports.controller_manager);
        arguments.extend([
            format!("--service-account-private-key-file={}", private.display()),
            format!("--root-ca-file={}", self.authority.certificate().display()),
            // Its own certificate stands for all controllers, and may therefore do all that they do.
            "--use-service-account-credentials=false".into(),
            "--controllers=*,-ttl,-bootstrapsigner,-tokencleaner,-nodeipam".into(),
            "--concurrent-deployment-syncs=5".into(),
        ]);
        Ok(arguments)
    }

    fn scheduler(&self) -> Result<Vec<String>> {
        let kubeconfig = self.kubeconfig("system:kube-scheduler", &[])?;
        Ok(component(&kubeconfig, self.ports.scheduler))
    }

    fn kwok(&self) -> Result<Vec<String>> {
        let kubeconfig = self.kubeconfig("kwok", &["system:masters"])?;
        let kubelet = self.authority.issue_user("kubelet", &[])?;
        let (log, previous) = (self.directory.join("pod.log"), self.directory.join("pod-previous.log"));
        fs::write(&log, POD_LOG)?;
        fs::write(&previous, PREVIOUS_POD_LOG)?;
        fs::write(self.directory.join("stages.yaml"), stages::configuration(&log, &previous))?;
        Ok(vec![
            format!("--kubeconfig={kubeconfig}"),
            format!("--config={}", self.file("stages.yaml")),
            "--manage-all-nodes=true".into(),
            // Without a lease the nodes turn NotReady after 50 s, and so do their pods.
            "--node-lease-duration-seconds=40".into(),
            "--cidr=10.244.0.0/16".into(),
            "--node-ip=127.0.0.1".into(),
            format!("--node-port={}", self.ports.kwok),
            format!("--server-address=127.0.0.1:{}", self.ports.kwok),
            format!("--tls-cert-file={}", kubelet.certificate.display()),
            format!("--tls-private-key-file={}", kubelet.key.display()),
        ])
    }

    fn prometheus(&self) -> Result<Vec<String>> {
        let configuration = json!({
            "global": { "scrape_interval": "1s", "scrape_timeout": "1s" },
            "scrape_configs": [{
                "job_name": "traffic",
                "honor_labels": true,
                "static_configs": [{ "targets": [self.traffic] }],
            }],
        });
        fs::write(self.directory.join("prometheus.yaml"), configuration.to_string())?;
        Ok(vec![
            format!("--config.file={}", self.file("prometheus.yaml")),
            format!("--storage.tsdb.path={}", self.file("prometheus")),
            format!("--web.listen-address={}:{}", self.prometheus_host, self.ports.prometheus),
            "--log.level=warn".into(),
        ])
    }

    /// It has no flag for an address: these two ports are open on every interface that there is.
    fn argo_rollouts(&self) -> Result<Vec<String>> {
        Ok(vec![
            format!("--kubeconfig={}", self.kubeconfig("argo-rollouts", &["system:masters"])?),
            "--leader-elect=false".into(),
            format!("--healthzPort={}", self.ports.argo_health),
            format!("--metricsPort={}", self.ports.argo_metrics),
            "--qps=500".into(),
            "--burst=1000".into(),
            "--loglevel=warn".into(),
        ])
    }

    /// The provider is each Canary's own choice. The control loop looks for new and changed Canaries.
    fn flagger(&self) -> Result<Vec<String>> {
        Ok(vec![
            format!("-kubeconfig={}", self.kubeconfig("flagger", &["system:masters"])?),
            format!("-metrics-server=http://{}:{}", self.prometheus_host, self.ports.prometheus),
            "-mesh-provider=kubernetes".into(),
            "-selector-labels=app".into(),
            "-control-loop-interval=2s".into(),
            format!("-port={}", self.ports.flagger),
            "-kubeconfig-qps=500".into(),
            "-kubeconfig-burst=1000".into(),
            "-threadiness=4".into(),
            "-log-level=info".into(),
        ])
    }

    fn kubeconfig(&self, user: &str, groups: &[&str]) -> Result<String> {
        let path = self.directory.join(format!("{}.kubeconfig", user.replace(':', "-")));
        let file = Kubeconfig {
            context: "rig",
            server: &self.server(),
            authority: &self.authority.certificate(),
            user: &self.authority.issue_user(user, groups)?,
            namespace: "default",
        };
        Ok(file.write(path)?.display().to_string())
    }
}

/// What the controller manager and the scheduler have in common.
fn component(kubeconfig: &str, port: u16) -> Vec<String> {
    vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--authentication-kubeconfig={kubeconfig}"),
        format!("--authorization-kubeconfig={kubeconfig}"),
        format!("--secure-port={port}"),
        "--bind-address=127.0.0.1".into(),
        "--leader-elect=false".into(),
        "--kube-api-qps=1000".into(),
        "--kube-api-burst=2000".into(),
    ]
}

/// What is logged, and how much of it: bodies of what the tests assert on, the rest in outline; nothing of
/// what the control plane reads for itself.
fn audit_policy() -> String {
    let components = [
        "system:kube-controller-manager",
        "system:kube-scheduler",
        "kwok",
        "rig-traffic",
        "rig-gateway",
        "argo-rollouts",
        "flagger",
    ];
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            { "level": "None", "users": components, "verbs": ["get", "list", "watch"] },
            { "level": "None", "users": components, "resources": [
                { "group": "", "resources": ["events"] },
                { "group": "events.k8s.io", "resources": ["events"] },
                { "group": "coordination.k8s.io", "resources": ["leases"] },
            ] },
            { "level": "None", "users": ["system:apiserver"] },
            { "level": "Metadata", "users": ["argo-rollouts", "flagger"] },
            { "level": "RequestResponse", "verbs": ["create", "update", "patch", "delete"], "resources": [
                { "group": "apps", "resources": ["deployments", "deployments/scale", "replicasets"] },
                { "group": "apps", "resources": ["statefulsets", "statefulsets/scale", "daemonsets"] },
                { "group": "", "resources": ["configmaps", "services"] },
                { "group": "networking.k8s.io", "resources": ["ingresses"] },
                { "group": "gateway.networking.k8s.io" },
                { "group": "networking.istio.io" },
                { "group": "argoproj.io" },
                { "group": "flagger.app" },
            ] },
            { "level": "Metadata" },
        ],
    })
    .to_string()
}

/// The log of every container, in the format of container runtimes.
const POD_LOG: &str = "\
2026-01-01T00:00:01.000000000Z stdout F listening on :8080
2026-01-01T00:00:02.000000000Z stdout F GET /healthz 200 1ms
2026-01-01T00:00:03.000000000Z stderr F WARN slow upstream: 412ms
";
const PREVIOUS_POD_LOG: &str = "\
2026-01-01T00:00:01.000000000Z stdout F reading the configuration
2026-01-01T00:00:02.000000000Z stderr F FATAL: DATABASE_URL is not set
";
