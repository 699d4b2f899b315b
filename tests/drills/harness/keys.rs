//! What hands do at the console: a key, a look at the screen, the next key.

use std::{thread, time::Duration};

use color_eyre::eyre::Result;

use super::cluster::Cluster;
use crate::support::{
    screen::{Frame, Size},
    terminal::Terminal,
};

/// The name that taking control asks for: the last part of the context's name.
pub(crate) const SHORT_NAME: &str = "rig";
/// How long an act may take to be proven: the pods have to come, and to stay for ten seconds.
pub(crate) const PROOF: Duration = Duration::from_secs(90);
/// Hands take longer than the 150 ms that tell two presses from a held key.
const BETWEEN_PRESSES: Duration = Duration::from_millis(220);

/// The sizes at which every screen must show all that matters. What a size shows is the same on both kinds of
/// cluster: on the simulator, which has to be quick, the smaller one is enough.
pub(crate) fn sizes(cluster: &Cluster) -> &'static [(&'static str, Size)] {
    const SIZES: [(&str, Size); 2] = [("small", Size::SMALL), ("wide", Size::WIDE)];
    if cluster.is_simulated() { &SIZES[..1] } else { &SIZES }
}

impl Terminal {
    /// Takes control, the short name typed.
    pub(crate) fn take_control(&self) -> Result<()> {
        self.press("T")?;
        self.wait_text(SHORT_NAME)?;
        self.send(SHORT_NAME.as_bytes())?;
        self.press("Enter")?;
        self.wait_text("ARMED").map(drop)
    }

    /// Runs a command of the palette.
    pub(crate) fn run_command(&self, word: &str) -> Result<()> {
        self.press_alone(":")?;
        self.wait_text("Palette")?;
        self.send(word.as_bytes())?;
        self.press_alone("Enter")
    }

    /// Waits until the way back to `version` is prepared.
    pub(crate) fn wait_way_back(&self, version: &str) -> Result<Frame> {
        self.wait_text(&format!("WAY BACK ready: {version}"))
    }

    /// Opens a sheet, waits until it is whole, and returns it.
    pub(crate) fn open_sheet(&self, key: &str, title: &str) -> Result<Frame> {
        self.press(key)?;
        self.wait_for(&format!("the sheet {title:?} can be sent"), |frame| {
            let waits = frame.shows("asking") || frame.shows("reading it in full");
            frame.shows(title) && frame.shows("y send") && frame.shows("accepted") && !waits
        })
    }

    /// Opens a sheet and sends it.
    pub(crate) fn act(&self, key: &str, title: &str) -> Result<()> {
        self.open_sheet(key, title)?;
        self.press("y")?;
        self.wait_for("it was sent", |frame| frame.shows("PROOF")).map(drop)
    }

    /// Waits until the open sheet is proven, and closes it.
    pub(crate) fn await_proof(&self) -> Result<Frame> {
        let proof = self.wait_within(PROOF, "the act is proven", |frame| frame.shows("PROVEN in"))?;
        self.press("Esc")?;
        // a key right behind an Esc would be another key
        self.wait_for("the sheet is closed", |frame| !frame.shows("PROVEN in"))?;
        Ok(proof)
    }

    /// Presses a key a moment after the one before, as hands do: some keys count only by themselves.
    pub(crate) fn press_alone(&self, key: &str) -> Result<()> {
        thread::sleep(BETWEEN_PRESSES);
        self.press(key)
    }

    /// The first key of the emergency stop; the bar says what the second one does.
    pub(crate) fn stop_bar(&self) -> Result<Frame> {
        self.press("!")?;
        let bar = self.wait_text("press ! once more")?;
        thread::sleep(BETWEEN_PRESSES);
        Ok(bar)
    }

    /// The emergency stop.
    pub(crate) fn stop(&self) -> Result<Frame> {
        let bar = self.stop_bar()?;
        self.press("!")?;
        self.wait_text("being proved")?;
        Ok(bar)
    }
}
