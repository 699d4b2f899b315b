//! The terminal device behind standard input and output, and a second descriptor for it.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use rustix::fs::OFlags;
use rustix::termios;

/// Columns and rows of the terminal on standard output; `None` where there is none, or where it has no size yet.
#[must_use]
pub fn size_of_terminal() -> Option<(u16, u16)> {
    let size = termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// Opens the terminal a second time. Writing to this descriptor never blocks, whatever state the first one is in.
pub(super) fn second_descriptor() -> std::io::Result<File> {
    let by_name = termios::ttyname(std::io::stdout(), Vec::new())
        .ok()
        .and_then(|name| name.into_string().ok())
        .map(PathBuf::from);
    let path = by_name.unwrap_or_else(|| PathBuf::from("/dev/tty"));
    // a terminal may not become the controlling one of this process by being opened
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)
}

/// Whether something was typed that nobody has read.
pub(super) fn has_input() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut look = [PollFd::new(&stdin, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut look, Some(&at_once)), Ok(ready) if ready > 0)
}

/// Sets the attributes of a terminal to what they are.
pub(super) fn wake_readers(tty: impl AsFd) -> rustix::io::Result<()> {
    let now = termios::tcgetattr(&tty)?;
    termios::tcsetattr(&tty, termios::OptionalActions::Now, &now)
}

/// Whether the other side of the terminal is gone.
pub(super) fn hung_up(tty: impl AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut look = [PollFd::new(&tty, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut look, Some(&at_once)) {
        Ok(_) => look[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::epoll;
    use rustix::pty::OpenptFlags;

    use super::*;

    /// Whether an edge is reported within so many seconds.
    #[cfg(target_os = "linux")]
    fn edge(epoll: &impl AsFd, seconds: i64) -> bool {
        let patience = rustix::event::Timespec { tv_sec: seconds, tv_nsec: 0 };
        let mut events = Vec::with_capacity(1);
        epoll::wait(epoll, rustix::buffer::spare_capacity(&mut events), Some(&patience)).unwrap();
        !events.is_empty()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn input_whose_arrival_was_missed_is_reported_again() {
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&master).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let name = rustix::pty::ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let tty = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let mut raw = termios::tcgetattr(&tty).unwrap();
        raw.make_raw();
        termios::tcsetattr(&tty, termios::OptionalActions::Now, &raw).unwrap();
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).unwrap();
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &tty, epoll::EventData::new_u64(1), flags).unwrap();
        rustix::io::write(&master, b"!").unwrap();
        assert!(edge(&epoll, 10));
        assert!(!edge(&epoll, 0), "told once, and nobody read it");
        wake_readers(&tty).unwrap();
        assert!(edge(&epoll, 10));
    }
}
