//! Everything that is printed goes through here: sanitised, and quiet when nobody reads any more.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use serde::Serialize;

use super::exit::Exit;
use crate::model::Text;

/// Prints lines to standard output. A reader that went away (`| head`) ends the program quietly.
pub(super) fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) {
    let mut whole = String::new();
    for line in lines {
        for safe in line.as_ref().lines().map(Text::clean) {
            whole.push_str(safe.as_str());
            whole.push('\n');
        }
        if line.as_ref().is_empty() {
            whole.push('\n');
        }
    }
    raw(&whole);
}

/// Prints one value as JSON, whose strings are escaped further than JSON itself asks for.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => raw(&format!("{}\n", escaped(&text))),
        Err(error) => complain(&format!("the answer cannot be written as JSON: {error}")),
    }
}

/// What a terminal must not get stands in a JSON document inside of strings only, where it can be written as `\uXXXX`.
fn escaped(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if c == '\n' || Text::clean(c.encode_utf8(&mut [0; 4])).as_str().starts_with(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // writing to a string cannot fail
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Prints text that this program wrote itself (a script, a table, the manual page), as it is.
pub(super) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let exit = if error.kind() == ErrorKind::BrokenPipe { Exit::Done } else { Exit::Failure };
        std::process::exit(i32::from(exit.row().code));
    }
}

/// Prints one sentence to standard error.
pub(super) fn complain(sentence: &str) {
    for line in Text::lines(sentence) {
        // there is nowhere left to say that this failed
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Asks on standard error, so that an answer on standard output stays clean.
pub(super) fn ask(question: &str) {
    let mut err = std::io::stderr().lock();
    // a question that cannot be shown gets no answer, which is a no
    let _ = write!(err, "{}", Text::clean(question)).and_then(|()| err.flush());
}

/// Prints facts that no journal took: the last place where they can be found.
pub(super) fn unwritten(facts: &[String]) {
    if !facts.is_empty() {
        complain("these facts are in no journal:");
        for fact in facts {
            complain(fact);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_the_same_value_and_holds_nothing_that_moves_a_terminal() {
        let nasty = "a\u{1b}[2J\u{9b}5i\u{202e}b\u{2028}\u{e0041}\u{200d} \u{e4}\n\"\\";
        let written = escaped(&serde_json::to_string(nasty).unwrap());
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), nasty);
        assert!(written.chars().all(|c| c == '\u{e4}' || (' '..='~').contains(&c)), "{written}");
    }
}
