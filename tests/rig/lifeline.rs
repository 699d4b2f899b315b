//! Nothing outlives the rig. Two small roles that a test program plays for itself, by running itself again:
//!
//! * *tied*: asks the kernel to be killed when its parent ends, then becomes the wanted program;
//! * *sweep*: waits until every process of the rig is gone, then removes the rig's directory.
//!
//! Hence a `kill -9` of the test leaves no process, no port and no file.

use std::{
    env,
    ffi::OsString,
    fs,
    io::Read as _,
    os::{
        fd::{IntoRawFd as _, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::{Mutex, mpsc},
    thread,
};

use color_eyre::eyre::{Result, WrapErr, ensure, eyre};
use rustix::{io::FdFlags, process::Signal};

/// First argument of a test program that plays one of the roles above.
pub(crate) const ROLE: &str = "__role";
/// Plays the role that this process was started for, if any. To be called first in `main`.
pub(crate) fn play_role() -> Option<ExitCode> {
    let mut args = env::args_os().skip(1);
    if args.next()? != ROLE {
        return None;
    }
    let role = args.next().unwrap_or_default();
    let outcome = match role.to_str() {
        Some("tied") => tied(args),
        Some("sweep") => sweep(args),
        _ => Err(eyre!("unknown role {}", role.display())),
    };
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("rig: {error:#}");
        ExitCode::FAILURE
    }))
}

fn tied(mut args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let parent = args.next().unwrap_or_default();
    let program = args.next().ok_or_else(|| eyre!("no program to tie"))?;
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before the kernel was asked.
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    ensure!(now.as_deref() == parent.to_str(), "the rig has ended");
    let error = Command::new(&program).args(args).exec();
    Err(error).wrap_err_with(|| format!("cannot run {}", program.display()))
}

fn sweep(mut args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let directory = PathBuf::from(args.next().ok_or_else(|| eyre!("nothing to sweep"))?);
    // Every process of the rig holds the other end; end of file means that the last one is gone.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    fs::remove_dir_all(&directory)?;
    Ok(ExitCode::SUCCESS)
}

/// Has the directory removed when this process and all that it starts have ended.
pub(crate) fn sweep_at_the_end(directory: &Path) -> Result<()> {
    let mut sweeper = Command::new(env::current_exe()?)
        .args([ROLE, "sweep"])
        .arg(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let alive = OwnedFd::from(sweeper.stdin.take().ok_or_else(|| eyre!("the sweeper has no input"))?);
    rustix::io::fcntl_setfd(&alive, FdFlags::empty())?;
    // Kept open for as long as this process lives, and inherited by all that it starts.
    let _ = alive.into_raw_fd();
    Ok(())
}

type Spawn = (Command, mpsc::Sender<std::io::Result<Child>>);

/// Starts programs that die with this process. The kernel ties a child to the *thread* that started it, so
/// one thread, which never ends, starts them all.
pub(crate) struct Lifeline {
    requests: Mutex<mpsc::Sender<Spawn>>,
}

impl Lifeline {
    pub(crate) fn new() -> Self {
        let (requests, inbox) = mpsc::channel::<Spawn>();
        thread::spawn(move || {
            for (mut command, answer) in inbox {
                let _ = answer.send(command.spawn());
            }
        });
        Self { requests: Mutex::new(requests) }
    }

    /// Starts `program`, its output going to `log`.
    pub(crate) fn start(&self, program: &Path, args: &[String], log: &Path) -> Result<Child> {
        let output = fs::OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(env::current_exe()?);
        command.args(tied_arguments(program)).args(args);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let (answer, answered) = mpsc::channel();
        self.requests
            .lock()
            .map_err(|_| eyre!("the starting thread has panicked"))?
            .send((command, answer))
            .map_err(|_| eyre!("the starting thread has ended"))?;
        answered.recv()?.wrap_err_with(|| format!("cannot start {}", program.display()))
    }
}

/// What to hand to this test program so that it becomes `program`, tied to the calling process.
pub(crate) fn tied_arguments(program: &Path) -> [OsString; 4] {
    [ROLE.into(), "tied".into(), std::process::id().to_string().into(), program.into()]
}
