//! What every test of the whole program needs: a terminal for it to run in.

pub(crate) mod screen;
pub(crate) mod terminal;
pub(crate) mod watch;
