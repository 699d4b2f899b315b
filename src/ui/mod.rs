//! Pictures and keys: what the state looks like on a terminal, and what a key means.
//!
//! Everything here is a pure function of ([`State`](crate::core::State), [`UiState`]): no clock, no terminal, no I/O.
//! [`handle`] turns input into intents, [`attend`] brings the picture up to a changed state, [`render`] draws it.
//! Nothing here judges a cluster or decides whether an act is allowed, and no other folder names a colour.

mod chrome;
mod coach;
pub mod command;
pub mod fault;
pub mod field;
#[cfg(test)]
mod fixture;
mod frame;
pub mod glyph;
pub mod input;
pub mod key;
pub mod keymap;
pub mod line;
pub mod order;
pub mod overlay;
pub mod paint;
pub mod prompt;
pub mod screens;
pub mod skin;
pub mod state;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod view;
mod widgets;
pub mod words;

pub use frame::{Shown, hit, render};
pub use input::{Answer, InputEvent, UiEffect, attend, handle};
pub use paint::Hit;
pub use screens::ScreenId;
pub use skin::Skin;
pub use state::UiState;
