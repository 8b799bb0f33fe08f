//! Any text is no program of the first version, or it is translated to Python.
#![no_main]

use framescope_lab::version1::translate_program;
use framescope_python::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for is_server in [false, true] {
        if let Some(python) = translate_program("8a", text, is_server) {
            assert!(check(&python).is_ok(), "{python}");
        }
    }
});
