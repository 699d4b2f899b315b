//! The console's own log: in memory for the screen, and as JSON lines in the state directory.
//!
//! tui-logger's layer is used without its `init_logger`, which would start a thread that wakes a hundred times a
//! second; the loop moves its records before each frame. Libraries are heard in the file only, at WARN, and every
//! line of the file is searched for bearer tokens: a library may write down a request or an answer as a whole.

use std::io::Write;
use std::path::Path;

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
pub use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, registry};

/// Log files that are kept, one a day.
const KEPT_FILES: usize = 7;
/// Lines that wait for a slow disk; more are dropped. The room for them is taken at once, five megabytes of it if the
/// library had its way.
const WAITING_LINES: usize = 2_000;
/// A longer line is cut.
const LONGEST_LINE: usize = 16 * 1024;
/// Words after which a secret stands.
const BEFORE_SECRETS: [&str; 4] = ["bearer ", "basic ", "token\":\"", "token: "];

/// Keeps the file's writer alive; dropped, it writes what is left.
#[derive(Debug)]
pub struct LogGuard {
    _worker: Option<WorkerGuard>,
}

/// The variable that says how much goes into the file.
pub const VARIABLE: &str = "GONOGO_LOG";

/// Starts logging. Without a directory only the memory log is kept. `level` (`error` to `trace`) is that of the file,
/// for the libraries too; without one it is DEBUG for this program and WARN for them.
pub fn start(directory: Option<&Path>, level: Option<LevelFilter>) -> LogGuard {
    tui_logger::set_default_level(tui_logger::LevelFilter::Info);
    let own = Targets::new().with_target("gonogo", LevelFilter::INFO);
    let screen = tui_logger::TuiTracingSubscriberLayer.with_filter(own);
    let (file, worker) = directory.and_then(file).unzip();
    let file = file.map(|writer| {
        let targets = Targets::new()
            .with_default(level.unwrap_or(LevelFilter::WARN))
            .with_target("gonogo", level.unwrap_or(LevelFilter::DEBUG));
        tracing_subscriber::fmt::layer().json().with_writer(Redacting(writer)).with_filter(targets)
    });
    // a second subscriber can only be met in tests, where the first one does as well
    let _ = registry().with(screen).with(file).try_init();
    LogGuard { _worker: worker }
}

/// Moves new records to where the screen reads them; called before each frame.
pub fn collect() {
    tui_logger::move_events();
}

fn file(directory: &Path) -> Option<(NonBlocking, WorkerGuard)> {
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("gonogo")
        .filename_suffix("log")
        .max_log_files(KEPT_FILES)
        .build(directory)
        .ok()?;
    Some(NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).finish(appender))
}

/// Takes secrets out of each line before it is written.
#[derive(Clone, Debug)]
struct Redacting<W>(W);

impl<'a, W: Write + Clone + 'a> MakeWriter<'a> for Redacting<W> {
    type Writer = RedactingLine<W>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingLine(self.0.clone())
    }
}

struct RedactingLine<W>(W);

impl<W: Write> Write for RedactingLine<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.write_all(redact(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn redact(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some((start, word)) = next_secret(&lower, at) {
        let secret = start + word.len();
        out.push_str(&line[at..secret]);
        out.push_str("[redacted]");
        at = secret + lower[secret..].find([' ', '"', '\\', ',', '\n']).unwrap_or(lower.len() - secret);
    }
    out.push_str(&line[at..]);
    if out.len() > LONGEST_LINE {
        let end = out.floor_char_boundary(LONGEST_LINE);
        out.truncate(end);
        out.push_str(" [cut]\n");
    }
    out
}

fn next_secret(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    BEFORE_SECRETS
        .iter()
        .filter_map(|word| lower[from..].find(word).map(|found| (from + found, *word)))
        .min_by_key(|(start, _)| *start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_and_the_rest_stays() {
        for (raw, written) in [
            ("authorization: Bearer eyJh.x_y-z rest", "authorization: Bearer [redacted] rest"),
            (r#"{"token":"abc","ok":1}"#, r#"{"token":"[redacted]","ok":1}"#),
            ("BEARER one, bearer two", "BEARER [redacted], bearer [redacted]"),
            ("nothing to hide", "nothing to hide"),
        ] {
            assert_eq!(redact(raw), written);
        }
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        let written = redact(&"ä".repeat(LONGEST_LINE));
        assert!(written.len() < LONGEST_LINE + 10 && written.ends_with("[cut]\n"));
    }
}
