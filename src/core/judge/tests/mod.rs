//! Rules, gates, bakes and the armed roll-back, as their users meet them.

mod automation;
mod bakes;
mod board;
mod fixture;
mod forms;
mod gates;
mod nonsense;
mod rules;
mod sources;
