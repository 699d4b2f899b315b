//! What differs between two pod templates, in lines that a person can read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::text::Text;

/// Longer values are cut: the sheet shows what changed, not whole scripts.
const VALUE_CHARACTERS: usize = 60;

/// Lines such as `main image: api:1.8.2 → api:1.8.3` or `main env LOG: info → debug`, from `from` to `to`.
#[must_use]
pub fn differences(from: &Value, to: &Value) -> Vec<Text> {
    let mut lines = Vec::new();
    walk("", from, to, &mut lines);
    lines
}

fn walk(path: &str, from: &Value, to: &Value, lines: &mut Vec<Text>) {
    match (from, to) {
        _ if from == to => {}
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                walk(&join(path, key), &from[key.as_str()], &to[key.as_str()], lines);
            }
        }
        (Value::Array(a), Value::Array(b)) if named(a) && named(b) => {
            let names: BTreeSet<&str> = a.iter().chain(b).filter_map(|item| item["name"].as_str()).collect();
            for name in names {
                walk(&join(path, name), by_name(a, name), by_name(b, name), lines);
            }
        }
        _ => lines.push(Text::clean(&format!("{}: {} → {}", readable(path), short(from), short(to)))),
    }
}

fn named(items: &[Value]) -> bool {
    items.iter().all(|item| item["name"].is_string())
}

fn by_name<'a>(items: &'a [Value], name: &str) -> &'a Value {
    items.iter().find(|item| item["name"] == name).unwrap_or(&Value::Null)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path} {key}") }
}

/// `spec containers main env LOG value` reads better as `main env LOG`.
fn readable(path: &str) -> String {
    let path = path.strip_prefix("spec ").unwrap_or(path);
    let path = path.strip_prefix("containers ").unwrap_or(path);
    path.strip_suffix(" value").unwrap_or(path).to_owned()
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => return "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    if text.chars().count() <= VALUE_CHARACTERS {
        return text;
    }
    text.chars().take(VALUE_CHARACTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_matched_by_name_and_secrets_of_structure_are_not_hidden() {
        let from = json!({"spec": {"containers": [{"name": "main", "image": "a:1", "env": [{"name": "LOG", "value": "info"}]}]}});
        let to = json!({"spec": {"containers": [
            {"name": "side", "image": "s:1"},
            {"name": "main", "image": "a:2", "env": [{"name": "LOG", "value": "debug"}], "envFrom": [{"configMapRef": {"name": "c"}}]}]}});
        let lines: Vec<String> = differences(&from, &to).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "main env LOG: info → debug",
                "main envFrom: none → [{\"configMapRef\":{\"name\":\"c\"}}]",
                "main image: a:1 → a:2",
                "side: none → {\"image\":\"s:1\",\"name\":\"side\"}",
            ]
        );
        assert!(differences(&from, &from).is_empty());
    }
}
