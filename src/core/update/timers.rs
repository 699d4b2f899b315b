//! Timers.

use chrono::TimeDelta;

use super::{Turn, arming, policy};
use crate::core::effect::{Effect, TimerId};
use crate::core::world::Watched;
use crate::model::target::Target;

/// A line of answer fades after this long.
const NOTICE_SECONDS: i64 = 8;
/// The bar that answers a hold closes after this long.
const HOLD_BAR_SECONDS: i64 = 5;
/// The heartbeat by which ages, lapses and silences are noticed.
const SECOND_MILLIS: u64 = 1_000;

impl Turn<'_> {
    pub(super) fn timer(&mut self, timer: &TimerId) {
        match timer {
            TimerId::Goal(act) => self.pursue(act),
            TimerId::ChordSilence(bar) => self.silence_over(*bar),
            TimerId::BarCloses(bar) => self.bar_closes(*bar),
            TimerId::Second => self.second(),
        }
    }

    /// The heartbeat begins with the connection.
    pub(super) fn start_heartbeat(&mut self) {
        self.effects.push(Effect::Schedule { timer: TimerId::Second, after_millis: SECOND_MILLIS });
    }

    fn second(&mut self) {
        let now = self.now;
        let desk = &mut self.state.desk;
        desk.notice.take_if(|notice| now - notice.at >= TimeDelta::seconds(NOTICE_SECONDS));
        desk.hold.take_if(|bar| now - bar.since >= TimeDelta::seconds(HOLD_BAR_SECONDS));
        if policy::armed(self.state) && self.idle() {
            self.give_up_control("idle for 30 minutes");
        }
        self.look_for_unreachable();
        let disputed = |(target, watched): (&Target, &Watched)| watched.disputed.map(|_| target.clone());
        let disputed: Vec<Target> = self.state.world.workloads.iter().filter_map(disputed).collect();
        for target in disputed {
            self.judge_traffic(&target);
        }
        self.look_for_consoles();
        self.ask_rights();
        self.anchor_head();
        self.refresh_bar();
        self.effects.push(Effect::Schedule { timer: TimerId::Second, after_millis: SECOND_MILLIS });
    }

    fn idle(&self) -> bool {
        let since = self.state.desk.active.or(self.state.session.control.as_ref().map(|c| c.since));
        since.is_some_and(|since| self.now - since >= TimeDelta::minutes(arming::IDLE_MINUTES))
    }
}
