//! The terminal: taken, lent, given back as it was; and what comes out of it by accident changes nothing.

use std::{thread, time::Duration};

use color_eyre::eyre::{Result, ensure};
use rustix::process::Signal;

use crate::{
    harness::{cluster::Cluster, dice::Dice, site::Site, workload::Workload},
    rig::{clock, clock::eventually, users::Role},
    support::{
        screen::Size,
        terminal::{PATIENCE, Terminal},
    },
};

/// How long an unchanged screen is watched.
const STILL: Duration = Duration::from_secs(10);
/// A console whose terminal is gone has to be gone within this time; three times as long is let pass.
const GONE_GOAL: Duration = Duration::from_secs(2);
/// Exit code of a program that was told to end.
const INTERRUPTED: i32 = 130;

/// A namespace with a healthy Deployment, and a console on it.
fn at_rest<'c>(cluster: &'c Cluster, name: &str) -> Result<(Site<'c>, Terminal)> {
    let site = Site::new(cluster, name, Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    Ok((site, console))
}

/// A namespace with a Deployment that is stuck in flight, its way back prepared.
fn in_flight<'c>(cluster: &'c Cluster, name: &str) -> Result<(Site<'c>, Terminal)> {
    let site = Site::new(cluster, name, Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    let console = site.console(Size::SMALL, &[])?;
    console.wait_text("nothing moves")?;
    site.set_image(&api, "1.1.0-never")?;
    console.wait_way_back("1.0.0")?;
    Ok((site, console))
}

pub(crate) fn still_screen_costs_nothing(cluster: &Cluster) -> Result<()> {
    let (_site, console) = at_rest(cluster, "still")?;
    // The clock moves once a minute, ages do when they must: such a moment is no still screen.
    eventually("ten seconds without a change", STILL * 6, || {
        let (frame, bytes) = (console.frame(), console.received());
        thread::sleep(STILL);
        let unchanged = console.frame() == frame;
        let written = console.received() - bytes;
        Ok(unchanged.then_some(written))
    })
    .and_then(|written| {
        ensure!(written == 0, "{written} bytes for an unchanged screen");
        Ok(())
    })
}

pub(crate) fn hang_up_ends_it(cluster: &Cluster) -> Result<()> {
    let (_site, mut console) = at_rest(cluster, "hang-up")?;
    console.hang_up()?;
    let start = clock::now();
    console.exit_code(GONE_GOAL * 3)?;
    println!("gone {:.1} s after the hang-up, goal {GONE_GOAL:?}", start.elapsed().as_secs_f32());
    Ok(())
}

pub(crate) fn suspends_and_comes_back(cluster: &Cluster) -> Result<()> {
    let (_site, console) = at_rest(cluster, "suspend")?;
    let taken = console.modes()?;
    console.signal(Signal::TSTP)?;
    console.wait_for("the terminal is lent", |frame| !frame.full_screen)?;
    console.signal(Signal::CONT)?;
    console.wait_for("the screen is back", |frame| frame.full_screen && frame.shows("nothing moves"))?;
    ensure!(console.modes()? == taken, "the terminal is not as the console needs it");
    console.press("?")?;
    console.wait_text("emergency stop").map(drop)
}

pub(crate) fn gives_the_terminal_back(cluster: &Cluster) -> Result<()> {
    let site = Site::new(cluster, "given-back", Role::Driver)?;
    site.deploy(&Workload::new("api", "1.0.0"))?;
    let untouched = site.console(Size::SMALL, &["--version"])?.modes()?;
    for (signal, code) in
        [(Signal::TERM, INTERRUPTED), (Signal::INT, INTERRUPTED), (Signal::QUIT, INTERRUPTED)]
    {
        let mut console = site.console(Size::SMALL, &[])?;
        console.wait_text("nothing moves")?;
        ensure!(console.modes()? != untouched, "a full screen needs other modes");
        console.signal(signal)?;
        let ended = console.exit_code(PATIENCE)?;
        ensure!(ended == Some(code), "{signal:?} ends it with {ended:?}");
        ensure!(
            console.modes()? == untouched && !console.frame().full_screen,
            "left behind after {signal:?}"
        );
    }
    Ok(())
}

pub(crate) fn pastes_and_held_keys_are_harmless(cluster: &Cluster) -> Result<()> {
    let (site, console) = in_flight(cluster, "harmless")?;
    console.send(b"\x1b[200~!!HBy!!sudo !!\r\x1b[201~")?;
    console.wait_text("pasted text goes only into text fields")?;
    for line in [b"sudo !!\r".as_slice(), b"!!", b"HHHH", b"By"] {
        console.send(line)?;
        settle(&console)?;
    }
    for millis in [33, 90] {
        held_stop_key(&console, Duration::from_millis(millis))?;
        console.wait_text("release the key, press ! once")?;
        settle(&console)?;
    }
    ensure!(site.mutations()?.is_empty(), "{:#?}", site.mutations());
    Ok(())
}

/// Holds the stop's key down for forty repeats. Where this machine itself was too slow to repeat evenly, the key is
/// let go of and held again: such a pause is what two presses look like.
fn held_stop_key(console: &Terminal, every: Duration) -> Result<()> {
    const TWO_PRESSES: Duration = Duration::from_millis(130);
    eventually("a key held evenly", PATIENCE * 4, || {
        let mut last = clock::now();
        for _ in 0..40 {
            console.press("!")?;
            let uneven = last.elapsed() > TWO_PRESSES;
            last = clock::now();
            if uneven {
                console.press("Esc")?;
                return Ok(None);
            }
            thread::sleep(every);
        }
        Ok(Some(()))
    })
}

/// Leaves whatever is open, and waits until the screen is the overview again.
fn settle(console: &Terminal) -> Result<()> {
    eventually("the overview is back", PATIENCE, || {
        let frame = console.frame();
        let open = frame.shows("press ! ") || frame.shows("y send") || frame.shows("Esc");
        if open {
            console.press("Esc")?;
            thread::sleep(Duration::from_millis(120));
        }
        Ok((!open && frame.shows("WAY BACK")).then_some(()))
    })
}

pub(crate) fn any_size_is_survived(cluster: &Cluster) -> Result<()> {
    let (_site, console) = in_flight(cluster, "sizes")?;
    let mut dice = Dice::new();
    for _ in 0..60 {
        console.resize(Size { rows: dice.below(120) + 1, columns: dice.below(300) + 1 })?;
        thread::sleep(Duration::from_millis(u64::from(dice.below(30))));
    }
    console.resize(Size { rows: 12, columns: 40 })?;
    console.wait_for("the small screen", |frame| frame.shows("api") && frame.shows("STOP"))?;
    console.resize(Size { rows: 5, columns: 20 })?;
    console.wait_for("the smallest screen", |frame| frame.shows("STOP"))?;
    console.press("!")?;
    console.wait_for("the bar on the smallest screen", |frame| frame.shows("! once more"))?;
    console.press("Esc")?;
    console.resize(Size::WIDE)?;
    console.wait_way_back("1.0.0").map(drop)
}

/// Keys that act when they are pressed alone, and the one that leaves what the others opened.
const ACTING: &[u8] = b"HBBy!!\x1b\x1b";
/// Keys of the random walk: everything that acts, moves, opens and types, but not what leaves the console.
const KEYS: &[u8] =
    b"!!!HHBBUUPPyyyTrig1234567890\r\r\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\tjkgG/:?oniacldrwfxNhe ";
/// How many keys.
const WALK: usize = 10_000;

pub(crate) fn random_keys_raise_no_risk(cluster: &Cluster) -> Result<()> {
    let (site, mut console) = in_flight(cluster, "random-keys")?;
    let mut dice = Dice::new();
    let (mut sent, mut alone) = (0, [0_usize; 256]);
    while sent < WALK {
        let (length, keys) = match dice.below(4) {
            0 => (1, KEYS),
            1 => (1, ACTING),
            _ => (dice.below(60) + 1, KEYS),
        };
        let burst: Vec<u8> = (0..length).map(|_| dice.among(keys)).collect();
        if console.has_ended()? || console.send(&burst).is_err() {
            console = site.console(Size::SMALL, &[])?;
            console.wait_text("api")?;
            continue;
        }
        if let [key] = burst.as_slice() {
            alone[usize::from(*key)] += 1;
        }
        sent += burst.len();
        thread::sleep(Duration::from_millis(u64::from(dice.below(130))));
    }
    let confirmed = site.facts_named("authorised")?;
    let count = |act: &str| confirmed.iter().filter(|fact| fact["what"]["act"] == act).count();
    println!(
        "{} acts: {} holds, {} roll-backs, {} stops",
        confirmed.len(),
        count("hold"),
        count("roll-back"),
        count("stop")
    );
    let harmless = count("hold") + count("roll-back") + count("stop");
    ensure!(harmless == confirmed.len(), "{confirmed:#?}");
    let alone = |key: u8| alone[usize::from(key)];
    ensure!(count("hold") <= alone(b'H') && count("roll-back") <= alone(b'y'), "{confirmed:#?}");
    ensure!(count("stop") <= alone(b'!'), "{confirmed:#?}");
    let journaled = site.journaled_requests()?;
    for entry in site.mutations()? {
        ensure!(journaled.contains(&entry.id), "{entry:#?} was never confirmed");
    }
    Ok(())
}
