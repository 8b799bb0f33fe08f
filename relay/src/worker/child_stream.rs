//! The bytes between a worker and the relay, at the worker's end.
//!
//! On Unix they cross a pair of sockets, of which standard input is one. On Windows they cross two pipes: standard input
//! and standard output.

#[cfg(unix)]
pub(super) use unix::ChildStream;
#[cfg(windows)]
pub(super) use windows::ChildStream;

#[cfg(unix)]
mod unix {
    use std::io::{self, Read as _, Write};
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::os::unix::net::UnixStream;

    use rustix::io::Errno;
    use rustix::net::{RecvFlags, recv};

    use crate::programs::RealKernel;

    /// The worker's end.
    #[derive(Debug)]
    pub(in super::super) struct ChildStream(UnixStream);

    impl ChildStream {
        /// What standard input is.
        pub(in super::super) fn open() -> io::Result<Self> {
            Ok(Self(io::stdin().as_fd().try_clone_to_owned()?.into()))
        }

        /// Waits for bytes. 0: the relay has closed its end. If it was killed, the stream may be reset instead.
        pub(in super::super) fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(0),
                received => received,
            }
        }

        /// The same, without waiting. `None`: there are none yet.
        pub(in super::super) fn try_receive(
            &mut self,
            into: &mut [u8],
        ) -> io::Result<Option<usize>> {
            match recv(&self.0, into, RecvFlags::DONTWAIT) {
                Ok((received, _)) => Ok(Some(received)),
                Err(Errno::AGAIN) => Ok(None),
                Err(Errno::CONNRESET) => Ok(Some(0)),
                Err(error) => Err(error.into()),
            }
        }

        /// What can be read when bytes have come.
        pub(in super::super) fn readable(&self) -> io::Result<OwnedFd> {
            self.0.as_fd().try_clone_to_owned()
        }

        /// From now on, the kernel's waits end when bytes come.
        pub(in super::super) fn wake(&self, kernel: &mut RealKernel) -> io::Result<()> {
            kernel.wake_when_readable(self.readable()?)
        }
    }

    impl Write for ChildStream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::fs::File;
    use std::io::{self, Read as _, Write};
    use std::os::windows::io::AsHandle as _;
    use std::process;
    use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
    use std::sync::{Arc, OnceLock};
    use std::thread;

    use super::super::frames::CHUNK;
    use crate::programs::{RealKernel, Waker};

    /// How many chunks may wait.
    const WAITING: usize = 4;

    /// The worker's end. Windows cannot wait for a pipe and for sockets at once, so a thread reads the pipe.
    #[derive(Debug)]
    pub(in super::super) struct ChildStream {
        chunks: Receiver<Vec<u8>>,
        waker: Arc<OnceLock<Waker>>,
        output: File,
    }

    impl ChildStream {
        /// What standard input and standard output are. When standard input ends, so does this process, whatever it
        /// does: the relay has gone.
        pub(in super::super) fn open() -> io::Result<Self> {
            let input = File::from(io::stdin().as_handle().try_clone_to_owned()?);
            let output = File::from(io::stdout().as_handle().try_clone_to_owned()?);
            let (sender, chunks) = sync_channel(WAITING);
            let waker = Arc::new(OnceLock::new());
            let read = {
                let waker = Arc::clone(&waker);
                move || {
                    let code = i32::from(read_all(input, &sender, &waker).is_err());
                    process::exit(code)
                }
            };
            thread::Builder::new().name("commands".to_owned()).spawn(read)?;
            Ok(Self { chunks, waker, output })
        }

        /// Waits for bytes. 0: the relay has closed its end.
        pub(in super::super) fn receive(&mut self, into: &mut [u8]) -> io::Result<usize> {
            // The thread ends with the process only.
            self.chunks.recv().map_or(Ok(0), |chunk| chunk.as_slice().read(into))
        }

        /// The same, without waiting. `None`: there are none yet.
        pub(in super::super) fn try_receive(
            &mut self,
            into: &mut [u8],
        ) -> io::Result<Option<usize>> {
            match self.chunks.try_recv() {
                Ok(chunk) => chunk.as_slice().read(into).map(Some),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Ok(Some(0)),
            }
        }

        /// From now on, the kernel's waits end when bytes come.
        pub(in super::super) fn wake(&self, kernel: &mut RealKernel) -> io::Result<()> {
            let waker = kernel.waker()?;
            self.waker.set(waker).map_err(|_| io::Error::other("a kernel is woken already"))
        }
    }

    /// Passes chunks on, none longer than [`CHUNK`], until the pipe ends.
    fn read_all(
        mut input: File,
        chunks: &SyncSender<Vec<u8>>,
        waker: &OnceLock<Waker>,
    ) -> io::Result<()> {
        loop {
            let mut chunk = vec![0; CHUNK];
            let length = match input.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                read => read?,
            };
            chunk.truncate(length);
            chunks.send(chunk).map_err(io::Error::other)?;
            if let Some(waker) = waker.get() {
                waker.wake()?;
            }
        }
    }

    impl Write for ChildStream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.output.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.output.flush()
        }
    }
}
