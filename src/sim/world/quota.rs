//! `ResourceQuota`: what a namespace may use, counted over its pods, and the refusal when it is used up.

use serde_json::Value;

use super::World;
use super::json;
use super::kinds::Kind;
use super::store::Key;

/// Reads a quantity (`250m`, `2`, `1536Mi`) in thousandths of its unit.
pub(super) fn quantity(text: &str) -> i64 {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: f64 = match unit {
        "m" => 1.0,
        "k" => 1e6,
        "M" => 1e9,
        "G" => 1e12,
        "Ki" => 1024e3,
        "Mi" => 1_048_576e3,
        "Gi" => 1_073_741_824e3,
        "Ti" => 1_099_511_627_776e3,
        _plain => 1e3,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "quantities of a simulation are far below the range of i64"
    )]
    let thousandths = (number.parse::<f64>().unwrap_or(0.0) * factor).round() as i64;
    thousandths
}

/// Writes thousandths as a quantity of cpu or a count.
fn written(thousandths: i64) -> String {
    if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") }
}

/// What all containers of `pod` request of `resource` (`cpu`, `memory`), in thousandths.
pub(super) fn requested(pod: &Value, resource: &str) -> i64 {
    json::items(pod, "/spec/containers")
        .iter()
        .map(|container| quantity(json::member(container, "/resources/requests", resource).unwrap_or("0")))
        .sum()
}

/// Refuses `pod` with the API server's words when a quota of its namespace would be exceeded.
pub(super) fn admit(world: &World, pod: &Value) -> Result<(), String> {
    let namespace = json::text(pod, "/metadata/namespace");
    for (key, quota) in world.store.list(Kind::ResourceQuota, Some(namespace)) {
        for (resource, limit) in json::members(quota, "/spec/hard") {
            let wanted = use_of(pod, resource);
            let used = used_in(world, namespace, resource);
            let limit_text = limit.as_str().unwrap_or("0");
            if wanted > 0 && used + wanted > quantity(limit_text) {
                return Err(format!(
                    "pods \"{}\" is forbidden: exceeded quota: {}, requested: {resource}={}, used: {resource}={}, limited: {resource}={limit_text}",
                    json::text(pod, "/metadata/name"),
                    key.name,
                    written(wanted),
                    written(used),
                ));
            }
        }
    }
    Ok(())
}

/// Reports what is used of the quota with `key`.
pub(super) fn reconcile(world: &mut World, key: &Key) {
    let Some(quota) = world.store.get(key).cloned() else { return };
    let used: Vec<(String, String)> = json::members(&quota, "/spec/hard")
        .map(|(resource, _)| (resource.to_owned(), written(used_in(world, &key.namespace, resource))))
        .collect();
    world.modify(key, |quota| {
        let hard = quota.pointer("/spec/hard").cloned().unwrap_or_default();
        json::set(quota, &["status", "hard"], hard);
        for (resource, amount) in used {
            json::set(quota, &["status", "used", &resource], amount);
        }
    });
}

fn used_in(world: &World, namespace: &str, resource: &str) -> i64 {
    world
        .store
        .list(Kind::Pod, Some(namespace))
        .filter(|(_, pod)| !matches!(json::text(pod, "/status/phase"), "Succeeded" | "Failed"))
        .map(|(_, pod)| use_of(pod, resource))
        .sum()
}

fn use_of(pod: &Value, resource: &str) -> i64 {
    match resource {
        "pods" | "count/pods" => 1000,
        "cpu" | "memory" => requested(pod, resource),
        other => other.strip_prefix("requests.").map_or(0, |name| requested(pod, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn quantities_have_units() {
        for (text, thousandths) in
            [("1", 1000), ("250m", 250), ("0.5", 500), ("1Ki", 1_024_000), ("2G", 2_000_000_000_000)]
        {
            assert_eq!(quantity(text), thousandths, "{text}");
        }
    }
}
