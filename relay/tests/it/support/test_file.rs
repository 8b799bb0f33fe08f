//! Files of a test.

use std::path::{Path, PathBuf};

/// A file in a folder for this process, removed when dropped.
pub(crate) struct TestFile(PathBuf);

impl TestFile {
    /// Writes it.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(std::process::id().to_string());
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let file = Self(folder.join(name));
        file.write(text);
        file
    }

    /// Writes another text into it.
    pub(crate) fn write(&self, text: &str) {
        std::fs::write(&self.0, text).expect("the file can be written");
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("the path is UTF-8")
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
