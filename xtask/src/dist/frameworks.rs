//! What the linker has to know of Apple's frameworks, for a machine that has none: in which library a symbol is once
//! the program runs. The linker reads it from text-based stubs (`.tbd`, as ld(1) of macOS says).

use std::fs;
use std::path::{Path, PathBuf};

/// A framework, and what the program uses of it: to read which certificates macOS trusts.
const FRAMEWORKS: [(&str, &[&str]); 2] = [
    (
        "CoreFoundation",
        &[
            "_CFArrayCreate",
            "_CFArrayGetCount",
            "_CFArrayGetValueAtIndex",
            "_CFDataGetBytePtr",
            "_CFDataGetLength",
            "_CFDictionaryGetValueIfPresent",
            "_CFEqual",
            "_CFNumberGetValue",
            "_CFRelease",
            "_CFRetain",
            "_CFStringCreateWithBytesNoCopy",
            "_CFStringGetBytes",
            "_CFStringGetCStringPtr",
            "_CFStringGetLength",
            "_kCFAllocatorDefault",
            "_kCFAllocatorNull",
            "_kCFTypeArrayCallBacks",
        ],
    ),
    (
        "Security",
        &[
            "_SecCertificateCopyData",
            "_SecCopyErrorMessageString",
            "_SecTrustSettingsCopyCertificates",
            "_SecTrustSettingsCopyTrustSettings",
        ],
    ),
];

/// Writes the stubs into a folder in `dir`, and returns it, for the linker's `-F`.
pub(super) fn write_stubs(dir: &Path) -> anyhow::Result<PathBuf> {
    let folder = dir.join("frameworks");
    for (name, symbols) in FRAMEWORKS {
        let framework = folder.join(format!("{name}.framework"));
        fs::create_dir_all(&framework)?;
        fs::write(framework.join(format!("{name}.tbd")), stub(name, symbols))?;
    }
    Ok(folder)
}

fn stub(name: &str, symbols: &[&str]) -> String {
    format!(
        "--- !tapi-tbd\n\
         tbd-version: 4\n\
         targets: [ x86_64-macos, arm64-macos ]\n\
         install-name: '/System/Library/Frameworks/{name}.framework/Versions/A/{name}'\n\
         exports:\n  \
           - targets: [ x86_64-macos, arm64-macos ]\n    \
             symbols: [ {} ]\n\
         ...\n",
        symbols.join(", ")
    )
}
