//! What a request on an object means: creation, replacement, patch and deletion with the API server's rules.
//!
//! Reads go to the store directly. Nothing here knows of HTTP beyond the numbers of its status codes.

mod defaults;
mod managed;
mod merge;
mod refusal;
mod scale;
mod strategic;
mod validate;
mod write;

pub(crate) use merge::PatchKind;
pub(crate) use refusal::Refusal;
pub(crate) use scale::{patch_scale, put_scale, scale_of};
pub(crate) use write::{Deletion, Part, WriteOptions, create, delete, patch, replace};
