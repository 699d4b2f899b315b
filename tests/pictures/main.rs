//! The pictures of the README, taken from the console in a terminal: `cargo test --test pictures -- --write`.
//! Without `--write` the same screens are taken and compared with the pictures by their skeletons (`skeleton`).

#[expect(dead_code, reason = "the drills use what the pictures do not")]
mod rig;
mod scene;
mod skeleton;
#[expect(dead_code, reason = "the drills use what the pictures do not")]
mod support;
mod svg;

use std::{env, fs, path::PathBuf, process::ExitCode};

use color_eyre::eyre::{Result, WrapErr as _, bail};

use self::{
    rig::lifeline::{self, Lifeline, Role},
    scene::{SCENES, Scene},
    support::terminal,
};

const REWRITE: &str = "cargo test --test pictures -- --write";

fn main() -> ExitCode {
    let roles: [Role; 1] = [(terminal::SESSION_ROLE, terminal::lead_session)];
    if let Some(code) = lifeline::play_role(&roles) {
        return code;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        for scene in SCENES {
            println!("{}: test", scene.name);
        }
        return ExitCode::SUCCESS;
    }
    let act = if has("--write") { write } else { compare };
    let words: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let chosen =
        SCENES.iter().filter(|scene| words.is_empty() || words.iter().any(|word| *word == scene.name));
    let (mut passed, mut failed) = (0, 0);
    let lifeline = Lifeline::new();
    for scene in chosen {
        match act(&lifeline, scene) {
            Ok(()) => {
                passed += 1;
                println!("test {} ... ok", scene.name);
            }
            Err(error) => {
                failed += 1;
                println!("test {} ... FAILED\n{error:#}", scene.name);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write(lifeline: &Lifeline, scene: &Scene) -> Result<()> {
    let screen = scene.play(lifeline)?.settled()?;
    Ok(fs::write(path(scene), svg::draw(&screen, scene.title))?)
}

fn compare(lifeline: &Lifeline, scene: &Scene) -> Result<()> {
    let path = path(scene);
    let stored =
        fs::read_to_string(&path).wrap_err_with(|| format!("{}; `{REWRITE}` makes it", path.display()))?;
    let wanted = skeleton::of(&svg::rows(&stored));
    let differing = scene.play(lifeline)?.differing(&wanted);
    if differing.is_empty() {
        return Ok(());
    }
    bail!(
        "the console no longer looks like {}; `{REWRITE}` makes it anew\n{}",
        path.display(),
        differing.join("\n")
    )
}

fn path(scene: &Scene) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets").join(scene.name).with_extension("svg")
}
