//! Drills of the control plane itself: what the other drills stand on.

mod cluster;
mod controllers;
mod faults;
mod lifetime;
mod metrics;
mod traffic;

pub(crate) use self::lifetime::{HOLD_ROLE, hold};
use crate::runner::Drill;

/// Every drill of the rig.
pub(crate) const DRILLS: &[Drill] = &[
    Drill::shared("rig_comes_up", cluster::comes_up),
    Drill::shared("rig_rolls_out", cluster::rolls_out),
    Drill::shared("rig_pods_fail_by_image", cluster::pods_fail_by_image),
    Drill::shared("rig_quota_is_enforced", cluster::quota_is_enforced),
    Drill::shared("rig_serves_logs", cluster::serves_logs),
    Drill::shared("rig_roles_differ", cluster::roles_differ),
    Drill::shared("rig_audit_log_tells_mutations", cluster::audit_log_tells_mutations),
    Drill::shared("rig_traffic_follows_endpoints", metrics::traffic_follows_endpoints),
    Drill::shared("rig_traffic_speaks_three_dialects", metrics::traffic_speaks_three_dialects),
    Drill::shared("rig_selector_outage_is_measured", traffic::selector_outage_is_measured),
    Drill::shared("rig_route_weights_are_followed", traffic::route_weights_are_followed),
    Drill::shared("rig_mesh_weights_are_followed", traffic::mesh_weights_are_followed),
    Drill::shared("rig_ingress_weights_are_followed", traffic::ingress_weights_are_followed),
    Drill::shared("rig_argo_canary_moves_on", controllers::argo_canary_moves_on),
    Drill::shared("rig_argo_blue_green_is_judged", controllers::argo_blue_green_is_judged),
    Drill::shared("rig_argo_moves_subsets", controllers::argo_moves_subsets),
    Drill::shared("rig_flagger_canary_progresses", controllers::flagger_canary_progresses),
    Drill::shared("rig_flagger_promotes_by_selector", controllers::flagger_promotes_by_selector),
    Drill::shared("rig_flagger_fails_on_errors", controllers::flagger_fails_on_errors),
    Drill::shared("rig_argo_aborts_on_errors", controllers::argo_aborts_on_errors),
    Drill::shared("rig_roles_reach_every_kind", controllers::roles_reach_every_kind),
    Drill::shared("rig_prometheus_behind_a_service", metrics::prometheus_behind_a_service),
    Drill::shared("rig_proxy_freezes_and_counts", faults::proxy_freezes_and_counts),
    Drill::shared("rig_proxy_resets", faults::proxy_resets),
    Drill::shared("rig_proxy_drops_answers", faults::proxy_drops_answers),
    Drill::shared("rig_terminal_types_resizes_hangs_up", faults::terminal_types_resizes_hangs_up),
    Drill::alone("rig_api_server_stops_and_goes_on", faults::api_server_stops_and_goes_on),
    Drill::alone("rig_store_and_server_restart", faults::store_and_server_restart),
    Drill::alone("rig_killed_in_namespaces_leaves_nothing", lifetime::killed_in_namespaces),
    Drill::alone("rig_killed_without_namespaces_leaves_nothing", lifetime::killed_without_namespaces),
    Drill::long("rig_holds_ten_thousand_pods", cluster::holds_ten_thousand_pods),
];
