//! Any bytes are refused, or a command that is within bounds and encodes back to itself.
#![no_main]

use framescope_lab::Command;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(command) = Command::decode(bytes) {
        assert_eq!(Command::decode(&command.encode()), Ok(command));
    }
});
