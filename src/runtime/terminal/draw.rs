//! The thread that draws: the newest scene wins, and only what differs is written.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::guard::Guard;
use super::{Input, TerminalError, encode, tty};
use crate::runtime::inbox::Inbox;

/// One picture of the whole terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Counted by the loop.
    pub number: u64,
    /// The cells.
    pub cells: Buffer,
    /// Where the cursor stands, if it shows.
    pub cursor: Option<Position>,
}

/// Hands scenes to the drawing thread and never waits for it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Painter {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Slot {
    scene: Option<Scene>,
    repaint: bool,
    aside: Vec<u8>,
}

impl Painter {
    /// Shows `scene` as soon as the terminal takes it; a scene that still waits is forgotten.
    pub fn show(&self, scene: Scene) {
        self.lock().scene = Some(scene);
        self.shared.filled.notify_one();
    }

    /// Makes the next scene a full repaint: someone else has written to the terminal.
    pub fn repaint(&self) {
        self.lock().repaint = true;
    }

    /// Writes something that is no picture (the bell, a copy to the clipboard) as soon as the terminal takes it.
    pub fn aside(&self, bytes: &[u8]) {
        self.lock().aside.extend_from_slice(bytes);
        self.shared.filled.notify_one();
    }

    fn take(&self) -> Slot {
        let mut slot = self.lock();
        loop {
            if slot.scene.is_some() || !slot.aside.is_empty() {
                let repaint = slot.scene.is_some() && slot.repaint;
                slot.repaint &= !repaint;
                return Slot { scene: slot.scene.take(), repaint, aside: std::mem::take(&mut slot.aside) };
            }
            slot = self.shared.filled.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.shared.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread. It is never joined: a stalled terminal may hold it for ever.
pub(super) fn start(guard: Guard, inbox: Inbox) -> Result<Painter, TerminalError> {
    let painter = Painter::default();
    let scenes = painter.clone();
    std::thread::Builder::new()
        .name("draw".into())
        .spawn(move || {
            let mut canvas = Canvas::default();
            loop {
                let next = scenes.take();
                let number = next.scene.as_ref().map(|scene| scene.number);
                // the watcher sees a terminal that is gone; any other failure heals with a full repaint
                let written = paint(&guard, &mut canvas, next).unwrap_or_else(|_| {
                    canvas = Canvas::default();
                    false
                });
                if let Some(scene) = number {
                    inbox.input(Input::Painted { scene, dropped: !written });
                }
            }
        })
        .map_err(TerminalError::Thread)?;
    Ok(painter)
}

fn paint(guard: &Guard, canvas: &mut Canvas, next: Slot) -> std::io::Result<bool> {
    if next.repaint {
        *canvas = Canvas::default();
    }
    let mut bytes = next.aside;
    // a terminal that does not tell its size takes any
    let fits = |scene: &Scene| {
        let area = scene.cells.area;
        tty::size_of_terminal().is_none_or(|size| size == (area.width, area.height))
    };
    let scene = next.scene.filter(fits);
    let shows = scene.is_some();
    if let Some(scene) = scene {
        bytes.extend(canvas.advance(scene));
    }
    let written = bytes.is_empty() || guard.write_frame(&bytes)?;
    if !written {
        *canvas = Canvas::default();
    }
    Ok(shows && written)
}

/// What the terminal shows, as far as this side knows.
#[derive(Debug, Default)]
pub struct Canvas {
    shown: Option<Scene>,
}

impl Canvas {
    /// Bytes that bring the terminal from what it shows to `scene`; none when it shows that already.
    pub fn advance(&mut self, scene: Scene) -> Vec<u8> {
        let area = scene.cells.area;
        let before = self.shown.take().filter(|shown| shown.cells.area == area);
        let mut bytes = Vec::new();
        let cursor_before = before.as_ref().map(|shown| shown.cursor);
        let cells_before = if let Some(shown) = before {
            shown.cells
        } else {
            bytes.extend_from_slice(encode::CLEAR.as_bytes());
            Buffer::empty(Rect { x: 0, y: 0, ..area })
        };
        let cells = encode::difference(&cells_before, &scene.cells);
        let moved = !cells.is_empty() && scene.cursor.is_some();
        bytes.extend(cells);
        if moved || cursor_before != Some(scene.cursor) {
            bytes.extend(encode::cursor(scene.cursor).into_bytes());
        }
        self.shown = Some(scene);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(number: u64, text: &str, width: u16) -> Scene {
        let mut cells = Buffer::empty(Rect::new(0, 0, width, 3));
        cells.set_string(0, 0, text, ratatui::style::Style::new());
        Scene { number, cells, cursor: None }
    }

    #[test]
    fn an_unchanged_scene_writes_nothing_and_another_size_paints_all() {
        let mut canvas = Canvas::default();
        assert!(canvas.advance(scene(1, "hello", 20)).starts_with(encode::CLEAR.as_bytes()));
        assert!(canvas.advance(scene(2, "hello", 20)).is_empty());
        let changed = canvas.advance(scene(3, "hallo", 20));
        assert!(!changed.starts_with(encode::CLEAR.as_bytes()) && !changed.is_empty());
        assert!(canvas.advance(scene(4, "hallo", 21)).starts_with(encode::CLEAR.as_bytes()));
    }

    #[test]
    fn the_newest_scene_wins() {
        let painter = Painter::default();
        painter.show(scene(1, "old", 20));
        painter.show(scene(2, "new", 20));
        assert_eq!(painter.take().scene.unwrap().number, 2);
        assert!(painter.lock().scene.is_none());
    }

    #[test]
    fn a_cursor_is_put_back_after_cells_changed() {
        let mut canvas = Canvas::default();
        let with_cursor = |text| Scene { cursor: Some(Position::new(2, 1)), ..scene(1, text, 20) };
        canvas.advance(with_cursor("a"));
        assert!(canvas.advance(with_cursor("a")).is_empty());
        assert!(canvas.advance(with_cursor("b")).ends_with(b"\x1b[2;3H\x1b[?25h"));
        assert!(canvas.advance(scene(3, "b", 20)).ends_with(b"\x1b[?25l"));
    }
}
