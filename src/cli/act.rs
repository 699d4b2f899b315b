//! Verbs that act: `hold`, `resume`, `promote`, `retry`, `rollback`, `restart`, `scale`, `set-image`.
//!
//! The way is that of the console: prepare, confirm, send, prove. `--yes` is the `y`; without it a terminal is asked,
//! and without a terminal what would be sent is printed, and nothing is.

use std::io::{BufRead as _, IsTerminal as _};

use serde::Serialize;

use super::args::{ActArgs, ActVerb, Output};
use super::exit::Exit;
use super::print;
use super::verb::Early;
use crate::core::goal::Goal;
use crate::core::{State, tell};
use crate::model::act::{Act, Confirm};
use crate::model::ids::ActId;
use crate::model::outline::{Outline, Refusal};
use crate::model::proof::Tick;
use crate::model::request;
use crate::model::target::Target;
use crate::model::template::TemplateKey;
use crate::model::view::Revision;
use crate::runtime::headless::{Asked, Headless, Outcome, Prepared};

/// The answer as scripts read it.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    target: &'a Target,
    act: &'static str,
    result: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outline: Option<&'a Outline>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ActId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<Tick>,
}

/// How it ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Proven,
    Unproven,
    Refused,
    NeedsConfirmation,
    Rehearsed,
    Interrupted,
}

/// Carries one act out.
pub(super) async fn run(console: &mut Headless, verb: ActVerb) -> Result<Exit, Early> {
    let (word, wish, args) = wish(verb);
    let target = console.find(&word)?;
    console.look_at(&target).await?;
    let act = wish.act(console.state(), &target)?;
    let json = args.output.output == Output::Json;
    let answering = Answering { target: target.clone(), act: act.kind().row().word, json };
    let prepared = match console.prepare(Asked { target, act }).await? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(answering.refused(&refusal, None)),
    };
    if args.dry_run {
        let outcome = console.rehearse(&prepared.outline).await;
        return Ok(answering.rehearsed(&prepared.outline, outcome.as_ref()));
    }
    match confirmed(console, &prepared, &args, &answering) {
        Ok(()) => send(console, prepared, &args, answering).await,
        Err(exit) => Ok(exit),
    }
}

/// An act as the command line names it, before the workload is known.
enum Wish {
    Whole(Act),
    Restart,
    RollBack(Option<String>),
}

fn wish(verb: ActVerb) -> (String, Wish, ActArgs) {
    match verb {
        ActVerb::Hold { target, act } => (target, Wish::Whole(Act::Hold), act),
        ActVerb::Resume { target, act } => (target, Wish::Whole(Act::Resume), act),
        ActVerb::Promote { target, to: Some(percent), act, .. } => {
            (target, Wish::Whole(Act::SetWeight { percent }), act)
        }
        ActVerb::Promote { target, full: false, act, .. } => (target, Wish::Whole(Act::Promote), act),
        ActVerb::Promote { target, full: true, act, .. } => (target, Wish::Whole(Act::PromoteFull), act),
        ActVerb::Retry { target, act } => (target, Wish::Whole(Act::Retry), act),
        ActVerb::Rollback { target, to, act } => (target, Wish::RollBack(to), act),
        ActVerb::Restart { target, act } => (target, Wish::Restart, act),
        ActVerb::Scale { target, replicas, act } => (target, Wish::Whole(Act::Scale { replicas }), act),
        ActVerb::SetImage { target, image, act } => (target, Wish::Whole(set_image(&image)), act),
    }
}

/// `CONTAINER=IMAGE`, or the image alone. An image's digest may hold no `=`, so the first one parts the two.
fn set_image(word: &str) -> Act {
    match word.split_once('=') {
        Some((container, image)) => {
            Act::SetImage { container: Some(container.to_owned()), image: image.to_owned() }
        }
        None => Act::SetImage { container: None, image: word.to_owned() },
    }
}

impl Wish {
    fn act(self, state: &State, target: &Target) -> Result<Act, Early> {
        Ok(match self {
            Self::Whole(act) => act,
            Self::Restart => Act::Restart { at: state.now },
            Self::RollBack(None) => Act::RollBack { to: None },
            Self::RollBack(Some(word)) => Act::RollBack { to: Some(revision(state, target, &word)?) },
        })
    }
}

/// The revision that a word means: version, number, ReplicaSet or hash.
fn revision(state: &State, target: &Target, word: &str) -> Result<TemplateKey, Early> {
    let known: &[Revision] = state.world.view(target).map_or(&[], |view| view.revisions.as_slice());
    let fits = |revision: &&Revision| {
        revision.name.as_str() == word
            || revision.replica_set.as_str() == word
            || revision.key.hash.as_str() == word
            || revision.number.is_some_and(|number| number.to_string() == word)
    };
    let mut found = known.iter().filter(fits);
    if let (Some(revision), None) = (found.next(), found.next()) {
        return Ok(revision.key.clone());
    }
    let choices = known.iter().map(|revision| format!("{} ({})", revision.name, revision.replica_set));
    Err(Early::Revision { word: word.to_owned(), choices: choices.collect() })
}

async fn send(
    console: &mut Headless,
    prepared: Prepared,
    args: &ActArgs,
    answering: Answering,
) -> Result<Exit, Early> {
    if prepared.asked.act.kind().raises_risk()
        && let Some(short_name) = &args.arm
        && let Err(refusal) = console.arm(short_name).await?
    {
        return Ok(answering.refused(&refusal, Some(&prepared.outline)));
    }
    let typed = prepared.outline.destructive.then(|| args.arm.clone()).flatten();
    let id = match console.send(&prepared, typed).await? {
        Ok(id) => id,
        Err(refusal) => return Ok(answering.refused(&refusal, Some(&prepared.outline))),
    };
    answering.title(&prepared.outline);
    let mut seen = Vec::new();
    let json = answering.json;
    let outcome = console
        .follow(&id, args.timeout, |goal, tick| {
            if !json {
                print::lines([stage(goal, tick)]);
            }
            seen.push(tick.clone());
        })
        .await;
    Ok(answering.ended(&prepared.outline, &id, seen, outcome))
}

/// `  1.2 s  controller saw it`
fn stage(goal: &Goal, tick: &Tick) -> String {
    let millis = tick.at.map_or(0, |at| (at - goal.started).num_milliseconds());
    format!("{:>4}.{} s  {}", millis / 1000, millis % 1000 / 100, tick.what)
}

/// Whether the act may be sent: `--yes`, or a person who says so. Acts that raise risk need the short name besides.
fn confirmed(
    console: &Headless,
    prepared: &Prepared,
    args: &ActArgs,
    answering: &Answering,
) -> Result<(), Exit> {
    let outline = &prepared.outline;
    let short_name = &console.state().settings.short_name;
    if prepared.asked.act.kind().raises_risk() && args.arm.is_none() {
        return Err(answering.needs(outline, &format!("--arm {short_name} --yes")));
    }
    // a hold asks nothing: stop never needs consent
    if args.yes || prepared.outline.act.row().confirm == Confirm::Nothing {
        return Ok(());
    }
    if answering.json || !std::io::stdin().is_terminal() {
        return Err(answering.needs(outline, "--yes"));
    }
    answering.outline(outline);
    if ask("send it? y or n: ") { Ok(()) } else { Err(Exit::NeedsConfirmation) }
}

/// Asks a person; anything but `y` is a no.
pub(super) fn ask(question: &str) -> bool {
    print::ask(question);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == "y"
}

/// Writes answers in the form that was asked for.
struct Answering {
    target: Target,
    act: &'static str,
    json: bool,
}

impl Answering {
    fn answer(&self, result: Word) -> Answer<'_> {
        Answer {
            target: &self.target,
            act: self.act,
            result,
            why: None,
            outline: None,
            id: None,
            seen: Vec::new(),
        }
    }

    fn title(&self, outline: &Outline) {
        if !self.json {
            print::lines([outline.title.to_string()]);
        }
    }

    fn outline(&self, outline: &Outline) {
        if !self.json {
            print::lines(outline_lines(outline));
        }
    }

    fn refused(&self, refusal: &Refusal, outline: Option<&Outline>) -> Exit {
        if self.json {
            print::json(&Answer { why: Some(refusal.to_string()), outline, ..self.answer(Word::Refused) });
        } else {
            print::complain(&refusal.to_string());
        }
        Exit::of_refusal(refusal.kind)
    }

    fn needs(&self, outline: &Outline, flags: &str) -> Exit {
        let why = format!("nothing was sent: confirm with {flags}");
        if self.json {
            let answer = self.answer(Word::NeedsConfirmation);
            print::json(&Answer { why: Some(why), outline: Some(outline), ..answer });
        } else {
            self.outline(outline);
            print::complain(&why);
        }
        Exit::NeedsConfirmation
    }

    fn rehearsed(&self, outline: &Outline, outcome: Option<&request::Outcome>) -> Exit {
        let (says, exit) = match outcome {
            None => ("there is nothing to send".to_owned(), Exit::Done),
            Some(outcome @ request::Outcome::Applied { .. }) => (tell::answer(outcome), Exit::Done),
            Some(outcome @ request::Outcome::Rejected { .. }) => (tell::answer(outcome), Exit::Refused),
            Some(outcome) => (tell::answer(outcome), Exit::Unproven),
        };
        if self.json {
            let answer = self.answer(Word::Rehearsed);
            print::json(&Answer { why: Some(says), outline: Some(outline), ..answer });
        } else {
            self.outline(outline);
            print::lines([format!("dry run  {says}; nothing was changed")]);
        }
        exit
    }

    fn ended(&self, outline: &Outline, id: &ActId, seen: Vec<Tick>, outcome: Outcome) -> Exit {
        let (result, why, exit) = match outcome {
            Outcome::Proven => (Word::Proven, None, Exit::Done),
            Outcome::Impossible(why) | Outcome::Open(why) => (Word::Unproven, Some(why), Exit::Unproven),
            Outcome::Interrupted => {
                let why =
                    format!("interrupted; what was sent goes on: `gonogo session show` tells about {id}");
                (Word::Interrupted, Some(why), Exit::Interrupted)
            }
        };
        if self.json {
            let answer = self.answer(result);
            print::json(&Answer { why, outline: Some(outline), id: Some(id), seen, ..answer });
        } else {
            match why {
                None => print::lines(["PROVEN"]),
                Some(why) => print::complain(&why),
            }
        }
        exit
    }
}

/// What would be sent, for people.
pub(super) fn outline_lines(outline: &Outline) -> Vec<String> {
    let target = &outline.target;
    let mut lines = vec![outline.title.to_string(), format!("where    {} / {target}", target.namespace)];
    lines.extend(outline.effect.iter().map(|line| format!("effect   {line}")));
    lines.extend(outline.good.iter().map(|line| format!("good     {line}")));
    lines.extend(outline.after.iter().map(|line| format!("after    {line}")));
    for step in &outline.steps {
        lines.push(format!("sends    {}", step.does));
        lines.push(format!("         {} {}", step.request.write.verb(), step.request.resource.path(false)));
        lines.extend(step.request.write.body().map(|body| format!("         {body}")));
    }
    lines
}
