//! Waits until sockets are ready, with mio: epoll(7), kqueue(2), or the completion port of Windows.
//!
//! mio says only once that a socket is ready. So each look at a socket registers it again, and mio then says what is
//! ready now.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use framescope_engine::sockets::MAX_DESCRIPTORS;
use framescope_lab::MAX_PROGRAMS;
use mio::event::{Event, Source};
#[cfg(unix)]
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

#[cfg(target_os = "linux")]
use super::alarm::Alarm;

/// How many events are taken at a time: one of each socket, and of what else ends a wait.
const EVENTS: usize = MAX_PROGRAMS * MAX_DESCRIPTORS + 16;

/// Whoever wakes a wait from another thread.
const WAKER: Token = Token(0);
/// The clock that ends a wait.
#[cfg(target_os = "linux")]
const ALARM: Token = Token(1);
/// The first of the others.
const FIRST: usize = 2;

/// Waits for sockets, and for what else wakes a wait.
pub(super) struct Poller {
    poll: Poll,
    events: Events,
    next: usize,
    waker: Option<Waker>,
    /// Whether the waker was heard by a look that did not wait.
    woken: bool,
    #[cfg(target_os = "linux")]
    alarm: Alarm,
    #[cfg(unix)]
    descriptors: Vec<(Token, OwnedFd)>,
}

/// Ends a wait, from any thread. If nothing waits, the next wait ends at once.
#[derive(Clone, Debug)]
pub struct Waker(Arc<mio::Waker>);

impl Waker {
    /// Ends the wait.
    ///
    /// # Errors
    ///
    /// The system refuses it.
    pub fn wake(&self) -> io::Result<()> {
        self.0.wake()
    }
}

/// What a socket is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Readiness {
    /// To `recv` or `accept`: there are bytes, the end of the stream, an error, or a client.
    pub(super) read: bool,
    /// To `send`, or it is connected, or an error says why not.
    pub(super) write: bool,
    /// There is an error. On Windows: it could not connect.
    pub(super) fails: bool,
}

impl Readiness {
    fn of(event: &Event) -> Self {
        let fails = event.is_error();
        Self {
            read: event.is_readable() || event.is_read_closed() || fails,
            write: event.is_writable() || event.is_write_closed() || fails,
            fails,
        }
    }
}

impl Poller {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        #[cfg(target_os = "linux")]
        let alarm = Alarm::new(poll.registry(), ALARM)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS),
            next: FIRST,
            waker: None,
            woken: false,
            #[cfg(target_os = "linux")]
            alarm,
            #[cfg(unix)]
            descriptors: Vec::new(),
        })
    }

    /// What wakes this from other threads.
    pub(super) fn waker(&mut self) -> io::Result<Waker> {
        if let Some(waker) = &self.waker {
            return Ok(waker.clone());
        }
        let waker = Waker(Arc::new(mio::Waker::new(self.poll.registry(), WAKER)?));
        self.waker = Some(waker.clone());
        Ok(waker)
    }

    /// Each wait ends when this descriptor is readable. Returns its token.
    #[cfg(unix)]
    pub(super) fn watch_descriptor(&mut self, descriptor: OwnedFd) -> io::Result<Token> {
        let token = self.new_token();
        let mut source = SourceFd(&descriptor.as_raw_fd());
        self.poll.registry().register(&mut source, token, Interest::READABLE)?;
        self.descriptors.push((token, descriptor));
        Ok(token)
    }

    /// Registers a source for the next look. `token` is that of the look before, if there was one.
    pub(super) fn watch(
        &mut self,
        source: &mut impl Source,
        token: &mut Option<Token>,
        interest: Interest,
    ) -> io::Result<Token> {
        if let Some(token) = *token {
            self.poll.registry().reregister(source, token, interest)?;
            return Ok(token);
        }
        let new = self.new_token();
        self.poll.registry().register(source, new, interest)?;
        *token = Some(new);
        Ok(new)
    }

    /// Forgets a source that was registered.
    pub(super) fn forget(&self, source: &mut impl Source) -> io::Result<()> {
        self.poll.registry().deregister(source)
    }

    /// What is ready now of the sources that were just registered.
    pub(super) fn look(&mut self) -> io::Result<impl Iterator<Item = (Token, Readiness)> + '_> {
        self.poll(Some(Duration::ZERO))?;
        Ok(self.ready())
    }

    /// Waits until something is ready or the waker is woken, and at most this long. Returns what is ready, and whether
    /// the waker was woken since the last wait.
    pub(super) fn wait(
        &mut self,
        timeout: Duration,
    ) -> io::Result<(bool, impl Iterator<Item = (Token, Readiness)> + '_)> {
        #[cfg(unix)]
        for (token, descriptor) in &self.descriptors {
            let mut source = SourceFd(&descriptor.as_raw_fd());
            self.poll.registry().reregister(&mut source, *token, Interest::READABLE)?;
        }
        let timeout = if self.woken { Duration::ZERO } else { timeout };
        #[cfg(target_os = "linux")]
        let timeout = self.alarm.set(timeout)?;
        #[cfg(not(target_os = "linux"))]
        let timeout = Some(timeout);
        self.poll(timeout)?;
        let woken = std::mem::take(&mut self.woken);
        Ok((woken, self.ready()))
    }

    fn poll(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.poll.poll(&mut self.events, timeout)?;
        self.woken |= self.events.iter().any(|event| event.token() == WAKER);
        Ok(())
    }

    fn ready(&self) -> impl Iterator<Item = (Token, Readiness)> + '_ {
        let sources = self.events.iter().filter(|event| event.token().0 >= FIRST);
        sources.map(|event| (event.token(), Readiness::of(event)))
    }

    fn new_token(&mut self) -> Token {
        let token = Token(self.next);
        self.next += 1;
        token
    }
}

impl fmt::Debug for Poller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").field("poll", &self.poll).finish_non_exhaustive()
    }
}
