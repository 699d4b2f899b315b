//! Pages of text over a screen's body: logs, YAML, a pod described, a query, an entry of the journal.
//!
//! A page names what it shows; its lines are made anew for each picture, from the state alone. Several screens open
//! pages, so keys and drawing are shared here; no page changes anything but the picture.

mod lines;
mod text;

use ratatui::layout::Rect;

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::{DocumentOf, Intent, LogOf};
use crate::model::ids::{ItemId, Name, Namespace};
use crate::model::series::Signal;
use crate::model::target::Target;
use crate::ui::command::Command;
use crate::ui::input::{Answer, moved};
use crate::ui::paint::Canvas;
use crate::ui::state::UiState;
use crate::ui::view::Ctx;

pub(super) use lines::Lines;

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOf {
    /// A log as it grows.
    Log(LogOf),
    /// An object as the cluster has it.
    Document(DocumentOf),
    /// What is known of a pod, its events, and the object as the cluster has it.
    Pod {
        /// The workload it belongs to.
        target: Target,
        /// Namespace.
        namespace: Namespace,
        /// Name.
        name: Name,
    },
    /// The query of a signal, and its answer.
    Query {
        /// Of which workload.
        target: Target,
        /// Which signal.
        signal: Signal,
    },
    /// An item of a checklist.
    Item(ItemId),
    /// An entry of the journal, by its number.
    Entry(u64),
}

/// An open page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it shows.
    pub of: PageOf,
    /// First line shown, unless the end is followed.
    pub scroll: usize,
    /// Whether the end is followed.
    pub follow: bool,
    /// The word that is searched.
    pub search: String,
    /// The line at which it was found last.
    pub found: Option<usize>,
}

impl Page {
    /// A page at its beginning.
    #[must_use]
    pub fn new(of: PageOf) -> Self {
        let follow = matches!(of, PageOf::Log(_));
        Self { of, scroll: 0, follow, search: String::new(), found: None }
    }

    /// Changes the searched word and goes to its first place at or below the first line shown.
    pub fn search(&mut self, state: &State, word: String) {
        self.search = word;
        self.found = None;
        let lines = lines::of(&self.of, state);
        if self.follow {
            self.found = lines.last_with(&self.search);
        } else {
            self.found = lines.next_with(&self.search, self.scroll);
        }
    }

    fn step(&mut self, state: &State, forward: bool) -> Option<usize> {
        let lines = lines::of(&self.of, state);
        let at = self.found.unwrap_or(self.scroll);
        let next = if forward {
            lines.next_with(&self.search, at + 1).or_else(|| lines.next_with(&self.search, 0))
        } else {
            lines.before_with(&self.search, at).or_else(|| lines.last_with(&self.search))
        };
        if let Some(line) = next {
            self.found = Some(line);
            self.follow = false;
            self.scroll = line.saturating_sub(3);
        }
        next
    }
}

/// Opens a page; what has to be read for it is asked for.
pub(super) fn open(ui: &mut UiState, of: PageOf) -> Answer {
    let answer = match &of {
        PageOf::Document(document) => Answer::of(Intent::Read(document.clone())),
        PageOf::Log(log) => {
            ui.log = Some(log.clone());
            Answer::done()
        }
        PageOf::Pod { namespace, name, .. } => {
            Answer::of(Intent::Read(DocumentOf::Pod { namespace: namespace.clone(), name: name.clone() }))
        }
        PageOf::Query { .. } | PageOf::Item(_) | PageOf::Entry(_) => Answer::done(),
    };
    ui.page = Some(Page::new(of));
    answer
}

/// Closes the page; a followed log ends with it.
pub(in crate::ui) fn close(ui: &mut UiState) {
    ui.page = None;
    ui.log = None;
}

/// Takes a command while a page is open; `None` where it is none of a page's.
pub(super) fn run(command: Command, state: &State, ui: &mut UiState) -> Option<Answer> {
    let room = usize::from(ui.size.1.saturating_sub(6)).max(1);
    let page = ui.page.as_mut()?;
    match command {
        Command::Up
        | Command::Down
        | Command::PageUp
        | Command::PageDown
        | Command::HalfUp
        | Command::HalfDown
        | Command::Top
        | Command::Bottom => scroll(page, state, command, room),
        Command::NextMatch | Command::PreviousMatch => {
            let (word, found) = (page.search.clone(), page.step(state, command == Command::NextMatch));
            if word.is_empty() {
                ui.say("nothing is searched yet: / asks for a word", Tone::Plain, state.now);
            } else if found.is_none() {
                ui.say(format!("{word} does not stand here"), Tone::Warning, state.now);
            }
        }
        Command::Back => close(ui),
        // these would change what lies under the page, unseen
        Command::Open
        | Command::NextPane
        | Command::PreviousPane
        | Command::Sort
        | Command::Tick
        | Command::Window
        | Command::Freeze => {}
        _ => return None,
    }
    Some(Answer::done())
}

/// Moves; a log is followed again once its end is reached.
fn scroll(page: &mut Page, state: &State, command: Command, room: usize) {
    let count = lines::of(&page.of, state).count();
    let last = count.saturating_sub(room);
    if page.follow {
        page.scroll = last;
    }
    page.scroll = moved(page.scroll, command, room, last);
    let log = matches!(page.of, PageOf::Log(_));
    page.follow = log
        && page.scroll >= last
        && !matches!(command, Command::Up | Command::PageUp | Command::HalfUp | Command::Top);
}

/// Draws the page over the screen's body; `false` when none is open.
pub(super) fn draw(ctx: &Ctx<'_>, area: Rect, canvas: &mut Canvas<'_>) -> bool {
    match &ctx.ui.page {
        Some(page) => {
            text::draw(ctx, page, &lines::of(&page.of, ctx.state), area, canvas);
            true
        }
        None => false,
    }
}

/// The line that `c` copies: where the search stands, else the first one shown.
pub(super) fn copies(ctx: &Ctx<'_>) -> Option<String> {
    let page = ctx.ui.page.as_ref()?;
    let lines = lines::of(&page.of, ctx.state);
    let last = lines.count().checked_sub(1)?;
    let at = if page.follow { last } else { page.found.unwrap_or(page.scroll).min(last) };
    Some(lines.get(at).to_owned())
}
