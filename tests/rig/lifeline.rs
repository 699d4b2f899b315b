//! Nothing outlives the rig. Two small roles that a test program plays for itself, by running itself again:
//!
//! * *tied*: asks the kernel to be killed when its parent ends, then becomes the wanted program;
//! * *sweep*: waits until every process of the rig is gone, then removes the rig's directory.
//!
//! Hence a `kill -9` of the test leaves no process, no port and no file.

use std::{
    env::{self, ArgsOs},
    ffi::OsStr,
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

/// The words after a role's name.
pub(crate) type Words = std::iter::Skip<ArgsOs>;
/// A role's name and what it does.
pub(crate) type Role = (&'static str, fn(Words) -> Result<ExitCode>);

/// Plays the role that this process was started for, if any: one of the two above or of `more`. To be called
/// first in `main`.
pub(crate) fn play_role(more: &[Role]) -> Option<ExitCode> {
    let mut words = env::args_os().skip(1);
    if words.next()? != ROLE {
        return None;
    }
    let wanted = words.next().unwrap_or_default();
    let own: [Role; 2] = [("tied", tied), ("sweep", sweep)];
    let role = own.iter().chain(more).find(|(name, _)| *name == wanted);
    let outcome =
        role.ok_or_else(|| eyre!("unknown role {}", wanted.display())).and_then(|(_, play)| play(words));
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("rig: {error:#}");
        ExitCode::FAILURE
    }))
}

/// Has the kernel kill this process when its parent ends, which is the process with that number.
pub(crate) fn tie_to(parent: &OsStr) -> Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before the kernel was asked.
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    ensure!(now.as_deref() == parent.to_str(), "the rig has ended");
    Ok(())
}

fn tied(mut words: Words) -> Result<ExitCode> {
    tie_to(&words.next().unwrap_or_default())?;
    let program = words.next().ok_or_else(|| eyre!("no program to tie"))?;
    let error = Command::new(&program).args(words).exec();
    Err(error).wrap_err_with(|| format!("cannot run {}", program.display()))
}

fn sweep(mut words: Words) -> Result<ExitCode> {
    let directory = PathBuf::from(words.next().ok_or_else(|| eyre!("nothing to sweep"))?);
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
        command.args([ROLE, "tied", &std::process::id().to_string()]).arg(program).args(args);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        self.spawn(command).wrap_err_with(|| format!("cannot start {}", program.display()))
    }

    /// Starts a command that ties itself.
    pub(crate) fn spawn(&self, command: Command) -> Result<Child> {
        let (answer, answered) = mpsc::channel();
        self.requests
            .lock()
            .map_err(|_| eyre!("the starting thread has panicked"))?
            .send((command, answer))
            .map_err(|_| eyre!("the starting thread has ended"))?;
        Ok(answered.recv()??)
    }
}
