//! What happens on a panic in any task or thread: the terminal is given back, the journal gets its last fact, the
//! report is printed, the process ends with exit code 1.
//!
//! A console that lost a task would go on drawing what is no longer true; so every panic is the end. There is one hook,
//! installed once.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use color_eyre::config::{HookBuilder, Theme};

use crate::model::Text;

type LastWords = Box<dyn Fn(&str) + Send>;

static LAST_WORDS: Mutex<Option<LastWords>> = Mutex::new(None);

/// Installs the hook. `colour` says whether reports may be coloured.
pub fn install(colour: bool) {
    let theme = if colour { Theme::dark() } else { Theme::new() };
    let (report, errors) = HookBuilder::default().theme(theme).display_env_section(false).into_hooks();
    // the only reason to fail is that a hook stands already, which is as good
    let _ = errors.install();
    std::panic::set_hook(Box::new(move |info| {
        last_words(info);
        for line in Text::lines(&report.panic_report(info).to_string()) {
            eprintln!("{line}");
        }
        std::process::exit(1);
    }));
}

/// What has to be done before the report: give the terminal back, write the last fact. It must not block for long.
pub fn before_the_end(words: impl Fn(&str) + Send + 'static) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(words));
}

fn last_words(info: &PanicHookInfo<'_>) {
    // a second panic on the way out finds nothing more to do
    let words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(words) = words {
        words(&info.to_string());
    }
}
