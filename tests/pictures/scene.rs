//! The screens of which there are pictures, and how to come to them.

use std::{ffi::OsString, path::Path, time::Duration};

use color_eyre::eyre::{Result, eyre};

use crate::{
    rig::{clock::eventually, lifeline::Lifeline},
    skeleton,
    support::{
        screen::Size,
        terminal::{Launch, Terminal},
    },
};

/// How long the console may take to show what is awaited.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a screen that shows all that is awaited may still differ from its picture.
const GRACE: Duration = Duration::from_secs(10);

/// A way to one screen.
pub(crate) struct Scene {
    /// Name of the picture's file, without its ending.
    pub(crate) name: &'static str,
    /// What the picture shows, for those who cannot see it.
    pub(crate) title: &'static str,
    scenario: &'static str,
    size: Size,
    /// What the screen shows before the key is pressed.
    first: &'static [&'static str],
    key: Option<&'static str>,
    /// What the screen shows when it is complete.
    complete: &'static [&'static str],
    /// How many cells of curves a picture of it has at least.
    curves: usize,
}

/// All of them.
pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "overview",
        title: "The overview while a version that answers with errors goes out",
        scenario: "bad",
        size: Size { rows: 36, columns: 120 },
        first: &["WAY BACK ready"],
        key: None,
        complete: &[
            "api ok  metrics ok",
            ": new fails",
            "failed: true rate under",
            "traffic to",
            "image 2.3.1",
            "COACH",
        ],
        curves: 80,
    },
    Scene {
        name: "sheet",
        title: "The act sheet of a roll-back",
        scenario: "imagepull",
        size: Size::SMALL,
        first: STUCK,
        key: Some("B"),
        complete: &["api ok  metrics ok", "live ─┐", "patch deployments: yes", "dry run: accepted", "y send"],
        curves: 0,
    },
    Scene {
        name: "stop",
        title: "The emergency stop between its two keys",
        scenario: "imagepull",
        size: Size::SMALL,
        first: STUCK,
        key: Some("!"),
        complete: &["STOP  1 moving", "press ! once more", "traffic to"],
        curves: 0,
    },
];

/// The overview of the image that cannot be pulled, with everything that it has to say.
const STUCK: &[&str] = &[
    "ImagePullBackOff on 2 of 2 for",
    "api ok  metrics ok",
    "WAY BACK ready",
    "Back-off pulling image",
    "Pod/api-",
    "traffic to",
    "by ci-deployer",
];

/// A console that runs and shows its scene.
pub(crate) struct Playing<'a> {
    scene: &'a Scene,
    terminal: Terminal,
    /// Holds the console's files, and those of its simulated cluster.
    _home: tempfile::TempDir,
}

impl Scene {
    /// Starts the console and drives it to the scene.
    pub(crate) fn play(&self, lifeline: &Lifeline) -> Result<Playing<'_>> {
        let home = tempfile::tempdir()?;
        let within: OsString = home.path().into();
        let environment = vec![
            ("HOME", within.clone()),
            ("TMPDIR", within),
            ("LANG", "C.UTF-8".into()),
            ("COLORTERM", "truecolor".into()),
        ];
        let terminal = Terminal::start(
            lifeline,
            Launch {
                program: Path::new(env!("CARGO_BIN_EXE_gonogo")),
                arguments: vec!["demo".into(), self.scenario.into()],
                environment,
                size: self.size,
            },
        )?;
        let playing = Playing { scene: self, terminal, _home: home };
        playing.wait_for(self.first)?;
        if let Some(key) = self.key {
            playing.terminal.press(key)?;
        }
        playing.wait_for(self.complete)?;
        Ok(playing)
    }
}

impl Playing<'_> {
    fn wait_for(&self, texts: &[&str]) -> Result<()> {
        let what = format!("{} shows {texts:?}", self.scene.name);
        self.terminal.wait_within(PATIENCE, &what, |frame| texts.iter().all(|text| frame.shows(text)))?;
        Ok(())
    }

    /// The complete screen, looked at twice, so that no frame is caught half-way.
    pub(crate) fn settled(&self) -> Result<vt100::Screen> {
        let mut before = Vec::new();
        eventually("the screen is complete and stands still", PATIENCE, || {
            let screen = self.terminal.cells();
            let rows = rows(&screen);
            let complete = self.scene.complete.iter().all(|text| rows.iter().any(|row| row.contains(text)));
            let curves = rows.iter().flat_map(|row| row.chars()).filter(|c| skeleton::is_braille(*c)).count();
            let still = rows == before;
            before = rows;
            Ok((complete && still && curves >= self.scene.curves).then_some(screen))
        })
        .map_err(|error| eyre!("{error:#}\n{}", self.terminal.frame()))
    }

    /// The lines that differ from the wanted skeleton on the screen that came closest to it; none when one was
    /// the same.
    pub(crate) fn differing(&self, wanted: &[String]) -> Vec<String> {
        let mut closest: Option<Vec<String>> = None;
        let same = eventually("the screen is as in its picture", GRACE, || {
            let lines = skeleton::differing(wanted, &skeleton::of(&rows(&self.terminal.cells())));
            let closer = closest.as_ref().is_none_or(|known| lines.len() < known.len());
            if closer {
                closest = Some(lines);
            }
            Ok(closest.as_ref().filter(|lines| lines.is_empty()).map(|_| ()))
        });
        if same.is_ok() { Vec::new() } else { closest.unwrap_or_default() }
    }
}

fn rows(screen: &vt100::Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
}
