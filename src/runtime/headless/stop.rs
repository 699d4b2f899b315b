//! The emergency stop without the chord.

use super::Headless;
use crate::core::event::Intent;
use crate::core::stopbar::StopRow;
use crate::model::Text;
use crate::model::act::ActKind;
use crate::model::ids::ActId;
use crate::model::target::Target;

/// What a stop would do now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StopPlan {
    /// What it acts on.
    pub rows: Vec<StopRow>,
    /// What it leaves alone, and why.
    pub untouched: Vec<Text>,
}

impl Headless {
    /// What a stop would do now: the rows of the bar that the first `!` opens in the console.
    pub fn plan_stop(&mut self, only: Option<&Target>) -> StopPlan {
        self.intend(Intent::Bang { burst: 1 });
        let bar = self.state().desk.stop.clone();
        self.intend(Intent::Dismiss);
        let Some(bar) = bar else { return StopPlan::default() };
        let chosen = |row: &StopRow| only.is_none_or(|only| row.target == *only);
        StopPlan { rows: bar.rows.into_iter().filter(chosen).collect(), untouched: bar.untouched }
    }

    /// Stops at once, and says which acts began.
    pub fn stop(&mut self, only: Option<&Target>) -> Vec<ActId> {
        let before: Vec<ActId> = self.state().desk.goals.keys().cloned().collect();
        self.intend(Intent::StopNow { only: only.cloned().into_iter().collect() });
        let goals = self.state().desk.goals.iter();
        goals
            .filter(|(id, goal)| goal.kind() == ActKind::Stop && !before.contains(id))
            .map(|(id, _)| id.clone())
            .collect()
    }
}
