//! Leaving: with something in flight the first `q` only warns.

use crate::model::fact::Fact;
use crate::model::text::Text;

use super::{Turn, policy};
use crate::core::desk::Tone;
use crate::core::effect::Effect;
use crate::core::event::QuitReason;

impl Turn<'_> {
    pub(super) fn quit(&mut self, why: QuitReason) {
        if why == QuitReason::Asked
            && !self.state.desk.quit_warned
            && let Some(line) = self.unfinished()
        {
            self.state.desk.quit_warned = true;
            return self.say(Tone::Warning, line);
        }
        let word = match why {
            QuitReason::Asked => "quit",
            QuitReason::HangUp => "the terminal hung up",
            QuitReason::Signal => "a signal",
        };
        let mut facts = Vec::new();
        if policy::armed(self.state) {
            facts.push(Fact::ControlGivenUp { why: Text::clean(word) });
        }
        facts.push(Fact::ConsoleEnded { why: Text::clean(word) });
        for fact in facts {
            self.append_if_open(fact);
        }
        self.effects.push(Effect::Quit { code: 0 });
    }

    /// What would be left unfinished.
    fn unfinished(&self) -> Option<String> {
        let open = self.state.desk.goals.values().filter(|goal| goal.open() && goal.ours).count();
        if open > 0 {
            return Some(format!("{open} acts are not proven yet: press q again to leave"));
        }
        if !self.state.desk.pending.is_empty() {
            return Some("the journal is still being written: press q again to leave".to_owned());
        }
        None
    }
}
