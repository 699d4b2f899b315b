//! Drills of the console on the cluster.

mod argo;
mod diagnosis;
mod driven;
mod faults;
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
    Drill::shared("quiet_is_not_silence", faults::quiet_is_not_silence),
    Drill::shared("argo_canary_is_driven", argo::a_canary_is_driven),
    Drill::shared("argo_blackout_is_said_and_ended", argo::a_blackout_is_said_and_ended),
    Drill::shared(
        "argo_finished_and_cold_goes_back",
        argo::a_finished_release_goes_back_to_pods_that_are_gone,
    ),
    Drill::shared("argo_blue_green_is_driven", argo::a_blue_green_is_driven),
    Drill::shared("argo_canary_is_stopped", argo::a_canary_is_stopped),
    Drill::shared("argo_canary_is_held", argo::a_canary_is_held),
    Drill::shared("argo_broken_candidate_is_stopped", argo::a_broken_candidate_is_stopped),
    Drill::shared("argo_analysis_is_shown", argo::an_analysis_is_shown),
    Drill::shared("argo_stopped_in_its_analysis", argo::a_canary_is_stopped_in_its_analysis),
    Drill::shared("argo_two_promote_at_once", argo::two_promote_at_once),
    Drill::shared("argo_basic_stopped_under_a_pause", argo::a_basic_canary_is_stopped_under_a_pause),
    Drill::shared("argo_switch_with_a_sick_candidate", argo::a_switch_with_a_sick_candidate_is_stopped),
    Drill::shared("argo_switch_with_both_sides_sick", argo::a_switch_with_both_sides_sick_is_stopped),
    Drill::shared("argo_paused_switch_is_stopped", argo::a_paused_switch_is_stopped),
    Drill::shared("argo_held_weight_is_set_by_hand", argo::a_held_weight_is_set_by_hand),
    Drill::shared("argo_healthy_with_half_is_no_proof", argo::healthy_with_half_the_traffic_is_no_proof),
    Drill::shared("argo_idle_abort_is_said", argo::an_abort_that_moves_nothing_is_said),
    Drill::shared("argo_stalling_abort_is_not_sent", argo::an_abort_that_would_stall_is_not_sent),
    Drill::shared("argo_pause_in_mid_step_skips_nothing", argo::a_pause_in_mid_step_skips_nothing),
    Drill::both("headless_verbs_act", headless::verbs_act),
    Drill::both("rollback_goes_to_what_was_complete", rollout::goes_back_to_what_was_complete),
    Drill::both("console_helps", start::helps),
    Drill::both("rollout_is_watched", rollout::is_watched),
    Drill::both("rollout_is_held_resumed_and_rolled_back", rollout::is_held_resumed_and_rolled_back),
    Drill::both("rollout_is_stopped", rollout::is_stopped),
    Drill::shared("rollback_keeps_fields_that_no_type_knows", rollout::keeps_fields_that_no_type_knows),
    Drill::both("stop_without_evidence_pauses_and_asks", rollout::without_evidence_it_pauses_and_asks),
    Drill::both("stop_before_revisions_are_read_goes_back", rollout::a_stop_at_the_start_goes_back),
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
    Drill::shared("role_revocation_is_noticed", roles::revocation_is_noticed),
    Drill::shared("role_one_refused_kind_hides_no_other", roles::one_refused_kind_hides_no_other),
    Drill::shared("driven_workloads_are_left_alone", driven::are_left_alone),
    Drill::alone("fault_server_that_stands_still_is_said", faults::a_server_that_stands_still_is_said),
    Drill::alone("metrics_are_found_and_lost", metrics::are_found_and_lost),
];
