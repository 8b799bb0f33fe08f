//! The bytes between a worker and the relay, at the relay's end.
//!
//! On Unix they cross a pair of sockets. On Windows they cross two pipes.

#[cfg(unix)]
pub(super) use unix::{Joined, Joint, ParentStream};
#[cfg(windows)]
pub(super) use windows::{Joined, Joint, ParentStream};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream as Socket;
    use std::process::{Child, Command, Stdio};

    use tokio::io::Interest;
    use tokio::net::UnixStream;

    use super::super::frames::Frames;

    /// What joins a process that is about to start.
    #[derive(Debug)]
    pub(in super::super) struct Joint(Socket);

    /// What joins a process that was started. It does not block.
    #[derive(Debug)]
    pub(in super::super) struct Joined(Socket);

    impl Joint {
        /// The process inherits its end as standard input.
        pub(in super::super) fn new(command: &mut Command) -> io::Result<Self> {
            let (own, childs) = Socket::pair()?;
            own.set_nonblocking(true)?;
            command.stdin(Stdio::from(OwnedFd::from(childs))).stdout(Stdio::null());
            Ok(Self(own))
        }

        /// The same, when the process was started.
        #[expect(clippy::unnecessary_wraps, reason = "it can fail on Windows")]
        pub(in super::super) fn join(self, _: &mut Child) -> io::Result<Joined> {
            Ok(Joined(self.0))
        }
    }

    /// The relay's end, in a tokio runtime.
    #[derive(Debug)]
    pub(in super::super) struct ParentStream(UnixStream);

    impl ParentStream {
        pub(in super::super) fn open(joined: Joined) -> io::Result<Self> {
            UnixStream::from_std(joined.0).map(Self)
        }

        /// Waits until bytes can be received, or sent if there are any, and does so. Returns how many it has sent. The
        /// future may be dropped.
        ///
        /// # Errors
        ///
        /// The worker has closed its end.
        pub(in super::super) async fn transfer(
            &mut self,
            frames: &mut Frames,
            output: &[u8],
        ) -> io::Result<usize> {
            let writes = if output.is_empty() { None } else { Some(Interest::WRITABLE) };
            let ready = self
                .0
                .ready(writes.map_or(Interest::READABLE, |writes| Interest::READABLE | writes));
            let ready = ready.await?;
            // Commands go first: a worker that says much must not keep them waiting.
            let sent = if ready.is_writable() && writes.is_some() {
                match self.0.try_write(output) {
                    Ok(sent) => sent,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                    // What the worker said before it closed its end is still read.
                    Err(_) => output.len(),
                }
            } else {
                0
            };
            if !ready.is_readable() {
                return Ok(sent);
            }
            match frames.receive(|chunk| self.0.try_read(chunk)) {
                Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => Ok(sent),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(sent),
                Err(error) => Err(error),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::io::{Read as _, Write as _};

        use super::super::super::message::MAX_FROM_WORKER;
        use super::*;

        #[tokio::test]
        async fn a_worker_that_says_much_does_not_keep_commands_waiting() {
            let (own, mut worker) = Socket::pair().expect("there are sockets");
            own.set_nonblocking(true).expect("it can be set");
            let mut stream = ParentStream::open(Joined(own)).expect("it is registered");
            worker.write_all(&[0; 1000]).expect("there is space");
            let sent = stream.transfer(&mut Frames::new(MAX_FROM_WORKER), b"command").await;
            assert_eq!(sent.expect("the worker is there"), 7);
            let mut received = [0; 7];
            worker.read_exact(&mut received).expect("it is there");
            assert_eq!(&received, b"command");
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::io;
    use std::process::{Child, Command, Stdio};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::process::{ChildStdin, ChildStdout};

    use super::super::frames::Frames;

    /// What joins a process that is about to start.
    #[derive(Debug)]
    pub(in super::super) struct Joint;

    /// What joins a process that was started.
    #[derive(Debug)]
    pub(in super::super) struct Joined {
        stdin: std::process::ChildStdin,
        stdout: std::process::ChildStdout,
    }

    impl Joint {
        /// The process inherits its ends as standard input and standard output.
        #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
        pub(in super::super) fn new(command: &mut Command) -> io::Result<Self> {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            Ok(Self)
        }

        /// The same, when the process was started.
        pub(in super::super) fn join(self, child: &mut Child) -> io::Result<Joined> {
            let ends = child.stdin.take().zip(child.stdout.take());
            let (stdin, stdout) = ends.ok_or_else(|| io::Error::other("both are piped"))?;
            Ok(Joined { stdin, stdout })
        }
    }

    /// The relay's end, in a tokio runtime. Its threads for blocking work read and write the pipes.
    #[derive(Debug)]
    pub(in super::super) struct ParentStream {
        stdin: ChildStdin,
        stdout: ChildStdout,
    }

    impl ParentStream {
        pub(in super::super) fn open(Joined { stdin, stdout }: Joined) -> io::Result<Self> {
            Ok(Self { stdin: ChildStdin::from_std(stdin)?, stdout: ChildStdout::from_std(stdout)? })
        }

        /// Waits until bytes are received, or sent if there are any. Returns how many it has sent. The future may be
        /// dropped.
        ///
        /// # Errors
        ///
        /// The worker has closed its end.
        pub(in super::super) async fn transfer(
            &mut self,
            frames: &mut Frames,
            output: &[u8],
        ) -> io::Result<usize> {
            let Self { stdin, stdout } = self;
            tokio::select! {
                received = stdout.read(frames.space()) => match received? {
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    received => {
                        frames.fill(received);
                        Ok(0)
                    }
                },
                // What the worker said before it closed its end is still read.
                sent = stdin.write(output), if !output.is_empty() => Ok(sent.unwrap_or(output.len())),
            }
        }
    }
}
