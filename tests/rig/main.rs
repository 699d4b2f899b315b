//! The control plane by hand: `cargo test --test rig -- up`, then point the console at it.

mod by_hand;
#[expect(dead_code, reason = "the drills use more of it")]
#[path = "mod.rs"]
mod rig;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    if let Some(code) = rig::lifeline::play_role(&[]) {
        return code;
    }
    let verb = env::args().nth(1);
    let outcome = match verb.as_deref() {
        Some("build") => by_hand::build(),
        Some("up") => by_hand::up(),
        Some("down") => by_hand::down(),
        Some("env") => by_hand::env(),
        Some("status") => {
            by_hand::status();
            Ok(())
        }
        Some(by_hand::SERVE) => by_hand::serve(),
        Some(word) if !word.starts_with('-') => by_hand::unknown(word),
        // Nothing, or the flags that cargo hands to every test.
        Some(_) | None => {
            by_hand::usage();
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rig: {error:#}");
            ExitCode::FAILURE
        }
    }
}
