//! The program on a pseudo-terminal, with a screen that a parser of terminal sequences keeps.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};

/// What is waited for longer than this does not come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the screen is looked at while something is awaited.
const LOOK: Duration = Duration::from_millis(20);

/// The running program. It ends with its test.
pub(crate) struct Console {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn std::io::Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
    gone: Arc<AtomicBool>,
    device: PathBuf,
    _home: tempfile::TempDir,
}

impl Console {
    /// Starts the program with these arguments.
    pub(crate) fn start(arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::spawn(arguments, &[], columns, rows, true)
    }

    /// Starts the program on a terminal that takes a few KiB and then nothing more: a link that stalls.
    pub(crate) fn start_stalled(
        arguments: &[&str],
        environment: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        Self::spawn(arguments, environment, columns, rows, false)
    }

    fn spawn(arguments: &[&str], environment: &[(&str, &str)], columns: u16, rows: u16, reads: bool) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_gonogo"));
        command.args(arguments);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin")] {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let device = pair.master.tty_name().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(size(rows), size(columns), 0)));
        let gone = Arc::new(AtomicBool::new(false));
        let (kept, leave) = (screen.clone(), gone.clone());
        std::thread::spawn(move || {
            if !reads {
                loop {
                    std::thread::park();
                }
            }
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                // the reader holds the terminal open: a hang-up is one only when it is gone as well
                if leave.load(Ordering::Acquire) {
                    return;
                }
                kept.lock().unwrap().process(&buffer[..read]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { master: Some(pair.master), keys: Some(keys), child, screen, gone, device, _home: home }
    }

    /// Types, all at once.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Pastes, as terminals do that know bracketed paste.
    pub(crate) fn paste(&mut self, text: &str) {
        self.type_keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(size(rows), size(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Takes the terminal away. A key makes the program draw once more, which wakes the reader.
    pub(crate) fn hang_up(&mut self) {
        self.gone.store(true, Ordering::Release);
        self.type_keys("j");
        self.keys = None;
        self.master = None;
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Whether the thread that draws waits for the terminal to take its bytes (`/proc`: it sleeps in a write).
    pub(crate) fn is_stalled(&self) -> bool {
        let tasks = format!("/proc/{}/task", self.child.process_id().unwrap());
        let read = |path: PathBuf, name: &str| std::fs::read_to_string(path.join(name)).unwrap_or_default();
        std::fs::read_dir(tasks).is_ok_and(|entries| {
            let mut threads = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
            threads.any(|path| {
                read(path.clone(), "comm").trim() == "draw" && read(path, "syscall").starts_with("1 ")
            })
        })
    }

    /// What the screen shows.
    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Whether the program's own screen is in front, not the shell's.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.screen.lock().unwrap().screen().alternate_screen()
    }

    /// Whether the cursor can be seen.
    pub(crate) fn shows_cursor(&self) -> bool {
        !self.screen.lock().unwrap().screen().hide_cursor()
    }

    /// How the terminal is set.
    pub(crate) fn termios(&self) -> Termios {
        let flags = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
        let open = std::fs::OpenOptions::new().read(true).write(true).custom_flags(flags).open(&self.device);
        tcgetattr(open.unwrap()).unwrap()
    }

    /// Waits until the screen is as it should be.
    pub(crate) fn wait_for(&mut self, what: &str, fits: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !fits(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}:\n{}", self.text());
            std::thread::sleep(LOOK);
        }
    }

    /// Waits for a text on the screen.
    pub(crate) fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |console| console.text().contains(text));
    }

    /// Waits for the end; the exit code and how long it took.
    pub(crate) fn wait_for_end(&mut self) -> (u32, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.exit_code(), began.elapsed());
            }
            assert!(began.elapsed() < PATIENCE, "the program does not end:\n{}", self.text());
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}
