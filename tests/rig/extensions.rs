//! What a drill may ask for beyond Kubernetes itself: the resources of routes and rollouts, and the controllers
//! that work on them. Each is brought up once, when the first drill asks.

use std::{fs, path::Path, time::Duration};

use color_eyre::eyre::{Result, WrapErr, ensure};
use http::Request;
use serde_json::{Value, json};

use super::{
    Rig, STARTING,
    api::Api,
    clock::{self, eventually},
    gateway,
    programs::Program,
    users::Role,
};

/// A group of resources, and who works on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extension {
    /// Gateway API, and a gateway that accepts every route.
    Gateway,
    /// Virtual services and destination rules, without schema.
    Istio,
    /// Argo Rollouts.
    ArgoRollouts,
    /// Flagger.
    Flagger,
}

impl Extension {
    /// Every extension.
    pub(crate) const ALL: [Self; 4] = [Self::Gateway, Self::Istio, Self::ArgoRollouts, Self::Flagger];

    /// What must be there before: a controller looks once, at its start, for what it can work on.
    const fn before(self) -> &'static [Self] {
        match self {
            Self::Gateway | Self::Istio => &[],
            Self::ArgoRollouts => &[Self::Istio],
            Self::Flagger => &[Self::Gateway],
        }
    }

    const fn program(self) -> Option<Program> {
        match self {
            Self::Gateway | Self::Istio => None,
            Self::ArgoRollouts => Some(Program::ArgoRollouts),
            Self::Flagger => Some(Program::Flagger),
        }
    }

    /// A resource of it, whose collection answers once it is served.
    const fn collection(self) -> &'static str {
        match self {
            Self::Gateway => "/apis/gateway.networking.k8s.io/v1/httproutes",
            Self::Istio => "/apis/networking.istio.io/v1alpha3/virtualservices",
            Self::ArgoRollouts => "/apis/argoproj.io/v1alpha1/rollouts",
            Self::Flagger => "/apis/flagger.app/v1beta1/canaries",
        }
    }

    /// The definitions of its resources, one YAML or JSON document each.
    fn definitions(self, rig: &Rig) -> Result<Vec<String>> {
        let modules = &rig.binaries.modules;
        match self {
            Self::Gateway => documents(&modules.gateway.join("config/crd/standard")),
            Self::Istio => Ok(["VirtualService", "DestinationRule"].map(schemaless).to_vec()),
            Self::ArgoRollouts => documents(&modules.argo_rollouts.join("manifests/crds")),
            Self::Flagger => documents(&modules.flagger.join("artifacts/flagger/crd.yaml")),
        }
    }
}

impl Rig {
    /// Brings up an extension and what it needs, and returns when its resources are served and its controller
    /// works. What is up already costs nothing.
    pub(crate) fn extend(&self, extension: Extension) -> Result<()> {
        let mut extended = self.extended.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let wanted = extension.before().iter().chain([&extension]);
        for extension in wanted {
            if !extended.contains(extension) {
                self.add(*extension).wrap_err_with(|| format!("{extension:?} does not come up"))?;
                extended.insert(*extension);
            }
        }
        Ok(())
    }

    fn add(&self, extension: Extension) -> Result<()> {
        let start = clock::now();
        let admin = self.api(Role::Admin)?;
        for definition in extension.definitions(self)? {
            apply(&admin, definition)?;
        }
        eventually("its resources are served", STARTING, || Ok(Some(admin.get(extension.collection())?)))?;
        if extension == Extension::Gateway {
            gateway::accept_routes(self.user("rig-gateway", "system:masters")?);
        }
        if let Some(program) = extension.program() {
            self.launch(program)?;
            self.await_health(program)?;
        }
        println!("{extension:?} up in {:.1} s", start.elapsed().as_secs_f32());
        Ok(())
    }

    /// Waits until a controller says that it works.
    fn await_health(&self, program: Program) -> Result<()> {
        let Some(url) = self.ports.health(program) else { return Ok(()) };
        eventually(&format!("{} works", program.name()), STARTING, || match self.all_alive() {
            Ok(()) => {
                self.handle().block_on(async {
                    let request = reqwest::Client::new().get(&url).timeout(Duration::from_secs(2));
                    request.send().await?.error_for_status()
                })?;
                Ok(Some(Ok(())))
            }
            Err(dead) => Ok(Some(Err(dead))),
        })?
    }
}

/// The documents of a file, or of every file of a folder, that define a resource.
fn documents(path: &Path) -> Result<Vec<String>> {
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
    }
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).wrap_err_with(|| format!("cannot read {}", file.display()))?;
        let defines = |document: &&str| document.lines().any(|line| line == "kind: CustomResourceDefinition");
        found.extend(text.split("\n---").filter(defines).map(str::to_owned));
    }
    ensure!(!found.is_empty(), "no definitions in {}", path.display());
    Ok(found)
}

/// Server-side: these definitions are too large for the annotation that a client-side apply leaves.
fn apply(admin: &Api, definition: String) -> Result<()> {
    let name = name_of(&definition).unwrap_or_default();
    let path =
        format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}?fieldManager=rig&force=true");
    let request = Request::patch(path).header("Content-Type", "application/apply-patch+yaml");
    admin.exchange(request.body(definition.into_bytes())?).map(drop)
}

/// The name in the metadata of a document: JSON of ours, or YAML indented by two.
fn name_of(document: &str) -> Option<String> {
    if let Ok(object) = serde_json::from_str::<Value>(document) {
        return object["metadata"]["name"].as_str().map(str::to_owned);
    }
    let mut metadata = document.lines().skip_while(|line| *line != "metadata:");
    metadata.find_map(|line| line.strip_prefix("  name: ")).map(|name| name.trim().to_owned())
}

/// A resource of Istio that keeps whatever is written into it.
fn schemaless(kind: &str) -> String {
    let singular = kind.to_lowercase();
    let plural = format!("{singular}s");
    let free = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let version = |name: &str, stored: bool| {
        let schema = json!({ "type": "object", "properties": { "spec": free, "status": free } });
        json!({ "name": name, "served": true, "storage": stored, "schema": { "openAPIV3Schema": schema } })
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.networking.istio.io") },
        "spec": {
            "group": "networking.istio.io",
            "scope": "Namespaced",
            "names": { "kind": kind, "listKind": format!("{kind}List"), "plural": plural, "singular": singular },
            "versions": [version("v1alpha3", true), version("v1beta1", false)],
        },
    })
    .to_string()
}
