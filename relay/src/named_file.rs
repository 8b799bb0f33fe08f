//! A file that the configuration names.
//!
//! It is read at a reload too, while the relay serves. So a file that nobody finishes to write, or that has no end, must not
//! hold it up.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a regular file of at most `max` bytes.
///
/// # Errors
///
/// It cannot be read, is another kind of file, such as a pipe or a device, or is longer.
pub fn read_named_file(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    if file.take(max + 1).read_to_end(&mut bytes)? as u64 > max {
        return Err(io::Error::other(format!("it is longer than {max} bytes")));
    }
    Ok(bytes)
}

/// Opens a file. To open a pipe waits for its writer: fifo(7).
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(i32::try_from(nonblocking).unwrap_or(0));
    }
    options.read(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_or_has_no_end_is_refused_at_once() {
        let folder = std::env::temp_dir().join(format!("framescope-named-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (file, pipe) = (folder.join("file"), folder.join("pipe"));
        std::fs::write(&file, "12345").unwrap();
        std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert_eq!(read_named_file(&file, 5).unwrap(), b"12345");
        for (path, max, said) in [
            (file.as_path(), 4, "longer than 4 bytes"),
            (&pipe, 5, "no regular file"),
            (Path::new("/dev/zero"), 5, "no regular file"),
            (&folder, 5, "no regular file"),
            (&folder.join("none"), 5, "No such file"),
        ] {
            let error = read_named_file(path, max).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
