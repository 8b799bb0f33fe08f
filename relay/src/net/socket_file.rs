//! The file of a Unix socket that the relay listens on.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::UnixListener;
use tracing::warn;

/// Removes the file when it is dropped, if it is still the same.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Which file this is: its device and its number there.
    identity: (u64, u64),
    /// Who may connect from [`Self::own`] on. `None`: as it is.
    mode: Option<u32>,
    is_kept: AtomicBool,
}

impl SocketFile {
    /// Listens on a Unix socket, and makes its file. A file that was left there by a program that has ended is
    /// replaced. `mode` is who may connect, as chmod(2) takes it; without one the umask decides.
    ///
    /// # Errors
    ///
    /// Somebody listens there, or the file is no socket, or the system refuses.
    pub(super) fn listen(path: &Path, mode: Option<u32>) -> io::Result<(UnixListener, Self)> {
        if let Ok(there) = fs::symlink_metadata(path) {
            if !there.file_type().is_socket() {
                let what = "there is a file of this name, which is no socket";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
            }
            match std::os::unix::net::UnixStream::connect(path) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    fs::remove_file(path)?;
                }
                Ok(_) | Err(_) => return Err(io::ErrorKind::AddrInUse.into()),
            }
        }
        let listener = UnixListener::bind(path)?;
        let there = fs::symlink_metadata(path)?;
        let identity = (there.dev(), there.ino());
        let is_kept = AtomicBool::new(false);
        let file = Self { path: path.to_owned(), identity, mode: None, is_kept };
        if let Some(mode) = mode {
            fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        Ok((listener, file))
    }

    /// The file of a socket that another process has made and handed over. It is the other's until [`Self::own`].
    pub(super) fn taken_over(path: &Path, mode: Option<u32>) -> io::Result<Self> {
        let there = fs::symlink_metadata(path)?;
        let identity = (there.dev(), there.ino());
        Ok(Self { path: path.to_owned(), identity, mode, is_kept: AtomicBool::new(true) })
    }

    /// Removes it when it is dropped, and gives it its mode.
    pub(crate) fn own(&self) {
        if let Some(mode) = self.mode
            && let Err(error) = fs::set_permissions(&self.path, Permissions::from_mode(mode))
        {
            warn!(%error, path = %self.path.display(), "the mode of a Unix socket cannot be set");
        }
        self.is_kept.store(false, Ordering::Relaxed);
    }

    /// Leaves it when it is dropped.
    pub(super) fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_kept.load(Ordering::Relaxed) {
            return;
        }
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| (there.dev(), there.ino()) == self.identity) {
            // It stays, and the next one that listens there replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
