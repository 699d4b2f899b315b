//! What concerns only the picture: screen, selection, filters, what is open. Nothing here decides about the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::core::State;
use crate::core::desk::{Notice, Tone};
use crate::core::event::{LogOf, Look};
use crate::core::sheet::SheetId;
use crate::model::Text;
use crate::model::Time;
use crate::model::ids::ActId;
use crate::model::series::SignalSet;
use crate::model::target::Target;

use super::field::Field;
use super::keymap::Keymap;
use super::order::{self, Sort};
use super::overlay::Overlay;
use super::prompt::Prompt;
use super::screens::{Page, ScreenId};

/// Seconds for which rows keep their places after a key.
const FROZEN_SECONDS: i64 = 10;

/// State of the picture.
#[derive(Clone, Debug)]
pub struct UiState {
    /// Which key means what.
    pub keymap: Keymap,
    /// Width and height of the terminal, as it last said.
    pub size: (u16, u16),
    /// The screen in front.
    pub screen: ScreenId,
    /// The selected workload.
    pub selected: Option<Target>,
    /// Whether a person selected it; until then the selection follows what is worst.
    pub by_hand: bool,
    /// Only workloads that contain this are shown.
    pub filter: String,
    /// Order of workloads.
    pub sort: Sort,
    /// Places of rows, kept for a while after a key.
    pub frozen: Option<Frozen>,
    /// What each screen remembers.
    pub panes: BTreeMap<ScreenId, Pane>,
    /// A page or list over the screen.
    pub overlay: Option<Overlay>,
    /// A field that asks for text.
    pub prompt: Option<Prompt>,
    /// What is open in the act sheet.
    pub sheet: SheetView,
    /// Answer of the picture itself to the last key.
    pub notice: Option<Notice>,
    /// Whether the coach line of a demo is shown.
    pub coach: bool,
    /// Whether the terminal reports the mouse.
    pub mouse: bool,
    /// Stops whose page was closed by hand.
    pub stop_pages_closed: BTreeSet<ActId>,
    /// The pod whose log is on the screen.
    pub log: Option<LogOf>,
    /// A page of text over the screen's body.
    pub page: Option<Page>,
    /// Signals as they were when the picture was frozen.
    pub frozen_signals: Option<Arc<SignalSet>>,
    /// What was last reported to the core.
    pub looked: Option<Look>,
}

/// Places of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Rows in their order.
    pub rows: Vec<Target>,
    /// Until when.
    pub until: Time,
}

/// What one screen remembers: which part has the keys, where the cursor stands, how far it is scrolled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pane {
    /// The part with the keys, from 0.
    pub focus: usize,
    /// Row under the cursor, from 0.
    pub cursor: usize,
    /// Name of the object under the cursor, where rows are objects: the cursor follows it.
    pub object: Option<String>,
    /// First line shown, where a part is longer than its place.
    pub scroll: usize,
    /// Filter of this screen.
    pub filter: String,
    /// Whatever else is switched on this screen (window, order), counted up by its key.
    pub choice: usize,
    /// Names of rows in their order, kept for a while after a key where rows are objects.
    pub places: Vec<String>,
}

/// What is open in the act sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetView {
    /// The sheet that this is about: another one begins anew.
    pub of: Option<SheetId>,
    /// Whether the request is shown.
    pub request: bool,
    /// First line shown of a request that is longer than its place.
    pub scroll: usize,
    /// The short name, where it has to be typed.
    pub typed: Field,
}

impl UiState {
    /// The picture at the start.
    #[must_use]
    pub fn new(keymap: Keymap) -> Self {
        Self {
            keymap,
            size: (80, 24),
            screen: ScreenId::Overview,
            selected: None,
            by_hand: false,
            filter: String::new(),
            sort: Sort::default(),
            frozen: None,
            panes: BTreeMap::new(),
            overlay: None,
            prompt: None,
            sheet: SheetView::default(),
            notice: None,
            coach: true,
            mouse: false,
            stop_pages_closed: BTreeSet::new(),
            log: None,
            page: None,
            frozen_signals: None,
            looked: None,
        }
    }

    /// What the screen in front remembers.
    #[must_use]
    pub fn pane(&self) -> Pane {
        self.panes.get(&self.screen).cloned().unwrap_or_default()
    }

    /// The same, to be changed.
    pub fn pane_mut(&mut self) -> &mut Pane {
        self.panes.entry(self.screen).or_default()
    }

    /// Answers a key in one line.
    pub fn say(&mut self, text: impl Into<Text>, tone: Tone, at: Time) {
        self.notice = Some(Notice { text: text.into(), tone, at });
    }

    /// Selects a workload by hand.
    pub fn select(&mut self, target: Target) {
        self.selected = Some(target);
        self.by_hand = true;
    }

    /// Whether rows keep their places now: for a while after a key, and while a sheet or a bar is open.
    #[must_use]
    pub fn rows_frozen(&self, state: &State) -> bool {
        let open = state.desk.sheet.is_some() || state.desk.stop.is_some();
        self.frozen.as_ref().is_some_and(|frozen| open || state.now < frozen.until)
    }

    /// Keeps the places that rows have now, because a key was pressed.
    pub(super) fn freeze_rows(&mut self, state: &State) {
        let rows = order::rows(state, self);
        self.frozen = Some(Frozen { rows, until: state.now + chrono::Duration::seconds(FROZEN_SECONDS) });
    }

    /// Lets rows find their places anew at once: the operator asked for another order.
    pub(super) fn thaw_rows(&mut self) {
        self.frozen = None;
    }
}
