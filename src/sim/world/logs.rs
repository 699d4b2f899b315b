//! The log lines of a container: a pure function of the pod and the second, so that nothing needs to be kept.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::Value;

use super::clock::{self, Time};
use super::json;
use super::pod::behaviour::{Behaviour, Service};
use super::random::{Random, fnv64, mix};

/// Lines of the time before a container's end that a reader can still see.
const KEPT: TimeDelta = TimeDelta::minutes(20);

/// A line with the second it was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// When it was written.
    pub(crate) time: Time,
    /// What it says.
    pub(crate) text: String,
}

impl Line {
    /// The line as it is sent, with its time in front when `stamped`.
    pub(crate) fn written(&self, stamped: bool) -> String {
        if stamped {
            format!("{} {}\n", self.time.to_rfc3339_opts(SecondsFormat::Nanos, true), self.text)
        } else {
            format!("{}\n", self.text)
        }
    }
}

/// Why there are no logs, in the kubelet's words.
pub(crate) fn refusal(pod: &Value, container: &str) -> Option<String> {
    let status = status_of(pod, container)?;
    let waiting = json::text(status, "/state/waiting/reason");
    let name = json::text(pod, "/metadata/name");
    match waiting {
        "ContainerCreating" => Some(format!(
            "container \"{container}\" in pod \"{name}\" is waiting to start: ContainerCreating"
        )),
        "ErrImagePull" | "ImagePullBackOff" => Some(format!(
            "container \"{container}\" in pod \"{name}\" is waiting to start: trying and failing to pull image"
        )),
        _started => None,
    }
}

/// The lines of `container` after `from`, up to `to`; of the run before when `previous`.
pub(crate) fn lines(pod: &Value, container: &str, previous: bool, from: Option<Time>, to: Time) -> Vec<Line> {
    let Some((started, ended)) = run_of(pod, container, previous) else { return Vec::new() };
    let image = image_of(pod, container);
    let first = started.max(to - KEPT).max(from.map_or(started, |from| from + TimeDelta::seconds(1)));
    let last = ended.map_or(to, |ended| ended.min(to));
    let mut lines = Vec::new();
    let mut time = first;
    while time <= last {
        let mut random = Random::new(mix(fnv64(json::uid(pod)) ^ time.timestamp().unsigned_abs()));
        if time == started {
            lines.extend(opening(image).map(|text| Line { time, text }));
        } else if ended == Some(time) {
            lines.extend(closing(image).into_iter().map(|text| Line { time, text }));
        } else if json::holds(pod, "Ready") {
            lines.extend(working(image, &mut random).map(|text| Line { time, text }));
        } else if Behaviour::of(image) == Behaviour::NeverReady && time.timestamp() % 5 == 0 {
            let text =
                "level=warn msg=\"not ready: waiting for cache warm-up\" probe=/readyz code=503".to_owned();
            lines.push(Line { time, text });
        }
        time += TimeDelta::seconds(1);
    }
    lines
}

fn status_of<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    json::items(pod, "/status/containerStatuses")
        .iter()
        .find(|status| json::text(status, "/name") == container)
}

fn image_of<'a>(pod: &'a Value, container: &str) -> &'a str {
    json::items(pod, "/spec/containers")
        .iter()
        .find(|known| json::text(known, "/name") == container)
        .map_or("", |known| json::text(known, "/image"))
}

/// Start of the run and, if it is over, its end.
fn run_of(pod: &Value, container: &str, previous: bool) -> Option<(Time, Option<Time>)> {
    let status = status_of(pod, container)?;
    let over = |state: &str| {
        let started = clock::parse(json::text(status, &format!("/{state}/terminated/startedAt")))?;
        Some((started, clock::parse(json::text(status, &format!("/{state}/terminated/finishedAt")))))
    };
    if previous {
        return over("lastState").or_else(|| over("state"));
    }
    let running = clock::parse(json::text(status, "/state/running/startedAt")).map(|started| (started, None));
    running.or_else(|| over("state")).or_else(|| over("lastState"))
}

fn opening(image: &str) -> impl Iterator<Item = String> {
    let version = image.rsplit(':').next().unwrap_or_default();
    [
        format!("level=info msg=\"starting\" version={version}"),
        "level=info msg=\"configuration read\" source=/etc/app/config.yaml".to_owned(),
        "level=info msg=\"listening\" address=:8080".to_owned(),
    ]
    .into_iter()
}

fn closing(image: &str) -> Vec<String> {
    let lines: &[&str] = match Behaviour::of(image) {
        Behaviour::Crash => &[
            "level=error msg=\"cannot read settings\" key=PAYMENT_GATEWAY_URL error=\"not set\"",
            "panic: settings incomplete: PAYMENT_GATEWAY_URL",
            "goroutine 1 [running]:",
            "main.mustSettings(...)",
            "\t/src/main.go:48",
        ],
        Behaviour::OutOfMemory => &["level=info msg=\"loading index\" documents=4200000"],
        Behaviour::Healthy | Behaviour::SlowStart | Behaviour::NeverReady | Behaviour::ImagePull => {
            &["level=info msg=\"done\""]
        }
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The request of one second, if it left a line.
fn working(image: &str, random: &mut Random) -> Option<String> {
    const PATHS: [&str; 5] = ["/v1/items", "/v1/items/42", "/v1/cart", "/v1/orders", "/healthz"];
    if random.unit() > 0.6 {
        return None;
    }
    let service = Service::of(image);
    let path = PATHS[usize::try_from(random.bits() % 5).unwrap_or(0)];
    let milliseconds = 20.0 * service.latency_factor * random.between(0.5, 3.0);
    if random.unit() < service.error_share * 4.0 {
        return Some(format!(
            "level=error msg=\"request failed\" path={path} code=500 ms={milliseconds:.0} error=\"upstream: unexpected field currency\""
        ));
    }
    Some(format!("level=info msg=\"request\" path={path} code=200 ms={milliseconds:.0}"))
}
