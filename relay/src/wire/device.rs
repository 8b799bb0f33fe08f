//! The TUN device.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use framescope_sys::make_tun;
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, read, write};

use super::error::{SetupError, SetupStep};

/// The file that makes TUN devices.
const FILE: &str = "/dev/net/tun";

/// The longest packet, in bytes. The MTU is not larger.
pub const MAX_PACKET: usize = 65_535;

/// The TUN device of a network. It is gone with the last clone.
#[derive(Clone, Debug)]
pub struct Device(Arc<OwnedFd>);

impl Device {
    /// Makes a device with this name, in the network namespace of this process. It does not block.
    pub(super) fn open(name: &str) -> Result<Self, SetupError> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(FILE, flags, Mode::empty());
        let file = file.map_err(|error| SetupStep::OpenTun.failed()(error.into()))?;
        make_tun(file.as_fd(), name).map_err(SetupStep::MakeTun.failed())?;
        Ok(Self(Arc::new(file)))
    }

    /// Takes the next packet that the system has sent, without waiting. Returns its length, `None` if there is none.
    /// A packet that is longer than `buffer` is cut: none is longer than [`MAX_PACKET`].
    ///
    /// # Errors
    ///
    /// Any of read(2).
    pub fn recv(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match read(&*self.0, buffer) {
            Ok(length) => Ok(Some(length)),
            Err(Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the system a packet that arrives. The system's TCP has dealt with it when this returns.
    ///
    /// # Errors
    ///
    /// Any of write(2).
    pub fn send(&self, packet: &[u8]) -> io::Result<()> {
        write(&*self.0, packet)?;
        Ok(())
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
