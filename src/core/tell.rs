//! Facts in words: one sentence each, used by the timeline, by headless output and by records of last resort.

use crate::model::Text;
use crate::model::fact::{Author, Entry, Fact};
use crate::model::ids::ItemId;
use crate::model::request::Outcome;

/// One sentence, past tense, without its author and time.
#[must_use]
pub fn fact(fact: &Fact) -> String {
    match fact {
        Fact::SessionOpened { context, scope, title: Some(title), .. } => {
            format!("session opened: {title}, {context} / {scope}")
        }
        Fact::SessionOpened { context, scope, .. } => format!("session opened: {context} / {scope}"),
        Fact::ConsoleStarted { connection, build } => {
            format!("console {build} started, {} on {}", connection.user, connection.server)
        }
        Fact::ControlTaken { short_name } => format!("took control of {short_name}"),
        Fact::ControlGivenUp { why } => format!("gave control up: {why}"),
        Fact::Authorised { title, .. } => format!("confirmed: {title}"),
        Fact::StopPinned { title, good: Some(good), .. } => format!("the stop goes on: {title}: {good}"),
        Fact::StopPinned { title, .. } => format!("the stop goes on: {title}"),
        Fact::Refused { what, target, why, .. } => format!("{what} of {} refused: {why}", target.name),
        Fact::Sending { id, does, .. } => format!("sending {}.{}: {does}", id.step, id.attempt),
        Fact::Answered { outcome, millis, .. } => format!("{} after {millis} ms", answer(outcome)),
        Fact::Proven { seen, millis, .. } => format!("proven in {}: {seen}", seconds(*millis)),
        Fact::Unproven { why, .. } => format!("NOT proven: {why}"),
        Fact::StopLatched { target, local_only: true, .. } => {
            format!("stop latched for {}, LOCAL ONLY", target.name)
        }
        Fact::StopLatched { target, .. } => format!("stop latched for {}", target.name),
        Fact::StopReset { candidate, .. } => format!("stop of candidate {candidate} taken away"),
        Fact::Reverted { target, by, .. } => format!("{} REVERTED BY {by}", target.name),
        Fact::SeenComplete { target, version, .. } => format!("{} complete on {version}", target.name),
        Fact::StateSeen { target, what } => format!("{} {what}", target.name),
        Fact::EvidenceCaptured { file, lines, .. } => format!("captured {lines} lines in {file}"),
        Fact::ItemTicked { item, evidence: Some(evidence) } => format!("ticked {item}: {evidence}"),
        Fact::ItemTicked { item, evidence: None } => format!("ticked {item}"),
        Fact::ItemReopened { item, reason } => format!("reopened {item}: {reason}"),
        Fact::Noted { text } => format!("note: {text}"),
        Fact::Recovered { occurred, text } => {
            format!("entered late, happened {} UTC: {text}", occurred.format("%H:%M:%S"))
        }
        Fact::ConsoleLost { who, why } => format!("{} left without a word: {why}", console(who)),
        Fact::ConsoleEnded { why } => format!("console ended: {why}"),
    }
}

/// A console as people tell it from others.
#[must_use]
pub fn console(who: &Author) -> String {
    let name = if who.kube_user.is_empty() { &who.os_user } else { &who.kube_user };
    format!("console of {name} (process {} on {})", who.pid, who.host)
}

/// The whole entry as the journal holds it, in lines.
#[must_use]
pub fn details(entry: &Entry) -> Vec<String> {
    match serde_json::to_string_pretty(entry) {
        Ok(json) => Text::lines(&json).iter().map(ToString::to_string).collect(),
        Err(error) => vec![format!("this entry cannot be written as JSON: {error}")],
    }
}

/// The command that a fact names as its remedy.
#[must_use]
pub fn remedy(fact: &Fact) -> Option<&Text> {
    match fact {
        Fact::Reverted { remedy, .. } => remedy.as_ref(),
        _ => None,
    }
}

/// The checklist item that a fact is about.
#[must_use]
pub fn about_item(fact: &Fact) -> Option<&ItemId> {
    match fact {
        Fact::ItemTicked { item, .. } | Fact::ItemReopened { item, .. } => Some(item),
        _ => None,
    }
}

/// An outcome in words.
#[must_use]
pub fn answer(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied { code } => format!("accepted ({code})"),
        Outcome::Rejected { code, reason, message } => format!("refused ({code} {reason}): {message}"),
        Outcome::Unknown { why } => format!("UNKNOWN: {why}"),
        Outcome::NotSent { why } => format!("not sent: {why}"),
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}
