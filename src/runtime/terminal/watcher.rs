//! The thread that sees signals and the hang-up.
//!
//! After a hang-up the key thread may spin in a read that never returns, and the loop may be waiting for anything: so
//! this thread alone makes sure that the process ends.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::draw::Painter;
use super::guard::Guard;
use super::{Input, TerminalError, tty};
use crate::runtime::inbox::Inbox;

/// A hang-up is looked for this often.
const LOOK: Duration = Duration::from_millis(500);
/// The loop gets this long to put its journal in order before the process is ended over its head. Together with
/// [`LOOK`] the process is gone two seconds after the hang-up.
const GRACE: Duration = Duration::from_millis(1300);

/// Why the console has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The terminal is gone.
    HangUp,
    /// SIGTERM, SIGINT or SIGQUIT.
    Signal,
}

impl EndedBy {
    /// Exit code: interrupted.
    pub const EXIT: i32 = 130;
}

/// Starts the thread.
pub(super) fn start(guard: Guard, painter: Painter, inbox: Inbox) -> Result<(), TerminalError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TerminalError::Thread)?;
    // the handlers must stand before the thread runs: a signal in between would kill the process with a raw terminal
    let signals = {
        let _inside = runtime.enter();
        Signals::install().map_err(TerminalError::Thread)?
    };
    std::thread::Builder::new()
        .name("watcher".into())
        .spawn(move || {
            let ended = runtime.block_on(signals.watch(&guard, &painter, &inbox));
            inbox.input(Input::Ended(ended));
            std::thread::sleep(GRACE);
            guard.restore();
            std::process::exit(EndedBy::EXIT);
        })
        .map(drop)
        .map_err(TerminalError::Thread)
}

struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    go_on: Signal,
}

impl Signals {
    fn install() -> std::io::Result<Self> {
        let suspend = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        let go_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(suspend)?,
            go_on: signal(go_on)?,
        })
    }

    /// Watches until the console has to end.
    async fn watch(mut self, guard: &Guard, painter: &Painter, inbox: &Inbox) -> EndedBy {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = self.hang_up.recv() => return EndedBy::HangUp,
                _ = self.terminate.recv() => return EndedBy::Signal,
                _ = self.interrupt.recv() => return EndedBy::Signal,
                _ = self.quit.recv() => return EndedBy::Signal,
                _ = self.stop.recv() => suspend(guard),
                _ = self.go_on.recv() => come_back(guard, painter, inbox),
                _ = look.tick() => {
                    if guard.hung_up() {
                        return EndedBy::HangUp;
                    }
                }
            }
        }
    }
}

/// Gives the terminal to the shell and stands still until SIGCONT.
fn suspend(guard: &Guard) {
    guard.lend();
    // SIGSTOP cannot be handled: this stops every thread, and returns after `fg`
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

fn come_back(guard: &Guard, painter: &Painter, inbox: &Inbox) {
    if let Err(error) = guard.take() {
        inbox.input(Input::Broken(format!("the terminal could not be taken back: {error}")));
        return;
    }
    painter.repaint();
    if let Some((width, height)) = tty::size_of_terminal() {
        inbox.input(Input::Resized { width, height });
    }
}
