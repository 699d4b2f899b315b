//! What the console wrote down, joined to what the API server saw.

use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr, ensure};
use serde_json::Value;

use super::{audit::Entry, site::Site};
use crate::rig::clock::eventually;

/// How long the audit log may be behind.
const LATE: Duration = Duration::from_secs(5);

impl Site<'_> {
    /// Every fact of the newest session, oldest first.
    pub(crate) fn facts(&self) -> Result<Vec<Value>> {
        let said = self.run(&["session", "show", "-o", "json"])?;
        ensure!(said.code == Some(0), "session show: {said:?}");
        let entries: Vec<Value> = serde_json::from_str(&said.stdout).wrap_err("session show -o json")?;
        Ok(entries.into_iter().map(|entry| entry["fact"].clone()).collect())
    }

    /// The facts of one name.
    pub(crate) fn facts_named(&self, name: &str) -> Result<Vec<Value>> {
        Ok(self.facts()?.into_iter().filter(|fact| fact["fact"] == name).collect())
    }

    /// The `Audit-ID`s of all requests that the journal knows.
    pub(crate) fn journaled_requests(&self) -> Result<Vec<String>> {
        let id = |fact: &Value| {
            let id = &fact["id"];
            format!("{}.{}.{}", id["act"].as_str().unwrap_or_default(), id["step"], id["attempt"])
        };
        Ok(self.facts_named("sending")?.iter().map(id).collect())
    }

    /// Exactly these were changed, in this order, once each (`patch deployments/api`), and the journal has the
    /// id of every request.
    pub(crate) fn ensure_sent(&self, expected: &[&str]) -> Result<()> {
        if !self.cluster.audit_log().is_seen() {
            let journaled = self.journaled_requests()?;
            ensure!(journaled.len() == expected.len(), "{expected:?}, but the journal has {journaled:?}");
            return Ok(());
        }
        let told = |entry: &Entry| format!("{} {}/{}", entry.verb, entry.resource, entry.name);
        let enough = || {
            let seen = self.mutations()?;
            Ok((seen.len() >= expected.len()).then_some(seen))
        };
        let seen = eventually(&format!("the audit log shows {expected:?}"), LATE, enough);
        let seen = seen.map_err(|error| error.wrap_err(format!("it has {:#?}", self.mutations())))?;
        ensure!(seen.iter().map(told).collect::<Vec<_>>() == expected, "{seen:#?}");
        let journaled = self.journaled_requests()?;
        for entry in &seen {
            ensure!(journaled.contains(&entry.id), "{} is not in {journaled:?}", entry.id);
        }
        Ok(())
    }
}
