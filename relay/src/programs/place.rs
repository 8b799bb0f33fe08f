//! Where the programs of this process run: on a network with a wire, or on the loopback interface.

use framescope_lab::{NoWire, NoWireReason, WireSetup};

use super::kernel::RealKernel;
#[cfg(target_os = "linux")]
use crate::wire;

/// Where the programs of this process run.
#[derive(Debug)]
pub struct Place(Network);

#[derive(Debug)]
enum Network {
    #[cfg(target_os = "linux")]
    Wire(wire::Network),
    Loopback(NoWire),
}

impl Place {
    /// The loopback interface. `why` says why there is no wire.
    #[must_use]
    pub const fn on_loopback(why: NoWire) -> Self {
        Self(Network::Loopback(why))
    }

    /// Moves this process, which must have one thread, to a network with a wire.
    ///
    /// # Errors
    ///
    /// [`NoWire`] says what is missing. The process is of no more use then: it may be on a network that leads nowhere.
    #[cfg(target_os = "linux")]
    pub fn on_wire() -> Result<Self, NoWire> {
        Ok(Self(Network::Wire(wire::Network::enter()?)))
    }

    /// Only Linux has what it takes.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub fn on_wire() -> Result<Self, NoWire> {
        Err(NoWire::new(NoWireReason::NotLinux, "this system is not Linux"))
    }

    /// The kernel for an experiment. From now on this process can change its network no more.
    ///
    /// # Errors
    ///
    /// [`NoWire`] if the network cannot be set up as the experiment wants it, or the system has no descriptor left.
    pub fn into_kernel(self, setup: &WireSetup) -> Result<RealKernel, NoWire> {
        let kernel = match self.0 {
            #[cfg(target_os = "linux")]
            Network::Wire(network) => RealKernel::on_wire(network.finish(setup.mtu)?, setup),
            Network::Loopback(why) => {
                let _ = setup;
                RealKernel::on_loopback(why)
            }
        };
        kernel.map_err(|error| {
            let error = format!("the system cannot wait for sockets: {error}");
            NoWire::new(NoWireReason::Silent, error)
        })
    }
}
