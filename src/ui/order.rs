//! Which workloads are shown, in which order.

use crate::core::State;
use crate::model::target::Target;
use crate::model::view::WorkloadView;

use super::state::UiState;

/// Orders that `o` goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What is wrong, then what moves, then by name.
    #[default]
    Worst,
    /// By namespace and name.
    Name,
    /// What changed last first.
    Newest,
}

impl Sort {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Worst => Self::Name,
            Self::Name => Self::Newest,
            Self::Newest => Self::Worst,
        }
    }

    /// Remark in the title of the list.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worst => "moving first",
            Self::Name => "by name",
            Self::Newest => "newest first",
        }
    }
}

/// Workloads to show, in order; those that keep their places do.
#[must_use]
pub fn rows(state: &State, ui: &UiState) -> Vec<Target> {
    let mut views: Vec<&WorkloadView> = state
        .world
        .workloads
        .values()
        .map(|watched| &watched.view)
        .filter(|view| matches(view, ui))
        .collect();
    match ui.sort {
        Sort::Worst => views.sort_by_key(|view| (view.state, &view.target)),
        Sort::Name => views.sort_by_key(|view| (&view.target.namespace, &view.target.name, view.target.kind)),
        Sort::Newest => views.sort_by_key(|view| {
            let changed = view.started.or(view.finished);
            (std::cmp::Reverse(changed), &view.target)
        }),
    }
    if let Some(frozen) = ui.frozen.as_ref().filter(|_| ui.rows_frozen(state)) {
        let place = |target: &Target| frozen.rows.iter().position(|row| row == target).unwrap_or(usize::MAX);
        views.sort_by_key(|view| place(&view.target));
    }
    views.into_iter().map(|view| view.target.clone()).collect()
}

/// Whether the filter lets a workload through: part of its name, namespace, kind, version or reason.
fn matches(view: &WorkloadView, ui: &UiState) -> bool {
    if ui.filter.is_empty() {
        return true;
    }
    let wanted = ui.filter.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    has(view.target.name.as_str())
        || has(view.target.namespace.as_str())
        || has(view.target.kind.name())
        || has(view.state.word())
        || view.stable.iter().chain(&view.candidate).any(|version| has(version.name.as_str()))
        || view.reasons.iter().any(|reason| has(reason.what.as_str()))
}
