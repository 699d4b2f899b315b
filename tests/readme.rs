//! The README says what the program says. `README_WRITE=1 cargo test --test readme` writes the key table anew.

use std::process::Command;

use clap::CommandFactory as _;
use gonogo::cli::args::Cli;
use gonogo::cli::exit::EXITS;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- keys: begin -->\n";
const END: &str = "<!-- keys: end -->";

#[expect(clippy::unwrap_used, reason = "without a README there is nothing to test")]
fn readme() -> String {
    std::fs::read_to_string(README).unwrap()
}

#[test]
fn the_key_table_is_the_one_that_gonogo_keys_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_gonogo")).arg("keys").output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let readme = readme();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    if std::env::var_os("README_WRITE").is_some() {
        std::fs::write(README, [before, BEGIN, &printed, END, after].concat()).unwrap();
    } else {
        assert_eq!(table, printed, "`README_WRITE=1 cargo test --test readme` writes it anew");
    }
}

#[test]
fn every_exit_code_stands_in_the_table_and_no_other() {
    let readme = readme();
    let (_, table) = readme.split_once("| Exit code |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let codes: Vec<u8> = rows.map(|row| row.split('|').nth(1).unwrap().trim().parse().unwrap()).collect();
    assert_eq!(codes, EXITS.map(|row| row.code));
}

#[test]
fn every_command_that_is_named_exists() {
    let readme = readme();
    let known = Cli::command();
    let mut seen = 0;
    for span in code_spans(&readme) {
        let line = span.replace("cargo run -- ", "gonogo ");
        let Some(line) = line.strip_prefix("gonogo ") else { continue };
        // What stands after a comment sign explains the line.
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        check(&known, &words, &span);
        seen += 1;
    }
    assert!(seen >= 8, "{seen} commands were found");
}

#[test]
fn every_verb_of_the_list_for_scripts_exists() {
    let readme = readme();
    let (_, scripts) = readme.split_once("`gonogo status`, ").unwrap();
    let (listed, _) = scripts.split_once("each with").unwrap();
    for verb in listed.split('`').skip(1).step_by(2) {
        assert!(Cli::command().find_subcommand(verb).is_some(), "no command {verb}");
    }
}

/// What stands between back-ticks, and the lines of code blocks.
fn code_spans(text: &str) -> Vec<String> {
    let mut spans = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            spans.push(line.trim_start_matches("$ ").to_owned());
        } else {
            spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    spans
}

/// Follows the words into the commands: each subcommand and each option has to exist.
fn check(known: &clap::Command, words: &[&str], span: &str) {
    let mut command = known;
    for word in words {
        if let Some(option) = word.strip_prefix("--") {
            let has = |command: &clap::Command| {
                command.get_arguments().any(|known| known.get_long() == Some(option))
            };
            assert!(has(command) || has(known), "`{span}`: no option {word}");
        } else if let Some(letter) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) {
            let has = |command: &clap::Command| {
                command.get_arguments().any(|known| known.get_short() == Some(letter))
            };
            assert!(has(command) || has(known), "`{span}`: no option {word}");
        } else if command.has_subcommands() {
            // One word may name several, as `list|show`.
            let inner: Vec<_> = word.split('|').map(|name| command.find_subcommand(name)).collect();
            if inner.iter().any(Option::is_none) {
                let is_value = words.iter().take_while(|before| *before != word).any(|w| w.starts_with('-'));
                assert!(is_value, "`{span}`: no command {word}");
                continue;
            }
            command = inner[0].unwrap_or(command);
        }
    }
}

#[test]
fn the_members_of_the_status_are_those_that_are_promised() {
    let readme = readme();
    let (_, rest) = readme.split_once("<!-- status: begin -->").unwrap();
    let (list, _) = rest.split_once("<!-- status: end -->").unwrap();
    let promised: Vec<&str> =
        list.split('`').filter(|word| !word.trim_matches([',', ' ']).is_empty()).collect();
    let source = include_str!("../src/cli/status.rs");
    let (_, row) = source.split_once("struct Row<'a> {\n").unwrap();
    let (row, _) = row.split_once("\n}").unwrap();
    let members: Vec<&str> = row.lines().filter_map(|line| Some(line.trim().split_once(':')?.0)).collect();
    assert_eq!(members, promised);
}
