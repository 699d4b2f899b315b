//! Drills of the console on the cluster.

mod rollout;
mod start;

use crate::runner::Drill;

/// Every drill of the console.
pub(crate) const DRILLS: &[Drill] = &[
    Drill::both("console_helps", start::helps),
    Drill::both("rollout_is_watched", rollout::is_watched),
    Drill::both("rollout_is_held_resumed_and_rolled_back", rollout::is_held_resumed_and_rolled_back),
    Drill::both("rollout_is_stopped", rollout::is_stopped),
    Drill::shared("rollback_keeps_fields_that_no_type_knows", rollout::keeps_fields_that_no_type_knows),
    Drill::both("rollback_goes_to_what_was_complete", rollout::goes_back_to_what_was_complete),
    Drill::both("stop_without_evidence_pauses_and_asks", rollout::without_evidence_it_pauses_and_asks),
    Drill::both("stop_leaves_the_rest_alone", rollout::stop_leaves_the_rest_alone),
    Drill::both("stop_is_seen_by_all", rollout::a_stop_is_seen_by_all),
];
