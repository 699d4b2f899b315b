//! What a process that holds credentials does first.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

/// Files of this process are for its user alone, and a crash leaves no memory image behind.
pub fn harden() {
    umask(Mode::RWXG | Mode::RWXO);
    let kept = getrlimit(Resource::Core);
    // where the system forbids even lowering the limit there is nothing left to try
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: kept.maximum });
}
