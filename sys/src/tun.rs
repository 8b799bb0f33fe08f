//! A TUN device: Documentation/networking/tuntap.rst of Linux.

use std::ffi::c_void;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl};

/// The longest name of a network device, in bytes: `IFNAMSIZ` less its NUL.
pub const MAX_TUN_NAME: usize = 15;

/// `TUNSETIFF`, `_IOW('T', 202, int)` in `linux/if_tun.h`.
const TUNSETIFF: Opcode = rustix::ioctl::opcode::write::<i32>(b'T', 202);
/// A TUN device: IP packets without a header of Ethernet.
const IFF_TUN: u16 = 0x0001;
/// Packets without a header of the TUN device.
const IFF_NO_PI: u16 = 0x1000;

/// `struct ifreq` of netdevice(7), as `TUNSETIFF` reads and writes it.
#[repr(C)]
struct InterfaceRequest {
    name: [u8; MAX_TUN_NAME + 1],
    flags: u16,
    /// The rest of the union, which is as long as its longest member.
    rest: [u8; 22],
}

struct SetInterface(InterfaceRequest);

// SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which `InterfaceRequest` has the layout of. It lives as long
// as the call.
unsafe impl Ioctl for SetInterface {
    type Output = ();
    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        TUNSETIFF
    }

    fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut self.0).cast()
    }

    unsafe fn output_from_ptr(_: IoctlOutput, _: *mut c_void) -> rustix::io::Result<()> {
        Ok(())
    }
}

/// Makes a TUN device with this name, in the network namespace of this process, out of `/dev/net/tun` that was opened.
/// Each read of the file takes one IP packet that the system sends to the device, and each write gives the system one.
/// The device is gone when the file is closed.
///
/// # Errors
///
/// `EPERM` without `CAP_NET_ADMIN` in the namespace, `EBUSY` if the device exists. A name that is longer than
/// [`MAX_TUN_NAME`] is [`io::ErrorKind::InvalidInput`].
pub fn make_tun(file: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    if name.len() > MAX_TUN_NAME {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut padded = [0; MAX_TUN_NAME + 1];
    for (place, byte) in padded.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    let request = InterfaceRequest { name: padded, flags: IFF_TUN | IFF_NO_PI, rest: [0; 22] };
    // SAFETY: if the file is no TUN device, the call fails. If it is one, this is the call's argument.
    unsafe { ioctl(file, SetInterface(request)) }?;
    Ok(())
}
