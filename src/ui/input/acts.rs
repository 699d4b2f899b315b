//! Keys that ask for acts. Nothing here judges: the core answers with a sheet, a bar or one line.

use crate::core::State;
use crate::core::desk::Tone;
use crate::core::event::Intent;
use crate::model::act::{Act, ActKind};

use super::super::prompt::{Asks, Prompt};
use super::super::state::UiState;
use super::{Answer, Press};

/// Asks for an act on the selected workload.
pub(super) fn propose(ui: &mut UiState, state: &State, kind: ActKind, press: Press) -> Answer {
    let Some(target) = ui.selected.clone() else {
        ui.say("no workload is selected", Tone::Warning, state.now);
        return Answer::done();
    };
    ui.by_hand = true;
    let act = match kind {
        // a hold asks nothing, so its key counts only by itself: never out of a paste or a held key
        ActKind::Hold if !press.alone => {
            let key = press.key;
            ui.say(format!("{key} counts only by itself: press it once"), Tone::Warning, state.now);
            return Answer::done();
        }
        ActKind::Hold => Act::Hold,
        ActKind::Resume => Act::Resume,
        ActKind::Promote => Act::Promote,
        ActKind::PromoteFull => Act::PromoteFull,
        ActKind::Retry => Act::Retry,
        ActKind::RollBack => Act::RollBack { to: None },
        ActKind::Restart => Act::Restart { at: state.now },
        ActKind::ResetStop => Act::ResetStop,
        ActKind::Scale => {
            ui.prompt = Some(Prompt::new(Asks::Replicas { target }));
            return Answer::done();
        }
        ActKind::SetImage => {
            ui.prompt = Some(Prompt::new(Asks::Image { target }));
            return Answer::done();
        }
        // the chord has its own way; in the palette the command only says so
        ActKind::Stop => {
            ui.say("press the stop's key, read the bar, press it once more", Tone::Plain, state.now);
            return Answer::done();
        }
    };
    Answer::of(Intent::Propose { target, act })
}

/// `T`: take control, or give it up.
pub(super) fn control(ui: &mut UiState, state: &State) -> Answer {
    let ours = state.session.control.as_ref().is_some_and(|control| control.by == state.desk.author);
    if ours {
        return Answer::of(Intent::GiveUpControl);
    }
    if state.settings.read_only {
        ui.say("read-only: start without --read-only to take control", Tone::Warning, state.now);
        return Answer::done();
    }
    ui.prompt = Some(Prompt::new(Asks::Control));
    Answer::done()
}

/// `a`: the worst alarm that nobody acknowledged.
pub(super) fn acknowledge(ui: &mut UiState, state: &State) -> Answer {
    let open = state.desk.alarms.iter().filter(|(_, alarm)| !alarm.acknowledged);
    let worst = open.max_by_key(|(key, alarm)| (alarm.tone, std::cmp::Reverse(*key)));
    if let Some((key, _)) = worst {
        return Answer::of(Intent::Acknowledge(key.clone()));
    }
    ui.say("there is no alarm to acknowledge", Tone::Plain, state.now);
    Answer::done()
}
