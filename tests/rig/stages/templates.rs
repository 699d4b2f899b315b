//! The Go templates from which kwok makes the status of nodes and pods.

use super::{POD_ADDRESS, To};

/// The status of a pod whose containers report `to`.
pub(super) fn pod(to: To) -> String {
    let (phase, ready) = match to {
        To::Waiting { .. } => ("Pending", "False"),
        To::Running { ready: true } => ("Running", "True"),
        To::Running { ready: false } | To::Restarting => ("Running", "False"),
    };
    let container = indented(&container(to));
    POD.replace("PHASE", phase)
        .replace("POD_ADDRESS", POD_ADDRESS)
        .replace("IF_READY", ready)
        .replace("  CONTAINER\n", &container)
}

/// The part of one container's status that depends on its state.
fn container(to: To) -> String {
    match to {
        To::Waiting { reason, message: "" } => WAITING.replace("REASON", reason).replace("MESSAGE", "\"\""),
        To::Waiting { reason, message } => {
            let message = format!("{{{{ printf {message:?} $container.image | Quote }}}}");
            WAITING.replace("REASON", reason).replace("MESSAGE", &message)
        }
        To::Running { ready: true } => RUNNING.replace("IS_READY", "true"),
        To::Running { ready: false } => RUNNING.replace("IS_READY", "false"),
        To::Restarting => RESTARTING.to_owned(),
    }
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["  ", line, "\n"]).collect()
}

const POD: &str = r#"
{{ $now := Now }}
{{ $root := . }}
conditions:
- type: Initialized
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ range tuple "Ready" "ContainersReady" }}
- type: {{ . }}
  status: "IF_READY"
  {{ if eq "IF_READY" "False" }}
  reason: ContainersNotReady
  message: containers with unready status
  {{ end }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
{{ end }}
containerStatuses:
{{ range $index, $container := .spec.containers }}
{{ $restarts := 0 }}
{{ if $root.status.containerStatuses }}
{{ $restarts = (index $root.status.containerStatuses $index).restartCount }}
{{ end }}
- name: {{ $container.name | Quote }}
  image: {{ $container.image | Quote }}
  CONTAINER
{{ end }}
{{ $address := or (index (or .metadata.annotations dict) "POD_ADDRESS") .status.podIP }}
{{ if not $address }}
{{ $address = PodIPWith .spec.nodeName false .metadata.uid .metadata.name .metadata.namespace }}
{{ end }}
podIP: {{ $address | Quote }}
podIPs:
- ip: {{ $address | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
phase: PHASE
startTime: {{ or .status.startTime $now | Quote }}
"#;

/// An absent state is said to be null: the patch would leave it beside the new one.
const WAITING: &str = "\
ready: false
started: false
restartCount: {{ $restarts }}
state:
  running: null
  waiting:
    reason: REASON
    message: MESSAGE
";

const RUNNING: &str = "\
ready: IS_READY
started: true
restartCount: {{ $restarts }}
state:
  waiting: null
  running:
    startedAt: {{ $now | Quote }}
";

const RESTARTING: &str = r#"
ready: false
started: false
restartCount: {{ add $restarts 1 }}
lastState:
  terminated:
    {{ if contains "oom" $container.image }}
    exitCode: 137
    reason: OOMKilled
    {{ else }}
    exitCode: 1
    reason: Error
    {{ end }}
    startedAt: {{ $now | Quote }}
    finishedAt: {{ $now | Quote }}
state:
  running: null
  waiting:
    reason: CrashLoopBackOff
    message: back-off restarting failed container
"#;

/// The status of a pod that did its work.
pub(super) const COMPLETED: &str = "\
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    running: null
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
phase: Succeeded
";

/// The status of a node that takes pods.
pub(super) const NODE: &str = "\
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
- type: Hostname
  address: {{ NodeName | Quote }}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ NodePort }}
phase: Running
";
