//! A clock that ends a wait on Linux.
//!
//! epoll(7) counts milliseconds. A wire delivers segments at a microsecond.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A timer that was registered. See `timerfd_create(2)`.
#[derive(Debug)]
pub(super) struct Alarm(OwnedFd);

impl Alarm {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self(timer))
    }

    /// Ends the next wait after this time. Returns the timeout that the wait itself needs.
    pub(super) fn set(&self, timeout: Duration) -> io::Result<Option<Duration>> {
        if timeout.is_zero() {
            return Ok(Some(Duration::ZERO));
        }
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let at = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let once = Itimerspec { it_interval: zero, it_value: at };
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once)?;
        Ok(None)
    }
}
