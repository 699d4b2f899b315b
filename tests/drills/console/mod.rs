//! Drills of the console on the cluster.

mod diagnosis;
mod driven;
mod faults;
mod flagger;
mod headless;
mod metrics;
mod plan;
mod roles;
mod rollout;
mod start;
mod terminal;

use crate::runner::Drill;

/// Every drill of the console.
pub(crate) const DRILLS: &[Drill] = &[
    // The longest begin first.
    Drill::shared("flagger_goes_every_way", flagger::goes_every_way),
    Drill::long("flagger_goes_every_other_way", flagger::goes_every_other_way),
    Drill::shared("quiet_is_not_silence", faults::quiet_is_not_silence),
    Drill::both("headless_verbs_act", headless::verbs_act),
    Drill::both("rollback_goes_to_what_was_complete", rollout::goes_back_to_what_was_complete),
    Drill::both("console_helps", start::helps),
    Drill::both("rollout_is_watched", rollout::is_watched),
    Drill::both("rollout_is_held_resumed_and_rolled_back", rollout::is_held_resumed_and_rolled_back),
    Drill::both("rollout_is_stopped", rollout::is_stopped),
    Drill::shared("rollback_keeps_fields_that_no_type_knows", rollout::keeps_fields_that_no_type_knows),
    Drill::both("stop_without_evidence_pauses_and_asks", rollout::without_evidence_it_pauses_and_asks),
    Drill::both("stop_leaves_the_rest_alone", rollout::stop_leaves_the_rest_alone),
    Drill::both("stop_is_seen_by_all", rollout::a_stop_is_seen_by_all),
    Drill::both("diagnosis_of_pods", diagnosis::of_pods),
    Drill::both("diagnosis_of_a_quota", diagnosis::of_a_quota),
    Drill::shared("diagnosis_of_a_pod_that_fits_nowhere", diagnosis::of_a_pod_that_fits_nowhere),
    Drill::both("fault_silence_is_said", faults::silence_is_said),
    Drill::both("fault_a_lost_answer_is_read_back", faults::a_lost_answer_is_read_back),
    Drill::both("fault_killed_before_the_request_arrived", faults::killed_before_the_request_arrived),
    Drill::both("fault_killed_before_the_answer_came", faults::killed_before_the_answer_came),
    Drill::shared("terminal_still_screen_costs_nothing", terminal::still_screen_costs_nothing),
    Drill::both("terminal_hang_up_ends_it", terminal::hang_up_ends_it),
    Drill::both("terminal_suspends_and_comes_back", terminal::suspends_and_comes_back),
    Drill::both("terminal_is_given_back", terminal::gives_the_terminal_back),
    Drill::shared("terminal_pastes_and_held_keys_are_harmless", terminal::pastes_and_held_keys_are_harmless),
    Drill::both("terminal_any_size_is_survived", terminal::any_size_is_survived),
    // the walk goes to any namespace in which a key takes it, and may hold what other drills move there
    Drill::alone("terminal_random_keys_raise_no_risk", terminal::random_keys_raise_no_risk),
    Drill::both("headless_stop_stops", headless::stop_stops),
    Drill::both("headless_failures_have_codes", headless::failures_have_codes),
    Drill::both("headless_broken_pipe_is_no_failure", headless::a_broken_pipe_is_no_failure),
    Drill::both("plan_ticks_outlive_the_console", plan::ticks_outlive_the_console),
    Drill::both("plan_bad_one_is_told_in_full", plan::bad_plan_is_told_in_full),
    Drill::both("role_read_only_sends_nothing", roles::read_only_sends_nothing),
    Drill::shared("role_observer_is_refused", roles::observer_is_refused),
    Drill::shared("role_one_refused_kind_hides_no_other", roles::one_refused_kind_hides_no_other),
    Drill::shared("driven_workloads_are_left_alone", driven::are_left_alone),
    Drill::alone("fault_server_that_stands_still_is_said", faults::a_server_that_stands_still_is_said),
    Drill::alone("metrics_are_found_and_lost", metrics::are_found_and_lost),
];
