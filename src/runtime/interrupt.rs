//! Ctrl-c and SIGTERM, where no terminal is taken over.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals, heard from the moment this is made: make it before telling anybody that the program is ready.
#[derive(Debug)]
pub struct Interrupt {
    terminated: Option<Signal>,
    interrupted: Option<Signal>,
}

impl Interrupt {
    /// Begins to listen. Where there can be no handler, the signal ends the process by itself.
    #[must_use]
    pub fn listen() -> Self {
        let hear = |kind| signal(kind).ok();
        Self { terminated: hear(SignalKind::terminate()), interrupted: hear(SignalKind::interrupt()) }
    }

    /// Waits for either.
    pub async fn wait(&mut self) {
        tokio::select! {
            () = came(&mut self.terminated) => {}
            () = came(&mut self.interrupted) => {}
        }
    }
}

async fn came(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
