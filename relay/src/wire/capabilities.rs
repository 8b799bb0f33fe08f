//! Gives the capabilities of the namespaces up: see capabilities(7).

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use super::error::{SetupError, SetupStep};

/// Drops every capability. The network can no longer be changed then, and ports below 1024 cannot be bound.
pub(super) fn drop_all() -> Result<(), SetupError> {
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).map_err(|error| SetupStep::Capabilities.failed()(error.into()))
}
