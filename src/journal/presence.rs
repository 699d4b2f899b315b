//! Whether a console that wrote to a journal on this host still runs. A console that was killed writes no last word; the
//! operating system is the only witness.

use std::fs;

use rustix::process::{Pid, test_kill_process};

/// Whether the process of a console on this host is gone for certain. A zombie is gone: nobody drives it any more.
#[must_use]
pub fn is_gone(pid: u32) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => has_ended(&stat),
        // where there is no /proc, or another user's processes are hidden, a signal that is not sent can still tell
        Err(_) => no_such_process(pid),
    }
}

/// Only "no such process" means gone; a process that may not be signalled is there.
fn no_such_process(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// The state is the first word behind the name, which stands in brackets and may hold any character.
fn has_ended(stat: &str) -> bool {
    let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
    matches!(state, Some("Z" | "X" | "x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_is_not_gone_and_one_that_ended_is() {
        assert!(!is_gone(std::process::id()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(is_gone(pid));
    }

    #[test]
    fn the_name_of_a_process_does_not_deceive() {
        assert!(!has_ended("7 (gonogo) Z) S 1 7 7 0"));
        assert!(has_ended("7 (a b) Z 1 7 7 0"));
        assert!(!has_ended(""), "what cannot be read proves nothing");
    }
}
