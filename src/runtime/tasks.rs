//! The runtime's tasks. A panic in one of them ends the process by the hook in [`super::fatal`], so nobody has to
//! await their handles.

use std::future::Future;

/// Starts a task that runs until it ends by itself or the process does.
#[expect(clippy::disallowed_methods, reason = "the runtime's tasks are started here")]
pub fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Runs something that blocks on a thread where it may.
pub fn spawn_blocking(work: impl FnOnce() + Send + 'static) {
    drop(tokio::task::spawn_blocking(work));
}
