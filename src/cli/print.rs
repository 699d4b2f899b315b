//! Everything that is printed goes through here: sanitised, and quiet when nobody reads any more.

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

/// Prints one value as JSON. JSON escapes control characters by itself; text from outside was sanitised at ingest.
pub(super) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => raw(&format!("{text}\n")),
        Err(error) => complain(&format!("the answer cannot be written as JSON: {error}")),
    }
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
    let _ = write!(err, "{question}").and_then(|()| err.flush());
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
