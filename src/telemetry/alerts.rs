//! Alerts of Prometheus about a namespace, from the series that it writes about them: what fires, what is pending, and
//! since when. No other endpoint is needed, so it works wherever queries do.

use std::collections::BTreeMap;

use super::metrics::SourceTime;
use super::prometheus::{Client, QueryError, Sample, time_of};
use crate::model::Text;
use crate::model::ids::Namespace;
use crate::model::reading::AlertSeen;

/// Labels that name the alert itself and not what it is about.
const OWN: [&str; 3] = ["__name__", "alertstate", "alertname"];

/// Asks for the alerts of a namespace that are pending or firing now.
pub async fn alerts(
    client: &Client,
    namespace: &Namespace,
    time: SourceTime,
) -> Result<Vec<AlertSeen>, QueryError> {
    let of = format!("namespace=\"{}\"", quoted(namespace.as_str()));
    let states = format!("ALERTS{{{of}}}");
    let since = format!("ALERTS_FOR_STATE{{{of}}}");
    let (states, since) =
        futures::join!(client.instant(&states, Some(time.now)), client.instant(&since, Some(time.now)));
    // since when is worth having, and no reason to keep quiet about what fires
    let since = since.unwrap_or_default();
    let mut seen: Vec<AlertSeen> = states?.iter().map(|one| alert(one, &since, time)).collect();
    seen.sort_by(|one, other| {
        (!one.firing, &one.name, &one.about).cmp(&(!other.firing, &other.name, &other.about))
    });
    Ok(seen)
}

fn alert(one: &Sample, since: &[Sample], time: SourceTime) -> AlertSeen {
    let label = |name: &str| one.labels.get(name).map(|value| Text::clean(value)).unwrap_or_default();
    let began = since.iter().find(|other| same(&one.labels, &other.labels));
    let about = one.labels.iter().filter(|(name, _)| !OWN.contains(&name.as_str()) && *name != "severity");
    let about: Vec<String> = about.map(|(name, value)| format!("{name}={value}")).collect();
    AlertSeen {
        name: label("alertname"),
        severity: label("severity"),
        firing: one.labels.get("alertstate").is_some_and(|state| state == "firing"),
        about: Text::from(about.join(", ")),
        since: began.and_then(|began| time_of(began.value)?.checked_sub_signed(time.ahead)),
    }
}

/// The same alert: all labels but those that differ between the two kinds of series.
fn same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    let own = |labels: &BTreeMap<String, String>| {
        let mut labels = labels.clone();
        labels.retain(|name, _| name != "__name__" && name != "alertstate");
        labels
    };
    own(one) == own(other)
}

fn quoted(raw: &str) -> String {
    raw.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Time;
    use crate::model::ids::Name;
    use crate::telemetry::prometheus::{ProxyFn, ServicePort, Transport};

    const NOW: i64 = 1_796_000_400;

    async fn seen(answer: fn(&str) -> Value) -> Result<Vec<AlertSeen>, QueryError> {
        let call: ProxyFn = Arc::new(move |call| {
            let body = answer(&call.path_and_query).to_string().into_bytes();
            Box::pin(async move { Ok((200, body)) })
        });
        let to = ServicePort {
            namespace: Namespace::new("monitoring"),
            service: Name::new("prometheus"),
            port: 9090,
            https: false,
        };
        let time = SourceTime { now: Time::from_timestamp(NOW, 0).unwrap(), ahead: TimeDelta::zero() };
        let client = Client::new(Transport::ServiceProxy { to, prefix: "", call });
        alerts(&client, &Namespace::new("shop"), time).await
    }

    fn vector(all: &[(Value, String)]) -> Value {
        let result: Vec<Value> =
            all.iter().map(|(metric, value)| json!({"metric": metric, "value": [NOW, value]})).collect();
        json!({"status": "success", "data": {"resultType": "vector", "result": result}})
    }

    #[tokio::test]
    async fn what_fires_comes_first_with_its_beginning() {
        let found = seen(|query| {
            let one = "1".to_owned();
            if query.contains("ALERTS_FOR_STATE") {
                let errors = json!({"alertname": "Errors", "namespace": "shop", "severity": "critical"});
                return vector(&[(errors, (NOW - 300).to_string())]);
            }
            vector(&[
                (json!({"__name__": "ALERTS", "alertname": "Slow", "alertstate": "pending", "namespace": "shop"}), one.clone()),
                (json!({"__name__": "ALERTS", "alertname": "Errors", "alertstate": "firing", "namespace": "shop", "severity": "critical"}), one),
            ])
        })
        .await
        .unwrap();
        let told: Vec<(&str, bool)> = found.iter().map(|one| (one.name.as_str(), one.firing)).collect();
        assert_eq!(told, [("Errors", true), ("Slow", false)]);
        assert_eq!(found[0].since, Time::from_timestamp(NOW - 300, 0));
        assert_eq!((found[0].severity.as_str(), found[0].about.as_str()), ("critical", "namespace=shop"));
        assert_eq!(found[1].since, None);
    }

    #[tokio::test]
    async fn no_answer_is_not_no_alerts() {
        let error = seen(|_| json!({"status": "error", "errorType": "timeout", "error": "too slow"})).await;
        assert!(error.is_err());
        assert_eq!(seen(|_| vector(&[])).await, Ok(Vec::new()));
    }
}
