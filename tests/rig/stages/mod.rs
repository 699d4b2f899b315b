//! What becomes of a pod. The image's name decides, so that a test says what it wants where a real release
//! would go wrong: in the image. Every word below may stand anywhere in the name or tag.
//!
//! | word | the pod |
//! |---|---|
//! | (none) | ready after one second, or after the annotation `rig.example.com/ready-after` |
//! | `slow` | ready after 15 s |
//! | `never` | runs and never becomes ready |
//! | `imagepull` | `ErrImagePull`, then `ImagePullBackOff` |
//! | `crash` | exits with code 1, again and again |
//! | `oom` | is killed for memory, again and again |
//! | `slowterm` | becomes ready; takes 15 s to go |
//!
//! Each change takes at least 300 ms: watchers would miss quicker ones.

mod templates;

use std::path::Path;

use serde_json::{Value, json};

/// Annotation of a pod: how long it takes to become ready, as a Go duration.
pub(crate) const READY_AFTER: &str = "rig.example.com/ready-after";
/// Annotation of a pod: the address that it reports.
pub(crate) const POD_ADDRESS: &str = "rig.example.com/pod-address";

/// Words that keep a pod from becoming ready in the ordinary way.
const FAILING: &str = "imagepull|crash|never|oom";

/// One change in the life of a pod.
struct Stage {
    name: &'static str,
    /// Regular expression that some image of the pod matches.
    image: Option<&'static str>,
    /// Regular expression that no image of the pod matches.
    not_image: Option<&'static str>,
    /// State of the first container that the change starts from.
    from: From,
    /// How long it takes.
    delay: Delay,
    /// What the containers report afterwards.
    to: To,
    /// Reason and message of the warning that the kubelet would send.
    warning: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy)]
enum From {
    Scheduled,
    Waiting(&'static str),
    Running,
}

#[derive(Clone, Copy)]
enum Delay {
    Millis(u32),
    /// An annotation, or else that many milliseconds.
    Annotated(&'static str, u32),
    /// Longer after each restart, as the kubelet's back-off.
    BackOff,
}

/// What the containers of a pod report.
#[derive(Clone, Copy)]
enum To {
    /// Not running; in the message `%q` stands for the image.
    Waiting {
        reason: &'static str,
        message: &'static str,
    },
    Running {
        ready: bool,
    },
    /// Ended with a failure, waiting to be started again.
    Restarting,
}

const STAGES: [Stage; 9] = [
    Stage {
        name: "creating",
        image: None,
        not_image: None,
        from: From::Scheduled,
        delay: Delay::Millis(300),
        to: To::Waiting { reason: "ContainerCreating", message: "" },
        warning: None,
    },
    Stage {
        name: "ready",
        image: None,
        not_image: Some(concat!("imagepull|crash|never|oom", "|slow([^a-z]|$)")),
        from: From::Waiting("ContainerCreating"),
        delay: Delay::Annotated(READY_AFTER, 700),
        to: To::Running { ready: true },
        warning: None,
    },
    Stage {
        name: "slowly-ready",
        image: Some("slow([^a-z]|$)"),
        not_image: Some(FAILING),
        from: From::Waiting("ContainerCreating"),
        delay: Delay::Millis(15_000),
        to: To::Running { ready: true },
        warning: None,
    },
    Stage {
        name: "never-ready",
        image: Some("never"),
        not_image: None,
        from: From::Waiting("ContainerCreating"),
        delay: Delay::Millis(400),
        to: To::Running { ready: false },
        warning: Some(("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")),
    },
    Stage {
        name: "pull-fails",
        image: Some("imagepull"),
        not_image: None,
        from: From::Waiting("ContainerCreating"),
        delay: Delay::Millis(400),
        to: To::Waiting { reason: "ErrImagePull", message: PULL_ERROR },
        warning: Some(("Failed", "Failed to pull image: not found")),
    },
    Stage {
        name: "pull-backs-off",
        image: Some("imagepull"),
        not_image: None,
        from: From::Waiting("ErrImagePull"),
        delay: Delay::Millis(600),
        to: To::Waiting { reason: "ImagePullBackOff", message: PULL_BACK_OFF },
        warning: Some(("BackOff", "Back-off pulling image")),
    },
    Stage {
        name: "starts-to-fail",
        image: Some("crash|oom"),
        not_image: None,
        from: From::Waiting("ContainerCreating"),
        delay: Delay::Millis(400),
        to: To::Running { ready: false },
        warning: None,
    },
    Stage {
        name: "fails",
        image: Some("crash|oom"),
        not_image: None,
        from: From::Running,
        delay: Delay::Millis(600),
        to: To::Restarting,
        warning: Some(("BackOff", "Back-off restarting failed container")),
    },
    Stage {
        name: "restarts",
        image: Some("crash|oom"),
        not_image: None,
        from: From::Waiting("CrashLoopBackOff"),
        delay: Delay::BackOff,
        to: To::Running { ready: false },
        warning: None,
    },
];

const PULL_ERROR: &str = "failed to pull and unpack image %q: not found";
const PULL_BACK_OFF: &str = "Back-off pulling image %q: ErrImagePull: not found";

/// The configuration of kwok: every stage of nodes and pods, and the logs that every container has.
pub(crate) fn configuration(log: &Path, previous_log: &Path) -> String {
    let mut documents = vec![node_ready()];
    documents.extend(STAGES.iter().map(Stage::document));
    documents.push(job_completes());
    documents.push(goes("goes", None, Some("slowterm"), 300));
    documents.push(goes("goes-slowly", Some("slowterm"), None, 15_000));
    documents.push(json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterLogs",
        "metadata": { "name": "every-pod" },
        "spec": { "logs": [{ "logsFile": log, "previousLogsFile": previous_log, "follow": true }] },
    }));
    documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n")
}

impl Stage {
    fn document(&self) -> Value {
        let mut conditions = vec![absent(".metadata.deletionTimestamp")];
        conditions.extend(image_conditions(self.image, self.not_image));
        conditions.extend(self.from.conditions());
        let mut steps = Vec::new();
        if let Some((reason, message)) = self.warning {
            steps.push(json!({ "event": { "type": "Warning", "reason": reason, "message": message } }));
        }
        steps.push(status_step(&templates::pod(self.to)));
        stage(&format!("pod-{}", self.name), "Pod", &conditions, &self.delay.document(), &steps)
    }
}

impl From {
    fn conditions(self) -> Vec<Value> {
        const STATE: &str = ".status.containerStatuses[0].state";
        match self {
            Self::Scheduled => {
                vec![is(".status.phase", "Pending"), absent(".status.containerStatuses[0].name")]
            }
            Self::Waiting(reason) => vec![is(&format!("{STATE}.waiting.reason"), reason)],
            Self::Running => {
                vec![is(".status.phase", "Running"), present(&format!("{STATE}.running.startedAt"))]
            }
        }
    }
}

impl Delay {
    fn document(self) -> Value {
        match self {
            Self::Millis(millis) => json!({ "durationMilliseconds": millis }),
            Self::Annotated(annotation, millis) => json!({
                "durationMilliseconds": millis,
                "durationFrom": { "jq": { "expression": format!(".metadata.annotations[\"{annotation}\"]") } },
            }),
            Self::BackOff => json!({
                "durationMilliseconds": 2_000,
                "durationFrom": { "jq": { "expression":
                    "([.status.containerStatuses[0].restartCount * 2, 30] | min | tostring) + \"s\"" } },
            }),
        }
    }
}

fn node_ready() -> Value {
    let conditions = [json!({ "jq": {
        "key": ".status.conditions.[] | select( .type == \"Ready\" ) | .status",
        "operator": "NotIn",
        "values": ["True"],
    } })];
    let delay = json!({ "durationMilliseconds": 0 });
    stage("node-ready", "Node", &conditions, &delay, &[status_step(templates::NODE)])
}

fn job_completes() -> Value {
    let conditions = [
        absent(".metadata.deletionTimestamp"),
        is(".status.phase", "Running"),
        is(".metadata.ownerReferences.[].kind", "Job"),
    ];
    let delay = json!({ "durationMilliseconds": 1_000 });
    stage("pod-completes", "Pod", &conditions, &delay, &[status_step(templates::COMPLETED)])
}

fn goes(name: &str, image: Option<&str>, not_image: Option<&str>, millis: u32) -> Value {
    let mut conditions = vec![present(".metadata.deletionTimestamp"), absent(".metadata.finalizers.[0]")];
    conditions.extend(image_conditions(image, not_image));
    let delay = json!({ "durationMilliseconds": millis });
    stage(&format!("pod-{name}"), "Pod", &conditions, &delay, &[json!({ "delete": true })])
}

fn status_step(template: &str) -> Value {
    json!({ "patch": { "subresource": "status", "root": "status", "template": template } })
}

fn stage(name: &str, kind: &str, conditions: &[Value], delay: &Value, steps: &[Value]) -> Value {
    json!({
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": { "name": name },
        "spec": {
            "resourceRef": { "apiGroup": "v1", "kind": kind },
            "selector": { "matchExpressions": conditions },
            "delay": delay,
            "steps": steps,
        },
    })
}

fn image_conditions(image: Option<&str>, not_image: Option<&str>) -> impl Iterator<Item = Value> {
    let matching = |pattern: &str| format!("[.spec.containers[].image | test({})] | any", json!(pattern));
    let wanted = image.map(|pattern| is(&matching(pattern), "true"));
    let unwanted = not_image.map(|pattern| is(&matching(pattern), "false"));
    wanted.into_iter().chain(unwanted)
}

fn is(key: &str, value: &str) -> Value {
    json!({ "jq": { "key": key, "operator": "In", "values": [value] } })
}

fn present(key: &str) -> Value {
    json!({ "jq": { "key": key, "operator": "Exists" } })
}

fn absent(key: &str) -> Value {
    json!({ "jq": { "key": key, "operator": "DoesNotExist" } })
}
