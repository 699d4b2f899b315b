//! Pieces that several screens are built from. They know roles and cells, nothing of clusters.

pub(super) mod gauge;
pub(super) mod table;
