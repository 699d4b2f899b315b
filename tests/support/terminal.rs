//! A program in a pseudo-terminal: keys in, screen out.

use std::{
    env,
    ffi::OsString,
    fs,
    io::Read as _,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use color_eyre::eyre::{Result, WrapErr, eyre};
use rustix::{
    event::{PollFd, PollFlags},
    process::{Pid, Signal},
    pty::OpenptFlags,
    termios::Winsize,
};

use super::screen::{Frame, Screen, Size};
use crate::rig::{
    clock::{self, eventually},
    lifeline::{Lifeline, ROLE, Words, tie_to},
};

/// Name of the role in which a test program becomes the leader of a terminal's session.
pub(crate) const SESSION_ROLE: &str = "session";

/// How long a program may take to show what is awaited, unless the drill says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A program to be started in a terminal.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: Vec<OsString>,
    /// The whole environment, but for `PATH` and `TERM`.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    pub(crate) size: Size,
}

/// A program that runs in a terminal. It is killed with this value.
pub(crate) struct Terminal {
    child: Child,
    /// When the program itself began, after all that prepares it.
    pub(crate) started: Instant,
    master: Option<Arc<OwnedFd>>,
    pub(super) screen: Arc<Mutex<Screen>>,
    /// Told whenever output came.
    arrived: Arc<Condvar>,
    /// Dropped to make the reading thread let go of the terminal.
    reading: Option<OwnedFd>,
}

impl Terminal {
    /// Opens a terminal and starts the program in it.
    pub(crate) fn start(lifeline: &Lifeline, launch: Launch<'_>) -> Result<Self> {
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        let name = rustix::pty::ptsname(&master, Vec::new())?.into_string()?;
        set_size(&master, launch.size)?;
        let mut command = Command::new(env::current_exe()?);
        command.args([ROLE, SESSION_ROLE, &std::process::id().to_string(), &name]);
        command.arg(launch.program).args(launch.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.env_clear().env("TERM", "xterm-256color").envs(launch.environment);
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        let mut child = lifeline.spawn(command)?;
        let screen = Arc::new(Mutex::new(Screen::new(launch.size)));
        let arrived = Arc::new(Condvar::new());
        let (stop, reading) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let master = Arc::new(master);
        let (reader, seen, told) = (Arc::clone(&master), Arc::clone(&screen), Arc::clone(&arrived));
        thread::spawn(move || read(&reader, &stop, &seen, &told));
        // the leader of the session lets go of its output as the last thing before it becomes the program
        if let Some(mut output) = child.stdout.take() {
            output.read_to_end(&mut Vec::new())?;
        }
        let started = clock::now();
        Ok(Self { child, started, master: Some(master), screen, arrived, reading: Some(reading) })
    }

    /// The number of the program's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the screen to be as wanted, looking whenever output came. Returns when the output came that made it
    /// so, not when that was noticed.
    pub(crate) fn moment_when(
        &self,
        limit: Duration,
        what: &str,
        mut wanted: impl FnMut(&Frame) -> bool,
    ) -> Result<Instant> {
        let deadline = clock::now() + limit;
        let mut screen = lock(&self.screen);
        loop {
            let frame = screen.frame();
            if wanted(&frame) {
                return Ok(screen.last_output());
            }
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return Err(eyre!("not within {limit:?}: {what}\n{frame}"));
            }
            screen =
                self.arrived.wait_timeout(screen, left).map_or_else(|e| e.into_inner().0, |woken| woken.0);
        }
    }

    /// Types one key: a character, or one of `Enter`, `Esc`, `Tab`, `Up`, `Down`, `Left`, `Right`, `Backspace`,
    /// `F2`, `Ctrl-c`.
    pub(crate) fn press(&self, key: &str) -> Result<()> {
        let bytes = match key {
            "Enter" => "\r",
            "Esc" => "\x1b",
            "Tab" => "\t",
            "Up" => "\x1b[A",
            "Down" => "\x1b[B",
            "Right" => "\x1b[C",
            "Left" => "\x1b[D",
            "Backspace" => "\x7f",
            "F2" => "\x1bOQ",
            "Ctrl-c" => "\x03",
            character => character,
        };
        self.send(bytes.as_bytes())
    }

    /// Sends bytes at once, as a paste or a burst of keys.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<()> {
        Ok(write_all(self.master()?, bytes)?)
    }

    /// What is on the screen now.
    pub(crate) fn frame(&self) -> Frame {
        lock(&self.screen).frame()
    }

    /// How many bytes the program has written so far.
    pub(crate) fn received(&self) -> u64 {
        lock(&self.screen).received()
    }

    /// What the program has written that is on no list of what it may write, the first of it.
    pub(crate) fn strays(&self) -> Vec<String> {
        lock(&self.screen).watch().strays().to_vec()
    }

    /// What the program has put on the clipboard, in base64.
    pub(crate) fn copied(&self) -> Vec<String> {
        lock(&self.screen).watch().copied().to_vec()
    }

    /// Whether the program has asked for any colour but the terminal's own.
    pub(crate) fn is_coloured(&self) -> bool {
        lock(&self.screen).watch().coloured()
    }

    /// Every character with its colours; whoever judges them knows what the terminal's own are.
    pub(crate) fn colours(&self) -> Vec<(String, vt100::Color, vt100::Color, bool)> {
        lock(&self.screen).colours()
    }

    /// Waits for the screen to be as wanted and returns it; the error shows the last one.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl FnMut(&Frame) -> bool) -> Result<Frame> {
        self.wait_within(PATIENCE, what, wanted)
    }

    /// As [`Terminal::wait_for`], with a limit of its own.
    pub(crate) fn wait_within(
        &self,
        limit: Duration,
        what: &str,
        mut wanted: impl FnMut(&Frame) -> bool,
    ) -> Result<Frame> {
        let look = || Ok(Some(self.frame()).filter(|frame| wanted(frame)));
        eventually(what, limit, look).map_err(|error| eyre!("{error:#}\n{}", self.frame()))
    }

    /// Waits until some row contains `text`.
    pub(crate) fn wait_text(&self, text: &str) -> Result<Frame> {
        self.wait_for(&format!("the screen shows {text:?}"), |frame| frame.shows(text))
    }

    /// Changes the size of the window; the program is told by the kernel.
    pub(crate) fn resize(&self, size: Size) -> Result<()> {
        lock(&self.screen).resize(size);
        set_size(self.master()?, size)
    }

    /// Takes the terminal away, as when a connection is lost.
    pub(crate) fn hang_up(&mut self) -> Result<()> {
        drop(self.reading.take());
        let master = self.master.take().ok_or_else(|| eyre!("hung up already"))?;
        eventually("the reader lets go of the terminal", PATIENCE, || {
            Ok((Arc::strong_count(&master) == 1).then_some(()))
        })
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        Ok(rustix::process::kill_process(Pid::from_child(&self.child), signal)?)
    }

    /// Waits for the program to end and returns its exit code; none if a signal ended it.
    pub(crate) fn exit_code(&mut self, limit: Duration) -> Result<Option<i32>> {
        let child = &mut self.child;
        let status = eventually("the program ends", limit, || Ok(child.try_wait()?));
        let status = status.map_err(|error| eyre!("{error:#}\n{}", lock(&self.screen).frame()))?;
        Ok(status.code())
    }

    /// Whether the program has ended.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// How the kernel treats what is typed and printed: what a program changes for a full screen and has to put
    /// back.
    pub(crate) fn modes(&self) -> Result<[u32; 4]> {
        let modes = rustix::termios::tcgetattr(self.master()?)?;
        Ok([
            modes.input_modes.bits(),
            modes.output_modes.bits(),
            modes.control_modes.bits(),
            modes.local_modes.bits(),
        ])
    }

    fn master(&self) -> Result<&OwnedFd> {
        self.master.as_deref().ok_or_else(|| eyre!("the terminal was hung up"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The role of the leader of a session: takes the terminal for its own, then becomes the wanted program.
pub(crate) fn lead_session(mut words: Words) -> Result<ExitCode> {
    tie_to(&words.next().unwrap_or_default())?;
    let mut next = || words.next().ok_or_else(|| eyre!("a terminal and a program are needed"));
    let (terminal, program): (PathBuf, OsString) = (next()?.into(), next()?);
    rustix::process::setsid()?;
    // The first terminal that a session's leader opens becomes the session's.
    let terminal = fs::OpenOptions::new().read(true).write(true).open(terminal)?;
    rustix::stdio::dup2_stdin(&terminal)?;
    rustix::stdio::dup2_stdout(&terminal)?;
    rustix::stdio::dup2_stderr(&terminal)?;
    drop(terminal);
    let error = Command::new(&program).args(words).exec();
    Err(error).wrap_err_with(|| format!("cannot run {}", Path::new(&program).display()))
}

/// Feeds the screen until the program is gone or the drill lets go.
fn read(master: &OwnedFd, stop: &OwnedFd, screen: &Mutex<Screen>, arrived: &Condvar) {
    let mut buffer = vec![0; 65536];
    loop {
        let mut waiting =
            [PollFd::new(master, PollFlags::IN), PollFd::from_borrowed_fd(stop.as_fd(), PollFlags::empty())];
        if rustix::event::poll(&mut waiting, None).is_err() || !waiting[1].revents().is_empty() {
            return;
        }
        // An error says that the last program has closed the terminal.
        let Ok(count @ 1..) = rustix::io::read(master, &mut *buffer) else { return };
        let at = clock::now();
        let answer = lock(screen).receive(&buffer[..count], at);
        arrived.notify_all();
        if write_all(master, &answer).is_err() {
            return;
        }
    }
}

fn write_all(master: &OwnedFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::write(master, bytes)?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn set_size(master: &OwnedFd, size: Size) -> Result<()> {
    let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(rustix::termios::tcsetwinsize(master, size)?)
}

pub(super) fn lock(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}
