//! Pieces that several screens are built from. They know roles and cells, nothing of clusters.

pub(super) mod chart;
pub(super) mod gauge;
pub(super) mod panel;
pub(super) mod sections;
pub(super) mod sparkline;
pub(super) mod table;
