use super::super::command::COMMANDS;
use super::super::screens::ScreenId;
use super::*;

fn faults(text: &str) -> Vec<String> {
    let (index, faults) = Keymap::overlaid(&[text]).expect_err("the overlay is faulty");
    assert_eq!(index, 0);
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn the_shipped_file_binds_everything_but_the_acts_of_the_palette() {
    let keymap = Keymap::shipped();
    let unbound: Vec<_> =
        COMMANDS.iter().filter(|row| keymap.key(row.command).is_none()).map(|row| row.word).collect();
    assert_eq!(unbound, ["restart", "scale", "set-image", "reset-stop", "promote-full", "retry"]);
}

#[test]
fn an_overlay_replaces_the_keys_of_what_it_names_and_nothing_else() {
    let keymap = Keymap::overlaid(&["[keys]\nhold = [\"h\", \"f9\"]\nnote = []"]).unwrap();
    let held = |word: &str| keymap.on_screen(word.parse().unwrap(), ScreenId::Overview, false);
    assert_eq!(held("h"), Some(Command::Hold));
    assert_eq!(held("H"), None);
    assert_eq!(held("N"), None);
    assert_eq!(held("B"), Some(Command::RollBack));
}

#[test]
fn the_same_key_may_mean_two_things_in_two_places_only() {
    let keymap = Keymap::shipped();
    let n = "n".parse().unwrap();
    assert_eq!(keymap.on_screen(n, ScreenId::Overview, false), Some(Command::Namespaces));
    assert_eq!(keymap.on_screen(n, ScreenId::Pods, true), Some(Command::NextMatch));
    let y = "y".parse().unwrap();
    assert_eq!(keymap.in_sheet(y), Some(Command::SheetSend));
    assert_eq!(keymap.on_screen(y, ScreenId::Pods, false), Some(Command::Yaml));
    assert_eq!(keymap.on_screen(y, ScreenId::Timeline, false), None);
}

#[test]
fn faults_are_located_and_say_what_to_write() {
    assert_eq!(
        faults("[keys]\nhodl = \"h\"\nhold = \"hh\""),
        [
            "2:1: there is no command `hodl` (did you mean `hold`?)",
            "3:8: `hh` is no key: write one character, or a name such as `f1`, `enter`, `ctrl-d`",
        ]
    );
    assert_eq!(
        faults("[keys]\nhold = \"B\""),
        ["2:8: `B` is the key of `roll-back` already (give `roll-back` another key, or [])"]
    );
    assert_eq!(
        faults("[colours]\nx = 1"),
        ["1:2: `colours` is not known here (a keymap has one table: [keys])"]
    );
    assert_eq!(faults("[keys]\nhold = \"ctrl-z\"").len(), 1);
    assert_eq!(faults("[keys]\nhold = ").len(), 1);
}

#[test]
fn the_stop_can_be_neither_unbound_nor_shadowed() {
    assert_eq!(
        faults("[keys]\nstop = []"),
        ["2:1: the emergency stop would have no key (write: stop = \"!\")"]
    );
    assert!(faults("[keys]\nsheet-send = \"!\"")[0].contains("would shadow the emergency stop"));
    assert!(faults("[keys]\nnext-match = \"!\"")[0].contains("would shadow the emergency stop"));
    assert!(faults("[keys]\nstop = \"y\"")[0].contains("would shadow the emergency stop"));
    let moved = Keymap::overlaid(&["[keys]\nstop = \"f12\""]).unwrap();
    assert!(moved.is_stop("f12".parse().unwrap()) && !moved.is_stop("!".parse().unwrap()));
}
