//! Watches: a stream of changes that resumes at a resource version and ends cleanly when its time is up.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch as signal;
use tokio::time::{Instant, sleep_until};

use super::kubernetes::Call;
use super::read::{Form, Selection, metadata_of};
use super::{Shared, respond, table};
use crate::sim::world::World;
use crate::sim::world::api::Refusal;
use crate::sim::world::clock::Time;
use crate::sim::world::json;
use crate::sim::world::kinds::Kind;
use crate::sim::world::store::{Change, ChangeKind};

/// How long a watch lasts that does not say.
const USUAL_SECONDS: u64 = 1_800;
/// How often a watch that wants bookmarks gets one.
const BOOKMARK_PERIOD: Duration = Duration::from_mins(1);

/// Answers with the stream of changes.
pub(super) fn answer(
    shared: &Arc<Shared>,
    kind: Kind,
    namespace: Option<&str>,
    call: &Call,
) -> Result<Response, Refusal> {
    let selection = Selection::of(kind, namespace, call)?;
    let seconds = call.parameter("timeoutSeconds").parse().ok().filter(|seconds| *seconds > 0);
    let now = Instant::now();
    let mut watch = Watch {
        shared: Arc::clone(shared),
        revision: shared.revision.subscribe(),
        stopping: shared.stopping.subscribe(),
        selection,
        form: Form::of(call),
        position: 0,
        bookmarks: call.is_set("allowWatchBookmarks"),
        next_bookmark: now + BOOKMARK_PERIOD,
        deadline: now + Duration::from_secs(seconds.unwrap_or(USUAL_SECONDS)),
        headed: false,
        over: false,
    };
    let first = watch.begin(call)?;
    let events = stream::unfold((watch, Some(first)), |(mut watch, first)| async move {
        let bytes = match first {
            Some(bytes) => bytes,
            None => watch.next().await?,
        };
        Some((Ok::<_, std::convert::Infallible>(bytes), (watch, None)))
    });
    Ok(respond::with_body(200, "application/json", Body::from_stream(events)))
}

struct Watch {
    shared: Arc<Shared>,
    revision: signal::Receiver<u64>,
    stopping: signal::Receiver<bool>,
    selection: Selection,
    form: Form,
    /// Everything up to this revision was sent.
    position: u64,
    bookmarks: bool,
    next_bookmark: Instant,
    deadline: Instant,
    /// A table's columns are sent once.
    headed: bool,
    over: bool,
}

enum Wake {
    Changed,
    Bookmark,
    Over,
}

impl Watch {
    /// The first events: the present objects, unless the request names where to resume.
    fn begin(&mut self, call: &Call) -> Result<Bytes, Refusal> {
        let shared = Arc::clone(&self.shared);
        let world = shared.world();
        let from = call.parameter("resourceVersion");
        let wants_state = from.is_empty() || from == "0" || call.is_set("sendInitialEvents");
        if !wants_state {
            self.position = from
                .parse()
                .map_err(|_| Refusal::bad_request(format!("invalid resource version \"{from}\"")))?;
            return Ok(self.changes(&world));
        }
        let mut bytes = Vec::new();
        let kind = self.selection.kind;
        let present: Vec<Arc<Value>> = world
            .store
            .list(kind, self.selection.namespace.as_deref())
            .filter(|(key, object)| self.selection.holds(key, object))
            .map(|(_, object)| Arc::clone(object))
            .collect();
        for object in present {
            self.write(&mut bytes, "ADDED", &object, world.now());
        }
        self.position = world.store.revision();
        if call.is_set("sendInitialEvents") {
            self.write_bookmark(&mut bytes, true);
        }
        Ok(bytes.into())
    }

    /// The next events; `None` when the watch is over.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.over {
            if !self.shared.thawed().await {
                return None;
            }
            let shared = Arc::clone(&self.shared);
            let bytes = self.changes(&shared.world());
            if !bytes.is_empty() {
                return Some(bytes);
            }
            match self.wake().await {
                Wake::Changed => {}
                Wake::Bookmark => {
                    let mut bytes = Vec::new();
                    self.write_bookmark(&mut bytes, false);
                    self.next_bookmark += BOOKMARK_PERIOD;
                    return Some(bytes.into());
                }
                Wake::Over => self.over = true,
            }
        }
        None
    }

    async fn wake(&mut self) -> Wake {
        let bookmark = if self.bookmarks { self.next_bookmark } else { self.deadline };
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => Wake::Over,
            () = sleep_until(self.deadline) => {
                // A frozen server does not end its watches either.
                if *self.shared.frozen.borrow() { Wake::Changed } else { Wake::Over }
            }
            () = sleep_until(bookmark) => Wake::Bookmark,
            changed = self.revision.changed() => if changed.is_ok() { Wake::Changed } else { Wake::Over },
        }
    }

    /// What happened since the last call, as events.
    fn changes(&mut self, world: &World) -> Bytes {
        let mut bytes = Vec::new();
        match world.store.since(self.position) {
            Ok(changes) => {
                let changes: Vec<&Change> = changes.collect();
                for change in changes {
                    if let Some((kind, object)) = self.as_seen(change) {
                        self.write(&mut bytes, kind, &object, world.now());
                    }
                }
                self.position = self.position.max(world.store.revision());
            }
            Err(expired) => {
                let status = Refusal::expired(self.position, expired.oldest).status();
                push_line(&mut bytes, &json!({"type": "ERROR", "object": status}));
                self.over = true;
            }
        }
        bytes.into()
    }

    /// A change as whoever selects sees it: what leaves the selection is deleted for them.
    fn as_seen(&self, change: &Change) -> Option<(&'static str, Arc<Value>)> {
        let before = change.before.as_ref().is_some_and(|before| self.selection.holds(&change.key, before));
        let after = change.kind != ChangeKind::Deleted && self.selection.holds(&change.key, &change.object);
        match (before, after) {
            (false, false) => None,
            (false, true) => Some(("ADDED", Arc::clone(&change.object))),
            (true, true) => Some(("MODIFIED", Arc::clone(&change.object))),
            (true, false) => Some(("DELETED", Arc::clone(&change.object))),
        }
    }

    fn write(&mut self, bytes: &mut Vec<u8>, kind: &str, object: &Value, now: Time) {
        let object = match self.form {
            Form::Whole => object.clone(),
            Form::Metadata => metadata_of(object),
            Form::Table(include) => {
                let mut table = table::of(self.selection.kind, [object], include, now);
                table["metadata"]["resourceVersion"] = json::text(object, "/metadata/resourceVersion").into();
                if std::mem::replace(&mut self.headed, true) {
                    table["columnDefinitions"] = Value::Null;
                }
                table
            }
        };
        push_line(bytes, &json!({"type": kind, "object": object}));
    }

    fn write_bookmark(&self, bytes: &mut Vec<u8>, ends_initial: bool) {
        let resource = self.selection.kind.resource();
        let mut metadata = json!({"resourceVersion": self.position.to_string(), "creationTimestamp": null});
        if ends_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = match self.form {
            Form::Whole => {
                json!({"kind": resource.name, "apiVersion": resource.api_version(), "metadata": metadata})
            }
            Form::Metadata => {
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
            }
            Form::Table(_) => json!({
                "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "columnDefinitions": null, "rows": [],
            }),
        };
        push_line(bytes, &json!({"type": "BOOKMARK", "object": object}));
    }
}

fn push_line(bytes: &mut Vec<u8>, event: &Value) {
    bytes.extend_from_slice(event.to_string().as_bytes());
    bytes.push(b'\n');
}
