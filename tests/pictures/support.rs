//! The terminal of the drills, and its screen with colours.

#[path = "../support/screen.rs"]
pub(crate) mod screen;
#[path = "../support/terminal.rs"]
pub(crate) mod terminal;
#[path = "../support/watch.rs"]
pub(crate) mod watch;

impl terminal::Terminal {
    /// The cells of the screen as they are now.
    pub(crate) fn cells(&self) -> vt100::Screen {
        terminal::lock(&self.screen).parser.screen().clone()
    }
}
