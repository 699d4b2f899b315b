//! What a program goes through: some starts, a while with nothing new, a while of churn, some keys.

use std::{env, thread, time::Duration};

use color_eyre::eyre::{Result, ensure};

use super::{
    churn::{Churn, RATE},
    process::{self, Memory},
    subject::{Program, Start, Subject},
};
use crate::{
    harness::cluster::Cluster,
    rig::clock,
    support::terminal::{PATIENCE, Terminal},
};

/// Starts; the median counts.
const STARTS: usize = 7;
/// Between a start and what is watched then.
const SETTLE: Duration = Duration::from_secs(20);
/// Churn begins that much before it is measured, and is waited for that long after it ended.
const LEAD: Duration = Duration::from_secs(3);
/// Key presses.
const KEYS: usize = 20;
/// Between two of them.
const BETWEEN_KEYS: Duration = Duration::from_millis(300);

/// A program under way.
pub(super) struct Course<'c> {
    pub(super) subject: Subject<'c>,
    pub(super) terminal: Terminal,
    figures: Figures,
}

/// What was measured of one program.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) start: Start,
    pub(super) settled: Memory,
    pub(super) still: Span,
    pub(super) churned: Span,
    pub(super) after_churn: Memory,
    /// Changes a second that were reached.
    pub(super) rate: f64,
    /// Milliseconds from a key to a changed screen, sorted; none of a program without keys.
    pub(super) keys: Vec<f64>,
    /// Bytes for a key.
    pub(super) key_bytes: u64,
}

/// What a while cost, by the minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    /// Seconds of processor time.
    pub(super) cpu: f64,
    /// Bytes to the terminal.
    pub(super) written: f64,
    /// Bytes from the API server.
    pub(super) received: f64,
}

struct Mark {
    at: std::time::Instant,
    cpu: f64,
    written: u64,
    received: u64,
}

impl<'c> Course<'c> {
    /// Starts the program some times; the last start stays.
    pub(super) fn run(subject: Subject<'c>) -> Result<Self> {
        let mut starts = Vec::new();
        let mut last = None;
        for _ in 0..STARTS {
            drop(last.take());
            let (terminal, start) = subject.start()?;
            starts.push(start);
            last = Some(terminal);
        }
        let terminal = last.ok_or_else(|| color_eyre::eyre::eyre!("nothing was started"))?;
        let middle = |of: fn(&Start) -> f64| median(starts.iter().map(of).collect());
        let start = Start {
            useful: middle(|start| start.useful),
            whole: middle(|start| start.whole),
            cpu: middle(|start| start.cpu),
            resident: middle(|start| start.resident),
            received: starts[STARTS / 2].received,
        };
        Ok(Self { subject, terminal, figures: Figures { start, ..Figures::default() } })
    }

    fn mark(&self) -> Result<Mark> {
        Ok(Mark {
            at: clock::now(),
            cpu: process::cpu(self.terminal.process())?,
            written: self.terminal.received(),
            received: self.subject.received(),
        })
    }

    fn memory(&self) -> Result<Memory> {
        process::memory(self.terminal.process())
    }

    fn keys(&mut self) -> Result<()> {
        let before = self.terminal.received();
        for _ in 0..KEYS {
            thread::sleep(BETWEEN_KEYS);
            let (frame, pressed) = (self.terminal.frame(), clock::now());
            self.terminal.press("Down")?;
            let changed =
                self.terminal.moment_when(PATIENCE, "a key changes the screen", |now| *now != frame)?;
            self.figures.keys.push(changed.saturating_duration_since(pressed).as_secs_f64() * 1000.0);
        }
        self.figures.key_bytes = (self.terminal.received() - before) / KEYS as u64;
        self.figures.keys.sort_by(f64::total_cmp);
        Ok(())
    }

    /// What was measured.
    pub(super) fn finish(self) -> Figures {
        self.figures
    }
}

/// A while with nothing new, a while of churn, and keys, all programs at once.
pub(super) fn side_by_side<'c, const N: usize>(
    cluster: &Cluster,
    mut courses: [Course<'c>; N],
) -> Result<[Course<'c>; N]> {
    let watched = env::var("GONOGO_LOAD_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let watched = Duration::from_secs(watched.unwrap_or(60));
    thread::sleep(SETTLE.min(watched));
    for course in &mut courses {
        course.figures.settled = course.memory()?;
    }
    let before = marks(&courses)?;
    still(&courses, watched)?;
    let after = marks(&courses)?;
    for ((course, before), after) in courses.iter_mut().zip(&before).zip(after) {
        course.figures.still = before.until(&after);
    }
    let churn = Churn::start(cluster.admin(), courses[0].subject.namespace())?;
    thread::sleep(LEAD);
    let before = marks(&courses)?;
    thread::sleep(watched);
    let after = marks(&courses)?;
    let rate = churn.stop()?;
    thread::sleep(LEAD);
    for ((course, before), after) in courses.iter_mut().zip(&before).zip(after) {
        course.figures.churned = before.until(&after);
        course.figures.after_churn = course.memory()?;
        course.figures.rate = rate;
        if course.subject.program == Program::Console {
            course.keys()?;
        }
    }
    ensure!(rate > f64::from(RATE) / 2.0, "only {rate:.1} changes a second were made");
    Ok(courses)
}

/// Lets time pass; whoever writes to a screen that does not change breaks a promise.
fn still(courses: &[Course<'_>], watched: Duration) -> Result<()> {
    let console = courses.iter().find(|course| course.subject.program == Program::Console);
    let end = clock::now() + watched;
    while clock::now() < end {
        let look = |course: &Course<'_>| (course.terminal.frame(), course.terminal.received());
        let before = console.map(look);
        thread::sleep(Duration::from_secs(1));
        if let (Some((frame, bytes)), Some((frame_now, bytes_now))) = (before, console.map(look)) {
            let written = bytes_now - bytes;
            ensure!(written == 0 || frame != frame_now, "{written} bytes for an unchanged screen:\n{frame}");
        }
    }
    Ok(())
}

fn marks<const N: usize>(courses: &[Course<'_>; N]) -> Result<Vec<Mark>> {
    courses.iter().map(Course::mark).collect()
}

impl Mark {
    fn until(&self, after: &Self) -> Span {
        let minutes = (after.at - self.at).as_secs_f64() / 60.0;
        Span {
            cpu: (after.cpu - self.cpu) / minutes,
            written: precise(after.written - self.written) / minutes,
            received: precise(after.received - self.received) / minutes,
        }
    }
}

/// A count of bytes to reckon with; more than four gigabytes are none of these.
pub(super) fn precise(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
