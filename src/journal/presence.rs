//! Whether a console that wrote to a journal on this host still runs. A console that was killed writes no last word; the
//! operating system is the only witness.

use std::fs;

use rustix::process::{Pid, test_kill_process};

use crate::model::fact::{Clocks, Present};

/// A console writes its first fact at the earliest when it started; ticks and milliseconds are rounded apart.
const SLACK_MILLIS: u64 = 1_000;

/// Which run of the machine this is; empty where the system does not tell.
#[must_use]
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Whether the process of a console on this host is gone for certain. A zombie is gone: nobody drives it any more. So is
/// one whose number was given to a later process, or that ran before the machine was started anew.
#[must_use]
pub fn is_gone(console: &Present) -> bool {
    let pid = console.who.pid;
    let boot = boot_id();
    let rebooted = |since: &Clocks| !boot.is_empty() && !since.boot.is_empty() && since.boot.as_str() != boot;
    if console.since.as_ref().is_some_and(rebooted) {
        return true;
    }
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => has_ended(&stat) || is_later(&stat, console.since.as_ref()),
        // where there is no /proc, or another user's processes are hidden, a signal that is not sent can still tell
        Err(_) => no_such_process(pid),
    }
}

/// Only "no such process" means gone; a process that may not be signalled is there.
fn no_such_process(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// The fields behind the name, which stands in brackets and may hold any character.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit(')').next().unwrap_or_default().split_whitespace()
}

fn has_ended(stat: &str) -> bool {
    matches!(fields(stat).next(), Some("Z" | "X" | "x"))
}

/// Whether the process began after the console's first fact. Its start is field 22, in hundredths of a second since the
/// boot (`proc(5)`; the unit is 100 a second on every Linux that this runs on).
fn is_later(stat: &str, since: Option<&Clocks>) -> bool {
    let started = fields(stat).nth(19).and_then(|ticks| ticks.parse::<u64>().ok());
    match (started, since) {
        (Some(ticks), Some(clocks)) => ticks * 10 > clocks.since_boot + SLACK_MILLIS,
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;
    use crate::model::fact::Author;

    fn console(pid: u32, since: Option<(&str, u64)>) -> Present {
        let since = since.map(|(boot, since_boot)| Clocks {
            boot: boot.into(),
            since_boot,
            system: Time::default(),
            server: None,
        });
        Present { who: Author { pid, ..Author::default() }, since }
    }

    #[test]
    fn a_process_that_runs_is_not_gone_and_one_that_ended_is() {
        assert!(!is_gone(&console(std::process::id(), None)));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(is_gone(&console(pid, None)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_number_that_was_given_to_a_later_process_or_run_of_the_machine_deceives_nobody() {
        let (own, boot) = (std::process::id(), boot_id());
        assert!(!is_gone(&console(own, Some((&boot, u64::MAX / 2)))));
        assert!(is_gone(&console(own, Some((&boot, 0)))), "this process began long after the boot");
        assert!(is_gone(&console(own, Some(("another-boot", u64::MAX / 2)))));
    }

    #[test]
    fn the_name_of_a_process_does_not_deceive() {
        assert!(!has_ended("7 (gonogo) Z) S 1 7 7 0"));
        assert!(has_ended("7 (a b) Z 1 7 7 0"));
        assert!(!has_ended(""), "what cannot be read proves nothing");
    }
}
