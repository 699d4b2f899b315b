//! What everything that draws can see.

use crate::core::State;
use crate::core::rights;
use crate::core::world::Watched;
use crate::model::Time;
use crate::model::target::Target;
use crate::model::view::WorkloadView;

use super::command::Command;
use super::line::Line;
use super::skin::Skin;
use super::state::UiState;
use super::theme::Role;

/// State, state of the picture, and how it looks.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    /// Everything that is known.
    pub state: &'a State,
    /// What concerns only the picture.
    pub ui: &'a UiState,
    /// How it looks.
    pub skin: &'a Skin,
}

impl<'a> Ctx<'a> {
    /// The time of the newest event: the only time there is here.
    #[must_use]
    pub fn now(&self) -> Time {
        self.state.now
    }

    /// The selected workload, if it is still there.
    #[must_use]
    pub fn selected(&self) -> Option<&'a Watched> {
        self.ui.selected.as_ref().and_then(|target| self.state.world.workloads.get(target))
    }

    /// Its view.
    #[must_use]
    pub fn selected_view(&self) -> Option<&'a WorkloadView> {
        self.selected().map(|watched| &watched.view)
    }

    /// The name of a workload, with its namespace where several are in view.
    #[must_use]
    pub fn name_of(&self, target: &Target) -> String {
        use crate::model::target::Scope;
        match &self.state.world.scope {
            Scope::Namespaces(list) if list.len() == 1 => target.name.to_string(),
            Scope::Namespaces(_) | Scope::All => format!("{}/{}", target.namespace, target.name),
        }
    }

    /// A hint: the key of a command and what it does; nothing where the command has no key.
    #[must_use]
    pub fn hint(&self, command: Command, says: &str) -> Line {
        match self.ui.keymap.key(command) {
            Some(key) => Line::of(Role::Key, key.label()).plain(format!(" {says}")),
            None => Line::new(),
        }
    }

    /// The hint of an act on the selected workload, greyed where the cluster is known to forbid it.
    #[must_use]
    pub fn act_hint(&self, command: Command, says: &str) -> Line {
        let hint = self.hint(command, says);
        match self.forbidden(command) {
            Some(_) => Line::of(Role::Dim, hint.to_text()),
            None => hint,
        }
    }

    /// Which right the act of a command on the selected workload lacks.
    #[must_use]
    pub fn forbidden(&self, command: Command) -> Option<String> {
        let (target, kind) = (self.ui.selected.as_ref()?, command.row().act?);
        let (query, _) = rights::denied(self.state, target, kind)?;
        Some(format!("no right to {query}"))
    }

    /// A hint with the command's own title.
    #[must_use]
    pub fn titled(&self, command: Command) -> Line {
        self.hint(command, command.row().title)
    }
}
