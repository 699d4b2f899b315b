//! One owner of raw mode, alternate screen, bracketed paste, key reports, mouse and cursor.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{self, BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{QueueableCommand as _, cursor, queue};
use rustix::termios::{self, OptionalActions, QueueSelector, Termios};

use super::tty;

/// How long leaving waits for the drawing thread to finish its frame, and for the terminal to take the last bytes.
const PATIENCE: Duration = Duration::from_millis(250);
const BREATH: Duration = Duration::from_millis(5);

/// What the terminal is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    /// Report the mouse; takes the terminal's own selection away.
    pub mouse: bool,
    /// Wrap frames in synchronised updates and ask for key repeats: everything but the simplest terminals.
    pub modern: bool,
}

impl Modes {
    /// The modes that fit a terminal of this `TERM`.
    #[must_use]
    pub fn for_term(term: &str, mouse: bool) -> Self {
        Self { mouse, modern: !matches!(term, "dumb" | "linux" | "") }
    }
}

/// Why the terminal could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard input or output is no terminal.
    #[error(
        "the console needs a terminal on standard input and output: use `gonogo status` in scripts and pipes"
    )]
    NoTerminal,
    /// The device does not answer.
    #[error("the terminal cannot be controlled: {0}")]
    Device(#[from] std::io::Error),
    /// A thread could not be started.
    #[error("the terminal cannot be served: {0}")]
    Thread(std::io::Error),
}

impl From<rustix::io::Errno> for TerminalError {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Device(errno.into())
    }
}

/// Owns the terminal's state. Clones are handles to the same terminal; the last one restores it when dropped.
#[derive(Clone, Debug)]
pub struct Guard {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    second: File,
    before: Termios,
    modes: Modes,
    /// Whether the mouse is reported now; the modes say whether it was from the start.
    mouse: AtomicBool,
    state: Mutex<Hold>,
    output: Mutex<()>,
}

/// Who has the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// This console.
    Ours,
    /// The shell, until `fg`.
    Suspended,
    /// The shell, for good.
    Left,
}

impl Guard {
    /// Whether there is a terminal to take over.
    pub fn check() -> Result<(), TerminalError> {
        let both = termios::isatty(std::io::stdin()) && termios::isatty(std::io::stdout());
        if both { Ok(()) } else { Err(TerminalError::NoTerminal) }
    }

    /// Takes the terminal over.
    pub fn enter(modes: Modes) -> Result<Self, TerminalError> {
        Self::check()?;
        // our theme honours NO_COLOR; crossterm's own way of doing so would reset attributes too
        crossterm::style::force_color_output(true);
        let second = tty::second_descriptor()?;
        let before = termios::tcgetattr(&second)?;
        let shared = Shared {
            second,
            before,
            modes,
            mouse: AtomicBool::new(modes.mouse),
            state: Mutex::new(Hold::Suspended),
            output: Mutex::new(()),
        };
        let guard = Self { shared: Arc::new(shared) };
        guard.take()?;
        Ok(guard)
    }

    /// Takes the terminal (back): at the start and after `fg`. Does nothing once it was left for good.
    pub fn take(&self) -> Result<(), TerminalError> {
        let mut state = lock(&self.shared.state);
        if *state == Hold::Left {
            return Ok(());
        }
        // crossterm remembers whether raw mode is on and would otherwise not set it again
        terminal::disable_raw_mode()?;
        terminal::enable_raw_mode()?;
        let mut bytes = Vec::new();
        let mouse = self.shared.mouse.load(Ordering::Acquire);
        enter_sequence(&mut bytes, Modes { mouse, ..self.shared.modes })?;
        self.shared.write_patiently(&bytes);
        *state = Hold::Ours;
        Ok(())
    }

    /// Makes the kernel tell whoever waits for input that there is some, as if it had just come: setting a terminal's
    /// attributes, also to what they are, wakes its readers.
    pub(super) fn wake_input(&self) {
        let state = lock(&self.shared.state);
        if *state == Hold::Ours {
            // a terminal that is gone is seen by the watcher
            let _ = tty::wake_readers(std::io::stdin());
        }
    }

    /// Asks the terminal to report the mouse, or to keep it for itself; also after the next `fg`.
    pub(crate) fn report_mouse(&self, on: bool) {
        self.shared.mouse.store(on, Ordering::Release);
        let mut bytes = Vec::new();
        let queued = if on { queue!(bytes, EnableMouseCapture) } else { queue!(bytes, DisableMouseCapture) };
        let state = lock(&self.shared.state);
        if queued.is_ok() && *state == Hold::Ours {
            self.shared.write_patiently(&bytes);
        }
    }

    /// Gives the terminal to the shell until [`Guard::take`].
    pub fn lend(&self) {
        self.shared.give_back(Hold::Suspended);
    }

    /// Gives the terminal back for good, exactly as it was. Never waits longer than about half a second.
    pub fn restore(&self) {
        self.shared.give_back(Hold::Left);
    }

    /// Whether frames may be drawn.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        *lock(&self.shared.state) == Hold::Ours
    }

    /// Whether the other side of the terminal is gone.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        tty::hung_up(&self.shared.second)
    }

    /// Writes one frame to standard output, as one synchronised update where the terminal knows them. Blocks as long
    /// as the terminal does; returns whether the frame was written.
    pub(super) fn write_frame(&self, frame: &[u8]) -> std::io::Result<bool> {
        let _turn = lock(&self.shared.output);
        if !self.is_ours() {
            return Ok(false);
        }
        let synchronised = self.shared.modes.modern;
        let mut bytes = Vec::with_capacity(frame.len() + 16);
        if synchronised {
            bytes.queue(BeginSynchronizedUpdate)?;
        }
        bytes.extend_from_slice(frame);
        if synchronised {
            bytes.queue(EndSynchronizedUpdate)?;
        }
        let mut out = std::io::stdout().lock();
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        if written.is_err() && synchronised {
            // a terminal that saw the beginning alone would stay frozen
            let mut end = Vec::new();
            end.queue(EndSynchronizedUpdate)?;
            self.shared.write_patiently(&end);
        }
        written.map(|()| true)
    }
}

impl Shared {
    fn give_back(&self, to: Hold) {
        let was = {
            let mut state = lock(&self.state);
            let was = *state;
            if was != Hold::Left {
                *state = to;
            }
            was
        };
        if was != Hold::Ours {
            return;
        }
        // a frame that is being written shall end first; one that is stuck is thrown away
        let turn = self.await_turn();
        if turn.is_none() {
            let _ = termios::tcflush(&self.second, QueueSelector::OFlush);
        }
        let mut bytes = Vec::new();
        if leave_sequence(&mut bytes, self.modes).is_ok() {
            self.write_patiently(&bytes);
        }
        // nobody could be told if one of these failed: the terminal is gone then
        let _ = terminal::disable_raw_mode();
        let _ = termios::tcsetattr(&self.second, OptionalActions::Now, &self.before);
    }

    fn await_turn(&self) -> Option<MutexGuard<'_, ()>> {
        for _ in 0..PATIENCE.as_millis() / BREATH.as_millis() {
            match self.output.try_lock() {
                Ok(turn) => return Some(turn),
                Err(std::sync::TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) => std::thread::sleep(BREATH),
            }
        }
        None
    }

    /// Writes through the second descriptor, waiting only a moment for a terminal that takes nothing.
    fn write_patiently(&self, bytes: &[u8]) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(PATIENCE.subsec_nanos()) };
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&self.second, rest) {
                Ok(0) => return,
                Ok(written) => rest = &rest[written..],
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => {
                    let fd = self.second.as_fd();
                    let mut look = [PollFd::new(&fd, PollFlags::OUT)];
                    if !matches!(poll(&mut look, Some(&wait)), Ok(ready) if ready > 0) {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.give_back(Hold::Left);
    }
}

fn enter_sequence(bytes: &mut Vec<u8>, modes: Modes) -> std::io::Result<()> {
    queue!(bytes, terminal::EnterAlternateScreen, cursor::Hide, EnableBracketedPaste)?;
    if modes.modern {
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
            | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
        bytes.queue(PushKeyboardEnhancementFlags(flags))?;
    }
    if modes.mouse {
        bytes.queue(EnableMouseCapture)?;
    }
    bytes.queue(terminal::Clear(terminal::ClearType::All))?;
    Ok(())
}

fn leave_sequence(bytes: &mut Vec<u8>, modes: Modes) -> std::io::Result<()> {
    if modes.modern {
        queue!(bytes, EndSynchronizedUpdate, PopKeyboardEnhancementFlags)?;
    }
    // switched off even if it is not known to be on: a terminal that reports the mouse to a shell is unusable
    queue!(bytes, DisableMouseCapture, DisableBracketedPaste, ResetColor)?;
    queue!(bytes, cursor::Show, terminal::LeaveAlternateScreen)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
