//! Drills of the control plane itself: what the other drills stand on.

mod cluster;
mod faults;
mod lifetime;
mod metrics;

pub(crate) use self::lifetime::{HOLD_ROLE, hold};
use crate::{
    harness::cluster::Cluster,
    runner::{Company, Drill},
};

/// Every drill of the rig.
pub(crate) const DRILLS: &[Drill] = &[
    shared("rig_comes_up", cluster::comes_up),
    shared("rig_rolls_out", cluster::rolls_out),
    shared("rig_pods_fail_by_image", cluster::pods_fail_by_image),
    shared("rig_quota_is_enforced", cluster::quota_is_enforced),
    shared("rig_serves_logs", cluster::serves_logs),
    shared("rig_roles_differ", cluster::roles_differ),
    shared("rig_audit_log_tells_mutations", cluster::audit_log_tells_mutations),
    shared("rig_traffic_follows_endpoints", metrics::traffic_follows_endpoints),
    shared("rig_traffic_speaks_three_dialects", metrics::traffic_speaks_three_dialects),
    shared("rig_prometheus_behind_a_service", metrics::prometheus_behind_a_service),
    shared("rig_proxy_freezes_and_counts", faults::proxy_freezes_and_counts),
    shared("rig_proxy_resets", faults::proxy_resets),
    shared("rig_proxy_drops_answers", faults::proxy_drops_answers),
    shared("rig_terminal_types_resizes_hangs_up", faults::terminal_types_resizes_hangs_up),
    alone("rig_api_server_stops_and_goes_on", faults::api_server_stops_and_goes_on),
    alone("rig_store_and_server_restart", faults::store_and_server_restart),
    alone("rig_killed_in_namespaces_leaves_nothing", lifetime::killed_in_namespaces),
    alone("rig_killed_without_namespaces_leaves_nothing", lifetime::killed_without_namespaces),
];

const fn shared(name: &'static str, run: fn(&Cluster) -> color_eyre::Result<()>) -> Drill {
    Drill { name, company: Company::Shared, run }
}

const fn alone(name: &'static str, run: fn(&Cluster) -> color_eyre::Result<()>) -> Drill {
    Drill { name, company: Company::Alone, run }
}
