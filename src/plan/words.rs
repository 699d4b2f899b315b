//! Vocabularies: which words a member may have, and what each stands for. Reader and published schema both read these.

use crate::model::kind::{KINDS, WorkloadKind};
use crate::model::plan::{
    Advance, Criticality, DbPolicy, Dependency, EnvironmentKind, EvidenceKind, Mechanism, ProbeFrom,
    RollbackOrder, TriggerAction, TriggerScope, UndoMethod,
};
use crate::model::rule::{BaselineTake, Deed, Direction, Fit, OnMissing, Op, RuleScope, Severity, Stat};
use crate::model::series::Signal;

/// A vocabulary. `None`: the format knows the word, this version does not run it.
pub(super) trait Word: Copy + 'static {
    /// Words and meanings, in the order in which they are listed to people.
    fn table() -> Vec<(&'static str, Option<Self>)>;
}

/// The words that this version runs.
pub(super) fn run<T: Word>() -> Vec<&'static str> {
    T::table().into_iter().filter(|(_, value)| value.is_some()).map(|(word, _)| word).collect()
}

macro_rules! words {
    ($type:ty: $($word:literal => $value:expr),+ $(; later $($later:literal),+)?) => {
        impl Word for $type {
            fn table() -> Vec<(&'static str, Option<Self>)> {
                vec![$(($word, Some($value))),+ $($(, ($later, None))+)?]
            }
        }
    };
}

words!(EnvironmentKind:
    "development" => Self::Development,
    "testing" => Self::Testing,
    "staging" => Self::Staging,
    "production" => Self::Production,
    "testnet" => Self::Testnet,
    "store" => Self::Store);

words!(Criticality: "critical" => Self::Critical, "normal" => Self::Normal, "low" => Self::Low);

words!(Dependency: "deploy" => Self::Deploy, "runtime" => Self::Runtime);

words!(Mechanism:
    "service-selector" => Self::ServiceSelector,
    "ingress-annotation" => Self::IngressAnnotation,
    "httproute" => Self::Httproute,
    "rollout" => Self::Rollout,
    "canary" => Self::Canary,
    "istio" => Self::Istio;
    later "external-hook");

words!(UndoMethod:
    "switch-back" => Self::SwitchBack,
    "abort" => Self::Abort,
    "undo" => Self::Undo,
    "set-image" => Self::SetImage;
    later "helm-rollback");

words!(Advance: "manual" => Self::Manual, "auto-when-armed" => Self::AutoWhenArmed);

words!(ProbeFrom:
    "console" => Self::Console,
    "outside" => Self::Outside,
    "pod-proxy" => Self::PodProxy);

words!(Severity:
    "notice" => Self::Notice,
    "warning" => Self::Warning,
    "critical" => Self::Critical,
    "emergency" => Self::Emergency);

words!(Deed:
    "note" => Self::Note,
    "hold" => Self::Hold,
    "propose-rollback" => Self::ProposeRollback,
    "rollback" => Self::Rollback,
    "propose-stop" => Self::ProposeStop;
    later "open-incident");

words!(RuleScope:
    "total" => Self::Total,
    "per_version" => Self::PerVersion,
    "per_pod" => Self::PerPod,
    "per_component" => Self::PerComponent);

words!(OnMissing: "unknown" => Self::Unknown, "breached" => Self::Breached, "ignore" => Self::Ignore);

words!(Fit: "theil-sen" => Self::TheilSen);

words!(Stat:
    "mean" => Self::Mean,
    "p50" => Self::P50,
    "p90" => Self::P90,
    "p95" => Self::P95,
    "p99" => Self::P99,
    "ratio" => Self::Ratio,
    "rate" => Self::Rate,
    "gauge" => Self::Gauge,
    "count" => Self::Count);

words!(Direction: "lower" => Self::Lower, "higher" => Self::Higher);

words!(BaselineTake: "at-start" => Self::AtStart, "last-good" => Self::LastGood; later "file");

words!(Signal:
    "error-rate" => Self::ErrorRate,
    "request-rate" => Self::RequestRate,
    "latency-p50" => Self::LatencyP50,
    "latency-p95" => Self::LatencyP95,
    "latency-p99" => Self::LatencyP99);

words!(Op:
    "<" => Self::Less,
    "<=" => Self::AtMost,
    ">" => Self::Greater,
    ">=" => Self::AtLeast,
    "==" => Self::Equal,
    "!=" => Self::NotEqual);

words!(RollbackOrder: "reverse-deps" => Self::ReverseDeps);

words!(DbPolicy: "keep-schema" => Self::KeepSchema; later "down-with-approval");

words!(TriggerAction: "propose" => Self::Propose, "armed-auto" => Self::ArmedAuto);

words!(TriggerScope: "component" => Self::Component, "release" => Self::Release);

words!(EvidenceKind:
    "none" => Self::None,
    "note" => Self::Note,
    "link" => Self::Link,
    "value" => Self::Value;
    later "file", "output");

/// A kind of checklist item, as the evidence that it asks for if nothing else is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct ItemKind(pub(super) EvidenceKind);

words!(ItemKind:
    "manual" => Self(EvidenceKind::Note),
    "value" => Self(EvidenceKind::Value);
    later "auto", "runbook", "event", "comms", "approval", "drill", "observe");

/// A component's `stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopMode {
    Auto,
    Never,
}

words!(StopMode: "auto" => Self::Auto, "never" => Self::Never);

/// A strategy's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StrategyWord {
    Rolling,
    BlueGreen,
    Canary,
    Recreate,
}

words!(StrategyWord:
    "rolling" => Self::Rolling,
    "blue-green" => Self::BlueGreen,
    "canary" => Self::Canary,
    "recreate" => Self::Recreate;
    later "waves", "external-milestones", "ramp");

/// A probe's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeWord {
    Http,
    Tcp,
    Tls,
    Dns,
}

words!(ProbeWord:
    "http" => Self::Http,
    "tcp" => Self::Tcp,
    "tls" => Self::Tls,
    "dns" => Self::Dns;
    later "grpc", "exec", "command", "k8s");

/// How a stop is confirmed: always the chord.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TwoStep;

words!(TwoStep: "two-step" => Self);

/// The word that may stand in place of a number of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Auto;

words!(Auto: "auto" => Self);

/// Actions of the stop that need nothing more than their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopWord {
    Abort,
    SwitchBack,
}

words!(StopWord: "abort" => Self::Abort, "switch-back" => Self::SwitchBack);

impl Word for WorkloadKind {
    fn table() -> Vec<(&'static str, Option<Self>)> {
        let mut kinds: Vec<_> = KINDS.iter().map(|row| (row.name, Some(row.kind))).collect();
        kinds.extend([("CronJob", None), ("HelmRelease", None)]);
        kinds
    }
}
