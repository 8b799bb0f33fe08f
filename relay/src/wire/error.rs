//! Why a process cannot have such a network.

use std::fmt;
use std::io;

use framescope_lab::{NoWire, NoWireReason};

/// A step of the set-up that failed.
#[derive(Debug)]
pub struct SetupError {
    /// The step.
    pub step: SetupStep,
    /// What the system answered.
    pub error: io::Error,
}

/// The steps of the set-up, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStep {
    /// Enter a user and a network namespace.
    Namespaces,
    /// Map the user and the group into the user namespace.
    UserMap,
    /// Open `/dev/net/tun`.
    OpenTun,
    /// Make a TUN device.
    MakeTun,
    /// Change the settings of the network.
    Settings,
    /// Set the network up: interfaces, routes, and rules.
    Routes,
    /// Give all capabilities up.
    Capabilities,
}

impl SetupStep {
    /// Makes an error of this step out of the system's.
    pub(super) fn failed(self) -> impl Fn(io::Error) -> SetupError {
        move |error| SetupError { step: self, error }
    }
}

impl From<SetupError> for NoWire {
    fn from(error: SetupError) -> Self {
        let reason = match error.step {
            // Some systems allow a namespace, and then refuse its capabilities.
            SetupStep::MakeTun if error.error.kind() == io::ErrorKind::PermissionDenied => {
                NoWireReason::Namespaces
            }
            SetupStep::Namespaces
            | SetupStep::UserMap
            | SetupStep::Routes
            | SetupStep::Capabilities => NoWireReason::Namespaces,
            SetupStep::OpenTun | SetupStep::MakeTun => NoWireReason::Tun,
            SetupStep::Settings => NoWireReason::Settings,
        };
        Self::new(reason, error.to_string())
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.step {
            SetupStep::Namespaces => "the system allows no user and network namespaces",
            SetupStep::UserMap => "the user cannot be mapped into a user namespace",
            SetupStep::OpenTun => "/dev/net/tun cannot be opened",
            SetupStep::MakeTun => "/dev/net/tun makes no device",
            SetupStep::Settings => "the settings of the network in a namespace cannot be changed",
            SetupStep::Routes => "the routes of the network in a namespace cannot be changed",
            SetupStep::Capabilities => "the capabilities in a namespace cannot be dropped",
        };
        write!(f, "{what}: {}", self.error)
    }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_refused_capability_is_no_fault_of_the_device() {
        for (errno, reason) in [
            (Errno::PERM, NoWireReason::Namespaces),
            (Errno::NOTTY, NoWireReason::Tun),
            (Errno::BUSY, NoWireReason::Tun),
        ] {
            let error = SetupError { step: SetupStep::MakeTun, error: errno.into() };
            assert_eq!(NoWire::from(error).reason, reason, "{errno}");
        }
    }
}
