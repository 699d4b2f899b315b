//! Ctrl-c and SIGTERM, where no terminal is taken over.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for either.
pub async fn wait() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            // without a handler the signal ends the process by itself
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
