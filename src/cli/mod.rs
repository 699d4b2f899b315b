//! The command line: arguments, verbs, and answers as text or JSON.
//!
//! A verb that acts starts the same loop and core as the console does, without a terminal: same guards, same journal.
//! Nothing is decided here but how an answer is written and which exit code it has.

pub mod args;
mod documents;
pub mod exit;
pub mod print;
mod session;
