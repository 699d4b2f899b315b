//! The shop: namespaces, nodes and workloads with ages and revisions of a lived-in cluster.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Release;
use crate::sim::world::World;
use crate::sim::world::api::{self, Part, PatchKind, WriteOptions};
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::Key;

/// The namespace that is watched.
const SHOP: &str = "shop";
/// Where Prometheus lives.
const MONITORING: &str = "monitoring";
/// The workload whose release is under way.
const TARGET: &str = "api";
/// Seconds that a pod of the release needs until it is ready.
const RELEASE_WARM_UP: u32 = 45;
/// How old the cluster is.
const AGE: TimeDelta = TimeDelta::days(41);

/// Who brings a workload's changes.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Pipeline,
    Helm,
    ArgoCd,
}

impl Owner {
    fn manager(self) -> &'static str {
        match self {
            Self::Pipeline => "ci-deployer",
            Self::Helm => "helm",
            Self::ArgoCd => "argocd-controller",
        }
    }

    /// Labels and annotations by which the owner is recognised.
    fn marks(self, name: &str) -> (Value, Value) {
        match self {
            Self::Pipeline => (json!({}), json!({})),
            Self::Helm => (
                json!({"app.kubernetes.io/managed-by": "Helm"}),
                json!({"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": SHOP}),
            ),
            Self::ArgoCd => (
                json!({"app.kubernetes.io/instance": name}),
                json!({"argocd.argoproj.io/tracking-id": format!("{name}:apps/Deployment:{SHOP}/{name}")}),
            ),
        }
    }
}

/// A Deployment of the shop.
struct App {
    name: &'static str,
    replicas: u32,
    owner: Owner,
    /// Requests per second over all pods; 0 for one that serves nobody.
    rate: u32,
    latency_ms: u32,
    cpu: &'static str,
    /// Seconds from start to ready.
    warm_up: u32,
    /// Hours ago and tag of each release, older first.
    releases: &'static [(f64, &'static str)],
}

const APPS: [App; 8] = [
    App {
        name: TARGET,
        replicas: 12,
        owner: Owner::Pipeline,
        rate: 96,
        latency_ms: 42,
        cpu: "250m",
        warm_up: 6,
        releases: &[(940.0, "2.1.4"), (510.0, "2.2.0"), (190.0, "2.3.0"), (51.5, "2.3.1")],
    },
    App {
        name: "web",
        replicas: 4,
        owner: Owner::Helm,
        rate: 64,
        latency_ms: 28,
        cpu: "200m",
        warm_up: 4,
        releases: &[
            (930.0, "7.11.0"),
            (420.0, "7.12.0"),
            (212.0, "7.12.1"),
            (74.0, "7.13.0"),
            (22.2, "7.13.2"),
        ],
    },
    App {
        name: "cart",
        replicas: 3,
        owner: Owner::Pipeline,
        rate: 22,
        latency_ms: 35,
        cpu: "150m",
        warm_up: 6,
        releases: &[(900.0, "1.18.2"), (340.0, "1.19.0"), (98.0, "1.19.3")],
    },
    App {
        name: "payments",
        replicas: 3,
        owner: Owner::ArgoCd,
        rate: 9,
        latency_ms: 120,
        cpu: "300m",
        warm_up: 8,
        releases: &[(880.0, "4.0.6"), (390.0, "4.1.0"), (160.0, "4.1.1"), (3.4, "4.2.0")],
    },
    App {
        name: "search",
        replicas: 3,
        owner: Owner::Pipeline,
        rate: 31,
        latency_ms: 75,
        cpu: "400m",
        warm_up: 12,
        releases: &[(860.0, "0.42.0"), (300.0, "0.43.1"), (27.0, "0.44.0")],
    },
    App {
        name: "catalog",
        replicas: 3,
        owner: Owner::Pipeline,
        rate: 40,
        latency_ms: 22,
        cpu: "150m",
        warm_up: 5,
        releases: &[(840.0, "3.6.0"), (410.0, "3.7.0"), (140.0, "3.7.2"), (19.5, "3.8.0")],
    },
    App {
        name: "worker",
        replicas: 2,
        owner: Owner::Pipeline,
        rate: 0,
        latency_ms: 0,
        cpu: "500m",
        warm_up: 2,
        releases: &[(820.0, "1.4.0"), (260.0, "1.5.0"), (66.0, "1.5.1")],
    },
    App {
        name: "mailer",
        replicas: 1,
        owner: Owner::Pipeline,
        rate: 0,
        latency_ms: 0,
        cpu: "50m",
        warm_up: 2,
        releases: &[(800.0, "0.9.8"), (130.0, "0.10.0"), (45.0, "0.10.1")],
    },
];

/// Builds the shop so that `release` is under way at `now`.
pub(super) fn build(world: &mut World, now: DateTime<Utc>, release: &Release) {
    let mut past = Past { world, now };
    past.world.rewind(now - AGE);
    past.world.traffic.start(now - TimeDelta::hours(1));
    past.platform();
    past.stateful();
    past.history();
    past.until(TimeDelta::minutes(47));
    past.config("shop-features", &json!({"checkout-v2": "on", "recommendations": "off"}));
    past.until(TimeDelta::seconds(release.began));
    past.release(release.tag);
    past.until(TimeDelta::zero());
}

/// The world on its way to the present.
struct Past<'a> {
    world: &'a mut World,
    now: DateTime<Utc>,
}

impl Past<'_> {
    /// Lets time pass until `ago` before the present; nobody watched, so no history is kept.
    fn until(&mut self, ago: TimeDelta) {
        let span = self.now - ago - self.world.now();
        self.world.advance(span.max(TimeDelta::zero()));
        self.world.settle();
        self.world.store.compact();
    }

    fn create(&mut self, kind: Kind, namespace: &str, object: Value, manager: &str) {
        let options = WriteOptions { manager: manager.to_owned(), dry_run: false };
        let created = api::create(self.world, kind, namespace, object, &options);
        debug_assert!(created.is_ok(), "a scenario's object is refused: {created:?}");
    }

    fn platform(&mut self) {
        for node in ["node-a", "node-b", "node-c", "node-d"] {
            self.create(Kind::Node, "", node_object(node), "kubelet");
        }
        for namespace in ["default", "kube-system", MONITORING, SHOP] {
            self.create(Kind::Namespace, "", json!({"metadata": {"name": namespace}}), "kubectl-create");
        }
        let labels = json!({"app.kubernetes.io/name": "prometheus"});
        let prometheus = deployment(
            "prometheus-server",
            &labels,
            1,
            "registry.example.com/mirror/prometheus:v3.5.0",
            "200m",
            3,
        );
        self.create(Kind::Deployment, MONITORING, prometheus, "helm");
        let mut service = service("prometheus-server", &labels, 9090, 0, 0);
        service["metadata"]["labels"] = labels;
        self.create(Kind::Service, MONITORING, service, "helm");
        self.config("shop-config", &json!({"DATABASE_HOST": "db", "LOG_LEVEL": "info"}));
    }

    fn stateful(&mut self) {
        let labels = json!({"app": "db"});
        let mut database =
            deployment("db", &labels, 3, "registry.example.com/mirror/postgres:17.2", "500m", 5);
        database["spec"]["serviceName"] = "db".into();
        self.create(Kind::StatefulSet, SHOP, database, "ci-deployer");
        self.create(Kind::Service, SHOP, service("db", &labels, 5432, 0, 0), "ci-deployer");
        let mut agent = deployment(
            "log-agent",
            &json!({"app": "log-agent"}),
            1,
            "registry.example.com/mirror/log-agent:3.1.9",
            "50m",
            1,
        );
        if let Some(spec) = agent["spec"].as_object_mut() {
            spec.remove("replicas");
        }
        self.create(Kind::DaemonSet, SHOP, agent, "helm");
    }

    /// Every release of every workload, in the order in which they happened.
    fn history(&mut self) {
        let mut releases: Vec<(f64, &App, &str, bool)> = APPS
            .iter()
            .flat_map(|app| {
                app.releases
                    .iter()
                    .enumerate()
                    .map(move |(index, (hours, tag))| (*hours, app, *tag, index == 0))
            })
            .collect();
        releases.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
        for (hours, app, tag, first) in releases {
            self.until(crate::sim::world::clock::seconds(hours * 3_600.0));
            if first {
                self.introduce(app, tag);
            } else {
                self.set_image(app, tag);
            }
            if app.name == "catalog" && tag == "3.8.0" {
                self.migrate();
            }
        }
    }

    fn introduce(&mut self, app: &App, tag: &str) {
        let labels = json!({"app": app.name});
        let mut object =
            deployment(app.name, &labels, app.replicas, &image(app.name, tag), app.cpu, app.warm_up);
        let (more_labels, annotations) = app.owner.marks(app.name);
        json_patch::merge(&mut object["metadata"]["labels"], &more_labels);
        object["metadata"]["annotations"] = annotations;
        if app.name == TARGET {
            object["spec"]["strategy"] = json!({"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}});
            object["spec"]["progressDeadlineSeconds"] = 300.into();
        }
        self.create(Kind::Deployment, SHOP, object, app.owner.manager());
        if app.rate > 0 {
            let service = service(app.name, &labels, 80, app.rate, app.latency_ms);
            self.create(Kind::Service, SHOP, service, app.owner.manager());
        }
        if app.name == "search" {
            self.create(Kind::HorizontalPodAutoscaler, SHOP, autoscaler(app), "ci-deployer");
            let key = Key::new(Kind::HorizontalPodAutoscaler, SHOP, app.name);
            self.world.modify(&key, |object| object["status"] = autoscaler_status(app));
        }
    }

    fn set_image(&mut self, app: &App, tag: &str) {
        self.patch_container(app, &json!({"name": app.name, "image": image(app.name, tag)}));
    }

    /// The release that is watched: its pods warm a cache before they are ready, so that it takes its time, while
    /// the way back is quick.
    fn release(&mut self, tag: &str) {
        let [target, ..] = &APPS;
        self.patch_container(
            target,
            &json!({
                "name": target.name,
                "image": image(target.name, tag),
                "readinessProbe": {"initialDelaySeconds": RELEASE_WARM_UP},
            }),
        );
    }

    fn patch_container(&mut self, app: &App, container: &Value) {
        let key = Key::new(Kind::Deployment, SHOP, app.name);
        let containers = [container];
        let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let options = WriteOptions { manager: app.owner.manager().to_owned(), dry_run: false };
        let patched = api::patch(self.world, &key, PatchKind::Strategic, &patch, Part::Main, &options);
        debug_assert!(patched.is_ok(), "a scenario's release is refused: {patched:?}");
    }

    fn migrate(&mut self) {
        let container =
            json!({"name": "migrate", "image": image("catalog", "3.8.0"), "args": ["migrate", "up"]});
        let template = json!({
            "metadata": {"labels": {"app": "migrate"}},
            "spec": {"restartPolicy": "Never", "containers": [container]},
        });
        let job = json!({"metadata": {"name": "migrate", "labels": {"app": "migrate"}}, "spec": {"template": template}});
        self.create(Kind::Job, SHOP, job, "ci-deployer");
    }

    fn config(&mut self, name: &str, data: &Value) {
        let object = json!({"metadata": {"name": name}, "data": data});
        self.create(Kind::ConfigMap, SHOP, object, "ci-deployer");
    }
}

fn image(name: &str, tag: &str) -> String {
    format!("registry.example.com/shop/{name}:{tag}")
}

fn node_object(name: &str) -> Value {
    let capacity = json!({"cpu": "8", "memory": "32Gi", "pods": "110"});
    json!({
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": {"kubeletVersion": "v1.36.3"},
        },
    })
}

fn deployment(name: &str, labels: &Value, replicas: u32, image: &str, cpu: &str, warm_up: u32) -> Value {
    let container = json!({
        "name": name,
        "image": image,
        "ports": [{"name": "http", "containerPort": 8080}],
        "envFrom": [{"configMapRef": {"name": "shop-config"}}],
        "resources": {"requests": {"cpu": cpu, "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": 8080, "scheme": "HTTP"},
            "initialDelaySeconds": warm_up,
            "periodSeconds": 2,
            "timeoutSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
    });
    json!({
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    })
}

fn service(name: &str, selector: &Value, port: u32, rate: u32, latency_ms: u32) -> Value {
    json!({
        "metadata": {"name": name, "annotations": {
            "simulator/requests-per-second": rate.to_string(),
            "simulator/latency-milliseconds": latency_ms.to_string(),
        }},
        "spec": {"selector": selector, "ports": [{"name": "http", "port": port, "targetPort": 8080}]},
    })
}

fn autoscaler(app: &App) -> Value {
    let target = json!({"type": "Utilization", "averageUtilization": 70});
    json!({
        "metadata": {"name": app.name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": app.name},
            "minReplicas": 3,
            "maxReplicas": 10,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    })
}

fn autoscaler_status(app: &App) -> Value {
    json!({
        "currentReplicas": app.replicas,
        "desiredReplicas": app.replicas,
        "currentMetrics": [
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 46, "averageValue": "184m"}}},
        ],
        "conditions": [{"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"}],
    })
}
