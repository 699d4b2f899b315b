//! The console's loop. It awaits its inbox and nothing else.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};
use tokio::time::Instant;

use super::picture::{Drawn, Picture};
use crate::core::Event;
use crate::core::event::{Intent, QuitReason};
use crate::core::sheet::SheetId;
use crate::runtime::engine::Engine;
use crate::runtime::inbox::Inbox;
use crate::runtime::terminal::{EndedBy, Guard, Input, Press, Presses};
use crate::ui::command::Command;
use crate::ui::key::Key;
use crate::ui::{self, Answer, InputEvent, UiEffect, UiState};

/// The journal gets this long to take the last facts before the process ends.
const LAST_FACTS: Duration = Duration::from_millis(700);

/// Drives one console until it ends.
#[derive(Debug)]
pub(super) struct Console {
    engine: Engine,
    picture: Picture,
    inbox: Inbox,
    presses: Presses,
    guard: Guard,
    ended: Option<Ending>,
}

/// Whether a key means something that an accident must not do: these wait for the silence after them. In a list of
/// commands that is Enter, which may stand for any of them.
fn counts_only_alone(ui: &UiState, key: KeyEvent) -> bool {
    let of = |command| ui.keymap.keys(command).any(|bound| bound == Key::from(key));
    of(Command::Hold) || of(Command::SheetSend) || (ui.overlay.is_some() && key.code == KeyCode::Enter)
}

/// The wheel moves the cursor as the arrow keys do; drags mean nothing.
fn wheel(kind: MouseEventKind) -> Option<KeyCode> {
    match kind {
        MouseEventKind::ScrollUp => Some(KeyCode::Up),
        MouseEventKind::ScrollDown => Some(KeyCode::Down),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => None,
    }
}

/// How a console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The operator left.
    Quit,
    /// The terminal went away, or a signal came.
    By(EndedBy),
    /// The terminal cannot be used any more.
    Broken(String),
}

impl Console {
    /// A console that is ready to run.
    #[must_use]
    pub(super) fn new(engine: Engine, picture: Picture, inbox: Inbox, guard: Guard) -> Self {
        Self { engine, picture, inbox, presses: Presses::default(), guard, ended: None }
    }

    /// Runs until the operator leaves or the terminal goes away. The engine is handed back for the last words.
    pub(super) async fn run(mut self) -> (Ending, Engine) {
        while self.engine.executor().quit().is_none() && self.ended.is_none() {
            self.turn(self.picture.next(Instant::now())).await;
        }
        self.let_the_journal_finish().await;
        (self.ended.unwrap_or(Ending::Quit), self.engine)
    }

    async fn turn(&mut self, deadline: Option<Instant>) {
        let mut batch = self.inbox.next(deadline).await;
        let news = !batch.is_empty();
        for input in std::mem::take(&mut batch.input) {
            self.input(input);
        }
        let data = !batch.is_empty();
        self.engine.feed_batch(&mut batch);
        if data {
            self.picture.touch();
        }
        if news {
            for intent in ui::attend(&mut self.picture.ui, self.engine.state()) {
                self.engine.feed(Event::Intent(intent));
            }
        }
        if let Drawn::All(sheet) = self.picture.draw(self.engine.state(), Instant::now()) {
            self.drawn(sheet);
        }
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Key { key, burst } => {
                let alone = counts_only_alone(&self.picture.ui, key);
                for press in self.presses.key(key, burst, alone) {
                    self.press(press);
                }
            }
            Input::Quiet { burst } => {
                if let Some(press) = self.presses.quiet(burst) {
                    self.press(press);
                }
            }
            Input::Paste(text) => {
                if let Some(press) = self.presses.spoil() {
                    self.press(press);
                }
                self.tell(InputEvent::Paste(text));
            }
            Input::Mouse(mouse) => {
                if let Some(code) = wheel(mouse.kind) {
                    let event = KeyEvent::new(code, KeyModifiers::NONE);
                    self.tell(InputEvent::Key { event, burst: 0, alone: false });
                } else if mouse.kind == MouseEventKind::Down(MouseButton::Left)
                    && let Some(hit) = self.picture.hit(self.engine.state(), (mouse.column, mouse.row))
                {
                    self.tell(InputEvent::Click(hit));
                }
            }
            Input::Resized { width, height } => {
                self.picture.forget();
                // draws at once, as after a key
                self.tell(InputEvent::Resize { width, height });
            }
            Input::Painted { scene, dropped } => self.painted(scene, dropped),
            Input::Ended(by) => self.end(by),
            Input::Broken(why) => self.ended = Some(Ending::Broken(why)),
        }
    }

    fn press(&mut self, press: Press) {
        self.tell(InputEvent::Key { event: press.key, burst: press.burst, alone: press.alone });
    }

    fn tell(&mut self, event: InputEvent) {
        let Answer { intents, effects } = ui::handle(&mut self.picture.ui, self.engine.state(), event);
        for intent in intents {
            self.engine.feed(Event::Intent(intent));
        }
        for effect in effects {
            match effect {
                UiEffect::Copy(text) => self.picture.copy(&text),
                UiEffect::Mouse(on) => self.guard.report_mouse(on),
            }
        }
        self.picture.touch_now();
    }

    fn painted(&mut self, scene: u64, dropped: bool) {
        if dropped
            && let Some((width, height)) = crate::runtime::terminal::size_of_terminal()
            && (width, height) != self.picture.ui.size
        {
            // the size changed and nobody has said so yet
            self.tell(InputEvent::Resize { width, height });
        }
        if let Drawn::All(sheet) = self.picture.arrived(scene, dropped) {
            self.drawn(sheet);
        }
    }

    /// Tells the core that a sheet is on the screen, once.
    fn drawn(&mut self, sheet: Option<SheetId>) {
        let open = self.engine.state().desk.sheet.as_ref();
        if open.is_some_and(|open| Some(open.id) == sheet && !open.drawn) {
            self.engine.feed(Event::Drawn { sheet });
            self.picture.touch();
        }
    }

    fn end(&mut self, by: EndedBy) {
        let why = match by {
            EndedBy::HangUp => QuitReason::HangUp,
            EndedBy::Signal => QuitReason::Signal,
        };
        self.engine.feed(Event::Intent(Intent::Quit { why }));
        self.ended = Some(Ending::By(by));
    }

    /// Waits a moment until the journal has taken what was sent to it.
    async fn let_the_journal_finish(&mut self) {
        let deadline = Instant::now() + LAST_FACTS;
        while !self.engine.state().desk.pending.is_empty() && Instant::now() < deadline {
            let mut batch = self.inbox.next(Some(deadline)).await;
            self.engine.feed_batch(&mut batch);
        }
    }
}
