//! Drills of the console on the cluster.

mod argo;
mod blue_green;
mod connection;
mod credentials;
mod decoys;
mod diagnosis;
mod disk;
mod driven;
mod faults;
mod flagger;
mod headless;
mod hostile;
mod looks;
mod metrics;
mod plan;
mod roles;
mod rollout;
mod secrets;
mod sets;
mod start;
mod terminal;
mod weights;

use crate::runner::Drill;

/// Every drill of the console.
pub(crate) const DRILLS: &[Drill] = &[
    // The longest begin first.
    // ten stories at once: they have the control plane for themselves
    Drill::alone("flagger_goes_every_way", flagger::goes_every_way),
    Drill::long("flagger_goes_every_other_way", flagger::goes_every_other_way),
    Drill::shared("quiet_is_not_silence", faults::quiet_is_not_silence),
    Drill::shared("argo_canary_is_driven", argo::a_canary_is_driven),
    Drill::shared("argo_blackout_is_said_and_ended", argo::a_blackout_is_said_and_ended),
    Drill::shared(
        "argo_finished_and_cold_goes_back",
        argo::a_finished_release_goes_back_to_pods_that_are_gone,
    ),
    Drill::shared("argo_blue_green_is_driven", argo::a_blue_green_is_driven),
    Drill::shared("argo_verbs_act", argo::verbs_act_on_a_rollout),
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
    Drill::both("console_helps", start::helps).anywhere(),
    Drill::both("rollout_is_watched", rollout::is_watched).anywhere(),
    Drill::both("rollout_is_held_resumed_and_rolled_back", rollout::is_held_resumed_and_rolled_back)
        .anywhere(),
    Drill::both("rollout_is_stopped", rollout::is_stopped).anywhere(),
    Drill::shared("rollback_keeps_fields_that_no_type_knows", rollout::keeps_fields_that_no_type_knows),
    Drill::both("stop_without_evidence_pauses_and_asks", rollout::without_evidence_it_pauses_and_asks)
        .anywhere(),
    Drill::both("stop_before_revisions_are_read_goes_back", rollout::a_stop_at_the_start_goes_back),
    Drill::both("stop_leaves_the_rest_alone", rollout::stop_leaves_the_rest_alone),
    Drill::both("stop_is_seen_by_all", rollout::a_stop_is_seen_by_all),
    Drill::both("diagnosis_of_pods", diagnosis::of_pods).anywhere(),
    Drill::both("diagnosis_of_a_quota", diagnosis::of_a_quota).anywhere(),
    Drill::both("diagnosis_of_a_pod_that_fits_nowhere", diagnosis::of_a_pod_that_fits_nowhere).anywhere(),
    Drill::both("fault_silence_is_said", faults::silence_is_said).anywhere(),
    Drill::both("fault_a_lost_answer_is_read_back", faults::a_lost_answer_is_read_back),
    Drill::both("fault_killed_before_the_request_arrived", faults::killed_before_the_request_arrived),
    Drill::both("fault_killed_before_the_answer_came", faults::killed_before_the_answer_came),
    Drill::shared("terminal_still_screen_costs_nothing", terminal::still_screen_costs_nothing),
    Drill::both("terminal_hang_up_ends_it", terminal::hang_up_ends_it).anywhere(),
    Drill::both("terminal_suspends_and_comes_back", terminal::suspends_and_comes_back).anywhere(),
    Drill::both("terminal_is_given_back", terminal::gives_the_terminal_back),
    Drill::shared("terminal_pastes_and_held_keys_are_harmless", terminal::pastes_and_held_keys_are_harmless),
    Drill::both("terminal_any_size_is_survived", terminal::any_size_is_survived).anywhere(),
    // the walk goes to any namespace in which a key takes it, and may hold what other drills move there
    Drill::alone("terminal_random_keys_raise_no_risk", terminal::random_keys_raise_no_risk),
    Drill::both("headless_stop_stops", headless::stop_stops),
    Drill::both("headless_failures_have_codes", headless::failures_have_codes),
    Drill::both("headless_broken_pipe_is_no_failure", headless::a_broken_pipe_is_no_failure).anywhere(),
    Drill::both("plan_ticks_outlive_the_console", plan::ticks_outlive_the_console).anywhere(),
    Drill::both("plan_bad_one_is_told_in_full", plan::bad_plan_is_told_in_full).anywhere(),
    Drill::both("role_read_only_sends_nothing", roles::read_only_sends_nothing),
    Drill::shared("role_observer_is_refused", roles::observer_is_refused),
    Drill::shared("role_revocation_is_noticed", roles::revocation_is_noticed),
    Drill::shared("role_one_refused_kind_hides_no_other", roles::one_refused_kind_hides_no_other),
    Drill::simulated("connection_each_way_is_right_or_refused", connection::each_way_is_right_or_refused),
    Drill::simulated(
        "connection_unchecked_is_said_for_good",
        connection::an_unchecked_server_is_said_for_good,
    ),
    Drill::simulated("connection_nothing_stands_in", decoys::nothing_stands_in_for_a_bad_kubeconfig),
    Drill::both("hostile_text_moves_no_terminal", hostile::text_moves_no_terminal).anywhere(),
    Drill::long("hostile_text_much_of_it", hostile::much_text_moves_no_terminal),
    Drill::both("disk_full_stops_no_stop", disk::a_full_one_stops_no_stop),
    Drill::simulated("evidence_that_is_slow_is_left_out", disk::slow_evidence_is_left_out),
    Drill::simulated("looks_every_theme_can_be_read", looks::every_theme_can_be_read),
    Drill::simulated("looks_poor_terminals", looks::poor_terminals_show_all_that_matters),
    Drill::simulated("looks_odd_sizes", looks::odd_sizes_show_all_that_matters),
    Drill::simulated("looks_copied_is_shown", looks::what_is_copied_is_shown),
    Drill::both("looks_several_namespaces", looks::several_namespaces_are_chosen),
    Drill::simulated("secrets_are_told_nowhere", secrets::are_told_nowhere),
    Drill::simulated("secrets_files_are_for_one_user", secrets::files_are_for_one_user),
    Drill::simulated("secrets_links_are_not_followed", secrets::links_are_not_followed),
    Drill::shared("connection_by_proxy", connection::a_proxy_is_the_only_way),
    Drill::simulated("credentials_hanging_plugin", credentials::a_plugin_that_hangs_holds_up_no_key),
    Drill::simulated("credentials_tokens_of_seconds", credentials::tokens_of_seconds_are_renewed),
    Drill::shared("credentials_certificates_of_seconds", credentials::certificates_of_seconds_are_renewed),
    Drill::simulated("credentials_token_file", credentials::a_token_file_is_read_again),
    Drill::simulated(
        "credentials_refused_without_an_end",
        credentials::a_refused_token_without_an_end_is_asked_for_again,
    ),
    Drill::simulated("credentials_client_certificate", credentials::a_client_certificate_is_renewed),
    Drill::simulated("credentials_asking_plugin", credentials::a_plugin_asks_before_the_screen_is_taken),
    Drill::simulated("credentials_listed_plugins", credentials::only_listed_plugins_are_run),
    Drill::simulated_long("credentials_tokens_for_hours", credentials::tokens_are_renewed_for_hours),
    Drill::shared("blue_green_literal_commands_of_a_plan", blue_green::literal_commands_of_a_plan),
    Drill::shared("blue_green_switches_there_and_back", blue_green::switches_there_and_back),
    Drill::shared("blue_green_refuses_to_serve_nobody", blue_green::what_would_serve_nobody_is_refused),
    Drill::shared("blue_green_stray_key_is_removed", blue_green::a_stray_key_is_found_and_removed),
    Drill::shared(
        "blue_green_small_side_is_scaled_first",
        blue_green::a_small_side_is_scaled_before_the_way_back,
    ),
    Drill::shared("blue_green_stop_switches_back", blue_green::a_stop_switches_back),
    Drill::shared("blue_green_two_switch_at_once", blue_green::two_switch_at_once),
    Drill::shared("sets_stateful_held_and_taken_back", sets::a_stateful_set_is_held_and_taken_back),
    Drill::shared("sets_daemon_held_and_goes_on", sets::a_daemon_set_is_held_and_goes_on),
    Drill::shared("weights_of_a_route", weights::a_route_goes_up_and_back),
    Drill::shared("weights_of_a_virtual_service", weights::a_virtual_service_goes_up_and_back),
    Drill::shared("weights_of_an_ingress", weights::an_ingress_goes_back_with_its_rules),
    Drill::shared("driven_workloads_are_left_alone", driven::are_left_alone),
    Drill::alone("fault_server_that_stands_still_is_said", faults::a_server_that_stands_still_is_said),
    Drill::alone("metrics_are_found_and_lost", metrics::are_found_and_lost),
];
