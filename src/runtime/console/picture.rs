//! The picture on its way to the terminal.
//!
//! At most one scene is on its way: while the terminal takes nothing, nothing is rendered, and the next scene shows
//! whatever is newest by then. Equal scenes are not handed over at all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::time::Instant;

use super::pacing::Pacing;
use crate::core::State;
use crate::core::sheet::SheetId;
use crate::runtime::logging;
use crate::runtime::terminal::{Painter, Scene};
use crate::ui::{self, Skin, UiState};

/// What is drawn, and what of it has arrived.
#[derive(Debug)]
pub(super) struct Picture {
    /// State of the picture.
    pub(super) ui: UiState,
    skin: Skin,
    painter: Painter,
    pacing: Pacing,
    counter: u64,
    on_its_way: Option<OnItsWay>,
    shown: Option<Buffer>,
    dirty: bool,
}

#[derive(Debug)]
struct OnItsWay {
    scene: u64,
    sheet: Option<SheetId>,
}

/// What became of an attempt to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// Nothing has reached the terminal.
    Nothing,
    /// The terminal shows the state of this moment, with this sheet.
    All(Option<SheetId>),
}

impl Picture {
    /// A picture that was never drawn.
    #[must_use]
    pub(super) fn new(ui: UiState, skin: Skin, painter: Painter, pacing: Pacing) -> Self {
        Self { ui, skin, painter, pacing, counter: 0, on_its_way: None, shown: None, dirty: true }
    }

    /// Something changed.
    pub(super) fn touch(&mut self) {
        self.dirty = true;
    }

    /// A key was pressed: the answer is drawn at once.
    pub(super) fn touch_now(&mut self) {
        self.dirty = true;
        self.pacing.hurry();
    }

    /// The terminal has another size, or someone else wrote on it.
    pub(super) fn forget(&mut self) {
        self.shown = None;
        // a terminal that was small for a moment has lost what it showed, even if it has its old size again
        self.painter.repaint();
        self.touch();
    }

    /// When to look again; `None` if nothing is to be drawn, or a scene has to arrive first.
    #[must_use]
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let ready = self.dirty && self.on_its_way.is_none();
        ready.then(|| self.pacing.waits_until(now).unwrap_or(now))
    }

    /// The terminal showed a scene, or dropped it. Says which sheet was on it.
    pub(super) fn arrived(&mut self, scene: u64, dropped: bool) -> Drawn {
        let Some(arrived) = self.on_its_way.take_if(|on_its_way| on_its_way.scene == scene) else {
            return Drawn::Nothing;
        };
        if dropped {
            self.forget();
            return Drawn::Nothing;
        }
        Drawn::All(arrived.sheet)
    }

    /// Draws, if it is time to.
    pub(super) fn draw(&mut self, state: &State, now: Instant) -> Drawn {
        if self.next(now).is_none_or(|at| at > now) {
            return Drawn::Nothing;
        }
        self.dirty = false;
        logging::collect();
        let (width, height) = self.ui.size;
        let mut cells = Buffer::empty(Rect::new(0, 0, width, height));
        let sheet = ui::render(state, &self.ui, &self.skin, &mut cells).sheet;
        if self.shown.as_ref() == Some(&cells) {
            return Drawn::All(sheet);
        }
        self.counter += 1;
        self.shown = Some(cells.clone());
        // fields draw their own cursor, so that it looks alike everywhere
        self.painter.show(Scene { number: self.counter, cells, cursor: None });
        self.on_its_way = Some(OnItsWay { scene: self.counter, sheet });
        self.pacing.drawn(now);
        Drawn::Nothing
    }

    /// What lies at a place of the picture.
    #[must_use]
    pub(super) fn hit(&self, state: &State, place: (u16, u16)) -> Option<ui::Hit> {
        ui::hit(state, &self.ui, &self.skin, place)
    }

    /// Puts text on the clipboard of the terminal (OSC 52).
    pub(super) fn copy(&self, text: &str) {
        use crossterm::Command as _;
        let mut sequence = String::new();
        if crossterm::clipboard::CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok() {
            self.painter.aside(sequence.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::core::settings::Settings;
    use crate::model::fact::Author;
    use crate::model::ids::{Namespace, ShortName};
    use crate::model::target::Scope;
    use crate::runtime::clock::Clock;
    use crate::ui::keymap::Keymap;

    use super::*;

    fn state() -> State {
        let settings = Settings {
            read_only: false,
            short_name: ShortName::from("demo"),
            plan: None,
            scope: Scope::All,
            default_namespace: Namespace::from("shop"),
            headless: false,
            build: "test".into(),
            adopt_goals: true,
        };
        State::new(settings, Author::default(), Clock::default().now())
    }

    fn picture() -> Picture {
        let pacing = Pacing::of(false, false);
        Picture::new(UiState::new(Keymap::shipped()), Skin::plain(), Painter::default(), pacing)
    }

    #[tokio::test(start_paused = true)]
    async fn one_scene_is_on_its_way_and_an_equal_one_is_not_sent_at_all() {
        let (state, mut picture, now) = (state(), picture(), Instant::now());
        assert_eq!(picture.next(now), Some(now));
        assert_eq!(picture.draw(&state, now), Drawn::Nothing);
        picture.touch_now();
        assert_eq!(picture.next(now), None, "the first scene has not arrived");
        assert_eq!(picture.arrived(1, false), Drawn::All(None));
        assert_eq!(
            picture.draw(&state, now),
            Drawn::All(None),
            "nothing changed: it is on the screen already"
        );
        assert_eq!(picture.arrived(2, false), Drawn::Nothing, "there is no second scene");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_scene_is_drawn_again_at_the_pace_of_frames() {
        let (state, mut picture, now) = (state(), picture(), Instant::now());
        let mut scene = 0;
        while picture.next(now).is_some_and(|at| at <= now) {
            scene += 1;
            picture.draw(&state, now);
            assert_eq!(picture.arrived(scene, true), Drawn::Nothing);
            assert!(scene < 10, "as fast as the terminal drops them");
        }
        let next = picture.next(now);
        assert!(next.is_some_and(|at| at > now), "a terminal that is gone must not be hammered");
        picture.touch_now();
        assert_eq!(picture.next(now), Some(now));
    }
}
