//! What was given at the start and does not change for the life of the process.

use std::sync::Arc;

use crate::model::ids::{Namespace, ShortName};
use crate::model::plan::Plan;
use crate::model::target::Scope;

/// Settings of one console.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Only reads leave the process.
    pub read_only: bool,
    /// What is typed to take control.
    pub short_name: ShortName,
    /// The plan in hand, if any.
    pub plan: Option<Arc<Plan>>,
    /// Namespaces in view at the start.
    pub scope: Scope,
    /// The context's own namespace, used where one is needed and none was chosen.
    pub default_namespace: Namespace,
    /// Whether there is a terminal to draw on; a headless verb has none and counts every sheet as drawn.
    pub headless: bool,
    /// This program's version.
    pub build: String,
    /// Whether a restarted console was told to leave earlier open goals alone (headless verbs look at one act only).
    pub adopt_goals: bool,
}
