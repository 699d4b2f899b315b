//! The whole program on a pseudo-terminal, against its own simulated cluster: what a terminal can do to a console.

#![cfg(feature = "sim")]
#![expect(clippy::disallowed_methods, reason = "deadlines of a test are real time")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pty;
mod sim;

use std::time::Duration;

use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use pty::Console;
use rustix::process::Signal;
use sim::Sim;

fn demo() -> Console {
    let mut console = Console::start(&["demo"], 80, 24);
    console.wait_for_text("SIMULATED");
    console.wait_for_text("api");
    console
}

#[test]
fn it_draws_and_leaves_the_terminal_as_it_was() {
    let mut console = Console::start(&["demo"], 120, 40);
    let before = format!("{:?}", console.termios());
    console.wait_for_text("SIMULATED");
    assert!(console.is_taken_over());
    assert_ne!(format!("{:?}", console.termios()), before);
    console.type_keys("q");
    let (code, _) = console.wait_for_end();
    assert_eq!(code, 0);
    assert_eq!(format!("{:?}", console.termios()), before);
    console.wait_for("the shell's screen", |console| !console.is_taken_over() && console.shows_cursor());
}

#[test]
fn a_signal_ends_it_and_the_terminal_is_restored() {
    let mut console = demo();
    console.signal(Signal::TERM);
    assert_eq!(console.wait_for_end().0, 130);
    console.wait_for("the shell's screen", |console| !console.is_taken_over() && console.shows_cursor());
}

#[test]
fn it_does_not_outlive_its_terminal() {
    let mut console = demo();
    console.hang_up();
    let (_, took) = console.wait_for_end();
    println!("gone {} ms after the hang-up (goal: 2000)", took.as_millis());
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[test]
fn it_can_be_suspended_and_comes_back_whole() {
    let mut console = demo();
    console.signal(Signal::TSTP);
    console.wait_for("the shell's screen", |console| !console.is_taken_over() && console.shows_cursor());
    console.signal(Signal::CONT);
    console.wait_for("its own screen", Console::is_taken_over);
    console.wait_for_text("SIMULATED");
    console.type_keys("q");
    assert_eq!(console.wait_for_end().0, 0);
}

#[test]
fn pasted_text_is_never_a_key() {
    let mut console = demo();
    console.paste("sudo !! H y q\n");
    console.wait_for_text("pasted text goes only into text fields");
    assert!(!console.text().contains("STOP sent"), "{}", console.text());
    console.type_keys("q");
    assert_eq!(console.wait_for_end().0, 0);
}

#[test]
fn a_held_or_unbracketed_chord_never_fires() {
    let mut console = demo();
    // without bracketed paste these are keys: the last one closes the bar that the first `!` opened
    console.type_keys("sudo !!\r");
    console.type_keys("!!!!!!!!");
    console.wait_for_text("release the key");
    console.type_keys("\x1b");
    console.wait_for("the bar to close", |console| !console.text().contains("▌STOP"));
    assert!(!console.text().contains("STOPPED"), "{}", console.text());
}

#[test]
fn any_size_is_drawn_and_none_is_fatal() {
    let seed: [u8; 32] =
        std::array::from_fn(|index| u8::try_from(std::process::id() >> (index % 4 * 8) & 0xff).unwrap());
    println!("seed {seed:?}");
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut console = demo();
    for _ in 0..60 {
        console.resize(random.random_range(1..=200), random.random_range(1..=60));
    }
    console.resize(1, 1);
    console.resize(80, 24);
    console.wait_for_text("SIMULATED");
    console.type_keys("q");
    assert_eq!(console.wait_for_end().0, 0);
}

#[test]
fn a_key_beside_a_change_of_size_is_not_lost() {
    let mut console = demo();
    for round in 0..40 {
        // both reach the program in one look at its terminal
        console.resize(80 + round % 2, 24);
        console.type_keys(":");
        console.wait_for_text("Palette");
        console.type_keys("\x1b");
        console.wait_for("the palette to close", |console| !console.text().contains("Palette"));
    }
}

#[test]
fn a_terminal_that_takes_nothing_blocks_neither_keys_nor_acts_nor_the_exit() {
    let sim = Sim::start("rollout");
    let mut console = Console::start_stalled(&[], &[("KUBECONFIG", sim.kubeconfig())], 200, 60);
    console.wait_for("a stalled frame", Console::is_stalled);
    console.type_keys("H");
    sim.wait_until_paused("api");
    console.signal(Signal::TERM);
    assert_eq!(console.wait_for_end().0, 130);
}
