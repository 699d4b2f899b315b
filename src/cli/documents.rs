//! What the program can say about itself without a cluster: completions, manual page, key table.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::print;
use crate::ui::command::key_table;
use crate::ui::keymap::Keymap;

/// Prints a completion script.
#[must_use]
pub(super) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gonogo", &mut script);
    print::raw(&String::from_utf8_lossy(&script));
    Exit::Done
}

/// Prints the key table of the shipped keymap as Markdown.
#[must_use]
pub(super) fn keys() -> Exit {
    print::raw(&key_table(&Keymap::shipped()));
    Exit::Done
}

/// Prints the manual page: the program, then each of its commands.
#[must_use]
pub(super) fn manual() -> Exit {
    let mut page = Vec::new();
    let mut command = Cli::command();
    // gives the commands their full names
    command.build();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| {
        command.get_subcommands().try_for_each(|verb| clap_mangen::Man::new(verb.clone()).render(&mut page))
    });
    match rendered {
        Ok(()) => {
            print::raw(&String::from_utf8_lossy(&page));
            Exit::Done
        }
        Err(error) => {
            print::complain(&format!("the manual page cannot be written: {error}"));
            Exit::Failure
        }
    }
}
