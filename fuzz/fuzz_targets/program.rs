//! Any text is refused, or parses to a program. The Python text of that program parses to the same
//! program.
#![no_main]

use framescope_lab::{Program, Side};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for side in [Side::SERVER, Side::CLIENT] {
        if let Ok(program) = Program::parse(text, side) {
            assert_eq!(Program::parse(&program.to_python(side), side), Ok(program));
        }
    }
});
