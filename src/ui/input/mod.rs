//! Keys, pastes and resizes, turned into intents for the core and changes of the picture.
//!
//! The emergency stop comes before everything: no dialog, field or page can take its key.

mod acts;
mod moves;
mod sheet;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::{Intent, Look, QuitReason};

use super::command::Command;
use super::key::Key;
use super::order;
use super::overlay::Overlay;
use super::paint::Hit;
use super::prompt::{Asks, Prompt};
use super::screens;
use super::state::{SheetView, UiState};

pub(super) use moves::moved;

/// Seconds for which an answer to a key stays.
pub const NOTICE_SECONDS: i64 = 8;

/// What the terminal reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputEvent {
    /// A key.
    Key {
        /// Which.
        event: KeyEvent,
        /// Number of the burst of input that it came in.
        burst: u64,
        /// Whether it was the only key of its burst and 50 ms of silence followed.
        alone: bool,
    },
    /// Pasted text: never a key.
    Paste(String),
    /// A click on something.
    Click(Hit),
    /// Another size.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
}

/// What the terminal is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UiEffect {
    /// Put this on the clipboard (OSC 52); it is shown as well.
    Copy(String),
    /// Ask the terminal to report the mouse, or to keep it for itself.
    Mouse(bool),
}

/// What follows from an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// For the core.
    pub intents: Vec<Intent>,
    /// For the terminal.
    pub effects: Vec<UiEffect>,
}

impl Answer {
    /// Nothing but a changed picture.
    #[must_use]
    pub fn done() -> Self {
        Self::default()
    }

    /// One intent.
    #[must_use]
    pub fn of(intent: Intent) -> Self {
        Self { intents: vec![intent], effects: Vec::new() }
    }
}

/// One key as the handlers see it.
#[derive(Clone, Copy, Debug)]
struct Press {
    key: Key,
    burst: u64,
    alone: bool,
}

/// Takes one input. Pure: time is `state.now`.
pub fn handle(ui: &mut UiState, state: &State, input: InputEvent) -> Answer {
    let mut answer = match input {
        InputEvent::Resize { width, height } => {
            ui.size = (width, height);
            Answer::done()
        }
        InputEvent::Paste(text) => {
            paste(ui, state, &text);
            Answer::of(Intent::Active)
        }
        InputEvent::Click(hit) => {
            let mut answer = click(ui, state, hit);
            answer.intents.insert(0, Intent::Active);
            answer
        }
        InputEvent::Key { event, .. } if event.kind == KeyEventKind::Release => Answer::done(),
        InputEvent::Key { event, burst, alone } => {
            ui.notice = None;
            // a repeated key is a held one: it moves, but neither acts nor stops
            let held = event.kind == KeyEventKind::Repeat;
            let press = Press { key: event.into(), burst, alone: alone && !held };
            let mut answer = key(ui, state, press, held);
            answer.intents.insert(0, Intent::Active);
            if !ui.rows_frozen(state) || state.desk.sheet.is_none() {
                ui.freeze_rows(state);
            }
            answer
        }
    };
    answer.intents.extend(looked(ui, state));
    answer
}

/// Brings the picture up to the state, before it is drawn: the selection follows its object (or, until a person chose
/// one, what is worst), a new sheet begins anew, old answers fade. The intents tell the core what is looked at.
pub fn attend(ui: &mut UiState, state: &State) -> Vec<Intent> {
    settle_selection(ui, state);
    let sheet = state.desk.sheet.as_ref().map(|sheet| sheet.id);
    if ui.sheet.of != sheet {
        ui.sheet = SheetView { of: sheet, ..SheetView::default() };
    }
    if ui.notice.as_ref().is_some_and(|notice| (state.now - notice.at).num_seconds() >= NOTICE_SECONDS) {
        ui.notice = None;
    }
    looked(ui, state).into_iter().collect()
}

/// A click selects; it never acts, and it reaches nothing under a dialog or a bar.
fn click(ui: &mut UiState, state: &State, hit: Hit) -> Answer {
    let open = state.desk.stop.is_some() || state.desk.sheet.is_some();
    if open || ui.prompt.is_some() || ui.overlay.is_some() || super::chrome::stop_page::is_open(state, ui) {
        return Answer::done();
    }
    ui.notice = None;
    match hit {
        Hit::Screen(screen) => {
            moves::go(ui, screen);
            Answer::done()
        }
        Hit::Row(offset) => {
            let (command, code) =
                if offset < 0 { (Command::Up, KeyCode::Up) } else { (Command::Down, KeyCode::Down) };
            let key = KeyEvent::new(code, crossterm::event::KeyModifiers::NONE);
            let press = Press { key: key.into(), burst: 0, alone: false };
            let mut all = Answer::done();
            for _ in 0..offset.unsigned_abs() {
                let answer = run(ui, state, command, press);
                all.intents.extend(answer.intents);
                all.effects.extend(answer.effects);
            }
            ui.freeze_rows(state);
            all
        }
    }
}

fn settle_selection(ui: &mut UiState, state: &State) {
    let there = |target| state.world.workloads.contains_key(target);
    if ui.by_hand && !ui.selected.as_ref().is_some_and(there) {
        ui.by_hand = false;
    }
    let gone = !ui.selected.as_ref().is_some_and(there);
    if gone || (!ui.by_hand && !ui.rows_frozen(state)) {
        ui.selected = order::rows(state, ui).into_iter().next();
    }
}

fn looked(ui: &mut UiState, state: &State) -> Option<Intent> {
    let mut look = Look { selected: ui.selected.clone(), log: ui.log.clone(), ..Look::default() };
    screens::in_front(ui).look(state, ui, &mut look);
    if ui.looked.as_ref() == Some(&look) {
        return None;
    }
    ui.looked = Some(look.clone());
    Some(Intent::Look(look))
}

fn paste(ui: &mut UiState, state: &State, text: &str) {
    if state.desk.stop.is_some() {
        return;
    }
    if let Some(prompt) = &mut ui.prompt {
        prompt.field.paste(text);
        prompt.changed();
        if prompt.asks == Asks::Filter {
            let word = prompt.field.value().to_owned();
            set_filter(ui, state, word);
        }
    } else if let Some(Overlay::Palette(palette)) = &mut ui.overlay {
        palette.field.paste(text);
    } else if state.desk.sheet.as_ref().is_some_and(|sheet| sheet.typed_name.is_some()) {
        ui.sheet.typed.paste(text);
    } else {
        ui.say("pasted text goes only into text fields", Tone::Warning, state.now);
    }
}

/// Keys go to the innermost thing that is open.
fn key(ui: &mut UiState, state: &State, press: Press, held: bool) -> Answer {
    if ui.keymap.is_stop(press.key) {
        return if held { Answer::done() } else { Answer::of(Intent::Bang { burst: press.burst }) };
    }
    if state.desk.stop.is_some() {
        return Answer::of(if press.key.is(KeyCode::Tab) {
            Intent::Widen
        } else if press.key.is(KeyCode::Esc) {
            Intent::Dismiss
        } else {
            Intent::OtherKey
        });
    }
    if ui.prompt.is_some() {
        return super::prompt::key(ui, state, press.key);
    }
    if let Some(open) = &state.desk.sheet {
        return sheet::key(ui, state, open, press);
    }
    if ui.overlay.is_some() {
        return overlay_key(ui, state, press);
    }
    if state.desk.hold.is_some() && press.key.is(KeyCode::Tab) {
        return Answer::of(Intent::Widen);
    }
    if state.desk.hold.is_some() && press.key.is(KeyCode::Esc) {
        return Answer::of(Intent::Dismiss);
    }
    if super::chrome::stop_page::is_open(state, ui) {
        return stop_page_key(ui, state, press);
    }
    screen_key(ui, state, press)
}

fn overlay_key(ui: &mut UiState, state: &State, press: Press) -> Answer {
    match super::overlay::key(ui, state, press.key) {
        super::overlay::Taken::Yes => Answer::done(),
        super::overlay::Taken::Run(command) => run(ui, state, command, press),
    }
}

fn stop_page_key(ui: &mut UiState, state: &State, press: Press) -> Answer {
    let command = ui.keymap.on_screen(press.key, ui.screen, false);
    match command {
        Some(Command::Back | Command::Open) => {
            let shown =
                super::chrome::stop_page::goals(state, ui).map(|goal| goal.act.clone()).collect::<Vec<_>>();
            ui.stop_pages_closed.extend(shown);
            Answer::done()
        }
        Some(Command::Quit) => run(ui, state, Command::Quit, press),
        _ => {
            ui.say("Esc leaves this page; the stop goes on", Tone::Plain, state.now);
            Answer::done()
        }
    }
}

fn screen_key(ui: &mut UiState, state: &State, press: Press) -> Answer {
    let page = screens::in_front(ui).reads_page(ui);
    if let Some(command) = ui.keymap.on_screen(press.key, ui.screen, page) {
        return run(ui, state, command, press);
    }
    if let Some(digit) = press.key.typed().filter(char::is_ascii_digit) {
        let there: Vec<String> = screens::SCREENS
            .iter()
            .filter_map(|screen| Some((ui.keymap.key(screen.command())?, screen.command().row().title)))
            .map(|(key, title)| format!("{key} {title}"))
            .collect();
        ui.say(format!("there is no screen {digit}: {}", there.join(", ")), Tone::Warning, state.now);
    }
    Answer::done()
}

/// Carries a command out: the screen in front is asked first.
fn run(ui: &mut UiState, state: &State, command: Command, press: Press) -> Answer {
    let screen = screens::in_front(ui);
    if let Some(answer) = screen.run(command, state, ui) {
        return answer;
    }
    if let Some(act) = command.row().act {
        return acts::propose(ui, state, act, press);
    }
    if let Some(screen) = screens::opened_by(command) {
        moves::go(ui, screen.id());
        return Answer::done();
    }
    common(ui, state, command)
}

/// What a command does on every screen. One that belongs to other screens is answered, never passed over.
fn common(ui: &mut UiState, state: &State, command: Command) -> Answer {
    match command {
        Command::TakeControl => return acts::control(ui, state),
        Command::Filter => ui.prompt = Some(Prompt::filter(&filter(ui))),
        Command::Namespaces => ui.prompt = Some(Prompt::namespaces(&state.world.scope)),
        Command::Note => ui.prompt = Some(Prompt::new(Asks::Note)),
        Command::Palette => ui.overlay = Some(Overlay::palette()),
        Command::Help => ui.overlay = Some(Overlay::Help { scroll: 0 }),
        Command::Identity => ui.overlay = Some(Overlay::Identity { scroll: 0 }),
        Command::Coach => ui.coach = !ui.coach,
        Command::Mouse => return mouse(ui, state),
        Command::Back => moves::back(ui, state),
        Command::Copy => return copy(ui, state),
        Command::Acknowledge => return acts::acknowledge(ui, state),
        Command::Quit => return Answer::of(Intent::Quit { why: QuitReason::Asked }),
        Command::Up
        | Command::Down
        | Command::PageUp
        | Command::PageDown
        | Command::HalfUp
        | Command::HalfDown
        | Command::Top
        | Command::Bottom => moves::scroll(ui, command),
        Command::Sort => {
            ui.sort = ui.sort.next();
            ui.thaw_rows();
        }
        Command::Open
        | Command::NextPane
        | Command::PreviousPane
        | Command::NextMatch
        | Command::PreviousMatch => {}
        elsewhere => {
            let text = format!("{} is not possible here", elsewhere.row().title);
            ui.say(text, Tone::Warning, state.now);
        }
    }
    Answer::done()
}

/// Captures the mouse, which takes the terminal's own selection away, or lets it go.
fn mouse(ui: &mut UiState, state: &State) -> Answer {
    ui.mouse = !ui.mouse;
    let says = if ui.mouse {
        "the mouse selects rows and screens; most terminals select text with Shift held"
    } else {
        "the mouse is the terminal's again"
    };
    ui.say(says, Tone::Plain, state.now);
    Answer { intents: Vec::new(), effects: vec![UiEffect::Mouse(ui.mouse)] }
}

/// The filter of the screen in front, or the word searched in its page.
fn filter(ui: &UiState) -> String {
    if let Some(page) = &ui.page {
        return page.search.clone();
    }
    if ui.screen == screens::ScreenId::Overview { ui.filter.clone() } else { ui.pane().filter }
}

/// Changes the filter of the screen in front.
pub(super) fn set_filter(ui: &mut UiState, state: &State, word: String) {
    if let Some(page) = &mut ui.page {
        page.search(state, word);
    } else if ui.screen == screens::ScreenId::Overview {
        ui.filter = word;
        ui.thaw_rows();
    } else {
        let pane = ui.pane_mut();
        pane.filter = word;
        pane.cursor = 0;
        pane.scroll = 0;
    }
}

fn copy(ui: &mut UiState, state: &State) -> Answer {
    let skin = super::skin::Skin::plain();
    let ctx = super::view::Ctx { state, ui, skin: &skin };
    let text = screens::in_front(ui).copies(&ctx).or_else(|| ui.selected.as_ref().map(ToString::to_string));
    let Some(text) = text else {
        ui.say("there is nothing to copy here", Tone::Warning, state.now);
        return Answer::done();
    };
    ui.say(format!("copied: {text}"), Tone::Plain, state.now);
    Answer { intents: Vec::new(), effects: vec![UiEffect::Copy(text)] }
}
