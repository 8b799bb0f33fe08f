//! Any bytes are refused, or decode to a command within bounds. The encoding of that command decodes to
//! the same command.
#![no_main]

use framescope_lab::Command;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(command) = Command::decode(bytes) {
        assert_eq!(Command::decode(&command.encode()), Ok(command));
    }
});
