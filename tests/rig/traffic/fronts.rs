//! Where requests arrive and how each front shares them: Ingresses, HTTP routes, virtual services, and plain
//! Services that none of these stands before.
//!
//! A part of the requests carries a mark: the header or cookie that rules for testers look for. Those rules see
//! the marked requests first; a weight shares out the rest.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    MARKED, REQUESTS,
    objects::{Key, Kind, Objects},
    text,
};

/// Share of the requests that carry a mark, where the front does not say.
const MARKED_SHARE: f64 = 0.05;
const NGINX: &str = "nginx.ingress.kubernetes.io/";

/// The pods that a share of the requests goes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    /// The Service; none if the front has no answer for these requests.
    pub(super) service: Option<Key>,
    /// Labels that the Service's pods must have besides.
    pub(super) labels: BTreeMap<String, String>,
}

/// Where requests arrive.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub(super) namespace: String,
    /// Kind and name.
    pub(super) name: String,
    /// Requests per second, if the front itself says.
    pub(super) rate: Option<f64>,
    /// Shares of the requests, 1 in all.
    pub(super) shares: Vec<(f64, Target)>,
    /// Services that get their requests through this front.
    pub(super) captured: Vec<Key>,
}

/// Some of a front's requests.
struct Rule {
    /// Whether it is for marked requests.
    marked: bool,
    backends: Vec<(f64, Target)>,
}

impl Target {
    fn service(namespace: &str, name: &str) -> Self {
        let service = (!name.is_empty()).then(|| (namespace.to_owned(), name.to_owned()));
        Self { service, labels: BTreeMap::new() }
    }
}

/// Every front that is not a plain Service.
pub(super) fn all(objects: &Objects) -> Vec<Front> {
    let routes = objects.of(Kind::HttpRoute).map(|(key, route)| http_route(key, route));
    let meshes =
        objects.of(Kind::VirtualService).map(|(key, service)| virtual_service(key, service, objects));
    let ingresses = objects
        .of(Kind::Ingress)
        .filter(|(_, ingress)| annotation(ingress, &format!("{NGINX}canary")) != Some("true"))
        .map(|(key, main)| ingress(key, main, objects));
    routes.chain(meshes).chain(ingresses).collect()
}

/// Requests per second that an object says arrive there.
pub(super) fn rate(object: &Value) -> Option<f64> {
    annotation(object, REQUESTS)?.parse().ok()
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][name].as_str()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn front(key: &Key, kind: &str, object: &Value, shares: Vec<(f64, Target)>) -> Front {
    let captured = shares.iter().filter_map(|(_, target)| target.service.clone()).collect();
    Front {
        namespace: key.0.clone(),
        name: format!("{kind}/{}", key.1),
        rate: rate(object),
        shares,
        captured,
    }
}

fn marked_share(object: &Value) -> f64 {
    annotation(object, MARKED).and_then(|share| share.parse().ok()).unwrap_or(MARKED_SHARE)
}

/// What each rule's backends get: marked requests go to the rules for them, the rest evenly to the others.
fn shares(rules: &[Rule], marked_share: f64) -> Vec<(f64, Target)> {
    let count = |marked: bool| rules.iter().filter(|rule| rule.marked == marked).count();
    let marked_share = if count(true) == 0 { 0.0 } else { marked_share };
    let mut shares = Vec::new();
    for (marked, part) in [(true, marked_share), (false, 1.0 - marked_share)] {
        let each = part / super::precise(count(marked).max(1));
        for rule in rules.iter().filter(|rule| rule.marked == marked) {
            let sum: f64 = rule.backends.iter().map(|(weight, _)| weight).sum();
            if sum > 0.0 {
                let share = |(weight, target): &(f64, Target)| (each * weight / sum, target.clone());
                shares.extend(rule.backends.iter().map(share));
            } else {
                // Its backends stay known as such, although they get nothing.
                shares.extend(rule.backends.iter().map(|(_, target)| (0.0, target.clone())));
                shares.push((each, Target::service("", "")));
            }
        }
        if count(marked) == 0 && part > 0.0 {
            shares.push((part, Target::service("", "")));
        }
    }
    shares
}

/// Whether a rule with these matches takes marked requests only.
fn is_for_marked(matches: &[Value]) -> bool {
    let names_mark = |one: &Value| {
        let named = |part: &Value| {
            part.as_array().is_some_and(|list| !list.is_empty())
                || part.as_object().is_some_and(|map| !map.is_empty())
        };
        named(&one["headers"]) || named(&one["queryParams"])
    };
    !matches.is_empty() && matches.iter().all(names_mark)
}

fn http_route(key: &Key, route: &Value) -> Front {
    let target = |backend: &Value| {
        let namespace = backend["namespace"].as_str().unwrap_or(&key.0);
        let weight = backend["weight"].as_f64().unwrap_or(1.0);
        (weight, Target::service(namespace, &text(&backend["name"])))
    };
    let rule = |rule: &Value| Rule {
        marked: is_for_marked(array(&rule["matches"])),
        backends: array(&rule["backendRefs"]).iter().map(target).collect(),
    };
    let rules: Vec<Rule> = array(&route["spec"]["rules"]).iter().map(rule).collect();
    front(key, "httproute", route, shares(&rules, marked_share(route)))
}

/// The Services that its hosts name are reached through it as well.
fn virtual_service(key: &Key, service: &Value, objects: &Objects) -> Front {
    let mut rules = Vec::new();
    for rule in array(&service["spec"]["http"]) {
        let matches = array(&rule["match"]);
        let routes = array(&rule["route"]);
        let default = if routes.len() == 1 { 100.0 } else { 0.0 };
        let backends = routes.iter().map(|route| {
            let weight = route["weight"].as_f64().unwrap_or(default);
            (weight, destination(key, &route["destination"], objects))
        });
        rules.push(Rule { marked: is_for_marked(matches), backends: backends.collect() });
        // The first rule that takes everything leaves nothing for those below.
        if matches.is_empty() {
            break;
        }
    }
    let mut front = front(key, "virtualservice", service, shares(&rules, marked_share(service)));
    let hosts = array(&service["spec"]["hosts"]).iter().map(|host| service_of_host(&key.0, &text(host)));
    front.captured.extend(hosts);
    front
}

/// The Service of a host in short or in full: `shop`, `shop.prod`, `shop.prod.svc.cluster.local`.
fn service_of_host(namespace: &str, host: &str) -> Key {
    let mut parts = host.split('.');
    let name = parts.next().unwrap_or_default().to_owned();
    (parts.next().unwrap_or(namespace).to_owned(), name)
}

fn destination(key: &Key, destination: &Value, objects: &Objects) -> Target {
    let (namespace, name) = service_of_host(&key.0, &text(&destination["host"]));
    let Some(subset) = destination["subset"].as_str() else {
        return Target::service(&namespace, &name);
    };
    let of_host = |(owner, rule): &(&Key, &Value)| {
        service_of_host(&owner.0, &text(&rule["spec"]["host"])) == (namespace.clone(), name.clone())
    };
    let rule = objects.of(Kind::DestinationRule).find(of_host);
    let subsets = rule.map_or(&[][..], |(_, rule)| array(&rule["spec"]["subsets"]));
    // A subset that nobody defines has no pods.
    let Some(subset) = subsets.iter().find(|known| known["name"] == subset) else {
        return Target::service("", "");
    };
    let labels = subset["labels"].as_object().into_iter().flatten();
    let labels = labels.map(|(name, value)| (name.clone(), text(value))).collect();
    Target { labels, ..Target::service(&namespace, &name) }
}

/// Each path gets an equal part of the requests; the canary Ingress of the same host and path takes its own.
fn ingress(key: &Key, main: &Value, objects: &Objects) -> Front {
    let canaries: Vec<_> = objects
        .of(Kind::Ingress)
        .filter(|(other, ingress)| {
            other.0 == key.0 && annotation(ingress, &format!("{NGINX}canary")) == Some("true")
        })
        .map(|(_, ingress)| ingress)
        .collect();
    let paths = paths(main);
    let part = 1.0 / super::precise(paths.len().max(1));
    let mut found = Vec::new();
    for (host, path, service) in &paths {
        let stable = Target::service(&key.0, service);
        let of_path = |canary: &&&Value| {
            self::paths(canary).into_iter().find(|other| other.0 == *host && other.1 == *path)
        };
        let canary = canaries.iter().find_map(|canary| Some((canary, of_path(&canary)?)));
        let rules = match canary {
            Some((canary, (_, _, service))) => nginx_rules(canary, stable, Target::service(&key.0, &service)),
            None => vec![Rule { marked: false, backends: vec![(1.0, stable)] }],
        };
        let shares = shares(&rules, marked_share(main));
        found.extend(shares.into_iter().map(|(share, target)| (share * part, target)));
    }
    front(key, "ingress", main, found)
}

/// Header and cookie come before the weight.
fn nginx_rules(canary: &Value, stable: Target, candidate: Target) -> Vec<Rule> {
    let get = |name: &str| annotation(canary, &format!("{NGINX}{name}"));
    let number = |name: &str| get(name).and_then(|text| text.parse::<f64>().ok());
    let total = number("canary-weight-total").unwrap_or(100.0).max(1.0);
    let weight = number("canary-weight").unwrap_or(0.0).clamp(0.0, total);
    let mut rules = Vec::new();
    if get("canary-by-header").is_some() || get("canary-by-cookie").is_some() {
        rules.push(Rule { marked: true, backends: vec![(1.0, candidate.clone())] });
    }
    rules.push(Rule { marked: false, backends: vec![(total - weight, stable), (weight, candidate)] });
    rules
}

/// Host, path and Service of each path of an Ingress.
fn paths(ingress: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for rule in array(&ingress["spec"]["rules"]) {
        for path in array(&rule["http"]["paths"]) {
            let service = text(&path["backend"]["service"]["name"]);
            found.push((text(&rule["host"]), text(&path["path"]), service));
        }
    }
    found
}
