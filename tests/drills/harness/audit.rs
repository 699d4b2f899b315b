//! The oracle: what the API server logged that it was asked for, by whom, and what it answered.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use color_eyre::eyre::{Result, WrapErr};
use serde_json::Value;

use crate::rig::api::{Api, items};

/// Verbs that change something.
const MUTATIONS: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];
/// Groups whose objects are questions, not things.
const REVIEWS: [&str; 2] = ["authorization.k8s.io", "authentication.k8s.io"];

/// The console's latch and its witness. A patch that finds none carries no label, and is none of the release's.
const OWN: [&str; 2] = ["gonogo-stop", "gonogo-witness"];

/// The audit log of one API server.
pub(crate) enum AuditLog {
    /// Written by a real API server.
    File(PathBuf),
    /// Out of reach, on a cluster that was handed in: nothing can be said against a request.
    Unseen,
    /// Kept by the simulator.
    Simulator(Api),
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The request's `Audit-ID`, chosen by the client if it sent one.
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) verb: String,
    /// Path and query.
    pub(crate) uri: String,
    /// Resource, with subresource, such as `deployments/scale`.
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// HTTP status of the answer.
    pub(crate) code: u64,
    /// The body that was sent, where the log keeps it: for what releases are made of.
    pub(crate) sent: Value,
    /// Labels of the object as answered or as sent.
    managed_by: String,
}

impl Entry {
    fn parse(event: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = &event["objectRef"];
        let resource = match object["subresource"].as_str() {
            Some(part) => format!("{}/{part}", text(&object["resource"])),
            None => text(&object["resource"]),
        };
        let label = |body: &str| text(&event[body]["metadata"]["labels"]["app.kubernetes.io/managed-by"]);
        let (answered, sent) = (label("responseObject"), label("requestObject"));
        Self {
            id: text(&event["auditID"]),
            user: text(&event["user"]["username"]),
            verb: text(&event["verb"]),
            uri: text(&event["requestURI"]),
            resource,
            namespace: text(&object["namespace"]),
            name: text(&object["name"]),
            code: event["responseStatus"]["code"].as_u64().unwrap_or_default(),
            sent: event["requestObject"].clone(),
            managed_by: if answered.is_empty() { sent } else { answered },
        }
    }

    /// Whether this is a read or a question.
    pub(crate) fn is_harmless(&self) -> bool {
        !MUTATIONS.contains(&&*self.verb)
            || REVIEWS.iter().any(|group| self.uri.starts_with(&format!("/apis/{group}/")))
    }

    /// Whether this changes an object that is not the console's own: no dry run, no review, nothing that
    /// carries the console's label.
    fn changes_the_release(&self) -> bool {
        let own =
            self.managed_by == "gonogo" || (self.resource == "configmaps" && OWN.contains(&&*self.name));
        !self.is_harmless() && !self.uri.contains("dryRun=All") && !own
    }
}

impl AuditLog {
    /// Every request of `user` so far, in the order of the answers.
    pub(crate) fn of(&self, user: &str) -> Result<Vec<Entry>> {
        match self {
            Self::File(path) => of_file(path, user),
            Self::Unseen => Ok(Vec::new()),
            Self::Simulator(api) => {
                let log = api.get("/sim/audit")?;
                let mine = items(&log).iter().filter(|event| event["user"]["username"] == user);
                Ok(mine.map(Entry::parse).collect())
            }
        }
    }

    /// Whether there is one to look at.
    pub(crate) fn is_seen(&self) -> bool {
        !matches!(self, Self::Unseen)
    }

    /// What `user` asked to be changed in the release, refused requests included.
    pub(crate) fn mutations_of(&self, user: &str) -> Result<Vec<Entry>> {
        Ok(self.of(user)?.into_iter().filter(Entry::changes_the_release).collect())
    }
}

fn of_file(path: &Path, user: &str) -> Result<Vec<Entry>> {
    let log = File::open(path).wrap_err("the audit log cannot be read")?;
    // Most lines are somebody else's: look at the text before parsing it.
    let mine = format!("\"username\":\"{user}\"");
    let mut entries = Vec::new();
    for line in BufReader::new(log).lines() {
        let line = line?;
        // The last line may be half written.
        if line.contains(&mine)
            && let Ok(event) = serde_json::from_str::<Value>(&line)
        {
            entries.push(Entry::parse(&event));
        }
    }
    Ok(entries)
}
