//! One session of the bridge.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::net::Ipv4Addr;

use framescope_framing::{DEFAULT_MAX_PAYLOAD, HeaderFormat, framed_len};
use framescope_protocol::close_code::{MESSAGE_TOO_LONG, TARGET_CLOSED, TARGET_FAILED};
use framescope_protocol::{
    DEMO_TARGET, EndReason, MAX_GROUPED, MAX_GROUPING_US, MAX_READS, PLAIN_TARGET,
    ParseReadOptionsError, READ_HEAD, ReadOptions, TimedRead, message_too_long, paths,
};
use framescope_syscall::{Address, Fd, errno};

use super::calls::{Caller, Outcome};
use super::server::{MAX_SEND, Server};
use super::wakeup::Wakeup;
use crate::demo::Conversation;
use crate::sockets::{Kernel as _, ProgramId, SimulatedKernel};

const PROGRAM: ProgramId = ProgramId(1);

/// Where the server listens: the relay's default.
const SERVER: Address = Address { ip: Ipv4Addr::LOCALHOST, port: 9529 };

/// The bridge reads no more while messages of this many bytes are not confirmed.
pub const MAX_UNCONFIRMED: usize = 1 << 20;

/// The most that happens in one [`Bridge::go_on`]. A clock that stood still for an hour catches up in several.
const MAX_STEPS: usize = 10_000;

/// What the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A message of `framescope.reads.v1`.
    Reads(Vec<u8>),
    /// The session is over.
    Closed {
        /// The close code.
        code: u16,
        /// Why, as a relay says it.
        reason: String,
    },
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The path names no built-in server.
    UnknownTarget,
    /// Its query is out of bounds.
    ReadOptions(ParseReadOptionsError),
    /// A call failed with this errno.
    Failed(u32),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTarget => write!(f, "there is no target of this name"),
            Self::ReadOptions(error) => error.fmt(f),
            Self::Failed(number) => f.write_str(&system_error(*number)),
        }
    }
}

impl std::error::Error for OpenError {}

/// A client of the bridge that is connected to a built-in server.
#[derive(Debug)]
pub struct Bridge {
    kernel: SimulatedKernel,
    server: Server,
    /// The bridge's socket.
    fd: Fd,
    options: ReadOptions,
    /// When the session began, on the kernel's clock.
    began: u64,
    /// The client's messages that the kernel has not taken. Of the first, it has taken `sent` bytes.
    unsent: VecDeque<Vec<u8>>,
    sent: usize,
    /// Bytes of messages that the kernel has taken and the client does not know of.
    taken: usize,
    /// Why a send failed, as an errno.
    failed: Option<u32>,
    writing: Wakeup,
    reading: Wakeup,
    /// The next read is not before this time, on the kernel's clock.
    next_read: u64,
    given: VecDeque<Given>,
    /// Bytes of messages that were given and not confirmed.
    unconfirmed: usize,
    is_over: bool,
}

impl Bridge {
    /// Opens a session as a relay does for this path and query, such as `/bridge/demo?recv=5`. The server with a header
    /// takes `format`. The session begins at time 0.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the path is none of a built-in server.
    pub fn open(path: &str, format: HeaderFormat) -> Result<Self, OpenError> {
        let (name, query) = path.split_once('?').unwrap_or((path, ""));
        let conversation = match name.strip_prefix(paths::BRIDGE) {
            Some(DEMO_TARGET) => Conversation::framed(format, DEFAULT_MAX_PAYLOAD),
            Some(PLAIN_TARGET) => Conversation::plain(),
            Some(_) | None => return Err(OpenError::UnknownTarget),
        };
        let options = ReadOptions::parse(query).map_err(OpenError::ReadOptions)?;
        let mut kernel = SimulatedKernel::default();
        let server = done(Server::listen(&mut kernel, SERVER, conversation))?;
        let fd = connect(&mut kernel, options.nodelay)?;
        Ok(Self {
            began: kernel.now(),
            kernel,
            server,
            fd,
            options,
            unsent: VecDeque::new(),
            sent: 0,
            taken: 0,
            failed: None,
            writing: Wakeup::Runs,
            reading: Wakeup::Runs,
            next_read: 0,
            given: VecDeque::new(),
            unconfirmed: 0,
            is_over: false,
        })
    }

    /// The client sends a message, which is one `send()`. It waits until the kernel has taken those before. A client bounds
    /// them with [`Bridge::take_taken`].
    pub fn send(&mut self, message: Vec<u8>) {
        let limit = framed_len(DEFAULT_MAX_PAYLOAD);
        if message.len() > limit {
            self.close(MESSAGE_TOO_LONG, message_too_long(limit));
        } else if self.failed.is_none() && !self.is_over {
            self.unsent.push_back(message);
        } else {
            self.taken += message.len();
        }
    }

    /// How many bytes of the client's messages the kernel has taken since the last call.
    pub const fn take_taken(&mut self) -> usize {
        mem::replace(&mut self.taken, 0)
    }

    /// The next that the client gets.
    pub fn take_given(&mut self) -> Option<Given> {
        self.given.pop_front()
    }

    /// The client has got messages of this many bytes. The bridge reads on.
    pub const fn confirm(&mut self, length: usize) {
        self.unconfirmed = self.unconfirmed.saturating_sub(length);
    }

    /// Lets everything happen that happens up to this time, in microseconds since the session began. Returns when it
    /// has to be called again, if no message is sent or confirmed before.
    pub fn go_on(&mut self, now: u64) -> Option<u64> {
        let now = self.began.saturating_add(now);
        let mut due = Some(now);
        for _ in 0..MAX_STEPS {
            if self.is_over {
                return None;
            }
            if self.kernel.now() > now {
                due = Some(self.kernel.now());
                break;
            }
            if self.step() {
                continue;
            }
            due = self.next_event();
            self.kernel.advance(due.map_or(now, |at| at.min(now)));
            if due.is_none_or(|at| at > now) {
                break;
            }
        }
        due.map(|at| at.saturating_sub(self.began))
    }

    /// When something happens that nobody has to ask for.
    fn next_event(&self) -> Option<u64> {
        let write = self.writing.due().filter(|_| !self.unsent.is_empty());
        let read = match self.reading {
            Wakeup::Runs => Some(self.next_read).filter(|at| *at > self.kernel.now()),
            Wakeup::Waits => None,
            Wakeup::At(at) => Some(at.max(self.next_read)),
        };
        let read = read.filter(|_| self.unconfirmed < MAX_UNCONFIRMED);
        let programs = [self.server.due(), write, read];
        programs.into_iter().flatten().chain(self.kernel.next_timer()).min()
    }

    /// Does the next thing that can be done now. Returns whether there was one.
    fn step(&mut self) -> bool {
        // Nobody looks at the segments.
        while self.kernel.next_sent().is_some() {}
        if self.kernel.deliver_next().is_some() {
            let now = self.kernel.now();
            self.server.arrived(now);
            self.writing.arrived(now);
            self.reading.arrived(now);
            return true;
        }
        self.write() || self.server.go_on(&mut self.kernel) || self.read()
    }

    /// One `send()` of the client's next message, or of what is left of it.
    fn write(&mut self) -> bool {
        let Some(message) = self.unsent.front() else { return false };
        if !self.writing.is_over(self.kernel.now()) {
            return false;
        }
        self.writing = Wakeup::Runs;
        let rest = &message[self.sent..];
        let mut caller = Caller { kernel: &mut self.kernel, program: PROGRAM };
        match caller.send(self.fd, &rest[..rest.len().min(MAX_SEND)]) {
            Outcome::Done(count) if count < rest.len() => {
                self.sent += count;
                self.taken += count;
            }
            Outcome::Done(count) => {
                self.taken += count;
                self.sent = 0;
                self.unsent.pop_front();
            }
            Outcome::Waits => {
                self.writing = Wakeup::Waits;
                return false;
            }
            Outcome::Failed(errno) => {
                // What the server has sent before is still read.
                self.failed = Some(errno);
                self.taken += self.unsent.drain(..).map(|message| message.len()).sum::<usize>();
                self.taken -= mem::replace(&mut self.sent, 0);
            }
        }
        true
    }

    /// One read, or those that are ready together: one message.
    fn read(&mut self) -> bool {
        let now = self.kernel.now();
        let may_read = self.reading.is_over(now) && self.next_read <= now;
        if !may_read || self.unconfirmed >= MAX_UNCONFIRMED {
            return false;
        }
        self.reading = Wakeup::Runs;
        let most = if self.options.delay_ms == 0 { MAX_READS } else { 1 };
        let mut message = Vec::new();
        let mut first = None;
        let mut end = None;
        for _ in 0..most {
            let mut caller = Caller { kernel: &mut self.kernel, program: PROGRAM };
            let bytes = match caller.recv(self.fd, self.options.recv) {
                Outcome::Done(bytes) if !bytes.is_empty() => bytes,
                Outcome::Done(_) => {
                    end = Some(self.failed);
                    break;
                }
                Outcome::Waits => {
                    self.reading = Wakeup::Waits;
                    break;
                }
                Outcome::Failed(errno) => {
                    end = Some(Some(errno));
                    break;
                }
            };
            let at = self.kernel.now() - self.began;
            message.reserve(READ_HEAD + bytes.len());
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            message.extend_from_slice(&TimedRead::head(at, length));
            message.extend_from_slice(&bytes);
            if message.len() >= MAX_GROUPED || at - *first.get_or_insert(at) >= MAX_GROUPING_US {
                break;
            }
        }
        let has_changed = !message.is_empty() || end.is_some();
        if !message.is_empty() {
            let delay = u64::from(self.options.delay_ms) * 1000;
            self.next_read = self.kernel.now().saturating_add(delay);
            self.unconfirmed += message.len();
            self.given.push_back(Given::Reads(message));
        }
        match end {
            None => {}
            Some(None) => self.close(TARGET_CLOSED, EndReason::TargetClosed.to_string()),
            Some(Some(errno)) => {
                let error = system_error(errno);
                self.close(TARGET_FAILED, EndReason::TargetFailed(&error).to_string());
            }
        }
        has_changed
    }

    fn close(&mut self, code: u16, reason: String) {
        if !mem::replace(&mut self.is_over, true) {
            self.given.push_back(Given::Closed { code, reason });
        }
    }
}

/// A socket that is connected to the server.
fn connect(kernel: &mut SimulatedKernel, nodelay: bool) -> Result<Fd, OpenError> {
    let mut caller = Caller { kernel, program: PROGRAM };
    let fd = done(caller.socket())?;
    done(caller.set_nodelay(fd, nodelay))?;
    loop {
        let connected = caller.connect(fd, SERVER);
        if connected != Outcome::Waits {
            return done(connected).map(|()| fd);
        }
        if caller.kernel.deliver_next().is_none() {
            return Err(OpenError::Failed(errno::ETIMEDOUT));
        }
    }
}

/// The value of a call that never waits.
fn done<T>(outcome: Outcome<T>) -> Result<T, OpenError> {
    match outcome {
        Outcome::Done(value) => Ok(value),
        Outcome::Waits => Err(OpenError::Failed(errno::EAGAIN)),
        Outcome::Failed(errno) => Err(OpenError::Failed(errno)),
    }
}

/// An error as Rust's standard library prints it.
fn system_error(number: u32) -> String {
    format!("{} (os error {number})", errno::message(number))
}
