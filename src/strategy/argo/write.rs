//! The requests of this mechanism, each with its preconditions.
//!
//! Fields under `status` are written through the subresource, all others through the resource itself. What lowers risk
//! tests the uid alone (and the hash, where a request would be lost otherwise); what raises risk tests every field that
//! its sheet shows. Nothing tests the resourceVersion: a controller that spins moves it dozens of times a second.

use serde_json::{Value, json};

use crate::model::deployment::Deployment;
use crate::model::ids::{Name, TemplateHash};
use crate::model::kind::WorkloadKind;
use crate::model::outline::{Refusal, RefusalKind, Step};
use crate::model::target::Target;
use crate::model::template::{ARGO_HASH_LABEL, Template};
use crate::model::text::Text;
use crate::strategy::patch;

use super::scene::Scene;

/// Where the pod template stands.
pub(super) enum Site<'a> {
    /// In the Rollout.
    Own,
    /// In the Deployment that it refers to.
    Deployment(&'a Deployment),
}

impl<'a> Scene<'a> {
    /// Where the template stands, or why it cannot be written from here.
    pub(super) fn site(&self) -> Result<Site<'a>, Refusal> {
        let Some(reference) = self.workload_ref() else { return Ok(Site::Own) };
        let (kind, name) = (&reference.kind, &reference.name);
        if kind != "Deployment" {
            let why = format!("not possible here: the pod template stands in {kind} {name} (workloadRef)");
            return Err(Refusal::new(RefusalKind::NotPossibleHere, why).with_remedy("change it there"));
        }
        self.reference().map(Site::Deployment).ok_or_else(|| {
            let why = format!("Deployment {name} holds the pod template (workloadRef) and is not read yet");
            Refusal::new(RefusalKind::TemplateNotRead, why)
        })
    }

    /// The whole template of a revision.
    pub(super) fn template_of(&self, hash: &TemplateHash) -> Result<&'a Template, Refusal> {
        let set = self.set_of(hash).ok_or_else(|| {
            Refusal::new(RefusalKind::Changed, "that revision is gone: the history keeps only the newest")
        })?;
        self.known.templates.get(&set.key()).ok_or_else(|| {
            Refusal::new(
                RefusalKind::TemplateNotRead,
                format!("template of {} not read yet", self.version(hash)),
            )
            .with_remedy("it was asked for: try again in a moment")
        })
    }

    pub(super) fn uid(&self) -> Value {
        patch::test_uid(&self.rollout.face.metadata.uid)
    }

    /// A request on the Rollout.
    pub(super) fn main(&self, does: &str, operations: &[Value]) -> Step {
        Step { does: Text::clean(does), request: patch::request(&self.objects.target, "", operations) }
    }

    /// A request on its status.
    pub(super) fn on_status(&self, does: &str, operations: &[Value]) -> Step {
        Step { does: Text::clean(does), request: patch::request(&self.objects.target, "status", operations) }
    }

    pub(super) fn abort(&self) -> Step {
        self.on_status("abort the update", &[self.uid(), patch::add("/status/abort", json!(true))])
    }

    pub(super) fn unpause(&self) -> Step {
        self.main("un-pause", &[self.uid(), patch::add("/spec/paused", json!(false))])
    }

    /// Skips all steps. It is dropped while the controller has not seen the template: the hash test refuses it then.
    pub(super) fn promote_in_full(&self, hash: &TemplateHash, stable: &TemplateHash) -> Step {
        let does = format!("promote {} in full", self.version(hash));
        let operations = [
            self.uid(),
            patch::test("/status/currentPodHash", json!(hash)),
            patch::test("/status/stableRS", json!(stable)),
            patch::add("/status/promoteFull", json!(true)),
        ];
        self.on_status(&does, &operations)
    }

    /// The template of a revision, and with it the pause: one patch, so that no moment lies between. Where another object
    /// holds the template, the pause is a request of its own.
    pub(super) fn template_back(&self, hash: &TemplateHash, paused: bool) -> Result<Step, Refusal> {
        let template = self.template_of(hash)?.raw().clone();
        let version = self.version(hash);
        match self.site()? {
            Site::Own => {
                let then = if paused { "pause" } else { "un-pause" };
                let operations = [
                    self.uid(),
                    patch::replace("/spec/template", template),
                    patch::add("/spec/paused", json!(paused)),
                ];
                Ok(self.main(&format!("put the template of {version} back and {then}"), &operations))
            }
            Site::Deployment(deployment) => {
                let meta = &deployment.metadata;
                let operations = [patch::test_uid(&meta.uid), patch::replace("/spec/template", template)];
                let does = format!("put the template of {version} back in Deployment {}", meta.name);
                Ok(Step {
                    does: Text::clean(&does),
                    request: patch::request(&beside(self, deployment), "", &operations),
                })
            }
        }
    }

    /// Points a Service at a version by hand.
    pub(super) fn select(&self, service: &Name, from: &TemplateHash, to: &TemplateHash) -> Step {
        let namespace = self.objects.target.namespace.as_str();
        let target = Target::new(WorkloadKind::Service, namespace, service.as_str());
        let path = format!("/spec/selector/{ARGO_HASH_LABEL}");
        let operations = [patch::test(&path, json!(from)), patch::replace(&path, json!(to))];
        Step {
            does: Text::clean(&format!("point Service {service} back at {}", self.version(to))),
            request: patch::request(&target, "", &operations),
        }
    }
}

/// The Deployment as the target of a request.
pub(super) fn beside(scene: &Scene<'_>, deployment: &Deployment) -> Target {
    let namespace = scene.objects.target.namespace.as_str();
    Target::new(WorkloadKind::Deployment, namespace, deployment.metadata.name.as_str())
}
