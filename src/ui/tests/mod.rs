//! Tests of whole pictures and of keys, on states made by hand.

mod show;
mod sizes;
