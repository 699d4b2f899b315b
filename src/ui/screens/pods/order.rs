//! Which pods of a workload are shown, in which order.

use crate::core::State;
use crate::core::world::Watched;
use crate::model::pod::{Pod, PodTrouble};
use crate::ui::screens::ScreenId;
use crate::ui::state::UiState;

/// A pod with what is wrong with it.
pub(super) struct Row<'a> {
    pub(super) pod: &'a Pod,
    pub(super) trouble: Option<PodTrouble>,
}

/// Orders that `o` goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Worst,
    Name,
    Newest,
    Node,
}

impl Order {
    /// The one that is chosen now.
    pub(super) fn of(ui: &UiState) -> Self {
        match ui.panes.get(&ScreenId::Pods).map_or(0, |pane| pane.choice % 4) {
            0 => Self::Worst,
            1 => Self::Name,
            2 => Self::Newest,
            _ => Self::Node,
        }
    }

    /// Remark in the title of the list.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Worst => "worst first",
            Self::Name => "by name",
            Self::Newest => "newest first",
            Self::Node => "by node",
        }
    }
}

/// Pods that the filter lets through; those that keep their places do.
pub(super) fn rows<'a>(state: &State, ui: &UiState, watched: &'a Watched) -> Vec<Row<'a>> {
    let pane = ui.panes.get(&ScreenId::Pods);
    let wanted = pane.map_or_else(String::new, |pane| pane.filter.to_lowercase());
    let all = watched.set.pods.iter().map(|pod| Row { pod, trouble: pod.trouble() });
    let mut rows: Vec<Row<'_>> = all.filter(|row| matches(row, &wanted)).collect();
    rows.sort_by(|a, b| a.pod.name.cmp(&b.pod.name));
    match Order::of(ui) {
        // harmless troubles come after real ones, leaving pods before those that are well
        Order::Worst => rows.sort_by_key(|row| match &row.trouble {
            Some(trouble) => (u8::from(trouble.passing()), Some(trouble.clone())),
            None if row.pod.terminating => (2, None),
            None => (3, None),
        }),
        Order::Name => {}
        Order::Newest => rows.sort_by_key(|row| std::cmp::Reverse(row.pod.created)),
        Order::Node => rows.sort_by(|a, b| a.pod.node.cmp(&b.pod.node)),
    }
    if let Some(pane) = pane.filter(|pane| !pane.places.is_empty() && ui.rows_frozen(state)) {
        let place = |row: &Row<'_>| pane.places.iter().position(|name| name == row.pod.name.as_str());
        rows.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
    }
    rows
}

fn matches(row: &Row<'_>, wanted: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    wanted.is_empty()
        || has(row.pod.name.as_str())
        || row.pod.node.as_deref().is_some_and(has)
        || row.trouble.as_ref().is_some_and(|trouble| has(&trouble.to_string()))
}

/// Whether a pod in this trouble ran, so that its log has something to say.
pub(super) fn spoke(trouble: &PodTrouble) -> bool {
    match trouble {
        PodTrouble::CrashLoop { .. }
        | PodTrouble::OutOfMemory { .. }
        | PodTrouble::Failed { .. }
        | PodTrouble::NotReady => true,
        PodTrouble::Image { .. }
        | PodTrouble::CannotStart { .. }
        | PodTrouble::Unschedulable { .. }
        | PodTrouble::Starting => false,
    }
}
