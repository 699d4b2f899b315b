//! Objects as YAML for reading, not for sending back.
//!
//! What nobody reads is left out (`managedFields`, kubectl's copy of what was applied), and the data of a Secret is
//! never shown.

use serde_json::Value;

use crate::model::Text;

const INDENT: usize = 2;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object, line by line.
pub(super) fn lines(object: &Value) -> Vec<Text> {
    let mut object = object.clone();
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(LAST_APPLIED);
        }
    }
    if object["kind"] == "Secret" {
        for member in ["data", "stringData"] {
            if let Some(data) = object.get_mut(member) {
                *data = Value::from("(not shown)");
            }
        }
    }
    let mut printer = Printer::default();
    printer.value(&object, 0);
    printer.finish()
}

#[derive(Default)]
struct Printer {
    done: Vec<Text>,
    /// The line being written.
    open: String,
}

impl Printer {
    fn finish(mut self) -> Vec<Text> {
        self.end_line();
        self.done
    }

    fn end_line(&mut self) {
        if !self.open.is_empty() {
            self.done.push(Text::from(std::mem::take(&mut self.open)));
        }
    }

    fn begin_line(&mut self, depth: usize) {
        self.end_line();
        self.open = " ".repeat(depth * INDENT);
    }

    /// A value whose first line may follow what is open.
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (index, (key, inner)) in members.iter().enumerate() {
                    // the first member of an item stands beside its dash
                    if index > 0 || !self.open.ends_with("- ") {
                        self.begin_line(depth);
                    }
                    self.open.push_str(&scalar_text(key));
                    self.open.push(':');
                    self.member(inner, depth);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 || !self.open.ends_with("- ") {
                        self.begin_line(depth);
                    }
                    self.open.push_str("- ");
                    self.value(item, depth + 1);
                }
            }
            scalar => self.scalar(scalar, depth),
        }
    }

    fn member(&mut self, inner: &Value, depth: usize) {
        match inner {
            Value::Object(members) if !members.is_empty() => self.value(inner, depth + 1),
            // lists stand as far in as their key, as kubectl prints them
            Value::Array(items) if !items.is_empty() => self.value(inner, depth),
            scalar => {
                self.open.push(' ');
                self.scalar(scalar, depth + 1);
            }
        }
    }

    fn scalar(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) if text.contains('\n') => {
                self.open.push_str(if text.ends_with('\n') { "|" } else { "|-" });
                for line in text.lines() {
                    self.begin_line(depth);
                    self.open.push_str(line);
                }
            }
            Value::String(text) => self.open.push_str(&scalar_text(text)),
            Value::Object(_) => self.open.push_str("{}"),
            Value::Array(_) => self.open.push_str("[]"),
            Value::Null | Value::Bool(_) | Value::Number(_) => self.open.push_str(&value.to_string()),
        }
    }
}

/// Quoted where bare text would read as something else.
fn scalar_text(text: &str) -> String {
    let plain_start = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let plain = plain_start
        && text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(object: &Value) -> String {
        lines(object).iter().map(Text::as_str).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn objects_read_like_kubectls() {
        let object = json!({"kind": "Pod", "metadata": {"name": "p", "managedFields": [1], "labels": {}, "annotations":
            {"on": "true", "n": "12", "note": "a: b"}}, "spec": {"containers": [{"name": "m", "args": ["-c", "x"],
            "command": []}, {"name": "s"}], "script": "one\ntwo\n", "list": [[1, 2], null]}});
        let expected = r#"kind: Pod
metadata:
  annotations:
    "n": "12"
    note: "a: b"
    "on": "true"
  labels: {}
  name: p
spec:
  containers:
  - args:
    - "-c"
    - x
    command: []
    name: m
  - name: s
  list:
  - - 1
    - 2
  - null
  script: |
    one
    two"#;
        assert_eq!(printed(&object), expected);
    }

    #[test]
    fn a_secret_keeps_its_data_to_itself() {
        let text =
            printed(&json!({"kind": "Secret", "data": {"k": "canary"}, "stringData": {"k": "canary"}}));
        assert!(!text.contains("canary") && text.contains("not shown"), "{text}");
    }
}
