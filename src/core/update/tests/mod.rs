//! Whole turns of the core: events in, effects out, with a journal that answers at once or not at all.

mod acts;
mod anchor;
mod chord;
mod console;
mod evidence;
mod moved;
mod properties;
mod rights;
mod unread;
