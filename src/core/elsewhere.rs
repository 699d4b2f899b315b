//! A request as a line that a person can run from another place.

use crate::model::request::{Request, Write};
use crate::model::text::Text;

/// The kubectl line that sends the same request.
#[must_use]
pub fn kubectl(request: &Request) -> Text {
    let resource = &request.resource;
    let kind = if resource.group.is_empty() {
        resource.plural.clone()
    } else {
        format!("{}.{}.{}", resource.plural, resource.version, resource.group)
    };
    let object = format!("-n {} {kind} {}", resource.namespace, resource.name);
    let sub = match resource.subresource.as_str() {
        "" => String::new(),
        name => format!(" --subresource={name}"),
    };
    let line = match &request.write {
        Write::JsonPatch(body) => {
            format!("kubectl patch {object}{sub} --type=json -p {}", quoted(&body.to_string()))
        }
        Write::MergePatch(body) => {
            format!("kubectl patch {object}{sub} --type=merge -p {}", quoted(&body.to_string()))
        }
        Write::Create(body) => format!("echo {} | kubectl create -f -", quoted(&body.to_string())),
        Write::Delete { .. } => format!("kubectl delete {object}"),
    };
    Text::clean(&line)
}

/// Single quotes keep a shell from reading anything into the text.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::request::Resource;

    #[test]
    fn quotes_in_a_body_cannot_leave_their_quotes() {
        let resource = Resource {
            group: "apps".into(),
            version: "v1".into(),
            plural: "deployments".into(),
            namespace: "shop".into(),
            name: "api".into(),
            subresource: String::new(),
        };
        let request = Request { resource, write: Write::MergePatch(json!({"a": "it's"})) };
        assert_eq!(
            kubectl(&request).as_str(),
            r#"kubectl patch -n shop deployments.v1.apps api --type=merge -p '{"a":"it'\''s"}'"#
        );
    }
}
