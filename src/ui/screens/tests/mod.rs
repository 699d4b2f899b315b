//! Pictures of the screens, on recorded objects and on states made by hand; keys; wild texts and sizes.

mod fixture;
mod keys;
mod pictures;
mod wild;
