//! How the console looks where terminals differ: themes, few colours or none, few characters, any size; and what it
//! puts on the clipboard.

use std::thread;

use color_eyre::eyre::{Result, ensure};
use vt100::Color;

use crate::{
    harness::{cluster::Cluster, site::Site, workload::Workload},
    rig::users::Role,
    support::{screen::Size, terminal::Terminal},
};

/// Shipped themes, and whether they are made for light terminals.
const THEMES: [(&str, bool); 7] = [
    ("dark", false),
    ("colour-blind-dark", false),
    ("high-contrast", false),
    ("16-colour", false),
    ("mono", false),
    ("light", true),
    ("colour-blind-light", true),
];
/// Text that differs less from its ground cannot be read; lines and frames need no more.
const READABLE: f64 = 2.8;
/// A screen is drawn anew within this time after a key.
const LOOK: std::time::Duration = std::time::Duration::from_millis(400);

/// A Deployment in trouble, to have every colour on the screen.
fn in_trouble<'c>(cluster: &'c Cluster, name: &str) -> Result<Site<'c>> {
    let site = Site::new(cluster, name, Role::Driver)?;
    let api = Workload { replicas: 4, ..Workload::new("api", "1.0.0") };
    site.deploy(&api)?;
    site.deploy(&Workload::new("web", "7.0.0"))?;
    site.set_image(&api, "1.1.0-imagepull")?;
    Ok(site)
}

fn await_trouble(console: &Terminal) -> Result<()> {
    console.wait_text("ImagePullBackOff").map(drop)
}

pub(crate) fn every_theme_can_be_read(cluster: &Cluster) -> Result<()> {
    let mut site = in_trouble(cluster, "themes")?;
    for depth in ["truecolor", ""] {
        site.set_variables(&[("COLORTERM", depth)]);
        let started: Result<Vec<_>> = THEMES
            .iter()
            .map(|(theme, light)| Ok((*theme, *light, site.console(Size::SMALL, &["--theme", theme])?)))
            .collect();
        for (theme, light, console) in started? {
            await_trouble(&console)?;
            for key in ["1", "2", "3", "4", "?", "Esc", "!"] {
                console.press(key)?;
                thread::sleep(LOOK);
                let worst = worst_contrast(&console, light);
                ensure!(
                    worst.0 >= READABLE,
                    "{theme} {depth} after {key}: {:?} at {:.1}\n{}",
                    worst.1,
                    worst.0,
                    console.frame()
                );
            }
            ensure!(console.is_coloured() || theme == "mono", "{theme} shows no colour");
        }
    }
    Ok(())
}

/// The least contrast on the screen and the text that has it, on a terminal of that kind.
fn worst_contrast(console: &Terminal, light: bool) -> (f64, String) {
    let (ink, ground) = if light { ([0, 0, 0], [255, 255, 255]) } else { ([229, 229, 229], [0, 0, 0]) };
    let mut worst = (f64::MAX, String::new());
    for (text, front, back, swapped) in console.colours() {
        let (front, back) = (rgb(front, ink), rgb(back, ground));
        let contrast = if swapped { ratio(back, front) } else { ratio(front, back) };
        if contrast < worst.0 {
            worst = (contrast, text);
        }
    }
    worst
}

fn rgb(colour: Color, own: [u8; 3]) -> [u8; 3] {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |index: u8| LEVELS[usize::from(index % 6)];
    match colour {
        Color::Default => own,
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Idx(named @ 0..=15) => NAMED[usize::from(named)],
        Color::Idx(cube @ 16..=231) => [level((cube - 16) / 36), level((cube - 16) / 6), level(cube - 16)],
        Color::Idx(gray) => [8 + 10 * (gray - 232); 3],
    }
}

/// Contrast of two colours as the web's accessibility guidelines count it: 1 to 21.
fn ratio(one: [u8; 3], other: [u8; 3]) -> f64 {
    let light = |colour: [u8; 3]| {
        let [r, g, b] = colour.map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The environment, whether only ASCII may come, and whether colours may.
type Poor = (&'static [(&'static str, &'static str)], bool, bool);

pub(crate) fn poor_terminals_show_all_that_matters(cluster: &Cluster) -> Result<()> {
    let mut site = in_trouble(cluster, "poor-terminals")?;
    let kinds: [Poor; 6] = [
        (&[("NO_COLOR", "1")], false, false),
        (&[("TERM", "dumb")], false, false),
        (&[("TERM", "linux")], false, true),
        (&[("TERM", "screen")], false, true),
        (&[("LANG", "C")], true, true),
        (&[("LANG", "C"), ("TERM", "dumb"), ("NO_COLOR", "1")], true, false),
    ];
    for (variables, ascii, colours) in kinds {
        site.set_variables(variables);
        let console = site.console(Size::SMALL, &[])?;
        await_trouble(&console)?;
        // the selected row and the badges stand out without colours too
        ensure!(console.colours().iter().any(|cell| cell.3) || colours, "nothing is marked: {variables:?}");
        for key in ["2", "3", "4", "7", "?", "Esc", "!"] {
            console.press(key)?;
            thread::sleep(LOOK);
            let frame = console.frame();
            let plain = frame.rows.iter().all(|row| row.is_ascii());
            ensure!(plain || !ascii, "{variables:?} after {key}\n{frame}");
        }
        console.wait_text("press ! once more")?;
        ensure!(console.is_coloured() == colours, "{variables:?}: coloured {}", console.is_coloured());
        ensure!(console.strays().is_empty(), "{variables:?}: {:?}", console.strays());
    }
    Ok(())
}

pub(crate) fn odd_sizes_show_all_that_matters(cluster: &Cluster) -> Result<()> {
    let site = in_trouble(cluster, "odd-sizes")?;
    let console = site.console(Size { rows: 80, columns: 300 }, &[])?;
    await_trouble(&console)?;
    let row = |frame: &crate::support::screen::Frame| {
        frame.rows.iter().find(|row| row.contains("api") && row.contains("rolling")).cloned()
    };
    let frame = console.wait_for("the list is there", |frame| row(frame).is_some())?;
    let row = row(&frame).unwrap_or_default();
    let gap = row.split("api").nth(1).map_or(0, |rest| rest.len() - rest.trim_start().len());
    ensure!(gap < 60, "{gap} empty cells between a name and what is said of it\n{frame}");
    let narrow = site.console(Size { rows: 12, columns: 40 }, &[])?;
    narrow.wait_for("the reason, and the keys", |frame| {
        frame.rows[0].contains("ImagePullBackOff")
            && frame.shows("H hold")
            && frame.shows("B back")
            && frame.shows("STOP")
    })?;
    let tiny = site.console(Size { rows: 5, columns: 20 }, &[])?;
    tiny.wait_for("what is ill, and the stop", |frame| frame.shows("api") && frame.shows("STOP"))?;
    tiny.press("!")?;
    tiny.wait_for("what the second key does", |frame| frame.shows("! once more")).map(drop)
}

pub(crate) fn what_is_copied_is_shown(cluster: &Cluster) -> Result<()> {
    let site = in_trouble(cluster, "copied")?;
    let console = site.console(Size::SMALL, &[])?;
    await_trouble(&console)?;
    for (screen, part) in [("1", "api"), ("3", "api-")] {
        console.press(screen)?;
        console.wait_text("api")?;
        thread::sleep(LOOK);
        let before = console.copied().len();
        console.press("c")?;
        let frame = console.wait_text("copied: ")?;
        let copied = console.copied();
        ensure!(copied.len() == before + 1, "{copied:?}\n{frame}");
        let bytes: k8s_openapi::ByteString = serde_json::from_value(copied[before].clone().into())?;
        let text = String::from_utf8(bytes.0)?;
        let start: String = text.chars().take(30).collect();
        ensure!(text.contains(part) && frame.shows(&format!("copied: {start}")), "{text:?}\n{frame}");
    }
    Ok(())
}

pub(crate) fn several_namespaces_are_chosen(cluster: &Cluster) -> Result<()> {
    let (one, two, three) = (
        Site::new(cluster, "spread-one", Role::Driver)?,
        Site::new(cluster, "spread-two", Role::Driver)?,
        Site::new(cluster, "spread-three", Role::Driver)?,
    );
    for (site, name) in [(&one, "api"), (&two, "web"), (&three, "pay")] {
        site.deploy(&Workload::new(name, "1.0.0"))?;
    }
    let both = one.console(Size::WIDE, &["-n", "spread-one,spread-two"])?;
    let frame = both.wait_for("both, and no third", |frame| frame.shows("web") && frame.shows("api"))?;
    ensure!(!frame.rows.iter().any(|row| row.contains("pay")), "{frame}");
    let all = one.console(Size::WIDE, &["-A"])?;
    all.wait_for("all of them", |frame| {
        ["spread-one", "spread-two", "spread-three"].iter().all(|ns| frame.shows(ns))
    })
    .or_else(|_| {
        all.press("/")?;
        all.send(b"spread\r")?;
        all.wait_for("all of them", |frame| ["api", "web", "pay"].iter().all(|name| frame.shows(name)))
    })?;
    // something moves where nobody looks
    let empty = Site::new(cluster, "spread-empty", Role::Driver)?;
    three.set_image(&Workload::new("pay", "1.0.0"), "1.1.0-never")?;
    let console = empty.console(Size::SMALL, &[])?;
    console.wait_text("something moves in")?;
    console.press("n")?;
    console.wait_text("amespace")?;
    console.send(b"spread-one,spread-three\r")?;
    console.wait_for("both are in view", |frame| frame.shows("api") && frame.shows("pay")).map(drop)
}
