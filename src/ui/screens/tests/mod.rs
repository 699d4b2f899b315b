//! Pictures of the screens, on recorded objects and on states made by hand; wild texts and sizes.

mod fixture;
mod show;
