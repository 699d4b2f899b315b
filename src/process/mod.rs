//! Child processes: the only place of the program that starts one.
//!
//! Here live the credential plugins that a kubeconfig names. A kubeconfig is untrusted input, so a plugin is resolved
//! to an absolute path, compared with the allow-list, run one at a time without a shell, kept off the terminal unless
//! it may ask, and killed with its children after its time. What never lives here: a decision about what to do with
//! the answer, and any text that quotes a plugin's output, which holds tokens.

mod answer;
mod plugin;

pub use plugin::{Plugin, PluginError, PluginPolicy, Plugins};
