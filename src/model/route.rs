//! What splits traffic between Services: HTTPRoute, VirtualService, and the Ingress pair of ingress-nginx.
//!
//! The three are one shape: rules with backends and weights. A rule keeps the JSON Pointer of its list of backends, so
//! that a patch addresses what was read; lists are atomic in all three, and a merge patch would replace them whole.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::Name;
use super::kind::WorkloadKind;
use super::objects::ListedWorkload;
use super::text::Text;

/// Prefix of ingress-nginx's annotations, unless its controller was started with another.
pub const NGINX: &str = "nginx.ingress.kubernetes.io";

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// What it has in common with every workload.
    pub face: ListedWorkload,
    /// HTTPRoute, VirtualService or Ingress.
    pub kind: WorkloadKind,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
    /// What the gateway says of it.
    pub gateway: Gateway,
    /// How an Ingress is a canary of another, where it is one.
    pub canary: Option<NginxCanary>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, where the kind has names; of an Ingress host and path.
    pub name: String,
    /// JSON Pointer of the list of backends (of an Ingress: of the backend).
    pub pointer: String,
    /// What a request must look like, in words; empty: any request.
    pub matches: Vec<Text>,
    /// Where it goes.
    pub backends: Vec<Backend>,
}

/// One backend of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// Service (of a VirtualService the first label of its host).
    pub service: Name,
    /// Istio's subset.
    pub subset: Option<String>,
    /// Weight as written; relative, the share is weight / sum.
    pub weight: i64,
    /// Whether the weight is written at all.
    pub weighted: bool,
    /// The destination as it was read: what a precondition tests.
    pub destination: Value,
}

/// Whether whoever carries the traffic took the route as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gateway {
    /// Nothing says so: ingress-nginx and Istio report nothing.
    #[default]
    Silent,
    /// Every parent accepted this generation and resolved its references.
    Accepted,
    /// A parent speaks of an older generation.
    Behind,
    /// A parent refused it.
    Refused,
}

/// Annotations of a canary Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NginxCanary {
    /// Prefix of the annotations.
    pub prefix: String,
    /// `canary-weight` as written.
    pub weight: Option<String>,
    /// `canary-weight-total`; absent: 100.
    pub total: i64,
    /// Header and cookie rules that send requests to the canary whatever the weight, as annotation name and value.
    pub rules: Vec<(String, String)>,
    /// Whether clients that once met the canary stay with it.
    pub sticky: bool,
}

impl Route {
    /// Reads one. `face` was made from the same object.
    #[must_use]
    pub fn read(kind: WorkloadKind, face: ListedWorkload, object: &Value) -> Self {
        let generation = face.metadata.generation;
        let (rules, gateway, canary) = match kind {
            WorkloadKind::HttpRoute => (http_rules(object), accepted(object, generation), None),
            WorkloadKind::VirtualService => (istio_rules(object), Gateway::Silent, None),
            _ => (ingress_rules(object), Gateway::Silent, nginx_canary(object)),
        };
        Self { face, kind, rules, gateway, canary }
    }

    /// Whether it tells two versions apart by itself: a rule with two backends, or a canary Ingress.
    #[must_use]
    pub fn splits(&self) -> bool {
        self.canary.is_some() || self.rules.iter().any(|rule| rule.backends.len() > 1)
    }

    /// All that decides who gets which share, in an order that only an edit changes.
    #[must_use]
    pub fn weights(&self) -> Vec<String> {
        let backend =
            |backend: &Backend| format!("{} {} {}", backend.service, backend.destination, backend.weight);
        let rules = self.rules.iter().flat_map(|rule| rule.backends.iter().map(backend));
        let canary = self.canary.iter().map(|canary| format!("{:?} {:?}", canary.weight, canary.rules));
        rules.chain(canary).collect()
    }

    /// All Services it names.
    pub fn services(&self) -> impl Iterator<Item = &Name> {
        self.rules.iter().flat_map(|rule| &rule.backends).map(|backend| &backend.service)
    }
}

fn items(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}

fn http_rules(object: &Value) -> Vec<Rule> {
    items(&object["spec"]["rules"])
        .map(|(at, rule)| Rule {
            name: rule["name"].as_str().unwrap_or_default().to_owned(),
            pointer: format!("/spec/rules/{at}/backendRefs"),
            matches: items(&rule["matches"]).filter_map(|(_, one)| words(one)).collect(),
            backends: items(&rule["backendRefs"])
                .map(|(_, backend)| Backend {
                    service: Name::new(backend["name"].as_str().unwrap_or_default()),
                    subset: None,
                    weight: backend["weight"].as_i64().unwrap_or(1),
                    weighted: backend["weight"].is_i64(),
                    destination: backend["name"].clone(),
                })
                .collect(),
        })
        .collect()
}

fn istio_rules(object: &Value) -> Vec<Rule> {
    let of = |protocol: &'static str| {
        items(&object["spec"][protocol]).map(move |(at, rule)| {
            let only = items(&rule["route"]).count() == 1;
            Rule {
                name: rule["name"].as_str().unwrap_or_default().to_owned(),
                pointer: format!("/spec/{protocol}/{at}/route"),
                matches: items(&rule["match"]).filter_map(|(_, one)| words(one)).collect(),
                backends: items(&rule["route"])
                    .map(|(_, route)| {
                        let destination = &route["destination"];
                        let host = destination["host"].as_str().unwrap_or_default();
                        Backend {
                            service: Name::new(host.split('.').next().unwrap_or_default()),
                            subset: destination["subset"].as_str().map(str::to_owned),
                            weight: route["weight"].as_i64().unwrap_or(if only { 100 } else { 0 }),
                            weighted: route["weight"].is_i64(),
                            destination: destination.clone(),
                        }
                    })
                    .collect(),
            }
        })
    };
    of("http").chain(of("tls")).chain(of("tcp")).collect()
}

fn ingress_rules(object: &Value) -> Vec<Rule> {
    items(&object["spec"]["rules"])
        .flat_map(|(at, rule)| {
            let host = rule["host"].as_str().unwrap_or("*");
            items(&rule["http"]["paths"]).map(move |(path_at, path)| {
                let service = path["backend"]["service"]["name"].as_str().unwrap_or_default();
                Rule {
                    name: format!("{host}{}", path["path"].as_str().unwrap_or("/")),
                    pointer: format!("/spec/rules/{at}/http/paths/{path_at}/backend"),
                    matches: Vec::new(),
                    backends: vec![Backend {
                        service: Name::new(service),
                        subset: None,
                        weight: 100,
                        weighted: false,
                        destination: path["backend"]["service"].clone(),
                    }],
                }
            })
        })
        .collect()
}

/// A match in words, less the path that fits everything.
fn words(one: &Value) -> Option<Text> {
    let everything = |members: &serde_json::Map<String, Value>| {
        members.len() == 1 && members.get("path").is_some_and(|path| path["value"] == "/")
    };
    match one {
        Value::Object(members) if members.is_empty() || everything(members) => None,
        Value::Object(members) => {
            let parts: Vec<String> = members.iter().map(|(key, value)| part(key, value)).collect();
            Some(Text::clean(&parts.join(" and ")))
        }
        _ => None,
    }
}

fn part(key: &str, value: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (key, value) {
        // Gateway API: a list of {name, value}
        ("headers" | "queryParams", Value::Array(all)) => {
            let each = all.iter().map(|one| {
                let word = key.trim_end_matches('s').trim_end_matches("Param");
                format!("{word} {}={}", plain(&one["name"]), plain(&one["value"]))
            });
            each.collect::<Vec<_>>().join(" and ")
        }
        // Istio: name -> {exact | prefix | regex}
        ("headers", Value::Object(all)) => {
            let each = all.iter().map(|(name, how)| {
                let value =
                    how.as_object().and_then(|how| how.values().next()).map_or_else(String::new, plain);
                format!("header {name}={value}")
            });
            each.collect::<Vec<_>>().join(" and ")
        }
        ("path", _) => format!("path {}", plain(&value["value"])),
        _ => format!("{key} {}", plain(value)),
    }
}

fn accepted(object: &Value, generation: i64) -> Gateway {
    let parents: Vec<&Value> = items(&object["status"]["parents"]).map(|(_, parent)| parent).collect();
    if parents.is_empty() {
        return Gateway::Silent;
    }
    let conditions = || parents.iter().flat_map(|parent| items(&parent["conditions"])).map(|(_, one)| one);
    let ours = || conditions().filter(|one| one["type"] == "Accepted" || one["type"] == "ResolvedRefs");
    if ours().any(|one| one["observedGeneration"].as_i64().is_some_and(|seen| seen < generation)) {
        return Gateway::Behind;
    }
    if ours().any(|one| one["status"] != "True") { Gateway::Refused } else { Gateway::Accepted }
}

fn nginx_canary(object: &Value) -> Option<NginxCanary> {
    let annotations = object["metadata"]["annotations"].as_object()?;
    let prefix = annotations
        .iter()
        .find_map(|(key, value)| key.strip_suffix("/canary").filter(|_| value == "true"))?
        .to_owned();
    let of = |name: &str| annotations.get(&format!("{prefix}/{name}")).and_then(Value::as_str);
    let rules =
        ["canary-by-header", "canary-by-header-value", "canary-by-header-pattern", "canary-by-cookie"];
    let sticky = of("affinity") == Some("cookie") && of("affinity-canary-behavior") != Some("legacy");
    Some(NginxCanary {
        weight: of("canary-weight").map(str::to_owned),
        total: of("canary-weight-total").and_then(|total| total.parse().ok()).unwrap_or(100),
        rules: rules.iter().filter_map(|name| Some(((*name).to_owned(), of(name)?.to_owned()))).collect(),
        sticky,
        prefix,
    })
}
