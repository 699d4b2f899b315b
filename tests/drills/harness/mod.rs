//! What a drill works with: a cluster, a namespace of its own in it, the console in a terminal, a proxy that
//! breaks connections, and the audit log, which says what was really asked of the cluster.

pub(crate) mod audit;
pub(crate) mod canaries;
pub(crate) mod certificates;
pub(crate) mod cluster;
pub(crate) mod dice;
pub(crate) mod forward;
pub(crate) mod front;
pub(crate) mod given;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod proxy;
pub(crate) mod rollouts;
pub(crate) mod routes;
pub(crate) mod simulator;
pub(crate) mod site;
pub(crate) mod things;
pub(crate) mod workload;
