//! The other consoles of a session on this host: one that is gone without a word loses control and leaves its goals.

use crate::model::fact::{Author, Fact, Present};
use crate::model::text::Text;

use super::Turn;
use crate::core::desk::{AlarmKey, Tone};
use crate::core::effect::Effect;

impl Turn<'_> {
    /// Asks after the consoles of this host that have not said that they ended. A verb that asks once leaves that to
    /// those who watch.
    pub(super) fn look_for_consoles(&mut self) {
        if self.state.settings.headless {
            return;
        }
        let own = self.state.desk.author.clone();
        if self.state.session.is_present(&own) && !self.state.desk.console_told {
            // an earlier process of the same id: the start of this one ends it
            self.tell_console();
        }
        let here = |console: &&Present| console.who != own && console.who.host == own.host;
        let others: Vec<Present> = self.state.session.consoles.iter().filter(here).cloned().collect();
        if !others.is_empty() {
            self.effects.push(Effect::LookForConsoles(others));
        }
    }

    /// Processes that are gone for certain: recorded, once.
    pub(super) fn consoles_gone(&mut self, gone: Vec<Author>) {
        for who in gone {
            let told = self
                .state
                .desk
                .pending
                .iter()
                .any(|fact| matches!(fact, Fact::ConsoleLost { who: lost, .. } if *lost == who));
            if !told && self.state.session.is_present(&who) {
                let why = Text::clean("its process is gone: killed, or crashed");
                self.append(vec![Fact::ConsoleLost { who, why }]);
            }
        }
    }

    /// A console was lost: who it was, and what that means, is said where people look.
    pub(super) fn console_lost(&mut self, who: &Author, had_control: bool) {
        let name = if who.kube_user.is_empty() { &who.os_user } else { &who.kube_user };
        let free = if had_control { ": control is free" } else { "" };
        // who looks for the process finds it at the end: that may be cut
        let place = format!("(process {} on {})", who.pid, who.host);
        let line = format!("console of {name} left without a word{free} {place}");
        self.say(Tone::Warning, line.clone());
        if had_control {
            let remedy = Some(Text::clean("T takes control"));
            self.raise(AlarmKey::NoControl, line, remedy, Tone::Warning);
        }
        self.adopt_goals();
    }
}
